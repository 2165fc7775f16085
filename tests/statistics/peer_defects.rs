//! Defects of other packages that were met on the way, with the version and what was seen: ours does not have them.

use crate::reference::{Data, golden, matrix, progress};
#[allow(dead_code)] // Shared by several tests, of which each takes what it needs.
use dissensus::dataset::{Annotations, AnnotationsBuilder, LabelSets};
use dissensus::stats::Statistic;
use dissensus::stats::aggregation::{
    Layout, MaceOptions, OneCoinOptions, StoppingRule, dawid_skene_until, glad, mace, one_coin, preference,
};
use dissensus::stats::agreement::{
    COEFFICIENTS, IccForm, IntervalKind, IntervalSpec, Kind, Levels, Metric, ReliabilityData, Spec,
    WeightMatrix, Weights, coefficient, two_raters,
};

fn annotations(rows: &[&[Option<u32>]]) -> Annotations {
    let mut builder = AnnotationsBuilder::new();
    for (item, row) in rows.iter().enumerate() {
        for (rater, label) in row.iter().enumerate().filter_map(|(r, l)| l.map(|l| (r, l))) {
            builder.push(item as u32, rater as u32, label, None);
        }
    }
    builder.finish(rows.len(), rows[0].len())
}

fn of(annotations: &Annotations, levels: usize, spec: &Spec) -> Statistic {
    let data = ReliabilityData::new(annotations, Levels::positions(levels));
    coefficient(&data, spec, &IntervalSpec::new(IntervalKind::Analytic), &progress()).unwrap()
}

