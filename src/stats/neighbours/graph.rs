//! Labels on a graph of items: do edges join items of one label, which labels meet, who stands among others, and are shortest ways between
//! two items of a label within it?
//!
//! Homophily h is the share of edges whose ends have one label. Adjusted for how many edges each label has a part in, D_c, among E edges:
//! (h − Σ_c D_c²/(2E)²) / (1 − Σ_c D_c²/(2E)²), 0 as if labels were dealt out to the ends of edges (Platonov et al. 2023). Graph convexity of a label is the
//! mean, over pairs of its items, of the share of items between them on a shortest way that have the label too; pairs that are adjacent have nothing
//! between them and are skipped, pairs without a way count 0 (Tětková et al. 2023, on the symmetrised graph of ten neighbours).

use rayon::prelude::*;

use super::Neighbours;
use crate::dataset::{LabelId, NO_LABEL};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::random::Stream;

/// Labelled neighbours below which an item is not told of.
pub const LEAST_DEGREE: usize = 3;
/// Items of a label from which ways begin, and to how many others each.
const WAYS: (usize, usize) = (50, 100);
/// Edges that are walked over in all, at most; fewer ways begin where the graph is large.
const WORK: usize = 1 << 30;
/// Fewest ways that begin.
const LEAST_WAYS: usize = 5;
/// No predecessor.
const NONE: u32 = u32::MAX;

/// Items and undirected edges between them, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graph {
    bounds: Vec<usize>,
    ends: Vec<u32>,
}

impl Graph {
    /// From pairs of items below `n`; loops and repeats, either way round, do not count.
    pub fn new(n: usize, pairs: impl IntoIterator<Item = (u32, u32)>) -> Self {
        let both = pairs.into_iter().filter(|(a, b)| a != b).flat_map(|(a, b)| [(a, b), (b, a)]);
        let mut all: Vec<(u32, u32)> = both.collect();
        all.par_sort_unstable();
        all.dedup();
        let mut bounds = vec![0; n + 1];
        all.iter().for_each(|p| bounds[p.0 as usize + 1] += 1);
        (0..n).for_each(|i| bounds[i + 1] += bounds[i]);
        Self { bounds, ends: all.into_iter().map(|p| p.1).collect() }
    }

    /// Items joined to those nearest to them, whichever of the two is near the other.
    pub fn of(neighbours: &Neighbours) -> Self {
        let near = (0..neighbours.len()).flat_map(|i| neighbours.of(i).0.iter().map(move |&j| (i as u32, j)));
        Self::new(neighbours.len(), near)
    }

    /// The items joined to one, ascending.
    pub fn near(&self, item: usize) -> &[u32] {
        &self.ends[self.bounds[item]..self.bounds[item + 1]]
    }

