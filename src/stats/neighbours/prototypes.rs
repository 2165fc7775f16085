//! Labels as the middle of their items: how near an item is to that of its own label, and to those of others.

use crate::dataset::{Embeddings, LabelId, NO_LABEL};
use crate::progress::{Cancelled, Progress};

/// How an item stands to prototypes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prototype {
    /// Cosine to the mean of the other items with its label, each of length one.
    pub own: f64,
    /// The highest cosine to the mean of another label.
    pub other: f64,
    /// That label; the lowest on ties.
    pub nearest: LabelId,
    /// Distance to the mean of its label, the item included: 1 − cosine.
    pub from_centre: f64,
}

impl Prototype {
    /// Below zero, another label is nearer.
    pub fn margin(&self) -> f64 {
        self.own - self.other
    }
}

/// For each item its place between prototypes; the item itself is left out of that of its own label, or small labels would hide
/// their errors. `None` without a label, for the only item of a label, and for vectors of no length.
///
/// Undefined (all `None`) where fewer than two labels have items. Source: prototypical networks (Snell et al. 2017), leaving one out.
pub fn prototypes(
    vectors: &Embeddings,
    labels: &[LabelId],
    n_labels: usize,
    progress: &Progress,
) -> Result<Vec<Option<Prototype>>, Cancelled> {
    let (n, d) = (vectors.rows(), vectors.cols());
    let unit = |item: usize| {
        let row = vectors.row(item);
        let length = row.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt();
        (length > 0.0).then(|| row.iter().map(|&x| f64::from(x) / length).collect::<Vec<f64>>())
    };
    progress.stage("Prototypes", 2 * n as u64);
    let (mut sums, mut counts) = (vec![0.0; n_labels * d], vec![0u64; n_labels]);
    for item in 0..n {
        if item % 1024 == 0 {
            progress.check()?;
        }
        if let (true, Some(unit)) = (labels[item] != NO_LABEL, unit(item)) {
            let label = labels[item] as usize;
            sums[label * d..(label + 1) * d].iter_mut().zip(unit).for_each(|(s, x)| *s += x);
            counts[label] += 1;
        }
    }
    let cosine = |unit: &[f64], sum: &[f64]| {
        let length = sum.iter().map(|x| x * x).sum::<f64>().sqrt();
        if length > 0.0 { unit.iter().zip(sum).map(|(x, s)| x * s).sum::<f64>() / length } else { 0.0 }
    };
    let mut found = vec![None; n];
    for item in (0..n).filter(|&i| labels[i] != NO_LABEL) {
        if item % 1024 == 0 {
            progress.check()?;
        }
        let label = labels[item] as usize;
        let Some(unit) = unit(item).filter(|_| counts[label] > 1) else { continue };
        let of = |l: usize| &sums[l * d..(l + 1) * d];
        let without: Vec<f64> = of(label).iter().zip(&unit).map(|(s, x)| s - x).collect();
        let others = (0..n_labels).filter(|&l| l != label && counts[l] > 0);
        let best = others.map(|l| (cosine(&unit, of(l)), l)).reduce(|a, b| if b.0 > a.0 { b } else { a });
        if let Some((other, nearest)) = best {
            let from_centre = 1.0 - cosine(&unit, of(label));
            let own = cosine(&unit, &without);
            found[item] = Some(Prototype { own, other, nearest: nearest as LabelId, from_centre });
        }
    }
    Ok(found)
}
