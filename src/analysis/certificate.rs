//! Majority vote's certificate: where no weighting of the raters could overrule it, where it could, and where it would.
//!
//! Raters' votes only: no decision changes them.

use std::sync::Arc;

use super::Settings;
use super::lab::{SEED, differ};
use crate::dataset::Dataset;
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::aggregation::{
    AggregateOptions, Certificate, CertifyOptions, Layout, Which, aggregate, certify,
};

/// The certificate, and the items behind its numbers.
#[derive(Debug, Clone)]
pub struct Certified {
    /// Whose votes counted.
    pub settings: Settings,
    /// The certificate.
    pub certificate: Certificate,
    /// Items that are certified under raters of their own, ascending.
    pub sure: Arc<[u32]>,
    /// Items with a vote that are not.
    pub open: Arc<[u32]>,
    /// Items with one winner whom the weighted vote overrules.
    pub overruled: Arc<[u32]>,
    /// Items whose votes tie.
    pub tied: Arc<[u32]>,
    /// Items by their margin under raters of their own, in steps of equal width of which 0 is a bound; the least first.
    pub bins: Vec<Bin>,
}

/// Items whose margins lie close together.
#[derive(Debug, Clone, PartialEq)]
pub struct Bin {
    /// From here, inclusive. The first bin holds what is lower, too.
    pub from: f64,
    /// Up to here, exclusive. The last bin holds what is higher, too.
    pub to: f64,
    /// The items, ascending.
    pub items: Arc<[u32]>,
}

/// Most bins.
const MAX_BINS: f64 = 24.0;

/// Margins in steps of 1, 2 or 5 times a power of ten.
fn bins(margins: &[Option<f64>]) -> Vec<Bin> {
    let finite = || margins.iter().flatten().copied().filter(|m| m.is_finite());
    let (mut low, high) = finite().fold((0.0_f64, 0.0_f64), |(low, high), m| (low.min(m), high.max(m)));
    // As little as 10⁻⁶ of a log odds is nobody's margin.
    let least = ((high - low) / (MAX_BINS - 2.0)).max(1e-6);
    let power = 10.0_f64.powf(least.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|s| s * power).into_iter().find(|s| *s >= least).unwrap_or(least);
    if low == 0.0 && margins.iter().flatten().any(|&m| m < 0.0) {
        // Endlessly far below has a place below 0 too.
        low = -step;
    }
    let (first, last) = ((low / step).floor() as i64, (high / step).floor() as i64);
    let mut items: Vec<Vec<u32>> = vec![Vec::new(); (last - first) as usize + 1];
    for (item, margin) in margins.iter().enumerate() {
        let Some(margin) = margin else { continue };
        let at = ((margin / step).floor() as i64).clamp(first, last) - first;
        items[at as usize].push(item as u32);
    }
    let bound = |i: usize| (first + i as i64) as f64 * step;
    let bin = |(i, items): (usize, Vec<u32>)| Bin { from: bound(i), to: bound(i + 1), items: items.into() };
    items.into_iter().enumerate().map(bin).collect()
}

/// Certifies majority vote, with 200 resamples of items.
pub fn certified(
    dataset: &Dataset,
    settings: &Settings,
    progress: &Progress,
) -> Result<Result<Certified, Undefined>, Cancelled> {
    if dataset.raters.anonymous {
        return Ok(Err(Undefined::AnonymousVotes));
    }
    let votes = settings.counted(dataset).resolved(settings.duplicates);
    let layout = Layout::new(&votes, dataset.labels.len());
    let gold = dataset.gold.as_ref().map(|g| g.ids.as_slice());
    let options = CertifyOptions { seed: SEED, gold, ..CertifyOptions::default() };
    let certificate = match certify(&layout, options, progress)? {
        Ok(certificate) => certificate,
        Err(reason) => return Ok(Err(reason)),
    };
    let options = AggregateOptions::default();
    let labels = |which| aggregate(&layout, which, &options, &Progress::new()).map(|a| a.map(|a| a.labels));
    let (majority, weighted) = match (labels(Which::MajorityVote)?, labels(Which::OneCoin)?) {
        (Ok(majority), Ok(weighted)) => (majority, weighted),
        (Err(reason), _) | (_, Err(reason)) => return Ok(Err(reason)),
    };
    let of = |keep: &dyn Fn(usize) -> bool| -> Arc<[u32]> {
        (0..layout.n_items()).filter(|&i| keep(i)).map(|i| i as u32).collect()
    };
    Ok(Ok(Certified {
        settings: settings.clone(),
        sure: of(&|i| certificate.certified[i]),
        open: of(&|i| certificate.margin[i].is_some() && !certificate.certified[i]),
        overruled: of(&|i| {
            !majority.is_tied(i) && !majority.labels_of(i).is_empty() && differ(&majority, &weighted, i)
        }),
        tied: of(&|i| majority.is_tied(i)),
        bins: bins(&certificate.margin),
        certificate,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{AnnotationsBuilder, LabelSet, Raters};

    #[test]
    fn margins_are_binned_with_a_bound_at_0() {
        let margins = [Some(-0.3), None, Some(0.0), Some(2.1), Some(f64::INFINITY), Some(f64::NEG_INFINITY)];
        let found = bins(&margins);
        assert!(found.len() as f64 <= MAX_BINS && found.iter().any(|b| b.from == 0.0));
        assert_eq!(found.iter().map(|b| b.items.len()).sum::<usize>(), 5);
        let (first, last) = (found.first().unwrap(), found.last().unwrap());
        assert_eq!((&*first.items, &*last.items), (&[0, 5][..], &[3, 4][..]));
        let zero = found.iter().find(|b| b.from == 0.0).unwrap();
        assert_eq!(&*zero.items, [2]);
        // Nothing at all, and the same for all.
        assert_eq!(bins(&[None]).len(), 1);
        assert_eq!(bins(&[Some(0.0), Some(0.0)])[0].items.len(), 2);
        let found = bins(&[Some(f64::NEG_INFINITY), Some(1.0)]);
        assert!(found[0].from < 0.0 && *found[0].items == [0]);
    }

    #[test]
    fn a_weak_majority_of_weak_raters_is_not_certified() {
        // Two good raters, three who toss a coin (in a fixed order).
        let mut builder = AnnotationsBuilder::new();
        for item in 0..60_u32 {
            let truth = item % 2;
            for rater in 0..5 {
                let coin = ((item * 5 + rater).wrapping_mul(2_654_435_761) >> 17) % 2;
                builder.push(item, rater, if rater < 2 { truth } else { coin }, None);
            }
        }
        let mut dataset = Dataset {
            labels: LabelSet::new(&["no".to_owned(), "yes".to_owned()], std::iter::empty()),
            annotations: builder.finish(60, 5),
            raters: Raters { names: (0..5).map(|r| format!("r{r}")).collect(), ..Raters::default() },
            keys: (0..60).map(|i| i.to_string()).collect::<Vec<_>>().iter().map(String::as_str).collect(),
            ..Dataset::default()
        };
        let found = certified(&dataset, &Settings::default(), &Progress::new()).unwrap().unwrap();
        assert_eq!(found.sure.len() + found.open.len(), 60);
        assert_eq!(found.overruled.len(), found.certificate.overruled.items);
        assert!(!found.overruled.is_empty() && !found.open.is_empty());
        // Nobody who is certified is overruled: that is what the certificate says.
        assert!(found.overruled.iter().all(|i| found.sure.binary_search(i).is_err()));
        dataset.raters.anonymous = true;
        assert!(certified(&dataset, &Settings::default(), &Progress::new()).unwrap().is_err());
    }
}
