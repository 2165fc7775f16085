use proptest::prelude::*;

use super::*;

const SCORES: [f64; 6] = [0.9, 0.8, 0.7, 0.6, 0.3, 0.1];

/// `1` marked, `0` not, anything else not judged.
fn marks(raters: &[&str]) -> RaterMarks {
    let mut made = RaterMarks::new(raters[0].len(), raters.len()).unwrap();
    for (rater, text) in raters.iter().enumerate() {
        for (unit, c) in text.chars().enumerate().filter(|(_, c)| "01".contains(*c)) {
            made.judge(rater, unit, c == '1');
        }
    }
    made
}

fn compared(scores: &[&[f64]], marks: &RaterMarks) -> DetectorsPerRater {
    detectors_per_rater(scores, marks, DetectorOptions::default(), &Progress::new()).unwrap().unwrap()
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 5e-5
}

#[test]
fn the_worked_example() {
    let found = compared(&[&SCORES], &marks(&["101000", "111010"]));
    let detector = &found.detectors[0];
    let ap: Vec<f64> = detector.raters.iter().map(|r| r.average_precision.clone().unwrap()).collect();
    assert!(near(ap[0], 0.8333) && near(ap[1], 0.95), "{ap:?}");
    let best: Vec<BestF1> = detector.raters.iter().map(|r| r.best.clone().unwrap()).collect();
    assert!(near(best[0].f1, 0.8) && best[0].threshold == 0.7);
    assert!(near(best[1].f1, 0.8889) && best[1].threshold == 0.3);
    assert!(near(best[0].precision, 2.0 / 3.0) && best[0].recall == 1.0);
    // Each at the threshold of the other: 2 of 5 flagged and 2 marked; 3 of 3 and 4.
    let chosen: Vec<ChosenF1> = detector.raters.iter().map(|r| r.chosen.clone().unwrap()).collect();
    assert!(near(chosen[0].f1, 4.0 / 7.0) && chosen[0].threshold == 0.3);
    assert!(near(chosen[1].f1, 6.0 / 7.0) && chosen[1].threshold == 0.7);
    for ceiling in &found.ceilings {
        assert!(near(ceiling.human_f1.clone().unwrap().mean, 0.6667));
    }
    assert_eq!(detector.counts[1].size, 2);
    assert!(near(detector.counts[1].rho.clone().unwrap().mean, 0.7171), "{:?}", detector.counts);
    let spread = detector.average_precision.clone().unwrap();
    assert!(near(spread.max - spread.min, 0.1167) && spread.n == 2);
    assert!(near(found.ceilings[1].prevalence.value().unwrap(), 4.0 / 6.0));
    assert!(found.ranks.is_err());
    // Of one rater outside: marks 101000 and 111010 correlate by φ = 0.5; with both inside nobody is outside.
    assert!(near(found.human_counts[0].rho.clone().unwrap().mean, 0.5));
    assert!(found.human_counts[1].rho.is_err());
}

#[test]
fn equal_scores_are_flagged_together() {
    let found = compared(&[&[0.5, 0.5, 0.5, 0.2]], &marks(&["1001"]));
    let r = &found.detectors[0].raters[0];
    // Half the marks at precision 1/3, half at 2/4.
    assert!(near(r.average_precision.clone().unwrap(), 0.5 / 3.0 + 0.25));
    assert_eq!(r.best.clone().unwrap().threshold, 0.2);
    assert!(r.chosen.is_err());
    let constant = compared(&[&[0.5; 4]], &marks(&["1001"]));
    assert_eq!(constant.detectors[0].raters[0].average_precision, Ok(0.5));
    assert!(constant.detectors[0].counts[0].rho.is_err());
}

#[test]
fn raters_without_marks_and_units_without_scores_are_left_out() {
    let found = compared(
        &[&[0.9, f64::NAN, 0.4], &[-0.0, 0.0, f64::INFINITY, 7.0]],
        &marks(&["10.1", "0000", "1110"]),
    );
    let first = &found.detectors[0];
    assert_eq!((first.n_unscored, first.raters[0].n_units, first.raters[0].n_marked), (2, 1, 1));
    assert!(first.raters[1].average_precision.is_err() && first.raters[1].best.is_err());
    assert!(first.raters[1].chosen.is_err() && found.ceilings[1].human_f1.is_err());
    assert!(found.ceilings[1].random_best_f1.is_err());
    assert_eq!(first.average_precision.clone().unwrap().n, 2);
    // Noughts of either sign are one score: three of four flagged and three marked, two of them.
    assert_eq!(found.detectors[1].raters[2].best.clone().unwrap().f1, 6.0 / 7.0);
    let ranks = found.ranks.unwrap();
    assert_eq!(ranks.raters, [0, 2]);
}

#[test]
fn detectors_are_ranked_by_each_rater() {
    let up: Vec<f64> = (0..6).map(f64::from).collect();
    let down: Vec<f64> = (0..6).map(|i| f64::from(-i)).collect();
    let found = compared(&[&up, &down, &down], &marks(&["000011", "110000", "100000"]));
    let ranks = found.ranks.unwrap();
    assert_eq!(ranks.ranks, [[1.0, 2.5, 2.5], [3.0, 1.5, 1.5], [3.0, 1.5, 1.5]]);
    assert!(near(ranks.mean_ranks[0], 7.0 / 3.0));
    assert_eq!((ranks.flips.len(), ranks.n_flips, ranks.n_comparisons), (2, 4, 9));
    assert_eq!(ranks.flips[0], Flip { detectors: (0, 1), n_raters: (1, 2) });
    let w = ranks.concordance.unwrap();
    // Rank sums 7, 5.5, 5.5 about 6: S = 1.5; 12 S/(9·24 − 3·18).
    assert!((w.corrected - 18.0 / 162.0).abs() < 1e-12);
    let alike = compared(&[&up, &down], &marks(&["000011", "000001"]));
    let ranks = alike.ranks.unwrap();
    assert!(ranks.flips.is_empty() && (ranks.concordance.unwrap().corrected - 1.0).abs() < 1e-12);
}

