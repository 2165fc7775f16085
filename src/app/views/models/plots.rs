//! Three plots of one model: confidence against agreement, distances, and what follows people's disagreement.

use egui::{Align2, Rangef, Rect, Sense, Stroke, Ui, pos2, vec2};

use super::{Brush, ModelsState};
use crate::analysis::models::{ModelReport, ModelsReport};
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::paint::{bar_bare, heading, hit_as, link, number, text, text_cut, thousands};
use crate::app::widgets::theme::{Theme, font};
use crate::stats::Statistic;

/// Paints the band.
pub(super) fn ui(ui: &Ui, band: Rect, state: &mut ModelsState, report: &ModelsReport, model: &ModelReport) {
    let theme = Theme::of(ui.ctx());
    let first = (band.height() + 60.0).min(band.width() * 0.34);
    let second = (band.width() - first) * 0.5;
    let x = [band.left(), band.left() + first, band.left() + first + second, band.right()];
    for i in 0..3 {
        let panel = Rect::from_min_max(pos2(x[i], band.top()), pos2(x[i + 1], band.bottom()));
        if i > 0 {
            ui.painter().vline(panel.left(), panel.y_range(), theme.border());
        }
        let inner = panel.shrink2(vec2(16.0, 12.0));
        match i {
            0 => reliability_ui(ui, inner, state, model),
            1 => distances_ui(ui, inner, state, report, model),
            _ => follows_ui(ui, inner, state, model),
        }
    }
}

/// Share of items on which the prediction has the most votes, by how sure the model is.
fn reliability_ui(ui: &Ui, r: Rect, state: &mut ModelsState, model: &ModelReport) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    heading(p, theme, pos2(r.left(), r.top() + 8.0), "How sure, how right", "");
    let Ok(c) = &model.calibration else { return };
    let area =
        Rect::from_min_max(pos2(r.left() + 30.0, r.top() + 26.0), pos2(r.right() - 6.0, r.bottom() - 18.0));
    let at = |x: f64, y: f64| {
        pos2(area.left() + area.width() * x as f32, area.bottom() - area.height() * y as f32)
    };
    for v in [0.0, 0.5, 1.0] {
        p.hline(area.x_range(), at(0.0, v).y, Stroke::new(1.0, theme.grid));
        let words = number(v, 1);
        text(
            p,
            pos2(area.left() - 6.0, at(0.0, v).y),
            Align2::RIGHT_CENTER,
            &words,
            font::mono_small(),
            theme.text_3,
        );
        text(
            p,
            pos2(at(v, 0.0).x, area.bottom() + 9.0),
            Align2::CENTER_CENTER,
            &words,
            font::mono_small(),
            theme.text_3,
        );
    }
    p.line_segment([at(0.0, 0.0), at(1.0, 1.0)], Stroke::new(1.0, theme.line_strong));
    let most = c.bins.iter().map(|b| b.items.len()).max().unwrap_or(1).max(1);
    let mut before: Option<egui::Pos2> = None;
    for b in &c.bins {
        if let (Some(x), Some(y)) = (b.confidence, b.accuracy) {
            let point = at(x, y);
            if let Some(before) = before {
                p.line_segment([before, point], Stroke::new(1.0, theme.mark));
            }
            before = Some(point);
        }
    }
    for (i, b) in c.bins.iter().enumerate() {
        let (Some(x), Some(y)) = (b.confidence, b.accuracy) else { continue };
        let radius = 3.0 + 5.0 * (b.items.len() as f32 / most as f32).sqrt();
        let on = state.brush == Brush::Confidence(i);
        let point = at(x, y);
        p.circle_filled(point, radius, if on { theme.accent } else { theme.text });
        let words = format!(
            "{} to {} sure: {} items, right on {}",
            number(b.low, 1),
            number(b.high, 1),
            thousands(b.items.len() as u64),
            number(y, 2)
        );
        let hit = Rect::from_center_size(point, vec2(20.0, 20.0));
        let response = hit_as(ui, hit, ui.scope_id().with(("confidence", i)), &words, Some(on));
        if response.clicked() {
            state.brush_on(Brush::Confidence(i));
        }
        response.on_hover_text(format!("{words}. Click for the items"));
    }
}

