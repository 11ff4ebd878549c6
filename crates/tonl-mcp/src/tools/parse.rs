//! `parse_tonl`: TONL back to JSON, digit for digit.
//!
//! Without `validateSchema` the deviations that foreign writers are known for are taken, and told
//! in a part of the content of their own; with it every deviation is an error, and numbers must be of
//! the range of their column's type.

use super::Tool;
use crate::arguments::{Arguments, clipped};
use crate::config::{Structured, TextForm, ToolConfig};
use crate::context::Stop;
use crate::definition::{Annotations, ToolDefinition, object, properties};
use crate::json::{self, Counted, MOST_VALUES, ValueSink};
use crate::outcome::{Content, Failure, ToolResult};
use crate::preview::Rest;
use crate::resources::JSON_TYPE;
use crate::toolbox::Around;
use crate::work::Work;
use serde_json::{Map, Value, json};
use tonl_convert::counting::Model;
use tonl_convert::sink::{self, JsonSink, Layout};
use tonl_convert::tonl::{Code, Event, EventSink, Ranges, Strictness};
use tonl_convert::{Format, Input, ReadSettings, source};

pub(super) fn definition(config: &ToolConfig) -> ToolDefinition {
    let validate = json!({
        "type": "boolean",
        "default": false,
        "description": "Refuse every deviation and numbers outside their column's type",
    });
    let input = properties([
        ("tonl", json!({ "type": "string" })),
        ("validateSchema", validate),
    ]);
    ToolDefinition {
        name: Tool::Parse.name(),
        title: "Parse TONL",
        description: "Parse TONL format back to JSON. Loses nothing.".to_owned(),
        input_schema: object(input, &["tonl"]),
        output_schema: config.lists_shapes().then(|| output(config)),
        annotations: Annotations::COMPUTES,
    }
}

fn output(config: &ToolConfig) -> Value {
    let warnings = json!({ "type": "array", "items": { "type": "string" } });
    let mut shape = properties([("data", json!({})), ("warnings", warnings)]);
    if config.budget.is_set() {
        shape.insert("preview".to_owned(), json!({ "type": "object" }));
    }
    object(shape, &["data"])
}

pub(super) fn call(around: Around<'_>, mut arguments: Arguments) -> Result<ToolResult, Failure> {
    let Around { config, work, .. } = around;
    let tonl = arguments.required_string("tonl");
    let strict = arguments.flag("validateSchema", false);
    arguments.finish(Tool::Parse.name())?;
    let input = Input::from_bytes("tonl", tonl.as_bytes());
    let strictness = if strict {
        Strictness::Strict
    } else {
        Strictness::Lenient
    };
    let mut read =
        read(&input, config, strictness, work).map_err(|failure| failure.worded(&tonl))?;
    let rest = read.shorten(around)?;
    let shown = rest.as_ref().map(|rest| rest.shown(&read.text));
    let structured = (config.structured == Structured::With).then(|| {
        let mut members = Map::new();
        members.insert("data".to_owned(), read.value.take().unwrap_or_default());
        if !read.warnings.is_empty() {
            members.insert("warnings".to_owned(), read.warnings.clone().into());
        }
        if let Some(shown) = shown {
            members.insert("preview".to_owned(), shown);
        }
        Value::Object(members)
    });
    // The bare value has no place for words about it, whatever its form.
    let linked = rest.map(|rest| rest.content(&read.text, TextForm::Tonl));
    let mut result = ToolResult::done(read.text, structured);
    result.content.extend(linked.into_iter().flatten());
    if !read.warnings.is_empty() {
        let told = format!("Read with deviations:\n{}", read.warnings.join("\n"));
        result.content.push(Content::Text(told));
        result
            .meta
            .insert("warnings".to_owned(), read.warnings.into());
    }
    Ok(result)
}

/// What a text of TONL holds.
struct Read {
    text: String,
    value: Option<Value>,
    warnings: Vec<String>,
}

