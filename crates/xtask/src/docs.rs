//! Pages that say what the code says of itself: generated here, and kept in step by CI.

use crate::finding::Finding;
use crate::repository::Repository;
use anyhow::{Context, Result, ensure};
use std::process::Command;

/// A page and what makes it.
struct Page {
    path: &'static str,
    text: fn(&Repository) -> Result<String>,
}

const PAGES: &[Page] = &[
    Page {
        path: "docs/cli.md",
        text: |repository| manual(repository, &["--markdown"]),
    },
    Page {
        path: "docs/settings.md",
        text: |repository| manual(repository, &["--settings", "markdown"]),
    },
    Page {
        path: "deploy/tonl.example.toml",
        text: |repository| manual(repository, &["--settings", "toml"]),
    },
    Page {
        path: "docs/metrics.md",
        text: |_| Ok(tonl_telemetry::metric::page()),
    },
];

/// Writes the pages.
pub(crate) fn write(repository: &Repository) -> Result<Vec<Finding>> {
    for page in PAGES {
        let place = repository.root().join(page.path);
        std::fs::write(&place, (page.text)(repository)?)
            .with_context(|| format!("cannot write {}", place.display()))?;
    }
    Ok(Vec::new())
}

/// Reports pages that are not what the code says today.
pub(crate) fn check(repository: &Repository) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for page in PAGES {
        let place = repository.root().join(page.path);
        let written = std::fs::read_to_string(place).unwrap_or_default();
        findings.extend(compare(page.path, &written, &(page.text)(repository)?));
    }
    Ok(findings)
}

/// What `tonl man` prints with these arguments.
fn manual(repository: &Repository, arguments: &[&str]) -> Result<String> {
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--package", "tonl-cli", "--"])
        .arg("man")
        .args(arguments)
        .current_dir(repository.root())
        .output()
        .context("cannot run the tonl command")?;
    ensure!(
        output.status.success(),
        "the tonl command failed: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    String::from_utf8(output.stdout).context("the manual is not UTF-8")
}

fn compare(page: &str, written: &str, generated: &str) -> Vec<Finding> {
    if written == generated {
        return Vec::new();
    }
    let same = written
        .lines()
        .zip(generated.lines())
        .take_while(|(left, right)| left == right)
        .count();
    vec![
        Finding::new(page, "it is not what the code says of itself")
            .at_line(same + 1)
            .with_hint("run `cargo xtask docs`"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_out_of_step_is_found_at_its_first_difference() {
        let found = compare("docs/cli.md", "a\nb\nold\n", "a\nb\nnew\n");
        assert!(found[0].to_string().starts_with("docs/cli.md:3: "));
        assert!(compare("docs/cli.md", "a\n", "a\n").is_empty());
    }
}
