//! The alignment of least disorder of a continuum (Mathet et al. 2015, §4.2 and 5.1).
//!
//! Only units near each other can stand together, so that a continuum falls into parts, each solved alone: two raters
//! by an assignment ([`matching`](super::matching)), more by covering ([`partition`](super::partition)). Both prove
//! their result. A part with too many possibilities (thousands of stacked units, dozens of raters) is aligned by
//! merging the nearest first and then re-solving windows of neighbouring sets exactly, as long as that helps; it is
//! counted as not proven.

use super::continuum::{Continuum, Dissimilarity};
use super::matching::assign;
use super::partition::{cover, find};
use super::tuples::{Costs, Node, Tuples, enumerate};
use crate::progress::{Cancelled, Progress};

/// Pairs of units kept for one continuum; with more, each unit keeps those that begin next.
const MOST_PAIRS: usize = 2_000_000;
/// Sets enumerated for one part, and for one window.
const MOST_SETS: usize = 300_000;
const MOST_SETS_OF_WINDOW: usize = 4_000;
/// Units of a part that the covering takes on; its memory is the square of that.
const MOST_UNITS: usize = 2_000;
/// Raters with whom sets are enumerated at all.
const MOST_RATERS: usize = 16;
/// Units of a window.
const WINDOW: usize = 24;
/// Windows re-solved in one part.
const MOST_WINDOWS: usize = 2_000;

/// Units that stand together, at most one of each rater.
#[derive(Debug, Clone, PartialEq)]
pub struct Together {
    /// (rater's place in the continuum, unit of that rater), by rater.
    pub units: Vec<(u32, u32)>,
    /// Mean dissimilarity over all pairs of raters, Δ∅ for a pair of which one or both have no unit here.
    pub disorder: f64,
}

/// All units of a continuum, sorted into those that stand together.
#[derive(Debug, Clone, PartialEq)]
pub struct Alignment {
    /// By where the first unit begins; each unit is in one of them.
    pub groups: Vec<Together>,
    /// Sum of their disorders over the mean number of units of a rater; 0 without units.
    pub disorder: f64,
    /// Whether it is proven that no alignment has less disorder.
    pub exact: bool,
    /// Parts of the continuum for which that is not proven.
    pub n_unproven: usize,
}

/// The alignment of least disorder. See the module for when it is not proven to be that.
///
/// With fewer than two raters each unit stands alone, at no disorder.
pub fn align(
    continuum: &Continuum,
    dissimilarity: &Dissimilarity,
    progress: &Progress,
) -> Result<Alignment, Cancelled> {
    let k = continuum.lines().len();
    let costs = Costs::new(*dissimilarity, k);
    let mut nodes: Vec<Node> = Vec::with_capacity(continuum.n_units());
    for (line, units) in continuum.lines().iter().enumerate() {
        nodes.extend(units.iter().enumerate().map(|(index, &unit)| Node {
            unit,
            line: line as u32,
            index: index as u32,
        }));
    }
    let (sets, n_unproven) = if k < 2 {
        ((0..nodes.len() as u32).map(|u| vec![u]).collect(), 0)
    } else {
        let (near, complete) = near_pairs(&nodes, &costs, progress)?;
        let (sets, unproven) = if k == 2 {
            by_matching(&nodes, &near, &costs, progress)?
        } else {
            by_covering(&nodes, &near, &costs, progress)?
        };
        (sets, unproven.max(usize::from(!complete)))
    };
    let mut groups: Vec<Together> = sets
        .iter()
        .map(|set| {
            let mut units: Vec<(u32, u32)> =
                set.iter().map(|&u| (nodes[u as usize].line, nodes[u as usize].index)).collect();
            units.sort_unstable();
            let disorder = if k < 2 { 0.0 } else { set_cost(&nodes, &costs, set) / costs.pairs };
            Together { units, disorder }
        })
        .collect();
    let begin = |g: &Together| {
        g.units
            .iter()
            .map(|&(l, u)| continuum.lines()[l as usize][u as usize].start)
            .fold(f64::INFINITY, f64::min)
    };
    groups.sort_by(|a, b| begin(a).total_cmp(&begin(b)).then_with(|| a.units.cmp(&b.units)));
    let sum: f64 = groups.iter().map(|g| g.disorder).sum();
    let disorder = if nodes.is_empty() { 0.0 } else { sum / continuum.mean_units() };
    Ok(Alignment { groups, disorder, exact: n_unproven == 0, n_unproven })
}

