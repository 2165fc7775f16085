//! One labels × labels table a rater: expected counts of (said, true) under a posterior, and sums of logarithms.
//!
//! Dawid–Skene and its Bayesian form read the same counts and differ only in what they make of them.

use rayon::prelude::*;

use super::Layout;
use super::layout::Vote;
use crate::progress::Progress;

/// A number for each (rater, said, true): contiguous in the true label, as the E step reads it.
#[derive(Debug, Clone)]
pub(super) struct Tables {
    k: usize,
    cells: Vec<f64>,
}

impl Tables {
    pub(super) fn new(layout: &Layout, value: f64) -> Self {
        let k = layout.n_labels();
        Self { k, cells: vec![value; layout.n_raters() * k * k] }
    }

    /// The cells of one rater, (said, true).
    pub(super) fn of_rater(&self, rater: usize) -> &[f64] {
        &self.cells[rater * self.k * self.k..(rater + 1) * self.k * self.k]
    }

    /// Adds `more` wherever the true label is said.
    pub(super) fn add_to_diagonal(&mut self, more: f64) {
        let k = self.k;
        for table in self.cells.chunks_exact_mut(k * k) {
            (0..k).for_each(|c| table[c * k + c] += more);
        }
    }

    /// `row` = `log_prior` + Σ the columns that the votes name.
    #[inline]
    pub(super) fn log_joint(&self, log_prior: &[f64], votes: &[Vote], row: &mut [f64]) {
        // The compiler unrolls what it knows the length of.
        match self.k {
            2 => self.sum::<2>(log_prior, votes, row),
            3 => self.sum::<3>(log_prior, votes, row),
            4 => self.sum::<4>(log_prior, votes, row),
            5 => self.sum::<5>(log_prior, votes, row),
            k => {
                row.copy_from_slice(log_prior);
                for vote in votes {
                    let at = (vote.rater as usize * k + vote.label as usize) * k;
                    row.iter_mut().zip(&self.cells[at..at + k]).for_each(|(r, e)| *r += e);
                }
            }
        }
    }

    #[inline]
    fn sum<const K: usize>(&self, log_prior: &[f64], votes: &[Vote], row: &mut [f64]) {
        let (columns, _) = self.cells.as_chunks::<K>();
        let mut sum = [0.0; K];
        sum.copy_from_slice(log_prior);
        for vote in votes {
            let column = &columns[vote.rater as usize * K + vote.label as usize];
            for c in 0..K {
                sum[c] += column[c];
            }
        }
        row.copy_from_slice(&sum);
    }

    /// The cells in the order (rater, true, said), as they are read; `room` is overwritten.
    pub(super) fn by_truth(&self, room: Self) -> Vec<f64> {
        let k = self.k;
        let mut cells = room.cells;
        for (to, from) in cells.chunks_exact_mut(k * k).zip(self.cells.chunks_exact(k * k)) {
            for truth in 0..k {
                for said in 0..k {
                    to[truth * k + said] = from[said * k + truth];
                }
            }
        }
        cells
    }
}

/// Shares of the items whose tables are filled apart; fixed, so that sums do not depend on the number of threads.
const SHARES: usize = 16;

