//! What is kept and what is computed again, which labels are given, and which items are flagged.

use std::sync::Arc;

use super::*;
use crate::dataset::{
    AnnotationsBuilder, DuplicateRule, Edit, LabelColumn, LabelSet, Probabilities, Raters, TextColumn,
};

/// Five items, three raters, labels a and b: unanimous a, unanimous b, two to one, tied, without votes.
fn crowd() -> Dataset {
    let mut b = AnnotationsBuilder::new();
    let rows =
        [(0, 0, 0), (0, 1, 0), (0, 2, 0), (1, 0, 1), (1, 1, 1), (1, 2, 1), (2, 0, 0), (2, 1, 0), (2, 2, 1)];
    for (item, rater, label) in rows.into_iter().chain([(3, 0, 0), (3, 2, 1)]) {
        b.push(item, rater, label, Some(2.0));
    }
    Dataset {
        keys: ["i0", "i1", "i2", "i3", "i4"].iter().collect::<TextColumn>(),
        labels: LabelSet::new(&[], ["a".to_owned(), "b".to_owned()]),
        raters: Raters { names: vec!["x".into(), "y".into(), "z".into()], ..Raters::default() },
        annotations: b.finish(5, 3),
        ..Dataset::default()
    }
}

fn single() -> Dataset {
    Dataset {
        keys: ["i0", "i1", "i2"].iter().collect::<TextColumn>(),
        labels: LabelSet::new(&[], ["a".to_owned(), "b".to_owned()]),
        annotations: AnnotationsBuilder::new().finish(3, 0),
        given: Some(LabelColumn { name: "label".into(), ids: vec![0, 1, NO_LABEL] }),
        ..Dataset::default()
    }
}

fn analyse(dataset: &Dataset, edits: &Edits, previous: Option<&Analysis>) -> Analysis {
    run(dataset, edits, &Settings::default(), previous, &Progress::new()).unwrap()
}

fn decide(edits: &mut Edits, item: usize, outcome: Outcome) {
    edits.set(item, Edit::new(outcome, "r"));
}

#[test]
fn the_consensus_is_given_where_there_is_no_column_and_ties_have_none() {
    let a = analyse(&crowd(), &Edits::new(), None);
    assert_eq!(a.given.source, GivenSource::Consensus(ConsensusMethod::MajorityVote));
    assert_eq!(a.given.original, [0, 1, 0, NO_LABEL, NO_LABEL]);
    assert_eq!(a.given.n_tied, 1);
    assert_eq!(a.items.n_annotations, [3, 3, 3, 2, 0]);
    assert_eq!((a.items.entropy(3), a.items.entropy(4)), (Some(1.0), None));
}

#[test]
fn without_probabilities_the_posterior_flags_and_a_decision_settles_a_tie() {
    let dataset = crowd();
    let mut edits = Edits::new();
    let before = analyse(&dataset, &edits, None);
    assert_eq!(before.items.method, FlagMethod::DawidSkenePosterior);
    assert_eq!(before.items.flagged, [false, false, false, true, false]);
    let best = before.items.suggested[3];
    assert_ne!(best, NO_LABEL);
    assert_eq!(before.items.suggested[4], NO_LABEL);
    assert_eq!(before.items.quality(3), None, "a tied item has no label whose quality could be told");

    decide(&mut edits, 3, Outcome::Unsure);
    assert!(analyse(&dataset, &edits, Some(&before)).items.flagged[3]);
    decide(&mut edits, 3, Outcome::Changed(best));
    decide(&mut edits, 0, Outcome::Changed(1));
    let after = analyse(&dataset, &edits, Some(&before));
    assert_eq!(after.items.flagged, [true, false, false, false, false]);
    assert!(after.items.quality(0).unwrap() < 0.5 && after.items.quality(3).unwrap() >= 0.5);
    decide(&mut edits, 3, Outcome::Excluded);
    assert!(!analyse(&dataset, &edits, Some(&after)).items.flagged[3]);
}

