//! Small icons, painted as strokes: no icon font, sharp at every zoom.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, pos2, vec2};

/// What to paint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// Overview.
    Dashboard,
    /// A page with a title.
    Sheet,
    /// Items.
    Rows,
    /// Raters.
    Grid,
    /// Many items at once.
    Tiles,
    /// Bars on both sides of a line.
    Mirror,
    /// Two texts side by side.
    Columns,
    /// A curve over its axis.
    Curve,
    /// Two people.
    People,
    /// Points with intervals.
    Forest,
    /// Many become one.
    Sum,
    /// A queue to review.
    Queue,
    /// The log.
    Log,
    /// Export.
    Download,
    /// A flagged item.
    Flag,
    /// Kept, true, all agree.
    Check,
    /// Wrong.
    Cross,
    /// Ambiguous.
    Half,
    /// Guideline.
    Fork,
    /// Becomes.
    Arrow,
    /// Undo.
    Undo,
    /// Redo.
    Redo,
    /// Search.
    Search,
    /// Excluded.
    Excluded,
    /// Back.
    Left,
    /// Forward.
    Right,
    /// Blind or not.
    Eye,
    /// Open a file.
    Folder,
    /// Something to know.
    Warning,
    /// Add.
    Plus,
    /// Unsure.
    Question,
}

