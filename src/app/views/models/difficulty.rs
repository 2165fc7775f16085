//! What is hard for people against what is hard for models: four quadrants that open their items, time, conditions.

use std::collections::BTreeMap;

use egui::{Align2, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::ModelsState;
use crate::analysis::difficulty::{DifficultyReport, QUADRANTS, Quadrants};
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::paint::{
    count, heading, link, narrowed, number, spoken, text, text_block, text_cut, thousands, two_panes,
};
use crate::app::widgets::theme::{Theme, font};
use crate::report::difficulty::times_words;
use crate::stats::Statistic;

/// Height of the line of choices.
const LINE: f32 = 40.0;

fn told(s: &Statistic) -> String {
    match s {
        Statistic::Undefined(reason) => format!("— {reason}"),
        Statistic::Defined(e) => match e.ci {
            Some((low, high)) => {
                format!("{}  ({} to {})", number(e.value, 3), number(low, 2), number(high, 2))
            }
            None => number(e.value, 3),
        },
    }
}

/// What was found, in a sentence.
pub(super) fn finding(report: &DifficultyReport) -> String {
    let rho = report.pairs.first().and_then(|p| p.items[0].estimate());
    let same = match rho {
        Some(e) if e.ci.is_some_and(|ci| ci.0 > 0.0) => "Hard for people is hard for models",
        Some(e) if e.ci.is_some_and(|ci| ci.1 < 0.0) => "Hard for people is easy for models",
        Some(_) => "Difficulty of people and models may have nothing in common",
        None => "Difficulty of people and models cannot be compared",
    };
    let value = rho.map_or_else(String::new, |e| format!(", ρ {}", number(e.value, 2)));
    let parted = report.quadrants.as_ref().map_or_else(
        |_| String::new(),
        |q| {
            let n = q.items[1].len() + q.items[2].len();
            format!("; {} hard for one only", count(n, "item", "items"))
        },
    );
    format!("{same}{value}{parted}")
}

/// The items of the quadrant under the cursor.
pub(super) fn behind(report: &DifficultyReport, row: usize) -> Option<Request> {
    let items = report.quadrants.as_ref().ok()?.items.get(row)?;
    let words = QUADRANTS.get(row)?;
    (!items.is_empty()).then(|| Request::Filter(vec![Condition::listed((*words).to_owned(), items.clone())]))
}

/// Paints the tab.
pub(super) fn ui(
    ui: &mut Ui,
    body: Rect,
    doc: &Document,
    state: &mut ModelsState,
    report: &DifficultyReport,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let mut rest = body;
    if !doc.difficulty_conditions.is_empty() {
        let (x, y) = (body.left() + 16.0, body.top() + 6.0);
        let at = pos2(x, y + 14.0);
        let x = text(ui.painter(), at, Align2::LEFT_CENTER, "conditions by", font::caption(), theme.text_3)
            .right();
        let name = |at: Option<usize>| {
            at.and_then(|at| doc.dataset.metadata.get(at)).map_or("nothing", |column| column.0.as_str())
        };
        let now = report.asked.condition;
        let button = crate::app::widgets::paint::Button::new(name(now));
        let (response, _) = button.show(ui, pos2(x + 8.0, y), "conditions by");
        egui::Popup::menu(&response).show(|ui| {
            let all = std::iter::once(None).chain(doc.difficulty_conditions.iter().copied().map(Some));
            for at in all {
                if ui.selectable_label(at == now, name(at)).clicked() {
                    state.condition = at;
                }
            }
        });
        ui.painter().hline(body.x_range(), body.top() + LINE, theme.border());
        rest = Rect::from_min_max(pos2(body.left(), body.top() + LINE), body.max);
    }
    state.category = state.category.min(QUADRANTS.len() - 1);
    let (left, right) = two_panes(ui, rest, 0.56, (480.0, 1100.0));
    plot_ui(ui, left.shrink2(vec2(16.0, 12.0)), state, report, out);
    let inner = narrowed(right.shrink2(vec2(16.0, 14.0)));
    ui.scope_builder(egui::UiBuilder::new().max_rect(inner).id_salt("difficulty"), |ui| {
        egui::ScrollArea::vertical().id_salt("difficulty").auto_shrink(false).show(ui, |ui| {
            let top = ui.cursor().min;
            let r = Rect::from_min_size(top, vec2(inner.width() - 12.0, inner.height()));
            let bottom = facts_ui(ui, r, state, report, out);
            ui.allocate_space(vec2(r.width(), bottom - top.y));
        });
    });
}

/// Places of items in the plot, with how many are there: shares and bits come on few values.
fn places(report: &DifficultyReport) -> Vec<(f64, f64, usize)> {
    let mut at: BTreeMap<(i64, i64), usize> = BTreeMap::new();
    let place = |v: f64| (v * 200.0).round() as i64;
    for item in &report.items {
        if let Some(models) = item.models {
            *at.entry((place(item.people), place(models))).or_insert(0) += 1;
        }
    }
    at.into_iter().map(|((x, y), n)| (x as f64 / 200.0, y as f64 / 200.0, n)).collect()
}

fn plot_ui(ui: &Ui, r: Rect, state: &mut ModelsState, report: &DifficultyReport, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    heading(
        p,
        theme,
        pos2(r.left(), r.top() + 8.0),
        "Items",
        "a quadrant opens its items; the lines are medians",
    );
    let area =
        Rect::from_min_max(pos2(r.left() + 40.0, r.top() + 30.0), pos2(r.right() - 4.0, r.bottom() - 44.0));
    p.rect_stroke(area, 0.0, theme.border(), StrokeKind::Inside);
    let words = format!("across: {}; up: {}", report.people, report.models);
    text_cut(p, pos2(area.left(), area.bottom() + 30.0), area.width(), &words, font::caption(), theme.text_3);
    let points = places(report);
    if points.is_empty() {
        let words = "No item has both";
        text(p, area.center(), Align2::CENTER_CENTER, words, font::body(), theme.text_3);
        return;
    }
    let most =
        |of: &dyn Fn(&(f64, f64, usize)) -> f64| points.iter().map(of).fold(0.0_f64, f64::max).max(0.05);
    let (x_most, y_most) = (1.08 * most(&|p| p.0), 1.08 * most(&|p| p.1));
    let low = 0.06;
    let at = |x: f64, y: f64| {
        let share = |v: f64, most: f64| ((v / most + low) / (1.0 + low)) as f32;
        pos2(area.left() + area.width() * share(x, x_most), area.bottom() - area.height() * share(y, y_most))
    };
    for part in 0..=4 {
        let (x, y) = (x_most / 1.08 * f64::from(part) / 4.0, y_most / 1.08 * f64::from(part) / 4.0);
        let to = at(x, y);
        p.vline(to.x, area.y_range(), Stroke::new(1.0, theme.grid));
        p.hline(area.x_range(), to.y, Stroke::new(1.0, theme.grid));
        let below = pos2(to.x, area.bottom() + 10.0);
        text(p, below, Align2::CENTER_CENTER, &number(x, 2), font::mono_small(), theme.text_3);
        let beside = pos2(area.left() - 5.0, to.y);
        text(p, beside, Align2::RIGHT_CENTER, &number(y, 2), font::mono_small(), theme.text_3);
    }
    let largest = points.iter().map(|p| p.2).max().unwrap_or(1) as f32;
    if let Ok(q) = &report.quadrants {
        quadrants_ui(ui, area, &at, q, state, report, out);
    }
    for &(x, y, n) in &points {
        let radius = 2.0 + 9.0 * (n as f32 / largest).sqrt() * f32::from(u8::from(largest > 1.0));
        p.circle(at(x, y), radius, theme.mark.gamma_multiply(0.35), Stroke::new(1.0, theme.mark));
    }
}

/// The four parts of the plot: each says how many items it holds, and opens them.
fn quadrants_ui(
    ui: &Ui,
    area: Rect,
    at: &dyn Fn(f64, f64) -> egui::Pos2,
    q: &Quadrants,
    state: &mut ModelsState,
    report: &DifficultyReport,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    // What is at the median stands on its side of the line.
    let side = |split: &crate::stats::difficulty::Split, before: f32| {
        if split.with_median { -before } else { before }
    };
    let middle =
        at(q.splits[0].median, q.splits[1].median) + vec2(side(&q.splits[0], 8.0), -side(&q.splits[1], 8.0));
    for (which, items) in q.items.iter().enumerate() {
        let (hard_people, hard_models) = (which % 2 == 1, which / 2 == 1);
        let part = Rect::from_min_max(
            pos2(
                if hard_people { middle.x } else { area.left() },
                if hard_models { area.top() } else { middle.y },
            ),
            pos2(
                if hard_people { area.right() } else { middle.x },
                if hard_models { middle.y } else { area.bottom() },
            ),
        );
        let response = ui.interact(part, ui.scope_id().with(("quadrant", which)), Sense::click());
        let words = format!("{}: {}", QUADRANTS[which], count(items.len(), "item", "items"));
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &words));
        if state.category == which {
            p.rect_filled(part, 0.0, theme.selected);
        } else if response.hovered() {
            p.rect_filled(part, 0.0, theme.hover);
        }
        if response.clicked() {
            state.category = which;
            out.extend(behind(report, which));
        }
        response.on_hover_text(words);
        let corner = match (hard_people, hard_models) {
            (false, false) => (part.left_bottom() + vec2(8.0, -12.0), Align2::LEFT_CENTER),
            (true, false) => (part.right_bottom() + vec2(-8.0, -12.0), Align2::RIGHT_CENTER),
            (false, true) => (part.left_top() + vec2(8.0, 12.0), Align2::LEFT_CENTER),
            (true, true) => (part.right_top() + vec2(-8.0, 12.0), Align2::RIGHT_CENTER),
        };
        text(p, corner.0, corner.1, &thousands(items.len() as u64), font::strong(), theme.text);
    }
    p.vline(middle.x, area.y_range(), Stroke::new(1.0, theme.accent));
    p.hline(area.x_range(), middle.y, Stroke::new(1.0, theme.accent));
}

