//! What was painted, as a drawing that scales: SVG out of egui's shapes.
//!
//! Text stays text, so that it can be searched and edited; each run carries its width, so that a viewer without the
//! fonts of the window keeps the places. Pictures of items are left out: they are somebody's data, not a drawing.
//! What comes out has no scripts and refers to nothing outside itself, whatever the data says.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use egui::epaint::{ClippedShape, ColorMode, Mesh, PathStroke, RectShape, TextShape, Vertex};
use egui::{Color32, FontFamily, FontId, Pos2, Rect, Shape, Stroke, StrokeKind, TextureId, Vec2, vec2};

/// The part of `shapes` that lies in `region` (points) over `background`, as an SVG file of that size.
pub fn svg(shapes: &[ClippedShape], region: Rect, background: Color32) -> String {
    let mut drawing = Drawing { out: String::new(), clips: BTreeMap::new() };
    let (x, y, w, h) = (n(region.left()), n(region.top()), n(region.width()), n(region.height()));
    drawing.put(&format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"{x} {y} {w} {h}\">\n"
    ));
    drawing.put(&format!(
        "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"{}/>\n",
        paint("fill", background)
    ));
    for ClippedShape { clip_rect, shape, .. } in shapes {
        drawing.clipped(shape, clip_rect.intersect(region));
    }
    drawing.put("</svg>\n");
    drawing.out
}

struct Drawing {
    out: String,
    /// Names of the clip paths that were written, by their corners in hundredths of a point.
    clips: BTreeMap<[i64; 4], usize>,
}

impl Drawing {
    fn put(&mut self, s: &str) {
        self.out.push_str(s);
    }

    /// `shape`, cut at `clip` where it reaches beyond.
    fn clipped(&mut self, shape: &Shape, clip: Rect) {
        let bounds = shape.visual_bounding_rect();
        if !clip.is_positive() || !bounds.intersects(clip) {
            return;
        }
        if clip.contains_rect(bounds) {
            self.shape(shape);
            return;
        }
        let key = [clip.left(), clip.top(), clip.right(), clip.bottom()].map(|v| (v * 100.0).round() as i64);
        let fresh = self.clips.len();
        let id = *self.clips.entry(key).or_insert(fresh);
        if id == fresh {
            self.put(&format!("<clipPath id=\"c{id}\"><rect{}/></clipPath>\n", place(clip)));
        }
        self.put(&format!("<g clip-path=\"url(#c{id})\">\n"));
        self.shape(shape);
        self.put("</g>\n");
    }

    fn shape(&mut self, shape: &Shape) {
        match shape {
            // A callback paints with the graphics card, and none is used.
            Shape::Noop | Shape::Callback(_) | Shape::Band(_) => {}
            Shape::Vec(shapes) => shapes.iter().for_each(|s| self.shape(s)),
            Shape::Circle(c) => self.put(&format!(
                "<circle cx=\"{}\" cy=\"{}\" r=\"{}\"{}{}/>\n",
                n(c.center.x),
                n(c.center.y),
                n(c.radius),
                paint("fill", c.fill),
                stroke(c.stroke)
            )),
            Shape::Ellipse(e) => self.put(&format!(
                "<ellipse cx=\"{0}\" cy=\"{1}\" rx=\"{2}\" ry=\"{3}\"{4}{5}{6}/>\n",
                n(e.center.x),
                n(e.center.y),
                n(e.radius.x),
                n(e.radius.y),
                paint("fill", e.fill),
                stroke(e.stroke),
                turned(e.angle, e.center)
            )),
            Shape::LineSegment { points: [a, b], stroke: line } => self.put(&format!(
                "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"{}/>\n",
                n(a.x),
                n(a.y),
                n(b.x),
                n(b.y),
                stroke(*line)
            )),
            Shape::Path(path) => self.path(&path.points, path.closed, path.fill, solid(&path.stroke)),
            Shape::Rect(rect) => self.rect(rect),
            Shape::Text(text) => self.text(text),
            Shape::Mesh(mesh) => self.mesh(mesh, Vec2::ZERO, Color32::TRANSPARENT, |_| true),
            Shape::QuadraticBezier(b) => {
                self.path(&b.flatten(Some(0.1)), b.closed, b.fill, solid(&b.stroke));
            }
            Shape::CubicBezier(b) => self.path(&b.flatten(Some(0.1)), b.closed, b.fill, solid(&b.stroke)),
        }
    }

