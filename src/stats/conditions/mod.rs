//! The same items rated under different conditions: languages, templates, wordings, interfaces, waves, prompts.
//!
//! [`compare`] correlates item means of two conditions, corrects the correlation for what their reliabilities take from it, and lists items by how far
//! they moved in units of the standard error. [`components`] says how much of the variance of ratings is that of items, conditions, both together and
//! error. [`ReliableItems`] are those on which raters agree under all of them. [`system_order`] says which of two systems comes out above the other under one.

mod components;
mod order;
mod pairs;
mod reliable;
#[cfg(test)]
mod tests;

pub use components::{Component, Components, components};
pub use order::{SystemPair, order_conflicts, system_order};
pub use pairs::{ConditionPair, Shift, compare, reliability_of_means};
pub use reliable::{DisagreementScale, ReliableItems};

/// Ratings of items under one condition: one list an item, empty where nobody rated it. Ratings that are not finite take no part.
pub type Ratings = [Vec<f64>];

/// Mean, sum of squares about it and number of the finite ratings; `None` without one.
fn moments(ratings: &[f64]) -> Option<(f64, f64, usize)> {
    let known = || ratings.iter().copied().filter(|r| r.is_finite());
    let n = known().count();
    if n == 0 {
        return None;
    }
    let mean = known().sum::<f64>() / n as f64;
    Some((mean, known().map(|r| (r - mean).powi(2)).sum(), n))
}
