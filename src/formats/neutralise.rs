//! Cells that a spreadsheet would run as formulas: found, defused with an apostrophe, and restored exactly.
//!
//! CSV is a data format here, so nothing is defused unasked. Asked, each risky cell gets a leading `'`, and a
//! side-car `<file>.escapes.json` records which, with the digest of the file that it describes; reading that
//! file takes exactly those apostrophes away again. Rows count from 0 (the header), columns from 0.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::delimited::parse_number;
use super::error::FormatError;
use super::text::open_regular;

/// Largest side-car that is read.
const MAX_SIDE_CAR: u64 = 256 << 20;

/// Whether a spreadsheet would run `cell`: its first character, after blanks, a byte order mark or a semicolon
/// (which some spreadsheets split at), begins a formula. Numbers are exempt: −5 stays −5.
pub fn is_risky(cell: &str) -> bool {
    if cell.starts_with(['\t', '\r', '\0']) {
        return true;
    }
    let begin = cell.trim_start_matches([' ', '\u{feff}', ';']);
    begin.starts_with(['=', '+', '-', '@', '\t', '\r', '\0', '＝', '＋', '－', '＠'])
        && parse_number(cell, true).is_none()
}

/// What the side-car says.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Escapes {
    version: u32,
    /// Of the file beside it.
    pub(crate) digest: String,
    /// (row, column) of each cell that got an apostrophe.
    pub(crate) cells: Vec<(u64, u32)>,
}

impl Escapes {
    /// For the cells of a file whose digest is known later.
    pub(crate) fn new(digest: String, cells: Vec<(u64, u32)>) -> Self {
        Self { version: 1, digest, cells }
    }

    /// Where the side-car of `path` is.
    pub(crate) fn path_for(path: &Path) -> PathBuf {
        let mut name = path.as_os_str().to_owned();
        name.push(".escapes.json");
        PathBuf::from(name)
    }

    /// The side-car of `path`, if there is one.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, FormatError> {
        let side_car = Self::path_for(path);
        if !side_car.is_file() {
            return Ok(None);
        }
        let (file, bytes) = open_regular(&side_car)?;
        let remedy = "delete it if the table was edited since it was exported";
        if bytes > MAX_SIDE_CAR {
            return Err(FormatError::of(&side_car, "the list of escaped cells is too large", remedy));
        }
        let escapes: Self = serde_json::from_reader(std::io::BufReader::new(file)).map_err(|e| {
            FormatError::of(&side_car, format!("the list of escaped cells is damaged ({e})"), remedy)
        })?;
        if escapes.version != 1 {
            let what =
                format!("the list of escaped cells has version {}, which is not known", escapes.version);
            return Err(FormatError::of(&side_car, what, remedy));
        }
        Ok(Some(escapes))
    }

    /// Row → columns.
    pub(crate) fn by_row(&self) -> HashMap<u64, Vec<u32>> {
        let mut rows: HashMap<u64, Vec<u32>> = HashMap::new();
        for &(row, column) in &self.cells {
            rows.entry(row).or_default().push(column);
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_risky_and_numbers_are_not() {
        for cell in [
            "=1+1",
            "+1-555-0100",
            "-x",
            "@SUM(A1)",
            "\t=1",
            "\rx",
            "\0x",
            "  =1",
            "\u{feff}=1",
            ";=1",
            "＝1",
            "-",
        ] {
            assert!(is_risky(cell), "{cell:?}");
        }
        for cell in ["-5", "+0,5", "-1e3", "x=1", "'=1", "", " ", "a-b", "5"] {
            assert!(!is_risky(cell), "{cell:?}");
        }
    }
}
