//! Archives from a stranger: what passes the filter stays inside, and no more comes out than the limits let.
#![no_main]

use dissensus_fuzz::formats::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzzing::archive(bytes));
