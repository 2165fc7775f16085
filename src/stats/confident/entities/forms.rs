//! The same words in several places: are they marked alike?

use std::collections::HashMap;
use std::ops::Range;

use super::corpus::{EntityCorpus, EntityMark};
use super::{EntityFinding, EntityKind, suspicion};
use crate::dataset::LabelId;
use crate::progress::{Cancelled, Progress};
use crate::stats::variation::{SurfaceVariation, surface_variation};

/// Longer marks are taken for passages, not names: their words are not compared.
const MOST_TOKENS: usize = 16;

/// "None": a form too long, a neighbour beyond the end of the text.
const NONE: u32 = u32::MAX;

/// A mark, and the tokens that it would be with the word beside it.
type Wider = (u32, Range<u32>);

/// Words that are marked with different labels.
#[derive(Debug, Clone, PartialEq)]
pub struct InconsistentForm {
    /// The words.
    pub form: String,
    /// Labels and how many marks have each.
    pub variation: SurfaceVariation,
    /// Documents in which it is marked, ascending.
    pub documents: Vec<u32>,
}

/// Sequences of words, each with a number: a tree of words.
#[derive(Default)]
struct Forms {
    children: HashMap<(u32, u32), u32>,
    /// For each node but the root, its form.
    form_of: Vec<u32>,
    n: u32,
}

impl Forms {
    fn step(&self, node: u32, word: u32) -> Option<u32> {
        self.children.get(&(node, word)).copied()
    }

    /// The form that ends at a node.
    fn at(&self, node: u32) -> Option<u32> {
        self.form_of.get((node as usize).checked_sub(1)?).copied().filter(|&f| f != NONE)
    }

    fn insert(&mut self, words: impl Iterator<Item = u32>) -> u32 {
        let mut node = 0;
        for word in words {
            let next = self.form_of.len() as u32 + 1;
            node = *self.children.entry((node, word)).or_insert(next);
            if node == next {
                self.form_of.push(NONE);
            }
        }
        let slot = &mut self.form_of[node as usize - 1];
        if *slot == NONE {
            *slot = self.n;
            self.n += 1;
        }
        *slot
    }

    fn find(&self, words: impl Iterator<Item = u32>) -> Option<u32> {
        let mut node = 0;
        for word in words {
            node = self.step(node, word)?;
        }
        self.at(node)
    }
}

/// Where something is marked: by ascending first token, the farthest end so far.
#[derive(Default)]
struct Cover(Vec<(u32, u32)>);

impl Cover {
    /// Marks come by ascending first token.
    fn push(&mut self, first: u32, last: u32) {
        let farthest = self.0.last().map_or(0, |&(_, end)| end).max(last);
        self.0.push((first, farthest));
    }

    /// Whether a mark overlaps these tokens.
    fn overlaps(&self, tokens: &Range<u32>) -> bool {
        let before = self.0.partition_point(|&(first, _)| first < tokens.end);
        before > 0 && self.0[before - 1].1 > tokens.start
    }
}

/// Labels of a group of marks.
struct Tally {
    /// The most frequent first, ties by label.
    labels: Vec<(LabelId, u64)>,
    /// Whether the marks stand in two places or more: what raters make of one place is another question.
    scattered: bool,
}

impl Tally {
    fn of(marks: &[EntityMark], group: &[u32]) -> Self {
        let mut all: Vec<LabelId> = group.iter().map(|&m| marks[m as usize].label).collect();
        all.sort_unstable();
        let mut labels: Vec<(LabelId, u64)> =
            all.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u64)).collect();
        labels.sort_by_key(|&(label, n)| (std::cmp::Reverse(n), label));
        let first = |m: u32| marks[m as usize].first;
        let scattered = group.first().is_some_and(|&one| group.iter().any(|&m| first(m) != first(one)));
        Self { labels, scattered }
    }

    /// The label that more marks have than any other.
    fn majority(&self) -> Option<(LabelId, u64)> {
        match self.labels.as_slice() {
            [only] => Some(*only),
            [most, next, ..] if most.1 > next.1 => Some(*most),
            _ => None,
        }
    }

    fn count(&self, label: LabelId) -> u64 {
        self.labels.iter().find(|(l, _)| *l == label).map_or(0, |(_, n)| *n)
    }
}

