//! The report for people, before it is painted: sections of tables and notes, already in words and rounded.
//!
//! Long lists are cut, and say so; JSON and the tables have them whole.

use super::validation::validation_blocks;
use super::{
    Subject, compare, conditions, covariates, difficulty, drift, estimates, extras, given_words, groups,
    judging, metrics, models, per_rater, practice, routing, scale_use, score_rewards, spans, tastes,
    versions, what_wins, wrong_labels,
};
use crate::analysis::FlagMethod;
use crate::analysis::coefficients::Coefficients;
use crate::analysis::lab::Lab;
use crate::dataset::{DuplicateRule, LabelId, NO_LABEL};
use crate::stats::confident::{ConfidentLearning, Filter};
use crate::stats::suspicion::Suspicion;
use crate::stats::{Statistic, Undefined};

/// Rows that a list shows before it is cut.
pub(super) const SHOWN: usize = 20;
/// Labels up to which a matrix is shown.
const MATRIX: usize = 12;
/// Items below which intervals come with a caution.
const FEW_ITEMS: usize = 50;

/// A report in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// What it is about.
    pub title: String,
    /// In reading order.
    pub sections: Vec<Section>,
}

/// A part with a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Heading.
    pub title: String,
    /// In reading order.
    pub blocks: Vec<Block>,
}

/// What sections are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A sentence or two.
    Note(String),
    /// Rows of cells, each row as long as the header. Columns that hold numbers are right-aligned.
    Table {
        /// What the rows are; empty where the heading says it.
        caption: String,
        /// Column names, empty where a column needs none.
        header: Vec<String>,
        /// Which columns hold numbers.
        numeric: Vec<bool>,
        /// Cells.
        rows: Vec<Vec<String>>,
    },
}

/// Writes the outline of everything that `subject` asks for.
pub fn outline(subject: &Subject) -> Outline {
    let title = if subject.dataset.name.is_empty() { "Report" } else { &subject.dataset.name }.to_owned();
    let mut sections = vec![dataset(subject)];
    if subject.sections.agreement {
        sections.push(agreement(subject));
    }
    if subject.sections.aggregation {
        sections.push(aggregation(subject));
        if !subject.analysis.raters.is_empty() {
            sections.push(raters(subject));
        }
    }
    if let Some(found) = subject.extras.validation.as_ref().filter(|v| !v.is_empty()) {
        let blocks = validation_blocks(found);
        sections.push(Section { title: "Validation".into(), blocks });
    }
    if let Some(found) = &subject.extras.estimates {
        let blocks = estimates::estimates_blocks(subject, found);
        sections.push(Section { title: "From the audit".into(), blocks });
    }
    if let Some(found) = &subject.extras.benchmark {
        sections.push(Section { title: "Benchmark".into(), blocks: estimates::benchmark_blocks(found) });
    }
    if let Some(found) = &subject.extras.preferences {
        let blocks = extras::preferences_blocks(found);
        sections.push(Section { title: "Preferences".into(), blocks });
    }
    if let Some(found) = &subject.extras.what_wins {
        let blocks = what_wins::what_wins_blocks(subject, found);
        sections.push(Section { title: "What wins".into(), blocks });
    }
    if let Some(found) = &subject.extras.score_rewards {
        let blocks = score_rewards::score_rewards_blocks(found);
        sections.push(Section { title: "What a score rewards".into(), blocks });
    }
    if subject.sections.confident_learning {
        sections.push(match &*subject.analysis.confident {
            Ok(learned) => confident_learning(subject, learned),
            Err(reason) => Section {
                title: "Confident learning".into(),
                blocks: vec![Block::Note(format!("— {reason}"))],
            },
        });
    }
    if let Some(found) = &subject.extras.compare {
        let blocks = compare::compare_blocks(subject, found);
        sections.push(Section { title: "Comparison".into(), blocks });
    }
    let mut blocks: Vec<Block> =
        subject.extras.models.iter().flat_map(|found| models::models_blocks(subject, found)).collect();
    blocks.extend(subject.extras.categories.iter().flat_map(models::categories_blocks));
    let judged = subject.extras.judging.iter();
    blocks.extend(judged.flat_map(|found| judging::judging_blocks(subject, found)));
    blocks.extend(subject.extras.metrics.iter().flat_map(metrics::metrics_blocks));
    let hard = subject.extras.difficulty.iter();
    blocks.extend(hard.flat_map(|found| difficulty::difficulty_blocks(subject, found)));
    let per_rater = subject.extras.per_rater.iter();
    blocks.extend(per_rater.flat_map(|found| per_rater::per_rater_blocks(subject, found)));
    if !blocks.is_empty() {
        sections.push(Section { title: "People and models".into(), blocks });
    }
    if let Some(found) = &subject.extras.routing {
        let blocks = routing::routing_blocks(subject, found);
        sections.push(Section { title: "Worth a person".into(), blocks });
    }
    if let Some(found) = &subject.extras.groups {
        sections.push(Section {
            title: "Groups of raters".into(),
            blocks: groups::groups_blocks(subject, found),
        });
    }
    if let Some(found) = &subject.extras.practice {
        let blocks = practice::practice_blocks(subject, found);
        sections.push(Section { title: "Skill over time".into(), blocks });
    }
    if let Some(found) = &subject.extras.conditions {
        let blocks = conditions::conditions_blocks(found);
        sections.push(Section { title: "Conditions".into(), blocks });
    }
    if let Some(found) = &subject.extras.covariates {
        let blocks = covariates::covariates_blocks(found);
        sections.push(Section { title: "What goes with disagreement".into(), blocks });
    }
    for (title, found) in [("Tastes", &subject.extras.tastes), ("Scales", &subject.extras.scales)] {
        if let Some(found) = found {
            sections.push(Section { title: title.into(), blocks: tastes::tastes_blocks(subject, found) });
        }
    }
    if let Some(found) = &subject.extras.scale_use {
        let blocks = scale_use::scale_use_blocks(subject, found);
        sections.push(Section { title: "Use of the scale".into(), blocks });
    }
    if let Some(found) = &subject.extras.drift {
        sections.push(Section { title: "Drift of labels".into(), blocks: drift::drift_blocks(found) });
    }
    if let Some(found) = &subject.extras.versions {
        sections.push(Section { title: "Versions".into(), blocks: versions::versions_blocks(found) });
    }
    let blocks = wrong_labels::wrong_labels_blocks(subject);
    if !blocks.is_empty() {
        sections.push(Section { title: "Wrong labels".into(), blocks });
    }
    Outline { title, sections }
}

