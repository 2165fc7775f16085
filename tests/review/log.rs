//! The correction log as other rooms use it: a reviewer at work, logs taken together, the command line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use dissensus::dataset::{
    AnnotationsBuilder, Dataset, Edits, LabelColumn, LabelSet, NO_LABEL, Outcome, Raters, Shares, Source,
    SourceFile, TextColumn,
};
use dissensus::review::event::{After, Blind, Body, Context, Decide, Event, Reached, Suggestion};
use dissensus::review::merge::{self, Verdict};
use dissensus::review::replay::{Replay, Standing};
use dissensus::review::session::Clock;
use dissensus::review::{Action, Log, MemoryStorage, Notice, Options, ReviewError, Session};
use proptest::prelude::*;

/// Votes for label ids, one list an item.
fn votes(items: &[&[u32]]) -> Dataset {
    let mut b = AnnotationsBuilder::new();
    for (item, labels) in items.iter().enumerate() {
        for (rater, &label) in labels.iter().enumerate() {
            b.push(item as u32, rater as u32, label, None);
        }
    }
    let keys: TextColumn = (1..=items.len()).map(|i| format!("t{i}")).collect();
    Dataset {
        keys,
        labels: LabelSet::new(&["negative", "neutral", "positive"].map(str::to_owned), []),
        raters: Raters { names: ["ana", "ben", "chi"].map(str::to_owned).to_vec(), ..Raters::default() },
        annotations: b.finish(items.len(), 3),
        source: Source {
            table: SourceFile { path: "votes.csv".into(), digest: "sha256:aa".into(), bytes: 9 },
            label_field: "label".into(),
            ..Source::default()
        },
        ..Dataset::default()
    }
}

fn sample() -> Dataset {
    votes(&[&[2, 2, 2], &[0, 1, 0], &[0, 0], &[1, 2, 1], &[2, 0], &[]])
}

/// A clock that goes on by a second with every look.
fn clock() -> Clock {
    let second = AtomicI64::new(1_773_136_800);
    Arc::new(move || jiff::Timestamp::from_second(second.fetch_add(1, Ordering::Relaxed)).unwrap())
}

fn options(reviewer: &str) -> Options {
    Options {
        clock: clock(),
        log_id: Some(format!("log-{reviewer}")),
        ..Options::new(reviewer, serde_json::json!({"blind": false}))
    }
}

fn open(d: &Dataset, disk: &MemoryStorage, reviewer: &str) -> (Session, Vec<Notice>) {
    Session::open(d, Box::new(disk.clone()), Path::new("a.jsonl"), options(reviewer)).unwrap()
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/format_examples/dissensus_log")
        .join(format!("{name}.corrections.jsonl"))
}

fn context() -> Context {
    Context { reached: Some(Reached::Flag), dwell_ms: Some(4000), ..Context::default() }
}

fn outcomes(edits: &Edits) -> Vec<(usize, Outcome)> {
    edits.iter().map(|(i, e)| (i, e.outcome.clone())).collect()
}

#[test]
fn opening_and_closing_leaves_no_trace() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("votes.csv.ann.corrections.jsonl");
    let (session, notices) = Session::open_file(&sample(), &path, options("ann")).unwrap();
    assert_eq!(notices, []);
    session.close().unwrap();
    assert!(!path.exists());

    let d = sample();
    let (mut session, _) = Session::open_file(&d, &path, options("ann")).unwrap();
    session.decide(&d, 1, Action::Keep, context()).unwrap();
    session.close().unwrap();
    let before = std::fs::read(&path).unwrap();
    Session::open_file(&d, &path, options("ann")).unwrap().0.close().unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let log = Log::verify(&path).unwrap();
    assert_eq!(log.events.len(), 3);
    assert_eq!(log.source().unwrap(), d.source, "a reopened file needs no question");
    assert_eq!(log.events[0].head().ts, "2026-03-10T10:00:00.000Z");
}

