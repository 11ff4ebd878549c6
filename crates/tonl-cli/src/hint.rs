//! Advice for common mistakes: what the person may have meant.

use crate::failure::Failure;
use crate::sources;
use clap::error::{ContextKind, ContextValue};
use std::io::{self, ErrorKind};
use std::path::Path;
use tonl::Code;
use tonl_convert::Format;

/// How many changed characters still look like a slip.
const FARTHEST: usize = 5;
/// Most suggestions.
const MOST: usize = 3;

/// What to do about temporary files that cannot be written.
pub(crate) const TEMPORARY: &str = "free some space where temporary files are kept, or name another folder \
                                    with TMPDIR";

/// What to do about a failure of the system that is met when an input is read or kept.
pub(crate) fn system_remedy(error: &io::Error) -> Option<&'static str> {
    match error.kind() {
        ErrorKind::StorageFull => Some(TEMPORARY),
        ErrorKind::PermissionDenied => Some("ask for the right to read it"),
        _ => None,
    }
}

/// The failure of opening an input, with what may have been meant.
pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Failure {
    if error.kind() != ErrorKind::NotFound {
        let failure = Failure::io("read", path, error);
        return match system_remedy(error) {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        };
    }
    let failure = Failure::new(format_args!("cannot find {}", path.display()));
    let similar = similar_files(path);
    if similar.is_empty() {
        return failure;
    }
    failure.with_hint(format!("did you mean {}?", similar.join(", ")))
}

/// The failure of being given a folder where a file belongs.
pub(crate) fn directory(path: &Path) -> Failure {
    let pattern = path.join("*.json");
    Failure::new(format_args!("{} is a directory", path.display())).with_hint(format!(
        "name its files with a pattern, for example '{}'",
        pattern.display()
    ))
}

/// What to do about a fault that the library gives no advice on.
pub(crate) fn remedy(code: Code, path: &Path) -> Option<&'static str> {
    Some(match code {
        Code::JsonSyntax if Format::from_path(path) == Some(Format::Ndjson) => {
            "correct the line, or leave such lines out with: tonl stream --skip-invalid"
        }
        Code::JsonSyntax if sources::is_dash(path) => "correct the text there",
        Code::JsonSyntax | Code::YamlSyntax => {
            "correct the text there, or name its format with --from"
        }
        Code::TrailingContent if Format::from_path(path) == Some(Format::Json) => {
            "if every line is a record of its own: --from ndjson"
        }
        Code::Truncated => {
            "the text ends too early: get the whole file again, or add what is missing"
        }
        Code::InvalidUtf8 => "convert it to UTF-8, for example with: iconv -f LATIN1 -t UTF-8",
        Code::DuplicateKey => "rename one of the two or remove it",
        Code::WrongType => "correct the cell, or the type of its column in the header",
        Code::ControlCharacter => r"write the character as an escape, for example \u0000",
        Code::UnterminatedQuote => "close the string with a double quote",
        Code::BadEscape => r"a backslash that is meant as one is written twice: \\",
        Code::LoneSurrogate => r"write the whole character, or \uFFFD in its place",
        Code::OutOfRange => "correct the number, or read without --strict-types",
        Code::RowCount => "correct the count in the header, or read with --lenient",
        Code::DepthLimit => "if this is intended: tonl convert --limit-depth, at most 2048",
        Code::ColumnLimit => "if this is intended: tonl convert --limit-columns",
        Code::RowLimit => "if this is intended: tonl convert --limit-rows",
        Code::LineLimit => "if this is intended: tonl convert --limit-line",
        Code::ByteLimit => "if this is intended: tonl convert --limit-bytes",
        _ => return None,
    })
}

/// Adds the nearest command to an error about one that does not exist, if it has none: `tonl help covert`
/// is answered like `tonl covert`.
pub(crate) fn suggest_command(error: &mut clap::Error, command: &clap::Command) {
    if error.get(ContextKind::SuggestedSubcommand).is_some() {
        return;
    }
    let Some(ContextValue::String(wanted)) = error.get(ContextKind::InvalidSubcommand) else {
        return;
    };
    let names = command.get_subcommands().map(clap::Command::get_name);
    let nearest = names
        .map(|name| (strsim::levenshtein(wanted, name), name))
        .filter(|(distance, name)| *distance <= nearness(name))
        .min();
    if let Some((_, name)) = nearest {
        let name = ContextValue::Strings(vec![name.to_owned()]);
        error.insert(ContextKind::SuggestedSubcommand, name);
    }
}

/// Files beside `path` whose names are a few changes away, nearest first.
fn similar_files(path: &Path) -> Vec<String> {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return Vec::new();
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    let listed = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let Ok(entries) = std::fs::read_dir(listed) else {
        return Vec::new();
    };
    let mut near: Vec<(usize, String)> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|other| {
            let distance = strsim::levenshtein(&name.to_lowercase(), &other.to_lowercase());
            (distance <= nearness(name)).then_some((distance, other))
        })
        .collect();
    near.sort();
    near.iter()
        .take(MOST)
        .map(|(_, other)| folder.join(other).display().to_string())
        .collect()
}

/// How far a suggestion may be from a name: a short name has few letters to get right.
fn nearness(name: &str) -> usize {
    FARTHEST.min(name.chars().count() / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_names_come_first_and_far_ones_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "orders.json",
            "orders2.json",
            "ordres.json",
            "settings.yaml",
        ] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let found = similar_files(&folder.path().join("order.json"));
        let names: Vec<&str> = found
            .iter()
            .map(|p| p.rsplit('/').next().unwrap())
            .collect();
        assert_eq!(names, ["orders.json", "orders2.json", "ordres.json"]);
    }
}
