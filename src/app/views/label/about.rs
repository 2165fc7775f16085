//! What people say of the dataset: fields to be filled in. Each is saved when the cursor leaves it.

use egui::{Align2, Rect, Sense, Ui, UiBuilder, pos2, vec2};

use crate::analysis::nutrition::ColumnsReport;
use crate::app::document::Document;
use crate::app::request::Request;
use crate::app::views::empty;
use crate::app::widgets::paint::{spoken, text, text_block, text_cut};
use crate::app::widgets::theme::{Theme, font};
use crate::report::{About, Field, NOT_PROVIDED};

const LINE: f32 = 32.0;
const TALL: f32 = 84.0;
const NAMES: f32 = 130.0;
const PAD: f32 = 16.0;
/// Columns that are described here; the file takes more.
const MOST: usize = 100;

/// Paints the fields.
pub fn ui(
    ui: &mut Ui,
    body: Rect,
    doc: &Document,
    columns: Option<&ColumnsReport>,
    draft: &mut Option<About>,
    out: &mut Vec<Request>,
) {
    let said = match &doc.about {
        Ok(about) => about,
        Err(why) => {
            let title = "What is said of the dataset cannot be read";
            empty::nothing(ui, body, title, &format!("{why}. Nothing is written over it."), Vec::new(), out);
            return;
        }
    };
    let typed = draft.get_or_insert_with(|| said.clone());
    let two = body.width() > 900.0;
    let variables = columns.map_or(0, |c| c.columns.len().min(MOST));
    let left_height = 70.0 + LINE * 13.0 + TALL + 60.0;
    let right_height = 70.0 + LINE * variables as f32 + 30.0;
    let height = if two { left_height.max(right_height) } else { left_height + right_height };
    let mut left_a_field = false;
    ui.scope_builder(UiBuilder::new().max_rect(body).id_salt("about"), |ui| {
        ui.set_clip_rect(body.intersect(ui.clip_rect()));
        egui::ScrollArea::vertical().id_salt("about").auto_shrink(false).show(ui, |ui| {
            let (rect, _) =
                ui.allocate_exact_size(vec2(body.width(), height.max(body.height())), Sense::hover());
            let width = if two { (rect.width() / 2.0).min(640.0) } else { rect.width() };
            let one = Rect::from_min_size(rect.min, vec2(width, rect.height())).shrink2(vec2(PAD, 12.0));
            let y = fields(ui, one, doc, typed, &mut left_a_field);
            let two = if two {
                let at = pos2(one.right() + 2.0 * PAD, rect.top() + 12.0);
                Rect::from_min_size(at, vec2((rect.right() - at.x - PAD).min(720.0), rect.height()))
            } else {
                Rect::from_min_size(pos2(one.left(), y + 20.0), one.size())
            };
            described(ui, two, columns, typed, &mut left_a_field);
        });
    });
    if left_a_field && typed != said {
        out.push(Request::SayAbout(Box::new(typed.clone())));
    }
}

fn title(ui: &Ui, at: egui::Pos2, words: &str, caption: &str, width: f32) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let right = text(p, at, Align2::LEFT_CENTER, words, font::strong(), theme.text).right() + 10.0;
    text_cut(p, pos2(right, at.y), width - (right - at.x), caption, font::caption(), theme.text_3);
}

fn fields(ui: &mut Ui, r: Rect, doc: &Document, typed: &mut About, left_a_field: &mut bool) -> f32 {
    let theme = Theme::of(ui.ctx());
    let file = About::path_beside(&doc.dataset.source.table.path);
    let file = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut y = r.top() + 10.0;
    let words = format!("What only you know. Saved in {file}");
    title(ui, pos2(r.left(), y), "Metadata", &words, r.width());
    spoken(ui, Rect::from_min_size(pos2(r.left(), y - 10.0), vec2(r.width(), 20.0)), &words);
    y += 22.0;
    for field in Field::METADATA {
        y = field_ui(ui, pos2(r.left(), y), r.width(), field, typed, left_a_field);
    }
    y += 22.0;
    title(ui, pos2(r.left(), y), "Provenance", "", r.width());
    y += 22.0;
    for field in Field::PROVENANCE {
        y = field_ui(ui, pos2(r.left(), y), r.width(), field, typed, left_a_field);
    }
    let note = format!("What is left blank is called “{NOT_PROVIDED}” in the label; nothing is made up.");
    let block =
        text_block(ui.painter(), pos2(r.left(), y + 8.0), r.width(), &note, font::caption(), theme.text_3);
    block.bottom()
}

