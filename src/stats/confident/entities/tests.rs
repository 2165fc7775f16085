use proptest::prelude::*;

use super::*;

/// A text, and what is marked in it: start, end, label.
type Marked<'a> = (&'a str, &'a [(u32, u32, LabelId)]);

/// Documents with the marks of rater 0.
fn corpus(documents: &[Marked]) -> EntityCorpus {
    let mut corpus = EntityCorpus::new();
    for (text, marks) in documents {
        let document = corpus.push_document(text, None);
        corpus.push_line(document, 0, marks.iter().copied());
    }
    corpus
}

fn find(corpus: &EntityCorpus) -> EntityFindings {
    entity_findings(corpus, &Progress::new()).unwrap()
}

fn of_kind(found: &EntityFindings, kind: EntityKind) -> Vec<&EntityFinding> {
    found.list.iter().filter(|f| f.kind == kind).collect()
}

#[test]
fn the_same_words_under_another_label_are_suspicious() {
    // Paris is a place (0) three times, a person (1) once; Rome has a tie.
    let found = find(&corpus(&[
        ("in Paris now", &[(3, 8, 0)]),
        ("in Paris today", &[(3, 8, 0)]),
        ("Paris said", &[(0, 5, 1)]),
        ("to Paris", &[(3, 8, 0)]),
        ("Rome", &[(0, 4, 0)]),
        ("Rome", &[(0, 4, 1)]),
    ]));
    let [one] = of_kind(&found, EntityKind::Type)[..] else { panic!() };
    assert_eq!((one.document, one.start, one.end, one.form.as_str()), (2, 0, 5, "Paris"));
    assert_eq!((one.given, one.majority, one.n_majority, one.n_here), (Some(1), Some((0, 5, 0)), 3, 1));
    assert!((one.suspicion - 0.3006).abs() < 5e-5);
    assert_eq!((found.n_marks, found.n_forms, found.n_empty), (6, 2, 0));
    // H(3/4) = 0.8113 and H(1/2) = 1 bits; (3 − 1) / 2 × 4 = 4 and 0.
    let forms: Vec<_> = found
        .forms
        .iter()
        .map(|f| {
            (
                f.form.as_str(),
                f.variation.labels.as_slice(),
                f.variation.label_entropy,
                f.variation.weighted_discrepancy,
            )
        })
        .collect();
    let want = [("Paris", &[(0, 3), (1, 1)][..], 1.0, 1.0), ("Rome", &[(0, 1), (1, 1)][..], 0.0, 0.0)];
    assert_eq!(forms, want);
    assert!((found.forms[0].variation.entropy_bits - 0.811_278_124_459_132_8).abs() < 1e-12);
    assert_eq!(found.forms[0].documents, [0, 1, 2, 3]);
}

#[test]
fn neighbours_tell_two_uses_of_a_word_apart() {
    // May is a month between "in" and the end, a person before "said"; one of each is wrong.
    let month: Marked = ("in May", &[(3, 6, 0)]);
    let person: Marked = ("may said", &[(0, 3, 1)]);
    let found =
        find(&corpus(&[month, month, ("IN MAY", &[(3, 6, 1)]), person, person, ("May said", &[(0, 3, 1)])]));
    let [one] = of_kind(&found, EntityKind::TypeInContext)[..] else { panic!() };
    assert_eq!((one.document, one.given, one.n_majority, one.n_here), (2, Some(1), 2, 1));
    // "May" itself is 0 twice and 1 once: written otherwise, the others are other words.
    let plain: Vec<u32> = of_kind(&found, EntityKind::Type).iter().map(|f| f.document).collect();
    assert_eq!(plain, [5]);
}

#[test]
fn a_word_more_or_less_is_a_matter_of_boundaries() {
    let long: Marked = ("the New York Times", &[(4, 18, 7)]);
    let found = find(&corpus(&[long, long, long, ("the New York Times", &[(4, 12, 7)])]));
    let [one] = of_kind(&found, EntityKind::Boundary)[..] else { panic!() };
    assert_eq!((one.document, one.start, one.end), (3, 4, 12));
    assert_eq!((one.majority, one.n_majority, one.n_here), (Some((4, 18, 7)), 3, 1));
    // The other way round, and to the left.
    let short: Marked = ("the Hague", &[(4, 9, 7)]);
    let found = find(&corpus(&[short, short, ("the Hague", &[(0, 9, 7)])]));
    let [one] = of_kind(&found, EntityKind::Boundary)[..] else { panic!() };
    assert_eq!((one.document, one.majority), (2, Some((4, 9, 7))));
    // The neighbour is a mark of its own: no shorter mark.
    let found = find(&corpus(&[long, ("the New York Times", &[(4, 12, 7), (13, 18, 7)])]));
    assert_eq!(found.count(EntityKind::Boundary), 0);
}

