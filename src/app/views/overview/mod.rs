//! The whole at a glance: three facts, the evidence below them, what to do next.

pub(in crate::app) mod data;
mod facts;
pub mod model;
mod quality;
mod side;

use egui::{Align2, Rect, Sense, Stroke, StrokeKind, Ui, pos2, vec2};

use self::facts::facts_ui;
use self::model::{Fact, Overview};
use self::quality::quality_ui;
use self::side::side_ui;
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::state::View;
use crate::app::views::empty;
use crate::app::widgets::paint::{
    self, bar_bare, bar_outline, count, heading, hit, label_chip, number, text, text_block, text_cut,
    thousands,
};
use crate::app::widgets::theme::{Theme, font};
use crate::stats::Statistic;

/// What the view remembers.
#[derive(Debug, Clone)]
pub struct OverviewState {
    /// Everything below this quality is meant.
    pub threshold: f64,
}

impl Default for OverviewState {
    fn default() -> Self {
        Self { threshold: 0.25 }
    }
}

const SIDE: f32 = 300.0;
const FACTS: f32 = 232.0;
const PAD: f32 = 16.0;

/// Paints the overview.
pub fn ui(ui: &mut Ui, doc: &Document, state: &mut OverviewState, out: &mut Vec<Request>) {
    let (Some(analysis), Some(derived)) = (&doc.analysis, &doc.derived) else {
        empty::loading(ui, ui.max_rect());
        return;
    };
    let o = &derived.overview;
    let full = ui.max_rect();
    let side = if full.width() > 980.0 { SIDE } else { 0.0 };
    let left = Rect::from_min_max(full.min, pos2(full.right() - side, full.bottom()));
    let n_labels = o.labels.len();
    let middle = (46.0 * n_labels as f32 + 70.0).clamp(300.0, 480.0);
    let wanted = FACTS + middle + if o.raters.is_empty() { 0.0 } else { 210.0 };
    let theme = Theme::of(ui.ctx());
    ui.scope_builder(egui::UiBuilder::new().max_rect(left).id_salt("overview"), |ui| {
        ui.set_clip_rect(left.intersect(ui.clip_rect()));
        egui::ScrollArea::vertical().id_salt("overview").auto_shrink(false).show(ui, |ui| {
            let height = wanted.max(left.height());
            let (rect, _) = ui.allocate_exact_size(vec2(left.width(), height), Sense::hover());
            let facts = Rect::from_min_size(rect.min, vec2(rect.width(), FACTS));
            facts_ui(ui, facts, doc, o, out);
            let mid_height =
                if o.raters.is_empty() { height - FACTS } else { middle + (height - wanted) * 0.4 };
            let mid = Rect::from_min_size(pos2(rect.left(), facts.bottom()), vec2(rect.width(), mid_height));
            ui.painter().hline(rect.x_range(), mid.top(), theme.border());
            let third = mid.width() / 3.0;
            let column = |i: usize| {
                Rect::from_min_size(pos2(mid.left() + third * i as f32, mid.top()), vec2(third, mid.height()))
            };
            for i in 1..3 {
                ui.painter().vline(column(i).left(), mid.y_range(), theme.border());
            }
            labels_ui(ui, column(0), doc, o, out);
            agreement_ui(ui, column(1), doc, analysis, out);
            quality_ui(ui, column(2), doc, o, state, out);
            if !o.raters.is_empty() {
                let strip = Rect::from_min_max(pos2(rect.left(), mid.bottom()), rect.max);
                ui.painter().hline(rect.x_range(), strip.top(), theme.border());
                raters_ui(ui, strip, doc, o, out);
            }
        });
    });
    if side > 0.0 {
        let right = Rect::from_min_max(pos2(left.right(), full.top()), full.max);
        ui.painter().rect_filled(right, 0.0, theme.raised);
        ui.painter().vline(right.left(), right.y_range(), theme.border());
        side_ui(ui, right, doc, o, out);
    }
}

