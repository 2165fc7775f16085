//! WebAnno TSV 3: rows of tokens under a header that says which columns there are.
#![no_main]

use dissensus_fuzz::formats::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzzing::document("webanno-tsv", &[("ana.tsv", bytes)]));
