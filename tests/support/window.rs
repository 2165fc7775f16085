//! A real window without a display, on the sample of comments or on any file.

// Each journey uses what it needs.
#![allow(dead_code)]

use std::path::Path;
use std::time::{Duration, Instant};

use dissensus::app::document::Document;
use dissensus::app::open::Wanted;
use dissensus::app::state::Preferences;
use dissensus::app::{App, Launch, LogPlace, Stage};
use dissensus::formats::LoadOptions;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use egui_kittest::{Harness, HarnessBuilder};

pub type Window = Harness<'static, App>;

/// A folder of its own with the sample in it: a review writes beside its source.
pub fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data/comments");
    for name in ["comments.csv", "comments_probabilities.npy"] {
        std::fs::copy(sample.join(name), folder.path().join(name)).unwrap();
    }
    folder
}

pub fn launch(folder: &Path) -> Launch {
    let wanted = Wanted {
        table: folder.join("comments.csv"),
        options: LoadOptions {
            probabilities: Some(folder.join("comments_probabilities.npy")),
            ..LoadOptions::default()
        },
        at_once: true,
        ..Wanted::default()
    };
    Launch {
        wanted: Some(wanted),
        reviewer: Some("tester".to_owned()),
        data_folder: Some(folder.join("places")),
        log: LogPlace::Beside,
    }
}

/// A window in which every character has a glyph.
pub fn window(launch: Launch) -> Window {
    built(Harness::builder(), launch)
}

/// A window on texts of any script, with characters that no font here has.
pub fn window_of_any_text(launch: Launch) -> Window {
    built(Harness::builder().allow_missing_glyphs(), launch)
}

fn built(builder: HarnessBuilder<App>, launch: Launch) -> Window {
    let mut window = builder
        .with_size([1440.0, 900.0])
        .build_eframe(move |cc| App::new(&cc.egui_ctx, Preferences::default(), launch.clone()));
    settle(&mut window, "opening");
    window
}

pub fn until(window: &mut Window, what: &str, mut done: impl FnMut(&App) -> bool) {
    let since = Instant::now();
    while !done(window.state()) {
        assert!(since.elapsed() < Duration::from_mins(1), "timed out: {what}");
        window.step();
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub fn settle(window: &mut Window, what: &str) {
    window.step();
    until(window, what, |app| {
        app.is_settled()
            && (app.document().is_some() || matches!(app.stage, Stage::Start | Stage::Opening(_)))
    });
    window.step();
    window.step();
}

pub fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    // A quarter of a second of the window's time each: the guard against hasty keys is over.
    window.step();
    window.step();
}

/// The dataset that is open.
pub fn doc(window: &Window) -> &Document {
    window.state().document().unwrap()
}

/// Waits until what the last key or click asked for has begun, and has come to its end.
pub fn still(window: &mut Window, what: &str) {
    // The frame that sees the click, the one that asks for the work, the one that shows that it is under way.
    (0..3).for_each(|_| window.step());
    settle(window, what);
}

/// Presses a button and waits until nothing more is under way.
pub fn click(window: &mut Window, name: &str) {
    window.get_by_label(name).click();
    still(window, name);
}

/// A window on any file or folder, read as it suggests itself.
pub fn window_on(table: &Path, places: &Path) -> Window {
    let launch = Launch {
        wanted: Some(Wanted { at_once: true, ..Wanted::table(table.to_owned()) }),
        reviewer: Some("tester".to_owned()),
        data_folder: Some(places.to_owned()),
        log: LogPlace::Beside,
    };
    window_of_any_text(launch)
}

/// The items that are shown, ascending.
pub fn shown(window: &Window) -> Vec<u32> {
    let mut items = window.state().document().unwrap().rows.as_ref().unwrap().items.to_vec();
    items.sort_unstable();
    items
}
