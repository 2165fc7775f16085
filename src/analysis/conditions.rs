//! The same items under different conditions: languages, templates, wordings, waves.
//!
//! Conditions are the values of a column about items, where another column or the text says which items are the same; or the
//! questions of the source, each read anew. Labels are numbers, or the second of two labels counts 1. The votes that count are looked
//! at; where nobody voted, the labels that items are given.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

mod links;
mod systems;

pub use self::links::{Link, Same, link_of, ways};
pub use self::systems::{Systems, Turned};
use super::coefficients::Asked;
use super::questions::question;
use super::{Given, Settings};
use crate::dataset::{Annotations, Dataset, LabelId, NO_LABEL};
use crate::progress::{Cancelled, Progress};
use crate::stats::agreement::{IntervalKind, IntervalSpec, Spec, coefficient};
use crate::stats::conditions::{
    Components, ConditionPair, DisagreementScale, ReliableItems, compare, components, reliability_of_means,
};
use crate::stats::{Statistic, Undefined};

/// Most conditions: all pairs are compared.
pub const MOST_CONDITIONS: usize = 12;
/// Items of a pair that are kept: those that moved most.
const MOST_SHIFTS: usize = 20_000;
/// Items of a pair that are painted, beside those that moved.
const POINTS: usize = 2_000;
/// Most cells of things and conditions.
const MOST_CELLS: usize = 20_000_000;
/// Limits of disagreement under which items count as reliable.
pub const LIMITS: [f64; 3] = [0.5, 0.4, 0.3];
/// An item has moved where the adjusted p-value is at most this.
pub const LEVEL: f64 = 0.05;

/// What conditions are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The values of a column about items, by its number.
    Column(usize, Link),
    /// The questions of the source.
    Questions,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionsAsked {
    /// Whose votes count.
    pub settings: Settings,
    /// What conditions are.
    pub by: By,
}

/// One condition.
#[derive(Debug, Clone)]
pub struct ConditionRow {
    /// Its name.
    pub name: String,
    /// Items with a rating.
    pub n_items: usize,
    /// Ratings.
    pub n_ratings: usize,
    /// Mean rating of each thing; `None` where nobody rated it.
    pub means: Vec<Option<f64>>,
    /// Reliability of the means.
    pub reliability: Result<f64, Undefined>,
    /// Krippendorff's alpha of its votes, on the scale that the labels are on; undefined where nobody voted.
    pub alpha: Statistic,
}

/// Two conditions.
#[derive(Debug, Clone)]
pub struct PairRow {
    /// Numbers in [`ConditionsReport::conditions`].
    pub conditions: [usize; 2],
    /// What was found; its items are numbers of [`ConditionsReport::things`], those that moved most.
    pub found: ConditionPair,
    /// Items of the dataset, under either, behind those that moved.
    pub moved: Arc<[u32]>,
    /// How many things moved.
    pub n_moved: usize,
    /// Means of some of the things under either, evenly taken.
    pub points: Vec<[f64; 2]>,
}

/// All conditions.
#[derive(Debug, Clone)]
pub struct ConditionsReport {
    /// What was asked for.
    pub asked: ConditionsAsked,
    /// What conditions are, in words.
    pub by: String,
    /// What links items, in words.
    pub link: String,
    /// One a condition.
    pub conditions: Vec<ConditionRow>,
    /// What is rated under several conditions: one name each.
    pub things: Vec<String>,
    /// Items of the dataset that each stands for, ascending.
    pub behind: Vec<Arc<[u32]>>,
    /// Two by two, those between which most moved first, then by correlation, the lowest first.
    pub pairs: Vec<PairRow>,
    /// Shares of variance.
    pub components: Result<Components, Undefined>,
    /// Things whose largest disagreement under any condition is below each of [`LIMITS`].
    pub n_reliable: [usize; LIMITS.len()],
    /// Items of the dataset behind the first of them.
    pub reliable: Arc<[u32]>,
    /// Things under two conditions or more, with two ratings or more under each of theirs.
    pub n_judged: usize,
    /// The condition of each item of the dataset; empty where each is under all.
    pub condition_of: Vec<u32>,
    /// Whether votes were looked at, or given labels.
    pub by_votes: bool,
    /// In what order systems come out, where things are those of several.
    pub systems: Option<Systems>,
}

impl ConditionsReport {
    /// Whether an item of the dataset is under one of two conditions.
    pub fn is_under(&self, item: u32, conditions: [usize; 2]) -> bool {
        under(&self.condition_of, item, conditions)
    }
}