    fn path(&mut self, points: &[Pos2], closed: bool, fill: Color32, line: Stroke) {
        let mut d = String::new();
        for (i, p) in points.iter().enumerate() {
            let _ = write!(d, "{}{} {}", if i == 0 { "M" } else { "L" }, n(p.x), n(p.y));
        }
        if closed {
            d.push('Z');
        }
        let fill = if closed { fill } else { Color32::TRANSPARENT };
        self.put(&format!("<path d=\"{d}\"{}{}/>\n", paint("fill", fill), stroke(line)));
    }

    fn rect(&mut self, r: &RectShape) {
        let is_picture = r.brush.as_ref().is_some_and(|b| b.fill_texture_id != TextureId::default());
        if is_picture || r.blur_width > 0.0 {
            return;
        }
        let shift = match r.stroke_kind {
            StrokeKind::Inside => -r.stroke.width / 2.0,
            StrokeKind::Middle => 0.0,
            StrokeKind::Outside => r.stroke.width / 2.0,
        };
        let at = place(if r.stroke.is_empty() { r.rect } else { r.rect.expand(shift) });
        let c = r.corner_radius;
        let radius = if c.is_same() && c.nw > 0 { format!(" rx=\"{}\"", c.nw) } else { String::new() };
        let turn = turned(r.angle, r.rect.center());
        self.put(&format!("<rect{at}{radius}{}{}{turn}/>\n", paint("fill", r.fill), stroke(r.stroke)));
    }

    /// Triangles of one colour each; two that make a rectangle become one. `wanted` says which corners count.
    fn mesh(&mut self, mesh: &Mesh, shift: Vec2, fallback: Color32, wanted: impl Fn(usize) -> bool) {
        if mesh.texture_id != TextureId::default() {
            return;
        }
        let corner = |i: u32| mesh.vertices.get(i as usize).filter(|_| wanted(i as usize));
        let mut triangles = mesh.indices.chunks_exact(3).peekable();
        while let Some(three) = triangles.next() {
            let [Some(a), Some(b), Some(c)] = [corner(three[0]), corner(three[1]), corner(three[2])] else {
                continue;
            };
            let color = shown(a.color, fallback);
            if let Some(next) = triangles.peek()
                && let Some(rect) = rectangle(mesh, three, next)
            {
                triangles.next();
                self.put(&format!("<rect{}{}/>\n", place(rect.translate(shift)), paint("fill", color)));
                continue;
            }
            let at = |v: &Vertex| v.pos + shift;
            self.path(&[at(a), at(b), at(c)], true, color, Stroke::NONE);
        }
    }

