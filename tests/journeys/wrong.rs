//! Journeys through what speaks against labels: confident learning, sets, entities, relations, what to label next. Each
//! row opens the items behind it.

use std::fmt::Write as _;
use std::path::Path;

use crate::window::{Window, click, doc, folder, launch, press, shown, still, window, window_on};
use dissensus::app::state::View;
use dissensus::stats::confident::{Filter, PAPER_FILTERS};
use dissensus::stats::error_or_variation::ItemKind;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

fn errors(w: &mut Window) {
    press(w, Modifiers::COMMAND, Key::Num6);
    still(w, "errors");
    assert_eq!(w.state().view, View::Errors);
}

fn enter(w: &mut Window) -> Vec<u32> {
    press(w, Modifiers::NONE, Key::Enter);
    still(w, "what is behind");
    assert_eq!(w.state().view, View::Items);
    shown(w)
}

#[test]
fn filters_open_what_they_flag_as_cleanlab_and_as_the_paper() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    errors(&mut w);
    let analysis = doc(&w).analysis.clone().unwrap();
    let confident = analysis.confident.as_ref().as_ref().unwrap();
    let n = confident.counts[Filter::PruneByClass as usize];
    click(&mut w, &format!("flagged as cleanlab does by class: {n}"));
    assert_eq!((w.state().view, shown(&w).len() as u64), (View::Items, n));
    let bit = Filter::PruneByClass.bit();
    assert!(shown(&w).iter().all(|&item| confident.issues[item as usize] & bit != 0));

    errors(&mut w);
    let paper = doc(&w).panels.paper().unwrap();
    let paper = paper.as_ref().as_ref().unwrap();
    for (filter, flagged) in PAPER_FILTERS.iter().zip(&paper.flagged) {
        let n = flagged.len();
        let shown = format!("flagged as the paper does {}: {n}", filter.words().0);
        assert!(w.query_by_label(&shown).is_some() || n == 0, "{shown}");
    }
    let flagged = &paper.flagged[3];
    click(&mut w, &format!("flagged as the paper does by noise rate: {}", flagged.len()));
    assert_eq!(&shown(&w), flagged);
}

#[test]
fn labels_that_raters_take_for_each_other_and_what_to_label_next() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    errors(&mut w);
    click(&mut w, "Relations");
    let found = doc(&w).panels.relations().unwrap();
    let report = found.as_ref().as_ref().unwrap();
    let at =
        report.rows.iter().position(|row| !report.items_with(row.pair.a, row.pair.b).is_empty()).unwrap();
    (0..at).for_each(|_| press(&mut w, Modifiers::NONE, Key::J));
    let row = &report.rows[at];
    let want =
        if row.items.is_empty() { report.items_with(row.pair.a, row.pair.b) } else { row.items.to_vec() };
    assert_eq!(enter(&mut w), want);

    errors(&mut w);
    click(&mut w, "Label next");
    let found = doc(&w).panels.next_label().unwrap();
    let order = found.as_ref().as_ref().unwrap().order.clone();
    (0..4).for_each(|_| press(&mut w, Modifiers::NONE, Key::J));
    let mut first: Vec<u32> = order[..5].to_vec();
    first.sort_unstable();
    assert_eq!(enter(&mut w), first);
}

/// Sets of topics: items 3, 9, 15, … lack a label that the model is sure of.
fn sets(folder: &Path) -> std::path::PathBuf {
    let mut table = "item,text,labels,prob_art,prob_law,prob_war\n".to_owned();
    for i in 0..60 {
        let lacks = i % 6 == 3;
        let (art, law) = (i % 2 == 0 || lacks, i % 3 == 0);
        let given = [("art", art && !lacks), ("law", law), ("war", !art && !law)];
        let labels: Vec<&str> = given.iter().filter(|(_, has)| *has).map(|(name, _)| *name).collect();
        let p =
            |has: bool| if has { 0.93 - f64::from(i % 7) / 100.0 } else { 0.04 + f64::from(i % 5) / 100.0 };
        let (labels, war) = (labels.join("|"), !art && !law);
        let of_art = if lacks { 0.97 } else { p(art) };
        writeln!(table, "{i},text {i},{labels},{of_art},{},{}", p(law), p(war)).unwrap();
    }
    let path = folder.join("topics.csv");
    std::fs::write(&path, table).unwrap();
    path
}

