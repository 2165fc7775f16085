//! Arrays of Arrow → cells: what each value says as text, coded so that a value that repeats is written once.
//!
//! Numbers are written so that they read back as the same number, times as ISO 8601, truth as `true` and `false`.
//! A null is no cell. Lists and structures become JSON in one cell.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::Hash;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, GenericListArray, MapArray, OffsetSizeTrait, PrimitiveArray,
    StructArray,
};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::super::batch::{Coded, NO_CELL};
use super::super::json::quoted;
use super::features::Feature;

/// What had to be passed over, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Odd {
    /// Cells of bytes that are not text.
    pub(crate) bytes: u64,
    /// Numbers of a class that has no name.
    pub(crate) nameless: u64,
}

impl Odd {
    /// Adds what another part saw.
    pub(crate) fn add(&mut self, other: Self) {
        self.bytes += other.bytes;
        self.nameless += other.nameless;
    }
}

/// Codes values that are cheap to compare.
struct Coder<K> {
    known: HashMap<K, u32>,
    last: Option<(K, u32)>,
    out: Coded,
    text: String,
}

impl<K: Hash + Eq + Copy> Coder<K> {
    fn of(rows: usize) -> Self {
        let out = Coded { codes: Vec::with_capacity(rows), ..Coded::default() };
        Self { known: HashMap::new(), last: None, out, text: String::new() }
    }

    /// One more cell; `write` says what a value says where it is new, `false` for nothing.
    fn push(&mut self, key: Option<K>, write: impl FnOnce(&mut String) -> bool) {
        let Some(key) = key else { return self.out.codes.push(NO_CELL) };
        let code = match self.last {
            Some((last, code)) if last == key => code,
            _ => match self.known.get(&key) {
                Some(&code) => code,
                None => {
                    self.text.clear();
                    let code =
                        if write(&mut self.text) { self.out.values.push(&self.text) as u32 } else { NO_CELL };
                    self.known.insert(key, code);
                    code
                }
            },
        };
        self.last = Some((key, code));
        self.out.codes.push(code);
    }
}

/// The cells of one column.
pub(crate) fn coded(array: &ArrayRef, feature: &Feature, odd: &mut Odd) -> Result<Coded, ArrowError> {
    let array: &dyn Array = array.as_ref();
    let rows = array.len();
    Ok(match array.data_type() {
        DataType::Null => Coded { codes: vec![NO_CELL; rows], ..Coded::default() },
        DataType::Dictionary(_, _) => dictionary(array, feature, odd)?,
        DataType::Utf8 => texts(array.as_string::<i32>().iter(), rows),
        DataType::LargeUtf8 => texts(array.as_string::<i64>().iter(), rows),
        DataType::Utf8View => texts(array.as_string_view().iter(), rows),
        DataType::Binary => bytes(array.as_binary::<i32>().iter(), rows, odd),
        DataType::LargeBinary => bytes(array.as_binary::<i64>().iter(), rows, odd),
        DataType::BinaryView => bytes(array.as_binary_view().iter(), rows, odd),
        DataType::FixedSizeBinary(_) => bytes(array.as_fixed_size_binary().iter(), rows, odd),
        DataType::Boolean => booleans(array.as_boolean()),
        DataType::Int8 => integers(array.as_primitive::<Int8Type>(), feature, odd),
        DataType::Int16 => integers(array.as_primitive::<Int16Type>(), feature, odd),
        DataType::Int32 => integers(array.as_primitive::<Int32Type>(), feature, odd),
        DataType::Int64 => integers(array.as_primitive::<Int64Type>(), feature, odd),
        DataType::UInt8 => integers(array.as_primitive::<UInt8Type>(), feature, odd),
        DataType::UInt16 => integers(array.as_primitive::<UInt16Type>(), feature, odd),
        DataType::UInt32 => integers(array.as_primitive::<UInt32Type>(), feature, odd),
        DataType::UInt64 => {
            let mut coder = Coder::of(rows);
            for value in array.as_primitive::<UInt64Type>() {
                coder.push(value, |out| write!(out, "{}", value.unwrap_or_default()).is_ok());
            }
            coder.out
        }
        DataType::Float16 => {
            let values = array.as_primitive::<Float16Type>().iter().map(|v| v.map(half::f16::to_f32));
            floats(values, rows, f32::to_bits, f32::is_nan, float32)
        }
        DataType::Float32 => {
            let values = array.as_primitive::<Float32Type>().iter();
            floats(values, rows, f32::to_bits, f32::is_nan, float32)
        }
        DataType::Float64 => {
            let values = array.as_primitive::<Float64Type>().iter();
            floats(values, rows, f64::to_bits, f64::is_nan, float64)
        }
        DataType::Timestamp(unit, zone) => timestamps(array, *unit, zone.is_some()),
        DataType::Struct(fields) => match (feature, fields.iter().position(|f| f.name() == "path")) {
            (Feature::Media, Some(path)) => coded(array.as_struct().column(path), &Feature::Plain, odd)?,
            _ => nested(array, feature)?,
        },
        DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(_, _) | DataType::Map(_, _) => {
            nested(array, feature)?
        }
        _ => formatted(array)?,
    })
}

