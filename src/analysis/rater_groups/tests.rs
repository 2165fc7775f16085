use super::*;
use crate::dataset::{AnnotationsBuilder, LabelSet, RaterKind, Raters};

/// Votes of five raters, three of one group and two of another, on four items: the worked example of the method.
fn worked() -> Dataset {
    let first = [[1, 1, 0], [1, 1, 1], [0, 0, 0], [1, 0, 1]];
    let second = [[0, 0], [1, 1], [0, 0], [0, 1]];
    let mut votes = AnnotationsBuilder::new();
    for item in 0..4 {
        (0..3).for_each(|r| votes.push(item as u32, r as u32, first[item][r], None));
        (0..2).for_each(|r| votes.push(item as u32, 3 + r as u32, second[item][r], None));
    }
    let group = ["one", "one", "one", "two", "two"].map(str::to_owned).to_vec();
    let age = ["old", "old", "young", "young", "young"].map(str::to_owned).to_vec();
    Dataset {
        keys: ["a", "b", "c", "d"].into_iter().collect(),
        labels: LabelSet::new(&["0", "1"].map(str::to_owned), []),
        annotations: votes.finish(4, 5),
        raters: Raters {
            names: (0..5).map(|r| format!("r{r}")).collect(),
            kinds: vec![RaterKind::Human; 5],
            attributes: vec![("group".to_owned(), group), ("age".to_owned(), age)],
            ..Raters::default()
        },
        ..Dataset::default()
    }
}

fn run(dataset: &Dataset, attribute: usize) -> Result<GroupsReport, Undefined> {
    let asked = GroupsAsked { settings: Settings::default(), attribute, seed: 1 };
    rater_groups(dataset, &asked, &Progress::new()).unwrap()
}

#[test]
fn the_worked_example_comes_out() {
    let report = run(&worked(), 0).unwrap();
    assert_eq!(
        (report.values.as_slice(), report.n_raters.as_slice()),
        (&["one".to_owned(), "two".to_owned()][..], &[3, 2][..])
    );
    let gap = report.pairs[0].gap.as_ref().unwrap();
    // Differences of .6667, 0, 0 and .1667.
    assert!((gap.gap - (2.0 / 3.0 + 1.0 / 6.0) / 4.0).abs() < 1e-12 && gap.n_items == 4);
    assert!(gap.test.is_err(), "too few to be tested");
    assert_eq!(report.pairs[0].adjusted, [None, None]);
    // One juror of the first group agrees with members of the second on .7083, of the second on .75.
    let one = |pool| report.served(pool, 1).unwrap().seats[0].agreement.as_ref().unwrap().0;
    assert!((one(0) - 17.0 / 24.0).abs() < 1e-9 && (one(1) - 0.75).abs() < 1e-9);
    let ways: Vec<(Unlike, usize)> = report.profiles.iter().map(|p| (p.unlike, p.n)).collect();
    assert_eq!(ways, [(Unlike::Attributes, 2), (Unlike::Labels, 2)]);
}

#[test]
fn attributes_that_are_numbers_are_lists_that_raters_can_be_unlike_in() {
    // Raters on a line: the further apart, the more often they differ.
    let mut builder = AnnotationsBuilder::new();
    for item in 0..60 {
        (0..10).for_each(|rater| builder.push(item, rater, u32::from(item % 10 < rater), None));
    }
    let column = |of: fn(usize) -> f64| (0..10).map(|r| of(r).to_string()).collect::<Vec<_>>();
    let mut data = worked();
    data.annotations = builder.finish(60, 10);
    data.keys = (0..60).map(|i| format!("i{i}")).collect();
    data.raters.names = (0..10).map(|r| format!("r{r}")).collect();
    data.raters.kinds = vec![RaterKind::Human; 10];
    data.raters.attributes = vec![
        ("group".to_owned(), (0..10).map(|r| ["a", "b"][r % 2].to_owned()).collect()),
        ("trust".to_owned(), column(|r| r as f64 + 1.0)),
        ("care".to_owned(), column(|r| 10.0 - r as f64)),
        ("ease".to_owned(), column(|_| 3.0)),
    ];
    data.raters.attributes[3].1[4].clear();
    let report = run(&data, 0).unwrap();
    let of = |unlike| report.profiles.iter().find(|p| p.unlike == unlike).unwrap();
    let cosine = of(Unlike::Numbers(Profile::Cosine));
    let found = cosine.found.as_ref().unwrap();
    assert!(cosine.n == 3 && found.n_raters == 9 && found.r > 0.9 && found.p_value < 0.01, "{found:?}");
    assert!(of(Unlike::Numbers(Profile::Absolute)).found.as_ref().unwrap().r > 0.9);
    assert!(of(Unlike::Labels).found.as_ref().unwrap().r > 0.9);
    assert_eq!(report.profiles.len(), 5);
}

#[test]
fn what_cannot_be_told_says_why() {
    let mut data = worked();
    assert!(run(&data, 7).unwrap_err().to_string().contains("nothing is known"));
    data.raters.attributes[0].1 = vec!["one".to_owned(); 5];
    assert!(run(&data, 0).unwrap_err().to_string().contains("fewer than two values"));
    let mut words = worked();
    words.labels = LabelSet::new(&["no", "yes"].map(str::to_owned), []);
    let report = run(&words, 0).unwrap();
    assert!(report.pairs[0].gap.as_ref().unwrap_err().to_string().contains("no numbers"));
    assert!(report.pairs[0].apart.is_ok());
    // Label by label instead: the same difference for one label, its opposite for the other.
    let gaps: Vec<(u32, f64)> = report.pairs[0].labels.iter().map(|l| (l.label, l.found.gap)).collect();
    let expected = (2.0 / 3.0 + 1.0 / 6.0) / 4.0;
    assert_eq!(gaps.len(), 2);
    assert!(
        gaps.iter().all(|&(l, g)| (g - if l == 1 { expected } else { -expected }).abs() < 1e-12),
        "{gaps:?}"
    );
}
