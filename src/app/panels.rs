//! What is computed only when somebody looks at it: each panel with what was asked for and what came of it.
//!
//! One job a kind. What was found stays on screen until the next is whole; what was stopped is not started again by
//! itself.

use std::path::PathBuf;
use std::sync::Arc;

use crate::analysis::audit_estimates::{EstimatesAsked, EstimatesReport, audit_estimates};
use crate::analysis::before_after::{BeforeAfter, BeforeAsked, before_after};
use crate::analysis::benchmark::{BenchmarkAsked, BenchmarkReport, benchmark};
use crate::analysis::candidate::{CandidateAsked, CandidateReport, candidate};
use crate::analysis::categories::{CategoriesAsked, CategoriesReport, categories};
use crate::analysis::certificate::{Certified, certified};
use crate::analysis::coefficients::{Asked, Coefficients, coefficients};
use crate::analysis::compare::{CompareAsked, CompareReport, compare};
use crate::analysis::conditions::{ConditionsAsked, ConditionsReport, conditions};
use crate::analysis::covariates::{CovariatesAsked, CovariatesReport, covariates};
use crate::analysis::cuts::{Cuts, CutsAsked, cuts};
use crate::analysis::difficulty::{DifficultyAsked, DifficultyReport, difficulty};
use crate::analysis::drift::{DriftAsked, DriftReport, drift};
use crate::analysis::entities::{EntitiesAsked, EntitiesReport, entities};
use crate::analysis::judge_validation::{JudgingAsked, JudgingReport, Suspect, judging, turned_labels};
use crate::analysis::judges::{JudgesAsked, JudgesReport, judges};
use crate::analysis::lab::{self, Lab, lab};
use crate::analysis::metrics::{MetricsAsked, MetricsReport, metrics};
use crate::analysis::mistakes::{Mistakes, MistakesAsked, mistakes};
use crate::analysis::models::{ModelsAsked, ModelsReport, models};
use crate::analysis::multilabel::{MultiLabelAsked, MultiLabelReport, multilabel};
use crate::analysis::neighbours::{Known, NeighboursReport, neighbours};
use crate::analysis::next_label::{NextLabel, next_label};
use crate::analysis::nutrition::{AnnotationPart, ColumnsAsked, ColumnsReport, annotation, columns};
use crate::analysis::paper::paper;
use crate::analysis::per_rater::{PerRaterAsked, PerRaterReport, per_rater};
use crate::analysis::practice::{PracticeAsked, PracticeReport, practice};
use crate::analysis::preferences::{Preferences, PreferencesAsked, preferences};
use crate::analysis::rater_groups::{GroupsAsked, GroupsReport, rater_groups};
use crate::analysis::ratings::{RatingsReport, ratings};
use crate::analysis::relations::{RelationsAsked, RelationsReport, relations};
use crate::analysis::repeats::{RepeatsReport, repeats};
use crate::analysis::routing::{RoutingAsked, RoutingReport, routing};
use crate::analysis::scale_use::{ScaleUseAsked, ScaleUseReport, scale_use};
use crate::analysis::score_rewards::{ScoreRewards, ScoreRewardsAsked, score_rewards};
use crate::analysis::sets::{SetsAsked, SetsReport, sets};
use crate::analysis::shifted::{ShiftedReport, shifted};
use crate::analysis::soft::{Soft, SoftAsked, soft};
use crate::analysis::spans::{SpansAsked, SpansReport, spans};
use crate::analysis::tastes::{TastesAsked, TastesReport, tastes};
use crate::analysis::verdicts::{Verdicts, VerdictsAsked, verdicts};
use crate::analysis::versions::{VersionsAsked, VersionsReport, versions};
use crate::analysis::votes::{VotesReport, votes};
use crate::analysis::what_wins::{WhatWins, WhatWinsAsked, what_wins};
use crate::analysis::{Analysis, Settings};
use crate::app::queues::{Prepared, QueueAsked, prepare};
use crate::dataset::{Dataset, LabelId};
use crate::progress::{Cancelled, Progress};
use crate::review::codes::{Coder, others};
use crate::review::gathered;
use crate::stats::Undefined;
use crate::stats::aggregation::{AGGREGATORS, Which};
use crate::stats::confident::PaperLearning;

