//! `tonl serve`, `tonl doctor`, `tonl healthcheck`.

use crate::serving::tools;
use crate::settings::reading::Files;
use crate::settings::table::{ALL, Setting};
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, Parser, Subcommand};
use std::collections::HashMap;
use std::path::PathBuf;

/// Serve HTTP: stream conversion, metrics and the MCP endpoint
///
/// Without a token the server starts in development mode, on this machine only. Each setting is also
/// a variable and a line of tonl.toml: docs/settings.md lists them. All settings are checked before
/// anything is bound; a bad one ends the start with exit code 64.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tonl serve                                      development mode on 127.0.0.1:3000
  TONL_AUTH_TOKEN_FILE=/run/secrets/token tonl serve --host 0.0.0.0
  tonl serve --check                              what would start, and is it safe?")]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) setup: SetupArgs,

    /// Check the settings, print the checklist and do not start; like `tonl doctor`
    #[arg(long)]
    pub(crate) check: bool,
}

/// Check the server's settings against the security checklist
///
/// A line an item: OK, WARN or FAIL, with what to do. The exit code is 1 if an item fails (with --strict
/// also for a warning), and 64 if the settings are not valid.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) setup: SetupArgs,

    /// Report as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Ask a running server whether it is healthy
///
/// For containers without other programs: it reads the same settings as the server. The exit code is 1 if
/// the server does not answer with 200 in time. On this machine certificates are not verified, because
/// they are for another name and nothing secret is sent.
#[derive(Debug, Args)]
pub(crate) struct HealthcheckArgs {
    #[command(flatten)]
    pub(crate) files: FileArgs,

    /// What to ask; by default `/health` of the server with these settings, over TLS if they have it
    #[arg(long, value_name = "URL", conflicts_with_all = ["config", "env_file"])]
    pub(crate) url: Option<String>,

    /// Trust the authorities in this file (PEM) instead of the public ones
    #[arg(long, value_name = "FILE", requires = "url", value_hint = clap::ValueHint::FilePath)]
    pub(crate) ca_file: Option<PathBuf>,

    /// How long to wait, in milliseconds
    #[arg(long, value_name = "MS", default_value = "2000")]
    pub(crate) timeout: u64,
}

/// The HTTP server of TONL-MCP Bridge.
///
/// Without a token it starts in development mode, on this machine only. Each setting is also a variable
/// and a line of tonl.toml: docs/settings.md lists them.
#[derive(Debug, Parser)]
#[command(
    name = "tonl-mcp-server",
    version,
    styles = super::STYLES,
    max_term_width = 100,
    args_conflicts_with_subcommands = true
)]
pub(crate) struct ServerCli {
    #[command(subcommand)]
    pub(crate) command: Option<ServerCommand>,

    #[command(flatten)]
    pub(crate) serve: ServeArgs,
}

/// What the server's own command can do beside serving.
#[derive(Debug, Subcommand)]
pub(crate) enum ServerCommand {
    Healthcheck(HealthcheckArgs),
}

/// The files that settings come from.
#[derive(Debug, Args)]
pub(crate) struct FileArgs {
    /// Read settings from this file instead of tonl.toml
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    config: Option<PathBuf>,

    /// Read variables from this file too; those of the environment go before it
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    env_file: Option<PathBuf>,
}

impl FileArgs {
    /// The files that were named.
    pub(crate) fn named(&self) -> Files<'_> {
        Files {
            config: self.config.as_deref(),
            env_file: self.env_file.as_deref(),
        }
    }
}

/// Where settings come from.
#[derive(Debug, Args)]
pub(crate) struct SetupArgs {
    #[command(flatten)]
    pub(crate) files: FileArgs,

    /// Let development mode listen on public addresses
    #[arg(long)]
    pub(crate) insecure: bool,

    /// Refuse weak tokens
    #[arg(long)]
    pub(crate) strict: bool,

    #[command(flatten)]
    pub(crate) flags: SettingFlags,
}

/// The flags of settings, made from the table.
#[derive(Debug, Default)]
pub(crate) struct SettingFlags(pub(crate) HashMap<String, String>);

fn flagged() -> impl Iterator<Item = &'static Setting> {
    with_flags(ALL.iter())
}

/// The flags of the settings of what models are given.
#[derive(Debug, Default)]
pub(crate) struct ToolFlags(pub(crate) SettingFlags);

fn tool_flagged() -> impl Iterator<Item = &'static Setting> {
    with_flags(tools::of_models())
}

fn with_flags(
    settings: impl Iterator<Item = &'static Setting>,
) -> impl Iterator<Item = &'static Setting> {
    settings.filter(|setting| !setting.flag.is_empty())
}

/// Implements the traits by which the parser takes the flags of settings.
macro_rules! flags {
    ($name:ty, $settings:path, $taken:expr) => {
        impl FromArgMatches for $name {
            fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
                let mut flags = Self::default();
                flags.update_from_arg_matches(matches)?;
                Ok(flags)
            }

            fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
                let taken: fn(&mut Self) -> &mut HashMap<String, String> = $taken;
                for setting in $settings() {
                    if let Some(value) = matches.get_one::<String>(setting.flag) {
                        taken(self).insert(setting.flag.to_owned(), value.clone());
                    }
                }
                Ok(())
            }
        }

        impl Args for $name {
            fn augment_args(command: Command) -> Command {
                command.args($settings().map(argument))
            }

            fn augment_args_for_update(command: Command) -> Command {
                Self::augment_args(command)
            }
        }
    };
}

flags!(SettingFlags, flagged, |flags| &mut flags.0);
flags!(ToolFlags, tool_flagged, |flags| &mut flags.0.0);

fn argument(setting: &Setting) -> Arg {
    let words = setting.words.trim_end_matches('.');
    let help = if setting.default.is_empty() {
        format!("{words} [variable: {}]", setting.variable)
    } else {
        format!(
            "{words} [variable: {}, default: {}]",
            setting.variable, setting.default
        )
    };
    Arg::new(setting.flag)
        .long(setting.flag)
        .value_name(value_name(setting))
        .help(help)
}

fn value_name(setting: &Setting) -> &'static str {
    use crate::settings::kind::Kind;
    match setting.kind {
        Kind::Path => "FILE",
        Kind::ListenPort => "PORT",
        Kind::Address => "ADDRESS",
        _ => "TEXT",
    }
}
