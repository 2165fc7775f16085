//! How a rater went on, in the order of the file: agreement with the majority as bars, speed as numbers.

use egui::{Align2, Rect, Stroke, Ui, pos2, vec2};

use crate::analysis::CoursePart;
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::widgets::paint::{count, heading, hit, number, text};
use crate::app::widgets::theme::{Theme, font};

/// Height that it takes.
pub(super) const HEIGHT: f32 = 112.0;

/// Paints it; a bar opens the items of its part.
pub(super) fn ui(
    ui: &Ui,
    r: Rect,
    doc: &Document,
    rater: u32,
    course: &[CoursePart],
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter_at(r.expand(4.0));
    let timed = course.iter().any(|part| part.median_duration_s.is_some());
    let caption = if timed { "% as the majority, seconds" } else { "% as the majority" };
    heading(&p, theme, pos2(r.left(), r.top() + 8.0), "Course", caption);
    let below = if timed { 16.0 } else { 2.0 };
    let area = Rect::from_min_max(pos2(r.left(), r.top() + 36.0), pos2(r.right(), r.bottom() - below));
    let step = (area.width() / course.len() as f32).min(40.0);
    for (i, part) in course.iter().enumerate() {
        let slot = Rect::from_min_size(
            pos2(area.left() + step * i as f32, area.top()),
            vec2(step - 3.0, area.height()),
        );
        let share = part.agreement_with_majority;
        let seconds =
            part.median_duration_s.map_or_else(String::new, |s| format!(", {} s a vote", number(s, 1)));
        let words = format!(
            "Part {} of {}, {}: agreement {}{seconds}",
            i + 1,
            course.len(),
            count(part.n_annotations, "vote", "votes"),
            share.map_or_else(|| "undefined".to_owned(), |v| number(v, 2))
        );
        let response = hit(ui, slot, ui.scope_id().with(("course", i)), &words);
        let ground = if response.hovered() { theme.hover } else { theme.grid };
        p.rect_filled(slot, 1.0, ground);
        if let Some(share) = share {
            let height = (slot.height() * share as f32).max(1.0);
            let bar = Rect::from_min_max(pos2(slot.left(), slot.bottom() - height), slot.max);
            p.rect_filled(bar, 1.0, theme.mark);
            let at = pos2(slot.center().x, area.top() - 8.0);
            text(&p, at, Align2::CENTER_CENTER, &number(100.0 * share, 0), font::mono_small(), theme.text_2);
        }
        if let Some(seconds) = part.median_duration_s {
            let at = pos2(slot.center().x, area.bottom() + 9.0);
            text(&p, at, Align2::CENTER_CENTER, &number(seconds, 1), font::mono_small(), theme.text_3);
        }
        if response.clicked() {
            let within = |item: &u32| (part.items.0..=part.items.1).contains(item);
            let own = doc.dataset.annotations.of_rater(rater as usize).map(|a| a.item).filter(within);
            let mut items: Vec<u32> = own.collect();
            items.dedup();
            let words = format!("in part {} of {}'s course", i + 1, doc.rater_name(rater));
            out.push(Request::Filter(vec![Condition::among(words, items.into())]));
        }
        response.on_hover_text(words);
    }
    p.hline(
        area.left()..=area.left() + step * course.len() as f32 - 3.0,
        area.bottom(),
        Stroke::new(1.0, theme.grid),
    );
}
