//! How does each rater use the scale, and what is left of their disagreement once each is put on one scale?
//!
//! Labels are numbers: those that they are named by, their places in an order, or the anchors of the usual rubric. Of several votes of a
//! rater on an item one counts. Agreement before and after is that of the same votes: those of raters who can be rescaled.

use std::cmp::Ordering;
use std::sync::Arc;

use super::{Settings, ratings};
use crate::dataset::{Annotations, Dataset, DuplicateRule};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::scale_use::{
    Bins, LEAST_COMMON, LEAST_RATINGS, PairwiseTau, RaterUse, Rescaling, Scales, interval_alpha,
    pairwise_tau, rubric_values, scale_use as rater_uses,
};

/// Why there is nothing to see where labels are words.
pub const NO_SCALE: &str = "labels are neither numbers nor in an order";
/// Largest number of a label: sums of squares stay finite.
const LARGEST: f64 = 1e100;
/// A change of alpha from which it is spoken of.
const NOTABLE: f64 = 0.05;
/// What may be missing to an alpha of 1 for disagreement to be little.
const LITTLE: f64 = 0.1;
/// Share of what is missing to an alpha of 1 that rescaling must close for most of the disagreement to be of scale, and for much of it.
const MOST: f64 = 0.5;
const MUCH: f64 = 0.2;
/// A rater is called severe where the adjusted p-value is below this.
const LEVEL: f64 = 0.05;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScaleUseAsked {
    /// Whose votes count, and which of several votes of a rater on an item.
    pub settings: Settings,
}

/// What labels are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbers {
    /// The numbers they are named by.
    Names,
    /// Their places in the order, from 0.
    Places,
    /// The anchors of the rubric.
    Rubric,
}

/// One rater.
#[derive(Debug, Clone, PartialEq)]
pub struct RaterRow {
    /// How they use the scale.
    pub used: RaterUse,
    /// Mean τ_b with others, and with how many; `None` where no pair has one.
    pub tau: Option<(f64, usize)>,
}

impl RaterRow {
    /// Whether the distance from the others is more than chance, over enough items: +1 higher, −1 lower, 0 neither.
    pub fn side(&self) -> i8 {
        match self.used.severity {
            Some(s) if self.is_known() && s.adjusted.is_some_and(|p| p < LEVEL) => {
                if s.mean > 0.0 {
                    1
                } else {
                    -1
                }
            }
            _ => 0,
        }
    }

    /// Whether enough items were rated by others too for a distance to say something.
    pub fn is_known(&self) -> bool {
        self.used.severity.is_some_and(|s| s.n_items >= LEAST_RATINGS)
    }
}

/// Interval alpha of some numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// Of which.
    pub how: Rescaling,
    /// Alpha of the raters who can be rescaled.
    pub alpha: Result<f64, Undefined>,
}

/// What rescaling says about disagreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Rescaling closes most of what is missing.
    MostlyScale,
    /// A good part of it.
    MuchScale,
    /// A small part of it.
    SomeScale,
    /// There is next to none.
    None,
    /// It changes nothing to speak of.
    Order,
    /// It makes things worse.
    Worse,
}

impl Reading {
    /// In words that follow "alpha rises from … to …: ".
    pub fn words(self) -> &'static str {
        match self {
            Self::MostlyScale => "most of the disagreement is of scale, not of order",
            Self::MuchScale => "much of the disagreement is of scale, not of order",
            Self::SomeScale => "some of the disagreement is of scale, most of it is of order",
            Self::None => "there is little disagreement to explain",
            Self::Order => "what disagreement there is, is of the order of items, not of scale",
            Self::Worse => {
                "what sets raters apart is in their items, not in their scales; leave ratings as they are"
            }
        }
    }
}

