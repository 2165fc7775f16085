//! Every recipe on a dataset small enough to count by hand.

use super::*;
use crate::analysis::{Settings, run};
use crate::dataset::{AnnotationsBuilder, Edit, LabelColumn, LabelSet, Outcome, Probabilities, Raters};

/// Votes of four raters in two groups (0 and 1 are old, 2 and 3 young), one line an item; `.` for none.
const VOTES: [&str; 8] = [
    "aaaa", // 0: agreed
    "bbbb", // 1: agreed, but called a
    "aabb", // 2: tied, groups part entirely
    "aaab", // 3: the young are tied
    "baaa", // 4: 0 against the rest; the old are tied
    "ba..", // 5: tied; nobody young
    "a...", // 6: one vote
    "bcbc", // 7: b and c; every group is tied
];
const GIVEN: [u32; 8] = [0, 0, 0, 0, 0, 1, 0, 1];

fn dataset() -> Dataset {
    let mut votes = AnnotationsBuilder::new();
    for (item, line) in VOTES.iter().enumerate() {
        for (rater, sign) in line.bytes().enumerate().filter(|(_, s)| *s != b'.') {
            votes.push(item as u32, rater as u32, u32::from(sign - b'a'), None);
        }
    }
    let names: Vec<String> = (0..4).map(|r| format!("r{r}")).collect();
    let ages = ["old", "old", "young", "young"].map(str::to_owned).to_vec();
    // The model calls item 1 b, and everything else what it is called.
    let row = |item: usize| {
        let label = if item == 1 { 1 } else { GIVEN[item] };
        (0..3).map(move |l| {
            if l == label { 0.9 - item as f64 / 100.0 } else { f64::midpoint(0.1, item as f64 / 100.0) }
        })
    };
    Dataset {
        labels: LabelSet::new(&["a".to_owned(), "b".to_owned(), "c".to_owned()], []),
        keys: (0..8).map(|i| format!("k{i}")).collect::<Vec<_>>().iter().map(String::as_str).collect(),
        annotations: votes.finish(8, 4),
        raters: Raters { names, attributes: vec![("age".into(), ages)], ..Raters::default() },
        given: Some(LabelColumn { name: "label".into(), ids: GIVEN.to_vec() }),
        probabilities: Some(Probabilities::from_f64((0..8).flat_map(row).collect(), 8, 3).unwrap()),
        ..Dataset::default()
    }
}

fn analysis(dataset: &Dataset) -> Analysis {
    let mut analysis = run(dataset, &Edits::new(), &Settings::default(), None, &Progress::new()).unwrap();
    // What is flagged is decided elsewhere; here items 1 and 4 are, and item 1 should be b.
    let items = Arc::make_mut(&mut analysis.items);
    items.method = FlagMethod::ConfidentLearning;
    items.flagged = (0..8).map(|i| i == 1 || i == 4).collect();
    items.label_quality = vec![0.9, 0.1, 0.8, 0.7, 0.05, 0.6, 0.5, f64::NAN];
    items.suggested = vec![0, 1, 0, 0, 1, 1, 0, 1];
    analysis
}

fn plain(recipe: Recipe) -> Asked {
    let making = Making { controls: 0, order: Order::Score, ..Making::of(&recipe) };
    Asked { recipe, making, listed: None }
}

fn built_of(asked: &Asked, edits: &Edits) -> Result<Built, Undefined> {
    let dataset = dataset();
    build(&dataset, &analysis(&dataset), edits, asked, &Progress::new()).unwrap()
}

fn items(recipe: Recipe) -> Vec<u32> {
    built_of(&plain(recipe), &Edits::new()).unwrap().queue.items
}