fn set_cost(nodes: &[Node], costs: &Costs, set: &[u32]) -> f64 {
    let mut within = 0.0;
    for (i, &u) in set.iter().enumerate() {
        for &v in &set[..i] {
            within += costs.dissimilarity.between(nodes[u as usize].unit, nodes[v as usize].unit);
        }
    }
    costs.of(set.len(), within)
}

/// For each node the nodes of later lines near enough, in order of lines and places; and whether these are all.
fn near_pairs(
    nodes: &[Node],
    costs: &Costs,
    progress: &Progress,
) -> Result<(Vec<Vec<u32>>, bool), Cancelled> {
    let most = if costs.k == 2 { costs.linked() } else { costs.farthest() };
    let reach = costs.dissimilarity.reach(most);
    // What each unit reaches; two are near only where these meet.
    let mut spans: Vec<(f64, f64, u32)> = nodes
        .iter()
        .enumerate()
        .map(|(u, node)| {
            let (middle, half) = (f64::midpoint(node.unit.start, node.unit.end), 0.5 * node.unit.length());
            // A hair more, against rounding.
            let half = half * reach * (1.0 + 1e-9) + 1e-9 * middle.abs();
            (middle - half, middle + half, u as u32)
        })
        .collect();
    spans.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.2.cmp(&b.2)));
    let meets = |i: usize| spans.partition_point(|s| s.0 <= spans[i].1).saturating_sub(i + 1);
    let all: usize = (0..spans.len()).map(meets).sum();
    let limit = if all > MOST_PAIRS { (MOST_PAIRS / spans.len().max(1)).max(8) } else { usize::MAX };
    let mut near: Vec<Vec<u32>> = vec![Vec::new(); nodes.len()];
    for i in 0..spans.len() {
        if i % 256 == 0 {
            progress.check()?;
        }
        for other in spans[i + 1..].iter().take(meets(i).min(limit)) {
            let (a, b) = (spans[i].2.min(other.2), spans[i].2.max(other.2));
            let (u, v) = (nodes[a as usize], nodes[b as usize]);
            if u.line != v.line && costs.dissimilarity.between(u.unit, v.unit) <= most {
                near[a as usize].push(b);
            }
        }
    }
    // Nodes are by line, so that this is the order of lines.
    near.iter_mut().for_each(|n| n.sort_unstable());
    Ok((near, limit == usize::MAX))
}

type Sets = (Vec<Vec<u32>>, usize);

fn by_matching(
    nodes: &[Node],
    near: &[Vec<u32>],
    costs: &Costs,
    progress: &Progress,
) -> Result<Sets, Cancelled> {
    let first = nodes.iter().take_while(|n| n.line == 0).count();
    let pairs: Vec<Vec<(u32, f64)>> = (0..first)
        .map(|u| {
            let cost = |v: u32| costs.dissimilarity.between(nodes[u].unit, nodes[v as usize].unit);
            near[u].iter().map(|&v| (v - first as u32, cost(v))).collect()
        })
        .collect();
    // A pair costs d, two single units 2 Δ∅.
    let (taken, exact) = assign(&pairs, nodes.len() - first, 2.0 * costs.dissimilarity.empty, progress)?;
    let mut matched = vec![false; nodes.len()];
    let mut sets = Vec::new();
    for (u, column) in taken.iter().enumerate() {
        match column {
            Some(column) => {
                let v = first as u32 + column;
                matched[v as usize] = true;
                sets.push(vec![u as u32, v]);
            }
            None => sets.push(vec![u as u32]),
        }
    }
    sets.extend((first..nodes.len()).filter(|&v| !matched[v]).map(|v| vec![v as u32]));
    Ok((sets, usize::from(!exact)))
}

