//! The annotation behind the labels: how many raters, how many votes, how far they agree, how balanced the labels are.

use super::truth::{Truth, truths};
use crate::analysis::{Analysis, GivenSource};
use crate::dataset::{Dataset, Missing, NO_LABEL};
use crate::progress::{Cancelled, Progress};
use crate::stats::nutrition::{Imbalance, imbalance};
use crate::stats::{Estimate, Statistic, Undefined};

/// The ends and the middle of some counts.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Spread {
    /// Smallest.
    pub min: u64,
    /// Middle, the mean of two where they are even in number.
    pub median: f64,
    /// Largest.
    pub max: u64,
}

impl Spread {
    /// Of some counts; `None` of none.
    pub fn of(mut counts: Vec<u64>) -> Option<Self> {
        counts.sort_unstable();
        let (&min, &max) = (counts.first()?, counts.last()?);
        let middle = counts.len() / 2;
        let median = if counts.len().is_multiple_of(2) {
            (counts[middle - 1] + counts[middle]) as f64 / 2.0
        } else {
            counts[middle] as f64
        };
        Some(Self { min, median, max })
    }
}

/// How many raters an attribute is known of.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Coverage {
    /// Name of the attribute.
    pub attribute: String,
    /// Raters of whom it is known.
    pub known: usize,
    /// All raters.
    pub raters: usize,
}

/// What stands behind the labels.
#[derive(Debug, Clone, PartialEq)]
pub struct AnnotationPart {
    /// Items.
    pub n_items: usize,
    /// Raters; `None` where votes have no names.
    pub n_raters: Option<usize>,
    /// Annotations.
    pub n_annotations: usize,
    /// Votes an item, over all items; undefined without votes.
    pub votes_per_item: Result<Spread, Undefined>,
    /// Votes a rater.
    pub votes_per_rater: Result<Spread, Undefined>,
    /// Krippendorff's α, nominal.
    pub alpha: Statistic,
    /// Mean entropy of the votes in bits, over items with a vote.
    pub mean_entropy_bits: Statistic,
    /// Items whose votes are tied for most.
    pub n_tied: usize,
    /// Items with a vote.
    pub n_voted: usize,
    /// What is known of raters.
    pub coverage: Vec<Coverage>,
    /// Labels that are not there, by reason.
    pub missing: Vec<(Missing, u64)>,
    /// First and last moment of a vote, in seconds since 1970.
    pub moments_s: Option<(f64, f64)>,
    /// What the labels are whose balance is told.
    pub labels_are: String,
    /// Items by label.
    pub label_counts: Vec<u64>,
    /// How balanced they are.
    pub imbalance: Imbalance,
    /// What side tables say that goes with labels; undefined where none was joined.
    pub truths: Result<Vec<Truth>, Undefined>,
}

/// Of a dataset and its analysis, with the decisions that the analysis has.
pub fn annotation(
    dataset: &Dataset,
    analysis: &Analysis,
    progress: &Progress,
) -> Result<AnnotationPart, Cancelled> {
    progress.stage("Annotation", 0);
    let votes = &dataset.annotations;
    let n_items = dataset.n_items();
    let none = Undefined::NoAnnotations;
    let per_item: Vec<u64> = (0..n_items).map(|i| votes.count(i) as u64).collect();
    let n_voted = per_item.iter().filter(|&&n| n > 0).count();
    let votes_per_item =
        if votes.is_empty() { None } else { Spread::of(per_item) }.ok_or_else(|| none.clone());
    progress.check()?;
    let votes_per_rater = if votes.is_empty() {
        Err(none.clone())
    } else if dataset.raters.anonymous {
        Err(Undefined::AnonymousVotes)
    } else {
        let own = (0..dataset.raters.len()).map(|r| votes.rows_of_rater(r).len() as u64).collect();
        Spread::of(own).ok_or_else(|| none.clone())
    };
    let (sum, n) = (0..n_items)
        .filter_map(|i| analysis.items.entropy(i))
        .fold((0.0, 0), |(sum, n), entropy| (sum + entropy, n + 1));
    let mean_entropy_bits = if n == 0 {
        Statistic::from(none)
    } else {
        Estimate::new(sum / f64::from(n), n as usize, dataset.raters.len()).into()
    };
    progress.check()?;
    let voted = |i: &usize| votes.count(*i) > 0;
    let n_tied = (0..n_items).filter(voted).filter(|&i| is_tied(dataset, i)).count();
    let coverage = if dataset.raters.anonymous {
        Vec::new()
    } else {
        let of = |(name, values): &(String, Vec<String>)| Coverage {
            attribute: name.clone(),
            known: values.iter().filter(|v| !v.is_empty()).count(),
            raters: dataset.raters.len(),
        };
        dataset.raters.attributes.iter().map(of).collect()
    };
    progress.check()?;
    let moments = (0..votes.len() as u32).filter_map(|row| votes.moment_s(row)).filter(|m| m.is_finite());
    let moments_s = moments.fold(None, |ends: Option<(f64, f64)>, m| {
        Some(ends.map_or((m, m), |(low, high)| (low.min(m), high.max(m))))
    });
    let mut label_counts = vec![0_u64; dataset.labels.len()];
    for &label in analysis.given.current.iter().filter(|&&l| l != NO_LABEL) {
        if let Some(count) = label_counts.get_mut(label as usize) {
            *count += 1;
        }
    }
    let labels_are = match &analysis.given.source {
        GivenSource::Column(name) => format!("column “{name}”"),
        GivenSource::Consensus(crate::analysis::ConsensusMethod::MajorityVote) => "majority vote".to_owned(),
        GivenSource::Consensus(crate::analysis::ConsensusMethod::DawidSkene) => "Dawid–Skene".to_owned(),
    };
    Ok(AnnotationPart {
        n_items,
        n_raters: (!dataset.raters.anonymous).then_some(dataset.raters.len()),
        n_annotations: votes.len(),
        votes_per_item,
        votes_per_rater,
        alpha: analysis.agreement.krippendorff_alpha_nominal.clone(),
        mean_entropy_bits,
        n_tied,
        n_voted,
        coverage,
        missing: dataset.missing(),
        moments_s,
        labels_are,
        imbalance: imbalance(&label_counts),
        label_counts,
        truths: truths(dataset, analysis, progress)?,
    })
}

