//! All that is said about two raters and their table: weighted kappa with both standard errors, its maximum, the other
//! coefficients, and the two indices that explain why a high agreement can have a low kappa.

use super::distance::Distance;
use super::levels::Levels;
use super::sums::{Form, Mass, Rule};
use super::weights::Weights;
use crate::dataset::LabelId;
use crate::stats::Undefined;

/// Most pairs of labels over which the standard error under κ = 0 is summed.
const MAX_NULL: usize = 4_000_000;

/// A cell: the label of one rater, that of the other, and how many items.
pub type Cell = (LabelId, LabelId, u64);

/// What a table of two raters says. p_kl are its shares, p_k· and p_·l its margins, w agreement weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TwoRaters {
    /// Items n.
    pub n_items: u64,
    /// Observed agreement p_o = Σ w_kl p_kl.
    pub observed: f64,
    /// Cohen's chance agreement p_e = Σ w_kl p_k· p_·l.
    pub expected: f64,
    /// Cohen's kappa (1960; weighted 1968): (p_o − p_e)/(1 − p_e). `None` where p_e is 1.
    pub kappa: Option<f64>,
    /// Its large-sample standard error (Fleiss, Cohen & Everitt 1969, eq. 13).
    pub se: Option<f64>,
    /// Its standard error if κ were 0 (ibid., eq. 14): for a test, never for an interval.
    pub se_null: Option<f64>,
    /// The greatest kappa that these margins allow; for identity weights only.
    pub kappa_max: Option<f64>,
    /// Scott's pi (1955): chance from the mean of both margins. `None` where chance agreement is 1.
    pub pi: Option<f64>,
    /// Brennan–Prediger's coefficient, with identity weights Bennett's S; for two labels 2 p_o − 1, which is PABAK
    /// (Byrt, Bishop & Carlin 1993). `None` with fewer than two levels.
    pub uniform: Option<f64>,
    /// Gwet's AC1, or AC2 with weights. `None` with fewer than two levels.
    pub ac: Option<f64>,
    /// |p_11 − p_22|; for two levels only. Near 1, one label is rare and kappa is low whatever the agreement.
    pub prevalence_index: Option<f64>,
    /// |p_12 − p_21|; for two levels only. Near 1, the raters use different shares of the labels.
    pub bias_index: Option<f64>,
}

/// Observed and expected δ of a table, with what is needed to leave one item out.
#[derive(Debug, Clone)]
pub(super) struct Kappa {
    /// Items.
    pub n: f64,
    /// Σ n_kl δ_kl.
    pub apart: f64,
    /// Σ_kl n_k· n_·l δ_kl.
    pub chance: f64,
    /// Labels of rows or columns, ascending.
    pub labels: Vec<LabelId>,
    /// Row margin by place in `labels`.
    pub rows: Vec<f64>,
    /// Column margin.
    pub cols: Vec<f64>,
    /// Σ_l δ_kl n_·l by k, and Σ_k δ_kl n_k· by l.
    smooth: (Vec<f64>, Vec<f64>),
}

impl Kappa {
    /// Of cells (row, column, weight); a cell may repeat.
    pub(super) fn new(cells: impl Iterator<Item = (LabelId, LabelId, f64)> + Clone, delta: &Delta) -> Self {
        let mut labels: Vec<LabelId> = cells.clone().flat_map(|(k, l, _)| [k, l]).collect();
        labels.sort_unstable();
        labels.dedup();
        let place = |label: LabelId| labels.binary_search(&label).unwrap_or_default();
        let (mut rows, mut cols) = (vec![0.0; labels.len()], vec![0.0; labels.len()]);
        let (mut n, mut apart) = (0.0, 0.0);
        for (k, l, count) in cells {
            rows[place(k)] += count;
            cols[place(l)] += count;
            n += count;
            apart += count * delta.at(k, l);
        }
        let smooth = delta.smoothed(&labels, &rows, &cols);
        let chance = rows.iter().zip(&smooth.0).map(|(r, s)| r * s).sum();
        Self { n, apart, chance, labels, rows, cols, smooth }
    }

    /// 1 − (observed δ)/(expected δ); `None` where no disagreement is expected.
    pub(super) fn value(&self) -> Option<f64> {
        (self.n > 0.0 && self.chance > 0.0).then(|| 1.0 - self.apart * self.n / self.chance)
    }

    /// Fleiss, Cohen & Everitt's variance of the value.
    fn variance(&self, cells: &[Cell], delta: &Delta, kappa: f64) -> f64 {
        let n = self.n;
        let room = self.chance / (n * n);
        let place = |label: LabelId| self.labels.binary_search(&label).unwrap_or_default();
        // About the mean, so that a variance of 0 is not what is left of two squares.
        let centre = kappa - (1.0 - room) * (1.0 - kappa);
        let spread: f64 = cells
            .iter()
            .map(|&(k, l, count)| {
                let margins = 2.0 - (self.smooth.0[place(k)] + self.smooth.1[place(l)]) / n;
                let weight = 1.0 - delta.at(k, l);
                count as f64 / n * (weight - margins * (1.0 - kappa) - centre).powi(2)
            })
            .sum();
        spread / (n * room * room)
    }

