//! What is painted where, with a font that has no Hebrew: boxes stand for its letters, in the same places.

use egui::epaint::text::TextWrapping;

use super::*;
use crate::app::widgets::text::tests::with_fonts;

const LETTERS: f32 = f32::INFINITY;

/// Lays out `parts` at `width`.
fn galley(parts: &[Part<'_>], wrap: &TextWrapping) -> Galley {
    let mut made = None;
    let text: String = parts.iter().map(|p| if let Part::Shown(t) = p { t } else { "" }).collect();
    with_fonts(|ui| {
        let format = TextFormat::default();
        let mut paragraph = Paragraph::new(parts, is_rtl_paragraph(&text), &format, &format);
        paragraph.job.wrap = wrap.clone();
        let galley = ui.painter().layout_job(paragraph.job.clone());
        made = Some(paragraph.repair(&galley, wrap.max_width));
    });
    made.expect("a frame was run")
}

fn wrapped(text: &str, width: f32) -> Galley {
    galley(&[Part::Shown(text)], &TextWrapping::wrap_at_width(width))
}

/// Each row's characters from left to right.
fn rows(galley: &Galley) -> Vec<String> {
    let row = |placed: &egui::epaint::text::PlacedRow| {
        let mut glyphs: Vec<&Glyph> = placed.row.glyphs.iter().filter(|g| g.advance_width > 0.0).collect();
        glyphs.sort_by(|a, b| a.pos.x.total_cmp(&b.pos.x));
        glyphs.iter().map(|g| g.chr).collect()
    };
    galley.rows.iter().map(row).collect()
}

fn painted(text: &str) -> String {
    rows(&wrapped(text, LETTERS)).join("|")
}

/// Lengths of the words from left to right, which tell Hebrew words apart in either letter order.
fn lengths(painted: &str) -> Vec<usize> {
    painted.split_whitespace().map(|word| word.chars().count()).collect()
}

#[test]
fn text_from_left_to_right_is_left_alone() {
    let format = TextFormat::default();
    let plain = Paragraph::new(&[Part::Shown("one two (three) 4")], false, &format, &format);
    assert!(!plain.needs_repair());
    assert_eq!(plain.job.sections.len(), 1);
    assert_eq!(painted("one two (three) 4"), "one two (three) 4");
}

#[test]
fn hebrew_words_run_from_right_to_left() {
    let painted = painted("say אחת שתיים שלושה now");
    assert!(painted.starts_with("say ") && painted.ends_with(" now"), "{painted}");
    // The first Hebrew word (3 letters) is the rightmost one.
    assert_eq!(lengths(&painted), [3, 5, 5, 3, 3]);
}

#[test]
fn a_hebrew_paragraph_begins_at_the_right() {
    assert_eq!(lengths(&painted("אחת שתיים ab cd")), [2, 2, 5, 3]);
    assert!(painted("אחת ab cd").starts_with("ab cd"), "Latin words keep their order");
}

#[test]
fn numbers_keep_the_order_of_their_digits() {
    let painted = painted("שלום 123 עולם 45%");
    let words: Vec<&str> = painted.split_whitespace().collect();
    assert_eq!((words[0], words[2]), ("45%", "123"));
}

#[test]
fn brackets_are_mirrored_and_stay_around_their_words() {
    // Painted from left to right: the closing bracket, mirrored, comes first.
    let text = painted("אחת (שתיים) שלושה.");
    let words: Vec<&str> = text.split_whitespace().collect();
    assert!(words[0].starts_with('.'), "{text}");
    assert!(words[1].starts_with('(') && words[1].ends_with(')'), "{text}");
    let latin = painted("אחת (ab).");
    assert!(latin.starts_with(".(ab) "), "{latin}");
}

#[test]
fn rows_break_in_reading_order() {
    let text = "אחת שתיים שלושה ארבעהה חמישהאב ששששששש";
    let galley = wrapped(text, 150.0);
    assert!(galley.rows.len() > 2, "{:?}", rows(&galley));
    let words: Vec<usize> = rows(&galley).iter().flat_map(|row| lengths(row).into_iter().rev()).collect();
    assert_eq!(words, [3, 5, 5, 6, 7, 7]);
}

#[test]
fn a_right_to_left_paragraph_ends_at_the_right_margin() {
    let galley = wrapped("אחת שתיים שלושה ארבעה", 90.0);
    for placed in &galley.rows {
        let visible = placed.row.glyphs.iter().filter(|g| !g.chr.is_whitespace());
        let right = visible.map(|g| placed.pos.x + g.max_x()).fold(0.0, f32::max);
        assert!((right - 90.0).abs() <= 1.5, "a row ends at {right}");
        let bounds = placed.row.visuals.mesh_bounds.translate(placed.pos.to_vec2());
        assert!(galley.mesh_bounds.contains_rect(bounds) && bounds.right() <= 92.0);
    }
    assert_eq!(galley.rect.right(), 90.0);
    assert_eq!(wrapped("ab אחת", 90.0).rows[0].pos.x, 0.0, "the base of this one is left to right");
}

#[test]
fn vertices_move_with_their_glyphs() {
    let galley = wrapped("אחת ab שתיים", LETTERS);
    for placed in &galley.rows {
        for glyph in placed.row.glyphs.iter().filter(|g| !g.uv_rect.is_nothing()) {
            let vertex = placed.row.visuals.mesh.vertices[glyph.first_vertex as usize];
            let want = glyph.pos.x + glyph.uv_rect.offset.x;
            assert!(
                (vertex.pos.x - want).abs() <= 1.0,
                "{:?} at {} is painted at {}",
                glyph.chr,
                want,
                vertex.pos.x
            );
        }
    }
}

#[test]
fn an_override_does_not_turn_letters_and_shows_as_its_sign() {
    let parts = [
        Part::Shown("pay "),
        Part::Hidden('\u{202E}', "‹U+202E›"),
        Part::Shown("cod.exe"),
        Part::Shown(" אב"),
    ];
    let painted = rows(&galley(&parts, &TextWrapping::no_max_width())).join("");
    assert!(painted.starts_with("pay "), "{painted}");
    assert!(painted.contains("cod") && painted.contains("exe"), "{painted}");
    assert!(painted.contains("‹U+202E›"), "{painted}");
}

#[test]
fn signs_stand_where_their_characters_are() {
    let sign = |c| Part::Hidden(c, "‹X›");
    let parts = [Part::Shown("אחת"), sign('\u{200B}'), sign('\u{200E}'), Part::Shown("‹( שתיים")];
    let painted = rows(&galley(&parts, &TextWrapping::no_max_width())).join("");
    assert_eq!(painted.matches("‹X›").count(), 2, "{painted}");
    assert_eq!(lengths(&painted)[0], 5, "{painted}");
}

#[test]
fn an_elided_row_keeps_its_order_and_its_ellipsis() {
    let wrap = TextWrapping::truncate_at_width(70.0);
    let galley = galley(&[Part::Shown("אחת שתיים שלושה ארבעה")], &wrap);
    assert!(galley.elided);
    let painted = rows(&galley).join("|");
    assert!(painted.starts_with('…'), "{painted}");
    assert_eq!(lengths(&painted).last(), Some(&3), "{painted}");
}

#[test]
fn odd_texts_do_not_panic() {
    let texts = [
        "",
        "א",
        "\u{5B0}\u{5B0}א",
        "א\u{200D}\u{200D}",
        "👨\u{200D}👩\u{200D}👧 א 🇩🇪",
        "א\u{2029}ב\u{85}ג\tד",
        "\u{2067}א\u{2069}\u{202C}\u{202C}",
        "٣٫١٤ و ٪",
        "а\u{301}\u{302}\u{303} א\u{301}\u{302}",
        "กำ ำ א ำ",
    ];
    for text in texts {
        for width in [0.0, 1.0, 20.0, LETTERS] {
            let galley = wrapped(text, width);
            assert!(galley.rect.is_finite(), "{text:?} at {width}");
        }
    }
}
