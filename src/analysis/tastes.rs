//! How many tastes explain the votes, who has them, and which items tell them apart; or how many things a set of scales measures.
//!
//! Raters × items: labels are numbers, or a vote says whether it is one chosen label. Of many raters and items those with most votes are
//! looked at. Items × scales: the questions of the source, each read anew, where all of them were answered.

use std::collections::HashMap;
use std::sync::Arc;

use super::Settings;
use super::questions::question;
use crate::dataset::{Annotations, Dataset, LabelId};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::agreement::benjamini_hochberg;
use crate::stats::tastes::{
    Centring, Dimensions, Full, LEAST_ROWS, MOST_SIDE, Table, dimensions, share_by_group, telling_columns,
};

/// Most cells of the table.
const MOST_CELLS: usize = 1_000_000;
/// Share of the table that has to be there; raters and items with more gaps are left out.
const LEAST_THERE: f64 = 0.8;
/// Items that are told at either end of a dimension, and raters.
const AT_AN_END: usize = 50;
/// Items that tell raters apart.
const TELLING: usize = 10;
/// Most scales.
const MOST_SCALES: usize = 40;
/// Most values of an attribute of raters.
const MOST_VALUES: usize = 20;

/// What the table is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Of {
    /// Raters and items.
    #[default]
    Raters,
    /// Items and the questions of the source.
    Scales,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TastesAsked {
    /// Whose votes count.
    pub settings: Settings,
    /// What the table is of.
    pub of: Of,
    /// Where labels are no numbers, the label that counts 1; the one that is given most nearly half of the time if `None`.
    pub label: Option<LabelId>,
    /// Seed of all permutations.
    pub seed: u64,
}

/// How much of a dimension goes with an attribute of raters.
#[derive(Debug, Clone)]
pub struct WithAttribute {
    /// Its number.
    pub attribute: usize,
    /// Share of the variance of scores that lies between its values, η².
    pub share: f64,
    /// Chance of a share as large where scores are dealt out anew; adjusted over all attributes and kept dimensions.
    pub p: Option<f64>,
}

/// The two ends of a dimension.
#[derive(Debug, Clone)]
pub struct Ends {
    /// Items of the dataset at the upper and at the lower end, the farthest first: of raters and items those that raters of that end rate
    /// higher than their means say, of scales those with the highest (lowest) scores.
    pub items: [Arc<[u32]>; 2],
    /// Numbers of raters (of the dataset) at either end, the farthest first; none where the table is of scales.
    pub raters: [Vec<u32>; 2],
    /// What goes with it, the least by chance first; of the dimensions that are kept.
    pub with: Vec<WithAttribute>,
}

/// What was found.
#[derive(Debug, Clone)]
pub struct TastesReport {
    /// What was asked for.
    pub asked: TastesAsked,
    /// The label that counts 1, where labels are no numbers.
    pub label: Option<LabelId>,
    /// Rows of the table: raters, or items of the dataset.
    pub rows: Vec<u32>,
    /// Columns: items of the dataset, or numbers of questions.
    pub columns: Vec<u32>,
    /// Names of scales, one a column; empty where columns are items.
    pub scales: Vec<String>,
    /// Rows and columns with votes that are not looked at: too few votes, or too many gaps.
    pub n_left_out: [usize; 2],
    /// Cells that were missing.
    pub n_filled: usize,
    /// Dimensions; scores in the order of rows, loadings in that of columns.
    pub found: Dimensions,
    /// One a dimension.
    pub ends: Vec<Ends>,
    /// Items of the dataset that together explain most, each with the share explained so far.
    pub telling: Vec<(u32, f64)>,
}

/// Looks for dimensions of taste, or of scales.
///
/// Undefined for fewer than 30 raters (items), fewer than two items (scales), without numbers, and where nothing varies but means.
pub fn tastes(
    dataset: &Dataset,
    asked: &TastesAsked,
    progress: &Progress,
) -> Result<Result<TastesReport, Undefined>, Cancelled> {
    match asked.of {
        Of::Raters => of_raters(dataset, asked, progress),
        Of::Scales => of_scales(dataset, asked, progress),
    }
}

/// A number for each label, and the label that counts 1 where they are none by themselves.
fn numbers(dataset: &Dataset, votes: &Annotations, label: Option<LabelId>) -> (Vec<f64>, Option<LabelId>) {
    if let Some(values) = dataset.labels.values() {
        return (values, None);
    }
    let n = dataset.labels.len();
    let one = label.filter(|&l| (l as usize) < n).unwrap_or_else(|| {
        let mut counts = vec![0_u64; n];
        for item in 0..votes.n_items() {
            votes.labels_of(item).iter().for_each(|&l| counts[l as usize] += 1);
        }
        let all: u64 = counts.iter().sum();
        // The first of equals, the last of two labels: of yes and no it is yes that is asked for.
        let far = |l: &LabelId| (2 * counts[*l as usize]).abs_diff(all);
        (0..n as LabelId).rev().min_by_key(far).unwrap_or(0)
    });
    ((0..n as LabelId).map(|l| f64::from(u8::from(l == one))).collect(), Some(one))
}

