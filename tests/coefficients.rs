//! Coefficients against published values and independent implementations, case by case. Each case in
//! `data/golden/coefficients.json` names its sources; all failures are reported at once.

// Helpers outside of `#[test]` functions unwrap too: a test that cannot set its stage has failed.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use dissensus::dataset::{Annotations, AnnotationsBuilder, LabelSets};
use dissensus::progress::Progress;
use dissensus::stats::Statistic;
use dissensus::stats::agreement::{
    COEFFICIENTS, IccForm, IntervalKind, IntervalSpec, Kind, Levels, MeanSquares, Metric, ReliabilityData,
    Spec, WeightMatrix, Weights, coefficient, concordance, cross_replication, fisher_mean, fleiss_null_se,
    pairwise, per_item, per_label, two_raters,
};
use serde_json::Value;

const GOLDEN: &str = include_str!("data/golden/coefficients.json");

struct Data {
    annotations: Annotations,
    levels: Levels,
    names: Vec<String>,
    sets: Option<LabelSets>,
}

impl Data {
    fn new(data: &Value) -> Self {
        let rows = data["rows"].as_array().unwrap();
        let mut cells: Vec<(usize, usize, Value)> = Vec::new();
        match data["format"].as_str().unwrap() {
            "counts_items_x_categories" => {
                for (item, row) in rows.iter().enumerate() {
                    let mut rater = 0;
                    for (label, n) in row.as_array().unwrap().iter().enumerate() {
                        for _ in 0..n.as_u64().unwrap() {
                            cells.push((item, rater, data["levels"][label].clone()));
                            rater += 1;
                        }
                    }
                }
            }
            _ => {
                for (item, row) in rows.iter().enumerate() {
                    for (rater, cell) in row.as_array().unwrap().iter().enumerate() {
                        cells.push((item, rater, cell.clone()));
                    }
                }
            }
        }
        cells.retain(|c| !c.2.is_null());
        let mut names: Vec<Value> = match data["levels"].as_array() {
            Some(levels) => levels.clone(),
            None => cells.iter().map(|c| c.2.clone()).collect(),
        };
        if data["levels"].is_null() {
            names.sort_by(|a, b| {
                a.as_f64().partial_cmp(&b.as_f64()).unwrap().then_with(|| a.to_string().cmp(&b.to_string()))
            });
            names.dedup();
        }
        let mut builder = AnnotationsBuilder::new();
        for (item, rater, label) in &cells {
            let label = names.iter().position(|n| n == label).unwrap() as u32;
            builder.push(*item as u32, *rater as u32, label, None);
        }
        let n_raters = cells.iter().map(|c| c.1 + 1).max().unwrap();
        let sets = names[0].is_array().then(|| {
            let members = vec!["A".to_owned(), "B".to_owned(), "C".to_owned()];
            let of = |set: &Value| {
                let of = set.as_array().unwrap().iter();
                of.map(|m| members.iter().position(|x| m == x).unwrap() as u32).collect()
            };
            LabelSets { of_label: names.iter().map(of).collect(), members }
        });
        let values: Option<Vec<f64>> = names.iter().map(Value::as_f64).collect();
        Self {
            annotations: builder.finish(rows.len(), n_raters),
            levels: values.map_or_else(|| Levels::positions(names.len()), |v| Levels::new(v).unwrap()),
            names: names.iter().map(ToString::to_string).collect(),
            sets,
        }
    }

    fn reliability(&self) -> ReliabilityData<'_> {
        let data = ReliabilityData::new(&self.annotations, self.levels.clone());
        match &self.sets {
            Some(sets) => data.with_sets(sets),
            None => data,
        }
    }

    fn statistic(&self, spec: &Spec, kind: IntervalKind) -> Statistic {
        coefficient(&self.reliability(), spec, &IntervalSpec::new(kind), &Progress::new()).unwrap()
    }

    fn value(&self, spec: &Spec) -> f64 {
        self.statistic(spec, IntervalKind::None).value().unwrap()
    }
}

struct Report {
    failures: Vec<String>,
    checks: usize,
}

