//! Numbers made from one row of probabilities, all higher for more uncertainty.

use crate::stats::aggregation::entropy_nats;

/// A score of uncertainty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Score {
    /// −Σ p ln p of the row as it is, nats.
    Entropy,
    /// The same after renormalising over the labels: differs where part of the probability is on something that is no label.
    ChoiceEntropy,
    /// Entropy of the k largest, renormalised; k above the number of labels is that number, and 0 is 1.
    TopEntropy(usize),
    /// The least number of labels that together have this probability (0.95, say).
    NucleusSize(f64),
    /// 1 − the largest probability.
    LeastConfidence,
    /// 1 − (largest − second largest); with a single label 0.
    Margin,
    /// Mean over labels of the variance over models (divided by their number); 0 for one model.
    EnsembleVariance,
}

impl Score {
    /// The usual ones.
    pub fn usual() -> Vec<Self> {
        vec![
            Self::Entropy,
            Self::ChoiceEntropy,
            Self::TopEntropy(3),
            Self::NucleusSize(0.95),
            Self::LeastConfidence,
            Self::Margin,
            Self::EnsembleVariance,
        ]
    }

    /// Name for people.
    pub fn name(self) -> String {
        match self {
            Self::Entropy => "Entropy".to_owned(),
            Self::ChoiceEntropy => "Entropy of the choices".to_owned(),
            Self::TopEntropy(k) => format!("Entropy of the {k} largest"),
            Self::NucleusSize(mass) => format!("Labels that hold {:.0} %", 100.0 * mass),
            Self::LeastConfidence => "1 − largest probability".to_owned(),
            Self::Margin => "1 − margin".to_owned(),
            Self::EnsembleVariance => "Variance between models".to_owned(),
        }
    }

    /// Of the mean row of an ensemble, with its members; numbers are finite and not negative, and one is above 0.
    pub fn of(self, row: &[f64], members: &[Vec<f64>]) -> f64 {
        match self {
            Self::Entropy => entropy_nats(row),
            Self::ChoiceEntropy => renormalised_entropy(row),
            Self::TopEntropy(k) => {
                let mut sorted = falling(row);
                sorted.truncate(k.max(1));
                renormalised_entropy(&sorted)
            }
            Self::NucleusSize(mass) => {
                let sorted = falling(row);
                let mut sum = 0.0;
                // Sums of shares round; a mass of 1 is reached.
                let full = sorted.iter().position(|p| {
                    sum += p;
                    sum >= mass - 1e-12
                });
                full.map_or(sorted.len(), |place| place + 1) as f64
            }
            Self::LeastConfidence => 1.0 - row.iter().copied().fold(0.0, f64::max),
            Self::Margin => match falling(row).as_slice() {
                [first, second, ..] => 1.0 - (first - second),
                _ => 0.0,
            },
            Self::EnsembleVariance => variance(row, members),
        }
    }
}

/// Entry by entry.
pub(super) fn mean_row(members: &[Vec<f64>]) -> Vec<f64> {
    let mut mean = vec![0.0; members.first().map_or(0, Vec::len)];
    for member in members {
        mean.iter_mut().zip(member).for_each(|(m, p)| *m += p);
    }
    mean.iter_mut().for_each(|m| *m /= members.len().max(1) as f64);
    mean
}

fn falling(row: &[f64]) -> Vec<f64> {
    let mut sorted = row.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    sorted
}

fn renormalised_entropy(row: &[f64]) -> f64 {
    let sum: f64 = row.iter().sum();
    if sum <= 0.0 {
        return 0.0;
    }
    entropy_nats(&row.iter().map(|p| p / sum).collect::<Vec<_>>())
}

fn variance(mean: &[f64], members: &[Vec<f64>]) -> f64 {
    if members.len() < 2 || mean.is_empty() {
        return 0.0;
    }
    let squares: f64 = members.iter().flat_map(|m| m.iter().zip(mean)).map(|(p, m)| (p - m).powi(2)).sum();
    squares / (members.len() * mean.len()) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_labels_by_hand() {
        let p = [0.5, 0.2, 0.15, 0.1, 0.05];
        let of = |s: Score| s.of(&p, &[]);
        assert!((of(Score::Entropy) - 1.3331).abs() < 5e-5);
        assert!((of(Score::TopEntropy(3)) - 0.9587).abs() < 5e-5);
        assert_eq!(of(Score::TopEntropy(9)), of(Score::ChoiceEntropy));
        assert_eq!(of(Score::TopEntropy(0)), 0.0);
        assert_eq!(
            (of(Score::NucleusSize(0.7)), of(Score::NucleusSize(0.95)), of(Score::NucleusSize(1.0))),
            (2.0, 4.0, 5.0)
        );
        assert!((of(Score::LeastConfidence) - 0.5).abs() < 1e-12 && (of(Score::Margin) - 0.7).abs() < 1e-12);
    }

    #[test]
    fn part_of_the_probability_may_be_elsewhere() {
        let half = [0.25, 0.25];
        assert!((Score::ChoiceEntropy.of(&half, &[]) - std::f64::consts::LN_2).abs() < 1e-12);
        assert!((Score::Entropy.of(&half, &[]) - std::f64::consts::LN_2).abs() < 1e-12);
        assert!((Score::Entropy.of(&[0.125, 0.125], &[]) - 0.25 * 8.0_f64.ln()).abs() < 1e-12);
        assert_eq!(Score::Margin.of(&[1.0], &[]), 0.0);
    }

    #[test]
    fn models_that_differ_have_a_variance() {
        let members = [vec![1.0, 0.0], vec![0.0, 1.0]];
        let mean = mean_row(&members);
        assert_eq!(
            (mean.as_slice(), Score::EnsembleVariance.of(&mean, &members)),
            ([0.5, 0.5].as_slice(), 0.25)
        );
        assert_eq!(Score::EnsembleVariance.of(&mean, &members[..1]), 0.0);
    }
}
