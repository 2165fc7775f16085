//! Span F1: of what two raters marked, how much is the same.
//!
//! ```text
//! precision = matched of A / A      recall = matched of B / B      F1 = (matched of A + matched of B) / (A + B)
//! ```
//!
//! F1 is the same whoever of the two is taken for the truth. There is no correction for chance: what nobody marked is
//! without bound, and where it is, kappa comes near to F1 (Hripcsak & Rothschild 2005, *JAMIA* 12).
//!
//! Pairs of raters are compared on documents that both worked on. *Micro* puts the counts of all documents together,
//! *macro* takes the mean of the F1 of documents. The value of a dataset is the mean over pairs that have one.

use std::collections::HashMap;

use rayon::prelude::*;

use super::data::{Mark, SpanData, SpanDocument};
use crate::dataset::{LabelId, TextColumn};
use crate::progress::{Cancelled, Progress};
use crate::stats::agreement::interval::Spread;
use crate::stats::agreement::resample::resample;
use crate::stats::{Estimate, Statistic, Undefined};

/// Overlapping pairs of marks looked at in one document for one pair of raters; beyond, a mark looks at those that
/// begin next.
const MOST_OVERLAPS: usize = 4_000_000;

/// Pairs of raters that are compared, each once a document.
const MOST_PAIRS: u64 = 10_000_000;

/// When two marks are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpanMatch {
    /// The same stretch and label.
    #[default]
    Exact,
    /// The same stretch, whatever the label.
    ExactStretch,
    /// They overlap and have the same label; one to one, the largest overlap first.
    Partial,
    /// They overlap, whatever the label; one to one, the largest overlap first.
    PartialStretch,
    /// Not marks but code points are compared: each with each label that it has.
    Character,
    /// As code points, of tokens that a mark touches. Tokens are runs of letters and digits, and other signs one by one; in
    /// documents without text, code points.
    Token,
}

/// What two raters of a document both do not mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BothEmpty {
    /// Such a document is left out.
    #[default]
    Skip,
    /// Its F1 is 1 in the mean over documents. Counts put together do not change.
    Agree,
}

/// What is compared, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct SpanF1Options {
    /// When marks are the same.
    pub matching: SpanMatch,
    /// What a document is worth that neither marked.
    pub both_empty: BothEmpty,
    /// Resamples of documents for intervals; 0 for none.
    pub replicates: u32,
    /// Their seed.
    pub seed: u64,
}

/// Counts of two raters: marks (code points, tokens) of each, and those of each that have a counterpart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Matched {
    /// Of the first.
    pub a: u64,
    /// Of the second.
    pub b: u64,
    /// Of the first, those that the second has too; as many of the second, since matches are one to one.
    pub both: u64,
}

impl Matched {
    /// 2 both / (a + b); `None` where neither has any.
    pub fn f1(self) -> Option<f64> {
        (self.a + self.b > 0).then(|| 2.0 * self.both as f64 / (self.a + self.b) as f64)
    }

    fn add(&mut self, other: Self) {
        self.a += other.a;
        self.b += other.b;
        self.both += other.both;
    }
}

/// Two raters.
#[derive(Debug, Clone, PartialEq)]
pub struct SpanPair {
    /// The lower rater number.
    pub a: u32,
    /// The higher one.
    pub b: u32,
    /// Documents that both worked on.
    pub n_documents: usize,
    /// Counts over all of them.
    pub matched: Matched,
    /// F1 of the counts.
    pub micro: Statistic,
    /// Mean F1 of documents.
    pub macro_by_document: Statistic,
}

/// One document.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentF1 {
    /// Document number.
    pub document: u32,
    /// Mean F1 of its pairs of raters; `None` where no pair has a value.
    pub f1: Option<f64>,
    /// Counts over its pairs.
    pub matched: Matched,
    /// Marks without counterpart in at least one other rater of the document: (rater, mark). Of code points and tokens
    /// there is none.
    pub unmatched: Vec<(u32, Mark)>,
}

