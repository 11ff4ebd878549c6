//! What a reviewer should not have to look for: sizes, names, links, words, promises, the changelog.

mod changelog;
mod links;
mod models;
mod names;
mod promises;
mod sizes;
mod words;

use crate::finding::Finding;
use crate::repository::Repository;
use anyhow::Result;

/// Runs every check over every text file.
pub(crate) fn check(repository: &Repository) -> Result<Vec<Finding>> {
    let files = repository.text_files()?;
    let mut findings = sizes::check(&files, sizes::EXCEPTIONS);
    findings.extend(names::check(&files));
    findings.extend(links::check(&files, repository.root()));
    findings.extend(words::check(&files));
    findings.extend(promises::check(&files));
    findings.extend(models::check(&files));
    findings.extend(changelog::check(&files));
    findings.sort_by_key(ToString::to_string);
    Ok(findings)
}
