//! `convert_to_tonl`: any JSON value as TONL, with what that saves.
//!
//! The saving is that of the text sent: the tokens of the TONL as it stands in the result, against
//! the same data as compact JSON. Where a policy hides values, both are counted without them. What
//! the whole text of the result costs, with what stands around the TONL, is beside it in `_meta`.

mod answer;
mod asked;

use super::Tool;
use crate::arguments::Arguments;
use crate::config::{TextForm, ToolConfig};
use crate::definition::{Annotations, ToolDefinition, object, properties};
use crate::outcome::{Content, Failure, ToolResult};
use crate::references::Opened;
use crate::toolbox::Around;
use crate::work::Work;
use answer::Answer;
use asked::{Asked, references};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use tonl_convert::counting::{Baseline, Model, Savings};
use tonl_convert::{Format, Input, Job, Label, Profile, Report, convert};

pub(super) fn definition(config: &ToolConfig) -> ToolDefinition {
    let mut input = properties([
        (
            "data",
            json!({
                "type": ["array", "object", "string", "number", "boolean", "null"],
                "description": "JSON value, not a string of JSON",
            }),
        ),
        (
            "name",
            json!({ "type": "string", "default": Label::default().as_str() }),
        ),
        ("options", options(config)),
    ]);
    let places = references(config);
    for (name, _) in &places {
        input.insert((*name).to_owned(), place(name));
    }
    let required: &[&str] = if places.is_empty() { &["data"] } else { &[] };
    if !config.lists_shapes() {
        let form = json!({ "type": "string", "enum": TextForm::NAMES });
        input.insert("resultFormat".to_owned(), form);
    }
    ToolDefinition {
        name: Tool::Convert.name(),
        title: "Convert JSON to TONL",
        description: "Convert JSON data to TONL format. Loses nothing; a table of records takes \
                      fewer tokens than JSON, a few records may take more (savings are then negative)."
            .to_owned(),
        input_schema: object(input, required),
        output_schema: config.lists_shapes().then(|| output(config)),
        annotations: Annotations {
            open_world: config.references.has_urls(),
            ..Annotations::COMPUTES
        },
    }
}

/// How an argument is described that names data instead of bringing it along.
fn place(name: &str) -> Value {
    let description = match name {
        "path" => "File to read instead of data: JSON, NDJSON, YAML, CSV",
        "url" => "URL to read instead of data",
        _ => "URI of a result to read instead of data",
    };
    json!({ "type": "string", "description": description })
}

fn options(config: &ToolConfig) -> Value {
    let flag = |default: bool| json!({ "type": "boolean", "default": default });
    let paths = json!({ "type": "array", "items": { "type": "string" }, "description": "Fields to redact: email, user.ssn, **.card" });
    let mask = json!({
        "type": ["boolean", "array"],
        "items": { "type": "string" },
        "description": "Mask instead: true for the fields of anonymize, or own fields",
    });
    let options = properties([
        (
            "optimize",
            json!({ "type": "boolean", "default": true, "description": "Leave out column types" }),
        ),
        ("flattenNested", flag(false)),
        ("includeStats", flag(true)),
        ("anonymize", paths),
        ("mask", mask),
        (
            "model",
            json!({ "type": "string", "default": Model::default_model().name }),
        ),
        (
            "profile",
            json!({ "type": "string", "enum": Profile::NAMES, "default": config.profile.as_str() }),
        ),
    ]);
    let mut schema = object(options, &[]);
    if let Some(members) = schema.as_object_mut() {
        members.insert("default".to_owned(), json!({}));
    }
    schema
}

/// The shapes of the four figures.
pub(super) fn figures_shape() -> Map<String, Value> {
    let integer = || json!({ "type": "integer" });
    properties([
        ("originalTokens", integer()),
        ("compressedTokens", integer()),
        ("savedTokens", integer()),
        ("savingsPercent", json!({ "type": "number" })),
    ])
}

