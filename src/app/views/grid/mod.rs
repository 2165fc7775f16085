//! Many items at once: alike, side by side, the exceptions marked, the rest decided in one step that one key takes back.
//!
//! Nothing is decided on before a line says what would be: how many items, which labels, the first of them.

pub mod model;

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::{Align2, Key, Modifiers, Rect, Stroke, StrokeKind, Ui, UiBuilder, pos2, vec2};

pub use self::model::GridAnswers;
use self::model::{Answer, Chosen, Group, MOST, Plan, plan};
use crate::app::command::pressed_key;
use crate::app::document::Document;
use crate::app::pictures::{Picture, fitted, path_of};
use crate::app::request::Request;
use crate::app::state::View;
use crate::app::views::empty;
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::icon::Icon;
use crate::app::widgets::paint::{
    Button, count, heading, hit_as, key_cap, number, spoken, text, text_block, text_cut, thousands, vote_bar,
};
use crate::app::widgets::text::{TextBlock, TextStyle, elide};
use crate::app::widgets::theme::{Theme, font};
use crate::dataset::{LabelId, NO_LABEL};

const SIDE: f32 = 240.0;
const HEAD: f32 = 92.0;
const FOOT: f32 = 132.0;
const TILE: egui::Vec2 = vec2(232.0, 128.0);
const GAP: f32 = 8.0;
/// From one line of choices to the next.
const LINE: f32 = 34.0;
/// Labels that have a digit of their own.
const UNDER_KEYS: usize = 9;
/// Characters of a text that a tile shows at most.
const CHARS: usize = 400;

/// What the view remembers.
#[derive(Debug, Default)]
pub struct GridState {
    chosen: Option<Chosen>,
    answer: Option<Answer>,
    page: usize,
    cursor: usize,
    exceptions: BTreeSet<u32>,
    /// What would be decided, once it was asked for.
    asked: Option<Asked>,
    /// Tiles on a page, and in a row of it, as last drawn.
    per_page: usize,
    across: usize,
}

/// A plan, and the items that it was made of: it holds as long as they stand there.
#[derive(Debug)]
struct Asked {
    plan: Plan,
    items: Arc<[u32]>,
    /// Its page and how many tiles that had; `None` for all items.
    page: Option<(usize, usize)>,
}

impl GridState {
    /// Begins with a kind of items.
    pub fn choose(&mut self, chosen: Chosen) {
        if self.chosen != Some(chosen) {
            *self = Self {
                chosen: Some(chosen),
                per_page: self.per_page,
                across: self.across,
                ..Self::default()
            };
        }
    }

    /// Whether what the filter shows stands there.
    pub fn shows_filtered(&self) -> bool {
        self.chosen == Some(Chosen::Shown)
    }

    /// What is decided on all of them: the suggestion, until something else was chosen.
    fn answer(&self) -> Answer {
        self.answer.unwrap_or(match self.chosen {
            Some(Chosen::Shown) => Answer::Keep,
            _ => Answer::Suggestion,
        })
    }

    /// Sets what is decided on all of them.
    pub fn set_answer(&mut self, answer: Answer) {
        self.answer = Some(answer);
        self.asked = None;
    }

    /// Something was decided: the next page stands where this one was.
    pub fn done(&mut self) {
        self.exceptions.clear();
        self.asked = None;
        self.cursor = 0;
    }

    /// The items of the chosen kind.
    fn items(&mut self, doc: &Document) -> Arc<[u32]> {
        let groups = doc.derived.as_ref().map_or(&[][..], |d| &d.groups);
        let first = groups.first().map(|g| Chosen::Pair(g.given, g.suggested));
        let chosen = *self.chosen.get_or_insert(first.unwrap_or(Chosen::Shown));
        let items = match chosen {
            Chosen::Pair(given, suggested) => groups
                .iter()
                .find(|g| (g.given, g.suggested) == (given, suggested))
                .map_or_else(|| Arc::from([]), |g| Arc::clone(&g.items)),
            Chosen::Shown => doc.rows.as_ref().map_or_else(|| Arc::from([]), |r| Arc::clone(&r.items)),
        };
        if self.asked.as_ref().is_some_and(|asked| !Arc::ptr_eq(&asked.items, &items)) {
            // Another filter, or an analysis that says something else.
            self.asked = None;
        }
        items
    }

