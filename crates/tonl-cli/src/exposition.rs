//! The Prometheus text format, classic and `OpenMetrics`, as a list of series.
//!
//! A page is read line by line into names, labels and values. Help and type lines, timestamps and exemplars
//! are passed over: whoever watches a server knows what its metrics mean. A line that cannot be read is an
//! error with its number, never a series less; the page is foreign, so nothing here can panic.
//! *Source:* the Prometheus exposition formats 0.0.4 and 1.0.0 (with quoted names), `OpenMetrics` 1.0.0.

use crate::render::table::visible;
use std::collections::BTreeMap;
use std::fmt;

/// How much of a line an error quotes, in characters.
const QUOTED: usize = 40;

/// One line with a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Series {
    /// With its suffix, such as `_bucket` or `_total`.
    pub(crate) name: String,
    labels: Vec<(String, String)>,
    /// May be infinite or not a number.
    pub(crate) value: f64,
}

impl Series {
    /// The value of a label; an absent one is the empty text, as for Prometheus.
    pub(crate) fn label(&self, name: &str) -> &str {
        let found = self.labels.iter().find(|(label, _)| label == name);
        found.map_or("", |(_, value)| value)
    }
}

/// A page of metrics.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Exposition {
    series: Vec<Series>,
}

/// A line that is no metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    /// One-based.
    pub(crate) line: usize,
    expected: &'static str,
    found: String,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            expected,
            found,
        } = self;
        let found = if found.is_empty() {
            "the end of the line"
        } else {
            found
        };
        write!(f, "line {line}: expected {expected}, found {found}")
    }
}

impl Exposition {
    /// Reads a page.
    ///
    /// # Errors
    /// The first line that is neither empty, nor a comment, nor a series.
    pub(crate) fn parse(text: &str) -> Result<Self, Malformed> {
        let mut series = Vec::new();
        let mut ended = false;
        for (at, line) in text.lines().enumerate() {
            let line = line.trim_matches([' ', '\t', '\r']);
            let malformed = |expected, rest: &str| Malformed {
                line: at + 1,
                expected,
                found: visible(&rest.chars().take(QUOTED).collect::<String>()),
            };
            if line.is_empty() {
                continue;
            }
            if ended {
                return Err(malformed("nothing after # EOF", line));
            }
            if line.starts_with('#') {
                ended = line == "# EOF";
                continue;
            }
            let mut cursor = Cursor { rest: line };
            let found = cursor.series();
            series.push(found.map_err(|expected| malformed(expected, cursor.rest))?);
        }
        Ok(Self { series })
    }

    /// The series of this name.
    pub(crate) fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Series> {
        self.series.iter().filter(move |series| series.name == name)
    }

    /// The sum over all label sets of a name; nothing if no series has a finite value.
    pub(crate) fn sum(&self, name: &str) -> Option<f64> {
        finite(self.named(name)).reduce(|sum, value| sum + value)
    }

    /// The same for the first of several names that has a value.
    pub(crate) fn sum_of(&self, names: &[&str]) -> Option<f64> {
        names.iter().find_map(|name| self.sum(name))
    }

    /// The sums of a name for each value of one label.
    pub(crate) fn sums_by(&self, name: &str, label: &str) -> BTreeMap<String, f64> {
        let mut sums = BTreeMap::new();
        for series in self.named(name).filter(|series| series.value.is_finite()) {
            *sums.entry(series.label(label).to_owned()).or_insert(0.0) += series.value;
        }
        sums
    }
}

fn finite<'a>(series: impl Iterator<Item = &'a Series>) -> impl Iterator<Item = f64> {
    let values = series.map(|series| series.value);
    values.filter(|value| value.is_finite())
}

type Expected = &'static str;

