//! What the README shows of the server is what it says.

use super::running::Setup;
use std::path::Path;

/// The README's starts of the server: the variables that are set, and the lines that are shown.
fn transcripts() -> Vec<(Vec<(String, String)>, Vec<String>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = std::fs::read_to_string(root.join("README.md")).unwrap();
    let blocks = page.split("```").skip(1).step_by(2);
    blocks.filter_map(transcript).collect()
}

fn transcript(block: &str) -> Option<(Vec<(String, String)>, Vec<String>)> {
    let (command, shown) = block.strip_prefix("text\n$ ")?.split_once('\n')?;
    let variables = command.strip_suffix("tonl-mcp-server")?.split_whitespace();
    let variables = variables.map(|word| {
        let (name, value) = word.split_once('=').unwrap();
        (name.to_owned(), value.to_owned())
    });
    Some((
        variables.collect(),
        shown.lines().map(str::to_owned).collect(),
    ))
}

#[test]
fn the_readme_shows_what_the_server_says() {
    let transcripts = transcripts();
    assert_eq!(transcripts.len(), 2);
    for (variables, shown) in transcripts {
        let setup = Setup::new();
        let token = setup.tonl(&["token"]).data();
        let setup = setup.file("token", token);
        let setup = variables
            .iter()
            .fold(setup, |setup, (name, value)| setup.variable(name, value));
        let server = setup.start();
        let said = server
            .said()
            .replace(&server.addr.to_string(), "127.0.0.1:3000");
        let mut rest = said.as_str();
        assert!(shown.len() >= 3, "{shown:?}");
        for line in shown {
            let found = rest.split_once(&format!("{line}\n"));
            (_, rest) = found.unwrap_or_else(|| panic!("{line} is not in its place:\n{said}"));
        }
    }
}
