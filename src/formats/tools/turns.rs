//! What raters said, held back until the whole source is known.
//!
//! Only the end of a source tells whether a rater labelled an item again, whether a question ever has two answers at
//! once, and in which units its offsets count. A [`Turn`] is one rater's work on one item; the later of two replaces
//! the earlier. [`Turns::finish`] hands the rest to a [`Gathering`].

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::super::error::{FormatError, visible};
use super::super::gather::{Ask, Gathering, Value};
use super::super::intern::Interner;
use super::super::notes::Place;
use super::super::offsets::{Index, Unit};
use crate::dataset::{Missing, NOTHING, Task};

/// What kind of answer a question has, as far as the tool says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One label, or several if any answer has several.
    Choice,
    /// Any number of labels.
    Several,
    /// A step of a scale.
    Rating,
    Number,
    Spans,
}

/// Whose words these are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Who {
    Rater(u32),
    /// The label that the source has for the item, nobody's in particular.
    Given,
    /// An earlier review.
    Reviewer(String),
}

/// A marked stretch in the units of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) label: u32,
    /// What the source says it covers.
    pub(super) covered: Option<u32>,
}

/// An answer to one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    Labels(Vec<u32>),
    Marks(Vec<Mark>),
}

/// Most questions of one source.
const MAX_QUESTIONS: usize = 1000;

/// All questions.
pub(super) const ALL: u32 = u32::MAX;

/// One rater's work on one item.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) item: u32,
    pub(super) who: Who,
    /// The question it is about, or [`ALL`].
    pub(super) about: u32,
    /// Of two turns the one with the greater stamp counts, of equals the later.
    pub(super) stamp: i64,
    pub(super) seconds: Option<f32>,
    /// When it was done, in seconds since 1970.
    pub(super) moment: Option<f64>,
    pub(super) said: Vec<(u32, Said)>,
    /// Why nothing was said.
    pub(super) absent: Option<Missing>,
}

#[derive(Debug)]
struct Question {
    name: String,
    kind: Kind,
    several: bool,
    declared: Vec<String>,
}

/// All turns of a source.
#[derive(Debug, Default)]
pub(super) struct Turns {
    list: Vec<Turn>,
    /// (item, rater, question) → its turn.
    known: HashMap<(u32, u32, u32), usize>,
    questions: Vec<Question>,
    labels: Interner,
    /// Questions that somebody answered.
    answered: HashSet<u32>,
    replaced: u64,
}

impl Turns {
    /// The question of this name; `None` where there are too many.
    pub(super) fn question(&mut self, name: &str, kind: Kind) -> Option<u32> {
        if let Some(at) = self.questions.iter().position(|q| q.name == name) {
            let known = &mut self.questions[at].kind;
            // An empty answer or a skipped one does not tell of what kind the others will be.
            match (*known, kind) {
                (Kind::Choice, Kind::Several) | (Kind::Choice | Kind::Several, Kind::Spans) => *known = kind,
                (Kind::Choice, Kind::Rating | Kind::Number) if !self.answered.contains(&(at as u32)) => {
                    *known = kind;
                }
                _ => {}
            }
            return Some(at as u32);
        }
        if self.questions.len() >= MAX_QUESTIONS {
            return None;
        }
        self.questions.push(Question { name: name.to_owned(), kind, several: false, declared: Vec::new() });
        Some(self.questions.len() as u32 - 1)
    }

    /// The questions with their kinds, in order.
    pub(super) fn kinds(&self) -> impl Iterator<Item = (&str, Kind)> {
        self.questions.iter().map(|q| (q.name.as_str(), q.kind))
    }

