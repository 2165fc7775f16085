//! Preferences: options ranked by comparisons of two, or by whole rankings.
//!
//! A comparison says that one of two options won, or that neither did. [`Pairs`] counts them, sparse: O(pairs that were
//! compared), never options². A tie is half a win for each, but for [`davidson`], which has a parameter for ties.
//!
//! The Bradley–Terry–Luce model gives each option a worth π with P(i beats j) = π_i/(π_i + π_j); θ = ln π. Worths are
//! finite and unique only if every option can be reached from every other by a chain of wins
//! ([`Pairs::components`]); otherwise some group never loses, and a fit needs a prior or is undefined.

mod bradley_terry;
pub mod copeland;
mod davidson;
mod elo;
mod fit_test;
mod noisy;
mod plackett_luce;
mod tastes;

pub use bradley_terry::{BradleyTerry, bradley_terry};
pub use davidson::{Davidson, davidson};
pub use elo::{Elo, EloOptions, elo};
pub use fit_test::{FitTest, circular_triads, fit_test};
pub use noisy::{NoisyBradleyTerry, noisy_bradley_terry};
pub use plackett_luce::{PlackettLuce, Ranking, plackett_luce, ranking_log_likelihood, ranking_pairs};
pub use tastes::{GroupTest, TasteMixture, group_test, taste_mixtures};

use crate::stats::Undefined;

/// Who won.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The option shown first.
    Left,
    /// The option shown second.
    Right,
    /// Neither.
    Tie,
}

/// One rater's word on two options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison {
    /// Option shown first.
    pub left: u32,
    /// Option shown second.
    pub right: u32,
    /// Who won.
    pub outcome: Outcome,
    /// Rater number.
    pub rater: u32,
}

/// Two options and what came of comparing them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// The lower option number.
    pub first: u32,
    /// The higher one.
    pub second: u32,
    /// Wins of `first`, ties apart.
    pub wins_first: f64,
    /// Wins of `second`, ties apart.
    pub wins_second: f64,
    /// Ties.
    pub ties: f64,
}

impl Pair {
    /// Comparisons, ties included.
    pub fn total(&self) -> f64 {
        self.wins_first + self.wins_second + self.ties
    }

    /// Wins of `first` and of `second`, half a tie each.
    pub fn points(&self) -> (f64, f64) {
        (self.wins_first + 0.5 * self.ties, self.wins_second + 0.5 * self.ties)
    }
}

/// What came of all comparisons, by pair of options.
#[derive(Debug, Clone, PartialEq)]
pub struct Pairs {
    n_options: usize,
    pairs: Vec<Pair>,
}

impl Pairs {
    /// Counts comparisons. Those of an option with itself, or with one from `n_options` on, take no part.
    pub fn new(n_options: usize, comparisons: &[Comparison]) -> Self {
        Self::weighted(n_options, comparisons.iter().map(|c| (*c, 1.0)))
    }

    /// The same, each comparison with a weight, 0 or more.
    pub fn weighted(n_options: usize, comparisons: impl IntoIterator<Item = (Comparison, f64)>) -> Self {
        let mut pairs: Vec<Pair> =
            comparisons.into_iter().filter_map(|(c, w)| Pair::of(n_options, c, w)).collect();
        // Stable, so that sums run in the order of the source.
        pairs.sort_by_key(|p| (p.first, p.second));
        let mut merged: Vec<Pair> = Vec::new();
        for p in pairs {
            match merged.last_mut() {
                Some(last) if (last.first, last.second) == (p.first, p.second) => {
                    last.wins_first += p.wins_first;
                    last.wins_second += p.wins_second;
                    last.ties += p.ties;
                }
                _ => merged.push(p),
            }
        }
        Self { n_options, pairs: merged }
    }

    /// Number of options, compared or not.
    pub fn n_options(&self) -> usize {
        self.n_options
    }

    /// The pairs that were compared, ascending.
    pub fn as_slice(&self) -> &[Pair] {
        &self.pairs
    }

    /// Comparisons, ties included.
    pub fn total(&self) -> f64 {
        self.pairs.iter().map(Pair::total).sum()
    }

    /// The same with `prior` more wins in each direction of every pair that was compared.
    #[must_use]
    pub fn with_prior(&self, prior: f64) -> Self {
        let more =
            |p: &Pair| Pair { wins_first: p.wins_first + prior, wins_second: p.wins_second + prior, ..*p };
        Self { n_options: self.n_options, pairs: self.pairs.iter().map(more).collect() }
    }

    /// For each option the number of its strongly connected component: options that beat each other through chains of
    /// wins or ties. One component in all means that worths can be found.
    pub fn components(&self) -> Vec<usize> {
        let wins = |p: &Pair| {
            let (a, b) = p.points();
            [(a > 0.0).then_some((p.first, p.second)), (b > 0.0).then_some((p.second, p.first))]
        };
        let edges: Vec<(u32, u32)> = self.pairs.iter().flat_map(wins).flatten().collect();
        components_of(self.n_options, &edges)
    }