/// Fills `counts` with each rater's expected counts, then lets `finish(labels used, counts, logs)` make the
/// parameters of them, rater by rater. Raters without annotations are passed over.
///
/// Large data are walked by item, which reads the posterior in order, with tables for each share of the items; where
/// such tables would be more than the annotations, each rater gathers their own rows.
pub(super) fn count(
    layout: &Layout,
    posterior: &[f64],
    counts: &mut Tables,
    logs: &mut Tables,
    progress: &Progress,
    finish: impl Fn(&[bool], &mut [f64], &mut [f64]) + Sync,
) {
    let k = layout.n_labels();
    let shares = (counts.cells.len().saturating_mul(SHARES) <= layout.len())
        .then(|| count_by_item(layout, posterior, counts.cells.len(), progress));
    counts.cells.par_chunks_mut(k * k).zip(logs.cells.par_chunks_mut(k * k)).enumerate().for_each_init(
        || vec![false; k],
        |used, (rater, (counts, logs))| {
            let own = layout.answers(rater);
            if own.is_empty() || progress.is_cancelled() {
                return;
            }
            used.fill(false);
            own.iter().for_each(|a| used[a.label as usize] = true);
            counts.fill(0.0);
            match &shares {
                Some(shares) => {
                    for share in shares {
                        let own = &share[rater * k * k..(rater + 1) * k * k];
                        counts.iter_mut().zip(own).for_each(|(c, s)| *c += s);
                    }
                }
                None => {
                    for answer in own {
                        let (item, label) = (answer.item as usize, answer.label as usize);
                        let row = &posterior[item * k..(item + 1) * k];
                        counts[label * k..(label + 1) * k].iter_mut().zip(row).for_each(|(e, p)| *e += p);
                    }
                }
            }
            finish(used, counts, logs);
        },
    );
}

fn count_by_item(layout: &Layout, posterior: &[f64], cells: usize, progress: &Progress) -> Vec<Vec<f64>> {
    let (n, k) = (layout.n_items(), layout.n_labels());
    let share = |share: usize| {
        let mut cell = vec![0.0; cells];
        let items = n * share / SHARES..n * (share + 1) / SHARES;
        if progress.is_cancelled() {
            return cell;
        }
        match k {
            2 => scatter::<2>(layout, posterior, items, &mut cell),
            3 => scatter::<3>(layout, posterior, items, &mut cell),
            4 => scatter::<4>(layout, posterior, items, &mut cell),
            5 => scatter::<5>(layout, posterior, items, &mut cell),
            _ => {
                for item in items {
                    let row = &posterior[item * k..(item + 1) * k];
                    for vote in layout.votes(item) {
                        let at = (vote.rater as usize * k + vote.label as usize) * k;
                        cell[at..at + k].iter_mut().zip(row).for_each(|(e, p)| *e += p);
                    }
                }
            }
        }
        cell
    };
    (0..SHARES).into_par_iter().map(share).collect()
}

fn scatter<const K: usize>(
    layout: &Layout,
    posterior: &[f64],
    items: std::ops::Range<usize>,
    cells: &mut [f64],
) {
    let (rows, _) = posterior.as_chunks::<K>();
    let (columns, _) = cells.as_chunks_mut::<K>();
    for item in items {
        let row = &rows[item];
        for vote in layout.votes(item) {
            let column = &mut columns[vote.rater as usize * K + vote.label as usize];
            for c in 0..K {
                column[c] += row[c];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::AnnotationsBuilder;

    #[test]
    fn both_ways_of_counting_agree() {
        for k in 2..7_u32 {
            let mut builder = AnnotationsBuilder::new();
            for i in 0..6000_u32 {
                builder.push(i / 3, i % 3, (i.wrapping_mul(2_654_435_761) >> 16) % k, None);
            }
            let layout = Layout::new(&builder.finish(2000, 4), k as usize);
            let posterior = layout.vote_shares();
            let [mut counts, mut logs] = [0.0, 0.0].map(|v| Tables::new(&layout, v));
            assert!(counts.cells.len() * SHARES <= layout.len(), "walked by item");
            count(&layout, &posterior, &mut counts, &mut logs, &Progress::new(), |_, _, _| {});
            let k = k as usize;
            let mut expected = vec![0.0; counts.cells.len()];
            for rater in 0..3 {
                for answer in layout.answers(rater) {
                    for truth in 0..k {
                        let p = posterior[answer.item as usize * k + truth];
                        expected[(rater * k + answer.label as usize) * k + truth] += p;
                    }
                }
            }
            for (found, expected) in counts.cells.iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-9, "{k} labels: {found} {expected}");
            }
        }
    }
}
