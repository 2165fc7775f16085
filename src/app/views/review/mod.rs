//! The decision screen: the item is the largest thing, the labels are under the hands, the evidence at the right.
//!
//! Keeping and changing look alike and cost one key each. Nothing is decided by a held key: after every step,
//! keys are ignored for 150 ms and until they were let go.

pub mod model;

use egui::{Align2, Event, Key, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use self::model::{ReviewModel, Tick};
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::request::Request;
use crate::app::state::View;
use crate::app::views::{empty, item};
use crate::app::widgets::icon::Icon;
use crate::app::widgets::paint::{
    self, Button, heading, hit_as, key_cap, label_chip, label_square, number, text, text_block, text_cut,
};
use crate::app::widgets::text::{TextBlock, TextStyle};
use crate::app::widgets::theme::{Theme, font};
use crate::dataset::LabelId;
use crate::review::Action;

/// What the keys mean just now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Mode {
    /// Decisions.
    #[default]
    Decide,
    /// More than one label is right: digits toggle, Enter sets.
    Several(Vec<LabelId>),
    /// Type-ahead over label names.
    Find {
        /// What was typed.
        text: String,
        /// Which of the matches.
        cursor: usize,
    },
    /// A note about the item.
    Note(String),
    /// The next digit adopts a rater's label.
    Adopt,
}

/// What the view remembers.
#[derive(Debug, Default)]
pub struct ReviewState {
    /// What the keys mean.
    pub mode: Mode,
    /// Evidence stays open for this item.
    pub evidence: bool,
    /// Evidence is open while Tab is held.
    pub tab_held: bool,
    /// In blind mode, the suggestion was asked for.
    pub suggestion: bool,
    /// When the item came on screen, in egui's seconds.
    pub since: f64,
    /// The item that the above is about.
    pub item: Option<u32>,
    /// Whether a field has been given the keyboard.
    pub focus: bool,
}

/// Milliseconds after each step in which keys decide nothing.
const GUARD_S: f64 = 0.150;
const STRIP: f32 = 248.0;
const EVIDENCE: f32 = 360.0;

impl ReviewState {
    /// A new item is on screen.
    pub fn arrive(&mut self, item: u32, now: f64) {
        if self.item != Some(item) {
            self.item = Some(item);
            self.mode = Mode::Decide;
            self.evidence = false;
            self.suggestion = false;
            self.since = now;
        }
    }

    /// Whether keys may decide: the item is drawn, and the key that came here was let go.
    pub fn ready(&self, now: f64) -> bool {
        now - self.since >= GUARD_S
    }

    /// Whether evidence can be seen.
    pub fn sees_evidence(&self, doc: &Document) -> bool {
        !doc.blind || self.evidence || self.tab_held
    }

    /// Whether the suggestion can be seen.
    pub fn sees_suggestion(&self, doc: &Document) -> bool {
        self.sees_evidence(doc) || self.suggestion
    }

    /// What was on screen, for the log.
    pub fn shown(&self, doc: &Document) -> Vec<String> {
        let mut shown = vec!["text", "given"];
        if self.sees_suggestion(doc) {
            shown.push("suggestion");
        }
        if self.sees_evidence(doc) {
            shown.extend(["raters", "model"]);
        }
        shown.into_iter().map(str::to_owned).collect()
    }
}

