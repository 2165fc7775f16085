//! The decision screen: the item is the largest thing, the labels are under the hands, the evidence at the right.
//!
//! Keeping and changing look alike and cost one key each. Nothing is decided by a held key: after every step,
//! keys are ignored for 150 ms and until they were let go.

mod done;
mod evidence;
mod find;
mod head;
pub(in crate::app) mod itself;
mod keys;
pub mod model;
mod soft;
pub mod spans;
mod strip;
mod why;

use std::collections::HashMap;

use egui::{Align2, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use self::done::{done_ui, no_queue_ui};
use self::evidence::evidence_ui;
use self::find::Found;
use self::head::head_ui;
pub use self::keys::keys;
use self::model::{ReviewModel, Tick};
pub use self::soft::SoftLabel;
use self::spans::Chosen;
use self::strip::strip_ui;
use crate::analysis::Analysis;
use crate::app::ahead::style_of;
use crate::app::document::Document;
use crate::app::pictures::path_of;
use crate::app::request::Request;
use crate::app::views::item;
use crate::app::widgets::paint::{self, label_chip, number, text, text_cut};
use crate::app::widgets::text::TextBlock;
use crate::app::widgets::theme::{Theme, font};
use crate::dataset::{LabelId, NO_LABEL};
use crate::review::event::Blind;

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
    /// Shares of a soft label.
    Soft(SoftLabel),
    /// Reasons: all of the first level, or the finer ones of one of them.
    Reasons(Option<usize>),
    /// The next digit adopts a rater's label.
    Adopt,
}

impl Mode {
    /// Whether a field has the keyboard.
    pub fn types(&self) -> bool {
        matches!(self, Self::Find { .. } | Self::Note(_))
    }
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
    /// Notes begun and not saved, by item.
    pub drafts: HashMap<u32, String>,
    /// What the search for a label found.
    pub found: Found,
    /// Width that the text was given last.
    pub text_width: f32,
    /// The span of the text that is under the hands.
    pub span: Option<Chosen>,
    /// The one that was on screen in the last frame.
    shown_span: Option<Chosen>,
    /// When a span was decided on last, in egui's seconds.
    pub since_decided: f64,
}

/// Milliseconds after each step in which keys decide nothing.
const GUARD_S: f64 = 0.150;
const STRIP: f32 = 206.0;
const EVIDENCE: f32 = 360.0;

impl ReviewState {
    /// A new item is on screen.
    pub fn arrive(&mut self, item: u32, now: f64) {
        if self.item != Some(item) {
            self.keep_draft();
            self.item = Some(item);
            self.mode = Mode::Decide;
            self.evidence = false;
            self.suggestion = false;
            self.since = now;
            self.span = None;
        }
    }

    /// What was typed as a note is there when it is begun again.
    pub fn keep_draft(&mut self) {
        if let (Mode::Note(note), Some(item)) = (&self.mode, self.item) {
            self.drafts.insert(item, note.clone());
        }
    }

    /// Whether a boundary is not where it was, or a span is being added.
    pub fn is_moving(&self) -> bool {
        self.span.is_some_and(|c| c.is_moving())
    }

    /// Puts a boundary back where it was, or else lets the chosen span go; a new one is dropped.
    pub fn let_go(&mut self) {
        self.span = match self.span {
            Some(Chosen { id: Some(id), stands: Some(place), moves_start, .. }) if self.is_moving() => {
                Some(Chosen { id: Some(id), place, stands: Some(place), moves_start })
            }
            _ => None,
        };
    }

    /// Whether keys may decide: the item is drawn, and the key that came here was let go.
    pub fn ready(&self, now: f64) -> bool {
        now - self.since >= GUARD_S && now - self.since_decided >= GUARD_S
    }

    /// Whether everything can be seen that bears on the item.
    fn uncovered(&self, doc: &Document) -> bool {
        doc.blind() == Blind::Open || self.evidence || self.tab_held
    }

    /// Whether raters and their votes can be seen.
    pub fn sees_raters(&self, doc: &Document) -> bool {
        self.uncovered(doc)
    }

    /// Whether the model's probabilities can be seen.
    pub fn sees_model(&self, doc: &Document) -> bool {
        self.uncovered(doc) || doc.blind() == Blind::Raters
    }

    /// Whether the label under review can be seen: one that the votes come to would tell them.
    pub fn sees_given(&self, doc: &Document) -> bool {
        !doc.given_is_votes() || self.sees_raters(doc)
    }

    /// Whether the suggestion can be seen: one that is made of votes would tell them.
    pub fn sees_suggestion(&self, doc: &Document) -> bool {
        let of_model = doc.dataset.probabilities.is_some();
        self.suggestion || if of_model { self.sees_model(doc) } else { self.sees_raters(doc) }
    }

