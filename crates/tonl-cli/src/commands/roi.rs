//! `tonl roi`: what a saving of tokens is worth, from numbers alone.

use super::models;
use crate::args::roi::RoiArgs;
use crate::cost::currency::Exchange;
use crate::cost::recommendation::Recommendation;
use crate::cost::{Cost, MONTH_DAYS, YEAR_DAYS};
use crate::exit::Exit;
use crate::failure::Result;
use crate::output::Output;
use crate::render::costs;
use crate::render::figures::{counted, grouped};
use crate::render::table::terminal_width;
use serde_json::{Value, json};
use tonl_tokens::{Baseline, Savings};

/// Tells what the saving is worth.
///
/// # Errors
/// A currency without a rate, or standard output that cannot be written.
pub(super) fn run(args: &RoiArgs) -> Result<Exit> {
    if args.list_models {
        return models::list(args.json);
    }
    let worth = Worth {
        savings: savings(args)?,
        queries: args.queries_per_day.unwrap_or_default(),
        exchange: args.currency.exchange()?,
    };
    let text = if args.json {
        format!("{:#}\n", worth.value())
    } else if args.summary {
        worth.summary()
    } else {
        worth.text(args.verbose)
    };
    Output::stdout().write_whole(text.as_bytes())
}

/// The tokens before where only a saving is given.
const ASSUMED_BEFORE: u64 = 1_000;

fn savings(args: &RoiArgs) -> Result<Savings> {
    let before = args.tokens_before.unwrap_or(ASSUMED_BEFORE);
    let after = match (args.tokens_after, args.savings) {
        (Some(after), _) => after,
        (None, Some(share)) => rest(before, share),
        (None, None) => before,
    };
    let model = args.model.find()?;
    Ok(Savings::of_tokens(
        model,
        Baseline::default(),
        before,
        after,
    ))
}

/// The tokens that are left when a share of them is saved.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the share is from 0 to 1, and a cast stays in its range"
)]
fn rest(tokens: u64, share: f64) -> u64 {
    (tokens as f64 * (1.0 - share)).round() as u64
}

/// A saving at a number of queries.
struct Worth {
    savings: Savings,
    queries: u64,
    exchange: Exchange,
}

impl Worth {
    #[expect(clippy::cast_precision_loss, reason = "money is shown with few digits")]
    fn a_day(&self) -> f64 {
        self.queries as f64
    }

    fn saved_in(&self, days: f64) -> f64 {
        Cost::of(&self.savings).times(self.a_day() * days).saved()
    }

    fn summary(&self) -> String {
        format!(
            "{}: {}; {} a year at {} a day\n",
            self.savings.model.name,
            costs::sentence(&self.savings),
            self.exchange.amount(self.saved_in(YEAR_DAYS)),
            queries(self.queries),
        )
    }

    fn text(&self, is_verbose: bool) -> String {
        let mut rows = vec![
            ("1,000 requests".to_owned(), 1e3),
            ("1M requests".to_owned(), 1e6),
        ];
        if is_verbose {
            rows.push(("10M requests".to_owned(), 1e7));
            rows.push(("100M requests".to_owned(), 1e8));
        }
        let a_day = self.a_day();
        rows.push((format!("a day ({})", queries(self.queries)), a_day));
        rows.push(("a month (30 days)".to_owned(), a_day * MONTH_DAYS));
        rows.push(("a year (365 days)".to_owned(), a_day * YEAR_DAYS));
        let table = costs::table(&self.savings, &self.exchange, ["before", "after"], &rows);
        let note = self.exchange.note().map(|note| format!("{note}\n"));
        let explanation = is_verbose.then(|| self.explanation());
        format!(
            "{}: {}\n\n{}\nrecommendation: {}\n{}{}",
            self.savings.model.name,
            costs::sentence(&self.savings),
            table.text(terminal_width()),
            Recommendation::of(self.savings.percent()).words(),
            note.unwrap_or_default(),
            explanation.unwrap_or_default(),
        )
    }

    fn explanation(&self) -> String {
        let price = &self.savings.model.price;
        format!(
            "cost of a request = tokens / 1,000,000 x price of 1M input tokens\n\
             price: {} {} for 1M input tokens, by {} on {}\n",
            price.input,
            tonl_tokens::model::Price::CURRENCY,
            price.source,
            price.date,
        )
    }

    fn value(&self) -> Value {
        let mut value = costs::value(&self.savings, &self.exchange);
        let saved = |days| costs::money(self.saved_in(days), &self.exchange);
        value.insert("queriesPerDay".to_owned(), json!(self.queries));
        value.insert(
            "savings".to_owned(),
            json!({
                "perDay": saved(1.0),
                "perMonth": saved(MONTH_DAYS),
                "perYear": saved(YEAR_DAYS),
            }),
        );
        Value::Object(value)
    }
}

fn queries(number: u64) -> String {
    if number == 1 {
        return counted(number, "query");
    }
    format!("{} queries", grouped(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_of_a_share_is_rounded() {
        assert_eq!(rest(1_000, 0.47), 530);
        assert_eq!(rest(3, 0.5), 2);
        assert_eq!(rest(1_000, 1.0), 0);
        assert_eq!(rest(0, 0.3), 0);
    }
}
