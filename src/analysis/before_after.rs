//! What a review has changed so far: labels and disagreement *before* (as the source has them) against *now* (with the decisions).
//!
//! No decision changes a rater's vote, so that both sides are held against the same votes; what differs is the given label and
//! what depends on it. The side before is computed once and handed on from one report to the next.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Analysis, run};
use crate::dataset::{Dataset, Edits, LabelId, NO_LABEL, Outcome};
use crate::progress::{Cancelled, Progress};
use crate::stats::nutrition::imbalance;
use crate::stats::{Estimate, Statistic, Undefined};

/// What is compared.
#[derive(Debug, Clone)]
pub struct BeforeAsked {
    /// The decisions that the analysis now was computed with.
    pub edits: Arc<Edits>,
    /// The side before, where an earlier report has it: of the same data and settings.
    pub before: Option<Arc<Analysis>>,
}

impl PartialEq for BeforeAsked {
    // What is known already changes how long it takes, not what comes out.
    fn eq(&self, other: &Self) -> bool {
        self.edits == other.edits
    }
}

/// Parts of the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Health of the labels.
    Health,
    /// Given labels against the raters.
    Disagreement,
    /// What was decided.
    Review,
}

impl Part {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Health => "Health of the labels",
            Self::Disagreement => "Labels against raters",
            Self::Review => "Decisions",
        }
    }
}

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A number of items.
    Count,
    /// A share, in 0..=1.
    Share,
    /// Any other number.
    Number,
}

/// One thing that is compared.
#[derive(Debug, PartialEq, Eq)]
pub struct Measure {
    /// Key in reports.
    pub key: &'static str,
    /// In words.
    pub words: &'static str,
    /// What the items behind it are, as it follows "where".
    pub items: &'static str,
    /// What the number is.
    pub hint: &'static str,
    /// Where it stands.
    pub part: Part,
    /// How it is written.
    pub unit: Unit,
}

macro_rules! measures {
    ($($name:ident: $part:ident, $unit:ident, $key:literal, $words:literal, $items:literal, $hint:literal;)*) => {
        $(static $name: Measure = Measure {
            key: $key, words: $words, items: $items, hint: $hint, part: Part::$part, unit: Unit::$unit,
        };)*
    };
}

measures! {
    WRONG: Health, Share, "wrong_labels_estimated", "Wrong labels, estimated", "a label issue",
        "Confident learning: the share of labels off the diagonal of the confident joint, 1 − health";
    FLAGS: Health, Count, "label_issues", "Label issues", "a label issue", "Items whose given label is flagged, decided or not";
    OPEN: Health, Count, "label_issues_open", "Label issues without a decision", "a label issue without a decision",
        "Items that are flagged and wait for a decision";
    QUALITY: Health, Number, "label_quality_mean", "Label quality, mean", "a label quality", "Of items that have a label and a quality";
    LABELLED: Health, Count, "labelled", "Items with one label", "one label",
        "Ties, items with several labels, soft labels, no label or excluded ones have none";
    EVENNESS: Health, Number, "evenness", "Balance of the labels", "one label",
        "Evenness: entropy of the labels over ln K, 1 if all labels are as frequent";
    AGREE: Disagreement, Share, "agreement_with_majority", "Given label is the majority’s", "the given label is the majority’s",
        "Of items with a given label and without a tie. Votes are the same before and now";
    PARTED: Disagreement, Count, "given_not_majority", "Given label is not the majority’s", "the given label is not the majority’s",
        "Items with a given label and a majority that differ";
    DECIDED: Review, Share, "flagged_decided", "Label issues decided", "a label issue of the source that was decided",
        "Of the items that were flagged before the review";
    KEPT: Review, Count, "kept", "Kept", "the label was kept", "The label that stood there is right";
    CHANGED: Review, Count, "changed", "Changed", "the label was changed", "Another label is right";
    AMBIGUOUS: Review, Count, "ambiguous", "Ambiguous", "several labels or a soft label",
        "More than one label is right, or each in its share";
    OTHER: Review, Count, "no_label_left", "None right, or excluded", "no label is right, or excluded",
        "No label of the set is right, or the item is no part of the clean set";
    UNSURE: Review, Count, "unsure", "Unsure", "left for somebody else", "Left for somebody else; the label stands";
}

/// A number on one side, and the items behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// The number.
    pub value: Statistic,
    /// Items behind it, ascending.
    pub items: Arc<[u32]>,
}

