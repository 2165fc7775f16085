//! Several reviewers of one dataset: merged in any order, adjudicated, exported, killed in the middle of writing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use dissensus::dataset::Dataset;
use dissensus::formats::{LoadOptions, Overrides, open};
use dissensus::progress::Progress;
use dissensus::review::event::Context;
use dissensus::review::merge::{self, Verdict};
use dissensus::review::reviewers::Reviewers;
use dissensus::review::{Action, Log, MemoryStorage, Options, Session, place};
use proptest::prelude::*;

const LABELS: [&str; 3] = ["negative", "neutral", "positive"];

/// A table of `n` items with a given label each.
fn table(folder: &Path, n: usize) -> PathBuf {
    let path = folder.join("reviews.csv");
    let mut csv = String::from("item,text,given\n");
    for i in 0..n {
        csv.push_str(&format!("t{i},\"text {i}, with a comma\",{}\n", LABELS[i % 3]));
    }
    std::fs::write(&path, csv).unwrap();
    path
}

fn load(path: &Path) -> Dataset {
    let overrides = Overrides::parse(&["item=item", "text=text", "given=given"].map(str::to_owned)).unwrap();
    open(path, &overrides, &LoadOptions::default(), &Progress::new()).unwrap()
}

fn session(dataset: &Dataset, reviewer: &str) -> (Session, PathBuf) {
    let path = place::beside(&dataset.source.table.path, reviewer);
    let options = Options::new(reviewer, serde_json::Value::Null);
    (Session::open_file(dataset, &path, options).unwrap().0, path)
}

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dissensus")).args(args).output().unwrap()
}

fn ok(args: &[&str]) -> String {
    let out = run(args);
    assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap() + &String::from_utf8(out.stderr).unwrap()
}

