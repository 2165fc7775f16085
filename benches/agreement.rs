//! Coefficients and aggregators beside the packages that are used for them:
//! `cargo bench --bench agreement [-- SECTION…] [ROWS…] [BINARY]`.
//!
//! Sections: `alpha`, `interval`, `gwet`, `ds`, `glad`, `mace`, `m_msr`, `process`, `large`, `bootstrap`; all by default.
//! Writes synthetic crowds as CSV into the folder for temporary files and runs `benches/peers/agreement.py` on them, if
//! `python3` has the packages. First it asserts that both find the same, then it compares times: of the call alone on
//! data in memory, for either side, ours on all threads and on one (with the same bytes as a result). `process` times
//! whole processes, from file to report; it needs the program, as BINARY or built by cargo beside this benchmark.
//!
//! A crowd has five annotations an item, five labels (40 to 8 %), and raters whose skills are of Beta(8, 3).

#![allow(clippy::print_stdout, clippy::print_stderr, clippy::exit, clippy::unwrap_used, missing_docs)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use dissensus::dataset::{Annotations, AnnotationsBuilder};
use dissensus::progress::Progress;
use dissensus::stats::Statistic;
use dissensus::stats::aggregation::{AggregateOptions, Aggregation, Layout, StoppingRule, Which, aggregate};
use dissensus::stats::agreement::{
    COEFFICIENTS, IntervalKind, IntervalSpec, Kind, Levels, Metric, ReliabilityData, Spec, coefficient,
};
use serde_json::Value;

const LABELS: usize = 5;
const SECTIONS: [&str; 10] =
    ["alpha", "interval", "gwet", "ds", "glad", "mace", "m_msr", "process", "large", "bootstrap"];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    if args.iter().any(|a| a == "--test" || a == "--list") {
        return;
    }
    let asked = |section: &str| {
        let named = args.iter().any(|a| SECTIONS.contains(&a.as_str()));
        !named || args.iter().any(|a| a == section)
    };
    let rows: Vec<usize> = args.iter().filter_map(|a| a.parse().ok()).collect();
    let sizes = |usual: &[usize]| if rows.is_empty() { usual.to_vec() } else { rows.clone() };
    println!("{} threads; seconds of the call alone; best of a few", rayon::current_num_threads());
    if asked("alpha") {
        sizes(&[10_000, 100_000, 1_000_000]).into_iter().for_each(alpha);
    }
    if asked("interval") {
        interval(400);
    }
    if asked("gwet") {
        sizes(&[10_000, 100_000]).into_iter().for_each(gwet);
    }
    if asked("ds") {
        sizes(&[10_000, 100_000, 1_000_000]).into_iter().for_each(dawid_skene);
    }
    for (section, which, usual) in [
        ("glad", Which::Glad, &[10_000, 100_000][..]),
        ("mace", Which::Mace, &[10_000, 100_000]),
        ("m_msr", Which::Mmsr, &[10_000, 100_000]),
    ] {
        if asked(section) {
            sizes(usual).into_iter().for_each(|rows| model(which, rows));
        }
    }
    if asked("process") {
        let binary = args.iter().map(PathBuf::from).find(|p| p.is_file());
        process(sizes(&[100_000])[0], binary);
    }
    if asked("large") {
        let rows = sizes(&[10_000_000])[0];
        large(&Crowd::new(rows));
        large(&Crowd::complete(rows / 10, 10));
    }
    if asked("bootstrap") {
        bootstrap(sizes(&[100_000])[0]);
    }
}

// Data.

struct Crowd {
    annotations: Annotations,
    truth: Vec<u32>,
}

/// A stream of numbers in 0..1.
fn dice() -> impl FnMut() -> f64 {
    let mut state = 20_240_601_u64;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    }
}

