//! One door to every coefficient.

use rayon::prelude::*;

use super::coefficient::{Kind, Spec};
use super::complete::Complete;
use super::conger::Conger;
use super::correlations::{Correlation, Correlations, Places};
use super::counted::Counted;
use super::icc::{MeanSquares, icc};
use super::interval::{IntervalKind, IntervalSpec, Over, Spread};
use super::kendall::kendall_w;
use super::pair_sums::PairSums;
use super::pair_terms::{Kappas, PairTerms, Together};
use super::pairs::{Pairs, table_of_two};
use super::reliability::ReliabilityData;
use super::resample::resample;
use super::student::Z_975;
use super::sums::{Form, Rule};
use super::table::{Delta, two_raters};
use super::tally::Tally;
use super::unbalanced::Unbalanced;
use crate::dataset::{Annotations, AnnotationsBuilder};
use crate::progress::{Cancelled, Progress};
use crate::stats::estimate::Method;
use crate::stats::proportion::wilson;
use crate::stats::{Estimate, Statistic, Undefined};

/// Most steps of a jackknife that computes everything anew (some seconds).
const MAX_STEPS: u64 = 2_000_000_000;

/// Why there is no number.
enum Stop {
    Undefined(Undefined),
    Cancelled,
}

impl From<Undefined> for Stop {
    fn from(reason: Undefined) -> Self {
        Self::Undefined(reason)
    }
}

impl From<Cancelled> for Stop {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// Computes a coefficient with an interval of the kind asked for.
///
/// Where the closed form that was asked for does not exist, the jackknife is used, and the estimate's `method` says so;
/// where that would take minutes, or one item carries all variation, there is no interval. Over raters, coefficients
/// that are not of counts have the jackknife only.
pub fn coefficient(
    data: &ReliabilityData<'_>,
    spec: &Spec,
    interval: &IntervalSpec,
    progress: &Progress,
) -> Result<Statistic, Cancelled> {
    progress.check()?;
    match compute(data, spec, interval, progress) {
        Ok(estimate) => Ok(estimate.into()),
        Err(Stop::Undefined(reason)) => Ok(reason.into()),
        Err(Stop::Cancelled) => Err(Cancelled),
    }
}

/// The counts-based coefficient that `spec` means, if it is one. Scott's pi counts as one.
pub(super) fn counted<'a>(
    tally: &'a Tally,
    data: &ReliabilityData<'_>,
    spec: &Spec,
) -> Result<Option<Counted<'a>>, Undefined> {
    let form = match spec.kind {
        Kind::Percent => Form::Percent,
        Kind::Fleiss | Kind::Scott => Form::Fleiss,
        Kind::Gwet => Form::Gwet,
        Kind::BrennanPrediger => Form::Uniform,
        Kind::Krippendorff => Form::Alpha,
        _ => return Ok(None),
    };
    let levels = data.levels();
    let distance = if form == Form::Alpha {
        spec.metric.distance(levels, data.sets())?
    } else {
        Some(spec.weights.distance(levels)?)
    };
    Counted::new(tally, Rule::new(form, distance, levels)?).map(Some)
}

