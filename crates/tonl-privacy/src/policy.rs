//! What is hidden and how, checked and ready to use.

use crate::automaton::Automaton;
use crate::detect::Detector;
use crate::error::{Error, ErrorKind, Result};
use crate::findings::{Findings, Origin};
use crate::hash::HashKey;
use crate::mode::Mode;
use crate::path::FieldPath;
use crate::preset::Preset;
use std::sync::Arc;

/// What is hidden in records, and how. Cheap to clone; see [`PolicyBuilder`].
#[derive(Clone, Debug)]
pub struct Policy {
    compiled: Arc<Compiled>,
}

/// A policy as the filter uses it.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) automaton: Automaton,
    /// Fields of paths and of presets, in the order of precedence.
    pub(crate) rules: Vec<(Origin, Mode)>,
    pub(crate) detectors: Vec<(Detector, Mode)>,
    pub(crate) key: Option<HashKey>,
}

impl Policy {
    /// A builder without rules.
    pub fn builder() -> PolicyBuilder {
        PolicyBuilder::default()
    }

    /// Findings without hits, one entry for each rule and detector.
    pub fn findings(&self) -> Findings {
        Findings::new(&self.compiled.rules, &self.compiled.detectors)
    }

    pub(crate) fn compiled(&self) -> &Arc<Compiled> {
        &self.compiled
    }
}

/// Collects what a [`Policy`] shall hide.
#[derive(Clone, Debug, Default)]
pub struct PolicyBuilder {
    paths: Vec<(FieldPath, Mode)>,
    presets: Vec<(Preset, Mode)>,
    detectors: Vec<(Detector, Mode)>,
    key: Option<HashKey>,
}

impl PolicyBuilder {
    /// Most rules of one policy.
    pub const MAX_RULES: usize = 1_000;

    /// Hides the values of a path. Of several rules that hit a value the first counts, and a hit
    /// object or array is hidden as a whole.
    #[must_use]
    pub fn rule(mut self, path: FieldPath, mode: Mode) -> Self {
        self.paths.push((path, mode));
        self
    }

    /// Hides what a detector finds in strings that no rule hits. Named again, the first mode stays.
    #[must_use]
    pub fn detector(mut self, detector: Detector, mode: Mode) -> Self {
        if self.detectors.iter().all(|(known, _)| *known != detector) {
            self.detectors.push((detector, mode));
        }
        self
    }

    /// Hides the fields of a preset, after all rules, and what its detectors find.
    #[must_use]
    pub fn preset(mut self, preset: Preset, mode: Mode) -> Self {
        self.presets.push((preset, mode));
        self
    }

    /// Adds everything of `later` behind what is here: what is here decides first, and its key stays.
    #[must_use]
    pub fn then(mut self, later: Self) -> Self {
        self.paths.extend(later.paths);
        self.presets.extend(later.presets);
        self.key = self.key.or(later.key);
        let add = |builder: Self, (detector, mode)| builder.detector(detector, mode);
        later.detectors.into_iter().fold(self, add)
    }

    /// The key for [`Mode::Hash`].
    #[must_use]
    pub fn key(mut self, key: HashKey) -> Self {
        self.key = Some(key);
        self
    }

    /// Whether nothing would be hidden.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty() && self.presets.is_empty() && self.detectors.is_empty()
    }

    /// Checks and compiles.
    ///
    /// # Errors
    /// [`ErrorKind::Key`] if something is to be hashed and there is no key;
    /// [`ErrorKind::TooComplex`] for too many rules or combinations of rules.
    pub fn build(mut self) -> Result<Policy> {
        if self.paths.len() > Self::MAX_RULES {
            let expected = format!("at most {} rules", Self::MAX_RULES);
            let found = self.paths.len().to_string();
            return Err(Error::new(ErrorKind::TooComplex, expected, found));
        }
        for (preset, mode) in std::mem::take(&mut self.presets) {
            for detector in preset.detectors() {
                self = self.detector(*detector, mode);
            }
            self.presets.push((preset, mode));
        }
        let (paths, modes): (Vec<FieldPath>, Vec<Mode>) = self.paths.into_iter().unzip();
        let mut rules: Vec<(Origin, Mode)> = paths
            .iter()
            .map(|path| Origin::Path(path.clone()))
            .zip(modes)
            .collect();
        let mut folded = Vec::new();
        for (preset, mode) in self.presets {
            for field in preset.fields() {
                folded.push((field, rules.len()));
                rules.push((Origin::Preset(preset, field), mode));
            }
        }
        let modes = rules.iter().map(|(_, mode)| mode);
        let mut modes = modes.chain(self.detectors.iter().map(|(_, mode)| mode));
        if self.key.is_none() && modes.any(|mode| *mode == Mode::Hash) {
            let error = Error::new(ErrorKind::Key, "a key for the mode hash", "none");
            return Err(error.with_hint(
                "name where it is in the policy file: hash_key = { env = \"NAME\" } or { file = \
                 \"PATH\" }",
            ));
        }
        let compiled = Compiled {
            automaton: Automaton::new(&paths, folded.into_iter())?,
            rules,
            detectors: self.detectors,
            key: self.key,
        };
        Ok(Policy {
            compiled: Arc::new(compiled),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashing_needs_a_key() {
        let builder = Policy::builder().rule("a".parse().unwrap(), Mode::Hash);
        let error = builder.clone().build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Key);
        let key = HashKey::new(vec![7; 32]).unwrap();
        let policy = builder.key(key).build().unwrap();
        assert!(format!("{policy:?}").contains("HashKey(****)"));
    }

    #[test]
    fn of_two_builders_the_first_decides() {
        let first = Policy::builder()
            .rule("a".parse().unwrap(), Mode::Mask)
            .detector(Detector::Card, Mode::Mask);
        let later = Policy::builder()
            .rule("a".parse().unwrap(), Mode::Redact)
            .detector(Detector::Card, Mode::Redact)
            .detector(Detector::Jwt, Mode::Redact);
        let policy = first.then(later).build().unwrap();
        let told: Vec<String> = policy
            .findings()
            .hits()
            .map(|hits| format!("{} {}", hits.origin, hits.mode))
            .collect();
        assert_eq!(
            told,
            [
                "a mask",
                "a redact",
                "detector card mask",
                "detector jwt redact"
            ]
        );
    }

    #[test]
    fn too_many_rules_are_refused() {
        let mut builder = Policy::builder();
        for n in 0..=PolicyBuilder::MAX_RULES {
            builder = builder.rule(format!("f{n}").parse().unwrap(), Mode::Redact);
        }
        assert_eq!(builder.build().unwrap_err().kind(), ErrorKind::TooComplex);
    }

    #[test]
    fn a_preset_brings_its_detectors_unless_they_are_named() {
        let policy = Policy::builder()
            .detector(Detector::Email, Mode::Remove)
            .preset(Preset::Gdpr, Mode::Mask)
            .build()
            .unwrap();
        let detectors = &policy.compiled().detectors;
        assert_eq!(detectors.first(), Some(&(Detector::Email, Mode::Remove)));
        assert_eq!(detectors.len(), Preset::Gdpr.detectors().len());
        assert!(Policy::builder().is_empty());
    }
}
