//! The tools, a file each: how it is described, which arguments it takes, what it does.
//!
//! A new tool is a file here, a variant of [`Tool`], and its line in the golden file of definitions.

mod convert;
mod parse;
mod savings;
mod validate;

use crate::arguments::Arguments;
use crate::config::{Structured, TextForm, ToolConfig};
use crate::definition::ToolDefinition;
use crate::json;
use crate::outcome::{Failure, ToolResult};
use crate::toolbox::Around;
use serde_json::{Map, Value};
use tonl_convert::counting::model::MODELS;
use tonl_convert::counting::{Model, Savings};

/// A tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    Convert,
    Parse,
    Savings,
    Validate,
}

impl Tool {
    /// All tools, in the order in which they are listed.
    pub(crate) const ALL: [Self; 4] = [Self::Convert, Self::Parse, Self::Savings, Self::Validate];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Convert => "convert_to_tonl",
            Self::Parse => "parse_tonl",
            Self::Savings => "calculate_savings",
            Self::Validate => "validate_schema",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }

    pub(crate) fn definition(self, config: &ToolConfig) -> ToolDefinition {
        match self {
            Self::Convert => convert::definition(config),
            Self::Parse => parse::definition(config),
            Self::Savings => savings::definition(config),
            Self::Validate => validate::definition(config),
        }
    }

    pub(crate) fn call(
        self,
        around: Around<'_>,
        arguments: Map<String, Value>,
    ) -> Result<ToolResult, Failure> {
        let arguments = Arguments::new(arguments);
        match self {
            Self::Convert => convert::call(around, arguments),
            Self::Parse => parse::call(around, arguments),
            Self::Savings => savings::call(around, arguments),
            Self::Validate => validate::call(around, arguments),
        }
    }

    /// What is said when there is nothing better to say.
    pub(crate) fn fallback(self) -> &'static str {
        match self {
            Self::Convert => "Conversion failed",
            Self::Parse => "Parsing failed",
            Self::Savings => "Calculation failed",
            Self::Validate => "Validation failed",
        }
    }
}

/// A result that is one object, as text and as structured content.
fn object_result(config: &ToolConfig, object: Map<String, Value>) -> ToolResult {
    let value = Value::Object(object);
    let text = match config.text_form {
        TextForm::Json => json::pretty(&value),
        TextForm::Tonl => value.to_string(),
    };
    let structured = (config.structured == Structured::With).then_some(value);
    ToolResult::done(text, structured)
}

/// The four figures of a saving, named as TONL-MCP Bridge 1.0.0 names them.
fn figures(savings: &Savings) -> Map<String, Value> {
    let mut figures = Map::new();
    let mut add = |name: &str, value: Value| figures.insert(name.to_owned(), value);
    add("originalTokens", savings.original_tokens.into());
    add("compressedTokens", savings.compressed_tokens.into());
    add("savedTokens", savings.saved_tokens().into());
    add("savingsPercent", decimal(savings.rounded_percent()));
    figures
}

/// How the figures were counted, for `_meta`.
fn counting(savings: &Savings) -> Value {
    let mut members = Map::new();
    let mut add = |name: &str, value: &str| members.insert(name.to_owned(), value.into());
    add("model", savings.model.name);
    add("method", savings.method().name());
    add("baseline", savings.baseline.name());
    Value::Object(members)
}

/// A number as a JavaScript program prints it: without a fraction if it has none.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a whole percentage of tokens is far from the ends of the range"
)]
fn decimal(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        return Value::from(number as i64);
    }
    Value::from(number)
}

/// The names of all models.
fn model_names() -> Vec<&'static str> {
    MODELS.iter().map(|model: &Model| model.name).collect()
}
