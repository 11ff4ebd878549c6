//! Which form was chosen, among which, and why.

use super::ChoiceSettings;
use super::sample::Sample;
use crate::format::Format;
use crate::pipeline::Job;
use crate::sink::Layout;
use crate::toon::Fidelity;
use std::fmt;
use tonl::Types;
use tonl_tokens::Encoding;

/// A form in which a value can be given to a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Form {
    /// JSON without white space.
    Json,
    /// TONL with the type of every column.
    TonlTyped,
    /// TONL with types only where they spare quotes.
    TonlPartlyTyped,
    /// TONL without types.
    TonlUntyped,
    /// CSV, where the value is flat.
    Csv,
    /// TOON, in the forms of it that lose nothing.
    Toon,
}

impl Form {
    /// The forms that are tried besides JSON.
    pub const USUAL: [Self; 4] = [
        Self::TonlTyped,
        Self::TonlPartlyTyped,
        Self::TonlUntyped,
        Self::Csv,
    ];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::TonlTyped => "tonl",
            Self::TonlPartlyTyped => "tonl-types-auto",
            Self::TonlUntyped => "tonl-types-never",
            Self::Csv => "csv",
            Self::Toon => "toon",
        }
    }

    /// The format that it is a text of.
    pub fn format(self) -> Format {
        match self {
            Self::Json => Format::Json,
            Self::TonlTyped | Self::TonlPartlyTyped | Self::TonlUntyped => Format::Tonl,
            Self::Csv => Format::Csv,
            Self::Toon => Format::Toon,
        }
    }

    /// The job that writes it.
    pub(super) fn job(self, job: &Job) -> Job {
        let mut job = Job {
            to: self.format(),
            json: Layout::Compact,
            ..job.clone()
        };
        match self {
            Self::TonlTyped => job.write.types = Types::Always,
            Self::TonlPartlyTyped => job.write.types = Types::Auto,
            Self::TonlUntyped => job.write.types = Types::Never,
            Self::Toon => job.toon.fidelity = Fidelity::Exact,
            Self::Json | Self::Csv => {}
        }
        job
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A form that can hold the value, and what it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Candidate {
    /// The form.
    pub form: Form,
    /// Its tokens.
    pub tokens: u64,
}

/// Why a form was chosen.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// It has the fewest tokens; how many percent fewer than compact JSON.
    Smallest {
        /// The saving in percent.
        percent: f64,
    },
    /// No form has fewer tokens than compact JSON.
    NothingSmaller,
    /// The smallest form saves less than is asked for.
    TooLittle {
        /// The smallest form.
        form: Form,
        /// What it would save in tokens.
        tokens: u64,
        /// What it would save in percent.
        percent: f64,
        /// What is asked for at least, in tokens and in percent.
        asked: (u64, f64),
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Smallest { percent } => {
                write!(f, "fewest tokens, {percent:.1} % fewer than compact JSON")
            }
            Self::NothingSmaller => f.write_str("no form has fewer tokens than compact JSON"),
            Self::TooLittle {
                form,
                tokens,
                percent,
                asked: (least, share),
            } => write!(
                f,
                "{form} would save only {tokens} tokens ({percent:.1} %); {least} and {share} % are asked for"
            ),
        }
    }
}

/// A choice of form.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Decision {
    /// The form that was chosen.
    pub form: Form,
    /// Why.
    pub reason: Reason,
    /// All forms that can hold the value, fewest tokens first.
    pub candidates: Vec<Candidate>,
    /// The encoding that counted.
    pub encoding: Encoding,
    /// What the counts are of, if not of the whole input.
    pub sample: Option<Sample>,
    /// Forms that were chosen first, but did not decode to the same value.
    pub given_up: Vec<Form>,
}

impl Decision {
    /// Decides; the candidates come in the order in which the first of equals wins.
    pub(super) fn new(
        mut candidates: Vec<Candidate>,
        sample: Option<Sample>,
        settings: &ChoiceSettings,
    ) -> Self {
        candidates.sort_by_key(|candidate| candidate.tokens);
        let (form, reason) = best(&candidates, settings);
        Self {
            form,
            reason,
            candidates,
            encoding: settings.encoding,
            sample,
            given_up: Vec::new(),
        }
    }

    /// Tokens of a form, if it can hold the value.
    pub fn tokens(&self, form: Form) -> Option<u64> {
        let found = self.candidates.iter().find(|other| other.form == form);
        found.map(|candidate| candidate.tokens)
    }

    /// Gives up the chosen form, because it turned out not to hold the value, for the next best.
    pub(super) fn fall_back(&mut self, settings: &ChoiceSettings) {
        let form = self.form;
        self.given_up.push(form);
        self.candidates.retain(|candidate| candidate.form != form);
        (self.form, self.reason) = best(&self.candidates, settings);
    }
}

/// The form to take of those that can hold the value, fewest tokens first.
fn best(candidates: &[Candidate], settings: &ChoiceSettings) -> (Form, Reason) {
    let json = tokens_of(candidates, Form::Json);
    let Some(best) = candidates.first().filter(|best| best.tokens < json) else {
        return (Form::Json, Reason::NothingSmaller);
    };
    let (tokens, percent) = saving(json, best.tokens);
    if tokens >= settings.min_tokens && percent >= settings.min_percent {
        return (best.form, Reason::Smallest { percent });
    }
    let form = best.form;
    let reason = Reason::TooLittle {
        form,
        tokens,
        percent,
        asked: (settings.min_tokens, settings.min_percent),
    };
    (Form::Json, reason)
}

fn tokens_of(candidates: &[Candidate], form: Form) -> u64 {
    let found = candidates.iter().find(|candidate| candidate.form == form);
    found.map_or(0, |candidate| candidate.tokens)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a share is shown with few digits"
)]
fn saving(before: u64, after: u64) -> (u64, f64) {
    let saved = before.saturating_sub(after);
    (saved, saved as f64 / before.max(1) as f64 * 100.0)
}
