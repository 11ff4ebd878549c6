//! All that is offered, in one box: tools, prompts, resources, completions.

use crate::arguments::{Given, clipped};
use crate::completions::Completion;
use crate::config::ToolConfig;
use crate::context::{CallContext, IdentityKey};
use crate::cursor::{BadCursor, Page, Pages};
use crate::definition::ToolDefinition;
use crate::guide;
use crate::outcome::{Outcome, ToolResult};
use crate::prompts::{self, Prompt, PromptDefinition, PromptError};
use crate::resources::{self, ResourceDefinition, ResourceText, UnknownResource};
use crate::results::Results;
use crate::tools::Tool;
use crate::work::Work;

/// All that is offered. It is shared by all calls of a server.
#[derive(Debug)]
pub struct Toolbox {
    config: ToolConfig,
    pages: Pages,
    results: Results,
}

/// What a tool works with beside its arguments.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Around<'t> {
    pub(crate) config: &'t ToolConfig,
    pub(crate) results: &'t Results,
    pub(crate) work: &'t Work,
    pub(crate) identity: IdentityKey,
}

/// A list that comes in pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Listed {
    /// The tools.
    Tools,
    /// The prompts.
    Prompts,
    /// The resources.
    Resources,
    /// The templates of resources.
    ResourceTemplates,
}

/// Whose argument is being typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Completing<'a> {
    /// A prompt's, by its name.
    Prompt(&'a str),
    /// A resource template's, by its URI.
    Resource(&'a str),
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
        Self {
            pages: Pages::new(config.page_items),
            results: Results::new(config.results, config.clock.clone()),
            config,
        }
    }

    /// What a client may tell its model when a session begins; at most 200 tokens.
    pub fn instructions(&self) -> String {
        let pages = if self.config.budget.is_set() {
            guide::PAGES
        } else {
            ""
        };
        format!("{}{pages}", guide::INSTRUCTIONS)
    }

    /// All tools, always in the same order.
    pub fn definitions(&self) -> Vec<ToolDefinition> {
        let tools = Tool::ALL.iter();
        tools.map(|tool| tool.definition(&self.config)).collect()
    }

    /// The names of all tools, always in the same order.
    pub fn tool_names() -> impl Iterator<Item = &'static str> {
        Tool::ALL.into_iter().map(Tool::name)
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
        arguments: impl Into<Given>,
        context: &CallContext,
    ) -> Result<ToolResult, UnknownTool> {
        let tool = Tool::from_name(name).ok_or_else(|| UnknownTool {
            name: name.to_owned(),
        })?;
        let work = Work::new(context);
        let around = Around {
            config: &self.config,
            results: &self.results,
            work: &work,
            identity: context.identity(),
        };
        let read = arguments.into().read(&work);
        let called = read.and_then(|arguments| tool.call(around, arguments));
        Ok(called.unwrap_or_else(ToolResult::from))
    }

    /// What is answered for a tool that broke off without a result.
    pub fn broken(&self, name: &str) -> ToolResult {
        let text = Tool::from_name(name).map_or("Internal error", Tool::fallback);
        ToolResult::error(text.to_owned(), Outcome::Failed)
    }

    /// All prompts, always in the same order.
    pub fn prompts(&self) -> Vec<PromptDefinition> {
        prompts::definitions()
    }

    /// A prompt with its arguments filled in. It computes and may take long, as [`Toolbox::call`].
    ///
    /// # Errors
    /// There is none of this name; its arguments or the data in them are not valid; the call was
    /// stopped.
    pub fn prompt(
        &self,
        name: &str,
        arguments: impl Into<Given>,
        context: &CallContext,
    ) -> Result<Prompt, PromptError> {
        let work = Work::new(context);
        let arguments = arguments.into().read(&work)?;
        prompts::get(&self.config, name, arguments, &work)
    }

    /// All resources that are always there, in the same order.
    pub fn resources(&self) -> Vec<ResourceDefinition> {
        resources::definitions()
    }

    /// The templates of all other resources.
    pub fn resource_templates(&self) -> Vec<ResourceDefinition> {
        resources::templates()
    }

    /// The text of a resource.
    ///
    /// # Errors
    /// There is none there for this identity.
    pub fn resource(
        &self,
        uri: &str,
        identity: IdentityKey,
    ) -> Result<ResourceText, UnknownResource> {
        let found = resources::fixed(uri);
        let found = found.or_else(|| resources::kept(uri, &self.results, identity));
        found.ok_or_else(|| UnknownResource {
            uri: clipped(uri, 200),
        })
    }

    /// What an argument could become, of which so much was typed. Nothing is known of arguments that
    /// hold no name of a model.
    pub fn complete(&self, of: Completing<'_>, argument: &str, typed: &str) -> Completion {
        match (of, argument) {
            (Completing::Prompt(prompts::ANSWER), "model") => Completion::of_models(typed),
            _ => Completion::none(),
        }
    }

    /// The page of a list of this length that a cursor asks for, the first without a cursor.
    ///
    /// # Errors
    /// The cursor was not given out to this identity, for this list, by this toolbox.
    pub fn page(
        &self,
        list: Listed,
        len: usize,
        cursor: Option<&str>,
        identity: IdentityKey,
    ) -> Result<Page, BadCursor> {
        self.pages.page(list.name(), len, cursor, identity)
    }
}

impl Listed {
    fn name(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Prompts => "prompts",
            Self::Resources => "resources",
            Self::ResourceTemplates => "templates",
        }
    }
}
