//! KOS (Karger, Oh & Shah 2011): iterative message passing for two labels.
//!
//! Each annotation is an edge with A = +1 for the first label of the set and −1 for the second. Messages run both ways:
//! x_{i→w} = Σ_{w' ≠ w} A y_{w'→i}, y_{w→i} = Σ_{i' ≠ i} A x_{i'→w}. After the last round an item's score is Σ A y; its
//! sign is the label, 0 a tie.
//!
//! Only ratios of messages mean something, so they are scaled to mean square 1 after each round and cannot overflow.
//! Sums over "all but one" are the whole less the one: O(annotations) a round.

use rayon::prelude::*;

use super::Layout;
use super::random::Stream;
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;

/// How [`kos`] runs.
#[derive(Debug, Clone)]
pub struct KosOptions {
    /// Rounds of messages.
    pub iterations: usize,
    /// Seed of the first messages, normal with mean 1 and variance 1.
    pub seed: u64,
    /// First message of each annotation in the order by item, instead of random ones.
    pub start: Option<Vec<f64>>,
}

impl Default for KosOptions {
    fn default() -> Self {
        Self { iterations: 100, seed: 0, start: None }
    }
}

/// What the messages say.
#[derive(Debug, Clone, PartialEq)]
pub struct Kos {
    /// One score an item: above 0 for the first label, below 0 for the second; 0 on a tie and without votes. Only sign
    /// and order mean something.
    pub score: Vec<f64>,
    /// One weight a rater, Σ A x over their annotations by their number; below 0 for one who is mostly wrong; `None`
    /// without annotations. Only sign and order mean something.
    pub weight: Vec<Option<f64>>,
    /// Rounds of messages.
    pub iterations: usize,
}

/// Passes messages. Undefined without annotations, with fewer than two raters, unless there are exactly two labels, or
/// where an explicit start has not one finite number an annotation.
pub fn kos(
    layout: &Layout,
    options: &KosOptions,
    progress: &Progress,
) -> Result<Result<Kos, Undefined>, Cancelled> {
    if let Err(reason) = layout.check() {
        return Ok(Err(reason));
    }
    if layout.n_labels() != 2 {
        return Ok(Err(Undefined::Because(format!(
            "is for two labels, and there are {}",
            layout.n_labels()
        ))));
    }
    let mut y = match &options.start {
        Some(start) if start.len() != layout.len() || start.iter().any(|y| !y.is_finite()) => {
            return Ok(Err(Undefined::Because(
                "the start does not hold one number an annotation".to_owned(),
            )));
        }
        Some(start) => start.clone(),
        None => {
            let mut stream = Stream::new(options.seed, 0);
            (0..layout.len()).map(|_| 1.0 + stream.normal()).collect()
        }
    };
    progress.stage("KOS", options.iterations as u64);
    let edges = Edges::new(layout);
    let mut x = vec![0.0; layout.len()];
    for _ in 0..options.iterations {
        progress.check()?;
        edges.to_raters(layout, &y, &mut x);
        edges.to_items(layout, &x, &mut y);
        scale(&mut y);
        progress.add(1);
    }
    edges.to_raters(layout, &y, &mut x);
    let weight = |rater: usize| {
        let own = edges.of_rater(layout, rater);
        let sum: f64 = own.iter().map(|&e| edges.sign[e as usize] * x[e as usize]).sum();
        (!own.is_empty()).then(|| sum / own.len() as f64)
    };
    Ok(Ok(Kos {
        score: (0..layout.n_items()).map(|item| edges.score(layout, item, &y)).collect(),
        weight: (0..layout.n_raters()).map(weight).collect(),
        iterations: options.iterations,
    }))
}

/// Annotations in the order by item, with the way to them from raters.
struct Edges {
    /// +1 or −1, by item.
    sign: Vec<f64>,
    /// For each annotation in the order by rater, its place in the order by item.
    by_rater: Vec<u32>,
}

impl Edges {
    fn new(layout: &Layout) -> Self {
        let mut sign = Vec::with_capacity(layout.len());
        let mut next: Vec<usize> = (0..layout.n_raters()).map(|w| layout.rater_start(w)).collect();
        let mut by_rater = vec![0; layout.len()];
        for item in 0..layout.n_items() {
            for vote in layout.votes(item) {
                let slot = &mut next[vote.rater as usize];
                by_rater[*slot] = sign.len() as u32;
                *slot += 1;
                sign.push(if vote.label == 0 { 1.0 } else { -1.0 });
            }
        }
        Self { sign, by_rater }
    }

    fn of_rater(&self, layout: &Layout, rater: usize) -> &[u32] {
        let start = layout.rater_start(rater);
        &self.by_rater[start..start + layout.answers(rater).len()]
    }

    fn score(&self, layout: &Layout, item: usize, y: &[f64]) -> f64 {
        let start = layout.item_start(item);
        let own = start..start + layout.votes(item).len();
        own.map(|e| self.sign[e] * y[e]).sum()
    }

    fn to_raters(&self, layout: &Layout, y: &[f64], x: &mut [f64]) {
        let totals: Vec<f64> =
            (0..layout.n_items()).into_par_iter().map(|item| self.score(layout, item, y)).collect();
        for (item, total) in totals.iter().enumerate() {
            let start = layout.item_start(item);
            for e in start..start + layout.votes(item).len() {
                x[e] = total - self.sign[e] * y[e];
            }
        }
    }

    fn to_items(&self, layout: &Layout, x: &[f64], y: &mut [f64]) {
        let total = |rater: usize| {
            let own = self.of_rater(layout, rater).iter();
            own.map(|&e| self.sign[e as usize] * x[e as usize]).sum()
        };
        let totals: Vec<f64> = (0..layout.n_raters()).into_par_iter().map(total).collect();
        for (rater, total) in totals.iter().enumerate() {
            for &e in self.of_rater(layout, rater) {
                y[e as usize] = total - self.sign[e as usize] * x[e as usize];
            }
        }
    }
}

/// Scales to mean square 1; all zero stays so.
fn scale(y: &mut [f64]) {
    let largest = y.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    if largest == 0.0 {
        return;
    }
    let mean = y.iter().map(|v| (v / largest) * (v / largest)).sum::<f64>() / y.len() as f64;
    let by = 1.0 / (largest * mean.sqrt());
    y.iter_mut().for_each(|v| *v *= by);
}
