//! Contents that do not change, and how models of the SDK are made from JSON.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tonl_mcp::rmcp::ErrorData;

/// A PNG of one red pixel, in base64.
pub(crate) const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";
/// A WAV file without samples (PCM, 8 bits, 8 kHz, one channel), in base64.
pub(crate) const WAV: &str = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";

/// Reads a model of the SDK from JSON; the fixture's own JSON is at fault if that fails.
pub(crate) fn model<T: DeserializeOwned>(json: Value) -> Result<T, ErrorData> {
    serde_json::from_value(json).map_err(|error| {
        ErrorData::internal_error(format!("the fixture's JSON is no model: {error}"), None)
    })
}

/// A block of text.
pub(crate) fn text(text: &str) -> Value {
    json!({ "type": "text", "text": text })
}

/// A block with the picture.
pub(crate) fn image() -> Value {
    json!({ "type": "image", "data": PNG, "mimeType": "image/png" })
}

/// A block with a sound.
pub(crate) fn audio() -> Value {
    json!({ "type": "audio", "data": WAV, "mimeType": "audio/wav" })
}

/// A block with a resource in it.
pub(crate) fn embedded(uri: &str, mime_type: &str, text: &str) -> Value {
    json!({ "type": "resource", "resource": { "uri": uri, "mimeType": mime_type, "text": text } })
}
