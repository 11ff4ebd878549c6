//! Behaviour of the tools as a server sees them: names, arguments and results.
#![cfg(test)]

mod definitions;
mod forms;
mod offers;
mod previews;
mod reference;
mod references;
mod roundtrip;
mod stops;

use serde_json::{Map, Value};
use tonl_mcp::{CallContext, IdentityKey, ToolConfig, ToolResult, Toolbox};

/// A call by nobody in particular.
fn call() -> CallContext {
    CallContext::new(IdentityKey::of("test"))
}

/// What the usual toolbox answers.
fn answer(tool: &str, arguments: &Value) -> ToolResult {
    answer_of(&Toolbox::new(ToolConfig::default()), tool, arguments)
}

fn answer_of(toolbox: &Toolbox, tool: &str, arguments: &Value) -> ToolResult {
    toolbox.call(tool, members(arguments), &call()).unwrap()
}

fn members(arguments: &Value) -> Map<String, Value> {
    arguments.as_object().cloned().unwrap()
}

/// The text that a client reads first.
fn text(result: &ToolResult) -> &str {
    result.content[0].as_text().unwrap()
}
