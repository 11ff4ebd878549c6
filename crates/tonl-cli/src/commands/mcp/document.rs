//! A client's configuration file as text that is changed in one place and stays the same in all others.
//!
//! The text is parsed for each change, and the change is made in a tree that keeps every comment and every
//! space. An object that stands on one line gets its new property on that line: the tree would spread the
//! whole object over lines. What our entry holds beside the keys we write (`disabled`, say) is the person's.
//!
//! The trap: [`Document::undone_by`] makes a change again to see whether it gives the same bytes, so a
//! change must depend on nothing but the text and the [`Setup`].

use super::entry::{HEADER, INPUT, NAME, Setup, TOKEN};
use crate::failure::{Failure, Result};
use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::cst::{CstArray, CstInputValue, CstNode, CstObject, CstObjectProp, CstRootNode};
use jsonc_parser::errors::{ParseError, ParseErrorKind};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::{Map, Value};
use std::path::Path;

/// The keys of an entry that say how the server is reached; an old one that is not set now goes.
const OWNED: [&str; 5] = ["type", "command", "args", "url", "serverUrl"];
/// Keys with objects that a person may add to, and what in them is ours.
const SHARED: [(&str, &[&str]); 2] = [("env", &[TOKEN, HEADER]), ("headers", &["Authorization"])];
/// The key of the servers in files that also have `inputs`.
const WITH_INPUTS: &str = "servers";

/// What a client takes for JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// JSON and nothing else.
    Json,
    /// With comments and commas before a closing bracket.
    WithComments,
}

impl Dialect {
    /// The parser's options for it.
    pub(super) fn options(self) -> ParseOptions {
        let lenient = self == Self::WithComments;
        ParseOptions {
            allow_comments: lenient,
            allow_trailing_commas: lenient,
            allow_loose_object_property_names: false,
            allow_missing_commas: false,
            allow_single_quoted_strings: false,
            allow_hexadecimal_numbers: false,
            allow_unary_plus_numbers: false,
            allow_bare_decimal_point_numbers: false,
            allow_non_finite_numbers: false,
            allow_extended_string_escapes: false,
        }
    }
}

/// A parsed text and the object in it. The root must live as long as anything of the tree is used.
struct Tree {
    root: CstRootNode,
    object: CstObject,
}

/// The text of a configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Document {
    text: String,
    dialect: Dialect,
}

impl Document {
    /// A file that does not exist yet.
    pub(super) fn empty(dialect: Dialect) -> Self {
        Self {
            text: "{}\n".to_owned(),
            dialect,
        }
    }

