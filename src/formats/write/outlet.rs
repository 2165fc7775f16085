//! Where an export goes: a file that appears whole, with its side-cars, or nowhere (a plan).

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::super::archive::Packer;
use super::super::atomic::{AtomicFile, check_target};
use super::super::columns::reviewer;
use super::super::delimited::{Dialect, QuoteStyle};
use super::super::error::FormatError;
use super::super::neutralise::{Escapes, is_risky};
use super::super::text::{Encoding, hex_digest};
use super::{Decisions, WriteOptions};
use crate::dataset::Dataset;

/// Bytes kept before they are written.
const BUFFER: usize = 1 << 16;

/// Takes text, encodes it, and counts cells that a spreadsheet would run.
pub(crate) struct Outlet {
    file: Option<AtomicFile>,
    packer: Option<Packer>,
    out: PathBuf,
    sources: Vec<PathBuf>,
    safe: bool,
    encoding: Encoding,
    buffer: Vec<u8>,
    hasher: Sha256,
    escaped: Vec<(u64, u32)>,
    risky: u64,
    rows: u64,
}

impl Outlet {
    /// Counts, and writes nothing.
    pub(crate) fn nowhere(options: &WriteOptions) -> Self {
        Self {
            file: None,
            packer: None,
            out: PathBuf::new(),
            sources: Vec::new(),
            safe: options.spreadsheet_safe,
            encoding: Encoding::Utf8,
            buffer: Vec::new(),
            hasher: Sha256::new(),
            escaped: Vec::new(),
            risky: 0,
            rows: 0,
        }
    }

    /// Begins a file, and checks that its side-cars can be written too.
    pub(crate) fn create(dataset: &Dataset, out: &Path, options: &WriteOptions) -> Result<Self, FormatError> {
        let sources: Vec<PathBuf> = dataset.source.paths().map(Path::to_owned).collect();
        let refs: Vec<&Path> = sources.iter().map(PathBuf::as_path).collect();
        let packer = Some(Packer::of_name(out)?);
        let file = Some(AtomicFile::create(out, &refs, options.overwrite)?);
        if options.spreadsheet_safe {
            check_target(&Escapes::path_for(out), &refs, options.overwrite)?;
        }
        if options.pseudonymise {
            check_target(&raters_path(out), &refs, options.overwrite)?;
        }
        Ok(Self { file, packer, out: out.to_owned(), sources, ..Self::nowhere(options) })
    }

    /// Chooses the encoding and writes its byte order mark. Before anything else.
    pub(super) fn begin(&mut self, encoding: Encoding) -> Result<(), FormatError> {
        self.encoding = encoding;
        self.bytes(encoding.bom())
    }