#[test]
fn every_action_stands_as_it_was_meant_and_reads_back() {
    let d = sample();
    let disk = MemoryStorage::default();
    let (mut s, _) = open(&d, &disk, "ann");
    let suggestion = Suggestion { value: "neutral".into(), prob: Some(0.7), score: Some(0.1) };
    s.decide(&d, 0, Action::Keep, context()).unwrap();
    s.decide(&d, 1, Action::AcceptSuggestion(1), Context { suggestion: Some(suggestion), ..context() })
        .unwrap();
    s.decide(&d, 2, Action::Several(vec![2, 0, 2]), context()).unwrap();
    s.decide(&d, 3, Action::AdoptRater { rater: 1, label: 2 }, context()).unwrap();
    s.decide(&d, 4, Action::Unsure, context()).unwrap();
    s.decide(&d, 5, Action::Exclude, context()).unwrap();
    let expected = [
        (0, Outcome::Kept(2)),
        (1, Outcome::Changed(1)),
        (2, Outcome::Several(vec![0, 2])),
        (3, Outcome::Changed(2)),
        (4, Outcome::Unsure),
        (5, Outcome::Excluded),
    ];
    assert_eq!(outcomes(s.edits()), expected);
    s.decide(&d, 5, Action::NoneOfLabels, context()).unwrap();
    let c = s.counts();
    assert_eq!(
        (c.kept, c.changed, c.several, c.unsure, c.excluded, c.none_of_labels, c.decided()),
        (1, 2, 1, 1, 0, 1, 6)
    );
    assert_eq!(s.median_dwell_ms(), Some(4000));
    let rows: Vec<(String, String, &str, Standing)> =
        s.decisions().map(|r| (r.before, r.after, r.action, r.standing)).collect();
    assert_eq!(rows[1], ("negative".into(), "neutral".into(), "accept_suggestion", Standing::Live));
    assert_eq!(rows[2].1, "negative + positive");
    assert_eq!(rows[5], ("—".into(), "excluded".into(), "exclude", Standing::Superseded));
    let edits = s.edits().clone();
    s.close().unwrap();
    let (again, notices) = open(&d, &disk, "ann");
    assert_eq!(notices, []);
    assert_eq!(outcomes(again.edits()), outcomes(&edits));
    assert!(again.decisions().all(|r| r.saved));
}

#[test]
fn a_soft_label_reads_back_bit_by_bit_and_one_that_does_not_add_up_is_listed() {
    let d = sample();
    let disk = MemoryStorage::default();
    let (mut s, _) = open(&d, &disk, "ann");
    let third = Shares::new([(0, 1.0 / 3.0), (1, 1.0 / 3.0), (2, 1.0 / 3.0)]).unwrap();
    s.decide(&d, 3, Action::Soft(third.clone()), context()).unwrap();
    assert!(
        s.decide(&d, 0, Action::Soft(Shares::of_percents(&[(0, 50), (9, 50)]).unwrap()), context()).is_err()
    );
    assert_eq!((s.counts().soft, s.counts().decided()), (1, 1));
    let row = s.decisions().next().unwrap();
    assert_eq!(
        (row.action, row.after.as_str()),
        ("soft_label", "negative 33 %, neutral 33 %, positive 33 %")
    );
    s.close().unwrap();
    let (s, notices) = open(&d, &disk, "ann");
    assert_eq!(notices, []);
    assert_eq!(outcomes(s.edits()), [(3, Outcome::Soft(third))]);

    // By another hand: alike whatever way zeros are written, refused where it does not add up.
    let Body::Decide(decided) = s.events()[1].body().clone() else { panic!("a decision") };
    let with = |log: &str, shares: &[(&str, f64)]| {
        let dist = shares.iter().map(|&(l, x)| (l.to_owned(), x)).collect();
        let body = Body::Decide(Decide { after: Some(After::Dist { dist }), ..decided.clone() });
        let mut head = s.events()[0].head().clone();
        log.clone_into(&mut head.log_id);
        log.clone_into(&mut head.reviewer);
        Event::seal(&head, &body).unwrap()
    };
    let one = with("a", &[("negative", 0.5), ("positive", 0.5)]);
    let same = with("b", &[("negative", 0.5), ("positive", 0.5), ("neutral", 0.0)]);
    let other = with("c", &[("negative", 0.4), ("positive", 0.6)]);
    let verdict = |a: &Event, b: &Event| merge::judge(&[a.clone(), b.clone()])[0].verdict;
    assert_eq!((verdict(&one, &same), verdict(&one, &other)), (Verdict::Agreed, Verdict::Conflict));
    let whole = with("d", &[("positive", 1.0)]);
    let replayed = Replay::new(&d, vec![whole]);
    assert_eq!(outcomes(replayed.edits()), [(3, Outcome::Changed(2))]);
    for bad in [&[("negative", 0.5), ("positive", 0.4)][..], &[("negative", 1.5), ("positive", -0.5)], &[]] {
        let replayed = Replay::new(&d, vec![with("e", bad)]);
        assert_eq!((replayed.edits().len(), replayed.stale().count()), (0, 1), "{bad:?}");
    }
    // The table for papers keeps every digit.
    let mut csv = Vec::new();
    dissensus::review::export_log::write_csv(s.events(), &mut csv, true).unwrap();
    let mut rows = csv::Reader::from_reader(&csv[..]);
    let after: serde_json::Value = serde_json::from_str(&rows.records().next().unwrap().unwrap()[6]).unwrap();
    assert_eq!(after["dist"]["neutral"], serde_json::json!(1.0 / 3.0));
}

