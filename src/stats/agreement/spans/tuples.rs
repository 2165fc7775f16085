//! Unitary alignments worth a look: sets of units, one a rater at most, that no split into two would better.
//!
//! With k raters, C = k(k − 1)/2 and costs counted in pairs, a set of s units costs Σ d + (C − s(s − 1)/2) Δ∅: each pair
//! of raters of whom one or both have no unit in it costs Δ∅. Splitting it into parts of a and b units saves what lies
//! between them and costs (C + ab) Δ∅. So a set is of no use where Σ d between two of its parts is above that. Mathet et
//! al. (2015, §5.1.1) discard what costs more than single units; this discards that and more.

use super::continuum::{Dissimilarity, Unit};

/// A unit with its rater.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Node {
    pub unit: Unit,
    /// Number of the rater's line.
    pub line: u32,
    /// Number within the line.
    pub index: u32,
}

/// What all sets of one continuum share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Costs {
    pub dissimilarity: Dissimilarity,
    /// Raters.
    pub k: usize,
    /// C.
    pub pairs: f64,
}

impl Costs {
    pub(super) fn new(dissimilarity: Dissimilarity, k: usize) -> Self {
        Self { dissimilarity, k, pairs: k as f64 * (k as f64 - 1.0) / 2.0 }
    }

    /// Cost of a set of `size` units whose dissimilarities add up to `within`.
    pub(super) fn of(&self, size: usize, within: f64) -> f64 {
        let s = size as f64;
        within + (self.pairs - s * (s - 1.0) / 2.0) * self.dissimilarity.empty
    }

    /// Two units farther apart than this are in no set of use.
    pub(super) fn farthest(&self) -> f64 {
        (self.pairs + self.k as f64 - 1.0) * self.dissimilarity.empty
    }

    /// A set of use hangs together by pairs no farther apart than this.
    pub(super) fn linked(&self) -> f64 {
        (self.pairs + 1.0) * self.dissimilarity.empty
    }

    /// What lies between two parts of `a` and `b` units where joining them is worth nothing.
    pub(super) fn joint(&self, a: usize, b: usize) -> f64 {
        (self.pairs + (a * b) as f64) * self.dissimilarity.empty
    }
}

/// Sets of units: members in one list, sets by their ends. The first are the single units.
#[derive(Debug, Default)]
pub(super) struct Tuples {
    members: Vec<u32>,
    ends: Vec<u32>,
    pub costs: Vec<f64>,
}

impl Tuples {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, t: usize) -> &[u32] {
        let start = if t == 0 { 0 } else { self.ends[t - 1] as usize };
        &self.members[start..self.ends[t] as usize]
    }

    pub(super) fn push(&mut self, members: impl IntoIterator<Item = u32>, cost: f64) {
        self.members.extend(members);
        self.ends.push(self.members.len() as u32);
        self.costs.push(cost);
    }
}

/// The walk through sets: members so far, each with the sum of its dissimilarities to the others.
struct Walk<'a> {
    nodes: &'a [Node],
    costs: &'a Costs,
    most: usize,
    /// Places looked at, of [`Self::most_steps`].
    steps: usize,
    most_steps: usize,
    members: Vec<u32>,
    sums: Vec<f64>,
    /// Dissimilarities of the members, d[i][j] for j < i, in rows of k.
    table: Vec<f64>,
    out: Tuples,
}

/// All sets of use among `nodes`, single units first; `near[u]` has the nodes of later lines no farther than
/// [`Costs::farthest`]. `None` where there are more than `most`.
pub(super) fn enumerate(nodes: &[Node], near: &[Vec<u32>], costs: &Costs, most: usize) -> Option<Tuples> {
    let mut out = Tuples::default();
    for u in 0..nodes.len() {
        out.push([u as u32], costs.of(1, 0.0));
    }
    let mut walk = Walk {
        nodes,
        costs,
        most,
        steps: 0,
        most_steps: most.saturating_mul(16),
        members: Vec::new(),
        sums: Vec::new(),
        table: vec![0.0; costs.k * costs.k],
        out,
    };
    for u in 0..nodes.len() {
        walk.members.push(u as u32);
        walk.sums.push(0.0);
        let going = walk.extend(&near[u], 0.0);
        walk.members.pop();
        walk.sums.pop();
        if !going {
            return None;
        }
    }
    Some(walk.out)
}

impl Walk<'_> {
    /// Adds each of `candidates` in turn and goes on; `false` where there are too many sets.
    fn extend(&mut self, candidates: &[u32], within: f64) -> bool {
        let k = self.costs.k;
        let size = self.members.len();
        for (at, &v) in candidates.iter().enumerate() {
            self.steps += 1;
            if self.steps > self.most_steps {
                return false;
            }
            let node = self.nodes[v as usize];
            // Candidates are in order of lines; none of a line that is in already.
            let left = k - node.line as usize - 1;
            let largest = size + 1 + left;
            let bound = self.costs.joint(1, largest - 1);
            let mut sum = 0.0;
            let mut fits = true;
            for (i, &m) in self.members.iter().enumerate() {
                let d = self.costs.dissimilarity.between(self.nodes[m as usize].unit, node.unit);
                self.table[size * k + i] = d;
                sum += d;
                if self.sums[i] + d > bound {
                    fits = false;
                    break;
                }
            }
            if !fits || sum > bound {
                continue;
            }
            for i in 0..size {
                self.sums[i] += self.table[size * k + i];
            }
            self.members.push(v);
            self.sums.push(sum);
            let within_now = within + sum;
            if self.pairs_fit(largest) {
                if self.is_of_use(within_now) {
                    let cost = self.costs.of(size + 1, within_now);
                    let members = std::mem::take(&mut self.members);
                    self.out.push(members.iter().copied(), cost);
                    self.members = members;
                }
                let going = self.out.len() <= self.most
                    && (left == 0 || {
                        let rest: Vec<u32> = candidates[at + 1..]
                            .iter()
                            .copied()
                            .filter(|&w| self.nodes[w as usize].line > node.line)
                            .collect();
                        self.extend(&rest, within_now)
                    });
                if !going {
                    self.members.pop();
                    self.sums.pop();
                    return false;
                }
            }
            self.members.pop();
            self.sums.pop();
            for i in 0..size {
                self.sums[i] -= self.table[size * k + i];
            }
        }
        true
    }

    /// Whether no two members should be split off together, were the set to grow to `largest`.
    fn pairs_fit(&self, largest: usize) -> bool {
        let (k, size) = (self.costs.k, self.members.len());
        if size < 3 || largest < 4 {
            return true;
        }
        let bound = self.costs.joint(2, largest - 2);
        (1..size).all(|i| (0..i).all(|j| self.sums[i] + self.sums[j] - 2.0 * self.table[i * k + j] <= bound))
    }

    /// Whether the set as it is beats its splits into one or two and the rest, and into single units.
    fn is_of_use(&self, within: f64) -> bool {
        let size = self.members.len();
        let one = self.costs.joint(1, size - 1);
        self.sums.iter().all(|&s| s <= one)
            && self.pairs_fit(size)
            && self.costs.of(size, within) < size as f64 * self.costs.of(1, 0.0)
    }
}