fn by_covering(
    nodes: &[Node],
    near: &[Vec<u32>],
    costs: &Costs,
    progress: &Progress,
) -> Result<Sets, Cancelled> {
    // Parts of units that hang together.
    let mut part: Vec<u32> = (0..nodes.len() as u32).collect();
    for (u, others) in near.iter().enumerate() {
        for &v in others {
            if costs.dissimilarity.between(nodes[u].unit, nodes[v as usize].unit) <= costs.linked() {
                let (a, b) = (find(&mut part, u as u32), find(&mut part, v));
                part[a.max(b) as usize] = a.min(b);
            }
        }
    }
    let roots: Vec<u32> = (0..nodes.len() as u32).map(|u| find(&mut part, u)).collect();
    let (mut sets, mut unproven) = (Vec::new(), 0);
    for units in classes(&roots) {
        progress.check()?;
        let mut place: Vec<(u32, u32)> = units.iter().enumerate().map(|(i, &u)| (u, i as u32)).collect();
        place.sort_unstable();
        let own: Vec<Node> = units.iter().map(|&u| nodes[u as usize]).collect();
        let own_near: Vec<Vec<u32>> = units
            .iter()
            .map(|&u| {
                let at = |v: &u32| place.binary_search_by_key(v, |p| p.0).ok().map(|i| place[i].1);
                near[u as usize].iter().filter_map(at).collect()
            })
            .collect();
        let (found, open) = one_part(&own, &own_near, costs, progress)?;
        unproven += open;
        sets.extend(found.into_iter().map(|s| s.into_iter().map(|i| units[i as usize]).collect()));
    }
    Ok((sets, unproven))
}

/// Members of each class, in order; classes by their first member.
fn classes(roots: &[u32]) -> Vec<Vec<u32>> {
    let mut number = vec![u32::MAX; roots.len()];
    let mut out: Vec<Vec<u32>> = Vec::new();
    for (u, &root) in roots.iter().enumerate() {
        let at = &mut number[root as usize];
        if *at == u32::MAX {
            *at = out.len() as u32;
            out.push(Vec::new());
        }
        out[*at as usize].push(u as u32);
    }
    out
}

/// Aligns one part: exactly where its sets can be listed, by merging and windows where not.
fn one_part(
    nodes: &[Node],
    near: &[Vec<u32>],
    costs: &Costs,
    progress: &Progress,
) -> Result<Sets, Cancelled> {
    if nodes.len() == 1 {
        return Ok((vec![vec![0]], 0));
    }
    let listed = (costs.k <= MOST_RATERS).then(|| enumerate(nodes, near, costs, MOST_SETS)).flatten();
    let merged = merge(nodes, near, costs, progress)?;
    let Some(tuples) = listed else { return Ok((windows(nodes, merged, costs, progress)?, 1)) };
    solve_listed(nodes, &tuples, merged, costs, progress)
}

