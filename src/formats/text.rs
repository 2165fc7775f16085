//! Bytes → text: UTF-8, with or without a byte order mark, UTF-16 with one, and any other encoding that somebody
//! chose by name; nothing is ever decoded lossily.
//!
//! [`TextReader`] streams: it hashes what it reads, counts progress in bytes, stops when cancelled, and hands
//! out UTF-8. UTF-8 sources are passed through as they are (whoever cuts them into records checks them);
//! UTF-16 is decoded strictly, so that encoding the text again gives the same bytes.

use std::fmt::Write as _;
use std::io::Read;
use std::path::{Path, PathBuf};

use encoding_rs::{Decoder, DecoderResult, UTF_16BE, UTF_16LE};
use sha2::{Digest, Sha256};

use super::archive::{self, Disk};
use super::encoding::{Named, Unencodable};
use super::error::FormatError;
use crate::dataset::SourceFile;
use crate::progress::Progress;

/// Bytes read at once.
const CHUNK: usize = 256 * 1024;

/// How a file's text is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// UTF-8 without a byte order mark.
    #[default]
    Utf8,
    /// UTF-8 after `EF BB BF`.
    Utf8Bom,
    /// UTF-16, low byte first, after `FF FE`.
    Utf16Le,
    /// UTF-16, high byte first, after `FE FF`.
    Utf16Be,
    /// Any other, as somebody chose.
    Named(Named),
}

impl Encoding {
    /// From the first bytes of a file.
    pub fn sniff(head: &[u8]) -> Self {
        match head {
            [0xef, 0xbb, 0xbf, ..] => Self::Utf8Bom,
            [0xff, 0xfe, ..] => Self::Utf16Le,
            [0xfe, 0xff, ..] => Self::Utf16Be,
            _ => Self::Utf8,
        }
    }

    /// The byte order mark, empty where there is none.
    pub fn bom(self) -> &'static [u8] {
        match self {
            Self::Utf8 | Self::Named(_) => &[],
            Self::Utf8Bom => &[0xef, 0xbb, 0xbf],
            Self::Utf16Le => &[0xff, 0xfe],
            Self::Utf16Be => &[0xfe, 0xff],
        }
    }

    /// The label under which it was chosen; empty for those that need none.
    pub fn label(self) -> &'static str {
        match self {
            Self::Named(named) => named.name(),
            _ => "",
        }
    }

    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf8Bom => "UTF-8 with byte order mark",
            Self::Utf16Le => "UTF-16 little-endian",
            Self::Utf16Be => "UTF-16 big-endian",
            Self::Named(named) => named.name(),
        }
    }

    /// What makes UTF-8 of it, where it is something else.
    pub(crate) fn decoder(self) -> Option<Decoder> {
        match self {
            Self::Utf8 | Self::Utf8Bom => None,
            Self::Utf16Le => Some(UTF_16LE.new_decoder_without_bom_handling()),
            Self::Utf16Be => Some(UTF_16BE.new_decoder_without_bom_handling()),
            Self::Named(named) => Some(named.decoder()),
        }
    }

    /// Appends `text` to `out` in this encoding, without a byte order mark.
    ///
    /// # Errors
    /// A character that the encoding cannot hold; what stands before it was appended.
    pub fn encode(self, text: &str, out: &mut Vec<u8>) -> Result<(), Unencodable> {
        match self {
            Self::Named(named) => return named.encode(text, out),
            Self::Utf8 | Self::Utf8Bom => out.extend_from_slice(text.as_bytes()),
            Self::Utf16Le => text.encode_utf16().for_each(|u| out.extend_from_slice(&u.to_le_bytes())),
            Self::Utf16Be => text.encode_utf16().for_each(|u| out.extend_from_slice(&u.to_be_bytes())),
        }
        Ok(())
    }
}

/// Reads a text file once from its start: hashed, counted, decoded.
pub struct TextReader<'a> {
    inner: Box<dyn Read + Send + 'a>,
    path: PathBuf,
    progress: &'a Progress,
    hasher: Sha256,
    bytes: u64,
    raw: Vec<u8>,
    /// `None` until the first chunk was read.
    encoding: Option<Encoding>,
    decoder: Option<Decoder>,
    ended: bool,
    /// The packed file, where the text comes out of an archive.
    disk: Option<Disk>,
    /// How much of the packed file was told to `progress`.
    told: u64,
}

impl<'a> TextReader<'a> {
    /// Opens the regular file at `path`, read-only; of a packed one, what is in it.
    pub fn open(path: &Path, progress: &'a Progress) -> Result<Self, FormatError> {
        let opened = archive::open(path)?;
        Ok(Self { disk: opened.disk, ..Self::new(opened.reader, path, progress) })
    }

