//! May a machine judge be believed? It is held against people as people are held against each other, and what makes agreement lie is
//! looked for first: labels read otherwise ([`label_map`]), a scale that is hardly used ([`hygiene`]).
//!
//! The measures are those of Bavaresco et al. (2025, *LLMs instead of Human Judges?*): κ with the majority for labels, ρ with the mean for
//! scales. Their upper bound compares a rater with an average that holds the rater's own vote; [`ceiling`] has that one and the one
//! without it, which is what a judge can be held against. Ties of a majority are no label, and missing answers are never made up.

pub mod ceiling;
pub mod choices;
pub mod hygiene;
pub mod label_map;
pub mod leaderboard;

pub use ceiling::{Ceiling, Ceilings, ceilings};
pub use choices::{Choices, JudgeChoices, WithPerson, choices};
pub use hygiene::{Hygiene, hygiene};
pub use label_map::{LabelMap, MapKind, Table, label_map};
pub use leaderboard::{Leaderboard, Place, leaderboard};

use super::Undefined;
use crate::dataset::{Annotations, LabelId, NO_LABEL};

/// What agreement with people is by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Cohen's κ with the strict majority; items whose majority is tied are left out.
    Kappa,
    /// Spearman's ρ with the mean.
    Rho,
}

/// People's votes, item by item, as judges are held against them.
#[derive(Debug, Clone, Copy)]
pub struct People<'a> {
    /// Their annotations; nobody else's.
    pub votes: &'a Annotations,
    /// Number of labels.
    pub n_labels: usize,
    /// What each label is worth on the scale, for means: one a label.
    pub values: Option<&'a [f64]>,
}

impl People<'_> {
    /// The label that more votes name than any other.
    pub fn majority(&self, item: usize) -> Option<LabelId> {
        strict_majority(self.votes.labels_of(item), None)
    }

    /// The label of the majority, without one vote for `own`.
    pub fn majority_without(&self, item: usize, own: LabelId) -> Option<LabelId> {
        strict_majority(self.votes.labels_of(item), Some(own))
    }

    /// The mean of the votes' values.
    pub fn mean(&self, item: usize) -> Option<f64> {
        let values = self.values?;
        let (mut sum, mut n) = (0.0, 0_u32);
        for &label in self.votes.labels_of(item) {
            sum += values.get(label as usize)?;
            n += 1;
        }
        (n > 0).then(|| sum / f64::from(n))
    }

    /// The mean of the votes' values without one vote for `own`.
    pub fn mean_without(&self, item: usize, own: LabelId) -> Option<f64> {
        let n = self.votes.count(item);
        let own = *self.values?.get(own as usize)?;
        (n > 1).then_some(())?;
        Some((self.mean(item)? * n as f64 - own) / (n - 1) as f64)
    }
}

/// Votes up to which nothing is kept in a list.
const FEW_VOTES: usize = 16;

/// The label that most votes name, if it is one; one vote for `without` is not counted.
fn strict_majority(votes: &[LabelId], without: Option<LabelId>) -> Option<LabelId> {
    // Of few votes, which is nearly always, counting again is faster than keeping counts.
    if votes.len() <= FEW_VOTES {
        let (mut best, mut tied) = (None, false);
        for (at, label) in votes.iter().enumerate().filter(|(at, l)| !votes[..*at].contains(l)) {
            let all = votes[at..].iter().filter(|l| *l == label).count();
            let n = all - usize::from(without == Some(*label));
            match best {
                Some((_, most)) if n < most => {}
                Some((_, most)) if n == most => tied = true,
                _ if n == 0 => {}
                _ => (best, tied) = (Some((*label, n)), false),
            }
        }
        return best.filter(|_| !tied).map(|b| b.0);
    }
    // Few labels an item: a list is faster than a map.
    let mut counts: Vec<(LabelId, u32)> = Vec::with_capacity(4);
    let mut without = without;
    for &label in votes {
        if without == Some(label) {
            without = None;
            continue;
        }
        match counts.iter_mut().find(|c| c.0 == label) {
            Some(count) => count.1 += 1,
            None => counts.push((label, 1)),
        }
    }
    let most = counts.iter().map(|c| c.1).max()?;
    let mut best = counts.iter().filter(|c| c.1 == most);
    let first = best.next()?;
    best.next().is_none().then_some(first.0)
}

/// A judge against people, by one measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// κ or ρ.
    pub value: Result<f64, Undefined>,
    /// Items with both.
    pub n: usize,
    /// Items that people voted on and the judge did not answer.
    pub n_missing: usize,
    /// Items on which people's majority is tied; of κ only.
    pub n_tied: usize,
    /// Of κ only: share of items on which the judge says what people say, and the same with every missing answer counted as wrong.
    pub accuracy: Option<(f64, f64)>,
}

