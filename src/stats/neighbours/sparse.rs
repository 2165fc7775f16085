//! Neighbours among texts: by words, pairs of words and runs of letters, weighted by how rare they are.
//!
//! Held against a text are those that share one of its rarest features; of these, the most alike are measured as a whole. A text
//! whose rare features nobody shares has no neighbour.

use rayon::prelude::*;

use super::{Metric, Neighbours, Same};
use crate::dataset::TextColumn;
use crate::progress::{Cancelled, Progress};
use crate::stats::learned::{Vectors, text_vectors};

/// A text's rarest features by which others are found, and how many texts are looked at through them.
const RAREST: usize = 32;
const MOST: usize = 8_000;
/// Texts that are measured as a whole for each neighbour wanted.
const MEASURED: usize = 4;
/// Texts of one task.
const BLOCK: usize = 256;

/// The `k` nearest texts of each by cosine distance.
pub fn neighbours_of_texts(
    texts: &TextColumn,
    k: usize,
    progress: &Progress,
) -> Result<Neighbours, Cancelled> {
    let n = texts.len();
    let vectors = text_vectors(texts, progress)?;
    let holders = Holders::new(&vectors, n);
    let same = Same::new(n, |text| texts.get(text));
    progress.stage("Looking for neighbours", n.div_ceil(BLOCK) as u64);
    let lists: Vec<Vec<Vec<(f64, u32)>>> = (0..n.div_ceil(BLOCK))
        .into_par_iter()
        .map(|block| {
            progress.check()?;
            progress.add(1);
            let range = block * BLOCK..((block + 1) * BLOCK).min(n);
            let mut room = Room { seen: vec![0.0; n], touched: Vec::new() };
            Ok(range.map(|text| nearest(text, &vectors, &holders, k, texts, &same, &mut room)).collect())
        })
        .collect::<Result<_, Cancelled>>()?;
    Ok(Neighbours::new(Metric::Cosine, k, lists.into_iter().flatten()))
}

/// For each feature, the texts that have it, with its weight there.
struct Holders {
    bounds: Vec<usize>,
    texts: Vec<(u32, f32)>,
}

impl Holders {
    fn new(vectors: &Vectors, n: usize) -> Self {
        let mut bounds = vec![0; vectors.n_features() + 1];
        for text in 0..n {
            vectors.row(text).0.iter().for_each(|&f| bounds[f as usize + 1] += 1);
        }
        for at in 1..bounds.len() {
            bounds[at] += bounds[at - 1];
        }
        let mut next = bounds.clone();
        let mut texts = vec![(0, 0.0); *bounds.last().unwrap_or(&0)];
        for text in 0..n {
            let (features, weights) = vectors.row(text);
            for (&f, &w) in features.iter().zip(weights) {
                texts[next[f as usize]] = (text as u32, w);
                next[f as usize] += 1;
            }
        }
        Self { bounds, texts }
    }

    fn of(&self, feature: u32) -> &[(u32, f32)] {
        &self.texts[self.bounds[feature as usize]..self.bounds[feature as usize + 1]]
    }
}

/// Room to add up in, cleared after each text.
struct Room {
    seen: Vec<f32>,
    touched: Vec<u32>,
}

fn nearest(
    text: usize,
    vectors: &Vectors,
    holders: &Holders,
    k: usize,
    texts: &TextColumn,
    same: &Same,
    room: &mut Room,
) -> Vec<(f64, u32)> {
    let (features, weights) = vectors.row(text);
    let mut rarest: Vec<(usize, u32, f32)> =
        features.iter().zip(weights).map(|(&f, &w)| (holders.of(f).len(), f, w)).collect();
    rarest.sort_by_key(|&(n, f, _)| (n, f));
    let mut looked_at = 0;
    for &(n, feature, weight) in rarest.iter().take(RAREST) {
        looked_at += n;
        if looked_at > MOST && !room.touched.is_empty() {
            break;
        }
        for &(other, w) in holders.of(feature).iter().take(MOST) {
            if room.seen[other as usize] == 0.0 {
                room.touched.push(other);
            }
            room.seen[other as usize] += weight * w;
        }
    }
    let mut found: Vec<(f32, u32)> = room.touched.iter().map(|&t| (room.seen[t as usize], t)).collect();
    room.touched.drain(..).for_each(|t| room.seen[t as usize] = 0.0);
    found.retain(|&(_, other)| other as usize != text);
    let most = MEASURED * k + 8;
    if found.len() > most {
        found.select_nth_unstable_by(most - 1, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        found.truncate(most);
    }
    let mut others: Vec<u32> = found.into_iter().map(|f| f.1).collect();
    others.extend(same.of(text, k));
    others.sort_unstable();
    others.dedup();
    let mut list: Vec<(f64, u32)> = others
        .into_iter()
        .map(|other| {
            let same = texts.get(text) == texts.get(other as usize);
            let cos = product(vectors.row(text), vectors.row(other as usize));
            (if same { 0.0 } else { (1.0 - cos).clamp(0.0, 2.0) }, other)
        })
        .collect();
    list.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    list.truncate(k);
    list
}

/// Sum of products of two sparse rows of length one.
fn product((a, a_weights): (&[u32], &[f32]), (b, b_weights): (&[u32], &[f32])) -> f64 {
    let (mut i, mut j, mut sum) = (0, 0, 0.0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                sum += f64::from(a_weights[i]) * f64::from(b_weights[j]);
                (i, j) = (i + 1, j + 1);
            }
        }
    }
    sum
}
