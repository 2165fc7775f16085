//! The learning curve with those who stay, and the groups of raters under it.

use egui::{Align2, Color32, Rangef, Rect, Shape, Stroke, Ui, pos2, vec2};

use super::{p_words, percent, points};
use crate::analysis::practice::{GroupCourse, PracticeReport};
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::paint::{Button, heading, hit_as, label_square, number, text, text_cut, thousands};
use crate::app::widgets::theme::{Theme, font};

/// Height of the bars of those who stay.
const STAYS: f32 = 44.0;

/// The curve’s frame.
struct Frame {
    area: Rect,
    low: f64,
    high: f64,
    k: usize,
}

impl Frame {
    fn x(&self, place: f64) -> f32 {
        self.area.left() + self.area.width() * ((place + 0.5) / self.k as f64) as f32
    }

    fn y(&self, share: f64) -> f32 {
        self.area.bottom() - self.area.height() * ((share - self.low) / (self.high - self.low)) as f32
    }

    /// A mean over some places, running: single answers hop too much to show their course.
    fn smooth(&self, p: &egui::Painter, shares: &[f64], stroke: Stroke) {
        let half = (self.k / 16).max(1);
        let around = |i: usize| &shares[i.saturating_sub(half)..(i + half + 1).min(shares.len())];
        let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
        let at = |i: usize| pos2(self.x(i as f64), self.y(mean(around(i))));
        // Of a group it may leave the range of all.
        p.with_clip_rect(self.area.expand(2.0)).add(Shape::line((0..shares.len()).map(at).collect(), stroke));
    }

    /// The least-squares line through shares.
    fn fit(&self, p: &egui::Painter, shares: &[f64], stroke: Stroke) {
        let k = shares.len() as f64;
        let (middle, mean) = (0.5 * (k - 1.0), shares.iter().sum::<f64>() / k);
        let product: f64 = shares.iter().enumerate().map(|(i, v)| (i as f64 - middle) * (v - mean)).sum();
        let slope = product / (k * (k * k - 1.0) / 12.0);
        let end = |place: f64| pos2(self.x(place), self.y(mean + slope * (place - middle)));
        p.with_clip_rect(self.area.expand(2.0)).line_segment([end(0.0), end(k - 1.0)], stroke);
    }
}

/// From the least to the greatest share that is shown, on whole tenths and at least three of them.
fn range(report: &PracticeReport) -> (f64, f64) {
    let (mut low, mut high) = (1.0_f64, 0.0_f64);
    for point in &report.found.curve {
        let se = point.se.unwrap_or(0.0);
        (low, high) = (low.min(point.mean - se), high.max(point.mean + se));
    }
    let (mut low, mut high) = ((10.0 * low).floor().max(0.0), (10.0 * high).ceil().min(10.0));
    while high - low < 3.0 {
        if low > 0.0 && (high >= 10.0 || low > 10.0 - high) {
            low -= 1.0;
        } else {
            high += 1.0;
        }
    }
    (low / 10.0, high / 10.0)
}