/// A stream of numbers in 0..1, the same in each run.
fn chance(mut state: u64) -> impl FnMut() -> f64 {
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let x = (state ^ (state >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        ((x ^ (x >> 33)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// A crowd whose raters have skills from .5 to .95.
fn crowd(items: u32, raters: u32, labels: u32, seed: u64) -> Annotations {
    let mut dice = chance(seed);
    let mut builder = AnnotationsBuilder::new();
    for item in 0..items {
        let truth = (dice() * f64::from(labels)) as u32;
        for rater in 0..raters {
            let skill = 0.5 + 0.45 * f64::from(rater) / f64::from(raters);
            if dice() < 0.6 {
                let other = (truth + 1 + (dice() * f64::from(labels - 1)) as u32) % labels;
                builder.push(item, rater, if dice() < skill { truth } else { other }, None);
            }
        }
    }
    builder.finish(items as usize, raters as usize)
}

/// crowd-kit 1.4.2, `BradleyTerry`: old and new scores are one array, so that every fit stops after two rounds, far from
/// the maximum of the likelihood. Ours is at the maximum: each option wins as often as its worth says it should.
#[test]
fn bradley_terry_goes_on_to_the_maximum_likelihood() {
    let mut dice = chance(3);
    let worth = [5.0, 3.0, 2.0, 1.5, 1.0, 0.4];
    let mut rows = Vec::new();
    for i in 0..500_usize {
        let (left, right) = (i % 6, (i % 6 + 1 + i % 5) % 6);
        let wins = dice() < worth[left] / (worth[left] + worth[right]);
        let outcome = if wins { preference::Outcome::Left } else { preference::Outcome::Right };
        rows.push(preference::Comparison { left: left as u32, right: right as u32, outcome, rater: 0 });
    }
    let pairs = preference::Pairs::new(6, &rows);
    let found = preference::bradley_terry(&pairs, 0.0).unwrap();
    for option in 0..6_u32 {
        let (mut wins, mut expected) = (0.0, 0.0);
        for row in rows.iter().filter(|r| r.left == option || r.right == option) {
            let other = if row.left == option { row.right } else { row.left };
            let won = (row.outcome == preference::Outcome::Left) == (row.left == option);
            wins += f64::from(u8::from(won));
            expected += found.beats(option as usize, other as usize).unwrap();
        }
        assert!((wins - expected).abs() < 1e-6, "{option}: {wins} wins, {expected} expected");
    }
}

/// crowd-kit 1.4.2, `MACE`: raters are numbered as they come in one table and by name in the other, so that the order of
/// rows changes the labels (4 of 20, and a posterior by .86). Ours is the same for any order of rows and raters.
#[test]
fn mace_does_not_depend_on_the_order_of_rows() {
    let d = Data::called("crowd_toy");
    let mut backwards = AnnotationsBuilder::new();
    let all: Vec<_> = (0..d.items.len()).flat_map(|i| d.annotations.of_item(i)).collect();
    for a in all.iter().rev() {
        backwards.push(a.item, a.rater, a.label, None);
    }
    let backwards = backwards.finish(d.items.len(), d.raters.len());
    let options = MaceOptions::default();
    let one = mace(&d.layout, &options, &progress()).unwrap().unwrap();
    let other = mace(&Layout::new(&backwards, d.k()), &options, &progress()).unwrap().unwrap();
    let far = one.posterior.iter().zip(&other.posterior).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
    assert!(far < 1e-12, "{far}");
}

/// The same package gives every restart of `MACE` the same integer seed, so that ten restarts are one restart ten times.
/// Ours differ: ten find at least what the first finds, and on some data more.
#[test]
fn restarts_of_mace_begin_in_different_places() {
    let better = (0..20).any(|seed| {
        let layout = Layout::new(&crowd(25, 5, 3, seed), 3);
        let of = |restarts| {
            let options = MaceOptions { restarts, ..MaceOptions::default() };
            mace(&layout, &options, &progress()).unwrap().unwrap().log_likelihood
        };
        let (one, ten) = (of(1), of(10));
        assert!(ten >= one - 1e-9, "{one} {ten}");
        ten > one + 1e-6
    });
    assert!(better);
}

/// crowd-kit 1.4.2, `DawidSkene` and `OneCoinDawidSkene`: the value that is watched counts the prior once an annotation
/// and falls on the anaesthetists of 1979 (−1.595267, −1.595887), so that the fit stops after 4 rounds of some 25. Ours is
/// the log-likelihood, which never falls.
#[test]
fn dawid_skene_stops_where_the_likelihood_does() {
    let d = Data::called("anesthesia");
    let at = |n| {
        let rule = StoppingRule::exactly(n);
        dawid_skene_until(&d.annotations, 4, rule, &progress()).unwrap().unwrap().log_likelihood
    };
    let likelihoods: Vec<f64> = (1..40).map(at).collect();
    assert!(likelihoods.windows(2).all(|w| w[1] >= w[0] - 1e-9), "{likelihoods:?}");
    let default = StoppingRule::default();
    let found = dawid_skene_until(&d.annotations, 4, default, &progress()).unwrap().unwrap();
    assert!(found.converged && found.iterations > 4, "{}", found.iterations);
    assert!(at(1000) - found.log_likelihood < 1e-3);
    let coin = one_coin(&d.layout, OneCoinOptions::default(), &progress()).unwrap().unwrap();
    assert!(coin.converged && coin.iterations > 4, "{}", coin.iterations);
}

/// crowd-kit 1.4.2, `GLAD`: stops when the expected complete-data value dips, which it may on the way up (after 2 rounds on
/// public data). Ours watches the objective itself, which never falls.
#[test]
fn glad_goes_on_where_an_expectation_dips() {
    let layout = Layout::new(&crowd(300, 12, 4, 8), 4);
    let at = |n| glad(&layout, StoppingRule::exactly(n), None, &progress()).unwrap().unwrap().objective;
    let objectives: Vec<f64> = (1..15).map(at).collect();
    assert!(objectives.windows(2).all(|w| w[1] >= w[0] - 1e-9), "{objectives:?}");
    let found = glad(&layout, StoppingRule::default(), None, &progress()).unwrap().unwrap();
    assert!(found.converged && found.iterations > 2 && found.objective > at(2) + 0.01);
}

/// crowd-kit 1.4.2, `NoisyBradleyTerry`: the gradient of raters' terms is not that of the function, so that the fit ends
/// anywhere. Ours ends where every step away, in any one parameter, is downwards.
#[test]
fn a_noisy_rater_is_fitted_at_a_maximum() {
    let mut dice = chance(21);
    let mut rows = Vec::new();
    for i in 0..400_u32 {
        let (left, right, rater) = (i % 5, (i % 5 + 1 + i % 4) % 5, (i / 7) % 4);
        // The last rater throws a coin.
        let better = if rater == 3 { dice() < 0.5 } else { left < right };
        let outcome = if better { preference::Outcome::Left } else { preference::Outcome::Right };
        rows.push(preference::Comparison { left, right, outcome, rater });
    }
    // The penalised log-likelihood, written down anew: 0.1 wins either way on every compared pair, Beta(2, 2) on shares.
    let value = |theta: &[f64], reliability: &[f64], bias: &[f64]| {
        let beats = |i: u32, j: u32| 1.0 / (1.0 + (theta[j as usize] - theta[i as usize]).exp());
        let mut sum = 0.0;
        for row in &rows {
            let (r, b) = (reliability[row.rater as usize], bias[row.rater as usize]);
            let left = r * beats(row.left, row.right) + (1.0 - r) * b;
            sum += if row.outcome == preference::Outcome::Left { left.ln() } else { (1.0 - left).ln() };
        }
        for i in 0..5 {
            for j in (0..5).filter(|&j| j != i) {
                sum += 0.1 * beats(i, j).ln();
            }
        }
        sum + reliability.iter().chain(bias).map(|p| p.ln() + (1.0 - p).ln()).sum::<f64>()
    };
    let found = preference::noisy_bradley_terry(5, &rows, &progress()).unwrap().unwrap();
    assert!(found.converged && found.reliability[3] < 0.5, "{found:?}");
    let at = [found.theta.clone(), found.reliability.clone(), found.left_bias.clone()];
    for part in 0..3 {
        for place in 0..at[part].len() {
            let moved = |step: f64| {
                let mut at = at.clone();
                at[part][place] += step;
                value(&at[0], &at[1], &at[2])
            };
            let slope = (moved(1e-4) - moved(-1e-4)) / 2e-4;
            assert!(slope.abs() < 0.05, "parameter {part} {place}: slope {slope}");
            let x = at[part][place];
            let step = if part == 0 { 0.02 } else { 0.2 * x.min(1.0 - x) };
            assert!(moved(step) < moved(0.0) && moved(-step) < moved(0.0), "parameter {part} {place}");
        }
    }
}

/// R irr 0.84.1, `kripp.alpha`: on complete data of more than two raters each pair weighs 1 instead of 1/(m − 1), and
/// alpha is .6958 (nominal) and .7306 (ratio).
#[test]
fn alpha_of_more_than_two_raters_weighs_pairs_by_the_others() {
    let d = Data::called("kripp_complete_9x4");
    for (metric, right, wrong) in [(Metric::Nominal, 0.7015, 0.6958), (Metric::Ratio, 0.7356, 0.7306)] {
        let alpha = d.value(&Spec::alpha(metric));
        assert!((alpha - right).abs() < 5e-5 && (alpha - wrong).abs() > 0.004, "{alpha}");
    }
}

/// R irr 0.84.1, `icc(model = "twoway", type = "agreement", unit = "average")`: the interval of Shrout & Fleiss' data is
/// .0394 to .9286, because the number of raters is multiplied twice. It is .0711 to .9272.
#[test]
fn the_interval_of_the_mean_rater_s_icc() {
    let d = Data::called("shrout_fleiss1979");
    let found = d.statistic(&Spec::new(Kind::Icc(IccForm::AgreementMean)), IntervalKind::Analytic);
    let (low, high) = found.estimate().unwrap().ci.unwrap();
    assert!((low - 0.0711).abs() < 5e-5 && (high - 0.9272).abs() < 5e-5, "{low} {high}");
}

/// R psych 2.2.9, `cohen.kappa`: the variance of weighted kappa is .002749 on the data of Fleiss, Cohen & Everitt (1969),
/// which have .003248; and weights that are disagreements beyond 0..1 get an interval without meaning.
#[test]
fn the_variance_of_weighted_kappa_is_the_paper_s() {
    let golden = golden();
    let case = |id: &str| golden["cases"].as_array().unwrap().iter().find(|c| c["id"] == id).unwrap().clone();
    let case = case("two_rater/fleiss_cohen_everitt1969_weighted");
    let rows = matrix(&golden["datasets"]["fleiss_cohen_everitt1969"]["rows"]);
    let n = golden["datasets"]["fleiss_cohen_everitt1969"]["n"].as_f64().unwrap_or(1.0);
    let mut cells = Vec::new();
    for (k, row) in rows.iter().enumerate() {
        cells.extend(row.iter().enumerate().map(|(l, x)| (k as u32, l as u32, (x * n).round() as u64)));
    }
    let weights = matrix(&case["params"]["weight_matrix"]);
    let found = |weights: WeightMatrix| {
        two_raters(&cells, &Weights::Custom(weights.into()), &Levels::positions(3)).unwrap()
    };
    let agreement = found(WeightMatrix::from_agreement(&weights).unwrap());
    assert!((agreement.se.unwrap().powi(2) - 0.003_248).abs() < 5e-7, "{:?}", agreement.se);
    // The same weights as disagreements on another scale.
    let scores: Vec<Vec<f64>> =
        weights.iter().map(|row| row.iter().map(|w| 7.0 * (1.0 - w)).collect()).collect();
    let disagreement = found(WeightMatrix::from_disagreement(&scores).unwrap());
    assert!((agreement.se.unwrap() - disagreement.se.unwrap()).abs() < 1e-12);
    assert!((agreement.kappa.unwrap() - disagreement.kappa.unwrap()).abs() < 1e-12);
}

/// NLTK 3.10.4, `weighted_kappa(max_distance)`: only the expected disagreement is scaled, so that kappa is .588 with 1 and
/// −.647 with 4 on the same data. Here the unit of the weights does not matter.
#[test]
fn the_unit_of_weights_does_not_matter() {
    let data = crowd(60, 2, 4, 4);
    let at = |unit: f64| {
        let row = |k: i32| (0..4).map(|l: i32| unit * f64::from((k - l).abs())).collect();
        let rows: Vec<Vec<f64>> = (0..4).map(row).collect();
        let weights = Weights::Custom(WeightMatrix::from_disagreement(&rows).unwrap().into());
        of(&data, 4, &Spec::weighted(Kind::Cohen, weights)).value().unwrap()
    };
    let linear = of(&data, 4, &Spec::weighted(Kind::Cohen, Weights::Linear)).value().unwrap();
    for unit in [0.25, 1.0, 4.0] {
        assert!((at(unit) - linear).abs() < 1e-12, "{unit}");
    }
}

/// NLTK 3.10.4, `masi_distance` and `jaccard_distance`: two empty sets divide by zero. Here they are the same set.
#[test]
fn two_empty_sets_are_equal() {
    let members = vec!["a".to_owned(), "b".to_owned()];
    let sets = LabelSets { members, of_label: vec![vec![], vec![0], vec![0, 1]] };
    let all = annotations(&[&[Some(0), Some(0)], &[Some(1), Some(1)], &[Some(2), Some(2)]]);
    for metric in [Metric::Masi, Metric::Jaccard] {
        let data = ReliabilityData::new(&all, Levels::positions(3)).with_sets(&sets);
        let interval = IntervalSpec::new(IntervalKind::Analytic);
        let found = coefficient(&data, &Spec::alpha(metric.clone()), &interval, &progress()).unwrap();
        assert_eq!(found.value(), Some(1.0), "{metric:?}");
    }
    let d = Data::called("dkpro_sets");
    assert!((d.value(&Spec::alpha(Metric::Masi)) - 0.27308).abs() < 5e-6);
}

/// NLTK 3.10.4, `kappa`, `pi` and `S`: a missing rating raises `RuntimeError: generator raised StopIteration`. Here the
/// pairs that there are count, or the coefficient says that it needs complete data.
#[test]
fn missing_ratings_are_no_error() {
    let all = annotations(&[
        &[Some(0), Some(0), None],
        &[Some(1), None, Some(1)],
        &[None, Some(2), Some(1)],
        &[Some(2), Some(2), None],
        &[None, None, Some(1)],
    ]);
    for row in COEFFICIENTS {
        match of(&all, 3, &Spec::new(row.kind)) {
            Statistic::Defined(e) => assert!(e.value.is_finite(), "{}", row.id),
            Statistic::Undefined(reason) => {
                let complete = matches!(row.kind, Kind::Cohen | Kind::Scott | Kind::Icc(_) | Kind::KendallW);
                assert!(complete && !reason.to_string().is_empty(), "{}: {reason}", row.id);
            }
        }
    }
    let two = annotations(&[&[Some(0), Some(0)], &[Some(1), None], &[Some(1), Some(1)], &[Some(1), Some(0)]]);
    for kind in [Kind::Cohen, Kind::Scott, Kind::BrennanPrediger] {
        assert!(of(&two, 2, &Spec::new(kind)).value().is_some(), "{kind:?}");
    }
}

/// irrCAC: alpha's standard error differs between its versions (R 1.0, R 1.4, Python 0.4.4) and between tables of raters
/// and of counts. Here one function has it, and counts and raters give the same.
#[test]
fn alpha_has_one_standard_error() {
    let d = Data::called("fleiss1971");
    let mut strangers = AnnotationsBuilder::new();
    let mut rater = 0;
    for item in 0..d.items.len() {
        for label in d.annotations.labels_of(item) {
            strangers.push(item as u32, rater, *label, None);
            rater += 1;
        }
    }
    let strangers = strangers.finish(d.items.len(), rater as usize);
    let [x, y] = [&d.annotations, &strangers].map(|a| of(a, 5, &Spec::new(Kind::Krippendorff)));
    let [x, y] = [x, y].map(|s| (s.value().unwrap(), s.estimate().unwrap().se.unwrap()));
    assert!((x.0 - y.0).abs() < 1e-12 && (x.1 - y.1).abs() < 1e-12, "{x:?} {y:?}");
}
