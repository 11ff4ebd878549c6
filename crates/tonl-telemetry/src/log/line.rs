//! One event as one line.

use super::trace;
use crate::clock::{Clock, iso};
use crate::escape;
use std::fmt::{self, Write as _};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

/// The field that `tracing` puts an event's words into.
const MESSAGE: &str = "message";

/// JSON lines.
pub(super) struct Json {
    pub(super) clock: Clock,
}

impl<S, N> FormatEvent<S, N> for Json
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = format!("{{\"timestamp\":\"{}\"", iso(self.clock.now()));
        let level = event.metadata().level().as_str().to_ascii_lowercase();
        let _infallible = write!(line, ",\"level\":\"{level}\"");
        let fields = Fields::of(event, trace::fields(context));
        line.push_str(",\"message\":");
        escape::json(&mut line, &fields.message);
        for (name, value) in &fields.others {
            line.push(',');
            escape::json(&mut line, unreserved(name));
            line.push(':');
            match value {
                Value::Bare(text) => line.push_str(text),
                Value::Text(text) => escape::json(&mut line, text),
            }
        }
        line.push_str(",\"target\":");
        escape::json(&mut line, event.metadata().target());
        line.push_str("}\n");
        writer.write_str(&line)
    }
}

/// Text for people.
pub(super) struct Text {
    pub(super) clock: Clock,
    pub(super) color: bool,
}

impl<S, N> FormatEvent<S, N> for Text
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let level = *event.metadata().level();
        let time = iso(self.clock.now());
        let mut line = if self.color {
            format!(
                "\u{1b}[2m{time}\u{1b}[0m {}{level:>5}\u{1b}[0m ",
                paint(level)
            )
        } else {
            format!("{time} {level:>5} ")
        };
        let fields = Fields::of(event, trace::fields(context));
        escape::sentence(&mut line, &fields.message);
        for (name, value) in &fields.others {
            let _infallible = write!(line, " {name}=");
            match value {
                Value::Bare(text) => line.push_str(text),
                Value::Text(text) => escape::value(&mut line, text),
            }
        }
        line.push('\n');
        writer.write_str(&line)
    }
}

/// A name that the line itself uses is moved aside, so that no key stands twice.
fn unreserved(name: &str) -> &str {
    match name {
        "timestamp" => "timestamp_",
        "level" => "level_",
        "target" => "target_",
        name => name,
    }
}

fn paint(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\u{1b}[31m",
        Level::WARN => "\u{1b}[33m",
        Level::INFO => "\u{1b}[32m",
        _ => "\u{1b}[34m",
    }
}

/// The fields of an event in their order, its words apart.
#[derive(Default)]
struct Fields {
    message: String,
    others: Vec<(&'static str, Value)>,
}

pub(super) enum Value {
    /// A number or a truth value.
    Bare(String),
    Text(String),
}

impl Fields {
    /// Those of the event, and behind them those of its surroundings.
    fn of(event: &Event<'_>, around: Vec<(&'static str, Value)>) -> Self {
        let mut fields = Self::default();
        event.record(&mut fields);
        fields.others.extend(around);
        fields
    }

    fn add(&mut self, field: &Field, value: Value) {
        match value {
            Value::Text(text) | Value::Bare(text) if field.name() == MESSAGE => {
                self.message = text;
            }
            value => self.others.push((field.name(), value)),
        }
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        let text = value.to_string();
        let is_json = value.is_finite();
        self.add(
            field,
            if is_json {
                Value::Bare(text)
            } else {
                Value::Text(text)
            },
        );
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, Value::Bare(value.to_string()));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, Value::Bare(value.to_string()));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, Value::Bare(value.to_string()));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, Value::Text(value.to_owned()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, Value::Text(format!("{value:?}")));
    }
}
