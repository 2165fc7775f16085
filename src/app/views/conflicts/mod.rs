//! Several reviewers: where they contradict each other, how far they agree, and the hand that settles it.
//!
//! Above the items that stand one way, in the middle what each reviewer decided, side by side, below the decisions on the item
//! under the cursor, each with its digit; at the right the item in full.

mod band;
mod cards;
pub mod model;
mod table;

use std::sync::Arc;

use egui::{Event, Key, Rect, Ui, pos2, vec2};

use self::model::List;
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::panels::{Kind as Panel, Wanted};
use crate::app::request::Request;
use crate::app::views::tabs::{self, Choice};
use crate::app::views::{empty, item};
use crate::app::widgets::paint::{Button, thousands};
use crate::app::widgets::table::TableState;
use crate::app::widgets::theme::Theme;
use crate::review::gathered::{Asked, Gathered};
use crate::review::reviewers::{Case, Reviewers};

/// Width of the item in full.
const ITEM: f32 = 340.0;
/// Seconds after a step in which digits settle nothing.
const GUARD_S: f64 = 0.15;

/// What the view remembers.
#[derive(Debug, Default)]
pub struct ConflictsState {
    /// Counts up whenever somebody looks.
    look: u64,
    asked: Option<Asked>,
    list: List,
    /// Places of the listed items among all cases, and what they are of.
    rows: Vec<usize>,
    rows_of: Option<(List, Arc<Gathered>)>,
    /// The item under the cursor, by key, and its row.
    cursor: Option<String>,
    row: usize,
    /// An item to go to, once so many events of the own log are judged.
    sought: Option<(String, usize)>,
    table: TableState,
    reveal: bool,
    since: f64,
    /// Whether reviewers stand by name; else they are A, B, …, in another order on each item.
    pub names_shown: bool,
    /// Whether the last thing that was done here was to settle something, so that it can be said how sure that was.
    pub just_settled: bool,
    /// Whether the merged file is to be exported once the logs are read.
    pub export_once_read: bool,
}

impl ConflictsState {
    /// Somebody looks: files may have changed.
    pub fn look(&mut self) {
        self.look += 1;
    }

    /// What is asked for: the own log as it stands, and those of others as they stand on the disk.
    pub fn asked(&mut self, doc: &Document) -> &Asked {
        let n = doc.session.events().len();
        let is_current = |a: &Asked| a.look == self.look && a.own.len() == n && a.added == doc.added_logs;
        let known = self.asked.take().filter(is_current);
        self.asked.insert(known.unwrap_or_else(|| Asked {
            look: self.look,
            own: Arc::new(doc.session.events().to_vec()),
            path: doc.session.path().to_owned(),
            added: doc.added_logs.clone(),
            before: doc.panels.reviewers().map_or_else(Vec::new, |g| g.files.clone()),
        }))
    }

    /// What is computed for this view.
    pub fn wanted(&mut self, doc: &Document) -> Vec<Wanted> {
        vec![Wanted::Reviewers(self.asked(doc).clone())]
    }

    /// What was found, if it answers what is asked for now.
    pub fn current(&mut self, doc: &Document) -> Option<Arc<Gathered>> {
        let wanted = Wanted::Reviewers(self.asked(doc).clone());
        doc.panels.reviewers().filter(|_| doc.panels.answered(Panel::Reviewers) == Some(&wanted))
    }

    /// Shows the list of this name.
    ///
    /// # Errors
    /// Where there is none.
    pub fn show_list(&mut self, name: &str) -> anyhow::Result<()> {
        if name == "named" {
            self.names_shown = true;
            return Ok(());
        }
        let list = List::ALL.into_iter().find(|l| l.name().eq_ignore_ascii_case(name));
        self.list =
            list.ok_or_else(|| anyhow::anyhow!("--tab {name}: conflicts, adjudicated, agreed or single"))?;
        Ok(())
    }

