use super::*;
use crate::dataset::{AnnotationsBuilder, LabelColumn, LabelSet, RaterKind, Raters, TextColumn};

/// Twelve raters answer the same thirty items, whose trusted label is 0; moments run against the order of items. Six learners are
/// wrong in their first ten answers wherever the place is even, and never later; the others are wrong on every third.
fn learners(with_moments: bool, with_gold: bool) -> Dataset {
    let (n, raters) = (30_u32, 12_u32);
    let mut votes = AnnotationsBuilder::new();
    for item in 0..n {
        for rater in 0..raters {
            let place = n - 1 - item;
            let wrong = if rater < 6 { place < 10 && place % 2 == 0 } else { place % 3 == 0 };
            votes.push(item, rater, u32::from(wrong), None);
            if with_moments {
                votes.given_at(Some(1e9 + f64::from(place)));
            }
        }
    }
    let keys: Vec<String> = (0..n).map(|i| i.to_string()).collect();
    Dataset {
        keys: keys.iter().map(String::as_str).collect::<TextColumn>(),
        labels: LabelSet::new(&["yes", "no"].map(str::to_owned), []),
        annotations: votes.finish(n as usize, raters as usize),
        raters: Raters {
            names: (0..raters).map(|r| format!("r{r}")).collect(),
            kinds: vec![RaterKind::Human; raters as usize],
            attributes: vec![
                (
                    "kind".to_owned(),
                    (0..raters).map(|r| ["new", "old"][usize::from(r >= 6)].to_owned()).collect(),
                ),
                ("id".to_owned(), (0..raters).map(|r| r.to_string()).collect()),
                ("same".to_owned(), vec!["x".to_owned(); raters as usize]),
            ],
            ..Raters::default()
        },
        gold: with_gold.then(|| LabelColumn { name: "gold".to_owned(), ids: vec![0; n as usize] }),
        ..Dataset::default()
    }
}

fn asked(first: Option<usize>, truth: Option<Truth>) -> PracticeAsked {
    PracticeAsked { settings: Settings::default(), first, truth, seed: 7 }
}

fn run(dataset: &Dataset, first: Option<usize>, truth: Option<Truth>) -> Result<PracticeReport, Undefined> {
    practice(dataset, &asked(first, truth), &Progress::new()).unwrap()
}

#[test]
fn answers_are_followed_in_the_order_of_their_moments() {
    let d = learners(true, true);
    let r = run(&d, Some(10), None).unwrap();
    assert_eq!(
        (r.truth, r.order, r.first, r.offered.as_slice()),
        (Truth::Gold, Order::Moments, 10, &[10, 20][..])
    );
    assert_eq!((r.raters.len(), r.n_short(), r.n_without_truth, r.n_without_moment), (12, 0, 0, 0));
    // A learner: wrong at the places 0, 2, 4, 6, 8 of the first ten, which are the last items.
    let learner = &r.raters[0];
    assert_eq!((learner.n, learner.n_right, learner.first, learner.last), (30, 25, Some(0.5), Some(1.0)));
    assert_eq!(r.wrong(learner), [(29, 0), (27, 2), (25, 4), (23, 6), (21, 8)]);
    assert_eq!(r.points(learner).len(), 26);
    assert_eq!((r.points(learner)[0], r.points(learner)[25]), (0.4, 1.0));
    // Alternating 0 and 1 over ten places: Σ (x − 5.5) y = 2.5, over 82.5.
    assert!((learner.slope.unwrap() - 2.5 / 82.5).abs() < 1e-12);
    assert_eq!((r.wrong_at[0].len(), r.wrong_at[1].len(), &r.wrong_at[2][..]), (12, 0, &[27; 6][..]));
    // Without moments the first items come first, where learners are always right.
    let r = run(&learners(false, true), Some(10), None).unwrap();
    assert_eq!((r.order, r.raters[0].first), (Order::Items, Some(1.0)));
    assert_eq!(r.wrong(&r.raters[0])[0], (21, 21));
}

#[test]
fn equal_moments_stay_in_the_order_of_items_and_votes_without_one_are_told() {
    let mut votes = AnnotationsBuilder::new();
    for (item, moment) in
        [(0, Some(2.0)), (1, None), (2, Some(1.0)), (3, Some(2.0)), (4, Some(-0.0)), (5, Some(0.0))]
    {
        votes.push(item, 0, 1, None);
        votes.given_at(moment);
    }
    let d = Dataset { annotations: votes.finish(6, 1), ..learners(false, true) };
    let r = run(&d, None, None).unwrap();
    let order: Vec<u32> = r.wrong(&r.raters[0]).iter().map(|w| w.0).collect();
    assert_eq!((order, r.n_without_moment, r.first), (vec![4, 5, 2, 0, 3], 1, 5));
    assert!(r.found.slope.estimate().unwrap().ci.is_none());
    assert!(r.groups.is_empty() && r.found.curve[0].se.is_none());
}

