//! Cells that say when something was done: written out as ISO 8601 and its neighbours have it, or counted since 1970.

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use super::delimited::parse_number;

/// Counts since 1970 from these on are milliseconds, microseconds, nanoseconds: seconds of a date after the year 5000.
const MILLISECONDS: f64 = 1e11;
const MICROSECONDS: f64 = 1e14;
const NANOSECONDS: f64 = 1e17;
/// Seconds of 1990 and of 2100, between which a count since 1970 is taken for a date.
const USUAL: std::ops::Range<f64> = 631_152_000.0..4_102_444_800.0;
/// Longest cell that is looked at, in bytes.
const LONGEST: usize = 64;

/// Seconds since 1970 in UTC. A moment that is written without its offset is taken for UTC; a day for its beginning; a
/// number for seconds, or what it must be by its size. `None` for anything else.
pub(crate) fn moment_of(cell: &str, decimal_comma: bool) -> Option<f64> {
    let cell = cell.trim();
    if cell.len() > LONGEST {
        return None;
    }
    written(cell).or_else(|| parse_number(cell, decimal_comma).filter(|n| n.is_finite()).map(seconds))
}

/// Whether a cell is a moment written out, with its year, month and day.
pub(crate) fn is_written(cell: &str) -> bool {
    let cell = cell.trim();
    cell.len() <= LONGEST && written(cell).is_some()
}

/// Whether a cell is a number that is a date of our time, counted since 1970.
pub(crate) fn is_counted(cell: &str) -> bool {
    parse_number(cell.trim(), false).is_some_and(|n| USUAL.contains(&seconds(n)))
}

/// A count since 1970 in seconds.
fn seconds(count: f64) -> f64 {
    match count.abs() {
        n if n >= NANOSECONDS => count / 1e9,
        n if n >= MICROSECONDS => count / 1e6,
        n if n >= MILLISECONDS => count / 1e3,
        _ => count,
    }
}

fn written(cell: &str) -> Option<f64> {
    // A year comes first, or the name of a day.
    let first = cell.as_bytes().first()?;
    if first.is_ascii_alphabetic() {
        return spelled(cell);
    }
    if cell.len() < 8 || !cell.is_ascii() || !cell.as_bytes()[..4].iter().all(u8::is_ascii_digit) {
        return None;
    }
    // A bare number is a count.
    if cell.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    let (civil, utc) = match cell.strip_suffix(" UTC").or_else(|| cell.strip_suffix(" GMT")) {
        Some(rest) => (rest, true),
        None => (cell, false),
    };
    if !utc && let Ok(moment) = civil.parse::<jiff::Timestamp>() {
        return Some(since_1970(moment));
    }
    of_civil(civil.parse().ok()?, Offset::UTC)
}

/// As Mechanical Turk writes it: `Tue Feb 07 19:46:05 PST 2017`.
fn spelled(cell: &str) -> Option<f64> {
    let mut words = cell.split_ascii_whitespace();
    let (_, month, day, clock, zone, year) =
        (words.next()?, words.next()?, words.next()?, words.next()?, words.next()?, words.next()?);
    let offset = match zone {
        "UTC" | "GMT" => 0,
        "PST" => -8,
        "PDT" => -7,
        _ => return None,
    };
    if words.next().is_some() {
        return None;
    }
    let civil = DateTime::strptime("%b %d %H:%M:%S %Y", format!("{month} {day} {clock} {year}")).ok()?;
    of_civil(civil, Offset::from_hours(offset).ok()?)
}

fn of_civil(civil: DateTime, offset: Offset) -> Option<f64> {
    Some(since_1970(civil.to_zoned(TimeZone::fixed(offset)).ok()?.timestamp()))
}

fn since_1970(moment: jiff::Timestamp) -> f64 {
    moment.as_microsecond() as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_they_are_written() {
        for (cell, seconds) in [
            ("2024-03-01T10:00:00Z", 1_709_287_200.0),
            ("2024-03-01T10:00:00.250Z", 1_709_287_200.25),
            ("2024-03-01T12:00:00+02:00", 1_709_287_200.0),
            ("2024-03-01 10:00:00+00:00", 1_709_287_200.0),
            ("2024-03-01 10:00:00", 1_709_287_200.0),
            ("2024-03-01T10:00", 1_709_287_200.0),
            ("2024-03-01 10:00:00 UTC", 1_709_287_200.0),
            (" 2024-03-01 ", 1_709_251_200.0),
            ("1709287200", 1_709_287_200.0),
            ("1709287200.5", 1_709_287_200.5),
            ("1709287200250", 1_709_287_200.25),
            ("1709287200250000", 1_709_287_200.25),
            ("1709287200250000000", 1_709_287_200.25),
            ("Tue Feb 07 19:46:05 PST 2017", 1_486_525_565.0),
            ("7", 7.0),
        ] {
            // Nanoseconds since 1970 need more digits than a number has.
            let found = moment_of(cell, false).unwrap();
            assert!((found - seconds).abs() < 1e-6, "{cell}: {found}");
        }
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for cell in [
            "",
            "yesterday",
            "2024-13-01",
            "03/01/2024 10:00",
            "10:00:00",
            "Tue Feb 07 19:46:05 CET 2017",
            "Tue Feb 07 19:46:05 PST 2017 or so",
            "2024-03-01T10:00:00é",
            "NaN",
            "inf",
        ] {
            assert_eq!(moment_of(cell, false), None, "{cell}");
        }
        assert_eq!(moment_of(&"9".repeat(80), false), None);
    }

    #[test]
    fn dates_are_told_from_other_numbers() {
        assert!(is_written("2024-03-01") && is_written("2024-03-01T10:00:00Z") && !is_written("20240301"));
        assert!(!is_written("1709287200") && !is_written("2024"));
        assert!(is_counted("1709287200") && is_counted("1709287200250") && is_counted("1.709e9"));
        assert!(!is_counted("7") && !is_counted("2024") && !is_counted("x") && !is_counted("99999999999"));
    }
}
