//! NumPy arrays (`.npy`, versions 1 to 3): a strict header, checked against the file's length before anything
//! is allocated or mapped.
//!
//! Format: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>. The header is a Python
//! dictionary literal; it is read with a grammar that knows three keys and nothing else.

mod coded;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use memmap2::Mmap;

pub(crate) use self::coded::LabelCodes;
use super::error::FormatError;
use super::text::open_regular;
use crate::dataset::{Probabilities, ProbabilitiesError, Width};
use crate::progress::Progress;

/// Largest header; real ones have about a hundred bytes.
const MAX_HEADER: usize = 1 << 20;
/// Most dimensions, as in NumPy 2.
const MAX_DIMENSIONS: usize = 64;

/// What an element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `f`
    Float,
    /// `i`
    Int,
    /// `u`
    Uint,
    /// `b`
    Bool,
    /// `U`: UTF-32 code units, padded with zeros.
    Unicode,
    /// `S`: bytes, padded with zeros.
    Bytes,
}

/// The header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// What an element is.
    pub kind: Kind,
    /// Bytes an element takes.
    pub item_size: usize,
    /// High byte first.
    pub big_endian: bool,
    /// Columns follow each other instead of rows.
    pub fortran_order: bool,
    /// Length along each dimension.
    pub shape: Vec<usize>,
    /// Where the numbers begin.
    pub data_offset: usize,
    /// The type as it stands in the header.
    pub descr: String,
}

/// Why a header is refused, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What happened.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

const DAMAGED: &str = "write the array again with np.save";

fn refuse<T>(what: impl Into<String>, remedy: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal { what: what.into(), remedy: remedy.into() })
}

/// Number of bytes up to the first number, from the first twelve bytes of a file (or all, if there are fewer).
fn data_offset(head: &[u8]) -> Result<(usize, usize), Refusal> {
    let Some(version) = head.strip_prefix(b"\x93NUMPY").filter(|v| v.len() >= 4) else {
        return refuse("this is not a complete .npy file", DAMAGED);
    };
    let (start, len) = match (version[0], version.get(2..6)) {
        (1, _) => (10, usize::from(u16::from_le_bytes([version[2], version[3]]))),
        (2 | 3, Some(&[a, b, c, d])) => (12, u32::from_le_bytes([a, b, c, d]) as usize),
        (2 | 3, _) => return refuse("the header is cut off", DAMAGED),
        (v, _) => return refuse(format!("version {v} of the .npy format is not known"), DAMAGED),
    };
    if len > MAX_HEADER {
        return refuse(format!("the header claims {len} bytes"), DAMAGED);
    }
    Ok((start, start + len))
}

/// Reads a header from the beginning of a file.
///
/// # Errors
/// Anything that does not follow the format, object arrays (they are pickles), and structured types.
pub fn parse_header(bytes: &[u8]) -> Result<Header, Refusal> {
    let (start, data_offset) = data_offset(bytes)?;
    let Some(text) = bytes.get(start..data_offset) else { return refuse("the header is cut off", DAMAGED) };
    let Ok(text) = std::str::from_utf8(text) else { return refuse("the header is not text", DAMAGED) };
    let mut parser = Parser { rest: text };
    let Some((descr, fortran_order, shape)) = parser.dictionary() else {
        if text.contains("'descr': [") {
            return refuse("the array has named fields", "save one field alone: np.save(path, arr['field'])");
        }
        return refuse("the header is not a plain description of an array", DAMAGED);
    };
    let (kind, item_size, big_endian) = element(&descr)?;
    Ok(Header { kind, item_size, big_endian, fortran_order, shape, data_offset, descr })
}

