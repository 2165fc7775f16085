//! How far apart two labels are: δ ≥ 0, symmetric, 0 for a label and itself.
//!
//! Agreement weights are w = 1 − δ, Krippendorff's metrics are δ² written as δ; every coefficient is
//! 1 − (observed δ)/(expected δ), so that the unit of δ does not matter. Two sums are all that a coefficient needs:
//! the *spread* Σ_kl m_k m_l δ_kl of some mass m over labels, and the *smoothed* mass Σ_l δ_kl m_l. For most metrics
//! both have closed forms whose cost is that of the labels, not of their square:
//!
//! - nominal: M² − Σ m²;
//! - (x − y)²: 2 M Σ m (x − mean)²; |x − y|: running sums over sorted values;
//! - sin²: ½ (M² − |Σ m e^{iθ}|²).
//!
//! Krippendorff's ordinal metric is (x − y)² on mid-ranks.

use std::sync::Arc;

use rayon::prelude::*;

use crate::dataset::LabelId;

/// Up to this many labels, pairs are added up one by one.
const FEW: usize = 8;
/// From this many labels, pairs are added up on several threads.
const MANY: usize = 512;

/// A distance between labels.
#[derive(Debug, Clone)]
pub(super) enum Distance {
    /// 1 for different labels.
    Nominal,
    /// square · (x − y)² + absolute · |x − y|.
    Line { values: Arc<[f64]>, square: f64, absolute: f64 },
    /// factor · sin²(half the angle between).
    Circle { cos: Arc<[f64]>, sin: Arc<[f64]>, factor: f64 },
    /// Something else that depends on the two values.
    Curve { values: Arc<[f64]>, shape: Shape, factor: f64 },
    /// n × n cells.
    Matrix { n: usize, cells: Arc<[f64]> },
    /// Between sets of members, ascending, one set a label.
    Sets { sets: Arc<[Vec<u32>]>, masi: bool },
}

/// Functions of two values without a closed sum.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// √|x − y|.
    Radical,
    /// ((x − y)/(x + y))², 0 where both are 0.
    Ratio,
    /// (x − y)²/((x + y − 2 low)(2 high − x − y)), 0 where x = y.
    Bipolar { low: f64, high: f64 },
}

impl Shape {
    fn at(self, x: f64, y: f64) -> f64 {
        if x == y {
            return 0.0;
        }
        match self {
            Self::Radical => (x - y).abs().sqrt(),
            Self::Ratio => ((x - y) / (x + y)).powi(2),
            Self::Bipolar { low, high } => {
                (x - y).powi(2) / ((x - low + (y - low)) * (high - x + (high - y)))
            }
        }
    }
}

impl Distance {
    /// (x − y)².
    pub(super) fn squared(values: impl Into<Arc<[f64]>>) -> Self {
        Self::Line { values: values.into(), square: 1.0, absolute: 0.0 }
    }

    /// sin²(π (x − y)/period) · factor.
    pub(super) fn circle(values: &[f64], period: f64, factor: f64) -> Self {
        let angle = |v: &f64| std::f64::consts::TAU * (v / period).fract();
        Self::Circle {
            cos: values.iter().map(|v| angle(v).cos()).collect(),
            sin: values.iter().map(|v| angle(v).sin()).collect(),
            factor,
        }
    }

    /// Whether sums go over pairs of labels, however many there are.
    pub(super) fn is_pairwise(&self) -> bool {
        matches!(self, Self::Curve { .. } | Self::Matrix { .. } | Self::Sets { .. })
    }

    /// δ of two labels.
    pub(super) fn between(&self, k: LabelId, l: LabelId) -> f64 {
        if k == l {
            return 0.0;
        }
        let (k, l) = (k as usize, l as usize);
        match self {
            Self::Nominal => 1.0,
            Self::Line { values, square, absolute } => {
                let apart = (values[k] - values[l]).abs();
                apart * (square * apart + absolute)
            }
            Self::Circle { cos, sin, factor } => {
                let same = cos[k] == cos[l] && sin[k] == sin[l];
                if same { 0.0 } else { factor * 0.5 * (1.0 - (cos[k] * cos[l] + sin[k] * sin[l])).max(0.0) }
            }
            Self::Curve { values, shape, factor } => factor * shape.at(values[k], values[l]),
            Self::Matrix { n, cells } => cells[k * n + l],
            Self::Sets { sets, masi } => between_sets(&sets[k], &sets[l], *masi),
        }
    }

