//! Families of series: those of a closed label set, and the label sets of the open ones.

use super::FloatStore;
use crate::metric::{Closed, Method, Metric, Operation, Outcome, position};
use prometheus_client::encoding::{
    EncodeLabel, EncodeLabelSet, EncodeMetric, LabelSetEncoder, MetricEncoder,
};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::{MetricType, TypedMetric};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// A gauge of dollars.
pub(crate) type Dollars = Gauge<f64, FloatStore>;

/// A histogram with the buckets that the table gives the metric.
pub(crate) fn histogram(metric: Metric) -> Histogram {
    Histogram::new(metric.description().buckets.iter().copied())
}

/// One series for each member of a closed set; all of them exist from the start.
pub(crate) struct Per<L, M> {
    label: &'static str,
    series: Arc<[M]>,
    of: PhantomData<fn(L)>,
}

impl<L, M> Clone for Per<L, M> {
    fn clone(&self) -> Self {
        Self {
            label: self.label,
            series: Arc::clone(&self.series),
            of: PhantomData,
        }
    }
}

impl<L: Closed, M> Per<L, M> {
    pub(crate) fn of(label: &'static str, new: impl Fn() -> M) -> Self {
        Self {
            label,
            series: L::ALL.iter().map(|_| new()).collect(),
            of: PhantomData,
        }
    }

    /// The series of a member.
    #[expect(
        clippy::indexing_slicing,
        reason = "there is a series for each member, and a member's index is its place among them"
    )]
    pub(crate) fn get(&self, member: L) -> &M {
        &self.series[member.index()]
    }
}

impl<L: Closed> Per<L, Counter> {
    pub(crate) fn counters(label: &'static str) -> Self {
        Self::of(label, Counter::default)
    }

    /// Series that somebody else moves; they are in the order of the members.
    pub(crate) fn from_counters(label: &'static str, series: Vec<Counter>) -> Self {
        Self {
            label,
            series: series.into(),
            of: PhantomData,
        }
    }
}

impl<L: Closed> Per<L, Histogram> {
    pub(crate) fn histograms(label: &'static str, metric: Metric) -> Self {
        Self::of(label, || histogram(metric))
    }
}

impl<L, M> fmt::Debug for Per<L, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Per({}, {})", self.label, self.series.len())
    }
}

impl<L: Closed, M: EncodeMetric + TypedMetric> EncodeMetric for Per<L, M> {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        for (member, series) in L::ALL.iter().zip(self.series.iter()) {
            let labels = member.labels(self.label);
            series.encode(encoder.encode_family(&labels)?)?;
        }
        Ok(())
    }

    fn metric_type(&self) -> MetricType {
        M::TYPE
    }
}

/// An operation and how it ended: two labels from one closed set of pairs.
#[derive(Clone, Copy)]
pub(crate) struct OperationStatus(pub(crate) Operation, pub(crate) Outcome);

impl Closed for OperationStatus {
    const ALL: &'static [Self] = &[
        Self(Operation::JsonToTonl, Outcome::Success),
        Self(Operation::JsonToTonl, Outcome::Error),
        Self(Operation::TonlToJson, Outcome::Success),
        Self(Operation::TonlToJson, Outcome::Error),
        Self(Operation::CalculateSavings, Outcome::Success),
        Self(Operation::CalculateSavings, Outcome::Error),
        Self(Operation::StreamConversion, Outcome::Success),
        Self(Operation::StreamConversion, Outcome::Error),
    ];

    fn label(self) -> &'static str {
        self.0.as_str()
    }

    fn index(self) -> usize {
        position(self.0, self.1)
    }

    fn labels(self, label: &'static str) -> Vec<(&'static str, &'static str)> {
        vec![(label, self.0.as_str()), ("status", self.1.as_str())]
    }
}

/// Makes a label set of `'static` texts; hashing and comparing it allocates nothing.
macro_rules! labels {
    ($name:ident { $($field:ident),+ }) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) struct $name {
            $(pub(crate) $field: &'static str),+
        }

        impl EncodeLabelSet for $name {
            fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
                $((stringify!($field), self.$field).encode(encoder.encode_label())?;)+
                Ok(())
            }
        }
    };
}

labels!(ModelLabel { model });
labels!(McpLabels {
    transport,
    era,
    method
});
labels!(RouteLabel { route });
labels!(Version { version });
labels!(VectorLabels {
    database,
    operation
});

impl Version {
    /// The one series that tells the version.
    pub(crate) fn family(version: &'static str) -> Family<Self, Gauge> {
        let family = Family::<Self, Gauge>::default();
        family.get_or_create(&Self { version }).set(1);
        family
    }
}

/// The labels of an answered request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct HttpLabels {
    method: Method,
    route: &'static str,
    status: u16,
}

impl HttpLabels {
    /// A status outside 100 to 599 counts as 0: no such status exists, and there is no end of them.
    pub(crate) fn new(method: Method, route: &'static str, status: u16) -> Self {
        let status = if (100..600).contains(&status) {
            status
        } else {
            0
        };
        Self {
            method,
            route,
            status,
        }
    }
}

impl EncodeLabelSet for HttpLabels {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        ("method", self.method.as_str()).encode(encoder.encode_label())?;
        ("route", self.route).encode(encoder.encode_label())?;
        ("status", self.status).encode(encoder.encode_label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_know_their_places() {
        for (at, pair) in OperationStatus::ALL.iter().enumerate() {
            assert_eq!(pair.index(), at);
        }
    }

    #[test]
    fn a_status_that_does_not_exist_makes_no_series_of_its_own() {
        let odd = HttpLabels::new(Method::Get, "/", 9999);
        assert_eq!(odd, HttpLabels::new(Method::Get, "/", 42));
        assert_ne!(odd, HttpLabels::new(Method::Get, "/", 200));
    }
}
