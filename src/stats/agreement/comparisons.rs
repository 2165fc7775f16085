//! All pairs of annotations on the same item, sorted by their raters and labels without one long sort: they are laid out
//! in runs of the lower rater, which are short enough for the processor's own memory, and the runs sorted side by side.

use std::sync::atomic::{AtomicU32, Ordering};

use rayon::prelude::*;

use super::table::Cell;
use crate::dataset::{Annotation, Annotations};

/// A run of this length is sorted by all threads.
const LONG: usize = 1 << 18;

/// Comparisons in runs of the lower rater. Each is a number: the higher rater, the labels of the lower and the higher
/// rater, and the comparison's place in the order of items, 32 bits each.
pub(super) struct Comparisons {
    all: Vec<u128>,
    /// (lower rater, end of the run), for runs that are not empty, ascending.
    runs: Vec<(u32, usize)>,
    /// Comparisons of item i have the places `item_starts[i]..item_starts[i + 1]`.
    pub item_starts: Vec<usize>,
}

/// What a run comes to.
pub(super) struct Run {
    pub low: u32,
    /// Higher raters, ascending.
    pub others: Vec<u32>,
    /// Where each one's cells begin.
    pub starts: Vec<usize>,
    /// By row and column within a pair.
    pub cells: Vec<Cell>,
}

impl Comparisons {
    /// `n` comparisons, fewer than 2³², of annotations for whose labels `inside` holds; no rater twice on an item.
    pub(super) fn new(annotations: &Annotations, n: usize, inside: impl Fn(u32) -> bool) -> Self {
        let mut own: Vec<Annotation> = Vec::new();
        let mut of_item = |item: usize, visit: &mut dyn FnMut(&Annotation, &Annotation)| {
            own.clear();
            own.extend(annotations.of_item(item).filter(|a| inside(a.label)));
            for (i, x) in own.iter().enumerate() {
                for y in &own[..i] {
                    let (low, high) = if x.rater < y.rater { (x, y) } else { (y, x) };
                    visit(low, high);
                }
            }
        };
        let mut ends = vec![0_usize; annotations.n_raters()];
        let mut item_starts = Vec::with_capacity(annotations.n_items() + 1);
        let mut counted = 0;
        for item in 0..annotations.n_items() {
            item_starts.push(counted);
            of_item(item, &mut |low, _| {
                ends[low.rater as usize] += 1;
                counted += 1;
            });
        }
        item_starts.push(counted);
        debug_assert_eq!(counted, n);
        // Sums of lengths: first where each run begins, and, filled, where it ends.
        let mut sum = 0;
        for end in &mut ends {
            sum += std::mem::replace(end, sum);
        }
        let mut all = vec![0_u128; n];
        let mut place = 0_u128;
        for item in 0..annotations.n_items() {
            of_item(item, &mut |low, high| {
                let labels = u128::from(low.label) << 64 | u128::from(high.label) << 32;
                let end = &mut ends[low.rater as usize];
                all[*end] = u128::from(high.rater) << 96 | labels | place;
                *end += 1;
                place += 1;
            });
        }
        let mut runs = Vec::new();
        let mut before = 0;
        for (low, end) in ends.into_iter().enumerate() {
            if end > before {
                runs.push((low as u32, end));
            }
            before = end;
        }
        Self { all, runs, item_starts }
    }

    /// Sorts every run and counts its cells.
    pub(super) fn sorted(&mut self) -> Vec<Run> {
        let mut rest = self.all.as_mut_slice();
        let mut slices = Vec::with_capacity(self.runs.len());
        let mut before = 0;
        for &(low, end) in &self.runs {
            let (own, others) = rest.split_at_mut(end - before);
            slices.push((low, own));
            (rest, before) = (others, end);
        }
        slices.into_par_iter().map(|(low, own)| Run::new(low, own)).collect()
    }

    /// The cell of every comparison in the order of items, where the cells of run r begin with `firsts[r]`.
    pub(super) fn cells(&self, firsts: &[usize]) -> Vec<u32> {
        let cell_of: Vec<AtomicU32> = self.all.par_iter().map(|_| AtomicU32::new(0)).collect();
        (0..self.runs.len()).into_par_iter().for_each(|r| {
            let start = if r == 0 { 0 } else { self.runs[r - 1].1 };
            let mut cell = firsts[r] as u32;
            let mut key = None;
            for entry in &self.all[start..self.runs[r].1] {
                if key.is_some_and(|key| key != entry >> 32) {
                    cell += 1;
                }
                key = Some(entry >> 32);
                // Each place is written once.
                cell_of[*entry as u32 as usize].store(cell, Ordering::Relaxed);
            }
        });
        cell_of.into_par_iter().map(AtomicU32::into_inner).collect()
    }
}

impl Run {
    fn new(low: u32, own: &mut [u128]) -> Self {
        if own.len() > LONG {
            own.par_sort_unstable();
        } else {
            own.sort_unstable();
        }
        let mut run = Self { low, others: Vec::new(), starts: Vec::new(), cells: Vec::new() };
        for cell in own.chunk_by(|x, y| x >> 32 == y >> 32) {
            let high = (cell[0] >> 96) as u32;
            if run.others.last() != Some(&high) {
                run.others.push(high);
                run.starts.push(run.cells.len());
            }
            run.cells.push(((cell[0] >> 64) as u32, (cell[0] >> 32) as u32, cell.len() as u64));
        }
        run
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::AnnotationsBuilder;

    #[test]
    fn cells_are_counted_in_order_and_every_comparison_knows_its_own() {
        let mut builder = AnnotationsBuilder::new();
        // Raters 4 and 1 agree twice and differ once; 2 is with each of them once; label 9 takes no part.
        let rows = [
            (0, 4, 1),
            (0, 1, 1),
            (1, 1, 1),
            (1, 4, 1),
            (2, 4, 0),
            (2, 1, 1),
            (2, 2, 1),
            (3, 1, 9),
            (3, 2, 1),
        ];
        for (item, rater, label) in rows {
            builder.push(item, rater, label, None);
        }
        let annotations = builder.finish(4, 5);
        let mut comparisons = Comparisons::new(&annotations, 5, |label| label < 3);
        let runs = comparisons.sorted();
        let found: Vec<_> =
            runs.iter().map(|r| (r.low, r.others.clone(), r.starts.clone(), r.cells.clone())).collect();
        let wanted = [
            (1, vec![2, 4], vec![0, 1], vec![(1, 1, 1), (1, 0, 1), (1, 1, 2)]),
            (2, vec![4], vec![0], vec![(1, 0, 1)]),
        ];
        assert_eq!(found, wanted);
        let cells = comparisons.cells(&[0, 3]);
        assert_eq!(cells[..2], [2, 2]);
        let mut last = cells[2..].to_vec();
        last.sort_unstable();
        assert_eq!(last, [0, 1, 3]);
        assert_eq!(comparisons.item_starts, [0, 1, 2, 5, 5]);
    }
}