/// All marks with the numbers of their words.
struct Marked<'a> {
    corpus: &'a EntityCorpus,
    marks: Vec<EntityMark>,
    forms: Forms,
    /// For each form, its marks.
    members: Vec<Vec<u32>>,
    /// For each mark, its form.
    form_of: Vec<u32>,
}

/// Appends what is found to `list`; returns the words with several labels, and how many different words there are.
pub(super) fn findings(
    corpus: &EntityCorpus,
    list: &mut Vec<EntityFinding>,
    progress: &Progress,
) -> Result<(Vec<InconsistentForm>, usize), Cancelled> {
    let marks = corpus.sorted_marks();
    progress.check()?;
    let mut forms = Forms::default();
    let words = |m: &EntityMark| corpus.tokens[m.first as usize..m.last as usize].iter().copied();
    let form_of: Vec<u32> = marks
        .iter()
        .map(|m| if words(m).len() <= MOST_TOKENS { forms.insert(words(m)) } else { NONE })
        .collect();
    let mut members: Vec<Vec<u32>> = vec![Vec::new(); forms.n as usize];
    for (mark, &form) in form_of.iter().enumerate().filter(|(_, f)| **f != NONE) {
        members[form as usize].push(mark as u32);
    }
    let marked = Marked { corpus, marks, forms, members, form_of };
    progress.check()?;
    let inconsistent = marked.types(list);
    progress.check()?;
    marked.contexts(list);
    progress.check()?;
    marked.boundaries(list);
    marked.coverage(list, progress)?;
    Ok((inconsistent, marked.members.len()))
}

