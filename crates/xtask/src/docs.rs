//! `docs/cli.md` is what the command says of itself: it is generated, and CI keeps it in step.

use crate::finding::Finding;
use crate::repository::Repository;
use anyhow::{Context, Result, ensure};
use std::process::Command;

const PAGE: &str = "docs/cli.md";

/// Writes the page.
pub(crate) fn write(repository: &Repository) -> Result<Vec<Finding>> {
    let page = repository.root().join(PAGE);
    std::fs::write(&page, manual(repository)?)
        .with_context(|| format!("cannot write {}", page.display()))?;
    Ok(Vec::new())
}

/// Reports a page that is not what the command says today.
pub(crate) fn check(repository: &Repository) -> Result<Vec<Finding>> {
    let written = std::fs::read_to_string(repository.root().join(PAGE)).unwrap_or_default();
    Ok(compare(&written, &manual(repository)?))
}

fn manual(repository: &Repository) -> Result<String> {
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--package", "tonl-cli", "--"])
        .args(["man", "--markdown"])
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

fn compare(written: &str, generated: &str) -> Vec<Finding> {
    if written == generated {
        return Vec::new();
    }
    let same = written
        .lines()
        .zip(generated.lines())
        .take_while(|(left, right)| left == right)
        .count();
    vec![
        Finding::new(PAGE, "it is not what the command says of itself")
            .at_line(same + 1)
            .with_hint("run `cargo xtask docs`"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_out_of_step_is_found_at_its_first_difference() {
        let found = compare("a\nb\nold\n", "a\nb\nnew\n");
        assert!(found[0].to_string().starts_with("docs/cli.md:3: "));
        assert!(compare("a\n", "a\n").is_empty());
    }
}
