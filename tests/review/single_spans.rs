//! Decisions about single spans in the log: replayed, taken back, merged, settled.

use std::path::Path;

use dissensus::dataset::{Dataset, Edits, Placed, current_spans};
use dissensus::formats::{LoadOptions, Overrides, open};
use dissensus::progress::Progress;
use dissensus::review::event::{After, Body, Context, Event, Verb};
use dissensus::review::merge::{self, Verdict};
use dissensus::review::replay::{Replay, Standing};
use dissensus::review::reviewers::Reviewers;
use dissensus::review::{Action, Log, MemoryStorage, Options, ReviewError, Session, SpanAction};

use proptest::prelude::*;

const TEXT: &str =
    "{\"id\":1,\"text\":\"Ada met 😊 Bo.\",\"label\":[[0,3,\"PER\"],[11,13,\"LOC\"]],\"Comments\":[]}\n";

fn dataset() -> Dataset {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.jsonl");
    std::fs::write(&path, TEXT).unwrap();
    open(&path, &Overrides::default(), &LoadOptions::default(), &Progress::new()).unwrap()
}

fn session(d: &Dataset, disk: &MemoryStorage, who: &str) -> Session {
    let options =
        Options { log_id: Some(format!("log-{who}")), ..Options::new(who, serde_json::Value::Null) };
    Session::open(d, Box::new(disk.clone()), Path::new("a.jsonl"), options).unwrap().0
}

fn place(d: &Dataset, start: u32, end: u32, label: &str) -> Placed {
    Placed { start, end, label: d.labels.id(label).unwrap() }
}

fn spans(d: &Dataset, edits: &Edits) -> Vec<String> {
    let words = |p: Placed| format!("{} {}-{}", d.labels.name(p.label), p.start, p.end);
    current_spans(d, edits, 0).iter().map(|s| words(s.now)).collect()
}

fn set(s: &mut Session, d: &Dataset, item: u32, to: (u32, u32, &str)) -> Result<u64, ReviewError> {
    let action = SpanAction::Set { id: d.span_of(item).unwrap(), to: place(d, to.0, to.1, to.2) };
    s.decide_span(d, action, Context::default())
}

fn add(s: &mut Session, d: &Dataset, to: (u32, u32, &str)) -> Result<u64, ReviewError> {
    let action = SpanAction::Add { document: 0, place: place(d, to.0, to.1, to.2) };
    s.decide_span(d, action, Context::default())
}

/// A log of one: what `decide` says.
fn log(d: &Dataset, who: &str, decide: impl FnOnce(&mut Session)) -> Log {
    let disk = MemoryStorage::new(b"");
    let mut s = session(d, &disk, who);
    decide(&mut s);
    Log { events: s.events().to_vec(), ..Log::default() }
}

#[test]
fn every_kind_is_an_event_that_names_its_span_and_is_taken_back_by_one_undo() {
    let d = dataset();
    assert_eq!(spans(&d, &Edits::new()), ["PER 0-3", "LOC 10-12"], "code points, whatever the file counts");
    let disk = MemoryStorage::new(b"");
    let mut s = session(&d, &disk, "ann");
    set(&mut s, &d, 0, (0, 7, "PER")).unwrap();
    set(&mut s, &d, 0, (0, 7, "LOC")).unwrap();
    add(&mut s, &d, (8, 9, "LOC")).unwrap();
    s.decide_span(&d, SpanAction::Remove(d.span_of(1).unwrap()), Context::default()).unwrap();
    assert_eq!(spans(&d, s.edits()), ["LOC 0-7", "LOC 8-9"]);
    let verbs: Vec<Verb> = s.events().iter().flat_map(Event::rulings).filter_map(|r| r.verb).collect();
    assert_eq!(verbs, [Verb::MoveSpan, Verb::Relabel, Verb::AddSpan, Verb::RemoveSpan]);
    let Body::Decide(moved) = s.events()[1].body() else { panic!("a decision") };
    assert_eq!(moved.field, d.field());
    assert_eq!(moved.target, Some(serde_json::json!({"start": 0, "end": 3, "label": "PER", "rater": null})));
    assert_eq!(moved.after, Some(After::Span { start: 0, end: 7, value: "PER".into() }));

    // What the log says is what reopening gives, and each step back is one.
    let replayed = Replay::new(&d, s.events().to_vec());
    assert_eq!(replayed.edits(), s.edits());
    assert_eq!((replayed.standing(1), replayed.standing(2)), (Standing::Superseded, Standing::Live));
    let mut stood = Vec::new();
    while let Some(undone) = s.undo().unwrap() {
        assert!(undone.is_span);
        stood.push(spans(&d, s.edits()).join(", "));
    }
    assert_eq!(
        stood,
        ["LOC 0-7, LOC 8-9, LOC 10-12", "LOC 0-7, LOC 10-12", "PER 0-7, LOC 10-12", "PER 0-3, LOC 10-12",]
    );
    while s.redo().unwrap().is_some() {}
    assert_eq!(spans(&d, s.edits()), ["LOC 0-7", "LOC 8-9"]);
    assert_eq!(s.edits().len(), 0, "no item is decided by it");
    s.amend_last(&d, Some(3), None).unwrap();
    assert_eq!(spans(&d, s.edits()), ["LOC 0-7", "LOC 8-9"]);
    assert_eq!(Replay::new(&d, s.events().to_vec()).edits(), s.edits());
    s.close().unwrap();
    let reopened = session(&d, &disk, "ann");
    assert_eq!(spans(&d, reopened.edits()), ["LOC 0-7", "LOC 8-9"]);
}

