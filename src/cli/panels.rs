//! What `analyze` computes only when it is asked to: coefficients and their cuts, agreement on spans, aggregators, soft labels, a candidate
//! among the raters, the majority's certificate, preferences, wrong labels of sets, entities and tokens, relations of labels, what to label next.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};

use crate::analysis::candidate::{Candidate, CandidateAsked, candidate};
use crate::analysis::categories::{CategoriesAsked, categories};
use crate::analysis::certificate::certified;
use crate::analysis::coefficients::{Asked, Coefficients, Measure, coefficients};
use crate::analysis::compare::{CompareAsked, Side, compare};
use crate::analysis::conditions::{self, ConditionsAsked, Link};
use crate::analysis::covariates::{CovariatesAsked, covariates};
use crate::analysis::cuts::{By, CutsAsked, cuts};
use crate::analysis::drift::{Batches, DriftAsked, drift};
use crate::analysis::entities::{EntitiesAsked, entities};
use crate::analysis::judges::{JudgesAsked, judges};
use crate::analysis::lab::lab;
use crate::analysis::mistakes::{MistakesAsked, Prior, mistakes};
use crate::analysis::models::{ModelsAsked, models};
use crate::analysis::multilabel::{MultiLabelAsked, multilabel};
use crate::analysis::neighbours::{Known, neighbours};
use crate::analysis::next_label::next_label;
use crate::analysis::paper::paper;
use crate::analysis::per_rater::{PerRaterAsked, per_rater};
use crate::analysis::practice::{PracticeAsked, practice};
use crate::analysis::preferences::{PreferencesAsked, preferences};
use crate::analysis::rater_groups::{GroupsAsked, rater_groups};
use crate::analysis::ratings::ratings;
use crate::analysis::relations::{RelationsAsked, relations};
use crate::analysis::repeats::repeats;
use crate::analysis::sets::{SetsAsked, sets};
use crate::analysis::soft::{Component, SoftAsked, soft};
use crate::analysis::spans::{MATCHES, SpansAsked, spans};
use crate::analysis::validation::decided;
use crate::analysis::verdicts::{VerdictsAsked, verdicts};
use crate::analysis::versions::{VersionsAsked, versions};
use crate::analysis::votes::votes;
use crate::analysis::{Analysis, Settings};
use crate::dataset::{Dataset, Edits};
use crate::progress::Progress;
use crate::report::Extras;
use crate::stats::aggregation::{AGGREGATORS, Which};
use crate::stats::agreement::spans::SpanMatch;
use crate::stats::agreement::{COEFFICIENTS, IntervalKind, IntervalSpec, Kind};
use crate::stats::confident::Filter;
use crate::stats::rationales::{JointlyEmpty, Unit};
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
    /// Cut a coefficient up: label, level, rater, group=ATTRIBUTE, slice=COLUMN, item, question, or all
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
    /// What goes with disagreement: each property of the items, tested against the share of pairs of votes that differ
    #[arg(long)]
    pub covariates: bool,
    /// The same items under different conditions: the values of COLUMN, where LINK (a column, or the text) says which items are
    /// the same; without COLUMN the first that fits, or the questions of the source
    #[arg(long, value_name = "COLUMN[,LINK]", num_args = 0..=1, require_equals = true, default_missing_value = "")]
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
            self.compare.is_some(),
            self.versions.is_some(),
            self.human_distribution,
            self.rater_groups.is_some(),
            self.per_rater.is_some(),
            self.practice.is_some(),
            self.conditions.is_some(),
            self.covariates,
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

/// What a cut goes by, as on the command line. `all` is all that the data allows.
fn cuts_by(dataset: &Dataset, typed: &str) -> anyhow::Result<Vec<By>> {
    let (what, of) = typed.split_once('=').unwrap_or((typed, ""));
    let named = |kind: &str, names: Vec<&String>| {
        let at = names.iter().position(|n| *n == of);
        let known = names.iter().map(|n| n.as_str()).collect::<Vec<_>>().join(", ");
        at.with_context(|| format!("--cut {kind}={of}: the data has no such column; there are: {known}"))
    };
    Ok(match what {
        "all" => By::all(dataset),
        "label" => vec![By::Label],
        "level" => vec![By::Level],
        "rater" => vec![By::Rater],
        "group" => vec![By::Group(named("group", dataset.raters.attributes.iter().map(|a| &a.0).collect())?)],
        "slice" => vec![By::Slice(named("slice", dataset.metadata.iter().map(|m| &m.0).collect())?)],
        "item" => vec![By::Item],
        "question" => vec![By::Question],
        _ => bail!(
            "--cut {typed}: cuts are label, level, rater, group=ATTRIBUTE, slice=COLUMN, item, question and all"
        ),
    })
}

