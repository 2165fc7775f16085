//! Does a number of the items (a metric, a model's score) follow what people say? At three levels, since they come apart: over items, within
//! the items of one source (which of its versions is better), and over systems, of which there are few.
//!
//! Mathur, Baldwin & Cohn (2020): one system far off brings a correlation about, so that it is told with and without those whose robust z,
//! |h − median|/(1.483 MAD), is above 2.5; nothing is left out silently. Two metrics of the same items are compared by Williams' t for dependent
//! correlations (Graham & Baldwin 2014). The report follows ITEM (Das et al. 2025).

use rayon::prelude::*;

use super::Undefined;
use super::correlation::{Correlation, two_sided_p};
use super::random::Stream;
use crate::progress::{Cancelled, Progress};

/// Robust z above which a system, or an item, is far off.
pub const FAR: f64 = 2.5;
/// Systems up to which every order is tried for the p-value.
const MOST_EXACT: usize = 8;

/// Pearson's r, Spearman's ρ and Kendall's τ_b, each with its interval where there is one.
pub type Three = [Result<(f64, Option<(f64, f64)>), Undefined>; 3];

/// The three, in their order.
pub const THREE: [Correlation; 3] = [Correlation::Pearson, Correlation::Spearman, Correlation::KendallTauB];

/// One row: people's mean, the metric, which system made it, and from which source it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// What people say.
    pub human: f64,
    /// What the metric says.
    pub metric: f64,
    /// Which system; `None` where none is known.
    pub system: Option<u32>,
    /// Which source; rows of one are alike.
    pub source: Option<u32>,
}

/// A metric against people.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricReliability {
    /// Over all rows.
    pub items: Three,
    /// Mean over sources of the correlation across their rows, and how many sources have one and have none.
    pub within: (Three, usize, usize),
    /// Over means of systems; p of r from every order, or from many.
    pub systems: Option<Systems>,
    /// Over all rows but those far off, and which those are.
    pub without_far: Option<(Three, Vec<usize>)>,
    /// Why nobody can be far off, where half of people's numbers are the same.
    pub no_spread: bool,
    /// Share of pairs of rows that the metric orders as people do; ties of the metric count ½, those of people are left out and counted.
    pub pairs: Option<(f64, u64)>,
    /// Rows.
    pub n: usize,
}

/// Means of systems.
#[derive(Debug, Clone, PartialEq)]
pub struct Systems {
    /// Which, with people's mean and the metric's.
    pub means: Vec<(u32, f64, f64)>,
    /// Over all.
    pub three: Three,
    /// P(|r| as large) when systems change places; the least that can be is 1/orders.
    pub p: Option<f64>,
    /// Without those far off, and which those are (indices into `means`).
    pub without_far: Option<(Three, Vec<usize>)>,
}

/// Indices whose robust z is above [`FAR`]; `None` where the MAD is 0.
pub fn far_off(values: &[f64]) -> Option<Vec<usize>> {
    let middle = median(values)?;
    let distances: Vec<f64> = values.iter().map(|v| (v - middle).abs()).collect();
    let mad = median(&distances).filter(|&m| m > 0.0)?;
    Some((0..values.len()).filter(|&i| distances[i] / (1.483 * mad) > FAR).collect())
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = sorted.len();
    (n > 0).then(|| f64::midpoint(sorted[(n - 1) / 2], sorted[n / 2]))
}

fn plain(x: &[f64], y: &[f64]) -> Three {
    THREE.map(|c| c.of(x, y).map(|v| (v, None)))
}

fn without(x: &[f64], y: &[f64], far: &[usize]) -> (Vec<f64>, Vec<f64>) {
    (0..x.len()).filter(|i| far.binary_search(i).is_err()).map(|i| (x[i], y[i])).unzip()
}