/// Paints the curve; a place of it opens the wrong answers there.
pub(super) fn ui(ui: &Ui, r: Rect, group: Option<usize>, report: &PracticeReport, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let group = group.and_then(|at| report.groups.get(at));
    let k = report.found.curve.len();
    let caption = match group {
        None => "% right of a first, second, … answer, ± standard error; thin: running mean",
        Some(_) => "% right; thin: running mean",
    };
    let right = heading(p, theme, pos2(r.left(), r.top() + 8.0), "Learning curve", caption);
    if let Some(group) = group {
        legend(p, theme, pos2(right + 20.0, r.top() + 8.0), r.right(), group);
    }
    let bottom = r.bottom() - STAYS - 62.0;
    let area = Rect::from_min_max(pos2(r.left() + 34.0, r.top() + 32.0), pos2(r.right() - 4.0, bottom));
    let (low, high) = range(report);
    let frame = Frame { area, low, high, k };
    let tenths = ((high - low) * 10.0).round() as usize;
    let every = if area.height() / tenths as f32 > 24.0 { 1 } else { 2 };
    for tenth in (0..=tenths).step_by(every) {
        let share = low + tenth as f64 / 10.0;
        let y = frame.y(share);
        p.hline(area.x_range(), y, Stroke::new(1.0, theme.grid));
        let at = pos2(area.left() - 6.0, y);
        text(p, at, Align2::RIGHT_CENTER, &percent(share), font::mono_small(), theme.text_3);
    }
    // A group may stand where the line of all is: all stay in the background then.
    let mark = if group.is_some() { theme.line_strong } else { theme.text_2 };
    let step = area.width() / k as f32;
    let radius = if step > 10.0 { 3.0 } else { 2.0 };
    for (i, (point, &n)) in report.found.curve.iter().zip(&report.found.n_with).enumerate() {
        let at = pos2(frame.x(i as f64), frame.y(point.mean));
        let se = point.se.unwrap_or(0.0);
        let bar = Rangef::new(frame.y((point.mean + se).min(high)), frame.y((point.mean - se).max(low)));
        let column = Rect::from_x_y_ranges(
            Rangef::new(at.x - step / 2.0, at.x + step / 2.0),
            Rangef::new(area.top(), r.bottom() - 22.0),
        );
        let wrong = report.wrong_at[i].len();
        let who = format!("{} raters gave as many", thousands(n as u64));
        let error = point.se.map_or_else(String::new, |se| format!(" ± {}", number(100.0 * se, 1)));
        let words = format!(
            "Answer {}: {} % right{error}, {} wrong, {who}",
            i + 1,
            percent(point.mean),
            thousands(wrong as u64)
        );
        let response = hit_as(ui, column, ui.scope_id().with(("place", i)), &words, None);
        if response.hovered() {
            p.rect_filled(column, 0.0, theme.hover);
        }
        p.vline(at.x, bar, Stroke::new(1.0, theme.line_strong));
        p.circle_filled(at, if response.hovered() { radius + 1.5 } else { radius }, mark);
        if response.clicked() && wrong > 0 {
            let words = format!("answer {} of a rater was wrong", i + 1);
            let mut items = report.wrong_at[i].to_vec();
            items.sort_unstable();
            items.dedup();
            out.push(Request::Filter(vec![Condition::among(words, items.into())]));
        }
        response.on_hover_text(format!("{words}. Click for the wrong ones"));
    }
    match group {
        None => {
            let shares: Vec<f64> = report.found.curve.iter().map(|c| c.mean).collect();
            frame.smooth(p, &shares, Stroke::new(1.5, theme.mark));
            frame.fit(p, &shares, Stroke::new(2.0, theme.accent));
        }
        Some(group) => {
            for (side, curve) in group.curves.iter().enumerate().rev() {
                let ink = theme.label(side as u32);
                frame.smooth(p, curve, Stroke::new(1.0, ink));
                frame.fit(p, curve, Stroke::new(2.5, ink));
            }
        }
    }
    p.hline(area.x_range(), area.bottom(), theme.border());
    stays_ui(
        ui,
        Rect::from_min_max(pos2(area.left(), area.bottom() + 40.0), pos2(area.right(), r.bottom() - 22.0)),
        &frame,
        report,
    );
    let ends = format!(
        "{} of {} raters go as far and make the curve",
        thousands(report.found.raters.len() as u64),
        thousands(report.raters.len() as u64)
    );
    text_cut(p, pos2(area.left(), r.bottom() - 6.0), area.width(), &ends, font::caption(), theme.text_3);
}

/// Whose line is whose.
fn legend(p: &egui::Painter, theme: &Theme, pos: egui::Pos2, right: f32, group: &GroupCourse) {
    let mut x = pos.x;
    for (side, name) in
        [&group.value, group.other.as_ref().unwrap_or(&"the others".to_owned())].into_iter().enumerate()
    {
        label_square(p, theme, pos2(x, pos.y), side as u32);
        let room = ((right - pos.x) / 2.0 - 20.0).max(10.0);
        text_cut(p, pos2(x + 14.0, pos.y), room, name, font::caption(), theme.text_2);
        x += 14.0 + crate::app::widgets::paint::text_width(p, name, font::caption()).min(room) + 14.0;
    }
}

