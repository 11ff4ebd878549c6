//! From settings to a running server: what is checked before anything is bound, what is said at the
//! start, and the checklist.

pub(crate) mod access;
pub(crate) mod banner;
pub(crate) mod checklist;
pub(crate) mod examination;
pub(crate) mod limits;
pub(crate) mod plan;
pub(crate) mod process;
pub(crate) mod reload;
pub(crate) mod signals;
pub(crate) mod tools;

/// How the start is asked for, beside the settings.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Manner {
    /// Development mode may listen on public addresses.
    pub(crate) is_insecure: bool,
    /// Weak tokens are errors.
    pub(crate) is_strict: bool,
    /// What the settings are read for.
    pub(crate) purpose: Purpose,
    /// The terminal of people.
    pub(crate) terminal: Terminal,
}

/// What settings are read for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To serve: a weak token in strict mode and an audit log that cannot be continued end the start.
    #[default]
    Start,
    /// To answer the checklist: both are items of it.
    Check,
}

/// Standard error.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Terminal {
    /// Whether it is a terminal.
    pub(crate) is_terminal: bool,
    /// Whether it is to be coloured.
    pub(crate) is_colored: bool,
}
