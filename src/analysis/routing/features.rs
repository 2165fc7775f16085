//! What is known of items before a person looks: columns about them, the length of the text, what the machine says and how sure it is.

use super::Machine;
use crate::analysis::covariates::{numbers, values};
use crate::dataset::{Dataset, LabelId, NO_LABEL};
use crate::stats::routing::Feature;

/// Columns about items that are looked at.
const MOST_COLUMNS: usize = 60;
/// Labels that are looked at one by one.
const MOST_LABELS: usize = 30;

/// All of them; `labels` are the machine's.
pub(super) fn features(dataset: &Dataset, machine: Machine, labels: &[LabelId]) -> Vec<Feature> {
    let mut found = Vec::new();
    if dataset.labels.len() <= MOST_LABELS {
        let own = labels.iter().map(|&l| (l != NO_LABEL).then_some(l)).collect();
        found.push(Feature::Value("its label".to_owned(), own, dataset.labels.names().to_vec()));
    }
    if let Some(model) = machine.model(dataset) {
        let mut row = vec![0.0; model.cols()];
        let sure = (0..dataset.n_items()).map(|item| {
            (item < model.rows()).then(|| {
                model.read(item, &mut row);
                row.iter().copied().fold(0.0, f64::max)
            })
        });
        found.push(Feature::Number("its probability".to_owned(), sure.collect()));
    }
    if let Some(texts) = &dataset.texts {
        let words = |text: &str| (!text.is_empty()).then(|| text.split_whitespace().count() as f64);
        found.push(Feature::Number("words of the text".to_owned(), texts.iter().map(words).collect()));
    }
    for (name, column) in dataset.metadata.iter().take(MOST_COLUMNS) {
        if let Some(numbers) = numbers(column) {
            found.push(Feature::Number(name.clone(), numbers));
        } else if let Some(values) = values(column) {
            let own = column.iter().map(|v| values.binary_search_by(|x| x.as_str().cmp(v)).ok());
            let own = own.map(|at| at.map(|at| at as u32)).collect();
            found.push(Feature::Value(name.clone(), own, values));
        }
    }
    found
}