fn under(condition_of: &[u32], item: u32, conditions: [usize; 2]) -> bool {
    condition_of.get(item as usize).is_none_or(|&c| conditions.contains(&(c as usize)))
}

/// Labels as numbers: their own, or 0 and 1 of two.
fn numbers(dataset: &Dataset) -> Option<Vec<f64>> {
    let two = || (dataset.labels.len() == 2).then(|| vec![0.0, 1.0]);
    dataset.labels.values().or_else(two).filter(|_| dataset.sets.is_none())
}

/// Ratings of things: one list a condition, one list a thing.
struct Gathered {
    names: Vec<String>,
    things: Vec<String>,
    behind: Vec<Vec<u32>>,
    ratings: Vec<Vec<Vec<f64>>>,
    /// The condition of each item of the dataset; empty where each is under all.
    condition_of: Vec<u32>,
    by_votes: bool,
    /// The lowest and the highest label.
    scale: (f64, f64),
    /// Alpha of each condition.
    alphas: Vec<Statistic>,
    /// Of each thing, what it is the same as under other systems, and its system: numbers; empty without systems.
    parts: Vec<[u32; 2]>,
    system_names: Vec<String>,
}

/// Holds conditions against each other.
///
/// Undefined where labels are no numbers, for fewer than two conditions or more than [`MOST_CONDITIONS`], and where no thing comes under
/// two of them.
pub fn conditions(
    dataset: &Dataset,
    given: &Given,
    asked: &ConditionsAsked,
    progress: &Progress,
) -> Result<Result<ConditionsReport, Undefined>, Cancelled> {
    let Some(values) = numbers(dataset) else {
        return Ok(Err(Undefined::Because("it takes labels that are numbers, or two labels".to_owned())));
    };
    let column = |at: usize| dataset.metadata.get(at).map_or("", |c| c.0.as_str()).to_owned();
    let of_systems = match asked.by {
        By::Column(_, link) => link.system.map_or_else(String::new, column),
        By::Questions => String::new(),
    };
    let (by, link, gathered) = match asked.by {
        By::Column(at, link) => {
            let gathered = of_column(dataset, given, asked, (at, link), &values, progress)?;
            (column(at), link.words(dataset), gathered)
        }
        By::Questions => {
            let gathered = of_questions(dataset, &asked.settings, progress)?;
            ("question".to_owned(), "item".to_owned(), gathered)
        }
    };
    let gathered = match gathered {
        Ok(gathered) => gathered,
        Err(reason) => return Ok(Err(reason)),
    };
    let Gathered {
        names,
        things,
        behind,
        ratings,
        condition_of,
        by_votes,
        scale,
        alphas,
        parts,
        system_names,
    } = gathered;
    let several = (0..things.len()).filter(|&t| ratings.iter().filter(|c| !c[t].is_empty()).count() > 1);
    if several.count() == 0 {
        let why = format!("no {link} was rated under two values of {by}");
        return Ok(Err(Undefined::Because(why)));
    }
    let mean = |r: &Vec<f64>| (!r.is_empty()).then(|| r.iter().sum::<f64>() / r.len() as f64);
    let rows: Vec<ConditionRow> = names
        .into_iter()
        .zip(&ratings)
        .zip(alphas)
        .map(|((name, own), alpha)| ConditionRow {
            alpha,
            name,
            n_items: own.iter().filter(|r| !r.is_empty()).count(),
            n_ratings: own.iter().map(Vec::len).sum(),
            means: own.iter().map(mean).collect(),
            reliability: reliability_of_means(own),
        })
        .collect();
    let items_of = |things: &mut dyn Iterator<Item = u32>| -> Arc<[u32]> {
        let mut items: Vec<u32> = things.flat_map(|t| behind[t as usize].iter().copied()).collect();
        items.sort_unstable();
        items.dedup();
        items.into()
    };
    progress.stage("Comparing conditions", (rows.len() * (rows.len() - 1) / 2) as u64);
    let mut pairs = Vec::new();
    for a in 0..rows.len() {
        for b in a + 1..rows.len() {
            progress.check()?;
            let reliability = [&rows[a], &rows[b]].map(|r| r.reliability.as_ref().ok().copied());
            let mut found = compare(&ratings[a], &ratings[b], reliability);
            let here = |item: &u32| under(&condition_of, *item, [a, b]);
            let moved = items_of(&mut found.moved(LEVEL).map(|s| s.item));
            let moved = moved.iter().copied().filter(here).collect();
            let both = rows[a].means.iter().zip(&rows[b].means);
            let both = both.filter_map(|(x, y)| Some([(*x)?, (*y)?]));
            let points = both.step_by(found.n_items.div_ceil(POINTS).max(1)).collect();
            let n_moved = found.moved(LEVEL).count();
            found.shifts.truncate(MOST_SHIFTS);
            found.shifts.shrink_to_fit();
            pairs.push(PairRow { conditions: [a, b], n_moved, moved, points, found });
            progress.add(1);
        }
    }
    // Those that part most first.
    pairs.sort_by(|a: &PairRow, b: &PairRow| {
        let r = |p: &PairRow| p.found.pearson.value().unwrap_or(2.0);
        b.n_moved.cmp(&a.n_moved).then(r(a).total_cmp(&r(b))).then(a.conditions.cmp(&b.conditions))
    });
    let scale = DisagreementScale::Variance { low: scale.0, high: scale.1 };
    let is_shared = |thing: usize| ratings.iter().filter(|own| !own[thing].is_empty()).nth(1).is_some();
    let cells = ratings.iter().flat_map(|own| own.iter().enumerate());
    let cells = cells.filter(|(thing, r)| !r.is_empty() && is_shared(*thing));
    let cells = cells.map(|(thing, r)| (thing as u32, scale.of(r)));
    let agreed = ReliableItems::new(things.len(), cells);
    let sure = (0..things.len() as u32).filter(|&t| agreed.is_reliable(t as usize, LIMITS[0]));
    let reliable = items_of(&mut sure.into_iter());
    let all: Vec<&[Vec<f64>]> = ratings.iter().map(Vec::as_slice).collect();
    progress.check()?;
    let means: Vec<&[Option<f64>]> = rows.iter().map(|r| r.means.as_slice()).collect();
    let systems =
        (!parts.is_empty()).then(|| systems::systems(of_systems, system_names, &means, &parts, &behind));
    Ok(Ok(ConditionsReport {
        asked: asked.clone(),
        by,
        link,
        conditions: rows,
        pairs,
        components: components(&all),
        n_judged: agreed.worst.iter().flatten().count(),
        n_reliable: LIMITS.map(|limit| agreed.count(limit)),
        reliable,
        condition_of,
        things,
        behind: behind.into_iter().map(Into::into).collect(),
        by_votes,
        systems,
    }))
}

