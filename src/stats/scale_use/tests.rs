use proptest::prelude::*;

use super::*;
use crate::dataset::AnnotationsBuilder;
use crate::stats::agreement::{IntervalKind, IntervalSpec, Metric, coefficient};
use crate::stats::correlation::Correlation;

/// Votes of items × raters by values, which are the labels; `None` for no vote.
fn table(rows: &[&[Option<f64>]]) -> (Annotations, Vec<f64>) {
    let mut values: Vec<f64> = rows.iter().flat_map(|row| row.iter().flatten().copied()).collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    let mut votes = AnnotationsBuilder::new();
    for (item, row) in rows.iter().enumerate() {
        for (rater, value) in row.iter().enumerate() {
            if let Some(value) = value {
                let label = values.partition_point(|v| v < value) as u32;
                votes.push(item as u32, rater as u32, label, None);
            }
        }
    }
    let n_raters = rows.iter().map(|r| r.len()).max().unwrap_or(0);
    (votes.finish(rows.len(), n_raters), values)
}

fn used(votes: &Annotations, values: &[f64]) -> Vec<RaterUse> {
    scale_use(votes, values, &Bins::new(values), &Progress::new()).unwrap().unwrap()
}

fn alpha(votes: &Annotations, values: &[f64], how: Rescaling) -> Result<f64, Undefined> {
    let (bins, progress) = (Bins::new(values), Progress::new());
    let raters = scale_use(votes, values, &bins, &progress).unwrap().unwrap();
    let scales = Scales::new(votes, values, &bins, &raters, how);
    interval_alpha(votes, values, &scales, &progress).unwrap()
}

#[test]
fn the_use_of_a_scale_by_hand() {
    let (votes, values) = table(&[
        &[Some(1.0), Some(3.0)],
        &[Some(1.0), Some(5.0)],
        &[Some(2.0), None],
        &[Some(4.0), Some(4.0)],
    ]);
    let found = used(&votes, &values);
    let (a, b) = (&found[0], &found[1]);
    assert_eq!((a.n, a.mean, a.ends), (4, 2.0, (0.5, 0.0)));
    assert!((a.sd.unwrap() - 2.0_f64.sqrt()).abs() < 1e-12);
    // 2, 4 and 0 below the other on the three items of both.
    let apart = a.severity.unwrap();
    assert_eq!((apart.mean, apart.n_items), (-2.0, 3));
    assert_eq!((apart.p_value, apart.adjusted), (None, None), "three items are too few");
    let five = |apart: [f64; 5]| severity(&apart.map(|a| (a, 0))).unwrap().p_value.unwrap();
    // t = √10 with 4 degrees of freedom: P(|T| ≤ t) = sin θ (1 + ½ cos² θ), tan θ = t/2.
    let inside = (10.0_f64 / 14.0).sqrt() * (1.0 + 2.0 / 14.0);
    assert!((five([-2.0, -4.0, 0.0, -2.0, -2.0]) - (1.0 - inside)).abs() < 1e-9);
    // Always as far: the signs alone, 2/2⁵.
    assert_eq!((five([-1.0; 5]), five([0.0; 5])), (0.0625, 1.0));
    assert_eq!((b.severity.unwrap().mean, b.ends), (2.0, (0.0, 1.0 / 3.0)));
    assert_eq!((a.farthest.as_slice(), b.farthest.as_slice()), (&[1, 0][..], &[1, 0][..]));
    assert_eq!((a.counts.as_slice(), b.counts.as_slice()), (&[2, 1, 0, 1, 0][..], &[0, 0, 1, 1, 1][..]));
    assert!(a.others.iter().zip([0.0, 0.0, 1.0, 1.0, 1.0]).all(|(s, n)| (s - n / 3.0).abs() < 1e-12));
    assert_eq!(a.left_raw, Some(LeftRaw::Few));
}

#[test]
fn who_is_alone_has_no_severity_and_who_rates_once_no_spread() {
    let (votes, values) = table(&[&[Some(2.0), None], &[None, Some(3.0)]]);
    let found = used(&votes, &values);
    assert!(found.iter().all(|r| r.severity.is_none() && r.others.is_empty() && r.farthest.is_empty()));
    assert!(found.iter().all(|r| r.sd.is_none()));
    let nobody = AnnotationsBuilder::new().finish(3, 2);
    let found = scale_use(&nobody, &[1.0], &Bins::new(&[1.0]), &Progress::new()).unwrap();
    assert_eq!(found, Err(Undefined::NoAnnotations));
    let crowd = AnnotationsBuilder::new().finish(1, MOST_RATERS + 1);
    assert!(scale_use(&crowd, &[1.0], &Bins::new(&[1.0]), &Progress::new()).unwrap().is_err());
}