/// Reads the digits and the keys of the present mode; commands were read before.
pub fn keys(ctx: &egui::Context, doc: &Document, state: &mut ReviewState, out: &mut Vec<Request>) {
    let now = ctx.input(|i| i.time);
    let Some(m) = model::build(doc, 1) else { return };
    state.arrive(m.item.item, now);
    if ctx.text_edit_focused() && !matches!(state.mode, Mode::Find { .. } | Mode::Note(_)) {
        return;
    }
    let mut digits: Vec<char> = Vec::new();
    let (mut enter, mut escape, mut up, mut down) = (false, false, false, false);
    let typing = matches!(state.mode, Mode::Find { .. } | Mode::Note(_));
    ctx.input_mut(|input| {
        input.events.retain(|event| {
            let Event::Key { key, pressed: true, repeat, modifiers, .. } = event else { return true };
            if modifiers.command || modifiers.alt || (modifiers.shift && !typing) {
                return true;
            }
            let digit = match key {
                Key::Num0 => '0',
                Key::Num1 => '1',
                Key::Num2 => '2',
                Key::Num3 => '3',
                Key::Num4 => '4',
                Key::Num5 => '5',
                Key::Num6 => '6',
                Key::Num7 => '7',
                Key::Num8 => '8',
                Key::Num9 => '9',
                Key::Enter if state.mode != Mode::Decide => {
                    enter = true;
                    return false;
                }
                Key::Escape if state.mode != Mode::Decide => {
                    escape = true;
                    return false;
                }
                Key::ArrowUp if typing => {
                    up = true;
                    return false;
                }
                Key::ArrowDown if typing => {
                    down = true;
                    return false;
                }
                _ => return true,
            };
            if typing {
                return true;
            }
            if !*repeat {
                digits.push(digit);
            }
            false
        });
    });
    if escape {
        state.mode = Mode::Decide;
        return;
    }
    let ready = state.ready(now);
    match &mut state.mode {
        Mode::Decide => {
            for d in digits {
                if ready && let Some(l) = m.strip.iter().find(|l| l.key == d) {
                    out.push(Request::Decide(Action::Relabel(l.label)));
                }
            }
        }
        Mode::Several(picked) => {
            for d in digits {
                if let Some(l) = m.strip.iter().find(|l| l.key == d) {
                    match picked.iter().position(|&p| p == l.label) {
                        Some(i) => drop(picked.remove(i)),
                        None => picked.push(l.label),
                    }
                }
            }
            if enter {
                let mut labels = std::mem::take(picked);
                labels.sort_unstable();
                state.mode = Mode::Decide;
                match labels.as_slice() {
                    [] => {}
                    [one] => out.push(Request::Decide(Action::Relabel(*one))),
                    _ => out.push(Request::Decide(Action::Several(labels))),
                }
            }
        }
        Mode::Find { text, cursor } => {
            let matches = find(doc, text);
            if up {
                *cursor = cursor.saturating_sub(1);
            }
            if down {
                *cursor = (*cursor + 1).min(matches.len().saturating_sub(1));
            }
            if enter {
                let hit = matches.get(*cursor).copied();
                state.mode = Mode::Decide;
                if let Some(label) = hit {
                    out.push(Request::Decide(Action::Relabel(label)));
                }
            }
        }
        Mode::Note(note) => {
            if enter {
                let note = std::mem::take(note);
                state.mode = Mode::Decide;
                out.push(Request::SaveNote(note));
            }
        }
        Mode::Adopt => {
            if let Some(d) = digits.first().and_then(|d| d.to_digit(10)) {
                let raters = model::shuffled_raters(doc, &m.item);
                state.mode = Mode::Decide;
                if let Some(&(rater, label)) = raters.get((d as usize).wrapping_sub(1)) {
                    out.push(Request::Decide(Action::AdoptRater { rater, label }));
                }
            }
        }
    }
}

/// Labels whose name fits what was typed, best first.
pub fn find(doc: &Document, typed: &str) -> Vec<LabelId> {
    let names = doc.dataset.labels.names();
    crate::app::widgets::palette::ranked(typed, names).into_iter().map(|i| i as LabelId).collect()
}

/// Paints the view.
pub fn ui(ui: &mut Ui, doc: &Document, state: &mut ReviewState, out: &mut Vec<Request>) {
    let full = ui.max_rect();
    if doc.queue.is_none() {
        no_queue_ui(ui, full, doc, out);
        return;
    }
    let ticks = ((full.width() - 620.0) / 6.0).max(8.0) as usize;
    let Some(m) = model::build(doc, ticks) else {
        done_ui(ui, full, doc, out);
        return;
    };
    let now = ui.input(|i| i.time);
    state.arrive(m.item.item, now);
    let theme = Theme::of(ui.ctx());
    let head = Rect::from_min_size(full.min, vec2(full.width(), 36.0));
    let progress = Rect::from_min_size(pos2(full.left(), head.bottom()), vec2(full.width(), 40.0));
    let strip = Rect::from_min_max(pos2(full.left(), full.bottom() - STRIP), full.max);
    let middle = Rect::from_min_max(pos2(full.left(), progress.bottom()), pos2(full.right(), strip.top()));
    let evidence_width = if full.width() > 900.0 { EVIDENCE } else { 300.0_f32.min(full.width() * 0.36) };
    let item = Rect::from_min_max(middle.min, pos2(middle.right() - evidence_width, middle.bottom()));
    let evidence = Rect::from_min_max(pos2(item.right(), middle.top()), middle.max);
    head_ui(ui, head, doc, out);
    ui.painter().hline(full.x_range(), head.bottom() - 0.5, theme.border());
    progress_ui(ui, progress, doc, &m, out);
    ui.painter().hline(full.x_range(), progress.bottom() - 0.5, theme.border());
    item_ui(ui, item, doc, &m);
    ui.painter().rect_filled(evidence, 0.0, theme.raised);
    ui.painter().vline(evidence.left(), evidence.y_range(), theme.border());
    evidence_ui(ui, evidence, doc, state, &m, out);
    ui.painter().rect_filled(strip, 0.0, theme.raised);
    ui.painter().hline(strip.x_range(), strip.top(), theme.border());
    strip_ui(ui, strip, doc, state, &m, out);
}

fn no_queue_ui(ui: &Ui, rect: Rect, doc: &Document, out: &mut Vec<Request>) {
    let mut buttons = Vec::new();
    let flagged = doc.derived.as_ref().map_or(0, |d| d.overview.n_flagged);
    if flagged > 0 {
        buttons.push((format!("Review {flagged} label issues"), Request::Run(Command::ReviewIssues)));
    }
    if !doc.dataset.annotations.is_empty() {
        buttons.push(("Review split votes".to_owned(), Request::Run(Command::ReviewSplit)));
    }
    buttons.push(("Audit random items".to_owned(), Request::Run(Command::ReviewAudit)));
    buttons.push(("Choose items".to_owned(), Request::Show(View::Items)));
    let why = "A queue is a list of items in a fixed order. It does not change while you work through it, and your \
               place in it is kept.";
    empty::nothing(ui, rect, "No queue yet", why, buttons, out);
}

