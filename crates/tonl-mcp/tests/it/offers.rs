//! Prompts, resources, completions and pages.

use crate::{call, members};
use serde_json::{Value, json};
use tonl_convert::counting::Model;
use tonl_convert::counting::model::MODELS;
use tonl_convert::privacy::{Mode, Policy};
use tonl_mcp::{Completing, IdentityKey, Listed, PromptError, ToolConfig, Toolbox};

fn toolbox() -> Toolbox {
    Toolbox::new(ToolConfig::default())
}

fn tokens(text: &str) -> u64 {
    Model::default_model().count(text).tokens
}

#[test]
fn the_prompt_for_reading_is_the_primer() {
    let prompt = toolbox()
        .prompt("read_tonl", members(&json!({})), &call())
        .unwrap();
    assert!(prompt.text.starts_with("TONL is JSON as text."));
    assert!(tokens(&prompt.text) <= 60);
}

#[test]
fn a_question_comes_with_its_data_in_the_smallest_form() {
    let records: Value = (1..=30)
        .map(|n| json!({ "id": n, "name": format!("user {n}") }))
        .collect();
    let data = serde_json::to_string_pretty(&records).unwrap();
    let arguments = json!({ "data": data, "question": "Who is number 7?", "model": "gpt-4" });
    let prompt = toolbox()
        .prompt("compress_and_answer", members(&arguments), &call())
        .unwrap();
    assert!(
        prompt.text.starts_with("TONL is JSON as text."),
        "{}",
        prompt.text
    );
    assert!(
        prompt.text.contains("data[30]{id,name}:\n 1,user 1\n"),
        "{}",
        prompt.text
    );
    assert!(prompt.text.ends_with("\nWho is number 7?"));
    assert!(tokens(&prompt.text) < tokens(&records.to_string()));
    let small = json!({ "data": "{ \"a\": 1 }", "question": "What is a?" });
    let prompt = toolbox()
        .prompt("compress_and_answer", members(&small), &call())
        .unwrap();
    assert_eq!(prompt.text, "{\"a\":1}\n\nWhat is a?");
}

#[test]
fn prompts_say_what_is_wrong_with_their_arguments() {
    let prompt =
        |name: &str, arguments: Value| toolbox().prompt(name, members(&arguments), &call());
    assert_eq!(
        prompt("nope", json!({})),
        Err(PromptError::Unknown("nope".to_owned()))
    );
    let Err(PromptError::Invalid(text)) = prompt("compress_and_answer", json!({ "data": 5 }))
    else {
        panic!("it must fail");
    };
    assert!(
        text.contains("- data: expected a string, found the number 5"),
        "{text}"
    );
    assert!(
        text.contains("- question: expected a string, found nothing"),
        "{text}"
    );
    let broken = json!({ "data": "[1,", "question": "?" });
    let Err(PromptError::Invalid(text)) = prompt("compress_and_answer", broken) else {
        panic!("it must fail");
    };
    assert!(text.starts_with("data: line 1, column"), "{text}");
    let stopped = call().stopped_by(|| true);
    let arguments = members(&json!({ "data": "[1]", "question": "?" }));
    let stopped = toolbox().prompt("compress_and_answer", arguments, &stopped);
    assert_eq!(stopped, Err(PromptError::Stopped));
}

#[test]
fn a_model_is_told_when_to_call_what() {
    let told = toolbox().instructions();
    for tool in toolbox().definitions() {
        assert!(told.contains(&format!("- {}: ", tool.name)), "{told}");
    }
    assert!(!told.contains("tonl://result"));
    let mut config = ToolConfig::default();
    config.budget.tokens = Some(1_000);
    assert!(
        Toolbox::new(config)
            .instructions()
            .contains("tonl://result")
    );
}

#[test]
fn what_the_server_hides_no_call_shows() {
    let mut config = ToolConfig::default();
    let email = "email".parse().unwrap();
    config.privacy = Some(Policy::builder().rule(email, Mode::Redact));
    let toolbox = Toolbox::new(config);
    let data = json!([{ "email": "ada@example.com", "ssn": "123-45-6789" }]);
    let arguments = json!({ "data": data, "options": { "mask": ["email", "ssn"] } });
    let result = toolbox
        .call("convert_to_tonl", members(&arguments), &call())
        .unwrap();
    let expected = r#"data: [{email:"[REDACTED]",ssn:"***-**-6789"}]"#;
    assert_eq!(result.structured_content.unwrap()["tonl"], expected);
    let hits = &result.meta["privacy"];
    assert_eq!(
        hits[0],
        json!({ "rule": "email", "mode": "redact", "count": 1 })
    );
    let asked = json!({ "data": data.to_string(), "question": "Who?" });
    let prompt = toolbox
        .prompt("compress_and_answer", members(&asked), &call())
        .unwrap();
    assert!(!prompt.text.contains("ada@"), "{}", prompt.text);
}

#[test]
fn resources_are_listed_and_read() {
    let toolbox = toolbox();
    let identity = IdentityKey::of("test");
    for definition in toolbox.resources() {
        let text = toolbox.resource(definition.uri, identity).unwrap();
        assert_eq!(
            (text.uri.as_str(), text.mime_type),
            (definition.uri, definition.mime_type)
        );
        assert!(!text.text.is_empty());
    }
    let models = toolbox.resource("tonl://models", identity).unwrap();
    let rows = format!("models[{}]{{name,provider,", MODELS.len());
    assert!(models.text.starts_with(&rows), "{}", models.text);
    for foreign in [
        "",
        "tonl://",
        "tonl://format/",
        "tonl://result/",
        "file:///etc/passwd",
    ] {
        let missing = toolbox.resource(foreign, identity).unwrap_err();
        assert_eq!(missing.to_string(), format!("Resource {foreign} not found"));
    }
    let templates = toolbox.resource_templates();
    assert_eq!(templates[0].uri, "tonl://result/{handle}{?page}");
}

#[test]
fn names_of_models_are_completed_where_a_model_is_asked_for() {
    let toolbox = toolbox();
    let prompt = Completing::Prompt("compress_and_answer");
    let found = toolbox.complete(prompt, "model", "claude-opus");
    assert!(found.values.len() >= 3 && found.values[0].starts_with("claude-opus"));
    assert!(
        toolbox
            .complete(prompt, "question", "gpt")
            .values
            .is_empty()
    );
    assert!(
        toolbox
            .complete(Completing::Prompt("nope"), "model", "gpt")
            .values
            .is_empty()
    );
    let result = Completing::Resource("tonl://result/{handle}{?page}");
    assert!(toolbox.complete(result, "handle", "").values.is_empty());
}

#[test]
fn lists_come_in_pages_for_who_asked_for_them() {
    let mut config = ToolConfig::default();
    config.page_items = 3;
    let toolbox = Toolbox::new(config);
    let (alice, bob) = (IdentityKey::of("alice"), IdentityKey::of("bob"));
    let len = toolbox.definitions().len();
    let first = toolbox.page(Listed::Tools, len, None, alice).unwrap();
    let cursor = first.next.unwrap();
    let second = toolbox
        .page(Listed::Tools, len, Some(&cursor), alice)
        .unwrap();
    assert_eq!((first.items, second.items, second.next), (0..3, 3..4, None));
    assert!(
        toolbox
            .page(Listed::Tools, len, Some(&cursor), bob)
            .is_err()
    );
    assert!(
        toolbox
            .page(Listed::Prompts, len, Some(&cursor), alice)
            .is_err()
    );
}