/// Share of pairs ordered alike, and pairs that people tie.
fn pairs_alike(human: &[f64], metric: &[f64]) -> Option<(f64, u64)> {
    // τ_b's counts by sorting would be faster; beyond this many rows a sample says the same.
    let n = human.len();
    let step = n.div_ceil(4_000).max(1);
    let chosen: Vec<usize> = (0..n).step_by(step).collect();
    let (mut alike, mut all, mut tied) = (0.0, 0.0, 0);
    for (k, &i) in chosen.iter().enumerate() {
        for &j in &chosen[..k] {
            let (h, m) = (human[i] - human[j], metric[i] - metric[j]);
            if h == 0.0 {
                tied += 1;
                continue;
            }
            all += 1.0;
            alike += if m == 0.0 {
                0.5
            } else if (h > 0.0) == (m > 0.0) {
                1.0
            } else {
                0.0
            };
        }
    }
    (all > 0.0).then(|| (alike / all, tied))
}

/// Reports on `rows`. `draws` resamples of sources (of rows, without any) make the intervals.
///
/// # Errors
/// If it was cancelled.
pub fn metric_reliability(
    rows: &[Row],
    draws: u32,
    seed: u64,
    progress: &Progress,
) -> Result<MetricReliability, Cancelled> {
    let (x, y): (Vec<f64>, Vec<f64>) = rows.iter().map(|r| (r.human, r.metric)).unzip();
    // Rows by source: a row without one is its own.
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|&i| (rows[i].source.is_none(), rows[i].source, i));
    let same = |a: usize, b: usize| rows[a].source.is_some() && rows[a].source == rows[b].source;
    let groups: Vec<&[usize]> = order.chunk_by(|&a, &b| same(a, b)).collect();
    let mut items = plain(&x, &y);
    for (at, item) in items.iter_mut().enumerate() {
        if let Ok((_, ci)) = item {
            *ci = interval(THREE[at], rows, &groups, draws, seed, progress)?;
        }
    }
    let mut sums = [(0.0, 0_usize); 3];
    let (mut with, mut none) = (0, 0);
    for group in groups.iter().filter(|g| g.len() > 1) {
        let (x, y): (Vec<f64>, Vec<f64>) = group.iter().map(|&i| (rows[i].human, rows[i].metric)).unzip();
        let own = plain(&x, &y);
        if own[0].is_ok() {
            with += 1;
        } else {
            none += 1;
        }
        for (sum, own) in sums.iter_mut().zip(own) {
            if let Ok((v, _)) = own {
                *sum = (sum.0 + v, sum.1 + 1);
            }
        }
    }
    let within = sums.map(|(sum, n)| {
        let why = || {
            Undefined::Because("no source has two rows on which people and the metric both vary".to_owned())
        };
        if n > 0 { Ok((sum / n as f64, None)) } else { Err(why()) }
    });
    let far = far_off(&x);
    Ok(MetricReliability {
        items,
        within: (within, with, none),
        systems: systems(rows, seed, progress)?,
        no_spread: far.is_none() && !rows.is_empty(),
        without_far: far.filter(|f| !f.is_empty()).map(|f| {
            let (x, y) = without(&x, &y, &f);
            (plain(&x, &y), f)
        }),
        pairs: pairs_alike(&x, &y),
        n: rows.len(),
    })
}

fn interval(
    of: Correlation,
    rows: &[Row],
    groups: &[&[usize]],
    draws: u32,
    seed: u64,
    progress: &Progress,
) -> Result<Option<(f64, f64)>, Cancelled> {
    let found: Vec<Result<Option<f64>, Cancelled>> = (0..u64::from(draws))
        .into_par_iter()
        .map(|draw| {
            progress.check()?;
            let mut rng = Stream::new(seed, draw);
            let (mut x, mut y) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
            for _ in 0..groups.len() {
                for &i in groups[rng.below(groups.len())] {
                    x.push(rows[i].human);
                    y.push(rows[i].metric);
                }
            }
            Ok(of.of(&x, &y).ok())
        })
        .collect();
    let mut known: Vec<f64> =
        found.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
    known.sort_unstable_by(f64::total_cmp);
    let n = known.len();
    let at = |share: f64| known[((share * (n - 1) as f64).round() as usize).min(n - 1)];
    Ok((n * 2 > draws as usize).then(|| (at(0.025), at(0.975))))
}

