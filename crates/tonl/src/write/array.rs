//! Arrays of records in two passes: a survey fixes the columns and the form, then the rows follow.
//!
//! Neither pass keeps records, so an array of any length takes constant memory. The caller gives the
//! same elements in the same order to both passes.
//!
//! *Source:* `spec/tonl.md`, section "Writing rules".

use super::layout::Layout;
use super::row::{RECORD_DEPTH, RowWriter};
use super::style::Style;
use crate::header::{Count, write_table_header};
use crate::infer::{Choice, RecordStats, Surveyor, Wishes, choose_table};
use crate::options::{Profile, WriteOptions};
use crate::scan::Fault;
use crate::schema::Column;

/// The first pass over the elements of a root array.
#[derive(Debug)]
pub struct ArraySurvey {
    options: WriteOptions,
    surveyor: Surveyor,
    rows: RowWriter,
    stats: RecordStats,
}

impl ArraySurvey {
    /// A survey that has seen nothing.
    pub fn new(options: &WriteOptions) -> Self {
        let depth = options.limits.depth();
        Self {
            surveyor: Surveyor::new(depth, Wishes::of(options.profile)),
            rows: RowWriter::new(depth, Style::of(options.profile)),
            stats: RecordStats::default(),
            options: options.clone(),
        }
    }

    /// Looks at the element that begins at byte `at` of a UTF-8 text; gives the byte behind it.
    ///
    /// # Errors
    /// The element's first fault. The survey then counts a part of it, and must be begun anew if the
    /// element is to be looked at again: see [`ArraySurvey::check`].
    #[inline]
    pub fn element(&mut self, text: &[u8], at: usize) -> Result<usize, Fault> {
        Ok(self
            .surveyor
            .record(&mut self.stats, text, at, RECORD_DEPTH)?
            .end)
    }

    /// Checks the element that begins at byte `at` without counting it; gives the byte behind it.
    ///
    /// # Errors
    /// The element's first fault; a fault at the text's end may mean that more text is needed.
    pub fn check(&mut self, text: &[u8], at: usize) -> Result<usize, Fault> {
        self.rows.check_element(text, at)
    }

    /// How many elements were counted.
    pub fn elements(&self) -> u64 {
        self.stats.records()
    }

    /// Decides on the form and the columns.
    pub fn finish(self) -> ArrayWriter {
        let Self {
            mut options, stats, ..
        } = self;
        let is_all_records = stats.objects > 0 && stats.objects == stats.records();
        if options.profile == Profile::Classic && !is_all_records {
            options.profile = Profile::Flat;
        }
        let plan = ArrayPlan::new(&stats, &options, ROOT);
        let rows = RowWriter::new(options.limits.depth(), plan.style);
        ArrayWriter {
            label: options.label.as_str().to_owned(),
            lines: ArrayLines::new(plan, rows),
        }
    }
}

/// An entry that is not indented.
pub(super) const ROOT: usize = 0;

/// The second pass over the elements of a root array.
#[derive(Debug)]
pub struct ArrayWriter {
    label: String,
    lines: ArrayLines,
}

impl ArrayWriter {
    /// Characters behind the label, line ends included.
    #[cfg(test)]
    pub(super) fn planned_size(&self) -> u64 {
        self.lines.plan.size
    }

    /// Writes what stands before the first element.
    pub fn begin(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.label.as_bytes());
        self.lines.begin(out);
    }

    /// Writes the element that begins at byte `at` of a UTF-8 text; gives the byte behind it.
    ///
    /// # Errors
    /// The element's first fault; `out` is then as it was.
    #[inline]
    pub fn element(&mut self, text: &[u8], at: usize, out: &mut Vec<u8>) -> Result<usize, Fault> {
        self.lines.element(text, at, RECORD_DEPTH, out)
    }

    /// Writes what stands behind the last element.
    pub fn end(&self, out: &mut Vec<u8>) {
        self.lines.end(out);
    }
}

