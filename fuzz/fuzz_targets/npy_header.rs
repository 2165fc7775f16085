//! The description at the beginning of a NumPy array.
#![no_main]

use dissensus_fuzz::formats::parse_npy_header;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(header) = parse_npy_header(bytes) {
        assert!(header.data_offset <= bytes.len());
        assert!(header.item_size > 0);
    }
});
