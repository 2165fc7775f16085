//! Which disagreements count how much: Gwet's agreement weights, and Krippendorff's metrics.
//!
//! Both become a [`Distance`]. Weights are w = 1 − δ with δ scaled so that the most distant levels have w = 0
//! (Gwet 2014, ch. 3); metrics need no scale.

use std::sync::Arc;

use super::distance::{Distance, Shape};
use super::levels::Levels;
use crate::dataset::LabelSets;
use crate::stats::Undefined;

/// Agreement weights w_kl in 0..=1 between levels k and l, 1 for k = l. v are the values of the levels, R their range.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Weights {
    /// 1 for the same label, else 0.
    #[default]
    Identity,
    /// 1 − |v_k − v_l|/R.
    Linear,
    /// 1 − ((v_k − v_l)/R)².
    Quadratic,
    /// 1 − √(|v_k − v_l|/R).
    Radical,
    /// 1 − M_kl/max M, M_kl = m (m − 1)/2 with m = |k − l| + 1: by positions, whatever the values.
    /// Not Krippendorff's ordinal metric.
    Ordinal,
    /// 1 − ((v_k − v_l)/(v_k + v_l))²/(R/(v_max + v_min))²; two zeros agree.
    Ratio,
    /// 1 − s_kl/max s, s_kl = sin²(π (v_k − v_l)/(R + 1)).
    Circular,
    /// 1 − b_kl/max b, b_kl = (v_k − v_l)²/((v_k + v_l − 2 v_min)(2 v_max − v_k − v_l)).
    Bipolar,
    /// Given, levels × levels.
    Custom(Arc<WeightMatrix>),
}

/// Disagreements between levels, square: 0 on the diagonal, not negative.
#[derive(Debug, Clone, PartialEq)]
pub struct WeightMatrix {
    n: usize,
    disagreement: Vec<f64>,
}

impl WeightMatrix {
    /// From agreement weights, row by row: n × n, each in 0..=1, 1 on the diagonal.
    pub fn from_agreement(rows: &[Vec<f64>]) -> Result<Self, String> {
        if rows.iter().flatten().any(|w| !(0.0..=1.0).contains(w)) {
            return Err("agreement weights are from 0 to 1".to_owned());
        }
        Self::checked(rows.len(), rows.iter().map(|row| row.iter().map(|w| 1.0 - w).collect()).collect())
    }

    /// From disagreements, row by row: n × n, finite, not negative, 0 on the diagonal. They are scaled so that the
    /// greatest is 1.
    pub fn from_disagreement(rows: &[Vec<f64>]) -> Result<Self, String> {
        let most = rows.iter().flatten().copied().fold(0.0, f64::max);
        if rows.iter().flatten().any(|d| !d.is_finite() || *d < 0.0) || most == 0.0 {
            return Err("disagreements are not negative, and one is greater than 0".to_owned());
        }
        Self::checked(rows.len(), rows.iter().map(|row| row.iter().map(|d| d / most).collect()).collect())
    }

    fn checked(n: usize, rows: Vec<Vec<f64>>) -> Result<Self, String> {
        if rows.iter().any(|row| row.len() != n) {
            return Err(format!("{n} rows need {n} columns each"));
        }
        if (0..n).any(|k| rows[k][k] != 0.0) {
            return Err("a label agrees with itself in full".to_owned());
        }
        Ok(Self { n, disagreement: rows.into_iter().flatten().collect() })
    }

    /// 1 − w of row k and column l.
    pub(super) fn at(&self, k: u32, l: u32) -> f64 {
        self.disagreement[k as usize * self.n + l as usize]
    }

    fn distance(&self, levels: &Levels) -> Result<Distance, Undefined> {
        if self.n != levels.len() {
            return Err(Undefined::Because(format!(
                "the matrix is for {} labels, and there are {}",
                self.n,
                levels.len()
            )));
        }
        let n = self.n as u32;
        let both = (0..n).flat_map(|k| (0..n).map(move |l| (k, l)));
        let cells = both.map(|(k, l)| 0.5 * (self.at(k, l) + self.at(l, k))).collect();
        Ok(Distance::Matrix { n: self.n, cells })
    }
}

