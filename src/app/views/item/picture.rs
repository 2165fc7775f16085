//! The picture of an item, or why there is none.

use egui::{Color32, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::pictures::{Picture, fitted, path_of};
use crate::app::request::Request;
use crate::app::widgets::paint::{Button, spoken, text_block};
use crate::app::widgets::text::elide;
use crate::app::widgets::theme::{Theme, font};

/// Paints the picture of `item`, if the data names one, at most `size` large.
pub fn picture_ui(ui: &mut Ui, doc: &Document, item: u32, size: egui::Vec2, out: &mut Vec<Request>) {
    let Some(path) = path_of(doc, item) else { return };
    let theme = Theme::of(ui.ctx());
    let mut pictures = doc.pictures.lock();
    let shown = elide(path, 160);
    if pictures.root().is_none() {
        let (r, _) = ui.allocate_exact_size(vec2(size.x, 64.0), Sense::hover());
        let words = format!("The picture {shown} is not opened before you say which folder it is in");
        let block = text_block(ui.painter(), r.min, r.width(), &words, font::body(), theme.text_3);
        let button = Button::new("Folder of pictures…");
        if button.show(ui, pos2(r.left(), block.bottom() + 6.0), "pictures").0.clicked() {
            out.push(Request::Run(Command::PictureFolder));
        }
        ui.add_space((block.bottom() + 40.0 - r.bottom()).max(8.0));
        return;
    }
    match pictures.get(path) {
        Some(Picture::Shown(texture)) => {
            let picture = fitted(texture.size_vec2(), size);
            let (r, response) = ui.allocate_exact_size(vec2(size.x, picture.y), Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, &shown));
            let place = Rect::from_min_size(r.min, picture);
            let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            ui.painter().image(texture.id(), place, whole, Color32::WHITE);
            response.on_hover_text(shown);
        }
        Some(Picture::Refused(why)) => {
            let words = format!("{shown}: {why}");
            let (r, _) = ui.allocate_exact_size(vec2(size.x, 20.0), Sense::hover());
            let block = text_block(ui.painter(), r.min, r.width(), &words, font::body(), theme.warn);
            spoken(ui, block, &words);
            ui.add_space((block.bottom() - r.bottom()).max(0.0));
        }
        // The room it will take is kept, so that nothing jumps.
        None => {
            ui.allocate_exact_size(vec2(size.x, size.y.min(160.0)), Sense::hover());
        }
    }
    ui.add_space(8.0);
}
