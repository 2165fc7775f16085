//! Judges together: what several models say against the given labels, by how sure they are together.
//!
//! Each judge j gives item i a distribution P_j(k | i): that of a model with probabilities, or all of it to the label that a model
//! chose. With p̄ their mean over the judges that looked at the item, the ensemble says the label of the largest p̄, its
//! confidence; ties say nothing. Items on which it contradicts the given label are flagged, in four bins of confidence of equal
//! width between 1/K and 1. A flag is no error: in some data the confident flags are on items on which people part, in others on items on
//! which people are of one mind, so the split of the people stands beside every bin and flag (Nahum et al. 2024).
//!
//! With ê_b the share of reviewed flags of a bin whose given label was wrong, and N_b its flags of N items, at least Σ N_b ê_b / N of all
//! labels are wrong: items without a flag are taken to be right.

use std::sync::Arc;

use super::{Given, Settings};
use crate::dataset::{Annotations, Dataset, LabelId, NO_LABEL, RaterKind};
use crate::progress::{Cancelled, Progress};
use crate::stats::proportion::share;
use crate::stats::{Estimate, Statistic, Undefined};

/// Bins of confidence.
const BINS: usize = 4;
/// 97.5 % point of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// What was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgesAsked {
    /// Whose votes count as people's.
    pub settings: Settings,
    /// Whether bins hold equally many items, not equal widths.
    pub equal_counts: bool,
    /// Decided items, ascending, and whether their given label was wrong.
    pub decided: Arc<[(u32, bool)]>,
}

/// What the judges say of one item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ensemble {
    /// The label; [`NO_LABEL`] where labels are tied or no judge looked.
    pub label: LabelId,
    /// The largest mean probability, in 1/K..=1.
    pub confidence: f64,
    /// Judges that looked.
    pub n: u32,
}

/// Items of one range of confidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Bin {
    /// Above this (the first bin: from it), up to `high`.
    pub low: f64,
    /// The upper end, included.
    pub high: f64,
    /// Items with a given label and one by the judges.
    pub n: usize,
    /// Flagged ones, ascending.
    pub flagged: Arc<[u32]>,
    /// Share of `n` that is flagged.
    pub share: Statistic,
    /// Flagged items on which two people or more are of one mind, ascending.
    pub unanimous: Arc<[u32]>,
    /// Flagged items with two votes of people or more.
    pub n_with_people: usize,
    /// Share of the reviewed flags whose given label was wrong.
    pub wrong: Statistic,
}

/// How often a judge agrees with the given labels, before and after their correction.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgeScore {
    /// The judge.
    pub name: String,
    /// Share of its items that have the label it says, as given.
    pub before: Statistic,
    /// The same with the corrections; items that were left without a label take no part.
    pub after: Statistic,
    /// The difference, item by item, with its 95 % interval.
    pub gain: Statistic,
    /// Items on which it parts from the given label as it stands, ascending.
    pub parted: Arc<[u32]>,
}

/// What the judges say together.
#[derive(Debug, Clone)]
pub struct JudgesReport {
    /// What was asked for.
    pub asked: JudgesAsked,
    /// Each judge.
    pub judges: Vec<JudgeScore>,
    /// One entry an item.
    pub ensemble: Vec<Ensemble>,
    /// By rising confidence.
    pub bins: Vec<Bin>,
    /// Flagged items, the surest first, ties by item.
    pub flagged: Arc<[u32]>,
    /// Votes of people.
    pub people: Annotations,
    /// Items with a given label.
    pub n: usize,
    /// Items on which judges are tied, ascending.
    pub tied: Arc<[u32]>,
    /// At least this share of the given labels is wrong; undefined while a bin with flags has no reviewed one.
    pub error_rate: Statistic,
    /// Whether all judges say the same everywhere, so that confidence tells nothing.
    pub no_spread: bool,
}

/// One judge.
enum Judge<'a> {
    Votes(Vec<LabelId>),
    Model(&'a crate::dataset::Probabilities),
}

impl Judge<'_> {
    fn label(&self, item: usize) -> LabelId {
        match self {
            Self::Votes(labels) => labels[item],
            Self::Model(p) => {
                let row = p.row(item);
                (0..row.len()).fold(0, |best, l| if row[l] > row[best] { l } else { best }) as LabelId
            }
        }
    }
}

