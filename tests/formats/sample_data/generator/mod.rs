//! Makes `sample_data/` from fixed seeds, so that the samples can be read, checked and made again.
//!
//! Depends on nothing of the library: a mistake there cannot hide in the data that shows it. Same bytes on every
//! machine: an own generator of random numbers, no hash order, and decimals that are rounded before they are written.

mod anaesthetists;
mod comments;
mod news;
mod rng;
mod stock;
mod tickets;

/// One file of `sample_data/`.
pub struct SampleFile {
    /// Below `sample_data/`, with `/`.
    pub path: &'static str,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Every generated file, in a fixed order.
pub fn all() -> Vec<SampleFile> {
    let mut files = comments::files();
    files.extend(anaesthetists::files());
    files.extend(tickets::files());
    files.extend(news::files());
    files
}

/// A CSV table under construction: LF line ends, quotes only where they are needed.
struct Csv(String);

impl Csv {
    fn new(header: &[&str]) -> Self {
        let mut csv = Self(String::new());
        csv.row(header);
        csv
    }

    fn row<S: AsRef<str>>(&mut self, cells: &[S]) {
        for (i, cell) in cells.iter().enumerate() {
            let cell = cell.as_ref();
            if i > 0 {
                self.0.push(',');
            }
            if cell.contains([',', '"', '\n']) {
                self.0.push('"');
                self.0.push_str(&cell.replace('"', "\"\""));
                self.0.push('"');
            } else {
                self.0.push_str(cell);
            }
        }
        self.0.push('\n');
    }

    fn file(self, path: &'static str) -> SampleFile {
        SampleFile { path, bytes: self.0.into_bytes() }
    }
}

/// A two-dimensional array of `<f4` in the .npy format, version 1.0.
fn npy_f32(rows: &[Vec<f64>]) -> Vec<u8> {
    let columns = rows.first().map_or(0, Vec::len);
    let mut header =
        format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {columns}), }}", rows.len());
    // Magic, version and length are 10 bytes; the data starts at a multiple of 64 after a line feed.
    while (10 + header.len() + 1) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    for p in rows.iter().flatten() {
        bytes.extend((*p as f32).to_le_bytes());
    }
    bytes
}

/// Softmax of `scores`, rounded to four decimals that sum to exactly 1 (the largest takes what rounding left over).
fn probabilities(scores: &[f64]) -> Vec<f64> {
    let top = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let e: Vec<f64> = scores.iter().map(|z| (z - top).exp()).collect();
    let sum: f64 = e.iter().sum();
    let mut parts: Vec<i64> = e.iter().map(|x| (x / sum * 10_000.0).round() as i64).collect();
    let best = argmax(&e);
    parts[best] += 10_000 - parts.iter().sum::<i64>();
    parts.into_iter().map(|p| p as f64 / 10_000.0).collect()
}

/// Index of the first maximum.
fn argmax(values: &[f64]) -> usize {
    let mut best = 0;
    for (i, v) in values.iter().enumerate() {
        if *v > values[best] {
            best = i;
        }
    }
    best
}
