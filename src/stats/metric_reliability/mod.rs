//! Does a number of the items (a metric, a model's score) follow what people say? At three levels, since they come apart: over items, within
//! the items of one source (which of its versions is better), and over systems, of which there are few.
//!
//! Mathur, Baldwin & Cohn (2020): one system far off brings a correlation about, so that it is told with and without those whose robust z,
//! |h − median|/(1.483 MAD), is above 2.5; nothing is left out silently. The report follows ITEM (Das et al. 2025). Intervals are percentiles of
//! resamples of whole sources, or of items where there are none.

mod order;
mod two_metrics;

pub use order::{MOST_EXACT, OrderTest, order_tests};
pub use two_metrics::{LEAST_WILLIAMS, TwoMetrics, two_metrics, williams};

use super::agreement::{Spread, resample};
use super::correlation::{Correlation, mid_ranks};
use super::{Estimate, Statistic, Undefined};
use crate::progress::{Cancelled, Progress};

/// Robust z above which a system, or an item, is far off.
pub const FAR: f64 = 2.5;

/// Pearson's r, Spearman's ρ and Kendall's τ_b, each with its interval where there is one.
pub type Three = [Statistic; 3];

/// The three, in their order.
pub const THREE: [Correlation; 3] = [Correlation::Pearson, Correlation::Spearman, Correlation::KendallTauB];

/// One item: what people say, the metric, which system made it, and from which source it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// What people say.
    pub human: f64,
    /// What the metric says.
    pub metric: f64,
    /// Which system, from 0 on; `None` where none is known.
    pub system: Option<u32>,
    /// Which source; items of one are alike.
    pub source: Option<u32>,
}

/// Without those that are far off.
#[derive(Debug, Clone, PartialEq)]
pub struct WithoutFar {
    /// Which (numbers of rows, or of systems in [`Systems::means`]) with their robust z.
    pub far: Vec<(usize, f64)>,
    /// What is left of the three, without intervals.
    pub three: Three,
}

/// Over items, or over systems.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// The three.
    pub three: Three,
    /// Without those far off; `None` where nobody is.
    pub without_far: Option<WithoutFar>,
    /// Nobody can be called far off: half of people's numbers are the same.
    pub no_spread: bool,
    /// How many of two are ordered as people order them; `None` where people tie all.
    pub pairs: Option<PairsAlike>,
}

/// Over sources.
#[derive(Debug, Clone, PartialEq)]
pub struct Within {
    /// Means over sources of the three.
    pub three: Three,
    /// Sources on whose items both vary.
    pub n_sources: usize,
    /// Sources of two items or more whose items people (or the metric) give one number: passed over.
    pub n_constant: usize,
}

/// Over systems.
#[derive(Debug, Clone, PartialEq)]
pub struct Systems {
    /// Which, with people's mean and the metric's.
    pub means: Vec<(u32, f64, f64)>,
    /// Correlations of the means.
    pub level: Level,
    /// The three against other orders; `None` where there is no correlation.
    pub tests: Option<[OrderTest; 3]>,
}

/// A metric against people.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricReliability {
    /// Over all items.
    pub items: Level,
    /// Within sources, where there are some of two items.
    pub within: Option<Within>,
    /// Over means of systems, where there are two.
    pub systems: Option<Systems>,
}

/// Pairs by their order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairsAlike {
    /// Share of pairs that the metric orders as people do; ties of the metric count ½, those of people are left out.
    pub share: f64,
    /// Pairs that people tie.
    pub n_tied: u64,
}

/// Numbers of rows by source; a row without one is its own.
fn clusters(sources: &[Option<u32>]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..sources.len()).collect();
    order.sort_by_key(|&i| (sources[i].is_none(), sources[i], i));
    let same = |a: &usize, b: &usize| sources[*a].is_some() && sources[*a] == sources[*b];
    order.chunk_by(same).map(<[usize]>::to_vec).collect()
}

/// Those whose robust z is above [`FAR`], ascending, with it; `None` where the MAD is 0.
pub fn far_off(values: &[f64]) -> Option<Vec<(usize, f64)>> {
    let middle = median(values)?;
    let distances: Vec<f64> = values.iter().map(|v| (v - middle).abs()).collect();
    let mad = median(&distances).filter(|&m| m > 0.0)?;
    let z = distances.iter().map(|d| d / (1.483 * mad)).enumerate();
    Some(z.filter(|&(_, z)| z > FAR).collect())
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = sorted.len();
    (n > 0).then(|| f64::midpoint(sorted[(n - 1) / 2], sorted[n / 2]))
}

