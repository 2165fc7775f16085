//! What the builder asks for: presets, their parameters, the cursor over presets and queues.

use std::sync::Arc;

use crate::analysis::routing::{Divergence, Machine, TAKEN, two};
use crate::app::document::Document;
use crate::app::panels::{Kind, Wanted};
use crate::app::query::Condition;
use crate::app::queueing::shown;
use crate::app::queues::{Prepared, QueueAsked};
use crate::app::widgets::palette::Choice;
use crate::dataset::Edits;
use crate::review::recipe::{Asked, Making, Recipe};
use crate::stats::Undefined;
use crate::stats::confident::Filter;

/// Seconds after the last change before it is counted anew.
const DEBOUNCE_S: f64 = 0.150;
/// Most things that a list of choices holds.
const MOST_CHOICES: usize = 20_000;

/// A parameter that is chosen from a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    /// A filter of confident learning.
    Filter,
    /// A rater.
    Rater,
    /// The first label of a pair.
    LabelA,
    /// The second.
    LabelB,
    /// An attribute of raters.
    Attribute,
    /// A machine.
    Machine,
    /// The first of two who are held against each other.
    FirstOfTwo,
    /// The second.
    SecondOfTwo,
    /// A model with probabilities, alone or the first of two.
    System,
    /// The second.
    SecondSystem,
}

impl Pick {
    /// What the list is called.
    pub fn title(self) -> &'static str {
        match self {
            Self::Filter => "Flagged by which filter?",
            Self::Rater => "Which rater against the rest?",
            Self::LabelA => "Between which labels? The first",
            Self::LabelB => "Between which labels? The second",
            Self::Attribute => "Groups by which attribute?",
            Self::Machine => "Whose mistakes?",
            Self::FirstOfTwo => "Who differs? The first",
            Self::SecondOfTwo => "Who differs? The second",
            Self::System => "Which model?",
            Self::SecondSystem => "Which model, the second?",
        }
    }
}

/// Where the cursor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cursor {
    /// On a preset, by its place.
    Preset(usize),
    /// On a queue, by its number.
    Queue(u64),
}

/// What the view remembers.
#[derive(Debug)]
pub struct QueuesState {
    /// Where the cursor is.
    pub cursor: Cursor,
    /// Each preset as it was set.
    pub presets: Vec<(Recipe, Making)>,
    /// Whether the presets were fitted to the dataset.
    fitted: bool,
    /// Whether what is being counted begins when it is.
    pub starts: bool,
    /// The queue that is being renamed, what was typed, and whether the field has the keyboard.
    pub renaming: Option<(u64, String, bool)>,
    edits: Option<Arc<Edits>>,
    /// What was asked for last, and since when.
    last: Option<(Asked, f64)>,
}

impl Default for QueuesState {
    fn default() -> Self {
        let recipes = [
            Recipe::ISSUES,
            Recipe::NotYetAgreed,
            Recipe::SPLIT,
            Recipe::RaterAgainstRest { rater: 0 },
            Recipe::LabelPair { a: 0, b: 1, directed: false },
            Recipe::GroupsPart { attribute: 0 },
            Recipe::Routed { machine: Machine::Model(0) },
            Recipe::BelowKnee { model: Machine::Model(0) },
            Recipe::Differing { a: Machine::Model(0), b: Machine::Model(1), n: TAKEN, unlike: true },
            Recipe::Decisive { a: Machine::Model(0), b: Machine::Model(1), by: Divergence::Kl },
            Recipe::AUDIT,
            Recipe::Listed,
        ];
        Self {
            cursor: Cursor::Preset(0),
            presets: recipes.into_iter().map(|r| (r, Making::of(&r))).collect(),
            fitted: false,
            starts: false,
            renaming: None,
            edits: None,
            last: None,
        }
    }
}