#[test]
fn what_cannot_be_is_refused_and_nothing_is_written() {
    let d = dataset();
    let mut s = session(&d, &MemoryStorage::new(b""), "ann");
    assert!(matches!(set(&mut s, &d, 0, (0, 3, "PER")), Err(ReviewError::SpanAsItWas)));
    assert!(matches!(set(&mut s, &d, 0, (3, 3, "PER")), Err(ReviewError::OutsideText)));
    assert!(matches!(set(&mut s, &d, 0, (0, 14, "PER")), Err(ReviewError::OutsideText)));
    assert!(matches!(set(&mut s, &d, 0, (10, 12, "LOC")), Err(ReviewError::SpanIsThere)));
    assert!(matches!(add(&mut s, &d, (0, 3, "PER")), Err(ReviewError::SpanIsThere)));
    assert!(matches!(add(&mut s, &d, (0, 3, dissensus::dataset::NOTHING)), Err(ReviewError::NoSuchLabel(_))));
    assert!(s.events().is_empty());
    // Removed and put back: it is the same span again.
    let ada = d.span_of(0).unwrap();
    s.decide_span(&d, SpanAction::Remove(ada), Context::default()).unwrap();
    let again = s.decide_span(&d, SpanAction::Remove(ada), Context::default());
    assert!(matches!(again, Err(ReviewError::NoSuchSpan)));
    add(&mut s, &d, (0, 3, "PER")).unwrap();
    assert_eq!(s.edits().spans().count(), 1);
    assert_eq!(spans(&d, s.edits()), ["PER 0-3", "LOC 10-12"]);
}

#[test]
fn whole_items_and_their_spans_are_decided_side_by_side() {
    let d = dataset();
    let mut s = session(&d, &MemoryStorage::new(b""), "ann");
    set(&mut s, &d, 0, (0, 7, "LOC")).unwrap();
    s.decide(&d, 0, Action::Keep, Context::default()).unwrap();
    assert_eq!(spans(&d, s.edits())[0], "LOC 0-7", "keeping the item takes nothing back");
    s.decide(&d, 0, Action::Relabel(d.labels.id("PER").unwrap()), Context::default()).unwrap();
    s.decide(&d, 1, Action::Relabel(d.labels.id("PER").unwrap()), Context::default()).unwrap();
    assert_eq!(spans(&d, s.edits()), ["LOC 0-7", "PER 10-12"], "the given label is kept");
    assert_eq!(Replay::new(&d, s.events().to_vec()).edits(), s.edits());
}

