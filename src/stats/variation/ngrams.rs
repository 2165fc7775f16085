//! Variation n-grams: the same words in a row, labelled differently (Dickinson & Meurers 2003).
//!
//! Every stretch of two words or more that occurs again is looked at, as long as it can be made without losing an occurrence (a
//! maximal repeat; Klie, Webber & Gurevych 2023 find them with a suffix tree, here they are read off a sorted list of all suffixes).
//! Where its occurrences are not all labelled alike, and more of them are labelled one way than any other, the words that
//! are labelled otherwise are suspicious: the same words stand around them. Words at the ends of a stretch have a
//! neighbour that nothing is known of, so what is said of them says less.

use std::cmp::Ordering;
use std::collections::HashMap;

use rayon::prelude::*;

use crate::dataset::{LabelId, NO_LABEL};
use crate::progress::{Cancelled, Progress};
use crate::stats::proportion::wilson_of;

/// Longest stretch that is compared: beyond it, sentences are copies.
const MOST_WORDS: usize = 32;

/// A word whose label most other occurrences of the words around it do not have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RepeatFinding {
    /// Which word, counted in all sentences.
    pub word: u32,
    /// First word of the stretch around it.
    pub start: u32,
    /// Words of the stretch.
    pub n_words: u32,
    /// Its label.
    pub given: LabelId,
    /// The label that most occurrences have there.
    pub majority: LabelId,
    /// Occurrences with that label there.
    pub n_majority: u64,
    /// Occurrences with the label given here.
    pub n_here: u64,
    /// Whether it stands at an end of the stretch.
    pub at_the_end: bool,
    /// Lower end of Wilson's 95 % interval of majority / (majority + here).
    pub suspicion: f64,
    /// Where the occurrences stand among the sorted suffixes.
    among: (u32, u32),
}

impl RepeatFinding {
    /// Whether this says more than `other`: not at the end of its stretch, more suspicious, a longer stretch.
    fn against(&self, other: &Self) -> Ordering {
        let by_end = other.at_the_end.cmp(&self.at_the_end);
        by_end.then(self.suspicion.total_cmp(&other.suspicion)).then(self.n_words.cmp(&other.n_words))
    }
}

/// What repeats say.
#[derive(Debug, Clone, Default)]
pub struct Repeats {
    /// The most suspicious word first, those at ends of stretches last; one finding a word, ties by word.
    pub findings: Vec<RepeatFinding>,
    /// Starts of all suffixes, sorted by their words.
    order: Vec<u32>,
}

impl Repeats {
    /// The words that stand where the finding's word stands, itself included, ascending.
    pub fn occurrences(&self, finding: &RepeatFinding) -> Vec<u32> {
        let (from, to) = finding.among;
        let starts = self.order.get(from as usize..to as usize).unwrap_or_default();
        let mut words: Vec<u32> = starts.iter().map(|s| s + (finding.word - finding.start)).collect();
        words.sort_unstable();
        words
    }
}

/// Sentences one after the other.
struct Corpus<'a> {
    words: &'a [u32],
    labels: &'a [LabelId],
    /// For each word, the end of its sentence.
    end: Vec<u32>,
}

impl Corpus<'_> {
    fn stretch(&self, start: u32) -> &[u32] {
        let end = (self.end[start as usize] as usize).min(start as usize + MOST_WORDS);
        &self.words[start as usize..end]
    }

    /// The word before, if there is one in the sentence.
    fn before(&self, start: u32) -> Option<u32> {
        let before = start.checked_sub(1)?;
        (self.end[before as usize] == self.end[start as usize]).then(|| self.words[before as usize])
    }

    /// How many words two stretches share, and the first of these that is labelled differently.
    fn shared(&self, a: u32, b: u32) -> (u32, u32) {
        let same = self.stretch(a).iter().zip(self.stretch(b)).take_while(|(x, y)| x == y).count();
        let labels = |start: u32| &self.labels[start as usize..start as usize + same];
        let apart = labels(a).iter().zip(labels(b)).position(|(x, y)| x != y);
        (same as u32, apart.map_or(u32::MAX, |at| at as u32))
    }
}

/// What stands before the occurrences of a stretch.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    One(u32),
    Several,
}

impl Before {
    fn with(self, other: Self) -> Self {
        if self == other { self } else { Self::Several }
    }
}

/// A stretch whose occurrences are not all known yet.
#[derive(Clone, Copy)]
struct Open {
    n_words: u32,
    from: usize,
    /// The first word that two occurrences label differently.
    apart: u32,
    before: Before,
}

