//! What became of each rater's labels: what goes back to them, and what they may learn from it.
//!
//! A label is *confirmed* if it is the label that was decided, and *reversed* if another one was, or none of the labels. Where
//! several labels are right, a decision is still open, or the item was taken out, the label is neither: it is said apart. Decided
//! items are mostly those that were under suspicion, so that the share of reversed labels speaks of them alone.

use std::collections::BTreeMap;

use crate::dataset::{Dataset, DuplicateRule, Edits, LabelId, Outcome};
use crate::progress::{Cancelled, Progress};
use crate::stats::Statistic;
use crate::stats::proportion::share;

/// What became of one label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// Another label is right, or none.
    Reversed,
    /// Several are right, it is open, or the item was taken out.
    Apart,
    /// It is right.
    Confirmed,
}

/// One label of a rater on an item that was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Item number.
    pub item: u32,
    /// What the rater said.
    pub own: LabelId,
    /// What became of it.
    pub fate: Fate,
}

/// What became of the labels of one rater.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// Rater number.
    pub rater: u32,
    /// All labels of the rater, each item once.
    pub n_votes: usize,
    /// Those on decided items, in the data's order.
    pub lines: Vec<Line>,
    /// Share of reversed labels among confirmed and reversed ones, with Wilson's interval.
    pub reversed: Statistic,
    /// What was reversed into what, and how often: the most frequent first. `None`: none of the labels.
    pub pairs: Vec<(LabelId, Option<LabelId>, usize)>,
}

impl Sheet {
    /// How many labels met this fate.
    pub fn n(&self, fate: Fate) -> usize {
        self.lines.iter().filter(|l| l.fate == fate).count()
    }

    /// How often each label met this fate, in label order.
    pub fn by_label(&self, fate: Fate) -> Vec<(LabelId, usize)> {
        let mut counts: BTreeMap<LabelId, usize> = BTreeMap::new();
        self.lines.iter().filter(|l| l.fate == fate).for_each(|l| *counts.entry(l.own).or_default() += 1);
        counts.into_iter().collect()
    }
}

