//! Packing again: a result whose name ends in `.gz`, `.zst` or `.zip` is packed that way, and always to the same bytes.

use std::io::{self, Write};
use std::path::Path;

use super::super::error::FormatError;
use super::Packing;

/// A stream that packs what is written, or not.
pub(crate) enum Packer {
    /// As it is.
    Plain(Vec<u8>),
    /// Packed with gzip.
    Gzip(flate2::write::GzEncoder<Vec<u8>>),
    /// Packed with zstd.
    Zstd(zstd::stream::write::Encoder<'static, Vec<u8>>),
}

impl Packer {
    /// As the name of the result says.
    pub(crate) fn of_name(out: &Path) -> Result<Self, FormatError> {
        let io = |e: io::Error| FormatError::io(out, "write", &e);
        Ok(match Packing::of_name(out) {
            // No name and no time in the header: the same data gives the same bytes.
            Some(Packing::Gzip) => {
                Self::Gzip(flate2::GzBuilder::new().write(Vec::new(), flate2::Compression::default()))
            }
            Some(Packing::Zstd) => {
                let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 3).map_err(io)?;
                encoder.include_checksum(true).map_err(io)?;
                Self::Zstd(encoder)
            }
            Some(Packing::Zip) => {
                let what = "one file is not written as a zip archive";
                return Err(FormatError::of(
                    out,
                    what,
                    "end the name in .gz or .zst instead, or leave it plain",
                ));
            }
            None => Self::Plain(Vec::new()),
        })
    }

    /// Takes bytes, and gives those that are ready for the disk.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Plain(out) => out.write_all(bytes)?,
            Self::Gzip(out) => out.write_all(bytes)?,
            Self::Zstd(out) => out.write_all(bytes)?,
        }
        Ok(std::mem::take(match self {
            Self::Plain(out) => out,
            Self::Gzip(out) => out.get_mut(),
            Self::Zstd(out) => out.get_mut(),
        }))
    }

    /// The last bytes.
    pub(crate) fn end(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Plain(out) => Ok(out),
            Self::Gzip(out) => out.finish(),
            Self::Zstd(out) => out.finish(),
        }
    }
}

/// `bytes` as the name of the result says.
pub(crate) fn pack(out: &Path, bytes: Vec<u8>) -> Result<Vec<u8>, FormatError> {
    let io = |e: io::Error| FormatError::io(out, "write", &e);
    let mut packer = Packer::of_name(out)?;
    if matches!(packer, Packer::Plain(_)) {
        return Ok(bytes);
    }
    let mut packed = packer.take(&bytes).map_err(io)?;
    packed.extend(packer.end().map_err(io)?);
    Ok(packed)
}

/// What to say about a result that is packed, or is not although its source is.
pub(crate) fn note(source: &Path, out: &Path) -> Option<String> {
    let of_source = super::packing_of(source);
    match (Packing::of_name(out), of_source) {
        (Some(packing), _) => Some(format!("The result is {}, as its name says", packing.words())),
        (None, Some(packing)) => {
            let end = if packing == Packing::Zstd { ".zst" } else { ".gz" };
            Some(format!(
                "The source is {}, the result is not packed: a name that ends in {end} packs it",
                packing.words()
            ))
        }
        (None, None) => None,
    }
}

/// A zip of files by name, without times.
pub(crate) fn pack_folder(out: &Path, files: &[(String, Vec<u8>)]) -> Result<Vec<u8>, FormatError> {
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    let pack = || {
        let mut writer = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        for (name, bytes) in files {
            writer.start_file(name.as_str(), options.large_file(bytes.len() >= 0xffff_ffff))?;
            writer.write_all(bytes)?;
        }
        Ok::<_, zip::result::ZipError>(writer.finish()?.into_inner())
    };
    pack().map_err(|e| {
        FormatError::of(out, format!("the archive cannot be written ({e})"), "name a new folder")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_read_again_and_packed_alike() {
        let text = b"id,label\n1,a\n".repeat(10_000);
        let dir = tempfile::tempdir().unwrap();
        for name in ["a.csv", "a.csv.gz", "a.csv.zst"] {
            let path = dir.path().join(name);
            let bytes = pack(&path, text.clone()).unwrap();
            assert_eq!(bytes, pack(&path, text.clone()).unwrap(), "{name}");
            let mut packer = Packer::of_name(&path).unwrap();
            let mut again: Vec<u8> = text.chunks(777).flat_map(|c| packer.take(c).unwrap()).collect();
            again.extend(packer.end().unwrap());
            for bytes in [bytes, again] {
                std::fs::write(&path, bytes).unwrap();
                let mut read = Vec::new();
                super::super::open(&path).unwrap().reader.read_to_end(&mut read).unwrap();
                assert_eq!(read, text, "{name}");
            }
        }
        let files = [("a/b.txt".to_owned(), b"x".to_vec()), ("c.txt".to_owned(), b"y".to_vec())];
        let zip = dir.path().join("a.zip");
        std::fs::write(&zip, pack_folder(&zip, &files).unwrap()).unwrap();
        assert_eq!(super::super::listing(&zip).unwrap().unwrap(), ["a/b.txt", "c.txt"]);
    }
}
