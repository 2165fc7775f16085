//! What holds of all coefficients: what changes nothing, which equal which, and closed forms against computing anew.

use proptest::prelude::*;

use super::correlations::{Correlation, Correlations, Places};
use super::counted::Counted;
use super::pair_sums::PairSums;
use super::pair_sums::tests::both_ways;
use super::pair_terms::{Kappas, Together};
use super::pairs::Pairs;
use super::sums::{Form, Rule};
use super::table::Delta;
use super::*;
use crate::dataset::{Annotations, AnnotationsBuilder};
use crate::progress::Progress;
use crate::stats::Statistic;

type Rows = Vec<Vec<Option<u32>>>;

fn table(rows: &Rows) -> Annotations {
    let mut builder = AnnotationsBuilder::new();
    for (item, row) in rows.iter().enumerate() {
        for (rater, label) in row.iter().enumerate() {
            if let Some(label) = label {
                builder.push(item as u32, rater as u32, *label, None);
            }
        }
    }
    builder.finish(rows.len(), rows.iter().map(Vec::len).max().unwrap_or(0))
}

const LABELS: u32 = 4;

fn levels() -> Levels {
    Levels::new(vec![1.0, 2.0, 4.0, 7.0]).unwrap()
}

fn any_table() -> impl Strategy<Value = Rows> {
    (2..6_usize).prop_flat_map(|raters| {
        prop::collection::vec(prop::collection::vec(prop::option::weighted(0.7, 0..LABELS), raters), 2..25)
    })
}

fn complete_table(raters: usize) -> impl Strategy<Value = Rows> {
    let row = prop::collection::vec((0..LABELS).prop_map(Some), raters);
    prop::collection::vec(row, 2..25)
}

fn specs() -> Vec<Spec> {
    let mut specs: Vec<Spec> = COEFFICIENTS.iter().map(|c| Spec::new(c.kind)).collect();
    for weights in [
        Weights::Linear,
        Weights::Quadratic,
        Weights::Radical,
        Weights::Ordinal,
        Weights::Ratio,
        Weights::Circular,
        Weights::Bipolar,
    ] {
        for kind in
            [Kind::Percent, Kind::Fleiss, Kind::Gwet, Kind::BrennanPrediger, Kind::Conger, Kind::Light]
        {
            specs.push(Spec::weighted(kind, weights.clone()));
        }
    }
    for metric in [
        Metric::Ordinal,
        Metric::Interval,
        Metric::Ratio,
        Metric::Circular { period: None },
        Metric::Circular { period: Some(12.0) },
        Metric::Bipolar,
    ] {
        specs.push(Spec::alpha(metric));
    }
    specs
}

fn find(a: &Annotations, levels: Levels, spec: &Spec, kind: IntervalKind, over: Over) -> Statistic {
    let interval = IntervalSpec { over, ..IntervalSpec::new(kind) };
    coefficient(&ReliabilityData::new(a, levels), spec, &interval, &Progress::new()).unwrap()
}

fn value(a: &Annotations, spec: &Spec) -> Option<f64> {
    find(a, levels(), spec, IntervalKind::None, Over::Items).value()
}

fn near(x: Option<f64>, y: Option<f64>) -> bool {
    match (x, y) {
        (Some(x), Some(y)) => (x - y).abs() < 1e-9 * (1.0 + x.abs()),
        (x, y) => x == y,
    }
}

/// (value, se, limits) with the same reasons.
fn same(x: &Statistic, y: &Statistic) -> bool {
    match (x, y) {
        (Statistic::Defined(x), Statistic::Defined(y)) => {
            near(Some(x.value), Some(y.value))
                && (x.n_items, x.n_raters, x.n_pairable) == (y.n_items, y.n_raters, y.n_pairable)
                && match (x.ci, y.ci) {
                    (Some(a), Some(b)) => (a.0 - b.0).abs() < 1e-6 && (a.1 - b.1).abs() < 1e-6,
                    (a, b) => a == b,
                }
        }
        (x, y) => x == y,
    }
}