fn systems(rows: &[Row], seed: u64, progress: &Progress) -> Result<Option<Systems>, Cancelled> {
    let mut sums: std::collections::BTreeMap<u32, (f64, f64, f64)> = std::collections::BTreeMap::new();
    for row in rows {
        if let Some(system) = row.system {
            let s = sums.entry(system).or_default();
            *s = (s.0 + row.human, s.1 + row.metric, s.2 + 1.0);
        }
    }
    if sums.len() < 2 {
        return Ok(None);
    }
    let means: Vec<(u32, f64, f64)> = sums.into_iter().map(|(s, (h, m, n))| (s, h / n, m / n)).collect();
    let (x, y): (Vec<f64>, Vec<f64>) = means.iter().map(|m| (m.1, m.2)).unzip();
    let three = plain(&x, &y);
    let p = match &three[0] {
        Ok((r, _)) => Some(permuted(&x, &y, r.abs(), seed, progress)?),
        Err(_) => None,
    };
    let without_far = far_off(&x).filter(|f| !f.is_empty()).map(|f| {
        let (x, y) = without(&x, &y, &f);
        (plain(&x, &y), f)
    });
    Ok(Some(Systems { means, three, p, without_far }))
}

/// Share of orders of y with |r| at least as large.
fn permuted(x: &[f64], y: &[f64], least: f64, seed: u64, progress: &Progress) -> Result<f64, Cancelled> {
    let as_far = |y: &[f64]| Correlation::Pearson.of(x, y).is_ok_and(|r| r.abs() >= least - 1e-12);
    let n = y.len();
    if n <= MOST_EXACT {
        // Heap's algorithm.
        let (mut own, mut counters) = (y.to_vec(), vec![0; n]);
        let (mut far, mut all) = (u64::from(as_far(&own)), 1_u64);
        let mut i = 1;
        while i < n {
            if counters[i] < i {
                own.swap(if i.is_multiple_of(2) { 0 } else { counters[i] }, i);
                far += u64::from(as_far(&own));
                all += 1;
                counters[i] += 1;
                i = 1;
            } else {
                counters[i] = 0;
                i += 1;
            }
        }
        progress.check()?;
        return Ok(far as f64 / all as f64);
    }
    let draws = 4_999;
    let mut far = 0;
    for draw in 0..draws {
        progress.check()?;
        let mut own = y.to_vec();
        Stream::new(seed, draw).shuffle(&mut own);
        far += u64::from(as_far(&own));
    }
    Ok((1 + far) as f64 / (1 + draws) as f64)
}

/// Williams' t of two metrics: correlations of each with people, of both with each other, over n items; t and its two-sided p.
///
/// Undefined for fewer than ten items, and where the three cannot be correlations of one set of items.
pub fn williams(r12: f64, r13: f64, r23: f64, n: usize) -> Result<(f64, f64), Undefined> {
    if n < 10 {
        return Err(Undefined::Because("fewer than ten items".to_owned()));
    }
    let nf = n as f64;
    let k = 1.0 - r12 * r12 - r13 * r13 - r23 * r23 + 2.0 * r12 * r13 * r23;
    let mean = f64::midpoint(r12, r13);
    let square = 2.0 * k * (nf - 1.0) / (nf - 3.0) + mean * mean * (1.0 - r23).powi(3);
    if square <= 0.0 || k < -1e-9 {
        return Err(Undefined::Because("both metrics say the same".to_owned()));
    }
    let t = (r12 - r13) * ((nf - 1.0) * (1.0 + r23) / square).sqrt();
    Ok((t, two_sided_p(t, nf - 3.0)))
}