    /// The same if κ were 0.
    fn null_variance(&self, delta: &Delta) -> Option<f64> {
        if self.labels.len().saturating_mul(self.labels.len()) > MAX_NULL {
            return None;
        }
        let n = self.n;
        let room = self.chance / (n * n);
        let mut spread = 0.0;
        for (i, &k) in self.labels.iter().enumerate().filter(|(i, _)| self.rows[*i] > 0.0) {
            for (j, &l) in self.labels.iter().enumerate() {
                let margins = 2.0 - (self.smooth.0[i] + self.smooth.1[j]) / n;
                let from_mean = 2.0 - room - delta.at(k, l) - margins;
                spread += self.rows[i] * self.cols[j] / (n * n) * from_mean.powi(2);
            }
        }
        Some(spread / (n * room * room))
    }
}

/// δ of (row label, column label): symmetric, or from a matrix that need not be.
#[derive(Debug, Clone)]
pub(super) enum Delta {
    Symmetric(Distance),
    Matrix(std::sync::Arc<super::weights::WeightMatrix>),
}

impl Delta {
    pub(super) fn new(weights: &Weights, levels: &Levels) -> Result<Self, Undefined> {
        // Also checks that a matrix has the right size.
        let distance = weights.distance(levels)?;
        Ok(match weights {
            Weights::Custom(matrix) => Self::Matrix(std::sync::Arc::clone(matrix)),
            _ => Self::Symmetric(distance),
        })
    }

    pub(super) fn at(&self, k: LabelId, l: LabelId) -> f64 {
        match self {
            Self::Symmetric(distance) => distance.between(k, l),
            Self::Matrix(matrix) => matrix.at(k, l),
        }
    }

    /// Whether δ is 1 for any two labels.
    pub(super) fn is_identity(&self) -> bool {
        matches!(self, Self::Symmetric(Distance::Nominal))
    }

    pub(super) fn smoothed(&self, labels: &[LabelId], rows: &[f64], cols: &[f64]) -> (Vec<f64>, Vec<f64>) {
        match self {
            Self::Symmetric(distance) => (distance.smoothed(labels, cols), distance.smoothed(labels, rows)),
            Self::Matrix(matrix) => {
                let sum = |of: &[f64], at: &dyn Fn(LabelId) -> f64| -> f64 {
                    labels.iter().zip(of).map(|(&other, m)| m * at(other)).sum()
                };
                (
                    labels.iter().map(|&k| sum(cols, &|l| matrix.at(k, l))).collect(),
                    labels.iter().map(|&l| sum(rows, &|k| matrix.at(k, l))).collect(),
                )
            }
        }
    }
}

/// All about a table of two raters, given as its cells. Labels are below `levels.len()`; others take no part.
///
/// Undefined for an empty table, and where the weights do not fit the levels. Where chance agreement is 1 only the
/// coefficients that suffer from it are `None`.
pub fn two_raters(cells: &[Cell], weights: &Weights, levels: &Levels) -> Result<TwoRaters, Undefined> {
    let delta = Delta::new(weights, levels)?;
    let inside = |&(k, l, n): &Cell| n > 0 && (k.max(l) as usize) < levels.len();
    let cells: Vec<Cell> = cells.iter().copied().filter(inside).collect();
    if cells.is_empty() {
        return Err(Undefined::NoAnnotations);
    }
    let table = Kappa::new(cells.iter().map(|&(k, l, n)| (k, l, n as f64)), &delta);
    let n = table.n;
    let kappa = table.value();
    let observed = 1.0 - table.apart / n;
    let expected = 1.0 - table.chance / (n * n);
    let identity = *weights == Weights::Identity;
    let both = table.rows.iter().zip(&table.cols);
    let most: f64 = both.clone().map(|(r, c)| r.min(*c)).sum::<f64>() / n;
    let distance = weights.distance(levels)?;
    let mut mass = Mass::default();
    table.labels.iter().zip(both).for_each(|(&label, (r, c))| mass.push(label, (r + c) / 2.0));
    let chance = |form| {
        let rule = Rule::new(form, Some(distance.clone()), levels).ok()?;
        rule.of_sums(n, n, table.apart, &mass, &distance)
    };
    let at = |k, l| cells.iter().filter(|c| (c.0, c.1) == (k, l)).map(|c| c.2).sum::<u64>() as f64;
    let index = |a: f64, b: f64| (levels.len() == 2).then_some((a - b).abs() / n);
    Ok(TwoRaters {
        n_items: cells.iter().map(|c| c.2).sum(),
        observed,
        expected,
        kappa,
        se: kappa.map(|k| table.variance(&cells, &delta, k).max(0.0).sqrt()),
        se_null: kappa.and_then(|_| table.null_variance(&delta)).map(|v| v.max(0.0).sqrt()),
        kappa_max: kappa.filter(|_| identity).map(|_| (most - expected) / (1.0 - expected)),
        pi: chance(Form::Fleiss),
        uniform: chance(Form::Uniform),
        ac: chance(Form::Gwet),
        prevalence_index: index(at(0, 0), at(1, 1)),
        bias_index: index(at(0, 1), at(1, 0)),
    })
}
