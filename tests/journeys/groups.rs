//! Journeys through groups of raters: who answers otherwise than whom, and the comparison behind it.

use std::sync::Arc;

use crate::window::{Window, click, doc, folder, launch, press, shown, still, window, window_on};
use dissensus::analysis::compare::Side;
use dissensus::analysis::rater_groups::GroupsReport;
use dissensus::app::state::View;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

fn open(w: &mut Window) {
    press(w, Modifiers::COMMAND | Modifiers::SHIFT, Key::G);
    still(w, "groups");
    assert_eq!(w.state().view, View::Groups);
}

fn report(w: &Window) -> Arc<GroupsReport> {
    Arc::clone(doc(w).panels.groups().unwrap().as_ref().as_ref().unwrap())
}

#[test]
fn the_two_groups_of_the_sample_differ_and_enter_compares_them() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    open(&mut w);
    let found = report(&w);
    assert_eq!(
        (found.attribute.as_str(), found.values.as_slice()),
        ("group", &["crowd".to_owned(), "moderator".to_owned()][..])
    );
    // The guideline that the sample was made with: it is about two labels, and lost among all votes.
    let labels = &found.pairs[0].labels;
    let clear: Vec<&str> =
        labels.iter().filter(|l| l.adjusted.unwrap() < 0.05).map(|l| doc(&w).label(l.label)).collect();
    assert!(clear.contains(&"hate") && clear.contains(&"insult"), "{clear:?}");
    assert!(found.pairs[0].adjusted[1].unwrap() > 0.05);
    w.get_by_label_contains("crowd says hate more often than moderator");
    // A point of the juries says what it is.
    let own = found.served(1, 1).unwrap().seats[0].agreement.as_ref().unwrap().0;
    w.get_by_label_contains(&format!("B for B, 1 seats: {own:.3}"));
    // Whether unlike raters disagree more, in each way that is known.
    for profile in &found.profiles {
        let found = profile.found.as_ref().unwrap();
        w.get_by_label_contains(&format!("{}: r {:.3}", profile.unlike.words(), found.r).replace('-', "−"));
    }
    press(&mut w, Modifiers::NONE, Key::Enter);
    still(&mut w, "compare");
    assert_eq!(w.state().view, View::Compare);
    let compared = doc(&w).panels.compare().unwrap();
    let sides = &compared.as_ref().as_ref().unwrap().asked.sides;
    let group = |name: &str| Side::Group(found.asked.attribute, name.to_owned());
    assert_eq!(sides, &[group("crowd"), group("moderator")]);

    open(&mut w);
    w.get_by_label("country");
    click(&mut w, "How this is computed");
    w.get_by_label_contains("Whether people of one group answer otherwise");
}

#[test]
fn numbers_have_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ratings.csv");
    let mut text = "item,rater,age,label\n".to_owned();
    for item in 0..40 {
        for rater in 0..12 {
            let old = rater % 2 == 0;
            let label = 2 + (item + rater) % 3 + i32::from(old);
            text.push_str(&format!("{item},r{rater},{},{label}\n", if old { "old" } else { "young" }));
        }
    }
    std::fs::write(&path, text).unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    open(&mut w);
    let found = report(&w);
    let gap = found.pairs[0].gap.as_ref().unwrap();
    assert!((gap.gap.abs() - 1.0).abs() < 0.1 && found.pairs[0].adjusted[0].unwrap() < 0.05, "{gap:?}");
    w.get_by_label_contains("old and young rate");
}

#[test]
fn labels_that_change_with_a_wave_are_found_and_the_wave_opens() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("waves.csv");
    let mut text = "id,text,wave,label\n".to_owned();
    for i in 0..200 {
        let yes = if i < 100 { i % 10 == 0 } else { i % 10 < 7 };
        let (wave, label) = (["w1", "w2", "w3", "w4"][i / 50], if yes { "yes" } else { "no" });
        text.push_str(&format!("{i},text {i},{wave},{label}\n"));
    }
    std::fs::write(&path, text).unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    open(&mut w);
    w.get_by_label_contains("Labels change at w3: 0.60 from what was before");
    w.get_by_label_contains("w3: 50 labels").click();
    still(&mut w, "batch");
    press(&mut w, Modifiers::NONE, Key::Enter);
    still(&mut w, "items");
    assert_eq!((w.state().view, shown(&w)), (View::Items, (100..150).collect::<Vec<u32>>()));
    open(&mut w);
    click(&mut w, "parts of the file");
    w.get_by_label_contains("Labels change at part 6");
    click(&mut w, "How this is computed");
    w.get_by_label_contains("Whether labels change from batch to batch");
}

#[test]
fn a_line_around_points_of_two_conditions_opens_their_items() {
    let folder = tempfile::tempdir().unwrap();
    let path = languages(folder.path());
    let mut w = window_on(&path, &folder.path().join("places"));
    open(&mut w);
    let plot = w.get_by_label_contains("de against it: 20 items").rect().shrink(2.0);
    // Above the diagonal: what is rated higher in Italian.
    let above = [
        plot.left_bottom() - egui::vec2(0.0, 30.0),
        plot.left_top(),
        plot.right_top() - egui::vec2(30.0, 0.0),
    ];
    w.event(egui::Event::ModifiersChanged(Modifiers::SHIFT));
    w.drag_at(above[0]);
    w.step();
    for point in &above[1..] {
        w.hover_at(*point);
        w.step();
    }
    w.drop_at(above[2]);
    w.step();
    w.event(egui::Event::ModifiersChanged(Modifiers::NONE));
    still(&mut w, "outlined");
    assert_eq!((w.state().view, shown(&w)), (View::Items, vec![3, 8, 43, 48]));
    let words = doc(&w).query.conditions[0].words(&doc(&w).dataset);
    assert_eq!(words, "outlined in de against it");
}

