//! Gamma and alignments beside pygamma-agreement, beside brute force, and on odd inputs.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::gamma::{LabelSums, ratio};
use super::{
    Continuum, Dissimilarity, GammaOptions, Sampling, SpanData, Unit, align, gamma, gamma_of_continua,
};
use crate::dataset::{Span, Spans};
use crate::progress::{Cancelled, Progress};

#[derive(serde::Deserialize)]
struct Chance {
    expected: f64,
    se: f64,
    gamma: f64,
    /// γ_cat ("all") and γ_k, with their standard errors.
    labels: BTreeMap<String, (f64, f64)>,
}

#[derive(serde::Deserialize)]
struct Golden {
    name: String,
    lines: Vec<Vec<(f64, f64, u32)>>,
    position: f64,
    label: f64,
    empty: f64,
    observed: f64,
    groups: usize,
    observed_cat: f64,
    observed_k: BTreeMap<String, f64>,
    statistical: Chance,
    shuffle: Option<Chance>,
}

fn golden() -> Vec<Golden> {
    let all: serde_json::Value =
        serde_json::from_str(include_str!("../../../../tests/data/golden/spans.json")).unwrap();
    serde_json::from_value(all["gamma"].clone()).unwrap()
}

fn continuum(lines: &[Vec<(f64, f64, u32)>]) -> Continuum {
    let unit = |&(start, end, label): &(f64, f64, u32)| Unit { start, end, label };
    Continuum::new(lines.iter().map(|l| l.iter().map(unit).collect()).collect())
}

fn weights(g: &Golden) -> Dissimilarity {
    Dissimilarity { position: g.position, label: g.label, empty: g.empty }
}

#[test]
fn alignments_have_the_disorder_that_pygamma_finds() {
    let all = golden();
    assert_eq!(all.len(), 8);
    for g in all {
        let c = continuum(&g.lines);
        let found = align(&c, &weights(&g), &Progress::new()).unwrap();
        assert!(found.exact && found.groups.len() == g.groups, "{}", g.name);
        // Its numbers have 24 bits.
        assert!((found.disorder - g.observed).abs() < 1e-6 * g.observed.max(1.0), "{} {found:?}", g.name);
        let mut sums = LabelSums::new(3);
        sums.add(&c, &found, &weights(&g));
        assert!((ratio(sums.all).unwrap() - g.observed_cat).abs() < 1e-5, "{}", g.name);
        for (label, want) in &g.observed_k {
            let got = ratio(sums.labels[label.parse::<usize>().unwrap()]).unwrap();
            assert!((got - want).abs() < 1e-5, "{} {label} {got} {want}", g.name);
        }
    }
}

#[test]
fn random_continua_have_the_disorder_that_those_of_pygamma_have() {
    for g in golden() {
        let statistical = (Sampling::Statistical, Some(&g.statistical));
        for (sampling, want) in [statistical, (Sampling::Shuffle, g.shuffle.as_ref())] {
            let Some(want) = want else { continue };
            let options = GammaOptions {
                dissimilarity: weights(&g),
                sampling,
                samples: 800,
                ..GammaOptions::default()
            };
            let got = gamma_of_continua(&[continuum(&g.lines)], &options, &Progress::new()).unwrap();
            // Four standard errors of theirs, and ours, which are no larger.
            let room = 4.0 * want.se * 2.0_f64.sqrt();
            assert!(
                (got.expected - want.expected).abs() < room,
                "{} {} {}",
                g.name,
                got.expected,
                want.expected
            );
            let room = room * g.observed / want.expected.powi(2);
            let value = got.gamma.value().unwrap();
            assert!((value - want.gamma).abs() < room, "{} {value} {}", g.name, want.gamma);
            let (low, high) = got.monte_carlo.unwrap();
            assert!(low < value && value < high);
            let all = [("all".to_owned(), &got.gamma_cat)].into_iter();
            for (label, found) in all.chain(got.labels.iter().map(|l| (l.label.to_string(), &l.gamma))) {
                let (value, se) = want.labels[&label];
                let found = found.value().unwrap();
                let near = (found - value).abs() < 4.0 * se * 2.0_f64.sqrt();
                assert!(near, "{} {sampling:?} {label} {found} {value} {se}", g.name);
            }
        }
    }
}

/// A rater's unit.
type Of = (usize, Unit);

fn go(rest: &[Of], sets: &mut Vec<Vec<Of>>, score: &dyn Fn(&[Of]) -> f64) -> f64 {
    let Some((first, rest)) = rest.split_first() else { return sets.iter().map(|s| score(s)).sum() };
    sets.push(vec![*first]);
    let mut best = go(rest, sets, score);
    sets.pop();
    for i in 0..sets.len() {
        if sets[i].iter().all(|u| u.0 != first.0) {
            sets[i].push(*first);
            best = best.min(go(rest, sets, score));
            sets[i].pop();
        }
    }
    best
}

