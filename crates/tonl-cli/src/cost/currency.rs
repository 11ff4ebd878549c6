//! Money: prices are in US dollars, amounts are shown in the currency of the reader.
//!
//! There is one table of exchange rates, and it has a date. Nothing is fetched: who needs today's rate
//! gives it.

use crate::render::figures::grouped_digits;
use tonl_tokens::model::Price;

/// The day of [`CURRENCIES`], as `YYYY-MM-DD`.
const DATE: &str = "2025-02-28";
/// Who published them.
const SOURCE: &str = "euro reference rates of the European Central Bank";

/// A currency, and how much of it one euro was.
struct Currency {
    code: &'static str,
    symbol: &'static str,
    decimals: usize,
    per_euro: f64,
}

const fn currency(
    code: &'static str,
    symbol: &'static str,
    decimals: usize,
    per_euro: f64,
) -> Currency {
    Currency {
        code,
        symbol,
        decimals,
        per_euro,
    }
}

/// What one US dollar was in euros, turned around.
const DOLLARS_PER_EURO: f64 = 1.0411;

/// The currencies whose rates are built in.
const CURRENCIES: &[Currency] = &[
    currency(Price::CURRENCY, "$", 2, DOLLARS_PER_EURO),
    currency("EUR", "€", 2, 1.0),
    currency("GBP", "£", 2, 0.826_08),
    currency("JPY", "¥", 0, 156.96),
    currency("CHF", "CHF ", 2, 0.9394),
    currency("CAD", "CA$", 2, 1.5019),
    currency("AUD", "A$", 2, 1.6741),
];

/// How dollars are shown in one currency.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Exchange {
    code: String,
    symbol: String,
    decimals: usize,
    rate: f64,
    is_given: bool,
}

impl Exchange {
    /// The exchange into the currency `code`, at its built-in rate or at the rate that is given.
    ///
    /// # Errors
    /// A sentence about a code that is none or has no built-in rate, or a rate that is not possible.
    pub(crate) fn new(code: &str, given: Option<f64>) -> Result<Self, String> {
        let code = code.to_ascii_uppercase();
        if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(format!(
                "expected a currency of three letters such as EUR, found {code:?}"
            ));
        }
        if given.is_some() && code == Price::CURRENCY {
            return Err(format!(
                "prices are in {code} already: a rate needs another currency"
            ));
        }
        let known = CURRENCIES.iter().find(|known| known.code == code);
        let built_in = known.map(|known| known.per_euro / DOLLARS_PER_EURO);
        let Some(rate) = given.or(built_in) else {
            return Err(format!(
                "the rate of {code} is not built in; known are {}",
                codes().join(", ")
            ));
        };
        Ok(Self {
            symbol: known.map_or_else(|| format!("{code} "), |known| known.symbol.to_owned()),
            decimals: known.map_or(2, |known| known.decimals),
            code,
            rate,
            is_given: given.is_some(),
        })
    }

    /// The code of the currency.
    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    /// Its sign, for headings.
    pub(crate) fn symbol(&self) -> &str {
        self.symbol.trim_end()
    }

    /// How much of it one US dollar is.
    pub(crate) fn rate(&self) -> f64 {
        self.rate
    }

    /// An amount of dollars with the sign of the currency: `$1,234.50`, `-€0.12`.
    pub(crate) fn amount(&self, dollars: f64) -> String {
        self.shown(dollars, self.decimals)
    }

    /// The same with two more digits, for small amounts. A currency without decimals stays so.
    pub(crate) fn small_amount(&self, dollars: f64) -> String {
        self.shown(dollars, self.more_decimals())
    }

    /// An amount of dollars as a plain number of the currency, with the digits of
    /// [`Exchange::amount`].
    pub(crate) fn plain(&self, dollars: f64) -> String {
        unsigned_zero(format!("{:.*}", self.decimals, dollars * self.rate))
    }

    /// The same with the digits of [`Exchange::small_amount`].
    pub(crate) fn small_plain(&self, dollars: f64) -> String {
        let decimals = self.more_decimals();
        unsigned_zero(format!("{:.*}", decimals, dollars * self.rate))
    }

    /// Where the rate is from; nothing where there is none.
    pub(crate) fn note(&self) -> Option<String> {
        if self.code == Price::CURRENCY {
            return None;
        }
        let rate = format!("1 {} = {:.4} {}", Price::CURRENCY, self.rate, self.code);
        Some(if self.is_given {
            format!("{rate}, as given with --rate")
        } else {
            format!("{rate} on {DATE}, by the {SOURCE}; --rate sets another")
        })
    }

    /// The day of the rate, if it is a built-in one.
    pub(crate) fn date(&self) -> Option<&'static str> {
        (!self.is_given && self.code != Price::CURRENCY).then_some(DATE)
    }

    fn more_decimals(&self) -> usize {
        if self.decimals == 0 {
            0
        } else {
            self.decimals + 2
        }
    }

    fn shown(&self, dollars: f64, decimals: usize) -> String {
        let digits = unsigned_zero(format!("{:.*}", decimals, dollars * self.rate));
        let (sign, digits) = match digits.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", digits.as_str()),
        };
        let symbol = &self.symbol;
        match digits.split_once('.') {
            Some((whole, part)) => format!("{sign}{symbol}{}.{part}", grouped_digits(whole)),
            None => format!("{sign}{symbol}{}", grouped_digits(digits)),
        }
    }
}