#[test]
fn what_was_hidden_is_logged_and_logs_without_it_are_read() {
    let d = sample();
    let (mut s, _) = open(&d, &MemoryStorage::default(), "ann");
    for blind_mode in [None, Some(Blind::Raters), Some(Blind::RatersAndModel)] {
        let context = Context { blind: blind_mode.is_some(), blind_mode, ..context() };
        s.decide(&d, 0, Action::Keep, context).unwrap();
    }
    let modes: Vec<_> =
        s.events()[1..].iter().map(|e| e.raw()["context"].get("blind_mode").cloned()).collect();
    assert_eq!(modes, [None, Some("raters".into()), Some("raters_and_model".into())]);
    assert!(s.events().iter().skip(1).all(|e| Event::parse(e.line().trim_end().as_bytes()).unwrap() == *e));
    // A mode of a newer version is none here, and its event is kept whole.
    let mut newer = s.events()[2].raw().clone();
    newer["context"]["blind_mode"] = "raters_and_moon".into();
    let context: Context = serde_json::from_value(newer["context"].clone()).unwrap();
    assert_eq!((context.blind, context.blind_mode), (true, None));
}

#[test]
fn keep_asks_for_a_label_where_there_is_none() {
    let mut d = sample();
    let disk = MemoryStorage::default();
    let (mut s, _) = open(&d, &disk, "ann");
    let e = s.decide(&d, 4, Action::Keep, context()).unwrap_err();
    assert_eq!(e.to_string(), "t5 has no label to keep; choose a label");
    let e =
        s.bulk_decide(&d, &[(0, Action::Keep), (4, Action::Keep), (5, Action::Keep)], context()).unwrap_err();
    assert!(matches!(e, ReviewError::NoLabelsToKeep { n: 2, of: 3 }), "{e}");
    assert!(s.decide(&d, 99, Action::Keep, context()).is_err());
    assert!(s.decide(&d, 0, Action::Relabel(9), context()).is_err());
    assert!(s.decide(&d, 0, Action::Several(vec![]), context()).is_err());
    assert!(s.amend_last(&d, Some(2), None).is_err());
    assert!(s.events().is_empty(), "what is refused is not logged");

    // Another consensus than the majority may give the tied item a label.
    s.set_consensus(Some(vec![2, 0, 0, 1, 2, NO_LABEL]));
    s.decide(&d, 4, Action::Keep, context()).unwrap();
    assert_eq!(outcomes(s.edits()), [(4, Outcome::Kept(2))]);
    drop(s);
    assert_eq!(outcomes(open(&d, &disk, "ann").0.edits()), [(4, Outcome::Kept(2))], "votes are what counts");

    d.given = Some(LabelColumn { name: "gold?".into(), ids: vec![0, NO_LABEL, 0, 0, 0, 0] });
    let (mut s, _) = open(&d, &MemoryStorage::default(), "ann");
    assert!(s.decide(&d, 1, Action::Keep, context()).is_err());
    s.decide(&d, 0, Action::Relabel(0), context()).unwrap();
    assert_eq!(s.decisions().next().unwrap().action, "keep", "choosing what stands there is keeping it");
}

