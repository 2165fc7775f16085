//! Pairs of raters and the tables of what they said of the items they share, kept for matrices of raters and resamples.
//!
//! Sparse: cost and memory follow the pairs of annotations on the same item. Each such comparison knows its cell, so a
//! resample only has to add up weights.

use std::collections::HashMap;

use super::comparisons::Comparisons;
use super::pair_terms::{PairTerms, Term};
use super::table::Cell;
use crate::dataset::Annotations;
use crate::stats::Undefined;

/// Most comparisons that are kept (4 bytes each, and 16 while they are sorted).
const MAX_COMPARISONS: u64 = 30_000_000;

/// Tables of all pairs of raters with a shared item.
pub(super) struct Pairs {
    /// (lower rater, higher rater), ascending.
    pub raters: Vec<(u32, u32)>,
    /// Cells of pair i: `starts[i]..starts[i + 1]`.
    starts: Vec<usize>,
    /// By row and column within a pair.
    pub cells: Vec<Cell>,
    /// Comparisons of item i: `item_starts[i]..item_starts[i + 1]`.
    item_starts: Vec<usize>,
    /// The cell of each.
    cell_of: Vec<u32>,
}

impl Pairs {
    /// Of annotations without repeats by one rater on one item; labels from `n_labels` on take no part.
    /// Undefined where nothing can be paired, and for too many comparisons.
    pub(super) fn new(annotations: &Annotations, n_labels: usize) -> Result<Self, Undefined> {
        let inside = |label: u32| (label as usize) < n_labels;
        let mut comparisons = 0_u64;
        for item in 0..annotations.n_items() {
            let votes = annotations.labels_of(item).iter().filter(|&&l| inside(l)).count() as u64;
            comparisons = comparisons.saturating_add(votes * votes.saturating_sub(1) / 2);
        }
        if comparisons == 0 {
            return Err(Undefined::NoPairableItem);
        }
        if comparisons > MAX_COMPARISONS {
            return Err(Undefined::Because(format!(
                "there are too many pairs of annotations on the same item: {comparisons} (at most {MAX_COMPARISONS})"
            )));
        }
        let mut sorted = Comparisons::new(annotations, comparisons as usize, inside);
        let runs = sorted.sorted();
        let mut pairs = Self {
            raters: Vec::new(),
            starts: Vec::new(),
            cells: Vec::with_capacity(runs.iter().map(|run| run.cells.len()).sum()),
            item_starts: std::mem::take(&mut sorted.item_starts),
            cell_of: Vec::new(),
        };
        let mut firsts = Vec::with_capacity(runs.len());
        for run in runs {
            let first = pairs.cells.len();
            firsts.push(first);
            pairs.starts.extend(run.starts.iter().map(|start| start + first));
            pairs.raters.extend(run.others.iter().map(|&high| (run.low, high)));
            pairs.cells.extend(run.cells);
        }
        pairs.starts.push(pairs.cells.len());
        pairs.cell_of = sorted.cells(&firsts);
        Ok(pairs)
    }

    /// Number of pairs.
    pub(super) fn len(&self) -> usize {
        self.raters.len()
    }

    /// The table of pair `i`.
    pub(super) fn table(&self, i: usize) -> &[Cell] {
        &self.cells[self.starts[i]..self.starts[i + 1]]
    }

    /// Items with at least one comparison.
    pub(super) fn shared_items(&self) -> Vec<usize> {
        (0..self.item_starts.len() - 1).filter(|&i| self.item_starts[i] < self.item_starts[i + 1]).collect()
    }

    /// The coefficient where item i counts `times[i]`, a whole number. `None` where no pair has one.
    pub(super) fn value_of(&self, terms: &mut impl PairTerms, times: &[f64]) -> Option<f64> {
        let mut weights = vec![0_u64; self.cells.len()];
        for (item, &times) in times.iter().enumerate().filter(|(_, t)| **t > 0.0) {
            for &cell in &self.cell_of[self.item_starts[item]..self.item_starts[item + 1]] {
                weights[cell as usize] += times as u64;
            }
        }
        let (mut sum, mut pairs, mut table) = (Term::default(), 0, Vec::new());
        for i in 0..self.len() {
            table.clear();
            let cells = (self.starts[i]..self.starts[i + 1]).filter(|&c| weights[c] > 0);
            table.extend(cells.map(|c| (self.cells[c].0, self.cells[c].1, weights[c])));
            if !table.is_empty() {
                sum = sum.plus(terms.term(&table).0);
                pairs += 1;
            }
        }
        sum.ratio(terms.together(), pairs)
    }
}

/// The table of two raters, by row (the lower one's labels) and column. Labels from `n_labels` on take no part; items that
/// others rated as well are passed over.
pub(super) fn table_of_two(annotations: &Annotations, n_labels: usize) -> Vec<Cell> {
    let mut counts = HashMap::<(u32, u32), u64>::new();
    for item in 0..annotations.n_items() {
        let mut given = annotations.of_item(item).filter(|a| (a.label as usize) < n_labels);
        if let (Some(a), Some(b), None) = (given.next(), given.next(), given.next()) {
            let (low, high) = if a.rater < b.rater { (a, b) } else { (b, a) };
            *counts.entry((low.label, high.label)).or_default() += 1;
        }
    }
    let mut table: Vec<Cell> = counts.into_iter().map(|((k, l), n)| (k, l, n)).collect();
    table.sort_unstable();
    table
}