fn done_ui(ui: &Ui, rect: Rect, doc: &Document, out: &mut Vec<Request>) {
    let (kept, changed, unsure) = doc.queue_counts;
    let why = format!("Kept {kept}, changed {changed}, unsure {unsure}. Every decision is in the log.");
    let buttons = vec![
        ("Export cleaned file…".to_owned(), Request::Run(Command::Export)),
        ("See the log".to_owned(), Request::Show(View::Log)),
        ("Go back through the queue".to_owned(), Request::GoTo(0)),
    ];
    empty::nothing(ui, rect, "The queue is done", &why, buttons, out);
}

fn head_ui(ui: &Ui, rect: Rect, doc: &Document, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let y = rect.center().y;
    let name = doc.queue.as_ref().map_or("", |q| q.name.as_str());
    let x =
        text(p, pos2(rect.left() + 16.0, y), Align2::LEFT_CENTER, name, font::strong(), theme.text).right();
    let words = doc.queue_words();
    text_cut(p, pos2(x + 10.0, y), rect.right() - x - 280.0, &words, font::body(), theme.text_2);
    let words = if doc.blind { "Blind to raters and model" } else { "Votes and model shown" };
    let key = Command::ToggleBlind.key();
    let width = paint::text_width(p, words, font::body()) + paint::key_width(p, &key) + 34.0;
    let zone = Rect::from_min_max(
        pos2(rect.right() - width - 16.0, rect.top() + 4.0),
        pos2(rect.right() - 10.0, rect.bottom() - 4.0),
    );
    let response =
        hit_as(ui, zone, ui.scope_id().with("blind"), "Blind to raters and model", Some(doc.blind));
    if response.hovered() {
        p.rect_filled(zone, 4.0, theme.hover);
    }
    if response.clicked() {
        out.push(Request::Run(Command::ToggleBlind));
    }
    Icon::Eye.paint(p, pos2(zone.left() + 10.0, y), 14.0, theme.text_2);
    let x =
        text(p, pos2(zone.left() + 22.0, y), Align2::LEFT_CENTER, words, font::body(), theme.text_2).right();
    key_cap(p, pos2(x + 8.0, y), &key, theme.text_2, theme.line_strong);
}

fn progress_ui(ui: &Ui, rect: Rect, doc: &Document, m: &ReviewModel, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let y = rect.center().y;
    let key = doc.dataset.keys.get(m.item.item as usize);
    text_cut(p, pos2(rect.left() + 24.0, y), 110.0, key, font::mono(), theme.text);
    let x = rect.left() + 24.0 + paint::text_width(p, key, font::mono()).min(110.0) + 12.0;
    let words = format!("{} of {}", m.position + 1, m.total);
    let mut x = text(p, pos2(x, y), Align2::LEFT_CENTER, &words, font::body(), theme.text_2).right() + 16.0;
    let step = 6.0;
    for (i, tick) in m.ticks.iter().enumerate() {
        let at = m.first_tick + i;
        let here = at == m.position;
        let r = Rect::from_center_size(pos2(x + 2.0, y), vec2(4.0, if here { 16.0 } else { 11.0 }));
        match tick {
            Tick::Open if here => {
                drop(p.rect_stroke(r.expand(1.0), 1.0, Stroke::new(1.0, theme.text), StrokeKind::Inside))
            }
            Tick::Open => drop(p.rect_filled(
                Rect::from_center_size(r.center(), vec2(4.0, 3.0)),
                0.0,
                theme.line_strong,
            )),
            Tick::Kept => drop(p.rect_filled(r, 1.0, theme.text_2)),
            Tick::Changed => drop(p.rect_filled(r, 1.0, theme.accent)),
            Tick::Unsure => drop(p.rect_stroke(r, 1.0, Stroke::new(1.0, theme.text_2), StrokeKind::Inside)),
        }
        if here && *tick != Tick::Open {
            p.rect_stroke(r.expand(2.0), 1.0, Stroke::new(1.0, theme.text), StrokeKind::Inside);
        }
        let zone = Rect::from_center_size(r.center(), vec2(step, 24.0));
        let response = ui.interact(zone, ui.scope_id().with(("tick", at)), egui::Sense::CLICK);
        if response.clicked() {
            out.push(Request::GoTo(at));
        }
        x += step;
    }
    x += 14.0;
    let (kept, changed, unsure) = m.counts;
    for (color, hollow, words) in [
        (theme.text_2, false, format!("kept {kept}")),
        (theme.accent, false, format!("changed {changed}")),
        (theme.text_2, true, format!("unsure {unsure}")),
    ] {
        let r = Rect::from_center_size(pos2(x + 4.0, y), vec2(8.0, 8.0));
        if hollow {
            p.rect_stroke(r, 1.0, Stroke::new(1.0, color), StrokeKind::Inside);
        } else {
            p.rect_filled(r, 1.0, color);
        }
        x = text(p, pos2(x + 13.0, y), Align2::LEFT_CENTER, &words, font::caption(), theme.text_2).right()
            + 10.0;
    }
    if let Some(pace) = doc.pace_s() {
        let left = m.total.saturating_sub(kept + changed + unsure) as f64 * pace / 60.0;
        let words = format!("{} s an item   ·   {} min left", number(pace, 0), number(left.ceil(), 0));
        if x + paint::text_width(p, &words, font::body()) + 40.0 < rect.right() {
            text(p, pos2(rect.right() - 24.0, y), Align2::RIGHT_CENTER, &words, font::body(), theme.text_2);
        }
    }
}