#[test]
fn decisions_of_two_reviewers_are_laid_together_and_contradictions_wait_and_are_settled() {
    let d = dataset();
    let ann = log(&d, "ann", |s| {
        set(s, &d, 0, (0, 7, "PER")).unwrap();
        set(s, &d, 1, (10, 13, "LOC")).unwrap();
        add(s, &d, (4, 7, "LOC")).unwrap();
    });
    let ben = log(&d, "ben", |s| {
        set(s, &d, 0, (0, 7, "PER")).unwrap();
        s.decide_span(&d, SpanAction::Remove(d.span_of(1).unwrap()), Context::default()).unwrap();
        s.decide(&d, 1, Action::Keep, Context::default()).unwrap();
    });
    let union = merge::union([ann.clone(), ben.clone()]).unwrap();
    let other_way = merge::union([ben.clone(), ann.clone()]).unwrap();
    assert_eq!(merge::to_bytes(&union), merge::to_bytes(&other_way));
    let applied = merge::apply(&d, union.clone());
    assert!(applied.stale.is_empty(), "{:?}", applied.stale);
    // Nothing is lost: alike, by one alone, and in conflict.
    assert_eq!(spans(&d, &applied.edits), ["PER 0-7", "LOC 4-7", "LOC 10-12"]);
    let [conflict] = &applied.conflicts[..] else { panic!("{:?}", applied.conflicts) };
    assert_eq!(conflict.key, "1:10-12");
    let said: Vec<&str> = conflict.sides.iter().map(|s| s.1.as_str()).collect();
    assert_eq!(said, ["LOC 10–12 → LOC 10–13", "LOC 10–12 → removed"]);
    let found = Reviewers::new(&union.events, Some(&d));
    let cases: Vec<(bool, Verdict)> = found.cases.iter().map(|c| (c.is_span, c.verdict)).collect();
    assert_eq!(cases.iter().filter(|c| **c == (true, Verdict::Conflict)).count(), 1);
    assert_eq!(cases.len(), 4, "the item that Ben kept stands apart");

    // Ann's decision is right.
    let case = found.of(Verdict::Conflict).next().unwrap();
    let inputs: Vec<_> = case.sides.iter().map(|s| s.event.clone()).collect();
    let lead = log(&d, "lead", |s| {
        s.adjudicate_span(&d, 1, &ann.events[2], inputs, Context::default()).unwrap();
        assert_eq!(spans(&d, s.edits()), ["PER 0-3", "LOC 10-13"]);
    });
    let all = merge::union([ann, ben, lead]).unwrap();
    let applied = merge::apply(&d, all.clone());
    assert!(applied.conflicts.is_empty() && applied.stale.is_empty());
    assert_eq!(spans(&d, &applied.edits), ["PER 0-7", "LOC 4-7", "LOC 10-13"]);
    assert_eq!(Reviewers::new(&all.events, Some(&d)).counts.adjudicated, 1);
}

#[test]
fn on_other_data_they_are_listed_and_not_applied() {
    let d = dataset();
    let ann = log(&d, "ann", |s| {
        set(s, &d, 0, (0, 7, "PER")).unwrap();
        add(s, &d, (4, 7, "LOC")).unwrap();
    });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.jsonl");
    let changed = |from: &str, to: &str| {
        std::fs::write(&path, TEXT.replace(from, to)).unwrap();
        let d = open(&path, &Overrides::default(), &LoadOptions::default(), &Progress::new()).unwrap();
        let replayed = Replay::new(&d, ann.events.clone());
        let stale: Vec<String> = replayed.stale().map(|s| s.reason.to_string()).collect();
        (spans(&d, replayed.edits()), stale)
    };
    let (stand, stale) = changed("[0,3,\"PER\"]", "[0,3,\"LOC\"]");
    assert!(
        stale[0].contains("the given label was “PER” and is “LOC” now") || stale[0].contains("no label"),
        "{stale:?}"
    );
    assert_eq!(stand[0], "LOC 0-3");
    let (_, stale) = changed("[0,3,\"PER\"]", "[0,2,\"PER\"]");
    assert_eq!(stale, ["the data has no such item", "the data has no such item"]);
    let (stand, stale) = changed(
        "Ada met 😊 Bo.\",\"label\":[[0,3,\"PER\"],[11,13,\"LOC\"]]",
        "Ada me\",\"label\":[[0,3,\"PER\"],[4,5,\"LOC\"]]",
    );
    assert_eq!(stale.len(), 2, "{stale:?}");
    assert!(stale.iter().all(|s| s.contains("no span at characters")), "{stale:?}");
    assert_eq!(stand, ["PER 0-3", "LOC 4-5"]);
}

