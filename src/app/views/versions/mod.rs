//! Versions of one text: where they mark otherwise, sentence by sentence, how often one label became another, and why.
//!
//! A stands left, B right, or both under one text. What both mark alike is pale, where they differ it is strong: one sees where to
//! look before reading.

mod coding;
mod data;
mod flow;
mod head;
mod matrix;
mod reading;
mod side;

use std::path::PathBuf;
use std::sync::Arc;

use egui::{Event, Key, Rect, Ui, UiBuilder, pos2, vec2};

use crate::analysis::versions::{Listed, Version, VersionsAsked, VersionsReport, Which};
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::panels::{Kind as Panel, OfGiven, Wanted};
use crate::app::request::Request;
use crate::app::views::empty;
use crate::app::widgets::palette::Choice;
use crate::app::widgets::theme::Theme;
use crate::review::event::{Difference, Marked};
use crate::review::{Codebook, DoubleCoding};
use crate::stats::versions::{DecodingRule, Disagreement, Entity, VersionPair};

/// Height of the line above the text.
const HEAD: f32 = 40.0;

/// What the view remembers.
#[derive(Debug, Default)]
pub struct VersionsState {
    /// Numbers of the versions A and B; `None` until they are known.
    sides: Option<[u32; 2]>,
    /// How malformed tags are read.
    rule: DecodingRule,
    /// Which differences are listed.
    which: Which,
    /// The place in the list.
    at: usize,
    /// Whether sentences in which nothing of the list is are shown too.
    whole_text: bool,
    /// Whether both versions stand under one text.
    inline: bool,
    /// The code that is picked for the difference: first level, second.
    pick: Option<(usize, Option<usize>)>,
    reveal: bool,
    scroll: reading::Scroll,
    /// How far others agree on the reasons, and after how many events of the log that was.
    doubled: Option<(usize, Vec<(String, DoubleCoding)>)>,
}

/// Two versions as they are shown: A and B may stand the other way round than in the data.
#[derive(Clone, Copy)]
struct Shown<'a> {
    report: &'a VersionsReport,
    number: usize,
    pair: &'a VersionPair,
    sides: [u32; 2],
}

impl<'a> Shown<'a> {
    fn of(report: &'a VersionsReport, sides: [u32; 2]) -> Option<Self> {
        let number = report.pair(sides[0], sides[1])?;
        Some(Self { report, number, pair: &report.found.pairs[number], sides })
    }

    fn is_swapped(&self) -> bool {
        self.sides[0] > self.sides[1]
    }

    /// What stands at A and at B, of what stands first and second in the data; and the other way round.
    fn turned<T>(&self, [first, second]: [T; 2]) -> [T; 2] {
        if self.is_swapped() { [second, first] } else { [first, second] }
    }

    fn version(&self, side: usize) -> Option<&'a Version> {
        self.report.version(self.sides[side])
    }

    fn name(&self, side: usize) -> &'a str {
        self.version(side).map_or("", |v| v.name.as_str())
    }

    fn difference(&self, number: u32) -> Option<&'a Disagreement> {
        self.pair.disagreements.get(number as usize)
    }

    /// What A and B have there.
    fn marks(&self, d: &Disagreement) -> [Option<Entity>; 2] {
        self.turned([d.first, d.second])
    }

    /// A cell of the matrix of A and B, as the data has it.
    fn cell(&self, a: Option<u32>, b: Option<u32>) -> Which {
        let [first, second] = self.turned([a, b]);
        Which::Types(first, second)
    }

    fn listed(&self, which: Which) -> Option<&'a Listed> {
        self.report.listed(self.number, which)
    }

    fn n(&self, which: Which) -> usize {
        self.listed(which).map_or(0, |l| l.differences.len())
    }

    /// Numbers of all differences of a sentence.
    fn of_sentence(&self, sentence: u32) -> std::ops::Range<u32> {
        let all = &self.pair.disagreements;
        let from = all.partition_point(|d| d.sentence < sentence);
        let to = from + all[from..].partition_point(|d| d.sentence == sentence);
        from as u32..to as u32
    }

    /// The name under which a difference stands in the log.
    fn target(&self, doc: &Document, d: &Disagreement) -> Difference {
        let name = |number: u32| self.report.version(number).map_or_else(String::new, |v| v.name.clone());
        let key = |item: u32| doc.dataset.keys.get(item as usize).to_owned();
        let marked = |e: Option<Entity>| {
            e.map(|e| Marked {
                from: key(e.start),
                to: key(e.end.saturating_sub(1)),
                label: self.report.kind(Some(e.kind)).to_owned(),
            })
        };
        Difference {
            versions: [name(self.pair.a), name(self.pair.b)],
            first: marked(d.first),
            second: marked(d.second),
        }
    }

    /// What is listed, in words.
    fn words(&self, which: Which) -> String {
        let [a, b] = [self.name(0), self.name(1)];
        match which {
            Which::All => format!("{a} and {b} mark otherwise"),
            Which::Kind(kind) => format!("{a} and {b} differ: {}", kind.name()),
            Which::Types(first, second) => {
                let [x, y] = self.turned([first, second]).map(|k| self.report.kind(k));
                format!("{x} in {a}, {y} in {b}")
            }
        }
    }
}

