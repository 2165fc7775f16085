//! Where agreement comes from: by label, by item, by rater, by group of items; all from the counts of the whole.

use super::alpha;
use super::coefficient::Spec;
use super::compute::{coefficient, counted, leave_out};
use super::interval::IntervalSpec;
use super::reliability::ReliabilityData;
use super::tally::Tally;
use crate::dataset::{Annotations, AnnotationsBuilder, LabelId};
use crate::progress::{Cancelled, Progress};
use crate::stats::{Statistic, Undefined};

/// How far raters agree on one label.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelAgreement {
    /// The label.
    pub label: LabelId,
    /// Ratings with it.
    pub n_ratings: u64,
    /// Krippendorff's alpha of "this label or another" (Krippendorff 1980, p. 139).
    pub alpha: Statistic,
    /// Fleiss' kappa of the label (1971): [(Σ n_ij² − N m p_j)/(N m (m − 1) p_j) − p_j]/(1 − p_j). `None` where items
    /// have different numbers of ratings, for a label that nobody uses and for one that all do.
    pub kappa: Option<f64>,
    /// Specific agreement Σ n_ij (n_ij − 1)/Σ n_ij (r_i − 1): if one rater says so, how likely is another to say so too?
    /// `None` for a label that no item with two ratings has.
    pub specific: Option<f64>,
}

/// All labels in order, used or not. Undefined where nothing can be paired.
pub fn per_label(data: &ReliabilityData<'_>) -> Result<Vec<LabelAgreement>, Undefined> {
    let tally = data.tally()?;
    let q = tally.n_labels;
    let (mut ratings, mut same, mut chances, mut squares) =
        (vec![0_u64; q], vec![0.0; q], vec![0.0; q], vec![0.0; q]);
    let mut sizes = tally.patterns().filter(|p| p.times > 0).map(|p| p.size);
    let size = sizes.next().filter(|&m| m >= 2 && sizes.all(|other| other == m));
    for pattern in tally.patterns() {
        let (times, r) = (f64::from(pattern.times), f64::from(pattern.size));
        for (&label, &count) in pattern.labels.iter().zip(pattern.counts) {
            let (label, n) = (label as usize, f64::from(count));
            ratings[label] += u64::from(pattern.times) * u64::from(count);
            same[label] += times * n * (n - 1.0);
            chances[label] += times * n * (r - 1.0);
            squares[label] += times * n * n;
        }
    }
    let items = tally.n_rated as f64;
    let kappa = |label: usize| {
        let m = f64::from(size?);
        let all = items * m;
        let n = ratings[label] as f64;
        let p = n / all;
        (n > 0.0 && n < all).then(|| ((squares[label] - n) / (n * (m - 1.0)) - p) / (1.0 - p))
    };
    let each = alpha::per_label(tally).into_iter().enumerate();
    Ok(each
        .map(|(label, alpha)| LabelAgreement {
            label: label as LabelId,
            n_ratings: ratings[label],
            alpha,
            kappa: kappa(label),
            specific: (chances[label] > 0.0).then(|| same[label] / chances[label]),
        })
        .collect())
}

/// Standard errors of Fleiss' kappa (of all labels, and of any one of them) if there were no agreement beyond chance
/// (Fleiss, Nee & Landis 1979): for a test, never for an interval. `None` where items have different numbers of ratings,
/// and without variation.
pub fn fleiss_null_se(data: &ReliabilityData<'_>) -> Option<(f64, f64)> {
    let tally = data.tally().ok()?;
    let mut rated = tally.patterns().filter(|p| p.times > 0);
    let m = rated.next()?.size;
    if m < 2 || rated.any(|p| p.size != m) {
        return None;
    }
    let m = f64::from(m);
    let pairs = tally.n_rated as f64 * m * (m - 1.0);
    let mut shares = vec![0.0; tally.n_labels];
    for p in tally.patterns() {
        for (&label, &count) in p.labels.iter().zip(p.counts) {
            shares[label as usize] += f64::from(count) * f64::from(p.times) / (tally.n_rated as f64 * m);
        }
    }
    let s: f64 = shares.iter().map(|p| p * (1.0 - p)).sum();
    let skew: f64 = shares.iter().map(|p| p * (1.0 - p) * (1.0 - 2.0 * p)).sum();
    (s > 0.0).then(|| ((2.0 / (s * s * pairs) * (s * s - skew)).sqrt(), (2.0 / pairs).sqrt()))
}

/// What one item contributes to a coefficient of counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ItemAgreement {
    /// Ratings r.
    pub n_ratings: u32,
    /// Mean δ of pairs of its ratings, D_i/(r (r − 1)): for identity weights or the nominal metric the share of pairs
    /// that disagree, in 0..=1. `None` for one rating.
    pub disagreement: Option<f64>,
    /// 1 − δ/(expected δ): 1 for full agreement, 0 for chance, below 0 for worse. `None` for one rating.
    pub relative: Option<f64>,
    /// The coefficient minus what it is without this item: positive where the item raises it. `None` where it would
    /// be undefined without it; 0 for an item that takes no part.
    pub influence: Option<f64>,
}

