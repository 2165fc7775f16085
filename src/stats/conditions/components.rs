//! Variance components of items × conditions with repeated ratings in each cell: y = item + condition + item × condition + error, all random.

use super::{Ratings, moments};
use crate::stats::Undefined;

/// One component.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Component {
    /// Mean square.
    pub mean_square: f64,
    /// Estimated variance, at least 0.
    pub variance: f64,
    /// Whether the estimate was below 0 and set to 0.
    pub negative: bool,
    /// Share of the sum of the four variances, in 0..=1; 0 where they are all 0.
    pub share: f64,
}

/// The four components.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Components {
    /// Items n with two ratings or more under every condition.
    pub n_items: usize,
    /// Conditions C.
    pub n_conditions: usize,
    /// Ratings a cell: k, or the harmonic mean of their numbers where they differ.
    pub per_cell: f64,
    /// Whether all cells have the same number of ratings. If not, cell means stand for equal numbers and all is approximate.
    pub balanced: bool,
    /// (MS_i − MS_ic)/(C k).
    pub item: Component,
    /// (MS_c − MS_ic)/(n k).
    pub condition: Component,
    /// (MS_ic − MS_e)/k.
    pub interaction: Component,
    /// MS_e.
    pub error: Component,
}

/// Estimates the components from mean squares, over items with two ratings or more under every condition. Undefined for fewer than two conditions or
/// such items.
pub fn components(conditions: &[&Ratings]) -> Result<Components, Undefined> {
    let c = conditions.len();
    if c < 2 {
        return Err(Undefined::Because("there are fewer than two conditions".to_owned()));
    }
    let shortest = conditions.iter().map(|r| r.len()).min().unwrap_or(0);
    let cells = |item: usize| -> Option<Vec<(f64, f64, usize)>> {
        conditions.iter().map(|r| moments(&r[item]).filter(|m| m.2 > 1)).collect()
    };
    let rows: Vec<Vec<(f64, f64, usize)>> = (0..shortest).filter_map(cells).collect();
    let n = rows.len();
    if n < 2 {
        return Err(Undefined::Because(
            "fewer than two items have two ratings under every condition".to_owned(),
        ));
    }
    let (nf, cf) = (n as f64, c as f64);
    let all = || rows.iter().flatten();
    let k = nf * cf / all().map(|m| 1.0 / m.2 as f64).sum::<f64>();
    let grand = all().map(|m| m.0).sum::<f64>() / (nf * cf);
    let item_means: Vec<f64> = rows.iter().map(|r| r.iter().map(|m| m.0).sum::<f64>() / cf).collect();
    let condition_means: Vec<f64> = (0..c).map(|j| rows.iter().map(|r| r[j].0).sum::<f64>() / nf).collect();
    let squares = |means: &[f64]| means.iter().map(|m| (m - grand).powi(2)).sum::<f64>();
    let ms_item = k * cf * squares(&item_means) / (nf - 1.0);
    let ms_condition = k * nf * squares(&condition_means) / (cf - 1.0);
    let mut together = 0.0;
    for (row, mean) in rows.iter().zip(&item_means) {
        for (cell, of_condition) in row.iter().zip(&condition_means) {
            together += (cell.0 - mean - of_condition + grand).powi(2);
        }
    }
    let ms_both = k * together / ((nf - 1.0) * (cf - 1.0));
    let ratings: usize = all().map(|m| m.2).sum();
    let ms_error = all().map(|m| m.1).sum::<f64>() / (ratings - n * c) as f64;
    let raw = [
        (ms_item, (ms_item - ms_both) / (cf * k)),
        (ms_condition, (ms_condition - ms_both) / (nf * k)),
        (ms_both, (ms_both - ms_error) / k),
        (ms_error, ms_error),
    ];
    let sum: f64 = raw.iter().map(|r| r.1.max(0.0)).sum();
    let [item, condition, interaction, error] = raw.map(|(mean_square, estimate)| {
        let variance = estimate.max(0.0);
        let share = if sum > 0.0 { variance / sum } else { 0.0 };
        Component { mean_square, variance, negative: estimate < 0.0, share }
    });
    let first = rows[0][0].2;
    let balanced = all().all(|m| m.2 == first);
    Ok(Components { n_items: n, n_conditions: c, per_cell: k, balanced, item, condition, interaction, error })
}
