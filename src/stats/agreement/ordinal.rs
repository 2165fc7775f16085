//! Krippendorff's ordinal alpha when something is left out: the mid-ranks move too.
//!
//! Exact: with the coincidences O_kl = Σ_u n_uk n_ul/(m_u − 1), the observed sum for any ranks is
//! Σ_kl O_kl (r_k − r_l)², so one left out costs the square of the labels in use. Where that is too much, the ranks'
//! part is linearised: alpha with the old ranks, minus Σ_j s_j G_j for the mass s left out, where G_j is the slope of
//! alpha when one rating of label j is added to the ranks (½ to its own, 1 to all above). Its error is of the order of
//! 1/n² and this happens only for large n.

use super::distance::Distance;
use super::sums::{Mass, Rule, Whole};
use super::tally::Tally;
use crate::dataset::LabelId;

/// Most steps of the exact computation (a second).
const MAX_STEPS: u64 = 1_000_000_000;
/// Most cells of the coincidence matrix.
const MAX_CELLS: usize = 1 << 24;

/// What is needed to move ranks.
pub(super) struct Ranks {
    /// Labels in use.
    used: Vec<LabelId>,
    way: Way,
}

enum Way {
    /// O, used × used.
    Exact(Vec<f64>),
    /// G, by label.
    Linear(Vec<f64>),
}

impl Ranks {
    /// For `n` later questions.
    pub(super) fn new(rule: &Rule, tally: &Tally, whole: &Whole, n: usize) -> Self {
        let used = whole.mass.labels.clone();
        let cells = used.len() * used.len();
        if cells <= MAX_CELLS && cells as u64 * n as u64 <= MAX_STEPS {
            Self::exact(tally, used)
        } else {
            Self::linear(rule, tally, whole, used)
        }
    }

    fn exact(tally: &Tally, used: Vec<LabelId>) -> Self {
        let u = used.len();
        let mut place = vec![0; tally.n_labels];
        used.iter().enumerate().for_each(|(i, &label)| place[label as usize] = i);
        let mut cells = vec![0.0; u * u];
        for p in tally.patterns().filter(|p| p.size >= 2 && p.times > 0) {
            let factor = f64::from(p.times) / (f64::from(p.size) - 1.0);
            for (&k, &n_k) in p.labels.iter().zip(p.counts) {
                for (&l, &n_l) in p.labels.iter().zip(p.counts) {
                    cells[place[k as usize] * u + place[l as usize]] +=
                        factor * f64::from(n_k) * f64::from(n_l);
                }
            }
        }
        Self { used, way: Way::Exact(cells) }
    }

    fn linear(rule: &Rule, tally: &Tally, whole: &Whole, used: Vec<LabelId>) -> Self {
        let Distance::Line { values: ranks, .. } = &whole.distance else {
            return Self { used, way: Way::Linear(vec![0.0; tally.n_labels]) };
        };
        let n = whole.pairable;
        let total: f64 = used.iter().map(|&k| whole.dense[k as usize] * ranks[k as usize]).sum();
        let mut slope = vec![0.0; tally.n_labels];
        for p in tally.patterns().filter(|p| p.size >= 2 && p.times > 0) {
            let pairs = || p.labels.iter().map(|&l| l as usize).zip(p.counts.iter().map(|&c| f64::from(c)));
            let m = f64::from(p.size);
            let sum: f64 = pairs().map(|(k, c)| c * ranks[k]).sum();
            let factor = 4.0 * f64::from(p.times) / (m - 1.0) / whole.spread;
            pairs().for_each(|(k, c)| slope[k] += factor * c * (m * ranks[k] - sum));
        }
        for &k in &used {
            let k = k as usize;
            let expected = 4.0 * whole.dense[k] * (n * ranks[k] - total) / whole.spread;
            slope[k] = -(n - 1.0) * (slope[k] - whole.observed / whole.spread * expected);
        }
        // One rating more of label j lifts its own rank by ½ and all above by 1.
        let mut above = 0.0;
        for &label in rule.order().iter().rev() {
            let own = slope[label as usize];
            slope[label as usize] = above + 0.5 * own;
            above += own;
        }
        Self { used, way: Way::Linear(slope) }
    }