/// The `most` with the largest counts above 0 (of equals the first), ascending.
fn with_most(counts: &[usize], most: usize) -> Vec<u32> {
    let mut order: Vec<u32> = (0..counts.len() as u32).filter(|&i| counts[i as usize] > 0).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(counts[i as usize]), i));
    order.truncate(most);
    order.sort_unstable();
    order
}

fn of_raters(
    dataset: &Dataset,
    asked: &TastesAsked,
    progress: &Progress,
) -> Result<Result<TastesReport, Undefined>, Cancelled> {
    let because = |why: String| Ok(Err(Undefined::Because(why)));
    if !dataset.raters.are_known() {
        return because("raters are not known".to_owned());
    }
    if dataset.sets.is_some() {
        return because("items have several labels at once".to_owned());
    }
    let votes = asked.settings.counted(dataset).resolved(asked.settings.duplicates);
    let (values, label) = numbers(dataset, &votes, asked.label);
    progress.stage("Raters and items", 0);
    let mut own = vec![0_usize; dataset.raters.len()];
    for item in 0..votes.n_items() {
        votes.raters_of(item).iter().for_each(|&r| own[r as usize] += 1);
    }
    let n_voted = own.iter().filter(|&&n| n > 0).count();
    if n_voted < LEAST_ROWS {
        return because(format!("{n_voted} raters voted; tastes are looked for among {LEAST_ROWS} or more"));
    }
    progress.check()?;
    let raters = with_most(&own, MOST_SIDE);
    let mut row_of = vec![usize::MAX; own.len()];
    raters.iter().enumerate().for_each(|(row, &r)| row_of[r as usize] = row);
    let seen =
        |item: usize| votes.raters_of(item).iter().filter(|&&r| row_of[r as usize] != usize::MAX).count();
    let voted: Vec<usize> = (0..votes.n_items()).map(seen).collect();
    let n_items = voted.iter().filter(|&&n| n > 0).count();
    let items = with_most(&voted, MOST_CELLS / raters.len());
    progress.check()?;
    let cells = items.iter().enumerate().flat_map(|(column, &item)| {
        let said = votes.raters_of(item as usize).iter().zip(votes.labels_of(item as usize));
        said.map(move |(&r, &l)| (r, column, l))
    });
    let cells = cells.filter_map(|(r, column, l)| {
        let row = *row_of.get(r as usize)?;
        Some((row, column, *values.get(l as usize)?)).filter(|c| c.0 != usize::MAX)
    });
    let full = Table::new((raters.len(), items.len()), cells).complete(LEAST_THERE, progress)?;
    if full.rows.len() < LEAST_ROWS {
        let why = format!(
            "raters share too few items: {} of them have voted on most of what the others have, and it takes {LEAST_ROWS}",
            full.rows.len()
        );
        return because(why);
    }
    let found = match dimensions(&full, Centring::Both, asked.seed, progress)? {
        Ok(found) => found,
        Err(reason) => return Ok(Err(reason)),
    };
    let rows: Vec<u32> = full.rows.iter().map(|&r| raters[r]).collect();
    let columns: Vec<u32> = full.columns.iter().map(|&c| items[c]).collect();
    // Of noise, no item tells anything.
    let most = if found.n_kept > 0 { TELLING } else { 0 };
    let telling = telling_columns(&full, most, progress)?;
    let mut ends: Vec<Ends> = found
        .dimensions
        .iter()
        .map(|d| Ends {
            items: ends_of(&d.loadings).map(|end| end.into_iter().map(|at| columns[at]).collect()),
            raters: ends_of(&d.scores).map(|end| end.into_iter().map(|at| rows[at]).collect()),
            with: Vec::new(),
        })
        .collect();
    for (k, end) in ends.iter_mut().enumerate().take(found.n_kept) {
        end.with = attributes(dataset, &rows, &found.dimensions[k].scores, (asked.seed, k), progress)?;
    }
    let kept = || ends.iter().take(found.n_kept).flat_map(|e| &e.with);
    let mut adjusted = benjamini_hochberg(kept().map(|w| w.p)).into_iter();
    ends.iter_mut().flat_map(|e| &mut e.with).for_each(|w| w.p = adjusted.next().flatten());
    // A share grows with the number of groups: what is least by chance goes first.
    let p = |w: &WithAttribute| w.p.unwrap_or(2.0);
    ends.iter_mut().for_each(|e| {
        e.with.sort_by(|a, b| p(a).total_cmp(&p(b)).then(b.share.total_cmp(&a.share)));
    });
    Ok(Ok(TastesReport {
        asked: asked.clone(),
        label,
        n_left_out: [n_voted - rows.len(), n_items - columns.len()],
        n_filled: full.n_filled,
        telling: telling.into_iter().map(|(at, share)| (columns[at], share)).collect(),
        rows,
        columns,
        scales: Vec::new(),
        found,
        ends,
    }))
}

