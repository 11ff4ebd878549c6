//! Models and prices have one table. A second one would tell other prices before long.

use crate::finding::Finding;
use crate::repository::TextFile;
use tonl_tokens::Model;
use tonl_tokens::model::MODELS;

/// The table's home, and the list of names that it must keep.
const HOME: &str = "crates/tonl-tokens/src/model/";

/// So many models named in the code of one file are examples; more are a table.
const EXAMPLES: usize = 4;

/// Reports files of code that name as many models as only a table would.
pub(super) fn check(files: &[TextFile]) -> Vec<Finding> {
    files
        .iter()
        .filter(|file| is_code(&file.path) && !file.path.starts_with(HOME))
        .filter_map(|file| {
            let named = named(&file.text);
            (named > EXAMPLES).then(|| {
                Finding::new(&file.path, format!("{named} models are named here")).with_hint(
                    format!("{HOME}table.rs is the one table of models and prices"),
                )
            })
        })
        .collect()
}

/// Whether a path is one of code; tests may name what they test.
fn is_code(path: &str) -> bool {
    let code = [".rs", ".mjs", ".js", ".py", ".sh"];
    code.iter().any(|ending| path.ends_with(ending)) && !path.contains("/tests")
}

/// How many models stand in quotes of their own.
fn named(text: &str) -> usize {
    let stands =
        |name: &str| text.contains(&format!("\"{name}\"")) || text.contains(&format!("'{name}'"));
    let is_named = |model: &&Model| model.names().any(stands);
    MODELS.iter().filter(is_named).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, models: usize) -> TextFile {
        let lines = MODELS.iter().take(models);
        let lines: Vec<String> = lines.map(|model| format!("\"{}\"\n", model.name)).collect();
        TextFile {
            path: path.into(),
            text: lines.concat(),
        }
    }

    #[test]
    fn a_second_table_of_models_is_found() {
        let second = file("crates/tonl-cli/src/render/prices.rs", 5);
        assert_eq!(check(&[second]).len(), 1);
        let script = file("bench/tokens/prices.mjs", MODELS.len());
        assert_eq!(check(&[script]).len(), 1);
    }

    #[test]
    fn examples_tests_and_the_table_itself_are_left_alone() {
        for allowed in [
            file("crates/tonl-cli/src/args/tokens.rs", 2),
            file("crates/tonl-cli/tests/it/models.rs", 9),
            file("crates/tonl-tokens/src/model/table.rs", MODELS.len()),
            file("docs/cli.md", MODELS.len()),
        ] {
            assert!(
                check(std::slice::from_ref(&allowed)).is_empty(),
                "{}",
                allowed.path
            );
        }
    }
}