/// A number before and now.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Of what.
    pub measure: &'static Measure,
    /// As the source has it.
    pub before: Side,
    /// With the decisions.
    pub now: Side,
    /// Items that are behind one of them only, or whose part in the number changed; ascending.
    pub changed: Arc<[u32]>,
}

impl Change {
    /// Now less before.
    pub fn difference(&self) -> Statistic {
        match (&self.before.value, &self.now.value) {
            (Statistic::Defined(a), Statistic::Defined(b)) => {
                Estimate::new(b.value - a.value, b.n_items, 0).into()
            }
            (Statistic::Undefined(reason), _) | (_, Statistic::Undefined(reason)) => reason.clone().into(),
        }
    }
}

/// How many items have a label before and now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelCount {
    /// Which; [`NO_LABEL`] for items without one.
    pub label: LabelId,
    /// As the source has it.
    pub before: usize,
    /// With the decisions.
    pub now: usize,
    /// Items that got it or lost it, ascending.
    pub changed: Arc<[u32]>,
}

/// What a label became.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum To {
    /// Another label.
    Label(LabelId),
    /// Several labels.
    Several,
    /// A soft label.
    Soft,
    /// None of the labels.
    NoneOfLabels,
    /// Not part of the clean set.
    Excluded,
}

impl To {
    /// In words; a label by its name.
    pub fn words(self, dataset: &Dataset) -> String {
        match self {
            Self::Label(label) => dataset.labels.name(label).to_owned(),
            Self::Several => "several labels".to_owned(),
            Self::Soft => "a soft label".to_owned(),
            Self::NoneOfLabels => "none of the labels".to_owned(),
            Self::Excluded => "excluded".to_owned(),
        }
    }

    /// Key in reports; `label` where it is one.
    pub fn key(self) -> &'static str {
        match self {
            Self::Label(_) => "label",
            Self::Several => "several",
            Self::Soft => "soft_label",
            Self::NoneOfLabels => "none_of_labels",
            Self::Excluded => "excluded",
        }
    }
}

/// Items whose label became another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// From which; [`NO_LABEL`] where there was none.
    pub from: LabelId,
    /// What it became.
    pub to: To,
    /// Which items, ascending.
    pub items: Arc<[u32]>,
}

/// What a review has changed so far.
#[derive(Debug, Clone)]
pub struct BeforeAfter {
    /// The side before.
    pub before: Arc<Analysis>,
    /// Items with a decision.
    pub n_decided: usize,
    /// Numbers in the order of their parts.
    pub changes: Vec<Change>,
    /// One a label in label order, then items without one if there are any.
    pub labels: Vec<LabelCount>,
    /// What became what, the commonest first (ties in label order).
    pub flow: Vec<Flow>,
}

impl BeforeAfter {
    /// The change of this key.
    pub fn change(&self, key: &str) -> Option<&Change> {
        self.changes.iter().find(|c| c.measure.key == key)
    }
}

/// Compares the labels of the source with those of `now`, an analysis with `asked.edits`. Undefined before the first decision.
pub fn before_after(
    dataset: &Dataset,
    now: &Analysis,
    asked: &BeforeAsked,
    progress: &Progress,
) -> Result<Result<BeforeAfter, Undefined>, Cancelled> {
    let edits = &*asked.edits;
    if edits.is_empty() {
        return Ok(Err(Undefined::Because("nothing was decided yet".to_owned())));
    }
    let known = asked.before.clone().filter(|b| {
        b.settings == now.settings
            && b.given.original == now.given.original
            && Arc::ptr_eq(&b.raters, &now.raters)
    });
    let before = match known {
        Some(before) => before,
        None => Arc::new(run(dataset, &Edits::new(), &now.settings, Some(now), progress)?),
    };
    progress.stage("Before and after", 0);
    let mut changes = Vec::new();
    health(&before, now, edits, dataset.labels.len(), &mut changes);
    progress.check()?;
    disagreement(dataset, &before, now, &mut changes);
    progress.check()?;
    decisions(&before, edits, &mut changes);
    progress.check()?;
    Ok(Ok(BeforeAfter {
        n_decided: edits.len(),
        changes,
        labels: label_counts(now, edits, dataset.labels.len()),
        flow: flow(&now.given.original, edits),
        before,
    }))
}

