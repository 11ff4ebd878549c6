//! `tonl batch`: many files to TONL at the same time.
//!
//! All targets are known and differ before the first is written. Outcomes are told in the order of the
//! command line, each as soon as those before it are.

mod summary;

use super::convert::{processors, several};
use super::to_tonl::{Converted, Pair, ToTonl, pairs};
use crate::args::batch::BatchArgs;
use crate::env::Env;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::interrupt::Unfinished;
use crate::output::{Output, Overwrite};
use crate::render::Voice;
use crate::render::progress::Progress;
use crate::sources::selection::Selection;
use serde_json::{Value, json};
use std::num::NonZeroUsize;
use summary::Summary;
use tonl_convert::Format;

/// Converts everything the command line selects.
///
/// # Errors
/// A selection that is empty or cannot be read, files with the same target, an unknown model.
pub(super) fn run(args: &BatchArgs, env: Env, voice: Voice) -> Result<Exit> {
    let model = args.tokens.counted()?;
    let found = Selection::new(&args.inputs)?.find()?;
    let left_out = found.left_out;
    let pairs = pairs(found.sources, args.output_dir.as_deref())?;
    if pairs.is_empty() {
        return Err(nothing(args, left_out));
    }
    let limits = args.limits.limits();
    let conversion = ToTonl {
        from: args.from.map(Format::from),
        write: args.writing.options(limits),
        limits,
        overwrite: Overwrite::from(args.force),
        model,
        unfinished: Unfinished::watched(),
    };
    let shown = env.interactive && !voice.is_quiet();
    let progress = shown.then(|| Progress::of_files(pairs.len() as u64));
    let mut summary = Summary::new(left_out, model);
    let files = convert(args, &conversion, &pairs, |outcome| {
        summary.add(outcome);
        if let Some(progress) = &progress {
            progress.aside(|| tell(args, voice, outcome));
            progress.advance(1);
        } else {
            tell(args, voice, outcome);
        }
    });
    drop(progress);
    if args.json {
        let document = json!({ "files": files, "total": summary.value() });
        Output::stdout().write_whole(format!("{document}\n").as_bytes())?;
    } else {
        summary.tell(voice);
    }
    Ok(summary.exit())
}

/// Converts all files; what each came to for machines, if they ask.
fn convert(
    args: &BatchArgs,
    conversion: &ToTonl,
    pairs: &[Pair],
    mut told: impl FnMut(&Result<Converted>),
) -> Vec<Value> {
    let threads = args.jobs.map_or_else(processors, NonZeroUsize::get);
    let mut files = Vec::new();
    let mut waiting = pairs.iter();
    several::in_order(
        pairs,
        threads,
        |pair| conversion.convert(pair),
        |outcome| {
            told(&outcome);
            if let Some(pair) = waiting.next().filter(|_| args.json) {
                files.push(value(pair, &outcome));
            }
        },
    );
    files
}

fn tell(args: &BatchArgs, voice: Voice, outcome: &Result<Converted>) {
    match outcome {
        _ if args.json => {}
        Ok(converted) => converted.tell(voice),
        Err(failure) => voice.fail(failure),
    }
}

fn value(pair: &Pair, outcome: &Result<Converted>) -> Value {
    match outcome {
        Ok(converted) => converted.value(),
        Err(failure) => json!({
            "input": pair.source.display().to_string(),
            "error": failure.message(),
            "hints": failure.hints(),
        }),
    }
}

fn nothing(args: &BatchArgs, left_out: u64) -> Failure {
    let named: Vec<String> = args
        .inputs
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let failure = Failure::new(format_args!("no file to convert in {}", named.join(", ")));
    match left_out {
        0 => failure,
        _ => failure.with_hint("files whose names say no format are converted if they are named"),
    }
}
