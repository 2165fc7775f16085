//! Gamma (Mathet, Widlöcher & Métivier 2015, *Computational Linguistics* 41): units of raters are aligned such that the
//! disorder is least, and that disorder is compared with the least disorder of random continua.
//!
//! ```text
//! γ     = 1 − δ_observed / mean δ_random
//! γ_cat = the same with what aligned units of the best alignment differ in by label alone,
//!         each pair weighing (1 − α d_pos) / (units aligned − 1) and at least 0      (Mathet 2017, *CL* 43)
//! γ_k   = γ_cat of pairs of which one has label k
//! ```
//!
//! A unit that stands without a counterpart adds Δ∅² at weight Δ∅ to γ_cat and γ_k, for each rater who has none; that is
//! how pygamma-agreement counts it. It does so too where no pair at all is aligned, where pygamma-agreement puts 0 (of a
//! label without units, 1): that makes γ_k of rare labels far too low, and 1 of units that nobody else marked. Random
//! continua without a unit of the label are left out of its mean.
//!
//! Documents are aligned one by one, and their random continua are made one by one. Together, the sums of disorders are
//! compared, observed and random: a document weighs by its units. A document that one rater saw takes no part.
//!
//! Sample s of document d has a random stream of its own: results do not depend on the number of threads.

use rayon::prelude::*;

use super::align::{Alignment, align};
use super::continuum::{Continuum, Dissimilarity};
use super::data::SpanData;
use super::sampler::{Sampler, Sampling};
use crate::progress::{Cancelled, Progress};
use crate::stats::agreement::interval::Spread;
use crate::stats::agreement::resample::resample;
use crate::stats::{Estimate, Statistic, Undefined};

/// Most random continua of a document, whatever the precision asked for.
pub const MOST_SAMPLES: u32 = 10_000;

/// Disorders kept, one for each sample of each document.
const MOST_DISORDERS: usize = 20_000_000;

/// How gamma is computed.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct GammaOptions {
    /// What position, label and a missing counterpart are worth.
    pub dissimilarity: Dissimilarity,
    /// How random continua are made.
    pub sampling: Sampling,
    /// Random continua to begin with, at least 2.
    pub samples: u32,
    /// Relative error of the mean random disorder that more samples are drawn for, such as .02; none for as many as
    /// `samples` says. With standard deviation over mean c, n = ⌈(1.96 c / p)²⌉ (Mathet et al. 2015, §5.3).
    pub precision: Option<f64>,
    /// Seed of samples and of the bootstrap.
    pub seed: u64,
    /// Resamples of documents for the interval of the value together, where there are two documents or more.
    pub replicates: u32,
}

impl Default for GammaOptions {
    fn default() -> Self {
        let dissimilarity = Dissimilarity::default();
        Self {
            dissimilarity,
            sampling: Sampling::default(),
            samples: 30,
            precision: None,
            seed: 0,
            replicates: 1000,
        }
    }
}

/// One document, aligned.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentGamma {
    /// Document number; place in the list, where continua were given.
    pub document: u32,
    /// γ of it alone, without an interval.
    pub gamma: Statistic,
    /// Mean disorder of its random continua.
    pub expected: f64,
    /// The best alignment; rater and unit numbers are those of [`Continuum::of`].
    pub alignment: Alignment,
}

/// Gamma of a label.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelGamma {
    /// Label number.
    pub label: u32,
    /// γ_k.
    pub gamma: Statistic,
}

/// Gamma of documents, together and one by one.
#[derive(Debug, Clone, PartialEq)]
pub struct Gamma {
    /// γ over all documents. Its interval is by a bootstrap of documents, where there are two or more.
    pub gamma: Statistic,
    /// Where γ would be with endlessly many samples, at 95 %: what is left of chance in the random continua.
    pub monte_carlo: Option<(f64, f64)>,
    /// γ_cat: agreement on labels of what is aligned.
    pub gamma_cat: Statistic,
    /// γ_k of each label in use.
    pub labels: Vec<LabelGamma>,
    /// Disorder of all documents, per mean unit of a rater.
    pub observed: f64,
    /// Its mean over random continua.
    pub expected: f64,
    /// Random continua of each document.
    pub samples: u32,
    /// Whether all alignments, those of random continua included, are proven to be best.
    pub exact: bool,
    /// Parts of documents' own alignments, and of random continua's, for which that is not proven.
    pub n_unproven: (usize, usize),
    /// Documents of two raters or more that have a unit.
    pub documents: Vec<DocumentGamma>,
}

