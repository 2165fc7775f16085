//! Journeys through what is computed only when somebody looks: cuts of agreement, raters switched out, spans, and the tabs
//! of aggregation. Each mark opens the items behind it.

use std::path::Path;

use crate::window::{Window, click, doc, folder, launch, press, shown, still, until, window, window_on};
use dissensus::analysis::cuts::By;
use dissensus::analysis::spans::Measure;
use dissensus::app::state::View;
use dissensus::stats::agreement::Kind;
use dissensus::stats::agreement::spans::SpanMatch;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

fn go(w: &mut Window, key: Key) {
    press(w, Modifiers::COMMAND, key);
    still(w, "view");
}

#[test]
fn a_rater_s_course_opens_the_items_of_each_part() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    go(&mut w, Key::Num3);
    let rater = doc(&w).rater.unwrap();
    let course = doc(&w).analysis.as_ref().unwrap().raters[rater as usize].course.clone();
    assert_eq!(course.len(), 10);
    let n: usize = course.iter().map(|part| part.n_annotations).sum();
    assert_eq!(n, doc(&w).dataset.annotations.of_rater(rater as usize).len());
    w.get_by_label_contains(&format!("Part 3 of 10, {} votes", course[2].n_annotations)).click();
    still(&mut w, "a part");
    assert_eq!((w.state().view, shown(&w).len()), (View::Items, course[2].n_annotations));
}

/// Rows of the cut that is shown: name, value.
fn cut(w: &Window, by: &By) -> Vec<(String, Option<f64>)> {
    let cuts = doc(w).panels.cuts().unwrap();
    let cuts = cuts.as_ref().as_ref().unwrap();
    assert_eq!(cuts.asked.by, *by);
    cuts.rows.iter().map(|row| (row.name.clone(), row.statistic.value())).collect()
}

fn alpha(w: &Window) -> f64 {
    doc(w).analysis.as_ref().unwrap().agreement.krippendorff_alpha_nominal.value().unwrap()
}

#[test]
fn agreement_is_cut_up_and_each_part_opens_what_is_behind_it() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    go(&mut w, Key::Num8);

    click(&mut w, "By label");
    let labels = cut(&w, &By::Label);
    assert_eq!(labels.len(), doc(&w).dataset.labels.len());
    let (name, value) = &labels[0];
    w.get_by_label_contains(&format!("{name}: {:.3}", value.unwrap())).click();
    still(&mut w, "a label");
    let d = doc(&w);
    let label = d.dataset.labels.id(name).unwrap();
    let split = |i: u32| {
        let labels = d.dataset.annotations.labels_of(i as usize);
        labels.contains(&label) && labels.iter().any(|l| *l != labels[0])
    };
    assert_eq!(shown(&w), (0..d.dataset.n_items() as u32).filter(|&i| split(i)).collect::<Vec<_>>());

    // A part of the items, by keyboard.
    go(&mut w, Key::Num8);
    let (at, column) = (0, &doc(&w).dataset.raters.attributes[0]);
    let group = format!("By raters by {}", column.0);
    click(&mut w, &group);
    let groups = cut(&w, &By::Group(at));
    assert!(groups.len() >= 2);
    press(&mut w, Modifiers::NONE, Key::Home);
    press(&mut w, Modifiers::NONE, Key::Enter);
    still(&mut w, "a group");
    assert_eq!(w.state().view, View::Items);
    let words = doc(&w).query.conditions[0].words(&doc(&w).dataset);
    assert_eq!(words, format!("{} and all others have other majorities", groups[0].0));

    // Leaving out one item at a time: the first is the one that hurts most.
    go(&mut w, Key::Num8);
    click(&mut w, "By item");
    let items = cut(&w, &By::Item);
    press(&mut w, Modifiers::NONE, Key::Home);
    press(&mut w, Modifiers::NONE, Key::Enter);
    still(&mut w, "an item");
    let d = doc(&w);
    assert_eq!(d.dataset.keys.get(d.selected.unwrap() as usize), items[0].0);
}

