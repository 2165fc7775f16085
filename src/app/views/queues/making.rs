//! A preset: its parameters, how the queue is made, and what would come of it.

use egui::{Align2, DragValue, Rect, Ui, pos2, vec2};

use super::model::{self, Pick, QueuesState};
use super::said;
use crate::analysis::routing::Divergence;
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::panels::Kind;
use crate::app::queues::Prepared;
use crate::app::request::Request;
use crate::app::state::View;
use crate::app::widgets::paint::{
    Button, count, heading, label_chip, number, text, text_block, text_cut, thousands,
};
use crate::app::widgets::theme::{Theme, font};
use crate::dataset::NO_LABEL;
use crate::review::arrange::{APART, Order};
use crate::review::recipe::{MOST_CONTROLS, Making, Recipe, Repeats};

const LINE: f32 = 36.0;
/// Items on which two differ, at most.
const MOST_DIFFERING: usize = 1_000;
/// Items of the preview.
const PREVIEW: usize = 12;

pub(super) fn ui(ui: &mut Ui, rect: Rect, doc: &Document, state: &mut QueuesState, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let at = state.preset();
    let (recipe, _) = state.presets[at];
    let (name, what) = model::words(&recipe);
    let left = rect.left() + 24.0;
    let y = rect.top() + 32.0;
    text(ui.painter(), pos2(left, y), Align2::LEFT_CENTER, name, font::heading(), theme.text);
    let block =
        text_block(ui.painter(), pos2(left, y + 16.0), rect.width() - 48.0, what, font::body(), theme.text_2);
    let top = block.bottom() + 20.0;
    let width = ((rect.width() - 72.0) * 0.5).clamp(330.0, 520.0);
    let form = Rect::from_min_max(pos2(left, top), pos2(left + width, rect.bottom()));
    let (recipe, making) = &mut state.presets[at];
    let bottom = recipe_ui(ui, form, doc, recipe, out);
    making_ui(ui, Rect::from_min_max(pos2(left, bottom + 14.0), form.max), recipe, making);
    // Wider than this, a label is too far from its text to be read with it.
    let from = form.right() + 32.0;
    let to = (rect.right() - 24.0).min(from + 760.0);
    let side = Rect::from_min_max(pos2(from, top), pos2(to, rect.bottom() - 16.0));
    came_ui(ui, side, doc, state, out);
}

/// The name of a parameter at the left; where its control stands.
fn line(ui: &Ui, r: &mut Rect, name: &str) -> Rect {
    let theme = Theme::of(ui.ctx());
    let y = r.top() + 14.0;
    text_cut(ui.painter(), pos2(r.left(), y), 116.0, name, font::body(), theme.text_2);
    let at = Rect::from_min_max(pos2(r.left() + 124.0, r.top()), pos2(r.right(), r.top() + 28.0));
    r.min.y += LINE;
    at
}

fn drag(ui: &mut Ui, at: Rect, value: DragValue<'_>, name: &str) {
    let field = Rect::from_min_size(at.min + vec2(0.0, 1.0), vec2(96.0, 26.0));
    ui.put(field, value).accessible_name(name);
}

/// Buttons of which one is on; the one that was pressed.
fn one_of(ui: &Ui, at: Rect, name: &str, all: &[&str], on: usize) -> Option<usize> {
    let (mut x, mut pressed) = (at.left(), None);
    for (k, words) in all.iter().enumerate() {
        let (response, right) = Button::new(words).on(k == on).show(ui, pos2(x, at.top()), (name, k));
        if response.clicked() {
            pressed = Some(k);
        }
        x = right + 6.0;
    }
    pressed
}

/// A button that opens a list, its words cut at the room there is.
fn list_button(ui: &Ui, at: Rect, name: &str, words: &str, key: Command, pick: Pick, out: &mut Vec<Request>) {
    let shown = crate::app::widgets::text::elide(words, 24);
    let key = key.key();
    let button = Button::new(&shown).key(&key);
    let (response, right) = button.show(ui, at.min, name);
    if response.clicked() {
        out.push(Request::PickForQueue(pick));
    }
    response.on_hover_text(format!("{name}: {words}"));
    debug_assert!(right > at.left(), "a button has a width");
}