/// Sums for γ_cat and γ_k: (Σ weight × dissimilarity, Σ weight), of all pairs and of each label.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LabelSums {
    pub(super) all: (f64, f64),
    pub(super) labels: Vec<(f64, f64)>,
}

impl LabelSums {
    pub(super) fn new(n_labels: usize) -> Self {
        Self { all: (0.0, 0.0), labels: vec![(0.0, 0.0); n_labels] }
    }

    pub(super) fn add(
        &mut self,
        continuum: &Continuum,
        alignment: &Alignment,
        dissimilarity: &Dissimilarity,
    ) {
        let plus = |sum: &mut (f64, f64), weight: f64, d: f64| {
            sum.0 += weight * d;
            sum.1 += weight;
        };
        let k = continuum.lines().len();
        for group in &alignment.groups {
            let unit = |&(line, at): &(u32, u32)| continuum.lines()[line as usize][at as usize];
            let alone = (k - group.units.len()) as f64 * dissimilarity.empty;
            let base = 1.0 / (group.units.len().max(2) - 1) as f64;
            for (i, u) in group.units.iter().map(unit).enumerate() {
                plus(&mut self.all, alone, dissimilarity.empty);
                plus(&mut self.labels[u.label as usize], alone, dissimilarity.empty);
                for v in group.units[i + 1..].iter().map(unit) {
                    let weight = base * (1.0 - dissimilarity.of_position(u, v)).max(0.0);
                    let d = dissimilarity.of_label(u, v);
                    plus(&mut self.all, weight, d);
                    plus(&mut self.labels[u.label as usize], weight, d);
                    if u.label != v.label {
                        plus(&mut self.labels[v.label as usize], weight, d);
                    }
                }
            }
        }
    }
}

pub(super) fn ratio(sum: (f64, f64)) -> Option<f64> {
    (sum.1 > 0.0).then(|| sum.0 / sum.1)
}

/// One random continuum of each document.
struct Drawn {
    /// For each document: disorder times the mean number of units that the document's raters have.
    disorders: Vec<f64>,
    labels: LabelSums,
    unproven: usize,
}

/// Gamma of a dataset's spans; see [`gamma_of_continua`].
///
/// Undefined without spans, with fewer than two raters, where no two raters worked on the same document.
pub fn gamma(data: &SpanData, options: &GammaOptions, progress: &Progress) -> Result<Gamma, Cancelled> {
    let (numbers, continua): (Vec<u32>, Vec<Continuum>) =
        data.shared().map(|d| (d.document, Continuum::of(data, d))).unzip();
    let mut out = gamma_of_continua(&continua, options, progress)?;
    for document in &mut out.documents {
        document.document = numbers[document.document as usize];
    }
    if let Some(why) = data.hindrance() {
        out.gamma = why.clone().into();
        out.gamma_cat = why.into();
    }
    let (documents, raters) = (out.documents.len(), data.n_raters());
    let statistics = [&mut out.gamma, &mut out.gamma_cat].into_iter();
    for statistic in statistics.chain(out.labels.iter_mut().map(|l| &mut l.gamma)) {
        if let Statistic::Defined(estimate) = statistic {
            (estimate.n_items, estimate.n_raters) = (documents, raters);
        }
    }
    Ok(out)
}