#[test]
fn undo_and_redo_go_on_across_restarts_and_redo_dies_with_a_new_decision() {
    let d = sample();
    let disk = MemoryStorage::default();
    let (mut s, _) = open(&d, &disk, "ann");
    assert_eq!(s.undo().unwrap(), None);
    s.decide(&d, 3, Action::Relabel(2), context()).unwrap();
    s.note(&d, 3, "sarcasm").unwrap();
    s.bulk_decide(
        &d,
        &[(0, Action::Relabel(1)), (1, Action::Relabel(1)), (0, Action::Relabel(0))],
        context(),
    )
    .unwrap();
    assert_eq!(
        outcomes(s.edits()),
        [(0, Outcome::Changed(0)), (1, Outcome::Changed(1)), (3, Outcome::Changed(2))]
    );
    drop(s);
    let (mut s, _) = open(&d, &disk, "ann");
    let undone = s.undo().unwrap().unwrap();
    assert_eq!((undone.item, undone.items, undone.words.as_str()), (Some(0), 2, "2 items decided"));
    assert_eq!(s.edits().get(3).unwrap().note, "sarcasm");
    assert_eq!(s.undo().unwrap().unwrap().words, "note on t4");
    assert_eq!(s.edits().get(3).unwrap().note, "");
    assert_eq!(s.undo_words().unwrap(), "t4: neutral → positive");
    assert_eq!(s.undo().unwrap().unwrap().item, Some(3));
    assert_eq!((s.undo().unwrap(), s.edits().len()), (None, 0));
    drop(s);
    let (mut s, _) = open(&d, &disk, "ann");
    assert_eq!(s.redo().unwrap().unwrap().words, "t4: neutral → positive");
    assert_eq!(s.redo().unwrap().unwrap().words, "note on t4");
    assert_eq!(s.edits().get(3).unwrap().note, "sarcasm");
    s.decide(&d, 5, Action::Exclude, context()).unwrap();
    assert_eq!(s.redo().unwrap(), None, "as in every editor");
}

#[test]
fn confidence_and_reason_are_added_and_taken_back_alone() {
    let d = sample();
    let (mut s, _) = open(&d, &MemoryStorage::default(), "ann");
    s.decide(&d, 3, Action::Relabel(2), context()).unwrap();
    s.note(&d, 3, "sarcasm").unwrap();
    s.amend_last(&d, Some(3), None).unwrap();
    s.amend_last(&d, None, Some("ambiguous".into())).unwrap();
    assert!(matches!(s.amend_last(&d, Some(4), None), Err(ReviewError::Confidence(4))));
    let edit = s.edits().get(3).unwrap();
    assert_eq!(
        (edit.confidence, edit.reason.as_deref(), edit.note.as_str()),
        (Some(3), Some("ambiguous"), "sarcasm")
    );
    assert_eq!(s.undo().unwrap().unwrap().words, "confidence 3, reason ambiguous of t4: neutral → positive");
    assert_eq!(s.edits().get(3).unwrap().reason, None);
    s.undo().unwrap();
    let edit = s.edits().get(3).unwrap();
    assert_eq!((edit.confidence, edit.outcome.clone()), (None, Outcome::Changed(2)));
    // A bulk decision takes it for all of its items.
    s.bulk_decide(&d, &[(0, Action::Keep), (1, Action::Keep)], context()).unwrap();
    s.amend_last(&d, Some(1), None).unwrap();
    assert_eq!(
        (s.edits().get(0).unwrap().confidence, s.edits().get(1).unwrap().confidence),
        (Some(1), Some(1))
    );
    s.undo().unwrap();
    assert_eq!(s.edits().get(1).unwrap().confidence, None);
}

#[test]
fn a_changed_source_is_said_and_its_stale_decisions_are_listed() {
    let d = sample();
    let disk = MemoryStorage::default();
    let (mut s, _) = open(&d, &disk, "ann");
    s.decide(&d, 1, Action::Relabel(2), context()).unwrap();
    s.decide(&d, 3, Action::Relabel(2), context()).unwrap();
    s.close().unwrap();
    let mut changed = votes(&[&[2], &[0, 1, 0], &[0], &[1, 1, 1], &[2], &[]]);
    changed.source.table.digest = "sha256:bb".into();
    let (mut s, notices) = open(&changed, &disk, "ann");
    assert_eq!(notices, [Notice::SourceChanged { stale: 1 }]);
    assert_eq!(outcomes(s.edits()), [(1, Outcome::Changed(2))]);
    let stale: Vec<_> = s.stale().cloned().collect();
    assert_eq!((stale[0].item.as_str(), stale[0].event.seq), ("t4", 2));
    assert_eq!(stale[0].reason.to_string(), "the votes were 2 neutral, 1 positive and are 3 neutral now");
    assert_eq!(s.decisions().nth(1).unwrap().standing, Standing::Stale);
    s.decide(&changed, 3, Action::Keep, context()).unwrap();
    assert_eq!(s.stale().count(), 0, "decided anew");
}

