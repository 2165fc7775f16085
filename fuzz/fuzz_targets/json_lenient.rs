//! JSON with places: what serde_json reads is read alike, and patches leave the rest as it is.
#![no_main]

use dissensus_fuzz::formats::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        fuzzing::json(text);
    }
});