/// Items on which a column has a value, from `COLUMN=VALUE`.
fn items_where(dataset: &Dataset, typed: &str) -> anyhow::Result<Arc<[u32]>> {
    let (column, value) =
        typed.split_once('=').with_context(|| format!("--where {typed}: write COLUMN=VALUE"))?;
    let Some((_, values)) = dataset.metadata.iter().find(|(name, _)| name == column) else {
        let known = dataset.metadata.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>().join(", ");
        bail!("--where {typed}: the data has no column “{column}” about items; there are: {known}");
    };
    let items: Arc<[u32]> =
        values.iter().enumerate().filter(|(_, v)| *v == value).map(|(i, _)| i as u32).collect();
    if items.is_empty() {
        bail!("--where {typed}: on no item is “{column}” “{value}”");
    }
    Ok(items)
}

/// Who is put to the test.
fn who(dataset: &Dataset, typed: &str) -> anyhow::Result<Candidate> {
    let all = Candidate::all(dataset);
    let rater = dataset.raters.names.iter().position(|n| n == typed).map(|r| Candidate::Rater(r as u32));
    let found = rater.or(match typed {
        "model" => Some(Candidate::Model),
        "given" => Some(Candidate::Given),
        "gold" => Some(Candidate::Gold),
        _ => None,
    });
    found.filter(|c| all.contains(c)).with_context(|| {
        let known = all.iter().take(20).map(|c| c.words(dataset)).collect::<Vec<_>>().join(", ");
        format!("--candidate {typed}: the data has none of this name; there are: {known}")
    })
}

