//! Delimited text: records put together again are the text.
#![no_main]

use dissensus_fuzz::formats::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzzing::delimited(bytes));