fn words(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn two_reviewers_with_forty_conflicts_are_adjudicated_and_merge_to_the_same_bytes_either_way() {
    let folder = tempfile::tempdir().unwrap();
    let source = table(folder.path(), 340);
    let d = load(&source);
    // Both decide 300 items, 40 of them differently; Ben alone another 20.
    let ((mut ann, a), (mut ben, b)) = (session(&d, "ann"), session(&d, "ben"));
    let mut seqs = Vec::new();
    for i in 0..300 {
        let right = (i % 3) as u32;
        let other = (right + 1) % 3;
        let first = if i % 5 == 0 { other } else { right };
        let ours = ann.decide(&d, i, Action::Relabel(first), Context::default()).unwrap();
        let theirs = if i < 40 { (first + 1) % 3 } else { first };
        let seq = ben.decide(&d, i, Action::Relabel(theirs), Context::default()).unwrap();
        seqs.push((ours, seq));
    }
    for i in 300..320 {
        ben.decide(&d, i, Action::Exclude, Context::default()).unwrap();
    }
    let first =
        ok(&["log", "merge", words(&a), words(&b), "--out", words(&folder.path().join("before.jsonl"))]);
    assert!(first.contains("260 agreed, 20 single, 40 in conflict, 0 adjudicated"), "{first}");
    assert!(first.contains("300 items decided by several"), "{first}");
    // 260 of 300 alike.
    assert!(first.contains("on 300 items that several decided: observed 0.867"), "{first}");
    assert!(first.contains("Cohen's kappa 0.") && first.contains("Krippendorff's alpha 0."), "{first}");

    // A third settles all but five of them; Ben then changes his mind about two that were settled.
    let (mut lead, c) = session(&d, "lead");
    for i in 0..35 {
        let inputs =
            vec![ann.events()[seqs[i].0 as usize].reference(), ben.events()[seqs[i].1 as usize].reference()];
        lead.adjudicate(&d, i, Action::Relabel(((i + 2) % 3) as u32), inputs, Context::default()).unwrap();
    }
    for i in [3, 4] {
        ben.decide(&d, i, Action::NoneOfLabels, Context::default()).unwrap();
    }
    for s in [ann, ben, lead] {
        s.close().unwrap();
    }
    let all: Vec<Log> = [&a, &b, &c].iter().map(|p| Log::verify(p).unwrap()).collect();
    let union = merge::union(all).unwrap();
    let found = Reviewers::new(&union.events, Some(&d));
    assert_eq!((found.counts.conflicts, found.counts.adjudicated, found.counts.stale), (7, 33, 2));
    assert_eq!((found.counts.agreed, found.counts.single, found.counts.several), (260, 20, 300));
    assert!(found.stale.is_empty());

    let mut outs = Vec::new();
    for (name, order) in [("one", [&a, &b, &c]), ("two", [&c, &b, &a])] {
        let (log, clean) =
            (folder.path().join(format!("{name}.jsonl")), folder.path().join(format!("{name}.csv")));
        let [x, y, z] = order.map(|p| words(p));
        ok(&["log", "merge", x, y, z, "--out", words(&log)]);
        let said =
            ok(&["export", words(&source), "--log", x, "--log", y, "--log", z, "--out", words(&clean)]);
        assert!(said.contains("conflict, not applied: t3 "), "{said}");
        // The merged log says the same as its parts.
        let again = folder.path().join(format!("{name}.again.csv"));
        ok(&["export", words(&source), "--log", words(&log), "--out", words(&again)]);
        let bytes = [&log, &clean, &again].map(|p| std::fs::read(p).unwrap());
        assert_eq!(bytes[1], bytes[2]);
        outs.push(bytes);
    }
    assert!(outs[0] == outs[1], "the order of the logs changes no byte");
    assert_eq!(outs[0][0], merge::to_bytes(&union));
    let clean = String::from_utf8(outs[0][1].clone()).unwrap();
    let given = |key: &str| {
        let line = clean.lines().find(|l| l.starts_with(&format!("{key},")));
        line.map(|l| l.rsplit(',').next().unwrap().to_owned())
    };
    assert_eq!(given("t0").as_deref(), Some("positive"), "as adjudicated");
    assert_eq!(given("t3").as_deref(), Some("negative"), "stale: as given");
    assert_eq!(given("t36").as_deref(), Some("negative"), "nobody settled it: as given");
    assert_eq!(given("t305"), None, "excluded");
    assert_eq!(given("t330").as_deref(), Some("negative"), "nobody decided it");
}

#[test]
fn who_decided_may_adjudicate_too() {
    let folder = tempfile::tempdir().unwrap();
    let d = load(&table(folder.path(), 6));
    let open = |name: &str| {
        let options = Options::new(name, serde_json::Value::Null);
        Session::open(&d, Box::new(MemoryStorage::default()), Path::new(name), options).unwrap().0
    };
    let (mut ann, mut ben) = (open("ann"), open("ben"));
    ann.decide(&d, 0, Action::Relabel(0), Context::default()).unwrap();
    ben.decide(&d, 0, Action::Relabel(1), Context::default()).unwrap();
    let inputs = vec![ann.events()[1].reference(), ben.events()[1].reference()];
    ann.adjudicate(&d, 0, Action::Relabel(2), inputs.clone(), Context::default()).unwrap();
    let judged = |ann: &Session, ben: &Session| {
        let events = [ann.events(), ben.events()].concat();
        Reviewers::new(&events, Some(&d)).cases.remove(0)
    };
    let case = judged(&ann, &ben);
    assert_eq!((case.verdict, case.sides.len(), case.settled.len()), (Verdict::Adjudicated, 2, 1));
    // How sure it was is added to it, and taken back alone.
    ann.amend_last(&d, Some(3), None).unwrap();
    let case = judged(&ann, &ben);
    assert_eq!(
        (case.verdict, case.settled[0].confidence, case.sides.len()),
        (Verdict::Adjudicated, Some(3), 2)
    );
    assert_eq!(ann.edits().get(0).unwrap().confidence, Some(3));
    ann.undo().unwrap();
    assert_eq!(judged(&ann, &ben).settled[0].confidence, None);
    // Without the adjudication the own decision stands again.
    ann.undo().unwrap();
    let case = judged(&ann, &ben);
    assert_eq!((case.verdict, case.sides.len(), case.settled.len()), (Verdict::Conflict, 2, 0));
    ann.redo().unwrap();
    assert_eq!(judged(&ann, &ben).verdict, Verdict::Adjudicated);
    // A new decision of one's own takes the adjudication's place.
    ann.decide(&d, 0, Action::Relabel(1), Context::default()).unwrap();
    let case = judged(&ann, &ben);
    assert_eq!((case.verdict, case.settled.len(), case.stale.len()), (Verdict::Agreed, 0, 0));
}

#[derive(Debug, Clone)]
enum Step {
    Decide(usize, usize, u32),
    Undo(usize),
    Adjudicate(usize, usize, u32),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..3usize, 0..6usize, 0..3u32).prop_map(|(w, i, l)| Step::Decide(w, i, l)),
        1 => (0..3usize).prop_map(Step::Undo),
        2 => (0..3usize, 0..6usize, 0..3u32).prop_map(|(w, i, l)| Step::Adjudicate(w, i, l)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    /// Any logs, in any order and any grouping, any of them twice: one file, and every line of every log is in it.
    #[test]
    fn a_merge_never_loses_a_decision(
        steps in prop::collection::vec(step(), 1..40),
        order in Just(vec![0usize, 1, 2]).prop_shuffle(),
        subset in prop::collection::vec(any::<bool>(), 3),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let d = load(&table(folder.path(), 6));
        let mut sessions: Vec<Session> = ["a", "b", "c"].iter().map(|name| {
            let options = Options { log_id: Some((*name).to_owned()), ..Options::new(name, serde_json::Value::Null) };
            Session::open(&d, Box::new(MemoryStorage::default()), Path::new(name), options).unwrap().0
        }).collect();
        for step in steps {
            match step {
                Step::Decide(who, item, label) => {
                    sessions[who].decide(&d, item, Action::Relabel(label), Context::default()).unwrap();
                }
                Step::Undo(who) => drop(sessions[who].undo().unwrap()),
                Step::Adjudicate(who, item, label) => {
                    let events: Vec<_> = sessions.iter().flat_map(|s| s.events().to_vec()).collect();
                    let key = format!("t{item}");
                    let found = Reviewers::new(&events, Some(&d));
                    let inputs = found.cases.iter().find(|c| c.key == key)
                        .map_or_else(Vec::new, |c| c.sides.iter().map(|s| s.event.clone()).collect());
                    if !inputs.is_empty() {
                        sessions[who].adjudicate(&d, item, Action::Relabel(label), inputs, Context::default()).unwrap();
                    }
                }
            }
        }
        let logs: Vec<Log> = sessions.iter().map(|s| Log { events: s.events().to_vec(), ..Log::default() }).collect();
        let some: Vec<Log> = (0..3).filter(|&i| subset[i]).map(|i| logs[i].clone()).collect();
        let whole = merge::union(logs.clone()).unwrap();
        // Commutative.
        let shuffled = merge::union(order.iter().map(|&i| logs[i].clone())).unwrap();
        prop_assert_eq!(&shuffled, &whole);
        // Idempotent, and any subset on top changes nothing.
        let twice = merge::union([whole.clone(), whole.clone()].into_iter().chain(some.clone())).unwrap();
        prop_assert_eq!(&twice, &whole);
        // Associative.
        let left = merge::union([merge::union([logs[0].clone(), logs[1].clone()]).unwrap(), logs[2].clone()]).unwrap();
        let right = merge::union([logs[0].clone(), merge::union([logs[1].clone(), logs[2].clone()]).unwrap()]).unwrap();
        prop_assert_eq!(&left, &right);
        // Nothing is lost, as lines of the file.
        let bytes = merge::to_bytes(&whole);
        let lines: BTreeSet<&[u8]> = bytes.split_inclusive(|&b| b == b'\n').collect();
        prop_assert_eq!(lines.len(), logs.iter().map(|l| l.events.len()).sum::<usize>());
        for event in logs.iter().flat_map(|l| &l.events) {
            prop_assert!(lines.contains(event.line().as_bytes()));
        }
        // And every item that somebody decided has a verdict, the same in any order of the logs.
        let found = Reviewers::new(&whole.events, Some(&d));
        let applied = merge::apply(&d, whole.clone());
        prop_assert_eq!(applied.conflicts.len(), found.counts.conflicts);
        prop_assert_eq!(applied.edits.len() + applied.conflicts.len(), found.cases.len());
        for (item, key) in d.keys.iter().enumerate() {
            let decided = sessions.iter().any(|s| s.edits().get(item).is_some());
            let case = found.cases.iter().find(|c| c.key == key);
            // A stale adjudication alone gives no verdict: what it was between is there, or was taken back.
            prop_assert!(case.is_none() || decided, "{}", key);
            if decided && case.is_none() {
                prop_assert!(merge::live(&whole.events).iter().filter(|l| l.item == key).all(|l| l.adjudication().is_some()));
            }
        }
    }
}

/// Kills `command` with SIGKILL when `when` says so; whether it was killed before its end.
fn killed(mut command: Command, mut when: impl FnMut() -> bool) -> bool {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let since = Instant::now();
    loop {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        if when() || since.elapsed() > Duration::from_mins(1) {
            child.kill().unwrap();
            child.wait().unwrap();
            return true;
        }
        std::thread::sleep(Duration::from_micros(300));
    }
}

/// Bytes of what is being written beside `out`.
fn being_written(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).unwrap().flatten();
    files
        .filter(|f| f.file_name().to_string_lossy().starts_with('.'))
        .filter_map(|f| Some(f.metadata().ok()?.len()))
        .max()
        .unwrap_or(0)
}

