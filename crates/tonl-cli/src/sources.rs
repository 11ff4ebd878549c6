//! The inputs a command line names: paths, `-`, and patterns that the shell left alone.

mod pattern;
pub(crate) mod selection;

use crate::failure::{Failure, Result};
use pattern::{Pattern, has_signs, is_hidden};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Folders that hold what tools have made: no pattern looks inside.
const SKIPPED_FOLDERS: &[&str] = &["target", "node_modules", "dist"];

/// One input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// Its path, or `-`.
    pub(crate) path: PathBuf,
    /// Its place below the folder that all files of its pattern share; its name if it has no pattern.
    pub(crate) below: PathBuf,
}

impl Source {
    /// Whether this is standard input.
    pub(crate) fn is_standard_input(&self) -> bool {
        is_dash(&self.path)
    }
}

/// Whether a path stands for standard input or output.
pub(crate) fn is_dash(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Whether an argument is a pattern: it has the signs of one and no file has that very name.
pub(crate) fn is_pattern(path: &Path) -> bool {
    has_signs(path.as_os_str()) && path.symlink_metadata().is_err()
}

/// All inputs of a command line, patterns expanded and sorted by path.
///
/// # Errors
/// A pattern that is not well formed, that matches nothing, or whose folder cannot be read.
pub(crate) fn expand(arguments: &[PathBuf]) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for argument in arguments {
        if is_pattern(argument) {
            sources.extend(matches(argument)?);
        } else {
            let below = argument
                .file_name()
                .map_or_else(|| argument.clone(), PathBuf::from);
            sources.push(Source {
                path: argument.clone(),
                below,
            });
        }
    }
    Ok(sources)
}

fn matches(argument: &Path) -> Result<Vec<Source>> {
    let pattern = Pattern::new(argument)?;
    let sources = pattern.files()?;
    if sources.is_empty() {
        return Err(Failure::new(format_args!(
            "no file matches {}",
            pattern.text()
        )));
    }
    Ok(sources)
}

fn is_skipped(name: &OsStr) -> bool {
    is_hidden(name) || SKIPPED_FOLDERS.iter().any(|skipped| name == *skipped)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for path in [
            "b.json",
            "a.json",
            "a.tonl",
            "sub/c.json",
            "sub/deep/d.json",
            "target/e.json",
            "sub/node_modules/f.json",
            ".hidden/g.json",
            ".h.json",
            "we[i]rd.json",
        ] {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "[]").unwrap();
        }
        root
    }

    fn found(pattern: &str) -> Vec<String> {
        let root = tree();
        let sources = expand(&[root.path().join(pattern)]).unwrap();
        let below = |source: &Source| source.below.display().to_string();
        sources.iter().map(below).collect()
    }

    #[test]
    fn a_star_stays_in_its_folder_and_two_go_down() {
        assert_eq!(found("*.json"), ["a.json", "b.json", "we[i]rd.json"]);
        assert_eq!(found("s*/*.json"), ["sub/c.json"]);
        assert_eq!(
            found("**/*.json"),
            [
                "a.json",
                "b.json",
                "sub/c.json",
                "sub/deep/d.json",
                "we[i]rd.json"
            ]
        );
    }

    #[test]
    fn braces_choose_and_tonl_files_must_be_named() {
        assert_eq!(found("{a,b}.json"), ["a.json", "b.json"]);
        assert_eq!(found("a.*"), ["a.json"]);
        assert_eq!(found("*.tonl"), ["a.tonl"]);
        assert_eq!(found(".*.json"), [".h.json"]);
    }

    #[test]
    fn a_file_that_looks_like_a_pattern_is_a_file() {
        assert_eq!(found("we[i]rd.json"), ["we[i]rd.json"]);
    }

    #[test]
    fn a_pattern_that_matches_nothing_is_an_error() {
        let root = tree();
        assert!(expand(&[root.path().join("*.xml")]).is_err());
        assert!(expand(&[root.path().join("none/*.json")]).is_err());
        assert!(expand(&[root.path().join("[.json")]).is_err());
    }
}
