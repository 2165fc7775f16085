//! A table whose position is an integer row: exact at any number of rows, at the cost of the rows in sight.
//!
//! The table paints its head, its lines and its scroll bar; the caller paints the cells. Nothing is done for
//! rows that cannot be seen.

use egui::{
    Align2, CursorIcon, Id, Painter, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

use super::paint;
use super::text::signed;
use super::theme::{Theme, font};

/// Height of a row in points, as the density has it.
pub fn row_height(ui: &Ui) -> f32 {
    ui.spacing().interact_size.y
}

/// Height of the head in points.
pub const HEAD: f32 = 28.0;
const BAR: f32 = 10.0;

/// One column.
#[derive(Debug, Clone, Copy)]
pub struct Column<'a> {
    /// What the head says.
    pub title: &'a str,
    /// Width in points; 0 takes what is left.
    pub width: f32,
    /// Whether the head is set to the right.
    pub right: bool,
    /// Whether a click on the head sorts.
    pub sortable: bool,
    /// What the column means, on hover.
    pub hint: &'a str,
}

impl<'a> Column<'a> {
    /// A column of fixed width.
    pub const fn new(title: &'a str, width: f32) -> Self {
        Self { title, width, right: false, sortable: false, hint: "" }
    }

    /// A click on its head sorts.
    #[must_use]
    pub const fn sortable(mut self) -> Self {
        self.sortable = true;
        self
    }

    /// Its head is set to the right.
    #[must_use]
    pub const fn right(mut self) -> Self {
        self.right = true;
        self
    }

    /// What it means.
    #[must_use]
    pub const fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }
}

/// Where the reader is. Kept by the caller.
#[derive(Debug, Clone, Default)]
pub struct TableState {
    /// First row in sight; `f64` is exact to 2⁵³.
    pub top: f64,
    /// Rows that fit.
    pub visible: u64,
    /// Widths that the user dragged, by column.
    pub widths: Vec<Option<f32>>,
}

impl TableState {
    /// Counts the rows that fit into `height` points with the head.
    pub fn measure(&mut self, ui: &Ui, height: f32) {
        self.visible = ((height - HEAD) / row_height(ui)).floor().max(1.0) as u64;
    }

    /// Scrolls as little as needed for `row` to be in sight.
    pub fn reveal(&mut self, row: u64) {
        let visible = self.visible.max(1);
        if (row as f64) < self.top {
            self.top = row as f64;
        } else if row as f64 >= self.top + visible as f64 {
            self.top = (row + 1 - visible) as f64;
        }
    }
}

/// What the caller needs to paint a row.
#[derive(Debug, Clone, Copy)]
pub struct RowLook {
    /// Whether it is selected.
    pub selected: bool,
    /// Whether the pointer is over it.
    pub hovered: bool,
}

/// What the reader did.
#[derive(Debug, Clone, Copy, Default)]
pub struct TableEvents {
    /// A row was clicked.
    pub clicked: Option<u64>,
    /// A row was clicked twice.
    pub opened: Option<u64>,
    /// A head was clicked (column, with shift).
    pub sort: Option<(usize, bool)>,
}

/// How the rows are sorted, for the head's arrow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sorted {
    /// The column.
    pub column: usize,
    /// Whether the largest is first.
    pub descending: bool,
}

/// A table.
#[derive(Debug)]
pub struct Table<'a> {
    /// Its accessible name, such as "Items".
    pub name: &'a str,
    /// Its columns.
    pub columns: &'a [Column<'a>],
    /// Number of rows.
    pub rows: u64,
    /// The selected row.
    pub selected: Option<u64>,
    /// How the rows are sorted.
    pub sorted: Option<Sorted>,
}

