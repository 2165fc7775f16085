//! Automatic metrics, which are columns of numbers about items, against what people say: over items, within sources, over systems.
//!
//! People's score of an item is the mean of their votes on a scale, or, of two labels, the share of votes for one of them; where nobody voted, the
//! label that the source has. No decision changes it.

mod columns;
mod wording;

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

pub use self::columns::MetricColumns;
use self::columns::{MOST_SYSTEMS, numbers, unread};
use self::wording::Wording;
use super::Settings;
use super::judge_validation::peoples_votes;
use crate::dataset::{Dataset, NO_LABEL, Scale};
use crate::progress::{Cancelled, Progress};
use crate::stats::correlation::{Correlation, mid_ranks};
use crate::stats::judge_validation::People;
use crate::stats::metric_reliability::{
    MetricReliability, Row, TwoMetrics, metric_reliability, perturbation, two_metrics,
};
use crate::stats::norm_ratings::{disattenuated, norms, reliability_of_means};
use crate::stats::roc::auc;
use crate::stats::{Statistic, Undefined};

/// Items that a row opens: those that people and the metric rank farthest apart.
const MOST_APART: usize = 1_000;
/// Points of a plot over items.
const MOST_POINTS: usize = 600;
/// Resamples of few items; of many, fewer.
const DRAWS: (usize, usize) = (100, 1_000);
const WORK: usize = 1_000_000;
/// Labels that stand for the high end where there are two.
const HIGH: [&str; 12] = [
    "yes",
    "true",
    "1",
    "relevant",
    "good",
    "correct",
    "positive",
    "pass",
    "acceptable",
    "better",
    "ok",
    "present",
];

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricsAsked {
    /// Whose votes count.
    pub settings: Settings,
    /// The column that says which system made an item.
    pub system: Option<usize>,
    /// The column that says from which source it is.
    pub source: Option<usize>,
    /// Seed of everything that is drawn.
    pub seed: u64,
}

/// A metric.
#[derive(Debug, Clone)]
pub struct MetricRow {
    /// Its column's name.
    pub name: String,
    /// Items with people's score and the metric.
    pub n: usize,
    /// Values that are there and were not read as numbers.
    pub n_unread: usize,
    /// Against people.
    pub found: MetricReliability,
    /// r over items as it would be without people's noise, r/√reliability; may exceed 1.
    pub corrected: Option<f64>,
    /// Of two labels: how well it tells people's majorities apart.
    pub auc: Option<Statistic>,
    /// Items that people and the metric rank farthest apart, the farthest first.
    pub apart: Arc<[u32]>,
    /// Items on which people's score is far off, the farthest first.
    pub far: Arc<[u32]>,
    /// Some of the items evenly spaced in the file, or all: which, people's score, the metric.
    pub points: Vec<(u32, f64, f64)>,
}

/// A metric on spoiled items.
#[derive(Debug, Clone)]
pub struct Perturbed {
    /// The metric.
    pub metric: String,
    /// How items were spoiled: the column's name.
    pub column: String,
    /// Items with both.
    pub n: usize,
    /// Mean of before − after.
    pub mean_drop: f64,
    /// Share of items on which it drops.
    pub share: f64,
    /// Items on which it does not, ascending.
    pub blind: Arc<[u32]>,
}

/// Metrics against people.
#[derive(Debug, Clone)]
pub struct MetricsReport {
    /// What was asked for.
    pub asked: MetricsAsked,
    /// What people's score is, in words.
    pub human: String,
    /// How reliable means of people's votes are: 1 − mean(SD²/n)/Var(means).
    pub reliability: Result<f64, Undefined>,
    /// The highest |ρ| over items first.
    pub rows: Vec<MetricRow>,
    /// Names of the systems.
    pub systems: Vec<String>,
    /// Items of each system, ascending.
    pub of_system: Vec<Arc<[u32]>>,
    /// Names of the columns of systems and sources.
    pub by: [Option<String>; 2],
    /// Different sources.
    pub n_sources: usize,
    /// The two metrics with the highest |r| over items: their places in [`Self::rows`], and how they compare.
    pub best: Option<([usize; 2], Result<TwoMetrics, Undefined>)>,
    /// ρ of each two metrics, in the order of the rows; `None` on the diagonal and where there is none.
    pub between: Vec<Vec<Option<f64>>>,
    /// Metrics on spoiled items.
    pub perturbed: Vec<Perturbed>,
    /// Items with a score of people.
    pub n_items: usize,
    /// Of two labels: items whose majority is tied, left out of the AUC.
    pub n_tied: usize,
}

