//! How well mistakes are told from readings, and how long it takes: `cargo bench --bench error_or_variation`.
//!
//! Prints the tables of `assets/docs/error_or_variation.md` (six simulated worlds, held-out seeds) and the time for 200,000 items with
//! five answers each, a model and a crowd. Seeded: the same tables every time.

#![allow(clippy::print_stdout, missing_docs)]

use std::time::Instant;

use dissensus::stats::error_or_variation::simulation::{HELD_OUT_SEEDS, Made, WORLDS, World, simulate};
use dissensus::stats::error_or_variation::trial::{ballots, kinds_row, row, told};

fn main() {
    if std::env::args().any(|a| a == "--test" || a == "--list") {
        return;
    }
    for world in &WORLDS {
        println!("{}", row(world, HELD_OUT_SEEDS).unwrap_or_default());
    }
    println!();
    // The last world once more where nobody knows of the groups.
    for (world, is_known) in WORLDS.iter().map(|w| (w, true)).chain([(&WORLDS[5], false)]) {
        for made in
            [(Made::Clear, "clear"), (Made::Ambiguous, "ambiguous"), (Made::Guideline, "two guidelines")]
        {
            println!("{}", kinds_row(world, HELD_OUT_SEEDS.start, made, is_known).unwrap_or_default());
        }
    }
    println!();
    let s = simulate(&World { n_items: 200_000, ..WORLDS[2] }, 1);
    let votes = ballots(&s);
    for (name, given) in [("votes alone", vec![]), ("with a model and a crowd", vec![&s.model, &s.crowd])] {
        let start = Instant::now();
        let found = told(&votes, &given, &[(s.groups.clone(), 2)]);
        let n = found.map_or(0, |f| f.scores.len());
        println!("200,000 items × 5 answers, {name}: {:.2} s for {n} labels", start.elapsed().as_secs_f64());
    }
}