fn output(config: &ToolConfig) -> Value {
    let mut shape = properties([
        ("tonl", json!({ "type": "string" })),
        ("stats", object(figures_shape(), &[])),
    ]);
    if config.budget.is_set() {
        shape.insert("preview".to_owned(), json!({ "type": "object" }));
    }
    object(shape, &["tonl"])
}

pub(super) fn call(around: Around<'_>, arguments: Arguments) -> Result<ToolResult, Failure> {
    let Around { config, work, .. } = around;
    let mut asked = Asked::of(config, arguments)?;
    let opened = asked.open(around)?;
    let job = asked.job(config, &opened);
    let (tonl, report) = written(&opened.input, &job, config, work)?;
    let savings = if asked.include_stats {
        Some(savings(&opened, &job, asked.model, &tonl, work)?)
    } else {
        None
    };
    let mut result = Answer {
        tonl,
        savings,
        report,
    };
    let rest = result.shorten(around, asked.model)?;
    let counted = result.savings.clone();
    let mut result = result.shown(config, asked.text_form, rest.as_ref());
    result.savings = counted;
    if result.savings.is_some() {
        add_sent_tokens(&mut result, asked.model, work)?;
    }
    Ok(result)
}

/// What the text costs a model as it is sent: as JSON, its line ends and quotes are escaped, and the
/// figures stand in it. That is for a program to know, and not for the model that pays for it.
fn add_sent_tokens(result: &mut ToolResult, model: &Model, work: &Work) -> Result<(), Failure> {
    let text = result
        .content
        .first()
        .and_then(Content::as_text)
        .unwrap_or_default();
    work.expect(text.len() as u64);
    let tokens = model.of_encoding(work.count(model, text)?).tokens;
    if let Some(Value::Object(counting)) = result.meta.get_mut("counting") {
        counting.insert("sentTokens".to_owned(), tokens.into());
    }
    Ok(())
}

/// The text of TONL. The line end behind it says nothing and is left out, but for the look of 1.0.0.
fn written(
    input: &Input,
    job: &Job,
    config: &ToolConfig,
    work: &Work,
) -> Result<(String, Report), Failure> {
    // Two passes, usually.
    work.expect(2 * input.stored_bytes().unwrap_or_default());
    let mut tonl = work.watched(Vec::new(), config.max_result_bytes);
    let converted = convert(&work.input(input.clone()), &mut tonl, job);
    work.check()?;
    if tonl.is_full() {
        let most = config.max_result_bytes;
        return Err(Failure::Failed(format!(
            "expected at most {most} bytes of TONL, found more"
        )));
    }
    let report = converted.map_err(|error| Failure::of(&error))?;
    let mut tonl = tonl.into_inner();
    if job.write.profile != Profile::Classic {
        tonl.pop_if(|last| *last == b'\n');
    }
    // What is not UTF-8 is never written.
    Ok((String::from_utf8(tonl).unwrap_or_default(), report))
}

fn savings(
    opened: &Opened,
    job: &Job,
    model: &'static Model,
    tonl: &str,
    work: &Work,
) -> Result<Savings, Failure> {
    let json = match &opened.compact {
        // What a policy hides is in neither of the texts.
        Some(text) if job.privacy.is_none() => Arc::clone(text),
        _ => compact_json(opened, job, work)?,
    };
    work.expect((json.len() + tonl.len()) as u64);
    let original = work.count(model, &json)?;
    let compressed = work.count(model, tonl)?;
    Ok(Savings::new(
        model,
        Baseline::CompactJson,
        original,
        compressed,
    ))
}

/// The data as JSON that a program would send.
fn compact_json(opened: &Opened, job: &Job, work: &Work) -> Result<Arc<str>, Failure> {
    let mut job = job.clone();
    job.to = Format::Json;
    work.expect(opened.input.stored_bytes().unwrap_or_default());
    let mut text = work.watched(Vec::new(), usize::MAX);
    let converted = convert(&work.input(opened.input.clone()), &mut text, &job);
    work.check()?;
    converted.map_err(|error| Failure::of(&error))?;
    let mut text = String::from_utf8(text.into_inner()).unwrap_or_default();
    text.pop();
    Ok(text.into())
}
