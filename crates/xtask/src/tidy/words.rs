//! The repository speaks of itself alone: no path of somebody's machine, no registry host.
//!
//! `Cargo.lock` is left out: cargo writes its sources itself. The words are put together from
//! parts here, so that this file is not its own finding.

use crate::finding::Finding;
use crate::repository::TextFile;

/// What may not be written, and why.
const FORBIDDEN: &[(&str, &str)] = &[
    (concat!("/ro", "ot/"), "a path of one machine"),
    (concat!("/wo", "rk/"), "a path of one machine"),
    (concat!("/Us", "ers/"), "a path of one machine"),
    (concat!("/ho", "me/"), "a path of one machine"),
    (concat!("/tmp/ba", "sh_"), "a path of one machine"),
    (concat!("crates", ".io"), "a registry host"),
    (concat!("pypi", ".org"), "a registry host"),
    (concat!("npmjs", ".com"), "a registry host"),
    (concat!("npmjs", ".org"), "a registry host"),
    (concat!("deb.debian", ".org"), "a registry host"),
    (concat!("TO", "DO"), "an open end: open an issue instead"),
    (concat!("FIX", "ME"), "an open end: open an issue instead"),
];

/// Reports every line that holds a forbidden word.
pub(super) fn check(files: &[TextFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|f| !f.path.ends_with("Cargo.lock")) {
        for (line, text) in file.numbered_lines() {
            for (word, why) in FORBIDDEN {
                if text.contains(word) {
                    let problem = format!("{word:?} is {why}");
                    findings.push(Finding::new(&file.path, problem).at_line(line));
                }
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> TextFile {
        TextFile {
            path: path.into(),
            text: text.into(),
        }
    }

    #[test]
    fn every_forbidden_word_is_found_with_its_line() {
        for (word, _) in FORBIDDEN {
            let text = format!("fine\nsee {word}x\n");
            let found = check(&[file("docs/a.md", &text)]);
            assert!(found[0].to_string().starts_with("docs/a.md:2: "), "{word}");
        }
    }

    #[test]
    fn the_lock_file_may_name_its_sources() {
        let text = format!("source = {}\n", FORBIDDEN[5].0);
        assert!(check(&[file("Cargo.lock", &text)]).is_empty());
        assert!(check(&[file("fuzz/Cargo.lock", &text)]).is_empty());
    }
}
