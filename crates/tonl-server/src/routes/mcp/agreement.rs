//! What headers say of a message must be what the message says: `Mcp-Method`, `Mcp-Name` and
//! `MCP-Protocol-Version`.
//!
//! **Threat.** A gateway in front of the server reads these headers, which are cheap to read, and decides
//! by them what may pass. If the message may say something else, everything passes.
//!
//! The SDK compares them where the newest revision is spoken, as that revision asks for. A gateway does
//! not look at revisions, so that a client could name an older one and be free again: here they are
//! compared in every era and on every transport. What only the newest revision has, a name that is
//! encoded and headers that must not be missing, is the SDK's to judge.
//!
//! *Source:* MCP specification 2026-07-28, Streamable HTTP, standard request headers.

use http::HeaderMap;
use serde_json::{Value, json};
use tonl_mcp::message::Envelope;

const METHOD: &str = "Mcp-Method";
const NAME: &str = "Mcp-Name";
const VERSION: &str = "MCP-Protocol-Version";
/// The first revision that has these headers. Revisions are dates, so that they sort as text.
const NEWEST: &str = "2026-07-28";

/// Why a message is not what its headers say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Disagreement {
    #[error("{0} stands more than once")]
    Doubled(&'static str),
    #[error("{0} is no text")]
    NoText(&'static str),
    #[error("{0} does not match the message")]
    Other(&'static str),
    #[error("an encoded {} needs {} {}", NAME, VERSION, NEWEST)]
    Encoded,
}

impl Disagreement {
    /// The answer, to the request of this id as far as it is known. The code is the revision's own.
    pub(super) fn response(&self, id: Option<&Value>) -> String {
        let error = json!({ "code": -32020, "message": format!("Header mismatch: {self}") });
        json!({ "jsonrpc": "2.0", "id": id, "error": error }).to_string()
    }
}

/// Compares headers with a message.
pub(super) fn check(headers: &HeaderMap, message: &Envelope) -> Result<(), Disagreement> {
    let version = only(headers, VERSION)?;
    let (method, name) = (only(headers, METHOD)?, only(headers, NAME)?);
    if method.is_none() && name.is_none() {
        return Ok(());
    }
    // What has no method answers something and runs nothing.
    let Some(asked) = message.method.as_deref() else {
        return Ok(());
    };
    if method.is_some_and(|method| method != asked) {
        return Err(Disagreement::Other(METHOD));
    }
    let (Some(name), Some(said)) = (name, message.target.as_deref()) else {
        return Ok(());
    };
    if name.starts_with("=?base64?") && name.ends_with("?=") {
        let is_newest = version.is_some_and(|version| version >= NEWEST);
        return is_newest.then_some(()).ok_or(Disagreement::Encoded);
    }
    if name == said {
        Ok(())
    } else {
        Err(Disagreement::Other(NAME))
    }
}

/// The one value of a header, if it has one.
fn only<'h>(headers: &'h HeaderMap, name: &'static str) -> Result<Option<&'h str>, Disagreement> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() {
        return Err(Disagreement::Doubled(name));
    }
    let text = first.map(|value| value.to_str());
    text.transpose().map_err(|_| Disagreement::NoText(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};
    use tonl_mcp::message::envelope;

    const CALL: &str =
        r#"{"id":1,"method":"tools/call","params":{"arguments":{"name":"b"},"name":"a"}}"#;
    const READ: &str = r#"{"id":1,"method":"resources/read","params":{"uri":"tonl://a"}}"#;
    const LIST: &str = r#"{"id":1,"method":"tools/list","params":{"name":"a"}}"#;
    const ANSWER: &str = r#"{"id":1,"result":{}}"#;

    fn found(headers: &[(&str, &str)], text: &str) -> Result<(), Disagreement> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.to_lowercase().as_bytes()).unwrap();
            map.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        check(&map, &envelope(text.as_bytes()))
    }

    #[test]
    fn headers_that_repeat_the_message_or_say_nothing_pass() {
        for (headers, text) in [
            (&[][..], CALL),
            (&[(METHOD, "tools/call"), (NAME, "a")], CALL),
            (&[(NAME, "tonl://a")], READ),
            // A list has no name to be repeated, and an answer runs nothing.
            (&[(METHOD, "tools/list"), (NAME, "x")], LIST),
            (&[(METHOD, "tools/call"), (NAME, "a")], ANSWER),
            (&[(VERSION, NEWEST), (NAME, "=?base64?YQ==?=")], CALL),
            (
                &[(METHOD, "tools/call")],
                r#"{"method":"tools/call","params":[{"name":"b"}]}"#,
            ),
            (
                &[(METHOD, "tools/call"), (NAME, "a")],
                r#"{"method":"tools/call","params":{"name":7}}"#,
            ),
        ] {
            assert_eq!(found(headers, text), Ok(()), "{headers:?} {text}");
        }
    }

    #[test]
    fn headers_that_say_something_else_are_found_in_every_era() {
        use Disagreement::{Doubled, Encoded, NoText, Other};
        type Headers<'a> = &'a [(&'a str, &'a str)];
        let cases: [(Headers<'_>, &str, Disagreement); 10] = [
            (&[(METHOD, "tools/list")], CALL, Other(METHOD)),
            (&[(METHOD, "Tools/call")], CALL, Other(METHOD)),
            (&[(METHOD, "")], CALL, Other(METHOD)),
            (
                &[(VERSION, "2025-11-25"), (METHOD, "ping")],
                CALL,
                Other(METHOD),
            ),
            // The name of the tool, not that of an argument.
            (&[(NAME, "b")], CALL, Other(NAME)),
            (&[(NAME, "tonl://b")], READ, Other(NAME)),
            (
                &[(METHOD, "tools/call"), (METHOD, "tools/call")],
                CALL,
                Doubled(METHOD),
            ),
            (
                &[(VERSION, NEWEST), (VERSION, "2025-11-25")],
                CALL,
                Doubled(VERSION),
            ),
            (&[(NAME, "\u{e4}")], CALL, NoText(NAME)),
            (
                &[(VERSION, "2025-11-25"), (NAME, "=?base64?YQ==?=")],
                CALL,
                Encoded,
            ),
        ];
        for (headers, text, expected) in cases {
            assert_eq!(found(headers, text), Err(expected), "{headers:?} {text}");
        }
    }

    #[test]
    fn the_answer_is_an_error_of_the_protocol_and_repeats_no_header() {
        let id = json!("x");
        assert_eq!(
            Disagreement::Other(NAME).response(Some(&id)),
            r#"{"jsonrpc":"2.0","id":"x","error":{"code":-32020,"message":"Header mismatch: Mcp-Name does not match the message"}}"#
        );
    }
}
