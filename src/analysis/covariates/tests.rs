use super::*;
use crate::dataset::{AnnotationsBuilder, LabelSet, RaterKind, Raters, Region, Span, Spans};

/// Forty items of two topics and three sources, three raters each: on the second topic they part on every other item, and more where
/// the number is high.
fn topics() -> Dataset {
    let mut votes = AnnotationsBuilder::new();
    for item in 0..40_u32 {
        for rater in 0..3 {
            let apart = item % 2 == 1 && item % 4 == 1;
            votes.push(item, rater, u32::from(apart && rater == 2), None);
        }
    }
    let column = |of: fn(usize) -> String| -> TextColumn {
        let values: Vec<String> = (0..40).map(of).collect();
        values.iter().map(String::as_str).collect()
    };
    Dataset {
        keys: column(|i| i.to_string()),
        texts: Some(column(|i| if i % 4 == 1 { "one two three four".to_owned() } else { "one".to_owned() })),
        labels: LabelSet::new(&["no", "yes"].map(str::to_owned), []),
        annotations: votes.finish(40, 3),
        raters: Raters {
            names: (0..3).map(|r| format!("r{r}")).collect(),
            kinds: vec![RaterKind::Human; 3],
            ..Raters::default()
        },
        metadata: vec![
            ("topic".to_owned(), column(|i| ["health", "law"][i % 2].to_owned())),
            ("source".to_owned(), column(|i| ["a", "b", ""][i % 3].to_owned())),
            ("score".to_owned(), column(|i| if i == 7 { String::new() } else { (i / 4).to_string() })),
            ("one".to_owned(), column(|_| "same".to_owned())),
            ("note".to_owned(), column(|i| format!("note {i}"))),
        ],
        ..Dataset::default()
    }
}

fn run(dataset: &Dataset) -> Result<CovariatesReport, Undefined> {
    covariates(
        dataset,
        &CovariatesAsked { settings: Settings::default(), of: Disagreement::Votes },
        &Progress::new(),
    )
    .unwrap()
}

#[test]
fn every_property_is_tested_and_its_items_stand_behind_it() {
    let report = run(&topics()).unwrap();
    let names: Vec<&str> = report.rows.iter().map(|r| r.name.as_str()).collect();
    // Three words more are exactly the items that split; the topic half of that; the rest is chance. Votes do not vary.
    assert_eq!(names[..2], ["words of the text", "topic: law"]);
    assert_eq!(report.rows.len(), 4, "{names:?}");
    assert_eq!(report.n_items, 40);
    // Ten of forty items, two of three pairs each.
    assert!((report.mean - 10.0 / 40.0 * 2.0 / 3.0).abs() < 1e-12);
    let topic = &report.rows[1];
    assert!((topic.size().unwrap() - 1.0 / 3.0).abs() < 1e-12 && topic.test.adjusted.unwrap() < 0.01);
    let odd: Vec<u32> = (0..40).filter(|i| i % 2 == 1).collect();
    assert_eq!((topic.bars[1].name.as_str(), &*topic.bars[1].items), ("with", odd.as_slice()));
    let words = &report.rows[0];
    assert!((words.size().unwrap() - 1.0).abs() < 1e-9);
    let bars: Vec<(&str, usize, f64)> =
        words.bars.iter().map(|b| (b.name.as_str(), b.items.len(), b.mean)).collect();
    assert_eq!((bars[0].0, bars[0].1, bars[0].2), ("1", 30, 0.0));
    assert!(bars.len() == 2 && (bars[1].0, bars[1].1) == ("4", 10) && (bars[1].2 - 2.0 / 3.0).abs() < 1e-12);
    // One item has no number, thirteen no source: they are missing, not zero.
    let of = |name: &str| &report.rows.iter().find(|r| r.name == name).unwrap().test;
    assert_eq!((of("score").n_missing, of("source: b").n_missing), (1, 13));
}

#[test]
fn numbers_are_cut_where_they_change() {
    let report = run(&topics()).unwrap();
    let score = report.rows.iter().find(|r| r.name == "score").unwrap();
    let all: usize = score.bars.iter().map(|b| b.items.len()).sum();
    assert_eq!((all, score.bars.len()), (39, 5));
    assert_eq!(score.bars[0].name, "0 to 1");
}

