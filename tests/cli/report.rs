//! Reports keep their contract: the JSON its schema, the tables their columns, all of them their bytes on any number
//! of threads, on data of every shape.

use dissensus::analysis::audit_estimates::{EstimatesAsked, audit_estimates};
use dissensus::analysis::benchmark::{BenchmarkAsked, benchmark};
use dissensus::analysis::candidate::{Candidate, CandidateAsked, candidate as candidate_of};
use dissensus::analysis::categories::{CategoriesAsked, categories};
use dissensus::analysis::certificate::certified;
use dissensus::analysis::coefficients::{Asked, Coefficients, coefficients};
use dissensus::analysis::compare::{CompareAsked, Side, compare};
use dissensus::analysis::conditions::{self, ConditionsAsked};
use dissensus::analysis::covariates::{CovariatesAsked, Disagreement, covariates};
use dissensus::analysis::cuts::{By, CutsAsked, cuts};
use dissensus::analysis::difficulty::{DifficultyAsked, difficulty};
use dissensus::analysis::drift::{Batches, DriftAsked, drift};
use dissensus::analysis::entities::{EntitiesAsked, entities};
use dissensus::analysis::judge_validation::{JudgingAsked, judging};
use dissensus::analysis::judges::{JudgesAsked, judges};
use dissensus::analysis::lab::{Lab, lab};
use dissensus::analysis::metrics::{MetricsAsked, metrics};
use dissensus::analysis::mistakes::{MistakesAsked, Prior, mistakes};
use dissensus::analysis::models::{ModelsAsked, models};
use dissensus::analysis::multilabel::{MultiLabelAsked, multilabel};
use dissensus::analysis::neighbours::{Known, neighbours};
use dissensus::analysis::next_label::next_label;
use dissensus::analysis::paper::paper;
use dissensus::analysis::per_rater::{PerRaterAsked, per_rater};
use dissensus::analysis::practice::{PracticeAsked, practice};
use dissensus::analysis::preferences::{PreferencesAsked, preferences};
use dissensus::analysis::rater_groups::{GroupsAsked, rater_groups};
use dissensus::analysis::ratings::ratings;
use dissensus::analysis::relations::{RelationsAsked, relations};
use dissensus::analysis::repeats::repeats;
use dissensus::analysis::routing::{RoutingAsked, routing};
use dissensus::analysis::scale_use::{ScaleUseAsked, scale_use};
use dissensus::analysis::score_rewards::{ALPHA, ScoreRewardsAsked, score_rewards};
use dissensus::analysis::sets::{SetsAsked, sets};
use dissensus::analysis::shifted::shifted;
use dissensus::analysis::soft::{Component, SoftAsked, soft};
use dissensus::analysis::spans::{SpansAsked, spans};
use dissensus::analysis::tastes::{Of, TastesAsked, tastes};
use dissensus::analysis::validation::validation;
use dissensus::analysis::verdicts::{VerdictsAsked, verdicts};
use dissensus::analysis::versions::{VersionsAsked, versions};
use dissensus::analysis::votes::votes;
use dissensus::analysis::what_wins::{WhatWinsAsked, what_wins};
use dissensus::analysis::{Analysis, Settings, run};
use dissensus::cli::analyze::{on_threads, report_on};
use dissensus::dataset::{
    AnnotationsBuilder, Dataset, Edit, Edits, LabelColumn, LabelSet, LabelSets, NO_LABEL, Outcome,
    Probabilities, Raters, Reached, Region, Span, Spans, TextColumn, Warning,
};
use dissensus::progress::Progress;
use dissensus::report::{
    Extras, ReviewSummary, Sections, Subject, html, json, markdown, outline, tables, text,
};
use dissensus::stats::aggregation::{AGGREGATORS, Which};
use dissensus::stats::agreement::Kind;
use dissensus::stats::agreement::spans::SpanMatch;
use dissensus::stats::rationales::{JointlyEmpty, Unit};
use dissensus::stats::versions::DecodingRule;
use serde_json::Value;