    /// Goes to another list.
    pub fn step_list(&mut self, by: i64) {
        let here = List::ALL.iter().position(|l| *l == self.list).unwrap_or(0) as i64;
        let last = List::ALL.len() as i64 - 1;
        self.list = List::ALL[(here + by).clamp(0, last) as usize];
    }

    /// Goes to the item of this key, once the own log is judged as it is now, with so many events.
    pub fn seek(&mut self, key: &str, n_events: usize) {
        self.sought = Some((key.to_owned(), n_events));
    }

    /// The item under the cursor.
    pub fn case<'a>(&self, reviewers: &'a Reviewers) -> Option<&'a Case> {
        reviewers.cases.get(*self.rows.get(self.row)?)
    }

    /// Something was settled at this time: the cursor stays in its row, and the next item comes into it.
    pub fn settled(&mut self, now: f64) {
        self.just_settled = true;
        self.since = now;
        if self.list == List::Conflicts {
            // The key would be found again in the list as it was until the logs are judged anew.
            self.cursor = None;
        }
    }

    /// Seconds since the item under the cursor came.
    pub fn dwelt_s(&self, now: f64) -> f64 {
        (now - self.since).max(0.0)
    }

    /// Moves the cursor.
    pub fn step(&mut self, doc: &mut Document, by: i64) {
        let Some(last) = self.rows.len().checked_sub(1) else { return };
        let row = (self.row as i64).saturating_add(by).clamp(0, last as i64) as usize;
        self.go(doc, row);
    }

    /// Goes to the next item that waits for an adjudication, after the last one to the first.
    pub fn next_conflict(&mut self, doc: &mut Document) {
        if self.list != List::Conflicts {
            self.list = List::Conflicts;
            return;
        }
        let n = self.rows.len().max(1);
        self.go(doc, (self.row + 1) % n);
    }

    fn go(&mut self, doc: &mut Document, row: usize) {
        let Some(found) = doc.panels.reviewers() else { return };
        self.row = row;
        let case = self.case(&found.reviewers);
        self.cursor = case.map(model::name_of);
        self.reveal = true;
        if let Some(item) = case.and_then(|c| c.item) {
            doc.selected = Some(item);
            doc.find_row();
        }
    }

    /// Brings the rows in line with what was found and with the list; says whether the cursor moved to another item.
    fn refresh(&mut self, found: &Arc<Gathered>) -> bool {
        let reviewers = &found.reviewers;
        if let Some((key, _)) = self.sought.take_if(|(_, n)| found.n_own >= *n)
            && let Some(case) = reviewers.cases.iter().find(|c| c.key == key)
        {
            if !self.list.holds(case)
                && let Some(list) = List::ALL.into_iter().find(|l| l.holds(case))
            {
                self.list = list;
            }
            self.cursor = Some(model::name_of(case));
            self.rows_of = None;
        }
        if self.rows_of.as_ref().is_some_and(|(list, of)| *list == self.list && Arc::ptr_eq(of, found)) {
            return false;
        }
        let is_other_list = self.rows_of.as_ref().is_some_and(|(list, _)| *list != self.list);
        self.rows_of = Some((self.list, Arc::clone(found)));
        self.rows = model::listed(reviewers, self.list);
        let at = self
            .cursor
            .as_ref()
            .and_then(|key| self.rows.iter().position(|&i| model::name_of(&reviewers.cases[i]) == *key));
        // Whoever was settled left the list: the next one stands in its row.
        let stays = if is_other_list { 0 } else { self.row };
        self.row = at.unwrap_or(stays).min(self.rows.len().saturating_sub(1));
        let key = self.case(reviewers).map(model::name_of);
        let moved = key != self.cursor || at.is_some();
        self.cursor = key;
        self.reveal = true;
        moved
    }
}

