//! Who is compared, and what comes of it in a sentence.

use egui::{Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use crate::analysis::compare::{CompareReport, FEW, Side};
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::request::Request;
use crate::app::widgets::paint::{Button, count, hit, side_badge, text_cut, thousands};
use crate::app::widgets::theme::{Theme, font};

/// Paints the line.
pub(super) fn ui(
    ui: &Ui,
    rect: Rect,
    doc: &Document,
    sides: &[Side; 2],
    report: Option<&CompareReport>,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter().clone();
    p.rect_filled(rect, 0.0, theme.raised);
    p.hline(rect.x_range(), rect.bottom(), theme.border());
    let width = (rect.width() * 0.24).clamp(170.0, 330.0);
    let top = rect.top() + 11.0;
    let mut x = rect.left() + 16.0;
    for (at, side) in sides.iter().enumerate() {
        let area = Rect::from_min_size(pos2(x, top), vec2(width, 44.0));
        let letter = ["A", "B"][at];
        let words = side.words(&doc.dataset);
        let response = hit(ui, area, ui.scope_id().with(("side", at)), &format!("{letter}: {words}"));
        let fill = if response.hovered() { theme.hover } else { theme.panel };
        p.rect(area, 4.0, fill, Stroke::new(1.0, theme.line_strong), StrokeKind::Inside);
        side_badge(ui, pos2(area.left() + 21.0, area.center().y), at);
        let left = area.left() + 40.0;
        text_cut(&p, pos2(left, area.top() + 14.0), width - 62.0, &words, font::strong(), theme.text);
        let caption = caption(doc, side, report, at);
        text_cut(&p, pos2(left, area.top() + 31.0), width - 62.0, &caption, font::caption(), theme.text_3);
        let tip = pos2(area.right() - 14.0, area.center().y + 2.5);
        let stroke = Stroke::new(1.4, theme.text_2);
        p.line_segment([tip + vec2(-4.0, -4.0), tip], stroke);
        p.line_segment([tip, tip + vec2(4.0, -4.0)], stroke);
        if response.clicked() {
            out.push(Request::ChooseSide(at));
        }
        let key = if at == 0 { Command::SideA.key() } else { Command::SideB.key() };
        response.on_hover_text(format!("{words}. {caption}. Choose another: {key}"));
        x = area.right() + 8.0;
        if at == 0 {
            let (response, right) = Button::new("Swap").show(ui, pos2(x, rect.center().y - 14.0), "swap");
            if response.clicked() {
                out.push(Request::Run(Command::SwapSides));
            }
            response.on_hover_text(format!("A and B change places: {}", Command::SwapSides.key()));
            x = right + 8.0;
        }
    }
    let Some(report) = report else { return };
    let (title, more) = finding(doc, report);
    let left = x + 12.0;
    let room = rect.right() - left - 12.0;
    text_cut(&p, pos2(left, top + 14.0), room, &title, font::heading(), theme.text);
    text_cut(&p, pos2(left, top + 33.0), room, &more, font::body(), theme.text_2);
    let words = format!("{title}. {more}");
    let area = Rect::from_min_size(pos2(left, top), vec2(room, 44.0));
    let response = ui.interact(area, ui.scope_id().with("finding"), egui::Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &words));
    response.on_hover_text(&words);
}

fn caption(doc: &Document, side: &Side, report: Option<&CompareReport>, at: usize) -> String {
    let kind = side.kind(&doc.dataset);
    let Some(report) = report else { return kind };
    let n = report.n_votes[at];
    match side {
        Side::Probabilities => format!("{kind} · {}", count(n, "item", "items")),
        side if !side.has_raters() => format!("{kind} · {}", count(n, "label", "labels")),
        Side::Rater(_) => format!("{kind} · {}", count(n, "vote", "votes")),
        _ => {
            let raters = count(report.n_raters[at], "rater", "raters");
            format!("{kind} · {raters} · {}", count(n, "vote", "votes"))
        }
    }
}

/// The finding, and what it rests on.
pub(super) fn finding(doc: &Document, report: &CompareReport) -> (String, String) {
    let found = &report.found;
    let (n, parted) = (found.n_items, found.parted.len());
    if n == 0 {
        let why =
            if report.tied.is_empty() { "no item is labelled by both" } else { "every such item is tied" };
        return ("They share no item".to_owned(), format!("Nothing to compare: {why}"));
    }
    let of = format!("{} of {}", thousands(parted as u64), count(n, "item", "items"));
    let Some(&(a, b)) = report.pairs.first() else {
        return (format!("They never part on {}", count(n, "item", "items")), String::new());
    };
    let (most, back) = (found.items(a, b).len(), found.items(b, a).len());
    let (x, y) = (doc.label(a), doc.label(b));
    let pair = most + back;
    let more = format!(
        "A calls {x} what B calls {y}: {}. The reverse: {}",
        count(most, "item", "items"),
        thousands(back as u64)
    );
    let title = if n < FEW {
        format!("They part on {of}: too few to say more")
    } else if 2 * pair >= parted {
        format!("They part on {of}, mostly {x} or {y}")
    } else {
        format!("They part on {of}")
    };
    let more = if report.overlap { format!("{more}. Raters of both sides speak for A") } else { more };
    (title, more)
}
