//! Differences between groups, tested by giving the groups to other raters.

use rayon::prelude::*;

use super::Ratings;
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::random::Stream;

/// Up to this many ways of dealing two groups to raters, all are looked at.
const MOST_EXACT: u64 = 20_000;
/// Most permutations.
const MOST_PERMUTATIONS: u32 = 1_000_000;
/// Most permutations × ratings (some minutes of work).
const MAX_STEPS: u64 = 40_000_000_000;

/// How a difference is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TestOptions {
    /// Permutations, where not all can be looked at.
    pub permutations: u32,
    /// Seed; permutation i has stream i.
    pub seed: u64,
    /// Raters that each group needs to be tested.
    pub least_raters: usize,
    /// Shared items that are needed.
    pub least_items: usize,
}

impl Default for TestOptions {
    fn default() -> Self {
        Self { permutations: 5_000, seed: 0, least_raters: 5, least_items: 30 }
    }
}

/// The outcome of a permutation test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Permuted {
    /// Two-sided: the share of permutations that differ at least as much, the data themselves being one of them.
    pub p_value: f64,
    /// Permutations on which the difference is defined, the data themselves not counted.
    pub draws: u64,
    /// Whether every way of dealing the groups was looked at.
    pub exact: bool,
}

/// A difference of mean ratings.
#[derive(Debug, Clone, PartialEq)]
pub struct GapTest {
    /// Mean over shared items of (mean of the first group − mean of the second), in the unit of the labels' values.
    pub gap: f64,
    /// Raters of each group with a rating.
    pub n_raters: [usize; 2],
    /// Items that both groups rated.
    pub n_items: usize,
    /// The test, or why there is none.
    pub test: Result<Permuted, Undefined>,
}

/// Choosing differently, within and between groups.
#[derive(Debug, Clone, PartialEq)]
pub struct Heterogeneity {
    /// Mean over items of the share of pairs of raters of one group whose labels differ.
    pub within: f64,
    /// The same of pairs of raters of different groups.
    pub between: f64,
    /// Φ = between − within.
    pub phi: f64,
    /// Items with a pair within a group, and items with one between groups.
    pub n_items: [usize; 2],
    /// Raters of each group with a rating.
    pub n_raters: Vec<usize>,
    /// The test of Φ, or why there is none.
    pub test: Result<Permuted, Undefined>,
}

/// A difference of means of numbers that raters have.
#[derive(Debug, Clone, PartialEq)]
pub struct NumberGap {
    /// Mean of the first group − mean of the second, in the unit of the numbers.
    pub gap: f64,
    /// Raters of each group.
    pub n_raters: [usize; 2],
    /// The test, or why there is none.
    pub test: Result<Permuted, Undefined>,
}

/// Compares a number that each rater has, such as a slope, between the raters of a group (`first`) and the others: no items are
/// shared, so that `least_items` is no matter. Undefined where a group is empty, and for a number that is not finite.
pub fn number_gap(
    values: &[f64],
    first: &[bool],
    options: &TestOptions,
    progress: &Progress,
) -> Result<Result<NumberGap, Undefined>, Cancelled> {
    let because = |reason: &str| Ok(Err(Undefined::Because(reason.to_owned())));
    if values.len() != first.len() || values.iter().any(|v| !v.is_finite()) {
        return because("a rater has no number");
    }
    let of: Vec<u32> = first.iter().map(|&is| u32::from(!is)).collect();
    let n_first = first.iter().filter(|is| **is).count();
    let sizes = vec![n_first, values.len() - n_first];
    if sizes.contains(&0) {
        return because("there is one group of raters only");
    }
    let gap_of = |of: &[u32]| {
        let mut sums = [0.0; 2];
        of.iter().zip(values).for_each(|(&group, value)| sums[group as usize] += value);
        Some(sums[0] / sizes[0] as f64 - sums[1] / sizes[1] as f64)
    };
    // Both groups have a rater, so that there is a gap.
    let gap = gap_of(&of).unwrap_or(0.0);
    let n_raters = [sizes[0], sizes[1]];
    let groups = Groups { raters: (0..of.len()).collect(), of, sizes: sizes.clone() };
    let test = groups.test(values.len(), None, gap, options, progress, &gap_of)?;
    Ok(Ok(NumberGap { gap, n_raters, test }))
}