fn labels(names: &[&str]) -> LabelSet {
    LabelSet::new(&names.iter().map(|&n| n.to_owned()).collect::<Vec<_>>(), [])
}

fn keys(n: usize) -> TextColumn {
    let names: Vec<String> = (0..n).map(|i| format!("i{i}")).collect();
    names.iter().map(String::as_str).collect()
}

/// Seven raters of unequal care on 600 items, four labels with awkward names, a gold column.
fn long() -> Dataset {
    let n = 600;
    let mut builder = AnnotationsBuilder::new();
    let mut state = 7_u32;
    let mut next = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    for item in 0..n {
        let truth = next(4);
        for rater in 0..7 {
            if next(10) < 6 {
                let said = if next(10) < 9 - rater { truth } else { next(4) };
                builder.push(item, rater, said, Some(next(100) as f32 / 7.0));
            }
        }
    }
    builder.push(0, 0, 1, None);
    Dataset {
        name: "crowd <b>".into(),
        keys: keys(n as usize),
        labels: labels(&["a,\"b\"", "<i>|x", "\u{1b}[2J", "plain"]),
        raters: Raters {
            names: (0..7).map(|r| format!("rater {r}")).collect(),
            kinds: Vec::new(),
            attributes: Vec::new(),
            anonymous: false,
        },
        annotations: builder.finish(n as usize, 7),
        gold: Some(LabelColumn { name: "gold".into(), ids: (0..n).map(|i| i % 4).collect() }),
        warnings: vec![Warning {
            code: "ragged_row".into(),
            message: "a row has 3 cells where the header has 4".into(),
            remedy: "Check the quotes".into(),
            file: "crowd.csv".into(),
            line: Some(12),
            column: None,
            count: 2,
        }],
        ..Dataset::default()
    }
}

/// 200 given labels, some wrong, with a model's probabilities.
fn single() -> Dataset {
    let n = 200;
    let mut probabilities = Vec::new();
    let mut given = Vec::new();
    for i in 0..n {
        let truth = i % 3;
        let sure = 0.4 + 0.5 * f64::from((i * 37 % 101) as u32) / 101.0;
        for k in 0..3 {
            probabilities.push(if k == truth { sure } else { (1.0 - sure) / 2.0 });
        }
        given.push(match i % 11 {
            0 => ((truth + 1) % 3) as u32,
            5 if i < 60 => NO_LABEL,
            _ => truth as u32,
        });
    }
    Dataset {
        name: "single".into(),
        keys: keys(n),
        labels: labels(&["x", "y", "z"]),
        annotations: AnnotationsBuilder::new().finish(n, 0),
        given: Some(LabelColumn { name: "label".into(), ids: given }),
        probabilities: Some(Probabilities::from_f64(probabilities, n, 3).unwrap()),
        ..Dataset::default()
    }
}

/// Two raters who never meet, one label.
fn degenerate() -> Dataset {
    let mut builder = AnnotationsBuilder::new();
    builder.push(0, 0, 0, None);
    builder.push(1, 1, 0, None);
    Dataset {
        keys: keys(3),
        labels: labels(&["only"]),
        annotations: builder.finish(3, 2),
        ..Dataset::default()
    }
}

