//! Groups of raters: do they agree with themselves more than with others?
//!
//! - *xRR*, cross-replication reliability of two groups X and Y (Wong, Paritosh & Aroyo 2021): κ_x = 1 − d_o/d_e.
//!   d_o averages δ over pairs of one rating by each group on the same item, an item counting R_i + S_i (the ratings of
//!   X and of Y on it); d_e averages δ over all such pairs of any two items. Items that both groups rated take part. With
//!   one rater in each group and complete data it is Cohen's kappa.
//! - *In-group agreement*: Krippendorff's alpha of each group alone.
//! - *Normalised* κ_x/√(α_X α_Y), and the *group association index* α_X/κ_x (Prabhakaran et al. 2024): above 1, a group
//!   has a view of its own.
//!
//! The test asks how often groups of the same sizes, drawn from the same raters, differ as much. Whole raters change
//! groups, not ratings: ratings of one rater are not independent.

use std::ops::Range;

use rayon::prelude::*;

use super::distance::Distance;
use super::reliability::ReliabilityData;
use super::resample::{MOST_REPLICATES, shuffled, stream};
use super::student::t_975;
use super::sums::{Form, Mass, Rule};
use super::weights::Metric;
use crate::dataset::LabelId;
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;

/// A group association index is not told for κ_x below this: the ratio of two small numbers explodes.
const LEAST_XRR: f64 = 0.05;
/// Most groups × ratings (a minute of work, without tests).
const MAX_STEPS: usize = 2_000_000_000;
/// Raters that a group needs to be tested.
pub const LEAST_RATERS: usize = 5;
/// Parts that items are dealt into, each of which is left out once.
const N_PARTS: usize = 40;
/// Shared items that two groups need to be tested.
pub const LEAST_ITEMS: usize = 30;

/// Agreement within and between a group X and another, Y.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CrossReplication {
    /// Items that both groups rated.
    pub n_items: usize,
    /// d_o; `None` where no item is shared.
    pub observed: Option<f64>,
    /// d_e.
    pub expected: Option<f64>,
    /// κ_x; `None` where no item is shared or no disagreement is expected.
    pub xrr: Option<f64>,
    /// Krippendorff's alpha of X and of Y, with δ as it is for both together.
    pub within: [Option<f64>; 2],
    /// κ_x/√(α_X α_Y), where both are above 0.
    pub normalised: Option<f64>,
    /// α_X/κ_x and α_Y/κ_x, for κ_x of at least 0.05.
    pub association: [Option<f64>; 2],
}

/// A group against all other raters.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupReport {
    /// The group's number.
    pub group: u32,
    /// Raters of the group with a rating, and others.
    pub n_raters: [usize; 2],
    /// The numbers.
    pub found: CrossReplication,
    /// Two-sided p-values of in-group agreement, κ_x and the association index; `None` where it was not tested (fewer
    /// than 5 raters on one side, fewer than 30 shared items, or undefined).
    pub p_values: [Option<f64>; 3],
    /// The same adjusted for all tests of the run (Benjamini & Hochberg 1995).
    pub adjusted: [Option<f64>; 3],
}

/// Ratings by item, with what a label of each is.
struct Ratings {
    starts: Vec<usize>,
    raters: Vec<u32>,
    labels: Vec<LabelId>,
    distance: Distance,
    rule: Rule,
    n_labels: usize,
}

impl Ratings {
    fn new(data: &ReliabilityData<'_>, metric: &Metric) -> Result<Self, Undefined> {
        let tally = data.tally()?;
        data.single()?;
        let rule = Rule::new(Form::Alpha, metric.distance(data.levels(), data.sets())?, data.levels())?;
        // Mid-ranks are those of all raters: they do not change as raters change groups.
        let distance = rule.whole(tally)?.distance;
        let annotations = data.annotations();
        let mut ratings = Self {
            starts: vec![0],
            raters: Vec::new(),
            labels: Vec::new(),
            distance,
            rule,
            n_labels: tally.n_labels,
        };
        let mut sorted: Vec<(LabelId, u32)> = Vec::new();
        for item in 0..annotations.n_items() {
            sorted.clear();
            let given = annotations.of_item(item).filter(|a| (a.label as usize) < ratings.n_labels);
            sorted.extend(given.map(|a| (a.label, a.rater)));
            if sorted.len() < 2 {
                continue;
            }
            sorted.sort_unstable();
            ratings.labels.extend(sorted.iter().map(|s| s.0));
            ratings.raters.extend(sorted.iter().map(|s| s.1));
            ratings.starts.push(ratings.labels.len());
        }
        Ok(ratings)
    }

