//! What goes with disagreement? Each property of the items against how far their raters disagree.
//!
//! Disagreement of an item is the share of pairs of its votes that differ; or of a text, the share of what its raters highlighted that only
//! one of two did. Properties are the values of columns about items, columns of
//! numbers, the length of the text, the number of votes, and how unsure the model is.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::Settings;
use super::score_rewards::flags::tags_of;
use crate::dataset::{Dataset, TextColumn};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::aggregation::entropy_nats;
use crate::stats::agreement::spans::{SpanData, items_and_documents};
use crate::stats::covariates::{Covariate, CovariateTest, Found, adjust, covariate_tests};
use crate::stats::rationales::{JointlyEmpty, Unit, rationale_overlap};
use crate::stats::variation::VoteCounts;

/// Most values of a column that are looked at one by one.
const MOST_VALUES: usize = 12;
/// Longest value, in bytes.
const LONGEST: usize = 80;
/// Most properties, and how many at least however many items there are.
const MOST_PROPERTIES: usize = 120;
const LEAST_PROPERTIES: usize = 8;
/// Most items behind all properties together.
const MOST_BEHIND: usize = 200_000_000;
/// Bars that a number is cut into, each of as many items.
const BARS: usize = 6;
/// Items that a value needs on either side.
const LEAST: usize = 2;

/// What disagreement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Disagreement {
    /// Share of pairs of an item's votes that differ.
    #[default]
    Votes,
    /// 1 − F1 of the tokens that two raters of a text highlighted, the mean over its pairs; texts in which neither of two marked anything
    /// are passed over. A text is counted once, at the first item about it.
    Highlights,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CovariatesAsked {
    /// Whose votes count.
    pub settings: Settings,
    /// What disagreement is.
    pub of: Disagreement,
}

/// Some of the items.
#[derive(Debug, Clone)]
pub struct Bar {
    /// Which, in words.
    pub name: String,
    /// The items; of highlights, all that are about its texts.
    pub items: Arc<[u32]>,
    /// Items, or texts.
    pub n: usize,
    /// Their mean disagreement.
    pub mean: f64,
}

/// A property, tested.
#[derive(Debug, Clone)]
pub struct PropertyRow {
    /// What it is.
    pub name: String,
    /// The test of disagreement.
    pub test: CovariateTest,
    /// Items without it and with it; of a number, from the lowest to the highest.
    pub bars: Vec<Bar>,
}

impl PropertyRow {
    /// The adjusted p-value that speaks first: of means or Pearson’s r, or, where there is none (no spread on either side), of ranks.
    pub fn p(&self) -> Option<f64> {
        self.test.adjusted.or(self.test.adjusted_rank)
    }

    /// The difference of means (with less without), or the correlation.
    pub fn size(&self) -> Option<f64> {
        match &self.test.found {
            Found::Groups(two) => Some(two.second.mean? - two.first.mean?),
            Found::Numbers(two) => two.pearson.as_ref().ok().map(|r| r.r),
        }
    }
}

/// All properties.
#[derive(Debug, Clone)]
pub struct CovariatesReport {
    /// What was asked for.
    pub asked: CovariatesAsked,
    /// The clearest first.
    pub rows: Vec<PropertyRow>,
    /// Items with two votes or more; of highlights, texts with two raters of whom one marked something.
    pub n_items: usize,
    /// Their mean disagreement.
    pub mean: f64,
    /// Properties that are left out because there are too many.
    pub n_more: usize,
}

/// A property, one value an item.
enum Values {
    Binary(Vec<Option<bool>>),
    Numeric(Vec<Option<f64>>),
}

