//! Packed files: gzip, zstd and zip are read as what is in them, always as a stream and never onto the disk.
//!
//! Nothing is believed that an archive says about itself. What comes out is counted while it comes out: at most
//! 4 GiB in all, and past the first MiB at most 200 times what went in. An archive inside an archive is not
//! opened. The source is the file on the disk, so its digest is of the packed bytes.
//!
//! A zip that holds one readable file is read as that file; one that holds several looks like a folder, whose
//! files have paths that go on behind the archive's: `export.zip/ana.jsonl`. [`open`] understands such paths,
//! so no reader has to know of archives.

mod members;
mod pack;

use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::error::{FormatError, Refused};
use super::text::open_regular;
pub(crate) use members::{container, filter, listing};
pub(crate) use pack::{Packer, note, pack, pack_folder};

/// Most bytes that come out of an archive.
pub(crate) const MAX_TOTAL: u64 = 4 << 30;
/// Most bytes that come out for one that goes in …
pub(crate) const MAX_RATIO: u64 = 200;
/// … once more than this came out.
pub(crate) const RATIO_FROM: u64 = 1 << 20;

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// One stream, as gzip writes it.
    Gzip,
    /// One stream, as zstd writes it.
    Zstd,
    /// Files with names.
    Zip,
}

impl Packing {
    /// By the first bytes of a file.
    pub fn of_head(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            // A skippable frame, which may come first.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Self::Zip),
            _ => None,
        }
    }

    /// By the end of a file's name.
    pub fn of_name(path: &Path) -> Option<Self> {
        let end = path.extension()?.to_str()?.to_ascii_lowercase();
        match end.as_str() {
            "gz" => Some(Self::Gzip),
            "zst" => Some(Self::Zstd),
            "zip" => Some(Self::Zip),
            _ => None,
        }
    }

    /// In words, with its article.
    pub fn words(self) -> &'static str {
        match self {
            Self::Gzip => "a gzip archive",
            Self::Zstd => "a zstd archive",
            Self::Zip => "a zip archive",
        }
    }
}

/// A file opened for reading what is in it.
pub(crate) struct Opened {
    /// What is in it.
    pub(crate) reader: Box<dyn Read + Send>,
    /// How it is packed, if it is.
    pub(crate) packing: Option<Packing>,
    /// Bytes of the file on the disk; of a file in a zip, its own.
    pub(crate) bytes: u64,
    /// The packed file, to be hashed in the end, and how much of it was read.
    pub(crate) disk: Option<Disk>,
}

/// The file on the disk below an unpacked stream.
pub(crate) struct Disk {
    file: File,
    read: Arc<AtomicU64>,
}

