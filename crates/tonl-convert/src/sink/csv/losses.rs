//! Counts what a reader of the CSV text will not take back as it was.

use tonl::Event;
use tonl::scan::number::is_number;

/// What was written into each column.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    columns: Vec<Counts>,
}

/// How many values of a column are of one kind.
type Count = fn(&Counts) -> u64;

#[derive(Clone, Debug, Default)]
struct Counts {
    missing: u64,
    nulls: u64,
    nested: u64,
    numbers: u64,
    booleans: u64,
    empty: u64,
    /// Strings that look like a number, `true` or `false`.
    numeric: u64,
    boolean: u64,
    /// All other strings.
    strings: u64,
}

impl Tally {
    pub(super) fn new(columns: usize) -> Self {
        Self {
            columns: vec![Counts::default(); columns],
        }
    }

    pub(super) fn missing(&mut self, place: usize) {
        self.count(place, |counts| &mut counts.missing);
    }

    pub(super) fn nested(&mut self, place: usize) {
        self.count(place, |counts| &mut counts.nested);
    }

    pub(super) fn scalar(&mut self, place: usize, value: Event<'_>) {
        self.count(place, |counts| match value {
            Event::Number(_) => &mut counts.numbers,
            Event::Bool(_) => &mut counts.booleans,
            Event::String("") => &mut counts.empty,
            Event::String("true" | "false") => &mut counts.boolean,
            Event::String(text) if is_number(text.as_bytes()) => &mut counts.numeric,
            Event::String(_) => &mut counts.strings,
            _ => &mut counts.nulls,
        });
    }

    fn count(&mut self, place: usize, which: impl Fn(&mut Counts) -> &mut u64) {
        if let Some(counts) = self.columns.get_mut(place) {
            *which(counts) += 1;
        }
    }

    /// A sentence for each kind of loss, with its count and the first columns that have it.
    pub(super) fn sentences(&self, names: &[String]) -> Vec<String> {
        const KINDS: [(Count, &str); 5] = [
            (|counts| counts.nested, "nested values became JSON text"),
            (
                |counts| counts.missing,
                "missing members became empty cells",
            ),
            (Counts::altered_nulls, "nulls will be read as empty strings"),
            (Counts::altered_empty, "empty strings will be read as null"),
            (
                Counts::altered_kinds,
                "values will be read as another kind (string, number or boolean)",
            ),
        ];
        KINDS
            .iter()
            .filter_map(|(count, what)| self.sentence(names, *count, what))
            .collect()
    }

    fn sentence(&self, names: &[String], of: Count, what: &str) -> Option<String> {
        const NAMED: usize = 3;
        let counts = self.columns.iter().map(of);
        let total: u64 = counts.clone().sum();
        if total == 0 {
            return None;
        }
        let mut affected: Vec<&str> = names
            .iter()
            .zip(counts)
            .filter(|(_, count)| *count > 0)
            .map(|(name, _)| name.as_str())
            .collect();
        let more = affected.len().saturating_sub(NAMED);
        affected.truncate(NAMED);
        let mut columns = affected.join(", ");
        if more > 0 {
            columns = format!("{columns} and {more} more");
        }
        Some(format!("{total} {what}: {columns}"))
    }
}

impl Counts {
    /// Whether the column will be read as one of strings.
    fn reads_as_strings(&self) -> bool {
        let numbers = self.numbers + self.numeric;
        let booleans = self.booleans + self.boolean;
        self.strings + self.nested > 0 || (numbers > 0 && booleans > 0)
    }

    fn altered_nulls(&self) -> u64 {
        if self.reads_as_strings() {
            self.nulls
        } else {
            0
        }
    }

    fn altered_empty(&self) -> u64 {
        if self.reads_as_strings() {
            0
        } else {
            self.empty
        }
    }

    fn altered_kinds(&self) -> u64 {
        if self.reads_as_strings() {
            self.numbers + self.booleans
        } else {
            self.numeric + self.boolean
        }
    }
}
