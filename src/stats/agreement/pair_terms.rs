//! What one pair of raters adds to a coefficient of all pairs, and what leaving out one of its items does to that.
//!
//! Each such coefficient is a ratio of two sums over pairs, so that a change of one table changes one term of each.

use super::table::{Cell, Delta};
use crate::dataset::LabelId;

/// Up to this many labels in a table, δ is added up by pairs of them.
const FEW: usize = 12;

/// How the values of pairs become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Together {
    /// The mean of the pairs that have a value, each alike (Light 1971).
    Mean,
    /// One kappa from the mean observed and the mean expected agreement, each pair alike (Hubert 1977).
    Hubert,
}

/// What pairs add to both sums. Mean: Σ values and how many there are. Hubert: Σ observed δ and Σ expected δ.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Term {
    pub above: f64,
    pub below: f64,
}

impl Term {
    /// A pair's value in a mean; one without a value adds nothing.
    pub(super) fn of_mean(value: Option<f64>) -> Self {
        value.map_or(Self::default(), |above| Self { above, below: 1.0 })
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self { above: self.above + other.above, below: self.below + other.below }
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self { above: self.above - other.above, below: self.below - other.below }
    }

    /// The coefficient of these sums over at most `pairs` pairs; `None` where there is nothing to divide by.
    pub(super) fn ratio(self, together: Together, pairs: u64) -> Option<f64> {
        match together {
            Together::Mean => (self.below > 0.5).then(|| self.above / self.below),
            Together::Hubert => (self.below > 1e-12 * pairs as f64).then(|| 1.0 - self.above / self.below),
        }
    }
}

/// Finds terms of tables, one after the other, in memory of its own.
pub(super) trait PairTerms {
    /// The term of a table, whose cells ascend by row and column; no cell twice, none empty. `None` where the pair has no
    /// value of its own, with what it adds all the same.
    fn term(&mut self, table: &[Cell]) -> (Term, bool);

    /// The same; `changes` becomes what leaving out one item of each cell does to the term.
    fn changes(&mut self, table: &[Cell], changes: &mut Vec<Term>) -> (Term, bool);

    /// How terms become one value.
    fn together(&self) -> Together;
}

/// Cohen's kappa of tables.
pub(super) struct Kappas<'a> {
    together: Together,
    delta: &'a Delta,
    n: f64,
    /// Σ n_kl δ_kl.
    apart: f64,
    /// Σ_kl n_k· n_·l δ_kl.
    chance: f64,
    /// Labels of rows or columns.
    labels: Vec<LabelId>,
    /// Margins by label; 0 but for `labels`.
    rows: Vec<f64>,
    cols: Vec<f64>,
    /// Σ_l δ_kl n_·l by k, and Σ_k δ_kl n_k· by l; of `labels` only.
    smooth: (Vec<f64>, Vec<f64>),
}

impl<'a> Kappas<'a> {
    /// For labels below `n_labels`.
    pub(super) fn new(together: Together, delta: &'a Delta, n_labels: usize) -> Self {
        let zeros = || vec![0.0; n_labels];
        Self {
            together,
            delta,
            n: 0.0,
            apart: 0.0,
            chance: 0.0,
            labels: Vec::new(),
            rows: zeros(),
            cols: zeros(),
            smooth: (zeros(), zeros()),
        }
    }

    fn fill(&mut self, table: &[Cell]) {
        for label in self.labels.drain(..) {
            self.rows[label as usize] = 0.0;
            self.cols[label as usize] = 0.0;
        }
        let Self { labels, rows, cols, smooth, delta, .. } = self;
        let (mut n, mut apart) = (0.0, 0.0);
        for &(k, l, count) in table {
            let count = count as f64;
            let (row, col) = (k as usize, l as usize);
            if rows[row] == 0.0 && cols[row] == 0.0 {
                labels.push(k);
            }
            rows[row] += count;
            if rows[col] == 0.0 && cols[col] == 0.0 {
                labels.push(l);
            }
            cols[col] += count;
            n += count;
            apart += count * delta.at(k, l);
        }
        if delta.is_identity() {
            for &label in &*labels {
                let label = label as usize;
                (smooth.0[label], smooth.1[label]) = (n - cols[label], n - rows[label]);
            }
        } else if labels.len() <= FEW {
            for &k in &*labels {
                let sum = |of: &[f64], at: &dyn Fn(LabelId) -> f64| -> f64 {
                    labels.iter().map(|&l| of[l as usize] * at(l)).sum()
                };
                smooth.0[k as usize] = sum(cols, &|l| delta.at(k, l));
                smooth.1[k as usize] = sum(rows, &|l| delta.at(l, k));
            }
        } else {
            labels.sort_unstable();
            let of = |margin: &[f64]| labels.iter().map(|&l| margin[l as usize]).collect::<Vec<_>>();
            let (by_row, by_col) = delta.smoothed(labels, &of(rows), &of(cols));
            for (&label, (row, col)) in labels.iter().zip(by_row.into_iter().zip(by_col)) {
                (smooth.0[label as usize], smooth.1[label as usize]) = (row, col);
            }
        }
        (self.n, self.apart) = (n, apart);
        self.chance = labels.iter().map(|&l| rows[l as usize] * smooth.0[l as usize]).sum();
    }

    /// Of so many items, with these sums.
    fn of(&self, n: f64, apart: f64, chance: f64) -> (Term, bool) {
        let kappa = (n > 0.0 && chance > 0.0).then(|| 1.0 - apart * n / chance);
        let term = match self.together {
            Together::Mean => Term::of_mean(kappa),
            Together::Hubert => Term { above: apart / n, below: chance / (n * n) },
        };
        (term, kappa.is_some())
    }

    fn without(&self, k: LabelId, l: LabelId) -> Term {
        if self.n < 1.5 {
            return Term::default();
        }
        let delta = self.delta.at(k, l);
        let chance = self.chance - self.smooth.0[k as usize] - self.smooth.1[l as usize] + delta;
        // What is left of a difference of equal numbers is no variation, and without that nothing is observed either.
        let (apart, chance) =
            if chance > 1e-12 * self.chance { ((self.apart - delta).max(0.0), chance) } else { (0.0, 0.0) };
        self.of(self.n - 1.0, apart, chance).0
    }
}

impl PairTerms for Kappas<'_> {
    fn term(&mut self, table: &[Cell]) -> (Term, bool) {
        self.fill(table);
        self.of(self.n, self.apart, self.chance)
    }

    fn changes(&mut self, table: &[Cell], changes: &mut Vec<Term>) -> (Term, bool) {
        let (own, defined) = self.term(table);
        changes.clear();
        changes.extend(table.iter().map(|&(k, l, _)| self.without(k, l).minus(own)));
        (own, defined)
    }

    fn together(&self) -> Together {
        self.together
    }
}
