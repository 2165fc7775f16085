//! On simulated votes whose truth is known: planted mistakes, ambiguity and guidelines.

use proptest::prelude::*;

use super::simulation::{DEVELOPMENT_SEEDS, HELD_OUT_SEEDS, Made, WORLDS, simulate};
use super::trial::{GIVEN, ballots, kinds_row, row, table, told};
use super::*;

fn run(b: &Ballots, distributions: &[&Probabilities], groups: Groups) -> ErrorOrVariation {
    told(b, distributions, groups).unwrap()
}

#[test]
fn planted_mistakes_are_found_better_than_by_counting() {
    for world in [&WORLDS[0], &WORLDS[2], &WORLDS[5]] {
        let rows = table(world, DEVELOPMENT_SEEDS.start..DEVELOPMENT_SEEDS.start + 2).unwrap();
        for (row, given) in rows.iter().zip(GIVEN) {
            assert!(row[0] > row[1], "{} {given}: {row:?}", world.name);
        }
        // More to go by is better.
        assert!(rows[3][0] > rows[0][0] + 0.02, "{}: {rows:?}", world.name);
    }
}

#[test]
fn the_documentation_says_what_is_measured() {
    // One row of six; the benchmark prints them all.
    let shown = include_str!("../../../assets/docs/error_or_variation.md");
    let measured = row(&WORLDS[0], HELD_OUT_SEEDS).unwrap();
    assert!(shown.contains(&measured), "{measured}");
    for is_known in [true, false] {
        for made in
            [(Made::Clear, "clear"), (Made::Ambiguous, "ambiguous"), (Made::Guideline, "two guidelines")]
        {
            let measured = kinds_row(&WORLDS[5], HELD_OUT_SEEDS.start, made, is_known).unwrap();
            assert!(shown.contains(&measured), "{measured}");
        }
    }
}

#[test]
fn planted_guidelines_are_no_errors() {
    let s = simulate(&WORLDS[5], 0);
    let groups = [(s.groups.clone(), 2)];
    let found = run(&ballots(&s), &[&s.model, &s.crowd], &groups);
    assert_eq!((found.guidelines.len(), found.guidelines[0].labels), (1, [1, 2]));
    let split = |i: &usize| s.made[*i] == Made::Guideline && found.of_item(*i).len() > 1;
    let planted: Vec<usize> = (0..s.made.len()).filter(split).collect();
    let of = |kind: ItemKind| planted.iter().filter(|&&i| found.kinds[i] == kind).count();
    let n = planted.len();
    assert!(n > 60 && of(ItemKind::GuidelineLike) * 10 > n * 7, "{} of {n}", of(ItemKind::GuidelineLike));
    assert!(of(ItemKind::ErrorLike) * 10 < n * 2, "{} of {n}", of(ItemKind::ErrorLike));
    // Where nothing is known of raters, they fall into two camps by themselves.
    let bare = run(&ballots(&s), &[&s.model, &s.crowd], &[]);
    let camps = &bare.guidelines[0];
    assert_eq!((bare.guidelines.len(), camps.attribute, camps.labels), (1, None, [1, 2]));
    let placed = s.groups.iter().zip(&camps.camps).filter(|(_, camp)| **camp < 2);
    assert!(
        placed.clone().count() > 5 && placed.clone().all(|(group, camp)| group == camp),
        "{:?}",
        camps.camps
    );
    let of = |kind: ItemKind| planted.iter().filter(|&&i| bare.kinds[i] == kind).count();
    assert!(of(ItemKind::GuidelineLike) * 10 > n * 7, "{} of {n}", of(ItemKind::GuidelineLike));
}

#[test]
fn ambiguity_and_careless_raters_are_no_camps() {
    for (at, world) in WORLDS[..5].iter().enumerate() {
        for seed in 0..3 {
            let s = simulate(world, seed);
            let found = run(&ballots(&s), &[], &[]);
            assert_eq!(found.guidelines, [], "world {at}, seed {seed}");
        }
    }
}

