//! Confident learning by the letter of the paper (Northcutt, Jiang & Chuang 2021), beside what cleanlab computes.
//!
//! Four things differ. A label is confident where its probability is at least its threshold, without slack; among several,
//! the most probable *of these* is the guess (eq. 1); the joint is not rounded and its diagonal is left as it is; and no
//! flag is taken back because the given label is the most probable one. Counts of items to prune are rounded to the
//! nearest whole number, halves up: the paper does not say how. Ties go to the lowest row.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rayon::prelude::*;

use super::scan::{block_rows, count_labels};
use super::{ConfidentError, Filter};
use crate::dataset::{LabelId, NO_LABEL, Probabilities};
use crate::progress::{Cancelled, Progress};

/// What the paper computes.
#[derive(Debug, Clone, PartialEq)]
pub struct PaperLearning {
    /// Mean probability of each label where it is given; `None` where it never is.
    pub thresholds: Vec<Option<f64>>,
    /// Counts C, [given][guess]; rows without a confident label are in none.
    pub confident_joint: Vec<Vec<u64>>,
    /// n·Q̂, [given][true]: C with its rows scaled to how often each label is given.
    pub estimated: Vec<Vec<f64>>,
    /// Labels that are given but of which no row was counted: all of theirs are put on the diagonal.
    pub uncounted: Vec<LabelId>,
    /// Items that each method flags, ascending, in the order of [`PAPER_FILTERS`].
    pub flagged: [Vec<u32>; 5],
    /// Items with a label.
    pub n: u64,
}

/// The five methods of the paper.
pub const PAPER_FILTERS: [Filter; 5] = [
    Filter::PredictedNeqGiven,
    Filter::ConfidentLearning,
    Filter::PruneByClass,
    Filter::PruneByNoiseRate,
    Filter::Both,
];

/// The lower, the further from being pruned: margin, then the higher row.
type Held = Reverse<(Margin, Reverse<u32>)>;

#[derive(Debug, Clone, Copy, PartialEq)]
struct Margin(f64);

impl Eq for Margin {}
impl PartialOrd for Margin {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Margin {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// The `most` largest keys, ties to the lowest row.
#[derive(Debug, Default)]
struct Largest {
    most: usize,
    held: BinaryHeap<Held>,
}

impl Largest {
    fn offer(&mut self, key: f64, row: u32) {
        if self.most == 0 {
            return;
        }
        let entry = Reverse((Margin(key + 0.0), Reverse(row)));
        if self.held.len() < self.most {
            self.held.push(entry);
        } else if self.held.peek().is_some_and(|worst| entry < *worst) {
            self.held.pop();
            self.held.push(entry);
        }
    }