fn element(descr: &str) -> Result<(Kind, usize, bool), Refusal> {
    if descr.contains('O') {
        return refuse(
            "the array holds Python objects (a pickle, which could run code)",
            "convert it: np.save('labels.npy', np.array(arr.tolist(), dtype=str)) for labels, or \
             np.save('pred_probs.npy', np.stack(arr).astype('float32')) for probabilities",
        );
    }
    let unknown = || Refusal {
        what: format!("elements of type {} cannot be read", super::error::visible(descr)),
        remedy: "convert the array with arr.astype('float32') or, for labels, arr.astype(str)".into(),
    };
    let order = descr.chars().next().filter(|c| "<>|=".contains(*c));
    let rest = &descr[order.map_or(0, char::len_utf8)..];
    let mut chars = rest.chars();
    let code = chars.next().ok_or_else(unknown)?;
    let number = chars.as_str();
    if number.is_empty() || number.len() > 9 || !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(unknown());
    }
    let n: usize = number.parse().map_err(|_| unknown())?;
    let (kind, item_size) = match (code, n) {
        ('f', 2 | 4 | 8) => (Kind::Float, n),
        ('i', 1 | 2 | 4 | 8) => (Kind::Int, n),
        ('u', 1 | 2 | 4 | 8) => (Kind::Uint, n),
        ('b', 1) => (Kind::Bool, n),
        ('U', 1..) => (Kind::Unicode, n.checked_mul(4).ok_or_else(unknown)?),
        ('S', 1..) => (Kind::Bytes, n),
        _ => return Err(unknown()),
    };
    Ok((kind, item_size, order == Some('>')))
}

/// The grammar: `{'descr': '…', 'fortran_order': True|False, 'shape': (n, …), }` in any order.
struct Parser<'t> {
    rest: &'t str,
}

impl<'t> Parser<'t> {
    fn token(&mut self, token: &str) -> Option<()> {
        self.rest = self.rest.trim_start_matches([' ', '\n', '\t']).strip_prefix(token)?;
        Some(())
    }

    fn string(&mut self) -> Option<&'t str> {
        let quote = if self.token("'").is_some() {
            '\''
        } else {
            self.token("\"")?;
            '"'
        };
        let (text, rest) = self.rest.split_once(quote)?;
        self.rest = rest;
        (!text.contains('\\')).then_some(text)
    }

    fn shape(&mut self) -> Option<Vec<usize>> {
        self.token("(")?;
        let mut shape = Vec::new();
        while self.token(")").is_none() {
            if shape.len() == MAX_DIMENSIONS {
                return None;
            }
            self.token("")?;
            let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
            shape.push(self.rest[..digits].parse().ok()?);
            self.rest = &self.rest[digits..];
            // Python 2 wrote long integers so.
            let _ = self.token("L");
            if self.token(",").is_none() {
                self.token(")")?;
                break;
            }
        }
        Some(shape)
    }

    fn dictionary(&mut self) -> Option<(String, bool, Vec<usize>)> {
        let (mut descr, mut fortran, mut shape) = (None, None, None);
        self.token("{")?;
        while self.token("}").is_none() {
            let key = self.string()?;
            self.token(":")?;
            let fresh = match key {
                "descr" => descr.replace(self.string()?.to_owned()).is_none(),
                "fortran_order" => {
                    let value = self.token("True").is_some();
                    if !value {
                        self.token("False")?;
                    }
                    fortran.replace(value).is_none()
                }
                "shape" => shape.replace(self.shape()?).is_none(),
                _ => false,
            };
            if !fresh {
                return None;
            }
            if self.token(",").is_none() {
                self.token("}")?;
                break;
            }
        }
        self.rest.trim_matches([' ', '\n', '\t', '\0']).is_empty().then_some(())?;
        Some((descr?, fortran?, shape?))
    }
}

/// An array whose header was read and whose length was checked.
#[derive(Debug)]
pub struct Array {
    /// The header.
    pub header: Header,
    file: File,
    path: std::path::PathBuf,
    len: usize,
}

impl Array {
    /// Opens `path` and checks that it holds as many numbers as its header says.
    pub fn open(path: &Path) -> Result<Self, FormatError> {
        let (file, len) = open_regular(path)?;
        Self::of_file(file, len, path)
    }