impl VersionsState {
    /// The versions A and B.
    pub fn sides(&self) -> Option<[u32; 2]> {
        self.sides
    }

    /// Which differences are listed.
    pub fn which(&self) -> Which {
        self.which
    }

    /// The place in the list of differences.
    pub fn place(&self) -> usize {
        self.at
    }

    /// Both versions under one text, or side by side.
    pub fn set_inline(&mut self, inline: bool) {
        self.inline = inline;
        self.reveal = true;
    }

    /// What is to be computed.
    pub fn wanted(&self, doc: &Document) -> Vec<Wanted> {
        let Some(analysis) = doc.analysis.clone().filter(|_| doc.has_tags) else { return Vec::new() };
        let asked = VersionsAsked { settings: doc.settings.clone(), rule: self.rule };
        let own: PathBuf = doc.session.path().to_owned();
        vec![Wanted::Versions(OfGiven { asked, analysis }), Wanted::Coders(own)]
    }

    fn report(doc: &Document) -> Option<Arc<VersionsReport>> {
        let found = doc.panels.versions()?;
        found.as_ref().as_ref().ok().cloned()
    }

    /// The first pair of versions, unless two were chosen that are still there.
    fn begin(&mut self, report: &VersionsReport) {
        let there = self.sides.is_some_and(|[a, b]| report.pair(a, b).is_some());
        if !there {
            self.sides = report.found.pairs.first().map(|p| [p.a, p.b]);
            self.list(Which::All);
        }
    }

    /// Takes a version for a side; the two change places where it is on the other already.
    pub fn set(&mut self, side: usize, number: u32) {
        if let Some(sides) = &mut self.sides {
            if sides[1 - side] == number {
                sides.swap(0, 1);
            } else {
                sides[side] = number;
            }
            self.list(Which::All);
        }
    }

    /// A and B change places.
    pub fn swap(&mut self) {
        if let Some(sides) = &mut self.sides {
            sides.swap(0, 1);
        }
    }

    fn list(&mut self, which: Which) {
        (self.which, self.at, self.pick, self.reveal) = (which, 0, None, true);
    }

    fn toggle(&mut self, which: Which) {
        self.list(if self.which == which { Which::All } else { which });
    }

    /// Goes to the next difference of the list, or the one before.
    pub fn step(&mut self, doc: &Document, by: i64) {
        let Some(report) = Self::report(doc) else { return };
        let Some(shown) = self.sides.and_then(|sides| Shown::of(&report, sides)) else { return };
        let last = shown.n(self.which).saturating_sub(1) as i64;
        self.go(shown, (self.at as i64).saturating_add(by).clamp(0, last) as usize);
    }

    fn go(&mut self, _shown: Shown<'_>, at: usize) {
        if self.at != at {
            self.pick = None;
        }
        (self.at, self.reveal) = (at, true);
    }

    /// Lists what one label became most often, and so on; after the last, and before the first, all differences.
    pub fn step_cell(&mut self, doc: &Document, by: i64) {
        let Some(report) = Self::report(doc) else { return };
        let Some(shown) = self.sides.and_then(|sides| Shown::of(&report, sides)) else { return };
        let cells: Vec<Which> =
            shown.pair.label_pairs().iter().map(|c| Which::Types(c.first, c.second)).collect();
        let here = cells.iter().position(|c| *c == self.which).map_or(0, |at| at as i64 + 1);
        let next = (here + by).rem_euclid(cells.len() as i64 + 1);
        let cell = usize::try_from(next - 1).ok().and_then(|at| cells.get(at).copied());
        self.list(cell.unwrap_or_default());
    }

    /// The number of the difference under the cursor.
    fn current(&self, shown: Shown<'_>) -> Option<u32> {
        shown.listed(self.which)?.differences.get(self.at).copied()
    }

    /// What Enter does: writes down the code that is picked; without one, reviews the tokens of what is listed.
    pub fn behind(&self, doc: &Document) -> Option<Request> {
        let report = Self::report(doc)?;
        let shown = Shown::of(&report, self.sides?)?;
        let d = shown.difference(self.current(shown)?)?;
        if let Some(code) = self.picked(&doc.codebook) {
            let target = Box::new(shown.target(doc, d));
            return Some(Request::Code { item: d.tokens().start, target, reason: Some(code) });
        }
        let items = shown.listed(self.which)?.items.clone();
        Some(Request::ReviewList { name: shown.words(self.which), items, from: d.tokens().start })
    }

