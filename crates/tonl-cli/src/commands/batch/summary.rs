//! What a whole batch came to.

use crate::commands::convert::report::savings_value;
use crate::commands::to_tonl::{Converted, rounded_saving, tokens};
use crate::exit::Exit;
use crate::failure::Result;
use crate::render::Voice;
use crate::render::figures::{counted, grouped, saving};
use serde_json::{Value, json};
use tonl_tokens::{Baseline, Model, Savings};

/// Sums over all files of a run.
#[derive(Clone, Debug)]
pub(super) struct Summary {
    converted: u64,
    failed: u64,
    left_out: u64,
    rows: u64,
    bytes_in: u64,
    bytes_out: u64,
    savings: Option<Savings>,
}

impl Summary {
    /// Nothing yet. Tokens are summed if a model counts them.
    pub(super) fn new(left_out: u64, model: Option<&'static Model>) -> Self {
        Self {
            converted: 0,
            failed: 0,
            left_out,
            rows: 0,
            bytes_in: 0,
            bytes_out: 0,
            savings: model.map(|model| Savings::new(model, Baseline::CompactJson, 0, 0)),
        }
    }

    /// Adds what a file came to.
    pub(super) fn add(&mut self, outcome: &Result<Converted>) {
        let Ok(file) = outcome else {
            self.failed += 1;
            return;
        };
        self.converted += 1;
        self.rows += file.report.records.unwrap_or_default();
        self.bytes_in += file.report.bytes_in;
        self.bytes_out += file.report.bytes_out;
        if let (Some(sum), Some(savings)) = (&mut self.savings, &file.savings) {
            sum.original_tokens += savings.original_tokens;
            sum.compressed_tokens += savings.compressed_tokens;
        }
    }

    /// An error if a file failed.
    pub(super) fn exit(&self) -> Exit {
        if self.failed == 0 {
            Exit::Success
        } else {
            Exit::Error
        }
    }

    /// Tells a person, a line for each figure.
    pub(super) fn tell(&self, voice: Voice) {
        let files = counted(self.converted, "file");
        let rows = counted(self.rows, "row");
        voice.say(line("converted", &format!("{files}, {rows}")));
        voice.say(line("failed", &counted(self.failed, "file")));
        if self.left_out > 0 {
            let others = counted(self.left_out, "file");
            voice.say(line("left out", &format!("{others} of no known format")));
        }
        if self.converted == 0 {
            return;
        }
        let bytes = format!(
            "{} -> {}, {}",
            grouped(self.bytes_in),
            grouped(self.bytes_out),
            saving(self.bytes_in, self.bytes_out)
        );
        voice.say(line("bytes", &bytes));
        if let Some(savings) = &self.savings {
            let tokens = tokens(savings, "");
            voice.say(line("tokens", &format!("{tokens} against compact JSON")));
            let (model, method) = (savings.model.name, savings.method().name());
            let by = savings.model.encoding().name();
            voice.say(line("", &format!("{model}, {method} by {by}")));
        }
    }

    /// The same for machines.
    pub(super) fn value(&self) -> Value {
        json!({
            "files": self.converted + self.failed,
            "converted": self.converted,
            "failed": self.failed,
            "left_out": self.left_out,
            "records": self.rows,
            "bytes_in": self.bytes_in,
            "bytes_out": self.bytes_out,
            "saved_percent": rounded_saving(self.bytes_in, self.bytes_out),
            "tokens": self.savings.as_ref().map(savings_value),
        })
    }
}

fn line(name: &str, figures: &str) -> String {
    format!("{name:9}  {figures}")
}
