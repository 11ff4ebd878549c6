//! `tonl analyze`: what TONL would save, in tokens and money.

mod visual;

use super::convert::told;
use super::models;
use crate::analysis::{Analyses, Analysis};
use crate::args::analyze::{AnalyzeArgs, ReportFormat};
use crate::cost::currency::Exchange;
use crate::env::Env;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::input;
use crate::interrupt::Unfinished;
use crate::output::{Output, Overwrite};
use crate::render::Voice;
use crate::render::analysis;
use crate::render::progress::Progress;
use crate::sources;
use std::path::Path;
use tonl_convert::sink::Layout;
use tonl_convert::{Format, Input, Job};
use tonl_tokens::{Baseline, Model};

/// Analyses every file and reports.
///
/// # Errors
/// What is wrong with the command line, and a report that cannot be written.
pub(super) fn run(args: &AnalyzeArgs, env: Env, voice: Voice) -> Result<Exit> {
    if args.report.list_models {
        return models::list(args.report.format == ReportFormat::Json);
    }
    let exchange = args.currency.exchange()?;
    if args.report.visual {
        return dashboard(args, exchange, env, voice);
    }
    let unfinished = Unfinished::watched();
    let export = match args.report.export.as_deref() {
        Some(path) => {
            let overwrite = Overwrite::from(args.report.force);
            Some((path, Output::replacing(path, overwrite, &unfinished)?))
        }
        None => None,
    };
    let (analyses, exit) = analysed(args, exchange, env, voice)?;
    let time = stamp(jiff::Timestamp::now());
    let report = report(args, &analyses, &time)?;
    Output::stdout().write_whole(&report)?;
    // Without any figures the file stays what it was.
    if let Some((path, output)) = export.filter(|_| !analyses.files.is_empty()) {
        let csv = csv(analysis::csv::files(&analyses, &time))?;
        output.write_whole(&csv)?;
        voice.say(format_args!("the figures are in {}", path.display()));
    }
    Ok(exit)
}

/// Shows the only file at the terminal.
fn dashboard(args: &AnalyzeArgs, exchange: Exchange, env: Env, voice: Voice) -> Result<Exit> {
    visual::check()?;
    let sources = sources::expand(&args.files)?;
    if sources.len() > 1 {
        let message = format!("--visual shows one file, found {}", sources.len());
        return Err(Failure::configuration(message)
            .with_hint("name one file, or leave --visual out for a table"));
    }
    let (analyses, exit) = analysed(args, exchange, env, voice)?;
    match analyses.files.as_slice() {
        [file] => visual::show(&analyses, file, voice.is_colored()),
        _ => Ok(exit),
    }
}

/// A time in UTC as the reports write it.
fn stamp(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Every analysis that succeeds, and how the run ends.
fn analysed(
    args: &AnalyzeArgs,
    exchange: Exchange,
    env: Env,
    voice: Voice,
) -> Result<(Analyses, Exit)> {
    let sources = sources::expand(&args.files)?;
    let shown = env.interactive && !voice.is_quiet() && sources.len() == 1;
    let mut analyses = Analyses {
        files: Vec::new(),
        model: args.model.find()?,
        baseline: args.baseline.into(),
        exchange,
    };
    let mut exit = Exit::Success;
    for source in &sources {
        match analyse(args, analyses.model, &source.path, shown) {
            Ok(analysis) => {
                for warning in &analysis.warnings {
                    voice.warn(format_args!("{}: {warning}", analysis.file));
                }
                analyses.files.push(analysis);
            }
            Err(failure) => {
                voice.fail(&failure);
                exit = Exit::Error;
            }
        }
    }
    Ok((analyses, exit))
}

fn analyse(
    args: &AnalyzeArgs,
    model: &'static Model,
    path: &Path,
    shown: bool,
) -> Result<Analysis> {
    let mut input = input::open(path)?;
    let from = match args.from {
        Some(format) => format.into(),
        None => input::format(&input, path)?,
    };
    let limits = args.limits.limits();
    let mut job = Job::new(from, Format::Tonl);
    job.write = args.writing.options(limits);
    job.read.tonl = args.reading.options(limits);
    let baseline = args.baseline.into();
    if let Some(total) = expected_bytes(&input, &job, baseline).filter(|_| shown) {
        input = input.telling(told(Progress::of(total)));
    }
    Analysis::of(&input, &job, model, baseline).map_err(|error| input::failed(&error, path))
}

/// How many bytes of the input will be read in all, if that can be said; its faults show later.
fn expected_bytes(input: &Input, job: &Job, baseline: Baseline) -> Option<u64> {
    let first = if baseline == Baseline::AsGiven {
        1
    } else {
        let mut json = job.clone();
        (json.to, json.json) = (Format::Json, Layout::Compact);
        json.passes(input).ok().flatten()?
    };
    let passes = first + job.passes(input).ok().flatten()?;
    Some(passes * input.stored_bytes()?)
}

fn report(args: &AnalyzeArgs, analyses: &Analyses, time: &str) -> Result<Vec<u8>> {
    let is_empty = analyses.files.is_empty();
    let text = match (args.report.format, args.report.summary) {
        (ReportFormat::Json, false) => analysis::json(analyses),
        _ if is_empty => String::new(),
        (ReportFormat::Json, true) => analysis::json_summary(analyses),
        (ReportFormat::Text, false) => analysis::text(analyses),
        (ReportFormat::Text, true) => analysis::text_summary(analyses),
        (ReportFormat::Markdown, false) => analysis::markdown(analyses),
        (ReportFormat::Markdown, true) => analysis::markdown_summary(analyses),
        (ReportFormat::Csv, false) => return csv(analysis::csv::files(analyses, time)),
        (ReportFormat::Csv, true) => return csv(analysis::csv::summary(analyses, time)),
    };
    Ok(text.into_bytes())
}

fn csv(written: std::io::Result<Vec<u8>>) -> Result<Vec<u8>> {
    written.map_err(|error| Failure::io("write", Path::new("CSV"), &error))
}
