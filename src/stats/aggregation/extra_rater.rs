//! What changes when a rater, human or model, joins the others or takes somebody's place.
//!
//! Agreement is Krippendorff's alpha at the level of the labels: α₀ of the raters alone; α with the candidate added; α
//! with the candidate in the place of rater r, on r's own items only; and, as the control, α without r, for taking r
//! away has an effect of its own.
//!
//! The *scarce pool* asks what a candidate is worth beside k raters: with the consensus of all raters as the target, the
//! mean match of the consensus of k raters, of k and the candidate, and of k + 1 raters, over all sets of k. An even
//! number of votes ties more often, so one vote more looks good or bad by parity: the control with k + 1 raters says how
//! much of it is that.
//!
//! Consensus is the majority; where it ties, the mean of the tied (ordered labels) or nothing (nominal). Matches are
//! Spearman's ρ, or for nominal labels the share of equal ones.

use rayon::prelude::*;

use super::Layout;
use super::random::Stream;
use crate::dataset::LabelId;
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::correlation::Correlation;

/// Sets of raters up to which all are taken, and how many are drawn beyond.
const MAX_SETS: usize = 5000;
const DRAWN_SETS: usize = 500;

/// What the labels are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Level<'a> {
    /// Names.
    Nominal,
    /// In order, as numbered.
    Ordinal,
    /// Numbers, one a label.
    Interval(&'a [f64]),
}

/// The candidate in the place of one rater.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Replacement {
    /// Rater number.
    pub rater: usize,
    /// α with the candidate in the rater's place; `None` where it is undefined.
    pub replaced: Option<f64>,
    /// α without the rater: the control.
    pub dropped: Option<f64>,
}

/// What a candidate does to agreement.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtraRater {
    /// α₀ of the raters alone, at most 1.
    pub alone: f64,
    /// α with the candidate; `None` where it is undefined.
    pub added: Option<f64>,
    /// One a rater with annotations, ascending.
    pub replacements: Vec<Replacement>,
    /// Match of the candidate with the consensus of the raters; `None` where it is undefined.
    pub consensus_match: Option<f64>,
}

impl ExtraRater {
    /// Mean, smallest and largest α with the candidate in a rater's place; `None` where none is defined.
    pub fn replaced(&self) -> Option<(f64, f64, f64)> {
        let all = || self.replacements.iter().filter_map(|r| r.replaced);
        let n = all().count();
        (n > 0).then(|| {
            let (low, high) =
                all().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), a| (l.min(a), h.max(a)));
            (all().sum::<f64>() / n as f64, low, high)
        })
    }
}

/// Adds a candidate (one label an item, [`NO_LABEL`](crate::dataset::NO_LABEL) where it gave none) to the raters, and
/// puts it in the place of each. Every annotation counts, repeats by one rater included.
///
/// Undefined where α₀ is: no item with two annotations, or no variation; and for a level without one number a label.
pub fn extra_rater(
    layout: &Layout,
    candidate: &[LabelId],
    level: Level,
    progress: &Progress,
) -> Result<Result<ExtraRater, Undefined>, Cancelled> {
    let values = match level.values(layout.n_labels()) {
        Ok(values) => values,
        Err(reason) => return Ok(Err(reason)),
    };
    progress.stage("Extra rater", layout.n_raters() as u64 + 2);
    let label_of = |item: usize| candidate.get(item).copied().filter(|&l| (l as usize) < layout.n_labels());
    let alone = match alpha(layout, level, &values, |item, own| {
        others(layout, item, None, own);
    }) {
        Ok(alone) => alone,
        Err(reason) => return Ok(Err(reason)),
    };
    progress.add(1);
    let added = alpha(layout, level, &values, |item, own| {
        others(layout, item, None, own);
        own.extend(label_of(item));
    });
    progress.add(1);
    let active: Vec<usize> = (0..layout.n_raters()).filter(|&w| !layout.answers(w).is_empty()).collect();
    let replacements = active
        .par_iter()
        .map(|&rater| {
            progress.check()?;
            let replaced = alpha(layout, level, &values, |item, own| {
                if others(layout, item, Some(rater), own) {
                    own.extend(label_of(item));
                }
            });
            let dropped = alpha(layout, level, &values, |item, own| {
                others(layout, item, Some(rater), own);
            });
            progress.add(1);
            Ok(Replacement { rater, replaced: replaced.ok(), dropped: dropped.ok() })
        })
        .collect::<Result<Vec<_>, Cancelled>>()?;
    let mut own = Vec::new();
    let mut counts = vec![0; layout.n_labels()];
    let pairs = (0..layout.n_items()).filter_map(|item| {
        own.clear();
        others(layout, item, None, &mut own);
        Some((values[label_of(item)? as usize], consensus(&own, level, &values, &mut counts)?))
    });
    let (ours, theirs): (Vec<f64>, Vec<f64>) = pairs.unzip();
    Ok(Ok(ExtraRater {
        alone,
        added: added.ok(),
        replacements,
        consensus_match: level.matches(&ours, &theirs),
    }))
}