fn labels_ui(ui: &mut Ui, r: Rect, doc: &Document, o: &Overview, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let r = r.shrink2(vec2(PAD, 12.0));
    heading(
        ui.painter(),
        theme,
        pos2(r.left(), r.top() + 10.0),
        "Labels",
        &o.against.map_or_else(|| "given".to_owned(), |against| format!("given against {against}")),
    );
    let area = Rect::from_min_max(pos2(r.left(), r.top() + 28.0), pos2(r.right(), r.bottom() - 22.0));
    let step = (area.height() / o.labels.len().max(1) as f32).clamp(34.0, 52.0);
    ui.scope_builder(egui::UiBuilder::new().max_rect(area).id_salt("labels"), |ui| {
        ui.set_clip_rect(area.intersect(ui.clip_rect()));
        let content = step * o.labels.len() as f32;
        egui::ScrollArea::vertical().id_salt("labels").auto_shrink(false).show(ui, |ui| {
            let (rect, _) = ui.allocate_exact_size(vec2(area.width(), content.max(1.0)), Sense::hover());
            let p = ui.painter().clone();
            let most = o.labels.iter().map(|l| l.given.max(l.against)).max().unwrap_or(1).max(1) as f32;
            let widest =
                o.labels.iter().take(40).map(|l| paint::text_width(&p, doc.label(l.label), font::body()));
            let names = (widest.fold(40.0_f32, f32::max) + 22.0).min(rect.width() * 0.36);
            for (i, row) in o.labels.iter().enumerate() {
                let y = rect.top() + step * i as f32 + step / 2.0 - 2.0;
                let line = Rect::from_min_size(pos2(rect.left(), y - 17.0), vec2(rect.width() - 8.0, 34.0));
                if !ui.is_rect_visible(line) {
                    continue;
                }
                let name = doc.label(row.label);
                let difference = row.against as i64 - row.given as i64;
                let opposite =
                    o.against.map_or_else(String::new, |against| format!(", {against} {}", row.against));
                let words = format!("{name}: given {}{opposite}", row.given);
                let response = hit(ui, line, ui.scope_id().with(("label", i)), &words);
                if response.hovered() {
                    p.rect_filled(line, 2.0, theme.hover);
                }
                if response.clicked() {
                    out.push(if ui.input(|i| i.modifiers.shift) {
                        Request::AddCondition(Condition::Given(row.label))
                    } else {
                        Request::Filter(vec![Condition::Given(row.label)])
                    });
                }
                label_chip(&p, theme, pos2(rect.left(), y), names - 4.0, row.label, name, theme.text);
                let x = rect.left() + names;
                let room = (rect.right() - x - 96.0).max(20.0);
                let upper = Rect::from_min_size(pos2(x, y - 13.0), vec2(room, 12.0));
                let lower = Rect::from_min_size(pos2(x, y + 1.0), vec2(room, 12.0));
                bar_bare(&p, upper, row.given as f32 / most, theme.label(row.label));
                let mut bars = vec![(upper, row.given, theme.text)];
                if o.against.is_some() {
                    bar_outline(&p, lower, row.against as f32 / most, theme.label(row.label));
                    bars.push((lower, row.against, theme.text_3));
                }
                for (rect, n, color) in bars {
                    let end = pos2(rect.left() + room * n as f32 / most + 6.0, rect.center().y);
                    text(&p, end, Align2::LEFT_CENTER, &thousands(n as u64), font::mono_small(), color);
                }
                if o.against.is_none() {
                    continue;
                }
                let strong = difference.unsigned_abs() >= 10;
                let words = match difference {
                    0 => "±0".to_owned(),
                    d if d > 0 => format!("+{d}"),
                    d => format!("−{}", -d),
                };
                let color = if strong { theme.text } else { theme.text_3 };
                text(&p, pos2(rect.right() - 10.0, y), Align2::RIGHT_CENTER, &words, font::mono(), color);
            }
        });
    });
    let Some(against) = o.against else { return };
    let p = ui.painter();
    let y = r.bottom() - 6.0;
    let words = format!("{against} ({})", doc.consensus_words());
    let words = if against == "consensus" { words } else { against.to_owned() };
    let w = paint::text_width(p, &words, font::caption());
    let x = r.right() - w;
    text(p, pos2(x, y), Align2::LEFT_CENTER, &words, font::caption(), theme.text_2);
    let square = |x: f32| Rect::from_center_size(pos2(x, y), vec2(9.0, 9.0));
    p.rect_stroke(square(x - 10.0), 1.0, Stroke::new(1.0, theme.text_2), StrokeKind::Inside);
    text(p, pos2(x - 24.0, y), Align2::RIGHT_CENTER, "given", font::caption(), theme.text_2);
    p.rect_filled(square(x - 62.0), 1.0, theme.text_3);
}

