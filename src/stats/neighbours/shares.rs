//! What neighbours are labelled: shares of labels, how mixed they are, and what each item is worth to those around it.

use super::Neighbours;
use crate::dataset::{LabelId, NO_LABEL};

/// Labels of neighbours. One entry an item; items without labelled neighbours have `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelShares {
    /// Share of the neighbours that have the item's own label, in 0..=1: low is suspicious. `None` also without a label.
    pub own: Vec<Option<f64>>,
    /// Entropy of the neighbours' labels in bits.
    pub entropy_bits: Vec<Option<f64>>,
    /// The label with the most weight, where near neighbours weigh more: exp(−d²) of the distance, scaled so that
    /// the nearest weighs 1 (or all would weigh nothing where distances are large); the lowest on ties.
    pub weighted: Vec<Option<LabelId>>,
}

/// Shares of each label among an item's labelled neighbours into `row`, one entry a label; how many neighbours are labelled.
pub(super) fn share_row(neighbours: &Neighbours, labels: &[LabelId], item: usize, row: &mut [f64]) -> usize {
    row.fill(0.0);
    let near = neighbours.of(item).0.iter().map(|&other| labels[other as usize]);
    let mut n = 0;
    for label in near.filter(|&l| l != NO_LABEL) {
        row[label as usize] += 1.0;
        n += 1;
    }
    if n > 0 {
        row.iter_mut().for_each(|share| *share /= n as f64);
    }
    n
}

/// Shares of labels among neighbours; those without a label do not count.
///
/// Source: Cover & Hart (1967); entropy as in Klie, Webber & Gurevych (2023), who count the item among its neighbours, which is
/// not done here; weights exp(−d²) likewise.
pub fn shares(neighbours: &Neighbours, labels: &[LabelId], n_labels: usize) -> LabelShares {
    let n = neighbours.len();
    let mut found = LabelShares { own: vec![None; n], entropy_bits: vec![None; n], weighted: vec![None; n] };
    let (mut row, mut weights) = (vec![0.0; n_labels], vec![0.0; n_labels]);
    for item in 0..n {
        if share_row(neighbours, labels, item, &mut row) == 0 {
            continue;
        }
        weights.fill(0.0);
        let (near, distances) = neighbours.of(item);
        let mut nearest = None;
        for (&other, &d) in near.iter().zip(distances).filter(|(o, _)| labels[**o as usize] != NO_LABEL) {
            let from: f64 = *nearest.get_or_insert(d);
            weights[labels[other as usize] as usize] += (from * from - d * d).exp();
        }
        let entropy = row.iter().filter(|&&p| p > 0.0).map(|p| -p * p.log2()).sum::<f64>();
        found.entropy_bits[item] = Some(entropy.max(0.0));
        let best = (0..n_labels).fold(0, |best, l| if weights[l] > weights[best] { l } else { best });
        found.weighted[item] = Some(best as LabelId);
        if labels[item] != NO_LABEL {
            found.own[item] = Some(row[labels[item] as usize]);
        }
    }
    found
}

/// What each item is worth to a classifier by nearest neighbours (Shapley values; Jia et al. 2019), in 0..=1; below one half it
/// harms: its neighbours have other labels. For an item with neighbours 1…k from near to far, v_k = 0 and
/// v_j = v_{j+1} + [y_j = y] − [y_{j+1} = y], credited to neighbour j; the value is (mean of v / k + 1) / 2.
pub fn valuation(neighbours: &Neighbours, labels: &[LabelId]) -> Vec<f64> {
    let n = neighbours.len();
    let mut credit = vec![0.0; n];
    for item in (0..n).filter(|&i| labels[i] != NO_LABEL) {
        let (near, _) = neighbours.of(item);
        let same = |other: u32| f64::from(u8::from(labels[other as usize] == labels[item]));
        let mut v = 0.0;
        for pair in near.windows(2).rev() {
            v += same(pair[0]) - same(pair[1]);
            credit[pair[0] as usize] += v;
        }
    }
    let by = n as f64 * neighbours.k.max(1) as f64;
    credit.into_iter().map(|v| f64::midpoint(v / by, 1.0)).collect()
}
