//! Two raters: the alignment of least disorder is an assignment problem, solved exactly on the few pairs that are near
//! enough to be worth matching.
//!
//! Each unit of the first rater takes a unit of the second or a blank of its own; rows are added one by one along
//! shortest augmenting paths (Jonker & Volgenant 1987), which on a line do not lead far.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::progress::{Cancelled, Progress};

/// Pairs looked at in all, after which the rest is matched greedily.
const MOST_STEPS: u64 = 400_000_000;

/// A finite cost, ordered.
#[derive(PartialEq, Clone, Copy)]
struct Cost(f64);

impl Eq for Cost {}

impl Ord for Cost {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Cost {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

const NOBODY: u32 = u32::MAX;

/// For each row the column it takes, if any, such that the sum of costs of pairs plus `blank` a row without is least;
/// and whether that is proven. `pairs[row]` has (column, cost ≥ 0).
pub(super) fn assign(
    pairs: &[Vec<(u32, f64)>],
    n_columns: usize,
    blank: f64,
    progress: &Progress,
) -> Result<(Vec<Option<u32>>, bool), Cancelled> {
    let n = pairs.len();
    // Columns 0..n_columns are units, n_columns + row the blank of that row.
    let width = n_columns + n;
    let mut column_of = vec![NOBODY; n];
    let mut row_of = vec![NOBODY; width];
    let (mut row_price, mut column_price) = (vec![0.0; n], vec![0.0; width]);
    let mut distance = vec![f64::INFINITY; width];
    let mut from = vec![NOBODY; width];
    let mut done = vec![false; width];
    let mut touched: Vec<u32> = Vec::new();
    let mut heap: BinaryHeap<Reverse<(Cost, u32)>> = BinaryHeap::new();
    let (mut steps, mut exact) = (0_u64, true);
    for start in 0..n {
        if start % 64 == 0 {
            progress.check()?;
        }
        if steps > MOST_STEPS {
            exact = false;
            let free = pairs[start].iter().filter(|p| row_of[p.0 as usize] == NOBODY && p.1 < blank);
            let best = free.min_by(|a, b| a.1.total_cmp(&b.1)).map_or((n_columns + start) as u32, |p| p.0);
            column_of[start] = best;
            row_of[best as usize] = start as u32;
            continue;
        }
        heap.clear();
        let (mut row, mut so_far) = (start, 0.0);
        let end = loop {
            steps += pairs[row].len() as u64 + 1;
            let own_blank = ((n_columns + row) as u32, blank);
            for &(column, cost) in pairs[row].iter().chain(std::iter::once(&own_blank)) {
                let c = column as usize;
                if done[c] {
                    continue;
                }
                let through = so_far + cost - row_price[row] - column_price[c];
                if through < distance[c] {
                    if distance[c] == f64::INFINITY {
                        touched.push(column);
                    }
                    distance[c] = through;
                    from[c] = row as u32;
                    heap.push(Reverse((Cost(through), column)));
                }
            }
            // A row's own blank is always open or on the way, so that the heap does not run dry before an end.
            let next = loop {
                match heap.pop() {
                    Some(Reverse((Cost(at), column))) if !done[column as usize] => break Some((at, column)),
                    Some(_) => {}
                    None => break None,
                }
            };
            let Some((at, column)) = next else { break None };
            so_far = at;
            done[column as usize] = true;
            match row_of[column as usize] {
                NOBODY => break Some(column),
                r => row = r as usize,
            }
            if steps.is_multiple_of(4096) {
                progress.check()?;
            }
        };
        if let Some(end) = end {
            row_price[start] += so_far;
            for &column in touched.iter().filter(|&&c| done[c as usize] && c != end) {
                let c = column as usize;
                let move_by = so_far - distance[c];
                column_price[c] -= move_by;
                row_price[row_of[c] as usize] += move_by;
            }
            let mut column = end;
            loop {
                let r = from[column as usize] as usize;
                row_of[column as usize] = r as u32;
                let before = std::mem::replace(&mut column_of[r], column);
                if r == start {
                    break;
                }
                column = before;
            }
        }
        for &column in &touched {
            let c = column as usize;
            (distance[c], from[c], done[c]) = (f64::INFINITY, NOBODY, false);
        }
        touched.clear();
    }
    let taken = column_of.iter().map(|&c| ((c as usize) < n_columns).then_some(c)).collect();
    Ok((taken, exact))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn brute(pairs: &[Vec<(u32, f64)>], used: u32, blank: f64) -> f64 {
        let Some((row, rest)) = pairs.split_first() else { return 0.0 };
        let without = blank + brute(rest, used, blank);
        row.iter()
            .filter(|p| used & 1 << p.0 == 0)
            .map(|p| p.1 + brute(rest, used | 1 << p.0, blank))
            .fold(without, f64::min)
    }

    proptest! {
        #[test]
        fn the_sum_is_the_least(costs in prop::collection::vec(
            prop::collection::vec(prop::option::weighted(0.7, 0_u32..12), 5), 0..6)) {
            let pairs: Vec<Vec<(u32, f64)>> = costs
                .iter()
                .map(|row| {
                    row.iter().enumerate().filter_map(|(j, c)| Some((j as u32, f64::from((*c)?) / 4.0))).collect()
                })
                .collect();
            let (taken, exact) = assign(&pairs, 5, 2.0, &Progress::new()).unwrap();
            let mut seen: Vec<u32> = taken.iter().flatten().copied().collect();
            let n = seen.len();
            seen.sort_unstable();
            seen.dedup();
            prop_assert!(exact && n == seen.len());
            let sum: f64 = taken
                .iter()
                .zip(&pairs)
                .map(|(t, row)| t.map_or(2.0, |t| row.iter().find(|p| p.0 == t).unwrap().1))
                .sum();
            prop_assert!((sum - brute(&pairs, 0, 2.0)).abs() < 1e-9);
        }
    }
}
