//! A journey through machine judges: the one whose labels are turned round is found from the warning and left out, agreement recovers, an audit gives an
//! interval, and corrected labels tell which model is better.

use std::fmt::Write as _;
use std::path::Path;

use dissensus::app::command::Command;
use dissensus::app::open::Wanted;
use dissensus::app::state::View;
use dissensus::app::{Launch, LogPlace};
use dissensus::dataset::NO_LABEL;
use dissensus::formats::LoadOptions;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

use crate::window::{Window, click, doc, press, shown, still, window};

const N: usize = 400;

fn truth(item: usize) -> bool {
    item * 7 % 5 < 2
}

/// The given label is wrong on every tenth item.
fn given(item: usize) -> bool {
    truth(item) != (item % 10 == 3)
}

/// Five people who slip now and then, two good models, and one that says yes for no.
fn open(folder: &Path) -> Window {
    let mut csv = "item,text,given_label,rater,label\n".to_owned();
    let word = |yes: bool| if yes { "yes" } else { "no" };
    for item in 0..N {
        let mut vote = |rater: &str, label: bool| {
            writeln!(csv, "t{item:03},Text number {item},{},{rater},{}", word(given(item)), word(label))
                .unwrap();
        };
        for (r, name) in ["ana", "ben", "cem", "dia", "eva"].into_iter().enumerate() {
            vote(name, truth(item) != ((item * 3 + r * 5) % 13 == 0));
        }
        vote("judge-a", truth(item) != (item % 17 == 4));
        // It repeats what is given, as a model does that has learned its errors.
        vote("judge-b", given(item) != (item % 71 == 8));
        vote("judge-turned", truth(item) == (item % 19 == 2));
    }
    let table = folder.join("judged.csv");
    std::fs::write(&table, csv).unwrap();
    let models = ["judge-a", "judge-b", "judge-turned"].map(str::to_owned).to_vec();
    let options = LoadOptions { models, ..LoadOptions::default() };
    let wanted = Wanted { options, at_once: true, ..Wanted::table(table) };
    window(Launch {
        wanted: Some(wanted),
        reviewer: Some("tester".to_owned()),
        data_folder: Some(folder.join("places")),
        log: LogPlace::Beside,
    })
}

fn alpha(w: &Window) -> f64 {
    doc(w).analysis.as_ref().unwrap().agreement.krippendorff_alpha_nominal.value().unwrap()
}

fn judges(w: &mut Window) {
    press(w, Modifiers::COMMAND | Modifiers::SHIFT, Key::M);
    still(w, "models");
    click(w, "Judges");
}

#[test]
fn the_turned_judge_is_found_and_left_out_and_an_audit_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut w = open(folder.path());
    let people = alpha(&w);
    judges(&mut w);
    w.get_by_label_contains("judge-turned seems to mean other labels by the same codes");
    let report = {
        let found = doc(&w).panels.judging().unwrap();
        std::sync::Arc::clone(found.as_ref().as_ref().unwrap())
    };
    assert_eq!(report.judges.len(), 3);
    assert!(report.suspects.is_empty(), "no person is accused");
    // The best judge stands first, with what people reach beside it.
    assert_eq!(report.judges[report.board.places[0].judge].name, "judge-a");

    // Counted among the raters, the judges pull agreement down; without the one it recovers.
    let turned = "judge-turned, labels turned round: no → yes, yes → no";
    for row in ["judge-a", turned] {
        w.get_by_label(row).click();
        w.step();
        click(&mut w, "Count among the raters");
        judges(&mut w);
    }
    let with = alpha(&w);
    assert!(with < people - 0.2, "{with} {people}");
    w.get_by_label(turned).click();
    w.step();
    click(&mut w, "Leave out of statistics");
    let without = alpha(&w);
    assert!(without > people - 0.03, "{without} {people}");

    // The items behind its row are those on which it parts with the majority.
    judges(&mut w);
    w.get_by_label(turned).click();
    w.step();
    press(&mut w, Modifiers::NONE, Key::Enter);
    still(&mut w, "items");
    assert_eq!(w.state().view, View::Items);
    assert!(shown(&w).len() > 300, "{}", shown(&w).len());

    // Sixty random items, by keyboard.
    let ctx = w.ctx.clone();
    w.state_mut().run(&ctx, Command::ReviewAudit);
    still(&mut w, "an audit");
    for _ in 0..60 {
        let d = doc(&w);
        let item = d.queue.as_ref().unwrap().items[d.position] as usize;
        press(&mut w, Modifiers::NONE, if truth(item) { Key::Num2 } else { Key::Num1 });
    }
    still(&mut w, "sixty decisions");
    assert_eq!(doc(&w).edits().len(), 60);
    press(&mut w, Modifiers::COMMAND, Key::Num5);
    still(&mut w, "log");
    click(&mut w, "From the audit");
    let found = doc(&w).panels.estimates().unwrap();
    let report = found.as_ref().as_ref().unwrap();
    let of_given = report.estimates[0].powered.as_ref().unwrap();
    assert!(of_given.ci.0 < 0.9 && 0.9 < of_given.ci.1, "{of_given:?}");
    let plain = report.estimates[0].plain.estimate().unwrap().ci.unwrap();
    assert!(of_given.ci.1 - of_given.ci.0 < plain.1 - plain.0, "the votes help");
    w.get_by_label_contains("of given labels are right (");
    w.get_by_label_contains("Only the random audit enters");
    let against = report.estimates[0].against.to_vec();
    press(&mut w, Modifiers::NONE, Key::Enter);
    still(&mut w, "items");
    assert_eq!(shown(&w), against);
    assert!(against.iter().all(|&i| i % 10 == 3));
}

#[test]
fn corrected_labels_tell_which_model_is_better() {
    let folder = tempfile::tempdir().unwrap();
    let mut w = open(folder.path());
    press(&mut w, Modifiers::COMMAND | Modifiers::SHIFT, Key::M);
    still(&mut w, "models");
    click(&mut w, "Benchmark");
    w.get_by_label_contains("given label was upheld or corrected yet");
    let all: Vec<u32> = (0..150).collect();
    let ctx = w.ctx.clone();
    let request =
        dissensus::app::request::Request::ReviewList { name: "first".into(), items: all.into(), from: 0 };
    w.state_mut().handle(&ctx, request);
    still(&mut w, "a list");
    for item in 0..150 {
        press(&mut w, Modifiers::NONE, if truth(item) { Key::Num2 } else { Key::Num1 });
    }
    still(&mut w, "decisions");
    press(&mut w, Modifiers::COMMAND | Modifiers::SHIFT, Key::M);
    still(&mut w, "models");
    let found = doc(&w).panels.benchmark().unwrap();
    let report = found.as_ref().as_ref().unwrap();
    assert_eq!((report.found.n, report.n_dropped), ((135, 15), 0));
    let swap = report.found.swaps.iter().find(|s| s.at.is_some()).unwrap();
    assert_eq!([swap.models.0, swap.models.1].map(|m| report.models[m].as_str()), ["judge-b", "judge-a"]);
    let at = swap.at.unwrap();
    w.get_by_label_contains(&format!(
        "judge-a is better than judge-b if more than {:.1} % of labels are wrong",
        100.0 * at
    ));
    click(&mut w, "Open 15 corrected items");
    assert_eq!(shown(&w), report.corrected.to_vec());
    assert!(doc(&w).analysis.as_ref().unwrap().given.current.iter().all(|&l| l != NO_LABEL));
}