#[test]
fn words_are_marked_in_most_places_or_in_few() {
    let found = find(&corpus(&[
        ("Ann met Bob", &[(0, 3, 0), (8, 11, 0)]),
        ("Ann left", &[(0, 3, 0)]),
        ("then Ann met us", &[]),
        ("met met met", &[(0, 3, 1)]),
    ]));
    let [one] = of_kind(&found, EntityKind::Unmarked)[..] else { panic!() };
    assert_eq!((one.document, one.start, one.end, one.given), (2, 5, 8, None));
    assert_eq!((one.majority, one.n_majority, one.n_here), (Some((5, 8, 0)), 2, 1));
    let [one] = of_kind(&found, EntityKind::SeldomMarked)[..] else { panic!() };
    assert_eq!((one.document, one.given, one.majority, one.n_majority, one.n_here), (3, Some(1), None, 4, 1));
}

#[test]
fn the_longest_words_count_and_a_document_that_nobody_read_says_nothing() {
    let mut corpus = corpus(&[
        ("New York", &[(0, 8, 0)]),
        ("New York", &[(0, 8, 0)]),
        ("York", &[(0, 4, 1)]),
        ("York", &[(0, 4, 1)]),
        ("in New York", &[]),
    ]);
    corpus.push_document("New York", None);
    let found = find(&corpus);
    let unmarked: Vec<_> =
        of_kind(&found, EntityKind::Unmarked).iter().map(|f| (f.document, f.form.as_str())).collect();
    assert_eq!(unmarked, [(4, "New York")]);
    assert_eq!(found.count(EntityKind::Boundary), 0);
}

#[test]
fn raters_differ_in_type_in_boundary_and_in_what_they_see() {
    let mut corpus = EntityCorpus::new();
    let text = "Ann Lee met Bob in Rome on Monday";
    corpus.push_document(text, None);
    // Ann Lee: two agree, one marks Ann. Bob: one has another label. Rome: one misses it. Monday: one alone.
    corpus.push_line(0, 0, [(0, 7, 0), (12, 15, 0), (19, 23, 1), (27, 33, 2)]);
    corpus.push_line(0, 1, [(0, 7, 0), (12, 15, 0), (19, 23, 1)]);
    corpus.push_line(0, 2, [(0, 3, 1), (12, 15, 1)]);
    let found = find(&corpus);
    let mut rows: Vec<_> = found
        .list
        .iter()
        .map(|f| (f.start, f.kind, f.raters.as_slice(), f.given, f.majority, f.n_majority, f.n_here))
        .collect();
    rows.sort_by_key(|row| row.0);
    assert_eq!(
        rows,
        [
            (0, EntityKind::RaterBoth, &[2][..], Some(1), Some((0, 7, 0)), 2, 1),
            (12, EntityKind::RaterType, &[2][..], Some(1), Some((12, 15, 0)), 2, 1),
            (19, EntityKind::RaterMissing, &[2][..], None, Some((19, 23, 1)), 2, 1),
            (27, EntityKind::RaterExtra, &[0][..], Some(2), None, 2, 1),
        ]
    );
    assert!(found.forms.is_empty());
}

#[test]
fn raters_of_one_mind_and_nested_marks_are_no_findings() {
    let mut corpus = EntityCorpus::new();
    corpus.push_document("University of Rome", None);
    (0..3).for_each(|rater| corpus.push_line(0, rater, [(0, 18, 0), (14, 18, 1), (0, 18, 0)]));
    assert!(find(&corpus).list.is_empty());
    assert!(find(&EntityCorpus::new()).list.is_empty());
    let progress = Progress::new();
    progress.cancel();
    assert_eq!(entity_findings(&corpus, &progress), Err(Cancelled));
}

proptest! {
    #[test]
    fn findings_are_in_order_and_do_not_depend_on_the_order_of_marks(
        mut marks in proptest::collection::vec((0..4_u32, 0..3_u32, 0..12_u32, 1..5_u32, 0..2_u32), 0..40)
    ) {
        let build = |marks: &[(u32, u32, u32, u32, u32)]| {
            let mut corpus = EntityCorpus::new();
            for text in ["a b a c a b", "b a c b a a", "a a b b c a", "c a b a b c"] {
                corpus.push_document(text, None);
            }
            for &(document, rater, start, length, label) in marks {
                corpus.push_line(document, rater, [(start, start + length, label)]);
            }
            find(&corpus)
        };
        let found = build(&marks);
        for finding in &found.list {
            prop_assert!((0.0..=1.0).contains(&finding.suspicion));
            prop_assert!(finding.n_majority >= finding.n_here && finding.n_here > 0);
            prop_assert!(finding.start < finding.end && !finding.form.is_empty());
        }
        prop_assert!(found.list.windows(2).all(|w| w[0].suspicion >= w[1].suspicion));
        marks.reverse();
        prop_assert_eq!(build(&marks), found);
    }
}
