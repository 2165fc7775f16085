//! Probabilities in arrays: one file, its parts, or an archive.

use std::path::{Path, PathBuf};

use super::super::error::{FormatError, visible};
use super::super::npy::Array;
use super::super::npz::Bundle;
use super::super::text::{digest_of, digest_of_all, file_of};
use super::Matrix;
use crate::dataset::{Probabilities, Width};
use crate::progress::Progress;

/// Most parts that are put together.
const MAX_PARTS: usize = 10_000;

/// Reads an array, and the other parts where it is one of several.
pub(super) fn read(path: &Path, undigested: bool, progress: &Progress) -> Result<Matrix, FormatError> {
    let Some(parts) = parts_of(path) else {
        let (numbers, width) = Array::open(path)?.into_matrix(progress)?;
        return Ok(Matrix::of_array(path, numbers, width, file_of(path, undigested, progress)?));
    };
    let (mut values, mut rows, mut cols, mut widest) = (Vec::new(), 0, 0, Width::F16);
    let mut files = Vec::new();
    for part in &parts {
        if !part.is_file() {
            let name = visible(&part.file_name().unwrap_or_default().to_string_lossy());
            let what = format!("this is one of {} parts, and “{name}” is not there", parts.len());
            return Err(FormatError::of(path, what, "put all parts into one folder"));
        }
        let (numbers, width) = Array::open(part)?.into_matrix(progress)?;
        if rows > 0 && numbers.stored_cols() != cols {
            let what = format!("it has {} columns, the first part {cols}", numbers.stored_cols());
            return Err(FormatError::of(part, what, "save parts of the same matrix"));
        }
        cols = numbers.stored_cols();
        let start = values.len();
        values.resize(start + numbers.rows() * cols, 0.0);
        numbers.read(0, &mut values[start..]);
        rows += numbers.rows();
        if width != Width::F16 && widest != Width::F64 {
            widest = width;
        }
        files.push(digest_of(part, progress)?);
    }
    // Single and half precision stay as small as they are.
    let numbers = if widest == Width::F64 {
        Probabilities::from_f64(values, rows, cols)
    } else {
        Probabilities::from_f32(values.iter().map(|&x| x as f32).collect(), rows, cols)
    };
    let numbers = numbers.map_err(|e| FormatError::of(path, e.to_string(), "save the matrix as one file"))?;
    Ok(Matrix::of_array(path, numbers, widest, digest_of_all(path, &files)))
}

/// All parts of `x.part2_of_4.npy`, in the order of their numbers; `None` for a file that is not one.
fn parts_of(path: &Path) -> Option<Vec<PathBuf>> {
    let name = path.file_name()?.to_str()?;
    let (stem, rest) = name.rsplit_once(".part")?;
    let (number, rest) = rest.split_once("_of_")?;
    let (total, end) = rest.split_once('.')?;
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let n: usize = total.parse().ok().filter(|&n| n > 0 && n <= MAX_PARTS)?;
    if !digits(number) || !digits(total) {
        return None;
    }
    let wide = if number.starts_with('0') { number.len() } else { 0 };
    // From 1, or from 0 where the file says so.
    let from =
        usize::from(number.parse::<usize>().ok()? != 0 && !with(path, stem, 0, wide, total, end).is_file());
    Some((from..from + n).map(|k| with(path, stem, k, wide, total, end)).collect())
}

fn with(path: &Path, stem: &str, k: usize, wide: usize, total: &str, end: &str) -> PathBuf {
    path.with_file_name(format!("{stem}.part{k:0wide$}_of_{total}.{end}"))
}

/// Reads an archive: the matrix, the classes of its columns, the keys of its rows.
pub(super) fn read_bundle(path: &Path, progress: &Progress) -> Result<Matrix, FormatError> {
    let mut bundle = Bundle::open(path)?;
    let (numbers, width) = bundle.probabilities(progress)?.into_matrix(progress)?;
    let (labels, keys) = (bundle.classes(progress)?, bundle.ids(progress)?);
    let fits = |what: &str, list: &Option<Vec<String>>, n: usize, of: &str| match list {
        Some(list) if list.len() != n => {
            let what = format!("it holds {} {what}, and probabilities of {n} {of}", list.len());
            Err(FormatError::of(path, what, "save matching arrays"))
        }
        _ => Ok(()),
    };
    fits("classes", &labels, numbers.stored_cols(), "classes")?;
    fits("keys", &keys, numbers.rows(), "items")?;
    let mut matrix = Matrix::of_array(path, numbers, width, digest_of(path, progress)?);
    matrix.prefixed = labels.is_some();
    (matrix.labels, matrix.keys) = (labels, keys);
    Ok(matrix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_counted_by_number() {
        let parts = parts_of(Path::new("/nowhere/x.part2_of_11.npy")).unwrap();
        assert_eq!(parts.len(), 11);
        assert_eq!(parts[0], Path::new("/nowhere/x.part1_of_11.npy"));
        assert_eq!(parts[10], Path::new("/nowhere/x.part11_of_11.npy"));
        assert_eq!(parts_of(Path::new("x.part2.npy")), None);
        assert_eq!(parts_of(Path::new("x.npy")), None);
    }
}
