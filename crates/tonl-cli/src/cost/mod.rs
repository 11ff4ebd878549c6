//! What tokens cost, in whose money, and what follows from it. Prices are those of `tonl-tokens`.

pub(crate) mod currency;
pub(crate) mod recommendation;

use tonl_tokens::Savings;

/// Days of a month, as costs are told.
pub(crate) const MONTH_DAYS: f64 = 30.0;
/// Days of a year, as costs are told.
pub(crate) const YEAR_DAYS: f64 = 365.0;
/// The requests a day of projections for which no number is given.
pub(crate) const USUAL_QUERIES: f64 = 1_000.0;

/// What one request costs as input, in US dollars, before and after.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cost {
    /// With the tokens of the original.
    pub(crate) original: f64,
    /// With the tokens of the other text.
    pub(crate) compressed: f64,
}

impl Cost {
    /// The cost of one request with each of the two texts.
    pub(crate) fn of(savings: &Savings) -> Self {
        Self {
            original: savings.model.input_cost(savings.original_tokens),
            compressed: savings.model.input_cost(savings.compressed_tokens),
        }
    }

    /// The cost of so many requests.
    pub(crate) fn times(self, requests: f64) -> Self {
        Self {
            original: self.original * requests,
            compressed: self.compressed * requests,
        }
    }

    /// What is saved; negative if the other text costs more.
    pub(crate) fn saved(self) -> f64 {
        self.original - self.compressed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonl_tokens::{Baseline, Model};

    #[test]
    fn a_cost_is_tokens_times_the_models_price() {
        let model = Model::default_model();
        let savings = Savings::of_tokens(model, Baseline::default(), 477, 255);
        let cost = Cost::of(&savings).times(1e6);
        assert!((cost.original - 477.0 * model.price.input).abs() < 1e-6);
        assert!((cost.saved() - 222.0 * model.price.input).abs() < 1e-6);
    }
}
