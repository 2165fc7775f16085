//! M-MSR (Ma & Olshevsky 2020): raters' skills from how often pairs of them agree, robust against a few who collude.
//!
//! If raters err independently, alike over the wrong labels, then (K A_vw − 1)/(K − 1), with A_vw the share of shared
//! items on which v and w agree, is s_v s_w: a matrix of rank one of which only pairs that share items are seen. Its
//! factors are found by alternating means of |C_vw|/u_w, in which the F smallest and F largest are left out (a value
//! that is not beyond the present one is kept), F = ⌊least number of partners/2⌋ − 1. A rater's probability of being
//! right is p = s (K − 1)/K + 1/K and votes weigh ln((K − 1) p/(1 − p)).
//!
//! The signs that |C| hides are found by the leading eigenvector of the signs of C, each row by its number of partners;
//! most raters are taken to be better than chance.
//!
//! Kept sparse: memory is O(pairs that share an item), never items × raters, and a round is O(pairs). An item with n
//! annotations makes n² visits, which are bounded.

use rayon::prelude::*;

use super::Layout;
use super::layout::MAX_PAIR_VISITS;
use super::softmax::normalise;
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;

/// Most pairs of raters (each counted twice) that are held: 1.5 GiB.
const MAX_PAIRS: u64 = 1 << 26;
/// Most rounds, and the change of the rank-one matrix (Frobenius norm) that ends them.
const MAX_ROUNDS: usize = 10_000;
const TOLERANCE: f64 = 1e-10;
/// What a factor stays within where there is a completion at all.
const RANGE: std::ops::Range<f64> = 1e-100..1e100;
/// Raters that one task takes at least: the rounds of a small crowd are too short to share.
const RATERS_AT_LEAST: usize = 32;
/// Rounds of power iteration for the signs.
const SIGN_ROUNDS: usize = 200;

/// What the completion says.
#[derive(Debug, Clone, PartialEq)]
pub struct Mmsr {
    /// Weight of each rater's votes, ln((K − 1) p/(1 − p)); `None` for one who shares no item with another.
    pub weight: Vec<Option<f64>>,
    /// p: probability of being right, in 0..=1.
    pub accuracy: Vec<Option<f64>>,
    /// Posterior under the weights, items × labels: softmax of the summed weights; 1/K each without a weighted vote.
    pub posterior: Vec<f64>,
    /// Rounds of alternation.
    pub iterations: usize,
    /// Whether the matrix stopped changing.
    pub converged: bool,
    /// Number of labels.
    pub n_labels: usize,
}

/// Raters who share items: compressed sparse rows.
struct Pairs {
    starts: Vec<usize>,
    partners: Vec<u32>,
    /// C_vw.
    values: Vec<f64>,
}

/// Fits the skills. Undefined without annotations, with fewer than two raters or labels, where no two raters share an
/// item, where more pairs share items than can be held, or where the alternation runs away.
pub fn mmsr(layout: &Layout, progress: &Progress) -> Result<Result<Mmsr, Undefined>, Cancelled> {
    if let Err(reason) = layout.check() {
        return Ok(Err(reason));
    }
    if layout.n_labels() < 2 {
        return Ok(Err(Undefined::Because("there is only one label, so nobody could be wrong".to_owned())));
    }
    let visits = layout.pair_visits();
    let square = (layout.n_active() as u64).saturating_mul(layout.n_active() as u64);
    if visits > MAX_PAIR_VISITS || visits.min(square) > MAX_PAIRS {
        return Ok(Err(Undefined::Because("too many pairs of raters share items".to_owned())));
    }
    progress.stage("M-MSR: pairs of raters", layout.n_raters() as u64);
    let pairs = Pairs::new(layout, progress);
    progress.check()?;
    let degrees = (0..layout.n_raters()).map(|w| pairs.degree(w)).filter(|&d| d > 0);
    let Some(least) = degrees.min() else {
        return Ok(Err(Undefined::NoPairableItem));
    };
    progress.stage("M-MSR", 0);
    let left_out = (least / 2).saturating_sub(1);
    let magnitudes: Vec<f64> = pairs.values.iter().map(|c| c.abs()).collect();
    let floor = 1.0 / (layout.n_voted() as f64).sqrt();
    let (mut u, mut v) = (vec![0.5; layout.n_raters()], vec![0.5; layout.n_raters()]);
    let (mut rounds, mut converged) = (0, false);
    while rounds < MAX_ROUNDS && !converged {
        progress.check()?;
        rounds += 1;
        let next_v = pairs.trimmed_means(&magnitudes, &u, &v, left_out, floor);
        let next_u = pairs.trimmed_means(&magnitudes, &next_v, &u, left_out, floor);
        converged = rank_one_change(&next_u, &next_v, &u, &v) < TOLERANCE;
        (u, v) = (next_u, next_v);
        if u.iter().chain(&v).any(|x| !RANGE.contains(x)) {
            return Ok(Err(Undefined::Because("no skills explain how raters agree".to_owned())));
        }
        progress.add(1);
    }
    let norm = |x: &[f64]| x.iter().map(|a| a * a).sum::<f64>().sqrt();
    let scale = (norm(&v) / norm(&u)).sqrt();
    let signs = pairs.signs(progress)?;
    let k = layout.n_labels() as f64;
    let (low, high) = (-1.0 / (k - 1.0) + floor, 1.0 - floor);
    let mut weights = vec![0.0; layout.n_raters()];
    let mut weight = vec![None; layout.n_raters()];
    let mut accuracy = vec![None; layout.n_raters()];
    for rater in (0..layout.n_raters()).filter(|&w| pairs.degree(w) > 0) {
        // Where few items leave no room between the bounds, the middle.
        let skill = signs[rater] * u[rater] * scale;
        let skill = if low < high { skill.clamp(low, high) } else { f64::midpoint(low, high) };
        let p = skill * (k - 1.0) / k + 1.0 / k;
        weights[rater] = (p * (k - 1.0) / (1.0 - p)).ln();
        (weight[rater], accuracy[rater]) = (Some(weights[rater]), Some(p));
    }
    Ok(Ok(Mmsr {
        posterior: posterior(layout, &weights),
        weight,
        accuracy,
        iterations: rounds,
        converged,
        n_labels: layout.n_labels(),
    }))
}

