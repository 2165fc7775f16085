//! Coefficients of counts, with their intervals over items and the influence of each item.

use super::interval::Spread;
use super::ordinal::Ranks;
use super::resample::resample;
use super::sums::{Form, Rule, Whole};
use super::tally::Tally;
use crate::progress::{Cancelled, Progress};
use crate::stats::estimate::Method;
use crate::stats::{Estimate, Undefined};

/// A coefficient of counts on some data.
pub(super) struct Counted<'a> {
    pub tally: &'a Tally,
    pub rule: Rule,
    pub whole: Whole,
}

impl<'a> Counted<'a> {
    /// Computes it. Undefined where nothing can be paired, and where there is no variation.
    pub(super) fn new(tally: &'a Tally, rule: Rule) -> Result<Self, Undefined> {
        let whole = rule.whole(tally)?;
        Ok(Self { tally, rule, whole })
    }

    /// The value without an interval.
    pub(super) fn plain(&self) -> Estimate {
        let tally = self.tally;
        let (n_items, n_raters) = match self.rule.form {
            Form::Percent | Form::Alpha => (tally.n_pairable, tally.n_raters_pairable),
            Form::Fleiss | Form::Gwet | Form::Uniform => (tally.n_rated, tally.n_raters),
        };
        let n_pairable = Some(tally.n_pairable_ratings);
        Estimate { n_pairable, ..Estimate::new(self.whole.value, n_items, n_raters) }
    }

    /// The value with a spread; the limits of observed agreement stay in 0..=1.
    pub(super) fn estimate(&self, spread: Option<Spread>) -> Estimate {
        let mut estimate = self.plain();
        if let Some(spread) = spread {
            let (low, high) = spread.ci;
            let low = if self.rule.form == Form::Percent { low.max(0.0) } else { low };
            estimate.ci = Some((low, high));
            estimate.se = Some(spread.se);
            estimate.method = Some(spread.method);
        }
        estimate
    }

    /// The value with its analytic interval.
    pub(super) fn analysed(&self) -> Estimate {
        self.estimate(self.analytic(|_| 1.0))
    }

    /// Items that take part: rated ones, or units for alpha.
    fn units(&self) -> usize {
        if self.rule.form == Form::Alpha { self.tally.n_pairable } else { self.tally.n_rated }
    }

    /// Gwet's linearised variance; the jackknife for the ordinal metric. `remaining` is 1 − n/N of n.
    pub(super) fn analytic(&self, remaining: impl Fn(f64) -> f64) -> Option<Spread> {
        if self.rule.is_ordinal() {
            return self.jackknife(remaining);
        }
        let squares = if self.rule.form == Form::Alpha { self.alpha_squares() } else { self.squares() };
        let n = self.units() as f64;
        let variance = remaining(n) * squares / (n * (n - 1.0));
        let df = self.tally.n_rated - 1;
        if self.units() < 2 {
            return None;
        }
        Spread::student(self.whole.value, variance, df, Method::Analytic)
    }

    /// Σ (κ*_i − κ)² over rated items: κ*_i = κ_i − 2 (1 − κ)(e_i − p_e)/(1 − p_e) with
    /// κ_i = (n/n′)(a_i − p_e)/(1 − p_e), or 0 for an item with one rating (Gwet 2014, ch. 5–6).
    fn squares(&self) -> f64 {
        let (whole, rule) = (&self.whole, &self.rule);
        let room = whole.expected(rule);
        let scale = whole.rated / whole.pairable;
        let mut squares = 0.0;
        for pattern in self.tally.patterns().filter(|p| p.times > 0) {
            let r = f64::from(pattern.size);
            let d = whole.distance.spread_of(pattern.labels, pattern.counts);
            let (_, paired, apart, factor) = rule.item(r, r, d);
            let own = if paired > 0.0 { scale * (1.0 - apart / room) } else { 0.0 };
            let shares =
                || pattern.labels.iter().zip(pattern.counts).map(|(&l, &c)| (l as usize, f64::from(c)));
            // (e_i − p_e)/(1 − p_e).
            let chance = match rule.form {
                Form::Fleiss => {
                    let smooth: f64 = shares().map(|(l, c)| factor * c * whole.smooth[l]).sum();
                    1.0 - smooth / whole.rated / room
                }
                Form::Gwet => {
                    let hard: f64 =
                        shares().map(|(l, c)| factor * c * (1.0 - whole.dense[l] / whole.rated)).sum();
                    (rule.weight_share() * hard - (1.0 - room)) / room
                }
                Form::Percent | Form::Uniform | Form::Alpha => 0.0,
            };
            let off = own - 2.0 * (1.0 - whole.value) * chance - whole.value;
            squares += f64::from(pattern.times) * off * off;
        }
        squares
    }

