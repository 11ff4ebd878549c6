//! What a client lists.

use serde_json::Value;
use tonl_convert::counting::Model;
use tonl_convert::counting::model::MODELS;
use tonl_mcp::{Structured, TextForm, ToolConfig, Toolbox};

fn listed(config: ToolConfig) -> Vec<Value> {
    let toolbox = Toolbox::new(config);
    let definitions = toolbox.definitions();
    definitions
        .iter()
        .map(tonl_mcp::ToolDefinition::to_json)
        .collect()
}

fn other(form: TextForm, structured: Structured) -> ToolConfig {
    let mut config = ToolConfig::default();
    config.text_form = form;
    config.structured = structured;
    config
}

#[test]
fn the_definitions_are_those_of_the_golden_file() {
    let listed = Value::Array(listed(ToolConfig::default()));
    insta::assert_snapshot!(
        "definitions",
        serde_json::to_string_pretty(&listed).unwrap()
    );
}

#[test]
fn all_definitions_together_cost_at_most_1500_tokens() {
    for form in [TextForm::Json, TextForm::Tonl] {
        for structured in [Structured::With, Structured::Without] {
            let text = Value::Array(listed(other(form, structured))).to_string();
            let tokens = Model::default_model().count(&text).tokens;
            println!("{form:?} {structured:?}: {tokens} tokens");
            assert!(tokens <= 1_500, "{form:?} {structured:?}: {tokens}");
        }
    }
}

#[test]
fn arguments_are_closed_and_tools_promise_to_touch_nothing() {
    for tool in listed(ToolConfig::default()) {
        assert_eq!(tool["inputSchema"]["type"], "object");
        assert_eq!(tool["inputSchema"]["additionalProperties"], false);
        assert_eq!(tool["annotations"]["readOnlyHint"], true);
        assert_eq!(tool["annotations"]["idempotentHint"], true);
        assert_eq!(tool["annotations"]["openWorldHint"], false);
    }
}

#[test]
fn shapes_are_listed_only_while_every_result_has_one() {
    for form in [TextForm::Json, TextForm::Tonl] {
        for structured in [Structured::With, Structured::Without] {
            let shapes = form == TextForm::Json && structured == Structured::With;
            for tool in listed(other(form, structured)) {
                assert_eq!(tool.get("outputSchema").is_some(), shapes, "{tool}");
            }
            let convert = listed(other(form, structured)).remove(0);
            let chooses = convert["inputSchema"]["properties"]
                .get("resultFormat")
                .is_some();
            assert_eq!(chooses, !shapes);
        }
    }
}

/// The table of models has the names of the reference, which its own tests say.
#[test]
fn a_call_may_name_every_model_of_the_table() {
    let savings = &listed(ToolConfig::default())[2];
    let models = &savings["inputSchema"]["properties"]["model"]["enum"];
    let table: Vec<&str> = MODELS.iter().map(|model| model.name).collect();
    assert_eq!(models, &Value::from(table));
}
