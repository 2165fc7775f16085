//! Any two of raters, groups, people, models, columns and aggregates against each other, in one grammar.
//!
//! What raters say is compared as votes, what a model says as probabilities, what a column or an aggregate says as one
//! label an item. Given labels are as they stand, decisions included.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::coefficients::Measure;
use super::{Analysis, Settings};
use crate::dataset::{Annotations, AnnotationsBuilder, Dataset, LabelId, NO_LABEL, Probabilities, RaterKind};
use crate::progress::{Cancelled, Progress};
use crate::stats::agreement::{ReliabilityData, WithIntervals, cross_replication_intervals};
use crate::stats::comparison::{Comparison, LabelUse, Voice, compare as compare_voices};
use crate::stats::error_consistency::RightAndWrong;
use crate::stats::{Statistic, Undefined};

/// Fewer shared items than these tell nothing.
pub const FEW: usize = 10;
/// Most labels that are worth showing at once.
pub const MOST_IN_PLAY: usize = 8;
/// Most raters that are listed as sides of their own.
const MOST_RATERS: usize = 2000;

/// One of the two.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Side {
    /// A rater.
    Rater(u32),
    /// Raters with this value of an attribute, by its number.
    Group(usize, String),
    /// All people.
    People,
    /// All raters that are models.
    Models,
    /// All raters who count but those of the other side.
    Rest,
    /// The model's probabilities.
    Probabilities,
    /// Given labels as they stand.
    Given,
    /// Trusted labels.
    Gold,
    /// The label that most votes have.
    Majority,
    /// The best label of the Dawid–Skene posterior.
    DawidSkene,
}

/// How a side is named on the command line, and in the state of the window.
const NAMES: [(&str, Side); 8] = [
    ("people", Side::People),
    ("models", Side::Models),
    ("rest", Side::Rest),
    ("model", Side::Probabilities),
    ("given", Side::Given),
    ("gold", Side::Gold),
    ("majority", Side::Majority),
    ("dawid_skene", Side::DawidSkene),
];

impl Side {
    /// All that `dataset` has: groups, people and models, columns and aggregates, the rest, single raters.
    pub fn all(dataset: &Dataset) -> Vec<Self> {
        let raters = &dataset.raters;
        let mut all = Vec::new();
        let is_model = |r: u32| raters.kinds.get(r as usize) == Some(&RaterKind::Model);
        let known = if raters.are_known() { raters.len() as u32 } else { 0 };
        for (number, (_, values)) in raters.attributes.iter().enumerate().filter(|_| known > 0) {
            let groups = raters.values(number);
            if groups.len() > 1 && groups.len() < values.len() {
                all.extend(groups.into_iter().map(|v| Self::Group(number, v.to_owned())));
            }
        }
        let n_models = (0..known).filter(|&r| is_model(r)).count() as u32;
        if n_models > 0 && n_models < known {
            all.extend([Self::People, Self::Models]);
        }
        all.extend(dataset.probabilities.is_some().then_some(Self::Probabilities));
        all.extend(dataset.given.is_some().then_some(Self::Given));
        all.extend(dataset.gold.is_some().then_some(Self::Gold));
        if !dataset.annotations.is_empty() {
            all.push(Self::Majority);
        }
        if known > 1 {
            all.extend([Self::DawidSkene, Self::Rest]);
        }
        all.extend((0..known.min(MOST_RATERS as u32)).map(Self::Rater));
        all
    }

    /// The side of this name: a rater's name, `ATTRIBUTE=VALUE`, or one of people, models, rest, model, given, gold, majority,
    /// dawid_skene. A rater's name comes first.
    pub fn find(dataset: &Dataset, name: &str) -> Option<Self> {
        let raters = &dataset.raters;
        if raters.are_known()
            && let Some(rater) = raters.names.iter().position(|n| n == name)
        {
            return Some(Self::Rater(rater as u32));
        }
        if let Some((attribute, value)) = name.split_once('=')
            && let Some(number) = raters.attributes.iter().position(|(n, _)| n == attribute)
            && raters.attributes[number].1.iter().any(|v| v == value)
        {
            return Some(Self::Group(number, value.to_owned()));
        }
        let side = NAMES.iter().find(|(n, _)| *n == name)?.1.clone();
        Self::all(dataset).contains(&side).then_some(side)
    }