/// Looks at all repeats. `words` are numbers of words (the same number is the same word), `ends` the end of each sentence, ascending,
/// `labels` one a word, [`NO_LABEL`] where there is none: an occurrence without all of its labels does not count.
///
/// What stands after the last end is not looked at. Time is O(n log n) in words for texts that are not copies of each other.
///
/// # Errors
/// Cancellation.
pub fn variation_ngrams(
    words: &[u32],
    ends: &[u32],
    labels: &[LabelId],
    progress: &Progress,
) -> Result<Repeats, Cancelled> {
    let n = words.len().min(labels.len()).min(u32::MAX as usize - 1);
    let mut end = Vec::with_capacity(n);
    for &sentence in ends {
        let to = (sentence as usize).min(n).max(end.len());
        end.resize(to, to as u32);
    }
    let corpus = Corpus { words, labels, end };
    progress.stage("Looking for repeats", 0);
    let mut order: Vec<u32> = (0..corpus.end.len() as u32).collect();
    order.par_sort_unstable_by(|&a, &b| corpus.stretch(a).cmp(corpus.stretch(b)).then(a.cmp(&b)));
    progress.check()?;
    let pairs: Vec<(u32, u32)> = order.par_windows(2).map(|pair| corpus.shared(pair[0], pair[1])).collect();
    progress.check()?;
    let mut best: HashMap<u32, RepeatFinding> = HashMap::new();
    let mut open: Vec<Open> = Vec::new();
    for (at, &start) in order.iter().enumerate() {
        if at % 65_536 == 0 {
            progress.check()?;
        }
        let before = corpus.before(start).map_or(Before::Several, Before::One);
        let mut now = Open { n_words: 0, from: at, apart: u32::MAX, before };
        let (same, apart) = pairs.get(at).copied().unwrap_or((0, u32::MAX));
        while let Some(top) = open.last_mut().filter(|top| top.n_words > same) {
            top.apart = top.apart.min(now.apart);
            top.before = top.before.with(now.before);
            now = *top;
            open.pop();
            if now.n_words > 1 && now.apart < now.n_words && now.before == Before::Several {
                look(&corpus, &order, &now, at + 1, &mut best);
            }
        }
        let (apart, before) = (apart.min(now.apart), now.before);
        match open.last_mut().filter(|top| top.n_words == same) {
            Some(top) => {
                top.apart = top.apart.min(apart);
                top.before = top.before.with(before);
            }
            None if same > 0 => open.push(Open { n_words: same, from: now.from, apart, before }),
            None => {}
        }
    }
    let mut findings: Vec<RepeatFinding> = best.into_values().collect();
    findings.sort_unstable_by(|a, b| b.against(a).then(a.word.cmp(&b.word)));
    Ok(Repeats { findings, order })
}