#[test]
fn a_rater_who_is_switched_out_counts_nowhere_until_switched_in_again() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    let whole = alpha(&w);
    go(&mut w, Key::Num8);
    // The cut by rater says what agreement is without each.
    w.get_by_label_contains("Krippendorff's alpha: ").click();
    w.run_steps(2);
    click(&mut w, "By rater left out");
    until(&mut w, "cut", |app| {
        let cuts = app.document().and_then(|d| d.panels.cuts());
        cuts.is_some_and(|c| c.as_ref().as_ref().is_ok_and(|c| c.asked.kind == Kind::Krippendorff))
    });
    let (name, without) = cut(&w, &By::Rater).remove(0);
    let without = without.unwrap();
    w.get_by_label_contains(&format!("{name}: {without:.3}")).click();
    still(&mut w, "a rater");
    assert_eq!(w.state().view, View::Raters);
    assert_eq!(doc(&w).rater_name(doc(&w).rater.unwrap()), name);

    press(&mut w, Modifiers::ALT, Key::C);
    still(&mut w, "switched out");
    assert!((alpha(&w) - without).abs() < 1e-12 && (without - whole).abs() > 1e-6);
    go(&mut w, Key::Num8);
    w.get_by_label("1 rater not counted").click();
    still(&mut w, "who is left out");
    assert_eq!(w.state().view, View::Raters);

    // The choice is kept for the next time.
    press(&mut w, Modifiers::COMMAND, Key::Q);
    drop(w);
    let mut w = window(launch(folder.path()));
    assert!((alpha(&w) - without).abs() < 1e-12);
    go(&mut w, Key::Num3);
    // Who does not count is the last in the table.
    press(&mut w, Modifiers::NONE, Key::End);
    assert_eq!(doc(&w).rater_name(doc(&w).rater.unwrap()), name);
    click(&mut w, "Counts");
    assert_eq!(alpha(&w), whole);
}

#[test]
fn soft_labels_are_ticked_and_the_hardest_item_opens() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    go(&mut w, Key::Num7);
    click(&mut w, "Soft labels");
    let soft = doc(&w).panels.soft().unwrap();
    assert_eq!(soft.rows.len(), 5);
    let before = soft.together.as_ref().unwrap().mean_entropy_bits;
    click(&mut w, "Softmax of counts: averaged");
    let soft = doc(&w).panels.soft().unwrap();
    assert_eq!(soft.rows.len(), 4);
    // Softmax says that everything is possible.
    assert!(soft.together.as_ref().unwrap().mean_entropy_bits < before);
    click(&mut w, "Product");
    let product = doc(&w).panels.soft().unwrap();
    assert!(product.together.as_ref().unwrap().mean_entropy_bits < before);
    let hardest = product.hardest[0];
    let key = doc(&w).dataset.keys.get(hardest.0 as usize).to_owned();
    w.get_by_label_contains(&format!("{key}  ")).click();
    still(&mut w, "the hardest item");
    assert_eq!(w.state().view, View::Items);
    assert_eq!(doc(&w).selected, Some(hardest.0));
    assert_eq!(shown(&w).len(), product.hardest.len());
}

