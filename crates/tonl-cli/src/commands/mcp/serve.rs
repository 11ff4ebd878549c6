//! `tonl mcp` alone: the server over standard input and output.
//!
//! Calls are computed one after another, so that answers come in the order of the calls. Nothing
//! listens on the network.

use crate::args::mcp::ToolArgs;
use crate::env::Env;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::render::Voice;
use crate::serving::signals::Stop;
use crate::serving::{Manner, Terminal, plan, tools};
use crate::settings::layers::Values;
use crate::settings::problem::Problems;
use crate::settings::{reading, table};
use std::io;
use std::num::NonZeroUsize;
use std::time::Duration;
use tokio::io::BufReader;
use tonl_mcp::transport::stdio;
use tonl_mcp::{Handler, HandlerConfig, McpServer, ToolConfig, Toolbox};
use tonl_server::StopSignals;
use tonl_telemetry::Telemetry;
use tonl_telemetry::log::LogConfig;

/// Serves until the input ends, the output is closed, or a signal comes.
///
/// # Errors
/// Settings that are not valid (exit code 64); the input cannot be read or the output not written.
pub(super) fn run(args: &ToolArgs, env: Env, voice: Voice) -> Result<Exit> {
    let setup = Setup::read(args, env, voice)?;
    tonl_telemetry::log::init(&setup.log).map_err(Failure::configuration)?;
    tonl_telemetry::log::tell_panics();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(4)
        .build()
        .map_err(|error| Failure::new(format_args!("cannot start: {error}")))?;
    let served = runtime.block_on(serve(setup, voice));
    // A read of standard input cannot be called off.
    runtime.shutdown_background();
    match served {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::new(format_args!(
            "cannot go on speaking with the client: {error}"
        ))),
        _ => Ok(Exit::Success),
    }
}

/// What the settings say.
struct Setup {
    tools: ToolConfig,
    deadline: Duration,
    log: LogConfig,
}

impl Setup {
    /// Reads and checks the settings that are for this server. A `tonl.toml` in the working directory
    /// is not read: a client may start the server in any folder, and that folder must not open others.
    fn read(args: &ToolArgs, env: Env, voice: Voice) -> Result<Self> {
        let mut problems = Problems::default();
        let flags = args.flags.0.0.clone();
        let said = reading::named(args.config.as_deref(), flags, &mut problems)?;
        for warning in said.unknown_variables() {
            voice.warn(&warning);
        }
        let values = Values::resolve_those(tools::settings(), &said, &mut problems);
        let manner = Manner {
            terminal: Terminal {
                is_terminal: env.interactive,
                is_colored: env.color == clap::ColorChoice::Always,
            },
            ..Manner::default()
        };
        let tools = tools::tools(&values, &mut problems);
        let log = plan::log(&values, manner, &mut problems);
        problems.into_result()?;
        match (tools, log) {
            (Some(tools), Some(log)) => Ok(Self {
                tools,
                deadline: values.time(&table::WORK_DEADLINE),
                log,
            }),
            _ => Err(Failure::configuration("the settings are not complete")),
        }
    }
}

async fn serve(setup: Setup, voice: Voice) -> io::Result<()> {
    let mut stop = Stop::new()?;
    let toolbox = Toolbox::new(setup.tools);
    let mut config = HandlerConfig::new(NonZeroUsize::MIN);
    config.deadline = setup.deadline;
    let handler = Handler::new(toolbox, config, Telemetry::disabled_audit());
    let server = McpServer::of_tools(handler, stdio::MAX_LINE);
    let input = BufReader::with_capacity(64 << 10, tokio::io::stdin());
    voice.say("TONL MCP Server (stdio) started");
    tokio::select! {
        served = stdio::serve(&server, input, tokio::io::stdout()) => served,
        _signal = stop.next() => Ok(()),
    }
}
