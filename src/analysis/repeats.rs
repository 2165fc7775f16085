//! Tokens that are labelled otherwise than the same words elsewhere: by the words around them, and by the word alone.
//!
//! It looks at the labels under suspicion as they stand, decisions included, whatever they say: parts of speech, tags of
//! entities, languages.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::passages::{excerpt, sentences};
use crate::dataset::{Dataset, LabelId, NO_LABEL, TextColumn};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::variation::{RepeatFinding, SurfaceVariation, surface_variation, variation_ngrams};

/// Most tokens, and most words, that are listed.
pub const MAX_ROWS: usize = 1000;
/// Most other tokens that a row opens.
const MOST_OTHERS: usize = 10_000;

/// A token with another label than most that stand between the same words.
#[derive(Debug, Clone, PartialEq)]
pub struct RepeatRow {
    /// What speaks against it; its words are items.
    pub finding: RepeatFinding,
    /// The text before it, it, and the text after it.
    pub excerpt: (String, String, String),
    /// The words around it that stand elsewhere too, itself included, in lower case.
    pub stretch: String,
    /// It and those that stand between the same words, ascending, as far as they are few enough to read.
    pub items: Arc<[u32]>,
}

/// A word with several labels.
#[derive(Debug, Clone, PartialEq)]
pub struct WordRow {
    /// In lower case.
    pub word: String,
    /// Its labels, and how they vary.
    pub variation: SurfaceVariation,
    /// Its tokens, ascending.
    pub items: Arc<[u32]>,
}

/// What is labelled otherwise elsewhere.
#[derive(Debug, Clone)]
pub struct RepeatsReport {
    /// The most suspicious tokens, at most [`MAX_ROWS`].
    pub rows: Vec<RepeatRow>,
    /// All suspicious tokens, ascending.
    pub items: Arc<[u32]>,
    /// Words with several labels, the largest weighted discrepancy first, at most [`MAX_ROWS`].
    pub words: Vec<WordRow>,
    /// Words with several labels in all.
    pub n_words: usize,
    /// Labelled tokens.
    pub n_tokens: usize,
    /// Sentences.
    pub n_sentences: usize,
}

/// Looks for tokens that are labelled otherwise elsewhere. `given` is [`Given::current`](super::Given).
///
/// Undefined where items are no tokens, and where none has a label.
pub fn repeats(
    dataset: &Dataset,
    given: &[LabelId],
    progress: &Progress,
) -> Result<Result<RepeatsReport, Undefined>, Cancelled> {
    let because = |words: &str| Ok(Err(Undefined::Because(words.to_owned())));
    let (Some(texts), Some(focus)) = (&dataset.texts, &dataset.focus) else {
        return because("items are no tokens of texts");
    };
    let n_tokens = given.iter().filter(|&&l| l != NO_LABEL).count();
    if n_tokens == 0 || given.len() != focus.len() {
        return because("no token has a label");
    }
    let sentences = sentences(texts, focus);
    let (numbers, names) = words(texts, focus, &sentences, progress)?;
    let ends: Vec<u32> = sentences.iter().map(|s| s.end as u32).collect();
    let found = variation_ngrams(&numbers, &ends, given, progress)?;
    let mut items: Vec<u32> = found.findings.iter().map(|f| f.word).collect();
    items.sort_unstable();
    let row = |finding: &RepeatFinding| {
        let mut others = found.occurrences(finding);
        // The token itself is never among those that are left out.
        others.retain(|&item| item != finding.word);
        others.truncate(MOST_OTHERS);
        others.push(finding.word);
        others.sort_unstable();
        let item = finding.word as usize;
        let (start, n) = (finding.start as usize, finding.n_words as usize);
        let stretch: Vec<&str> =
            numbers[start..start + n].iter().map(|&w| names[w as usize].as_str()).collect();
        RepeatRow {
            finding: *finding,
            excerpt: excerpt(texts.get(item), focus[item].start, focus[item].end),
            stretch: stretch.join(" "),
            items: others.into(),
        }
    };
    let rows = found.findings.iter().take(MAX_ROWS).map(row).collect();
    progress.check()?;
    let (words, n_words) = several(&numbers, &names, given);
    Ok(Ok(RepeatsReport {
        rows,
        items: items.into(),
        words,
        n_words,
        n_tokens,
        n_sentences: sentences.len(),
    }))
}

/// The number of each token's word in lower case, and the words.
fn words(
    texts: &TextColumn,
    focus: &[Range<u32>],
    sentences: &[Range<usize>],
    progress: &Progress,
) -> Result<(Vec<u32>, Vec<String>), Cancelled> {
    let mut known: HashMap<String, u32> = HashMap::new();
    let mut names = Vec::new();
    let mut numbers = Vec::with_capacity(focus.len());
    for (at, items) in sentences.iter().enumerate() {
        if at % 1024 == 0 {
            progress.check()?;
        }
        let text = texts.get(items.start);
        // Letters are passed once for the whole sentence.
        let mut letters = text.char_indices().map(|(byte, _)| byte).chain(std::iter::repeat(text.len()));
        let mut passed = 0_u32;
        let mut byte_of = |point: u32| {
            let byte = letters.nth(point.saturating_sub(passed) as usize).unwrap_or(text.len());
            passed = point.saturating_add(1);
            byte
        };
        let mut before: Option<(u32, usize)> = None;
        for place in &focus[items.clone()] {
            let start = match before {
                Some((point, byte)) if point == place.start => byte,
                _ => byte_of(place.start),
            };
            let end = if place.end > place.start { byte_of(place.end) } else { start };
            before = Some((place.end, end));
            let word = text.get(start..end).unwrap_or_default().to_lowercase();
            let next = names.len() as u32;
            let number = *known.entry(word).or_insert_with_key(|word| {
                names.push(word.clone());
                next
            });
            numbers.push(number);
        }
    }
    Ok((numbers, names))
}