    /// What was picked, as it stands in the log.
    fn picked(&self, book: &Codebook) -> Option<String> {
        let (first, second) = self.pick?;
        let code = book.codes.get(first)?;
        match second {
            Some(second) => code.children.get(second).map(|c| c.code.clone()),
            None => Some(code.code.clone()),
        }
    }

    /// The code was written down: on to the next difference.
    pub fn coded(&mut self, doc: &Document) {
        self.pick = None;
        self.step(doc, 1);
    }

    /// The codebook is another.
    pub fn book_changed(&mut self) {
        (self.pick, self.doubled) = (None, None);
    }

    /// All versions that can be chosen, for the palette.
    pub fn choices(doc: &Document) -> Vec<(u32, Choice)> {
        let Some(report) = Self::report(doc) else { return Vec::new() };
        let choice = |v: &Version| {
            let hint = format!("{} entities", v.facts.n_entities);
            (v.number, Choice { name: v.name.clone(), hint, key: String::new() })
        };
        report.versions.iter().map(choice).collect()
    }
}

/// The keys of reasons.
const DIGITS: [Key; 9] =
    [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9];

/// Reads the digits: one picks a reason of the first level, a second one below it. Commands are read later.
pub fn keys(ctx: &egui::Context, doc: &Document, state: &mut VersionsState) {
    if ctx.text_edit_focused() {
        return;
    }
    let mut digits = Vec::new();
    let mut escape = false;
    ctx.input_mut(|input| {
        input.events.retain(|event| {
            let Event::Key { key, pressed: true, repeat: false, modifiers, .. } = event else { return true };
            if modifiers.any() {
                return true;
            }
            if *key == Key::Escape && (state.pick.is_some() || state.which != Which::All) {
                escape = true;
                return false;
            }
            let digit = DIGITS.iter().position(|d| d == key);
            digits.extend(digit);
            digit.is_none()
        });
    });
    if escape && state.pick.take().is_none() {
        state.list(Which::All);
    }
    let codes = &doc.codebook.codes;
    for digit in digits {
        let below = match state.pick {
            Some((first, None)) => codes.get(first).filter(|c| digit < c.children.len()).map(|_| first),
            _ => None,
        };
        state.pick = match below {
            Some(first) => Some((first, Some(digit))),
            None => (digit < codes.len()).then_some((digit, None)).or(state.pick),
        };
    }
}

/// Paints the view.
pub fn ui(ui: &mut Ui, doc: &Document, state: &mut VersionsState, out: &mut Vec<Request>) {
    let full = ui.max_rect();
    if doc.analysis.is_none() {
        empty::loading(ui, full);
        return;
    }
    if !doc.has_tags {
        let why = "It takes tokens with tags such as B-PER: open two files of the same text together, or one with two columns.";
        empty::nothing(ui, full, "No tagged text", why, Vec::new(), out);
        return;
    }
    let found = doc.panels.versions();
    let Some(found) = found else {
        if doc.panels.is_stopped(Panel::Versions) {
            let again = vec![("Compute again".to_owned(), Request::Run(Command::ShowVersions))];
            empty::nothing(ui, full, "Stopped before the end", "Nothing else waits for it.", again, out);
        } else {
            empty::loading(ui, full);
        }
        return;
    };
    let report = match found.as_ref() {
        Ok(report) => Arc::clone(report),
        Err(reason) => {
            let why = format!("{}.", super::capital(&reason.to_string()));
            let ways = vec![("Open…".to_owned(), Request::Run(Command::Open))];
            empty::nothing(ui, full, "One version only", &why, ways, out);
            return;
        }
    };
    state.begin(&report);
    let Some(shown) = state.sides.and_then(|sides| Shown::of(&report, sides)) else {
        let why = "These two have no sentence in common that both tag.";
        empty::nothing(ui, full, "Nothing to compare", why, Vec::new(), out);
        return;
    };
    state.at = state.at.min(shown.n(state.which).saturating_sub(1));
    let theme = Theme::of(ui.ctx());
    let width = (full.width() * 0.3).clamp(300.0, 420.0);
    let side = Rect::from_min_max(pos2(full.right() - width, full.top()), full.max);
    let text = Rect::from_min_max(full.min, side.left_bottom());
    let line = Rect::from_min_size(text.min, vec2(text.width(), HEAD));
    head::ui(ui, line, state, shown, out);
    ui.painter().vline(side.left(), side.y_range(), theme.border());
    let body = Rect::from_min_max(line.left_bottom(), text.max);
    ui.scope_builder(UiBuilder::new().max_rect(body).id_salt("reading"), |ui| {
        reading::ui(ui, body, doc, state, shown, out);
    });
    ui.scope_builder(UiBuilder::new().max_rect(side).id_salt("side"), |ui| {
        side::ui(ui, side.shrink2(vec2(16.0, 12.0)), doc, state, shown, out);
    });
}
