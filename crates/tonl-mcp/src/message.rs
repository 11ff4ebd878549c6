//! The check of a message before the SDK reads it: that it is JSON, one message, not too deep, and
//! that nothing of it would be lost.
//!
//! The SDK drops what it cannot read, or answers with a status that clients do not expect. The reader
//! behind it keeps the last of two members of the same name without a word: here that is an error.
//! The invariant: what passes is read by the SDK as it was written.

mod parts;

pub use parts::{ArgumentsText, MOST_REST, Parts};

use rmcp::model::ClientJsonRpcMessage;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

/// How deep arrays and objects of a message may be nested.
pub const MAX_DEPTH: usize = 127;

/// What is wrong with a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// It is no JSON.
    #[error("Parse error: {0}")]
    NotJson(String),
    /// It is nested deeper than [`MAX_DEPTH`].
    #[error(
        "Parse error: nested deeper than {MAX_DEPTH} levels; send deeper data by reference or as text"
    )]
    TooDeep,
    /// An object has two members of the same name.
    #[error("Parse error: {0}")]
    DuplicateName(String),
    /// It is several messages in one.
    #[error("Invalid Request: batches are not supported, send each message by itself")]
    Batch,
    /// It is JSON and no message of the protocol.
    #[error("Invalid Request: {0}")]
    NotAMessage(String),
    /// It has more than [`MOST_REST`] bytes beside its arguments.
    #[error("Invalid Request: beside its arguments the message has more than {MOST_REST} bytes")]
    Crowded,
    /// It is longer than a message may be.
    #[error("Invalid Request: the message is longer than {limit} bytes")]
    TooLong {
        /// The most bytes.
        limit: usize,
    },
}

impl Malformed {
    /// The error code (JSON-RPC 2.0, section 5.1).
    pub fn code(&self) -> i32 {
        match self {
            Self::NotJson(_) | Self::TooDeep | Self::DuplicateName(_) => -32700,
            Self::Batch | Self::NotAMessage(_) | Self::Crowded | Self::TooLong { .. } => -32600,
        }
    }

    /// The answer to it, to the request of this id as far as it is known.
    pub fn response(&self, id: Option<&Value>) -> String {
        json!({
            "jsonrpc": "2.0",
            "id": id,
            "error": { "code": self.code(), "message": self.to_string() },
        })
        .to_string()
    }
}

/// Checks a message. Shapes of methods are not looked at.
///
/// # Errors
/// What is wrong with it.
pub fn check(text: &[u8]) -> Result<(), Malformed> {
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
    let checked = serde_json::from_slice::<Checked>(text).map(drop);
    checked.map_err(|error| malformed(&error))?;
    match first {
        Some(b'{') => Ok(()),
        Some(b'[') => Err(Malformed::Batch),
        _ => Err(Malformed::NotAMessage("expected an object".to_owned())),
    }
}

/// Whether a message that passed [`check`] has the shape of one.
///
/// # Errors
/// What it lacks.
pub fn shape(text: &[u8]) -> Result<(), Malformed> {
    let read: Result<ClientJsonRpcMessage, _> = serde_json::from_slice(text);
    let read = read.map(drop);
    read.map_err(|error| Malformed::NotAMessage(error.to_string()))
}

/// What a message says of itself before anything of it is done. What is not there, or is of another
/// type, is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Envelope {
    /// Its method; answers have none.
    pub method: Option<String>,
    /// What it is about, where its method has such a thing: the name of the tool or prompt, or the URI of
    /// the resource.
    pub target: Option<String>,
    /// Whether it stands for itself: it brings its version of the protocol along, as all messages do
    /// since 2026-07-28.
    pub is_stateless: bool,
}

const CALL: &str = "tools/call";

impl Envelope {
    /// The tool that is called.
    pub fn tool(&self) -> Option<&str> {
        let is_call = self.method.as_deref() == Some(CALL);
        self.target.as_deref().filter(|_| is_call)
    }
}

/// Reads the envelope of a message that passed [`check`].
pub fn envelope(text: &[u8]) -> Envelope {
    #[derive(Default, serde::Deserialize)]
    struct Named {
        #[serde(default)]
        method: Option<String>,
    }
    #[derive(Default, serde::Deserialize)]
    struct Filled {
        #[serde(default)]
        params: Params,
    }
    #[derive(Default, serde::Deserialize)]
    struct Params {
        #[serde(default)]
        name: Option<Value>,
        #[serde(default)]
        uri: Option<Value>,
        #[serde(default, rename = "_meta")]
        meta: Option<Map<String, Value>>,
    }
    // Read apart: parameters of another shape do not hide the method.
    let Named { method } = serde_json::from_slice(text).unwrap_or_default();
    let Filled { params } = serde_json::from_slice(text).unwrap_or_default();
    let version = "io.modelcontextprotocol/protocolVersion";
    let target = match method.as_deref() {
        Some(CALL | "prompts/get") => params.name,
        Some("resources/read" | "resources/subscribe" | "resources/unsubscribe") => params.uri,
        _ => None,
    };
    Envelope {
        method,
        target: target.and_then(|target| target.as_str().map(str::to_owned)),
        is_stateless: params.meta.is_some_and(|meta| meta.contains_key(version)),
    }
}

