//! `tonl roi`.

use super::currency::CurrencyArgs;
use super::model::ModelArgs;
use clap::Args;

/// Say what a saving of tokens is worth at a number of queries a day
///
/// The numbers of tokens are taken as they are given. Costs are those of input tokens at list price;
/// a month has 30 days, a year 365. With --savings alone, 1000 tokens before are assumed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tonl roi -b 1250 -a 790 -q 50000
  tonl roi --savings 47% -q 1000 -m gpt-4o --currency EUR
  tonl roi -b 1250 -a 790 -q 50000 --json")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an independent switch of the command line"
)]
pub(crate) struct RoiArgs {
    /// Tokens of one query before
    #[arg(
        short = 'b',
        long,
        value_name = "N",
        allow_negative_numbers = true,
        value_parser = whole,
        required_unless_present_any = ["savings", "list_models"]
    )]
    pub(crate) tokens_before: Option<u64>,

    /// Tokens of one query after; may be more than before, then the saving is negative
    #[arg(
        short = 'a',
        long,
        value_name = "N",
        allow_negative_numbers = true,
        value_parser = whole,
        conflicts_with = "savings",
        required_unless_present_any = ["savings", "list_models"]
    )]
    pub(crate) tokens_after: Option<u64>,

    /// The saving instead of the tokens after: in percent (47%, 47), or as a share up to 1 (0.47)
    #[arg(
        short,
        long,
        value_name = "PERCENT",
        allow_negative_numbers = true,
        value_parser = share
    )]
    pub(crate) savings: Option<f64>,

    /// Queries a day
    #[arg(
        short,
        long,
        value_name = "N",
        allow_negative_numbers = true,
        value_parser = whole,
        required_unless_present = "list_models"
    )]
    pub(crate) queries_per_day: Option<u64>,

    #[command(flatten)]
    pub(crate) model: ModelArgs,

    #[command(flatten)]
    pub(crate) currency: CurrencyArgs,

    /// Print the table of models and do nothing else
    #[arg(long)]
    pub(crate) list_models: bool,

    /// Report as JSON
    #[arg(long, conflicts_with_all = ["summary", "verbose"])]
    pub(crate) json: bool,

    /// One line only
    #[arg(long, conflicts_with = "verbose")]
    pub(crate) summary: bool,

    // The global option of the same name, without its short form: `-q` has another meaning here.
    /// Say nothing on standard error but errors
    #[arg(id = "quiet", long)]
    _quiet: bool,

    /// Also larger numbers of requests, and how the costs come about
    #[arg(long)]
    pub(crate) verbose: bool,
}

/// The greatest number of tokens or queries: a floating-point number still holds it exactly.
const MOST: u64 = 1_000_000_000_000_000;

fn whole(text: &str) -> Result<u64, String> {
    let number = text.trim().parse().ok();
    number
        .filter(|number| *number <= MOST)
        .ok_or_else(|| "expected a whole number from 0 to 1,000,000,000,000,000".to_owned())
}

/// The share that is saved, from 0 to 1.
fn share(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let (digits, is_percent) = match text.strip_suffix('%') {
        Some(digits) => (digits.trim_end(), true),
        None => (text, false),
    };
    let number = digits.parse::<f64>().ok();
    let share = number.map(|number| {
        if is_percent || number > 1.0 {
            number / 100.0
        } else {
            number
        }
    });
    share
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| "expected 0% to 100%, or a share from 0 to 1".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saving_is_a_percentage_or_a_share() {
        for (text, saved) in [
            ("47%", 0.47),
            ("47", 0.47),
            ("0.47", 0.47),
            ("1", 1.0),
            ("1%", 0.01),
            ("0", 0.0),
            ("100 %", 1.0),
        ] {
            assert_eq!(share(text), Ok(saved), "{text}");
        }
    }

    #[test]
    fn an_impossible_saving_is_refused() {
        for text in ["-5", "-0.1", "101", "100.1%", "NaN", "inf", "half", ""] {
            assert!(share(text).is_err(), "{text}");
        }
    }

    #[test]
    fn tokens_are_whole_numbers() {
        assert_eq!(whole("1250"), Ok(1250));
        assert_eq!(whole("1000000000000000"), Ok(MOST));
        for text in ["-1", "1.5", "1e3", "NaN", "1000000000000001"] {
            assert!(whole(text).is_err(), "{text}");
        }
    }
}
