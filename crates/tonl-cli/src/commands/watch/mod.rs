//! `tonl watch`: files to TONL again whenever they change.
//!
//! What the system tells of changes only wakes this up; what has changed is found by looking at the files
//! themselves. So nothing depends on which events a system, an editor or a network drive sends, in what
//! order, or whether some are lost, and what is written here wakes nothing twice.

mod changes;
mod tally;
mod wakes;

use super::to_tonl::{Pair, ToTonl, pair, pairs};
use crate::args::watch::WatchArgs;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::interrupt::Unfinished;
use crate::output::Overwrite;
use crate::render::Voice;
use crate::render::figures::counted;
use crate::sources::Source;
use crate::sources::selection::{Found, Selection};
use changes::{Change, Changes, Stamp};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tally::Tally;
use tonl_convert::Format;
use wakes::Wakes;

/// Converts and watches until the process is asked to end, which is a success.
///
/// # Errors
/// What is wrong with the command line. Later failures are said, and watching goes on.
pub(super) fn run(args: &WatchArgs, voice: Voice) -> Result<Exit> {
    let selection = Selection::new(&args.inputs)?;
    pairs(selection.find()?.sources, args.output_dir.as_deref())?;
    // Listening comes before the look that counts, so that no change falls between the two.
    let mut wakes = Wakes::new(&selection.roots(), args.poll, voice);
    let found = selection.find()?;
    let tally = Arc::new(Tally::default());
    let mut watch = Watch::new(args, Arc::clone(&tally), voice);
    watch.begin(found);
    loop {
        match selection.find() {
            Ok(found) => {
                watch.look(found);
                if !wakes.renew(&selection.roots(), voice) {
                    wakes.wait(watch.patience());
                }
            }
            Err(failure) => {
                watch.trouble(&failure);
                wakes.pause();
            }
        }
    }
}

/// What is known while watching.
struct Watch<'a> {
    args: &'a WatchArgs,
    conversion: ToTonl,
    changes: Changes,
    /// Whose each target is, for files that come later and would become the same.
    owners: BTreeMap<PathBuf, PathBuf>,
    tally: Arc<Tally>,
    voice: Voice,
    told_trouble: Option<String>,
}

impl<'a> Watch<'a> {
    fn new(args: &'a WatchArgs, tally: Arc<Tally>, voice: Voice) -> Self {
        let limits = args.limits.limits();
        let last_word = Arc::clone(&tally);
        Self {
            args,
            conversion: ToTonl {
                from: args.from.map(Format::from),
                write: args.writing.options(limits),
                limits,
                overwrite: Overwrite::Replace,
                model: None,
                unfinished: Unfinished::watched_until(move || {
                    voice.say(&*last_word);
                    Exit::Success
                }),
            },
            changes: Changes::new(args.debounce()),
            owners: BTreeMap::new(),
            tally,
            voice,
            told_trouble: None,
        }
    }

    /// Converts what is there.
    fn begin(&mut self, found: Found) {
        let left_out = found.left_out;
        let stamped = stamped(found.sources);
        let files = counted(stamped.len() as u64, "file");
        for source in self.changes.begin(stamped) {
            self.convert(source);
        }
        if left_out > 0 {
            let others = counted(left_out, "file");
            self.voice
                .say(format_args!("left out: {others} of no known format"));
        }
        self.voice
            .say(format_args!("watching {files}; Ctrl-C ends"));
    }

    /// Does what has become due.
    fn look(&mut self, found: Found) {
        self.told_trouble = None;
        for change in self.changes.look(Instant::now(), stamped(found.sources)) {
            match change {
                Change::Content(source) => self.convert(source),
                Change::Gone(path) => self.gone(&path),
            }
        }
    }

    /// How long it may take until something is due without a further change.
    fn patience(&self) -> Option<Duration> {
        self.changes.due_in(Instant::now())
    }

    fn convert(&mut self, source: Source) {
        let pair = pair(source, self.args.output_dir.as_deref());
        let converted = self
            .own(&pair)
            .and_then(|()| self.conversion.convert(&pair));
        match converted {
            Ok(converted) => {
                self.tally.converted();
                converted.tell(self.voice);
            }
            Err(failure) => {
                self.tally.failed();
                self.voice.fail(&failure);
            }
        }
    }

    /// Two files must not take turns in one target.
    fn own(&mut self, pair: &Pair) -> Result<()> {
        let source = pair.source.clone();
        let owner = self.owners.entry(pair.target.clone()).or_insert(source);
        if *owner == pair.source {
            return Ok(());
        }
        let message = format!(
            "{} would become {}, as {} does",
            pair.source.display(),
            pair.target.display(),
            owner.display()
        );
        Err(Failure::new(message).with_hint("rename one of them"))
    }

    fn gone(&mut self, path: &Path) {
        self.tally.gone();
        let target = self.owners.iter().find(|(_, owner)| *owner == path);
        match target.map(|(target, _)| target.clone()) {
            Some(target) => {
                self.owners.remove(&target);
                let stays = target.display();
                self.voice
                    .say(format_args!("{} is gone; {stays} stays", path.display()));
            }
            None => self.voice.say(format_args!("{} is gone", path.display())),
        }
    }

    /// Says once that the files cannot be looked at.
    fn trouble(&mut self, failure: &Failure) {
        if self.told_trouble.as_deref() != Some(failure.message()) {
            self.voice.fail(failure);
            self.told_trouble = Some(failure.message().to_owned());
        }
    }
}

/// The sources that are there, with what is seen of them.
fn stamped(sources: Vec<Source>) -> Vec<(Source, Stamp)> {
    let seen = sources.into_iter();
    seen.filter_map(|source| Stamp::of(&source.path).map(|stamp| (source, stamp)))
        .collect()
}