#[test]
fn a_second_window_is_read_only_and_another_reviewer_is_refused() {
    let d = sample();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log.jsonl");
    let (mut first, _) = Session::open_file(&d, &path, options("ann")).unwrap();
    first.decide(&d, 0, Action::Keep, context()).unwrap();
    first.wait_saved(std::time::Duration::from_secs(20)).unwrap();
    let (mut second, notices) = Session::open_file(&d, &path, options("ann")).unwrap();
    assert!(matches!(&notices[..], [Notice::ReadOnly(why)] if why.contains("another window")), "{notices:?}");
    assert_eq!(second.edits().len(), 1);
    assert!(matches!(second.decide(&d, 1, Action::Keep, context()), Err(ReviewError::ReadOnly(_))));
    assert!(second.undo().is_err());
    assert_eq!(second.edits().len(), 1);
    drop((first, second));
    assert!(matches!(Session::open_file(&d, &path, options("bob")), Err(ReviewError::OtherReviewer { .. })));
}

#[test]
fn changed_settings_and_a_new_run_are_recorded() {
    let d = sample();
    let disk = MemoryStorage::default();
    let (mut s, _) = open(&d, &disk, "ann");
    s.set_settings(serde_json::json!({"blind": true})).unwrap();
    assert!(s.events().is_empty());
    s.decide(&d, 0, Action::Keep, context()).unwrap();
    s.set_settings(serde_json::json!({"blind": true})).unwrap();
    s.set_settings(serde_json::json!({"blind": false})).unwrap();
    s.reveal(&d, 0, vec!["raters".into()]).unwrap();
    drop(s);
    let (mut s, _) = open(&d, &disk, "ann");
    s.decide(&d, 1, Action::Keep, context()).unwrap();
    let kinds: Vec<&str> = s.events().iter().map(|e| e.raw()["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["session_start", "decide", "session_start", "reveal", "session_start", "decide"]);
}

#[test]
fn old_logs_merge_as_their_reviewers_meant() {
    let logs = ["r1", "r2", "lead"].map(|n| Log::verify(&data(n)).unwrap());
    let verdicts = |log: &Log| -> BTreeMap<String, Verdict> {
        merge::judge(&log.events).iter().map(|j| (j.item.to_owned(), j.verdict)).collect()
    };
    let expect = |t5| {
        [("t2", Verdict::Agreed), ("t3", Verdict::Single), ("t4", Verdict::Single), ("t5", t5)]
            .map(|(k, v)| (k.to_owned(), v))
            .into()
    };
    let two = merge::union(logs[..2].to_vec()).unwrap();
    assert_eq!(verdicts(&two), expect(Verdict::Conflict));
    let three = merge::union(logs.clone()).unwrap();
    assert_eq!(verdicts(&three), expect(Verdict::Adjudicated));
    let read = Log::parse(&merge::to_bytes(&three)).unwrap();
    assert_eq!(read, three, "a merged log verifies like any log");
    assert_eq!(merge::union([three.clone(), logs[1].clone(), two.clone()]).unwrap(), three);

    let d = sample();
    let applied = merge::apply(&d, two);
    assert_eq!(
        outcomes(&applied.edits),
        [(1, Outcome::Kept(0)), (2, Outcome::Excluded), (3, Outcome::Kept(1))]
    );
    assert_eq!(applied.edits.get(1).unwrap().reviewer, "r1 + r2");
    assert_eq!(applied.conflicts.len(), 1);
    assert_eq!(
        applied.conflicts[0].sides,
        [("r1".into(), "positive".into()), ("r2".into(), "negative".into())]
    );
    let applied = merge::apply(&d, three);
    assert_eq!(applied.edits.get(4).unwrap().outcome, Outcome::Changed(1));
    assert_eq!(applied.edits.get(4).unwrap().reviewer, "lead");
}

#[test]
fn an_adjudication_is_stale_once_an_input_is_superseded() {
    let d = sample();
    let disks = [MemoryStorage::default(), MemoryStorage::default(), MemoryStorage::default()];
    let (mut a, _) = open(&d, &disks[0], "a");
    let (mut b, _) = open(&d, &disks[1], "b");
    let (mut lead, _) = open(&d, &disks[2], "lead");
    a.decide(&d, 4, Action::Relabel(0), context()).unwrap();
    b.decide(&d, 4, Action::Relabel(2), context()).unwrap();
    let inputs = vec![a.events()[1].reference(), b.events()[1].reference()];
    assert!(lead.adjudicate(&d, 4, Action::Relabel(1), vec![], context()).is_err());
    lead.adjudicate(&d, 4, Action::Relabel(1), inputs, context()).unwrap();
    let log = |s: &Session| Log { events: s.events().to_vec(), ..Log::default() };
    let all = merge::union([log(&a), log(&b), log(&lead)]).unwrap();
    assert_eq!(merge::judge(&all.events)[0].verdict, Verdict::Adjudicated);
    b.decide(&d, 4, Action::Relabel(0), context()).unwrap();
    let all = merge::union([log(&a), log(&b), log(&lead)]).unwrap();
    let judged = merge::judge(&all.events);
    assert_eq!((judged[0].verdict, judged[0].stale_adjudications.len()), (Verdict::Agreed, 1));
    assert_eq!(merge::apply(&d, all).edits.get(4).unwrap().outcome, Outcome::Changed(0));
}

#[test]
fn two_copies_of_a_log_that_went_apart_are_refused() {
    let d = sample();
    let logs = [Action::Exclude, Action::Unsure].map(|action| {
        let (mut s, _) = open(&d, &MemoryStorage::default(), "ann");
        s.decide(&d, 0, action, context()).unwrap();
        Log { events: s.events().to_vec(), ..Log::default() }
    });
    let e = merge::union(logs).unwrap_err();
    assert_eq!((e.log_id.as_str(), e.seq), ("log-ann", 1));
}

/// What a reviewer can do, for sequences at random.
#[derive(Debug, Clone)]
enum Step {
    Decide(usize, u8),
    Bulk(Vec<(usize, u8)>),
    Note(usize, u8),
    Amend(u8),
    Undo,
    Redo,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..6usize, 0..8u8).prop_map(|(i, a)| Step::Decide(i, a)),
        1 => prop::collection::vec((0..6usize, 0..8u8), 1..5).prop_map(Step::Bulk),
        1 => (0..6usize, 0..3u8).prop_map(|(i, n)| Step::Note(i, n)),
        1 => (1..=3u8).prop_map(Step::Amend),
        4 => Just(Step::Undo),
        3 => Just(Step::Redo),
        1 => Just(Step::Restart),
    ]
}