    /// Number of items.
    pub fn len(&self) -> usize {
        self.bounds.len() - 1
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of edges.
    pub fn n_edges(&self) -> usize {
        self.ends.len() / 2
    }
}

/// Labels at the ends of edges.
#[derive(Debug, Clone, PartialEq)]
pub struct Homophily {
    /// Edges both of whose ends have a label.
    pub n_edges: u64,
    /// Share of them whose ends have the same.
    pub share: f64,
    /// The same, adjusted; undefined where all ends have one label.
    pub adjusted: Result<f64, Undefined>,
    /// Edges by the labels of their ends, `labels` × `labels`, symmetric: twice where both are the same, so that a row sums to D_c.
    pub ends: Vec<Vec<u64>>,
    /// Items with three labelled neighbours or more, more than half of which have another label: the largest share first, then by item.
    pub odd: Vec<u32>,
}

/// Looks at the ends of edges. `labels` has one entry an item. Undefined without an edge between labelled items.
pub fn homophily(graph: &Graph, labels: &[LabelId], n_labels: usize) -> Result<Homophily, Undefined> {
    let mut ends = vec![vec![0_u64; n_labels]; n_labels];
    let mut odd: Vec<(f64, u32)> = Vec::new();
    for (item, &own) in labels.iter().enumerate().take(graph.len()).filter(|(_, l)| **l != NO_LABEL) {
        let (mut n, mut others) = (0_usize, 0_usize);
        for other in graph.near(item).iter().map(|&j| labels[j as usize]).filter(|&l| l != NO_LABEL) {
            ends[own as usize][other as usize] += 1;
            n += 1;
            others += usize::from(other != own);
        }
        if n >= LEAST_DEGREE && 2 * others > n {
            odd.push((others as f64 / n as f64, item as u32));
        }
    }
    let degrees: Vec<f64> = ends.iter().map(|row| row.iter().sum::<u64>() as f64).collect();
    let twice: f64 = degrees.iter().sum();
    if twice == 0.0 {
        return Err(Undefined::Because("no edge joins two items with labels".to_owned()));
    }
    let same: u64 = (0..n_labels).map(|l| ends[l][l]).sum();
    let share = same as f64 / twice;
    let by_chance: f64 = degrees.iter().map(|d| (d / twice).powi(2)).sum();
    let adjusted = if 1.0 - by_chance > 1e-12 {
        Ok((share - by_chance) / (1.0 - by_chance))
    } else {
        Err(Undefined::Because("all edges have one label at their ends".to_owned()))
    };
    odd.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    Ok(Homophily {
        n_edges: (twice / 2.0) as u64,
        share,
        adjusted,
        ends,
        odd: odd.into_iter().map(|o| o.1).collect(),
    })
}

/// How far shortest ways between items of a label stay within it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Convexity {
    /// Mean share, in 0..=1.
    pub share: f64,
    /// Pairs with something between them, or without a way.
    pub n_pairs: usize,
    /// Those without a way.
    pub n_apart: usize,
}

/// Convexity of each label, over pairs drawn by `seed`: up to fifty items from which ways begin, to up to a hundred others each. Of ways
/// that are equally short, the one by the items that stand first.
///
/// # Errors
/// If it was cancelled.
pub fn convexity(
    graph: &Graph,
    labels: &[LabelId],
    n_labels: usize,
    seed: u64,
    progress: &Progress,
) -> Result<Vec<Result<Convexity, Undefined>>, Cancelled> {
    let mut items: Vec<Vec<u32>> = vec![Vec::new(); n_labels];
    (0..).zip(labels).filter(|(_, l)| **l != NO_LABEL).for_each(|(i, &l)| items[l as usize].push(i));
    let used = items.iter().filter(|i| i.len() > 1).count();
    let walk = (graph.ends.len() + graph.len()).max(1) * used.max(1);
    let begins = (WORK / walk).clamp(LEAST_WAYS, WAYS.0);
    progress.stage("Convexity of labels", n_labels as u64);
    items
        .into_par_iter()
        .enumerate()
        .map(|(label, mut own)| {
            progress.check()?;
            progress.add(1);
            if own.len() < 2 {
                return Ok(Err(Undefined::Because("fewer than two items have the label".to_owned())));
            }
            let mut rng = Stream::new(seed, label as u64);
            rng.shuffle(&mut own);
            let mut found = Convexity { share: 0.0, n_pairs: 0, n_apart: 0 };
            let n = own.len();
            let mut before = vec![NONE; graph.len()];
            for from in 0..begins.min(n) {
                progress.check()?;
                // From each the next ones of the shuffled list: no pair comes twice in a short list.
                let rest = n - 1 - if n <= WAYS.1 { from } else { 0 };
                let others: Vec<u32> = (1..=rest.min(WAYS.1)).map(|d| own[(from + d) % n]).collect();
                before.fill(NONE);
                walk_from(graph, own[from], others.len(), &others, &mut before);
                for &to in &others {
                    match between(labels, label as LabelId, own[from], to, &before) {
                        Way::Adjacent => continue,
                        Way::None => found.n_apart += 1,
                        Way::Share(share) => found.share += share,
                    }
                    found.n_pairs += 1;
                }
            }
            if found.n_pairs == 0 {
                return Ok(Err(Undefined::Because("all pairs of its items are adjacent".to_owned())));
            }
            found.share /= found.n_pairs as f64;
            Ok(Ok(found))
        })
        .collect()
}

