//! Tells the records of every request: how it was answered, and why it was refused if it was.
//!
//! It stands outside of everything that may refuse, so that a refusal is told in one place whatever
//! refused it. The reason comes with the answer, in its extensions.

use crate::routes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, Method, Uri, request, response};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;
use tonl_layers::request_id::RequestId;
use tonl_layers::{Client, Defence, Refused, Verdict};
use tonl_telemetry::{Telemetry, events};

/// The layer that tells.
#[derive(Clone, Debug)]
pub(crate) struct Observe(pub(crate) Telemetry);

/// What of a request is needed when its answer is there.
#[derive(Debug)]
pub(crate) struct Seen {
    started: Instant,
    method: Method,
    uri: Uri,
    client: Option<IpAddr>,
    request_id: Option<RequestId>,
    bytes_in: u64,
}

impl Defence for Observe {
    type Memo = Seen;

    fn check(&self, head: &mut request::Parts) -> Verdict<Seen> {
        Verdict::Pass(Seen {
            started: Instant::now(),
            method: head.method.clone(),
            uri: head.uri.clone(),
            client: head.extensions.get::<Client>().map(|client| client.ip),
            request_id: head.extensions.get::<RequestId>().cloned(),
            bytes_in: content_length(&head.headers),
        })
    }

    fn answer(&self, seen: Seen, head: &mut response::Parts) {
        let route = routes::label(seen.uri.path());
        let request_id = seen.request_id.as_ref().map_or("", RequestId::as_str);
        if let Some(refused) = head.extensions.remove::<Refused>() {
            self.0.emit(events::Refused {
                reason: refused.reason,
                route,
                client: seen.client.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
                method: seen.method.as_str(),
                path: seen.uri.path(),
                token: refused.token.as_deref(),
                session: refused.session.as_deref(),
                request_id,
                status: head.status.as_u16(),
            });
        }
        self.0.emit(events::RequestFinished {
            method: seen.method.as_str(),
            route,
            status: head.status.as_u16(),
            duration: seen.started.elapsed(),
            bytes_in: seen.bytes_in,
            bytes_out: content_length(&head.headers),
            request_id,
        });
    }
}

/// What a head says about its body's length; 0 if it says nothing.
fn content_length(headers: &HeaderMap) -> u64 {
    headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}