/// Ratings of twenty words in three languages, by six raters; two words were translated by something else.
fn languages(folder: &std::path::Path) -> std::path::PathBuf {
    let path = folder.join("words.csv");
    let mut text = "id,concept,language,rater_1,rater_2,rater_3,rater_4,rater_5,rater_6\n".to_owned();
    for (which, language) in ["de", "en", "it"].iter().enumerate() {
        for word in 0..20 {
            let moved = which == 2 && (word == 3 || word == 8);
            let base = if moved { 5 } else { 1 + word % 3 };
            let said: Vec<String> =
                (0..6).map(|r| (base + i32::from((r + word) % 3 == 0)).to_string()).collect();
            text.push_str(&format!("{language}{word},w{word},{language},{}\n", said.join(",")));
        }
    }
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn words_that_mean_something_else_in_one_language_are_found_and_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = languages(folder.path());
    let mut w = window_on(&path, &folder.path().join("places"));
    open(&mut w);
    w.get_by_label_contains("2 items moved from de to it");
    let found = doc(&w).panels.conditions().unwrap();
    let report = Arc::clone(found.as_ref().as_ref().unwrap());
    assert_eq!((report.link.as_str(), report.pairs.len()), ("concept", 3));
    // One key: the pair between which most moved is there first.
    w.get_by_label_contains("w3: −4.00 apart");
    w.get_by_label_contains("items on which raters agree under all: 20 of 20");
    press(&mut w, Modifiers::NONE, Key::Enter);
    still(&mut w, "items");
    assert_eq!((w.state().view, shown(&w)), (View::Items, vec![3, 8, 43, 48]));
    // One word, in all its languages.
    open(&mut w);
    w.get_by_label_contains("w3: −4.00 apart").click();
    still(&mut w, "word");
    click(&mut w, "Open this one");
    assert_eq!(shown(&w), [3, 23, 43]);
    open(&mut w);
    click(&mut w, "How this is computed");
    w.get_by_label_contains("changes what raters say of items");
}

#[test]
fn questions_are_conditions_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("asked.csv");
    let mut text = "item,rater,question,label\n".to_owned();
    for item in 0..20 {
        for rater in 0..4 {
            let base = 1 + item % 3 + i32::from((item + rater) % 4 == 0);
            text.push_str(&format!("{item},r{rater},plain,{base}\n"));
            let polite = if item == 5 { 5 } else { base };
            text.push_str(&format!("{item},r{rater},polite,{polite}\n"));
        }
    }
    std::fs::write(&path, text).unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    open(&mut w);
    w.get_by_label_contains("1 item moved from plain to polite");
    press(&mut w, Modifiers::NONE, Key::Enter);
    still(&mut w, "items");
    assert_eq!(shown(&w), [5]);
}

#[test]
fn a_topic_on_which_raters_part_is_found_and_its_items_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("topics.csv");
    let mut text = "id,text,topic,length,a,b,c\n".to_owned();
    for i in 0..60 {
        let topic = ["health", "law", "sport"][i % 3];
        let third = if i % 3 == 1 && i % 2 == 0 { "no" } else { "yes" };
        text.push_str(&format!("t{i},text {i},{topic},{},yes,yes,{third}\n", (i * 37) % 50));
    }
    std::fs::write(&path, text).unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    open(&mut w);
    click(&mut w, "properties of items");
    still(&mut w, "properties");
    w.get_by_label_contains("clearest: topic: law");
    w.get_by_label_contains("with: 0.333 of 20 items");
    w.get_by_label_contains("Mann–Whitney: U");
    press(&mut w, Modifiers::NONE, Key::Enter);
    still(&mut w, "items");
    let law: Vec<u32> = (0..60).filter(|i| i % 3 == 1).collect();
    assert_eq!((w.state().view, shown(&w)), (View::Items, law));
    open(&mut w);
    click(&mut w, "How this is computed");
    w.get_by_label_contains("Which properties of the items go with how far their raters disagree");
}

#[test]
fn systems_that_a_template_turns_round_are_found_and_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("answers.csv");
    let mut text = "id,prompt,system,template,r1,r2\n".to_owned();
    let mut id = 0;
    for prompt in 0..15 {
        for (place, system) in ["ada", "bert"].iter().enumerate() {
            for (which, template) in ["likert", "pairs"].iter().enumerate() {
                let label = 2 + prompt % 3 + usize::from(place == which);
                text.push_str(&format!("{id},p{prompt},{system},{template},{label},{label}\n"));
                id += 1;
            }
        }
    }
    std::fs::write(&path, text).unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    open(&mut w);
    w.get_all_by_label("template").next().unwrap().click();
    still(&mut w, "conditions");
    let found = doc(&w).panels.conditions().unwrap();
    let report = found.as_ref().as_ref().unwrap();
    let systems = report.systems.as_ref().unwrap();
    assert_eq!((systems.by.as_str(), systems.turned.len()), ("system", 1));
    w.get_by_label_contains("ada: likert 4.00  pairs 3.00");
    w.get_by_label_contains("ada above bert: likert; below: pairs").click();
    still(&mut w, "items");
    assert_eq!((w.state().view, shown(&w).len()), (View::Items, 60));
}
