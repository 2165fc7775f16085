//! CoNLL columns: tags that open, go on and close.
#![no_main]

use dissensus_fuzz::formats::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzzing::document("conll", &[("ana.conll", bytes)]));
