//! Three raters or more: out of the sets of units of use, those that cover each unit once at the least cost.
//!
//! The linear relaxation is solved by the simplex method from the single units, which are a basis. Its prices y, one a
//! unit, with Σ_{u in set} y_u ≤ cost for each set, bound every cover from below by Σ y. Mostly the relaxation is whole
//! already and the cover proven. Where it is not, branch and bound looks for a cover a little above the bound, then for
//! one a little further above: sets whose reduced cost is beyond that are out, and what is left falls into parts, each
//! searched alone. Its bound is the sum of reduced costs taken.

use super::tuples::Tuples;
use crate::progress::{Cancelled, Progress};

/// Covers visited by branch and bound before it gives up.
const MOST_VISITS: u32 = 200_000;
/// Reduced costs above this are no longer negative.
const ZERO: f64 = 1e-9;

/// The sets that cover each of `n` units once, by number, and whether they are proven to be best. `start` is a cover
/// known before.
pub(super) fn cover(
    n: usize,
    tuples: &Tuples,
    start: Vec<u32>,
    progress: &Progress,
) -> Result<(Vec<u32>, bool), Cancelled> {
    let mut sets_of: Vec<Vec<u32>> = vec![Vec::new(); n];
    for t in 0..tuples.len() {
        for &u in tuples.get(t) {
            sets_of[u as usize].push(t as u32);
        }
    }
    let mut lp = Simplex::new(n, tuples);
    lp.solve(tuples, &sets_of, progress)?;
    let reduced = lp.sound_prices(tuples);
    let mut best = start;
    let rounded = lp.rounded(n, tuples);
    if cost(tuples, &rounded) < cost(tuples, &best) {
        best = rounded;
    }
    // What a cover costs above the bound is the sum of its reduced costs.
    let above = |sets: &[u32]| sets.iter().map(|&t| reduced[t as usize]).sum::<f64>();
    let gap = above(&best);
    let small = ZERO * 100.0 * (1.0 + cost(tuples, &best).abs());
    if gap <= small {
        return Ok((best, true));
    }
    // What is above the bound is tried out from little to all of the gap: with little, few sets are left, and they fall
    // into many parts.
    let mut limit = gap / 64.0;
    loop {
        let found = below(n, tuples, &reduced, &sets_of, limit, progress)?;
        match found.cover {
            Some(sets) if above(&sets) <= limit || !found.complete => {
                let better = cost(tuples, &sets) < cost(tuples, &best);
                return Ok((if better { sets } else { best }, found.complete));
            }
            // All sets that a better cover may have are those up to here.
            Some(sets) => {
                if cost(tuples, &sets) < cost(tuples, &best) {
                    best = sets;
                }
                limit = above(&best) + small;
            }
            None if !found.complete => return Ok((best, false)),
            None if limit > gap => return Ok((best, true)),
            None => limit = if limit * 4.0 < gap { limit * 4.0 } else { gap + small },
        }
    }
}

/// What came of a search below a limit.
struct Found {
    /// The best cover of sets below it, part by part; `None` where a part has none.
    cover: Option<Vec<u32>>,
    /// Whether all there is was looked at.
    complete: bool,
}