/// Three raters who mark stretches of four documents, one of them everything a little farther on.
fn marked() -> Dataset {
    let mut builder = AnnotationsBuilder::new();
    let (mut list, mut regions) = (Vec::new(), Vec::new());
    for document in 0..4_u32 {
        for at in 0..5_u32 {
            let item = regions.len() as u32;
            regions.push(Region { document, start: at * 20, end: at * 20 + 8 });
            for rater in 0..3 {
                let (start, label) = (at * 20 + u32::from(rater == 2) * 3, (at + document) % 2);
                if (at, rater) != (4, 1) {
                    list.push(Span { document, rater, start, end: start + 8, label });
                    builder.push(item, rater, label, None);
                }
            }
        }
    }
    list.sort_unstable();
    let text = "word ".repeat(20);
    Dataset {
        name: "marked".into(),
        keys: keys(regions.len()),
        labels: labels(&["<b>", "place"]),
        raters: Raters { names: ["ana", "ben", "cem"].map(str::to_owned).to_vec(), ..Raters::default() },
        annotations: builder.finish(regions.len(), 3),
        spans: Some(Spans {
            documents: keys(4),
            texts: std::iter::repeat_n(text.as_str(), 4).collect(),
            types: Vec::new(),
            list,
            regions,
        }),
        ..Dataset::default()
    }
}

/// Answers of several labels, one of them empty, two that contradict each other.
fn several() -> Dataset {
    let mut builder = AnnotationsBuilder::new();
    for (item, rater, label) in [(0, 0, 1), (0, 1, 3), (1, 0, 1), (1, 1, 2), (2, 0, 0), (3, 0, 3), (3, 1, 3)]
    {
        builder.push(item, rater, label, None);
    }
    Dataset {
        name: "several".into(),
        keys: keys(4),
        labels: labels(&["", "a", "b", "a|b"]),
        sets: Some(LabelSets {
            members: vec!["a".into(), "b".into()],
            of_label: vec![vec![], vec![0], vec![1], vec![0, 1]],
        }),
        raters: Raters { names: vec!["ana".into(), "ben".into()], ..Raters::default() },
        annotations: builder.finish(4, 2),
        gold: Some(LabelColumn { name: "gold".into(), ids: vec![1, 2, 1, 3] }),
        ..Dataset::default()
    }
}

