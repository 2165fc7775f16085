//! Labels, each against all others; and the levels of a label hierarchy.

use std::collections::BTreeMap;

use super::{About, Behind, Beside, Cell, CutRow, LabelSetHealth, Parts, Work};
use crate::dataset::{AnnotationsBuilder, LabelId, LabelSet};
use crate::progress::Cancelled;
use crate::stats::Undefined;
use crate::stats::agreement::{LabelAgreement, Levels, Metric, ReliabilityData, coefficient, per_label};
use crate::stats::proportion::share;

/// What names of labels may be made of levels with.
const SEPARATORS: [&str; 6] = [" > ", "::", "/", "→", ":", "."];

/// What parts the levels in the names of a label hierarchy, such as `/` in `animal/dog`: the first of the usual
/// separators that stands in two labels or more with the same first level. `None` for numbers and for flat labels.
pub fn separator(labels: &LabelSet) -> Option<&'static str> {
    if labels.values().is_some() {
        return None;
    }
    SEPARATORS.into_iter().find(|s| {
        let mut firsts = BTreeMap::new();
        for name in labels.names() {
            if let Some((first, rest)) = name.split_once(s)
                && !first.is_empty()
                && !rest.is_empty()
            {
                *firsts.entry(first).or_insert(0) += 1;
            }
        }
        firsts.values().any(|&n| n > 1)
    })
}

/// The first `level` levels of a label's name.
pub fn level_of<'a>(name: &'a str, separator: &str, level: usize) -> &'a str {
    name.match_indices(separator).nth(level - 1).map_or(name, |(at, _)| &name[..at])
}

/// What labels are called that stand for all that the others do not hold.
const OUTSIDE: [&str; 14] = [
    "other",
    "others",
    "none",
    "none of the above",
    "none of these",
    "undefined",
    "other/undefined",
    "unknown",
    "misc",
    "miscellaneous",
    "not applicable",
    "n/a",
    "na",
    "no label",
];

/// How the labels do as a set.
fn health(work: &Work, agreement: &[LabelAgreement]) -> LabelSetHealth {
    let names = work.dataset.labels.names();
    let is_outside = |name: &String| {
        let name = name.trim().to_lowercase().replace(['_', '-'], " ");
        OUTSIDE.contains(&name.as_str())
    };
    let outside: Vec<LabelId> = (0..).zip(names).filter(|(_, name)| is_outside(name)).map(|n| n.0).collect();
    let mut given = vec![0_usize; names.len()];
    let mut uncovered = Vec::new();
    for item in 0..work.votes.n_items() {
        let labels = work.votes.labels_of(item);
        labels.iter().filter(|l| (**l as usize) < names.len()).for_each(|&l| given[l as usize] += 1);
        if labels.iter().any(|l| outside.contains(l)) {
            uncovered.push(item as u32);
        }
    }
    let all: usize = given.iter().sum();
    let covered = all - outside.iter().map(|&l| given[l as usize]).sum::<usize>();
    LabelSetHealth {
        coverage: (!outside.is_empty()).then(|| share(covered, all, "no rating counts")),
        uncovered: uncovered.into(),
        unused: (0..).zip(&given).filter(|(_, n)| **n == 0).map(|(l, _)| l).collect(),
        below_chance: agreement
            .iter()
            .filter(|l| l.kappa.or(l.alpha.value()).is_some_and(|k| k < 0.0))
            .map(|l| l.label)
            .collect(),
        outside,
    }
}

pub(super) fn labels(work: &Work) -> Result<Parts, Undefined> {
    let agreement = per_label(work.data)?;
    let health = health(work, &agreement);
    let rows = agreement
        .into_iter()
        .map(|l| CutRow {
            name: work.dataset.labels.name(l.label).to_owned(),
            statistic: l.alpha,
            cells: vec![Cell::Number(l.kappa), Cell::Number(l.specific), Cell::Count(l.n_ratings)],
            behind: Behind::Label(l.label),
        })
        .collect();
    let mut parts = Parts {
        rows,
        beside: Some(Beside::Labels(health)),
        about: About::Alpha("Krippendorff's alpha, this label or another", Metric::Nominal),
        ..Parts::default()
    };
    parts.cap();
    Ok(parts)
}

pub(super) fn levels(work: &Work) -> Result<Result<Parts, Undefined>, Cancelled> {
    let Some(separator) = separator(&work.dataset.labels) else {
        return Ok(Err(Undefined::Because("the labels have no levels".to_owned())));
    };
    let names = work.dataset.labels.names();
    let depth = names.iter().map(|n| n.matches(separator).count() + 1).max().unwrap_or(1);
    let mut rows = Vec::new();
    for level in 1..=depth {
        let mut coarse: BTreeMap<&str, LabelId> = BTreeMap::new();
        for name in names {
            let next = coarse.len() as LabelId;
            coarse.entry(level_of(name, separator, level)).or_insert(next);
        }
        let map: Vec<LabelId> = names.iter().map(|n| coarse[level_of(n, separator, level)]).collect();
        let mut builder = AnnotationsBuilder::new();
        for item in 0..work.votes.n_items() {
            for a in work.votes.of_item(item) {
                if let Some(&label) = map.get(a.label as usize) {
                    builder.push(a.item, a.rater, label, None);
                }
            }
        }
        let votes = builder.finish(work.votes.n_items(), work.votes.n_raters());
        let mut data = ReliabilityData::new(&votes, Levels::positions(coarse.len()));
        if work.dataset.raters.anonymous {
            data = data.anonymous();
        }
        let statistic = coefficient(&data, &work.spec, &work.asked.of.interval, work.progress)?;
        rows.push(CutRow {
            name: if level == depth { "whole labels".to_owned() } else { format!("level {level}") },
            statistic,
            cells: vec![Cell::Count(coarse.len() as u64)],
            behind: Behind::Whole,
        });
    }
    let notes = vec![format!("Levels are parted by “{}” in the labels' names.", separator.trim())];
    let mut parts = Parts { rows, notes, ..Parts::default() };
    parts.cap();
    Ok(Ok(parts))
}
