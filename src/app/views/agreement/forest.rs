//! All coefficients, each with its interval, on one axis.

use egui::{Rect, Ui, pos2, vec2};

use super::AgreementState;
use crate::analysis::coefficients::{Coefficients, Row};
use crate::app::widgets::forest::{self, Forest};
use crate::app::widgets::paint::text_cut;
use crate::app::widgets::theme::{Theme, font};
use crate::dataset::Scale;
use crate::stats::agreement::Takes;

pub(super) fn coefficients_ui(
    ui: &mut Ui,
    rect: Rect,
    coefficients: &Coefficients,
    state: &mut AgreementState,
) {
    let theme = Theme::of(ui.ctx());
    let mut r = rect.shrink2(vec2(16.0, 12.0));
    let (shown, unordered) = shown(coefficients);
    if unordered > 0 {
        r.max.y -= 24.0;
        let words =
            format!("{unordered} more need labels with an order or values; choose another scale above");
        let below = (r.top() + 28.0 + forest::STEP * shown.len() as f32 + 34.0).min(r.bottom() + 12.0);
        let at = pos2(r.left() + 2.0, below);
        text_cut(ui.painter(), at, r.width(), &words, font::body(), theme.text_3);
    }
    let selected = state.selected.unwrap_or(coefficients.recommended());
    let rows: Vec<forest::Row> = shown
        .iter()
        .map(|row| forest::Row {
            name: row.about.name.to_owned(),
            statistic: row.statistic.clone(),
            cells: Vec::new(),
            ringed: row.about.kind == coefficients.recommended(),
        })
        .collect();
    let plot = Forest {
        title: ("Coefficients", "points with 95 % intervals; a ring marks the one that fits"),
        columns: &[],
        rows: &rows,
        selected: shown.iter().position(|row| row.about.kind == selected),
        whole: None,
        quiet: true,
        open: false,
    };
    if let Some(row) = plot.show(ui, r, std::mem::take(&mut state.reveal)) {
        state.selected = Some(shown[row].about.kind);
    }
}

/// The coefficients that the scale has a meaning for, and how many it has none for.
pub(super) fn shown(coefficients: &Coefficients) -> (Vec<&Row>, usize) {
    let nominal = coefficients.measure.scale() == Scale::Nominal;
    let rows: Vec<&Row> =
        coefficients.rows.iter().filter(|r| !nominal || r.about.takes != Takes::Values).collect();
    let unordered = coefficients.rows.len() - rows.len();
    (rows, unordered)
}
