//! One coefficient cut up: by label, by level of the labels, by rater, by group of raters, by slice of the items, by
//! item, by question. Every cut is a list of [`CutRow`]s, so that one view, one table and one painter serve them all.
//!
//! Computed when somebody asks for it. Raters' votes only: no decision changes them.

mod before;
mod groups;
mod labels;
mod questions;
mod slices;

use std::sync::Arc;

pub use labels::{level_of, separator};

use super::coefficients::{Asked, Measure};
use crate::dataset::{Annotations, Dataset, LabelId};
use crate::progress::{Cancelled, Progress};
use crate::stats::agreement::{
    Coefficient, Kind, Metric, ReliabilityData, Spec, coefficient, leave_one_rater_out, per_item,
};
use crate::stats::runs::Runs;
use crate::stats::{Estimate, Statistic, Undefined};

/// Most rows of a cut; what lies beyond is counted, not shown.
pub const MAX_ROWS: usize = 200;
/// Most values of a column that are slices of their own; numbers beyond are cut into quarters, names are put together.
pub const MAX_SLICES: usize = 40;
/// Permutations of raters in the test of groups.
const PERMUTATIONS: u32 = 1000;

/// What the cut goes by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum By {
    /// Each label against all others.
    Label,
    /// The levels of a label hierarchy, coarsest first.
    Level,
    /// All raters but one.
    Rater,
    /// Groups of raters by one of their attributes: its number.
    Group(usize),
    /// Slices of the items by a column: its number among the metadata.
    Slice(usize),
    /// Items, those that lower the coefficient most first.
    Item,
    /// What the item before is, where items follow each other: tokens, or rows of a document.
    Before,
    /// The questions of the source, each read anew.
    Question,
}

impl By {
    /// Name for files and the command line.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::Level => "level",
            Self::Rater => "rater",
            Self::Group(_) => "group",
            Self::Slice(_) => "slice",
            Self::Item => "item",
            Self::Before => "before",
            Self::Question => "question",
        }
    }

    /// The cuts that `dataset` allows, in the order in which they are shown.
    pub fn all(dataset: &Dataset) -> Vec<Self> {
        let mut all = vec![Self::Label];
        if separator(&dataset.labels).is_some() {
            all.push(Self::Level);
        }
        if dataset.raters.are_known() {
            all.push(Self::Rater);
            all.extend((0..dataset.raters.attributes.len()).map(Self::Group));
        }
        all.extend((0..dataset.metadata.len()).filter(|&c| slices::divides(dataset, c)).map(Self::Slice));
        all.push(Self::Item);
        if before::follow(dataset) {
            all.push(Self::Before);
        }
        if dataset.questions.len() > 1 {
            all.push(Self::Question);
        }
        all
    }

    /// What it goes by, for people: "label", "age group of the rater".
    pub fn words(&self, dataset: &Dataset) -> String {
        match *self {
            Self::Label => "label".to_owned(),
            Self::Level => "level of the labels".to_owned(),
            Self::Rater => "rater left out".to_owned(),
            Self::Group(a) => {
                format!("raters by {}", dataset.raters.attributes.get(a).map_or("", |(n, _)| n.as_str()))
            }
            Self::Slice(c) => {
                format!("items by {}", dataset.metadata.get(c).map_or("", |(n, _)| n.as_str()))
            }
            Self::Item => "item".to_owned(),
            Self::Before => "the item before".to_owned(),
            Self::Question => "question".to_owned(),
        }
    }

    /// The columns beside the coefficient, each with what it means.
    pub fn columns(&self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Label => &[
                ("κ_j", "Fleiss' kappa of the label; only where all items have as many ratings"),
                ("specific", "The chance that another rater says so too if one says so"),
                ("ratings", "Ratings with this label"),
            ],
            Self::Level => &[("labels", "Labels at this level")],
            Self::Rater => &[
                (
                    "change",
                    "The coefficient without the rater, minus that of all: above 0 the others agree better",
                ),
                ("ratings", "Ratings by this rater"),
            ],
            Self::Group(_) => &[
                ("κx", "Agreement across: ratings of the group against those of all others, beyond chance"),
                ("GAI", "Within ÷ across: above 1, the group has a view of its own"),
                (
                    "p",
                    "Of the GAI by permuting whole raters, adjusted for the number of tests (Benjamini–Hochberg)",
                ),
                ("majority", "Share of its items on which the group's majority is that of all raters"),
                ("raters", "Raters in the group"),
            ],
            Self::Slice(_) => &[("items", "Items in the slice")],
            Self::Item => &[
                (
                    "disagree",
                    "Mean distance of pairs of its ratings: with names, the share of pairs that disagree",
                ),
                (
                    "influence",
                    "The coefficient minus what it is without the item: below 0 the item lowers it",
                ),
                ("ratings", "Ratings on the item"),
            ],
            Self::Before => &[
                ("items", "Items with two ratings or more"),
                ("differ", "Share of them on which ratings are not all the same"),
            ],
            Self::Question => &[("items", "Items with a vote"), ("raters", "Raters"), ("labels", "Labels")],
        }
    }
}

