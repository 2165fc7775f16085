//! Stretches of texts: which tokens make a sentence, and what stands around a mark.

use std::ops::Range;

use crate::dataset::TextColumn;

/// Characters shown before and after a mark.
const AROUND: usize = 60;

/// Items of one sentence stand one after the other, farther and farther in one text.
pub(super) fn sentences(texts: &TextColumn, focus: &[Range<u32>]) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut from = 0;
    for item in 1..=focus.len() {
        let goes_on = item < focus.len()
            && focus[item].start >= focus[item - 1].end
            && texts.get(item) == texts.get(item - 1);
        if !goes_on {
            out.push(from..item);
            from = item;
        }
    }
    out
}

/// The code points from `start` to `end`, as far as there are some.
pub(super) fn part(text: &str, start: u32, end: u32) -> &str {
    let byte = |point: u32| text.char_indices().nth(point as usize).map_or(text.len(), |(at, _)| at);
    let (start, end) = (byte(start), byte(end));
    &text[start.min(end)..end]
}

/// What stands before, in and after a stretch.
pub(super) fn excerpt(text: &str, start: u32, end: u32) -> (String, String, String) {
    let around = AROUND as u32;
    let before = part(text, start.saturating_sub(around), start);
    let after = part(text, end, end.saturating_add(around));
    let inside: String = part(text, start, end).chars().take(4 * AROUND).collect();
    (before.to_owned(), inside, after.to_owned())
}
