//! A forest plot: statistics with their intervals on one axis, one a row, with columns of further numbers.

use egui::{Align2, Rangef, Rect, Sense, Stroke, Ui, pos2, vec2};

use super::paint::{heading, hit_as, number, text, text_cut};
use super::theme::{Theme, font};
use crate::stats::Statistic;

/// Height of a row.
pub const STEP: f32 = 26.0;
/// Width of a further column.
const COLUMN: f32 = 54.0;
/// Width of value and interval.
const VALUES: f32 = 126.0;
/// Least distance of two numbers at the axis.
const TICK: f64 = 36.0;

/// One row.
#[derive(Debug)]
pub struct Row {
    /// What it is called.
    pub name: String,
    /// Its value with an interval, or why there is none.
    pub statistic: Statistic,
    /// Further numbers, as many as there are columns.
    pub cells: Vec<String>,
    /// Whether a ring sets it off.
    pub ringed: bool,
}

/// The plot.
#[derive(Debug)]
pub struct Forest<'a> {
    /// What rows are, and how to read them.
    pub title: (&'a str, &'a str),
    /// Further columns: name, meaning.
    pub columns: &'a [(&'a str, &'a str)],
    /// The rows.
    pub rows: &'a [Row],
    /// The row under the cursor.
    pub selected: Option<usize>,
    /// A value that all are compared with.
    pub whole: Option<f64>,
    /// Whether rows without the cursor are paler.
    pub quiet: bool,
    /// Whether values may be larger than 1.
    pub open: bool,
}

