//! Texts as sparse vectors: words, pairs of neighbouring words, and runs of three to five letters within a word's
//! borders, in lower case.
//!
//! Each is hashed into a table of fixed size, so that memory does not grow with what the texts say; what occurs in one text
//! only tells nothing about another and is left out. A feature that occurs f times in a text and in d of n texts weighs
//! (1 + ln f)(1 + ln((1 + n)/(1 + d))) (Salton & Buckley 1988). Words and their pairs together have twice the length of the
//! runs of letters, and the whole has length 1.

use rayon::prelude::*;

use super::Rows;
use crate::dataset::TextColumn;
use crate::progress::{Cancelled, Progress};

/// Places that features are hashed into.
const PLACES: usize = 1 << 21;
/// Bytes of a text that are looked at; what is longer is cut at a letter's border.
const MAX_BYTES: usize = 1 << 16;
/// Letters of a word that are cut into runs.
const MAX_LETTERS: usize = 64;
/// Most weights of a model: features × labels. With more labels, the features that fewer texts have go first.
const MAX_WEIGHTS: usize = 1 << 25;
/// Length of the runs of letters beside that of the words.
const RUNS: f64 = 0.5;
/// Texts that are looked at together.
const CHUNK: usize = 512;

/// Sparse vectors, one an item.
pub(in crate::stats) struct Features {
    bounds: Vec<usize>,
    numbers: Vec<u32>,
    weights: Vec<f32>,
    known: usize,
}

impl Features {
    /// Numbers and weights of an item's features, ascending.
    pub(in crate::stats) fn row(&self, item: usize) -> (&[u32], &[f32]) {
        let range = self.bounds[item]..self.bounds[item + 1];
        (&self.numbers[range.clone()], &self.weights[range])
    }

    /// Features in use.
    pub(in crate::stats) fn n_features(&self) -> usize {
        self.known
    }
}

impl Rows for Features {
    fn n_features(&self) -> usize {
        self.known
    }

    fn row(&self, item: usize) -> (&[u32], &[f32]) {
        self.row(item)
    }
}

/// Vectors of the first `n` texts.
pub(super) fn features(
    texts: &TextColumn,
    n: usize,
    n_labels: usize,
    progress: &Progress,
) -> Result<Features, Cancelled> {
    progress.stage("words of the texts", n as u64);
    // (place, times) of each text, ascending.
    let chunks: Vec<Vec<Vec<(u32, u32)>>> = (0..n.div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            progress.check()?;
            let range = chunk * CHUNK..((chunk + 1) * CHUNK).min(n);
            progress.add(range.len() as u64);
            let mut places = Vec::new();
            Ok(range.map(|item| counted(texts.get(item), &mut places)).collect())
        })
        .collect::<Result<_, Cancelled>>()?;
    let mut texts_of = vec![0_u32; PLACES];
    for (place, _) in chunks.iter().flatten().flatten() {
        texts_of[*place as usize] += 1;
    }
    let least = least_texts(&texts_of, MAX_WEIGHTS / n_labels.max(1));
    let mut numbers_of = vec![u32::MAX; PLACES];
    let mut idf = Vec::new();
    for (place, &d) in texts_of.iter().enumerate().filter(|(_, d)| **d >= least) {
        numbers_of[place] = idf.len() as u32;
        idf.push(1.0 + ((1.0 + n as f64) / (1.0 + f64::from(d))).ln());
    }
    let mut out = Features { bounds: vec![0], numbers: Vec::new(), weights: Vec::new(), known: idf.len() };
    for text in chunks.into_iter().flatten() {
        let start = out.numbers.len();
        // Squared lengths of words and of runs.
        let mut lengths = [0.0, 0.0];
        let mut kinds: Vec<usize> = Vec::with_capacity(text.len());
        for (place, times) in text {
            let number = numbers_of[place as usize];
            if number != u32::MAX {
                let weight = (1.0 + f64::from(times).ln()) * idf[number as usize];
                let kind = kind_of(place);
                lengths[kind] += weight * weight;
                kinds.push(kind);
                out.numbers.push(number);
                out.weights.push(weight as f32);
            }
        }
        let [words, runs] = lengths.map(f64::sqrt);
        let whole = f64::hypot(if words > 0.0 { 1.0 } else { 0.0 }, if runs > 0.0 { RUNS } else { 0.0 });
        let by = [1.0 / (words * whole), RUNS / (runs * whole)];
        let own = out.weights[start..].iter_mut().zip(kinds);
        own.for_each(|(weight, kind)| *weight = (f64::from(*weight) * by[kind]) as f32);
        out.bounds.push(out.numbers.len());
    }
    Ok(out)
}

/// In how many texts a feature has to occur: two, or more where that leaves more than `most` features.
fn least_texts(texts_of: &[u32], most: usize) -> u32 {
    let mut least = 2;
    while texts_of.iter().filter(|&&d| d >= least).count() > most {
        least += least.div_ceil(4);
    }
    least
}

