//! Large results: their beginning, and where the rest can be read.

use crate::config::{Budget, TextForm};
use crate::context::IdentityKey;
use crate::outcome::{Content, Failure, ResourceLink};
use crate::resources::RESULT_URI;
use crate::results::{Results, beginning};
use crate::work::Work;
use serde_json::{Map, Value};
use tonl_convert::counting::Model;

/// The rest of a result, where only the beginning is sent.
#[derive(Debug)]
pub(crate) struct Rest {
    uri: String,
    pages: usize,
    bytes: usize,
    lines: usize,
    mime_type: &'static str,
}

impl Budget {
    /// Whether a text is larger than it may be.
    pub(crate) fn is_passed(
        &self,
        text: &str,
        model: &Model,
        work: &Work,
    ) -> Result<bool, Failure> {
        let is_long = self
            .chars
            .is_some_and(|most| text.chars().nth(most).is_some());
        if is_long {
            return Ok(true);
        }
        match self.tokens {
            Some(most) => {
                work.expect(text.len() as u64);
                let tokens = work.count(model, text)?;
                Ok(model.of_encoding(tokens).tokens > most)
            }
            None => Ok(false),
        }
    }

    /// The beginning of a text that is within the budget: whole lines, unless the first is too long.
    pub(crate) fn beginning<'t>(
        &self,
        text: &'t str,
        model: &Model,
        work: &Work,
    ) -> Result<&'t str, Failure> {
        let mut part = match self.chars {
            Some(most) => beginning(text, most),
            None => text,
        };
        while self.is_passed(part, model, work)? {
            let chars = part.chars().count();
            // A quarter less each time; a line longer than the budget is cut in the end.
            part = beginning(part, (chars - chars / 4).min(chars.saturating_sub(1)));
        }
        Ok(part)
    }

    /// Whether there is a budget at all.
    pub(crate) fn is_set(&self) -> bool {
        self.chars.is_some() || self.tokens.is_some()
    }
}

impl Rest {
    /// Keeps a text whose beginning is sent.
    pub(crate) fn keep(
        results: &Results,
        identity: IdentityKey,
        mime_type: &'static str,
        text: &str,
    ) -> Result<Self, Failure> {
        let kept = results.keep(identity, mime_type, text);
        let (handle, pages) = kept.ok_or_else(|| {
            let bytes = text.len();
            Failure::Failed(format!(
                "the result has {bytes} bytes, more than can be kept; send less data"
            ))
        })?;
        Ok(Self {
            uri: format!("{RESULT_URI}{handle}"),
            pages,
            bytes: text.len(),
            lines: text.lines().count(),
            mime_type,
        })
    }

    /// What is said of it in a result.
    pub(crate) fn shown(&self, sent: &str) -> Value {
        let mut members = Map::new();
        let mut add = |name: &str, value: Value| members.insert(name.to_owned(), value);
        add("uri", self.uri.as_str().into());
        add("pages", self.pages.into());
        add("lines", sent.lines().count().into());
        add("totalLines", self.lines.into());
        Value::Object(members)
    }

    /// The link, and in words what a model can do if it sees no links.
    pub(crate) fn content(&self, sent: &str, form: TextForm) -> Vec<Content> {
        let (lines, all) = (sent.lines().count(), self.lines);
        let (pages, uri) = (self.pages, &self.uri);
        let place = if pages == 1 {
            format!("All of it: {uri}?page=1")
        } else {
            format!("All of it in {pages} pages: {uri}?page=1 and so on")
        };
        let words = format!("Lines 1 to {lines} of {all}. {place}");
        let link = Content::ResourceLink(ResourceLink {
            uri: self.uri.clone(),
            name: "result".to_owned(),
            description: words.clone(),
            mime_type: self.mime_type,
            size: self.bytes as u64,
        });
        match form {
            // There the text says it.
            TextForm::Json => vec![link],
            TextForm::Tonl => vec![Content::Text(words), link],
        }
    }
}
