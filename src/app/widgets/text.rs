//! Text of a dataset, to be read: whatever it holds, however long it is.
//!
//! [`TextBlock`] shows a text in pieces that are laid out on their own (a change of width costs what is seen, not
//! what is there twice), at first at most [`FIRST_BYTES`] of it. [`line`] is one line of it for a table's cell.
//! Both put right-to-left text in order and show characters that would not be seen as signs such as `‹U+200B›`;
//! [`has_hidden`] says whether there are any. Nothing here is editable.
//!
//! egui keeps the galleys. Kept here, for one text a widget: what its pieces are and how large each came out, so
//! that a piece scrolled out of sight costs nothing.

mod ahead;
mod cut;
mod hidden;
mod marks;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::Range;
use std::sync::Arc;

use egui::epaint::text::{LayoutJob, TextWrapping};
use egui::{Color32, FontId, Galley, IdSalt, Label, Rect, Response, Sense, TextFormat, Ui, Vec2};
use parking_lot::Mutex;

use self::ahead::Ahead;
pub use self::cut::elide;
pub use self::hidden::{has_hidden, hidden_in, name as hidden_name, sign as hidden_sign, signed};
pub use self::marks::{Mark, MarkedText, Underline};
use super::bidi::{self, Paragraph, Part};

/// A text is shown up to about here at first, and "Show more" shows as much again.
pub const FIRST_BYTES: usize = 100_000;

/// A piece is at most this long; a longer line is cut at a sentence or a word.
const PIECE_CHARS: usize = 2_000;

/// A table's cell lays out at most this much, whatever its width.
const LINE_CHARS: usize = 400;

/// How a text looks.
#[derive(Debug, Clone, PartialEq)]
pub struct TextStyle {
    /// Its font.
    pub font: FontId,
    /// Its colour.
    pub color: Color32,
    /// The colour of signs for hidden characters.
    pub sign_color: Color32,
    /// Height of a line in points; the font's own if `None`.
    pub line_height: Option<f32>,
}

impl TextStyle {
    /// A style with the font's own line height.
    pub fn new(font: FontId, color: Color32, sign_color: Color32) -> Self {
        Self { font, color, sign_color, line_height: None }
    }

    fn format(&self, color: Color32) -> TextFormat {
        TextFormat { line_height: self.line_height, ..TextFormat::simple(self.font.clone(), color) }
    }

    fn paragraph(&self, line: &str, is_rtl: bool) -> Paragraph {
        self.marked_paragraph(line, 0..0, is_rtl)
    }

    /// A paragraph whose bytes in `mark` are drawn attention to.
    fn marked_paragraph(&self, line: &str, mark: Range<usize>, is_rtl: bool) -> Paragraph {
        let pieces = [&line[..mark.start], &line[mark.clone()], &line[mark.end..]];
        let signs = pieces.map(hidden::signs);
        let mut parts = Vec::new();
        for (i, piece) in pieces.into_iter().enumerate() {
            parts.extend(hidden::parts(piece, &signs[i]).into_iter().map(|part| match part {
                Part::Shown(text) if i == 1 => Part::Marked(text),
                other => other,
            }));
        }
        Paragraph::new(&parts, is_rtl, &self.format(self.color), &self.format(self.sign_color))
    }
}

/// `text` on one line of at most `width` points, shortened with an ellipsis, in its reading order.
///
/// Line ends are shown as spaces. At most the first 400 characters are laid out.
pub fn line(ui: &Ui, text: &str, style: &TextStyle, width: f32) -> Arc<Galley> {
    let shown = elide(text, LINE_CHARS);
    let mut paragraph = style.paragraph(&shown, bidi::is_rtl_paragraph(&shown));
    paragraph.job.wrap = TextWrapping::truncate_at_width(width);
    // A cell is aligned by its table.
    repaired(&paragraph, ui.painter().layout_job(paragraph.job.clone()), f32::INFINITY)
}

fn repaired(paragraph: &Paragraph, galley: Arc<Galley>, width: f32) -> Arc<Galley> {
    if paragraph.needs_repair() { Arc::new(paragraph.repair(&galley, width)) } else { galley }
}

/// A text of any length over the available width.
#[derive(Debug)]
pub struct TextBlock<'a> {
    text: &'a str,
    style: TextStyle,
    focus: Option<Range<u32>>,
    id_salt: IdSalt,
}

/// What became of a [`TextBlock`].
#[derive(Debug)]
pub struct TextBlockResponse {
    /// The text's place on the screen.
    pub response: Response,
    /// Bytes of the text that are not shown yet.
    pub bytes_left: usize,
}

