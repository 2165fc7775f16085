//! What of a document is marked or not: its tokens, sentences or paragraphs.

use unicode_segmentation::UnicodeSegmentation as _;

use super::{Highlight, HighlightedItem};
use crate::stats::agreement::spans::{SpanData, SpanDocument, tokens};

/// Units of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Runs of letters and digits, and other signs one by one.
    #[default]
    Token,
    /// Sentences, as Unicode has them.
    Sentence,
    /// Lines that are not empty.
    Paragraph,
}

impl Unit {
    /// All of them, in the order shown.
    pub const ALL: [Self; 3] = [Self::Token, Self::Sentence, Self::Paragraph];

    /// In words, several of them.
    pub fn words(self) -> &'static str {
        match self {
            Self::Token => "tokens",
            Self::Sentence => "sentences",
            Self::Paragraph => "paragraphs",
        }
    }

    /// Where they stand, in code points, ascending. A text that is not there is cut into code points, as tokens.
    fn of(self, text: &str, length: u32) -> Vec<(u32, u32)> {
        let pieces: Vec<&str> = match self {
            Self::Token => return tokens(text, length),
            _ if text.is_empty() => return tokens(text, length),
            Self::Sentence => text.split_sentence_bounds().collect(),
            Self::Paragraph => text.split_inclusive('\n').collect(),
        };
        let mut at = 0;
        let mut units = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let end = at + piece.chars().count() as u32;
            if !piece.trim().is_empty() {
                units.push((at, end));
            }
            at = end;
        }
        units
    }
}

/// What each rater marked in a document, whatever the labels: the units that a mark touches.
pub(super) fn highlights(
    data: &SpanData,
    document: &SpanDocument,
    text: &str,
    unit: Unit,
) -> HighlightedItem {
    let units = unit.of(text, document.length);
    let highlights = document.lines.iter().map(|line| {
        let mut marked: Vec<u32> = Vec::new();
        for mark in data.marks(line) {
            let from = units.partition_point(|u| u.1 <= mark.start) as u32;
            let to = units.partition_point(|u| u.0 < mark.end) as u32;
            // Marks come by where they start: what lies before the end of the last is there already.
            let from = marked.last().map_or(from, |&last| from.max(last + 1));
            marked.extend(from..to);
        }
        Highlight { rater: line.rater, units: marked }
    });
    HighlightedItem { n_units: units.len() as u32, highlights: highlights.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_a_text() {
        let text = "Ünicode is fine. Is it?\n\nYes, 2 times.";
        assert_eq!(Unit::Token.of(text, 0).len(), 12);
        assert_eq!(Unit::Sentence.of(text, 0), [(0, 17), (17, 24), (25, 38)]);
        assert_eq!(Unit::Paragraph.of(text, 0), [(0, 24), (25, 38)]);
        assert_eq!(Unit::Sentence.of("", 3), [(0, 1), (1, 2), (2, 3)]);
    }
}
