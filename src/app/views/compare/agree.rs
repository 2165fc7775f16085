//! How far they agree: within each side, between both, and label by label.

use std::sync::Arc;

use egui::{Align2, Rangef, Rect, Sense, Stroke, Ui, pos2, vec2};

use crate::analysis::compare::{CompareReport, FEW};
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::widgets::paint::{heading, hit_as, label_chip, number, spoken, text, text_cut};
use crate::app::widgets::theme::{Theme, font};
use crate::dataset::LabelId;
use crate::stats::Statistic;
use crate::stats::comparison::TOP;
use crate::stats::estimate::Z_975;

/// Height of a line.
const LINE: f32 = 23.0;

/// One line: a value with its interval, or why there is none.
struct Line<'a> {
    name: &'a str,
    /// Whose square stands before the name.
    label: Option<LabelId>,
    value: Option<f64>,
    interval: Option<(f64, f64)>,
    why_not: &'a str,
    strong: bool,
    /// More to say, the items behind it, and what they are: words that follow "where".
    behind: Option<(String, Arc<[u32]>, &'static str)>,
}

/// Paints the panel.
pub(super) fn ui(
    ui: &mut Ui,
    r: Rect,
    doc: &Document,
    report: &CompareReport,
    labels: &[LabelId],
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter_at(r.expand(4.0));
    heading(&p, theme, pos2(r.left(), r.top() + 8.0), "How far they agree", "95 % intervals");
    let quiet = report.found.n_items < FEW;
    let mut y = r.top() + 34.0;
    let caption = |y: f32, words: &str| {
        text_cut(&p, pos2(r.left(), y), r.width(), words, font::caption(), theme.text_3);
    };
    let axis = Rangef::new(r.left() + (r.width() * 0.36).min(130.0), r.right() - 46.0);
    let mut lines: Vec<Line> = Vec::new();
    match &report.agreement {
        Ok((found, intervals)) => {
            let single = "one voice, no inner agreement";
            let none = "nobody else of this side labelled the same items, or all said one thing";
            let why = |s: usize| if report.n_raters[s] < 2 { single } else { none };
            let between = "no item is shared, or all said one thing";
            for (at, name, value, why_not) in [
                (0, "within A", found.within[0], why(0)),
                (1, "within B", found.within[1], why(1)),
                (2, "between", found.xrr, between),
            ] {
                let interval = intervals[at];
                lines.push(Line {
                    name,
                    label: None,
                    value,
                    interval,
                    why_not,
                    strong: at == 2,
                    behind: None,
                });
            }
        }
        Err(reason) => caption(y + LINE, &format!("— {reason}")),
    }
    if let Some(errors) = &report.errors {
        let (value, interval) = match &errors.consistency {
            Statistic::Defined(e) => (Some(e.value), e.ci),
            Statistic::Undefined(_) => (None, None),
        };
        let share = |right: f64| format!("{} %", number(100.0 * right, 1));
        let (of_a, of_b) = errors.table.accuracies().unwrap_or_default();
        let n = errors.table.n();
        let told = format!(
            "A is right on {}, B on {} of {n} items with a trusted label, both are wrong on {}; κ of right and wrong",
            share(of_a),
            share(of_b),
            errors.both_wrong.len()
        );
        let why_not = "one is always right, or always wrong";
        let behind = Some((told, errors.both_wrong.clone(), "both sides are wrong"));
        lines.push(Line {
            name: "same errors",
            label: None,
            value,
            interval,
            why_not,
            strong: false,
            behind,
        });
    }
    let answers = &report.found.answers;
    if let (Statistic::Defined(e), true) =
        (&answers.jaccard, answers.n_several > 0 && report.found.labels.len() > 2)
    {
        let top = answers.top.value().map_or_else(|| "—".to_owned(), |v| number(v, 3));
        let told = format!(
            "Answers in common, Σ min/Σ max of their shares, mean over items, not corrected for chance; of the {TOP} most given {top}"
        );
        lines.push(Line {
            name: "in common",
            label: None,
            value: Some(e.value),
            interval: e.ci,
            why_not: "",
            strong: false,
            behind: Some((told, report.least.clone(), "answers differ, those with least in common first")),
        });
    }
    let of_labels: Vec<Line> = report
        .found
        .labels
        .iter()
        .filter(|l| labels.contains(&l.label))
        .map(|l| Line {
            name: doc.label(l.label),
            label: Some(l.label),
            value: l.kappa.map(|k| k.kappa),
            interval: l.kappa.map(|k| (k.kappa - Z_975 * k.se, (k.kappa + Z_975 * k.se).min(1.0))),
            why_not: "both say it of all items, or of none",
            strong: false,
            behind: None,
        })
        .collect();
    let all = lines.iter().chain(&of_labels);
    let lowest = all.filter_map(|l| Some(l.interval.map_or(l.value?, |i| i.0))).fold(1.0_f64, f64::min);
    let low = if lowest >= 0.5 { 0.5 } else { (lowest * 4.0).floor() / 4.0 }.clamp(-1.0, 0.5);
    let x = |v: f64| axis.min + axis.span() * ((v.max(low) - low) / (1.0 - low)) as f32;
    caption(y, &format!("single votes, chance-corrected, {}", report.measure.words().0.to_lowercase()));
    y += 18.0;
    // Where there are lines of a plot: its upper and its lower part.
    let ticks: Vec<f64> =
        (0..=((1.0 - low) / 0.25).floor() as u32).map(|i| 1.0 - 0.25 * f64::from(i)).collect();
    let rules = |from: f32, to: f32| {
        for v in &ticks {
            p.vline(x(*v), Rangef::new(from, to), Stroke::new(1.0, theme.grid));
        }
    };
    rules(y - LINE / 2.0, y - LINE / 2.0 + LINE * lines.len() as f32);
    for line in &lines {
        line_ui(
            ui,
            Rect::from_min_max(pos2(r.left(), y - LINE / 2.0), pos2(r.right(), y + LINE / 2.0)),
            line,
            low,
            quiet,
            &x,
            out,
        );
        y += LINE;
    }
    let kappa = report.found.kappa.map_or_else(
        || "—".to_owned(),
        |k| {
            let (low, high) = (k.kappa - Z_975 * k.se, (k.kappa + Z_975 * k.se).min(1.0));
            format!("{} [{}, {}]", number(k.kappa, 2), number(low, 2), number(high, 2))
        },
    );
    y += 6.0;
    caption(y, &format!("κ by label · all labels {kappa}"));
    y += 18.0;
    let bottom = r.bottom() - 14.0;
    let room = ((bottom - y) / LINE).max(0.0) as usize;
    let area = Rect::from_min_max(pos2(r.left(), y - LINE / 2.0), pos2(r.right(), bottom));
    let end = (area.top() + LINE * of_labels.len().min(room) as f32).min(bottom);
    rules(area.top(), end);
    // What has no room is scrolled to, and does not stand in the numbers of the axis.
    let area = area.with_max_y(end);
    for v in &ticks {
        let at = pos2(x(*v), end + 8.0);
        text(&p, at, Align2::CENTER_CENTER, &number(*v, 2), font::mono_small(), theme.text_3);
    }
    ui.scope_builder(egui::UiBuilder::new().max_rect(area).id_salt("by label"), |ui| {
        ui.set_clip_rect(area.expand2(vec2(6.0, 0.0)).intersect(ui.clip_rect()));
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            for line in &of_labels {
                let (at, _) = ui.allocate_exact_size(vec2(area.width(), LINE), Sense::hover());
                line_ui(ui, at, line, low, quiet, &x, out);
                ui.add_space(-ui.spacing().item_spacing.y);
            }
        });
    });
}

