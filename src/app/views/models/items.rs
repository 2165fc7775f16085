//! The items, and on each of them people's votes beside the model's probabilities.

use egui::{Align2, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use super::{Brush, ModelsState, score_of};
use crate::analysis::models::ModelsReport;
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::widgets::paint::{Button, hit, number, text, text_cut, text_width, thousands};
use crate::app::widgets::table::{Column, Table};
use crate::app::widgets::theme::{Theme, font, mix};

const LINE: f32 = 40.0;
const BAR: f32 = 130.0;

const COLUMNS: [Column<'static>; 6] = [
    Column::new("item", 92.0),
    Column::new("text", 0.0),
    Column::new("people", BAR + 8.0).hint("Shares of votes"),
    Column::new("model", BAR + 8.0).hint("Probabilities"),
    Column::new("distance", 64.0).right().hint("Total variation distance between the two, 0 to 1"),
    Column::new("entropy", 64.0).right().hint("Entropy of the model minus that of people, nats"),
];

/// Paints the list.
pub(super) fn ui(
    ui: &mut Ui,
    rect: Rect,
    doc: &Document,
    state: &mut ModelsState,
    report: &ModelsReport,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let items = state.listed(report);
    let head = Rect::from_min_size(rect.min, vec2(rect.width(), LINE));
    head_ui(ui, head, state, report, items.len(), out);
    let area = Rect::from_min_max(head.left_bottom(), rect.max);
    ui.painter().hline(area.x_range(), area.top(), theme.border());
    if items.is_empty() {
        let at = area.min + vec2(16.0, 24.0);
        text_cut(ui.painter(), at, area.width() - 32.0, "No such item.", font::body(), theme.text_2);
        return;
    }
    let Some(model) = report.models.get(state.model) else { return };
    state.row = state.row.min(items.len() - 1);
    if std::mem::take(&mut state.reveal) {
        state.table.reveal(state.row as u64);
    }
    let table = Table {
        name: "People and model",
        columns: &COLUMNS,
        rows: items.len() as u64,
        selected: Some(state.row as u64),
        sorted: None,
    };
    let name_of = |row: u64| {
        let item = items[row as usize];
        let score = score_of(model, item).map_or_else(|| "—".to_owned(), |s| number(s.distance, 2));
        format!("{}: distance {score}", doc.dataset.keys.get(item as usize))
    };
    let events = table.show(ui, area, &mut state.table, name_of, |ui, row, cells, _| {
        let item = items[row as usize];
        let at = item as usize;
        let [key, words, people, said, apart, entropy] = *cells else { return };
        let p = ui.painter();
        let y = key.center().y;
        text_cut(p, pos2(key.left(), y), key.width(), doc.dataset.keys.get(at), font::mono(), theme.text);
        let shown = doc.dataset.texts.as_ref().map_or("", |t| t.get(at));
        let style = crate::app::widgets::text::TextStyle::new(font::body(), theme.text_2, theme.text_3);
        let galley = crate::app::widgets::text::line(ui, shown, &style, words.width());
        p.galley(pos2(words.left(), y - galley.size().y / 2.0), galley, theme.text_2);
        if let Some(shares) = report.people(at) {
            shares_ui(ui, doc, people, &shares, true);
        }
        if let Some(shares) = report.said(&doc.dataset, state.model, at) {
            shares_ui(ui, doc, said, &shares, false);
        }
        let score = score_of(model, item);
        let digits = |v: Option<f64>| v.map_or_else(|| "—".to_owned(), |v| number(v, 2));
        let distance = digits(score.map(|s| s.distance));
        text(p, apart.right_center(), Align2::RIGHT_CENTER, &distance, font::mono(), theme.text);
        let entropy_words = digits(score.and_then(|s| s.entropy_difference));
        text(p, entropy.right_center(), Align2::RIGHT_CENTER, &entropy_words, font::mono(), theme.text_2);
    });
    if let Some(row) = events.clicked.or(events.opened) {
        state.row = row as usize;
        out.push(Request::Select(items[state.row]));
    }
    if events.opened.is_some() {
        out.extend(state.behind(doc));
    }
}

/// Shares of labels as one bar, solid for votes, outlined for probabilities.
fn shares_ui(ui: &Ui, doc: &Document, cell: Rect, shares: &[f64], solid: bool) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let sum: f64 = shares.iter().sum();
    if sum <= 0.0 {
        return;
    }
    let bar = Rect::from_min_size(pos2(cell.left(), cell.center().y - 8.0), vec2(BAR, 16.0));
    let mut x = bar.left();
    for (label, share) in shares.iter().enumerate().filter(|(_, s)| **s > 0.0) {
        let width = bar.width() * (share / sum) as f32;
        let part = Rect::from_min_size(pos2(x, bar.top()), vec2((width - 1.0).max(0.5), bar.height()));
        let hue = theme.label(label as u32);
        if solid {
            p.rect_filled(part, 1.0, hue);
        } else {
            p.rect_filled(part, 1.0, mix(theme.panel, hue, 0.28));
            p.rect_stroke(part, 1.0, Stroke::new(1.0, hue), StrokeKind::Inside);
        }
        let digits = format!("{:.0}", 100.0 * share);
        if text_width(p, &digits, font::mono_small()) <= width - 4.0 {
            let ink = if solid { theme.on_label(label as u32) } else { theme.text };
            text(p, part.center(), Align2::CENTER_CENTER, &digits, font::mono_small(), ink);
        }
        x += width;
    }
    let id = ui.scope_id().with(("shares", bar.top() as i32, solid));
    ui.interact(bar, id, egui::Sense::hover()).on_hover_ui(|ui| {
        let mut known: Vec<(usize, f64)> = shares.iter().copied().enumerate().filter(|s| s.1 > 0.0).collect();
        known.sort_by(|a, b| b.1.total_cmp(&a.1));
        for (label, share) in known.into_iter().take(12) {
            ui.label(format!("{} {} %", doc.label(label as u32), number(100.0 * share, 1)));
        }
    });
}

