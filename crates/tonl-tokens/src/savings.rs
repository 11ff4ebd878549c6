//! What one text saves against another, in tokens.

use crate::model::{Method, Model};

/// What the saving is measured against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Baseline {
    /// The same data as JSON without white space, which is what a program would send.
    #[default]
    CompactJson,
    /// The text as it was given, white space included.
    AsGiven,
}

impl Baseline {
    /// `compact-json` or `as-given`.
    pub fn name(self) -> &'static str {
        match self {
            Self::CompactJson => "compact-json",
            Self::AsGiven => "as-given",
        }
    }
}

/// The tokens of a text, those of a smaller one, and the difference. Negative where the other text
/// is not smaller.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Savings {
    /// Tokens of the baseline.
    pub original_tokens: u64,
    /// Tokens of the other text.
    pub compressed_tokens: u64,
    /// The model that counts.
    pub model: &'static Model,
    /// What the saving is measured against.
    pub baseline: Baseline,
}

impl Savings {
    /// Compares two counts of the model's encoding; an estimate's factor is applied here.
    pub fn new(model: &'static Model, baseline: Baseline, original: u64, compressed: u64) -> Self {
        Self {
            original_tokens: model.of_encoding(original).tokens,
            compressed_tokens: model.of_encoding(compressed).tokens,
            model,
            baseline,
        }
    }

    /// Compares two numbers of tokens that are the model's own already.
    pub fn of_tokens(
        model: &'static Model,
        baseline: Baseline,
        original: u64,
        compressed: u64,
    ) -> Self {
        Self {
            original_tokens: original,
            compressed_tokens: compressed,
            model,
            baseline,
        }
    }

    /// Tokens saved; negative if there are more.
    pub fn saved_tokens(&self) -> i64 {
        let tokens = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        tokens(self.original_tokens) - tokens(self.compressed_tokens)
    }

    /// Tokens saved as a share of the original, in percent; 0 if the original has none.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a share is shown with few digits"
    )]
    pub fn percent(&self) -> f64 {
        if self.original_tokens == 0 {
            return 0.0;
        }
        self.saved_tokens() as f64 / self.original_tokens as f64 * 100.0
    }

    /// [`Savings::percent`] with one decimal, as reports show it.
    pub fn rounded_percent(&self) -> f64 {
        (self.percent() * 10.0).round() / 10.0
    }

    /// Whether the counts are the model's own.
    pub fn method(&self) -> Method {
        self.model.method()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn savings(model: &str, original: u64, compressed: u64) -> Savings {
        let model = Model::find(model).unwrap();
        Savings::new(model, Baseline::default(), original, compressed)
    }

    #[test]
    fn savings_may_be_negative_and_are_rounded_to_one_decimal() {
        let good = savings("gpt-4o", 477, 255);
        assert_eq!((good.saved_tokens(), good.rounded_percent()), (222, 46.5));
        let bad = savings("gpt-4o", 3, 5);
        assert_eq!((bad.saved_tokens(), bad.rounded_percent()), (-2, -66.7));
        let none = savings("gpt-4o", 0, 5);
        assert_eq!((none.saved_tokens(), none.rounded_percent()), (-5, 0.0));
    }

    #[test]
    fn an_estimate_scales_both_counts() {
        let estimate = savings("claude-opus-4.5", 1000, 500);
        assert_eq!(
            (estimate.original_tokens, estimate.compressed_tokens),
            (1200, 600)
        );
        assert_eq!(estimate.method(), Method::Estimated);
        let own = Savings::of_tokens(estimate.model, Baseline::default(), 1200, 600);
        assert_eq!(own, estimate);
    }
}
