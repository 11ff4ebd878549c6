//! `tonl serve` and the binary `tonl-mcp-server`.

use super::doctor::{self, Bearable};
use crate::args::serve::{ServeArgs, SetupArgs};
use crate::env::Env;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::render::Voice;
use crate::serving::access::Tokens;
use crate::serving::banner::{at_start, banner};
use crate::serving::checklist::checklist;
use crate::serving::plan::Plan;
use crate::serving::reload::{self, Renewal};
use crate::serving::signals::Signals;
use crate::serving::{Manner, Purpose, Terminal, process};
use crate::settings::layers::Values;
use crate::settings::problem::Problems;
use crate::settings::reading;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::Signal;
use tonl_layers::auth::{NewToken, RunToken};
use tonl_layers::request_id::RequestIds;
use tonl_secret::rotate::Poker;
use tonl_secret::{Keyring, Watch};
use tonl_server::{Access, App, Lifecycle, Phase, Records, Server, Tls, stack};
use tonl_telemetry::audit::AuditLog;
use tonl_telemetry::events::ServerStarted;
use tonl_telemetry::{Clock, NetworkLabel, Telemetry, TelemetryConfig};

/// How long the end waits for the audit log's last lines to be on the disk.
const AUDIT_FLUSH: Duration = Duration::from_secs(2);

/// Serves until a signal comes.
///
/// # Errors
/// Settings that are not valid (exit code 64), and an address that cannot be bound.
pub(crate) fn run(args: &ServeArgs, env: Env, voice: Voice) -> Result<Exit> {
    if args.check {
        let plan = plan(&args.setup, Purpose::Check, env, voice)?;
        return doctor::report(&plan, doctor::Form::Text, Bearable::of(&args.setup));
    }
    // Before the runtime: what is forbidden to this thread is forbidden to those that it starts.
    process::harden();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(64)
        .build()
        .map_err(|error| Failure::new(format_args!("cannot start: {error}")))?;
    // Before the plan, which may wait for a store of secrets: a signal that comes meanwhile is kept.
    let signals = runtime.block_on(async { Signals::new() });
    let signals = signals.map_err(Failure::new)?;
    let plan = plan(&args.setup, Purpose::Start, env, voice)?;
    tonl_telemetry::log::init(&plan.log).map_err(Failure::configuration)?;
    tonl_telemetry::log::tell_panics();
    let served = runtime.block_on(serve(&plan, signals));
    // What was cut must not hold up the end.
    runtime.shutdown_background();
    served
}

/// Reads and checks all settings.
///
/// # Errors
/// Everything that is wrong with them, with exit code 64.
pub(crate) fn plan(setup: &SetupArgs, purpose: Purpose, env: Env, voice: Voice) -> Result<Plan> {
    // Whoever looks at the settings sees the machine as the server will.
    process::harden();
    let mut problems = Problems::default();
    let (said, classes) = reading::read(setup.files.named(), setup.flags.0.clone(), &mut problems)?;
    for warning in said.unknown_variables() {
        voice.warn(&warning);
    }
    let values = Values::resolve(&said, &mut problems);
    drop(said);
    let manner = Manner {
        is_insecure: setup.insecure,
        is_strict: setup.strict,
        purpose,
        terminal: Terminal {
            is_terminal: env.interactive,
            is_colored: env.color == clap::ColorChoice::Always,
        },
    };
    let plan = Plan::of(values, &classes, manner, &mut problems);
    problems.into_result()?;
    plan.ok_or_else(|| Failure::configuration("the settings are not complete"))
}

/// How requests are authenticated, with the parts that the start keeps.
struct Door {
    access: Access,
    run_token: Option<NewToken>,
    watch: Option<Watch>,
}

impl Door {
    fn open(plan: &Plan, telemetry: &Telemetry) -> Result<Self> {
        match &plan.tokens {
            Tokens::Development => {
                let (run, token) = RunToken::generate().map_err(Failure::new)?;
                Ok(Self {
                    access: Access::Development(run),
                    run_token: Some(token),
                    watch: None,
                })
            }
            Tokens::Of(configured) => {
                let keyring = Arc::new(Keyring::new(configured.set.clone()));
                let renewal = Renewal {
                    keyring: Arc::clone(&keyring),
                    overlap: plan.overlap,
                    weak: plan.weak,
                    telemetry: telemetry.clone(),
                };
                let watch = reload::watch(configured, renewal);
                Ok(Self {
                    access: Access::Tokens(keyring),
                    run_token: None,
                    watch: watch.map_err(|error| {
                        Failure::new(format_args!("cannot watch the token: {error}"))
                    })?,
                })
            }
        }
    }
}

async fn serve(plan: &Plan, signals: Signals) -> Result<Exit> {
    let telemetry = telemetry(plan)?;
    let door = Door::open(plan, &telemetry)?;
    let lifecycle = Lifecycle::default();
    let app = App::new(plan.app(door.access), lifecycle.clone(), telemetry.clone());
    let trusted = app.clone();
    let records = Records::new(telemetry.clone());
    let server = Server::bind(
        plan.network.clone(),
        lifecycle.clone(),
        records.clone(),
        Arc::new(move |ip| trusted.is_trusted(ip)),
    )
    .map_err(start_failure)?;
    let token = door.run_token.as_ref().map(NewToken::expose);
    let findings = at_start(checklist(plan));
    banner(plan, server.addr(), &findings, token).show();
    drop(door.run_token);
    telemetry.emit(ServerStarted {
        address: &server.addr().to_string(),
    });
    let ids = RequestIds::new().map_err(Failure::new)?;
    let poker = door.watch.as_ref().map(Watch::poker);
    let stack = stack(&app, ids);
    let tls = server.tls();
    let background = async {
        tokio::join!(
            app.upkeep(),
            on_hangup(signals.hangup, &lifecycle, poker, tls, &records)
        );
    };
    let (_stopped, ()) = tokio::join!(server.run(stack, signals.stop), background);
    telemetry.flush_audit(AUDIT_FLUSH);
    drop(door.watch);
    Ok(Exit::Success)
}

fn telemetry(plan: &Plan) -> Result<Telemetry> {
    let audit = AuditLog::open(&plan.audit, Clock::system()).map_err(Failure::configuration)?;
    let mut config = TelemetryConfig::new(env!("CARGO_PKG_VERSION"));
    config.audit = audit;
    if plan
        .values
        .switch(&crate::settings::table::RATE_LIMIT_IP_LABEL)
    {
        config.networks = NetworkLabel::On;
    }
    Ok(Telemetry::new(config))
}

fn start_failure(error: tonl_server::StartError) -> Failure {
    match error {
        tonl_server::StartError::Tls(error) => Failure::configuration(error),
        other => Failure::new(other),
    }
}

/// Reads tokens and certificates again whenever SIGHUP comes.
async fn on_hangup(
    mut hangup: Signal,
    lifecycle: &Lifecycle,
    poker: Option<Poker>,
    tls: Option<Tls>,
    records: &Records,
) {
    let listening = async {
        while hangup.recv().await.is_some() {
            if let Some(poker) = &poker {
                poker.poke();
            }
            if let Some(tls) = &tls {
                records.certificates_asked_for(&tls.reload());
            }
        }
    };
    tokio::select! {
        () = listening => {}
        () = lifecycle.reached(Phase::Draining) => {}
    }
}