/// Span F1 of a dataset.
#[derive(Debug, Clone, PartialEq)]
pub struct SpanF1 {
    /// Mean over pairs of raters of [`SpanPair::micro`], with a bootstrap interval over documents.
    pub micro: Statistic,
    /// Mean over pairs of [`SpanPair::macro_by_document`].
    pub macro_by_document: Statistic,
    /// Mean over labels of F1 of counts over all pairs.
    pub macro_by_label: Statistic,
    /// F1 of each label in use, of counts over all pairs. Where labels do not matter, of marks of the label alone.
    pub labels: Vec<(LabelId, Statistic)>,
    /// Each pair that worked on a document together, in order.
    pub pairs: Vec<SpanPair>,
    /// Documents of two raters or more.
    pub documents: Vec<DocumentF1>,
}

/// A pair of raters, a document, their counts there.
type OfPair = ((u32, u32), u32, Matched);

/// Counts of one document: of each pair of raters, of each label, and what has no counterpart.
struct Compared {
    pairs: Vec<((u32, u32), Matched)>,
    labels: Vec<(LabelId, Matched)>,
    unmatched: Vec<(u32, Mark)>,
}

/// Span F1 between all pairs of raters. `texts` are those of the documents; they are looked at for tokens only.
///
/// `n_items` of estimates are documents, and those of the pair for pairs. Undefined without spans, with fewer than two
/// raters, where no two raters worked on the same document, where there are more than ten million pairs of raters to
/// compare; for a pair, where neither marked anything.
/// Time is O(marks × raters of the document).
pub fn span_f1(
    data: &SpanData,
    texts: &TextColumn,
    options: &SpanF1Options,
    progress: &Progress,
) -> Result<SpanF1, Cancelled> {
    let shared: Vec<&SpanDocument> = data.shared().collect();
    let n_pairs = |d: &&SpanDocument| d.lines.len() as u64 * (d.lines.len() as u64 - 1) / 2;
    if shared.iter().map(n_pairs).sum::<u64>() > MOST_PAIRS {
        let why = || Undefined::Because("there are too many pairs of raters to compare".to_owned());
        return Ok(SpanF1::without(&why()));
    }
    progress.stage("documents", shared.len() as u64);
    let compared: Vec<Compared> = shared
        .par_iter()
        .map(|d| {
            let out = compare(data, d, texts, options.matching, progress);
            progress.add(1);
            out
        })
        .collect::<Result<_, _>>()?;
    // Pairs in order, each with the documents and counts that it has.
    let mut of_pairs: Vec<OfPair> = Vec::new();
    for (d, c) in compared.iter().enumerate() {
        of_pairs.extend(c.pairs.iter().map(|&(pair, matched)| (pair, d as u32, matched)));
    }
    of_pairs.sort_unstable_by_key(|p| (p.0, p.1));
    let groups: Vec<&[OfPair]> = of_pairs.chunk_by(|a, b| a.0 == b.0).collect();
    let worth = |m: Matched| m.f1().or((options.both_empty == BothEmpty::Agree).then_some(1.0));
    let nothing = || Undefined::Because("neither marked anything".to_owned());
    let pairs: Vec<SpanPair> = groups
        .iter()
        .map(|group| {
            let mut matched = Matched::default();
            group.iter().for_each(|g| matched.add(g.2));
            let of_documents: Vec<f64> = group.iter().filter_map(|g| worth(g.2)).collect();
            let n = group.len();
            let statistic = |value: Option<f64>| -> Statistic {
                value.map_or_else(|| nothing().into(), |v| Estimate::new(v, n, 2).into())
            };
            let (a, b) = group[0].0;
            SpanPair {
                a,
                b,
                n_documents: n,
                matched,
                micro: statistic(worth(matched)),
                macro_by_document: statistic(mean(&of_documents)),
            }
        })
        .collect();
    let statistic = |value: Option<f64>| -> Statistic {
        match (data.hindrance(), value) {
            (Some(why), _) => why.into(),
            (None, Some(v)) => Estimate::new(v, shared.len(), data.n_raters()).into(),
            (None, None) => nothing().into(),
        }
    };
    let values = |of: fn(&SpanPair) -> &Statistic| -> Vec<f64> {
        pairs.iter().filter_map(|p| of(p).value()).collect()
    };
    let mut micro = statistic(mean(&values(|p| &p.micro)));
    if let Statistic::Defined(estimate) = &mut micro
        && shared.len() >= 2
        && options.replicates > 0
    {
        let kinds: Vec<u32> = (0..shared.len() as u32).collect();
        let draws = resample(&kinds, kinds.len(), (options.replicates, options.seed), progress, |times| {
            let (mut sum, mut n) = (0.0, 0.0);
            for group in &groups {
                let (mut marks, mut both, mut documents) = (0.0, 0.0, 0.0);
                for &(_, d, m) in *group {
                    let t = times[d as usize];
                    marks += t * (m.a + m.b) as f64;
                    both += t * 2.0 * m.both as f64;
                    documents += t;
                }
                if marks > 0.0 {
                    sum += both / marks;
                    n += 1.0;
                } else if documents > 0.0 && options.both_empty == BothEmpty::Agree {
                    sum += 1.0;
                    n += 1.0;
                }
            }
            (n > 0.0).then(|| sum / n)
        })?;
        if let Some(spread) = Spread::percentiles(&draws) {
            (estimate.ci, estimate.se, estimate.method) =
                (Some(spread.ci), Some(spread.se), Some(spread.method));
        }
    }
    let mut of_labels = vec![Matched::default(); data.n_labels()];
    for &(label, matched) in compared.iter().flat_map(|c| &c.labels) {
        of_labels[label as usize].add(matched);
    }
    let labels: Vec<(LabelId, Statistic)> = (0..)
        .zip(&of_labels)
        .filter(|(_, m)| m.a + m.b > 0)
        .map(|(label, m)| (label, statistic(m.f1())))
        .collect();
    let label_values: Vec<f64> = labels.iter().filter_map(|l| l.1.value()).collect();
    let documents = shared
        .iter()
        .zip(compared)
        .map(|(d, c)| {
            let mut matched = Matched::default();
            c.pairs.iter().for_each(|p| matched.add(p.1));
            let values: Vec<f64> = c.pairs.iter().filter_map(|p| worth(p.1)).collect();
            DocumentF1 { document: d.document, f1: mean(&values), matched, unmatched: c.unmatched }
        })
        .collect();
    Ok(SpanF1 {
        micro,
        macro_by_document: statistic(mean(&values(|p| &p.macro_by_document))),
        macro_by_label: statistic(mean(&label_values)),
        labels,
        pairs,
        documents,
    })
}

