//! Excel workbooks (`.xlsx`): the first sheet that has cells; the first of its rows names the columns.
//!
//! Numbers are written as the sheet means them: whole numbers without a point, dates as ISO 8601. A workbook is a
//! zip of XML, so its parts are measured before they are unpacked.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

use calamine::{Data, ExcelDateTime, Reader as _, Xlsx};

use super::batch::{Coded, NO_CELL};
use super::delimited::MAX_COLUMNS;
use super::error::{FormatError, visible};
use super::held::Held;
use super::intern::Interner;
use super::notes::{Notes, Place};
use super::text::open_regular;

/// Most bytes that all parts of a workbook may unpack to.
const MAX_BYTES: u64 = 2 << 30;
/// Most members of the zip.
const MAX_MEMBERS: usize = 100_000;
/// How often smaller than its content the file may be.
const MAX_RATIO: u64 = 200;
/// Most cells of a sheet, empty ones within its bounds included.
const MAX_CELLS: u64 = 200_000_000;

/// Whether `head` begins a workbook: a zip that names its parts as Office does.
pub(crate) fn is_one(head: &[u8]) -> bool {
    let length = usize::from(head.get(26).copied().unwrap_or(0));
    let name = head.get(30..30 + length).unwrap_or_default();
    head.starts_with(b"PK\x03\x04")
        && (name.starts_with(b"[Content_Types]")
            || name.starts_with(b"xl/")
            || name.starts_with(b"_rels/")
            || name.starts_with(b"docProps/"))
}

fn damaged(path: &Path, why: &dyn std::fmt::Display) -> FormatError {
    FormatError::of(path, format!("this workbook cannot be read ({why})"), "save the sheet as CSV (UTF-8)")
}

/// Unpacks every part once, without keeping it, so that nothing later is larger than the limits.
fn measure(path: &Path) -> Result<(), FormatError> {
    let (file, length) = open_regular(path)?;
    let mut archive = zip::ZipArchive::new(file).map_err(|e| damaged(path, &e))?;
    if archive.len() > MAX_MEMBERS {
        return Err(damaged(path, &"it has more than 100 000 parts"));
    }
    let limit = MAX_BYTES.min(length.saturating_mul(MAX_RATIO).saturating_add(1 << 20));
    let mut total = 0;
    for i in 0..archive.len() {
        let member = archive.by_index(i).map_err(|e| damaged(path, &e))?;
        let room = limit + 1 - total;
        total +=
            std::io::copy(&mut member.take(room), &mut std::io::sink()).map_err(|e| damaged(path, &e))?;
        if total > limit {
            return Err(damaged(path, &"it would unpack to far more than it should"));
        }
    }
    Ok(())
}

/// The table in a workbook.
pub(crate) fn table(path: &Path, notes: &mut Notes) -> Result<Held, FormatError> {
    measure(path)?;
    super::columnar::guarded(path, || read(path, notes))
}

