//! Confident learning for tags of tokens: which tokens, which sentences, which words.
//!
//! Every token is a row (Wang & Mueller 2022): sentences are laid end to end, any [`Filter`](super::Filter) picks
//! rows of them with [`confident_learning`](super::confident_learning), and [`Sentences`] says where a row stands. A
//! sentence's score is that of its tokens, pooled.

use std::collections::HashMap;

use rayon::prelude::*;

use super::multilabel::{ClassIssues, one_class};
use super::pooling::Pooling;
use super::scan::block_rows;
use super::{ConfidentError, Options, order};
use crate::dataset::{LabelId, NO_LABEL, Probabilities};
use crate::progress::Progress;

/// Tokens below this score are suspicious, where nothing else is asked for (Wang & Mueller 2022).
pub const SUSPICIOUS: f64 = 0.1;

/// Where sentences end in a long line of tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentences {
    /// One more than there are sentences; the first is 0.
    starts: Vec<u32>,
}

impl Sentences {
    /// From the number of tokens of each. `None` for more tokens than can be numbered.
    pub fn of_lengths(lengths: impl IntoIterator<Item = usize>) -> Option<Self> {
        let mut starts = vec![0_u32];
        let mut end = 0_u32;
        for length in lengths {
            end = end.checked_add(u32::try_from(length).ok()?)?;
            starts.push(end);
        }
        Some(Self { starts })
    }

    /// Number of sentences.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of tokens.
    pub fn n_tokens(&self) -> usize {
        self.starts.last().map_or(0, |&end| end as usize)
    }

    /// The tokens of a sentence. Empty past the end.
    pub fn tokens(&self, sentence: usize) -> std::ops::Range<usize> {
        match (self.starts.get(sentence), self.starts.get(sentence + 1)) {
            (Some(&a), Some(&b)) => a as usize..b as usize,
            _ => 0..0,
        }
    }

    /// The sentence of a token and its place there, both from 0; `None` past the end.
    pub fn place(&self, token: u32) -> Option<(u32, u32)> {
        let sentence = self.starts.partition_point(|&start| start <= token) - 1;
        (sentence < self.len()).then(|| (sentence as u32, token - self.starts[sentence]))
    }
}

/// One score a sentence, from those of its tokens; `None` where none of its tokens has one, or the two do not fit.
pub fn sentence_scores(scores: &[Option<f64>], sentences: &Sentences, pooling: Pooling) -> Vec<Option<f64>> {
    (0..sentences.len())
        .into_par_iter()
        .map_init(Vec::new, |known, sentence| {
            known.clear();
            known.extend(scores.get(sentences.tokens(sentence))?.iter().flatten());
            pooling.pool(known)
        })
        .collect()
}

/// Tokens (or sentences) of a score below `threshold`, the lowest first, ties by number. None, if none is.
///
/// # Errors
/// Cancellation; more scores than can be numbered.
pub fn issues_from_scores(
    scores: &[Option<f64>],
    threshold: f64,
    progress: &Progress,
) -> Result<Vec<u32>, ConfidentError> {
    let below = scores.iter().filter(|s| s.is_some_and(|s| s < threshold)).count();
    super::lowest_scores(scores, below, progress)
}

/// A word that is mistagged over and over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommonIssue {
    /// Its surface form.
    pub token: String,
    /// The label it is given.
    pub given: LabelId,
    /// The label it probably should have.
    pub predicted: LabelId,
    /// Where, ascending.
    pub tokens: Vec<u32>,
}

/// What words the flagged tokens are, with the label given and the one predicted; the most frequent first, ties by
/// word and labels.
///
/// `issues` are tokens; `token` gives their surface forms, which count as they are written. Pairs (given, predicted)
/// of `excluded` are left out, and so are tokens without a given label and tokens whose prediction is their label.
pub fn common_issues<'t>(
    issues: &[u32],
    token: impl Fn(u32) -> &'t str,
    labels: &[LabelId],
    predicted: &[LabelId],
    excluded: &[(LabelId, LabelId)],
) -> Vec<CommonIssue> {
    let mut found: HashMap<(&str, LabelId, LabelId), Vec<u32>> = HashMap::new();
    for &issue in issues {
        let at = issue as usize;
        let (Some(&given), Some(&guess)) = (labels.get(at), predicted.get(at)) else { continue };
        if given != NO_LABEL && given != guess && !excluded.contains(&(given, guess)) {
            found.entry((token(issue), given, guess)).or_default().push(issue);
        }
    }
    let mut rows: Vec<CommonIssue> = found
        .into_iter()
        .map(|((token, given, predicted), mut tokens)| {
            tokens.sort_unstable();
            CommonIssue { token: token.to_owned(), given, predicted, tokens }
        })
        .collect();
    rows.sort_by(|a, b| {
        let by_count = b.tokens.len().cmp(&a.tokens.len());
        by_count.then_with(|| (&a.token, a.given, a.predicted).cmp(&(&b.token, b.given, b.predicted)))
    });
    rows
}

