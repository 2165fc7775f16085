//! Several scores of one thing made one: of the classes of an item, of the tokens of a sentence.

/// How scores in 0..=1, low = suspicious, become one. One score stays what it is; none gives none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pooling {
    /// Exponential moving average from the highest score down to the lowest: e ← α·s + (1 − α)·e (Thyagarajan et al.
    /// 2023). `None` stands for α = 2 / (number of scores + 1).
    Ema(Option<f64>),
    /// The lowest.
    Min,
    /// The mean.
    Mean,
    /// Σ s·w with w the softmax of (1 − s) / T. T = 0 is the lowest, T = ∞ the mean.
    Softmin(f64),
}

impl Pooling {
    /// The default for the classes of an item.
    pub const OF_CLASSES: Self = Self::Ema(Some(0.8));
    /// The default for the tokens of a sentence (Wang & Mueller 2022).
    pub const OF_TOKENS: Self = Self::Min;

    /// Whether its parameter makes sense: α in 0..=1, T at least 0.
    pub fn is_valid(self) -> bool {
        match self {
            Self::Ema(alpha) => alpha.is_none_or(|a| (0.0..=1.0).contains(&a)),
            Self::Softmin(t) => t >= 0.0,
            Self::Min | Self::Mean => true,
        }
    }

    /// One score out of many, whose order does not matter; `scores` is left sorted. `None` for no scores.
    pub fn pool(self, scores: &mut [f64]) -> Option<f64> {
        scores.sort_unstable_by(|a, b| b.total_cmp(a));
        let (&first, &last) = (scores.first()?, scores.last()?);
        Some(match self {
            Self::Ema(alpha) => {
                let alpha = alpha.unwrap_or(2.0 / (scores.len() as f64 + 1.0));
                scores[1..].iter().fold(first, |e, s| alpha * s + (1.0 - alpha) * e)
            }
            Self::Min => last,
            Self::Softmin(t) if t <= 0.0 => last,
            Self::Mean => mean(scores),
            Self::Softmin(t) if t.is_infinite() => mean(scores),
            Self::Softmin(t) => {
                // Less the lowest, so that the largest weight is 1.
                let weight = |s: f64| ((last - s) / t).exp();
                let (sum, weights) =
                    scores.iter().fold((0.0, 0.0), |(sum, all), &s| (sum + s * weight(s), all + weight(s)));
                sum / weights
            }
        })
    }
}

fn mean(scores: &[f64]) -> f64 {
    scores.iter().sum::<f64>() / scores.len() as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_temperature_goes_from_the_lowest_to_the_mean() {
        let pool = |t: f64| Pooling::Softmin(t).pool(&mut [0.9, 0.1, 0.5]).unwrap();
        assert_eq!((pool(0.0), pool(f64::INFINITY)), (0.1, 0.5));
        assert!((pool(1e-3) - 0.1).abs() < 1e-12 && (pool(1e6) - 0.5).abs() < 1e-6);
        assert_eq!(Pooling::Ema(Some(1.0)).pool(&mut [0.9, 0.1, 0.5]), Some(0.1));
        // α = 2 / 4: 0.9, 0.7, 0.4.
        assert!((Pooling::Ema(None).pool(&mut [0.9, 0.1, 0.5]).unwrap() - 0.4).abs() < 1e-15);
        assert_eq!(Pooling::Mean.pool(&mut []), None);
        assert!(!Pooling::Ema(Some(f64::NAN)).is_valid() && !Pooling::Softmin(-1.0).is_valid());
    }

    proptest! {
        #[test]
        fn every_pool_lies_between_the_lowest_and_the_highest(
            mut scores in proptest::collection::vec(0.0..=1.0_f64, 1..20), t in 0.0..2.0_f64, a in 0.0..=1.0_f64,
        ) {
            let lowest = scores.iter().copied().fold(1.0, f64::min);
            let highest = scores.iter().copied().fold(0.0, f64::max);
            for way in [Pooling::Ema(Some(a)), Pooling::Ema(None), Pooling::Min, Pooling::Mean, Pooling::Softmin(t)] {
                let pooled = way.pool(&mut scores).unwrap();
                prop_assert!(pooled >= lowest - 1e-12 && pooled <= highest + 1e-12, "{way:?}");
            }
        }
    }
}