/// People's scores, one an item.
struct Scores {
    what: String,
    of: Vec<Option<f64>>,
    /// Of two labels, whether most say the high one.
    high: Option<Vec<Option<bool>>>,
    n_tied: usize,
    reliability: Result<f64, Undefined>,
}

/// Whether items come with metrics that people's scores can be held against.
pub fn has_metrics(dataset: &Dataset) -> bool {
    MetricColumns::of(dataset).is_some()
}

/// Holds every metric against people.
///
/// Undefined for several labels an item and for more than two labels without an order, and without a metric or a score of people.
///
/// # Errors
/// If it was cancelled.
pub fn metrics(
    dataset: &Dataset,
    asked: &MetricsAsked,
    progress: &Progress,
) -> Result<Result<MetricsReport, Undefined>, Cancelled> {
    let because = |why: &str| Ok(Err(Undefined::Because(why.to_owned())));
    let scores = match scores(dataset, &asked.settings) {
        Ok(scores) => scores,
        Err(reason) => return Ok(Err(reason)),
    };
    let Some(columns) = MetricColumns::of(dataset) else {
        return because("no column about items has numbers that vary");
    };
    progress.stage("Metrics", 0);
    let column = |at: Option<usize>| at.and_then(|at| dataset.metadata.get(at));
    let (system, source) = (column(asked.system), column(asked.source));
    let (systems, names) = coded(system.map(|c| &c.1), dataset.n_items());
    let (sources, source_names) = coded(source.map(|c| &c.1), dataset.n_items());
    if names.len() > MOST_SYSTEMS {
        return because(&format!("more than {MOST_SYSTEMS} systems cannot be told apart"));
    }
    let chosen = [asked.system, asked.source];
    let read = |&at: &usize| {
        let (name, column) = &dataset.metadata[at];
        let values = numbers(column)?;
        Some((name.clone(), unread(column, &values), values))
    };
    let own = columns.metrics.iter().filter(|&&at| !chosen.contains(&Some(at))).filter_map(read);
    let wording = Wording::of(dataset).map(|w| (w.name.clone(), 0, w.values(dataset)));
    let all: Vec<(String, usize, Vec<Option<f64>>)> = own.chain(wording).collect();
    progress.check()?;
    // `bleu@typos` and `bleu_perturbed_typos` are `bleu` on spoiled items.
    let spoiled = |name: &str| {
        all.iter().position(|(base, ..)| {
            name.strip_prefix(base.as_str())
                .is_some_and(|r| r.starts_with('@') || r.starts_with("_perturbed"))
        })
    };
    let mut perturbed = Vec::new();
    let mut metrics = Vec::new();
    for (name, n_unread, after) in &all {
        match spoiled(name) {
            Some(base) => perturbed.extend(on_spoiled((&all[base].0, &all[base].2), name, after)),
            None => metrics.push((name, after, *n_unread)),
        }
    }
    let rows: Vec<Result<MetricRow, Cancelled>> = metrics
        .par_iter()
        .map(|(name, values, n_unread)| {
            let own = row(name, values, &scores, (&systems, &sources), asked.seed, progress)?;
            Ok(MetricRow { n_unread: *n_unread, ..own })
        })
        .collect();
    let mut rows: Vec<(MetricRow, &[Option<f64>])> = rows
        .into_iter()
        .zip(&metrics)
        .map(|(row, (_, values, _))| Ok((row?, values.as_slice())))
        .collect::<Result<_, Cancelled>>()?;
    let size = |row: &MetricRow, which: usize| row.found.items.three[which].value().map_or(-1.0, f64::abs);
    rows.sort_by(|a, b| size(&b.0, 1).total_cmp(&size(&a.0, 1)));
    if rows.iter().all(|(row, _)| row.n == 0) {
        return because("no item has both a metric and a score of people");
    }
    let mut by_r: Vec<usize> = (0..rows.len()).filter(|&at| size(&rows[at].0, 0) >= 0.0).collect();
    by_r.sort_by(|&a, &b| size(&rows[b].0, 0).total_cmp(&size(&rows[a].0, 0)));
    let best = match by_r[..] {
        [first, second, ..] => {
            let own = [rows[first].1, rows[second].1];
            Some(([first, second], compared(&scores.of, own, &sources, asked.seed, progress)?))
        }
        _ => None,
    };
    progress.stage("Metrics with each other", 0);
    let between = between(&rows.iter().map(|r| r.1).collect::<Vec<_>>(), progress)?;
    let mut of_system: Vec<Vec<u32>> = vec![Vec::new(); names.len()];
    for (item, system) in systems.iter().enumerate() {
        if let Some(system) = system {
            of_system[*system as usize].push(item as u32);
        }
    }
    Ok(Ok(MetricsReport {
        asked: asked.clone(),
        human: scores.what,
        reliability: scores.reliability,
        rows: rows.into_iter().map(|r| r.0).collect(),
        systems: names,
        of_system: of_system.into_iter().map(Into::into).collect(),
        by: [system, source].map(|c| c.map(|c| c.0.clone())),
        n_sources: source_names.len(),
        best,
        between,
        perturbed,
        n_items: scores.of.iter().flatten().count(),
        n_tied: scores.n_tied,
    }))
}

