//! A picture of each view, light and dark, small and large: what is on screen changes only when somebody means it to.
//!
//! Of each the digest is kept, and of one a view the picture itself, which is the README's. The bar at the bottom is left
//! out, since it says how long things took. To take new ones: `UPDATE_PICTURES=1 cargo test --test pictures`, then look at
//! every picture that changed.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dissensus::app::command::Command;
use dissensus::app::headless::{HeadlessWindow, png};
use dissensus::app::open::Wanted;
use dissensus::app::state::{Preferences, View};
use dissensus::app::widgets::theme;
use dissensus::app::{App, Launch, LogPlace, Stage};
use dissensus::formats::{self, LoadOptions, Overrides};
use dissensus::progress::Progress;
use dissensus::review::event::Context;
use dissensus::review::{Action, Options, Session, place};
use egui::ColorImage;
use sha2::Digest as _;

/// Height of the bar at the bottom.
const STATUS: f32 = 24.0;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The sample of comments in a folder of its own, with what two others decided beside it.
fn comments(folder: &Path) -> Wanted {
    let sample = root().join("sample_data/comments");
    for name in ["comments.csv", "comments_probabilities.npy"] {
        std::fs::copy(sample.join(name), folder.join(name)).unwrap();
    }
    let table = folder.join("comments.csv");
    let options = LoadOptions {
        probabilities: Some(folder.join("comments_probabilities.npy")),
        ..LoadOptions::default()
    };
    let data = formats::open(&table, &Overrides::default(), &options, &Progress::new()).unwrap();
    for (reviewer, step) in [("ann", 1), ("ben", 2)] {
        let options = Options::new(reviewer, serde_json::Value::Null);
        let (mut session, _) = Session::open_file(&data, &place::beside(&table, reviewer), options).unwrap();
        for item in 0..12 {
            // They part on every other item.
            let label = if item % 2 == 0 { 0 } else { step };
            session.decide(&data, item, Action::Relabel(label), Context::default()).unwrap();
        }
        session.close().unwrap();
    }
    Wanted { table, options, at_once: true, ..Wanted::default() }
}

/// Two taggings of one text.
fn news() -> Wanted {
    let sample = root().join("sample_data/news");
    let more = vec![sample.join("revised.conll")];
    Wanted { more, at_once: true, ..Wanted::table(sample.join("original.conll")) }
}

/// Pairs of answers by three models, graded, with what is wrong with each.
fn duels(folder: &Path) -> Wanted {
    let mut csv = "item,model_a,model_b,errors_a,errors_b,length_a,length_b,rater,label\n".to_owned();
    let errors = ["off topic", "rude", "made up", ""];
    for i in 0..90_usize {
        let (a, b) = [("Ada", "Bea"), ("Bea", "Cyn"), ("Cyn", "Ada")][i % 3];
        let (ea, eb) = (errors[i * 7 % 4], errors[i * 5 % 3]);
        let (la, lb) = (40 + i * 37 % 90, 40 + i * 53 % 90);
        for r in 0..3 {
            // Ada wins more often, and by less.
            let first = (i * 3 + r * 5) % 7 < 4 || ea.is_empty();
            let (side, winner) = if first { ("A", a) } else { ("B", b) };
            let how = if winner == "Ada" { "slightly" } else { "clearly" };
            let label = if (i + r) % 19 == 0 { "tie".to_owned() } else { format!("{side} is {how} better") };
            csv.push_str(&format!("d{i:02},{a},{b},{ea},{eb},{la},{lb},r{r},{label}\n"));
        }
    }
    let table = folder.join("duels.csv");
    std::fs::write(&table, csv).unwrap();
    Wanted { at_once: true, ..Wanted::table(table) }
}

/// Summaries by four systems: scores of three people, flags, and two metrics.
fn scores(folder: &Path) -> Wanted {
    let mut csv = "item,system,document,rater,score,repeats,wrong,rude,overlap,fluency\n".to_owned();
    for i in 0..160_usize {
        let (system, document) = (i % 4, i / 4);
        let (repeats, wrong, rude) = (i % 5 == 0, i * 7 % 11 < 3, i % 9 == 4);
        let level = 3 + system / 2 - usize::from(repeats) - usize::from(wrong);
        let overlap = 0.2 * level as f64 + 0.02 * (i * 13 % 17) as f64;
        let fluency = 50 + (i * 29 % 40) - 5 * usize::from(rude);
        for r in 0..3 {
            let score = level + usize::from((i + r) % 6 == 0);
            let flags = [repeats, wrong, rude].map(u8::from);
            csv.push_str(&format!(
                "s{i:03},system {system},d{document},r{r},{score},{},{},{},{overlap:.2},{fluency}\n",
                flags[0], flags[1], flags[2]
            ));
        }
    }
    let table = folder.join("scores.csv");
    std::fs::write(&table, csv).unwrap();
    Wanted { at_once: true, ..Wanted::table(table) }
}

