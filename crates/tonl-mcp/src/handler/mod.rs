//! What is offered, as the SDK asks for it: the toolbox behind the SDK's trait.
//!
//! Nothing is computed here; calls run on threads where waiting harms nobody ([`bench`]). Types of the
//! SDK end in this module.

mod bench;
mod record;
mod trace;

pub use bench::HandlerConfig;

use crate::arguments::Given;
use crate::caller::Caller;
use crate::context::CallContext;
use crate::cursor::BadCursor;
use crate::definition::ToolDefinition;
use crate::message::ArgumentsText;
use crate::outcome::{Content, ToolResult};
use crate::prompts::{PromptDefinition, PromptError};
use crate::toolbox::{Completing, Listed, Toolbox, UnknownTool};
use bench::Bench;
use record::Running;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, CompleteRequestParams, CompleteResult,
    CompletionInfo, ContentBlock, ErrorData, GetPromptRequestParams, GetPromptResponse,
    GetPromptResult, Implementation, JsonObject, ListPromptsResult, ListResourceTemplatesResult,
    ListResourcesResult, ListToolsResult, MetaObject, PaginatedRequestParams, PromptMessage,
    ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult, Reference, Role,
    ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;
use tonl_telemetry::Telemetry;
use tracing::Instrument as _;

/// Answers clients out of a toolbox. Clones are the same.
#[derive(Clone, Debug)]
pub struct Handler {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    toolbox: Arc<Toolbox>,
    bench: Bench,
    telemetry: Telemetry,
}

impl Handler {
    /// Answers out of this toolbox.
    pub fn new(toolbox: Toolbox, config: HandlerConfig, telemetry: Telemetry) -> Self {
        Self {
            shared: Arc::new(Shared {
                toolbox: Arc::new(toolbox),
                bench: Bench::new(config),
                telemetry,
            }),
        }
    }

    fn toolbox(&self) -> &Toolbox {
        &self.shared.toolbox
    }

    /// The page of a list that is asked for, and what asks for the next one.
    fn page<T: DeserializeOwned>(
        &self,
        list: Listed,
        items: Vec<Value>,
        asked: Option<&PaginatedRequestParams>,
        context: &RequestContext<RoleServer>,
    ) -> Result<(Vec<T>, Option<String>), ErrorData> {
        let cursor = asked.and_then(|asked| asked.cursor.as_deref());
        let identity = caller(context).identity;
        let page = self.toolbox().page(list, items.len(), cursor, identity);
        let page =
            page.map_err(|bad: BadCursor| ErrorData::invalid_params(bad.to_string(), None))?;
        let mut items = items.into_iter().skip(page.items.start);
        let taken: Result<Vec<T>, ErrorData> =
            items.by_ref().take(page.items.len()).map(read).collect();
        Ok((taken?, page.next))
    }
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_prompts()
            .enable_resources()
            .enable_completions()
            .build();
        ServerConfig::new(capabilities)
            .with_server_info(Implementation::new(
                "tonl-mcp-bridge",
                env!("CARGO_PKG_VERSION"),
            ))
            .with_instructions(self.toolbox().instructions())
    }

    async fn list_tools(
        &self,
        asked: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let caller = caller(&context);
        let tools = self.toolbox().definitions();
        let tools = tools.iter().filter(|tool| caller.may_call(tool.name));
        let tools = tools.map(ToolDefinition::to_json).collect();
        let (tools, next) = self.page(Listed::Tools, tools, asked.as_ref(), &context)?;
        let mut result = ListToolsResult::with_all_items(tools);
        result.next_cursor = next;
        Ok(result)
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        let tools = self.toolbox().definitions();
        let tool = tools.iter().find(|tool| tool.name == name)?;
        read(tool.to_json()).ok()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let name = request.name.into_owned();
        if !caller(&context).may_call(&name) {
            // What is not listed for a caller is not there for it.
            return Ok(result_of(UnknownTool { name }.to_result())?.into());
        }
        let span = trace::span(&name, &context.meta);
        let arguments = given(&context, request.arguments);
        let running = Running::new(&self.shared.telemetry, &name, &arguments);
        let toolbox = Arc::clone(&self.shared.toolbox);
        let called = name.clone();
        let call = move |context: &CallContext| toolbox.call(&called, arguments, context);
        let called = self
            .shared
            .bench
            .run(&context, call)
            .instrument(span.clone());
        let result = match called.await {
            Some(Ok(result)) => result,
            Some(Err(unknown)) => unknown.to_result(),
            None => self.toolbox().broken(&name),
        };
        span.in_scope(|| running.ended(&result));
        Ok(result_of(result)?.into())
    }

    async fn list_prompts(
        &self,
        asked: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        let prompts = self.toolbox().prompts();
        let prompts = prompts.iter().map(PromptDefinition::to_json).collect();
        let (prompts, next) = self.page(Listed::Prompts, prompts, asked.as_ref(), &context)?;
        let mut result = ListPromptsResult::with_all_items(prompts);
        result.next_cursor = next;
        Ok(result)
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let toolbox = Arc::clone(&self.shared.toolbox);
        let arguments = given(&context, request.arguments);
        let fill = move |context: &CallContext| toolbox.prompt(&request.name, arguments, context);
        let filled = self.shared.bench.run(&context, fill).await;
        let prompt = match filled {
            Some(Ok(prompt)) => prompt,
            Some(Err(error @ (PromptError::Unknown(_) | PromptError::Invalid(_)))) => {
                return Err(ErrorData::invalid_params(error.to_string(), None));
            }
            Some(Err(error)) => return Err(ErrorData::internal_error(error.to_string(), None)),
            None => return Err(ErrorData::internal_error("Prompt failed", None)),
        };
        let message = PromptMessage::new_text(Role::User, prompt.text);
        let result = GetPromptResult::new(vec![message]).with_description(prompt.description);
        Ok(result.into())
    }

    async fn list_resources(
        &self,
        asked: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let resources = self.toolbox().resources();
        let resources = resources.iter().map(|it| it.to_json("uri")).collect();
        let (resources, next) =
            self.page(Listed::Resources, resources, asked.as_ref(), &context)?;
        let mut result = ListResourcesResult::with_all_items(resources);
        result.next_cursor = next;
        Ok(result)
    }

    async fn list_resource_templates(
        &self,
        asked: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let list = Listed::ResourceTemplates;
        let templates = self.toolbox().resource_templates();
        let templates = templates.iter().map(|it| it.to_json("uriTemplate"));
        let (templates, next) = self.page(list, templates.collect(), asked.as_ref(), &context)?;
        let mut result = ListResourceTemplatesResult::with_all_items(templates);
        result.next_cursor = next;
        Ok(result)
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let found = self
            .toolbox()
            .resource(&request.uri, caller(&context).identity);
        let text = found.map_err(|unknown| {
            let data = json!({ "uri": unknown.uri });
            ErrorData::resource_not_found(unknown.to_string(), Some(data))
        })?;
        let contents = vec![read(text.to_json())?];
        Ok(ReadResourceResult::new(contents).into())
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let of = match &request.r#ref {
            Reference::Prompt(prompt) => Completing::Prompt(&prompt.name),
            Reference::Resource(resource) => Completing::Resource(&resource.uri),
            _ => return Ok(CompleteResult::default()),
        };
        let argument = &request.argument;
        let found = self.toolbox().complete(of, &argument.name, &argument.value);
        let total = u32::try_from(found.total).ok();
        let has_more = found.has_more();
        let values = found.values.iter().map(|value| (*value).to_owned());
        let info = CompletionInfo::with_pagination(values.collect(), total, has_more);
        let info = info.map_err(|error| ErrorData::internal_error(error, None))?;
        Ok(CompleteResult::new(info))
    }
}