/// Kills `args` (which write to `out`) again and again, the more bytes are written the later, and looks each time: the old
/// file or the new one. How often it was in the middle of writing.
fn kill_again_and_again(args: &[&str], out: &Path, old: Option<&[u8]>, new: &[u8]) -> usize {
    let folder = out.parent().unwrap();
    let command = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dissensus"));
        command.args(args);
        command
    };
    let mut in_the_middle = 0;
    for round in 0..10_u64 {
        std::fs::read_dir(folder)
            .unwrap()
            .flatten()
            .filter(|f| f.file_name().to_string_lossy().starts_with('.'))
            .for_each(|f| std::fs::remove_file(f.path()).unwrap());
        match old {
            Some(bytes) => std::fs::write(out, bytes).unwrap(),
            None => drop(std::fs::remove_file(out)),
        }
        let enough = 1 + new.len() as u64 * round / 11;
        let was_killed = killed(command(), || being_written(folder) >= enough);
        let left = being_written(folder);
        let found = std::fs::read(out).ok();
        let is_old = found.as_deref() == old;
        let is_new = found.as_deref() == Some(new);
        assert!(is_old || is_new, "round {round}: {} bytes", found.map_or(0, |f| f.len()));
        if was_killed && is_old && left > 0 && left < new.len() as u64 {
            in_the_middle += 1;
        }
    }
    // And left alone it comes to its end, whatever the killed ones left behind.
    assert!(command().output().unwrap().status.success());
    assert!(std::fs::read(out).unwrap() == new);
    in_the_middle
}

