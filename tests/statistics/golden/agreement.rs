//! Golden cases of coefficients.

use dissensus::dataset::{Annotations, AnnotationsBuilder};
use dissensus::stats::Statistic;
use dissensus::stats::agreement::{
    COEFFICIENTS, IccForm, IntervalKind, IntervalSpec, Kind, Levels, MeanSquares, Metric, ReliabilityData,
    Spec, WeightMatrix, Weights, coefficient, cohen_kappa, concordance, cross_replication, fisher_mean,
    fleiss_kappa, fleiss_null_se, krippendorff_alpha_nominal, krippendorff_alpha_per_label, pairwise,
    pairwise_cohen_kappa, per_item, per_label, percent_agreement, two_raters,
};
use serde_json::Value;

use crate::reference::{Data, Report, matrix, progress};

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

/// Compares a case; false where the kind is none of these.
pub fn compare(report: &mut Report, kind: &str, case: &Value, golden: &Value) -> bool {
    let id = case["id"].as_str().unwrap();
    let data = &golden["datasets"][case["data"].as_str().unwrap()];
    let tol = case["tol"].as_f64().unwrap();
    let expected = &case["expected"];
    match kind {
        "krippendorff_alpha" => {
            let spec = Spec::alpha(metric(case["params"]["metric"].as_str().unwrap()));
            let d = Data::new(data);
            let found = d.statistic(&spec, IntervalKind::Analytic);
            let found = found.estimate().unwrap();
            report.number(id, found.value, &expected["alpha"], tol);
            let pairable = found.n_pairable.unwrap() as f64;
            report.number(&format!("{id} pairable"), pairable, &expected["n_pairable"], 0.0);
            if spec.metric == Metric::Nominal {
                let direct = krippendorff_alpha_nominal(&d.annotations, d.k());
                report.statistic(&format!("{id} directly"), &direct, &expected["alpha"], tol);
            }
        }
        "krippendorff_alpha_jackknife" => {
            let d = Data::new(data);
            let spec = Spec::alpha(metric(case["params"]["metric"].as_str().unwrap()));
            let found = d.statistic(&spec, IntervalKind::Jackknife);
            let found = found.estimate().unwrap();
            report.number(&format!("{id} alpha"), found.value, &expected["alpha"], tol);
            report.number(&format!("{id} se"), found.se.unwrap(), &expected["jack_se"], tol);
            // Influence of a unit: alpha minus alpha without it.
            let reliability = d.reliability();
            let items = per_item(&reliability, &spec).unwrap();
            let units = (0..d.annotations.n_items()).filter_map(|i| items.of(i));
            let without = units.filter(|u| u.n_ratings >= 2).map(|u| items.value - u.influence.unwrap());
            let without: Vec<f64> = without.collect();
            let pseudo = without.iter().map(|x| items.value + (without.len() - 1) as f64 * (items.value - x));
            let mean = pseudo.sum::<f64>() / without.len() as f64;
            report.number(&format!("{id} mean of pseudo-values"), mean, &expected["jack_mean"], tol);
            report.equal(id, &without.len(), &expected["loo"].as_array().unwrap().len());
            for (unit, without) in without.into_iter().enumerate() {
                report.number(&format!("{id} without {unit}"), without, &expected["loo"][unit], tol);
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
        "peer_quirk" => {
            let d = Data::new(data);
            for (name, wanted) in expected.as_object().unwrap() {
                let alpha = d.value(&Spec::alpha(metric(name)));
                report.number(&format!("{id} {name}"), alpha, &wanted["correct"], tol);
            }
        }
        "two_rater_table" => table(report, case, data),
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
            let (a, k) = (&d.annotations, d.k());
            report.statistic(&format!("{id} directly"), &fleiss_kappa(a, k), &expected["kappa"], tol);
            if !expected["Pa"].is_null() {
                report.statistic(&format!("{id} Pa"), &percent_agreement(a, k), &expected["Pa"], tol);
            }
            if !expected["light"].is_null() {
                let light = pairwise_cohen_kappa(a, k).mean;
                report.statistic(&format!("{id} mean of pairs"), &light, &expected["light"], tol);
            }
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
                report.number(&format!("{id} {name}"), found, &expected["mean_squares"][name], tol);
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
        "degenerate" => degenerate(report, id, &Data::new(data), &expected["peers"]),
        "krippendorff_alpha_one_vs_rest" => {
            let d = Data::new(data);
            for found in per_label(&d.reliability()).unwrap() {
                let name = &d.labels[found.label as usize];
                let alpha = found.alpha.value().unwrap();
                report.number(&format!("{id} {name}"), alpha, &expected["per_category"][name], tol);
            }
            for (name, alpha) in d.labels.iter().zip(krippendorff_alpha_per_label(&d.annotations, d.k())) {
                let wanted = &expected["per_category"][name];
                report.statistic(&format!("{id} {name} directly"), &alpha, wanted, tol);
            }
        }
        "xrr" => pools(report, id, data, expected, tol),
        _ => return false,
    }
    true
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
        // The same by the one door, and by the oldest.
        let data = ReliabilityData::new(&annotations, levels.clone());
        let analytic = IntervalSpec::new(IntervalKind::Analytic);
        let spec = Spec::weighted(Kind::Cohen, weights);
        let cohen = coefficient(&data, &spec, &analytic, &progress()).unwrap();
        let cohen = cohen.estimate().unwrap();
        report.number(&format!("{id} {part} coefficient"), cohen.value, &wanted["kappa"], tol);
        report.number(&format!("{id} {part} its se"), cohen.se.unwrap(), &wanted["se"], tol);
        if part == "cohen" {
            oldest_door(report, id, &cells, &annotations, expected, tol);
            for (name, number) in
                [("scott_pi", found.pi), ("bennett_S", found.uniform), ("gwet_AC1", found.ac)]
            {
                report.number(&format!("{id} {name}"), number.unwrap(), &expected[name], tol);
            }
            for (name, kind) in [("scott_pi", Kind::Scott), ("gwet_AC1", Kind::Gwet)] {
                let found = coefficient(&data, &Spec::new(kind), &analytic, &progress()).unwrap();
                report.number(&format!("{id} {name} again"), found.value().unwrap(), &expected[name], tol);
            }
        }
    }
}

/// The same table by the functions that came first: Cohen's kappa of cells, of a pair among pairs, and Scott's pi.
fn oldest_door(
    report: &mut Report,
    id: &str,
    cells: &[(u32, u32, u64)],
    annotations: &Annotations,
    expected: &Value,
    tol: f64,
) {
    let wanted = &expected["cohen"];
    let found = cohen_kappa(cells).unwrap();
    for (name, number) in
        [("kappa", found.kappa), ("po", found.observed), ("pe", found.expected), ("se", found.se)]
    {
        report.number(&format!("{id} directly {name}"), number, &wanted[name], tol);
    }
    let k = expected["per_category_kappa"].as_array().unwrap().len();
    let pairs = pairwise_cohen_kappa(annotations, k);
    let pair = &pairs.pairs[0];
    report.statistic(&format!("{id} pair"), &pair.kappa, &wanted["kappa"], tol);
    report.number(&format!("{id} pair po"), pair.percent_agreement, &wanted["po"], tol);
    let (low, high) = pair.kappa.estimate().unwrap().ci.unwrap();
    let half = 1.959_963_984_540_054 * found.se;
    report.number(&format!("{id} low"), low, &Value::from(found.kappa - half), tol);
    report.number(&format!("{id} high"), high, &Value::from((found.kappa + half).min(1.0)), tol);
    report.statistic(&format!("{id} pi"), &fleiss_kappa(annotations, k), &expected["scott_pi"], tol);
    // One label against all others.
    for label in 0..k as u32 {
        let mut two = [0; 4];
        for &(row, col, n) in cells {
            two[2 * usize::from(row == label) + usize::from(col == label)] += n;
        }
        let cells: Vec<_> = (0..4).map(|i| (i / 2, i % 2, two[i as usize])).collect();
        let found = two_raters(&cells, &Weights::Identity, &Levels::positions(2)).unwrap();
        let wanted = &expected["per_category_kappa"][label as usize];
        report.number(&format!("{id} label {label}"), found.kappa.unwrap(), wanted, tol);
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
}
