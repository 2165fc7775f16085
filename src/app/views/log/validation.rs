//! What the decisions say of the flags and of all labels, above the log: precision, its course, the audit, errors left.

use egui::{Rect, Ui, pos2, vec2};

use crate::analysis::validation::{Left, Validation, Verdicts};
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::views::review::itself;
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::paint::{count, heading, hit, number, text_cut};
use crate::app::widgets::theme::{Theme, font};

/// Height of the band.
pub(super) const HEIGHT: f32 = 128.0;

/// Paints the band into `rect`.
pub(super) fn ui(ui: &Ui, rect: Rect, doc: &Document, v: &Validation, out: &mut Vec<Request>) {
    let r = rect.shrink2(vec2(16.0, 12.0));
    let gap = 32.0;
    let itself = !itself::of_log(ui, doc, None).is_empty();
    // Facts need their width; the course of the review makes do with less, or goes.
    let shares = match (itself, r.width() >= 1300.0) {
        (false, _) => [1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0, 0.0],
        (true, true) => [0.26, 0.18, 0.26, 0.30],
        (true, false) => [0.31, 0.0, 0.31, 0.38],
    };
    let room = r.width() - gap * (shares.iter().filter(|s| **s > 0.0).count() as f32 - 1.0);
    let mut x = r.left();
    let mut column = |k: usize| {
        let width = room * shares[k];
        let column = Rect::from_min_size(pos2(x, r.top()), vec2(width, r.height()));
        x += if shares[k] > 0.0 { width + gap } else { 0.0 };
        column
    };
    flags_ui(ui, column(0), v, out);
    let course = column(1);
    if course.width() > 0.0 {
        course_ui(ui, course, v, out);
    }
    whole_ui(ui, column(2), doc, v, out);
    if itself {
        let c = column(3);
        heading(
            ui.painter(),
            Theme::of(ui.ctx()),
            pos2(c.left(), c.top() + 8.0),
            "Yourself",
            "asked again, and controls",
        );
        let lines = Rect::from_min_max(c.min + vec2(0.0, 22.0), c.max);
        itself::facts_ui(ui, lines, doc, None, out);
    }
}

fn flags_ui(ui: &Ui, r: Rect, v: &Validation, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let caption =
        if v.may_stop { "further ones are hardly worth their time" } else { "of those that were decided" };
    heading(ui.painter(), theme, pos2(r.left(), r.top() + 8.0), "Flags", caption);
    let mut line = Rect::from_min_size(r.min + vec2(0.0, 22.0), vec2(r.width(), FACT));
    let latest = format!("of the last {}", v.recent.len());
    let facts = [
        (
            "wrong labels",
            &v.flags,
            "flagged items whose label did not stand",
            "Decisions on flagged items, “unsure” apart. Wilson's interval",
        ),
        (
            latest.as_str(),
            &v.recent,
            "the last flagged items whose label did not stand",
            "The most suspicious come first, so that precision falls",
        ),
    ];
    for (what, verdicts, words, hint) in facts {
        let value = of_all(verdicts);
        let opens = !verdicts.wrong.is_empty();
        if (Fact { what, value: &value, opens, selected: false, hint }).show(ui, line, what) {
            out.push(Request::Filter(vec![Condition::among(words.to_owned(), verdicts.wrong.clone())]));
        }
        line = line.translate(vec2(0.0, FACT));
    }
    let what = format!("wrong among {} left", count(v.n_flags_left, "flag", "flags"));
    let value = v.left_in_flags.as_ref().map_or_else(|| "—".to_owned(), about);
    let fact = Fact {
        what: &what,
        value: &value,
        opens: v.n_flags_left > 0,
        selected: false,
        hint: "At the precision of the last ones: rather too many",
    };
    if fact.show(ui, line, "left") {
        out.push(Request::Filter(vec![Condition::Flagged, Condition::Undecided]));
    }
}