/// People's scores.
fn scores(dataset: &Dataset, settings: &Settings) -> Result<Scores, Undefined> {
    let because = |why: &str| Err(Undefined::Because(why.to_owned()));
    let labels = &dataset.labels;
    if dataset.sets.is_some() {
        return because("items have several labels");
    }
    let two = labels.len() == 2;
    let is_high = |l: usize| HIGH.contains(&labels.name(l as u32).trim().to_lowercase().as_str());
    let is_first = two && is_high(0) && !is_high(1);
    let high = usize::from(!is_first);
    let values: Vec<f64> = if two {
        (0..2).map(|l| f64::from(u8::from(l == high))).collect()
    } else if let Some(values) = labels.values() {
        values
    } else if labels.scale != Scale::Nominal {
        (0..labels.len()).map(|l| l as f64).collect()
    } else {
        return because("more than two labels without an order are no scores");
    };
    let votes = peoples_votes(dataset, settings);
    let n = dataset.n_items();
    let reliability = if votes.is_empty() {
        Err(Undefined::Because("there are no votes".to_owned()))
    } else {
        reliability_of_means(&norms(&votes, &values).into_iter().flatten().collect::<Vec<_>>())
    };
    let (of, majority, by): (Vec<Option<f64>>, Vec<Option<u32>>, String) = if votes.is_empty() {
        let Some(column) = dataset.given.as_ref().or(dataset.gold.as_ref()) else {
            return because("no person’s vote counts");
        };
        let label = |i: usize| column.ids.get(i).copied().filter(|&l| l != NO_LABEL);
        let value = |i: usize| label(i).and_then(|l| values.get(l as usize).copied());
        ((0..n).map(value).collect(), (0..n).map(label).collect(), column.name.clone())
    } else {
        let people = People { votes: &votes, n_labels: labels.len(), values: Some(&values) };
        let what = if two { "share of votes" } else { "mean of people’s votes" };
        (
            (0..n).map(|i| people.mean(i)).collect(),
            (0..n).map(|i| people.majority(i)).collect(),
            what.to_owned(),
        )
    };
    let what = if two { format!("{by} for {}", labels.name(high as u32)) } else { by };
    let n_tied = if two { (0..n).filter(|&i| of[i].is_some() && majority[i].is_none()).count() } else { 0 };
    let high = two.then(|| majority.iter().map(|m| m.map(|m| m as usize == high)).collect());
    Ok(Scores { what, of, high, n_tied, reliability })
}

/// Values as numbers from 0 on in the order of their first item; empty ones are none.
fn coded(column: Option<&crate::dataset::TextColumn>, n: usize) -> (Vec<Option<u32>>, Vec<String>) {
    let Some(column) = column else { return (vec![None; n], Vec::new()) };
    let (mut codes, mut names): (HashMap<&str, u32>, Vec<String>) = (HashMap::new(), Vec::new());
    let coded = column.iter().map(|value| {
        (!value.is_empty()).then(|| {
            *codes.entry(value).or_insert_with(|| {
                names.push(value.to_owned());
                names.len() as u32 - 1
            })
        })
    });
    (coded.collect(), names)
}

fn draws(n: usize) -> u32 {
    (WORK / n.max(1)).clamp(DRAWS.0, DRAWS.1) as u32
}