/// Labels of everybody but `left_out` on an item; says whether that rater is among its raters.
fn others(layout: &Layout, item: usize, left_out: Option<usize>, own: &mut Vec<LabelId>) -> bool {
    let votes = layout.votes(item);
    let kept = votes.iter().filter(|v| Some(v.rater as usize) != left_out);
    own.extend(kept.map(|v| v.label));
    own.len() < votes.len()
}

/// k raters, with and without company.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PoolSize {
    /// k.
    pub raters: usize,
    /// Mean match of the consensus of k raters with that of all; `None` where it is undefined.
    pub alone: Option<f64>,
    /// The same with the candidate's vote.
    pub with_candidate: Option<f64>,
    /// The same with one more rater; `None` for all raters but one, where it is 1 by construction.
    pub with_rater: Option<f64>,
    /// Sets of k raters, all of them or a sample.
    pub n_sets: usize,
    /// Whether they are a sample.
    pub sampled: bool,
}

/// The scarce-pool curve, for k = 1 to all raters but one, on items that all active raters and the candidate labelled.
/// Beyond 5000 sets of raters 500 are drawn by the seed. Of several annotations of an item by one rater the last counts.
///
/// Undefined with fewer than three raters, without a complete item, and for a level without one number a label.
pub fn scarce_pool(
    layout: &Layout,
    candidate: &[LabelId],
    level: Level,
    seed: u64,
    progress: &Progress,
) -> Result<Result<Vec<PoolSize>, Undefined>, Cancelled> {
    let values = match level.values(layout.n_labels()) {
        Ok(values) => values,
        Err(reason) => return Ok(Err(reason)),
    };
    let active: Vec<usize> = (0..layout.n_raters()).filter(|&w| !layout.answers(w).is_empty()).collect();
    let n = active.len();
    if n < 3 {
        return Ok(Err(Undefined::Because("there are fewer than three raters".to_owned())));
    }
    let rows = complete(layout, &active, candidate);
    if rows.is_empty() {
        return Ok(Err(Undefined::Because("no item is labelled by all raters and the candidate".to_owned())));
    }
    progress.stage("Scarce pool", n as u64);
    let all: Vec<usize> = (0..n).collect();
    let target = pool(&rows, &all, false, level, &values);
    let mut means = Vec::with_capacity(n);
    for k in 1..n {
        progress.check()?;
        let (sets, sampled) = sets_of(n, k, seed);
        let matches = |with: bool| {
            let found: Vec<Option<f64>> = sets
                .par_iter()
                .map(|set| {
                    let own = pool(&rows, set, with, level, &values);
                    let both = own.iter().zip(&target).filter_map(|(a, b)| Some(((*a)?, (*b)?)));
                    let (a, b): (Vec<f64>, Vec<f64>) = both.unzip();
                    level.matches(&a, &b)
                })
                .collect();
            let defined = || found.iter().filter_map(|m| *m);
            (defined().count() > 0).then(|| defined().sum::<f64>() / defined().count() as f64)
        };
        means.push(PoolSize {
            raters: k,
            alone: matches(false),
            with_candidate: matches(true),
            with_rater: None,
            n_sets: sets.len(),
            sampled,
        });
        progress.add(1);
    }
    // Sets of k with one more rater are the sets of k + 1, each as often as every other.
    for k in 1..means.len() {
        means[k - 1].with_rater = means[k].alone;
    }
    Ok(Ok(means))
}