impl Weights {
    /// 1 − w. Asymmetric custom weights become the mean of both directions.
    pub(super) fn distance(&self, levels: &Levels) -> Result<Distance, Undefined> {
        let values = levels.values();
        let (low, high) = levels.range();
        let range = high - low;
        let part = |whole: f64| if whole > 0.0 { 1.0 / whole } else { 0.0 };
        let line =
            |values: &[f64], square, absolute| Distance::Line { values: values.into(), square, absolute };
        let curve = |shape, factor| Distance::Curve { values: values.into(), shape, factor };
        Ok(match self {
            Self::Identity => Distance::Nominal,
            Self::Linear => line(values, 0.0, part(range)),
            Self::Quadratic => line(values, part(range * range), 0.0),
            Self::Radical => curve(Shape::Radical, part(range.sqrt())),
            Self::Ordinal => {
                let positions = Levels::positions(levels.len());
                let most = 0.5 * (levels.len() as f64 - 1.0) * levels.len() as f64;
                line(positions.values(), 0.5 * part(most), 0.5 * part(most))
            }
            Self::Ratio => {
                not_negative(low)?;
                curve(Shape::Ratio, part((range / (high + low)).powi(2)))
            }
            Self::Circular => {
                let farthest = farthest_on_circle(values, range + 1.0);
                Distance::circle(values, range + 1.0, part(farthest))
            }
            // The two ends are farthest apart: b = 1.
            Self::Bipolar => curve(Shape::Bipolar { low, high }, 1.0),
            Self::Custom(matrix) => matrix.distance(levels)?,
        })
    }
}

/// Krippendorff's difference functions δ² between values c and k (Krippendorff 2011), and distances between sets.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Metric {
    /// 1 where c ≠ k.
    #[default]
    Nominal,
    /// (Σ_{g=c..k} n_g − (n_c + n_k)/2)² over the values that can be paired, in the order of the levels' values.
    Ordinal,
    /// (c − k)².
    Interval,
    /// ((c − k)/(c + k))², 0 for two zeros.
    Ratio,
    /// sin²(π (c − k)/U).
    Circular {
        /// U, such as 12 hours or 360 degrees; (greatest − least level) + 1 where none is given.
        period: Option<f64>,
    },
    /// (c − k)²/((c + k − 2 least)(2 greatest − c − k)).
    Bipolar,
    /// Given, levels × levels.
    Custom(Arc<WeightMatrix>),
    /// Between sets: 1 − |A ∩ B|/|A ∪ B|.
    Jaccard,
    /// Between sets: 1 − J · M (Passonneau 2006).
    Masi,
}

impl Metric {
    /// δ². That of the ordinal metric depends on the data: `None`.
    pub(super) fn distance(
        &self,
        levels: &Levels,
        sets: Option<&LabelSets>,
    ) -> Result<Option<Distance>, Undefined> {
        let values = levels.values();
        let (low, high) = levels.range();
        let curve = |shape| Distance::Curve { values: values.into(), shape, factor: 1.0 };
        let between_sets = |masi| {
            let sets = sets.ok_or_else(|| Undefined::Because("the labels are not sets".to_owned()))?;
            let mut sets = sets.of_label.clone();
            sets.resize(levels.len(), Vec::new());
            Ok(Distance::Sets { sets: sets.into(), masi })
        };
        Ok(Some(match self {
            Self::Nominal => Distance::Nominal,
            Self::Ordinal => return Ok(None),
            Self::Interval => Distance::squared(values),
            Self::Ratio => {
                not_negative(low)?;
                curve(Shape::Ratio)
            }
            Self::Circular { period } => {
                let period = period.unwrap_or(high - low + 1.0);
                if !(period > 0.0 && period.is_finite()) {
                    return Err(Undefined::Because("a circle needs a circumference above 0".to_owned()));
                }
                Distance::circle(values, period, 1.0)
            }
            Self::Bipolar => curve(Shape::Bipolar { low, high }),
            Self::Custom(matrix) => matrix.distance(levels)?,
            Self::Jaccard => between_sets(false)?,
            Self::Masi => between_sets(true)?,
        }))
    }
}

fn not_negative(low: f64) -> Result<(), Undefined> {
    if low < 0.0 {
        Err(Undefined::Because("ratios need values that are not negative".to_owned()))
    } else {
        Ok(())
    }
}

/// The greatest sin²(π (x − y)/period): for each value, that of the one nearest to half a turn away.
fn farthest_on_circle(values: &[f64], period: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let mut most: f64 = 0.0;
    for &x in &sorted {
        let at = sorted.partition_point(|&y| y < x + 0.5 * period);
        for y in [at.checked_sub(1), Some(at)].into_iter().flatten().filter_map(|i| sorted.get(i)) {
            most = most.max((std::f64::consts::PI * (x - y) / period).sin().powi(2));
        }
    }
    most
}
