//! How well would a person do in the judge's place?
//!
//! Two ceilings. *Included*, as in JUDGE-BENCH: one vote an item is drawn and held against the aggregate of all votes, that one among
//! them; with few raters an item that is agreement with oneself. *Left out*: the same vote against the aggregate of the others, and the
//! judge against that same aggregate, so that both face one target. Where raters are known, each is also held as a whole against all
//! others, and the judge beside.

use rayon::prelude::*;

use super::super::correlation::Correlation;
use super::super::random::Stream;
use super::{Measure, People, Table};
use crate::dataset::{LabelId, NO_LABEL};
use crate::progress::{Cancelled, Progress};

/// Mean and standard deviation over draws, or over raters, of those on which it is defined.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ceiling {
    /// Mean.
    pub mean: f64,
    /// Standard deviation (n − 1); 0 for one.
    pub sd: f64,
    /// How many.
    pub n: usize,
}

impl Ceiling {
    pub(super) fn of(values: &[f64]) -> Option<Self> {
        let n = values.len();
        let mean = values.iter().sum::<f64>() / n as f64;
        let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
        (n > 0).then(|| Self { mean, sd: if n > 1 { (squares / (n - 1) as f64).sqrt() } else { 0.0 }, n })
    }
}

/// What people reach; each part `None` where it is never defined.
#[derive(Debug, Clone, PartialEq)]
pub struct Ceilings {
    /// A vote against the aggregate that holds it: optimistic.
    pub included: Option<Ceiling>,
    /// A vote against the aggregate of the others.
    pub left_out: Option<Ceiling>,
    /// Each judge against the aggregates of [`Self::left_out`].
    pub judges: Vec<Option<Ceiling>>,
    /// Known raters: each against the aggregate of all others.
    pub by_rater: Option<Ceiling>,
    /// Known raters: each judge against the same aggregates, on that rater's items.
    pub judges_by_rater: Vec<Option<Ceiling>>,
    /// Draws.
    pub draws: u32,
}

/// Most draws, and the work that all draws together may be: items times sides.
const MOST_DRAWS: u64 = 1_000;
const WORK: (u64, u64) = (400_000_000, 20_000_000);
/// Most raters that are each held against all others.
const MOST_RATERS: usize = 500;

/// `judges` have a label an item each ([`NO_LABEL`] for none); `known` says whether raters are told apart.
///
/// # Errors
/// If it was cancelled.
pub fn ceilings(
    people: &People<'_>,
    judges: &[&[LabelId]],
    (measure, known): (Measure, bool),
    seed: u64,
    progress: &Progress,
) -> Result<Ceilings, Cancelled> {
    let n = people.votes.n_items();
    let work = if measure == Measure::Kappa { WORK.0 } else { WORK.1 };
    let draws = (work / (n as u64 * (judges.len() as u64 + 2)).max(1)).clamp(10, MOST_DRAWS);
    let drawn: Vec<Result<Drawn, Cancelled>> = (0..draws)
        .into_par_iter()
        .map(|draw| {
            progress.check()?;
            Ok(drawn(people, judges, measure, &mut Stream::new(seed, draw)))
        })
        .collect();
    let drawn: Vec<Drawn> = drawn.into_iter().collect::<Result<_, _>>()?;
    let over =
        |of: &dyn Fn(&Drawn) -> Option<f64>| Ceiling::of(&drawn.iter().filter_map(of).collect::<Vec<_>>());
    let raters = people.votes.n_raters();
    let by_rater = if known && raters <= MOST_RATERS {
        by_rater(people, judges, measure, progress)?
    } else {
        Vec::new()
    };
    let over_raters =
        |of: &dyn Fn(&Drawn) -> Option<f64>| Ceiling::of(&by_rater.iter().filter_map(of).collect::<Vec<_>>());
    Ok(Ceilings {
        included: over(&|d| d.included),
        left_out: over(&|d| d.left_out),
        judges: (0..judges.len()).map(|j| over(&|d| d.judges[j])).collect(),
        by_rater: over_raters(&|d| d.left_out),
        judges_by_rater: (0..judges.len()).map(|j| over_raters(&|d| d.judges[j])).collect(),
        draws: draws as u32,
    })
}

struct Drawn {
    included: Option<f64>,
    left_out: Option<f64>,
    judges: Vec<Option<f64>>,
}

/// Two sides of a comparison, filled item by item.
enum Sides {
    Labels(Table),
    Numbers(Vec<f64>, Vec<f64>),
}

impl Sides {
    fn new(measure: Measure, n_labels: usize) -> Self {
        match measure {
            Measure::Kappa => Self::Labels(Table::new(n_labels)),
            Measure::Rho => Self::Numbers(Vec::new(), Vec::new()),
        }
    }

    fn push(&mut self, people: &People<'_>, target: Target, own: LabelId) {
        match (self, target) {
            (Self::Labels(table), Target::Label(label)) => table.add(label, own, 1),
            (Self::Numbers(x, y), Target::Mean(mean)) => {
                if let Some(&value) = people.values.and_then(|v| v.get(own as usize)) {
                    x.push(mean);
                    y.push(value);
                }
            }
            _ => {}
        }
    }