/// Looks for the best cover out of sets whose reduced costs are below `limit`, and add up to less in each part that they
/// join. A cover that is less than `limit` above the bound in all is found for certain.
fn below(
    n: usize,
    tuples: &Tuples,
    reduced: &[f64],
    sets_of: &[Vec<u32>],
    limit: f64,
    progress: &Progress,
) -> Result<Found, Cancelled> {
    let mut part: Vec<u32> = (0..n as u32).collect();
    for t in (0..tuples.len()).filter(|&t| reduced[t] < limit) {
        let members = tuples.get(t);
        let root = find(&mut part, members[0]);
        for &u in &members[1..] {
            let other = find(&mut part, u);
            part[other as usize] = root;
        }
    }
    let mut units_of: Vec<Vec<u32>> = vec![Vec::new(); n];
    for u in 0..n as u32 {
        units_of[find(&mut part, u) as usize].push(u);
    }
    let mut cover = Vec::new();
    let (mut covered, mut all_complete) = (vec![false; n], true);
    for units in units_of.iter().filter(|u| !u.is_empty()) {
        progress.check()?;
        let sets = |&u: &u32| {
            let mut sets: Vec<u32> =
                sets_of[u as usize].iter().copied().filter(|&t| reduced[t as usize] < limit).collect();
            sets.sort_by(|&a, &b| reduced[a as usize].total_cmp(&reduced[b as usize]).then(a.cmp(&b)));
            (u, sets)
        };
        let mut search = Search {
            tuples,
            reduced,
            sets_of: units.iter().map(sets).collect(),
            covered,
            chosen: Vec::new(),
            best: None,
            best_above: limit,
            visits: 0,
        };
        search.go(0.0, progress)?;
        let complete = search.visits <= MOST_VISITS;
        match search.best {
            Some(best) => cover.extend(best),
            None => return Ok(Found { cover: None, complete: all_complete && complete }),
        }
        all_complete &= complete;
        covered = search.covered;
    }
    Ok(Found { cover: Some(cover), complete: all_complete })
}

fn cost(tuples: &Tuples, sets: &[u32]) -> f64 {
    sets.iter().map(|&t| tuples.costs[t as usize]).sum()
}

/// The root of a unit's part, the way to it made short.
pub(super) fn find(part: &mut [u32], mut u: u32) -> u32 {
    while part[u as usize] != u {
        part[u as usize] = part[part[u as usize] as usize];
        u = part[u as usize];
    }
    u
}

/// Branch and bound over one part.
struct Search<'a> {
    tuples: &'a Tuples,
    reduced: &'a [f64],
    /// Each unit of the part with its sets, of the lowest reduced cost first.
    sets_of: Vec<(u32, Vec<u32>)>,
    covered: Vec<bool>,
    chosen: Vec<u32>,
    best: Option<Vec<u32>>,
    best_above: f64,
    visits: u32,
}

impl Search<'_> {
    fn go(&mut self, above: f64, progress: &Progress) -> Result<(), Cancelled> {
        self.visits += 1;
        if self.visits > MOST_VISITS {
            return Ok(());
        }
        if self.visits.is_multiple_of(1024) {
            progress.check()?;
        }
        let open = |s: &Self, t: u32| {
            above + s.reduced[t as usize] < s.best_above - ZERO
                && s.tuples.get(t as usize).iter().all(|&u| !s.covered[u as usize])
        };
        // The unit with the fewest ways to be covered.
        let mut fewest: Option<(usize, usize)> = None;
        for (at, (u, sets)) in self.sets_of.iter().enumerate() {
            if !self.covered[*u as usize] {
                let most = fewest.map_or(usize::MAX, |f| f.0);
                let ways = sets.iter().filter(|&&t| open(self, t)).take(most).count();
                if ways < most {
                    fewest = Some((ways, at));
                }
                if ways == 0 {
                    return Ok(());
                }
            }
        }
        let Some((_, at)) = fewest else {
            self.best = Some(self.chosen.clone());
            self.best_above = above;
            return Ok(());
        };
        let ways: Vec<u32> = self.sets_of[at].1.iter().copied().filter(|&t| open(self, t)).collect();
        for t in ways {
            let more = above + self.reduced[t as usize];
            if more >= self.best_above - ZERO {
                break;
            }
            let tuples = self.tuples;
            tuples.get(t as usize).iter().for_each(|&u| self.covered[u as usize] = true);
            self.chosen.push(t);
            self.go(more, progress)?;
            self.chosen.pop();
            tuples.get(t as usize).iter().for_each(|&u| self.covered[u as usize] = false);
        }
        Ok(())
    }
}