fn of_column(
    dataset: &Dataset,
    given: &Given,
    asked: &ConditionsAsked,
    (column, link): (usize, Link),
    values: &[f64],
    progress: &Progress,
) -> Result<Result<Gathered, Undefined>, Cancelled> {
    let Some((name, column)) = dataset.metadata.get(column) else {
        return Ok(Err(Undefined::Because("there is no such column about items".to_owned())));
    };
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for value in column.iter().filter(|v| !v.is_empty()) {
        names.insert(value);
        if names.len() > MOST_CONDITIONS {
            break;
        }
    }
    let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    if let Some((name, values)) = link.system.and_then(|at| dataset.metadata.get(at))
        && links::few_values(values, usize::MAX).is_none()
    {
        let why =
            format!("“{name}” does not tell systems apart: it takes 2 to {MOST_CONDITIONS} short values");
        return Ok(Err(Undefined::Because(why)));
    }
    if names.len() < 2 || names.len() > MOST_CONDITIONS {
        let many = if names.len() < 2 { "fewer than two" } else { "too many" };
        let why = format!("“{name}” has {many} values; conditions are 2 to {MOST_CONDITIONS}");
        return Ok(Err(Undefined::Because(why)));
    }
    if dataset.n_items().saturating_mul(names.len()) > MOST_CELLS {
        return Ok(Err(Undefined::Because("there are too many items and conditions to be held".to_owned())));
    }
    let mut number_of: HashMap<(&str, &str), usize> = HashMap::new();
    let (mut same_of, mut system_of): (HashMap<&str, u32>, HashMap<&str, u32>) = Default::default();
    let counted = asked.settings.counted(dataset).resolved(asked.settings.duplicates);
    let mut found = Gathered {
        ratings: vec![Vec::new(); names.len()],
        names,
        things: Vec::new(),
        behind: Vec::new(),
        condition_of: vec![u32::MAX; dataset.n_items()],
        by_votes: !dataset.annotations.is_empty(),
        scale: bounds(values),
        alphas: Vec::new(),
        parts: Vec::new(),
        system_names: Vec::new(),
    };
    for item in 0..dataset.n_items() {
        if item % 65_536 == 0 {
            progress.check()?;
        }
        let Some((same, system)) = link.name_of(dataset, item) else { continue };
        let Some(condition) = found.names.iter().position(|n| n == column.get(item)) else { continue };
        let number = *number_of.entry((same, system)).or_insert_with(|| {
            if link.system.is_some() {
                let next = same_of.len() as u32;
                let name = same;
                let same = *same_of.entry(name).or_insert(next);
                let next = system_of.len() as u32;
                let number = *system_of.entry(system).or_insert(next);
                if number == next {
                    found.system_names.push(system.to_owned());
                }
                found.parts.push([same, number]);
                found.things.push(format!("{name} · {system}"));
            } else {
                found.things.push(same.to_owned());
            }
            found.behind.push(Vec::new());
            found.ratings.iter_mut().for_each(|own| own.push(Vec::new()));
            found.things.len() - 1
        });
        found.behind[number].push(item as u32);
        found.condition_of[item] = condition as u32;
        let own = &mut found.ratings[condition][number];
        let mut add = |label: LabelId| own.extend(values.get(label as usize));
        if found.by_votes {
            counted.labels_of(item).iter().for_each(|&label| add(label));
        } else if let Some(&label) = given.current.get(item).filter(|&&l| l != NO_LABEL) {
            add(label);
        }
    }
    for condition in 0..found.names.len() as u32 {
        let of = &found.condition_of;
        let own = counted.keep(|item, _| of.get(item as usize) == Some(&condition));
        found.alphas.push(alpha(dataset, &own, progress)?);
    }
    Ok(Ok(found))
}