#[test]
fn each_recipe_chooses_what_it_says_in_its_order() {
    assert_eq!(items(Recipe::ISSUES), [4, 1]);
    assert_eq!(items(Recipe::LabelIssues { filter: None, below: 0.1 }), [4]);
    assert_eq!(items(Recipe::SPLIT), [2, 5, 7, 3, 4], "one bit each, then 0.81 bits");
    assert_eq!(items(Recipe::SplitVotes { tied: true, least_bits: 0.0 }), [2, 5, 7]);
    assert_eq!(items(Recipe::SplitVotes { tied: false, least_bits: 0.9 }), [2, 5, 7]);
    // Of r0: all others say otherwise on 4, two of three on 2 and the one there is on 5; on 7 two of three call it c.
    assert_eq!(items(Recipe::RaterAgainstRest { rater: 0 }), [4, 5, 2, 7]);
    assert_eq!(items(Recipe::RaterAgainstRest { rater: 3 }), [3, 2, 7]);
    assert_eq!(items(Recipe::LabelPair { a: 0, b: 1, directed: true }), [4, 1]);
    assert_eq!(items(Recipe::LabelPair { a: 1, b: 0, directed: true }), [0u32; 0]);
    assert_eq!(items(Recipe::LabelPair { a: 0, b: 1, directed: false }), [4, 1, 5, 3, 2]);
    assert_eq!(items(Recipe::LabelPair { a: 1, b: 2, directed: false }), [7]);
    assert_eq!(items(Recipe::GroupsPart { attribute: 0 }), [2]);
    // Without 0: unanimous, called so, unflagged.
    assert_eq!(items(Recipe::NotYetAgreed), [5, 2, 7, 4, 3, 1, 6]);
}

#[test]
fn what_two_say_and_what_a_model_doubts() {
    let (model, other) = (Machine::Model(0), Machine::Model(1));
    assert_eq!(items(Recipe::BelowKnee { model }), [1]);
    let (a, b) = (Machine::Rater(0), Machine::Rater(3));
    assert_eq!(items(Recipe::Differing { a, b, n: 3, unlike: true }), [2, 3, 4]);
    assert_eq!(items(Recipe::Differing { a, b: model, n: 9, unlike: false }), [4]);
    let why = |recipe| built_of(&plain(recipe), &Edits::new()).unwrap_err().to_string();
    assert!(why(Recipe::Differing { a, b: a, n: 3, unlike: true }).contains("not the same"));
    assert!(why(Recipe::Decisive { a: model, b: other, by: Divergence::Kl }).contains("two models"));
    assert!(why(Recipe::Routed { machine: model }).contains("100 are needed"));
    assert_eq!(why(Recipe::BelowKnee { model: a }), Undefined::NoProbabilities.to_string());
}

#[test]
fn groups_part_by_the_distance_of_their_votes() {
    let mut votes = AnnotationsBuilder::new();
    for (item, line) in ["aabbb", "aabba", "abbbb"].iter().enumerate() {
        line.bytes()
            .enumerate()
            .for_each(|(r, s)| votes.push(item as u32, r as u32, u32::from(s - b'a'), None));
    }
    let votes = votes.finish(3, 5);
    let group = [0, 0, 1, 1, 1];
    assert_eq!(apart(&votes, 0, &group, 2), Some((1.0, 5)));
    // (|1 − 1/3| + |0 − 2/3|) / 2.
    let (gap, n) = apart(&votes, 1, &group, 2).unwrap();
    assert!((gap - 2.0 / 3.0).abs() < 1e-12 && n == 5);
    assert_eq!(apart(&votes, 2, &group, 2), None, "the first group has no majority");
    assert_eq!(apart(&votes, 0, &[2; 5], 2), None, "who is of no group says nothing");
}

#[test]
fn reasons_are_given_where_nothing_can_be_chosen() {
    let bare = Dataset { labels: LabelSet::new(&["a".to_owned()], []), ..Dataset::default() };
    let empty = run(&bare, &Edits::new(), &Settings::default(), None, &Progress::new()).unwrap();
    let why = |recipe| {
        let built = build(&bare, &empty, &Edits::new(), &plain(recipe), &Progress::new()).unwrap();
        built.unwrap_err().to_string()
    };
    assert!(why(Recipe::ISSUES).contains("predicted probabilities"));
    assert!(why(Recipe::SPLIT).contains("no annotations"));
    assert!(why(Recipe::NotYetAgreed).contains("no annotations"));
    assert!(why(Recipe::RaterAgainstRest { rater: 9 }).contains("no annotations"));
    assert!(why(Recipe::GroupsPart { attribute: 0 }).contains("attribute"));
    assert!(why(Recipe::LabelPair { a: 0, b: 0, directed: true }).contains("two different labels"));
    assert!(why(Recipe::Listed).contains("nothing is shown"));
    let none = build(&bare, &empty, &Edits::new(), &plain(Recipe::AUDIT), &Progress::new()).unwrap().unwrap();
    assert!(none.queue.is_empty());
}

