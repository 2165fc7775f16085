use super::attainable::ln_gamma_variate;
use super::*;
use crate::dataset::AnnotationsBuilder;
use crate::stats::random::Stream;

fn votes(counts: &[Vec<u32>]) -> VoteCounts {
    let mut b = AnnotationsBuilder::new();
    for (item, row) in counts.iter().enumerate() {
        let mut rater = 0;
        for (label, &n) in row.iter().enumerate() {
            for _ in 0..n {
                b.push(item as u32, rater, label as u32, None);
                rater += 1;
            }
        }
    }
    VoteCounts::new(&b.finish(counts.len(), 1000), counts.first().map_or(0, Vec::len))
}

fn judge(q: &[f64]) -> Probabilities {
    Probabilities::from_f64(q.iter().flat_map(|&q| [1.0 - q, q]).collect(), q.len(), 2).unwrap()
}

#[test]
fn five_items_by_hand() {
    let v = votes(&[vec![10, 0], vec![8, 2], vec![6, 4], vec![5, 5], vec![0, 10]]);
    let choices = Choices { positive: Some(1), keep_ties: false, bootstrap: (50, 1) };
    let found = predicted_disagreement(&v, 2, &judge(&[0.1, 0.3, 0.3, 0.8, 0.9]), choices, &Progress::new())
        .unwrap()
        .unwrap();
    for (item, (human, predicted)) in
        found.items.iter().zip([(0.0, 0.09), (0.16, 0.21), (0.24, 0.21), (0.25, 0.16), (0.0, 0.09)])
    {
        assert!((item.human - 2.0 * human).abs() < 1e-12 && (item.predicted - 2.0 * predicted).abs() < 1e-12);
    }
    assert!((found.var_corr.value().unwrap() - 0.8465).abs() < 5e-5);
    assert!((found.dist_align.value().unwrap() - 0.14).abs() < 1e-12);
    let side = found.side.unwrap();
    assert_eq!((side.f1.value(), side.n_tied, side.counts), (Some(1.0), 1, [1, 0, 0]));
    assert_eq!((found.n_disagreed, found.n_pairable, found.n_bad_rows), (3, 5, 0));
    let kept = Choices { keep_ties: true, ..choices };
    let model = judge(&[0.1, 0.3, 0.3, 0.2, 0.9]);
    let side = predicted_disagreement(&v, 2, &model, kept, &Progress::new()).unwrap().unwrap().side.unwrap();
    assert_eq!((side.counts, side.n_tied), ([1, 0, 1], 1));
    assert!((side.f1.value().unwrap() - 2.0 / 3.0).abs() < 1e-12);
}

#[test]
fn a_constant_side_has_no_correlation() {
    let v = votes(&[vec![4, 0], vec![0, 4]]);
    let choices = Choices { positive: Some(1), ..Choices::default() };
    let found =
        predicted_disagreement(&v, 2, &judge(&[0.2, 0.3]), choices, &Progress::new()).unwrap().unwrap();
    assert!(found.var_corr.reason().is_some());
    let v = votes(&[vec![4, 0], vec![3, 1]]);
    let found =
        predicted_disagreement(&v, 2, &judge(&[0.2, 0.3]), choices, &Progress::new()).unwrap().unwrap();
    assert!(found.side.unwrap().f1.reason().is_some(), "nothing is on the upper side");
    assert!(predicted_disagreement(&v, 3, &judge(&[0.2, 0.3]), choices, &Progress::new()).unwrap().is_err());
}

/// Votes of `n(i)` people on item i from Beta(a, b).
fn simulated(items: u64, (a, b): (f64, f64), n: impl Fn(u64) -> u32) -> VoteCounts {
    let mut rng = Stream::new(11, 0);
    let rows: Vec<Vec<u32>> = (0..items)
        .map(|i| {
            let (x, y) = (ln_gamma_variate(a, &mut rng), ln_gamma_variate(b, &mut rng));
            let p = 1.0 / (1.0 + (y - x).exp());
            let ones = (0..n(i)).filter(|_| rng.uniform() < p).count() as u32;
            vec![n(i) - ones, ones]
        })
        .collect();
    votes(&rows)
}

/// Most items have four raters, some up to eight: the oracle's VarCorr is .649 ± .021, the floor of DistAlign .097.
#[test]
fn an_oracle_does_not_reach_one_with_four_raters() {
    let raters = |i: u64| if i.is_multiple_of(25) { 5 + (i / 25 % 4) as u32 } else { 4 };
    let v = simulated(1000, (0.433, 2.753), raters);
    let run = || attainable(&v, 2, (300, 7), &Progress::new()).unwrap().unwrap();
    let found = run();
    assert!((found.var_corr.mean - 0.649).abs() < 0.02, "{found:?}");
    assert!((found.var_corr_sd - 0.021).abs() < 0.008, "{found:?}");
    assert!((found.dist_align.mean - 0.097).abs() < 0.01, "{found:?}");
    assert_eq!((found.draws, found.n_items), (300, 1000));
    assert_eq!(found, run());
}