#[test]
fn a_candidate_is_put_to_the_test_and_the_majority_is_certified() {
    let folder = folder();
    let mut w = window(launch(folder.path()));
    go(&mut w, Key::Num7);
    click(&mut w, "Extra rater");
    let report = doc(&w).panels.candidate().unwrap();
    let (of, parted) = (report.n_compared, report.parted.len());
    let test = report.test.as_ref().unwrap();
    assert!(parted > 0 && parted < of && test.duels.len() > 1);
    // A smaller allowance is harder to meet.
    click(&mut w, "0.10");
    let strict = doc(&w).panels.candidate().unwrap();
    assert!(strict.test.as_ref().unwrap().winning_rate <= test.winning_rate);
    click(&mut w, &format!("Items where it parts from the majority: {parted} of {of}"));
    assert_eq!((w.state().view, shown(&w).len()), (View::Items, parted));

    go(&mut w, Key::Num7);
    click(&mut w, "Certificate");
    let found = doc(&w).panels.certificate().unwrap();
    let certified = found.as_ref().as_ref().unwrap();
    let n = certified.open.len();
    assert_eq!(n + certified.sure.len(), certified.bins.iter().map(|b| b.items.len()).sum::<usize>());
    assert!(n > 0);
    click(&mut w, &format!("Items where a weighting could overrule it: {n}"));
    assert_eq!(shown(&w), certified.open.to_vec());
    // A rater's error opens the rater.
    go(&mut w, Key::Num7);
    let (rater, error) =
        certified.certificate.error.iter().enumerate().find_map(|(r, e)| Some((r, (*e)?))).unwrap();
    let words = format!("{}: {error:.2}", doc(&w).rater_name(rater as u32));
    click(&mut w, &words);
    assert_eq!((w.state().view, doc(&w).rater), (View::Raters, Some(rater as u32)));
}

#[test]
fn preferences_have_a_view_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("duels.csv");
    // Three options; the first beats the others as a rule.
    let mut csv = "item,a,b,rater,label\n".to_owned();
    let pairs = [
        ("X", "Y", "a"),
        ("Y", "Z", "a"),
        ("X", "Z", "a"),
        ("Y", "X", "b"),
        ("Z", "X", "b"),
        ("Z", "Y", "b"),
    ];
    for (i, (a, b, wins)) in pairs.iter().cycle().take(60).enumerate() {
        for rater in 0..3 {
            let other = if *wins == "a" { "b" } else { "a" };
            let said = if (i * 3 + rater) % 5 == 0 { other } else { wins };
            csv.push_str(&format!("i{i},{a},{b},r{rater},{said}\n"));
        }
    }
    std::fs::write(&path, csv).unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    go(&mut w, Key::Num7);
    click(&mut w, "Preferences");
    let found = doc(&w).panels.preferences().unwrap();
    let found = found.as_ref().as_ref().unwrap();
    assert_eq!(found.n_comparisons.0, 180);
    let best = &found.options[found.order()[0]];
    assert_eq!(best.name, "X");
    press(&mut w, Modifiers::NONE, Key::Home);
    press(&mut w, Modifiers::NONE, Key::Enter);
    still(&mut w, "an option");
    assert_eq!(shown(&w), best.items.to_vec());
    assert_eq!(best.items.len(), 40);
}

#[test]
fn what_wins_is_shown_and_a_property_opens_what_speaks_against_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("duels.csv");
    let mut csv = "item,response_a,response_b,warmth_a,warmth_b,rater,label\n".to_owned();
    for i in 0..60_usize {
        let (a, b) = (4 + i * 7 % 11, 4 + i * 5 % 11);
        let text = |words: usize, side: &str| format!("{side}{i} {}", vec!["word"; words].join(" "));
        for rater in 0..3 {
            let longer = (a >= b) != ((i + rater) % 4 == 0);
            let (warm, cool) = (i % 3, i / 3 % 3);
            let said = if longer { "A" } else { "B" };
            csv.push_str(&format!("i{i},{},{},{warm},{cool},r{rater},{said}\n", text(a, "a"), text(b, "b")));
        }
    }
    std::fs::write(&path, csv).unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    go(&mut w, Key::Num7);
    click(&mut w, "What wins");
    let found = doc(&w).panels.what_wins().unwrap();
    let found = found.as_ref().as_ref().unwrap();
    assert_eq!((found.n, found.control.as_deref()), (180, Some("characters")));
    assert!(found.rows.iter().any(|r| r.name == "warmth"));
    w.get_by_label_contains(&found.lean());
    // The second row, by the keyboard.
    press(&mut w, Modifiers::NONE, Key::Home);
    press(&mut w, Modifiers::NONE, Key::J);
    press(&mut w, Modifiers::NONE, Key::Enter);
    still(&mut w, "a property");
    let mut against = found.rows[1].against.to_vec();
    against.sort_unstable();
    let mut now = shown(&w);
    now.sort_unstable();
    assert_eq!(now, against);
    assert!(!against.is_empty());
    go(&mut w, Key::Num7);
    click(&mut w, "How this is computed");
}