/// The codes of the built-in currencies.
pub(crate) fn codes() -> Vec<&'static str> {
    CURRENCIES.iter().map(|currency| currency.code).collect()
}

/// What is rounded to zero has no sign.
fn unsigned_zero(digits: String) -> String {
    match digits.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|byte| matches!(byte, b'0' | b'.')) => rest.to_owned(),
        _ => digits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(code: &str, rate: f64) -> Exchange {
        Exchange::new(code, Some(rate)).unwrap()
    }

    #[test]
    fn dollars_are_dollars() {
        let dollars = Exchange::new("usd", None).unwrap();
        assert_eq!(dollars.amount(1_234_567.891), "$1,234,567.89");
        assert_eq!(dollars.small_amount(-0.1234), "-$0.1234");
        assert_eq!(dollars.amount(-0.001), "$0.00");
        assert_eq!(dollars.plain(-0.001), "0.00");
        assert_eq!((dollars.note(), dollars.date()), (None, None));
    }

    #[test]
    fn a_currency_keeps_its_sign_and_its_digits() {
        assert_eq!(at("EUR", 0.5).amount(10.0), "€5.00");
        assert_eq!(at("JPY", 150.0).amount(10.0), "¥1,500");
        assert_eq!(at("JPY", 150.0).small_amount(0.01), "¥2");
        assert_eq!(at("JPY", 150.0).small_plain(0.01), "2");
        assert_eq!(at("SEK", 10.0).amount(-10.0), "-SEK 100.00");
        assert_eq!(at("EUR", 0.5).small_plain(1.0), "0.5000");
        assert_eq!(at("CHF", 2.0).symbol(), "CHF");
    }

    #[test]
    fn a_built_in_rate_tells_its_date() {
        for code in codes() {
            let exchange = Exchange::new(code, None).unwrap();
            assert!(exchange.rate() > 0.0);
            if code != Price::CURRENCY {
                assert!(exchange.note().unwrap().contains(DATE), "{code}");
            }
        }
        assert!(!at("EUR", 0.5).note().unwrap().contains(DATE));
    }

    #[test]
    fn what_has_no_rate_is_refused() {
        for (code, rate) in [
            ("SEK", None),
            ("E", None),
            ("€€€", None),
            ("USD", Some(2.0)),
        ] {
            assert!(Exchange::new(code, rate).is_err(), "{code}");
        }
    }
}
