//! What a conversion says of itself, for people and for machines.

use crate::policy;
use crate::render::Voice;
use crate::render::figures::{counted, grouped, saved_percent, saving};
use serde_json::{Value, json};
use tonl_convert::{Format, Report};

/// A conversion that is done.
#[derive(Clone, Debug)]
pub(super) struct Done {
    pub(super) input: String,
    /// The output file; nothing if it is standard output.
    pub(super) output: Option<String>,
    pub(super) from: Format,
    pub(super) to: Format,
    pub(super) verified: bool,
    pub(super) report: Report,
}

impl Done {
    /// Tells a person.
    pub(super) fn tell(&self, voice: Voice) {
        let Self {
            input, from, to, ..
        } = self;
        let output = self.output.as_deref().unwrap_or("standard output");
        voice.say(format_args!("{input} ({from}) -> {output} ({to})"));
        let rows = self.report.records.map(|records| counted(records, "row"));
        let size = size(self.report.bytes_in, self.report.bytes_out);
        let verified = self.verified.then(|| "reads back unchanged".to_owned());
        let parts: Vec<String> = rows.into_iter().chain([size]).chain(verified).collect();
        voice.say(parts.join("; "));
        tell_skipped(&self.report, voice);
        if let Some(findings) = &self.report.privacy {
            policy::tell(findings, voice);
        }
        let notes = self.report.warnings.iter().chain(&self.report.losses);
        for note in notes {
            voice.warn(format_args!("{input}: {note}"));
        }
    }

    /// The same for machines.
    pub(super) fn value(&self) -> Value {
        let report = &self.report;
        let mut value = json!({
            "input": self.input,
            "output": self.output,
            "from": self.from.as_str(),
            "to": self.to.as_str(),
            "records": report.records,
            "bytes_in": report.bytes_in,
            "bytes_out": report.bytes_out,
            "saved_percent": rounded(saved_percent(report.bytes_in, report.bytes_out)),
            "skipped": report.skipped.count,
            "skipped_lines": report.skipped.first_lines,
            "verified": self.verified,
            "warnings": report.warnings,
            "losses": report.losses,
        });
        if let (Some(findings), Value::Object(members)) = (&report.privacy, &mut value) {
            members.insert("privacy".to_owned(), policy::value(findings));
        }
        value
    }
}

/// Bytes in and out: `38,531 bytes -> 24,010 bytes, saved 37.7 %`.
pub(crate) fn size(bytes_in: u64, bytes_out: u64) -> String {
    let saving = saving(bytes_in, bytes_out);
    format!(
        "{} bytes -> {} bytes, {saving}",
        grouped(bytes_in),
        grouped(bytes_out)
    )
}

/// Says how many lines were left out and where the first of them are.
pub(crate) fn tell_skipped(report: &Report, voice: Voice) {
    let skipped = &report.skipped;
    if skipped.is_empty() {
        return;
    }
    let lines: Vec<String> = skipped
        .first_lines
        .iter()
        .map(ToString::to_string)
        .collect();
    let more = if skipped.count > lines.len() as u64 {
        " and more"
    } else {
        ""
    };
    let noun = if skipped.count == 1 { "line" } else { "lines" };
    voice.warn(format_args!(
        "skipped {} that {} not valid: {noun} {}{more}",
        counted(skipped.count, "line"),
        if skipped.count == 1 { "is" } else { "are" },
        lines.join(", "),
    ));
}

fn rounded(percent: f64) -> f64 {
    (percent * 10.0).round() / 10.0
}
