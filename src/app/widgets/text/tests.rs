//! Texts in a window without a window.

use egui::{
    Event, FontData, FontDefinitions, FontFamily, Modifiers, PointerButton, Pos2, ScrollArea, pos2, vec2,
};

use super::*;
use crate::app::headless::HeadlessWindow;

/// Installs the program's text font; boxes stand for what it lacks.
pub fn install(ctx: &egui::Context) {
    let mut fonts = FontDefinitions::empty();
    let inter = FontData::from_static(include_bytes!("../../../../assets/fonts/Inter-Regular.otf"));
    fonts.font_data.insert("Inter".to_owned(), Arc::new(inter));
    for family in [FontFamily::Proportional, FontFamily::Monospace] {
        fonts.families.insert(family, vec!["Inter".to_owned()]);
    }
    ctx.set_fonts(fonts);
    ctx.set_missing_glyph_policy(egui::MissingGlyphPolicy::Tofu);
}

/// Runs a frame with the program's text font.
pub fn with_fonts(run: impl FnMut(&mut Ui)) {
    HeadlessWindow::new(vec2(400.0, 300.0), 1.0, install).frame(Vec::new(), run);
}

fn style(ui: &Ui) -> TextStyle {
    TextStyle::new(FontId::proportional(13.0), ui.visuals().text_color(), ui.visuals().warn_fg_color)
}

fn window() -> HeadlessWindow {
    HeadlessWindow::new(vec2(400.0, 300.0), 1.0, install)
}

/// Shows `text` in a scroll area, with `events`; its size and the bytes that are not shown.
fn show(window: &mut HeadlessWindow, text: &str, events: Vec<Event>) -> (Vec2, usize) {
    let mut shown = None;
    window.frame(events, |ui| {
        ScrollArea::vertical().show(ui, |ui| {
            let block = TextBlock::new(text, style(ui)).ui(ui);
            shown = Some((block.response.rect.size(), block.bytes_left));
        });
    });
    shown.expect("the block was shown")
}

fn shown_bytes(text: &str) -> Kept {
    let color = Color32::PLACEHOLDER;
    let mut kept = Kept { bytes: FIRST_BYTES, ..Kept::default() };
    kept.cut(text, &TextStyle::new(FontId::default(), color, color));
    kept
}

fn piece_texts(kept: &Kept) -> Vec<&str> {
    kept.pieces.iter().map(|piece| piece.paragraph.job.text.as_str()).collect()
}

#[test]
fn plain_lines_share_a_piece_and_others_stand_alone() {
    let kept = shown_bytes("one\ntwo\r\n\nשלום\nthree\na\u{200B}b\n");
    assert_eq!(piece_texts(&kept), ["one\ntwo\n", "שלום", "three", "a‹U+200B›b", ""]);
    assert_eq!(piece_texts(&shown_bytes("")), [""]);
    assert_eq!(piece_texts(&shown_bytes("\n\n")), ["\n\n"]);
}

#[test]
fn a_text_made_ready_by_another_thread_has_the_sizes_that_it_would_come_to() {
    let line = "A sentence of some length, to be cut after its stop. ";
    let text = format!("{}\nשלום a\u{200B}b\n{}", line.repeat(400), line.repeat(1_200));
    let mut plain = window();
    let measured = show(&mut plain, &text, Vec::new());
    let mut window = window();
    // The width comes from a frame, as it does in the program.
    let mut at = (0.0, None);
    window.frame(Vec::new(), |ui| {
        ScrollArea::vertical().show(ui, |ui| at = (ui.available_width(), Some(style(ui))));
    });
    let (ctx, width, style) = (window.ctx().clone(), at.0, at.1.expect("a frame was run"));
    let block = || TextBlock::new(&text, style.clone());
    assert!(!block().is_ready(&ctx, width));
    std::thread::scope(|s| {
        s.spawn(|| block().make_ready(&ctx, width, &|| true));
    });
    assert!(!block().is_ready(&ctx, width), "it was stopped");
    std::thread::scope(|s| {
        s.spawn(|| block().make_ready(&ctx, width, &|| false));
    });
    assert!(block().is_ready(&ctx, width) && !block().is_ready(&ctx, width + 1.0));
    assert_eq!(show(&mut window, &text, Vec::new()), measured);
    assert!(!block().is_ready(&ctx, width), "it was taken");
}

#[test]
fn pieces_of_a_long_text_are_the_text() {
    let text = "A sentence of some length, to be cut after its stop. ".repeat(200);
    let kept = shown_bytes(&text);
    let texts = piece_texts(&kept);
    assert_eq!(texts.concat(), text);
    assert!(texts.iter().all(|piece| piece.chars().count() <= PIECE_CHARS && piece.ends_with("stop. ")));
    let lines = "word ".repeat(30) + "\n";
    let text = lines.repeat(100);
    let kept = shown_bytes(&text);
    assert_eq!(piece_texts(&kept).join("\n"), text);
    assert!(kept.pieces.len() < 12, "{} pieces", kept.pieces.len());
}