/// Krippendorff's alpha of votes, on the scale of their labels.
fn alpha(dataset: &Dataset, votes: &Annotations, progress: &Progress) -> Result<Statistic, Cancelled> {
    let (measure, data) = Asked::default().data(dataset, votes);
    let spec = Spec::alpha(measure.metric());
    coefficient(&data, &spec, &IntervalSpec::new(IntervalKind::None), progress)
}

fn of_questions(
    dataset: &Dataset,
    settings: &Settings,
    progress: &Progress,
) -> Result<Result<Gathered, Undefined>, Cancelled> {
    let questions = &dataset.questions;
    if questions.len() < 2 || questions.len() > MOST_CONDITIONS {
        let why = format!("the source asks {} questions; it takes 2 to {MOST_CONDITIONS}", questions.len());
        return Ok(Err(Undefined::Because(why)));
    }
    if dataset.n_items().saturating_mul(questions.len()) > MOST_CELLS {
        return Ok(Err(Undefined::Because("there are too many items and questions to be held".to_owned())));
    }
    let number_of: HashMap<&str, usize> = dataset.keys.iter().enumerate().map(|(i, k)| (k, i)).collect();
    let mut found = Gathered {
        names: Vec::new(),
        things: dataset.keys.iter().map(str::to_owned).collect(),
        behind: (0..dataset.n_items() as u32).map(|i| vec![i]).collect(),
        ratings: Vec::new(),
        condition_of: Vec::new(),
        by_votes: true,
        scale: (f64::INFINITY, f64::NEG_INFINITY),
        alphas: Vec::new(),
        parts: Vec::new(),
        system_names: Vec::new(),
    };
    for (number, asked) in questions.iter().enumerate() {
        let own = match question(dataset, number, progress)? {
            Ok(own) => own,
            Err(reason) => return Ok(Err(reason)),
        };
        let own = own.as_ref();
        // Words have no place among numbers, nor yes and no among ratings.
        let is_alike = own.labels.values().is_some() == dataset.labels.values().is_some();
        let Some(values) = numbers(own).filter(|_| is_alike) else { continue };
        let votes = settings.counted(own).resolved(settings.duplicates);
        let mut ratings = vec![Vec::new(); found.things.len()];
        for item in 0..own.n_items() {
            if let Some(&thing) = number_of.get(own.keys.get(item)) {
                let said = votes.labels_of(item).iter();
                ratings[thing].extend(said.filter_map(|&l| values.get(l as usize)));
            }
        }
        let (low, high) = bounds(&values);
        found.scale = (found.scale.0.min(low), found.scale.1.max(high));
        found.alphas.push(alpha(own, &votes, progress)?);
        found.names.push(asked.name.clone());
        found.ratings.push(ratings);
    }
    if found.names.len() < 2 {
        return Ok(Err(Undefined::Because("fewer than two questions have numbers for answers".to_owned())));
    }
    Ok(Ok(found))
}

fn bounds(values: &[f64]) -> (f64, f64) {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    (low, values.iter().copied().fold(f64::NEG_INFINITY, f64::max))
}

#[cfg(test)]
mod tests;