    /// Reads the bytes of the file at `path`, which is named in errors. A file without a value in it is
    /// an empty object.
    ///
    /// # Errors
    /// It is not UTF-8, not JSON in the dialect, not an object, or has a key twice that we look for.
    pub(super) fn parse(bytes: &[u8], dialect: Dialect, path: &Path) -> Result<Self> {
        let path = path.display();
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let place = error.valid_up_to();
            Failure::new(format_args!("{path}: byte {} is not UTF-8", place + 1))
                .with_hint("correct the file; it was not touched")
        })?;
        let mut document = Self {
            text: text.to_owned(),
            dialect,
        };
        if text.trim_start_matches('\u{feff}').trim().is_empty() {
            document.text = Self::empty(dialect).text;
            return Ok(document);
        }
        document.check().map_err(|(message, hint)| {
            Failure::new(format_args!("{path}: {message}")).with_hint(hint)
        })?;
        Ok(document)
    }

    fn check(&self) -> std::result::Result<(), (String, &'static str)> {
        const CORRECT: &str = "correct the file; it was not touched";
        // Where comments are collected, the parser takes them even if they are not allowed.
        let options = self.dialect.options();
        parse_to_ast(self.body(), &CollectOptions::default(), &options)
            .map_err(|error| (place(&error), CORRECT))?;
        let root = self.tree().map_err(|error| (place(&error), CORRECT))?;
        if root.to_string() != self.body() {
            return Err((
                "the text cannot be changed without loss".to_owned(),
                CORRECT,
            ));
        }
        match root.value() {
            None => return Ok(()),
            Some(value) if value.as_object().is_some() => {}
            Some(_) => {
                return Err((
                    "an object was expected, the file has something else".to_owned(),
                    CORRECT,
                ));
            }
        }
        Ok(())
    }

    /// The bytes of the file.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What is JSON, without a byte order mark.
    pub(super) fn body(&self) -> &str {
        self.text.strip_prefix('\u{feff}').unwrap_or(&self.text)
    }

    /// The dialect it was read in.
    pub(super) fn dialect(&self) -> Dialect {
        self.dialect
    }

    fn tree(&self) -> std::result::Result<CstRootNode, ParseError> {
        CstRootNode::parse(self.body(), &self.dialect.options())
    }

    /// The tree of a text that was parsed before.
    fn opened(&self) -> Result<Tree> {
        let root = self.tree().map_err(|error| Failure::new(place(&error)))?;
        let object = root
            .object_value_or_create()
            .ok_or_else(|| Failure::new("the file does not hold an object"))?;
        Ok(Tree { root, object })
    }

    fn replace_body(&mut self, body: &str) {
        let mark = if self.text.starts_with('\u{feff}') {
            "\u{feff}"
        } else {
            ""
        };
        self.text = format!("{mark}{body}");
    }

    fn close(&mut self, tree: &Tree) {
        self.replace_body(&tree.root.to_string());
    }

    /// What stands there for tonl now, as a setup with the entry as it is.
    ///
    /// # Errors
    /// A key on the way to the entry is there twice, or its value is no object.
    pub(super) fn setup(&self, servers: &'static str) -> Result<Option<Setup>> {
        let tree = self.opened()?;
        let Some(servers_object) = object_at(&tree.object, servers)? else {
            return Ok(None);
        };
        let Some(entry) = object_at(&servers_object, NAME)? else {
            return Ok(None);
        };
        let Some(Value::Object(entry)) = entry.to_serde_value() else {
            return Ok(None);
        };
        Ok(Some(Setup {
            servers,
            entry,
            input: match servers {
                WITH_INPUTS => input_at(&tree.object)?.and_then(|node| node.to_serde_value()),
                _ => None,
            },
        }))
    }

    /// Puts the setup in, or changes what is there until it agrees. Changes nothing if it does.
    ///
    /// # Errors
    /// A key on the way to the entry is there twice, or its value has another type.
    pub(super) fn put(&mut self, setup: &Setup) -> Result<()> {
        if let Some(input) = &setup.input {
            self.put_input(input)?;
        }
        let tree = self.opened()?;
        if object_at(&tree.object, setup.servers)?.is_none() {
            self.append(&[], Some(setup.servers), &Value::Object(Map::new()))?;
        }
        let tree = self.opened()?;
        let Some(servers) = object_at(&tree.object, setup.servers)? else {
            return Ok(());
        };
        match object_at(&servers, NAME)? {
            None => {
                let entry = Value::Object(setup.entry.clone());
                self.append(&[setup.servers], Some(NAME), &entry)?;
            }
            Some(entry) => {
                agree(&entry, &setup.entry);
                self.close(&tree);
            }
        }
        match setup.input {
            Some(_) => Ok(()),
            None => self.take_input(setup.servers),
        }
    }

    /// Takes the entry out, and the question for the token if nothing else refers to it.
    ///
    /// # Errors
    /// As for [`Document::put`].
    pub(super) fn take(&mut self, servers: &'static str) -> Result<()> {
        let tree = self.opened()?;
        if let Some(object) = object_at(&tree.object, servers)?
            && let Some(entry) = one(&object, NAME)?
        {
            entry.remove();
            self.close(&tree);
        }
        self.take_input(servers)
    }

    fn put_input(&mut self, input: &Value) -> Result<()> {
        let tree = self.opened()?;
        if input_at(&tree.object)?.is_some() {
            return Ok(());
        }
        if array_at(&tree.object, "inputs")?.is_none() {
            self.append(&[], Some("inputs"), &Value::Array(Vec::new()))?;
        }
        self.append(&["inputs"], None, input)
    }

    fn take_input(&mut self, servers: &str) -> Result<()> {
        if servers != WITH_INPUTS {
            return Ok(());
        }
        let tree = self.opened()?;
        let Some(node) = input_at(&tree.object)? else {
            return Ok(());
        };
        if self.text.contains(&format!("${{input:{INPUT}}}")) {
            return Ok(());
        }
        node.remove();
        self.close(&tree);
        Ok(())
    }

    /// Appends a property, or an element if there is no key, to the object or array at `path`.
    fn append(&mut self, path: &[&str], key: Option<&str>, value: &Value) -> Result<()> {
        if let Some(body) = self.appended_on_the_line(path, key, value) {
            self.replace_body(&body);
            return Ok(());
        }
        let tree = self.opened()?;
        match (path, key) {
            ([], Some(key)) => drop(tree.object.append(key, node(value))),
            ([parent], Some(key)) => {
                if let Some(object) = object_at(&tree.object, parent)? {
                    object.append(key, node(value));
                }
            }
            ([parent], None) => {
                if let Some(array) = array_at(&tree.object, parent)? {
                    array.append(node(value));
                }
            }
            _ => {}
        }
        self.close(&tree);
        Ok(())
    }

    /// The text with a value behind the last one of an object or array, if that is not spread over lines of
    /// its own: the tree would spread it.
    fn appended_on_the_line(
        &self,
        path: &[&str],
        key: Option<&str>,
        value: &Value,
    ) -> Option<String> {
        let body = self.body();
        let options = self.dialect.options();
        let parsed = parse_to_ast(body, &CollectOptions::default(), &options).ok()?;
        let mut place = parsed.value.as_ref()?;
        for step in path {
            place = &place.as_object()?.get(step)?.value;
        }
        let (first, last) = match place {
            ast::Value::Object(object) => (
                object.properties.first()?.range,
                object.properties.last()?.range,
            ),
            ast::Value::Array(array) => (
                array.elements.first()?.range(),
                array.elements.last()?.range(),
            ),
            _ => return None,
        };
        let whole = place.range();
        let breaks = |from, to| {
            body.get(from..to)
                .is_some_and(|text| text.contains(['\n', '\r']))
        };
        if breaks(whole.start, first.start) && breaks(last.end, whole.end) {
            return None;
        }
        let inside = body.get(whole.start..whole.end)?;
        let space = if inside.contains("\": ") || inside.contains(", ") {
            " "
        } else {
            ""
        };
        let key = key.map(|key| format!("\"{key}\":{space}"));
        let key = key.unwrap_or_default();
        let (before, after) = (body.get(..last.end)?, body.get(last.end..)?);
        Some(format!("{before},{space}{key}{value}{after}"))
    }

    /// Whether making the change that `now` shows in `self` gives `now`: then `self` is what was before it.
    pub(super) fn undone_by(&self, now: &Self, servers: &'static str) -> bool {
        let Ok(Some(setup)) = now.setup(servers) else {
            return false;
        };
        let mut again = self.clone();
        again != *now && again.put(&setup).is_ok() && again == *now
    }
}