    /// The same for alpha over units. With o = mean of y_u = D_u/(r̄ (m_u − 1)), e = Σ π_k π_l δ_kl, π_k = n_k/(n₀ r̄),
    /// d_u = (m_u − r̄)/r̄ and z_u = Σ_k n_uk (δ π)_k/r̄, unit u contributes
    /// [e − y_u + o d_u]/e − 2 (o/e)[e + e d_u − z_u]/e, whose mean is α′ = 1 − o/e: the formula of Gwet (2014,
    /// ch. 6) and `krippen.alpha.raw` of irrCAC 1.4, in disagreements.
    fn alpha_squares(&self) -> f64 {
        let whole = &self.whole;
        let n = whole.pairable;
        let mean = n / whole.rated;
        let e = whole.spread / (n * n);
        let o = whole.observed / n;
        let mut squares = 0.0;
        for pattern in self.tally.patterns().filter(|p| p.times > 0 && p.size >= 2) {
            let m = f64::from(pattern.size);
            let y = whole.distance.spread_of(pattern.labels, pattern.counts) / (mean * (m - 1.0));
            let d = (m - mean) / mean;
            let counts = pattern.labels.iter().zip(pattern.counts);
            let z = counts.map(|(&l, &c)| f64::from(c) * whole.smooth[l as usize]).sum::<f64>() / (n * mean);
            let own = (e - y + o * d) / e;
            let chance = (e + e * d - z) / e;
            let off = own - 2.0 * (o / e) * chance - (1.0 - o / e);
            squares += f64::from(pattern.times) * off * off;
        }
        squares
    }

    /// The coefficient without one item, for each kind of item; `None` where it is undefined then. Kinds that take
    /// no part have the value of the whole.
    pub(super) fn without(&self) -> Vec<Option<f64>> {
        let (rule, whole) = (&self.rule, &self.whole);
        let ranks = rule.is_ordinal().then(|| Ranks::new(rule, self.tally, whole, self.tally.len()));
        let one = |p: usize| {
            let pattern = self.tally.pattern(p);
            if pattern.times == 0 || !rule.takes(pattern.size) {
                return Some(whole.value);
            }
            let part = rule.part(&pattern, &whole.distance);
            match &ranks {
                None => rule.without(whole, &part),
                Some(ranks) => ranks.without(rule, whole, (part.pairable, &part.mass), |distance| {
                    rule.part(&pattern, distance).observed
                }),
            }
        };
        (0..self.tally.len()).map(one).collect()
    }

    /// Jackknife-t over the items that take part.
    pub(super) fn jackknife(&self, remaining: impl Fn(f64) -> f64) -> Option<Spread> {
        let without = self.without();
        let taking =
            self.tally.patterns().zip(&without).filter(|(p, _)| p.times > 0 && self.rule.takes(p.size));
        let each = taking.map(|(p, &value)| (value, f64::from(p.times)));
        Spread::jackknife(self.whole.value, each, remaining(self.units() as f64))
    }

    /// The coefficient on resamples of the items that take part.
    pub(super) fn draws(&self, plan: (u32, u64), progress: &Progress) -> Result<Vec<Option<f64>>, Cancelled> {
        let mut kinds = Vec::with_capacity(self.units());
        let mut spreads = vec![0.0; if self.rule.is_ordinal() { 0 } else { self.tally.len() }];
        for (p, pattern) in self.tally.patterns().enumerate() {
            if pattern.times > 0 && self.rule.takes(pattern.size) {
                kinds.extend(std::iter::repeat_n(p as u32, pattern.times as usize));
            }
            if let Some(spread) = spreads.get_mut(p) {
                *spread = self.whole.distance.spread_of(pattern.labels, pattern.counts);
            }
        }
        resample(&kinds, self.tally.len(), plan, progress, |times| {
            self.rule.value_of(self.tally, &spreads, times)
        })
    }
}
