//! Probabilities for data without a model: learned from the items themselves.

use super::Settings;
use super::lab::SEED;
use crate::dataset::{Dataset, Embeddings, Learned, LearnedFrom, NO_LABEL, Probabilities, TextColumn};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::aggregation::majority_vote;
use crate::stats::learned::{learn_texts, learn_vectors};
use crate::stats::variation::VoteCounts;

/// Items whose cells tell at a glance whether a column holds numbers.
const GLANCE: usize = 16;
/// Most numbers of all items and columns.
const MOST: usize = 1 << 28;

/// Whether [`learn`] has something to go by, as far as can be seen at a glance.
pub fn can_learn(dataset: &Dataset) -> bool {
    let has_labels = dataset.given.is_some() || !dataset.annotations.is_empty();
    let has_items = dataset.embeddings.is_some()
        || (dataset.texts.is_some() && dataset.focus.is_none())
        || dataset.metadata.iter().any(|(_, cells)| numbers(cells, dataset.n_items().min(GLANCE)).is_some());
    dataset.probabilities.is_none() && has_labels && has_items
}

/// What a model would be learned from, in words: "the texts".
pub fn source_words(dataset: &Dataset) -> &'static str {
    match (&dataset.embeddings, &dataset.texts) {
        (Some(_), _) => "the embeddings",
        (None, Some(_)) if dataset.focus.is_none() => "the texts",
        _ => "the numbers",
    }
}

/// Learns the given labels (without them, the majority of the votes that count) from embeddings, else from texts, else from columns
/// of numbers, and gives `dataset` the probabilities, unless they are no better than always saying the commonest label:
/// then only how good they were.
///
/// Columns of numbers are those that no other meaning was found for and whose cells are all numbers or empty. One that only rises or
/// only falls numbers the items, and is left out. An empty cell counts as the mean of its column.
///
/// Undefined where there are probabilities already, nothing to learn from or no labels, and as [`learn_texts`]. Decisions of a
/// reviewer play no part.
pub fn learn(
    dataset: &mut Dataset,
    settings: &Settings,
    progress: &Progress,
) -> Result<Result<(), Undefined>, Cancelled> {
    let because = |words: &str| Ok(Err(Undefined::Because(words.to_owned())));
    if dataset.probabilities.is_some() {
        return because("the data has predicted probabilities");
    }
    if !can_learn(dataset) {
        return because("a model takes labels, and texts, embeddings or columns of numbers");
    }
    let k = dataset.labels.len();
    let labels = match &dataset.given {
        Some(given) => given.ids.clone(),
        None => majority_vote(&VoteCounts::new(&settings.counted(dataset), k)).label,
    };
    let mut labels = labels;
    labels.resize(dataset.n_items(), NO_LABEL);
    let texts = dataset.texts.as_ref().filter(|_| dataset.focus.is_none());
    let (from, model) = match (&dataset.embeddings, texts) {
        (Some(e), _) => {
            (LearnedFrom::Embeddings(e.name.clone()), learn_vectors(e, &labels, k, SEED, progress)?)
        }
        (None, Some(texts)) => (LearnedFrom::Texts, learn_texts(texts, &labels, k, SEED, progress)?),
        (None, None) => match columns(dataset, progress)? {
            Some((names, vectors)) => {
                (LearnedFrom::Columns(names), learn_vectors(&vectors, &labels, k, SEED, progress)?)
            }
            None => return because("no column holds numbers that say something of the items"),
        },
    };
    let model = match model {
        Ok(model) => model,
        Err(reason) => return Ok(Err(reason)),
    };
    let name = format!("Learned from {}", from.words());
    dataset.learned = Some(Learned {
        from,
        accuracy: model.accuracy,
        majority: model.majority,
        is_used: model.beats_majority,
        n_items: model.n_items,
        n_features: model.n_features,
    });
    if model.beats_majority {
        match Probabilities::from_f32(model.probabilities, labels.len(), k) {
            Ok(mut probabilities) => {
                probabilities.name = name;
                dataset.probabilities = Some(probabilities);
            }
            Err(error) => return Ok(Err(Undefined::Because(error.to_string()))),
        }
    }
    Ok(Ok(()))
}

