//! `tonl watch`.

use super::format::FormatName;
use super::limits::LimitArgs;
use super::writing::WritingArgs;
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

/// Convert files to TONL again whenever they change
///
/// Converts what is there, then each file as it changes, and new files that match. A file is read when it
/// has been left alone for a moment, so that bursts of changes and editors that save by renaming become one
/// conversion. Outputs are replaced; the output of a file that is deleted stays. A file that is broken is
/// said and watching goes on. Ctrl-C ends the run with exit code 0.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tonl watch data                              every data file below data
  tonl watch 'data/**/*.json' -o tonl          the folders below data are kept
  tonl watch orders.json --debounce 1000
  tonl watch /mnt/share --poll                 where the system tells no changes")]
pub(crate) struct WatchArgs {
    /// Files, quoted patterns (`*`, `?`, `**`, `{a,b}`) or folders. Patterns and folders leave out
    /// hidden files, `target`, `node_modules`, `dist` and, unless named, .tonl files; of a folder, files
    /// whose names say a format are taken
    #[arg(required = true, value_name = "INPUT", value_hint = clap::ValueHint::AnyPath)]
    pub(crate) inputs: Vec<PathBuf>,

    /// Write every output into this folder, keeping the folders of the inputs
    #[arg(short, long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub(crate) output_dir: Option<PathBuf>,

    /// Read this format, whatever the inputs' names say
    #[arg(long, value_name = "FORMAT")]
    pub(crate) from: Option<FormatName>,

    /// Milliseconds for which a file must be left alone before it is read, at most 60000
    #[arg(long, value_name = "MS", default_value = "200",
          value_parser = clap::value_parser!(u64).range(0..=60_000))]
    debounce: u64,

    /// Look for changes twice a second instead of asking the system to tell them, for example on
    /// network drives
    #[arg(long)]
    pub(crate) poll: bool,

    #[command(flatten)]
    pub(crate) writing: WritingArgs,

    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

impl WatchArgs {
    /// For how long a file must be left alone.
    pub(crate) fn debounce(&self) -> Duration {
        Duration::from_millis(self.debounce)
    }
}
