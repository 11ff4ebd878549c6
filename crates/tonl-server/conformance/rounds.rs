//! Tools that need an answer of the client first and, without a session, are called again with it
//! (SEP-2322).
//!
//! The state that travels with the client is a word that the fixture knows; any other is refused, as a
//! seal that does not fit would be.

use crate::content::model;
use crate::requests::{elicitation, roots, sampling};
use crate::tools::say;
use serde_json::{Map, Value, json};
use tonl_mcp::rmcp::ErrorData;
use tonl_mcp::rmcp::model::{
    CallToolRequestParams, CallToolResponse, ClientCapabilities, InputRequiredResult,
    InputResponses,
};

/// The names of the tools, which all begin with [`PREFIX`].
pub(crate) const NAMES: [&str; 8] = [
    "test_input_required_result_elicitation",
    "test_input_required_result_sampling",
    "test_input_required_result_list_roots",
    "test_input_required_result_request_state",
    "test_input_required_result_multiple_inputs",
    "test_input_required_result_multi_round",
    "test_input_required_result_tampered_state",
    "test_input_required_result_capabilities",
];

/// How the names of the tools begin.
pub(crate) const PREFIX: &str = "test_input_required_result_";

const FIRST: &str = "fixture-state-1";
const SECOND: &str = "fixture-state-2";

type Answer = Result<CallToolResponse, ErrorData>;

/// Calls the tool of this name behind [`PREFIX`]; `None` if there is none.
pub(crate) fn call(
    name: &str,
    request: &CallToolRequestParams,
    client: Option<&ClientCapabilities>,
) -> Option<Answer> {
    Some(match name {
        "elicitation" => greet(request),
        "sampling" => ask_the_model(request),
        "list_roots" => ask_for_roots(request),
        "request_state" | "tampered_state" => confirm(request),
        "multiple_inputs" => ask_for_all(request),
        "multi_round" => ask_twice(request),
        "capabilities" => ask_what_is_possible(client),
        _ => return None,
    })
}

/// Asks for a name and greets.
pub(crate) fn greet(request: &CallToolRequestParams) -> Answer {
    match accepted(request.input_responses.as_ref(), "user_name", "name") {
        Some(name) => say(&format!("Hello, {name}!")),
        None => Ok(ask(
            json!({ "user_name": name_question("What is your name?") }),
            None,
        )?
        .into()),
    }
}

fn ask_the_model(request: &CallToolRequestParams) -> Answer {
    if let Some(text) = response(request, "capital_question").and_then(sampled) {
        return say(text);
    }
    let question = sampling("What is the capital of France?", 100);
    Ok(ask(json!({ "capital_question": question }), None)?.into())
}

fn ask_for_roots(request: &CallToolRequestParams) -> Answer {
    match response(request, "client_roots").and_then(root_uris) {
        Some(uris) => say(&format!("The roots are: {}", uris.join(", "))),
        None => Ok(ask(json!({ "client_roots": roots() }), None)?.into()),
    }
}

fn confirm(request: &CallToolRequestParams) -> Answer {
    let state = known_state(request)?;
    let responses = request.input_responses.as_ref();
    if state.is_some() && accepted(responses, "confirm", "ok").is_some() {
        return say("state-ok");
    }
    let question = elicitation("Please confirm", &json!({ "ok": { "type": "boolean" } }));
    Ok(ask(json!({ "confirm": question }), Some(FIRST))?.into())
}

fn ask_for_all(request: &CallToolRequestParams) -> Answer {
    let state = known_state(request)?;
    let name = accepted(request.input_responses.as_ref(), "user_name", "name");
    let greeting = response(request, "greeting").and_then(sampled);
    let uris = response(request, "client_roots").and_then(root_uris);
    if let (Some(_), Some(name), Some(greeting), Some(uris)) = (state, name, greeting, uris) {
        return say(&format!("{greeting} {name} has {} root(s).", uris.len()));
    }
    let questions = json!({
        "user_name": name_question("What is your name?"),
        "greeting": sampling("Generate a greeting", 50),
        "client_roots": roots(),
    });
    Ok(ask(questions, Some(FIRST))?.into())
}

fn ask_twice(request: &CallToolRequestParams) -> Answer {
    let state = known_state(request)?;
    let responses = request.input_responses.as_ref();
    let color = || {
        let schema = json!({ "color": { "type": "string" } });
        elicitation("Step 2: What is your favorite color?", &schema)
    };
    match state {
        Some(SECOND) => match accepted(responses, "step2", "color") {
            Some(color) => say(&format!("The favorite color is {color}.")),
            None => Ok(ask(json!({ "step2": color() }), Some(SECOND))?.into()),
        },
        Some(_) if accepted(responses, "step1", "name").is_some() => {
            Ok(ask(json!({ "step2": color() }), Some(SECOND))?.into())
        }
        _ => {
            let question = name_question("Step 1: What is your name?");
            Ok(ask(json!({ "step1": question }), Some(FIRST))?.into())
        }
    }
}

/// Asks only for what the client says that it can do.
fn ask_what_is_possible(client: Option<&ClientCapabilities>) -> Answer {
    let mut questions = Map::new();
    if client.is_some_and(|client| client.elicitation.is_some()) {
        let question = name_question("What is your name?");
        questions.insert("user_name".to_owned(), question);
    }
    if client.is_some_and(|client| client.sampling.is_some()) {
        let question = sampling("What is the capital of France?", 100);
        questions.insert("capital_question".to_owned(), question);
    }
    if questions.is_empty() {
        return say("The client can be asked for nothing.");
    }
    Ok(ask(Value::Object(questions), None)?.into())
}

/// A result that asks for more.
pub(crate) fn ask(questions: Value, state: Option<&str>) -> Result<InputRequiredResult, ErrorData> {
    let questions = model(questions)?;
    Ok(InputRequiredResult::new(
        Some(questions),
        state.map(str::to_owned),
    ))
}

/// A member of what the user accepted to give, as text.
pub(crate) fn accepted(
    responses: Option<&InputResponses>,
    question: &str,
    member: &str,
) -> Option<String> {
    let response = responses?.get(question)?;
    if response.get("action")? != "accept" {
        return None;
    }
    match response.get("content")?.get(member)? {
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn response<'a>(request: &'a CallToolRequestParams, question: &str) -> Option<&'a Value> {
    request.input_responses.as_ref()?.get(question)
}

fn sampled(response: &Value) -> Option<&str> {
    response.get("content")?.get("text")?.as_str()
}

fn root_uris(response: &Value) -> Option<Vec<&str>> {
    let roots = response.get("roots")?.as_array()?;
    roots.iter().map(|root| root.get("uri")?.as_str()).collect()
}

fn known_state(request: &CallToolRequestParams) -> Result<Option<&'static str>, ErrorData> {
    match request.request_state.as_deref() {
        None => Ok(None),
        Some(FIRST) => Ok(Some(FIRST)),
        Some(SECOND) => Ok(Some(SECOND)),
        Some(_) => {
            let message = "requestState is not one that this server has given out";
            Err(ErrorData::invalid_params(message, None))
        }
    }
}

fn name_question(message: &str) -> Value {
    elicitation(message, &json!({ "name": { "type": "string" } }))
}