/// A cell beside a coefficient.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[serde(untagged)]
pub enum Cell {
    /// How many.
    Count(u64),
    /// A number; `None` where it is undefined.
    Number(Option<f64>),
}

/// What a row is about, to open what lies behind it.
#[derive(Debug, Clone)]
pub enum Behind {
    /// A label.
    Label(LabelId),
    /// A rater.
    Rater(u32),
    /// A group of raters: items of which its majority is not that of all others, ascending.
    Parted(Arc<[u32]>),
    /// Some items, ascending.
    Items(Arc<[u32]>),
    /// One item.
    Item(u32),
    /// A question.
    Question(String),
    /// Everything.
    Whole,
}

/// One part.
#[derive(Debug, Clone)]
pub struct CutRow {
    /// What it is called.
    pub name: String,
    /// Its coefficient.
    pub statistic: Statistic,
    /// As [`By::columns`].
    pub cells: Vec<Cell>,
    /// What lies behind it.
    pub behind: Behind,
}

/// How labels do as a set.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelSetHealth {
    /// Labels for what the others do not hold, such as “other”.
    pub outside: Vec<LabelId>,
    /// Share of ratings that none of them is; `None` without such a label.
    pub coverage: Option<Statistic>,
    /// Items with a rating that is one of them, ascending.
    pub uncovered: Arc<[u32]>,
    /// Labels that nobody gave.
    pub unused: Vec<LabelId>,
    /// Labels whose κ, or without one α, is below 0.
    pub below_chance: Vec<LabelId>,
}

/// What a cut tells beside its parts.
#[derive(Debug, Clone, PartialEq)]
pub enum Beside {
    /// Of labels.
    Labels(LabelSetHealth),
    /// Of items that follow each other.
    Runs(Runs),
}