#[test]
fn groups_are_all_or_drawn() {
    let all = counts::subsets(4, 100, 1);
    assert_eq!(all.iter().map(Vec::len).collect::<Vec<_>>(), [4, 6, 4, 1]);
    assert_eq!(all[1], [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]);
    let drawn = counts::subsets(30, 50, 1);
    assert_eq!((drawn.len(), drawn[0].len(), drawn[5].len()), (12, 30, 50));
    assert_eq!(drawn, counts::subsets(30, 50, 1));
    assert_ne!(drawn, counts::subsets(30, 50, 2));
}

#[test]
fn chance_is_the_same_on_any_number_of_threads() {
    let marks = marks(&["100100100100", "010010101000"]);
    let scores: Vec<f64> = (0..12).map(|i| f64::from(i * 5 % 7)).collect();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| compared(&[&scores, &scores], &marks))
    };
    assert_eq!(run(1), run(3));
    let floor = run(1).ceilings[0].random_best_f1.clone().unwrap();
    // Whatever the scores, flagging everything gives 2·4/(12 + 4).
    assert!(floor.n == 10 && floor.min >= 0.5 && floor.max <= 1.0 && floor.max > floor.min);
}

#[test]
fn nothing_to_compare_says_so() {
    let options = DetectorOptions::default();
    let none = RaterMarks::new(0, 3).unwrap();
    assert!(detectors_per_rater(&[&[]], &none, options, &Progress::new()).unwrap().is_err());
    assert!(detectors_per_rater(&[], &marks(&["1"]), options, &Progress::new()).unwrap().is_err());
    assert!(RaterMarks::new(usize::MAX, 2).is_err() && RaterMarks::new(3, 10_000).is_err());
    let stopped = Progress::new();
    stopped.cancel();
    assert!(detectors_per_rater(&[&SCORES], &marks(&["101000"]), options, &stopped).is_err());
}

proptest! {
    #[test]
    fn figures_are_those_of_the_definitions(
        units in prop::collection::vec((0..5_u8, prop::collection::vec(0..3_u8, 3)), 1..20)
    ) {
        let mut marks = RaterMarks::new(units.len(), 3).unwrap();
        let scores: Vec<f64> = units.iter().map(|u| f64::from(u.0)).collect();
        for (unit, (_, said)) in units.iter().enumerate() {
            said.iter().enumerate().filter(|(_, s)| **s < 2).for_each(|(r, &s)| marks.judge(r, unit, s == 1));
        }
        let found = compared(&[&scores], &marks);
        for rater in 0..3 {
            let known: Vec<(f64, bool)> =
                units.iter().filter(|u| u.1[rater] < 2).map(|u| (f64::from(u.0), u.1[rater] == 1)).collect();
            let marked = known.iter().filter(|k| k.1).count() as f64;
            let r = &found.detectors[0].raters[rater];
            if marked == 0.0 {
                prop_assert!(r.average_precision.is_err() && r.best.is_err());
                continue;
            }
            // Each marked unit at the precision of its own score.
            let at = |t: f64| {
                let flagged: Vec<_> = known.iter().filter(|k| k.0 >= t).collect();
                (flagged.iter().filter(|k| k.1).count() as f64, flagged.len() as f64)
            };
            let ap = known.iter().filter(|k| k.1).map(|k| at(k.0).0 / at(k.0).1).sum::<f64>() / marked;
            prop_assert!((r.average_precision.clone().unwrap() - ap).abs() < 1e-12);
            let f1 = |t: f64| 2.0 * at(t).0 / (at(t).1 + marked);
            let best = known.iter().map(|k| f1(k.0)).fold(0.0, f64::max);
            let own = r.best.clone().unwrap();
            prop_assert_eq!(own.f1, best);
            prop_assert_eq!(f1(own.threshold), best);
            if let Ok(chosen) = &r.chosen {
                prop_assert!(chosen.f1 <= best);
                prop_assert_eq!(chosen.f1, f1(chosen.threshold));
            }
        }
        // ρ of the first rater's marks as the table of two raters has it.
        let known: Vec<(u32, u32, u64)> =
            units.iter().filter(|u| u.1[0] < 2).map(|u| (u32::from(u.0), u32::from(u.1[0]), 1)).collect();
        let values = [0.0, 1.0, 2.0, 3.0, 4.0];
        let want = crate::stats::agreement::spearman(&known, &values).ok();
        let one = counts::of_scores(
            &curve::descending(&scores), &scores, &marks, &[vec![vec![0]]], &Progress::new(),
        ).unwrap();
        match (want, one[0].rho.as_ref().ok()) {
            (Some(a), Some(b)) => prop_assert!((a - b.mean).abs() < 1e-12),
            (a, b) => prop_assert!(a.is_none() && b.is_none(), "{:?} {:?}", a, b),
        }
    }
}