/// Reads the digits: what a reviewer decided is taken over. Commands are read after.
pub fn keys(ctx: &egui::Context, doc: &Document, state: &mut ConflictsState, out: &mut Vec<Request>) {
    if ctx.text_edit_focused() {
        return;
    }
    let Some(found) = doc.panels.reviewers() else { return };
    let mut digits: Vec<usize> = Vec::new();
    let mut amends: Vec<Command> = Vec::new();
    ctx.input_mut(|input| {
        input.events.retain(|event| {
            let Event::Key { key, pressed: true, repeat, modifiers, .. } = event else { return true };
            let all = [
                Key::Num1,
                Key::Num2,
                Key::Num3,
                Key::Num4,
                Key::Num5,
                Key::Num6,
                Key::Num7,
                Key::Num8,
                Key::Num9,
            ];
            let Some(digit) = all.iter().position(|k| k == key) else { return true };
            let amend = match (modifiers.command, modifiers.shift, modifiers.alt, digit) {
                (false, true, false, 0) => Command::SureLow,
                (false, true, false, 1) => Command::SureMid,
                (false, true, false, 2) => Command::SureHigh,
                (false, false, true, 0) => Command::ReasonError,
                (false, false, true, 1) => Command::ReasonAmbiguous,
                (false, false, true, 2) => Command::ReasonGuideline,
                (false, false, false, _) => {
                    // A held key settles nothing twice.
                    if !*repeat {
                        digits.push(digit);
                    }
                    return false;
                }
                _ => return true,
            };
            if state.just_settled {
                amends.push(amend);
            }
            false
        });
    });
    out.extend(amends.into_iter().map(Request::Run));
    let now = ctx.input(|i| i.time);
    // Until the logs are judged anew, what was settled last still stands under the cursor.
    let is_current = found.n_own == doc.session.events().len();
    let Some(digit) = digits.first().filter(|_| is_current && now - state.since >= GUARD_S) else { return };
    if let Some(case) = state.case(&found.reviewers) {
        let takes = model::takes(&found.reviewers, case, !state.names_shown);
        take(doc, case, takes.get(*digit).map(|t| t.1), *digit, out);
    }
}

/// Asks for what `side` decided to be right.
fn take(
    doc: &Document,
    case: &Case,
    side: Option<&crate::review::reviewers::Side>,
    digit: usize,
    out: &mut Vec<Request>,
) {
    let Some(side) = side else { return };
    if case.is_span {
        let pressed = Some((digit + 1).to_string());
        out.push(Request::TakeSpan { event: side.event.clone(), pressed });
        return;
    }
    match model::action_of(&doc.dataset, side) {
        Ok(action) => {
            let pressed = Some((digit + 1).to_string());
            out.push(Request::Adjudicate { key: case.key.clone(), action, pressed });
        }
        // What cannot be taken is said by the field in which another label is chosen.
        Err(_) => out.push(Request::AnotherLabel(case.key.clone())),
    }
}