fn head_ui(
    ui: &Ui,
    r: Rect,
    state: &mut ModelsState,
    report: &ModelsReport,
    n: usize,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let y = r.center().y;
    let mut right = r.right() - 16.0;
    let items = state.listed(report);
    if n > 0 {
        let words = format!("Review {}", thousands(n as u64));
        let key = Command::OpenRow.key();
        let button = Button::new(&words).key(&key);
        right -= button.width(p);
        if button.show(ui, pos2(right, y - 14.0), "review").0.clicked() {
            let from = items.get(state.row).copied().unwrap_or_default();
            out.push(Request::ReviewList { name: state.words(report), items: items.clone(), from });
        }
        right -= 8.0;
        let open = Button::new("Open in Items");
        right -= open.width(p);
        if open.show(ui, pos2(right, y - 14.0), "open").0.clicked() {
            let words = state.words(report);
            let condition = if state.brush == Brush::None {
                Condition::listed(words, items)
            } else {
                Condition::among(words, items)
            };
            out.push(Request::Filter(vec![condition]));
        }
        right -= 12.0;
    }
    let x = r.left() + 16.0;
    if state.brush == Brush::None {
        let at = text(
            p,
            pos2(x, y),
            Align2::LEFT_CENTER,
            "Where it is farthest from people",
            font::strong(),
            theme.text,
        );
        let words = format!("{} items", thousands(n as u64));
        text_cut(
            p,
            pos2(at.right() + 10.0, y),
            right - at.right() - 14.0,
            &words,
            font::caption(),
            theme.text_3,
        );
        return;
    }
    let words = format!("{}  ×", state.words(report));
    let width = (text_width(p, &words, font::body()) + 16.0).min((right - x).max(40.0));
    let chip = Rect::from_min_size(pos2(x, y - 12.0), vec2(width, 24.0));
    p.rect(chip, 4.0, theme.selected, Stroke::new(1.0, theme.accent), StrokeKind::Inside);
    text_cut(p, pos2(x + 8.0, y), width - 14.0, &words, font::body(), theme.text);
    if hit(ui, chip, ui.scope_id().with("brush"), &words).clicked() {
        let brush = state.brush;
        state.brush_on(brush);
    }
}
