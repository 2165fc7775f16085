//! What was called saved is there after any crash: bytes lost that were not synced, the file cut anywhere.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use dissensus::dataset::{AnnotationsBuilder, Dataset, LabelSet, Source, TextColumn};
use dissensus::review::event::Context;
use dissensus::review::{Action, Log, MemoryStorage, Notice, Options, Session};

const LONG: Duration = Duration::from_secs(30);

fn dataset(n: usize) -> Dataset {
    let mut b = AnnotationsBuilder::new();
    for item in 0..n as u32 {
        for rater in 0..3 {
            b.push(item, rater, (item + rater / 2) % 3, None);
        }
    }
    Dataset {
        keys: (0..n).map(|i| format!("item {i} é")).collect::<TextColumn>(),
        labels: LabelSet::new(&["a", "b", "c"].map(str::to_owned), []),
        annotations: b.finish(n, 3),
        source: Source { label_field: "label".into(), ..Source::default() },
        ..Dataset::default()
    }
}

fn open(d: &Dataset, disk: &MemoryStorage) -> (Session, Vec<Notice>) {
    let options = Options { log_id: Some("log".into()), ..Options::new("ann", serde_json::Value::Null) };
    Session::open(d, Box::new(disk.clone()), Path::new("log"), options).unwrap()
}

/// SplitMix64, so that a failure can be seen again.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }
}

fn anything(s: &mut Session, d: &Dataset, random: &mut Random) {
    let item = random.below(d.n_items() as u64) as usize;
    let action = match random.below(5) {
        0 => Action::Keep,
        1 => Action::Exclude,
        2 => Action::Several(vec![0, 1]),
        _ => Action::Relabel(random.below(3) as u32),
    };
    let context = Context { dwell_ms: Some(random.below(9000)), ..Context::default() };
    match random.below(10) {
        0 | 1 => drop(s.undo().unwrap()),
        2 => drop(s.redo().unwrap()),
        3 => drop(s.note(d, item, "a\nnote ☕").unwrap()),
        4 => {
            let items: Vec<_> = (0..4).map(|k| ((item + k) % d.n_items(), action.clone())).collect();
            s.bulk_decide(d, &items, context).unwrap();
        }
        _ => drop(s.decide(d, item, action, context).unwrap()),
    }
}

/// Hashes in order: what must be a prefix of what, exactly once each.
fn hashes(bytes: &[u8]) -> Vec<String> {
    Log::parse(bytes).unwrap().events.iter().map(|e| e.hash().to_owned()).collect()
}

#[test]
fn power_is_lost_again_and_again_and_nothing_saved_is_lost_or_doubled() {
    let d = dataset(12);
    let mut disk = MemoryStorage::default();
    let mut random = Random(7);
    let mut saved: Vec<String> = Vec::new();
    // On a busy machine less is on the disk when the power goes: then it takes more rounds to mean as much.
    for round in 0..2_000 {
        if round >= 60 && saved.len() > 200 {
            break;
        }
        let (mut s, _) = open(&d, &disk);
        let before = s.events().len();
        assert!(before >= saved.len(), "round {round}");
        for _ in 0..random.below(25) {
            anything(&mut s, &d, &mut random);
            match random.below(12) {
                0 => disk.fail_syncs(1),
                1 => disk.set_room(Some(random.below(900) as usize)),
                2 => disk.set_room(None),
                3 => s.retry(),
                _ => {}
            }
        }
        // What is called saved at the moment of the crash …
        let called = s.saved().saved_seq.map_or(0, |seq| seq as usize + 1);
        let written: Vec<String> = s.events().iter().map(|e| e.hash().to_owned()).collect();
        let left = disk.after_power_loss(random.below(101) as f64 / 100.0);
        disk.set_room(None);
        drop(s);
        // … is what the next run finds, and what it finds was written, in order, once.
        let next = MemoryStorage::new(&left);
        let (s, notices) = open(&d, &next);
        let found: Vec<String> = s.events().iter().map(|e| e.hash().to_owned()).collect();
        assert!(found.len() >= called, "round {round}: {} found, {called} called saved", found.len());
        assert_eq!(found, written[..found.len()], "round {round}");
        assert!(notices.iter().all(|n| matches!(n, Notice::Repaired(_))), "{notices:?}");
        drop(s);
        assert_eq!(hashes(&next.bytes()), found, "the log verifies after its repair");
        saved = written[..called].to_vec();
        assert_eq!(found[..called], saved);
        disk = next;
    }
    assert!(saved.len() > 200, "the run was long enough to mean something: {}", saved.len());
}