fn compute(
    data: &ReliabilityData<'_>,
    spec: &Spec,
    interval: &IntervalSpec,
    progress: &Progress,
) -> Result<Estimate, Stop> {
    let tally = data.tally()?;
    if matches!(spec.kind, Kind::Cohen | Kind::Scott) && tally.n_raters > 2 {
        return Err(
            Undefined::Because(format!("this is for two raters, and there are {}", tally.n_raters)).into()
        );
    }
    if interval.over == Over::Raters && interval.kind != IntervalKind::None {
        return over_raters(data, spec, interval, progress);
    }
    let remaining = |n: f64| interval.remaining(n);
    if let Some(counted) = counted(tally, data, spec)? {
        let spread = match interval.kind {
            IntervalKind::None => None,
            IntervalKind::Analytic => counted.analytic(remaining),
            IntervalKind::Jackknife => counted.jackknife(remaining),
            IntervalKind::Bootstrap { replicates, seed } => {
                Spread::percentiles(&counted.draws((replicates, seed), progress)?)
            }
        };
        return Ok(counted.estimate(spread));
    }
    match spec.kind {
        Kind::Unanimous | Kind::Majority => shares(tally, spec.kind, interval, progress),
        Kind::Icc(form) if form.takes_all() => {
            let ratings = Unbalanced::new(data.single()?, data.levels());
            let (n_items, n_raters, n_ratings) = ratings.size();
            let value = ratings.value(form)?;
            let estimate =
                Estimate { n_pairable: Some(n_ratings), ..Estimate::new(value, n_items, n_raters) };
            if matches!(interval.kind, IntervalKind::Analytic | IntervalKind::Jackknife) {
                return Ok(with(estimate, ratings.jackknife(form, remaining)));
            }
            let size = (tally.n_items(), n_ratings);
            let value = |times: &[f64]| ratings.value_of(form, times);
            anew_of(estimate, &ratings.units(), size, interval, progress, value)
        }
        Kind::Icc(form) => {
            let complete = Complete::new(data.single()?, data.levels())?;
            let estimate = icc(&complete, form)?;
            if matches!(interval.kind, IntervalKind::Analytic | IntervalKind::None) {
                let keep = interval.kind == IntervalKind::Analytic;
                return Ok(if keep { estimate } else { Estimate { ci: None, method: None, ..estimate } });
            }
            anew(estimate, complete.n(), complete.values.len() as u64, interval, progress, |times| {
                MeanSquares::new(&complete, |i| times[i])?.icc(form)
            })
        }
        Kind::KendallW => {
            let complete = Complete::new(data.single()?, data.levels())?;
            let w = kendall_w(&complete, None)?;
            let n_pairable = Some(complete.values.len() as u64);
            let estimate = Estimate { n_pairable, ..Estimate::new(w.corrected, w.n_items, w.n_raters) };
            let cost = 8 * complete.values.len() as u64;
            anew(estimate, complete.n(), cost, interval, progress, |times| {
                kendall_w(&complete, Some(times)).ok().map(|w| w.corrected)
            })
        }
        Kind::Conger => {
            let single = data.single()?;
            let again;
            let tally = if std::ptr::eq(single, data.annotations()) {
                tally
            } else {
                again = Tally::new(single, data.levels().len())?;
                &again
            };
            let conger = Conger::new(single, tally, spec.weights.distance(data.levels())?)?;
            let estimate = conger.plain().ok_or(Undefined::NoVariation)?;
            if interval.kind == IntervalKind::Analytic {
                return Ok(with(estimate, conger.analytic(remaining)));
            }
            let rated = |&i: &u32| tally.pattern_of(i as usize).is_some();
            let units: Vec<u32> = (0..tally.n_items() as u32).filter(rated).collect();
            let size = (tally.n_items(), conger.cost());
            let value = |times: &[f64]| conger.value_of(times);
            let spread = anew_of(estimate, &units, size, interval, progress, value)?;
            let fallback = interval.kind == IntervalKind::Jackknife && spread.ci.is_none();
            Ok(if fallback { with(spread, conger.analytic(remaining)) } else { spread })
        }
        _ => of_pairs(data, spec, interval, progress),
    }
}

/// An estimate with a spread.
fn with(estimate: Estimate, spread: Option<Spread>) -> Estimate {
    match spread {
        Some(s) => Estimate { ci: Some(s.ci), se: Some(s.se), method: Some(s.method), ..estimate },
        None => Estimate { ci: None, se: None, method: None, ..estimate },
    }
}

/// Intervals by computing everything anew for given numbers of each item.
fn anew(
    estimate: Estimate,
    n_items: usize,
    cost: u64,
    interval: &IntervalSpec,
    progress: &Progress,
    value: impl Fn(&[f64]) -> Option<f64> + Sync,
) -> Result<Estimate, Stop> {
    let units: Vec<u32> = (0..n_items as u32).collect();
    anew_of(estimate, &units, (n_items, cost), interval, progress, value)
}

/// The same where only some items (`units`) are a sample; the others have no rating.
fn anew_of(
    estimate: Estimate,
    units: &[u32],
    (n_items, cost): (usize, u64),
    interval: &IntervalSpec,
    progress: &Progress,
    value: impl Fn(&[f64]) -> Option<f64> + Sync,
) -> Result<Estimate, Stop> {
    let spread = match interval.kind {
        IntervalKind::None => None,
        IntervalKind::Bootstrap { replicates, seed } => {
            Spread::percentiles(&resample(units, n_items, (replicates, seed), progress, value)?)
        }
        IntervalKind::Analytic | IntervalKind::Jackknife => {
            if cost.saturating_mul(units.len() as u64) > MAX_STEPS {
                return Ok(with(estimate, None));
            }
            progress.stage("jackknife", units.len() as u64);
            let without: Vec<Option<f64>> = units
                .par_iter()
                .map_init(
                    || vec![1.0; n_items],
                    |times, &unit| {
                        progress.check()?;
                        progress.add(1);
                        times[unit as usize] = 0.0;
                        let value = value(times);
                        times[unit as usize] = 1.0;
                        Ok::<_, Cancelled>(value)
                    },
                )
                .collect::<Result<_, _>>()?;
            let each = without.iter().map(|&w| (w, 1.0));
            Spread::jackknife(estimate.value, each, interval.remaining(units.len() as f64))
        }
    };
    Ok(with(estimate, spread))
}

