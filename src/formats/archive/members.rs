//! The files of a zip, by name, as bounded streams. Only the list in the archive is believed, and only what of
//! it can be checked: names that stay inside, no links, no two entries that share bytes or a name, sizes that
//! are not a bomb's. One entry that breaks a rule is enough to refuse the archive, by the entry's name.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::{Component, Path, PathBuf};

use flate2::Crc;
use zip::{CompressionMethod, ZipArchive};

use super::super::error::{FormatError, visible};
use super::super::text::open_regular;
use super::{Bounded, MAX_RATIO, MAX_TOTAL, Packing, RATIO_FROM, check, counted, read_head};

/// Most entries.
const MAX_ENTRIES: u64 = 100_000;

/// Ends of names that may hold annotations.
const READABLE: [&str; 16] = [
    "csv", "tsv", "txt", "json", "jsonl", "ndjson", "xml", "xmi", "conll", "conllu", "bio", "iob", "iob2",
    "ann", "tab", "data",
];

/// One file of a zip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    /// Its path, with `/`.
    pub(crate) name: String,
    /// Bytes when unpacked, as the archive says.
    pub(crate) size: u64,
    packed: u64,
    crc: u32,
    index: usize,
    stored: bool,
}

/// An archive with the list of its files.
struct Contents {
    archive: ZipArchive<BufReader<File>>,
    members: Vec<Member>,
    /// Whether this is a workbook, a document or a bundle of arrays, which have readers of their own.
    whole: bool,
}

fn contents(path: &Path) -> Result<Contents, FormatError> {
    let damaged = |e: &dyn std::fmt::Display| {
        FormatError::of(path, format!("the zip archive is damaged ({e})"), "copy or download it again")
    };
    let (mut file, length) = open_regular(path)?;
    let claimed = claimed_entries(&mut file, length).map_err(|e| FormatError::io(path, "read", &e))?;
    let too_many = |n: u64| {
        let what = format!("the zip archive holds {n} entries, more than {MAX_ENTRIES}");
        FormatError::of(path, what, "unpack what you need and open that")
    };
    if claimed > MAX_ENTRIES {
        return Err(too_many(claimed));
    }
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|e| damaged(&e))?;
    if archive.len() as u64 > MAX_ENTRIES {
        return Err(too_many(archive.len() as u64));
    }
    let refuse = |name: &str, what: &str| {
        let what = format!("the zip archive holds the entry “{}”, {what}", visible(name));
        FormatError::of(path, what, "do not unpack it; ask whoever sent it for a plain copy of the data")
    };
    if archive.has_duplicate_names() {
        let what = "the zip archive holds two entries of the same name";
        return Err(FormatError::of(path, what, "ask whoever sent it for a plain copy of the data"));
    }
    let (mut members, mut total, mut whole) = (Vec::new(), 0u64, false);
    for index in 0..archive.len() {
        let entry = archive.by_index_data(index).map_err(|e| damaged(&e))?;
        let Ok(name) = entry.name().map(std::borrow::Cow::into_owned) else {
            let what = "the name of an entry of the zip archive cannot be read";
            return Err(FormatError::of(path, what, "pack the files again with names in UTF-8"));
        };
        let inside = entry.enclosed_name().is_some()
            && !name.starts_with('/')
            && !name.contains(['\\', '\0', ':'])
            && !name.trim_end_matches('/').split('/').any(|part| matches!(part, "" | "." | ".."));
        if !inside {
            return Err(refuse(&name, "whose name points out of the archive"));
        }
        if entry.is_symlink() {
            return Err(refuse(&name, "which is a link"));
        }
        if entry.is_dir() || name.ends_with('/') {
            continue;
        }
        let (size, packed) = (entry.size(), entry.compressed_size());
        total = total.saturating_add(size);
        if total > MAX_TOTAL {
            return Err(refuse(&name, "with which it unpacks to more than 4 GiB"));
        }
        if size > RATIO_FROM && size > packed.saturating_mul(MAX_RATIO) {
            return Err(refuse(&name, &format!("which unpacks to more than {MAX_RATIO} times its size")));
        }
        whole |= name == "[Content_Types].xml" || Path::new(&name).extension().is_some_and(|e| e == "npy");
        if is_noise(&name) {
            continue;
        }
        if entry.encrypted() {
            let what = format!("the entry “{}” of the zip archive is encrypted", visible(&name));
            return Err(FormatError::of(path, what, "unpack it and open the file that holds the labels"));
        }
        let stored = match entry.compression() {
            CompressionMethod::Stored => true,
            CompressionMethod::Deflated => false,
            other => {
                let what =
                    format!("the entry “{}” of the zip archive is packed with {other}", visible(&name));
                return Err(FormatError::of(path, what, "unpack it and open the file that holds the labels"));
            }
        };
        members.push(Member { name, size, packed, crc: entry.crc32(), index, stored });
    }
    if total > RATIO_FROM && total > length.saturating_mul(MAX_RATIO) {
        let what = format!("the zip archive unpacks to more than {MAX_RATIO} times its size");
        return Err(FormatError::of(path, what, "do not unpack it"));
    }
    if archive.has_overlapping_entries().map_err(|e| damaged(&e))? {
        let what = "entries of the zip archive share their bytes, as in a bomb";
        return Err(FormatError::of(path, what, "do not unpack it"));
    }
    members.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Contents { archive, members, whole })
}

