//! Items after a disagreement and after agreement: do disagreements come in runs?

use std::collections::HashMap;
use std::sync::Arc;

use super::{Behind, Beside, Cell, CutRow, Parts, Work};
use crate::analysis::passages::sentences;
use crate::dataset::{Dataset, TextColumn};
use crate::progress::Cancelled;
use crate::stats::agreement::by_item_group;
use crate::stats::runs::runs;

/// Columns that say which document an item is of.
const DOCUMENTS: [&str; 10] = [
    "document",
    "document_id",
    "doc",
    "doc_id",
    "conversation",
    "conversation_id",
    "dialogue",
    "dialogue_id",
    "thread",
    "thread_id",
];

fn documents(dataset: &Dataset) -> Option<&TextColumn> {
    let named = |name: &&str| dataset.metadata.iter().find(|m| m.0.eq_ignore_ascii_case(name));
    DOCUMENTS.iter().find_map(named).map(|m| &m.1)
}

/// Whether items follow each other: tokens in sentences, or rows in documents.
pub(super) fn follow(dataset: &Dataset) -> bool {
    (dataset.focus.is_some() && dataset.texts.is_some()) || documents(dataset).is_some()
}

/// Items that follow each other, and what they are called.
fn sequences(dataset: &Dataset) -> Option<(Vec<Vec<u32>>, &'static str)> {
    if let (Some(focus), Some(texts)) = (&dataset.focus, &dataset.texts) {
        let all = sentences(texts, focus).into_iter().map(|s| (s.start as u32..s.end as u32).collect());
        return Some((all.collect(), "sentences"));
    }
    let mut place: HashMap<&str, usize> = HashMap::new();
    let mut all: Vec<Vec<u32>> = Vec::new();
    for (item, name) in (0..).zip(documents(dataset)?.iter()).filter(|(_, name)| !name.is_empty()) {
        let at = *place.entry(name).or_insert_with(|| {
            all.push(Vec::new());
            all.len() - 1
        });
        all[at].push(item);
    }
    Some((all, "documents"))
}

const NAMES: [&str; 3] = ["after a disagreement", "after agreement", "at a beginning"];

pub(super) fn before(work: &Work) -> Result<Option<Parts>, Cancelled> {
    let Some((sequences, what)) = sequences(work.dataset) else { return Ok(None) };
    work.progress.stage("runs of disagreement", 0);
    let differ = |item: u32| {
        let labels = work.votes.labels_of(item as usize);
        (labels.len() > 1).then(|| labels.windows(2).any(|w| w[0] != w[1]))
    };
    let known: Vec<Vec<Option<bool>>> =
        sequences.iter().map(|s| s.iter().map(|&item| differ(item)).collect()).collect();
    let found = runs(&known);
    let mut of = vec![u32::MAX; work.votes.n_items()];
    let mut items: [Vec<u32>; 3] = Default::default();
    let mut parted = [0_usize; 3];
    for (sequence, known) in sequences.iter().zip(&known) {
        for (at, (&item, now)) in sequence.iter().zip(known).enumerate() {
            let Some(now) = now else { continue };
            let part = match at.checked_sub(1).map(|before| known[before]) {
                Some(Some(true)) => 0,
                Some(Some(false)) => 1,
                _ => 2,
            };
            of[item as usize] = part as u32;
            items[part].push(item);
            parted[part] += usize::from(*now);
        }
    }
    let statistics =
        by_item_group(work.data, (&of, NAMES.len()), &work.spec, &work.asked.of.interval, work.progress)?;
    let rows = NAMES.iter().zip(statistics).zip(items.into_iter().zip(parted));
    let rows = rows.map(|((name, statistic), (mut items, parted))| {
        items.sort_unstable();
        let share = (!items.is_empty()).then(|| parted as f64 / items.len() as f64);
        CutRow {
            name: (*name).to_owned(),
            statistic,
            cells: vec![Cell::Count(items.len() as u64), Cell::Number(share)],
            behind: Behind::Items(Arc::from(items)),
        }
    });
    let notes = vec![format!(
        "Items follow each other within {} {what}; none is after the last of another. Only items with two votes or more count.",
        found.n_sequences
    )];
    Ok(Some(Parts { rows: rows.collect(), notes, beside: Some(Beside::Runs(found)), ..Parts::default() }))
}
