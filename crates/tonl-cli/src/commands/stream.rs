//! `tonl stream`: newline-delimited JSON in, rows out as they come.

use super::convert::report::{savings_line, size, tell_skipped};
use super::convert::told;
use crate::args::model;
use crate::args::stream::StreamArgs;
use crate::env::Env;
use crate::exit::Exit;
use crate::failure::Result;
use crate::hint;
use crate::input;
use crate::output::{Output, Overwrite};
use crate::policy;
use crate::render::Voice;
use crate::render::figures::{counted, grouped};
use crate::render::progress::Progress;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};
use tonl::write::EndLine;
use tonl_convert::tokens::{TallyReader, TallyWriter};
use tonl_convert::{Arrival, Compression, Invalid, Report, StreamJob, Verify};
use tonl_privacy::Policy;
use tonl_tokens::{Baseline, Model, Savings};

/// Streams until the input ends or the reader of the output has enough.
///
/// # Errors
/// Files that cannot be opened or written; an invalid line unless they are skipped.
pub(super) fn run(args: &StreamArgs, env: Env, voice: Voice) -> Result<Exit> {
    let path = args.input.as_deref().unwrap_or(Path::new("-"));
    let policy = policy::policy(&args.policy)?;
    let job = job(args, policy);
    let counted = args.model.as_deref().map(model::find).transpose()?;
    let shown = env.interactive && !voice.is_quiet() && args.output.is_some();
    let reader = open(path, shown)?;
    let mut output = match &args.output {
        Some(path) => Output::growing(path, Overwrite::from(args.force))?,
        None => Output::stdout(),
    };
    let started = Instant::now();
    let compression = args
        .output
        .as_deref()
        .map_or(Compression::None, Compression::from_path);
    let streamed = output.compressed(compression, |writer| stream(reader, writer, &job, counted));
    let named = streamed.map_err(|error| input::failed(&error.named(name(path)), path));
    if let Some((report, savings)) = output.finish(named)? {
        tell_skipped(&report, voice);
        if let Some(findings) = &report.privacy {
            policy::tell(findings, voice);
        }
        if args.stats {
            tell_stats(&report, started.elapsed(), voice);
        }
        if let Some(savings) = savings {
            voice.say(savings_line(&savings));
        }
    }
    Ok(Exit::Success)
}

/// Streams, and counts the tokens on both sides if that is asked for.
fn stream(
    reader: Box<dyn Read + Send>,
    writer: &mut dyn Write,
    job: &StreamJob,
    counted: Option<&'static Model>,
) -> tonl_convert::Result<(Report, Option<Savings>)> {
    let Some(model) = counted else {
        return Ok((tonl_convert::stream(reader, writer, job)?, None));
    };
    let (reader, given) = TallyReader::new(reader, model.encoding());
    let mut writer = TallyWriter::new(writer, model.encoding());
    let report = tonl_convert::stream(Box::new(reader), &mut writer, job)?;
    let savings = Savings::new(model, Baseline::AsGiven, given.finish(), writer.finish());
    Ok((report, Some(savings)))
}

/// A regular file is decompressed, and a bar is shown if a person waits for it; a pipe is read as it
/// comes.
fn open(path: &Path, shown: bool) -> Result<Box<dyn Read + Send>> {
    if crate::sources::is_dash(path) {
        return Ok(Box::new(io::stdin()));
    }
    if path.is_dir() {
        return Err(hint::directory(path));
    }
    if path.is_file() {
        let mut input = input::open(path)?;
        if let Some(total) = input.stored_bytes().filter(|_| shown) {
            input = input.telling(told(Progress::of(total)));
        }
        return input.open().map_err(|error| input::failed(&error, path));
    }
    let pipe = File::open(path).map_err(|error| hint::unreadable(path, &error))?;
    Ok(Box::new(pipe))
}

fn name(path: &Path) -> &str {
    if crate::sources::is_dash(path) {
        return input::STANDARD_INPUT;
    }
    path.to_str().unwrap_or("the input")
}

fn job(args: &StreamArgs, policy: Option<Policy>) -> StreamJob {
    let mut job = StreamJob::default();
    job.privacy = policy;
    job.write = args.writing.options(tonl::Limits::default());
    job.max_line = args.max_line.in_memory();
    if args.output.is_some() {
        job.end = EndLine::Count;
    }
    let steady = args.input.as_deref().is_some_and(Path::is_file);
    if !steady || args.threads.get() > 1 {
        job.arrival = Arrival::Live;
    }
    if args.verify {
        job.verify = Verify::Compare;
    }
    job.invalid = if args.no_skip_invalid {
        Invalid::Fail
    } else {
        Invalid::Skip
    };
    job
}

fn tell_stats(report: &Report, elapsed: Duration, voice: Voice) {
    let records = report.records.unwrap_or_default();
    let seconds = elapsed.as_secs_f64();
    voice.say(format_args!(
        "{} in {seconds:.2} s ({} a second)",
        counted(records, "row"),
        grouped(per_second(records, seconds)),
    ));
    voice.say(size(report.bytes_in, report.bytes_out));
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate for people"
)]
fn per_second(records: u64, seconds: f64) -> u64 {
    if seconds <= 0.0 {
        return records;
    }
    (records as f64 / seconds) as u64
}