#[test]
fn what_cannot_be_told_says_why() {
    let mut alone = topics();
    let mut votes = AnnotationsBuilder::new();
    (0..40).for_each(|item| votes.push(item, 0, 0, None));
    alone.annotations = votes.finish(40, 3);
    assert!(run(&alone).unwrap_err().to_string().contains("no item has two votes"));
    let mut bare = topics();
    (bare.texts, bare.metadata) = (None, Vec::new());
    assert!(run(&bare).unwrap_err().to_string().contains("nothing is known of the items"));
    // Raters who never part: there is nothing to explain, and each test says so.
    let mut same = topics();
    let mut votes = AnnotationsBuilder::new();
    (0..40).for_each(|item| (0..3).for_each(|rater| votes.push(item, rater, 0, None)));
    same.annotations = votes.finish(40, 3);
    let report = run(&same).unwrap();
    assert!(report.mean == 0.0 && report.rows.iter().all(|r| r.test.adjusted.is_none()));
}

/// Twenty texts of eight words, two raters: on the topic “law” the two highlight the same two words, on “health” words side by side; in the
/// last text nobody marks anything. Each marked stretch is an item.
fn highlighted() -> Dataset {
    let mut list = Vec::new();
    let mut regions = Vec::new();
    let mut topic = Vec::new();
    let mut builder = AnnotationsBuilder::new();
    for document in 0..19_u32 {
        let apart = document % 2 == 0;
        for rater in 0..2_u32 {
            let start = 5 * if apart { 1 + rater } else { 2 };
            list.push(Span { document, rater, start, end: start + 9, label: 0 });
        }
        for start in if apart { vec![5, 10] } else { vec![10] } {
            builder.push(regions.len() as u32, 0, 0, None);
            regions.push(Region { document, start, end: start + 9 });
            topic.push(if apart { "health" } else { "law" });
        }
    }
    list.sort_unstable();
    let n = regions.len();
    let keys: Vec<String> = (0..n).map(|i| i.to_string()).collect();
    let names: Vec<String> = (0..20).map(|d| format!("text {d}")).collect();
    Dataset {
        keys: keys.iter().map(String::as_str).collect(),
        labels: LabelSet::new(&[], ["reason".to_owned()]),
        annotations: builder.finish(n, 2),
        metadata: vec![("topic".to_owned(), topic.into_iter().collect())],
        spans: Some(Spans {
            documents: names.iter().map(String::as_str).collect(),
            texts: (0..20).map(|_| "word word word word word word word word").collect(),
            list,
            regions,
            ..Spans::default()
        }),
        ..topics()
    }
}

#[test]
fn overlap_of_highlights_is_held_against_what_texts_are() {
    let asked = CovariatesAsked { settings: Settings::default(), of: Disagreement::Highlights };
    let run = |dataset: &Dataset| covariates(dataset, &asked, &Progress::new()).unwrap();
    let report = run(&highlighted()).unwrap();
    // A text is one, however many stretches it has; of two words each, one is shared: F1 ½.
    assert_eq!((report.n_items, report.rows[0].name.as_str()), (19, "topic: law"));
    let [without, with] = &report.rows[0].bars[..] else { panic!("two parts") };
    assert_eq!((without.n, without.items.len(), with.n, with.items.len()), (10, 20, 9, 9));
    assert!((without.mean - 0.5).abs() < 1e-12 && with.mean.abs() < 1e-12, "{} {}", without.mean, with.mean);
    assert!(run(&topics()).unwrap_err().to_string().contains("no spans"));
}

#[test]
fn values_for_and_against_are_a_property() {
    let mut data = topics();
    let (mut supports, mut opposes) = (Vec::new(), Vec::new());
    for item in 0..40 {
        // Lists on one side, counts on the other.
        supports.push(["fairness; care", "care", "", "fairness; care; duty"][item % 4]);
        opposes.push(["2", "0", "0", "1"][item % 4]);
    }
    data.metadata = vec![
        ("Supports".to_owned(), supports.into_iter().collect()),
        ("opposes".to_owned(), opposes.into_iter().collect()),
    ];
    let (name, values) = conflict(&data).unwrap();
    assert_eq!(name, "conflict of Supports and opposes");
    assert_eq!(values[..4], [Some(1.0), Some(0.0), None, Some(0.5)]);
    let report = covariates(
        &data,
        &CovariatesAsked { settings: Settings::default(), of: Disagreement::Votes },
        &Progress::new(),
    );
    assert!(report.unwrap().unwrap().rows.iter().any(|r| r.name == name));
    data.metadata.truncate(1);
    assert!(conflict(&data).is_none());
}
