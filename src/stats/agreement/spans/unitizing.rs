//! Krippendorff's alpha of unitizing (Krippendorff 1995, *Sociological Methodology* 25; 2004, *Quality & Quantity* 38):
//! did raters mark the same stretches of a continuum, label by label, beyond what chance would bring?
//!
//! Each rater's line is a sequence of units of a label and of gaps between them. Two sections g, h of different
//! raters, with begins b and lengths l, differ by
//!
//! ```text
//! δ² = (b_g − b_h)² + (b_g + l_g − b_h − l_h)²   both units, and they intersect
//!      l_g²                                       g a unit inside a gap h (and the other way round)
//!      0                                          otherwise
//! D_o = 2 Σ_{i<j} Σ_g Σ_h δ² / (m (m − 1) L²)
//! D_e = (2/L) Σ_units [(N − 1)(2l³ − 3l² + l)/3 + l² Σ_{gaps ≥ l} (gap − l + 1)] / (mL(mL − 1) − Σ l(l − 1))
//! α   = 1 − Σ_labels D_o / Σ_labels D_e
//! ```
//!
//! for m raters, a continuum of L code points and N units of the label.
//!
//! Several documents are laid end to end on one continuum, a gap cut at their bounds. Raters may work on different
//! documents: then mL is T = Σ m_d L_d and pairs of document d weigh 1/(m_d − 1), as alpha of single items weighs
//! them. For the same raters throughout this is the formula above. Documents of a single rater take no part.
//!
//! Units of one rater and one label must not overlap: the earliest, and of those that begin together the longest, is
//! kept; the others are counted. Sums of whole numbers are exact to 128 bits. Time is O(n log n) in units plus
//! O(raters × units) within a document.

use super::data::{Mark, SpanData};
use crate::dataset::LabelId;
use crate::progress::{Cancelled, Progress};
use crate::stats::agreement::interval::Spread;
use crate::stats::agreement::resample::resample;
use crate::stats::{Estimate, Statistic, Undefined};

/// Alpha of one label.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelUnitizing {
    /// Label number.
    pub label: LabelId,
    /// Units of it that took part.
    pub n_units: u64,
    /// D_o.
    pub observed: f64,
    /// D_e.
    pub expected: f64,
    /// 1 − D_o/D_e.
    pub alpha: Statistic,
}

/// How much one document adds to the disagreement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DocumentDisagreement {
    /// Document number.
    pub document: u32,
    /// Its part of D_o, of all labels together; the parts add up to it.
    pub observed: f64,
    /// Units in it that took part.
    pub n_units: u64,
}

/// Alpha of unitizing, together and label by label.
#[derive(Debug, Clone, PartialEq)]
pub struct Unitizing {
    /// Over all labels. The interval is by a bootstrap of documents, where there are two or more.
    pub together: Statistic,
    /// Why there is no interval, where there is none.
    pub no_interval: Option<Undefined>,
    /// One entry for each label in use.
    pub labels: Vec<LabelUnitizing>,
    /// Where the disagreement is, by document number: documents of two raters or more.
    pub documents: Vec<DocumentDisagreement>,
    /// Units that were passed over since they overlap an earlier one of their rater and label.
    pub n_passed_over: u64,
}

/// What one label has, in a form from which a resample of documents takes one pass.
#[derive(Default)]
struct LabelSums {
    /// For each shared document: Σ_{i<j} Σ δ² / (m_d − 1).
    observed: Vec<f64>,
    /// Lengths of units, with their documents, ascending.
    units: Vec<(u32, u32)>,
    /// Lengths of gaps, with their documents, ascending.
    gaps: Vec<(u32, u32)>,
}

/// (document index → how often it counts) → D_o and D_e without their common factor 2/L, and the number of units.
fn disagreement(sums: &LabelSums, times: &[f64], total: f64) -> (f64, f64, f64) {
    let observed: f64 = sums.observed.iter().zip(times).map(|(o, t)| o * t).sum::<f64>() / total;
    let n: f64 = sums.units.iter().map(|u| times[u.1 as usize]).sum();
    // From the longest down: gaps at least as long as the unit, their number and the sum of their lengths.
    let (mut at, mut gaps, mut room) = (sums.gaps.len(), 0.0, 0.0);
    let (mut expected, mut within) = (0.0, 0.0);
    for &(length, document) in sums.units.iter().rev() {
        while at > 0 && sums.gaps[at - 1].0 >= length {
            at -= 1;
            let t = times[sums.gaps[at].1 as usize];
            gaps += t;
            room += t * f64::from(sums.gaps[at].0);
        }
        let (l, t) = (f64::from(length), times[document as usize]);
        expected += t
            * ((n - 1.0).max(0.0) * l * (l - 1.0) * (2.0 * l - 1.0) / 3.0
                + l * l * (room - gaps * (l - 1.0)).max(0.0));
        within += t * l * (l - 1.0);
    }
    let pairs = total * (total - 1.0) - within;
    (observed, if pairs > 0.0 { expected / pairs } else { 0.0 }, n)
}

