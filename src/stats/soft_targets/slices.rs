//! Where the prediction does worse: by group of items, by how far people disagree, and what it nearly got right.

use super::{SoftTargets, TargetItem, fraction};
use crate::stats::Statistic;
use crate::stats::human_distribution::mean;

/// Some of the items.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice {
    /// The group's number, or that of the bucket.
    pub group: u32,
    /// Items.
    pub n: usize,
    /// Mean KL, nats.
    pub kl: Statistic,
    /// Mean Jensen–Shannon divergence, bits.
    pub jensen_shannon: Statistic,
    /// Mean total variation distance.
    pub distance: Statistic,
    /// Acc_k, k = 1.., with Wilson's interval.
    pub accuracy: Vec<Statistic>,
}

/// One slice a group, in order; `group_of[i]` is the group of item i, below `n_groups`, or anything else for items in none.
pub fn by_group(targets: &SoftTargets, group_of: &[u32], n_groups: usize) -> Vec<Slice> {
    let group = |i: &TargetItem| group_of.get(i.item as usize).copied();
    slices(targets, n_groups, group)
}

/// One slice for items on which everybody agrees (number 0), then `n` of equal width in H(π)/ln K, (0, 1/n] first. With one label, entropy has no
/// greatest value and all items are in the first.
pub fn by_entropy(targets: &SoftTargets, n: usize) -> Vec<Slice> {
    let n = n.clamp(1, 1000);
    let most = (targets.n_labels.max(2) as f64).ln();
    let bucket = |i: &TargetItem| match i.human_entropy / most * n as f64 {
        at if at <= 0.0 => Some(0),
        // Rounding puts no item above the last.
        at => Some(((at - 1e-9).ceil().max(1.0) as u32).min(n as u32)),
    };
    slices(targets, n + 1, bucket)
}

fn slices(targets: &SoftTargets, n_groups: usize, group: impl Fn(&TargetItem) -> Option<u32>) -> Vec<Slice> {
    let mut members: Vec<Vec<&TargetItem>> = vec![Vec::new(); n_groups];
    for item in &targets.items {
        if let Some(slot) = group(item).and_then(|g| members.get_mut(g as usize)) {
            slot.push(item);
        }
    }
    let slice = |(g, items): (usize, Vec<&TargetItem>)| {
        let over = |of: fn(&TargetItem) -> f64| mean(items.iter().map(|i| of(i)), "no item");
        Slice {
            group: g as u32,
            n: items.len(),
            kl: over(|i| i.kl),
            jensen_shannon: over(|i| i.jensen_shannon),
            distance: over(|i| i.distance),
            accuracy: targets.k_best.iter().map(|b| fraction(items.iter().map(|i| i.credit(b.k)))).collect(),
        }
    };
    members.into_iter().enumerate().map(slice).collect()
}

/// The position of the slice with the lowest Acc_k among those of at least `least` items, the first of equals. `None` where no slice is large enough
/// or k was not asked for. The lowest of several estimates is too low on average.
pub fn worst(slices: &[Slice], k: usize, least: usize) -> Option<usize> {
    let place = k.checked_sub(1)?;
    let accuracy = |s: &Slice| s.accuracy.get(place).and_then(Statistic::value);
    let candidates = slices.iter().enumerate().filter(|(_, s)| s.n >= least);
    let known = candidates.filter_map(|(i, s)| Some((i, accuracy(s)?)));
    known.min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0))).map(|(i, _)| i)
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