fn health(before: &Analysis, now: &Analysis, edits: &Edits, n_labels: usize, out: &mut Vec<Change>) {
    let flagged = |a: &Analysis| rows(a, |i| a.items.flagged[i]);
    let flags = [flagged(before), flagged(now)];
    let wrong = |a: &Analysis| -> Statistic {
        match &*a.confident {
            Ok(c) => {
                let share = c.num_off_diagonal as f64 / c.rows.len().max(1) as f64;
                Estimate::new(share, c.rows.len(), 0).into()
            }
            Err(reason) => reason.clone().into(),
        }
    };
    out.push(change(&WRONG, [wrong(before), wrong(now)], flags.clone()));
    let flag_counts = flags.clone().map(|f| counted(&f));
    out.push(change(&FLAGS, flag_counts, flags.clone()));
    let [all, _] = flags;
    let open = rows(now, |i| now.items.flagged[i] && edits.get(i).is_none());
    out.push(change(&OPEN, [counted(&all), counted(&open)], [all, open]));

    let mean = |a: &Analysis| -> Statistic {
        let (n, sum) = (0..a.given.current.len())
            .filter_map(|i| a.items.quality(i))
            .fold((0_u32, 0.0), |(n, sum), q| (n + 1, sum + q));
        if n == 0 {
            return Undefined::Because("no item has a label quality".to_owned()).into();
        }
        Estimate::new(sum / f64::from(n), n as usize, 0).into()
    };
    let of_quality = |a: &Analysis| rows(a, |i| a.items.quality(i).is_some());
    let changed = rows(now, |i| before.items.quality(i) != now.items.quality(i));
    let quality = change(&QUALITY, [mean(before), mean(now)], [of_quality(before), of_quality(now)]);
    out.push(Change { changed, ..quality });

    let labels = |a: &Analysis| -> (Arc<[u32]>, Statistic) {
        let mut counts = vec![0_u64; n_labels];
        for &label in &a.given.current {
            if let Some(n) = counts.get_mut(label as usize) {
                *n += 1;
            }
        }
        (rows(a, |i| a.given.current[i] != NO_LABEL), imbalance(&counts).evenness)
    };
    let ((was, was_even), (is, is_even)) = (labels(before), labels(now));
    out.push(change(&LABELLED, [counted(&was), counted(&is)], [was.clone(), is.clone()]));
    let evenness = change(&EVENNESS, [was_even, is_even], [was, is]);
    let changed = rows(now, |i| before.given.current[i] != now.given.current[i]);
    out.push(Change { changed, ..evenness });
}

fn disagreement(dataset: &Dataset, before: &Analysis, now: &Analysis, out: &mut Vec<Change>) {
    let majority =
        |item: usize| now.aggregation.majority.label.get(item).copied().filter(|&label| label != NO_LABEL);
    // Whether the given label is the majority's; `None` where one of them is missing.
    let agrees = |a: &Analysis, item: usize| {
        let given = a.given.current.get(item).copied().filter(|&label| label != NO_LABEL)?;
        Some(majority(item)? == given)
    };
    let of = |a: &Analysis, wanted: bool| rows(a, |i| agrees(a, i) == Some(wanted));
    let (alike, parted) = ([of(before, true), of(now, true)], [of(before, false), of(now, false)]);
    let sides = |at: usize| -> [Statistic; 2] {
        let n = alike[at].len() + parted[at].len();
        let reason = if dataset.annotations.is_empty() {
            Undefined::NoAnnotations
        } else {
            Undefined::Because("no item has both a given label and a majority".to_owned())
        };
        if n == 0 {
            return [reason.clone().into(), reason.into()];
        }
        let share = Estimate::new(alike[at].len() as f64 / n as f64, n, 0);
        [share.into(), Estimate::new(parted[at].len() as f64, n, 0).into()]
    };
    let ([share_before, n_before], [share_now, n_now]) = (sides(0), sides(1));
    out.push(change(&AGREE, [share_before, share_now], alike));
    out.push(change(&PARTED, [n_before, n_now], parted));
}