/// The simplex method with the inverse of the basis at hand.
struct Simplex {
    n: usize,
    /// Inverse of the basis, one column after the other: entry (row r, unit u) at u n + r.
    inverse: Vec<f64>,
    /// Which set each row of the basis is.
    basis: Vec<u32>,
    /// How much of each, of a right side a little off 1: else most steps would be of no length.
    amount: Vec<f64>,
    /// Prices of units.
    prices: Vec<f64>,
    /// Cost less prices of each set.
    reduced: Vec<f64>,
}

impl Simplex {
    fn new(n: usize, tuples: &Tuples) -> Self {
        let mut inverse = vec![0.0; n * n];
        (0..n).for_each(|u| inverse[u * n + u] = 1.0);
        let prices: Vec<f64> = tuples.costs[..n].to_vec();
        let reduced = (0..tuples.len())
            .map(|t| tuples.costs[t] - tuples.get(t).iter().map(|&u| prices[u as usize]).sum::<f64>())
            .collect();
        // Fractions of the golden ratio: spread out, and the same each time.
        let amount = (1..=n).map(|u| 1.0 + 1e-5 * (u as f64 * 0.618_033_988_749_895).fract()).collect();
        Self { n, inverse, basis: (0..n as u32).collect(), amount, prices, reduced }
    }

    fn solve(&mut self, tuples: &Tuples, sets_of: &[Vec<u32>], progress: &Progress) -> Result<(), Cancelled> {
        let n = self.n;
        let block = 1024.max(tuples.len() / 8);
        let mut from = 0;
        let mut column = vec![0.0; n];
        let mut filled: Vec<u32> = Vec::new();
        for step in 0..(40 * n + 100) {
            if step % 16 == 0 {
                progress.check()?;
            }
            // The most negative of a block; the next block where there is none.
            let mut entering = None;
            let mut seen = 0;
            while seen < tuples.len() {
                let end = (from + block).min(tuples.len());
                let lowest = (from..end).min_by(|&a, &b| self.reduced[a].total_cmp(&self.reduced[b]));
                seen += end - from;
                let here = lowest.filter(|&t| self.reduced[t] < -ZERO);
                if here.is_some() {
                    entering = here;
                    break;
                }
                from = if end == tuples.len() { 0 } else { end };
            }
            let Some(entering) = entering else { return Ok(()) };
            column.fill(0.0);
            for &u in tuples.get(entering) {
                let part = &self.inverse[u as usize * n..(u as usize + 1) * n];
                column.iter_mut().zip(part).for_each(|(c, p)| *c += p);
            }
            filled.clear();
            filled.extend((0..n as u32).filter(|&r| column[r as usize].abs() > 1e-11));
            let leaving = filled.iter().copied().filter(|&r| column[r as usize] > 1e-7).min_by(|&a, &b| {
                let ratio = |r: u32| self.amount[r as usize] / column[r as usize];
                ratio(a).total_cmp(&ratio(b)).then(a.cmp(&b))
            });
            // Costs are at least 0, so that the relaxation is bounded: without a row to leave, rounding is at fault.
            let Some(leaving) = leaving else { return Ok(()) };
            let r = leaving as usize;
            let pivot = column[r];
            let step = self.amount[r] / pivot;
            for &i in &filled {
                self.amount[i as usize] -= step * column[i as usize];
            }
            self.amount[r] = step;
            self.basis[r] = entering as u32;
            let by = self.reduced[entering];
            for u in 0..n {
                let own = &mut self.inverse[u * n..(u + 1) * n];
                if own[r] == 0.0 {
                    continue;
                }
                let p = own[r] / pivot;
                if p.abs() < 1e-13 {
                    own[r] = 0.0;
                    continue;
                }
                for &i in &filled {
                    own[i as usize] -= column[i as usize] * p;
                }
                own[r] = p;
                let change = by * p;
                self.prices[u] += change;
                for &t in &sets_of[u] {
                    self.reduced[t as usize] -= change;
                }
            }
        }
        Ok(())
    }

