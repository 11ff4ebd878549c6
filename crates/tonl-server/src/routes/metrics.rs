//! `/metrics`: the counters as text, in the form that is asked for. `/metrics/live`: the same, again
//! and again, as server-sent events.
//!
//! The classic text is the default, because `OpenMetrics` alone is downloaded by browsers and makes
//! tools complain; `Accept: application/openmetrics-text` gives `OpenMetrics`.

use crate::live::{Live, MayGoOn};
use crate::respond;
use axum::body::Body;
use http::header::ACCEPT;
use http::{HeaderMap, Response};
use tonl_telemetry::{Exposition, Telemetry};

/// The answer of `/metrics`.
pub(crate) fn metrics(telemetry: &Telemetry, headers: &HeaderMap) -> Response<Body> {
    let exposition = if asks_open_metrics(headers) {
        Exposition::OpenMetrics
    } else {
        Exposition::Classic
    };
    let text = telemetry.render(exposition);
    respond::text(Some(exposition.content_type()), text)
}

/// The answer of `/metrics/live`.
pub(crate) fn live(live: &Live, may_go_on: MayGoOn) -> Response<Body> {
    respond::events(Body::from_stream(live.watch(may_go_on)))
}

/// Whether `OpenMetrics` is among the types accepted, as Prometheus sends it. Who accepts anything
/// gets the classic text.
fn asks_open_metrics(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT).iter();
    let mut types = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    types.any(|accepted| {
        let mut parts = accepted.split(';').map(str::trim);
        let is_wanted = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case("application/openmetrics-text"));
        is_wanted && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn open_metrics_only_when_it_is_named() {
        let cases = [
            ("*/*", false),
            ("text/plain", false),
            (
                "application/openmetrics-text;version=1.0.0,text/plain;q=0.5",
                true,
            ),
            ("text/plain, APPLICATION/OPENMETRICS-TEXT", true),
            ("application/openmetrics-text;q=0, text/plain", false),
        ];
        for (accept, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(asks_open_metrics(&headers), expected, "{accept}");
        }
    }
}
