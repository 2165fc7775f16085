//! Votes, model, reasons and raters at the right: folded in blind mode, in the same place either way.

use egui::{Align2, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use super::ReviewState;
use super::model;
use super::model::ReviewModel;
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::request::Request;
use crate::app::views::item;
use crate::app::widgets::paint::{self, heading, key_cap, label_chip, text, text_block, text_cut};
use crate::app::widgets::theme::{Theme, font};
use crate::review::Action;
use crate::review::event::Blind;

pub(super) fn evidence_ui(
    ui: &mut Ui,
    rect: Rect,
    doc: &Document,
    state: &mut ReviewState,
    m: &ReviewModel,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let (open, model) = (state.sees_raters(doc), state.sees_model(doc));
    let caption = match (open, doc.blind() != Blind::Open, state.tab_held) {
        (false, ..) if model => "raters folded",
        (false, ..) => "folded",
        (true, true, true) => "revealed while Tab is held, logged",
        (true, true, false) => "revealed, logged",
        _ => "",
    };
    heading(ui.painter(), theme, pos2(rect.left() + 16.0, rect.top() + 26.0), "Evidence", caption);
    let body = Rect::from_min_max(pos2(rect.left() + 1.0, rect.top() + 42.0), rect.max);
    if !open && !model {
        folded_ui(ui, body, doc, m);
        return;
    }
    if !open {
        without_raters_ui(ui, body, doc, m);
        return;
    }
    let hides = doc.blind() != Blind::Open;
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
                    if hides { "shuffled for each item, names hidden" } else { "most competent first" };
                heading(ui.painter(), theme, pos2(r.left() + 16.0, r.center().y), "Raters", caption);
            }
            for (k, &(rater, label)) in raters.iter().enumerate() {
                let (r, _) = ui.allocate_exact_size(vec2(width, 24.0), egui::Sense::hover());
                let y = r.center().y;
                let hidden = format!("r{}", k + 1);
                let name = if hides { hidden.as_str() } else { doc.rater_name(rater) };
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
            item::opinions_ui(ui, &m.item, width);
            ui.add_space(12.0);
        });
    });
}

/// What the model says, with raters and votes left out and folded below.
fn without_raters_ui(ui: &mut Ui, body: Rect, doc: &Document, m: &ReviewModel) {
    let Some(analysis) = &doc.analysis else { return };
    let alike = doc.alike();
    let alike = alike.as_ref().and_then(|found| found.as_ref().as_ref().ok());
    let shown = item::model::build_without_votes(&doc.dataset, analysis, alike, m.item.item);
    ui.scope_builder(egui::UiBuilder::new().max_rect(body).id_salt("evidence"), |ui| {
        ui.set_clip_rect(body.intersect(ui.clip_rect()));
        let id = ("evidence of the model", m.item.item);
        egui::ScrollArea::vertical().id_salt(id).auto_shrink(false).show(ui, |ui| {
            let width = body.width() - 32.0;
            item::evidence_ui(ui, doc, &shown, width, &mut Vec::new());
            ui.add_space(10.0);
            item::why_ui(ui, &shown, width);
            item::opinions_ui(ui, &shown, width);
            ui.add_space(10.0);
            let (r, _) = ui.allocate_exact_size(vec2(body.width(), 176.0), egui::Sense::hover());
            let votes = paint::count(m.item.n_votes as usize, "rater", "raters");
            fold_ui(ui, r, &[("Votes", votes)]);
        });
    });
}

pub(super) fn folded_ui(ui: &Ui, rect: Rect, doc: &Document, m: &ReviewModel) {
    let mut rows = Vec::new();
    if m.item.n_votes > 0 {
        rows.push(("Votes", paint::count(m.item.n_votes as usize, "rater", "raters")));
    }
    if doc.dataset.probabilities.is_some() {
        rows.push(("Model", paint::count(doc.dataset.labels.len(), "probability", "probabilities")));
    }
    rows.push(("Why it is here", paint::count(m.item.reasons.len(), "reason", "reasons")));
    fold_ui(ui, rect, &rows);
}

/// Rows that say what there is without saying what it says, and how to see it.
fn fold_ui(ui: &Ui, rect: Rect, rows: &[(&str, String)]) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let mut y = rect.top() + 12.0;
    let x = rect.left() + 15.0;
    let right = rect.right() - 16.0;
    for (name, words) in rows {
        text(p, pos2(x, y + 10.0), Align2::LEFT_CENTER, name, font::body(), theme.text_2);
        text(p, pos2(right, y + 10.0), Align2::RIGHT_CENTER, words, font::caption(), theme.text_3);
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