    fn page_of<'a>(&mut self, items: &'a [u32]) -> &'a [u32] {
        let per_page = self.per_page.max(1);
        self.page = self.page.min(items.len().saturating_sub(1) / per_page);
        let begin = self.page * per_page;
        let here = (self.page, per_page);
        if self.asked.as_ref().is_some_and(|asked| asked.page.is_some_and(|page| page != here)) {
            // What Enter decides is what is on screen.
            self.asked = None;
        }
        let page = &items[begin.min(items.len())..(begin + per_page).min(items.len())];
        self.cursor = self.cursor.min(page.len().saturating_sub(1));
        page
    }

    fn mark(&mut self, item: u32) {
        if !self.exceptions.remove(&item) {
            self.exceptions.insert(item);
        }
        self.asked = None;
    }
}

/// Reads the view's keys: arrows, Space, Enter, pages, answers.
pub fn keys(ctx: &egui::Context, doc: &Document, state: &mut GridState, out: &mut Vec<Request>) {
    if ctx.text_edit_focused() || ctx.memory(|m| m.focused().is_some()) {
        return;
    }
    let items = state.items(doc);
    let (n, across, per_page) = (state.page_of(&items).len(), state.across.max(1), state.per_page.max(1));
    let pressed = |modifiers: Modifiers, key: Key| pressed_key(ctx, modifiers, key);
    let none = Modifiers::NONE;
    let all = pressed(Modifiers::SHIFT, Key::Enter);
    let page = pressed(none, Key::Enter);
    if pressed(none, Key::Escape) {
        state.asked = None;
    }
    let by = i64::from(pressed(none, Key::ArrowRight)) - i64::from(pressed(none, Key::ArrowLeft))
        + across as i64 * (i64::from(pressed(none, Key::ArrowDown)) - i64::from(pressed(none, Key::ArrowUp)));
    let pages = i64::from(pressed(none, Key::PageDown)) - i64::from(pressed(none, Key::PageUp));
    if by != 0 {
        let to = state.cursor as i64 + by;
        if (0..n as i64).contains(&to) {
            state.cursor = to as usize;
        } else if to >= n as i64 && (state.page + 1) * per_page < items.len() {
            (state.page, state.cursor) = (state.page + 1, 0);
        } else if to < 0 && state.page > 0 {
            (state.page, state.cursor) = (state.page - 1, per_page - 1);
        }
    }
    if pages != 0 {
        state.page = state.page.saturating_add_signed(pages as isize);
        state.cursor = 0;
    }
    if pressed(none, Key::Space)
        && let Some(&item) = state.page_of(&items).get(state.cursor)
    {
        state.mark(item);
    }
    if pressed(none, Key::S) {
        state.set_answer(Answer::Suggestion);
    }
    if pressed(none, Key::K) {
        state.set_answer(Answer::Keep);
    }
    let digits =
        [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9];
    for (label, key) in digits.into_iter().enumerate().take(doc.dataset.labels.len()) {
        if pressed(none, key) {
            state.set_answer(Answer::Label(label as LabelId));
        }
    }
    if pressed(none, Key::R) && doc.dataset.raters.are_known() {
        out.push(Request::ChooseGridRater);
    }
    if pressed(none, Key::Slash) {
        out.push(Request::ChooseGridLabel);
    }
    match (&state.asked, page, all) {
        (Some(Asked { plan, .. }), true, _) if !plan.decisions.is_empty() => {
            out.push(Request::DecideTogether {
                decisions: plan.decisions.clone(),
                words: words(doc, state),
                flagged: matches!(state.chosen, Some(Chosen::Pair(..))),
            });
        }
        (None, true, _) => ask(doc, state, &items, false),
        (_, _, true) => ask(doc, state, &items, true),
        _ => {}
    }
}

