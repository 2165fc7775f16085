//! The histogram of label quality, with a threshold to drag.

use egui::{Align2, Color32, Rect, Sense, Stroke, Ui, pos2, vec2};

use super::model::Overview;
use super::{OverviewState, PAD};
use crate::app::document::Document;
use crate::app::query::{BINS, Condition};
use crate::app::request::Request;
use crate::app::widgets::paint::{count, heading, number, text, text_block};
use crate::app::widgets::theme::{Theme, font};

pub(super) fn quality_ui(
    ui: &mut Ui,
    r: Rect,
    doc: &Document,
    o: &Overview,
    state: &mut OverviewState,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let r = r.shrink2(vec2(PAD, 12.0));
    let p = ui.painter().clone();
    let total: u32 = o.quality.iter().map(|b| b.0 + b.1).sum();
    if total == 0 {
        heading(&p, theme, pos2(r.left(), r.top() + 10.0), "Label quality", "");
        let words = doc.quality_missing_words();
        text_block(&p, pos2(r.left(), r.top() + 32.0), r.width(), &words, font::body(), theme.text_2);
        return;
    }
    heading(&p, theme, pos2(r.left(), r.top() + 10.0), "Label quality", "drag to select the low end");
    let plot = Rect::from_min_max(pos2(r.left() - 4.0, r.top() + 30.0), pos2(r.right(), r.bottom() - 22.0));
    let below = |q: f64| {
        let upto = (q * BINS as f64).round() as usize;
        o.quality.iter().take(upto).fold((0, 0), |s, b| (s.0 + b.0 + b.1, s.1 + b.0))
    };
    let most = f64::from(o.quality.iter().map(|b| b.0 + b.1).max().unwrap_or(1));
    let width = 1.0 / BINS as f64;
    let bars = |color: Color32, pick: Pick<'_>| {
        o.quality
            .iter()
            .enumerate()
            .filter(|(_, b)| pick(b).0 > 0)
            .map(|(i, b)| {
                let (n, base) = pick(b);
                egui_plot::Bar::new((i as f64 + 0.5) * width, f64::from(n))
                    .width(width * 0.82)
                    .base_offset(f64::from(base))
                    .fill(color)
                    .stroke(Stroke::NONE)
            })
            .collect::<Vec<_>>()
    };
    let flagged = bars(theme.accent, &|b| (b.0, 0));
    let rest = bars(theme.mark, &|b| (b.1, b.0));
    let threshold = state.threshold;
    let response = ui
        .scope_builder(egui::UiBuilder::new().max_rect(plot).id_salt("quality"), |ui| {
            ui.visuals_mut().override_text_color = Some(theme.text_3);
            ui.style_mut().text_styles.insert(egui::TextStyle::Body, font::mono_small());
            egui_plot::Plot::new("quality")
                .width(plot.width())
                .height(plot.height())
                .show_background(false)
                .allow_drag(false)
                .allow_zoom(false)
                .allow_scroll(false)
                .allow_boxed_zoom(false)
                .allow_double_click_reset(false)
                .show_x(false)
                .show_y(false)
                .show_crosshair(false)
                .show_grid([false, true])
                .grid_color(theme.grid)
                .default_x_bounds(0.0, 1.0)
                .default_y_bounds(0.0, most * 1.12)
                .auto_bounds(false)
                .set_margin_fraction(vec2(0.0, 0.0))
                .sense(Sense::click_and_drag())
                .x_grid_spacer(|_| grid(&[0.0, 0.5, 1.0]))
                .x_axis_formatter(|m, _| number(m.value, 1))
                .show(ui, |plot| {
                    plot.bar_chart(egui_plot::BarChart::new("not flagged", rest).allow_hover(false));
                    plot.bar_chart(egui_plot::BarChart::new("flagged", flagged).allow_hover(false));
                    plot.vline(
                        egui_plot::VLine::new("threshold", threshold)
                            .color(theme.text)
                            .width(1.0)
                            .allow_hover(false),
                    );
                    plot.pointer_coordinate()
                })
        })
        .inner;
    let (n, n_flagged) = below(state.threshold);
    let frame = response.response.rect;
    response.response.widget_info(|| {
        egui::WidgetInfo::labeled(
            egui::Role::Canvas,
            true,
            format!("Label quality: {n} items below {}", number(threshold, 2)),
        )
    });
    let at = response.transform.position_from_point(&egui_plot::PlotPoint::new(state.threshold, 0.0));
    p.add(egui::Shape::convex_polygon(
        vec![
            at + vec2(-5.0, 2.0),
            at + vec2(5.0, 2.0),
            at + vec2(5.0, 8.0),
            at + vec2(0.0, 12.0),
            at + vec2(-5.0, 8.0),
        ],
        theme.text,
        Stroke::NONE,
    ));
    let side = if at.x + 130.0 > frame.right() { (Align2::RIGHT_TOP, -6.0) } else { (Align2::LEFT_TOP, 6.0) };
    let words = format!(
        "below {}:\n{}, {n_flagged} flagged",
        number(state.threshold, 2),
        count(n as usize, "item", "items")
    );
    text(&p, pos2(at.x + side.1, frame.top() + 4.0), side.0, &words, font::caption(), theme.text);
    let y = r.bottom() - 6.0;
    let mut x = r.left();
    for (color, words) in [(theme.accent, "flagged"), (theme.mark, "not flagged")] {
        p.rect_filled(Rect::from_center_size(pos2(x + 4.0, y), vec2(8.0, 8.0)), 2.0, color);
        x = text(&p, pos2(x + 13.0, y), Align2::LEFT_CENTER, words, font::caption(), theme.text_2).right()
            + 12.0;
    }
    if (response.response.dragged() || response.response.clicked())
        && let Some(c) = response.inner
    {
        state.threshold = ((c.x * BINS as f64).round() / BINS as f64).clamp(width, 1.0);
    }
    if response.response.drag_stopped() || response.response.clicked() {
        out.push(Request::Filter(vec![Condition::QualityBelow(state.threshold)]));
    }
}

/// From the counts of a bin (flagged, not): how high a bar, and on what it stands.
type Pick<'a> = &'a dyn Fn(&(u32, u32)) -> (u32, u32);

pub(super) fn grid(values: &[f64]) -> Vec<egui_plot::GridMark> {
    values.iter().map(|&value| egui_plot::GridMark { value, step_size: 0.5 }).collect()
}