/// Computes what is asked for, of the labels under suspicion as they stand.
pub fn compute(
    args: &PanelArgs,
    dataset: &Dataset,
    edits: &Edits,
    analysis: &Analysis,
    settings: &Settings,
    seed: u64,
    progress: &Progress,
) -> anyhow::Result<Extras> {
    let mut extras = Extras::default();
    let interval = match args.coefficients {
        None | Some(IntervalArg::Analytic) => IntervalKind::Analytic,
        Some(IntervalArg::Jackknife) => IntervalKind::Jackknife,
        Some(IntervalArg::Bootstrap) => IntervalKind::Bootstrap { replicates: 1000, seed },
    };
    let measure = args.scale.map(Measure::from);
    if let Some(measure) = measure.filter(|m| !m.fits(dataset)) {
        let (name, _) = measure.words();
        let known: Vec<_> = Measure::ALL
            .into_iter()
            .filter(|m| m.fits(dataset))
            .map(|m| m.words().0.to_lowercase())
            .collect();
        bail!("--scale: {} does not fit these labels; there are {}", name.to_lowercase(), known.join(", "));
    }
    let asked = Asked {
        measure,
        interval: IntervalSpec::new(interval),
        settings: settings.clone(),
        items: args.only_where.as_ref().map(|typed| items_where(dataset, typed)).transpose()?,
    };
    let wanted: Vec<By> =
        args.cuts.iter().map(|typed| cuts_by(dataset, typed)).collect::<anyhow::Result<Vec<_>>>()?.concat();
    if args.coefficients.is_some()
        || args.only_where.is_some()
        || (args.scale.is_some() && args.candidate.is_none() && wanted.is_empty())
        || (!wanted.is_empty() && args.cut_of.is_none())
    {
        extras.coefficients = Some(coefficients(dataset, asked.clone(), progress)?);
    }
    let fits = extras.coefficients.as_ref().map_or(Kind::Krippendorff, Coefficients::recommended);
    for by in wanted {
        let asked = CutsAsked { of: asked.clone(), kind: args.cut_of.unwrap_or(fits), by: by.clone(), seed };
        extras.cuts.push((by, cuts(dataset, &asked, progress)?));
    }
    if let Some(matching) = args.spans {
        let asked = SpansAsked {
            settings: settings.clone(),
            matching,
            unit: args.highlight_unit.map_or_else(Unit::default, Into::into),
            empty: if args.both_empty_zero { JointlyEmpty::Zero } else { JointlyEmpty::Undefined },
            seed,
        };
        extras.spans = Some(spans(dataset, &asked, progress)?);
    }
    let methods: Vec<Which> = args.aggregate.iter().flat_map(|a| &a.0).copied().collect();
    if !methods.is_empty() {
        extras.lab = Some(lab(dataset, settings, &methods, seed, progress)?);
    }
    let mut ticked: Vec<Component> = args.soft.iter().flat_map(|c| &c.0).copied().collect();
    if ticked.is_empty() && args.soft_labels.is_some() {
        ticked = Component::usual();
    }
    if !ticked.is_empty() {
        ticked = Component::all().into_iter().filter(|c| ticked.contains(c)).collect();
        let asked = SoftAsked { settings: settings.clone(), ticked, multiplied: args.soft_product };
        extras.soft = Some(soft(dataset, &asked, progress)?);
    }
    if let Some(extra_tenths) = args.candidate_sets {
        let asked = SetsAsked { settings: settings.clone(), extra_tenths };
        extras.sets = Some(sets(dataset, &asked, progress)?);
    }
    if let Some(typed) = &args.candidate {
        if !(0.0..=1.0).contains(&args.epsilon) {
            bail!("--epsilon {}: a share of 0 to 1", args.epsilon);
        }
        let asked = CandidateAsked {
            settings: settings.clone(),
            candidate: who(dataset, typed)?,
            measure,
            epsilon_thousandths: (args.epsilon * 1000.0).round() as u32,
            seed,
        };
        extras.candidate = Some(candidate(dataset, &asked, progress)?);
    }
    if args.certificate {
        extras.certificate = Some(certified(dataset, settings, progress)?);
    }
    if args.preferences {
        let asked = PreferencesAsked { settings: settings.clone(), seed };
        extras.preferences = Some(preferences(dataset, &asked, progress)?);
    }
    let under_suspicion = &analysis.given;
    let given = &under_suspicion.current;
    if args.neighbours {
        let model = analysis.suspicion.as_ref().as_ref().ok();
        extras.neighbours = Some(neighbours(dataset, given, model, &Known::default(), progress)?);
    }
    if args.judges {
        let decided = decided(edits, &under_suspicion.original);
        let asked = JudgesAsked { settings: settings.clone(), equal_counts: false, decided };
        extras.judges = Some(judges(dataset, under_suspicion, &asked, progress)?);
    }
    if args.error_or_variation {
        extras.votes = Some(votes(dataset, settings, progress)?);
    }
    if let (Some(a), Some(b)) = (&args.compare, &args.with) {
        let sides = [side(dataset, "--compare", a)?, side(dataset, "--with", b)?];
        let asked = CompareAsked { settings: settings.clone(), sides };
        extras.compare = Some(compare(dataset, analysis, &asked, progress)?);
    }
    if args.human_distribution {
        let asked = ModelsAsked { settings: settings.clone(), seed };
        extras.models = Some(models(dataset, &asked, progress)?);
    }
    if args.categories {
        let asked = CategoriesAsked { settings: settings.clone(), seed };
        extras.categories = Some(categories(dataset, &asked, progress)?);
    }
    if let Some(name) = &args.per_rater {
        let label = dataset.labels.id(name).with_context(|| {
            let known = dataset.labels.names().iter().take(20).cloned().collect::<Vec<_>>().join(", ");
            format!("--per-rater {name}: the data has no such label; there are: {known}")
        })?;
        let asked = PerRaterAsked { settings: settings.clone(), label, seed };
        extras.per_rater = Some(per_rater(dataset, &asked, progress)?);
    }
    if let Some(name) = &args.rater_groups {
        let attributes = &dataset.raters.attributes;
        let attribute = attributes.iter().position(|a| a.0 == *name).with_context(|| {
            let known = attributes.iter().map(|a| a.0.as_str()).collect::<Vec<_>>().join(", ");
            format!("--rater-groups {name}: raters have no such attribute; there are: {known}")
        })?;
        let asked = GroupsAsked { settings: settings.clone(), attribute, seed };
        extras.groups = Some(rater_groups(dataset, &asked, progress)?);
    }
    if let Some(first) = args.practice {
        let first = Some(first).filter(|&k| k > 0);
        let asked = PracticeAsked { settings: settings.clone(), first, truth: None, seed };
        extras.practice = Some(practice(dataset, &asked, progress)?);
    }
    if let Some(typed) = &args.conditions {
        let asked = ConditionsAsked { settings: settings.clone(), by: conditions_by(dataset, typed)? };
        extras.conditions = Some(conditions::conditions(dataset, under_suspicion, &asked, progress)?);
    }
    if args.covariates {
        let asked = CovariatesAsked { settings: settings.clone() };
        extras.covariates = Some(covariates(dataset, &asked, progress)?);
    }
    if let Some(name) = &args.drift {
        let by = if name.is_empty() {
            Batches::Parts
        } else {
            let at = dataset.metadata.iter().position(|m| m.0 == *name).with_context(|| {
                let known = dataset.metadata.iter().map(|m| m.0.as_str()).collect::<Vec<_>>().join(", ");
                format!("--drift={name}: the data has no such column about items; there are: {known}")
            })?;
            Batches::Column(at)
        };
        let asked = DriftAsked { settings: settings.clone(), by, seed };
        extras.drift = Some(drift(dataset, under_suspicion, &asked, progress)?);
    }
    if let Some(reading) = args.versions {
        let asked = VersionsAsked { settings: settings.clone(), rule: reading.into() };
        extras.versions = Some(versions(dataset, under_suspicion, &asked, progress)?);
    }
    if args.mistakes {
        let asked = MistakesAsked { prior: Prior::Model, seed };
        extras.mistakes = Some(mistakes(dataset, under_suspicion, &analysis.confident, &asked, progress)?);
    }
    if args.ratings {
        extras.ratings = Some(ratings(dataset, under_suspicion, settings, progress)?);
    }
    if args.verdicts {
        let asked = VerdictsAsked { settings: settings.clone(), population: args.population };
        extras.verdicts = Some(verdicts(dataset, under_suspicion, &asked, progress)?);
    }
    if let Some(filter) = args.wrong_sets {
        let asked = MultiLabelAsked { filter, ..MultiLabelAsked::default() };
        extras.wrong_sets = Some(multilabel(dataset, given, &asked, progress)?);
    }
    if args.entities {
        let asked = EntitiesAsked { settings: settings.clone() };
        extras.entities = Some(entities(dataset, given, &asked, progress)?);
    }
    if args.variation_ngrams {
        extras.repeats = Some(repeats(dataset, given, progress)?);
    }
    if args.label_relations {
        let asked = RelationsAsked::new(settings.clone());
        extras.relations = Some(relations(dataset, given, &asked, progress)?);
    }
    if args.paper_learning {
        extras.paper = Some(paper(dataset, given, progress)?);
    }
    if args.label_next {
        extras.next_label = Some(next_label(dataset, settings, progress)?);
    }
    Ok(extras)
}

