//! The order in which right-to-left text is painted, for text that is only read.
//!
//! egui shapes each word in its own direction but puts the words side by side from left to right, so a Hebrew or
//! Arabic sentence comes out backwards (<https://github.com/emilk/egui/issues/8576>). The repair: every word
//! becomes a layout section of its own, which makes it a shaping run of its own and leaves line breaking in
//! reading order; then the words of each row are moved into the order of the Unicode bidirectional algorithm
//! (UAX #9): mirrored brackets (L4), trailing spaces at the base level (L1), reordering by levels (L2), and
//! paragraphs whose base is right to left stand at the right margin.
//!
//! The characters' own order is what a reader of a dataset has to see, so overrides (U+202D, U+202E) count as
//! embeddings: they may turn the order of words, never that of letters. Text without right-to-left characters
//! passes untouched. Mouse selection and the caret are not repaired.

mod mirror;

use std::ops::Range;

use egui::epaint::text::{ByteIndex, Glyph, LayoutJob, LayoutSection, Row};
use egui::{Galley, Rect, TextFormat};
use unicode_bidi::{BidiClass, BidiInfo, Level, bidi_class};
use unicode_segmentation::UnicodeSegmentation as _;

/// Part of a paragraph as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// Text as it is.
    Shown(&'a str),
    /// Text that the reader's eye is drawn to.
    Marked(&'a str),
    /// Text in one of several looks.
    Styled(&'a str, usize),
    /// Words about the text, which are not of it, in one of several looks.
    Tag(&'a str, usize),
    /// A character that would not be seen, and the sign to show instead.
    Hidden(char, &'a str),
}

/// A paragraph ready to be laid out, and what it takes to repair its order afterwards.
#[derive(Debug, Clone)]
pub struct Paragraph {
    /// To be laid out by egui, with the wrapping of the place where it is shown.
    pub job: LayoutJob,
    chunks: Vec<Chunk>,
    base: Level,
}

/// What kind of characters a chunk holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Rtl,
    Ltr,
    Number,
    Space,
    /// Punctuation, symbols, emoji.
    Other,
    /// The sign for a hidden character.
    Sign,
}

/// A run of characters of one class and level: one layout section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Chunk {
    class: Class,
    level: Level,
    chars: usize,
}

/// The class of a character; `None` for one that belongs to what is before it.
fn class(c: char) -> Option<Class> {
    match bidi_class(c) {
        BidiClass::R | BidiClass::AL => Some(Class::Rtl),
        BidiClass::L => Some(Class::Ltr),
        BidiClass::EN | BidiClass::AN => Some(Class::Number),
        BidiClass::WS | BidiClass::S | BidiClass::B => Some(Class::Space),
        BidiClass::NSM | BidiClass::BN => None,
        _ => Some(Class::Other),
    }
}

/// Whether `text` holds a character that is written from right to left.
pub fn has_rtl(text: &str) -> bool {
    // The first such character is U+0590.
    text.chars().any(|c| {
        c >= '\u{590}'
            && matches!(bidi_class(c), BidiClass::R | BidiClass::AL | BidiClass::AN | BidiClass::RLI)
    })
}

/// Whether `text` begins, as far as direction goes, from right to left (UAX #9, P2 and P3).
pub fn is_rtl_paragraph(text: &str) -> bool {
    has_rtl(text) && matches!(unicode_bidi::get_base_direction(text), unicode_bidi::Direction::Rtl)
}

impl Paragraph {
    /// A paragraph of `parts` (no line feed among them), right to left at its base if `is_rtl`.
    ///
    /// `format` is for text, `sign_format` for the signs of hidden characters.
    pub fn new(parts: &[Part<'_>], is_rtl: bool, format: &TextFormat, sign_format: &TextFormat) -> Self {
        Self::styled(parts, is_rtl, format, sign_format, &[]).0
    }

    /// The same with `styles` to choose from; says for each section which of them it has.
    pub fn styled(
        parts: &[Part<'_>],
        is_rtl: bool,
        format: &TextFormat,
        sign_format: &TextFormat,
        styles: &[TextFormat],
    ) -> (Self, Vec<Option<usize>>) {
        let mut looks = Vec::new();
        let style = |at: usize| styles.get(at).unwrap_or(format);
        let mut paragraph = Self {
            job: LayoutJob::default(),
            chunks: Vec::new(),
            base: if is_rtl { Level::rtl() } else { Level::ltr() },
        };
        let marked = TextFormat {
            background: format.color.gamma_multiply(0.16),
            underline: egui::Stroke::new(1.5, format.color),
            ..format.clone()
        };
        let mut text = String::new();
        for part in parts {
            match part {
                Part::Shown(shown) | Part::Marked(shown) | Part::Styled(shown, _) => text.push_str(shown),
                Part::Hidden(c, _) => text.push(disarmed(*c)),
                Part::Tag(..) => text.push(OBJECT),
            }
        }
        if !is_rtl && !has_rtl(&text) {
            for part in parts {
                match part {
                    Part::Shown(shown) => paragraph.job.append(shown, 0.0, format.clone()),
                    Part::Marked(shown) => paragraph.job.append(shown, 0.0, marked.clone()),
                    Part::Hidden(_, sign) => paragraph.job.append(sign, 0.0, sign_format.clone()),
                    Part::Styled(shown, at) | Part::Tag(shown, at) => {
                        paragraph.push_section(shown, style(*at));
                        looks.resize(paragraph.job.sections.len() - 1, None);
                        looks.push(Some(*at));
                    }
                }
            }
            if parts.is_empty() {
                paragraph.job.append("", 0.0, format.clone()); // gives an empty line its height
            }
            looks.resize(paragraph.job.sections.len(), None);
            return (paragraph, looks);
        }
        let levels = BidiInfo::new(&text, Some(paragraph.base)).levels;
        let mut at = 0;
        for part in parts {
            match *part {
                Part::Shown(shown) => {
                    paragraph.push_text(shown, &levels[at..], format);
                    at += shown.len();
                }
                Part::Marked(shown) => {
                    paragraph.push_text(shown, &levels[at..], &marked);
                    at += shown.len();
                }
                Part::Hidden(c, sign) => {
                    paragraph.push_chunk(sign, Class::Sign, levels[at], sign_format);
                    at += c.len_utf8();
                }
                Part::Styled(shown, number) => {
                    paragraph.push_text(shown, &levels[at..], style(number));
                    looks.resize(paragraph.job.sections.len(), Some(number));
                    at += shown.len();
                }
                Part::Tag(words, number) => {
                    paragraph.push_chunk(words, Class::Sign, levels[at], style(number));
                    at += OBJECT.len_utf8();
                }
            }
            looks.resize(paragraph.job.sections.len(), None);
        }
        (paragraph, looks)
    }

    /// A section of its own, whatever stands before it.
    fn push_section(&mut self, text: &str, format: &TextFormat) {
        let start = self.job.text.len();
        self.job.text.push_str(text);
        self.job.sections.push(LayoutSection {
            leading_space: 0.0,
            byte_range: ByteIndex(start)..ByteIndex(self.job.text.len()),
            format: format.clone(),
        });
    }

    /// Cuts `text` into chunks; `levels` holds a level for each of its bytes.
    fn push_text(&mut self, text: &str, levels: &[Level], format: &TextFormat) {
        let mut chunk: Option<(Range<usize>, Class)> = None;
        let clusters = text.grapheme_indices(true);
        let chars = clusters.flat_map(|(at, cluster)| cluster.char_indices().map(move |(i, c)| (at, i, c)));
        for (cluster_at, i, c) in chars {
            let at = cluster_at + i;
            let end = at + c.len_utf8();
            let class = class(c);
            if let Some((range, of)) = &mut chunk
                && class.is_none_or(|class| class == *of && levels[at] == levels[range.start])
                // Only words are shaped from right to left: punctuation is turned sign by sign.
                && !(i == 0 && *of == Class::Other && levels[range.start].is_rtl())
            {
                range.end = end;
                continue;
            }
            if let Some((range, of)) = chunk.replace((at..end, class.unwrap_or(Class::Other))) {
                self.push_chunk(&text[range.clone()], of, levels[range.start], format);
            }
        }
        if let Some((range, of)) = chunk {
            self.push_chunk(&text[range.clone()], of, levels[range.start], format);
        }
    }

    fn push_chunk(&mut self, text: &str, class: Class, level: Level, format: &TextFormat) {
        // Not `LayoutJob::append`: it would merge neighbours of one format into one section, hence one run.
        if level.is_rtl() && class != Class::Sign {
            self.push_section(&text.chars().map(mirror::mirrored).collect::<String>(), format);
        } else {
            self.push_section(text, format);
        }
        self.chunks.push(Chunk { class, level, chars: text.chars().count() });
    }

    /// Whether a galley of this paragraph has to be repaired.
    pub fn needs_repair(&self) -> bool {
        !self.chunks.is_empty()
    }

    /// `galley`, which egui made of [`Self::job`], with its words in the order in which they are read.
    ///
    /// `width` is what it was wrapped at: right-to-left paragraphs end there, if it is finite. Should the glyphs
    /// not be those that the text lets expect, the rows from there on stay as egui laid them out.
    pub fn repair(&self, galley: &Galley, width: f32) -> Galley {
        let mut galley = galley.clone();
        if !self.needs_repair() {
            return galley;
        }
        let pixel = 1.0 / galley.pixels_per_point;
        let mut reader = Reader { chunks: &self.chunks, at: 0, taken: 0 };
        let last_row = galley.rows.len().saturating_sub(1);
        let is_elided = galley.elided;
        for (i, placed) in galley.rows.iter_mut().enumerate() {
            let row = std::sync::Arc::make_mut(&mut placed.row);
            // The last glyph of an elided text is the ellipsis.
            let ellipsis = usize::from(is_elided && i == last_row && !row.glyphs.is_empty());
            let Some(mut groups) = reader.groups(&row.glyphs[..row.glyphs.len() - ellipsis]) else { break };
            let trailing = groups.iter_mut().rev().take_while(|group| group.class == Class::Space);
            trailing.for_each(|group| group.level = self.base);
            if ellipsis == 1 {
                let end = row.glyphs.len();
                groups.push(Group {
                    glyphs: end - 1..end,
                    class: Class::Other,
                    level: self.base,
                    chunk: usize::MAX,
                });
            }
            let right = reorder(row, &groups);
            if self.base.is_rtl() && width.is_finite() {
                placed.pos.x += ((width - right - placed.pos.x) / pixel).floor().max(0.0) * pixel;
            }
        }
        if self.base.is_rtl() && width.is_finite() {
            galley.rect.max.x = galley.rect.max.x.max(width);
        }
        galley.mesh_bounds = galley.rows.iter().fold(Rect::NOTHING, |bounds, placed| {
            bounds.union(placed.row.visuals.mesh_bounds.translate(placed.pos.to_vec2()))
        });
        galley
    }
}

impl Paragraph {
    /// Where the sections of a repaired galley came to stand, row by row; none where nothing had to be repaired.
    pub fn places(&self, galley: &Galley) -> Vec<(usize, Rect)> {
        let mut reader = Reader { chunks: &self.chunks, at: 0, taken: 0 };
        let mut places = Vec::new();
        for placed in galley.rows.iter().filter(|_| self.needs_repair()) {
            let Some(groups) = reader.groups(&placed.row.glyphs) else { break };
            for group in groups {
                let glyphs = &placed.row.glyphs[group.glyphs];
                let left = glyphs.iter().map(|g| g.pos.x).fold(f32::INFINITY, f32::min);
                let right = glyphs.iter().map(Glyph::max_x).fold(left, f32::max);
                let corner = egui::pos2(placed.pos.x + left, placed.pos.y);
                let size = egui::vec2(right - left, placed.row.size.y);
                places.push((group.chunk, Rect::from_min_size(corner, size)));
            }
        }
        places
    }
}

/// What stands in the order of a text where words about it are shown.
const OBJECT: char = '\u{FFFC}';

/// An embedding in place of an override, of the same length in bytes.
fn disarmed(c: char) -> char {
    match c {
        '\u{202D}' => '\u{202A}',
        '\u{202E}' => '\u{202B}',
        _ => c,
    }
}

/// Glyphs of one row that move together.
#[derive(Debug)]
struct Group {
    glyphs: Range<usize>,
    class: Class,
    level: Level,
    /// Number of the chunk.
    chunk: usize,
}

/// Reads the chunks along with the glyphs that egui made of them.
struct Reader<'a> {
    chunks: &'a [Chunk],
    at: usize,
    taken: usize,
}

impl Reader<'_> {
    /// The glyphs of a row by chunk; `None` if they do not follow the chunks.
    fn groups(&mut self, glyphs: &[Glyph]) -> Option<Vec<Group>> {
        let mut groups: Vec<Group> = Vec::new();
        let mut present = None;
        for (i, glyph) in glyphs.iter().enumerate() {
            if !self.takes(glyph.chr) {
                self.at += 1;
                self.taken = 0;
                if !self.takes(glyph.chr) {
                    return None;
                }
            }
            self.taken += 1;
            let chunk = self.chunks.get(self.at)?;
            match groups.last_mut() {
                Some(group) if present == Some(self.at) => group.glyphs.end = i + 1,
                _ => groups.push(Group {
                    glyphs: i..i + 1,
                    class: chunk.class,
                    level: chunk.level,
                    chunk: self.at,
                }),
            }
            present = Some(self.at);
        }
        Some(groups)
    }

    /// Whether the next glyph, made of `c`, belongs to the present chunk.
    ///
    /// Words may have more glyphs than characters (egui repeats some in right-to-left runs), so they go on as
    /// long as the class does. Neighbours of equal class exist only among punctuation and signs: those count.
    fn takes(&self, c: char) -> bool {
        let Some(chunk) = self.chunks.get(self.at) else { return false };
        let class = class(c);
        let is_counted = |chunk: &Chunk| matches!(chunk.class, Class::Other | Class::Sign);
        if !is_counted(chunk) {
            return class.is_none_or(|class| class == chunk.class);
        }
        let ends_before_a_word = !self.chunks.get(self.at + 1).is_some_and(is_counted);
        self.taken < chunk.chars
            || (ends_before_a_word && chunk.class == Class::Other && class.is_none_or(|c| c == Class::Other))
    }
}

/// Moves the groups of `row` into visual order; the right edge of the text.
fn reorder(row: &mut Row, groups: &[Group]) -> f32 {
    let end = row.glyphs.iter().map(Glyph::max_x).fold(0.0, f32::max);
    let left = |group: &Group| row.glyphs[group.glyphs.start].pos.x;
    let edges: Vec<f32> = groups.iter().map(left).chain([end]).collect();
    let levels: Vec<Level> = groups.iter().map(|group| group.level).collect();
    let mut x = edges[0];
    for i in BidiInfo::reorder_visual(&levels) {
        let shift = x - edges[i];
        for glyph in &mut row.glyphs[groups[i].glyphs.clone()] {
            glyph.pos.x += shift;
            if !glyph.uv_rect.is_nothing() {
                let first = glyph.first_vertex as usize;
                for vertex in row.visuals.mesh.vertices.iter_mut().skip(first).take(4) {
                    vertex.pos.x += shift;
                }
            }
        }
        x += edges[i + 1] - edges[i];
    }
    row.visuals.mesh_bounds = row.visuals.mesh.calc_bounds();
    x
}

#[cfg(test)]
mod tests;
