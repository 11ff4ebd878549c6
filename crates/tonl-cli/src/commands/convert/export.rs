//! `--export`: the figures of every conversion in a file, for machines and spreadsheets.

use super::plan::{Plan, Target};
use super::report::Done;
use crate::args::convert::ConvertArgs;
use crate::failure::{Failure, Result};
use crate::interrupt::Unfinished;
use crate::output::{Output, Overwrite};
use crate::render::Voice;
use crate::render::analysis::csv::text;
use serde_json::Value;
use std::path::Path;
use tonl_tokens::Model;

/// The headings of the CSV, and where their cells are in what --json has.
const COLUMNS: [(&str, &str); 14] = [
    ("Input", "/input"),
    ("Output", "/output"),
    ("From", "/from"),
    ("To", "/to"),
    ("Records", "/records"),
    ("Bytes In", "/bytes_in"),
    ("Bytes Out", "/bytes_out"),
    ("Saved Bytes %", "/saved_percent"),
    ("Skipped Lines", "/skipped"),
    ("Model", "/tokens/model"),
    ("Original Tokens", "/tokens/originalTokens"),
    ("Compressed Tokens", "/tokens/compressedTokens"),
    ("Saved Tokens", "/tokens/savedTokens"),
    ("Savings %", "/tokens/savingsPercent"),
];

/// The file of `--export`, opened before anything is converted; nothing without the option.
#[derive(Debug)]
pub(super) struct Export<'a>(Option<(&'a Path, Output)>);

impl<'a> Export<'a> {
    /// Opens the file.
    ///
    /// # Errors
    /// A file that exists, cannot be written, or is an input or the output.
    pub(super) fn open(
        args: &'a ConvertArgs,
        plans: &[Plan],
        unfinished: &Unfinished,
    ) -> Result<Self> {
        let Some(path) = args.export.as_deref() else {
            return Ok(Self(None));
        };
        let is_named = |plan: &Plan| {
            is_same(path, &plan.input.path)
                || matches!(&plan.output, Target::Named(output) if is_same(path, output))
        };
        if plans.iter().any(is_named) {
            return Err(same(path));
        }
        let overwrite = Overwrite::from(args.target.force);
        let output = Output::replacing(path, overwrite, unfinished)?;
        Ok(Self(Some((path, output))))
    }

    /// Writes what was done. Without any figures the file stays what it was.
    ///
    /// # Errors
    /// A file that cannot be written, or that a conversion has just written.
    pub(super) fn write(self, all: &[Done], voice: Voice) -> Result<()> {
        let Some((path, output)) = self.0.filter(|_| !all.is_empty()) else {
            return Ok(());
        };
        let mut outputs = all.iter().filter_map(|done| done.output.as_deref());
        if outputs.any(|output| is_same(path, Path::new(output))) {
            return Err(same(path));
        }
        let is_csv = path
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("csv"));
        let bytes = if is_csv {
            csv(all).map_err(|error| Failure::io("write", Path::new("CSV"), &error))?
        } else {
            let lines = all.iter().map(|done| done.value().to_string() + "\n");
            lines.collect::<String>().into_bytes()
        };
        output.write_whole(&bytes)?;
        voice.say(format_args!("the figures are in {}", path.display()));
        Ok(())
    }
}

/// The model whose tokens are counted, if they are: figures without tokens would be few.
///
/// # Errors
/// A name that no model has.
pub(super) fn counted(args: &ConvertArgs) -> Result<Option<&'static Model>> {
    let usual = args.export.is_some().then(Model::default_model);
    Ok(args.tokens.counted()?.or(usual))
}

/// Whether two paths name one file; one that is not there yet is known by its path alone.
fn is_same(left: &Path, right: &Path) -> bool {
    let file = |path: &Path| path.canonicalize().ok();
    left == right || file(left).is_some_and(|file_left| file(right) == Some(file_left))
}

fn same(path: &Path) -> Failure {
    let message = format!("{} is a file of the conversion itself", path.display());
    Failure::configuration(message).with_hint("name another file with --export")
}

fn csv(all: &[Done]) -> std::io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS.map(|(heading, _)| heading))?;
    for value in all.iter().map(Done::value) {
        writer.write_record(COLUMNS.map(|(_, place)| match value.pointer(place) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(name)) => text(name),
            Some(number) => number.to_string(),
        }))?;
    }
    writer.into_inner().map_err(csv::IntoInnerError::into_error)
}
