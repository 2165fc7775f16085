//! The way in: an empty window that says what to do, and the columns of a file before anything is computed.

use egui::{Align2, Rect, Role as Access, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::app::command::Command;
use crate::app::open::{Browse, Opening, choices};
use crate::app::request::Request;
use crate::app::samples;
use crate::app::state::Preferences;
use crate::app::views::empty;
use crate::app::widgets::icon::Icon;
use crate::app::widgets::paint::{
    Button, count, heading, hit, spoken, text, text_block, text_cut, thousands,
};
use crate::app::widgets::text::{elide, has_hidden, hidden_sign};
use crate::app::widgets::theme::{Theme, font};
use crate::dataset::{DuplicateRule, Role};
use crate::formats::{FORMATS, Inspection, merge_target};

/// Paints the window before anything is open.
pub fn start_ui(ui: &Ui, preferences: &Preferences, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let full = ui.max_rect();
    let p = ui.painter();
    let width = 560.0_f32.min(full.width() - 48.0);
    let left = full.center().x - width / 2.0;
    let mut y = full.top() + (full.height() * 0.16).max(24.0);
    text(p, pos2(left, y), Align2::LEFT_CENTER, "See where raters disagree", font::item(), theme.text);
    let words = "Open a table (CSV, Parquet, Excel, JSON Lines: one row a vote, one column a rater, or one label an \
                 item), the export of an annotation tool, or a folder with one file a rater. Predicted \
                 probabilities may come with it. Nothing leaves this machine.";
    let block = text_block(p, pos2(left, y + 26.0), width, words, font::body(), theme.text_2);
    y = block.bottom() + 18.0;
    let key = Command::Open.key();
    let (response, right) = Button::primary("Open…").key(&key).show(ui, pos2(left, y), "open");
    if response.clicked() {
        out.push(Request::Run(Command::Open));
    }
    let key = Command::OpenPath.key();
    let (response, right) = Button::new("Type a path…").key(&key).show(ui, pos2(right + 8.0, y), "path");
    if response.clicked() {
        out.push(Request::Run(Command::OpenPath));
    }
    text(
        p,
        pos2(right + 16.0, y + 14.0),
        Align2::LEFT_CENTER,
        "or drop files here",
        font::body(),
        theme.text_3,
    );
    y += 58.0;
    if !preferences.recent.is_empty() {
        text(p, pos2(left, y), Align2::LEFT_CENTER, "Opened lately", font::strong(), theme.text);
        y += 16.0;
        for recent in &preferences.recent {
            let name = recent.table.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let folder = recent.table.parent().map_or_else(String::new, |f| f.display().to_string());
            let line = Rect::from_min_size(pos2(left - 8.0, y), vec2(width + 16.0, 28.0));
            if way_in(ui, line, &name, &folder, font::mono_small()) {
                out.push(Request::OpenRecent(recent.clone()));
            }
            y += 28.0;
        }
        y += 26.0;
    }
    text(p, pos2(left, y), Align2::LEFT_CENTER, "Or look at a sample", font::strong(), theme.text);
    y += 16.0;
    for (at, sample) in samples::ALL.iter().enumerate() {
        let line = Rect::from_min_size(pos2(left - 8.0, y), vec2(width + 16.0, 28.0));
        if way_in(ui, line, sample.name, sample.about, font::caption()) {
            out.push(Request::OpenSample(at));
        }
        y += 28.0;
    }
}

/// A line that opens something; whether it was clicked.
fn way_in(ui: &Ui, line: Rect, name: &str, hint: &str, hint_font: egui::FontId) -> bool {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let response = hit(ui, line, ui.scope_id().with((name, hint)), &format!("Open {name}"));
    if response.hovered() {
        p.rect_filled(line, 4.0, theme.hover);
    }
    let (left, y) = (line.left() + 8.0, line.center().y);
    let x = text(p, pos2(left, y), Align2::LEFT_CENTER, name, font::body(), theme.text).right() + 12.0;
    text_cut(p, pos2(x, y), line.right() - 8.0 - x, hint, hint_font, theme.text_3);
    response.clicked()
}

const ROW: f32 = 34.0;

/// Paints what a file's columns are taken for.
pub fn ui(ui: &mut Ui, opening: &mut Opening, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let full = ui.max_rect();
    let Some(mut inspection) = opening.inspection.take() else {
        match &opening.error {
            Some(error) => {
                let buttons = vec![
                    ("Open another file…".to_owned(), Request::Run(Command::Open)),
                    ("Type a path…".to_owned(), Request::Run(Command::OpenPath)),
                ];
                empty::nothing(ui, full, "This file cannot be opened", error, buttons, out);
            }
            None => empty::loading(ui, full),
        }
        return;
    };
    let foot = Rect::from_min_max(pos2(full.left(), full.bottom() - 60.0), full.max);
    let body = Rect::from_min_max(full.min, pos2(full.right(), foot.top()));
    ui.scope_builder(egui::UiBuilder::new().max_rect(body).id_salt("columns"), |ui| {
        ui.set_clip_rect(body.intersect(ui.clip_rect()));
        egui::ScrollArea::vertical().id_salt("columns").auto_shrink(false).show(ui, |ui| {
            let n = inspection.columns.len();
            let notes = inspection.warnings.len().min(8);
            let height = 480.0
                + 26.0 * inspection.alike.len().min(9) as f32
                + ROW * n as f32
                + 24.0 * (inspection.preview.len() + notes) as f32
                + 90.0;
            let (area, _) =
                ui.allocate_exact_size(vec2(body.width(), height.max(body.height())), egui::Sense::hover());
            let r = area.shrink2(vec2(24.0, 18.0));
            let p = ui.painter().clone();
            let name = inspection.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let x = text(
                &p,
                pos2(r.left(), r.top() + 10.0),
                Align2::LEFT_CENTER,
                &name,
                font::heading(),
                theme.text,
            )
            .right();
            let rows = if inspection.rows_exact {
                count(inspection.rows as usize, "row", "rows")
            } else {
                format!("about {} rows", thousands(inspection.rows))
            };
            let words = if inspection.detected.format.is_empty() {
                format!("{rows} · {}", inspection.dialect.describe())
            } else {
                let items = count(inspection.rows as usize, "item", "items");
                format!("{items} in {}", count(inspection.detected.files, "file", "files"))
            };
            text_cut(
                &p,
                pos2(x + 12.0, r.top() + 10.0),
                r.right() - x - 12.0,
                &words,
                font::body(),
                theme.text_3,
            );
            let mut y = r.top() + 30.0;
            y = detected_ui(ui, Rect::from_min_max(pos2(r.left(), y), r.max), &inspection, opening);
            match &inspection.layout {
                Ok(_) => {
                    let block = text_block(
                        &p,
                        pos2(r.left(), y),
                        r.width(),
                        &inspection.layout_reason,
                        font::body(),
                        theme.text_2,
                    );
                    y = block.bottom() + 18.0;
                }
                Err((what, remedy)) => {
                    Icon::Warning.paint(&p, pos2(r.left() + 8.0, y + 9.0), 14.0, theme.warn);
                    let words = format!("{what}: {remedy}");
                    let block = text_block(
                        &p,
                        pos2(r.left() + 24.0, y),
                        r.width() - 24.0,
                        &words,
                        font::body(),
                        theme.text,
                    );
                    y = block.bottom() + 18.0;
                }
            }
            y = columns_ui(ui, Rect::from_min_max(pos2(r.left(), y), r.max), &mut inspection, opening) + 20.0;
            if inspection.columns.iter().any(|c| matches!(c.role, Role::Label | Role::Given))
                || inspection.columns.is_empty()
            {
                y = extras_ui(ui, Rect::from_min_max(pos2(r.left(), y), r.max), opening);
                y = duplicates_ui(ui, Rect::from_min_max(pos2(r.left(), y), r.max), opening);
                y = alike_ui(ui, Rect::from_min_max(pos2(r.left(), y), r.max), &inspection, opening) + 16.0;
            }
            y = preview_ui(ui, Rect::from_min_max(pos2(r.left(), y), r.max), &inspection) + 16.0;
            if !inspection.warnings.is_empty() {
                heading(
                    &p,
                    theme,
                    pos2(r.left(), y + 8.0),
                    "Notes",
                    &count(inspection.warnings.len(), "note", "notes"),
                );
                y += 24.0;
                for w in inspection.warnings.iter().take(8) {
                    let at = w.line.map_or_else(String::new, |l| format!("line {l}: "));
                    let words = format!("{at}{}. {}", w.message, w.remedy);
                    Icon::Warning.paint(&p, pos2(r.left() + 7.0, y + 10.0), 12.0, theme.warn);
                    text_cut(
                        &p,
                        pos2(r.left() + 22.0, y + 10.0),
                        r.width() - 24.0,
                        &words,
                        font::body(),
                        theme.text_2,
                    );
                    y += 24.0;
                }
            }
        });
    });
    let p = ui.painter();
    p.rect_filled(foot, 0.0, theme.raised);
    p.hline(foot.x_range(), foot.top(), theme.border());
    let busy = opening.loading;
    let reason = match &inspection.layout {
        _ if busy => Some("The file is being read"),
        Ok(_) => None,
        Err(_) => Some("Say which column is the label first"),
    };
    let at = pos2(foot.left() + 24.0, foot.top() + 16.0);
    let go = Button::primary("Continue").key("Enter").disabled(reason);
    let (response, right) = go.show(ui, at, "continue");
    let enter = ui.input(|i| i.key_pressed(egui::Key::Enter)) && !ui.ctx().text_edit_focused();
    let focused = ui.memory(|m| m.focused().is_some());
    if response.clicked() || (enter && !focused && reason.is_none()) {
        opening.go = true;
    }
    let (response, right) = Button::new("Open another file…").show(ui, pos2(right + 8.0, at.y), "another");
    if response.clicked() {
        out.push(Request::Run(Command::Open));
    }
    if let Some(error) = &opening.error {
        Icon::Warning.paint(p, pos2(right + 24.0, at.y + 14.0), 14.0, theme.warn);
        let zone = Rect::from_min_max(pos2(right + 40.0, foot.top() + 8.0), foot.max - vec2(16.0, 4.0));
        let galley = p.layout(error.clone(), font::body(), theme.text, zone.width());
        p.with_clip_rect(zone).galley(
            pos2(zone.left(), at.y + 14.0 - galley.size().y.min(44.0) / 2.0),
            galley,
            theme.text,
        );
    } else if busy {
        text(p, pos2(right + 24.0, at.y + 14.0), Align2::LEFT_CENTER, "Reading…", font::body(), theme.text_2);
    }
    opening.inspection = Some(inspection);
}

/// What the file was taken for and why, what else it could be read as, which question of it, and what is missing.
fn detected_ui(ui: &mut Ui, r: Rect, inspection: &Inspection, opening: &mut Opening) -> f32 {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter().clone();
    let mut y = r.top();
    let mut words =
        format!("Detected {}, because {}.", inspection.detected.name, inspection.detected.because);
    if opening.recalled {
        words.push_str(" Its columns are taken as you chose last time.");
    }
    let chooser = 190.0_f32.min(r.width() * 0.25);
    let block =
        text_block(&p, pos2(r.left(), y + 2.0), r.width() - chooser - 16.0, &words, font::body(), theme.text);
    spoken(ui, block, &words);
    let cell = Rect::from_min_size(pos2(r.right() - chooser, y), vec2(chooser, 26.0));
    let chosen = opening.wanted.overrides.format.clone();
    let mut wanted = chosen.clone();
    ui.scope_builder(egui::UiBuilder::new().max_rect(cell).id_salt("read as"), |ui| {
        let combo = egui::ComboBox::from_id_salt("read as")
            .selected_text(if chosen.is_some() { "Read as chosen" } else { "Read as detected" })
            .width(chooser - 8.0);
        let response = combo.show_ui(ui, |ui| {
            ui.selectable_value(&mut wanted, None, "As detected");
            ui.selectable_value(&mut wanted, Some("table".to_owned()), "A delimited table");
            for format in FORMATS {
                ui.selectable_value(&mut wanted, Some(format.id.to_owned()), format.name);
            }
        });
        response.response.widget_info(|| WidgetInfo::labeled(Access::ComboBox, true, "Read as"));
    });
    if wanted != chosen {
        opening.wanted.overrides.format = wanted;
        opening.wanted.overrides.question = None;
        opening.again = true;
    }
    y = block.bottom().max(cell.bottom()) + 8.0;
    if let Some(asked) = inspection.questions.get(inspection.question) {
        text(&p, pos2(r.left(), y + 13.0), Align2::LEFT_CENTER, "Question", font::body(), theme.text);
        let cell = Rect::from_min_size(pos2(r.left() + 84.0, y), vec2(360.0_f32.min(r.width() - 84.0), 26.0));
        let mut question = inspection.question;
        ui.scope_builder(egui::UiBuilder::new().max_rect(cell).id_salt("question"), |ui| {
            let name = elide(&asked.name, 44);
            let combo =
                egui::ComboBox::from_id_salt("question").selected_text(name).width(cell.width() - 8.0);
            let response = combo.show_ui(ui, |ui| {
                for (i, q) in inspection.questions.iter().enumerate() {
                    ui.selectable_value(&mut question, i, elide(&q.name, 60));
                }
            });
            response.response.widget_info(|| WidgetInfo::labeled(Access::ComboBox, true, "Question"));
        });
        let words = format!(
            "{} of {} · {} · {}; the others are a click away once it is open",
            inspection.question + 1,
            inspection.questions.len(),
            asked.task.words(),
            count(asked.n_annotations as usize, "vote", "votes")
        );
        let left = cell.right() + 12.0;
        text_cut(&p, pos2(left, y + 13.0), r.right() - left, &words, font::body(), theme.text_3);
        if question != inspection.question {
            opening.wanted.overrides.question = Some(inspection.questions[question].name.clone());
            opening.again = true;
        }
        y += 34.0;
    }
    if !inspection.missing.is_empty() {
        let words: Vec<String> =
            inspection.missing.iter().map(|(why, n)| format!("{} {}", thousands(*n), why.words())).collect();
        let words = format!("Labels that are not there: {}", words.join(", "));
        let at = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), 20.0));
        text_cut(&p, pos2(r.left(), y + 8.0), r.width(), &words, font::body(), theme.text_2);
        spoken(ui, at, &words);
        y += 24.0;
    }
    y
}