impl Report {
    fn number(&mut self, what: &str, found: f64, expected: &Value, tol: f64) {
        self.checks += 1;
        match expected.as_f64() {
            Some(expected) if (found - expected).abs() <= tol => {}
            _ => self.failures.push(format!("{what}: {found}, expected {expected} ± {tol}")),
        }
    }
}

fn metric(name: &str) -> Metric {
    match name {
        "nominal" => Metric::Nominal,
        "ordinal" => Metric::Ordinal,
        "interval" => Metric::Interval,
        "ratio" => Metric::Ratio,
        "circular" => Metric::Circular { period: None },
        "bipolar" => Metric::Bipolar,
        other => panic!("{other}"),
    }
}

#[test]
fn golden_cases() {
    let golden: Value = serde_json::from_str(GOLDEN).unwrap();
    let mut report = Report { failures: Vec::new(), checks: 0 };
    let mut kinds = BTreeMap::<&str, usize>::new();
    for case in golden["cases"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        let kind = case["kind"].as_str().unwrap();
        let data = &golden["datasets"][case["data"].as_str().unwrap()];
        let tol = case["tol"].as_f64().unwrap();
        let expected = &case["expected"];
        *kinds.entry(kind).or_default() += 1;
        match kind {
            "krippendorff_alpha" => {
                let spec = Spec::alpha(metric(case["params"]["metric"].as_str().unwrap()));
                let d = Data::new(data);
                let found = d.statistic(&spec, IntervalKind::Analytic);
                let found = found.estimate().unwrap();
                report.number(id, found.value, &expected["alpha"], tol);
                let pairable = found.n_pairable.unwrap() as f64;
                report.number(&format!("{id} pairable"), pairable, &expected["n_pairable"], 0.0);
            }
            "krippendorff_alpha_jackknife" => {
                let d = Data::new(data);
                let spec = Spec::alpha(metric(case["params"]["metric"].as_str().unwrap()));
                let found = d.statistic(&spec, IntervalKind::Jackknife);
                let se = found.estimate().unwrap().se.unwrap();
                report.number(&format!("{id} se"), se, &expected["jack_se"], tol);
                // Influence of a unit: alpha minus alpha without it.
                let reliability = d.reliability();
                let items = per_item(&reliability, &spec).unwrap();
                let units =
                    (0..d.annotations.n_items()).filter_map(|i| items.of(i)).filter(|u| u.n_ratings >= 2);
                for (unit, wanted) in units.zip(expected["loo"].as_array().unwrap()) {
                    let without = items.value - unit.influence.unwrap();
                    report.number(&format!("{id} without one"), without, wanted, tol);
                }
            }
            "krippendorff_alpha_sets" => {
                let d = Data::new(data);
                let sets = [("jaccard", Metric::Jaccard), ("masi_passonneau2006", Metric::Masi)];
                for (name, metric) in sets {
                    let value = d.value(&Spec::alpha(metric));
                    report.number(&format!("{id} {name}"), value, &expected[name]["alpha"], tol);
                }
            }
            "two_rater_table" => table(&mut report, case, data),
            "fleiss_kappa" => {
                let d = Data::new(data);
                let pairs = [
                    ("kappa", Kind::Fleiss),
                    ("Pa", Kind::Percent),
                    ("conger_exact", Kind::Conger),
                    ("conger_exact", Kind::Hubert),
                    ("light", Kind::Light),
                    ("randolph", Kind::BrennanPrediger),
                ];
                if !expected["kappa_j"].is_null() {
                    let reliability = d.reliability();
                    for (j, label) in per_label(&reliability).unwrap().iter().enumerate() {
                        let kappa = label.kappa.unwrap();
                        report.number(&format!("{id} kappa {j}"), kappa, &expected["kappa_j"][j], tol);
                    }
                    let (se, se_label) = fleiss_null_se(&reliability).unwrap();
                    report.number(&format!("{id} se0"), se, &expected["se0"], tol);
                    report.number(&format!("{id} se_j"), se_label, &expected["se_j"], tol);
                    let items = per_item(&reliability, &Spec::new(Kind::Fleiss)).unwrap();
                    for (i, wanted) in expected["per_item"].as_array().unwrap().iter().enumerate() {
                        let agreement = 1.0 - items.of(i).unwrap().disagreement.unwrap();
                        report.number(&format!("{id} item {i}"), agreement, wanted, tol);
                    }
                }
                for (name, kind) in pairs {
                    if !expected[name].is_null() {
                        let value = d.value(&Spec::new(kind));
                        report.number(&format!("{id} {name} {kind:?}"), value, &expected[name], tol);
                    }
                }
            }
            "icc" => {
                let d = Data::new(data);
                let squares = MeanSquares::of(&d.reliability()).unwrap();
                for (name, found) in [
                    ("MSR", squares.rows),
                    ("MSC", squares.columns),
                    ("MSW", squares.within),
                    ("MSE", squares.error),
                ] {
                    report.number(&format!("{id} {name}"), found, &expected["mean_squares"][name], 1e-8);
                }
                let forms = [
                    ("ICC(1,1)", IccForm::OneWay),
                    ("ICC(1,k)", IccForm::OneWayMean),
                    ("ICC(A,1)", IccForm::Agreement),
                    ("ICC(A,k)", IccForm::AgreementMean),
                    ("ICC(C,1)", IccForm::Consistency),
                    ("ICC(C,k)", IccForm::ConsistencyMean),
                ];
                for (name, form) in forms {
                    let found = d.statistic(&Spec::new(Kind::Icc(form)), IntervalKind::Analytic);
                    let found = found.estimate().unwrap();
                    let wanted = &expected["icc"][name];
                    report.number(&format!("{id} {name}"), found.value, &wanted["est"], tol);
                    let (low, high) = found.ci.unwrap();
                    report.number(&format!("{id} {name} low"), low, &wanted["ci95"][0], tol);
                    report.number(&format!("{id} {name} high"), high, &wanted["ci95"][1], tol);
                }
            }
            "rank_agreement" => {
                let d = Data::new(data);
                let w = d.value(&Spec::new(Kind::KendallW));
                report.number(&format!("{id} W"), w, &expected["kendall_W_tie_corrected"], tol);
                let w = concordance(&d.reliability()).unwrap();
                report.number(&format!("{id} plain W"), w.plain, &expected["kendall_W"], tol);
                report.number(&format!("{id} chi2"), w.chi_squared, &expected["chi2_tie"], tol);
                // The p-value of the source belongs to W without the correction for ties, which is smaller.
                assert!(w.p_value < expected["p"].as_f64().unwrap() && w.p_value > 0.003);
                for (name, kind) in [
                    ("pearson", Kind::Pearson),
                    ("spearman", Kind::Spearman),
                    ("kendall_tau_b", Kind::KendallTau),
                ] {
                    let matrix = expected["pairwise"][name].as_array().unwrap();
                    for pair in pairwise(&d.reliability(), &Spec::new(kind)).unwrap() {
                        let wanted = &matrix[pair.a as usize][pair.b as usize];
                        let what = format!("{id} {name} {} {}", pair.a, pair.b);
                        report.number(&what, pair.value.value().unwrap(), wanted, tol);
                    }
                    let off: Vec<f64> = (0..4)
                        .flat_map(|i| (0..i).map(move |j| (i, j)))
                        .map(|(i, j)| matrix[i][j].as_f64().unwrap())
                        .collect();
                    let fisher = match name {
                        "pearson" => &expected["mean_pearson_fisher_irr"],
                        _ => &expected["mean_spearman_fisher_irr"],
                    };
                    if name != "kendall_tau_b" {
                        let found = fisher_mean(off.iter().copied()).unwrap();
                        report.number(&format!("{id} {name} by z"), found, fisher, tol);
                    }
                    let mean = Value::from(off.iter().sum::<f64>() / off.len() as f64);
                    report.number(&format!("{id} {name}"), d.value(&Spec::new(kind)), &mean, tol);
                }
            }
            "degenerate" => degenerate(&mut report, id, &Data::new(data), &expected["peers"]),
            "krippendorff_alpha_one_vs_rest" => {
                let d = Data::new(data);
                for found in per_label(&d.reliability()).unwrap() {
                    let name = &d.names[found.label as usize];
                    let alpha = found.alpha.value().unwrap();
                    report.number(&format!("{id} {name}"), alpha, &expected["per_category"][name], tol);
                }
            }
            "xrr" => pools(&mut report, id, data, expected, tol),
            other => report.failures.push(format!("{id}: no test for {other}")),
        }
    }
    assert_eq!(
        kinds.into_iter().collect::<Vec<_>>(),
        [
            ("degenerate", 11),
            ("fleiss_kappa", 4),
            ("icc", 1),
            ("krippendorff_alpha", 38),
            ("krippendorff_alpha_jackknife", 8),
            ("krippendorff_alpha_one_vs_rest", 1),
            ("krippendorff_alpha_sets", 1),
            ("rank_agreement", 1),
            ("two_rater_table", 14),
            ("xrr", 1)
        ]
    );
    assert!(
        report.failures.is_empty(),
        "{} of {} differ:\n{}",
        report.failures.len(),
        report.checks,
        report.failures.join("\n")
    );
}

