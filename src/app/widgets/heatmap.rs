//! A square map of pairs, painted as one mesh; large ones are as quick as small ones.

use egui::{
    Color32, Mesh, Pos2, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::theme::Theme;

/// Where the cells are.
#[derive(Clone, Copy)]
pub struct Grid<'a> {
    /// Top left corner.
    pub origin: Pos2,
    /// Side of a cell with its gap, in points.
    pub size: f32,
    /// Rows and columns.
    pub n: usize,
    /// Extra space before a place, between groups.
    pub gap_before: &'a dyn Fn(usize) -> f32,
}

impl std::fmt::Debug for Grid<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Grid")
            .field("origin", &self.origin)
            .field("size", &self.size)
            .field("n", &self.n)
            .finish()
    }
}

impl Grid<'_> {
    /// Distance of a place's near edge from the origin.
    pub fn edge(&self, place: usize) -> f32 {
        self.size * place as f32 + (self.gap_before)(place)
    }

    fn cell(&self, row: usize, column: usize) -> Rect {
        let gap = if self.size >= 4.0 { 1.0 } else { 0.0 };
        Rect::from_min_size(
            self.origin + vec2(self.edge(column), self.edge(row)),
            vec2((self.size - gap).max(0.5), (self.size - gap).max(0.5)),
        )
    }

    fn place(&self, distance: f32) -> Option<usize> {
        let guess = (distance / self.size.max(0.1)) as usize;
        // Gaps push places down, never up.
        (guess.saturating_sub(12)..=guess)
            .rev()
            .filter(|&p| p < self.n)
            .find(|&p| (self.edge(p)..self.edge(p) + self.size).contains(&distance))
    }
}

/// What the reader did.
#[derive(Debug)]
pub struct HeatMapResponse {
    /// The whole.
    pub response: Response,
    /// Row and column under the pointer.
    pub hovered: Option<(usize, usize)>,
    /// Row and column clicked.
    pub clicked: Option<(usize, usize)>,
}

/// Paints the map. `color` of `None` is an empty tile with a stroke; the diagonal is an outlined box.
pub fn heat_map(
    ui: &Ui,
    name: &str,
    grid: &Grid<'_>,
    color: impl Fn(usize, usize) -> Option<Color32>,
    selected: Option<usize>,
) -> HeatMapResponse {
    let theme = Theme::of(ui.ctx());
    let side = if grid.n == 0 { 0.0 } else { grid.edge(grid.n - 1) + grid.size };
    let rect = Rect::from_min_size(grid.origin, vec2(side, side));
    let response = ui.interact(rect, ui.scope_id().with(name), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("{name}, {0} by {0}", grid.n)));
    super::paint::focus_ring(ui, &response, rect);
    let p = ui.painter();
    let mut mesh = Mesh::default();
    let mut strokes = Vec::new();
    for row in 0..grid.n {
        for column in 0..grid.n {
            let cell = grid.cell(row, column);
            if row == column {
                mesh.add_colored_rect(cell, theme.raised);
                continue;
            }
            match color(row, column) {
                Some(c) => mesh.add_colored_rect(cell, c),
                None => {
                    mesh.add_colored_rect(cell, theme.raised);
                    if grid.size >= 7.0 {
                        strokes
                            .push([cell.left_bottom() + vec2(2.0, -2.0), cell.right_top() + vec2(-2.0, 2.0)]);
                    }
                }
            }
        }
    }
    p.add(mesh);
    for s in strokes {
        p.line_segment(s, Stroke::new(1.0, theme.line_strong));
    }
    if let Some(place) = selected {
        let row = Rect::from_min_size(
            pos2(grid.origin.x, grid.origin.y + grid.edge(place)),
            vec2(side, grid.size - 1.0),
        );
        p.rect_stroke(row.expand(1.0), 1.0, Stroke::new(1.0, theme.text), StrokeKind::Outside);
    }
    let at = |pos: Option<Pos2>| {
        let d = pos? - grid.origin;
        Some((grid.place(d.y)?, grid.place(d.x)?))
    };
    let hovered = at(response.hover_pos());
    if let Some((row, column)) = hovered {
        p.rect_stroke(
            grid.cell(row, column).expand(1.0),
            0.0,
            Stroke::new(1.0, theme.text),
            StrokeKind::Outside,
        );
    }
    let clicked = if response.clicked() { at(response.interact_pointer_pos()) } else { None };
    HeatMapResponse { response, hovered, clicked }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_across_the_gaps_between_groups() {
        let gap = |p: usize| if p >= 3 { 6.0 } else { 0.0 };
        let g = Grid { origin: Pos2::ZERO, size: 10.0, n: 6, gap_before: &gap };
        assert_eq!(g.place(0.5), Some(0));
        assert_eq!(g.place(29.9), Some(2));
        assert_eq!(g.place(33.0), None);
        assert_eq!(g.place(36.5), Some(3));
        assert_eq!(g.place(65.9), Some(5));
        assert_eq!(g.place(66.1), None);
    }
}
