//! What TONL saves, as text, JSON, Markdown or CSV.

pub(crate) mod csv;

use super::costs::{self, percent};
use super::figures::{counted, grouped, signed};
use super::table::{Column, Table, terminal_width};
use crate::analysis::{Analyses, Analysis, advice, annual};
use crate::cost::{Cost, USUAL_QUERIES, YEAR_DAYS};
use serde_json::{Map, Value, json};
use tonl_tokens::Savings;

/// Tables for people: costs in full for one file, a row for each of several.
pub(crate) fn text(analyses: &Analyses) -> String {
    let body = match analyses.files.as_slice() {
        [] => return String::new(),
        [only] => single(analyses, only),
        _ => files(analyses).text(terminal_width()),
    };
    format!("{body}\n{}", lines(&analyses.notes()))
}

/// The totals in one line, with its notes below.
pub(crate) fn text_summary(analyses: &Analyses) -> String {
    let total = analyses.total();
    format!(
        "{}: {}; {} a year at 1,000 requests a day; recommendation: {}\n\n{}",
        counted(analyses.files.len() as u64, "file"),
        costs::sentence(&total),
        analyses.exchange.amount(annual(&total)),
        advice(&total).words(),
        lines(&analyses.notes()),
    )
}

/// An array with an object for each file.
pub(crate) fn json(analyses: &Analyses) -> String {
    let values = analyses.files.iter().map(|file| {
        let mut value = Map::new();
        value.insert("file".to_owned(), json!(file.file));
        value.insert("format".to_owned(), json!(file.format.as_str()));
        value.insert("records".to_owned(), json!(file.records));
        Value::Object(with_savings(value, &file.savings, analyses))
    });
    format!("{:#}\n", Value::Array(values.collect()))
}

/// An object with the totals.
pub(crate) fn json_summary(analyses: &Analyses) -> String {
    let mut value = Map::new();
    value.insert("files".to_owned(), json!(analyses.files.len()));
    let value = with_savings(value, &analyses.total(), analyses);
    format!("{:#}\n", Value::Object(value))
}

/// A Markdown table with a row for each file, and their sum.
pub(crate) fn markdown(analyses: &Analyses) -> String {
    format!(
        "{}\n{}",
        files(analyses).markdown(),
        bullets(&analyses.notes())
    )
}

/// A Markdown table with the totals alone.
pub(crate) fn markdown_summary(analyses: &Analyses) -> String {
    let mut table = Table::new(columns(analyses));
    table.row(cells("total", &analyses.total(), analyses));
    format!("{}\n{}", table.markdown(), bullets(&analyses.notes()))
}

fn single(analyses: &Analyses, file: &Analysis) -> String {
    let records = file.records.map(|records| counted(records, "record"));
    let about = [file.format.as_str().to_owned()].into_iter().chain(records);
    let rows = [
        ("1K requests".to_owned(), 1e3),
        ("1M requests".to_owned(), 1e6),
        ("a year (1,000 a day)".to_owned(), USUAL_QUERIES * YEAR_DAYS),
    ];
    let headings = [analyses.original_heading(), "TONL"];
    let table = costs::table(&file.savings, &analyses.exchange, headings, &rows);
    format!(
        "{} ({})\n{}\n\n{}\nrecommendation: {}\n",
        super::table::visible(&file.file),
        about.collect::<Vec<_>>().join(", "),
        costs::sentence(&file.savings),
        table.text(terminal_width()),
        advice(&file.savings).words(),
    )
}

fn files(analyses: &Analyses) -> Table {
    let mut table = Table::new(columns(analyses));
    for file in &analyses.files {
        table.row(cells(&file.file, &file.savings, analyses));
    }
    if analyses.files.len() > 1 {
        table.row(cells("total", &analyses.total(), analyses));
    }
    table
}

fn columns(analyses: &Analyses) -> [Column; 9] {
    [
        Column::text("file"),
        Column::number(analyses.original_heading()),
        Column::number("TONL"),
        Column::number("saved"),
        Column::number("percent"),
        Column::number("saved / 1K").spared(0),
        Column::number("saved / 1M").spared(1),
        Column::number("saved / year"),
        Column::text("advice"),
    ]
}

fn cells(name: &str, savings: &Savings, analyses: &Analyses) -> [String; 9] {
    let (cost, exchange) = (Cost::of(savings), &analyses.exchange);
    [
        name.to_owned(),
        grouped(savings.original_tokens),
        grouped(savings.compressed_tokens),
        signed(savings.saved_tokens()),
        percent(savings.percent()),
        exchange.small_amount(cost.times(1e3).saved()),
        exchange.amount(cost.times(1e6).saved()),
        exchange.amount(annual(savings)),
        advice(savings).title().to_owned(),
    ]
}

fn with_savings(
    mut value: Map<String, Value>,
    savings: &Savings,
    analyses: &Analyses,
) -> Map<String, Value> {
    value.extend(costs::value(savings, &analyses.exchange));
    let more = [
        ("method", json!(savings.method().name())),
        ("encoding", json!(savings.model.encoding().name())),
        ("baseline", json!(savings.baseline.name())),
        (
            "annualSavingsAt1KPerDay",
            costs::money(annual(savings), &analyses.exchange),
        ),
    ];
    value.extend(more.map(|(name, value)| (name.to_owned(), value)));
    value
}

fn lines(notes: &[String]) -> String {
    format!("{}\n", notes.join("\n"))
}

fn bullets(notes: &[String]) -> String {
    format!("- {}\n", notes.join("\n- "))
}