/// What a preset is called, and what it is for.
pub fn words(recipe: &Recipe) -> (&'static str, &'static str) {
    match recipe {
        Recipe::LabelIssues { .. } => (
            "Label issues",
            "Labels under suspicion. The most suspicious come first; about half of them usually turn out right.",
        ),
        Recipe::NotYetAgreed => (
            "Not yet agreed",
            "Everything but what raters agree on unanimously and nothing speaks against: nobody has to click through the rest.",
        ),
        Recipe::SplitVotes { .. } => ("Split votes", "Items on which raters part, the most divided first."),
        Recipe::RaterAgainstRest { .. } => (
            "A rater against the rest",
            "Items on which most of the others give another label than this rater.",
        ),
        Recipe::LabelPair { .. } => (
            "A pair of labels",
            "Items between two labels: where one is mistaken for the other, or raters say both.",
        ),
        Recipe::GroupsPart { .. } => (
            "Groups part",
            "Items on which the majorities of two groups of raters differ, those furthest apart first.",
        ),
        Recipe::Routed { .. } => (
            "Worth a person",
            "Items without people’s label, where the machine is likeliest to be wrong: learned from where people answered.",
        ),
        Recipe::BelowKnee { .. } => (
            "Below the knee",
            "Labels whose margin (log p of the label − log p of the best other) is below the bend of all margins.",
        ),
        Recipe::Differing { .. } => (
            "Two that differ most",
            "The few items on which two models or raters differ most, unlike each other: to see which of the two is better.",
        ),
        Recipe::Decisive { .. } => (
            "Decisive first",
            "All items of two models, those first on which their probabilities are farthest apart: fewer looks end in a tie.",
        ),
        Recipe::RandomAudit { .. } => (
            "Random audit",
            "A simple random sample of all items: the only basis for an error rate of the whole.",
        ),
        Recipe::Listed => {
            ("What is shown", "The items that the filter of the Items view shows, in their order there.")
        }
    }
}

impl QueuesState {
    /// The preset under the cursor, or the last one that was.
    pub fn preset(&self) -> usize {
        match self.cursor {
            Cursor::Preset(at) => at.min(self.presets.len() - 1),
            Cursor::Queue(_) => 0,
        }
    }

    /// The queue under the cursor.
    pub fn chosen(&self) -> Option<u64> {
        match self.cursor {
            Cursor::Queue(id) => Some(id),
            Cursor::Preset(_) => None,
        }
    }

    /// Puts the cursor on a queue.
    pub fn choose(&mut self, id: u64) {
        self.cursor = Cursor::Queue(id);
    }

    /// Puts the cursor back on a preset.
    pub fn forget(&mut self) {
        if self.chosen().is_some() {
            self.cursor = Cursor::Preset(0);
        }
        self.renaming = None;
    }

    /// Opens the field for a new name.
    pub fn rename(&mut self, id: u64, title: String) {
        self.renaming = Some((id, title, false));
    }

    /// Moves the cursor over presets and queues.
    pub fn step(&mut self, doc: &Document, by: i64) {
        let n = self.presets.len();
        let list = doc.queues.list();
        let here = match self.cursor {
            Cursor::Preset(at) => at,
            // The newest stands at the top.
            Cursor::Queue(id) => n + list.iter().rev().position(|k| k.id == id).unwrap_or(0),
        };
        let last = (n + list.len()).saturating_sub(1) as i64;
        let to = (here as i64).saturating_add(by).clamp(0, last) as usize;
        self.renaming = None;
        self.cursor = match to.checked_sub(n) {
            None => Cursor::Preset(to),
            Some(at) => list.iter().rev().nth(at).map_or(Cursor::Preset(0), |k| Cursor::Queue(k.id)),
        };
    }