impl Marked<'_> {
    fn finding(&self, kind: EntityKind, mark: &EntityMark, n: (u64, u64)) -> EntityFinding {
        EntityFinding {
            kind,
            document: mark.document,
            start: mark.start,
            end: mark.end,
            form: self.corpus.form(mark.first..mark.last),
            raters: vec![mark.rater],
            given: Some(mark.label),
            majority: None,
            n_majority: n.0,
            n_here: n.1,
            suspicion: suspicion(n.0, n.1),
        }
    }

    /// Marks of a group whose label is not that of most.
    fn minority(&self, kind: EntityKind, group: &[u32], tally: &Tally, list: &mut Vec<EntityFinding>) {
        let Some((most, n_majority)) = tally.majority().filter(|_| tally.scattered) else { return };
        for mark in group.iter().map(|&m| &self.marks[m as usize]).filter(|m| m.label != most) {
            let majority = Some((mark.start, mark.end, most));
            let finding = self.finding(kind, mark, (n_majority, tally.count(mark.label)));
            list.push(EntityFinding { majority, ..finding });
        }
    }

    /// Words with several labels.
    fn types(&self, list: &mut Vec<EntityFinding>) -> Vec<InconsistentForm> {
        let (mut forms, mut tallies) = (Vec::new(), Vec::new());
        for group in &self.members {
            let tally = Tally::of(&self.marks, group);
            if tally.labels.len() < 2 || !tally.scattered {
                continue;
            }
            self.minority(EntityKind::Type, group, &tally, list);
            let mut documents: Vec<u32> = group.iter().map(|&m| self.marks[m as usize].document).collect();
            documents.dedup();
            let first = &self.marks[group[0] as usize];
            forms.push((self.corpus.form(first.first..first.last), documents));
            tallies.push(tally.labels);
        }
        let rows = forms.into_iter().zip(surface_variation(tallies));
        let mut rows: Vec<InconsistentForm> = rows
            .map(|((form, documents), variation)| InconsistentForm { form, variation, documents })
            .collect();
        rows.sort_by(|a, b| {
            let (a_score, b_score) = (a.variation.weighted_discrepancy, b.variation.weighted_discrepancy);
            b_score.total_cmp(&a_score).then_with(|| a.form.cmp(&b.form))
        });
        rows
    }

    /// The same words between the same neighbours, in lower case.
    fn contexts(&self, list: &mut Vec<EntityFinding>) {
        let mut lower = Forms::default();
        let mut groups: HashMap<(u32, u32, u32), Vec<u32>> = HashMap::new();
        for (number, mark) in self.marks.iter().enumerate() {
            if self.form_of[number] == NONE {
                continue;
            }
            let tokens = self.corpus.tokens_of(mark.document);
            let word = |t: u32| self.corpus.lower_word(t);
            let before = if mark.first as usize > tokens.start { word(mark.first - 1) } else { NONE };
            let after = if (mark.last as usize) < tokens.end { word(mark.last) } else { NONE };
            let form = lower.insert((mark.first..mark.last).map(word));
            groups.entry((before, form, after)).or_default().push(number as u32);
        }
        for group in groups.values().filter(|g| g.len() > 1) {
            let tally = Tally::of(&self.marks, group);
            if tally.labels.len() > 1 {
                self.minority(EntityKind::TypeInContext, group, &tally, list);
            }
        }
    }

    /// Marks beside which stands a word that makes them a form that is marked elsewhere.
    fn boundaries(&self, list: &mut Vec<EntityFinding>) {
        let mut own: HashMap<(u32, u32), Cover> = HashMap::new();
        let mut order: Vec<&EntityMark> = self.marks.iter().collect();
        order.sort_by_key(|m| m.first);
        for mark in order {
            own.entry((mark.document, mark.rater)).or_default().push(mark.first, mark.last);
        }
        // For each longer form and side: the shorter marks and what they would be.
        let mut short: HashMap<(u32, bool), Vec<Wider>> = HashMap::new();
        for (number, mark) in self.marks.iter().enumerate() {
            let tokens = self.corpus.tokens_of(mark.document);
            let left = (mark.first as usize > tokens.start).then(|| mark.first.wrapping_sub(1)..mark.last);
            let right = ((mark.last as usize) < tokens.end).then(|| mark.first..mark.last + 1);
            for (side, wider) in [(false, left), (true, right)] {
                let Some(wider) = wider.filter(|w| w.len() <= MOST_TOKENS) else { continue };
                let words = self.corpus.tokens[wider.start as usize..wider.end as usize].iter().copied();
                let Some(form) = self.forms.find(words) else { continue };
                let beside = if side { mark.last..mark.last + 1 } else { wider.start..mark.first };
                if own.get(&(mark.document, mark.rater)).is_some_and(|cover| !cover.overlaps(&beside)) {
                    short.entry((form, side)).or_default().push((number as u32, wider));
                }
            }
        }
        for (&(form, side), shorter) in &short {
            let longer = &self.members[form as usize];
            let starts = longer.iter().map(|&m| self.marks[m as usize].first);
            let mut starts = starts.chain(shorter.iter().map(|(_, wider)| wider.start));
            let one = starts.next();
            if starts.all(|start| Some(start) == one) {
                continue;
            }
            let (n_long, n_short) = (longer.len() as u64, shorter.len() as u64);
            if n_long > n_short {
                let label = Tally::of(&self.marks, longer).labels[0].0;
                for (mark, wider) in shorter {
                    let (start, end) = self.corpus.stretch(wider.clone());
                    let mark = &self.marks[*mark as usize];
                    let finding = self.finding(EntityKind::Boundary, mark, (n_long, n_short));
                    list.push(EntityFinding { majority: Some((start, end, label)), ..finding });
                }
            } else if n_short > n_long {
                let group: Vec<u32> = shorter.iter().map(|(mark, _)| *mark).collect();
                let label = Tally::of(&self.marks, &group).labels[0].0;
                for mark in longer.iter().map(|&m| &self.marks[m as usize]) {
                    let inner = if side { mark.first..mark.last - 1 } else { mark.first + 1..mark.last };
                    let (start, end) = self.corpus.stretch(inner);
                    let finding = self.finding(EntityKind::Boundary, mark, (n_short, n_long));
                    list.push(EntityFinding { majority: Some((start, end, label)), ..finding });
                }
            }
        }
    }

    /// Marked words where nobody marked them, and words that are marked in few of their places.
    fn coverage(&self, list: &mut Vec<EntityFinding>, progress: &Progress) -> Result<(), Cancelled> {
        let mut unmarked = vec![0_u64; self.members.len()];
        self.walk(progress, |form, _, _| unmarked[form as usize] += 1)?;
        // Places, not marks: three raters in one place are one.
        let marked: Vec<u64> = self
            .members
            .iter()
            .map(|group| {
                let mut places: Vec<(u32, u32)> =
                    group.iter().map(|&m| &self.marks[m as usize]).map(|m| (m.first, m.last)).collect();
                places.sort_unstable();
                places.dedup();
                places.len() as u64
            })
            .collect();
        self.walk(progress, |form, document, tokens| {
            let f = form as usize;
            if marked[f] > unmarked[f] {
                let (start, end) = self.corpus.stretch(tokens.clone());
                let label = Tally::of(&self.marks, &self.members[f]).labels[0].0;
                list.push(EntityFinding {
                    kind: EntityKind::Unmarked,
                    document,
                    start,
                    end,
                    form: self.corpus.form(tokens),
                    raters: Vec::new(),
                    given: None,
                    majority: Some((start, end, label)),
                    n_majority: marked[f],
                    n_here: unmarked[f],
                    suspicion: suspicion(marked[f], unmarked[f]),
                });
            }
        })?;
        for (f, group) in self.members.iter().enumerate().filter(|(f, _)| unmarked[*f] > marked[*f]) {
            for mark in group.iter().map(|&m| &self.marks[m as usize]) {
                list.push(self.finding(EntityKind::SeldomMarked, mark, (unmarked[f], marked[f])));
            }
        }
        Ok(())
    }

    /// Tells of marked words where nothing is marked, the longest first, none of them overlapping.
    fn walk(&self, progress: &Progress, mut tell: impl FnMut(u32, u32, Range<u32>)) -> Result<(), Cancelled> {
        let mut documents: Vec<u32> = self.corpus.sorted_lines().into_iter().map(|line| line.0).collect();
        documents.dedup();
        let mut next = 0;
        for document in documents {
            progress.check()?;
            let from = next;
            while self.marks.get(next).is_some_and(|m| m.document == document) {
                next += 1;
            }
            let mut here: Vec<(u32, u32)> =
                self.marks[from..next].iter().map(|m| (m.first, m.last)).collect();
            here.sort_unstable();
            let mut cover = Cover::default();
            here.into_iter().for_each(|(first, last)| cover.push(first, last));
            let tokens = self.corpus.tokens_of(document);
            let (mut at, end) = (tokens.start as u32, tokens.end as u32);
            while at < end {
                if at % (1 << 16) == 0 {
                    progress.check()?;
                }
                let (mut node, mut best) = (0, None);
                for t in at..end {
                    let Some(child) = self.forms.step(node, self.corpus.tokens[t as usize]) else { break };
                    node = child;
                    if let Some(form) = self.forms.at(node)
                        && !cover.overlaps(&(at..t + 1))
                    {
                        best = Some((form, t + 1));
                    }
                }
                match best {
                    Some((form, after)) => {
                        tell(form, document, at..after);
                        at = after;
                    }
                    None => at += 1,
                }
            }
        }
        Ok(())
    }
}