/// One text as the widget keeps it from frame to frame.
#[derive(Default)]
struct Kept {
    /// Of the text and the style: other content means other pieces.
    content: u64,
    /// Of the width and the pixels a point: other ones mean other sizes.
    measure: u64,
    /// How much of the text is shown.
    bytes: usize,
    /// Where what is shown ends.
    end: usize,
    /// The bytes to draw attention to.
    mark: Range<usize>,
    pieces: Vec<Piece>,
}

struct Piece {
    paragraph: Paragraph,
    size: Option<Vec2>,
    /// egui's galley and the repaired one made of it.
    repaired: Option<(Arc<Galley>, Arc<Galley>)>,
}

impl<'a> TextBlock<'a> {
    /// A block of `text`.
    pub fn new(text: &'a str, style: TextStyle) -> Self {
        Self { text, style, focus: None, id_salt: IdSalt::new("text block") }
    }

    /// Draws attention to a part of the text, in code points; to nothing where that is empty.
    #[must_use]
    pub fn focus(mut self, part: Option<Range<u32>>) -> Self {
        self.focus = part.filter(|r| !r.is_empty());
        self
    }

    /// Tells this block from another in the same place.
    #[must_use]
    pub fn id_salt(mut self, salt: impl std::hash::Hash + std::fmt::Debug) -> Self {
        self.id_salt = IdSalt::new(salt);
        self
    }

    /// Shows the text, and a "Show more" button below what is too long.
    pub fn ui(self, ui: &mut Ui) -> TextBlockResponse {
        let id = ui.make_persistent_id(self.id_salt);
        let kept: Arc<Mutex<Kept>> = ui.data_mut(|data| Arc::clone(data.get_temp_mut_or_default(id)));
        let mut kept = kept.lock();
        kept.update(self.text, &self.style, self.focus.as_ref(), ui);
        let shown = ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.vertical(|ui| {
                for piece in &mut kept.pieces {
                    piece.ui(ui);
                }
            });
        });
        let bytes_left = self.text.len() - kept.end;
        if bytes_left > 0 {
            let label = format!("Show more ({} of {} kB shown)", kept.end / 1000, self.text.len() / 1000);
            if ui.button(label).clicked() {
                kept.bytes = kept.bytes.saturating_add(FIRST_BYTES);
                kept.cut(self.text, &self.style);
                ui.ctx().request_repaint();
            }
        }
        TextBlockResponse { response: shown.response, bytes_left }
    }
}

impl Kept {
    /// What tells a text in its look from all others.
    fn content_of(text: &str, style: &TextStyle, focus: Option<&Range<u32>>) -> u64 {
        hash(|h| {
            text.hash(h);
            focus.hash(h);
            style.font.hash(h);
            (style.color, style.sign_color, style.line_height.map(f32::to_bits)).hash(h);
        })
    }

    /// What the sizes of its pieces depend on beside it.
    fn measure_of(width: f32, pixels_per_point: f32) -> u64 {
        hash(|h| (width.to_bits(), pixels_per_point.to_bits()).hash(h))
    }

    /// A text cut into pieces that nobody measured yet.
    fn new(content: u64, text: &str, style: &TextStyle, focus: Option<&Range<u32>>) -> Self {
        let mut this = Self { content, bytes: FIRST_BYTES, ..Self::default() };
        if let Some(focus) = focus {
            this.mark = bytes_of(text, focus);
            // What the item is about is shown, wherever it stands.
            this.bytes = this.bytes.max(this.mark.end.saturating_add(PIECE_CHARS));
        }
        this.cut(text, style);
        this
    }

    /// Makes what is kept fit the text, its look and its place.
    fn update(&mut self, text: &str, style: &TextStyle, focus: Option<&Range<u32>>, ui: &Ui) {
        let content = Self::content_of(text, style, focus);
        if content != self.content || self.pieces.is_empty() {
            *self =
                Ahead::of(ui.ctx()).take(content).unwrap_or_else(|| Self::new(content, text, style, focus));
        }
        let measure = Self::measure_of(ui.available_width(), ui.ctx().pixels_per_point());
        if measure != self.measure {
            self.measure = measure;
            for piece in &mut self.pieces {
                piece.size = None;
                piece.repaired = None;
            }
        }
    }

