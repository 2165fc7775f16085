//! One rater's course: the running share right, and where the wrong answers are.

use egui::{Align2, Rangef, Rect, Shape, Stroke, Ui, pos2, vec2};

use super::{missed, percent, points};
use crate::analysis::practice::{PracticeReport, RaterCourse, stretch};
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::widgets::paint::{Button, count, hit_as, link, spoken, text, text_cut, thousands};
use crate::app::widgets::theme::{Theme, font};

/// Height of the ticks of wrong answers.
const TICKS: f32 = 10.0;

/// Paints it.
pub(super) fn ui(
    ui: &Ui,
    r: Rect,
    doc: &Document,
    report: &PracticeReport,
    course: Option<&RaterCourse>,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let Some(course) = course else {
        text(p, r.center(), Align2::CENTER_CENTER, "Select a rater", font::body(), theme.text_3);
        return;
    };
    let name = doc.rater_name(course.rater);
    let wrong = report.wrong(course);
    let width = crate::app::widgets::paint::text_width(p, name, font::heading()).min(r.width() * 0.4);
    text_cut(p, pos2(r.left(), r.top() + 10.0), r.width() * 0.4, name, font::heading(), theme.text);
    let words = sentence(report, course);
    let left = r.left() + width + 12.0;
    let line = Rect::from_min_max(pos2(left, r.top()), pos2(r.right(), r.top() + 20.0));
    text_cut(p, pos2(left, r.top() + 10.0), line.width(), &words, font::body(), theme.text_2);
    spoken(ui, line, &format!("{name}: {words}"));
    let bottom = r.bottom() - 40.0;
    let area = Rect::from_min_max(
        pos2(r.left() + 34.0, r.top() + 36.0),
        pos2(r.right() - 4.0, bottom - TICKS - 26.0),
    );
    let y = |share: f64| area.bottom() - area.height() * share as f32;
    for share in [0.0, 0.5, 1.0] {
        p.hline(area.x_range(), y(share), Stroke::new(1.0, theme.grid));
        let at = pos2(area.left() - 6.0, y(share));
        text(p, at, Align2::RIGHT_CENTER, &percent(share), font::mono_small(), theme.text_3);
    }
    let shares = report.points(course);
    let stretch = stretch(course.n);
    let x = |answers: f64| area.left() + area.width() * (answers / course.n.max(1) as f64) as f32;
    // The first answers, of which the slope is.
    if course.slope.is_some() {
        let first = Rect::from_x_y_ranges(Rangef::new(area.left(), x(report.first as f64)), area.y_range());
        p.rect_filled(first, 0.0, theme.raised);
    }
    let last = course.n - stretch;
    let from = |i: usize| if shares.len() > 1 { last * i / (shares.len() - 1) } else { 0 };
    let at = |i: usize| pos2(x(from(i) as f64 + stretch as f64 / 2.0), y(f64::from(shares[i])));
    let line: Vec<egui::Pos2> = (0..shares.len()).map(at).collect();
    p.add(Shape::line(line, Stroke::new(1.5, theme.mark)));
    let step = area.width() / shares.len().max(1) as f32;
    for (i, &share) in shares.iter().enumerate() {
        let (first, end) = (from(i), from(i) + stretch);
        let words = format!("Answers {} to {end}: {} % right", first + 1, percent(f64::from(share)));
        let column =
            Rect::from_center_size(pos2(at(i).x, area.center().y), vec2(step.max(4.0), area.height()));
        let response = hit_as(ui, column, ui.scope_id().with(("stretch", i)), &words, None);
        p.circle_filled(at(i), if response.hovered() { 4.0 } else { 2.5 }, theme.text);
        if response.clicked() {
            let here = wrong.iter().filter(|w| (first..end).contains(&(w.1 as usize)));
            let items: Vec<u32> = here.map(|w| w.0).collect();
            if !items.is_empty() {
                let words = format!("answers {} to {end} of {name} that are wrong", first + 1);
                out.push(Request::Filter(vec![Condition::listed(words, items.into())]));
            }
        }
        response.on_hover_text(format!("{words}. Click for the wrong ones"));
    }
    ticks_ui(
        ui,
        Rect::from_min_max(
            pos2(area.left(), area.bottom() + 8.0),
            pos2(area.right(), area.bottom() + 8.0 + TICKS),
        ),
        wrong,
        course.n,
    );
    let under = area.bottom() + TICKS + 18.0;
    text(
        p,
        pos2(area.left(), under),
        Align2::LEFT_CENTER,
        "answer 1, ticks are wrong ones",
        font::caption(),
        theme.text_3,
    );
    text(
        p,
        pos2(area.right(), under),
        Align2::RIGHT_CENTER,
        &thousands(course.n as u64),
        font::mono_small(),
        theme.text_3,
    );
    let words = format!("Open {} in order", count(wrong.len(), "wrong answer", "wrong answers"));
    let none = wrong.is_empty().then_some("Every answer is right");
    let button = Button::primary(&words).key("Enter").disabled(none);
    let (response, right) = button.show(ui, pos2(r.left(), r.bottom() - 28.0), "open wrong");
    if response.clicked() {
        out.extend(missed(doc, report, course));
    }
    if link(ui, pos2(right + 14.0, r.bottom() - 14.0), "How this is computed", "page").clicked() {
        out.push(Request::Explain("practice"));
    }
}

fn sentence(report: &PracticeReport, course: &RaterCourse) -> String {
    let share = percent(course.n_right as f64 / course.n.max(1) as f64);
    let all = format!("{}, {share} % right", count(course.n, "answer", "answers"));
    match (course.first, course.last, course.slope) {
        (Some(first), Some(last), Some(slope)) => format!(
            "{all} · first {k}: {} %, last {k}: {} % · {} points an answer",
            percent(first),
            percent(last),
            points(slope, 2),
            k = report.first
        ),
        _ => format!("{all} · fewer than {}, so no slope", report.first),
    }
}

/// A tick for each wrong answer; of several on one pixel, one.
fn ticks_ui(ui: &Ui, area: Rect, wrong: &[(u32, u32)], n: usize) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    p.hline(area.x_range(), area.bottom(), Stroke::new(1.0, theme.grid));
    let mut at = 0;
    while at < wrong.len() {
        let x = area.left() + area.width() * ((f64::from(wrong[at].1) + 0.5) / n.max(1) as f64) as f32;
        p.vline(x, area.y_range(), Stroke::new(1.0, theme.text_2));
        // The next that is at least a pixel away.
        let next = f64::from(wrong[at].1) + n as f64 / f64::from(area.width().max(1.0));
        at += wrong[at..].partition_point(|w| f64::from(w.1) < next).max(1);
    }
}
