//! Every format that is one file: the first byte chooses which.
#![no_main]

use dissensus_fuzz::formats::{FORMATS, fuzzing};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&which, bytes)) = bytes.split_first() else { return };
    let Some(format) = FORMATS.get(usize::from(which) % FORMATS.len().max(1)) else { return };
    let name = format!("ana.{}", format.extensions.first().unwrap_or(&"txt"));
    fuzzing::document(format.id, &[(name.as_str(), bytes)]);
});