/// Paints the view.
pub fn ui(ui: &mut Ui, doc: &Document, state: &mut ConflictsState, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let full = ui.max_rect();
    let add = ("Add a reviewer's log…".to_owned(), Request::Run(Command::AddLog));
    let Some(found) = doc.panels.reviewers() else {
        if doc.panels.is_stopped(Panel::Reviewers) {
            let again = vec![("Read again".to_owned(), Request::Run(Command::ShowConflicts)), add];
            empty::nothing(ui, full, "Stopped before the end", "The logs were not read.", again, out);
        } else {
            empty::loading(ui, full);
        }
        return;
    };
    let moved = state.refresh(&found);
    let reviewers = &found.reviewers;
    if reviewers.reviewers.len() < 2 {
        nobody_ui(ui, full, doc, &found, add, out);
        return;
    }
    if moved {
        state.since = ui.input(|i| i.time);
        if let Some(item) = state.case(reviewers).and_then(|c| c.item).filter(|i| doc.selected != Some(*i)) {
            out.push(Request::Select(item));
        }
    }
    let body = head_ui(ui, full, state, reviewers, out);
    let band = Rect::from_min_size(body.min, vec2(body.width(), band::HEIGHT));
    band::ui(ui, band, &found, state, out);
    ui.painter().hline(body.x_range(), band.bottom() - 0.5, theme.border());
    let rest = Rect::from_min_max(band.left_bottom(), body.max);
    if state.rows.is_empty() {
        let (title, why) = match state.list {
            List::Conflicts => {
                ("No conflict waits", "Wherever several decided, they agree or it was settled.")
            }
            List::Adjudicated => ("Nothing was adjudicated yet", "Choose Conflicts and settle one with 1…9."),
            List::Agreed => ("Nobody agrees with anybody", "No item was decided alike by several."),
            List::Single => ("No item was decided by one alone", "Wherever one decided, others did too."),
        };
        let mut buttons = Vec::new();
        if state.list == List::Conflicts {
            buttons.push(("Export merged file…".to_owned(), Request::Run(Command::ExportMerged)));
            buttons.push(("Write merged log…".to_owned(), Request::Run(Command::WriteMerged)));
        }
        empty::nothing(ui, rest, title, why, buttons, out);
        return;
    }
    let width = if rest.width() > 900.0 { ITEM.min(rest.width() * 0.34) } else { 280.0 };
    let left = Rect::from_min_max(rest.min, pos2(rest.right() - width, rest.bottom()));
    let right = Rect::from_min_max(pos2(left.right(), rest.top()), rest.max);
    let strip = Rect::from_min_max(pos2(left.left(), left.bottom() - cards::HEIGHT), left.max);
    let list = Rect::from_min_max(left.min, pos2(left.right(), strip.top()));
    table::ui(ui, list, doc, state, reviewers, out);
    ui.painter().rect_filled(strip, 0.0, theme.raised);
    ui.painter().hline(strip.x_range(), strip.top(), theme.border());
    cards::ui(ui, strip, doc, state, reviewers, out);
    item::beside_ui(ui, right, doc, out);
}

/// One reviewer alone: nothing to compare.
fn nobody_ui(
    ui: &Ui,
    full: Rect,
    doc: &Document,
    found: &Gathered,
    add: (String, Request),
    out: &mut Vec<Request>,
) {
    let mut why = format!(
        "A log of another reviewer that stands beside {} is found by itself; one from elsewhere can be added.",
        doc.dataset.source.table.path.file_name().unwrap_or_default().to_string_lossy()
    );
    for (path, reason) in &found.refused {
        why.push_str(&format!("\n{} is left out: {reason}", path.display()));
    }
    let title = if found.reviewers.reviewers.is_empty() {
        "No decisions yet"
    } else {
        "One reviewer, nobody to compare with"
    };
    empty::nothing(ui, full, title, &why, vec![add], out);
}

/// The lists, whether names are hidden, and the ways out; what is below.
fn head_ui(
    ui: &Ui,
    full: Rect,
    state: &mut ConflictsState,
    reviewers: &Reviewers,
    out: &mut Vec<Request>,
) -> Rect {
    let c = reviewers.counts;
    let of = [c.conflicts, c.adjudicated, c.agreed, c.single];
    let names: Vec<String> =
        List::ALL.iter().zip(of).map(|(l, n)| format!("{} {}", l.name(), thousands(n as u64))).collect();
    let choices: Vec<Choice<'_>> =
        List::ALL.iter().zip(&names).map(|(l, name)| Choice { group: "", name, hint: l.hint() }).collect();
    let on = List::ALL.iter().position(|l| *l == state.list);
    let (picked, x, body) = tabs::tabs_ui(ui, full, &choices, on);
    if let Some(at) = picked {
        state.list = List::ALL[at];
    }
    let top = full.top() + 8.0;
    let mut right = full.right() - 16.0;
    let hide = Command::HideNames.key();
    let buttons = [
        (Button::new("Export merged file…"), Command::ExportMerged),
        (Button::new("Add a log…"), Command::AddLog),
        (Button::new("Hide names").key(&hide).on(!state.names_shown), Command::HideNames),
    ];
    for (button, command) in buttons {
        let left = right - button.width(ui.painter());
        // On a narrow window the menu has them.
        if left < x + 16.0 {
            break;
        }
        if button.show(ui, pos2(left, top), button.label).0.clicked() {
            out.push(Request::Run(command));
        }
        right = left - 8.0;
    }
    body
}