impl Forest<'_> {
    /// Paints it into `rect`; gives the row that was clicked. `reveal` scrolls to the cursor.
    pub fn show(&self, ui: &mut Ui, rect: Rect, reveal: bool) -> Option<usize> {
        let theme = Theme::of(ui.ctx());
        let r = rect;
        let p = ui.painter().clone();
        heading(&p, theme, pos2(r.left(), r.top() + 10.0), self.title.0, self.title.1);
        let (low, high) = self.ends();
        let further = COLUMN * self.columns.len() as f32;
        let names = (r.width() * 0.36).clamp(120.0, 250.0).min((r.width() - further - VALUES) * 0.55);
        let axis = Rangef::new(r.left() + names, (r.right() - VALUES - further).max(r.left() + names + 40.0));
        let x = move |v: f64| axis.min + axis.span() * ((v.clamp(low, high) - low) / (high - low)) as f32;
        let head = if self.columns.is_empty() { 28.0 } else { 46.0 };
        for (i, (name, meaning)) in self.columns.iter().enumerate() {
            let right = axis.max + VALUES + COLUMN * (i + 1) as f32 - 4.0;
            let at = Rect::from_min_max(pos2(right - COLUMN, r.top() + 26.0), pos2(right, r.top() + 44.0));
            let response = hit_as(ui, at, ui.scope_id().with(("column", name)), name, None);
            text(&p, at.right_center(), Align2::RIGHT_CENTER, name, font::caption(), theme.text_3);
            response.on_hover_text(*meaning);
        }
        let bottom = (r.top() + head + STEP * self.rows.len() as f32).min(r.bottom() - 18.0);
        let area = Rect::from_min_max(pos2(r.left(), r.top() + head), pos2(r.right(), bottom));
        let mut every = match high - low {
            span if span > 1.25 => (span / 4.0).ceil().max(1.0) / if span > 2.5 { 1.0 } else { 2.0 },
            _ => 0.25,
        };
        while f64::from(axis.span()) * every / (high - low) < TICK && every < high - low {
            every *= 2.0;
        }
        // Numbers that one can read: multiples of the step, 0 among them.
        let top = (high / every + 1e-9).floor() * every;
        for i in 0..=((top - low) / every + 1e-9).floor() as u32 {
            let v = top - every * f64::from(i);
            p.vline(x(v), area.y_range(), Stroke::new(1.0, theme.grid));
            let at = pos2(x(v), area.bottom() + 9.0);
            text(&p, at, Align2::CENTER_CENTER, &number(v, 2), font::mono_small(), theme.text_3);
        }
        if low < 0.0 {
            p.vline(x(0.0), area.y_range(), Stroke::new(1.0, theme.line_strong));
        }
        if let Some(whole) = self.whole.filter(|_| !self.rows.is_empty()) {
            let dashes = egui::Shape::dashed_line(
                &[pos2(x(whole), area.top()), pos2(x(whole), area.bottom())],
                Stroke::new(1.0, theme.accent),
                4.0,
                3.0,
            );
            p.extend(dashes);
        }
        let mut clicked = None;
        ui.scope_builder(egui::UiBuilder::new().max_rect(area).id_salt("forest"), |ui| {
            ui.set_clip_rect(area.expand2(vec2(6.0, 0.0)).intersect(ui.clip_rect()));
            egui::ScrollArea::vertical().id_salt("forest").auto_shrink(false).show_viewport(
                ui,
                |ui, view| {
                    let height = STEP * self.rows.len() as f32;
                    let (all, _) = ui.allocate_exact_size(vec2(area.width(), height), Sense::hover());
                    for (i, row) in self.rows.iter().enumerate() {
                        let top = STEP * i as f32;
                        let on = self.selected == Some(i);
                        let line = Rect::from_min_max(
                            pos2(all.left() - 4.0, all.top() + top),
                            pos2(all.right(), all.top() + top + STEP),
                        );
                        if on && reveal {
                            ui.scroll_to_rect(line, None);
                        }
                        // Rows far outside have no widgets: there may be hundreds.
                        if top + STEP < view.top() - 200.0 || top > view.bottom() + 200.0 {
                            continue;
                        }
                        if self.row_ui(ui, line, (i, row), on, (low, axis.max), &x) {
                            clicked = Some(i);
                        }
                    }
                },
            );
        });
        clicked
    }

    /// The ends of the axis.
    fn ends(&self) -> (f64, f64) {
        let low = self.low();
        if !self.open {
            return (low, 1.0);
        }
        let estimates = self.rows.iter().filter_map(|row| row.statistic.estimate());
        let highest = estimates.map(|e| e.ci.map_or(e.value, |ci| ci.1)).fold(0.0_f64, f64::max);
        (low.min(0.0), (highest * 4.0).ceil().max(1.0) / 4.0)
    }

    fn low(&self) -> f64 {
        let lowest = self
            .rows
            .iter()
            .filter_map(|row| row.statistic.estimate())
            .map(|e| e.ci.map_or(e.value, |ci| ci.0))
            .chain(self.whole)
            .fold(1.0_f64, f64::min);
        if lowest >= 0.5 { 0.5 } else { (lowest * 4.0).floor() / 4.0 }.clamp(-1.0, 0.5)
    }

    fn row_ui(
        &self,
        ui: &Ui,
        line: Rect,
        (number_of, row): (usize, &Row),
        on: bool,
        (low, axis_end): (f64, f32),
        x: &dyn Fn(f64) -> f32,
    ) -> bool {
        let theme = Theme::of(ui.ctx());
        let p = ui.painter();
        let value = row.statistic.value();
        let mut words = match (value, row.statistic.reason()) {
            (Some(v), _) => format!("{}: {}", row.name, number(v, 3)),
            (None, reason) => format!("{}: {}", row.name, reason.unwrap_or_default()),
        };
        for (cell, (column, _)) in row.cells.iter().zip(self.columns) {
            words.push_str(&format!(", {column} {cell}"));
        }
        let id = ui.scope_id().with(("row", number_of));
        let response = hit_as(ui, line, id, &words, Some(on));
        if on {
            p.rect_filled(line, 2.0, theme.selected);
        } else if response.hovered() {
            p.rect_filled(line, 2.0, theme.hover);
        }
        let y = line.center().y;
        let color = if value.is_some() { theme.text } else { theme.text_3 };
        let from = x(f64::NEG_INFINITY);
        let cut = text_cut(
            p,
            pos2(line.left() + 6.0, y),
            from - line.left() - 18.0,
            &row.name,
            font::body(),
            color,
        );
        if let Some(e) = row.statistic.estimate() {
            let ink = if on || row.ringed || !self.quiet { theme.text } else { theme.text_3 };
            if let Some((from, to)) = e.ci {
                p.hline(x(from)..=x(to), y, Stroke::new(2.0, ink));
            }
            if e.value < low {
                // Farther to the left than there is room.
                let tip = pos2(from - 3.0, y);
                let points = vec![tip, tip + vec2(7.0, -4.5), tip + vec2(7.0, 4.5)];
                p.add(egui::Shape::convex_polygon(points, ink, Stroke::NONE));
            } else {
                p.circle_filled(pos2(x(e.value), y), 4.0, ink);
            }
            if row.ringed {
                p.circle_stroke(pos2(x(e.value), y), 7.0, Stroke::new(1.5, theme.accent));
            }
            let right = axis_end + VALUES - 4.0;
            let at = pos2(right - 74.0, y);
            text(p, at, Align2::RIGHT_CENTER, &number(e.value, 3), font::mono(), theme.text);
            if let Some((from, to)) = e.ci {
                let span = format!("{}–{}", short(from), short(to));
                text(p, pos2(right, y), Align2::RIGHT_CENTER, &span, font::mono_small(), theme.text_3);
            }
        } else {
            let reason = row.statistic.reason().unwrap_or_default();
            let width = if self.columns.is_empty() { line.right() - from } else { axis_end + VALUES - from };
            text_cut(p, pos2(from, y), width - 4.0, &format!("— {reason}"), font::caption(), theme.text_3);
        }
        for (i, cell) in row.cells.iter().enumerate() {
            let right = axis_end + VALUES + COLUMN * (i + 1) as f32 - 4.0;
            text(p, pos2(right, y), Align2::RIGHT_CENTER, cell, font::mono(), theme.text_2);
        }
        let clicked = response.clicked();
        if cut {
            response.on_hover_text(&row.name);
        }
        clicked
    }
}

/// `.71`, `−.05`, `1`: two digits without the nought.
fn short(v: f64) -> String {
    let s = number(v, 2);
    match s
        .strip_prefix("0.")
        .map(|r| format!(".{r}"))
        .or_else(|| s.strip_prefix("−0.").map(|r| format!("−.{r}")))
    {
        Some(s) => s,
        None => s,
    }
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn noughts_before_the_point_are_left_out() {
        assert_eq!([short(0.712), short(-0.05), short(1.0)], [".71", "−.05", "1.00"]);
    }
}
