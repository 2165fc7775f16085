//! The sums that every coefficient of counts is made of, and what becomes of it when some of them change.
//!
//! Each is 1 − (observed δ)/(expected δ), with δ = 1 − w. An item i with counts n_ik, r = Σ_k n_ik, adds
//!
//! | | to "rated" | to "pairable" | to "observed" | to the mass of label k |
//! |---|---|---|---|---|
//! | percent, Fleiss, Gwet, uniform | 1 | 1 if r ≥ 2 | D_i/(r (r − 1)) | n_ik/r |
//! | Krippendorff, only if r ≥ 2 | 1 | r | D_i/(r − 1) | n_ik |
//!
//! with D_i = Σ_kl n_ik n_il δ_kl. Observed δ is observed/pairable. Expected δ, with π = mass/rated: 1; Σ π_k π_l δ_kl;
//! 1 − T Σ π_k (1 − π_k)/(q (q − 1)); 1 − T/q² with T = Σ_kl w_kl; for alpha Σ n_k n_l δ_kl/(n (n − 1)), n = pairable.
//!
//! All of it is linear or quadratic in the sums, so leaving out an item or a rater costs as much as that item or that
//! rater, not as much as the data: the closed form behind every jackknife and every influence here.

use super::distance::Distance;
use super::levels::Levels;
use super::tally::{Pattern, Tally};
use crate::dataset::LabelId;
use crate::stats::Undefined;

/// Most labels in use where a metric has no closed sums and goes over all pairs (a second of work).
const MAX_PAIRWISE: usize = 20_000;
/// Expected disagreement that is left when it is smaller than this share of what it was: rounding, that is none.
const DUST: f64 = 1e-12;

/// How chance is modelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Not at all: observed agreement.
    Percent,
    /// By the labels' shares (Scott, Fleiss).
    Fleiss,
    /// By the labels' shares, for hard items only (Gwet's AC1 and AC2).
    Gwet,
    /// All labels alike (Bennett's S, Brennan–Prediger, Randolph).
    Uniform,
    /// By drawing pairs from all values that can be paired (Krippendorff).
    Alpha,
}

/// A coefficient of counts.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub form: Form,
    /// δ, but for the ordinal metric, which needs the data.
    fixed: Option<Distance>,
    /// Levels q.
    n_levels: f64,
    /// Σ_kl w_kl.
    weight_total: f64,
    /// Positions of the levels in the order of their values, for the ordinal metric.
    order: Vec<LabelId>,
}

/// Labels and how much mass each has, by ascending label.
#[derive(Debug, Clone, Default)]
pub(super) struct Mass {
    pub labels: Vec<LabelId>,
    pub mass: Vec<f64>,
}

impl Mass {
    pub(super) fn clear(&mut self) {
        self.labels.clear();
        self.mass.clear();
    }

    pub(super) fn push(&mut self, label: LabelId, mass: f64) {
        self.labels.push(label);
        self.mass.push(mass);
    }

    /// The labels of a dense column with mass.
    pub(super) fn of(dense: &[f64]) -> Self {
        let mut mass = Self::default();
        let used = dense.iter().enumerate().filter(|(_, m)| **m > 0.0);
        used.for_each(|(label, &m)| mass.push(label as LabelId, m));
        mass
    }
}

/// What some items add, or a change of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    pub rated: f64,
    pub pairable: f64,
    pub observed: f64,
    pub mass: Mass,
}

/// The sums over all items, and the coefficient.
#[derive(Debug, Clone)]
pub(super) struct Whole {
    pub rated: f64,
    pub pairable: f64,
    pub observed: f64,
    /// Labels in use and their mass.
    pub mass: Mass,
    /// Σ_l δ_kl mass_l, one a label of the set; 0 for labels that are not used.
    pub smooth: Vec<f64>,
    /// Mass by label of the set.
    pub dense: Vec<f64>,
    /// Σ_kl mass_k mass_l δ_kl.
    pub spread: f64,
    /// Σ_k mass_k².
    pub squares: f64,
    /// δ of this data.
    pub distance: Distance,
    /// The coefficient.
    pub value: f64,
}