/// Parameters of the preset; where they end.
fn recipe_ui(ui: &mut Ui, mut r: Rect, doc: &Document, recipe: &mut Recipe, out: &mut Vec<Request>) -> f32 {
    let theme = Theme::of(ui.ctx());
    let label = |l: u32| {
        if (l as usize) < doc.dataset.labels.len() { doc.label(l).to_owned() } else { "—".to_owned() }
    };
    match recipe {
        Recipe::LabelIssues { filter, below } => {
            let at = line(ui, &mut r, "Flagged by");
            let words = filter.map_or("the usual one", |f| f.words().0);
            list_button(ui, at, "Filter", words, Command::SideA, Pick::Filter, out);
            let at = line(ui, &mut r, "Quality below");
            drag(ui, at, DragValue::new(below).range(0.0..=1.0).speed(0.01).max_decimals(2), "Quality below");
            let x = at.left() + 108.0;
            text(
                ui.painter(),
                pos2(x, at.center().y),
                Align2::LEFT_CENTER,
                "1 takes all of them",
                font::caption(),
                theme.text_3,
            );
        }
        Recipe::SplitVotes { tied, least_bits } => {
            let at = line(ui, &mut r, "Which");
            if let Some(k) = one_of(ui, at, "which", &["Every split", "Ties only"], usize::from(*tied)) {
                *tied = k == 1;
            }
            let most = (doc.dataset.labels.len().max(2) as f64).log2();
            let at = line(ui, &mut r, "Entropy from");
            let value =
                DragValue::new(least_bits).range(0.0..=most).speed(0.01).max_decimals(2).suffix(" bits");
            drag(ui, at, value, "Entropy from");
        }
        Recipe::RaterAgainstRest { rater } => {
            let at = line(ui, &mut r, "Rater");
            list_button(ui, at, "Rater", doc.rater_name(*rater), Command::SideA, Pick::Rater, out);
        }
        Recipe::LabelPair { a, b, directed } => {
            let at = line(ui, &mut r, "Labels");
            list_button(ui, at, "First label", &label(*a), Command::SideA, Pick::LabelA, out);
            let at = line(ui, &mut r, "");
            list_button(ui, at, "Second label", &label(*b), Command::SideB, Pick::LabelB, out);
            let at = line(ui, &mut r, "Which way");
            if let Some(k) =
                one_of(ui, at, "way", &["Either way", "First, probably second"], usize::from(*directed))
            {
                *directed = k == 1;
            }
        }
        Recipe::GroupsPart { attribute } => {
            let at = line(ui, &mut r, "Groups by");
            let name = doc.dataset.raters.attributes.get(*attribute).map_or("—", |a| a.0.as_str());
            list_button(ui, at, "Attribute", name, Command::SideA, Pick::Attribute, out);
        }
        Recipe::Routed { machine } => {
            let at = line(ui, &mut r, "Mistakes of");
            list_button(ui, at, "Machine", &machine.name(&doc.dataset), Command::SideA, Pick::Machine, out);
        }
        Recipe::BelowKnee { model } => {
            let at = line(ui, &mut r, "Margins of");
            list_button(ui, at, "Model", &model.name(&doc.dataset), Command::SideA, Pick::System, out);
        }
        Recipe::Differing { a, b, n, unlike } => {
            let at = line(ui, &mut r, "Who");
            list_button(ui, at, "First of two", &a.name(&doc.dataset), Command::SideA, Pick::FirstOfTwo, out);
            let at = line(ui, &mut r, "");
            let name = b.name(&doc.dataset);
            list_button(ui, at, "Second of two", &name, Command::SideB, Pick::SecondOfTwo, out);
            let at = line(ui, &mut r, "Items");
            drag(ui, at, DragValue::new(n).range(1..=MOST_DIFFERING), "Items on which two differ");
            let at = line(ui, &mut r, "Which");
            if let Some(k) = one_of(ui, at, "unlike", &["Any", "Unlike each other"], usize::from(*unlike)) {
                *unlike = k == 1;
            }
        }
        Recipe::Decisive { a, b, by } => {
            let at = line(ui, &mut r, "Models");
            list_button(ui, at, "First model", &a.name(&doc.dataset), Command::SideA, Pick::System, out);
            let at = line(ui, &mut r, "");
            let name = b.name(&doc.dataset);
            list_button(ui, at, "Second model", &name, Command::SideB, Pick::SecondSystem, out);
            let at = line(ui, &mut r, "Apart by");
            let on = usize::from(*by == Divergence::Js);
            if let Some(k) = one_of(ui, at, "divergence", &["KL", "Jensen–Shannon"], on) {
                *by = [Divergence::Kl, Divergence::Js][k];
            }
        }
        Recipe::RandomAudit { n, seed } => {
            let at = line(ui, &mut r, "Items");
            drag(ui, at, DragValue::new(n).range(1..=doc.dataset.n_items().max(1)), "Items of the audit");
            let at = line(ui, &mut r, "Seed");
            drag(ui, at, DragValue::new(seed), "Seed of the audit");
        }
        Recipe::Listed => {
            let at = line(ui, &mut r, "Filter");
            said(
                ui,
                pos2(at.left(), at.center().y),
                at.width(),
                &model::filter_words(doc),
                font::body(),
                theme.text,
            );
            let at = line(ui, &mut r, "");
            if Button::new("Change it in Items").show(ui, at.min, "items").0.clicked() {
                out.push(Request::Show(View::Items));
            }
        }
        Recipe::NotYetAgreed => {}
    }
    r.top()
}

