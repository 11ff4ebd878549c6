//! `tonl mcp install --undo`: the last change is taken back.
//!
//! A backup is the file before the last change if the same change makes of it what is there now. Then its
//! bytes come back. A file that was changed since loses our entry and nothing else.

use super::document::Document;
use super::install::{Change, Consent};
use super::{backup, difference};
use crate::args::mcp::HostName;
use crate::exit::Exit;
use crate::failure::Result;
use crate::render::Voice;
use std::path::{Path, PathBuf};

/// How a change is taken back.
#[derive(Debug)]
enum Way {
    /// The bytes of a backup come back.
    Restore(PathBuf, Vec<u8>, Document),
    /// The file was made for the entry.
    Remove,
    /// The entry goes.
    Shorten(Document),
}

/// Takes the last change back.
///
/// # Errors
/// The file is not valid, nobody can be asked, or it cannot be written.
pub(super) fn run(host: HostName, path: &Path, consent: Consent, voice: Voice) -> Result<Exit> {
    let change = Change::read(host, path.to_owned())?;
    let setup = change.document.setup(host.servers());
    if setup.map_err(|failure| change.named(&failure))?.is_none() {
        voice.say(format_args!(
            "nothing to take back: tonl is not in {}",
            path.display()
        ));
        return Ok(Exit::Success);
    }
    let way = way(&change, host)?;
    match &way {
        Way::Restore(_, _, after) | Way::Shorten(after) => {
            difference::show(change.text(), after, &change.name(), voice, host.servers());
        }
        Way::Remove => voice.say(format_args!(
            "{} has nothing but tonl and goes",
            path.display()
        )),
    }
    if let Some(exit) = consent.refused(path, voice)? {
        return Ok(exit);
    }
    take(&change, way, voice)?;
    Ok(Exit::Success)
}

fn way(change: &Change, host: HostName) -> Result<Way> {
    for (_, path) in backup::all(&change.path) {
        let Ok(Some(bytes)) = backup::read(&path) else {
            continue;
        };
        let Ok(before) = Document::parse(&bytes, host.dialect(), &path) else {
            continue;
        };
        if before.undone_by(&change.document, host.servers()) {
            return Ok(Way::Restore(path, bytes, before));
        }
    }
    if Document::empty(host.dialect()).undone_by(&change.document, host.servers()) {
        return Ok(Way::Remove);
    }
    let mut after = change.document.clone();
    after
        .take(host.servers())
        .map_err(|failure| change.named(&failure))?;
    Ok(Way::Shorten(after))
}

fn take(change: &Change, way: Way, voice: Voice) -> Result<()> {
    let path = change.path.display();
    let before = change.bytes.as_deref();
    match way {
        Way::Restore(from, bytes, _) => {
            backup::replace(&change.path, before, &bytes)?;
            // The file is now what the backup was.
            let _left = std::fs::remove_file(&from);
            voice.say(format_args!("{path} is as it was before"));
        }
        Way::Remove => {
            backup::remove(&change.path, before.unwrap_or_default())?;
            voice.say(format_args!("removed {path}"));
        }
        Way::Shorten(after) => {
            let kept = change.write(&after)?;
            let kept = kept.unwrap_or_default();
            voice.say(format_args!(
                "{path} was changed since: removed tonl alone; as it was it is in {}",
                kept.display()
            ));
        }
    }
    Ok(())
}