/// Tests every property of the items against their disagreement.
///
/// Undefined where no item has two votes (no text two raters of whom one marked something), and without a property.
pub fn covariates(
    dataset: &Dataset,
    asked: &CovariatesAsked,
    progress: &Progress,
) -> Result<Result<CovariatesReport, Undefined>, Cancelled> {
    let (outcome, about, look) = match asked.of {
        Disagreement::Votes => {
            let votes = asked.settings.counted(dataset).resolved(asked.settings.duplicates);
            let counts = VoteCounts::new(&votes, dataset.labels.len());
            let outcome: Vec<Option<f64>> =
                (0..dataset.n_items()).map(|i| disagreement(counts.counts_of(i))).collect();
            let voted = (0..dataset.n_items()).map(|i| Some(f64::from(counts.total(i))).filter(|&v| v > 0.0));
            let words = |text: &str| (!text.is_empty()).then(|| text.split_whitespace().count() as f64);
            let words = dataset.texts.as_ref().map(|texts| texts.iter().map(words).collect());
            (
                outcome,
                Vec::new(),
                vec![("words of the text", words), ("number of votes", Some(voted.collect()))],
            )
        }
        Disagreement::Highlights => match of_highlights(dataset, &asked.settings, progress)? {
            Ok(found) => found,
            Err(reason) => return Ok(Err(reason)),
        },
    };
    let known = || outcome.iter().flatten();
    let n_items = known().count();
    if n_items == 0 {
        let why = match asked.of {
            Disagreement::Votes => "no item has two votes",
            Disagreement::Highlights => "no text has two raters of whom one marked something",
        };
        return Ok(Err(Undefined::Because(why.to_owned())));
    }
    let most = (MOST_BEHIND / dataset.n_items().max(1)).clamp(LEAST_PROPERTIES, MOST_PROPERTIES);
    let (mut rows, mut n_more): (Vec<PropertyRow>, usize) = (Vec::new(), 0);
    progress.stage("Testing properties", dataset.metadata.len() as u64);
    properties(dataset, look, progress, &mut |name, values| {
        if !values.varies(&outcome) {
            return;
        }
        if rows.len() == most {
            n_more += 1;
            return;
        }
        let mut bars = values.bars(&outcome);
        for bar in &mut bars {
            bar.n = bar.items.len();
            if !about.is_empty() {
                let mut all: Vec<u32> =
                    bar.items.iter().flat_map(|&i| about[i as usize].iter().copied()).collect();
                all.sort_unstable();
                all.dedup();
                bar.items = all.into();
            }
        }
        rows.extend(
            covariate_tests(&outcome, &[values.as_covariate()]).into_iter().map(|test| PropertyRow {
                name: name.clone(),
                test,
                bars: bars.clone(),
            }),
        );
    })?;
    if rows.is_empty() {
        let why = "nothing is known of the items that some have and others have not";
        return Ok(Err(Undefined::Because(why.to_owned())));
    }
    adjust(rows.iter_mut().map(|r| &mut r.test).collect());
    // By p-value, those that were not tested last; then the widest.
    rows.sort_by(|a, b| {
        let p = |r: &PropertyRow| r.test.p_values().0.or(r.test.p_values().1).unwrap_or(2.0);
        let size = |r: &PropertyRow| r.size().unwrap_or(0.0).abs();
        p(a).total_cmp(&p(b)).then(size(b).total_cmp(&size(a))).then_with(|| a.name.cmp(&b.name))
    });
    let mean = known().sum::<f64>() / n_items as f64;
    Ok(Ok(CovariatesReport { asked: asked.clone(), rows, n_items, mean, n_more }))
}

/// Share of pairs of votes that differ; `None` for fewer than two votes.
fn disagreement(counts: &[u32]) -> Option<f64> {
    let n: f64 = counts.iter().map(|&c| f64::from(c)).sum();
    let same: f64 = counts.iter().map(|&c| f64::from(c) * (f64::from(c) - 1.0)).sum();
    (n > 1.5).then(|| 1.0 - same / (n * (n - 1.0)))
}

