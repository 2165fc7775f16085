use super::*;
use crate::dataset::{AnnotationsBuilder, LabelSet, RaterKind, Raters, TextColumn};

/// Noise in −1..=1 that repeats.
fn noise(r: u32, i: u32) -> i64 {
    i64::from((r.wrapping_mul(2_654_435_761) ^ i.wrapping_mul(40_503)).wrapping_mul(2_246_822_519) >> 16) % 3
        - 1
}

/// 36 raters of two camps on 20 items, labels 1 to 7: the camps part on the even items; the attribute `camp` says who is whose, `coin`
/// says nothing. The first three items have no vote of the first two raters.
fn camps(names: &[&str], of: fn(i64) -> u32) -> Dataset {
    let mut votes = AnnotationsBuilder::new();
    for item in 0..20_u32 {
        for rater in 0..36_u32 {
            if item < 3 && rater < 2 {
                continue;
            }
            let taste = if item % 2 == 0 { if rater < 18 { 2 } else { -2 } } else { 0 };
            votes.push(item, rater, of(3 + taste + noise(rater, item)), None);
        }
    }
    let attribute = |of: fn(u32) -> &'static str| (0..36).map(|r| of(r).to_owned()).collect::<Vec<_>>();
    let keys: Vec<String> = (0..20).map(|i| format!("i{i}")).collect();
    Dataset {
        keys: keys.iter().map(String::as_str).collect::<TextColumn>(),
        labels: LabelSet::new(&names.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>(), []),
        annotations: votes.finish(20, 36),
        raters: Raters {
            names: (0..36).map(|r| format!("r{r}")).collect(),
            kinds: vec![RaterKind::Human; 36],
            attributes: vec![
                ("coin".to_owned(), attribute(|r| ["a", "b"][(r % 2) as usize])),
                ("camp".to_owned(), attribute(|r| if r < 18 { "one" } else { "other" })),
                ("same".to_owned(), attribute(|_| "x")),
            ],
            ..Raters::default()
        },
        ..Dataset::default()
    }
}

fn asked(of: Of) -> TastesAsked {
    TastesAsked { settings: Settings::default(), of, label: None, seed: 3 }
}

fn run(dataset: &Dataset, asked: &TastesAsked) -> Result<TastesReport, Undefined> {
    tastes(dataset, asked, &Progress::new()).unwrap()
}

#[test]
fn a_taste_has_its_raters_its_items_and_its_group() {
    let dataset = camps(&["0", "1", "2", "3", "4", "5", "6"], |v| v.clamp(0, 6) as u32);
    let report = run(&dataset, &asked(Of::Raters)).unwrap();
    assert_eq!((report.found.n_kept, report.label, report.n_filled), (1, None, 6));
    assert_eq!((report.rows.len(), report.columns.len(), report.n_left_out), (36, 20, [0, 0]));
    let first = &report.ends[0];
    let camps: Vec<bool> = first.raters[0].iter().map(|&r| r < 18).collect();
    assert!(camps.len() == 18 && camps.iter().all(|&c| c == camps[0]), "{camps:?}");
    assert!(first.raters[1].iter().all(|&r| (r < 18) != camps[0]));
    // The camps part on the even items; beside a rater's mean that puts the odd ones at the other end.
    let even = first.items[0][0] % 2;
    assert!(first.items[0].iter().all(|i| i % 2 == even) && first.items[0].len() == 10);
    assert!(first.items[1].iter().all(|i| i % 2 != even) && first.items[1].len() == 10);
    assert_eq!(first.with[0].attribute, 1);
    assert!(first.with[0].share > 0.9 && first.with[0].p.unwrap() < 0.01);
    let coin = first.with.iter().find(|w| w.attribute == 0).unwrap();
    assert!(coin.share < 0.2 && coin.p.unwrap() > 0.05, "{coin:?}");
    assert_eq!(first.with.len(), 2, "an attribute that all share says nothing");
    assert_eq!(report.telling.len(), 10);
    assert!(report.telling[0].1 > 0.4 && report.telling.windows(2).all(|w| w[0].1 <= w[1].1));
}

#[test]
fn of_words_one_counts() {
    let dataset = camps(&["no", "yes"], |v| u32::from(v > 3));
    let report = run(&dataset, &asked(Of::Raters)).unwrap();
    assert_eq!((report.label, report.found.n_kept), (Some(1), 1));
    assert!(report.ends[0].with[0].attribute == 1 && report.ends[0].with[0].share > 0.8);
    let other = run(&dataset, &TastesAsked { label: Some(0), ..asked(Of::Raters) }).unwrap();
    assert_eq!(other.label, Some(0));
    assert!((other.found.dimensions[0].share - report.found.dimensions[0].share).abs() < 1e-9);
}

#[test]
fn few_raters_and_one_question_are_said_to_be() {
    let mut dataset = camps(&["no", "yes"], |v| u32::from(v > 3));
    dataset.annotations = dataset.annotations.keep(|_, rater| rater < 29);
    let why = run(&dataset, &asked(Of::Raters)).unwrap_err().to_string();
    assert!(why.contains("29 raters voted"), "{why}");
    let why = run(&dataset, &asked(Of::Scales)).unwrap_err().to_string();
    assert!(why.contains("one question"), "{why}");
    // Forty raters who share no item.
    let mut votes = AnnotationsBuilder::new();
    (0..80).for_each(|i| votes.push(i, i / 2, i % 2, None));
    let mut sparse = camps(&["no", "yes"], |v| u32::from(v > 3));
    sparse.raters.names = (0..40).map(|r| format!("r{r}")).collect();
    sparse.annotations = votes.finish(80, 40);
    let why = run(&sparse, &asked(Of::Raters)).unwrap_err().to_string();
    assert!(why.contains("share too few items"), "{why}");
}
