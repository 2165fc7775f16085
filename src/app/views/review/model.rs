//! What the review screen shows: the item, the strip of labels, the progress through the queue.

use crate::app::document::Document;
use crate::app::views::item::model::{self, ItemModel};
use crate::dataset::{LabelId, NO_LABEL, Outcome};
use crate::review::event::Blind;

/// A label under a number key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StripLabel {
    /// Which.
    pub label: LabelId,
    /// Its key, `1`…`9`, `0`.
    pub key: char,
    /// Whether it is the given one.
    pub given: bool,
}

/// What became of an item of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tick {
    /// Not decided.
    Open,
    /// Kept.
    Kept,
    /// Changed, several, none or excluded.
    Changed,
    /// Unsure.
    Unsure,
}

/// The screen.
#[derive(Debug, Clone, PartialEq)]
pub struct ReviewModel {
    /// The item.
    pub item: ItemModel,
    /// At most ten labels, in label order.
    pub strip: Vec<StripLabel>,
    /// Whether there are more labels than the strip shows.
    pub more_labels: bool,
    /// Position in the queue, from 0.
    pub position: usize,
    /// Length of the queue.
    pub total: usize,
    /// First item of the queue that `ticks` shows.
    pub first_tick: usize,
    /// What became of the items around the position.
    pub ticks: Vec<Tick>,
    /// Items of the queue kept, changed, unsure.
    pub counts: (usize, usize, usize),
}

/// Builds the screen for the item at the queue's position; looks at this item and the queue only.
pub fn build(doc: &Document, most_ticks: usize) -> Option<ReviewModel> {
    let analysis = doc.analysis.as_ref()?;
    let queue = doc.queue.as_ref()?;
    let item = *queue.items.get(doc.position)?;
    let alike = doc.alike();
    let alike = alike.as_ref().and_then(|found| found.as_ref().as_ref().ok());
    let mut model = model::build(&doc.dataset, analysis, alike, item);
    // The label that is under review is the one that was given: what was decided on it before is not to be seen in its place.
    model.given = analysis.given.original.get(item as usize).copied().filter(|&l| l != NO_LABEL);
    let (strip, more_labels) = strip(doc, &model);
    let tick = |(at, i): (usize, u32)| match doc.edits().get(i as usize).map(|e| &e.outcome) {
        // A second showing looks like any other place until it is decided itself.
        _ if queue.is_repeat(at) && !doc.is_answered(queue, at) => Tick::Open,
        None => Tick::Open,
        Some(Outcome::Kept(_)) => Tick::Kept,
        Some(Outcome::Unsure) => Tick::Unsure,
        Some(_) => Tick::Changed,
    };
    let total = queue.items.len();
    let shown = most_ticks.clamp(1, total.max(1));
    let first_tick = doc.position.saturating_sub(shown * 2 / 3).min(total - shown);
    let ticks = (first_tick..first_tick + shown).map(|at| tick((at, queue.items[at]))).collect();
    Some(ReviewModel {
        item: model,
        strip,
        more_labels,
        position: doc.position,
        total,
        first_tick,
        ticks,
        counts: doc.queue_counts,
    })
}

/// The labels under the number keys. Up to ten: all. More: the likeliest nine in label order, or, blind, the nine
/// most frequent ones, since likelihood would give the answer away.
fn strip(doc: &Document, item: &ItemModel) -> (Vec<StripLabel>, bool) {
    let k = doc.dataset.labels.len();
    let mut labels: Vec<LabelId> = (0..k as LabelId).collect();
    if k > 10 {
        // What the votes come to would tell them.
        let given = item.given.filter(|_| doc.blind() == Blind::Open || !doc.given_is_votes());
        let frequency = |l: LabelId| doc.label_counts.get(l as usize).copied().unwrap_or(0);
        let row = doc.dataset.probabilities.as_ref().map(|p| p.row(item.item as usize));
        let likelihood = |l: LabelId| -> f64 {
            match &row {
                _ if doc.blind() == Blind::RatersAndModel => frequency(l) as f64,
                Some(row) => row.get(l as usize).copied().unwrap_or(0.0),
                None => {
                    let votes = item.labels.iter().find(|e| e.label == l).map_or(0, |e| e.votes);
                    f64::from(votes) * 1e9 + frequency(l) as f64
                }
            }
        };
        labels.sort_by(|&a, &b| {
            (Some(b) == given)
                .cmp(&(Some(a) == given))
                .then(likelihood(b).total_cmp(&likelihood(a)))
                .then(a.cmp(&b))
        });
        labels.truncate(9);
        labels.sort_unstable();
    }
    let strip = labels
        .into_iter()
        .zip("1234567890".chars())
        .map(|(label, key)| StripLabel { label, key, given: Some(label) == item.given })
        .collect();
    (strip, k > 10)
}

/// Raters of the item in an order of its own, so that identity does not leak by position.
pub fn shuffled_raters(doc: &Document, item: &ItemModel) -> Vec<(u32, LabelId)> {
    let mix = |rater: u32| {
        let mut z = (u64::from(item.item) << 32 | u64::from(rater)).wrapping_add(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    };
    let mut list: Vec<(u32, LabelId)> = item.raters.iter().map(|v| (v.rater, v.label)).collect();
    if doc.blind() != Blind::Open {
        list.sort_by_key(|&(r, _)| mix(r));
    }
    list.retain(|&(_, l)| l != NO_LABEL);
    list
}
