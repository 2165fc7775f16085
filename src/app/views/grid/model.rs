//! Items that are alike, and what would be decided on them together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::analysis::Analysis;
use crate::app::document::Document;
use crate::app::widgets::palette::Choice;
use crate::dataset::{Dataset, Edits, LabelId, NO_LABEL};
use crate::review::Action;

/// Most items that are decided on in one step: one event of the log, one undo.
pub const MOST: usize = 10_000;

/// Undecided items that are flagged with one given label ([`NO_LABEL`] where there is none) and one suggestion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What is given.
    pub given: LabelId,
    /// What is suggested.
    pub suggested: LabelId,
    /// Which, the most suspicious first.
    pub items: Arc<[u32]>,
}

/// All groups, the largest first, equal ones by label. Part of the analysis job.
pub fn groups(analysis: &Analysis, edits: &Edits) -> Vec<Group> {
    let mut by_pair: BTreeMap<(LabelId, LabelId), Vec<u32>> = BTreeMap::new();
    let items = &analysis.items;
    for (item, &flagged) in items.flagged.iter().enumerate() {
        let (Some(&given), Some(&suggested)) = (analysis.given.current.get(item), items.suggested.get(item))
        else {
            continue;
        };
        if flagged && suggested != NO_LABEL && suggested != given && edits.get(item).is_none() {
            by_pair.entry((given, suggested)).or_default().push(item as u32);
        }
    }
    let quality = |&item: &u32| items.quality(item as usize).unwrap_or(f64::INFINITY);
    let mut groups: Vec<Group> = by_pair
        .into_iter()
        .map(|((given, suggested), mut items)| {
            items.sort_by(|a, b| quality(a).total_cmp(&quality(b)));
            Group { given, suggested, items: items.into() }
        })
        .collect();
    groups.sort_by_key(|g| std::cmp::Reverse(g.items.len()));
    groups
}

/// Which items stand in the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chosen {
    /// Those flagged with one given label and one suggestion.
    Pair(LabelId, LabelId),
    /// Those of the filter, decided or not.
    Shown,
}

/// What is decided on each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The suggestion is right.
    Suggestion,
    /// The label that stands there is right.
    Keep,
    /// This label is right.
    Label(LabelId),
    /// What this rater said is right, where the rater labelled the item once, or alike.
    Rater(u32),
}

impl Answer {
    /// What it decides on `item`; `None` where it says nothing.
    pub fn action(self, doc: &Document, item: u32) -> Option<Action> {
        let analysis = doc.analysis.as_ref()?;
        let i = item as usize;
        match self {
            Self::Suggestion => {
                let label = *analysis.items.suggested.get(i)?;
                (label != NO_LABEL).then_some(Action::AcceptSuggestion(label))
            }
            Self::Keep => {
                let label = *analysis.given.current.get(i)?;
                (label != NO_LABEL).then_some(Action::Keep)
            }
            Self::Label(label) => Some(Action::Relabel(label)),
            Self::Rater(rater) => {
                let mut said =
                    doc.dataset.annotations.of_item(i).filter(|a| a.rater == rater).map(|a| a.label);
                let label = said.next()?;
                said.all(|l| l == label).then_some(Action::AdoptRater { rater, label })
            }
        }
    }
}

/// What can be chosen by name to be decided on the items: made once, when it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridAnswers {
    /// What is asked.
    pub title: &'static str,
    /// The answers.
    pub answers: Vec<Answer>,
    /// Their names, in the same order.
    pub choices: Vec<Choice>,
}

impl GridAnswers {
    fn named(title: &'static str, names: &[String], answer: fn(u32) -> Answer) -> Self {
        let choice = |name: &String| Choice { name: name.clone(), hint: String::new(), key: String::new() };
        Self {
            title,
            answers: (0..names.len() as u32).map(answer).collect(),
            choices: names.iter().map(choice).collect(),
        }
    }

    /// What one of the raters said.
    pub fn raters(dataset: &Dataset) -> Self {
        Self::named("Take whose labels?", &dataset.raters.names, Answer::Rater)
    }

    /// One of the labels.
    pub fn labels(dataset: &Dataset) -> Self {
        let names: Vec<String> =
            (0..dataset.labels.len()).map(|l| dataset.labels.name(l as LabelId).to_owned()).collect();
        Self::named("Set which label?", &names, Answer::Label)
    }
}

/// What would be decided.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// Item and decision, in the order of the grid; at most [`MOST`].
    pub decisions: Vec<(usize, Action)>,
    /// Items marked as exceptions, left alone.
    pub exceptions: usize,
    /// Items that were decided before, left alone.
    pub decided: usize,
    /// Items on which the answer says nothing, left alone.
    pub silent: usize,
    /// Items beyond [`MOST`], for the next step.
    pub later: usize,
}

/// What `answer` would decide on `items` without `exceptions`.
pub fn plan(doc: &Document, items: &[u32], answer: Answer, exceptions: &BTreeSet<u32>) -> Plan {
    let mut plan = Plan { later: items.len().saturating_sub(MOST), ..Plan::default() };
    for &item in items.iter().take(MOST) {
        if exceptions.contains(&item) {
            plan.exceptions += 1;
        } else if doc.edits().get(item as usize).is_some() {
            plan.decided += 1;
        } else if let Some(action) = answer.action(doc, item) {
            plan.decisions.push((item as usize, action));
        } else {
            plan.silent += 1;
        }
    }
    plan
}

impl Plan {
    /// How many items get each label, the commonest first, equal ones by label.
    pub fn by_label(&self, doc: &Document) -> Vec<(LabelId, usize)> {
        let mut counts: BTreeMap<LabelId, usize> = BTreeMap::new();
        for (item, action) in &self.decisions {
            let label = match action {
                Action::Keep => doc.analysis.as_ref().and_then(|a| a.given.current.get(*item)).copied(),
                Action::AcceptSuggestion(l) | Action::Relabel(l) | Action::AdoptRater { label: l, .. } => {
                    Some(*l)
                }
                _ => None,
            };
            *counts.entry(label.unwrap_or(NO_LABEL)).or_default() += 1;
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|&(_, n)| std::cmp::Reverse(n));
        counts
    }
}