fn columns_ui(
    ui: &mut Ui,
    r: Rect,
    inspection: &mut crate::formats::Inspection,
    opening: &mut Opening,
) -> f32 {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter().clone();
    if inspection.columns.is_empty() {
        return r.top();
    }
    heading(
        &p,
        theme,
        pos2(r.left(), r.top() + 8.0),
        "Columns",
        "what each is taken for, and why; change what is wrong",
    );
    let mut y = r.top() + 26.0;
    let x_role = r.left() + 190.0_f32.min(r.width() * 0.22);
    let x_reason = x_role + 190.0;
    let x_examples = x_reason + (r.right() - x_reason) * 0.62;
    // What is used comes first: an export may have forty columns that say nothing of labels.
    let mut order: Vec<usize> = (0..inspection.columns.len()).collect();
    order.sort_by_key(|&i| inspection.columns[i].role == Role::Ignore);
    for i in order {
        let column = &mut inspection.columns[i];
        let middle = y + ROW / 2.0;
        text_cut(
            &p,
            pos2(r.left(), middle),
            x_role - r.left() - 12.0,
            &column.name,
            font::mono(),
            theme.text,
        );
        let cell = Rect::from_min_size(pos2(x_role, y + 3.0), vec2(170.0, ROW - 6.0));
        let before = column.role.clone();
        ui.scope_builder(egui::UiBuilder::new().max_rect(cell).id_salt(("role", i)), |ui| {
            let combo =
                egui::ComboBox::from_id_salt(("role", i)).selected_text(words(&column.role)).width(160.0);
            let response = combo.show_ui(ui, |ui| {
                for role in choices(&column.name) {
                    let name = words(&role);
                    ui.selectable_value(&mut column.role, role, name);
                }
            });
            let name = format!("Role of {}", column.name);
            response.response.widget_info(|| WidgetInfo::labeled(Access::ComboBox, true, &name));
        });
        if column.role != before {
            opening.changed = true;
        }
        let color = if column.role == Role::Ignore { theme.text_3 } else { theme.text_2 };
        text_cut(
            &p,
            pos2(x_reason, middle),
            x_examples - x_reason - 16.0,
            &column.reason,
            font::body(),
            color,
        );
        let examples = column.examples.join("  ");
        text_cut(
            &p,
            pos2(x_examples, middle),
            r.right() - x_examples,
            &examples,
            font::mono_small(),
            theme.text_3,
        );
        p.hline(r.x_range(), y + ROW - 0.5, Stroke::new(1.0, theme.grid));
        y += ROW;
    }
    y
}