/// Disagreement of texts, at the first item about each; for such items, all that are about the same text; and what a text looks like.
type OfTexts = (Vec<Option<f64>>, Vec<Vec<u32>>, Vec<(&'static str, Option<Vec<Option<f64>>>)>);

fn of_highlights(
    dataset: &Dataset,
    settings: &Settings,
    progress: &Progress,
) -> Result<Result<OfTexts, Undefined>, Cancelled> {
    let left_out = settings.left_out(&dataset.raters);
    let (Some(source), Some(data)) = (&dataset.spans, SpanData::of(dataset, &left_out)) else {
        return Ok(Err(Undefined::Because("the data has no spans of text".to_owned())));
    };
    let found = rationale_overlap(&data, &source.texts, (Unit::Token, JointlyEmpty::Undefined), progress)?;
    let mut items_of: HashMap<u32, Vec<u32>> = HashMap::new();
    items_and_documents(dataset, source, |item, document| {
        items_of.entry(document).or_default().push(item as u32);
    });
    let n = dataset.n_items();
    let (mut outcome, mut about) = (vec![None; n], vec![Vec::new(); n]);
    let (mut words, mut raters) = (vec![None; n], vec![None; n]);
    let lines: HashMap<u32, usize> = data.documents().iter().map(|d| (d.document, d.lines.len())).collect();
    for text in &found.items {
        let Some(items) = items_of.remove(&text.document) else { continue };
        // Of a text that occurs twice the first counts.
        let Some(&first) = items.first().filter(|&&i| outcome.get(i as usize) == Some(&None)) else {
            continue;
        };
        let first = first as usize;
        outcome[first] = text.f1.map(|f1| 1.0 - f1);
        words[first] = Some(source.texts.get(text.document as usize).split_whitespace().count() as f64);
        raters[first] = lines.get(&text.document).map(|&n| n as f64);
        about[first] = items;
    }
    Ok(Ok((outcome, about, vec![("words of the text", Some(words)), ("number of raters", Some(raters))])))
}

/// Tells each property, one after the other: only one is in memory.
fn properties(
    dataset: &Dataset,
    look: Vec<(&'static str, Option<Vec<Option<f64>>>)>,
    progress: &Progress,
    visit: &mut dyn FnMut(String, Values),
) -> Result<(), Cancelled> {
    let n = dataset.n_items();
    for (name, values) in look {
        if let Some(values) = values {
            visit(name.to_owned(), Values::Numeric(values));
        }
    }
    if let Some(model) = &dataset.probabilities {
        let mut row = vec![0.0; model.cols()];
        let unsure = (0..n).map(|i| {
            (i < model.rows()).then(|| {
                model.read(i, &mut row);
                entropy_nats(&row)
            })
        });
        visit("entropy of the model".to_owned(), Values::Numeric(unsure.collect()));
    }
    if let Some((name, values)) = conflict(dataset) {
        visit(name, Values::Numeric(values));
    }
    for (name, column) in &dataset.metadata {
        progress.check()?;
        progress.add(1);
        if let Some(numbers) = numbers(column) {
            visit(name.clone(), Values::Numeric(numbers));
            continue;
        }
        let Some(values) = values(column) else { continue };
        // Of two values the second says it all.
        let shown = if values.len() == 2 { &values[1..] } else { &values[..] };
        for value in shown {
            let has = column.iter().map(|v| (!v.is_empty()).then(|| v == value));
            visit(format!("{name}: {value}"), Values::Binary(has.collect()));
        }
    }
    Ok(())
}

/// Names of columns that say, or count, what speaks for an item and what against it.
const FOR_AND_AGAINST: [(&str, &str); 4] =
    [("supports", "opposes"), ("support", "oppose"), ("pros", "cons"), ("for", "against")];

/// How evenly values speak for and against an item: 1 − |S − O|/(S + O), of S that support and O that oppose; `None` where none does
/// (Sorensen et al. 2024, Value Kaleidoscope: our measure). Columns count them, or list them.
fn conflict(dataset: &Dataset) -> Option<(String, Vec<Option<f64>>)> {
    let column = |name: &str| dataset.metadata.iter().find(|m| m.0.to_lowercase() == name);
    let (a, b) = FOR_AND_AGAINST.iter().find_map(|(a, b)| column(a).zip(column(b)))?;
    let n = |cell: &str| cell.trim().parse::<f64>().unwrap_or_else(|_| tags_of(cell).count() as f64);
    let of = |(s, o): (&str, &str)| {
        let (s, o) = (n(s), n(o));
        (s >= 0.0 && o >= 0.0 && s + o > 0.0).then(|| 1.0 - (s - o).abs() / (s + o)).filter(|c| c.is_finite())
    };
    Some((format!("conflict of {} and {}", a.0, b.0), a.1.iter().zip(b.1.iter()).map(of).collect()))
}

/// A column as numbers, where it has more than two different ones and nothing else.
pub(super) fn numbers(column: &TextColumn) -> Option<Vec<Option<f64>>> {
    let number = |value: &str| match value.trim() {
        "" => Some(None),
        value => value.parse().ok().filter(|v: &f64| v.is_finite()).map(Some),
    };
    let numbers: Vec<Option<f64>> = column.iter().map(number).collect::<Option<_>>()?;
    let mut different: Vec<f64> = Vec::new();
    for &value in numbers.iter().flatten() {
        if !different.contains(&value) {
            different.push(value);
        }
        if different.len() > 2 {
            return Some(numbers);
        }
    }
    None
}

/// The values of a column of few, ascending.
pub(super) fn values(column: &TextColumn) -> Option<Vec<String>> {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for value in column.iter().filter(|v| !v.is_empty()) {
        seen.insert(value);
        if seen.len() > MOST_VALUES || value.len() > LONGEST {
            return None;
        }
    }
    (seen.len() > 1).then(|| seen.into_iter().map(str::to_owned).collect())
}

impl Values {
    fn as_covariate(&self) -> Covariate<'_> {
        match self {
            Self::Binary(values) => Covariate::Binary(values),
            Self::Numeric(values) => Covariate::Numeric(values),
        }
    }

    /// Whether items that have a disagreement differ in it.
    fn varies(&self, outcome: &[Option<f64>]) -> bool {
        match self {
            Self::Binary(values) => {
                let known =
                    || values.iter().zip(outcome).filter(|(_, y)| y.is_some()).filter_map(|(v, _)| *v);
                known().filter(|v| *v).count() >= LEAST && known().filter(|v| !*v).count() >= LEAST
            }
            Self::Numeric(values) => {
                let mut known =
                    values.iter().zip(outcome).filter(|(_, y)| y.is_some()).filter_map(|(v, _)| *v);
                let first = known.next();
                known.any(|v| Some(v) != first)
            }
        }
    }

    fn bars(&self, outcome: &[Option<f64>]) -> Vec<Bar> {
        let bar = |name: String, items: Vec<u32>| {
            let sum: f64 = items.iter().filter_map(|&i| outcome[i as usize]).sum();
            let mean = sum / items.len().max(1) as f64;
            Bar { name, n: items.len(), items: items.into(), mean }
        };
        match self {
            Self::Binary(values) => {
                let side = |has: bool| -> Vec<u32> {
                    let own = values.iter().zip(outcome).enumerate();
                    own.filter(|(_, (v, y))| **v == Some(has) && y.is_some()).map(|(i, _)| i as u32).collect()
                };
                vec![bar("without".to_owned(), side(false)), bar("with".to_owned(), side(true))]
            }
            Self::Numeric(values) => {
                let mut known: Vec<(f64, u32)> = values
                    .iter()
                    .zip(outcome)
                    .enumerate()
                    .filter(|(_, (_, y))| y.is_some())
                    .filter_map(|(i, (v, _))| Some(((*v)?, i as u32)))
                    .collect();
                known.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                let mut bars = Vec::new();
                let mut from = 0;
                while from < known.len() {
                    let mut to = (from + known.len().div_ceil(BARS)).min(known.len());
                    // Equal numbers stay together.
                    while to < known.len() && known[to].0 == known[to - 1].0 {
                        to += 1;
                    }
                    let part = &known[from..to];
                    let (low, high) = (part[0].0, part[part.len() - 1].0);
                    let name =
                        if low == high { short(low) } else { format!("{} to {}", short(low), short(high)) };
                    let mut items: Vec<u32> = part.iter().map(|p| p.1).collect();
                    items.sort_unstable();
                    bars.push(bar(name, items));
                    from = to;
                }
                bars
            }
        }
    }
}

/// A number in few digits.
fn short(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e9 { format!("{value:.0}") } else { format!("{value:.2}") }
}

#[cfg(test)]
mod tests;