/// Holds a judge's labels, one an item ([`NO_LABEL`] for none), against people.
pub fn agreement(people: &People<'_>, judge: &[LabelId], measure: Measure) -> Agreement {
    let n_items = people.votes.n_items().min(judge.len());
    let said =
        |item: usize| judge.get(item).copied().filter(|&l| l != NO_LABEL && (l as usize) < people.n_labels);
    let voted = || (0..n_items).filter(|&i| people.votes.count(i) > 0);
    match measure {
        Measure::Kappa => {
            let mut table = Table::new(people.n_labels);
            let (mut n_missing, mut n_tied, mut right) = (0, 0, 0_u64);
            for item in voted() {
                match (people.majority(item), said(item)) {
                    (None, _) => n_tied += 1,
                    (Some(_), None) => n_missing += 1,
                    (Some(majority), Some(own)) => {
                        table.add(majority, own, 1);
                        right += u64::from(majority == own);
                    }
                }
            }
            let n = table.n();
            let why = if n == 0 {
                "no item has both"
            } else {
                "both always give the same label, so all agreement is chance"
            };
            Agreement {
                value: table.kappa().ok_or_else(|| Undefined::Because(why.to_owned())),
                n: n as usize,
                n_missing,
                n_tied,
                accuracy: (n > 0)
                    .then(|| (right as f64 / n as f64, right as f64 / (n as usize + n_missing) as f64)),
            }
        }
        Measure::Rho => {
            let (mut x, mut y, mut n_missing) = (Vec::new(), Vec::new(), 0);
            for item in voted() {
                let own = said(item).and_then(|l| people.values.and_then(|v| v.get(l as usize)));
                match (people.mean(item), own) {
                    (Some(mean), Some(&own)) => {
                        x.push(mean);
                        y.push(own);
                    }
                    _ => n_missing += 1,
                }
            }
            let value = super::correlation::Correlation::Spearman.of(&x, &y);
            Agreement { value, n: x.len(), n_missing, n_tied: 0, accuracy: None }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::dataset::AnnotationsBuilder;

    /// Votes of each item by raters 0, 1, ….
    pub(in super::super) fn votes(items: &[&[u32]]) -> Annotations {
        let mut builder = AnnotationsBuilder::new();
        for (item, labels) in items.iter().enumerate() {
            for (rater, &label) in labels.iter().enumerate() {
                builder.push(item as u32, rater as u32, label, None);
            }
        }
        let raters = items.iter().map(|l| l.len()).max().unwrap_or(0);
        builder.finish(items.len(), raters)
    }

    #[test]
    fn majorities_are_strict_and_leave_one_out() {
        let v = votes(&[&[1, 1, 1, 0], &[1, 1, 0, 0], &[2], &[]]);
        let people = People { votes: &v, n_labels: 3, values: Some(&[0.0, 1.0, 2.0]) };
        assert_eq!(
            (people.majority(0), people.majority(1), people.majority(2), people.majority(3)),
            (Some(1), None, Some(2), None)
        );
        assert_eq!((people.majority_without(1, 0), people.majority_without(2, 2)), (Some(1), None));
        assert_eq!(
            (people.mean(0), people.mean_without(0, 0), people.mean_without(2, 2)),
            (Some(0.75), Some(1.0), None)
        );
    }

    #[test]
    fn missing_answers_and_ties_are_counted_and_never_made_up() {
        let v = votes(&[&[1, 1, 0], &[0, 0], &[1, 0], &[0, 0, 0]]);
        let people = People { votes: &v, n_labels: 2, values: Some(&[0.0, 1.0]) };
        let found = agreement(&people, &[1, 0, 1, NO_LABEL], Measure::Kappa);
        assert_eq!((found.n, found.n_missing, found.n_tied, found.value), (2, 1, 1, Ok(1.0)));
        assert_eq!(found.accuracy, Some((1.0, 2.0 / 3.0)));
        let none = agreement(&people, &[0, 0, 0, 0], Measure::Rho);
        assert!(none.value.is_err() && none.n == 4, "a constant judge orders nothing");
    }

    /// The worked example of norm ratings: 6 items × 4 raters and a machine.
    #[test]
    fn a_scale_is_held_against_the_mean() {
        let v = votes(&[
            &[1, 2, 1, 2],
            &[3, 3, 4, 2],
            &[5, 4, 5, 5],
            &[2, 2, 3, 1],
            &[4, 5, 4, 3],
            &[6, 7, 6, 5],
        ]);
        let scale: Vec<f64> = (0..8).map(f64::from).collect();
        let people = People { votes: &v, n_labels: 8, values: Some(&scale) };
        let found = agreement(&people, &[2, 3, 6, 3, 4, 7], Measure::Rho);
        assert!((found.value.unwrap() - 0.985_611).abs() < 1e-6);
    }
}