/// [`ItemAgreement`] of all items, kept once for items alike.
#[derive(Debug)]
pub struct ItemsAgreement<'a> {
    tally: &'a Tally,
    kinds: Vec<ItemAgreement>,
    /// The coefficient of all.
    pub value: f64,
}

impl ItemsAgreement<'_> {
    /// That of `item`; `None` where nobody rated it.
    pub fn of(&self, item: usize) -> Option<&ItemAgreement> {
        self.tally.pattern_of(item).map(|p| &self.kinds[p])
    }
}

/// What each item contributes to a coefficient of counts (percent, Fleiss, Scott, Gwet, Brennan–Prediger,
/// Krippendorff). Undefined where the coefficient is, and for one of another kind.
pub fn per_item<'a>(data: &'a ReliabilityData<'_>, spec: &Spec) -> Result<ItemsAgreement<'a>, Undefined> {
    let tally = data.tally()?;
    let counted = counted(tally, data, spec)?.ok_or_else(not_of_counts)?;
    let expected = counted.whole.expected(&counted.rule);
    let without = counted.without();
    let kinds = tally
        .patterns()
        .zip(without)
        .map(|(pattern, without)| {
            let r = f64::from(pattern.size);
            let spread = counted.whole.distance.spread_of(pattern.labels, pattern.counts);
            let disagreement = (pattern.size >= 2).then(|| spread / (r * (r - 1.0)));
            ItemAgreement {
                n_ratings: pattern.size,
                disagreement,
                relative: disagreement.map(|d| 1.0 - d / expected),
                influence: without.map(|w| counted.whole.value - w),
            }
        })
        .collect();
    Ok(ItemsAgreement { tally, kinds, value: counted.whole.value })
}

fn not_of_counts() -> Undefined {
    Undefined::Because("this coefficient is not a sum over items".to_owned())
}

/// A coefficient when one rater is left out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WithoutRater {
    /// The rater.
    pub rater: u32,
    /// The coefficient of all others; `None` where it is undefined.
    pub value: Option<f64>,
    /// `value` minus the coefficient of all: positive where the others agree better without him.
    pub change: Option<f64>,
}

/// The coefficient without each rater in turn, for raters with a rating. Coefficients of counts in a time that does not
/// depend on the number of raters; others are refused where it would take minutes.
pub fn leave_one_rater_out(
    data: &ReliabilityData<'_>,
    spec: &Spec,
    progress: &Progress,
) -> Result<Result<Vec<WithoutRater>, Undefined>, Cancelled> {
    leave_out(data, spec, progress).map(|found| {
        found.map(|(whole, each)| {
            each.into_iter()
                .map(|(rater, value)| WithoutRater { rater, value, change: value.map(|v| v - whole) })
                .collect()
        })
    })
}

/// A coefficient of each group of items. `group_of[i]` is the group of item i, below `n_groups`, or anything else for
/// an item in none.
pub fn by_item_group(
    data: &ReliabilityData<'_>,
    (group_of, n_groups): (&[u32], usize),
    spec: &Spec,
    interval: &IntervalSpec,
    progress: &Progress,
) -> Result<Vec<Statistic>, Cancelled> {
    let annotations = data.annotations();
    let mut items: Vec<Vec<u32>> = vec![Vec::new(); n_groups];
    for (item, &group) in group_of.iter().enumerate().take(annotations.n_items()) {
        if let Some(items) = items.get_mut(group as usize) {
            items.push(item as u32);
        }
    }
    let mut number = vec![u32::MAX; annotations.n_raters()];
    items
        .iter()
        .map(|items| {
            progress.check()?;
            let part = part(annotations, items, &mut number);
            coefficient(&data.with_annotations(&part), spec, interval, progress)
        })
        .collect()
}

/// The annotations of some items, with items and raters numbered anew. `number` is `u32::MAX` throughout, before and
/// after.
fn part(annotations: &Annotations, items: &[u32], number: &mut [u32]) -> Annotations {
    let mut builder = AnnotationsBuilder::new();
    let mut raters = Vec::new();
    for (new, &item) in items.iter().enumerate() {
        for a in annotations.of_item(item as usize) {
            let slot = &mut number[a.rater as usize];
            if *slot == u32::MAX {
                *slot = raters.len() as u32;
                raters.push(a.rater);
            }
            builder.push(new as u32, *slot, a.label, None);
        }
    }
    raters.iter().for_each(|&r| number[r as usize] = u32::MAX);
    builder.finish(items.len(), raters.len())
}