/// Puts all models among the raters, and the model with probabilities, against the given labels.
///
/// Undefined with fewer than two judges or labels.
pub fn judges(
    dataset: &Dataset,
    given: &Given,
    asked: &JudgesAsked,
    progress: &Progress,
) -> Result<Result<JudgesReport, Undefined>, Cancelled> {
    let (n, k) = (dataset.n_items(), dataset.labels.len());
    let is_model = |r: usize| dataset.raters.kinds.get(r) == Some(&RaterKind::Model);
    let models: Vec<usize> = (0..dataset.raters.len()).filter(|&r| is_model(r)).collect();
    let probabilities = dataset.probabilities.as_ref().filter(|p| p.rows() == n && p.cols() == k);
    if models.len() + usize::from(probabilities.is_some()) < 2 || k < 2 {
        let why = "needs two models or more: raters that are models, or predicted probabilities beside one";
        return Ok(Err(Undefined::Because(why.to_owned())));
    }
    progress.stage("Asking the judges", n as u64);
    let mut panel = Vec::with_capacity(models.len() + 1);
    for &rater in &models {
        progress.check()?;
        let mut labels = vec![NO_LABEL; n];
        dataset.annotations.of_rater(rater).for_each(|a| labels[a.item as usize] = a.label);
        panel.push((dataset.raters.names[rater].clone(), Judge::Votes(labels)));
    }
    panel.extend(probabilities.map(|p| (p.name.clone(), Judge::Model(p))));
    let mut ensemble = Vec::with_capacity(n);
    let mut no_spread = true;
    let mut sums = vec![0.0; k];
    for item in 0..n {
        if item % 1024 == 0 {
            progress.check()?;
            progress.add(1024);
        }
        let one = together(&panel, item, &mut sums);
        no_spread &= one.n == 0 || one.confidence == 1.0;
        ensemble.push(one);
    }
    let people = asked.settings.counted(dataset).keep(|_, rater| !is_model(rater as usize));
    let counts = |item: usize| given.original[item] != NO_LABEL && ensemble[item].n > 0;
    let is_flagged = |item: usize| {
        counts(item) && ensemble[item].label != NO_LABEL && ensemble[item].label != given.original[item]
    };
    let mut flagged: Vec<u32> = (0..n as u32).filter(|&i| is_flagged(i as usize)).collect();
    let with: Vec<u32> = (0..n as u32).filter(|&i| counts(i as usize)).collect();
    let edges = edges(&with, &ensemble, k, asked.equal_counts);
    let bin_of = |item: u32| {
        let confidence = ensemble[item as usize].confidence;
        edges[1..BINS].iter().take_while(|&&edge| confidence > edge + 1e-12).count()
    };
    let bins: Vec<Bin> = (0..BINS)
        .map(|b| {
            let n = with.iter().filter(|&&i| bin_of(i) == b).count();
            let of: Vec<u32> = flagged.iter().copied().filter(|&i| bin_of(i) == b).collect();
            bin((edges[b], edges[b + 1]), n, &of, &people, &asked.decided)
        })
        .collect();
    let labelled = given.original.iter().filter(|&&l| l != NO_LABEL).count();
    let error_rate = error_rate(&bins, labelled);
    flagged.sort_by(|&a, &b| {
        let of = |i: u32| ensemble[i as usize].confidence;
        of(b).total_cmp(&of(a)).then(a.cmp(&b))
    });
    let tied =
        (0..n as u32).filter(|&i| ensemble[i as usize].n > 0 && ensemble[i as usize].label == NO_LABEL);
    Ok(Ok(JudgesReport {
        asked: asked.clone(),
        judges: panel.iter().map(|(name, judge)| score(name, judge, given)).collect(),
        tied: tied.collect(),
        ensemble,
        bins,
        flagged: flagged.into(),
        people,
        n: labelled,
        error_rate,
        no_spread,
    }))
}

/// The mean of the judges on one item. `sums` is room to work in, one number a label.
fn together(panel: &[(String, Judge)], item: usize, sums: &mut [f64]) -> Ensemble {
    sums.fill(0.0);
    let mut n = 0;
    for (_, judge) in panel {
        match judge {
            Judge::Votes(labels) if labels[item] == NO_LABEL => continue,
            Judge::Votes(labels) => sums[labels[item] as usize] += 1.0,
            Judge::Model(p) => sums.iter_mut().zip(p.row(item)).for_each(|(s, p)| *s += p),
        }
        n += 1;
    }
    let most = sums.iter().copied().fold(0.0, f64::max);
    let mut best = (0..).zip(sums.iter()).filter(|(_, s)| **s >= most - 1e-12).map(|(l, _)| l);
    let label = match (best.next(), best.next()) {
        (Some(label), None) if n > 0 => label,
        _ => NO_LABEL,
    };
    Ensemble { label, confidence: if n > 0 { most / f64::from(n) } else { 0.0 }, n }
}