impl Disk {
    /// Bytes of the packed file that were read so far.
    pub(crate) fn position(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// The packed file from its start: the very file that was unpacked, whatever its name says by now.
    pub(crate) fn rewound(mut self) -> io::Result<File> {
        self.file.seek(SeekFrom::Start(0))?;
        Ok(self.file)
    }
}

/// Opens what is in the file at `path`: itself, what a gzip or zstd stream holds, or the one readable file of a
/// zip. A zip of several files, a workbook or a NumPy bundle is opened as it is, packed.
///
/// # Errors
/// A file that cannot be opened, a zip that does not keep the rules, or an archive inside an archive.
pub(crate) fn open(path: &Path) -> Result<Opened, FormatError> {
    if let Some((archive, name)) = members::split(path) {
        let member = members::find(&archive, &name)?;
        let reader = unpacked(path, members::open(&archive, &member)?)?;
        // The member is the source here: hashing the whole archive for each member takes too long.
        return Ok(Opened { reader, packing: Some(Packing::Zip), bytes: member.size, disk: None });
    }
    let (mut file, bytes) = open_regular(path)?;
    let io = |e: io::Error| FormatError::io(path, "read", &e);
    let mut head = [0; 4];
    let n = read_head(&mut file, &mut head).map_err(io)?;
    file.seek(SeekFrom::Start(0)).map_err(io)?;
    let Some(packing) = Packing::of_head(&head[..n]) else {
        return Ok(Opened { reader: Box::new(file), packing: None, bytes, disk: None });
    };
    let disk = file.try_clone().map_err(io)?;
    let (reader, read): (Box<dyn Read + Send>, _) = match packing {
        Packing::Gzip => {
            let (packed, read) = counted(file);
            let stream = flate2::bufread::MultiGzDecoder::new(BufReader::new(packed));
            (Box::new(Bounded::new(stream, packing.words(), read.clone())), read)
        }
        Packing::Zstd => {
            let (packed, read) = counted(file);
            let stream = zstd::stream::read::Decoder::new(packed).map_err(io)?;
            (Box::new(Bounded::new(stream, packing.words(), read.clone())), read)
        }
        Packing::Zip => match members::only(path)? {
            Some(member) => (members::open(path, &member)?, Arc::default()),
            None => return Ok(Opened { reader: Box::new(file), packing: None, bytes, disk: None }),
        },
    };
    let reader = unpacked(path, reader)?;
    // A clone shares its place in the file with the original: it is used only once the original was read.
    Ok(Opened { reader, packing: Some(packing), bytes, disk: Some(Disk { file: disk, read }) })
}

/// Refuses what is not read from inside an archive.
fn unpacked(path: &Path, mut reader: Box<dyn Read + Send>) -> Result<Box<dyn Read + Send>, FormatError> {
    let mut head = [0; 8];
    let n = read_head(&mut reader, &mut head).map_err(|e| FormatError::io(path, "unpack", &e))?;
    let head = &head[..n];
    let inner = match head {
        _ if Packing::of_head(head).is_some() => Some("another archive"),
        [b'P', b'A', b'R', b'1', ..] => Some("a Parquet file"),
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => Some("an Arrow file"),
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => Some("a NumPy array"),
        _ => None,
    };
    match inner {
        Some(inner) => Err(FormatError::of(
            path,
            format!("this archive holds {inner}, which is not read from inside an archive"),
            "unpack it and open what is inside",
        )),
        None => Ok(Box::new(io::Cursor::new(head.to_vec()).chain(reader))),
    }
}

/// Fills `head` as far as there are bytes.
fn read_head(from: &mut impl Read, head: &mut [u8]) -> io::Result<usize> {
    let mut n = 0;
    while n < head.len() {
        match from.read(&mut head[n..]) {
            Ok(0) => break,
            Ok(more) => n += more,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(n)
}

/// Counts what is read.
struct Counted<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

fn counted<R: Read>(inner: R) -> (Counted<R>, Arc<AtomicU64>) {
    let read = Arc::new(AtomicU64::new(0));
    (Counted { inner, read: read.clone() }, read)
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(into)?;
        self.read.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// Stops a stream that swells.
struct Bounded<R> {
    inner: R,
    /// What is unpacked, for messages.
    what: String,
    packed: Arc<AtomicU64>,
    out: u64,
}

impl<R: Read> Bounded<R> {
    fn new(inner: R, what: impl Into<String>, packed: Arc<AtomicU64>) -> Self {
        Self { inner, what: what.into(), packed, out: 0 }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(into).map_err(|e| match e.kind() {
            io::ErrorKind::Interrupted => e,
            _ => {
                Refused::io(format!("{} is damaged or cut off ({e})", self.what), "copy or download it again")
            }
        })?;
        self.out += n as u64;
        check(&self.what, self.out, self.packed.load(Ordering::Relaxed))?;
        Ok(n)
    }
}

/// Whether `unpacked` bytes may come out of `packed` ones.
fn check(what: &str, unpacked: u64, packed: u64) -> Result<(), io::Error> {
    const REMEDY: &str = "if you trust it, unpack it yourself and open what is inside";
    if unpacked > MAX_TOTAL {
        return Err(Refused::io(format!("{what} unpacks to more than 4 GiB"), REMEDY));
    }
    if unpacked > RATIO_FROM && unpacked > packed.saturating_mul(MAX_RATIO) {
        return Err(Refused::io(format!("{what} unpacks to more than {MAX_RATIO} times its size"), REMEDY));
    }
    Ok(())
}

/// Bytes of text in the file at `path`, which has `bytes`: for estimates only.
pub(crate) fn expected_bytes(path: &Path, bytes: u64) -> u64 {
    packing_of(path).map_or(bytes, |packing| claimed_bytes(path, packing, bytes))
}

/// How the file at `path` is packed, if it is there and is.
fn packing_of(path: &Path) -> Option<Packing> {
    let mut head = [0; 4];
    let known = File::open(path).and_then(|mut file| read_head(&mut file, &mut head)).unwrap_or(0);
    Packing::of_head(&head[..known])
}

fn claimed_bytes(path: &Path, packing: Packing, packed: u64) -> u64 {
    let claimed = match packing {
        Packing::Gzip => File::open(path).ok().and_then(|mut file| {
            let mut end = [0; 4];
            file.seek(SeekFrom::End(-4)).ok()?;
            file.read_exact(&mut end).ok()?;
            Some(u64::from(u32::from_le_bytes(end)))
        }),
        Packing::Zstd => File::open(path).ok().and_then(|mut file| {
            let mut head = [0; 18];
            let n = read_head(&mut file, &mut head).ok()?;
            zstd::zstd_safe::get_frame_content_size(&head[..n]).ok().flatten()
        }),
        Packing::Zip => members::only(path).ok().flatten().map(|m| m.size),
    };
    claimed.filter(|&n| n > 0).unwrap_or(packed.saturating_mul(5)).min(packed.saturating_mul(MAX_RATIO))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    }

    fn read(name: &str, bytes: &[u8]) -> Result<Vec<u8>, FormatError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let mut out = Vec::new();
        open(&path)?.reader.read_to_end(&mut out).map_err(|e| FormatError::io(&path, "read", &e))?;
        Ok(out)
    }

    #[test]
    fn streams_are_unpacked_by_magic_whatever_their_name() {
        let text = b"id,label\n1,a\n".repeat(1000);
        assert_eq!(read("a.csv", &gzip(&text)).unwrap(), text);
        assert_eq!(read("a.csv", &zstd::encode_all(&text[..], 3).unwrap()).unwrap(), text);
        assert_eq!(read("a.gz", &text).unwrap(), text);
        let twice = [gzip(&text), gzip(&text)].concat();
        assert_eq!(read("a.gz", &twice).unwrap(), text.repeat(2), "streams one after the other are one");
    }

    #[test]
    fn what_swells_nests_or_breaks_off_is_refused() {
        let zeros = vec![b'0'; 20 << 20];
        for (bytes, word) in [
            (gzip(&zeros), "200 times"),
            (zstd::encode_all(&zeros[..], 3).unwrap(), "200 times"),
            (gzip(&gzip(b"a,b\n")), "another archive"),
            (gzip(b"PAR1...."), "Parquet"),
            (gzip(b"id,label\n1,a\n")[..20].to_vec(), "damaged or cut off"),
        ] {
            let e = read("x.gz", &bytes).unwrap_err();
            assert!(e.to_string().contains(word), "{e}");
            assert!(!e.detail().unwrap().remedy.is_empty(), "{e}");
        }
        // A bomb is noticed long before it is unpacked.
        let small = vec![b'0'; 1 << 20];
        assert_eq!(read("x.gz", &gzip(&small)).unwrap().len(), 1 << 20);
    }

    #[test]
    fn a_claimed_length_is_an_estimate_and_no_more() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.gz");
        let mut bytes = gzip(b"id,label\n1,a\n");
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(claimed_bytes(&path, Packing::Gzip, bytes.len() as u64), 13);
        let end = bytes.len() - 4;
        bytes[end..].copy_from_slice(&[0xff; 4]);
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(claimed_bytes(&path, Packing::Gzip, 33), 6600);
    }
}
