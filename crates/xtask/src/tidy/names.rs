//! Modules and crates are called by a noun of the domain, never by a word for "the rest".

use crate::finding::Finding;
use crate::repository::TextFile;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &[
    "base", "common", "core", "helper", "helpers", "manager", "misc", "shared", "stuff", "types",
    "util", "utils",
];

/// Reports Rust files and folders with an empty name.
pub(super) fn check(files: &[TextFile]) -> Vec<Finding> {
    files
        .iter()
        .filter(|file| file.has_extension("rs"))
        .filter_map(|file| {
            let name = empty_part(&file.path)?;
            Some(
                Finding::new(&file.path, format!("{name:?} does not say what is inside"))
                    .with_hint("name it by a noun of the domain"),
            )
        })
        .collect()
}

fn empty_part(path: &str) -> Option<&str> {
    path.split('/')
        .map(|part| part.strip_suffix(".rs").unwrap_or(part))
        .find(|part| {
            let words = part.rsplit(['-', '_']).next();
            words.is_some_and(|last| EMPTY_NAMES.contains(&last))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str) -> TextFile {
        TextFile {
            path: path.into(),
            text: String::new(),
        }
    }

    #[test]
    fn empty_names_are_found_in_files_folders_and_crates() {
        for path in [
            "crates/x/src/util.rs",
            "crates/x/src/helpers/mod.rs",
            "crates/tonl-common/src/lib.rs",
            "crates/x/src/test_utils.rs",
        ] {
            assert_eq!(check(&[file(path)]).len(), 1, "{path}");
        }
    }

    #[test]
    fn names_of_the_domain_and_other_files_are_left_alone() {
        for path in ["crates/tonl/src/scan/quote.rs", "docs/core.md"] {
            assert!(check(&[file(path)]).is_empty(), "{path}");
        }
    }
}
