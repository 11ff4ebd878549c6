//! The suite's tools. Their names, and what they answer, are the suite's.

use crate::content::{audio, embedded, image, model, text};
use crate::fixture::Fixture;
use crate::{requests, rounds};
use serde_json::{Value, json};
use std::time::Duration;
use tonl_mcp::rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ClientCapabilities,
    ProgressNotificationParam, ResultType, ServerNotification, Tool,
};
use tonl_mcp::rmcp::service::RequestContext;
use tonl_mcp::rmcp::{ErrorData, RoleServer};

type Context = RequestContext<RoleServer>;
type Answer = Result<CallToolResponse, ErrorData>;

/// The pause that the suite wants between two messages of one call.
const PAUSE: Duration = Duration::from_millis(50);

/// Tools without arguments. The first of the list is called by the suite in earnest.
const PLAIN: [&str; 16] = [
    "test_simple_text",
    "test_image_content",
    "test_audio_content",
    "test_embedded_resource",
    "test_multiple_content_types",
    "test_tool_with_logging",
    "test_logging_tool",
    "test_tool_with_progress",
    "test_error_handling",
    "test_elicitation_sep1034_defaults",
    "test_elicitation_sep1330_enums",
    "test_streaming_elicitation",
    "test_reconnection",
    "test_missing_capability",
    "test_trigger_tool_change",
    "test_trigger_prompt_change",
];

/// The tools that are listed, always in the same order.
pub(crate) fn all() -> Vec<Tool> {
    let names = PLAIN.into_iter().chain(rounds::NAMES);
    let mut tools: Vec<Tool> = names.map(|name| tool(name, &json!({}), &[])).collect();
    let string = json!({ "type": "string" });
    tools.push(tool(
        "test_sampling",
        &json!({ "prompt": string }),
        &["prompt"],
    ));
    tools.push(tool(
        "test_elicitation",
        &json!({ "message": string }),
        &["message"],
    ));
    let region = json!({ "type": "string", "x-mcp-header": "Region" });
    tools.push(tool(
        "test_custom_headers",
        &json!({ "region": region }),
        &["region"],
    ));
    tools.push(with_schema("json_schema_2020_12_tool", schema_2020_12()));
    tools
}

fn tool(name: &'static str, properties: &Value, required: &[&str]) -> Tool {
    let mut schema = json!({ "type": "object", "properties": properties });
    if let (Value::Object(members), false) = (&mut schema, required.is_empty()) {
        members.insert("required".to_owned(), json!(required));
    }
    with_schema(name, schema)
}

fn with_schema(name: &'static str, schema: Value) -> Tool {
    let schema = match schema {
        Value::Object(schema) => schema,
        _ => serde_json::Map::new(),
    };
    Tool::new(name, "A tool of the conformance suite", schema)
}

fn schema_2020_12() -> Value {
    let string = json!({ "type": "string" });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": { "street": string, "city": string },
            },
        },
        "properties": {
            "name": string,
            "address": { "$ref": "#/$defs/address" },
            "contactMethod": { "type": "string", "enum": ["phone", "email"] },
            "phone": string,
            "email": string,
        },
        "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
        "if": {
            "properties": { "contactMethod": { "const": "phone" } },
            "required": ["contactMethod"],
        },
        "then": { "required": ["phone"] },
        "else": { "required": ["email"] },
        "additionalProperties": false,
    })
}

/// Calls a tool.
pub(crate) async fn call(
    fixture: &Fixture,
    request: CallToolRequestParams,
    context: Context,
) -> Answer {
    if let Some(name) = request.name.strip_prefix(rounds::PREFIX) {
        let client = context.client_capabilities();
        let answer = rounds::call(name, &request, client.as_ref());
        return answer.unwrap_or_else(|| unknown(&request.name));
    }
    match request.name.as_ref() {
        "test_tool_with_logging" | "test_logging_tool" => log(fixture, &context).await,
        "test_tool_with_progress" => progress(&context).await,
        "test_streaming_elicitation" => rounds::greet(&request),
        "test_sampling" => sample(&request, &context).await,
        "test_elicitation" => {
            let message = argument(&request, "message")?;
            let schema = json!({
                "username": { "type": "string", "description": "User's response" },
                "email": { "type": "string", "description": "User's email address" },
            });
            elicit(&context, message, &schema, "User response").await
        }
        "test_elicitation_sep1034_defaults" => {
            let schema = requests::with_defaults();
            elicit(
                &context,
                "Please check the defaults",
                &schema,
                "Elicitation completed",
            )
            .await
        }
        "test_elicitation_sep1330_enums" => {
            let schema = requests::with_choices();
            elicit(&context, "Please choose", &schema, "Elicitation completed").await
        }
        "test_missing_capability" => needs_sampling(&context),
        "test_trigger_tool_change" => {
            fixture.change_tools();
            say("The list of tools was said to have changed")
        }
        "test_trigger_prompt_change" => {
            fixture.change_prompts();
            say("The list of prompts was said to have changed")
        }
        "test_reconnection" => {
            tokio::time::sleep(PAUSE).await;
            say("Reconnection test completed")
        }
        "test_custom_headers" => say(argument(&request, "region")?),
        other => fixed(other).unwrap_or_else(|| unknown(other)),
    }
}