    /// What was on screen, for the log: only what the data has.
    pub fn shown(&self, doc: &Document) -> Vec<String> {
        let item = crate::app::deciding::current(doc);
        let i = item.unwrap_or(0) as usize;
        let analysis = doc.analysis.as_ref();
        let has = |column: fn(&Analysis) -> &[LabelId]| {
            analysis.and_then(|a| column(a).get(i)).is_some_and(|&l| l != NO_LABEL)
        };
        let data = &doc.dataset;
        let parts = [
            ("text", data.texts.is_some()),
            ("picture", item.is_some_and(|item| path_of(doc, item).is_some())),
            ("spans", data.stretches().is_some()),
            ("given", self.sees_given(doc) && has(|a| &a.given.current)),
            ("suggestion", self.sees_suggestion(doc) && has(|a| &a.items.suggested)),
            ("raters", self.sees_raters(doc) && !data.annotations.is_empty()),
            ("model", self.sees_model(doc) && data.probabilities.is_some()),
        ];
        parts.into_iter().filter(|p| p.1).map(|p| p.0.to_owned()).collect()
    }
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
    item_ui(ui, item, doc, state, &m, out);
    ui.painter().rect_filled(evidence, 0.0, theme.raised);
    ui.painter().vline(evidence.left(), evidence.y_range(), theme.border());
    evidence_ui(ui, evidence, doc, state, &m, out);
    ui.painter().rect_filled(strip, 0.0, theme.raised);
    ui.painter().hline(strip.x_range(), strip.top(), theme.border());
    strip_ui(ui, strip, doc, state, &m, out);
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
                p.rect_stroke(r.expand(1.0), 1.0, Stroke::new(1.0, theme.text), StrokeKind::Inside);
            }
            Tick::Open => {
                p.rect_filled(Rect::from_center_size(r.center(), vec2(4.0, 3.0)), 0.0, theme.line_strong);
            }
            Tick::Kept => {
                p.rect_filled(r, 1.0, theme.text_2);
            }
            Tick::Changed => changed_mark(p, r, theme),
            Tick::Unsure => {
                p.rect_stroke(r, 1.0, Stroke::new(1.0, theme.text_2), StrokeKind::Inside);
            }
        }
        if here && *tick != Tick::Open {
            p.rect_stroke(r.expand(2.0), 1.0, Stroke::new(1.0, theme.text), StrokeKind::Inside);
        }
        let zone = Rect::from_center_size(r.center(), vec2(step, 24.0));
        let response = ui.interact(zone, ui.scope_id().with(("tick", at)), egui::Sense::CLICK);
        response.widget_info(|| {
            let what = match tick {
                Tick::Open => "not decided",
                Tick::Kept => "kept",
                Tick::Changed => "changed",
                Tick::Unsure => "unsure",
            };
            egui::WidgetInfo::selected(egui::Role::Button, true, here, format!("Item {}: {what}", at + 1))
        });
        if response.clicked() {
            out.push(Request::GoTo(at));
        }
        x += step;
    }
    x += 14.0;
    let (kept, changed, unsure) = m.counts;
    for (tick, words) in [
        (Tick::Kept, format!("kept {kept}")),
        (Tick::Changed, format!("changed {changed}")),
        (Tick::Unsure, format!("unsure {unsure}")),
    ] {
        let r = Rect::from_center_size(pos2(x + 5.0, y), vec2(4.0, 11.0));
        match tick {
            Tick::Changed => changed_mark(p, r, theme),
            Tick::Unsure => {
                p.rect_stroke(r, 1.0, Stroke::new(1.0, theme.text_2), StrokeKind::Inside);
            }
            _ => {
                p.rect_filled(r, 1.0, theme.text_2);
            }
        }
        x = text(p, pos2(x + 13.0, y), Align2::LEFT_CENTER, &words, font::caption(), theme.text_2).right()
            + 10.0;
    }
    if let Some(pace) = doc.pace_s() {
        let left = doc.queues.active().map_or(0, |k| k.left) as f64 * pace / 60.0;
        let words = format!("{} s an item   ·   {} min left", number(pace, 0), number(left.ceil(), 0));
        if x + paint::text_width(p, &words, font::body()) + 40.0 < rect.right() {
            text(p, pos2(rect.right() - 24.0, y), Align2::RIGHT_CENTER, &words, font::body(), theme.text_2);
        }
    }
}

/// A changed item: in two halves, so that it is told from a kept one without its colour.
fn changed_mark(p: &egui::Painter, r: Rect, theme: &Theme) {
    let half = vec2(r.width(), r.height() / 2.0 - 1.0);
    p.rect_filled(Rect::from_min_size(r.min, half), 1.0, theme.accent);
    p.rect_filled(Rect::from_min_size(r.max - half, half), 1.0, theme.accent);
}

fn item_ui(
    ui: &mut Ui,
    rect: Rect,
    doc: &Document,
    state: &mut ReviewState,
    m: &ReviewModel,
    out: &mut Vec<Request>,
) {
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
                    let room = vec2(width, (ui.clip_rect().height() * 0.5).max(120.0));
                    item::picture_ui(ui, doc, i as u32, room, out);
                    match &doc.dataset.texts {
                        Some(texts) => {
                            let s = texts.get(i);
                            let style = style_of(s, theme);
                            state.text_width = ui.available_width();
                            if doc.dataset.stretches().is_some() {
                                spans::text_ui(ui, doc, state, i as u32, s);
                            } else {
                                TextBlock::new(s, style).focus(doc.focus(i as u32)).ui(ui);
                            }
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
                    if !state.sees_given(doc) {
                        let words = "What the raters said is hidden: choose a label";
                        let r = text(
                            p,
                            pos2(r.left(), y),
                            Align2::LEFT_CENTER,
                            words,
                            font::body(),
                            theme.text_2,
                        );
                        paint::spoken(ui, r, words);
                    } else if let Some(g) = m.item.given {
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
                    if doc.dataset.stretches().is_some() {
                        // Beside the given label where there is room, for a text may fill the height.
                        let at = if width > spans::HINT + 400.0 {
                            pos2(r.right() - spans::HINT, y)
                        } else {
                            let (r, _) = ui.allocate_exact_size(vec2(width, 30.0), egui::Sense::hover());
                            pos2(r.left(), r.center().y + 4.0)
                        };
                        spans::hint_ui(ui, state, at);
                    }
                });
            });
        });
    });
}