    /// Names of the questions, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.questions.iter().map(|q| q.name.as_str())
    }

    /// Labels of a question in the order that the source declares.
    pub(super) fn declare(&mut self, question: u32, labels: impl IntoIterator<Item = String>) {
        let declared = &mut self.questions[question as usize].declared;
        if declared.is_empty() {
            declared.extend(labels);
        }
    }

    /// The number of a label, or of any text.
    pub(super) fn label(&mut self, text: &str) -> u32 {
        // A gathering refuses a source of so many labels.
        self.labels.intern(text).map_or(0, |(n, _)| n)
    }

    /// How many different labels there are, and covered texts.
    pub(super) fn n_labels(&self) -> usize {
        self.labels.len()
    }

    /// Takes a turn.
    pub(super) fn add(&mut self, turn: Turn) {
        for (question, said) in &turn.said {
            self.answered.insert(*question);
            // A reviewer may find several labels right where raters gave one each.
            if let (Said::Labels(labels), false) = (said, matches!(turn.who, Who::Reviewer(_))) {
                self.questions[*question as usize].several |= labels.len() > 1;
            }
        }
        let rater = match turn.who {
            Who::Rater(rater) => rater,
            Who::Given => u32::MAX,
            Who::Reviewer(_) => return self.list.push(turn),
        };
        match self.known.get(&(turn.item, rater, turn.about)) {
            Some(&at) => {
                self.replaced += 1;
                if turn.stamp >= self.list[at].stamp {
                    self.list[at] = turn;
                }
            }
            None => {
                self.known.insert((turn.item, rater, turn.about), self.list.len());
                self.list.push(turn);
            }
        }
    }

    fn word(&self, label: u32) -> &str {
        self.labels.strings().get(label as usize)
    }

    fn task_of(question: &Question) -> Task {
        match question.kind {
            Kind::Choice if !question.several => Task::Single,
            Kind::Choice | Kind::Several => Task::MultiLabel,
            Kind::Rating => Task::Ordinal,
            Kind::Number => Task::Number,
            Kind::Spans => Task::Spans,
        }
    }

    /// Hands everything over. `units`: what offsets may count, the likeliest first; gives what they do count.
    pub(super) fn finish(self, gathering: &mut Gathering, units: &[Unit]) -> Result<Unit, FormatError> {
        let unit = self.unit(gathering, units);
        let mut asks: Vec<(Ask, Task)> = Vec::new();
        for question in &self.questions {
            let task = Self::task_of(question);
            let ask = gathering.question(&question.name, task);
            gathering.declare(ask, &question.declared);
            asks.push((ask, task));
        }
        gathering.notes.add("answered_again", Place::FILE, self.replaced, || {
            let message = "An item was labelled again by the same rater; only the last answer counts";
            (message.into(), "Remove the earlier answers if that is not meant".into())
        });
        let mut trouble = Trouble::default();
        for turn in &self.list {
            for (question, said) in &turn.said {
                let (ask, task) = asks[*question as usize];
                match said {
                    // Of spans, an empty list says that there are none.
                    Said::Labels(labels) if task == Task::Spans => {
                        trouble.unlike += u64::from(!labels.is_empty());
                    }
                    Said::Marks(_) if task != Task::Spans => trouble.unlike += 1,
                    Said::Labels(labels) => {
                        let mut names: Vec<String> =
                            labels.iter().map(|&l| self.word(l).to_owned()).collect();
                        answer(gathering, turn, ask, task, &mut names)?;
                    }
                    Said::Marks(marks) => self.marks(gathering, turn, ask, marks, unit, &mut trouble)?,
                }
            }
            let Who::Rater(rater) = turn.who else { continue };
            let about = |q: u32| turn.about == ALL || turn.about == q;
            for (question, &(ask, task)) in (0..).zip(&asks).filter(|&(q, _)| about(q)) {
                let answered = turn.said.iter().any(|(q, _)| *q == question);
                let why = turn.absent.unwrap_or(Missing::Empty);
                match task {
                    // Who handed a text in and marked nothing saw nothing there.
                    Task::Spans if answered || why == Missing::Empty => {
                        gathering.covered(ask, turn.item, rater);
                    }
                    Task::Spans => trouble.silent += 1,
                    _ if !answered => gathering.absent(ask, turn.item, rater, why),
                    _ => {}
                }
            }
        }
        trouble.tell(gathering);
        Ok(unit)
    }

    fn marks(
        &self,
        gathering: &mut Gathering,
        turn: &Turn,
        ask: Ask,
        marks: &[Mark],
        unit: Unit,
        trouble: &mut Trouble,
    ) -> Result<(), FormatError> {
        let text = gathering.text_of(turn.item).unwrap_or_default().to_owned();
        let index = Index::new(&text, unit);
        for mark in marks {
            let Some(range) = index.range(mark.start..mark.end).filter(|r| !r.is_empty()) else {
                trouble.outside += 1;
                continue;
            };
            let covered = mark.covered.map(|c| self.word(c));
            trouble.differs += u64::from(covered.is_some_and(|c| index.slice(range.clone()) != Some(c)));
            let label = self.word(mark.label);
            match &turn.who {
                Who::Rater(rater) => gathering.mark(ask, turn.item, *rater, range, label)?,
                Who::Given => gathering.given_mark(ask, turn.item, range, label)?,
                Who::Reviewer(name) => gathering.verdict_at(ask, turn.item, range, name, label),
            }
        }
        Ok(())
    }

    /// The unit in which the fewest spans cut words, miss their text or end in white space; of equals the first.
    fn unit(&self, gathering: &mut Gathering, units: &[Unit]) -> Unit {
        let mut misfits = vec![0u64; units.len()];
        let mut example: Vec<Option<String>> = vec![None; units.len()];
        for turn in &self.list {
            let spans: Vec<&Mark> = turn
                .said
                .iter()
                .filter_map(|(_, said)| match said {
                    Said::Marks(marks) => Some(marks),
                    Said::Labels(_) => None,
                })
                .flatten()
                .collect();
            if spans.is_empty() {
                continue;
            }
            // All units are one where every character takes one of each.
            let odd = |t: &&str| !t.is_ascii() || t.contains('\r');
            let Some(text) = gathering.text_of(turn.item).filter(odd) else { continue };
            let indices: Vec<Index<'_>> = units.iter().map(|&u| Index::new(text, u)).collect();
            for mark in spans {
                let covered = mark.covered.map(|c| self.word(c));
                let readings: Vec<Option<Range<u32>>> =
                    indices.iter().map(|index| index.range(mark.start..mark.end)).collect();
                for (i, reading) in readings.iter().enumerate() {
                    misfits[i] += u64::from(misfit(&indices[i], reading.as_ref(), covered));
                    if *reading != readings[0] && example[i].is_none() {
                        let says = |k: usize| {
                            let part =
                                readings[k].clone().and_then(|r| indices[k].slice(r)).unwrap_or_default();
                            format!("“{}” in {}", visible(part), units[k].words())
                        };
                        example[i] = Some(format!("{}–{} is {}, {}", mark.start, mark.end, says(0), says(i)));
                    }
                }
            }
        }
        let Some(&least) = misfits.iter().min() else { return Unit::CodePoint };
        let chosen = misfits.iter().position(|&m| m == least).unwrap_or_default();
        let other = (1..units.len()).find(|&i| example[i].is_some() && misfits[i] == least);
        if let (0, Some(example)) = (chosen, other.and_then(|i| example[i].clone())) {
            gathering.notes.add("offsets_unclear", Place::FILE, 1, || {
                let words = units[0].words();
                let message =
                    format!("Offsets are taken for {words}, and another reading is possible: {example}");
                (message, "If the spans look shifted, export again with the other setting".into())
            });
        } else if let Some(example) = example.get(chosen).and_then(Clone::clone) {
            gathering.notes.add("offset_unit", Place::FILE, 1, || {
                let message = format!("Offsets count {}, which fits best: {example}", units[chosen].words());
                (message, "Nothing to do here".into())
            });
        }
        units.get(chosen).copied().unwrap_or(Unit::CodePoint)
    }
}