/// What systems and tools leave in archives, and what is never read: serialised Java objects.
fn is_noise(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let end = Path::new(file).extension().and_then(|e| e.to_str()).unwrap_or_default();
    name.starts_with("__MACOSX/")
        || file.starts_with('.')
        || file == "Thumbs.db"
        || ["ser", "pkl", "pickle", "pt", "exe", "dll", "so"].iter().any(|e| end.eq_ignore_ascii_case(e))
}

/// Whether a file of this name may hold annotations.
fn is_readable(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    let talk = ["readme", "license", "licence", "changelog"].iter().any(|t| file.starts_with(t));
    let end = file.rsplit_once('.').map(|(_, end)| end);
    !talk && end.is_some_and(|end| READABLE.contains(&end))
}

/// Entries that the end of an archive claims, before its list is read and takes memory.
fn claimed_entries(file: &mut File, length: u64) -> io::Result<u64> {
    let back = length.min(22 + 65_535 + 20);
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(length - back))?;
    file.take(back).read_to_end(&mut tail)?;
    let Some(at) = tail.windows(4).rposition(|w| w == b"PK\x05\x06") else { return Ok(0) };
    let number = |bytes: &[u8], at: usize, n: usize| {
        bytes.get(at..at + n).map_or(0, |b| b.iter().rev().fold(0u64, |sum, &b| sum << 8 | u64::from(b)))
    };
    let short = number(&tail, at + 10, 2);
    let mut record = [0; 56];
    if let Some(locator) = at.checked_sub(20).filter(|&l| tail[l..].starts_with(b"PK\x06\x07")) {
        file.seek(SeekFrom::Start(number(&tail, locator + 8, 8).min(length)))?;
        if read_head(file, &mut record)? == 56 && record.starts_with(b"PK\x06\x06") {
            return Ok(number(&record, 32, 8).max(short.min(0xfffe)));
        }
    }
    Ok(short)
}

/// The one readable file, if there is exactly one; `None` also where the archive is a document as a whole.
pub(super) fn only(path: &Path) -> Result<Option<Member>, FormatError> {
    let contents = contents(path)?;
    if contents.whole {
        return Ok(None);
    }
    let all = contents.members;
    let mut readable = all.iter().filter(|m| is_readable(&m.name));
    Ok(match (readable.next(), readable.next(), all.len()) {
        (Some(one), None, _) => Some(one.clone()),
        (None, _, 1) => all.into_iter().next(),
        _ => None,
    })
}

/// The files of a zip that looks like a folder, sorted; `None` where it is a document as a whole.
pub(crate) fn listing(path: &Path) -> Result<Option<Vec<String>>, FormatError> {
    let contents = contents(path)?;
    Ok((!contents.whole).then(|| contents.members.into_iter().map(|m| m.name).collect()))
}

/// The file of this name.
pub(super) fn find(path: &Path, name: &str) -> Result<Member, FormatError> {
    let known = contents(path)?.members;
    let missing = || {
        let what = format!("the zip archive holds no file “{}”", visible(name));
        FormatError::of(path, what, "open the archive again")
    };
    known.into_iter().find(|m| m.name == name).ok_or_else(missing)
}

/// What is in a file of a zip.
pub(super) fn open(path: &Path, member: &Member) -> Result<Box<dyn Read + Send>, FormatError> {
    let Contents { mut archive, .. } = contents(path)?;
    let start = match archive.by_index_raw(member.index) {
        Ok(entry) => entry.data_start(),
        Err(e) => {
            return Err(FormatError::of(path, format!("the zip archive is damaged ({e})"), "copy it again"));
        }
    };
    let mut file = archive.into_inner().into_inner();
    let start = start.unwrap_or(u64::MAX);
    file.seek(SeekFrom::Start(start)).map_err(|e| FormatError::io(path, "read", &e))?;
    let (packed, read) = counted(file.take(member.packed));
    let what = format!("the entry “{}” of the zip archive", visible(&member.name));
    let checked = |inner: Box<dyn Read + Send>| Checked {
        inner,
        crc: Crc::new(),
        left: member.size,
        expected: member.crc,
    };
    let stream: Box<dyn Read + Send> = if member.stored {
        Box::new(packed)
    } else {
        Box::new(flate2::bufread::DeflateDecoder::new(BufReader::new(packed)))
    };
    Ok(Box::new(Bounded::new(checked(stream), what.clone(), read)))
}

/// Holds a stream to the length and checksum that the archive gives for it.
struct Checked {
    inner: Box<dyn Read + Send>,
    crc: Crc,
    left: u64,
    expected: u32,
}

