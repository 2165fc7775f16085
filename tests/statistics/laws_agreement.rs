//! What holds of every coefficient and every aggregator in the lists: names of labels and raters do not matter, the
//! same data twice say the same, full agreement is full, and chance is nothing.

use dissensus::dataset::{Annotations, AnnotationsBuilder, Probabilities};
use dissensus::progress::Progress;
use dissensus::stats::Statistic;
use dissensus::stats::aggregation::{
    AGGREGATORS, AggregateOptions, Aggregation, Layout, Needs, StoppingRule, Which, aggregate,
};
use dissensus::stats::agreement::{
    COEFFICIENTS, IccForm, IntervalKind, IntervalSpec, Kind, Levels, Metric, ReliabilityData, Spec, Takes,
    coefficient,
};
use proptest::prelude::*;

type Rows = Vec<Vec<Option<u32>>>;

const LABELS: u32 = 4;

fn table(rows: &Rows) -> Annotations {
    let mut builder = AnnotationsBuilder::new();
    for (item, row) in rows.iter().enumerate() {
        for (rater, label) in row.iter().enumerate().filter_map(|(r, l)| l.map(|l| (r, l))) {
            builder.push(item as u32, rater as u32, label, None);
        }
    }
    builder.finish(rows.len(), rows[0].len())
}

fn find(rows: &Rows, spec: &Spec) -> Statistic {
    let annotations = table(rows);
    let data = ReliabilityData::new(&annotations, Levels::positions(LABELS as usize));
    coefficient(&data, spec, &IntervalSpec::new(IntervalKind::None), &Progress::new()).unwrap()
}

/// The same value, or the same reason.
fn same(x: &Statistic, y: &Statistic) -> bool {
    match (x.value(), y.value()) {
        (Some(x), Some(y)) => (x - y).abs() < 1e-9 * (1.0 + x.abs()),
        _ => x == y,
    }
}

fn any_rows() -> impl Strategy<Value = Rows> {
    (2..5_usize).prop_flat_map(|raters| {
        prop::collection::vec(prop::collection::vec(prop::option::weighted(0.8, 0..LABELS), raters), 2..20)
    })
}

fn relabelled(rows: &Rows, to: impl Fn(u32) -> u32) -> Rows {
    rows.iter().map(|row| row.iter().map(|l| l.map(&to)).collect()).collect()
}

/// Every row of the list, and alpha on every scale that positions have.
fn specs() -> Vec<Spec> {
    let mut specs: Vec<Spec> = COEFFICIENTS.iter().map(|c| Spec::new(c.kind)).collect();
    specs.extend([Metric::Ordinal, Metric::Interval, Metric::Bipolar].map(Spec::alpha));
    specs
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn names_of_labels_do_not_matter(rows in any_rows(), by in 0..LABELS) {
        // Where labels have an order or a value, the other end may come first.
        let (turned, mirrored) = (relabelled(&rows, |l| (l + by) % LABELS), relabelled(&rows, |l| LABELS - 1 - l));
        for spec in specs() {
            let row = COEFFICIENTS.iter().find(|c| c.kind == spec.kind).unwrap();
            let before = find(&rows, &spec);
            let after = find(&mirrored, &spec);
            prop_assert!(same(&before, &after), "{spec:?} {before:?} {after:?}");
            if row.takes != Takes::Values && spec.metric == Metric::Nominal {
                let after = find(&turned, &spec);
                prop_assert!(same(&before, &after), "{spec:?} {before:?} {after:?}");
            }
        }
    }

    #[test]
    fn names_of_raters_do_not_matter(rows in any_rows(), by in 0..5_usize) {
        let mut turned = rows.clone();
        turned.iter_mut().for_each(|row| { let by = by % row.len(); row.rotate_right(by); });
        for spec in specs() {
            let (before, after) = (find(&rows, &spec), find(&turned, &spec));
            prop_assert!(same(&before, &after), "{spec:?} {before:?} {after:?}");
        }
    }

    #[test]
    fn the_same_data_twice_say_the_same(rows in any_rows()) {
        let twice: Rows = rows.iter().chain(&rows).cloned().collect();
        let pairable: usize = rows.iter().map(|r| r.iter().flatten().count()).filter(|&m| m >= 2).sum();
        for spec in specs() {
            let (before, after) = (find(&rows, &spec), find(&twice, &spec));
            match (spec.kind, before.value(), after.value()) {
                // Mean squares are by degrees of freedom.
                (Kind::Icc(_), _, _) => {}
                // A single item has no order; two alike may, or have another reason.
                (Kind::KendallW, None, None) => {}
                // Chance draws without replacement: 1 − α grows by (2n − 1) / 2(n − 1).
                (Kind::Krippendorff, Some(one), Some(two)) => {
                    let n = pairable as f64;
                    let wanted = 1.0 - (1.0 - one) * (2.0 * n - 1.0) / (2.0 * (n - 1.0));
                    prop_assert!((two - wanted).abs() < 1e-9 * (1.0 + wanted.abs()), "{spec:?} {two} {wanted}");
                }
                _ => prop_assert!(same(&before, &after), "{spec:?} {before:?} {after:?}"),
            }
        }
    }

    #[test]
    fn full_agreement_is_full(labels in prop::collection::vec(0..LABELS, 3..20), raters in 2..5_usize) {
        prop_assume!(labels.iter().any(|&l| l != labels[0]));
        let rows: Rows = labels.iter().map(|&l| vec![Some(l); raters]).collect();
        for spec in specs() {
            let found = find(&rows, &spec);
            if matches!(spec.kind, Kind::Cohen | Kind::Scott) && raters > 2 {
                prop_assert!(found.value().is_none());
            } else {
                let one = found.value().is_some_and(|v| (v - 1.0).abs() < 1e-12);
                prop_assert!(one, "{spec:?} {found:?}");
            }
        }
    }
}

