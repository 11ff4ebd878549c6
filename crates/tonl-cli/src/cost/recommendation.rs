//! What to do about a saving. The thresholds are here and nowhere else.

/// Advice that follows from a saving in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recommendation {
    /// A fifth or more is saved.
    Strong,
    /// A tenth or more is saved.
    Use,
    /// Something is saved.
    Consider,
    /// Nothing is saved, or less than nothing.
    Keep,
}

/// From which saving in percent on [`Recommendation::Strong`] is given.
const STRONG: f64 = 20.0;
/// From which saving in percent on [`Recommendation::Use`] is given.
const USE: f64 = 10.0;

impl Recommendation {
    /// The advice for a saving in percent.
    pub(crate) fn of(percent: f64) -> Self {
        if percent >= STRONG {
            Self::Strong
        } else if percent >= USE {
            Self::Use
        } else if percent > 0.0 {
            Self::Consider
        } else {
            Self::Keep
        }
    }

    /// For sentences: `use TONL`.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Strong => "strongly use TONL",
            Self::Use => "use TONL",
            Self::Consider => "consider TONL",
            Self::Keep => "keep JSON",
        }
    }

    /// For tables and CSV: `Adopt`.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Strong => "Strong Adopt",
            Self::Use => "Adopt",
            Self::Consider => "Consider",
            Self::Keep => "Keep JSON",
        }
    }

    /// For programs: `USE_TONL`.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Strong => "STRONGLY_USE_TONL",
            Self::Use => "USE_TONL",
            Self::Consider => "CONSIDER_TONL",
            Self::Keep => "KEEP_JSON",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_changes_at_its_thresholds() {
        for (percent, advice) in [
            (100.0, Recommendation::Strong),
            (20.0, Recommendation::Strong),
            (19.99, Recommendation::Use),
            (10.0, Recommendation::Use),
            (9.99, Recommendation::Consider),
            (0.01, Recommendation::Consider),
            (0.0, Recommendation::Keep),
            (-40.0, Recommendation::Keep),
        ] {
            assert_eq!(Recommendation::of(percent), advice, "{percent}");
        }
    }
}
