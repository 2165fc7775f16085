//! What each detector says of the given label, one bar each.

use egui::{Align2, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::model::ItemModel;
use crate::app::widgets::paint::{bar, heading, number, text, text_cut};
use crate::app::widgets::theme::{Theme, font};

const PAD: f32 = 16.0;
const LINE: f32 = 20.0;

/// Paints the list; nothing where no detector has an opinion.
pub fn opinions_ui(ui: &mut Ui, model: &ItemModel, width: f32) {
    if model.opinions.is_empty() {
        return;
    }
    let theme = Theme::of(ui.ctx());
    ui.add_space(14.0);
    let (r, _) = ui.allocate_exact_size(vec2(width + PAD, LINE), Sense::hover());
    heading(ui.painter(), theme, pos2(r.left() + PAD, r.center().y), "Detectors", "suspicion, 0 to 1");
    for opinion in &model.opinions {
        let (r, _) = ui.allocate_exact_size(vec2(width + PAD, LINE), Sense::hover());
        let line = Rect::from_min_max(pos2(r.left() + PAD - 4.0, r.top()), pos2(r.right() + 4.0, r.bottom()));
        let response = ui.interact(line, ui.scope_id().with(("opinion", opinion.name)), Sense::hover());
        let value = number(opinion.value, 3);
        let words = format!("{}: {value}", opinion.name);
        response.widget_info(|| WidgetInfo::labeled(Role::Row, true, &words));
        let p = ui.painter();
        if response.hovered() {
            p.rect_filled(line, 2.0, theme.hover);
        }
        let (left, y) = (r.left() + PAD, r.center().y);
        text_cut(p, pos2(left, y), 128.0, opinion.name, font::body(), theme.text_2);
        let area = Rect::from_min_max(pos2(left + 136.0, y - 4.0), pos2(left + width - 48.0, y + 4.0));
        bar(p, area, opinion.value as f32, theme.mark, theme.grid);
        text(p, pos2(left + width, y), Align2::RIGHT_CENTER, &value, font::mono_small(), theme.text);
        response.on_hover_text(opinion.words);
    }
}
