//! Lines of facts: what on the left, how much on the right, what it means on hover.

use egui::{Align2, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::paint::{hit, text, text_cut, text_width};
use super::theme::{Theme, font};

/// A line of facts: what, how much; a click on it opens what is behind.
#[derive(Debug)]
pub struct Fact<'a> {
    /// What.
    pub what: &'a str,
    /// How much.
    pub value: &'a str,
    /// Whether a click opens what is behind.
    pub opens: bool,
    /// Whether the cursor is on it.
    pub selected: bool,
    /// What the number is, on hover; empty where the words say it.
    pub hint: &'a str,
}

/// Height of a line of facts.
pub const FACT: f32 = 24.0;

impl Fact<'_> {
    /// Paints it at the top of `rect`; says whether it was clicked.
    pub fn show(&self, ui: &Ui, rect: Rect, id: impl std::hash::Hash + std::fmt::Debug) -> bool {
        let theme = Theme::of(ui.ctx());
        let p = ui.painter();
        let line = Rect::from_min_size(rect.min, vec2(rect.width(), FACT));
        let y = line.center().y;
        let words = format!("{}: {}", self.what, self.value);
        let area = line.expand2(vec2(4.0, 0.0));
        let id = ui.scope_id().with(("fact", id));
        let mut clicked = false;
        let response = if self.opens {
            let response = hit(ui, area, id, &words);
            if self.selected {
                p.rect_filled(area, 2.0, theme.selected);
            } else if response.hovered() {
                p.rect_filled(area, 2.0, theme.hover);
            }
            clicked = response.clicked();
            response
        } else {
            let response = ui.interact(area, id, Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
            response
        };
        if !self.hint.is_empty() {
            response.on_hover_text(self.hint);
        }
        let width = text_width(p, self.value, font::mono());
        let color = if self.opens { theme.text } else { theme.text_2 };
        text_cut(p, pos2(line.left(), y), line.width() - width - 14.0, self.what, font::body(), color);
        text(p, pos2(line.right(), y), Align2::RIGHT_CENTER, self.value, font::mono(), theme.text);
        clicked
    }
}