#[test]
fn spans_are_compared_in_three_ways_and_a_document_opens_its_items() {
    let folder = tempfile::tempdir().unwrap();
    let brat = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/format_examples/brat");
    let mut w = window_on(&brat, folder.path());
    go(&mut w, Key::Num8);
    click(&mut w, "Spans");
    let report = |w: &Window| doc(w).panels.spans().unwrap();
    let first = report(&w);
    let first = first.as_ref().as_ref().unwrap();
    assert!(first.n_documents > 0 && first.n_raters == 2);
    let f1 = first.statistic(Measure::F1).value().unwrap();
    w.get_by_label_contains(&format!("F1 of spans: {f1:.3}"));
    // What overlaps is more than what is the same.
    click(&mut w, "Overlap");
    let second = report(&w);
    let second = second.as_ref().as_ref().unwrap();
    assert_eq!(second.asked.matching, SpanMatch::Partial);
    assert!(second.statistic(Measure::F1).value().unwrap() >= f1);
    // From the measures down to the labels, and on to the documents.
    let (labels, documents) = (second.of_labels(Measure::F1), second.documents(Measure::F1));
    press(&mut w, Modifiers::NONE, Key::Home);
    (0..Measure::ALL.len()).for_each(|_| press(&mut w, Modifiers::NONE, Key::J));
    // The last measures have no labels: down from F1 again.
    w.get_by_label_contains(&format!("F1 of spans: {:.3}", second.statistic(Measure::F1).value().unwrap()))
        .click();
    still(&mut w, "F1");
    w.get_by_label_contains(second.label(labels[0].0)).click();
    still(&mut w, "a label");
    assert_eq!(shown(&w), second.items_of_label(labels[0].0).unwrap().to_vec());
    go(&mut w, Key::Num8);
    w.get_by_label_contains(&format!("{}  ", documents[0].name)).click();
    still(&mut w, "a document");
    assert_eq!(shown(&w), documents[0].items.to_vec());
    assert!(!documents[0].items.is_empty());
}

/// Four texts; in the third only one of two highlighted something, in the last neither did, but a third rater.
#[test]
fn what_raters_highlighted_is_compared_and_nothing_marked_is_no_agreement() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("reasons.jsonl");
    let text = "Alpha beta gamma delta. Epsilon zeta eta theta.";
    let mut lines = String::new();
    let marks: [[&[(u32, u32)]; 3]; 4] = [
        [&[(0, 10)], &[(0, 10)], &[(0, 10)]],
        [&[(0, 16)], &[(11, 22)], &[(0, 16)]],
        [&[(0, 5)], &[], &[(0, 5)]],
        [&[], &[], &[(0, 5)]],
    ];
    for (i, of) in marks.iter().enumerate() {
        for (rater, spans) in of.iter().enumerate() {
            let spans: Vec<String> = spans
                .iter()
                .map(|(a, b)| format!("{{\"start\":{a},\"end\":{b},\"label\":\"reason\"}}"))
                .collect();
            lines.push_str(&format!(
                "{{\"text\":\"{i} {text}\",\"_annotator_id\":\"r{rater}\",\"_input_hash\":{i},\"_task_hash\":{i},\"answer\":\"accept\",\"spans\":[{}]}}\n",
                spans.join(",")
            ));
        }
    }
    std::fs::write(&path, lines).unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    go(&mut w, Key::Num8);
    click(&mut w, "Spans");
    let report = |w: &Window| doc(w).panels.spans().unwrap();
    let found = report(&w);
    let found = found.as_ref().as_ref().unwrap();
    assert_eq!((found.highlights.n_jointly_empty, found.n_raters), (1, 3));
    let kappa = found.statistic(Measure::HighlightKappa).value().unwrap();
    w.get_by_label_contains(&format!("κ of highlights: {kappa:.3}")).click();
    still(&mut w, "kappa");
    // As some tables have it: the mean of the last text is 0 either way, for the third rater is alone in it.
    click(&mut w, "count 0");
    let zero = report(&w);
    let zero = zero.as_ref().as_ref().unwrap().statistic(Measure::HighlightKappa).value().unwrap();
    assert!((zero - kappa).abs() < 1e-12, "{zero} {kappa}");
    // By sentences the second text is the same for both.
    click(&mut w, "sentences");
    let coarse = report(&w);
    let coarse = coarse.as_ref().as_ref().unwrap();
    assert!(coarse.statistic(Measure::HighlightF1).value().unwrap() > 0.0);
    let documents = coarse.documents(Measure::HighlightKappa);
    w.get_by_label_contains(&format!("{}  ", documents[0].name)).click();
    still(&mut w, "a document");
    assert_eq!(shown(&w), documents[0].items.to_vec());
}