/// Means over items of the largest share, or of whether it is 1.
fn shares(tally: &Tally, kind: Kind, interval: &IntervalSpec, progress: &Progress) -> Result<Estimate, Stop> {
    tally.check()?;
    let unanimous = kind == Kind::Unanimous;
    let share = |p: usize| {
        let pattern = tally.pattern(p);
        let most = pattern.counts.iter().copied().max().unwrap_or(0);
        if unanimous {
            f64::from(u8::from(most == pattern.size))
        } else {
            f64::from(most) / f64::from(pattern.size)
        }
    };
    let units: Vec<(usize, f64)> = (0..tally.len())
        .filter(|&p| tally.pattern(p).size >= 2 && tally.pattern(p).times > 0)
        .map(|p| (p, f64::from(tally.pattern(p).times)))
        .collect();
    let n: f64 = units.iter().map(|u| u.1).sum();
    let value = units.iter().map(|&(p, t)| t * share(p)).sum::<f64>() / n;
    let n_pairable = Some(tally.n_pairable_ratings);
    let estimate = Estimate { n_pairable, ..Estimate::new(value, tally.n_pairable, tally.n_raters_pairable) };
    let spread = match interval.kind {
        IntervalKind::None => None,
        IntervalKind::Analytic if unanimous => {
            let remaining = interval.remaining(n);
            Some(Spread {
                se: (remaining * value * (1.0 - value) / n).sqrt(),
                ci: wilson(value, n, remaining),
                method: Method::Analytic,
            })
        }
        IntervalKind::Analytic | IntervalKind::Jackknife => {
            let method =
                if interval.kind == IntervalKind::Jackknife { Method::Jackknife } else { Method::Analytic };
            let squares: f64 = units.iter().map(|&(p, t)| t * (share(p) - value).powi(2)).sum();
            let variance = interval.remaining(n) * squares / (n * (n - 1.0));
            Spread::student(value, variance, n as usize - 1, method)
        }
        IntervalKind::Bootstrap { replicates, seed } => {
            let of = |&(p, t): &(usize, f64)| std::iter::repeat_n(p as u32, t as usize);
            let kinds: Vec<u32> = units.iter().flat_map(of).collect();
            let mean = |times: &[f64]| Some(units.iter().map(|&(p, _)| times[p] * share(p)).sum::<f64>() / n);
            Spread::percentiles(&resample(&kinds, tally.len(), (replicates, seed), progress, mean)?)
        }
    };
    let spread = spread.map(|s| Spread { ci: (s.ci.0.max(0.0), s.ci.1), ..s });
    Ok(with(estimate, spread))
}

/// Coefficients that are made of the tables of all pairs of raters.
fn of_pairs(
    data: &ReliabilityData<'_>,
    spec: &Spec,
    interval: &IntervalSpec,
    progress: &Progress,
) -> Result<Estimate, Stop> {
    let levels = data.levels();
    if let Some(which) = Correlation::of(spec.kind) {
        let places = Places::new(levels.values());
        let found = of_terms(data, interval, progress, || Correlations::new(which, &places))?;
        return found.ok_or_else(|| {
            let why = "in every pair of raters one gives the same value throughout";
            Undefined::Because(why.to_owned()).into()
        });
    }
    let delta = Delta::new(&spec.weights, levels)?;
    let together = if spec.kind == Kind::Hubert { Together::Hubert } else { Together::Mean };
    let large_sample = spec.kind == Kind::Cohen && interval.kind == IntervalKind::Analytic;
    let none = IntervalSpec { kind: IntervalKind::None, ..*interval };
    let asked = if large_sample { &none } else { interval };
    let found = of_terms(data, asked, progress, || Kappas::new(together, &delta, levels.len()))?;
    let estimate = found.ok_or(Undefined::NoVariation)?;
    if !large_sample || estimate.n_items < 2 {
        // The large-sample variance says nothing of a single item.
        return Ok(estimate);
    }
    let table = two_raters(&table_of_two(data.single()?, levels.len()), &spec.weights, levels)?;
    let remaining = interval.remaining(estimate.n_items as f64);
    let spread = table.se.map(|se| se * remaining.sqrt()).map(|se| Spread {
        se,
        ci: (estimate.value - Z_975 * se, (estimate.value + Z_975 * se).min(1.0)),
        method: Method::Analytic,
    });
    Ok(with(estimate, spread))
}