#[test]
fn a_fit_finds_what_the_votes_were_drawn_from() {
    let v = simulated(20_000, (0.433, 2.753), |_| 6);
    let fit = fit_dirichlet_multinomial(&v, 2, &Progress::new()).unwrap().unwrap();
    assert!((fit.alpha[1] - 0.433).abs() < 0.03 && (fit.alpha[0] - 2.753).abs() < 0.2, "{fit:?}");
    assert!(fit.steps < 50, "{fit:?}");
}

/// Two items of two votes, one split and one not: the likelihood is a(a + 1) · a b over (A (A + 1))², A = a + b.
#[test]
fn a_small_likelihood_is_at_its_top() {
    let v = votes(&[vec![2, 0, 0], vec![0, 2, 0], vec![1, 1, 0], vec![3, 0, 0]]);
    let fit = fit_dirichlet_multinomial(&v, 3, &Progress::new()).unwrap().unwrap();
    assert_eq!(fit.alpha[2], 0.0);
    let ln = |a: f64, b: f64| {
        let s = a + b;
        let top = (a * (a + 1.0) * b * (b + 1.0) * a * b * a * (a + 1.0) * (a + 2.0)).ln();
        top - 4.0 * (s * (s + 1.0)).ln() - (s + 2.0).ln()
    };
    let (a, b) = (fit.alpha[0], fit.alpha[1]);
    assert!((ln(a, b) - fit.log_likelihood).abs() < 1e-9);
    for (da, db) in [(1e-3, 0.0), (-1e-3, 0.0), (0.0, 1e-3), (0.0, -1e-3), (1e-3, 1e-3), (-1e-3, -1e-3)] {
        assert!(ln(a * (1.0 + da), b * (1.0 + db)) < fit.log_likelihood, "{a} {b}");
    }
}

#[test]
fn degenerate_votes_have_no_fit_and_say_why() {
    let reason = |rows: &[Vec<u32>]| {
        fit_dirichlet_multinomial(&votes(rows), 2, &Progress::new()).unwrap().unwrap_err().to_string()
    };
    assert!(reason(&[vec![4, 0], vec![0, 4], vec![0, 1]]).contains("unanimous"));
    assert!(reason(&[vec![4, 0], vec![3, 0]]).contains("one label"));
    assert!(reason(&[vec![1, 0], vec![0, 1]]).contains("two annotations"));
    assert!(reason(&[vec![0, 0]]).contains("no annotations"));
    // Every item is split as evenly as it can be: less than chance would differ.
    assert!(reason(&[vec![2, 2], vec![2, 2], vec![2, 2]]).contains("chance"));
    assert!(attainable(&votes(&[vec![4, 0], vec![0, 4]]), 2, (10, 1), &Progress::new()).unwrap().is_err());
}

#[test]
fn three_labels_have_a_ceiling_too() {
    let kinds = [[5, 1, 0], [0, 5, 1], [1, 1, 4], [3, 3, 0], [0, 0, 4]];
    let rows: Vec<Vec<u32>> = (0..200).map(|i| kinds[i % 5].to_vec()).collect();
    let found = attainable(&votes(&rows), 3, (40, 1), &Progress::new()).unwrap().unwrap();
    assert!(found.fit.alpha.iter().all(|&a| a > 0.0));
    assert!(found.var_corr.mean > 0.2 && found.var_corr.mean < 1.0);
    assert!(found.dist_align.low > 0.0);
}

#[test]
fn halves_of_people_and_repeated_judges() {
    let rows: Vec<Vec<u32>> = (0..50_u32).map(|i| vec![2 * i, 100 - 2 * i]).collect();
    let v = votes(&rows);
    let (var_corr, distance) = human_halves(&v, 2, Halves::default(), &Progress::new()).unwrap().unwrap();
    assert!(var_corr.unwrap().mean > 0.8 && distance.mean < 0.1);
    let single = votes(&[vec![1, 0]]);
    assert!(human_halves(&single, 2, Halves::default(), &Progress::new()).unwrap().is_err());
    let same = probabilities_of_votes(&v, 2).unwrap();
    let found = predicted_disagreement(&v, 2, &same, Choices::default(), &Progress::new()).unwrap().unwrap();
    assert!((found.var_corr.value().unwrap() - 1.0).abs() < 1e-12 && found.dist_align.value() == Some(0.0));
    assert_eq!(found.side, None);
}