    /// What [`find`](Self::find) finds it by.
    pub fn id(&self, dataset: &Dataset) -> String {
        match self {
            Self::Rater(r) => dataset.raters.names.get(*r as usize).cloned().unwrap_or_default(),
            Self::Group(number, value) => {
                let name = dataset.raters.attributes.get(*number).map_or("", |a| a.0.as_str());
                format!("{name}={value}")
            }
            other => {
                NAMES.iter().find(|(_, side)| side == other).map_or_else(String::new, |n| n.0.to_owned())
            }
        }
    }

    /// For people.
    pub fn words(&self, dataset: &Dataset) -> String {
        let column =
            |name: &str, else_: &str| if name.is_empty() { else_.to_owned() } else { name.to_owned() };
        match self {
            Self::Rater(_) => self.id(dataset),
            Self::Group(_, value) => value.clone(),
            Self::People => "People".to_owned(),
            Self::Models => "Models".to_owned(),
            Self::Rest => "The rest".to_owned(),
            Self::Probabilities => {
                column(dataset.probabilities.as_ref().map_or("", |p| p.name.as_str()), "Model")
            }
            Self::Given => column(dataset.given.as_ref().map_or("", |g| g.name.as_str()), "Given labels"),
            Self::Gold => column(dataset.gold.as_ref().map_or("", |g| g.name.as_str()), "Gold"),
            Self::Majority => "Majority".to_owned(),
            Self::DawidSkene => "Dawid–Skene".to_owned(),
        }
    }

    /// What kind of side it is.
    pub fn kind(&self, dataset: &Dataset) -> String {
        match self {
            Self::Rater(r) if dataset.raters.kinds.get(*r as usize) == Some(&RaterKind::Model) => {
                "model".to_owned()
            }
            Self::Rater(_) => "rater".to_owned(),
            Self::Group(number, _) => {
                dataset.raters.attributes.get(*number).map_or_else(|| "group".to_owned(), |a| a.0.clone())
            }
            Self::People | Self::Models | Self::Rest => "group".to_owned(),
            Self::Probabilities => "probabilities".to_owned(),
            Self::Given | Self::Gold => "column".to_owned(),
            Self::Majority | Self::DawidSkene => "aggregate".to_owned(),
        }
    }

    /// Whether it is made of raters.
    pub fn has_raters(&self) -> bool {
        matches!(self, Self::Rater(_) | Self::Group(..) | Self::People | Self::Models | Self::Rest)
    }

    /// Whether a rater is of this side, if the side is made of raters and is not the rest of another.
    fn includes(&self, dataset: &Dataset, settings: &Settings, rater: u32) -> bool {
        let raters = &dataset.raters;
        let is_model = || raters.kinds.get(rater as usize) == Some(&RaterKind::Model);
        match self {
            // Who is asked for by name speaks, counted or not.
            Self::Rater(r) => *r == rater,
            Self::Group(number, value) => {
                let values = raters.attributes.get(*number).map(|a| &a.1);
                settings.counts(raters, rater)
                    && values.and_then(|v| v.get(rater as usize)).is_some_and(|v| v == value)
            }
            Self::People => !is_model() && settings.counts(raters, rater),
            Self::Models => is_model(),
            Self::Rest => settings.counts(raters, rater),
            _ => false,
        }
    }

