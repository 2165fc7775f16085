//! How long the vote of a row took, and when it was given.

use super::super::delimited::parse_number;
use super::super::meanings::{BAD, EMPTY};
use super::super::moments::moment_of;
use super::{Merging, Rows};

impl Merging {
    /// When the vote of a row was given.
    pub(super) fn moment(&mut self, rows: &mut Rows<'_>, row: usize, line: u64) -> Option<f64> {
        let (lookup, moments) = (rows.when.as_mut()?, &mut rows.moments);
        // Seconds of this century need more than 32 bits: their places in a list are looked up. A batch has far fewer values
        // than there are numbers below any mark.
        let found = lookup.at(row, |cell| {
            Ok::<u32, ()>(moment_of(cell, self.decimal_comma).map_or(BAD, |moment| {
                moments.push(moment);
                moments.len() as u32 - 1
            }))
        });
        match found {
            Ok(BAD) => {
                self.tallies.bad_moment.hit(line);
                None
            }
            Ok(EMPTY) | Err(()) => None,
            Ok(place) => moments.get(place as usize).copied(),
        }
    }

    /// Seconds that the vote of a row took.
    pub(super) fn seconds(&mut self, rows: &mut Rows<'_>, row: usize, line: u64) -> Option<f32> {
        let lookup = rows.time.as_mut()?;
        // Numbers are kept as their bits; those of seconds are below any mark.
        let found = lookup.at(row, |cell| {
            let number = parse_number(cell, self.decimal_comma).filter(|&s| s >= 0.0);
            Ok::<u32, ()>(number.map_or(BAD, |s| ((s * self.unit) as f32).to_bits()))
        });
        match found {
            Ok(BAD) => {
                self.tallies.bad_time.hit(line);
                None
            }
            Ok(EMPTY) | Err(()) => None,
            Ok(bits) => Some(f32::from_bits(bits)),
        }
    }
}
