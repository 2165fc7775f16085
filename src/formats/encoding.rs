//! Encodings that are not Unicode: chosen by name, never guessed, never lossy.
//!
//! A file of bytes above 127 that are not UTF-8 may be in any of two dozen encodings, and most of them decode
//! any bytes. So the file is refused with a look at what it would say as windows-1252, the most usual one, and
//! a person who can read it says yes. What was read so is written back so; a character that the encoding
//! cannot hold is an error, not a question mark.

use std::path::Path;

use encoding_rs::{Decoder, DecoderResult, EncoderResult, WINDOWS_1252};

use super::error::{FormatError, visible};
use super::text::Encoding;

/// Characters of a sample shown.
const SHOWN: usize = 60;

/// An encoding of the Encoding Standard (<https://encoding.spec.whatwg.org>), by one of its labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named(&'static encoding_rs::Encoding);

/// A character that an encoding cannot hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("“{}” (U+{:04X}) cannot be written in {encoding}", .character.escape_debug(), u32::from(*.character))]
pub struct Unencodable {
    /// The character.
    pub character: char,
    /// The encoding's name.
    pub encoding: &'static str,
}

impl Named {
    /// By any label of the standard, such as `latin1` or `Shift_JIS`. `None` for labels that are not known, for
    /// UTF-8 and UTF-16, which need no name, and for the standard's “replacement”, which reads nothing.
    pub fn of(label: &str) -> Option<Self> {
        let encoding = encoding_rs::Encoding::for_label_no_replacement(label.as_bytes())?;
        (!is_unicode(encoding)).then_some(Self(encoding))
    }

    /// As the standard calls it.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    pub(super) fn decoder(self) -> Decoder {
        self.0.new_decoder_without_bom_handling()
    }

    /// Appends `text` to `out`.
    pub(super) fn encode(self, text: &str, out: &mut Vec<u8>) -> Result<(), Unencodable> {
        let mut encoder = self.0.new_encoder();
        let mut rest = text;
        loop {
            let room = encoder.max_buffer_length_from_utf8_without_replacement(rest.len());
            out.reserve(room.unwrap_or(rest.len() * 4 + 16));
            let (result, read) = encoder.encode_from_utf8_to_vec_without_replacement(rest, out, true);
            rest = &rest[read..];
            match result {
                EncoderResult::InputEmpty => return Ok(()),
                EncoderResult::OutputFull => {}
                EncoderResult::Unmappable(character) => {
                    return Err(Unencodable { character, encoding: self.name() });
                }
            }
        }
    }
}

/// The encoding that somebody chose for the file at `path`; `None` where nothing was chosen, or a name of UTF-8.
pub(crate) fn chosen(path: &Path, label: Option<&str>) -> Result<Option<Encoding>, FormatError> {
    let Some(label) = label else { return Ok(None) };
    match encoding_rs::Encoding::for_label_no_replacement(label.trim().as_bytes()) {
        None => {
            let what = format!("no encoding is called “{}”", visible(label));
            Err(FormatError::of(path, what, "such names are windows-1252, iso-8859-2, shift_jis or gb18030"))
        }
        // These are told apart by the bytes themselves, and checked.
        Some(e) if is_unicode(e) => Ok(None),
        // Its bytes mean what the bytes before them said, so no line can be copied by itself.
        Some(e) if e == encoding_rs::ISO_2022_JP => {
            Err(FormatError::of(path, "text in ISO-2022-JP cannot be written back", "save the file as UTF-8"))
        }
        Some(e) => Ok(Some(Encoding::Named(Named(e)))),
    }
}

fn is_unicode(encoding: &'static encoding_rs::Encoding) -> bool {
    encoding == encoding_rs::UTF_8 || encoding == encoding_rs::UTF_16LE || encoding == encoding_rs::UTF_16BE
}

/// What to do about text that is not UTF-8: what it would say in windows-1252 around byte `bad`, and how to choose.
pub(crate) fn remedy(bytes: &[u8], bad: usize) -> String {
    let bad = bad.min(bytes.len());
    // Back to the beginning of the line, or half of what is shown.
    let from = bytes[..bad]
        .iter()
        .rposition(|&b| b == b'\n')
        .map_or(0, |at| at + 1)
        .max(bad.saturating_sub(SHOWN / 2));
    let line = &bytes[from..];
    let line = &line[..line.iter().position(|&b| b == b'\n' || b == b'\r').unwrap_or(line.len()).min(SHOWN)];
    let mut text = String::new();
    text.reserve(line.len() * 3 + 16);
    let (result, _) = WINDOWS_1252
        .new_decoder_without_bom_handling()
        .decode_to_string_without_replacement(line, &mut text, true);
    if matches!(result, DecoderResult::InputEmpty) {
        format!(
            "as windows-1252 it says “{}”; if that is right, choose --encoding windows-1252, else another \
             encoding, or save the file as UTF-8",
            visible(&text)
        )
    } else {
        "choose its encoding, such as --encoding windows-1252, or save the file as UTF-8".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn labels_of_the_standard_are_known_and_unicode_needs_none() {
        for (label, name) in [("latin1", "windows-1252"), ("Shift_JIS", "Shift_JIS"), ("gb18030", "gb18030")]
        {
            assert_eq!(Named::of(label).map(Named::name), Some(name), "{label}");
        }
        assert_eq!(Named::of("utf-8"), None);
        let path = Path::new("a.csv");
        assert_eq!(chosen(path, Some("UTF-8")).unwrap(), None);
        assert!(chosen(path, Some("klingon")).unwrap_err().to_string().contains("klingon"));
    }

    #[test]
    fn what_cannot_be_written_is_an_error_that_names_it() {
        let mut out = Vec::new();
        let e = Named::of("windows-1252").unwrap().encode("a😀b", &mut out).unwrap_err();
        assert_eq!(out, b"a");
        assert_eq!(e.to_string(), "“😀” (U+1F600) cannot be written in windows-1252");
    }

    #[test]
    fn the_remedy_shows_the_place() {
        let words = remedy(b"id,text\n1,caf\xe9 au lait\n2,x\n", 13);
        assert!(words.contains("“1,café au lait”") && words.contains("--encoding windows-1252"), "{words}");
        let long = [&b"x".repeat(500)[..], b"\xe9", &b"y".repeat(500)[..]].concat();
        assert!(remedy(&long, 500).contains("xé"), "a long line is cut around the place");
        assert!(remedy(b"", 5).contains("--encoding"));
    }

    proptest! {
        /// Single-byte encodings give back every byte that they read.
        #[test]
        fn what_is_read_is_written_back(bytes in prop::collection::vec(any::<u8>(), 0..60), which in 0usize..4) {
            let named = Named::of(["windows-1252", "iso-8859-2", "koi8-r", "windows-1250"][which]).unwrap();
            let mut text = String::with_capacity(bytes.len() * 3 + 16);
            let (result, _) = named.decoder().decode_to_string_without_replacement(&bytes, &mut text, true);
            if result == DecoderResult::InputEmpty {
                let mut again = Vec::new();
                named.encode(&text, &mut again).unwrap();
                prop_assert_eq!(again, bytes);
            }
        }
    }
}
