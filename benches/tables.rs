//! Reading a large table of annotations, beside scripts with pandas: `cargo bench --bench tables [-- ROWS]`.
//!
//! Makes a CSV of five million annotations in the folder for temporary files, goes from that file to a dataset with
//! each item's majority and entropy in a process of its own (so that its peak of memory is its own), and does the same
//! with `benches/peers/tables.py`, if `python3` has pandas.

#![allow(clippy::print_stdout, clippy::print_stderr, clippy::exit, missing_docs)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use dissensus::formats::{LoadOptions, Overrides, open};
use dissensus::progress::Progress;
use dissensus::stats::aggregation::majority_vote;
use dissensus::stats::variation::{VoteCounts, vote_entropy_bits};

const ROWS: usize = 5_000_000;
const RUNS: usize = 3;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.iter().any(|a| a == "--test" || a == "--list") {
        return;
    }
    if let [read, path] = args.as_slice()
        && read == "read"
    {
        println!("{}", read_table(Path::new(path)));
        return;
    }
    let rows = args.iter().find_map(|a| a.parse().ok()).unwrap_or(ROWS);
    let path = make(rows);
    let size = std::fs::metadata(&path).map_or(0, |m| m.len()) as f64;
    println!("{rows} annotations, {:.0} MB; best of {RUNS}, each in a process of its own", size / 1e6);
    let this = std::env::current_exe().expect("a benchmark is a file");
    let ours =
        best(|| Command::new(&this).arg("read").arg(&path).output().ok()).expect("the table can be read");
    println!(
        "dissensus      {:6.2} s, peak {:5.0} MB ({:.2} of the file)",
        ours.seconds,
        ours.peak / 1e6,
        ours.peak / size
    );
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/tables.py");
    for (kind, name) in [("plain", "pandas"), ("tuned", "pandas, tuned")] {
        let peer = best(|| Command::new("python3").arg(&script).arg(kind).arg(&path).output().ok());
        let Some(peer) = peer else {
            println!("{name:14} not run: python3 needs pandas, pyarrow and numpy");
            continue;
        };
        assert_eq!(peer.items, ours.items, "{name} finds as many items");
        assert!((peer.entropy - ours.entropy).abs() < 1e-9, "{name} finds the same entropy");
        println!(
            "{name:14} {:6.2} s, peak {:5.0} MB: {:.1} times as long, {:.1} times the memory",
            peer.seconds,
            peer.peak / 1e6,
            peer.seconds / ours.seconds,
            peer.peak / ours.peak
        );
    }
    if let Err(e) = std::fs::remove_file(&path) {
        eprintln!("{} is still there: {e}", path.display());
    }
}

/// What a run says of itself.
struct Figures {
    items: f64,
    entropy: f64,
    seconds: f64,
    peak: f64,
}

/// The fastest of a few runs; `None` if one failed.
fn best(run: impl Fn() -> Option<std::process::Output>) -> Option<Figures> {
    let mut best: Option<Figures> = None;
    for _ in 0..RUNS {
        let output = run().filter(|o| o.status.success())?;
        let said: serde_json::Value = serde_json::from_slice(output.stdout.trim_ascii()).ok()?;
        let figure = |name: &str| said.get(name).and_then(serde_json::Value::as_f64);
        let run = Figures {
            items: figure("items")?,
            entropy: figure("entropy")?,
            seconds: figure("seconds")?,
            peak: figure("peak")?,
        };
        if best.as_ref().is_none_or(|b| run.seconds < b.seconds) {
            best = Some(run);
        }
    }
    best
}

/// From the file to majorities and entropies, and what that took.
fn read_table(path: &Path) -> serde_json::Value {
    let start = Instant::now();
    let dataset = open(path, &Overrides::default(), &LoadOptions::default(), &Progress::new())
        .expect("the benchmark's own table can be read");
    let votes = VoteCounts::new(&dataset.annotations, dataset.labels.len());
    let entropies = vote_entropy_bits(&votes);
    let majority = majority_vote(&votes);
    let seconds = start.elapsed().as_secs_f64();
    assert_eq!(majority.label.len(), dataset.n_items());
    let entropy = entropies.iter().flatten().sum::<f64>() / entropies.len().max(1) as f64;
    serde_json::json!({ "items": dataset.n_items(), "entropy": entropy, "seconds": seconds, "peak": peak() })
}

/// The most memory that this process had, in bytes; 0 where the system does not say.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.trim().strip_suffix(" kB")?.parse::<u64>().ok()).map_or(0, |kb| kb * 1024)
}

/// Five raters an item out of two thousand, six labels, durations, and a remark now and then.
fn make(rows: usize) -> PathBuf {
    const LABELS: [&str; 6] = ["neutral", "positive", "negative", "mixed", "off-topic", "unclear"];
    let path = std::env::temp_dir().join(format!("dissensus-tables-{}.csv", std::process::id()));
    let file = std::fs::File::create(&path).expect("the folder for temporary files can be written to");
    let mut out = std::io::BufWriter::new(file);
    let mut state = 20_240_601_u64;
    let mut below = move |n: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 33) % n
    };
    let mut write = |line: std::fmt::Arguments<'_>| out.write_fmt(line).expect("there is room for the table");
    write(format_args!("item,rater,label,seconds,remark\n"));
    let mut truth = 0;
    for row in 0..rows {
        if row % 5 == 0 {
            truth = below(6);
        }
        let label = LABELS[if below(100) < 65 { truth } else { below(6) } as usize];
        let remark = if below(100) < 3 { "\"hard, \"\"could be\"\" both\"" } else { "" };
        let (item, rater, seconds) = (row / 5, below(2000), below(4000));
        write(format_args!(
            "item_{item},ann_{rater},{label},{}.{:02},{remark}\n",
            seconds / 100,
            seconds % 100
        ));
    }
    out.flush().expect("there is room for the table");
    path
}
