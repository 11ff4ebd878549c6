//! The files that `batch` and `watch` work on: files, patterns and whole folders, looked up as often as
//! needed.
//!
//! Files that are named one by one are placed below the folder they share, as those of a pattern are below
//! its fixed part. The place never leads out of the folder it is joined to.

use super::pattern::{Pattern, files_below, is_hidden};
use super::{Source, is_dash, is_pattern};
use crate::failure::{Failure, Result};
use crate::hint;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use tonl_convert::Format;

/// What a command line selects.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    File(Source),
    Pattern(Pattern),
    /// All files below, whose names say a format other than TONL.
    Folder(PathBuf),
}

/// The files of one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    /// Each file once, in the order of the command line, those of a pattern or folder by path.
    pub(crate) sources: Vec<Source>,
    /// Files in folders that were left out, because their names say no format.
    pub(crate) left_out: u64,
}

/// A folder in which files of the selection are, or may come to be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Root {
    /// The folder; never empty.
    pub(crate) folder: PathBuf,
    /// Whether folders below it matter, too.
    pub(crate) goes_down: bool,
}

impl Selection {
    /// Reads a command line's arguments.
    ///
    /// # Errors
    /// A file or folder that does not exist, a malformed pattern, standard input.
    pub(crate) fn new(arguments: &[PathBuf]) -> Result<Self> {
        let mut parts = Vec::new();
        for argument in arguments {
            parts.push(part(argument)?);
        }
        place_files(&mut parts);
        Ok(Self { parts })
    }

    /// The files there are now.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub(crate) fn find(&self) -> Result<Found> {
        let mut found = Found::default();
        let mut taken = BTreeSet::new();
        for part in &self.parts {
            let sources = match part {
                Part::File(source) => vec![source.clone()],
                Part::Pattern(pattern) => pattern.files()?,
                Part::Folder(folder) => in_folder(folder, &mut found.left_out)?,
            };
            let fresh = sources
                .into_iter()
                .filter(|source| taken.insert(plain(&source.path)));
            found.sources.extend(fresh);
        }
        Ok(found)
    }

    /// The folders to look at for changes.
    pub(crate) fn roots(&self) -> BTreeSet<Root> {
        self.parts.iter().map(Part::root).collect()
    }
}

impl Part {
    fn root(&self) -> Root {
        let (folder, goes_down) = match self {
            Self::File(source) => (source.path.parent().unwrap_or(Path::new("")), false),
            Self::Pattern(pattern) => (pattern.base(), pattern.goes_down()),
            Self::Folder(folder) => (folder.as_path(), true),
        };
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        Root {
            folder: folder.into(),
            goes_down,
        }
    }
}

fn part(argument: &Path) -> Result<Part> {
    if is_dash(argument) {
        return Err(
            Failure::configuration("standard input is no file").with_hint("use: tonl convert -")
        );
    }
    if is_pattern(argument) {
        return Pattern::new(argument).map(Part::Pattern);
    }
    match argument.metadata() {
        Ok(metadata) if metadata.is_dir() => Ok(Part::Folder(plain(argument))),
        Ok(_) => Ok(Part::File(Source {
            path: argument.into(),
            below: PathBuf::new(),
        })),
        Err(error) => Err(hint::unreadable(argument, &error)),
    }
}

/// Gives the files that are named one by one their places below the folder they share.
fn place_files(parts: &mut [Part]) {
    let mut shared: Option<PathBuf> = None;
    for part in &*parts {
        let Part::File(source) = part else { continue };
        let path = plain(&source.path);
        let folder = path.parent().unwrap_or(Path::new(""));
        shared = Some(match shared {
            None => folder.into(),
            Some(before) => both(&before, folder),
        });
    }
    let shared = shared.unwrap_or_default();
    for part in parts {
        if let Part::File(source) = part {
            let path = plain(&source.path);
            source.below = inside(path.strip_prefix(&shared).unwrap_or(&path));
        }
    }
}

/// The folders that two paths begin with.
fn both(left: &Path, right: &Path) -> PathBuf {
    let pairs = left.components().zip(right.components());
    pairs
        .take_while(|(left, right)| left == right)
        .map(|(left, _)| left)
        .collect()
}

/// The path without `.`.
fn plain(path: &Path) -> PathBuf {
    path.components()
        .filter(|part| !matches!(part, Component::CurDir))
        .collect()
}

/// The path without what would lead out of a folder it is joined to.
fn inside(path: &Path) -> PathBuf {
    path.components()
        .filter(|part| matches!(part, Component::Normal(_)))
        .collect()
}

fn in_folder(folder: &Path, left_out: &mut u64) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for path in files_below(folder, usize::MAX)? {
        if path.file_name().is_some_and(is_hidden) {
            continue;
        }
        match Format::from_path(&path) {
            Some(Format::Tonl) => {}
            None => *left_out += 1,
            Some(_) => sources.push(Source {
                below: path.strip_prefix(folder).unwrap_or(&path).into(),
                path,
            }),
        }
    }
    sources.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(sources)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for name in files {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "[]").unwrap();
        }
        root
    }

    fn places(root: &Path, arguments: &[&str]) -> Vec<String> {
        let arguments: Vec<PathBuf> = arguments.iter().map(|name| root.join(name)).collect();
        let found = Selection::new(&arguments).unwrap().find().unwrap();
        let below = |source: &Source| source.below.display().to_string();
        found.sources.iter().map(below).collect()
    }

    #[test]
    fn files_named_one_by_one_keep_the_folders_they_do_not_share() {
        let root = tree(&["in/a/x.json", "in/b/x.json", "in/b/c/y.json"]);
        let path = root.path();
        assert_eq!(places(path, &["in/a/x.json"]), ["x.json"]);
        assert_eq!(
            places(path, &["in/a/x.json", "in/b/x.json", "in/b/c/y.json"]),
            ["a/x.json", "b/x.json", "b/c/y.json"]
        );
    }

    #[test]
    fn a_folder_has_its_data_files_and_counts_the_others() {
        let root = tree(&[
            "d/a.json",
            "d/s/b.csv",
            "d/README",
            "d/a.tonl",
            "d/dist/c.json",
        ]);
        assert_eq!(places(root.path(), &["d"]), ["a.json", "s/b.csv"]);
        let selection = Selection::new(&[root.path().join("d")]).unwrap();
        assert_eq!(selection.find().unwrap().left_out, 1);
    }

    #[test]
    fn a_file_that_is_selected_twice_is_found_once() {
        let root = tree(&["d/a.json"]);
        assert_eq!(
            places(root.path(), &["d", "d/*.json", "d/a.json"]),
            ["a.json"]
        );
    }

    #[test]
    fn no_place_leads_out_of_its_folder() {
        for (path, kept) in [("../../x.json", "x.json"), ("/etc/x.json", "etc/x.json")] {
            assert_eq!(inside(Path::new(path)), Path::new(kept));
        }
    }

    #[test]
    fn roots_are_the_folders_in_which_files_may_come_to_be() {
        let root = tree(&["d/a.json", "e/b.json"]);
        let named = ["d/a.json", "d/*.json", "e"].map(|name| root.path().join(name));
        let roots = Selection::new(&named).unwrap().roots();
        let shown: Vec<_> = roots
            .iter()
            .map(|root| {
                (
                    root.folder.file_name().unwrap().to_str().unwrap(),
                    root.goes_down,
                )
            })
            .collect();
        assert_eq!(shown, [("d", false), ("e", true)]);
    }
}
