//! Which labels are unhealthy and which are taken for each other, from a joint distribution.
//!
//! Source: cleanlab's `dataset` module, whose shares have denominators of at least 1e-6. Counts are rounded half to
//! even. A label that no row has is `None` and comes last.

use rayon::prelude::*;

use super::sums::pairwise_sum;
use super::{LabelHealth, Overlap};
use crate::dataset::LabelId;

/// Denominators of shares are at least this.
const LEAST_SHARE: f64 = 1e-6;

/// One entry a label, lowest quality first (ties: lowest label). `joint` is labels × labels, rows given, columns true,
/// sums to 1 (see [`estimate_joint`](super::estimate_joint)); `items` is the number of rows it speaks of.
pub fn label_health(joint: &[Vec<f64>], items: u64) -> Vec<LabelHealth> {
    let n = items as f64;
    let mut true_sums = vec![0.0; joint.len()];
    for row in joint {
        true_sums.iter_mut().zip(row).for_each(|(sum, p)| *sum += p);
    }
    let mut health: Vec<LabelHealth> = joint
        .iter()
        .zip(true_sums)
        .enumerate()
        .map(|(k, (row, true_sum))| {
            let given_sum = pairwise_sum(row);
            let share = |noise: f64, sum: f64| (sum > 0.0).then(|| noise / sum.max(LEAST_SHARE));
            let label_noise = share(given_sum - row[k], given_sum);
            LabelHealth {
                label: k as LabelId,
                label_issues: ((given_sum - row[k]) * n).round_ties_even() as u64,
                inverse_label_issues: ((true_sum - row[k]) * n).round_ties_even() as u64,
                label_noise,
                inverse_label_noise: share(true_sum - row[k], true_sum),
                quality: label_noise.map(|noise| 1.0 - noise),
            }
        })
        .collect();
    let key = |h: &LabelHealth| h.quality.unwrap_or(f64::INFINITY);
    health.sort_by(|a, b| key(a).total_cmp(&key(b)));
    health
}

/// Every pair of labels, most rows first (ties: lowest labels). `joint` and `items` as for [`label_health`].
pub fn overlapping_labels(joint: &[Vec<f64>], items: u64) -> Vec<Overlap> {
    sorted_pairs(joint, items, |_| true)
}

/// The same for the pairs that at least one row takes for each other.
pub(super) fn overlapping_pairs(joint: &[Vec<f64>], items: u64) -> Vec<Overlap> {
    sorted_pairs(joint, items, |n| n > 0)
}

fn sorted_pairs(joint: &[Vec<f64>], items: u64, keep: impl Fn(u64) -> bool + Sync) -> Vec<Overlap> {
    let n = items as f64;
    let of = |a: usize| {
        let keep = &keep;
        (a + 1..joint.len()).filter_map(move |b| {
            let joint_probability = joint[a][b] + joint[b][a];
            let rows = (joint_probability * n).round_ties_even() as u64;
            keep(rows).then_some(Overlap { a: a as LabelId, b: b as LabelId, n: rows, joint_probability })
        })
    };
    let mut overlaps: Vec<Overlap> = (0..joint.len()).into_par_iter().flat_map_iter(of).collect();
    overlaps.par_sort_by(|x, y| y.joint_probability.total_cmp(&x.joint_probability));
    overlaps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_without_rows_has_no_quality_and_comes_last() {
        // Label 0 has no row, label 1 is always right, label 2 is half label 0.
        let joint = [vec![0.0, 0.0, 0.0], vec![0.0, 0.5, 0.0], vec![0.25, 0.0, 0.25]];
        let health = label_health(&joint, 8);
        assert_eq!(health.iter().map(|h| h.label).collect::<Vec<_>>(), [2, 1, 0]);
        assert_eq!(
            health[2],
            LabelHealth {
                label: 0,
                label_issues: 0,
                inverse_label_issues: 2,
                label_noise: None,
                inverse_label_noise: Some(1.0),
                quality: None,
            }
        );
        assert_eq!((health[0].label_issues, health[0].quality), (2, Some(0.5)));
    }

    #[test]
    fn pairs_fold_both_directions_and_ties_go_to_the_lowest_labels() {
        let joint = [vec![0.4, 0.1, 0.0], vec![0.1, 0.2, 0.1], vec![0.1, 0.0, 0.0]];
        let pairs: Vec<_> = overlapping_labels(&joint, 10).iter().map(|o| (o.a, o.b, o.n)).collect();
        assert_eq!(pairs, [(0, 1, 2), (0, 2, 1), (1, 2, 1)]);
    }
}