fn item_ui(ui: &mut Ui, rect: Rect, doc: &Document, m: &ReviewModel) {
    let theme = Theme::of(ui.ctx());
    let i = m.item.item as usize;
    let margin = (rect.width() * 0.09).clamp(24.0, 140.0);
    let width = (rect.width() - 2.0 * margin).min(860.0);
    let body =
        Rect::from_min_max(pos2(rect.left(), rect.top() + 8.0), pos2(rect.right(), rect.bottom() - 8.0));
    ui.scope_builder(egui::UiBuilder::new().max_rect(body).id_salt("item"), |ui| {
        ui.set_clip_rect(body.intersect(ui.clip_rect()));
        egui::ScrollArea::vertical().id_salt(("item", m.item.item)).auto_shrink(false).show(ui, |ui| {
            // A fixed point: the eye never searches for where the text begins.
            ui.add_space((body.height() * 0.30 - 20.0).max(4.0));
            ui.horizontal_top(|ui| {
                ui.add_space(margin);
                ui.vertical(|ui| {
                    ui.set_width(width);
                    let context = doc.item_context(m.item.item);
                    if !context.is_empty() {
                        ui.label(egui::RichText::new(context).font(font::caption()).color(theme.text_3));
                        ui.add_space(6.0);
                    }
                    match &doc.dataset.texts {
                        Some(texts) => {
                            let s = texts.get(i);
                            // Long texts are read, not glanced at.
                            let size = match s.len() {
                                0..=280 => font::item(),
                                281..=900 => font::fact(),
                                _ => font::reading(),
                            };
                            let style = TextStyle::new(size, theme.text, theme.text_3);
                            TextBlock::new(s, style).ui(ui);
                        }
                        None => {
                            let words = format!("Item {}", doc.dataset.keys.get(i));
                            ui.label(egui::RichText::new(words).font(font::item()).color(theme.text));
                        }
                    }
                    ui.add_space(18.0);
                    let (r, _) = ui.allocate_exact_size(vec2(width, 22.0), egui::Sense::hover());
                    let p = ui.painter();
                    let y = r.center().y;
                    if let Some(g) = m.item.given {
                        let x = text(
                            p,
                            pos2(r.left(), y),
                            Align2::LEFT_CENTER,
                            "Given label",
                            font::body(),
                            theme.text_2,
                        );
                        label_chip(p, theme, pos2(x.right() + 10.0, y), 300.0, g, doc.label(g), theme.text);
                    } else {
                        let words = if m.item.tied.is_empty() {
                            "No label was given: choose one".to_owned()
                        } else {
                            "The votes are tied: choose a label".to_owned()
                        };
                        text(p, pos2(r.left(), y), Align2::LEFT_CENTER, &words, font::body(), theme.text_2);
                    }
                });
            });
        });
    });
}

