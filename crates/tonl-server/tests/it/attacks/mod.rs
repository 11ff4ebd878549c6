//! What strangers, thieves and pages elsewhere try with the endpoints of MCP, over each transport.
//!
//! A test for each attack, most of them a table over the [`Door`]s. A test fails when the attack has an
//! effect, and when the answer is not exactly the promised one.

mod bodies;
mod crowds;
mod door;
mod pages;
mod sealed;
mod sessions;
mod thieves;
mod tokens;
mod words;

use crate::client::Answer;
use crate::server::{Setup, TestServer};
use std::time::{Duration, SystemTime};
use tonl_layers::{Clock, Hands, Scope};
use tonl_secret::{Digest, Token, TokenSet};

use door::initialize;
use door::{Door, Talk};

/// What a refusal says: its status, its body, and its challenge if it is about a token.
type Told = (u16, &'static str, Option<&'static str>);

const MISSING: Told = (
    401,
    r#"{"error":"Unauthorized: Missing Bearer token"}"#,
    Some(r#"Bearer realm="tonl-mcp-bridge""#),
);
const INVALID: Told = (
    403,
    r#"{"error":"Forbidden: Invalid token"}"#,
    Some(r#"Bearer realm="tonl-mcp-bridge", error="invalid_token""#),
);
const NO_SESSION: Told = (404, r#"{"error":"Session not found"}"#, None);

/// What an answer to this method says, as far as it has a body.
#[track_caller]
fn assert_told(answer: &Answer, method: &str, told: Told, of: &str) {
    let (status, text, challenge) = told;
    let text = if method == "HEAD" { "" } else { text };
    assert_eq!((answer.status, answer.text()), (status, text), "{of}");
    assert_eq!(answer.header("www-authenticate"), challenge, "{of}");
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{of}");
}

/// A token of this text and name that opens everything.
fn token(text: &str) -> Token {
    Token {
        name: text.to_owned(),
        digest: Digest::of(text.as_bytes()),
        scopes: Scope::ALL.into_iter().collect(),
        not_before: None,
        expires: None,
    }
}

fn set(tokens: impl IntoIterator<Item = Token>) -> TokenSet {
    TokenSet::new(tokens).unwrap()
}

/// A server with these tokens, and the hands of its clock. Wrong ones may be tried as often as a table
/// is long.
fn guarded(tokens: impl IntoIterator<Item = Token>) -> (TestServer, Hands) {
    guarded_with(tokens, |_| {})
}

/// The same with other settings.
fn guarded_with(
    tokens: impl IntoIterator<Item = Token>,
    change: impl FnOnce(&mut Setup),
) -> (TestServer, Hands) {
    let (clock, hands) = Clock::stopped(SystemTime::now());
    let server = TestServer::with(|setup| {
        setup.app.clock = clock.clone();
        setup.app.auth.failure_max = 0;
        change(setup);
    });
    let now = clock.now().wall;
    server.keyring.install(set(tokens), now, Duration::ZERO);
    (server, hands)
}

/// How many of this refusal there were.
fn refusals(server: &TestServer, reason: &str) -> u64 {
    server.metric(&format!("tonl_refusals_total{{reason=\"{reason}\"}}"))
}
