//! Who agrees with whom, and how each rater differs from the rest.

use std::collections::HashMap;

use crate::analysis::Analysis;
use crate::dataset::{Dataset, LabelId};
use crate::stats::agreement::cluster_order;

/// One cell of the map: raw values and what the colour shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// Items both labelled.
    pub n: u32,
    /// Cohen kappa, where it is defined.
    pub kappa: Option<f64>,
    /// Share of those items on which they agree.
    pub percent: f64,
    /// Kappa shrunk towards the mean of all pairs by `n / (n + 10)`: pairs with a dozen items are mostly noise.
    pub shrunk: Option<f64>,
}

/// A label that a rater gives more or less often than everybody, beyond chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bias {
    /// Which.
    pub label: LabelId,
    /// Points above everybody's share.
    pub points: f64,
}

/// The view's numbers; part of the analysis job.
#[derive(Debug, Clone, Default)]
pub struct Raters {
    /// Raters in the order of the map: by group, and in each as an average-linkage tree of their agreement orders them
    /// (Cohen kappa, shrunk), more competent branches first.
    pub order: Vec<u32>,
    /// Groups of the order: name, first place, number.
    pub groups: Vec<(String, usize, usize)>,
    /// Pairs (lower, higher rater) with an item in common.
    pub cells: HashMap<(u32, u32), Cell>,
    /// Median shrunk kappa, the middle of the colours.
    pub median: f64,
    /// Distance from the median where colours end.
    pub spread: f64,
    /// Everybody's share of each label.
    pub shares: Vec<f64>,
    /// Bias of each rater, where one stands out.
    pub bias: Vec<Option<Bias>>,
    /// Median seconds of all raters' medians.
    pub median_duration_s: Option<f64>,
    /// Name of the attribute that makes the groups.
    pub grouped_by: Option<String>,
}

/// Shared items that weigh as much as the mean of all pairs.
const SHRINK: f64 = 10.0;

/// Builds the view's numbers.
pub fn build(dataset: &Dataset, analysis: &Analysis) -> Raters {
    let n = if dataset.raters.anonymous { 0 } else { dataset.raters.len() };
    let competence =
        |r: u32| analysis.raters.get(r as usize).and_then(|s| s.dawid_skene_accuracy.value()).unwrap_or(-1.0);
    // The first attribute with two to five values makes the groups.
    let grouping = dataset.raters.attributes.iter().find(|(_, values)| {
        let mut seen: Vec<&str> = values.iter().map(String::as_str).collect();
        seen.sort_unstable();
        seen.dedup();
        (2..=5).contains(&seen.len()) && n >= 2 * seen.len()
    });
    let group_of = |r: u32| grouping.map_or("", |(_, v)| v.get(r as usize).map_or("", String::as_str));
    let mut sizes: HashMap<&str, usize> = HashMap::new();
    for r in 0..n as u32 {
        *sizes.entry(group_of(r)).or_default() += 1;
    }
    let mean = analysis.agreement.cohen_kappa.mean.value();
    let mut cells = HashMap::new();
    for p in &analysis.agreement.cohen_kappa.pairs {
        let kappa = p.kappa.value();
        let items = p.n_items as f64;
        let shrunk = match (kappa, mean) {
            (Some(k), Some(m)) => Some((items * k + SHRINK * m) / (items + SHRINK)),
            _ => None,
        };
        let cell = Cell { n: p.n_items as u32, kappa, percent: p.percent_agreement, shrunk };
        cells.insert((p.a, p.b), cell);
    }
    // Groups by size, and within each those who agree side by side.
    let mut names: Vec<&str> = sizes.keys().copied().collect();
    names.sort_by(|x, y| sizes[x].cmp(&sizes[y]).then(x.cmp(y)));
    let usual = mean.unwrap_or(0.0);
    let mut order: Vec<u32> = Vec::with_capacity(n);
    for name in names {
        let members: Vec<u32> = (0..n as u32).filter(|&r| group_of(r) == name).collect();
        let distance = |a: usize, b: usize| {
            let pair: Option<&Cell> = cells.get(&(members[a], members[b]));
            1.0 - pair.and_then(|c| c.shrunk).unwrap_or(usual)
        };
        let place = cluster_order(members.len(), distance, |i| -competence(members[i]));
        order.extend(place.into_iter().map(|i| members[i]));
    }
    let mut groups: Vec<(String, usize, usize)> = Vec::new();
    for (place, &r) in order.iter().enumerate() {
        match groups.last_mut() {
            Some(g) if g.0 == group_of(r) => g.2 += 1,
            _ => groups.push((group_of(r).to_owned(), place, 1)),
        }
    }
    let mut values: Vec<f64> = cells.values().filter(|c| c.n >= 3).filter_map(|c| c.shrunk).collect();
    values.sort_by(f64::total_cmp);
    let at = |q: f64| values.get(((values.len().max(1) - 1) as f64 * q) as usize).copied();
    let median = at(0.5).unwrap_or(0.0);
    let spread = (at(0.95).unwrap_or(1.0) - median).max(median - at(0.05).unwrap_or(0.0)).max(0.05);
    let k = dataset.labels.len();
    let mut totals = vec![0u64; k];
    for r in analysis.raters.iter() {
        for (t, c) in totals.iter_mut().zip(&r.label_counts) {
            *t += c;
        }
    }
    let all: u64 = totals.iter().sum();
    let shares: Vec<f64> =
        totals.iter().map(|&t| if all > 0 { t as f64 / all as f64 } else { 0.0 }).collect();
    let bias = analysis.raters.iter().map(|r| bias(&r.label_counts, &shares)).collect();
    let mut durations: Vec<f64> = analysis.raters.iter().filter_map(|r| r.median_duration_s).collect();
    durations.sort_by(f64::total_cmp);
    Raters {
        order,
        groups,
        cells,
        median,
        spread,
        shares,
        bias,
        median_duration_s: durations.get(durations.len() / 2).copied(),
        grouped_by: grouping.map(|(name, _)| name.clone()),
    }
}

