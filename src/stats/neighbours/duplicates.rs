//! Items that are the same, or nearly: groups of them, and which have different labels.

use super::{Neighbours, sorted};
use crate::dataset::{LabelId, NO_LABEL};

/// How near, of the median distance to the nearest neighbour, near duplicates are.
const NEAR: f64 = 0.13;
/// The median is at least this.
const TINY: f64 = 1e-6;

/// Groups of items that are alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Duplicates {
    /// Pairs nearer than this are near duplicates.
    pub threshold: f64,
    /// For each item, 1 − exp(−d / median) of the distance to its nearest neighbour: 0 for exact duplicates. 1 without one.
    pub score: Vec<f64>,
    /// For each item, its near duplicates, ascending.
    pub sets: Vec<Vec<u32>>,
    /// Items that hang together, two or more, each ascending; those with different labels first, then the largest, then by item.
    pub groups: Vec<Vec<u32>>,
    /// How many of the groups have items with different labels.
    pub n_contradicting: usize,
}

/// Groups items that are nearer than 0.13 of the median distance to a nearest neighbour (cleanlab's rule); exact duplicates always.
pub fn duplicates(neighbours: &Neighbours, labels: &[LabelId]) -> Duplicates {
    let n = neighbours.len();
    let nearest = |item: usize| neighbours.of(item).1.first().copied();
    let all = sorted((0..n).filter_map(nearest));
    let median = super::quantile(&all, 0.5).unwrap_or(0.0).max(TINY);
    let threshold = NEAR * median;
    let none = neighbours.metric.tolerance();
    let mut sets: Vec<Vec<u32>> = vec![Vec::new(); n];
    let mut group_of: Vec<u32> = (0..n as u32).collect();
    for item in 0..n {
        let (near, distances) = neighbours.of(item);
        for (&other, _) in near.iter().zip(distances).filter(|(_, d)| **d < threshold || **d <= none) {
            sets[item].push(other);
            sets[other as usize].push(item as u32);
            join(&mut group_of, item as u32, other);
        }
    }
    for set in &mut sets {
        set.sort_unstable();
        set.dedup();
    }
    let mut members: Vec<Vec<u32>> = vec![Vec::new(); n];
    for item in 0..n as u32 {
        members[root(&mut group_of, item) as usize].push(item);
    }
    let mut groups: Vec<Vec<u32>> = members.into_iter().filter(|g| g.len() > 1).collect();
    let contradicts = |group: &[u32]| {
        let mut given = group.iter().map(|&i| labels[i as usize]).filter(|&l| l != NO_LABEL);
        let first = given.next();
        given.any(|label| Some(label) != first)
    };
    groups.sort_by_key(|g| (!contradicts(g), std::cmp::Reverse(g.len()), g[0]));
    let n_contradicting = groups.iter().take_while(|g| contradicts(g)).count();
    let score = |item: usize| match nearest(item) {
        Some(d) if d <= none => 0.0,
        Some(d) => 1.0 - (-d / median).exp(),
        None => 1.0,
    };
    Duplicates { threshold, score: (0..n).map(score).collect(), sets, groups, n_contradicting }
}

fn root(group_of: &mut [u32], mut item: u32) -> u32 {
    while group_of[item as usize] != item {
        let above = group_of[group_of[item as usize] as usize];
        group_of[item as usize] = above;
        item = above;
    }
    item
}

/// The lower root becomes that of both.
fn join(group_of: &mut [u32], a: u32, b: u32) {
    let (a, b) = (root(group_of, a), root(group_of, b));
    group_of[a.max(b) as usize] = a.min(b);
}