/// Share of pairs of `metric` in the order of `human`; `None` where people tie every pair.
pub fn pairs_alike(human: &[f64], metric: &[f64]) -> Option<PairsAlike> {
    // Twice the mid-rank is a whole number; places of a Fenwick tree count the metrics of those whom people put lower.
    let places: Vec<usize> = mid_ranks(metric).iter().map(|r| (2.0 * r) as usize).collect();
    let mut tree = vec![0_u64; 2 * metric.len() + 2];
    let up_to = |tree: &[u64], mut at: usize| {
        let mut sum = 0;
        while at > 0 {
            sum += tree[at];
            at &= at - 1;
        }
        sum
    };
    let mut order: Vec<usize> = (0..human.len()).collect();
    order.sort_by(|&a, &b| (human[a] + 0.0).total_cmp(&(human[b] + 0.0)));
    let (mut alike, mut tied_here, mut all, mut n_tied, mut before) = (0_u64, 0_u64, 0_u64, 0_u64, 0_u64);
    for same in order.chunk_by(|&a, &b| human[a] == human[b]) {
        for &i in same {
            let below = up_to(&tree, places[i] - 1);
            alike += below;
            tied_here += up_to(&tree, places[i]) - below;
            all += before;
        }
        for &i in same {
            let mut at = places[i];
            while at < tree.len() {
                tree[at] += 1;
                at += at & at.wrapping_neg();
            }
        }
        let n = same.len() as u64;
        (n_tied, before) = (n_tied + n * (n - 1) / 2, before + n);
    }
    let share = (alike as f64 + 0.5 * tied_here as f64) / all as f64;
    (all > 0).then_some(PairsAlike { share, n_tied })
}

/// What spoiling items does to a metric: mean drop and share of items that drop; `None` without an item.
pub fn perturbation(before: &[f64], after: &[f64]) -> Option<(f64, f64)> {
    let n = before.len().min(after.len());
    let drops = || before.iter().zip(after).map(|(b, a)| b - a);
    (n > 0).then(|| (drops().sum::<f64>() / n as f64, drops().filter(|&d| d > 0.0).count() as f64 / n as f64))
}

fn three(x: &[f64], y: &[f64]) -> Three {
    THREE.map(|c| match c.of(x, y) {
        Ok(value) => Estimate::new(value, x.len(), 0).into(),
        Err(reason) => reason.into(),
    })
}

impl Level {
    fn of(x: &[f64], y: &[f64]) -> Self {
        let far = far_off(x);
        let no_spread = far.is_none() && !x.is_empty();
        let without_far = far.filter(|f| !f.is_empty()).map(|far| {
            let left = |v: &[f64]| -> Vec<f64> {
                let is_far = |i: &usize| far.binary_search_by_key(i, |f| f.0).is_ok();
                (0..v.len()).filter(|i| !is_far(i)).map(|i| v[i]).collect()
            };
            WithoutFar { three: three(&left(x), &left(y)), far }
        });
        Self { three: three(x, y), without_far, no_spread, pairs: pairs_alike(x, y) }
    }
}

/// Means of systems, over rows that each count some number of times.
fn means(rows: &[Row], n_systems: usize, times: impl Fn(usize) -> f64) -> Vec<(u32, f64, f64)> {
    let mut sums = vec![(0.0, 0.0, 0.0); n_systems];
    for (i, row) in rows.iter().enumerate() {
        if let Some(system) = row.system {
            let (sum, times) = (&mut sums[system as usize], times(i));
            *sum = (sum.0 + times * row.human, sum.1 + times * row.metric, sum.2 + times);
        }
    }
    let known = sums.into_iter().enumerate().filter(|(_, s)| s.2 > 0.0);
    known.map(|(system, (h, m, n))| (system as u32, h / n, m / n)).collect()
}

fn of_means(means: &[(u32, f64, f64)]) -> (Vec<f64>, Vec<f64>) {
    means.iter().map(|m| (m.1, m.2)).unzip()
}

