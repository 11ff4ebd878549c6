//! `calculate_savings`: both texts are counted as they are given.

use super::{Tool, counting, figures, model_names, object_result};
use crate::arguments::Arguments;
use crate::config::ToolConfig;
use crate::definition::{Annotations, ToolDefinition, object, properties};
use crate::outcome::{Failure, ToolResult};
use crate::toolbox::Around;
use serde_json::{Value, json};
use tonl_convert::counting::{Baseline, Model, Savings};

pub(super) fn definition(config: &ToolConfig) -> ToolDefinition {
    let model = json!({
        "type": "string",
        "enum": model_names(),
        "default": Model::default_model().name,
    });
    let string = || json!({ "type": "string" });
    let input = properties([
        ("jsonData", string()),
        ("tonlData", string()),
        ("model", model),
    ]);
    ToolDefinition {
        name: Tool::Savings.name(),
        title: "Calculate token savings",
        description: "Calculate token savings between JSON and TONL formats. Counts both texts as \
                      given; negative if TONL is larger."
            .to_owned(),
        input_schema: object(input, &["jsonData", "tonlData"]),
        output_schema: config.lists_shapes().then(output),
        annotations: Annotations::COMPUTES,
    }
}

fn output() -> Value {
    let mut shape = super::convert::figures_shape();
    shape.insert("model".to_owned(), json!({ "type": "string" }));
    let names: Vec<String> = shape.keys().cloned().collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    object(shape, &names)
}

pub(super) fn call(around: Around<'_>, mut arguments: Arguments) -> Result<ToolResult, Failure> {
    let Around { config, work, .. } = around;
    let json = arguments.required_string("jsonData");
    let tonl = arguments.required_string("tonlData");
    let model = arguments.model("model");
    arguments.finish(Tool::Savings.name())?;
    work.expect((json.len() + tonl.len()) as u64);
    let original = work.count(model, &json)?;
    let compressed = work.count(model, &tonl)?;
    let savings = Savings::new(model, Baseline::AsGiven, original, compressed);
    let mut shown = figures(&savings);
    shown.insert("model".to_owned(), model.name.into());
    let mut result = object_result(config, shown);
    result
        .meta
        .insert("counting".to_owned(), counting(&savings));
    result.savings = Some(savings);
    Ok(result)
}
