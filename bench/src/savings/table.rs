//! The page: an introduction and one table for each encoding.

use super::{COLUMNS, Column, Row};
use std::fmt::Write;
use tonl_tokens::Encoding;

/// A page in Markdown that grows table by table.
#[derive(Debug)]
pub(super) struct Page {
    text: String,
}

impl Page {
    pub(super) fn new(commit: &str) -> Self {
        let mut text = String::new();
        let _infallible = write!(
            text,
            "\
# Savings

What the same data costs a model in each form. Figures are percent of tokens saved against **compact JSON**; a negative figure costs
more than JSON does. A dash stands where a form cannot hold the data without a loss. `auto` is what `--to auto` writes: the form with
the fewest tokens, or compact JSON where another form would save less than 10 % or 32 tokens. Every count is exact.

Counted at commit `{commit}`. To repeat it: `just bench savings`, and with the files `just bench savings --corpora FOLDER`.
"
        );
        Self { text }
    }

    pub(super) fn add(&mut self, encoding: Encoding, rows: &[Row]) {
        let headings: Vec<&str> = COLUMNS.into_iter().map(Column::heading).collect();
        self.line(&format!("\n## {}\n", encoding.name()));
        self.line(&format!(
            "| data | tokens of compact JSON | {} |",
            headings.join(" | ")
        ));
        self.line(&format!("|---|---:|{}", "---:|".repeat(headings.len())));
        for row in rows {
            let cells: Vec<String> = row
                .forms
                .iter()
                .map(|tokens| tokens.map_or_else(|| "-".into(), |count| saved(row.json, count)))
                .collect();
            self.line(&format!(
                "| {} | {} | {} |",
                row.name,
                row.json,
                cells.join(" | ")
            ));
        }
        let means: Vec<String> = (0..headings.len()).map(|at| mean(rows, at)).collect();
        self.line(&format!("| **geometric mean** | | {} |", means.join(" | ")));
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}

#[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
fn ratio(json: u64, tokens: u64) -> f64 {
    tokens as f64 / json as f64
}

fn saved(json: u64, tokens: u64) -> String {
    percent(ratio(json, tokens))
}

fn percent(ratio: f64) -> String {
    format!("{:.1}", (1.0 - ratio) * 100.0)
}

/// The geometric mean over the rows that have a figure, and how many if not all have.
#[expect(clippy::cast_precision_loss, reason = "a small count")]
fn mean(rows: &[Row], column: usize) -> String {
    let logs: Vec<f64> = rows
        .iter()
        .filter_map(|row| Some(ratio(row.json, (*row.forms.get(column)?)?).ln()))
        .collect();
    if logs.is_empty() {
        return "-".into();
    }
    let mean = percent((logs.iter().sum::<f64>() / logs.len() as f64).exp());
    if logs.len() == rows.len() {
        format!("**{mean}**")
    } else {
        format!("{mean} (of {})", logs.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(json: u64, first: Option<u64>) -> Row {
        let mut forms = vec![Some(json); COLUMNS.len()];
        forms[0] = first;
        Row {
            name: "set".into(),
            json,
            forms,
        }
    }

    #[test]
    fn losses_are_negative_and_gaps_are_dashes() {
        let mut page = Page::new("abc");
        page.add(
            Encoding::O200kBase,
            &[row(100, Some(150)), row(100, Some(50)), row(100, None)],
        );
        let text = page.finish();
        assert!(text.contains("| set | 100 | -50.0 | 0.0 |"), "{text}");
        assert!(text.contains("| set | 100 | 50.0 |"), "{text}");
        assert!(text.contains("| set | 100 | - |"), "{text}");
        assert!(
            text.contains("| **geometric mean** | | 13.4 (of 2) | **0.0** |"),
            "{text}"
        );
    }
}
