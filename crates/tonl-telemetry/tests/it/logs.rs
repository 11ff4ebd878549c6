//! The ordinary log: one line an event, whatever is in it.

use serde_json::Value;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};
use tonl_telemetry::events::*;
use tonl_telemetry::log::{Format, InitError, LogConfig, TRACE_SPAN, init, subscriber};
use tonl_telemetry::{Clock, Telemetry};
use tracing_subscriber::fmt::MakeWriter;

/// What a log has written.
#[derive(Clone, Default)]
pub(crate) struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Written {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

pub(crate) fn config(format: Format) -> LogConfig {
    LogConfig {
        format,
        filter: "debug".into(),
        terminal: false,
        color: true,
    }
}

/// What a log of this form writes while something happens.
pub(crate) fn logged(config: &LogConfig, happens: impl FnOnce(&Telemetry)) -> String {
    let written = Written::default();
    let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_123);
    let subscriber = subscriber(config, Clock::fixed(time), written.clone()).unwrap();
    tracing::subscriber::with_default(subscriber, || happens(&Telemetry::disabled_audit()));
    let bytes = written.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

fn completed(telemetry: &Telemetry) {
    telemetry.emit(StreamCompleted {
        lines: 10,
        bytes_in: 2_000,
        bytes_out: 900,
        skipped: 1,
        duration: Duration::from_millis(1_500),
        request_id: "5f0c",
    });
}

#[test]
fn a_completed_stream_is_logged_with_the_promised_keys() {
    let line = logged(&config(Format::Json), completed);
    assert_eq!(
        line,
        "{\"timestamp\":\"2023-11-14T22:13:20.123Z\",\"level\":\"info\",\"message\":\"stream completed\",\
         \"event\":\"stream_completed\",\"lines\":10,\"bytesIn\":2000,\"bytesOut\":900,\"skipped\":1,\
         \"duration\":1.5,\"requestId\":\"5f0c\",\"target\":\"tonl_telemetry::events::stream\"}\n"
    );
}

#[test]
fn text_is_for_terminals_and_json_for_the_rest() {
    let auto = config(Format::Auto);
    assert!(logged(&auto, completed).starts_with('{'));
    let terminal = LogConfig {
        terminal: true,
        color: false,
        ..auto
    };
    assert_eq!(
        logged(&terminal, completed),
        "2023-11-14T22:13:20.123Z  INFO stream completed event=stream_completed lines=10 bytesIn=2000 \
         bytesOut=900 skipped=1 duration=1.5 requestId=5f0c\n"
    );
}

#[test]
fn colour_is_for_terminals_that_want_it() {
    let text = config(Format::Text);
    assert!(!logged(&text, completed).contains('\u{1b}'));
    let colored = LogConfig {
        terminal: true,
        ..text
    };
    assert!(logged(&colored, completed).contains("\u{1b}[32m INFO\u{1b}[0m stream completed"));
    let plain = LogConfig {
        color: false,
        ..colored
    };
    assert!(!logged(&plain, completed).contains('\u{1b}'));
}

/// S50: text of a client cannot forge a line, move a cursor or turn the reading direction.
#[test]
fn nothing_that_a_client_sends_can_forge_a_line() {
    let hostile =
        "/mcp\r\n2026 INFO forged\u{1b}[2J\u{202e}gnp\u{2028}\u{85}\"}{\"level\":\"info\"\u{9b}31m";
    let refused = |telemetry: &Telemetry| {
        telemetry.emit(Refused {
            method: hostile,
            path: hostile,
            token: Some(hostile),
            request_id: hostile,
            ..crate::series::refused(Refusal::InvalidToken)
        });
    };
    for format in [Format::Text, Format::Json] {
        let text = logged(&config(format), refused);
        let line = text.strip_suffix('\n').unwrap();
        assert!(!line.contains(|c: char| c.is_control()), "{line:?}");
        assert!(!line.contains(['\u{202e}', '\u{2028}']), "{line:?}");
    }
    let line = logged(&config(Format::Json), refused);
    let value: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(value["path"], hostile);
    assert_eq!(value["level"], "warn");
}

/// S50, S51: without an audit log the event is in the ordinary log, at its own level.
#[test]
fn without_an_audit_log_a_refusal_is_a_warning() {
    let line = logged(&config(Format::Json), |telemetry| {
        telemetry.emit(Refused {
            session: Some("abc"),
            ..crate::series::refused(Refusal::MissingToken)
        });
    });
    let value: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(value["message"], "Unauthorized access attempt");
    assert_eq!(value["level"], "warn");
    assert_eq!(value["ip"], "203.0.113.9");
    assert_eq!(value["session"], "ba7816bf8f01");
}

#[test]
fn a_filter_leaves_the_rest_out() {
    let quiet = LogConfig {
        filter: "warn".into(),
        ..config(Format::Json)
    };
    assert_eq!(logged(&quiet, completed), "");
    let failed = logged(&quiet, |telemetry| {
        telemetry.emit(crate::series::finished("GET", 503));
    });
    assert!(failed.contains("\"status\":503"), "{failed}");
}

#[test]
fn a_key_of_the_line_itself_never_stands_twice() {
    let line = logged(&config(Format::Json), |_| {
        tracing::info!(level = "x", timestamp = 1, "m");
    });
    let value: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(
        (value["level"].as_str(), value["level_"].as_str()),
        (Some("info"), Some("x"))
    );
    assert_eq!(line.matches("\"timestamp\"").count(), 1);
}

#[test]
fn a_bad_filter_is_refused_before_anything_is_set_up() {
    let bad = LogConfig {
        filter: "a=b=c".into(),
        ..config(Format::Json)
    };
    assert!(matches!(init(&bad), Err(InitError::Filter { .. })));
}

/// The hook is that of the whole process, so that this is the only test that sets it.
#[test]
fn a_panic_is_one_line_of_the_log_without_its_words() {
    let before = std::panic::take_hook();
    let text = logged(&config(Format::Json), |_| {
        tonl_telemetry::log::tell_panics();
        let caught = std::panic::catch_unwind(|| panic!("secret\nof a client"));
        assert!(caught.is_err());
    });
    std::panic::set_hook(before);
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(!text.contains("secret"), "{text}");
    let line: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&line["level"], &line["event"]),
        (&"error".into(), &"panic".into())
    );
    assert!(
        line["place"].as_str().unwrap().contains("logs.rs:"),
        "{text}"
    );
}

#[test]
fn lines_of_a_call_carry_the_trace_of_its_client() {
    let line = logged(&config(Format::Json), |telemetry| {
        let call =
            tracing::error_span!(TRACE_SPAN, traceId = "4bf9", parentId = "00f0", tool = "x");
        let inner = tracing::error_span!(parent: &call, "inner");
        inner.in_scope(|| completed(telemetry));
    });
    let line: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(line["traceId"], "4bf9");
    assert_eq!(line["parentId"], "00f0");
    assert!(line.get("tool").is_none(), "{line}");
    let line = logged(&config(Format::Text), |telemetry| {
        let call = tracing::error_span!(TRACE_SPAN, traceId = "4bf9", parentId = "00f0");
        call.in_scope(|| completed(telemetry));
    });
    assert!(line.ends_with(" traceId=4bf9 parentId=00f0\n"), "{line}");
}
