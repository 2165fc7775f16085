//! Intervals that say 95 % hold the true value about so often: a small part of `benches/coverage.rs`.

use crate::designs::{DESIGNS, coverage};
use dissensus::stats::agreement::{IntervalKind, Kind};

const SAMPLES: u32 = 400;

#[test]
fn balanced_samples_of_200_items_are_held_by_the_default_interval() {
    // Three standard errors of a share of .95.
    let room = 3.0 * (0.95_f64 * 0.05 / f64::from(SAMPLES)).sqrt();
    for design in DESIGNS.iter().filter(|d| d.balanced) {
        let asked: Vec<(Kind, IntervalKind)> =
            design.kinds().into_iter().map(|kind| (kind, IntervalKind::default())).collect();
        for ((kind, _), found) in asked.iter().zip(coverage(design, 200, SAMPLES, &asked)) {
            let share = found.share();
            assert_eq!(found.intervals, SAMPLES);
            assert!((share - 0.95).abs() < room, "{}, {kind:?}: {share}", design.name);
            assert!(found.mean_width() > 0.05 && found.mean_width() < 0.4, "{}, {kind:?}", design.name);
        }
    }
}

/// Rare labels in small samples: too narrow, as the advice beside every coefficient says.
#[test]
fn skewed_samples_of_50_items_are_held_less_often() {
    let design = DESIGNS.iter().find(|d| !d.balanced && d.raters == 3).unwrap();
    let found = coverage(design, 50, SAMPLES, &[(Kind::Krippendorff, IntervalKind::default())])[0];
    assert!(found.share() < 0.93, "{}", found.share());
    assert!((design.truth(Kind::Krippendorff) - 0.81).abs() < 0.01);
}