/// The least sum over all ways to sort units into sets of one a rater.
fn brute(lines: &[Vec<Unit>], d: &Dissimilarity) -> f64 {
    let k = lines.len();
    let units: Vec<(usize, Unit)> =
        lines.iter().enumerate().flat_map(|(l, us)| us.iter().map(move |&u| (l, u))).collect();
    let pairs = (k * (k - 1)) as f64 / 2.0;
    let score = |set: &[(usize, Unit)]| {
        let s = set.len() as f64;
        let mut sum = (pairs - s * (s - 1.0) / 2.0) * d.empty;
        for (i, u) in set.iter().enumerate() {
            sum += set[..i].iter().map(|v| d.between(u.1, v.1)).sum::<f64>();
        }
        sum / pairs
    };
    go(&units, &mut Vec::new(), &score)
}

fn tiny(k: usize, most: usize) -> impl Strategy<Value = Vec<Vec<(f64, f64, u32)>>> {
    let unit =
        (0_u32..24, 1_u32..9, 0_u32..3).prop_map(|(s, l, c)| (f64::from(s) / 2.0, f64::from(s + l) / 2.0, c));
    prop::collection::vec(prop::collection::vec(unit, 0..=most), k)
}

fn some_weights() -> impl Strategy<Value = Dissimilarity> {
    (0_u32..4, 0_u32..4, 1_u32..4).prop_map(|(a, b, e)| Dissimilarity {
        position: f64::from(a),
        label: f64::from(b) / 2.0,
        empty: f64::from(e) / 2.0,
    })
}

fn check_brute(lines: &[Vec<(f64, f64, u32)>], d: &Dissimilarity) -> Result<(), TestCaseError> {
    let c = continuum(lines);
    let got = align(&c, d, &Progress::new()).unwrap();
    let sum: f64 = got.groups.iter().map(|g| g.disorder).sum();
    prop_assert!(got.exact);
    prop_assert!((sum - brute(c.lines(), d)).abs() < 1e-9, "{} {}", sum, brute(c.lines(), d));
    // Each unit once.
    let mut units: Vec<(u32, u32)> = got.groups.iter().flat_map(|g| g.units.clone()).collect();
    units.sort_unstable();
    let n = units.len();
    units.dedup();
    prop_assert_eq!((n, units.len()), (c.n_units(), c.n_units()));
    Ok(())
}

proptest! {
    #[test]
    fn two_raters_are_aligned_best(lines in tiny(2, 5), d in some_weights()) {
        check_brute(&lines, &d)?;
    }

    #[test]
    fn three_raters_are_aligned_best(lines in tiny(3, 3), d in some_weights()) {
        check_brute(&lines, &d)?;
    }

    #[test]
    fn four_raters_are_aligned_best(lines in tiny(4, 2), d in some_weights()) {
        check_brute(&lines, &d)?;
    }

    #[test]
    fn five_raters_are_aligned_best(lines in tiny(5, 2), d in some_weights()) {
        if lines.iter().map(Vec::len).sum::<usize>() <= 9 {
            check_brute(&lines, &d)?;
        }
    }

    #[test]
    fn order_of_raters_names_of_labels_place_and_scale_do_not_matter(
        lines in tiny(3, 4), shift in -50_i32..50, scale in 1_u32..5,
    ) {
        let d = Dissimilarity::default();
        let base = align(&continuum(&lines), &d, &Progress::new()).unwrap().disorder;
        let mut turned = lines;
        turned.rotate_left(1);
        for unit in turned.iter_mut().flatten() {
            let to = |x: f64| x * f64::from(scale) + f64::from(shift);
            *unit = (to(unit.0), to(unit.1), 7 - unit.2);
        }
        let other = align(&continuum(&turned), &d, &Progress::new()).unwrap().disorder;
        prop_assert!((base - other).abs() < 1e-9, "{} {}", base, other);
    }

    #[test]
    fn raters_who_are_the_same_agree(line in tiny(1, 6), k in 2_usize..6) {
        let c = continuum(&vec![line[0].clone(); k]);
        let options = GammaOptions { samples: 3, ..GammaOptions::default() };
        let got = gamma_of_continua(std::slice::from_ref(&c), &options, &Progress::new()).unwrap();
        if c.n_units() > 0 {
            prop_assert_eq!(got.gamma.value(), Some(1.0));
            prop_assert_eq!(got.observed, 0.0);
        } else {
            prop_assert!(got.gamma.value().is_none());
        }
    }
}