/// Covers units by listed sets, part by part of what the sets join.
fn solve_listed(
    nodes: &[Node],
    tuples: &Tuples,
    merged: Vec<Vec<u32>>,
    costs: &Costs,
    progress: &Progress,
) -> Result<Sets, Cancelled> {
    let n = nodes.len();
    let mut part: Vec<u32> = (0..n as u32).collect();
    let mut join = |members: &[u32]| {
        for &v in &members[1..] {
            let (a, b) = (find(&mut part, members[0]), find(&mut part, v));
            part[a.max(b) as usize] = a.min(b);
        }
    };
    (n..tuples.len()).for_each(|t| join(tuples.get(t)));
    merged.iter().for_each(|m| join(m));
    let roots: Vec<u32> = (0..n as u32).map(|u| find(&mut part, u)).collect();
    let mut tuples_of: Vec<Vec<u32>> = vec![Vec::new(); n];
    (n..tuples.len()).for_each(|t| tuples_of[roots[tuples.get(t)[0] as usize] as usize].push(t as u32));
    let mut merged_of: Vec<Vec<Vec<u32>>> = vec![Vec::new(); n];
    for set in merged {
        merged_of[roots[set[0] as usize] as usize].push(set);
    }
    let mut place = vec![0; n];
    let (mut sets, mut unproven) = (Vec::new(), 0);
    for units in classes(&roots) {
        let root = roots[units[0] as usize] as usize;
        units.iter().enumerate().for_each(|(i, &u)| place[u as usize] = i as u32);
        if units.len() > MOST_UNITS {
            let own: Vec<Node> = units.iter().map(|&u| nodes[u as usize]).collect();
            let start =
                merged_of[root].iter().map(|s| s.iter().map(|&u| place[u as usize]).collect()).collect();
            let found = windows(&own, start, costs, progress)?;
            sets.extend(found.into_iter().map(|s| s.into_iter().map(|i| units[i as usize]).collect()));
            unproven += 1;
            continue;
        }
        let mut own = Tuples::default();
        units.iter().enumerate().for_each(|(i, &u)| own.push([i as u32], tuples.costs[u as usize]));
        for &t in &tuples_of[root] {
            let members = tuples.get(t as usize).iter().map(|&u| place[u as usize]);
            own.push(members, tuples.costs[t as usize]);
        }
        // What was merged is listed anew, whether or not it is of use: a cover to begin with.
        let mut start = Vec::new();
        for set in &merged_of[root] {
            if let [single] = set[..] {
                start.push(place[single as usize]);
            } else {
                start.push(own.len() as u32);
                own.push(set.iter().map(|&u| place[u as usize]), set_cost(nodes, costs, set));
            }
        }
        let (chosen, exact) = cover(units.len(), &own, start, progress)?;
        unproven += usize::from(!exact);
        for t in chosen {
            sets.push(own.get(t as usize).iter().map(|&i| units[i as usize]).collect());
        }
    }
    Ok((sets, unproven))
}

/// Merges sets along the nearest pairs first, where joining them saves something.
fn merge(
    nodes: &[Node],
    near: &[Vec<u32>],
    costs: &Costs,
    progress: &Progress,
) -> Result<Vec<Vec<u32>>, Cancelled> {
    let between =
        |u: u32, v: u32| costs.dissimilarity.between(nodes[u as usize].unit, nodes[v as usize].unit);
    let mut pairs: Vec<(f64, u32, u32)> = Vec::new();
    for (u, others) in near.iter().enumerate() {
        let u = u as u32;
        pairs.extend(others.iter().map(|&v| (between(u, v), u, v)).filter(|p| p.0 <= costs.linked()));
    }
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut of: Vec<u32> = (0..nodes.len() as u32).collect();
    let mut sets: Vec<Vec<u32>> = (0..nodes.len() as u32).map(|u| vec![u]).collect();
    for (at, &(_, u, v)) in pairs.iter().enumerate() {
        if at % 1024 == 0 {
            progress.check()?;
        }
        let (a, b) = (of[u as usize] as usize, of[v as usize] as usize);
        if a == b || sets[a].len() + sets[b].len() > costs.k {
            continue;
        }
        let line = |u: u32| nodes[u as usize].line;
        // Both are by line: one walk finds a rater in both.
        let (mut i, mut j, mut clash) = (0, 0, false);
        while i < sets[a].len() && j < sets[b].len() {
            match line(sets[a][i]).cmp(&line(sets[b][j])) {
                std::cmp::Ordering::Less => i += 1,
                std::cmp::Ordering::Greater => j += 1,
                std::cmp::Ordering::Equal => {
                    clash = true;
                    break;
                }
            }
        }
        if clash {
            continue;
        }
        let most = costs.joint(sets[a].len(), sets[b].len());
        let lies: f64 = sets[a].iter().map(|&x| sets[b].iter().map(|&y| between(x, y)).sum::<f64>()).sum();
        if lies < most {
            let taken = std::mem::take(&mut sets[b]);
            taken.iter().for_each(|&x| of[x as usize] = a as u32);
            sets[a].extend(taken);
            sets[a].sort_unstable_by_key(|&x| line(x));
        }
    }
    sets.retain(|s| !s.is_empty());
    Ok(sets)
}