/// Says what would be decided on this page, or on all items of the kind.
fn ask(doc: &Document, state: &mut GridState, items: &Arc<[u32]>, all: bool) {
    let of = if all { items } else { state.page_of(items) };
    let plan = plan(doc, of, state.answer(), &state.exceptions);
    let page = (!all).then_some((state.page, state.per_page.max(1)));
    state.asked = Some(Asked { plan, items: Arc::clone(items), page });
}

/// What the items have in common, for the head and the log.
fn words(doc: &Document, state: &GridState) -> String {
    match state.chosen {
        Some(Chosen::Pair(given, suggested)) => {
            format!("{} → {}", name_of(doc, given), doc.label(suggested))
        }
        _ => "What the filter shows".to_owned(),
    }
}

fn name_of(doc: &Document, label: LabelId) -> &str {
    if label == NO_LABEL { "no label" } else { doc.label(label) }
}

fn answer_words(doc: &Document, answer: Answer) -> String {
    match answer {
        Answer::Suggestion => "take the suggestion".to_owned(),
        Answer::Keep => "keep the label".to_owned(),
        Answer::Label(label) => format!("set {}", doc.label(label)),
        Answer::Rater(rater) => format!("take what {} said", doc.rater_name(rater)),
    }
}

/// Paints the view.
pub fn ui(ui: &mut Ui, doc: &Document, state: &mut GridState, out: &mut Vec<Request>) {
    let full = ui.max_rect();
    let Some(derived) = &doc.derived else {
        empty::loading(ui, full);
        return;
    };
    let theme = Theme::of(ui.ctx());
    let items = state.items(doc);
    let side = Rect::from_min_max(full.min, pos2(full.left() + SIDE, full.bottom()));
    side_ui(ui, side, doc, state, &derived.groups);
    ui.painter().vline(side.right() - 0.5, full.y_range(), theme.border());
    let rest = Rect::from_min_max(pos2(side.right(), full.top()), full.max);
    if items.is_empty() {
        let (title, why) = match state.chosen {
            Some(Chosen::Pair(..)) => ("All of these are decided", "Choose another kind at the left"),
            _ => ("Nothing meets the filter", "Clear the filter, or choose a kind at the left"),
        };
        let buttons = vec![
            ("Show the log".to_owned(), Request::Show(View::Log)),
            ("Show items".to_owned(), Request::Show(View::Items)),
        ];
        empty::nothing(ui, rest, title, why, buttons, out);
        return;
    }
    let lines = n_lines(ui, rest.width() - 32.0, &choices(doc, state.answer()));
    let head = Rect::from_min_size(rest.min, vec2(rest.width(), HEAD + LINE * (lines - 1) as f32));
    let foot = Rect::from_min_max(pos2(rest.left(), rest.bottom() - FOOT), rest.max);
    let body = Rect::from_min_max(pos2(rest.left(), head.bottom()), pos2(rest.right(), foot.top()));
    state.across = (((body.width() - 32.0 + GAP) / (TILE.x + GAP)).floor() as usize).max(1);
    let down = (((body.height() - GAP) / (TILE.y + GAP)).floor() as usize).max(1);
    let per_page = state.across * down;
    if state.per_page != per_page {
        // The item under the cursor stays on screen when the window changes its size.
        let at = state.page * state.per_page + state.cursor;
        (state.per_page, state.page, state.cursor) = (per_page, at / per_page, at % per_page);
    }
    let page = state.page_of(&items).to_vec();
    head_ui(ui, head, doc, state, &items, out);
    ui.painter().hline(rest.x_range(), head.bottom() - 0.5, theme.border());
    let width = (body.width() - 32.0 + GAP) / state.across as f32 - GAP;
    for (k, &item) in page.iter().enumerate() {
        let at = vec2(
            16.0 + (width + GAP) * (k % state.across) as f32,
            GAP + (TILE.y + GAP) * (k / state.across) as f32,
        );
        let tile = Rect::from_min_size(body.min + at, vec2(width, TILE.y));
        if tile_ui(ui, tile, doc, item, state.exceptions.contains(&item), state.cursor == k) {
            state.cursor = k;
            state.mark(item);
            out.push(Request::Select(item));
        }
    }
    ui.painter().hline(rest.x_range(), foot.top() + 0.5, theme.border());
    foot_ui(ui, foot, doc, state, &items, page.len(), out);
}

