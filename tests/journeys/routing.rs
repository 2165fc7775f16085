//! Journeys through routing: the order learned from a machine's mistakes, a budget taken from its curve, the orders beside it, and queues made of them.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use dissensus::analysis::routing::{RoutingReport, TAKEN};
use dissensus::app::open::Wanted;
use dissensus::app::state::View;
use dissensus::app::{Launch, LogPlace};
use dissensus::formats::LoadOptions;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

use crate::window::{Window, click, doc, folder, launch, press, still, until, window};

const N: usize = 400;

/// Three people on three items of four, a machine that is wrong on every second item from the news, and one that answers at random.
fn open(folder: &Path) -> Window {
    let mut csv = "item,text,source,rater,label\n".to_owned();
    let word = |yes: bool| if yes { "yes" } else { "no" };
    for item in 0..N {
        let truth = item * 7 % 5 < 2;
        let source = ["news", "forum", "chat"][item % 3];
        let mut vote = |rater: &str, label: bool| {
            writeln!(csv, "t{item:03},Text number {item},{source},{rater},{}", word(label)).unwrap();
        };
        if item % 4 != 3 {
            ["ana", "ben", "cem"].into_iter().for_each(|name| vote(name, truth));
        }
        vote("machine", truth != (item % 6 == 0));
        vote("coin", item * 13 % 7 < 3);
    }
    let table = folder.join("routed.csv");
    std::fs::write(&table, csv).unwrap();
    let models = ["machine", "coin"].map(str::to_owned).to_vec();
    let options = LoadOptions { models, ..LoadOptions::default() };
    let wanted = Wanted { options, at_once: true, ..Wanted::table(table) };
    window(Launch {
        wanted: Some(wanted),
        reviewer: Some("tester".to_owned()),
        data_folder: Some(folder.join("places")),
        log: LogPlace::Beside,
    })
}

fn routing(w: &mut Window) {
    press(w, Modifiers::COMMAND | Modifiers::SHIFT, Key::M);
    still(w, "models");
    click(w, "Routing");
}

/// The items that are shown, in their order.
fn shown(w: &Window) -> Vec<u32> {
    doc(w).rows.as_ref().unwrap().items.to_vec()
}

fn report(w: &Window) -> Arc<RoutingReport> {
    Arc::clone(doc(w).panels.routing().unwrap().as_ref().as_ref().unwrap())
}

/// Opens the builder on a preset, and waits until it is counted.
fn preset(w: &mut Window, name: &str) {
    press(w, Modifiers::COMMAND, Key::Num2);
    press(w, Modifiers::NONE, Key::Q);
    assert_eq!(w.state().view, View::Queues);
    w.get_by_label(&format!("Preset {name}")).click();
    w.run_steps(4);
    until(w, "the count", |app| {
        app.document().is_some_and(|d| d.panels.queue().is_some()) && app.is_settled()
    });
    w.run_steps(2);
}