/// All rules of counts.
fn rules() -> Vec<Rule> {
    let levels = levels();
    let mut rules = Vec::new();
    for form in [Form::Percent, Form::Fleiss, Form::Gwet, Form::Uniform] {
        for weights in [Weights::Identity, Weights::Quadratic, Weights::Linear, Weights::Circular] {
            rules.push(Rule::new(form, Some(weights.distance(&levels).unwrap()), &levels).unwrap());
        }
    }
    for metric in [Metric::Nominal, Metric::Ordinal, Metric::Interval, Metric::Ratio, Metric::Bipolar] {
        rules.push(Rule::new(Form::Alpha, metric.distance(&levels, None).unwrap(), &levels).unwrap());
    }
    rules
}

#[test]
fn limits_that_are_all_rounding_are_none_in_any_order() {
    let rows = vec![vec![Some(0), Some(2)], vec![Some(3), Some(0)], vec![Some(3), Some(0)]];
    let mut turned = rows.clone();
    turned.reverse();
    for spec in specs() {
        let [x, y] =
            [&rows, &turned].map(|r| find(&table(r), levels(), &spec, IntervalKind::Analytic, Over::Items));
        assert!(same(&x, &y), "{spec:?} {x:?} {y:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_order_of_items_and_raters_changes_nothing(rows in any_table(), by in 0..5_usize) {
        let mut turned = rows.clone();
        turned.reverse();
        turned.iter_mut().for_each(|row| { let by = by % row.len(); row.rotate_left(by); });
        let (a, b) = (table(&rows), table(&turned));
        for spec in specs() {
            let [x, y] = [&a, &b].map(|a| find(a, levels(), &spec, IntervalKind::Analytic, Over::Items));
            prop_assert!(same(&x, &y), "{spec:?} {x:?} {y:?}");
        }
    }

    #[test]
    fn an_unused_label_changes_only_what_counts_labels(rows in any_table()) {
        let a = table(&rows);
        for c in COEFFICIENTS {
            let find = |levels| find(&a, levels, &Spec::new(c.kind), IntervalKind::Analytic, Over::Items);
            let (few, many) = (find(Levels::positions(4)), find(Levels::positions(9)));
            if matches!(c.kind, Kind::Gwet | Kind::BrennanPrediger) {
                if let (Some(few), Some(many)) = (few.value(), many.value()) {
                    prop_assert!(many >= few - 1e-12, "{few} {many}");
                }
            } else {
                prop_assert!(same(&few, &many), "{} {few:?} {many:?}", c.id);
            }
        }
    }

    #[test]
    fn leaving_one_out_in_closed_form_is_computing_it_anew(rows in any_table()) {
        let a = table(&rows);
        let Ok(tally) = Tally::new(&a, LABELS as usize) else { return Ok(()) };
        for rule in rules() {
            let Ok(counted) = Counted::new(&tally, rule.clone()) else { continue };
            let without = counted.without();
            for item in 0..rows.len() {
                let Some(p) = tally.pattern_of(item) else { continue };
                if !rule.takes(tally.pattern(p).size) {
                    continue;
                }
                let mut left = rows.clone();
                left[item].iter_mut().for_each(|l| *l = None);
                let left = table(&left);
                // Items stay pairable though only one rater may be left over: the tally itself refuses that.
                let anew = Tally::new(&left, LABELS as usize).ok()
                    .and_then(|t| Counted::new(&t, rule.clone()).ok().map(|c| c.whole.value));
                if anew.is_some() || without[p].is_none() {
                    prop_assert!(near(without[p], anew), "{rule:?} {:?} {anew:?}", without[p]);
                }
            }
            for (rater, found) in counted.without_raters(&a, &Progress::new()).unwrap() {
                let mut left = rows.clone();
                left.iter_mut().for_each(|row| row[rater as usize] = None);
                let anew = Tally::new(&table(&left), LABELS as usize).ok()
                    .and_then(|t| Counted::new(&t, rule.clone()).ok().map(|c| c.whole.value));
                prop_assert!(near(found, anew), "{rule:?} without {rater}: {found:?} {anew:?}");
                let mut weights = vec![1.0; a.n_raters()];
                weights[rater as usize] = 0.0;
                prop_assert!(near(counted.weighted(&a, &weights), anew), "{rule:?}");
            }
            let all = counted.weighted(&a, &vec![1.0; a.n_raters()]);
            prop_assert!(near(all, Some(counted.whole.value)));
        }
    }

    #[test]
    fn pairs_without_an_item_are_those_of_the_others(rows in any_table()) {
        let a = table(&rows);
        let Ok(pairs) = Pairs::new(&a, LABELS as usize) else { return Ok(()) };
        let n_labels = LABELS as usize;
        for weights in [Weights::Identity, Weights::Linear] {
            let delta = Delta::new(&weights, &levels()).unwrap();
            for together in [Together::Mean, Together::Hubert] {
                let sums = both_ways(&a, n_labels, || Kappas::new(together, &delta, n_labels));
                for (item, found) in sums.iter().flat_map(PairSums::without) {
                    let mut times = vec![1.0; rows.len()];
                    times[item as usize] = 0.0;
                    let anew = pairs.value_of(&mut Kappas::new(together, &delta, n_labels), &times);
                    prop_assert!(near(found, anew), "{together:?} {found:?} {anew:?}");
                }
            }
        }
        let places = Places::new(levels().values());
        for kind in [Kind::Pearson, Kind::Spearman, Kind::KendallTau, Kind::Lin] {
            let which = Correlation::of(kind).unwrap();
            let sums = both_ways(&a, n_labels, || Correlations::new(which, &places));
            for (item, found) in sums.iter().flat_map(PairSums::without) {
                let mut left = rows.clone();
                left[item as usize].iter_mut().for_each(|l| *l = None);
                // By the functions of one table, which sort numbers.
                let data = table(&left);
                let pairs = pairwise(&ReliabilityData::new(&data, levels()), &Spec::new(kind)).unwrap_or_default();
                let values: Vec<f64> = pairs.iter().filter_map(|p| p.value.value()).collect();
                let anew = (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
                prop_assert!(near(found, anew), "{kind:?} {found:?} {anew:?}");
            }
        }
    }

    #[test]
    fn two_complete_raters_have_many_names(rows in complete_table(2)) {
        let a = table(&rows);
        let of = |kind| value(&a, &Spec::new(kind));
        prop_assert!(near(of(Kind::Conger), of(Kind::Cohen)));
        prop_assert!(near(of(Kind::Light), of(Kind::Cohen)) && near(of(Kind::Hubert), of(Kind::Cohen)));
        prop_assert!(near(of(Kind::Fleiss), of(Kind::Scott)));
        let n = rows.len() as f64;
        let corrected = of(Kind::Scott).map(|pi| 1.0 - (1.0 - pi) * (1.0 - 1.0 / (2.0 * n)));
        prop_assert!(near(of(Kind::Krippendorff), corrected));
        // One rater in each pool.
        let data = ReliabilityData::new(&a, levels());
        if let Ok(found) = cross_replication(&data, &Metric::Nominal, &[0, 1]) {
            prop_assert!(near(found.xrr, of(Kind::Cohen)), "{found:?}");
        }
        for pair in pairwise(&data, &Spec::alpha(Metric::Ordinal)).unwrap() {
            prop_assert!(near(pair.value.value(), value(&a, &Spec::alpha(Metric::Ordinal))));
        }
    }

    #[test]
    fn complete_raters_have_hubert_s_kappa_as_conger_s(rows in complete_table(4)) {
        let a = table(&rows);
        for weights in [Weights::Identity, Weights::Linear] {
            let of = |kind| value(&a, &Spec::weighted(kind, weights.clone()));
            prop_assert!(near(of(Kind::Conger), of(Kind::Hubert)));
        }
        // The mean of Spearman's rho is a function of W without ties; both are 1 together.
        let (w, rho) = (value(&a, &Spec::new(Kind::KendallW)), value(&a, &Spec::new(Kind::Spearman)));
        if let (Some(w), Some(rho)) = (w, rho) {
            prop_assert!((-1e-9..=1.0 + 1e-9).contains(&w) && rho <= 1.0 + 1e-9);
        }
    }

    #[test]
    fn ordinal_alpha_is_interval_alpha_of_mid_ranks(rows in any_table()) {
        let a = table(&rows);
        let mut counts = [0.0; LABELS as usize];
        for row in rows.iter().filter(|row| row.iter().flatten().count() >= 2) {
            row.iter().flatten().for_each(|&l| counts[l as usize] += 1.0);
        }
        let mut below = 0.0;
        let ranks = counts.map(|n| { below += n; below - n / 2.0 });
        let ranks = Levels::new(ranks.to_vec()).unwrap();
        let interval = find(&a, ranks, &Spec::alpha(Metric::Interval), IntervalKind::None, Over::Items);
        prop_assert!(near(value(&a, &Spec::alpha(Metric::Ordinal)), interval.value()));
    }

    #[test]
    fn all_intervals_are_numbers_about_their_value(rows in any_table()) {
        let a = table(&rows);
        for spec in specs() {
            for over in [Over::Items, Over::Raters] {
                for kind in [
                    IntervalKind::Analytic,
                    IntervalKind::Jackknife,
                    IntervalKind::Bootstrap { replicates: 10, seed: 7 },
                ] {
                    if let Statistic::Defined(e) = find(&a, levels(), &spec, kind, over) {
                        let fine = e.ci.is_none_or(|(l, h)| l.is_finite() && h.is_finite() && l <= h && h <= 1.0);
                        prop_assert!(e.value.is_finite() && fine, "{spec:?} {kind:?} {over:?} {e:?}");
                        prop_assert!(e.ci.is_some() == e.method.is_some());
                    }
                }
            }
        }
    }
}

#[test]
fn perfect_agreement_is_one_and_not_a_rounding_more() {
    let rows = [Some(1), None, None, None, Some(2)].map(|label| vec![label, label]).to_vec();
    let rows = [rows, vec![vec![None, Some(3)]]].concat();
    let a = table(&rows);
    for kind in [IccForm::OneWayAll, IccForm::AgreementAll, IccForm::ConsistencyAll].map(Kind::Icc) {
        for seed in 0..20 {
            let kind_of_interval = IntervalKind::Bootstrap { replicates: 10, seed };
            let found = find(&a, levels(), &Spec::new(kind), kind_of_interval, Over::Items);
            let Statistic::Defined(e) = found else { continue };
            assert!(e.value <= 1.0 && e.ci.is_none_or(|(_, high)| high <= 1.0), "{kind:?} {e:?}");
        }
    }
}

fn noisy(items: u32, raters: u32) -> Annotations {
    let mut builder = AnnotationsBuilder::new();
    for item in 0..items {
        for rater in 0..raters {
            let label = if (item * 31 + rater * 17) % 10 < 6 { item % 4 } else { (item * 7 + rater * 3) % 4 };
            builder.push(item, rater, label, None);
        }
    }
    builder.finish(items as usize, raters as usize)
}

#[test]
fn a_bootstrap_is_the_same_on_any_number_of_threads_and_near_the_jackknife() {
    let a = noisy(120, 4);
    let kind = IntervalKind::Bootstrap { replicates: 400, seed: 11 };
    for spec in [
        Spec::new(Kind::Krippendorff),
        Spec::alpha(Metric::Ordinal),
        Spec::new(Kind::Conger),
        Spec::new(Kind::Light),
    ] {
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| find(&a, levels(), &spec, kind, Over::Items))
        };
        let one = run(1);
        assert_eq!(one, run(3));
        let other =
            find(&a, levels(), &spec, IntervalKind::Bootstrap { replicates: 400, seed: 12 }, Over::Items);
        assert_ne!(one, other);
        let jackknife = find(&a, levels(), &spec, IntervalKind::Jackknife, Over::Items);
        let se = |s: &Statistic| s.estimate().unwrap().se.unwrap();
        assert!((se(&one) / se(&jackknife) - 1.0).abs() < 0.15, "{one:?} {jackknife:?}");
    }
}