/// Gamma of continua of any measure (seconds, characters), one a document.
///
/// `n_items` of estimates are continua. Without disorder γ is 1. Undefined where there is none by chance, where no
/// continuum has two raters and a unit, and for weights that are no weights.
pub fn gamma_of_continua(
    continua: &[Continuum],
    options: &GammaOptions,
    progress: &Progress,
) -> Result<Gamma, Cancelled> {
    let dissimilarity = options.dissimilarity;
    if !dissimilarity.is_sound() {
        return Ok(Gamma::without(Undefined::Because(
            "the weights of position, label and missing units must be numbers from 0, the last above 0"
                .into(),
        )));
    }
    let kept: Vec<(u32, &Continuum, Sampler<'_>)> = (0_u32..)
        .zip(continua)
        .filter(|(_, c)| c.lines().len() >= 2)
        .filter_map(|(i, c)| Some((i, c, Sampler::new(c, options.sampling)?)))
        .collect();
    if kept.is_empty() {
        let any = continua.iter().any(|c| c.n_units() > 0);
        return Ok(Gamma::without(if any {
            Undefined::FewerThanTwoRaters
        } else {
            Undefined::NoAnnotations
        }));
    }
    // Labels by place in a list of those in use.
    let mut names: Vec<u32> =
        kept.iter().flat_map(|(_, c, _)| c.lines().iter().flatten().map(|u| u.label)).collect();
    names.sort_unstable();
    names.dedup();
    let dense: Vec<Continuum> = kept.iter().map(|(_, c, _)| renumbered(c, &names)).collect();
    let samplers: Vec<Sampler<'_>> = dense.iter().filter_map(|c| Sampler::new(c, options.sampling)).collect();
    progress.stage("aligning", dense.len() as u64);
    let alignments: Vec<Alignment> = dense
        .par_iter()
        .map(|c| {
            let found = align(c, &dissimilarity, progress);
            progress.add(1);
            found
        })
        .collect::<Result<_, _>>()?;
    let weights: Vec<f64> = dense.iter().map(Continuum::mean_units).collect();
    let draw = |number: u64| -> Result<Drawn, Cancelled> {
        let mut drawn = Drawn { disorders: Vec::new(), labels: LabelSums::new(names.len()), unproven: 0 };
        for (d, sampler) in samplers.iter().enumerate() {
            progress.check()?;
            let random = sampler.sample(options.seed, number << 32 | d as u64);
            let alignment = align(&random, &dissimilarity, progress)?;
            drawn.labels.add(&random, &alignment, &dissimilarity);
            drawn.unproven += alignment.n_unproven;
            drawn.disorders.push(alignment.disorder * weights[d]);
        }
        progress.add(1);
        Ok(drawn)
    };
    let most = MOST_SAMPLES.min((MOST_DISORDERS / dense.len()) as u32).max(2);
    let first = options.samples.clamp(2, most);
    progress.stage("random continua", u64::from(first));
    let mut drawn: Vec<Drawn> = (0..u64::from(first)).into_par_iter().map(draw).collect::<Result<_, _>>()?;
    let sum = |d: &Drawn| d.disorders.iter().sum::<f64>();
    if let Some(precision) = options.precision.filter(|p| *p > 0.0 && *p < 1.0) {
        let (mean, sd) = moments(&drawn.iter().map(sum).collect::<Vec<_>>());
        let wanted = (1.96 * sd / (mean * precision)).powi(2).ceil();
        // A mean of 0 gives no number; then there is nothing to be precise about.
        let wanted = if wanted.is_finite() { (wanted as u32).min(most) } else { 0 };
        if wanted > first {
            progress.stage("more random continua", u64::from(wanted - first));
            let more: Vec<Drawn> =
                (u64::from(first)..u64::from(wanted)).into_par_iter().map(draw).collect::<Result<_, _>>()?;
            drawn.extend(more);
        }
    }
    let n = drawn.len() as f64;
    let observed: f64 = alignments.iter().zip(&weights).map(|(a, w)| a.disorder * w).sum();
    let (mean, sd) = moments(&drawn.iter().map(sum).collect::<Vec<_>>());
    let half = 1.96 * sd * (n / (n - 1.0)).sqrt() / n.sqrt();
    let expected_of: Vec<f64> =
        (0..dense.len()).map(|d| drawn.iter().map(|s| s.disorders[d]).sum::<f64>() / n).collect();
    let n_raters = dense.iter().map(|c| c.lines().len()).max().unwrap_or(0);
    let mut together = value(observed, mean, dense.len(), n_raters);
    if let Statistic::Defined(estimate) = &mut together
        && dense.len() >= 2
        && options.replicates > 0
    {
        let kinds: Vec<u32> = (0..dense.len() as u32).collect();
        let draws = resample(&kinds, kinds.len(), (options.replicates, options.seed), progress, |times| {
            let (mut o, mut e) = (0.0, 0.0);
            for (d, t) in times.iter().enumerate() {
                o += t * alignments[d].disorder * weights[d];
                e += t * expected_of[d];
            }
            value(o, e, 1, 2).value()
        })?;
        if let Some(spread) = Spread::percentiles(&draws) {
            (estimate.ci, estimate.se, estimate.method) =
                (Some(spread.ci), Some(spread.se), Some(spread.method));
        }
    }
    let mut own = LabelSums::new(names.len());
    dense.iter().zip(&alignments).for_each(|(c, a)| own.add(c, a, &dissimilarity));
    let by_label = |of: &dyn Fn(&LabelSums) -> (f64, f64)| -> Statistic {
        let random: Vec<f64> = drawn.iter().filter_map(|d| ratio(of(&d.labels))).collect();
        let Some(observed) = ratio(of(&own)).filter(|_| !random.is_empty()) else {
            return Undefined::Because("no units of it stand near enough to be compared".to_owned()).into();
        };
        let expected = random.iter().sum::<f64>() / random.len() as f64;
        value(observed, expected, dense.len(), n_raters)
    };
    let gamma_cat = by_label(&|s| s.all);
    let labels = names
        .iter()
        .enumerate()
        .map(|(l, &label)| LabelGamma { label, gamma: by_label(&|s| s.labels[l]) })
        .collect();
    let of_random: usize = drawn.iter().map(|d| d.unproven).sum();
    let of_own: usize = alignments.iter().map(|a| a.n_unproven).sum();
    let all: f64 = weights.iter().sum();
    let documents = kept
        .iter()
        .zip(alignments)
        .enumerate()
        .map(|(d, ((number, continuum, _), alignment))| DocumentGamma {
            document: *number,
            gamma: value(alignment.disorder * weights[d], expected_of[d], 1, continuum.lines().len()),
            expected: expected_of[d] / weights[d],
            alignment,
        })
        .collect();
    Ok(Gamma {
        monte_carlo: together.value().map(|_| {
            let at = |e: f64| if observed == 0.0 { 1.0 } else { 1.0 - observed / e.max(f64::MIN_POSITIVE) };
            (at((mean - half).max(mean * 1e-3)), at(mean + half))
        }),
        gamma: together,
        gamma_cat,
        labels,
        observed: observed / all,
        expected: mean / all,
        samples: drawn.len() as u32,
        exact: of_own + of_random == 0,
        n_unproven: (of_own, of_random),
        documents,
    })
}

impl Gamma {
    fn without(why: Undefined) -> Self {
        Self {
            gamma: why.clone().into(),
            monte_carlo: None,
            gamma_cat: why.into(),
            labels: Vec::new(),
            observed: 0.0,
            expected: 0.0,
            samples: 0,
            exact: true,
            n_unproven: (0, 0),
            documents: Vec::new(),
        }
    }
}

/// 1 − observed/expected; 1 without disorder.
fn value(observed: f64, expected: f64, n_items: usize, n_raters: usize) -> Statistic {
    if observed == 0.0 {
        Estimate::new(1.0, n_items, n_raters).into()
    } else if expected > 0.0 {
        Estimate::new(1.0 - observed / expected, n_items, n_raters).into()
    } else {
        Undefined::Because("random continua have no disorder".to_owned()).into()
    }
}

/// Mean and standard deviation (of all, not of a sample).
fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt())
}

/// The same with labels by their place in `names`.
fn renumbered(continuum: &Continuum, names: &[u32]) -> Continuum {
    let place = |label: u32| names.partition_point(|&n| n < label) as u32;
    let line =
        |line: &Vec<super::Unit>| line.iter().map(|&u| super::Unit { label: place(u.label), ..u }).collect();
    Continuum::new(continuum.lines().iter().map(line).collect())
}