fn words(role: &Role) -> String {
    match role {
        Role::Item => "item".to_owned(),
        Role::Rater => "rater".to_owned(),
        Role::Label => "label by a rater".to_owned(),
        Role::Given => "given label".to_owned(),
        Role::Gold => "gold label".to_owned(),
        Role::Text => "text".to_owned(),
        Role::Time => "seconds".to_owned(),
        Role::When => "when it was given".to_owned(),
        Role::Question => "question".to_owned(),
        Role::Probability(l) => format!("probability of {l}"),
        Role::Present(l) => format!("whether {l} applies"),
        Role::Count(l) => format!("votes for {l}"),
        Role::Status => "whether it counts".to_owned(),
        Role::Media => "path of a picture".to_owned(),
        Role::Meta => "further information".to_owned(),
        Role::Ignore => "not used".to_owned(),
    }
}

fn extras_ui(ui: &mut Ui, r: Rect, opening: &mut Opening) -> f32 {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter().clone();
    let label = 190.0_f32.min(r.width() * 0.22);
    let field = (r.width() - label - 110.0).min(560.0);
    let mut y = r.top();
    let mut wanted = None;
    let fields = [
        (
            "Predicted probabilities",
            "a CSV, .npy, .npz or JSON Lines, one row an item (optional)",
            &mut opening.probabilities,
            Some(Browse::Probabilities),
        ),
        (
            "Side table",
            "gold labels, texts or facts about raters, joined by key (optional)",
            &mut opening.side,
            Some(Browse::Side),
        ),
        ("Order of the labels", "a, b, c (optional; else by number or by name)", &mut opening.labels, None),
    ];
    for (name, hint, value, browse) in fields {
        text(&p, pos2(r.left(), y + 14.0), Align2::LEFT_CENTER, name, font::body(), theme.text);
        let area = Rect::from_min_size(pos2(r.left() + label, y), vec2(field, 28.0));
        let edit = egui::TextEdit::singleline(value).hint_text(hint).desired_width(field).font(font::mono());
        ui.put(area, edit).accessible_name(name);
        if let Some(browse) = browse
            && Button::new("Browse…").show(ui, pos2(area.right() + 8.0, y), name).0.clicked()
        {
            wanted = Some(browse);
        }
        y += 36.0;
    }
    opening.browse = opening.browse.or(wanted);
    y
}

