//! The inputs a command line names: paths, `-`, and patterns that the shell left alone.

use crate::failure::{Failure, Result};
use crate::hint;
use globset::GlobBuilder;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

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

fn has_signs(text: &OsStr) -> bool {
    text.as_encoded_bytes()
        .iter()
        .any(|byte| matches!(byte, b'*' | b'?' | b'[' | b'{'))
}

fn matches(argument: &Path) -> Result<Vec<Source>> {
    let Some(text) = argument.to_str() else {
        return Err(Failure::new("a pattern is not valid UTF-8"));
    };
    let text = text.strip_prefix("./").unwrap_or(text);
    let matcher = GlobBuilder::new(text)
        .literal_separator(true)
        .build()
        .map_err(|error| Failure::new(format_args!("{text}: {}", error.kind())))?
        .compile_matcher();
    let (base, rest) = split(Path::new(text));
    let names_tonl = text.contains(".tonl");
    let mut sources: Vec<Source> = files_below(&base, depth(&rest))?
        .into_iter()
        .filter(|path| matcher.is_match(path))
        .filter(|path| names_tonl || !is_tonl(path))
        .map(|path| Source {
            below: path.strip_prefix(&base).unwrap_or(&path).into(),
            path,
        })
        .collect();
    if sources.is_empty() {
        return Err(Failure::new(format_args!("no file matches {text}")));
    }
    sources.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(sources)
}

fn is_tonl(path: &Path) -> bool {
    tonl_convert::Format::from_path(path) == Some(tonl_convert::Format::Tonl)
}

/// The leading folders without signs, and what follows them.
fn split(pattern: &Path) -> (PathBuf, PathBuf) {
    let literal = |part: &Component<'_>| !has_signs(part.as_os_str());
    let base: PathBuf = pattern.components().take_while(literal).collect();
    let rest = pattern.components().skip_while(literal).collect();
    (base, rest)
}

/// How many levels of folders a pattern's rest can reach; `**` reaches all.
fn depth(rest: &Path) -> usize {
    let parts = rest.components();
    if rest.components().any(|part| part.as_os_str() == "**") || has_braced_separator(rest) {
        usize::MAX
    } else {
        parts.count()
    }
}

fn has_braced_separator(rest: &Path) -> bool {
    rest.as_os_str().as_encoded_bytes().contains(&b'{')
}

/// Every file down to `depth` levels below `base`; hidden and generated folders are left out.
fn files_below(base: &Path, depth: usize) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![(base.to_path_buf(), depth)];
    while let Some((folder, levels)) = folders.pop() {
        let listed = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            &folder
        };
        let entries =
            std::fs::read_dir(listed).map_err(|error| hint::unreadable(listed, &error))?;
        for entry in entries.filter_map(Result::ok) {
            let path = folder.join(entry.file_name());
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => {
                    if levels > 1 && !is_skipped(&entry.file_name()) {
                        folders.push((path, levels - 1));
                    }
                }
                Ok(kind) if kind.is_symlink() && path.is_dir() => {}
                _ => files.push(path),
            }
        }
    }
    Ok(files)
}

fn is_skipped(name: &OsStr) -> bool {
    let hidden = name.as_encoded_bytes().first() == Some(&b'.');
    hidden || SKIPPED_FOLDERS.iter().any(|skipped| name == *skipped)
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