impl Table<'_> {
    /// Paints it into `rect`. `name_of` names a row for a screen reader; `cells` paints one row into the given
    /// cells.
    pub fn show(
        &self,
        ui: &mut Ui,
        rect: Rect,
        state: &mut TableState,
        name_of: impl Fn(u64) -> String,
        mut cells: impl FnMut(&mut Ui, u64, &[Rect], RowLook),
    ) -> TableEvents {
        let theme = Theme::of(ui.ctx());
        let id = ui.scope_id().with(("table", self.name));
        let mut events = TableEvents::default();
        let height = row_height(ui);
        let body = Rect::from_min_max(pos2(rect.left(), rect.top() + HEAD), rect.max);
        state.visible = ((body.height() / height).floor().max(1.0)) as u64;
        let max_top = self.rows.saturating_sub(state.visible) as f64;
        if ui.rect_contains_pointer(body) {
            let dy = ui.input(egui::InputState::smooth_scroll_delta).y;
            state.top -= f64::from(dy / height);
        }
        let bar = Rect::from_min_max(pos2(rect.right() - BAR, body.top()), body.max);
        if max_top > 0.0 {
            scroll_bar(ui, bar, id, self.name, &mut state.top, (state.visible, self.rows), max_top);
        }
        state.top = state.top.clamp(0.0, max_top);

        let spans = self.spans(rect, state);
        ui.painter().rect_filled(Rect::from_min_size(rect.min, vec2(rect.width(), HEAD)), 0.0, theme.raised);
        ui.painter().hline(rect.x_range(), rect.top() + HEAD - 0.5, theme.border());
        self.head(ui, rect, &spans, state, id, &mut events);

        let first = state.top.floor() as u64;
        let shift = (state.top - state.top.floor()) as f32 * height;
        ui.scope_builder(UiBuilder::new().max_rect(body).id_salt(id), |ui| {
            ui.set_clip_rect(body.intersect(ui.clip_rect()));
            let mut boxes = Vec::with_capacity(spans.len());
            for row in first..(first + state.visible + 2).min(self.rows) {
                let y = body.top() + (row - first) as f32 * height - shift;
                if y >= body.bottom() {
                    break;
                }
                let line = Rect::from_min_size(pos2(rect.left(), y), vec2(rect.width() - BAR, height));
                let selected = self.selected == Some(row);
                let response = Self::row(ui, line.intersect(body), id.with(row), selected, || name_of(row));
                let look = RowLook { selected, hovered: response.hovered() };
                if selected {
                    ui.painter().rect_filled(line, 0.0, theme.selected);
                    let edge = Rect::from_min_size(line.min, vec2(2.0, height));
                    ui.painter().rect_filled(edge, 0.0, theme.accent);
                } else if look.hovered {
                    ui.painter().rect_filled(line, 0.0, theme.hover);
                }
                ui.painter().hline(line.x_range(), line.bottom() - 0.5, Stroke::new(1.0, theme.grid));
                boxes.clear();
                boxes.extend(spans.iter().map(|s| Rect::from_x_y_ranges(*s, line.y_range())));
                cells(ui, row, &boxes, look);
                if response.clicked() {
                    events.clicked = Some(row);
                }
                if response.double_clicked() {
                    events.opened = Some(row);
                }
            }
        });
        events
    }

    fn row(ui: &Ui, rect: Rect, id: Id, selected: bool, name: impl Fn() -> String) -> Response {
        // Clickable, but no stop for Tab: arrows walk the rows.
        let response = ui.interact(rect, id, Sense::CLICK);
        response.widget_info(|| WidgetInfo::selected(Role::Row, true, selected, signed(&name())));
        response
    }

    /// Left and right edge of each column.
    fn spans(&self, rect: Rect, state: &TableState) -> Vec<egui::Rangef> {
        let width =
            |i: usize| state.widths.get(i).copied().flatten().unwrap_or_else(|| self.columns[i].width);
        let fixed: f32 = (0..self.columns.len()).filter(|&i| self.columns[i].width > 0.0).map(width).sum();
        let rest = (rect.width() - BAR - 16.0 - fixed).max(80.0);
        let mut x = rect.left() + 16.0;
        (0..self.columns.len())
            .map(|i| {
                let w = if self.columns[i].width > 0.0 { width(i) } else { rest };
                let span = egui::Rangef::new(x, x + w - 8.0);
                x += w;
                span
            })
            .collect()
    }

    fn head(
        &self,
        ui: &Ui,
        rect: Rect,
        spans: &[egui::Rangef],
        state: &mut TableState,
        id: Id,
        events: &mut TableEvents,
    ) {
        let theme = Theme::of(ui.ctx());
        for (i, (column, span)) in self.columns.iter().zip(spans).enumerate() {
            let cell = Rect::from_x_y_ranges(*span, egui::Rangef::new(rect.top(), rect.top() + HEAD));
            let sorted = self.sorted.filter(|s| s.column == i && column.sortable);
            let color = if sorted.is_some() { theme.text } else { theme.text_2 };
            let (pos, align) = if column.right {
                (
                    pos2(cell.right() - if sorted.is_some() { 14.0 } else { 0.0 }, cell.center().y),
                    Align2::RIGHT_CENTER,
                )
            } else {
                (pos2(cell.left(), cell.center().y), Align2::LEFT_CENTER)
            };
            let words = paint::text(ui.painter(), pos, align, column.title, font::caption(), color);
            if let Some(s) = sorted {
                arrow(ui.painter(), pos2(words.right() + 7.0, cell.center().y), s.descending, theme.text);
            }
            if column.sortable {
                let name = format!("Sort by {}", column.title);
                let response = paint::hit(ui, cell.shrink2(vec2(0.0, 4.0)), id.with(("head", i)), &name);
                if response.clicked() {
                    events.sort = Some((i, ui.input(|input| input.modifiers.shift)));
                }
                if !column.hint.is_empty() {
                    response.on_hover_text(column.hint);
                }
            } else if !column.hint.is_empty() {
                ui.interact(cell, id.with(("hint", i)), Sense::hover()).on_hover_text(column.hint);
            }
            if column.width > 0.0 {
                let edge =
                    Rect::from_min_max(pos2(span.max, cell.top()), pos2(span.max + 8.0, cell.bottom()));
                let grip = ui
                    .interact(edge, id.with(("edge", i)), Sense::DRAG)
                    .on_hover_cursor(CursorIcon::ResizeHorizontal);
                if grip.dragged() {
                    if state.widths.len() < self.columns.len() {
                        state.widths.resize(self.columns.len(), None);
                    }
                    let width = (span.span() + 8.0 + grip.drag_delta().x).clamp(32.0, 900.0);
                    state.widths[i] = Some(width);
                }
                if grip.hovered() || grip.dragged() {
                    ui.painter().vline(edge.center().x, cell.y_range(), Stroke::new(1.0, theme.line_strong));
                }
            }
        }
    }
}

