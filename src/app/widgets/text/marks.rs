//! A text with labelled stretches: each with a ground, an underline of a shape of its own and its label written behind it.
//!
//! The ground of words that stand from right to left is painted where they came to stand, which is not where egui put them.

use std::ops::Range;
use std::sync::Arc;

use egui::{
    Color32, Galley, Label, Pos2, Rect, Sense, Shape, Stroke, StrokeKind, TextFormat, Ui, Vec2, pos2,
};
use parking_lot::Mutex;

use super::super::bidi::{self, Paragraph, Part};
use super::{FIRST_BYTES, PIECE_CHARS, TextStyle, bytes_of, cut, hash, hidden, repaired};
use egui::epaint::text::{LayoutJob, TextWrapping};

/// How a stretch is underlined: beside the colour, and by its label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Underline {
    /// A line.
    Solid,
    /// Dashes.
    Dashed,
    /// Dots.
    Dotted,
    /// Two lines.
    Double,
}

impl Underline {
    /// The one of a label.
    pub fn of(label: u32) -> Self {
        [Self::Solid, Self::Dashed, Self::Dotted, Self::Double][label as usize % 4]
    }
}

/// A labelled stretch.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Mark {
    /// Where, in code points.
    pub range: Range<u32>,
    /// The colour of its label.
    pub color: Color32,
    /// Its underline.
    pub underline: Underline,
    /// What is written behind it.
    pub tag: String,
    /// Whether it is outlined, and which of its ends has a handle: its beginning if `true`.
    pub chosen: Option<bool>,
    /// Whether the item is about it: a thin outline.
    pub is_own: bool,
}

/// What a section of the text belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Owned {
    /// In characters of what is laid out.
    chars: Range<usize>,
    /// Number of the section.
    section: usize,
    /// Numbers of the marks, the outermost first.
    marks: Vec<usize>,
}

struct Piece {
    paragraph: Paragraph,
    owned: Vec<Owned>,
    size: Option<Vec2>,
}

#[derive(Default)]
struct Kept {
    content: u64,
    width: u64,
    pieces: Vec<Piece>,
    /// Of the text alone.
    text: u64,
    /// How often more of a long text was asked for.
    more: usize,
    /// Where what is shown ends.
    end: usize,
}

/// A text with labelled stretches over the available width.
#[derive(Debug)]
pub struct MarkedText<'a> {
    text: &'a str,
    style: TextStyle,
    marks: &'a [Mark],
}

impl<'a> MarkedText<'a> {
    /// `text` with its marks.
    pub fn new(text: &'a str, style: TextStyle, marks: &'a [Mark]) -> Self {
        Self { text, style, marks }
    }

