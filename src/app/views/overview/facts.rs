//! The three facts on top: a sentence, one small proof, one link each.

use egui::{Align2, Rect, Stroke, Ui, pos2, vec2};

use super::PAD;
use super::model::{Fact, Overview};
use crate::analysis::learned::{can_learn, source_words};
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::state::View;
use crate::app::widgets::icon::Icon;
use crate::app::widgets::paint::{
    bar_bare, count, hit, label_chip, link, number, text, text_block, text_cut, thousands,
};
use crate::app::widgets::theme::{Theme, font};
use crate::stats::Statistic;

pub(super) fn facts_ui(ui: &Ui, rect: Rect, doc: &Document, o: &Overview, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    if o.facts.is_empty() {
        let p = ui.painter();
        let pos = rect.min + vec2(PAD, 20.0);
        let nothing = doc.dataset.annotations.is_empty() && doc.dataset.probabilities.is_none();
        let title = if nothing { "Nothing to go by yet" } else { "Nothing stands out" };
        text(p, pos, Align2::LEFT_TOP, title, font::fact(), theme.text);
        let why = if nothing && doc.dataset.learned.is_none() && can_learn(&doc.dataset) {
            &format!(
                "There are neither several raters nor predicted probabilities. Learn the labels from {}, or add a \
                 model's probabilities with --probs or under File, Change columns…",
                source_words(&doc.dataset)
            )
        } else if nothing {
            "There are neither several raters nor predicted probabilities. Add probabilities with --probs, or \
             under File, Change columns…"
        } else {
            "No label is under suspicion, no two labels are taken for each other, and no rater stands apart"
        };
        text_block(p, pos + vec2(0.0, 36.0), 520.0, why, font::body(), theme.text_2);
        return;
    }
    let width = rect.width() / o.facts.len().max(1) as f32;
    for (i, fact) in o.facts.iter().enumerate() {
        let r =
            Rect::from_min_size(pos2(rect.left() + width * i as f32, rect.top()), vec2(width, rect.height()));
        if i > 0 {
            ui.painter().vline(r.left(), r.y_range(), theme.border());
        }
        fact_ui(ui, r.shrink2(vec2(PAD, 14.0)), doc, fact, out);
    }
}

pub(super) fn fact_ui(ui: &Ui, r: Rect, doc: &Document, fact: &Fact, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter_at(r.expand(2.0));
    let names = &doc.dataset.labels;
    let n_items = doc.dataset.n_items();
    let (icon, kind, sentence, caption) = match fact {
        Fact::LabelIssues { n, .. } => (
            Icon::Cross,
            "Label errors",
            format!("{} of {} given labels look wrong", thousands(*n as u64), thousands(n_items as u64)),
            format!(
                "{} %, flagged by {}",
                number(100.0 * *n as f64 / n_items as f64, 1),
                doc.flag_method_words()
            ),
        ),
        Fact::Parted { a, b, n, of, .. } => (
            Icon::Fork,
            "Guidelines",
            format!("Raters part most on {} or {}", names.name(*a), names.name(*b)),
            format!("{} of {} split items have votes for both", thousands(*n as u64), thousands(*of as u64)),
        ),
        Fact::WeakRaters { raters, .. } => (
            Icon::Grid,
            "Raters",
            format!(
                "{} of {} pull agreement down",
                raters.len(),
                count(doc.dataset.raters.len(), "rater", "raters")
            ),
            format!(
                "{} · Krippendorff α",
                raters.iter().take(4).map(|&r| doc.rater_name(r)).collect::<Vec<_>>().join(", ")
            ),
        ),
    };
    icon.paint(&p, r.min + vec2(7.0, 8.0), 14.0, theme.text_2);
    text(&p, r.min + vec2(20.0, 8.0), Align2::LEFT_CENTER, kind, font::caption(), theme.text_2);
    let block = text_block(&p, r.min + vec2(0.0, 20.0), r.width(), &sentence, font::fact(), theme.text);
    let mut y = block.bottom() + 12.0;
    text_cut(&p, pos2(r.left(), y), r.width(), &caption, font::body(), theme.text_2);
    y += 20.0;
    if matches!(fact, Fact::LabelIssues { .. }) && doc.analysis.as_ref().is_some_and(|a| a.confident.is_ok())
    {
        let words = "How they were found";
        let x = r.left() + 120.0;
        if x + 130.0 < r.right() && link(ui, pos2(x, r.bottom() - 8.0), words, "how").clicked() {
            out.push(Request::Run(Command::ShowErrors));
        }
    }
    let (words, request) = match fact {
        Fact::LabelIssues { n, pairs } => {
            pairs_ui(ui, r, y, doc, pairs, "→", Condition::Suggests, out);
            (format!("Open {}", count(*n, "item", "items")), Request::Filter(vec![Condition::Flagged]))
        }
        Fact::Parted { a, b, n, pairs, .. } => {
            pairs_ui(ui, r, y, doc, pairs, "or", Condition::Between, out);
            (
                format!("Open {}", count(*n, "item", "items")),
                Request::Filter(vec![Condition::Between(*a, *b)]),
            )
        }
        Fact::WeakRaters { raters, alpha, without } => {
            shift_ui(&p, theme, Rect::from_min_max(pos2(r.left(), y - 4.0), r.max), alpha, without);
            let first = raters.first().copied().unwrap_or_default();
            (format!("Open {}", count(raters.len(), "rater", "raters")), Request::SelectRater(first))
        }
    };
    if link(ui, pos2(r.left(), r.bottom() - 8.0), &words, ("fact", kind)).clicked() {
        if matches!(request, Request::SelectRater(_)) {
            out.push(Request::Show(View::Raters));
        }
        out.push(request);
    }
}

