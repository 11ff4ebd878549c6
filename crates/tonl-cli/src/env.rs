//! The environment, read once; nothing else in the project reads it.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the environment"
)]

use clap::ColorChoice;
use std::ffi::OsString;
use std::io::IsTerminal;

/// What the environment says about how to speak to people.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Env {
    /// Whether messages are coloured.
    pub(crate) color: ColorChoice,
    /// Whether a person watches standard error.
    pub(crate) interactive: bool,
    /// Whether standard output is a terminal that can be drawn on.
    pub(crate) screen: bool,
}

impl Env {
    /// Reads the variables `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE` and `TERM`.
    pub(crate) fn read() -> Self {
        let terminal = std::io::stderr().is_terminal();
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let variables = Variables {
            no_color: set("NO_COLOR"),
            forced: set_and_not_zero("CLICOLOR_FORCE"),
            off: std::env::var_os("CLICOLOR").is_some_and(|value| value == "0"),
        };
        Self {
            color: variables.color(terminal && !dumb),
            interactive: terminal && !dumb,
            screen: std::io::stdout().is_terminal() && !dumb,
        }
    }
}

/// A variable that one command needs, fetched then: a secret that a policy file names the place of, or a
/// server and its token.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// The whole environment, for the settings of the server.
pub(crate) fn variables() -> Vec<(OsString, OsString)> {
    std::env::vars_os().collect()
}

/// The absolute path of this program, as text, if it is text.
///
/// The place in `PATH` comes first: an update that moves the program leaves it.
pub(crate) fn program() -> Option<String> {
    let running = std::env::current_exe().ok()?;
    let real = running.canonicalize().ok();
    let name = running.file_name()?;
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let listed = std::env::split_paths(&paths)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|path| real.is_some() && path.canonicalize().ok() == real);
    Some(listed.unwrap_or(running).to_str()?.to_owned())
}

fn set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

fn set_and_not_zero(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0")
}

/// The variables that decide about colour, strongest first.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each variable")]
struct Variables {
    no_color: bool,
    forced: bool,
    off: bool,
}

impl Variables {
    fn color(self, terminal: bool) -> ColorChoice {
        if self.no_color {
            ColorChoice::Never
        } else if self.forced {
            ColorChoice::Always
        } else if self.off || !terminal {
            ColorChoice::Never
        } else {
            ColorChoice::Always
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_color_wins_over_everything_and_force_over_the_terminal() {
        let all = Variables {
            no_color: true,
            forced: true,
            off: false,
        };
        assert_eq!(all.color(true), ColorChoice::Never);
        let forced = Variables {
            forced: true,
            ..Variables::default()
        };
        assert_eq!(forced.color(false), ColorChoice::Always);
        assert_eq!(Variables::default().color(false), ColorChoice::Never);
        assert_eq!(Variables::default().color(true), ColorChoice::Always);
    }

    #[test]
    fn clicolor_zero_switches_colour_off() {
        let off = Variables {
            off: true,
            ..Variables::default()
        };
        assert_eq!(off.color(true), ColorChoice::Never);
    }
}