    /// Appends bytes as they are.
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Result<(), FormatError> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER { self.flush() } else { Ok(()) }
    }

    /// Appends text.
    pub(super) fn text(&mut self, text: &str) -> Result<(), FormatError> {
        self.encoding.encode(text, &mut self.buffer).map_err(|e| {
            FormatError::of(
                &self.out,
                e.to_string(),
                "choose a label that can, or save the source as UTF-8 first",
            )
        })?;
        if self.buffer.len() >= BUFFER { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), FormatError> {
        if let (Some(file), Some(packer)) = (&mut self.file, &mut self.packer) {
            let ready = packer.take(&self.buffer).map_err(|e| FormatError::io(&self.out, "write", &e))?;
            self.hasher.update(&ready);
            file.write(&ready)?;
        }
        self.buffer.clear();
        Ok(())
    }

    /// Where the present row is in the result; the header is row 0.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// The present row is complete.
    pub(super) fn end_row(&mut self) {
        self.rows += 1;
    }

    /// Counts the cell if it is risky; the cell to write instead where it is to be defused.
    pub(super) fn defused(&mut self, column: usize, cell: &str) -> Option<String> {
        if !is_risky(cell) {
            return None;
        }
        self.risky += 1;
        self.safe.then(|| {
            self.escaped.push((self.rows, column as u32));
            format!("'{cell}")
        })
    }

    /// Risky cells, and those defused.
    pub(super) fn risky(&self) -> (u64, u64) {
        (self.risky, self.escaped.len() as u64)
    }

    /// Writes one row of a new comma-separated file.
    pub(crate) fn row_of(&mut self, cells: &[String]) -> Result<(), FormatError> {
        let dialect = Dialect::default();
        let mut line = String::new();
        for (i, cell) in cells.iter().enumerate() {
            if i > 0 {
                line.push(',');
            }
            let defused = self.defused(i, cell);
            dialect.push_cell(defused.as_deref().unwrap_or(cell), false, &mut line);
        }
        line.push('\n');
        self.end_row();
        self.text(&line)
    }

    /// Puts the files in their places: side-cars first, so that a file never lacks its own.
    pub(crate) fn commit(mut self, pseudonyms: &Pseudonyms) -> Result<Vec<PathBuf>, FormatError> {
        self.flush()?;
        let (Some(mut file), Some(packer)) = (self.file, self.packer) else { return Ok(Vec::new()) };
        let end = packer.end().map_err(|e| FormatError::io(&self.out, "write", &e))?;
        self.hasher.update(&end);
        file.write(&end)?;
        let sources: Vec<&Path> = self.sources.iter().map(PathBuf::as_path).collect();
        let mut files = Vec::new();
        if pseudonyms.used {
            let path = raters_path(&self.out);
            let mut map = AtomicFile::create(&path, &sources, true)?;
            map.write(pseudonyms.table().as_bytes())?;
            map.commit()?;
            files.push(path);
        }
        if !self.escaped.is_empty() {
            let path = Escapes::path_for(&self.out);
            let escapes = Escapes::new(hex_digest(self.hasher), self.escaped);
            let json = serde_json::to_vec(&escapes).map_err(|e| FormatError::of(&path, e.to_string(), ""))?;
            let mut side_car = AtomicFile::create(&path, &sources, true)?;
            side_car.write(&json)?;
            side_car.commit()?;
            files.push(path);
        }
        file.commit()?;
        files.insert(0, self.out);
        Ok(files)
    }
}

fn raters_path(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".raters.csv");
    PathBuf::from(name)
}

/// What raters and reviewers are called in the result.
pub(crate) struct Pseudonyms {
    /// Whether names are replaced at all.
    pub(crate) used: bool,
    names: HashMap<String, String>,
    /// In order of numbering, for the map.
    order: Vec<String>,
    raters: usize,
    reviewers: usize,
}

impl Pseudonyms {
    /// Raters by their numbers in the dataset, then reviewers in the order of items.
    pub(crate) fn of(dataset: &Dataset, decisions: &Decisions, used: bool) -> Self {
        let mut all = Self { used, names: HashMap::new(), order: Vec::new(), raters: 0, reviewers: 0 };
        if used {
            for name in &dataset.raters.names {
                all.rater(name);
            }
            for (_, decision) in decisions.iter() {
                all.rater(&format!("reviewer:{}", decision.reviewer));
            }
        }
        all
    }

    /// What a rater, or a `reviewer:<name>`, is called; numbered on first sight.
    pub(super) fn rater(&mut self, name: &str) -> String {
        if !self.used || name.is_empty() {
            return name.to_owned();
        }
        if let Some(known) = self.names.get(name) {
            return known.clone();
        }
        let pseudonym = if reviewer(name).is_some() {
            self.reviewers += 1;
            format!("reviewer:V{}", self.reviewers)
        } else {
            self.raters += 1;
            format!("R{}", self.raters)
        };
        self.names.insert(name.to_owned(), pseudonym.clone());
        self.order.push(name.to_owned());
        pseudonym
    }

    /// What the reviewer `name` is called, without `reviewer:`.
    pub(crate) fn reviewer<'n>(&'n self, name: &'n str) -> &'n str {
        let known = self.names.get(&format!("reviewer:{name}"));
        known.map_or(name, |n| n.strip_prefix("reviewer:").unwrap_or(n))
    }

    fn table(&self) -> String {
        let dialect = Dialect { quoting: QuoteStyle::Necessary, ..Dialect::default() };
        let mut text = "pseudonym,rater\n".to_owned();
        for name in &self.order {
            text.push_str(&self.names[name]);
            text.push(',');
            // Always written: this dialect quotes.
            dialect.push_cell(name, false, &mut text);
            text.push('\n');
        }
        text
    }
}
