//! What `analyze` computes only when it is asked to: coefficients and their cuts, agreement on spans, aggregators, soft labels, a candidate
//! among the raters, the majority's certificate, preferences, wrong labels of sets, entities and tokens, relations of labels, what to label next.

mod compute;

pub use self::compute::compute;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::analysis::coefficients::Measure;
use crate::analysis::soft::Component;
use crate::analysis::spans::MATCHES;
use crate::stats::aggregation::{AGGREGATORS, Which};
use crate::stats::agreement::spans::SpanMatch;
use crate::stats::agreement::{COEFFICIENTS, Kind};
use crate::stats::confident::Filter;
use crate::stats::rationales::Unit;
use crate::stats::versions::DecodingRule;

/// What to compute beside the sections of every report.
#[derive(Debug, Default, Args)]
pub struct PanelArgs {
    /// Every coefficient of agreement, with intervals made like this
    #[arg(long, value_name = "INTERVALS", num_args = 0..=1, require_equals = true, default_missing_value = "analytic")]
    pub coefficients: Option<IntervalArg>,
    /// What the distance between labels means (default: what the data says)
    #[arg(long, value_name = "SCALE")]
    pub scale: Option<ScaleArg>,
    /// Only items on which this column has this value count in coefficients and their cuts
    #[arg(long = "where", value_name = "COLUMN=VALUE")]
    pub only_where: Option<String>,
    /// Cut a coefficient up: label, level, rater, group=ATTRIBUTE, slice=COLUMN, item, before, question, or all
    #[arg(long = "cut", value_name = "BY")]
    pub cuts: Vec<String>,
    /// The coefficient that is cut, such as gwet_ac (default: the one that fits)
    #[arg(long, value_name = "COEFFICIENT", requires = "cuts", value_parser = coefficient_kind)]
    pub cut_of: Option<Kind>,
    /// Agreement on spans of text; F1 takes for the same: exact, exact_stretch, partial, partial_stretch, token or character
    #[arg(long, value_name = "MATCHING", num_args = 0..=1, require_equals = true, default_missing_value = "exact", value_parser = matching)]
    pub spans: Option<SpanMatch>,
    /// What of a document is marked or not, for the overlap of highlights (default: tokens)
    #[arg(long, value_enum, value_name = "UNIT", requires = "spans")]
    pub highlight_unit: Option<UnitArg>,
    /// Two raters who marked nothing have an overlap of 0 instead of none
    #[arg(long, requires = "spans")]
    pub both_empty_zero: bool,
    /// Run these aggregators side by side: all, or names such as wawa,glad,mace
    #[arg(long, value_name = "METHODS", value_delimiter = ',', value_parser = aggregators)]
    pub aggregate: Vec<Aggregators>,
    /// Soft labels, the average of these: usual, all, or names such as shares,softmax,dawid_skene
    #[arg(long, value_name = "COMPONENTS", num_args = 0..=1, require_equals = true, value_delimiter = ',', default_missing_value = "usual", value_parser = components)]
    pub soft: Vec<Components>,
    /// Multiply the components of soft labels instead (conflation)
    #[arg(long, requires = "soft")]
    pub soft_product: bool,
    /// Write soft labels here, one row an item (CSV)
    #[arg(long, value_name = "FILE")]
    pub soft_labels: Option<PathBuf>,
    /// Narrow answers of several labels down to one; COUNT (such as 0.1) keeps labels that are rare
    #[arg(long, value_name = "COUNT", num_args = 0..=1, require_equals = true, default_missing_value = "0", value_parser = extra_count)]
    pub candidate_sets: Option<u32>,
    /// Put a candidate to the test, beside and in the place of each rater: a rater's name, model, given or gold
    #[arg(long, value_name = "WHO")]
    pub candidate: Option<String>,
    /// How much worse the candidate may be for being cheaper
    #[arg(long, value_name = "SHARE", default_value_t = 0.2, requires = "candidate")]
    pub epsilon: f64,
    /// Where no weighting of the raters could overrule the majority
    #[arg(long)]
    pub certificate: bool,
    /// Which of two is better: worths, ties, one taste or several
    #[arg(long)]
    pub preferences: bool,
    /// Which properties of two sides win (numbers of the texts, and columns of numbers in twos such as length_a and length_b), beside the length
    /// and the side; people against models; raters with weights of their own
    #[arg(long)]
    pub what_wins: bool,
    /// What a score rewards: points lost for each flag (columns of 0 and 1, a column of tags, questions answered yes or no), by the Lasso with this
    /// penalty
    #[arg(long, value_name = "ALPHA", num_args = 0..=1, default_missing_value = "0.01", require_equals = true)]
    pub score_rewards: Option<f64>,
    /// Compare this side (a rater's name, ATTRIBUTE=VALUE, or people, models, rest, model, given, gold, majority, dawid_skene) …
    #[arg(long, value_name = "A", requires = "with")]
    pub compare: Option<String>,
    /// … with this one
    #[arg(long, value_name = "B", requires = "compare")]
    pub with: Option<String>,
    /// Which votes are mistakes and which are readings; items by kind: error-like, ambiguous, guideline-like
    #[arg(long)]
    pub error_or_variation: bool,
    /// People against models: distributions, disagreement, k best, uncertainty, beside what people reach among themselves
    #[arg(long)]
    pub human_distribution: bool,
    /// Which categories may be left to a model: people's kappa with each other against theirs with the model
    #[arg(long)]
    pub categories: bool,
    /// Judges (models) against people, as people are held against each other; by CUT, an attribute of the raters or a column about the items. Warns
    /// of judges and people who mean other labels by the same codes
    #[arg(long, value_name = "CUT", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub judge_validation: Option<String>,
    /// Which items are worth a person: an order learned from where MACHINE (a model's name; by default the first) was wrong, with its curve by budget;
    /// labels below the knee of a model's margins; items on which two differ most; items that tell two models apart
    #[arg(long, value_name = "MACHINE", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub routing: Option<String>,
    /// Columns of numbers (automatic metrics) against people's scores: over items, within the items of one source, and over systems; the columns that
    /// say which system and source an item is of, by default guessed by name
    #[arg(long, value_name = "SYSTEM_COLUMN[,SOURCE_COLUMN]", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub metrics: Option<String>,
    /// What is hard for people against what is hard for models, item by item and, with CONDITION_COLUMN, by its values
    #[arg(long, value_name = "CONDITION_COLUMN", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub difficulty: Option<String>,
    /// What the random audit in the log says of all items: how good given labels and judges are, how often each label is right, with a machine's help
    #[arg(long)]
    pub audit_estimates: bool,
    /// Models on labels that the log upheld and corrected, and the prevalence of errors from which two change places
    #[arg(long)]
    pub benchmark: bool,
    /// Models, and columns of numbers, as detectors of this label, each rater by itself
    #[arg(long, value_name = "LABEL")]
    pub per_rater: Option<String>,
    /// Groups of raters by this attribute: differences tested by permuting raters, whose majority serves whom, profiles
    #[arg(long, value_name = "ATTRIBUTE")]
    pub rater_groups: Option<String>,
    /// Whether raters get better: right and wrong in the order of their answers, the first K of each (by default as many as half of
    /// the raters reach), against the trusted label or what most of the others say
    #[arg(long, value_name = "K", num_args = 0..=1, require_equals = true, default_missing_value = "0")]
    pub practice: Option<usize>,
    /// Labels batch by batch, by the values of this column about items (without one: ten parts of the file)
    #[arg(long, value_name = "COLUMN", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub drift: Option<String>,
    /// What goes with disagreement: each property of the items, tested against the share of pairs of votes that differ; or of the texts,
    /// against highlights that only one of two made
    #[arg(long, value_name = "OF", num_args = 0..=1, require_equals = true, default_missing_value = "votes")]
    pub covariates: Option<DisagreementArg>,
    /// Dimensions of taste among 30 raters or more; of words, whether a vote says LABEL
    #[arg(long, value_name = "LABEL", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub tastes: Option<String>,
    /// How many things the questions of the source measure, where their answers are numbers
    #[arg(long)]
    pub scales: bool,
    /// How each rater uses the scale of numbers or ordered labels: lower or higher than others on the same items, and agreement
    /// before and after each is put on one scale
    #[arg(long)]
    pub scale_use: bool,
    /// The same items under different conditions: the values of COLUMN, where LINK (a column, or the text) says which items are
    /// the same, of one SYSTEM (a further column); without COLUMN the first that fits, or the questions of the source
    #[arg(long, value_name = "COLUMN[,LINK[,SYSTEM]]", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub conditions: Option<String>,
    /// Versions of a tagged corpus, or raters of it: entities that differ, by kind and by label; an I- of another type than the
    /// tag before begins an entity (type_change) or goes on with it (begin_only)
    #[arg(long, value_name = "READING", num_args = 0..=1, require_equals = true, default_missing_value = "type_change")]
    pub versions: Option<ReadingArg>,
    /// Wrong labels where an item has several: which should go, which should come, by this filter
    #[arg(long, value_name = "FILTER", num_args = 0..=1, require_equals = true, default_missing_value = "prune_by_noise_rate", value_parser = filter)]
    pub wrong_sets: Option<Filter>,
    /// Entities that contradict each other: types, boundaries, coverage, raters, illegal tags
    #[arg(long)]
    pub entities: bool,
    /// Tokens that are labelled otherwise than the same words elsewhere (variation n-grams), and words with several labels
    #[arg(long)]
    pub variation_ngrams: bool,
    /// How labels relate: identical, within, exclusive, overlapping
    #[arg(long)]
    pub label_relations: bool,
    /// Confident learning by the letter of its paper, beside what cleanlab computes
    #[arg(long)]
    pub paper_learning: bool,
    /// What items that are alike say: duplicates with different labels, neighbours that disagree, outliers
    #[arg(long)]
    pub neighbours: bool,
    /// What models say together against given labels, by how sure they are
    #[arg(long)]
    pub judges: bool,
    /// Whether labels stand beside the rows they were made for: blocks of the file that a lag, or another order within windows, fits better
    #[arg(long)]
    pub shifted_labels: bool,
    /// How likely each given label is a mistake, and how many are
    #[arg(long)]
    pub mistakes: bool,
    /// Ratings on a scale that are far from what was to be expected
    #[arg(long)]
    pub ratings: bool,
    /// What votes say of given labels: upheld, overruled, open; with the prevalence of noise
    #[arg(long)]
    pub verdicts: bool,
    /// Items of the population from which those with verdicts were picked; by default those of the data
    #[arg(long, value_name = "N", requires = "verdicts")]
    pub population: Option<u64>,
    /// Which items to have labelled next (ActiveLab)
    #[arg(long)]
    pub label_next: bool,
}