    /// The same with an open file of `len` bytes; messages call it `path`.
    pub(crate) fn of_file(mut file: File, len: u64, path: &Path) -> Result<Self, FormatError> {
        let io = |e: std::io::Error| FormatError::io(path, "read", &e);
        let refused = |r: Refusal| FormatError::of(path, r.what, r.remedy);
        let mut head = Vec::new();
        file.seek(SeekFrom::Start(0)).map_err(io)?;
        (&mut file).take(12).read_to_end(&mut head).map_err(io)?;
        let (_, offset) = data_offset(&head).map_err(refused)?;
        file.seek(SeekFrom::Start(0)).map_err(io)?;
        head.clear();
        (&mut file).take(offset as u64).read_to_end(&mut head).map_err(io)?;
        let header = parse_header(&head).map_err(refused)?;
        let elements = header.shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d));
        let needed = elements.and_then(|n| n.checked_mul(header.item_size));
        let found = len - head.len() as u64;
        match needed {
            Some(needed) if needed as u64 <= found => {
                Ok(Self { header, file, path: path.to_owned(), len: needed })
            }
            _ => {
                let needed =
                    needed.map_or_else(|| "more bytes than any file has".into(), |n| format!("{n} bytes"));
                let what =
                    format!("its shape {:?} needs {needed} of numbers, the file has {found}", header.shape);
                Err(FormatError::of(path, what, DAMAGED))
            }
        }
    }

    /// The numbers as they stand in the file.
    pub fn read_bytes(&mut self, progress: &Progress) -> Result<Vec<u8>, FormatError> {
        let io = |e: std::io::Error| FormatError::io(&self.path, "read", &e);
        self.file.seek(SeekFrom::Start(self.header.data_offset as u64)).map_err(io)?;
        let mut bytes = Vec::with_capacity(self.len);
        while bytes.len() < self.len {
            progress.check()?;
            let step = (self.len - bytes.len()).min(1 << 20) as u64;
            if (&mut self.file).take(step).read_to_end(&mut bytes).map_err(io)? == 0 {
                return Err(FormatError::of(
                    &self.path,
                    "the file became shorter while it was read",
                    "open it again",
                ));
            }
        }
        Ok(bytes)
    }

    /// Everything before the numbers, as it stands in the file.
    pub(crate) fn head(&mut self, progress: &Progress) -> Result<Vec<u8>, FormatError> {
        progress.check()?;
        let io = |e: std::io::Error| FormatError::io(&self.path, "read", &e);
        self.file.seek(SeekFrom::Start(0)).map_err(io)?;
        let mut head = Vec::new();
        (&mut self.file).take(self.header.data_offset as u64).read_to_end(&mut head).map_err(io)?;
        Ok(head)
    }

    /// A matrix of floating-point numbers, rows × columns. Little-endian row-major files are mapped, others
    /// are converted in memory (single precision for `f2` and `f4`).
    pub fn into_matrix(mut self, progress: &Progress) -> Result<(Probabilities, Width), FormatError> {
        let of = |what: String, remedy: &str| FormatError::of(&self.path, what, remedy);
        let &[rows, cols] = self.header.shape.as_slice() else {
            let what = format!(
                "predicted probabilities have two dimensions, this array has shape {:?}",
                self.header.shape
            );
            return Err(of(what, "save a matrix of items × labels"));
        };
        let width = match (self.header.kind, self.header.item_size) {
            (Kind::Float, 2) => Width::F16,
            (Kind::Float, 4) => Width::F32,
            (Kind::Float, _) => Width::F64,
            _ => {
                let what = format!(
                    "it holds {}, predicted probabilities are floating-point numbers",
                    self.header.descr
                );
                return Err(of(what, "save arr.astype('float32')"));
            }
        };
        // An empty matrix may claim any length along its other side.
        if rows == 0 || cols == 0 {
            let what = format!("the matrix is empty, its shape is {:?}", self.header.shape);
            return Err(of(what, "save one row an item and one column a label"));
        }
        let misfit = |path: &Path, e: &ProbabilitiesError| FormatError::of(path, e.to_string(), DAMAGED);
        if !self.header.big_endian && !self.header.fortran_order && self.len > 0 {
            let map = map(&self.file).map_err(|e| FormatError::io(&self.path, "map", &e))?;
            let matrix = Probabilities::from_map(Arc::new(map), self.header.data_offset, width, rows, cols);
            return Ok((matrix.map_err(|e| misfit(&self.path, &e))?, width));
        }
        let bytes = self.read_bytes(progress)?;
        let matrix = if width == Width::F64 {
            let numbers = bytes.as_chunks().0.iter().map(|&b| self.float64(b)).collect();
            Probabilities::from_f64(self.row_major(numbers, rows, cols), rows, cols)
        } else {
            let numbers = if width == Width::F32 {
                bytes.as_chunks().0.iter().map(|&b| self.float32(b)).collect()
            } else {
                bytes.as_chunks().0.iter().map(|&b| self.float16(b)).collect()
            };
            Probabilities::from_f32(self.row_major(numbers, rows, cols), rows, cols)
        };
        Ok((matrix.map_err(|e| misfit(&self.path, &e))?, width))
    }

    fn float64(&self, b: [u8; 8]) -> f64 {
        if self.header.big_endian { f64::from_be_bytes(b) } else { f64::from_le_bytes(b) }
    }

    fn float32(&self, b: [u8; 4]) -> f32 {
        if self.header.big_endian { f32::from_be_bytes(b) } else { f32::from_le_bytes(b) }
    }

    fn float16(&self, b: [u8; 2]) -> f32 {
        let half =
            if self.header.big_endian { half::f16::from_be_bytes(b) } else { half::f16::from_le_bytes(b) };
        half.to_f32()
    }

    fn row_major<T: Copy>(&self, numbers: Vec<T>, rows: usize, cols: usize) -> Vec<T> {
        if !self.header.fortran_order {
            return numbers;
        }
        (0..rows * cols).map(|i| numbers[(i % cols) * rows + i / cols]).collect()
    }

    /// The same labels as numbers of different values; rows are never written out as text.
    pub(crate) fn coded_labels(&mut self, progress: &Progress) -> Result<LabelCodes, FormatError> {
        if let ([_], Some(width)) = (self.header.shape.as_slice(), self.header.integers())
            && self.len > 0
        {
            let map = map(&self.file).map_err(|e| FormatError::io(&self.path, "map", &e))?;
            let bytes = &map[self.header.data_offset..self.header.data_offset + self.len];
            if let Some(coded) = coded::coded(bytes, width, progress)? {
                return Ok(coded);
            }
        }
        Ok(LabelCodes::of_texts(self.labels(progress)?.0))
    }

    /// A one-dimensional array of labels (integers, booleans or strings), one text an element, and the bytes
    /// they were read from.
    pub fn labels(&mut self, progress: &Progress) -> Result<(Vec<String>, Vec<u8>), FormatError> {
        if self.header.shape.len() != 1 {
            let what =
                format!("a file of labels has one dimension, this array has shape {:?}", self.header.shape);
            return Err(FormatError::of(&self.path, what, "give a matrix of probabilities with --probs"));
        }
        if self.header.kind == Kind::Float {
            let remedy = "save the labels with labels.astype(int) or labels.astype(str)";
            let what = format!("it holds {}, labels are integers or strings", self.header.descr);
            return Err(FormatError::of(&self.path, what, remedy));
        }
        let bytes = self.read_bytes(progress)?;
        let mut labels = Vec::with_capacity(self.header.shape[0].min(bytes.len()));
        for (row, element) in bytes.chunks_exact(self.header.item_size).enumerate() {
            let Some(label) = self.header.label(element) else {
                let what = format!("the label in row {} is not valid text", row + 1);
                return Err(FormatError::of(&self.path, what, DAMAGED));
            };
            labels.push(label);
        }
        Ok((labels, bytes))
    }
}