    /// `side[g]` is 0 for raters of X, 1 for raters of Y, anything else for nobody's.
    fn compare(&self, side: &[u8]) -> CrossReplication {
        let mut sums = GroupSums::new(self.n_labels);
        self.add(side, 0..self.starts.len() - 1, &mut sums);
        self.finish(&sums)
    }

    /// Adds the items of a range.
    fn add(&self, side: &[u8], items: Range<usize>, sums: &mut GroupSums) {
        let (mut labels, mut counts) = (Vec::new(), [Vec::new(), Vec::new()]);
        for bounds in self.starts[items.start..=items.end].windows(2) {
            labels.clear();
            counts.iter_mut().for_each(Vec::clear);
            for i in bounds[0]..bounds[1] {
                let side = side[self.raters[i] as usize] as usize;
                if side > 1 {
                    continue;
                }
                if labels.last() != Some(&self.labels[i]) {
                    labels.push(self.labels[i]);
                    counts.iter_mut().for_each(|c| c.push(0.0));
                }
                counts[side][labels.len() - 1] += 1.0;
            }
            let sizes = [counts[0].iter().sum::<f64>(), counts[1].iter().sum::<f64>()];
            for s in 0..2 {
                if sizes[s] >= 2.0 {
                    sums.n[s] += sizes[s];
                    sums.apart[s] += self.distance.spread(&labels, &counts[s]) / (sizes[s] - 1.0);
                    labels.iter().zip(&counts[s]).for_each(|(&l, c)| sums.mass[s][l as usize] += c);
                }
            }
            if sizes[0] > 0.0 && sizes[1] > 0.0 {
                let smooth = self.distance.smoothed(&labels, &counts[1]);
                let sum: f64 = counts[0].iter().zip(smooth).map(|(c, s)| c * s).sum();
                sums.between += (sizes[0] + sizes[1]) * sum / (sizes[0] * sizes[1]);
                sums.weight += sizes[0] + sizes[1];
                sums.items += 1.0;
                for s in 0..2 {
                    labels.iter().zip(&counts[s]).for_each(|(&l, c)| sums.cross[s][l as usize] += c);
                }
            }
        }
    }

    fn finish(&self, sums: &GroupSums) -> CrossReplication {
        let within = [0, 1].map(|s| {
            let (n, apart, mass) = (sums.n[s], sums.apart[s], Mass::of(&sums.mass[s]));
            self.rule.of_sums(n, n, apart, &mass, &self.distance)
        });
        let cross = &sums.cross;
        let all: Vec<LabelId> = (0..self.n_labels as LabelId)
            .filter(|&l| cross[0][l as usize] + cross[1][l as usize] > 0.0)
            .collect();
        let at = |s: usize| all.iter().map(|&l| cross[s][l as usize]).collect::<Vec<_>>();
        let (x, y) = (at(0), at(1));
        let pairs = x.iter().sum::<f64>() * y.iter().sum::<f64>();
        let chance: f64 = x.iter().zip(self.distance.smoothed(&all, &y)).map(|(a, s)| a * s).sum();
        let shared = sums.items > 0.0;
        let observed = shared.then(|| sums.between / sums.weight);
        let expected = shared.then(|| chance / pairs);
        let varied = self.distance.separates(all.iter().copied());
        let xrr = observed.zip(expected).filter(|(_, e)| varied && *e > 0.0).map(|(o, e)| 1.0 - o / e);
        let normalised = match (xrr, within) {
            (Some(k), [Some(a), Some(b)]) if a > 0.0 && b > 0.0 => Some(k / (a * b).sqrt()),
            _ => None,
        };
        let association = within.map(|w| w.zip(xrr.filter(|&k| k >= LEAST_XRR)).map(|(w, k)| w / k));
        CrossReplication {
            n_items: sums.items as usize,
            observed,
            expected,
            xrr,
            within,
            normalised,
            association,
        }
    }
}

/// What two groups' agreement is made of: pairable ratings, Σ D/(m − 1) and mass of each; between them
/// Σ (R + S) · mean δ, Σ (R + S), items and mass.
#[derive(Clone)]
struct GroupSums {
    n: [f64; 2],
    apart: [f64; 2],
    mass: [Vec<f64>; 2],
    cross: [Vec<f64>; 2],
    between: f64,
    weight: f64,
    items: f64,
}

