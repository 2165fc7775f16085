//! A correction log from a stranger: read, checked, replayed.
#![no_main]

use std::sync::OnceLock;

use dissensus_fuzz::dataset::Dataset;
use dissensus_fuzz::formats::{LoadOptions, Overrides, open};
use dissensus_fuzz::progress::Progress;
use dissensus_fuzz::review::Log;
use dissensus_fuzz::review::replay::Replay;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The items that the logs of the seeds are about.
fn dataset() -> &'static Dataset {
    static DATASET: OnceLock<Dataset> = OnceLock::new();
    DATASET.get_or_init(|| {
        let file = tempfile::NamedTempFile::new().expect("a place for a file");
        std::fs::write(file.path(), TABLE).expect("a file");
        open(file.path(), &Overrides::default(), &LoadOptions::default(), &Progress::new()).expect("a table")
    })
}

const TABLE: &str = "item,rater,label\nt1,ana,positive\nt1,ben,positive\nt2,ana,negative\nt2,ben,neutral\n\
                     t3,ana,negative\nt4,ben,neutral\nt5,ana,negative\nt5,ben,neutral\n";

/// The same lines with hashes and numbers that fit, so that what stands in them is looked at. Most changes of a
/// byte break the chain, and a stranger can compute hashes too.
fn resealed(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut prev = "0".repeat(64);
    for (seq, line) in bytes.split(|&b| b == b'\n').enumerate() {
        let Ok(Value::Object(mut event)) = serde_json::from_slice(line) else { continue };
        event.insert("seq".into(), seq.into());
        event.insert("prev".into(), prev.clone().into());
        event.insert("log_id".into(), "log".into());
        event.remove("hash");
        let Ok(text) = serde_json_canonicalizer::to_string(&event) else { continue };
        prev = Sha256::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
        event.insert("hash".into(), prev.clone().into());
        if let Ok(text) = serde_json_canonicalizer::to_string(&event) {
            out.extend(text.as_bytes());
            out.push(b'\n');
        }
    }
    out
}

fuzz_target!(|bytes: &[u8]| {
    check(bytes);
    check(&resealed(bytes));
});

fn check(bytes: &[u8]) {
    if let Ok(log) = Log::parse(bytes) {
        if let Some(torn) = &log.torn {
            assert!(torn.offset as usize + torn.bytes.len() == bytes.len());
            let whole =
                Log::parse(&bytes[..torn.offset as usize]).expect("what stands before a torn end is whole");
            assert_eq!(whole.events, log.events);
            let _ = torn.words();
        }
        let _ = log.log_ids();
        let replay = Replay::new(dataset(), log.events.clone());
        assert!(replay.edits().iter().all(|(item, _)| item < 5));
        assert_eq!(Replay::new(dataset(), log.events).edits(), replay.edits());
    }
}
