//! JSON for people and programs: objects over several lines, a list of numbers or words on one. A matrix of a thousand
//! labels is then a thousand lines, not a million.

use std::io::{self, Write};

use rayon::prelude::*;
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};

/// Writes `value`, with a newline at its end.
pub(super) fn write(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(&mut *out, Rows::default());
    value.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

/// Writes `value` with matrices in the places of empty lists: each (key, rows) stands two objects deep, once.
pub(super) fn write_with(
    value: &impl Serialize,
    matrices: &[(&str, &[Vec<u64>])],
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut text = Vec::new();
    write(value, &mut text)?;
    let mut rest = &text[..];
    for (key, rows) in matrices {
        // Inside of a word, a quotation mark would stand behind a backslash.
        let place = format!("\n    \"{key}\": []");
        let found = rest.windows(place.len()).position(|w| w == place.as_bytes());
        let Some(at) = found.map(|at| at + place.len() - 1).filter(|_| !rows.is_empty()) else { continue };
        out.write_all(&rest[..at])?;
        rest = &rest[at..];
        for (i, line) in rows.par_iter().map(|row| line(row)).collect::<Vec<_>>().iter().enumerate() {
            out.write_all(if i == 0 { b"\n      " } else { b",\n      " })?;
            out.write_all(line)?;
        }
        out.write_all(b"\n    ")?;
    }
    out.write_all(rest)
}

/// One row of a matrix.
fn line(row: &[u64]) -> Vec<u8> {
    let mut line = Vec::with_capacity(3 * row.len() + 2);
    line.push(b'[');
    for (i, &n) in row.iter().enumerate() {
        if i > 0 {
            line.extend_from_slice(b", ");
        }
        // Most are 0.
        if n < 10 { line.push(b'0' + n as u8) } else { line.extend_from_slice(n.to_string().as_bytes()) }
    }
    line.push(b']');
    line
}

/// What an entry of a list waits for: whether it is a list or an object itself decides where it stands.
#[derive(Default)]
struct Rows {
    depth: usize,
    /// An entry of a list begins; whether it is the first.
    waiting: Option<bool>,
    /// For each open list or object, whether it goes over several lines.
    broken: Vec<bool>,
}

impl Rows {
    fn line<W: ?Sized + Write>(&self, out: &mut W) -> io::Result<()> {
        out.write_all(b"\n")?;
        (0..self.depth).try_for_each(|_| out.write_all(b"  "))
    }

    /// Before a number or a word.
    fn plain<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        match self.waiting.take() {
            Some(false) => out.write_all(b", "),
            _ => Ok(()),
        }
    }

    /// Before a list or an object.
    fn open<W: ?Sized + Write>(&mut self, bracket: &[u8], out: &mut W) -> io::Result<()> {
        if let Some(first) = self.waiting.take() {
            if !first {
                out.write_all(b",")?;
            }
            self.line(out)?;
            if let Some(around) = self.broken.last_mut() {
                *around = true;
            }
        }
        self.depth += 1;
        self.broken.push(false);
        out.write_all(bracket)
    }

    fn close<W: ?Sized + Write>(&mut self, bracket: &[u8], out: &mut W) -> io::Result<()> {
        self.depth -= 1;
        if self.broken.pop() == Some(true) {
            self.line(out)?;
        }
        out.write_all(bracket)
    }
}

macro_rules! plain {
    ($($name:ident($type:ty))*) => {
        $(fn $name<W: ?Sized + Write>(&mut self, out: &mut W, value: $type) -> io::Result<()> {
            self.plain(out)?;
            CompactFormatter.$name(out, value)
        })*
    };
}

impl Formatter for Rows {
    plain! {
        write_bool(bool)
        write_i8(i8) write_i16(i16) write_i32(i32) write_i64(i64) write_i128(i128)
        write_u8(u8) write_u16(u16) write_u32(u32) write_u64(u64) write_u128(u128)
        write_f32(f32) write_f64(f64) write_number_str(&str)
    }

    fn write_null<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.plain(out)?;
        CompactFormatter.write_null(out)
    }

    fn begin_string<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.plain(out)?;
        CompactFormatter.begin_string(out)
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(b"[", out)
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(b"]", out)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, _: &mut W, first: bool) -> io::Result<()> {
        self.waiting = Some(first);
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(b"{", out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(b"}", out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if let Some(own) = self.broken.last_mut() {
            *own = true;
        }
        if !first {
            out.write_all(b",")?;
        }
        self.line(out)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn matrices_are_put_in_as_they_would_be_written() {
        let (a, b) = (vec![vec![0, 12], vec![3, 4_000]], vec![vec![7_u64], vec![1]]);
        let words = "\n    \"b\": []";
        let (mut whole, mut parts) = (Vec::new(), Vec::new());
        write(&json!({ "x": { "a": a, "b": b, "w": words } }), &mut whole).unwrap();
        let empty: [u64; 0] = [];
        let skeleton = json!({ "x": { "a": empty, "b": empty, "w": words } });
        write_with(&skeleton, &[("a", &a), ("b", &b)], &mut parts).unwrap();
        assert_eq!(String::from_utf8(parts).unwrap(), String::from_utf8(whole).unwrap());
    }

    #[test]
    fn lists_of_numbers_stand_on_one_line() {
        let value = json!({
            "a": [], "b": [[1, 2.5], [null, true]], "c": { "d": ["x", "y\"z"], "e": {} }, "f": [{ "g": 1 }, 2],
        });
        let mut out = Vec::new();
        write(&value, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        assert_eq!(
            text,
            "{\n  \"a\": [],\n  \"b\": [\n    [1, 2.5],\n    [null, true]\n  ],\n  \"c\": {\n    \"d\": [\"x\", \"y\\\"z\"],\n    \
             \"e\": {}\n  },\n  \"f\": [\n    {\n      \"g\": 1\n    }, 2\n  ]\n}\n"
        );
    }
}
