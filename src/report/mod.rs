//! An [`Analysis`] for people and for programs: JSON, text, Markdown, HTML, and tables as CSV.
//!
//! Everything is written from the same [`Analysis`] that the window shows, in a fixed order, so equal input gives
//! equal bytes. What is undefined is `null` with a `reason` in JSON, an em dash with its reason for people, and
//! an empty cell in tables. The people's forms share one [`outline`]; each only paints it.

mod before_after;
mod compare;
mod conditions;
mod covariates;
mod crowd;
pub mod difficulty;
mod drift;
mod estimates;
pub mod extras;
pub mod feedback;
mod groups;
mod html;
mod json;
mod judges;
pub mod judging;
mod markdown;
pub mod metrics;
mod models;
mod neighbours;
mod nutrition;
mod outline;
mod per_rater;
mod practice;
mod ratings;
mod repeats;
mod routing;
mod rows;
mod scale_use;
mod score_rewards;
pub mod shifted;
mod spans;
mod strengths;
pub mod tables;
mod tastes;
mod text;
mod validation;
mod versions;
mod votes;
mod what_wins;
mod wrong_labels;

pub use before_after::{before_after_json, before_after_outline};
pub use crowd::{crowd_items, crowd_json};
pub use html::html;
pub use json::{SCHEMA_VERSION, json, only_confident_json, write_json};
pub use markdown::markdown;
pub use nutrition::{
    About, Field, NOT_PROVIDED, NutritionLabel, Variable, figure, frequent, nutrition_html, nutrition_json,
    nutrition_outline, percent, unique,
};
pub use outline::{Block, Outline, Section, outline};
pub use text::text;

use std::io::Write;
use std::path::Path;

use crate::analysis::audit_estimates::EstimatesReport;
use crate::analysis::benchmark::BenchmarkReport;
use crate::analysis::candidate::CandidateReport;
use crate::analysis::categories::CategoriesReport;
use crate::analysis::certificate::Certified;
use crate::analysis::coefficients::Coefficients;
use crate::analysis::compare::CompareReport;
use crate::analysis::conditions::ConditionsReport;
use crate::analysis::covariates::CovariatesReport;
use crate::analysis::cuts::{By, Cuts};
use crate::analysis::difficulty::DifficultyReport;
use crate::analysis::drift::DriftReport;
use crate::analysis::entities::EntitiesReport;
use crate::analysis::judge_validation::JudgingReport;
use crate::analysis::judges::JudgesReport;
use crate::analysis::lab::Lab;
use crate::analysis::metrics::MetricsReport;
use crate::analysis::mistakes::Mistakes;
use crate::analysis::models::ModelsReport;
use crate::analysis::multilabel::MultiLabelReport;
use crate::analysis::neighbours::NeighboursReport;
use crate::analysis::next_label::NextLabel;
use crate::analysis::per_rater::PerRaterReport;
use crate::analysis::practice::PracticeReport;
use crate::analysis::preferences::Preferences;
use crate::analysis::rater_groups::GroupsReport;
use crate::analysis::ratings::RatingsReport;
use crate::analysis::relations::RelationsReport;
use crate::analysis::repeats::RepeatsReport;
use crate::analysis::routing::RoutingReport;
use crate::analysis::scale_use::ScaleUseReport;
use crate::analysis::score_rewards::ScoreRewards;
use crate::analysis::sets::SetsReport;
use crate::analysis::shifted::ShiftedReport;
use crate::analysis::soft::Soft;
use crate::analysis::spans::SpansReport;
use crate::analysis::tastes::TastesReport;
use crate::analysis::validation::Validation;
use crate::analysis::verdicts::Verdicts;
use crate::analysis::versions::VersionsReport;
use crate::analysis::votes::VotesReport;
use crate::analysis::what_wins::WhatWins;
use crate::analysis::{Analysis, ConsensusMethod, FlagMethod, GivenSource};
use crate::dataset::{Dataset, Edits, Outcome, Source};
use crate::formats::refuse_source;
use crate::stats::Undefined;
use crate::stats::confident::PaperLearning;
use crate::whole_file::write_whole;

/// Which sections a report has. The dataset is always described.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sections {
    /// Coefficients of agreement.
    pub agreement: bool,
    /// Labels made out of votes, and the raters who gave them.
    pub aggregation: bool,
    /// Label errors.
    pub confident_learning: bool,
}

impl Default for Sections {
    fn default() -> Self {
        Self { agreement: true, aggregation: true, confident_learning: true }
    }
}

impl Sections {
    /// No section but the dataset's.
    pub const NONE: Self = Self { agreement: false, aggregation: false, confident_learning: false };
}

