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
    /// `[REDACTED]`. After 100 characters a key, and after about 400 bytes the path, ends with `…`;
    /// places that look the same then are one.
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

    fn place(&mut self, path: String, count: u64, record: u64) {
        if let Some(place) = self.places.iter_mut().find(|place| place.path == path) {
            place.count += count;
        } else if self.places.len() < Self::MAX_PLACES {
            self.places.push(Place {
                path,
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

/// Hits of the record that is on its way: they count when it is complete. A record has no more
/// places here than findings list, however many it hits.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    waiting: BTreeMap<usize, Waiting>,
}

/// Hits of one rule or detector.
#[derive(Debug, Default)]
struct Waiting {
    count: u64,
    places: Vec<(String, u64)>,
    /// How many of the places are not listed yet.
    fresh: usize,
    elsewhere: u64,
}

impl Waiting {
    fn place(&mut self, listed: &[Place], path: &str, count: u64) {
        if let Some((_, known)) = self.places.iter_mut().find(|(known, _)| known == path) {
            *known += count;
            return;
        }
        let is_fresh = listed.iter().all(|place| place.path != path);
        if is_fresh && listed.len() + self.fresh >= Hits::MAX_PLACES {
            self.elsewhere += count;
            return;
        }
        self.fresh += usize::from(is_fresh);
        self.places.push((path.to_owned(), count));
    }
}

impl Pending {
    /// Takes note of `count` hits of the rule or detector at `at`.
    pub(crate) fn add(&mut self, at: usize, count: u64) {
        self.waiting.entry(at).or_default().count += count;
    }

    /// Takes note of where they are, if `findings` have room for it.
    pub(crate) fn place(&mut self, findings: &Findings, at: usize, path: &str, count: u64) {
        let listed = findings.hits.get(at).map_or(&[][..], |hits| &hits.places);
        let waiting = self.waiting.entry(at).or_default();
        waiting.place(listed, path, count);
    }

    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// Moves everything into the findings.
    pub(crate) fn commit(&mut self, findings: &mut Findings, record: u64) {
        while let Some((at, waiting)) = self.waiting.pop_first() {
            let Some(hits) = findings.hits.get_mut(at) else {
                continue;
            };
            hits.add(waiting.count, record);
            hits.elsewhere += waiting.elsewhere;
            for (path, count) in waiting.places {
                hits.place(path, count, record);
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
            pending.place(&findings, 0, &format!("a{record}"), 1);
            pending.place(&findings, 0, "always", 1);
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

    #[test]
    fn a_record_keeps_no_more_places_than_are_listed() {
        let mut findings = findings();
        let mut pending = Pending::default();
        for record in 1..=2 {
            for place in 0..1_000 {
                pending.add(0, 1);
                pending.place(&findings, 0, &format!("a{place}"), 1);
            }
            let kept: usize = pending.waiting.values().map(|one| one.places.len()).sum();
            assert_eq!(kept, Hits::MAX_PLACES);
            pending.commit(&mut findings, record);
        }
        let hits = findings.hits().next().unwrap();
        assert!(hits.places.iter().all(|place| place.count == 2));
        assert_eq!((hits.count, hits.elsewhere), (2_000, 1_960));
    }
}
