//! Journeys through graded preferences and through scores beside flags.

use crate::window::{Window, click, doc, press, shown, still, window_on};
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

fn aggregation(w: &mut Window) {
    press(w, Modifiers::COMMAND, Key::Num7);
    still(w, "view");
}

#[test]
fn counts_and_strengths_stand_beside_each_other_and_open_what_drives_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("graded.csv");
    let mut csv = "item,prompt,model_a,model_b,errors_a,errors_b,rater,label\n".to_owned();
    for i in 0..40 {
        // Three models on ten prompts or more; P is taken by a little, the others by far.
        let (a, b) = [("P", "Q"), ("Q", "R"), ("P", "R"), ("R", "P")][i % 4];
        for rater in 0..5 {
            let first = (i + rater) % 5 < 3;
            let (side, winner) = if first { ("A", a) } else { ("B", b) };
            let how = if winner == "P" { "slightly" } else { "clearly" };
            csv.push_str(&format!(
                "i{i},p{},{a},{b},off,rude; long,r{rater},{side} is {how} better\n",
                i / 4
            ));
        }
    }
    std::fs::write(&path, csv).unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    aggregation(&mut w);
    click(&mut w, "Preferences");
    let found = doc(&w).panels.preferences().unwrap();
    let found = found.as_ref().as_ref().unwrap();
    let strengths = found.strengths.as_ref().unwrap();
    assert_eq!(strengths.pairs.len(), 3);
    assert!(strengths.n_conflicts() >= 1);
    let pair = strengths.pairs[0].clone();
    // The row after the three options, by the keyboard.
    press(&mut w, Modifiers::NONE, Key::Home);
    (0..3).for_each(|_| press(&mut w, Modifiers::NONE, Key::J));
    press(&mut w, Modifiers::NONE, Key::Enter);
    still(&mut w, "a pair");
    let (mut now, mut drivers) = (shown(&w), pair.drivers.to_vec());
    now.sort_unstable();
    drivers.sort_unstable();
    assert_eq!(now, drivers);
    // Which candidate wins for each prompt.
    let within = found.within.as_ref().unwrap();
    assert_eq!((within.column.as_str(), within.n.0), ("prompt", 10));
    aggregation(&mut w);
    w.get_by_label_contains("A candidate beats every other");
    click(&mut w, "What wins");
    let wins = doc(&w).panels.what_wins().unwrap();
    let factors = wins.as_ref().as_ref().unwrap().factors.clone().unwrap().unwrap();
    assert_eq!(factors.rows.len(), 3);
    w.get_by_label_contains("off: ");
}

#[test]
fn what_a_score_takes_off_is_shown_and_a_flag_opens_its_items() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scores.csv");
    let mut csv = "item,rater,score,wrong,rude,never\n".to_owned();
    for i in 0..60 {
        let (wrong, rude) = (i % 3 == 0, i % 4 == 1);
        for rater in ["a", "b"] {
            let score = 5 - 2 * i32::from(wrong) - i32::from(rude);
            csv.push_str(&format!("i{i},{rater},{score},{},{},0\n", i32::from(wrong), i32::from(rude)));
        }
    }
    std::fs::write(&path, csv).unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    aggregation(&mut w);
    click(&mut w, "Scores");
    let found = doc(&w).panels.score_rewards().unwrap();
    let found = found.as_ref().as_ref().unwrap().clone();
    assert_eq!(found.rows.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), ["wrong", "rude"]);
    assert!(found.rows[0].cost.0 > 1.8 && found.fit.r_squared > 0.98);
    w.get_by_label_contains("never is left out");
    press(&mut w, Modifiers::NONE, Key::Home);
    press(&mut w, Modifiers::NONE, Key::J);
    press(&mut w, Modifiers::NONE, Key::Enter);
    still(&mut w, "a flag");
    // The highest scores first: they speak against the cost.
    assert_eq!(doc(&w).rows.as_ref().unwrap().items.to_vec(), found.rows[1].items.to_vec());
    // A larger penalty leaves less.
    aggregation(&mut w);
    click(&mut w, "0.1");
    still(&mut w, "penalty");
    let harder = doc(&w).panels.score_rewards().unwrap();
    let harder = harder.as_ref().as_ref().unwrap();
    assert!(harder.asked.alpha > 0.09 && harder.rows[0].cost.0 < found.rows[0].cost.0);
    click(&mut w, "How this is computed");
}