    /// Reduced costs of all sets by prices that bound covers from below for certain: where a set is worth more than it
    /// costs, by rounding or since the method stopped early, one of its units gives way.
    fn sound_prices(&mut self, tuples: &Tuples) -> Vec<f64> {
        let reduced = |prices: &[f64], t: usize| {
            tuples.costs[t] - tuples.get(t).iter().map(|&u| prices[u as usize]).sum::<f64>()
        };
        for t in 0..tuples.len() {
            let r = reduced(&self.prices, t);
            if r < 0.0 {
                self.prices[tuples.get(t)[0] as usize] += r;
            }
        }
        (0..tuples.len()).map(|t| reduced(&self.prices, t).max(0.0)).collect()
    }

    /// A cover near the relaxation: the sets of which there is most, as far as they go together, then single units.
    fn rounded(&self, n: usize, tuples: &Tuples) -> Vec<u32> {
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|&a, &b| self.amount[b].total_cmp(&self.amount[a]).then(a.cmp(&b)));
        let mut covered = vec![false; n];
        let mut out = Vec::new();
        for r in order {
            let members = tuples.get(self.basis[r] as usize);
            if self.amount[r] > 0.01 && members.iter().all(|&u| !covered[u as usize]) {
                members.iter().for_each(|&u| covered[u as usize] = true);
                out.push(self.basis[r]);
            }
        }
        out.extend((0..n as u32).filter(|&u| !covered[u as usize]));
        out
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn listed(n: usize, single: f64, sets: &[(Vec<u32>, f64)]) -> Tuples {
        let mut tuples = Tuples::default();
        (0..n as u32).for_each(|u| tuples.push([u], single));
        sets.iter().for_each(|(members, cost)| tuples.push(members.iter().copied(), *cost));
        tuples
    }

    fn brute(tuples: &Tuples, covered: u32, n: usize) -> f64 {
        let Some(first) = (0..n).find(|u| covered & 1 << u == 0) else { return 0.0 };
        let mut best = f64::INFINITY;
        for t in 0..tuples.len() {
            let mask = tuples.get(t).iter().fold(0, |m, u| m | 1 << u);
            if mask & 1 << first != 0 && mask & covered == 0 {
                best = best.min(tuples.costs[t] + brute(tuples, covered | mask, n));
            }
        }
        best
    }

    #[test]
    fn a_relaxation_that_is_not_whole_is_searched() {
        // Three units, each two of which go together for 1: the relaxation takes half of each pair, 1.5 in all.
        let pairs = [(vec![0, 1], 1.0), (vec![1, 2], 1.0), (vec![0, 2], 1.0)];
        let tuples = listed(3, 1.0, &pairs);
        let (sets, exact) = cover(3, &tuples, vec![0, 1, 2], &Progress::new()).unwrap();
        assert!(exact);
        assert!((cost(&tuples, &sets) - 2.0).abs() < 1e-12, "{sets:?}");
    }

    proptest! {
        #[test]
        fn the_cover_is_the_cheapest(raw in prop::collection::vec((1_u32..512, 2_u32..40), 0..40)) {
            let sets: Vec<(Vec<u32>, f64)> = raw
                .iter()
                .map(|&(mask, c)| ((0..9).filter(|u| mask & 1 << u != 0).collect(), f64::from(c) / 4.0))
                .collect();
            let tuples = listed(9, 4.0, &sets);
            let (chosen, exact) = cover(9, &tuples, (0..9).collect(), &Progress::new()).unwrap();
            let mut units: Vec<u32> = chosen.iter().flat_map(|&t| tuples.get(t as usize).to_vec()).collect();
            units.sort_unstable();
            prop_assert_eq!(units, (0..9).collect::<Vec<u32>>());
            prop_assert!(exact);
            let (got, want) = (cost(&tuples, &chosen), brute(&tuples, 0, 9));
            prop_assert!((got - want).abs() < 1e-9, "{} {}", got, want);
        }
    }
}
