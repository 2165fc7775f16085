//! Two-dimensional arrays of whole numbers (`.npy`): votes, items × raters, or counts or sets, items × labels.
//!
//! The numbers decide which. Votes are numbers of labels, with not-a-number or a negative number where a rater gave
//! none. Counts say how many people chose each label of an item, as published with CIFAR-10H; nobody is named. Sets
//! say with ones which few of many labels an item has.

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
    reads: "items × raters (numbers of labels) or items × labels (counts, or ones for the labels of an item)",
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
    /// What they are, and why.
    holds: Holds,
    why: String,
}

/// What the numbers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Votes,
    Counts,
    Sets,
}

impl Matrix {
    fn of(cols: usize, cells: Vec<Option<i64>>) -> Self {
        let rows = cells.len() / cols.max(1);
        let (holds, reason) = match judge(cols, &cells) {
            (false, _) if are_sets(cols, &cells) => {
                (Holds::Sets, "all are 0 or 1, with few ones, and no row is without")
            }
            (true, reason) => (Holds::Counts, reason),
            (false, reason) => (Holds::Votes, reason),
        };
        let what = match holds {
            Holds::Votes => "raters' votes",
            Holds::Counts => "counts",
            Holds::Sets => "labels",
        };
        let why = format!("it has {} of {cols} {what}: {reason}", plural(rows as u64, "row"));
        Self { cols, cells, holds, why }
    }
}

/// Whether ones say which of many labels each item has: few a row and none without, as raters of two labels would
/// hardly vote.
fn are_sets(cols: usize, cells: &[Option<i64>]) -> bool {
    let ones = |row: &[Option<i64>]| row.iter().filter(|c| **c == Some(1)).count();
    let rows = cells.len() / cols.max(1);
    cols >= 5
        && rows >= 20
        && cells.iter().all(|c| matches!(c, Some(0 | 1)))
        && cells.chunks_exact(cols).all(|row| ones(row) > 0)
        && ones(cells) * 4 <= cells.len()
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
    for file in files {
        let matrix = matrix(file, progress)?;
        let task = if matrix.holds == Holds::Sets { Task::MultiLabel } else { Task::Single };
        let question = gathering.question("label", task);
        gathering.files.push(digest_of(&file.path, progress)?);
        let numbers: Vec<String> = (0..matrix.cols).map(|c| c.to_string()).collect();
        if matrix.holds != Holds::Votes {
            gathering.declare(question, &numbers);
        }
        for (n, row) in matrix.cells.chunks_exact(matrix.cols).enumerate() {
            if n.is_multiple_of(4096) {
                progress.check()?;
            }
            let item = gathering.item(&(n + 1).to_string())?;
            if matrix.holds == Holds::Sets {
                let there = numbers.iter().zip(row).filter(|(_, c)| **c == Some(1));
                let set: Vec<String> = there.map(|(name, _)| name.clone()).collect();
                gathering.given(question, item, Value::Set(&set))?;
                continue;
            }
            for (c, cell) in row.iter().enumerate() {
                match cell {
                    Some(count) if matrix.holds == Holds::Counts => {
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
        Matrix::of(rows[0].len(), cells).holds == Holds::Counts
    }

    #[test]
    fn ones_for_few_of_many_labels_are_sets() {
        let rows = |flags: &[[i64; 8]]| {
            let cells = flags.iter().flatten().map(|&c| Some(c)).collect();
            Matrix::of(8, cells).holds
        };
        let mut many = [[0, 1, 0, 0, 0, 0, 0, 0]; 20];
        many[3][7] = 1;
        assert_eq!(rows(&many), Holds::Sets);
        many[5] = [0; 8];
        assert_eq!(rows(&many), Holds::Votes, "a row without a one: raters of two labels");
        many[5] = [2, 1, 0, 0, 0, 0, 0, 0];
        assert_ne!(rows(&many), Holds::Sets, "other numbers");
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
