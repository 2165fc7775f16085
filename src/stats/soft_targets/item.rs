//! One item: the shares of its votes against a prediction.

use super::MOST_K;
use crate::stats::aggregation::{entropy_nats, jensen_shannon};

/// Smallest prediction of a label that somebody gave.
const CLIP: f64 = 1e-12;

/// How the prediction compares with the votes on one item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TargetItem {
    /// The item.
    pub item: u32,
    /// Votes on it, at least 1.
    pub n_votes: u32,
    /// H(π), nats.
    pub human_entropy: f64,
    /// KL(π‖q), nats.
    pub kl: f64,
    /// KL + H(π), nats.
    pub cross_entropy: f64,
    /// Jensen–Shannon divergence, bits, in 0..=1.
    pub jensen_shannon: f64,
    /// Total variation distance, in 0..=1.
    pub distance: f64,
    /// Labels with votes whose prediction was raised to 10⁻¹².
    pub n_clipped: u32,
    /// Labels with the most votes, at least 1.
    pub n_consensus: u32,
    /// Place in the prediction of the best placed of them, from 1.
    pub best_rank: u32,
    /// How many of them are among the k best, k = 1..: cut off at the k that was asked for.
    pub hits: [u32; MOST_K],
    /// Share of votes for the k best.
    pub mass: [f64; MOST_K],
    /// Bit k is set where the k-th and the next prediction are equal.
    pub tied_at: u16,
}

impl TargetItem {
    /// |S ∩ Top_k|/|S|; 0 for a k that was not asked for.
    pub fn credit(&self, k: usize) -> f64 {
        let hits = k.checked_sub(1).and_then(|k| self.hits.get(k)).copied().unwrap_or(0);
        f64::from(hits) / f64::from(self.n_consensus)
    }
}

/// Labels of the consensus with their places in the prediction.
pub(super) fn consensus_ranks<'a>(
    counts: &'a [u32],
    q: &'a [f64],
) -> impl Iterator<Item = (usize, usize)> + 'a {
    consensus(counts).map(|label| (label, rank(q, label)))
}

fn consensus(counts: &[u32]) -> impl Iterator<Item = usize> + '_ {
    let most = counts.iter().copied().max().unwrap_or(0);
    counts.iter().enumerate().filter(move |&(_, &n)| n == most).map(|(label, _)| label)
}

/// Place of a label from 1, by falling q, then by label.
fn rank(q: &[f64], label: usize) -> usize {
    1 + q.iter().enumerate().filter(|&(l, &p)| p > q[label] || (p == q[label] && l < label)).count()
}

/// Compares `counts` of votes with a prediction that sums to 1, both one number a label. `None` without labels, without votes, and for lists of
/// different lengths.
pub fn compare(item: u32, counts: &[u32], q: &[f64], most_k: usize) -> Option<TargetItem> {
    let n_votes: u32 = counts.iter().fold(0, |sum: u32, &n| sum.saturating_add(n));
    if n_votes == 0 || counts.len() != q.len() {
        return None;
    }
    let total = f64::from(n_votes);
    let shares: Vec<f64> = counts.iter().map(|&n| f64::from(n) / total).collect();
    let (mut kl, mut n_clipped) = (0.0, 0);
    for (&p, &q) in shares.iter().zip(q).filter(|(p, _)| **p > 0.0) {
        n_clipped += u32::from(q < CLIP);
        kl += p * (p / q.max(CLIP)).ln();
    }
    let human_entropy = entropy_nats(&shares);
    let distance = 0.5 * shares.iter().zip(q).map(|(p, q)| (p - q).abs()).sum::<f64>();
    let most_k = most_k.min(MOST_K).min(q.len() - 1);
    // The k best and the one after them.
    let mut order: Vec<usize> = (0..q.len()).collect();
    let by_falling = |a: &usize, b: &usize| q[*b].total_cmp(&q[*a]).then(a.cmp(b));
    if most_k + 1 < order.len() {
        order.select_nth_unstable_by(most_k, by_falling);
        order.truncate(most_k + 1);
    }
    order.sort_by(by_falling);
    let (mut hits, mut mass, mut tied_at) = ([0; MOST_K], [0.0; MOST_K], 0);
    let most = counts.iter().copied().max()?;
    let (mut hit, mut inside) = (0, 0.0);
    for k in 1..=most_k {
        let label = order[k - 1];
        hit += u32::from(counts[label] == most);
        inside += shares[label];
        hits[k - 1] = hit;
        mass[k - 1] = inside;
        tied_at |= u16::from(q[label] == q[order[k]]) << k;
    }
    Some(TargetItem {
        item,
        n_votes,
        human_entropy,
        kl: kl.max(0.0),
        cross_entropy: kl.max(0.0) + human_entropy,
        jensen_shannon: (jensen_shannon(&shares, q) / std::f64::consts::LN_2).min(1.0),
        distance: distance.min(1.0),
        n_clipped,
        n_consensus: consensus(counts).count() as u32,
        best_rank: consensus(counts).map(|l| rank(q, l)).min()? as u32,
        hits,
        mass,
        tied_at,
    })
}