#[test]
fn analytic_and_jackknife_standard_errors_agree_on_many_items() {
    let a = noisy(600, 4);
    for spec in specs() {
        if matches!(spec.kind, Kind::Icc(_) | Kind::Cohen | Kind::Scott) {
            continue;
        }
        let [analytic, jackknife] = [IntervalKind::Analytic, IntervalKind::Jackknife]
            .map(|k| find(&a, levels(), &spec, k, Over::Items));
        let se = |s: &Statistic| s.estimate().unwrap().se.unwrap();
        assert!((se(&analytic) / se(&jackknife) - 1.0).abs() < 0.02, "{spec:?} {analytic:?} {jackknife:?}");
    }
}

#[test]
fn a_finite_population_narrows_the_interval_until_it_is_counted_whole() {
    let a = noisy(60, 3);
    let data = ReliabilityData::new(&a, levels());
    let se = |population| {
        let interval = IntervalSpec { population, ..IntervalSpec::new(IntervalKind::Analytic) };
        let found = coefficient(&data, &Spec::new(Kind::Fleiss), &interval, &Progress::new()).unwrap();
        found.estimate().unwrap().se.unwrap()
    };
    assert!((se(Some(240)) / se(None) - 0.75_f64.sqrt()).abs() < 1e-12);
    assert_eq!(se(Some(60)), 0.0);
}

