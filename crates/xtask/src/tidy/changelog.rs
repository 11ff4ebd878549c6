//! The changelog has an `Unreleased` section that says something.

use crate::finding::Finding;
use crate::repository::TextFile;

const PATH: &str = "CHANGELOG.md";
const HEADING: &str = "## [Unreleased]";

/// Reports a changelog that is missing, or that has no entry for what comes next.
pub(super) fn check(files: &[TextFile]) -> Vec<Finding> {
    let Some(changelog) = files.iter().find(|file| file.path == PATH) else {
        return vec![Finding::new(PATH, "there is no changelog")];
    };
    let mut lines = changelog.text.lines().skip_while(|line| *line != HEADING);
    if lines.next().is_none() {
        let problem = format!("it has no section {HEADING:?}");
        return vec![Finding::new(PATH, problem)];
    }
    let has_entry = lines
        .take_while(|line| !line.starts_with("## "))
        .any(|line| line.starts_with("- "));
    if has_entry {
        return Vec::new();
    }
    vec![
        Finding::new(PATH, "the section of what comes next is empty")
            .with_hint("say in one line what a user notices"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> usize {
        let file = TextFile {
            path: PATH.into(),
            text: text.into(),
        };
        check(&[file]).len()
    }

    #[test]
    fn a_changelog_needs_an_entry_for_what_comes_next() {
        assert_eq!(problems("## [Unreleased]\n\n### Added\n- a thing\n"), 0);
        assert_eq!(problems("## [Unreleased]\n\n## [0.1.0]\n- a thing\n"), 1);
        assert_eq!(problems("## [0.1.0]\n- a thing\n"), 1);
        assert_eq!(check(&[]).len(), 1);
    }
}