/// The form of an array: its columns as a table, or none as a flow value.
#[derive(Debug)]
pub(super) struct ArrayPlan {
    columns: Option<Vec<Column>>,
    count: u64,
    level: usize,
    style: Style,
    /// Characters behind the key, indentation and line ends included.
    pub(super) size: u64,
}

impl ArrayPlan {
    /// The form with the fewest characters for an array in an entry indented by `level` units.
    pub(super) fn new(stats: &RecordStats, options: &WriteOptions, level: usize) -> Self {
        let style = Style::of(options.profile);
        let count = stats.records();
        let flow = LINE_MARKS + flow_size(stats);
        let as_flow = Self {
            columns: None,
            count,
            level,
            style,
            size: flow,
        };
        if count == 0 || count > options.limits.rows {
            return as_flow;
        }
        let chosen = choose_table(stats, &Choice::counted(options));
        let header = digits(count) + chosen.header + TABLE_MARKS;
        let line_marks = style.line_marks(level + 1);
        let table = header + chosen.rows + count * line_marks;
        if table <= flow || options.profile == Profile::Classic {
            Self {
                columns: Some(chosen.columns),
                size: table,
                ..as_flow
            }
        } else {
            as_flow
        }
    }

    /// The columns of the table; none for a flow value.
    pub(super) fn columns(&self) -> &[Column] {
        self.columns.as_deref().unwrap_or_default()
    }

    pub(super) fn is_table(&self) -> bool {
        self.columns.is_some()
    }
}

/// `: ` and the line end around a value on its key's line.
pub(super) const LINE_MARKS: u64 = 3;

/// `[]{}:` and the line end of a table's header.
pub(super) const TABLE_MARKS: u64 = 6;

/// The size of the records as one flow array.
pub(super) fn flow_size(stats: &RecordStats) -> u64 {
    stats.flow + 2 + stats.records().saturating_sub(1)
}

/// How many digits a count has.
pub(super) fn digits(count: u64) -> u64 {
    u64::from(count.checked_ilog10().unwrap_or(0)) + 1
}

/// Writes an array behind its key: a header and rows, or one line.
#[derive(Debug)]
pub(super) struct ArrayLines {
    plan: ArrayPlan,
    layout: Layout,
    rows: RowWriter,
    written: u64,
}

impl ArrayLines {
    pub(super) fn new(plan: ArrayPlan, rows: RowWriter) -> Self {
        let layout = Layout::new(plan.columns());
        Self {
            plan,
            layout,
            rows,
            written: 0,
        }
    }

    pub(super) fn begin(&self, out: &mut Vec<u8>) {
        match &self.plan.columns {
            Some(columns) => {
                write_table_header(out, Count::Rows(self.plan.count), columns);
                out.push(b'\n');
            }
            None if self.plan.count == 0 && self.plan.level == ROOT => {
                out.extend_from_slice(b"[0]{}:\n");
            }
            None => out.extend_from_slice(b": ["),
        }
    }

    #[inline]
    pub(super) fn element(
        &mut self,
        text: &[u8],
        at: usize,
        depth: usize,
        out: &mut Vec<u8>,
    ) -> Result<usize, Fault> {
        let start = out.len();
        let end = if self.plan.is_table() {
            self.plan.style.indent(self.plan.level + 1, out);
            self.rows
                .row(&self.layout, text, at, depth, out)
                .inspect_err(|_| out.truncate(start))?
                .end
        } else {
            if self.written > 0 {
                out.push(b',');
            }
            self.rows
                .scribe
                .flow(text, at, depth, out)
                .inspect_err(|_| out.truncate(start))?
        };
        if self.plan.is_table() {
            out.push(b'\n');
        }
        self.written += 1;
        Ok(end)
    }

    pub(super) fn end(&self, out: &mut Vec<u8>) {
        if !self.plan.is_table() && (self.plan.count > 0 || self.plan.level > ROOT) {
            out.extend_from_slice(b"]\n");
        }
    }