/// Which of several labels by one rater for one item counts.
fn duplicates_ui(ui: &mut Ui, r: Rect, opening: &mut Opening) -> f32 {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter().clone();
    let y = r.top();
    let label = 190.0_f32.min(r.width() * 0.22);
    text(&p, pos2(r.left(), y + 14.0), Align2::LEFT_CENTER, "Repeated labels", font::body(), theme.text);
    let cell = Rect::from_min_size(pos2(r.left() + label, y), vec2(220.0, 28.0));
    let rule = &mut opening.wanted.settings.duplicates;
    ui.scope_builder(egui::UiBuilder::new().max_rect(cell).id_salt("duplicates"), |ui| {
        let words = |rule: DuplicateRule| match rule {
            DuplicateRule::First => "the first counts",
            DuplicateRule::Last => "the last counts",
            DuplicateRule::All => "each counts",
        };
        let combo = egui::ComboBox::from_id_salt("duplicates").selected_text(words(*rule)).width(212.0);
        let response = combo.show_ui(ui, |ui| {
            for choice in [DuplicateRule::Last, DuplicateRule::First, DuplicateRule::All] {
                ui.selectable_value(rule, choice, words(choice));
            }
        });
        let name = "Which of several labels by one rater for one item counts";
        response.response.widget_info(|| WidgetInfo::labeled(Access::ComboBox, true, name));
    });
    let words =
        "where a rater labelled an item more than once; in agreement only, nothing is left out of the file";
    let left = cell.right() + 12.0;
    text_cut(&p, pos2(left, y + 14.0), r.right() - left, words, font::body(), theme.text_3);
    y + 36.0
}

