//! Gamma beside pygamma-agreement: `cargo bench --bench spans [-- RATERSxUNITS…]`.
//!
//! Makes continua with `benches/peers/spans.py`, if `python3` has the package, and computes gamma of each with thirty random
//! continua, in both programs. First it asserts that both find the same: the best alignment's disorder to five digits (the
//! package counts in single precision), and gamma as near as thirty random continua allow; then it compares the seconds of the call alone, ours on all threads
//! and on one.

#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, missing_docs)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use dissensus::progress::Progress;
use dissensus::stats::agreement::spans::{Continuum, Gamma, GammaOptions, Unit, gamma_of_continua};
use serde_json::Value;

/// Raters and units of each.
const SIZES: [(usize, usize); 3] = [(2, 100), (2, 300), (3, 100)];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    if args.iter().any(|a| a == "--test" || a == "--list") {
        return;
    }
    let size = |a: &String| {
        let (raters, units) = a.split_once('x')?;
        Some((raters.parse().ok()?, units.parse().ok()?))
    };
    let asked: Vec<(usize, usize)> = args.iter().filter_map(size).collect();
    let sizes = if asked.is_empty() { SIZES.to_vec() } else { asked };
    println!("{} threads; seconds of the call alone, thirty random continua", rayon::current_num_threads());
    for (raters, units) in sizes {
        compare(raters, units);
    }
}

/// Runs the peer's script; what it printed, or why there is nothing.
fn peer(args: &[&str]) -> Option<Vec<u8>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/spans.py");
    let output = Command::new("python3").arg(script).args(args).output().ok()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        eprintln!("not run: {}", said.lines().last().unwrap_or("python3 gave up"));
        return None;
    }
    Some(output.stdout)
}

fn read(path: &Path) -> Continuum {
    let (mut raters, mut labels): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let number = |names: &mut Vec<String>, name: &str| {
        names.iter().position(|n| n == name).unwrap_or_else(|| {
            names.push(name.to_owned());
            names.len() - 1
        })
    };
    let mut lines: Vec<Vec<Unit>> = Vec::new();
    for record in csv::Reader::from_path(path).unwrap().records() {
        let record = record.unwrap();
        let (rater, label) = (number(&mut raters, &record[0]), number(&mut labels, &record[1]));
        lines.resize_with(raters.len(), Vec::new);
        let (start, end) = (record[2].parse().unwrap(), record[3].parse().unwrap());
        lines[rater].push(Unit { start, end, label: label as u32 });
    }
    Continuum::new(lines)
}

/// The result, and the least seconds of a few calls.
fn timed(continuum: &Continuum) -> (Gamma, f64) {
    let options = GammaOptions { replicates: 0, ..GammaOptions::default() };
    let mut least = f64::INFINITY;
    let began = Instant::now();
    loop {
        let start = Instant::now();
        let found = gamma_of_continua(std::slice::from_ref(continuum), &options, &Progress::new()).unwrap();
        least = least.min(start.elapsed().as_secs_f64());
        if began.elapsed().as_secs_f64() > 0.5 {
            return (found, least);
        }
    }
}

fn compare(raters: usize, units: usize) {
    let path: PathBuf = std::env::temp_dir().join(format!("dissensus-spans-{}.csv", std::process::id()));
    let file = path.to_str().unwrap();
    if peer(&["make", file, "--raters", &raters.to_string(), "--units", &units.to_string()]).is_none() {
        return;
    }
    let continuum = read(&path);
    let (found, ours) = timed(&continuum);
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let (alone, on_one) = one.install(|| timed(&continuum));
    assert_eq!(found, alone, "threads change nothing");
    let theirs = peer(&["run", file, "--runs", "1"]);
    std::fs::remove_file(&path).ok();
    let Some(theirs) = theirs else { return };
    // The solvers that it uses say much; the result comes last.
    let text = String::from_utf8_lossy(&theirs);
    let theirs: Value = serde_json::from_str(text.lines().last().unwrap_or_default()).unwrap();
    let number = |key: &str| theirs[key].as_f64().unwrap();
    let value = found.gamma.value().unwrap();
    assert!((found.observed - number("observed")).abs() < 1e-5, "{} {}", found.observed, number("observed"));
    assert!((value - number("gamma")).abs() < 0.02, "{value} {}", number("gamma"));
    println!(
        "{raters} raters, {units:4} units: ours {ours:8.5} s ({on_one:8.5} on one thread), pygamma-agreement {:8.3} s: {:6.0} times as long; γ {value:.4} and {:.4}",
        number("seconds"),
        number("seconds") / ours,
        number("gamma")
    );
}
