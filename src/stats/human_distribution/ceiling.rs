//! What people reach among themselves: half of an item's votes against the other half.
//!
//! The votes of each item are dealt at random into two hands; the second hand's shares take the place of the model. Hands are smaller than the
//! whole, so that their shares are noisier than all votes together: the ceiling is a cautious one, and the smaller the number of votes, the lower.

use rayon::prelude::*;

use super::item::{ItemScore, score};
use super::reliability::{ece, reliability_bins};
use super::{Options, fill};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::agreement::quantile;
use crate::stats::random::Stream;
use crate::stats::variation::VoteCounts;

/// Most repetitions, whatever was asked for.
const MOST_REPEATS: u32 = 10_000;

/// How votes are dealt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Halves {
    /// How often.
    pub repeats: u32,
    /// Seed of the random numbers; each repetition has a stream of its own.
    pub seed: u64,
    /// Votes in each hand; items with fewer than twice as many are left out. `None`: halves, the second one vote larger where the number is odd.
    pub size: Option<u32>,
}

impl Default for Halves {
    fn default() -> Self {
        Self { repeats: 100, seed: 0, size: None }
    }
}

/// A number over repetitions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// Mean.
    pub mean: f64,
    /// 2.5 % point.
    pub low: f64,
    /// 97.5 % point.
    pub high: f64,
}

impl Range {
    /// Of one value a repetition; `None` without any.
    pub(crate) fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        Self::between(&values, 0.025, 0.975)
    }

    /// Of ascending values, with other points than 2.5 % and 97.5 %.
    pub(crate) fn between(sorted: &[f64], low: f64, high: f64) -> Option<Self> {
        if sorted.is_empty() {
            return None;
        }
        let mean = sorted.iter().sum::<f64>() / sorted.len() as f64;
        Some(Self { mean, low: quantile(sorted, low), high: quantile(sorted, high) })
    }
}

/// The numbers of [`HumanCalibration`](super::HumanCalibration), half of the people against the other half.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ceiling {
    /// Items that were dealt.
    pub n_items: usize,
    /// Repetitions.
    pub repeats: u32,
    /// Mean DistCE.
    pub distance: Range,
    /// Mean EntCE, about 0; `None` where no item has two votes in each hand.
    pub entropy_signed: Option<Range>,
    /// Mean |EntCE|.
    pub entropy_absolute: Option<Range>,
    /// RankCS, ties free.
    pub ranked: Range,
    /// RankCS, ties by label number.
    pub ranked_by_index: Range,
    /// Agreement of the two hands' majorities: that of the second, the lowest label where it ties, is worth 1/t in the first.
    pub accuracy: Range,
    /// ECE of the second hand's largest share.
    pub ece: Range,
}