fn field_ui(
    ui: &mut Ui,
    at: egui::Pos2,
    width: f32,
    field: Field,
    typed: &mut About,
    left_a_field: &mut bool,
) -> f32 {
    let theme = Theme::of(ui.ctx());
    let tall = field == Field::Description;
    let height = if tall { TALL } else { LINE };
    text(
        ui.painter(),
        pos2(at.x, at.y + LINE / 2.0),
        Align2::LEFT_CENTER,
        field.name(),
        font::body(),
        theme.text_2,
    );
    let place = Rect::from_min_size(pos2(at.x + NAMES, at.y + 2.0), vec2(width - NAMES, height - 6.0));
    let said = typed.get_mut(field);
    let edit =
        if tall { egui::TextEdit::multiline(said).desired_rows(4) } else { egui::TextEdit::singleline(said) };
    let edit =
        edit.hint_text(field.hint()).desired_width(place.width()).min_size(place.size()).font(font::body());
    let mut child = ui.new_child(UiBuilder::new().max_rect(place).id_salt(("field", field.key())));
    let response = if tall {
        let show = |ui: &mut Ui| ui.add(edit);
        egui::ScrollArea::vertical().max_height(place.height()).show(&mut child, show).inner
    } else {
        child.put(place, edit)
    };
    *left_a_field |= response.accessible_name(field.name()).lost_focus();
    at.y + height
}

fn described(
    ui: &mut Ui,
    r: Rect,
    columns: Option<&ColumnsReport>,
    typed: &mut About,
    left_a_field: &mut bool,
) {
    let theme = Theme::of(ui.ctx());
    let mut y = r.top() + 10.0;
    title(ui, pos2(r.left(), y), "Variables", "What each column holds, and its unit", r.width());
    y += 22.0;
    let Some(columns) = columns else {
        text(
            ui.painter(),
            pos2(r.left(), y + 10.0),
            Align2::LEFT_CENTER,
            "Reading the columns…",
            font::body(),
            theme.text_3,
        );
        return;
    };
    for (at, column) in columns.columns.iter().take(MOST).enumerate() {
        let line = Rect::from_min_size(pos2(r.left(), y), vec2(NAMES - 8.0, LINE));
        let p = ui.painter();
        let cut =
            text_cut(p, pos2(r.left(), y + LINE / 2.0), NAMES - 8.0, &column.name, font::mono(), theme.text);
        if cut {
            ui.interact(line, ui.scope_id().with(("variable", at)), Sense::hover())
                .on_hover_text(&column.name);
        }
        let place = Rect::from_min_size(pos2(r.left() + NAMES, y + 2.0), vec2(r.width() - NAMES, LINE - 6.0));
        let mut words = typed.of_column(&column.name).to_owned();
        let edit = egui::TextEdit::singleline(&mut words)
            .hint_text(column.kind.name())
            .desired_width(place.width())
            .font(font::body());
        let mut child = ui.new_child(UiBuilder::new().max_rect(place).id_salt(("description", at)));
        let response = child.put(place, edit).accessible_name(format!("Description of {}", column.name));
        if response.changed() {
            typed.variables.entry(column.name.clone()).or_default().description = words;
        }
        *left_a_field |= response.lost_focus();
        y += LINE;
    }
    if columns.columns.len() > MOST {
        let words = format!("and {} more, which the file can describe", columns.columns.len() - MOST);
        text(
            ui.painter(),
            pos2(r.left(), y + 12.0),
            Align2::LEFT_CENTER,
            &words,
            font::caption(),
            theme.text_3,
        );
    }
}