/// Whether two labels have most votes.
fn is_tied(dataset: &Dataset, item: usize) -> bool {
    let votes = dataset.votes(item);
    let most = votes.iter().map(|v| v.1).max().unwrap_or(0);
    votes.iter().filter(|v| v.1 == most).count() > 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Settings, run};
    use crate::dataset::Edits;
    use crate::formats::{LoadOptions, Overrides, open};

    fn part(text: &str, join: Option<&str>) -> AnnotationPart {
        let folder = tempfile::tempdir().unwrap();
        let (path, side) = (folder.path().join("t.csv"), folder.path().join("census.csv"));
        std::fs::write(&path, text).unwrap();
        let joins = join.map(|text| std::fs::write(&side, text)).map(|_| side.clone()).into_iter().collect();
        let options = LoadOptions { joins, ..LoadOptions::default() };
        let progress = Progress::new();
        let dataset = open(&path, &Overrides::default(), &options, &progress).unwrap();
        let analysis = run(&dataset, &Edits::new(), &Settings::default(), None, &progress).unwrap();
        annotation(&dataset, &analysis, &progress).unwrap()
    }

    const VOTES: &str = "item,rater,group,label\n\
        a,r1,x,yes\na,r2,,yes\nb,r1,x,yes\nb,r2,,no\nc,r1,x,no\nc,r2,,no\nc,r3,y,no\nd,r3,y,yes\n";

    #[test]
    fn votes_ties_and_what_is_known_of_raters_are_counted() {
        let found = part(VOTES, None);
        assert_eq!((found.n_items, found.n_raters, found.n_annotations), (4, Some(3), 8));
        assert_eq!(found.votes_per_item, Ok(Spread { min: 1, median: 2.0, max: 3 }));
        assert_eq!(found.votes_per_rater, Ok(Spread { min: 2, median: 3.0, max: 3 }));
        assert_eq!((found.n_tied, found.n_voted), (1, 4));
        // One item of one bit among four.
        assert!((found.mean_entropy_bits.value().unwrap() - 0.25).abs() < 1e-12);
        assert_eq!(found.coverage, [Coverage { attribute: "group".into(), known: 2, raters: 3 }]);
        // Majorities: a yes, c no, d yes; b is tied.
        assert_eq!(found.label_counts, [1, 2]);
        assert_eq!(found.imbalance.ratio.value(), Some(2.0));
        assert!(found.truths.unwrap_err().to_string().contains("--join"));
    }

    #[test]
    fn what_was_joined_is_held_against_the_labels() {
        let census = "item,income\na,30\nb,20\nc,10\nd,30\n";
        let found = part(VOTES, Some(census)).truths.unwrap();
        let own = found.iter().find(|t| t.reference == "income" && t.with == "the labels").unwrap();
        // yes: 30, 30; no: 10: the label tells all of the income.
        assert!((own.dependence.value.clone().unwrap() - 1.0).abs() < 1e-12, "{own:?}");
        assert_eq!(own.dependence.n, 3);
        let raters = "rater,age\nr1,20\nr2,40\nr3,60\n";
        let found = part(VOTES, Some(raters)).truths.unwrap();
        assert_eq!((found.len(), found[0].reference.as_str(), found[0].dependence.n), (1, "age", 8));
    }

    #[test]
    fn a_spread_of_nothing_is_none() {
        assert_eq!(Spread::of(Vec::new()), None);
        assert_eq!(Spread::of(vec![4, 1]), Some(Spread { min: 1, median: 2.5, max: 4 }));
    }
}
