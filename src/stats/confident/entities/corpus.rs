//! Texts as numbered words, and what was marked in them.

use std::collections::HashMap;
use std::ops::Range;

use crate::dataset::LabelId;

/// A mark on whole tokens. A mark that touches part of a token counts as touching all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntityMark {
    /// Document number.
    pub document: u32,
    /// First code point.
    pub start: u32,
    /// The code point after the last.
    pub end: u32,
    /// Label number.
    pub label: LabelId,
    /// Rater number.
    pub rater: u32,
    /// First token, counted in all documents.
    pub(super) first: u32,
    /// The token after the last.
    pub(super) last: u32,
}

/// Documents, their tokens, who worked on them and what was marked.
#[derive(Debug, Clone, Default)]
pub struct EntityCorpus {
    numbers: HashMap<String, u32>,
    words: Vec<String>,
    /// For each word, the number of its lower-cased form.
    lower: Vec<u32>,
    /// For each token of all documents, its word and its place.
    pub(super) tokens: Vec<u32>,
    places: Vec<(u32, u32)>,
    /// For each document, the end of its tokens.
    ends: Vec<u32>,
    /// Document and rater.
    worked: Vec<(u32, u32)>,
    marks: Vec<EntityMark>,
    n_empty: u64,
}

/// More tokens than this are not numbered.
const MOST_TOKENS: usize = u32::MAX as usize - 1;

impl EntityCorpus {
    /// Without a document.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next document: its text and where its tokens stand, in code points, ascending; without them, tokens are
    /// runs of letters and digits, and other signs one by one. Returns its number.
    pub fn push_document(&mut self, text: &str, tokens: Option<&[Range<u32>]>) -> u32 {
        let own;
        let tokens = match tokens {
            Some(tokens) => tokens,
            None => {
                own = words_of(text);
                &own
            }
        };
        let mut chars = text.char_indices();
        let (mut at, mut byte) = (0, 0);
        // The byte of a code point, going forwards only.
        let mut byte_of = |point: u32| {
            while at < point {
                match chars.next() {
                    Some((i, c)) => byte = i + c.len_utf8(),
                    None => return text.len(),
                }
                at += 1;
            }
            byte
        };
        let mut before = 0;
        for token in tokens {
            if token.start < before || token.end <= token.start || self.tokens.len() >= MOST_TOKENS {
                continue;
            }
            let word = byte_of(token.start)..byte_of(token.end);
            before = token.end;
            let word = self.number(&text[word]);
            self.tokens.push(word);
            self.places.push((token.start, token.end));
        }
        self.ends.push(self.tokens.len() as u32);
        self.ends.len() as u32 - 1
    }

    fn number(&mut self, word: &str) -> u32 {
        if let Some(&number) = self.numbers.get(word) {
            return number;
        }
        let lower = word.to_lowercase();
        let number = self.words.len() as u32;
        self.numbers.insert(word.to_owned(), number);
        self.words.push(word.to_owned());
        self.lower.push(number);
        if lower != word {
            let lower = self.number(&lower);
            self.lower[number as usize] = lower;
        }
        number
    }

    /// What one rater marked in a document (nothing, perhaps): start and end in code points, label. Documents and
    /// raters come in any order; the same mark twice counts once. A document that does not exist is passed over.
    pub fn push_line(
        &mut self,
        document: u32,
        rater: u32,
        marks: impl IntoIterator<Item = (u32, u32, LabelId)>,
    ) {
        if document as usize >= self.ends.len() {
            return;
        }
        self.worked.push((document, rater));
        let tokens = self.tokens_of(document);
        let places = &self.places[tokens.clone()];
        for (start, end, label) in marks {
            let first = (tokens.start + places.partition_point(|t| t.1 <= start)) as u32;
            let last = (tokens.start + places.partition_point(|t| t.0 < end)) as u32;
            if first < last && start < end {
                self.marks.push(EntityMark { document, start, end, label, rater, first, last });
            } else {
                self.n_empty += 1;
            }
        }
    }