/// Strings; one that follows itself is written once.
fn texts<'t>(values: impl Iterator<Item = Option<&'t str>>, rows: usize) -> Coded {
    let mut out = Coded { codes: Vec::with_capacity(rows), ..Coded::default() };
    let mut last: Option<(&str, u32)> = None;
    for value in values {
        let Some(value) = value else {
            out.codes.push(NO_CELL);
            continue;
        };
        let code = match last {
            Some((text, code)) if text == value => code,
            _ => out.values.push(value) as u32,
        };
        last = Some((value, code));
        out.codes.push(code);
    }
    out
}

fn bytes<'t>(values: impl Iterator<Item = Option<&'t [u8]>>, rows: usize, odd: &mut Odd) -> Coded {
    let text = |value: Option<&'t [u8]>| {
        let text = value.map(std::str::from_utf8)?;
        odd.bytes += u64::from(text.is_err());
        text.ok()
    };
    texts(values.map(text), rows)
}

fn booleans(array: &BooleanArray) -> Coded {
    let values = ["false", "true"].iter().collect();
    Coded { codes: array.iter().map(|b| b.map_or(NO_CELL, u32::from)).collect(), values }
}

fn integers<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>, feature: &Feature, odd: &mut Odd) -> Coded
where
    T::Native: Into<i64>,
{
    let mut coder = Coder::of(array.len());
    let names = feature.names();
    for value in array {
        let value: Option<i64> = value.map(Into::into);
        let Some(names) = names else {
            coder.push(value, |out| write!(out, "{}", value.unwrap_or_default()).is_ok());
            continue;
        };
        // Minus one says: no label.
        let value = value.filter(|&v| v != -1);
        let name = value.and_then(|v| names.get(usize::try_from(v).ok()?));
        odd.nameless += u64::from(value.is_some() && name.is_none());
        coder.push(value, |out| match name {
            Some(name) => {
                out.push_str(name);
                true
            }
            None => write!(out, "{}", value.unwrap_or_default()).is_ok(),
        });
    }
    coder.out
}

/// The shortest spelling that reads back as the same number; `1.0` keeps its point.
fn float64(x: f64, out: &mut String) {
    let _ = write!(out, "{x:?}");
}

fn float32(x: f32, out: &mut String) {
    let _ = write!(out, "{x:?}");
}

/// Not-a-number is how several libraries write that there is no value.
fn floats<F: Copy, B: Hash + Eq + Copy>(
    values: impl Iterator<Item = Option<F>>,
    rows: usize,
    bits: impl Fn(F) -> B,
    is_nan: impl Fn(F) -> bool,
    spell: impl Fn(F, &mut String),
) -> Coded {
    let mut coder = Coder::of(rows);
    for value in values {
        let value = value.filter(|&x| !is_nan(x));
        coder.push(value.map(&bits), |out| {
            if let Some(x) = value {
                spell(x, out);
            }
            true
        });
    }
    coder.out
}

/// ISO 8601; with `Z` where the column has a time zone, as then the numbers count from UTC.
fn timestamps(array: &dyn Array, unit: TimeUnit, zoned: bool) -> Coded {
    let values: Vec<Option<i64>> = match unit {
        TimeUnit::Second => array.as_primitive::<TimestampSecondType>().iter().collect(),
        TimeUnit::Millisecond => array.as_primitive::<TimestampMillisecondType>().iter().collect(),
        TimeUnit::Microsecond => array.as_primitive::<TimestampMicrosecondType>().iter().collect(),
        TimeUnit::Nanosecond => array.as_primitive::<TimestampNanosecondType>().iter().collect(),
    };
    let mut coder = Coder::of(values.len());
    for value in values {
        coder.push(value, |out| write!(out, "{}", instant(value.unwrap_or_default(), unit, zoned)).is_ok());
    }
    coder.out
}

