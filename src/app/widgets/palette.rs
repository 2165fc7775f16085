//! Type a part of a name, get what fits best: the command palette and the type-ahead over labels.

use egui::{Align2, Key, Rect, Role, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::icon::Icon;
use super::paint::{key_cap, key_width, text, text_cut};
use super::theme::{Theme, font};

/// Indices of the names that fit what was typed, best first; ties keep the order of the names.
pub fn ranked<S: AsRef<str>>(typed: &str, names: &[S]) -> Vec<usize> {
    if typed.trim().is_empty() {
        return (0..names.len()).collect();
    }
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
    let mut buffer = Vec::new();
    let mut hits: Vec<(usize, u32)> = names
        .iter()
        .enumerate()
        .filter_map(|(i, n)| Some((i, pattern.score(Utf32Str::new(n.as_ref(), &mut buffer), &mut matcher)?)))
        .collect();
    hits.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    hits.into_iter().map(|h| h.0).collect()
}

/// One thing to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is matched and shown.
    pub name: String,
    /// A word about it at the right.
    pub hint: String,
    /// Its key.
    pub key: String,
}

/// An open palette.
#[derive(Debug, Clone, Default)]
pub struct Palette {
    /// What was typed.
    pub typed: String,
    cursor: usize,
    focused: bool,
    /// What fits, for what was typed and so many choices.
    ranked: Option<(String, usize, Vec<usize>)>,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picked {
    /// Still open.
    Open,
    /// Closed without a choice.
    Closed,
    /// This choice.
    Choice(usize),
}

const ROW: f32 = 28.0;
const MOST: usize = 12;

impl Palette {
    /// Paints the palette over `screen`. With `last`, that is the last row, and picking it gives `Choice(choices.len())`.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        screen: Rect,
        title: &str,
        choices: &[Choice],
        last: Option<&str>,
    ) -> Picked {
        let theme = Theme::of(ui.ctx());
        let known = self.ranked.take().filter(|r| r.0 == self.typed && r.1 == choices.len());
        let (typed, n, hits) = known.unwrap_or_else(|| {
            let names: Vec<&str> = choices.iter().map(|c| c.name.as_str()).collect();
            (self.typed.clone(), choices.len(), ranked(&self.typed, &names))
        });
        let total = hits.len() + usize::from(last.is_some());
        let (mut up, mut down, mut enter, mut escape) = (false, false, false, false);
        ui.input_mut(|i| {
            let none = egui::Modifiers::NONE;
            up = i.consume_key(none, Key::ArrowUp);
            down = i.consume_key(none, Key::ArrowDown);
            enter = i.consume_key(none, Key::Enter);
            escape = i.consume_key(none, Key::Escape);
        });
        if escape {
            return Picked::Closed;
        }
        if up {
            self.cursor = self.cursor.saturating_sub(1);
        }
        if down {
            self.cursor += 1;
        }
        self.cursor = self.cursor.min(total.saturating_sub(1));
        let shown = total.clamp(1, MOST);
        let first = self.cursor.saturating_sub(MOST - 1);
        let width = 520.0_f32.min(screen.width() - 40.0);
        let height = 46.0 + shown as f32 * ROW + 8.0;
        let frame = Rect::from_min_size(
            pos2(screen.center().x - width / 2.0, screen.top() + 72.0),
            vec2(width, height),
        );
        let mut picked = Picked::Open;
        let pick = |row: usize| if row < hits.len() { hits[row] } else { choices.len() };
        let area =
            egui::Area::new(egui::Id::unique("palette")).order(egui::Order::Foreground).fixed_pos(frame.min);
        area.show(ui.ctx(), |ui| {
            ui.allocate_rect(frame, egui::Sense::click());
            let p = ui.painter().clone();
            p.add(ui.visuals().popup_shadow.as_shape(frame, 6.0));
            p.rect(frame, 6.0, theme.raised, Stroke::new(1.0, theme.line_strong), StrokeKind::Inside);
            Icon::Search.paint(&p, frame.min + vec2(20.0, 22.0), 14.0, theme.text_3);
            let field = Rect::from_min_size(frame.min + vec2(34.0, 8.0), vec2(width - 46.0, 28.0));
            let edit = egui::TextEdit::singleline(&mut self.typed)
                .hint_text(title.to_owned())
                .frame(egui::Frame::NONE)
                .background_color(theme.raised)
                .align(Align2::LEFT_CENTER)
                .desired_width(field.width());
            let response = ui.put(field, edit).accessible_name(title);
            if !self.focused {
                response.request_focus();
                self.focused = true;
            }
            if response.changed() {
                self.cursor = 0;
            }
            p.hline(frame.x_range(), frame.top() + 42.0, theme.border());
            if total == 0 {
                let at = pos2(frame.left() + 16.0, frame.top() + 46.0 + ROW / 2.0);
                text(&p, at, Align2::LEFT_CENTER, "Nothing is called so", font::body(), theme.text_3);
            }
            for row in first..total.min(first + MOST) {
                let y = frame.top() + 46.0 + (row - first) as f32 * ROW;
                let line = Rect::from_min_size(pos2(frame.left() + 6.0, y), vec2(width - 12.0, ROW));
                let response = ui.interact(line, ui.scope_id().with(("choice", row)), egui::Sense::CLICK);
                let on = row == self.cursor;
                if on {
                    p.rect_filled(line, 4.0, theme.selected);
                } else if response.hovered() {
                    p.rect_filled(line, 4.0, theme.hover);
                }
                let middle = line.center().y;
                match hits.get(row).map(|&h| &choices[h]) {
                    Some(c) => {
                        response.widget_info(|| WidgetInfo::selected(Role::MenuItem, true, on, &c.name));
                        let mut right = line.right() - 10.0;
                        if !c.key.is_empty() {
                            right -= key_width(&p, &c.key);
                            key_cap(&p, pos2(right, middle), &c.key, theme.text_2, theme.line_strong);
                            right -= 10.0;
                        }
                        let x = text(
                            &p,
                            pos2(line.left() + 10.0, middle),
                            Align2::LEFT_CENTER,
                            &c.name,
                            font::body(),
                            theme.text,
                        );
                        text_cut(
                            &p,
                            pos2(x.right() + 12.0, middle),
                            right - x.right() - 16.0,
                            &c.hint,
                            font::caption(),
                            theme.text_3,
                        );
                    }
                    None => {
                        let words = last.unwrap_or_default();
                        response.widget_info(|| WidgetInfo::selected(Role::MenuItem, true, on, words));
                        text_cut(
                            &p,
                            pos2(line.left() + 10.0, middle),
                            width - 40.0,
                            words,
                            font::body(),
                            theme.text,
                        );
                    }
                }
                if response.clicked() {
                    picked = Picked::Choice(pick(row));
                }
            }
        });
        if enter && total > 0 {
            picked = Picked::Choice(pick(self.cursor));
        }
        if picked == Picked::Open && ui.input(|i| i.pointer.any_pressed()) {
            let outside = ui.input(|i| i.pointer.interact_pos()).is_some_and(|at| !frame.contains(at));
            if outside {
                return Picked::Closed;
            }
        }
        self.ranked = Some((typed, n, hits));
        picked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_fit_comes_first_and_nothing_typed_fits_everything() {
        let names = ["Review split votes", "Light or dark", "Redo", "Review label issues"];
        assert_eq!(ranked("", &names), [0, 1, 2, 3]);
        assert_eq!(ranked("dark", &names), [1]);
        assert_eq!(
            ranked("rev iss", &names)[0],
            3,
            "letters that stand together count more than scattered ones"
        );
        assert!(ranked("zzz", &names).is_empty());
    }
}