/// One sheet a rater with a label on a decided item, in the raters' order. Where a rater labelled an item more than once, the
/// last label counts.
///
/// # Errors
/// Why there can be none: nobody knows who gave which label.
pub fn feedback(
    dataset: &Dataset,
    edits: &Edits,
    progress: &Progress,
) -> Result<Result<Vec<Sheet>, String>, Cancelled> {
    if !dataset.raters.are_known() || dataset.annotations.is_empty() {
        let why = "the data does not say who gave which label, so there is nobody to send anything back to";
        return Ok(Err(why.to_owned()));
    }
    let resolved;
    let votes = if dataset.annotations.n_duplicates() > 0 {
        resolved = dataset.annotations.resolved(DuplicateRule::Last);
        &resolved
    } else {
        &dataset.annotations
    };
    let n = dataset.raters.len();
    let mut lines: Vec<Vec<Line>> = vec![Vec::new(); n];
    let mut pairs: Vec<BTreeMap<(LabelId, Option<LabelId>), usize>> = vec![BTreeMap::new(); n];
    progress.stage("Feedback", edits.len() as u64);
    for (at, (item, edit)) in edits.iter().enumerate() {
        if at % 1024 == 0 {
            progress.check()?;
        }
        progress.add(1);
        if item >= votes.n_items() {
            continue;
        }
        for vote in votes.of_item(item) {
            let (own, rater) = (vote.label, vote.rater as usize);
            let right = match edit.outcome {
                Outcome::Kept(l) | Outcome::Changed(l) => Some(Some(l)),
                Outcome::NoneOfLabels => Some(None),
                Outcome::Several(_) | Outcome::Soft(_) | Outcome::Unsure | Outcome::Excluded => None,
            };
            let fate = match right {
                None => Fate::Apart,
                Some(right) if right == Some(own) => Fate::Confirmed,
                Some(right) => {
                    *pairs[rater].entry((own, right)).or_default() += 1;
                    Fate::Reversed
                }
            };
            lines[rater].push(Line { item: item as u32, own, fate });
        }
    }
    let sheets = lines.into_iter().zip(pairs).enumerate().filter(|(_, (lines, _))| !lines.is_empty());
    let sheets = sheets.map(|(rater, (lines, pairs))| {
        let mut pairs: Vec<_> = pairs.into_iter().map(|((from, to), n)| (from, to, n)).collect();
        pairs.sort_by_key(|&(from, to, n)| (std::cmp::Reverse(n), from, to));
        let count = |fate| lines.iter().filter(|l: &&Line| l.fate == fate).count();
        let (reversed, confirmed) = (count(Fate::Reversed), count(Fate::Confirmed));
        Sheet {
            rater: rater as u32,
            n_votes: votes.rows_of_rater(rater).len(),
            reversed: share(reversed, reversed + confirmed, "no label was confirmed or reversed"),
            lines,
            pairs,
        }
    });
    Ok(Ok(sheets.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{AnnotationsBuilder, Edit, LabelSet, Raters, TextColumn};

    fn sample() -> Dataset {
        let mut b = AnnotationsBuilder::new();
        // Ana on all items, Ben on the first three; Chi on none that is decided.
        for (item, label) in [(0, 0), (1, 0), (2, 1), (3, 1), (4, 0), (5, 2)] {
            b.push(item, 0, label, None);
        }
        for (item, label) in [(0, 1), (1, 0), (2, 2)] {
            b.push(item, 1, label, None);
        }
        b.push(6, 2, 0, None);
        Dataset {
            keys: (0..7).map(|i| format!("t{i}")).collect::<TextColumn>(),
            labels: LabelSet::new(&["a", "b", "c"].map(str::to_owned), []),
            raters: Raters { names: ["Ana", "Ben", "Chi"].map(str::to_owned).to_vec(), ..Raters::default() },
            annotations: b.finish(7, 3),
            ..Dataset::default()
        }
    }

    #[test]
    fn confirmed_reversed_and_neither_by_hand() {
        let mut edits = Edits::new();
        for (item, outcome) in [
            (0, Outcome::Kept(0)),
            (1, Outcome::Changed(1)),
            (2, Outcome::NoneOfLabels),
            (3, Outcome::Several(vec![0, 1])),
            (4, Outcome::Unsure),
            (5, Outcome::Excluded),
        ] {
            edits.set(item, Edit::new(outcome, "r"));
        }
        let sheets = feedback(&sample(), &edits, &Progress::new()).unwrap().unwrap();
        assert_eq!(sheets.iter().map(|s| s.rater).collect::<Vec<_>>(), [0, 1], "Chi has nothing to hear");
        let ana = &sheets[0];
        assert_eq!(ana.n_votes, 6);
        assert_eq!((ana.n(Fate::Confirmed), ana.n(Fate::Reversed), ana.n(Fate::Apart)), (1, 2, 3));
        assert_eq!(ana.pairs, [(0, Some(1), 1), (1, None, 1)]);
        assert!((ana.reversed.value().unwrap() - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(ana.by_label(Fate::Apart), [(0, 1), (1, 1), (2, 1)]);
        let ben = &sheets[1];
        assert_eq!((ben.n(Fate::Confirmed), ben.n(Fate::Reversed), ben.n(Fate::Apart)), (0, 3, 0));
        // Nothing that is apart is in the share.
        let mut open = Edits::new();
        open.set(4, Edit::new(Outcome::Unsure, "r"));
        let sheets = feedback(&sample(), &open, &Progress::new()).unwrap().unwrap();
        assert_eq!((sheets.len(), sheets[0].reversed.value()), (1, None));
    }

    #[test]
    fn without_names_there_is_nobody_to_send_it_to() {
        let mut d = sample();
        d.raters.anonymous = true;
        assert!(feedback(&d, &Edits::new(), &Progress::new()).unwrap().is_err());
        assert!(feedback(&Dataset::default(), &Edits::new(), &Progress::new()).unwrap().is_err());
    }
}
