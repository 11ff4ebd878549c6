//! What the fixture asks clients for, as JSON: sent as a request in sessions, and put into a result
//! where there are none.

use crate::content::model;
use serde_json::{Value, json};
use tonl_mcp::rmcp::model::ServerRequest;
use tonl_mcp::rmcp::{ErrorData, Peer, RoleServer};

/// Asks the user for the properties of this schema, all of which are required.
pub(crate) fn elicitation(message: &str, properties: &Value) -> Value {
    let names: Vec<&str> = match properties {
        Value::Object(members) => members.keys().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    let schema = json!({ "type": "object", "required": names, "properties": properties });
    let params = json!({ "mode": "form", "message": message, "requestedSchema": schema });
    json!({ "method": "elicitation/create", "params": params })
}

/// Asks the client's model.
pub(crate) fn sampling(prompt: &str, most_tokens: u32) -> Value {
    let message = json!({ "role": "user", "content": { "type": "text", "text": prompt } });
    let params = json!({ "messages": [message], "maxTokens": most_tokens });
    json!({ "method": "sampling/createMessage", "params": params })
}

/// Asks for the client's roots.
pub(crate) fn roots() -> Value {
    json!({ "method": "roots/list", "params": {} })
}

/// Sends a request to the client of a session and gives its result.
pub(crate) async fn send(peer: &Peer<RoleServer>, request: Value) -> Result<Value, ErrorData> {
    let request: ServerRequest = model(request)?;
    let answer = peer.send_request(request).await;
    let answer = answer.map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
    serde_json::to_value(answer).map_err(|error| ErrorData::internal_error(error.to_string(), None))
}

/// A schema with defaults of all primitive types.
pub(crate) fn with_defaults() -> Value {
    json!({
        "name": { "type": "string", "default": "John Doe" },
        "age": { "type": "integer", "default": 30 },
        "score": { "type": "number", "default": 95.5 },
        "status": {
            "type": "string",
            "enum": ["active", "inactive", "pending"],
            "default": "active",
        },
        "verified": { "type": "boolean", "default": true },
    })
}

/// A schema with all forms of choices.
pub(crate) fn with_choices() -> Value {
    let plain = ["option1", "option2", "option3"];
    let titled = json!([
        { "const": "value1", "title": "First Option" },
        { "const": "value2", "title": "Second Option" },
        { "const": "value3", "title": "Third Option" },
    ]);
    json!({
        "untitledSingle": { "type": "string", "enum": plain },
        "titledSingle": { "type": "string", "oneOf": titled },
        "legacyEnum": {
            "type": "string",
            "enum": ["opt1", "opt2", "opt3"],
            "enumNames": ["Option One", "Option Two", "Option Three"],
        },
        "untitledMulti": { "type": "array", "items": { "type": "string", "enum": plain } },
        "titledMulti": { "type": "array", "items": { "anyOf": titled } },
    })
}