/// The id of a message that is no good otherwise.
pub fn id(text: &[u8]) -> Option<Value> {
    #[derive(serde::Deserialize)]
    struct Head {
        id: Option<Value>,
    }
    let head: Head = serde_json::from_slice(text).ok()?;
    head.id.filter(|id| id.is_string() || id.is_number())
}

fn malformed(error: &serde_json::Error) -> Malformed {
    let text = error.to_string();
    match error.classify() {
        Category::Data => Malformed::DuplicateName(text),
        _ if text.starts_with("recursion limit exceeded") => Malformed::TooDeep,
        _ => Malformed::NotJson(text),
    }
}

/// A value that was looked through and not kept.
struct Checked;

impl<'de> Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Look)
    }
}

struct Look;

impl<'de> Visitor<'de> for Look {
    type Value = Checked;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Checked, E> {
        Ok(Checked)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Checked, E> {
        Ok(Checked)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Checked, E> {
        Ok(Checked)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Checked, E> {
        Ok(Checked)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Checked, E> {
        Ok(Checked)
    }

    fn visit_str<E>(self, _: &str) -> Result<Checked, E> {
        Ok(Checked)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Checked, A::Error> {
        while items.next_element::<Checked>()?.is_some() {}
        Ok(Checked)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Checked, A::Error> {
        let mut names = HashSet::new();
        while let Some(Name(name)) = members.next_key()? {
            members.next_value::<Checked>()?;
            if let Some(Name(name)) = names.replace(Name(name)) {
                let text = format!("two members of an object are named {name:?}; rename one");
                return Err(A::Error::custom(text));
            }
        }
        Ok(Checked)
    }
}

/// The name of a member, borrowed from the message where it has no escapes.
#[derive(PartialEq, Eq, Hash)]
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(Read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_pass() {
        let cases = [
            r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#,
            r#" {"a":[1.10,-0,1e400,123456789012345678901234567890,null,true,"\u00e9"]} "#,
            r#"{"a":{"x":1},"b":{"x":1}}"#,
        ];
        for case in cases {
            assert_eq!(check(case.as_bytes()), Ok(()), "{case}");
        }
    }

    #[test]
    fn an_envelope_says_what_is_asked_for_and_in_which_era() {
        let of = |text: &str| envelope(text.as_bytes());
        let called = of(
            r#"{"method":"tools\/call","params":{"name":"parse_tonl","arguments":{"name":1},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#,
        );
        assert_eq!(called.method.as_deref(), Some("tools/call"));
        assert_eq!(called.tool(), Some("parse_tonl"));
        assert!(called.is_stateless);
        let prompt = of(r#"{"method":"prompts/get","params":{"name":"read_tonl"},"id":1}"#);
        assert_eq!(prompt.tool(), None);
        assert_eq!(prompt.target.as_deref(), Some("read_tonl"));
        let read = of(r#"{"method":"resources/read","params":{"uri":"tonl://format","name":"x"}}"#);
        assert_eq!(read.target.as_deref(), Some("tonl://format"));
        assert!(!prompt.is_stateless);
        assert_eq!(of(r#"{"id":1,"result":{}}"#), Envelope::default());
        // Whatever else is wrong with it, its method is known.
        for params in ["7", "[1]", r#"{"_meta":7}"#] {
            let text = format!(r#"{{"method":"initialize","params":{params}}}"#);
            assert_eq!(of(&text).method.as_deref(), Some("initialize"), "{text}");
        }
        assert_eq!(of(r#"{"method":7}"#), Envelope::default());
    }

    #[test]
    fn what_is_no_message_is_named_with_its_code_and_place() {
        let cases: [(&[u8], i32, &str); 8] = [
            (b"", -32700, "line 1 column 0"),
            (b"{", -32700, "line 1 column 1"),
            (b"garbage", -32700, "line 1 column 1"),
            (b"{\"a\":1}x", -32700, "trailing characters"),
            (b"{\"a\":\"\xff\"}", -32700, "invalid unicode"),
            (b"{\"a\":1,\"\\u0061\":2}", -32700, "\"a\""),
            (b"[{\"a\":1}]", -32600, "batches"),
            (b"7", -32600, "object"),
        ];
        for (text, code, word) in cases {
            let error = check(text).unwrap_err();
            assert_eq!(error.code(), code, "{error}");
            assert!(error.to_string().contains(word), "{error} lacks {word}");
        }
    }

    #[test]
    fn depth_is_limited_and_said() {
        let nested = |depth: usize| {
            let inner = depth - 1;
            format!("{{\"a\":{}{}}}", "[".repeat(inner), "]".repeat(inner))
        };
        assert_eq!(check(nested(MAX_DEPTH).as_bytes()), Ok(()));
        let error = check(nested(MAX_DEPTH + 1).as_bytes()).unwrap_err();
        assert_eq!(error, Malformed::TooDeep);
        assert!(error.to_string().contains("127"));
        assert_eq!(check(nested(1_000_000).as_bytes()), Err(Malformed::TooDeep));
    }

    #[test]
    fn the_answer_names_the_request_where_its_id_is_known() {
        let text = br#"{"id":"x","method":7}"#;
        let error = Malformed::NotAMessage("no".to_owned());
        let answer: Value = serde_json::from_str(&error.response(id(text).as_ref())).unwrap();
        assert_eq!(answer["id"], "x");
        assert_eq!(answer["error"]["code"], -32600);
        assert_eq!(id(br#"{"id":{"a":1}}"#), None);
        assert_eq!(id(b"["), None);
    }
}