impl Crowd {
    fn new(rows: usize) -> Self {
        let mut dice = dice();
        let n_items = rows / 5;
        let n_raters = match rows {
            10_000 => 50,
            100_000 => 200,
            1_000_000 => 1000,
            _ => ((rows as f64).sqrt() as usize).max(20),
        };
        let skill: Vec<f64> = (0..n_raters)
            .map(|_| {
                // The eighth of ten is Beta(8, 3).
                let mut ten: Vec<f64> = (0..10).map(|_| dice()).collect();
                ten.sort_by(f64::total_cmp);
                ten[7]
            })
            .collect();
        let mut builder = AnnotationsBuilder::new();
        let mut truth = Vec::with_capacity(n_items);
        for item in 0..n_items {
            let at = dice();
            let label = [0.40, 0.65, 0.80, 0.92].iter().filter(|&&p| at >= p).count();
            truth.push(label as u32);
            let mut rater = (dice() * n_raters as f64) as usize;
            for _ in 0..5 {
                rater = (rater + 1 + (dice() * (n_raters / 5 - 1) as f64) as usize) % n_raters;
                let other = (label + 1 + (dice() * (LABELS - 1) as f64) as usize) % LABELS;
                let said = if dice() < skill[rater] { label } else { other };
                builder.push(item as u32, rater as u32, said as u32, None);
            }
        }
        Self { annotations: builder.finish(n_items, n_raters), truth }
    }

    /// Raters who are right two times of three, all on every item.
    fn complete(n_items: usize, n_raters: usize) -> Self {
        let mut dice = dice();
        let mut builder = AnnotationsBuilder::new();
        let mut truth = Vec::with_capacity(n_items);
        for item in 0..n_items {
            let label = (dice() * LABELS as f64) as u32;
            truth.push(label);
            for rater in 0..n_raters {
                let said = if dice() < 2.0 / 3.0 { label } else { (dice() * LABELS as f64) as u32 };
                builder.push(item as u32, rater as u32, said, None);
            }
        }
        Self { annotations: builder.finish(n_items, n_raters), truth }
    }

    fn data(&self) -> ReliabilityData<'_> {
        ReliabilityData::new(&self.annotations, Levels::positions(LABELS))
    }

    fn layout(&self) -> Layout {
        Layout::new(&self.annotations, LABELS)
    }

    fn write(&self) -> File {
        let rows = (0..self.annotations.n_items()).flat_map(|i| self.annotations.of_item(i));
        File::new(rows.map(|a| (a.item, a.rater, f64::from(a.label))))
    }

    fn accuracy(&self, labels: &[u32]) -> f64 {
        share(labels, &self.truth)
    }
}

fn share(x: &[u32], y: &[u32]) -> f64 {
    x.iter().zip(y).filter(|(x, y)| x == y).count() as f64 / x.len().max(1) as f64
}

/// A file that is gone with its owner.
struct File(PathBuf);

impl File {
    fn path(extension: &str) -> PathBuf {
        std::env::temp_dir().join(format!("dissensus-agreement-{}.{extension}", std::process::id()))
    }

    fn new(rows: impl Iterator<Item = (u32, u32, f64)>) -> Self {
        let path = Self::path("csv");
        let mut out = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
        writeln!(out, "item,rater,label").unwrap();
        for (item, rater, label) in rows {
            writeln!(out, "{item},{rater},{label}").unwrap();
        }
        out.flush().unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

// Times.

/// The result, and the least seconds of a few runs: until half a second is over, at most twenty, at least one.
fn best<T>(run: impl Fn() -> T) -> (T, f64) {
    let all = Instant::now();
    let (mut least, mut n) = (f64::INFINITY, 0);
    loop {
        let start = Instant::now();
        let found = run();
        least = least.min(start.elapsed().as_secs_f64());
        n += 1;
        if n == 20 || all.elapsed().as_secs_f64() > 0.5 {
            return (found, least);
        }
    }
}

/// The same on all threads and on one; asserts that the results are the same. (Result, seconds, seconds on one thread.)
fn both<T: PartialEq + std::fmt::Debug + Send>(run: impl Fn() -> T + Sync) -> (T, f64, f64) {
    let (many, seconds) = best(&run);
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let (single, on_one) = one.install(|| best(&run));
    assert!(many == single, "one thread and many find the same");
    (many, seconds, on_one)
}

/// What the peer says; `None` if `python3` or a package is missing, or it fails.
fn peer(what: &str, file: &File, more: &[&str]) -> Option<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/agreement.py");
    let output = Command::new("python3").arg(script).arg(what).arg(&file.0).args(more).output().ok()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        eprintln!("{what} not run: {}", said.lines().last().unwrap_or("python3 gave up"));
        return None;
    }
    serde_json::from_slice(output.stdout.trim_ascii()).ok()
}

