//! A configuration file on the disk: read, kept beside itself, and replaced whole or not at all.
//!
//! A backup is never overwritten: `FILE.tonl-1.bak` is followed by `FILE.tonl-2.bak`. Whoever reads this to
//! add a way of writing: clients write these files too, so a file is replaced only if it is still the one
//! that was read.

use crate::failure::{Failure, Result};
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// The largest file that is looked at, in bytes.
const MOST_BYTES: u64 = 32 << 20;

/// The bytes of a configuration file, `None` if there is none.
///
/// # Errors
/// It cannot be read, is no regular file or too large.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::io("read", path, &error)),
    };
    if !metadata.is_file() {
        return Err(Failure::new(format_args!(
            "{} is not a file",
            path.display()
        )));
    }
    if metadata.len() > MOST_BYTES {
        let message = format!("{} is larger than {MOST_BYTES} bytes", path.display());
        return Err(Failure::new(message).with_hint("is this the configuration file?"));
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MOST_BYTES).read_to_end(&mut bytes))
        .map_err(|error| Failure::io("read", path, &error))?;
    Ok(Some(bytes))
}

/// Keeps `bytes`, which are those of the file at `path`, beside it; returns where.
///
/// # Errors
/// The backup cannot be written.
pub(super) fn keep(path: &Path, bytes: &[u8]) -> Result<PathBuf> {
    let mut number = all(path).first().map_or(0, |(number, _)| *number);
    loop {
        number = number.saturating_add(1);
        let backup = named(path, number);
        match create(&backup) {
            Ok(file) => {
                fill(file, path, bytes).map_err(|error| Failure::io("write", &backup, &error))?;
                return Ok(backup);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists && number < u64::MAX => {}
            Err(error) => return Err(Failure::io("write", &backup, &error)),
        }
    }
}

/// A new file that nobody else may read yet: the copy may hold secrets.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

fn fill(mut file: File, original: &Path, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    file.set_permissions(std::fs::metadata(original)?.permissions())?;
    file.sync_all()
}

/// The backups of the file at `path`, newest first.
pub(super) fn all(path: &Path) -> Vec<(u64, PathBuf)> {
    let Ok(entries) = std::fs::read_dir(parent(path)) else {
        return Vec::new();
    };
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return Vec::new();
    };
    let numbered = |file: &str| -> Option<u64> {
        let number = file
            .strip_prefix(name)?
            .strip_prefix(".tonl-")?
            .strip_suffix(".bak")?;
        number.parse().ok()
    };
    let mut backups: Vec<(u64, PathBuf)> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|file| numbered(&file).map(|number| (number, named(path, number))))
        .collect();
    backups.sort_unstable_by(|left, right| right.cmp(left));
    backups
}

fn named(path: &Path, number: u64) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".tonl-{number}.bak"));
    path.with_file_name(name)
}

/// Replaces the file at `path`, whose bytes were `before`, or makes it with its folders.
///
/// Permissions stay, a new file is for its owner alone; of a symbolic link the file behind it is replaced.
///
/// # Errors
/// It cannot be written, is read-only, or has other bytes than `before` by now.
pub(super) fn replace(path: &Path, before: Option<&[u8]>, bytes: &[u8]) -> Result<()> {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = parent(&target);
    let failed = |error: io::Error| Failure::io("write", path, &error);
    std::fs::create_dir_all(folder).map_err(|error| Failure::io("create", folder, &error))?;
    let mut temporary = tempfile::Builder::new()
        .prefix(".tonl-")
        .tempfile_in(folder)
        .map_err(failed)?;
    temporary.write_all(bytes).map_err(failed)?;
    if before.is_some() {
        let permissions = std::fs::metadata(&target).map_err(failed)?.permissions();
        if permissions.readonly() {
            let message = format!("cannot write {}: the file is read-only", path.display());
            return Err(Failure::new(message).with_hint("allow writing to it first"));
        }
        temporary
            .as_file()
            .set_permissions(permissions)
            .map_err(failed)?;
    }
    temporary.as_file().sync_all().map_err(failed)?;
    unchanged(path, before)?;
    if before.is_some() {
        temporary
            .persist(&target)
            .map_err(|error| failed(error.error))?;
    } else {
        temporary
            .persist_noclobber(&target)
            .map_err(|error| failed(error.error))?;
    }
    Ok(())
}

/// Removes the file at `path` if its bytes are still `before`.
///
/// # Errors
/// They are not, or it cannot be removed.
pub(super) fn remove(path: &Path, before: &[u8]) -> Result<()> {
    unchanged(path, Some(before))?;
    std::fs::remove_file(path).map_err(|error| Failure::io("remove", path, &error))
}

fn unchanged(path: &Path, before: Option<&[u8]>) -> Result<()> {
    if read(path)?.as_deref() == before {
        return Ok(());
    }
    let message = format!(
        "{} was changed by another program in the meantime",
        path.display()
    );
    Err(Failure::new(message).with_hint("close the client and run again; nothing was written"))
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_never_takes_the_place_of_an_older_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mcp.json");
        std::fs::write(&path, "now").unwrap();
        std::fs::write(named(&path, 9), "old").unwrap();
        std::fs::write(folder.path().join("mcp.json.tonl-x.bak"), "").unwrap();
        std::fs::write(folder.path().join("other.json.tonl-11.bak"), "").unwrap();
        let backup = keep(&path, b"now").unwrap();
        assert_eq!(backup, named(&path, 10));
        assert_eq!(std::fs::read(&backup).unwrap(), b"now");
        assert_eq!(std::fs::read(named(&path, 9)).unwrap(), b"old");
        let numbers: Vec<u64> = all(&path).iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [10, 9]);
    }

    #[test]
    fn a_file_that_another_program_has_changed_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mcp.json");
        std::fs::write(&path, "theirs").unwrap();
        let failure = replace(&path, Some(b"before"), b"ours").unwrap_err();
        assert!(failure.message().contains("another program"), "{failure:?}");
        assert!(replace(&path, None, b"ours").is_err());
        assert!(remove(&path, b"before").is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"theirs");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_symbolic_links_stay_and_a_new_file_is_private() {
        use std::fs::Permissions;
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (
            folder.path().join("real.json"),
            folder.path().join("mcp.json"),
        );
        std::fs::write(&real, "before").unwrap();
        std::fs::set_permissions(&real, Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let backup = keep(&link, b"before").unwrap();
        replace(&link, Some(b"before"), b"after").unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read(&real).unwrap(), b"after");
        assert_eq!((mode(&real), mode(&backup)), (0o640, 0o640));
        let new = folder.path().join("a/b/new.json");
        replace(&new, None, b"new").unwrap();
        assert_eq!(mode(&new), 0o600);
        std::fs::set_permissions(&real, Permissions::from_mode(0o440)).unwrap();
        assert!(replace(&link, Some(b"after"), b"again").is_err());
    }
}
