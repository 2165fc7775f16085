//! What items that are alike say of each other: neighbours by embeddings, or by the words of texts.
//!
//! Neighbours of an item are the k items nearest to it, itself left out: by cosine distance 1 − cos, or by Euclidean distance
//! where there are three numbers or fewer. Ties go to the lowest item, and items that are exactly the same are at distance 0, so
//! the answer is the same on every machine and any number of threads.
//!
//! From neighbours follow shares of labels ([`shares`]), duplicates ([`duplicates`]), outliers ([`outliers`]), and whether the
//! order of the items says something ([`order_of_items`]); from the vectors themselves, prototypes of labels ([`prototypes`]).

mod dense;
mod duplicates;
mod graph;
mod order;
mod outliers;
mod prototypes;
mod same;
mod shares;
mod sparse;
#[cfg(test)]
mod tests;

pub use dense::neighbours_of;
pub use duplicates::{Duplicates, duplicates};
pub use graph::{Convexity, Graph, Homophily, LEAST_DEGREE, convexity, homophily};
pub use order::{OrderOfItems, order_of_items};
pub use outliers::{Outliers, outliers, outliers_by_probabilities};
pub use prototypes::{Prototype, prototypes};
use same::Same;
pub use shares::{LabelShares, shares, valuation};
pub use sparse::neighbours_of_texts;

use super::agreement::quantile as interpolated;

/// Neighbours that are looked for.
pub const K: usize = 10;

/// How far apart two items are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// 1 − cos of the angle between them, in 0..=2.
    Cosine,
    /// Length of their difference.
    Euclidean,
}

impl Metric {
    /// The one for vectors of so many numbers.
    pub fn for_numbers(n: usize) -> Self {
        if n > 3 { Self::Cosine } else { Self::Euclidean }
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Cosine => "cosine distance",
            Self::Euclidean => "Euclidean distance",
        }
    }

    /// Distances up to this are none, but rounding.
    fn tolerance(self) -> f64 {
        match self {
            Self::Cosine => 100.0 * (f64::EPSILON / 2.0),
            Self::Euclidean => (100.0 * f64::EPSILON).sqrt(),
        }
    }
}

/// The nearest items of each item, the nearest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Neighbours {
    /// What was measured.
    pub metric: Metric,
    /// How many were looked for.
    pub k: usize,
    bounds: Vec<usize>,
    items: Vec<u32>,
    distances: Vec<f64>,
}

impl Neighbours {
    /// From one list an item: neighbour and distance, the nearest first.
    fn new(metric: Metric, k: usize, lists: impl IntoIterator<Item = Vec<(f64, u32)>>) -> Self {
        let mut all = Self { metric, k, bounds: vec![0], items: Vec::new(), distances: Vec::new() };
        for list in lists {
            all.items.extend(list.iter().map(|n| n.1));
            all.distances.extend(list.iter().map(|n| n.0));
            all.bounds.push(all.items.len());
        }
        all
    }

    /// Number of items.
    pub fn len(&self) -> usize {
        self.bounds.len() - 1
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The neighbours of an item and how far they are; texts that share no rare word with any other have none.
    pub fn of(&self, item: usize) -> (&[u32], &[f64]) {
        let range = self.bounds[item]..self.bounds[item + 1];
        (&self.items[range.clone()], &self.distances[range])
    }
}

/// The `p` quantile of ascending numbers; `None` for none.
fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    (!sorted.is_empty()).then(|| interpolated(sorted, p))
}

/// Ascending.
fn sorted(values: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values
}
