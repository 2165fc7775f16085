//! What the labels are worth: a number for each, for everything that looks at how far apart two labels are.

use std::sync::Arc;

use crate::dataset::LabelSet;

/// One finite value a label, in the order of the label set.
///
/// The declared labels count, not those that somebody used: an unused label changes Gwet's AC and
/// Brennan–Prediger's coefficient, and the range of the weights.
/// Cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub struct Levels {
    values: Arc<[f64]>,
    numbers: bool,
}

impl Levels {
    /// Positions 1..=n, for labels that have an order and no value.
    pub fn positions(n: usize) -> Self {
        Self { values: (1..=n).map(|i| i as f64).collect(), numbers: false }
    }

    /// The values of labels that are all numbers, else their positions.
    pub fn of(labels: &LabelSet) -> Self {
        match labels.values() {
            Some(values) => Self { values: values.into(), numbers: true },
            None => Self::positions(labels.len()),
        }
    }

    /// Given values; `None` where one is not finite.
    pub fn new(values: Vec<f64>) -> Option<Self> {
        values.iter().all(|v| v.is_finite()).then(|| Self { values: values.into(), numbers: true })
    }

    /// Number of labels q.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// One value a label.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Whether the values are the labels' own, not their positions.
    pub fn are_numbers(&self) -> bool {
        self.numbers
    }

    /// The least and the greatest value; (0, 0) where there is no label.
    pub(super) fn range(&self) -> (f64, f64) {
        self.values
            .iter()
            .copied()
            .map(|v| (v, v))
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
            .unwrap_or_default()
    }
}