#[test]
fn answers_of_several_labels_are_narrowed_down() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("several.csv");
    let mut csv = "item,rater,label\n".to_owned();
    for (i, (one, other)) in
        [("joy", "joy|pride"), ("pride", "joy|pride"), ("joy|fear", "joy"), ("fear", "joy")]
            .iter()
            .cycle()
            .take(40)
            .enumerate()
    {
        csv.push_str(&format!("i{i},r1,{one}\ni{i},r2,{other}\n"));
    }
    std::fs::write(&path, csv).unwrap();
    let mut w = window_on(&path, &folder.path().join("places"));
    assert!(doc(&w).dataset.sets.is_some());
    go(&mut w, Key::Num7);
    click(&mut w, "Candidate sets");
    let found = doc(&w).panels.sets().unwrap();
    let found = found.as_ref().as_ref().unwrap();
    assert_eq!((found.decided.len(), found.conflicts.len()), (30, 10));
    assert_eq!(found.members[0].name, "joy");
    press(&mut w, Modifiers::NONE, Key::Home);
    press(&mut w, Modifiers::NONE, Key::Enter);
    still(&mut w, "a label");
    assert_eq!(shown(&w), found.members[0].items.to_vec());
    go(&mut w, Key::Num7);
    click(&mut w, "Items whose answers have nothing in common: 10");
    assert_eq!(shown(&w), found.conflicts.to_vec());
    go(&mut w, Key::Num7);
    click(&mut w, "Keep rare labels");
    let kept = doc(&w).panels.sets().unwrap();
    assert_eq!(kept.as_ref().as_ref().unwrap().asked.extra_tenths, 1);
}

#[test]
fn labels_are_learned_from_texts_where_there_is_no_model() {
    let folder = tempfile::tempdir().unwrap();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data/tickets/tickets.csv");
    let table = folder.path().join("tickets.csv");
    std::fs::copy(&sample, &table).unwrap();
    let places = folder.path().join("places");
    let mut w = window_on(&table, &places);
    assert!(doc(&w).analysis.as_ref().unwrap().confident.is_err());
    click(&mut w, "Learn");
    let learned = doc(&w).dataset.learned.clone().unwrap();
    assert!(learned.is_used && learned.accuracy > 2.0 * learned.majority, "{learned:?}");
    let flagged = doc(&w).analysis.as_ref().unwrap().items.flagged.iter().filter(|f| **f).count();
    assert!(flagged > 0);
    w.get_by_label(&format!("Open {flagged} items")).click();
    still(&mut w, "flagged items");
    assert_eq!(shown(&w).len(), flagged);
    // It is learned again the next time, and says the same.
    press(&mut w, Modifiers::COMMAND, Key::Q);
    drop(w);
    let w = window_on(&table, &places);
    assert_eq!(doc(&w).dataset.learned, Some(learned));
}