#[test]
fn a_label_that_a_set_lacks_leads_to_its_items() {
    let folder = tempfile::tempdir().unwrap();
    let mut w = window_on(&sets(folder.path()), &folder.path().join("places"));
    errors(&mut w);
    let found = doc(&w).panels.wrong_sets().unwrap();
    let report = found.as_ref().as_ref().unwrap();
    let row = &report.rows[0];
    assert_eq!((row.name.as_str(), row.surplus.len()), ("art", 0));
    let lacking: Vec<u32> = (0..60).filter(|i| i % 6 == 3).collect();
    assert_eq!(*row.lacking, *lacking);
    assert_eq!(enter(&mut w), lacking);

    errors(&mut w);
    click(&mut w, "By item");
    let item = doc(&w).panels.wrong_sets().unwrap().as_ref().as_ref().unwrap().items[0].item;
    w.get_by_label_contains(&format!("item: {item}, should go: —, should come: art"));
    assert_eq!(enter(&mut w), [item]);

    errors(&mut w);
    click(&mut w, "Both");
    let asked = doc(&w).panels.wrong_sets().unwrap().as_ref().as_ref().unwrap().asked.clone();
    assert_eq!(asked.filter, Filter::Both);
}

#[test]
fn a_name_marked_otherwise_elsewhere_and_a_tag_that_may_not_stand() {
    let folder = tempfile::tempdir().unwrap();
    let mut conll = String::new();
    for i in 0..12 {
        let tag = if i == 7 { "B-PER" } else { "B-LOC" };
        write!(conll, "We O\nsaw O\nParis {tag}\nin O\nday{i} O\n\n").unwrap();
    }
    conll.push_str("The O\nold I-LOC\nharbour I-LOC\n\n");
    let path = folder.path().join("places.conll");
    std::fs::write(&path, conll).unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    errors(&mut w);
    let found = doc(&w).panels.entities().unwrap();
    let report = found.as_ref().as_ref().unwrap();
    let finding = &report.findings[0];
    assert_eq!(
        (finding.finding.form.as_str(), report.label(finding.finding.given.unwrap())),
        ("Paris", "PER")
    );
    assert_eq!(enter(&mut w), finding.items.to_vec());
    assert!(finding.items.contains(&(7 * 5 + 2)));

    errors(&mut w);
    click(&mut w, "Tags");
    w.get_by_label_contains("tag: I-LOC, should be: B-LOC");
    assert_eq!(enter(&mut w), [12 * 5 + 1]);

    // "We saw Paris in" stands in twelve places, in one of them otherwise.
    errors(&mut w);
    click(&mut w, "Repeats");
    let found = doc(&w).panels.repeats().unwrap();
    let row = &found.as_ref().as_ref().unwrap().rows[0];
    assert_eq!((row.finding.word, row.stretch.as_str()), (7 * 5 + 2, "we saw paris in"));
    w.get_by_label_contains("label: B-PER, most have: B-LOC, for it: 11:1");
    let places: Vec<u32> = (0..12).map(|i| i * 5 + 2).collect();
    assert_eq!(enter(&mut w), places);
    errors(&mut w);
    click(&mut w, "Words");
    assert_eq!(enter(&mut w), places);
}

#[test]
fn votes_that_overrule_the_given_label_open_their_items() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    errors(&mut w);
    click(&mut w, "Verdicts");
    let found = doc(&w).panels.verdicts().unwrap();
    let report = found.as_ref().as_ref().unwrap();
    assert!(report.n_judged() == 600 && report.n_wrong() >= 60);
    assert_eq!(enter(&mut w), report.replaced[0].items.to_vec());

    errors(&mut w);
    click(&mut w, &format!("Open: {}", report.open.len()));
    assert_eq!(shown(&w), report.open.to_vec());
}

#[test]
fn labels_that_are_probably_mistakes_and_judges_that_contradict_them() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    errors(&mut w);
    click(&mut w, "Mistakes");
    let found = doc(&w).panels.mistakes().unwrap();
    let report = found.as_ref().as_ref().unwrap();
    assert!(report.expected > 40.0 && report.expected < 140.0, "{}", report.expected);
    (0..2).for_each(|_| press(&mut w, Modifiers::NONE, Key::J));
    let mut first: Vec<u32> = report.order[..3].to_vec();
    first.sort_unstable();
    assert_eq!(enter(&mut w), first);
    assert!(w.query_by_label("Judges").is_none(), "one model is no ensemble");

    // Two models and two people; the models contradict items 0 to 4 together, and part on item 9.
    let mut table =
        "item,text,given,annotator_ann,annotator_bob,annotator_gpt4,annotator_llama3\n".to_owned();
    for i in 0..30 {
        let truth = if i % 2 == 0 { "yes" } else { "no" };
        let other = if i % 2 == 0 { "no" } else { "yes" };
        let (x, y) = if i < 5 { (other, other) } else { (truth, if i == 9 { other } else { truth }) };
        writeln!(table, "q{i},text {i},{truth},{truth},{truth},{x},{y}").unwrap();
    }
    let path = folder.path().join("judged.csv");
    std::fs::write(&path, table).unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    errors(&mut w);
    click(&mut w, "Judges");
    let found = doc(&w).panels.judges().unwrap();
    let report = found.as_ref().as_ref().unwrap();
    assert_eq!((&*report.flagged, &*report.tied), (&[0, 1, 2, 3, 4][..], &[9][..]));
    click(&mut w, "0.88 to 1.00: 5 of 29");
    assert_eq!(shown(&w), [0, 1, 2, 3, 4]);
}