    /// Sets parameters to what the dataset has: the least competent rater, the pair that is mistaken most often.
    pub fn fit(&mut self, doc: &Document) {
        let Some(analysis) = doc.analysis.as_ref().filter(|_| !self.fitted) else { return };
        self.fitted = true;
        let skills = analysis.raters.iter().map(|r| r.dawid_skene_accuracy.value());
        let known = (0u32..).zip(skills).filter_map(|(rater, skill)| Some((rater, skill?)));
        let worst = known.min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |r| r.0);
        let mut pair = (0, 1);
        if let Ok(confident) = analysis.confident.as_ref() {
            let joint = &confident.calibrated_joint;
            let mut most = 0;
            for (g, row) in joint.iter().enumerate() {
                for (t, &n) in row.iter().enumerate() {
                    if g != t && n > most {
                        (pair, most) = ((g as u32, t as u32), n);
                    }
                }
            }
        }
        for (recipe, _) in &mut self.presets {
            match recipe {
                Recipe::RaterAgainstRest { rater } => *rater = worst,
                Recipe::LabelPair { a, b, .. } => (*a, *b) = pair,
                Recipe::Routed { machine } => {
                    *machine = doc.who.machines.first().copied().unwrap_or(*machine);
                }
                Recipe::BelowKnee { model } => *model = doc.who.systems.first().copied().unwrap_or(*model),
                Recipe::Differing { a, b, .. } => {
                    (*a, *b) = two(&doc.who.all, (None, None)).unwrap_or((*a, *b));
                }
                Recipe::Decisive { a, b, .. } => {
                    (*a, *b) = two(&doc.who.systems, (None, None)).unwrap_or((*a, *b));
                }
                _ => {}
            }
        }
    }

    /// What the builder asks for.
    pub fn asked(&self, doc: &Document) -> Asked {
        let (recipe, making) = self.presets[self.preset()];
        let listed = if recipe == Recipe::Listed { shown(doc) } else { None };
        Asked { recipe, making, listed }
    }

    /// The panel that it takes, and how long to wait before it is asked for again.
    pub fn wanted(&mut self, doc: &Document, now: f64) -> (Vec<Wanted>, Option<f64>) {
        let Some(analysis) = doc.analysis.clone().filter(|_| self.chosen().is_none()) else {
            return (Vec::new(), None);
        };
        self.fit(doc);
        let edits = match &self.edits {
            Some(edits) if edits.revision() == doc.edits().revision() => Arc::clone(edits),
            _ => Arc::new(doc.edits().clone()),
        };
        self.edits = Some(Arc::clone(&edits));
        let asked = self.asked(doc);
        let since = match &self.last {
            Some((last, since)) if *last == asked => *since,
            // The first count does not wait.
            None => now - DEBOUNCE_S,
            Some(_) => now,
        };
        self.last = Some((asked.clone(), since));
        let wait = DEBOUNCE_S - (now - since);
        if wait > 0.0 {
            return (Vec::new(), Some(wait));
        }
        (vec![Wanted::Queue(QueueAsked { asked, analysis, edits })], None)
    }

    /// What came of what is asked for now; `None` while it is being counted.
    pub fn prepared(&self, doc: &Document) -> Option<Arc<Result<Prepared, Undefined>>> {
        let Some(Wanted::Queue(of)) = doc.panels.answered(Kind::Queue) else { return None };
        let now = of.asked == self.asked(doc)
            && of.edits.revision() == doc.edits().revision()
            && doc.analysis.as_ref().is_some_and(|a| Arc::ptr_eq(a, &of.analysis));
        doc.panels.queue().filter(|_| now)
    }

    /// What the first key of choice opens.
    pub fn first_pick(&self) -> Option<Pick> {
        match self.presets[self.preset()].0 {
            _ if self.chosen().is_some() => None,
            Recipe::LabelIssues { .. } => Some(Pick::Filter),
            Recipe::RaterAgainstRest { .. } => Some(Pick::Rater),
            Recipe::LabelPair { .. } => Some(Pick::LabelA),
            Recipe::GroupsPart { .. } => Some(Pick::Attribute),
            Recipe::Routed { .. } => Some(Pick::Machine),
            Recipe::Differing { .. } => Some(Pick::FirstOfTwo),
            Recipe::BelowKnee { .. } | Recipe::Decisive { .. } => Some(Pick::System),
            _ => None,
        }
    }

    /// What the second one opens.
    pub fn second_pick(&self) -> Option<Pick> {
        match self.presets[self.preset()].0 {
            _ if self.chosen().is_some() => None,
            Recipe::LabelPair { .. } => Some(Pick::LabelB),
            Recipe::Differing { .. } => Some(Pick::SecondOfTwo),
            Recipe::Decisive { .. } => Some(Pick::SecondSystem),
            _ => None,
        }
    }

    /// The two of a pair change places.
    pub fn swap(&mut self) {
        let (at, chosen) = (self.preset(), self.chosen());
        match &mut self.presets[at].0 {
            _ if chosen.is_some() => {}
            Recipe::LabelPair { a, b, .. } => std::mem::swap(a, b),
            Recipe::Differing { a, b, .. } | Recipe::Decisive { a, b, .. } => std::mem::swap(a, b),
            _ => {}
        }
    }

    /// Takes the choice at place `chosen` of [`choices`].
    pub fn pick(&mut self, doc: &Document, pick: Pick, chosen: usize) {
        let at = self.preset();
        if chosen >= choices(doc, pick).len() {
            return;
        }
        match (&mut self.presets[at].0, pick) {
            (Recipe::LabelIssues { filter, .. }, Pick::Filter) => {
                *filter = chosen.checked_sub(1).and_then(|k| Filter::ALL.get(k).copied());
            }
            (Recipe::RaterAgainstRest { rater }, Pick::Rater) => *rater = chosen as u32,
            (Recipe::LabelPair { a, .. }, Pick::LabelA) => *a = chosen as u32,
            (Recipe::LabelPair { b, .. }, Pick::LabelB) => *b = chosen as u32,
            (Recipe::GroupsPart { attribute }, Pick::Attribute) => *attribute = chosen,
            (Recipe::Routed { machine: to }, Pick::Machine)
            | (Recipe::Differing { a: to, .. }, Pick::FirstOfTwo)
            | (Recipe::Differing { b: to, .. }, Pick::SecondOfTwo)
            | (Recipe::BelowKnee { model: to } | Recipe::Decisive { a: to, .. }, Pick::System)
            | (Recipe::Decisive { b: to, .. }, Pick::SecondSystem) => {
                *to = machines(doc, pick).get(chosen).copied().unwrap_or(*to);
            }
            _ => {}
        }
    }

    /// Shows a preset by the start of its name, for a picture.
    pub fn show_preset(&mut self, doc: &Document, name: &str) -> anyhow::Result<()> {
        self.fit(doc);
        let is = |(recipe, _): &(Recipe, Making)| {
            words(recipe).0.to_lowercase().replace(' ', "-").starts_with(&name.to_lowercase())
        };
        let at = self.presets.iter().position(is);
        self.cursor =
            Cursor::Preset(at.ok_or_else(|| anyhow::anyhow!("--tab {name}: there is no such preset"))?);
        Ok(())
    }
}