#[test]
fn few_or_equal_ratings_are_left_as_they_are() {
    let rows: Vec<[Option<f64>; 3]> = (1..6)
        .map(|v| [Some(f64::from(v)), Some(3.0), (v < 5).then(|| f64::from(v))])
        .chain([[Some(5.0), None, None]])
        .collect();
    let (votes, values) = table(&rows.iter().map(<[Option<f64>; 3]>::as_slice).collect::<Vec<_>>());
    let found = used(&votes, &values);
    let why: Vec<_> = found.iter().map(|r| r.left_raw).collect();
    assert_eq!(why, [None, Some(LeftRaw::Constant), Some(LeftRaw::Few)]);
    let bins = Bins::new(&values);
    let scores = Scales::new(&votes, &values, &bins, &found, Rescaling::StandardScore);
    // 1, 2, 3, 4, 5, 5: mean 10/3, variance 8/3.
    let wanted = (5.0 - 10.0 / 3.0) / (8.0_f64 / 3.0).sqrt();
    assert!((scores.of(0, 5.0).unwrap() - wanted).abs() < 1e-12);
    assert_eq!((scores.of(1, 3.0), scores.of(2, 1.0)), (None, None));
    let ranks = Scales::new(&votes, &values, &bins, &found, Rescaling::MidRank);
    let all: Vec<f64> = values.iter().map(|&v| ranks.of(0, v).unwrap() * 12.0).collect();
    assert!(all.iter().zip([1.0, 3.0, 5.0, 7.0, 10.0]).all(|(r, w)| (r - w).abs() < 1e-12), "{all:?}");
}

/// Two raters on shifted scales: in one order, τ is 1 before and after; alpha is only after.
#[test]
fn alpha_moves_where_tau_does_not() {
    let rows: Vec<[Option<f64>; 2]> =
        (0..12).map(|i| [Some(f64::from(i)), Some(3.0 * f64::from(i) + 20.0)]).collect();
    let (votes, values) = table(&rows.iter().map(<[Option<f64>; 2]>::as_slice).collect::<Vec<_>>());
    let tau = pairwise_tau(&votes, &values, LEAST_COMMON).unwrap();
    assert!((tau.mean.unwrap() - 1.0).abs() < 1e-12 && tau.pairs[0].n_items == 12);
    assert!(alpha(&votes, &values, Rescaling::AsGiven).unwrap() < 0.2);
    for how in [Rescaling::StandardScore, Rescaling::MidRank] {
        // Two raters that agree on everything have an alpha of 1.
        assert!((alpha(&votes, &values, how).unwrap() - 1.0).abs() < 1e-9);
        let found = used(&votes, &values);
        let scales = Scales::new(&votes, &values, &Bins::new(&values), &found, how);
        let column = |rater: usize| -> Vec<f64> {
            rows.iter().map(|row| scales.of(rater as u32, row[rater].unwrap()).unwrap()).collect()
        };
        let after = Correlation::KendallTauB.of(&column(0), &column(1)).unwrap();
        assert!((after - 1.0).abs() < 1e-12);
    }
    let few = pairwise_tau(&votes, &values, 13).unwrap();
    assert!(few.pairs.is_empty() && few.n_few == 1 && few.mean.is_err());
    assert_eq!(used(&votes, &values)[0].farthest[0], 11);
}

#[test]
fn what_cannot_be_compared_says_why() {
    let (votes, values) = table(&[&[Some(1.0), Some(1.0)], &[Some(1.0), Some(1.0)]]);
    let tau = pairwise_tau(&votes, &values, 2).unwrap();
    assert!(tau.pairs[0].tau.is_err() && tau.mean.is_err());
    let raters = used(&votes, &values);
    let given = Scales::given(&votes, &Bins::new(&values));
    let found = interval_alpha(&votes, &values, &given, &Progress::new()).unwrap();
    assert_eq!(found, Err(Undefined::NoVariation));
    let scores = Scales::new(&votes, &values, &Bins::new(&values), &raters, Rescaling::StandardScore);
    let found = interval_alpha(&votes, &values, &scores, &Progress::new()).unwrap();
    assert_eq!(found, Err(Undefined::NoPairableItem), "everybody is left raw");
    let (votes, values) = table(&[&[Some(1.0)], &[Some(2.0)]]);
    assert_eq!(pairwise_tau(&votes, &values, 2), Err(Undefined::FewerThanTwoRaters));
    let mut crowd = AnnotationsBuilder::new();
    (0..=MOST_PAIRED as u32).for_each(|rater| crowd.push(0, rater, rater % 2, None));
    let crowd = crowd.finish(1, MOST_PAIRED + 1);
    assert!(pairwise_tau(&crowd, &[1.0, 2.0], 2).unwrap_err().to_string().contains("1000 raters"));
    let stop = Progress::new();
    stop.cancel();
    assert!(scale_use(&votes, &values, &Bins::new(&values), &stop).is_err());
}