/// What could not be handed over as it stands.
#[derive(Debug, Default)]
struct Trouble {
    outside: u64,
    differs: u64,
    silent: u64,
    unlike: u64,
}

impl Trouble {
    fn tell(self, gathering: &mut Gathering) {
        let notes = &mut gathering.notes;
        notes.add("span_outside", Place::FILE, self.outside, || {
            let message = "Spans that are empty or reach past their text were not used";
            (message.into(), "Check that the texts are the ones that were labelled".into())
        });
        notes.add("span_text_differs", Place::FILE, self.differs, || {
            let message =
                "The text that a span is said to cover is not the text at its place; the place counts";
            (message.into(), "Check that the texts are the ones that were labelled".into())
        });
        notes.add("unlike_answers", Place::FILE, self.unlike, || {
            let message = "A question has answers of two kinds, labels and spans; those of the rarer kind were not used";
            (message.into(), "Give the two questions different names".into())
        });
        notes.add("texts_skipped", Place::FILE, self.silent, || {
            let message = "Raters passed over whole texts; they say nothing about the spans there";
            (message.into(), "Nothing to do here".into())
        });
    }
}

/// How badly a reading of a span fits.
fn misfit(index: &Index<'_>, range: Option<&Range<u32>>, covered: Option<&str>) -> u8 {
    let Some(part) = range.and_then(|r| index.slice(r.clone())) else { return 2 };
    if let Some(covered) = covered {
        return if part == covered { 0 } else { 2 };
    }
    let Some(range) = range else { return 2 };
    let at = |point: Option<u32>| point.and_then(|p| index.slice(p..p + 1)).and_then(|s| s.chars().next());
    let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let bad = |outer: Option<char>, inner: Option<char>| {
        u8::from(inner.is_some_and(char::is_whitespace) || (word(outer) && word(inner)))
    };
    bad(at(range.start.checked_sub(1)), part.chars().next())
        + bad(at(Some(range.end)), part.chars().next_back())
}

/// Hands over an answer that is labels.
fn answer(
    gathering: &mut Gathering,
    turn: &Turn,
    ask: Ask,
    task: Task,
    names: &mut [String],
) -> Result<(), FormatError> {
    names.sort();
    if let Who::Reviewer(name) = &turn.who {
        let label = if names.is_empty() { NOTHING.to_owned() } else { names.join("|") };
        gathering.verdict(ask, turn.item, name, &label);
        return Ok(());
    }
    let value = match (task, &*names) {
        (Task::MultiLabel, names) => Value::Set(names),
        (_, [label]) => Value::One(label),
        _ => {
            if let Who::Rater(rater) = turn.who {
                gathering.absent(ask, turn.item, rater, Missing::Empty);
            }
            return Ok(());
        }
    };
    match turn.who {
        Who::Rater(rater) => {
            gathering.vote(ask, turn.item, rater, value, turn.seconds)?;
            gathering.given_at(ask, turn.moment);
            Ok(())
        }
        Who::Given | Who::Reviewer(_) => gathering.given(ask, turn.item, value),
    }
}