/// Two batches whose items are mostly of one label each, read by different raters with slips either way: nobody leans beside those who read
/// the same items.
#[test]
fn raters_of_other_items_are_no_camps() {
    let mut rng = crate::stats::random::Stream::new(5, 0);
    let mut votes = Vec::new();
    for item in 0..400_u32 {
        let batch = item % 2;
        let truth = if rng.uniform() < 0.85 { batch } else { 1 - batch };
        for rater in 0..6 {
            let label = if rng.uniform() < 0.12 { 1 - truth } else { truth };
            votes.push((item, 6 * batch + rater, label));
        }
    }
    let ballots = Ballots::new(400, (12, false), 2, votes);
    assert_eq!(kinds::guidelines(&ballots, &[]), []);
}

#[test]
fn clear_items_with_a_slip_are_errors_and_ambiguous_ones_are_not() {
    let s = simulate(&WORLDS[0], 0);
    let found = run(&ballots(&s), &[&s.model, &s.crowd], &[]);
    let share = |made: Made, kind: ItemKind| {
        let split = (0..s.made.len()).filter(|&i| s.made[i] == made && found.of_item(i).len() > 1);
        let all: Vec<usize> = split.collect();
        all.iter().filter(|&&i| found.kinds[i] == kind).count() as f64 / all.len() as f64
    };
    assert!(share(Made::Clear, ItemKind::ErrorLike) > 0.5, "{}", share(Made::Clear, ItemKind::ErrorLike));
    assert!(
        share(Made::Ambiguous, ItemKind::Ambiguous) > 0.6,
        "{}",
        share(Made::Ambiguous, ItemKind::Ambiguous)
    );
    for (item, kind) in found.kinds.iter().enumerate().filter(|(_, k)| **k == ItemKind::Unanimous) {
        assert!(found.of_item(item)[0].mistake < 0.5, "{item} {kind:?}");
    }
    assert!(found.rates.iter().all(|r| (0.0..0.5).contains(r)), "{:?}", found.rates);
    assert!(found.weights.iter().all(|w| *w > 0.0), "{:?}", found.weights);
}

#[test]
fn order_and_threads_change_nothing_and_little_is_undefined() {
    let s = simulate(&WORLDS[2], 1);
    let b = ballots(&s);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| run(&b, &[&s.model], &[]).scores)
    };
    let one = on(1);
    assert_eq!(one, on(4));
    let mut votes: Vec<(u32, u32, LabelId)> = (0..s.annotations.n_items())
        .flat_map(|i| s.annotations.of_item(i).map(move |a| (i as u32, a.rater, a.label)))
        .collect();
    votes.reverse();
    let again = Ballots::new(b.n_items(), (b.n_raters, false), b.n_labels, votes);
    assert_eq!(one, run(&again, &[&s.model], &[]).scores);

    let few = Ballots::new(3, (3, false), 2, vec![(0, 0, 1), (0, 1, 0)]);
    assert!(error_or_variation(&few, &[], &[], &Progress::new()).unwrap().is_err());
    let wide = Probabilities::from_f64(vec![0.5; 4], 2, 2).unwrap();
    assert!(error_or_variation(&b, &[&wide], &[], &Progress::new()).unwrap().is_err());
    let stopped = Progress::new();
    stopped.cancel();
    assert!(error_or_variation(&b, &[], &[], &stopped).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_votes_have_scores_within_range(
        votes in prop::collection::vec((0..30_u32, 0..6_u32, 0..4_u32), 0..250),
        anonymous in any::<bool>(),
    ) {
        let b = Ballots::new(30, (6, anonymous), 4, votes.clone());
        match error_or_variation(&b, &[], &[], &Progress::new()).unwrap() {
            Err(reason) => prop_assert!(!reason.to_string().is_empty()),
            Ok(found) => {
                prop_assert!(found.scores.iter().all(|s| (0.0..=1.0).contains(&s.mistake)));
                let mut pairs: Vec<(u32, u32)> = votes.iter().map(|v| (v.0, v.2)).collect();
                pairs.sort_unstable();
                pairs.dedup();
                let scored: Vec<(u32, u32)> = found.scores.iter().map(|s| (s.item, s.label)).collect();
                prop_assert_eq!(scored, pairs);
                for item in 0..30 {
                    prop_assert!(found.of_item(item).iter().all(|s| s.item as usize == item && s.n_for <= s.n_of));
                }
            }
        }
    }
}