    /// The same text in this encoding, whatever its first bytes say; before anything is read.
    #[must_use]
    pub fn encoded(mut self, encoding: Option<Encoding>) -> Self {
        if let Some(Encoding::Named(named)) = encoding {
            self.encoding = encoding;
            self.decoder = Encoding::Named(named).decoder();
        }
        self
    }

    /// From any bytes; `path` is what messages call them.
    pub fn new(inner: Box<dyn Read + Send + 'a>, path: &Path, progress: &'a Progress) -> Self {
        Self {
            inner,
            path: path.to_owned(),
            progress,
            hasher: Sha256::new(),
            bytes: 0,
            raw: Vec::new(),
            encoding: None,
            decoder: None,
            ended: false,
            disk: None,
            told: 0,
        }
    }

    /// From text that is UTF-8 already, from the midst of a file: what looks like a byte order mark is text.
    pub(crate) fn of_text(inner: Box<dyn Read + Send + 'a>, path: &Path, progress: &'a Progress) -> Self {
        Self { encoding: Some(Encoding::Utf8), ..Self::new(inner, path, progress) }
    }

    /// What messages call the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How it is encoded; known once something was read.
    pub fn encoding(&self) -> Encoding {
        self.encoding.unwrap_or_default()
    }

    /// Appends more text to `out`; `false` at the end of the file.
    pub fn fill(&mut self, out: &mut Vec<u8>) -> Result<bool, FormatError> {
        while !self.ended {
            let before = out.len();
            self.read_chunk()?;
            let mut raw = std::mem::take(&mut self.raw);
            let mut from = raw.as_slice();
            if self.encoding.is_none() {
                let encoding = Encoding::sniff(from);
                self.encoding = Some(encoding);
                from = &from[encoding.bom().len()..];
                self.decoder = encoding.decoder();
            }
            let ended = self.ended;
            let consumed_before = self.bytes - from.len() as u64;
            match &mut self.decoder {
                None => out.extend_from_slice(from),
                Some(decoder) => {
                    if let Err(at) = decode(decoder, from, ended, out) {
                        return Err(malformed(&self.path, self.encoding(), consumed_before + at));
                    }
                }
            }
            raw.clear();
            self.raw = raw;
            if out.len() > before {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads up to [`CHUNK`] bytes into `self.raw`, and says when there are no more.
    fn read_chunk(&mut self) -> Result<(), FormatError> {
        self.progress.check()?;
        let limit = CHUNK as u64;
        let read = (&mut self.inner).take(limit).read_to_end(&mut self.raw);
        let n = read.map_err(|e| FormatError::io(&self.path, "read", &e))?;
        self.hasher.update(&self.raw);
        self.bytes += n as u64;
        // Progress is in bytes of the file, which for a packed one are fewer.
        match self.disk.as_ref().map(Disk::position) {
            Some(now) => self.progress.add(now - std::mem::replace(&mut self.told, now)),
            None => self.progress.add(n as u64),
        }
        self.ended = n < CHUNK;
        Ok(())
    }

    /// Reads what is left and says what the whole file was; of a packed file, the packed one.
    pub fn finish(mut self) -> Result<SourceFile, FormatError> {
        while !self.ended {
            self.raw.clear();
            self.read_chunk()?;
        }
        if let Some(disk) = self.disk.take() {
            let file = disk.rewound().map_err(|e| FormatError::io(&self.path, "read", &e))?;
            let quiet = Progress::new();
            return TextReader::new(Box::new(file), &self.path, &quiet).finish();
        }
        let digest = hex_digest(self.hasher);
        Ok(SourceFile { path: self.path, digest, bytes: self.bytes })
    }
}

/// Bytes in a file that its encoding does not have.
pub(crate) fn malformed(path: &Path, encoding: Encoding, byte: u64) -> FormatError {
    let (name, remedy) = match encoding {
        Encoding::Named(named) => (named.name(), "choose another encoding"),
        _ => ("UTF-16", "save the file as UTF-8"),
    };
    FormatError::of(path, format!("the bytes before byte {byte} are not valid {name}"), remedy)
}

/// Decodes strictly; on malformed input the number of bytes of `from` consumed, the bad unit included.
pub(crate) fn decode(
    decoder: &mut Decoder,
    mut from: &[u8],
    last: bool,
    out: &mut Vec<u8>,
) -> Result<(), u64> {
    let mut consumed = 0;
    let mut text = String::new();
    let room = decoder.max_utf8_buffer_length_without_replacement(from.len()).unwrap_or(from.len() * 3 + 16);
    text.reserve(room);
    loop {
        let (result, read) = decoder.decode_to_string_without_replacement(from, &mut text, last);
        from = &from[read..];
        consumed += read as u64;
        match result {
            DecoderResult::InputEmpty => {
                out.extend_from_slice(text.as_bytes());
                return Ok(());
            }
            DecoderResult::OutputFull => text.reserve(from.len() * 3 + 16),
            DecoderResult::Malformed(_, _) => return Err(consumed),
        }
    }
}

/// `sha256:` and the digest in hexadecimal.
pub(crate) fn hex_digest(hasher: Sha256) -> String {
    let mut digest = String::from("sha256:");
    for byte in hasher.finalize() {
        // Writing to a string cannot fail.
        let _ = write!(digest, "{byte:02x}");
    }
    digest
}

/// What was opened as one, a folder say, with a digest over the digests of its files.
pub(crate) fn digest_of_all(path: &Path, files: &[SourceFile]) -> SourceFile {
    let mut hasher = Sha256::new();
    for file in files {
        hasher.update(file.digest.as_bytes());
        hasher.update(b"\n");
    }
    let bytes = files.iter().map(|f| f.bytes).sum();
    SourceFile { path: path.to_owned(), digest: hex_digest(hasher), bytes }
}

/// The digest of a whole file.
pub fn digest_of(path: &Path, progress: &Progress) -> Result<SourceFile, FormatError> {
    TextReader::open(path, progress)?.finish()
}

/// What is known of a file without reading it, its digest left out; or with it.
pub(crate) fn file_of(path: &Path, undigested: bool, progress: &Progress) -> Result<SourceFile, FormatError> {
    if !undigested {
        return digest_of(path, progress);
    }
    let (_, bytes) = open_regular(path)?;
    Ok(SourceFile { path: path.to_owned(), digest: String::new(), bytes })
}

/// Opens a regular file read-only and says how long it is. Pipes, devices and folders are refused: reading
/// them may never end.
pub(crate) fn open_regular(path: &Path) -> Result<(std::fs::File, u64), FormatError> {
    let meta = std::fs::metadata(path).map_err(|e| FormatError::io(path, "open", &e))?;
    if meta.is_dir() {
        return Err(FormatError::of(path, "this is a folder", "name a file inside it"));
    }
    if !meta.is_file() {
        return Err(FormatError::of(path, "this is not a regular file", "copy its content to a file first"));
    }
    let file = std::fs::File::open(path).map_err(|e| FormatError::io(path, "open", &e))?;
    Ok((file, meta.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<(String, Encoding), FormatError> {
        let progress = Progress::new();
        let mut reader = TextReader::new(Box::new(bytes), Path::new("x"), &progress);
        let mut out = Vec::new();
        while reader.fill(&mut out)? {}
        Ok((String::from_utf8(out).unwrap(), reader.encoding()))
    }

    #[test]
    fn every_encoding_is_read_and_written_back_to_the_same_bytes() {
        let text = "naïve 😀\r\n".repeat(50_000);
        for encoding in [Encoding::Utf8, Encoding::Utf8Bom, Encoding::Utf16Le, Encoding::Utf16Be] {
            let mut bytes = encoding.bom().to_vec();
            encoding.encode(&text, &mut bytes).unwrap();
            assert_eq!(read(&bytes).unwrap(), (text.clone(), encoding), "{}", encoding.name());
        }
    }

    #[test]
    fn half_a_surrogate_pair_is_an_error() {
        let e = read(&[0xff, 0xfe, b'a', 0, 0x3d, 0xd8, b'b', 0]).unwrap_err();
        assert!(e.to_string().contains("not valid UTF-16"), "{e}");
        assert!(read(&[0xff, 0xfe, b'a']).is_err(), "an odd byte is left over");
    }

    #[test]
    fn the_digest_is_of_the_bytes_not_of_the_text() {
        let progress = Progress::new();
        let reader = TextReader::new(Box::new(&b"abc"[..]), Path::new("x"), &progress);
        let file = reader.finish().unwrap();
        assert_eq!(file.bytes, 3);
        assert_eq!(file.digest, "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn a_cancelled_read_stops() {
        let progress = Progress::new();
        progress.cancel();
        let mut reader = TextReader::new(Box::new(&b"abc"[..]), Path::new("x"), &progress);
        assert!(matches!(reader.fill(&mut Vec::new()), Err(FormatError::Cancelled(_))));
    }
}
