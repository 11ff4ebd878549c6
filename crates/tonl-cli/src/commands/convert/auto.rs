//! `--to auto`: the form with the fewest tokens, decided before the output is opened.

use super::Run;
use crate::args::format::TargetName;
use crate::failure::Result;
use crate::input::failed;
use std::io::Write;
use std::path::Path;
use tonl_convert::choose::{self, ChoiceSettings, Decision};
use tonl_convert::{Format, Input, Job, Report};

/// Decides on the form, if that was left open.
///
/// # Errors
/// A model that is not known, and faults of the input.
pub(super) fn decide(
    run: &Run<'_>,
    input: &Input,
    from: Format,
    path: &Path,
) -> Result<Option<Decision>> {
    if run.args.to != Some(TargetName::Auto) {
        return Ok(None);
    }
    let job = run.job(from, Format::Json);
    let decision = choose::choose(input, &job, &settings(run)?);
    decision.map(Some).map_err(|error| failed(&error, path))
}

/// Writes the form that was decided on.
///
/// # Errors
/// As [`choose::write_chosen`].
pub(super) fn write(
    run: &Run<'_>,
    input: &Input,
    output: &mut dyn Write,
    job: &Job,
    decision: Decision,
) -> tonl_convert::Result<Report> {
    let settings = run.args.choice.settings(decision.encoding);
    choose::write_chosen(input, output, job, &settings, decision)
}

fn settings(run: &Run<'_>) -> Result<ChoiceSettings> {
    let model = run.args.tokens.model.find()?;
    Ok(run.args.choice.settings(model.encoding()))
}
