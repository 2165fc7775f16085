//! Labels that come to one: identical ones, and circles of "within".

use std::collections::BTreeMap;

use super::{LabelPair, Relation};

/// Groups of two labels or more of which each leads to each, where identical labels lead to each other and a part leads
/// to its whole: strongly connected components. Each ascending, by first label.
pub(super) fn groups(pairs: &[LabelPair]) -> Vec<Vec<u32>> {
    let mut number: BTreeMap<u32, usize> = BTreeMap::new();
    let mut edges: Vec<(u32, u32)> = Vec::new();
    for pair in pairs {
        match pair.relation {
            Relation::Identical => edges.extend([(pair.a, pair.b), (pair.b, pair.a)]),
            Relation::Subset { part, whole } => edges.push((part, whole)),
            _ => {}
        }
    }
    edges.iter().flat_map(|&(a, b)| [a, b]).for_each(|l| {
        number.entry(l).or_insert(0);
    });
    let labels: Vec<u32> = number.keys().copied().collect();
    number.values_mut().enumerate().for_each(|(i, slot)| *slot = i);
    let (mut onward, mut back) = (vec![Vec::new(); labels.len()], vec![Vec::new(); labels.len()]);
    for (from, to) in edges {
        let (Some(&from), Some(&to)) = (number.get(&from), number.get(&to)) else { continue };
        onward[from].push(to);
        back[to].push(from);
    }
    // Kosaraju: by falling time of completion, against the edges.
    let mut order = Vec::with_capacity(labels.len());
    let mut seen = vec![false; labels.len()];
    for start in 0..labels.len() {
        visit(start, &onward, &mut seen, |node| order.push(node));
    }
    let mut seen = vec![false; labels.len()];
    let mut groups = Vec::new();
    for &start in order.iter().rev() {
        let mut group = Vec::new();
        visit(start, &back, &mut seen, |node| group.push(labels[node]));
        if group.len() > 1 {
            group.sort_unstable();
            groups.push(group);
        }
    }
    groups.sort();
    groups
}

/// Tells of every node that can be reached and has not been seen, once all it leads to is done.
fn visit(start: usize, edges: &[Vec<usize>], seen: &mut [bool], mut done: impl FnMut(usize)) {
    if std::mem::replace(&mut seen[start], true) {
        return;
    }
    let mut path = vec![(start, 0)];
    while let Some((node, at)) = path.last_mut() {
        match edges[*node].get(*at) {
            Some(&next) => {
                *at += 1;
                if !std::mem::replace(&mut seen[next], true) {
                    path.push((next, 0));
                }
            }
            None => {
                done(*node);
                path.pop();
            }
        }
    }
}
