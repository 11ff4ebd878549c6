//! `tonl.toml`: settings by section and name, and the classes of rate limits.
//!
//! The file holds no secret. An unknown key is an error, because a setting with a slip in its name
//! does not hold.

use super::kind::Kind;
use super::problem::{Problem, Problems};
use super::table::ALL;
use std::collections::HashMap;
use std::path::Path;
use toml::{Table, Value};

/// The array of tables that describes classes of rate limits.
const CLASSES: &str = "rate_limit.class";

/// What people would call secrets here. No file of settings holds one.
const SECRETS: [&str; 4] = ["auth.token", "auth.tokens", "audit.key", "vault.token"];

/// What a file says.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    /// Settings by key.
    pub(crate) keys: HashMap<String, String>,
    /// Rate limits of routes and tokens, a table each.
    pub(crate) classes: Vec<Table>,
}

/// Reads a file's text. What is wrong is noted, with the file's name.
pub(crate) fn read(path: &Path, text: &str, problems: &mut Problems) -> Contents {
    let mut contents = Contents::default();
    let table: Table = match text.parse() {
        Ok(table) => table,
        Err(error) => {
            let error: toml::de::Error = error;
            let line = error.span().map_or(1, |span| {
                1 + text
                    .bytes()
                    .take(span.start)
                    .filter(|byte| *byte == b'\n')
                    .count()
            });
            problems.add(Problem::new(format!(
                "{}, line {line}: {}",
                path.display(),
                error.message()
            )));
            return contents;
        }
    };
    for (section, value) in &table {
        let Value::Table(settings) = value else {
            problems.add(unknown(path, section));
            continue;
        };
        for (name, value) in settings {
            take(
                path,
                &format!("{section}.{name}"),
                value,
                &mut contents,
                problems,
            );
        }
    }
    contents
}

fn take(path: &Path, key: &str, value: &Value, contents: &mut Contents, problems: &mut Problems) {
    if key == CLASSES {
        match classes(value) {
            Some(classes) => contents.classes = classes,
            None => problems.add(Problem::new(format!(
                "{}: {key}: expected [[{key}]] tables",
                path.display()
            ))),
        }
        return;
    }
    let Some(setting) = ALL.iter().find(|setting| setting.key == key) else {
        problems.add(unknown(path, key));
        return;
    };
    match plain(value, setting.kind) {
        Some(text) => {
            contents.keys.insert(key.to_owned(), text);
        }
        None => problems.add(Problem::new(format!(
            "{}: {key}: expected a text, a number, true or false, or a list of texts",
            path.display()
        ))),
    }
}

fn classes(value: &Value) -> Option<Vec<Table>> {
    let tables = value.as_array()?.iter();
    tables.map(|value| value.as_table().cloned()).collect()
}

/// A value as the text that a variable would hold.
fn plain(value: &Value, kind: Kind) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(switch) => Some(switch.to_string()),
        Value::Array(items) => {
            let texts: Vec<&str> = items.iter().map(Value::as_str).collect::<Option<_>>()?;
            Some(match kind {
                // Each ends its line: then nothing inside an item separates.
                Kind::Lines => texts.iter().flat_map(|text| [*text, "\n"]).collect(),
                _ => texts.join(","),
            })
        }
        Value::Float(_) | Value::Datetime(_) | Value::Table(_) => None,
    }
}

fn unknown(path: &Path, key: &str) -> Problem {
    let near = ALL
        .iter()
        .filter(|setting| !setting.key.is_empty())
        .map(|setting| (strsim::damerau_levenshtein(key, setting.key), setting.key))
        .min()
        .filter(|(distance, _)| *distance <= key.len() / 3);
    let advice = match near {
        _ if SECRETS.contains(&key) => {
            "secrets are not read from this file: name the file that holds them".to_owned()
        }
        Some((_, near)) => format!("did you mean {near}?"),
        None => "see docs/settings.md".to_owned(),
    };
    Problem::new(format!(
        "{}: {key} is not a setting; {advice}",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::super::kind;
    use super::*;

    fn contents(text: &str) -> (Contents, Problems) {
        let mut problems = Problems::default();
        let contents = read(Path::new("tonl.toml"), text, &mut problems);
        (contents, problems)
    }

    #[test]
    fn values_of_all_shapes_are_read() {
        let (contents, problems) = contents(
            "[server]\nport = 8080\n[cors]\norigins = [\"https://a.example\", \"https://b.example\"]\n\
             [rate_limit]\nenabled = false\n[[rate_limit.class]]\nmax = 5\n",
        );
        assert!(problems.is_empty(), "{problems}");
        assert_eq!(contents.keys["server.port"], "8080");
        assert_eq!(
            contents.keys["cors.origins"],
            "https://a.example,https://b.example"
        );
        assert_eq!(contents.keys["rate_limit.enabled"], "false");
        assert_eq!(contents.classes.len(), 1);
    }

    // S26, S29
    #[test]
    fn headers_of_an_array_stay_whole() {
        let (contents, problems) = contents(
            "[headers]\nextra = [\"Permissions-Policy: a=(), b=()\", \"X-Both: 1 | 2\"]\n",
        );
        assert!(problems.is_empty(), "{problems}");
        let items: Vec<&str> = kind::lines(&contents.keys["headers.extra"]).collect();
        assert_eq!(items, ["Permissions-Policy: a=(), b=()", "X-Both: 1 | 2"]);
    }

    #[test]
    fn slips_and_secrets_are_refused_by_name() {
        let (_, problems) =
            contents("[server]\nprot = 1\n[auth]\ntoken = \"x\"\n[limits]\nrequests = 1.5\n");
        let text = problems.to_string();
        assert!(text.contains("did you mean server.port?"), "{text}");
        assert!(
            text.contains("auth.token is not a setting; secrets are not"),
            "{text}"
        );
        assert!(text.contains("limits.requests: expected"), "{text}");
    }

    #[test]
    fn a_broken_file_is_refused_with_its_line() {
        let (_, problems) = contents("[server]\nport = \n");
        let text = problems.to_string();
        assert!(text.contains("tonl.toml, line 2"), "{text}");
    }
}