fn side_ui(ui: &mut Ui, rect: Rect, doc: &Document, state: &mut GridState, groups: &[Group]) {
    let theme = Theme::of(ui.ctx());
    heading(ui.painter(), theme, rect.min + vec2(16.0, 20.0), "Alike", "given → suggested");
    let list = Rect::from_min_max(rect.min + vec2(8.0, 40.0), rect.max);
    ui.scope_builder(UiBuilder::new().max_rect(list).id_salt("kinds"), |ui| {
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let mut line = |what: &str, n: usize, chosen: Chosen, hint: &str, state: &mut GridState| {
                let (r, _) = ui.allocate_exact_size(vec2(rect.width() - 24.0, FACT), egui::Sense::hover());
                let fact = Fact {
                    what,
                    value: &thousands(n as u64),
                    opens: true,
                    selected: state.chosen == Some(chosen),
                    hint,
                };
                if fact.show(ui, r.shrink2(vec2(8.0, 0.0)), ("kind", what)) {
                    state.choose(chosen);
                }
            };
            for group in groups {
                let what = format!("{} → {}", name_of(doc, group.given), doc.label(group.suggested));
                line(&what, group.items.len(), Chosen::Pair(group.given, group.suggested), "", state);
            }
            let shown = doc.rows.as_ref().map_or(0, |r| r.items.len());
            line(
                "What the filter shows",
                shown,
                Chosen::Shown,
                "In the order of the table; what is decided already stays as it is",
                state,
            );
        });
    });
}

fn head_ui(
    ui: &Ui,
    rect: Rect,
    doc: &Document,
    state: &mut GridState,
    items: &[u32],
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let pages = items.len().div_ceil(state.per_page.max(1));
    let caption = format!("{}, page {} of {pages}", count(items.len(), "item", "items"), state.page + 1);
    heading(p, theme, rect.min + vec2(16.0, 22.0), &elide(&words(doc, state), 60), &caption);
    let answer = state.answer();
    let mut at = rect.min + vec2(16.0, 46.0);
    for (name, key, choice) in choices(doc, answer) {
        let on = match choice {
            Choice::Answer(choice) => choice == answer,
            Choice::Rater => matches!(answer, Answer::Rater(_)),
            Choice::Label => matches!(answer, Answer::Label(label) if label as usize >= UNDER_KEYS),
        };
        let button = Button::new(&name).key(&key).on(on);
        if at.x > rect.left() + 16.0 && at.x + button.width(p) > rect.right() - 16.0 {
            at = pos2(rect.left() + 16.0, at.y + LINE);
        }
        let (response, right) = button.show(ui, at, ("answer", &key));
        if response.clicked() {
            match choice {
                Choice::Answer(choice) => state.set_answer(choice),
                Choice::Rater => out.push(Request::ChooseGridRater),
                Choice::Label => out.push(Request::ChooseGridLabel),
            }
        }
        at.x = right + 8.0;
    }
}

/// What a button above the tiles does.
#[derive(Debug, Clone, Copy)]
enum Choice {
    Answer(Answer),
    /// Which rater is still to be chosen.
    Rater,
    /// Which of the labels without a key of its own.
    Label,
}

/// What can be decided on all of them: in words, its key, and what it does.
fn choices(doc: &Document, answer: Answer) -> Vec<(String, String, Choice)> {
    let rater = match answer {
        Answer::Rater(r) => format!("What {} said", elide(doc.rater_name(r), 24)),
        _ => "What a rater said…".to_owned(),
    };
    let mut choices = vec![
        ("Take the suggestion".to_owned(), "S".to_owned(), Choice::Answer(Answer::Suggestion)),
        ("Keep".to_owned(), "K".to_owned(), Choice::Answer(Answer::Keep)),
    ];
    if doc.dataset.raters.are_known() {
        choices.push((rater, "R".to_owned(), Choice::Rater));
    }
    let n_labels = doc.dataset.labels.len();
    choices.extend((0..n_labels.min(UNDER_KEYS) as LabelId).map(|l| {
        let name = elide(doc.label(l), 18).into_owned();
        (name, (l + 1).to_string(), Choice::Answer(Answer::Label(l)))
    }));
    if n_labels > UNDER_KEYS {
        let name = match answer {
            Answer::Label(l) if l as usize >= UNDER_KEYS => elide(doc.label(l), 24).into_owned(),
            _ => "Another label…".to_owned(),
        };
        choices.push((name, "/".to_owned(), Choice::Label));
    }
    choices
}