impl Whole {
    /// Expected δ.
    pub(super) fn expected(&self, rule: &Rule) -> f64 {
        let total = self.mass.mass.iter().sum();
        rule.expected(self.rated, self.pairable, self.spread, total, self.squares)
    }
}

impl Rule {
    /// With a fixed δ, or none for the ordinal metric. Refuses a metric over too many labels.
    pub(super) fn new(form: Form, fixed: Option<Distance>, levels: &Levels) -> Result<Self, Undefined> {
        let q = levels.len();
        let mut weight_total = 0.0;
        if matches!(form, Form::Gwet | Form::Uniform)
            && let Some(distance) = &fixed
        {
            refuse_many(distance, q)?;
            if q < 2 {
                return Err(Undefined::Because(
                    "chance agreement needs two labels to choose from".to_owned(),
                ));
            }
            let all: Vec<LabelId> = (0..q as LabelId).collect();
            weight_total = (q * q) as f64 - distance.spread(&all, &vec![1.0; q]);
        }
        let mut order: Vec<LabelId> = Vec::new();
        if fixed.is_none() {
            let values = levels.values();
            order = (0..q as LabelId).collect();
            order.sort_by(|&a, &b| values[a as usize].total_cmp(&values[b as usize]));
        }
        Ok(Self { form, fixed, n_levels: q as f64, weight_total, order })
    }

    /// Identity weights or the nominal metric over `n_labels`.
    pub(super) fn nominal(form: Form, n_labels: usize) -> Self {
        let q = n_labels as f64;
        Self { form, fixed: Some(Distance::Nominal), n_levels: q, weight_total: q, order: Vec::new() }
    }

    /// Whether δ depends on the data.
    pub(super) fn is_ordinal(&self) -> bool {
        self.fixed.is_none()
    }

    /// Σ_kl w_kl/(q (q − 1)).
    pub(super) fn weight_share(&self) -> f64 {
        self.weight_total / (self.n_levels * (self.n_levels - 1.0))
    }

    /// Whether an item with `size` ratings takes part.
    pub(super) fn takes(&self, size: u32) -> bool {
        size >= if self.form == Form::Alpha { 2 } else { 1 }
    }

    /// What an item with total weight `r` adds: Σ w² = `squares`, weighted counts with spread `d`.
    /// With weights 1, `squares` is r. Returns (rated, pairable, observed, factor from counts to mass).
    pub(super) fn item(&self, r: f64, squares: f64, d: f64) -> (f64, f64, f64, f64) {
        let pairs = r * r - squares;
        let paired = pairs > 1e-9 * r * r;
        match (self.form, paired) {
            (Form::Alpha, false) => (0.0, 0.0, 0.0, 0.0),
            (Form::Alpha, true) => (1.0, r, r * d / pairs, 1.0),
            (_, false) => (1.0, 0.0, 0.0, 1.0 / r),
            (_, true) => (1.0, 1.0, d / pairs, 1.0 / r),
        }
    }

    /// What one item of this kind adds.
    pub(super) fn part(&self, pattern: &Pattern<'_>, distance: &Distance) -> Part {
        let r = f64::from(pattern.size);
        let d = distance.spread_of(pattern.labels, pattern.counts);
        let (rated, pairable, observed, factor) = self.item(r, r, d);
        let mut mass = Mass::default();
        if factor > 0.0 {
            for (&label, &count) in pattern.labels.iter().zip(pattern.counts) {
                mass.push(label, factor * f64::from(count));
            }
        }
        Part { rated, pairable, observed, mass }
    }