    /// Cuts what is shown of `text` into pieces.
    fn cut(&mut self, text: &str, style: &TextStyle) {
        // Up to a line's end if one is near, else up to where a line may be cut.
        self.end = if text.len() <= self.bytes {
            text.len()
        } else {
            let window = text.floor_char_boundary(self.bytes);
            let near = text.floor_char_boundary(window.saturating_sub(4 * PIECE_CHARS));
            let tail = &text[near..window];
            match tail.rfind('\n') {
                Some(at) => near + at + 1,
                None => window - cut::pieces(tail, PIECE_CHARS).last().map_or(0, |last| last.len()),
            }
        };
        self.pieces.clear();
        let mut plain = String::new();
        let shown = &text[..self.end];
        // The line feed before the cut ends its line; the line after it is not shown yet.
        let shown = if self.end < text.len() { shown.strip_suffix('\n').unwrap_or(shown) } else { shown };
        let mut plain_lines = 0;
        let mut next = 0;
        for line in shown.split('\n') {
            let start = next;
            next += line.len() + 1;
            let line = line.strip_suffix('\r').unwrap_or(line);
            let within = |at: usize| at.clamp(start, start + line.len()) - start;
            let mark = within(self.mark.start)..within(self.mark.end);
            let is_plain = !bidi::has_rtl(line) && !has_hidden(line) && mark.is_empty();
            // Plain lines share a piece; others are paragraphs of their own.
            if plain_lines > 0 && (!is_plain || plain.len() + line.len() > PIECE_CHARS) {
                self.push_plain(&plain, style);
                plain.clear();
                plain_lines = 0;
            }
            if is_plain && line.len() <= PIECE_CHARS {
                if plain_lines > 0 {
                    plain.push('\n');
                }
                plain.push_str(line);
                plain_lines += 1;
            } else {
                let is_rtl = bidi::is_rtl_paragraph(line);
                let mut from = 0;
                for piece in cut::pieces(line, PIECE_CHARS) {
                    let within = |at: usize| at.clamp(from, from + piece.len()) - from;
                    let mark = within(mark.start)..within(mark.end);
                    self.push(style.marked_paragraph(piece, mark, is_rtl));
                    from += piece.len();
                }
            }
        }
        if plain_lines > 0 {
            self.push_plain(&plain, style);
        }
    }

    fn push_plain(&mut self, lines: &str, style: &TextStyle) {
        let format = style.format(style.color);
        self.push(Paragraph::new(&[Part::Shown(lines)], false, &format, &format));
    }

    fn push(&mut self, paragraph: Paragraph) {
        self.pieces.push(Piece { paragraph, size: None, repaired: None });
    }
}

impl Piece {
    fn ui(&mut self, ui: &mut Ui) {
        if let Some(size) = self.size {
            let place = Rect::from_min_size(ui.cursor().min, size);
            if !ui.is_rect_visible(place) {
                ui.allocate_exact_size(size, Sense::hover());
                return;
            }
        }
        let width = ui.available_width();
        let galley = self.galley(ui, width);
        self.size = Some(galley.size());
        // What was reordered cannot be selected in reading order.
        let label = Label::new(galley);
        ui.add(if self.paragraph.needs_repair() { label.selectable(false) } else { label });
    }

    fn galley(&mut self, ui: &Ui, width: f32) -> Arc<Galley> {
        let wrap = TextWrapping::wrap_at_width(width);
        let job = LayoutJob { wrap, ..self.paragraph.job.clone() };
        let galley = ui.painter().layout_job(job);
        if !self.paragraph.needs_repair() {
            return galley;
        }
        // egui lays text out anew when its glyphs have moved in the atlas; a galley kept beyond that shows others.
        match &self.repaired {
            Some((source, repaired)) if Arc::ptr_eq(source, &galley) => Arc::clone(repaired),
            _ => {
                let repaired = repaired(&self.paragraph, Arc::clone(&galley), width);
                self.repaired = Some((galley, Arc::clone(&repaired)));
                repaired
            }
        }
    }
}

/// A range of code points as bytes.
fn bytes_of(text: &str, chars: &Range<u32>) -> Range<usize> {
    let mut starts = text.char_indices().map(|(at, _)| at).chain(std::iter::once(text.len()));
    let start = starts.nth(chars.start as usize).unwrap_or(text.len());
    let length = chars.end.saturating_sub(chars.start) as usize;
    let end = if length == 0 { start } else { starts.nth(length - 1).unwrap_or(text.len()) };
    start..end
}

fn hash(write: impl FnOnce(&mut DefaultHasher)) -> u64 {
    let mut hasher = DefaultHasher::new();
    write(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
pub(super) mod tests;