/// Looks at the occurrences of one stretch.
fn look(corpus: &Corpus, order: &[u32], open: &Open, to: usize, best: &mut HashMap<u32, RepeatFinding>) {
    let n_words = open.n_words as usize;
    let labels = |start: u32| &corpus.labels[start as usize..start as usize + n_words];
    let starts: Vec<u32> =
        order[open.from..to].iter().copied().filter(|&s| !labels(s).contains(&NO_LABEL)).collect();
    let mut ways: HashMap<&[LabelId], u64> = HashMap::new();
    starts.iter().for_each(|&s| *ways.entry(labels(s)).or_insert(0) += 1);
    let most = ways.values().copied().max().unwrap_or(0);
    let mut common = ways.iter().filter(|(_, n)| **n == most).map(|(way, _)| *way);
    // What is tied says nothing.
    let (Some(common), None) = (common.next(), common.next()) else { return };
    for at in 0..n_words {
        let n_with =
            |label: LabelId| ways.iter().filter(|(way, _)| way[at] == label).map(|(_, n)| *n).sum::<u64>();
        if ways.keys().all(|way| way[at] == common[at]) {
            continue;
        }
        let n_majority = n_with(common[at]);
        for &start in starts.iter().filter(|&&s| labels(s)[at] != common[at]) {
            let given = labels(start)[at];
            let n_here = n_with(given);
            if n_here >= n_majority {
                continue;
            }
            let finding = RepeatFinding {
                word: start + at as u32,
                start,
                n_words: open.n_words,
                given,
                majority: common[at],
                n_majority,
                n_here,
                at_the_end: at == 0 || at + 1 == n_words,
                suspicion: wilson_of(n_majority, n_majority + n_here).0,
                among: (open.from as u32, to as u32),
            };
            let known = best.entry(finding.word).or_insert(finding);
            if finding.against(known) == Ordering::Greater {
                *known = finding;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(sentences: &[&[(u32, LabelId)]]) -> Repeats {
        let words: Vec<u32> = sentences.iter().flat_map(|s| s.iter().map(|t| t.0)).collect();
        let labels: Vec<LabelId> = sentences.iter().flat_map(|s| s.iter().map(|t| t.1)).collect();
        let mut ends = Vec::new();
        sentences.iter().fold(0, |end, s| {
            ends.push(end + s.len() as u32);
            end + s.len() as u32
        });
        variation_ngrams(&words, &ends, &labels, &Progress::new()).unwrap()
    }

    #[test]
    fn a_word_that_is_labelled_otherwise_between_the_same_words_is_found() {
        // "to run at" four times; once "run" has another label. Elsewhere "run" has it rightly.
        let usual: &[(u32, LabelId)] = &[(9, 9), (1, 0), (2, 1), (3, 2)];
        let other: &[(u32, LabelId)] = &[(8, 9), (1, 0), (2, 1), (3, 2), (7, 9)];
        let wrong: &[(u32, LabelId)] = &[(6, 9), (1, 0), (2, 5), (3, 2)];
        let noun: &[(u32, LabelId)] = &[(4, 0), (2, 5), (5, 3)];
        let repeats = found(&[usual, other, usual, wrong, noun]);
        let first = repeats.findings[0];
        assert_eq!((first.word, first.given, first.majority), (4 + 5 + 4 + 2, 5, 1));
        assert_eq!((first.n_majority, first.n_here, first.n_words, first.at_the_end), (3, 1, 3, false));
        assert_eq!(first.suspicion, wilson_of(3, 4).0);
        assert_eq!(repeats.occurrences(&first), [2, 6, 11, 15]);
        assert_eq!(repeats.findings.len(), 1);
    }

    #[test]
    fn ties_single_words_sentence_ends_and_missing_labels_say_nothing() {
        // One against one.
        assert!(found(&[&[(1, 0), (2, 1), (3, 0)], &[(1, 0), (2, 2), (3, 0)]]).findings.is_empty());
        // The same word alone.
        assert!(found(&[&[(1, 0)], &[(1, 0)], &[(1, 1)]]).findings.is_empty());
        // The same words over the end of a sentence.
        let broken = found(&[&[(1, 0), (2, 1)], &[(1, 0)], &[(2, 5)], &[(1, 0), (2, 1)]]);
        assert!(broken.findings.is_empty());
        let ends = found(&[&[(1, 0), (2, 1)], &[(1, 0), (2, 5)], &[(1, 0), (2, 1)]]);
        assert_eq!((ends.findings.len(), ends.findings[0].word, ends.findings[0].at_the_end), (1, 3, true));
        let missing = found(&[&[(1, 0), (2, 1)], &[(1, NO_LABEL), (2, 5)], &[(1, 0), (2, 1)]]);
        assert!(missing.findings.is_empty());
        assert!(found(&[]).findings.is_empty());
    }

    /// All stretches of two words or more, counted one by one: the suspicion of each word by the best of them.
    fn by_counting(words: &[u32], ends: &[u32], labels: &[LabelId]) -> HashMap<u32, (bool, f64)> {
        let mut stretches: HashMap<&[u32], Vec<usize>> = HashMap::new();
        let mut from = 0;
        for &end in ends {
            for start in from..end as usize {
                for to in start + 2..=end as usize {
                    stretches.entry(&words[start..to]).or_default().push(start);
                }
            }
            from = end as usize;
        }
        let mut best: HashMap<u32, (bool, f64)> = HashMap::new();
        for (stretch, starts) in &stretches {
            let way = |s: usize| &labels[s..s + stretch.len()];
            let count = |w: &[LabelId]| starts.iter().filter(|&&s| way(s) == w).count();
            let most = starts.iter().map(|&s| count(way(s))).max().unwrap_or(0);
            let mut common: Vec<&[LabelId]> =
                starts.iter().map(|&s| way(s)).filter(|w| count(w) == most).collect();
            common.sort_unstable();
            common.dedup();
            let [common] = common.as_slice() else { continue };
            for at in 0..stretch.len() {
                let n_with = |l: LabelId| starts.iter().filter(|&&s| way(s)[at] == l).count() as u64;
                for &s in starts.iter().filter(|&&s| way(s)[at] != common[at]) {
                    let (many, few) = (n_with(common[at]), n_with(way(s)[at]));
                    if few < many {
                        let inner = at > 0 && at + 1 < stretch.len();
                        let entry = best.entry((s + at) as u32).or_insert((false, 0.0));
                        let new = (inner, wilson_of(many, many + few).0);
                        if new > *entry {
                            *entry = new;
                        }
                    }
                }
            }
        }
        best
    }

    proptest! {
        #[test]
        fn repeats_are_those_that_counting_finds(
            sentences in prop::collection::vec(prop::collection::vec((0..4_u32, 0..3_u32), 1..9), 1..12)
        ) {
            let slices: Vec<&[(u32, LabelId)]> = sentences.iter().map(Vec::as_slice).collect();
            let repeats = found(&slices);
            let words: Vec<u32> = sentences.iter().flatten().map(|t| t.0).collect();
            let labels: Vec<LabelId> = sentences.iter().flatten().map(|t| t.1).collect();
            let mut end = 0;
            let ends: Vec<u32> = sentences.iter().map(|s| { end += s.len() as u32; end }).collect();
            let expected = by_counting(&words, &ends, &labels);
            let got: HashMap<u32, (bool, f64)> =
                repeats.findings.iter().map(|f| (f.word, (!f.at_the_end, f.suspicion))).collect();
            // Maximal repeats are some of all stretches.
            prop_assert!(got.keys().all(|word| expected.contains_key(word)));
            for f in &repeats.findings {
                let places = repeats.occurrences(f);
                prop_assert!(places.contains(&f.word));
                let n_with = |l: LabelId| places.iter().filter(|&&w| labels[w as usize] == l).count() as u64;
                prop_assert_eq!((n_with(f.majority), n_with(f.given)), (f.n_majority, f.n_here));
                prop_assert!(f.suspicion <= expected[&f.word].1 || !expected[&f.word].0 || f.at_the_end);
            }
        }
    }
}