/// A bar that shows and moves the first row in sight. `(visible, rows)` is how many can be seen, and how many there are.
pub fn scroll_bar(
    ui: &Ui,
    bar: Rect,
    id: Id,
    name: &str,
    top: &mut f64,
    (visible, rows): (u64, u64),
    max_top: f64,
) {
    let theme = Theme::of(ui.ctx());
    let response = ui.interact(bar, id.with("bar"), Sense::click_and_drag());
    let length = (bar.height() * visible as f32 / rows.max(1) as f32).max(24.0).min(bar.height());
    if (response.dragged() || response.clicked())
        && let Some(p) = response.interact_pointer_pos()
    {
        let room = (bar.height() - length).max(1.0);
        let t = ((p.y - bar.top() - length / 2.0) / room).clamp(0.0, 1.0);
        *top = (f64::from(t) * max_top).round();
    }
    let name = format!("{name}: first row in sight");
    response.widget_info(|| WidgetInfo::slider(true, *top, &name));
    let share = (*top / max_top).clamp(0.0, 1.0) as f32;
    let thumb = Rect::from_min_size(
        pos2(bar.left() + 3.0, bar.top() + share * (bar.height() - length)),
        vec2(4.0, length),
    );
    let color = if response.hovered() || response.dragged() { theme.text_3 } else { theme.line_strong };
    ui.painter().rect_filled(thumb, 2.0, color);
}

fn arrow(painter: &Painter, centre: egui::Pos2, down: bool, color: egui::Color32) {
    let d = if down { 1.0 } else { -1.0 };
    let stroke = Stroke::new(1.2, color);
    painter.line_segment([centre - vec2(0.0, 4.0), centre + vec2(0.0, 4.0)], stroke);
    let tip = centre + vec2(0.0, 4.0 * d);
    painter.line_segment([tip, tip + vec2(-3.0, -3.0 * d)], stroke);
    painter.line_segment([tip, tip + vec2(3.0, -3.0 * d)], stroke);
}

/// A ring around the whole table, for the zone that has the keyboard.
pub fn outline(painter: &Painter, rect: Rect, theme: &Theme) {
    painter.rect_stroke(rect, 0.0, Stroke::new(1.0, theme.line), StrokeKind::Inside);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revealing_a_row_scrolls_as_little_as_needed() {
        let mut s = TableState { top: 10.0, visible: 5, widths: vec![] };
        s.reveal(12);
        assert_eq!(s.top, 10.0);
        s.reveal(15);
        assert_eq!(s.top, 11.0);
        s.reveal(3);
        assert_eq!(s.top, 3.0);
        s.reveal(49_999_999);
        assert_eq!(s.top, 49_999_995.0);
    }
}