#[test]
fn a_budget_on_the_curve_opens_the_worklist_and_becomes_a_queue() {
    let folder = tempfile::tempdir().unwrap();
    let mut w = open(folder.path());
    routing(&mut w);
    let found = report(&w);
    let learned = found.learned.as_ref().unwrap();
    let order = learned.order.as_ref().unwrap();
    assert_eq!((learned.n_known, learned.n_wrong, learned.n_open), (300, 67, 100));
    w.get_by_label_contains("are right after a look at 10 %");
    assert!(order.routed.area > 0.01, "{}", order.routed.area);
    assert_eq!(order.rows[0].name, "source: news");

    // By key: the first tenth; then a wider budget by its button, and the curve itself.
    press(&mut w, Modifiers::NONE, Key::Enter);
    still(&mut w, "the worklist");
    assert_eq!(shown(&w), order.worklist[..10]);
    assert!(shown(&w).iter().all(|i| i % 3 == 0 && i % 4 == 3), "from the news, and nobody's yet");
    routing(&mut w);
    click(&mut w, "20 %");
    click(&mut w, "Open the first 20 of 100");
    assert_eq!(shown(&w), order.worklist[..20]);
    routing(&mut w);
    click(&mut w, "Accuracy by looks: a click opens the first items of the worklist");
    assert_eq!(w.state().view, View::Items);
    let half = shown(&w).len();
    assert!((48..=52).contains(&half), "{half}");
    assert_eq!(shown(&w), order.worklist[..half]);

    // A property opens its items.
    routing(&mut w);
    press(&mut w, Modifiers::NONE, Key::Home);
    press(&mut w, Modifiers::NONE, Key::J);
    press(&mut w, Modifiers::NONE, Key::Enter);
    still(&mut w, "a property");
    let mut news = shown(&w);
    news.sort_unstable();
    assert_eq!(news, order.rows[0].items.to_vec());

    // Another machine; and the two differ.
    routing(&mut w);
    let differing = found.differing.as_ref().unwrap();
    assert_eq!((differing.items.len(), differing.unlike_by), (TAKEN, Some("words")));
    click(&mut w, &format!("The first, unlike each other in words: {TAKEN}"));
    assert_eq!(shown(&w), differing.items);
    routing(&mut w);
    click(&mut w, "Any");
    click(&mut w, &format!("The first: {TAKEN}"));
    assert_eq!(shown(&w), report(&w).differing.as_ref().unwrap().items);
    routing(&mut w);
    click(&mut w, "How this is computed");
    press(&mut w, Modifiers::NONE, Key::Escape);
    still(&mut w, "the page closed");

    // The same order as a queue.
    preset(&mut w, "Worth a person");
    w.get_by_label_contains("to decide");
    press(&mut w, Modifiers::NONE, Key::Enter);
    still(&mut w, "the queue");
    assert_eq!(w.state().view, View::Review);
    let queue = doc(&w).queue.clone().unwrap();
    assert_eq!(queue.name, "Worth a person: machine");
    let chosen: Vec<u32> = (queue.items.iter().copied()).filter(|i| !queue.controls.contains(i)).collect();
    assert_eq!(chosen, order.worklist.to_vec());

    // Two raters have no probabilities to be told apart by, and no margins.
    preset(&mut w, "Decisive first");
    w.get_by_label("There is no such queue here: two models with probabilities of these labels are needed");
    preset(&mut w, "Below the knee");
    w.get_by_label("There is no such queue here: needs predicted probabilities");
    preset(&mut w, "Two that differ most");
    press(&mut w, Modifiers::NONE, Key::Enter);
    still(&mut w, "the queue of two");
    let queue = doc(&w).queue.clone().unwrap();
    assert_eq!(queue.name, "machine and coin differ");
    assert_eq!(queue.len() - queue.controls.len(), TAKEN);
}

#[test]
fn margins_of_the_labels_are_queued_below_their_knee() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    routing(&mut w);
    let found = report(&w);
    let below = found.below.as_ref().unwrap();
    assert!(below.bend.is_some() && !below.items.is_empty());
    click(&mut w, &format!("Labels below the knee: {}", below.items.len()));
    assert_eq!(shown(&w), below.items);
    // Everybody answered everywhere: the order is of what was labelled, by what was learned from others.
    if let Ok(order) = &found.learned.as_ref().unwrap().order {
        assert_eq!(order.of_known, found.learned.as_ref().unwrap().n_open == 0);
    }
    preset(&mut w, "Below the knee");
    w.get_by_label_contains("to decide");
    press(&mut w, Modifiers::NONE, Key::Enter);
    still(&mut w, "the queue");
    let queue = doc(&w).queue.clone().unwrap();
    let chosen: Vec<u32> = (queue.items.iter().copied()).filter(|i| !queue.controls.contains(i)).collect();
    assert_eq!(chosen, below.items);
}

#[test]
fn the_audit_says_how_far_the_model_is_to_be_trusted() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    let ctx = w.ctx.clone();
    w.state_mut().run(&ctx, dissensus::app::command::Command::ReviewAudit);
    still(&mut w, "an audit");
    for _ in 0..30 {
        press(&mut w, Modifiers::NONE, Key::Space);
    }
    still(&mut w, "thirty decisions");
    press(&mut w, Modifiers::COMMAND, Key::Num5);
    still(&mut w, "log");
    click(&mut w, "From the audit");
    let found = doc(&w).panels.estimates().unwrap();
    let trusted = found.as_ref().as_ref().unwrap().trust[0].clone();
    let trust = trusted.trust.as_ref().unwrap();
    assert!(trust.n > 20 && trust.gate == 0.0, "every given label was kept: {trust:?}");
    w.get_by_label_contains("Weight of comments_probabilities: 0.00");
    click(&mut w, &format!("Another label is likelier: {}", trusted.otherwise.len()));
    assert_eq!(shown(&w), trusted.otherwise.to_vec());
}
