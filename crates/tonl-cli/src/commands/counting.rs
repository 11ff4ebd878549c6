//! Conversions whose tokens are counted while they are written, against compact JSON.

use std::io::Write;
use tonl_convert::tokens::{TallyWriter, count_compact_json};
use tonl_convert::{Input, Job, Report, Result};
use tonl_tokens::{Baseline, Model, Savings};

/// What was written, and what it saves in tokens if that was counted.
pub(super) type Counted = (Report, Option<Savings>);

/// Lets `convert` write to `output`, and counts for `model` if there is one. The baseline is read
/// as `job` reads `input`.
///
/// # Errors
/// As `convert`, and failures of reading the input again.
pub(super) fn counted(
    input: &Input,
    output: &mut dyn Write,
    job: &Job,
    model: Option<&'static Model>,
    convert: impl FnOnce(&mut dyn Write) -> Result<Report>,
) -> Result<Counted> {
    let Some(model) = model else {
        return Ok((convert(output)?, None));
    };
    let mut tally = TallyWriter::new(output, model.encoding());
    let report = convert(&mut tally)?;
    let compressed = tally.finish();
    let original = count_compact_json(input, job, model.encoding())?;
    let savings = Savings::new(model, Baseline::CompactJson, original, compressed);
    Ok((report, Some(savings)))
}
