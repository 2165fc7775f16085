//! The same document as several raters see it: the entities on which they differ.
//!
//! Marks that overlap, directly or through others, are looked at together. What most raters marked there (ties: the
//! earliest, then the shortest) is taken first, then whatever does not overlap what was taken; every other mark is held
//! against what was taken of it, and so is every rater who marked nothing there.

use std::collections::BTreeMap;
use std::ops::Range;

use super::corpus::{EntityCorpus, EntityMark};
use super::{EntityFinding, EntityKind, suspicion};
use crate::dataset::LabelId;
use crate::progress::{Cancelled, Progress};

/// The same stretch under the same label, and who marked it.
struct Variant {
    start: u32,
    end: u32,
    label: LabelId,
    tokens: Range<u32>,
    /// Ascending.
    raters: Vec<u32>,
}

pub(super) fn findings(
    corpus: &EntityCorpus,
    list: &mut Vec<EntityFinding>,
    progress: &Progress,
) -> Result<(), Cancelled> {
    let lines = corpus.sorted_lines();
    let marks = corpus.sorted_marks();
    let mut next = 0;
    for worked in lines.chunk_by(|a, b| a.0 == b.0) {
        progress.check()?;
        let document = worked[0].0;
        let from = next;
        while marks.get(next).is_some_and(|m| m.document == document) {
            next += 1;
        }
        if worked.len() < 2 {
            continue;
        }
        let raters: Vec<u32> = worked.iter().map(|line| line.1).collect();
        let variants: Vec<Variant> = marks[from..next]
            .chunk_by(|a, b| (a.start, a.end, a.label) == (b.start, b.end, b.label))
            .map(variant)
            .collect();
        let mut begin = 0;
        while begin < variants.len() {
            progress.check()?;
            let (mut end, mut farthest) = (begin + 1, variants[begin].end);
            while let Some(v) = variants.get(end).filter(|v| v.start < farthest) {
                farthest = farthest.max(v.end);
                end += 1;
            }
            together(corpus, document, &raters, &variants[begin..end], list);
            begin = end;
        }
    }
    Ok(())
}

fn variant(same: &[EntityMark]) -> Variant {
    let EntityMark { start, end, label, first, last, .. } = same[0];
    Variant { start, end, label, tokens: first..last, raters: same.iter().map(|m| m.rater).collect() }
}

/// Compares overlapping marks of the raters who worked on a document.
fn together(
    corpus: &EntityCorpus,
    document: u32,
    raters: &[u32],
    variants: &[Variant],
    list: &mut Vec<EntityFinding>,
) {
    if let [only] = variants
        && only.raters.len() == raters.len()
    {
        return;
    }
    let mut order: Vec<usize> = (0..variants.len()).collect();
    order.sort_by_key(|&v| {
        let v = &variants[v];
        (std::cmp::Reverse(v.raters.len()), v.start, v.end, v.label)
    });
    // What was taken, by where it begins: none of it overlaps.
    let mut taken: BTreeMap<u32, usize> = BTreeMap::new();
    let overlapping = |taken: &BTreeMap<u32, usize>, v: &Variant| -> Vec<usize> {
        let before = taken.range(..v.start).next_back().filter(|(_, r)| variants[**r].end > v.start);
        before.into_iter().chain(taken.range(v.start..v.end)).map(|(_, &r)| r).collect()
    };
    for &v in &order {
        if overlapping(&taken, &variants[v]).is_empty() {
            taken.insert(variants[v].start, v);
        }
    }
    let mut rank = vec![0; variants.len()];
    order.iter().enumerate().for_each(|(at, &v)| rank[v] = at);
    let is_taken = |v: usize| taken.get(&variants[v].start) == Some(&v);
    let mut sees: BTreeMap<usize, Vec<u32>> = taken.values().map(|&r| (r, Vec::new())).collect();
    let make = |kind, v: &Variant, raters: Vec<u32>, majority, n_majority: usize, given| EntityFinding {
        kind,
        document,
        start: v.start,
        end: v.end,
        form: corpus.form(v.tokens.clone()),
        n_here: raters.len() as u64,
        n_majority: n_majority as u64,
        suspicion: suspicion(n_majority as u64, raters.len() as u64),
        raters,
        given,
        majority,
    };
    for (number, v) in variants.iter().enumerate() {
        let across = overlapping(&taken, v);
        for r in &across {
            sees.entry(*r).or_default().extend(&v.raters);
        }
        if is_taken(number) {
            continue;
        }
        let common = |r: &Variant| r.end.min(v.end).saturating_sub(r.start.max(v.start));
        // Of what was taken before it, the one with most in common; of equals, the one with most raters.
        let before = across.into_iter().filter(|&r| rank[r] < rank[number]);
        let held = before.min_by_key(|&r| (std::cmp::Reverse(common(&variants[r])), rank[r]));
        let Some(r) = held.map(|r| &variants[r]) else { continue };
        let others: Vec<u32> =
            v.raters.iter().copied().filter(|x| r.raters.binary_search(x).is_err()).collect();
        if others.is_empty() {
            continue;
        }
        let kind = match ((r.start, r.end) == (v.start, v.end), r.label == v.label) {
            (true, _) => EntityKind::RaterType,
            (false, true) => EntityKind::RaterBoundary,
            (false, false) => EntityKind::RaterBoth,
        };
        let majority = Some((r.start, r.end, r.label));
        list.push(make(kind, v, others, majority, r.raters.len(), Some(v.label)));
    }
    for (r, mut seen) in sees {
        let r = &variants[r];
        seen.sort_unstable();
        seen.dedup();
        let blind: Vec<u32> = raters.iter().copied().filter(|x| seen.binary_search(x).is_err()).collect();
        let n = (seen.len(), blind.len());
        if n.1 > n.0 {
            list.push(make(EntityKind::RaterExtra, r, seen, None, n.1, Some(r.label)));
        } else if n.1 > 0 {
            let majority = Some((r.start, r.end, r.label));
            list.push(make(EntityKind::RaterMissing, r, blind, majority, n.0, None));
        }
    }
}