/// Quadrants, correlations, time, conditions; where it ends.
fn facts_ui(
    ui: &Ui,
    r: Rect,
    state: &mut ModelsState,
    report: &DifficultyReport,
    out: &mut Vec<Request>,
) -> f32 {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let mut y = r.top() + 8.0;
    let fact = |y: &mut f32, what: &str, value: &str, (opens, selected): (bool, bool), hint: &str| {
        let line = Rect::from_min_size(pos2(r.left(), *y), vec2(r.width(), FACT));
        let fact = Fact { what, value, opens, selected, hint };
        let clicked = fact.show(ui, line, ("fact", what, y.to_bits()));
        *y += FACT;
        clicked
    };
    let block = |y: f32, words: &str| {
        let area = text_block(p, pos2(r.left(), y), r.width(), words, font::body(), theme.text_2);
        spoken(ui, area, words);
        area.bottom()
    };
    let names = report.names.join(", ");
    heading(p, theme, pos2(r.left(), y), "Quadrants", &names);
    y += 16.0;
    match &report.quadrants {
        Ok(q) => {
            for (which, items) in q.items.iter().enumerate() {
                let words = crate::app::views::capital(QUADRANTS[which]);
                let on = state.category == which;
                let hint =
                    "Above or below the median of either; those that part are listed from the widest gap on";
                if fact(&mut y, &words, &thousands(items.len() as u64), (!items.is_empty(), on), hint) {
                    state.category = which;
                    out.extend(behind(report, which));
                }
            }
        }
        Err(reason) => y = block(y, &format!("— {reason}")) + 4.0,
    }
    y += 18.0;
    heading(p, theme, pos2(r.left(), y), "Difficulty of", "Spearman’s ρ over items; Pearson’s r");
    y += 16.0;
    for pair in &report.pairs {
        fact(
            &mut y,
            &crate::app::views::capital(pair.name),
            &told(&pair.items[0]),
            (false, false),
            "ρ with its interval",
        );
        fact(&mut y, "   r", &told(&pair.items[1]), (false, false), "");
    }
    let bs: Vec<f64> = report.items.iter().filter_map(|i| i.b).collect();
    if !bs.is_empty() {
        let range = bs.iter().fold((f64::MAX, f64::MIN), |(l, h), &b| (l.min(b), h.max(b)));
        let value = format!("{} to {}", number(range.0, 2), number(range.1, 2));
        fact(
            &mut y,
            "Classical difficulty b",
            &value,
            (false, false),
            "ln((1 − p)/p) of the share p of right votes, item by item",
        );
        let low = report.items.iter().filter(|i| i.is_against());
        let low: Vec<u32> = low.map(|i| i.item).collect();
        if report.items.iter().any(|i| i.rest.is_some()) {
            let hint = "Who answers these rightly answers the rest worse (r below 0, p below .05; some are by chance): look at the trusted label";
            let value = thousands(low.len() as u64);
            if fact(&mut y, "Items against the rest", &value, (!low.is_empty(), false), hint) {
                let words = "a right answer goes with wrong ones elsewhere".to_owned();
                out.push(Request::Filter(vec![Condition::among(words, low.into())]));
            }
        }
    }
    if let Some(times) = &report.times {
        y = block(y + 8.0, &format!("Time is the mean of ln seconds; {}.", times_words(times))) + 4.0;
    }
    if report.n_without_gold > 0 {
        let n = count(report.n_without_gold, "item", "items");
        y = block(y + 8.0, &format!("{n} without a trusted label left out.")) + 4.0;
    }
    if let Some((name, conditions)) = &report.conditions {
        y += 18.0;
        let with_time = report.times.is_some();
        let caption = if with_time { "means: people, models, seconds" } else { "means: people, models" };
        heading(p, theme, pos2(r.left(), y), &format!("By {name}"), caption);
        y += 16.0;
        let dash = |v: Option<f64>| v.map_or_else(|| "—".to_owned(), |v| number(v, 2));
        for c in conditions {
            let time =
                if with_time { format!("  {}", dash(c.means[2].map(f64::exp))) } else { String::new() };
            let value = format!("{}  {}{time}", dash(c.means[0]), dash(c.means[1]));
            if fact(&mut y, &c.name, &value, (true, false), "Opens its items") {
                let words = format!("{name} is {}", c.name);
                out.push(Request::Filter(vec![Condition::among(words, c.items.clone())]));
            }
        }
        for pair in &report.pairs {
            let Some([rho, r]) = &pair.conditions else { continue };
            let value = format!("ρ {}  r {}", told(rho), told(r));
            let hint = "Of the means of conditions: larger than over items, and nothing of single items";
            fact(&mut y, &crate::app::views::capital(pair.name), &value, (false, false), hint);
        }
    }
    y += 26.0;
    if link(ui, pos2(r.left(), y), "How this is computed", "page").clicked() {
        out.push(Request::Explain("difficulty"));
    }
    y + 20.0
}