/// One bar a part of the decisions, as high as the share of wrong labels.
fn course_ui(ui: &Ui, r: Rect, v: &Validation, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let caption =
        if r.width() < 320.0 { "share of wrong" } else { "share of wrong labels as flags were decided" };
    heading(p, theme, pos2(r.left(), r.top() + 8.0), "Course", caption);
    let plot = Rect::from_min_max(r.min + vec2(0.0, 26.0), r.max - vec2(0.0, 2.0));
    if v.course.is_empty() {
        let words = "No flagged item was decided yet";
        text_cut(p, pos2(r.left(), plot.top() + 12.0), r.width(), words, font::body(), theme.text_3);
        return;
    }
    p.hline(plot.x_range(), plot.bottom(), theme.border());
    let step = (plot.width() / v.course.len() as f32).min(40.0);
    for (i, part) in v.course.iter().enumerate() {
        let share = part.share.value().unwrap_or(0.0);
        let slot = Rect::from_min_size(plot.min + vec2(step * i as f32, 0.0), vec2(step, plot.height()));
        let words = format!(
            "Part {}: {} of {} wrong",
            i + 1,
            part.wrong.len(),
            count(part.len(), "decision", "decisions")
        );
        let response = hit(ui, slot, ui.scope_id().with(("course", i)), &words);
        let height = (plot.height() * share as f32).max(1.5);
        let bar = Rect::from_min_max(
            pos2(slot.left() + 1.0, plot.bottom() - height),
            pos2(slot.right() - 2.0, plot.bottom()),
        );
        if response.hovered() {
            p.rect_filled(slot, 2.0, theme.hover);
        }
        p.rect_filled(bar, 2.0, theme.mark);
        if response.clicked() {
            let mut items = part.wrong.to_vec();
            items.extend(part.right.iter());
            out.push(Request::Filter(vec![Condition::among(
                format!("part {} of the flags decided", i + 1),
                items.into(),
            )]));
        }
        response.on_hover_text(words);
    }
}

fn whole_ui(ui: &Ui, r: Rect, doc: &Document, v: &Validation, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    heading(
        ui.painter(),
        theme,
        pos2(r.left(), r.top() + 8.0),
        "All labels",
        "only the random audit speaks of them",
    );
    let mut line = Rect::from_min_size(r.min + vec2(0.0, 22.0), vec2(r.width(), FACT));
    let value =
        if v.audit.is_empty() { format!("audit {} items", doc.audit_size()) } else { of_all(&v.audit) };
    // Why it says nothing: none yet, or too many skipped.
    let hint = v.audit.share.reason();
    let fact = Fact {
        what: "wrong in the audit",
        value: &value,
        opens: v.audit.is_empty() || !v.audit.wrong.is_empty(),
        selected: false,
        hint: hint.as_deref().unwrap_or("A simple random sample of all items. Wilson's interval"),
    };
    if fact.show(ui, line, "audit") {
        out.push(if v.audit.is_empty() {
            Request::Run(Command::ReviewAudit)
        } else {
            let words = "items of the random audit whose label did not stand";
            Request::Filter(vec![Condition::among(words.to_owned(), v.audit.wrong.clone())])
        });
    }
    line = line.translate(vec2(0.0, FACT));
    let (value, hint) = match &v.rate {
        Ok(rate) => (
            format!("{} % {}", number(100.0 * rate.value, 1), between(rate.ci, 1)),
            format!(
                "Prediction-powered: what the model says of the other items counts with λ = {}{}",
                number(rate.lambda, 2),
                rate.effective_n
                    .map_or_else(String::new, |n| format!(", as good as an audit of {}", number(n, 0)))
            ),
        ),
        Err(reason) => ("—".to_owned(), reason.to_string()),
    };
    let fact =
        Fact { what: "with the model’s help", value: &value, opens: false, selected: false, hint: &hint };
    fact.show(ui, line, "rate");
    line = line.translate(vec2(0.0, FACT));
    let value = v.left.as_ref().map_or_else(|| "—".to_owned(), about);
    let what = format!("not found yet, {} found", v.n_found);
    let hint = "The rate times the items, less what was found";
    let fact = Fact { what: &what, value: &value, opens: false, selected: false, hint };
    fact.show(ui, line, "not found");
}

/// "28 of 45, 62 % [48, 74]".
fn of_all(v: &Verdicts) -> String {
    v.share.estimate().map_or_else(
        || "—".to_owned(),
        |e| {
            let ci = e.ci.map_or_else(String::new, |ci| format!(" {}", between(ci, 0)));
            format!("{} of {}, {} %{ci}", v.wrong.len(), v.len(), number(100.0 * e.value, 0))
        },
    )
}

/// An interval of shares, in percent.
fn between((low, high): (f64, f64), digits: usize) -> String {
    let percent = |x: f64| number(100.0 * x.clamp(0.0, 1.0), digits);
    format!("[{}, {}]", percent(low), percent(high))
}

/// "about 23 [4, 61]".
fn about(left: &Left) -> String {
    format!("about {} [{}, {}]", number(left.value, 0), number(left.ci.0, 0), number(left.ci.1, 0))
}