#[test]
fn the_others_stand_in_for_a_trusted_label() {
    let cases: [(&[u32], &[Verdict]); 7] = [
        (&[0], &[Verdict::Open]),
        (&[0, 1], &[Verdict::Wrong, Verdict::Wrong]),
        (&[0, 0], &[Verdict::Right, Verdict::Right]),
        (&[0, 0, 1], &[Verdict::Open, Verdict::Open, Verdict::Wrong]),
        (&[0, 1, 2], &[Verdict::Open; 3]),
        (&[0, 0, 1, 1, 2], &[Verdict::Wrong, Verdict::Wrong, Verdict::Wrong, Verdict::Wrong, Verdict::Open]),
        (&[0, 0, 0, 1, 9], &[Verdict::Right, Verdict::Right, Verdict::Right, Verdict::Wrong, Verdict::Open]),
    ];
    let mut counts = vec![0; 3];
    for (labels, expected) in cases {
        let mut found = Vec::new();
        beside_others(labels, &mut counts, &mut found);
        assert_eq!((found.as_slice(), counts.as_slice()), (expected, &[0; 3][..]), "{labels:?}");
    }
    // By brute force: most of the others, counted anew for each vote.
    for n in 0..243_u32 {
        let labels: Vec<u32> = (0..5).map(|i| n / 3_u32.pow(i) % 3).collect();
        let mut found = Vec::new();
        beside_others(&labels, &mut counts, &mut found);
        for (at, verdict) in found.iter().enumerate() {
            let votes = |l: u32| labels.iter().enumerate().filter(|&(i, &x)| i != at && x == l).count();
            let most = (0..3).map(votes).max().unwrap();
            let best: Vec<u32> = (0..3).filter(|&l| votes(l) == most).collect();
            let expected = match best.as_slice() {
                [one] if *one == labels[at] => Verdict::Right,
                [_] => Verdict::Wrong,
                _ => Verdict::Open,
            };
            assert_eq!(*verdict, expected, "{labels:?} at {at}");
        }
    }
    let r = run(&learners(true, false), None, None).unwrap();
    assert_eq!((r.truth, r.first), (Truth::Others, 20));
    // Asked for the others where there is gold.
    let r = run(&learners(true, true), None, Some(Truth::Others)).unwrap();
    assert_eq!(r.truth, Truth::Others);
    // Of a tie of six and six, whoever looks at the others sees most of them say otherwise: eleven such items.
    assert_eq!((r.raters[0].n, r.raters[0].n_right, r.n_without_truth), (30, 19, 0));
}

#[test]
fn groups_are_compared_over_raters() {
    let r = run(&learners(true, true), Some(20), None).unwrap();
    // Numbers that name raters, and what does not vary, make no groups.
    assert_eq!(r.groups.len(), 1);
    let g = &r.groups[0];
    assert_eq!((g.attribute.as_str(), g.value.as_str(), g.other.as_deref()), ("kind", "new", Some("old")));
    let slope = g.slope.as_ref().unwrap();
    assert_eq!((slope.n_raters, g.wrong.as_ref()), ([6, 6], &[21, 23, 25, 27, 29][..]));
    // Six against six who are all alike on either side: 2 of 924 ways.
    let test = slope.test.as_ref().unwrap();
    assert!(slope.gap > 0.02 && (test.p_value - 2.0 / 924.0).abs() < 1e-12, "{slope:?}");
    assert_eq!((g.curves[0][0], g.curves[0][1], g.curves[1][1]), (0.0, 1.0, 1.0));
    assert_eq!(g.adjusted[0], Some(test.p_value));
    let mean = g.mean.as_ref().unwrap();
    assert!((mean.gap - (15.0 / 20.0 - 13.0 / 20.0)).abs() < 1e-12, "{mean:?}");
}

#[test]
fn what_cannot_be_said_has_its_reason() {
    let reason = |d: &Dataset, first, truth| run(d, first, truth).unwrap_err().to_string();
    let d = learners(true, false);
    assert!(reason(&d, None, Some(Truth::Gold)).contains("no trusted label"));
    assert!(reason(&d, Some(31), None).contains("the most is 30"));
    assert!(reason(&d, Some(1), None).contains("two judgements"));
    let mut anonymous = learners(true, true);
    anonymous.raters.anonymous = true;
    assert_eq!(run(&anonymous, None, None).unwrap_err(), Undefined::AnonymousVotes);
    assert_eq!(run(&Dataset::default(), None, None).unwrap_err(), Undefined::NoAnnotations);
    let mut votes = AnnotationsBuilder::new();
    (0..2).for_each(|item| votes.push(item, 0, 0, None));
    let one = Dataset { annotations: votes.finish(30, 1), ..learners(false, false) };
    assert!(reason(&one, None, None).contains("only one rater"));
    let two = Dataset { gold: learners(false, true).gold, ..one };
    assert!(reason(&two, None, None).contains("no rater gave 3 answers"));
    let cancelled = Progress::new();
    cancelled.cancel();
    assert!(practice(&learners(true, true), &asked(None, None), &cancelled).is_err());
}

#[test]
fn one_thread_and_many_say_the_same() {
    let d = learners(true, true);
    let told = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let r = pool.install(|| run(&d, Some(10), None).unwrap());
        format!("{:?}", (r.found, r.raters, r.groups, r.points, r.wrong))
    };
    assert_eq!(told(1), told(4));
}
