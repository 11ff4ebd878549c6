//! The tools as one box: listed, and called by name.

use crate::config::ToolConfig;
use crate::context::CallContext;
use crate::definition::ToolDefinition;
use crate::outcome::{Outcome, ToolResult};
use crate::tools::Tool;
use crate::work::Work;
use serde_json::{Map, Value};

/// All tools. It is shared by all calls of a server.
#[derive(Debug)]
pub struct Toolbox {
    config: ToolConfig,
}

/// A name that no tool has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Tool {name} not found")]
#[non_exhaustive]
pub struct UnknownTool {
    /// The name that was asked for.
    pub name: String,
}

impl UnknownTool {
    /// What TONL-MCP Bridge 1.0.0 answers.
    pub fn to_result(&self) -> ToolResult {
        let text = format!("MCP error -32602: {self}");
        ToolResult::error(text, Outcome::InvalidArguments)
    }
}

impl Toolbox {
    /// The tools, working as the configuration says.
    pub fn new(config: ToolConfig) -> Self {
        Self { config }
    }

    /// All tools, always in the same order.
    pub fn definitions(&self) -> Vec<ToolDefinition> {
        let tools = Tool::ALL.iter();
        tools.map(|tool| tool.definition(&self.config)).collect()
    }

    /// Whether there is a tool of this name.
    pub fn knows(&self, name: &str) -> bool {
        Tool::from_name(name).is_some()
    }

    /// Calls a tool. It computes and may take long: call it where waiting harms nobody.
    ///
    /// What goes wrong with the arguments or the data is a result of its own, for the model to read.
    ///
    /// # Errors
    /// There is no tool of this name.
    pub fn call(
        &self,
        name: &str,
        arguments: Map<String, Value>,
        context: &CallContext,
    ) -> Result<ToolResult, UnknownTool> {
        let tool = Tool::from_name(name).ok_or_else(|| UnknownTool {
            name: name.to_owned(),
        })?;
        let work = Work::new(context);
        let called = tool.call(&self.config, arguments, &work);
        Ok(called.unwrap_or_else(ToolResult::from))
    }

    /// What is answered for a tool that broke off without a result.
    pub fn broken(&self, name: &str) -> ToolResult {
        let text = Tool::from_name(name).map_or("Internal error", Tool::fallback);
        ToolResult::error(text.to_owned(), Outcome::Failed)
    }
}