    /// δ for this mass: the fixed one, or (x − y)² on mid-ranks Σ_{g<c} n_g + n_c/2.
    pub(super) fn distance(&self, dense: &[f64]) -> Distance {
        if let Some(fixed) = &self.fixed {
            return fixed.clone();
        }
        let mut ranks = vec![0.0; dense.len()];
        let mut below = 0.0;
        for &label in &self.order {
            let n = dense[label as usize];
            ranks[label as usize] = below + 0.5 * n;
            below += n;
        }
        Distance::squared(ranks)
    }

    /// Levels in the order of their values, for the ordinal metric.
    pub(super) fn order(&self) -> &[LabelId] {
        &self.order
    }

    /// The coefficient where each kind of item counts `times`; D_i of each kind is `spreads`, where δ is fixed.
    /// `None` where it is undefined: nothing to pair, or no variation.
    pub(super) fn value_of(&self, tally: &Tally, spreads: &[f64], times: &[f64]) -> Option<f64> {
        let mut dense = vec![0.0; tally.n_labels];
        let (mut rated, mut pairable, mut observed) = (0.0, 0.0, 0.0);
        for (p, &times) in times.iter().enumerate().filter(|(_, t)| **t > 0.0) {
            let pattern = tally.pattern(p);
            let r = f64::from(pattern.size);
            let (one, pair, apart, factor) =
                self.item(r, r, if self.is_ordinal() { 0.0 } else { spreads[p] });
            rated += times * one;
            pairable += times * pair;
            observed += times * apart;
            for (&label, &count) in pattern.labels.iter().zip(pattern.counts) {
                dense[label as usize] += times * factor * f64::from(count);
            }
        }
        let ranks;
        let distance = match &self.fixed {
            Some(fixed) => fixed,
            None => {
                ranks = self.distance(&dense);
                for (p, &times) in times.iter().enumerate().filter(|(_, t)| **t > 0.0) {
                    let pattern = tally.pattern(p);
                    let r = f64::from(pattern.size);
                    let d = ranks.spread_of(pattern.labels, pattern.counts);
                    observed += times * self.item(r, r, d).2;
                }
                &ranks
            }
        };
        self.of_sums(rated, pairable, observed, &Mass::of(&dense), distance)
    }

    /// The coefficient of given sums.
    pub(super) fn of_sums(
        &self,
        rated: f64,
        pairable: f64,
        observed: f64,
        mass: &Mass,
        distance: &Distance,
    ) -> Option<f64> {
        if pairable <= 0.0 {
            return None;
        }
        let needs_spread = matches!(self.form, Form::Fleiss | Form::Alpha);
        if needs_spread && !distance.separates(mass.labels.iter().copied()) {
            return None;
        }
        let spread = if needs_spread { distance.spread(&mass.labels, &mass.mass) } else { 0.0 };
        let squares = mass.mass.iter().map(|m| m * m).sum();
        let total = mass.mass.iter().sum();
        let expected = self.expected(rated, pairable, spread, total, squares);
        (expected > 0.0).then(|| 1.0 - observed / pairable / expected)
    }

    /// Expected δ of sums: spread Σ m m δ, total Σ m, squares Σ m².
    fn expected(&self, rated: f64, pairable: f64, spread: f64, total: f64, squares: f64) -> f64 {
        match self.form {
            Form::Percent => 1.0,
            Form::Fleiss => spread / (rated * rated),
            Form::Gwet => 1.0 - self.weight_share() * (total / rated - squares / (rated * rated)),
            Form::Uniform => 1.0 - self.weight_total / (self.n_levels * self.n_levels),
            Form::Alpha => spread / (pairable * (pairable - 1.0)),
        }
    }