impl PanelArgs {
    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        let lists = [self.cuts.is_empty(), self.aggregate.is_empty(), self.soft.is_empty()];
        let singles = [
            self.coefficients.is_some(),
            self.spans.is_some(),
            self.soft_labels.is_some(),
            self.candidate_sets.is_some(),
            self.candidate.is_some(),
            self.certificate,
            self.preferences,
            self.what_wins,
            self.score_rewards.is_some(),
            self.compare.is_some(),
            self.versions.is_some(),
            self.human_distribution,
            self.rater_groups.is_some(),
            self.per_rater.is_some(),
            self.judge_validation.is_some(),
            self.routing.is_some(),
            self.metrics.is_some(),
            self.difficulty.is_some(),
            self.audit_estimates,
            self.benchmark,
            self.practice.is_some(),
            self.conditions.is_some(),
            self.covariates.is_some(),
            self.tastes.is_some(),
            self.scales,
            self.scale_use,
            self.drift.is_some(),
            self.categories,
            self.error_or_variation,
            self.wrong_sets.is_some(),
            self.entities,
            self.variation_ngrams,
            self.label_relations,
            self.paper_learning,
            self.neighbours,
            self.judges,
            self.shifted_labels,
            self.mistakes,
            self.ratings,
            self.verdicts,
            self.label_next,
        ];
        lists.iter().all(|&empty| empty) && !singles.contains(&true)
    }
}

