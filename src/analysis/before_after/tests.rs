use super::*;
use crate::analysis::Settings;
use crate::dataset::{AnnotationsBuilder, Edit, LabelColumn, LabelSet, Probabilities, Raters};

/// Forty items by three raters, who say what is true; every tenth item is given the other label.
fn dataset() -> Dataset {
    let truth = |i: u32| i % 2;
    let given: Vec<u32> = (0..40).map(|i| if i % 10 == 0 { 1 - truth(i) } else { truth(i) }).collect();
    let mut votes = AnnotationsBuilder::new();
    for i in 0..40 {
        (0..3).for_each(|r| votes.push(i, r, truth(i), None));
    }
    let values = (0..40).flat_map(|i| if truth(i) == 1 { [0.1, 0.9] } else { [0.9, 0.1] }).collect();
    Dataset {
        labels: LabelSet::new(&["no".to_owned(), "yes".to_owned()], []),
        keys: (0..40).map(|i| i.to_string()).collect::<Vec<_>>().iter().map(String::as_str).collect(),
        given: Some(LabelColumn { name: "label".into(), ids: given }),
        probabilities: Some(Probabilities::from_f64(values, 40, 2).unwrap()),
        annotations: votes.finish(40, 3),
        raters: Raters { names: ["a", "b", "c"].map(str::to_owned).to_vec(), ..Raters::default() },
        ..Dataset::default()
    }
}

fn decided(list: &[(usize, Outcome)]) -> Arc<Edits> {
    let mut edits = Edits::new();
    list.iter().for_each(|(item, outcome)| edits.set(*item, Edit::new(outcome.clone(), "r")));
    Arc::new(edits)
}

fn compared(
    data: &Dataset,
    edits: Arc<Edits>,
    before: Option<Arc<Analysis>>,
) -> Result<BeforeAfter, Undefined> {
    let progress = Progress::new();
    let now = run(data, &edits, &Settings::default(), before.as_deref(), &progress).unwrap();
    before_after(data, &now, &BeforeAsked { edits, before }, &progress).unwrap()
}

fn values(found: &BeforeAfter, key: &str) -> [Option<f64>; 3] {
    let c = found.change(key).unwrap();
    [c.before.value.value(), c.now.value.value(), c.difference().value()]
}

#[test]
fn nothing_decided_is_nothing_to_compare() {
    assert!(compared(&dataset(), decided(&[]), None).is_err());
}

#[test]
fn what_the_review_put_right_is_told_with_its_items() {
    let edits = decided(&[
        (0, Outcome::Changed(0)),
        (10, Outcome::Changed(0)),
        (20, Outcome::Kept(1)),
        (1, Outcome::Several(vec![0, 1])),
        (3, Outcome::Excluded),
        (5, Outcome::Unsure),
    ]);
    let found = compared(&dataset(), edits, None).unwrap();
    assert_eq!(values(&found, "label_issues"), [Some(4.0), Some(2.0), Some(-2.0)]);
    assert_eq!(values(&found, "label_issues_open"), [Some(4.0), Some(1.0), Some(-3.0)]);
    assert_eq!(*found.change("label_issues").unwrap().changed, [0, 10]);
    assert_eq!(values(&found, "wrong_labels_estimated")[0], Some(0.1));
    assert!(values(&found, "wrong_labels_estimated")[2].unwrap() < 0.0);
    assert!(values(&found, "label_quality_mean")[2].unwrap() > 0.0);
    assert_eq!(values(&found, "labelled"), [Some(40.0), Some(38.0), Some(-2.0)]);
    assert_eq!(values(&found, "agreement_with_majority")[..2], [Some(0.9), Some(36.0 / 38.0)]);
    assert_eq!(values(&found, "given_not_majority"), [Some(4.0), Some(2.0), Some(-2.0)]);
    assert_eq!(values(&found, "flagged_decided"), [Some(0.0), Some(0.75), Some(0.75)]);
    for (key, n) in
        [("kept", 1.0), ("changed", 2.0), ("ambiguous", 1.0), ("no_label_left", 1.0), ("unsure", 1.0)]
    {
        assert_eq!(values(&found, key), [Some(0.0), Some(n), Some(n)], "{key}");
    }
    let labels: Vec<_> =
        found.labels.iter().map(|l| (l.label, l.before, l.now, l.changed.to_vec())).collect();
    assert_eq!(
        labels,
        [(0, 16, 18, vec![0, 10]), (1, 24, 20, vec![0, 1, 3, 10]), (NO_LABEL, 0, 2, vec![1, 3])]
    );
    let flow: Vec<_> = found.flow.iter().map(|f| (f.from, f.to, f.items.to_vec())).collect();
    assert_eq!(flow, [(1, To::Label(0), vec![0, 10]), (1, To::Several, vec![1]), (1, To::Excluded, vec![3])]);
}

#[test]
fn the_side_before_is_handed_on_and_comes_out_the_same() {
    let data = dataset();
    let first = compared(&data, decided(&[(0, Outcome::Changed(0))]), None).unwrap();
    let more = decided(&[(0, Outcome::Changed(0)), (10, Outcome::Changed(0))]);
    let handed = compared(&data, Arc::clone(&more), Some(Arc::clone(&first.before))).unwrap();
    assert!(Arc::ptr_eq(&handed.before, &first.before));
    let anew = compared(&data, more, None).unwrap();
    assert_eq!((&handed.changes, &handed.labels, &handed.flow), (&anew.changes, &anew.labels, &anew.flow));
}

#[test]
fn a_tie_that_is_settled_comes_from_no_label_and_votes_alone_do_without_a_model() {
    let mut votes = AnnotationsBuilder::new();
    for (item, labels) in [[0, 1], [0, 0], [1, 1]].into_iter().enumerate() {
        labels.into_iter().enumerate().for_each(|(r, l)| votes.push(item as u32, r as u32, l, None));
    }
    let data = Dataset {
        labels: LabelSet::new(&["no".to_owned(), "yes".to_owned()], []),
        keys: ["a", "b", "c"].into_iter().collect(),
        annotations: votes.finish(3, 2),
        raters: Raters { names: ["r", "s"].map(str::to_owned).to_vec(), ..Raters::default() },
        ..Dataset::default()
    };
    let found =
        compared(&data, decided(&[(0, Outcome::Changed(1)), (1, Outcome::Changed(1))]), None).unwrap();
    let flow: Vec<_> = found.flow.iter().map(|f| (f.from, f.to)).collect();
    assert_eq!(flow, [(0, To::Label(1)), (NO_LABEL, To::Label(1))]);
    assert_eq!(
        found.change("wrong_labels_estimated").unwrap().before.value,
        Undefined::NoProbabilities.into()
    );
    assert_eq!(values(&found, "agreement_with_majority")[..2], [Some(1.0), Some(0.5)]);
    assert_eq!(unlike(&[1, 2, 5], &[2, 3]).to_vec(), [1, 3, 5]);
}
