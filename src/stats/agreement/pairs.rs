//! Pairs of raters and the tables of what they said of the items they share: Cohen's, Light's and Hubert's kappa.
//!
//! Sparse: cost and memory follow the pairs of annotations on the same item. Each such comparison knows its cell, so a
//! resample only has to add up weights.

use rayon::prelude::*;

use super::comparisons::Comparisons;
use super::interval::Spread;
use super::table::{Cell, Delta, Kappa};
use crate::dataset::Annotations;
use crate::stats::Undefined;

/// Most comparisons that are kept (4 bytes each, and 16 while they are sorted).
const MAX_COMPARISONS: u64 = 30_000_000;
/// Pairs that one task works on; fixed, so that the threads change nothing.
const CHUNK: usize = 1 << 12;

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

    /// What one evaluation costs.
    pub(super) fn cost(&self) -> u64 {
        (self.cell_of.len() + self.cells.len()) as u64
    }

    /// Items with at least one comparison.
    pub(super) fn shared_items(&self) -> Vec<usize> {
        (0..self.item_starts.len() - 1).filter(|&i| self.item_starts[i] < self.item_starts[i + 1]).collect()
    }

    /// The kappas of all pairs, and what each item does to them.
    pub(super) fn fitted(&self, together: Together, delta: &Delta) -> Fitted<'_> {
        let parts: Vec<(Vec<Sums>, Vec<Sums>)> = (0..self.len().div_ceil(CHUNK))
            .into_par_iter()
            .map(|c| {
                let (mut of_pair, mut of_cell) = (Vec::new(), Vec::new());
                for i in c * CHUNK..self.len().min((c + 1) * CHUNK) {
                    let table = self.table(i);
                    let kappa = Kappa::new(table.iter().map(|&(k, l, n)| (k, l, n as f64)), delta);
                    let own = Sums::of(together, kappa.value(), kappa.n, kappa.apart, kappa.chance);
                    of_pair.push(own);
                    of_cell.extend(table.iter().map(|&(k, l, _)| {
                        let at = delta.at(k, l);
                        let left = match kappa.left(k, l, at) {
                            _ if kappa.n < 1.5 => Sums::default(),
                            Some((n, chance)) => {
                                Sums::of(together, kappa.without(k, l, at), n, kappa.apart - at, chance)
                            }
                            None => Sums::of(together, None, kappa.n - 1.0, 0.0, 0.0),
                        };
                        left.minus(&own)
                    }));
                }
                (of_pair, of_cell)
            })
            .collect();
        let mut fitted = Fitted {
            pairs: self,
            together,
            all: Sums::default(),
            raters: Vec::new(),
            changes: Vec::with_capacity(self.cells.len()),
        };
        let mut raters = self.raters.iter();
        for (of_pair, of_cell) in parts {
            for sums in of_pair {
                fitted.all = fitted.all.plus(&sums);
                let (a, b) = raters.next().copied().unwrap_or_default();
                if sums.defined {
                    fitted.raters.extend([a, b]);
                }
            }
            if fitted.raters.len() > (1 << 16) {
                fitted.raters.sort_unstable();
                fitted.raters.dedup();
            }
            fitted.changes.extend(of_cell);
        }
        fitted.raters.sort_unstable();
        fitted.raters.dedup();
        fitted
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
                sums = sums.plus(&Sums::of(together, kappa.value(), kappa.n, kappa.apart, kappa.chance));
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
}

/// The kappas of all pairs together, and what leaving out one item of each cell does to them.
pub(super) struct Fitted<'a> {
    pairs: &'a Pairs,
    together: Together,
    all: Sums,
    /// Raters of pairs that have a kappa.
    raters: Vec<u32>,
    changes: Vec<Sums>,
}

impl Fitted<'_> {
    /// The coefficient over all pairs; `None` where no pair has one.
    pub(super) fn value(&self) -> Option<f64> {
        self.all.value(self.together)
    }

    /// Raters of pairs that have a kappa.
    pub(super) fn n_raters(&self) -> usize {
        self.raters.len()
    }

    /// The coefficient without each item that has a comparison, in closed form: only the tables it is in change.
    pub(super) fn without(&self) -> impl Iterator<Item = (usize, Option<f64>)> + Clone + '_ {
        let pairs = self.pairs;
        (0..pairs.item_starts.len() - 1).filter_map(move |item| {
            let cells = &pairs.cell_of[pairs.item_starts[item]..pairs.item_starts[item + 1]];
            let add = |sums: Sums, &cell: &u32| sums.plus(&self.changes[cell as usize]);
            (!cells.is_empty()).then(|| (item, cells.iter().fold(self.all, add).value(self.together)))
        })
    }

    /// Jackknife-t over the items that are shared.
    pub(super) fn jackknife(&self, remaining: impl Fn(f64) -> f64) -> Option<Spread> {
        let without: Vec<Option<f64>> = self.without().map(|w| w.1).collect();
        let each = without.iter().map(|&value| (value, 1.0));
        Spread::jackknife(self.value()?, each, remaining(without.len() as f64))
    }
}

/// Sums over pairs: what the coefficient is a ratio of, and how many pairs there are.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    pairs: f64,
    /// Light: Σ κ. Hubert: Σ observed δ.
    above: f64,
    /// Hubert: Σ expected δ.
    below: f64,
    /// Whether a single pair has a kappa.
    defined: bool,
}

impl Sums {
    /// Of one pair.
    fn of(together: Together, kappa: Option<f64>, n: f64, apart: f64, chance: f64) -> Self {
        let defined = kappa.is_some();
        match together {
            Together::Light => {
                Self { pairs: f64::from(u8::from(defined)), above: kappa.unwrap_or(0.0), below: 0.0, defined }
            }
            Together::Hubert => Self { pairs: 1.0, above: apart / n, below: chance / (n * n), defined },
        }
    }

    fn plus(self, other: &Self) -> Self {
        Self {
            pairs: self.pairs + other.pairs,
            above: self.above + other.above,
            below: self.below + other.below,
            defined: self.defined,
        }
    }

    fn minus(self, other: &Self) -> Self {
        Self {
            pairs: self.pairs - other.pairs,
            above: self.above - other.above,
            below: self.below - other.below,
            defined: self.defined,
        }
    }

    fn value(self, together: Together) -> Option<f64> {
        if self.pairs < 0.5 {
            return None;
        }
        match together {
            Together::Light => Some(self.above / self.pairs),
            Together::Hubert => (self.below > 1e-12 * self.pairs).then(|| 1.0 - self.above / self.below),
        }
    }
}
