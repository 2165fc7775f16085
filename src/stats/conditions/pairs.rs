//! Two conditions side by side.

use statrs::function::erf::erfc;

use super::{Ratings, moments};
use crate::stats::agreement::benjamini_hochberg;
use crate::stats::correlation::Correlation;
use crate::stats::{Estimate, Statistic, Undefined};

/// How far one item moved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    /// The item.
    pub item: u32,
    /// Mean under the first condition less that under the second.
    pub shift: f64,
    /// shift/√(SEM₁² + SEM₂²); `None` where a condition has fewer than two ratings, or neither varies.
    pub z: Option<f64>,
    /// Two-sided p-value of z, normal.
    pub p_value: Option<f64>,
    /// The same adjusted for all items (Benjamini & Hochberg).
    pub adjusted: Option<f64>,
    /// Whether the raters of either condition are of one mind, two or more each, and the two differ: there is no z, and no doubt.
    pub outright: bool,
}

impl Shift {
    /// Whether its adjusted p-value is at most `level`, or it moved outright.
    pub fn is_moved(&self, level: f64) -> bool {
        self.outright || self.adjusted.is_some_and(|p| p <= level)
    }
}

/// Two conditions.
#[derive(Debug, Clone, PartialEq)]
pub struct ConditionPair {
    /// Items rated under both.
    pub n_items: usize,
    /// Pearson's r of item means.
    pub pearson: Statistic,
    /// Spearman's ρ.
    pub spearman: Statistic,
    /// Kendall's τ_b.
    pub kendall: Statistic,
    /// Mean shift; undefined without a shared item.
    pub mean_shift: Statistic,
    /// Standard deviation (n − 1) of shifts; `None` for fewer than two items.
    pub sd_shift: Option<f64>,
    /// Reliabilities of item means under each condition.
    pub reliability: [Result<f64, Undefined>; 2],
    /// r/√(rel₁ rel₂). Undefined where r or a reliability is, or a reliability is not above 0. May exceed 1, which says that the reliabilities are
    /// too low or chance helped; it is not cut off.
    pub corrected: Statistic,
    /// Items that moved outright, then by |z|, largest first, then those without z by |shift|.
    pub shifts: Vec<Shift>,
}

impl ConditionPair {
    /// Whether the corrected correlation is more than there can be.
    pub fn exceeds_one(&self) -> bool {
        self.corrected.value().is_some_and(|r| r.abs() > 1.0)
    }

    /// Items that moved, those that moved most first.
    pub fn moved(&self, level: f64) -> impl Iterator<Item = &Shift> {
        self.shifts.iter().filter(move |s| s.is_moved(level))
    }
}

/// Reliability of item means: 1 − mean(SD²/n)/Var(means), over items with two ratings or more; negative where items differ less than error makes
/// them. Undefined for fewer than two such items, or where their means are all the same.
pub fn reliability_of_means(ratings: &Ratings) -> Result<f64, Undefined> {
    let known = ratings.iter().filter_map(|r| moments(r)).filter(|m| m.2 > 1);
    let items: Vec<(f64, f64)> =
        known.map(|(mean, squares, n)| (mean, squares / (n as f64 - 1.0) / n as f64)).collect();
    if items.len() < 2 {
        return Err(Undefined::Because("fewer than two items have two ratings".to_owned()));
    }
    let n = items.len() as f64;
    let centre = items.iter().map(|i| i.0).sum::<f64>() / n;
    let variance = items.iter().map(|i| (i.0 - centre).powi(2)).sum::<f64>() / (n - 1.0);
    if variance <= 0.0 || items.iter().all(|i| i.0 == items[0].0) {
        return Err(Undefined::Because("all items have the same mean".to_owned()));
    }
    Ok(1.0 - items.iter().map(|i| i.1).sum::<f64>() / n / variance)
}

/// Compares two conditions on the items of both. `reliability` are known reliabilities of item means; those that are `None` are estimated by
/// [`reliability_of_means`] from the items of that condition.
pub fn compare(first: &Ratings, second: &Ratings, reliability: [Option<f64>; 2]) -> ConditionPair {
    // Mean, sum of squares and number of ratings, under either.
    type Moments = (f64, f64, usize);
    let both: Vec<(u32, Moments, Moments)> = first
        .iter()
        .zip(second)
        .enumerate()
        .filter_map(|(i, (a, b))| Some((i as u32, moments(a)?, moments(b)?)))
        .collect();
    let x: Vec<f64> = both.iter().map(|b| b.1.0).collect();
    let y: Vec<f64> = both.iter().map(|b| b.2.0).collect();
    let n_items = both.len();
    let of = |which: Correlation| which.of(&x, &y);
    let told = |r: Result<f64, Undefined>| -> Statistic { r.map(|r| Estimate::new(r, n_items, 0)).into() };
    let estimated = [first, second];
    let reliability = [0, 1].map(|i| reliability[i].map_or_else(|| reliability_of_means(estimated[i]), Ok));
    let corrected = of(Correlation::Pearson).and_then(|r| match &reliability {
        [Err(reason), _] | [_, Err(reason)] => Err(reason.clone()),
        [Ok(a), Ok(b)] if *a > 0.0 && *b > 0.0 => Ok(r / (a * b).sqrt()),
        _ => Err(Undefined::Because("a reliability is not above 0".to_owned())),
    });
    let sem2 = |m: (f64, f64, usize)| (m.2 > 1).then(|| m.1 / (m.2 as f64 - 1.0) / m.2 as f64);
    let mut shifts: Vec<Shift> = both
        .iter()
        .map(|&(item, a, b)| {
            let error = sem2(a).zip(sem2(b)).map(|(a, b)| (a + b).sqrt()).filter(|&e| e > 0.0);
            let z = error.map(|e| (a.0 - b.0) / e);
            let p_value = z.map(|z| erfc(z.abs() / std::f64::consts::SQRT_2));
            let several = a.2 > 1 && b.2 > 1;
            let outright = several && z.is_none() && a.0 != b.0;
            Shift { item, shift: a.0 - b.0, z, p_value, adjusted: None, outright }
        })
        .collect();
    let adjusted = benjamini_hochberg(shifts.iter().map(|s| s.p_value));
    shifts.iter_mut().zip(adjusted).for_each(|(s, p)| s.adjusted = p);
    let mean_shift = crate::stats::human_distribution::mean(
        shifts.iter().map(|s| s.shift),
        "no item was rated under both",
    );
    let sd_shift = mean_shift.estimate().and_then(|e| e.se).map(|se| se * (n_items as f64).sqrt());
    let none = |s: &Shift| if s.outright { f64::INFINITY } else { f64::NEG_INFINITY };
    let size = |s: &Shift| (s.z.map_or_else(|| none(s), f64::abs), s.shift.abs());
    shifts.sort_by(|a, b| {
        let (a_size, b_size) = (size(a), size(b));
        b_size.0.total_cmp(&a_size.0).then(b_size.1.total_cmp(&a_size.1)).then(a.item.cmp(&b.item))
    });
    ConditionPair {
        n_items,
        pearson: told(of(Correlation::Pearson)),
        spearman: told(of(Correlation::Spearman)),
        kendall: told(of(Correlation::KendallTauB)),
        mean_shift,
        sd_shift,
        reliability,
        corrected: told(corrected),
        shifts,
    }
}
