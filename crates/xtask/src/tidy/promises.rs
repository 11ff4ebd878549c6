//! The pages about security stay true: every statement has its row, every test named there exists.

use crate::finding::Finding;
use crate::repository::TextFile;

const CONTRACT: &str = "docs/security-contract.md";
const REPORTING: &str = "SECURITY.md";
/// How many statements the owner's security page makes.
const STATEMENTS: usize = 63;

/// Reports missing rows, tests that do not exist, a tracked `.env` and a reporting page without its
/// promise.
pub(super) fn check(files: &[TextFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let text = |path| {
        let file = files.iter().find(|file| file.path == path);
        file.map_or("", |file| file.text.as_str())
    };
    findings.extend(rows(text(CONTRACT)));
    findings.extend(tests(text(CONTRACT), files));
    if !text(REPORTING).contains("48 hours") {
        findings.push(Finding::new(
            REPORTING,
            "it does not promise an answer within 48 hours",
        ));
    }
    for file in files
        .iter()
        .filter(|f| f.path.rsplit('/').next() == Some(".env"))
    {
        findings.push(
            Finding::new(&file.path, "a file of secrets is not committed")
                .with_hint("remove it from git and change the secrets in it"),
        );
    }
    findings
}

fn rows(contract: &str) -> Vec<Finding> {
    (1..=STATEMENTS)
        .filter(|number| {
            let start = format!("| S{number} |");
            contract
                .lines()
                .filter(|line| line.starts_with(&start))
                .count()
                != 1
        })
        .map(|number| Finding::new(CONTRACT, format!("S{number} does not have exactly one row")))
        .collect()
}

/// Tests are the names in backticks with at least three underscores.
fn tests(contract: &str, files: &[TextFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, line) in contract.lines().enumerate() {
        let named = line
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|name| is_test(name));
        for name in named {
            let definition = format!("fn {name}()");
            if !files
                .iter()
                .any(|f| f.has_extension("rs") && f.text.contains(&definition))
            {
                let problem = format!("there is no test {name}");
                findings.push(Finding::new(CONTRACT, problem).at_line(at + 1));
            }
        }
    }
    findings
}

fn is_test(name: &str) -> bool {
    let plain = name
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    plain && name.matches('_').count() >= 3
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

    fn good() -> Vec<TextFile> {
        let rows: Vec<String> = (1..=62).map(|n| format!("| S{n} | x | | | |\n")).collect();
        let mut table = rows.concat();
        table.push_str("| S63 | x | | `it_works_as_said` | done |\n");
        vec![
            file(CONTRACT, &table),
            file(REPORTING, "You get an answer within 48 hours.\n"),
            file("crates/x/src/lib.rs", "fn it_works_as_said() {}\n"),
        ]
    }

    #[test]
    fn a_full_table_with_tests_that_exist_is_fine() {
        assert!(check(&good()).is_empty());
    }

    #[test]
    fn a_missing_row_a_missing_test_and_a_missing_promise_are_found() {
        let mut files = good();
        files[0].text = files[0].text.replace("| S7 |", "| S70 |");
        files[1].text.clear();
        files[2].text.clear();
        assert_eq!(check(&files).len(), 3);
    }

    #[test]
    fn a_committed_file_of_secrets_is_found() {
        let mut files = good();
        files.push(file("deploy/.env", "TOKEN=1\n"));
        assert_eq!(check(&files).len(), 1);
    }
}
