//! Do labels drift from batch to batch: as time goes, from one version of the guideline to the next?
//!
//! The distance of two batches is the total variation of their shares of labels, TVD = ½ Σ |p_k − q_k|. Every batch is
//! held against the first. Where other items came, the labels may differ because the items do: therefore the distance is
//! also taken over the items that both batches share, where there are any.
//!
//! P-values come from permutation. All votes on an item in a batch stay together; over all items they change batches at
//! random, over shared items the two batches of an item change places.

use std::ops::Range;

use super::Undefined;
use super::agreement::benjamini_hochberg;
use super::permutation::{Blocks, GroupTable};
use crate::dataset::LabelId;
use crate::progress::{Cancelled, Progress};

/// Most batches: each is compared with the first by draws of its own.
const MOST_BATCHES: usize = 1000;
/// Most batches times labels.
const MOST_CELLS: usize = 1_000_000;
/// The share of the final distance at which drift counts as done.
const DONE: f64 = 0.95;

/// A label that was given in a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BatchVote {
    /// Item number.
    pub item: u32,
    /// Batch number; batches come one after the other.
    pub batch: u32,
    /// Label number.
    pub label: LabelId,
}

/// How a p-value is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PermutationOptions {
    /// Draws; 0 for no p-values, at most 100 000.
    pub replicates: u32,
    /// Their seed.
    pub seed: u64,
}

impl Default for PermutationOptions {
    fn default() -> Self {
        Self { replicates: 2000, seed: 0 }
    }
}

/// How far a batch is from the first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Distance {
    /// Items of the two batches that were looked at: of the first, of this one.
    pub n_items: (usize, usize),
    /// Total variation distance, in 0..=1.
    pub tvd: f64,
    /// P(at least as far, if batches were alike); `None` without draws.
    pub p_value: Option<f64>,
    /// The same, adjusted over all batches (Benjamini & Hochberg 1995).
    pub adjusted: Option<f64>,
}

/// One batch.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchDrift {
    /// Batch number.
    pub batch: u32,
    /// Votes.
    pub n_votes: u64,
    /// Share of each label of [`LabelDrift::labels`].
    pub shares: Vec<f64>,
    /// From the first batch, over all items; `None` for the first.
    pub all: Option<Distance>,
    /// Over the items that both have; `None` where they have none in common.
    pub shared: Option<Distance>,
}

/// Where the labels change most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangePoint {
    /// The first batch after the change.
    pub batch: u32,
    /// The greatest of the cumulative sums, in 0..=¼: w (1 − w) TVD(before, after), w the share of votes before.
    pub cusum: f64,
    /// Distance of all that was before from all that came after.
    pub tvd: f64,
    /// P(a sum as great, if the order of batches were chance); `None` without draws.
    pub p_value: Option<f64>,
}

/// When the drift was done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DriftTime {
    /// The first batch that is at least 95 % as far from the first as the last batch is.
    pub batch: u32,
    /// Distance of the last batch.
    pub final_tvd: f64,
}

/// Drift of labels over batches.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelDrift {
    /// Labels in use, ascending.
    pub labels: Vec<LabelId>,
    /// Batches, ascending.
    pub batches: Vec<BatchDrift>,
    /// Whether every item is in every batch. If not, the mix of items may have changed.
    pub same_items: bool,
    /// Undefined where all batches have the same shares of labels.
    pub change: Result<ChangePoint, Undefined>,
    /// Undefined where the last batch is as the first. Says nothing where that distance is chance: look at its p-value.
    pub time: Result<DriftTime, Undefined>,
}

