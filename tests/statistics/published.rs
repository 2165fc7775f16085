//! Examples that were published with their results, by name: what a reader with the paper in hand would try first. The
//! results have the digits that the papers print.

use crate::reference::{Data, golden, matrix, progress};
#[allow(dead_code)] // Shared by several tests, of which each takes what it needs.
use dissensus::dataset::{Annotations, AnnotationsBuilder};
use dissensus::stats::aggregation::{StoppingRule, dawid_skene_until, majority_vote};
use dissensus::stats::agreement::{
    IccForm, IntervalKind, IntervalSpec, Kind, Levels, Metric, ReliabilityData, Spec, WeightMatrix, Weights,
    coefficient, fleiss_null_se, per_item, per_label, two_raters,
};
use dissensus::stats::variation::VoteCounts;

/// Whether `found` rounds to `printed`, which has `digits` after the point.
#[track_caller]
fn prints(found: f64, printed: f64, digits: i32) {
    let half = 0.5 * 10_f64.powi(-digits) + 1e-9;
    assert!((found - printed).abs() <= half, "{found} does not print as {printed}");
}

#[track_caller]
fn alpha(data: &str, metric: Metric, printed: f64, digits: i32) {
    prints(Data::called(data).value(&Spec::alpha(metric)), printed, digits);
}

/// Krippendorff (2011), *Computing Krippendorff's Alpha-Reliability*, section A.
#[test]
fn krippendorff_2011_a_binary_data_two_observers_no_missing_data() {
    alpha("kripp2011_A", Metric::Nominal, 0.095, 3);
}

/// Krippendorff (2011), section B.
#[test]
fn krippendorff_2011_b_nominal_data_two_observers_no_missing_data() {
    alpha("kripp2011_B", Metric::Nominal, 0.692, 3);
}

/// Krippendorff (2011), section C: nominal data, any number of observers, missing data.
#[test]
fn krippendorff_2011_c_nominal_data_four_observers_missing_data() {
    alpha("kripp2011_C", Metric::Nominal, 0.743, 3);
}

/// Krippendorff (2011), section D: the same data by other metrics.
#[test]
fn krippendorff_2011_d_any_metric() {
    alpha("kripp2011_C", Metric::Ordinal, 0.815, 3);
    alpha("kripp2011_C", Metric::Interval, 0.849, 3);
    alpha("kripp2011_C", Metric::Ratio, 0.797, 3);
}

/// Krippendorff (2011), section E: the same values from counts of values by unit, whoever gave them.
#[test]
fn krippendorff_2011_e_values_by_units() {
    let d = Data::called("kripp2011_C");
    let mut builder = AnnotationsBuilder::new();
    let mut rater = 0;
    for item in 0..d.annotations.n_items() {
        // A name of his own for whoever gave a value, so that only the counts are left.
        for label in d.annotations.labels_of(item) {
            builder.push(item as u32, rater, *label, None);
            rater += 1;
        }
    }
    let strangers = builder.finish(d.annotations.n_items(), rater as usize);
    let data = ReliabilityData::new(&strangers, d.levels.clone());
    let interval = IntervalSpec::new(IntervalKind::None);
    for (metric, printed) in [
        (Metric::Nominal, 0.743),
        (Metric::Ordinal, 0.815),
        (Metric::Interval, 0.849),
        (Metric::Ratio, 0.797),
    ] {
        let found = coefficient(&data, &Spec::alpha(metric), &interval, &progress()).unwrap();
        prints(found.value().unwrap(), printed, 3);
    }
}

/// Krippendorff (1980), *Content Analysis*, p. 139: all labels together, and each against all others.
#[test]
fn krippendorff_1980_each_category() {
    alpha("kripp1980_p139", Metric::Nominal, 0.642, 3);
    alpha("kripp1980_p139", Metric::Interval, 0.547, 3);
    alpha("kripp1980_p139", Metric::Ratio, 0.483, 3);
    let d = Data::called("kripp1980_p139");
    for (label, printed) in per_label(&d.reliability()).unwrap().iter().zip([0.381, 0.711, 0.717, 0.764]) {
        prints(label.alpha.value().unwrap(), printed, 3);
    }
}

/// Hayes & Krippendorff (2007), *Answering the Call for a Standard Reliability Measure for Coding Data*.
#[test]
fn hayes_and_krippendorff_2007_ordinal() {
    alpha("hayes_krippendorff2007", Metric::Ordinal, 0.7598, 4);
}

