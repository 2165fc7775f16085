//! Inputs that leave a coefficient without a value, or nearly: what each coefficient says of each. Packages that
//! compute the same coefficient differ on most of these inputs; here it is a number or a typed reason.

use crate::reference::{Data, progress};
#[allow(dead_code)] // Shared by several tests, of which each takes what it needs.
use dissensus::dataset::AnnotationsBuilder;
use dissensus::stats::aggregation::{AGGREGATORS, AggregateOptions, Layout, aggregate};
use dissensus::stats::agreement::{
    COEFFICIENTS, IntervalKind, IntervalSpec, Kind, Levels, ReliabilityData, Spec, coefficient,
};
use dissensus::stats::{Statistic, Undefined};

/// What is said.
#[derive(Clone, Copy)]
enum Said {
    /// A number.
    Is(f64),
    /// Chance agreement is 1.
    Flat,
    /// The same, where items with a single annotation would have brought variation.
    FlatPairs,
    /// There is one label, so that there is none to choose.
    OneLabel,
    /// There are fewer than two raters.
    Alone,
    /// No item has two annotations.
    Apart,
    /// There are more than two raters.
    Three,
    /// A single item has no order.
    NoOrder,
}
use Said::{Alone, Apart, Flat, FlatPairs, Is, NoOrder, OneLabel, Three};

const COLUMNS: [Kind; 9] = [
    Kind::Percent,
    Kind::Krippendorff,
    Kind::Fleiss,
    Kind::Gwet,
    Kind::BrennanPrediger,
    Kind::Conger,
    Kind::Light,
    Kind::Cohen,
    Kind::KendallW,
];

/// Inputs, and what each column says of them.
#[rustfmt::skip]
const TABLE: [(&str, [Said; 9]); 11] = [
    // Three raters say the same of three items.
    ("one_category_all_agree", [Is(1.0), Flat, Flat, OneLabel, OneLabel, Flat, Flat, Three, Flat]),
    ("single_item_agree", [Is(1.0), Flat, Flat, OneLabel, OneLabel, Flat, Flat, Three, NoOrder]),
    ("single_item_disagree", [Is(1.0 / 3.0), Is(0.0), Is(-0.5), Is(-0.2), Is(-1.0 / 3.0), Is(0.0), Is(0.0), Three, NoOrder]),
    ("one_rater", [Alone; 9]),
    ("no_overlap", [Apart; 9]),
    // Chance by all rated items has variation, chance by pairs has none.
    ("one_overlap_only", [Is(1.0), FlatPairs, Is(1.0), Is(1.0), Is(1.0), Is(1.0), Flat, Flat, NoOrder]),
    ("unpaired_second_category", [Is(1.0), FlatPairs, Is(1.0), Is(1.0), Is(1.0), Is(1.0), Flat, Flat, Flat]),
    // Eleven items with twice the same label, and one without: the paradox of kappa.
    ("one_deviation", [Is(11.0 / 12.0), Is(0.0), Is(-1.0 / 23.0), Is(241.0 / 265.0), Is(5.0 / 6.0), Is(0.0), Is(0.0), Is(0.0), Is(0.5)]),
    ("pair_constant_rater", [Is(0.5), Is(-1.0 / 6.0), Is(-1.0 / 3.0), Is(0.2), Is(0.0), Is(0.0), Is(0.0), Is(0.0), Is(0.5)]),
    ("two_raters_perfect", [Is(1.0); 9]),
    ("two_raters_total_disagree", [Is(0.0), Is(-0.75), Is(-1.0), Is(-1.0), Is(-1.0), Is(-1.0), Is(-1.0), Is(-1.0), Is(0.0)]),
];

fn is_said(said: Said, found: &Statistic) -> bool {
    let because = |part: &str| matches!(found, Statistic::Undefined(u) if u.to_string().contains(part));
    match said {
        Is(value) => found.value().is_some_and(|v| (v - value).abs() < 1e-12),
        Flat => *found == Statistic::Undefined(Undefined::NoVariation),
        FlatPairs => because("items with two annotations or more use only one label"),
        OneLabel => because("chance agreement needs two labels to choose from"),
        Alone => *found == Statistic::Undefined(Undefined::FewerThanTwoRaters),
        Apart => *found == Statistic::Undefined(Undefined::NoPairableItem),
        Three => because("this is for two raters, and there are 3"),
        NoOrder => because("an order needs two items"),
    }
}

#[test]
fn each_coefficient_has_a_number_or_a_reason() {
    let mut wrong = Vec::new();
    for (name, row) in TABLE {
        let d = Data::called(&format!("deg_{name}"));
        for (kind, said) in COLUMNS.into_iter().zip(row) {
            for interval in [IntervalKind::None, IntervalKind::Analytic, IntervalKind::Jackknife] {
                let found = d.statistic(&Spec::new(kind), interval);
                if !is_said(said, &found) {
                    wrong.push(format!("{name} {kind:?} {interval:?}: {found:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whoever declares a second label has a chance of one half, though nobody used it.
#[test]
fn a_declared_label_makes_chance_known() {
    for name in ["one_category_all_agree", "single_item_agree"] {
        let d = Data::called(&format!("deg_{name}"));
        let data = ReliabilityData::new(&d.annotations, Levels::positions(2));
        for kind in [Kind::Gwet, Kind::BrennanPrediger] {
            let interval = IntervalSpec::new(IntervalKind::Analytic);
            let found = coefficient(&data, &Spec::new(kind), &interval, &progress()).unwrap();
            assert_eq!(found.value(), Some(1.0), "{name} {kind:?}");
        }
    }
}

/// A single item has a value and no interval, by any method.
#[test]
fn a_single_item_has_no_interval() {
    let d = Data::called("deg_single_item_disagree");
    for row in COEFFICIENTS {
        for interval in [
            IntervalKind::Analytic,
            IntervalKind::Jackknife,
            IntervalKind::Bootstrap { replicates: 20, seed: 1 },
        ] {
            let found = d.statistic(&Spec::new(row.kind), interval);
            if let (Statistic::Defined(e), false) = (&found, row.kind == Kind::Unanimous) {
                assert_eq!((e.ci, e.se), (None, None), "{} {interval:?}", row.id);
            }
        }
    }
}

/// No annotation at all.
#[test]
fn nothing_is_nothing() {
    let annotations = AnnotationsBuilder::new().finish(3, 2);
    let data = ReliabilityData::new(&annotations, Levels::positions(2));
    for row in COEFFICIENTS {
        let interval = IntervalSpec::new(IntervalKind::Analytic);
        let found = coefficient(&data, &Spec::new(row.kind), &interval, &progress()).unwrap();
        assert_eq!(found, Statistic::Undefined(Undefined::NoAnnotations), "{}", row.id);
    }
    let layout = Layout::new(&annotations, 2);
    for row in AGGREGATORS {
        let found = aggregate(&layout, row.which, &AggregateOptions::default(), &progress()).unwrap();
        assert_eq!(found.unwrap_err(), Undefined::NoAnnotations, "{}", row.id);
    }
}