    /// Alpha without `gone`, whose observed part for given ranks is `observed`. `None` where it is undefined then.
    pub(super) fn without(
        &self,
        rule: &Rule,
        whole: &Whole,
        gone: (f64, &Mass),
        observed: impl Fn(&Distance) -> f64,
    ) -> Option<f64> {
        let (pairable, mass) = gone;
        match &self.way {
            Way::Linear(slope) => {
                let part = super::sums::Part {
                    rated: 0.0,
                    pairable,
                    observed: observed(&whole.distance),
                    mass: mass.clone(),
                };
                let moved: f64 =
                    mass.labels.iter().zip(&mass.mass).map(|(&l, m)| m * slope[l as usize]).sum();
                rule.without(whole, &part).map(|value| value - moved)
            }
            Way::Exact(cells) => {
                let mut dense = whole.dense.clone();
                for (&l, m) in mass.labels.iter().zip(&mass.mass) {
                    dense[l as usize] = (dense[l as usize] - m).max(0.0);
                }
                let distance = rule.distance(&dense);
                let u = self.used.len();
                let mut sum = 0.0;
                for (i, &k) in self.used.iter().enumerate() {
                    let row = &cells[i * u..i * u + i];
                    for (cell, &l) in row.iter().zip(&self.used).filter(|(cell, _)| **cell != 0.0) {
                        sum += 2.0 * cell * distance.between(k, l);
                    }
                }
                let left = (sum - observed(&distance)).max(0.0);
                rule.of_sums(whole.rated, whole.pairable - pairable, left, &Mass::of(&dense), &distance)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::levels::Levels;
    use super::super::sums::Form;
    use super::*;
    use crate::dataset::AnnotationsBuilder;

    /// The greatest error of the linear way among `n` items; checks the exact way.
    fn error(n: u32) -> f64 {
        let mut builder = AnnotationsBuilder::new();
        for item in 0..n {
            for rater in 0..3 {
                let noise = (item * 7 + rater * 13) % 5;
                builder.push(item, rater, (item % 9 + noise) % 11, None);
            }
        }
        let tally = Tally::new(&builder.finish(n as usize, 3), 11).unwrap();
        let rule = Rule::new(Form::Alpha, None, &Levels::positions(11)).unwrap();
        let whole = rule.whole(&tally).unwrap();
        let exact = Ranks::exact(&tally, whole.mass.labels.clone());
        let linear = Ranks::linear(&rule, &tally, &whole, whole.mass.labels.clone());
        let mut most: f64 = 0.0;
        for p in 0..tally.len() {
            let part = rule.part(&tally.pattern(p), &whole.distance);
            let observed = |d: &Distance| rule.part(&tally.pattern(p), d).observed;
            let gone = (part.pairable, &part.mass);
            let exact = exact.without(&rule, &whole, gone, observed).unwrap();
            let linear = linear.without(&rule, &whole, gone, observed).unwrap();
            let left = |i: usize| f64::from(tally.pattern(i).times) - f64::from(u8::from(i == p));
            let times: Vec<f64> = (0..tally.len()).map(left).collect();
            let anew = rule.value_of(&tally, &[], &times).unwrap();
            assert!((exact - anew).abs() < 1e-12, "{exact} {anew}");
            most = most.max((linear - anew).abs());
        }
        most
    }

    #[test]
    fn one_way_is_exact_and_the_other_s_error_falls_with_the_square_of_n() {
        // Without the slope of the ranks it would fall with n: by 4 here, not by 16.
        let (few, many) = (error(450), error(1800));
        assert!(few < 3.0 / (450.0 * 450.0) && many < few / 12.0, "{few} {many}");
    }
}