/// Lets an entry agree with what is wanted, and leaves the rest of it alone.
fn agree(entry: &CstObject, wanted: &Map<String, Value>) {
    let same_server = reaches_the_same(entry, wanted);
    for key in OWNED {
        match (entry.get(key), wanted.get(key)) {
            (Some(property), None) => property.remove(),
            (property, Some(value)) => set(entry, key, property.as_ref(), value),
            (None, None) => {}
        }
    }
    for (key, ours) in SHARED {
        let values = wanted.get(key).and_then(Value::as_object);
        let Some(object) = entry.object_value(key) else {
            if let Some(values) = values {
                set(
                    entry,
                    key,
                    entry.get(key).as_ref(),
                    &Value::Object(values.clone()),
                );
            }
            continue;
        };
        for name in ours {
            // A token that a person has put there goes to the server it was meant for, and to no other.
            match (
                object.get(name),
                values.and_then(|values| values.get(*name)),
            ) {
                (Some(_), Some(_)) if same_server => {}
                (Some(property), None) => property.remove(),
                (property, Some(value)) => set(&object, name, property.as_ref(), value),
                (None, None) => {}
            }
        }
        if object.properties().is_empty()
            && let Some(property) = entry.get(key)
        {
            property.remove();
        }
    }
}

fn set(object: &CstObject, key: &str, property: Option<&CstObjectProp>, value: &Value) {
    match property {
        None => drop(object.append(key, node(value))),
        Some(property) if property.to_serde_value().as_ref() == Some(value) => {}
        Some(property) => property.set_value(node(value)),
    }
}

