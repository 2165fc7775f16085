//! One rater, a model, or a column put to the test: may it join the raters, may it take somebody's place?
//!
//! Agreement with the candidate added, in each rater's place, and, as the control, with that rater merely left out; the
//! scarce-pool curve; the alternative annotator test. Raters' votes only: no decision changes them.

use std::sync::Arc;

use super::Settings;
use super::coefficients::Measure;
use crate::dataset::{Dataset, LabelId, NO_LABEL, RaterKind};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::aggregation::{
    AlternativeOptions, AlternativeTest, Duel, ExtraRater, Layout, Level, MajorityVote, MatchScore, PoolSize,
    alternative_annotator_test, extra_rater, majority_vote, rater_as_candidate, scarce_pool,
};
use crate::stats::agreement::{Levels, ReliabilityData};
use crate::stats::variation::VoteCounts;

/// Most raters that are left out one after the other; the pool of more is not scarce.
const MAX_POOL: usize = 60;

/// Who stands for a place among the raters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Candidate {
    /// A rater of the data, taken out of the others.
    Rater(u32),
    /// The most probable label of the model.
    Model,
    /// The given label.
    Given,
    /// The trusted label.
    Gold,
}

impl Candidate {
    /// All that `dataset` has, the likeliest to be asked for first: models, the given label, people, gold.
    pub fn all(dataset: &Dataset) -> Vec<Self> {
        let mut all = Vec::new();
        let known = if dataset.raters.are_known() { dataset.raters.len() as u32 } else { 0 };
        let of = |kind| (0..known).filter(move |&r| dataset.raters.kinds.get(r as usize) == Some(&kind));
        all.extend(of(RaterKind::Model).map(Self::Rater));
        all.extend(dataset.probabilities.is_some().then_some(Self::Model));
        all.extend(dataset.given.is_some().then_some(Self::Given));
        all.extend(
            (0..known)
                .filter(|&r| dataset.raters.kinds.get(r as usize) != Some(&RaterKind::Model))
                .map(Self::Rater),
        );
        all.extend(dataset.gold.is_some().then_some(Self::Gold));
        all
    }

    /// For people.
    pub fn words(self, dataset: &Dataset) -> String {
        match self {
            Self::Rater(r) => dataset.raters.names.get(r as usize).cloned().unwrap_or_default(),
            Self::Model => {
                dataset.probabilities.as_ref().map_or_else(|| "model".to_owned(), |p| p.name.clone())
            }
            Self::Given => dataset.given.as_ref().map_or_else(String::new, |g| g.name.clone()),
            Self::Gold => dataset.gold.as_ref().map_or_else(String::new, |g| g.name.clone()),
        }
    }

    /// The raters without it, and its labels, one an item.
    fn beside(
        self,
        dataset: &Dataset,
        layout: &Layout,
        progress: &Progress,
    ) -> Result<(Layout, Vec<LabelId>), Cancelled> {
        let column = |ids: Option<&Vec<LabelId>>| ids.cloned().unwrap_or_default();
        let labels = match self {
            Self::Rater(r) => {
                // A candidate that does not count among the raters has its labels all the same.
                let mut own = vec![NO_LABEL; dataset.n_items()];
                for a in dataset.annotations.of_rater(r as usize) {
                    own[a.item as usize] = a.label;
                }
                return Ok((rater_as_candidate(layout, r as usize).0, own));
            }
            Self::Model => most_probable(dataset, progress)?,
            Self::Given => column(dataset.given.as_ref().map(|g| &g.ids)),
            Self::Gold => column(dataset.gold.as_ref().map(|g| &g.ids)),
        };
        Ok((layout.clone(), labels))
    }
}

