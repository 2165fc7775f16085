//! An array of labels as numbers of its different values: ten million integers are not ten million texts.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::dataset::{LabelId, NO_LABEL};
use crate::progress::{Cancelled, Progress};

/// Integers further apart than this are not told apart by a table.
const MAX_RANGE: u64 = 1 << 20;
/// Bytes looked at between two checks.
const BLOCK: usize = 1 << 20;

/// Labels as numbers of values.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LabelCodes {
    /// The different values: integers ascending, texts in order of appearance.
    pub(crate) values: Vec<String>,
    /// The value of each row; [`NO_LABEL`] for the empty text.
    pub(crate) ids: Vec<LabelId>,
}

/// How integers are stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Integers {
    pub(super) bytes: usize,
    pub(super) signed: bool,
    pub(super) big_endian: bool,
}

impl LabelCodes {
    /// From texts, one a row.
    pub(super) fn of_texts(texts: Vec<String>) -> Self {
        let (mut values, mut numbers) = (Vec::new(), HashMap::new());
        let mut number = |text: String| {
            if text.is_empty() {
                return NO_LABEL;
            }
            *numbers.entry(text).or_insert_with_key(|text| {
                values.push(text.clone());
                (values.len() - 1) as LabelId
            })
        };
        let ids = texts.into_iter().map(&mut number).collect();
        Self { values, ids }
    }
}

/// The integers in `bytes`, which is not empty; `None` where they are too far apart for a table.
pub(super) fn coded(
    bytes: &[u8],
    integers: Integers,
    progress: &Progress,
) -> Result<Option<LabelCodes>, Cancelled> {
    macro_rules! read {
        ($($width:literal $signed:ty, $unsigned:ty;)*) => {
            match (integers.bytes, integers.signed, integers.big_endian) {
                $(($width, true, false) => table::<$width>(bytes, |b| <$signed>::from_le_bytes(b).into(), progress),
                ($width, true, true) => table::<$width>(bytes, |b| <$signed>::from_be_bytes(b).into(), progress),
                ($width, false, false) => table::<$width>(bytes, |b| <$unsigned>::from_le_bytes(b).into(), progress),
                ($width, false, true) => table::<$width>(bytes, |b| <$unsigned>::from_be_bytes(b).into(), progress),)*
                (8, signed, big) => {
                    // Beyond the signed numbers, the highest bit makes them negative: too far from the others, or far out.
                    let read = move |b| if big { i64::from_be_bytes(b) } else { i64::from_le_bytes(b) };
                    let found = table::<8>(bytes, read, progress)?;
                    let negative = |c: &LabelCodes| c.values.iter().any(|v| v.starts_with('-'));
                    return Ok(found.filter(|c| signed || !negative(c)));
                }
                _ => return Ok(None),
            }
        };
    }
    read!(1 i8, u8; 2 i16, u16; 4 i32, u32;)
}

/// Codes elements of `W` bytes by a table of the values between the lowest and the highest.
fn table<const W: usize>(
    bytes: &[u8],
    read: impl Fn([u8; W]) -> i64 + Sync,
    progress: &Progress,
) -> Result<Option<LabelCodes>, Cancelled> {
    let elements = bytes.as_chunks::<W>().0;
    let blocks = || elements.par_chunks(BLOCK / W);
    let extremes = blocks().map(|block| {
        progress.check()?;
        let first = read(block[0]);
        Ok(block.iter().fold((first, first), |(low, high), &b| {
            let n = read(b);
            (low.min(n), high.max(n))
        }))
    });
    let (low, high) = extremes.try_reduce(
        || (i64::MAX, i64::MIN),
        |a: (i64, i64), b: (i64, i64)| Ok((a.0.min(b.0), a.1.max(b.1))),
    )?;
    let range = high.abs_diff(low);
    if range >= MAX_RANGE {
        return Ok(None);
    }
    let place = |b: [u8; W]| read(b).abs_diff(low) as usize;
    let nothing = || vec![false; range as usize + 1];
    let share = elements.len().div_ceil(rayon::current_num_threads()).max(BLOCK / W);
    let met = elements.par_chunks(share).map(|part| {
        let mut met = nothing();
        for block in part.chunks(BLOCK / W) {
            progress.check()?;
            block.iter().for_each(|&b| met[place(b)] = true);
        }
        Ok(met)
    });
    let met = met.try_reduce(nothing, |mut a, b| {
        a.iter_mut().zip(b).for_each(|(a, b)| *a |= b);
        Ok(a)
    })?;
    let mut number = vec![NO_LABEL; met.len()];
    let mut values = Vec::new();
    for (i, _) in met.iter().enumerate().filter(|&(_, &met)| met) {
        number[i] = values.len() as LabelId;
        values.push((i128::from(low) + i as i128).to_string());
    }
    let mut ids = vec![0; elements.len()];
    ids.par_chunks_mut(BLOCK / W).zip(blocks()).try_for_each(|(ids, block)| {
        progress.check()?;
        ids.iter_mut().zip(block).for_each(|(id, &b)| *id = number[place(b)]);
        Ok(())
    })?;
    Ok(Some(LabelCodes { values, ids }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8], width: usize, signed: bool, big_endian: bool) -> Option<LabelCodes> {
        coded(bytes, Integers { bytes: width, signed, big_endian }, &Progress::new()).unwrap()
    }

    #[test]
    fn integers_are_told_apart_without_texts() {
        let bytes: Vec<u8> = [7_i64, -2, 7, 0].iter().flat_map(|n| n.to_le_bytes()).collect();
        let found = of(&bytes, 8, true, false).unwrap();
        assert_eq!((found.values, found.ids), (vec!["-2".into(), "0".into(), "7".into()], vec![2, 0, 2, 1]));
        let bytes: Vec<u8> = [300_u16, 299].iter().flat_map(|n| n.to_be_bytes()).collect();
        assert_eq!(of(&bytes, 2, false, true).unwrap().values, ["299", "300"]);
        assert_eq!(of(&[255, 0], 1, true, false).unwrap().values, ["-1", "0"]);
        assert_eq!(of(&[255, 0], 1, false, false).unwrap().values, ["0", "255"]);
    }

    #[test]
    fn integers_far_apart_are_left_to_texts() {
        let bytes: Vec<u8> = [0_i64, i64::MAX].iter().flat_map(|n| n.to_le_bytes()).collect();
        assert_eq!(of(&bytes, 8, true, false), None);
        let bytes: Vec<u8> = [u64::MAX, u64::MAX - 1].iter().flat_map(|n| n.to_le_bytes()).collect();
        assert_eq!(of(&bytes, 8, false, false), None);
    }

    #[test]
    fn texts_are_numbered_as_they_come() {
        let found = LabelCodes::of_texts(["b", "", "a", "b"].map(str::to_owned).to_vec());
        assert_eq!((found.values, found.ids), (vec!["b".into(), "a".into()], vec![0, NO_LABEL, 1, 0]));
    }
}
