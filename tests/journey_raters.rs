//! Journeys through what raters differ in: their tastes.

// Helpers outside of `#[test]` functions unwrap too: a test that cannot set its stage has failed.
#![allow(clippy::unwrap_used)]

#[path = "support/window.rs"]
mod window;

use dissensus::app::state::View;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use window::{Window, click, doc, folder, launch, press, shown, still, window, window_on};

fn open(w: &mut Window) {
    w.get_by_label("Raters").click();
    still(w, "raters");
    assert_eq!(w.state().view, View::Raters);
}

#[test]
fn two_camps_are_a_taste_that_goes_with_age_and_opens_its_items() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("answers.csv");
    let mut text = "item,rater,age,score\n".to_owned();
    for item in 0..24_u32 {
        for rater in 0..32_u32 {
            let old = rater % 2 == 0;
            let taste = match (item % 4 == 0, old) {
                (false, _) => 0,
                (true, true) => 2,
                (true, false) => -2,
            };
            let noise = i64::from((rater * 7919 + item * 104_729).wrapping_mul(2_654_435_761) >> 16) % 3 - 1;
            let age = if old { "old" } else { "young" };
            text.push_str(&format!("i{item},r{rater},{age},{}\n", 4 + taste + noise));
        }
    }
    std::fs::write(&path, text).unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    open(&mut w);
    click(&mut w, "Tastes");
    let report = doc(&w).panels.tastes().unwrap();
    let report = report.as_ref().as_ref().unwrap().clone();
    assert_eq!((report.found.n_kept, report.rows.len()), (1, 32));
    w.get_by_label_contains("1 taste beyond chance among 32 raters");
    let age = &report.ends[0].with[0];
    w.get_by_label_contains(&format!("age: {:.1} %", 100.0 * age.share));
    assert!(age.share > 0.9 && age.p.unwrap() < 0.01);
    // The items on which the camps part stand at one end.
    let split: Vec<u32> = (0..24).filter(|i| i % 4 == 0).collect();
    let of_camp = |end: usize| {
        let mut first: Vec<u32> = report.ends[0].items[end].iter().take(6).copied().collect();
        first.sort_unstable();
        first
    };
    assert!(of_camp(0) == split || of_camp(1) == split);
    press(&mut w, Modifiers::NONE, Key::Enter);
    still(&mut w, "items");
    assert_eq!(w.state().view, View::Items);
    assert_eq!(shown(&w).len(), report.ends[0].items[0].len() + report.ends[0].items[1].len());
    open(&mut w);
    w.get_by_label_contains("dimension 2: ").click();
    still(&mut w, "second");
    w.get_by_label_contains("Dimension 2 across, 3 up");
    click(&mut w, "How this is computed");
    w.get_by_label_contains("How many dimensions explain the votes");
}

#[test]
fn few_raters_have_no_tastes_to_be_told() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    open(&mut w);
    click(&mut w, "Tastes");
    w.get_by_label_contains("Raters share too few items");
    click(&mut w, "Who agrees with whom");
    assert!(w.query_by_label_contains("Raters share too few items").is_none());
}