fn posterior(layout: &Layout, weights: &[f64]) -> Vec<f64> {
    let k = layout.n_labels();
    let mut rows = vec![0.0; layout.n_items() * k];
    rows.par_chunks_mut(k).enumerate().for_each(|(item, row)| {
        layout.votes(item).iter().for_each(|v| row[v.label as usize] += weights[v.rater as usize]);
        normalise(row);
    });
    rows
}

/// ‖u vᵀ − u′ v′ᵀ‖, without the matrices.
fn rank_one_change(u: &[f64], v: &[f64], u0: &[f64], v0: &[f64]) -> f64 {
    // u vᵀ − u′ v′ᵀ = (u − u′) vᵀ + u′ (v − v′)ᵀ: no large squares are subtracted from each other.
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    let minus = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x - y).collect::<Vec<_>>();
    let (du, dv) = (minus(u, u0), minus(v, v0));
    let square = dot(&du, &du) * dot(v, v) + 2.0 * dot(&du, u0) * dot(v, &dv) + dot(u0, u0) * dot(&dv, &dv);
    square.max(0.0).sqrt()
}

impl Pairs {
    fn new(layout: &Layout, progress: &Progress) -> Self {
        let k = layout.n_labels() as f64;
        let rows: Vec<Vec<(u32, f64)>> = (0..layout.n_raters())
            .into_par_iter()
            .map_init(
                || (vec![(0_u32, 0_u32); layout.n_raters()], Vec::new()),
                |(met, partners), rater| {
                    progress.add(1);
                    if progress.is_cancelled() {
                        return Vec::new();
                    }
                    for answer in layout.answers(rater) {
                        for vote in layout.votes(answer.item as usize) {
                            if vote.rater as usize != rater {
                                let (shared, same) = &mut met[vote.rater as usize];
                                if *shared == 0 {
                                    partners.push(vote.rater);
                                }
                                *shared += 1;
                                *same += u32::from(vote.label == answer.label);
                            }
                        }
                    }
                    partners.sort_unstable();
                    let row = partners.drain(..).map(|other| {
                        let (shared, same) = std::mem::take(&mut met[other as usize]);
                        (other, (k * f64::from(same) / f64::from(shared) - 1.0) / (k - 1.0))
                    });
                    row.collect()
                },
            )
            .collect();
        let mut starts = Vec::with_capacity(rows.len() + 1);
        starts.push(0);
        let (mut partners, mut values) = (Vec::new(), Vec::new());
        for row in rows {
            partners.extend(row.iter().map(|&(other, _)| other));
            values.extend(row.iter().map(|&(_, c)| c));
            starts.push(partners.len());
        }
        Self { starts, partners, values }
    }

    fn degree(&self, rater: usize) -> usize {
        self.starts[rater + 1] - self.starts[rater]
    }

    /// For each rater the mean of |C|/factor over partners, `left_out` at either end left out; `present` is what it
    /// was, and stays where nothing is left.
    fn trimmed_means(
        &self,
        magnitudes: &[f64],
        factors: &[f64],
        present: &[f64],
        left_out: usize,
        floor: f64,
    ) -> Vec<f64> {
        let mut means = present.to_vec();
        means.par_iter_mut().with_min_len(RATERS_AT_LEAST).enumerate().for_each_init(
            Sides::default,
            |sides, (rater, mean)| {
                let own = self.starts[rater]..self.starts[rater + 1];
                let pairs = self.partners[own.clone()].iter().zip(&magnitudes[own]);
                let ratios = pairs.map(|(&other, magnitude)| magnitude / factors[other as usize]);
                if let Some(next) = sides.trimmed_mean(ratios, *mean, left_out) {
                    *mean = if next == 0.0 { floor } else { next };
                }
            },
        );
        means
    }