#[test]
fn more_than_two_raters_on_complete_data_weigh_pairs_by_the_others() {
    // Nine units by four observers; a package that gives each pair weight 1 has .6958 and .7305.
    let rows = [
        [1, 1, 1, 1],
        [2, 2, 3, 2],
        [3, 3, 3, 3],
        [3, 3, 3, 3],
        [2, 2, 2, 2],
        [1, 2, 3, 4],
        [4, 4, 4, 4],
        [1, 1, 2, 1],
        [2, 2, 2, 2],
    ];
    let rows: Rows = rows.iter().map(|row| row.iter().map(|&l| Some(l - 1)).collect()).collect();
    let a = table(&rows);
    let of = |metric| find(&a, Levels::positions(4), &Spec::alpha(metric), IntervalKind::None, Over::Items);
    assert!((of(Metric::Nominal).value().unwrap() - 0.7015).abs() < 5e-5);
    assert!((of(Metric::Ratio).value().unwrap() - 0.7356).abs() < 5e-5);
}

#[test]
fn the_unit_of_weights_does_not_matter() {
    // Scaling only the expected disagreement gives .588 for one unit and −.647 for another on the same data.
    let a = noisy(40, 2);
    let of = |unit: f64| {
        let rows: Vec<Vec<f64>> =
            (0..4).map(|k: i32| (0..4).map(|l: i32| unit * f64::from((k - l).abs())).collect()).collect();
        let weights = Weights::Custom(WeightMatrix::from_disagreement(&rows).unwrap().into());
        value(&a, &Spec::weighted(Kind::Cohen, weights)).unwrap()
    };
    assert!((of(1.0) - of(4.0)).abs() < 1e-12);
    let linear = find(
        &a,
        Levels::positions(4),
        &Spec::weighted(Kind::Cohen, Weights::Linear),
        IntervalKind::None,
        Over::Items,
    );
    assert!((of(1.0) - linear.value().unwrap()).abs() < 1e-12);
}

