//! Journeys through people and models: what a model makes of people's disagreement, and which categories it could take over.

use std::sync::Arc;

use crate::window::{Window, click, doc, folder, launch, press, shown, still, window, window_on};
use dissensus::analysis::models::ModelsReport;
use dissensus::app::state::View;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

fn open(w: &mut Window) {
    press(w, Modifiers::COMMAND | Modifiers::SHIFT, Key::M);
    still(w, "models");
    assert_eq!(w.state().view, View::Models);
}

fn report(w: &Window) -> Arc<ModelsReport> {
    Arc::clone(doc(w).panels.models().unwrap().as_ref().as_ref().unwrap())
}

fn sorted(items: &[u32]) -> Vec<u32> {
    let mut items = items.to_vec();
    items.sort_unstable();
    items
}

#[test]
fn a_model_stands_beside_people_and_every_mark_opens_its_items() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    open(&mut w);
    let found = report(&w);
    let model = &found.models[0];
    let c = model.calibration.as_ref().unwrap();
    // The number is shown, and what half of the people reach.
    let distance = c.distance.value().unwrap();
    w.get_by_label(&format!("{}, distance: {distance:.3}", model.name));
    let half = found.ceiling.as_ref().unwrap().distance.mean;
    w.get_by_label(&format!("half of the people, distance: {half:.3}"));
    w.get_by_label_contains("comments_probabilities is less sure than people are");

    // A bar of the histogram, opened in the table of items.
    let (at, n) = c.by_distance.iter().map(|items| items.len()).enumerate().rfind(|(_, n)| *n > 1).unwrap();
    let edge = |i: usize| i as f64 / c.by_distance.len() as f64;
    click(&mut w, &format!("{:.2} to {:.2}: {n} items", edge(at), edge(at + 1)));
    click(&mut w, "Open in Items");
    assert_eq!(shown(&w), sorted(&c.by_distance[at]));

    // A point of the diagram, and the review of exactly its items.
    open(&mut w);
    let bin = c.bins.iter().find(|b| !b.items.is_empty()).unwrap();
    w.get_by_label_contains(&format!("{:.1} to {:.1} sure: {} items", bin.low, bin.high, bin.items.len()))
        .click();
    still(&mut w, "point");
    press(&mut w, Modifiers::NONE, Key::Enter);
    still(&mut w, "review");
    assert_eq!(w.state().view, View::Review);
    assert_eq!(doc(&w).queue.clone().unwrap().items.as_slice(), &*bin.items);

    // Items on which all agree, labels that have few votes, and the page.
    open(&mut w);
    w.get_by_label_contains("right where all agree").click();
    still(&mut w, "slice");
    click(&mut w, "Open in Items");
    assert_eq!(shown(&w), sorted(&model.by_entropy[0].items));
    open(&mut w);
    click(&mut w, &format!("{} below one half", found.of_support[0].len()));
    click(&mut w, "Open in Items");
    assert_eq!(shown(&w), sorted(&found.of_support[0]));
    // The ranking of labels: those that the model puts otherwise than people.
    open(&mut w);
    let ranking = model.ranking.as_ref().unwrap();
    let ndcg = ranking.ndcg.value().unwrap();
    assert!(ndcg > 0.5 && ndcg < 1.0 && ranking.pairs.value().unwrap() > 0.5, "{ndcg}");
    click(&mut w, &format!("{}, NDCG@3: {ndcg:.3}", model.name));
    click(&mut w, "Open in Items");
    assert_eq!(shown(&w), sorted(&ranking.worst));
    open(&mut w);
    click(&mut w, "Page");
    w.get_by_label_contains("Whether a model spreads its probability");
}

#[test]
fn a_category_opens_the_items_on_which_person_and_model_part() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    open(&mut w);
    click(&mut w, "Categories");
    let found = Arc::clone(doc(&w).panels.categories().unwrap().as_ref().as_ref().unwrap());
    w.get_by_label_contains("of 5 categories may be automated");
    let spam = found.found.points.iter().position(|p| p.name == "spam").unwrap();
    w.get_by_label_contains("spam: people").click();
    still(&mut w, "point");
    let dissensus::analysis::categories::BehindCategory::Items(_, items) = &found.behind[spam] else {
        panic!()
    };
    w.get_by_label(&format!("Open {} items where they part", items.len())).click();
    still(&mut w, "items");
    assert_eq!(shown(&w), items.to_vec());
}

#[test]
fn questions_are_categories_where_they_have_two_answers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.csv");
    let mut text = "item,category,rater,label\n".to_owned();
    for item in 0..30 {
        for (category, hard) in [("easy", false), ("hard", true)] {
            for (rater, name) in ["H1", "H2", "gpt-4"].iter().enumerate() {
                let differs = hard && (item + 7 * rater) % 3 == 0;
                let label = u32::from(item % 2 == 0) ^ u32::from(differs);
                text.push_str(&format!("{item},{category},{name},{label}\n"));
            }
        }
    }
    std::fs::write(&path, text).unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    open(&mut w);
    click(&mut w, "Categories");
    let found = Arc::clone(doc(&w).panels.categories().unwrap().as_ref().as_ref().unwrap());
    let names: Vec<&str> = found.found.points.iter().map(|p| p.name.as_str()).collect();
    assert_eq!((names, found.models.as_slice()), (vec!["easy", "hard"], &["gpt-4".to_owned()][..]));
    assert_eq!(found.found.points[0].human_human.value(), Some(1.0));
    assert!(found.found.points[1].human_human.value().unwrap() < 0.9);
}

#[test]
fn a_detector_is_held_against_one_rater_after_the_other() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    open(&mut w);
    click(&mut w, "Per rater");
    click(&mut w, "spam");
    let found = Arc::clone(doc(&w).panels.per_rater().unwrap().as_ref().as_ref().unwrap());
    let spam = doc(&w).dataset.labels.id("spam").unwrap();
    assert_eq!((found.asked.label, found.raters.len()), (spam, 41));
    let ap = found.found.detectors[0].average_precision.as_ref().unwrap();
    w.get_by_label_contains(&format!("detects spam with an AP of {:.2} to {:.2}", ap.min, ap.max));
    press(&mut w, Modifiers::NONE, Key::J);
    still(&mut w, "the second rater");
    let items = &found.parted[0][1];
    w.get_by_label(&format!(
        "Open {} items where it parts from {}",
        items.len(),
        doc(&w).rater_name(found.raters[1])
    ));
    press(&mut w, Modifiers::NONE, Key::Enter);
    still(&mut w, "items");
    assert_eq!(shown(&w), items.to_vec());
    open(&mut w);
    click(&mut w, "How this is computed");
    w.get_by_label_contains("How far the figures of a detector hang on");
}

#[test]
fn without_a_model_it_says_what_is_needed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("votes.csv");
    std::fs::write(&path, "item,rater,label\n1,x,a\n1,y,b\n2,x,a\n2,y,a\n").unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    open(&mut w);
    w.get_by_label_contains("No model to hold against people");
}