fn evidence_ui(
    ui: &mut Ui,
    rect: Rect,
    doc: &Document,
    state: &mut ReviewState,
    m: &ReviewModel,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let open = state.sees_evidence(doc);
    let caption = match (open, doc.blind, state.tab_held) {
        (false, ..) => "folded",
        (true, true, true) => "revealed while Tab is held, logged",
        (true, true, false) => "revealed, logged",
        _ => "",
    };
    heading(ui.painter(), theme, pos2(rect.left() + 16.0, rect.top() + 26.0), "Evidence", caption);
    let body = Rect::from_min_max(pos2(rect.left() + 1.0, rect.top() + 42.0), rect.max);
    if !open {
        folded_ui(ui, body, doc, m);
        return;
    }
    ui.scope_builder(egui::UiBuilder::new().max_rect(body).id_salt("evidence"), |ui| {
        ui.set_clip_rect(body.intersect(ui.clip_rect()));
        egui::ScrollArea::vertical().id_salt(("evidence", m.item.item)).auto_shrink(false).show(ui, |ui| {
            let width = body.width() - 32.0;
            item::evidence_ui(ui, doc, &m.item, width, &mut Vec::new());
            ui.add_space(10.0);
            item::why_ui(ui, &m.item, width);
            ui.add_space(12.0);
            let raters = model::shuffled_raters(doc, &m.item);
            if !raters.is_empty() {
                let (r, _) = ui.allocate_exact_size(vec2(width, 22.0), egui::Sense::hover());
                let caption =
                    if doc.blind { "shuffled for each item, names hidden" } else { "most competent first" };
                heading(ui.painter(), theme, pos2(r.left() + 16.0, r.center().y), "Raters", caption);
            }
            for (k, &(rater, label)) in raters.iter().enumerate() {
                let (r, _) = ui.allocate_exact_size(vec2(width, 24.0), egui::Sense::hover());
                let y = r.center().y;
                let hidden = format!("r{}", k + 1);
                let name = if doc.blind { hidden.as_str() } else { doc.rater_name(rater) };
                let line = Rect::from_min_max(
                    pos2(r.left() + 12.0, r.top()),
                    pos2(r.left() + 16.0 + width, r.bottom()),
                );
                let response = paint::hit(
                    ui,
                    line,
                    ui.scope_id().with(("adopt", k)),
                    &format!("Adopt {name}: {}", doc.label(label)),
                );
                let p = ui.painter();
                if response.hovered() {
                    p.rect_filled(line, 2.0, theme.hover);
                }
                if response.clicked() {
                    out.push(Request::Decide(Action::AdoptRater { rater, label }));
                }
                text_cut(p, pos2(r.left() + 16.0, y), 64.0, name, font::mono(), theme.text_2);
                label_chip(
                    p,
                    theme,
                    pos2(r.left() + 86.0, y),
                    width - 150.0,
                    label,
                    doc.label(label),
                    theme.text,
                );
                if k < 9 {
                    let cap = format!("R {}", k + 1);
                    let w = paint::key_width(p, &cap);
                    key_cap(p, pos2(r.left() + 16.0 + width - w, y), &cap, theme.text_2, theme.line_strong);
                }
            }
        });
    });
}

fn folded_ui(ui: &Ui, rect: Rect, doc: &Document, m: &ReviewModel) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let mut y = rect.top() + 12.0;
    let x = rect.left() + 15.0;
    let right = rect.right() - 16.0;
    let mut rows = Vec::new();
    if m.item.n_votes > 0 {
        rows.push(("Votes", paint::count(m.item.n_votes as usize, "rater", "raters")));
    }
    if doc.dataset.probabilities.is_some() {
        rows.push(("Model", paint::count(doc.dataset.labels.len(), "probability", "probabilities")));
    }
    rows.push(("Why it is here", paint::count(m.item.reasons.len(), "reason", "reasons")));
    for (name, words) in rows {
        text(p, pos2(x, y + 10.0), Align2::LEFT_CENTER, name, font::body(), theme.text_2);
        text(p, pos2(right, y + 10.0), Align2::RIGHT_CENTER, &words, font::caption(), theme.text_3);
        p.rect_filled(Rect::from_min_max(pos2(x, y + 28.0), pos2(right, y + 37.0)), 2.0, theme.hover);
        p.hline(x..=right, y + 50.0, theme.border());
        y += 62.0;
    }
    let card = Rect::from_min_size(pos2(x, y + 4.0), vec2(right - x, 88.0));
    p.rect(card, 6.0, theme.panel, Stroke::new(1.0, theme.line), StrokeKind::Inside);
    let end = key_cap(p, card.min + vec2(14.0, 22.0), "Tab", theme.text_2, theme.line_strong);
    let end = text(
        p,
        pos2(end + 8.0, card.top() + 22.0),
        Align2::LEFT_CENTER,
        "hold to reveal",
        font::body(),
        theme.text,
    )
    .right();
    let end = key_cap(
        p,
        pos2(end + 12.0, card.top() + 22.0),
        &Command::RevealEvidence.key(),
        theme.text_2,
        theme.line_strong,
    );
    text(p, pos2(end + 8.0, card.top() + 22.0), Align2::LEFT_CENTER, "keep open", font::body(), theme.text);
    let words =
        "Decide first, then look. Each reveal is written to the log, so its influence can be measured.";
    text_block(p, card.min + vec2(14.0, 38.0), card.width() - 28.0, words, font::body(), theme.text_2);
}

