//! Raters side by side who agree: leaves of an average-linkage tree, for a map in which groups show as blocks.

use kodama::{Method, linkage};

/// Most raters that are clustered; the distances of more would take more memory than the map is worth.
pub const MAX_CLUSTERED: usize = 3000;

/// The order of the leaves of an average-linkage tree (Sokal & Michener 1958, UPGMA) over `0..n` by
/// `distance(a, b)`, a < b. Of the two branches at a joint the one of the lower mean `rank` comes first.
///
/// `distance` must be finite. More than [`MAX_CLUSTERED`] keep the order of their ranks. O(n²) time and memory.
pub fn cluster_order(
    n: usize,
    distance: impl Fn(usize, usize) -> f64,
    rank: impl Fn(usize) -> f64,
) -> Vec<usize> {
    let mut by_rank: Vec<usize> = (0..n).collect();
    by_rank.sort_by(|&a, &b| rank(a).total_cmp(&rank(b)).then(a.cmp(&b)));
    if !(3..=MAX_CLUSTERED).contains(&n) {
        return by_rank;
    }
    let mut condensed = Vec::with_capacity(n * (n - 1) / 2);
    for a in 0..n {
        condensed.extend((a + 1..n).map(|b| distance(a, b)));
    }
    let tree = linkage(&mut condensed, n, Method::Average);
    // Leaves of each cluster, and the sum of their ranks: n leaves, then one a joint.
    let mut clusters: Vec<(Vec<usize>, f64)> = (0..n).map(|i| (vec![i], rank(i))).collect();
    for step in tree.steps() {
        let first = std::mem::take(&mut clusters[step.cluster1]);
        let second = std::mem::take(&mut clusters[step.cluster2]);
        let mean = |c: &(Vec<usize>, f64)| c.1 / c.0.len().max(1) as f64;
        let first_leads = mean(&first).total_cmp(&mean(&second)).then(first.0.cmp(&second.0)).is_le();
        let (mut lead, follow) = if first_leads { (first, second) } else { (second, first) };
        lead.0.extend(follow.0);
        lead.1 += follow.1;
        clusters.push(lead);
    }
    clusters.pop().map_or(by_rank, |root| root.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_agree_stand_side_by_side() {
        // 0, 2, 4 agree with each other, and so do 1, 3, 5.
        let distance = |a: usize, b: usize| if a % 2 == b % 2 { 0.1 } else { 0.9 };
        assert_eq!(cluster_order(6, distance, |i| i as f64), [0, 2, 4, 1, 3, 5]);
        assert_eq!(cluster_order(6, distance, |i| -(i as f64)), [5, 3, 1, 4, 2, 0]);
    }

    #[test]
    fn few_keep_their_rank() {
        assert_eq!(cluster_order(2, |_, _| 1.0, |i| -(i as f64)), [1, 0]);
        assert!(cluster_order(0, |_, _| 1.0, |_| 0.0).is_empty());
    }
}