/// Fleiss (1971), *Measuring nominal scale agreement among many raters*: thirty patients, six psychiatrists each.
///
/// The paper works with rounded proportions: its kappas of single categories, .248 .248 .517 .470 .565, differ from the
/// exact ones in the third digit.
#[test]
fn fleiss_1971_diagnoses() {
    let d = Data::called("fleiss1971");
    prints(d.value(&Spec::new(Kind::Fleiss)), 0.430, 3);
    prints(d.value(&Spec::new(Kind::Percent)), 0.556, 3);
    let labels = per_label(&d.reliability()).unwrap();
    for (label, printed) in labels.iter().zip([0.248, 0.248, 0.517, 0.470, 0.565]) {
        assert!((label.kappa.unwrap() - printed).abs() < 0.0035, "{:?} {printed}", label.kappa);
    }
    for (label, exact) in labels.iter().zip([0.2448, 0.2448, 0.5200, 0.4711, 0.5661]) {
        prints(label.kappa.unwrap(), exact, 4);
    }
    // Agreement on the first patients: all six, then three with three, then four with two.
    let data = d.reliability();
    let items = per_item(&data, &Spec::new(Kind::Fleiss)).unwrap();
    let agreement = |i| 1.0 - items.of(i).unwrap().disagreement.unwrap();
    prints(agreement(0), 1.0, 3);
    prints(agreement(1), 0.4, 3);
    assert!(fleiss_null_se(&data).is_some());
}

/// Cohen (1960), *A coefficient of agreement for nominal scales*, p. 45: kappa and the largest that the margins allow.
#[test]
fn cohen_1960_kappa_and_its_maximum() {
    let rows = matrix(&golden()["datasets"]["cohen1960_p45"]["rows"]);
    let found = two_raters(&cells(&rows, 1.0), &Weights::Identity, &Levels::positions(3)).unwrap();
    prints(found.kappa.unwrap(), 0.492, 3);
    prints(found.kappa_max.unwrap(), 0.831, 3);
}

fn cells(rows: &[Vec<f64>], n: f64) -> Vec<(u32, u32, u64)> {
    let cell = |k: usize, l: usize, x: f64| (k as u32, l as u32, (x * n).round() as u64);
    let row = |(k, row): (usize, &Vec<f64>)| {
        row.iter().enumerate().map(|(l, &x)| cell(k, l, x)).collect::<Vec<_>>()
    };
    rows.iter().enumerate().flat_map(row).collect()
}

/// Cohen (1968), *Weighted kappa*: 200 cases of personality disorder, neurosis and psychosis, where taking one for the
/// other weighs 1, 3 or 6.
#[test]
fn cohen_1968_weighted_kappa() {
    let data = &golden()["datasets"]["cohen1968"];
    let cells = cells(&matrix(&data["rows"]), 200.0);
    let weights = WeightMatrix::from_disagreement(&matrix(&data["disagreement_weights"])).unwrap();
    let levels = Levels::positions(3);
    let weighted = two_raters(&cells, &Weights::Custom(weights.into()), &levels).unwrap();
    prints(weighted.kappa.unwrap(), 0.348, 3);
    let plain = two_raters(&cells, &Weights::Identity, &levels).unwrap();
    prints(plain.kappa.unwrap(), 0.492, 3);
}

/// Agresti (1992), *Modelling patterns of agreement and disagreement*: two pathologists, with a standard error.
#[test]
fn agresti_1992_pathologists() {
    let rows = matrix(&golden()["datasets"]["agresti1992"]["rows"]);
    let found = two_raters(&cells(&rows, 1.0), &Weights::Identity, &Levels::positions(4)).unwrap();
    prints(found.kappa.unwrap(), 0.493, 3);
    prints(found.se.unwrap(), 0.057, 3);
}

/// Gwet (2008), *Computing inter-rater reliability and its variance in the presence of high agreement*.
#[test]
fn gwet_2008_high_agreement() {
    let rows = matrix(&golden()["datasets"]["gwet2008_hand"]["rows"]);
    let found = two_raters(&cells(&rows, 1.0), &Weights::Identity, &Levels::positions(2)).unwrap();
    prints(found.ac.unwrap(), 0.8658, 4);
    prints(found.pi.unwrap(), 0.6078, 4);
}

