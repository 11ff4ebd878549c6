//! How an entry gets into a client's file.

use super::{CLIENTS, SECRET, done, mcp};
use crate::sandbox::Sandbox;
use insta::assert_snapshot;

const SERVER: [&str; 2] = ["--http", "https://tonl.example.com"];

/// A configuration with comments and commas at ends, as people write it for their editors.
const EDITED: &str = r#"// my servers
{
  "theme": "dark", // the best
  "mcpServers": {
    /* "old": {"command": "x"}, */
    "github": {
      "command": "gh-mcp",
      "env": { "GITHUB_TOKEN": "4e0f3a9b5c-token-of-somebody", },
    },
  },
}
"#;

#[test]
fn a_new_file_holds_what_config_prints_for_every_client() {
    for (client, file, _) in CLIENTS {
        for server in [&[][..], &SERVER] {
            let sandbox = Sandbox::new();
            let printed = mcp(&sandbox, &[&["config", client], server].concat()).data();
            done(&sandbox, &[&["install", client, "--yes"], server].concat());
            let written = sandbox.read(file);
            assert_eq!(
                written.replace(env!("CARGO_BIN_EXE_tonl"), "[tonl]"),
                printed
            );
            assert!(!written.contains(SECRET));
        }
    }
}

#[test]
fn a_second_run_has_nothing_to_do_for_every_client() {
    for (client, file, servers) in CLIENTS {
        let before = format!("{{\n\t\"{servers}\": {{\n\t\t\"x\": {{}}\n\t}},\n\t\"z\": 1.0\n}}");
        let sandbox = Sandbox::with(file, &before);
        for server in [&[][..], &SERVER] {
            let arguments = [&["install", client, "--yes"], server].concat();
            done(&sandbox, &arguments);
            let written = sandbox.read(file);
            assert!(
                written.contains("\"x\": {}") && written.contains("\"z\": 1.0"),
                "{written}"
            );
            let said = done(&sandbox, &arguments);
            assert_eq!(said, format!("nothing to do: tonl is in ~/{file}\n"));
            assert_eq!(sandbox.read(file), written);
        }
        assert_eq!(sandbox.read(&format!("{file}.tonl-1.bak")), before);
        assert!(sandbox.path(&format!("{file}.tonl-2.bak")).exists());
        assert!(!sandbox.path(&format!("{file}.tonl-3.bak")).exists());
    }
}

#[test]
fn the_difference_is_shown_without_the_secrets_of_others_and_comments_stay() {
    let sandbox = Sandbox::with(".cursor/mcp.json", EDITED);
    assert_snapshot!(mcp(&sandbox, &["install", "cursor", "--yes", "--http", "https://tonl.example.com"]), @r#"
    exit 0
    --- stdout
    --- stderr
    --- ~/.cursor/mcp.json
    +++ ~/.cursor/mcp.json
    @@ -7,5 +7,11 @@
           "command": "…",
           "env": { "GITHUB_TOKEN": "…", },
         },
    +    "tonl": {
    +      "url": "https://tonl.example.com/mcp",
    +      "headers": {
    +        "Authorization": "Bearer ${env:TONL_AUTH_TOKEN}",
    +      },
    +    },
       },
     }
    wrote ~/.cursor/mcp.json; as it was it is in ~/.cursor/mcp.json.tonl-1.bak
    set TONL_AUTH_TOKEN to the server's token in the environment of the client
    look at Settings, Tools & MCP, and switch tonl on
    "#);
    let written = sandbox.read(".cursor/mcp.json");
    assert_snapshot!(written.replace(SECRET, "[secret]"), @r#"
    // my servers
    {
      "theme": "dark", // the best
      "mcpServers": {
        /* "old": {"command": "x"}, */
        "github": {
          "command": "gh-mcp",
          "env": { "GITHUB_TOKEN": "[secret]", },
        },
        "tonl": {
          "url": "https://tonl.example.com/mcp",
          "headers": {
            "Authorization": "Bearer ${env:TONL_AUTH_TOKEN}",
          },
        },
      },
    }
    "#);
    assert_eq!(sandbox.read(".cursor/mcp.json.tonl-1.bak"), EDITED);
}

#[test]
fn nothing_is_written_without_a_yes() {
    let sandbox = Sandbox::with(".cursor/mcp.json", EDITED);
    let outcome = mcp(&sandbox, &["install", "cursor"]);
    assert_eq!(outcome.code, Some(2), "{outcome}");
    assert!(
        outcome.stderr.contains("+++ ~/.cursor/mcp.json"),
        "{outcome}"
    );
    assert!(outcome.stderr.ends_with(
        "error: there is no terminal to ask on; nothing was written\n\
         hint: write it with --yes, or only look at it with --dry-run\n"
    ));
    let said = done(&sandbox, &["install", "cursor", "--dry-run"]);
    assert!(said.contains("+      \"args\": [\"mcp\"]"), "{said}");
    assert_eq!(sandbox.read(".cursor/mcp.json"), EDITED);
    assert_eq!(sandbox.names(), [".cursor"]);
    assert!(!sandbox.path(".cursor/mcp.json.tonl-1.bak").exists());
    done(&sandbox, &["install", "vscode", "--dry-run"]);
    assert_eq!(sandbox.names(), [".cursor"]);
}

#[test]
fn a_file_that_is_not_valid_is_named_with_the_place_and_not_touched() {
    for (client, file, _) in CLIENTS {
        let broken = "{\n  \"a\": {\n    \"b\" 1\n  }\n}\n";
        let sandbox = Sandbox::with(file, broken);
        let outcome = mcp(&sandbox, &["install", client, "--yes"]);
        assert_eq!(outcome.code, Some(2), "{outcome}");
        let place = format!("error: ~/{file}: line 3, column 9: ");
        assert!(outcome.stderr.starts_with(&place), "{outcome}");
        assert_eq!(sandbox.read(file), broken);
        assert!(!sandbox.path(&format!("{file}.tonl-1.bak")).exists());
    }
}

