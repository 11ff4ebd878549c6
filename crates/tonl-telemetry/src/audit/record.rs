//! What an audit line says, before it has its place in the chain.

use super::chain;
use crate::escape;
use std::fmt::Write as _;
use std::net::IpAddr;
use tracing::{debug, info, warn};

/// Most characters of a path or a reason in a line; the rest is left out and counted.
const LONG: usize = 512;
/// Most characters of any other text.
const SHORT: usize = 128;

/// How much a security event matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Level {
    /// Something that is meant to happen.
    Info,
    /// A refusal or a failure.
    Warn,
}

impl Level {
    /// The level as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
        }
    }
}

/// A security event as it is put on record. Fields without a value are left out of the line.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Record<'a> {
    /// How much it matters.
    pub level: Level,
    /// What happened, for people.
    pub message: &'a str,
    /// What happened, for programs.
    pub event: &'a str,
    /// The client's address.
    pub ip: Option<IpAddr>,
    /// The request's method.
    pub method: Option<&'a str>,
    /// The request's path; a query or fragment is cut off when it is written.
    pub path: Option<&'a str>,
    /// The name or id of a token, never its value.
    pub token: Option<&'a str>,
    /// A session's id; a prefix of its hash is written.
    pub session: Option<&'a str>,
    /// The request's id.
    pub request_id: Option<&'a str>,
    /// The status of the answer.
    pub status: Option<u16>,
    /// Why, or what about.
    pub reason: Option<&'a str>,
    /// For a line that stands for several refusals: how many. Those before it stand for themselves.
    pub count: Option<u64>,
    /// For a line that says that files were removed: the number of the first line that is left.
    pub from: Option<u64>,
}

impl<'a> Record<'a> {
    /// A record of nothing more than what happened.
    pub fn new(level: Level, message: &'a str, event: &'a str) -> Self {
        Self {
            level,
            message,
            event,
            ip: None,
            method: None,
            path: None,
            token: None,
            session: None,
            request_id: None,
            status: None,
            reason: None,
            count: None,
            from: None,
        }
    }

    /// The members of the JSON line from `level` to `from`, without braces.
    pub(crate) fn members(&self) -> String {
        let mut members = String::with_capacity(256);
        let _infallible = write!(members, "\"level\":\"{}\"", self.level.as_str());
        let mut text = |name: &str, value: Option<&str>, most: usize| {
            if let Some(value) = value {
                let _infallible = write!(members, ",\"{name}\":");
                escape::json(&mut members, &escape::shortened(value, most));
            }
        };
        let ip = self.address();
        let session = self.session_prefix();
        text("message", Some(self.message), LONG);
        text("event", Some(self.event), SHORT);
        text("ip", ip.as_deref(), SHORT);
        text("method", self.method, SHORT);
        text("path", self.plain_path(), LONG);
        text("token", self.token, SHORT);
        text("session", session.as_deref(), SHORT);
        text("requestId", self.request_id, SHORT);
        if let Some(status) = self.status {
            let _infallible = write!(members, ",\"status\":{status}");
        }
        if let Some(reason) = self.reason {
            members.push_str(",\"reason\":");
            escape::json(&mut members, &escape::shortened(reason, LONG));
        }
        for (name, number) in [("count", self.count), ("from", self.from)] {
            if let Some(number) = number {
                let _infallible = write!(members, ",\"{name}\":{number}");
            }
        }
        members
    }

    /// Writes it to the ordinary log at its own level.
    pub(crate) fn log(&self) {
        match self.level {
            Level::Info => log_line!(info, self),
            Level::Warn => log_line!(warn, self),
        }
    }

    /// Writes it to the ordinary log for debugging: it is on record elsewhere.
    pub(crate) fn log_for_debugging(&self) {
        log_line!(debug, self);
    }

    fn address(&self) -> Option<String> {
        self.ip.map(|ip| ip.to_canonical().to_string())
    }

    /// Enough of the hash to tell sessions apart in a log, and too little to be of use elsewhere.
    fn session_prefix(&self) -> Option<String> {
        self.session.map(|id| chain::fingerprint(id.as_bytes()))
    }

    fn plain_path(&self) -> Option<&'a str> {
        self.path
            .map(|path| path.split(['?', '#']).next().unwrap_or(path))
    }
}

macro_rules! log_line {
    ($level:ident, $record:expr) => {
        $level!(
            target: "tonl::audit",
            event = $record.event,
            ip = $record.address().as_deref(),
            method = $record.method,
            path = $record.plain_path(),
            token = $record.token,
            session = $record.session_prefix().as_deref(),
            requestId = $record.request_id,
            status = $record.status,
            reason = $record.reason,
            count = $record.count,
            "{}",
            $record.message
        )
    };
}
use log_line;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_stand_in_their_order_and_absent_ones_are_left_out() {
        let record = Record {
            ip: Some("::ffff:203.0.113.9".parse().unwrap()),
            method: Some("GET"),
            path: Some("/mcp?token=secret"),
            status: Some(401),
            reason: Some("missing_token"),
            ..Record::new(Level::Warn, "Unauthorized access attempt", "missing_token")
        };
        assert_eq!(
            record.members(),
            r#""level":"warn","message":"Unauthorized access attempt","event":"missing_token","ip":"203.0.113.9","method":"GET","path":"/mcp","status":401,"reason":"missing_token""#
        );
    }

    #[test]
    fn a_session_is_written_as_a_prefix_of_its_hash() {
        let record = Record {
            session: Some("abc"),
            ..Record::new(Level::Info, "m", "e")
        };
        assert!(record.members().ends_with(r#","session":"ba7816bf8f01""#));
    }

    #[test]
    fn a_long_path_is_cut_and_says_so() {
        let path = "/a".repeat(5_000);
        let record = Record {
            path: Some(&path),
            ..Record::new(Level::Info, "m", "e")
        };
        let members = record.members();
        assert!(members.len() < 700, "{}", members.len());
        assert!(members.contains("… (9488 more characters)"), "{members}");
    }
}
