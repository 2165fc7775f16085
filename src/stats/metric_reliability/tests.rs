use super::*;

const H: [f64; 6] = [60.0, 62.0, 64.0, 66.0, 68.0, 10.0];
const A: [f64; 6] = [0.50, 0.49, 0.53, 0.52, 0.51, 0.05];
const B: [f64; 6] = [0.40, 0.44, 0.43, 0.47, 0.50, 0.49];

fn near(three: &Three, want: [f64; 3]) {
    for (found, want) in three.iter().zip(want) {
        let found = found.value().unwrap();
        assert!((found - want).abs() < 1e-4, "{found} {want}");
    }
}

fn of(metric: &[f64; 6]) -> MetricReliability {
    let row = |i: usize| Row { human: H[i], metric: metric[i], system: Some(i as u32), source: None };
    let rows: Vec<Row> = (0..6).map(row).collect();
    metric_reliability(&rows, (200, 1), &Progress::new()).unwrap()
}

/// The median is 63, the MAD 3; without the sixth the order of the metrics is another.
#[test]
fn one_system_far_off_makes_the_correlation() {
    let (a, b) = (of(&A), of(&B));
    near(&a.items.three, [0.9938, 0.7143, 0.4667]);
    near(&b.items.three, [-0.3356, 0.3714, 0.3333]);
    let without = a.items.without_far.as_ref().unwrap();
    assert_eq!(without.far.len(), 1);
    assert!(without.far[0].0 == 5 && (without.far[0].1 - 11.913).abs() < 5e-4, "{:?}", without.far);
    near(&without.three, [0.5, 0.5, 0.2]);
    near(&b.items.without_far.unwrap().three, [0.9485, 0.9, 0.8]);
    let systems = a.systems.unwrap();
    near(&systems.level.three, [0.9938, 0.7143, 0.4667]);
    assert_eq!(systems.level.without_far.unwrap().far[0].0, 5);
    let tests = systems.tests.unwrap();
    assert!(tests[1].is_exact && tests[1].least == 2.0 / 720.0 && tests[1].p > 0.1, "{tests:?}");
    let pairs = a.items.pairs.unwrap();
    assert!((pairs.share - 0.7333).abs() < 1e-4 && pairs.n_tied == 0);
    assert!(a.items.three[0].estimate().unwrap().ci.is_some() && a.within.is_none());
}

#[test]
fn within_sources_it_can_be_otherwise() {
    // Sources differ widely, and within each the metric is turned round; one source's items are all the same to people.
    let mut all: Vec<Row> = (0..30)
        .map(|i| {
            let (source, version) = (i / 3, f64::from(i % 3));
            let base = 10.0 * f64::from(source);
            Row { human: base + version, metric: base - version, system: Some(i % 3), source: Some(source) }
        })
        .collect();
    all.extend((0..3).map(|i| Row { human: 50.0, metric: f64::from(i), system: Some(i), source: Some(10) }));
    let found = metric_reliability(&all, (50, 1), &Progress::new()).unwrap();
    assert!(found.items.three[0].value().unwrap() > 0.8);
    let within = found.within.unwrap();
    near(&within.three, [-1.0, -1.0, -1.0]);
    assert_eq!((within.n_sources, within.n_constant), (10, 1));
    let tests = found.systems.unwrap().tests.unwrap();
    assert!((tests[0].p - 2.0 / 6.0).abs() < 1e-12, "three systems have six orders: {tests:?}");
}

#[test]
fn where_nothing_varies_nothing_is_said() {
    let flat: Vec<Row> =
        (0..5).map(|i| Row { human: 1.0, metric: f64::from(i), system: None, source: None }).collect();
    let found = metric_reliability(&flat, (10, 1), &Progress::new()).unwrap();
    assert!(found.items.three.iter().all(|s| s.value().is_none()) && found.items.no_spread);
    assert!(found.items.pairs.is_none() && found.systems.is_none());
    let none = metric_reliability(&[], (10, 1), &Progress::new()).unwrap();
    assert!(none.items.three[0].value().is_none() && !none.items.no_spread);
}

#[test]
fn pairs_are_counted_as_one_by_one() {
    let h: Vec<f64> = (0..40).map(|i| f64::from(i * 7 % 9)).collect();
    let m: Vec<f64> = (0..40).map(|i| f64::from(i * 5 % 6) - 2.0).collect();
    let (mut alike, mut all, mut tied) = (0.0, 0.0, 0);
    for i in 0..40 {
        for j in 0..i {
            if h[i] == h[j] {
                tied += 1;
                continue;
            }
            all += 1.0;
            alike += if m[i] == m[j] { 0.5 } else { f64::from((h[i] > h[j]) == (m[i] > m[j])) };
        }
    }
    assert_eq!(pairs_alike(&h, &m), Some(PairsAlike { share: alike / all, n_tied: tied }));
}

#[test]
fn what_spoiling_does() {
    assert_eq!(perturbation(&[1.0, 0.5], &[0.5, 0.6]), Some((0.2, 0.5)));
    assert_eq!(perturbation(&[], &[]), None);
}