/// Breadth first from `from`, until all of `others` are reached.
fn walk_from(graph: &Graph, from: u32, n: usize, others: &[u32], before: &mut [u32]) {
    let wanted: std::collections::HashSet<u32> = others.iter().copied().collect();
    let mut left = n;
    before[from as usize] = from;
    let mut queue = std::collections::VecDeque::from([from]);
    while let Some(item) = queue.pop_front() {
        for &next in graph.near(item as usize) {
            if before[next as usize] == NONE {
                before[next as usize] = item;
                left -= usize::from(wanted.contains(&next));
                if left == 0 {
                    return;
                }
                queue.push_back(next);
            }
        }
    }
}

enum Way {
    Adjacent,
    None,
    Share(f64),
}

/// What stands between two items on the way that was walked.
fn between(labels: &[LabelId], label: LabelId, from: u32, to: u32, before: &[u32]) -> Way {
    let mut at = before[to as usize];
    if at == NONE {
        return Way::None;
    }
    let (mut n, mut own) = (0_usize, 0_usize);
    while at != from {
        n += 1;
        own += usize::from(labels[at as usize] == label);
        at = before[at as usize];
    }
    if n == 0 { Way::Adjacent } else { Way::Share(own as f64 / n as f64) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homophily_by_hand() {
        // A triangle of a, one edge to a pair of b: 5 edges, 4 of one label; D = (7, 3).
        let graph = Graph::new(5, [(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 3), (1, 1)]);
        assert_eq!((graph.n_edges(), graph.near(2)), (5, &[0, 1, 3][..]));
        let found = homophily(&graph, &[0, 0, 0, 1, 1], 2).unwrap();
        assert!((found.share - 0.8).abs() < 1e-12);
        let chance = (49.0 + 9.0) / 100.0;
        assert!((found.adjusted.unwrap() - (0.8 - chance) / (1.0 - chance)).abs() < 1e-12);
        assert_eq!((found.n_edges, found.ends), (5, vec![vec![6, 1], vec![1, 2]]));
        assert!(found.odd.is_empty());
        // One label has no chance to be adjusted by; nobody with fewer than three neighbours is told of.
        let one = homophily(&graph, &[0; 5], 2).unwrap();
        assert!(one.adjusted.is_err() && (one.share - 1.0).abs() < 1e-12);
        let odd = homophily(&graph, &[1, 1, 0, 1, 0], 2).unwrap();
        assert_eq!(odd.odd, [2]);
        assert!(homophily(&graph, &[0, NO_LABEL, NO_LABEL, 0, NO_LABEL], 1).is_err());
    }

    #[test]
    fn ways_within_a_label_through_another_and_none() {
        let convex = |graph: &Graph, labels: &[LabelId]| {
            convexity(graph, labels, 3, 1, &Progress::new()).unwrap()[0].clone()
        };
        // 0 – 1 – 2 – 3: all of one label, then with another in the middle of three.
        let line = Graph::new(4, [(0, 1), (1, 2), (2, 3)]);
        assert_eq!(convex(&line, &[0; 4]).unwrap(), Convexity { share: 1.0, n_pairs: 3, n_apart: 0 });
        // Of the pairs (0, 2), (0, 3), (2, 3) the last is adjacent; between the others: 1; and 1 and 2.
        let through = convex(&line, &[0, 1, 0, 0]).unwrap();
        assert_eq!((through.n_pairs, through.share), (2, 0.25));
        let apart = Graph::new(4, [(0, 1), (2, 3)]);
        assert_eq!(convex(&apart, &[0, 1, 0, 2]).unwrap(), Convexity { share: 0.0, n_pairs: 1, n_apart: 1 });
        assert!(convex(&apart, &[0, 0, 1, 1]).is_err(), "adjacent");
        assert!(convex(&apart, &[0, 1, 1, 1]).is_err(), "alone");
    }
}
