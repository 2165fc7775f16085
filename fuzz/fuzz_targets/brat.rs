//! brat standoff: a text, and a line for each thing said about it. A NUL parts the two.
#![no_main]

use dissensus_fuzz::formats::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let at = bytes.iter().position(|&b| b == 0).unwrap_or(bytes.len());
    let (text, notes) = (&bytes[..at], bytes.get(at + 1..).unwrap_or_default());
    fuzzing::document("brat", &[("doc.ann", notes), ("doc.txt", text)]);
});
