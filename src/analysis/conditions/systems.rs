//! In what order systems come out under each condition: each prompt is answered by several, and each answer is rated.

use std::sync::Arc;

use super::LEVEL;
use crate::stats::conditions::{SystemPair, order_conflicts, system_order};

/// Two systems that a condition puts in one order and another condition in the other, both by more than chance.
#[derive(Debug, Clone)]
pub struct Turned {
    /// Numbers of the systems.
    pub systems: [usize; 2],
    /// Conditions under which the first comes out above the second, and those under which it comes out below.
    pub conditions: [Vec<usize>; 2],
    /// Items of the dataset that are theirs, ascending.
    pub items: Arc<[u32]>,
}

/// Systems under all conditions.
#[derive(Debug, Clone)]
pub struct Systems {
    /// What they are: the name of their column.
    pub by: String,
    /// Their names.
    pub names: Vec<String>,
    /// Mean of a system (second index) over what it was rated on under a condition (first index).
    pub means: Vec<Vec<Option<f64>>>,
    /// Each two of them under each condition, tested over what both were rated on.
    pub pairs: Vec<Vec<SystemPair>>,
    /// Those that change places.
    pub turned: Vec<Turned>,
}

/// Compares systems. `means[c][thing]` is the mean rating of a thing under condition c; `parts[thing]` says what it is an answer to, and whose.
pub(super) fn systems(
    by: String,
    names: Vec<String>,
    means: &[&[Option<f64>]],
    parts: &[[u32; 2]],
    behind: &[Vec<u32>],
) -> Systems {
    let n_same = parts.iter().map(|p| p[0] as usize + 1).max().unwrap_or(0);
    let scores_under = |means: &&[Option<f64>]| {
        let mut scores = vec![vec![None; n_same]; names.len()];
        for (&[same, system], mean) in parts.iter().zip(*means) {
            scores[system as usize][same as usize] = *mean;
        }
        scores
    };
    let mut all_means = Vec::new();
    let mut pairs = Vec::new();
    for under in means {
        let scores = scores_under(under);
        let mean = |own: &Vec<Option<f64>>| {
            let known = || own.iter().flatten();
            let n = known().count();
            (n > 0).then(|| known().sum::<f64>() / n as f64)
        };
        all_means.push(scores.iter().map(mean).collect());
        pairs.push(system_order(&scores));
    }
    let turned = order_conflicts(&pairs, LEVEL).into_iter().map(|(a, b)| {
        let under = |direction: i8| {
            let is_so = |p: &SystemPair| {
                (p.a, p.b, p.direction) == (a, b, direction) && p.adjusted.is_some_and(|q| q <= LEVEL)
            };
            (0..pairs.len()).filter(|&c| pairs[c].iter().any(is_so)).collect()
        };
        let of_either = |part: &[u32; 2]| [a, b].contains(&(part[1] as usize));
        let own = parts.iter().zip(behind).filter(|(part, _)| of_either(part));
        let mut items: Vec<u32> = own.flat_map(|(_, items)| items.iter().copied()).collect();
        items.sort_unstable();
        Turned { systems: [a, b], conditions: [under(1), under(-1)], items: items.into() }
    });
    Systems { by, turned: turned.collect(), names, means: all_means, pairs }
}
