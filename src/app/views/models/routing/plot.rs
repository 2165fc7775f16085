//! Curves of the tab: accuracy by budget, and scores in their order.

use egui::{Align2, Color32, Pos2, Rect, Sense, Stroke, Ui, pos2, vec2};

use crate::analysis::routing::Order;
use crate::app::widgets::paint::{count, heading, hit_as, number, text, text_width};
use crate::app::widgets::theme::{Theme, font};
use crate::stats::routing::Step;

/// Points of a line of scores.
const POINTS: usize = 200;

/// A curve: its name, its value at a step, its width and its ink.
type Curve = (&'static str, fn(&Step) -> f64, f32, Color32);

fn line(ui: &Ui, points: impl Iterator<Item = Pos2>, width: f32, color: Color32) {
    ui.painter().line(points.collect(), Stroke::new(width, color));
}

/// Accuracy after a share of looks: cross-validated, in-sample, at random and at best. The share that was clicked.
pub(super) fn curve_ui(ui: &Ui, r: Rect, order: &Order, budget: f64) -> Option<f64> {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    heading(
        p,
        theme,
        pos2(r.left(), r.top() + 8.0),
        "Accuracy by looks",
        "of items that the order was not learned from",
    );
    let curves: [Curve; 4] = [
        ("at best", |s| s.best, 1.0, theme.text_3),
        ("in-sample", |s| s.in_sample, 1.0, theme.mark),
        ("random", |s| s.random, 1.5, theme.text_2),
        ("this order", |s| s.learned, 2.0, theme.accent),
    ];
    let mut x = r.left();
    let y = r.top() + 28.0;
    for (name, _, width, ink) in curves.iter().rev() {
        p.hline(x..=x + 16.0, y, Stroke::new(*width, *ink));
        text(p, pos2(x + 22.0, y), Align2::LEFT_CENTER, name, font::caption(), theme.text_2);
        x += 22.0 + text_width(p, name, font::caption()) + 18.0;
    }
    let area = Rect::from_min_max(pos2(r.left() + 38.0, y + 16.0), pos2(r.right() - 16.0, r.bottom() - 18.0));
    let steps = &order.routed.curve;
    let low = (1.0 - order.routed.mistakes).min(0.98);
    let low = steps.iter().map(|s| s.learned).fold(low, f64::min);
    let at = |share: f64, v: f64| {
        let up = ((v - low) / (1.0 - low)) as f32;
        pos2(area.left() + area.width() * share as f32, area.bottom() - area.height() * up)
    };
    for v in [low, f64::midpoint(low, 1.0), 1.0] {
        let y = at(0.0, v).y;
        p.hline(area.x_range(), y, Stroke::new(1.0, theme.grid));
        let words = number(v, if low > 0.9 { 3 } else { 2 });
        text(p, pos2(area.left() - 6.0, y), Align2::RIGHT_CENTER, &words, font::mono_small(), theme.text_3);
    }
    for tick in 0..=4 {
        let share = f64::from(tick) / 4.0;
        let words = format!("{} %", number(100.0 * share, 0));
        let align = if tick == 4 { Align2::RIGHT_CENTER } else { Align2::CENTER_CENTER };
        let x = at(share, low).x + if tick == 4 { 14.0 } else { 0.0 };
        text(p, pos2(x, area.bottom() + 10.0), align, &words, font::mono_small(), theme.text_3);
    }
    for (_, of, width, ink) in curves {
        line(ui, steps.iter().map(|s| at(s.share, of(s))), width, ink);
    }
    let chosen = order.at(budget);
    p.vline(at(budget, low).x, area.y_range(), Stroke::new(1.0, theme.line_strong));
    p.circle_filled(at(chosen.share, chosen.learned), 4.0, theme.accent);
    let hit = area.expand2(vec2(0.0, 4.0));
    let words = "Accuracy by looks: a click opens the first items of the worklist";
    let response = hit_as(ui, hit, ui.scope_id().with("budget curve"), words, None);
    let share = |x: f32| f64::from((x - area.left()) / area.width()).clamp(0.0, 1.0);
    let clicked = response.clicked().then(|| {
        // Without a pointer, what is chosen already.
        response.interact_pointer_pos().map_or(budget, |pointer| share(pointer.x))
    });
    if let Some(pointer) = response.hover_pos() {
        let s = order.at(share(pointer.x));
        p.vline(pointer.x, area.y_range(), Stroke::new(1.0, theme.text_3));
        p.circle_filled(at(s.share, s.learned), 3.0, theme.accent);
        let words = format!(
            "{} ({} %): {} right, at random {}, at best {}. Click to open them",
            count(order.budget(share(pointer.x)), "item", "items"),
            number(100.0 * s.share, 1),
            number(s.learned, 3),
            number(s.random, 3),
            number(s.best, 3)
        );
        response.on_hover_text_at_pointer(words);
    }
    clicked
}

/// A line of scores in their order, with a place marked in it.
pub(super) fn scores_ui(ui: &Ui, r: Rect, scores: &[f64], mark: Option<usize>, words: &str) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let (Some(&first), Some(&last)) = (scores.first(), scores.last()) else { return };
    let (low, high) = (first.min(last), first.max(last));
    let area =
        Rect::from_min_max(pos2(r.left() + 44.0, r.top() + 4.0), pos2(r.right() - 4.0, r.bottom() - 6.0));
    let n = scores.len();
    let at = |place: usize| {
        let x = place as f32 / (n - 1).max(1) as f32;
        let up = ((scores[place] - low) / (high - low).max(1e-12)) as f32;
        pos2(area.left() + area.width() * x, area.bottom() - area.height() * up)
    };
    for v in [low, high] {
        let y = if v == low { area.bottom() } else { area.top() };
        p.hline(area.x_range(), y, Stroke::new(1.0, theme.grid));
        let words = number(v, 1);
        text(p, pos2(area.left() - 6.0, y), Align2::RIGHT_CENTER, &words, font::mono_small(), theme.text_3);
    }
    if low < 0.0 && high > 0.0 {
        let y = area.bottom() + area.height() * (low / (high - low)) as f32;
        p.hline(area.x_range(), y, Stroke::new(1.0, theme.line_strong));
    }
    let shown = n.min(POINTS);
    let place = |i: usize| if shown < 2 { 0 } else { i * (n - 1) / (shown - 1) };
    line(ui, (0..shown).map(|i| at(place(i))), 1.5, theme.text_2);
    if let Some(mark) = mark.filter(|&m| m < n) {
        let point = at(mark);
        p.vline(point.x, area.y_range(), Stroke::new(1.0, theme.accent));
        p.circle_filled(point, 4.0, theme.accent);
    }
    let response = ui.interact(area, ui.scope_id().with(("scores", words)), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, words));
    response.on_hover_text(words);
}
