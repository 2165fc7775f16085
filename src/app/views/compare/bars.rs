//! How they label: bars that mirror each other, and the difference with its interval.

use egui::{Align2, Rangef, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use crate::analysis::compare::CompareReport;
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::widgets::paint::{heading, hit, number, side_badge, spoken, text, text_cut, text_width};
use crate::app::widgets::theme::{Theme, font, mix};
use crate::dataset::LabelId;
use crate::stats::comparison::LabelUse;

/// Width of the number at the outer end of a bar.
const NUMBER: f32 = 42.0;

/// Paints the panel.
pub(super) fn ui(
    ui: &Ui,
    r: Rect,
    doc: &Document,
    report: &CompareReport,
    labels: &[LabelId],
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter_at(r.expand(4.0));
    let words = "shares in %, difference with 95 % interval";
    heading(&p, theme, pos2(r.left(), r.top() + 8.0), "How they label", words);
    let uses: Vec<&LabelUse> = report.found.labels.iter().filter(|l| labels.contains(&l.label)).collect();
    let most = uses.iter().flat_map(|l| l.shares).fold(0.0, f64::max).max(1e-9);
    // Half the width for the bars of both, the names between them, the rest for differences.
    let names = uses
        .iter()
        .map(|l| text_width(&p, doc.label(l.label), font::caption()))
        .fold(36.0_f32, f32::max)
        .min(r.width() * 0.2)
        + 16.0;
    let differences = (r.width() * 0.26).clamp(84.0, 170.0);
    let bar = ((r.width() - names - differences - 2.0 * NUMBER - 20.0) / 2.0).clamp(30.0, 320.0);
    let middle = r.left() + NUMBER + bar;
    let (left, right) = (middle, middle + names);
    let top = r.top() + 50.0;
    side_badge(ui, pos2(r.left() + NUMBER + 9.0, top - 14.0), 0);
    side_badge(ui, pos2(right + bar - 9.0, top - 14.0), 1);
    // Bars that are long enough leave the rest to the differences.
    let from = right + bar + NUMBER + 20.0;
    let axis = Rangef::new(from, (r.right() - 6.0).min(from + 420.0));
    text(&p, pos2(axis.center(), top - 14.0), Align2::CENTER_CENTER, "B − A", font::caption(), theme.text_3);
    let bottom = r.bottom() - 16.0;
    let step = ((bottom - top) / uses.len().max(1) as f32).min(46.0);
    let reach = reach(&uses);
    let x = |points: f64| axis.center() + axis.span() / 2.0 * (points / reach) as f32;
    let end = top + step * uses.len() as f32;
    p.vline(x(0.0), Rangef::new(top, end), Stroke::new(1.0, theme.line_strong));
    // A short axis has room for its middle only.
    let ends = if axis.span() < 84.0 { &[0.0][..] } else { &[-reach, 0.0, reach] };
    for &points in ends {
        let sign = if points > 0.0 { "+" } else { "" };
        let words = format!("{sign}{}", number(points, usize::from(reach < 2.0)));
        text(&p, pos2(x(points), end + 9.0), Align2::CENTER_CENTER, &words, font::mono_small(), theme.text_3);
    }
    for (i, label) in uses.iter().enumerate() {
        let y = top + step * (i as f32 + 0.5);
        let height = (step - 6.0).clamp(6.0, 26.0);
        let name = doc.label(label.label);
        let width = text_width(&p, name, font::caption()).min(names - 12.0);
        let centre = f32::midpoint(left, right);
        text_cut(&p, pos2(centre - width / 2.0, y), width + 1.0, name, font::caption(), theme.text);
        for side in 0..2 {
            let share = label.shares[side];
            let length = (bar * (share / most) as f32).max(if share > 0.0 { 1.0 } else { 0.0 });
            let (from, to) = if side == 0 { (left - length, left) } else { (right, right + length) };
            let area = Rect::from_min_max(pos2(from, y - height / 2.0), pos2(to, y + height / 2.0));
            let hue = theme.label(label.label);
            if side == 0 {
                p.rect_filled(area, 1.0, hue);
            } else if length > 0.0 {
                p.rect(area, 1.0, mix(theme.panel, hue, 0.28), Stroke::new(1.5, hue), StrokeKind::Inside);
            }
            let percent = number(100.0 * share, 1);
            let (at, align) = if side == 0 {
                (pos2(from - 6.0, y), Align2::RIGHT_CENTER)
            } else {
                (pos2(to + 6.0, y), Align2::LEFT_CENTER)
            };
            text(&p, at, align, &percent, font::mono(), theme.text);
            let who = report.asked.sides[side].words(&doc.dataset);
            let words = format!("{name}, {who}: {percent} percent");
            let whole = if side == 0 { area.with_min_x(left - bar) } else { area.with_max_x(right + bar) };
            let response = hit(ui, whole, ui.scope_id().with(("bar", side, label.label)), &words);
            if response.clicked() {
                let items = report.of_label(side, label.label);
                let words = format!("{who} says {name}");
                out.extend(items.map(|items| Request::Filter(vec![Condition::among(words, items.clone())])));
            }
            response.on_hover_text(format!("{words}. Click for the items"));
        }
        difference_ui(ui, label, y, &x, name);
    }
    let hidden = report.found.labels.len() - uses.len();
    if hidden > 0 {
        let words = format!("{hidden} more labels, on which they part less");
        text(
            &p,
            pos2(r.left(), r.bottom() - 4.0),
            Align2::LEFT_CENTER,
            &words,
            font::caption(),
            theme.text_3,
        );
    }
}

/// The end of the axis, in points: the least round number that holds all intervals.
fn reach(uses: &[&LabelUse]) -> f64 {
    let far = |l: &&LabelUse| {
        let (low, high) = l.interval.unwrap_or((l.difference(), l.difference()));
        100.0 * low.abs().max(high.abs()).min(1.0)
    };
    let far = uses.iter().map(far).fold(0.0, f64::max);
    [1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 50.0, 75.0].into_iter().find(|r| *r >= far).unwrap_or(100.0)
}

fn difference_ui(ui: &Ui, label: &LabelUse, y: f32, x: &dyn Fn(f64) -> f32, name: &str) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let points = 100.0 * label.difference();
    let ink = if label.differs() { theme.text } else { theme.text_3 };
    let mut words = format!("{name}: {} points", number(points, 1));
    let mut ends = (x(points), x(points));
    if let Some((low, high)) = label.interval {
        let (low, high) = (100.0 * low, 100.0 * high);
        ends = (x(low), x(high));
        p.hline(ends.0..=ends.1, y, Stroke::new(2.0, ink));
        words.push_str(&format!(", 95 % interval {} to {}", number(low, 1), number(high, 1)));
    }
    let centre = pos2(x(points), y);
    if label.differs() {
        p.circle_filled(centre, 4.0, ink);
    } else {
        p.circle(centre, 4.0, theme.panel, Stroke::new(1.5, ink));
        words.push_str("; the interval holds 0");
    }
    let area = Rect::from_min_max(pos2(ends.0, y), pos2(ends.1, y)).expand2(vec2(6.0, 8.0));
    spoken(ui, area, &words);
    ui.interact(area, ui.scope_id().with(("difference", label.label)), egui::Sense::hover())
        .on_hover_text(&words);
}
