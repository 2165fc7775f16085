//! What a reviewer does, and what the log says of it.

use super::ReviewError;
use crate::dataset::{Dataset, LabelId, Shares};
use crate::review::event::{After, Verb};

/// What a reviewer decides on an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// The label under suspicion is right.
    Keep,
    /// The suggested label is right.
    AcceptSuggestion(LabelId),
    /// A rater's label is right.
    AdoptRater {
        /// Rater number.
        rater: u32,
        /// The label that the rater gave.
        label: LabelId,
    },
    /// Another label is right.
    Relabel(LabelId),
    /// More than one label is right.
    Several(Vec<LabelId>),
    /// It is ambiguous: labels apply in these shares.
    Soft(Shares),
    /// None of the labels is right.
    NoneOfLabels,
    /// Not part of the clean set.
    Exclude,
    /// Left for somebody else.
    Unsure,
}

/// The words of the log for `action` on an item at which `stood` stands.
pub(super) fn said(
    dataset: &Dataset,
    key: &str,
    stood: Option<LabelId>,
    action: Action,
) -> Result<(Verb, Option<After>, Option<String>), ReviewError> {
    let known = |label: LabelId| {
        if (label as usize) < dataset.labels.len() { Ok(label) } else { Err(ReviewError::NoSuchLabel(label)) }
    };
    let one = |label: LabelId| known(label).map(|l| Some(After::label(dataset.labels.name(l))));
    Ok(match action {
        Action::Keep => {
            let label = stood.ok_or_else(|| ReviewError::NoLabelToKeep(key.to_owned()))?;
            (Verb::Keep, one(label)?, None)
        }
        // Choosing the label that stands there is keeping it, whichever way it was chosen from.
        Action::Relabel(label) if Some(label) == stood => (Verb::Keep, one(label)?, None),
        Action::Relabel(label) => (Verb::Relabel, one(label)?, None),
        Action::AcceptSuggestion(label) => (Verb::AcceptSuggestion, one(label)?, None),
        Action::AdoptRater { rater, label } => {
            (Verb::AdoptRater, one(label)?, dataset.raters.names.get(rater as usize).cloned())
        }
        Action::Several(mut labels) => {
            labels.sort_unstable();
            labels.dedup();
            match labels[..] {
                [] => return Err(ReviewError::Nothing),
                [label] => return said(dataset, key, stood, Action::Relabel(label)),
                _ => {}
            }
            let values = labels
                .into_iter()
                .map(|l| known(l).map(|l| dataset.labels.name(l).to_owned()))
                .collect::<Result<_, _>>()?;
            (Verb::Multi, Some(After::Values { values }), None)
        }
        Action::Soft(shares) => {
            let dist = shares
                .iter()
                .map(|(l, share)| known(l).map(|l| (dataset.labels.name(l).to_owned(), share)))
                .collect::<Result<_, _>>()?;
            (Verb::SoftLabel, Some(After::Dist { dist }), None)
        }
        Action::NoneOfLabels => (Verb::NoneOfClasses, Some(After::Values { values: Vec::new() }), None),
        Action::Exclude => (Verb::Exclude, None, None),
        Action::Unsure => (Verb::Unsure, Some(After::Value { value: None }), None),
    })
}
