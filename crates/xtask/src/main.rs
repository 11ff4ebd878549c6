//! Checks and generators of this repository: `cargo xtask tidy | deps | docs [--check]`.
//!
//! Each task finds what is wrong, prints one line for each finding and ends with exit code 1; what
//! stops a task from running at all ends with exit code 2. It never changes a file unless the task
//! is a generator without `--check`.

mod deps;
mod docs;
mod finding;
mod repository;
mod tidy;
mod vocabularies;

use anyhow::{Result, bail};
use finding::Finding;
use repository::Repository;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <task>

tasks:
  tidy            file sizes, module names, links, words and the changelog
  deps            who may depend on whom (docs/architecture.md)
  docs [--check]  write docs/cli.md, docs/settings.md, docs/metrics.md and deploy/tonl.example.toml from the
                  code, or check that they are in step
  vocabularies FOLDER
                  make the tables of tonl-tokens from o200k_base.tiktoken and cl100k_base.tiktoken,
                  as OpenAI publishes them; the crate tiktoken-rs has both in its folder assets
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = run(&arguments).and_then(|findings| report(&findings));
    match outcome {
        Ok(code) => code,
        Err(error) => {
            let _ignored = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &[&str]) -> Result<Vec<Finding>> {
    match arguments {
        ["tidy"] => tidy::check(&Repository::here()?),
        ["deps"] => deps::check(&Repository::here()?),
        ["docs"] => docs::write(&Repository::here()?),
        ["docs", "--check"] => docs::check(&Repository::here()?),
        ["vocabularies", folder] => {
            vocabularies::make(&Repository::here()?, Path::new(folder))?;
            Ok(Vec::new())
        }
        _ => bail!("unknown task: {}\n\n{USAGE}", arguments.join(" ")),
    }
}

fn report(findings: &[Finding]) -> Result<ExitCode> {
    let mut stderr = std::io::stderr().lock();
    for finding in findings {
        writeln!(stderr, "{finding}")?;
    }
    if findings.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(stderr, "{} findings", findings.len())?;
    Ok(ExitCode::FAILURE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_task_is_an_error_that_lists_the_tasks() {
        let error = run(&["sweep"]).unwrap_err().to_string();
        assert!(error.contains("unknown task: sweep"), "{error}");
        assert!(error.contains("tidy"), "{error}");
    }
}
