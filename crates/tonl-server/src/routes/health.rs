//! `/health`: the process lives. `/ready`: it wants requests. Neither asks anything else.

use crate::lifecycle::{Lifecycle, Phase};
use crate::respond;
use axum::body::Body;
use http::{Response, StatusCode};
use jiff::Timestamp;
use serde_json::json;
use std::time::Instant;

/// Answers to probes.
#[derive(Clone, Debug)]
pub(crate) struct Probes {
    started: Instant,
    lifecycle: Lifecycle,
}

impl Probes {
    pub(crate) fn new(lifecycle: Lifecycle) -> Self {
        Self {
            started: Instant::now(),
            lifecycle,
        }
    }

    /// The answer of `/health`.
    pub(crate) fn health(&self) -> Response<Body> {
        // Load balancers ask this all the time: the text is written at once, without a tree of JSON.
        // None of the three values has a character that JSON escapes.
        let uptime = self.started.elapsed().as_secs_f64();
        let time = timestamp();
        let text = format!(r#"{{"status":"healthy","uptime":{uptime:?},"timestamp":"{time}"}}"#);
        respond::json_text(StatusCode::OK, text)
    }

    /// The answer of `/ready`: 503 before and after serving.
    pub(crate) fn ready(&self) -> Response<Body> {
        let (status, word) = match self.lifecycle.phase() {
            Phase::Starting => (StatusCode::SERVICE_UNAVAILABLE, "starting"),
            Phase::Serving => (StatusCode::OK, "ready"),
            Phase::Leaving | Phase::Draining | Phase::Over => {
                (StatusCode::SERVICE_UNAVAILABLE, "draining")
            }
        };
        let body = json!({ "status": word, "timestamp": timestamp() });
        respond::json(status, &body)
    }
}

/// Now, as ISO 8601 in UTC with milliseconds.
fn timestamp() -> String {
    format!("{:.3}", Timestamp::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_says_no_before_and_after_serving() {
        let lifecycle = Lifecycle::default();
        let probes = Probes::new(lifecycle.clone());
        let mut seen = vec![probes.ready().status().as_u16()];
        for phase in [Phase::Serving, Phase::Leaving, Phase::Draining] {
            lifecycle.advance(phase);
            seen.push(probes.ready().status().as_u16());
            assert_eq!(probes.health().status(), 200);
        }
        assert_eq!(seen, [503, 200, 503, 503]);
    }

    #[tokio::test]
    async fn health_is_json_of_three_fields() {
        let body = Probes::new(Lifecycle::default()).health().into_body();
        let text = axum::body::to_bytes(body, 1024).await.unwrap();
        let json: serde_json::Value = serde_json::from_slice(&text).unwrap();
        let names: Vec<&String> = json.as_object().unwrap().keys().collect();
        assert_eq!(names, ["status", "uptime", "timestamp"]);
        assert_eq!(json["status"], "healthy");
        assert!(json["uptime"].is_number(), "{json}");
    }

    #[test]
    fn times_have_milliseconds() {
        let time = timestamp();
        assert_eq!(time.len(), "2026-01-01T00:00:00.000Z".len(), "{time}");
        assert!(time.ends_with('Z'), "{time}");
    }
}
