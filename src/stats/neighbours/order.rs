//! Whether items that stand near each other in the file are alike: a sign that they were collected or labelled in runs.
//!
//! Distances in the file between items and their neighbours are compared with those between any two items, which for n items are d apart
//! with probability 2 (n − d) / (n (n − 1)). The largest difference between the two distribution functions is compared with that of 25
//! random sets of neighbours, smoothed by a normal kernel of Scott's width.

use statrs::distribution::{ContinuousCDF as _, Normal};

use super::Neighbours;
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::random::Stream;

/// Random sets of neighbours.
const SETS: usize = 25;

/// Whether the order of items says something.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderOfItems {
    /// Largest difference of the two distribution functions, in 0..=1.
    pub statistic: f64,
    /// How likely one as large is in a random order.
    pub p: f64,
    /// One score an item, in 0..=1: low where its neighbours stand unusually near in the file, or unusually far.
    pub score: Vec<f64>,
}

/// Compares places of neighbours in the file with any places.
///
/// Undefined with fewer than three items, and where items lack neighbours. `seed` draws the random sets.
pub fn order_of_items(
    neighbours: &Neighbours,
    seed: u64,
    progress: &Progress,
) -> Result<Result<OrderOfItems, Undefined>, Cancelled> {
    let (n, k) = (neighbours.len(), neighbours.k);
    if n < 3 || k == 0 || (0..n).any(|item| neighbours.of(item).0.len() != k) {
        let why = "not every item has as many neighbours, or there are fewer than three";
        return Ok(Err(Undefined::Because(why.to_owned())));
    }
    let apart = |item: usize, other: usize| item.abs_diff(other);
    let of_neighbours =
        (0..n).flat_map(|item| neighbours.of(item).0.iter().map(move |&o| apart(item, o as usize)));
    let statistic = largest_difference(n, of_neighbours);
    let mut drawn = Vec::with_capacity(SETS);
    for set in 0..SETS {
        progress.check()?;
        let mut random = Stream::new(seed, set as u64);
        let mut others: Vec<usize> = Vec::with_capacity(k);
        let mut all = Vec::with_capacity(n * k);
        for item in 0..n {
            others.clear();
            while others.len() < k {
                let other = random.below(n);
                if other != item && !others.contains(&other) {
                    others.push(other);
                    all.push(apart(item, other));
                }
            }
        }
        drawn.push(largest_difference(n, all));
    }
    let p = tail(&drawn, statistic);
    let score = (0..n).map(|item| score(n, item, neighbours.of(item).0)).collect();
    Ok(Ok(OrderOfItems { statistic, p, score }))
}

/// The largest difference between the distribution of `apart` and that of the distances of any two of `n`.
fn largest_difference(n: usize, apart: impl IntoIterator<Item = usize>) -> f64 {
    let mut counts = vec![0u64; n];
    let mut total = 0u64;
    for d in apart {
        counts[d] += 1;
        total += 1;
    }
    let (mut seen, mut any, mut most) = (0u64, 0.0, 0.0f64);
    let pairs = n as f64 * (n as f64 - 1.0);
    for (d, count) in counts.iter().enumerate().skip(1) {
        seen += count;
        any += 2.0 * (n - d) as f64 / pairs;
        most = most.max((seen as f64 / total as f64 - any).abs());
    }
    most
}

/// How much of the smoothed distribution of `drawn` is at `value` or above.
fn tail(drawn: &[f64], value: f64) -> f64 {
    let n = drawn.len() as f64;
    let mean = drawn.iter().sum::<f64>() / n;
    let sd = (drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let width = sd * n.powf(-0.2);
    match Normal::new(0.0, width) {
        Ok(normal) => drawn.iter().map(|x| normal.sf(value - x)).sum::<f64>() / n,
        // All are the same.
        Err(_) => f64::from(u8::from(mean >= value)),
    }
}

/// 1 − tanh of the area between the distribution functions of an item's distances to its neighbours and to all, over the largest
/// distance it can have. Between two neighbours the area is that of the difference, not the difference at each point.
fn score(n: usize, item: usize, near: &[u32]) -> f64 {
    let last = n - 1;
    // Up to `double` two items are as far away, up to `most` one is.
    let double = item.min(last - item) as f64;
    let most = last as f64 - double;
    let each = last as f64;
    let all_below = |x: f64| {
        let twice = x.min(double);
        let once = (x.min(most) - double).max(0.0);
        // Areas below the distribution function: a slope of 2, then of 1, over n − 1, then 1.
        twice * twice / each + once * (2.0 * double + once / 2.0) / each + (x - most).max(0.0)
    };
    let mut ends: Vec<f64> = near.iter().map(|&other| item.abs_diff(other as usize) as f64).collect();
    ends.sort_by(f64::total_cmp);
    ends.push(most);
    let k = near.len() as f64;
    let (mut before, mut area) = (0.0, 0.0);
    for (at, &end) in ends.iter().enumerate() {
        let own = at as f64 / k * (end - before);
        area += (own - (all_below(end) - all_below(before))).abs();
        before = end;
    }
    1.0 - (area / item.max(n - item) as f64).tanh()
}
