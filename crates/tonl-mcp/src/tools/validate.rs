//! `validate_schema`: whether records agree on their fields and types, and what those are.
//!
//! JSON is looked at as it is; a string is taken as TONL and read without leniency first. What is
//! seen of a value is its kind, so that memory grows with the fields and not with the records.

use super::{Tool, object_result};
use crate::arguments::Arguments;
use crate::columns::{Columns, Strict};
use crate::config::ToolConfig;
use crate::definition::{Annotations, ToolDefinition, object, properties};
use crate::json::{self, Counted};
use crate::outcome::{Failure, ToolResult};
use crate::toolbox::Around;
use crate::work::Work;
use serde_json::{Map, Value, json};
use tonl_convert::tonl::Ranges;
use tonl_convert::{Format, Input, ReadSettings, source};

pub(super) fn definition(config: &ToolConfig) -> ToolDefinition {
    let input = properties([
        (
            "data",
            json!({
                "type": ["array", "object", "string"],
                "description": "JSON records, or TONL as a string",
            }),
        ),
        (
            "strict",
            json!({ "type": "boolean", "default": true, "description": "Every field in every record" }),
        ),
    ]);
    ToolDefinition {
        name: Tool::Validate.name(),
        title: "Validate records",
        description: "Check that records agree on fields and types; tells columns and issues."
            .to_owned(),
        input_schema: object(input, &["data"]),
        output_schema: config.lists_shapes().then(output),
        annotations: Annotations::COMPUTES,
    }
}

fn output() -> Value {
    let list = || json!({ "type": "array", "items": { "type": "object" } });
    let shape = properties([
        ("valid", json!({ "type": "boolean" })),
        ("records", json!({ "type": "integer" })),
        ("columns", list()),
        ("issues", list()),
        ("issueCount", json!({ "type": "integer" })),
    ]);
    object(
        shape,
        &["valid", "records", "columns", "issues", "issueCount"],
    )
}

pub(super) fn call(around: Around<'_>, mut arguments: Arguments) -> Result<ToolResult, Failure> {
    let Around { config, work, .. } = around;
    let data = arguments.any("data");
    let depth = config.limits.depth();
    match &data {
        None => arguments.problem("data", "expected records or a TONL text, found nothing"),
        Some(data) if json::is_deeper(data, depth) => {
            let problem = format!("expected at most {depth} levels of nesting, found more");
            arguments.problem("data", &problem);
        }
        Some(_) => {}
    }
    let strict = if arguments.flag("strict", true) {
        Strict::Yes
    } else {
        Strict::No
    };
    arguments.finish(Tool::Validate.name())?;
    let columns = look(data.unwrap_or_default(), config, strict, work)?;
    Ok(object_result(config, shown(&columns)))
}

/// Looks at all records. A fault of a TONL text is an issue like any other.
fn look(data: Value, config: &ToolConfig, strict: Strict, work: &Work) -> Result<Columns, Failure> {
    let mut columns = Columns::new(strict, config.limits.columns);
    let (format, text) = match data {
        Value::String(text) => (Format::Tonl, text.into_bytes()),
        other => (Format::Json, json::compact(&other, work)?.into_bytes()),
    };
    let mut settings = ReadSettings::default();
    settings.tonl.limits = config.limits;
    if strict == Strict::Yes {
        settings.tonl.ranges = Ranges::Checked;
    }
    work.expect(text.len() as u64);
    let input = work.input(Input::from_bytes("data", text));
    let read = source::read(
        format,
        &input,
        &settings,
        &mut Counted::new(&mut columns, work),
    );
    work.check()?;
    match read {
        Ok(_no_warnings) => columns.finish(),
        Err(error) => columns.broken(&error),
    }
    Ok(columns)
}

fn shown(columns: &Columns) -> Map<String, Value> {
    let mut members = Map::new();
    let mut add = |name: &str, value: Value| members.insert(name.to_owned(), value);
    add("valid", (columns.issue_count() == 0).into());
    add("records", columns.records().into());
    add("columns", columns.shown());
    add("issues", columns.issues());
    add("issueCount", columns.issue_count().into());
    members
}