/// Places of the largest and of the smallest numbers, the farthest first; above 0 and below it.
fn ends_of(numbers: &[f64]) -> [Vec<usize>; 2] {
    let mut order: Vec<usize> = (0..numbers.len()).collect();
    order.sort_by(|&a, &b| numbers[b].total_cmp(&numbers[a]));
    let upper = order.iter().copied().take_while(|&at| numbers[at] > 0.0).take(AT_AN_END).collect();
    let lower = order.iter().rev().copied().take_while(|&at| numbers[at] < 0.0).take(AT_AN_END).collect();
    [upper, lower]
}

/// What of the scores goes with each attribute of raters.
fn attributes(
    dataset: &Dataset,
    rows: &[u32],
    scores: &[f64],
    (seed, dimension): (u64, usize),
    progress: &Progress,
) -> Result<Vec<WithAttribute>, Cancelled> {
    let mut found = Vec::new();
    for (attribute, (_, values)) in dataset.raters.attributes.iter().enumerate() {
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let (mut groups, mut own) = (Vec::new(), Vec::new());
        for (&rater, &score) in rows.iter().zip(scores) {
            let value = values.get(rater as usize).map_or("", String::as_str);
            if !value.is_empty() {
                let next = numbers.len();
                groups.push(*numbers.entry(value).or_insert(next));
                own.push(score);
            }
        }
        if !(2..=MOST_VALUES).contains(&numbers.len()) {
            continue;
        }
        let stream = (dimension * dataset.raters.attributes.len() + attribute) as u64;
        if let Some((share, p)) = share_by_group(&own, &groups, (seed, stream), progress)? {
            found.push(WithAttribute { attribute, share, p: Some(p) });
        }
    }
    Ok(found)
}

fn of_scales(
    dataset: &Dataset,
    asked: &TastesAsked,
    progress: &Progress,
) -> Result<Result<TastesReport, Undefined>, Cancelled> {
    let because = |why: String| Ok(Err(Undefined::Because(why)));
    let n_asked = dataset.questions.len();
    if n_asked < 2 {
        return because("the source has one question; scales are several".to_owned());
    }
    if n_asked > MOST_SCALES || dataset.n_items().saturating_mul(n_asked) > 20 * MOST_CELLS {
        return because(format!("{} items and {n_asked} questions are too many", dataset.n_items()));
    }
    let number_of: HashMap<&str, usize> = dataset.keys.iter().enumerate().map(|(i, k)| (k, i)).collect();
    let (mut scales, mut columns, mut means) = (Vec::new(), Vec::new(), Vec::new());
    for (number, about) in dataset.questions.iter().enumerate() {
        let own = match question(dataset, number, progress)? {
            Ok(own) => own,
            Err(reason) => return Ok(Err(reason)),
        };
        let Some(values) = own.labels.values().filter(|_| own.sets.is_none()) else { continue };
        let votes = asked.settings.counted(&own).resolved(asked.settings.duplicates);
        let mut mean = vec![None; dataset.n_items()];
        for item in 0..own.n_items() {
            let Some(&at) = number_of.get(own.keys.get(item)) else { continue };
            let said: Vec<f64> =
                votes.labels_of(item).iter().filter_map(|&l| values.get(l as usize)).copied().collect();
            mean[at] = (!said.is_empty()).then(|| said.iter().sum::<f64>() / said.len() as f64);
        }
        scales.push(about.name.clone());
        columns.push(number as u32);
        means.push(mean);
    }
    if scales.len() < 2 {
        return because("fewer than two questions have numbers for answers".to_owned());
    }
    let is_rated = |item: &usize| means.iter().any(|m| m[*item].is_some());
    let n_rated = (0..dataset.n_items()).filter(is_rated).count();
    let is_whole = |item: &usize| means.iter().all(|m| m[*item].is_some());
    let rows: Vec<u32> = (0..dataset.n_items()).filter(is_whole).map(|i| i as u32).collect();
    // Of very many, evenly chosen ones: every table at random is held whole.
    let step = (rows.len() * scales.len()).div_ceil(MOST_CELLS).max(1);
    let rows: Vec<u32> = rows.into_iter().step_by(step).collect();
    if rows.len() < LEAST_ROWS {
        return because(format!("{} items were rated on every scale; it takes {LEAST_ROWS}", rows.len()));
    }
    let values = rows.iter().flat_map(|&item| means.iter().filter_map(move |m| m[item as usize])).collect();
    let full =
        Full { rows: (0..rows.len()).collect(), columns: (0..scales.len()).collect(), values, n_filled: 0 };
    let found = match dimensions(&full, Centring::Standardised, asked.seed, progress)? {
        Ok(found) => found,
        Err(reason) => return Ok(Err(reason)),
    };
    let one = |scores: &[f64]| Ends {
        items: ends_of(scores).map(|end| end.into_iter().map(|at| rows[at]).collect()),
        raters: [Vec::new(), Vec::new()],
        with: Vec::new(),
    };
    Ok(Ok(TastesReport {
        asked: asked.clone(),
        label: None,
        n_left_out: [n_rated - rows.len(), n_asked - scales.len()],
        n_filled: 0,
        telling: Vec::new(),
        ends: found.dimensions.iter().map(|d| one(&d.scores)).collect(),
        rows,
        columns,
        scales,
        found,
    }))
}

#[cfg(test)]
mod tests;
