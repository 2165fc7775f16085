//! The end of a queue, and what is there before the first: what was decided, what it is worth, what to do next.

use egui::{Align2, Rect, Ui, pos2, vec2};

use super::itself;
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::request::Request;
use crate::app::state::View;
use crate::app::views::empty;
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::paint::{self, Button, count, heading, spoken, text_block, text_cut, thousands};
use crate::app::widgets::text::elide;
use crate::app::widgets::theme::{Theme, font};

pub(super) fn no_queue_ui(ui: &Ui, rect: Rect, doc: &Document, out: &mut Vec<Request>) {
    let mut buttons = vec![("New queue…".to_owned(), Request::Run(Command::BuildQueue))];
    if let Some(kept) = doc.queues.next_open() {
        let words = format!("Continue {} ({})", elide(kept.title(), 30), kept.state_words());
        buttons.push((words, Request::ResumeQueue(kept.id)));
    }
    let flagged = doc.derived.as_ref().map_or(0, |d| d.overview.n_flagged);
    if flagged > 0 {
        buttons.push((format!("Review {flagged} label issues"), Request::Run(Command::ReviewIssues)));
    }
    if !doc.dataset.annotations.is_empty() {
        buttons.push(("Review split votes".to_owned(), Request::Run(Command::ReviewSplit)));
    }
    buttons.push(("Audit random items".to_owned(), Request::Run(Command::ReviewAudit)));
    let why = "A queue is a list of items in a fixed order. It does not change while you work through it, and your \
               place in it is kept. There can be several side by side.";
    empty::nothing(ui, rect, "No queue yet", why, buttons, out);
}

pub(super) fn done_ui(ui: &Ui, rect: Rect, doc: &Document, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let Some(kept) = doc.queues.active() else { return };
    let left = rect.left() + 24.0;
    let width = (rect.width() - 48.0).min(460.0);
    let title = match kept.left {
        0 => format!("“{}” is done", kept.title()),
        n => format!("The end of “{}”: {} skipped", kept.title(), count(n, "item was", "items were")),
    };
    text_cut(p, pos2(left, rect.top() + 36.0), rect.width() - 48.0, &title, font::heading(), theme.text);
    let why = "Every decision is in the log; none is applied to your file before you export.";
    let block =
        text_block(p, pos2(left, rect.top() + 54.0), rect.width() - 48.0, why, font::body(), theme.text_2);
    spoken(ui, block, &format!("{title}. {why}"));
    let (as_it_was, changed, unsure) = kept.counts;
    let mut line = Rect::from_min_size(pos2(left, block.bottom() + 22.0), vec2(width, FACT));
    heading(p, theme, pos2(left, line.center().y), "Decided", "");
    line = line.translate(vec2(0.0, FACT));
    for (what, n) in [("kept", as_it_was), ("changed", changed), ("unsure", unsure), ("skipped", kept.left)] {
        let value = thousands(n as u64);
        Fact { what, value: &value, opens: false, selected: false, hint: "" }.show(ui, line, what);
        line = line.translate(vec2(0.0, FACT));
    }
    let found = itself::of_log(ui, doc, Some(&kept.queue.name));
    line = line.translate(vec2(0.0, 14.0));
    if found.is_empty() {
        let words = "Neither controls nor second showings were decided in it";
        text_cut(p, pos2(left, line.center().y), rect.width() - 48.0, words, font::caption(), theme.text_3);
    } else {
        heading(p, theme, pos2(left, line.center().y), "Yourself", "what your decisions are worth");
        line = line.translate(vec2(0.0, FACT));
        let bottom = itself::facts_ui(ui, line, doc, Some(&kept.queue.name), out);
        let at = pos2(left, bottom + 12.0);
        if paint::link(ui, at, "How this is computed", "explain").clicked() {
            out.push(Request::Explain("self_agreement"));
        }
        let bottom = bottom + FACT;
        line = line.translate(vec2(0.0, bottom - line.top()));
    }
    line = line.translate(vec2(0.0, 34.0));
    let mut first: Vec<(String, Request)> = Vec::new();
    if let Some(at) = doc.first_skipped() {
        first.push(("Go to what was skipped".to_owned(), Request::GoTo(at)));
    }
    if let Some(next) = doc.queues.next_open() {
        let words = format!("Continue {} ({})", elide(next.title(), 30), next.state_words());
        first.push((words, Request::ResumeQueue(next.id)));
    }
    first.push(("New queue…".to_owned(), Request::Run(Command::BuildQueue)));
    let second = [
        ("Export cleaned file…".to_owned(), Request::Run(Command::Export)),
        ("See the log".to_owned(), Request::Show(View::Log)),
        ("Go back through the queue".to_owned(), Request::GoTo(0)),
    ];
    for (row, buttons) in [first, second.to_vec()].into_iter().enumerate() {
        let mut x = left;
        for (i, (words, request)) in buttons.into_iter().enumerate() {
            let (response, right) = Button::new(&words).show(ui, pos2(x, line.top()), ("done", row, i));
            if response.clicked() {
                out.push(request);
            }
            x = right + 8.0;
        }
        line = line.translate(vec2(0.0, 38.0));
    }
    let n = doc.queues.list().iter().filter(|k| k.left > 0).count();
    let words = match n {
        0 => "No other queue is under way".to_owned(),
        n => format!("{} under way", count(n, "queue is", "queues are")),
    };
    paint::text(p, pos2(left, line.top() + 8.0), Align2::LEFT_CENTER, &words, font::caption(), theme.text_3);
}
