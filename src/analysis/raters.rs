//! What each rater did, measured against everybody's votes.

use rayon::prelude::*;

use super::{Aggregation, CoursePart, RaterSummary};
use crate::dataset::{Annotations, Dataset, LabelId, NO_LABEL};
use crate::stats::{Estimate, Statistic, Undefined};

/// Most cells in all confusion tables (raters × labels²), 256 MiB; beyond, they are left empty.
const MAX_CONFUSION_CELLS: usize = 1 << 25;

/// One summary a rater. Confusion tables have no rows where all together would pass 2²⁵ cells.
pub(super) fn summarise_raters(
    dataset: &Dataset,
    counted: &Annotations,
    aggregation: &Aggregation,
    consensus: &[LabelId],
) -> Vec<RaterSummary> {
    let n_raters = dataset.annotations.n_raters();
    let k = dataset.labels.len();
    let confusable =
        n_raters.checked_mul(k).and_then(|n| n.checked_mul(k)).is_some_and(|n| n <= MAX_CONFUSION_CELLS);
    (0..n_raters)
        .into_par_iter()
        .map(|rater| {
            let mut summary = summarise(dataset, aggregation, consensus, rater, confusable);
            // A model of the others' errors says nothing about somebody who did not count.
            if summary.n_annotations > 0 && counted.of_rater(rater).len() == 0 {
                summary.dawid_skene_accuracy =
                    Undefined::Because("the rater does not count".to_owned()).into();
            }
            summary
        })
        .collect()
}

fn summarise(
    dataset: &Dataset,
    aggregation: &Aggregation,
    consensus: &[LabelId],
    rater: usize,
    confusable: bool,
) -> RaterSummary {
    let annotations = &dataset.annotations;
    let k = dataset.labels.len();
    let mut label_counts = vec![0_u64; k];
    let mut confusion = if confusable { vec![vec![0_u64; k]; k] } else { Vec::new() };
    let mut durations = Vec::new();
    let (mut compared, mut agreeing, mut last_item, mut n_items) = (0_usize, 0_usize, None, 0);
    for a in annotations.of_rater(rater) {
        let (item, said) = (a.item as usize, a.label as usize);
        durations.extend(annotations.duration_s(a.index));
        if said >= k {
            continue;
        }
        label_counts[said] += 1;
        if let Some(&label) = aggregation.majority.label.get(item)
            && label != NO_LABEL
        {
            compared += 1;
            agreeing += usize::from(label == a.label);
            n_items += usize::from(last_item != Some(item));
            last_item = Some(item);
        }
        if let Some(row) = consensus.get(item).and_then(|&label| confusion.get_mut(label as usize)) {
            row[said] += 1;
        }
    }
    let n_annotations = annotations.of_rater(rater).len();
    let statistic = |value: f64, n_items: usize| Estimate::new(value, n_items, 1).into();
    let agreement_with_majority = if n_annotations == 0 {
        Undefined::NoAnnotations.into()
    } else if compared == 0 {
        Undefined::Because("no annotation is on an item that has a majority label".to_owned()).into()
    } else {
        statistic(agreeing as f64 / compared as f64, n_items)
    };
    let dawid_skene_accuracy: Statistic = match &aggregation.dawid_skene {
        Err(reason) => reason.clone().into(),
        Ok(_) if label_counts.iter().all(|&n| n == 0) => Undefined::NoAnnotations.into(),
        Ok(fit) => match fit.accuracy(rater) {
            Some(value) => statistic(value, distinct_items(dataset, rater)),
            None => Undefined::NoAnnotations.into(),
        },
    };
    RaterSummary {
        n_annotations,
        label_counts,
        agreement_with_majority,
        dawid_skene_accuracy,
        confusion,
        median_duration_s: median(durations),
        course: course(annotations, aggregation, rater),
    }
}

/// Parts of a rater's course, and the annotations that a part holds at least.
const PARTS: usize = 10;
const LEAST_PART: usize = 5;

/// A rater's annotations in the order of the file, which is as near to time as data without dates come.
fn course(annotations: &Annotations, aggregation: &Aggregation, rater: usize) -> Vec<CoursePart> {
    let own: Vec<_> = annotations.of_rater(rater).collect();
    let parts = PARTS.min(own.len() / LEAST_PART);
    if parts < 2 {
        return Vec::new();
    }
    (0..parts)
        .map(|part| {
            let here = &own[part * own.len() / parts..(part + 1) * own.len() / parts];
            let majority =
                |item: u32| aggregation.majority.label.get(item as usize).filter(|&&l| l != NO_LABEL);
            let agrees: Vec<bool> =
                here.iter().filter_map(|a| majority(a.item).map(|&label| label == a.label)).collect();
            let share = agrees.iter().filter(|a| **a).count() as f64 / agrees.len().max(1) as f64;
            CoursePart {
                items: (here[0].item, here[here.len() - 1].item),
                n_annotations: here.len(),
                agreement_with_majority: (!agrees.is_empty()).then_some(share),
                median_duration_s: median(
                    here.iter().filter_map(|a| annotations.duration_s(a.index)).collect(),
                ),
            }
        })
        .collect()
}

/// Items that `rater` labelled; a rater's annotations come by ascending item.
fn distinct_items(dataset: &Dataset, rater: usize) -> usize {
    let mut last = None;
    dataset.annotations.of_rater(rater).filter(|a| last.replace(a.item) != Some(a.item)).count()
}

/// The middle value, or the mean of the two in the middle; `None` of nothing.
fn median(mut values: Vec<f32>) -> Option<f64> {
    values.sort_unstable_by(f32::total_cmp);
    let n = values.len();
    let upper = f64::from(*values.get(n / 2)?);
    Some(if n % 2 == 1 { upper } else { 0.5 * (f64::from(values[n / 2 - 1]) + upper) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_between_the_two() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(vec![]), None);
    }
}