#[test]
fn all_raters_have_one_axis() {
    let bins = Bins::new(&[5.0, 1.0, -0.0, 0.0, 3.0]);
    assert_eq!((bins.len(), bins.range()), (4, (0.0, 5.0)));
    assert_eq!((0..5).map(|l| bins.of(l)).collect::<Vec<_>>(), [3, 1, 0, 0, 2]);
    let many: Vec<f64> = (0..=100).map(f64::from).collect();
    let bins = Bins::new(&many);
    assert_eq!((bins.len(), bins.bounds()[0], bins.range()), (20, (0.0, 5.0), (0.0, 100.0)));
    assert_eq!([0, 4, 5, 99, 100].map(|l| bins.of(l)), [0, 0, 1, 19, 19]);
    assert!(Bins::new(&[]).is_empty());
}

#[test]
fn anchors_are_for_the_words_of_the_rubric_only() {
    let names = |n: &[&str]| n.iter().map(|&s| s.to_owned()).collect::<Vec<_>>();
    assert_eq!(rubric_values(&names(&["missing_all", "complete"])), Some(vec![0.0, 100.0]));
    assert_eq!(rubric_values(&names(&["complete", "good"])), None);
    assert_eq!(rubric_values(&[]), None);
}

type Rows = Vec<Vec<Option<f64>>>;

fn ratings() -> impl Strategy<Value = Rows> {
    let vote = prop::option::weighted(0.8, (0..5_u8).prop_map(f64::from));
    prop::collection::vec(prop::collection::vec(vote, 3), 2..20)
}

fn of_rows(rows: &Rows) -> (Annotations, Vec<f64>) {
    table(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

proptest! {
    /// As given, alpha is that of the table of coefficients.
    #[test]
    fn alpha_as_given_is_the_coefficient(rows in ratings()) {
        let (votes, values) = of_rows(&rows);
        let given = Scales::given(&votes, &Bins::new(&values));
        let own = interval_alpha(&votes, &values, &given, &Progress::new()).unwrap();
        let data = ReliabilityData::new(&votes, Levels::new(values).unwrap());
        let none = IntervalSpec::new(IntervalKind::None);
        let wanted = coefficient(&data, &Spec::alpha(Metric::Interval), &none, &Progress::new()).unwrap();
        match (own, wanted.value()) {
            (Ok(a), Some(b)) => prop_assert!((a - b).abs() < 1e-9, "{} {}", a, b),
            (a, b) => prop_assert!(a.is_err() && b.is_none(), "{:?} {:?}", a, b),
        }
    }

    /// One change of scale for all changes no standard score, no mid-rank, no order; and the two distributions of a rater are as far apart
    /// as the severity says.
    #[test]
    fn one_change_of_scale_for_all_changes_nothing(rows in ratings()) {
        let (votes, values) = of_rows(&rows);
        prop_assume!(!votes.is_empty());
        let moved: Vec<f64> = values.iter().map(|v| 2.0 + 0.5 * v).collect();
        for how in [Rescaling::StandardScore, Rescaling::MidRank] {
            match (alpha(&votes, &values, how), alpha(&votes, &moved, how)) {
                (Ok(a), Ok(b)) => prop_assert!((a - b).abs() < 1e-9),
                (a, b) => prop_assert_eq!(a, b),
            }
        }
        prop_assert_eq!(pairwise_tau(&votes, &values, 2), pairwise_tau(&votes, &moved, 2));
        let bins = Bins::new(&values);
        for rater in used(&votes, &values) {
            let Some(severity) = rater.severity else { continue };
            let shared = votes.of_rater(rater.rater as usize).filter(|a| votes.count(a.item as usize) > 1);
            let own: f64 = shared.map(|a| values[a.label as usize]).sum::<f64>() / severity.n_items as f64;
            let others: f64 = rater.others.iter().zip(bins.bounds()).map(|(share, b)| share * b.0).sum();
            prop_assert!((own - others - severity.mean).abs() < 1e-9);
            prop_assert!((rater.others.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        }
    }
}
