//! Does a judge choose as people do? One choice of several an item, as in odd-one-out tasks: how often it says what each person says, beside how often a
//! person says what most of the others say.
//!
//! Where t labels tie for the majority of the others, saying one of them counts 1/t: of two, one half. The ceiling is the mean over raters of their agreement with
//! the majority of the others, themselves left out; the judge is held against the same majorities, on the same items.

use rayon::prelude::*;

use super::{Ceiling, People};
use crate::dataset::{LabelId, NO_LABEL};
use crate::progress::{Cancelled, Progress};

/// Most raters that are looked at, those with most votes.
const MOST_RATERS: usize = 500;

/// One person beside a judge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WithPerson {
    /// Who.
    pub rater: u32,
    /// Items of which both say something.
    pub n: usize,
    /// Share of them on which both say the same.
    pub share: f64,
}

/// A judge's choices.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgeChoices {
    /// Beside each person with an item in common, by rater.
    pub people: Vec<WithPerson>,
    /// The same, mean over people.
    pub with_people: Option<Ceiling>,
    /// In each person's place, against the majority of the others, mean over people.
    pub in_place: Option<Ceiling>,
}

/// What judges and people choose.
#[derive(Debug, Clone, PartialEq)]
pub struct Choices {
    /// Each person against the majority of the others, mean over people.
    pub ceiling: Option<Ceiling>,
    /// One a judge.
    pub judges: Vec<JudgeChoices>,
}

/// The labels that most votes name, without one vote for `without`; none where no vote is left.
fn most_named(votes: &[LabelId], without: LabelId, best: &mut Vec<LabelId>) {
    let n = |label: LabelId| {
        let all = votes.iter().filter(|&&l| l == label).count();
        if label == without { all.saturating_sub(1) } else { all }
    };
    best.clear();
    let Some(most) = votes.iter().map(|&l| n(l)).max().filter(|&n| n > 0) else { return };
    for &label in votes.iter().filter(|&&l| n(l) == most) {
        if !best.contains(&label) {
            best.push(label);
        }
    }
}

/// 1/t if `own` is one of t labels, and 0 if not; `None` without any.
fn credit(best: &[LabelId], own: LabelId) -> Option<f64> {
    let share = if best.contains(&own) { 1.0 / best.len() as f64 } else { 0.0 };
    (!best.is_empty()).then_some(share)
}

struct OfRater {
    rater: u32,
    own: Option<f64>,
    /// For each judge: n and hits with this person; credit and n in the person's place.
    judges: Vec<(usize, usize, f64, usize)>,
}

/// `judges` have a label an item each ([`NO_LABEL`] for none).
///
/// # Errors
/// If it was cancelled.
pub fn choices(
    people: &People<'_>,
    judges: &[&[LabelId]],
    progress: &Progress,
) -> Result<Choices, Cancelled> {
    let votes = people.votes;
    let mut raters: Vec<usize> =
        (0..votes.n_raters()).filter(|&r| !votes.rows_of_rater(r).is_empty()).collect();
    raters.sort_by_key(|&r| (std::cmp::Reverse(votes.rows_of_rater(r).len()), r));
    raters.truncate(MOST_RATERS);
    raters.sort_unstable();
    let found: Vec<Result<OfRater, Cancelled>> = raters
        .into_par_iter()
        .map(|rater| {
            progress.check()?;
            let (mut sum, mut n) = (0.0, 0_usize);
            let mut beside = vec![(0, 0, 0.0, 0); judges.len()];
            let mut best = Vec::new();
            for a in votes.of_rater(rater) {
                most_named(votes.labels_of(a.item as usize), a.label, &mut best);
                if let Some(own) = credit(&best, a.label) {
                    sum += own;
                    n += 1;
                }
                for (judge, seen) in judges.iter().zip(&mut beside) {
                    let Some(&label) = judge.get(a.item as usize).filter(|l| **l != NO_LABEL) else {
                        continue;
                    };
                    seen.0 += 1;
                    seen.1 += usize::from(label == a.label);
                    if let Some(place) = credit(&best, label) {
                        seen.2 += place;
                        seen.3 += 1;
                    }
                }
            }
            Ok(OfRater { rater: rater as u32, own: (n > 0).then(|| sum / n as f64), judges: beside })
        })
        .collect();
    let found: Vec<OfRater> = found.into_iter().collect::<Result<_, _>>()?;
    let judge = |j: usize| {
        let people: Vec<WithPerson> = found
            .iter()
            .filter(|r| r.judges[j].0 > 0)
            .map(|r| {
                let (n, hits, ..) = r.judges[j];
                WithPerson { rater: r.rater, n, share: hits as f64 / n as f64 }
            })
            .collect();
        let placed = found.iter().map(|r| r.judges[j]).filter(|p| p.3 > 0).map(|p| p.2 / p.3 as f64);
        JudgeChoices {
            with_people: Ceiling::of(&people.iter().map(|p| p.share).collect::<Vec<_>>()),
            in_place: Ceiling::of(&placed.collect::<Vec<_>>()),
            people,
        }
    };
    Ok(Choices {
        ceiling: Ceiling::of(&found.iter().filter_map(|r| r.own).collect::<Vec<_>>()),
        judges: (0..judges.len()).map(judge).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::votes;
    use super::*;

    #[test]
    fn by_hand_with_ties_one_half() {
        // Three people; of each the other two.
        let v = votes(&[&[0, 0, 1], &[2, 1, 1], &[0, 1, 2]]);
        let people = People { votes: &v, n_labels: 3, values: None };
        let judge = [0, 1, NO_LABEL];
        let found = choices(&people, &[&judge], &Progress::new()).unwrap();
        // First: ½, 0, 0; second: ½, ½, 0; third: 0, ½, 0.
        let ceiling = found.ceiling.unwrap();
        assert!((ceiling.mean - (0.5 + 1.0 + 0.5) / 9.0).abs() < 1e-12 && ceiling.n == 3, "{ceiling:?}");
        let of = &found.judges[0];
        let shares: Vec<(usize, f64)> = of.people.iter().map(|p| (p.n, p.share)).collect();
        assert_eq!(shares, [(2, 0.5), (2, 1.0), (2, 0.5)]);
        // In their places: ½ and 1; ½ and ½; 1 and ½.
        assert!((of.in_place.unwrap().mean - (0.75 + 0.5 + 0.75) / 3.0).abs() < 1e-12);
        // A vote alone has nobody to agree with.
        let alone = votes(&[&[0], &[1]]);
        let people = People { votes: &alone, n_labels: 2, values: None };
        assert!(choices(&people, &[], &Progress::new()).unwrap().ceiling.is_none());
    }
}