/// Two pools of raters, as lists of labels an item.
fn pools(report: &mut Report, id: &str, data: &Value, expected: &Value, tol: f64) {
    let mut builder = AnnotationsBuilder::new();
    let n = data["X"].as_array().unwrap().len();
    let mut side = vec![0; 10];
    side.resize(20, 1);
    for (pool, name) in ["X", "Y"].into_iter().enumerate() {
        for (item, labels) in data[name].as_array().unwrap().iter().enumerate() {
            for (place, label) in labels.as_array().unwrap().iter().enumerate() {
                let rater = 10 * pool + place;
                builder.push(item as u32, rater as u32, label.as_u64().unwrap() as u32, None);
            }
        }
    }
    let annotations = builder.finish(n, 20);
    let data = ReliabilityData::new(&annotations, Levels::positions(3));
    let found = cross_replication(&data, &Metric::Nominal, &side).unwrap();
    let numbers = [
        ("kappa_x", found.xrr),
        ("do", found.observed),
        ("de", found.expected),
        ("alpha_X", found.within[0]),
        ("alpha_Y", found.within[1]),
        ("normalised_kappa_x", found.normalised),
        ("GAI_X", found.association[0]),
        ("GAI_Y", found.association[1]),
    ];
    for (name, number) in numbers {
        report.number(&format!("{id} {name}"), number.unwrap(), &expected[name], tol);
    }
}