fn seconds(of: &Value) -> f64 {
    of["seconds"].as_f64().unwrap()
}

fn value(data: &ReliabilityData<'_>, spec: &Spec, kind: IntervalKind) -> Statistic {
    coefficient(data, spec, &IntervalSpec::new(kind), &Progress::new()).unwrap()
}

fn line(name: &str, rows: usize, ours: f64, on_one: f64, peer: f64) {
    println!(
        "{name:44} {rows:9} rows: ours {ours:9.5} s ({on_one:9.5} on one thread), peer {peer:8.4} s: {:8.1} times as long",
        peer / ours
    );
}

// Sections.

fn alpha(rows: usize) {
    let crowd = Crowd::new(rows);
    let spec = Spec::alpha(Metric::Nominal);
    let (plain, ours, one) = both(|| value(&crowd.data(), &spec, IntervalKind::None));
    let (_, with, with_one) = both(|| value(&crowd.data(), &spec, IntervalKind::Analytic));
    let Some(peer) = peer("alpha_nominal", &crowd.write(), &[]) else { return };
    let wanted = peer["value"].as_f64().unwrap();
    assert!((plain.value().unwrap() - wanted).abs() < 1e-9, "{plain:?} {wanted}");
    line("alpha, nominal: krippendorff", rows, ours, one, seconds(&peer));
    line("the same with an interval, which it has not", rows, with, with_one, seconds(&peer));
}

/// Two raters who measure: all values differ.
fn interval(items: usize) {
    let mut dice = dice();
    let values: Vec<f64> = (0..2 * items).map(|_| dice() * 10.0 + dice()).collect();
    let mut builder = AnnotationsBuilder::new();
    for item in 0..items {
        builder.push(item as u32, 0, (2 * item) as u32, None);
        builder.push(item as u32, 1, (2 * item + 1) as u32, None);
    }
    let annotations = builder.finish(items, 2);
    let levels = Levels::new(values.clone()).unwrap();
    let spec = Spec::alpha(Metric::Interval);
    let run = |kind| value(&ReliabilityData::new(&annotations, levels.clone()), &spec, kind);
    let (found, ours, one) = both(|| run(IntervalKind::Analytic));
    let file = File::new((0..2 * items).map(|i| ((i / 2) as u32, (i % 2) as u32, values[i])));
    let Some(peer) = peer("alpha_interval", &file, &[]) else { return };
    let wanted = peer["value"].as_f64().unwrap();
    assert!((found.value().unwrap() - wanted).abs() < 1e-9, "{found:?} {wanted}");
    line("alpha, interval, all distinct: krippendorff", 2 * items, ours, one, seconds(&peer));
}

fn gwet(rows: usize) {
    let crowd = Crowd::new(rows);
    let (found, ours, one) = both(|| value(&crowd.data(), &Spec::new(Kind::Gwet), IntervalKind::Analytic));
    let Some(peer) = peer("gwet", &crowd.write(), &[]) else { return };
    let found = *found.estimate().unwrap();
    // irrCAC rounds to five digits.
    for (found, name) in [(found.value, "value"), (found.se.unwrap(), "se")] {
        let wanted = peer[name].as_f64().unwrap();
        assert!((found - wanted).abs() < 6e-6, "{name} {found} {wanted}");
    }
    line("AC1 with interval: irrCAC", rows, ours, one, seconds(&peer));
}

