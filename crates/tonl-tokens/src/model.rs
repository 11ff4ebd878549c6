//! The models: which encoding counts for them, whether that is exact, and what their tokens cost.
//!
//! There is one table, in `table.rs`, and no other home for a model's name or price.

mod table;

use crate::encoding::Encoding;
use std::fmt;

pub use table::{DEFAULT, MODELS};

/// A language model.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Model {
    /// The name by which it is asked for, lower case.
    pub name: &'static str,
    /// Other names of the same model.
    pub aliases: &'static [&'static str],
    /// Who sells it.
    pub provider: Provider,
    /// How its tokens are counted.
    pub tokenizer: Tokenizer,
    /// What its tokens cost.
    pub price: Price,
}

/// Who sells a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Provider {
    /// OpenAI.
    OpenAi,
    /// Anthropic.
    Anthropic,
    /// Google.
    Google,
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OpenAi => "OpenAI",
            Self::Anthropic => "Anthropic",
            Self::Google => "Google",
        })
    }
}

/// How a model's tokens are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tokenizer {
    /// Its own encoding is public.
    Exact(Encoding),
    /// Its tokenizer is not public: the count of another encoding, times a factor in percent.
    Estimate {
        /// The encoding that is counted.
        encoding: Encoding,
        /// Tokens of the model for 100 of the encoding.
        percent: u64,
    },
}

/// What a million tokens cost, by a provider's list.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Price {
    /// US dollars for a million tokens that the model reads.
    pub input: f64,
    /// US dollars for a million tokens that it writes.
    pub output: f64,
    /// The day on which the list said so, as `YYYY-MM-DD`.
    pub date: &'static str,
    /// Which list.
    pub source: &'static str,
}

impl Price {
    /// The currency of all prices.
    pub const CURRENCY: &'static str = "USD";
}

/// Whether a count is the model's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// The model counts so too.
    Exact,
    /// An estimate by another encoding.
    Estimated,
}

impl Method {
    /// `exact` or `estimated`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Estimated => "estimated",
        }
    }
}

/// How many tokens a text has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Count {
    /// The number of tokens.
    pub tokens: u64,
    /// Whether it is the model's own.
    pub method: Method,
}

impl Model {
    /// Finds a model by its name or an alias, in any case.
    ///
    /// # Errors
    /// [`UnknownModel`] with the names nearest to it. There is no silent guess.
    pub fn find(name: &str) -> Result<&'static Self, UnknownModel> {
        let wanted = name.trim().to_ascii_lowercase();
        MODELS
            .iter()
            .find(|model| model.names().any(|name| name == wanted))
            .ok_or_else(|| UnknownModel::new(name, &wanted))
    }

    /// The model that counts when none is named.
    pub fn default_model() -> &'static Self {
        // A test holds that the table has the model.
        MODELS
            .iter()
            .find(|model| model.name == DEFAULT)
            .unwrap_or(&table::FALLBACK)
    }

    /// Its name and aliases.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }

    /// The encoding that is counted for it.
    pub fn encoding(&self) -> Encoding {
        match self.tokenizer {
            Tokenizer::Exact(encoding) | Tokenizer::Estimate { encoding, .. } => encoding,
        }
    }

    /// Whether its counts are exact.
    pub fn method(&self) -> Method {
        match self.tokenizer {
            Tokenizer::Exact(_) => Method::Exact,
            Tokenizer::Estimate { .. } => Method::Estimated,
        }
    }

    /// How many tokens a text costs it.
    pub fn count(&self, text: &str) -> Count {
        self.of_encoding(self.encoding().count(text))
    }

    /// The count that so many tokens of [`Model::encoding`] make.
    pub fn of_encoding(&self, tokens: u64) -> Count {
        let tokens = match self.tokenizer {
            Tokenizer::Exact(_) => tokens,
            Tokenizer::Estimate { percent, .. } => (tokens * percent).div_ceil(100),
        };
        Count {
            tokens,
            method: self.method(),
        }
    }

    /// How its tokens are counted, for a person: `o200k_base`, or
    /// `o200k_base x 1.20 (estimate)`.
    pub fn counted_by(&self) -> String {
        let encoding = self.encoding().name();
        match self.tokenizer {
            Tokenizer::Exact(_) => encoding.to_owned(),
            Tokenizer::Estimate { percent, .. } => {
                format!(
                    "{encoding} x {}.{:02} (estimate)",
                    percent / 100,
                    percent % 100
                )
            }
        }
    }

    /// What so many tokens cost as input, in US dollars.
    #[expect(clippy::cast_precision_loss, reason = "money is shown with few digits")]
    pub fn input_cost(&self, tokens: u64) -> f64 {
        tokens as f64 / 1e6 * self.price.input
    }
}

/// A name that no model has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the name of a model, found {name:?}{}", self.advice())]
#[non_exhaustive]
pub struct UnknownModel {
    /// The name that was asked for.
    pub name: String,
    /// The names nearest to it, best first; at most three.
    pub nearest: Vec<&'static str>,
}

impl UnknownModel {
    fn new(name: &str, wanted: &str) -> Self {
        let mut near: Vec<(f64, &'static str)> = MODELS
            .iter()
            .flat_map(Model::names)
            .map(|known| (strsim::jaro_winkler(wanted, known), known))
            .filter(|(likeness, _)| *likeness > 0.75)
            .collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        Self {
            name: name.to_owned(),
            nearest: near.into_iter().take(3).map(|(_, known)| known).collect(),
        }
    }

    fn advice(&self) -> String {
        if self.nearest.is_empty() {
            String::new()
        } else {
            format!("; the nearest are {}", self.nearest.join(", "))
        }
    }
}

#[cfg(test)]
mod tests;