    fn text(&mut self, text: &TextShape) {
        let job = &text.galley.job;
        let turn = turned(text.angle, text.pos);
        let opacity = if text.opacity_factor < 1.0 {
            format!(" opacity=\"{}\"", n(text.opacity_factor))
        } else {
            String::new()
        };
        let grouped = !turn.is_empty() || !opacity.is_empty();
        if grouped {
            self.put(&format!("<g{turn}{opacity}>\n"));
        }
        let mut byte = 0;
        for row in &text.galley.rows {
            let origin = text.pos + row.pos.to_vec2();
            let glyphs = row.visuals.glyph_vertex_range.clone();
            // Grounds and underlines are in the row's mesh, beside its glyphs.
            self.mesh(&row.visuals.mesh, origin.to_vec2(), text.fallback_color, |i| !glyphs.contains(&i));
            let mut run: Option<Run> = None;
            for glyph in &row.glyphs {
                let section = job
                    .sections
                    .iter()
                    .find(|s| s.byte_range.start.0 <= byte && byte < s.byte_range.end.0)
                    .or_else(|| job.sections.last());
                byte += job.text.get(byte..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
                let Some(format) = section.map(|s| &s.format) else { continue };
                let color =
                    text.override_text_color.unwrap_or_else(|| shown(format.color, text.fallback_color));
                let at = origin + glyph.pos.to_vec2();
                let fits = run.as_ref().is_some_and(|r| {
                    r.font == format.font_id && r.color == color && (r.right - at.x).abs() < 0.75
                });
                if !fits {
                    self.run(run.take());
                }
                let run = run.get_or_insert_with(|| Run {
                    at,
                    right: at.x,
                    font: format.font_id.clone(),
                    color,
                    words: String::new(),
                });
                run.words.push(glyph.chr);
                run.right = at.x + glyph.advance_width;
            }
            self.run(run);
            byte += usize::from(row.ends_with_newline);
        }
        if grouped {
            self.put("</g>\n");
        }
    }

    fn run(&mut self, run: Option<Run>) {
        let Some(run) = run else { return };
        let words = run.words.trim_end();
        let leading = words.len() - words.trim_start().len();
        if words.trim().is_empty() {
            return;
        }
        let width = run.right - run.at.x;
        // Spaces at the ends take room that `textLength` must not spread over the letters.
        let measured = leading == 0 && words.len() == run.words.len() && words.chars().count() > 1;
        let length = if measured {
            format!(" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\"", n(width))
        } else {
            String::new()
        };
        let (family, weight) = match &run.font.family {
            FontFamily::Monospace => ("JetBrains Mono, monospace", ""),
            FontFamily::Proportional => ("Inter, sans-serif", ""),
            FontFamily::Name(_) => ("Inter, sans-serif", " font-weight=\"600\""),
        };
        let line = format!(
            "<text x=\"{}\" y=\"{}\" font-family=\"{family}\" font-size=\"{}\"{weight}{}{length} \
             style=\"white-space:pre;unicode-bidi:bidi-override;direction:ltr\">{}</text>\n",
            n(run.at.x),
            n(run.at.y),
            n(run.font.size),
            paint("fill", run.color),
            quick_xml::escape::escape(allowed(words).as_str())
        );
        self.put(&line);
    }
}

/// Letters of one look, side by side.
struct Run {
    /// Left end of the base line.
    at: Pos2,
    right: f32,
    font: FontId,
    color: Color32,
    words: String,
}

/// The rectangle that two triangles make, if they are `add_colored_rect`'s and of one colour.
fn rectangle(mesh: &Mesh, one: &[u32], two: &[u32]) -> Option<Rect> {
    let (&[a, b, c], &[d, e, f]) = (one, two) else { return None };
    if (c, b) != (d, e) {
        return None;
    }
    let corners = [a, b, c, f].map(|i| mesh.vertices.get(i as usize));
    let [Some(a), Some(b), Some(c), Some(f)] = corners else { return None };
    let straight = a.pos.y == b.pos.y && a.pos.x == c.pos.x && f.pos == Pos2::new(b.pos.x, c.pos.y);
    let plain = a.color == b.color && a.color == c.color && a.color == f.color;
    (straight && plain).then(|| Rect::from_min_max(a.pos, f.pos))
}

/// A length without needless digits.
fn n(v: f32) -> String {
    let v = if v.is_finite() { v } else { 0.0 };
    let s = format!("{v:.2}");
    let s = s.trim_end_matches('0').trim_end_matches('.');
    if s == "-0" { "0".to_owned() } else { s.to_owned() }
}

fn place(r: Rect) -> String {
    let size = r.size().max(vec2(0.0, 0.0));
    format!(" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", n(r.left()), n(r.top()), n(size.x), n(size.y))
}

fn paint(what: &str, color: Color32) -> String {
    let [r, g, b, a] = color.to_srgba_unmultiplied();
    match a {
        0 => format!(" {what}=\"none\""),
        255 => format!(" {what}=\"#{r:02x}{g:02x}{b:02x}\""),
        _ => format!(" {what}=\"#{r:02x}{g:02x}{b:02x}\" {what}-opacity=\"{}\"", n(f32::from(a) / 255.0)),
    }
}

fn stroke(line: Stroke) -> String {
    if line.is_empty() {
        return String::new();
    }
    format!("{} stroke-width=\"{}\"", paint("stroke", line.color), n(line.width))
}

fn solid(line: &PathStroke) -> Stroke {
    match &line.color {
        ColorMode::Solid(color) => Stroke::new(line.width, *color),
        // No colour that changes along a line is used.
        ColorMode::UV(_) => Stroke::NONE,
    }
}

fn turned(angle: f32, at: Pos2) -> String {
    if angle == 0.0 {
        return String::new();
    }
    format!(" transform=\"rotate({} {} {})\"", n(angle.to_degrees()), n(at.x), n(at.y))
}

fn shown(color: Color32, fallback: Color32) -> Color32 {
    if color == Color32::PLACEHOLDER { fallback } else { color }
}

/// Without what XML cannot hold.
fn allowed(s: &str) -> String {
    s.chars().filter(|&c| c >= ' ' && !matches!(c, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}')).collect()
}

#[cfg(test)]
mod tests {
    use egui::{Align2, pos2};

    use super::*;
    use crate::app::headless::HeadlessWindow;
    use crate::app::widgets::theme::{self, DARK, font};

    fn drawn(paint: impl Fn(&egui::Painter)) -> String {
        let mut window = HeadlessWindow::new(vec2(200.0, 100.0), 1.0, theme::install);
        window.frame(Vec::new(), |ui| paint(ui.painter()));
        window.svg(Rect::from_min_size(Pos2::ZERO, vec2(200.0, 100.0)))
    }

    /// Names of all elements, after the file was read as XML to its end.
    fn elements(svg: &str) -> Vec<String> {
        let mut reader = quick_xml::Reader::from_str(svg);
        let mut names = Vec::new();
        loop {
            match reader.read_event().expect("the file is XML") {
                quick_xml::events::Event::Start(e) | quick_xml::events::Event::Empty(e) => {
                    names.push(String::from_utf8_lossy(e.name().as_ref()).into_owned());
                }
                quick_xml::events::Event::Eof => return names,
                _ => {}
            }
        }
    }

    #[test]
    fn text_stays_text_with_its_place_and_width() {
        let svg = drawn(|p| {
            p.text(pos2(10.0, 20.0), Align2::LEFT_CENTER, "κ = 0.71", font::strong(), DARK.text);
        });
        assert!(svg.contains(">κ = 0.71</text>"), "{svg}");
        assert!(svg.contains("font-weight=\"600\"") && svg.contains("textLength="), "{svg}");
        assert!(svg.contains("x=\"10\""), "{svg}");
    }

    #[test]
    fn nothing_in_the_data_gets_out_of_its_text() {
        let svg = drawn(|p| {
            let words = "</text><script>alert(1)</script>&amp;\u{1b}\u{0}";
            p.text(pos2(0.0, 20.0), Align2::LEFT_CENTER, words, font::body(), DARK.text);
        });
        let names = elements(&svg);
        assert!(
            names.iter().all(|name| ["svg", "rect", "text", "clipPath", "g"].contains(&name.as_str())),
            "{names:?}"
        );
        assert!(svg.contains("&lt;script&gt;") && svg.contains("&amp;amp;"), "{svg}");
    }

    #[test]
    fn what_lies_outside_is_left_out_and_what_reaches_beyond_is_cut() {
        let svg = drawn(|p| {
            p.rect_filled(Rect::from_min_size(pos2(500.0, 0.0), vec2(9.0, 9.0)), 0.0, DARK.accent);
        });
        assert_eq!(elements(&svg), ["svg", "rect"]);
        let svg = drawn(|p| {
            p.rect_filled(Rect::from_min_size(pos2(190.0, 0.0), vec2(40.0, 9.0)), 3.0, DARK.accent);
        });
        assert_eq!(elements(&svg), ["svg", "rect", "clipPath", "rect", "g", "rect"]);
    }

    #[test]
    fn cells_of_a_heat_map_are_one_rectangle_each() {
        let svg = drawn(|p| {
            let mut mesh = Mesh::default();
            for i in 0..3 {
                let cell = Rect::from_min_size(pos2(10.0 * i as f32, 5.0), vec2(10.0, 10.0));
                mesh.add_colored_rect(cell, DARK.quantity(i as f32 / 3.0));
            }
            p.add(mesh);
            p.add(Shape::dashed_line(
                &[pos2(10.0, 50.0), pos2(110.0, 50.0)],
                Stroke::new(1.0, DARK.text),
                3.0,
                3.0,
            ));
        });
        let names = elements(&svg);
        assert_eq!(names.iter().filter(|name| *name == "rect").count(), 4, "{svg}");
        assert!(names.iter().filter(|name| *name == "line").count() > 10);
    }
}
