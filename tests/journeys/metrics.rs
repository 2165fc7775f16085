//! A journey through automatic metrics: data without a model, one system far off, another column for systems, the items behind.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::window::{Window, click, doc, press, shown, still, window_on};
use dissensus::analysis::metrics::MetricsReport;
use dissensus::app::state::View;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

/// Fifteen sources, each by six systems, scored by three people; the sixth system is far worse, which `loud` sees and nothing else.
fn scores(folder: &Path) -> PathBuf {
    let mut csv = "item,text,system,doc_id,wave,fine,loud,fine@typos,rater,label\n".to_owned();
    for source in 0..15_usize {
        for system in 0..6_usize {
            let item = source * 6 + system;
            let worst = system == 5;
            let level = if worst { 1 } else { 7 + (system + source) % 3 };
            let fine = level as f64 + if worst { 8.0 } else { 0.0 } + (item * 7 % 10) as f64 / 20.0;
            let loud = (item * 13 % 17) as f64 / 20.0 + if worst { 0.0 } else { 5.0 };
            let typos = fine - if item % 3 == 0 { 0.0 } else { 1.0 };
            let wave = if item % 2 == 0 { "first" } else { "second" };
            for rater in 0..3 {
                let label = (level + usize::from((item + rater) % 4 == 0)).min(10);
                writeln!(
                    csv,
                    "i{item:02},Sentence {item} of them,s{system},d{source},{wave},{fine},{loud},{typos},r{rater},{label}"
                )
                .unwrap();
            }
        }
    }
    let path = folder.join("scored.csv");
    std::fs::write(&path, csv).unwrap();
    path
}

fn report(w: &Window) -> Arc<MetricsReport> {
    Arc::clone(doc(w).panels.metrics().unwrap().as_ref().as_ref().unwrap())
}

#[test]
fn a_metric_that_sees_one_bad_system_only_is_told_from_one_that_follows_people() {
    let folder = tempfile::tempdir().unwrap();
    let mut w = window_on(&scores(folder.path()), &folder.path().join("places"));
    press(&mut w, Modifiers::COMMAND | Modifiers::SHIFT, Key::M);
    still(&mut w, "models");
    assert_eq!(w.state().view, View::Models);
    assert!(w.query_by_label("Judges").is_none(), "there is no model");
    let found = report(&w);
    assert_eq!(found.by, [Some("system".to_owned()), Some("doc_id".to_owned())]);
    let row = |name: &str| found.rows.iter().find(|r| r.name == name).unwrap();
    let loud = row("loud").found.systems.as_ref().unwrap();
    // Of all systems it has r near 1, without the sixth it does not.
    assert!(loud.level.three[0].value().unwrap() > 0.98);
    let without = loud.level.without_far.as_ref().unwrap();
    assert_eq!(without.far.len(), 1);
    assert!(without.three[0].value().unwrap() < 0.9);
    assert_eq!(loud.tests.unwrap()[1].n_orders, 720);
    assert_eq!(found.perturbed.len(), 1);

    // The second row by the keyboard opens what it and people rank farthest apart.
    press(&mut w, Modifiers::NONE, Key::J);
    press(&mut w, Modifiers::NONE, Key::Enter);
    still(&mut w, "items");
    assert_eq!(w.state().view, View::Items);
    assert_eq!(doc(&w).rows.as_ref().unwrap().items.to_vec(), found.rows[1].apart.to_vec());
    assert!(!shown(&w).is_empty());

    press(&mut w, Modifiers::COMMAND | Modifiers::SHIFT, Key::M);
    still(&mut w, "models");
    for over in ["Within sources", "Systems"] {
        click(&mut w, over);
    }
    // Those far off are the items of the sixth system.
    click(&mut w, "Systems far off: 1");
    still(&mut w, "far off");
    assert!(shown(&w).iter().all(|i| i % 6 == 5) && shown(&w).len() == 15, "{:?}", shown(&w));

    // Another column says what systems are.
    press(&mut w, Modifiers::COMMAND | Modifiers::SHIFT, Key::M);
    still(&mut w, "models");
    click(&mut w, "system");
    click(&mut w, "wave");
    still(&mut w, "waves");
    assert_eq!(report(&w).systems, ["first", "second"]);
    click(&mut w, "How this is computed");
}