    /// +1 or −1 for each rater, mostly +1.
    fn signs(&self, progress: &Progress) -> Result<Vec<f64>, Cancelled> {
        let n = self.starts.len() - 1;
        let mut x = vec![1.0; n];
        if self.values.iter().all(|&c| c >= 0.0) {
            return Ok(x);
        }
        for _ in 0..SIGN_ROUNDS {
            progress.check()?;
            let mut next: Vec<f64> = (0..n)
                .into_par_iter()
                .with_min_len(RATERS_AT_LEAST)
                .map(|w| {
                    let own = self.starts[w]..self.starts[w + 1];
                    let degree = own.len().max(1) as f64;
                    let sum: f64 = own.map(|at| sign(self.values[at]) * x[self.partners[at] as usize]).sum();
                    // With the rater themself, so that the largest eigenvalue is also the largest in size.
                    sum / degree + x[w]
                })
                .collect();
            let largest = next.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
            if largest == 0.0 {
                break;
            }
            next.iter_mut().for_each(|v| *v /= largest);
            x = next;
        }
        let mostly = if x.iter().map(|&v| sign(v)).sum::<f64>() < 0.0 { -1.0 } else { 1.0 };
        Ok(x.into_iter().map(|v| if v == 0.0 { 1.0 } else { mostly * sign(v) }).collect())
    }
}

/// −1, 0 or 1.
fn sign(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

/// Numbers below and above another, in memory that is used again. As bits: the order of numbers that are not negative is
/// that of their bits, and whole numbers are compared faster.
#[derive(Default)]
struct Sides {
    low: Vec<u64>,
    high: Vec<u64>,
}

impl Sides {
    /// Mean of the values, none negative, without the `f` smallest and `f` largest; where fewer than `f` lie beyond
    /// `present` on a side, without those that do. `None` where nothing is left.
    fn trimmed_mean(
        &mut self,
        values: impl ExactSizeIterator<Item = f64>,
        present: f64,
        f: usize,
    ) -> Option<f64> {
        let n = values.len();
        self.low.resize(n.max(self.low.len()), 0);
        self.high.resize(n.max(self.high.len()), 0);
        let present = present.to_bits();
        let (mut low, mut high) = (0, 0);
        for value in values {
            let value = value.to_bits();
            // Written to either side and kept where it belongs: nobody could guess where that is.
            self.low[low] = value;
            self.high[high] = value;
            low += usize::from(value < present);
            high += usize::from(value > present);
        }
        let equal = n - low - high;
        let (keep_low, keep_high) = (low.saturating_sub(f), high.saturating_sub(f));
        let keep = keep_low + equal + keep_high;
        if keep == 0 {
            return None;
        }
        let (low, high) = (&mut self.low[..low], &mut self.high[..high]);
        let first = low.len() - keep_low;
        if first > 0 && keep_low > 0 {
            low.select_nth_unstable(first);
        }
        if keep_high < high.len() && keep_high > 0 {
            high.select_nth_unstable(keep_high - 1);
        }
        let sum = |kept: &[u64]| kept.iter().map(|&x| f64::from_bits(x)).sum::<f64>();
        let middle = equal as f64 * f64::from_bits(present);
        Some((sum(&low[first..]) + middle + sum(&high[..keep_high])) / keep as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_beyond_the_present_one_are_left_out_first() {
        let mean = |values: &[f64], f| Sides::default().trimmed_mean(values.iter().copied(), 3.0, f);
        assert_eq!(mean(&[5.0, 1.0, 2.0, 9.0], 1), Some(3.5));
        assert_eq!(mean(&[5.0, 4.0, 9.0], 1), Some(4.5), "nothing lies below");
        assert_eq!(mean(&[1.0, 9.0], 1), None);
        assert_eq!(mean(&[], 0), None);
        // Against sorting.
        let mut values: Vec<f64> =
            (0..50_u32).map(|i| f64::from(i.wrapping_mul(2_654_435_761) >> 29)).collect();
        for f in 0..30 {
            let found = mean(&values, f);
            let (low, high) = (values.iter().filter(|&&v| v < 3.0), values.iter().filter(|&&v| v > 3.0));
            let (low, high) = (low.count().min(f), high.count().min(f));
            values.sort_by(f64::total_cmp);
            let kept = &values[low..values.len() - high];
            assert_eq!(found, (!kept.is_empty()).then(|| kept.iter().sum::<f64>() / kept.len() as f64));
            values.reverse();
        }
    }

    #[test]
    fn the_change_needs_no_matrix() {
        let (u, v, a, b) = ([1.0, 2.0], [3.0, 0.5], [0.9, 2.1], [3.1, 0.4]);
        let mut square = 0.0;
        for i in 0..2 {
            for j in 0..2 {
                square += f64::powi(u[i] * v[j] - a[i] * b[j], 2);
            }
        }
        assert!((rank_one_change(&u, &v, &a, &b) - square.sqrt()).abs() < 1e-12);
    }
}