/// How intervals are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum IntervalArg {
    /// In closed form, where there is one.
    Analytic,
    /// Leaving out one item after the other.
    Jackknife,
    /// A thousand resamples of items, by --seed.
    Bootstrap,
}

/// How tags that no scheme allows are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum ReadingArg {
    /// Another type begins an entity.
    TypeChange,
    /// Only B- begins one.
    BeginOnly,
}

impl From<ReadingArg> for DecodingRule {
    fn from(arg: ReadingArg) -> Self {
        match arg {
            ReadingArg::TypeChange => Self::TypeChange,
            ReadingArg::BeginOnly => Self::BeginOnly,
        }
    }
}

/// What is marked or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum UnitArg {
    /// Words and signs.
    Token,
    /// Sentences.
    Sentence,
    /// Paragraphs.
    Paragraph,
}

impl From<UnitArg> for Unit {
    fn from(arg: UnitArg) -> Self {
        match arg {
            UnitArg::Token => Self::Token,
            UnitArg::Sentence => Self::Sentence,
            UnitArg::Paragraph => Self::Paragraph,
        }
    }
}

/// What disagreement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DisagreementArg {
    /// Of votes.
    Votes,
    /// Of highlights.
    Highlights,
}

/// Scales.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum ScaleArg {
    /// Labels differ or not.
    Nominal,
    /// Labels have an order.
    Ordinal,
    /// Differences mean something.
    Interval,
    /// Ratios mean something.
    Ratio,
    /// After the greatest value comes the least.
    Circular,
    /// Sets of labels, by what they share.
    Jaccard,
    /// Sets of labels; a part is closer than what crosses.
    Masi,
}