    /// Marks by document, place, label and rater, each once.
    pub(super) fn sorted_marks(&self) -> Vec<EntityMark> {
        let mut marks = self.marks.clone();
        marks.sort_unstable();
        marks.dedup();
        marks
    }

    /// Who worked on each document: document and rater, ascending, each once.
    pub(super) fn sorted_lines(&self) -> Vec<(u32, u32)> {
        let mut lines = self.worked.clone();
        lines.sort_unstable();
        lines.dedup();
        lines
    }

    /// The tokens of a document.
    pub(super) fn tokens_of(&self, document: u32) -> Range<usize> {
        let document = document as usize;
        let start = if document == 0 { 0 } else { self.ends[document - 1] };
        start as usize..self.ends[document] as usize
    }

    /// Number of documents.
    pub fn n_documents(&self) -> usize {
        self.ends.len()
    }

    /// Marks as they came, those of no token left out.
    pub fn n_marks(&self) -> usize {
        self.marks.len()
    }

    /// Marks that touch no token.
    pub fn n_empty(&self) -> u64 {
        self.n_empty
    }

    /// The lower-cased word of a token.
    pub(super) fn lower_word(&self, token: u32) -> u32 {
        self.lower[self.tokens[token as usize] as usize]
    }

    /// Code points from the first of a range of tokens to the last.
    pub(super) fn stretch(&self, tokens: Range<u32>) -> (u32, u32) {
        (self.places[tokens.start as usize].0, self.places[tokens.end as usize - 1].1)
    }

    /// The words of a range of tokens.
    pub(super) fn form(&self, tokens: Range<u32>) -> String {
        let words = &self.tokens[tokens.start as usize..tokens.end as usize];
        // A mark may span a whole book.
        let shown: Vec<&str> = words.iter().take(40).map(|&w| self.words[w as usize].as_str()).collect();
        let rest = if shown.len() < words.len() { " …" } else { "" };
        format!("{}{rest}", shown.join(" "))
    }
}

/// Runs of letters and digits, and other signs one by one, in code points.
fn words_of(text: &str) -> Vec<Range<u32>> {
    let mut out: Vec<Range<u32>> = Vec::new();
    let mut in_word = false;
    for (at, c) in (0_u32..).zip(text.chars()) {
        let goes_on = in_word && c.is_alphanumeric();
        in_word = c.is_alphanumeric();
        match out.last_mut() {
            Some(last) if goes_on => last.end = at + 1,
            _ if !c.is_whitespace() => out.push(at..at + 1),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_touch_whole_tokens_and_offsets_count_code_points() {
        assert_eq!(words_of("żółć, 2nd—x"), [0..4, 4..5, 6..9, 9..10, 10..11]);
        let mut corpus = EntityCorpus::new();
        corpus.push_document("a", None);
        corpus.push_document("Łódź is Łódź", None);
        corpus.push_line(1, 0, [(2, 5, 0), (4, 5, 0), (8, 99, 1)]);
        corpus.push_line(7, 0, [(0, 1, 0)]);
        let marks = corpus.sorted_marks();
        assert_eq!(marks.iter().map(|m| (m.first, m.last)).collect::<Vec<_>>(), [(1, 2), (3, 4)]);
        assert_eq!((corpus.n_empty(), corpus.n_marks(), corpus.n_documents()), (1, 2, 2));
        assert_eq!((corpus.form(1..4), corpus.stretch(2..4)), ("Łódź is Łódź".to_owned(), (5, 12)));
        assert_eq!(corpus.tokens[1], corpus.tokens[3]);
        // Tokens that are out of order or empty are passed over.
        corpus.push_document("b c", Some(&[2..3, 0..1, 3..3, 3..9]));
        assert_eq!(corpus.tokens_of(2), 4..6);
    }
}
