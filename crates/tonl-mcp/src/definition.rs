//! How a tool is described to a client.

use serde_json::{Map, Value, json};

/// One tool, as a client lists it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ToolDefinition {
    /// The name it is called by.
    pub name: &'static str,
    /// The name for people.
    pub title: &'static str,
    /// What it does and when to call it.
    pub description: String,
    /// JSON Schema of its arguments, an object.
    pub input_schema: Value,
    /// JSON Schema of its structured content, if every result carries it.
    pub output_schema: Option<Value>,
    /// What a host may rely on.
    pub annotations: Annotations,
}

/// What a host may rely on before it calls a tool. All of ours read only what they are given, give the
/// same for the same, and touch nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the protocol has these hints as booleans"
)]
#[non_exhaustive]
pub struct Annotations {
    /// It changes nothing.
    pub read_only: bool,
    /// Called twice it does the same as once.
    pub idempotent: bool,
    /// It reaches out to a world that nobody knows all of.
    pub open_world: bool,
}

impl Annotations {
    /// Those of a tool that computes.
    pub(crate) const COMPUTES: Self = Self {
        read_only: true,
        idempotent: true,
        open_world: false,
    };
}

impl ToolDefinition {
    /// The definition as the protocol's JSON.
    pub fn to_json(&self) -> Value {
        let mut members = Map::new();
        members.insert("name".to_owned(), self.name.into());
        members.insert("title".to_owned(), self.title.into());
        members.insert("description".to_owned(), self.description.as_str().into());
        members.insert("inputSchema".to_owned(), self.input_schema.clone());
        if let Some(schema) = &self.output_schema {
            members.insert("outputSchema".to_owned(), schema.clone());
        }
        let annotations = json!({
            "readOnlyHint": self.annotations.read_only,
            "idempotentHint": self.annotations.idempotent,
            "openWorldHint": self.annotations.open_world,
        });
        members.insert("annotations".to_owned(), annotations);
        Value::Object(members)
    }
}

/// An object schema without further members. Properties stand in the order given.
pub(crate) fn object(properties: Map<String, Value>, required: &[&str]) -> Value {
    let mut schema = Map::new();
    schema.insert("type".to_owned(), "object".into());
    schema.insert("properties".to_owned(), Value::Object(properties));
    if !required.is_empty() {
        schema.insert("required".to_owned(), required.into());
    }
    schema.insert("additionalProperties".to_owned(), Value::Bool(false));
    Value::Object(schema)
}

/// Properties, in the order given.
pub(crate) fn properties<const N: usize>(list: [(&str, Value); N]) -> Map<String, Value> {
    list.into_iter()
        .map(|(name, schema)| (name.to_owned(), schema))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_lists_a_shape_only_if_it_has_one() {
        let mut tool = ToolDefinition {
            name: "t",
            title: "T",
            description: "does it".to_owned(),
            input_schema: object(properties([("a", json!({ "type": "string" }))]), &["a"]),
            output_schema: None,
            annotations: Annotations::COMPUTES,
        };
        let text = tool.to_json().to_string();
        assert_eq!(
            text,
            r#"{"name":"t","title":"T","description":"does it","inputSchema":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false},"annotations":{"readOnlyHint":true,"idempotentHint":true,"openWorldHint":false}}"#
        );
        tool.output_schema = Some(object(Map::new(), &[]));
        assert!(tool.to_json().get("outputSchema").is_some());
    }
}