impl GroupSums {
    fn new(n_labels: usize) -> Self {
        let none = || [vec![0.0; n_labels], vec![0.0; n_labels]];
        let (n, apart) = ([0.0; 2], [0.0; 2]);
        Self { n, apart, mass: none(), cross: none(), between: 0.0, weight: 0.0, items: 0.0 }
    }

    /// Adds `sign` times another's.
    fn add(&mut self, other: &Self, sign: f64) {
        for s in 0..2 {
            self.n[s] += sign * other.n[s];
            self.apart[s] += sign * other.apart[s];
            for (mine, theirs) in [(&mut self.mass[s], &other.mass[s]), (&mut self.cross[s], &other.cross[s])]
            {
                // Whole numbers: what is taken away leaves nothing behind.
                mine.iter_mut().zip(theirs).for_each(|(x, y)| *x += sign * y);
            }
        }
        self.between += sign * other.between;
        self.weight += sign * other.weight;
        self.items += sign * other.items;
    }
}

/// Agreement within and between two groups, and the 95 % intervals of what is within the first, within the second and between.
pub type WithIntervals = (CrossReplication, [Option<(f64, f64)>; 3]);

/// 95 % intervals of [`CrossReplication::within`] and [`CrossReplication::xrr`] over items, by leaving out one of forty parts of the
/// items after the other (delete-a-group jackknife; Kott 2001, with Student's t on 39 degrees of freedom). `None` where fewer than
/// forty items have two ratings, or where a part makes the number undefined.
pub fn cross_replication_intervals(
    data: &ReliabilityData<'_>,
    metric: &Metric,
    side: &[u8],
    progress: &Progress,
) -> Result<Result<WithIntervals, Undefined>, Cancelled> {
    let ratings = match Ratings::new(data, metric) {
        Ok(ratings) => ratings,
        Err(reason) => return Ok(Err(reason)),
    };
    let mut side = side.to_vec();
    side.resize(data.annotations().n_raters(), u8::MAX);
    let n = ratings.starts.len() - 1;
    // Every fortieth item is in one part: neighbours in the file may be of one kind.
    let parts: Vec<GroupSums> = (0..N_PARTS)
        .into_par_iter()
        .map(|part| {
            progress.check()?;
            let mut sums = GroupSums::new(ratings.n_labels);
            for item in (part..n).step_by(N_PARTS) {
                ratings.add(&side, item..item + 1, &mut sums);
            }
            Ok(sums)
        })
        .collect::<Result<_, Cancelled>>()?;
    let mut all = GroupSums::new(ratings.n_labels);
    parts.iter().for_each(|part| all.add(part, 1.0));
    let numbers = |found: &CrossReplication| [found.within[0], found.within[1], found.xrr];
    let found = ratings.finish(&all);
    if n < N_PARTS {
        return Ok(Ok((found, [None; 3])));
    }
    let without: Vec<[Option<f64>; 3]> = parts
        .iter()
        .map(|part| {
            let mut rest = all.clone();
            rest.add(part, -1.0);
            numbers(&ratings.finish(&rest))
        })
        .collect();
    let whole = numbers(&found);
    let interval = |at: usize| -> Option<(f64, f64)> {
        let value = whole[at]?;
        let others: Vec<f64> = without.iter().map(|w| w[at]).collect::<Option<_>>()?;
        let mean = others.iter().sum::<f64>() / N_PARTS as f64;
        let spread: f64 = others.iter().map(|x| (x - mean).powi(2)).sum();
        let se = (spread * (N_PARTS - 1) as f64 / N_PARTS as f64).sqrt();
        let room = t_975(N_PARTS - 1) * se;
        Some((value - room, (value + room).min(1.0)))
    };
    Ok(Ok((found, [0, 1, 2].map(interval))))
}

/// Agreement within and between two groups of raters: `side[g]` is 0 for raters of X, 1 for raters of Y, anything else
/// for raters of neither. Undefined where no coefficient can be computed, and for anonymous votes.
pub fn cross_replication(
    data: &ReliabilityData<'_>,
    metric: &Metric,
    side: &[u8],
) -> Result<CrossReplication, Undefined> {
    let ratings = Ratings::new(data, metric)?;
    let mut side = side.to_vec();
    side.resize(data.annotations().n_raters(), u8::MAX);
    Ok(ratings.compare(&side))
}