/// The side of this name.
fn side(dataset: &Dataset, option: &str, name: &str) -> anyhow::Result<Side> {
    Side::find(dataset, name).with_context(|| {
        let some: Vec<String> = Side::all(dataset).iter().take(12).map(|side| side.id(dataset)).collect();
        format!("{option} {name}: the data has no such side; there are {}, …", some.join(", "))
    })
}

/// What `--conditions` asks for.
fn conditions_by(dataset: &Dataset, typed: &str) -> anyhow::Result<conditions::By> {
    if typed.is_empty() {
        let first = conditions::ways(dataset).first().copied();
        return first.context(
            "--conditions: no column comes with items that another column or the text calls the same, \
             and the source does not ask several questions whose answers are numbers",
        );
    }
    let column = |name: &str| {
        dataset.metadata.iter().position(|m| m.0 == name).with_context(|| {
            let known = dataset.metadata.iter().map(|m| m.0.as_str()).collect::<Vec<_>>().join(", ");
            format!("--conditions={typed}: the data has no column “{name}” about items; there are: {known}")
        })
    };
    let (name, link) = match typed.rsplit_once(',') {
        Some((name, link)) => (name, Some(link)),
        None => (typed, None),
    };
    let at = column(name)?;
    let link = match link {
        Some("text") if dataset.texts.is_some() => Link::Text,
        Some(link) => Link::Column(column(link)?),
        None => conditions::link_of(dataset, at).with_context(|| {
            format!("--conditions={typed}: nothing calls items the same; name it: --conditions={name},LINK")
        })?,
    };
    Ok(conditions::By::Column(at, link))
}
