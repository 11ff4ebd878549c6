//! What a call gives back: content for a model, structured content for a program, and how it ended.

use crate::context::Stop;
use serde_json::{Map, Value, json};
use tonl_convert::counting::Savings;

/// The result of one call.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ToolResult {
    /// What a model is to read.
    pub content: Vec<Content>,
    /// The same as a JSON object, if it was asked for; never with an error.
    pub structured_content: Option<Value>,
    /// What stands beside: statistics, warnings, what a policy hid.
    pub meta: Map<String, Value>,
    /// How the call ended.
    pub outcome: Outcome,
    /// What was counted, for metrics.
    pub savings: Option<Savings>,
}

/// How a call ended, for metrics and logs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// The tool did what it was asked for.
    #[default]
    Done,
    /// The arguments were not valid.
    InvalidArguments,
    /// The data could not be worked with.
    Failed,
    /// The call was given up.
    Stopped(Stop),
}

/// One part of a result's content.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Content {
    /// Text.
    Text(String),
    /// A resource that can be read.
    ResourceLink(ResourceLink),
}

/// A resource that a result points to.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ResourceLink {
    /// Where it can be read.
    pub uri: String,
    /// Its name.
    pub name: String,
    /// What it is, in a sentence.
    pub description: String,
    /// Its media type.
    pub mime_type: &'static str,
    /// Its size in bytes.
    pub size: u64,
}

impl ToolResult {
    /// A result that went well.
    pub(crate) fn done(text: String, structured: Option<Value>) -> Self {
        Self {
            content: vec![Content::Text(text)],
            structured_content: structured,
            meta: Map::new(),
            outcome: Outcome::Done,
            savings: None,
        }
    }

    pub(crate) fn error(text: String, outcome: Outcome) -> Self {
        Self {
            outcome,
            ..Self::done(text, None)
        }
    }

    /// Whether the call failed.
    pub fn is_error(&self) -> bool {
        self.outcome != Outcome::Done
    }

    /// The result as the protocol's JSON: `content`, then `structuredContent`, `isError` and `_meta`
    /// where there is something to say.
    pub fn to_json(&self) -> Value {
        let mut members = Map::new();
        let content = self.content.iter().map(Content::to_json).collect();
        members.insert("content".to_owned(), content);
        if let Some(structured) = &self.structured_content {
            members.insert("structuredContent".to_owned(), structured.clone());
        }
        if self.is_error() {
            members.insert("isError".to_owned(), Value::Bool(true));
        }
        if !self.meta.is_empty() {
            members.insert("_meta".to_owned(), Value::Object(self.meta.clone()));
        }
        Value::Object(members)
    }
}

impl Content {
    /// The text, if it is text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::ResourceLink(_) => None,
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::Text(text) => json!({ "type": "text", "text": text }),
            Self::ResourceLink(link) => json!({
                "type": "resource_link",
                "uri": link.uri,
                "name": link.name,
                "description": link.description,
                "mimeType": link.mime_type,
                "size": link.size,
            }),
        }
    }
}

/// Why a tool gives no result.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The arguments are not valid; a text for the model.
    Invalid(String),
    /// The data could not be worked with; a text for the model.
    Failed(String),
    /// The call was given up.
    Stopped(Stop),
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        Self::Stopped(stop)
    }
}

impl Failure {
    /// A failure of a conversion, with its hint.
    pub(crate) fn of(error: &tonl_convert::Error) -> Self {
        Self::Failed(match error.hint() {
            Some(hint) => format!("{error}\nHint: {hint}"),
            None => error.to_string(),
        })
    }
}

impl From<Failure> for ToolResult {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Invalid(text) => Self::error(text, Outcome::InvalidArguments),
            Failure::Failed(text) => Self::error(text, Outcome::Failed),
            Failure::Stopped(stop) => {
                let text = match stop {
                    Stop::Cancelled => "The call was cancelled",
                    Stop::Late => "The call took longer than it may; send less data at once",
                };
                Self::error(text.to_owned(), Outcome::Stopped(stop))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_that_there_is_not() {
        let result = ToolResult::done("x".to_owned(), None);
        assert_eq!(
            result.to_json(),
            json!({ "content": [{ "type": "text", "text": "x" }] })
        );
        let failed = ToolResult::from(Failure::Stopped(Stop::Late));
        assert!(failed.is_error());
        assert_eq!(failed.to_json().get("isError"), Some(&Value::Bool(true)));
    }
}