/// The label that departs most from everybody's share, if beyond 3.3 standard errors (p ≈ .001: there are many
/// raters and labels to be surprised by) and ten points.
fn bias(counts: &[u64], shares: &[f64]) -> Option<Bias> {
    let n: u64 = counts.iter().sum();
    if n < 10 {
        return None;
    }
    counts
        .iter()
        .zip(shares)
        .enumerate()
        .map(|(l, (&c, &share))| {
            let own = c as f64 / n as f64;
            let se = (share * (1.0 - share) / n as f64).sqrt();
            (Bias { label: l as LabelId, points: 100.0 * (own - share) }, (own - share) / se.max(1e-9))
        })
        .filter(|(b, z)| z.abs() > 3.3 && b.points.abs() >= 10.0)
        .max_by(|a, b| a.0.points.abs().total_cmp(&b.0.points.abs()).then(b.0.label.cmp(&a.0.label)))
        .map(|x| x.0)
}

impl Raters {
    /// The cell of a pair, either way round.
    pub fn cell(&self, a: u32, b: u32) -> Option<&Cell> {
        self.cells.get(&(a.min(b), a.max(b)))
    }
}

/// One plain sentence about a rater: what they do with items that others hold for something else.
pub fn sentence(dataset: &Dataset, analysis: &Analysis, raters: &Raters, rater: u32) -> String {
    let Some(s) = analysis.raters.get(rater as usize) else { return String::new() };
    let mut worst: Option<(usize, u64, u64)> = None;
    let k = s.confusion.len();
    for said in 0..k {
        let wrong: u64 = (0..k).filter(|&c| c != said).map(|c| s.confusion[c][said]).sum();
        let others: u64 = (0..k).filter(|&c| c != said).map(|c| s.confusion[c].iter().sum::<u64>()).sum();
        if others >= 5 && wrong as f64 >= 0.4 * others as f64 && worst.is_none_or(|w| wrong > w.1) {
            worst = Some((said, wrong, others));
        }
    }
    let mut words = match worst {
        Some((said, wrong, others)) => format!(
            "Says {} to {wrong} of the {others} items that the consensus holds for something else",
            dataset.labels.name(said as LabelId)
        ),
        None => {
            let right: u64 = (0..k).map(|c| s.confusion[c][c]).sum();
            let all: u64 = s.confusion.iter().flatten().sum();
            format!("Agrees with the consensus on {right} of {all} items")
        }
    };
    if let (Some(own), Some(median)) = (s.median_duration_s, raters.median_duration_s)
        && own > 0.0
        && own < median / 2.0
    {
        let times = crate::app::widgets::paint::number(median / own, 1);
        words.push_str(&format!(", {times} times as fast as the median rater"));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bias_is_named_only_beyond_chance() {
        let shares = [0.5, 0.5];
        assert_eq!(bias(&[50, 50], &shares), None);
        assert_eq!(bias(&[6, 3], &shares), None);
        let b = bias(&[90, 10], &shares).unwrap();
        assert_eq!((b.label, b.points.round() as i64), (0, 40));
    }
}
