//! What the documents tell people to type is what the command understands.

use crate::sandbox::Sandbox;
use std::path::Path;

/// The arguments of every `tonl` command in the code blocks of a Markdown page.
fn commands(page: &str) -> Vec<Vec<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(root.join(page)).unwrap();
    let blocks = text.split("```").skip(1).step_by(2);
    let lines = blocks.flat_map(str::lines);
    let parts = lines.flat_map(|line| line.split(" | "));
    parts.filter_map(arguments).collect()
}

/// The arguments of a line such as `tonl stream -n x > out   a remark`.
fn arguments(line: &str) -> Option<Vec<String>> {
    let line = line.trim().strip_prefix("tonl ")?;
    if line.contains('[') {
        return None;
    }
    let typed = ["  ", " #", " >", " <"].iter().fold(line, |line, end| {
        line.split_once(end).map_or(line, |(before, _)| before)
    });
    let words = typed.split_whitespace();
    Some(words.map(|word| word.replace('\'', "")).collect())
}

#[test]
fn every_documented_command_is_understood() {
    let sandbox = Sandbox::new();
    for (page, at_least) in [
        ("README.md", 8),
        ("docs/cli.md", 18),
        ("docs/privacy.md", 5),
        ("docs/mcp.md", 2),
    ] {
        let commands = commands(page);
        assert!(commands.len() >= at_least, "{page}: {commands:?}");
        for command in commands {
            let mut arguments: Vec<&str> = command.iter().map(String::as_str).collect();
            arguments.push("--help");
            let outcome = sandbox.tonl(&arguments);
            assert_eq!(outcome.code, Some(0), "{page}: {command:?}\n{outcome}");
        }
    }
}

/// The commands of the README's transcripts, each with the lines that follow it.
fn transcripts() -> Vec<(Vec<String>, Vec<String>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(root.join("README.md")).unwrap();
    let mut transcripts: Vec<(Vec<String>, Vec<String>)> = Vec::new();
    for line in text.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            // What is no command of `tonl` is the server: see `serving::readme`.
            transcripts.push((arguments(command).unwrap_or_default(), Vec::new()));
        } else if line == "```" {
            transcripts.push((Vec::new(), Vec::new()));
        } else if let Some((_, said)) = transcripts.last_mut() {
            said.push(line.to_owned());
        }
    }
    transcripts.retain(|(command, _)| !command.is_empty());
    transcripts
}

#[test]
fn the_readme_shows_what_the_command_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let transcripts = transcripts();
    assert_eq!(transcripts.len(), 2);
    for (command, shown) in transcripts {
        let arguments: Vec<&str> = command.iter().map(String::as_str).collect();
        let mut process = Sandbox::new().command(&arguments);
        let output = process.current_dir(&root).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let said: Vec<&str> = said.lines().skip(2).collect();
        assert_eq!(said, shown, "{command:?}");
    }
}
