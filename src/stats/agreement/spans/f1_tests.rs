//! Span F1 on cases worked out by hand, its laws, and odd inputs.

use proptest::prelude::*;

use super::{BothEmpty, Matched, SpanData, SpanF1, SpanF1Options, SpanMatch, span_f1};
use crate::dataset::{LabelId, Span, Spans, TextColumn};
use crate::progress::Progress;

const ALL: [SpanMatch; 6] = [
    SpanMatch::Exact,
    SpanMatch::ExactStretch,
    SpanMatch::Partial,
    SpanMatch::PartialStretch,
    SpanMatch::Character,
    SpanMatch::Token,
];

fn span(document: u32, rater: u32, start: u32, end: u32, label: u32) -> Span {
    Span { document, rater, start, end, label: label as LabelId }
}

fn run(list: Vec<Span>, worked: &[(u32, u32)], texts: &[&str], options: SpanF1Options) -> SpanF1 {
    let spans = Spans { texts: texts.iter().copied().collect(), list, ..Spans::default() };
    span_f1(&SpanData::new(&spans, worked.iter().copied()), &spans.texts, &options, &Progress::new()).unwrap()
}

fn by(matching: SpanMatch) -> SpanF1Options {
    SpanF1Options { matching, ..SpanF1Options::default() }
}

#[test]
fn each_way_of_matching_is_as_by_hand() {
    // "Ann Lee met Bob." : Ann Lee 0..7, met 8..11, Bob 12..15, the stop 15..16.
    let list = vec![
        span(0, 0, 0, 7, 0),
        span(0, 0, 12, 15, 0),
        span(0, 1, 0, 3, 0),
        span(0, 1, 12, 15, 1),
        span(0, 1, 8, 11, 1),
    ];
    let counts = |matching| run(list.clone(), &[], &["Ann Lee met Bob."], by(matching)).pairs[0].matched;
    assert_eq!(counts(SpanMatch::Exact), Matched { a: 2, b: 3, both: 0 });
    assert_eq!(counts(SpanMatch::ExactStretch), Matched { a: 2, b: 3, both: 1 });
    assert_eq!(counts(SpanMatch::Partial), Matched { a: 2, b: 3, both: 1 });
    assert_eq!(counts(SpanMatch::PartialStretch), Matched { a: 2, b: 3, both: 2 });
    assert_eq!(counts(SpanMatch::Character), Matched { a: 10, b: 9, both: 3 });
    assert_eq!(counts(SpanMatch::Token), Matched { a: 3, b: 3, both: 1 });
    let exact = run(list.clone(), &[], &[], by(SpanMatch::ExactStretch));
    assert_eq!(exact.micro.value(), Some(0.4));
    let lonely: Vec<(u32, u32)> = exact.documents[0].unmatched.iter().map(|u| (u.0, u.1.start)).collect();
    assert_eq!(lonely, [(0, 0), (1, 0), (1, 8)]);
}

#[test]
fn the_largest_overlap_is_matched_first_and_once() {
    let list = vec![span(0, 0, 0, 10, 0), span(0, 0, 10, 14, 0), span(0, 1, 8, 14, 0)];
    let got = run(list, &[], &[], by(SpanMatch::Partial));
    assert_eq!(got.pairs[0].matched, Matched { a: 2, b: 1, both: 1 });
    assert_eq!(got.documents[0].unmatched.len(), 1);
    assert_eq!(got.documents[0].unmatched[0].1.start, 0);
}