/// A stream of numbers in 0..1, the same in each run.
fn chance(mut state: u64) -> impl FnMut() -> f64 {
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut x = state ^ (state >> 33);
        x = x.wrapping_mul(0xff51_afd7_ed55_8ccd);
        ((x ^ (x >> 33)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[test]
fn agreement_of_dice_is_nothing_beyond_chance() {
    let mut dice = chance(5);
    for raters in [2, 4] {
        let rows: Rows = (0..4000)
            .map(|_| (0..raters).map(|_| Some((dice() * f64::from(LABELS)) as u32)).collect())
            .collect();
        for spec in specs() {
            let Some(found) = find(&rows, &spec).value() else {
                assert!(matches!(spec.kind, Kind::Cohen | Kind::Scott) && raters > 2, "{spec:?}");
                continue;
            };
            let wanted = match spec.kind {
                Kind::Percent => 1.0 / f64::from(LABELS),
                Kind::Unanimous => f64::from(LABELS).powi(1 - raters),
                Kind::KendallW => 1.0 / f64::from(raters),
                // The largest of a few counts.
                Kind::Majority => {
                    assert!((0.25..0.75).contains(&found), "{found}");
                    continue;
                }
                _ => 0.0,
            };
            // Means over raters multiply what is left by their number.
            let mean = matches!(
                spec.kind,
                Kind::Icc(IccForm::OneWayMean | IccForm::AgreementMean | IccForm::ConsistencyMean)
            );
            let room = if mean { 0.06 * f64::from(raters) } else { 0.06 };
            assert!((found - wanted).abs() < room, "{spec:?} with {raters}: {found}, not {wanted}");
        }
    }
}

/// Raters of some skill, items of two or three labels: (rows, what is true).
fn crowd(labels: u32, items: usize, raters: usize, skill: f64, seed: u64) -> (Rows, Vec<u32>) {
    let mut dice = chance(seed);
    let truth: Vec<u32> = (0..items).map(|_| (dice() * f64::from(labels)) as u32).collect();
    let say = |truth: u32, dice: &mut dyn FnMut() -> f64| {
        let right = dice() < skill;
        let other = (truth + 1 + (dice() * f64::from(labels - 1)) as u32) % labels;
        (dice() < 0.8).then_some(if right { truth } else { other })
    };
    let rows = truth.iter().map(|&t| (0..raters).map(|_| say(t, &mut dice)).collect()).collect();
    (rows, truth)
}

/// As far as it goes: what is left does not depend on where it began.
const FAR: StoppingRule = StoppingRule { gain_per_annotation: 1e-13, max_iterations: 5000 };

/// What a model would say that has learned from the votes: it turns with labels, and stays with raters.
fn model(rows: &Rows, labels: u32) -> Probabilities {
    let row = |votes: &Vec<Option<u32>>| {
        let n = votes.iter().flatten().count() as f64;
        let votes = votes.clone();
        (0..labels).map(move |l| {
            let own = votes.iter().flatten().filter(|v| **v == l).count() as f64;
            (own + 1.0) / (n + f64::from(labels))
        })
    };
    Probabilities::from_f64(rows.iter().flat_map(row).collect(), rows.len(), labels as usize).unwrap()
}

fn run(rows: &Rows, which: Which, labels: u32, rule: Option<StoppingRule>) -> Aggregation {
    let layout = Layout::new(&table(rows), labels as usize);
    let model = model(rows, labels);
    let options = AggregateOptions { rule, models: &[&model], ..AggregateOptions::default() };
    aggregate(&layout, which, &options, &Progress::new()).unwrap().unwrap()
}

/// Every aggregator with data that it can take: two labels for KOS, three for the others.
fn each(mut check: impl FnMut(Which, &str, u32)) {
    for row in AGGREGATORS {
        check(row.which, row.id, if row.needs == Needs::RatersAndTwoLabels { 2 } else { 3 });
    }
}

#[track_caller]
fn close(id: &str, found: &[f64], wanted: &[f64]) {
    assert_eq!(found.len(), wanted.len(), "{id}");
    let far = found.iter().zip(wanted).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
    assert!(far < 1e-5, "{id}: {far}");
}

#[test]
fn aggregators_do_not_look_at_names() {
    each(|which, id, k| {
        let (rows, _) = crowd(k, 80, 9, 0.85, 11);
        let before = run(&rows, which, k, Some(FAR));
        // Labels.
        let after = run(&relabelled(&rows, |l| (l + 1) % k), which, k, Some(FAR));
        for item in 0..rows.len() {
            let mut turned: Vec<u32> = before.labels.labels_of(item).iter().map(|l| (l + 1) % k).collect();
            turned.sort_unstable();
            assert_eq!(after.labels.labels_of(item), turned, "{id} {item}");
            let mut row = before.posterior_of(item).to_vec();
            let step = usize::from(!row.is_empty());
            row.rotate_right(step);
            close(id, after.posterior_of(item), &row);
        }
        // Raters.
        let mut turned = rows.clone();
        turned.iter_mut().for_each(|row| row.rotate_left(4));
        let after = run(&turned, which, k, Some(FAR));
        assert_eq!(after.labels, before.labels, "{id}");
        close(id, &after.posterior, &before.posterior);
        let mut skill: Vec<f64> = before.skill.iter().map(|s| s.unwrap()).collect();
        skill.rotate_left(4);
        let found: Vec<f64> = after.skill.iter().map(|s| s.unwrap()).collect();
        // The weights of KOS grow with the number of rounds; their order is what counts.
        if which != Which::Kos {
            let far = found.iter().zip(&skill).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
            assert!(far < 1e-3, "{id}: {far}");
        }
    });
}

#[test]
fn aggregators_say_the_same_of_the_same_items() {
    each(|which, id, k| {
        let (rows, _) = crowd(k, 60, 9, 0.85, 12);
        let twice: Rows = rows.iter().chain(&rows).cloned().collect();
        let (once, found) = (run(&rows, which, k, Some(FAR)), run(&twice, which, k, Some(FAR)));
        let half = found.posterior.len() / 2;
        close(id, &found.posterior[..half], &found.posterior[half..]);
        for item in 0..rows.len() {
            assert_eq!(found.labels.labels_of(item), found.labels.labels_of(item + rows.len()), "{id}");
            assert_eq!(found.labels.labels_of(item), once.labels.labels_of(item), "{id} {item}");
        }
        // Priors weigh less with twice the data, and so do the bounds of M-MSR's skills; without them nothing moves.
        let prior = matches!(which, Which::Ibcc | Which::Glad | Which::Mace | Which::MaceEm | Which::Mmsr);
        if !prior {
            close(id, &found.posterior[..half], &once.posterior);
        }
    });
}

#[test]
fn aggregators_believe_what_all_say() {
    each(|which, id, k| {
        let rows: Rows = (0..30).map(|i| vec![Some(i % k); 5]).collect();
        let found = run(&rows, which, k, Some(FAR));
        for (item, row) in rows.iter().enumerate() {
            assert_eq!(found.labels.labels_of(item), [row[0].unwrap()], "{id} {item}");
        }
    });
}

#[test]
fn aggregators_learn_nothing_from_dice() {
    each(|which, id, k| {
        let (rows, truth) = crowd(k, 600, 7, 1.0 / f64::from(k), 13);
        let short = StoppingRule { gain_per_annotation: 1e-5, max_iterations: 100 };
        let found = run(&rows, which, k, Some(short));
        let right: f64 = (0..rows.len())
            .map(|item| {
                let labels = found.labels.labels_of(item);
                if labels.contains(&truth[item]) { 1.0 / labels.len() as f64 } else { 0.0 }
            })
            .sum();
        let (share, chance) = (right / 600.0, 1.0 / f64::from(k));
        // Four standard errors of a share of 600.
        assert!((share - chance).abs() < 4.0 * (chance * (1.0 - chance) / 600.0).sqrt(), "{id}: {share}");
    });
}
