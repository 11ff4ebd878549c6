//! A saving in tokens and money, for people and for machines; the same for every command.

use super::figures::signed;
use super::table::{Column, Table};
use crate::cost::Cost;
use crate::cost::currency::Exchange;
use crate::cost::recommendation::Recommendation;
use serde_json::{Map, Value, json};
use tonl_tokens::Savings;
use tonl_tokens::model::Price;

/// Numbers of requests for which costs are told, by the names of machines.
const SCALES: [(&str, f64); 4] = [
    ("per1K", 1e3),
    ("per1M", 1e6),
    ("per10M", 1e7),
    ("per100M", 1e8),
];

/// A saving with its tokens: `1,000 -> 530 tokens, saved 470 (47.0 %)`.
pub(crate) fn sentence(savings: &Savings) -> String {
    format!(
        "{} -> {} tokens, saved {} ({})",
        super::figures::grouped(savings.original_tokens),
        super::figures::grouped(savings.compressed_tokens),
        signed(savings.saved_tokens()),
        percent(savings.percent())
    )
}

/// A percentage with one digit: `47.0 %`.
pub(crate) fn percent(percent: f64) -> String {
    let shown = format!("{percent:.1} %");
    match shown.as_str() {
        "-0.0 %" => "0.0 %".to_owned(),
        _ => shown,
    }
}

/// Costs before and after for numbers of requests, a row each.
pub(crate) fn table(
    savings: &Savings,
    exchange: &Exchange,
    [before, after]: [&str; 2],
    rows: &[(String, f64)],
) -> Table {
    let mut table = Table::new([
        Column::text("cost of input"),
        Column::number(before),
        Column::number(after),
        Column::number("saved"),
    ]);
    for (name, requests) in rows {
        let cost = Cost::of(savings).times(*requests);
        let shown = |dollars| {
            if *requests <= 1e3 {
                exchange.small_amount(dollars)
            } else {
                exchange.amount(dollars)
            }
        };
        table.row([
            name.clone(),
            shown(cost.original),
            shown(cost.compressed),
            shown(cost.saved()),
        ]);
    }
    table
}

/// The saving as an object; amounts are in the currency of `exchange`.
pub(crate) fn value(savings: &Savings, exchange: &Exchange) -> Map<String, Value> {
    let model = savings.model;
    let advice = Recommendation::of(savings.percent());
    let fields = [
        (
            "model",
            json!({
                "name": model.name,
                "provider": model.provider.to_string(),
                "inputCost": model.price.input,
                "outputCost": model.price.output,
                "currency": Price::CURRENCY,
                "priceDate": model.price.date,
            }),
        ),
        ("jsonTokens", json!(savings.original_tokens)),
        ("tonlTokens", json!(savings.compressed_tokens)),
        ("savedTokens", json!(savings.saved_tokens())),
        ("savingsPercent", json!(savings.percent())),
        ("costs", costs(savings, exchange)),
        ("currency", currency(exchange)),
        ("recommendation", json!(advice.code())),
    ];
    let named = fields.map(|(name, value)| (name.to_owned(), value));
    named.into_iter().collect()
}

/// An amount of dollars in the currency of `exchange`, rounded to a millionth.
pub(crate) fn money(dollars: f64, exchange: &Exchange) -> Value {
    // Adding zero takes the sign from what is rounded to zero.
    json!((dollars * exchange.rate() * 1e6).round() / 1e6 + 0.0)
}

fn costs(savings: &Savings, exchange: &Exchange) -> Value {
    let cost = Cost::of(savings);
    let scaled = |of: fn(Cost) -> f64| -> Value {
        let amounts = SCALES.iter().map(|(name, requests)| {
            let dollars = of(cost.times(*requests));
            ((*name).to_owned(), money(dollars, exchange))
        });
        Value::Object(amounts.collect())
    };
    json!({
        "json": scaled(|cost| cost.original),
        "tonl": scaled(|cost| cost.compressed),
        "savings": scaled(Cost::saved),
    })
}

fn currency(exchange: &Exchange) -> Value {
    json!({
        "code": exchange.code(),
        "rate": exchange.rate(),
        "date": exchange.date(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonl_tokens::{Baseline, Model};

    #[test]
    fn a_loss_is_told_as_a_negative_saving() {
        let savings = Savings::of_tokens(Model::default_model(), Baseline::default(), 1_000, 1_250);
        assert_eq!(
            sentence(&savings),
            "1,000 -> 1,250 tokens, saved -250 (-25.0 %)"
        );
        let dollars = Exchange::new(Price::CURRENCY, None).unwrap();
        let value = value(&savings, &dollars);
        assert_eq!(value["recommendation"], "KEEP_JSON");
        assert_eq!(value["savedTokens"], -250);
        assert!(value["costs"]["savings"]["per1M"].as_f64().unwrap() < 0.0);
        assert_eq!(money(-1e-9, &dollars).to_string(), "0.0");
    }

    #[test]
    fn what_is_rounded_to_zero_has_no_sign() {
        assert_eq!(percent(-0.01), "0.0 %");
        assert_eq!(percent(-0.06), "-0.1 %");
    }
}