impl Icon {
    /// Paints into a square of side `size` about `centre`.
    pub fn paint(self, painter: &Painter, centre: Pos2, size: f32, color: Color32) {
        let s = size / 16.0;
        let o = centre - vec2(8.0, 8.0) * s;
        let stroke = Stroke::new(1.4 * s.max(0.85), color);
        let p = |x: f32, y: f32| pos2(o.x + x * s, o.y + y * s);
        let line = |points: &[(f32, f32)]| {
            painter.add(Shape::line(points.iter().map(|&(x, y)| p(x, y)).collect(), stroke));
        };
        let frame = |x0: f32, y0: f32, x1: f32, y1: f32| {
            painter.rect_stroke(Rect::from_min_max(p(x0, y0), p(x1, y1)), 1.0, stroke, StrokeKind::Middle);
        };
        match self {
            Self::People => {
                for x in [5.0, 11.0] {
                    painter.circle_stroke(p(x, 5.5), 2.2 * s, stroke);
                    line(&[(x - 3.0, 13.0), (x - 2.2, 10.2), (x, 9.4), (x + 2.2, 10.2), (x + 3.0, 13.0)]);
                }
            }
            Self::Curve => {
                line(&[(2.5, 2.5), (2.5, 13.5), (13.5, 13.5)]);
                line(&[(4.5, 11.0), (7.0, 7.5), (9.5, 8.5), (13.0, 3.5)]);
            }
            Self::Columns => {
                for y in [3.5, 6.5, 9.5, 12.5] {
                    line(&[(2.5, y), (6.5, y)]);
                    line(&[(9.5, y), (13.5, y)]);
                }
            }
            Self::Dashboard => {
                frame(2.5, 2.5, 7.0, 8.5);
                frame(9.0, 2.5, 13.5, 5.5);
                frame(9.0, 7.5, 13.5, 13.5);
                frame(2.5, 10.5, 7.0, 13.5);
            }
            Self::Sheet => {
                frame(3.0, 2.0, 13.0, 14.0);
                line(&[(3.0, 5.5), (13.0, 5.5)]);
                line(&[(5.5, 8.5), (10.5, 8.5)]);
                line(&[(5.5, 11.2), (10.5, 11.2)]);
            }
            Self::Rows => {
                for y in [4.0, 8.0, 12.0] {
                    line(&[(2.5, y), (13.5, y)]);
                }
            }
            Self::Grid => {
                frame(2.5, 2.5, 13.5, 13.5);
                line(&[(6.2, 2.5), (6.2, 13.5)]);
                line(&[(9.8, 2.5), (9.8, 13.5)]);
                line(&[(2.5, 6.2), (13.5, 6.2)]);
                line(&[(2.5, 9.8), (13.5, 9.8)]);
            }
            Self::Tiles => {
                for (x, y) in [(2.5, 2.5), (9.0, 2.5), (2.5, 9.0), (9.0, 9.0)] {
                    frame(x, y, x + 4.5, y + 4.5);
                }
            }
            Self::Mirror => {
                line(&[(8.0, 2.5), (8.0, 13.5)]);
                for (y, left, right) in [(4.0, 3.0, 11.0), (8.0, 5.0, 13.5), (12.0, 2.5, 10.0)] {
                    line(&[(left, y), (6.2, y)]);
                    line(&[(9.8, y), (right, y)]);
                }
            }
            Self::Forest => {
                for (y, from, to) in [(3.5, 6.0, 13.5), (8.0, 3.0, 10.0), (12.5, 7.0, 12.0)] {
                    line(&[(from, y), (to, y)]);
                    let middle = f32::midpoint(from, to);
                    painter.circle_filled(p(middle, y), 2.0 * s, color);
                }
            }
            Self::Sum => {
                for y in [3.5, 8.0, 12.5] {
                    line(&[(2.5, y), (6.0, y), (10.0, 8.0)]);
                }
                line(&[(10.0, 8.0), (14.0, 8.0)]);
            }
            Self::Queue => {
                frame(2.5, 3.5, 13.5, 9.5);
                for x in [3.0, 6.6, 10.2] {
                    line(&[(x, 12.5), (x + 2.6, 12.5)]);
                }
            }
            Self::Log => {
                frame(3.5, 2.0, 12.5, 14.0);
                for y in [5.5, 8.0, 10.5] {
                    line(&[(5.8, y), (10.2, y)]);
                }
            }
            Self::Download => {
                line(&[(8.0, 2.5), (8.0, 10.0)]);
                line(&[(4.8, 7.0), (8.0, 10.2), (11.2, 7.0)]);
                line(&[(3.0, 13.5), (13.0, 13.5)]);
            }
            Self::Flag => {
                line(&[(4.0, 14.0), (4.0, 2.5), (12.5, 2.5), (10.4, 5.5), (12.5, 8.5), (4.0, 8.5)]);
            }
            Self::Check => line(&[(3.0, 8.5), (6.5, 12.0), (13.0, 4.5)]),
            Self::Cross => {
                line(&[(4.0, 4.0), (12.0, 12.0)]);
                line(&[(12.0, 4.0), (4.0, 12.0)]);
            }
            Self::Half => {
                painter.circle_stroke(p(8.0, 8.0), 5.2 * s, stroke);
                line(&[(8.0, 2.8), (8.0, 13.2)]);
            }
            Self::Fork => {
                line(&[(8.0, 13.5), (8.0, 8.0), (3.5, 2.8)]);
                line(&[(8.0, 8.0), (12.5, 2.8)]);
            }
            Self::Arrow => {
                line(&[(2.5, 8.0), (13.0, 8.0)]);
                line(&[(9.4, 4.4), (13.0, 8.0), (9.4, 11.6)]);
            }
            Self::Undo => {
                line(&[(6.0, 3.0), (3.0, 6.0), (6.0, 9.0)]);
                line(&[
                    (3.0, 6.0),
                    (10.0, 6.0),
                    (12.4, 7.0),
                    (13.2, 9.2),
                    (12.4, 11.5),
                    (10.0, 12.5),
                    (7.0, 12.5),
                ]);
            }
            Self::Redo => {
                line(&[(10.0, 3.0), (13.0, 6.0), (10.0, 9.0)]);
                line(&[
                    (13.0, 6.0),
                    (6.0, 6.0),
                    (3.6, 7.0),
                    (2.8, 9.2),
                    (3.6, 11.5),
                    (6.0, 12.5),
                    (9.0, 12.5),
                ]);
            }
            Self::Search => {
                painter.circle_stroke(p(7.0, 7.0), 4.2 * s, stroke);
                line(&[(10.2, 10.2), (13.5, 13.5)]);
            }
            Self::Excluded => {
                painter.circle_stroke(p(8.0, 8.0), 5.4 * s, stroke);
                line(&[(4.2, 11.8), (11.8, 4.2)]);
            }
            Self::Left => line(&[(10.0, 3.5), (5.5, 8.0), (10.0, 12.5)]),
            Self::Right => line(&[(6.0, 3.5), (10.5, 8.0), (6.0, 12.5)]),
            Self::Eye => {
                line(&[(1.8, 8.0), (4.5, 5.0), (8.0, 3.9), (11.5, 5.0), (14.2, 8.0)]);
                line(&[(1.8, 8.0), (4.5, 11.0), (8.0, 12.1), (11.5, 11.0), (14.2, 8.0)]);
                painter.circle_stroke(p(8.0, 8.0), 1.8 * s, stroke);
            }
            Self::Folder => {
                line(&[
                    (2.0, 12.5),
                    (2.0, 3.5),
                    (6.0, 3.5),
                    (7.6, 5.3),
                    (14.0, 5.3),
                    (14.0, 12.5),
                    (2.0, 12.5),
                ]);
            }
            Self::Warning => {
                line(&[(8.0, 2.5), (14.2, 13.2), (1.8, 13.2), (8.0, 2.5)]);
                line(&[(8.0, 6.5), (8.0, 9.6)]);
                painter.circle_filled(p(8.0, 11.4), 0.9 * s, color);
            }
            Self::Plus => {
                line(&[(8.0, 3.0), (8.0, 13.0)]);
                line(&[(3.0, 8.0), (13.0, 8.0)]);
            }
            Self::Question => {
                line(&[
                    (5.0, 5.6),
                    (5.6, 3.8),
                    (8.0, 2.9),
                    (10.4, 3.8),
                    (11.0, 5.6),
                    (8.0, 8.2),
                    (8.0, 10.2),
                ]);
                painter.circle_filled(p(8.0, 12.8), 1.0 * s, color);
            }
        }
    }
}