fn matrix(rows: &Value) -> Vec<Vec<f64>> {
    let row = |row: &Value| row.as_array().unwrap().iter().map(|w| w.as_f64().unwrap()).collect();
    rows.as_array().unwrap().iter().map(row).collect()
}

fn table(report: &mut Report, case: &Value, data: &Value) {
    let (id, expected) = (case["id"].as_str().unwrap(), &case["expected"]);
    let tol = case["tol"].as_f64().unwrap();
    let n = data["n"].as_f64().unwrap_or(1.0);
    let rows = matrix(&data["rows"]);
    let mut cells = Vec::new();
    let mut builder = AnnotationsBuilder::new();
    let mut item = 0;
    for (k, row) in rows.iter().enumerate() {
        for (l, count) in row.iter().enumerate() {
            let count = (count * n).round() as u64;
            cells.push((k as u32, l as u32, count));
            for _ in 0..count {
                builder.push(item, 0, k as u32, None);
                builder.push(item, 1, l as u32, None);
                item += 1;
            }
        }
    }
    let annotations = builder.finish(item as usize, 2);
    let levels = Levels::positions(rows.len());
    let given = &data["disagreement_weights"];
    let weights = match case["params"]["weights"].as_str() {
        Some("linear") => Weights::Linear,
        Some("quadratic") => Weights::Quadratic,
        _ if !case["params"]["weight_matrix"].is_null() => {
            let rows = matrix(&case["params"]["weight_matrix"]);
            Weights::Custom(WeightMatrix::from_agreement(&rows).unwrap().into())
        }
        _ if !given.is_null() => {
            Weights::Custom(WeightMatrix::from_disagreement(&matrix(given)).unwrap().into())
        }
        _ => Weights::Identity,
    };
    for (part, weights) in
        [("cohen", Weights::Identity), ("unweighted", Weights::Identity), ("weighted", weights)]
    {
        let wanted = &expected[part];
        if wanted.is_null() {
            continue;
        }
        let found = two_raters(&cells, &weights, &levels).unwrap();
        let numbers = [
            ("kappa", found.kappa),
            ("po", Some(found.observed)),
            ("pe", Some(found.expected)),
            ("se", found.se),
            ("se0", found.se_null),
            ("kappa_max", found.kappa_max),
        ];
        for (name, number) in numbers {
            if wanted[name].is_null() {
                assert_eq!(number, None, "{id} {name}");
            } else {
                report.number(&format!("{id} {part} {name}"), number.unwrap(), &wanted[name], tol);
            }
        }
        // The same by the one door.
        let data = ReliabilityData::new(&annotations, levels.clone());
        let analytic = IntervalSpec::new(IntervalKind::Analytic);
        let spec = Spec::weighted(Kind::Cohen, weights);
        let cohen = coefficient(&data, &spec, &analytic, &Progress::new()).unwrap();
        let cohen = cohen.estimate().unwrap();
        report.number(&format!("{id} {part} coefficient"), cohen.value, &wanted["kappa"], tol);
        report.number(&format!("{id} {part} its se"), cohen.se.unwrap(), &wanted["se"], tol);
        if part == "cohen" {
            for (name, number) in
                [("scott_pi", found.pi), ("bennett_S", found.uniform), ("gwet_AC1", found.ac)]
            {
                report.number(&format!("{id} {name}"), number.unwrap(), &expected[name], tol);
            }
            for (name, kind) in [("scott_pi", Kind::Scott), ("gwet_AC1", Kind::Gwet)] {
                let found = coefficient(&data, &Spec::new(kind), &analytic, &Progress::new()).unwrap();
                report.number(&format!("{id} {name} again"), found.value().unwrap(), &expected[name], tol);
            }
        }
    }
}