fn fitted(layout: &Layout, which: Which, rule: Option<StoppingRule>) -> Aggregation {
    let options = AggregateOptions { rule, ..AggregateOptions::default() };
    aggregate(layout, which, &options, &Progress::new()).unwrap().unwrap()
}

/// The most probable label of each item, the lowest on ties.
fn labels(posterior: &[f64]) -> Vec<u32> {
    let best = |row: &[f64]| (0..row.len()).rev().max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap() as u32;
    posterior.chunks(LABELS).map(best).collect()
}

fn read(path: &Path) -> Vec<f64> {
    let bytes = std::fs::read(path).unwrap();
    bytes.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect()
}

/// The peer's own stop, repeated by its number of rounds; then each to its own end.
fn dawid_skene(rows: usize) {
    let (crowd, out) = (Crowd::new(rows), File(File::path("f64")));
    let layout = crowd.layout();
    let path = out.0.to_string_lossy().into_owned();
    let (own, ours, one) = both(|| fitted(&crowd.layout(), Which::DawidSkene, None));
    println!(
        "Dawid–Skene, {rows} rows: ours ends after {} rounds, {ours:.4} s ({one:.4} on one thread)",
        own.iterations
    );
    let Some(peer) = peer("ds", &crowd.write(), &["--posterior", &path]) else { return };
    let rounds = peer["iterations"].as_u64().unwrap() as usize;
    let theirs = read(&out.0);
    let rule = StoppingRule::exactly(rounds);
    let (same, ours_same, one_same) = both(|| fitted(&layout, Which::DawidSkene, Some(rule)));
    let far = same.posterior.iter().zip(&theirs).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
    assert!(far < 1e-6, "after {rounds} rounds the posterior is the same to 1e-6: {far}");
    let equal = share(&labels(&own.posterior), &labels(&theirs));
    assert!(equal >= 0.999, "labels are the same at either end: {equal}");
    line(&format!("Dawid–Skene, {rounds} rounds: crowd-kit"), rows, ours_same, one_same, seconds(&peer));
    line("Dawid–Skene, each to its own end", rows, ours, one, seconds(&peer));
    println!(
        "  posterior differs by {far:.1e} at most; at either end {:.3} % of labels are the same",
        100.0 * equal
    );
}

/// Models with a stop, a start or a method of fitting of their own: compared by labels and accuracy.
///
/// GLAD: the peer climbs by conjugate gradients, at most 25 steps a round, and stops when a quantity dips. MACE: the peer
/// runs ten times the same start for 50 rounds, ours ten different ones. M-MSR: the peer starts at random and squares
/// a dense matrix. None of them ends where ours does to the last digits; labels are asserted to be the same for 97 %
/// of the items (a few are nearly tied) and accuracy within one in a hundred, or better.
fn model(which: Which, rows: usize) {
    let (crowd, out) = (Crowd::new(rows), File(File::path("f64")));
    let layout = crowd.layout();
    let path = out.0.to_string_lossy().into_owned();
    let (own, ours, one) = both(|| fitted(&crowd.layout(), which, None));
    let name = which.row().name;
    let id = which.row().id;
    println!(
        "{name}, {rows} rows: ours ends after {} rounds, {ours:.4} s ({one:.4} on one thread)",
        own.iterations
    );
    let Some(peer) = peer(id, &crowd.write(), &["--posterior", &path]) else { return };
    let rounds = peer["iterations"].as_u64().unwrap() as usize;
    let theirs = labels(&read(&out.0));
    let found = labels(&own.posterior);
    let (equal, accuracy, their_accuracy) =
        (share(&found, &theirs), crowd.accuracy(&found), crowd.accuracy(&theirs));
    assert!(equal > 0.97, "{name}: {equal} of labels are the same");
    assert!(accuracy > their_accuracy - 0.01, "{name}: accuracy {accuracy}, peer {their_accuracy}");
    line(&format!("{name}, each to its own end: crowd-kit"), rows, ours, one, seconds(&peer));
    if which == Which::Mmsr {
        // Rounds cannot be set; most of the time goes into the pairs.
        let per = |seconds: f64, rounds: usize| seconds / rounds as f64;
        line(
            "  a round",
            rows,
            per(ours, own.iterations),
            per(one, own.iterations),
            per(seconds(&peer), rounds),
        );
    } else {
        let (_, same, same_one) = both(|| fitted(&layout, which, Some(StoppingRule::exactly(rounds))));
        line(&format!("  {rounds} rounds each"), rows, same, same_one, seconds(&peer));
    }
    println!(
        "  rounds {} and {rounds}; {:.2} % of labels are the same; accuracy {accuracy:.4}, peer {their_accuracy:.4}",
        own.iterations,
        100.0 * equal
    );
}

