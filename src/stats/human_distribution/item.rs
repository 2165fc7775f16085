//! One item: its votes against the model's row.

use crate::dataset::LabelId;
use crate::stats::aggregation::entropy_nats;

/// How the model's row compares with the votes on one item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ItemScore {
    /// The item.
    pub item: u32,
    /// Votes on it, at least 1.
    pub n_votes: u32,
    /// DistCE: total variation distance, in 0..=1.
    pub distance: f64,
    /// H(π), in the unit that was asked for.
    pub human_entropy: f64,
    /// H(p).
    pub model_entropy: f64,
    /// EntCE: H(p) − H(π); `None` for a single vote.
    pub entropy_difference: Option<f64>,
    /// The most probable label, the lowest where several are.
    pub predicted: LabelId,
    /// Its probability.
    pub confidence: f64,
    /// Labels that tie for the majority, at least 1.
    pub n_majority: u32,
    /// 1/[`Self::n_majority`] where the prediction is one of them, or else 0.
    pub credit: f64,
    /// 1 where the prediction is the lowest of them, or else 0.
    pub credit_lowest: f64,
    /// Whether labels with different votes are ordered strictly the same way by the model.
    pub ranked: bool,
    /// Whether the orders are the same with ties on either side broken by label number.
    pub ranked_by_index: bool,
    /// Whether two labels have the same number of votes, none included.
    pub tied_votes: bool,
    /// Whether several labels have the largest probability.
    pub tied_prediction: bool,
}

/// Compares `counts` of votes with the row `p`, both one number a label. `factor` turns nats into the unit of entropy. `None` without
/// labels, without votes, or for lists of different lengths.
pub fn score(item: u32, counts: &[u32], p: &[f64], factor: f64) -> Option<ItemScore> {
    let n_votes: u32 = counts.iter().fold(0, |sum: u32, &n| sum.saturating_add(n));
    if n_votes == 0 || counts.len() != p.len() {
        return None;
    }
    let total = f64::from(n_votes);
    let shares: Vec<f64> = counts.iter().map(|&n| f64::from(n) / total).collect();
    let distance = 0.5 * shares.iter().zip(p).map(|(share, p)| (p - share).abs()).sum::<f64>();
    let human_entropy = factor * entropy_nats(&shares);
    let model_entropy = factor * entropy_nats(p);
    let most = counts.iter().copied().max()?;
    let majority = |label: usize| counts[label] == most;
    let n_majority = counts.iter().filter(|&&n| n == most).count() as u32;
    let confidence = p.iter().copied().fold(0.0, f64::max);
    let predicted = p.iter().position(|&q| q == confidence)?;
    let lowest = counts.iter().position(|&n| n == most)?;
    // Ascending by votes, then by label: as a stable sort puts them.
    let mut order: Vec<u32> = (0..counts.len() as u32).collect();
    order.sort_by_key(|&l| counts[l as usize]);
    Some(ItemScore {
        item,
        n_votes,
        distance: distance.min(1.0),
        human_entropy,
        model_entropy,
        entropy_difference: (n_votes > 1).then_some(model_entropy - human_entropy),
        predicted: predicted as LabelId,
        confidence,
        n_majority,
        credit: if majority(predicted) { 1.0 / f64::from(n_majority) } else { 0.0 },
        credit_lowest: f64::from(u8::from(predicted == lowest)),
        ranked: ranked(&order, counts, p),
        ranked_by_index: order.windows(2).all(|w| {
            let (a, b) = (p[w[0] as usize], p[w[1] as usize]);
            a < b || (a == b && w[0] < w[1])
        }),
        tied_votes: order.windows(2).any(|w| counts[w[0] as usize] == counts[w[1] as usize]),
        tied_prediction: p.iter().filter(|&&q| q == confidence).count() > 1,
    })
}

/// Whether each label with more votes has a larger probability than each with fewer. `order` ascends by votes.
fn ranked(order: &[u32], counts: &[u32], p: &[f64]) -> bool {
    let mut below = f64::NEG_INFINITY;
    for group in order.chunk_by(|&a, &b| counts[a as usize] == counts[b as usize]) {
        let values = group.iter().map(|&l| p[l as usize]);
        if values.clone().fold(f64::INFINITY, f64::min) <= below {
            return false;
        }
        below = below.max(values.fold(f64::NEG_INFINITY, f64::max));
    }
    true
}