    /// Gives the row writer back for the next array.
    pub(super) fn into_rows(self) -> RowWriter {
        self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::each_element;
    use super::*;
    use crate::error::Code;

    /// The array in two passes.
    fn written(text: &str, options: &WriteOptions) -> String {
        let text = text.as_bytes();
        let mut survey = ArraySurvey::new(options);
        each_element(text, 0, |at| survey.element(text, at)).unwrap();
        let mut writer = survey.finish();
        let mut out = Vec::new();
        writer.begin(&mut out);
        let end = each_element(text, 0, |at| writer.element(text, at, &mut out)).unwrap();
        assert_eq!(end, text.len());
        writer.end(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_array_is_a_table_or_one_line_within_the_limits() {
        let mut options = WriteOptions::default();
        let table = r#"[{"abc":1},{"abc":2},{"abc":3}]"#;
        for (text, expected) in [
            ("[]", "data[0]{}:\n"),
            (r#"[1,"2",[3]]"#, "data: [1,\"2\",[3]]\n"),
            (r#"[{"a":1},{"a":2}]"#, "data: [{a:1},{a:2}]\n"),
            (table, "data[3]{abc:i32}:\n 1\n 2\n 3\n"),
        ] {
            assert_eq!(written(text, &options), expected);
        }
        let flow = "data: [{abc:1},{abc:2},{abc:3}]\n";
        options.limits.rows = 2;
        assert_eq!(written(table, &options), flow);
        options.limits = crate::Limits::default();
        options.limits.columns = 0;
        assert_eq!(written(table, &options), flow);
    }

    #[test]
    fn the_classic_look_needs_records_with_keys() {
        let classic = WriteOptions {
            profile: Profile::Classic,
            ..WriteOptions::default()
        };
        for (text, expected) in [
            (
                "[{\"a\":1,\"b\":\"x y\"}]",
                "data[1]{a:i8,b:str}:\n  1, \"x y\"\n",
            ),
            ("[{\"a\":1},{}]", "data: [{a:1},{}]\n"),
            ("[{\"a\":1},5]", "data: [{a:1},5]\n"),
        ] {
            assert_eq!(written(text, &classic), expected);
        }
    }

    #[test]
    fn a_check_counts_nothing() {
        let mut survey = ArraySurvey::new(&WriteOptions::default());
        assert_eq!(survey.check(b"{\"a\":[1]},", 0), Ok(9));
        let fault = survey.check(b"{\"a\":1,\"a\":1}", 0).unwrap_err();
        assert_eq!((fault.code, fault.at), (Code::DuplicateKey, 8));
        assert!(survey.check(b"{\"a\":1", 0).is_err());
        assert_eq!(survey.elements(), 0);
        assert_eq!(survey.element(b" 5", 1), Ok(2));
        assert_eq!(survey.elements(), 1);
    }

    #[test]
    fn a_faulty_element_leaves_the_text_as_it_was() {
        for text in [r#"[{"abc":1},{"abc":2},{"abc":3}]"#, "[1,2]"] {
            let mut survey = ArraySurvey::new(&WriteOptions::default());
            each_element(text.as_bytes(), 0, |at| survey.element(text.as_bytes(), at)).unwrap();
            let mut writer = survey.finish();
            let mut out = b"before".to_vec();
            for broken in ["{\"a\":x}", "[1,", "\"\n\"", ""] {
                assert!(writer.element(broken.as_bytes(), 0, &mut out).is_err());
                assert_eq!(out, b"before", "{broken}");
            }
        }
    }

    #[test]
    fn counts_have_as_many_digits_as_they_print() {
        for count in [0, 1, 9, 10, 99, 100, 999_999, 1_000_000, u64::MAX] {
            assert_eq!(digits(count), count.to_string().len() as u64);
        }
    }
}