fn decisions(before: &Analysis, edits: &Edits, out: &mut Vec<Change>) {
    let none: Arc<[u32]> = Arc::default();
    let n_flagged = before.items.flagged.iter().filter(|f| **f).count();
    let of = |wanted: &dyn Fn(usize, &Outcome) -> bool| -> Arc<[u32]> {
        edits.iter().filter(|(i, e)| wanted(*i, &e.outcome)).map(|(i, _)| i as u32).collect()
    };
    let decided = of(&|i, _| before.items.flagged.get(i).copied().unwrap_or(false));
    let share = |n: usize| -> Statistic {
        if n_flagged == 0 {
            return Undefined::Because("no item was flagged before the review".to_owned()).into();
        }
        Estimate::new(n as f64 / n_flagged as f64, n_flagged, 0).into()
    };
    out.push(change(&DECIDED, [share(0), share(decided.len())], [none.clone(), decided]));
    let several = |o: &Outcome| matches!(o, Outcome::Several(_) | Outcome::Soft(_));
    let lists = [
        (&KEPT, of(&|_, o| matches!(o, Outcome::Kept(_)))),
        (&CHANGED, of(&|_, o| matches!(o, Outcome::Changed(_)))),
        (&AMBIGUOUS, of(&|_, o| several(o))),
        (&OTHER, of(&|_, o| matches!(o, Outcome::NoneOfLabels | Outcome::Excluded))),
        (&UNSURE, of(&|_, o| matches!(o, Outcome::Unsure))),
    ];
    for (measure, items) in lists {
        out.push(change(measure, [counted(&none), counted(&items)], [none.clone(), items]));
    }
}

fn label_counts(now: &Analysis, edits: &Edits, n_labels: usize) -> Vec<LabelCount> {
    let original = &now.given.original;
    // The last slot is for items without a label.
    let slot = |label: LabelId| (label as usize).min(n_labels);
    let mut counts = vec![(0_usize, 0_usize); n_labels + 1];
    for (&was, &is) in original.iter().zip(&now.given.current) {
        counts[slot(was)].0 += 1;
        counts[slot(is)].1 += 1;
    }
    let mut changed: Vec<Vec<u32>> = vec![Vec::new(); n_labels + 1];
    for (item, _) in edits.iter() {
        let (Some(&was), Some(&is)) = (original.get(item), now.given.current.get(item)) else { continue };
        if was != is {
            changed[slot(was)].push(item as u32);
            changed[slot(is)].push(item as u32);
        }
    }
    let label = |at: usize| if at == n_labels { NO_LABEL } else { at as LabelId };
    counts
        .into_iter()
        .zip(changed)
        .enumerate()
        .filter(|(at, (n, _))| *at < n_labels || *n != (0, 0))
        .map(|(at, ((before, now), changed))| LabelCount {
            label: label(at),
            before,
            now,
            changed: changed.into(),
        })
        .collect()
}

fn flow(original: &[LabelId], edits: &Edits) -> Vec<Flow> {
    let mut found: BTreeMap<(LabelId, To), Vec<u32>> = BTreeMap::new();
    for (item, edit) in edits.iter() {
        let Some(&from) = original.get(item) else { continue };
        let to = match edit.outcome {
            Outcome::Kept(label) | Outcome::Changed(label) if label == from => continue,
            Outcome::Kept(label) | Outcome::Changed(label) => To::Label(label),
            Outcome::Several(_) => To::Several,
            Outcome::Soft(_) => To::Soft,
            Outcome::NoneOfLabels => To::NoneOfLabels,
            Outcome::Excluded => To::Excluded,
            Outcome::Unsure => continue,
        };
        found.entry((from, to)).or_default().push(item as u32);
    }
    let mut flow: Vec<Flow> =
        found.into_iter().map(|((from, to), items)| Flow { from, to, items: items.into() }).collect();
    flow.sort_by_key(|f| std::cmp::Reverse(f.items.len()));
    flow
}

/// Items of `a` that `wanted` holds for, ascending.
fn rows(a: &Analysis, wanted: impl Fn(usize) -> bool) -> Arc<[u32]> {
    (0..a.given.current.len()).filter(|&i| wanted(i)).map(|i| i as u32).collect()
}

fn counted(items: &[u32]) -> Statistic {
    Estimate::new(items.len() as f64, items.len(), 0).into()
}

fn change(measure: &'static Measure, values: [Statistic; 2], items: [Arc<[u32]>; 2]) -> Change {
    let changed = unlike(&items[0], &items[1]);
    let ([before, now], [was, is]) = (values, items);
    Change {
        measure,
        before: Side { value: before, items: was },
        now: Side { value: now, items: is },
        changed,
    }
}

/// What is in one of two ascending lists only.
fn unlike(a: &[u32], b: &[u32]) -> Arc<[u32]> {
    let (mut i, mut j, mut out) = (0, 0, Vec::new());
    loop {
        match (a.get(i), b.get(j)) {
            (Some(x), Some(y)) if x == y => (i, j) = (i + 1, j + 1),
            (Some(&x), y) if y.is_none_or(|&y| x < y) => {
                out.push(x);
                i += 1;
            }
            (_, Some(&y)) => {
                out.push(y);
                j += 1;
            }
            _ => return out.into(),
        }
    }
}

#[cfg(test)]
mod tests;