/// Labels of the active raters in order, then the candidate's, one row an item that has all.
fn complete(layout: &Layout, active: &[usize], candidate: &[LabelId]) -> Vec<Vec<LabelId>> {
    let n = active.len();
    let mut place = vec![0; layout.n_raters()];
    active.iter().enumerate().for_each(|(at, &rater)| place[rater] = at);
    let row = |item: usize| {
        // Fewer annotations than raters cannot be complete; nothing is allocated for them.
        let own = Some(layout.votes(item)).filter(|v| v.len() >= n)?;
        let last = candidate.get(item).copied().filter(|&l| (l as usize) < layout.n_labels())?;
        let mut row = vec![LabelId::MAX; n + 1];
        own.iter().for_each(|v| row[place[v.rater as usize]] = v.label);
        row[n] = last;
        row.iter().all(|&l| l != LabelId::MAX).then_some(row)
    };
    (0..layout.n_items()).filter_map(row).collect()
}

/// Consensus of a set of raters on each row, with or without the candidate.
fn pool(rows: &[Vec<LabelId>], set: &[usize], with: bool, level: Level, values: &[f64]) -> Vec<Option<f64>> {
    let mut counts = vec![0; values.len()];
    let mut own = Vec::with_capacity(set.len() + 1);
    rows.iter()
        .map(|row| {
            own.clear();
            own.extend(set.iter().map(|&at| row[at]));
            own.extend(row.last().filter(|_| with));
            consensus(&own, level, values, &mut counts)
        })
        .collect()
}

/// All sets of k out of n in order, or a sample of them, each set ascending.
fn sets_of(n: usize, k: usize, seed: u64) -> (Vec<Vec<usize>>, bool) {
    let count = (0..k).try_fold(1_usize, |c, i| Some(c.checked_mul(n - i)? / (i + 1)));
    if count.is_some_and(|c| c <= MAX_SETS) {
        let mut set: Vec<usize> = (0..k).collect();
        let mut sets = vec![set.clone()];
        while let Some(at) = (0..k).rev().find(|&at| set[at] < n - k + at) {
            set[at] += 1;
            for later in at + 1..k {
                set[later] = set[later - 1] + 1;
            }
            sets.push(set.clone());
        }
        return (sets, false);
    }
    let draw = |replicate: usize| {
        let mut stream = Stream::new(seed, ((k as u64) << 32) + replicate as u64);
        let mut all: Vec<usize> = (0..n).collect();
        stream.shuffle(&mut all);
        all.truncate(k);
        all.sort_unstable();
        all
    };
    ((0..DRAWN_SETS).map(draw).collect(), true)
}

/// Majority of `own`; where it ties the mean of the tied values, or nothing for names. `counts` is room, all 0 before
/// and after.
fn consensus(own: &[LabelId], level: Level, values: &[f64], counts: &mut [u32]) -> Option<f64> {
    own.iter().for_each(|&l| counts[l as usize] += 1);
    let most = own.iter().map(|&l| counts[l as usize]).max()?;
    let (mut sum, mut n) = (0.0, 0_u32);
    for &label in own {
        // Each label once, where it is met first.
        let count = std::mem::take(&mut counts[label as usize]);
        if count == most {
            sum += values[label as usize];
            n += 1;
        }
    }
    (n == 1 || level != Level::Nominal).then(|| sum / f64::from(n))
}

