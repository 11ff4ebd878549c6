//! No source file grows past what a reader holds in the head.

use crate::finding::Finding;
use crate::repository::TextFile;

/// Most lines of a Rust file, tests included.
const MOST_LINES: usize = 600;

/// A file that may be longer, with the reason.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exception {
    /// Path from the root.
    path: &'static str,
    /// Most lines of this file.
    lines: usize,
    /// Why it is one file all the same.
    reason: &'static str,
}

/// The exceptions of this repository. One that is no longer needed is a finding too.
pub(super) const EXCEPTIONS: &[Exception] = &[];

/// Reports files over their limit, and exceptions that nothing needs.
pub(super) fn check(files: &[TextFile], exceptions: &[Exception]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.has_extension("rs")) {
        let lines = file.text.lines().count();
        let exception = exceptions.iter().find(|e| e.path == file.path);
        let most = exception.map_or(MOST_LINES, |e| e.lines);
        if lines > most {
            findings.push(
                Finding::new(
                    &file.path,
                    format!("{lines} lines, at most {most} are allowed"),
                )
                .with_hint("split it by what its parts are for"),
            );
        }
    }
    findings.extend(exceptions.iter().filter_map(|e| unused(files, e)));
    findings
}

fn unused(files: &[TextFile], exception: &Exception) -> Option<Finding> {
    let needed = files
        .iter()
        .any(|file| file.path == exception.path && file.text.lines().count() > MOST_LINES);
    (!needed).then(|| {
        let problem = format!(
            "its size exception ({}) is no longer needed",
            exception.reason
        );
        Finding::new(exception.path, problem).with_hint("remove it from tidy/sizes.rs")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rust_file(lines: usize) -> TextFile {
        TextFile {
            path: "crates/x/src/long.rs".into(),
            text: "//\n".repeat(lines),
        }
    }

    const TABLE: Exception = Exception {
        path: "crates/x/src/long.rs",
        lines: 700,
        reason: "a table",
    };

    #[test]
    fn a_file_over_the_limit_is_found_and_one_at_the_limit_is_not() {
        assert_eq!(check(&[rust_file(601)], &[]).len(), 1);
        assert!(check(&[rust_file(600)], &[]).is_empty());
    }

    #[test]
    fn an_exception_lifts_the_limit_as_far_as_it_says() {
        assert!(check(&[rust_file(700)], &[TABLE]).is_empty());
        assert_eq!(check(&[rust_file(701)], &[TABLE]).len(), 1);
    }

    #[test]
    fn an_exception_that_nothing_needs_is_found() {
        let found = check(&[rust_file(10)], &[TABLE]);
        assert!(found[0].to_string().contains("no longer needed"));
    }
}