/// Ends of the bins: of equal width between 1/K and 1, or so that each holds equally many items as far as ties allow.
fn edges(items: &[u32], ensemble: &[Ensemble], k: usize, equal_counts: bool) -> [f64; BINS + 1] {
    let low = 1.0 / k as f64;
    let mut edges: [f64; BINS + 1] = std::array::from_fn(|b| low + (1.0 - low) * b as f64 / BINS as f64);
    if equal_counts && !items.is_empty() {
        let mut all: Vec<f64> = items.iter().map(|&i| ensemble[i as usize].confidence).collect();
        all.sort_by(f64::total_cmp);
        for (b, edge) in edges.iter_mut().enumerate().take(BINS).skip(1) {
            *edge = all[(all.len() * b / BINS).min(all.len() - 1)];
        }
    }
    edges
}

fn bin(
    (low, high): (f64, f64),
    n: usize,
    flagged: &[u32],
    people: &Annotations,
    decided: &[(u32, bool)],
) -> Bin {
    let with_people: Vec<u32> =
        flagged.iter().copied().filter(|&i| people.labels_of(i as usize).len() > 1).collect();
    let of_one_mind = |&&i: &&u32| people.labels_of(i as usize).windows(2).all(|w| w[0] == w[1]);
    let reviewed: Vec<bool> = flagged
        .iter()
        .filter_map(|item| decided.binary_search_by_key(item, |d| d.0).ok().map(|at| decided[at].1))
        .collect();
    let n_wrong = reviewed.iter().filter(|w| **w).count();
    Bin {
        low,
        high,
        n,
        share: share(flagged.len(), n, "no item is in this bin"),
        unanimous: with_people.iter().filter(of_one_mind).copied().collect(),
        n_with_people: with_people.len(),
        wrong: share(n_wrong, reviewed.len(), "no flag of this bin was reviewed"),
        flagged: flagged.into(),
    }
}

/// Σ N_b ê_b / N. The interval joins Wilson's of the bins: each end is as far from the rate as the root of the summed squares of theirs, so that it has
/// width where all reviewed flags are alike (Zou & Donner 2008).
fn error_rate(bins: &[Bin], n: usize) -> Statistic {
    let with_flags = bins.iter().filter(|b| !b.flagged.is_empty());
    let (mut rate, mut below, mut above, mut reviewed) = (0.0, 0.0, 0.0, 0);
    for bin in with_flags {
        let Some((e, (low, high))) = bin.wrong.estimate().and_then(|e| Some((e, e.ci?))) else {
            return Undefined::Because("a bin with flags has none that was reviewed".to_owned()).into();
        };
        let weight = bin.flagged.len() as f64 / n as f64;
        rate += weight * e.value;
        below += (weight * (e.value - low)).powi(2);
        above += (weight * (high - e.value)).powi(2);
        reviewed += e.n_items;
    }
    if reviewed == 0 {
        return Undefined::Because("nothing is flagged".to_owned()).into();
    }
    let ci = ((rate - below.sqrt()).max(0.0), (rate + above.sqrt()).min(1.0));
    Estimate::new(rate, reviewed, 0).with_ci(Some(ci)).into()
}