/// All raters.
#[derive(Debug, Clone)]
pub struct ScaleUseReport {
    /// What was asked for.
    pub asked: ScaleUseAsked,
    /// What labels are worth.
    pub numbers: Numbers,
    /// Names of the stretches of the scale, ascending.
    pub bins: Vec<String>,
    /// Their lowest and highest values.
    pub bounds: Vec<(f64, f64)>,
    /// By number.
    pub raters: Vec<RaterRow>,
    /// Rows of [`Self::raters`], the farthest from the others on either side first; those with few shared items last.
    pub by_severity: Arc<[u32]>,
    /// In how far raters put items in one order: the same before and after, as standard scores and mid-ranks keep each rater's order.
    pub tau: Result<PairwiseTau, Undefined>,
    /// Alpha of all votes as they were given.
    pub alpha: Result<f64, Undefined>,
    /// Alpha before and after, of raters who can be rescaled.
    pub compared: Vec<Compared>,
    /// Raters who cannot.
    pub n_left_raw: usize,
    /// Items behind rater row r and bin b, ascending: `items[starts[r · bins + b]..starts[r · bins + b + 1]]`.
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl ScaleUseReport {
    /// The items to which the rater in a row gave a label of this stretch, ascending.
    pub fn behind(&self, row: usize, bin: usize) -> &[u32] {
        let at = row * self.bins.len() + bin;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(&from), Some(&to)) if bin < self.bins.len() => &self.items[from as usize..to as usize],
            _ => &[],
        }
    }

    /// The ends of the scale, in few digits.
    pub fn ends(&self) -> (String, String) {
        let end = |bounds: Option<f64>| bounds.map_or_else(String::new, short);
        (end(self.bounds.first().map(|b| b.0)), end(self.bounds.last().map(|b| b.1)))
    }

    /// The row of a rater.
    pub fn row_of(&self, rater: u32) -> Option<usize> {
        self.raters.binary_search_by_key(&rater, |r| r.used.rater).ok()
    }

    /// Alpha as given, the better of the rescaled ones, by which it is, and what that says. `None` where one of them is undefined.
    pub fn reading(&self) -> Option<(f64, f64, Rescaling, Reading)> {
        let alpha = |c: &Compared| Some((c.how, *c.alpha.as_ref().ok()?));
        let (_, before) = alpha(self.compared.first()?)?;
        let rescaled = self.compared[1..].iter().filter_map(alpha);
        let (how, after) = rescaled.reduce(|a, b| if b.1 > a.1 { b } else { a })?;
        let (change, room) = (after - before, 1.0 - before);
        let reading = if room <= LITTLE {
            Reading::None
        } else if change < -NOTABLE {
            Reading::Worse
        } else if change < NOTABLE {
            Reading::Order
        } else if change >= MOST * room {
            Reading::MostlyScale
        } else if change >= MUCH * room {
            Reading::MuchScale
        } else {
            Reading::SomeScale
        };
        Some((before, after, how, reading))
    }
}

/// What labels are worth, where they are worth something. Sets of labels are not.
fn numbers(dataset: &Dataset) -> Option<(Numbers, Vec<f64>)> {
    let labels = &dataset.labels;
    if dataset.sets.is_some() {
        return None;
    }
    if let Some(values) = rubric_values(labels.names()).filter(|v| v.len() > 1) {
        return Some((Numbers::Rubric, values));
    }
    let how = if labels.values().is_some() { Numbers::Names } else { Numbers::Places };
    ratings::numbers(labels).map(|values| (how, values))
}

/// Looks at every rater.
///
/// Undefined for votes without names, labels that are neither numbers nor ordered, numbers that are all the same or too large to be squared,
/// without votes, and for more raters than can be listed.
pub fn scale_use(
    dataset: &Dataset,
    asked: &ScaleUseAsked,
    progress: &Progress,
) -> Result<Result<ScaleUseReport, Undefined>, Cancelled> {
    let because = |why: &str| Ok(Err(Undefined::Because(why.to_owned())));
    if dataset.raters.anonymous {
        return Ok(Err(Undefined::AnonymousVotes));
    }
    let Some((worth, values)) = numbers(dataset) else {
        return because(NO_SCALE);
    };
    if values.iter().any(|v| v.abs() > LARGEST) {
        return because("numbers are too large to be averaged");
    }
    let bins = Bins::new(&values);
    if bins.len() < 2 {
        return because("all labels are the same number");
    }
    let rule = match asked.settings.duplicates {
        DuplicateRule::First => DuplicateRule::First,
        DuplicateRule::Last | DuplicateRule::All => DuplicateRule::Last,
    };
    let votes = asked.settings.counted(dataset).resolved(rule);
    let used = match rater_uses(&votes, &values, &bins, progress)? {
        Ok(used) => used,
        Err(reason) => return Ok(Err(reason)),
    };
    progress.stage("Agreement on one scale", 0);
    let given = Scales::given(&votes, &bins);
    let alpha = interval_alpha(&votes, &values, &given, progress)?;
    let n_left_raw = used.iter().filter(|u| u.left_raw.is_some()).count();
    let compared = Rescaling::ALL.into_iter().map(|how| {
        if how == Rescaling::AsGiven && n_left_raw == 0 {
            return Ok(Compared { how, alpha: alpha.clone() });
        }
        let scales = Scales::new(&votes, &values, &bins, &used, how);
        Ok(Compared { how, alpha: interval_alpha(&votes, &values, &scales, progress)? })
    });
    let compared: Vec<Compared> = compared.collect::<Result<_, Cancelled>>()?;
    progress.stage("Pairs of raters", 0);
    let tau = pairwise_tau(&votes, &values, LEAST_COMMON);
    progress.check()?;
    let (starts, items) = behind(&votes, &bins, &used);
    let raters = with_tau(used, votes.n_raters(), tau.as_ref().ok());
    let by_severity = by_severity(&raters);
    let names = (0..bins.len()).map(|bin| name(dataset, worth, &values, &bins, bin)).collect();
    Ok(Ok(ScaleUseReport {
        asked: asked.clone(),
        numbers: worth,
        bins: names,
        bounds: bins.bounds().to_vec(),
        raters,
        by_severity,
        tau,
        alpha,
        compared,
        n_left_raw,
        starts,
        items,
    }))
}

