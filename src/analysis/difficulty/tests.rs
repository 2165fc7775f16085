use super::*;
use crate::dataset::{
    AnnotationsBuilder, LabelColumn, LabelSet, Probabilities, RaterKind, Raters, TextColumn,
};

/// 40 items, six people, one model: people err on every fourth item, the model on every second; people take longer on what is hard.
fn made(with_gold: bool) -> Dataset {
    let column = |values: Vec<String>| -> TextColumn { values.iter().map(String::as_str).collect() };
    let mut builder = AnnotationsBuilder::new();
    builder.expect(240, true);
    let mut p = Vec::new();
    for item in 0..40_u32 {
        let hard = item % 4 == 0;
        for rater in 0..6 {
            let wrong = hard && rater < 2 + item / 8 % 2;
            let seconds = if item == 1 && rater == 0 { 0.05 } else { 2.0 + f64::from(u8::from(hard)) };
            builder.push(item, rater, u32::from(wrong), Some(seconds as f32));
        }
        let sure = if item % 2 == 0 { 0.3 } else { 0.9 } + f64::from(item) / 1_000.0;
        p.extend([sure as f32, 1.0 - sure as f32]);
    }
    Dataset {
        keys: column((0..40).map(|i| i.to_string()).collect()),
        labels: LabelSet::new(&["a", "b"].map(str::to_owned), []),
        annotations: builder.finish(40, 6),
        raters: Raters {
            names: (0..6).map(|r| format!("r{r}")).collect(),
            kinds: vec![RaterKind::Human; 6],
            ..Raters::default()
        },
        gold: with_gold.then(|| LabelColumn { name: "gold".into(), ids: vec![0; 40] }),
        probabilities: Some(Probabilities::from_f32(p, 40, 2).unwrap()),
        metadata: vec![("kind".to_owned(), column((0..40).map(|i| format!("k{}", i % 4)).collect()))],
        ..Dataset::default()
    }
}

fn found(dataset: &Dataset, condition: Option<usize>) -> Result<DifficultyReport, Undefined> {
    let asked = DifficultyAsked { settings: Settings::default(), condition, seed: 1 };
    difficulty(dataset, &asked, &Progress::new()).unwrap()
}

#[test]
fn with_a_trusted_label_errors_are_difficulty() {
    let data = made(true);
    assert_eq!(condition_columns(&data), [0]);
    let r = found(&data, Some(0)).unwrap();
    assert_eq!(r.items.len(), 40);
    assert!((r.items[0].people - 2.0 / 6.0).abs() < 1e-12 && r.items[1].people == 0.0);
    assert!((r.items[0].b.unwrap() - (2.0_f64 / 4.0).ln()).abs() < 1e-12);
    assert!((r.items[1].b.unwrap() - (0.5_f64 / 6.5).ln()).abs() < 1e-12);
    assert!((r.items[0].models.unwrap() - 0.7).abs() < 1e-6);
    let quadrants = r.quadrants.as_ref().unwrap();
    let n: Vec<usize> = quadrants.items.iter().map(|q| q.len()).collect();
    assert_eq!(n, [20, 0, 10, 10]);
    let times = r.times.as_ref().unwrap();
    assert_eq!((times.n_fast, times.n_slow, times.slowest_s), (1, 0, None));
    let (name, conditions) = r.conditions.as_ref().unwrap();
    assert_eq!((name.as_str(), conditions.len(), conditions[0].items.len()), ("kind", 4, 10));
    assert!(r.pairs[0].items[0].value().unwrap() > 0.4 && r.pairs[0].conditions.is_some());
}

#[test]
fn without_one_it_is_entropy() {
    let r = found(&made(false), None).unwrap();
    assert!(r.people.contains("entropy") && r.models.contains("entropy") && r.items[0].b.is_none());
    assert!((r.items[0].people - 0.918_296).abs() < 1e-5 && r.conditions.is_none());
    let mut data = made(false);
    data.probabilities = None;
    assert!(found(&data, None).is_err());
    data.gold = Some(LabelColumn { name: "gold".into(), ids: vec![0; 40] });
    assert!(found(&data, None).unwrap_err().to_string().contains("no model"));
}