impl From<ScaleArg> for Measure {
    fn from(arg: ScaleArg) -> Self {
        match arg {
            ScaleArg::Nominal => Self::Nominal,
            ScaleArg::Ordinal => Self::Ordinal,
            ScaleArg::Interval => Self::Interval,
            ScaleArg::Ratio => Self::Ratio,
            ScaleArg::Circular => Self::Circular,
            ScaleArg::Jaccard => Self::Jaccard,
            ScaleArg::Masi => Self::Masi,
        }
    }
}

/// Aggregators of one name: several for `all`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aggregators(pub Vec<Which>);

fn aggregators(name: &str) -> Result<Aggregators, String> {
    if name == "all" {
        return Ok(Aggregators(AGGREGATORS.iter().map(|a| a.which).collect()));
    }
    Which::from_id(name).map(|which| Aggregators(vec![which])).ok_or_else(|| {
        let ids: Vec<&str> = AGGREGATORS.iter().map(|a| a.id).collect();
        format!("there are all, {}", ids.join(", "))
    })
}

/// Components of soft labels of one name: several for `all` and `usual`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Components(pub Vec<Component>);

fn components(name: &str) -> Result<Components, String> {
    let all = Component::all();
    match name {
        "all" => Ok(Components(all)),
        "usual" => Ok(Components(Component::usual())),
        _ => {
            let known = || all.iter().map(|c| c.id()).collect::<Vec<_>>().join(", ");
            let found = all.iter().find(|c| c.id() == name);
            found.map(|&c| Components(vec![c])).ok_or_else(|| format!("there are usual, all, {}", known()))
        }
    }
}

/// A count in tenths.
fn extra_count(typed: &str) -> Result<u32, String> {
    let count: Option<f64> = typed.parse().ok();
    match count.filter(|c| (0.0..=1000.0).contains(c)) {
        Some(count) => Ok((count * 10.0).round() as u32),
        None => Err("a number from 0 to 1000, in steps of 0.1".to_owned()),
    }
}

fn matching(id: &str) -> Result<SpanMatch, String> {
    let known = || {
        let ids = MATCHES.iter().filter_map(|m| serde_json::to_value(m.0).ok());
        ids.filter_map(|id| id.as_str().map(str::to_owned)).collect::<Vec<_>>().join(", ")
    };
    serde_json::from_value(id.into()).map_err(|_| format!("there are {}", known()))
}

fn filter(key: &str) -> Result<Filter, String> {
    let known = || Filter::ALL.map(Filter::key).join(", ");
    Filter::ALL.into_iter().find(|f| f.key() == key).ok_or_else(|| format!("there are {}", known()))
}

fn coefficient_kind(id: &str) -> Result<Kind, String> {
    let known = || COEFFICIENTS.iter().map(|c| c.id).collect::<Vec<_>>().join(", ");
    let found = COEFFICIENTS.iter().find(|c| c.id == id);
    found.map(|c| c.kind).ok_or_else(|| format!("there are {}", known()))
}