/// Flagged tokens of one surface form; `any_case` takes upper and lower case for the same.
pub fn issues_of_word<'t>(
    issues: &[u32],
    token: impl Fn(u32) -> &'t str,
    word: &str,
    any_case: bool,
) -> Vec<u32> {
    let lower = word.to_lowercase();
    let same = |other: &str| if any_case { other.to_lowercase() == lower } else { other == word };
    issues.iter().copied().filter(|&issue| same(token(issue))).collect()
}

/// Types without their prefixes (`B-LOC` and `I-LOC` are `LOC`, `O` stays), in order of first appearance, and for
/// each tag the number of its type: what [`fold_columns`] takes.
pub fn types_of_tags(tags: &[String]) -> (Vec<String>, Vec<Option<u32>>) {
    let mut types: Vec<String> = Vec::new();
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let mut map = Vec::with_capacity(tags.len());
    for tag in tags {
        let kind = crate::dataset::tags::parts(tag).map_or(tag.as_str(), |(_, kind)| kind);
        let number = *numbers.entry(kind).or_insert_with(|| {
            types.push(kind.to_owned());
            types.len() as u32 - 1
        });
        map.push(Some(number));
    }
    (types, map)
}

/// Labels under the numbers of their types; [`NO_LABEL`] where there is none or its column is dropped.
pub fn fold_labels(labels: &[LabelId], map: &[Option<u32>]) -> Vec<LabelId> {
    let fold = |label: &LabelId| map.get(*label as usize).copied().flatten().unwrap_or(NO_LABEL);
    labels.iter().map(fold).collect()
}

/// Probabilities of types: column k is added to column `map[k]`; where some are dropped (`None`), rows are divided by
/// what is left of them. Items × (highest number + 1).
///
/// # Errors
/// A map of another length than there are columns, or one that drops all of them or leaves numbers above theirs; a row
/// of which nothing is left; cancellation.
pub fn fold_columns(
    probabilities: &Probabilities,
    map: &[Option<u32>],
    progress: &Progress,
) -> Result<Probabilities, ConfidentError> {
    let (n, k) = (probabilities.rows(), probabilities.cols());
    let types = map.iter().flatten().map(|&t| t as usize + 1).max().unwrap_or(0);
    if map.len() != k || types == 0 || types > k {
        let words = format!("{k} columns of predicted probabilities cannot be folded into {types} types");
        return Err(ConfidentError::Parameter(words));
    }
    let drops = map.iter().any(Option::is_none);
    let block = block_rows(k);
    progress.stage("Merging tags of one type", n as u64);
    let mut folded = vec![0.0; n * types];
    let empty = folded
        .par_chunks_mut(block * types)
        .enumerate()
        .map_init(
            || vec![0.0; block * k],
            |numbers, (b, out)| {
                progress.check()?;
                let numbers = &mut numbers[..out.len() / types * k];
                probabilities.read(b * block, numbers);
                for (i, (row, to)) in numbers.chunks_exact(k).zip(out.chunks_exact_mut(types)).enumerate() {
                    for (&p, of) in row.iter().zip(map) {
                        if let Some(of) = of {
                            to[*of as usize] += p;
                        }
                    }
                    let sum: f64 = to.iter().sum();
                    if drops {
                        if sum <= 0.0 {
                            return Ok(b * block + i);
                        }
                        to.iter_mut().for_each(|p| *p /= sum);
                    }
                }
                progress.add((out.len() / types) as u64);
                Ok::<_, ConfidentError>(usize::MAX)
            },
        )
        .try_reduce(|| usize::MAX, |a, b| Ok(a.min(b)))?;
    if empty < usize::MAX {
        return Err(ConfidentError::EmptyRow { item: empty });
    }
    Probabilities::from_f64(folded, n, types).map_err(|e| ConfidentError::Parameter(e.to_string()))
}

/// One type of span: which tokens belong to one and should not, or the other way round. Several types are classes of
/// [`multilabel_issues`](super::multilabel_issues), tokens its items.
///
/// `belongs` is 1, 0 or [`NO_LABEL`] and `probability` that of belonging, one a token.
///
/// # Errors
/// As [`confident_learning`](super::confident_learning), but that all tokens may have one answer.
pub fn span_issues(
    belongs: &[LabelId],
    probability: &[f64],
    options: &Options,
    progress: &Progress,
) -> Result<ClassIssues, ConfidentError> {
    if belongs.len() != probability.len() {
        return Err(ConfidentError::LengthMismatch { labels: belongs.len(), rows: probability.len() });
    }
    let two = probability.iter().flat_map(|&p| [1.0 - p, p]).collect();
    let two = Probabilities::from_f64(two, belongs.len(), 2)
        .map_err(|error| ConfidentError::Parameter(error.to_string()))?;
    options.check(2)?;
    one_class(0, belongs, &two, options, progress)
}