    /// Two sides to begin with: the two largest groups of the first attribute that has groups, people and models, the least
    /// competent rater against the rest, or columns and the majority. `None` where there are not two.
    pub fn first_two(dataset: &Dataset, analysis: &Analysis) -> Option<(Self, Self)> {
        let all = Self::all(dataset);
        let size = |side: &Self| match side {
            Self::Group(number, value) => {
                dataset.raters.attributes[*number].1.iter().filter(|v| *v == value).count()
            }
            _ => 0,
        };
        let first = all.iter().find_map(|s| match s {
            Self::Group(number, _) => Some(*number),
            _ => None,
        });
        let mut groups: Vec<&Self> =
            all.iter().filter(|s| matches!(s, Self::Group(number, _) if Some(*number) == first)).collect();
        groups.sort_by_key(|s| std::cmp::Reverse(size(s)));
        if let [a, b, ..] = groups.as_slice() {
            return Some(((*a).clone(), (*b).clone()));
        }
        if all.contains(&Self::Models) {
            return Some((Self::People, Self::Models));
        }
        if all.contains(&Self::Rest) {
            let skills = analysis.raters.iter().map(|r| r.dawid_skene_accuracy.value());
            let known = (0..).zip(skills).filter_map(|(rater, skill)| Some((rater, skill?)));
            let worst = known.min_by(|a: &(u32, f64), b| a.1.total_cmp(&b.1));
            return Some((Self::Rater(worst.map_or(0, |r| r.0)), Self::Rest));
        }
        let columns = [Self::Majority, Self::Given, Self::Probabilities, Self::Gold];
        let mut columns = columns.into_iter().filter(|side| all.contains(side));
        columns.next().zip(columns.next())
    }
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompareAsked {
    /// Whose votes count.
    pub settings: Settings,
    /// The one, and the other.
    pub sides: [Side; 2],
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct CompareReport {
    /// What was asked for.
    pub asked: CompareAsked,
    /// How both label, and where they part.
    pub found: Comparison,
    /// The items of each of [`Comparison::meetings`], the widest gap first, for sharing.
    cells: Vec<Arc<[u32]>>,
    /// Pairs of different labels that meet, the commonest first, ties in the order of labels.
    pub pairs: Vec<(LabelId, LabelId)>,
    /// At most [`MOST_IN_PLAY`] labels that both use, in label order: where they part most often, then those used most.
    pub in_play: Vec<LabelId>,
    /// For each side, each label that it has ahead with its items, ascending.
    said: [Vec<(LabelId, Arc<[u32]>)>; 2],
    /// Items where they part, the widest gap first.
    pub parted: Arc<[u32]>,
    /// Items by the answers they have in common, the least first, for sharing.
    pub least: Arc<[u32]>,
    /// Items of which a side, or both, say several things alike.
    pub tied: Arc<[u32]>,
    /// Raters of each side with a vote; 0 where a side is no rater.
    pub n_raters: [usize; 2],
    /// Votes of each side; items with a label, or rows of probabilities.
    pub n_votes: [usize; 2],
    /// Agreement within each side and between both, votes one by one, with the intervals of all three.
    pub agreement: Result<WithIntervals, Undefined>,
    /// What a distance between labels means there.
    pub measure: Measure,
    /// Whether some raters are of both sides; they speak for the first.
    pub overlap: bool,
    /// Who is right, where there are trusted labels and neither side is they.
    pub errors: Option<Errors>,
    /// The side of each rater: 0, 1, or neither.
    side_of: Vec<u8>,
}

/// Who is right on items of which both sides have one label ahead and the trusted label is known.
#[derive(Debug, Clone)]
pub struct Errors {
    /// How many.
    pub table: RightAndWrong,
    /// Whether both err on the same items, beyond what their accuracies bring about.
    pub consistency: Statistic,
    /// Items on which both are wrong, ascending.
    pub both_wrong: Arc<[u32]>,
}

fn errors(dataset: &Dataset, sides: &[Side; 2], found: &Comparison) -> Option<Errors> {
    let gold = dataset.gold.as_ref().filter(|_| !sides.contains(&Side::Gold))?;
    let mut table = RightAndWrong::default();
    let mut both_wrong = Vec::new();
    let mut count = |item: u32, a: LabelId, b: LabelId| {
        let Some(truth) = gold.get(item as usize) else { return };
        match (a == truth, b == truth) {
            (true, true) => table.both_right += 1,
            (true, false) => table.first_right += 1,
            (false, true) => table.second_right += 1,
            (false, false) => {
                table.both_wrong += 1;
                both_wrong.push(item);
            }
        }
    };
    for m in &found.meetings {
        m.items.iter().for_each(|&item| count(item, m.a, m.b));
    }
    both_wrong.sort_unstable();
    (table.n() > 0).then(|| Errors { consistency: table.consistency(), table, both_wrong: both_wrong.into() })
}

impl CompareReport {
    /// Items that A calls `a` and B calls `b`, the widest gap first.
    pub fn cell(&self, a: LabelId, b: LabelId) -> Option<&Arc<[u32]>> {
        let at = self.found.meetings.binary_search_by_key(&(a, b), |m| (m.a, m.b)).ok()?;
        self.cells.get(at)
    }

    /// Items of which a side (0 or 1) says this label, ascending.
    pub fn of_label(&self, side: usize, label: LabelId) -> Option<&Arc<[u32]>> {
        let at = self.said[side].binary_search_by_key(&label, |said| said.0).ok()?;
        Some(&self.said[side][at].1)
    }

    /// What a side (0 or 1) says of an item: labels with votes, or probabilities.
    pub fn said(
        &self,
        dataset: &Dataset,
        analysis: &Analysis,
        side: usize,
        item: usize,
    ) -> Vec<(LabelId, f64)> {
        let mut said = Vec::new();
        if let Ok(speaker) =
            Speaker::of(&self.asked.sides[side], side as u8, dataset, analysis, &self.side_of)
        {
            speaker.read(item, &mut said);
        }
        said
    }

    /// Raters of a side who labelled an item, with their labels.
    pub fn raters(&self, dataset: &Dataset, side: usize, item: usize) -> Vec<(u32, LabelId)> {
        let votes = dataset.annotations.of_item(item);
        votes
            .filter(|v| self.side_of.get(v.rater as usize) == Some(&(side as u8)))
            .map(|v| (v.rater, v.label))
            .collect()
    }
}

/// A side that can be read.
enum Speaker<'a> {
    Votes { votes: &'a Annotations, side_of: &'a [u8], side: u8 },
    Probabilities(&'a Probabilities),
    Labels(&'a [LabelId]),
}

impl<'a> Speaker<'a> {
    fn of(
        what: &Side,
        side: u8,
        dataset: &'a Dataset,
        analysis: &'a Analysis,
        side_of: &'a [u8],
    ) -> Result<Self, Undefined> {
        let missing = |words: &str| Undefined::Because(words.to_owned());
        Ok(match what {
            what if what.has_raters() => Self::Votes { votes: &dataset.annotations, side_of, side },
            Side::Probabilities => {
                let rows = dataset.probabilities.as_ref().filter(|p| p.cols() == dataset.labels.len());
                Self::Probabilities(rows.ok_or(Undefined::NoProbabilities)?)
            }
            Side::Gold => {
                let gold = dataset.gold.as_ref().ok_or_else(|| missing("the data has no trusted labels"))?;
                Self::Labels(&gold.ids)
            }
            Side::Majority => Self::Labels(&analysis.aggregation.majority.label),
            Side::DawidSkene => match &analysis.aggregation.dawid_skene {
                Ok(fit) => Self::Labels(&fit.labels),
                Err(reason) => return Err(reason.clone()),
            },
            _ => Self::Labels(&analysis.given.current),
        })
    }

    /// Raters who speak, and what is said.
    fn size(&self) -> (usize, usize) {
        match self {
            Self::Votes { votes, side_of, side } => {
                let of = (0..votes.n_raters()).filter(|&r| side_of.get(r) == Some(side));
                let said = of.map(|r| votes.rows_of_rater(r).len()).filter(|&n| n > 0);
                said.fold((0, 0), |(raters, all), n| (raters + 1, all + n))
            }
            Self::Probabilities(p) => (0, p.rows()),
            Self::Labels(labels) => (0, labels.iter().filter(|l| **l != NO_LABEL).count()),
        }
    }
}

impl Voice for Speaker<'_> {
    fn read(&self, item: usize, out: &mut Vec<(LabelId, f64)>) {
        match self {
            Self::Votes { votes, side_of, side } => {
                for vote in votes.of_item(item).filter(|v| side_of.get(v.rater as usize) == Some(side)) {
                    match out.iter_mut().find(|x| x.0 == vote.label) {
                        Some(known) => known.1 += 1.0,
                        None => out.push((vote.label, 1.0)),
                    }
                }
                out.sort_unstable_by_key(|x| x.0);
            }
            Self::Probabilities(p) if item < p.rows() => {
                let row = p.row(item);
                let known = row.iter().enumerate().filter(|(_, p)| **p > 0.0);
                out.extend(known.map(|(l, &p)| (l as LabelId, p)));
            }
            Self::Probabilities(_) => {}
            Self::Labels(labels) => {
                out.extend(labels.get(item).filter(|&&l| l != NO_LABEL).map(|&l| (l, 1.0)));
            }
        }
    }
}

/// The side of each rater, and whether some are of both. Whoever is of both speaks for the first, unless the first is the rest.
fn sides(dataset: &Dataset, asked: &CompareAsked) -> (Vec<u8>, bool) {
    let [a, b] = &asked.sides;
    let mut overlap = false;
    let side_of = (0..dataset.raters.len() as u32)
        .map(|rater| {
            let [in_a, in_b] = [a, b].map(|s| s.includes(dataset, &asked.settings, rater));
            match (in_a, in_b) {
                (true, true) => {
                    overlap |= *a != Side::Rest && *b != Side::Rest;
                    u8::from(*a == Side::Rest)
                }
                (true, false) => 0,
                (false, true) => 1,
                (false, false) => u8::MAX,
            }
        })
        .collect();
    (side_of, overlap)
}

/// Compares two sides.
///
/// Undefined where the two are the same, where the data does not have one, and where one says nothing.
pub fn compare(
    dataset: &Dataset,
    analysis: &Analysis,
    asked: &CompareAsked,
    progress: &Progress,
) -> Result<Result<CompareReport, Undefined>, Cancelled> {
    let because = |words: String| Ok(Err(Undefined::Because(words)));
    let [a, b] = &asked.sides;
    if a == b {
        return because("both sides are the same".to_owned());
    }
    let (side_of, overlap) = sides(dataset, asked);
    let of = |at: usize| Speaker::of(&asked.sides[at], at as u8, dataset, analysis, &side_of);
    let (x, y) = match (of(0), of(1)) {
        (Ok(x), Ok(y)) => (x, y),
        (Err(reason), _) | (_, Err(reason)) => return Ok(Err(reason)),
    };
    let sizes = [x.size(), y.size()];
    if let Some(silent) = (0..2).find(|&s| sizes[s].1 == 0) {
        return because(format!("{} says nothing", asked.sides[silent].words(dataset)));
    }
    let found = compare_voices(&x, &y, dataset.n_items(), dataset.labels.len(), progress)?;
    progress.check()?;
    let (votes, with_columns) = together(&x, &y, &side_of, dataset, progress)?;
    let data = ReliabilityData::of(dataset, &votes);
    let measure = Measure::of(&data);
    let agreement = cross_replication_intervals(&data, &measure.metric(), &with_columns, progress)?;
    let errors = errors(dataset, &asked.sides, &found);
    // Each cell in the order of the list of all.
    let mut cells: Vec<Vec<u32>> =
        found.meetings.iter().map(|m| if m.a == m.b { m.items.clone() } else { Vec::new() }).collect();
    for p in &found.parted {
        if let Ok(at) = found.meetings.binary_search_by_key(&(p.a, p.b), |m| (m.a, m.b)) {
            cells[at].push(p.item);
        }
    }
    Ok(Ok(CompareReport {
        asked: asked.clone(),
        cells: cells.into_iter().map(Into::into).collect(),
        pairs: pairs(&found),
        in_play: in_play(&found),
        said: [0, 1].map(|side| said_by(&found, side)),
        parted: found.parted.iter().map(|p| p.item).collect(),
        tied: found.tied.as_slice().into(),
        least: found.answers.least.as_slice().into(),
        found,
        n_raters: sizes.map(|s| s.0),
        n_votes: sizes.map(|s| s.1),
        agreement,
        measure,
        overlap,
        errors,
        side_of,
    }))
}

/// Pairs of different labels, the commonest first.
fn pairs(found: &Comparison) -> Vec<(LabelId, LabelId)> {
    let mut apart: Vec<_> = found.meetings.iter().filter(|m| m.a != m.b).collect();
    apart.sort_by_key(|m| (std::cmp::Reverse(m.items.len()), m.a, m.b));
    apart.into_iter().map(|m| (m.a, m.b)).collect()
}

/// The labels that are worth showing where there are many.
fn in_play(found: &Comparison) -> Vec<LabelId> {
    let mut parted: HashMap<LabelId, usize> = HashMap::new();
    for m in found.meetings.iter().filter(|m| m.a != m.b) {
        [m.a, m.b].into_iter().for_each(|l| *parted.entry(l).or_insert(0) += m.items.len());
    }
    let times = |label: LabelId| parted.get(&label).copied().unwrap_or(0);
    let mut labels: Vec<&LabelUse> = found.labels.iter().collect();
    let used = |l: &LabelUse| l.shares[0] + l.shares[1];
    labels.sort_by(|x, y| {
        let by_times = times(y.label).cmp(&times(x.label));
        by_times.then(used(y).total_cmp(&used(x))).then(x.label.cmp(&y.label))
    });
    let mut labels: Vec<LabelId> = labels.into_iter().take(MOST_IN_PLAY).map(|l| l.label).collect();
    labels.sort_unstable();
    labels
}

/// Items by what a side has ahead.
fn said_by(found: &Comparison, side: usize) -> Vec<(LabelId, Arc<[u32]>)> {
    let mut items: BTreeMap<LabelId, Vec<u32>> = BTreeMap::new();
    for m in &found.meetings {
        items.entry([m.a, m.b][side]).or_default().extend(&m.items);
    }
    let sorted = items.into_iter().map(|(label, mut items)| {
        items.sort_unstable();
        (label, items.into())
    });
    sorted.collect()
}

/// Votes of both sides in one table, and the side of each of its raters. A side that is no rater is one more.
fn together<'a>(
    a: &Speaker,
    b: &Speaker,
    side_of: &[u8],
    dataset: &'a Dataset,
    progress: &Progress,
) -> Result<(Cow<'a, Annotations>, Vec<u8>), Cancelled> {
    let (n, n_raters) = (dataset.n_items(), dataset.raters.len());
    let mut sides = side_of.to_vec();
    sides.extend([0, 1]);
    let is_votes = |s: &Speaker| matches!(s, Speaker::Votes { .. });
    if is_votes(a) && is_votes(b) {
        let votes = if side_of.iter().all(|s| *s < 2) {
            Cow::Borrowed(&dataset.annotations)
        } else {
            Cow::Owned(dataset.annotations.keep(|_, r| side_of.get(r as usize).is_some_and(|s| *s < 2)))
        };
        return Ok((votes, sides));
    }
    let mut builder = AnnotationsBuilder::new();
    let mut said = Vec::new();
    for item in 0..n {
        if item % 65_536 == 0 {
            progress.check()?;
        }
        for (side, speaker) in [a, b].into_iter().enumerate() {
            if let Speaker::Votes { votes, .. } = speaker {
                let own =
                    votes.of_item(item).filter(|v| side_of.get(v.rater as usize) == Some(&(side as u8)));
                own.for_each(|v| builder.push(item as u32, v.rater, v.label, None));
            } else {
                said.clear();
                speaker.read(item, &mut said);
                // The most probable label, the first of those that tie.
                if let Some(&(label, _)) = said.iter().rev().max_by(|x, y| x.1.total_cmp(&y.1)) {
                    builder.push(item as u32, (n_raters + side) as u32, label, None);
                }
            }
        }
    }
    Ok((Cow::Owned(builder.finish(n, n_raters + 2)), sides))
}

#[cfg(test)]
mod tests;