fn agreement_ui(
    ui: &mut Ui,
    r: Rect,
    doc: &Document,
    analysis: &crate::analysis::Analysis,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let r = r.shrink2(vec2(PAD, 12.0));
    let a = &analysis.agreement;
    if let Statistic::Undefined(reason) = &a.percent_agreement {
        heading(ui.painter(), theme, pos2(r.left(), r.top() + 10.0), "Agreement", "");
        let words = format!(
            "Undefined: {reason}. It needs a table in which several raters labelled the same items: one row a vote, or \
             one column a rater"
        );
        text_block(
            ui.painter(),
            pos2(r.left(), r.top() + 32.0),
            r.width(),
            &words,
            font::body(),
            theme.text_2,
        );
        return;
    }
    heading(
        ui.painter(),
        theme,
        pos2(r.left(), r.top() + 10.0),
        "Agreement",
        "95 % intervals, then α by label",
    );
    let mut rows: Vec<(String, &Statistic, Option<u32>, &'static str)> = vec![
        ("Percent agreement".to_owned(), &a.percent_agreement, None, "percent_agreement"),
        ("Krippendorff α".to_owned(), &a.krippendorff_alpha_nominal, None, "krippendorff_alpha"),
        ("Fleiss κ".to_owned(), &a.fleiss_kappa, None, "fleiss_kappa"),
        ("Cohen κ, pair mean".to_owned(), &a.cohen_kappa.mean, None, "cohen_kappa"),
    ];
    for (l, s) in a.per_label.iter().enumerate() {
        rows.push((doc.label(l as u32).to_owned(), s, Some(l as u32), "krippendorff_alpha"));
    }
    let p = ui.painter_at(r);
    let top = r.top() + 30.0;
    let bottom = r.bottom() - 20.0;
    let step = ((bottom - top) / rows.len() as f32).clamp(18.0, 25.0);
    let shown = ((bottom - top) / step).floor() as usize;
    let lowest = rows
        .iter()
        .filter_map(|x| x.1.estimate())
        .map(|e| e.ci.map_or(e.value, |c| c.0))
        .fold(1.0_f64, f64::min);
    let low = if lowest >= 0.5 { 0.5 } else { (lowest * 4.0).floor() / 4.0 }.max(-1.0);
    let axis = egui::Rangef::new(r.left() + 142.0, r.right() - 44.0);
    let x = |v: f64| axis.min + axis.span() * ((v - low) / (1.0 - low)) as f32;
    let ticks = if axis.span() > 90.0 { 2 } else { 1 };
    for i in 0..=ticks {
        let v = low + (1.0 - low) * f64::from(i) / f64::from(ticks);
        p.vline(x(v), egui::Rangef::new(top, bottom), Stroke::new(1.0, theme.grid));
        text(
            &p,
            pos2(x(v), bottom + 10.0),
            Align2::CENTER_CENTER,
            &number(v, 2),
            font::mono_small(),
            theme.text_3,
        );
    }
    for (i, (name, statistic, label, page)) in rows.iter().take(shown).enumerate() {
        let y = top + step * (i as f32 + 0.5);
        if i == 4 {
            p.hline(r.x_range(), y - step / 2.0, Stroke::new(1.0, theme.grid));
        }
        let line = Rect::from_min_max(pos2(r.left() - 4.0, y - step / 2.0), pos2(r.right(), y + step / 2.0));
        let value = statistic.value().map_or_else(|| "—".to_owned(), |v| number(v, 2));
        let response = hit(ui, line, ui.scope_id().with(("agreement", i)), &format!("{name}: {value}"));
        if response.hovered() {
            p.rect_filled(line, 2.0, theme.hover);
        }
        if response.clicked() {
            out.push(match label {
                Some(l) => Request::Filter(vec![Condition::Voted(*l), Condition::Split]),
                None => Request::Explain(page),
            });
        }
        response.on_hover_ui(|ui| statistic_tip(ui, name, statistic, page));
        match label {
            Some(l) => {
                label_chip(&p, theme, pos2(r.left(), y), 132.0, *l, name, theme.text);
            }
            None => {
                text_cut(&p, pos2(r.left(), y), 138.0, name, font::body(), theme.text);
            }
        }
        let color = if label.is_some() { theme.text_3 } else { theme.text };
        if let Some(e) = statistic.estimate() {
            if let Some((from, to)) = e.ci {
                p.hline(x(from.max(low))..=x(to), y, Stroke::new(2.0, color));
            }
            p.circle_filled(pos2(x(e.value.max(low)), y), 4.0, color);
        }
        let color = if statistic.value().is_some() { theme.text } else { theme.text_3 };
        text(&p, pos2(r.right(), y), Align2::RIGHT_CENTER, &value, font::mono(), color);
    }
}

/// What a number means: definition, interval, n; or why there is none.
pub fn statistic_tip(ui: &mut Ui, name: &str, statistic: &Statistic, page: &str) {
    ui.strong(name);
    match statistic {
        Statistic::Defined(e) => {
            let ci = e.ci.map_or_else(String::new, |(a, b)| {
                format!(", 95 % interval {} to {}", number(a, 3), number(b, 3))
            });
            ui.label(format!("{}{ci}", number(e.value, 4)));
            ui.label(format!(
                "n = {}, {}",
                count(e.n_items, "item", "items"),
                count(e.n_raters, "rater", "raters")
            ));
            if e.n_items < 50 && e.ci.is_some() {
                ui.small("With few items the interval is too narrow whatever one does");
            }
        }
        Statistic::Undefined(reason) => {
            ui.label(format!("Undefined: {reason}"));
        }
    }
    if let Some(page) = crate::app::pages::get(page) {
        ui.separator();
        ui.small(page.summary);
    }
}