/// How many items are how far from people.
fn distances_ui(ui: &Ui, r: Rect, state: &mut ModelsState, report: &ModelsReport, model: &ModelReport) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    heading(p, theme, pos2(r.left(), r.top() + 8.0), "How far from people’s votes", "items by distance");
    let Ok(c) = &model.calibration else { return };
    let area = Rect::from_min_max(pos2(r.left(), r.top() + 44.0), pos2(r.right(), r.bottom() - 18.0));
    let most = c.by_distance.iter().map(|items| items.len()).max().unwrap_or(1).max(1);
    let width = area.width() / c.by_distance.len().max(1) as f32;
    for (i, n) in c.by_distance.iter().map(|items| items.len()).enumerate() {
        let left = area.left() + width * i as f32;
        let height = (area.height() * n as f32 / most as f32).max(if n > 0 { 1.0 } else { 0.0 });
        let bar = Rect::from_min_max(
            pos2(left + 1.0, area.bottom() - height),
            pos2(left + width - 1.0, area.bottom()),
        );
        let on = state.brush == Brush::Distance(i);
        p.rect_filled(bar, 0.0, if on { theme.accent } else { theme.mark });
        if n == 0 {
            continue;
        }
        let edge = |i: usize| number(i as f64 / c.by_distance.len() as f64, 2);
        let words = format!("{} to {}: {} items", edge(i), edge(i + 1), thousands(n as u64));
        let whole = Rect::from_min_max(pos2(left, area.top()), pos2(left + width, area.bottom()));
        let response = hit_as(ui, whole, ui.scope_id().with(("distance", i)), &words, Some(on));
        if response.clicked() {
            state.brush_on(Brush::Distance(i));
        }
        response.on_hover_text(format!("{words}. Click for them"));
    }
    p.hline(area.x_range(), area.bottom(), theme.border());
    for v in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let x = area.left() + area.width() * v as f32;
        let align = if v == 0.0 {
            Align2::LEFT_CENTER
        } else if v == 1.0 {
            Align2::RIGHT_CENTER
        } else {
            Align2::CENTER_CENTER
        };
        text(p, pos2(x, area.bottom() + 9.0), align, &number(v, 2), font::mono_small(), theme.text_3);
    }
    let line = |value: f64, words: &str, y: f32, ink: egui::Color32| {
        let x = area.left() + area.width() * value.clamp(0.0, 1.0) as f32;
        p.vline(x, Rangef::new(y + 6.0, area.bottom()), Stroke::new(1.0, ink));
        text(p, pos2(x + 4.0, y), Align2::LEFT_CENTER, words, font::caption(), ink);
    };
    if let Some(mean) = c.distance.value() {
        line(mean, &format!("mean {}", number(mean, 2)), area.top() + 2.0, theme.text);
    }
    if let Ok(half) = &report.ceiling {
        let mean = half.distance.mean;
        line(mean, &format!("half of the people {}", number(mean, 2)), area.top() - 12.0, theme.text_2);
    }
}

/// Which number made of the probabilities follows people's disagreement; and how right the model is where they disagree.
fn follows_ui(ui: &Ui, r: Rect, state: &mut ModelsState, model: &ModelReport) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    heading(p, theme, pos2(r.left(), r.top() + 8.0), "What follows people’s disagreement", "Spearman’s ρ");
    let mut y = r.top() + 32.0;
    let room = r.bottom() - y;
    let slices = model.by_entropy.iter().filter(|s| !s.items.is_empty()).count();
    let scores = ((room - 26.0 - FACT * (slices + 1) as f32) / 20.0).floor().clamp(2.0, 7.0) as usize;
    match &model.uncertainty {
        Err(reason) => {
            text_cut(p, pos2(r.left(), y), r.width(), &format!("— {reason}"), font::caption(), theme.text_3);
            y += 20.0;
        }
        Ok(u) => {
            let left = r.left() + (r.width() * 0.46).min(190.0);
            for row in u.rows.iter().take(scores) {
                let name = row.score.name();
                text_cut(p, pos2(r.left(), y), left - r.left() - 8.0, &name, font::body(), theme.text_2);
                let (value, share) = match &row.spearman {
                    Statistic::Defined(e) => (number(e.value, 3), e.value),
                    Statistic::Undefined(_) => ("—".to_owned(), 0.0),
                };
                let bar = Rect::from_min_max(pos2(left, y - 5.0), pos2(r.right() - 52.0, y + 5.0));
                bar_bare(p, bar, share.max(0.0) as f32, theme.mark);
                text(p, pos2(r.right(), y), Align2::RIGHT_CENTER, &value, font::mono(), theme.text);
                let line = Rect::from_min_max(pos2(r.left(), y - 10.0), pos2(r.right(), y + 10.0));
                let words = match &row.spearman {
                    Statistic::Defined(_) => format!("{name}: ρ {value}"),
                    Statistic::Undefined(reason) => format!("{name}: — {reason}"),
                };
                let response = ui.interact(line, ui.scope_id().with(("score", &name)), Sense::hover());
                response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &words));
                response.on_hover_text(words);
                y += 20.0;
            }
        }
    }
    y += 4.0;
    p.hline(r.x_range(), y, Stroke::new(1.0, theme.grid));
    y += 4.0;
    for (i, slice) in model.by_entropy.iter().enumerate().filter(|(_, s)| !s.items.is_empty()) {
        let what = match i {
            0 => "right where all agree".to_owned(),
            i => format!("… where they disagree, {} of {}", i, model.by_entropy.len() - 1),
        };
        let right = slice.accuracy.first().and_then(Statistic::value);
        let right = right.map_or_else(|| "—".to_owned(), |v| number(v, 2));
        let value = format!("{right}  of {}", thousands(slice.items.len() as u64));
        let fact = Fact {
            what: &what,
            value: &value,
            opens: true,
            selected: state.brush == Brush::Entropy(i),
            hint: "Share of items whose most probable label has the most votes, by the entropy of the votes. Click for the items",
        };
        if y + FACT > r.bottom() + 4.0 {
            return;
        }
        if fact.show(ui, Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT)), ("slice", i)) {
            state.brush_on(Brush::Entropy(i));
        }
        y += FACT;
    }
    if !model.near_misses.is_empty() && y + FACT <= r.bottom() + 4.0 {
        let words =
            format!("{} items where most chose its second choice", thousands(model.near_misses.len() as u64));
        if link(ui, pos2(r.left(), y + FACT / 2.0), &words, "near").clicked() {
            state.brush_on(Brush::Near);
        }
    }
}