#[test]
fn what_is_decided_is_left_out_but_never_out_of_an_audit() {
    let mut edits = Edits::new();
    edits.set(4, Edit::new(Outcome::Kept(0), "r"));
    edits.set(0, Edit::new(Outcome::Kept(0), "r"));
    let built = built_of(&plain(Recipe::ISSUES), &edits).unwrap();
    assert_eq!((built.queue.items.as_slice(), built.n_chosen, built.n_left_out), (&[1][..], 2, 1));
    let mut asked = plain(Recipe::ISSUES);
    asked.making.leave_out_decided = false;
    assert_eq!(built_of(&asked, &edits).unwrap().queue.items, [4, 1]);
    let audit = built_of(&Asked::usual(Recipe::AUDIT), &edits).unwrap();
    assert_eq!(audit.queue.items, Queue::random_audit(8).items);
    assert_eq!((audit.queue.reached, audit.n_left_out, audit.queue.len()), (Reached::Audit, 0, 8));
    assert!(audit.queue.controls.is_empty() && audit.queue.repeats.is_empty());
}

#[test]
fn controls_are_neither_flagged_nor_chosen_nor_decided() {
    let mut edits = Edits::new();
    edits.set(6, Edit::new(Outcome::Kept(0), "r"));
    for recipe in [Recipe::ISSUES, Recipe::SplitVotes { tied: true, least_bits: 0.0 }] {
        for seed in 0..40 {
            let making = Making { controls: 20, seed, ..Making::of(&recipe) };
            let q = built_of(&Asked { recipe, making, listed: None }, &edits).unwrap().queue;
            assert_eq!(q.controls.len(), 1);
            for &c in &q.controls {
                assert!(![1, 4, 6].contains(&c), "{recipe:?}: {c}");
                assert_eq!(q.reached_of(c), Reached::Browse);
            }
            let bare = items(recipe);
            assert!(bare.iter().all(|i| !q.controls.contains(i)));
        }
    }
    // What was chosen and left out, being decided, is no control either.
    let mut edits = Edits::new();
    (0..7).for_each(|i| edits.set(i, Edit::new(Outcome::Kept(0), "r")));
    let q = built_of(&Asked::usual(Recipe::SPLIT), &edits).unwrap().queue;
    assert_eq!((q.items.as_slice(), q.controls.len()), (&[7][..], 0));
}

#[test]
fn lists_keep_their_words_their_order_and_each_item_once() {
    let listed = Listed { words: "mine".into(), items: vec![6, 2, 6, 99].into(), reached: Reached::Browse };
    let asked = Asked { listed: Some(listed), ..plain(Recipe::Listed) };
    let q = built_of(&asked, &Edits::new()).unwrap().queue;
    assert_eq!((q.name.as_str(), q.items.as_slice()), ("mine", &[6, 2][..]));
    let other = Asked { listed: None, ..asked.clone() };
    assert!(asked == asked.clone() && asked != other);
}

#[test]
fn one_thread_and_four_make_the_same_queue() {
    let asked = Asked::usual(Recipe::NotYetAgreed);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| built_of(&asked, &Edits::new()).unwrap())
    };
    assert_eq!(on(1), on(4));
}

#[test]
fn how_it_was_made_is_said() {
    let said = |asked: &Asked| built_of(asked, &Edits::new()).unwrap().queue.how;
    assert_eq!(
        said(&Asked::usual(Recipe::ISSUES)),
        "flagged by confident learning, lowest quality first, shuffled in bands of 50, 5 % controls mixed in"
    );
    assert_eq!(said(&plain(Recipe::SPLIT)), "votes split, most divided first");
    assert!(said(&Asked::usual(Recipe::RandomAudit { n: 3, seed: 7 })).contains("seed 7"));
    let dataset = dataset();
    assert_eq!(Recipe::LabelPair { a: 0, b: 1, directed: true }.name(&dataset), "a → b");
    assert_eq!(Recipe::GroupsPart { attribute: 0 }.name(&dataset), "Groups part: age");
}