/// The tools whose result is always the same.
fn fixed(name: &str) -> Option<Answer> {
    Some(match name {
        "test_simple_text" => say("This is a simple text response for testing."),
        "test_image_content" => contents(&[image()]),
        "test_audio_content" => contents(&[audio()]),
        "test_embedded_resource" => {
            let text = "This is an embedded resource content.";
            contents(&[embedded("test://embedded-resource", "text/plain", text)])
        }
        "test_multiple_content_types" => {
            let data = r#"{"test":"data","value":123}"#;
            let resource = embedded("test://mixed-content-resource", "application/json", data);
            contents(&[text("Multiple content types test:"), image(), resource])
        }
        "test_error_handling" => {
            let content = [text("This tool intentionally returns an error for testing")];
            result(json!({ "content": content, "isError": true }))
        }
        "json_schema_2020_12_tool" => say("The arguments are not looked at"),
        _ => return None,
    })
}

/// Three messages. A request that names its own version of the protocol gets them only if it names
/// their level as well (SEP-2575); in a session they come from the level on that was set.
async fn log(fixture: &Fixture, context: &Context) -> Answer {
    let is_wanted = match context.meta.protocol_version() {
        Some(_) => context
            .meta
            .log_level()
            .is_some_and(|level| rank(level) <= INFO),
        None => fixture.level() <= INFO,
    };
    for message in [
        "Tool execution started",
        "Tool processing data",
        "Tool execution completed",
    ] {
        if is_wanted {
            let params = json!({ "level": "info", "logger": "conformance", "data": message });
            let message = json!({ "method": "notifications/message", "params": params });
            notify(context, model(message)?).await?;
        }
        tokio::time::sleep(PAUSE).await;
    }
    say("Logging test completed")
}

/// The place of `info` among the levels.
const INFO: usize = 1;

/// The place of a level among all of them, the least severe first.
pub(crate) fn rank(level: impl serde::Serialize) -> usize {
    let name = serde_json::to_value(level).unwrap_or_default();
    let levels = [
        "debug",
        "info",
        "notice",
        "warning",
        "error",
        "critical",
        "alert",
        "emergency",
    ];
    levels
        .iter()
        .position(|level| name == *level)
        .unwrap_or_default()
}

async fn progress(context: &Context) -> Answer {
    let token = context.meta.get_progress_token();
    for done in [0.0, 50.0, 100.0] {
        if let Some(token) = token.clone() {
            let params = ProgressNotificationParam::new(token, done).with_total(100.0);
            let sent = context.peer.notify_progress(params).await;
            sent.map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
        }
        tokio::time::sleep(PAUSE).await;
    }
    say("Progress test completed")
}

async fn notify(context: &Context, message: ServerNotification) -> Result<(), ErrorData> {
    let sent = context.peer.send_notification(message).await;
    sent.map_err(|error| ErrorData::internal_error(error.to_string(), None))
}

async fn sample(request: &CallToolRequestParams, context: &Context) -> Answer {
    let prompt = argument(request, "prompt")?;
    let answer = requests::send(&context.peer, requests::sampling(prompt, 100)).await?;
    let content = answer.get("content");
    let block = content.and_then(|content| content.get(0)).or(content);
    let said = block.and_then(|block| block.get("text")?.as_str());
    say(&format!("LLM response: {}", said.unwrap_or("no text")))
}

async fn elicit(context: &Context, message: &str, schema: &Value, lead: &str) -> Answer {
    let request = requests::elicitation(message, schema);
    let answer = requests::send(&context.peer, request).await?;
    let action = answer
        .get("action")
        .and_then(Value::as_str)
        .unwrap_or("none");
    let content = answer.get("content").unwrap_or(&Value::Null);
    say(&format!("{lead}: action={action}, content={content}"))
}

fn needs_sampling(context: &Context) -> Answer {
    let client = context.client_capabilities();
    if client.is_some_and(|client| client.sampling.is_some()) {
        return say("The client can sample");
    }
    let required: ClientCapabilities = model(json!({ "sampling": {} }))?;
    Err(ErrorData::missing_required_client_capability(required))
}

fn argument<'a>(request: &'a CallToolRequestParams, name: &str) -> Result<&'a str, ErrorData> {
    let given = request.arguments.as_ref().and_then(|all| all.get(name));
    given.and_then(Value::as_str).ok_or_else(|| {
        ErrorData::invalid_params(format!("the argument {name} must be a string"), None)
    })
}

fn unknown(name: &str) -> Answer {
    Err(ErrorData::invalid_params(
        format!("unknown tool: {name}"),
        None,
    ))
}

/// A result of these words.
pub(crate) fn say(words: &str) -> Answer {
    contents(&[text(words)])
}

fn contents(blocks: &[Value]) -> Answer {
    result(json!({ "content": blocks }))
}

fn result(json: Value) -> Answer {
    let mut result: CallToolResult = model(json)?;
    result.result_type = Some(ResultType::COMPLETE);
    Ok(result.into())
}