impl Level<'_> {
    /// One number a label: its own, or its place.
    fn values(self, n_labels: usize) -> Result<Vec<f64>, Undefined> {
        match self {
            Self::Nominal | Self::Ordinal => Ok((0..n_labels).map(|l| l as f64).collect()),
            Self::Interval(values) if values.len() >= n_labels && values.iter().all(|v| v.is_finite()) => {
                Ok(values[..n_labels].to_vec())
            }
            Self::Interval(_) => Err(Undefined::Because("a label has no number".to_owned())),
        }
    }

    fn matches(self, a: &[f64], b: &[f64]) -> Option<f64> {
        if self == Self::Nominal {
            let equal = a.iter().zip(b).filter(|(a, b)| a == b).count();
            return (!a.is_empty()).then(|| equal as f64 / a.len() as f64);
        }
        Correlation::Spearman.of(a, b).ok()
    }
}

/// Krippendorff's alpha of the labels that `fill` puts into its second argument for each item, in closed form: nominal
/// by counts, interval by sums, ordinal as interval on mid-ranks of the pairable labels.
fn alpha(
    layout: &Layout,
    level: Level,
    values: &[f64],
    fill: impl Fn(usize, &mut Vec<LabelId>) + Copy,
) -> Result<f64, Undefined> {
    let k = values.len();
    let mut own = Vec::new();
    let mut totals = vec![0.0; k];
    let mut n = 0.0;
    for item in 0..layout.n_items() {
        own.clear();
        fill(item, &mut own);
        if own.len() >= 2 {
            n += own.len() as f64;
            own.iter().for_each(|&l| totals[l as usize] += 1.0);
        }
    }
    if n == 0.0 {
        return Err(Undefined::NoPairableItem);
    }
    let x: Vec<f64> = match level {
        Level::Nominal | Level::Interval(_) => values.to_vec(),
        Level::Ordinal => {
            let mut before = 0.0;
            let rank = |&c: &f64| {
                before += c;
                before - c / 2.0
            };
            totals.iter().map(rank).collect()
        }
    };
    // About the mean, so that squares of large numbers are not subtracted from each other.
    let mean = totals.iter().zip(&x).map(|(c, x)| c * x).sum::<f64>() / n;
    let x: Vec<f64> = x.iter().map(|x| x - mean).collect();
    let nominal = level == Level::Nominal;
    let mut counts = vec![0.0; k];
    let mut observed = 0.0;
    for item in 0..layout.n_items() {
        own.clear();
        fill(item, &mut own);
        if own.len() < 2 {
            continue;
        }
        let m = own.len() as f64;
        let distance = if nominal {
            own.iter().for_each(|&l| counts[l as usize] += 1.0);
            // Each label counts once: its number is taken away where it is met first.
            let squares = own.iter().map(|&l| {
                let c = std::mem::take(&mut counts[l as usize]);
                c * c
            });
            m * m - squares.sum::<f64>()
        } else {
            let (sum, squares) = own.iter().fold((0.0, 0.0), |(s, q), &l| {
                let x = x[l as usize];
                (s + x, q + x * x)
            });
            2.0 * (m * squares - sum * sum)
        };
        observed += distance / (m - 1.0);
    }
    let expected = if nominal {
        n * n - totals.iter().map(|c| c * c).sum::<f64>()
    } else {
        2.0 * n * totals.iter().zip(&x).map(|(c, x)| c * x * x).sum::<f64>()
    } / (n - 1.0);
    if expected <= 0.0 {
        return Err(Undefined::NoVariation);
    }
    Ok(1.0 - observed / expected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{AnnotationsBuilder, NO_LABEL};

    fn layout(rows: &[&[LabelId]], k: usize) -> Layout {
        let mut b = AnnotationsBuilder::new();
        for (item, row) in rows.iter().enumerate() {
            row.iter().enumerate().for_each(|(rater, &label)| b.push(item as u32, rater as u32, label, None));
        }
        let n_raters = rows.iter().map(|r| r.len()).max().unwrap();
        Layout::new(&b.finish(rows.len(), n_raters), k)
    }

    const ROWS: [&[LabelId]; 6] = [&[4, 5, 4], &[2, 2, 3], &[5, 5, 5], &[1, 2, 1], &[3, 4, 3], &[4, 4, 5]];
    const MODEL: [LabelId; 6] = [5, 3, 5, 3, 3, 2];
    const NUMBERS: [f64; 6] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];

    #[test]
    fn a_worked_example() {
        let l = layout(&ROWS, 6);
        let found = extra_rater(&l, &MODEL, Level::Interval(&NUMBERS), &Progress::new()).unwrap().unwrap();
        let near = |x: f64, y: f64| assert!((x - y).abs() < 5e-5, "{x} {y}");
        near(found.alone, 0.8545);
        near(found.added.unwrap(), 0.6722);
        for (r, expected) in found.replacements.iter().zip([0.5684, 0.5945, 0.6680]) {
            near(r.replaced.unwrap(), expected);
        }
        near(found.consensus_match.unwrap(), 0.4227);
        let (mean, low, high) = found.replaced().unwrap();
        near(low, 0.5684);
        near(high, 0.6680);
        near(mean, (0.5684 + 0.5945 + 0.6680) / 3.0);
    }

    #[test]
    fn alphas_of_the_literature() {
        // Krippendorff 2011, example C: four observers, twelve units, some missing.
        let rows: [&[LabelId]; 12] = [
            &[0, 0, 0],
            &[1, 1, 2, 1],
            &[2, 2, 2, 2],
            &[2, 2, 2, 2],
            &[1, 1, 1, 1],
            &[0, 1, 2, 3],
            &[3, 3, 3, 3],
            &[0, 0, 1, 0],
            &[1, 1, 1, 1],
            &[4, 4, 4],
            &[0, 0],
            &[2],
        ];
        let l = layout(&rows, 5);
        let at = |level| {
            let values = Level::Ordinal.values(5).unwrap();
            alpha(&l, level, &values, |item, own| {
                others(&l, item, None, own);
            })
            .unwrap()
        };
        for (level, expected) in
            [(Level::Nominal, 0.743), (Level::Ordinal, 0.815), (Level::Interval(&NUMBERS), 0.849)]
        {
            assert!((at(level) - expected).abs() < 6e-4, "{level:?}: {}", at(level));
        }
    }

    #[test]
    fn the_pool_grows_towards_all() {
        let l = layout(&ROWS, 6);
        let pools = scarce_pool(&l, &MODEL, Level::Ordinal, 0, &Progress::new()).unwrap().unwrap();
        assert_eq!(pools.iter().map(|p| (p.raters, p.n_sets)).collect::<Vec<_>>(), [(1, 3), (2, 3)]);
        assert_eq!(pools[0].with_rater, pools[1].alone);
        assert_eq!(pools[1].with_rater, None, "all raters match themselves");
    }

    #[test]
    fn sets_are_all_or_a_sample() {
        let (sets, sampled) = sets_of(4, 2, 0);
        assert_eq!((sets.len(), sampled), (6, false));
        assert_eq!(sets[5], [2, 3]);
        let (sets, sampled) = sets_of(40, 20, 0);
        assert_eq!((sets.len(), sampled), (DRAWN_SETS, true));
        assert!(sets.iter().all(|s| s.windows(2).all(|w| w[0] < w[1]) && s.len() == 20));
    }

    #[test]
    fn what_cannot_be_compared_says_why() {
        let one = layout(&[&[1], &[0]], 2);
        let p = Progress::new();
        assert_eq!(extra_rater(&one, &[0, 0], Level::Nominal, &p).unwrap(), Err(Undefined::NoPairableItem));
        let same = layout(&[&[1, 1], &[1, 1]], 2);
        assert_eq!(extra_rater(&same, &[0, 0], Level::Nominal, &p).unwrap(), Err(Undefined::NoVariation));
        assert!(extra_rater(&same, &[0, 0], Level::Interval(&[1.0]), &p).unwrap().is_err());
        assert!(scarce_pool(&same, &[0, 0], Level::Nominal, 0, &p).unwrap().is_err());
        let three = layout(&[&[1, 1, 0]], 2);
        assert!(scarce_pool(&three, &[NO_LABEL], Level::Nominal, 0, &p).unwrap().is_err());
    }
}
