//! Published examples, laws and odd inputs of alpha of unitizing.

use proptest::prelude::*;

use super::{SpanData, Unitizing, unitizing_alpha};
use crate::dataset::{LabelId, Span, Spans};
use crate::progress::{Cancelled, Progress};
use crate::stats::{Method, Undefined};

/// (document, rater, start, length, label).
type Unit = (u32, u32, u32, u32, u32);

fn data(units: &[Unit], lengths: &[u32]) -> SpanData {
    let list = units
        .iter()
        .map(|&(document, rater, start, length, label)| Span {
            document,
            rater,
            start,
            end: start + length,
            label: label as LabelId,
        })
        .collect();
    let texts = lengths.iter().map(|&l| "x".repeat(l as usize)).collect::<Vec<_>>();
    let spans = Spans { texts: texts.iter().map(String::as_str).collect(), list, ..Spans::default() };
    let n_raters = units.iter().map(|u| u.1 + 1).max().unwrap_or(0);
    SpanData::new(&spans, (0..lengths.len() as u32).flat_map(|d| (0..n_raters).map(move |r| (d, r))))
}

fn alpha(data: &SpanData) -> Unitizing {
    unitizing_alpha(data, 200, 7, &Progress::new()).unwrap()
}

#[derive(serde::Deserialize)]
struct Golden {
    length: u32,
    begin: u32,
    labels: Vec<String>,
    units: Vec<(u32, u32, u32, u32)>,
    observed: Vec<f64>,
    expected: Vec<f64>,
    alpha_of_labels: Vec<f64>,
    alpha: f64,
    #[serde(default = "one")]
    stretch: u32,
}

fn one() -> u32 {
    1
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * b.abs().max(1.0)
}

#[test]
fn published_examples_come_out() {
    let text = include_str!("../../../../tests/data/golden/spans.json");
    let all: serde_json::Value = serde_json::from_str(text).unwrap();
    let cases: Vec<Golden> = serde_json::from_value(all["unitizing"].clone()).unwrap();
    assert_eq!(cases.len(), 3);
    for case in cases {
        let s = case.stretch;
        let units: Vec<Unit> = case
            .units
            .iter()
            .map(|&(rater, start, length, label)| (0, rater, (start - case.begin) * s, length * s, label))
            .collect();
        let got = alpha(&data(&units, &[case.length * s]));
        assert_eq!(got.labels.len(), case.labels.len());
        for (l, found) in got.labels.iter().enumerate() {
            assert!(close(found.observed, case.observed[l]), "{l} {} {}", found.observed, case.observed[l]);
            assert!(close(found.expected, case.expected[l]), "{l} {} {}", found.expected, case.expected[l]);
            assert!(close(found.alpha.value().unwrap(), case.alpha_of_labels[l]));
        }
        assert!(close(got.together.value().unwrap(), case.alpha), "{:?}", got.together);
        let parts: f64 = got.documents.iter().map(|d| d.observed).sum();
        assert!(close(parts, case.observed.iter().sum()));
        assert!(got.no_interval.is_some() && got.together.estimate().unwrap().ci.is_none());
    }
}

#[test]
fn overlaps_keep_the_earliest_and_longest() {
    let clean = data(&[(0, 0, 2, 6, 0), (0, 0, 9, 3, 0), (0, 1, 2, 5, 0)], &[20]);
    let stacked =
        data(&[(0, 0, 2, 6, 0), (0, 0, 2, 3, 0), (0, 0, 7, 3, 0), (0, 0, 9, 3, 0), (0, 1, 2, 5, 0)], &[20]);
    assert_eq!(alpha(&stacked).n_passed_over, 2);
    assert_eq!(alpha(&clean).together, alpha(&stacked).together);
}

#[test]
fn what_has_no_value_says_why() {
    let why = |units: &[Unit], lengths: &[u32]| alpha(&data(units, lengths)).together.reason().unwrap();
    assert_eq!(why(&[], &[5]), Undefined::NoAnnotations.to_string());
    assert_eq!(why(&[(0, 0, 1, 0, 0), (0, 1, 1, 0, 0)], &[5]), Undefined::NoAnnotations.to_string());
    assert_eq!(why(&[(0, 0, 1, 2, 0)], &[5]), Undefined::FewerThanTwoRaters.to_string());
    // Everybody marked every code point, one by one.
    assert!(why(&[(0, 0, 0, 1, 0), (0, 1, 0, 1, 0)], &[1]).contains("chance"));
    let apart = Spans {
        list: [(0, 0), (1, 1)]
            .map(|(document, rater)| Span { document, rater, start: 0, end: 2, label: 0 })
            .to_vec(),
        ..Spans::default()
    };
    let got = alpha(&SpanData::new(&apart, []));
    assert!(got.together.reason().unwrap().contains("two raters"), "{got:?}");
}

#[test]
fn two_documents_have_an_interval_and_a_stop_is_heeded() {
    let units: Vec<Unit> = (0..12).flat_map(|d| [(d, 0, 2, 5, d % 2), (d, 1, 2 + d % 4, 5, d % 2)]).collect();
    let d = data(&units, &[30; 12]);
    let got = alpha(&d);
    let estimate = got.together.estimate().unwrap();
    let (low, high) = estimate.ci.unwrap();
    assert!(low < estimate.value && estimate.value < high, "{estimate:?}");
    assert_eq!(estimate.method, Some(Method::Bootstrap { replicates: 200, dropped: 0.0 }));
    let progress = Progress::new();
    progress.cancel();
    assert_eq!(unitizing_alpha(&d, 10, 1, &progress), Err(Cancelled));
}