/// What can be chosen, in the order of the dataset.
pub fn choices(doc: &Document, pick: Pick) -> Vec<Choice> {
    let d = &doc.dataset;
    let choice =
        |name: &str, hint: &str| Choice { name: name.to_owned(), hint: hint.to_owned(), key: String::new() };
    let of = |names: &[String]| names.iter().take(MOST_CHOICES).map(|name| choice(name, "")).collect();
    match pick {
        Pick::Filter => std::iter::once(choice("the usual one", doc.flag_method_words()))
            .chain(Filter::ALL.iter().map(|f| choice(f.words().0, f.words().1)))
            .collect(),
        Pick::Rater => of(&d.raters.names),
        Pick::LabelA | Pick::LabelB => of(d.labels.names()),
        Pick::Attribute => d.raters.attributes.iter().map(|a| choice(&a.0, "")).collect(),
        Pick::Machine | Pick::FirstOfTwo | Pick::SecondOfTwo | Pick::System | Pick::SecondSystem => {
            machines(doc, pick).iter().map(|m| choice(&m.name(d), "")).collect()
        }
    }
}

/// Who can be chosen.
fn machines(doc: &Document, pick: Pick) -> &[Machine] {
    match pick {
        Pick::FirstOfTwo | Pick::SecondOfTwo => &doc.who.all,
        Pick::System | Pick::SecondSystem => &doc.who.systems,
        _ => &doc.who.machines,
    }
}

/// The conditions of the Items view in words.
pub fn filter_words(doc: &Document) -> String {
    let words: Vec<String> = doc.query.conditions.iter().map(|c: &Condition| c.words(&doc.dataset)).collect();
    match (words.is_empty(), doc.query.search.trim()) {
        (true, "") => "no filter: every item".to_owned(),
        (true, search) => format!("search “{search}”"),
        (false, "") => words.join(", "),
        (false, search) => format!("{}, search “{search}”", words.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_has_words_and_labels_change_places() {
        let mut state = QueuesState::default();
        let mut names: Vec<&str> = state.presets.iter().map(|p| words(&p.0).0).collect();
        assert!(state.presets.iter().all(|p| words(&p.0).1.ends_with('.')));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 12);
        assert_eq!((state.first_pick(), state.second_pick()), (Some(Pick::Filter), None));
        state.cursor = Cursor::Preset(4);
        assert_eq!((state.first_pick(), state.second_pick()), (Some(Pick::LabelA), Some(Pick::LabelB)));
        state.swap();
        assert_eq!(state.presets[4].0, Recipe::LabelPair { a: 1, b: 0, directed: false });
        state.choose(7);
        state.swap();
        assert_eq!((state.chosen(), state.first_pick(), state.preset()), (Some(7), None, 0));
        state.forget();
        assert_eq!(state.cursor, Cursor::Preset(0));
    }
}