/// Drift of votes, which come in any order. Undefined for fewer than two batches, more than a thousand, and more than a
/// million batches times labels. Work: draws × votes × 2.
pub fn label_drift(
    votes: &[BatchVote],
    options: PermutationOptions,
    progress: &Progress,
) -> Result<Result<LabelDrift, Undefined>, Cancelled> {
    let distinct = |of: fn(&BatchVote) -> u32| {
        let mut all: Vec<u32> = votes.iter().map(of).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    let (labels, batches) = (distinct(|v| v.label), distinct(|v| v.batch));
    if batches.len() < 2 {
        return Ok(Err(Undefined::Because("there are fewer than two batches".to_owned())));
    }
    if batches.len() > MOST_BATCHES || batches.len().saturating_mul(labels.len()) > MOST_CELLS {
        let reason = format!("{} batches of {} labels are too many", batches.len(), labels.len());
        return Ok(Err(Undefined::Because(reason)));
    }
    progress.stage("Comparing batches", batches.len() as u64);
    let mut sorted = votes.to_vec();
    sorted.sort_unstable();
    progress.check()?;
    let place = |list: &[u32], number: u32| list.binary_search(&number).unwrap_or_default() as u32;
    let mut blocks = Blocks::new(batches.len(), labels.len());
    // The item of each block, and for each item its blocks.
    let (mut items, mut strata): (Vec<u32>, Vec<Range<usize>>) = (Vec::new(), Vec::new());
    for same in sorted.chunk_by(|a, b| a.item == b.item) {
        let from = blocks.len();
        for same in same.chunk_by(|a, b| a.batch == b.batch) {
            blocks.push(place(&batches, same[0].batch), same.iter().map(|v| place(&labels, v.label)));
            items.push(same[0].item);
        }
        strata.push(from..blocks.len());
    }
    let same_items = strata.iter().all(|s| s.len() == batches.len());
    let table = blocks.table();
    let mut found = Vec::with_capacity(batches.len());
    for (number, &batch) in batches.iter().enumerate() {
        let row = table.of(number);
        let n_votes: u64 = row.iter().sum();
        let (all, shared) = if number == 0 {
            (None, None)
        } else {
            from_first(&blocks, &strata, number as u32, options, progress)?
        };
        let shares = row.iter().map(|&n| n as f64 / n_votes as f64).collect();
        found.push(BatchDrift { batch, n_votes, shares, all, shared });
        progress.add(1);
    }
    adjust(&mut found);
    let change = if labels.len() < 2 {
        Err(Undefined::Because("only one label is used".to_owned()))
    } else {
        let strata = same_items.then_some(&strata[..]);
        let draws = (options.replicates, options.seed, 0);
        let greatest = |table: &GroupTable| vec![cusum(table).1];
        let p_value = blocks.p_values(strata, draws, progress, greatest)?.map(|p| p[0]);
        let (before, value, tvd) = cusum(&table);
        if value > 0.0 {
            Ok(ChangePoint { batch: batches[before + 1], cusum: value, tvd, p_value })
        } else {
            Err(Undefined::Because("all batches have the same shares of labels".to_owned()))
        }
    };
    Ok(Ok(LabelDrift { time: drift_time(&found), labels, batches: found, same_items, change }))
}

/// Distances of a batch from the first, over all and over shared items.
fn from_first(
    blocks: &Blocks,
    strata: &[Range<usize>],
    number: u32,
    options: PermutationOptions,
    progress: &Progress,
) -> Result<(Option<Distance>, Option<Distance>), Cancelled> {
    let side = |group: u32| match group {
        0 => Some(0),
        g if g == number => Some(1),
        _ => None,
    };
    let pair = blocks.select(2, |_, group| side(group));
    let mut is_shared = vec![false; blocks.len()];
    for stratum in strata {
        let of_both = stratum.clone().filter(|&b| side(blocks.group(b)).is_some()).count() == 2;
        is_shared[stratum.clone()].fill(of_both);
    }
    let shared = blocks.select(2, |block, group| side(group).filter(|_| is_shared[block]));
    let distance = |blocks: &Blocks, strata: Option<&[Range<usize>]>, stream: u64| {
        if blocks.len() == 0 {
            return Ok(None);
        }
        let of = |table: &GroupTable| vec![tvd(table.of(0), table.of(1))];
        let draws = (options.replicates, options.seed, 2 * u64::from(number) + stream);
        let p_value = blocks.p_values(strata, draws, progress, of)?.map(|p| p[0]);
        let first = (0..blocks.len()).filter(|&b| blocks.group(b) == 0).count();
        let n_items = (first, blocks.len() - first);
        Ok(Some(Distance { n_items, tvd: of(&blocks.table())[0], p_value, adjusted: None }))
    };
    let pairs: Vec<Range<usize>> = (0..shared.len() / 2).map(|i| 2 * i..2 * i + 2).collect();
    Ok((distance(&pair, None, 0)?, distance(&shared, Some(&pairs), 1)?))
}

/// Adjusts p-values over batches.
fn adjust(batches: &mut [BatchDrift]) {
    let all = benjamini_hochberg(batches.iter().map(|b| b.all.and_then(|d| d.p_value)));
    let shared = benjamini_hochberg(batches.iter().map(|b| b.shared.and_then(|d| d.p_value)));
    for (batch, (all, shared)) in batches.iter_mut().zip(all.into_iter().zip(shared)) {
        batch.all.iter_mut().for_each(|d| d.adjusted = all);
        batch.shared.iter_mut().for_each(|d| d.adjusted = shared);
    }
}

fn drift_time(batches: &[BatchDrift]) -> Result<DriftTime, Undefined> {
    let distance = |b: &BatchDrift| b.all.map_or(0.0, |d| d.tvd);
    let final_tvd = batches.last().map_or(0.0, distance);
    let done = batches.iter().find(|b| distance(b) >= DONE * final_tvd);
    match done {
        Some(b) if final_tvd > 0.0 => Ok(DriftTime { batch: b.batch, final_tvd }),
        _ => Err(Undefined::Because("the last batch has the same shares of labels as the first".to_owned())),
    }
}

/// ½ Σ |p − q| of two rows of counts; 0 where one is empty.
fn tvd(a: &[u64], b: &[u64]) -> f64 {
    let (na, nb) = (a.iter().sum::<u64>(), b.iter().sum::<u64>());
    if na == 0 || nb == 0 {
        return 0.0;
    }
    // Over one denominator, so that equal shares are exactly 0 apart.
    let apart =
        |(&x, &y): (&u64, &u64)| (u128::from(x) * u128::from(nb)).abs_diff(u128::from(y) * u128::from(na));
    a.iter().zip(b).map(apart).sum::<u128>() as f64 / (2.0 * na as f64 * nb as f64)
}

/// The batch (by place) after which ½ Σ_k |N_k(so far) − N(so far)/N N_k| / N is greatest, the first of equals; that sum;
/// and the distance of what is before from what is after.
fn cusum(table: &GroupTable) -> (usize, f64, f64) {
    let rows: Vec<&[u64]> = table.rows().collect();
    let n_labels = rows.first().map_or(0, |r| r.len());
    let mut after = vec![0_u64; n_labels];
    rows.iter().for_each(|row| after.iter_mut().zip(*row).for_each(|(sum, n)| *sum += n));
    let whole = after.iter().sum::<u64>() as f64;
    let mut before = vec![0_u64; n_labels];
    let mut best = (0, 0.0, 0.0);
    for (at, row) in rows.iter().enumerate().take(rows.len().saturating_sub(1)) {
        for ((b, a), n) in before.iter_mut().zip(&mut after).zip(*row) {
            *b += n;
            *a -= n;
        }
        let w = before.iter().sum::<u64>() as f64 / whole;
        let distance = tvd(&before, &after);
        let value = w * (1.0 - w) * distance;
        if value > best.1 {
            best = (at, value, distance);
        }
    }
    best
}

/// Batches of equal numbers of judgements in the order of time: batch numbers one a judgement. Equal times keep the order
/// in which they come, and may be parted. No batches for `n_batches` 0.
pub fn equal_batches(times: &[f64], n_batches: usize) -> Vec<u32> {
    let mut order: Vec<usize> = (0..times.len()).collect();
    order.sort_by(|&a, &b| (times[a] + 0.0).total_cmp(&(times[b] + 0.0)));
    let mut out = vec![0; times.len()];
    for (place, &at) in order.iter().enumerate() {
        out[at] = (place as u128 * n_batches as u128 / times.len() as u128) as u32;
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OPTIONS: PermutationOptions = PermutationOptions { replicates: 4000, seed: 7 };

    fn drift(votes: &[(u32, u32, u32)]) -> LabelDrift {
        let votes: Vec<BatchVote> =
            votes.iter().map(|&(item, batch, label)| BatchVote { item, batch, label }).collect();
        label_drift(&votes, OPTIONS, &Progress::new()).unwrap().unwrap()
    }

    #[test]
    fn other_items_in_another_batch() {
        let labels = [(0, [0, 0, 0, 1]), (1, [0, 1, 1, 1])];
        let mut votes = Vec::new();
        for (batch, labels) in labels {
            (0..4).for_each(|i| votes.push((4 * batch + i, batch, labels[i as usize])));
        }
        let found = drift(&votes);
        let all = found.batches[1].all.unwrap();
        assert_eq!((all.tvd, all.n_items, found.same_items), (0.5, (4, 4), false));
        // 1 − 36/70 of all ways to part four and four.
        assert!((all.p_value.unwrap() - 34.0 / 70.0).abs() < 0.025, "{all:?}");
        assert_eq!((all.adjusted, found.batches[1].shared), (all.p_value, None));
        assert_eq!(found.batches[0].shares, [0.75, 0.25]);
        assert_eq!(found.time.unwrap(), DriftTime { batch: 1, final_tvd: 0.5 });
    }

    #[test]
    fn the_same_items_are_compared_with_themselves() {
        // Two of four items change from 0 to 1.
        let mut votes: Vec<_> = [0, 0, 0, 1].iter().enumerate().map(|(i, &l)| (i as u32, 3, l)).collect();
        votes.extend([0, 1, 1, 1].iter().enumerate().map(|(i, &l)| (i as u32, 9, l)));
        let found = drift(&votes);
        let shared = found.batches[1].shared.unwrap();
        assert_eq!((shared.tvd, shared.n_items, found.same_items), (0.5, (4, 4), true));
        assert!((shared.p_value.unwrap() - 0.5).abs() < 0.03, "{shared:?}");
        votes.push((77, 9, 1));
        let more = drift(&votes);
        assert_eq!((more.same_items, more.batches[1].shared.unwrap().tvd), (false, 0.5));
        assert!((more.batches[1].all.unwrap().tvd - 0.55).abs() < 1e-12);
    }

    #[test]
    fn a_jump_is_found_where_it_is() {
        let mut votes = Vec::new();
        for batch in 0..4 {
            (0..10).for_each(|i| votes.push((10 * batch + i, batch, u32::from(batch >= 2))));
        }
        let found = drift(&votes);
        let change = found.change.unwrap();
        assert_eq!((change.batch, change.cusum, change.tvd), (2, 0.25, 1.0));
        assert!(change.p_value.unwrap() < 0.001);
        assert_eq!(found.time.unwrap().batch, 2);
        let tvds: Vec<_> = found.batches.iter().map(|b| b.all.map(|d| d.tvd)).collect();
        assert_eq!(tvds, [None, Some(0.0), Some(1.0), Some(1.0)]);
        assert_eq!(found.batches[1].all.unwrap().p_value, Some(1.0));
    }

    #[test]
    fn no_drift_has_no_time_and_one_batch_no_distance() {
        let still = drift(&[(0, 0, 5), (1, 0, 6), (2, 1, 6), (3, 1, 5)]);
        assert!(still.time.is_err() && still.change.is_err());
        assert_eq!((still.labels, still.batches[1].all.unwrap().tvd), (vec![5, 6], 0.0));
        let one = drift(&[(0, 0, 5), (1, 1, 5)]);
        assert!(one.change.is_err() && one.time.is_err());
        let none = label_drift(&[], OPTIONS, &Progress::new()).unwrap();
        assert!(none.is_err());
        let stopped = Progress::new();
        stopped.cancel();
        let votes = [BatchVote { item: 0, batch: 0, label: 0 }, BatchVote { item: 0, batch: 1, label: 0 }];
        assert!(label_drift(&votes, OPTIONS, &stopped).is_err());
    }

    #[test]
    fn batches_of_time_are_of_equal_size() {
        assert_eq!(equal_batches(&[5.0, 1.0, 1.0, 9.0, -0.0], 2), [1, 0, 0, 1, 0]);
        assert_eq!(equal_batches(&[1.0; 3], 0), [0; 3]);
        assert!(equal_batches(&[], 3).is_empty());
    }

    proptest! {
        #[test]
        fn distances_are_shares_and_threads_change_nothing(
            votes in prop::collection::vec((0..6_u32, 0..4_u32, 0..3_u32), 1..40)
        ) {
            let votes: Vec<BatchVote> =
                votes.iter().map(|&(item, batch, label)| BatchVote { item, batch, label }).collect();
            let run = |threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let options = PermutationOptions { replicates: 30, seed: 1 };
                pool.install(|| label_drift(&votes, options, &Progress::new()).unwrap())
            };
            let found = run(1);
            prop_assert_eq!(&found, &run(2));
            if let Ok(found) = found {
                let first = &found.batches[0].shares;
                for b in &found.batches[1..] {
                    let want = 0.5 * first.iter().zip(&b.shares).map(|(p, q)| (p - q).abs()).sum::<f64>();
                    let all = b.all.unwrap();
                    prop_assert!((all.tvd - want).abs() < 1e-12);
                    prop_assert!(all.p_value.unwrap() > 0.0 && all.p_value.unwrap() <= 1.0);
                }
            }
        }
    }
}
