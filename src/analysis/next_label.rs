//! Which item to have labelled next, by the votes that count and the data's probabilities (ActiveLab).

use std::sync::Arc;

use super::{Settings, crowd};
use crate::dataset::Dataset;
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::aggregation::{ActiveLab, Calibration, active_lab};

/// Items in the order in which another label helps.
#[derive(Debug, Clone)]
pub struct NextLabel {
    /// Scores, temperature, weights.
    pub found: ActiveLab,
    /// All items, the lowest score first, ties by item.
    pub order: Arc<[u32]>,
    /// Votes that count, one number an item.
    pub n_votes: Vec<u32>,
    /// Items without a vote, ascending.
    pub without: Arc<[u32]>,
}

/// Scores every item, with or without votes.
///
/// Undefined without probabilities, for anonymous votes, and as [`active_lab`].
pub fn next_label(
    dataset: &Dataset,
    settings: &Settings,
    progress: &Progress,
) -> Result<Result<NextLabel, Undefined>, Cancelled> {
    let (layout, model) = match crowd::votes_and_model(dataset, settings) {
        Ok(both) => both,
        Err(reason) => return Ok(Err(reason)),
    };
    let found = match active_lab(&layout, &[model], Calibration::Votes, progress)? {
        Ok(found) => found,
        Err(reason) => return Ok(Err(reason)),
    };
    let n_votes: Vec<u32> = (0..layout.n_items()).map(|item| layout.votes(item).len() as u32).collect();
    let mut order: Vec<u32> = (0..layout.n_items() as u32).collect();
    order.sort_by(|&a, &b| found.score[a as usize].total_cmp(&found.score[b as usize]).then(a.cmp(&b)));
    let without = order.iter().copied().filter(|&item| n_votes[item as usize] == 0);
    let mut without: Vec<u32> = without.collect();
    without.sort_unstable();
    Ok(Ok(NextLabel { found, order: order.into(), n_votes, without: without.into() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{AnnotationsBuilder, LabelSet, Probabilities, Raters};

    #[test]
    fn what_is_doubtful_and_little_labelled_comes_first() {
        let mut said = AnnotationsBuilder::new();
        for item in 0..6_u32 {
            for rater in 0..3 {
                // Item 4: they part, and the model does not know. Item 5 has no vote.
                if item < 5 {
                    said.push(item, rater, if item == 4 && rater == 2 { 1 } else { item % 2 }, None);
                }
            }
        }
        let sure = |item: usize| if item.is_multiple_of(2) { [0.95, 0.05] } else { [0.05, 0.95] };
        let mut rows: Vec<f64> = (0..6).flat_map(sure).collect();
        rows[8..].copy_from_slice(&[0.5, 0.5, 0.52, 0.48]);
        let dataset = Dataset {
            labels: LabelSet::new(&["no", "yes"].map(str::to_owned), []),
            raters: Raters { names: ["r", "s", "t"].map(str::to_owned).to_vec(), ..Raters::default() },
            annotations: said.finish(6, 3),
            probabilities: Some(Probabilities::from_f64(rows, 6, 2).unwrap()),
            ..Dataset::default()
        };
        let found = next_label(&dataset, &Settings::default(), &Progress::new()).unwrap().unwrap();
        assert_eq!((&found.order[..2], &*found.without, found.n_votes[5]), (&[4, 5][..], &[5][..], 0));
        let bare = Dataset { probabilities: None, ..dataset };
        let none = next_label(&bare, &Settings::default(), &Progress::new()).unwrap();
        assert_eq!(none.unwrap_err(), Undefined::NoProbabilities);
    }
}