/// The model's label of each item, the lowest of those that tie.
fn most_probable(dataset: &Dataset, progress: &Progress) -> Result<Vec<LabelId>, Cancelled> {
    let Some(probabilities) = &dataset.probabilities else { return Ok(Vec::new()) };
    let k = probabilities.cols();
    let mut row = vec![0.0; k];
    let mut labels = Vec::with_capacity(probabilities.rows());
    for item in 0..probabilities.rows() {
        if item % 4096 == 0 {
            progress.check()?;
        }
        probabilities.read(item, &mut row);
        let best = (0..k).fold(None, |best: Option<usize>, l| match best {
            Some(b) if row[b] >= row[l] => best,
            _ if row[l] > 0.0 => Some(l),
            _ => best,
        });
        labels.push(best.map_or(NO_LABEL, |l| l as LabelId));
    }
    Ok(labels)
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidateAsked {
    /// Whose votes count.
    pub settings: Settings,
    /// Who stands.
    pub candidate: Candidate,
    /// What the distance between labels means; `None` for what the data says.
    pub measure: Option<Measure>,
    /// ε of the alternative annotator test, in thousandths.
    pub epsilon_thousandths: u32,
    /// Seed of drawn sets of raters.
    pub seed: u64,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct CandidateReport {
    /// What was asked for.
    pub asked: CandidateAsked,
    /// Nominal, ordinal or interval: what the numbers are by.
    pub measure: Measure,
    /// Items with a label by the candidate.
    pub n_items: usize,
    /// Added, and in everybody's place: where it helps most first.
    pub extra: Result<ExtraRater, Undefined>,
    /// Beside k raters.
    pub pool: Result<Vec<PoolSize>, Undefined>,
    /// The alternative annotator test.
    pub test: Result<AlternativeTest, Undefined>,
    /// Items with a label by the candidate and a majority of the others.
    pub n_compared: usize,
    /// Those of them on which the two part, ascending.
    pub parted: Arc<[u32]>,
}

impl CandidateReport {
    /// The test against this rater.
    pub fn duel(&self, rater: usize) -> Option<&Duel> {
        let duels = &self.test.as_ref().ok()?.duels;
        duels.binary_search_by_key(&rater, |d| d.rater).ok().map(|at| &duels[at])
    }
}

/// Puts a candidate to the test.
pub fn candidate(
    dataset: &Dataset,
    asked: &CandidateAsked,
    progress: &Progress,
) -> Result<CandidateReport, Cancelled> {
    let votes = asked.settings.counted(dataset).resolved(asked.settings.duplicates);
    let data = ReliabilityData::of(dataset, &votes);
    let levels = Levels::of(&dataset.labels);
    let measure = match asked.measure.unwrap_or(Measure::of(&data)) {
        Measure::Ordinal => Measure::Ordinal,
        Measure::Interval | Measure::Ratio | Measure::Circular => Measure::Interval,
        Measure::Nominal | Measure::Jaccard | Measure::Masi => Measure::Nominal,
    };
    let level = match measure {
        Measure::Ordinal => Level::Ordinal,
        Measure::Interval => Level::Interval(levels.values()),
        _ => Level::Nominal,
    };
    let layout = Layout::new(&votes, dataset.labels.len());
    let (others, labels) = asked.candidate.beside(dataset, &layout, progress)?;
    let unknown = || Undefined::AnonymousVotes;
    let known = !dataset.raters.anonymous;
    let mut extra = if known { extra_rater(&others, &labels, level, progress)? } else { Err(unknown()) };
    if let Ok(extra) = &mut extra {
        let value = |v: Option<f64>| v.unwrap_or(f64::NEG_INFINITY);
        extra
            .replacements
            .sort_by(|a, b| value(b.replaced).total_cmp(&value(a.replaced)).then(a.rater.cmp(&b.rater)));
    }
    let pool = if !known {
        Err(unknown())
    } else if others.n_active() > MAX_POOL {
        Err(Undefined::Because(format!("a pool of {} raters is not scarce", others.n_active())))
    } else {
        scarce_pool(&others, &labels, level, asked.seed, progress)?
    };
    progress.check()?;
    let score = match level {
        Level::Interval(values) => MatchScore::NegativeRmse(values),
        Level::Nominal | Level::Ordinal => MatchScore::Accuracy,
    };
    let epsilon = f64::from(asked.epsilon_thousandths) / 1000.0;
    let options = AlternativeOptions { epsilon, score, ..AlternativeOptions::default() };
    let test = if known { alternative_annotator_test(&others, &labels, options) } else { Err(unknown()) };
    let own = MajorityVote::of_labels(&labels, dataset.n_items());
    let rest = match asked.candidate {
        Candidate::Rater(r) => votes.keep(|_, rater| rater != r),
        _ => votes,
    };
    let rest = majority_vote(&VoteCounts::new(&rest, dataset.labels.len()));
    let both = |&i: &usize| own.label[i] != NO_LABEL && !rest.labels_of(i).is_empty();
    let n_compared = (0..dataset.n_items()).filter(both).count();
    Ok(CandidateReport {
        asked: asked.clone(),
        measure,
        n_items: labels.iter().filter(|&&l| l != NO_LABEL).count(),
        extra,
        pool,
        test,
        n_compared,
        parted: super::lab::parted(&own, &rest),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{AnnotationsBuilder, LabelColumn, LabelSet, Raters};

    /// Forty items, three people who mostly agree, a model that copies the first and one that always says `a`.
    fn dataset() -> Dataset {
        let mut builder = AnnotationsBuilder::new();
        for item in 0..40 {
            let truth = item % 2;
            for rater in 0..3 {
                let slip = u32::from(item % 10 == rater);
                builder.push(item, rater, truth ^ slip, None);
            }
            builder.push(item, 3, truth ^ u32::from(item % 10 == 0), None);
            builder.push(item, 4, 0, None);
        }
        let kinds = [vec![RaterKind::Human; 3], vec![RaterKind::Model; 2]].concat();
        Dataset {
            keys: (0..40).map(|i| i.to_string()).collect::<Vec<_>>().iter().map(String::as_str).collect(),
            labels: LabelSet::new(&["a".to_owned(), "b".to_owned()], std::iter::empty()),
            annotations: builder.finish(40, 5),
            raters: Raters {
                names: ["p", "q", "r", "copy", "lazy"].map(str::to_owned).to_vec(),
                kinds,
                ..Raters::default()
            },
            given: Some(LabelColumn { name: "label".to_owned(), ids: (0..40).map(|i| i % 2).collect() }),
            ..Dataset::default()
        }
    }

    fn report(candidate: Candidate) -> CandidateReport {
        let asked = CandidateAsked {
            settings: Settings::default(),
            candidate,
            measure: None,
            epsilon_thousandths: 200,
            seed: 1,
        };
        super::candidate(&dataset(), &asked, &Progress::new()).unwrap()
    }

    #[test]
    fn models_stand_first_and_never_count_among_the_raters() {
        let all = Candidate::all(&dataset());
        assert_eq!(all[..3], [Candidate::Rater(3), Candidate::Rater(4), Candidate::Given]);
        let good = report(Candidate::Rater(3));
        assert_eq!(good.extra.as_ref().unwrap().replacements.len(), 3);
        assert!(good.test.as_ref().unwrap().passes);
        let lazy = report(Candidate::Rater(4));
        assert!(!lazy.test.unwrap().passes);
        assert!(lazy.extra.unwrap().added.unwrap() < good.extra.unwrap().added.unwrap());
        assert_eq!(good.pool.unwrap().len(), 2);
    }

    #[test]
    fn where_the_candidate_parts_from_the_majority_is_counted() {
        let counts = |r: &CandidateReport| (r.n_compared, r.parted.len());
        let given = report(Candidate::Given);
        assert_eq!((given.n_items, counts(&given)), (40, (40, 0)));
        let lazy = report(Candidate::Rater(4));
        assert_eq!(counts(&lazy), (40, 20));
        // A person who stands is taken out of the majority: two who part are a tie.
        assert_eq!(counts(&report(Candidate::Rater(0))), (40, 12));
    }
}
