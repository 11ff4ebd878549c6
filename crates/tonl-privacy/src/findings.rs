//! What was hidden: counts and places, never a value.

use crate::detect::Detector;
use crate::mode::Mode;
use crate::path::FieldPath;
use crate::preset::Preset;
use std::collections::BTreeMap;
use std::fmt;

/// What the filters of one policy hid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    hits: Vec<Hits>,
}

/// The hits of one rule or detector.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hits {
    /// The rule or detector.
    pub origin: Origin,
    /// How the values were hidden.
    pub mode: Mode,
    /// How many values or occurrences.
    pub count: u64,
    /// One-based number of the first record with a hit: an element of a root array, a line of a
    /// stream, or 1 for any other root.
    pub first_record: Option<u64>,
    /// Where the hits are, if [`crate::Detail::Places`] was asked for; at most
    /// [`Hits::MAX_PLACES`].
    pub places: Vec<Place>,
    /// How many hits are at places that are not listed.
    pub elsewhere: u64,
}

/// A path in the data with hits.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// The path from the record's root as [`FieldPath`] spells it, `[]` for the elements of
    /// arrays; the record itself is `.`. Keys in which a detector finds something are shown as
    /// `[REDACTED]`.
    pub path: String,
    /// How many hits.
    pub count: u64,
    /// One-based number of the first record with a hit here.
    pub first_record: u64,
}

/// Who hits.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// A rule with this path.
    Path(FieldPath),
    /// A field of a preset.
    Preset(Preset, &'static str),
    /// A detector.
    Detector(Detector),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.fmt(f),
            Self::Preset(preset, field) => write!(f, "{preset}: {field}"),
            Self::Detector(detector) => write!(f, "detector {detector}"),
        }
    }
}

impl Hits {
    /// Most places that are listed for one rule or detector.
    pub const MAX_PLACES: usize = 20;

    fn new(origin: Origin, mode: Mode) -> Self {
        Self {
            origin,
            mode,
            count: 0,
            first_record: None,
            places: Vec::new(),
            elsewhere: 0,
        }
    }

    fn add(&mut self, count: u64, record: u64) {
        self.count += count;
        self.first_record.get_or_insert(record);
    }

    fn place(&mut self, path: &str, count: u64, record: u64) {
        if let Some(place) = self.places.iter_mut().find(|place| place.path == path) {
            place.count += count;
        } else if self.places.len() < Self::MAX_PLACES {
            self.places.push(Place {
                path: path.to_owned(),
                count,
                first_record: record,
            });
        } else {
            self.elsewhere += count;
        }
    }
}

impl Findings {
    pub(crate) fn new(rules: &[(Origin, Mode)], detectors: &[(Detector, Mode)]) -> Self {
        let rules = rules.iter().cloned();
        let detectors = detectors
            .iter()
            .map(|(detector, mode)| (Origin::Detector(*detector), *mode));
        let all = rules.chain(detectors);
        Self {
            hits: all.map(|(origin, mode)| Hits::new(origin, mode)).collect(),
        }
    }

    /// The hits of every rule and detector; of fields of presets only those with hits.
    pub fn hits(&self) -> impl Iterator<Item = &Hits> {
        self.hits
            .iter()
            .filter(|hits| hits.count > 0 || !matches!(hits.origin, Origin::Preset(..)))
    }

    /// How many values and occurrences were hidden.
    pub fn count(&self) -> u64 {
        self.hits.iter().map(|hits| hits.count).sum()
    }
}

/// Hits of the record that is on its way: they count when it is complete.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    counts: BTreeMap<usize, u64>,
    places: BTreeMap<(usize, String), u64>,
}

impl Pending {
    /// Takes note of `count` hits of the rule or detector at `at`.
    pub(crate) fn add(&mut self, at: usize, count: u64) {
        *self.counts.entry(at).or_default() += count;
    }

    /// Takes note of where they are.
    pub(crate) fn place(&mut self, at: usize, path: &str, count: u64) {
        *self.places.entry((at, path.to_owned())).or_default() += count;
    }

    pub(crate) fn clear(&mut self) {
        self.counts.clear();
        self.places.clear();
    }

    /// Moves everything into the findings.
    pub(crate) fn commit(&mut self, findings: &mut Findings, record: u64) {
        while let Some((at, count)) = self.counts.pop_first() {
            if let Some(hits) = findings.hits.get_mut(at) {
                hits.add(count, record);
            }
        }
        while let Some(((at, path), count)) = self.places.pop_first() {
            if let Some(hits) = findings.hits.get_mut(at) {
                hits.place(&path, count, record);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings() -> Findings {
        let path = Origin::Path("email".parse().unwrap());
        let field = Origin::Preset(Preset::Gdpr, "fax");
        Findings::new(
            &[(path, Mode::Mask), (field, Mode::Redact)],
            &[(Detector::Card, Mode::Redact)],
        )
    }

    #[test]
    fn hits_count_when_their_record_is_complete() {
        let mut findings = findings();
        let mut pending = Pending::default();
        pending.add(0, 2);
        pending.clear();
        pending.add(0, 1);
        pending.add(2, 5);
        pending.commit(&mut findings, 7);
        pending.commit(&mut findings, 8);
        assert_eq!(findings.count(), 6);
        let counts: Vec<u64> = findings.hits().map(|hits| hits.count).collect();
        assert_eq!(
            counts,
            [1, 5],
            "a preset's field without hits is not listed"
        );
        assert!(findings.hits().all(|hits| hits.first_record == Some(7)));
    }

    #[test]
    fn places_beyond_the_most_are_counted_without_a_name() {
        let mut findings = findings();
        let mut pending = Pending::default();
        for record in 1..=30 {
            pending.place(0, &format!("a{record}"), 1);
            pending.place(0, "always", 1);
            pending.commit(&mut findings, record);
        }
        let hits = findings.hits().next().unwrap();
        assert_eq!(hits.places.len(), Hits::MAX_PLACES);
        assert_eq!(hits.elsewhere, 11);
        assert_eq!(
            hits.places
                .iter()
                .find(|p| p.path == "always")
                .unwrap()
                .count,
            30
        );
    }
}
