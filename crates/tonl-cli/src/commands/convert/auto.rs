//! `--to auto`: the form with the fewest tokens, made and compared before the output is named.

use super::{Run, Work};
use crate::args::convert::ConvertArgs;
use crate::args::format::TargetName;
use crate::failure::{Failure, Result};
use crate::input::failed;
use std::path::Path;
use tonl_convert::choose::{self, Smallest};
use tonl_convert::{Format, Input, Report};

/// Refuses options that only `--to auto` obeys.
///
/// # Errors
/// Such an option beside another target.
pub(super) fn check(args: &ConvertArgs) -> Result<()> {
    if args.to == Some(TargetName::Auto) || args.choice.is_empty() {
        return Ok(());
    }
    let message = "--min-saving, --min-saved-tokens and --try-toon need --to auto";
    Err(Failure::configuration(message))
}

/// Makes the smallest form, if the form was left open.
///
/// # Errors
/// Faults of the input.
pub(super) fn smallest(
    run: &Run<'_>,
    input: &Input,
    from: Format,
    path: &Path,
) -> Result<Option<Smallest>> {
    if run.args.to != Some(TargetName::Auto) {
        return Ok(None);
    }
    let model = run.args.tokens.model.find()?;
    let settings = run.args.choice.settings(model.encoding());
    let job = run.job(from, Format::Json);
    let smallest = choose::smallest(input, &job, &settings);
    smallest.map(Some).map_err(|error| failed(&error, path))
}

/// What was found out about an input that is left where it is, because it would be replaced by the same
/// text, or JSON by JSON without white space; nothing if it is not. What a policy has looked at never
/// stays.
///
/// # Errors
/// Failures of reading.
pub(super) fn staying(run: &Run<'_>, work: &mut Work) -> Result<Option<Report>> {
    if work.output.as_ref() != Some(&work.path) || run.policy.is_some() || work.from != work.to {
        return Ok(None);
    }
    let Some(smallest) = &mut work.smallest else {
        return Ok(None);
    };
    let same = work.to == Format::Json
        || smallest
            .is_text_of(&work.input)
            .map_err(|error| failed(&error, &work.path))?;
    let staying = if same { work.smallest.take() } else { None };
    Ok(staying.map(Smallest::into_report))
}

/// Warns if a name that a person gave says another format than the form has.
pub(super) fn warn_of_name(run: &Run<'_>, work: &Work) {
    let (Some(path), true) = (&work.output, work.smallest.is_some()) else {
        return;
    };
    let named = Format::from_path(path);
    if let Some(named) = named.filter(|named| *named != work.to) {
        run.voice.warn(format_args!(
            "{} is named as {named} and holds {}",
            path.display(),
            work.to
        ));
    }
}