/// Where a peer has a number, ours is that number or is undefined for a reason; never NaN, never made up.
fn degenerate(report: &mut Report, id: &str, d: &Data, peers: &Value) {
    let pairs = [
        ("krippendorff.alpha nominal", Kind::Krippendorff, 1e-9),
        ("irrCAC.py fleiss", Kind::Fleiss, 5e-6),
        ("irrCAC.py gwet", Kind::Gwet, 5e-6),
        ("irrCAC.py conger", Kind::Conger, 5e-6),
        ("irrCAC.py bp", Kind::BrennanPrediger, 5e-6),
        ("sklearn cohen", Kind::Cohen, 1e-9),
    ];
    for (name, kind, tol) in pairs {
        let found = d.statistic(&Spec::new(kind), IntervalKind::Analytic);
        if let (Some(value), true) = (found.value(), peers[name].is_number()) {
            report.number(&format!("{id} {name}"), value, &peers[name], tol);
        }
    }
    for row in COEFFICIENTS {
        for interval in [
            IntervalKind::None,
            IntervalKind::Analytic,
            IntervalKind::Jackknife,
            IntervalKind::Bootstrap { replicates: 20, seed: 1 },
        ] {
            let found = d.statistic(&Spec::new(row.kind), interval);
            report.checks += 1;
            match found {
                Statistic::Defined(e) => {
                    let finite = e.value.is_finite()
                        && e.ci.is_none_or(|(l, h)| l.is_finite() && h.is_finite() && l <= h)
                        && e.se.is_none_or(f64::is_finite);
                    if !finite {
                        report.failures.push(format!("{id} {}: {e:?}", row.id));
                    }
                }
                Statistic::Undefined(reason) => assert!(!reason.to_string().is_empty()),
            }
        }
    }
    let defined = |kind| d.statistic(&Spec::new(kind), IntervalKind::Analytic).reason();
    let reason = |kind| defined(kind).unwrap_or_default();
    let wanted = match id {
        "degenerate/one_category_all_agree" | "degenerate/single_item_agree" => "only one label is used",
        "degenerate/one_rater" => "fewer than two raters",
        "degenerate/no_overlap" => "no item has two annotations",
        "degenerate/one_overlap_only" | "degenerate/unpaired_second_category" => "use only one label",
        _ => "",
    };
    if !reason(Kind::Krippendorff).contains(wanted) {
        report.failures.push(format!("{id}: {}", reason(Kind::Krippendorff)));
    }
    let _ = &d.names;
}

