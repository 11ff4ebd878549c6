//! `tonl mcp`: the protocol on pipes, what clients are told of it, and how that gets into their files.

mod config;
mod install;
mod serving;
mod undo;

use crate::sandbox::{Outcome, Sandbox};

/// A token that must never be seen: it is in the environment and in files.
const SECRET: &str = "4e0f3a9b5c-token-of-somebody";

/// Every client with a file of its own: its name, that file below the home folder, and the key of the servers.
const CLIENTS: [(&str, &str, &str); 6] = [
    (
        "claude-desktop",
        ".config/Claude/claude_desktop_config.json",
        "mcpServers",
    ),
    ("claude-code", ".claude.json", "mcpServers"),
    ("cursor", ".cursor/mcp.json", "mcpServers"),
    ("vscode", ".config/Code/User/mcp.json", "servers"),
    (
        "windsurf",
        ".codeium/windsurf/mcp_config.json",
        "mcpServers",
    ),
    ("zed", ".config/zed/settings.json", "context_servers"),
];

/// Runs `tonl mcp` at home in the sandbox; its folder and the program are named shortly in what it says.
fn mcp(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let home = sandbox.path("");
    let mut command = sandbox.command(&[&["mcp"], arguments].concat());
    command
        .env("HOME", &home)
        .env("TONL_AUTH_TOKEN", SECRET)
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("CLAUDE_CONFIG_DIR");
    let mut outcome = Outcome::from(command.output().unwrap());
    let home = home.to_str().unwrap().trim_end_matches('/');
    for text in [&mut outcome.stdout, &mut outcome.stderr] {
        assert!(!text.contains(SECRET), "{text}");
        *text = text
            .replace(home, "~")
            .replace(env!("CARGO_BIN_EXE_tonl"), "[tonl]");
    }
    outcome
}

/// Runs it and lets it go well.
#[track_caller]
fn done(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let outcome = mcp(sandbox, arguments);
    assert_eq!(outcome.code, Some(0), "{outcome}");
    assert_eq!(outcome.stdout, "", "{outcome}");
    outcome.stderr
}