#[test]
fn a_decision_leaves_what_votes_alone_decide() {
    let dataset = crowd();
    let mut edits = Edits::new();
    let before = analyse(&dataset, &edits, None);
    decide(&mut edits, 0, Outcome::Changed(1));
    let after = analyse(&dataset, &edits, Some(&before));
    assert!(Arc::ptr_eq(&before.agreement, &after.agreement));
    assert!(Arc::ptr_eq(&before.aggregation, &after.aggregation));
    assert!(Arc::ptr_eq(&before.raters, &after.raters));
    assert!(!Arc::ptr_eq(&before.given, &after.given) && !Arc::ptr_eq(&before.items, &after.items));
    assert_eq!(after.given.original, before.given.original);
    assert_eq!(after.given.current[0], 1);
    let again = analyse(&dataset, &edits, Some(&after));
    assert!(Arc::ptr_eq(&after.items, &again.items) && Arc::ptr_eq(&after.given, &again.given));
    assert!(Arc::ptr_eq(&after.confident, &again.confident));
}

#[test]
fn what_is_kept_equals_what_would_be_computed() {
    let dataset = crowd();
    let mut edits = Edits::new();
    let mut previous = analyse(&dataset, &edits, None);
    let settings = [
        Settings { consensus: ConsensusMethod::DawidSkene, ..Settings::default() },
        Settings {
            consensus: ConsensusMethod::DawidSkene,
            duplicates: DuplicateRule::All,
            ..Settings::default()
        },
        Settings::default(),
    ];
    for (step, settings) in settings.iter().enumerate() {
        decide(&mut edits, step, Outcome::Changed((step as u32 + 1) % 2));
        let kept = run(&dataset, &edits, settings, Some(&previous), &Progress::new()).unwrap();
        let fresh = run(&dataset, &edits, settings, None, &Progress::new()).unwrap();
        assert_eq!(kept.given, fresh.given);
        assert_eq!(kept.agreement, fresh.agreement);
        assert_eq!(kept.raters, fresh.raters);
        assert_eq!(kept.consensus, fresh.consensus);
        assert_eq!(kept.items.flagged, fresh.items.flagged);
        assert_eq!(kept.settings, *settings);
        previous = kept;
    }
}

#[test]
fn single_labels_without_a_model_flag_nothing() {
    let a = analyse(&single(), &Edits::new(), None);
    assert_eq!(a.items.method, FlagMethod::Nothing);
    assert_eq!(a.given.source, GivenSource::Column("label".into()));
    assert_eq!(*a.confident, Err(Undefined::NoProbabilities));
    assert_eq!(a.aggregation.dawid_skene, Err(Undefined::NoAnnotations));
    assert_eq!(a.items.suggested, [NO_LABEL; 3]);
    assert!(a.items.flagged.iter().all(|f| !f) && a.raters.is_empty());
}

#[test]
fn a_model_suggests_also_where_no_label_is_given() {
    let mut dataset = single();
    let p = Probabilities::from_f64(vec![0.9, 0.1, 0.2, 0.8, 0.3, 0.7], 3, 2).unwrap();
    dataset.probabilities = Some(p);
    let a = analyse(&dataset, &Edits::new(), None);
    assert_eq!(a.items.method, FlagMethod::ConfidentLearning);
    assert_eq!(a.items.suggested, [0, 1, 1]);
    let quality = a.items.quality(0);
    assert!(quality.is_some_and(|q| (0.8..1.0).contains(&q)), "{quality:?}");
    assert_eq!(a.items.quality(2), None);
}

#[test]
fn labels_that_confident_learning_refuses_are_undefined_with_its_reason() {
    let mut dataset = single();
    dataset.given = Some(LabelColumn { name: "label".into(), ids: vec![NO_LABEL; 3] });
    dataset.probabilities = Some(Probabilities::from_f64(vec![0.5; 6], 3, 2).unwrap());
    let a = analyse(&dataset, &Edits::new(), None);
    assert!(matches!(&*a.confident, Err(Undefined::Because(_))), "{:?}", a.confident);
}

#[test]
fn raters_are_measured_on_items_that_have_a_majority() {
    let a = analyse(&crowd(), &Edits::new(), None);
    let z = &a.raters[2];
    assert_eq!((z.n_annotations, z.label_counts.clone()), (4, vec![1, 3]));
    assert_eq!(z.agreement_with_majority.value(), Some(2.0 / 3.0));
    assert_eq!(z.confusion, [[1, 1], [0, 1]]);
    assert_eq!(z.median_duration_s, Some(2.0));
}

#[test]
fn a_cancelled_run_gives_nothing() {
    let progress = Progress::new();
    progress.cancel();
    assert!(run(&crowd(), &Edits::new(), &Settings::default(), None, &progress).is_err());
}