/// Krippendorff's alpha of unitizing; see the module for formulas and for how documents are joined.
///
/// `replicates` and `seed` are of the bootstrap over documents (0 replicates: no interval). Undefined without spans,
/// with fewer than two raters, where no two raters worked on the same document, and where no disagreement can come by
/// chance, as when everybody marked everything. `n_items` of the estimate are documents.
pub fn unitizing_alpha(
    data: &SpanData,
    replicates: u32,
    seed: u64,
    progress: &Progress,
) -> Result<Unitizing, Cancelled> {
    let shared: Vec<_> = data.shared().collect();
    let mut labels: Vec<LabelSums> = (0..data.n_labels()).map(|_| LabelSums::default()).collect();
    let mut n_passed_over = 0;
    let mut n_units = vec![0; shared.len()];
    progress.stage("documents", shared.len() as u64);
    for (d, document) in shared.iter().enumerate() {
        progress.check()?;
        // Which labels occur here, so that a document costs no more than what is in it.
        let mut marks: Vec<(LabelId, u32, Mark)> = Vec::new();
        for (r, line) in document.lines.iter().enumerate() {
            marks.extend(data.marks(line).iter().map(|&m| (m.label, r as u32, m)));
        }
        marks.sort_unstable_by_key(|&(label, r, m)| (label, r, m.start, std::cmp::Reverse(m.end)));
        let others = document.lines.len() as f64 - 1.0;
        for group in marks.chunk_by(|a, b| a.0 == b.0) {
            let sums = &mut labels[group[0].0 as usize];
            let mut lines: Vec<Vec<Mark>> = Vec::new();
            for own in group.chunk_by(|a, b| a.1 == b.1) {
                let mut kept: Vec<Mark> = Vec::with_capacity(own.len());
                for &(_, _, mark) in own {
                    if kept.last().is_none_or(|k| k.end <= mark.start) {
                        kept.push(mark);
                    } else {
                        n_passed_over += 1;
                    }
                }
                n_units[d] += kept.len() as u64;
                lines.push(kept);
            }
            let idle = document.lines.len() - lines.len();
            let mut squares = 0.0;
            for (i, line) in lines.iter().enumerate() {
                progress.check()?;
                // Beside a line without this label, each unit lies in a gap.
                let own: u128 = line.iter().map(|m| square(m.len())).sum();
                squares += own as f64 * idle as f64;
                squares += lines[i + 1..].iter().map(|other| between(line, other) as f64).sum::<f64>();
                sums.units.extend(line.iter().map(|m| (m.len(), d as u32)));
                let mut at = 0;
                for mark in line {
                    if mark.start > at {
                        sums.gaps.push((mark.start - at, d as u32));
                    }
                    at = mark.end;
                }
                if document.length > at {
                    sums.gaps.push((document.length - at, d as u32));
                }
            }
            sums.observed.resize(d, 0.0);
            sums.observed.push(squares / others);
        }
        progress.add(1);
    }
    // A rater without a label in a document has one gap there; they are added label by label, since most labels are
    // in few documents of many.
    for sums in labels.iter_mut().filter(|s| !s.units.is_empty()) {
        progress.check()?;
        sums.observed.resize(shared.len(), 0.0);
    }
    whole_gaps(data, &shared, &mut labels, progress)?;
    let once = vec![1.0; shared.len()];
    let size = |times: &[f64]| -> f64 {
        shared.iter().zip(times).map(|(d, t)| t * d.lines.len() as f64 * f64::from(d.length)).sum()
    };
    let total = size(&once);
    let length: f64 = shared.iter().map(|d| f64::from(d.length)).sum();
    let hindrance = data.hindrance();
    let n_raters = data.n_raters();
    let alpha = |observed: f64, expected: f64| -> Statistic {
        match &hindrance {
            Some(why) => why.clone().into(),
            None if expected > 0.0 => Estimate::new(1.0 - observed / expected, shared.len(), n_raters).into(),
            None => Undefined::Because("no disagreement can come by chance".to_owned()).into(),
        }
    };
    let mut out = Vec::new();
    let (mut observed, mut expected) = (0.0, 0.0);
    for (label, sums) in labels.iter().enumerate().filter(|(_, s)| !s.units.is_empty()) {
        let (o, e, n) = disagreement(sums, &once, total);
        observed += o;
        expected += e;
        let (o, e) = (2.0 * o / length, 2.0 * e / length);
        let label = label as LabelId;
        out.push(LabelUnitizing { label, n_units: n as u64, observed: o, expected: e, alpha: alpha(o, e) });
    }
    let mut together = alpha(observed, expected);
    let mut no_interval = None;
    if let Statistic::Defined(estimate) = &mut together {
        if shared.len() < 2 {
            no_interval = Some(Undefined::Because("an interval takes two documents".to_owned()));
        } else if replicates > 0 {
            let kinds: Vec<u32> = (0..shared.len() as u32).collect();
            let draws = resample(&kinds, kinds.len(), (replicates, seed), progress, |times| {
                let total = size(times);
                let (mut observed, mut expected) = (0.0, 0.0);
                for sums in labels.iter().filter(|s| !s.units.is_empty()) {
                    let (o, e, _) = disagreement(sums, times, total);
                    observed += o;
                    expected += e;
                }
                (expected > 0.0).then(|| 1.0 - observed / expected)
            })?;
            match Spread::percentiles(&draws) {
                Some(spread) => {
                    (estimate.ci, estimate.se, estimate.method) =
                        (Some(spread.ci), Some(spread.se), Some(spread.method));
                }
                None => {
                    no_interval =
                        Some(Undefined::Because("most resamples of documents have no value".to_owned()));
                }
            }
        }
    }
    let documents = shared
        .iter()
        .enumerate()
        .map(|(d, document)| {
            let sum: f64 = labels.iter().map(|s| s.observed.get(d).copied().unwrap_or(0.0)).sum();
            let observed = if length > 0.0 { 2.0 * sum / (total * length) } else { 0.0 };
            DocumentDisagreement { document: document.document, observed, n_units: n_units[d] }
        })
        .collect();
    Ok(Unitizing { together, no_interval, labels: out, documents, n_passed_over })
}

