//! The codebook as text to be edited: one reason a line, the second level indented.

use egui::{Align2, Rect, Ui, pos2, vec2};

use super::state::View;
use super::ui::modal;
use super::widgets::paint::{Button, text, text_cut};
use super::widgets::theme::{Theme, font};
use super::{App, Overlay, Stage};
use crate::review::Codebook;
use crate::review::outline::{from_outline, outline};
use crate::whole_file::write_whole;

/// What is typed.
#[derive(Debug, Default)]
pub struct Editor {
    text: String,
    error: String,
    focused: bool,
}

impl App {
    /// Opens the book as text.
    pub(super) fn edit_codebook(&mut self) {
        let reviewing = self.view == View::Review;
        let Some(doc) = self.document() else { return };
        let book = if reviewing { doc.reasons() } else { &doc.codebook };
        let editor = Editor { text: outline(book), ..Editor::default() };
        self.overlay = Overlay::Codebook(Box::new(editor));
    }

    /// Takes what is typed for the book, and writes it beside the source.
    fn take_codebook(&mut self, typed: &str) -> Result<(), String> {
        let reviewing = self.view == View::Review;
        let Stage::Ready(doc) = &mut self.stage else { return Ok(()) };
        let now = if reviewing { doc.reasons() } else { &doc.codebook };
        let book = from_outline(typed, now).map_err(|e| e.to_string())?;
        let path = Codebook::path_beside(&doc.dataset.source.table.path);
        let json = serde_json::to_string_pretty(&book).map_err(|e| e.to_string())?;
        write_whole(&path, |out| Ok(writeln!(out, "{json}")?)).map_err(|e| format!("{e:#}"))?;
        doc.codebook = book;
        doc.own_codebook = true;
        self.versions.book_changed();
        self.tell("Codebook saved", path.display().to_string(), false);
        Ok(())
    }

    /// Paints the editor; whether it stays.
    pub(super) fn codebook_ui(&mut self, ui: &mut Ui, screen: Rect, editor: &mut Editor) -> bool {
        let height = (screen.height() - 120.0).clamp(300.0, 560.0);
        modal(ui, screen, vec2(680.0, height), "codebook", |ui, r| {
            let theme = Theme::of(ui.ctx());
            let p = ui.painter().clone();
            let title = "Codebook";
            text(&p, r.min + vec2(0.0, 10.0), Align2::LEFT_CENTER, title, font::heading(), theme.text);
            let mut right = r.right();
            for (at, (name, what)) in Codebook::PRESETS.iter().enumerate().rev() {
                let button = Button::new(name);
                let left = right - button.width(&p);
                let (response, _) = button.show(ui, pos2(left, r.top() - 4.0), ("begin with", at));
                if response.clicked() {
                    editor.text = outline(&Codebook::preset(at));
                }
                response.on_hover_text(*what);
                right = left - 4.0;
            }
            let begin = pos2(right - 4.0, r.top() + 10.0);
            text(&p, begin, Align2::RIGHT_CENTER, "begin with", font::caption(), theme.text_3);
            let how = "One reason a line; an indented line belongs to the one above. What follows a colon is its definition.";
            text_cut(&p, r.min + vec2(0.0, 34.0), r.width(), how, font::caption(), theme.text_2);
            let field = Rect::from_min_max(r.min + vec2(0.0, 50.0), r.max - vec2(0.0, 44.0));
            let mut child = ui.new_child(egui::UiBuilder::new().max_rect(field).id_salt("lines"));
            egui::ScrollArea::vertical().auto_shrink(false).show(&mut child, |ui| {
                let edit = egui::TextEdit::multiline(&mut editor.text)
                    .desired_width(field.width())
                    .min_size(field.size())
                    .font(font::body());
                let response = ui.add(edit).accessible_name("Reasons, one a line");
                if !editor.focused {
                    response.request_focus();
                    editor.focused = true;
                }
            });
            let (response, right) =
                Button::primary("Save").show(ui, pos2(r.left(), r.bottom() - 30.0), "save codebook");
            let (x, y) = (right + 12.0, r.bottom() - 16.0);
            text_cut(&p, pos2(x, y), r.right() - x, &editor.error, font::body(), theme.warn);
            if response.clicked() {
                match self.take_codebook(&editor.text) {
                    Ok(()) => return false,
                    Err(why) => editor.error = why,
                }
            }
            true
        })
    }
}