#[test]
fn ratings_that_are_far_off_open_their_items() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = "item,text,rater,label\n".to_owned();
    for i in 0..30 {
        for rater in 0..3 {
            let rating = if (i, rater) == (11, 1) { 5 } else { 1 + i % 2 + (i + rater) % 2 };
            writeln!(table, "q{i},text {i},r{rater},{rating}").unwrap();
        }
    }
    let path = folder.path().join("stars.csv");
    std::fs::write(&path, table).unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    errors(&mut w);
    click(&mut w, "Ratings");
    click(&mut w, "Single ratings");
    w.get_by_label_contains("item: q11, text: text 11, by: r1, rating: 5");
    assert_eq!(enter(&mut w), [11]);
}

#[test]
fn mistakes_are_told_from_ambiguity_and_guidelines() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    errors(&mut w);
    click(&mut w, "Votes");
    let found = doc(&w).panels.votes().unwrap();
    let report = found.as_ref().as_ref().unwrap();
    let first = &report.found.scores[report.mistakes[0] as usize];
    assert!(first.mistake > 0.9 && first.n_for < first.n_of);
    w.get_by_label(
        &format!("Given by {} of {}: {:+.2}", first.n_for, first.n_of, -first.evidence.votes)
            .replace('-', "−"),
    );
    assert_eq!(enter(&mut w), [first.item]);

    // Moderators and crowd part over insult and hate, as the sample was made.
    errors(&mut w);
    click(&mut w, "Guidelines");
    let guideline = &report.found.guidelines[0];
    let names = guideline.labels.map(|l| report.label(l));
    assert_eq!(
        (names, report.groups[guideline.attribute.unwrap()].0.as_str()),
        (["hate", "insult"], "group")
    );
    assert_eq!(enter(&mut w), report.of_guideline[0].to_vec());

    errors(&mut w);
    let ambiguous = report.of_kind(ItemKind::Ambiguous);
    click(&mut w, &format!("Ambiguous: {}", ambiguous.len()));
    assert_eq!(shown(&w), ambiguous.to_vec());
}

#[test]
fn neighbours_by_words_and_by_embeddings() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    errors(&mut w);
    click(&mut w, "Neighbours");
    let found = doc(&w).panels.neighbours().unwrap();
    let report = found.as_ref().as_ref().unwrap();
    let item = report.disagreeing[0];
    let mut around: Vec<u32> = report.neighbours.of(item as usize).0.to_vec();
    around.push(item);
    around.sort_unstable();
    assert_eq!(enter(&mut w), around);
    assert_eq!(doc(&w).rows.as_ref().unwrap().items[0], item, "the item itself comes first");

    // Two clouds, with the label of item 7 in the wrong one.
    let mut numbers = "item,x0,x1,x2,x3\n".to_owned();
    let mut table = "item,text,label\n".to_owned();
    for i in 0..40 {
        let (a, label) = if i < 20 { (1.0, "cat") } else { (0.0, "dog") };
        let jitter = f64::from(i * 7 % 10) / 60.0;
        writeln!(numbers, "{i},{},{},{},0.1", a + jitter, 1.0 - a + jitter, jitter).unwrap();
        writeln!(table, "{i},words {i},{}", if i == 7 { "dog" } else { label }).unwrap();
    }
    let path = folder.path().join("pets.csv");
    std::fs::write(&path, table).unwrap();
    std::fs::write(folder.path().join("pets_embeddings.csv"), numbers).unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    let ctx = w.ctx.clone();
    w.state_mut().take_embeddings(&ctx, folder.path().join("pets_embeddings.csv"));
    still(&mut w, "embeddings");
    errors(&mut w);
    click(&mut w, "Neighbours");
    let found = doc(&w).panels.neighbours().unwrap();
    let report = found.as_ref().as_ref().unwrap();
    assert_eq!((&*report.disagreeing, &*report.misplaced), (&[7][..], &[7][..]));
    w.get_by_label_contains("item: 7, text: words 7, given: dog, neighbours say: cat");
}

#[test]
fn without_probabilities_the_view_says_so_and_how_to_get_some() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    std::fs::write(&path, "item,text,label\n1,good,yes\n2,bad,no\n3,fine,yes\n").unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    errors(&mut w);
    w.get_by_label_contains("No confident learning on these data");
    w.get_by_label("Learn labels from the texts");
    assert!(w.query_by_label("Label next").is_none());
}