/// The mean gap of two groups: `side[r]` is 0 for raters of the first, 1 for raters of the second, anything else for nobody's. Undefined where no
/// item was rated by both.
pub fn mean_gap(
    ratings: &Ratings,
    side: &[u8],
    options: &TestOptions,
    progress: &Progress,
) -> Result<Result<GapTest, Undefined>, Cancelled> {
    let group_of: Vec<u32> = side.iter().map(|&s| if s < 2 { u32::from(s) } else { u32::MAX }).collect();
    let groups = Groups::new(ratings, &group_of, 2);
    let Some((gap, n_items)) = gap(ratings, &groups.of) else {
        return Ok(Err(Undefined::Because("no item was rated by both groups".to_owned())));
    };
    let statistic = |of: &[u32]| gap_only(ratings, of);
    let test = groups.test(ratings.layout.len(), Some(n_items), gap, options, progress, &statistic)?;
    Ok(Ok(GapTest { gap, n_raters: [groups.sizes[0], groups.sizes[1]], n_items, test }))
}

/// D_within, D_between and Φ of `n_groups` groups: `group_of[r]` is the group of rater r, below `n_groups`, or anything else for none. Undefined where
/// no item has two raters of one group, or none has two of different groups.
pub fn heterogeneity(
    ratings: &Ratings,
    group_of: &[u32],
    n_groups: usize,
    options: &TestOptions,
    progress: &Progress,
) -> Result<Result<Heterogeneity, Undefined>, Cancelled> {
    let groups = Groups::new(ratings, group_of, n_groups);
    let Some((within, between, n_items)) = apart(ratings, &groups.of, n_groups) else {
        let reason = "no item has two raters of one group, or none has two of different groups";
        return Ok(Err(Undefined::Because(reason.to_owned())));
    };
    let statistic = |of: &[u32]| apart(ratings, of, n_groups).map(|(w, b, _)| b - w);
    let phi = between - within;
    let test = groups.test(ratings.layout.len(), Some(n_items[1]), phi, options, progress, &statistic)?;
    Ok(Ok(Heterogeneity { within, between, phi, n_items, n_raters: groups.sizes, test }))
}

/// The mean difference over shared items, and their number.
fn gap(ratings: &Ratings, of: &[u32]) -> Option<(f64, usize)> {
    let layout = &ratings.layout;
    let (mut sum, mut n) = (0.0, 0_usize);
    for item in 0..layout.n_items() {
        let (mut sums, mut counts) = ([0.0; 2], [0.0; 2]);
        for vote in layout.votes(item) {
            let group = of[vote.rater as usize] as usize;
            if group < 2 {
                sums[group] += ratings.values[vote.label as usize];
                counts[group] += 1.0;
            }
        }
        if counts[0] > 0.0 && counts[1] > 0.0 {
            sum += sums[0] / counts[0] - sums[1] / counts[1];
            n += 1;
        }
    }
    (n > 0).then(|| (sum / n as f64, n))
}

fn gap_only(ratings: &Ratings, of: &[u32]) -> Option<f64> {
    gap(ratings, of).map(|g| g.0)
}

/// D_within, D_between, and the items of each.
fn apart(ratings: &Ratings, of: &[u32], n_groups: usize) -> Option<(f64, f64, [usize; 2])> {
    let layout = &ratings.layout;
    let (mut sums, mut items) = ([0.0; 2], [0_usize; 2]);
    let mut own: Vec<(u32, u32)> = Vec::new();
    for item in 0..layout.n_items() {
        own.clear();
        let known = layout.votes(item).iter().map(|v| (v.label, of[v.rater as usize]));
        own.extend(known.filter(|v| (v.1 as usize) < n_groups));
        own.sort_unstable();
        // Pairs with one label, in one group and altogether.
        let pairs = |n: usize| (n * n.saturating_sub(1) / 2) as f64;
        let (mut same, mut same_within) = (0.0, 0.0);
        for label in own.chunk_by(|a, b| a.0 == b.0) {
            same += pairs(label.len());
            same_within += label.chunk_by(|a, b| a.1 == b.1).map(|g| pairs(g.len())).sum::<f64>();
        }
        own.sort_unstable_by_key(|v| v.1);
        let all_within: f64 = own.chunk_by(|a, b| a.1 == b.1).map(|g| pairs(g.len())).sum();
        let all_between = pairs(own.len()) - all_within;
        if all_within > 0.0 {
            sums[0] += 1.0 - same_within / all_within;
            items[0] += 1;
        }
        if all_between > 0.0 {
            sums[1] += 1.0 - (same - same_within) / all_between;
            items[1] += 1;
        }
    }
    let mean = |i: usize| sums[i] / items[i] as f64;
    (items[0] > 0 && items[1] > 0).then(|| (mean(0), mean(1), items))
}

/// Raters in groups.
struct Groups {
    /// Group of each rater, `u32::MAX` for none.
    of: Vec<u32>,
    /// Raters with a rating and a group, ascending.
    raters: Vec<usize>,
    /// Of them, by group.
    sizes: Vec<usize>,
}

