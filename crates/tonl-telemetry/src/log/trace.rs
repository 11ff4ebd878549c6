//! The client's trace, on every line that is written while its call is worked on.

use super::line::Value;
use tracing::Subscriber;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

/// The name of the spans whose fields `traceId` and `parentId` (W3C Trace Context) are written with
/// each event inside of them.
pub const TRACE_SPAN: &str = "mcp_call";

/// Keeps what spans say of their trace.
pub(super) struct Traces;

/// What a span says of its trace.
#[derive(Default)]
struct Trace(Vec<(&'static str, String)>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Traces {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if attributes.metadata().name() != TRACE_SPAN {
            return;
        }
        let mut trace = Trace::default();
        attributes.record(&mut trace);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(trace);
        }
    }
}

impl Visit for Trace {
    fn record_str(&mut self, field: &Field, value: &str) {
        if matches!(field.name(), "traceId" | "parentId") {
            self.0.push((field.name(), value.to_owned()));
        }
    }

    fn record_debug(&mut self, _field: &Field, _value: &dyn std::fmt::Debug) {}
}

/// The trace of the innermost span that has one.
pub(super) fn fields<S, N>(context: &FmtContext<'_, S, N>) -> Vec<(&'static str, Value)>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> tracing_subscriber::fmt::FormatFields<'a> + 'static,
{
    let mut fields = Vec::new();
    for span in context.event_scope().into_iter().flatten() {
        if let Some(Trace(found)) = span.extensions().get::<Trace>() {
            let found = found.iter();
            fields.extend(found.map(|(name, value)| (*name, Value::Text(value.clone()))));
            break;
        }
    }
    fields
}