/// The four raters of Gwet's handbook: (coefficient, weights, value, standard error, lower limit), to three digits, as
/// the tests of irrCAC 0.4.4 for Python have them.
#[test]
fn gwet_s_four_raters_by_weights() {
    const N: Option<u32> = None;
    let rows = [
        [Some(1), Some(1), N, Some(1)],
        [Some(2), Some(2), Some(3), Some(2)],
        [Some(3), Some(3), Some(3), Some(3)],
        [Some(3), Some(3), Some(3), Some(3)],
        [Some(2), Some(2), Some(2), Some(2)],
        [Some(1), Some(2), Some(3), Some(4)],
        [Some(4), Some(4), Some(4), Some(4)],
        [Some(1), Some(1), Some(2), Some(1)],
        [Some(2), Some(2), Some(2), Some(2)],
        [N, Some(5), Some(5), Some(5)],
        [N, N, Some(1), Some(1)],
        [N, N, Some(3), N],
    ];
    let mut builder = AnnotationsBuilder::new();
    for (item, row) in rows.iter().enumerate() {
        for (rater, label) in row.iter().enumerate().filter_map(|(g, l)| l.map(|l| (g, l))) {
            builder.push(item as u32, rater as u32, label - 1, None);
        }
    }
    let annotations = builder.finish(12, 4);
    let data = ReliabilityData::new(&annotations, Levels::positions(5));
    let expected = [
        (Kind::Conger, Weights::Identity, 0.763, 0.149, 0.435),
        (Kind::Conger, Weights::Bipolar, 0.845, 0.142, 0.532),
        (Kind::Conger, Weights::Circular, 0.805, 0.147, 0.481),
        (Kind::Conger, Weights::Linear, 0.814, 0.145, 0.494),
        (Kind::Conger, Weights::Ordinal, 0.844, 0.144, 0.526),
        (Kind::Conger, Weights::Quadratic, 0.858, 0.144, 0.541),
        (Kind::Conger, Weights::Radical, 0.788, 0.146, 0.466),
        (Kind::Conger, Weights::Ratio, 0.812, 0.149, 0.485),
        (Kind::Gwet, Weights::Identity, 0.775, 0.143, 0.461),
        (Kind::Gwet, Weights::Bipolar, 0.900, 0.106, 0.667),
        (Kind::Gwet, Weights::Circular, 0.830, 0.133, 0.538),
        (Kind::Gwet, Weights::Linear, 0.859, 0.117, 0.600),
        (Kind::Gwet, Weights::Ordinal, 0.899, 0.107, 0.664),
        (Kind::Gwet, Weights::Quadratic, 0.914, 0.104, 0.685),
        (Kind::Gwet, Weights::Radical, 0.820, 0.128, 0.537),
        (Kind::Gwet, Weights::Ratio, 0.857, 0.122, 0.589),
    ];
    for (kind, weights, value, se, low) in expected {
        let spec = Spec::weighted(kind, weights.clone());
        let interval = IntervalSpec::new(IntervalKind::Analytic);
        let found = coefficient(&data, &spec, &interval, &Progress::new()).unwrap();
        let found = found.estimate().unwrap();
        let (found_low, high) = found.ci.unwrap();
        let numbers = [(found.value, value), (found.se.unwrap(), se), (found_low, low), (high, 1.0)];
        for (found, wanted) in numbers {
            assert!((found - wanted).abs() < 0.000_51, "{kind:?} {weights:?}: {found}, expected {wanted}");
        }
    }
}
