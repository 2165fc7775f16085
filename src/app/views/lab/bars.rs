//! Raters with a number each, as bars in as many columns as there is room for.

use egui::{Align2, Rect, Ui, pos2, vec2};

use crate::app::document::Document;
use crate::app::request::Request;
use crate::app::state::View;
use crate::app::widgets::paint::{bar, heading, hit, number, text, text_cut};
use crate::app::widgets::theme::{Theme, font};

/// Raters' numbers; a click on a bar opens its rater.
pub(super) struct RaterBars<'a> {
    /// What is said of the numbers.
    pub caption: &'a str,
    /// Raters and their numbers, in the order shown.
    pub values: &'a [(u32, f64)],
    /// Where bars begin and end.
    pub range: (f64, f64),
    /// Raters to be set off, ascending.
    pub bad: &'a [usize],
}

impl RaterBars<'_> {
    /// Paints them into `r`.
    pub(super) fn show(&self, ui: &Ui, r: Rect, doc: &Document, out: &mut Vec<Request>) {
        const STEP: f32 = 22.0;
        const WIDTH: f32 = 200.0;
        let theme = Theme::of(ui.ctx());
        let p = ui.painter_at(r.expand(4.0));
        heading(&p, theme, pos2(r.left(), r.top() + 8.0), "Raters", self.caption);
        let rows = ((r.height() - 24.0) / STEP).floor().max(1.0) as usize;
        let columns =
            ((r.width() / WIDTH).floor() as usize).clamp(1, self.values.len().div_ceil(rows).max(1));
        let width = (r.width() / columns as f32).min(320.0);
        let (low, high) = self.range;
        let names = width * 0.36;
        for (i, &(rater, value)) in self.values.iter().take(rows * columns).enumerate() {
            let at = pos2(r.left() + width * (i / rows) as f32, r.top() + 24.0 + STEP * (i % rows) as f32);
            let line = Rect::from_min_size(at, vec2(width - 14.0, STEP));
            let name = doc.rater_name(rater);
            let words = format!("{name}: {}", number(value, 2));
            let response = hit(ui, line, ui.scope_id().with(("bar", rater)), &words);
            if response.hovered() {
                p.rect_filled(line, 2.0, theme.hover);
            }
            if response.clicked() {
                out.push(Request::SelectRater(rater));
                out.push(Request::Show(View::Raters));
            }
            let y = line.center().y;
            text_cut(&p, pos2(line.left() + 2.0, y), names - 8.0, name, font::mono(), theme.text);
            let area =
                Rect::from_min_max(pos2(line.left() + names, y - 4.0), pos2(line.right() - 48.0, y + 4.0));
            let bad = self.bad.binary_search(&(rater as usize)).is_ok();
            let share = ((value - low) / (high - low).max(1e-9)) as f32;
            bar(&p, area, share, if bad { theme.warn } else { theme.mark }, theme.grid);
            let at = pos2(line.right() - 2.0, y);
            text(&p, at, Align2::RIGHT_CENTER, &number(value, 2), font::mono(), theme.text_2);
        }
        if self.values.len() > rows * columns {
            let words = format!("{} more", self.values.len() - rows * columns);
            let at = pos2(r.right(), r.top() + 8.0);
            text(&p, at, Align2::RIGHT_CENTER, &words, font::caption(), theme.text_3);
        }
    }
}