fn strip_ui(
    ui: &mut Ui,
    rect: Rect,
    doc: &Document,
    state: &mut ReviewState,
    m: &ReviewModel,
    out: &mut Vec<Request>,
) {
    let r = rect.shrink2(vec2(24.0, 16.0));
    let n = m.strip.len();
    // Keep and the suggestion stand apart from the labels at fixed ends.
    let side = (r.width() * 0.16).clamp(120.0, 184.0);
    let room = r.width() - 2.0 * side - 64.0;
    let (columns, lines) = if room / n.max(1) as f32 >= 96.0 { (n, 1) } else { (n.div_ceil(2), 2) };
    let width = ((room + 8.0) / columns.max(1) as f32 - 8.0).clamp(40.0, 148.0);
    let height = if lines == 1 { 64.0 } else { 34.0 };
    let keep = Rect::from_min_size(r.min, vec2(side, 64.0));
    let picked: Vec<LabelId> =
        if let Mode::Several(picked) = &state.mode { picked.clone() } else { Vec::new() };
    let several = matches!(state.mode, Mode::Several(_));
    let keep_title = match m.item.given {
        Some(g) => format!("Keep {}", doc.label(g)),
        None => "Keep".to_owned(),
    };
    let keep_hint =
        if m.item.given.is_some() { "the given label is right" } else { "there is no label to keep" };
    if card(ui, keep, &keep_title, keep_hint, &Command::Keep.key(), &Card::default()) {
        out.push(Request::Run(Command::Keep));
    }
    let start = keep.right() + 32.0;
    for (i, l) in m.strip.iter().enumerate() {
        let cell = Rect::from_min_size(
            pos2(
                start + (width + 8.0) * (i % columns) as f32,
                r.top() + (height + 4.0) * (i / columns) as f32,
            ),
            vec2(width, height),
        );
        let on = picked.contains(&l.label);
        let hint = if several {
            if on { "picked" } else { "" }
        } else if l.given {
            "given label"
        } else {
            ""
        };
        let look = Card { label: Some(l.label), outlined: l.given && !several, on, dashed: false };
        if card(ui, cell, doc.label(l.label), if lines == 1 { hint } else { "" }, &l.key.to_string(), &look) {
            if let Mode::Several(picked) = &mut state.mode {
                match picked.iter().position(|&p| p == l.label) {
                    Some(i) => drop(picked.remove(i)),
                    None => picked.push(l.label),
                }
                break;
            }
            out.push(Request::Decide(Action::Relabel(l.label)));
        }
    }
    let take = Rect::from_min_size(
        pos2((start + (width + 8.0) * columns as f32 + 24.0).min(r.right() - side), r.top()),
        vec2(side, 64.0),
    );
    let visible = state.sees_suggestion(doc);
    let (title, hint) = match m.item.suggested {
        Some(s) if visible => {
            let source = if doc.dataset.probabilities.is_some() { "model" } else { "posterior" };
            let value = m
                .item
                .suggestion_probability
                .map_or_else(String::new, |v| format!(", {source} {}", number(v, 2)));
            (format!("Take {}", doc.label(s)), format!("suggested{value}"))
        }
        Some(_) => ("Suggestion".to_owned(), "hidden: first press shows it".to_owned()),
        None => ("Suggestion".to_owned(), "there is none".to_owned()),
    };
    let look = Card { dashed: !visible, ..Card::default() };
    if card(ui, take, &title, &hint, &Command::TakeSuggestion.key(), &look) {
        out.push(Request::Run(Command::TakeSuggestion));
    }
    let mut y = r.top() + 82.0;
    match &mut state.mode {
        Mode::Find { text: typed, cursor } => {
            find_ui(
                ui,
                Rect::from_min_max(pos2(r.left(), y - 6.0), r.max),
                doc,
                typed,
                cursor,
                &mut state.focus,
                out,
            );
            return;
        }
        Mode::Note(note) => {
            let area = Rect::from_min_max(pos2(r.left(), y - 4.0), pos2(r.right(), r.bottom() - 30.0));
            note_ui(ui, area, note, &mut state.focus);
            return;
        }
        _ => {}
    }
    options_ui(ui, r, y, state, out);
    y += 38.0;
    why_ui(ui, r, y, out);
    y += 44.0;
    just_now_ui(ui, r, y, doc, out);
}

#[derive(Default)]
struct Card {
    label: Option<LabelId>,
    outlined: bool,
    on: bool,
    dashed: bool,
}

fn card(ui: &Ui, rect: Rect, title: &str, hint: &str, key: &str, look: &Card) -> bool {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let response = hit_as(ui, rect, ui.scope_id().with(("card", key)), title, look.label.map(|_| look.on));
    let fill = if look.on {
        theme.selected
    } else if response.hovered() {
        theme.hover
    } else {
        theme.panel
    };
    p.rect_filled(rect, 4.0, fill);
    if look.dashed {
        let c = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
        p.extend(egui::Shape::dashed_line(&c, Stroke::new(1.0, theme.line_strong), 3.0, 3.0));
    } else {
        let stroke =
            if look.outlined { Stroke::new(2.0, theme.text) } else { Stroke::new(1.0, theme.line_strong) };
        p.rect_stroke(rect, 4.0, stroke, StrokeKind::Inside);
    }
    if let Some(label) = look.label {
        let inset = if look.outlined { 2.0 } else { 1.0 };
        let edge = Rect::from_min_max(
            rect.min + vec2(inset, inset),
            pos2(rect.left() + inset + 4.0, rect.bottom() - inset),
        );
        p.rect_filled(edge, 2.0, theme.label(label));
    }
    let cap = paint::key_width(p, key);
    let left = rect.left() + if look.label.is_some() { 16.0 } else { 12.0 };
    let y = if rect.height() > 50.0 { rect.top() + 19.0 } else { rect.center().y };
    let mut title_font = font::strong();
    title_font.size = 14.0;
    text_cut(p, pos2(left, y), rect.right() - left - cap - 18.0, title, title_font, theme.text);
    key_cap(p, pos2(rect.right() - cap - 10.0, y), key, theme.text_2, theme.line_strong);
    if rect.height() > 50.0 && !hint.is_empty() {
        text_cut(p, pos2(left, rect.top() + 42.0), rect.width() - 24.0, hint, font::caption(), theme.text_3);
    }
    response.clicked()
}