impl SpanF1 {
    fn without(why: &Undefined) -> Self {
        let none = || Statistic::Undefined(why.clone());
        Self {
            micro: none(),
            macro_by_document: none(),
            macro_by_label: none(),
            labels: Vec::new(),
            pairs: Vec::new(),
            documents: Vec::new(),
        }
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn compare(
    data: &SpanData,
    document: &SpanDocument,
    texts: &TextColumn,
    matching: SpanMatch,
    progress: &Progress,
) -> Result<Compared, Cancelled> {
    let lines: Vec<Vec<Mark>> = match matching {
        SpanMatch::Exact | SpanMatch::ExactStretch | SpanMatch::Partial | SpanMatch::PartialStretch => {
            document.lines.iter().map(|l| data.marks(l).to_vec()).collect()
        }
        SpanMatch::Token if !texts.get(document.document as usize).is_empty() => {
            let tokens = tokens(texts.get(document.document as usize), document.length);
            let of = |m: &Mark| Mark {
                start: tokens.partition_point(|t| t.1 <= m.start) as u32,
                end: tokens.partition_point(|t| t.0 < m.end) as u32,
                label: m.label,
            };
            let of_line = |l| data.marks(l).iter().map(of).filter(|m| !m.is_empty()).collect();
            document.lines.iter().map(|l| joined(of_line(l))).collect()
        }
        SpanMatch::Character | SpanMatch::Token => {
            document.lines.iter().map(|l| joined(data.marks(l).to_vec())).collect()
        }
    };
    let units = matches!(matching, SpanMatch::Character | SpanMatch::Token);
    let count = |line: &[Mark]| -> u64 {
        if units { line.iter().map(|m| u64::from(m.len())).sum() } else { line.len() as u64 }
    };
    let mut out = Compared { pairs: Vec::new(), labels: Vec::new(), unmatched: Vec::new() };
    let mut labels: HashMap<LabelId, Matched> = HashMap::new();
    let mut lonely: Vec<Vec<bool>> = lines.iter().map(|l| vec![false; l.len()]).collect();
    let all: u64 = lines.iter().map(|l| count(l)).sum();
    for i in 0..lines.len() {
        for j in i + 1..lines.len() {
            progress.check()?;
            let (a, b) = (&lines[i], &lines[j]);
            let mut matched = Matched { a: count(a), b: count(b), both: 0 };
            let mut label = |of: LabelId, add: Matched| labels.entry(of).or_default().add(add);
            let size = |m: &Mark| if units { u64::from(m.len()) } else { 1 };
            a.iter().for_each(|m| label(m.label, Matched { a: size(m), ..Matched::default() }));
            b.iter().for_each(|m| label(m.label, Matched { b: size(m), ..Matched::default() }));
            if units {
                for (of, both) in common(a, b) {
                    matched.both += both;
                    label(of, Matched { both, ..Matched::default() });
                }
            } else {
                let counterparts = one_to_one(a, b, matching);
                let (mut mine, mut theirs) = (vec![true; a.len()], vec![true; b.len()]);
                for &(x, y) in &counterparts {
                    (mine[x as usize], theirs[y as usize]) = (false, false);
                    let of = a[x as usize].label;
                    if b[y as usize].label == of {
                        label(of, Matched { both: 1, ..Matched::default() });
                    }
                }
                matched.both = counterparts.len() as u64;
                lonely[i].iter_mut().zip(mine).for_each(|(l, m)| *l |= m);
                lonely[j].iter_mut().zip(theirs).for_each(|(l, m)| *l |= m);
            }
            out.pairs.push(((document.lines[i].rater, document.lines[j].rater), matched));
        }
    }
    if !units && all > 0 {
        for (line, (marks, lonely)) in document.lines.iter().zip(lines.iter().zip(&lonely)) {
            let without = marks.iter().zip(lonely).filter(|(_, l)| **l).map(|(m, _)| (line.rater, *m));
            out.unmatched.extend(without);
        }
    }
    out.labels = labels.into_iter().collect();
    out.labels.sort_unstable_by_key(|l| l.0);
    Ok(out)
}

/// Marks of the same label joined where they overlap or touch, by label and start.
fn joined(mut marks: Vec<Mark>) -> Vec<Mark> {
    marks.sort_unstable_by_key(|m| (m.label, m.start, m.end));
    let mut out: Vec<Mark> = Vec::with_capacity(marks.len());
    for mark in marks {
        match out.last_mut() {
            Some(last) if last.label == mark.label && mark.start <= last.end => {
                last.end = last.end.max(mark.end);
            }
            _ => out.push(mark),
        }
    }
    out
}

/// Units that both have with the same label: of two lists by label and start, without overlaps.
fn common(a: &[Mark], b: &[Mark]) -> Vec<(LabelId, u64)> {
    let (mut i, mut j) = (0, 0);
    let mut out: Vec<(LabelId, u64)> = Vec::new();
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        if x.label == y.label {
            let both = u64::from(x.overlap(*y));
            match out.last_mut() {
                Some(last) if last.0 == x.label => last.1 += both,
                _ => out.push((x.label, both)),
            }
        }
        if (x.label, x.end) <= (y.label, y.end) { i += 1 } else { j += 1 }
    }
    out
}

/// Which mark of `a` goes with which of `b`.
fn one_to_one(a: &[Mark], b: &[Mark], matching: SpanMatch) -> Vec<(u32, u32)> {
    let exact = matches!(matching, SpanMatch::Exact | SpanMatch::ExactStretch);
    let label_counts = matches!(matching, SpanMatch::Exact | SpanMatch::Partial);
    if exact {
        // Both are by start, end, label: same labels first, so that of stacked marks as many as can be keep theirs.
        let mut out = Vec::new();
        let key = |m: &Mark, labelled: bool| (m.start, m.end, if labelled { m.label } else { 0 });
        let (mut free_a, mut free_b) = (vec![true; a.len()], vec![true; b.len()]);
        for labelled in [true, false] {
            if !labelled && label_counts {
                break;
            }
            let (mut i, mut j) = (0, 0);
            while i < a.len() && j < b.len() {
                if !free_a[i] {
                    i += 1;
                } else if !free_b[j] {
                    j += 1;
                } else {
                    match key(&a[i], labelled).cmp(&key(&b[j], labelled)) {
                        std::cmp::Ordering::Less => i += 1,
                        std::cmp::Ordering::Greater => j += 1,
                        std::cmp::Ordering::Equal => {
                            (free_a[i], free_b[j]) = (false, false);
                            out.push((i as u32, j as u32));
                        }
                    }
                }
            }
        }
        return out;
    }
    // All overlaps, as a sweep finds them.
    let mut overlaps: Vec<(u32, bool, u32, u32)> = Vec::new();
    let (mut open_a, mut open_b): (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
    let (mut i, mut j) = (0, 0);
    let wide = MOST_OVERLAPS / (a.len() + b.len()).max(1);
    while i < a.len() || j < b.len() {
        let first = j >= b.len() || (i < a.len() && a[i].start <= b[j].start);
        let (mark, others, open, own_open, at) = if first {
            (a[i], b, &mut open_b, &mut open_a, i)
        } else {
            (b[j], a, &mut open_a, &mut open_b, j)
        };
        open.retain(|&o| others[o as usize].end > mark.start);
        // The latest to begin are kept where there are too many.
        if open.len() > wide.max(64) {
            open.drain(..open.len() - wide.max(64));
        }
        for &o in open.iter() {
            let other = others[o as usize];
            let same = mark.label == other.label;
            if same || !label_counts {
                let (x, y) = if first { (at as u32, o) } else { (o, at as u32) };
                overlaps.push((mark.overlap(other), same, x, y));
            }
        }
        own_open.push(at as u32);
        if first { i += 1 } else { j += 1 }
    }
    overlaps.sort_unstable_by_key(|&(n, same, x, y)| (std::cmp::Reverse((n, same)), x, y));
    let (mut free_a, mut free_b) = (vec![true; a.len()], vec![true; b.len()]);
    let mut out = Vec::new();
    for (_, _, x, y) in overlaps {
        if free_a[x as usize] && free_b[y as usize] {
            (free_a[x as usize], free_b[y as usize]) = (false, false);
            out.push((x, y));
        }
    }
    out
}

/// Where tokens stand, in code points. Past the end of the text each code point is one.
pub(crate) fn tokens(text: &str, length: u32) -> Vec<(u32, u32)> {
    let mut out: Vec<(u32, u32)> = Vec::new();
    let (mut at, mut in_word) = (0, false);
    for c in text.chars() {
        if c.is_alphanumeric() {
            match out.last_mut() {
                Some(last) if in_word => last.1 = at + 1,
                _ => out.push((at, at + 1)),
            }
            in_word = true;
        } else {
            if !c.is_whitespace() {
                out.push((at, at + 1));
            }
            in_word = false;
        }
        at += 1;
    }
    // A file may say anything of where marks end; beyond a million code points it is not followed.
    out.extend((at..length.min(at.saturating_add(1 << 20))).map(|c| (c, c + 1)));
    out
}