fn action(code: u8) -> Action {
    match code {
        0..=2 => Action::Relabel(u32::from(code)),
        3 => Action::Several(vec![0, 2]),
        4 => Action::Exclude,
        5 => Action::Unsure,
        // A third is no number that a decimal writes out.
        6 => Action::Soft(Shares::new([(0, 1.0 / 3.0), (2, 2.0 / 3.0)]).unwrap()),
        _ => Action::Soft(Shares::of_percents(&[(0, 33), (1, 33), (2, 34)]).unwrap()),
    }
}

/// The same as whole pictures of the state, the simplest way to undo.
#[derive(Debug, Clone, Default, PartialEq)]
struct Picture {
    decided: BTreeMap<usize, (u8, Option<u8>)>,
    notes: BTreeMap<usize, String>,
}

#[derive(Default)]
struct Model {
    now: Picture,
    past: Vec<(Picture, Option<Vec<usize>>)>,
    future: Vec<(Picture, Option<Vec<usize>>)>,
}

impl Model {
    fn push(&mut self, what: Option<Vec<usize>>, change: impl FnOnce(&mut Picture)) {
        self.past.push((self.now.clone(), what));
        self.future.clear();
        change(&mut self.now);
    }

    fn travel(
        from: &mut Vec<(Picture, Option<Vec<usize>>)>,
        to: &mut Vec<(Picture, Option<Vec<usize>>)>,
        now: &mut Picture,
    ) {
        if let Some((picture, what)) = from.pop() {
            to.push((std::mem::replace(now, picture), what));
        }
    }
}

