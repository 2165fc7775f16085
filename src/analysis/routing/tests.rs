use super::*;
use crate::analysis::run;
use crate::dataset::{AnnotationsBuilder, Edits, LabelSet, Probabilities, RaterKind, Raters};

/// 300 items of which three people labelled the first 200, and two models: one is wrong on long texts, one tells nothing.
pub(super) fn dataset() -> Dataset {
    let n = 300_usize;
    let truth = |i: usize| u32::from(i * 7 % 5 < 2);
    let long = |i: usize| i.is_multiple_of(3);
    let mut builder = AnnotationsBuilder::new();
    for i in 0..200 {
        for rater in 0..3_u32 {
            // One item in twenty is tied: one of three abstains and the others part.
            let tied = i % 20 == 7;
            if tied && rater == 2 {
                continue;
            }
            let label = if tied { rater } else { truth(i) };
            builder.push(i as u32, rater, label, None);
        }
    }
    let keys: Vec<String> = (0..n).map(|i| format!("t{i}")).collect();
    let texts: Vec<String> =
        (0..n).map(|i| format!("word{i} ").repeat(if long(i) { 20 } else { 2 + i % 2 })).collect();
    let sure = |label: u32, p: f64| if label == 0 { [p, 1.0 - p] } else { [1.0 - p, p] };
    let first: Vec<f64> =
        (0..n).flat_map(|i| sure(if long(i) && i % 2 == 0 { 1 - truth(i) } else { truth(i) }, 0.8)).collect();
    let second: Vec<f64> = (0..n).flat_map(|i| sure(0, 0.5 + 0.4 * (i as f64 / n as f64))).collect();
    let mut probabilities = Probabilities::from_f64(first, n, 2).unwrap();
    probabilities.name = "first".to_owned();
    let mut other = Probabilities::from_f64(second, n, 2).unwrap();
    other.name = "second".to_owned();
    Dataset {
        keys: keys.iter().map(String::as_str).collect(),
        texts: Some(texts.iter().map(String::as_str).collect()),
        labels: LabelSet::new(&[], ["no", "yes"].map(str::to_owned)),
        raters: Raters {
            names: ["a", "b", "c"].map(str::to_owned).to_vec(),
            kinds: vec![RaterKind::Human; 3],
            ..Raters::default()
        },
        annotations: builder.finish(n, 3),
        probabilities: Some(probabilities),
        models: vec![other],
        ..Dataset::default()
    }
}

fn found(dataset: &Dataset, asked: &RoutingAsked) -> RoutingReport {
    let progress = Progress::new();
    let analysis = run(dataset, &Edits::default(), &Settings::default(), None, &progress).unwrap();
    routing(dataset, &analysis, asked, &progress).unwrap()
}

#[test]
fn what_waits_is_ordered_by_what_goes_with_mistakes() {
    let data = dataset();
    let report = found(&data, &RoutingAsked::default());
    let learned = report.learned.unwrap();
    assert_eq!(
        (learned.machine.name(&data), learned.n_known, learned.n_open),
        ("first".to_owned(), 190, 110)
    );
    let order = learned.order.unwrap();
    assert!(order.routed.area > 0.03 && !order.of_known, "{}", order.routed.area);
    assert_eq!(order.rows[0].name, "words of the text from 20");
    assert_eq!(order.rows[0].n_wrong, learned.n_wrong);
    // The long ones first.
    assert_eq!(order.worklist.len(), 110);
    assert!(order.worklist[..30].iter().all(|&i| i % 3 == 0), "{:?}", &order.worklist[..30]);
    assert_eq!((order.budget(0.1), order.budget(0.0), order.budget(1.0)), (11, 1, 110));
    assert!(order.at(0.5).learned > order.at(0.5).random);
    assert!((learned.person.unwrap() - 1.0).abs() < 0.1);
}

#[test]
fn without_enough_mistakes_counts_are_all_there_is() {
    let data = dataset();
    let asked = RoutingAsked { machine: Some(Machine::Model(1)), ..RoutingAsked::default() };
    let second = found(&data, &asked).learned.unwrap();
    assert!(second.n_wrong > 50 && second.order.is_ok());
    let mut few = dataset();
    few.annotations = few.annotations.keep(|item, _| item < 50);
    let learned = found(&few, &RoutingAsked::default()).learned.unwrap();
    assert!(learned.n_known < 50 && learned.n_wrong > 3);
    assert!(learned.order.unwrap_err().to_string().contains("100 are needed"));
    assert!(worklist(&few, &Settings::default(), Machine::Model(0), &Progress::new()).unwrap().is_err());
}

#[test]
fn where_everything_is_labelled_the_order_is_of_that() {
    let mut data = dataset();
    let people = data.annotations.clone();
    data.probabilities = None;
    data.models = Vec::new();
    // The third person becomes the machine, and what it did not label is not in question.
    data.raters.kinds[2] = RaterKind::Model;
    data.annotations = people.keep(|item, _| item % 20 != 7);
    let learned = found(&data, &RoutingAsked::default()).learned.unwrap();
    assert_eq!((learned.machine, learned.n_open), (Machine::Rater(2), 0));
    assert!(learned.order.unwrap_err().to_string().contains("0.0 %"), "it is never wrong");
}

#[test]
fn margins_bend_and_two_are_held_against_each_other() {
    let data = dataset();
    let report = found(&data, &RoutingAsked::default());
    let below = report.below.unwrap();
    let bend = below.bend.unwrap();
    assert_eq!((below.margins.len(), below.items.len()), (190, bend.knee));
    assert!(below.items.iter().all(|&i| i % 6 == 0), "{:?}", below.items);
    // Of two models by divergence; each item that is taken has words of its own.
    let differing = report.differing.unwrap();
    assert_eq!((differing.items.len(), differing.unlike_by), (TAKEN, Some("words")));
    let plain = found(&data, &RoutingAsked { unlike: false, ..RoutingAsked::default() });
    assert_eq!(plain.differing.unwrap().unlike_by, None);
    // Two people part on the tied items only.
    let pair = (Some(Machine::Rater(0)), Some(Machine::Rater(1)));
    let people = found(&data, &RoutingAsked { pair, ..RoutingAsked::default() }).differing.unwrap();
    assert_eq!((people.n_both, people.n_differ, people.items.len()), (200, 10, 10));
    assert!(people.items.iter().all(|&i| i % 20 == 7));
    let decisive = report.decisive.unwrap();
    assert_eq!((decisive.items.len(), decisive.n_tied), (300, (10, 200)));
    assert!(decisive.scores.is_sorted_by(|a, b| a >= b) && decisive.saved.unwrap().len() == 3);
    let js = found(&data, &RoutingAsked { by: Divergence::Js, ..RoutingAsked::default() }).decisive.unwrap();
    assert!(js.scores.iter().all(|&s| s <= std::f64::consts::LN_2) && js.items != decisive.items);
}

#[test]
fn what_the_data_do_not_allow_says_why() {
    let mut data = dataset();
    data.models = Vec::new();
    let report = found(&data, &RoutingAsked::default());
    assert!(report.decisive.unwrap_err().to_string().contains("two models"));
    data.probabilities = None;
    let report = found(&data, &RoutingAsked::default());
    assert!(report.learned.is_err() && report.below.is_err() && report.differing.is_ok());
    data.raters = Raters::default();
    assert!(found(&data, &RoutingAsked::default()).differing.is_err());
}
