//! A million items in the window: how long the analysis takes, and how long a frame.
//! `cargo bench --bench frames`
//!
//! Frames are built and tessellated without a display; a frame of the empty window is the baseline of the same run.

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use dissensus::analysis::{self, Settings};
use dissensus::app::headless::HeadlessWindow;
use dissensus::app::open::Wanted;
use dissensus::app::state::{Preferences, View};
use dissensus::app::widgets::theme;
use dissensus::app::{App, Launch, LogPlace};
use dissensus::dataset::Edits;
use dissensus::formats::{self, LoadOptions, Overrides};
use dissensus::progress::Progress;
use egui::{Event, Key, Modifiers};

const ROWS: usize = 1_000_000;
const LABELS: usize = 10;

fn main() {
    if std::env::args().any(|a| a == "--test" || a == "--list") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let options = LoadOptions { probabilities: Some(folder.path().join("p.npy")), ..LoadOptions::default() };
    let begin = Instant::now();
    let dataset =
        formats::open(&folder.path().join("y.npy"), &Overrides::default(), &options, &Progress::new())
            .unwrap();
    println!("load {ROWS} items × {LABELS} labels: {:.3} s", begin.elapsed().as_secs_f64());
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let begin = Instant::now();
        let analysis =
            analysis::run(&dataset, &Edits::new(), &Settings::default(), None, &Progress::new()).unwrap();
        best = best.min(begin.elapsed().as_secs_f64());
        assert!(analysis.items.flagged.iter().any(|&f| f));
    }
    println!("analyse: {best:.3} s (best of 5; must be under 1 s)");
    drop(dataset);

    let mut window = HeadlessWindow::new(egui::vec2(1600.0, 1000.0), 1.0, theme::install);
    let empty = Launch {
        data_folder: Some(folder.path().join("places")),
        log: LogPlace::Memory,
        ..Launch::default()
    };
    let mut app = App::new(window.ctx(), Preferences::default(), empty.clone());
    let baseline = measure(&mut window, &mut app, 200, |_| Vec::new());
    println!("{:<36}{baseline}", "empty window, still (baseline)");

    let wanted = Wanted { table: folder.path().join("y.npy"), options, at_once: true, ..Wanted::default() };
    let mut window = HeadlessWindow::new(egui::vec2(1600.0, 1000.0), 1.0, theme::install);
    let mut app = App::new(window.ctx(), Preferences::default(), Launch { wanted: Some(wanted), ..empty });
    settle(&mut window, &mut app);
    let key = |key| Event::Key {
        key,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers: Modifiers::NONE,
    };
    let ctx = window.ctx().clone();
    for (name, view, keys) in [
        ("overview, still", View::Overview, None),
        ("items, one row down a frame", View::Items, Some(Key::J)),
        ("items, one page down a frame", View::Items, Some(Key::PageDown)),
        ("items, end and home in turn", View::Items, Some(Key::End)),
        ("review, skipping each frame", View::Review, Some(Key::J)),
    ] {
        if view == View::Review {
            app.stage_picture(&ctx, View::Review, None, None).unwrap();
        } else {
            app.show(&ctx, view);
        }
        settle(&mut window, &mut app);
        let frames = measure(&mut window, &mut app, 300, |i| match keys {
            Some(Key::End) => vec![key(if i % 2 == 0 { Key::End } else { Key::Home })],
            Some(k) => vec![key(k)],
            None => Vec::new(),
        });
        let ratio = frames.p50.as_secs_f64() / baseline.p50.as_secs_f64();
        println!("{name:<36}{frames}   {ratio:.1} × baseline");
    }
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

/// Time of `logic`, `ui` and tessellation together.
fn measure(
    window: &mut HeadlessWindow,
    app: &mut App,
    n: usize,
    events: impl Fn(usize) -> Vec<Event>,
) -> Frames {
    let ctx = window.ctx().clone();
    let mut times: Vec<Duration> = (0..n)
        .map(|i| {
            let begin = Instant::now();
            app.step(&ctx);
            window.frame(events(i), |ui| app.draw(ui));
            let ui = begin.elapsed();
            ui + window.paint_cost().tessellate_time
        })
        .collect();
    times.sort();
    Frames { p50: times[n / 2], p99: times[n * 99 / 100], worst: times[n - 1] }
}

fn settle(window: &mut HeadlessWindow, app: &mut App) {
    let ctx = window.ctx().clone();
    let begin = Instant::now();
    loop {
        app.step(&ctx);
        window.frame(Vec::new(), |ui| app.draw(ui));
        if app.is_settled() && app.document().is_some() {
            return;
        }
        assert!(begin.elapsed() < Duration::from_mins(2));
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Labels and probabilities of a model that is right four times in five.
fn write(folder: &Path) {
    let mut state = 0x1234_5678_9ABC_DEF0_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let mut y = header("<u2", &format!("({ROWS},)"));
    let mut p = header("<f8", &format!("({ROWS}, {LABELS})"));
    for _ in 0..ROWS {
        let truth = (next() * LABELS as f64) as usize;
        let given = if next() < 0.08 { (next() * LABELS as f64) as usize } else { truth };
        y.extend((given as u16).to_le_bytes());
        let mut row = [0.0_f64; LABELS];
        row.iter_mut().for_each(|v| *v = next());
        row[truth] += 2.5 * next();
        let sum: f64 = row.iter().sum();
        row.iter().for_each(|v| p.extend((v / sum).to_le_bytes()));
    }
    std::fs::File::create(folder.join("y.npy")).unwrap().write_all(&y).unwrap();
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