/// Places of a text's features, with how often each occurs. `places` is room to work in.
fn counted(text: &str, places: &mut Vec<u32>) -> Vec<(u32, u32)> {
    places.clear();
    let mut end = text.len().min(MAX_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let lower = text[..end].to_lowercase();
    let mut before: Option<u64> = None;
    let mut bounds: Vec<usize> = Vec::new();
    for word in lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
        let hash = hashed(1, word.bytes());
        places.push(place(0, hash));
        if let Some(before) = before {
            places.push(place(0, hashed(2, before.to_le_bytes().into_iter().chain(hash.to_le_bytes()))));
        }
        before = Some(hash);
        bounds.clear();
        bounds.extend(word.char_indices().map(|(at, _)| at).take(MAX_LETTERS));
        bounds.push(word.char_indices().nth(MAX_LETTERS).map_or(word.len(), |(at, _)| at));
        runs(word, &bounds, places);
    }
    places.sort_unstable();
    places.chunk_by(|a, b| a == b).map(|run| (run[0], run.len() as u32)).collect()
}

/// Runs of three to five letters; a word's border is a letter of its own. `bounds` are those of its letters.
fn runs(word: &str, bounds: &[usize], places: &mut Vec<u32>) {
    let letters = bounds.len() - 1;
    // Borders are before letter 0 and after the last one: positions 0 and letters + 1 of the bordered word.
    for length in 3..=5_usize {
        for start in 0..(letters + 3).saturating_sub(length) {
            let (from, to) = (start.max(1) - 1, (start + length).min(letters + 1) - 1);
            let left = (start == 0).then_some(b'<');
            let right = (start + length == letters + 2).then_some(b'>');
            let inner = word.as_bytes()[bounds[from]..bounds[to.min(letters)]].iter().copied();
            places.push(place(1, hashed(3, left.into_iter().chain(inner).chain(right))));
        }
    }
}

/// Fowler, Noll & Vo's hash (FNV-1a) of 64 bits: the same on every machine.
fn hashed(kind: u8, bytes: impl Iterator<Item = u8>) -> u64 {
    std::iter::once(kind)
        .chain(bytes)
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn place(kind: usize, hash: u64) -> u32 {
    // The upper bits of a product mix better than the lower ones of the hash; the lowest bit of a place tells the kind.
    let mixed = (hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - PLACES.trailing_zeros())) as u32;
    (mixed & !1) | kind as u32
}

/// Whether a place is of words (0) or of runs of letters (1).
fn kind_of(place: u32) -> usize {
    (place & 1) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places_of(text: &str) -> Vec<(u32, u32)> {
        counted(text, &mut Vec::new())
    }

    #[test]
    fn words_pairs_and_runs_are_counted() {
        // Words no, no; one pair; <no, no>, <no> each twice.
        let found = places_of("No, no!");
        assert_eq!(found.iter().map(|f| f.1).sum::<u32>(), 2 + 1 + 2 * 3);
        assert_eq!(found.iter().filter(|f| f.1 == 2).count(), 4);
        assert_eq!(places_of("NO no"), found);
        assert!(places_of(" … !").is_empty());
        // The shortest run at the beginning is the border and two letters.
        let has =
            |run: &[u8]| places_of("abcd").iter().any(|p| p.0 == place(1, hashed(3, run.iter().copied())));
        assert!([b"<ab".as_slice(), b"abc", b"cd>", b"abcd", b"<abcd"].iter().all(|run| has(run)));
        assert!(!has(b"<a") && !has(b"ab") && !has(b"d>"));
        // Runs follow letters, not bytes.
        assert_eq!(places_of("ärä").iter().map(|f| f.1).sum::<u32>(), 1 + 3 + 2 + 1);
    }

    #[test]
    fn odd_texts_are_cut_and_nothing_panics() {
        assert!(!places_of(&"ß".repeat(100_000)).is_empty());
        assert!(places_of(&"x".repeat(1000)).iter().map(|f| f.1).sum::<u32>() < 300);
        let texts: TextColumn = ["a b", "", "a c", "\u{0}"].into_iter().collect();
        let found = features(&texts, 4, 2, &Progress::new()).unwrap();
        // "a" and its run are in two texts.
        assert_eq!(found.n_features(), 2);
        assert_eq!(found.row(1).0.len(), 0);
        let length: f32 = found.row(0).1.iter().map(|w| w * w).sum();
        assert!((length - 1.0).abs() < 1e-6);
    }

    #[test]
    fn with_many_labels_rare_features_go_first() {
        assert_eq!(least_texts(&[1, 2, 3, 9], 10), 2);
        assert_eq!(least_texts(&[1, 2, 3, 9], 1), 4);
    }
}