/// Shrout & Fleiss (1979), *Intraclass correlations*: six targets, four judges. The limits are those that the same F
/// distributions give to more digits.
#[test]
fn shrout_and_fleiss_1979_six_forms_with_intervals() {
    let d = Data::called("shrout_fleiss1979");
    let limits = &golden()["cases"];
    let limits = limits.as_array().unwrap().iter().find(|c| c["id"] == "icc/shrout_fleiss1979").unwrap();
    for (form, name, printed) in [
        (IccForm::OneWay, "ICC(1,1)", 0.17),
        (IccForm::Agreement, "ICC(A,1)", 0.29),
        (IccForm::Consistency, "ICC(C,1)", 0.71),
        (IccForm::OneWayMean, "ICC(1,k)", 0.44),
        (IccForm::AgreementMean, "ICC(A,k)", 0.62),
        (IccForm::ConsistencyMean, "ICC(C,k)", 0.91),
    ] {
        let found = d.statistic(&Spec::new(Kind::Icc(form)), IntervalKind::Analytic);
        let found = found.estimate().unwrap();
        prints(found.value, printed, 2);
        let (low, high) = found.ci.unwrap();
        let wanted = &limits["expected"]["icc"][name]["ci95"];
        prints(low, wanted[0].as_f64().unwrap(), 4);
        prints(high, wanted[1].as_f64().unwrap(), 4);
    }
}

/// Dawid & Skene (1979), *Maximum likelihood estimation of observer error-rates using the EM algorithm*: five
/// anaesthetists, the first of whom saw each of 45 patients three times.
#[test]
fn dawid_and_skene_1979_anaesthetists() {
    let d = Data::called("anesthesia");
    let rule = StoppingRule { gain_per_annotation: 1e-12, max_iterations: 1000 };
    let found = dawid_skene_until(&d.annotations, 4, rule, &progress()).unwrap().unwrap();
    for (&share, printed) in found.prior.iter().zip([0.40, 0.42, 0.11, 0.07]) {
        prints(share, printed, 2);
    }
    // Patients on whom the model goes against the votes, or breaks their tie, are few.
    let majority = majority_vote(&VoteCounts::new(&d.annotations, 4));
    let other = (0..45).filter(|&i| majority.labels_of(i) != [found.labels[i]]).count();
    assert!((1..=5).contains(&other), "{other}");
    // The first observer, who knew no more than the others, is right on nine of ten healthy patients.
    prints(found.error(0, 0, 0).unwrap(), 0.91, 2);
}

/// The four raters of the handbook.
fn four_raters() -> Annotations {
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
    builder.finish(12, 4)
}

/// Gwet (2014), *Handbook of Inter-Rater Reliability*, 4th ed., ch. 2–6: four raters, twelve units, five labels, some
/// missing. (Coefficient, weights, value, standard error, lower limit), to three digits, as the tests of irrCAC 0.4.4
/// for Python have them.
#[test]
fn gwet_2014_four_raters_by_weights() {
    let annotations = four_raters();
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
        let found = coefficient(&data, &spec, &interval, &progress()).unwrap();
        let found = found.estimate().unwrap();
        let (found_low, high) = found.ci.unwrap();
        let numbers = [(found.value, value), (found.se.unwrap(), se), (found_low, low), (high, 1.0)];
        for (found, wanted) in numbers {
            assert!((found - wanted).abs() < 0.000_51, "{kind:?} {weights:?}: {found}, expected {wanted}");
        }
    }
}

/// Gwet (2014): the same four raters without weights, to the five digits of irrCAC 1.4 for R. For alpha's standard error
/// its two versions differ; the other four agree.
#[test]
fn gwet_2014_four_raters_without_weights() {
    let annotations = four_raters();
    let data = ReliabilityData::new(&annotations, Levels::positions(5));
    let interval = IntervalSpec::new(IntervalKind::Analytic);
    for (kind, value, se) in [
        (Kind::Percent, 0.81818, None),
        (Kind::Gwet, 0.77544, Some(0.14295)),
        (Kind::Fleiss, 0.76117, Some(0.15302)),
        (Kind::Conger, 0.76282, Some(0.14917)),
        (Kind::BrennanPrediger, 0.77273, Some(0.14472)),
        (Kind::Krippendorff, 0.74342, None),
    ] {
        let found = coefficient(&data, &Spec::new(kind), &interval, &progress()).unwrap();
        let found = found.estimate().unwrap();
        prints(found.value, value, 5);
        if let Some(se) = se {
            prints(found.se.unwrap(), se, 5);
        }
    }
}