/// How many lines the choices take in this width.
fn n_lines(ui: &Ui, width: f32, choices: &[(String, String, Choice)]) -> usize {
    let (mut lines, mut x) = (1, 0.0);
    for (name, key, _) in choices {
        let button = Button::new(name).key(key).width(ui.painter());
        if x > 0.0 && x + button > width {
            (lines, x) = (lines + 1, 0.0);
        }
        x += button + 8.0;
    }
    lines
}

/// One item; whether it was clicked.
fn tile_ui(ui: &mut Ui, rect: Rect, doc: &Document, item: u32, is_exception: bool, has_cursor: bool) -> bool {
    let theme = Theme::of(ui.ctx());
    let i = item as usize;
    let key = doc.dataset.keys.get(i);
    let words = doc.dataset.texts.as_ref().map_or("", |t| t.get(i));
    let name = format!("{key} {}", elide(words, 80));
    let response = hit_as(ui, rect, ui.scope_id().with(("tile", item)), &name, Some(!is_exception));
    let p = ui.painter();
    let ground = if is_exception {
        theme.panel
    } else if response.hovered() {
        theme.hover
    } else {
        theme.raised
    };
    p.rect_filled(rect, 4.0, ground);
    let outline = if has_cursor {
        Stroke::new(2.0, theme.accent)
    } else {
        Stroke::new(1.0, if is_exception { theme.line_strong } else { theme.line })
    };
    p.rect_stroke(rect, 4.0, outline, StrokeKind::Inside);
    let (ink, faint) = if is_exception { (theme.text_3, theme.text_3) } else { (theme.text, theme.text_2) };
    let inside = rect.shrink(10.0);
    text_cut(
        p,
        pos2(inside.left(), inside.top() + 6.0),
        inside.width() - 80.0,
        key,
        font::mono_small(),
        faint,
    );
    let decided = doc.edits().get(i).map(|e| e.outcome.status());
    let right = match (is_exception, decided) {
        (true, _) => "exception".to_owned(),
        (false, Some(status)) => status.replace('_', " "),
        (false, None) => {
            let quality = doc.analysis.as_ref().and_then(|a| a.items.quality(i));
            quality.map_or_else(String::new, |q| number(q, 3))
        }
    };
    let at = pos2(inside.right(), inside.top() + 6.0);
    text(p, at, Align2::RIGHT_CENTER, &right, font::mono_small(), faint);
    if is_exception {
        let left = at.x - crate::app::widgets::paint::text_width(p, &right, font::mono_small()) - 10.0;
        Icon::Cross.paint(p, pos2(left, at.y), 9.0, theme.text_2);
    }
    let room = Rect::from_min_max(inside.min + vec2(0.0, 20.0), pos2(inside.right(), inside.bottom() - 18.0));
    if let Some(path) = path_of(doc, item) {
        let mut pictures = doc.pictures.lock();
        if let Some(Picture::Shown(texture)) = pictures.thumbnail(path) {
            let size = fitted(texture.size_vec2(), room.size());
            let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            p.image(texture.id(), Rect::from_min_size(room.min, size), whole, egui::Color32::WHITE);
        }
    } else {
        ui.scope_builder(UiBuilder::new().max_rect(room).id_salt(("words", item)), |ui| {
            ui.set_clip_rect(room.intersect(ui.clip_rect()));
            let style = TextStyle::new(font::body(), ink, theme.text_3);
            TextBlock::new(&elide(words, CHARS), style).id_salt(("tile text", item)).ui(ui);
        });
    }
    let votes = doc.dataset.votes(i);
    if !votes.is_empty() {
        let bar = Rect::from_min_max(pos2(inside.left(), inside.bottom() - 12.0), inside.max);
        vote_bar(ui.painter(), theme, bar, &votes, true);
    }
    response.clicked()
}