fn line_ui(
    ui: &Ui,
    r: Rect,
    line: &Line<'_>,
    low: f64,
    quiet: bool,
    x: &dyn Fn(f64) -> f32,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let y = r.center().y;
    let from = x(f64::NEG_INFINITY);
    let room = from - r.left() - 10.0;
    match line.label {
        Some(label) => {
            label_chip(p, theme, pos2(r.left(), y), room, label, line.name, theme.text_2);
        }
        None => {
            text_cut(p, pos2(r.left(), y), room, line.name, font::body(), theme.text_2);
        }
    }
    let Some(value) = line.value else {
        p.rect_filled(Rect::from_min_max(pos2(from, r.top()), r.max), 0.0, theme.panel);
        text_cut(
            p,
            pos2(from, y),
            r.right() - from,
            &format!("— {}", line.why_not),
            font::caption(),
            theme.text_3,
        );
        spoken(ui, r, &format!("{}: undefined, {}", line.name, line.why_not));
        return;
    };
    let ink = if quiet || !line.strong { theme.mark } else { theme.text };
    if let Some((a, b)) = line.interval {
        p.hline(x(a)..=x(b), y, Stroke::new(2.0, ink));
    }
    if value < low {
        let tip = pos2(from - 3.0, y);
        let points = vec![tip, tip + vec2(7.0, -4.5), tip + vec2(7.0, 4.5)];
        p.add(egui::Shape::convex_polygon(points, ink, Stroke::NONE));
    } else if quiet {
        p.circle(pos2(x(value), y), 4.0, theme.panel, Stroke::new(1.5, ink));
    } else {
        p.circle_filled(pos2(x(value), y), 4.0, ink);
    }
    text(p, pos2(r.right(), y), Align2::RIGHT_CENTER, &number(value, 2), font::mono(), theme.text);
    let mut words = format!("{}: {}", line.name, number(value, 3));
    if let Some((a, b)) = line.interval {
        words.push_str(&format!(", 95 % interval {} to {}", number(a, 3), number(b, 3)));
    }
    if let Some((more, items, what)) = &line.behind {
        words.push_str(&format!(". {more}"));
        let response = hit_as(ui, r, ui.scope_id().with(("agree", line.name)), &words, None);
        if response.clicked() && !items.is_empty() {
            out.push(Request::Filter(vec![Condition::listed((*what).to_owned(), items.clone())]));
        }
        response.on_hover_text(format!("{words}. Click for the items where {what}"));
        return;
    }
    spoken(ui, r, &words);
    ui.interact(r, ui.scope_id().with(("agree", line.name, line.label)), Sense::hover())
        .on_hover_text(&words);
}
