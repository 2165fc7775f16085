use super::*;
use crate::dataset::{AnnotationsBuilder, LabelSet, Raters, TextColumn};
use crate::stats::random::Stream;

/// 200 pairs of texts; people take the longer one, a model the one with more digits; people lean to the first.
fn made(named: bool) -> Dataset {
    let column = |values: &[String]| -> TextColumn { values.iter().map(String::as_str).collect() };
    let mut rng = Stream::new(5, 0);
    // No two are the same: what is compared again and again is an option, not a text.
    let name = |item: u32, side: char| -> String {
        item.to_string().bytes().map(|d| char::from(d - b'0' + b'a')).chain([side]).collect()
    };
    let text = |words: usize, digits: usize, name: String| {
        let mut t = vec!["plain"; words + 2].join(" ") + " " + &name;
        t.push_str(&format!(" {} end", "7".repeat(digits + 1)));
        t
    };
    let (mut a, mut b, mut warm_a, mut warm_b) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut builder = AnnotationsBuilder::new();
    for item in 0..200_u32 {
        let (la, lb) = (rng.below(10), rng.below(10));
        let (da, db) = (rng.below(6), rng.below(6));
        a.push(text(la, da, name(item, 'x')));
        b.push(text(lb, db, name(item, 'y')));
        warm_a.push(rng.below(5).to_string());
        warm_b.push(rng.below(5).to_string());
        for rater in 0..3 {
            let score = 0.6 * (la as f64 - lb as f64) + 0.8;
            let first = rng.uniform() < 1.0 / (1.0 + (-score).exp());
            builder.push(item, rater, if la == lb && rater == 0 { 2 } else { u32::from(!first) }, None);
        }
        builder.push(item, 3, u32::from(da < db), None);
    }
    let names = |n: &str| vec![n.to_owned(); 200];
    let mut metadata = vec![
        ("response_a".to_owned(), column(&a)),
        ("response_b".to_owned(), column(&b)),
        ("warmth_a".to_owned(), column(&warm_a)),
        ("warmth_b".to_owned(), column(&warm_b)),
    ];
    if named {
        metadata.push(("model_a".to_owned(), column(&names("P"))));
        metadata.push(("model_b".to_owned(), column(&names("Q"))));
    }
    Dataset {
        keys: column(&(0..200).map(|i| i.to_string()).collect::<Vec<_>>()),
        labels: LabelSet::new(&["A", "B", "tie"].map(str::to_owned), []),
        annotations: builder.finish(200, 4),
        raters: Raters {
            names: ["r0", "r1", "r2", "judge"].map(str::to_owned).to_vec(),
            kinds: vec![RaterKind::Human, RaterKind::Human, RaterKind::Human, RaterKind::Model],
            ..Raters::default()
        },
        metadata,
        ..Dataset::default()
    }
}

fn found(dataset: &Dataset) -> Result<WhatWins, Undefined> {
    let asked = WhatWinsAsked { settings: Settings::default(), seed: 3 };
    what_wins(dataset, &asked, &Progress::new()).unwrap()
}

#[test]
fn people_reward_length_and_a_model_digits() {
    for named in [true, false] {
        let r = found(&made(named)).unwrap();
        let row = |name: &str| r.rows.iter().find(|r| r.name == name).unwrap();
        assert_eq!(r.control.as_deref(), Some("characters"));
        let (people, models) = row("words").sides.unwrap();
        assert!(people.score().unwrap() > 0.5 && models.score().unwrap() < 0.3);
        let (people, models) = row("digits").sides.unwrap();
        assert!(people.score().unwrap() < 0.3 && models.score().unwrap() > 0.6);
        assert!(row("warmth").weight.as_ref().unwrap().joint.abs() < 0.5);
        // Neither text has a list.
        assert!(row("list marks").weight.is_none());
        assert!(r.lean().starts_with("A lean to the first"), "{}", r.lean());
        assert!(r.order.is_ok() && r.personal.is_ok() && r.n_ties > 0);
        assert_eq!(r.n_of.unwrap().0, r.n);
        let against = &row("words").against;
        assert!(!against.is_empty() && against.len() < 200);
    }
}

#[test]
fn what_compares_nothing_or_has_no_properties_is_undefined() {
    let mut data = made(true);
    data.metadata.retain(|m| m.0.starts_with("model"));
    assert!(found(&data).unwrap_err().to_string().contains("no property"));
    data.metadata.clear();
    assert!(found(&data).unwrap_err().to_string().contains("do not compare"));
    assert!(!compares_sides(&data));
    // Codes of two sentences are no choice between them.
    let mut coded = made(false);
    coded.labels = LabelSet::new(&["1", "2", "0"].map(str::to_owned), []);
    assert!(!compares_sides(&coded));
}

/// The worked example of factors: aligned, hallucinated, long, short.
#[test]
fn factors_win_over_one_another() {
    let wins =
        [("aligned", "halluc", 2), ("aligned", "long", 2), ("halluc", "short", 1), ("long", "halluc", 2)];
    let more = [("long", "short", 2), ("short", "halluc", 1), ("short", "long", 2)];
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for (won, lost, n) in wins.into_iter().chain(more) {
        for _ in 0..n {
            // What both have is cancelled.
            a.push(format!("{won}; polite"));
            b.push(format!("{lost}; polite"));
        }
    }
    let column = |values: &[String]| -> TextColumn { values.iter().map(String::as_str).collect() };
    let n = a.len();
    let mut builder = AnnotationsBuilder::new();
    (0..n as u32).for_each(|item| builder.push(item, 0, 0, None));
    let data = Dataset {
        keys: column(&(0..n).map(|i| i.to_string()).collect::<Vec<_>>()),
        labels: LabelSet::new(&["A", "B"].map(str::to_owned), []),
        annotations: builder.finish(n, 1),
        raters: Raters { names: vec!["r".to_owned()], ..Raters::default() },
        metadata: vec![
            ("model_a".to_owned(), column(&vec!["P".to_owned(); n])),
            ("model_b".to_owned(), column(&vec!["Q".to_owned(); n])),
            ("errors_a".to_owned(), column(&a)),
            ("errors_b".to_owned(), column(&b)),
        ],
        ..Dataset::default()
    };
    // Somebody has to prefer the second side for it to be a choice at all.
    let mut both = data.clone();
    both.annotations = {
        let mut builder = AnnotationsBuilder::new();
        (0..n as u32).for_each(|item| builder.push(item, 0, u32::from(item == 0), None));
        builder.finish(n, 1)
    };
    both.metadata[2].1 = column(&[&["halluc; polite".to_owned()], &a[1..]].concat());
    both.metadata[3].1 = column(&[&["aligned; polite".to_owned()], &b[1..]].concat());
    let f = found(&both).unwrap().factors.unwrap().unwrap();
    assert_eq!((f.prior, f.stem.as_str(), f.rows.len()), (Some(0.1), "errors", 5));
    let worth = |name: &str| f.rows.iter().find(|r| r.name == name).unwrap().worth;
    let four = 1.0 - worth("polite");
    for (name, want) in [("aligned", 0.821), ("halluc", 0.029), ("long", 0.087), ("short", 0.064)] {
        // A fifth factor that is never compared has the prior's wins and takes a little from all.
        assert!((worth(name) / four - want).abs() < 0.06, "{name} {}", worth(name) / four);
    }
    assert_eq!(f.rows[0].name, "aligned");
    let halluc = f.rows.iter().find(|r| r.name == "halluc").unwrap();
    assert_eq!((halluc.won_lost, halluc.lost.len()), ((1.0, 5.0), 5));
}