fn row(
    name: &str,
    values: &[Option<f64>],
    scores: &Scores,
    (systems, sources): (&[Option<u32>], &[Option<u32>]),
    seed: u64,
    progress: &Progress,
) -> Result<MetricRow, Cancelled> {
    progress.check()?;
    let known = values.iter().zip(&scores.of).enumerate();
    let (items, rows): (Vec<u32>, Vec<Row>) = known
        .filter_map(|(item, (metric, human))| {
            let (metric, human) = (*metric).zip(*human)?;
            Some((item as u32, Row { human, metric, system: systems[item], source: sources[item] }))
        })
        .unzip();
    let found = metric_reliability(&rows, (draws(rows.len()), seed), progress)?;
    let (human, metric): (Vec<f64>, Vec<f64>) = rows.iter().map(|r| (r.human, r.metric)).unzip();
    let told = scores.high.as_ref().map(|high| {
        let known = items.iter().zip(&metric);
        let (own, kinds): (Vec<f64>, Vec<bool>) =
            known.filter_map(|(&item, &m)| high[item as usize].map(|h| (m, h))).unzip();
        auc(&own, &kinds).map_or_else(Into::into, Into::into)
    });
    // A metric that falls as people's scores rise is turned round.
    let rho = found.items.three[1].value();
    let sign = if rho.is_some_and(|v| v < 0.0) { -1.0 } else { 1.0 };
    let upright: Vec<f64> = metric.iter().map(|m| sign * m).collect();
    let mut apart: Vec<(f64, u32)> = mid_ranks(&human)
        .into_iter()
        .zip(mid_ranks(&upright))
        .zip(&items)
        .map(|((h, m), &item)| ((h - m).abs(), item))
        .filter(|a| a.0 > 0.0)
        .collect();
    apart.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    apart.truncate(if rho.is_some() { MOST_APART } else { 0 });
    let mut far: Vec<(usize, f64)> =
        found.items.without_far.as_ref().map_or_else(Vec::new, |w| w.far.clone());
    far.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let step = rows.len().div_ceil(MOST_POINTS).max(1);
    let points = items.iter().zip(&rows).step_by(step).map(|(&i, r)| (i, r.human, r.metric)).collect();
    let r = found.items.three[0].value();
    let corrected = r.zip(scores.reliability.as_ref().ok()).and_then(|(r, rel)| disattenuated(r, *rel));
    Ok(MetricRow {
        name: name.to_owned(),
        n: rows.len(),
        n_unread: 0,
        found,
        corrected,
        auc: told,
        apart: apart.into_iter().map(|a| a.1).collect(),
        far: far.into_iter().map(|f| items[f.0]).collect(),
        points,
    })
}

fn compared(
    human: &[Option<f64>],
    [a, b]: [&[Option<f64>]; 2],
    sources: &[Option<u32>],
    seed: u64,
    progress: &Progress,
) -> Result<Result<TwoMetrics, Undefined>, Cancelled> {
    let mut all: [Vec<f64>; 3] = Default::default();
    let mut of = Vec::new();
    for (item, human) in human.iter().enumerate() {
        if let (Some(h), Some(a), Some(b)) = (human, a[item], b[item]) {
            all.iter_mut().zip([*h, a, b]).for_each(|(own, v)| own.push(v));
            of.push(sources[item]);
        }
    }
    two_metrics(&all[0], [&all[1], &all[2]], &of, (draws(of.len()), seed), progress)
}

fn on_spoiled(
    (metric, before): (&String, &[Option<f64>]),
    column: &str,
    after: &[Option<f64>],
) -> Option<Perturbed> {
    let both = before.iter().zip(after).enumerate().filter_map(|(i, (b, a))| Some((i as u32, (*b)?, (*a)?)));
    let both: Vec<(u32, f64, f64)> = both.collect();
    let (b, a): (Vec<f64>, Vec<f64>) = both.iter().map(|t| (t.1, t.2)).unzip();
    let (mean_drop, share) = perturbation(&b, &a)?;
    Some(Perturbed {
        metric: metric.clone(),
        column: column.to_owned(),
        n: both.len(),
        mean_drop,
        share,
        blind: both.iter().filter(|t| t.1 <= t.2).map(|t| t.0).collect(),
    })
}

/// ρ of each two.
fn between(metrics: &[&[Option<f64>]], progress: &Progress) -> Result<Vec<Vec<Option<f64>>>, Cancelled> {
    let n = metrics.len();
    let pairs: Vec<(usize, usize)> = (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b))).collect();
    let found: Vec<Result<Option<f64>, Cancelled>> = pairs
        .par_iter()
        .map(|&(a, b)| {
            progress.check()?;
            let both = metrics[a].iter().zip(metrics[b]).filter_map(|(a, b)| Some(((*a)?, (*b)?)));
            let (x, y): (Vec<f64>, Vec<f64>) = both.unzip();
            Ok(Correlation::Spearman.of(&x, &y).ok())
        })
        .collect();
    let mut all = vec![vec![None; n]; n];
    for ((a, b), rho) in pairs.into_iter().zip(found) {
        let rho = rho?;
        (all[a][b], all[b][a]) = (rho, rho);
    }
    Ok(all)
}

#[cfg(test)]
mod tests;
