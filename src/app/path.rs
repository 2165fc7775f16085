//! The field in which a path is typed: a table to open, a log to take in, where something is to be written.

use egui::{Align2, Key, Rect, Ui, pos2, vec2};

use super::PathOf;
use super::open::{completion, expand};
use super::request::Request;
use super::ui::modal;
use super::widgets::paint::{Button, text, text_cut};
use super::widgets::theme::{Theme, font};

impl PathOf {
    /// Title, what an empty field says, the field's name, the button.
    fn words(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Self::Table => ("Open a table", "/path/to/table.csv", "Path of a table", "Open"),
            Self::Log => (
                "Add a reviewer's log",
                "/path/to/table.csv.ann.corrections.jsonl",
                "Path of a correction log",
                "Add",
            ),
            Self::Merged => {
                ("Write the merged log", "/path/to/merged.jsonl", "Path of the merged log", "Write")
            }
            Self::Feedback(_) => {
                ("Write feedback sheets", "/path/to/folder", "Folder of the feedback sheets", "Write")
            }
        }
    }

    fn request(self, path: std::path::PathBuf) -> Request {
        match self {
            Self::Table => Request::OpenFile(path),
            Self::Log => Request::AddLog(path),
            Self::Merged => Request::WriteMerged(path),
            Self::Feedback(pseudonymise) => Request::WriteFeedback(path, pseudonymise),
        }
    }
}

/// Paints the field; says whether it stays.
pub(super) fn path_ui(
    ui: &mut Ui,
    screen: Rect,
    typed: &mut String,
    focused: &mut bool,
    of: &mut PathOf,
    out: &mut Vec<Request>,
) -> bool {
    let enter = ui.input(|i| i.key_pressed(Key::Enter));
    let (title, hint, name, go) = of.words();
    let is_feedback = matches!(of, PathOf::Feedback(_));
    let height = if is_feedback { 180.0 } else { 150.0 };
    modal(ui, screen, vec2(620.0, height), "path", |ui, r| {
        let theme = Theme::of(ui.ctx());
        text(ui.painter(), r.min + vec2(0.0, 10.0), Align2::LEFT_CENTER, title, font::heading(), theme.text);
        let field = Rect::from_min_size(r.min + vec2(0.0, 34.0), vec2(r.width(), 28.0));
        let edit =
            egui::TextEdit::singleline(typed).hint_text(hint).desired_width(r.width()).font(font::mono());
        let response = ui.put(field, edit).accessible_name(name);
        if !*focused {
            response.request_focus();
            *focused = true;
        }
        let words = completion(typed);
        text_cut(
            ui.painter(),
            pos2(r.left(), field.bottom() + 16.0),
            r.width(),
            &words,
            font::mono_small(),
            theme.text_3,
        );
        let mut y = field.bottom() + 32.0;
        if let PathOf::Feedback(pseudonymise) = of {
            let line = Rect::from_min_size(pos2(r.left(), y - 4.0), vec2(r.width(), 24.0));
            ui.put(line, egui::Checkbox::new(pseudonymise, "Call raters R1, R2, …"));
            y += 28.0;
        }
        let (response, right) = Button::primary(go).key("Enter").show(ui, pos2(r.left(), y), "go path");
        if (response.clicked() || enter) && !typed.trim().is_empty() {
            out.push(of.request(expand(typed.trim())));
            return false;
        }
        if *of == PathOf::Log
            && Button::new("Browse…").show(ui, pos2(right + 8.0, y), "browse path").0.clicked()
        {
            out.push(Request::BrowseLog);
            return false;
        }
        true
    })
}