fn instant(value: i64, unit: TimeUnit, zoned: bool) -> String {
    let timestamp = match unit {
        TimeUnit::Second => jiff::Timestamp::from_second(value),
        TimeUnit::Millisecond => jiff::Timestamp::from_millisecond(value),
        TimeUnit::Microsecond => jiff::Timestamp::from_microsecond(value),
        TimeUnit::Nanosecond => jiff::Timestamp::from_nanosecond(i128::from(value)),
    };
    match timestamp {
        Ok(t) if zoned => t.to_string(),
        Ok(t) => t.to_string().trim_end_matches('Z').to_owned(),
        // Beyond the years that a calendar names.
        Err(_) => value.to_string(),
    }
}

/// Cells of a dictionary; only the entries that occur are kept.
fn dictionary(array: &dyn Array, feature: &Feature, odd: &mut Odd) -> Result<Coded, ArrowError> {
    let array = array.as_any_dictionary();
    let entries = array.values();
    let rows = array.len();
    if entries.is_empty() {
        return Ok(Coded { codes: vec![NO_CELL; rows], ..Coded::default() });
    }
    let cells = coded(entries, feature, odd)?;
    let keys = array.normalized_keys();
    let mut place = vec![NO_CELL; cells.values.len()];
    let mut out = Coded { codes: Vec::with_capacity(rows), ..Coded::default() };
    for (row, &key) in keys.iter().enumerate() {
        let code =
            if array.is_null(row) { NO_CELL } else { cells.codes.get(key).copied().unwrap_or(NO_CELL) };
        if code == NO_CELL {
            out.codes.push(NO_CELL);
            continue;
        }
        let place = &mut place[code as usize];
        if *place == NO_CELL {
            *place = out.values.push(cells.values.get(code as usize)) as u32;
        }
        out.codes.push(*place);
    }
    Ok(out)
}

/// Whatever else there is, as Arrow shows it.
fn formatted(array: &dyn Array) -> Result<Coded, ArrowError> {
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(array, &options)?;
    let mut out = Coded::default();
    for row in 0..array.len() {
        let code = if array.is_null(row) {
            NO_CELL
        } else {
            out.values.push(&formatter.value(row).try_to_string()?) as u32
        };
        out.codes.push(code);
    }
    Ok(out)
}

fn nested(array: &dyn Array, feature: &Feature) -> Result<Coded, ArrowError> {
    let mut out = Coded::default();
    let mut text = String::new();
    for row in 0..array.len() {
        if array.is_null(row) {
            out.codes.push(NO_CELL);
            continue;
        }
        text.clear();
        json(array, row, feature, &mut text)?;
        out.codes.push(out.values.push(&text) as u32);
    }
    Ok(out)
}

/// One value as JSON.
fn json(array: &dyn Array, row: usize, feature: &Feature, out: &mut String) -> Result<(), ArrowError> {
    if array.is_null(row) {
        out.push_str("null");
        return Ok(());
    }
    match array.data_type() {
        DataType::Struct(_) => structure(array.as_struct(), row, feature, out),
        DataType::List(_) => list(array.as_list::<i32>(), row, feature, out),
        DataType::LargeList(_) => list(array.as_list::<i64>(), row, feature, out),
        DataType::FixedSizeList(_, _) => {
            elements(&array.as_fixed_size_list().value(row), feature.element(), out)
        }
        DataType::Map(_, _) => map(array.as_map(), row, out),
        _ => {
            let cell = coded(&array.slice(row, 1), feature, &mut Odd::default())?;
            let text = (cell.code(0) != NO_CELL).then(|| cell.get(0));
            match array.data_type() {
                DataType::Boolean => out.push_str(text.unwrap_or("null")),
                kind if kind.is_numeric() && feature.names().is_none() => match text {
                    Some(text) if !text.ends_with(['f', 'N']) => out.push_str(text),
                    _ => out.push_str("null"),
                },
                _ => out.push_str(&text.map_or("null".to_owned(), quoted)),
            }
            Ok(())
        }
    }
}

fn list<O: OffsetSizeTrait>(
    array: &GenericListArray<O>,
    row: usize,
    feature: &Feature,
    out: &mut String,
) -> Result<(), ArrowError> {
    elements(&array.value(row), feature.element(), out)
}

fn elements(array: &ArrayRef, feature: &Feature, out: &mut String) -> Result<(), ArrowError> {
    out.push('[');
    for row in 0..array.len() {
        if row > 0 {
            out.push_str(", ");
        }
        json(array, row, feature, out)?;
    }
    out.push(']');
    Ok(())
}

