//! Texts and labels that would freeze, garble or deceive, through every view: bidi controls, zero-width characters, a line of five
//! megabytes, ten thousand labels, a label of a hundred thousand letters.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dissensus::app::command::Command;
use dissensus::app::open::Wanted;
use dissensus::app::state::View;
use dissensus::app::{Launch, LogPlace, Stage};
use dissensus::formats::Overrides;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::window::{Window, doc, press, settle, still, window_of_any_text};

/// What two frames may take in a build without optimisation, on a machine that does other things too. Laying out all of the
/// five megabytes takes many times as long.
const MOST: Duration = Duration::from_millis(1500);

/// Items; with three more this is about as many labels as a file may have.
const N: usize = 9_990;

fn table(folder: &Path) -> PathBuf {
    let mut csv = "id,text,ann,ben,chi\n".to_owned();
    let long = "word ".repeat(1_000_000);
    let label = format!("long {}", "x".repeat(100_000));
    for i in 0..N {
        let text = match i {
            0 => long.clone(),
            1 => "pay \u{202E}evil\u{202C} now".to_owned(),
            2 => "zero\u{200B}width\u{200D}joined".to_owned(),
            3 => "שלום עולם, مرحبا".to_owned(),
            4 => "a\u{0301}\u{0301}\u{0301}".repeat(2000),
            _ => format!("Text number {i}"),
        };
        // Every item has a label of its own.
        let own = match i {
            5 => label.clone(),
            6 => "o\u{202E}k".to_owned(),
            7 => "ok\u{200B}".to_owned(),
            _ => format!("label {i}"),
        };
        writeln!(csv, "i{i},\"{text}\",{own},{own},label {}", (i * 7 + 3) % N).unwrap();
    }
    let path = folder.join("hostile.csv");
    std::fs::write(&path, csv).unwrap();
    path
}

fn open(folder: &Path) -> Window {
    let roles = ["id=item", "text=text", "ann=label", "ben=label", "chi=label"].map(String::from);
    let wanted = Wanted {
        at_once: true,
        overrides: Overrides::parse(&roles).unwrap(),
        ..Wanted::table(table(folder))
    };
    window_of_any_text(Launch {
        wanted: Some(wanted),
        reviewer: Some("tester".to_owned()),
        data_folder: Some(folder.join("places")),
        log: LogPlace::Beside,
    })
}

/// Two frames once nothing is computed any more.
fn two_frames(w: &mut Window) -> Duration {
    let begin = Instant::now();
    w.step();
    w.step();
    begin.elapsed()
}

#[test]
fn no_view_freezes_and_nothing_hidden_stays_hidden() {
    let folder = tempfile::tempdir().unwrap();
    let mut w = open(folder.path());
    if let Stage::Opening(opening) = &w.state().stage {
        panic!("it does not open: {:?}", opening.error);
    }
    assert_eq!((doc(&w).dataset.n_items(), doc(&w).dataset.labels.len()), (N, N + 3));
    let ctx = egui::Context::default();
    for view in View::ALL.into_iter().chain([View::Queues]) {
        w.state_mut().show(&ctx, view);
        // What is long to compute is computed in the background, and not waited for here.
        for _ in 0..5 {
            let took = two_frames(&mut w);
            assert!(took < MOST, "{}: two frames took {took:?}", view.name());
            std::thread::sleep(Duration::from_millis(200));
        }
        w.state_mut().run(&ctx, Command::CancelJobs);
    }

    // What would deceive is written out, in the table and in the inspector.
    press(&mut w, Modifiers::COMMAND, Key::Num2);
    still(&mut w, "items");
    press(&mut w, Modifiers::NONE, Key::Home);
    for (down, said) in [(1, "‹U+202E›"), (2, "‹U+200B›")] {
        press(&mut w, Modifiers::NONE, Key::Home);
        (0..down).for_each(|_| press(&mut w, Modifiers::NONE, Key::J));
        settle(&mut w, "an item");
        assert_eq!(doc(&w).selected, Some(down));
        assert!(w.query_all_by_label_contains(said).count() > 0, "item {down} does not show {said}");
        let bare: Vec<String> = w
            .query_all_by_label_contains("\u{202E}")
            .map(|node| node.accesskit_node().label().unwrap_or_default())
            .collect();
        assert!(bare.is_empty(), "control characters are in the tree: {bare:?}");
    }

    // Review of each of them, and a label picked among the ten thousand by typing.
    press(&mut w, Modifiers::NONE, Key::Home);
    press(&mut w, Modifiers::SHIFT, Key::Enter);
    settle(&mut w, "queue");
    assert_eq!(w.state().view, View::Review);
    for item in 0..8 {
        let took = two_frames(&mut w);
        assert!(took < MOST, "item {item}: two frames took {took:?}");
        press(&mut w, Modifiers::NONE, Key::J);
        settle(&mut w, "next");
    }
    press(&mut w, Modifiers::NONE, Key::Slash);
    w.event(egui::Event::Text("long".to_owned()));
    let took = two_frames(&mut w);
    assert!(took < MOST, "a search among 10,000 labels took {took:?}");
    press(&mut w, Modifiers::NONE, Key::Enter);
    settle(&mut w, "decided");
    assert_eq!(doc(&w).edits().len(), 1);
}
