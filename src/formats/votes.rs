//! Two-dimensional arrays of whole numbers (`.npy`): votes, items × raters, or counts, items × labels.
//!
//! The numbers decide which. Votes are numbers of labels, with not-a-number or a negative number where a rater gave
//! none. Counts say how many people chose each label of an item, as published with CIFAR-10H; nobody is named.

use super::error::{FormatError, plural};
use super::gather::{Gathering, Value};
use super::intake::InputFile;
use super::npy::{Array, Kind, parse_header};
use super::registry::{Evidence, Format, Look};
use super::text::digest_of;
use crate::dataset::{Missing, Task};
use crate::progress::Progress;

/// The format.
pub(crate) static VOTES: Format = Format {
    id: "npy-matrix",
    name: "a NumPy matrix of votes or counts",
    reads: "items × raters (numbers of labels) or items × labels (counts)",
    writes: "",
    extensions: &["npy"],
    detect,
    read,
    write: None,
};

/// Most votes or counts that one item may have: more is no count of people.
const MAX_COUNT: i64 = 100_000;
/// Most cells.
const MAX_CELLS: usize = 1 << 28;

fn detect(look: &Look<'_>) -> Option<Evidence> {
    if !look.head.starts_with(b"\x93NUMPY") {
        return None;
    }
    let header = parse_header(&look.head).ok()?;
    if header.shape.len() != 2 || matches!(header.kind, Kind::Unicode | Kind::Bytes) {
        return None;
    }
    match matrix(&InputFile::alone(look.path), &Progress::new()) {
        Ok(matrix) => Evidence::file(look, matrix.why),
        // Why it cannot be read is said when it is read.
        Err(_) => Evidence::file(look, "it is a two-dimensional array of numbers"),
    }
}

/// The numbers; `None` where there is none.
struct Matrix {
    cols: usize,
    cells: Vec<Option<i64>>,
    /// Whether they are counts, and why or why not.
    counts: bool,
    why: String,
}

impl Matrix {
    fn of(cols: usize, cells: Vec<Option<i64>>) -> Self {
        let rows = cells.len() / cols.max(1);
        let (counts, reason) = judge(cols, &cells);
        let why = if counts {
            format!("it has {} of {cols} counts: {reason}", plural(rows as u64, "row"))
        } else {
            format!("it has {} of {cols} raters' votes: {reason}", plural(rows as u64, "row"))
        };
        Self { cols, cells, counts, why }
    }
}

/// Whether the numbers are counts, and why.
fn judge(cols: usize, cells: &[Option<i64>]) -> (bool, &'static str) {
    if cells.iter().any(Option::is_none) {
        return (false, "some numbers are missing or negative, which counts never are");
    }
    let sums: Vec<i64> = cells.chunks_exact(cols).map(|r| r.iter().flatten().sum()).collect();
    if sums.iter().any(|&s| s < 2) {
        return (false, "some rows sum to less than two");
    }
    let split = |r: &[Option<i64>]| r.iter().filter(|c| **c != Some(0)).count() > 1;
    if !cells.chunks_exact(cols).any(split) {
        return (false, "no row has two numbers other than zero");
    }
    let zeros = cells.iter().filter(|c| **c == Some(0)).count();
    let (least, most) = (sums.iter().min().copied().unwrap_or(0), sums.iter().max().copied().unwrap_or(0));
    if least == most {
        return (true, "all rows have the same sum");
    }
    if zeros * 5 >= cells.len() && most <= 2 * least {
        return (true, "the rows have about the same sum and many zeros");
    }
    (false, "the sums of the rows differ too much for counts")
}

fn matrix(file: &InputFile, progress: &Progress) -> Result<Matrix, FormatError> {
    let mut array = Array::open(&file.path)?;
    let &[rows, cols] = array.header.shape.as_slice() else {
        let what = format!("this array has shape {:?}", array.header.shape);
        return Err(FormatError::of(&file.path, what, "save a matrix of items × raters"));
    };
    if rows == 0 || cols == 0 || rows.saturating_mul(cols) > MAX_CELLS {
        let what = format!("a matrix of {rows} × {cols} votes cannot be read");
        return Err(FormatError::of(&file.path, what, "save one row an item and one column a rater"));
    }
    let bytes = array.read_bytes(progress)?;
    let header = &array.header;
    let cells: Option<Vec<Option<i64>>> =
        bytes.chunks_exact(header.item_size).map(|element| header.whole(element)).collect();
    let Some(cells) = cells else {
        return Err(FormatError::of(
            &file.path,
            "this matrix holds fractions, so it is neither votes nor counts",
            "give predicted probabilities with --probs, and open the file that holds the labels",
        ));
    };
    let cells = if header.fortran_order {
        (0..rows * cols).map(|i| cells[(i % cols) * rows + i / cols]).collect()
    } else {
        cells
    };
    Ok(Matrix::of(cols, cells))
}

fn read(files: &[InputFile], gathering: &mut Gathering, progress: &Progress) -> Result<(), FormatError> {
    let question = gathering.question("label", Task::Single);
    for file in files {
        let matrix = matrix(file, progress)?;
        gathering.files.push(digest_of(&file.path, progress)?);
        if matrix.counts {
            let names: Vec<String> = (0..matrix.cols).map(|c| c.to_string()).collect();
            gathering.declare(question, &names);
        }
        for (n, row) in matrix.cells.chunks_exact(matrix.cols).enumerate() {
            if n.is_multiple_of(4096) {
                progress.check()?;
            }
            let item = gathering.item(&(n + 1).to_string())?;
            for (c, cell) in row.iter().enumerate() {
                match cell {
                    Some(count) if matrix.counts => {
                        if *count > MAX_COUNT {
                            let what = format!("row {} counts {count} votes", n + 1);
                            return Err(FormatError::of(&file.path, what, "save counts of people"));
                        }
                        gathering.counted(question, item, &c.to_string(), *count as u32)?;
                    }
                    cell => {
                        let rater = gathering.rater(&format!("rater {}", c + 1))?;
                        match cell {
                            Some(label) => {
                                gathering.vote(
                                    question,
                                    item,
                                    rater,
                                    Value::One(&label.to_string()),
                                    None,
                                )?;
                            }
                            None => gathering.absent(question, item, rater, Missing::Unknown),
                        }
                    }
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(rows: &[&[i64]]) -> bool {
        let cells = rows.iter().flat_map(|r| r.iter().map(|&c| (c >= 0).then_some(c))).collect();
        Matrix::of(rows[0].len(), cells).counts
    }

    #[test]
    fn numbers_decide_between_votes_and_counts() {
        assert!(counts(&[&[3, 0, 0], &[1, 2, 0], &[0, 0, 3]]));
        assert!(counts(&[&[50, 0, 0], &[0, 47, 4], &[0, 0, 60]]));
        assert!(!counts(&[&[2, 2, 2], &[0, 1, 0], &[0, -1, 0]]), "a missing vote");
        assert!(!counts(&[&[0, 0, 0], &[1, 2, 1]]), "everybody chose label 0");
        assert!(!counts(&[&[5, 4, 5], &[1, 1, 2], &[3, 3, 3]]), "ratings");
    }
}
