use super::*;
use crate::analysis::{GivenSource, Settings};
use crate::dataset::{AnnotationsBuilder, LabelColumn, LabelSet, RaterKind, Raters};

/// Sentences of words, each with the tags of every rater.
fn corpus(sentences: &[(&str, &[&str])]) -> Dataset {
    let tags = sentences.iter().flat_map(|s| s.1.iter()).flat_map(|t| t.split(' ')).map(str::to_owned);
    let labels = LabelSet::new(&[], tags);
    let n_raters = sentences[0].1.len();
    let mut said = AnnotationsBuilder::new();
    let (mut keys, mut texts, mut focus) = (Vec::new(), Vec::new(), Vec::new());
    for (s, (text, tags)) in sentences.iter().enumerate() {
        let mut at = 0;
        for (i, word) in text.split(' ').enumerate() {
            let item = keys.len() as u32;
            for (rater, tags) in tags.iter().enumerate() {
                let tag = tags.split(' ').nth(i).unwrap();
                said.push(item, rater as u32, labels.id(tag).unwrap(), None);
            }
            keys.push(format!("{s}-{i}"));
            texts.push(*text);
            focus.push(at..at + word.chars().count() as u32);
            at += word.chars().count() as u32 + 1;
        }
    }
    let names = ["old", "new", "third"];
    Dataset {
        annotations: said.finish(keys.len(), n_raters),
        keys: keys.iter().collect(),
        texts: Some(texts.into_iter().collect()),
        focus: Some(focus),
        labels,
        raters: Raters {
            names: names[..n_raters].iter().map(|n| (*n).to_owned()).collect(),
            kinds: vec![RaterKind::Human; n_raters],
            ..Raters::default()
        },
        ..Dataset::default()
    }
}

fn given(labels: &[LabelId]) -> Given {
    Given {
        source: GivenSource::Column("tag".into()),
        original: labels.to_vec(),
        current: labels.to_vec(),
        n_tied: 0,
    }
}

fn run(dataset: &Dataset, given: &Given) -> Result<VersionsReport, Undefined> {
    let asked = VersionsAsked { settings: Settings::default(), rule: DecodingRule::TypeChange };
    versions(dataset, given, &asked, &Progress::new()).unwrap()
}

#[test]
fn what_is_listed_is_what_was_counted() {
    let data = corpus(&[
        ("Aalby beat Ravn", &["B-LOC O B-LOC", "B-ORG O B-ORG"]),
        ("Oslo calls", &["B-LOC O", "B-LOC O"]),
        ("Ann of Health", &["O O O", "B-PER O O"]),
        ("The Old Town Hall", &["B-LOC I-LOC I-LOC I-LOC", "O B-LOC I-LOC O"]),
    ]);
    let report = run(&data, &given(&[])).unwrap();
    assert_eq!(report.versions.iter().map(|v| v.name.as_str()).collect::<Vec<_>>(), ["old", "new"]);
    let pair = &report.found.pairs[0];
    assert_eq!(DifferenceKind::ALL.map(|k| pair.count(k)), [2, 1, 1, 0]);
    assert_eq!((report.pair(0, 1), report.pair(1, 0), report.pair(0, 2)), (Some(0), Some(0), None));
    let listed = |which| report.listed(0, which).cloned().unwrap_or_default();
    assert_eq!(&*listed(Which::All).differences, [0, 1, 2, 3]);
    assert_eq!(&*listed(Which::All).sentences, [0, 2, 3]);
    assert_eq!(&*listed(Which::All).items, [0, 2, 5, 8, 9, 10, 11]);
    let kind = |name: &str| report.tags.types().iter().position(|t| t == name).map(|k| k as u32);
    let became = listed(Which::Types(kind("LOC"), kind("ORG")));
    assert_eq!((&*became.differences, &*became.sentences), (&[0, 1][..], &[0][..]));
    assert_eq!(&*listed(Which::Types(None, kind("PER"))).items, [5]);
    assert_eq!(listed(Which::Kind(DifferenceKind::Both)), Listed::default());
    // Each list of a kind is as long as its count.
    for k in DifferenceKind::ALL {
        assert_eq!(listed(Which::Kind(k)).differences.len() as u64, pair.count(k));
    }
    assert_eq!((report.kind(None), report.kind(kind("ORG"))), ("none", "ORG"));
}

#[test]
fn of_three_versions_each_range_says_what_all_call_it() {
    let data = corpus(&[("Aalby won", &["B-LOC O", "B-ORG O", "O O"])]);
    let report = run(&data, &given(&[])).unwrap();
    assert_eq!(report.found.pairs.len(), 3);
    let entity = report.tags.entities(0, 0).unwrap()[0];
    let row = report.span_of(0, &entity).unwrap();
    assert_eq!((row.n_versions, row.n_outside, report.found.spans.types_of(row).len()), (3, 1, 2));
    assert_eq!(report.n_varying(), 1);
}

#[test]
fn a_column_and_its_corrections_are_versions() {
    let mut data = corpus(&[("Aalby won", &["B-LOC O"])]);
    let said: Vec<LabelId> = (0..2).map(|i| data.annotations.labels_of(i)[0]).collect();
    data.annotations = AnnotationsBuilder::new().finish(2, 0);
    data.given = Some(LabelColumn { name: "tag".into(), ids: said.clone() });
    let mut labels = given(&said);
    let reason = run(&data, &labels).unwrap_err();
    assert_eq!(reason, Undefined::Because("no sentence is tagged in two versions".to_owned()));
    labels.current[0] = data.labels.id("O").unwrap();
    let report = run(&data, &labels).unwrap();
    assert_eq!(report.versions[1].name, "tag, corrected");
    assert_eq!(report.found.pairs[0].count(DifferenceKind::Missing), 1);
}

#[test]
fn without_tags_there_are_no_versions() {
    let data = corpus(&[("a b", &["x y", "x x"])]);
    assert!(!has_tags(&data));
    assert!(run(&data, &given(&[])).is_err());
}
