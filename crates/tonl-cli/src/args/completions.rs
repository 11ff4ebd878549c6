//! `tonl completions`.

use clap::Args;

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tonl completions bash > ~/.local/share/bash-completion/completions/tonl
  tonl completions zsh > ~/.zfunc/_tonl
  tonl completions fish > ~/.config/fish/completions/tonl.fish")]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}