#[test]
fn all_lines_have_their_height() {
    let mut window = window();
    let one = show(&mut window, "one", Vec::new()).0.y;
    let lines = |window: &mut HeadlessWindow, text: &str| (show(window, text, Vec::new()).0.y / one).round();
    assert!(one >= 10.0);
    assert_eq!(lines(&mut window, "one\ntwo\nthree"), 3.0);
    assert_eq!(lines(&mut window, "one\n\nשלום\n\u{200B}\n"), 5.0);
    assert_eq!(lines(&mut window, ""), 1.0);
}

#[test]
fn a_long_text_is_shown_in_part_until_more_is_asked_for() {
    let text = "0123456789 abcdefgh\n".repeat(12_500);
    assert_eq!(text.len(), 250_000);
    let mut window = window();
    let (size, left) = show(&mut window, &text, Vec::new());
    assert_eq!(left, 150_000);
    // Scroll down to the button and click it.
    let wheel = Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: vec2(0.0, -2.0 * size.y),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    };
    let at: Pos2 = pos2(20.0, 290.0);
    show(&mut window, &text, vec![Event::PointerMoved(at), wheel]);
    for _ in 0..4 {
        show(&mut window, &text, Vec::new());
    }
    for pressed in [true, false] {
        let button = Event::PointerButton {
            pos: at,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        show(&mut window, &text, vec![button]);
    }
    let (grown, left) = show(&mut window, &text, Vec::new());
    assert_eq!(left, 50_000);
    assert!((grown.y / size.y - 2.0).abs() < 0.01, "{} after {}", grown.y, size.y);
    // Another text begins at its beginning.
    assert_eq!(show(&mut window, &text[1..], Vec::new()).1, 150_000);
}

#[test]
fn a_text_without_line_ends_is_cut_at_a_word() {
    let text = "words and words ".repeat(20_000);
    let kept = shown_bytes(&text);
    assert!(kept.end <= FIRST_BYTES && kept.end > FIRST_BYTES - 5 * PIECE_CHARS, "{}", kept.end);
    assert!(text[..kept.end].ends_with(' '));
    assert_eq!(piece_texts(&kept).concat(), text[..kept.end]);
    let signs = "é".repeat(200_000);
    let kept = shown_bytes(&signs);
    assert!(kept.end <= FIRST_BYTES && kept.end > 0);
}

#[test]
fn pieces_out_of_sight_are_not_painted() {
    let text = "0123456789 abcdefgh\n".repeat(5_000);
    let mut window = window();
    show(&mut window, &text, Vec::new());
    show(&mut window, &text, Vec::new());
    let triangles = window.paint_cost().triangles;
    // A line is about 18 glyphs; the window holds about 20 lines, a piece 100.
    assert!(triangles < 2 * 18 * 250, "{triangles} triangles");
    assert!(triangles > 2 * 18 * 15, "{triangles} triangles");
}

#[test]
fn a_narrower_place_makes_a_longer_block() {
    let text = format!("{}\n{}", "some words to wrap ".repeat(40), "שלום עולם ".repeat(60));
    let mut window = window();
    let mut height = |width: f32| {
        let mut height = 0.0;
        window.frame(Vec::new(), |ui| {
            ui.set_max_width(width);
            height = TextBlock::new(&text, style(ui)).ui(ui).response.rect.height();
        });
        height
    };
    let wide = height(380.0);
    assert!(height(190.0) > 1.5 * wide);
    assert_eq!(height(380.0), wide);
}

#[test]
fn a_repaired_piece_is_kept_until_egui_lays_it_out_anew() {
    let mut window = window();
    let format = TextFormat::default();
    let paragraph = Paragraph::new(&[Part::Shown("אחת שתיים")], true, &format, &format);
    let mut piece = Piece { paragraph, size: None, repaired: None };
    let mut galley = |window: &mut HeadlessWindow| {
        let mut made = None;
        window.frame(Vec::new(), |ui| made = Some(piece.galley(ui, 200.0)));
        made.expect("a frame was run")
    };
    let first = galley(&mut window);
    assert!(Arc::ptr_eq(&first, &galley(&mut window)));
    window.ctx().set_pixels_per_point(2.0);
    window.frame(Vec::new(), |_| ());
    assert!(!Arc::ptr_eq(&first, &galley(&mut window)));
}

#[test]
fn a_cell_is_one_line_of_its_width() {
    with_fonts(|ui| {
        for text in ["short", "a\nb", &"many words ".repeat(100_000), "a\u{202E}b", &"שלום עולם ".repeat(30)]
        {
            let galley = line(ui, text, &style(ui), 120.0);
            assert_eq!(galley.rows.len(), 1, "{text:.20?}");
            assert!(galley.size().x <= 121.0, "{text:.20?} is {} wide", galley.size().x);
            assert!(galley.job.text.chars().count() <= LINE_CHARS);
        }
        assert_eq!(line(ui, "a\nb", &style(ui), 120.0).job.text, "a b");
        assert_eq!(line(ui, "a\u{202E}b", &style(ui), 120.0).job.text, "a‹U+202E›b");
    });
}

#[test]
fn odd_texts_do_not_panic() {
    let texts = ["\u{0}", "\r", "\r\n\r\n", "\u{2029}", "e\u{301}\u{301}", "\u{FEFF}שלום\u{202E}", "\t\t"];
    let mut window = window();
    for text in texts {
        show(&mut window, text, Vec::new());
        show(&mut window, &text.repeat(3_000), Vec::new());
    }
}