fn reaches_the_same(entry: &CstObject, wanted: &Map<String, Value>) -> bool {
    ["url", "serverUrl", "args"].iter().any(|key| {
        let there = entry
            .get(key)
            .and_then(|property| property.to_serde_value());
        there.is_some() && there.as_ref() == wanted.get(*key)
    })
}

/// The only property of this name.
fn one(object: &CstObject, key: &str) -> Result<Option<CstObjectProp>> {
    let named = |property: &CstObjectProp| property.decoded_name().as_deref() == Some(key);
    let mut properties = object.properties().into_iter().filter(named);
    let first = properties.next();
    if properties.next().is_some() {
        return Err(Failure::new(format_args!("the key {key} is there twice"))
            .with_hint("keep one of the two; the file was not touched"));
    }
    Ok(first)
}

fn object_at(object: &CstObject, key: &str) -> Result<Option<CstObject>> {
    match one(object, key)? {
        None => Ok(None),
        Some(property) => property
            .object_value()
            .map(Some)
            .ok_or_else(|| unlike(key, "an object")),
    }
}

fn array_at(object: &CstObject, key: &str) -> Result<Option<CstArray>> {
    match one(object, key)? {
        None => Ok(None),
        Some(property) => property
            .array_value()
            .map(Some)
            .ok_or_else(|| unlike(key, "an array")),
    }
}

fn unlike(key: &str, expected: &str) -> Failure {
    Failure::new(format_args!("the value of {key} is not {expected}"))
        .with_hint("correct the file; it was not touched")
}

/// The element of `inputs` with our id.
fn input_at(root: &CstObject) -> Result<Option<CstNode>> {
    let Some(inputs) = array_at(root, "inputs")? else {
        return Ok(None);
    };
    let ours = |node: &CstNode| {
        let id = node.as_object()?.get("id")?.to_serde_value()?;
        Some(id == INPUT)
    };
    Ok(inputs
        .elements()
        .into_iter()
        .find(|node| ours(node) == Some(true)))
}

/// A value for the tree. The depth is that of a parsed text, which the parser limits to 512.
fn node(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(value) => CstInputValue::Bool(*value),
        Value::Number(number) => CstInputValue::Number(number.to_string()),
        Value::String(text) => CstInputValue::String(text.clone()),
        Value::Array(values) => CstInputValue::Array(values.iter().map(node).collect()),
        Value::Object(map) => {
            let properties = map.iter().map(|(key, value)| (key.clone(), node(value)));
            CstInputValue::Object(properties.collect())
        }
    }
}

/// Where a text is no JSON, and why, in our style.
fn place(error: &ParseError) -> String {
    let what = match error.kind() {
        ParseErrorKind::CommentsNotAllowed => "comments are not allowed in this file".to_owned(),
        ParseErrorKind::TrailingCommasNotAllowed => {
            "a comma before a closing bracket is not allowed in this file".to_owned()
        }
        kind => {
            let text = kind.to_string();
            let mut letters = text.chars();
            let first = letters.next().map(|first| first.to_lowercase().to_string());
            format!("{}{}", first.unwrap_or_default(), letters.as_str())
        }
    };
    format!(
        "line {}, column {}: {what}",
        error.line_display(),
        error.column_display()
    )
}

#[cfg(test)]
mod tests;
