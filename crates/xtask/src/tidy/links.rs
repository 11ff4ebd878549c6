//! Relative links of the Markdown files lead to a file, and their fragments to a heading.
//!
//! Links with a scheme (`https:`, `mailto:`) are not followed: checks need no network.

use crate::finding::Finding;
use crate::repository::TextFile;
use std::path::Path;

/// Reports links whose target is missing.
pub(super) fn check(files: &[TextFile], root: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.has_extension("md")) {
        for (line, target) in links(&file.text) {
            if let Some(problem) = dead(file, target, root) {
                findings.push(Finding::new(&file.path, problem).at_line(line));
            }
        }
    }
    findings
}

/// The targets of `[text](target)` with their one-based lines, code left out.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (at, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for prose in line.split('`').step_by(2) {
            for after in prose.split("](").skip(1) {
                if let Some((target, _)) = after.split_once(')') {
                    found.push((at + 1, target.trim()));
                }
            }
        }
    }
    found
}

fn dead(file: &TextFile, target: &str, root: &Path) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, fragment) = target.split_once('#').unwrap_or((target, ""));
    let folder = Path::new(&file.path).parent()?;
    let full = if path.is_empty() {
        root.join(&file.path)
    } else {
        root.join(folder).join(path)
    };
    if !full.exists() {
        return Some(format!("the link to {path:?} leads nowhere"));
    }
    if fragment.is_empty() {
        return None;
    }
    let text = std::fs::read_to_string(&full).unwrap_or_default();
    let known = headings(&text).any(|heading| anchor(heading) == fragment);
    (!known).then(|| format!("no heading answers to the link {target:?}"))
}

fn headings(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| line.trim_start_matches('#').trim())
}

/// The fragment that code hosts give to a heading.
fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("docs")).unwrap();
        std::fs::write(root.path().join("docs/b.md"), "# The other page\n").unwrap();
        std::fs::write(root.path().join("docs/a.md"), text).unwrap();
        let file = TextFile {
            path: "docs/a.md".into(),
            text: text.into(),
        };
        let findings = check(&[file], root.path());
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_link_to_a_missing_file_is_found_with_its_line() {
        assert_eq!(
            problems("\nsee [c](c.md)\n"),
            ["docs/a.md:2: the link to \"c.md\" leads nowhere"]
        );
    }

    #[test]
    fn a_link_to_a_missing_heading_is_found() {
        assert_eq!(problems("[b](b.md#nothing) [me](#nowhere)\n").len(), 2);
    }

    #[test]
    fn good_links_foreign_links_and_code_are_left_alone() {
        let text = "# My page\n[b](b.md#the-other-page) [me](#my-page) [x](https://example.org)\n\
                    `[code](nowhere.md)`\n```\n[fenced](nowhere.md)\n```\n";
        assert_eq!(problems(text), Vec::<String>::new());
    }
}