/// The arguments of a call: those that travelled beside its message, or those inside.
fn given(context: &RequestContext<RoleServer>, inside: Option<JsonObject>) -> Given {
    match carried::<ArgumentsText>(context) {
        Some(text) => Given::Text(text.clone()),
        None => Given::Values(inside.unwrap_or_default()),
    }
}

/// Who asks.
fn caller(context: &RequestContext<RoleServer>) -> Caller {
    let caller = carried::<Caller>(context);
    caller.cloned().unwrap_or_else(Caller::local)
}

/// What a transport has put into a message, or into the request that carried it.
fn carried<T: Send + Sync + 'static>(context: &RequestContext<RoleServer>) -> Option<&T> {
    let extensions = &context.extensions;
    let of_request = || {
        let head = extensions.get::<http::request::Parts>()?;
        head.extensions.get::<T>()
    };
    extensions.get::<T>().or_else(of_request)
}

/// A result as the SDK's type. Text moves, it is not copied.
fn result_of(result: ToolResult) -> Result<CallToolResult, ErrorData> {
    let is_error = result.is_error();
    let mut content = Vec::with_capacity(result.content.len());
    for part in result.content {
        content.push(match part {
            Content::Text(text) => ContentBlock::text(text),
            link @ Content::ResourceLink(_) => read(link.to_json())?,
        });
    }
    let mut answer = if is_error {
        CallToolResult::error(content)
    } else {
        CallToolResult::success(content)
    };
    // The reference does not say that nothing went wrong.
    answer.is_error = is_error.then_some(true);
    answer.structured_content = result.structured_content;
    if !result.meta.is_empty() {
        answer.meta = Some(MetaObject::from(result.meta));
    }
    Ok(answer)
}

/// Our JSON as a type of the SDK. A failure is a fault of ours, which tests would have found.
fn read<T: DeserializeOwned>(value: Value) -> Result<T, ErrorData> {
    serde_json::from_value(value).map_err(|error| {
        tracing::error!(%error, "what is offered does not fit the protocol");
        ErrorData::internal_error("Internal error", None)
    })
}
