//! How a rater uses a scale. A correlation of ranks says nothing where nearly all answers are the same one, or outside of the scale.

/// Counts of a rater's answers on a scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hygiene {
    /// Answers.
    pub n: usize,
    /// Different values.
    pub n_distinct: usize,
    /// Share of the commonest value; the lowest of those that tie.
    pub modal: (f64, f64),
    /// Share of pairs of answers that are equal, Σ c(c − 1) / (N(N − 1)); `None` for fewer than two.
    pub tied_pairs: Option<f64>,
    /// Answers below or above every answer of the others.
    pub n_out_of_scale: usize,
}

/// Shares from which ranks are hardly an order.
pub const MODAL_WARNING: f64 = 0.8;

impl Hygiene {
    /// Whether a correlation of ranks says little.
    pub fn warns(&self) -> bool {
        self.modal.1 >= MODAL_WARNING || self.n_out_of_scale > 0
    }
}

/// Of `values`, finite, with the lowest and highest answers of others; `None` without an answer.
pub fn hygiene(values: &[f64], scale: Option<(f64, f64)>) -> Option<Hygiene> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = sorted.len();
    let runs = || sorted.chunk_by(|a, b| a == b);
    let modal =
        runs().map(|run| (run[0], run.len())).fold(None, |best: Option<(f64, usize)>, next| match best {
            Some(best) if best.1 >= next.1 => Some(best),
            _ => Some(next),
        })?;
    let tied: f64 = runs().map(|run| run.len() as f64 * (run.len() - 1) as f64).sum();
    Some(Hygiene {
        n,
        n_distinct: runs().count(),
        modal: (modal.0, modal.1 as f64 / n as f64),
        tied_pairs: (n > 1).then(|| tied / (n as f64 * (n - 1) as f64)),
        n_out_of_scale: scale
            .map_or(0, |(low, high)| values.iter().filter(|&&v| v < low || v > high).count()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_hardly_used_is_told() {
        let h = hygiene(&[3.0, 3.0, 3.0, 3.0, 5.0, 2023.0], Some((1.0, 7.0))).unwrap();
        assert_eq!((h.n, h.n_distinct, h.modal.0, h.n_out_of_scale), (6, 3, 3.0, 1));
        assert!(
            (h.modal.1 - 4.0 / 6.0).abs() < 1e-12
                && (h.tied_pairs.unwrap() - 12.0 / 30.0).abs() < 1e-12
                && h.warns()
        );
        assert!(hygiene(&[], None).is_none() && hygiene(&[1.0], None).unwrap().tied_pairs.is_none());
        assert!(!hygiene(&[1.0, 2.0, 2.0, 3.0], None).unwrap().warns());
    }
}