/// From file to report, in processes of their own.
fn process(rows: usize, binary: Option<PathBuf>) {
    let built = option_env!("CARGO_BIN_EXE_dissensus").map(PathBuf::from);
    let Some(binary) = binary.or(built).filter(|b| b.is_file()) else {
        println!("whole processes not compared: give the program's path");
        return;
    };
    let file = Crowd::new(rows).write();
    let jobs: [(&str, &[&str]); 6] = [
        ("alpha_nominal", &["--only", "agreement"]),
        ("gwet", &["--only", "agreement", "--coefficients"]),
        ("ds", &["--only", "aggregation"]),
        ("glad", &["--only", "aggregation", "--aggregate", "glad"]),
        ("mace", &["--only", "aggregation", "--aggregate", "mace"]),
        ("m_msr", &["--only", "aggregation", "--aggregate", "m_msr"]),
    ];
    println!(
        "whole processes, {rows} rows, from the file to the report (ours has every other statistic in it, too):"
    );
    for (what, more) in jobs {
        let ((), ours) = best(|| {
            let output = Command::new(&binary).arg("analyze").arg(&file.0).args(more).output();
            assert!(output.unwrap().status.success(), "the benchmark's own table can be analysed");
        });
        let start = Instant::now();
        if peer(what, &file, &["--once"]).is_some() {
            let theirs = start.elapsed().as_secs_f64();
            println!(
                "  {what:14} ours {ours:7.3} s, Python {theirs:8.3} s: {:6.1} times as long",
                theirs / ours
            );
        }
    }
}

/// Every coefficient with its analytic interval, and fifty rounds of Dawid–Skene.
fn large(crowd: &Crowd) {
    let (rows, raters) = (crowd.annotations.len(), crowd.annotations.n_raters());
    println!("{rows} annotations, {raters} raters; every coefficient from annotations to interval:");
    for row in COEFFICIENTS {
        let start = Instant::now();
        let found = value(&crowd.data(), &Spec::new(row.kind), IntervalKind::Analytic);
        let seconds = start.elapsed().as_secs_f64();
        let said = found.estimate().map_or_else(
            || found.reason().unwrap_or_default(),
            |e| format!("{:.4}{}", e.value, if e.ci.is_some() { "" } else { ", without interval" }),
        );
        println!("  {:40} {seconds:7.3} s: {said}", row.name);
    }
    let start = Instant::now();
    let layout = crowd.layout();
    let laid = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let found = fitted(&layout, Which::DawidSkene, Some(StoppingRule::exactly(50)));
    println!(
        "  fifty rounds of Dawid–Skene {:.2} s, after {laid:.2} s of sorting; accuracy {:.4}",
        start.elapsed().as_secs_f64(),
        crowd.accuracy(&labels(&found.posterior))
    );
}

fn bootstrap(rows: usize) {
    let crowd = Crowd::new(rows);
    let kind = IntervalKind::Bootstrap { replicates: 1000, seed: 1 };
    for metric in [Metric::Nominal, Metric::Ordinal] {
        let (found, ours, one) = both(|| value(&crowd.data(), &Spec::alpha(metric.clone()), kind));
        let (low, high) = found.estimate().unwrap().ci.unwrap();
        println!(
            "a thousand resamples of alpha ({metric:?}), {rows} rows: {ours:.3} s ({one:.3} on one thread), {low:.4} to {high:.4}"
        );
    }
}
