//! What the README shows of the server is what it says.

use super::running::Setup;
use std::path::Path;

/// A start of the server that the README shows.
struct Transcript {
    /// The variables that are set.
    variables: Vec<(String, String)>,
    /// Lines of what the server says.
    shown: Vec<String>,
}

fn transcripts() -> Vec<Transcript> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = std::fs::read_to_string(root.join("README.md")).unwrap();
    let blocks = page.split("```").skip(1).step_by(2);
    blocks.filter_map(transcript).collect()
}

fn transcript(block: &str) -> Option<Transcript> {
    let (command, shown) = block.strip_prefix("text\n$ ")?.split_once('\n')?;
    let variables = command.strip_suffix("tonl-mcp-server")?.split_whitespace();
    let variables = variables.map(|word| {
        let (name, value) = word.split_once('=').unwrap();
        (name.to_owned(), value.to_owned())
    });
    Some(Transcript {
        variables: variables.collect(),
        shown: shown.lines().map(str::to_owned).collect(),
    })
}

#[test]
fn the_readme_shows_what_the_server_says() {
    let transcripts = transcripts();
    assert_eq!(transcripts.len(), 2);
    for Transcript { variables, shown } in transcripts {
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