#[test]
fn missing_ratings_are_no_error_for_any_coefficient() {
    let rows: Rows = vec![
        vec![Some(0), Some(0), None],
        vec![Some(1), None, Some(1)],
        vec![None, Some(2), Some(1)],
        vec![Some(2), Some(2), None],
        vec![None, None, Some(3)],
    ];
    let a = table(&rows);
    for c in COEFFICIENTS {
        match find(&a, levels(), &Spec::new(c.kind), IntervalKind::Analytic, Over::Items) {
            Statistic::Defined(e) => assert!(e.value.is_finite()),
            Statistic::Undefined(reason) => assert!(
                matches!(c.kind, Kind::Cohen | Kind::Scott | Kind::Icc(_) | Kind::KendallW),
                "{} {reason}",
                c.id
            ),
        }
    }
}

#[test]
fn groups_of_raters_by_hand() {
    // Two groups: [110][111][000][101] and [00][11][00][01].
    let x = [[1, 1, 0], [1, 1, 1], [0, 0, 0], [1, 0, 1]];
    let y = [[0, 0], [1, 1], [0, 0], [0, 1]];
    let rows: Rows = x.iter().zip(y).map(|(x, y)| x.iter().chain(&y).map(|&l| Some(l)).collect()).collect();
    let a = table(&rows);
    let data = ReliabilityData::new(&a, Levels::positions(2));
    let found = cross_replication(&data, &Metric::Nominal, &[0, 0, 0, 1, 1]).unwrap();
    let close =
        |found: Option<f64>, wanted: f64| assert!((found.unwrap() - wanted).abs() < 5e-5, "{found:?}");
    close(found.observed, 0.291_667);
    close(found.expected, 0.520_833);
    close(found.xrr, 0.44);
    close(found.within[0], 0.371_429);
    close(found.within[1], 0.533_333);
    close(found.association[0], 0.8442);
    close(found.association[1], 1.2121);
    // Too few raters and items for a test.
    let reports = group_reports(&data, &Metric::Nominal, (&[0, 0, 0, 1, 1], 2), (50, 1), &Progress::new())
        .unwrap()
        .unwrap();
    assert_eq!(reports[0].found, found);
    assert_eq!(reports[0].p_values, [None; 3]);
}