/// Holds a metric against people on `rows`. `draws` resamples of sources (of rows, without any) make the intervals.
///
/// # Errors
/// If it was cancelled.
pub fn metric_reliability(
    rows: &[Row],
    (draws, seed): (u32, u64),
    progress: &Progress,
) -> Result<MetricReliability, Cancelled> {
    let (x, y): (Vec<f64>, Vec<f64>) = rows.iter().map(|r| (r.human, r.metric)).unzip();
    let groups = clusters(&rows.iter().map(|r| r.source).collect::<Vec<_>>());
    let n_systems = rows.iter().filter_map(|r| r.system).max().map_or(0, |s| s as usize + 1);
    let mut items = Level::of(&x, &y);
    let (mut within, of_sources) = within(rows, &groups);
    let mut systems = systems(rows, n_systems, seed, progress)?;
    let mut group_of = vec![0_u32; rows.len()];
    groups.iter().enumerate().for_each(|(g, own)| own.iter().for_each(|&i| group_of[i] = g as u32));
    let units: Vec<u32> = (0..groups.len() as u32).collect();
    let drawn: Vec<[Option<f64>; 9]> = resample(&units, units.len(), (draws, seed), progress, |times| {
        let mut found = [None; 9];
        let (mut x, mut y) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
        for (group, &times) in groups.iter().zip(times) {
            for _ in 0..times as usize {
                x.extend(group.iter().map(|&i| rows[i].human));
                y.extend(group.iter().map(|&i| rows[i].metric));
            }
        }
        let (mut sums, mut counts) = ([0.0; 3], [0.0; 3]);
        for (own, &times) in of_sources.iter().zip(times) {
            for (at, own) in own.iter().enumerate() {
                if let Some(own) = own {
                    (sums[at], counts[at]) = (sums[at] + times * own, counts[at] + times);
                }
            }
        }
        let (a, b) = of_means(&means(rows, n_systems, |i| times[group_of[i] as usize]));
        for (at, c) in THREE.into_iter().enumerate() {
            found[at] = c.of(&x, &y).ok();
            found[3 + at] = (counts[at] > 0.0).then(|| sums[at] / counts[at]);
            // All systems: a mean over fewer is another number.
            found[6 + at] =
                systems.as_ref().filter(|s| s.means.len() == a.len()).and_then(|_| c.of(&a, &b).ok());
        }
        found
    })?;
    let give = |three: &mut Three, from: usize| {
        for (at, statistic) in three.iter_mut().enumerate() {
            if let Statistic::Defined(e) = statistic {
                let own: Vec<Option<f64>> = drawn.iter().map(|d| d[from + at]).collect();
                if let Some(spread) = Spread::percentiles(&own) {
                    (e.ci, e.se, e.method) = (Some(spread.ci), Some(spread.se), Some(spread.method));
                }
            }
        }
    };
    give(&mut items.three, 0);
    if let Some(within) = &mut within {
        give(&mut within.three, 3);
    }
    if let Some(systems) = &mut systems {
        give(&mut systems.level.three, 6);
    }
    Ok(MetricReliability { items, within, systems })
}

/// Means over sources, and the three of each source.
fn within(rows: &[Row], groups: &[Vec<usize>]) -> (Option<Within>, Vec<[Option<f64>; 3]>) {
    let (mut with, mut constant) = (0, 0);
    let mut sums = [(0.0, 0_usize); 3];
    let mut of_sources = Vec::with_capacity(groups.len());
    for group in groups {
        let mut own = [None; 3];
        if group.len() > 1 {
            let (x, y): (Vec<f64>, Vec<f64>) = group.iter().map(|&i| (rows[i].human, rows[i].metric)).unzip();
            own = THREE.map(|c| c.of(&x, &y).ok());
            if own[0].is_some() {
                with += 1;
            } else {
                constant += 1;
            }
        }
        for (sum, own) in sums.iter_mut().zip(own) {
            if let Some(v) = own {
                *sum = (sum.0 + v, sum.1 + 1);
            }
        }
        of_sources.push(own);
    }
    let three = sums.map(|(sum, n)| match n {
        0 => Undefined::Because("on no source’s items do both people and the metric vary".to_owned()).into(),
        n => Estimate::new(sum / n as f64, n, 0).into(),
    });
    let found = Within { three, n_sources: with, n_constant: constant };
    ((with + constant > 0).then_some(found), of_sources)
}

fn systems(
    rows: &[Row],
    n_systems: usize,
    seed: u64,
    progress: &Progress,
) -> Result<Option<Systems>, Cancelled> {
    let means = means(rows, n_systems, |_| 1.0);
    if means.len() < 2 {
        return Ok(None);
    }
    let (x, y) = of_means(&means);
    Ok(Some(Systems { level: Level::of(&x, &y), tests: order_tests(&x, &y, seed, progress)?, means }))
}

#[cfg(test)]
mod tests;