    /// Refuses what has no unique finite worths.
    pub(super) fn check(&self) -> Result<(), Undefined> {
        if self.pairs.is_empty() {
            return Err(Undefined::Because("there are no comparisons".to_owned()));
        }
        let n = self.components().into_iter().max().map_or(0, |m| m + 1);
        if n > 1 {
            return Err(Undefined::Because(format!(
                "options fall into {n} groups, of which none both beats and is beaten by another: a prior would help \
                 where they were compared"
            )));
        }
        Ok(())
    }
}

impl Pair {
    fn of(n_options: usize, c: Comparison, weight: f64) -> Option<Self> {
        if c.left == c.right || c.left.max(c.right) as usize >= n_options {
            return None;
        }
        let first = c.left.min(c.right);
        let winner = match c.outcome {
            Outcome::Left => Some(c.left),
            Outcome::Right => Some(c.right),
            Outcome::Tie => None,
        };
        let is = |who: Option<u32>| if winner == who { weight } else { 0.0 };
        let second = c.left.max(c.right);
        Some(Self {
            first,
            second,
            wins_first: is(Some(first)),
            wins_second: is(Some(second)),
            ties: is(None),
        })
    }
}

/// Strongly connected components of a directed graph, numbered by their lowest node (Kosaraju's two passes, without
/// recursion).
pub(super) fn components_of(n: usize, edges: &[(u32, u32)]) -> Vec<usize> {
    let adjacency = |turned: bool| {
        let ends = move |&(a, b): &(u32, u32)| {
            if turned { (b as usize, a as usize) } else { (a as usize, b as usize) }
        };
        let mut starts = vec![0_usize; n + 1];
        edges.iter().for_each(|e| starts[ends(e).0 + 1] += 1);
        (0..n).for_each(|i| starts[i + 1] += starts[i]);
        let (mut next, mut to) = (starts.clone(), vec![0_usize; edges.len()]);
        for e in edges {
            let (a, b) = ends(e);
            to[next[a]] = b;
            next[a] += 1;
        }
        (starts, to)
    };
    let (starts, to) = adjacency(false);
    let mut order = Vec::with_capacity(n);
    let mut seen = vec![false; n];
    let mut stack = Vec::new();
    for root in 0..n {
        if std::mem::replace(&mut seen[root], true) {
            continue;
        }
        stack.push((root, starts[root]));
        while let Some((node, at)) = stack.pop() {
            if at == starts[node + 1] {
                order.push(node);
                continue;
            }
            stack.push((node, at + 1));
            if !std::mem::replace(&mut seen[to[at]], true) {
                stack.push((to[at], starts[to[at]]));
            }
        }
    }
    let (starts, to) = adjacency(true);
    let mut component = vec![usize::MAX; n];
    let mut todo = Vec::new();
    for (number, &root) in order.iter().rev().enumerate() {
        if component[root] != usize::MAX {
            continue;
        }
        component[root] = number;
        todo.push(root);
        while let Some(node) = todo.pop() {
            for &next in &to[starts[node]..starts[node + 1]] {
                if component[next] == usize::MAX {
                    component[next] = number;
                    todo.push(next);
                }
            }
        }
    }
    // Numbered by the lowest node, so that the number says nothing of the passes.
    let mut names = vec![usize::MAX; n];
    let mut used = 0;
    for c in &mut component {
        if names[*c] == usize::MAX {
            names[*c] = used;
            used += 1;
        }
        *c = names[*c];
    }
    component
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn wins(rows: &[(u32, u32, usize)]) -> Vec<Comparison> {
        let one = |&(winner, loser, n): &(u32, u32, usize)| {
            std::iter::repeat_n(
                Comparison { left: winner, right: loser, outcome: Outcome::Left, rater: 0 },
                n,
            )
        };
        rows.iter().flat_map(one).collect()
    }

    #[test]
    fn pairs_count_both_orders_together() {
        let mut rows = wins(&[(1, 0, 2), (0, 1, 1), (2, 2, 5), (0, 9, 1)]);
        rows.push(Comparison { left: 1, right: 0, outcome: Outcome::Tie, rater: 0 });
        let pairs = Pairs::new(3, &rows);
        assert_eq!(pairs.as_slice().len(), 1);
        assert_eq!(pairs.as_slice()[0].points(), (1.5, 2.5));
        assert_eq!(pairs.total(), 4.0);
    }

    #[test]
    fn who_never_loses_stands_apart() {
        let pairs = Pairs::new(4, &wins(&[(0, 1, 1), (1, 2, 1), (2, 1, 1)]));
        assert_eq!(pairs.components(), [0, 1, 1, 2]);
        assert!(pairs.check().is_err());
        assert_eq!(Pairs::new(3, &wins(&[(0, 1, 1), (1, 2, 1), (2, 0, 1)])).components(), [0, 0, 0]);
        assert!(Pairs::new(3, &[]).check().is_err());
    }
}