pub(super) fn pairs_ui(
    ui: &Ui,
    r: Rect,
    top: f32,
    doc: &Document,
    pairs: &[(u32, u32, usize)],
    between: &str,
    condition: impl Fn(u32, u32) -> Condition,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    // One fact alone has the whole width; its proof stays small.
    let r = Rect::from_min_size(r.min, vec2(r.width().min(460.0), r.height()));
    let p = ui.painter_at(r);
    let most = pairs.iter().map(|x| x.2).max().unwrap_or(1) as f32;
    let name = ((r.width() - 120.0) / 2.0).clamp(48.0, 96.0);
    let rows = ((r.bottom() - 24.0 - top) / 18.0).floor().max(0.0) as usize;
    for (i, &(a, b, n)) in pairs.iter().take(rows).enumerate() {
        let y = top + 18.0 * i as f32 + 4.0;
        let row = Rect::from_min_size(pos2(r.left(), y - 9.0), vec2(r.width(), 18.0));
        let label = format!("{} {between} {}: {n}", doc.label(a), doc.label(b));
        let response = hit(ui, row, ui.scope_id().with(("pair", between, i)), &label);
        if response.hovered() {
            p.rect_filled(row, 2.0, theme.hover);
        }
        if response.clicked() {
            out.push(Request::Filter(vec![condition(a, b)]));
        }
        let color = if i == 0 { theme.text } else { theme.text_2 };
        label_chip(&p, theme, pos2(r.left(), y), name, a, doc.label(a), color);
        if between == "→" {
            Icon::Arrow.paint(&p, pos2(r.left() + name + 10.0, y), 11.0, theme.text_3);
        } else {
            text(
                &p,
                pos2(r.left() + name + 10.0, y),
                Align2::CENTER_CENTER,
                between,
                font::caption(),
                theme.text_3,
            );
        }
        label_chip(&p, theme, pos2(r.left() + name + 24.0, y), name, b, doc.label(b), color);
        let x = r.left() + 2.0 * name + 28.0;
        let room = (r.right() - x - 36.0).max(10.0);
        let bar = Rect::from_min_size(pos2(x, y - 5.0), vec2(room, 10.0));
        bar_bare(&p, bar, n as f32 / most, theme.mark);
        let end = x + room * n as f32 / most + 6.0;
        text(&p, pos2(end, y), Align2::LEFT_CENTER, &thousands(n as u64), font::mono_small(), color);
    }
}

/// "Krippendorff α with everybody → without them."
pub(super) fn shift_ui(p: &egui::Painter, theme: &Theme, r: Rect, alpha: &Statistic, without: &Statistic) {
    let (Some(a), Some(b)) = (alpha.value(), without.value()) else { return };
    let low = ((a.min(b) - 0.05) * 20.0).floor() / 20.0;
    let high = (((a.max(b) + 0.05) * 20.0).ceil() / 20.0).min(1.0);
    let axis =
        Rect::from_min_max(pos2(r.left() + 12.0, r.top() + 34.0), pos2(r.right() - 16.0, r.top() + 34.0));
    let x = |v: f64| axis.left() + axis.width() * ((v - low) / (high - low).max(1e-9)) as f32;
    let y = axis.top();
    p.hline(axis.x_range(), y, Stroke::new(1.0, theme.line_strong));
    for t in 0..=((high - low) * 20.0).round() as usize {
        let v = low + t as f64 / 20.0;
        p.vline(x(v), egui::Rangef::new(y - 3.0, y + 3.0), Stroke::new(1.0, theme.line_strong));
        text(p, pos2(x(v), y + 14.0), Align2::CENTER_CENTER, &number(v, 2), font::mono_small(), theme.text_3);
    }
    p.line_segment([pos2(x(a), y), pos2(x(b), y)], Stroke::new(2.0, theme.text));
    p.circle(pos2(x(a), y), 4.5, theme.panel, Stroke::new(2.0, theme.text));
    p.circle_filled(pos2(x(b), y), 5.0, theme.text);
    let words_a = format!("all {}", number(a, 2));
    let words_b = format!("without {}", number(b, 2));
    let (left, right) = if a <= b {
        (Align2::RIGHT_CENTER, Align2::LEFT_CENTER)
    } else {
        (Align2::LEFT_CENTER, Align2::RIGHT_CENTER)
    };
    let middle = f32::midpoint(x(a), x(b));
    let gap = if a <= b { 6.0 } else { -6.0 };
    text(p, pos2(middle - gap, y - 16.0), left, &words_a, font::caption(), theme.text_2);
    text(p, pos2(middle + gap, y - 16.0), right, &words_b, font::caption(), theme.text);
}