fn words_of(code: u8, item: usize) -> &'static str {
    // Majorities of the sample; the tied and the empty item have none.
    let stood = [Some(2), Some(0), Some(0), Some(1), None, None][item];
    match code {
        0..=2 if stood == Some(code) => "kept",
        0..=2 => "changed",
        3 => "several",
        4 => "excluded",
        5 => "unsure",
        _ => "soft_label",
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_equals_the_model_and_the_replay_of_its_events(steps in prop::collection::vec(step(), 1..60)) {
        let d = sample();
        let disk = MemoryStorage::default();
        let (mut s, _) = open(&d, &disk, "ann");
        let mut m = Model::default();
        for step in steps {
            match step {
                Step::Decide(i, code) => {
                    s.decide(&d, i, action(code), context()).unwrap();
                    m.push(Some(vec![i]), |p| { p.decided.insert(i, (code, None)); });
                }
                Step::Bulk(list) => {
                    let decisions: Vec<_> = list.iter().map(|&(i, c)| (i, action(c))).collect();
                    s.bulk_decide(&d, &decisions, context()).unwrap();
                    let items = list.iter().map(|&(i, _)| i).collect();
                    m.push(Some(items), |p| p.decided.extend(list.iter().map(|&(i, c)| (i, (c, None)))));
                }
                Step::Note(i, n) => {
                    let text = ["", "x", "y"][n as usize];
                    s.note(&d, i, text).unwrap();
                    m.push(None, |p| { p.notes.insert(i, text.to_owned()); });
                }
                Step::Amend(c) => {
                    let result = s.amend_last(&d, Some(c), None);
                    let last = m.past.iter().rev().find_map(|(_, what)| what.clone());
                    prop_assert_eq!(result.is_ok(), last.is_some());
                    if let Some(items) = last {
                        m.push(Some(items.clone()), |p| for i in items {
                            if let Some(d) = p.decided.get_mut(&i) { d.1 = Some(c); }
                        });
                    }
                }
                Step::Undo => {
                    prop_assert_eq!(s.undo().unwrap().is_some(), !m.past.is_empty());
                    Model::travel(&mut m.past, &mut m.future, &mut m.now);
                }
                Step::Redo => {
                    prop_assert_eq!(s.redo().unwrap().is_some(), !m.future.is_empty());
                    Model::travel(&mut m.future, &mut m.past, &mut m.now);
                }
                Step::Restart => {
                    drop(s);
                    s = open(&d, &disk, "ann").0;
                }
            }
            let shown: Vec<_> = s.edits().iter()
                .map(|(i, e)| (i, e.outcome.status(), e.confidence, e.note.clone())).collect();
            let meant: Vec<_> = m.now.decided.iter()
                .map(|(&i, &(code, c))| {
                    (i, words_of(code, i), c, m.now.notes.get(&i).cloned().unwrap_or_default())
                })
                .collect();
            prop_assert_eq!(shown, meant);
            prop_assert_eq!(s.counts().decided(), m.now.decided.len());
        }
        let replay = Replay::new(&d, s.events().to_vec());
        let pairs = |e: &Edits| e.iter().map(|(i, e)| (i, e.clone())).collect::<Vec<_>>();
        prop_assert_eq!(pairs(replay.edits()), pairs(s.edits()));
        // One log, taken as a set of one, says the same.
        let live: Vec<_> = merge::live(s.events()).iter().map(|l| l.item.to_owned()).collect();
        prop_assert_eq!(live.len(), s.edits().len());
        let revision = s.edits().revision();
        s.undo().unwrap();
        prop_assert!(s.edits().revision() >= revision, "a revision never comes back");
    }

    #[test]
    fn a_merge_does_not_depend_on_the_order_of_logs(
        work in prop::collection::vec((0..3usize, 0..6usize, 0..8u8, any::<bool>()), 1..40),
        order in Just(vec![0usize, 1, 2]).prop_shuffle(),
    ) {
        let d = sample();
        let names = ["a", "b", "c"];
        let mut sessions: Vec<Session> =
            names.iter().map(|n| open(&d, &MemoryStorage::default(), n).0).collect();
        for (who, item, code, undo) in work {
            sessions[who].decide(&d, item, action(code), context()).unwrap();
            if undo {
                sessions[who].undo().unwrap();
            }
        }
        let logs: Vec<Log> =
            sessions.iter().map(|s| Log { events: s.events().to_vec(), ..Log::default() }).collect();
        let one = merge::union(logs.clone()).unwrap();
        let other = merge::union(order.iter().map(|&i| logs[i].clone()).chain([logs[0].clone()])).unwrap();
        prop_assert_eq!(merge::to_bytes(&one), merge::to_bytes(&other));
        // Each item by hand: alike, alone or in conflict.
        for j in merge::judge(&one.events) {
            let item = d.item_of_key(j.item).unwrap();
            let said: Vec<&Outcome> =
                sessions.iter().filter_map(|s| s.edits().get(item).map(|e| &e.outcome)).collect();
            let alike = said.windows(2).all(|w| {
                let label = |o: &Outcome| match o { Outcome::Kept(l) | Outcome::Changed(l) => Some(*l), _ => None };
                w[0] == w[1] || (label(w[0]).is_some() && label(w[0]) == label(w[1]))
            });
            let meant = match (said.len(), alike) {
                (1, _) => Verdict::Single,
                (_, true) => Verdict::Agreed,
                (_, false) => Verdict::Conflict,
            };
            prop_assert_eq!(j.verdict, meant);
        }
        let applied = merge::apply(&d, one);
        let decided = (0..6).filter(|&i| sessions.iter().any(|s| s.edits().get(i).is_some())).count();
        prop_assert_eq!(applied.edits.len() + applied.conflicts.len(), decided);
        prop_assert!(applied.stale.is_empty());
    }
}

