//! Type-ahead over labels, however many there are and however long their names.

use egui::{Align2, Event, Key, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use crate::app::command::{ALL, Command, Scope};
use crate::app::document::Document;
use crate::app::request::Request;
use crate::app::widgets::paint::{self, hit_as, label_chip, text};
use crate::app::widgets::palette::ranked;
use crate::app::widgets::text::elide;
use crate::app::widgets::theme::{Theme, font};
use crate::dataset::LabelId;
use crate::review::Action;

/// Characters of a label's name that are shown.
const SHOWN: usize = 60;

/// Labels that fit what was typed, ranked once a keystroke.
#[derive(Debug, Default)]
pub struct Found {
    typed: Option<String>,
    labels: Vec<LabelId>,
}

impl Found {
    /// Labels whose names fit, best first: the name itself, names that begin so, names that hold its letters in order.
    pub fn of(&mut self, doc: &Document, typed: &str) -> &[LabelId] {
        if self.typed.as_deref() != Some(typed) {
            self.labels = rank(typed, doc.dataset.labels.names());
            self.typed = Some(typed.to_owned());
        }
        &self.labels
    }
}

fn rank(typed: &str, names: &[String]) -> Vec<LabelId> {
    let mut labels: Vec<LabelId> = ranked(typed, names).into_iter().map(|i| i as LabelId).collect();
    let wanted: Vec<char> = typed.trim().chars().flat_map(char::to_lowercase).collect();
    let place = |label: &LabelId| {
        let mut name = names[*label as usize].chars().flat_map(char::to_lowercase);
        let begins = wanted.iter().all(|c| name.next() == Some(*c));
        match (begins, name.next().is_none()) {
            (true, true) => 0,
            (true, false) => 1,
            _ => 2,
        }
    };
    // Stable: within a place the ranking stays.
    labels.sort_by_cached_key(place);
    labels
}

/// What was typed in this frame where letters that are no command begin a search: taken out of the input. Nothing if the first
/// of them is a command; those on spans are some only where there are spans.
pub(super) fn begun(ctx: &egui::Context, has_spans: bool) -> Option<String> {
    ctx.input_mut(|input| {
        let modifiers = input.modifiers;
        if modifiers.command || modifiers.alt {
            return None;
        }
        let typed: String = input
            .events
            .iter()
            .filter_map(|e| if let Event::Text(text) = e { Some(text.as_str()) } else { None })
            .collect();
        let first = typed.chars().next().filter(|c| c.is_alphabetic())?;
        let key = Key::from_name(&first.to_uppercase().to_string());
        let means = |c: Command| has_spans || !c.is_on_spans();
        let commands =
            ALL.iter().filter(|e| matches!(e.scope, Scope::Global | Scope::Review) && means(e.command));
        let is_command = commands.flat_map(|e| e.keys).any(|k| {
            let m = k.modifiers;
            Some(k.logical_key) == key && !m.command && !m.alt && m.shift == modifiers.shift
        });
        if is_command {
            return None;
        }
        input.events.retain(|e| !matches!(e, Event::Text(_)));
        Some(typed)
    })
}

/// Puts the cursor of a field behind what was typed before the field was there.
pub(super) fn go_on_with(ui: &Ui, field: egui::Id, typed: &str) {
    let mut edit = egui::TextEdit::load_state(ui.ctx(), field).unwrap_or_default();
    let end = egui::text::CCursor::new(typed.chars().count());
    edit.cursor.set_char_range(Some(egui::text::CCursorRange::one(end)));
    edit.store(ui.ctx(), field);
}

/// Paints the field and as many of the matches as there is room for.
pub(super) fn ui(
    ui: &mut Ui,
    r: Rect,
    doc: &Document,
    found: &mut Found,
    (typed, cursor, focus): (&mut String, &mut usize, &mut bool),
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let field = Rect::from_min_size(r.min, vec2(320.0_f32.min(r.width()), 28.0));
    let edit = egui::TextEdit::singleline(typed)
        .hint_text("A part of the label's name")
        .desired_width(field.width());
    let response = ui.put(field, edit).accessible_name("Find a label");
    if !*focus {
        response.request_focus();
        *focus = true;
        go_on_with(ui, response.id, typed);
    }
    if response.changed() {
        *cursor = 0;
    }
    let matches = found.of(doc, typed);
    let p = ui.painter();
    let said = match matches.len() {
        0 => "No label is called so".to_owned(),
        n => format!("{}   ↑ ↓ choose, Enter sets, Esc goes back", paint::count(n, "label", "labels")),
    };
    let at = pos2(field.right() + 14.0, field.center().y);
    text(p, at, Align2::LEFT_CENTER, &said, font::caption(), theme.text_2);
    paint::spoken(ui, Rect::from_min_max(at - vec2(0.0, 8.0), pos2(r.right(), at.y + 8.0)), &said);
    let mut x = field.left();
    let mut y = field.bottom() + 10.0;
    // The one under the cursor is always among those that are painted.
    for (i, &label) in matches.iter().enumerate().skip(cursor.saturating_sub(3)) {
        let whole = doc.label(label);
        let name = elide(whole, SHOWN);
        let width = paint::text_width(p, &name, font::body()).min(220.0) + 34.0;
        if x + width > r.right() && x > field.left() {
            x = field.left();
            y += 32.0;
        }
        if y + 28.0 > r.bottom() {
            break;
        }
        let chip = Rect::from_min_size(pos2(x, y), vec2(width, 26.0));
        let response = hit_as(ui, chip, ui.scope_id().with(("find", label)), &name, Some(i == *cursor));
        let (fill, line) = if i == *cursor {
            (theme.selected, Stroke::new(2.0, theme.text))
        } else {
            (theme.panel, Stroke::new(1.0, theme.line_strong))
        };
        p.rect(chip, 4.0, fill, line, StrokeKind::Inside);
        let at = pos2(x + 10.0, chip.center().y);
        label_chip(p, theme, at, width - 20.0, label, &name, theme.text);
        if response.clicked() {
            out.push(Request::Decide(Action::Relabel(label)));
        }
        if width >= 254.0 {
            response.on_hover_text(elide(whole, 2_000));
        }
        x += width + 8.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_begin_so_come_first_and_the_name_itself_before_them() {
        let names: Vec<String> =
            ["danger", "Angela", "anger", "Ang", "a new grief", "joy"].map(str::to_owned).to_vec();
        let named = |typed: &str| -> Vec<&str> {
            rank(typed, &names).into_iter().map(|l| names[l as usize].as_str()).collect()
        };
        assert_eq!(named("ang")[0], "Ang");
        assert_eq!(
            {
                let mut two = named("ang")[1..3].to_vec();
                two.sort_unstable();
                two
            },
            ["Angela", "anger"]
        );
        assert!(named("ang").contains(&"danger") && !named("ang").contains(&"joy"));
        assert_eq!(named("").len(), 6);
    }

    #[test]
    fn thousands_of_labels_and_one_of_a_hundred_thousand_letters_are_ranked_fast() {
        let mut names: Vec<String> = (0..5_000).map(|i| format!("label number {i}")).collect();
        names.push("long ".repeat(20_000));
        let since = std::time::Instant::now();
        assert_eq!(names[rank("label number 4999", &names)[0] as usize], "label number 4999");
        assert_eq!(rank("long", &names)[0], 5_000);
        assert!(since.elapsed().as_millis() < 5_000, "{:?}", since.elapsed());
    }
}
