//! What a reference table says that goes with the labels: each column that was joined, held against labels and other columns.
//!
//! A column about items is held against the labels as they stand and against the items' own columns; one about raters against the
//! labels that they gave, one row an annotation.

use crate::analysis::Analysis;
use crate::dataset::{Dataset, NO_LABEL, TextColumn};
use crate::formats::numbers_of;
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::nutrition::{Axis, Dependence, MAX_WORDS, Pair, Tally};

/// Own columns that each joined one is held against.
const MAX_OWN: usize = 20;

/// Whose property a joined column tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// The items'.
    Items,
    /// The raters'; each of their annotations counts.
    Raters,
}

/// How far a joined column goes together with something of the data.
#[derive(Debug, Clone, PartialEq)]
pub struct Truth {
    /// The joined column.
    pub reference: String,
    /// Whose property it is.
    pub whose: Whose,
    /// What it is held against.
    pub with: String,
    /// How far they go together.
    pub dependence: Dependence,
}

/// A list of cells, each an index into words.
struct Cells<'a> {
    codes: Vec<u32>,
    words: Vec<&'a str>,
}

/// Everything that was joined; undefined where nothing was.
pub(super) fn truths(
    dataset: &Dataset,
    analysis: &Analysis,
    progress: &Progress,
) -> Result<Result<Vec<Truth>, Undefined>, Cancelled> {
    if dataset.joined.is_empty() {
        let words = "no reference table was joined (--join FILE, keyed by item or rater)";
        return Ok(Err(Undefined::Because(words.to_owned())));
    }
    let names: Vec<&str> = dataset.labels.names().iter().map(String::as_str).collect();
    let of_labels = |labels: Vec<u32>| Cells { codes: labels, words: names.clone() };
    let current = of_labels(analysis.given.current.clone());
    let mut found = Vec::new();
    let is_joined = |name: &String| dataset.joined.contains(name);
    let own: Vec<&(String, TextColumn)> =
        dataset.metadata.iter().filter(|(name, _)| !is_joined(name)).take(MAX_OWN).collect();
    for (name, column) in dataset.metadata.iter().filter(|(name, _)| is_joined(name)) {
        progress.check()?;
        let cells = of_column(column);
        let mut add = |with: &str, other: &Cells<'_>| {
            let dependence = held_against(&cells, other);
            let (reference, with) = (name.clone(), with.to_owned());
            found.extend(dependence.map(|dependence| Truth {
                reference,
                whose: Whose::Items,
                with,
                dependence,
            }));
        };
        add("the labels", &current);
        for (with, column) in &own {
            progress.check()?;
            add(with, &of_column(column));
        }
    }
    if let Some(gold) = dataset.gold.as_ref().filter(|g| is_joined(&g.name)) {
        let dependence = held_against(&of_labels(gold.ids.clone()), &current);
        let (reference, with) = (gold.name.clone(), "the labels".to_owned());
        found.extend(dependence.map(|dependence| Truth { reference, whose: Whose::Items, with, dependence }));
    }
    let votes = &dataset.annotations;
    if dataset.raters.are_known() && !votes.is_empty() {
        let given = || -> Vec<u32> { (0..votes.len()).map(|row| votes.at(row).label).collect() };
        for (name, values) in dataset.raters.attributes.iter().filter(|(name, _)| is_joined(name)) {
            progress.check()?;
            let codes = (0..votes.len()).map(|row| votes.at(row).rater).collect();
            let cells = Cells { codes, words: values.iter().map(String::as_str).collect() };
            let dependence = held_against(&cells, &of_labels(given()));
            let (reference, with) = (name.clone(), "the labels that raters gave".to_owned());
            found.extend(dependence.map(|dependence| Truth {
                reference,
                whose: Whose::Raters,
                with,
                dependence,
            }));
        }
    }
    Ok(Ok(found))
}

fn of_column(column: &TextColumn) -> Cells<'_> {
    Cells { codes: (0..column.len() as u32).collect(), words: column.iter().collect() }
}

/// `None` where one side says nothing at all.
fn held_against(a: &Cells<'_>, b: &Cells<'_>) -> Option<Dependence> {
    let (x, x_numbers) = axis(a)?;
    let (y, y_numbers) = axis(b)?;
    let read = |axis: &Axis, cells: &Cells<'_>, numbers: &[Option<f64>], row: usize| {
        let code = *cells.codes.get(row)?;
        let word = cells.words.get(code as usize).filter(|_| code != NO_LABEL)?;
        axis.read(word, numbers.get(code as usize).copied().flatten())
    };
    let mut pair = Pair::new(&x, &y);
    for row in 0..a.codes.len().min(b.codes.len()) {
        pair.add(read(&x, a, &x_numbers, row), read(&y, b, &y_numbers, row));
    }
    Some(pair.dependence())
}

fn axis(cells: &Cells<'_>) -> Option<(Axis, Vec<Option<f64>>)> {
    let numbers = numbers_of(&cells.words);
    let mut tally = Tally::default();
    tally.add(&cells.codes, |code| cells.words.get(code as usize).copied().unwrap_or(""), &numbers);
    let stats = tally.finish(MAX_WORDS + 1);
    // Few numbers are as good as names: a label that is 0 or 1 is no quantity, but correlates as one.
    let numeric = stats.numbers.is_ok();
    Some((Axis::of(&stats, numeric)?, numbers))
}
