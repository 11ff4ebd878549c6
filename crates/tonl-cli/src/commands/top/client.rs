//! The requests: one for the page of metrics, one for the live stream.
//!
//! Nothing is redirected, so that the token goes to the host that was named and to no other, and no proxy is
//! taken from the environment. Every wait has an end.

use super::target::Target;
use crate::token::Token;
use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;
use ureq::config::RedirectAuthHeaders;
use ureq::http::Response;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body, Error};

/// The most bytes of a page.
const MOST_BYTES: u64 = 16 << 20;
/// A page may come slowly, but within so many times of what a silence may take.
const SLOWNESS: u32 = 3;

/// Why there are no metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// No connection, or it was lost.
    Unreachable(String),
    /// TLS could not be agreed on.
    Untrusted(String),
    /// The server said nothing for this long.
    Silent(Duration),
    /// It wants a token, or another one; the status.
    Refused(u16),
    /// Another status than success.
    Answered(u16),
    /// What it sent are no metrics.
    Garbage(String),
    /// The live stream ended.
    Ended,
}

impl Fault {
    /// Whether there is no server to talk to.
    pub(super) fn is_offline(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(_) | Self::Untrusted(_) | Self::Ended
        )
    }

    /// What to do about it.
    pub(super) fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Unreachable(_) | Self::Ended => {
                "is the server running? start one with: tonl serve; or name another with --url"
            }
            Self::Untrusted(_) => {
                "if the server has a certificate of your own authority: --ca-file; if it has none: http"
            }
            Self::Refused(_) => "give the token of the server: --token-file, or TONL_AUTH_TOKEN",
            Self::Silent(_) => "if it needs longer: --timeout",
            Self::Answered(404) | Self::Garbage(_) => {
                "name the address of its metrics with --url, for example http://localhost:3000/metrics"
            }
            Self::Answered(_) => return None,
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(reason) => write!(f, "cannot connect: {reason}"),
            Self::Untrusted(reason) => write!(f, "cannot connect safely: {reason}"),
            Self::Silent(time) => write!(f, "the server was silent for {} ms", time.as_millis()),
            Self::Refused(status) => write!(f, "the server refuses the metrics ({status})"),
            Self::Answered(status @ 300..400) => {
                write!(
                    f,
                    "the server sends elsewhere ({status}), which is not followed"
                )
            }
            Self::Answered(status) => write!(f, "the server answered with status {status}"),
            Self::Garbage(reason) => write!(f, "what the server sends are no metrics: {reason}"),
            Self::Ended => f.write_str("the server ended the live stream"),
        }
    }
}

/// Asks one server.
#[derive(Clone, Debug)]
pub(super) struct Client {
    agent: Agent,
    target: Arc<Target>,
    token: Option<Token>,
    timeout: Duration,
}

impl Client {
    /// A client that waits at most `timeout` for a connection and through a silence. Without authorities of
    /// its own it trusts the public ones.
    pub(super) fn new(
        target: Target,
        token: Option<Token>,
        authorities: Option<Vec<Certificate<'static>>>,
        timeout: Duration,
    ) -> Self {
        let roots = authorities.map_or(RootCerts::WebPki, RootCerts::from);
        let config = Agent::config_builder()
            .proxy(None)
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .max_redirects(0)
            .max_redirects_will_error(false)
            .redirect_auth_headers(RedirectAuthHeaders::Never)
            .http_status_as_error(false)
            .user_agent(concat!("tonl-top/", env!("CARGO_PKG_VERSION")))
            .timeout_resolve(Some(timeout))
            .timeout_connect(Some(timeout))
            .timeout_recv_response(Some(timeout))
            .timeout_per_read(Some(timeout))
            .timeout_per_write(Some(timeout));
        Self {
            agent: config.build().new_agent(),
            target: Arc::new(target),
            token,
            timeout,
        }
    }

    /// The same without the token.
    pub(super) fn without_token(&self) -> Self {
        Self {
            token: None,
            ..self.clone()
        }
    }

    /// The page of metrics.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) fn page(&self) -> Result<String, Fault> {
        let most = self.timeout * SLOWNESS;
        let request = self.agent.get(self.target.page());
        let request = request.config().timeout_global(Some(most)).build();
        let response = self.send(request, "text/plain;version=0.0.4")?;
        let body = response.into_body().into_with_config();
        let page = body.limit(MOST_BYTES).read_to_vec();
        let page = page.map_err(|error| self.fault(error))?;
        String::from_utf8(page).map_err(|_| Fault::Garbage("they are not UTF-8".to_owned()))
    }

    /// The bytes of the live stream.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) fn live(&self) -> Result<impl Read + use<>, Fault> {
        let response = self.send(self.agent.get(self.target.live()), "text/event-stream")?;
        let kind = response.body().mime_type().unwrap_or("nothing");
        if kind != "text/event-stream" {
            return Err(Fault::Garbage(format!("the live stream is {kind:?}")));
        }
        let body = response.into_body().into_with_config();
        Ok(body.limit(u64::MAX).reader())
    }

    /// What a failed read of the live stream means.
    pub(super) fn lost(&self, error: io::Error) -> Fault {
        self.fault(error.into())
    }

    fn send(
        &self,
        request: ureq::RequestBuilder<ureq::typestate::WithoutBody>,
        accept: &str,
    ) -> Result<Response<Body>, Fault> {
        let mut request = request.header("Accept", accept);
        if let Some(token) = &self.token {
            request = request.header("Authorization", token.authorization().as_str());
        }
        let response = request.call().map_err(|error| self.fault(error))?;
        match response.status().as_u16() {
            200 => Ok(response),
            status @ (401 | 403) => Err(Fault::Refused(status)),
            status => Err(Fault::Answered(status)),
        }
    }

    fn fault(&self, error: Error) -> Fault {
        match error {
            Error::Timeout(_) => Fault::Silent(self.timeout),
            Error::HostNotFound => Fault::Unreachable("there is no such host".to_owned()),
            // What rustls finds wrong comes as invalid data.
            Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
                Fault::Untrusted(crate::failure::reason(&error))
            }
            Error::Rustls(error) => Fault::Untrusted(error.to_string()),
            Error::Tls(reason) => Fault::Untrusted(reason.to_owned()),
            Error::Io(error) => Fault::Unreachable(crate::failure::reason(&error)),
            Error::BodyExceedsLimit(_) => Fault::Garbage("they are longer than 16 MiB".to_owned()),
            Error::Protocol(_) | Error::LargeResponseHeader(..) => {
                Fault::Garbage("the answer is not HTTP".to_owned())
            }
            other => Fault::Unreachable(other.to_string()),
        }
    }
}