/// Puts in the gaps of raters who gave a document no unit of a label, and puts units and gaps in order.
fn whole_gaps(
    data: &SpanData,
    shared: &[&super::data::SpanDocument],
    labels: &mut [LabelSums],
    progress: &Progress,
) -> Result<(), Cancelled> {
    // Labels that each line has; all others have one gap there.
    let mut present: Vec<Vec<(u32, u32)>> = vec![Vec::new(); labels.len()];
    for (d, document) in shared.iter().enumerate() {
        for (r, line) in document.lines.iter().enumerate() {
            let mut here: Vec<LabelId> = data.marks(line).iter().map(|m| m.label).collect();
            here.sort_unstable();
            here.dedup();
            here.iter().for_each(|&l| present[l as usize].push((d as u32, r as u32)));
        }
    }
    for (sums, present) in labels.iter_mut().zip(&present).filter(|(s, _)| !s.units.is_empty()) {
        progress.check()?;
        let mut at = 0;
        for (d, document) in shared.iter().enumerate() {
            for r in 0..document.lines.len() {
                if present.get(at) == Some(&(d as u32, r as u32)) {
                    at += 1;
                } else if document.length > 0 {
                    sums.gaps.push((document.length, d as u32));
                }
            }
        }
        sums.units.sort_unstable();
        sums.gaps.sort_unstable();
    }
    Ok(())
}

fn square(x: u32) -> u128 {
    u128::from(x) * u128::from(x)
}

/// Σ δ² over the sections of two lines of units that do not overlap within a line: one walk along both.
fn between(a: &[Mark], b: &[Mark]) -> u128 {
    let one_way = |own: &[Mark], other: &[Mark]| {
        let (mut at, mut sum) = (0, 0_u128);
        for mark in own {
            while other.get(at).is_some_and(|o| o.end <= mark.start) {
                at += 1;
            }
            if other.get(at).is_none_or(|o| o.start >= mark.end) {
                sum += square(mark.len());
            }
        }
        sum
    };
    let mut sum = one_way(a, b) + one_way(b, a);
    let (mut i, mut j) = (0, 0);
    while let (Some(g), Some(h)) = (a.get(i), b.get(j)) {
        if g.overlap(*h) > 0 {
            sum += square(g.start.abs_diff(h.start)) + square(g.end.abs_diff(h.end));
        }
        if g.end <= h.end { i += 1 } else { j += 1 }
    }
    sum
}
