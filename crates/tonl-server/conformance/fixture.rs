//! The handler: which part of the fixture answers which method, and what it remembers.
//!
//! Nothing of it changes while it runs, except that two tools say that a list has changed. Clones are
//! made by the transport, one for each session or for each request without one; a clone remembers the
//! changes that were there when it was made, so that a listener misses none that comes after.
#![expect(
    deprecated,
    reason = "messages of the log are deprecated by SEP-2577, and the suite asks for them"
)]

use crate::{prompts, resources, tools};
use std::sync::{Mutex, PoisonError};
use tokio::sync::watch;
use tonl_mcp::rmcp::model::{
    CallToolRequestParams, CallToolResponse, CompleteRequestParams, CompleteResult,
    GetPromptRequestParams, GetPromptResponse, Implementation, ListPromptsResult,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
    ReadResourceRequestParams, ReadResourceResponse, ServerCapabilities, ServerConfig,
    SetLevelRequestParams, SubscribeRequestParams, SubscriptionFilter, Tool,
    UnsubscribeRequestParams,
};
use tonl_mcp::rmcp::service::{RequestContext, SubscriptionContext};
use tonl_mcp::rmcp::{ErrorData, RoleServer, ServerHandler};

type Context = RequestContext<RoleServer>;

/// How often each list was said to have changed.
#[derive(Clone, Copy, Debug, Default)]
struct Changes {
    tools: u64,
    prompts: u64,
}

/// The handler of all methods.
#[derive(Debug, Default)]
pub(crate) struct Fixture {
    changes: watch::Sender<Changes>,
    known: Changes,
    /// The least level of messages, in the order of their names' severity.
    level: Mutex<usize>,
}

impl Clone for Fixture {
    fn clone(&self) -> Self {
        let known = *self.changes.borrow();
        Self {
            changes: self.changes.clone(),
            known,
            level: Mutex::default(),
        }
    }
}

impl Fixture {
    /// Says that the list of tools has changed.
    pub(crate) fn change_tools(&self) {
        self.changes.send_modify(|changes| changes.tools += 1);
    }

    /// Says that the list of prompts has changed.
    pub(crate) fn change_prompts(&self) {
        self.changes.send_modify(|changes| changes.prompts += 1);
    }

    /// The least level of messages that this session wants.
    pub(crate) fn level(&self) -> usize {
        *self.level.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn tell_changes(&self, subscription: &SubscriptionContext) {
        let accepted = subscription.accepted();
        let wants_tools = accepted.tools_list_changed == Some(true);
        let wants_prompts = accepted.prompts_list_changed == Some(true);
        let mut changes = self.changes.subscribe();
        let mut known = self.known;
        loop {
            let now = *changes.borrow_and_update();
            let sink = subscription.sink();
            if wants_tools && now.tools != known.tools {
                let _left = sink.notify_tool_list_changed().await;
            }
            if wants_prompts && now.prompts != known.prompts {
                let _left = sink.notify_prompt_list_changed().await;
            }
            known = now;
            if changes.changed().await.is_err() {
                return;
            }
        }
    }
}

impl ServerHandler for Fixture {
    fn get_info(&self) -> ServerConfig {
        let mut config = ServerConfig::default();
        config.capabilities = ServerCapabilities::builder()
            .enable_completions()
            .enable_logging()
            .enable_prompts()
            .enable_prompts_list_changed()
            .enable_resources()
            .enable_resources_subscribe()
            .enable_tools()
            .enable_tool_list_changed()
            .build();
        config.server_info = Implementation::new("tonl-mcp-conformance", env!("CARGO_PKG_VERSION"));
        config
    }

    async fn set_level(&self, request: SetLevelRequestParams, _: Context) -> Result<(), ErrorData> {
        *self.level.lock().unwrap_or_else(PoisonError::into_inner) = tools::rank(request.level);
        Ok(())
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: Context,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(tools::all()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        tools::all().into_iter().find(|tool| tool.name == name)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: Context,
    ) -> Result<CallToolResponse, ErrorData> {
        tools::call(self, request, context).await
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: Context,
    ) -> Result<ListPromptsResult, ErrorData> {
        Ok(ListPromptsResult::with_all_items(prompts::all()?))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _: Context,
    ) -> Result<GetPromptResponse, ErrorData> {
        prompts::get(&request)
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        _: Context,
    ) -> Result<CompleteResult, ErrorData> {
        prompts::complete(&request)
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: Context,
    ) -> Result<ListResourcesResult, ErrorData> {
        Ok(ListResourcesResult::with_all_items(resources::all()))
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: Context,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let templates = resources::templates();
        Ok(ListResourceTemplatesResult::with_all_items(templates))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: Context,
    ) -> Result<ReadResourceResponse, ErrorData> {
        resources::read(&request.uri).map(Into::into)
    }

    /// Resources never change, so that nothing has to be remembered.
    async fn subscribe(
        &self,
        request: SubscribeRequestParams,
        _: Context,
    ) -> Result<(), ErrorData> {
        resources::read(&request.uri).map(drop)
    }

    async fn unsubscribe(
        &self,
        request: UnsubscribeRequestParams,
        _: Context,
    ) -> Result<(), ErrorData> {
        resources::read(&request.uri).map(drop)
    }

    fn accepted_subscription_filter(
        &self,
        requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        Some(requested.clone())
    }

    async fn listen(&self, subscription: SubscriptionContext) -> Result<(), ErrorData> {
        tokio::select! {
            () = self.tell_changes(&subscription) => {}
            () = subscription.cancelled() => {}
        }
        Ok(())
    }
}