    /// All sums over the tally. Undefined for no variation.
    pub(super) fn whole(&self, tally: &Tally) -> Result<Whole, Undefined> {
        tally.check()?;
        let mut dense = vec![0.0; tally.n_labels];
        let (mut rated, mut pairable) = (0.0, 0.0);
        for pattern in tally.patterns().filter(|p| p.times > 0 && self.takes(p.size)) {
            let (r, times) = (f64::from(pattern.size), f64::from(pattern.times));
            let (one, pair, _, factor) = self.item(r, r, 0.0);
            rated += times * one;
            pairable += times * pair;
            for (&label, &count) in pattern.labels.iter().zip(pattern.counts) {
                dense[label as usize] += times * (factor * f64::from(count));
            }
        }
        let distance = self.distance(&dense);
        let mass = Mass::of(&dense);
        refuse_many(&distance, mass.labels.len())?;
        let mut observed = 0.0;
        for pattern in tally.patterns().filter(|p| p.times > 0 && p.size >= 2) {
            let r = f64::from(pattern.size);
            let d = distance.spread_of(pattern.labels, pattern.counts);
            observed += f64::from(pattern.times) * self.item(r, r, d).2;
        }
        let mut whole = Whole {
            rated,
            pairable,
            observed,
            smooth: Vec::new(),
            dense,
            spread: 0.0,
            squares: mass.mass.iter().map(|m| m * m).sum(),
            distance,
            value: 0.0,
            mass,
        };
        if matches!(self.form, Form::Fleiss | Form::Alpha) {
            if !whole.distance.separates(whole.mass.labels.iter().copied()) {
                return Err(no_variation(tally, &whole));
            }
            let smooth = whole.distance.smoothed(&whole.mass.labels, &whole.mass.mass);
            whole.spread = whole.distance.spread(&whole.mass.labels, &whole.mass.mass);
            whole.smooth = vec![0.0; tally.n_labels];
            for (&label, s) in whole.mass.labels.iter().zip(smooth) {
                whole.smooth[label as usize] = s;
            }
        }
        let expected = whole.expected(self);
        if expected.is_nan() || expected <= 0.0 {
            return Err(Undefined::NoVariation);
        }
        whole.value = 1.0 - whole.observed / whole.pairable / expected;
        Ok(whole)
    }

    /// The coefficient without `part`, δ staying what it is. `None` where it is undefined then.
    pub(super) fn without(&self, whole: &Whole, part: &Part) -> Option<f64> {
        let (rated, pairable) = (whole.rated - part.rated, whole.pairable - part.pairable);
        let observed = (whole.observed - part.observed).max(0.0);
        // Sums of whole numbers and of shares of 1: half a unit is none.
        if pairable < 0.5 || rated < 0.5 {
            return None;
        }
        let pairs = || part.mass.labels.iter().zip(&part.mass.mass);
        let mut spread = 0.0;
        if matches!(self.form, Form::Fleiss | Form::Alpha) {
            let cross: f64 = pairs().map(|(&l, m)| m * whole.smooth[l as usize]).sum();
            let own = whole.distance.spread(&part.mass.labels, &part.mass.mass);
            spread = whole.spread - 2.0 * cross + own;
            if spread <= DUST * whole.spread {
                return None;
            }
        }
        let total: f64 = rated;
        let change = pairs().map(|(&l, m)| m * (m - 2.0 * whole.dense[l as usize])).sum::<f64>();
        let squares = whole.squares + change;
        let expected = self.expected(rated, pairable, spread, total, squares);
        (expected > 0.0).then(|| 1.0 - observed / pairable / expected)
    }
}

/// Why there is no variation: one label in all, or only where there is something to pair.
fn no_variation(tally: &Tally, whole: &Whole) -> Undefined {
    let elsewhere = tally
        .patterns()
        .filter(|p| p.times > 0)
        .any(|p| p.labels.iter().any(|&l| whole.dense[l as usize] == 0.0));
    if elsewhere {
        Undefined::Because(
            "items with two annotations or more use only one label, so chance agreement is 1 (observed agreement is \
             100 %)"
                .to_owned(),
        )
    } else {
        Undefined::NoVariation
    }
}

fn refuse_many(distance: &Distance, labels: usize) -> Result<(), Undefined> {
    if distance.is_pairwise() && labels > MAX_PAIRWISE {
        return Err(Undefined::Because(format!(
            "{labels} different labels are too many for this metric (at most {MAX_PAIRWISE})"
        )));
    }
    Ok(())
}