/// What is done to a view before its picture is taken.
#[derive(Clone, Copy)]
enum How {
    Plain,
    Run(Command),
    Tab(&'static str),
}

/// A picture: its name, the view, and in which colours the README has it.
type Shot = (&'static str, View, egui::Theme);

/// What stands beside views and over them, with the command that puts it there; one after the other.
const MORE: &[(Shot, Command)] = &[
    (("beside", View::Items, egui::Theme::Dark), Command::LayoutExplore),
    (("palette", View::Items, egui::Theme::Light), Command::Palette),
    (("keys", View::Items, egui::Theme::Light), Command::Help),
];

/// The views of the comments.
const VIEWS: &[Shot] = &[
    ("overview", View::Overview, egui::Theme::Dark),
    ("label", View::Label, egui::Theme::Light),
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
    ("queues", View::Queues, egui::Theme::Light),
    ("conflicts", View::Conflicts, egui::Theme::Dark),
    ("log", View::Log, egui::Theme::Dark),
];

/// Tabs of the comments that have a picture of their own.
const TABS: &[(Shot, How)] = &[
    (("judges", View::Models, egui::Theme::Dark), How::Tab("judges")),
    (("routing", View::Models, egui::Theme::Light), How::Tab("routing")),
    (("difficulty", View::Models, egui::Theme::Dark), How::Tab("difficulty")),
    (("rows", View::Errors, egui::Theme::Light), How::Tab("rows")),
];
/// Of graded preferences, and of scores.
const DUELS: &[(Shot, How)] = &[
    (("preferences", View::Aggregation, egui::Theme::Light), How::Tab("preferences")),
    (("what-wins", View::Aggregation, egui::Theme::Dark), How::Tab("What wins")),
];
const SCORES: &[(Shot, How)] = &[
    (("scores", View::Aggregation, egui::Theme::Light), How::Tab("scores")),
    (("metrics", View::Models, egui::Theme::Dark), How::Tab("metrics")),
];

fn settle(window: &mut HeadlessWindow, app: &mut App) {
    let ctx = window.ctx().clone();
    let begin = Instant::now();
    let mut quiet = 0;
    while quiet < 4 {
        assert!(begin.elapsed() < Duration::from_mins(2), "it does not come to rest");
        app.step(&ctx);
        window.frame(Vec::new(), |ui| app.draw(ui));
        let there = app.document().is_some() || matches!(app.stage, Stage::Start);
        quiet = if app.is_settled() && there { quiet + 1 } else { 0 };
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Takes all pictures of one size and theme, and says which are not what they were.
fn take(theme: egui::Theme, size: egui::Vec2) {
    let folder = tempfile::tempdir().unwrap();
    let plain = |shots: &[Shot]| shots.iter().map(|&shot| (shot, How::Plain)).collect::<Vec<_>>();
    let more = MORE.iter().map(|&(shot, command)| (shot, How::Run(command)));
    let shots: Vec<_> = plain(VIEWS).into_iter().chain(TABS.iter().copied()).chain(more).collect();
    let mut pictures = taken(theme, size, Some(comments(folder.path())), &shots);
    let versions = plain(&[("versions", View::Versions, egui::Theme::Light)]);
    pictures.extend(taken(theme, size, Some(news()), &versions));
    pictures.extend(taken(theme, size, Some(duels(folder.path())), DUELS));
    pictures.extend(taken(theme, size, Some(scores(folder.path())), SCORES));
    pictures.extend(taken(theme, size, None, &plain(&[("start", View::Overview, egui::Theme::Light)])));
    compare(theme, size, pictures);
}

/// The pictures of one dataset, or of the program before one is open.
fn taken(
    theme: egui::Theme,
    size: egui::Vec2,
    wanted: Option<Wanted>,
    shots: &[(Shot, How)],
) -> Vec<(Shot, ColorImage)> {
    let places = tempfile::tempdir().unwrap();
    let mut window = HeadlessWindow::new(size, 1.0, |ctx| {
        theme::install(ctx);
        ctx.set_theme(theme);
    });
    let launch = Launch {
        wanted,
        reviewer: Some("tester".to_owned()),
        data_folder: Some(places.path().to_owned()),
        log: LogPlace::Memory,
    };
    let mut app = App::new(window.ctx(), Preferences::default(), launch);
    settle(&mut window, &mut app);
    let ctx = window.ctx().clone();
    let shown = egui::Rect::from_min_size(egui::Pos2::ZERO, size - egui::vec2(0.0, STATUS));
    let mut pictures = Vec::new();
    for &(shot, how) in shots {
        let tab = if let How::Tab(tab) = how { Some(tab) } else { None };
        app.stage_picture(&ctx, shot.1, None, tab).unwrap();
        if let How::Run(command) = how {
            app.run(&ctx, command);
        }
        settle(&mut window, &mut app);
        pictures.push((shot, window.picture().region(&shown, None)));
    }
    pictures
}

fn compare(theme: egui::Theme, size: egui::Vec2, pictures: Vec<(Shot, ColorImage)>) {
    let words = if theme == egui::Theme::Dark { "dark" } else { "light" };
    let is_small = size.x < 2000.0;
    let digests_at = root().join(format!("tests/data/pictures-{words}-{}x{}.txt", size.x, size.y));
    let update = std::env::var_os("UPDATE_PICTURES").is_some();
    let known = digests(&digests_at);
    let mut found = BTreeMap::new();
    let mut wrong = Vec::new();
    for ((name, _, kept), picture) in pictures {
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
