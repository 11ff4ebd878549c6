//! A pattern that the shell left alone, and the files it means.
//!
//! No pattern looks into hidden folders or those that tools have made. TONL files are left out unless
//! the pattern names their extension, hidden files unless it names a dot at the start of a name.

use super::{Source, is_skipped};
use crate::failure::{Failure, Result};
use crate::hint;
use globset::{GlobBuilder, GlobMatcher};
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use tonl_convert::Format;

/// A pattern, compiled.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    text: String,
    base: PathBuf,
    depth: usize,
    names_hidden: bool,
    matcher: GlobMatcher,
}

impl Pattern {
    /// Compiles an argument.
    ///
    /// # Errors
    /// A pattern that is not well formed or not UTF-8.
    pub(crate) fn new(argument: &Path) -> Result<Self> {
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
        Ok(Self {
            text: text.to_owned(),
            base,
            depth: depth(&rest),
            names_hidden: rest.components().any(|part| is_hidden(part.as_os_str())),
            matcher,
        })
    }

    /// The pattern as it was written, but for a leading `./`.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The folder that all its files share; empty for the current one.
    pub(crate) fn base(&self) -> &Path {
        &self.base
    }

    /// Whether it reaches into folders below its base.
    pub(crate) fn goes_down(&self) -> bool {
        self.depth > 1
    }

    /// Its files of this moment, sorted by path; perhaps none.
    ///
    /// # Errors
    /// A base that cannot be read.
    pub(crate) fn files(&self) -> Result<Vec<Source>> {
        let mut sources: Vec<Source> = files_below(&self.base, self.depth)?
            .into_iter()
            .filter(|path| self.matcher.is_match(path) && self.takes(path))
            .map(|path| Source {
                below: path.strip_prefix(&self.base).unwrap_or(&path).into(),
                path,
            })
            .collect();
        sources.sort_by(|left, right| left.path.cmp(&right.path));
        Ok(sources)
    }

    fn takes(&self, path: &Path) -> bool {
        let names_tonl = self.text.contains(".tonl");
        (names_tonl || Format::from_path(path) != Some(Format::Tonl))
            && (self.names_hidden || !path.file_name().is_some_and(is_hidden))
    }
}

/// Whether a name starts with a dot.
pub(super) fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().first() == Some(&b'.')
}

/// Whether a text has the signs of a pattern.
pub(super) fn has_signs(text: &OsStr) -> bool {
    text.as_encoded_bytes()
        .iter()
        .any(|byte| matches!(byte, b'*' | b'?' | b'[' | b'{'))
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
pub(super) fn files_below(base: &Path, depth: usize) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![(base.to_path_buf(), depth)];
    while let Some((folder, levels)) = folders.pop() {
        let listed = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            &folder
        };
        let entries = match std::fs::read_dir(listed) {
            Ok(entries) => entries,
            // Somebody has just removed it.
            Err(error) if error.kind() == ErrorKind::NotFound && folder != base => continue,
            Err(error) => return Err(hint::unreadable(listed, &error)),
        };
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