fn shapes() -> [(&'static str, Dataset); 6] {
    [
        ("long", long()),
        ("single", single()),
        ("degenerate", degenerate()),
        ("marked", marked()),
        ("several", several()),
        ("empty", Dataset::default()),
    ]
}

fn analyse(dataset: &Dataset, edits: &Edits) -> Analysis {
    run(dataset, edits, &Settings::default(), None, &Progress::new()).unwrap()
}

fn subject<'a>(dataset: &'a Dataset, analysis: &'a Analysis) -> Subject<'a> {
    Subject {
        dataset,
        analysis,
        review: ReviewSummary::default(),
        sections: Sections::default(),
        extras: Extras::NONE,
    }
}

fn validate(report: &Value) -> Vec<String> {
    let schema: Value = serde_json::from_str(include_str!("../data/report.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    validator.iter_errors(report).map(|e| format!("{}: {e}", e.instance_path)).collect()
}

/// Everything that is computed only when it is asked for.
fn extras(dataset: &Dataset, lab: Lab, coefficients: Coefficients) -> Extras {
    let (settings, progress) = (Settings::default(), Progress::new());
    let cut = |by: By| {
        let asked = CutsAsked { of: Asked::default(), kind: Kind::Krippendorff, by: by.clone(), seed: 7 };
        (by, cuts(dataset, &asked, &progress).unwrap())
    };
    let stands = Candidate::all(dataset).first().copied().map(|candidate| {
        let settings = settings.clone();
        let asked = CandidateAsked { settings, candidate, measure: None, epsilon_thousandths: 200, seed: 7 };
        candidate_of(dataset, &asked, &progress).unwrap()
    });
    let ticked = Component::all();
    let soft_asked = SoftAsked { settings: settings.clone(), ticked, multiplied: false };
    let spans_asked = SpansAsked {
        settings: settings.clone(),
        matching: SpanMatch::Exact,
        unit: Unit::Token,
        empty: JointlyEmpty::Undefined,
        seed: 7,
    };
    let preferences_asked = PreferencesAsked { settings: settings.clone(), seed: 7 };
    let entities_asked = EntitiesAsked { settings: settings.clone() };
    let analysis = analyse(dataset, &Edits::new());
    let current = analysis.given.clone();
    let given = current.current.clone();
    Extras {
        lab: Some(lab),
        coefficients: Some(coefficients),
        cuts: By::all(dataset).into_iter().map(cut).collect(),
        spans: Some(spans(dataset, &spans_asked, &progress).unwrap()),
        soft: Some(soft(dataset, &soft_asked, &progress).unwrap()),
        sets: Some(
            sets(dataset, &SetsAsked { settings: settings.clone(), extra_tenths: 1 }, &progress).unwrap(),
        ),
        candidate: stands,
        certificate: Some(certified(dataset, &settings, &progress).unwrap()),
        preferences: Some(preferences(dataset, &preferences_asked, &progress).unwrap()),
        what_wins: {
            let asked = WhatWinsAsked { settings: settings.clone(), seed: 7 };
            Some(what_wins(dataset, &asked, &progress).unwrap())
        },
        score_rewards: {
            let asked = ScoreRewardsAsked { settings: settings.clone(), alpha: ALPHA, seed: 7 };
            Some(score_rewards(dataset, &asked, &progress).unwrap())
        },
        validation: None,
        compare: Side::first_two(dataset, &analysis).map(|(a, b)| {
            let asked = CompareAsked { settings: settings.clone(), sides: [a, b] };
            compare(dataset, &analysis, &asked, &progress).unwrap()
        }),
        models: {
            let asked = ModelsAsked { settings: settings.clone(), seed: 7 };
            Some(models(dataset, &asked, &progress).unwrap())
        },
        categories: {
            let asked = CategoriesAsked { settings: settings.clone(), seed: 7 };
            Some(categories(dataset, &asked, &progress).unwrap())
        },
        covariates: {
            let asked = CovariatesAsked { settings: settings.clone(), of: Disagreement::Votes };
            Some(covariates(dataset, &asked, &progress).unwrap())
        },
        scale_use: {
            let asked = ScaleUseAsked { settings: settings.clone() };
            Some(scale_use(dataset, &asked, &progress).unwrap())
        },
        conditions: {
            let asked = ConditionsAsked { settings: settings.clone(), by: conditions::By::Questions };
            Some(conditions::conditions(dataset, &current, &asked, &progress).unwrap())
        },
        tastes: {
            let asked = TastesAsked { settings: settings.clone(), of: Of::Raters, label: None, seed: 7 };
            Some(tastes(dataset, &asked, &progress).unwrap())
        },
        scales: {
            let asked = TastesAsked { settings: settings.clone(), of: Of::Scales, label: None, seed: 7 };
            Some(tastes(dataset, &asked, &progress).unwrap())
        },
        drift: {
            let asked = DriftAsked { settings: settings.clone(), by: Batches::Parts, seed: 7 };
            Some(drift(dataset, &current, &asked, &progress).unwrap())
        },
        judging: {
            let asked = JudgingAsked { settings: settings.clone(), cut: None, seed: 7 };
            Some(judging(dataset, &asked, &progress).unwrap())
        },
        routing: { Some(routing(dataset, &analysis, &RoutingAsked::default(), &progress).unwrap()) },
        metrics: {
            let asked = MetricsAsked { settings: settings.clone(), system: None, source: None, seed: 7 };
            Some(metrics(dataset, &asked, &progress).unwrap())
        },
        difficulty: {
            let asked = DifficultyAsked { settings: settings.clone(), condition: None, seed: 7 };
            Some(difficulty(dataset, &asked, &progress).unwrap())
        },
        estimates: {
            let asked = EstimatesAsked { edits: std::sync::Arc::default(), audit: std::sync::Arc::from([]) };
            Some(audit_estimates(dataset, &analysis, &asked, &progress).unwrap())
        },
        benchmark: {
            let asked = BenchmarkAsked { edits: std::sync::Arc::default(), seed: 7 };
            Some(benchmark(dataset, &analysis, &asked, &progress).unwrap())
        },
        per_rater: {
            let asked = PerRaterAsked { settings: settings.clone(), label: 0, seed: 7 };
            Some(per_rater(dataset, &asked, &progress).unwrap())
        },
        practice: {
            let asked = PracticeAsked { settings: settings.clone(), first: None, truth: None, seed: 7 };
            Some(practice(dataset, &asked, &progress).unwrap())
        },
        groups: {
            let asked = GroupsAsked { settings: settings.clone(), attribute: 0, seed: 7 };
            Some(rater_groups(dataset, &asked, &progress).unwrap())
        },
        versions: {
            let asked = VersionsAsked { settings: settings.clone(), rule: DecodingRule::default() };
            Some(versions(dataset, &current, &asked, &progress).unwrap())
        },
        votes: Some(votes(dataset, &settings, &progress).unwrap()),
        repeats: Some(repeats(dataset, &given, &progress).unwrap()),
        wrong_sets: Some(multilabel(dataset, &given, &MultiLabelAsked::default(), &progress).unwrap()),
        entities: Some(entities(dataset, &given, &entities_asked, &progress).unwrap()),
        relations: Some(
            relations(dataset, &given, &RelationsAsked::new(settings.clone()), &progress).unwrap(),
        ),
        paper: Some(paper(dataset, &given, &progress).unwrap()),
        neighbours: Some(neighbours(dataset, &given, None, &Known::default(), &progress).unwrap()),
        judges: Some(
            judges(
                dataset,
                &current,
                &JudgesAsked { settings: settings.clone(), equal_counts: false, decided: [].into() },
                &progress,
            )
            .unwrap(),
        ),
        shifted: Some(shifted(dataset, &current, &progress).unwrap()),
        mistakes: Some(
            mistakes(
                dataset,
                &current,
                &analyse(dataset, &Edits::new()).confident,
                &MistakesAsked { prior: Prior::Model, seed: 7 },
                &progress,
            )
            .unwrap(),
        ),
        ratings: Some(ratings(dataset, &current, &settings, &progress).unwrap()),
        verdicts: Some(
            verdicts(
                dataset,
                &current,
                &VerdictsAsked { settings: settings.clone(), population: None },
                &progress,
            )
            .unwrap(),
        ),
        next_label: Some(next_label(dataset, &settings, &progress).unwrap()),
    }
}

#[test]
fn json_keeps_its_schema_on_every_shape() {
    for (shape, dataset) in shapes() {
        let analysis = analyse(&dataset, &Edits::new());
        let report = json(&subject(&dataset, &analysis));
        assert_eq!(validate(&report), Vec::<String>::new(), "{shape}");
        let all: Vec<Which> = AGGREGATORS.iter().map(|a| a.which).collect();
        let lab = lab(&dataset, &Settings::default(), &all, 7, &Progress::new()).unwrap();
        let asked = Asked::default();
        let all = coefficients(&dataset, asked, &Progress::new()).unwrap();
        let extras = extras(&dataset, lab, all);
        let wanted = Subject { extras: &extras, ..subject(&dataset, &analysis) };
        assert!(!markdown(&outline(&wanted)).contains("NaN"), "{shape}");
        let report = json(&wanted);
        assert_eq!(validate(&report), Vec::<String>::new(), "{shape}, aggregators compared");
        let methods = report["aggregation"]["compared"]["methods"].as_object().unwrap();
        assert_eq!(methods.len(), AGGREGATORS.len());
        let n_conflicts = &report["aggregation"]["candidate_sets"]["n_conflicts"];
        assert_eq!(n_conflicts.as_u64(), (shape == "several").then_some(1), "{shape}");
        let f1 = &report["agreement"]["spans"]["measures"]["f1"]["value"];
        // Of ana's 20 spans ben has 16, and cem's are all elsewhere: the mean of 32/36, 0 and 0.
        let by_hand = (shape == "marked").then_some(32.0 / 36.0 / 3.0);
        assert_eq!(f1.as_f64(), by_hand, "{shape}");
    }
}

#[test]
fn the_schema_refuses_what_is_not_a_report() {
    let dataset = degenerate();
    let analysis = analyse(&dataset, &Edits::new());
    let whole = json(&subject(&dataset, &analysis));
    let broken: [fn(&mut Value); 4] = [
        |r| r["agreement"]["fleiss_kappa"] = Value::from(0.5),
        |r| r["agreement"]["fleiss_kappa"] = serde_json::json!({ "value": null }),
        |r| r["dataset"]["surprise"] = Value::from(1),
        |r| r["schema_version"] = Value::from(2),
    ];
    for break_it in broken {
        let mut report = whole.clone();
        break_it(&mut report);
        assert!(!validate(&report).is_empty());
    }
}

#[test]
fn json_says_what_the_analysis_says() {
    let dataset = long();
    let analysis = analyse(&dataset, &Edits::new());
    let report = json(&subject(&dataset, &analysis));
    let alpha = analysis.agreement.krippendorff_alpha_nominal.estimate().unwrap();
    let written = &report["agreement"]["krippendorff_alpha"]["nominal"];
    assert_eq!(written["value"].as_f64(), Some(alpha.value));
    assert_eq!(written["ci_low"].as_f64(), alpha.ci.map(|c| c.0));
    assert_eq!(written["n_items"].as_u64(), Some(alpha.n_items as u64));
    assert_eq!(report["agreement"]["n_duplicates"], 1);
    assert_eq!(report["agreement"]["cohen_kappa"]["pairs"].as_array().unwrap().len(), 21);
    assert_eq!(report["dataset"]["given_label"]["method"], "majority_vote");
    assert_eq!(report["label_issues"]["method"], "dawid_skene_posterior");
    assert_eq!(report["confident_learning"]["reason"], "needs predicted probabilities");

    let dataset = single();
    let analysis = analyse(&dataset, &Edits::new());
    let report = json(&subject(&dataset, &analysis));
    assert_eq!(report["dataset"]["given_label"]["column"], "label");
    assert_eq!(report["agreement"]["fleiss_kappa"]["reason"], "there are no annotations");
    let learned = analysis.confident.as_ref().as_ref().unwrap();
    assert_eq!(report["confident_learning"]["health_score"].as_f64(), Some(learned.health_score));
    let flagged = analysis.items.flagged.iter().filter(|&&f| f).count();
    assert!(flagged > 0);
    assert_eq!(report["confident_learning"]["issue_counts"]["prune_by_noise_rate"], flagged as u64);
}

#[test]
fn only_the_sections_asked_for_are_written() {
    let dataset = long();
    let analysis = analyse(&dataset, &Edits::new());
    let sections = Sections { agreement: true, ..Sections::NONE };
    let report = json(&Subject { sections, ..subject(&dataset, &analysis) });
    assert!(report.get("agreement").is_some());
    assert!(report.get("aggregation").is_none() && report.get("confident_learning").is_none());
    assert_eq!(validate(&report), Vec::<String>::new());
    let titles: Vec<_> = outline(&Subject { sections, ..subject(&dataset, &analysis) })
        .sections
        .into_iter()
        .map(|s| s.title)
        .collect();
    assert_eq!(titles, ["Dataset", "Agreement"]);
}

#[test]
fn decisions_are_counted_and_applied() {
    let dataset = single();
    let mut edits = Edits::new();
    for (item, outcome) in [(0, Outcome::Changed(2)), (1, Outcome::Excluded), (2, Outcome::Kept(2))] {
        let reached = if item == 0 { Reached::Flag } else { Reached::Audit };
        edits.set(item, Edit { reached, ..Edit::new(outcome, "r") });
    }
    let analysis = analyse(&dataset, &edits);
    let extras = Extras { validation: Some(validation(&edits, &analysis, &[1, 2])), ..Extras::default() };
    let review = ReviewSummary::of(&edits);
    let subject = Subject { review, extras: &extras, ..subject(&dataset, &analysis) };
    let report = json(&subject);
    assert_eq!(validate(&report), Vec::<String>::new());
    assert_eq!(report["review"]["decided"], 3);
    assert_eq!(report["review"]["excluded"], 1);
    let rows = read(&table(|out| tables::items(&subject, out)));
    assert_eq!((rows[1][1].as_str(), rows[2][1].as_str()), ("z", ""));
    let words = text(&outline(&subject));
    assert!(words.contains("3 (1 kept, 1 changed, 1 excluded)") && words.contains("random audit"));
    let v = &report["validation"];
    assert_eq!(
        (&v["flags"]["n_wrong"], &v["audit"]["n_wrong"], &v["audit"]["n"]),
        (&1.into(), &1.into(), &2.into())
    );
    assert_eq!((&v["may_stop"], &v["n_errors_found"]), (&false.into(), &2.into()));
}

fn table(write: impl FnOnce(&mut Vec<u8>) -> csv::Result<()>) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out).unwrap();
    out
}

fn read(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn tables_have_the_columns_of_the_contract() {
    let dataset = long();
    let analysis = analyse(&dataset, &Edits::new());
    let subject = subject(&dataset, &analysis);
    let items = read(&table(|out| tables::items(&subject, out)));
    assert_eq!(
        items[0].join(","),
        "item,given_label,n_annotations,entropy,majority_label,majority_labels,dawid_skene_label,\
         dawid_skene_confidence,label_quality_self_confidence,label_quality_normalized_margin,\
         label_quality_confidence_weighted_entropy,issue_prune_by_class,issue_prune_by_noise_rate,issue_both,\
         issue_confident_learning,issue_predicted_neq_given,issue_low_normalized_margin,issue_low_self_confidence,\
         suggested_label,suspicion_odds,suspicion_loss_mixture,suspicion_borda,issue_loss_mixture,\
         issue_loss_mixture_by_label"
    );
    assert_eq!(items.len(), 601);
    let tied = (0..600).find(|&i| analysis.aggregation.majority.is_tied(i)).unwrap();
    assert_eq!((items[tied + 1][1].as_str(), items[tied + 1][4].as_str()), ("", ""));
    assert!(items[tied + 1][5].contains('|') && items[tied + 1][11].is_empty());

    let raters = read(&table(|out| tables::raters(&subject, out)));
    assert_eq!(
        raters[0].join(","),
        "rater,kind,n_annotations,agreement_with_majority,dawid_skene_accuracy,median_duration_s"
    );
    assert_eq!(raters.len(), 8);
    let care: Vec<f64> = raters[1..].iter().map(|r| r[4].parse().unwrap()).collect();
    assert!(care[0] > 0.8 && care[0] > care[6], "{care:?}");

    let votes = read(&table(|out| tables::votes(&subject, out)));
    assert_eq!(votes[0].join(","), "item,label,n,share,error_score,item_kind");
    assert!(votes[1..].iter().all(|row| row[4].is_empty() && row[5].is_empty()), "nobody asked");
    let told = dissensus::analysis::votes::votes(&dataset, &Settings::default(), &Progress::new()).unwrap();
    let extras = Extras { votes: Some(told), ..Extras::default() };
    let told = read(&table(|out| tables::votes(&Subject { extras: &extras, ..subject }, out)));
    assert_eq!(told.len(), votes.len());
    for (row, bare) in told[1..].iter().zip(&votes[1..]) {
        assert_eq!(row[..4], bare[..4]);
        assert!((0.0..=1.0).contains(&row[4].parse::<f64>().unwrap()) && !row[5].is_empty());
    }
    let n: usize = votes[1..].iter().map(|r| r[2].parse::<usize>().unwrap()).sum();
    assert_eq!(n, dataset.annotations.len());
}

#[test]
fn an_item_without_a_given_label_is_neither_flagged_nor_cleared() {
    let dataset = single();
    let analysis = analyse(&dataset, &Edits::new());
    let rows = read(&table(|out| tables::items(&subject(&dataset, &analysis), out)));
    let without = dataset.given.as_ref().unwrap().ids.iter().position(|&l| l == NO_LABEL).unwrap() + 1;
    assert_eq!(rows[without][8..18].join(""), "");
    assert_ne!(rows[without][18], "", "a model suggests a label all the same");
    assert!(rows[1][11..18].iter().all(|c| c == "0" || c == "1"));
}

#[test]
fn names_cannot_become_markup_or_commands() {
    let dataset = long();
    let analysis = analyse(&dataset, &Edits::new());
    let outline = outline(&subject(&dataset, &analysis));
    let page = html(&outline);
    assert!(!page.contains("<i>") && !page.contains("<b>") && !page.contains("<script"), "{page}");
    assert!(
        page.contains("prefers-color-scheme: dark")
            && !page.contains("http://")
            && !page.contains("https://")
    );
    assert!(!text(&outline).contains('\u{1b}'));
    let markdown = markdown(&outline);
    assert!(markdown.contains("# crowd &lt;b&gt;") && !markdown.contains("<i>"));
}

#[test]
fn people_read_the_numbers_of_the_json_and_why_there_is_none() {
    let dataset = long();
    let analysis = analyse(&dataset, &Edits::new());
    let words = text(&outline(&subject(&dataset, &analysis)));
    let alpha = analysis.agreement.krippendorff_alpha_nominal.value().unwrap();
    assert!(words.contains(&format!("{alpha:.3}")), "{words}");
    assert!(
        words.contains(
            "crowd.csv line 12: a row has 3 cells where the header has 4 (2 times). Check the quotes"
        )
    );

    let dataset = degenerate();
    let analysis = analyse(&dataset, &Edits::new());
    let words = text(&outline(&subject(&dataset, &analysis)));
    assert!(words.contains("—") && words.contains("no item has two annotations"), "{words}");
    assert!(!words.contains("NaN"));
}

#[test]
fn threads_change_no_byte() {
    for (shape, dataset) in shapes() {
        let written = |threads| {
            on_threads(Some(threads), || {
                let analysis = analyse(&dataset, &Edits::new());
                let subject = subject(&dataset, &analysis);
                (
                    serde_json::to_string_pretty(&json(&subject)).unwrap(),
                    html(&outline(&subject)),
                    table(|out| tables::items(&subject, out)),
                    table(|out| tables::raters(&subject, out)),
                    table(|out| tables::votes(&subject, out)),
                )
            })
            .unwrap()
        };
        assert_eq!(written(1), written(8), "{shape}");
    }
}

#[test]
fn the_command_writes_report_and_tables() {
    use clap::Parser;
    use dissensus::cli::{Cli, Command};

    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (report, items, raters, votes) = (path("r.json"), path("i.csv"), path("r.csv"), path("v.csv"));
    let typed = [
        "dissensus",
        "analyze",
        "x.csv",
        "--format",
        "json",
        "--out",
        &report,
        "--items",
        &items,
        "--raters",
        &raters,
        "--votes",
        &votes,
        "--threads",
        "2",
        "--consensus",
        "dawid_skene",
    ];
    let Some(Command::Analyze(args)) = Cli::try_parse_from(typed).unwrap().command else { panic!("analyze") };
    report_on(&long(), &Edits::new(), &args).unwrap();
    let written: Value = serde_json::from_slice(&std::fs::read(&report).unwrap()).unwrap();
    assert_eq!(validate(&written), Vec::<String>::new());
    assert_eq!(written["dataset"]["given_label"]["method"], "dawid_skene");
    for (file, rows) in [(items, 601), (raters, 8)] {
        assert_eq!(read(&std::fs::read(file).unwrap()).len(), rows);
    }
    assert!(std::fs::metadata(votes).unwrap().len() > 0);
}