/// What spoiling the items does to a metric: mean drop and share of items that drop; `None` without an item.
pub fn perturbation(before: &[f64], after: &[f64]) -> Option<(f64, f64)> {
    let n = before.len().min(after.len());
    let drops = || before.iter().zip(after).map(|(b, a)| b - a);
    (n > 0).then(|| (drops().sum::<f64>() / n as f64, drops().filter(|&d| d > 0.0).count() as f64 / n as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    const H: [f64; 6] = [60.0, 62.0, 64.0, 66.0, 68.0, 10.0];
    const A: [f64; 6] = [0.50, 0.49, 0.53, 0.52, 0.51, 0.05];
    const B: [f64; 6] = [0.40, 0.44, 0.43, 0.47, 0.50, 0.49];

    fn near(three: &Three, want: [f64; 3]) {
        for (found, want) in three.iter().zip(want) {
            let (found, _) = found.clone().unwrap();
            assert!((found - want).abs() < 1e-4, "{found} {want}");
        }
    }

    fn rows(metric: &[f64; 6]) -> Vec<Row> {
        let row = |i: usize| Row { human: H[i], metric: metric[i], system: Some(i as u32), source: None };
        (0..6).map(row).collect()
    }

    #[test]
    fn the_worked_example() {
        let of = |m: &[f64; 6]| metric_reliability(&rows(m), 200, 1, &Progress::new()).unwrap();
        let (a, b) = (of(&A), of(&B));
        near(&a.items, [0.9938, 0.7143, 0.4667]);
        near(&b.items, [-0.3356, 0.3714, 0.3333]);
        let (three, far) = a.without_far.as_ref().unwrap();
        assert_eq!(far, &[5]);
        near(three, [0.5, 0.5, 0.2]);
        near(&b.without_far.unwrap().0, [0.9485, 0.9, 0.8]);
        let systems = a.systems.unwrap();
        near(&systems.three, [0.9938, 0.7143, 0.4667]);
        assert_eq!(systems.without_far.unwrap().1, [5]);
        assert!((a.pairs.unwrap().0 - 0.7333).abs() < 1e-4 && a.items[0].as_ref().unwrap().1.is_some());
        let (t, p) = williams(0.60, 0.45, 0.70, 50).unwrap();
        assert!((t - 1.652_746).abs() < 1e-6 && (p - 0.1050).abs() < 5e-5, "{t} {p}");
    }

    #[test]
    fn within_sources_it_can_be_otherwise() {
        // Sources differ widely, and within each the metric is turned round.
        let all: Vec<Row> = (0..30)
            .map(|i| {
                let (source, version) = (i / 3, f64::from(i % 3));
                let base = 10.0 * f64::from(source);
                Row {
                    human: base + version,
                    metric: base - version,
                    system: Some(i % 3),
                    source: Some(source),
                }
            })
            .collect();
        let found = metric_reliability(&all, 50, 1, &Progress::new()).unwrap();
        assert!(found.items[0].as_ref().unwrap().0 > 0.9);
        near(&found.within.0, [-1.0, -1.0, -1.0]);
        assert_eq!((found.within.1, found.within.2), (10, 0));
        let p = found.systems.unwrap().p.unwrap();
        assert!((p - 2.0 / 6.0).abs() < 1e-12, "three systems have six orders: {p}");
    }

    #[test]
    fn nothing_varies_nothing_is_said() {
        let flat: Vec<Row> =
            (0..5).map(|i| Row { human: 1.0, metric: f64::from(i), system: None, source: None }).collect();
        let found = metric_reliability(&flat, 10, 1, &Progress::new()).unwrap();
        assert!(found.items.iter().all(Result::is_err) && found.no_spread && found.systems.is_none());
        assert!(found.pairs.is_none() && williams(0.5, 0.4, 0.3, 9).is_err());
        let (drop, share) = perturbation(&[1.0, 0.5], &[0.5, 0.6]).unwrap();
        assert!((drop - 0.2).abs() < 1e-12 && share == 0.5);
        assert_eq!(perturbation(&[], &[]), None);
    }
}