    fn rows(&self) -> impl Iterator<Item = u32> + '_ {
        self.held.iter().map(|Reverse((_, Reverse(row)))| *row)
    }
}

/// All five methods of the paper.
///
/// `labels` has one entry an item, [`NO_LABEL`] where it has none; `probabilities` is items × labels and should be out of
/// sample. Memory is a few bytes an item beside matrices of labels × labels.
///
/// # Errors
/// As [`confident_learning`](super::confident_learning).
pub fn paper_learning(
    labels: &[LabelId],
    probabilities: &Probabilities,
    progress: &Progress,
) -> Result<PaperLearning, ConfidentError> {
    let given = count_labels(labels, probabilities, progress)?;
    let k = given.len();
    let sums = own_sums(labels, probabilities, progress)?;
    let thresholds: Vec<Option<f64>> =
        sums.iter().zip(&given).map(|(sum, &n)| (n > 0).then(|| sum / n as f64)).collect();
    let guesses = guesses(labels, probabilities, &thresholds, progress)?;
    let mut joint = vec![vec![0u64; k]; k];
    let mut flagged: [Vec<u32>; 5] = std::array::from_fn(|_| Vec::new());
    for (row, (&label, &(top, guess))) in labels.iter().zip(&guesses).enumerate() {
        if label == NO_LABEL {
            continue;
        }
        if top != label {
            flagged[0].push(row as u32);
        }
        if guess != NO_LABEL {
            joint[label as usize][guess as usize] += 1;
            if guess != label {
                flagged[1].push(row as u32);
            }
        }
    }
    let mut uncounted = Vec::new();
    let mut estimated = vec![vec![0.0; k]; k];
    for (a, counts) in joint.iter().enumerate() {
        let (counted, n) = (counts.iter().sum::<u64>(), given[a] as f64);
        if counted > 0 {
            estimated[a].iter_mut().zip(counts).for_each(|(e, &c)| *e = c as f64 / counted as f64 * n);
        } else if given[a] > 0 {
            estimated[a][a] = n;
            uncounted.push(a as LabelId);
        }
    }
    let (by_class, by_rate) = pruned(labels, probabilities, &estimated, progress)?;
    flagged[4] = by_class.iter().copied().filter(|row| by_rate.binary_search(row).is_ok()).collect();
    (flagged[2], flagged[3]) = (by_class, by_rate);
    let n = given.iter().sum();
    Ok(PaperLearning { thresholds, confident_joint: joint, estimated, uncounted, flagged, n })
}

/// Rows of one block, read.
fn each_block<T: Send>(
    probabilities: &Probabilities,
    progress: &Progress,
    of: impl Fn(usize, &[f64]) -> T + Sync,
) -> Result<Vec<T>, Cancelled> {
    let (n, k) = (probabilities.rows(), probabilities.cols());
    let per_block = block_rows(k);
    (0..n.div_ceil(per_block))
        .into_par_iter()
        .map(|block| {
            progress.check()?;
            let first = block * per_block;
            let mut rows = vec![0.0; per_block.min(n - first) * k];
            probabilities.read(first, &mut rows);
            Ok(of(first, &rows))
        })
        .collect()
}

/// For each label, the sum of its probabilities where it is given: blocks are added in their order.
fn own_sums(labels: &[LabelId], p: &Probabilities, progress: &Progress) -> Result<Vec<f64>, Cancelled> {
    let k = p.cols();
    let parts = each_block(p, progress, |first, rows| {
        let mut sums = vec![0.0; k];
        for (row, &label) in rows.chunks_exact(k).zip(&labels[first..]) {
            if label != NO_LABEL {
                sums[label as usize] += row[label as usize];
            }
        }
        sums
    })?;
    let mut sums = vec![0.0; k];
    parts.iter().for_each(|part| sums.iter_mut().zip(part).for_each(|(a, b)| *a += b));
    Ok(sums)
}

/// For each row, the most probable label, and the most probable confident one; the lowest on ties.
fn guesses(
    labels: &[LabelId],
    p: &Probabilities,
    thresholds: &[Option<f64>],
    progress: &Progress,
) -> Result<Vec<(LabelId, LabelId)>, Cancelled> {
    let k = p.cols();
    let best = |row: &[f64], allowed: &dyn Fn(usize) -> bool| {
        let mut best = NO_LABEL;
        for l in (0..k).filter(|&l| allowed(l)) {
            if best == NO_LABEL || row[l] > row[best as usize] {
                best = l as LabelId;
            }
        }
        best
    };
    let parts = each_block(p, progress, |first, rows| {
        let of = |(row, &label): (&[f64], &LabelId)| {
            if label == NO_LABEL {
                return (NO_LABEL, NO_LABEL);
            }
            let confident = |l: usize| thresholds[l].is_some_and(|t| row[l] >= t);
            (best(row, &|_| true), best(row, &confident))
        };
        rows.chunks_exact(k).zip(&labels[first..]).map(of).collect::<Vec<_>>()
    })?;
    Ok(parts.concat())
}

/// What pruning by class and by noise rate takes away, each ascending.
fn pruned(
    labels: &[LabelId],
    p: &Probabilities,
    estimated: &[Vec<f64>],
    progress: &Progress,
) -> Result<(Vec<u32>, Vec<u32>), Cancelled> {
    let k = p.cols();
    let round = |x: f64| (x + 0.5).floor() as usize;
    let off = |a: usize| (0..k).filter(move |&b| b != a).map(move |b| estimated[a][b]).sum::<f64>();
    let heap = |most: usize| Largest { most, held: BinaryHeap::new() };
    let mut by_class: Vec<Largest> = (0..k).map(|a| heap(round(off(a)))).collect();
    let mut cells: Vec<Vec<(usize, Largest)>> = (0..k)
        .map(|a| {
            let wrong = (0..k).filter(|&b| b != a).map(|b| (b, round(estimated[a][b])));
            wrong.filter(|&(_, n)| n > 0).map(|(b, n)| (b, heap(n))).collect()
        })
        .collect();
    let per_block = block_rows(k);
    let mut rows = Vec::new();
    for first in (0..p.rows()).step_by(per_block) {
        progress.check()?;
        rows.resize(per_block.min(p.rows() - first) * k, 0.0);
        p.read(first, &mut rows);
        for (at, (row, &label)) in rows.chunks_exact(k).zip(&labels[first..]).enumerate() {
            if label == NO_LABEL {
                continue;
            }
            let (a, item) = (label as usize, (first + at) as u32);
            by_class[a].offer(-row[a], item);
            cells[a].iter_mut().for_each(|(b, cell)| cell.offer(row[*b] - row[a], item));
        }
    }
    let ascending = |mut rows: Vec<u32>| {
        rows.sort_unstable();
        rows.dedup();
        rows
    };
    let class_rows = by_class.iter().flat_map(Largest::rows).collect();
    let rate_rows = cells.iter().flatten().flat_map(|(_, cell)| cell.rows()).collect();
    Ok((ascending(class_rows), ascending(rate_rows)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learn(labels: &[LabelId], rows: &[[f64; 3]]) -> PaperLearning {
        let p = Probabilities::from_f64(rows.concat(), rows.len(), 3).unwrap();
        paper_learning(labels, &p, &Progress::new()).unwrap()
    }

    #[test]
    fn the_five_methods_differ() {
        let rows = [
            [0.6, 0.1, 0.3],
            [0.3, 0.6, 0.1],
            [0.3, 0.7, 0.0],
            [0.9, 0.0, 0.1],
            [0.1, 0.7, 0.2],
            [0.4, 0.5, 0.1],
            [0.6, 0.4, 0.0],
            [0.4, 0.6, 0.0],
            [0.3, 0.5, 0.2],
            [0.0, 0.7, 0.3],
        ];
        let found = learn(&[0, 0, 0, 0, 1, 1, 1, 2, 2, 2], &rows);
        assert_eq!(found.confident_joint, [[2, 2, 0], [1, 1, 0], [0, 2, 1]]);
        assert_eq!(found.estimated, [[2.0, 2.0, 0.0], [1.5, 1.5, 0.0], [0.0, 2.0, 1.0]]);
        let want: [&[u32]; 5] = [
            &[1, 2, 6, 7, 8, 9],
            &[1, 2, 6, 7, 9],
            &[1, 2, 5, 6, 7, 8],
            &[1, 2, 5, 6, 7, 9],
            &[1, 2, 5, 6, 7],
        ];
        for (filter, (flagged, want)) in PAPER_FILTERS.iter().zip(found.flagged.iter().zip(want)) {
            assert_eq!(flagged, want, "{filter:?}");
        }
    }

    #[test]
    fn the_guess_is_one_of_the_confident_labels() {
        let rows = [[0.8, 0.1, 0.1], [0.5, 0.3, 0.2], [0.5, 0.25, 0.25], [0.6, 0.25, 0.15]];
        let found = learn(&[0, 0, 1, 2], &rows);
        assert_eq!(found.thresholds, [Some(0.65), Some(0.25), Some(0.15)]);
        assert_eq!(found.confident_joint[0], [1, 1, 0]);
        assert_eq!((found.n, found.uncounted.len()), (4, 0));
    }

    #[test]
    fn ties_go_to_the_lowest_row_and_unlabelled_rows_take_no_part() {
        let rows = [[0.2, 0.8, 0.0], [0.2, 0.8, 0.0], [0.2, 0.8, 0.0], [0.9, 0.1, 0.0], [0.1, 0.9, 0.0]];
        let found = learn(&[0, 0, NO_LABEL, 0, 1], &rows);
        // t = (.433, .9): nobody is counted off the diagonal, though two are predicted to be there.
        assert_eq!(found.flagged[0], [0, 1]);
        assert!(found.flagged[1].is_empty() && found.flagged[2].is_empty() && found.n == 4);
        let mut largest = Largest { most: 2, held: BinaryHeap::new() };
        [(0.0, 7), (0.5, 3), (0.0, 1), (-0.0, 0)].iter().for_each(|&(key, row)| largest.offer(key, row));
        let mut rows: Vec<u32> = largest.rows().collect();
        rows.sort_unstable();
        assert_eq!(rows, [0, 3]);
        let p = Probabilities::from_f64(vec![1.0, 0.0], 1, 2).unwrap();
        assert!(paper_learning(&[NO_LABEL], &p, &Progress::new()).is_err());
    }
}