/// Raters with their mean τ_b.
fn with_tau(used: Vec<RaterUse>, n_raters: usize, tau: Option<&PairwiseTau>) -> Vec<RaterRow> {
    let mut sums = vec![(0.0, 0_usize); n_raters];
    for pair in tau.iter().flat_map(|t| &t.pairs) {
        let Ok(value) = &pair.tau else { continue };
        for rater in [pair.a, pair.b] {
            let sum = &mut sums[rater as usize];
            *sum = (sum.0 + value, sum.1 + 1);
        }
    }
    let mean = |(sum, n): (f64, usize)| (n > 0).then(|| (sum / n as f64, n));
    used.into_iter().map(|used| RaterRow { tau: mean(sums[used.rater as usize]), used }).collect()
}

/// Items by row and bin.
fn behind(votes: &Annotations, bins: &Bins, used: &[RaterUse]) -> (Vec<u32>, Vec<u32>) {
    let mut starts = Vec::with_capacity(used.len() * bins.len() + 1);
    let mut n = 0;
    for rater in used {
        for &count in &rater.counts {
            starts.push(n);
            n += count;
        }
    }
    starts.push(n);
    let mut items = vec![0; n as usize];
    let mut next = vec![0; bins.len()];
    for (row, rater) in used.iter().enumerate() {
        next.copy_from_slice(&starts[row * bins.len()..][..bins.len()]);
        for a in votes.of_rater(rater.rater as usize) {
            let slot = &mut next[bins.of(a.label)];
            items[*slot as usize] = a.item;
            *slot += 1;
        }
    }
    (starts, items)
}

/// Those with enough items of others first, the farthest first, then by number.
fn by_severity(raters: &[RaterRow]) -> Arc<[u32]> {
    let mut order: Vec<u32> = (0..raters.len() as u32).collect();
    let far = |row: &u32| raters[*row as usize].used.severity.map_or(-1.0, |s| s.mean.abs());
    let is_known = |row: &u32| raters[*row as usize].is_known();
    order.sort_by(|a, b| {
        let known = is_known(b).cmp(&is_known(a));
        known
            .then(far(b).total_cmp(&far(a)))
            .then_with(|| if a < b { Ordering::Less } else { Ordering::Greater })
    });
    order.into()
}

/// A stretch of the scale in words: the label, or from where to where.
fn name(dataset: &Dataset, worth: Numbers, values: &[f64], bins: &Bins, bin: usize) -> String {
    let (low, high) = bins.bounds()[bin];
    let is_one = low == high;
    if worth != Numbers::Names && is_one {
        let of_value = values.iter().position(|&v| v == low);
        return of_value.map_or_else(String::new, |label| dataset.labels.name(label as u32).to_owned());
    }
    if is_one {
        return short(low);
    }
    if worth == Numbers::Places {
        // Whole places from the first in the stretch to the last.
        let inside = || (0..values.len()).filter(|&label| bins.of(label as u32) == bin);
        let ends = inside().next().zip(inside().next_back());
        let name = |label: usize| dataset.labels.name(label as u32);
        return ends.map_or_else(|| (bin + 1).to_string(), |(a, b)| format!("{} to {}", name(a), name(b)));
    }
    format!("{} to {}", short(low), short(high))
}

/// A number in few digits.
fn short(value: f64) -> String {
    let words = if value.fract() == 0.0 && value.abs() < 1e9 {
        format!("{value:.0}")
    } else if value.abs() >= 1e6 || value.abs() < 0.01 {
        format!("{value:.1e}")
    } else {
        format!("{value:.2}")
    };
    words.replace('-', "−")
}

#[cfg(test)]
mod tests;
