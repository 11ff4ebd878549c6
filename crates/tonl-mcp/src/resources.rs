//! The resources: the guide to the format, the table of models, and results that were too large.

use crate::context::IdentityKey;
use crate::guide::FORMAT;
use crate::results::Results;
use serde_json::{Value, json};
use std::sync::Arc;
use tonl_convert::counting::Model;
use tonl_convert::counting::model::{MODELS, Tokenizer};
use tonl_convert::{Format, Input, Job, convert};

/// One resource, as a client lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResourceDefinition {
    /// Where it is, or the template of where it is (RFC 6570).
    pub uri: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The name for people.
    pub title: &'static str,
    /// What it holds.
    pub description: &'static str,
    /// Its media type.
    pub mime_type: &'static str,
}

/// The text of a resource.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ResourceText {
    /// Where it is.
    pub uri: String,
    /// Its media type.
    pub mime_type: &'static str,
    /// The text, or a page of it.
    pub text: String,
    /// Where the next page is, if there is one.
    pub next_uri: Option<String>,
}

/// A resource that there is not: nobody ever gave it out, to somebody else, or it is gone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Resource {uri} not found")]
#[non_exhaustive]
pub struct UnknownResource {
    /// Where it was looked for; cut after 200 characters.
    pub uri: String,
}

/// The media type of TONL.
///
/// *Source:* `spec/tonl.md` §15.2.
pub(crate) const TONL_TYPE: &str = "text/tonl; charset=utf-8";

/// The media type of JSON.
pub(crate) const JSON_TYPE: &str = "application/json";

const FORMAT_URI: &str = "tonl://format";
const MODELS_URI: &str = "tonl://models";
/// A handle stands behind it.
pub(crate) const RESULT_URI: &str = "tonl://result/";

pub(crate) fn definitions() -> Vec<ResourceDefinition> {
    vec![
        ResourceDefinition {
            uri: FORMAT_URI,
            name: "format",
            title: "The TONL format",
            description: "How TONL is read and written, with examples",
            mime_type: "text/markdown",
        },
        ResourceDefinition {
            uri: MODELS_URI,
            name: "models",
            title: "Models",
            description: "The models whose tokens can be counted, how, and what they cost",
            mime_type: TONL_TYPE,
        },
    ]
}

pub(crate) fn templates() -> Vec<ResourceDefinition> {
    vec![ResourceDefinition {
        uri: "tonl://result/{handle}{?page}",
        name: "result",
        title: "A large result",
        description: "A result that was too large to send at once, in pages; kept for some minutes",
        mime_type: "text/plain",
    }]
}

/// The text of a resource that is always there.
pub(crate) fn fixed(uri: &str) -> Option<ResourceText> {
    let (mime_type, text) = match uri {
        FORMAT_URI => ("text/markdown", FORMAT.to_owned()),
        MODELS_URI => (TONL_TYPE, models()),
        _ => return None,
    };
    Some(ResourceText {
        uri: uri.to_owned(),
        mime_type,
        text,
        next_uri: None,
    })
}

/// The whole text of a resource and its media type.
pub(crate) fn whole(
    uri: &str,
    results: &Results,
    identity: IdentityKey,
) -> Option<(&'static str, Arc<str>)> {
    if let Some(found) = fixed(uri) {
        return Some((found.mime_type, found.text.into()));
    }
    let kept = results.get(identity, uri.strip_prefix(RESULT_URI)?)?;
    Some((kept.mime_type, kept.text))
}

/// A page of a result that is kept for this identity: `tonl://result/<handle>`, with `?page=2` and
/// so on behind it.
pub(crate) fn kept(uri: &str, results: &Results, identity: IdentityKey) -> Option<ResourceText> {
    let place = uri.strip_prefix(RESULT_URI)?;
    let (handle, page) = match place.split_once("?page=") {
        Some((handle, page)) if page.bytes().all(|b| b.is_ascii_digit()) => {
            (handle, page.parse::<usize>().ok()?)
        }
        Some(_) => return None,
        None => (place, 1),
    };
    let kept = results.get(identity, handle)?;
    let next = page.saturating_add(1);
    Some(ResourceText {
        uri: uri.to_owned(),
        mime_type: kept.mime_type,
        text: kept.page(page)?.to_owned(),
        next_uri: (next <= kept.pages()).then(|| format!("{RESULT_URI}{handle}?page={next}")),
    })
}

/// The table of models, as TONL.
fn models() -> String {
    let records: Value = MODELS.iter().map(model).collect();
    let input = Input::from_bytes("models", records.to_string().into_bytes());
    let mut job = Job::new(Format::Json, Format::Tonl);
    job.write.types = tonl_convert::tonl::Types::Auto;
    if let Ok(label) = "models".parse() {
        job.write.label = label;
    }
    let mut text = Vec::new();
    match convert(&input, &mut text, &job) {
        Ok(_report) => String::from_utf8(text).unwrap_or_default(),
        Err(_never) => records.to_string(),
    }
}

fn model(model: &Model) -> Value {
    let percent = match model.tokenizer {
        Tokenizer::Estimate { percent, .. } => percent,
        _ => 100,
    };
    json!({
        "name": model.name,
        "provider": model.provider.to_string(),
        "encoding": model.encoding().name(),
        "percent": percent,
        "method": model.method().name(),
        "usdPerMillionIn": model.price.input,
        "usdPerMillionOut": model.price.output,
        "priceDate": model.price.date,
    })
}

impl ResourceDefinition {
    /// The definition as the protocol's JSON, with its place under this name: `uri` or `uriTemplate`.
    pub fn to_json(&self, place: &str) -> Value {
        json!({
            place: self.uri,
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "mimeType": self.mime_type,
        })
    }
}

impl ResourceText {
    /// The text as the protocol's JSON, one item of `contents`.
    pub fn to_json(&self) -> Value {
        let mut item = json!({ "uri": self.uri, "mimeType": self.mime_type, "text": self.text });
        if let (Some(next), Some(members)) = (&self.next_uri, item.as_object_mut()) {
            members.insert("_meta".to_owned(), json!({ "nextUri": next }));
        }
        item
    }
}