fn options_ui(ui: &Ui, r: Rect, y: f32, state: &ReviewState, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let mut x = r.left();
    let words = match &state.mode {
        Mode::Several(_) => Some("Pick every label that is right with its number, then Enter. Esc goes back"),
        Mode::Adopt => Some("Press the number of the rater whose label is right. Esc goes back"),
        _ => None,
    };
    if let Some(words) = words {
        text(p, pos2(x, y + 10.0), Align2::LEFT_CENTER, words, font::body(), theme.text);
        return;
    }
    let option = |command: Command, words: &str, at: f32, out: &mut Vec<Request>| -> f32 {
        let key = command.key();
        let width = paint::key_width(p, &key) + 8.0 + paint::text_width(p, words, font::body());
        let zone = Rect::from_min_size(pos2(at - 4.0, y - 2.0), vec2(width + 8.0, 24.0));
        let response = paint::hit(ui, zone, ui.scope_id().with(("option", words)), words);
        if response.hovered() {
            p.rect_filled(zone, 4.0, theme.hover);
        }
        if response.clicked() {
            out.push(Request::Run(command));
        }
        let end = key_cap(p, pos2(at, y + 10.0), &key, theme.text_2, theme.line_strong);
        text(p, pos2(end + 8.0, y + 10.0), Align2::LEFT_CENTER, words, font::body(), theme.text_2).right()
    };
    for (command, words) in [
        (Command::Several, "More than one is right"),
        (Command::NoneOfLabels, "None of these"),
        (Command::Unsure, "Unsure, ask an expert"),
        (Command::FindLabel, "Find a label"),
        (Command::Note, "Note"),
        (Command::Exclude, "Exclude"),
    ] {
        if x > r.right() - 220.0 {
            break;
        }
        x = option(command, words, x, out) + 22.0;
    }
    option(Command::PreviousItem, "Back", r.right() - 132.0, out);
    option(Command::NextItem, "Skip", r.right() - 54.0, out);
}

fn why_ui(ui: &Ui, r: Rect, y: f32, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let x = text(
        p,
        pos2(r.left(), y + 12.0),
        Align2::LEFT_CENTER,
        "Why do they disagree?",
        font::body(),
        theme.text_2,
    )
    .right();
    let mut x = text(p, pos2(x + 5.0, y + 12.0), Align2::LEFT_CENTER, "optional", font::body(), theme.text_3)
        .right()
        + 14.0;
    for (command, icon, words) in [
        (Command::ReasonError, Icon::Cross, "Annotator error"),
        (Command::ReasonAmbiguous, Icon::Half, "Ambiguous text"),
        (Command::ReasonGuideline, Icon::Fork, "Guideline gap"),
    ] {
        let key = command.key();
        let (response, right) = Button::new(words).icon(icon).key(&key).show(ui, pos2(x, y - 2.0), words);
        if response.clicked() {
            out.push(Request::Run(command));
        }
        x = right + 8.0;
    }
    x += 24.0;
    let buttons = [(Command::SureLow, "low"), (Command::SureMid, "mid"), (Command::SureHigh, "high")];
    if x + 380.0 < r.right() {
        x = text(p, pos2(x, y + 12.0), Align2::LEFT_CENTER, "How sure are you?", font::body(), theme.text_2)
            .right()
            + 12.0;
        for (command, words) in buttons {
            let key = command.key();
            let (response, right) = Button::new(words).key(&key).show(ui, pos2(x, y - 2.0), words);
            if response.clicked() {
                out.push(Request::Run(command));
            }
            x = right + 8.0;
        }
    }
}

