//! Files below open folders. Each part of a path is opened from the folder before it and never
//! through a symbolic link, so that nothing can be swapped between a check and the opening.

use rustix::fs::{Mode, OFlags, open as open_at_path, openat};
use std::ffi::OsStr;
use std::fs::File;
use std::path::{Component, Path, PathBuf};

/// Opens a regular file, named from one of the folders on or by its whole path. Nothing if there is
/// none that may be read.
pub(super) fn open(roots: &[PathBuf], path: &Path) -> Option<File> {
    roots.iter().find_map(|root| open_below(root, path))
}

fn open_below(root: &Path, path: &Path) -> Option<File> {
    let below = if path.is_absolute() {
        path.strip_prefix(root).ok()?
    } else {
        path
    };
    let mut names = parts(below)?.into_iter();
    let last = names.next_back()?;
    let folder = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let mut at = open_at_path(root, folder, Mode::empty()).ok()?;
    for name in names {
        at = openat(&at, name, folder | OFlags::NOFOLLOW, Mode::empty()).ok()?;
    }
    // A pipe without a writer must not hold the call.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = File::from(openat(&at, last, flags, Mode::empty()).ok()?);
    file.metadata().ok()?.is_file().then_some(file)
}

/// The parts of a path, if all of them go down and none is hidden.
fn parts(path: &Path) -> Option<Vec<&OsStr>> {
    path.components()
        .filter(|part| *part != Component::CurDir)
        .map(|part| match part {
            Component::Normal(name) => {
                let is_hidden = name.as_encoded_bytes().starts_with(b".");
                (!is_hidden).then_some(name)
            }
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Read as _;
    use std::os::unix::fs::symlink;

    fn text(roots: &[PathBuf], path: impl AsRef<Path>) -> Option<String> {
        let mut text = String::new();
        open(roots, path.as_ref())?
            .read_to_string(&mut text)
            .unwrap();
        Some(text)
    }

    #[test]
    fn files_below_the_folders_are_found_and_no_others() {
        let outer = tempfile::tempdir().unwrap();
        let (first, second) = (outer.path().join("first"), outer.path().join("second"));
        fs::create_dir_all(first.join("deep/er")).unwrap();
        fs::create_dir_all(&second).unwrap();
        fs::write(outer.path().join("outside.json"), "outside").unwrap();
        fs::write(first.join("a.json"), "a").unwrap();
        fs::write(first.join("deep/er/b.json"), "b").unwrap();
        fs::write(first.join(".hidden"), "hidden").unwrap();
        fs::write(second.join("c.json"), "c").unwrap();
        let roots = [first.clone(), second.clone()];
        assert_eq!(text(&roots, "a.json").as_deref(), Some("a"));
        assert_eq!(text(&roots, "./a.json").as_deref(), Some("a"));
        assert_eq!(text(&roots, "deep/er/b.json").as_deref(), Some("b"));
        assert_eq!(text(&roots, "c.json").as_deref(), Some("c"));
        assert_eq!(text(&roots, second.join("c.json")).as_deref(), Some("c"));
        for path in [
            "../outside.json",
            "deep/../../outside.json",
            "deep",
            "",
            "/",
            ".",
            "..",
            ".hidden",
            "none.json",
            "a.json/x",
            "a.json\0",
            "/etc/passwd",
        ] {
            assert_eq!(text(&roots, path), None, "{path}");
        }
        assert_eq!(text(&roots, outer.path().join("outside.json")), None);
        let cousin = PathBuf::from(format!("{}-too/a.json", first.display()));
        assert_eq!(text(&roots, cousin), None);
        assert_eq!(text(&[], "a.json"), None);
    }

    #[test]
    fn no_symbolic_link_is_followed() {
        let outer = tempfile::tempdir().unwrap();
        let root = outer.path().join("root");
        fs::create_dir_all(root.join("real")).unwrap();
        fs::write(outer.path().join("secret"), "secret").unwrap();
        fs::write(root.join("real/a.json"), "a").unwrap();
        symlink(outer.path().join("secret"), root.join("file")).unwrap();
        symlink(outer.path(), root.join("folder")).unwrap();
        symlink("real", root.join("inside")).unwrap();
        let roots = [root];
        for path in ["file", "folder/secret", "inside/a.json"] {
            assert_eq!(text(&roots, path), None, "{path}");
        }
        assert_eq!(text(&roots, "real/a.json").as_deref(), Some("a"));
    }

    #[test]
    fn a_pipe_does_not_hold_the_call() {
        let outer = tempfile::tempdir().unwrap();
        let path = outer.path().join("pipe");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &path,
            rustix::fs::FileType::Fifo,
            Mode::from_raw_mode(0o600),
            0,
        )
        .unwrap();
        assert_eq!(text(&[outer.path().to_owned()], "pipe"), None);
    }
}