#[test]
fn intervals_of_groups_are_those_of_leaving_out_parts() {
    // Eighty items, two raters a side who slip now and then: the first part is items 0 and 40.
    let slip = |item: usize, rater: usize| u32::from((item * 7 + rater * 5).is_multiple_of(11));
    let label = |item: usize, rater: usize| (item as u32 % 3 + slip(item, rater)) % 3;
    let rows: Rows = (0..80).map(|i| (0..4).map(|r| Some(label(i, r))).collect()).collect();
    let side = [0, 0, 1, 1];
    let on = |rows: &Rows| {
        let a = table(rows);
        let data = ReliabilityData::new(&a, Levels::positions(3));
        cross_replication_intervals(&data, &Metric::Nominal, &side, &Progress::new()).unwrap().unwrap()
    };
    let (found, intervals) = on(&rows);
    let a = table(&rows);
    let data = ReliabilityData::new(&a, Levels::positions(3));
    assert_eq!(found, cross_replication(&data, &Metric::Nominal, &side).unwrap());
    let without: Vec<f64> = (0..40)
        .map(|part| {
            let rest: Rows =
                rows.iter().enumerate().filter(|(i, _)| i % 40 != part).map(|(_, row)| row.clone()).collect();
            on(&rest).0.xrr.unwrap()
        })
        .collect();
    let mean = without.iter().sum::<f64>() / 40.0;
    let se = (without.iter().map(|x| (x - mean).powi(2)).sum::<f64>() * 39.0 / 40.0).sqrt();
    let (low, high) = intervals[2].unwrap();
    let room = 2.022_691 * se;
    assert!(
        (high - found.xrr.unwrap() - room).abs() < 1e-6 && (found.xrr.unwrap() - low - room).abs() < 1e-6
    );
    assert!(intervals[0].is_some() && intervals[1].is_some());
    // Too few items for forty parts.
    assert_eq!(on(&rows[..30].to_vec()).1, [None; 3]);
}

#[test]
fn a_group_with_its_own_view_is_found_and_one_without_is_not() {
    let build = |own: bool| {
        let mut builder = AnnotationsBuilder::new();
        for item in 0..60_u32 {
            for rater in 0..12 {
                let view = if own && rater < 6 { item % 2 } else { (item / 2) % 2 };
                let noise = (item * 13 + rater * 29 + item * rater) % 7 == 0;
                builder.push(item, rater, if noise { 1 - view } else { view }, None);
            }
        }
        builder.finish(60, 12)
    };
    let groups: Vec<u32> = (0..12).map(|r| r / 6).collect();
    for own in [true, false] {
        let a = build(own);
        let data = ReliabilityData::new(&a, Levels::positions(2));
        let run = || {
            group_reports(&data, &Metric::Nominal, (&groups, 2), (199, 5), &Progress::new()).unwrap().unwrap()
        };
        let reports = run();
        assert_eq!(reports, run());
        for report in &reports {
            let p = report.adjusted[1].unwrap();
            assert!(p >= report.p_values[1].unwrap());
            assert_eq!(p < 0.05, own, "{report:?}");
        }
    }
}

#[test]
fn false_alarms_are_held_down_as_benjamini_and_hochberg_say() {
    let adjusted = benjamini_hochberg([Some(0.04), None, Some(0.01), Some(0.03), Some(0.5)]);
    let wanted = [Some(0.16 / 3.0), None, Some(0.04), Some(0.16 / 3.0), Some(0.5)];
    for (found, wanted) in adjusted.iter().zip(wanted) {
        assert!(near(*found, wanted), "{adjusted:?}");
    }
}

