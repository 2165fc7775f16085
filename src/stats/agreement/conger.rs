//! Conger's kappa (1980): many raters, each with a distribution of his own.
//!
//! With p_g the distribution of rater g's labels, S = Σ_g p_g and δ = 1 − w, the expected disagreement is that of two
//! different raters drawn at random: (Sᵀ δ S − Σ_g p_gᵀ δ p_g)/(r (r − 1)). That is Gwet's (2014, ch. 5)
//! p_e = Σ w_kl (p̄_k p̄_l − s²_kl/r), without a sum over raters × labels². For two raters and complete data it is Cohen's.

use super::distance::Distance;
use super::interval::Spread;
use super::sums::Mass;
use super::tally::Tally;
use crate::dataset::{Annotations, LabelId};
use crate::stats::estimate::Method;
use crate::stats::{Estimate, Undefined};

/// Most cells of a table of raters × labels; with more, each rater's labels are sorted.
const MAX_CELLS: usize = 1 << 24;

/// Each rater's labels, and what the whole is made of. Repeats by one rater on one item are resolved before.
pub(super) struct Conger<'a> {
    annotations: &'a Annotations,
    tally: &'a Tally,
    distance: Distance,
    /// D_i/(r (r − 1)) by kind of item; `None` for fewer than two ratings.
    apart: Vec<Option<f64>>,
    fit: Fit,
}

/// Sums for given numbers of items.
struct Fit {
    /// Labels of each rater and their shares; empty for raters without any.
    shares: Vec<Mass>,
    /// Ratings of each rater.
    rated: Vec<f64>,
    /// Raters r.
    raters: f64,
    /// Items with a rating.
    items: f64,
    /// Items with two or more.
    pairable: f64,
    /// Σ D_i/(r_i (r_i − 1)).
    apart: f64,
    /// S by label.
    sum: Vec<f64>,
    /// Expected disagreement.
    expected: f64,
}

impl Fit {
    fn value(&self) -> Option<f64> {
        (self.pairable > 0.0 && self.expected > 0.0).then(|| 1.0 - self.apart / self.pairable / self.expected)
    }
}

impl<'a> Conger<'a> {
    /// On annotations without repeats and their tally. Undefined where nothing can be paired, and where no two
    /// different raters can be expected to disagree.
    pub(super) fn new(
        annotations: &'a Annotations,
        tally: &'a Tally,
        distance: Distance,
    ) -> Result<Self, Undefined> {
        tally.check()?;
        let apart = tally
            .patterns()
            .map(|p| {
                let r = f64::from(p.size);
                (p.size >= 2).then(|| distance.spread_of(p.labels, p.counts) / (r * (r - 1.0)))
            })
            .collect();
        let empty = Fit {
            shares: Vec::new(),
            rated: Vec::new(),
            raters: 0.0,
            items: 0.0,
            pairable: 0.0,
            apart: 0.0,
            sum: Vec::new(),
            expected: 0.0,
        };
        let mut conger = Self { annotations, tally, distance, apart, fit: empty };
        conger.fit = conger.fitted(|_| 1.0);
        if conger.fit.value().is_none() { Err(Undefined::NoVariation) } else { Ok(conger) }
    }

    fn fitted(&self, times: impl Fn(usize) -> f64) -> Fit {
        let q = self.tally.n_labels;
        let shares = self.shares(&times);
        let mut fit = Fit {
            rated: shares.iter().map(|m| m.mass.iter().sum()).collect(),
            shares,
            raters: 0.0,
            items: 0.0,
            pairable: 0.0,
            apart: 0.0,
            sum: vec![0.0; q],
            expected: 0.0,
        };
        for item in 0..self.tally.n_items() {
            if let Some(p) = self.tally.pattern_of(item) {
                let times = times(item);
                fit.items += times;
                if let Some(apart) = self.apart[p] {
                    fit.pairable += times;
                    fit.apart += times * apart;
                }
            }
        }
        let mut own = 0.0;
        for (mass, &n) in fit.shares.iter_mut().zip(&fit.rated).filter(|(_, n)| **n > 0.0) {
            fit.raters += 1.0;
            mass.mass.iter_mut().for_each(|m| *m /= n);
            own += self.distance.spread(&mass.labels, &mass.mass);
            for (&label, m) in mass.labels.iter().zip(&mass.mass) {
                fit.sum[label as usize] += m;
            }
        }
        let all = Mass::of(&fit.sum);
        // Where all use one and the same label there is exactly nothing.
        if self.distance.separates(all.labels.iter().copied()) && fit.raters >= 2.0 {
            let whole = self.distance.spread(&all.labels, &all.mass);
            let between = whole - own;
            if between > 1e-12 * whole {
                fit.expected = between / (fit.raters * (fit.raters - 1.0));
            }
        }
        fit
    }