impl Header {
    /// How the elements are stored, where they are integers.
    fn integers(&self) -> Option<coded::Integers> {
        let signed = match self.kind {
            Kind::Int => true,
            Kind::Uint => false,
            _ => return None,
        };
        Some(coded::Integers { bytes: self.item_size, signed, big_endian: self.big_endian })
    }

    /// The text of one element; `None` for characters that do not exist.
    fn label(&self, element: &[u8]) -> Option<String> {
        match self.kind {
            Kind::Unicode => {
                let units = element.as_chunks().0.iter();
                let code = |&b: &[u8; 4]| {
                    if self.big_endian { u32::from_be_bytes(b) } else { u32::from_le_bytes(b) }
                };
                let text: Option<String> = units.map(|b| char::from_u32(code(b))).collect();
                text.map(|t| t.trim_end_matches('\0').to_owned())
            }
            Kind::Bytes => std::str::from_utf8(element).ok().map(|t| t.trim_end_matches('\0').to_owned()),
            Kind::Bool => Some(if element[0] == 0 { "False" } else { "True" }.to_owned()),
            Kind::Int | Kind::Uint | Kind::Float => Some(self.integer(element).to_string()),
        }
    }

    /// The whole number that an element is; inside, `None` for not-a-number and negative ones. `None` for a fraction.
    #[allow(clippy::option_option)] // A fraction is something else than nothing.
    pub(crate) fn whole(&self, element: &[u8]) -> Option<Option<i64>> {
        let float = |x: f64| match x {
            x if x.is_nan() => Some(None),
            x if x.fract() == 0.0 && x.abs() < 9e15 => Some((x >= 0.0).then_some(x as i64)),
            _ => None,
        };
        let big = self.big_endian;
        match (self.kind, element) {
            (Kind::Float, &[a, b]) => {
                let half =
                    if big { half::f16::from_be_bytes([a, b]) } else { half::f16::from_le_bytes([a, b]) };
                float(half.to_f64())
            }
            (Kind::Float, &[a, b, c, d]) => {
                let x = if big { f32::from_be_bytes([a, b, c, d]) } else { f32::from_le_bytes([a, b, c, d]) };
                float(f64::from(x))
            }
            (Kind::Float, bytes) => {
                let bytes: [u8; 8] = bytes.try_into().ok()?;
                float(if big { f64::from_be_bytes(bytes) } else { f64::from_le_bytes(bytes) })
            }
            _ => {
                let n = self.integer(element);
                Some(i64::try_from(n).ok().filter(|&n| n >= 0))
            }
        }
    }

