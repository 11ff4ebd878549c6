//! What a conversion says of itself, for people and for machines.

use crate::policy;
use crate::render::Voice;
use crate::render::figures::{counted, grouped, saved_percent, saving};
use serde_json::{Value, json};
use tonl_convert::choose::Decision;
use tonl_convert::{Format, Report};
use tonl_tokens::{Baseline, Savings};

/// A conversion that is done.
#[derive(Clone, Debug)]
pub(super) struct Done {
    pub(super) input: String,
    /// The output file; nothing if it is standard output.
    pub(super) output: Option<String>,
    /// Whether nothing was written, because the input is the smallest form already.
    pub(super) stays: bool,
    pub(super) from: Format,
    pub(super) to: Format,
    pub(super) verified: bool,
    pub(super) report: Report,
    /// What it saves in tokens, if they were counted.
    pub(super) savings: Option<Savings>,
}

impl Done {
    /// Tells a person.
    pub(super) fn tell(&self, voice: Voice) {
        let Self {
            input, from, to, ..
        } = self;
        if self.stays {
            voice.say(format_args!(
                "{input} stays as it is; name an output to have it without white space"
            ));
            self.tell_tokens(voice);
            return;
        }
        let output = self.output.as_deref().unwrap_or("standard output");
        voice.say(format_args!("{input} ({from}) -> {output} ({to})"));
        let rows = self.report.records.map(|records| counted(records, "row"));
        let size = size(self.report.bytes_in, self.report.bytes_out);
        let verified = self.verified.then(|| "reads back unchanged".to_owned());
        let parts: Vec<String> = rows.into_iter().chain([size]).chain(verified).collect();
        voice.say(parts.join("; "));
        self.tell_tokens(voice);
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
            "tokens": self.savings.as_ref().map(savings_value),
            "decision": report.decision.as_ref().map(decision_value),
        });
        if let (Some(findings), Value::Object(members)) = (&report.privacy, &mut value) {
            members.insert("privacy".to_owned(), policy::value(findings));
        }
        value
    }

    fn tell_tokens(&self, voice: Voice) {
        if let Some(savings) = &self.savings {
            voice.say(savings_line(savings));
        }
        if let Some(decision) = &self.report.decision {
            tell_decision(decision, voice);
        }
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

/// `1,402 tokens as compact JSON -> 604 tokens, saved 56.9 % (gpt-5, o200k_base)`
pub(crate) fn savings_line(savings: &Savings) -> String {
    let baseline = match savings.baseline {
        Baseline::AsGiven => "as given",
        _ => "as compact JSON",
    };
    format!(
        "{} tokens {baseline} -> {} tokens, saved {:.1} % ({}, {})",
        grouped(savings.original_tokens),
        grouped(savings.compressed_tokens),
        savings.rounded_percent(),
        savings.model.name,
        savings.model.counted_by(),
    )
}

/// The savings for machines.
pub(crate) fn savings_value(savings: &Savings) -> Value {
    json!({
        "originalTokens": savings.original_tokens,
        "compressedTokens": savings.compressed_tokens,
        "savedTokens": savings.saved_tokens(),
        "savingsPercent": savings.rounded_percent(),
        "model": savings.model.name,
        "method": savings.method().name(),
        "baseline": savings.baseline.name(),
    })
}

/// Says which form was chosen, why, and what the others would have cost.
fn tell_decision(decision: &Decision, voice: Voice) {
    let form = decision.form;
    voice.say(format_args!("chosen: {form}: {}", decision.reason));
    let costs: Vec<String> = decision
        .candidates
        .iter()
        .map(|candidate| format!("{} {}", candidate.form, grouped(candidate.tokens)))
        .collect();
    let of = match &decision.sample {
        Some(sample) => format!(" of the first {}", counted(sample.records, "record")),
        None => String::new(),
    };
    let encoding = decision.encoding.name();
    voice.say(format_args!(
        "tokens{of} by {encoding}: {}",
        costs.join(", ")
    ));
    for form in &decision.given_up {
        voice.warn(format_args!(
            "{form} was smaller, but did not read back as the same value"
        ));
    }
}

fn decision_value(decision: &Decision) -> Value {
    let candidates: Vec<Value> = decision
        .candidates
        .iter()
        .map(|candidate| json!({"form": candidate.form.name(), "tokens": candidate.tokens}))
        .collect();
    let given_up: Vec<&str> = decision.given_up.iter().map(|form| form.name()).collect();
    json!({
        "form": decision.form.name(),
        "reason": decision.reason.to_string(),
        "encoding": decision.encoding.name(),
        "candidates": candidates,
        "sample": decision.sample.map(|sample| {
            json!({"records": sample.records, "bytes": sample.bytes})
        }),
        "given_up": given_up,
    })
}

fn rounded(percent: f64) -> f64 {
    (percent * 10.0).round() / 10.0
}
