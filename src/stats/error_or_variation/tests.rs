//! On simulated votes whose truth is known: planted mistakes, ambiguity and guidelines.

use proptest::prelude::*;

use super::simulation::{
    DEVELOPMENT_SEEDS, HELD_OUT_SEEDS, Made, Simulated, WORLDS, World, average_precision, simulate,
};
use super::*;

fn ballots(s: &Simulated) -> Ballots {
    let votes = (0..s.annotations.n_items())
        .flat_map(|i| s.annotations.of_item(i).map(move |a| (i as u32, a.rater, a.label)))
        .collect();
    Ballots::new(s.annotations.n_items(), (s.annotations.n_raters(), s.anonymous), s.n_labels, votes)
}

fn run(b: &Ballots, distributions: &[&Probabilities], groups: Groups) -> ErrorOrVariation {
    error_or_variation(b, distributions, groups, &Progress::new()).unwrap().unwrap()
}

/// Average precision of this, and of "fewer raters first, then the lower mean probability".
fn precision(s: &Simulated, distributions: &[&Probabilities]) -> [f64; 2] {
    let found = run(&ballots(s), distributions, &[]);
    let wrong: Vec<bool> = found.scores.iter().map(|v| s.is_mistake(v.item as usize, v.label)).collect();
    let mistakes: Vec<f64> = found.scores.iter().map(|v| -v.evidence.sum()).collect();
    let simple = |v: &VoteScore| {
        let rows = distributions.iter().map(|p| p.row(v.item as usize)[v.label as usize]);
        -f64::from(v.n_for) - rows.sum::<f64>() / distributions.len().max(1) as f64 * 0.999
    };
    let simple: Vec<f64> = found.scores.iter().map(simple).collect();
    [average_precision(&mistakes, &wrong), average_precision(&simple, &wrong)]
}

/// Means over seeds, for votes alone, with a model, with a crowd, with both.
fn table(world: &World, seeds: std::ops::Range<u64>) -> [[f64; 2]; 4] {
    let n = seeds.clone().count() as f64;
    let mut sums = [[0.0; 2]; 4];
    for seed in seeds {
        let s = simulate(world, seed);
        let given: [Vec<&Probabilities>; 4] =
            [vec![], vec![&s.model], vec![&s.crowd], vec![&s.model, &s.crowd]];
        for (sum, given) in sums.iter_mut().zip(&given) {
            let two = precision(&s, given);
            (0..2).for_each(|at| sum[at] += two[at] / n);
        }
    }
    sums
}

#[test]
fn planted_mistakes_are_found_better_than_by_counting() {
    for world in [&WORLDS[0], &WORLDS[2], &WORLDS[5]] {
        let rows = table(world, DEVELOPMENT_SEEDS.start..DEVELOPMENT_SEEDS.start + 2);
        for (row, given) in rows.iter().zip(["votes", "model", "crowd", "both"]) {
            assert!(row[0] > row[1], "{} {given}: {row:?}", world.name);
        }
        // More to go by is better.
        assert!(rows[3][0] > rows[0][0] + 0.02, "{}: {rows:?}", world.name);
    }
}

/// Prints the table of the documentation: `cargo test --release -- --ignored --nocapture table_of_the_documentation`.
#[test]
#[ignore = "a minute of work; prints what the documentation shows"]
fn table_of_the_documentation() {
    for world in &WORLDS {
        let rows = table(world, HELD_OUT_SEEDS);
        let cells: Vec<String> = rows.iter().map(|r| format!("{:.3} ({:.3})", r[0], r[1])).collect();
        println!("| {} | {} |", world.name, cells.join(" | "));
    }
    for world in &WORLDS {
        let s = simulate(world, HELD_OUT_SEEDS.start);
        let groups = [(s.groups.clone(), 2)];
        let found = run(&ballots(&s), &[&s.model, &s.crowd], &groups);
        for made in [Made::Clear, Made::Ambiguous, Made::Guideline] {
            let of = |kind: ItemKind| {
                (0..world.n_items).filter(|&i| s.made[i] == made && found.kinds[i] == kind).count()
            };
            println!(
                "| {} | {made:?} | {} |",
                world.name,
                ItemKind::ALL.map(|k| of(k).to_string()).join(" | ")
            );
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
    // Without groups there is nothing to tell guidelines from ambiguity by.
    let bare = run(&ballots(&s), &[&s.model, &s.crowd], &[]);
    assert!(bare.guidelines.is_empty() && bare.kinds.iter().all(|k| *k != ItemKind::GuidelineLike));
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