    fn integer(&self, element: &[u8]) -> i128 {
        let mut bytes: Vec<u8> = element.to_vec();
        if !self.big_endian {
            bytes.reverse();
        }
        let negative = self.kind == Kind::Int && bytes[0] & 0x80 != 0;
        bytes.iter().fold(if negative { -1 } else { 0 }, |n, &b| (n << 8) | i128::from(b))
    }

    /// The bytes of a label in this array; `None` if it does not fit.
    pub(crate) fn element(&self, label: &str) -> Option<Vec<u8>> {
        let mut bytes = Vec::with_capacity(self.item_size);
        match self.kind {
            Kind::Unicode => {
                for c in label.chars() {
                    let code = u32::from(c);
                    bytes.extend(if self.big_endian { code.to_be_bytes() } else { code.to_le_bytes() });
                }
            }
            Kind::Bytes => bytes.extend_from_slice(label.as_bytes()),
            _ => {
                let n: i128 = match (self.kind, label) {
                    (Kind::Bool, "True") => 1,
                    (Kind::Bool, "False") => 0,
                    (Kind::Int | Kind::Uint, _) => label.parse().ok()?,
                    _ => return None,
                };
                bytes.extend_from_slice(&n.to_be_bytes()[16 - self.item_size..]);
                if !self.big_endian {
                    bytes.reverse();
                }
                if self.kind != Kind::Bool && self.integer(&bytes) != n {
                    return None;
                }
            }
        }
        if bytes.len() > self.item_size {
            return None;
        }
        bytes.resize(self.item_size, 0);
        Some(bytes)
    }

    /// A version 1 header for a vector of `n` such elements.
    pub(crate) fn write_vector(&self, n: usize) -> Vec<u8> {
        let mut text = format!("{{'descr': '{}', 'fortran_order': False, 'shape': ({n},), }}", self.descr);
        while (10 + text.len() + 1) % 64 != 0 {
            text.push(' ');
        }
        text.push('\n');
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend_from_slice(&(text.len() as u16).to_le_bytes());
        bytes.extend_from_slice(text.as_bytes());
        bytes
    }
}