/// Flagged tokens of a type of span by P(given answer), the lowest first, ties by token.
///
/// # Errors
/// Cancellation.
pub fn ranked_span_issues(
    found: &ClassIssues,
    filter: super::Filter,
    probability: &[f64],
    progress: &Progress,
) -> Result<Vec<u32>, ConfidentError> {
    let flagged = found.flags.iter().filter(|f| f.bits & filter.bit() != 0);
    let score = |p: f64, given: bool| if given { p } else { 1.0 - p };
    let entries =
        flagged.filter_map(|f| Some((score(*probability.get(f.item as usize)?, f.given), f.item))).collect();
    Ok(order::sorted_rows(entries, progress)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_know_their_sentence() {
        let sentences = Sentences::of_lengths([2, 0, 3]).unwrap();
        assert_eq!((sentences.len(), sentences.n_tokens(), sentences.is_empty()), (3, 5, false));
        let places: Vec<_> = (0..6).map(|t| sentences.place(t)).collect();
        let want = [(0, 0), (0, 1), (2, 0), (2, 1), (2, 2)].map(Some);
        assert_eq!((&places[..5], places[5]), (&want[..], None));
        assert_eq!((sentences.tokens(1), sentences.tokens(9)), (2..2, 0..0));
        assert_eq!(Sentences::of_lengths([1 << 31, 1 << 31]), None);
        let scores = [Some(0.2), None, None, None, None];
        assert_eq!(sentence_scores(&scores, &sentences, Pooling::Min), [Some(0.2), None, None]);
        assert_eq!(sentence_scores(&scores[..1], &sentences, Pooling::Min), [None; 3]);
    }

    #[test]
    fn no_score_below_the_threshold_is_no_error() {
        let below = |t: f64| issues_from_scores(&[Some(0.3), None, Some(0.1)], t, &Progress::new()).unwrap();
        assert_eq!((below(0.1), below(0.11), below(1.0)), (vec![], vec![2], vec![2, 0]));
        assert!(issues_from_scores(&[], 0.5, &Progress::new()).unwrap().is_empty());
    }

    #[test]
    fn prefixes_fold_and_dropped_columns_leave_rows_that_sum_to_one() {
        let tags = ["O", "B-LOC", "I-LOC", "B-MISC"].map(str::to_owned);
        let (types, mut map) = types_of_tags(&tags);
        assert_eq!(
            (types.as_slice(), &*map),
            (&["O", "LOC", "MISC"].map(str::to_owned)[..], &[Some(0), Some(1), Some(1), Some(2)][..])
        );
        let p = Probabilities::from_f64(vec![0.5, 0.125, 0.125, 0.25], 1, 4).unwrap();
        assert_eq!(fold_columns(&p, &map, &Progress::new()).unwrap().row(0), [0.5, 0.25, 0.25]);
        map[3] = None;
        assert_eq!(fold_columns(&p, &map, &Progress::new()).unwrap().row(0), [0.5 / 0.75, 0.25 / 0.75]);
        assert_eq!(fold_labels(&[2, 3, NO_LABEL], &map), [1, NO_LABEL, NO_LABEL]);
        assert!(fold_columns(&p, &[None; 4], &Progress::new()).is_err());
        assert!(fold_columns(&p, &map[..3], &Progress::new()).is_err());
        let nothing = Probabilities::from_f64(vec![0.0, 0.0, 0.0, 1.0], 1, 4).unwrap();
        let refused = fold_columns(&nothing, &map, &Progress::new()).unwrap_err();
        assert_eq!(refused, ConfidentError::EmptyRow { item: 0 });
    }

    #[test]
    fn words_are_counted_with_what_they_are_taken_for() {
        let words = ["may", "May", "may", "June"];
        let token = |t: u32| words[t as usize];
        let rows = common_issues(&[3, 2, 0, 1], token, &[0, 0, 0, 1], &[1, 1, 1, 0], &[(1, 0)]);
        let named: Vec<_> = rows.iter().map(|r| (r.token.as_str(), r.tokens.as_slice())).collect();
        assert_eq!(named, [("may", &[0, 2][..]), ("May", &[1][..])]);
        assert_eq!(issues_of_word(&[0, 1, 3], token, "MAY", true), [0, 1]);
        assert_eq!(issues_of_word(&[0, 1, 3], token, "may", false), [0]);
    }
}