#[test]
fn a_merge_that_is_killed_leaves_the_old_file_or_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let d = load(&table(folder.path(), 1500));
    let mut paths = Vec::new();
    for (name, n) in [("ann", 1500), ("ben", 1500)] {
        let (mut s, path) = session(&d, name);
        for i in 0..n {
            s.decide(&d, i, Action::Relabel((i % 3) as u32), Context::default()).unwrap();
        }
        s.close().unwrap();
        paths.push(path);
    }
    // In a folder of its own, so that what is half written can be seen.
    let target = tempfile::tempdir().unwrap();
    let out = target.path().join("merged.jsonl");
    let args = ["log", "merge", words(&paths[0]), words(&paths[1]), "--out", words(&out)];
    ok(&args);
    let new = std::fs::read(&out).unwrap();
    assert!(new.len() > 1_000_000);
    // The old file is an earlier merge: whole, and shorter.
    ok(&["log", "merge", words(&paths[0]), "--out", words(&target.path().join("old.jsonl"))]);
    let old = std::fs::read(target.path().join("old.jsonl")).unwrap();
    let hits = kill_again_and_again(&args, &out, Some(&old), &new);
    assert!(hits >= 3, "{hits} rounds were in the middle of writing");
    assert!(Log::verify(&out).is_ok());
    for (path, n) in paths.iter().zip([1500, 1500]) {
        assert_eq!(merge::live(&Log::verify(path).unwrap().events).len(), n, "the logs themselves are whole");
    }
}