/// What Enter would do, or what it will do.
fn foot_ui(
    ui: &Ui,
    rect: Rect,
    doc: &Document,
    state: &mut GridState,
    items: &Arc<[u32]>,
    on_page: usize,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let (left, top) = (rect.left() + 16.0, rect.top() + 12.0);
    let Some(plan) = state.asked.as_ref().map(|asked| asked.plan.clone()) else {
        let words =
            format!("Enter shows what would happen: {} on this page", answer_words(doc, state.answer()));
        text_cut(p, pos2(left, top + 8.0), rect.width() - 32.0, &words, font::strong(), theme.text);
        let mut x = left;
        for (key, words) in [
            ("← ↑ → ↓", "move"),
            ("Space", "mark an exception"),
            ("PgDn", "next page"),
            ("Ctrl Z", "take a step back"),
        ] {
            x = key_cap(p, pos2(x, top + 36.0), key, theme.text_2, theme.line_strong) + 8.0;
            x = text(p, pos2(x, top + 36.0), Align2::LEFT_CENTER, words, font::body(), theme.text_2).right()
                + 20.0;
        }
        let y = rect.bottom() - 40.0;
        let page = format!("This page: {on_page}");
        let (response, right) = Button::primary(&page).key("Enter").show(ui, pos2(left, y), "ask page");
        if response.clicked() {
            ask(doc, state, items, false);
        }
        let all = format!("All {}", thousands(items.len() as u64));
        let button = Button::new(&all).key("Shift Enter");
        if items.len() > on_page && button.show(ui, pos2(right + 8.0, y), "ask all").0.clicked() {
            ask(doc, state, items, true);
        }
        return;
    };
    let labels: Vec<String> = plan
        .by_label(doc)
        .iter()
        .map(|&(label, n)| format!("{} → {}", thousands(n as u64), name_of(doc, label)))
        .collect();
    let mut parts = vec![if labels.is_empty() { "Nothing to decide".to_owned() } else { labels.join(", ") }];
    for (n, one, many) in [
        (plan.exceptions, "exception", "exceptions"),
        (plan.decided, "decided before", "decided before"),
        (plan.silent, "on which this says nothing", "on which this says nothing"),
    ] {
        if n > 0 {
            parts.push(count(n, one, many));
        }
    }
    if plan.later > 0 {
        parts.push(format!(
            "{} for the next step ({} at once)",
            thousands(plan.later as u64),
            thousands(MOST as u64)
        ));
    }
    let words = parts.join(" · ");
    let line = Rect::from_min_size(pos2(left, top), vec2(rect.width() - 32.0, 18.0));
    text_cut(p, pos2(left, top + 8.0), line.width(), &words, font::strong(), theme.text);
    spoken(ui, line, &words);
    let keys: Vec<&str> =
        plan.decisions.iter().take(10).map(|(item, _)| doc.dataset.keys.get(*item)).collect();
    let more = if plan.decisions.len() > 10 { ", …" } else { "" };
    let first = format!("First of them: {}{more}", elide(&keys.join(", "), 300));
    text_block(p, pos2(left, top + 24.0), rect.width() - 32.0, &first, font::caption(), theme.text_2);
    let y = rect.bottom() - 40.0;
    let n = plan.decisions.len();
    let go = format!("Decide on {}", count(n, "item", "items"));
    let reason = (n == 0).then_some("Nothing is left to decide on");
    let (response, right) =
        Button::primary(&go).key("Enter").disabled(reason).show(ui, pos2(left, y), "decide");
    if response.clicked() {
        out.push(Request::DecideTogether {
            decisions: plan.decisions,
            words: self::words(doc, state),
            flagged: matches!(state.chosen, Some(Chosen::Pair(..))),
        });
    }
    if Button::new("Back").key("Esc").show(ui, pos2(right + 8.0, y), "back").0.clicked() {
        state.asked = None;
    }
}