/// The first `n` cells as numbers, NaN where one is empty. `None` where one is neither, where half are empty, and where they are
/// all the same or number the items.
fn numbers(cells: &TextColumn, n: usize) -> Option<Vec<f32>> {
    let mut found = Vec::with_capacity(n);
    let mut filled = 0;
    for item in 0..n.min(cells.len()) {
        let cell = cells.get(item).trim();
        if cell.is_empty() {
            found.push(f32::NAN);
            continue;
        }
        let number = cell.parse::<f32>().ok().filter(|x| x.is_finite())?;
        filled += 1;
        found.push(number);
    }
    let known = || found.iter().copied().filter(|x| !x.is_nan());
    let rises = known().is_sorted_by(|a, b| a < b) || known().is_sorted_by(|a, b| a > b);
    let varied = known().any(|x| Some(x) != known().next());
    (found.len() == n && 2 * filled > n && varied && !rises).then_some(found)
}

/// All columns of numbers, by name, as vectors of the items.
fn columns(dataset: &Dataset, progress: &Progress) -> Result<Option<(Vec<String>, Embeddings)>, Cancelled> {
    let n = dataset.n_items();
    let (mut names, mut found) = (Vec::new(), Vec::new());
    for (name, cells) in &dataset.metadata {
        progress.check()?;
        if (names.len() + 1).saturating_mul(n) > MOST {
            break;
        }
        let Some(mut column) = numbers(cells, n) else { continue };
        let known = column.iter().filter(|x| !x.is_nan());
        let mean = known.clone().map(|&x| f64::from(x)).sum::<f64>() / known.count().max(1) as f64;
        column.iter_mut().filter(|x| x.is_nan()).for_each(|x| *x = mean as f32);
        names.push(name.clone());
        found.push(column);
    }
    let values = (0..n).flat_map(|item| found.iter().map(move |column| column[item])).collect();
    Ok(Embeddings::new("columns".to_owned(), values, n, names.len()).ok().map(|vectors| (names, vectors)))
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
        assert_eq!(
            good.probabilities.as_ref().map(|p| (p.rows(), p.name.as_str())),
            Some((200, "Learned from the texts"))
        );
        assert!(learn(&mut good, &Settings::default(), &Progress::new()).unwrap().is_err());

        let mut bad = dataset(|i| format!("number {}", i % 7));
        learn(&mut bad, &Settings::default(), &Progress::new()).unwrap().unwrap();
        assert!(bad.probabilities.is_none() && !bad.learned.clone().unwrap().is_used);
        bad.texts = None;
        assert!(learn(&mut bad, &Settings::default(), &Progress::new()).unwrap().is_err());
    }

    #[test]
    fn columns_of_numbers_are_learned_from_but_those_that_number_the_items() {
        let cells = |says: &dyn Fn(usize) -> String| -> TextColumn {
            (0..200).map(says).collect::<Vec<_>>().iter().map(String::as_str).collect()
        };
        let mut data = Dataset { texts: None, ..dataset(|_| String::new()) };
        data.metadata = vec![
            ("row".into(), cells(&|i| i.to_string())),
            ("kind".into(), cells(&|i| ["a", "b"][i % 2].to_owned())),
        ];
        assert!(!can_learn(&data));
        assert!(learn(&mut data, &Settings::default(), &Progress::new()).unwrap().is_err());
        let weight =
            |i: usize| if i.is_multiple_of(9) { String::new() } else { format!("{}", i % 2 * 5 + i * 7 % 4) };
        data.metadata.push(("weight".into(), cells(&weight)));
        assert!(can_learn(&data));
        learn(&mut data, &Settings::default(), &Progress::new()).unwrap().unwrap();
        let learned = data.learned.clone().unwrap();
        assert_eq!(learned.from, LearnedFrom::Columns(vec!["weight".into()]));
        assert!(learned.is_used && learned.accuracy > 0.9, "{}", learned.accuracy);
        assert_eq!(data.probabilities.unwrap().name, "Learned from the numbers");
    }
}
