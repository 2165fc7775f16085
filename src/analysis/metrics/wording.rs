//! A metric that is always there where two texts, or two lists of tags, stand beside each other: how alike they are.

use crate::analysis::score_rewards::flags::{lists, tags_of};
use crate::analysis::what_wins::properties::{Twins, columns, holds_text, twins};
use crate::dataset::Dataset;
use crate::stats::tf_idf::cosines;

/// Sides at most, for words of all of them are in memory.
const MOST_ITEMS: usize = 200_000;

/// Two columns of texts or of tags.
pub(super) struct Wording {
    /// What it is called.
    pub(super) name: String,
    sides: [usize; 2],
    are_tags: bool,
}

impl Wording {
    /// Those of `dataset`: tags before texts.
    pub(super) fn of(dataset: &Dataset) -> Option<Self> {
        let all = columns(dataset);
        let found = twins(&all);
        let at = |t: &Twins<'_>| {
            [t.first, t.second].map(|c| all.iter().position(|o| std::ptr::eq(o, c)).unwrap_or_default())
        };
        if dataset.n_items() > MOST_ITEMS {
            return None;
        }
        let tags = found.iter().find(|t| lists(&t.first.name));
        let texts = || found.iter().find(|t| holds_text(dataset, t.first) && holds_text(dataset, t.second));
        let (twin, are_tags) = tags.map(|t| (t, true)).or_else(|| texts().map(|t| (t, false)))?;
        let what = if are_tags { "tags in common" } else { "words in common" };
        Some(Self { name: what.to_owned(), sides: at(twin), are_tags })
    }

    /// How alike the two sides of each item are.
    pub(super) fn values(&self, dataset: &Dataset) -> Vec<Option<f64>> {
        let all = columns(dataset);
        let words = |item: usize, side: usize| -> Vec<String> {
            let cell = all.get(self.sides[side]).and_then(|c| c.get(dataset, item)).unwrap_or_default();
            if self.are_tags {
                return tags_of(cell).map(str::to_lowercase).collect();
            }
            let parts = cell.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
            parts.map(str::to_lowercase).collect()
        };
        let pairs: Vec<[Vec<String>; 2]> =
            (0..dataset.n_items()).map(|i| [words(i, 0), words(i, 1)]).collect();
        cosines(&pairs)
    }
}