/// Goes along the sets and re-solves a few neighbours at a time, up to three times round.
fn windows(
    nodes: &[Node],
    mut sets: Vec<Vec<u32>>,
    costs: &Costs,
    progress: &Progress,
) -> Result<Vec<Vec<u32>>, Cancelled> {
    if costs.k > MOST_RATERS {
        return Ok(sets);
    }
    let middle = |s: &Vec<u32>| {
        s.iter().map(|&u| nodes[u as usize].unit).map(|u| f64::midpoint(u.start, u.end)).sum::<f64>()
            / s.len() as f64
    };
    let mut solved = 0;
    for _ in 0..3 {
        sets.sort_by(|a, b| middle(a).total_cmp(&middle(b)).then_with(|| a.cmp(b)));
        let mut out: Vec<Vec<u32>> = Vec::with_capacity(sets.len());
        let mut better = false;
        let mut queue: std::collections::VecDeque<Vec<u32>> = std::collections::VecDeque::new();
        let mut rest = sets.into_iter();
        loop {
            progress.check()?;
            let mut held: usize = queue.iter().map(Vec::len).sum();
            while held < WINDOW {
                let Some(next) = rest.next() else { break };
                held += next.len();
                queue.push_back(next);
            }
            if queue.is_empty() {
                break;
            }
            if solved == MOST_WINDOWS {
                out.extend(queue.drain(..));
                out.extend(rest);
                break;
            }
            solved += 1;
            let mut units: Vec<u32> = queue.iter().flatten().copied().collect();
            units.sort_unstable_by_key(|&u| (nodes[u as usize].line, u));
            let own: Vec<Node> = units.iter().map(|&u| nodes[u as usize]).collect();
            let far = costs.farthest();
            let near: Vec<Vec<u32>> = (0..own.len())
                .map(|i| {
                    let fits = |j: &usize| {
                        own[*j].line > own[i].line
                            && costs.dissimilarity.between(own[i].unit, own[*j].unit) <= far
                    };
                    (i + 1..own.len()).filter(fits).map(|j| j as u32).collect()
                })
                .collect();
            if let Some(tuples) = enumerate(&own, &near, costs, MOST_SETS_OF_WINDOW) {
                let place = |u: u32| units.iter().position(|&x| x == u).unwrap_or(0) as u32;
                let start: Vec<Vec<u32>> =
                    queue.iter().map(|s| s.iter().map(|&u| place(u)).collect()).collect();
                let before: f64 = queue.iter().map(|s| set_cost(nodes, costs, s)).sum();
                let (found, _) = solve_listed(&own, &tuples, start, costs, progress)?;
                let mut found: Vec<Vec<u32>> =
                    found.into_iter().map(|s| s.into_iter().map(|i| units[i as usize]).collect()).collect();
                let after: f64 = found.iter().map(|s| set_cost(nodes, costs, s)).sum();
                if after < before - 1e-9 {
                    better = true;
                    found.sort_by(|a, b| middle(a).total_cmp(&middle(b)).then_with(|| a.cmp(b)));
                    queue = found.into();
                }
            }
            // Half of the window is left behind.
            let keep = if rest.len() == 0 { 0 } else { queue.len() / 2 };
            out.extend(queue.drain(..queue.len() - keep));
        }
        sets = out;
        if !better {
            break;
        }
    }
    Ok(sets)
}
