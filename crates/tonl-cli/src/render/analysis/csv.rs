//! Savings as CSV, safe to be opened by a spreadsheet.
//!
//! A cell of text that a spreadsheet would take for a formula gets an apostrophe in front. Numbers are
//! numbers, also negative ones.

use crate::analysis::{Analyses, advice, annual};
use crate::cost::Cost;
use crate::cost::currency::Exchange;
use std::io;
use tonl_tokens::Savings;

/// A header line and a row for each file; `time` is when the analysis was made.
///
/// # Errors
/// None that a text in memory can have.
pub(crate) fn files(analyses: &Analyses, time: &str) -> io::Result<Vec<u8>> {
    let rows = analyses.files.iter();
    let rows = rows.map(|file| row(&file.file, &file.savings, &analyses.exchange, time));
    written(&analyses.exchange, rows)
}

/// A header line and a row with the totals.
///
/// # Errors
/// As [`files`].
pub(crate) fn summary(analyses: &Analyses, time: &str) -> io::Result<Vec<u8>> {
    let row = row("total", &analyses.total(), &analyses.exchange, time);
    written(&analyses.exchange, [row])
}

fn written(
    exchange: &Exchange,
    rows: impl IntoIterator<Item = [String; 12]>,
) -> io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(headings(exchange.symbol()))?;
    for row in rows {
        writer.write_record(row)?;
    }
    writer.into_inner().map_err(csv::IntoInnerError::into_error)
}

fn headings(symbol: &str) -> [String; 12] {
    [
        "Timestamp".to_owned(),
        "File".to_owned(),
        "Model".to_owned(),
        "Currency".to_owned(),
        "Original Tokens".to_owned(),
        "TONL Tokens".to_owned(),
        "Savings %".to_owned(),
        format!("Cost per 1K Requests JSON ({symbol})"),
        format!("Cost per 1K Requests TONL ({symbol})"),
        format!("Net Savings per 1M Requests ({symbol})"),
        format!("Projected Annual Savings at 1K/day ({symbol})"),
        "Recommendation".to_owned(),
    ]
}

fn row(name: &str, savings: &Savings, exchange: &Exchange, time: &str) -> [String; 12] {
    let cost = Cost::of(savings);
    let thousand = cost.times(1e3);
    [
        time.to_owned(),
        text(name),
        text(savings.model.name),
        text(exchange.code()),
        savings.original_tokens.to_string(),
        savings.compressed_tokens.to_string(),
        format!("{:.1}", savings.rounded_percent() + 0.0),
        exchange.small_plain(thousand.original),
        exchange.small_plain(thousand.compressed),
        exchange.plain(cost.times(1e6).saved()),
        exchange.plain(annual(savings)),
        advice(savings).title().to_owned(),
    ]
}

/// A cell that no spreadsheet takes for a formula.
pub(crate) fn text(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::tests::analyses;

    fn cells(file: &str) -> Vec<String> {
        let csv = files(&analyses(&[(file, 100, 120)]), "2026-01-02T03:04:05Z").unwrap();
        let mut reader = csv::Reader::from_reader(csv.as_slice());
        assert_eq!(reader.headers().unwrap().len(), 12);
        let row = reader.records().next().unwrap().unwrap();
        row.iter().map(str::to_owned).collect()
    }

    #[test]
    fn a_cell_that_looks_like_a_formula_is_text() {
        for file in ["=1+1.json", "+a", "-a", "@a", "\ta", "\ra"] {
            assert_eq!(cells(file)[1], format!("'{file}"));
        }
        for file in ["a.json", "a=b.json", "data, \"old\".json", "two\nlines"] {
            assert_eq!(cells(file)[1], file);
        }
    }

    #[test]
    fn a_loss_is_a_negative_number() {
        let cells = cells("a.json");
        assert_eq!(cells[0], "2026-01-02T03:04:05Z");
        assert_eq!(cells[4..7], ["100", "120", "-20.0"]);
        assert!(cells[9].starts_with('-'), "{cells:?}");
        assert_eq!(cells[11], "Keep JSON");
    }

    #[test]
    fn the_summary_has_one_row() {
        let csv = summary(&analyses(&[("a", 10, 5), ("b", 10, 5)]), "now").unwrap();
        let text = String::from_utf8(csv).unwrap();
        assert_eq!(text.lines().count(), 2);
        assert!(text.contains(",total,"), "{text}");
    }
}
