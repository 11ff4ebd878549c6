//! The server that the official conformance suite asks: the suite's tools, prompts and resources on
//! our router, behind our layers and our transports.
//!
//! It is built with the feature `conformance` alone and is part of no release. Everything in front of
//! the handler is what production runs, except for two things. The caps are raised, because the suite
//! opens a connection and a session for each of its cases from one address. And since the suite sends
//! no token, [`door`] stands in front of the stack and adds one where none was sent, so that no code of
//! production knows of it.
#![deny(clippy::indexing_slicing)]

mod content;
mod door;
mod fixture;
mod prompts;
mod requests;
mod resources;
mod rounds;
mod tools;

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroUsize;
use std::sync::Arc;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tonl_layers::host::AllowedHosts;
use tonl_layers::request_id::RequestIds;
use tonl_mcp::McpServer;
use tonl_secret::{Keyring, Secret, TokenSet};
use tonl_server::config::{Listen, NetworkConfig};
use tonl_server::{Access, App, AppConfig, Lifecycle, Records, Server, StopSignals, stack};
use tonl_telemetry::Telemetry;
use tower::ServiceBuilder;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// More sessions and connections than the suite opens.
const PLENTY: usize = 10_000;
/// The largest body in bytes.
const LARGEST: usize = 50 << 20;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = std::env::args().nth(1);
    let port = port.ok_or("usage: tonl-mcp-conformance PORT")?.parse()?;
    let lifecycle = Lifecycle::default();
    let telemetry = Telemetry::disabled_audit();
    let app = App::new(app_config()?, lifecycle.clone(), telemetry.clone());
    let trusted = app.clone();
    let exempt = Arc::new(move |ip| trusted.is_trusted(ip));
    let records = Records::new(telemetry);
    let server = Server::bind(network_config(port), lifecycle, records, exempt)?;
    let service = ServiceBuilder::new()
        .map_request(door::admit)
        .service(stack(&app, RequestIds::new()?));
    let signals = Stop(signal(SignalKind::terminate())?);
    tokio::join!(server.run(service, signals), app.upkeep());
    Ok(())
}

fn app_config() -> Result<AppConfig, Box<dyn Error>> {
    let tokens = TokenSet::single(&Secret::from(door::TOKEN));
    let access = Access::Tokens(Arc::new(Keyring::new(tokens)));
    let hosts = AllowedHosts::parse(HERE, "");
    let hosts = hosts.map_err(|errors| format!("no names to be called by: {errors:?}"))?;
    let mut config = AppConfig::new(access, hosts);
    config.mcp = Some(McpServer::new(fixture::Fixture::default(), LARGEST));
    config.sessions.most = PLENTY;
    config.sessions.most_per_address = PLENTY;
    config.max_requests = NonZeroUsize::MAX;
    config.rate_limit = None;
    Ok(config)
}

fn network_config(port: u16) -> NetworkConfig {
    let mut config = NetworkConfig::plain(Listen::at(HERE, port));
    config.connections.max = PLENTY;
    config.connections.max_per_address = PLENTY;
    config
}

/// The signal that ends the fixture.
struct Stop(Signal);

impl StopSignals for Stop {
    async fn next(&mut self) -> &'static str {
        match self.0.recv().await {
            Some(()) => "SIGTERM",
            None => std::future::pending().await,
        }
    }
}
