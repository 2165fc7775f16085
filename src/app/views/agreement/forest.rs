//! All coefficients, each with its interval, on one axis.

use egui::{Align2, Rangef, Rect, Sense, Stroke, Ui, pos2, vec2};

use super::AgreementState;
use crate::analysis::coefficients::{Coefficients, Row};
use crate::app::widgets::paint::{heading, hit_as, number, text, text_cut};
use crate::app::widgets::theme::{Theme, font};
use crate::dataset::Scale;
use crate::stats::agreement::Takes;

const STEP: f32 = 26.0;
const PAD: f32 = 16.0;

pub(super) fn forest_ui(ui: &mut Ui, rect: Rect, coefficients: &Coefficients, state: &mut AgreementState) {
    let theme = Theme::of(ui.ctx());
    let r = rect.shrink2(vec2(PAD, 12.0));
    heading(
        ui.painter(),
        theme,
        pos2(r.left(), r.top() + 10.0),
        "Coefficients",
        "points with 95 % intervals; a ring marks the one that fits",
    );
    let (rows, unordered) = shown(coefficients);
    let lowest = rows
        .iter()
        .filter_map(|row| row.statistic.estimate())
        .map(|e| e.ci.map_or(e.value, |ci| ci.0))
        .fold(1.0_f64, f64::min);
    let low = if lowest >= 0.5 { 0.5 } else { (lowest * 4.0).floor() / 4.0 }.clamp(-1.0, 0.5);
    let names = (r.width() * 0.36).clamp(150.0, 250.0);
    let axis = Rangef::new(r.left() + names, r.right() - 116.0);
    let x = move |v: f64| axis.min + axis.span() * ((v.max(low) - low) / (1.0 - low)) as f32;
    let note = if unordered > 0 { 30.0 } else { 0.0 };
    let bottom = (r.top() + 28.0 + STEP * rows.len() as f32).min(r.bottom() - 18.0 - note);
    let area = Rect::from_min_max(pos2(r.left(), r.top() + 28.0), pos2(r.right(), bottom));
    let every = if low < -0.25 { 0.5 } else { 0.25 };
    for i in 0..=((1.0 - low) / every).floor() as u32 {
        let v = 1.0 - every * f64::from(i);
        ui.painter().vline(x(v), area.y_range(), Stroke::new(1.0, theme.grid));
        let at = pos2(x(v), area.bottom() + 9.0);
        text(ui.painter(), at, Align2::CENTER_CENTER, &number(v, 2), font::mono_small(), theme.text_3);
    }
    if low < 0.0 {
        ui.painter().vline(x(0.0), area.y_range(), Stroke::new(1.0, theme.line_strong));
    }
    if unordered > 0 {
        let words =
            format!("{unordered} more need labels with an order or values; choose another scale above");
        let at = pos2(r.left() + 2.0, bottom + 34.0);
        text_cut(ui.painter(), at, r.width(), &words, font::body(), theme.text_3);
    }
    let selected = state.selected.unwrap_or(coefficients.recommended());
    ui.scope_builder(egui::UiBuilder::new().max_rect(area).id_salt("forest"), |ui| {
        ui.set_clip_rect(area.expand2(vec2(6.0, 0.0)).intersect(ui.clip_rect()));
        egui::ScrollArea::vertical().id_salt("forest").auto_shrink(false).show(ui, |ui| {
            let height = STEP * rows.len() as f32;
            let (all, _) = ui.allocate_exact_size(vec2(area.width(), height), Sense::hover());
            for (i, row) in rows.iter().copied().enumerate() {
                let y = all.top() + STEP * (i as f32 + 0.5);
                let line = Rect::from_min_max(
                    pos2(all.left() - 4.0, y - STEP / 2.0),
                    pos2(all.right(), y + STEP / 2.0),
                );
                let on = row.about.kind == selected;
                let fits = row.about.kind == coefficients.recommended();
                if row_ui(ui, line, row, (on, fits), &x) {
                    state.selected = Some(row.about.kind);
                }
            }
        });
    });
}

/// The coefficients that the scale has a meaning for, and how many it has none for.
pub(super) fn shown(coefficients: &Coefficients) -> (Vec<&Row>, usize) {
    let nominal = coefficients.scale == Scale::Nominal;
    let rows: Vec<&Row> =
        coefficients.rows.iter().filter(|r| !nominal || r.about.takes != Takes::Values).collect();
    let unordered = coefficients.rows.len() - rows.len();
    (rows, unordered)
}

fn row_ui(ui: &Ui, line: Rect, row: &Row, (on, fits): (bool, bool), x: &dyn Fn(f64) -> f32) -> bool {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let value = row.statistic.value();
    let words = match (value, row.statistic.reason()) {
        (Some(v), _) => format!("{}: {}", row.about.name, number(v, 3)),
        (None, reason) => format!("{}: {}", row.about.name, reason.unwrap_or_default()),
    };
    let id = ui.scope_id().with(("coefficient", row.about.id));
    let response = hit_as(ui, line, id, &words, Some(on));
    if on {
        p.rect_filled(line, 2.0, theme.selected);
    } else if response.hovered() {
        p.rect_filled(line, 2.0, theme.hover);
    }
    let y = line.center().y;
    let color = if value.is_some() { theme.text } else { theme.text_3 };
    let names = x(f64::NEG_INFINITY) - line.left() - 18.0;
    text_cut(p, pos2(line.left() + 6.0, y), names, row.about.name, font::body(), color);
    match (&row.statistic, row.statistic.estimate()) {
        (_, Some(e)) => {
            let ink = if on || fits { theme.text } else { theme.text_3 };
            if let Some((from, to)) = e.ci {
                p.hline(x(from)..=x(to), y, Stroke::new(2.0, ink));
            }
            p.circle_filled(pos2(x(e.value), y), 4.0, ink);
            if fits {
                p.circle_stroke(pos2(x(e.value), y), 7.0, Stroke::new(1.5, theme.accent));
            }
            let right = line.right() - 4.0;
            text(
                p,
                pos2(right - 74.0, y),
                Align2::RIGHT_CENTER,
                &number(e.value, 3),
                font::mono(),
                theme.text,
            );
            if let Some((from, to)) = e.ci {
                let span = format!("{}–{}", short(from), short(to));
                text(p, pos2(right, y), Align2::RIGHT_CENTER, &span, font::mono_small(), theme.text_3);
            }
        }
        _ => {
            let reason = row.statistic.reason().unwrap_or_default();
            let from = x(f64::NEG_INFINITY);
            text_cut(
                p,
                pos2(from, y),
                line.right() - from - 4.0,
                &format!("— {reason}"),
                font::caption(),
                theme.text_3,
            );
        }
    }
    response.clicked()
}

/// `.71`, `−.05`, `1`: two digits without the nought.
fn short(v: f64) -> String {
    let s = number(v, 2);
    match s
        .strip_prefix("0.")
        .map(|r| format!(".{r}"))
        .or_else(|| s.strip_prefix("−0.").map(|r| format!("−.{r}")))
    {
        Some(s) => s,
        None => s,
    }
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn noughts_before_the_point_are_left_out() {
        assert_eq!([short(0.712), short(-0.05), short(1.0)], [".71", "−.05", "1.00"]);
    }
}