/// Labels that look alike, each group with a switch: nothing is merged unless somebody says so.
fn alike_ui(ui: &mut Ui, r: Rect, inspection: &Inspection, opening: &mut Opening) -> f32 {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter().clone();
    let mut y = r.top();
    let merges = &mut opening.wanted.options.merges;
    for (i, group) in inspection.alike.iter().take(8).enumerate() {
        let to = merge_target(group);
        let mut merged = group.iter().any(|from| merges.iter().any(|(f, t)| f == from && t == to));
        let others: Vec<String> =
            group.iter().filter(|n| *n != to).map(|n| format!("“{}”", shown(n))).collect();
        let words = format!("Take {} for “{}”", others.join(" and "), shown(to));
        let cell = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), 24.0));
        ui.scope_builder(egui::UiBuilder::new().max_rect(cell).id_salt(("alike", i)), |ui| {
            if ui.checkbox(&mut merged, words).changed() {
                merges.retain(|(from, _)| !group.contains(from));
                if merged {
                    merges.extend(group.iter().filter(|n| *n != to).map(|n| (n.clone(), to.to_owned())));
                }
            }
        });
        y += 26.0;
    }
    if inspection.alike.len() > 8 {
        let words = format!("and {} more groups of labels that look alike", inspection.alike.len() - 8);
        text_cut(&p, pos2(r.left(), y + 8.0), r.width(), &words, font::body(), theme.text_3);
        y += 24.0;
    }
    y
}

