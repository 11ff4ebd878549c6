//! The options that choose the currency of amounts.

use crate::cost::currency::Exchange;
use crate::failure::{Failure, Result};
use clap::Args;
use tonl_tokens::model::Price;

/// In whose money costs are told.
#[derive(Clone, Debug, Args)]
pub(crate) struct CurrencyArgs {
    /// Currency of all amounts: USD, EUR, GBP, JPY, CHF, CAD or AUD; any other with --rate
    #[arg(short, long, value_name = "CODE", default_value = Price::CURRENCY)]
    currency: String,

    /// How much of the currency one US dollar is, instead of the dated rate that is built in
    #[arg(short, long, value_name = "RATE", allow_negative_numbers = true, value_parser = rate)]
    rate: Option<f64>,
}

impl CurrencyArgs {
    /// The exchange that was asked for.
    ///
    /// # Errors
    /// A currency without a rate, and a rate without a currency.
    pub(crate) fn exchange(&self) -> Result<Exchange> {
        Exchange::new(&self.currency, self.rate).map_err(|message| {
            let hint = "give the rate as well, for example: --currency SEK --rate 9.8";
            Failure::configuration(message).with_hint(hint)
        })
    }
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.trim().parse::<f64>().ok();
    rate.filter(|rate| rate.is_finite() && *rate > 0.0)
        .ok_or_else(|| "expected a number above 0, for example 0.96".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_number_above_zero() {
        assert_eq!(rate("0.96"), Ok(0.96));
        for text in ["0", "-1", "NaN", "inf", "", "1,5"] {
            assert!(rate(text).is_err(), "{text}");
        }
    }
}