fn span(document: u32, rater: u32, start: u32, end: u32, label: u32) -> Span {
    Span { document, rater, start, end, label: label as crate::dataset::LabelId }
}

fn many_documents() -> SpanData {
    let list = (0..8)
        .flat_map(|d| {
            (0..6).flat_map(move |i| {
                [0, 1, 2].map(|r| {
                    let start = 20 * i + (d + i * r) % 4;
                    span(d, r, start, start + 5 + (d * r + i) % 3, (d + i + r / 2 * (i % 2)) % 3)
                })
            })
        })
        .collect();
    SpanData::new(&Spans { list, ..Spans::default() }, [])
}

#[test]
fn threads_do_not_matter_and_documents_are_pooled() {
    let data = many_documents();
    let options =
        GammaOptions { samples: 10, replicates: 100, precision: Some(0.05), ..GammaOptions::default() };
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| gamma(&data, &options, &Progress::new())).unwrap()
    };
    let one = run(1);
    assert_eq!(one, run(3));
    assert_eq!((one.documents.len(), one.documents[3].document), (8, 3));
    let estimate = one.gamma.estimate().unwrap();
    assert_eq!((estimate.n_items, estimate.n_raters), (8, 3));
    let (low, high) = estimate.ci.unwrap();
    assert!(low <= estimate.value && estimate.value <= high && one.exact);
    // Each document has 6 units a rater: the value together is that of the means.
    let mean = |of: &dyn Fn(&super::DocumentGamma) -> f64| one.documents.iter().map(of).sum::<f64>() / 8.0;
    let want = 1.0 - mean(&|d| d.alignment.disorder) / mean(&|d| d.expected);
    assert!((estimate.value - want).abs() < 1e-9);
    assert_ne!(one, {
        let other = GammaOptions { seed: 1, ..options };
        gamma(&data, &other, &Progress::new()).unwrap()
    });
}

#[test]
fn precision_draws_as_many_samples_as_it_takes() {
    let data = many_documents();
    let few = GammaOptions { samples: 5, replicates: 0, ..GammaOptions::default() };
    let coarse = gamma(&data, &few, &Progress::new()).unwrap();
    let fine = gamma(&data, &GammaOptions { precision: Some(0.005), ..few }, &Progress::new()).unwrap();
    assert_eq!(coarse.samples, 5);
    assert!(fine.samples > 5, "{}", fine.samples);
    let width = |g: &super::Gamma| g.monte_carlo.map(|(a, b)| b - a).unwrap();
    assert!(width(&fine) < width(&coarse));
}

#[test]
fn what_has_no_value_says_why() {
    let why = |list: Vec<Span>| {
        let data = SpanData::new(&Spans { list, ..Spans::default() }, []);
        gamma(&data, &GammaOptions::default(), &Progress::new()).unwrap().gamma.reason().unwrap()
    };
    assert!(why(vec![]).contains("no annotations"));
    assert!(why(vec![span(0, 0, 1, 4, 0)]).contains("two raters"));
    assert!(why(vec![span(0, 0, 1, 4, 0), span(1, 1, 1, 4, 0)]).contains("no document"));
    let odd = GammaOptions {
        dissimilarity: Dissimilarity { empty: 0.0, ..Dissimilarity::default() },
        ..GammaOptions::default()
    };
    let got = gamma(&many_documents(), &odd, &Progress::new()).unwrap();
    assert!(got.gamma.reason().unwrap().contains("weights"));
}

#[test]
fn a_hundred_thousand_stacked_spans_are_borne_and_can_be_stopped() {
    for k in [2_u32, 3, 40] {
        let lines: Vec<Vec<(f64, f64, u32)>> = (0..k)
            .map(|r| {
                let n = 20_000 / k;
                (0..n).map(|i| (f64::from(i % 100), 200.0 + f64::from(i / 7 + r), i % 5)).collect()
            })
            .collect();
        let found = align(&continuum(&lines), &Dissimilarity::default(), &Progress::new()).unwrap();
        assert!(!found.exact && found.n_unproven > 0);
    }
    let list = (0..100_000).map(|i| span(0, i % 3, i % 50, 60 + i / 50, i % 4)).collect();
    let data = SpanData::new(&Spans { list, ..Spans::default() }, []);
    let progress = Progress::new();
    std::thread::scope(|scope| {
        let work = scope.spawn(|| gamma(&data, &GammaOptions::default(), &progress));
        std::thread::sleep(std::time::Duration::from_millis(300));
        progress.cancel();
        assert_eq!(work.join().unwrap(), Err(Cancelled));
    });
}
