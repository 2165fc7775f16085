use super::*;
use crate::dataset::{AnnotationsBuilder, LabelSet, NO_LABEL, NOTHING, Region, Span, Spans, TextColumn};

fn run(dataset: &Dataset, given: &[LabelId]) -> Result<EntitiesReport, Undefined> {
    let asked = EntitiesAsked { settings: Settings::default() };
    entities(dataset, given, &asked, &Progress::new()).unwrap()
}

fn of_kind(report: &EntitiesReport, kind: EntityKind) -> Vec<&FindingRow> {
    report.findings.iter().filter(|row| row.finding.kind == kind).collect()
}

/// Three texts with one mark each, the third of another type; nobody's.
fn spans() -> Dataset {
    let texts: TextColumn = ["in Paris", "to Paris", "Paris said", "of Paris"].into_iter().collect();
    let region = |document, start| Region { document, start, end: start + 5 };
    Dataset {
        labels: LabelSet::new(&["LOC", "PER", NOTHING].map(str::to_owned), []),
        keys: ["0", "1", "2"].into_iter().collect(),
        spans: Some(Spans {
            documents: ["a", "b", "c", "d"].into_iter().collect(),
            texts,
            regions: vec![region(0, 3), region(1, 3), region(2, 0)],
            ..Spans::default()
        }),
        ..Dataset::default()
    }
}

#[test]
fn labels_of_spans_that_are_nobody_s_are_held_against_each_other() {
    let report = run(&spans(), &[0, 0, 1]).unwrap();
    let [row] = of_kind(&report, EntityKind::Type)[..] else { panic!() };
    assert_eq!((row.document.as_str(), &*row.items, row.instead.as_deref()), ("c", &[2][..], Some("Paris")));
    assert_eq!(row.excerpt, (String::new(), "Paris".to_owned(), " said".to_owned()));
    assert_eq!((row.finding.raters.as_slice(), report.by_raters), (&[][..], false));
    assert_eq!(row.finding.given.map(|l| report.label(l)), Some("PER"));
    // Nobody marked the fourth, and there is no item there.
    let [row] = of_kind(&report, EntityKind::Unmarked)[..] else { panic!() };
    assert_eq!((row.document.as_str(), row.items.len()), ("d", 0));
    assert_eq!((report.n_marks, report.n_documents, report.n_findings), (3, 4, 2));
    assert_eq!((&*report.forms[0].items, report.tags.len()), (&[0, 1, 2][..], 0));
    let kind = |k: EntityKind| report.kinds.iter().find(|row| row.kind == k).unwrap();
    assert_eq!((kind(EntityKind::Type).n, &*kind(EntityKind::Type).items), (1, &[2][..]));
    // A decision settles it.
    assert_eq!(of_kind(&run(&spans(), &[0, 0, 0]).unwrap(), EntityKind::Type).len(), 0);
    let hidden = run(&spans(), &[0, 2, NO_LABEL]).unwrap();
    assert_eq!(hidden.n_marks, 1);
}

#[test]
fn raters_of_spans_are_held_against_each_other() {
    let mut dataset = spans();
    let mut said = AnnotationsBuilder::new();
    let mut list = Vec::new();
    for (item, document, start) in [(0, 0, 3), (1, 1, 3), (2, 2, 0)] {
        for rater in 0..3 {
            let sees = item != 1 || rater > 0;
            said.push(item, rater, if sees { 0 } else { 2 }, None);
            if sees {
                list.push(Span { document, rater, start, end: start + 5, label: 0 });
            }
        }
    }
    dataset.annotations = said.finish(3, 3);
    list.sort_unstable();
    dataset.spans.as_mut().unwrap().list = list;
    let report = run(&dataset, &[]).unwrap();
    let [row] = of_kind(&report, EntityKind::RaterMissing)[..] else { panic!() };
    assert_eq!((row.finding.raters.as_slice(), &*row.items), (&[0][..], &[1][..]));
    assert_eq!((report.by_raters, report.n_findings), (true, 1));
}

/// Two sentences of three tokens, one after the other: the second begins inside.
#[test]
fn tags_of_tokens_are_read_in_sentences() {
    let texts: TextColumn = ["Ann met Bob", "Ann saw Rome"].into_iter().collect();
    let tokens = [0..3, 4..7, 8..11];
    let tags = ["O", "B-PER", "I-PER", "B-LOC"].map(str::to_owned);
    let dataset = Dataset {
        labels: LabelSet::new(&tags, []),
        keys: (0..6).map(|i| i.to_string()).collect(),
        texts: Some(TextColumn::sharing(texts, vec![0, 0, 0, 1, 1, 1])),
        focus: Some([tokens.clone(), [0..3, 4..7, 8..12]].concat()),
        ..Dataset::default()
    };
    let report = run(&dataset, &[1, 0, 1, 2, 0, 3]).unwrap();
    assert_eq!((report.n_documents, report.n_marks), (2, 4));
    let [tags] = &report.tags[..] else { panic!() };
    assert_eq!((tags.rater, tags.scheme, tags.n_legal, &*tags.items), (None, "IOB2", 3, &[3][..]));
    let finding = &tags.illegal[0].1;
    assert_eq!((finding.sentence, finding.token, finding.repair.as_str()), (1, 0, "B-PER"));
    // What is not tagged by anybody says nothing; what is marked once and once not is a tie.
    let report = run(&dataset, &[1, 0, 1, 0, NO_LABEL, 3]).unwrap();
    assert_eq!(report.n_findings, 0);
    // Two raters: the second takes Rome for a person.
    let mut said = AnnotationsBuilder::new();
    for (item, one, other) in [(0, 1, 1), (1, 0, 0), (2, 1, 1), (3, 1, 1), (4, 0, 0), (5, 3, 1)] {
        said.push(item, 0, one, None);
        said.push(item, 1, other, None);
    }
    let rated = Dataset { annotations: said.finish(6, 2), ..dataset.clone() };
    let report = run(&rated, &[]).unwrap();
    let [row] = of_kind(&report, EntityKind::RaterType)[..] else { panic!() };
    assert_eq!((&*row.items, row.document.as_str(), row.finding.n_here), (&[5][..], "3", 1));
    assert_eq!(report.tags.iter().map(|t| t.rater).collect::<Vec<_>>(), [Some(0), Some(1)]);
    assert_eq!(hand(&Raters::default(), None), "given labels");
    let plain = Dataset { labels: LabelSet::new(&["NN", "VB"].map(str::to_owned), []), ..dataset };
    assert!(run(&plain, &[0; 6]).is_err() && run(&Dataset::default(), &[]).is_err());
}