#[test]
fn the_longest_texts_do_not_overflow() {
    let n = u32::MAX / 8;
    let list = vec![
        Span { document: 0, rater: 0, start: 0, end: 4 * n, label: 0 },
        Span { document: 0, rater: 1, start: 4 * n, end: 8 * n, label: 0 },
    ];
    let got = alpha(&SpanData::new(&Spans { list, ..Spans::default() }, []));
    assert!(got.together.value().unwrap() < 0.0);
}

/// δ² of the definition, over all pairs of sections.
fn by_definition(units: &[Unit], length: u32, m: u32) -> Option<f64> {
    let sections = |rater: u32| {
        let mut own: Vec<(f64, f64)> =
            units.iter().filter(|u| u.1 == rater).map(|u| (f64::from(u.2), f64::from(u.3))).collect();
        own.sort_by(|a, b| a.partial_cmp(b).unwrap());
        let (mut out, mut at) = (Vec::new(), 0.0);
        for (b, l) in own {
            if b > at {
                out.push((at, b - at, false));
            }
            out.push((b, l, true));
            at = b + l;
        }
        if f64::from(length) > at {
            out.push((at, f64::from(length) - at, false));
        }
        out
    };
    let lines: Vec<_> = (0..m).map(sections).collect();
    let mut sum = 0.0;
    for i in 0..lines.len() {
        for j in i + 1..lines.len() {
            for &(bg, lg, ug) in &lines[i] {
                for &(bh, lh, uh) in &lines[j] {
                    let inside = |b: f64, l: f64, b2: f64, l2: f64| b >= b2 && b + l <= b2 + l2;
                    sum += match (ug, uh) {
                        (true, true) if bg < bh + lh && bh < bg + lg => {
                            (bg - bh).powi(2) + (bg + lg - bh - lh).powi(2)
                        }
                        (true, false) if inside(bg, lg, bh, lh) => lg * lg,
                        (false, true) if inside(bh, lh, bg, lg) => lh * lh,
                        _ => 0.0,
                    };
                }
            }
        }
    }
    let (l, m) = (f64::from(length), f64::from(m));
    let observed = 2.0 * sum / (m * (m - 1.0) * l * l);
    let n = units.len() as f64;
    let (mut expected, mut within) = (0.0, 0.0);
    for &(_, _, _, length, _) in units {
        let u = f64::from(length);
        let room: f64 = lines.iter().flatten().filter(|s| !s.2 && s.1 >= u).map(|s| s.1 - u + 1.0).sum();
        expected += (n - 1.0) * (2.0 * u.powi(3) - 3.0 * u * u + u) / 3.0 + u * u * room;
        within += u * (u - 1.0);
    }
    expected *= 2.0 / l / (m * l * (m * l - 1.0) - within);
    (expected > 0.0).then(|| 1.0 - observed / expected)
}

/// Units that do not overlap within a rater, of one label.
fn lines(m: u32) -> impl Strategy<Value = Vec<Unit>> {
    prop::collection::vec((0..m, 0_u32..6, 1_u32..7), 1..12).prop_map(move |steps| {
        let mut at = vec![0; m as usize];
        steps
            .into_iter()
            .map(|(rater, gap, length)| {
                let start = at[rater as usize] + gap;
                at[rater as usize] = start + length;
                (0, rater, start, length, 0)
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn it_is_what_the_definition_says(units in lines(3)) {
        let mut padded = units.clone();
        // The third rater is there, even where the draw left them out.
        padded.push((0, 2, 150, 3, 0));
        let got = alpha(&data(&padded, &[160])).together.value();
        let want = by_definition(&padded, 160, 3);
        prop_assert_eq!(got.is_some(), want.is_some());
        if let (Some(a), Some(b)) = (got, want) {
            prop_assert!(close(a, b), "{} {}", a, b);
        }
    }

    #[test]
    fn order_names_and_blank_ends_do_not_matter(units in lines(3), shift in 0_u32..2) {
        let mut all = units;
        all.extend([(0, 2, 100, 4, 1), (0, 0, 107, 2, 1)]);
        let base = alpha(&data(&all, &[120]));
        let renamed: Vec<Unit> = all.iter().map(|&(d, r, s, l, c)| (d, 2 - r, s, l, 1 - c)).collect();
        let other = alpha(&data(&renamed, &[120]));
        prop_assert!(close(base.together.value().unwrap(), other.together.value().unwrap()));
        // The mirror image: a mark from the end is as good as one from the start.
        let mirror: Vec<Unit> = all.iter().map(|&(d, r, s, l, c)| (d, r, 120 + shift - s - l, l, c)).collect();
        let padded = alpha(&data(&all, &[120 + shift]));
        let turned = alpha(&data(&mirror, &[120 + shift]));
        prop_assert!(close(padded.together.value().unwrap(), turned.together.value().unwrap()));
    }
}
