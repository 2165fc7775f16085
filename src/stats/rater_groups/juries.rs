//! Whose majority: a jury is drawn from one group, and its majority is held against what the members of another group say.

use rayon::prelude::*;

use super::Ratings;
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::human_distribution::Range;
use crate::stats::random::Stream;

/// Most seats.
const MOST_SEATS: usize = 1_001;
/// Most juries of one size.
const MOST_REPEATS: u32 = 100_000;

/// Which juries are drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Juries {
    /// Numbers of seats, at most 1001 each.
    pub seats: Vec<usize>,
    /// Juries of each size.
    pub repeats: u32,
    /// Seed; each jury has a stream of its own.
    pub seed: u64,
}

impl Default for Juries {
    fn default() -> Self {
        Self { seats: vec![1, 3, 5, 11], repeats: 200, seed: 0 }
    }
}

/// Juries of one size.
#[derive(Debug, Clone, PartialEq)]
pub struct Seats {
    /// Seats, drawn with replacement.
    pub seats: usize,
    /// Mean over juries of the mean agreement with members of the target group who do not sit on them, and its 5 % and 95 % points.
    pub agreement: Result<(f64, (f64, f64)), Undefined>,
    /// Juries with an item that somebody else of the target group rated.
    pub juries: usize,
    /// Whether each member of the pool was a jury, rather than some at random.
    pub exact: bool,
}

/// How well the majority of a jury out of `pool` agrees with members of `target`; both are rater numbers.
///
/// A jury labels the items that one of it rated, by most votes, a tie at random. A member's agreement is the share of that member's ratings of labelled
/// items that are the jury's label; members are averaged, each alike. Juries of one are all looked at, where the pool has no more members than juries
/// were asked for.
pub fn whose_majority(
    ratings: &Ratings,
    pool: &[u32],
    target: &[u32],
    juries: &Juries,
    progress: &Progress,
) -> Result<Vec<Seats>, Cancelled> {
    let known = |raters: &[u32]| -> Vec<u32> {
        let mut known: Vec<u32> = raters.iter().copied().filter(|&r| ratings.has_rated(r as usize)).collect();
        known.sort_unstable();
        known.dedup();
        known
    };
    let (pool, target) = (known(pool), known(target));
    let repeats = juries.repeats.min(MOST_REPEATS);
    progress.stage("drawing juries", juries.seats.len() as u64 * u64::from(repeats));
    let mut found = Vec::with_capacity(juries.seats.len());
    for (number, &seats) in juries.seats.iter().enumerate() {
        progress.check()?;
        let exact = seats == 1 && pool.len() <= repeats as usize;
        let n = if exact { pool.len() } else { repeats as usize };
        let draws: Vec<Option<f64>> = if pool.is_empty() || seats == 0 || seats > MOST_SEATS {
            Vec::new()
        } else {
            (0..n)
                .into_par_iter()
                .map(|i| {
                    progress.check()?;
                    progress.add(1);
                    let mut rng = Stream::new(juries.seed, ((number as u64) << 32) + i as u64);
                    let jury: Vec<u32> = if exact {
                        vec![pool[i]]
                    } else {
                        (0..seats).map(|_| pool[rng.below(pool.len())]).collect()
                    };
                    Ok(agreement(ratings, &jury, &target, &mut rng))
                })
                .collect::<Result<_, Cancelled>>()?
        };
        let mut values: Vec<f64> = draws.into_iter().flatten().collect();
        values.sort_by(f64::total_cmp);
        let none =
            || Undefined::Because("no jury labelled an item that somebody of the group rated".to_owned());
        let range = Range::between(&values, 0.05, 0.95).map(|r| (r.mean, (r.low, r.high)));
        found.push(Seats { seats, agreement: range.ok_or_else(none), juries: values.len(), exact });
    }
    Ok(found)
}

/// Mean agreement of those of `target` who do not sit on the jury; `None` where none of them rated an item that it labels.
fn agreement(ratings: &Ratings, jury: &[u32], target: &[u32], rng: &mut Stream) -> Option<f64> {
    let layout = &ratings.layout;
    // Who was drawn twice has two votes.
    let mut seated = jury.to_vec();
    seated.sort_unstable();
    let mut votes: Vec<(u32, u32, u32)> = Vec::new();
    for drawn in seated.chunk_by(|a, b| a == b) {
        let answers = layout.answers(drawn[0] as usize);
        votes.extend(answers.iter().map(|a| (a.item, a.label, drawn.len() as u32)));
    }
    // Each juror's answers are in order already, which a stable sort merges.
    #[expect(clippy::stable_sort_primitive, reason = "it finds the runs")]
    votes.sort();
    let mut verdicts: Vec<(u32, u32)> = Vec::new();
    let mut best: Vec<u32> = Vec::new();
    for item in votes.chunk_by(|a, b| a.0 == b.0) {
        let mut most = 0;
        for label in item.chunk_by(|a, b| a.1 == b.1) {
            let n: u32 = label.iter().map(|v| v.2).sum();
            if n > most {
                most = n;
                best.clear();
            }
            if n == most {
                best.push(label[0].1);
            }
        }
        let chosen = if best.len() > 1 { best[rng.below(best.len())] } else { best[0] };
        verdicts.push((item[0].0, chosen));
    }
    // A list of all items, where enough of them have a verdict.
    let mut by_item: Vec<u32> = Vec::new();
    if verdicts.len() > layout.n_items() / 32 {
        by_item.resize(layout.n_items(), u32::MAX);
        verdicts.iter().for_each(|&(item, label)| by_item[item as usize] = label);
    }
    let verdict = |item: u32| match by_item.get(item as usize) {
        Some(&label) => (label != u32::MAX).then_some(label),
        None => verdicts.binary_search_by_key(&item, |v| v.0).ok().map(|place| verdicts[place].1),
    };
    let mut members = 0_usize;
    let mut sum = 0.0;
    for &member in target.iter().filter(|m| seated.binary_search(m).is_err()) {
        let (mut rated, mut same) = (0_u32, 0_u32);
        for answer in layout.answers(member as usize) {
            if let Some(label) = verdict(answer.item) {
                rated += 1;
                same += u32::from(label == answer.label);
            }
        }
        if rated > 0 {
            members += 1;
            sum += f64::from(same) / f64::from(rated);
        }
    }
    (members > 0).then(|| sum / members as f64)
}