    /// Σ_kl m_k m_l δ_kl over ordered pairs. `labels` ascend, one mass each; a change of mass may be negative.
    pub(super) fn spread(&self, labels: &[LabelId], mass: &[f64]) -> f64 {
        let pairs = || {
            let mut sum = 0.0;
            for (i, &k) in labels.iter().enumerate() {
                let row: f64 = (0..i).map(|j| mass[j] * self.between(k, labels[j])).sum();
                sum += mass[i] * row;
            }
            2.0 * sum
        };
        if labels.len() <= FEW {
            return pairs();
        }
        match self {
            Self::Nominal => {
                let total: f64 = mass.iter().sum();
                mass.iter().map(|m| m * (total - m)).sum()
            }
            Self::Line { values, square, absolute } => {
                let mut sum = 0.0;
                if *square != 0.0 {
                    // About a centre, so that large values do not drown small differences.
                    let at = |&k: &LabelId| values[k as usize];
                    let centre = labels.iter().map(at).sum::<f64>() / labels.len() as f64;
                    let (mut total, mut first, mut second) = (0.0, 0.0, 0.0);
                    for (k, &m) in labels.iter().zip(mass) {
                        let x = at(k) - centre;
                        total += m;
                        first += m * x;
                        second += m * x * x;
                    }
                    sum += 2.0 * square * (total * second - first * first);
                }
                if *absolute != 0.0 {
                    let order = by_value(labels, values);
                    let (mut before, mut moment) = (0.0, 0.0);
                    for i in order {
                        let x = values[labels[i] as usize];
                        sum += 2.0 * absolute * mass[i] * (x * before - moment);
                        before += mass[i];
                        moment += mass[i] * x;
                    }
                }
                sum
            }
            Self::Circle { cos, sin, factor } => {
                let total: f64 = mass.iter().sum();
                let (mut x, mut y) = (0.0, 0.0);
                for (&k, m) in labels.iter().zip(mass) {
                    x += m * cos[k as usize];
                    y += m * sin[k as usize];
                }
                factor * 0.5 * (total * total - x * x - y * y)
            }
            Self::Curve { .. } | Self::Matrix { .. } | Self::Sets { .. } if labels.len() >= MANY => {
                self.smoothed(labels, mass).iter().zip(mass).map(|(s, m)| s * m).sum()
            }
            _ => pairs(),
        }
    }

    /// [`Self::spread`] of counts.
    pub(super) fn spread_of(&self, labels: &[LabelId], counts: &[u32]) -> f64 {
        match (labels.len(), self) {
            (0 | 1, _) => 0.0,
            (_, Self::Nominal) => {
                let total: u32 = counts.iter().sum();
                counts.iter().map(|&n| f64::from(n) * f64::from(total - n)).sum()
            }
            (n, _) if n <= FEW => {
                let mut mass = [0.0; FEW];
                mass.iter_mut().zip(counts).for_each(|(m, &n)| *m = f64::from(n));
                self.spread(labels, &mass[..n])
            }
            _ => self.spread(labels, &counts.iter().map(|&n| f64::from(n)).collect::<Vec<_>>()),
        }
    }

    /// Σ_l δ_kl m_l for each label k of `labels`.
    pub(super) fn smoothed(&self, labels: &[LabelId], mass: &[f64]) -> Vec<f64> {
        match self {
            Self::Nominal => {
                let total: f64 = mass.iter().sum();
                mass.iter().map(|m| total - m).collect()
            }
            Self::Line { values, square, absolute } => {
                let total: f64 = mass.iter().sum();
                let at = |(&k, &m): (&LabelId, &f64)| m * values[k as usize];
                let centre =
                    labels.iter().map(|&k| values[k as usize]).sum::<f64>() / labels.len().max(1) as f64;
                let (mut first, mut second) = (0.0, 0.0);
                for (&k, m) in labels.iter().zip(mass) {
                    let x = values[k as usize] - centre;
                    first += m * x;
                    second += m * x * x;
                }
                let apart = |&k: &LabelId| {
                    let x = values[k as usize] - centre;
                    square * (x * (total * x - 2.0 * first) + second)
                };
                let mut out: Vec<f64> = labels.iter().map(apart).collect();
                if *absolute != 0.0 {
                    let moment: f64 = labels.iter().zip(mass).map(at).sum();
                    let (mut before, mut moment_before) = (0.0, 0.0);
                    for i in by_value(labels, values) {
                        let x = values[labels[i] as usize];
                        let below = x * before - moment_before;
                        let above = (moment - moment_before) - x * (total - before);
                        out[i] += absolute * (below + above);
                        before += mass[i];
                        moment_before += mass[i] * x;
                    }
                }
                out
            }
            Self::Circle { cos, sin, factor } => {
                let total: f64 = mass.iter().sum();
                let (mut x, mut y) = (0.0, 0.0);
                for (&k, m) in labels.iter().zip(mass) {
                    x += m * cos[k as usize];
                    y += m * sin[k as usize];
                }
                let at = |&k: &LabelId| 0.5 * factor * (total - cos[k as usize] * x - sin[k as usize] * y);
                labels.iter().map(at).collect()
            }
            Self::Curve { .. } | Self::Matrix { .. } | Self::Sets { .. } => {
                let at = |&k: &LabelId| labels.iter().zip(mass).map(|(&l, m)| m * self.between(k, l)).sum();
                if labels.len() >= MANY {
                    labels.par_iter().map(at).collect()
                } else {
                    labels.iter().map(at).collect()
                }
            }
        }
    }