#[test]
fn the_command_line_exports_shows_and_tells_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.jsonl");
    std::fs::write(&path, TEXT).unwrap();
    let d = open(&path, &Overrides::default(), &LoadOptions::default(), &Progress::new()).unwrap();
    let log = dissensus::review::place::beside(&path, "ann");
    let (mut s, _) = Session::open_file(&d, &log, Options::new("ann", serde_json::Value::Null)).unwrap();
    set(&mut s, &d, 0, (0, 7, "PER")).unwrap();
    s.decide_span(&d, SpanAction::Remove(d.span_of(1).unwrap()), Context::default()).unwrap();
    add(&mut s, &d, (8, 9, "LOC")).unwrap();
    s.close().unwrap();
    let run = |args: &[&std::ffi::OsStr]| {
        let out = std::process::Command::new(env!("CARGO_BIN_EXE_dissensus")).args(args).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap() + &String::from_utf8(out.stderr).unwrap()
    };
    let (clean, methods) = (folder.path().join("clean.jsonl"), folder.path().join("m.txt"));
    let told = run(&[
        "export".as_ref(),
        path.as_ref(),
        "--log".as_ref(),
        log.as_ref(),
        "--out".as_ref(),
        clean.as_ref(),
        "--methods".as_ref(),
        methods.as_ref(),
    ]);
    assert!(told.contains("3 spans decided one by one: 1 moved, 1 added, 1 removed"), "{told}");
    // The file counts UTF-16 units.
    let expected = TEXT.replace("[0,3,\"PER\"],[11,13,\"LOC\"]", "[0,7,\"PER\"],[8,10,\"LOC\"]");
    assert_eq!(std::fs::read_to_string(&clean).unwrap(), expected);
    let methods = std::fs::read_to_string(&methods).unwrap();
    let sentence = "3 spans were decided on singly: 1 moved, 1 added and 1 removed.";
    assert!(methods.contains(sentence), "{methods}");
    assert!(run(&["log".as_ref(), "verify".as_ref(), log.as_ref()]).contains("ann"));
    let shown = run(&["log".as_ref(), "show".as_ref(), log.as_ref()]);
    assert!(shown.contains("PER 0–3 → PER 0–7") && shown.contains("LOC 10–12 → removed"), "{shown}");
    let csv = run(&["log".as_ref(), "show".as_ref(), log.as_ref(), "--format".as_ref(), "csv".as_ref()]);
    assert!(csv.lines().next().unwrap().ends_with(",app,span"), "{csv}");
    assert!(csv.lines().any(|l| l.ends_with(",PER 0–3") && l.contains(",move_span,")), "{csv}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_done_a_replay_gives_the_same_and_undo_leads_back(
        steps in prop::collection::vec((0..6u8, 0..14u32, 0..15u32, 0..4u32), 0..24),
    ) {
        let d = dataset();
        let source = spans(&d, &Edits::new());
        let mut s = session(&d, &MemoryStorage::new(b""), "ann");
        for (what, start, end, label) in steps {
            let stand = current_spans(&d, s.edits(), 0);
            let span = stand.get(start as usize % stand.len().max(1)).copied();
            let to = Placed { start, end, label };
            let done = match (what, span) {
                (0 | 1, Some(span)) => {
                    s.decide_span(&d, SpanAction::Set { id: span.id, to }, Context::default()).map(drop)
                }
                (2, Some(span)) => {
                    s.decide_span(&d, SpanAction::Remove(span.id), Context::default()).map(drop)
                }
                (3, _) => s.decide_span(&d, SpanAction::Add { document: 0, place: to }, Context::default()).map(drop),
                (4, _) => s.undo().map(drop),
                _ => s.decide(&d, start as usize % 2, Action::Relabel(label % 3), Context::default()).map(drop),
            };
            // What is refused leaves no trace.
            let replayed = Replay::new(&d, s.events().to_vec());
            prop_assert_eq!(replayed.edits(), s.edits());
            prop_assert_eq!(replayed.stale().count(), 0, "{:?}", done);
        }
        while s.undo().unwrap().is_some() {}
        prop_assert_eq!(spans(&d, s.edits()), source);
    }
}
