use super::*;
use crate::dataset::{AnnotationsBuilder, LabelSet, Probabilities, Raters};

/// The worked example of the method: one score, two raters, six units.
fn worked() -> Dataset {
    let scores = [0.9, 0.8, 0.7, 0.6, 0.3, 0.1];
    let marks = [[1, 0, 1, 0, 0, 0], [1, 1, 1, 0, 1, 0]];
    let mut votes = AnnotationsBuilder::new();
    for (rater, row) in marks.iter().enumerate() {
        row.iter().enumerate().for_each(|(item, &l)| votes.push(item as u32, rater as u32, l, None));
    }
    let rows: Vec<f64> = scores.iter().flat_map(|s| [1.0 - s, *s]).collect();
    Dataset {
        keys: (0..6).map(|i| i.to_string()).collect(),
        labels: LabelSet::new(&["no", "yes"].map(str::to_owned), []),
        annotations: votes.finish(6, 2),
        raters: Raters {
            names: vec!["a".to_owned(), "b".to_owned()],
            kinds: vec![RaterKind::Human; 2],
            ..Raters::default()
        },
        probabilities: Some(Probabilities::from_f64(rows, 6, 2).unwrap()),
        metadata: vec![
            ("number".to_owned(), (0..6).map(|i| i.to_string()).collect()),
            ("length".to_owned(), ["3", "9", "4", "7", "1", "2"].into_iter().collect()),
        ],
        ..Dataset::default()
    }
}

fn run(dataset: &Dataset) -> Result<PerRaterReport, Undefined> {
    let asked = PerRaterAsked { settings: Settings::default(), label: 1, seed: 1 };
    per_rater(dataset, &asked, &Progress::new()).unwrap()
}

#[test]
fn the_worked_example_comes_out_and_numbers_are_detectors_too() {
    let report = run(&worked()).unwrap();
    assert_eq!(report.detectors, ["probabilities", "length"], "a running number is none");
    let of = |rater: usize| &report.found.detectors[0].raters[rater];
    assert!((of(0).average_precision.as_ref().unwrap() - 0.8333).abs() < 5e-5);
    assert!((of(1).average_precision.as_ref().unwrap() - 0.95).abs() < 5e-5);
    assert!((of(0).best.as_ref().unwrap().f1 - 0.8).abs() < 1e-9);
    assert!((of(1).best.as_ref().unwrap().f1 - 0.8889).abs() < 5e-5);
    // The other rater would flag the first five: the first rater did not mark three of these.
    assert!((of(0).chosen.as_ref().unwrap().threshold - 0.3).abs() < 1e-12);
    assert_eq!(&*report.parted[0][0], [1, 3, 4]);
}

#[test]
fn what_cannot_be_told_says_why() {
    let mut bare = worked();
    bare.probabilities = None;
    bare.metadata.clear();
    assert!(run(&bare).unwrap_err().to_string().contains("neither a model"));
    bare.raters = Raters::default();
    assert!(run(&bare).is_err());
}