/// What is left of a line. After an error it stands where the error is.
struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    fn series(&mut self) -> Result<Series, Expected> {
        let mut name = self.name(|c| c == ':').to_owned();
        let mut labels = Vec::new();
        self.blanks();
        if self.took('{') {
            self.labels(&mut name, &mut labels)?;
        }
        if name.is_empty() {
            return Err("the name of a metric");
        }
        self.blanks();
        let value = self.number()?;
        self.blanks();
        if !self.rest.is_empty() && !self.rest.starts_with('#') {
            self.number()
                .map_err(|_| "a time, an exemplar or the end of the line")?;
            self.blanks();
        }
        // An exemplar says nothing that is watched; classic pages have none.
        if !self.rest.is_empty() && !self.rest.starts_with('#') {
            return Err("the end of the line");
        }
        Ok(Series {
            name,
            labels,
            value,
        })
    }

    /// Everything up to the closing brace; a quoted text without a value is the metric's name.
    fn labels(
        &mut self,
        metric: &mut String,
        labels: &mut Vec<(String, String)>,
    ) -> Result<(), Expected> {
        loop {
            self.blanks();
            if self.took('}') {
                return Ok(());
            }
            let quoted = self.rest.starts_with('"');
            let label = if quoted {
                self.text()?
            } else {
                self.name(|_| false).to_owned()
            };
            self.blanks();
            if quoted && metric.is_empty() && !self.rest.starts_with('=') {
                *metric = label;
            } else if label.is_empty() {
                return Err("a label or }");
            } else if self.took('=') {
                self.blanks();
                labels.push((label, self.text()?));
            } else {
                return Err("= after the label");
            }
            self.blanks();
            if !self.took(',') && !self.rest.starts_with('}') {
                return Err(", or } after the label");
            }
        }
    }

    /// The longest name here; empty if there is none. `also` are further characters that it may have.
    fn name(&mut self, also: impl Fn(char) -> bool) -> &'a str {
        if self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            return "";
        }
        let inside = |c: char| c.is_ascii_alphanumeric() || c == '_' || also(c);
        self.until(|c| !inside(c))
    }

    /// A text in double quotes; a backslash before anything but `\`, `"` and `n` stands for itself.
    fn text(&mut self) -> Result<String, Expected> {
        if !self.took('"') {
            return Err("a text in double quotes");
        }
        let mut text = String::new();
        loop {
            text.push_str(self.until(|c| c == '"' || c == '\\'));
            if self.took('"') {
                return Ok(text);
            }
            let mut escape = self.rest.chars();
            match escape.nth(1) {
                Some('n') => text.push('\n'),
                Some(escaped @ ('\\' | '"')) => text.push(escaped),
                Some(other) => text.extend(['\\', other]),
                None => {
                    self.rest = "";
                    return Err("a closing double quote");
                }
            }
            self.rest = escape.as_str();
        }
    }

    fn number(&mut self) -> Result<f64, Expected> {
        let before = self.rest;
        let word = self.until(|c| c == ' ' || c == '\t');
        word.parse().map_err(|_| {
            self.rest = before;
            "a number"
        })
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    fn took(&mut self, wanted: char) -> bool {
        let after = self.rest.strip_prefix(wanted);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn until(&mut self, end: impl Fn(char) -> bool) -> &'a str {
        let at = self.rest.find(end).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(at).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonl_testkit::Random;

    /// A series as a text that says all of it.
    fn said(series: &Series) -> String {
        let labels = series.labels.iter();
        let labels: Vec<String> = labels
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        format!("{}[{}]{}", series.name, labels.join(";"), series.value)
    }

    #[test]
    fn every_form_of_a_line_is_read() {
        for (line, wanted) in [
            ("up 1", "up[]1"),
            ("up  \t 1.5e3 ", "up[]1500"),
            ("up{} 1", "up[]1"),
            ("ns:up:rate5m 1 1700000000000", "ns:up:rate5m[]1"),
            ("up -3 1700000000.123", "up[]-3"),
            ("a{b=\"c\"} 2", "a[b=c]2"),
            ("a{b=\"c\",} 2", "a[b=c]2"),
            ("a { b = \"c\" , d = \"\" } 2", "a[b=c;d=]2"),
            (r#"a{b="x\\y\"z\nw"} 2"#, "a[b=x\\y\"z\nw]2"),
            (r#"a{b="\q}"} 2"#, "a[b=\\q}]2"),
            ("a{b=\"日本, } # {\"} 2", "a[b=日本, } # {]2"),
            ("a NaN", "a[]NaN"),
            ("a +Inf", "a[]inf"),
            ("a -Inf", "a[]-inf"),
            ("h_bucket{le=\"+Inf\"} 17", "h_bucket[le=+Inf]17"),
            (
                "h_bucket{le=\"0.5\"} 8 # {trace_id=\"x\"} 0.3 17.0",
                "h_bucket[le=0.5]8",
            ),
            ("h_bucket{le=\"0.5\"} 8 17.0 # {} 0.3", "h_bucket[le=0.5]8"),
            ("a_created 1.7e9", "a_created[]1700000000"),
            ("{\"my.metric\",a=\"b\"} 4", "my.metric[a=b]4"),
            ("{\"my.metric\",\"a.b\"=\"c\"} 4", "my.metric[a.b=c]4"),
            ("a 1\r", "a[]1"),
        ] {
            let page = Exposition::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
            let all: Vec<String> = page.series.iter().map(said).collect();
            assert_eq!(all, [wanted], "{line}");
        }
    }

    #[test]
    fn comments_empty_lines_and_the_end_mark_have_no_series() {
        let page = "# HELP a What it is.\n# TYPE a counter\n\n#free\na 1\n# EOF\n\n";
        assert_eq!(Exposition::parse(page).unwrap().series.len(), 1);
        assert_eq!(Exposition::parse("").unwrap(), Exposition::default());
    }

    #[test]
    fn a_malformed_line_is_named_with_what_was_expected() {
        for (text, wanted) in [
            (
                "a 1\n<html>",
                "line 2: expected the name of a metric, found <html>",
            ),
            ("1a 1", "line 1: expected the name of a metric, found 1a 1"),
            (
                "{b=\"c\"} 1",
                "line 1: expected the name of a metric, found  1",
            ),
            ("a", "line 1: expected a number, found the end of the line"),
            ("a one", "line 1: expected a number, found one"),
            (
                "a 1 then",
                "line 1: expected a time, an exemplar or the end of the line, found then",
            ),
            ("a 1 2 3", "line 1: expected the end of the line, found 3"),
            (
                "a{",
                "line 1: expected a label or }, found the end of the line",
            ),
            ("a{b} 1", "line 1: expected = after the label, found } 1"),
            (
                "a{b=c} 1",
                "line 1: expected a text in double quotes, found c} 1",
            ),
            (
                "a{b=\"c} 1",
                "line 1: expected a closing double quote, found the end of the line",
            ),
            (
                "a{b=\"c\\",
                "line 1: expected a closing double quote, found the end of the line",
            ),
            (
                "a{b=\"c\" d=\"e\"} 1",
                "line 1: expected , or } after the label, found d=\"e\"} 1",
            ),
            (
                "\u{1b}[2J",
                "line 1: expected the name of a metric, found \\u{1b}[2J",
            ),
            (
                "# EOF\na 1",
                "line 2: expected nothing after # EOF, found a 1",
            ),
        ] {
            let error = Exposition::parse(text).unwrap_err();
            assert_eq!(error.to_string(), wanted, "{text}");
        }
    }

    #[test]
    fn sums_run_over_all_label_sets_and_leave_out_what_is_no_number() {
        let page = "a{o=\"x\",s=\"ok\"} 1\na{o=\"y\",s=\"ok\"} 2\na{o=\"x\",s=\"no\"} 4\na{o=\"x\"} NaN\nb NaN";
        let page = Exposition::parse(page).unwrap();
        assert_eq!(page.sum("a"), Some(7.0));
        assert_eq!(page.sum("b"), None, "not a number is no value");
        assert_eq!(page.sum("c"), None);
        assert_eq!(page.sum_of(&["c", "b", "a"]), Some(7.0));
        let by: Vec<(String, f64)> = page.sums_by("a", "o").into_iter().collect();
        assert_eq!(by, [("x".to_owned(), 5.0), ("y".to_owned(), 2.0)]);
    }

    #[test]
    fn no_text_makes_the_reader_panic() {
        const PIECES: &[&str] = &[
            "a", "_total", "{", "}", "=", "\"", "\\", "\\n", ",", " ", "\t", "\n", "\r", "#",
            "# EOF", "1", "-", "+Inf", "NaN", "1e309", "é", "日", "\u{202e}", "\0", "le", ":",
            "0.5", "{\"", "\"}", "# {",
        ];
        let mut random = Random::new(4);
        for _ in 0..20_000 {
            let length = random.below(14);
            let text: String = (0..length).map(|_| *random.pick(PIECES)).collect();
            if let Err(error) = Exposition::parse(&text) {
                assert!(
                    (1..=text.lines().count()).contains(&error.line),
                    "{text:?}: {error}"
                );
            }
        }
    }
}
