//! What raters highlighted as their reasons: how far two of them marked the same.
//!
//! An item has n units (tokens, sentences); each rater marks some of them. Of two raters who marked a and b units, c of
//! them the same:
//!
//! ```text
//! F1 = 2c/(a + b)      IoU = c/(a + b − c)      κ = (p_o − p_e)/(1 − p_e) over the n units
//! ```
//!
//! Where only one of them marked anything, all three are 0. Where neither did, there is nothing to compare: the three are
//! undefined and the pair is counted apart, unless 0 is asked for, as some published tables have it. Items of fewer than
//! two units are undefined.

#[cfg(test)]
mod tests;
mod units;

use rayon::prelude::*;
use statrs::distribution::{ContinuousCDF as _, StudentsT};

use super::agreement::cohen_kappa;
use super::agreement::spans::{Matched, SpanData, SpanDocument};
use super::estimate::{Estimate, Method, Statistic, Undefined};
use crate::dataset::TextColumn;
use crate::progress::{Cancelled, Progress};

pub use units::Unit;
use units::highlights;

/// Most pairs of raters of an item, over all items.
const MOST_PAIRS: u64 = 200_000_000;

/// What a pair is worth that marked nothing at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JointlyEmpty {
    /// Undefined: it is left out of means.
    #[default]
    Undefined,
    /// F1, IoU and κ are 0.
    Zero,
}

/// What one rater marked in an item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Highlight {
    /// Rater number. What a rater marked in several pieces counts together.
    pub rater: u32,
    /// Units, from 0, in any order; those beyond the item's last are passed over.
    pub units: Vec<u32>,
}

/// An item with all that was marked in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HighlightedItem {
    /// Number of its units.
    pub n_units: u32,
    /// One for each rater who looked at it, also where nothing was marked.
    pub highlights: Vec<Highlight>,
}

/// Two raters of one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overlap {
    /// The lower rater number and the higher one.
    pub raters: (u32, u32),
    /// Units of the item.
    pub n_units: u32,
    /// Units that each marked.
    pub n_marked: (u32, u32),
    /// Units that both marked.
    pub n_both: u32,
}

impl Overlap {
    /// Whether neither marked anything.
    pub fn is_jointly_empty(&self) -> bool {
        self.n_marked == (0, 0)
    }

    fn check(&self) -> Result<(), Undefined> {
        if self.n_units < 2 {
            Err(Undefined::Because("the item has fewer than two units".to_owned()))
        } else if self.is_jointly_empty() {
            Err(Undefined::Because("neither rater marked anything".to_owned()))
        } else {
            Ok(())
        }
    }

    /// 2c/(a + b), in 0..=1.
    pub fn f1(&self) -> Result<f64, Undefined> {
        self.check()?;
        let (a, b) = self.n_marked;
        let matched = Matched { a: a.into(), b: b.into(), both: self.n_both.into() };
        matched.f1().ok_or(Undefined::NoAnnotations)
    }

    /// c/(a + b − c), in 0..=1.
    pub fn iou(&self) -> Result<f64, Undefined> {
        self.check()?;
        let (a, b) = self.n_marked;
        let either = u64::from(a) + u64::from(b) - u64::from(self.n_both);
        Ok(f64::from(self.n_both) / either as f64)
    }

    /// Cohen's kappa over units. Undefined where both marked all of them.
    pub fn kappa(&self) -> Result<f64, Undefined> {
        self.check()?;
        let (n, a, b) = (u64::from(self.n_units), u64::from(self.n_marked.0), u64::from(self.n_marked.1));
        if a == 0 || b == 0 {
            // What the formula gives, without its rounding.
            return Ok(0.0);
        }
        let both = u64::from(self.n_both);
        let cells = [(1, 1, both), (1, 0, a - both), (0, 1, b - both), (0, 0, n + both - a - b)];
        cohen_kappa(&cells.map(|(x, y, n)| (x, y, n)).into_iter().filter(|c| c.2 > 0).collect::<Vec<_>>())
            .map(|k| k.kappa)
            .ok_or(Undefined::NoVariation)
    }
}

