//! `tonl convert`: files in, files out.
//!
//! The plan is made from the command line alone; then each conversion opens its input, decides the
//! formats, writes and reports. One file that fails does not keep the others from being converted.

mod auto;
mod export;
pub(super) mod plan;
pub(super) mod report;
pub(super) mod several;

use super::counting::{Counted, counted as counted_tokens};
use crate::args::convert::ConvertArgs;
use crate::args::format::TargetName;
use crate::env::Env;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::input;
use crate::interrupt::Unfinished;
use crate::output::{Output, Overwrite};
use crate::policy;
use crate::render::Voice;
use crate::render::figures::counted;
use crate::render::progress::Progress;
use export::Export;
use plan::{Plan, Target};
use report::Done;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use tonl_convert::choose::Smallest;
use tonl_convert::sink::Layout;
use tonl_convert::source::csv::CsvCells;
use tonl_convert::{Compression, Format, Input, Job, Verify};
use tonl_privacy::Policy;
use tonl_tokens::Model;

/// Converts everything the command line names.
///
/// # Errors
/// What is wrong with the command line, or with the only conversion.
pub(super) fn run(args: &ConvertArgs, env: Env, voice: Voice) -> Result<Exit> {
    auto::check(args)?;
    let plans = plan::plan(args)?;
    let unfinished = Unfinished::watched();
    let export = Export::open(args, &plans, &unfinished)?;
    let run = Run {
        args,
        policy: policy::policy(&args.policy)?,
        interactive: env.interactive && !voice.is_quiet() && plans.len() == 1,
        voice,
        unfinished,
        counted: export::counted(args)?,
    };
    if let [only] = plans.as_slice() {
        let done = run.convert(only)?;
        run.tell(done.as_ref())?;
        export.write(done.as_slice(), voice)?;
        return Ok(Exit::Success);
    }
    let mut failed = 0;
    let mut all = Vec::new();
    let threads = args.threads.map_or_else(processors, NonZeroUsize::get);
    several::in_order(
        &plans,
        threads,
        |plan| run.convert(plan),
        |outcome| {
            let told = outcome.and_then(|done| {
                run.tell(done.as_ref())?;
                all.extend(done);
                Ok(())
            });
            if let Err(failure) = told {
                voice.fail(&failure);
                failed += 1;
            }
        },
    );
    let converted = counted(plans.len() as u64 - failed, "file");
    voice.say(format_args!("{converted} converted, {failed} failed"));
    export.write(&all, voice)?;
    Ok(if failed == 0 {
        Exit::Success
    } else {
        Exit::Error
    })
}

/// What all conversions of one command line share.
struct Run<'a> {
    args: &'a ConvertArgs,
    policy: Option<Policy>,
    interactive: bool,
    voice: Voice,
    unfinished: Unfinished,
    /// The model whose tokens are counted, if they are.
    counted: Option<&'static Model>,
}

/// One conversion with everything decided.
struct Work {
    input: Input,
    path: PathBuf,
    output: Option<PathBuf>,
    from: Format,
    to: Format,
    /// The result, if its form was left open.
    smallest: Option<Smallest>,
}