impl Groups {
    fn new(ratings: &Ratings, group_of: &[u32], n_groups: usize) -> Self {
        let mut of = vec![u32::MAX; ratings.layout.n_raters()];
        let (mut raters, mut sizes) = (Vec::new(), vec![0; n_groups]);
        for (rater, slot) in of.iter_mut().enumerate() {
            let Some(&group) = group_of.get(rater).filter(|&&g| (g as usize) < n_groups) else { continue };
            if ratings.has_rated(rater) {
                *slot = group;
                raters.push(rater);
                sizes[group as usize] += 1;
            }
        }
        Self { of, raters, sizes }
    }

    fn test(
        &self,
        steps: usize,
        n_items: Option<usize>,
        found: f64,
        options: &TestOptions,
        progress: &Progress,
        statistic: &(impl Fn(&[u32]) -> Option<f64> + Sync),
    ) -> Result<Result<Permuted, Undefined>, Cancelled> {
        let because = |reason: String| Ok(Err(Undefined::Because(reason)));
        // Groups that nobody belongs to are no matter.
        let filled = || self.sizes.iter().copied().filter(|&n| n > 0);
        let least = filled().min().unwrap_or(0);
        if filled().count() < 2 {
            return because("there is one group of raters only".to_owned());
        }
        if least < options.least_raters || n_items.is_some_and(|n| n < options.least_items) {
            let raters = format!("too small to test: it takes {} raters in each group", options.least_raters);
            let items =
                n_items.map_or_else(String::new, |_| format!(" and {} shared items", options.least_items));
            return because(raters + &items);
        }
        let exact = (self.sizes.len() == 2)
            .then(|| binomial(self.raters.len() as u64, self.sizes[0] as u64))
            .flatten()
            .filter(|&n| n <= MOST_EXACT);
        let permutations = options.permutations.min(MOST_PERMUTATIONS);
        let draws = exact.unwrap_or(u64::from(permutations));
        if draws.saturating_mul(steps as u64) > MAX_STEPS {
            return because("there are too many ratings for so many permutations".to_owned());
        }
        if draws == 0 {
            return because("no permutation was asked for".to_owned());
        }
        // Sums in another order differ in the last digits.
        let least = found.abs() - 1e-12 * found.abs().max(1.0);
        let extreme = |of: &[u32]| statistic(of).map(|t| t.abs() >= least);
        progress.stage("permuting raters", draws);
        let outcomes: Vec<Option<bool>> = if exact.is_some() {
            splits(self.raters.len(), self.sizes[0])
                .into_par_iter()
                .map(|first| {
                    progress.check()?;
                    progress.add(1);
                    let mut of = self.of.clone();
                    self.raters.iter().for_each(|&r| of[r] = 1);
                    first.iter().for_each(|&place| of[self.raters[place as usize]] = 0);
                    Ok(extreme(&of))
                })
                .collect::<Result<_, Cancelled>>()?
        } else {
            (0..permutations)
                .into_par_iter()
                .map(|i| {
                    progress.check()?;
                    progress.add(1);
                    let mut groups: Vec<u32> = self.raters.iter().map(|&r| self.of[r]).collect();
                    Stream::new(options.seed, u64::from(i)).shuffle(&mut groups);
                    let mut of = self.of.clone();
                    self.raters.iter().zip(&groups).for_each(|(&r, &g)| of[r] = g);
                    Ok(extreme(&of))
                })
                .collect::<Result<_, Cancelled>>()?
        };
        let defined = outcomes.iter().flatten().count() as u64;
        let hits = outcomes.iter().flatten().filter(|e| **e).count() as f64;
        let permuted = if exact.is_some() {
            // The data are one of the splits.
            Permuted { p_value: hits / defined.max(1) as f64, draws: defined.saturating_sub(1), exact: true }
        } else {
            Permuted { p_value: (1.0 + hits) / (1.0 + defined as f64), draws: defined, exact: false }
        };
        Ok(Ok(permuted))
    }
}

/// n over k; `None` where it does not fit.
fn binomial(n: u64, k: u64) -> Option<u64> {
    let k = k.min(n.checked_sub(k)?);
    (0..k).try_fold(1_u64, |product, i| product.checked_mul(n - i).map(|p| p / (i + 1)))
}

/// All choices of k of the numbers 0..n, in lexicographic order.
fn splits(n: usize, k: usize) -> Vec<Vec<u32>> {
    let mut all = Vec::new();
    let mut choice: Vec<u32> = (0..k as u32).collect();
    loop {
        all.push(choice.clone());
        let Some(place) = (0..k).rev().find(|&i| (choice[i] as usize) < n - k + i) else { return all };
        choice[place] += 1;
        for i in place + 1..k {
            choice[i] = choice[i - 1] + 1;
        }
    }
}