/// What pairs come to by these terms, with a jackknife in closed form or a bootstrap. `None` where no pair has a value.
fn of_terms<T: PairTerms>(
    data: &ReliabilityData<'_>,
    interval: &IntervalSpec,
    progress: &Progress,
    terms: impl Fn() -> T + Sync,
) -> Result<Option<Estimate>, Stop> {
    let (annotations, n_labels) = (data.single()?, data.levels().len());
    let without = matches!(interval.kind, IntervalKind::Analytic | IntervalKind::Jackknife);
    let sums = PairSums::new(annotations, n_labels, without, progress, &terms)??;
    let Some(value) = sums.value() else { return Ok(None) };
    let spread = match interval.kind {
        IntervalKind::None => None,
        IntervalKind::Analytic | IntervalKind::Jackknife => sums.jackknife(|n| interval.remaining(n)),
        IntervalKind::Bootstrap { replicates, seed } => {
            let pairs = Pairs::new(annotations, n_labels)?;
            let units: Vec<u32> = pairs.shared_items().into_iter().map(|i| i as u32).collect();
            let value = |times: &[f64]| pairs.value_of(&mut terms(), times);
            Spread::percentiles(&resample(
                &units,
                annotations.n_items(),
                (replicates, seed),
                progress,
                value,
            )?)
        }
    };
    Ok(Some(with(Estimate::new(value, sums.n_items, sums.n_raters), spread)))
}

fn over_raters(
    data: &ReliabilityData<'_>,
    spec: &Spec,
    interval: &IntervalSpec,
    progress: &Progress,
) -> Result<Estimate, Stop> {
    // Raters whom nobody can tell apart cannot be left out.
    data.single()?;
    let annotations = data.annotations();
    let remaining = |n: f64| interval.remaining(n);
    if let Some(counted) = counted(data.tally()?, data, spec)? {
        let spread = match interval.kind {
            IntervalKind::Bootstrap { replicates, seed } => {
                Spread::percentiles(&counted.draws_of_raters(annotations, (replicates, seed), progress)?)
            }
            _ => counted.jackknife_raters(annotations, remaining, progress)?,
        };
        return Ok(counted.estimate(spread));
    }
    let none = IntervalSpec { kind: IntervalKind::None, ..*interval };
    let estimate = compute(data, spec, &none, progress)?;
    let Some(without) = one_by_one(data, spec, progress)? else { return Ok(estimate) };
    let each = without.iter().map(|&(_, value)| (value, 1.0));
    Ok(with(estimate, Spread::jackknife(estimate.value, each, remaining(without.len() as f64))))
}

/// (rater, the coefficient without him) by computing it anew; `None` where that would take minutes.
fn one_by_one(
    data: &ReliabilityData<'_>,
    spec: &Spec,
    progress: &Progress,
) -> Result<Option<WithoutRaters>, Stop> {
    let annotations = data.annotations();
    let raters: Vec<u32> =
        (0..annotations.n_raters() as u32).filter(|&r| annotations.of_rater(r as usize).len() > 0).collect();
    if (raters.len() as u64).saturating_mul(20 * annotations.len() as u64) > MAX_STEPS {
        return Ok(None);
    }
    let none = IntervalSpec::new(IntervalKind::None);
    progress.stage("leaving raters out", raters.len() as u64);
    let mut without = Vec::with_capacity(raters.len());
    for &rater in &raters {
        progress.check()?;
        let rest = without_rater(annotations, rater);
        match compute(&data.with_annotations(&rest), spec, &none, progress) {
            Ok(estimate) => without.push((rater, Some(estimate.value))),
            Err(Stop::Undefined(_)) => without.push((rater, None)),
            Err(Stop::Cancelled) => return Err(Stop::Cancelled),
        }
        progress.add(1);
    }
    Ok(Some(without))
}

/// (rater, the coefficient without him).
type WithoutRaters = Vec<(u32, Option<f64>)>;

/// The coefficient, and what it is without each rater with a rating.
pub(super) fn leave_out(
    data: &ReliabilityData<'_>,
    spec: &Spec,
    progress: &Progress,
) -> Result<Result<(f64, WithoutRaters), Undefined>, Cancelled> {
    let find = || {
        data.single()?;
        let none = IntervalSpec::new(IntervalKind::None);
        let whole = compute(data, spec, &none, progress)?.value;
        if let Some(counted) = counted(data.tally()?, data, spec)? {
            return Ok((whole, counted.without_raters(data.annotations(), progress)?));
        }
        let without = one_by_one(data, spec, progress)?;
        let without = without.ok_or_else(|| {
            Undefined::Because("leaving out one rater after the other would take minutes".to_owned())
        })?;
        Ok((whole, without))
    };
    match find() {
        Ok(found) => Ok(Ok(found)),
        Err(Stop::Undefined(reason)) => Ok(Err(reason)),
        Err(Stop::Cancelled) => Err(Cancelled),
    }
}

fn without_rater(annotations: &Annotations, rater: u32) -> Annotations {
    let mut builder = AnnotationsBuilder::new();
    builder.expect(annotations.len(), false);
    for item in 0..annotations.n_items() {
        annotations
            .of_item(item)
            .filter(|a| a.rater != rater)
            .for_each(|a| builder.push(a.item, a.rater, a.label, None));
    }
    builder.finish(annotations.n_items(), annotations.n_raters())
}