/// How the queue is made.
fn making_ui(ui: &mut Ui, mut r: Rect, recipe: &Recipe, making: &mut Making) {
    let theme = Theme::of(ui.ctx());
    heading(ui.painter(), theme, pos2(r.left(), r.top() + 8.0), "How", "");
    r.min.y += 26.0;
    let blind = |ui: &mut Ui, r: &mut Rect, making: &mut Making| {
        let at = line(ui, r, "Begin");
        if let Some(k) = one_of(ui, at, "blind", &["Open", "Blind"], usize::from(making.blind)) {
            making.blind = k == 1;
        }
    };
    if recipe.is_audit() {
        blind(ui, &mut r, making);
        let words = "Nothing is left out of a random sample and nothing is mixed in: else it would not speak of the whole.";
        text_block(ui.painter(), r.min + vec2(0.0, 4.0), r.width(), words, font::caption(), theme.text_3);
        return;
    }
    let at = line(ui, &mut r, "Order");
    let on = match making.order {
        Order::Score => 0,
        Order::Bands => 1,
        Order::Random => 2,
    };
    if let Some(k) = one_of(ui, at, "order", &["By score", "Bands of 50", "Random"], on) {
        making.order = [Order::Score, Order::Bands, Order::Random][k];
    }
    let at = line(ui, &mut r, "Controls");
    let value = DragValue::new(&mut making.controls).range(0..=MOST_CONTROLS).speed(0.1).suffix(" %");
    drag(ui, at, value, "Controls in percent");
    let x = at.left() + 108.0;
    text_cut(
        ui.painter(),
        pos2(x, at.center().y),
        at.right() - x,
        "unflagged, not marked",
        font::caption(),
        theme.text_3,
    );
    let at = line(ui, &mut r, "5 % a second time");
    let on = match making.repeats {
        Repeats::WhereLong => 0,
        Repeats::Always => 1,
        Repeats::Never => 2,
    };
    if let Some(k) = one_of(ui, at, "repeats", &["From 200 on", "Always", "Never"], on) {
        making.repeats = [Repeats::WhereLong, Repeats::Always, Repeats::Never][k];
    }
    let at = line(ui, &mut r, "Decided ones");
    if let Some(k) =
        one_of(ui, at, "decided", &["Left out", "Shown again"], usize::from(!making.leave_out_decided))
    {
        making.leave_out_decided = k == 0;
    }
    let at = line(ui, &mut r, "At most");
    let value = DragValue::new(&mut making.limit)
        .custom_formatter(|n, _| if n < 0.5 { "all".to_owned() } else { format!("{n:.0}") });
    drag(ui, at, value, "At most so many items, 0 for all");
    text_cut(
        ui.painter(),
        pos2(x, at.center().y),
        at.right() - x,
        "0 takes all",
        font::caption(),
        theme.text_3,
    );
    let at = line(ui, &mut r, "Seed");
    drag(ui, at, DragValue::new(&mut making.seed), "Seed");
    blind(ui, &mut r, making);
}

