//! `tonl mcp`.

use super::serve::ToolFlags;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Serve MCP over standard input and output, or set up a client for it
///
/// Without a subcommand the protocol is spoken on standard input and output, until the input ends: this
/// is what clients start. `tonl stdio` is the same. The subcommands write the configuration of a client.
/// Each option is also a variable: docs/settings.md lists them.
#[derive(Debug, Args)]
#[command(
    visible_alias = "stdio",
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  tonl mcp config claude-desktop           what to put into its configuration
  tonl mcp install vscode                  put it there, after a look at the difference
  tonl mcp install cursor --http https://tonl.example.com
  tonl mcp install cursor --undo"
)]
pub(crate) struct McpArgs {
    #[command(subcommand)]
    pub(crate) command: Option<McpCommand>,

    #[command(flatten)]
    pub(crate) tools: ToolArgs,
}

/// What models are given.
#[derive(Debug, Args)]
pub(crate) struct ToolArgs {
    /// Read settings from this file; without it no tonl.toml is read
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) flags: ToolFlags,
}

/// The MCP server over standard input and output: what clients start. The same as `tonl mcp`.
#[derive(Debug, Parser)]
#[command(
    name = "tonl-mcp-stdio",
    version,
    styles = super::STYLES,
    max_term_width = 100
)]
pub(crate) struct StdioCli {
    #[command(flatten)]
    pub(crate) tools: ToolArgs,
}

/// What can be done about clients.
#[derive(Debug, Subcommand)]
pub(crate) enum McpCommand {
    Config(ConfigArgs),
    Install(InstallArgs),
}

/// Print the configuration of a client
///
/// The client starts `tonl mcp`, or talks to a running server with --http. The token of a server is never
/// printed: clients take it from the variable `TONL_AUTH_TOKEN`, or ask for it. Where the configuration
/// belongs is said on standard error.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tonl mcp config claude-code
  tonl mcp config zed --http https://tonl.example.com/mcp")]
pub(crate) struct ConfigArgs {
    /// The client
    #[arg(value_name = "CLIENT", default_value = "generic")]
    pub(crate) host: HostName,

    #[command(flatten)]
    pub(crate) server: ServerArgs,
}

/// Put tonl into the configuration file of a client
///
/// The difference is shown on standard error before anything is written; values of other entries are shown
/// as `…`. All the rest of the file stays as it was, comments included. The file as it was is kept beside
/// it as FILE.tonl-1.bak, and the change is made whole or not at all.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tonl mcp install claude-desktop
  tonl mcp install vscode --scope project
  tonl mcp install windsurf --http https://tonl.example.com --dry-run
  tonl mcp install claude-code --undo")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an independent switch of the command line"
)]
pub(crate) struct InstallArgs {
    /// The client
    #[arg(value_name = "CLIENT")]
    pub(crate) host: HostName,

    #[command(flatten)]
    pub(crate) server: ServerArgs,

    /// For all projects of yours, or for the project in the working directory
    #[arg(long, value_name = "SCOPE", default_value = "user")]
    pub(crate) scope: ScopeName,

    /// The configuration file, if it is not where the client keeps it usually
    #[arg(long, value_name = "FILE", conflicts_with = "scope", value_hint = clap::ValueHint::FilePath)]
    pub(crate) file: Option<PathBuf>,

    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,

    /// Show the difference and write nothing
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,

    /// Take the last change back, or, if the file was changed since, remove the entry alone
    #[arg(long, conflicts_with = "http")]
    pub(crate) undo: bool,
}

/// Which server the client gets.
#[derive(Debug, Args)]
pub(crate) struct ServerArgs {
    /// A running server's address instead of a process of its own; /mcp may be left out
    #[arg(long, value_name = "URL", value_hint = clap::ValueHint::Url)]
    pub(crate) http: Option<String>,
}

/// The clients whose configuration is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HostName {
    /// Claude Desktop
    ClaudeDesktop,
    /// Claude Code
    ClaudeCode,
    /// Cursor
    Cursor,
    /// Visual Studio Code
    #[value(name = "vscode")]
    VsCode,
    /// Windsurf
    Windsurf,
    /// Zed
    Zed,
    /// Any other client with `mcpServers`
    Generic,
}

/// For whom a client is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScopeName {
    /// All projects of this user
    User,
    /// The project in the working directory
    Project,
}