fn score(name: &str, judge: &Judge, given: &Given) -> JudgeScore {
    let (mut n, mut hits) = (0usize, 0usize);
    let (mut n_after, mut hits_after) = (0usize, 0usize);
    let (mut gained, mut lost) = (0usize, 0usize);
    let mut parted = Vec::new();
    for (item, (&before, &after)) in given.original.iter().zip(&given.current).enumerate() {
        let said = judge.label(item);
        if said == NO_LABEL || before == NO_LABEL {
            continue;
        }
        n += 1;
        hits += usize::from(said == before);
        if after != NO_LABEL {
            n_after += 1;
            hits_after += usize::from(said == after);
            gained += usize::from(said == after && said != before);
            lost += usize::from(said != after && said == before);
            if said != after {
                parted.push(item as u32);
            }
        }
    }
    let none = "it labelled no item that has a given label";
    let gain = if n_after == 0 {
        Undefined::Because(none.to_owned()).into()
    } else {
        let by = n_after as f64;
        let mean = (gained as f64 - lost as f64) / by;
        let half = Z * (((gained + lost) as f64 / by - mean * mean).max(0.0) / by).sqrt();
        Estimate::new(mean, n_after, 0).with_ci(Some((mean - half, mean + half))).into()
    };
    JudgeScore {
        name: name.to_owned(),
        before: share(hits, n, none),
        after: share(hits_after, n_after, none),
        gain,
        parted: parted.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::GivenSource;
    use super::*;
    use crate::dataset::{AnnotationsBuilder, LabelSet, Probabilities, Raters};

    #[test]
    fn the_mean_of_three_judges_decides_how_sure_a_flag_is() {
        let p = |rows: [[f64; 2]; 2]| Probabilities::from_f64(rows.concat(), 2, 2).unwrap();
        let [a, b, c] =
            [p([[0.9, 0.1], [0.05, 0.95]]), p([[0.2, 0.8], [0.1, 0.9]]), p([[0.1, 0.9], [0.0, 1.0]])];
        let panel = [&a, &b, &c].map(|p| (String::new(), Judge::Model(p)));
        let mut sums = vec![0.0; 2];
        let (first, second) = (together(&panel, 0, &mut sums), together(&panel, 1, &mut sums));
        assert!((first.confidence - 0.6).abs() < 1e-12 && (second.confidence - 0.95).abs() < 1e-12);
        assert_eq!((first.label, second.label, first.n), (1, 1, 3));
        let edges = edges(&[0, 1], &[first, second], 2, false);
        assert_eq!(edges, [0.5, 0.625, 0.75, 0.875, 1.0]);
    }

    #[test]
    fn the_rate_is_that_of_the_bins_by_their_flags() {
        let none = Annotations::default();
        let made = |n: u32, reviewed: u32, wrong: u32| {
            let flagged: Vec<u32> = (0..n).collect();
            let decided: Vec<(u32, bool)> = (0..reviewed).map(|i| (i, i < wrong)).collect();
            bin((0.0, 1.0), 500, &flagged, &none, &decided)
        };
        let rate = error_rate(&[made(40, 20, 4), made(20, 10, 5), made(10, 5, 4)], 1000);
        assert!((rate.value().unwrap() - 0.026).abs() < 1e-12);
        let (low, high) = error_rate(&[made(40, 20, 20)], 1000).estimate().unwrap().ci.unwrap();
        assert!(low < 0.04 && high == 0.04, "{low} {high}");
        assert!(error_rate(&[made(40, 20, 4), made(20, 0, 0)], 1000).reason().is_some());
    }

    #[test]
    fn models_among_raters_against_the_given_label_with_the_people_beside() {
        // Raters 0 and 1 are people, 2 to 4 models. Item 0: models say b, people part. Item 1: all say a. Item 2: models tie.
        let mut said = AnnotationsBuilder::new();
        for (item, votes) in [[0, 1, 1, 1, 1], [0, 0, 0, 0, 0], [0, 0, 0, 1, NO_LABEL]].iter().enumerate() {
            for (rater, &label) in votes.iter().enumerate().filter(|(_, l)| **l != NO_LABEL) {
                said.push(item as u32, rater as u32, label, None);
            }
        }
        let dataset = Dataset {
            labels: LabelSet::new(&["a", "b"].map(str::to_owned), []),
            keys: ["0", "1", "2"].into_iter().collect(),
            raters: Raters {
                names: ["p", "q", "x", "y", "z"].map(str::to_owned).to_vec(),
                kinds: [vec![RaterKind::Human; 2], vec![RaterKind::Model; 3]].concat(),
                ..Raters::default()
            },
            annotations: said.finish(3, 5),
            ..Dataset::default()
        };
        let given = Given {
            source: GivenSource::Column("given".to_owned()),
            original: vec![0; 3],
            current: vec![1, 0, 0],
            n_tied: 0,
        };
        let asked =
            JudgesAsked { settings: Settings::default(), equal_counts: false, decided: [(0, true)].into() };
        let found = judges(&dataset, &given, &asked, &Progress::new()).unwrap().unwrap();
        assert_eq!((&*found.flagged, &*found.tied, found.n), (&[0][..], &[2][..], 3));
        let top = &found.bins[3];
        assert_eq!((top.n, top.n_with_people, top.unanimous.len()), (2, 1, 0));
        assert!((found.error_rate.value().unwrap() - 1.0 / 3.0).abs() < 1e-12 && !found.no_spread);
        let x = &found.judges[0];
        assert!((x.before.value().unwrap() - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!((x.after.value(), &*x.parted), (Some(1.0), &[][..]));
        let one = Dataset {
            raters: Raters { kinds: vec![RaterKind::Human; 5], ..dataset.raters.clone() },
            ..dataset
        };
        assert!(judges(&one, &given, &asked, &Progress::new()).unwrap().is_err());
    }
}