fn raters_ui(ui: &Ui, r: Rect, doc: &Document, o: &Overview, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let r = r.shrink2(vec2(PAD, 12.0));
    let p = ui.painter_at(r.expand(4.0));
    heading(
        &p,
        theme,
        pos2(r.left(), r.top() + 10.0),
        "Raters",
        "competence (Dawid–Skene: the chance of giving the true label), lowest first; number of votes below",
    );
    let plot =
        Rect::from_min_max(pos2(r.left() + 34.0, r.top() + 36.0), pos2(r.right() - 6.0, r.bottom() - 40.0));
    let lowest = o.raters.first().map_or(0.0, |x| x.1);
    let low = ((lowest * 5.0).floor() / 5.0).clamp(0.0, 0.8);
    let y = |v: f64| plot.bottom() - plot.height() * ((v - low) / (1.0 - low)) as f32;
    let ticks = ((1.0 - low) / 0.2).round() as usize;
    for t in 0..=ticks {
        let v = low + 0.2 * t as f64;
        p.hline(plot.x_range(), y(v), Stroke::new(1.0, theme.grid));
        text(
            &p,
            pos2(plot.left() - 8.0, y(v)),
            Align2::RIGHT_CENTER,
            &number(v, 1),
            font::mono_small(),
            theme.text_3,
        );
    }
    let median = o.median_competence.unwrap_or(1.0);
    p.extend(egui::Shape::dashed_line(
        &[pos2(plot.left(), y(median)), pos2(plot.right(), y(median))],
        Stroke::new(1.0, theme.text_3),
        2.0,
        3.0,
    ));
    text(
        &p,
        pos2(plot.right(), y(median) + 11.0),
        Align2::RIGHT_CENTER,
        &format!("median {}", number(median, 2)),
        font::caption(),
        theme.text_3,
    );
    let weak: &[u32] = o
        .facts
        .iter()
        .find_map(|f| if let Fact::WeakRaters { raters, .. } = f { Some(raters.as_slice()) } else { None })
        .unwrap_or_default();
    let n = o.raters.len();
    let step = plot.width() / n.max(1) as f32;
    let most = o.raters.iter().map(|x| x.2).max().unwrap_or(1).max(1) as f32;
    let base = r.bottom() - 30.0;
    text(
        &p,
        pos2(plot.left() - 8.0, base + 6.0),
        Align2::RIGHT_CENTER,
        "n",
        font::mono_small(),
        theme.text_3,
    );
    // More raters than pixels would hide one another: then every one is a line of its own no more.
    for (i, &(rater, competence, votes)) in o.raters.iter().enumerate() {
        let x = plot.left() + step * (i as f32 + 0.5);
        let stands_out = weak.contains(&rater);
        let color = if stands_out { theme.text } else { theme.mark };
        let dot = pos2(x, y(competence.max(low)));
        if n <= 400 {
            p.vline(
                x,
                egui::Rangef::new(dot.y.min(y(median)), dot.y.max(y(median))),
                Stroke::new(1.0, if stands_out { theme.text } else { theme.line_strong }),
            );
        }
        p.circle_filled(dot, if stands_out { 5.0 } else { 4.0_f32.min(step * 0.45).max(1.5) }, color);
        if stands_out {
            // Neighbours would write over one another on one line.
            let below = if i % 2 == 0 { 13.0 } else { 26.0 };
            text(
                &p,
                dot + vec2(0.0, below),
                Align2::CENTER_CENTER,
                doc.rater_name(rater),
                font::mono_small(),
                theme.text,
            );
        }
        let bar = Rect::from_min_size(
            pos2(x - (step * 0.3).min(5.0), base),
            vec2((step * 0.6).clamp(1.0, 10.0), 28.0 * votes as f32 / most),
        );
        p.rect_filled(bar, 1.0, theme.line_strong);
        if n <= 400 {
            let zone = Rect::from_x_y_ranges(x - step / 2.0..=x + step / 2.0, plot.top()..=r.bottom());
            let words = format!(
                "{}: competence {}, {}",
                doc.rater_name(rater),
                number(competence, 2),
                count(votes, "vote", "votes")
            );
            let response = hit(ui, zone, ui.scope_id().with(("rater", rater)), &words);
            if response.clicked() {
                out.push(Request::Show(View::Raters));
                out.push(Request::SelectRater(rater));
            }
            response.on_hover_text(words);
        }
    }
}
