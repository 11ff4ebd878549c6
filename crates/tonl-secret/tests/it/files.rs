//! Tokens in files.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::SystemTime;
use tempfile::TempDir;
use tonl_secret::source::Readers;
use tonl_secret::{Secret, Source, SourceErrorKind, TokenSet};

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn write(path: &Path, content: impl AsRef<[u8]>) {
    fs::write(path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

fn is_known(set: &TokenSet, token: &str) -> bool {
    set.find(token.as_bytes(), SystemTime::now()).is_some()
}

// S2, S41
#[test]
fn a_token_is_read_from_a_value_and_from_a_file_alike() {
    let folder = folder();
    let path = folder.path().join("token");
    for content in ["abc-123", "abc-123\n", "abc-123\r\n", "\u{feff}abc-123\r\n"] {
        write(&path, content);
        for source in [
            Source::File(path.clone()),
            Source::Inline(Secret::from(content)),
        ] {
            let set = source.read().unwrap();
            assert!(is_known(&set, "abc-123"), "{content:?}");
            assert!(!is_known(&set, content) || content == "abc-123");
            assert_eq!(set.file_warning(), None);
            assert_eq!(set.weak().count(), 1);
        }
    }
}

// S41, S59
#[test]
fn what_is_no_token_refuses_with_a_sentence_that_says_what_to_do() {
    let folder = folder();
    let path = folder.path().join("token");
    let large = "a".repeat(1024 * 1024 + 1);
    for (content, kind, sentence) in [
        (
            "",
            SourceErrorKind::Empty,
            "the token is empty: put a token there",
        ),
        (
            "\n",
            SourceErrorKind::Empty,
            "the token is empty: put a token there",
        ),
        (
            "\u{feff}\r\n",
            SourceErrorKind::Empty,
            "the token is empty: put a token there",
        ),
        (
            "hunter2\nhunter3\n",
            SourceErrorKind::SeveralLines,
            "there is more than one line: keep only the token",
        ),
        (
            "hunter2\n\n",
            SourceErrorKind::ControlCharacter,
            "character 8 of the token is a control character: write",
        ),
        (
            "hunter2\0",
            SourceErrorKind::ControlCharacter,
            "character 8 of the token is a control character: write",
        ),
        (
            "hunter2 ",
            SourceErrorKind::BadCharacter,
            "character 8 of the token cannot be part of a bearer token: use",
        ),
        (
            large.as_str(),
            SourceErrorKind::TooLarge,
            "it is larger than 1 MiB: name the file",
        ),
    ] {
        write(&path, content);
        let error = Source::File(path.clone()).read().unwrap_err();
        let printed = format!("{error} {error:?}");
        assert_eq!(error.kind(), kind, "{printed}");
        let start = format!("{}: {sentence}", path.display());
        assert!(printed.starts_with(&start), "{printed}");
        assert!(!printed.contains("hunter"), "{printed}");
    }
}

// S41, S59
#[test]
fn a_directory_a_pipe_and_a_missing_file_are_told_apart() {
    let folder = folder();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let dangling = folder.path().join("dangling");
    symlink(folder.path().join("nowhere"), &dangling).unwrap();
    for (path, kind, sentence) in [
        (
            folder.path().to_owned(),
            SourceErrorKind::NotAFile,
            "it is a directory",
        ),
        (pipe, SourceErrorKind::NotAFile, "it is a pipe"),
        (
            "/dev/null".into(),
            SourceErrorKind::NotAFile,
            "it is a pipe, a socket or a device",
        ),
        (dangling, SourceErrorKind::NotFound, "there is no such file"),
        (
            folder.path().join("missing"),
            SourceErrorKind::NotFound,
            "there is no such file",
        ),
        (
            folder.path().join("a\0b"),
            SourceErrorKind::Unreadable,
            "it cannot be read",
        ),
    ] {
        for source in [Source::File(path.clone()), Source::TokensFile(path.clone())] {
            let error = source.read().unwrap_err();
            assert_eq!(error.kind(), kind, "{error}");
            assert!(error.problem().starts_with(sentence), "{error}");
        }
    }
}

// S41
#[test]
fn a_file_without_permission_is_unreadable() {
    let folder = folder();
    let path = folder.path().join("token");
    write(&path, "abc");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    match Source::File(path.clone()).read() {
        Err(error) => {
            assert_eq!(error.kind(), SourceErrorKind::Unreadable);
            assert!(error.advice().contains("mode 600"), "{error}");
        }
        // The superuser reads everything: then the file must have been readable for us.
        Ok(_) => assert!(fs::read(&path).is_ok()),
    }
}

// S55, S59
#[test]
fn a_file_that_others_can_read_is_read_with_a_warning() {
    let folder = folder();
    let path = folder.path().join("token");
    let entry = "[[token]]\nname = \"a\"\nvalue = \"abc\"\nscopes = [\"mcp\"]\n";
    for (mode, readers) in [
        (0o600, None),
        (0o400, None),
        (0o622, None),
        (0o640, Some(Readers::Group)),
        (0o644, Some(Readers::Others)),
        (0o604, Some(Readers::Others)),
    ] {
        for (content, source) in [
            ("abc", Source::File(path.clone())),
            (entry, Source::TokensFile(path.clone())),
        ] {
            write(&path, content);
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let set = source.read().unwrap();
            let warning = set.file_warning();
            assert_eq!(warning.map(|warning| warning.readers), readers, "{mode:o}");
            if let Some(warning) = warning {
                let text = warning.to_string();
                assert!(text.contains(&format!("mode {mode:04o}")), "{text}");
                assert!(text.contains("chmod 600"), "{text}");
            }
        }
    }
}

#[test]
fn a_tokens_file_is_read_and_its_errors_name_the_file_and_the_entry() {
    let folder = folder();
    let path = folder.path().join("tokens.toml");
    write(
        &path,
        "[[token]]\nname = \"ci\"\nvalue = \"abc\"\nscopes = [\"mcp\"]\n",
    );
    assert!(is_known(
        &Source::TokensFile(path.clone()).read().unwrap(),
        "abc"
    ));
    write(&path, "[[token]]\nname = \"ci\"\nscopes = [\"mcp\"]\n");
    let error = Source::TokensFile(path.clone()).read().unwrap_err();
    let start = format!(
        "{}: entry \"ci\": it has neither sha256 nor value: add",
        path.display()
    );
    assert!(error.to_string().starts_with(&start), "{error}");
}

// S5
#[test]
fn a_source_prints_where_it_is_and_never_a_value() {
    let printed = format!("{:?}", Source::Inline(Secret::from("hunter2")));
    assert_eq!(printed, "Inline(Secret(****))");
    let source = Source::File("/run/secrets/token".into());
    assert_eq!(source.path(), Some(Path::new("/run/secrets/token")));
    assert_eq!(source.kind(), "file");
}