    /// Shows the text; for each mark the rectangles that it covers, one a row, none where it is not laid out.
    pub fn ui(self, ui: &mut Ui) -> Vec<Vec<Rect>> {
        let id = ui.make_persistent_id("marked text");
        let kept: Arc<Mutex<Kept>> = ui.data_mut(|data| Arc::clone(data.get_temp_mut_or_default(id)));
        let mut kept = kept.lock();
        let content = hash(|h| {
            use std::hash::Hash as _;
            (self.text, self.marks, &self.style.font).hash(h);
            (self.style.color, self.style.sign_color).hash(h);
        });
        if kept.content != content {
            let text = hash(|h| std::hash::Hash::hash(self.text, h));
            if kept.text != text {
                (kept.text, kept.more) = (text, 0);
            }
            (kept.content, kept.width) = (content, 0);
            (kept.pieces, kept.end) = self.pieces(kept.more);
        }
        let width = hash(|h| {
            use std::hash::Hash as _;
            (ui.available_width().to_bits(), ui.ctx().pixels_per_point().to_bits()).hash(h);
        });
        if kept.width != width {
            kept.width = width;
            kept.pieces.iter_mut().for_each(|p| p.size = None);
        }
        let mut rects = vec![Vec::new(); self.marks.len()];
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.vertical(|ui| kept.pieces.iter_mut().for_each(|piece| piece.ui(ui, self.marks, &mut rects)));
        });
        if kept.end < self.text.len() {
            let label = format!("Show more ({} of {} kB shown)", kept.end / 1000, self.text.len() / 1000);
            if ui.button(label).clicked() {
                kept.more += 1;
                kept.content = 0;
                ui.ctx().request_repaint();
            }
        }
        for (mark, rects) in self.marks.iter().zip(&rects) {
            if mark.is_own && mark.chosen.is_none() {
                let line = Stroke::new(1.0, self.style.color);
                rects.iter().for_each(|r| {
                    ui.painter().rect_stroke(r.expand(1.0), 2.0, line, StrokeKind::Outside);
                });
            }
            if mark.chosen.is_some() {
                let is_rtl = bidi::has_rtl(&self.text[bytes_of(self.text, &mark.range)]);
                outline(ui, mark, rects, self.style.color, is_rtl);
            }
        }
        rects
    }

    /// The text in pieces that are laid out on their own.
    fn pieces(&self, more: usize) -> (Vec<Piece>, usize) {
        let places: Vec<Range<usize>> = self.marks.iter().map(|m| bytes_of(self.text, &m.range)).collect();
        let last = places.iter().map(|p| p.end).max().unwrap_or(0);
        let most = FIRST_BYTES.saturating_mul(more + 1).max(last + PIECE_CHARS);
        let most = self.text.floor_char_boundary(most);
        let mut edges: Vec<usize> = places.iter().flat_map(|p| [p.start, p.end]).collect();
        edges.sort_unstable();
        edges.dedup();
        let mut pieces = Vec::new();
        let mut start = 0;
        for line in self.text[..most].split('\n') {
            let shown = line.strip_suffix('\r').unwrap_or(line);
            let is_rtl = bidi::is_rtl_paragraph(shown);
            let mut from = start;
            for piece in cut::pieces(shown, PIECE_CHARS) {
                pieces.push(self.piece(piece, from, is_rtl, &edges, &places));
                from += piece.len();
            }
            start += line.len() + 1;
        }
        (pieces, most)
    }

    fn piece(
        &self,
        piece: &str,
        from: usize,
        is_rtl: bool,
        edges: &[usize],
        places: &[Range<usize>],
    ) -> Piece {
        let turned = bidi::has_rtl(piece);
        let to = from + piece.len();
        let inner = edges.iter().copied().filter(|&e| from < e && e < to);
        let cuts: Vec<usize> = std::iter::once(from).chain(inner).chain([to]).collect();
        let base = self.style.format(self.style.color);
        let mut styles: Vec<TextFormat> = Vec::new();
        let mut owners: Vec<Vec<usize>> = Vec::new();
        let segments: Vec<(Range<usize>, Vec<String>)> =
            cuts.windows(2).map(|w| (w[0]..w[1], hidden::signs(&self.text[w[0]..w[1]]))).collect();
        let mut parts: Vec<Part<'_>> = Vec::new();
        for (range, signs) in &segments {
            let mut inside: Vec<usize> = (0..places.len())
                .filter(|&m| places[m].start <= range.start && range.end <= places[m].end)
                .collect();
            // The longest is outermost.
            inside.sort_by_key(|&m| (std::cmp::Reverse(places[m].len()), m));
            let style = self.format_of(&base, &inside, turned);
            styles.push(style);
            owners.push(inside.clone());
            let at = styles.len() - 1;
            let text = &self.text[range.clone()];
            parts.extend(hidden::parts(text, signs).into_iter().map(|part| match part {
                Part::Shown(text) => Part::Styled(text, at),
                other => other,
            }));
            // The innermost says first what it is.
            let is_last = |&&m: &&usize| places[m].end == range.end && !self.marks[m].tag.is_empty();
            for &m in inside.iter().rev().filter(is_last) {
                let mark = &self.marks[m];
                let mut font = self.style.font.clone();
                font.size = (font.size * 0.66).max(9.0);
                let color = self.style.color;
                let background = if turned { Color32::TRANSPARENT } else { mark.color.gamma_multiply(0.34) };
                styles.push(TextFormat { background, ..TextFormat::simple(font, color) });
                owners.push(Vec::new());
                parts.push(Part::Tag(&mark.tag, styles.len() - 1));
            }
        }
        let (paragraph, sections) =
            Paragraph::styled(&parts, is_rtl, &base, &self.style.format(self.style.sign_color), &styles);
        let mut owned: Vec<Owned> = Vec::new();
        let mut chars = 0;
        for (number, (section, style)) in paragraph.job.sections.iter().zip(sections).enumerate() {
            let bytes = section.byte_range.start.0..section.byte_range.end.0;
            let n = paragraph.job.text[bytes].chars().count();
            let marks = style.map_or(Vec::new(), |s| owners[s].clone());
            if !marks.is_empty() {
                owned.push(Owned { chars: chars..chars + n, section: number, marks });
            }
            chars += n;
        }
        Piece { paragraph, owned, size: None }
    }

    fn format_of(&self, base: &TextFormat, inside: &[usize], turned: bool) -> TextFormat {
        let mut format = base.clone();
        if let Some(&m) = inside.last() {
            let mark = &self.marks[m];
            let is_chosen = inside.iter().any(|&m| self.marks[m].chosen.is_some());
            format.background = if turned { Color32::TRANSPARENT } else { ground(mark, is_chosen) };
        }
        format
    }
}