fn just_now_ui(ui: &Ui, r: Rect, y: f32, doc: &Document, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let y = y + 10.0;
    let Some(last) = doc.last_decision() else { return };
    let x = text(p, pos2(r.left(), y), Align2::LEFT_CENTER, "Just now", font::body(), theme.text_3).right()
        + 10.0;
    text_cut(p, pos2(x, y), 110.0, &last.key, font::mono(), theme.text);
    let mut x = x + paint::text_width(p, &last.key, font::mono()).min(110.0) + 12.0;
    if let Some(label) = last.from {
        x = label_chip(p, theme, pos2(x, y), 140.0, label, doc.label(label), theme.text) + 8.0;
    }
    if let Some(label) = last.to {
        Icon::Arrow.paint(p, pos2(x + 6.0, y), 12.0, theme.text_3);
        label_square(p, theme, pos2(x + 20.0, y), label);
        x = label_chip(p, theme, pos2(x + 20.0, y), 140.0, label, doc.label(label), theme.text) + 8.0;
    }
    x = text(p, pos2(x, y), Align2::LEFT_CENTER, &last.words, font::body(), theme.text_2).right() + 16.0;
    let saved = doc.saved();
    match &saved.error {
        Some(error) => {
            Icon::Warning.paint(p, pos2(x + 6.0, y), 13.0, theme.warn);
            let words = format!("not saved: {error}");
            let end = x + 18.0 + paint::text_width(p, &words, font::body()).min(r.right() - x - 260.0);
            text_cut(p, pos2(x + 18.0, y), r.right() - x - 260.0, &words, font::body(), theme.text);
            if paint::link(ui, pos2(end + 10.0, y), "Try again", "retry").clicked() {
                out.push(Request::RetrySave);
            }
        }
        None if saved.pending == 0 => {
            Icon::Check.paint(p, pos2(x + 6.0, y), 12.0, theme.text_2);
            text(p, pos2(x + 16.0, y), Align2::LEFT_CENTER, "saved to the log", font::body(), theme.text_2);
        }
        None => drop(text(p, pos2(x, y), Align2::LEFT_CENTER, "saving…", font::body(), theme.text_3)),
    }
    let key = Command::Undo.key();
    let width = paint::key_width(p, &key) + 8.0 + paint::text_width(p, "Undo", font::body());
    let zone = Rect::from_min_size(pos2(r.right() - width - 4.0, y - 12.0), vec2(width + 8.0, 24.0));
    let response = paint::hit(ui, zone, ui.scope_id().with("undo"), "Undo");
    if response.hovered() {
        p.rect_filled(zone, 4.0, theme.hover);
    }
    if response.clicked() {
        out.push(Request::Run(Command::Undo));
    }
    let end = key_cap(p, pos2(zone.left() + 4.0, y), &key, theme.text_2, theme.line_strong);
    text(p, pos2(end + 8.0, y), Align2::LEFT_CENTER, "Undo", font::body(), theme.text_2);
}

fn find_ui(
    ui: &mut Ui,
    r: Rect,
    doc: &Document,
    typed: &mut String,
    cursor: &mut usize,
    focus: &mut bool,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let field = Rect::from_min_size(r.min, vec2(320.0_f32.min(r.width()), 28.0));
    let edit = egui::TextEdit::singleline(typed)
        .hint_text("A part of the label's name")
        .desired_width(field.width());
    let response = ui.put(field, edit).accessible_name("Find a label");
    if !*focus {
        response.request_focus();
        *focus = true;
    }
    if response.changed() {
        *cursor = 0;
    }
    let matches = find(doc, typed);
    let mut x = field.left();
    let mut y = field.bottom() + 10.0;
    if matches.is_empty() {
        text(
            ui.painter(),
            pos2(x, y + 10.0),
            Align2::LEFT_CENTER,
            "No label is called so",
            font::body(),
            theme.text_2,
        );
    }
    for (i, &label) in matches.iter().enumerate() {
        let name = doc.label(label);
        let width = paint::text_width(ui.painter(), name, font::body()).min(220.0) + 34.0;
        if x + width > r.right() {
            x = field.left();
            y += 32.0;
        }
        if y + 28.0 > r.bottom() {
            break;
        }
        let chip = Rect::from_min_size(pos2(x, y), vec2(width, 26.0));
        let response = hit_as(ui, chip, ui.scope_id().with(("find", label)), name, Some(i == *cursor));
        let fill = if i == *cursor { theme.selected } else { theme.panel };
        ui.painter().rect(chip, 4.0, fill, Stroke::new(1.0, theme.line_strong), StrokeKind::Inside);
        label_chip(
            ui.painter(),
            theme,
            pos2(x + 10.0, chip.center().y),
            width - 20.0,
            label,
            name,
            theme.text,
        );
        if response.clicked() {
            out.push(Request::Decide(Action::Relabel(label)));
        }
        x += width + 8.0;
    }
}

fn note_ui(ui: &mut Ui, r: Rect, note: &mut String, focus: &mut bool) {
    let theme = Theme::of(ui.ctx());
    let edit = egui::TextEdit::multiline(note)
        .hint_text("What should somebody know about this item?")
        .desired_width(r.width().min(640.0))
        .desired_rows(3)
        .return_key(egui::KeyboardShortcut::new(egui::Modifiers::SHIFT, Key::Enter));
    let area = Rect::from_min_size(r.min, vec2(r.width().min(640.0), 72.0));
    let response = ui.put(area, edit).accessible_name("Note");
    if !*focus {
        response.request_focus();
        *focus = true;
    }
    let y = area.bottom() + 18.0;
    let p = ui.painter();
    let x = key_cap(p, pos2(r.left(), y), "Enter", theme.text_2, theme.line_strong);
    let x =
        text(p, pos2(x + 8.0, y), Align2::LEFT_CENTER, "save the note", font::body(), theme.text_2).right();
    let x = key_cap(p, pos2(x + 16.0, y), "Esc", theme.text_2, theme.line_strong);
    text(p, pos2(x + 8.0, y), Align2::LEFT_CENTER, "go back", font::body(), theme.text_2);
}