fn read(
    input: &Input,
    config: &ToolConfig,
    strictness: Strictness,
    work: &Work,
) -> Result<Read, Unread> {
    let mut settings = ReadSettings::default();
    settings.tonl.limits = config.limits;
    settings.tonl.strictness = strictness;
    if strictness == Strictness::Strict {
        settings.tonl.ranges = Ranges::Checked;
    }
    let layout = match config.text_form {
        TextForm::Json => Layout::Pretty,
        TextForm::Tonl => Layout::Compact,
    };
    let wants_value = config.structured == Structured::With || config.budget.is_set();
    let mut value = wants_value.then(ValueSink::default);
    let most = if wants_value { MOST_VALUES } else { u64::MAX };
    let mut warnings = Vec::new();
    let mut text = work.watched(Vec::new(), config.max_result_bytes);
    work.expect(input.stored_bytes().unwrap_or_default());
    let input = work.input(input.clone());
    let written = sink::write_to(&mut JsonSink::new(layout), &mut text, |events| {
        let both = Both {
            text: events,
            value: value.as_mut(),
        };
        warnings = source::read(
            Format::Tonl,
            &input,
            &settings,
            &mut Counted::at_most(most, both, work),
        )?;
        Ok(())
    });
    work.check()?;
    if text.is_full() {
        return Err(Unread::TooLong(config.max_result_bytes));
    }
    written.map_err(Unread::Fault)?;
    let mut text = text.into_inner();
    text.pop_if(|last| *last == b'\n');
    Ok(Read {
        // What is not UTF-8 is no TONL.
        text: String::from_utf8(text).unwrap_or_default(),
        value: value.map(ValueSink::into_value),
        warnings,
    })
}

/// Sends events to the text and to the value that a program wants.
struct Both<'a> {
    text: &'a mut dyn EventSink,
    value: Option<&'a mut ValueSink>,
}

impl EventSink for Both<'_> {
    fn event(&mut self, event: Event<'_>) -> tonl_convert::tonl::Result<()> {
        self.text.event(event)?;
        match &mut self.value {
            Some(value) => value.event(event),
            None => Ok(()),
        }
    }
}

impl Read {
    /// Leaves what may be sent of a text that is too large, and keeps all of it: of an array the
    /// first elements, of any other value the first lines and no value.
    fn shorten(&mut self, around: Around<'_>) -> Result<Option<Rest>, Failure> {
        let Around { config, work, .. } = around;
        let model = Model::default_model();
        if !config.budget.is_passed(&self.text, model, work)? {
            return Ok(None);
        }
        let rest = Rest::keep(around.results, around.identity, JSON_TYPE, &self.text)?;
        let beginning = config.budget.beginning(&self.text, model, work)?;
        match self.value.take() {
            Some(Value::Array(mut items)) => {
                items.truncate(whole_elements(&items, beginning.len()));
                let items = Value::Array(items);
                self.text = match config.text_form {
                    TextForm::Json => json::pretty(&items),
                    TextForm::Tonl => items.to_string(),
                };
                self.value = Some(items);
            }
            _ => self.text.truncate(beginning.len()),
        }
        Ok(Some(rest))
    }
}

/// How many elements of an array fit into so many bytes over several lines.
fn whole_elements(items: &[Value], bytes: usize) -> usize {
    // The brackets, each on a line of its own.
    let mut left = bytes.saturating_sub(4);
    let fits = |item: &&Value| {
        let text = json::pretty(item);
        // Each line is indented by two, and a comma and a line end stand behind the last.
        let needed = text.len() + 2 * text.lines().count() + 2;
        let fits = needed <= left;
        left = left.saturating_sub(needed);
        fits
    };
    items.iter().take_while(fits).count()
}

/// Why a text was not read.
enum Unread {
    Stopped(Stop),
    TooLong(usize),
    Fault(tonl_convert::Error),
}

impl From<Stop> for Unread {
    fn from(stop: Stop) -> Self {
        Self::Stopped(stop)
    }
}

impl Unread {
    /// The failure in words. One of the header is told as TONL-MCP Bridge 1.0.0 tells it.
    fn worded(self, tonl: &str) -> Failure {
        let error = match self {
            Self::Stopped(stop) => return Failure::Stopped(stop),
            Self::TooLong(most) => {
                return Failure::Failed(format!(
                    "expected at most {most} bytes of JSON, found more"
                ));
            }
            Self::Fault(error) => error,
        };
        let header = [Code::HeaderSyntax, Code::MissingHeader];
        match error.content() {
            Some(fault) if header.contains(&fault.code()) => Failure::Failed(format!(
                "Invalid TONL header format\nExpected: {}\nReceived: {}\nInput: {}\n{error}",
                fault.expected(),
                fault.found(),
                clipped(tonl, INPUT_SHOWN),
            )),
            _ => Failure::of(&error),
        }
    }
}

/// So many characters of a text that is no TONL are shown.
const INPUT_SHOWN: usize = 50;