/// A coefficient cut up.
#[derive(Debug, Clone)]
pub struct Cuts {
    /// What was asked for.
    pub asked: CutsAsked,
    /// What the distance between labels meant.
    pub measure: Measure,
    /// What the rows' coefficient is called.
    pub name: String,
    /// The same coefficient of the whole, by its name; `None` where parts have no whole in common.
    pub whole: Option<(&'static str, Statistic)>,
    /// The parts, at most [`MAX_ROWS`].
    pub rows: Vec<CutRow>,
    /// Parts that are not among them.
    pub n_more: usize,
    /// What to mind, each a sentence.
    pub notes: Vec<String>,
    /// What it tells beside its parts.
    pub beside: Option<Beside>,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct CutsAsked {
    /// Votes, scale and interval.
    pub of: Asked,
    /// Which coefficient.
    pub kind: Kind,
    /// What the cut goes by.
    pub by: By,
    /// Seed of permutations.
    pub seed: u64,
}

/// What all cuts need.
struct Work<'a> {
    dataset: &'a Dataset,
    votes: &'a Annotations,
    data: &'a ReliabilityData<'a>,
    measure: Measure,
    spec: Spec,
    asked: &'a CutsAsked,
    progress: &'a Progress,
}

/// The rows of a cut and what to mind.
#[derive(Default)]
struct Parts {
    rows: Vec<CutRow>,
    n_more: usize,
    notes: Vec<String>,
    about: About,
    beside: Option<Beside>,
}

/// What the numbers of the rows are.
#[derive(Default)]
enum About {
    /// The coefficient that was asked for, of parts of the same data.
    #[default]
    Asked,
    /// Alpha by this metric, whatever was asked for; what it is called.
    Alpha(&'static str, Metric),
    /// The coefficient that was asked for, of data of their own.
    Each,
}

impl Parts {
    /// Keeps the first [`MAX_ROWS`].
    fn cap(&mut self) {
        self.n_more += self.rows.len().saturating_sub(MAX_ROWS);
        self.rows.truncate(MAX_ROWS);
    }
}

/// Cuts a coefficient up. Undefined where the coefficient has no meaning on the scale, or the cut none for the data.
pub fn cuts(
    dataset: &Dataset,
    asked: &CutsAsked,
    progress: &Progress,
) -> Result<Result<Cuts, Undefined>, Cancelled> {
    let votes = asked.of.votes(dataset);
    let (measure, data) = asked.of.data(dataset, &votes);
    let Some(about) = Coefficient::of(asked.kind) else {
        return Ok(Err(Undefined::Because("there is no such coefficient".to_owned())));
    };
    let spec = match measure.spec(about) {
        Ok((spec, _)) => spec,
        Err(why) => return Ok(Err(Undefined::Because(why.to_owned()))),
    };
    let work = Work { dataset, votes: &votes, data: &data, measure, spec, asked, progress };
    let parts = match asked.by {
        By::Label => labels::labels(&work),
        By::Level => labels::levels(&work)?,
        By::Rater => work.raters()?,
        By::Group(attribute) => groups::groups(&work, attribute)?,
        By::Slice(column) => slices::slices(&work, column)?,
        By::Item => work.items(),
        By::Before => before::before(&work)?.ok_or_else(|| {
            let why =
                "items do not follow each other: they are no tokens, and no column names their document";
            Undefined::Because(why.to_owned())
        }),
        By::Question => questions::questions(&work)?,
    };
    let parts = match parts {
        Ok(parts) => parts,
        Err(reason) => return Ok(Err(reason)),
    };
    let whole = |spec: &Spec| coefficient(&data, spec, &asked.of.interval, progress);
    let (name, whole) = match parts.about {
        About::Asked => (about.name, Some((about.name, whole(&work.spec)?))),
        About::Alpha(name, metric) => (name, Some(("Krippendorff's alpha", whole(&Spec::alpha(metric))?))),
        About::Each => (about.name, None),
    };
    Ok(Ok(Cuts {
        asked: asked.clone(),
        measure,
        name: name.to_owned(),
        whole,
        rows: parts.rows,
        n_more: parts.n_more,
        notes: parts.notes,
        beside: parts.beside,
    }))
}

impl Work<'_> {
    /// All raters but one, the ones without whom the others agree best first.
    fn raters(&self) -> Result<Result<Parts, Undefined>, Cancelled> {
        let left_out = match leave_one_rater_out(self.data, &self.spec, self.progress)? {
            Ok(left_out) => left_out,
            Err(reason) => return Ok(Err(reason)),
        };
        let n_raters = left_out.len().saturating_sub(1);
        let n_items = (0..self.votes.n_items()).filter(|&item| self.votes.count(item) > 0).count();
        let mut rows: Vec<(f64, CutRow)> = left_out
            .iter()
            .map(|w| {
                let statistic = w.value.map_or_else(
                    || Undefined::Because("nothing is left to compare without this rater".to_owned()).into(),
                    |value| Estimate::new(value, n_items, n_raters).into(),
                );
                let ratings = self.votes.of_rater(w.rater as usize).len() as u64;
                let row = CutRow {
                    name: self.rater_name(w.rater),
                    statistic,
                    cells: vec![Cell::Number(w.change), Cell::Count(ratings)],
                    behind: Behind::Rater(w.rater),
                };
                (w.change.unwrap_or(f64::NEG_INFINITY), row)
            })
            .collect();
        rows.sort_by(|a, b| b.0.total_cmp(&a.0));
        let rows = rows.into_iter().map(|(_, row)| row).collect();
        let mut parts = Parts { rows, ..Parts::default() };
        parts.cap();
        Ok(Ok(parts))
    }

    /// Items, those that lower the coefficient most first.
    fn items(&self) -> Result<Parts, Undefined> {
        let found = per_item(self.data, &self.spec)?;
        let mut order: Vec<(f64, u32)> = (0..self.votes.n_items() as u32)
            .filter_map(|item| Some((found.of(item as usize)?.influence?, item)))
            .collect();
        let n = order.len();
        // Most of a million items are as harmless as each other: only the rows that are shown are sorted.
        if n > MAX_ROWS {
            order.select_nth_unstable_by(MAX_ROWS, by_influence);
            order.truncate(MAX_ROWS);
        }
        order.sort_by(by_influence);
        let rows = order
            .into_iter()
            .filter_map(|(_, item)| {
                let one = found.of(item as usize)?;
                let statistic = one.relative.map_or_else(
                    || Undefined::Because("only one rating".to_owned()).into(),
                    |value| Estimate::new(value, 1, one.n_ratings as usize).into(),
                );
                Some(CutRow {
                    name: self.dataset.keys.get(item as usize).to_owned(),
                    statistic,
                    cells: vec![
                        Cell::Number(one.disagreement),
                        Cell::Number(one.influence),
                        Cell::Count(u64::from(one.n_ratings)),
                    ],
                    behind: Behind::Item(item),
                })
            })
            .collect();
        let notes = vec![
            "An item's own value is 1 − its disagreement ÷ the disagreement expected by chance; items are sorted by how \
             much they lower the coefficient of all."
                .to_owned(),
        ];
        Ok(Parts { rows, n_more: n.saturating_sub(MAX_ROWS), notes, ..Parts::default() })
    }

    fn rater_name(&self, rater: u32) -> String {
        self.dataset.raters.names.get(rater as usize).cloned().unwrap_or_default()
    }
}

fn by_influence(a: &(f64, u32), b: &(f64, u32)) -> std::cmp::Ordering {
    a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
}

#[cfg(test)]
mod tests;
