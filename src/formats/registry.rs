//! The table of formats: what each is called, how it is recognised, read and written. Detection, dialogs, the command
//! line and the list in the README all come from here; delimited tables and label arrays, which need roles, are
//! read by [`load`](super::load()).

use std::path::Path;

use super::corpora;
use super::error::FormatError;
use super::gather::Gathering;
use super::intake::InputFile;
use super::json::{Node, Records, Shape};
use super::tools::{argilla, doccano, label_studio, prodigy};
use super::write::WriteBack;
use crate::progress::Progress;

/// What a reader of this format needs no question for.
#[derive(Debug)]
pub struct Format {
    /// How the command line, logs and settings call it.
    pub id: &'static str,
    /// How people call it.
    pub name: &'static str,
    /// What of it is read, in a few words.
    pub reads: &'static str,
    /// What is written back, in a few words; empty where nothing is.
    pub writes: &'static str,
    /// Usual ends of file names, without the dot.
    pub extensions: &'static [&'static str],
    /// Whether it is this format, why, and which files belong to it.
    pub(crate) detect: fn(&Look<'_>) -> Option<Evidence>,
    /// Reads its files.
    pub(crate) read: fn(&[InputFile], &mut Gathering, &Progress) -> Result<(), FormatError>,
    /// Gives the source with the decisions applied.
    pub(crate) write: Option<Writer>,
}

/// Gives a source with decisions applied.
pub(crate) type Writer = fn(&WriteBack<'_>, &Progress) -> Result<Product, FormatError>;

/// Every format, the more specific before the more general.
pub static FORMATS: &[&Format] = &[
    &corpora::lewidi::FORMAT,
    &corpora::chaosnli::FORMAT,
    &corpora::judge_bench::FORMAT,
    &corpora::label_errors::FORMAT,
    &corpora::potato::FORMAT,
    &corpora::potato::FINAL,
    &corpora::potato::EXPORT,
    &corpora::cvat::FORMAT,
    &corpora::goemotions::FORMAT,
    &corpora::fiftyone::FORMAT,
    &corpora::lilac::FORMAT,
    &label_studio::JSON,
    &label_studio::min::FLAT,
    &argilla::ARGILLA,
    &prodigy::PRODIGY,
    &doccano::DOCCANO,
    &doccano::lines::CSV,
    &doccano::lines::FASTTEXT,
    &super::text_spans::webanno::FORMAT,
    &super::text_spans::cas_json::FORMAT,
    &super::text_spans::xmi::FORMAT,
    &super::text_spans::agreement::FORMAT,
    &super::text_spans::brat::FORMAT,
    &super::text_spans::conll::FORMAT,
    &super::votes::VOTES,
];

/// The format of this identifier.
pub fn format_of(id: &str) -> Option<&'static Format> {
    FORMATS.iter().copied().find(|f| f.id == id)
}

/// Why something is taken for a format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// Continues "Detected X because …".
    pub(crate) because: String,
    /// The files to read, in order.
    pub(crate) files: Vec<InputFile>,
}

impl Evidence {
    /// About the one file that is looked at.
    #[allow(clippy::unnecessary_wraps)] // It is what `detect` answers.
    pub(crate) fn file(look: &Look<'_>, because: impl Into<String>) -> Option<Self> {
        Some(Self { because: because.into(), files: vec![InputFile::alone(look.path)] })
    }
}

/// What can be seen of a file or folder without reading all of it.
#[derive(Debug)]
pub(crate) struct Look<'a> {
    pub(crate) path: &'a Path,
    /// Files below a folder, by path relative to it with `/`, sorted; `None` for a file.
    pub(crate) listing: Option<Vec<String>>,
    /// The first bytes of a file, unpacked.
    pub(crate) head: Vec<u8>,
    /// The head as text, cut at a character; empty where it is not text.
    pub(crate) text: String,
    /// The first JSON record and how records are strung together, where the head holds a whole one.
    pub(crate) record: Option<(Shape, Node)>,
}

impl<'a> Look<'a> {
    /// Bytes of a file that are looked at.
    pub(crate) const HEAD: usize = 1 << 18;

    /// From the first bytes of a file.
    pub(crate) fn of_head(path: &'a Path, head: Vec<u8>) -> Self {
        let good = match std::str::from_utf8(&head) {
            Ok(text) => text,
            Err(e) => std::str::from_utf8(&head[..e.valid_up_to()]).unwrap_or_default(),
        };
        let text = good.trim_start_matches('\u{feff}').to_owned();
        let record = match text.trim_start().as_bytes().first() {
            Some(b'{' | b'[') => {
                let mut records = Records::new(&text);
                records.next().ok().flatten().map(|entry| (records.shape, entry.node))
            }
            _ => None,
        };
        Self { path, listing: None, head, text, record }
    }

    /// The first record.
    pub(crate) fn first(&self) -> Option<&Node> {
        self.record.as_ref().map(|(_, node)| node)
    }

    /// The shape of the records.
    pub(crate) fn shape(&self) -> Option<Shape> {
        self.record.as_ref().map(|(shape, _)| *shape)
    }

    /// Files of a folder whose name ends in `end`.
    pub(crate) fn ending(&self, end: &str) -> impl Iterator<Item = &str> {
        self.listing.iter().flatten().map(String::as_str).filter(move |f| f.ends_with(end))
    }

    /// One file of a folder.
    pub(crate) fn input(&self, name: &str, rater: Option<&str>) -> InputFile {
        InputFile {
            path: name.split('/').fold(self.path.to_owned(), |p, part| p.join(part)),
            name: name.to_owned(),
            rater: rater.map(str::to_owned),
            encoding: None,
        }
    }
}

/// What is written back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Product {
    /// One file.
    File(Vec<u8>),
    /// A folder of files, by path relative to it with `/`.
    Folder(Vec<(String, Vec<u8>)>),
}
