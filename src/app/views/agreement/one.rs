//! One coefficient explained, why another may fit better, and each label against the rest.

use egui::{Align2, Rangef, Rect, Stroke, Ui, pos2, vec2};

use super::{AgreementState, page, value_words};
use crate::analysis::coefficients::Coefficients;
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::views::overview::statistic_tip;
use crate::app::widgets::icon::Icon;
use crate::app::widgets::paint::{heading, hit, label_chip, link, number, text, text_block};
use crate::app::widgets::theme::{Theme, font};

pub(super) fn one_ui(
    ui: &mut Ui,
    rect: Rect,
    doc: &Document,
    coefficients: &Coefficients,
    state: &AgreementState,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let kind = state.selected.unwrap_or(coefficients.recommended());
    let Some(row) = coefficients.row(kind) else { return };
    let r = rect.shrink2(vec2(16.0, 12.0));
    let p = ui.painter_at(rect).clone();
    let block = |y: f32, words: &str, font: egui::FontId, color: egui::Color32| {
        text_block(&p, pos2(r.left(), y), r.width(), words, font, color).bottom()
    };
    let mut y = block(r.top(), row.about.name, font::heading(), theme.text);
    let words = value_words(&row.statistic, row.by, ("item", "items"));
    y = block(y + 4.0, &words, font::mono(), theme.text);
    y = block(y + 10.0, row.about.about, font::body(), theme.text_2);
    y = block(y + 4.0, &format!("Fits: {}", row.about.fits), font::body(), theme.text_2);
    y = block(y + 4.0, row.about.source, font::caption(), theme.text_3);
    y += 16.0;
    if link(ui, pos2(r.left(), y), "Definition, and when not to use it", "coefficient page").clicked() {
        out.push(Request::Explain(page(kind)));
    }
    y += 22.0;
    let (best, warnings) = coefficients.words();
    if let Some(best) = best {
        y = block(y, &best, font::strong(), theme.text) + 6.0;
    }
    for warning in &warnings {
        Icon::Warning.paint(&p, pos2(r.left() + 7.0, y + 9.0), 13.0, theme.warn);
        let at = pos2(r.left() + 20.0, y);
        y = text_block(&p, at, r.width() - 20.0, warning, font::body(), theme.text_2).bottom() + 6.0;
    }
    let labels = Rect::from_min_max(pos2(r.left(), y + 14.0), r.max);
    if labels.height() > 70.0 {
        labels_ui(ui, labels, doc, coefficients.asked.items.is_some(), out);
    }
}

/// Alpha of "this label or another", one a label.
fn labels_ui(ui: &Ui, r: Rect, doc: &Document, filtered: bool, out: &mut Vec<Request>) {
    let Some(analysis) = &doc.analysis else { return };
    let theme = Theme::of(ui.ctx());
    let rows = &analysis.agreement.per_label;
    let p = ui.painter_at(r.expand(4.0));
    heading(
        &p,
        theme,
        pos2(r.left(), r.top() + 8.0),
        "Each label",
        if filtered {
            "α of this label or another, of all items, not of the filtered"
        } else {
            "α of this label or another; open its split items"
        },
    );
    let step = ((r.height() - 26.0) / rows.len().max(1) as f32).clamp(20.0, 26.0);
    let shown = ((r.height() - 26.0) / step).floor().max(0.0) as usize;
    let lowest = rows
        .iter()
        .filter_map(|s| s.estimate())
        .map(|e| e.ci.map_or(e.value, |c| c.0))
        .fold(0.5_f64, f64::min);
    let low = ((lowest * 4.0).floor() / 4.0).clamp(-1.0, 0.5);
    let axis = Rangef::new(r.left() + 142.0, r.right() - 48.0);
    let x = |v: f64| axis.min + axis.span() * ((v.max(low) - low) / (1.0 - low)) as f32;
    for (i, statistic) in rows.iter().take(shown).enumerate() {
        let y = r.top() + 24.0 + step * (i as f32 + 0.5);
        let name = doc.label(i as u32);
        let line = Rect::from_min_max(pos2(r.left() - 4.0, y - step / 2.0), pos2(r.right(), y + step / 2.0));
        let value = statistic.value().map_or_else(|| "—".to_owned(), |v| number(v, 2));
        let response = hit(ui, line, ui.scope_id().with(("label alpha", i)), &format!("{name}: {value}"));
        if response.hovered() {
            p.rect_filled(line, 2.0, theme.hover);
        }
        if response.clicked() {
            out.push(Request::Filter(vec![Condition::Voted(i as u32), Condition::Split]));
        }
        response.on_hover_ui(|ui| statistic_tip(ui, name, statistic, "krippendorff_alpha"));
        label_chip(&p, theme, pos2(r.left(), y), 132.0, i as u32, name, theme.text);
        p.hline(axis, y, Stroke::new(1.0, theme.grid));
        if let Some(e) = statistic.estimate() {
            if let Some((from, to)) = e.ci {
                p.hline(x(from)..=x(to), y, Stroke::new(2.0, theme.text_2));
            }
            p.circle_filled(pos2(x(e.value), y), 4.0, theme.text);
        }
        text(&p, pos2(r.right() - 4.0, y), Align2::RIGHT_CENTER, &value, font::mono(), theme.text);
    }
    if rows.len() > shown {
        let words = format!("{} more", rows.len() - shown);
        text(&p, pos2(r.right(), r.top() + 8.0), Align2::RIGHT_CENTER, &words, font::caption(), theme.text_3);
    }
}
