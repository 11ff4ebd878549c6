//! What reaches a model in each form of result: in a client that reads the text, and in one that
//! reads structured content. Tokens are those of the usual model.

use crate::{answer_of, text};
use serde_json::{Value, json};
use tonl_convert::counting::Model;
use tonl_mcp::{Structured, TextForm, ToolConfig, ToolResult, Toolbox};

fn toolbox(form: TextForm, structured: Structured) -> Toolbox {
    let mut config = ToolConfig::default();
    config.text_form = form;
    config.structured = structured;
    Toolbox::new(config)
}

fn tokens(text: &str) -> u64 {
    Model::default_model().count(text).tokens
}

/// A table large enough that TONL is smaller.
fn records() -> Value {
    let record = |n: u64| json!({ "id": n, "name": format!("user {n}"), "active": n.is_multiple_of(3), "score": n * 7 % 100 });
    (1..=100).map(record).collect()
}

fn converted(form: TextForm, structured: Structured) -> ToolResult {
    let arguments = json!({ "data": records(), "name": "users" });
    answer_of(&toolbox(form, structured), "convert_to_tonl", &arguments)
}

/// The tokens of what a client of each kind shows its model: the text, and the structured content.
fn seen(result: &ToolResult) -> (u64, Option<u64>) {
    let structured = result.structured_content.as_ref();
    (
        tokens(text(result)),
        structured.map(|value| tokens(&value.to_string())),
    )
}

fn stats(result: &ToolResult) -> Value {
    let structured = result
        .structured_content
        .as_ref()
        .map(|value| value["stats"].clone());
    let text = serde_json::from_str::<Value>(text(result)).ok();
    let beside = result.meta.get("stats").cloned();
    let all = [beside, structured, text.map(|value| value["stats"].clone())];
    let found: Vec<Value> = all.into_iter().flatten().collect();
    assert!(
        found.windows(2).all(|pair| pair[0] == pair[1]),
        "one saving, however it is read"
    );
    found.into_iter().next().unwrap()
}

#[test]
fn the_saving_in_the_form_of_tonl_is_that_of_the_text_sent() {
    for structured in [Structured::With, Structured::Without] {
        let result = converted(TextForm::Tonl, structured);
        let stats = stats(&result);
        assert_eq!(stats["compressedTokens"], tokens(text(&result)));
        assert_eq!(stats["originalTokens"], tokens(&records().to_string()));
        assert!(stats["savingsPercent"].as_f64().unwrap() > 20.0, "{stats}");
    }
}

#[test]
fn the_saving_in_the_form_of_json_is_that_of_the_tonl_sent() {
    for structured in [Structured::With, Structured::Without] {
        let result = converted(TextForm::Json, structured);
        let stats = stats(&result);
        let sent: Value = serde_json::from_str(text(&result)).unwrap();
        assert_eq!(
            stats["compressedTokens"],
            tokens(sent["tonl"].as_str().unwrap())
        );
        assert_eq!(stats["originalTokens"], tokens(&records().to_string()));
        if let Some(structured) = &result.structured_content {
            assert_eq!(*structured, sent);
        }
    }
}

#[test]
fn what_the_text_costs_as_it_is_sent_stands_beside_it() {
    for form in [TextForm::Json, TextForm::Tonl] {
        let result = converted(form, Structured::With);
        assert_eq!(result.meta["counting"]["sentTokens"], tokens(text(&result)));
        assert_eq!(result.meta["counting"]["baseline"], "compact-json");
    }
}

#[test]
fn what_a_model_sees_is_known_for_every_form_and_client() {
    let json = tokens(&records().to_string());
    let mut table = Vec::new();
    for form in [TextForm::Json, TextForm::Tonl] {
        for structured in [Structured::With, Structured::Without] {
            let (text, value) = seen(&converted(form, structured));
            table.push((form, structured, text, value));
        }
    }
    println!("compact JSON: {json} tokens\n{table:#?}");
    let share = |tokens: u64| tokens * 100 / json;
    for (form, _, text, value) in table {
        // As JSON text every line end and quote is escaped; that eats a part of the saving.
        let most = if form == TextForm::Tonl { 70 } else { 90 };
        assert!(
            share(text) <= most,
            "{form:?}: {} % in the text",
            share(text)
        );
        if let Some(value) = value {
            assert!(
                share(value) <= 90,
                "{form:?}: {} % as structured",
                share(value)
            );
        }
    }
}
