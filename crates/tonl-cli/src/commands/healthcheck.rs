//! `tonl healthcheck`: one request to a running server, for containers without other programs.
//!
//! By default it asks the server of the same settings, at the address and port of `HOST` and `PORT`,
//! with TLS if those settings have it. A certificate for a public name cannot be verified under the
//! address of this machine, and nothing secret is sent: so the server of the settings, and every
//! loopback address, is asked without verifying. Everybody else must prove who he is.

use crate::args::serve::HealthcheckArgs;
use crate::authority;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::render::Voice;
use crate::settings::layers::Values;
use crate::settings::problem::Problems;
use crate::settings::{kind, reading, table};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use ureq::http::Uri;
use ureq::tls::{RootCerts, TlsConfig};

/// Where the server listens if no port is set and that one is free.
const PORT: u16 = 3000;

/// Asks once.
///
/// # Errors
/// An address with a password, settings that are not valid, an authority that cannot be read: nobody was
/// asked. No answer is the negative finding.
pub(crate) fn run(args: &HealthcheckArgs, voice: Voice) -> Result<Exit> {
    if args.url.as_deref().is_some_and(|url| url.contains('@')) {
        // Nothing of the address is told.
        return Err(Failure::configuration(
            "--url has a user or a password in it: leave it out, no check needs one",
        ));
    }
    let (url, trust) = match &args.url {
        Some(url) => (url.clone(), trust(args, url)?),
        None => (
            own(args)?,
            TlsConfig::builder().disable_verification(true).build(),
        ),
    };
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_millis(args.timeout)))
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .tls_config(trust)
        .build()
        .into();
    let finding = match agent.get(&url).call() {
        Ok(answer) if answer.status() == 200 => return Ok(Exit::Success),
        Ok(answer) => format!("{url} answers {}", answer.status()),
        Err(error) => format!("{url} does not answer: {error}"),
    };
    voice.fail(&Failure::new(finding));
    Ok(Exit::Negative)
}

/// The address of the server of these settings.
fn own(args: &HealthcheckArgs) -> Result<String> {
    let mut problems = Problems::default();
    let (said, _) = reading::read(args.files.named(), HashMap::new(), &mut problems)?;
    let values = Values::resolve(&said, &mut problems);
    problems.into_result()?;
    let host = match values.address(&table::HOST) {
        None => IpAddr::V4(Ipv4Addr::LOCALHOST),
        Some(IpAddr::V4(any)) if any.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        Some(IpAddr::V6(any)) if any.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        Some(host) => host,
    };
    let port = values.port(&table::PORT).unwrap_or(PORT);
    let is_tls = values.is_said(&table::TLS_CERT);
    let scheme = if is_tls { "https" } else { "http" };
    Ok(format!("{scheme}://{}/health", SocketAddr::new(host, port)))
}

/// Whom to trust under an address that was given.
fn trust(args: &HealthcheckArgs, url: &str) -> Result<TlsConfig> {
    let tls = TlsConfig::builder();
    if let Some(path) = &args.ca_file {
        return Ok(tls
            .root_certs(RootCerts::from(authority::certificates(path)?))
            .build());
    }
    if is_loopback(url) {
        return Ok(tls.disable_verification(true).build());
    }
    Ok(tls.root_certs(RootCerts::WebPki).build())
}

fn is_loopback(url: &str) -> bool {
    let uri: Option<Uri> = url.parse().ok();
    let host = uri.as_ref().and_then(Uri::host);
    // A name of this machine is one because of a file that others may write; `localhost` is not.
    host.and_then(kind::address)
        .is_some_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_asked_without_verifying() {
        for url in [
            "https://127.0.0.1:1/",
            "https://[::1]/health",
            "https://localhost:3000/",
        ] {
            assert!(is_loopback(url), "{url}");
        }
        for url in [
            "https://127.0.0.1.example/",
            "https://127.0.0.1@example.com/",
            "https://localhost.example",
            "https://10.0.0.1/",
            "",
        ] {
            assert!(!is_loopback(url), "{url}");
        }
    }
}
