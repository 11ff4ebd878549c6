//! The one table of models.
//!
//! Prices are list prices for standard processing without caching, as the provider's list had them on
//! the date of the row; whoever changes one changes its date too. For the providers whose tokenizer
//! is not public the factor is a round figure: their models take somewhat more tokens than
//! `o200k_base` for the same text, by how much depends on the text. Savings in percent do not depend
//! on it.

use super::{Model, Price, Provider, Tokenizer};
use crate::encoding::Encoding;

/// The model that counts when none is named.
pub const DEFAULT: &str = "gpt-5";

const O200K: Tokenizer = Tokenizer::Exact(Encoding::O200kBase);
const CL100K: Tokenizer = Tokenizer::Exact(Encoding::Cl100kBase);
const CLAUDE: Tokenizer = Tokenizer::Estimate {
    encoding: Encoding::O200kBase,
    percent: 120,
};
const GEMINI: Tokenizer = Tokenizer::Estimate {
    encoding: Encoding::O200kBase,
    percent: 105,
};

const fn openai(
    name: &'static str,
    aliases: &'static [&'static str],
    tokenizer: Tokenizer,
    price: Price,
) -> Model {
    Model {
        name,
        aliases,
        provider: Provider::OpenAi,
        tokenizer,
        price,
    }
}

const fn claude(name: &'static str, aliases: &'static [&'static str], price: Price) -> Model {
    Model {
        name,
        aliases,
        provider: Provider::Anthropic,
        tokenizer: CLAUDE,
        price,
    }
}

const fn gemini(name: &'static str, aliases: &'static [&'static str], price: Price) -> Model {
    Model {
        name,
        aliases,
        provider: Provider::Google,
        tokenizer: GEMINI,
        price,
    }
}

/// US dollars for a million tokens in and out, by the price list of `source` on `date`.
const fn usd(input: f64, output: f64, source: &'static str, date: &'static str) -> Price {
    Price {
        input,
        output,
        date,
        source,
    }
}

const fn at_openai(input: f64, output: f64, date: &'static str) -> Price {
    usd(input, output, "openai.com/api/pricing", date)
}

const fn at_anthropic(input: f64, output: f64, date: &'static str) -> Price {
    usd(input, output, "claude.com/pricing", date)
}

const fn at_google(input: f64, output: f64, date: &'static str) -> Price {
    usd(input, output, "ai.google.dev/pricing", date)
}

/// Stands in for a table without its default, which a test rules out.
pub(super) const FALLBACK: Model = openai(DEFAULT, &[], O200K, at_openai(1.25, 10.0, "2025-08-07"));

/// All models, by provider.
pub static MODELS: &[Model] = &[
    FALLBACK,
    openai("gpt-5.1", &[], O200K, at_openai(1.25, 10.0, "2025-11-13")),
    openai("gpt-5-mini", &[], O200K, at_openai(0.25, 2.0, "2025-08-07")),
    openai("gpt-5-nano", &[], O200K, at_openai(0.05, 0.4, "2025-08-07")),
    openai(
        "gpt-5-pro",
        &[],
        O200K,
        at_openai(15.0, 120.0, "2025-10-06"),
    ),
    openai("gpt-4.1", &[], O200K, at_openai(2.0, 8.0, "2025-04-14")),
    openai(
        "gpt-4.1-mini",
        &[],
        O200K,
        at_openai(0.4, 1.6, "2025-04-14"),
    ),
    openai(
        "gpt-4.1-nano",
        &[],
        O200K,
        at_openai(0.1, 0.4, "2025-04-14"),
    ),
    openai("gpt-4o", &[], O200K, at_openai(2.5, 10.0, "2024-10-01")),
    openai(
        "gpt-4o-mini",
        &[],
        O200K,
        at_openai(0.15, 0.6, "2024-07-18"),
    ),
    openai("o1", &[], O200K, at_openai(15.0, 60.0, "2024-12-17")),
    openai("o1-mini", &[], O200K, at_openai(1.1, 4.4, "2025-01-31")),
    openai("o3", &[], O200K, at_openai(2.0, 8.0, "2025-06-10")),
    openai("o3-mini", &[], O200K, at_openai(1.1, 4.4, "2025-01-31")),
    openai("o4-mini", &[], O200K, at_openai(1.1, 4.4, "2025-04-16")),
    openai(
        "gpt-4-turbo",
        &[],
        CL100K,
        at_openai(10.0, 30.0, "2024-04-09"),
    ),
    openai("gpt-4", &[], CL100K, at_openai(30.0, 60.0, "2024-01-25")),
    openai(
        "gpt-3.5-turbo",
        &["gpt-3.5"],
        CL100K,
        at_openai(0.5, 1.5, "2024-01-25"),
    ),
    claude(
        "claude-opus-4.5",
        &["claude-4.5-opus"],
        at_anthropic(5.0, 25.0, "2025-11-24"),
    ),
    claude(
        "claude-opus-4.1",
        &["claude-4.1-opus"],
        at_anthropic(15.0, 75.0, "2025-08-05"),
    ),
    claude(
        "claude-opus-4",
        &["claude-4-opus"],
        at_anthropic(15.0, 75.0, "2025-05-22"),
    ),
    claude(
        "claude-sonnet-4.5",
        &["claude-4.5-sonnet"],
        at_anthropic(3.0, 15.0, "2025-09-29"),
    ),
    claude(
        "claude-sonnet-4",
        &["claude-4-sonnet", "claude-4"],
        at_anthropic(3.0, 15.0, "2025-05-22"),
    ),
    claude(
        "claude-sonnet-3.7",
        &["claude-3.7-sonnet"],
        at_anthropic(3.0, 15.0, "2025-02-24"),
    ),
    claude(
        "claude-sonnet-3.5",
        &["claude-3.5-sonnet"],
        at_anthropic(3.0, 15.0, "2024-06-20"),
    ),
    claude(
        "claude-haiku-4.5",
        &["claude-4.5-haiku", "claude-haiku-4"],
        at_anthropic(1.0, 5.0, "2025-10-15"),
    ),
    claude(
        "claude-3.5-haiku",
        &["claude-haiku-3.5"],
        at_anthropic(0.8, 4.0, "2024-12-05"),
    ),
    claude(
        "claude-3-opus",
        &["claude-opus-3"],
        at_anthropic(15.0, 75.0, "2024-03-04"),
    ),
    claude(
        "claude-3-sonnet",
        &["claude-sonnet-3"],
        at_anthropic(3.0, 15.0, "2024-03-04"),
    ),
    claude(
        "claude-3-haiku",
        &["claude-haiku-3"],
        at_anthropic(0.25, 1.25, "2024-03-13"),
    ),
    gemini(
        "gemini-3-pro-preview",
        &["gemini-3-pro"],
        at_google(2.0, 12.0, "2025-11-18"),
    ),
    gemini(
        "gemini-2.5-pro",
        &["gemini-2.5"],
        at_google(1.25, 10.0, "2025-06-17"),
    ),
    gemini("gemini-2.5-flash", &[], at_google(0.3, 2.5, "2025-06-17")),
    gemini(
        "gemini-2.5-flash-lite",
        &[],
        at_google(0.1, 0.4, "2025-07-22"),
    ),
    gemini("gemini-2.0-flash", &[], at_google(0.1, 0.4, "2025-02-05")),
    gemini("gemini-1.5-pro", &[], at_google(1.25, 5.0, "2024-10-01")),
    gemini("gemini-1.5-flash", &[], at_google(0.075, 0.3, "2024-08-12")),
];