#[test]
fn a_log_of_ten_thousand_decisions_reopens_fast_and_in_the_same_state() {
    let labels: Vec<&[u32]> =
        (0..10_000).map(|i| if i % 3 == 0 { &[0, 0, 1][..] } else { &[1, 2, 2][..] }).collect();
    let d = votes(&labels);
    let disk = MemoryStorage::default();
    let (mut s, _) = open(&d, &disk, "ann");
    let begun = std::time::Instant::now();
    for i in 0..10_000 {
        s.decide(&d, i, action((i % 6) as u8), context()).unwrap();
    }
    let decided = begun.elapsed();
    let edits = s.edits().clone();
    s.close().unwrap();
    let begun = std::time::Instant::now();
    let (again, _) = open(&d, &disk, "ann");
    let reopened = begun.elapsed();
    eprintln!(
        "10,000 decisions: made in {decided:?}, reopened in {reopened:?}, {} bytes, {} syncs",
        disk.bytes().len(),
        disk.syncs()
    );
    assert!(again.edits().iter().eq(edits.iter()));
    assert!(reopened < std::time::Duration::from_secs(10), "{reopened:?}");
}

#[test]
fn a_text_that_only_looks_like_a_log_panics_nowhere() {
    let line = std::fs::read_to_string(data("r1")).unwrap();
    for text in ["", "\n", "\n\n", "{}\n{}\n", "[1]\n", "null", &line.replace('\n', "\r\n"), &line.repeat(2)]
    {
        match Log::parse(text.as_bytes()) {
            Ok(log) => assert!(log.events.len() <= 8),
            Err((line, _)) => assert!(line >= 1),
        }
    }
    assert_eq!(
        Log::parse(line.replace('\n', "\r\n").as_bytes()).unwrap().events.len(),
        8,
        "Windows line ends are harmless"
    );
    assert!(matches!(Log::parse(line.as_bytes()).unwrap().events[0].body(), Body::SessionStart(_)));
}

#[test]
fn decisions_about_spans_are_kept_apart_and_never_applied_to_the_item() {
    let d = sample();
    let (mut s, _) = open(&d, &MemoryStorage::default(), "ann");
    s.decide(&d, 0, Action::Exclude, context()).unwrap();
    let Body::Decide(whole) = s.events()[1].body().clone() else { panic!("a decision") };
    let mut events = s.events().to_vec();
    for start in [0, 5] {
        let mut head = events.last().unwrap().head().clone();
        head.seq += 1;
        events.last().unwrap().hash().clone_into(&mut head.prev);
        let target = Some(serde_json::json!({"start": start, "end": start + 3, "label": "PER"}));
        let body = Body::Decide(Decide { target, ..whole.clone() });
        events.push(Event::seal(&head, &body).unwrap());
    }
    assert_eq!(merge::judge(&events).len(), 3);
    let log = Log { events, ..Log::default() };
    let applied = merge::apply(&d, Log::parse(&merge::to_bytes(&log)).unwrap());
    assert_eq!((applied.edits.len(), applied.stale.len()), (1, 2));
}
