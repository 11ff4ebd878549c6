//! Real data and another project's suite, if `TONL_CORPORA` names a folder that holds them as `json`,
//! `ndjson` and `jsontestsuite`.

use crate::sandbox::Sandbox;
use std::path::{Path, PathBuf};

/// The folder, if the environment names one.
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment where large data is"
)]
fn corpora() -> Option<PathBuf> {
    let folder = std::env::var_os("TONL_CORPORA").map(PathBuf::from);
    if folder.is_none() {
        println!("did nothing: TONL_CORPORA is not set");
    }
    folder
}

/// The files of a folder whose names begin so, as arguments.
fn files(folder: &Path, prefix: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let named = paths.filter(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with(prefix)
    });
    named
        .map(|path| path.to_str().unwrap().to_owned())
        .collect()
}

#[test]
fn check_calls_every_real_file_sound() {
    let Some(corpora) = corpora() else { return };
    for folder in ["json", "ndjson"] {
        let files = files(&corpora.join(folder), "");
        let mut arguments = vec!["check"];
        arguments.extend(files.iter().map(String::as_str));
        let outcome = Sandbox::new().tonl(&arguments);
        assert_eq!(outcome.code, Some(0), "{outcome}");
        let sound = outcome.stdout.lines().chain(outcome.stderr.lines());
        let sound = sound.filter(|line| line.starts_with("sound ")).count();
        assert_eq!(sound, files.len(), "{outcome}");
    }
}

#[test]
fn check_accepts_and_refuses_what_the_json_suite_says() {
    let Some(corpora) = corpora() else { return };
    let sandbox = Sandbox::new();
    let suite = corpora.join("jsontestsuite");
    for file in files(&suite, "y_") {
        let outcome = sandbox.tonl(&["check", "--from", "json", &file]);
        if outcome.code == Some(0) {
            continue;
        }
        assert!(file.contains("duplicated_key"), "{file}: {outcome}");
        assert!(
            outcome.stderr.contains("(duplicate-key)"),
            "{file}: {outcome}"
        );
    }
    for file in files(&suite, "n_") {
        let outcome = sandbox.tonl(&["check", "--from", "json", &file]);
        assert_eq!(outcome.code, Some(1), "{file}: {outcome}");
        let says_where = outcome.stderr.contains(": line ") || outcome.stderr.contains("UTF-8");
        assert!(says_where, "{file}: {outcome}");
    }
    for file in files(&suite, "i_") {
        let outcome = sandbox.tonl(&["check", "--from", "json", &file]);
        assert!(matches!(outcome.code, Some(0 | 1)), "{file}: {outcome}");
    }
}
