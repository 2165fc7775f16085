//! Which coefficient fits these data, and what to be careful about.

use super::coefficient::{Kind, Spec};
use super::compute::coefficient;
use super::icc::IccForm;
use super::interval::{IntervalKind, IntervalSpec};
use super::reliability::ReliabilityData;
use super::weights::{Metric, Weights};
use crate::dataset::Scale;
use crate::progress::Progress;
use crate::stats::Undefined;

/// Items with two ratings below which intervals are too narrow.
pub const FEW_UNITS: usize = 50;
/// Ratings of the rarest label below which intervals are too narrow.
pub const FEW_OF_A_LABEL: u64 = 10;
/// AC1 minus alpha from which the two tell different stories.
const APART: f64 = 0.3;

/// What to compute and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Advice {
    /// The coefficient.
    pub spec: Spec,
    /// The kind of interval.
    pub interval: IntervalKind,
    /// Why this one, in a sentence.
    pub why: String,
    /// Others worth a look, with the reason.
    pub also: Vec<(Spec, String)>,
    /// What to be careful about, each a sentence.
    pub warnings: Vec<String>,
}

/// Looks at the shape of the data: raters, missing ratings, scale, how often labels are used. Undefined where no
/// coefficient can be computed at all.
pub fn advise(data: &ReliabilityData<'_>) -> Result<Advice, Undefined> {
    let tally = data.tally()?;
    let mut of_label = vec![0_u64; tally.n_labels];
    let mut used = vec![false; tally.n_labels];
    let mut same_size = true;
    let size = tally.patterns().next().map_or(0, |p| p.size);
    for p in tally.patterns() {
        same_size &= p.size == size;
        for (&label, &count) in p.labels.iter().zip(p.counts) {
            used[label as usize] = true;
            if p.size >= 2 {
                of_label[label as usize] += u64::from(count) * u64::from(p.times);
            }
        }
    }
    let complete = same_size && size as usize == tally.n_raters && data.single().is_ok();
    let two = tally.n_raters == 2;
    let (spec, why) = chosen(data, two, complete);
    let interval =
        if spec.metric == Metric::Ordinal { IntervalKind::Jackknife } else { IntervalKind::Analytic };
    let mut also = Vec::new();
    let most = of_label.iter().copied().max().unwrap_or(0) as f64 / tally.n_pairable_ratings as f64;
    let nominal = data.scale() == Scale::Nominal && data.sets().is_none();
    if nominal && most > 0.8 {
        also.push((
            Spec::new(Kind::Gwet),
            format!("one label has {:.0} % of the ratings, and kappa and alpha are low then whatever the agreement", 100.0 * most),
        ));
    }
    if nominal && two && complete {
        also.push((Spec::new(Kind::Krippendorff), "it can be compared with data of more raters".to_owned()));
    }
    if matches!(data.scale(), Scale::Interval | Scale::Ratio) && complete {
        let icc = Spec::new(Kind::Icc(IccForm::Agreement));
        also.push((
            icc,
            "all raters rated all items, so variance between items can be told from that between raters"
                .to_owned(),
        ));
    }
    if data.scale() == Scale::Ordinal && two {
        let spec = Spec::weighted(Kind::Cohen, Weights::Quadratic);
        also.push((spec, "two raters on an ordered scale are often told by it".to_owned()));
    }
    Ok(Advice { interval, why, also, warnings: warnings(data, &of_label, &used)?, spec })
}

fn chosen(data: &ReliabilityData<'_>, two: bool, complete: bool) -> (Spec, String) {
    let words = |s: &str| s.to_owned();
    if data.sets().is_some() {
        let why = "labels are sets, and sets that overlap are nearer than sets that do not";
        return (Spec::alpha(Metric::Masi), words(why));
    }
    match data.scale() {
        Scale::Ordinal => (
            Spec::alpha(Metric::Ordinal),
            words("labels have an order, and it allows for any number of raters and missing ratings"),
        ),
        Scale::Interval => (
            Spec::alpha(Metric::Interval),
            words("differences between values mean something, and it allows for missing ratings"),
        ),
        Scale::Ratio => (
            Spec::alpha(Metric::Ratio),
            words("ratios of values mean something, and it allows for missing ratings"),
        ),
        Scale::Nominal if two && complete => (
            Spec::new(Kind::Cohen),
            words("the same two raters labelled everything, each with shares of labels of his own"),
        ),
        Scale::Nominal => (
            Spec::new(Kind::Krippendorff),
            words("labels agree or do not, and it allows for any number of raters and missing ratings"),
        ),
    }
}

fn warnings(data: &ReliabilityData<'_>, of_label: &[u64], used: &[bool]) -> Result<Vec<String>, Undefined> {
    let tally = data.tally()?;
    let mut warnings = Vec::new();
    if tally.n_pairable < FEW_UNITS {
        warnings.push(format!(
            "The interval is too optimistic: only {} items have two ratings or more (of {FEW_UNITS} that it needs).",
            tally.n_pairable
        ));
    }
    let rare = of_label.iter().copied().filter(|&n| n > 0).min().unwrap_or(0);
    let few_labels = used.iter().filter(|&&u| u).count() <= 50;
    if few_labels && rare < FEW_OF_A_LABEL {
        warnings.push(format!(
            "The interval is too optimistic: the rarest label has only {rare} ratings that can be paired."
        ));
    }
    if 2 * tally.n_pairable < tally.n_rated {
        warnings.push(format!(
            "Only {} of {} rated items have two ratings or more; agreement says nothing about the others.",
            tally.n_pairable, tally.n_rated
        ));
    }
    let unused = used.iter().filter(|&&u| !u).count();
    if unused > 0 {
        warnings.push(format!(
            "{unused} of {} labels are never used; Gwet's AC and Brennan–Prediger's coefficient count them.",
            used.len()
        ));
    }
    if data.annotations().n_duplicates() > 0 {
        warnings.push(
            "Some raters rated an item more than once: here each rating counts, for pairs of raters the last.".to_owned(),
        );
    }
    if data.scale() == Scale::Nominal && data.sets().is_none() {
        let value = |kind| {
            let none = IntervalSpec::new(IntervalKind::None);
            coefficient(data, &Spec::new(kind), &none, &Progress::new()).ok().and_then(|s| s.value())
        };
        if let (Some(ac), Some(alpha)) = (value(Kind::Gwet), value(Kind::Krippendorff))
            && ac - alpha > APART
        {
            warnings.push(format!(
                "AC1 is {ac:.2} and alpha {alpha:.2}: labels are used so unevenly that the two models of chance part. \
                 Look at the agreement on each label."
            ));
        }
    }
    Ok(warnings)
}
