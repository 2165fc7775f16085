//! What to do next, how items disagree, what was read.

use egui::{Align2, Rect, Ui, pos2, vec2};

use super::PAD;
use super::model::Overview;
use crate::analysis::learned::{can_learn, source_words};
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::widgets::icon::Icon;
use crate::app::widgets::paint::{
    Button, bar_bare, count, heading, hit, number, text, text_block, text_cut, thousands,
};
use crate::app::widgets::theme::{Theme, font};

pub(super) fn side_ui(ui: &Ui, r: Rect, doc: &Document, o: &Overview, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let r = r.shrink2(vec2(PAD, 14.0));
    let p = ui.painter_at(r.expand(3.0));
    text(
        &p,
        pos2(r.left(), r.top() + 10.0),
        Align2::LEFT_CENTER,
        "What to do next",
        font::heading(),
        theme.text,
    );
    let mut y = r.top() + 34.0;
    let mut step = 1;
    let mut item = |title: &str,
                    words: &str,
                    button: Button<'_>,
                    request: Request,
                    out: &mut Vec<Request>| {
        text(&p, pos2(r.left(), y + 9.0), Align2::LEFT_CENTER, &step.to_string(), font::mono(), theme.text_3);
        let x = r.left() + 24.0;
        text(&p, pos2(x, y + 9.0), Align2::LEFT_CENTER, title, font::strong(), theme.text);
        let block = text_block(&p, pos2(x, y + 20.0), r.right() - x, words, font::body(), theme.text_2);
        let (response, _) = button.show(ui, pos2(x, block.bottom() + 8.0), ("next", step));
        if response.clicked() {
            out.push(request);
        }
        y = block.bottom() + 50.0;
        p.hline(r.x_range(), y - 4.0, theme.border());
        y += 6.0;
        step += 1;
    };
    let key = Command::OpenRow.key();
    if doc.dataset.learned.is_none() && can_learn(&doc.dataset) && doc.dataset.annotations.is_empty() {
        item(
            &format!("Learn the labels from {}", source_words(&doc.dataset)),
            "Nothing is flagged without votes or a model. One learned from these items shows which labels do not fit",
            Button::primary("Learn"),
            Request::Run(Command::LearnLabels),
            out,
        );
    }
    if o.n_flagged > 0 {
        let minutes = (o.n_flagged as f64 * 1.05 * 11.4 / 60.0).ceil().max(1.0);
        item(
            &format!("Review {}", count(o.n_flagged, "label issue", "label issues")),
            &format!(
                "About {} with the keyboard. Most suspicious first, 5 % controls mixed in",
                count(minutes as usize, "minute", "minutes")
            ),
            Button::primary("Start review").key(&key),
            Request::Run(Command::ReviewIssues),
            out,
        );
    }
    let split = o.splits.majority + o.splits.tied;
    if split > 0 {
        item(
            &format!("Look at {}", count(split, "split item", "split items")),
            "Most divided first: is it the text, the raters, or the guideline?",
            Button::new("Review split votes"),
            Request::Run(Command::ReviewSplit),
            out,
        );
    }
    if doc.analysis.is_some() {
        item(
            &format!("Audit {} random items", doc.audit_size()),
            "The flags are no random sample. Only an audit gives an unbiased error rate",
            Button::new("Queue the audit"),
            Request::Run(Command::ReviewAudit),
            out,
        );
    }
    let s = o.splits;
    let total = s.unanimous + s.majority + s.tied + s.single;
    if total > 0 {
        y += 8.0;
        heading(&p, theme, pos2(r.left(), y + 8.0), "How items disagree", &count(total, "item", "items"));
        y += 24.0;
        let most = [s.unanimous, s.majority, s.tied, s.single].into_iter().max().unwrap_or(1).max(1) as f32;
        let rows = [
            (Icon::Check, "All agree", s.unanimous, None),
            (Icon::Fork, "A majority", s.majority, Some(Condition::Split)),
            (Icon::Half, "Tied", s.tied, Some(Condition::Tied)),
            (Icon::Rows, "One vote", s.single, None),
        ];
        for (icon, words, n, condition) in rows.into_iter().filter(|x| x.2 > 0) {
            let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), 22.0));
            let middle = line.center().y;
            if let Some(c) = condition {
                let response = hit(ui, line, ui.scope_id().with(("split", words)), &format!("{words}: {n}"));
                if response.hovered() {
                    p.rect_filled(line, 2.0, theme.hover);
                }
                if response.clicked() {
                    out.push(Request::Filter(vec![c]));
                }
            }
            icon.paint(&p, pos2(r.left() + 6.0, middle), 13.0, theme.text_2);
            text(&p, pos2(r.left() + 22.0, middle), Align2::LEFT_CENTER, words, font::body(), theme.text);
            let bar = Rect::from_min_size(pos2(r.left() + 108.0, middle - 4.0), vec2(82.0, 8.0));
            bar_bare(&p, bar, n as f32 / most, theme.mark);
            let end = bar.left() + 82.0 * n as f32 / most + 6.0;
            text(&p, pos2(end, middle), Align2::LEFT_CENTER, &thousands(n as u64), font::mono(), theme.text);
            let share = format!("{} %", number(100.0 * n as f64 / total as f64, 0));
            text(&p, pos2(r.right(), middle), Align2::RIGHT_CENTER, &share, font::mono(), theme.text_3);
            y += 22.0;
        }
    }
    y += 16.0;
    text(&p, pos2(r.left(), y + 8.0), Align2::LEFT_CENTER, "What was read", font::strong(), theme.text);
    y += 24.0;
    for (name, value) in &o.read {
        if y > r.bottom() - 18.0 {
            break;
        }
        let middle = y + 10.0;
        let right = text(&p, pos2(r.right(), middle), Align2::RIGHT_CENTER, value, font::mono(), theme.text);
        text_cut(&p, pos2(r.left(), middle), right.left() - r.left() - 8.0, name, font::body(), theme.text_2);
        y += 20.0;
    }
}
