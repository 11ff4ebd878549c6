//! A small parser of the exposition formats, written from their descriptions, for the tests alone.

use std::collections::{BTreeMap, BTreeSet};

/// A page of metrics: values by series, and what was said of each family.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) samples: BTreeMap<String, f64>,
    pub(crate) types: BTreeMap<String, String>,
    pub(crate) helps: BTreeMap<String, String>,
}

impl Page {
    /// Reads a page; panics where it breaks the rules.
    #[track_caller]
    pub(crate) fn read(text: &str) -> Self {
        let mut page = Self::default();
        assert!(text.ends_with('\n'));
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').unwrap();
                assert_eq!(page.helps.insert(name.into(), help.into()), None, "{line}");
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').unwrap();
                assert_eq!(page.types.insert(name.into(), kind.into()), None, "{line}");
            } else if line != "# EOF" {
                page.sample(line);
            }
        }
        page
    }

    #[track_caller]
    fn sample(&mut self, line: &str) {
        let (series, value) = line.rsplit_once(' ').unwrap();
        let name = series.split('{').next().unwrap();
        let legal = |c: char| c.is_ascii_alphanumeric() || c == '_';
        assert!(name.chars().all(legal), "{line}");
        if let Some(labels) = series.strip_prefix(name).filter(|rest| !rest.is_empty()) {
            let labels = labels.strip_prefix('{').unwrap().strip_suffix('}').unwrap();
            assert!(
                labels.split("\",").all(|label| label.contains("=\"")),
                "{line}"
            );
        }
        let value = value.replace("+Inf", "inf").parse().unwrap();
        assert_eq!(self.samples.insert(series.into(), value), None, "{line}");
    }

    /// The value of a series; one that does not exist is no zero.
    #[track_caller]
    pub(crate) fn value(&self, series: &str) -> f64 {
        let value = self.samples.get(series);
        *value.unwrap_or_else(|| panic!("there is no series {series}"))
    }

    /// The series of a name.
    pub(crate) fn series<'p>(&'p self, name: &str) -> BTreeSet<&'p str> {
        let of_it = |series: &&String| series.split('{').next() == Some(name);
        self.samples
            .keys()
            .filter(of_it)
            .map(String::as_str)
            .collect()
    }
}
