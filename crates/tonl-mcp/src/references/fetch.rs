//! What gets the bytes behind a URL, whoever does it.

use crate::context::CallContext;
use std::fmt;
use std::io::Read;
use std::path::Path;
use tonl_convert::Format;

/// Gets what is behind URLs. It decides which may be asked for: a call may name any.
pub trait Fetch: fmt::Debug + Send + Sync {
    /// Asks for what is behind a URL. It may wait, no longer than the call's deadline.
    ///
    /// # Errors
    /// The URL is not one that may be asked for, or it does not answer with data.
    fn fetch(&self, url: &str, call: &CallContext) -> Result<Fetched, FetchError>;
}

/// An answer. How much of the body is read is not for the fetcher to decide.
#[non_exhaustive]
pub struct Fetched {
    /// The media type that the answer names.
    pub media_type: Option<String>,
    /// The data.
    pub body: Box<dyn Read + Send>,
}

impl Fetched {
    /// An answer that names no media type.
    pub fn new(body: impl Read + Send + 'static) -> Self {
        Self {
            media_type: None,
            body: Box::new(body),
        }
    }

    /// The format that the answer or else the URL names; nothing if only the content can tell.
    pub(crate) fn format(&self, url: &str) -> Option<Format> {
        let named = self.media_type.as_deref().and_then(of_media_type);
        named.or_else(|| {
            let path = url.split(['?', '#']).next().unwrap_or_default();
            Format::from_path(Path::new(path))
        })
    }
}

fn of_media_type(text: &str) -> Option<Format> {
    let essence = text.split(';').next().unwrap_or_default();
    match essence.trim().to_ascii_lowercase().as_str() {
        "application/json" => Some(Format::Json),
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Some(Format::Ndjson),
        "text/csv" => Some(Format::Csv),
        "text/tab-separated-values" => Some(Format::Tsv),
        "application/yaml" | "text/yaml" | "application/x-yaml" => Some(Format::Yaml),
        "text/tonl" => Some(Format::Tonl),
        other => other.ends_with("+json").then_some(Format::Json),
    }
}

impl fmt::Debug for Fetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetched")
            .field("media_type", &self.media_type)
            .finish_non_exhaustive()
    }
}

/// Why there is no data behind a URL. It says nothing of the network behind it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The URL may not be asked for, whether it exists or not.
    #[error("expected a URL that is allowed, found another one")]
    NotAllowed,
    /// The server answered with something else than data, with this status.
    #[error("expected the status 200, found {0}")]
    Status(u16),
    /// There was no answer.
    #[error("the server did not answer")]
    NoAnswer,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_told_by_the_answer_or_else_by_the_url() {
        let format = |media_type: Option<&str>, url: &str| {
            let media_type = media_type.map(str::to_owned);
            let body = Box::new(std::io::empty());
            Fetched { media_type, body }.format(url)
        };
        assert_eq!(
            format(Some("text/CSV; charset=utf-8"), "x.json"),
            Some(Format::Csv)
        );
        assert_eq!(
            format(Some("application/hal+json"), "x"),
            Some(Format::Json)
        );
        assert_eq!(
            format(Some("text/plain"), "https://a/b.yaml?x=y.csv"),
            Some(Format::Yaml)
        );
        assert_eq!(format(None, "https://a.csv/b"), None);
    }
}