/// How many raters gave a first, second, … answer.
fn stays_ui(ui: &Ui, area: Rect, frame: &Frame, report: &PracticeReport) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let n_with = &report.found.n_with;
    let most = n_with.first().copied().unwrap_or(1).max(1);
    let step = area.width() / frame.k as f32;
    let gap = if step > 6.0 { 1.0 } else { 0.0 };
    text(
        p,
        pos2(area.left(), area.top() - 10.0),
        Align2::LEFT_CENTER,
        "raters who gave as many",
        font::caption(),
        theme.text_3,
    );
    for (i, &n) in n_with.iter().enumerate() {
        let height = (area.height() * n as f32 / most as f32).max(1.0);
        let x = frame.x(i as f64);
        let bar = Rect::from_min_max(
            pos2(x - step / 2.0 + gap, area.bottom() - height),
            pos2(x + step / 2.0 - gap, area.bottom()),
        );
        p.rect_filled(bar, 0.0, theme.mark);
    }
    let at = pos2(area.left() - 6.0, area.top() + 4.0);
    text(p, at, Align2::RIGHT_CENTER, &thousands(most as u64), font::mono_small(), theme.text_3);
    for place in [0, frame.k / 2, frame.k - 1] {
        let align = match place {
            0 => Align2::LEFT_CENTER,
            _ if place + 1 == frame.k => Align2::RIGHT_CENTER,
            _ => Align2::CENTER_CENTER,
        };
        let x = match place {
            0 => area.left(),
            _ if place + 1 == frame.k => area.right(),
            _ => frame.x(place as f64),
        };
        let at = pos2(x, frame.area.bottom() + 9.0);
        let words = if place == 0 { "answer 1".to_owned() } else { (place + 1).to_string() };
        text(p, at, align, &words, font::mono_small(), theme.text_3);
    }
}

/// Height for the groups; 0 where there are none.
pub(super) fn groups_height(report: &PracticeReport, full: f32) -> f32 {
    let n = report.groups.len() as f32;
    if n == 0.0 { 0.0 } else { (n * FACT + 84.0).min(full * 0.36).max(112.0) }
}

/// The groups, the clearest first; one that is chosen shows its curve above.
pub(super) fn groups_ui(
    ui: &Ui,
    r: Rect,
    chosen: &mut Option<usize>,
    report: &PracticeReport,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let caption = "against the others: points an answer, and p; points right, and p";
    heading(p, theme, pos2(r.left(), r.top() + 6.0), "Groups", "");
    let left = r.left() + 62.0;
    text_cut(p, pos2(left, r.top() + 6.5), r.right() - left, caption, font::caption(), theme.text_3);
    let mut y = r.top() + 20.0;
    let button = chosen.and_then(|at| report.groups.get(at)).filter(|g| !g.wrong.is_empty());
    let bottom = r.bottom() - 34.0;
    let room = ((bottom - y) / FACT).floor().max(1.0) as usize;
    let shown = report.groups.len().min(room);
    for (at, group) in report.groups.iter().take(shown).enumerate() {
        let what = match &group.other {
            Some(other) => format!("{}: {}, not {other}", group.attribute, group.value),
            None => format!("{}: {}", group.attribute, group.value),
        };
        let value = match (&group.slope, &group.mean) {
            (Ok(slope), Ok(mean)) => format!(
                "{:>6} {:>8} {:>5} {:>8}",
                points(slope.gap, 2),
                p_words(group.adjusted[0]),
                points(mean.gap, 0),
                p_words(group.adjusted[1])
            ),
            _ => "—".to_owned(),
        };
        let hint = group.slope.as_ref().map_or_else(ToString::to_string, |s| match &s.test {
            Ok(_) => format!("{} raters against {}. Click to see both curves", s.n_raters[0], s.n_raters[1]),
            Err(why) => {
                format!("{} raters against {}: {why}. Click to see both curves", s.n_raters[0], s.n_raters[1])
            }
        });
        let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
        let fact =
            Fact { what: &what, value: &value, opens: true, selected: *chosen == Some(at), hint: &hint };
        if fact.show(ui, line, ("group", at)) {
            *chosen = if *chosen == Some(at) { None } else { Some(at) };
        }
        y += FACT;
    }
    let foot = pos2(r.left(), r.bottom() - 26.0);
    if let Some(group) = button {
        let words =
            format!("Open {} items that {} answered wrong", thousands(group.wrong.len() as u64), group.value);
        let (response, _) = Button::new(&words).show(ui, foot, "open group");
        if response.clicked() {
            let words =
                format!("{} {} was wrong among the first {}", group.attribute, group.value, report.first);
            out.push(Request::Filter(vec![Condition::among(words, group.wrong.clone())]));
        }
    } else {
        let hidden = report.groups.len() - shown + report.n_more_groups;
        let words = match hidden {
            0 => "A click on a group shows its curve beside that of the others".to_owned(),
            n => format!(
                "{n} more in the report · a click on a group shows its curve beside that of the others"
            ),
        };
        let ink: Color32 = theme.text_3;
        text_cut(p, foot + vec2(0.0, 13.0), r.width(), &words, font::caption(), ink);
    }
}
