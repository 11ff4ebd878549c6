//! The suite's resources: two that never change, one to subscribe to, and a template.

use crate::content::PNG;
use serde_json::json;
use tonl_mcp::rmcp::ErrorData;
use tonl_mcp::rmcp::model::{ReadResourceResult, Resource, ResourceContents, ResourceTemplate};

const TEXT: &str = "test://static-text";
const BINARY: &str = "test://static-binary";
const WATCHED: &str = "test://watched-resource";

/// The resources that are listed.
pub(crate) fn all() -> Vec<Resource> {
    [
        (TEXT, "Static text", "text/plain"),
        (BINARY, "Static picture", "image/png"),
        (WATCHED, "A resource to subscribe to", "text/plain"),
    ]
    .map(|(uri, name, mime_type)| {
        Resource::new(uri, name)
            .with_description(format!("{name}, for the conformance suite"))
            .with_mime_type(mime_type)
    })
    .into()
}

/// The templates that are listed.
pub(crate) fn templates() -> Vec<ResourceTemplate> {
    let template = ResourceTemplate::new("test://template/{id}/data", "Data by id")
        .with_description("Data by id, for the conformance suite")
        .with_mime_type("application/json");
    vec![template]
}

/// Reads a resource.
pub(crate) fn read(uri: &str) -> Result<ReadResourceResult, ErrorData> {
    let text = |text: &str| ResourceContents::text(text, uri).with_mime_type("text/plain");
    let contents = match uri {
        TEXT => text("This is the content of the static text resource."),
        WATCHED => text("This is the content of the watched resource."),
        BINARY => ResourceContents::blob(PNG, uri).with_mime_type("image/png"),
        _ => by_id(uri).ok_or_else(|| {
            ErrorData::resource_not_found("Resource not found", Some(json!({ "uri": uri })))
        })?,
    };
    Ok(ReadResourceResult::new(vec![contents]))
}

fn by_id(uri: &str) -> Option<ResourceContents> {
    let id = uri
        .strip_prefix("test://template/")?
        .strip_suffix("/data")?;
    let data = format!("Data for ID: {id}");
    let text = json!({ "id": id, "templateTest": true, "data": data }).to_string();
    Some(ResourceContents::text(text, uri).with_mime_type("application/json"))
}