impl Piece {
    fn ui(&mut self, ui: &mut Ui, marks: &[Mark], rects: &mut [Vec<Rect>]) {
        if let Some(size) = self.size.filter(|_| self.owned.is_empty()) {
            let place = Rect::from_min_size(ui.cursor().min, size);
            if !ui.is_rect_visible(place) {
                ui.allocate_exact_size(size, Sense::hover());
                return;
            }
        }
        let width = ui.available_width();
        let wrap = TextWrapping::wrap_at_width(width);
        let job = LayoutJob { wrap, ..self.paragraph.job.clone() };
        let galley = repaired(&self.paragraph, ui.painter().layout_job(job), width);
        self.size = Some(galley.size());
        let grounds = ui.painter().add(Shape::Noop);
        let label = Label::new(Arc::clone(&galley));
        let turned = self.paragraph.needs_repair();
        let response = ui.add(if turned { label.selectable(false) } else { label });
        let origin = response.rect.min;
        let stand = self.paragraph.places(&galley);
        let mut painted = Vec::new();
        for owned in &self.owned {
            let found = if turned {
                let here = stand.iter().filter(|(section, _)| *section == owned.section);
                here.map(|(_, r)| r.translate(origin.to_vec2())).collect()
            } else {
                places(&galley, &owned.chars, origin)
            };
            if let Some(&inner) = owned.marks.last().filter(|_| turned) {
                let is_chosen = owned.marks.iter().any(|&m| marks[m].chosen.is_some());
                let color = ground(&marks[inner], is_chosen);
                painted.extend(found.iter().map(|r| Shape::rect_filled(*r, 0.0, color)));
            }
            for (depth, &mark) in owned.marks.iter().rev().enumerate() {
                found.iter().for_each(|r| underline(ui, &marks[mark], *r, depth));
                for r in &found {
                    match rects[mark].last_mut() {
                        // Sections of one mark side by side are one rectangle.
                        Some(last)
                            if (last.max.y - r.max.y).abs() < 1.0
                                && r.min.x - last.max.x < 1.0
                                && last.min.x - r.max.x < 1.0 =>
                        {
                            *last = last.union(*r);
                        }
                        _ => rects[mark].push(*r),
                    }
                }
            }
        }
        ui.painter().set(grounds, Shape::Vec(painted));
    }
}

/// The ground of a mark.
fn ground(mark: &Mark, is_chosen: bool) -> Color32 {
    mark.color.gamma_multiply(if is_chosen { 0.36 } else { 0.18 })
}