    /// How often each rater gave each label.
    fn shares(&self, times: &impl Fn(usize) -> f64) -> Vec<Mass> {
        let (a, q) = (self.annotations, self.tally.n_labels);
        if a.n_raters().saturating_mul(q) <= MAX_CELLS {
            let mut cells = vec![0.0; a.n_raters() * q];
            for item in 0..a.n_items() {
                let times = times(item);
                for (&rater, &label) in a.raters_of(item).iter().zip(a.labels_of(item)) {
                    if (label as usize) < q {
                        cells[rater as usize * q + label as usize] += times;
                    }
                }
            }
            return cells.chunks(q.max(1)).map(Mass::of).collect();
        }
        let of_rater = |rater: usize| {
            let mut given: Vec<(LabelId, f64)> = a
                .of_rater(rater)
                .filter(|x| (x.label as usize) < q)
                .map(|x| (x.label, times(x.item as usize)))
                .filter(|(_, t)| *t > 0.0)
                .collect();
            given.sort_by_key(|g| g.0);
            let mut mass = Mass::default();
            for run in given.chunk_by(|x, y| x.0 == y.0) {
                mass.push(run[0].0, run.iter().map(|g| g.1).sum());
            }
            mass
        };
        (0..a.n_raters()).map(of_rater).collect()
    }

    /// The coefficient where item i counts `times[i]`.
    pub(super) fn value_of(&self, times: &[f64]) -> Option<f64> {
        self.fitted(|item| times[item]).value()
    }

    /// What one evaluation costs, in annotations.
    pub(super) fn cost(&self) -> u64 {
        (self.annotations.len() + self.annotations.n_raters()) as u64
    }

    /// The value without an interval.
    pub(super) fn plain(&self) -> Option<Estimate> {
        let n_pairable = Some(self.tally.n_pairable_ratings);
        let value = self.fit.value()?;
        Some(Estimate { n_pairable, ..Estimate::new(value, self.tally.n_rated, self.tally.n_raters) })
    }

    /// Gwet's linearised variance. With b_g = p_g · δS − p_gᵀ δ p_g and n_g ratings by rater g of all n items, an item
    /// has (e_i − p_e) = Σ_{g rated i} (n/n_g)(b_g − (δS)_l + (δp_g)_l)/(r (r − 1)), l being what g said of it.
    pub(super) fn analytic(&self, remaining: impl Fn(f64) -> f64) -> Option<Spread> {
        let fit = &self.fit;
        let value = fit.value()?;
        let all = Mass::of(&fit.sum);
        let mut smooth = vec![0.0; self.tally.n_labels];
        for (&label, s) in all.labels.iter().zip(self.distance.smoothed(&all.labels, &all.mass)) {
            smooth[label as usize] = s;
        }
        let n = fit.items;
        // For each rater, by place of the label: (n/n_g)(b_g − (δS)_l + (δp_g)_l)/(r (r − 1)).
        let off: Vec<Vec<f64>> = fit
            .shares
            .iter()
            .zip(&fit.rated)
            .map(|(mass, rated)| {
                let own = self.distance.smoothed(&mass.labels, &mass.mass);
                let across = mass.labels.iter().map(|&l| smooth[l as usize]);
                let b: f64 = across.clone().zip(&own).zip(&mass.mass).map(|((s, o), m)| m * (s - o)).sum();
                let scale = n / rated / (fit.raters * (fit.raters - 1.0));
                across.zip(&own).map(|(s, o)| scale * (b - s + o)).collect()
            })
            .collect();
        let (room, scale) = (fit.expected, n / fit.pairable);
        let mut squares = 0.0;
        for item in 0..self.tally.n_items() {
            let Some(p) = self.tally.pattern_of(item) else { continue };
            let own = self.apart[p].map_or(0.0, |apart| scale * (1.0 - apart / room));
            let mut chance = 0.0;
            let (raters, labels) = (self.annotations.raters_of(item), self.annotations.labels_of(item));
            for (&rater, label) in raters.iter().zip(labels) {
                let known = &fit.shares[rater as usize].labels;
                if let Ok(place) = known.binary_search(label) {
                    chance += off[rater as usize][place];
                }
            }
            squares += (own - 2.0 * (1.0 - value) * chance / room - value).powi(2);
        }
        let variance = remaining(n) * squares / (n * (n - 1.0));
        (n >= 2.0).then(|| Spread::student(value, variance, n as usize - 1, Method::Analytic))?
    }
}