/// The overlap of the raters of one item.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemOverlap {
    /// Document number.
    pub document: u32,
    /// Pairs of its raters.
    pub n_pairs: u32,
    /// Pairs that marked nothing.
    pub n_jointly_empty: u32,
    /// Mean F1 of pairs that have one; `None` where no pair has.
    pub f1: Option<f64>,
    /// Mean IoU.
    pub iou: Option<f64>,
    /// Mean κ.
    pub kappa: Option<f64>,
    /// Krippendorff's α (nominal) of marked or not over the item's units, of all raters at once. Undefined for fewer than
    /// two raters or units, and where all units are marked alike.
    pub alpha: Result<f64, Undefined>,
}

/// The overlap of all items.
#[derive(Debug, Clone, PartialEq)]
pub struct RationaleOverlap {
    /// One an item, as they came.
    pub items: Vec<ItemOverlap>,
    /// Pairs of raters of an item that marked nothing.
    pub n_jointly_empty: u64,
    /// Items with two raters or more, all of whose pairs marked nothing.
    pub n_empty_items: usize,
    /// Mean over items that have a value, with a t interval; `n_items` are those. Undefined where no item has one.
    pub f1: Statistic,
    /// Mean IoU over items.
    pub iou: Statistic,
    /// Mean κ over items.
    pub kappa: Statistic,
    /// Mean α over items.
    pub alpha: Statistic,
}

/// Compares all pairs of raters of each document that two or more worked on, one document after the other; items are in the order of
/// documents. All statistics are undefined where there are more pairs than can be compared.
pub fn rationale_overlap(
    data: &SpanData,
    texts: &TextColumn,
    (unit, empty): (Unit, JointlyEmpty),
    progress: &Progress,
) -> Result<RationaleOverlap, Cancelled> {
    let documents: Vec<&SpanDocument> = data.documents().iter().filter(|d| d.lines.len() > 1).collect();
    let pairs = |d: &&SpanDocument| (d.lines.len() * (d.lines.len() - 1) / 2) as u64;
    let work: u64 = documents.iter().map(pairs).fold(0, u64::saturating_add);
    if work > MOST_PAIRS {
        let why =
            format!("there are {work} pairs of raters of a document, at most {MOST_PAIRS} are compared");
        return Ok(summary(Vec::new(), data.n_raters(), &Undefined::Because(why)));
    }
    progress.stage("Comparing highlights", documents.len() as u64);
    let items: Vec<ItemOverlap> = documents
        .par_iter()
        .map(|document| {
            progress.check()?;
            progress.add(1);
            let item = highlights(data, document, texts.get(document.document as usize), unit);
            Ok(ItemOverlap { document: document.document, ..item_overlap(&item, empty).0 })
        })
        .collect::<Result<_, Cancelled>>()?;
    let nothing = Undefined::Because("no document has two raters of whom one marked something".to_owned());
    Ok(summary(items, data.n_raters(), &nothing))
}

fn summary(items: Vec<ItemOverlap>, n_raters: usize, nothing: &Undefined) -> RationaleOverlap {
    let mean = |of: &dyn Fn(&ItemOverlap) -> Option<f64>| {
        let values: Vec<f64> = items.iter().filter_map(of).collect();
        mean_with_interval(&values, n_raters, nothing)
    };
    let all_empty = |i: &&ItemOverlap| i.n_pairs > 0 && i.n_jointly_empty == i.n_pairs;
    RationaleOverlap {
        n_jointly_empty: items.iter().map(|i| u64::from(i.n_jointly_empty)).sum(),
        n_empty_items: items.iter().filter(all_empty).count(),
        f1: mean(&|i| i.f1),
        iou: mean(&|i| i.iou),
        kappa: mean(&|i| i.kappa),
        alpha: mean(&|i| i.alpha.as_ref().ok().copied()),
        items,
    }
}

