//! A journey through difficulty: what is hard for people and not for a model opens, and conditions are compared.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::window::{Window, click, doc, press, still};
use dissensus::analysis::difficulty::DifficultyReport;
use dissensus::app::open::Wanted;
use dissensus::app::state::View;
use dissensus::app::{Launch, LogPlace};
use dissensus::formats::LoadOptions;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

/// Sixty items, five people and three models. Every fifth is hard for people, every third for models; people take longer on what is hard for them.
fn table(folder: &Path) -> PathBuf {
    let mut csv = "item,text,kind,gold,rater,seconds,label\n".to_owned();
    for item in 0..60_usize {
        let (people, models) = (item % 5 == 0, item % 3 == 0);
        let kind = item % 5;
        let mut vote = |rater: &str, wrong: bool, seconds: f64| {
            let label = if wrong { "no" } else { "yes" };
            writeln!(csv, "i{item:02},Question {item},k{kind},yes,{rater},{seconds},{label}").unwrap();
        };
        for r in 0..5_usize {
            let wrong = (people && r < 2 + item / 5 % 2) || (item + r) % 29 == 3;
            let seconds = if people { 9.0 } else { 4.0 } + (item * 7 + r * 3) as f64 % 10.0 / 4.0;
            vote(&format!("r{r}"), wrong, if item == 7 && r == 0 { 0.1 } else { seconds });
        }
        for m in 0..3_usize {
            vote(&format!("m{m}"), models && m < 2 + item / 3 % 2, 1.0);
        }
    }
    let path = folder.join("questions.csv");
    std::fs::write(&path, csv).unwrap();
    path
}

fn open(folder: &Path) -> Window {
    let models = ["m0", "m1", "m2"].map(str::to_owned).to_vec();
    let options = LoadOptions { models, ..LoadOptions::default() };
    crate::window::window(Launch {
        wanted: Some(Wanted { options, at_once: true, ..Wanted::table(table(folder)) }),
        reviewer: Some("tester".to_owned()),
        data_folder: Some(folder.join("places")),
        log: LogPlace::Beside,
    })
}

fn difficulty(w: &mut Window) {
    press(w, Modifiers::COMMAND | Modifiers::SHIFT, Key::M);
    still(w, "models");
    click(w, "Difficulty");
}

fn report(w: &Window) -> Arc<DifficultyReport> {
    Arc::clone(doc(w).panels.difficulty().unwrap().as_ref().as_ref().unwrap())
}

#[test]
fn what_is_hard_for_one_side_only_is_opened_and_conditions_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    let mut w = open(folder.path());
    difficulty(&mut w);
    let found = report(&w);
    assert_eq!((found.items.len(), found.names.len()), (60, 3));
    let times = found.times.as_ref().unwrap();
    assert_eq!(times.n_fast, 1);
    // People take longer on what they get wrong.
    assert!(found.pairs[1].items[0].value().unwrap() > 0.3, "{:?}", found.pairs);
    let quadrants = found.quadrants.as_ref().unwrap();
    let hard = quadrants.items[1].to_vec();
    assert!(hard.iter().all(|i| i % 3 != 0) && hard.iter().filter(|&&i| i % 5 == 0).count() == 8, "{hard:?}");

    // The second quadrant, by the keyboard, in the order of its gaps.
    press(&mut w, Modifiers::NONE, Key::J);
    press(&mut w, Modifiers::NONE, Key::Enter);
    still(&mut w, "a quadrant");
    assert_eq!(w.state().view, View::Items);
    assert_eq!(doc(&w).rows.as_ref().unwrap().items.to_vec(), hard);

    difficulty(&mut w);
    click(&mut w, "nothing");
    click(&mut w, "kind");
    still(&mut w, "conditions");
    let found = report(&w);
    let (name, conditions) = found.conditions.as_ref().unwrap();
    assert_eq!((name.as_str(), conditions.len()), ("kind", 5));
    assert!(found.pairs[0].conditions.is_some());
    w.get_by_label_contains("1 below 0.2 s");
    click(&mut w, "How this is computed");
}
