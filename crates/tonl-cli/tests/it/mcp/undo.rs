//! How a change is taken back.

use super::{CLIENTS, SECRET, done, mcp};
use crate::sandbox::Sandbox;
use insta::assert_snapshot;

#[test]
fn a_file_that_was_not_changed_since_comes_back_byte_for_byte() {
    for (client, file, servers) in CLIENTS {
        for before in [
            "",
            "{}",
            "{\"a\":1}",
            "{ \"a\": [ ], \"b\": { } }\r\n",
            &format!("\u{feff}{{\n    \"{servers}\": {{}}\n}}"),
            &format!("{{\"{servers}\": {{ \"x\": {{ \"command\": \"y\" }} }} }}"),
        ] {
            for server in [&[][..], &["--http", "https://tonl.example.com"]] {
                let sandbox = Sandbox::with(file, before);
                done(&sandbox, &[&["install", client, "--yes"], server].concat());
                assert_ne!(sandbox.read(file), before);
                let said = done(&sandbox, &["install", client, "--undo", "--yes"]);
                assert!(
                    said.ends_with(&format!("~/{file} is as it was before\n")),
                    "{said}"
                );
                assert_eq!(sandbox.read(file), before, "{client}");
                assert!(!sandbox.path(&format!("{file}.tonl-1.bak")).exists());
            }
        }
    }
}

#[test]
fn a_file_that_was_made_for_the_entry_goes() {
    for (client, file, _) in CLIENTS {
        let sandbox = Sandbox::new();
        done(&sandbox, &["install", client, "--yes"]);
        assert_eq!(
            done(&sandbox, &["install", client, "--undo", "--yes"]),
            format!("~/{file} has nothing but tonl and goes\nremoved ~/{file}\n")
        );
        assert!(!sandbox.path(file).exists());
        assert_eq!(
            done(&sandbox, &["install", client, "--undo", "--yes"]),
            format!("nothing to take back: tonl is not in ~/{file}\n")
        );
    }
}

#[test]
fn a_file_that_was_changed_since_loses_the_entry_alone() {
    for (client, file, servers) in CLIENTS {
        let before = format!("{{\n  \"{servers}\": {{\n    \"x\": {{}}\n  }}\n}}\n");
        let sandbox = Sandbox::with(file, &before);
        done(&sandbox, &["install", client, "--yes"]);
        let changed = sandbox
            .read(file)
            .replacen("\"x\": {}", "\"x\": {\"command\": \"new\"}", 1);
        let sandbox = sandbox.and(file, &changed);
        let said = done(&sandbox, &["install", client, "--undo", "--yes"]);
        assert!(
            said.contains("was changed since: removed tonl alone"),
            "{said}"
        );
        let expected = before.replacen("\"x\": {}", "\"x\": {\"command\": \"new\"}", 1);
        assert_eq!(sandbox.read(file), expected);
        // Both are kept: what was before the entry came, and what was before it went.
        assert_eq!(sandbox.read(&format!("{file}.tonl-1.bak")), before);
        assert_eq!(sandbox.read(&format!("{file}.tonl-2.bak")), changed);
    }
}

#[test]
fn changes_are_taken_back_one_by_one() {
    let sandbox = Sandbox::with(".cursor/mcp.json", "{\n  // mine\n}\n");
    done(&sandbox, &["install", "cursor", "--yes"]);
    let first = sandbox.read(".cursor/mcp.json");
    done(
        &sandbox,
        &[
            "install",
            "cursor",
            "--yes",
            "--http",
            "https://tonl.example.com",
        ],
    );
    done(&sandbox, &["install", "cursor", "--yes", "--undo"]);
    assert_eq!(sandbox.read(".cursor/mcp.json"), first);
    done(&sandbox, &["install", "cursor", "--yes", "--undo"]);
    assert_eq!(sandbox.read(".cursor/mcp.json"), "{\n  // mine\n}\n");
    assert_eq!(sandbox.names(), [".cursor"]);
}

#[test]
fn a_backup_of_somebody_else_is_not_taken_for_ours() {
    let sandbox = Sandbox::new();
    done(&sandbox, &["install", "cursor", "--yes"]);
    let sandbox = sandbox
        .and(".cursor/mcp.json.tonl-1.bak", "{\"other\": 1}")
        .and(".cursor/mcp.json.tonl-2.bak", "not JSON");
    done(&sandbox, &["install", "cursor", "--yes", "--undo"]);
    assert!(!sandbox.path(".cursor/mcp.json").exists());
    assert_eq!(
        sandbox.read(".cursor/mcp.json.tonl-1.bak"),
        "{\"other\": 1}"
    );
}

#[test]
fn what_would_come_back_can_be_looked_at_first() {
    let before = format!("{{\n  \"x\": \"{SECRET}\"\n}}\n");
    let sandbox = Sandbox::with("settings.json", before);
    let install = ["install", "zed", "--file", "settings.json"];
    done(
        &sandbox,
        &[
            &install[..],
            &["--yes", "--http", "https://tonl.example.com"],
        ]
        .concat(),
    );
    let after = sandbox.read("settings.json");
    assert_snapshot!(mcp(&sandbox, &[&install[..], &["--undo", "--dry-run"]].concat()), @r#"
    exit 0
    --- stdout
    --- stderr
    --- settings.json
    +++ settings.json
    @@ -1,9 +1,3 @@
     {
    -  "x": "…",
    -  "context_servers": {
    -    "tonl": {
    -      "command": "npx",
    -      "args": ["-y", "mcp-remote", "https://tonl.example.com/mcp", "--header", "Authorization: Bearer ${TONL_AUTH_TOKEN}"]
    -    }
    -  }
    +  "x": "…"
     }
    "#);
    assert_eq!(
        mcp(&sandbox, &[&install[..], &["--undo"]].concat()).code,
        Some(2)
    );
    assert_eq!(sandbox.read("settings.json"), after);
}

#[test]
fn options_that_do_not_fit_together_are_usage_errors() {
    let sandbox = Sandbox::new();
    for arguments in [
        &["install"][..],
        &[
            "install",
            "cursor",
            "--undo",
            "--http",
            "https://tonl.example.com",
        ],
        &["install", "cursor", "--yes", "--dry-run"],
        &["install", "cursor", "--file", "x.json", "--scope", "user"],
        &["install", "cursor", "--scope", "everyone"],
    ] {
        let outcome = mcp(&sandbox, arguments);
        assert_eq!(outcome.code, Some(2), "{arguments:?}: {outcome}");
    }
    assert!(sandbox.names().is_empty());
}
