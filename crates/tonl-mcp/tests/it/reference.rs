//! The behaviour of TONL-MCP Bridge 1.0.0, case by case: `cases.json`. Where ours differs the case
//! says in `better` what is better.
//!
//! A case names the tool and its arguments, and what must come back: `json` is what the text holds,
//! `text` is the text, `fails` are parts of the text of a failure, the first of them its beginning.

use crate::{answer, text};
use serde_json::Value;
use tonl_mcp::{ToolConfig, Toolbox};

fn cases() -> Vec<Value> {
    serde_json::from_str(include_str!("cases.json")).unwrap()
}

#[test]
fn every_case_of_the_table_is_answered_as_it_says() {
    let mut wrong = Vec::new();
    for case in cases() {
        let result = answer(case["tool"].as_str().unwrap(), &case["arguments"]);
        let found = text(&result);
        let fits = if let Some(parts) = case["fails"].as_array() {
            let mut parts = parts.iter().map(|part| part.as_str().unwrap());
            result.is_error()
                && result.structured_content.is_none()
                && found.starts_with(parts.next().unwrap())
                && parts.all(|part| found.contains(part))
        } else if let Some(expected) = case.get("json") {
            // The text, so that the order of keys and every digit count.
            let pretty = serde_json::to_string_pretty(expected).unwrap();
            !result.is_error() && found == pretty
        } else {
            !result.is_error() && Some(found) == case["text"].as_str()
        };
        if !fits {
            wrong.push(format!("{}: found {found}", case["case"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn the_table_has_enough_cases_and_says_where_ours_is_better() {
    let cases = cases();
    assert!(cases.len() >= 25);
    assert!(
        cases
            .iter()
            .filter(|case| case.get("better").is_some())
            .count()
            >= 8
    );
}

#[test]
fn a_tool_that_there_is_not_is_told_as_the_reference_does() {
    let toolbox = Toolbox::new(ToolConfig::default());
    let unknown = toolbox
        .call("nope", serde_json::Map::new(), &crate::call())
        .unwrap_err();
    let result = unknown.to_result();
    assert!(result.is_error());
    assert_eq!(text(&result), "MCP error -32602: Tool nope not found");
}

#[test]
fn a_tool_that_broke_off_has_the_words_of_the_reference() {
    let toolbox = Toolbox::new(ToolConfig::default());
    for (tool, words) in [
        ("convert_to_tonl", "Conversion failed"),
        ("parse_tonl", "Parsing failed"),
        ("calculate_savings", "Calculation failed"),
    ] {
        assert_eq!(text(&toolbox.broken(tool)), words);
    }
}

#[test]
fn deviations_are_read_and_told_beside_the_array() {
    let tonl = "users[3]{id,name}:\n 1,Ada\n 2\n";
    let result = answer("parse_tonl", &serde_json::json!({ "tonl": tonl }));
    let read: Value = serde_json::from_str(text(&result)).unwrap();
    assert_eq!(
        read,
        serde_json::json!([{ "id": 1, "name": "Ada" }, { "id": 2 }])
    );
    let told = result.content[1].as_text().unwrap();
    assert!(
        told.starts_with("Read with deviations:\nline 3, column "),
        "{told}"
    );
    let warnings = result.structured_content.as_ref().unwrap()["warnings"]
        .as_array()
        .unwrap();
    assert_eq!(warnings.len(), 2);
    assert_eq!(result.meta["warnings"], Value::from(warnings.clone()));
}
