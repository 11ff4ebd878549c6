//! What is printed for each client.

use super::{CLIENTS, mcp};
use crate::sandbox::Sandbox;
use insta::assert_snapshot;
use std::fmt::Write;

const URL: &str = "https://tonl.example.com";

#[test]
fn every_client_gets_its_own_form_for_a_process() {
    let sandbox = Sandbox::new();
    let mut all = String::new();
    for (client, ..) in CLIENTS {
        writeln!(all, "{client}\n{}", mcp(&sandbox, &["config", client])).unwrap();
    }
    assert_snapshot!(all);
}

#[test]
fn every_client_gets_its_own_form_for_a_server() {
    let sandbox = Sandbox::new();
    let mut all = String::new();
    for (client, ..) in CLIENTS {
        let outcome = mcp(&sandbox, &["config", client, "--http", URL]);
        writeln!(all, "{client}\n{outcome}").unwrap();
    }
    assert_snapshot!(all);
}

#[test]
fn without_a_client_the_form_is_the_one_that_most_clients_know() {
    let sandbox = Sandbox::new();
    assert_snapshot!(mcp(&sandbox, &["config"]), @r#"
    exit 0
    --- stdout
    {
      "mcpServers": {
        "tonl": {
          "command": "[tonl]",
          "args": ["mcp"]
        }
      }
    }
    --- stderr
    "#);
    assert_snapshot!(mcp(&sandbox, &["config", "--http", "http://10.0.0.7:3000/"]), @r#"
    exit 0
    --- stdout
    {
      "mcpServers": {
        "tonl": {
          "type": "http",
          "url": "http://10.0.0.7:3000/mcp",
          "headers": {
            "Authorization": "Bearer ${TONL_AUTH_TOKEN}"
          }
        }
      }
    }
    --- stderr
    set TONL_AUTH_TOKEN to the server's token in the environment of the client
    warning: the token travels without encryption: use https:// outside a trusted network
    "#);
}

#[test]
fn an_address_that_is_none_is_refused() {
    let sandbox = Sandbox::new();
    assert_snapshot!(mcp(&sandbox, &["config", "zed", "--http", "tonl.example.com"]), @"
    exit 64
    --- stdout
    --- stderr
    error: --http: the address does not begin with https:// or http://
    hint: give the address of the server, for example https://tonl.example.com/mcp
    ");
    assert_snapshot!(mcp(&sandbox, &["config", "zed", "--http", "https://ann:secret@tonl.example.com"]), @"
    exit 64
    --- stdout
    --- stderr
    error: --http: an address with a password, a query or a fragment is not written down
    hint: give the address of the server, for example https://tonl.example.com/mcp
    ");
    assert_snapshot!(mcp(&sandbox, &["config", "emacs"]), @"
    exit 2
    --- stdout
    --- stderr
    error: invalid value 'emacs' for '[CLIENT]'
      [possible values: claude-desktop, claude-code, cursor, vscode, windsurf, zed, generic]

    For more information, try '--help'.
    ");
}

/// The JSON blocks of the page, in its order.
fn documented() -> Vec<String> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = std::fs::read_to_string(root.join("docs/mcp.md")).unwrap();
    let blocks = page.split("```json\n").skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap().to_owned())
        .collect()
}

#[cfg(not(windows))]
#[test]
fn the_page_shows_what_is_printed() {
    let sandbox = Sandbox::new();
    let mut printed = Vec::new();
    for (client, ..) in CLIENTS {
        for server in [&[][..], &["--http", URL]] {
            let text = mcp(&sandbox, &[&["config", client], server].concat()).data();
            printed.push(text.replace("[tonl]", "/usr/local/bin/tonl"));
        }
    }
    assert_eq!(documented(), printed);
}

#[cfg(all(unix, not(target_os = "macos")))]
#[test]
fn the_program_is_named_by_its_place_in_path_which_an_update_keeps() {
    let sandbox = Sandbox::with("bin/x", "");
    let link = sandbox.path("bin/tonl");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_tonl"), &link).unwrap();
    let mut command = sandbox.command(&["mcp", "config", "zed"]);
    command.env(
        "PATH",
        format!("relative:{}", sandbox.path("bin").display()),
    );
    let printed = crate::sandbox::Outcome::from(command.output().unwrap()).data();
    let expected = format!("\"command\": \"{}\"", link.display());
    assert!(printed.contains(&expected), "{printed}");
}