/// How many items were decided, and how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct ReviewSummary {
    /// Items with a live decision.
    pub decided: usize,
    /// Whose label was right.
    pub kept: usize,
    /// Whose label was changed.
    pub changed: usize,
    /// With several right labels.
    pub several: usize,
    /// With a soft label.
    #[serde(skip_serializing_if = "nothing")]
    pub soft_labels: usize,
    /// With no right label.
    pub none_of_labels: usize,
    /// Left for somebody else.
    pub unsure: usize,
    /// Taken out.
    pub excluded: usize,
}

/// A key that came later is written only where there is something to say.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
fn nothing(n: &usize) -> bool {
    *n == 0
}

impl ReviewSummary {
    /// Counts the live decisions.
    pub fn of(edits: &Edits) -> Self {
        let mut summary = Self { decided: edits.len(), ..Self::default() };
        for (_, edit) in edits.iter() {
            *match edit.outcome {
                Outcome::Kept(_) => &mut summary.kept,
                Outcome::Changed(_) => &mut summary.changed,
                Outcome::Several(_) => &mut summary.several,
                Outcome::Soft(_) => &mut summary.soft_labels,
                Outcome::NoneOfLabels => &mut summary.none_of_labels,
                Outcome::Unsure => &mut summary.unsure,
                Outcome::Excluded => &mut summary.excluded,
            } += 1;
        }
        summary
    }
}

/// Everything that a report is written from.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// What was analysed.
    pub dataset: &'a Dataset,
    /// What came out.
    pub analysis: &'a Analysis,
    /// What a reviewer decided.
    pub review: ReviewSummary,
    /// What to report.
    pub sections: Sections,
    /// What is computed only when somebody asks for it.
    pub extras: &'a Extras,
}

/// What is computed only when somebody asks for it; `None` where nobody did.
#[derive(Debug, Default)]
pub struct Extras {
    /// Every coefficient.
    pub coefficients: Option<Coefficients>,
    /// One coefficient cut up, by what was asked for.
    pub cuts: Vec<(By, Result<Cuts, Undefined>)>,
    /// Agreement on spans.
    pub spans: Option<Result<SpansReport, Undefined>>,
    /// Aggregators side by side.
    pub lab: Option<Lab>,
    /// Soft labels.
    pub soft: Option<Soft>,
    /// Answers of several labels as candidates.
    pub sets: Option<Result<SetsReport, Undefined>>,
    /// A candidate among the raters.
    pub candidate: Option<CandidateReport>,
    /// The majority's certificate.
    pub certificate: Option<Result<Certified, Undefined>>,
    /// Preferences.
    pub preferences: Option<Result<Preferences, Undefined>>,
    /// Which properties win.
    pub what_wins: Option<Result<WhatWins, Undefined>>,
    /// What a score rewards.
    pub score_rewards: Option<Result<ScoreRewards, Undefined>>,
    /// What the decisions say of flags and labels.
    pub validation: Option<Validation>,
    /// Wrong labels in sets.
    pub wrong_sets: Option<Result<MultiLabelReport, Undefined>>,
    /// Which votes are mistakes.
    pub votes: Option<Result<VotesReport, Undefined>>,
    /// Two sides against each other.
    pub compare: Option<Result<CompareReport, Undefined>>,
    /// People against models.
    pub models: Option<Result<ModelsReport, Undefined>>,
    /// Which categories may be left to a model.
    pub categories: Option<Result<CategoriesReport, Undefined>>,
    /// The same items under different conditions.
    pub conditions: Option<Result<ConditionsReport, Undefined>>,
    /// What goes with disagreement.
    pub covariates: Option<Result<CovariatesReport, Undefined>>,
    /// Tastes of raters.
    pub tastes: Option<Result<TastesReport, Undefined>>,
    /// What scales measure.
    pub scales: Option<Result<TastesReport, Undefined>>,
    /// How each rater uses the scale.
    pub scale_use: Option<Result<ScaleUseReport, Undefined>>,
    /// Drift of labels over batches.
    pub drift: Option<Result<DriftReport, Undefined>>,
    /// Groups of raters.
    pub groups: Option<Result<GroupsReport, Undefined>>,
    /// Detectors of a label, each rater by itself.
    pub per_rater: Option<Result<PerRaterReport, Undefined>>,
    /// What the random audit says of all items.
    pub estimates: Option<Result<EstimatesReport, Undefined>>,
    /// Models on corrected labels.
    pub benchmark: Option<Result<BenchmarkReport, Undefined>>,
    /// Judges against people.
    pub judging: Option<Result<JudgingReport, Undefined>>,
    /// Which items are worth a person.
    pub routing: Option<RoutingReport>,
    /// Metrics against people.
    pub metrics: Option<Result<MetricsReport, Undefined>>,
    /// What is hard for people and for models.
    pub difficulty: Option<Result<DifficultyReport, Undefined>>,
    /// Skill over time.
    pub practice: Option<Result<PracticeReport, Undefined>>,
    /// Versions of a tagged corpus.
    pub versions: Option<Result<VersionsReport, Undefined>>,
    /// Tokens that are labelled otherwise elsewhere.
    pub repeats: Option<Result<RepeatsReport, Undefined>>,
    /// Contradictory entities.
    pub entities: Option<Result<EntitiesReport, Undefined>>,
    /// Relations of labels.
    pub relations: Option<Result<RelationsReport, Undefined>>,
    /// Confident learning by the letter of the paper.
    pub paper: Option<Result<PaperLearning, Undefined>>,
    /// What neighbours say.
    pub neighbours: Option<Result<NeighboursReport, Undefined>>,
    /// What judges say together.
    pub judges: Option<Result<JudgesReport, Undefined>>,
    /// Labels beside other rows.
    pub shifted: Option<Result<ShiftedReport, Undefined>>,
    /// How likely labels are mistakes.
    pub mistakes: Option<Result<Mistakes, Undefined>>,
    /// Ratings that are far off.
    pub ratings: Option<Result<RatingsReport, Undefined>>,
    /// What votes say of given labels.
    pub verdicts: Option<Result<Verdicts, Undefined>>,
    /// What to have labelled next.
    pub next_label: Option<Result<NextLabel, Undefined>>,
}

