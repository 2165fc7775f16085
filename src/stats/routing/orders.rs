//! Orders that need nothing learned: below the bend of margins, where two sources differ most, where two systems are told apart.

use crate::stats::Undefined;
use crate::stats::proportion::wilson_of;

/// What a line keeps away from the diagonal at most.
const STRAIGHT: f64 = 0.05;
/// Added to every probability before logarithms.
const SMOOTH: f64 = 1e-12;

/// Where sorted margins bend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bend {
    /// Place of the knee: items before it are suspect.
    pub knee: usize,
    /// Place of the elbow.
    pub elbow: usize,
}

/// Of margins in ascending order, by Kneedle: the places farthest above and below the line from the first to the last.
/// `None` for fewer than three, for equal ones, and for a line (no point 0.05 away from it).
pub fn bend(margins: &[f64]) -> Option<Bend> {
    let (first, last) = (*margins.first()?, *margins.last()?);
    let n = margins.len();
    if n < 3 || last - first <= 0.0 {
        return None;
    }
    let away = |i: usize| (margins[i] - first) / (last - first) - i as f64 / (n - 1) as f64;
    let (mut knee, mut elbow) = (0, 0);
    for i in 1..n {
        if away(i) > away(knee) {
            knee = i;
        }
        if away(i) < away(elbow) {
            elbow = i;
        }
    }
    (away(knee).abs().max(away(elbow).abs()) >= STRAIGHT).then_some(Bend { knee, elbow })
}

/// `k` items on which two sources are least alike, each also unlike those taken before: the least of alike(x) + λ max over taken s of between(x, s).
/// Of equal ones the first.
pub fn most_different(
    alike: &[f64],
    between: impl Fn(usize, usize) -> f64,
    lambda: f64,
    k: usize,
) -> Vec<usize> {
    let mut taken: Vec<usize> = Vec::new();
    let mut nearest = vec![f64::NEG_INFINITY; alike.len()];
    let mut is_taken = vec![false; alike.len()];
    while taken.len() < k.min(alike.len()) {
        let cost = |i: usize| {
            alike[i] + if lambda > 0.0 && nearest[i].is_finite() { lambda * nearest[i] } else { 0.0 }
        };
        let next = (0..alike.len()).filter(|&i| !is_taken[i]).min_by(|&a, &b| cost(a).total_cmp(&cost(b)));
        let Some(next) = next else { break };
        is_taken[next] = true;
        taken.push(next);
        if lambda > 0.0 {
            (0..alike.len()).for_each(|i| nearest[i] = nearest[i].max(between(i, next)));
        }
    }
    taken
}

/// Kullback & Leibler's Σ p ln(p/q) in nats, of distributions over the same classes, smoothed by 10⁻¹². It is not the same both ways.
pub fn kl(p: &[f64], q: &[f64]) -> f64 {
    let sum = |v: &[f64]| v.iter().map(|x| x + SMOOTH).sum::<f64>();
    let (of_p, of_q) = (sum(p), sum(q));
    let part = |(p, q): (&f64, &f64)| {
        let (p, q) = ((p + SMOOTH) / of_p, (q + SMOOTH) / of_q);
        p * (p / q).ln()
    };
    p.iter().zip(q).map(part).sum::<f64>().max(0.0)
}

/// Ties that are saved by looking at the most decisive items only.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TiesSaved {
    /// Share of the items.
    pub share: f64,
    /// Items.
    pub n: usize,
    /// Ties among them.
    pub n_tied: usize,
    /// 1 − share of ties there / share of ties everywhere; below 0 where there are more.
    pub saved: f64,
    /// Its 95 % interval, by Wilson's of the share of ties there.
    pub ci: (f64, f64),
}

/// Of items, most decisive first, whether they are tied.
///
/// Undefined without a tie, and without an item.
pub fn ties_saved(tied: &[bool], share: f64) -> Result<TiesSaved, Undefined> {
    let n = ((share * tied.len() as f64).ceil() as usize).min(tied.len());
    let count = |of: &[bool]| of.iter().filter(|&&t| t).count();
    let all = count(tied);
    if n == 0 || all == 0 {
        return Err(Undefined::Because("there is no tie".to_owned()));
    }
    let everywhere = all as f64 / tied.len() as f64;
    let n_tied = count(&tied[..n]);
    let saved = |rate: f64| 1.0 - rate / everywhere;
    let (low, high) = wilson_of(n_tied as u64, n as u64);
    Ok(TiesSaved { share, n, n_tied, saved: saved(n_tied as f64 / n as f64), ci: (saved(high), saved(low)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_bend() {
        let margins =
            [-4.0, -2.5, -1.2, -0.4, -0.2, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.2, 2.4, 3.8, 5.5];
        assert_eq!(bend(&margins), Some(Bend { knee: 3, elbow: 14 }));
        let line: Vec<f64> = (0..20).map(f64::from).collect();
        assert!(bend(&line).is_none() && bend(&[1.0; 9]).is_none() && bend(&[]).is_none());
    }

    #[test]
    fn different_and_diverse() {
        let alike = [0.9, 0.1, 0.1, 0.3];
        let twins = |a: usize, b: usize| f64::from(u8::from((a, b) == (1, 2) || (a, b) == (2, 1)));
        assert_eq!(most_different(&alike, twins, 0.0, 3), [1, 2, 3]);
        assert_eq!(most_different(&alike, twins, 1.0, 3), [1, 3, 0]);
        assert_eq!(most_different(&alike, twins, 0.0, 9).len(), 4);
    }

    #[test]
    fn divergence_is_of_distributions() {
        assert!(kl(&[1.0, 0.0], &[1.0, 0.0]).abs() < 1e-9);
        let (far, near) = ([0.9, 0.1], [0.6, 0.4]);
        let want = 0.9 * 1.5_f64.ln() + 0.1 * 0.25_f64.ln();
        assert!((kl(&far, &near) - want).abs() < 1e-9 && kl(&near, &far) > 0.2);
        assert!(kl(&[1.0, 0.0], &[0.0, 1.0]) > 27.0, "smoothed, not endless");
        assert!((kl(&[9.0, 1.0], &near) - want).abs() < 1e-9, "normalised");
    }

    #[test]
    fn decisive_items_have_fewer_ties() {
        let tied = [false, false, true, true, false, true, true, false, true, true];
        let top = ties_saved(&tied, 0.2).unwrap();
        assert_eq!((top.n, top.n_tied, top.saved), (2, 0, 1.0));
        // Wilson's interval of 0 of 2 ends at 0.6576.
        assert!((top.ci.0 - (1.0 - 0.657_6 / 0.6)).abs() < 1e-3 && (top.ci.1 - 1.0).abs() < 1e-12, "{top:?}");
        assert!((ties_saved(&tied, 0.4).unwrap().saved - (1.0 - 0.5 / 0.6)).abs() < 1e-12);
        assert!(ties_saved(&[false], 0.5).is_err() && ties_saved(&[], 0.5).is_err());
    }
}
