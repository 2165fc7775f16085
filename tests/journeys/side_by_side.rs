//! Journeys through what stands side by side: rows and their labels, items and their neighbours, tokens and the next.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::window::{Window, click, doc, press, shown, still, window, window_on};
use dissensus::app::open::Wanted;
use dissensus::app::state::View;
use dissensus::app::{Launch, LogPlace};
use dissensus::formats::LoadOptions;
use dissensus::stats::shifted::Kind;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

fn errors(w: &mut Window, tab: &str) {
    press(w, Modifiers::COMMAND, Key::Num6);
    still(w, "errors");
    click(w, tab);
}

fn enter(w: &mut Window) -> Vec<u32> {
    press(w, Modifiers::NONE, Key::Enter);
    still(w, "what is behind");
    assert_eq!(w.state().view, View::Items);
    shown(w)
}

/// Three labels that a model knows; from row 300 of 400 on, each stands one row too early.
fn rows(folder: &Path) -> (PathBuf, PathBuf) {
    let truth = |i: usize| i * 7919 % 101 % 3;
    let mut csv = "item,label\n".to_owned();
    let mut model = "a,b,c\n".to_owned();
    for i in 0..400 {
        let of = if i < 300 { i } else { (i + 1).min(399) };
        writeln!(csv, "t{i:03},{}", ["a", "b", "c"][truth(of)]).unwrap();
        let p = [0, 1, 2].map(|l| if l == truth(i) { "0.8" } else { "0.1" });
        writeln!(model, "{}", p.join(",")).unwrap();
    }
    let (table, probabilities) = (folder.join("rows.csv"), folder.join("model.csv"));
    std::fs::write(&table, csv).unwrap();
    std::fs::write(&probabilities, model).unwrap();
    (table, probabilities)
}

#[test]
fn a_lost_row_is_found_and_its_block_opens() {
    let folder = tempfile::tempdir().unwrap();
    let (table, probabilities) = rows(folder.path());
    let options = LoadOptions { probabilities: Some(probabilities), ..LoadOptions::default() };
    let mut w = window(Launch {
        wanted: Some(Wanted { options, at_once: true, ..Wanted::table(table) }),
        reviewer: Some("tester".to_owned()),
        data_folder: Some(folder.path().join("places")),
        log: LogPlace::Beside,
    });
    errors(&mut w, "Rows");
    let found = doc(&w).panels.shifted().unwrap();
    let report = found.as_ref().as_ref().unwrap();
    assert_eq!((report.n_flagged, report.blocks.len()), (1, 4));
    assert_eq!((report.blocks[0].kind, report.blocks[0].best.unwrap().delta), (Kind::Shifted, 1));
    w.get_by_label_contains("rows: 301–400, looks: labels belong 1 row below");
    assert_eq!(enter(&mut w), (300..400).collect::<Vec<u32>>());
}

/// Two topics of twelve linked texts each, in two rings of neighbours; item 5 has the label of the other.
#[test]
fn labels_on_the_links_of_a_column() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("linked.csv");
    let mut csv = "item,text,links,label\n".to_owned();
    for i in 0..24 {
        let (ring, at) = (i / 12, i % 12);
        let other = |by: usize| format!("t{:02}", ring * 12 + (at + by) % 12);
        let topic = ["astronomy", "botany"][ring];
        let label = if i == 5 { "botany" } else { topic };
        writeln!(csv, "t{i:02},A text on {topic} number {i},{};{},{label}", other(1), other(2)).unwrap();
    }
    std::fs::write(&path, csv).unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    errors(&mut w, "Neighbours");
    click(&mut w, "By label");
    let found = doc(&w).panels.neighbours().unwrap();
    let graph = &found.as_ref().as_ref().unwrap().graph;
    let h = graph.homophily.as_ref().unwrap();
    // Four of 48 edges end at item 5, all among the others.
    assert_eq!((graph.column.as_deref(), h.n_edges, graph.odd.to_vec()), (Some("links"), 48, vec![5]));
    assert!((h.share - 44.0 / 48.0).abs() < 1e-12);
    w.get_by_label("Homophily: 0.917");
    w.get_by_label_contains("label: astronomy, ends of edges: 44, keeps to itself: 0.909");
    press(&mut w, Modifiers::NONE, Key::J);
    assert_eq!(enter(&mut w), [5]);
}

#[test]
fn disagreements_in_runs_and_labels_as_a_set() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lines.csv");
    let mut csv = "item,doc_id,rater,label\n".to_owned();
    for (document, differ) in [("x", "0111100000"), ("y", "0000000000")] {
        for (line, differs) in differ.chars().enumerate() {
            let own = ["no", "yes"][line % 2];
            let other = if differs == '1' { "other" } else { own };
            writeln!(csv, "{document}{line},{document},ana,{own}\n{document}{line},{document},ben,{other}")
                .unwrap();
        }
    }
    std::fs::write(&path, csv).unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    press(&mut w, Modifiers::COMMAND, Key::Num8);
    still(&mut w, "agreement");
    assert_eq!(w.state().view, View::Agreement);
    click(&mut w, "By the item before");
    w.get_by_label("… after a disagreement: 0.750");
    w.get_by_label("… after agreement: 0.071");
    // Behind the first row stand the lines after a disagreement.
    assert_eq!(enter(&mut w), [2, 3, 4, 5]);
    press(&mut w, Modifiers::COMMAND, Key::Num8);
    still(&mut w, "agreement");
    click(&mut w, "By label");
    w.get_by_label("Below chance: other");
    w.get_by_label_contains("Coverage: 0.900").click();
    still(&mut w, "coverage");
    assert_eq!((w.state().view, shown(&w)), (View::Items, vec![1, 2, 3, 4]));
}
