//! Probabilities for data without a model: learned from the items' own texts.

use super::Settings;
use super::lab::SEED;
use crate::dataset::{Dataset, LearnedFromTexts, Probabilities};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::aggregation::majority_vote;
use crate::stats::text_model::text_model;
use crate::stats::variation::VoteCounts;

/// What its probabilities are called.
pub const NAME: &str = "Learned from texts";

/// Whether [`learn`] has something to go by.
pub fn can_learn(dataset: &Dataset) -> bool {
    let has_labels = dataset.given.is_some() || !dataset.annotations.is_empty();
    dataset.probabilities.is_none() && dataset.texts.is_some() && dataset.focus.is_none() && has_labels
}

/// Learns the given labels (without them, the majority of the votes that count) from the texts, and gives `dataset` the
/// probabilities, unless they are no better than always saying the commonest label: then only how good they were.
///
/// Undefined where there are probabilities already, no texts or no labels, and as [`text_model`]. Decisions of a reviewer
/// play no part.
pub fn learn(
    dataset: &mut Dataset,
    settings: &Settings,
    progress: &Progress,
) -> Result<Result<(), Undefined>, Cancelled> {
    let because = |words: &str| Ok(Err(Undefined::Because(words.to_owned())));
    if dataset.probabilities.is_some() {
        return because("the data has predicted probabilities");
    }
    let Some(texts) = dataset.texts.as_ref().filter(|_| can_learn(dataset)) else {
        return because("a model of the texts takes items that are texts, and labels");
    };
    let k = dataset.labels.len();
    let labels = match &dataset.given {
        Some(given) => given.ids.clone(),
        None => majority_vote(&VoteCounts::new(&settings.counted(dataset), k)).label,
    };
    let model = match text_model(texts, &labels, k, SEED, progress)? {
        Ok(model) => model,
        Err(reason) => return Ok(Err(reason)),
    };
    dataset.learned = Some(LearnedFromTexts {
        accuracy: model.accuracy,
        majority: model.majority,
        is_used: model.beats_majority,
        n_items: model.n_items,
        n_features: model.n_features,
    });
    if model.beats_majority {
        match Probabilities::from_f32(model.probabilities, labels.len(), k) {
            Ok(mut probabilities) => {
                NAME.clone_into(&mut probabilities.name);
                dataset.probabilities = Some(probabilities);
            }
            Err(error) => return Ok(Err(Undefined::Because(error.to_string()))),
        }
    }
    Ok(Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{LabelColumn, LabelSet};

    fn dataset(says: impl Fn(usize) -> String) -> Dataset {
        let texts: Vec<String> = (0..200).map(says).collect();
        Dataset {
            labels: LabelSet::new(&["cat".to_owned(), "dog".to_owned()], []),
            keys: (0..200).map(|i| i.to_string()).collect::<Vec<_>>().iter().map(String::as_str).collect(),
            texts: Some(texts.iter().map(String::as_str).collect()),
            given: Some(LabelColumn { name: "label".into(), ids: (0..200).map(|i| i % 2).collect() }),
            ..Dataset::default()
        }
    }

    #[test]
    fn a_model_that_is_no_better_than_the_commonest_label_is_not_used() {
        let mut good = dataset(|i| format!("it {} number {i}", if i % 2 == 0 { "purrs" } else { "barks" }));
        learn(&mut good, &Settings::default(), &Progress::new()).unwrap().unwrap();
        let learned = good.learned.clone().unwrap();
        assert!(learned.is_used && learned.accuracy > 0.95 && learned.majority == 0.5);
        assert_eq!(good.probabilities.as_ref().map(|p| (p.rows(), p.name.as_str())), Some((200, NAME)));
        assert!(learn(&mut good, &Settings::default(), &Progress::new()).unwrap().is_err());

        let mut bad = dataset(|i| format!("number {}", i % 7));
        learn(&mut bad, &Settings::default(), &Progress::new()).unwrap().unwrap();
        assert!(bad.probabilities.is_none() && !bad.learned.clone().unwrap().is_used);
        bad.texts = None;
        assert!(learn(&mut bad, &Settings::default(), &Progress::new()).unwrap().is_err());
    }
}