#[test]
fn pairs_documents_and_labels_have_means_of_their_own() {
    // Document 0: both mark the same two; document 1: one mark each, apart; document 2: nobody marks; a third rater
    // works on document 0 alone and marks nothing.
    let list = vec![
        span(0, 0, 0, 2, 0),
        span(0, 1, 0, 2, 0),
        span(0, 0, 4, 6, 1),
        span(0, 1, 4, 6, 1),
        span(1, 0, 0, 2, 0),
        span(1, 1, 5, 7, 0),
    ];
    let worked = [(0, 2), (2, 0), (2, 1)];
    let skip = run(list.clone(), &worked, &[], by(SpanMatch::Exact));
    assert_eq!(skip.pairs.len(), 3);
    assert_eq!(skip.pairs[0].micro.value(), Some(4.0 / 6.0));
    assert_eq!(skip.pairs[0].macro_by_document.value(), Some(0.5));
    assert_eq!(skip.pairs[1].micro.value(), Some(0.0));
    assert_eq!(skip.micro.value(), Some(4.0 / 6.0 / 3.0));
    // Label 0: 2 of 4 + 2 of the pairs with the third; label 1: 2 of 2 + 2.
    assert_eq!(skip.labels[0].1.value(), Some(2.0 / 6.0));
    assert_eq!(skip.labels[1].1.value(), Some(0.5));
    assert_eq!(skip.documents.iter().map(|d| d.f1).collect::<Vec<_>>(), [Some(1.0 / 3.0), Some(0.0), None]);
    let agree = SpanF1Options { both_empty: BothEmpty::Agree, replicates: 50, ..by(SpanMatch::Exact) };
    let agree = run(list, &worked, &[], agree);
    assert_eq!(agree.pairs[0].macro_by_document.value(), Some(2.0 / 3.0));
    assert_eq!(agree.documents[2].f1, Some(1.0));
    assert!(agree.micro.estimate().unwrap().ci.is_some());
}

#[test]
fn what_has_no_value_says_why() {
    let why =
        |list, worked: &[(u32, u32)]| run(list, worked, &[], by(SpanMatch::Exact)).micro.reason().unwrap();
    assert!(why(vec![], &[]).contains("no annotations"));
    assert!(why(vec![span(0, 0, 0, 1, 0)], &[]).contains("two raters"));
    assert!(why(vec![span(0, 0, 0, 1, 0), span(1, 1, 0, 1, 0)], &[]).contains("no document"));
    assert!(why((0..6000).map(|r| span(0, r, 0, 1, 0)).collect(), &[]).contains("too many"));
    let got = run(vec![span(0, 0, 0, 1, 0)], &[(0, 1), (0, 2)], &[], by(SpanMatch::Exact));
    assert!(got.pairs[2].micro.reason().unwrap().contains("neither"));
}

#[test]
fn stacks_of_spans_are_borne() {
    let list: Vec<Span> = (0..100_000).map(|i| span(0, i % 2, i % 97, 100 + i / 97, i % 3)).collect();
    for matching in ALL {
        let got = run(list.clone(), &[], &["a b c"], by(matching));
        let value = got.micro.value().unwrap();
        assert!((0.0..=1.0).contains(&value), "{matching:?} {value}");
    }
}

proptest! {
    #[test]
    fn laws(marks in prop::collection::vec((0_u32..3, 0_u32..3, 0_u32..12, 1_u32..5, 0_u32..3), 1..25)) {
        let list: Vec<Span> = marks.iter().map(|&(d, r, s, l, c)| span(d, r, s, s + l, c)).collect();
        let mut values = Vec::new();
        for matching in ALL {
            let got = run(list.clone(), &[], &[], by(matching));
            if let Some(v) = got.micro.value() {
                prop_assert!((0.0..=1.0).contains(&v));
            }
            // Other names of raters and labels, another place.
            let moved =
                list.iter().map(|s| span(s.document, 2 - s.rater, s.start + 9, s.end + 9, 2 - s.label));
            let other = run(moved.collect(), &[], &[], by(matching));
            if !matches!(matching, SpanMatch::Partial | SpanMatch::PartialStretch) {
                prop_assert!((got.micro.value().unwrap_or(9.0) - other.micro.value().unwrap_or(9.0)).abs() < 1e-12);
            }
            for p in &got.pairs {
                prop_assert!(p.matched.both <= p.matched.a.min(p.matched.b));
            }
            values.push(got.pairs.iter().map(|p| p.matched.both).sum::<u64>());
            // A copy of a rater agrees with the rater.
            let twice = list.iter().filter(|s| s.rater == 0).flat_map(|s| [*s, Span { rater: 1, ..*s }]);
            if let Some(v) = run(twice.collect(), &[], &[], by(matching)).micro.value() {
                prop_assert_eq!(v, 1.0);
            }
        }
        prop_assert!(values[0] <= values[1]);
    }
}

#[test]
fn text_of_the_documents_may_be_missing() {
    let data = SpanData::new(
        &Spans { list: vec![span(5, 0, 0, u32::MAX, 0), span(5, 1, 0, 1, 0)], ..Spans::default() },
        [],
    );
    let got = span_f1(&data, &TextColumn::new(), &by(SpanMatch::Token), &Progress::new()).unwrap();
    assert!(got.micro.value().unwrap() < 1e-8);
}