/// Each group against all other raters that are in a group, with a test by `permutations` of raters. `group_of[g]` is
/// the group of rater g, below `n_groups`, or anything else for raters in none.
pub fn group_reports(
    data: &ReliabilityData<'_>,
    metric: &Metric,
    (group_of, n_groups): (&[u32], usize),
    (permutations, seed): (u32, u64),
    progress: &Progress,
) -> Result<Result<Vec<GroupReport>, Undefined>, Cancelled> {
    let ratings = match Ratings::new(data, metric) {
        Ok(ratings) => ratings,
        Err(reason) => return Ok(Err(reason)),
    };
    let permutations = permutations.min(MOST_REPLICATES);
    if ratings.labels.len().saturating_mul(n_groups) > MAX_STEPS {
        return Ok(Err(Undefined::Because(format!(
            "{n_groups} groups of raters are too many for these data"
        ))));
    }
    let mut rates = vec![false; data.annotations().n_raters()];
    ratings.raters.iter().for_each(|&r| rates[r as usize] = true);
    let group = |rater: usize| group_of.get(rater).copied().filter(|&g| (g as usize) < n_groups);
    let raters: Vec<usize> = (0..rates.len()).filter(|&r| rates[r] && group(r).is_some()).collect();
    progress.stage("groups of raters", u64::from(permutations) * n_groups as u64);
    let mut reports = Vec::with_capacity(n_groups);
    for g in 0..n_groups as u32 {
        let mut side = vec![u8::MAX; rates.len()];
        raters.iter().for_each(|&r| side[r] = u8::from(group(r) != Some(g)));
        let found = ratings.compare(&side);
        let inside = raters.iter().filter(|&&r| side[r] == 0).count();
        let n_raters = [inside, raters.len() - inside];
        let enough = n_raters.iter().all(|&n| n >= LEAST_RATERS) && found.n_items >= LEAST_ITEMS;
        let p_values = if enough && permutations > 0 {
            let draws: Vec<[Option<f64>; 3]> = (0..permutations)
                .into_par_iter()
                .map(|i| {
                    progress.check()?;
                    progress.add(1);
                    let mut rng = stream(seed, (u64::from(g) << 32) + u64::from(i));
                    let mut side = vec![u8::MAX; rates.len()];
                    for (place, number) in shuffled(&mut rng, raters.len()).into_iter().enumerate() {
                        side[raters[number as usize]] = u8::from(place >= inside);
                    }
                    Ok(tested(&ratings.compare(&side)))
                })
                .collect::<Result<_, Cancelled>>()?;
            let found = tested(&found);
            [0, 1, 2].map(|t| p_value(found[t], draws.iter().map(|d| d[t])))
        } else {
            [None; 3]
        };
        reports.push(GroupReport { group: g, n_raters, found, p_values, adjusted: [None; 3] });
    }
    let adjusted = benjamini_hochberg(reports.iter().flat_map(|r| r.p_values));
    for (report, adjusted) in reports.iter_mut().zip(adjusted.chunks_exact(3)) {
        report.adjusted.copy_from_slice(adjusted);
    }
    Ok(Ok(reports))
}

fn tested(found: &CrossReplication) -> [Option<f64>; 3] {
    [found.within[0], found.xrr, found.association[0]]
}

/// Twice the smaller share of draws on either side, the data themselves being one of them.
fn p_value(found: Option<f64>, draws: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let found = found?;
    let (mut n, mut above, mut below) = (1.0, 1.0, 1.0);
    for draw in draws.flatten() {
        // Sums in another order differ in the last digits.
        let near = 1e-12 * found.abs().max(1.0);
        n += 1.0;
        above += f64::from(u8::from(draw >= found - near));
        below += f64::from(u8::from(draw <= found + near));
    }
    Some((2.0 * f64::min(above, below) / n).min(1.0))
}

/// P-values adjusted so that, of those called significant, the expected share of false alarms stays below the level
/// (Benjamini & Hochberg 1995); those that are `None` do not count.
pub fn benjamini_hochberg(p_values: impl IntoIterator<Item = Option<f64>>) -> Vec<Option<f64>> {
    let mut adjusted: Vec<Option<f64>> = p_values.into_iter().collect();
    let mut order: Vec<(f64, usize)> =
        adjusted.iter().enumerate().filter_map(|(i, p)| p.map(|p| (p, i))).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let n = order.len() as f64;
    let mut least: f64 = 1.0;
    for (rank, &(p, i)) in order.iter().enumerate().rev() {
        least = least.min(p * n / (rank + 1) as f64);
        adjusted[i] = Some(least);
    }
    adjusted
}
