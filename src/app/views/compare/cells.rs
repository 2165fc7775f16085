//! What they call it: what A says by what B says.

use egui::{Align2, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use crate::analysis::compare::CompareReport;
use crate::app::document::Document;
use crate::app::widgets::paint::{heading, hit_as, text, text_cut, text_width, thousands};
use crate::app::widgets::theme::{Theme, font};
use crate::dataset::LabelId;

/// Paints the panel; gives the cell that was clicked.
pub(super) fn ui(
    ui: &Ui,
    r: Rect,
    doc: &Document,
    report: &CompareReport,
    labels: &[LabelId],
    brush: Option<(LabelId, LabelId)>,
) -> Option<(LabelId, LabelId)> {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter_at(r.expand(4.0));
    heading(&p, theme, pos2(r.left(), r.top() + 8.0), "What they call it", "items; A in rows");
    let k = labels.len();
    if k == 0 {
        return None;
    }
    let names = labels
        .iter()
        .map(|&l| text_width(&p, doc.label(l), font::caption()))
        .fold(30.0_f32, f32::max)
        .min(r.width() * 0.28);
    let (left, top) = (r.left() + names + 14.0, r.top() + 62.0);
    let size = ((r.right() - left) / k as f32).min((r.bottom() - 14.0 - top) / k as f32).clamp(12.0, 52.0);
    let others = report.asked.sides[1].words(&doc.dataset);
    let centre = left + size * k as f32 / 2.0;
    let width = text_width(&p, &others, font::caption()).min(r.right() - left);
    let at = pos2((centre - width / 2.0).max(left), top - 32.0);
    text_cut(&p, at, r.right() - left, &others, font::caption(), theme.text_3);
    let n_of = |a: LabelId, b: LabelId| report.found.items(a, b).len();
    let off = labels.iter().flat_map(|&a| labels.iter().map(move |&b| (a, b))).filter(|(a, b)| a != b);
    let most = off.map(|(a, b)| n_of(a, b)).max().unwrap_or(0).max(1);
    let mut clicked = None;
    for (i, &a) in labels.iter().enumerate() {
        let y = top + size * i as f32;
        let name = doc.label(a);
        let width = text_width(&p, name, font::caption()).min(names);
        let middle = y + (size - 2.0) / 2.0;
        text_cut(&p, pos2(left - 10.0 - width, middle), width + 1.0, name, font::caption(), theme.text);
        let edge = Rect::from_min_size(pos2(left - 5.0, y), vec2(2.0, size - 2.0));
        p.rect_filled(edge, 0.0, theme.label(a));
        for (j, &b) in labels.iter().enumerate() {
            let cell = Rect::from_min_size(pos2(left + size * j as f32, y), vec2(size - 2.0, size - 2.0));
            if i == 0 {
                let name = doc.label(b);
                let room = size - 3.0;
                let width = text_width(&p, name, font::caption()).min(room);
                let at = pos2(cell.center().x - width / 2.0, top - 14.0);
                text_cut(&p, at, room + 1.0, name, font::caption(), theme.text);
                let edge = Rect::from_min_size(pos2(cell.left(), top - 5.0), vec2(size - 2.0, 2.0));
                p.rect_filled(edge, 0.0, theme.label(b));
            }
            let n = n_of(a, b);
            let ground = if n == 0 { theme.raised } else { theme.quantity(n as f32 / most as f32) };
            if a == b {
                p.rect(cell, 2.0, theme.panel, Stroke::new(1.0, theme.line_strong), StrokeKind::Inside);
            } else {
                p.rect_filled(cell, 2.0, ground);
            }
            let on = brush == Some((a, b));
            if on {
                p.rect_stroke(cell.expand(1.0), 2.0, Stroke::new(2.0, theme.text), StrokeKind::Outside);
            }
            if n == 0 {
                continue;
            }
            let ink = if a == b { theme.text_3 } else { Theme::on(ground) };
            let digits = thousands(n as u64);
            if text_width(&p, &digits, font::mono_small()) <= size - 3.0 {
                text(&p, cell.center(), Align2::CENTER_CENTER, &digits, font::mono_small(), ink);
            }
            let words = format!("A {}, B {}: {n}", doc.label(a), doc.label(b));
            let response = hit_as(ui, cell, ui.scope_id().with(("cell", a, b)), &words, Some(on));
            if response.clicked() {
                clicked = Some((a, b));
            }
            response.on_hover_text(format!("{words} items. Click to list them; ← and → walk"));
        }
    }
    let y = top + size * k as f32 + 9.0;
    if y < r.bottom() + 6.0 {
        let words = "colour: off the diagonal only";
        text(&p, pos2(left, y), Align2::LEFT_CENTER, words, font::caption(), theme.text_3);
    }
    clicked
}