fn read(path: &Path, notes: &mut Notes) -> Result<Held, FormatError> {
    let (file, _) = open_regular(path)?;
    let mut book: Xlsx<_> = Xlsx::new(std::io::BufReader::new(file)).map_err(|e| damaged(path, &e))?;
    let sheets = book.sheet_names();
    let mut found = None;
    for sheet in &sheets {
        let Some((top, bottom, left, right)) = bounds(&mut book, sheet).map_err(|e| damaged(path, &e))?
        else {
            continue;
        };
        let (height, width) = (u64::from(bottom - top) + 1, u64::from(right - left) + 1);
        if width > MAX_COLUMNS as u64 || height.saturating_mul(width) > MAX_CELLS {
            let what = format!("the sheet “{}” spans {height} rows and {width} columns", visible(sheet));
            return Err(FormatError::of(path, what, "delete cells far outside the table, or save it as CSV"));
        }
        let range = book.worksheet_range(sheet).map_err(|e| damaged(path, &e))?;
        if range.rows().any(|row| row.iter().any(|c| !matches!(c, Data::Empty))) {
            found = Some((sheet.clone(), range));
            break;
        }
    }
    let Some((sheet, range)) = found else {
        return Err(FormatError::of(path, "no sheet of this workbook has a cell", "name another file"));
    };
    let others: Vec<String> =
        sheets.iter().filter(|s| **s != sheet).map(|s| format!("“{}”", visible(s))).collect();
    notes.add("other_sheets", Place::FILE, u64::from(!others.is_empty()), || {
        (
            format!("Only the sheet “{}” is read; there are also {}", visible(&sheet), others.join(", ")),
            "Save another sheet as CSV to read it".into(),
        )
    });
    let first = range.start().map_or(0, |(row, _)| u64::from(row));
    // Rows without a cell above and below the header are no rows.
    let mut rows = range.rows().enumerate().filter(|(_, r)| r.iter().any(|c| !matches!(c, Data::Empty)));
    let header = rows.next().map_or(&[][..], |(_, row)| row);
    let width = header.iter().rposition(|c| !matches!(c, Data::Empty)).map_or(0, |i| i + 1);
    let names: Vec<String> = header[..width].iter().map(|c| text(c).unwrap_or_default()).collect();
    let mut columns: Vec<(Interner, Vec<u32>)> = (0..width).map(|_| Default::default()).collect();
    let (mut lines, mut beyond, mut errors) = (Vec::new(), 0u64, 0u64);
    for (n, row) in rows {
        lines.push(first + n as u64 + 1);
        beyond += u64::from(row.iter().skip(width).any(|c| !matches!(c, Data::Empty)));
        for (i, (known, codes)) in columns.iter_mut().enumerate() {
            let cell = row.get(i).unwrap_or(&Data::Empty);
            errors += u64::from(matches!(cell, Data::Error(_)));
            let code = text(cell).and_then(|t| known.intern(&t)).map_or(NO_CELL, |(code, _)| code);
            codes.push(code);
        }
    }
    notes.add("cells_beyond_header", Place::FILE, beyond, || {
        (
            "Rows have cells beyond the last named column; they are not read".into(),
            "Name these columns".into(),
        )
    });
    notes.add("error_cells", Place::FILE, errors, || {
        (
            "Cells hold an error such as #N/A instead of a value; they count as empty".into(),
            "Mend the formulas".into(),
        )
    });
    let rows = lines.len();
    let columns =
        columns.into_iter().map(|(known, codes)| Coded { codes, values: known.into_strings() }).collect();
    Ok(Held::new(path, super::table::unique(&names), columns, rows).with_lines(lines))
}

/// First and last row and column with a cell; a lone cell far out would make all between it and the first.
fn bounds<R: std::io::Read + std::io::Seek>(
    book: &mut Xlsx<R>,
    sheet: &str,
) -> Result<Option<(u32, u32, u32, u32)>, calamine::XlsxError> {
    // What is no sheet of cells (a chart) has none.
    let Ok(mut cells) = book.worksheet_cells_reader(sheet) else { return Ok(None) };
    let mut bounds: Option<(u32, u32, u32, u32)> = None;
    while let Some(cell) = cells.next_cell()? {
        let (r, c) = cell.get_position();
        let b = bounds.get_or_insert((r, r, c, c));
        *b = (b.0.min(r), b.1.max(r), b.2.min(c), b.3.max(c));
    }
    Ok(bounds)
}

/// What a cell says.
fn text(cell: &Data) -> Option<String> {
    Some(match cell {
        Data::Empty | Data::Error(_) => return None,
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Int(n) => n.to_string(),
        Data::Bool(b) => b.to_string(),
        Data::Float(x) => number(*x),
        Data::DateTime(when) => date(when),
    })
}

/// Sheets know one kind of number: a whole one is written without a point.
fn number(x: f64) -> String {
    if x.fract() == 0.0 && x.abs() < 1e15 { format!("{x:.0}") } else { format!("{x:?}") }
}

fn date(when: &ExcelDateTime) -> String {
    if when.is_duration() {
        return number(when.as_f64());
    }
    let (year, month, day, hour, minute, second, milli) = when.to_ymd_hms_milli();
    let mut out = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second, milli) != (0, 0, 0, 0) {
        let _ = write!(out, "T{hour:02}:{minute:02}:{second:02}");
        if milli > 0 {
            let _ = write!(out, ".{milli:03}");
        }
    }
    out
}
