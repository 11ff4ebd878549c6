//! What the server offers to language models, and the transports that carry it.
//!
//! [`McpServer`] serves clients: messages are checked before they reach the SDK ([`message`]), the SDK
//! speaks the protocol, and [`Handler`] answers it out of a [`Toolbox`]. Who may ask is decided in
//! front of this crate, which learns of it as a [`Caller`].
//!
//! [`Toolbox`] is all that is offered: it lists the tools and calls them. It knows no transport, no
//! protocol version and no SDK, has no async, and reads nothing but its arguments and what its
//! [`ToolConfig`] opens to it. Whoever serves it gives each call a [`CallContext`]: when to stop,
//! whom to tell how far it is, and on whose behalf it works.
//!
//! ```
//! use serde_json::json;
//! use tonl_mcp::{CallContext, Content, IdentityKey, ToolConfig, Toolbox};
//!
//! let toolbox = Toolbox::new(ToolConfig::default());
//! let arguments = json!({ "data": [{ "id": 1, "name": "Ada" }], "name": "users" });
//! let context = CallContext::new(IdentityKey::of("alice"));
//! let arguments = arguments.as_object().cloned().unwrap_or_default();
//! let result = toolbox.call("convert_to_tonl", arguments, &context)?;
//! assert!(!result.is_error());
//! # let Some(Content::Text(text)) = result.content.first() else { panic!() };
//! # assert!(text.contains("users: [{id:1,name:Ada}]"), "{text}");
//! # Ok::<(), tonl_mcp::UnknownTool>(())
//! ```
//!
//! Three rules hold everywhere: no digit, key or order of the data is lost; what fails says which
//! field, what was expected and what was found; and what a stop asks for happens within 100 ms.
#![deny(clippy::indexing_slicing)]

mod arguments;
mod caller;
mod columns;
mod completions;
mod config;
mod context;
mod cursor;
mod definition;
mod flatten;
mod guide;
mod handler;
mod json;
pub mod message;
mod outcome;
mod preview;
mod prompts;
mod references;
mod resources;
mod results;
mod seal;
mod server;
mod toolbox;
mod tools;
pub mod transport;
mod work;

pub use arguments::Given;
pub use caller::Caller;
pub use completions::Completion;
pub use config::{Budget, ResultLimits, Structured, TextForm, ToolConfig};
pub use context::{CallContext, IdentityKey, Step, Stop};
pub use cursor::{BadCursor, Page};
pub use definition::{Annotations, ToolDefinition};
pub use handler::{Handler, HandlerConfig};
pub use outcome::{Content, Outcome, ResourceLink, ToolResult};
pub use prompts::{Prompt, PromptArgument, PromptDefinition, PromptError};
pub use references::{
    AllowedUrl, BadAllowedUrl, Fetch, FetchError, Fetched, HttpFetch, Reach, References,
};
pub use resources::{ResourceDefinition, ResourceText, UnknownResource};
pub use rmcp;
pub use server::{AnswerBody, McpServer, SessionName};
pub use toolbox::{Completing, Listed, Toolbox, UnknownTool};
