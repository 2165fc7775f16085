//! Pairs of raters and the tables of what they said of the items they share: Cohen's, Light's and Hubert's kappa.
//!
//! Sparse: cost and memory follow the pairs of annotations on the same item. Each such comparison knows its cell, so a
//! resample only has to add up weights.

use super::interval::Spread;
use super::table::{Cell, Delta, Kappa};
use crate::dataset::{Annotations, LabelId};
use crate::stats::Undefined;

/// Most comparisons that are kept (4 bytes each, and 24 while they are sorted).
const MAX_COMPARISONS: u64 = 50_000_000;

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
    /// The pair of each cell.
    pair_of: Vec<u32>,
}

/// (raters, labels, number).
type Comparison = ((u32, u32), (LabelId, LabelId), u32);

/// How the kappas of pairs become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Together {
    /// The mean of kappas, each pair alike (Light 1971).
    Light,
    /// One kappa from the mean observed and the mean expected agreement, each pair alike (Hubert 1977).
    Hubert,
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
        // (raters, labels, comparison) sorted: runs of the first two are cells.
        let mut entries: Vec<Comparison> = Vec::with_capacity(comparisons as usize);
        let mut item_starts = Vec::with_capacity(annotations.n_items() + 1);
        for item in 0..annotations.n_items() {
            item_starts.push(entries.len());
            let own: Vec<_> = annotations.of_item(item).filter(|a| inside(a.label)).collect();
            for (i, x) in own.iter().enumerate() {
                for y in &own[..i] {
                    let (low, high) = if x.rater < y.rater { (x, y) } else { (y, x) };
                    let place = entries.len() as u32;
                    entries.push(((low.rater, high.rater), (low.label, high.label), place));
                }
            }
        }
        item_starts.push(entries.len());
        rayon::slice::ParallelSliceMut::par_sort_unstable(entries.as_mut_slice());
        let mut pairs = Self {
            raters: Vec::new(),
            starts: Vec::new(),
            cells: Vec::new(),
            item_starts,
            cell_of: vec![0; entries.len()],
            pair_of: Vec::new(),
        };
        for pair in entries.chunk_by(|x, y| x.0 == y.0) {
            pairs.starts.push(pairs.cells.len());
            for cell in pair.chunk_by(|x, y| x.1 == y.1) {
                let number = pairs.cells.len() as u32;
                cell.iter().for_each(|e| pairs.cell_of[e.2 as usize] = number);
                let (row, col) = cell[0].1;
                pairs.cells.push((row, col, cell.len() as u64));
                pairs.pair_of.push(pairs.raters.len() as u32);
            }
            pairs.raters.push(pair[0].0);
        }
        pairs.starts.push(pairs.cells.len());
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

    /// What one evaluation costs.
    pub(super) fn cost(&self) -> u64 {
        (self.cell_of.len() + self.cells.len()) as u64
    }

    /// Items with at least one comparison.
    pub(super) fn shared_items(&self) -> Vec<usize> {
        (0..self.item_starts.len() - 1).filter(|&i| self.item_starts[i] < self.item_starts[i + 1]).collect()
    }

    fn kappas(&self, delta: &Delta) -> Vec<Kappa> {
        (0..self.len())
            .map(|i| Kappa::new(self.table(i).iter().map(|&(k, l, n)| (k, l, n as f64)), delta))
            .collect()
    }

    /// The coefficient over all pairs; `None` where no pair has one.
    pub(super) fn value(&self, together: Together, delta: &Delta) -> Option<f64> {
        let mut sums = Sums::default();
        self.kappas(delta).iter().for_each(|k| sums.add(k.value(), k.n, k.apart, k.chance, 1.0));
        sums.value(together)
    }

    /// Raters of pairs that have a kappa.
    pub(super) fn raters_with_value(&self, delta: &Delta) -> usize {
        let kappas = self.kappas(delta);
        let with = self.raters.iter().zip(&kappas).filter(|(_, k)| k.value().is_some());
        let mut raters: Vec<u32> = with.flat_map(|(&(a, b), _)| [a, b]).collect();
        raters.sort_unstable();
        raters.dedup();
        raters.len()
    }

    /// The coefficient where item i counts `times[i]`.
    pub(super) fn value_of(&self, together: Together, delta: &Delta, times: &[f64]) -> Option<f64> {
        let mut weights = vec![0.0; self.cells.len()];
        for (item, &times) in times.iter().enumerate().filter(|(_, t)| **t > 0.0) {
            for &cell in &self.cell_of[self.item_starts[item]..self.item_starts[item + 1]] {
                weights[cell as usize] += times;
            }
        }
        let mut sums = Sums::default();
        for i in 0..self.len() {
            let range = self.starts[i]..self.starts[i + 1];
            let cells =
                range.filter(|&c| weights[c] > 0.0).map(|c| (self.cells[c].0, self.cells[c].1, weights[c]));
            let kappa = Kappa::new(cells, delta);
            if kappa.n > 0.0 {
                sums.add(kappa.value(), kappa.n, kappa.apart, kappa.chance, 1.0);
            }
        }
        sums.value(together)
    }

    /// The mean over pairs of what `of` says of their tables, each pair alike, and how many raters are in them. Item i
    /// counts `times[i]` (`None`: once; whole numbers). `None` where no pair has a value.
    pub(super) fn mean_of(
        &self,
        times: Option<&[f64]>,
        of: impl Fn(&[Cell]) -> Option<f64>,
    ) -> Option<(f64, usize)> {
        let weights = times.map(|times| {
            let mut weights = vec![0_u64; self.cells.len()];
            for (item, &times) in times.iter().enumerate().filter(|(_, t)| **t > 0.0) {
                for &cell in &self.cell_of[self.item_starts[item]..self.item_starts[item + 1]] {
                    weights[cell as usize] += times as u64;
                }
            }
            weights
        });
        let (mut sum, mut raters) = (0.0, Vec::new());
        let mut n = 0.0;
        for i in 0..self.len() {
            let value = match &weights {
                None => of(self.table(i)),
                Some(weights) => {
                    let range = self.starts[i]..self.starts[i + 1];
                    let cells = range.filter(|&c| weights[c] > 0);
                    let table: Vec<Cell> =
                        cells.map(|c| (self.cells[c].0, self.cells[c].1, weights[c])).collect();
                    if table.is_empty() { None } else { of(&table) }
                }
            };
            if let Some(value) = value {
                sum += value;
                n += 1.0;
                raters.extend([self.raters[i].0, self.raters[i].1]);
            }
        }
        raters.sort_unstable();
        raters.dedup();
        (n > 0.0).then(|| (sum / n, raters.len()))
    }

    /// The coefficient without each item that has a comparison, in closed form: only the tables it is in change.
    pub(super) fn without(&self, together: Together, delta: &Delta) -> Vec<(usize, Option<f64>)> {
        let kappas = self.kappas(delta);
        let mut all = Sums::default();
        kappas.iter().for_each(|k| all.add(k.value(), k.n, k.apart, k.chance, 1.0));
        let changes: Vec<Sums> = (0..self.cells.len())
            .map(|c| {
                let (k, l, _) = self.cells[c];
                let kappa = &kappas[self.pair_of[c] as usize];
                let mut change = Sums::default();
                change.add(kappa.value(), kappa.n, kappa.apart, kappa.chance, -1.0);
                let at = delta.at(k, l);
                if kappa.n > 1.5 {
                    match kappa.left(k, l, at) {
                        Some((n, chance)) => {
                            change.add(kappa.without(k, l, at), n, kappa.apart - at, chance, 1.0);
                        }
                        None => change.add(None, kappa.n - 1.0, 0.0, 0.0, 1.0),
                    }
                }
                change
            })
            .collect();
        self.shared_items()
            .into_iter()
            .map(|item| {
                let mut sums = all;
                for &cell in &self.cell_of[self.item_starts[item]..self.item_starts[item + 1]] {
                    sums.plus(&changes[cell as usize]);
                }
                (item, sums.value(together))
            })
            .collect()
    }

    /// Jackknife-t over the items that are shared.
    pub(super) fn jackknife(
        &self,
        together: Together,
        delta: &Delta,
        remaining: impl Fn(f64) -> f64,
    ) -> Option<Spread> {
        let value = self.value(together, delta)?;
        let without = self.without(together, delta);
        let each = without.iter().map(|&(_, value)| (value, 1.0));
        Spread::jackknife(value, each, remaining(without.len() as f64))
    }
}

/// Sums over pairs.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    /// Pairs with a kappa.
    defined: f64,
    kappa: f64,
    /// Pairs.
    pairs: f64,
    observed: f64,
    expected: f64,
}

impl Sums {
    fn add(&mut self, kappa: Option<f64>, n: f64, apart: f64, chance: f64, times: f64) {
        if let Some(kappa) = kappa {
            self.defined += times;
            self.kappa += times * kappa;
        }
        self.pairs += times;
        self.observed += times * apart / n;
        self.expected += times * chance / (n * n);
    }

    fn plus(&mut self, other: &Self) {
        self.defined += other.defined;
        self.kappa += other.kappa;
        self.pairs += other.pairs;
        self.observed += other.observed;
        self.expected += other.expected;
    }

    fn value(&self, together: Together) -> Option<f64> {
        match together {
            Together::Light => (self.defined > 0.5).then(|| self.kappa / self.defined),
            Together::Hubert => {
                (self.pairs > 0.5 && self.expected > 1e-12).then(|| 1.0 - self.observed / self.expected)
            }
        }
    }
}
