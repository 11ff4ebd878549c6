//! `tonl models`: the one table of models, for people and for machines.

use crate::args::models::ModelsArgs;
use crate::exit::Exit;
use crate::failure::Result;
use crate::output::Output;
use crate::render::table::{Column, Table, terminal_width};
use serde_json::{Value, json};
use tonl_tokens::Model;
use tonl_tokens::model::{MODELS, Price};

/// Prints the table of models.
///
/// # Errors
/// Standard output cannot be written.
pub(super) fn run(args: &ModelsArgs) -> Result<Exit> {
    list(args.json)
}

/// The list that other commands print for `--list-models`.
///
/// # Errors
/// Standard output cannot be written.
pub(super) fn list(json: bool) -> Result<Exit> {
    let text = if json {
        let models: Vec<Value> = MODELS.iter().map(value).collect();
        format!("{:#}\n", Value::Array(models))
    } else {
        table().text(terminal_width())
    };
    Output::stdout().write_whole(text.as_bytes())
}

fn table() -> Table {
    let currency = Price::CURRENCY;
    let mut table = Table::new([
        Column::name("model"),
        Column::text("aliases").spared(0),
        Column::name("provider").spared(1),
        Column::text("counted by"),
        Column::number(format!("{currency} in/1M")),
        Column::number(format!("{currency} out/1M")),
        Column::name("price of"),
    ]);
    for model in MODELS {
        table.row([
            model.name.to_owned(),
            model.aliases.join(", "),
            model.provider.to_string(),
            model.counted_by(),
            dollars(model.price.input),
            dollars(model.price.output),
            model.price.date.to_owned(),
        ]);
    }
    table
}

/// A price with cents, and with a third digit where it has one.
fn dollars(price: f64) -> String {
    let exact = format!("{price:.3}");
    exact.strip_suffix('0').unwrap_or(&exact).to_owned()
}

fn value(model: &Model) -> Value {
    json!({
        "name": model.name,
        "aliases": model.aliases,
        "provider": model.provider.to_string(),
        "encoding": model.encoding().name(),
        "method": model.method().name(),
        "countedBy": model.counted_by(),
        "inputCost": model.price.input,
        "outputCost": model.price.output,
        "currency": Price::CURRENCY,
        "priceDate": model.price.date,
        "priceSource": model.price.source,
        "default": model == Model::default_model(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_keeps_its_digits() {
        for (price, shown) in [(2.5, "2.50"), (0.075, "0.075"), (15.0, "15.00")] {
            assert_eq!(dollars(price), shown);
        }
    }
}
