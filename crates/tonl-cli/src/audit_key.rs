//! The key of an audit log, read from its file: in the same way by the server that writes the log and by
//! the command that verifies it.
//!
//! One line break at the end of the file is no part of the key. The trap: whoever reads the file in
//! another way has another key, and a sound log looks forged.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use tonl_secret::source::FileWarning;
use tonl_telemetry::audit::{AuditError, AuditKey};
use zeroize::Zeroizing;

/// The most bytes of a file that is a key.
const MOST_BYTES: usize = 64 * 1024;

/// A key, and what is unsafe about its file.
#[derive(Debug)]
pub(crate) struct KeyFile {
    pub(crate) key: AuditKey,
    pub(crate) warning: Option<FileWarning>,
}

/// Why a file gives no key.
#[derive(Debug)]
pub(crate) enum KeyError {
    /// It cannot be read.
    Unreadable(io::Error),
    /// It is larger than a key.
    TooLarge,
    /// It is shorter than a key.
    Unfit(AuditError),
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => {
                write!(f, "cannot read the key: {}", crate::failure::reason(error))
            }
            Self::TooLarge => write!(f, "expected a key of at most {MOST_BYTES} bytes"),
            Self::Unfit(error) => error.fmt(f),
        }
    }
}

/// Reads a key.
///
/// # Errors
/// The file cannot be read, or what is in it is too short or too long.
pub(crate) fn read(path: &Path) -> Result<KeyFile, KeyError> {
    let file = File::open(path).map_err(KeyError::Unreadable)?;
    let metadata = file.metadata().map_err(KeyError::Unreadable)?;
    // Room for all of it at once: a buffer that grows would leave copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MOST_BYTES + 3));
    file.take(MOST_BYTES as u64 + 3)
        .read_to_end(&mut bytes)
        .map_err(KeyError::Unreadable)?;
    let end = [b"\r\n".as_slice(), b"\n"]
        .into_iter()
        .find(|end| bytes.ends_with(end));
    let length = bytes.len() - end.map_or(0, <[u8]>::len);
    if length > MOST_BYTES {
        return Err(KeyError::TooLarge);
    }
    bytes.truncate(length);
    let key = AuditKey::new(std::mem::take(&mut *bytes)).map_err(KeyError::Unfit)?;
    Ok(KeyFile {
        key,
        warning: FileWarning::of(path, &metadata),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};
    use tonl_telemetry::Clock;
    use tonl_telemetry::audit::{AuditConfig, AuditLog, Level, Record, verify};

    const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";

    fn written(bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.key");
        std::fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    /// Whether a log written with one key is sound under the other.
    fn fits(one: AuditKey, other: &AuditKey) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("audit.log");
        let config = AuditConfig {
            key: Some(one),
            ..AuditConfig::at(&log)
        };
        let open = AuditLog::open(&config, Clock::system()).unwrap();
        assert!(open.write(SystemTime::now(), &Record::new(Level::Info, "a", "a")));
        assert!(open.flush(Duration::from_secs(60)));
        drop(open);
        verify(&log, Some(other)).is_ok()
    }

    // S49
    #[test]
    fn exactly_one_line_break_is_no_part_of_the_key() {
        let plain = || AuditKey::new(KEY.to_vec()).unwrap();
        for (end, is_same) in [
            ("", true),
            ("\n", true),
            ("\r\n", true),
            ("\n\n", false),
            ("\r", false),
            (" ", false),
        ] {
            let (_folder, path) = written(&[KEY, end.as_bytes()].concat());
            let key = read(&path).unwrap().key;
            assert_eq!(fits(key, &plain()), is_same, "{end:?}");
        }
    }

    #[test]
    fn a_key_of_another_length_is_refused_without_a_word_of_it() {
        let (_folder, path) = written(b"hunter2\n");
        let error = read(&path).unwrap_err();
        assert!(error.to_string().contains("16 bytes"), "{error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
        let (_folder, path) = written(&vec![b'a'; MOST_BYTES + 1]);
        assert!(matches!(read(&path), Err(KeyError::TooLarge)));
        let (folder, _) = written(b"");
        assert!(matches!(read(folder.path()), Err(KeyError::Unreadable(_))));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_warned_about() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, path) = written(KEY);
        for (mode, is_warned) in [(0o600, false), (0o640, true), (0o644, true)] {
            std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
            let warning = read(&path).unwrap().warning;
            assert_eq!(warning.is_some(), is_warned, "{mode:o}");
        }
    }
}
