//! The difference of two texts of a configuration file, for a person to look at.
//!
//! These files hold keys and tokens of other servers, and a terminal is recorded, shared and scrolled back.
//! So values that are not ours, and comments, are shown as `…`, and of ours what could be a token.

use super::document::Document;
use super::entry::{INPUT, NAME, PLACEHOLDER};
use crate::render::Voice;
use anstyle::{AnsiColor, Style};
use jsonc_parser::ast::{Comment, Value};
use jsonc_parser::common::{Range, Ranged};
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, parse_to_ast};
use similar::TextDiff;

/// What is shown in the place of a value.
const HIDDEN: &str = "\"…\"";

/// Shows what becomes of `before`, in the unified form.
pub(super) fn show(before: &str, after: &Document, name: &str, voice: Voice, servers: &str) {
    for line in lines(before, after, name, servers) {
        let style = match line.chars().next() {
            Some('+') => AnsiColor::Green.on_default(),
            Some('-') => AnsiColor::Red.on_default(),
            _ => Style::new(),
        };
        if voice.is_colored() {
            voice.say(format_args!("{style}{line}{style:#}"));
        } else {
            voice.say(line);
        }
    }
}

fn lines(before: &str, after: &Document, name: &str, servers: &str) -> Vec<String> {
    let hide = |text: &str| hidden(text, after, servers);
    let (before, after) = (hide(before), hide(after.text()));
    let diff = TextDiff::from_lines(&before, &after);
    let text = diff
        .unified_diff()
        .context_radius(3)
        .header(name, name)
        .to_string();
    text.lines()
        .map(|line| line.chars().map(visible).collect())
        .collect()
}

/// A character that cannot steer a terminal.
fn visible(character: char) -> char {
    match character {
        '\t' => character,
        _ if character.is_control() => '\u{fffd}',
        _ => character,
    }
}

/// The text without what could be a secret.
fn hidden(text: &str, document: &Document, servers: &str) -> String {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let collect = CollectOptions {
        comments: CommentCollectionStrategy::Separate,
        tokens: false,
    };
    let Ok(parsed) = parse_to_ast(body, &collect, &document.dialect().options()) else {
        return String::new();
    };
    let mut spans: Vec<(Range, &str)> = Vec::new();
    for comment in parsed
        .comments
        .iter()
        .flat_map(|map| map.values())
        .flat_map(|list| list.iter())
    {
        let shown = match comment {
            Comment::Line(_) => "// …",
            Comment::Block(_) => "/* … */",
        };
        spans.push((comment.range(), shown));
    }
    if let Some(value) = &parsed.value {
        collect_spans(value, Place::Root, servers, &mut spans);
    }
    spans.sort_unstable_by_key(|(range, _)| range.start);
    // A comment between two tokens is listed for both of them.
    spans.dedup_by_key(|(range, _)| range.start);
    let mut shown = String::with_capacity(body.len());
    let mut end = 0;
    for (range, replacement) in spans {
        shown.push_str(body.get(end..range.start).unwrap_or_default());
        shown.push_str(replacement);
        end = range.end;
    }
    shown.push_str(body.get(end..).unwrap_or_default());
    shown
}

/// Where in the file a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Root,
    Servers,
    Inputs,
    /// In our entry, where a value is ours unless it looks like a token.
    Ours,
    /// In an object of our entry with values that are secrets often.
    Secrets,
    Others,
}

/// Finds the strings to hide. The parser limits the depth to 512.
fn collect_spans(value: &Value<'_>, place: Place, servers: &str, spans: &mut Vec<(Range, &str)>) {
    match value {
        Value::StringLit(text) if is_hidden(place, &text.value) => spans.push((text.range, HIDDEN)),
        Value::Object(object) => {
            for property in &object.properties {
                let inner = below(place, property.name.as_str(), servers);
                collect_spans(&property.value, inner, servers, spans);
            }
        }
        Value::Array(array) => {
            for element in &array.elements {
                let inner = match place {
                    Place::Inputs if is_our_input(element) => Place::Ours,
                    Place::Ours => Place::Ours,
                    _ => Place::Others,
                };
                collect_spans(element, inner, servers, spans);
            }
        }
        _ => {}
    }
}

fn below(place: Place, key: &str, servers: &str) -> Place {
    match (place, key) {
        (Place::Root, _) if key == servers => Place::Servers,
        (Place::Root, "inputs") => Place::Inputs,
        (Place::Ours, "env" | "headers") | (Place::Secrets, _) => Place::Secrets,
        (Place::Servers, NAME) | (Place::Ours, _) => Place::Ours,
        _ => Place::Others,
    }
}

fn is_our_input(value: &Value<'_>) -> bool {
    let id = value.as_object().and_then(|object| object.get_string("id"));
    id.is_some_and(|id| id.value == INPUT)
}

fn is_hidden(place: Place, text: &str) -> bool {
    let stands_for_a_token = text.contains("${") || text.contains(PLACEHOLDER);
    match place {
        Place::Ours => text.to_lowercase().contains("bearer") && !stands_for_a_token,
        Place::Secrets => !stands_for_a_token,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::Dialect;
    use super::*;
    use std::path::Path;

    fn document(text: &str) -> Document {
        Document::parse(
            text.as_bytes(),
            Dialect::WithComments,
            Path::new("mcp.json"),
        )
        .unwrap()
    }

    #[test]
    fn only_our_values_are_shown_and_of_them_no_token() {
        let text = r#"{
  // hunter2
  "apiKey": "hunter2", /* hunter2 */
  "inputs": [{"id": "a", "x": "hunter2"}, {"id": "tonl-auth-token", "type": "promptString"}],
  "mcpServers": {
    "other": {"command": "hunter2", "args": ["hunter2"], "env": {"K": "hunter2"}},
    "tonl": {
      "command": "npx", // hunter2
      "args": ["mcp", "Authorization: Bearer hunter2"],
      "headers": {"Authorization": "hunter2", "X": "Bearer ${TONL_AUTH_TOKEN}"},
      "env": {"TONL_AUTH_TOKEN": "hunter2", "A": "<your token>"}
    }
  }
}
"#;
        let shown = hidden(text, &document(text), "mcpServers");
        assert!(!shown.contains("hunter2"), "{shown}");
        for ours in [
            "\"npx\"",
            "\"mcp\"",
            "${TONL_AUTH_TOKEN}",
            "<your token>",
            "promptString",
        ] {
            assert!(shown.contains(ours), "{ours}: {shown}");
        }
        assert_eq!(shown.lines().count(), text.lines().count());
        assert_eq!(document(&shown).body(), shown);
    }

    #[test]
    fn the_difference_is_unified_and_cannot_steer_a_terminal() {
        let after = document("{\n  \"a\u{9b}\": 1,\n  \"b\": 2\n}\n");
        let lines = lines("{\n  \"a\u{9b}\": 1\n}\n", &after, "mcp.json", "servers");
        assert_eq!(
            lines,
            [
                "--- mcp.json",
                "+++ mcp.json",
                "@@ -1,3 +1,4 @@",
                " {",
                "-  \"a\u{fffd}\": 1",
                "+  \"a\u{fffd}\": 1,",
                "+  \"b\": 2",
                " }"
            ]
        );
    }
}