/// Deals the votes again and again. Undefined where no item has two votes (or twice the size that was asked for).
pub fn human_ceiling(
    votes: &VoteCounts,
    n_labels: usize,
    halves: Halves,
    options: &Options,
    progress: &Progress,
) -> Result<Result<Ceiling, Undefined>, Cancelled> {
    let n_items = (0..votes.n_items()).filter(|&i| hands(votes.total(i), halves.size).is_some()).count();
    if n_items == 0 || n_labels == 0 {
        return Ok(Err(Undefined::Because("no item has enough votes to be halved".to_owned())));
    }
    let factor = options.unit.factor(n_labels);
    let rounds: Vec<[Option<f64>; 7]> = repeats(halves, progress, |rng| {
        let mut counts = vec![0_u32; n_labels];
        let mut row = vec![0.0; n_labels];
        let mut scores: Vec<ItemScore> = Vec::with_capacity(n_items);
        let (mut entropy, mut n_entropy) = ((0.0, 0.0), 0_usize);
        halves_of(votes, n_labels, halves.size, rng, progress, |item, first, second| {
            let total: u32 = second.iter().sum();
            row.iter_mut().zip(second).for_each(|(p, &n)| *p = f64::from(n) / f64::from(total));
            counts.copy_from_slice(first);
            if let Some(s) = score(item as u32, &counts, &row, factor) {
                if let Some(difference) = s.entropy_difference.filter(|_| total > 1) {
                    entropy = (entropy.0 + difference, entropy.1 + difference.abs());
                    n_entropy += 1;
                }
                scores.push(s);
            }
        })?;
        let n = scores.len() as f64;
        let mean = |of: fn(&ItemScore) -> f64| Some(scores.iter().map(of).sum::<f64>() / n);
        let of_entropy = |sum: f64| (n_entropy > 0).then(|| sum / n_entropy as f64);
        let bins = reliability_bins(&scores, options.bins);
        Ok([
            mean(|s| s.distance),
            of_entropy(entropy.0),
            of_entropy(entropy.1),
            mean(|s| f64::from(u8::from(s.ranked))),
            mean(|s| f64::from(u8::from(s.ranked_by_index))),
            mean(|s| s.credit),
            Some(ece(&bins, |b| b.accuracy)),
        ])
    })?;
    let range = |which: usize| Range::of(rounds.iter().filter_map(|r| r[which]).collect());
    let nothing = || Undefined::Because("no repetition was asked for".to_owned());
    let ceiling = || {
        Some(Ceiling {
            n_items,
            repeats: rounds.len() as u32,
            distance: range(0)?,
            entropy_signed: range(1),
            entropy_absolute: range(2),
            ranked: range(3)?,
            ranked_by_index: range(4)?,
            accuracy: range(5)?,
            ece: range(6)?,
        })
    };
    Ok(ceiling().ok_or_else(nothing))
}

/// One value a repetition, each with a stream of its own.
pub(crate) fn repeats<T: Send>(
    halves: Halves,
    progress: &Progress,
    round: impl Fn(&mut Stream) -> Result<T, Cancelled> + Sync,
) -> Result<Vec<T>, Cancelled> {
    let n = halves.repeats.min(MOST_REPEATS);
    progress.stage("halving the votes", u64::from(n));
    (0..n)
        .into_par_iter()
        .map(|i| {
            progress.check()?;
            let found = round(&mut Stream::new(halves.seed, u64::from(i)))?;
            progress.add(1);
            Ok(found)
        })
        .collect()
}

/// Deals the votes of each item that has enough and calls `each` with the item and the counts of the two hands, one number a label.
pub(crate) fn halves_of(
    votes: &VoteCounts,
    n_labels: usize,
    size: Option<u32>,
    rng: &mut Stream,
    progress: &Progress,
    mut each: impl FnMut(usize, &[u32], &[u32]),
) -> Result<(), Cancelled> {
    let mut counts = vec![0_u32; n_labels];
    let (mut first, mut second) = (counts.clone(), counts.clone());
    let mut cards: Vec<u32> = Vec::new();
    for item in 0..votes.n_items() {
        if item % 4096 == 0 {
            progress.check()?;
        }
        let Some((a, b)) = hands(votes.total(item), size) else { continue };
        fill(votes, item, &mut counts);
        cards.clear();
        for (label, &n) in counts.iter().enumerate() {
            cards.extend(std::iter::repeat_n(label as u32, n as usize));
        }
        rng.shuffle(&mut cards);
        first.fill(0);
        second.fill(0);
        let (mine, rest) = cards.split_at((a as usize).min(cards.len()));
        mine.iter().for_each(|&l| first[l as usize] += 1);
        rest.iter().take(b as usize).for_each(|&l| second[l as usize] += 1);
        if second.iter().any(|&n| n > 0) {
            each(item, &first, &second);
        }
    }
    Ok(())
}

/// How many votes each hand gets; `None` where there are too few.
fn hands(total: u32, size: Option<u32>) -> Option<(u32, u32)> {
    match size {
        None => (total >= 2).then(|| (total / 2, total - total / 2)),
        Some(size) => (size >= 1 && total / 2 >= size).then_some((size, size)),
    }
}
