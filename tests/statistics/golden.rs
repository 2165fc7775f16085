//! Agreement and aggregation against published values and independent implementations, case by case. Each case in
//! `data/golden/agreement.json` names its sources; all failures are reported at once.

mod active;
mod aggregation;
mod agreement;
mod crowdlab;
#[allow(dead_code)] // Shared by several tests, of which each takes what it needs.
use std::collections::BTreeMap;

use crate::reference::{Report, golden};

/// Kinds that are not compared here, and why.
const ELSEWHERE: &[(&str, &str)] = &[
    ("u_alpha", "agreement on where spans begin and end is tested beside its own functions"),
    ("rover", "aligns the words of transcriptions; texts are not aggregated here"),
    ("segmentation", "aggregates masks of pixels; there are none here"),
];

#[test]
fn golden_cases() {
    let golden = golden();
    let mut report = Report::default();
    let mut kinds = BTreeMap::<&str, usize>::new();
    for case in golden["cases"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        let kind = case["kind"].as_str().unwrap();
        *kinds.entry(kind).or_default() += 1;
        if ELSEWHERE.iter().any(|(elsewhere, _)| *elsewhere == kind) {
            continue;
        }
        let before = report.checks;
        let known = agreement::compare(&mut report, kind, case, &golden)
            || aggregation::compare(&mut report, kind, case, &golden);
        if !known {
            report.failures.push(format!("{id}: nobody knows the kind {kind}"));
        } else if report.checks == before {
            report.failures.push(format!("{id}: nothing was compared"));
        }
    }
    for (kind, why) in ELSEWHERE {
        assert!(kinds.contains_key(kind), "no case is of the kind {kind} any more: {why}");
    }
    assert_eq!(kinds.values().sum::<usize>(), 108);
    report.finish();
}
