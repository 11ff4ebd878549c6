//! What `convert_to_tonl` writes, `parse_tonl` reads back: the same text of JSON, digit for digit,
//! key for key.

use crate::answer_of;
use serde::Deserialize as _;
use serde_json::{Value, json};
use tonl_convert::Profile;
use tonl_mcp::{TextForm, ToolConfig, Toolbox};
use tonl_testkit::{generate, json as text_of};

/// There and back: the text of JSON that a client reads.
fn there_and_back(toolbox: &Toolbox, data: &Value, options: &Value) -> String {
    let arguments = json!({ "data": data, "options": options });
    let there = answer_of(toolbox, "convert_to_tonl", &arguments);
    assert!(!there.is_error(), "{there:?}");
    let tonl = crate::text(&there);
    let arguments = json!({ "tonl": tonl, "validateSchema": true });
    let back = answer_of(toolbox, "parse_tonl", &arguments);
    assert!(!back.is_error(), "{tonl}\n{back:?}");
    let value = back.structured_content.as_ref().unwrap()["data"].to_string();
    assert_eq!(
        value,
        crate::text(&back),
        "the text and the structured content are one value"
    );
    value
}

/// The value of a text, of any depth.
fn value_of(text: &str) -> Value {
    let mut reader = serde_json::Deserializer::from_str(text);
    reader.disable_recursion_limit();
    Value::deserialize(&mut reader).unwrap()
}

#[test]
fn any_document_comes_back_as_it_was() {
    let mut config = ToolConfig::default();
    config.text_form = TextForm::Tonl;
    let toolbox = Toolbox::new(config);
    for seed in 0..2_000 {
        let text = text_of::text(&generate::document_of(seed));
        let data = value_of(&text);
        let number = usize::try_from(seed).unwrap();
        let profile = Profile::NAMES[number % Profile::NAMES.len()];
        let optimize = number.is_multiple_of(2);
        let options = json!({ "profile": profile, "optimize": optimize, "includeStats": false });
        let back = there_and_back(&toolbox, &data, &options);
        assert_eq!(back, data.to_string(), "seed {seed}");
    }
}