fn structure(array: &StructArray, row: usize, feature: &Feature, out: &mut String) -> Result<(), ArrowError> {
    if *feature == Feature::Media
        && let Some(path) = array.column_by_name("path")
    {
        return json(path, row, &Feature::Plain, out);
    }
    out.push('{');
    for (i, (field, column)) in array.fields().iter().zip(array.columns()).enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        out.push_str(&quoted(field.name()));
        out.push_str(": ");
        json(column, row, feature.field(field.name()), out)?;
    }
    out.push('}');
    Ok(())
}

fn map(array: &MapArray, row: usize, out: &mut String) -> Result<(), ArrowError> {
    let entries = array.value(row);
    out.push('{');
    for i in 0..entries.len() {
        if i > 0 {
            out.push_str(", ");
        }
        let key = coded(&entries.column(0).slice(i, 1), &Feature::Plain, &mut Odd::default())?;
        out.push_str(&quoted(key.get(0)));
        out.push_str(": ");
        json(entries.column(1), i, &Feature::Plain, out)?;
    }
    out.push('}');
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        BinaryArray, BooleanArray, DictionaryArray, Float32Array, Float64Array, Int64Array, ListArray,
        StringArray, TimestampMillisecondArray,
    };
    use arrow::datatypes::Int32Type;

    use super::*;

    fn cells(array: impl Array + 'static, feature: &Feature) -> Vec<Option<String>> {
        let array: ArrayRef = Arc::new(array);
        let cells = coded(&array, feature, &mut Odd::default()).unwrap();
        let cell = |row| (cells.code(row) != NO_CELL).then(|| cells.get(row).to_owned());
        (0..array.len()).map(cell).collect()
    }

    fn plain(array: impl Array + 'static) -> Vec<Option<String>> {
        cells(array, &Feature::Plain)
    }

    fn some(list: &[&str]) -> Vec<Option<String>> {
        list.iter().map(|t| (*t != "-").then(|| (*t).to_owned())).collect()
    }

    #[test]
    fn values_are_spelt_so_that_they_read_back() {
        assert_eq!(
            plain(Float64Array::from(vec![Some(1.0), Some(0.1), None, Some(f64::NAN), Some(1e300)])),
            some(&["1.0", "0.1", "-", "-", "1e300"])
        );
        assert_eq!(plain(Float32Array::from(vec![0.1f32])), some(&["0.1"]));
        assert_eq!(
            plain(BooleanArray::from(vec![Some(true), None, Some(false)])),
            some(&["true", "-", "false"])
        );
        assert_eq!(plain(StringArray::from(vec![Some("NA"), None, Some("")])), some(&["NA", "-", ""]));
        let times = TimestampMillisecondArray::from(vec![0, 1_500]);
        assert_eq!(plain(times.clone()), some(&["1970-01-01T00:00:00", "1970-01-01T00:00:01.5"]));
        assert_eq!(plain(times.with_timezone("UTC"))[0].as_deref(), Some("1970-01-01T00:00:00Z"));
        let dictionary: DictionaryArray<Int32Type> =
            vec![Some("b"), None, Some("a"), Some("b")].into_iter().collect();
        assert_eq!(plain(dictionary), some(&["b", "-", "a", "b"]));
    }

    #[test]
    fn classes_have_names_and_minus_one_is_no_label() {
        let feature = Feature::Class(vec!["neg".to_owned(), "pos".to_owned()]);
        let mut odd = Odd::default();
        let array: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), Some(-1), None, Some(0), Some(7)]));
        let found = coded(&array, &feature, &mut odd).unwrap();
        assert_eq!((0..5).map(|i| found.get(i)).collect::<Vec<_>>(), ["pos", "", "", "neg", "7"]);
        assert_eq!(odd.nameless, 1);
    }

    #[test]
    fn lists_become_json_and_bytes_are_text_or_nothing() {
        let list = ListArray::from_iter_primitive::<arrow::datatypes::Int64Type, _, _>(vec![
            Some(vec![Some(0), None]),
            None,
        ]);
        assert_eq!(plain(list.clone()), some(&["[0, null]", "-"]));
        let named = Feature::List(Box::new(Feature::Class(vec!["a \"b\"".to_owned()])));
        assert_eq!(cells(list, &named)[0].as_deref(), Some("[\"a \\\"b\\\"\", null]"));
        let mut odd = Odd::default();
        let array: ArrayRef = Arc::new(BinaryArray::from(vec![&b"ok"[..], &b"\xff"[..]]));
        let found = coded(&array, &Feature::Plain, &mut odd).unwrap();
        assert_eq!((found.get(0), found.get(1), odd.bytes), ("ok", "", 1));
    }
}
