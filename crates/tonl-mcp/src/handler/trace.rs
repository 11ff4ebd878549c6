//! The trace that a call belongs to, as its client says in `_meta`.
//!
//! *Source:* W3C Trace Context, section 3.2 (`traceparent`); MCP 2026-07-28, the reserved names of
//! `_meta`.

use rmcp::model::RequestMetaObject;
use tonl_telemetry::log::TRACE_SPAN;
use tracing::{Span, error_span};

/// What `traceparent` says: whose trace it is, and which of its spans calls.
#[derive(Debug, PartialEq, Eq)]
struct Parent<'a> {
    trace: &'a str,
    span: &'a str,
}

/// A span whose events carry the client's trace; one that is nothing if there is none.
pub(super) fn span(tool: &str, meta: &RequestMetaObject) -> Span {
    let said = meta.get("traceparent").and_then(|value| value.as_str());
    match said.and_then(read) {
        // Of the highest level, so that lines of all levels carry it.
        Some(parent) => error_span!(
            TRACE_SPAN,
            tool,
            traceId = parent.trace,
            parentId = parent.span
        ),
        None => Span::none(),
    }
}

/// Reads a `traceparent`; what is no such thing is left out, as the standard asks for.
fn read(text: &str) -> Option<Parent<'_>> {
    let mut parts = text.split('-');
    let (version, trace, span, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_known = version != "ff" && (version != "00" || parts.next().is_none());
    let are_digits =
        is_hex(version, 2) && is_hex(trace, 32) && is_hex(span, 16) && is_hex(flags, 2);
    let are_set =
        trace.bytes().any(|digit| digit != b'0') && span.bytes().any(|digit| digit != b'0');
    (is_known && are_digits && are_set).then_some(Parent { trace, span })
}

fn is_hex(text: &str, digits: usize) -> bool {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    text.len() == digits && text.bytes().all(is_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    #[test]
    fn a_parent_is_read_and_what_is_none_is_left_out() {
        let known = Some(Parent {
            trace: TRACE,
            span: SPAN,
        });
        assert_eq!(read(&format!("00-{TRACE}-{SPAN}-01")), known);
        // A later version may say more.
        assert_eq!(read(&format!("01-{TRACE}-{SPAN}-01-what")), known);
        for text in [
            String::new(),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("00-{TRACE}-{SPAN}-01-what"),
            format!("00-{TRACE}-{SPAN}"),
            format!("00-{}-{SPAN}-01", "0".repeat(32)),
            format!("00-{TRACE}-{}-01", "0".repeat(16)),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00-{TRACE}\n-{SPAN}-01"),
        ] {
            assert_eq!(read(&text), None, "{text:?}");
        }
    }
}