/// The rectangles that characters of a galley cover, one a row.
fn places(galley: &Galley, chars: &Range<usize>, origin: Pos2) -> Vec<Rect> {
    let mut found = Vec::new();
    let mut at = 0;
    for placed in &galley.rows {
        let n = placed.row.glyphs.len();
        let from = chars.start.clamp(at, at + n) - at;
        let to = chars.end.clamp(at, at + n) - at;
        if from < to {
            let glyphs = &placed.row.glyphs[from..to];
            let left = glyphs[0].pos.x;
            let right = glyphs.iter().map(egui::epaint::text::Glyph::max_x).fold(left, f32::max);
            let top = placed.pos.y;
            let row = Rect::from_min_max(
                pos2(placed.pos.x + left, top),
                pos2(placed.pos.x + right, top + placed.row.size.y),
            );
            found.push(row.translate(origin.to_vec2()));
        }
        at += n;
    }
    found
}

fn underline(ui: &Ui, mark: &Mark, r: Rect, depth: usize) {
    let y = r.bottom() - 1.0 + 3.0 * depth as f32;
    let (p, stroke) = (ui.painter(), Stroke::new(2.0, mark.color));
    let line = [pos2(r.left(), y), pos2(r.right(), y)];
    match mark.underline {
        Underline::Solid => {
            p.line_segment(line, stroke);
        }
        Underline::Dashed => {
            p.extend(Shape::dashed_line(&line, stroke, 6.0, 3.0));
        }
        Underline::Dotted => {
            p.extend(Shape::dotted_line(&line, mark.color, 4.0, 1.2));
        }
        Underline::Double => {
            let thin = Stroke::new(1.0, mark.color);
            p.line_segment(line, thin);
            p.line_segment(line.map(|at| pos2(at.x, at.y + 2.5)), thin);
        }
    }
}

/// The outline of what is chosen, with a handle at the end that moves.
fn outline(ui: &Ui, mark: &Mark, rects: &[Rect], color: Color32, is_rtl: bool) {
    let (Some(moves_start), Some(first), Some(last)) = (mark.chosen, rects.first(), rects.last()) else {
        return;
    };
    let p = ui.painter();
    for r in rects {
        p.rect_stroke(r.expand(1.5), 2.0, Stroke::new(2.0, color), StrokeKind::Outside);
    }
    let r = if moves_start { first } else { last };
    let x = if moves_start == is_rtl { r.right() + 2.5 } else { r.left() - 2.5 };
    let bar = Rect::from_min_max(pos2(x - 2.0, r.top() - 5.0), pos2(x + 2.0, r.bottom() + 5.0));
    p.rect_filled(bar, 1.0, color);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(text: &str, marks: &[Mark]) -> Vec<Piece> {
        let style = TextStyle::new(egui::FontId::default(), Color32::BLACK, Color32::GRAY);
        MarkedText::new(text, style, marks).pieces(0).0
    }

    fn mark(range: Range<u32>, tag: &str) -> Mark {
        let (color, underline) = (Color32::RED, Underline::of(0));
        Mark { range, color, underline, tag: tag.to_owned(), chosen: None, is_own: false }
    }

    #[test]
    fn each_mark_owns_its_characters_and_its_label_stands_behind_it() {
        let marks = [mark(0..7, "EV"), mark(4..7, "P"), mark(8..10, "X")];
        let pieces = piece("Ada met é😊.\nend", &marks);
        assert_eq!(pieces.len(), 2);
        assert_eq!(pieces[0].paragraph.job.text, "Ada metPEV é😊X.");
        let owned: Vec<_> = pieces[0].owned.iter().map(|o| (o.chars.clone(), o.marks.clone())).collect();
        assert_eq!(owned[0], (0..4, vec![0]));
        assert_eq!(owned[1], (4..7, vec![0, 1]));
        assert_eq!(owned[2].1, [2]);
        assert!(pieces[1].owned.is_empty());
    }

    #[test]
    fn no_place_panics() {
        for range in [0..0, 0..99, 3..4, 99..100] {
            let _ = piece("a\r\nשלום b\u{200B}", &[mark(range, "T")]);
        }
    }
}
