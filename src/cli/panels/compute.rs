//! Computes what was asked for beside the sections of every report.

use std::sync::Arc;

use anyhow::{Context as _, bail};

use super::{DisagreementArg, IntervalArg, PanelArgs};
use crate::analysis::audit_estimates::{EstimatesAsked, audit_estimates};
use crate::analysis::benchmark::{BenchmarkAsked, benchmark};
use crate::analysis::candidate::{Candidate, CandidateAsked, candidate};
use crate::analysis::categories::{CategoriesAsked, categories};
use crate::analysis::certificate::certified;
use crate::analysis::coefficients::{Asked, Coefficients, Measure, coefficients};
use crate::analysis::compare::{CompareAsked, Side, compare};
use crate::analysis::conditions::{self, ConditionsAsked, Link, Same};
use crate::analysis::covariates::{CovariatesAsked, Disagreement, covariates};
use crate::analysis::cuts::{By, CutsAsked, cuts};
use crate::analysis::difficulty::{DifficultyAsked, difficulty};
use crate::analysis::drift::{Batches, DriftAsked, drift};
use crate::analysis::entities::{EntitiesAsked, entities};
use crate::analysis::judge_validation::{Cut, JudgingAsked, judging};
use crate::analysis::judges::{JudgesAsked, judges};
use crate::analysis::lab::lab;
use crate::analysis::metrics::{MetricColumns, MetricsAsked, metrics};
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
use crate::analysis::routing::{Machine, RoutingAsked, routing};
use crate::analysis::scale_use::{ScaleUseAsked, scale_use};
use crate::analysis::score_rewards::{ScoreRewardsAsked, score_rewards};
use crate::analysis::sets::{SetsAsked, sets};
use crate::analysis::shifted::shifted;
use crate::analysis::soft::{Component, SoftAsked, soft};
use crate::analysis::spans::{SpansAsked, spans};
use crate::analysis::tastes::{Of, TastesAsked, tastes};
use crate::analysis::validation::decided;
use crate::analysis::verdicts::{VerdictsAsked, verdicts};
use crate::analysis::versions::{VersionsAsked, versions};
use crate::analysis::votes::votes;
use crate::analysis::what_wins::{WhatWinsAsked, what_wins};
use crate::analysis::{Analysis, Settings};
use crate::dataset::{Dataset, Edits, LabelId};
use crate::progress::Progress;
use crate::report::Extras;
use crate::review::Queue;
use crate::stats::aggregation::Which;
use crate::stats::agreement::{IntervalKind, IntervalSpec, Kind};
use crate::stats::rationales::{JointlyEmpty, Unit};

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
        "before" => vec![By::Before],
        "question" => vec![By::Question],
        _ => bail!(
            "--cut {typed}: cuts are label, level, rater, group=ATTRIBUTE, slice=COLUMN, item, before, question and all"
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

/// Whose mistakes are learned.
fn machine_of(dataset: &Dataset, name: &str) -> anyhow::Result<Machine> {
    let all = Machine::all(dataset);
    let found = all.iter().copied().find(|m| m.name(dataset) == name);
    found.with_context(|| {
        let known = all.iter().take(20).map(|m| m.name(dataset)).collect::<Vec<_>>().join(", ");
        format!("--routing={name}: there is no such model; there are: {known}")
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
    if args.what_wins {
        let asked = WhatWinsAsked { settings: settings.clone(), seed };
        extras.what_wins = Some(what_wins(dataset, &asked, progress)?);
    }
    if let Some(alpha) = args.score_rewards {
        anyhow::ensure!(alpha.is_finite() && alpha >= 0.0, "--score-rewards {alpha}: a penalty is 0 or more");
        let asked = ScoreRewardsAsked { settings: settings.clone(), alpha, seed };
        extras.score_rewards = Some(score_rewards(dataset, &asked, progress)?);
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
    if args.audit_estimates {
        let audit = Queue::random_audit(dataset.n_items()).items.into();
        let asked = EstimatesAsked { edits: Arc::new(edits.clone()), audit };
        extras.estimates = Some(audit_estimates(dataset, analysis, &asked, progress)?);
    }
    if args.benchmark {
        let asked = BenchmarkAsked { edits: Arc::new(edits.clone()), seed };
        extras.benchmark = Some(benchmark(dataset, analysis, &asked, progress)?);
    }
    if let Some(name) = &args.judge_validation {
        let cuts = Cut::all(dataset);
        let cut = match name.as_str() {
            "" => None,
            name => Some(cuts.iter().find(|c| c.name() == name).cloned().with_context(|| {
                let known = cuts.iter().map(Cut::name).collect::<Vec<_>>().join(", ");
                format!("--judge-validation {name}: there is no such attribute or column with a few values; there are: {known}")
            })?),
        };
        let asked = JudgingAsked { settings: settings.clone(), cut, seed };
        extras.judging = Some(judging(dataset, &asked, progress)?);
    }
    if let Some(name) = &args.routing {
        let machine = (!name.is_empty()).then(|| machine_of(dataset, name)).transpose()?;
        let asked = RoutingAsked { machine, seed, ..RoutingAsked::default() };
        extras.routing = Some(routing(dataset, analysis, &asked, progress)?);
    }
    if let Some(typed) = &args.metrics {
        let guessed = MetricColumns::of(dataset).unwrap_or_default();
        let (system, source) = typed.split_once(',').unwrap_or((typed, ""));
        let column = |name: &str, guess: Option<usize>| match name {
            "" => Ok(guess),
            name => dataset.metadata.iter().position(|m| m.0 == name).map(Some).with_context(|| {
                let known = dataset.metadata.iter().map(|m| m.0.as_str()).collect::<Vec<_>>().join(", ");
                format!("--metrics={typed}: the data has no column {name} about items; there are: {known}")
            }),
        };
        let system = column(system, guessed.system)?;
        let source = column(source, guessed.source)?.filter(|&s| Some(s) != system);
        let asked = MetricsAsked { settings: settings.clone(), system, source, seed };
        extras.metrics = Some(metrics(dataset, &asked, progress)?);
    }
    if let Some(name) = &args.difficulty {
        let condition = match name.as_str() {
            "" => None,
            name => Some(dataset.metadata.iter().position(|m| m.0 == name).with_context(|| {
                let known = dataset.metadata.iter().map(|m| m.0.as_str()).collect::<Vec<_>>().join(", ");
                format!("--difficulty={name}: the data has no such column about items; there are: {known}")
            })?),
        };
        let asked = DifficultyAsked { settings: settings.clone(), condition, seed };
        extras.difficulty = Some(difficulty(dataset, &asked, progress)?);
    }
    if let Some(name) = &args.per_rater {
        let label = label_of(dataset, "--per-rater", name)?;
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
    if let Some(of) = args.covariates {
        let of = match of {
            DisagreementArg::Votes => Disagreement::Votes,
            DisagreementArg::Highlights => Disagreement::Highlights,
        };
        let asked = CovariatesAsked { settings: settings.clone(), of };
        extras.covariates = Some(covariates(dataset, &asked, progress)?);
    }
    if let Some(name) = &args.tastes {
        let label = (!name.is_empty()).then(|| label_of(dataset, "--tastes", name)).transpose()?;
        let asked = TastesAsked { settings: settings.clone(), of: Of::Raters, label, seed };
        extras.tastes = Some(tastes(dataset, &asked, progress)?);
    }
    if args.scales {
        let asked = TastesAsked { settings: settings.clone(), of: Of::Scales, label: None, seed };
        extras.scales = Some(tastes(dataset, &asked, progress)?);
    }
    if args.scale_use {
        let asked = ScaleUseAsked { settings: settings.clone() };
        extras.scale_use = Some(scale_use(dataset, &asked, progress)?);
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
    if args.shifted_labels {
        extras.shifted = Some(shifted(dataset, under_suspicion, progress)?);
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

/// The label of this name.
fn label_of(dataset: &Dataset, option: &str, name: &str) -> anyhow::Result<LabelId> {
    dataset.labels.id(name).with_context(|| {
        let known = dataset.labels.names().iter().take(20).cloned().collect::<Vec<_>>().join(", ");
        format!("{option} {name}: the data has no such label; there are: {known}")
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
    let mut parts = typed.split(',');
    let name = parts.next().unwrap_or_default();
    let at = column(name)?;
    let same = match parts.next() {
        Some("text") if dataset.texts.is_some() => Some(Same::Text),
        Some(same) => Some(Same::Column(column(same)?)),
        None => None,
    };
    let system = parts.next().map(column).transpose()?;
    let link = same.map(|same| Link { same, system }).or_else(|| conditions::link_of(dataset, at));
    let link = link.with_context(|| {
        format!("--conditions={typed}: nothing calls items the same; name it: --conditions={name},LINK")
    })?;
    Ok(conditions::By::Column(at, link))
}
