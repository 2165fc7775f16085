//! Ten million annotations of a million items in the window, 200,000 of them flagged: how long the way to the first table
//! is, how long a frame, and how soon a key, a filter and a sort are answered, in peace and while a full analysis runs.
//! `cargo bench --bench frames`
//!
//! Frames are built and tessellated without a display; a frame of the empty window is the baseline of the same run.

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use dissensus::app::headless::HeadlessWindow;
use dissensus::app::open::Wanted;
use dissensus::app::query::SortKey;
use dissensus::app::request::Request;
use dissensus::app::state::{Preferences, View};
use dissensus::app::widgets::theme;
use dissensus::app::{App, Launch, LogPlace, Stage};
use dissensus::formats::LoadOptions;
use egui::{Event, Key, Modifiers};

const ROWS: usize = 1_000_000;
const RATERS: usize = 10;
const LABELS: usize = 10;

fn main() {
    if std::env::args().any(|a| a == "--test" || a == "--list") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let launch = Launch {
        data_folder: Some(folder.path().join("places")),
        log: LogPlace::Memory,
        ..Launch::default()
    };
    let mut empty = Bench::new(launch.clone());
    let baseline = empty.measure(200, |_| Vec::new());
    println!("{:<44}{baseline}", "empty window, still (baseline)");

    let options = LoadOptions { probabilities: Some(folder.path().join("p.npy")), ..LoadOptions::default() };
    let wanted =
        Wanted { table: folder.path().join("votes.npy"), options, at_once: true, ..Wanted::default() };
    let begin = Instant::now();
    let mut bench = Bench::new(Launch { wanted: Some(wanted), ..launch });
    bench.until("loading", |app| matches!(app.stage, Stage::Ready(_)));
    println!("read {ROWS} items × {RATERS} raters: {:.2} s", begin.elapsed().as_secs_f64());
    let begin = Instant::now();
    bench.show(View::Items);
    bench.until("first table", |app| app.document().is_some_and(|d| d.rows.is_some()));
    bench.frame(Vec::new());
    println!("first table painted after {:.2} s (must be under 3 s)", begin.elapsed().as_secs_f64());
    bench.settle();
    let flagged = bench.app.document().unwrap().derived.as_ref().unwrap().overview.n_flagged;
    println!("flagged: {flagged}");
    bench.all("", &baseline);
    bench.idle();

    // A full analysis: a rater is switched out, and everything that looks at votes is computed anew. Again as often as
    // it ends before the frames do.
    println!("while a full analysis runs:");
    bench.busy = true;
    bench.all("  ", &baseline);
    println!("  {} analyses were begun meanwhile", bench.switches);
}

struct Bench {
    window: HeadlessWindow,
    app: App,
    /// Whether an analysis is kept running.
    busy: bool,
    switches: usize,
}

impl Bench {
    fn new(launch: Launch) -> Self {
        let window = HeadlessWindow::new(egui::vec2(1600.0, 1000.0), 1.0, theme::install);
        let app = App::new(window.ctx(), Preferences::default(), launch);
        Self { window, app, busy: false, switches: 0 }
    }

    /// Time of `logic`, `ui` and tessellation together.
    fn frame(&mut self, events: Vec<Event>) -> Duration {
        let ctx = self.window.ctx().clone();
        if self.busy && !self.app.is_analysing() {
            self.switches += 1;
            self.app.handle(&ctx, Request::SwitchRater(3));
        }
        let begin = Instant::now();
        self.app.step(&ctx);
        let app = &mut self.app;
        self.window.frame(events, |ui| app.draw(ui));
        begin.elapsed() + self.window.paint_cost().tessellate_time
    }

    fn measure(&mut self, n: usize, events: impl Fn(usize) -> Vec<Event>) -> Frames {
        let mut times: Vec<Duration> = (0..n).map(|i| self.frame(events(i))).collect();
        times.sort();
        Frames { p50: times[n / 2], p99: times[n * 99 / 100], worst: times[n - 1] }
    }