/// The mean of values of items, with Student's interval where there are two or more.
fn mean_with_interval(values: &[f64], n_raters: usize, nothing: &Undefined) -> Statistic {
    let n = values.len();
    if n == 0 {
        return nothing.clone().into();
    }
    let count = n as f64;
    let mean = values.iter().sum::<f64>() / count;
    let estimate = Estimate::new(mean, n, n_raters);
    let Ok(student) = StudentsT::new(0.0, 1.0, count - 1.0) else { return estimate.into() };
    let se = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (count - 1.0) / count).sqrt();
    let half = student.inverse_cdf(0.975) * se;
    Estimate {
        ci: Some((mean - half, (mean + half).min(1.0))),
        se: Some(se),
        method: Some(Method::Analytic),
        ..estimate
    }
    .into()
}

/// What there is to say of an item, and its pairs.
fn item_overlap(item: &HighlightedItem, empty: JointlyEmpty) -> (ItemOverlap, Vec<Overlap>) {
    let mut raters: Vec<(u32, Vec<u32>)> = Vec::with_capacity(item.highlights.len());
    let mut order: Vec<&Highlight> = item.highlights.iter().collect();
    order.sort_by_key(|h| h.rater);
    for same in order.chunk_by(|a, b| a.rater == b.rater) {
        let units = same.iter().flat_map(|h| h.units.iter().copied());
        let mut units: Vec<u32> = units.filter(|&u| u < item.n_units).collect();
        units.sort_unstable();
        units.dedup();
        raters.push((same[0].rater, units));
    }
    let mut pairs = Vec::with_capacity(raters.len() * raters.len().saturating_sub(1) / 2);
    for (i, (a, first)) in raters.iter().enumerate() {
        for (b, second) in &raters[i + 1..] {
            pairs.push(Overlap {
                raters: (*a, *b),
                n_units: item.n_units,
                n_marked: (first.len() as u32, second.len() as u32),
                n_both: common(first, second),
            });
        }
    }
    let mean = |of: fn(&Overlap) -> Result<f64, Undefined>| {
        let value = |pair: &Overlap| match of(pair) {
            Err(_) if pair.is_jointly_empty() && pair.n_units > 1 && empty == JointlyEmpty::Zero => Some(0.0),
            value => value.ok(),
        };
        let values: Vec<f64> = pairs.iter().filter_map(value).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    let found = ItemOverlap {
        document: 0,
        n_pairs: pairs.len() as u32,
        n_jointly_empty: pairs.iter().filter(|p| p.is_jointly_empty()).count() as u32,
        f1: mean(Overlap::f1),
        iou: mean(Overlap::iou),
        kappa: mean(Overlap::kappa),
        alpha: alpha(&raters, item.n_units),
    };
    (found, pairs)
}

/// How many numbers two ascending lists have in common.
fn common(a: &[u32], b: &[u32]) -> u32 {
    let (mut i, mut j, mut n) = (0, 0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        n += u32::from(x == y);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    n
}

/// Krippendorff's α of marked or not, every rater having looked at every unit: with m raters and k_u marks on unit u,
/// 1 − (nm − 1) Σ k_u (m − k_u) / ((m − 1) K (nm − K)), K = Σ k_u. Units without marks add nothing, so the work follows
/// the marks.
fn alpha(raters: &[(u32, Vec<u32>)], n_units: u32) -> Result<f64, Undefined> {
    let m = raters.len() as f64;
    if raters.len() < 2 {
        return Err(Undefined::FewerThanTwoRaters);
    }
    if n_units < 2 {
        return Err(Undefined::Because("the item has fewer than two units".to_owned()));
    }
    let mut marks: Vec<u32> = raters.iter().flat_map(|r| r.1.iter().copied()).collect();
    marks.sort_unstable();
    let apart: f64 =
        marks.chunk_by(|a, b| a == b).map(|same| same.len() as f64 * (m - same.len() as f64)).sum();
    let (all, marked) = (f64::from(n_units) * m, marks.len() as f64);
    if marked == 0.0 || marked == all {
        return Err(Undefined::NoVariation);
    }
    Ok(1.0 - (all - 1.0) * apart / ((m - 1.0) * marked * (all - marked)))
}
