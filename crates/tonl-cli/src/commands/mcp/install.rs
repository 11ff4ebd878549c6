//! `tonl mcp install`: the entry goes into a client's file, after a look at the difference.

use super::document::Document;
use super::entry::{Server, Setup};
use super::hosts::{Folders, Platform};
use super::{backup, config, difference, undo};
use crate::args::mcp::{HostName, InstallArgs, ScopeName};
use crate::env::Env;
use crate::exit::Exit;
use crate::failure::{Failure, Result, reason};
use crate::render::Voice;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Writes the entry, or takes it back.
///
/// # Errors
/// There is no such file or scope, the file is not valid, nobody can be asked, or it cannot be written.
pub(super) fn run(args: &InstallArgs, env: Env, voice: Voice) -> Result<Exit> {
    let path = match &args.file {
        Some(file) => file.clone(),
        None => args.host.file(args.scope, &Folders::current())?,
    };
    let consent = Consent::of(args, env);
    // Who is asked has to see what about, also with --quiet.
    let voice = match consent {
        Consent::Asked => Voice::new(env.color, false),
        _ => voice,
    };
    if args.undo {
        return undo::run(args.host, &path, consent, voice);
    }
    // A file that is named can be anyone's, but mostly it is the user's own.
    let scope = if args.file.is_some() {
        ScopeName::User
    } else {
        args.scope
    };
    let server = Server::from_option(args.server.http.as_deref(), scope)?;
    let setup = Setup::new(args.host, &server, Platform::current());
    let change = Change::read(args.host, path)?;
    let after = change.with(&setup)?;
    if change.is_no_change(&after) {
        voice.say(format_args!(
            "nothing to do: tonl is in {}",
            change.path.display()
        ));
        return Ok(Exit::Success);
    }
    difference::show(change.text(), &after, &change.name(), voice, setup.servers);
    if let Some(exit) = consent.refused(&change.path, voice)? {
        return Ok(exit);
    }
    match change.write(&after)? {
        Some(kept) => voice.say(format_args!(
            "wrote {}; as it was it is in {}",
            change.path.display(),
            kept.display()
        )),
        None => voice.say(format_args!("wrote {}", change.path.display())),
    }
    config::tell(&server, &setup, voice);
    voice.say(args.host.renewal());
    Ok(Exit::Success)
}

/// A client's file before a change.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) path: PathBuf,
    /// `None` if the file does not exist.
    pub(super) bytes: Option<Vec<u8>>,
    pub(super) document: Document,
}

impl Change {
    /// Reads the file.
    ///
    /// # Errors
    /// It cannot be read or is not valid.
    pub(super) fn read(host: HostName, path: PathBuf) -> Result<Self> {
        let bytes = backup::read(&path)?;
        let document = match &bytes {
            Some(bytes) => Document::parse(bytes, host.dialect(), &path)?,
            None => Document::empty(host.dialect()),
        };
        Ok(Self {
            path,
            bytes,
            document,
        })
    }

    fn with(&self, setup: &Setup) -> Result<Document> {
        let mut after = self.document.clone();
        after.put(setup).map_err(|failure| self.named(&failure))?;
        Ok(after)
    }

    /// The failure of a change, with the file in front.
    pub(super) fn named(&self, failure: &Failure) -> Failure {
        let message = format!("{}: {}", self.path.display(), failure.message());
        let hints = failure.hints().iter().cloned();
        hints.fold(Failure::new(message), Failure::with_hint)
    }

    fn is_no_change(&self, after: &Document) -> bool {
        self.bytes.is_some() && *after == self.document
    }

    /// The text before the change, empty if there is no file.
    pub(super) fn text(&self) -> &str {
        let text = self.bytes.as_deref().map(std::str::from_utf8);
        text.and_then(std::result::Result::ok).unwrap_or_default()
    }

    /// The path as a difference shows it.
    pub(super) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// Writes the text after the change; returns where the one before it is kept.
    ///
    /// # Errors
    /// The backup or the file cannot be written, or another program has changed the file.
    pub(super) fn write(&self, after: &Document) -> Result<Option<PathBuf>> {
        let before = self.bytes.as_deref();
        let kept = before
            .map(|bytes| backup::keep(&self.path, bytes))
            .transpose()?;
        let written = backup::replace(&self.path, before, after.text().as_bytes());
        if written.is_err()
            && let Some(kept) = &kept
        {
            let _left = std::fs::remove_file(kept);
        }
        written.map(|()| kept)
    }
}

/// Whether something may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Consent {
    /// It was given on the command line.
    Given,
    /// A person at a terminal is asked.
    Asked,
    /// Nobody can be asked.
    Missing,
    /// Nothing is to be written.
    Withheld,
}

impl Consent {
    fn of(args: &InstallArgs, env: Env) -> Self {
        if args.dry_run {
            Self::Withheld
        } else if args.yes {
            Self::Given
        } else if env.interactive && io::stdin().is_terminal() {
            Self::Asked
        } else {
            Self::Missing
        }
    }

    /// How the run ends if nothing may be written; `None` if it may.
    ///
    /// # Errors
    /// Nobody can be asked.
    pub(super) fn refused(self, path: &Path, voice: Voice) -> Result<Option<Exit>> {
        match self {
            Self::Given => Ok(None),
            Self::Withheld => Ok(Some(Exit::Success)),
            Self::Missing => Err(Failure::new(
                "there is no terminal to ask on; nothing was written",
            )
            .with_hint("write it with --yes, or only look at it with --dry-run")),
            Self::Asked => {
                let question = format!("write this to {}? [y/N] ", path.display());
                let agreed = ask(&mut io::stdin().lock(), &mut io::stderr(), &question);
                if agreed
                    .map_err(|error| Failure::new(format_args!("cannot ask: {}", reason(&error))))?
                {
                    return Ok(None);
                }
                voice.say("nothing was written");
                Ok(Some(Exit::Negative))
            }
        }
    }
}

/// Whether the answer to a question is yes; the end of the input is a no.
fn ask(input: &mut impl BufRead, output: &mut impl Write, question: &str) -> io::Result<bool> {
    output.write_all(question.as_bytes())?;
    output.flush()?;
    let mut answer = String::new();
    input.read_line(&mut answer)?;
    let answer = answer.trim().to_lowercase();
    Ok(answer == "y" || answer == "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_a_yes_is_a_yes() {
        for (answer, agreed) in [
            ("y\n", true),
            ("YES\r\n", true),
            (" yes", true),
            ("", false),
            ("\n", false),
            ("n\n", false),
            ("yeah\n", false),
        ] {
            let mut said = Vec::new();
            let result = ask(&mut answer.as_bytes(), &mut said, "write this? [y/N] ");
            assert_eq!(result.unwrap(), agreed, "{answer:?}");
            assert_eq!(said, b"write this? [y/N] ");
        }
    }
}