/// Words with several labels, and how many there are.
fn several(numbers: &[u32], names: &[String], given: &[LabelId]) -> (Vec<WordRow>, usize) {
    let mut tallies: Vec<HashMap<LabelId, u64>> = vec![HashMap::new(); names.len()];
    for (&word, &label) in numbers.iter().zip(given).filter(|(_, l)| **l != NO_LABEL) {
        *tallies[word as usize].entry(label).or_insert(0) += 1;
    }
    let varied: Vec<u32> = (0..names.len() as u32).filter(|&w| tallies[w as usize].len() > 1).collect();
    let tallies = varied.iter().map(|&w| std::mem::take(&mut tallies[w as usize]).into_iter().collect());
    let mut rows: Vec<(u32, SurfaceVariation)> =
        varied.iter().copied().zip(surface_variation(tallies.collect())).collect();
    rows.sort_by(|a, b| {
        let by_score = b.1.weighted_discrepancy.total_cmp(&a.1.weighted_discrepancy);
        by_score.then_with(|| names[a.0 as usize].cmp(&names[b.0 as usize]))
    });
    let n_words = rows.len();
    rows.truncate(MAX_ROWS);
    let mut items: HashMap<u32, Vec<u32>> = rows.iter().map(|row| (row.0, Vec::new())).collect();
    for (item, word) in (0..).zip(numbers) {
        if let Some(list) = items.get_mut(word) {
            list.push(item);
        }
    }
    let row = |(word, variation)| WordRow {
        word: names[word as usize].clone(),
        variation,
        items: items.remove(&word).unwrap_or_default().into(),
    };
    (rows.into_iter().map(row).collect(), n_words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::LabelSet;

    /// Sentences of words and labels as items.
    fn corpus(sentences: &[&[(&str, u32)]]) -> (Dataset, Vec<LabelId>) {
        let (mut texts, mut focus, mut given) = (Vec::new(), Vec::new(), Vec::new());
        for sentence in sentences {
            let text = sentence.iter().map(|t| t.0).collect::<Vec<_>>().join(" ");
            let mut at = 0;
            for (word, label) in *sentence {
                let n = word.chars().count() as u32;
                texts.push(text.clone());
                focus.push(at..at + n);
                given.push(*label);
                at += n + 1;
            }
        }
        let dataset = Dataset {
            labels: LabelSet::new(&["DET", "NOUN", "VERB"].map(str::to_owned), []),
            texts: Some(texts.iter().map(String::as_str).collect()),
            keys: (0..given.len())
                .map(|i| i.to_string())
                .collect::<Vec<_>>()
                .iter()
                .map(String::as_str)
                .collect(),
            focus: Some(focus),
            ..Dataset::default()
        };
        (dataset, given)
    }

    #[test]
    fn a_noun_among_verbs_is_found_with_its_words() {
        let usual: &[(&str, u32)] = &[("Ünd", 0), ("the", 0), ("run", 1), ("ended", 2)];
        let wrong: &[(&str, u32)] = &[("So", 0), ("The", 0), ("run", 2), ("ended", 2), ("here", 0)];
        let verb: &[(&str, u32)] = &[("they", 0), ("run", 2)];
        let (dataset, given) = corpus(&[usual, usual, usual, wrong, verb]);
        let found = repeats(&dataset, &given, &Progress::new()).unwrap().unwrap();
        assert_eq!((found.n_tokens, found.n_sentences, found.rows.len()), (19, 5, 1));
        let row = &found.rows[0];
        assert_eq!((row.finding.word, row.stretch.as_str()), (14, "the run ended"));
        assert_eq!(row.excerpt, ("So The ".to_owned(), "run".to_owned(), " ended here".to_owned()));
        assert_eq!((&*row.items, &*found.items), (&[2, 6, 10, 14][..], &[14][..]));
        assert_eq!((found.n_words, found.words[0].word.as_str()), (1, "run"));
        assert_eq!(found.words[0].variation.labels, [(1, 3), (2, 2)]);
        assert_eq!(&*found.words[0].items, [2, 6, 10, 14, 18]);
        // Once it is put right, nothing is left to say.
        let mut right = given.clone();
        right[14] = 1;
        assert!(repeats(&dataset, &right, &Progress::new()).unwrap().unwrap().rows.is_empty());
    }

    #[test]
    fn items_that_are_no_tokens_are_not_looked_at() {
        let (dataset, given) = corpus(&[&[("a", 0)]]);
        let whole = Dataset { focus: None, ..dataset.clone() };
        assert!(repeats(&whole, &given, &Progress::new()).unwrap().is_err());
        assert!(repeats(&dataset, &[NO_LABEL], &Progress::new()).unwrap().is_err());
    }
}