impl Read for Checked {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(into)?;
        self.crc.update(&into[..n]);
        let wrong = |why: &str| Err(io::Error::new(io::ErrorKind::InvalidData, why.to_owned()));
        if n as u64 > self.left {
            return wrong("it is longer than the archive says");
        }
        self.left -= n as u64;
        if n == 0 && !into.is_empty() {
            if self.left > 0 {
                return wrong("it is shorter than the archive says");
            }
            if self.crc.sum() != self.expected {
                return wrong("its checksum is wrong");
            }
        }
        Ok(n)
    }
}

/// The archive and the name in it, where `path` goes on behind a zip on the disk.
pub(super) fn split(path: &Path) -> Option<(PathBuf, String)> {
    if std::fs::symlink_metadata(path).is_ok() {
        return None;
    }
    let archive = path.ancestors().skip(1).find(|p| !p.as_os_str().is_empty() && p.exists())?;
    if !archive.is_file() {
        return None;
    }
    let mut head = [0; 4];
    let n = read_head(&mut File::open(archive).ok()?, &mut head).ok()?;
    if Packing::of_head(&head[..n]) != Some(Packing::Zip) {
        return None;
    }
    let mut name = Vec::new();
    for part in path.strip_prefix(archive).ok()?.components() {
        match part {
            Component::Normal(part) => name.push(part.to_str()?),
            _ => return None,
        }
    }
    Some((archive.to_owned(), name.join("/")))
}

/// The file on the disk that holds what `path` names: the archive, where it goes on behind one.
pub(crate) fn container(path: &Path) -> PathBuf {
    split(path).map_or_else(|| path.to_owned(), |(archive, _)| archive)
}

/// What the filter makes of the bytes of a zip: for the fuzzer. Every member that passes is read to its end.
pub(crate) fn filter(path: &Path) -> Result<Vec<(String, u64)>, FormatError> {
    let mut out = Vec::new();
    for member in contents(path)?.members {
        let mut reader = open(path, &member)?;
        let n = io::copy(&mut reader, &mut io::sink());
        if let Ok(n) = n {
            check("a member", n, member.packed).map_err(|e| FormatError::io(path, "read", &e))?;
            out.push((member.name, n));
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write as _;
    use zip::write::SimpleFileOptions;

    fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut out = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        for (name, bytes) in files {
            out.start_file(*name, SimpleFileOptions::default()).unwrap();
            out.write_all(bytes).unwrap();
        }
        out.finish().unwrap().into_inner()
    }

    fn on_disk(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.zip");
        std::fs::write(&path, bytes).unwrap();
        (dir, path)
    }

    fn text(path: &Path) -> Result<String, String> {
        let mut out = String::new();
        let mut opened = super::super::open(path).map_err(|e| e.to_string())?;
        opened.reader.read_to_string(&mut out).map_err(|e| e.to_string())?;
        Ok(out)
    }

    #[test]
    fn one_readable_file_is_the_archive_and_several_are_a_folder() {
        let (_dir, one) = on_disk(&zip(&[("README.md", b"hello"), ("d/a.csv", b"id,label\n"), (".x", b"")]));
        assert_eq!(text(&one).unwrap(), "id,label\n");
        let (_dir, two) = on_disk(&zip(&[("ben.jsonl", b"{}"), ("ana.jsonl", b"[]")]));
        assert_eq!(only(&two).unwrap(), None);
        assert_eq!(listing(&two).unwrap().unwrap(), ["ana.jsonl", "ben.jsonl"]);
        assert_eq!(text(&two.join("ben.jsonl")).unwrap(), "{}");
        assert_eq!(container(&two.join("ben.jsonl")), two);
        assert!(text(&two.join("../x.zip/ben.jsonl")).is_err());
        let (_dir, book) = on_disk(&zip(&[("[Content_Types].xml", b"<"), ("xl/a.xml", b"<")]));
        assert_eq!(listing(&book).unwrap(), None);
    }

    #[test]
    fn names_that_lead_out_are_named() {
        for name in ["../a.csv", "/a.csv", "..\\a.csv", "C:/a.csv", "a/../../b.csv", "a/./b.csv"] {
            let (_dir, path) = on_disk(&zip(&[("ok.csv", b"id\n"), (name, b"x")]));
            let e = listing(&path).unwrap_err().to_string();
            assert!(e.contains(name) && e.contains("points out of"), "{e}");
        }
    }

    #[test]
    fn a_changed_byte_is_noticed() {
        let mut bytes = zip(&[("a.csv", b"id,label\n1,a\n")]);
        let at = bytes.windows(5).position(|w| w == b"a.csv").unwrap() + 8;
        bytes[at] ^= 0x10;
        let (_dir, path) = on_disk(&bytes);
        let e = text(&path).unwrap_err();
        assert!(e.contains("damaged"), "{e}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_change_of_an_archive_is_read_or_refused(
            at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in 0usize..40,
        ) {
            let mut bytes = zip(&[("ana.jsonl", b"{\"a\": 1}\n"), ("b/ben.jsonl", &[b'x'; 500])]);
            let at = at.index(bytes.len());
            bytes[at] = byte;
            bytes.truncate(bytes.len() - cut);
            let (_dir, path) = on_disk(&bytes);
            let _ = filter(&path);
        }
    }
}