pub(super) fn table(caption: &str, header: &[&str], first_number: usize, rows: Vec<Vec<String>>) -> Block {
    Block::Table {
        caption: caption.to_owned(),
        header: header.iter().map(|&h| h.to_owned()).collect(),
        numeric: (0..header.len()).map(|column| column >= first_number).collect(),
        rows,
    }
}

/// A count with its thousands apart.
pub(super) fn count(n: impl TryInto<u64>) -> String {
    let digits = n.try_into().unwrap_or_default().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

pub(super) fn rounded(value: f64) -> String {
    let words = format!("{value:.3}");
    if words == "-0.000" { "0.000".to_owned() } else { words }
}

pub(super) fn defined(value: &Statistic) -> String {
    match value {
        Statistic::Defined(e) => rounded(e.value),
        Statistic::Undefined(reason) => format!("— {reason}"),
    }
}

/// A p-value, or a dash.
pub(super) fn p_value(p: Option<f64>) -> String {
    match p {
        Some(p) if p < 0.0005 => "< 0.001".to_owned(),
        p => optional(p),
    }
}

pub(super) fn optional(value: Option<f64>) -> String {
    value.map_or_else(|| "—".to_owned(), rounded)
}

/// value, interval, items, raters, and the reason where there is none of them.
pub(super) fn statistic_cells(statistic: &Statistic) -> [String; 5] {
    match statistic {
        Statistic::Defined(e) => [
            rounded(e.value),
            e.ci.map_or_else(String::new, |(low, high)| format!("{low:.3} to {high:.3}")),
            count(e.n_items),
            count(e.n_raters),
            String::new(),
        ],
        Statistic::Undefined(u) => {
            ["—".to_owned(), String::new(), String::new(), String::new(), u.to_string()]
        }
    }
}

fn statistics(caption: &str, what: &str, rows: Vec<(String, &Statistic)>) -> Block {
    let rows: Vec<Vec<String>> =
        rows.into_iter().map(|(name, s)| std::iter::once(name).chain(statistic_cells(s)).collect()).collect();
    let mut block = table(caption, &[what, "value", "95 % interval", "items", "raters", ""], 1, rows);
    if let Block::Table { header, numeric, rows, .. } = &mut block {
        // The column of reasons goes where there is none.
        numeric[5] = false;
        if rows.iter().all(|row| row[5].is_empty()) {
            header.truncate(5);
            numeric.truncate(5);
            rows.iter_mut().for_each(|row| row.truncate(5));
        }
    }
    block
}

/// "… and 12 more", where a list was cut.
pub(super) fn more(blocks: &mut Vec<Block>, total: usize, place: &str) {
    if total > SHOWN {
        blocks.push(Block::Note(format!("… and {} more, in {place}", count(total - SHOWN))));
    }
}

fn dataset(subject: &Subject) -> Section {
    let (data, analysis) = (subject.dataset, subject.analysis);
    let given = &analysis.given;
    let without = given.current.iter().filter(|&&l| l == NO_LABEL).count();
    let names: Vec<&str> = data.labels.names().iter().take(SHOWN).map(String::as_str).collect();
    let mut labels = format!("{}: {}", count(data.labels.len()), names.join(", "));
    if data.labels.len() > SHOWN {
        labels.push_str(", …");
    }
    let mut facts = vec![
        ("items", count(data.n_items())),
        ("raters", count(data.annotations.n_raters())),
        ("annotations", count(data.annotations.len())),
        ("labels", labels),
        ("given label", given_words(&given.source)),
        ("items without a given label", count(without)),
    ];
    let mut missing: Vec<String> =
        data.missing().iter().map(|(why, n)| format!("{} {}", count(*n as usize), why.words())).collect();
    if let Some(n) = data.never_assigned().filter(|&n| n > 0) {
        missing.push(format!("{} never assigned", count(n as usize)));
    }
    if !missing.is_empty() {
        facts.push(("labels that are not there", missing.join(", ")));
    }
    if let Some(question) = data.questions.get(data.question) {
        let words = format!("{} (one of {})", question.name, count(data.questions.len()));
        facts.push(("question", words));
    }
    if !data.verdicts.is_empty() {
        facts.push(("decisions of an earlier review in the source", count(data.verdicts.len())));
    }
    if given.n_tied > 0 {
        facts.push(("items with tied votes", count(given.n_tied)));
    }
    let method = match analysis.items.method {
        FlagMethod::ConfidentLearning => "confident learning, prune by noise rate",
        FlagMethod::DawidSkenePosterior => "tied votes, or Dawid–Skene prefers another label",
        FlagMethod::Nothing => "",
    };
    facts.push((
        "label issues",
        if method.is_empty() {
            "— needs votes of two raters or predicted probabilities".to_owned()
        } else {
            format!("{} ({method})", count(subject.n_flagged()))
        },
    ));
    let review = subject.review;
    if review.decided > 0 {
        let kinds = [
            (review.kept, "kept"),
            (review.changed, "changed"),
            (review.several, "several labels"),
            (review.soft_labels, "soft labels"),
            (review.none_of_labels, "none of the labels"),
            (review.unsure, "unsure"),
            (review.excluded, "excluded"),
        ];
        let parts: Vec<String> =
            kinds.iter().filter(|(n, _)| *n > 0).map(|(n, kind)| format!("{} {kind}", count(*n))).collect();
        facts.push(("items decided", format!("{} ({})", count(review.decided), parts.join(", "))));
    }
    let rows = facts.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
    let mut blocks = vec![table("", &["", ""], 2, rows)];
    let warnings = data.warnings.iter().take(SHOWN).map(|w| {
        let place = match (w.line, &w.column) {
            (Some(line), Some(column)) => format!("{} line {line}, column {column}: ", w.file),
            (Some(line), None) => format!("{} line {line}: ", w.file),
            (None, Some(column)) => format!("{} column {column}: ", w.file),
            (None, None) if w.file.is_empty() => String::new(),
            (None, None) => format!("{}: ", w.file),
        };
        let often = if w.count > 1 { format!(" ({} times)", count(w.count)) } else { String::new() };
        let remedy = if w.remedy.is_empty() { String::new() } else { format!(". {}", w.remedy) };
        Block::Note(format!("Warning: {place}{}{often}{remedy}", w.message))
    });
    blocks.extend(warnings);
    more(&mut blocks, data.warnings.len(), "the JSON report");
    Section { title: "Dataset".into(), blocks }
}

fn agreement(subject: &Subject) -> Section {
    let a = &subject.analysis.agreement;
    let pairs = &a.cohen_kappa.pairs;
    let mean = match pairs.len() {
        0 | 1 => "Cohen’s kappa".to_owned(),
        n => format!("Cohen’s kappa, mean of {} pairs", count(n)),
    };
    let mut blocks = vec![statistics(
        "",
        "",
        vec![
            ("percent agreement".to_owned(), &a.percent_agreement),
            ("Krippendorff’s alpha, nominal".to_owned(), &a.krippendorff_alpha_nominal),
            ("Fleiss’ kappa".to_owned(), &a.fleiss_kappa),
            (mean, &a.cohen_kappa.mean),
        ],
    )];
    blocks.extend(subject.extras.coefficients.iter().flat_map(coefficients));
    blocks.extend(extras::cuts_blocks(subject));
    blocks.extend(subject.extras.spans.iter().flat_map(|found| spans::spans_blocks(subject, found)));
    if a.percent_agreement.estimate().is_some_and(|e| e.n_items < FEW_ITEMS) {
        blocks.push(Block::Note(format!(
            "With fewer than {FEW_ITEMS} items the intervals are too narrow, above all where one label is rare."
        )));
    }
    if a.n_duplicates > 0 {
        let rule = match a.duplicates {
            DuplicateRule::First => "the first of them counts",
            DuplicateRule::Last => "the last of them counts",
            DuplicateRule::All => "each of them counts, but the last one in a pair’s kappa",
        };
        blocks.push(Block::Note(format!(
            "{} annotations repeat a rater’s label on the same item: {rule} here; consensus methods take them all.",
            count(a.n_duplicates)
        )));
    }
    // Where nothing can be paired, the reason above is reason enough.
    if a.percent_agreement.value().is_some() && a.per_label.len() > 1 {
        let rows = a.per_label.iter().take(SHOWN).enumerate();
        let rows = rows.map(|(label, s)| (label_name(subject, label as LabelId), s)).collect();
        blocks.push(statistics("Krippendorff’s alpha of each label against the rest", "label", rows));
        more(&mut blocks, a.per_label.len(), "the JSON report");
    }
    if pairs.len() > 1 {
        // Those with most shared items say most.
        let mut order: Vec<usize> = (0..pairs.len()).collect();
        order.sort_by_key(|&i| std::cmp::Reverse(pairs[i].n_items));
        let rows = order.iter().take(SHOWN).map(|&i| {
            let pair = &pairs[i];
            let [kappa, interval, _, _, reason] = statistic_cells(&pair.kappa);
            vec![
                subject.rater_name(pair.a as usize),
                subject.rater_name(pair.b as usize),
                count(pair.n_items),
                rounded(pair.percent_agreement),
                kappa,
                if reason.is_empty() { interval } else { reason },
            ]
        });
        blocks.push(table(
            "Cohen’s kappa by pair, most shared items first",
            &["rater", "rater", "items", "agreement", "kappa", "95 % interval"],
            2,
            rows.collect(),
        ));
        more(&mut blocks, pairs.len(), "the JSON report");
    }
    Section { title: "Agreement".into(), blocks }
}

fn aggregation(subject: &Subject) -> Section {
    let a = &subject.analysis.aggregation;
    let labelled = |labels: &[LabelId]| count(labels.iter().filter(|&&l| l != NO_LABEL).count());
    let accuracy = |s: &Statistic| match s {
        Statistic::Defined(e) => [rounded(e.value), count(e.n_items)],
        Statistic::Undefined(_) => ["—".to_owned(), String::new()],
    };
    let row = |name: &str, labels: String, ties: String, gold: &Statistic| {
        let [value, n] = accuracy(gold);
        vec![name.to_owned(), labels, ties, value, n]
    };
    let mut rows = vec![row(
        "majority vote",
        labelled(&a.majority.label),
        count(a.majority.n_tied),
        &a.accuracy_majority,
    )];
    let mut notes = Vec::new();
    match &a.dawid_skene {
        Ok(fit) => {
            rows.push(row("Dawid–Skene", labelled(&fit.labels), String::new(), &a.accuracy_dawid_skene));
            let end = if fit.converged { "converged" } else { "stopped" };
            notes.push(format!(
                "Dawid–Skene {end} after {} iterations with log-likelihood {:.3}.",
                count(fit.iterations),
                fit.log_likelihood
            ));
        }
        Err(reason) => notes.push(format!("Dawid–Skene: — {reason}")),
    }
    if let Statistic::Undefined(reason) = &a.accuracy_majority {
        notes.push(format!("Accuracy against gold: — {reason}"));
    } else if a.majority.n_tied > 0 {
        notes.push("A tied item counts 1/t against gold where t labels tie.".to_owned());
    }
    let mut blocks = vec![table(
        "",
        &["method", "items with a label", "tied", "accuracy against gold", "gold items"],
        1,
        rows,
    )];
    blocks.extend(notes.into_iter().map(Block::Note));
    blocks.extend(subject.extras.lab.iter().flat_map(compared));
    blocks.extend(subject.extras.soft.iter().flat_map(extras::soft_blocks));
    blocks.extend(subject.extras.sets.iter().flat_map(extras::sets_blocks));
    blocks.extend(subject.extras.candidate.iter().flat_map(|c| extras::candidate_blocks(subject, c)));
    blocks.extend(subject.extras.certificate.iter().flat_map(|c| extras::certificate_blocks(subject, c)));
    Section { title: "Consensus".into(), blocks }
}

/// Every coefficient that is defined, and what to mind.
fn coefficients(all: &Coefficients) -> Vec<Block> {
    let rows = all.rows.iter().filter_map(|row| {
        let e = row.statistic.estimate()?;
        let ci = e.ci.map_or_else(|| "—".to_owned(), |(a, b)| format!("{} to {}", rounded(a), rounded(b)));
        Some(vec![row.about.name.to_owned(), rounded(e.value), ci, row.by.to_owned()])
    });
    let scale = all.measure.words().0.to_lowercase();
    let title = format!("Coefficients on the {scale} scale");
    let mut blocks = vec![table(&title, &["coefficient", "value", "95 % interval", "by"], 1, rows.collect())];
    let (best, warnings) = all.words();
    blocks.extend(best.into_iter().chain(warnings).map(Block::Note));
    blocks
}

/// Aggregators side by side.
fn compared(lab: &Lab) -> Vec<Block> {
    let optional = |value: Option<f64>| value.map_or_else(|| "—".to_owned(), rounded);
    let (mut rows, mut notes) = (Vec::new(), Vec::new());
    for method in &lab.methods {
        let name = method.which.row().name;
        match &method.outcome {
            Ok(o) => rows.push(vec![
                name.to_owned(),
                count(o.n_other_than_majority),
                count(o.labels.n_tied),
                optional(o.mean_confidence),
                optional(o.accuracy_vs_gold.value()),
                optional(o.score.as_ref().map(|s| s.negative_log_likelihood)),
                optional(o.score.as_ref().map(|s| s.brier)),
                format!("{}{}", if o.converged { "" } else { "> " }, count(o.iterations)),
            ]),
            Err(reason) => notes.push(Block::Note(format!("{name}: — {reason}"))),
        }
    }
    let head = [
        "method",
        "other than majority",
        "tied",
        "mean confidence",
        "accuracy against gold",
        "negative log-likelihood",
        "Brier score",
        "rounds",
    ];
    let title = format!("Aggregators compared on {} items (seed {})", count(lab.n_voted), lab.seed);
    let mut blocks = vec![table(&title, &head, 1, rows)];
    blocks.extend(notes);
    blocks
}

fn raters(subject: &Subject) -> Section {
    let raters = &subject.analysis.raters;
    let rows = raters.iter().take(SHOWN).enumerate().map(|(rater, r)| {
        vec![
            subject.rater_name(rater),
            count(r.n_annotations),
            optional(r.agreement_with_majority.value()),
            optional(r.dawid_skene_accuracy.value()),
            r.median_duration_s.map_or_else(|| "—".to_owned(), |s| format!("{s:.1}")),
        ]
    });
    let mut blocks = vec![table(
        "",
        &["rater", "annotations", "agreement with majority", "Dawid–Skene accuracy", "median seconds"],
        1,
        rows.collect(),
    )];
    more(&mut blocks, raters.len(), "the table of raters");
    let mut reasons: Vec<Undefined> = Vec::new();
    for statistic in
        raters.iter().take(SHOWN).flat_map(|r| [&r.agreement_with_majority, &r.dawid_skene_accuracy])
    {
        if let Statistic::Undefined(reason) = statistic
            && !reasons.contains(reason)
        {
            reasons.push(reason.clone());
        }
    }
    blocks.extend(reasons.iter().map(|reason| Block::Note(format!("— {reason}"))));
    Section { title: "Raters".into(), blocks }
}

fn confident_learning(subject: &Subject, c: &ConfidentLearning) -> Section {
    let n = c.rows.len();
    let share = |count: u64| {
        if n == 0 { "—".to_owned() } else { format!("{:.2} %", 100.0 * count as f64 / n as f64) }
    };
    let mut rows: Vec<Vec<String>> = Filter::ALL
        .iter()
        .zip(c.counts)
        .zip(c.ties_at_cut)
        .map(|((filter, issues), ties)| {
            let ties = if ties > 0 { count(ties) } else { String::new() };
            vec![filter.key().replace('_', " "), count(issues), share(issues), ties]
        })
        .collect();
    for (name, issues) in [
        ("estimate: off-diagonal of the confident joint", c.num_off_diagonal),
        ("estimate: calibrated joint", c.num_off_diagonal_calibrated),
    ] {
        rows.push(vec![name.to_owned(), count(issues), share(issues), String::new()]);
    }
    let mut blocks = vec![
        Block::Note(format!(
            "{} items took part, {} without a given label were left out. Label health {}.",
            count(n),
            count(c.n_left_out),
            rounded(c.health_score)
        )),
        table("Label issues, counted side by side", &["", "label issues", "share", "tied at the cut"], 1, rows),
        Block::Note(
            "The counts differ because they answer different questions: the confident joint counts items above \
             their labels’ thresholds, the calibrated joint scales those counts to how often each label was given, \
             and each filter ranks and cuts by a rule of its own."
                .to_owned(),
        ),
    ];
    if let Ok(s) = subject.analysis.suspicion.as_ref() {
        blocks.push(Block::Note(second_opinion(s)));
    }
    let per_label = c.per_label.iter().take(SHOWN).map(|h| {
        vec![
            label_name(subject, h.label),
            optional(h.quality),
            optional(h.label_noise),
            optional(h.inverse_label_noise),
            count(h.label_issues),
            count(h.inverse_label_issues),
        ]
    });
    blocks.push(table(
        "Labels, lowest quality first",
        &["label", "quality", "noise", "inverse noise", "wrongly given", "wrongly withheld"],
        1,
        per_label.collect(),
    ));
    more(&mut blocks, c.per_label.len(), "the JSON report");
    let overlapping: Vec<Vec<String>> = c
        .overlapping
        .iter()
        .filter(|o| o.n > 0)
        .take(SHOWN)
        .map(|o| {
            vec![
                label_name(subject, o.a),
                label_name(subject, o.b),
                count(o.n),
                format!("{:.2} %", 100.0 * o.joint_probability),
            ]
        })
        .collect();
    if !overlapping.is_empty() {
        let header = ["label", "label", "items", "share of all"];
        blocks.push(table("Labels taken for each other", &header, 2, overlapping));
        more(&mut blocks, c.overlapping.iter().filter(|o| o.n > 0).count(), "the JSON report");
    }
    if c.calibrated_joint.len() <= MATRIX {
        let names: Vec<String> =
            (0..c.calibrated_joint.len()).map(|l| label_name(subject, l as LabelId)).collect();
        let header: Vec<&str> =
            std::iter::once("given ↓ probably →").chain(names.iter().map(String::as_str)).collect();
        let rows =
            c.calibrated_joint.iter().zip(&names).map(|(row, name)| {
                std::iter::once(name.clone()).chain(row.iter().map(|&n| count(n))).collect()
            });
        blocks.push(table("Calibrated joint", &header, 1, rows.collect()));
    }
    Section { title: "Confident learning".into(), blocks }
}

/// How items are ordered, and what losses say.
fn second_opinion(s: &Suspicion) -> String {
    let [both, only_all, only_label] = s.mixture.overlap();
    let parted = s.mixture.by_label.iter().flatten().filter(|m| m.is_parted()).count();
    format!(
        "Items are ordered by the odds of another label, the model’s log-odds times {} and offset by label. Mixtures of losses \
         find two groups in {} of {} labels and flag {} items that way, {} of which all losses together flag as well; {} only the latter.",
        rounded(s.scaling.temperature),
        parted,
        s.mixture.by_label.len(),
        count(both + only_label),
        count(both),
        count(only_all),
    )
}

fn label_name(subject: &Subject, label: LabelId) -> String {
    subject.dataset.labels.name(label).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        let words: Vec<_> = [0_u64, 999, 1000, 1_234_567].map(count).to_vec();
        assert_eq!(words, ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn an_undefined_statistic_is_a_dash_with_its_reason() {
        let undefined = Statistic::Undefined(Undefined::NoPairableItem);
        let Block::Table { rows, header, .. } = statistics("", "", vec![("alpha".into(), &undefined)]) else {
            panic!("a table");
        };
        assert_eq!(header.len(), 6);
        assert_eq!(rows[0], ["alpha", "—", "", "", "", "no item has two annotations"]);
    }
}
