//! How often intervals that say 95 % hold the true value: `cargo bench --bench coverage [-- SAMPLES]`.
//!
//! Draws samples of 50, 200 and 1000 items from models whose agreement is known, and counts. Prints one table; fails
//! where labels are balanced, there are 200 items or more, and the method by default holds less than 93 % or more than
//! 97 %. Seeded: the same table every time.

#![allow(clippy::print_stdout, clippy::exit, missing_docs)]

#[path = "../tests/support/coverage.rs"]
mod support;

use std::time::Instant;

use dissensus::stats::agreement::{Coefficient, IntervalKind, Kind};
use support::{DESIGNS, coverage};

const SAMPLES: u32 = 2000;
/// Fewer than the thousand that one would take for one's own data: the table needs millions of them.
const REPLICATES: u32 = 400;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.iter().any(|a| a == "--test" || a == "--list") {
        return;
    }
    let samples = args.iter().find_map(|a| a.parse().ok()).unwrap_or(SAMPLES);
    println!("{samples} samples each; bootstraps of {REPLICATES} resamples");
    println!("| labels and raters | items | coefficient | true value | method | holds it | mean width |");
    println!("|---|---|---|---|---|---|---|");
    let start = Instant::now();
    let mut bad = Vec::new();
    for design in &DESIGNS {
        for n in [50, 200, 1000] {
            let asked = asked(&design.kinds());
            for (&(kind, method), found) in asked.iter().zip(coverage(design, n, samples, &asked)) {
                let name = Coefficient::of(kind).map_or("", |c| c.name);
                let by = match method {
                    IntervalKind::Jackknife => "jackknife",
                    IntervalKind::Bootstrap { .. } => "bootstrap",
                    _ => "analytic",
                };
                let none = f64::from(samples - found.intervals) / f64::from(samples);
                let none =
                    if none > 0.0 { format!(" ({:.1} % have none)", 100.0 * none) } else { String::new() };
                println!(
                    "| {} | {n} | {name} | {:.3} | {by} | {:.1} %{none} | {:.3} |",
                    design.name,
                    design.truth(kind),
                    100.0 * found.share(),
                    found.mean_width(),
                );
                let default = method == IntervalKind::default();
                if default && design.balanced && n >= 200 && !(0.93..=0.97).contains(&found.share()) {
                    bad.push(format!("{}, {n} items, {name}: {:.1} %", design.name, 100.0 * found.share()));
                }
            }
        }
    }
    println!("{:.0} s", start.elapsed().as_secs_f64());
    if !bad.is_empty() {
        println!("outside 93–97 %:\n{}", bad.join("\n"));
        std::process::exit(1);
    }
}

/// Every method where it is cheap; the bootstrap for the coefficients that are asked for most.
fn asked(kinds: &[Kind]) -> Vec<(Kind, IntervalKind)> {
    let mut asked = Vec::new();
    for &kind in kinds {
        asked.extend([(kind, IntervalKind::Analytic), (kind, IntervalKind::Jackknife)]);
        if matches!(kind, Kind::Krippendorff | Kind::Gwet | Kind::Cohen) {
            asked.push((kind, IntervalKind::Bootstrap { replicates: REPLICATES, seed: 7 }));
        }
    }
    asked
}
