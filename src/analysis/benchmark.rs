//! Do the corrected labels change which model is better? Models' accuracies on labels that were upheld and on those that were corrected, as the review
//! goes on, and the prevalence of errors from which two of them change places.

use std::sync::Arc;

use super::Analysis;
use super::judge_validation::judges_of;
use crate::dataset::{Dataset, Edits, LabelId, NO_LABEL, Outcome};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::destabilised::{Destabilised, Reviewed, destabilised};

/// What was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct BenchmarkAsked {
    /// The decisions.
    pub edits: Arc<Edits>,
    /// Seed of the draws.
    pub seed: u64,
}

/// Models on the labels as they were and as they are.
#[derive(Debug, Clone)]
pub struct BenchmarkReport {
    /// What was asked for.
    pub asked: BenchmarkAsked,
    /// Names of the models.
    pub models: Vec<String>,
    /// Accuracies and changes of place.
    pub found: Destabilised,
    /// Accuracy of each on all items, by the labels as they were and as they are now.
    pub overall: Vec<(Option<f64>, Option<f64>)>,
    /// Items whose label was corrected, ascending.
    pub corrected: Arc<[u32]>,
    /// Items whose label was upheld, ascending.
    pub upheld: Arc<[u32]>,
    /// Decided items that count for neither: excluded, left open, or with several labels.
    pub n_dropped: usize,
}

/// Compares the models of `dataset` on the labels that were reviewed.
///
/// Undefined without a given label, without two models, and before anything was decided.
///
/// # Errors
/// If it was cancelled.
pub fn benchmark(
    dataset: &Dataset,
    analysis: &Analysis,
    asked: &BenchmarkAsked,
    progress: &Progress,
) -> Result<Result<BenchmarkReport, Undefined>, Cancelled> {
    let because = |why: &str| Ok(Err(Undefined::Because(why.to_owned())));
    if dataset.sets.is_some() {
        return because("items have several labels");
    }
    let original = |item: usize| analysis.given.original.get(item).copied().unwrap_or(NO_LABEL);
    let judges = judges_of(dataset, None, progress)?;
    if judges.len() < 2 {
        return because("it takes the predictions of two models: raters that are models, or probabilities");
    }
    let mut reviewed = Vec::new();
    let mut n_dropped = 0;
    for (item, edit) in asked.edits.iter() {
        let given = original(item);
        let corrected = match edit.outcome {
            Outcome::Kept(l) | Outcome::Changed(l) if given != NO_LABEL && l != NO_LABEL => {
                (l != given).then_some(l)
            }
            _ => {
                n_dropped += 1;
                continue;
            }
        };
        reviewed.push(Reviewed { item: item as u32, original: given, corrected });
    }
    if reviewed.is_empty() {
        return because("no given label was upheld or corrected yet");
    }
    reviewed.sort_unstable_by_key(|r| r.item);
    let columns: Vec<&[LabelId]> = judges.iter().map(|j| j.labels.as_slice()).collect();
    let found = destabilised(&reviewed, &columns, asked.seed, progress)?;
    let overall = columns
        .iter()
        .map(|model| {
            let of = |labels: &[LabelId]| {
                let (mut right, mut n) = (0_usize, 0_usize);
                for (&own, &label) in model.iter().zip(labels) {
                    if own != NO_LABEL && label != NO_LABEL {
                        n += 1;
                        right += usize::from(own == label);
                    }
                }
                (n > 0).then(|| right as f64 / n as f64)
            };
            (of(&analysis.given.original), of(&analysis.given.current))
        })
        .collect();
    let items = |is: fn(&Reviewed) -> bool| -> Arc<[u32]> {
        reviewed.iter().filter(|r| is(r)).map(|r| r.item).collect()
    };
    Ok(Ok(BenchmarkReport {
        asked: asked.clone(),
        models: judges.into_iter().map(|j| j.name).collect(),
        found,
        overall,
        corrected: items(|r| r.corrected.is_some()),
        upheld: items(|r| r.corrected.is_none()),
        n_dropped,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Settings, run};
    use crate::dataset::{Edit, LabelColumn, LabelSet, Probabilities};

    #[test]
    fn two_models_change_places_as_labels_are_corrected() {
        // Every tenth label is wrong. One model repeats the labels, another knows the truth but slips.
        let given: Vec<u32> = (0..200).map(|i| u32::from(i % 2 == 1 || i % 10 == 0)).collect();
        let truth = |i: u32| i % 2;
        let rows = |label: &dyn Fn(u32) -> u32| -> Vec<f64> {
            (0..200).flat_map(|i| if label(i) == 1 { [0.2, 0.8] } else { [0.8, 0.2] }).collect()
        };
        let repeats = Probabilities::from_f64(rows(&|i| given[i as usize]), 200, 2).unwrap();
        let mut knows =
            Probabilities::from_f64(rows(&|i| if i % 37 == 5 { 1 - truth(i) } else { truth(i) }), 200, 2)
                .unwrap();
        "knows".clone_into(&mut knows.name);
        let data = Dataset {
            labels: LabelSet::new(&["no".to_owned(), "yes".to_owned()], []),
            keys: (0..200).map(|i| i.to_string()).collect::<Vec<_>>().iter().map(String::as_str).collect(),
            given: Some(LabelColumn { name: "label".into(), ids: given.clone() }),
            probabilities: Some(repeats),
            models: vec![knows],
            ..Dataset::default()
        };
        let mut edits = Edits::new();
        for i in 0..200_u32 {
            let outcome = match i {
                3 => Outcome::Excluded,
                _ if truth(i) == given[i as usize] => Outcome::Kept(truth(i)),
                _ => Outcome::Changed(truth(i)),
            };
            edits.set(i as usize, Edit::new(outcome, "r"));
        }
        let analysis = run(&data, &edits, &Settings::default(), None, &Progress::new()).unwrap();
        let asked = BenchmarkAsked { edits: Arc::new(edits), seed: 1 };
        let r = benchmark(&data, &analysis, &asked, &Progress::new()).unwrap().unwrap();
        assert_eq!((r.corrected.len(), r.upheld.len(), r.n_dropped), (20, 179, 1));
        let swap = r.found.swaps[0];
        assert!(swap.models == (0, 1) && swap.at.unwrap() < 0.1, "{swap:?}");
        assert!(
            r.overall[0].0.unwrap() > r.overall[1].0.unwrap()
                && r.overall[0].1.unwrap() < r.overall[1].1.unwrap()
        );
        let none = BenchmarkAsked { edits: Arc::default(), seed: 1 };
        assert!(benchmark(&data, &analysis, &none, &Progress::new()).unwrap().is_err());
    }
}
