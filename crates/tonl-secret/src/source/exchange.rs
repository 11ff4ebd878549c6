//! One request to a store of secrets: bounded in time and size, without redirects and proxies.

use super::address::Address;
use crate::error::{SourceError, SourceErrorKind};
use std::path::Path;
use std::time::Duration;
use ureq::http::Request;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Error};
use zeroize::Zeroizing;

/// The largest answer, in bytes.
pub(super) const MAX_ANSWER_BYTES: u64 = 1024 * 1024;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);

/// What a store answered.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Zeroizing<Vec<u8>>,
}

/// Sends one request. Statuses are the caller's to judge. A redirect is an answer like any other: the
/// headers that prove who we are never follow it to another host.
///
/// # Errors
/// [`SourceErrorKind::Unreachable`] and [`SourceErrorKind::Answer`] with the address as place.
pub(super) fn send(
    address: &Address,
    authority: Option<&Path>,
    request: Request<Vec<u8>>,
) -> Result<Answer, SourceError> {
    let agent = agent(authority)?;
    exchange(&agent, request).map_err(|error| failure(&error).at(address))
}

fn exchange(agent: &Agent, request: Request<Vec<u8>>) -> Result<Answer, Error> {
    let mut response = agent.run(request)?;
    let status = response.status().as_u16();
    let body = response.body_mut().with_config();
    let body = Zeroizing::new(body.limit(MAX_ANSWER_BYTES).read_to_vec()?);
    Ok(Answer { status, body })
}

fn agent(authority: Option<&Path>) -> Result<Agent, SourceError> {
    let mut tls = TlsConfig::builder();
    if let Some(path) = authority {
        tls = tls.root_certs(certificates(path).map_err(|error| error.at(path.display()))?);
    }
    let config = Agent::config_builder()
        .tls_config(tls.build())
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .timeout_global(Some(TOTAL_TIMEOUT))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .max_idle_connections(0)
        .proxy(None)
        .build();
    Ok(config.new_agent())
}

fn certificates(path: &Path) -> Result<RootCerts, SourceError> {
    let content = super::file::read(path)?;
    let certificates: Vec<Certificate<'static>> = parse_pem(content.secret.expose())
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err(SourceError::new(
            SourceErrorKind::Syntax,
            "there is no certificate in it",
            "name a PEM file with the certificate of the authority",
        ));
    }
    Ok(RootCerts::new_with_certs(&certificates))
}

/// Texts of the client are not passed on: they may quote what was sent or received.
fn failure(error: &Error) -> SourceError {
    let unreachable = |problem: &str, advice: &str| {
        SourceError::new(SourceErrorKind::Unreachable, problem, advice)
    };
    let running = "see that the address is right and that the store is running";
    match error {
        Error::Timeout(_) => unreachable("there is no answer in time", running),
        Error::HostNotFound => unreachable("the name of the host is not known", running),
        Error::ConnectionFailed => unreachable("the connection fails", running),
        Error::Io(error) => {
            unreachable(&format!("the connection fails: {}", error.kind()), running)
        }
        Error::Tls(_) | Error::Rustls(_) | Error::TlsRequired | Error::Pem(_) => unreachable(
            "the TLS connection is not trusted or not possible",
            "see that its certificate is valid for this host and signed by a known authority, or \
             name the authority's certificate",
        ),
        Error::BodyExceedsLimit(_) => SourceError::new(
            SourceErrorKind::Answer,
            "the answer is larger than 1 MiB",
            "see that the address leads to a store of secrets",
        ),
        _ => SourceError::new(
            SourceErrorKind::Answer,
            "the answer is not HTTP as expected",
            "see that the address leads to a store of secrets",
        ),
    }
}
