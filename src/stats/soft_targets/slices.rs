//! Where the prediction does worse: by how far people disagree, and what it nearly got right.

use std::sync::Arc;

use super::{SoftTargets, TargetItem, fraction};
use crate::stats::Statistic;
use crate::stats::human_distribution::mean;

/// Some of the items.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice {
    /// The items, ascending.
    pub items: Arc<[u32]>,
    /// Mean KL, nats.
    pub kl: Statistic,
    /// Mean Jensen–Shannon divergence, bits.
    pub jensen_shannon: Statistic,
    /// Mean total variation distance.
    pub distance: Statistic,
    /// Acc_k, k = 1.., with Wilson's interval.
    pub accuracy: Vec<Statistic>,
}

/// One slice for items on which everybody agrees (number 0), then `n` of equal width in H(π)/ln K, (0, 1/n] first. With one label, entropy has no
/// greatest value and all items are in the first.
pub fn by_entropy(targets: &SoftTargets, n: usize) -> Vec<Slice> {
    let n = n.clamp(1, 1000);
    let most = (targets.n_labels.max(2) as f64).ln();
    let mut members: Vec<Vec<&TargetItem>> = vec![Vec::new(); n + 1];
    for item in &targets.items {
        let at = item.human_entropy / most * n as f64;
        // Rounding puts no item above the last.
        let bucket = if at <= 0.0 { 0 } else { ((at - 1e-9).ceil().max(1.0) as usize).min(n) };
        members[bucket].push(item);
    }
    let slice = |items: Vec<&TargetItem>| {
        let over = |of: fn(&TargetItem) -> f64| mean(items.iter().map(|i| of(i)), "no item");
        Slice {
            items: items.iter().map(|i| i.item).collect(),
            kl: over(|i| i.kl),
            jensen_shannon: over(|i| i.jensen_shannon),
            distance: over(|i| i.distance),
            accuracy: targets.k_best.iter().map(|b| fraction(items.iter().map(|i| i.credit(b.k)))).collect(),
        }
    };
    members.into_iter().map(slice).collect()
}

/// Items whose consensus is not the first prediction, but among the first `within`: nearest first, then those furthest from the votes.
pub fn near_misses(targets: &SoftTargets, within: u32) -> Vec<u32> {
    let mut near: Vec<&TargetItem> =
        targets.items.iter().filter(|i| (2..=within).contains(&i.best_rank)).collect();
    near.sort_by(|a, b| {
        a.best_rank.cmp(&b.best_rank).then(b.distance.total_cmp(&a.distance)).then(a.item.cmp(&b.item))
    });
    near.into_iter().map(|i| i.item).collect()
}
