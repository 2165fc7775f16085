//! Raw facts of an item, recorded with a decision and compared before it is applied again.
//!
//! A fact is what stands in the source: the given cell, or the votes. Never an aggregate, so that another
//! method of consensus makes no decision stale.

use std::collections::BTreeMap;

use super::event::{After, Basis, Before, Ruling, Verb};
use super::replay::StaleReason;
use crate::dataset::{Dataset, LabelId, NO_LABEL, Outcome, Shares};

/// Labels with the most votes on `item`, in label order; empty without a vote.
fn leaders(dataset: &Dataset, item: usize) -> Vec<LabelId> {
    let votes = dataset.votes(item);
    let most = votes.iter().map(|&(_, n)| n).max();
    votes.into_iter().filter(|&(_, n)| Some(n) == most).map(|(l, _)| l).collect()
}

/// The label under suspicion: the given cell, else `consensus` where one was set, else the majority. `None`
/// where the cell is empty or the votes are tied.
pub(super) fn label_under_suspicion(
    dataset: &Dataset,
    consensus: Option<&[LabelId]>,
    item: usize,
) -> Option<LabelId> {
    if let Some(given) = &dataset.given {
        return given.get(item);
    }
    if let Some(column) = consensus {
        return column.get(item).copied().filter(|&l| l != NO_LABEL);
    }
    match leaders(dataset, item)[..] {
        [one] => Some(one),
        _ => None,
    }
}

/// The facts of `item`, as a decision records them.
pub(super) fn before(dataset: &Dataset, consensus: Option<&[LabelId]>, item: usize) -> Before {
    let label = label_under_suspicion(dataset, consensus, item);
    let value = label.map(|l| dataset.labels.name(l).to_owned());
    if dataset.given.is_some() {
        return Before { value, basis: Basis::Given, votes: None };
    }
    let leaders = leaders(dataset, item);
    let basis = match (label, &leaders[..]) {
        (Some(l), [one]) if l == *one => Basis::Majority,
        (Some(_), _) => Basis::Model,
        (None, _) => Basis::Tie,
    };
    Before { value, basis, votes: Some(named_votes(dataset, item)) }
}

fn named_votes(dataset: &Dataset, item: usize) -> BTreeMap<String, u32> {
    dataset.votes(item).into_iter().map(|(l, n)| (dataset.labels.name(l).to_owned(), n)).collect()
}

fn votes_in_words(votes: &BTreeMap<String, u32>) -> String {
    if votes.is_empty() {
        return "none".to_owned();
    }
    votes.iter().map(|(l, n)| format!("{n} {l}")).collect::<Vec<_>>().join(", ")
}

fn or_none(value: Option<&str>) -> String {
    value.map_or_else(|| "no label".to_owned(), |v| format!("“{v}”"))
}

/// Why `before` does not hold of `item`, if it does not. `current` is the decision that stands there so far.
pub(super) fn contradiction(
    dataset: &Dataset,
    item: usize,
    before: &Before,
    current: Option<&Outcome>,
) -> Option<StaleReason> {
    let logged = before.value.as_deref();
    if let (Some(votes), false) = (&before.votes, before.basis == Basis::Given) {
        let now = named_votes(dataset, item);
        return (*votes != now)
            .then(|| StaleReason::VotesChanged { logged: votes_in_words(votes), now: votes_in_words(&now) });
    }
    let given = dataset.given.as_ref().and_then(|g| g.get(item)).map(|l| dataset.labels.name(l));
    let changed = |now: Option<&str>| {
        (now != logged).then(|| StaleReason::GivenChanged { logged: or_none(logged), now: or_none(now) })
    };
    match before.basis {
        Basis::Given => changed(given),
        Basis::Reviewer => match current {
            Some(Outcome::Kept(l) | Outcome::Changed(l)) => changed(Some(dataset.labels.name(*l))),
            _ => changed(given),
        },
        _ if dataset.annotations.is_empty() => changed(given),
        // Logs of the first version name the consensus without the votes; all that can be asked of it is
        // whether the votes still allow it.
        Basis::Majority | Basis::Tie => {
            let leaders = leaders(dataset, item);
            let tied = leaders.len() != 1;
            let holds = match logged {
                None => tied,
                Some(name) => {
                    (before.basis == Basis::Majority || tied)
                        && leaders.iter().any(|&l| dataset.labels.name(l) == name)
                }
            };
            (!holds).then(|| StaleReason::VotesChanged {
                logged: format!("most for {}", or_none(logged)),
                now: votes_in_words(&named_votes(dataset, item)),
            })
        }
        Basis::Model | Basis::Other => Some(StaleReason::NoFacts),
    }
}

/// What a ruling means for `item` of this dataset.
pub(super) fn outcome(dataset: &Dataset, item: usize, ruling: &Ruling<'_>) -> Result<Outcome, StaleReason> {
    let id = |name: &String| {
        dataset.labels.id(name).ok_or_else(|| StaleReason::UnknownLabel { label: name.clone() })
    };
    Ok(match ruling.after {
        None => Outcome::Excluded,
        Some(After::Value { value: None }) => Outcome::Unsure,
        Some(After::Value { value: Some(name) }) => {
            let label = id(name)?;
            let stood = match ruling.before {
                Some(b) if b.basis == Basis::Tie => false,
                Some(b) => b.value.as_ref() == Some(name),
                None => label_under_suspicion(dataset, None, item) == Some(label),
            };
            if stood || ruling.verb == Some(Verb::Keep) {
                Outcome::Kept(label)
            } else {
                Outcome::Changed(label)
            }
        }
        Some(After::Values { values }) => {
            let mut labels = values.iter().map(id).collect::<Result<Vec<_>, _>>()?;
            labels.sort_unstable();
            labels.dedup();
            match labels[..] {
                [] => Outcome::NoneOfLabels,
                [one] => Outcome::Changed(one),
                _ => Outcome::Several(labels),
            }
        }
        Some(After::Dist { dist }) => {
            let shares =
                dist.iter().map(|(name, share)| Ok((id(name)?, *share))).collect::<Result<Vec<_>, _>>()?;
            match shares.iter().filter(|s| s.1 > 0.0).collect::<Vec<_>>()[..] {
                [&(one, share)] if (share - 1.0).abs() < 1e-6 => Outcome::Changed(one),
                _ => Outcome::Soft(Shares::new(shares).ok_or_else(|| StaleReason::NotSupported {
                    what: "a soft label whose shares do not add up to 1".to_owned(),
                })?),
            }
        }
        Some(After::Span { .. } | After::Other(_)) => {
            return Err(StaleReason::NotSupported { what: "a decision of a newer version".to_owned() });
        }
    })
}