    /// Whether two of `labels` are apart.
    pub(super) fn separates(&self, labels: impl IntoIterator<Item = LabelId>) -> bool {
        let mut labels = labels.into_iter();
        // δ is 0 only between equal values (or sets, or by a matrix that says so), so the first stands for all.
        labels.next().is_some_and(|first| labels.any(|l| self.between(first, l) > 0.0))
    }
}

fn by_value(labels: &[LabelId], values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by(|&i, &j| values[labels[i] as usize].total_cmp(&values[labels[j] as usize]));
    order
}

/// Jaccard's distance 1 − J, or Passonneau's (2006) MASI 1 − J · M with M = 1 for equal sets, ⅔ where one holds the
/// other, ⅓ where they overlap, 0 where they do not. Two empty sets are equal.
fn between_sets(a: &[u32], b: &[u32], masi: bool) -> f64 {
    let (mut i, mut j, mut common) = (0, 0, 0_usize);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                common += 1;
                i += 1;
                j += 1;
            }
        }
    }
    let union = a.len() + b.len() - common;
    if union == common {
        return 0.0;
    }
    let jaccard = common as f64 / union as f64;
    let monotone = if !masi {
        1.0
    } else if common == a.len() || common == b.len() {
        2.0 / 3.0
    } else {
        1.0 / 3.0
    };
    1.0 - jaccard * monotone
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(values: &[f64]) -> Vec<Distance> {
        let v: Arc<[f64]> = values.into();
        let curve = |shape| Distance::Curve { values: Arc::clone(&v), shape, factor: 0.7 };
        vec![
            Distance::Nominal,
            Distance::Line { values: Arc::clone(&v), square: 0.5, absolute: 0.25 },
            Distance::squared(values),
            Distance::circle(values, 7.5, 1.2),
            curve(Shape::Radical),
            curve(Shape::Ratio),
            curve(Shape::Bipolar { low: 0.0, high: 20.0 }),
        ]
    }

    proptest! {
        #[test]
        fn closed_sums_are_the_sums_over_pairs(
            cells in prop::collection::vec((0.0..20.0_f64, -1.0..3.0_f64), 1..40)
        ) {
            let (values, mass): (Vec<f64>, Vec<f64>) = cells.into_iter().unzip();
            let labels: Vec<u32> = (0..values.len() as u32).collect();
            for d in all(&values) {
                let size: f64 = mass.iter().map(|m| m.abs()).sum::<f64>() * 500.0;
                let row = |k: u32| -> f64 { labels.iter().map(|&l| mass[l as usize] * d.between(k, l)).sum() };
                let smooth = d.smoothed(&labels, &mass);
                let mut spread = 0.0;
                for &k in &labels {
                    prop_assert!((smooth[k as usize] - row(k)).abs() < 1e-12 * size, "{d:?}");
                    spread += mass[k as usize] * row(k);
                }
                prop_assert!((d.spread(&labels, &mass) - spread).abs() < 1e-12 * size * size, "{d:?}");
            }
        }
    }

    #[test]
    fn sets_are_as_far_apart_as_passonneau_says() {
        let d = |a: &[u32], b: &[u32], masi| between_sets(a, b, masi);
        assert_eq!(d(&[], &[], true), 0.0);
        assert_eq!(d(&[], &[1], true), 1.0);
        assert_eq!(d(&[1, 2], &[1, 2], true), 0.0);
        assert!((d(&[1], &[1, 2], true) - (1.0 - 0.5 * 2.0 / 3.0)).abs() < 1e-15);
        assert!((d(&[1, 3], &[1, 2], true) - (1.0 - 1.0 / 9.0)).abs() < 1e-15);
        assert_eq!(d(&[1], &[1, 2], false), 0.5);
    }
}