#[test]
fn an_export_that_is_killed_leaves_the_old_file_or_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let source = table(folder.path(), 120_000);
    let before = std::fs::read(&source).unwrap();
    let d = load(&source);
    let ((mut ann, a), (mut ben, b)) = (session(&d, "ann"), session(&d, "ben"));
    let all =
        |l: u32| -> Vec<_> { (0..60).map(|i| (i * 1999, Action::Relabel((i as u32 + l) % 3))).collect() };
    ann.bulk_decide(&d, &all(1), Context::default()).unwrap();
    ben.bulk_decide(&d, &all(1), Context::default()).unwrap();
    ann.close().unwrap();
    ben.close().unwrap();
    let target = tempfile::tempdir().unwrap();
    let out = target.path().join("clean.csv");
    let args = ["export", words(&source), "--log", words(&a), "--log", words(&b), "--out", words(&out)];
    ok(&args);
    let new = std::fs::read(&out).unwrap();
    assert!(new.len() > 3_000_000 && new != before);
    let hits = kill_again_and_again(&args, &out, Some(b"item,given\nold,file\n"), &new);
    assert!(hits >= 3, "{hits} rounds were in the middle of writing");
    let hits = kill_again_and_again(&args, &out, None, &new);
    assert!(hits >= 3, "{hits} rounds were in the middle of writing, with no file there before");
    assert_eq!(std::fs::read(&source).unwrap(), before, "the source is never touched");
}

#[test]
fn sheets_go_back_to_raters() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("votes.csv");
    let mut csv = String::from("item,text,rater,label\n");
    for i in 0..12 {
        for rater in ["Ana", "Ben", "<Chi>"] {
            let label = if rater == "Ben" && i % 4 == 0 { "bad" } else { "good" };
            csv.push_str(&format!("t{i},\"a <b>text</b> {i}\",{rater},{label}\n"));
        }
    }
    std::fs::write(&source, csv).unwrap();
    let overrides =
        Overrides::parse(&["item=item", "text=text", "rater=rater", "label=label"].map(str::to_owned))
            .unwrap();
    let d = open(&source, &overrides, &LoadOptions::default(), &Progress::new()).unwrap();
    let good = d.labels.id("good").unwrap();
    let (mut lead, log) = session(&d, "lead");
    for i in 0..6 {
        lead.decide(&d, i, Action::Relabel(good), Context::default()).unwrap();
    }
    lead.amend_last(&d, None, Some("annotator_error".to_owned())).unwrap();
    lead.note(&d, 0, "see page 3").unwrap();
    lead.decide(&d, 6, Action::Unsure, Context::default()).unwrap();
    lead.close().unwrap();
    let out = folder.path().join("back");
    let said = ok(&["log", "feedback", words(&source), "--log", words(&log), "--out", words(&out)]);
    assert!(said.contains("Ana: 6 confirmed, 0 reversed, 1 neither"), "{said}");
    assert!(said.contains("Ben: 4 confirmed, 2 reversed, 1 neither"), "{said}");
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 6, "two files a rater");
    let ben = std::fs::read_to_string(out.join("feedback.Ben.md")).unwrap();
    assert!(
        ben.contains("| bad | good | 2 |") && ben.contains("| t0 |") && ben.contains("see page 3"),
        "{ben}"
    );
    assert!(!ben.contains("| t1 |"), "what was confirmed is counted, not listed");
    let page = std::fs::read_to_string(out.join("feedback.Ben.html")).unwrap();
    assert!(page.contains("a &lt;b&gt;text&lt;/b&gt; 0") && !page.contains("<script"), "{page}");
    // One rater, one file, and no name in it.
    let one = folder.path().join("one.html");
    ok(&[
        "log",
        "feedback",
        words(&source),
        "--log",
        words(&log),
        "--rater",
        "<Chi>",
        "--pseudonymise",
        "--out",
        words(&one),
    ]);
    let page = std::fs::read_to_string(&one).unwrap();
    assert!(page.contains("Feedback for R3") && !page.contains("Chi"), "{page}");
    for (args, why) in [
        (vec!["--rater", "Zoe", "--out", words(&out)], "no rater of this name"),
        (vec!["--out", words(&one)], "name a folder"),
    ] {
        let mut all = vec!["log", "feedback", words(&source), "--log", words(&log)];
        all.extend(args);
        let out = run(&all);
        assert_eq!(out.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&out.stderr).contains(why), "{all:?}");
    }
}
