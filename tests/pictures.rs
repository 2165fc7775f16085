//! A picture of each view, light and dark, small and large: what is on screen changes only when somebody means it to.
//!
//! Of each the digest is kept, and of one a view the picture itself, which is the README's. The bar at the bottom is left
//! out, since it says how long things took. To take new ones: `UPDATE_PICTURES=1 cargo test --test pictures`, then look at
//! every picture that changed.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dissensus::app::headless::{HeadlessWindow, png};
use dissensus::app::open::Wanted;
use dissensus::app::state::{Preferences, View};
use dissensus::app::widgets::theme;
use dissensus::app::{App, Launch, LogPlace};
use dissensus::formats::LoadOptions;
use sha2::Digest as _;

/// Height of the bar at the bottom.
const STATUS: f32 = 24.0;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn comments() -> Wanted {
    let sample = root().join("sample_data/comments");
    let options = LoadOptions {
        probabilities: Some(sample.join("comments_probabilities.npy")),
        ..LoadOptions::default()
    };
    Wanted { table: sample.join("comments.csv"), options, at_once: true, ..Wanted::default() }
}

/// The views of the sample: name of the picture, view, and in which colours the README has it.
const VIEWS: &[(&str, View, egui::Theme)] = &[
    ("overview", View::Overview, egui::Theme::Dark),
    ("items", View::Items, egui::Theme::Light),
    ("compare", View::Compare, egui::Theme::Dark),
    ("models", View::Models, egui::Theme::Light),
    ("agreement", View::Agreement, egui::Theme::Dark),
    ("raters", View::Raters, egui::Theme::Light),
    ("groups", View::Groups, egui::Theme::Dark),
    ("aggregation", View::Aggregation, egui::Theme::Light),
    ("errors", View::Errors, egui::Theme::Light),
    ("review", View::Review, egui::Theme::Dark),
    ("grid", View::Grid, egui::Theme::Light),
    ("log", View::Log, egui::Theme::Dark),
];

fn settle(window: &mut HeadlessWindow, app: &mut App) {
    let ctx = window.ctx().clone();
    let begin = Instant::now();
    let mut quiet = 0;
    while quiet < 4 {
        assert!(begin.elapsed() < Duration::from_mins(2), "it does not come to rest");
        app.step(&ctx);
        window.frame(Vec::new(), |ui| app.draw(ui));
        quiet = if app.is_settled() && app.document().is_some() { quiet + 1 } else { 0 };
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Takes all pictures of one size and theme; names of those that are not what they were.
fn take(theme: egui::Theme, size: egui::Vec2) {
    let places = tempfile::tempdir().unwrap();
    let mut window = HeadlessWindow::new(size, 1.0, |ctx| {
        theme::install(ctx);
        ctx.set_theme(theme);
    });
    let launch = Launch {
        wanted: Some(comments()),
        reviewer: Some("tester".to_owned()),
        data_folder: Some(places.path().to_owned()),
        log: LogPlace::Memory,
    };
    let mut app = App::new(window.ctx(), Preferences::default(), launch);
    settle(&mut window, &mut app);
    let ctx = window.ctx().clone();
    let words = if theme == egui::Theme::Dark { "dark" } else { "light" };
    let is_small = size.x < 2000.0;
    let digests_at = root().join(format!("tests/data/pictures-{words}-{}x{}.txt", size.x, size.y));
    let update = std::env::var_os("UPDATE_PICTURES").is_some();
    let known = digests(&digests_at);
    let mut found = BTreeMap::new();
    let mut wrong = Vec::new();
    for &(name, view, kept) in VIEWS {
        app.stage_picture(&ctx, view, None, None).unwrap();
        settle(&mut window, &mut app);
        let shown = egui::Rect::from_min_size(egui::Pos2::ZERO, size - egui::vec2(0.0, STATUS));
        let picture = window.picture().region(&shown, None);
        let pixels: Vec<u8> = picture.pixels.iter().flat_map(egui::Color32::to_array).collect();
        let digest: String = sha2::Sha256::digest(&pixels).iter().map(|b| format!("{b:02x}")).collect();
        let is_as_known = known.get(name) == Some(&digest);
        found.insert(name.to_owned(), digest);
        if is_as_known {
            continue;
        }
        let shown = png(&picture).unwrap();
        if update && is_small && kept == theme {
            std::fs::write(root().join(format!("assets/pictures/{name}-{words}.png")), &shown).unwrap();
        }
        std::fs::create_dir_all(out()).unwrap();
        std::fs::write(out().join(format!("{name}-{words}-{}.png", size.x)), &shown).unwrap();
        wrong.push(name);
    }
    if update {
        let lines: String = found.iter().map(|(name, digest)| format!("{name} {digest}\n")).collect();
        std::fs::write(&digests_at, lines).unwrap();
        return;
    }
    assert!(
        wrong.is_empty(),
        "{words} at {}×{}: {wrong:?} changed; look at {}, then UPDATE_PICTURES=1 cargo test --test pictures",
        size.x,
        size.y,
        out().display()
    );
}

/// Where pictures go that are not what they were.
fn out() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pictures")
}

fn digests(path: &Path) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().filter_map(|l| l.split_once(' ')).map(|(n, d)| (n.to_owned(), d.to_owned())).collect()
}

#[test]
fn every_view_small_and_light() {
    take(egui::Theme::Light, egui::vec2(1280.0, 720.0));
}

#[test]
fn every_view_small_and_dark() {
    take(egui::Theme::Dark, egui::vec2(1280.0, 720.0));
}

#[test]
fn every_view_large_and_light() {
    take(egui::Theme::Light, egui::vec2(2560.0, 1440.0));
}

#[test]
fn every_view_large_and_dark() {
    take(egui::Theme::Dark, egui::vec2(2560.0, 1440.0));
}