    fn until(&mut self, what: &str, done: impl Fn(&App) -> bool) {
        let begin = Instant::now();
        while !done(&self.app) {
            assert!(begin.elapsed() < Duration::from_mins(3), "{what}");
            self.frame(Vec::new());
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn settle(&mut self) {
        self.until("settling", |app| app.is_settled() && app.document().is_some());
    }

    fn show(&mut self, view: View) {
        let ctx = self.window.ctx().clone();
        self.app.show(&ctx, view);
    }

    fn all(&mut self, indent: &str, baseline: &Frames) {
        for (name, view, keys) in [
            ("overview, still", View::Overview, [None; 2]),
            ("items, one row down a frame", View::Items, [Some(Key::J); 2]),
            ("items, one page down a frame", View::Items, [Some(Key::PageDown); 2]),
            ("items, end and home in turn", View::Items, [Some(Key::End), Some(Key::Home)]),
            ("review, skipping each frame", View::Review, [Some(Key::J); 2]),
            ("raters, still", View::Raters, [None; 2]),
        ] {
            self.go(view);
            let frames = self.measure(300, |i| keys[i % 2].map(|k| key(k, true)).into_iter().collect());
            let ratio = frames.p50.as_secs_f64() / baseline.p50.as_secs_f64();
            println!("{:<44}{frames}   {ratio:.1} × baseline", format!("{indent}{name}"));
        }
        let ctx = self.window.ctx().clone();
        let views = [View::Overview, View::Items, View::Raters, View::Log, View::Review];
        let mut times: Vec<Duration> = (0..100)
            .map(|i| {
                let begin = Instant::now();
                self.app.show(&ctx, views[i % views.len()]);
                begin.elapsed() + self.frame(Vec::new())
            })
            .collect();
        times.sort();
        let frames = Frames { p50: times[50], p99: times[99], worst: times[99] };
        println!("{:<44}{frames}", format!("{indent}another view each frame"));

        // Space keeps a label: the next item is on screen when the frame is painted. 150 ms lie between two decisions.
        self.go(View::Review);
        let mut times: Vec<Duration> = (0..60)
            .map(|_| {
                for _ in 0..12 {
                    self.frame(Vec::new());
                }
                let before = self.app.document().unwrap().position;
                let time = self.frame(vec![key(Key::Space, true)]) + self.frame(vec![key(Key::Space, false)]);
                assert!(self.app.document().unwrap().position > before, "it was decided");
                time
            })
            .collect();
        times.sort();
        let frames = Frames { p50: times[30], p99: times[59], worst: times[59] };
        println!("{:<44}{frames}   (must be under 50 ms)", format!("{indent}keep, to the next item"));

        self.go(View::Items);
        for (name, request) in [
            ("filter: flagged only", Request::ToggleCondition(dissensus::app::query::Condition::Flagged)),
            ("sort by quality", Request::Sort(SortKey::Quality)),
            ("filter off", Request::ToggleCondition(dissensus::app::query::Condition::Flagged)),
            ("sort by entropy", Request::Sort(SortKey::Entropy)),
            ("sort by key", Request::Sort(SortKey::Item)),
            ("back to the file's order", Request::Sort(SortKey::File)),
        ] {
            let before = self.app.document().unwrap().rows.clone().unwrap();
            let begin = Instant::now();
            self.app.handle(&ctx, request);
            self.until(name, |app| {
                app.document()
                    .unwrap()
                    .rows
                    .as_ref()
                    .is_some_and(|rows| !std::sync::Arc::ptr_eq(rows, &before))
            });
            self.frame(Vec::new());
            println!(
                "{:<44}{:6.0} ms   (must be under 200 ms)",
                format!("{indent}{name}"),
                begin.elapsed().as_secs_f64() * 1e3
            );
        }
    }

    fn go(&mut self, view: View) {
        let ctx = self.window.ctx().clone();
        if view == View::Review {
            self.app.stage_picture(&ctx, View::Review, None, None).unwrap();
        } else {
            self.app.show(&ctx, view);
        }
        if self.busy {
            for _ in 0..5 {
                self.frame(Vec::new());
            }
        } else {
            self.settle();
        }
    }

    /// A window in which nothing happens asks for no further frame.
    fn idle(&mut self) {
        self.settle();
        let ctx = self.window.ctx().clone();
        let mut delay = Duration::ZERO;
        for _ in 0..200 {
            self.app.step(&ctx);
            let app = &mut self.app;
            delay = self.window.frame(Vec::new(), |ui| app.draw(ui)).repaint_delay;
        }
        println!("idle: the next frame is wanted {}", if delay == Duration::MAX { "never" } else { "soon" });
        assert_eq!(delay, Duration::MAX);
    }
}

fn key(key: Key, pressed: bool) -> Event {
    Event::Key { key, physical_key: None, pressed, repeat: false, modifiers: Modifiers::NONE }
}

struct Frames {
    p50: Duration,
    p99: Duration,
    worst: Duration,
}

impl std::fmt::Display for Frames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ms = |d: Duration| d.as_secs_f64() * 1e3;
        write!(f, "p50 {:6.2} ms  p99 {:6.2} ms  worst {:6.2} ms", ms(self.p50), ms(self.p99), ms(self.worst))
    }
}

/// Votes of raters who are right nine times in ten, and probabilities of a model that is right four times in five.
fn write(folder: &Path) {
    let mut state = 0x1234_5678_9ABC_DEF0_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let mut y = header("|u1", &format!("({ROWS}, {RATERS})"));
    let mut p = header("<f4", &format!("({ROWS}, {LABELS})"));
    for _ in 0..ROWS {
        let truth = (next() * LABELS as f64) as usize;
        for _ in 0..RATERS {
            let said = if next() < 0.1 { (next() * LABELS as f64) as usize } else { truth };
            y.push(said as u8);
        }
        let seen = if next() < 0.222 { (next() * LABELS as f64) as usize } else { truth };
        let mut row = [0.0_f64; LABELS];
        row.iter_mut().for_each(|v| *v = 0.2 * next());
        row[seen] += 1.0 + next();
        let sum: f64 = row.iter().sum();
        row.iter().for_each(|v| p.extend(((v / sum) as f32).to_le_bytes()));
    }
    std::fs::File::create(folder.join("votes.npy")).unwrap().write_all(&y).unwrap();
    std::fs::File::create(folder.join("p.npy")).unwrap().write_all(&p).unwrap();
}

fn header(descr: &str, shape: &str) -> Vec<u8> {
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    while (10 + text.len() + 1) % 64 != 0 {
        text.push(' ');
    }
    text.push('\n');
    let mut out = b"\x93NUMPY\x01\x00".to_vec();
    out.extend((text.len() as u16).to_le_bytes());
    out.extend(text.as_bytes());
    out
}