/// Maps a file read-only.
#[allow(unsafe_code)]
pub(super) fn map(file: &File) -> std::io::Result<Mmap> {
    // SAFETY: the mapping is private to this process and only ever read as bytes, of which every pattern is a
    // valid number. Another program that shortens the file while it is open could raise SIGBUS; the program
    // itself never writes to a file that it has read, and exports replace files instead of truncating them.
    unsafe { Mmap::map(file) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn npy(version: u8, dictionary: &str) -> Vec<u8> {
        let mut bytes = b"\x93NUMPY".to_vec();
        bytes.extend([version, 0]);
        if version == 1 {
            bytes.extend((dictionary.len() as u16).to_le_bytes());
        } else {
            bytes.extend((dictionary.len() as u32).to_le_bytes());
        }
        bytes.extend(dictionary.as_bytes());
        bytes
    }

    #[test]
    fn the_header_is_read_in_any_order_and_version() {
        for version in 1..=3 {
            let h =
                parse_header(&npy(version, "{'shape': (5, 3), 'descr': '>f4', 'fortran_order': True}  \n"));
            let h = h.unwrap();
            assert_eq!((h.kind, h.item_size, h.big_endian, h.fortran_order), (Kind::Float, 4, true, true));
            assert_eq!(h.shape, [5, 3]);
        }
        let h =
            parse_header(&npy(1, "{\"descr\": '<U8', 'fortran_order': False, 'shape': (5L,), }")).unwrap();
        assert_eq!((h.kind, h.item_size, h.shape), (Kind::Unicode, 32, vec![5]));
    }

    #[test]
    fn anything_but_a_plain_description_is_refused() {
        for (dictionary, word) in [
            ("{'descr': '|O', 'fortran_order': False, 'shape': (2,)}", "Python objects"),
            ("{'descr': '<V8', 'fortran_order': False, 'shape': (2,)}", "cannot be read"),
            ("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,)}", "named fields"),
            ("{'descr': __import__('os'), 'fortran_order': False, 'shape': (1,)}", "plain description"),
            ("{'descr': '<f8', 'fortran_order': 0, 'shape': (1,)}", "plain description"),
            ("{'descr': '<f8', 'fortran_order': True, 'shape': (-1,)}", "plain description"),
            ("{'descr': '<f8', 'descr': '<f8', 'fortran_order': True, 'shape': ()}", "plain description"),
            ("{'descr': '<f8', 'fortran_order': True, 'shape': (1,)} + 1", "plain description"),
            (
                "{'descr': '<f8', 'fortran_order': True, 'shape': (99999999999999999999999,)}",
                "plain description",
            ),
        ] {
            let e = parse_header(&npy(1, dictionary)).unwrap_err();
            assert!(e.what.contains(word), "{dictionary}: {}", e.what);
        }
    }

    #[test]
    fn labels_go_to_bytes_and_back() {
        for (descr, labels) in [
            ("|i1", vec!["-128", "127"]),
            (">i4", vec!["-5", "70000"]),
            ("<u8", vec!["18446744073709551615"]),
            ("|b1", vec!["True", "False"]),
            ("<U3", vec!["né", "", "😀ab"]),
            ("|S3", vec!["abc", "a"]),
        ] {
            let header = npy(1, &format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (1,)}}"));
            let header = parse_header(&header).unwrap();
            for label in labels {
                assert_eq!(header.label(&header.element(label).unwrap()).as_deref(), Some(label), "{descr}");
            }
            assert_eq!(header.element("far too long a label"), None);
            let again = parse_header(&header.write_vector(1)).unwrap();
            assert_eq!((again.descr, again.data_offset % 64), (header.descr, 0));
        }
        let small = parse_header(&npy(1, "{'descr': '|i1', 'fortran_order': False, 'shape': (1,)}")).unwrap();
        assert_eq!(small.element("128"), None);
    }

    proptest! {
        #[test]
        fn random_headers_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), version in 0u8..5) {
            let mut file = b"\x93NUMPY".to_vec();
            file.push(version);
            file.extend(bytes);
            let _ = parse_header(&file);
        }

        #[test]
        fn random_dictionaries_never_panic(text in "[{}'descrhapfotn_:, ()TrueFals<>f8O0-9\\\\é]{0,80}") {
            let _ = parse_header(&npy(3, &text));
        }
    }
}
