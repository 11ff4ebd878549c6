//! A server for one test, with the settings it wants.

use crate::client::{Answer, Client, soon};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tonl_layers::auth::{NewToken, RunToken};
use tonl_layers::host::AllowedHosts;
use tonl_layers::request_id::RequestIds;
use tonl_secret::{Keyring, Secret, TokenSet};
use tonl_server::config::{Listen, NetworkConfig};
use tonl_server::{
    Access, App, AppConfig, Lifecycle, Records, Server, StopSignals, Stopped, stack,
};
use tonl_telemetry::{Exposition, Telemetry};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The token of servers that ask for one.
pub(crate) const TOKEN: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// What a test may change before the server starts.
pub(crate) struct Setup {
    pub(crate) app: AppConfig,
    pub(crate) network: NetworkConfig,
    pub(crate) telemetry: Telemetry,
}

/// A running server. It ends with the test.
pub(crate) struct TestServer {
    pub(crate) addr: SocketAddr,
    pub(crate) telemetry: Telemetry,
    /// The tokens, in token mode.
    pub(crate) keyring: Arc<Keyring>,
    /// The token of the run, in development mode.
    pub(crate) run_token: Option<NewToken>,
    pub(crate) tls: Option<tonl_server::Tls>,
    signals: mpsc::Sender<&'static str>,
    stopped: JoinHandle<Stopped>,
    _background: JoinSet<()>,
}

impl TestServer {
    /// A server that asks for [`TOKEN`].
    pub(crate) fn start() -> Self {
        Self::with(|_| {})
    }

    /// The same with other settings.
    pub(crate) fn with(change: impl FnOnce(&mut Setup)) -> Self {
        let keyring = Arc::new(Keyring::new(tokens(TOKEN)));
        Self::run(Access::Tokens(Arc::clone(&keyring)), keyring, change)
    }

    /// A server without a token of its own.
    pub(crate) fn development() -> Self {
        Self::development_with(|_| {})
    }

    /// The same with other settings.
    pub(crate) fn development_with(change: impl FnOnce(&mut Setup)) -> Self {
        let (run, token) = RunToken::generate().unwrap();
        let unused = Arc::new(Keyring::new(tokens(TOKEN)));
        let mut server = Self::run(Access::Development(run), unused, change);
        server.run_token = Some(token);
        server
    }

    fn run(access: Access, keyring: Arc<Keyring>, change: impl FnOnce(&mut Setup)) -> Self {
        let hosts = AllowedHosts::parse(HERE, "").unwrap();
        let mut setup = Setup {
            app: AppConfig::new(access, hosts),
            network: NetworkConfig::plain(Listen::at(HERE, 0)),
            telemetry: Telemetry::disabled_audit(),
        };
        change(&mut setup);
        let Setup {
            app,
            network,
            telemetry,
        } = setup;
        let lifecycle = Lifecycle::default();
        let app = App::new(app, lifecycle.clone(), telemetry.clone());
        let trusted = app.clone();
        let exempt = Arc::new(move |ip| trusted.is_trusted(ip));
        let records = Records::new(telemetry.clone());
        let server = Server::bind(network, lifecycle, records, exempt).unwrap();
        let (signals, receiver) = mpsc::channel(4);
        let (addr, tls) = (server.addr(), server.tls());
        let service = stack(&app, RequestIds::with_key(1, 2));
        let runtime = tokio::runtime::Handle::current();
        let stopped = runtime.spawn(server.run(service, Signals(receiver)));
        let mut background = JoinSet::new();
        background.spawn(async move { app.upkeep().await });
        Self {
            addr,
            telemetry,
            keyring,
            run_token: None,
            tls,
            signals,
            stopped,
            _background: background,
        }
    }

    pub(crate) async fn connect(&self) -> Client {
        Client::connect(self.addr).await
    }

    /// Asks on a connection of its own.
    pub(crate) async fn ask(&self, method: &str, target: &str, headers: &str) -> Answer {
        self.connect().await.ask(method, target, headers).await
    }

    /// Sends a body on a connection of its own.
    pub(crate) async fn post(&self, target: &str, headers: &str, body: &[u8]) -> Answer {
        self.connect().await.post(target, headers, body).await
    }

    /// The value of a series on the metrics page; 0 if it is not there.
    pub(crate) fn metric(&self, series: &str) -> u64 {
        let page = self.telemetry.render(Exposition::Classic);
        let mut lines = page.lines().filter_map(|line| line.rsplit_once(' '));
        let found = lines.find(|(name, _)| *name == series);
        found.map_or(0, |(_, value)| value.parse().unwrap())
    }

    /// Waits until a series has this value.
    pub(crate) async fn metric_becomes(&self, series: &str, value: u64) {
        let poll = async {
            while self.metric(series) != value {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        soon(series, poll).await;
    }

    /// Sends a signal to stop.
    pub(crate) async fn signal(&self) {
        self.signals.send("SIGTERM").await.unwrap();
    }

    /// Waits for the end.
    pub(crate) async fn stopped(self) -> Stopped {
        soon("the server's end", self.stopped).await.unwrap()
    }
}

/// The set of one token.
pub(crate) fn tokens(text: &str) -> TokenSet {
    TokenSet::single(&Secret::from(text))
}

struct Signals(mpsc::Receiver<&'static str>);

impl StopSignals for Signals {
    async fn next(&mut self) -> &'static str {
        match self.0.recv().await {
            Some(signal) => signal,
            None => std::future::pending().await,
        }
    }
}