impl Run<'_> {
    /// Does what was planned; nothing if the reader of the output closed the pipe.
    fn convert(&self, plan: &Plan) -> Result<Option<Done>> {
        let mut work = self.prepare(plan)?;
        let staying = auto::staying(self, &mut work)?;
        let stays = staying.is_some();
        let written = if let Some(report) = staying {
            Some((report, None))
        } else {
            let output = self.open(&work)?;
            auto::warn_of_name(self, &work);
            self.write(&mut work, output)?
        };
        Ok(written.map(|(report, savings)| Done {
            input: work.input.name().to_owned(),
            stays,
            output: work.output.map(|path| path.display().to_string()),
            from: work.from,
            to: work.to,
            verified: self.args.target.verify,
            report,
            savings,
        }))
    }

    fn tell(&self, done: Option<&Done>) -> Result<()> {
        let Some(done) = done else {
            return Ok(());
        };
        if !self.args.json {
            done.tell(self.voice);
            return Ok(());
        }
        let line = done.value().to_string();
        if done.output.is_none() {
            self.voice.say(line);
            return Ok(());
        }
        Output::stdout().write_whole(format!("{line}\n").as_bytes())?;
        Ok(())
    }

    fn prepare(&self, plan: &Plan) -> Result<Work> {
        let path = plan.input.path.clone();
        let input = input::open(&path)?;
        let from = match plan.from {
            Some(format) => format,
            None => input::format(&input, &path)?,
        };
        let smallest = auto::smallest(self, &input, from, &path)?;
        let asked = match &smallest {
            Some(smallest) => Some(smallest.decision().form.format()),
            None => self.args.to.and_then(TargetName::format),
        };
        let to = plan::to_format(asked, &plan.output, from)?;
        let output = match &plan.output {
            Target::Standard => None,
            Target::Named(path) => Some(path.clone()),
            Target::Derived(place) => Some(plan::derived(place, to)),
        };
        Ok(Work {
            input,
            path,
            output,
            from,
            to,
            smallest,
        })
    }

    fn open(&self, work: &Work) -> Result<Output> {
        let Some(path) = &work.output else {
            return Ok(Output::stdout());
        };
        self.protect_source(work, path)?;
        if let (Some(_), Some(folder)) = (&self.args.target.output_dir, path.parent()) {
            std::fs::create_dir_all(folder).map_err(|error| {
                Failure::io("create", folder, &error)
                    .with_hint("name a folder that exists or can be made with --output-dir")
            })?;
        }
        Output::replacing(
            path,
            Overwrite::from(self.args.target.force),
            &self.unfinished,
        )
    }

    /// `tonl convert --force *.json` with two files must not put the first into the second.
    fn protect_source(&self, work: &Work, path: &Path) -> Result<()> {
        if self.args.to.is_some() || work.from != work.to || !path.is_file() {
            return Ok(());
        }
        let message = format!(
            "{} and {} are both {}",
            work.path.display(),
            path.display(),
            work.to
        );
        Err(Failure::configuration(message)
            .with_hint("to convert several files use --output-dir")
            .with_hint(format!(
                "to replace the second by the first add --to {}",
                work.to
            )))
    }

    /// Writes the result and puts it in place; nothing if the reader closed the pipe.
    fn write(&self, work: &mut Work, mut output: Output) -> Result<Option<Counted>> {
        let compression = work
            .output
            .as_deref()
            .map_or(Compression::None, Compression::from_path);
        let job = self.job(work.from, work.to);
        let mut input = work.input.clone();
        if self.interactive && work.output.is_some() {
            match expected_bytes(&input, &job) {
                Some(total) => input = input.telling(told(Progress::of(total))),
                None => output = output.showing(Progress::open_ended()),
            }
        }
        let smallest = work.smallest.take();
        let written = output.compressed(compression, |writer| {
            counted_tokens(
                &input,
                writer,
                &job,
                self.counted,
                |writer| match smallest {
                    Some(smallest) => smallest.write(writer),
                    None => tonl_convert::convert(&input, writer, &job),
                },
            )
        });
        drop(input);
        output.finish(written.map_err(|error| crate::input::failed(&error, &work.path)))
    }

    fn job(&self, from: Format, to: Format) -> Job {
        let args = self.args;
        let limits = args.limits.limits();
        let mut job = Job::new(from, to);
        job.privacy.clone_from(&self.policy);
        job.write = args.writing.options(limits);
        job.read.tonl = args.reading.options(limits);
        if args.text_cells {
            job.read.csv_cells = CsvCells::Text;
        }
        if args.target.verify {
            job.verify = Verify::Compare;
        }
        job.json = if args.target.compact {
            Layout::Compact
        } else {
            Layout::Pretty
        };
        job
    }
}

/// How many bytes of the input will be read in all, if that can be said; its faults show later.
fn expected_bytes(input: &Input, job: &Job) -> Option<u64> {
    let passes = job.passes(input).ok().flatten()?;
    Some(passes * input.stored_bytes()?)
}

/// The bar as the converter tells it.
pub(super) fn told(progress: Progress) -> tonl_convert::Progress {
    tonl_convert::Progress::new(move |bytes| progress.advance(bytes))
}

/// How many files are converted at once if nobody says.
pub(super) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}
