//! How the process ends.

use std::process::ExitCode;

/// The exit codes, the same for every command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All went well; also when the reader of our output closed the pipe.
    Success = 0,
    /// The command worked and its answer is no: a file is not valid, not in the profile.
    Negative = 1,
    /// The command could not do what was asked. Bad arguments end with this code too.
    Error = 2,
    /// The options or the settings around them do not fit together.
    Configuration = 64,
    /// A signal ended the run.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