#[test]
fn a_file_cut_at_every_offset_keeps_every_whole_event() {
    let d = dataset(6);
    let disk = MemoryStorage::default();
    let mut random = Random(3);
    let (mut s, _) = open(&d, &disk);
    for _ in 0..14 {
        anything(&mut s, &d, &mut random);
    }
    s.close().unwrap();
    let whole = disk.bytes();
    let all = hashes(&whole);
    let mut states = Vec::new();
    for k in 0..=all.len() {
        let len = whole.split_inclusive(|&b| b == b'\n').take(k).map(<[u8]>::len).sum::<usize>();
        let (s, _) = open(&d, &MemoryStorage::new(&whole[..len]));
        states.push((len, s.edits().iter().map(|(i, e)| (i, e.clone())).collect::<Vec<_>>()));
    }
    for cut in 0..=whole.len() {
        let disk = MemoryStorage::new(&whole[..cut]);
        let (s, notices) = open(&d, &disk);
        // An event that lacks nothing but its line end is whole.
        let n = states.iter().filter(|(len, _)| *len <= cut + 1 && *len > 0).count();
        assert_eq!(s.events().len(), n, "cut at {cut}");
        assert!(
            s.edits().iter().map(|(i, e)| (i, e.clone())).eq(states[n].1.iter().cloned()),
            "cut at {cut}"
        );
        let torn = cut - states[n].0.min(cut);
        assert_eq!(notices.len(), usize::from(torn > 0), "cut at {cut}: {notices:?}");
        assert_eq!(disk.aside().len(), torn);
        drop(s);
        assert_eq!(hashes(&disk.bytes()), all[..n]);
    }
}

#[test]
fn work_goes_on_after_a_repair() {
    let d = dataset(6);
    let disk = MemoryStorage::default();
    let (mut s, _) = open(&d, &disk);
    for i in 0..5 {
        s.decide(&d, i, Action::Exclude, Context::default()).unwrap();
    }
    drop(s);
    let bytes = disk.bytes();
    let torn = MemoryStorage::new(&bytes[..bytes.len() - 40]);
    let (mut s, notices) = open(&d, &torn);
    assert!(matches!(&notices[..], [Notice::Repaired(words)] if words.contains("line 6")), "{notices:?}");
    assert_eq!(s.edits().len(), 4);
    s.decide(&d, 4, Action::Unsure, Context::default()).unwrap();
    s.close().unwrap();
    let (s, notices) = open(&d, &torn);
    assert_eq!((s.edits().len(), notices.len()), (5, 0));
}

#[test]
fn a_full_disk_is_said_while_the_review_goes_on() {
    let d = dataset(6);
    let disk = MemoryStorage::default();
    let woken = Arc::new(std::sync::atomic::AtomicU32::new(0));
    let count = Arc::clone(&woken);
    let options = Options {
        wake: Arc::new(move || {
            count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }),
        ..Options::new("ann", serde_json::Value::Null)
    };
    let (mut s, _) = Session::open(&d, Box::new(disk.clone()), Path::new("log"), options).unwrap();
    s.decide(&d, 0, Action::Exclude, Context::default()).unwrap();
    s.wait_saved(LONG).unwrap();
    disk.set_room(Some(10));
    s.decide(&d, 1, Action::Exclude, Context::default()).unwrap();
    assert!(s.wait_saved(LONG).unwrap_err().to_string().contains("no space left"));
    assert_eq!((s.edits().len(), s.saved().saved_seq, s.saved().pending), (2, Some(1), 1));
    assert_eq!(s.decisions().map(|r| r.saved).collect::<Vec<_>>(), [true, false]);
    assert_eq!(Log::parse(&disk.after_power_loss(1.0)).unwrap().events.len(), 2);
    disk.set_room(None);
    s.retry();
    s.wait_saved(LONG).unwrap();
    assert_eq!((s.saved().error, s.saved().saved_seq), (None, Some(2)));
    assert!(woken.load(std::sync::atomic::Ordering::SeqCst) >= 3);
    disk.set_room(Some(0));
    s.decide(&d, 2, Action::Exclude, Context::default()).unwrap();
    assert!(s.close().is_err(), "closing says that something is not saved");
}

#[test]
fn files_behave_like_the_memory_that_stands_for_them() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log.jsonl");
    let d = dataset(6);
    let options = || Options::new("ann", serde_json::Value::Null);
    let (mut s, _) = Session::open_file(&d, &path, options()).unwrap();
    for i in 0..6 {
        s.decide(&d, i, Action::Exclude, Context::default()).unwrap();
    }
    s.close().unwrap();
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() - 30]).unwrap();
    let (s, notices) = Session::open_file(&d, &path, options()).unwrap();
    assert_eq!((s.edits().len(), notices.len()), (6, 1));
    drop(s);
    let start = whole[..whole.len() - 1].iter().rposition(|&b| b == b'\n').unwrap() + 1;
    assert_eq!(std::fs::read(&path).unwrap(), whole[..start]);
    let aside = std::fs::read(dir.path().join("log.jsonl.torn")).unwrap();
    assert_eq!(aside, [&whole[start..whole.len() - 30], b"\n"].concat());
    // Damage elsewhere is named by line, and nothing is touched.
    let mut bad = whole.clone();
    bad[whole.iter().position(|&b| b == b'\n').unwrap() + 20] ^= 1;
    std::fs::write(&path, &bad).unwrap();
    let e = Session::open_file(&d, &path, options()).err().unwrap().to_string();
    assert!(e.contains("line 2") && e.contains("log.jsonl"), "{e}");
    assert_eq!(std::fs::read(&path).unwrap(), bad);
}