    fn value(&self) -> Option<f64> {
        match self {
            Self::Labels(table) => table.kappa(),
            Self::Numbers(x, y) => Correlation::Spearman.of(x, y).ok(),
        }
    }
}

#[derive(Clone, Copy)]
enum Target {
    Label(LabelId),
    Mean(f64),
}

fn target(people: &People<'_>, item: usize, without: Option<LabelId>, measure: Measure) -> Option<Target> {
    match (measure, without) {
        (Measure::Kappa, None) => people.majority(item).map(Target::Label),
        (Measure::Kappa, Some(own)) => people.majority_without(item, own).map(Target::Label),
        (Measure::Rho, None) => people.mean(item).map(Target::Mean),
        (Measure::Rho, Some(own)) => people.mean_without(item, own).map(Target::Mean),
    }
}

fn said(judge: &[LabelId], item: usize, n_labels: usize) -> Option<LabelId> {
    judge.get(item).copied().filter(|&l| l != NO_LABEL && (l as usize) < n_labels)
}

fn drawn(people: &People<'_>, judges: &[&[LabelId]], measure: Measure, rng: &mut Stream) -> Drawn {
    let k = people.n_labels;
    let (mut included, mut left_out) = (Sides::new(measure, k), Sides::new(measure, k));
    let mut beside: Vec<Sides> = judges.iter().map(|_| Sides::new(measure, k)).collect();
    for item in 0..people.votes.n_items() {
        let votes = people.votes.labels_of(item);
        if votes.is_empty() {
            continue;
        }
        let own = votes[rng.below(votes.len())];
        if let Some(all) = target(people, item, None, measure) {
            included.push(people, all, own);
        }
        if let Some(others) = target(people, item, Some(own), measure) {
            left_out.push(people, others, own);
            for (judge, sides) in judges.iter().zip(&mut beside) {
                if let Some(label) = said(judge, item, k) {
                    sides.push(people, others, label);
                }
            }
        }
    }
    Drawn {
        included: included.value(),
        left_out: left_out.value(),
        judges: beside.iter().map(Sides::value).collect(),
    }
}

/// Each rater with items against the others, and judges beside.
fn by_rater(
    people: &People<'_>,
    judges: &[&[LabelId]],
    measure: Measure,
    progress: &Progress,
) -> Result<Vec<Drawn>, Cancelled> {
    let k = people.n_labels;
    let found: Vec<Result<Drawn, Cancelled>> = (0..people.votes.n_raters())
        .into_par_iter()
        .map(|rater| {
            progress.check()?;
            let mut left_out = Sides::new(measure, k);
            let mut beside: Vec<Sides> = judges.iter().map(|_| Sides::new(measure, k)).collect();
            for a in people.votes.of_rater(rater) {
                let item = a.item as usize;
                let Some(others) = target(people, item, Some(a.label), measure) else { continue };
                left_out.push(people, others, a.label);
                for (judge, sides) in judges.iter().zip(&mut beside) {
                    if let Some(label) = said(judge, item, k) {
                        sides.push(people, others, label);
                    }
                }
            }
            Ok(Drawn {
                included: None,
                left_out: left_out.value(),
                judges: beside.iter().map(Sides::value).collect(),
            })
        })
        .collect();
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::votes;
    use super::*;

    #[test]
    fn the_worked_example_of_labels() {
        let v = votes(&[
            &[1, 1, 1, 0],
            &[0, 0, 0, 0],
            &[1, 1, 0, 0],
            &[1, 1, 1, 1],
            &[0, 0, 1, 0],
            &[0, 1, 1, 1],
        ]);
        let people = People { votes: &v, n_labels: 2, values: None };
        let found =
            ceilings(&people, &[&[1, 0, 1, 1, 0, 1]], (Measure::Kappa, true), 1, &Progress::new()).unwrap();
        let by_rater = found.by_rater.unwrap();
        assert!((by_rater.mean - 0.4125).abs() < 1e-12 && by_rater.n == 4, "{by_rater:?}");
        let included = found.included.unwrap();
        assert!((included.mean - 0.70).abs() < 0.03 && (included.sd - 0.30).abs() < 0.03, "{included:?}");
        let left_out = found.left_out.unwrap();
        assert!(left_out.mean < included.mean, "a vote agrees with itself: {left_out:?}");
        assert!(found.judges[0].unwrap().mean > left_out.mean);
    }

    #[test]
    fn the_worked_example_of_a_scale() {
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
        let found =
            ceilings(&people, &[&[2, 3, 6, 3, 4, 7]], (Measure::Rho, true), 1, &Progress::new()).unwrap();
        assert!((found.by_rater.unwrap().mean - 0.9452).abs() < 5e-5, "{found:?}");
        assert!((found.judges_by_rater[0].unwrap().mean - 0.9782).abs() < 5e-5, "{found:?}");
    }

    #[test]
    fn one_vote_an_item_leaves_nothing_to_be_left_out_of() {
        let v = votes(&[&[1], &[0], &[1]]);
        let people = People { votes: &v, n_labels: 2, values: None };
        let found = ceilings(&people, &[], (Measure::Kappa, false), 1, &Progress::new()).unwrap();
        assert!(found.left_out.is_none() && found.by_rater.is_none());
        assert!((found.included.unwrap().mean - 1.0).abs() < 1e-12, "it agrees with itself");
    }
}