/// A label with its outer spaces and hidden characters to be seen.
fn shown(label: &str) -> String {
    let mut out = String::new();
    for (i, c) in label.char_indices() {
        let outer = label[..i].trim().is_empty() || label[i..].trim().is_empty();
        if c == ' ' && outer {
            out.push('␣');
        } else if has_hidden(c.encode_utf8(&mut [0; 4])) {
            out.push_str(&hidden_sign(c));
        } else {
            out.push(c);
        }
    }
    elide(&out, 60).into_owned()
}

fn preview_ui(ui: &Ui, r: Rect, inspection: &crate::formats::Inspection) -> f32 {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    if inspection.preview.is_empty() {
        return r.top();
    }
    heading(p, theme, pos2(r.left(), r.top() + 8.0), "Preview", "the first rows as they are understood");
    let top = r.top() + 26.0;
    let columns = [("Item", 0.0), ("Rater", 0.16), ("Label", 0.36), ("Text", 0.56)];
    let head = Rect::from_min_size(pos2(r.left(), top), vec2(r.width(), 24.0));
    p.rect(head, 0.0, theme.raised, Stroke::new(1.0, theme.line), StrokeKind::Inside);
    for (name, at) in columns {
        text(
            p,
            pos2(r.left() + 10.0 + r.width() * at, head.center().y),
            Align2::LEFT_CENTER,
            name,
            font::caption(),
            theme.text_2,
        );
    }
    let mut y = head.bottom();
    for row in &inspection.preview {
        let middle = y + 12.0;
        let cells = [&row.item, &row.rater, &row.label, &row.text];
        for (i, words) in cells.into_iter().enumerate() {
            let left = r.left() + 10.0 + r.width() * columns[i].1;
            let right = columns.get(i + 1).map_or(r.right(), |c| r.left() + r.width() * c.1);
            let words = crate::app::widgets::text::elide(words, 160);
            let font = if i == 3 { font::body() } else { font::mono() };
            text_cut(p, pos2(left, middle), right - left - 12.0, &words, font, theme.text);
        }
        p.hline(r.x_range(), y + 23.5, Stroke::new(1.0, theme.grid));
        y += 24.0;
    }
    y
}
