//! Stretches of texts: which tokens make a sentence, and what stands around a mark.

use std::ops::Range;

use crate::dataset::{Dataset, TextColumn};

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

/// The words of a sentence whose tokens are `items`, at most `most` of them.
pub fn words_of(dataset: &Dataset, items: Range<usize>, most: usize) -> Vec<&str> {
    let (Some(texts), Some(focus)) = (&dataset.texts, &dataset.focus) else { return Vec::new() };
    let text = texts.get(items.start);
    let mut points = text.char_indices().map(|(byte, _)| byte).chain([text.len()]).enumerate();
    // Tokens of a sentence stand farther and farther in it: one walk over the text.
    let mut byte_of = |point: u32| {
        let found = points.find(|(at, _)| *at >= point as usize);
        found.map_or(text.len(), |(_, byte)| byte)
    };
    let mut words = Vec::new();
    let (mut end_point, mut end_byte) = (u32::MAX, 0);
    for place in focus.get(items).unwrap_or_default().iter().take(most) {
        let start = if place.start == end_point { end_byte } else { byte_of(place.start) };
        let end = if place.end > place.start { byte_of(place.end) } else { start };
        words.push(text.get(start..end.max(start)).unwrap_or(""));
        (end_point, end_byte) = (place.end, end);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_out_of_their_sentence_whatever_their_script() {
        let text = "Zoë’s в Oslo.";
        let focus = vec![0..3, 3..5, 6..7, 8..12, 12..13];
        let dataset = Dataset {
            texts: Some(std::iter::repeat_n(text, 5).collect()),
            focus: Some(focus),
            ..Dataset::default()
        };
        assert_eq!(words_of(&dataset, 0..5, 99), ["Zoë", "’s", "в", "Oslo", "."]);
        assert_eq!(words_of(&dataset, 0..5, 2), ["Zoë", "’s"]);
        assert!(words_of(&Dataset::default(), 0..5, 2).is_empty());
    }
}