/// What came of it, or why nothing could.
type Perhaps<T> = Result<T, Undefined>;
/// The same, for what views hold on to.
type Shared<T> = Result<Arc<T>, Undefined>;

/// What is asked of the labels under suspicion, as they stand in an analysis.
#[derive(Debug, Clone)]
pub struct OfGiven<T> {
    /// What.
    pub asked: T,
    /// With its labels.
    pub analysis: Arc<Analysis>,
}

impl<T> OfGiven<T> {
    fn given(&self) -> &[LabelId] {
        &self.analysis.given.current
    }
}

impl<T: PartialEq> PartialEq for OfGiven<T> {
    fn eq(&self, other: &Self) -> bool {
        self.asked == other.asked && Arc::ptr_eq(&self.analysis, &other.analysis)
    }
}

macro_rules! panels {
    ($($(#[$doc:meta])* $kind:ident, $name:literal, $get:ident: $asked:ty => $found:ty, $compute:expr;)*) => {
        /// Which panel.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Kind {$($(#[$doc])* $kind,)*}

        /// What is asked for.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Wanted {$($(#[$doc])* $kind($asked),)*}

        /// What came of it.
        #[derive(Debug, Clone)]
        pub enum Found {$($(#[$doc])* $kind(Arc<$found>),)*}

        impl Wanted {
            /// Which panel.
            pub fn kind(&self) -> Kind {
                match self {$(Self::$kind(_) => Kind::$kind,)*}
            }

            /// The job's name, as shown.
            pub fn name(&self) -> &'static str {
                match self {$(Self::$kind(_) => $name,)*}
            }

            /// Computes it, on a worker.
            pub fn compute(&self, dataset: &Dataset, progress: &Progress) -> Result<Found, Cancelled> {
                Ok(match self {$(Self::$kind(asked) => {
                    let compute: fn(&Dataset, &$asked, &Progress) -> Result<$found, Cancelled> = $compute;
                    Found::$kind(Arc::new(compute(dataset, asked, progress)?))
                })*})
            }
        }

        impl Panels {$(
            $(#[$doc])*
            pub fn $get(&self) -> Option<Arc<$found>> {
                match self.found(Kind::$kind)? {
                    Found::$kind(found) => Some(Arc::clone(found)),
                    _ => None,
                }
            }
        )*}
    };
}

panels! {
    /// Every coefficient.
    Coefficients, "Agreement", coefficients: Asked => Coefficients, |d, asked, p| coefficients(d, asked.clone(), p);
    /// One coefficient cut up.
    Cuts, "Cut of agreement", cuts: CutsAsked => Perhaps<Cuts>, cuts;
    /// Agreement on spans.
    Spans, "Agreement on spans", spans: SpansAsked => Perhaps<SpansReport>, spans;
    /// Every aggregator.
    Lab, "Aggregation", lab: Settings => Lab, |d, settings, p| {
        let all: Vec<Which> = AGGREGATORS.iter().map(|a| a.which).collect();
        lab(d, settings, &all, lab::SEED, p)
    };
    /// Soft labels.
    Soft, "Soft labels", soft: SoftAsked => Soft, soft;
    /// Answers of several labels as candidates.
    Sets, "Candidate sets", sets: SetsAsked => Perhaps<SetsReport>, sets;
    /// A candidate among the raters.
    Candidate, "Candidate", candidate: CandidateAsked => CandidateReport, candidate;
    /// Majority vote's certificate.
    Certificate, "Certificate", certificate: Settings => Perhaps<Certified>, certified;
    /// Preferences.
    Preferences, "Preferences", preferences: PreferencesAsked => Shared<Preferences>, |d, asked, p| Ok(preferences(d, asked, p)?.map(Arc::new));
    /// Which properties win.
    WhatWins, "What wins", what_wins: WhatWinsAsked => Shared<WhatWins>, |d, asked, p| Ok(what_wins(d, asked, p)?.map(Arc::new));
    /// What a score rewards.
    ScoreRewards, "What a score rewards", score_rewards: ScoreRewardsAsked => Shared<ScoreRewards>, |d, asked, p| Ok(score_rewards(d, asked, p)?.map(Arc::new));
    /// Two sides against each other.
    Compare, "Comparison", compare: OfGiven<CompareAsked> => Shared<CompareReport>, |d, of, p| Ok(compare(d, &of.analysis, &of.asked, p)?.map(Arc::new));
    /// People against models.
    Models, "People and models", models: ModelsAsked => Shared<ModelsReport>, |d, asked, p| Ok(models(d, asked, p)?.map(Arc::new));
    /// Which categories may be left to a model.
    Categories, "Categories", categories: CategoriesAsked => Shared<CategoriesReport>, |d, asked, p| Ok(categories(d, asked, p)?.map(Arc::new));
    /// What the random audit says of all items.
    Estimates, "Estimates from the audit", estimates: OfGiven<EstimatesAsked> => Shared<EstimatesReport>, |d, of, p| Ok(audit_estimates(d, &of.analysis, &of.asked, p)?.map(Arc::new));
    /// Models before and after labels were corrected.
    Benchmark, "Benchmark", benchmark: OfGiven<BenchmarkAsked> => Shared<BenchmarkReport>, |d, of, p| Ok(benchmark(d, &of.analysis, &of.asked, p)?.map(Arc::new));
    /// Judges against people.
    Judging, "Judges against people", judging: JudgingAsked => Shared<JudgingReport>, |d, asked, p| Ok(judging(d, asked, p)?.map(Arc::new));
    /// Which items are worth a person.
    Routing, "Which items are worth a person", routing: OfGiven<RoutingAsked> => Shared<RoutingReport>, |d, of, p| Ok(Ok(Arc::new(routing(d, &of.analysis, &of.asked, p)?)));
    /// Metrics against people.
    Metrics, "Metrics against people", metrics: MetricsAsked => Shared<MetricsReport>, |d, asked, p| Ok(metrics(d, asked, p)?.map(Arc::new));
    /// What is hard for people and for models.
    Difficulty, "Difficulty", difficulty: DifficultyAsked => Shared<DifficultyReport>, |d, asked, p| Ok(difficulty(d, asked, p)?.map(Arc::new));
    /// People whose labels look turned round.
    Turned, "Labels turned round", turned: Settings => Perhaps<Vec<Suspect>>, |d, settings, p| turned_labels(d, settings, lab::SEED, p);
    /// Detectors of a label, each rater by itself.
    PerRater, "Detectors per rater", per_rater: PerRaterAsked => Shared<PerRaterReport>, |d, asked, p| Ok(per_rater(d, asked, p)?.map(Arc::new));
    /// Skill over time.
    Practice, "Practice", practice: PracticeAsked => Shared<PracticeReport>, |d, asked, p| Ok(practice(d, asked, p)?.map(Arc::new));
    /// The same items under different conditions.
    Conditions, "Conditions", conditions: OfGiven<ConditionsAsked> => Shared<ConditionsReport>, |d, of, p| Ok(conditions(d, &of.analysis.given, &of.asked, p)?.map(Arc::new));
    /// What goes with disagreement.
    Covariates, "What goes with disagreement", covariates: CovariatesAsked => Shared<CovariatesReport>, |d, asked, p| Ok(covariates(d, asked, p)?.map(Arc::new));
    /// Dimensions of taste.
    Tastes, "Tastes", tastes: TastesAsked => Shared<TastesReport>, |d, asked, p| Ok(tastes(d, asked, p)?.map(Arc::new));
    /// How each rater uses the scale.
    ScaleUse, "Use of the scale", scale_use: ScaleUseAsked => Shared<ScaleUseReport>, |d, asked, p| Ok(scale_use(d, asked, p)?.map(Arc::new));
    /// Labels batch by batch.
    Drift, "Drift of labels", drift: OfGiven<DriftAsked> => Shared<DriftReport>, |d, of, p| Ok(drift(d, &of.analysis.given, &of.asked, p)?.map(Arc::new));
    /// Groups of raters.
    Groups, "Groups of raters", groups: GroupsAsked => Shared<GroupsReport>, |d, asked, p| Ok(rater_groups(d, asked, p)?.map(Arc::new));
    /// Versions of a tagged text.
    Versions, "Versions", versions: OfGiven<VersionsAsked> => Shared<VersionsReport>, |d, of, p| Ok(versions(d, &of.analysis.given, &of.asked, p)?.map(Arc::new));
    /// What others say of why versions differ, from the logs beside the source; all but the one of this path.
    Coders, "Other coders", coders: PathBuf => (Vec<Coder>, Vec<PathBuf>), |d, own, _| Ok(others(&d.source.table.path, own));
    /// Several reviewers side by side.
    Reviewers, "Reviewers", reviewers: gathered::Asked => gathered::Gathered, gathered::gather;
    /// Confident learning by the letter of the paper.
    Paper, "Confident learning of the paper", paper: OfGiven<()> => Perhaps<PaperLearning>, |d, of, p| paper(d, of.given(), p);
    /// Wrong labels where an item has several.
    WrongSets, "Wrong labels in sets", wrong_sets: OfGiven<MultiLabelAsked> => Perhaps<MultiLabelReport>, |d, of, p| multilabel(d, of.given(), &of.asked, p);
    /// Entities that contradict each other.
    Entities, "Contradictory entities", entities: OfGiven<EntitiesAsked> => Perhaps<EntitiesReport>, |d, of, p| entities(d, of.given(), &of.asked, p);
    /// How labels relate.
    Relations, "Relations of labels", relations: OfGiven<RelationsAsked> => Perhaps<RelationsReport>, |d, of, p| relations(d, of.given(), &of.asked, p);
    /// Which votes are mistakes.
    Votes, "Mistakes among votes", votes: Settings => Perhaps<VotesReport>, votes;
    /// Tokens that are labelled otherwise elsewhere.
    Repeats, "Repeated words", repeats: OfGiven<()> => Perhaps<RepeatsReport>, |d, of, p| repeats(d, of.given(), p);
    /// What items that are alike say.
    Neighbours, "Neighbours", neighbours: OfGiven<Known> => Perhaps<NeighboursReport>, |d, of, p| neighbours(d, of.given(), of.analysis.suspicion.as_ref().as_ref().ok(), &of.asked, p);
    /// What judges say together against given labels.
    Judges, "Judges", judges: OfGiven<JudgesAsked> => Perhaps<JudgesReport>, |d, of, p| judges(d, &of.analysis.given, &of.asked, p);
    /// Labels beside other rows.
    Shifted, "Labels beside other rows", shifted: OfGiven<()> => Perhaps<ShiftedReport>, |d, of, p| shifted(d, &of.analysis.given, p);
    /// How likely given labels are mistakes.
    Mistakes, "Probable mistakes", mistakes: OfGiven<MistakesAsked> => Perhaps<Mistakes>, |d, of, p| mistakes(d, &of.analysis.given, &of.analysis.confident, &of.asked, p);
    /// Ratings that are far off.
    Ratings, "Ratings", ratings: OfGiven<Settings> => Perhaps<RatingsReport>, |d, of, p| ratings(d, &of.analysis.given, &of.asked, p);
    /// What raters say of given labels.
    Verdicts, "Verdicts on given labels", verdicts: OfGiven<VerdictsAsked> => Perhaps<Verdicts>, |d, of, p| verdicts(d, &of.analysis.given, &of.asked, p);
    /// A queue that can begin.
    Queue, "Queue", queue: QueueAsked => Perhaps<Prepared>, prepare;
    /// Every column of the source.
    Columns, "Columns", columns: ColumnsAsked => Shared<ColumnsReport>, |d, asked, p| Ok(columns(d, asked, p)?.map(Arc::new));
    /// What stands behind the labels.
    Annotation, "Annotation", annotation: OfGiven<()> => AnnotationPart, |d, of, p| annotation(d, &of.analysis, p);
    /// What the review has changed.
    BeforeAfter, "Before and after", before_after: OfGiven<BeforeAsked> => Shared<BeforeAfter>, |d, of, p| Ok(before_after(d, &of.analysis, &of.asked, p)?.map(Arc::new));
    /// What to have labelled next.
    NextLabel, "What to label next", next_label: Settings => Perhaps<NextLabel>, next_label;
}

#[derive(Debug)]
struct Slot {
    wanted: Wanted,
    /// What came of it, and what had been asked for then.
    found: Option<(Wanted, Found)>,
    stopped: bool,
}

/// All panels of one dataset.
#[derive(Debug, Default)]
pub struct Panels {
    slots: Vec<Slot>,
}

impl Panels {
    fn slot(&self, kind: Kind) -> Option<&Slot> {
        self.slots.iter().find(|s| s.wanted.kind() == kind)
    }

    /// Whether nobody has begun on `wanted` yet.
    pub fn is_news(&self, wanted: &Wanted) -> bool {
        self.slot(wanted.kind()).is_none_or(|s| s.wanted != *wanted)
    }

    /// Work on `wanted` begins.
    pub fn begin(&mut self, wanted: Wanted) {
        match self.slots.iter_mut().find(|s| s.wanted.kind() == wanted.kind()) {
            Some(slot) => {
                slot.wanted = wanted;
                slot.stopped = false;
            }
            None => self.slots.push(Slot { wanted, found: None, stopped: false }),
        }
    }

    /// Work on `wanted` has come to its end.
    pub fn finish(&mut self, wanted: &Wanted, found: Found) {
        if let Some(slot) = self.slots.iter_mut().find(|s| s.wanted == *wanted) {
            slot.found = Some((wanted.clone(), found));
        }
    }

    /// Work was stopped before its end.
    pub fn stop(&mut self, kind: Kind) {
        if let Some(slot) = self.slots.iter_mut().find(|s| s.wanted.kind() == kind) {
            slot.stopped = true;
            // Nothing says that what is there answers what was asked for.
            slot.found = None;
        }
    }

    /// What was stopped may begin again.
    pub fn again(&mut self) {
        self.slots.retain(|s| !s.stopped);
    }

    /// Whether what is there is no answer to the only thing that is wanted now.
    pub fn is_news_of(&self, kind: Kind, wanted: &[Wanted]) -> bool {
        self.answered(kind) != wanted.first()
    }

    /// Whether work was stopped before its end.
    pub fn is_stopped(&self, kind: Kind) -> bool {
        self.slot(kind).is_some_and(|s| s.stopped)
    }

    /// What came of the panel of this kind.
    fn found(&self, kind: Kind) -> Option<&Found> {
        Some(&self.slot(kind)?.found.as_ref()?.1)
    }

    /// What the panel of this kind answers; what is asked for now may be something else.
    pub fn answered(&self, kind: Kind) -> Option<&Wanted> {
        Some(&self.slot(kind)?.found.as_ref()?.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_stays_until_the_next_is_whole_and_what_is_stopped_waits() {
        let (dataset, progress) = (Dataset::default(), Progress::new());
        let mut panels = Panels::default();
        let first = Wanted::Coefficients(Asked::default());
        assert!(panels.is_news(&first));
        panels.begin(first.clone());
        assert!(!panels.is_news(&first) && panels.coefficients().is_none());
        panels.finish(&first, first.compute(&dataset, &progress).unwrap());
        let measure = Some(crate::analysis::coefficients::Measure::Ordinal);
        let second = Wanted::Coefficients(Asked { measure, ..Asked::default() });
        assert!(panels.is_news(&second));
        panels.begin(second.clone());
        assert!(panels.coefficients().is_some());
        // What comes late, of the earlier question, is not taken for an answer.
        panels.finish(&first, first.compute(&dataset, &progress).unwrap());
        assert_eq!(panels.coefficients().unwrap().asked.measure, None);
        panels.stop(Kind::Coefficients);
        assert!(panels.is_stopped(Kind::Coefficients) && !panels.is_news(&second));
        assert!(panels.coefficients().is_none());
        panels.again();
        assert!(panels.is_news(&second));
    }
}