impl Extras {
    /// Nothing.
    pub const NONE: &'static Self = &Self {
        coefficients: None,
        cuts: Vec::new(),
        spans: None,
        lab: None,
        soft: None,
        sets: None,
        candidate: None,
        certificate: None,
        preferences: None,
        what_wins: None,
        score_rewards: None,
        validation: None,
        wrong_sets: None,
        votes: None,
        compare: None,
        models: None,
        categories: None,
        per_rater: None,
        judging: None,
        routing: None,
        metrics: None,
        difficulty: None,
        estimates: None,
        benchmark: None,
        practice: None,
        conditions: None,
        covariates: None,
        tastes: None,
        scales: None,
        scale_use: None,
        drift: None,
        groups: None,
        versions: None,
        repeats: None,
        entities: None,
        relations: None,
        paper: None,
        neighbours: None,
        judges: None,
        shifted: None,
        mistakes: None,
        ratings: None,
        verdicts: None,
        next_label: None,
    };
}

/// Writes what was computed of `source` to a file of its own, whole or not at all: never over what was read, nor through
/// a link, nor over what is no file.
pub fn write_beside(
    source: &Source,
    out: &Path,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    refuse_source(source, out)?;
    write_whole(out, write)
}

impl Subject<'_> {
    /// The name of `rater`, or its number from 1 where the data names none.
    pub fn rater_name(&self, rater: usize) -> String {
        match self.dataset.raters.names.get(rater) {
            Some(name) => name.clone(),
            None => (rater + 1).to_string(),
        }
    }

    /// The keys of `items`.
    fn keys(&self, items: &[u32]) -> Vec<&str> {
        items.iter().map(|&item| self.dataset.keys.get(item as usize)).collect()
    }

    /// Items whose given label is under suspicion.
    pub fn n_flagged(&self) -> usize {
        self.analysis.items.flagged.iter().filter(|&&f| f).count()
    }
}

/// Key of a way to make a consensus: `majority_vote`, `dawid_skene`.
pub fn consensus_key(method: ConsensusMethod) -> &'static str {
    match method {
        ConsensusMethod::MajorityVote => "majority_vote",
        ConsensusMethod::DawidSkene => "dawid_skene",
    }
}

/// Key of a way to flag items: `prune_by_noise_rate`, `dawid_skene_posterior`, `nothing`.
pub fn flag_key(method: FlagMethod) -> &'static str {
    match method {
        FlagMethod::ConfidentLearning => "prune_by_noise_rate",
        FlagMethod::DawidSkenePosterior => "dawid_skene_posterior",
        FlagMethod::Nothing => "nothing",
    }
}

/// The given label's source in words.
fn given_words(source: &GivenSource) -> String {
    match source {
        GivenSource::Column(name) => format!("column “{name}”"),
        GivenSource::Consensus(ConsensusMethod::MajorityVote) => "majority vote".to_owned(),
        GivenSource::Consensus(ConsensusMethod::DawidSkene) => "Dawid–Skene".to_owned(),
    }
}