/// How much it is, what comes first, and the button that begins it.
fn came_ui(ui: &Ui, r: Rect, doc: &Document, state: &QueuesState, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let key = Command::OpenRow.key();
    let start = |disabled: Option<&str>, y: f32, out: &mut Vec<Request>| {
        let button = Button::primary("Start").key(&key).disabled(disabled);
        if button.show(ui, pos2(r.left(), y), "start").0.clicked() {
            out.push(Request::StartQueue);
        }
    };
    let prepared = state.prepared(doc);
    let y = r.top() + 14.0;
    match prepared.as_deref() {
        None => {
            let words =
                if doc.panels.is_stopped(Kind::Queue) { "Counting was stopped" } else { "Counting…" };
            said(ui, pos2(r.left(), y), r.width(), words, font::strong(), theme.text_2);
            start(None, r.top() + 34.0, out);
        }
        Some(Err(reason)) => {
            let words = format!("There is no such queue here: {reason}");
            let block = text_block(ui.painter(), r.min, r.width(), &words, font::body(), theme.text_2);
            crate::app::widgets::paint::spoken(ui, block, &words);
        }
        Some(Ok(prepared)) if prepared.fresh.queue().is_empty() => {
            let words = match (prepared.n_chosen, prepared.n_left_out) {
                (0, _) => "No item: nothing meets what is asked for".to_owned(),
                (n, _) => format!("All of its {} are decided already", count(n, "item", "items")),
            };
            said(ui, pos2(r.left(), y), r.width(), &words, font::strong(), theme.text);
            start(Some("There is nothing to review"), r.top() + 34.0, out);
        }
        Some(Ok(prepared)) => {
            let bottom = counted_ui(ui, r, doc, prepared);
            start(None, bottom + 8.0, out);
            let list = Rect::from_min_max(pos2(r.left(), bottom + 56.0), r.max);
            preview_ui(ui, list, doc, prepared);
        }
    }
}

/// Numbers of what would come; where they end.
fn counted_ui(ui: &Ui, r: Rect, doc: &Document, prepared: &Prepared) -> f32 {
    let theme = Theme::of(ui.ctx());
    let q = prepared.fresh.queue();
    let n = q.len() - q.controls.len() - q.repeats.len();
    let mut y = r.top() + 14.0;
    let total = count(q.len(), "item to decide", "items to decide");
    said(ui, pos2(r.left(), y), r.width(), &total, font::fact(), theme.text);
    y += 26.0;
    let mut parts =
        vec![format!("{} of {} chosen", thousands(n as u64), thousands(prepared.n_chosen as u64))];
    if prepared.n_left_out > 0 {
        parts.push(format!("{} decided already and left out", thousands(prepared.n_left_out as u64)));
    }
    if !q.controls.is_empty() {
        parts.push(count(q.controls.len(), "control", "controls"));
    }
    if !q.repeats.is_empty() {
        let words = format!(
            "{} shown a second time, {APART} others later at the earliest",
            thousands(q.repeats.len() as u64)
        );
        parts.push(words);
    }
    if let Some(pace) = doc.pace_s() {
        parts.push(format!("about {} min at your pace", number((q.len() as f64 * pace / 60.0).ceil(), 0)));
    }
    for words in parts {
        said(ui, pos2(r.left(), y), r.width(), &words, font::body(), theme.text_2);
        y += 20.0;
    }
    y
}

/// The first items, as they would come: nothing says which are controls.
fn preview_ui(ui: &Ui, r: Rect, doc: &Document, prepared: &Prepared) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    heading(p, theme, pos2(r.left(), r.top() + 8.0), "First", "as they would come");
    let mut y = r.top() + 34.0;
    for &item in prepared.fresh.queue().items.iter().take(PREVIEW) {
        if y + 12.0 > r.bottom() {
            break;
        }
        let i = item as usize;
        let key = doc.dataset.keys.get(i);
        let keys = doc.key_width().min(r.width() * 0.25);
        text_cut(p, pos2(r.left(), y), keys - 8.0, key, font::mono_small(), theme.text_3);
        let given =
            doc.analysis.as_ref().and_then(|a| a.given.current.get(i).copied()).filter(|&l| l != NO_LABEL);
        let text = doc.dataset.texts.as_ref().map_or("", |t| t.get(i));
        let first: String = text.chars().take(160).map(|c| if c.is_control() { ' ' } else { c }).collect();
        let chip = 104.0_f32.min(r.width() * 0.3);
        text_cut(
            p,
            pos2(r.left() + keys, y),
            r.width() - keys - 12.0 - chip,
            &first,
            font::body(),
            theme.text,
        );
        let x = r.right() - chip;
        match given {
            Some(label) => {
                label_chip(p, theme, pos2(x, y), chip, label, doc.label(label), theme.text_2);
            }
            None => {
                text_cut(p, pos2(x, y), chip, "no label", font::caption(), theme.text_3);
            }
        }
        let shown = given.map_or("no label", |l| doc.label(l));
        let line = Rect::from_min_max(pos2(r.left(), y - 12.0), pos2(r.right(), y + 12.0));
        crate::app::widgets::paint::spoken(ui, line, &format!("{key}: {first}, {shown}"));
        p.hline(r.x_range(), y + 12.5, egui::Stroke::new(1.0, theme.grid));
        y += 25.0;
    }
}