#[test]
fn clients_that_read_nothing_but_json_get_no_comments() {
    for client in ["claude-desktop", "claude-code"] {
        let sandbox = Sandbox::with("config.json", EDITED);
        let outcome = mcp(
            &sandbox,
            &["install", client, "--yes", "--file", "config.json"],
        );
        assert_eq!(outcome.code, Some(2), "{outcome}");
        let expected = "error: config.json: line 1, column 1: comments are not allowed in this file\n\
                        hint: correct the file; it was not touched\n";
        assert_eq!(outcome.stderr, expected);
    }
}

#[test]
fn what_stands_in_the_way_is_named() {
    for (text, expected) in [
        (
            r#"{"mcpServers": []}"#,
            "the value of mcpServers is not an object",
        ),
        (
            r#"{"mcpServers": {"tonl": true}}"#,
            "the value of tonl is not an object",
        ),
        (
            r#"{"mcpServers": {}, "mcpServers": {}}"#,
            "the key mcpServers is there twice",
        ),
        ("[]", "an object was expected, the file has something else"),
    ] {
        let sandbox = Sandbox::with(".cursor/mcp.json", text);
        let outcome = mcp(&sandbox, &["install", "cursor", "--yes"]);
        assert_eq!(outcome.code, Some(2), "{outcome}");
        assert!(outcome.stderr.contains(expected), "{outcome}");
        assert_eq!(sandbox.read(".cursor/mcp.json"), text);
    }
    let sandbox = Sandbox::with(".cursor/mcp.json/x", "");
    let outcome = mcp(&sandbox, &["install", "cursor", "--yes"]);
    assert!(
        outcome.stderr.contains("mcp.json is not a file"),
        "{outcome}"
    );
}

#[test]
fn the_file_of_a_project_names_no_place_of_one_machine() {
    for (client, file) in [
        ("claude-code", ".mcp.json"),
        ("cursor", ".cursor/mcp.json"),
        ("vscode", ".vscode/mcp.json"),
        ("zed", ".zed/settings.json"),
    ] {
        let sandbox = Sandbox::new();
        done(
            &sandbox,
            &["install", client, "--scope", "project", "--yes"],
        );
        let written = sandbox.read(file);
        assert!(written.contains("\"command\": \"tonl\""), "{written}");
    }
    let sandbox = Sandbox::new();
    assert_snapshot!(mcp(&sandbox, &["install", "windsurf", "--scope", "project", "--yes"]), @"
    exit 64
    --- stdout
    --- stderr
    error: Windsurf has no configuration of a project
    hint: use --scope user
    ");
    assert_snapshot!(mcp(&sandbox, &["install", "generic", "--yes"]), @"
    exit 64
    --- stdout
    --- stderr
    error: a generic client has no place for its configuration that is known here
    hint: name the file with --file
    ");
    assert!(sandbox.names().is_empty());
}

#[test]
fn a_token_that_a_person_has_put_there_is_neither_shown_nor_lost() {
    let sandbox = Sandbox::new();
    let file = ".config/Claude/claude_desktop_config.json";
    let install = [
        "install",
        "claude-desktop",
        "--yes",
        "--http",
        "https://tonl.example.com",
    ];
    assert!(
        done(&sandbox, &install).contains("put the server's token in the place of <your token>")
    );
    let filled = sandbox.read(file).replace("<your token>", SECRET);
    let sandbox = sandbox.and(file, &filled);
    assert!(done(&sandbox, &install).starts_with("nothing to do"));
    done(
        &sandbox,
        &[
            "install",
            "claude-desktop",
            "--yes",
            "--http",
            "https://other.example.com",
        ],
    );
    assert!(!sandbox.read(file).contains(SECRET));
    done(&sandbox, &["install", "claude-desktop", "--yes", "--undo"]);
    assert_eq!(sandbox.read(file), filled);
}

#[cfg(unix)]
#[test]
fn permissions_stay_and_the_backup_has_them_too() {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::with(".claude.json", "{}");
    let mode = |name: &str| {
        std::fs::metadata(sandbox.path(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    std::fs::set_permissions(sandbox.path(".claude.json"), Permissions::from_mode(0o600)).unwrap();
    done(&sandbox, &["install", "claude-code", "--yes"]);
    assert_eq!(mode(".claude.json"), 0o600);
    assert_eq!(mode(".claude.json.tonl-1.bak"), 0o600);
    assert_eq!(sandbox.names(), [".claude.json", ".claude.json.tonl-1.bak"]);
    done(&sandbox, &["install", "cursor", "--yes"]);
    assert_eq!(mode(".cursor/mcp.json"), 0o600);
}

#[test]
fn folders_that_the_environment_moves_are_followed() {
    let sandbox = Sandbox::new();
    let run = |client: &str| {
        let mut command = sandbox.command(&["mcp", "install", client, "--yes"]);
        command
            .env("HOME", sandbox.path("home"))
            .env("XDG_CONFIG_HOME", sandbox.path("xdg"))
            .env("CLAUDE_CONFIG_DIR", sandbox.path("claude"));
        assert!(command.status().unwrap().success());
    };
    run("claude-code");
    run("zed");
    assert!(sandbox.path("claude/.claude.json").exists());
    #[cfg(all(unix, not(target_os = "macos")))]
    assert!(sandbox.path("xdg/zed/settings.json").exists());
}
