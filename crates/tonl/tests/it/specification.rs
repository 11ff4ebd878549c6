//! The prose of `spec/tonl.md` stays in step with the code.

use tonl::Code;

const SPECIFICATION: &str = include_str!("../../../../spec/tonl.md");

/// The lines of the section with this number, its heading left out.
fn section(number: u32) -> Vec<&'static str> {
    let heading = format!("## {number} ");
    SPECIFICATION
        .lines()
        .skip_while(|line| !line.starts_with(&heading))
        .skip(1)
        .take_while(|line| !line.starts_with("## "))
        .collect()
}

#[test]
fn the_table_of_errors_names_every_code_in_order() {
    let documented: Vec<&str> = section(12)
        .into_iter()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    let known: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(documented, known);
}

#[test]
fn the_grammar_names_every_type() {
    let grammar = section(4).join("\n");
    let rule = grammar.split("type     = ").nth(1).unwrap();
    let rule = rule.split(';').next().unwrap();
    let names: Vec<&str> = rule.split('"').skip(1).step_by(2).collect();
    assert_eq!(names.len(), 19);
    for name in names {
        let known = tonl::ColumnType::from_name(name);
        assert!(known.is_some(), "the type {name}");
    }
}

#[test]
fn clauses_are_numbered_without_gaps() {
    for number in 1..=16 {
        let prefix = format!("- **{number}.");
        let clauses: Vec<u32> = section(number)
            .iter()
            .filter_map(|line| line.strip_prefix(&prefix)?.split([' ', '*']).next())
            .map(|clause| clause.parse().unwrap())
            .collect();
        let expected: Vec<u32> = (1..=u32::try_from(clauses.len()).unwrap()).collect();
        assert_eq!(clauses, expected, "section {number}");
    }
}