#[test]
fn items_of_a_group_have_the_coefficient_of_those_items_alone() {
    let a = noisy(90, 4);
    let groups: Vec<u32> = (0..90).map(|i| if i % 3 == 2 { u32::MAX } else { i % 3 }).collect();
    let data = ReliabilityData::new(&a, levels());
    let spec = Spec::new(Kind::Krippendorff);
    let interval = IntervalSpec::new(IntervalKind::Analytic);
    let found = by_item_group(&data, (&groups, 2), &spec, &interval, &Progress::new()).unwrap();
    for (g, found) in found.iter().enumerate() {
        let rows: Rows = (0..90)
            .filter(|&i| groups[i] == g as u32)
            .map(|i| a.labels_of(i).iter().map(|&l| Some(l)).collect())
            .collect();
        assert!(same(found, &find(&table(&rows), levels(), &spec, IntervalKind::Analytic, Over::Items)));
    }
}

#[test]
fn the_rater_who_disagrees_is_the_one_without_whom_it_is_better() {
    let mut builder = AnnotationsBuilder::new();
    for item in 0..40_u32 {
        for rater in 0..4 {
            builder.push(item, rater, if rater == 2 { (item + 1) % 4 } else { item % 4 }, None);
        }
    }
    let a = builder.finish(40, 4);
    let data = ReliabilityData::new(&a, levels());
    for kind in [Kind::Krippendorff, Kind::Conger, Kind::Light, Kind::Unanimous] {
        let each = leave_one_rater_out(&data, &Spec::new(kind), &Progress::new()).unwrap().unwrap();
        let best = each.iter().max_by(|a, b| a.change.unwrap().total_cmp(&b.change.unwrap())).unwrap();
        assert_eq!((best.rater, best.value), (2, Some(1.0)), "{kind:?}");
    }
}

#[test]
fn a_rater_who_repeats_himself_is_left_out_whole() {
    let build = |without: Option<u32>| {
        let mut builder = AnnotationsBuilder::new();
        for item in 0..30_u32 {
            for (rater, label) in
                [(0, item % 4), (1, item % 3), (1, item % 4), (2, (item * 5) % 4), (2, 1), (2, 1)]
            {
                if without != Some(rater) {
                    builder.push(item, rater, label, None);
                }
            }
        }
        builder.finish(30, 3)
    };
    let a = build(None);
    let data = ReliabilityData::new(&a, levels());
    for spec in [Spec::new(Kind::Fleiss), Spec::new(Kind::Krippendorff), Spec::alpha(Metric::Ordinal)] {
        for found in leave_one_rater_out(&data, &spec, &Progress::new()).unwrap().unwrap() {
            let anew = value(&build(Some(found.rater)), &spec);
            assert!(near(found.value, anew), "{spec:?} {found:?} {anew:?}");
        }
    }
}

#[test]
fn advice_follows_the_scale_and_warns_of_small_and_skewed_samples() {
    use crate::dataset::Scale;
    let mut builder = AnnotationsBuilder::new();
    for item in 0..20_u32 {
        builder.push(item, 0, 0, None);
        builder.push(item, 1, u32::from(item == 7), None);
    }
    let a = builder.finish(20, 2);
    let advice = advise(&ReliabilityData::new(&a, Levels::positions(3))).unwrap();
    assert_eq!(advice.spec.kind, Kind::Cohen);
    assert!(advice.also.iter().any(|(spec, _)| spec.kind == Kind::Gwet));
    let said = advice.warnings.join("\n");
    for word in ["only 20 items", "rarest label has only 1", "never used", "AC1 is"] {
        assert!(said.contains(word), "{word}: {said}");
    }
    let ordinal = advise(&ReliabilityData::new(&a, Levels::positions(3)).on(Scale::Ordinal)).unwrap();
    assert_eq!(ordinal.spec, Spec::alpha(Metric::Ordinal));
    let many = noisy(200, 3);
    assert!(advise(&ReliabilityData::new(&many, levels())).unwrap().warnings.is_empty());
}
