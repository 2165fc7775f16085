//! The summary of label errors says what all of confident learning says, bit by bit, however the probabilities are stored.

use dissensus::dataset::{LabelId, NO_LABEL, Probabilities, RowRepair};
use dissensus::progress::Progress;
use dissensus::stats::confident::{Summary, confident_learning, confident_summary};
use proptest::prelude::*;

/// Rows of probabilities and labels that fit them more or less, from a seed.
fn made(seed: u64, rows: usize, cols: usize, decimals: u32, quality: f64) -> (Vec<LabelId>, Vec<f64>) {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let (mut labels, mut numbers) = (Vec::new(), Vec::new());
    for _ in 0..rows {
        let truth = (next() * cols as f64) as usize;
        let mut row: Vec<f64> = (0..cols).map(|_| -next().max(1e-12).ln()).collect();
        row[truth] += quality * next();
        let sum: f64 = row.iter().sum();
        let scale = 10_f64.powi(decimals as i32);
        numbers.extend(
            row.iter().map(|p| if decimals == 0 { p / sum } else { (p / sum * scale).round() / scale }),
        );
        labels.push(match next() {
            x if x < 0.03 => NO_LABEL,
            x if x < 0.25 => (next() * next() * cols as f64) as LabelId,
            _ => truth as LabelId,
        });
    }
    (labels, numbers)
}

fn both(labels: &[LabelId], probabilities: &Probabilities) -> Result<(), TestCaseError> {
    let progress = Progress::new();
    let all = confident_learning(labels, probabilities, &progress);
    let some = confident_summary(labels, probabilities, &progress);
    match (all, some) {
        (Ok(all), Ok(some)) => {
            prop_assert_eq!(some.health_score.to_bits(), all.health_score.to_bits());
            let bits = |t: &[f64]| t.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(&some.thresholds), bits(&all.thresholds));
            prop_assert_eq!(some, Summary::from(&all));
        }
        (all, some) => prop_assert_eq!(all.map(|all| Summary::from(&all)), some),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_summary_says_what_the_whole_says(
        seed in any::<u64>(),
        rows in 2_usize..900,
        cols in 2_usize..24,
        decimals in 0_u32..4,
        quality in prop::sample::select(vec![0.0, 0.3, 2.0, 9.0]),
    ) {
        let (labels, numbers) = made(seed, rows, cols, decimals, quality);
        both(&labels, &Probabilities::from_f64(numbers.clone(), rows, cols).unwrap())?;
        let single: Vec<f32> = numbers.iter().map(|&p| p as f32).collect();
        let single = Probabilities::from_f32(single, rows, cols).unwrap();
        both(&labels, &single)?;
        // Mapped and repaired as they are read.
        let order: Vec<u32> = (0..rows as u32).rev().collect();
        both(&labels, &single.clone().with_row_order(order))?;
        both(&labels, &single.with_repair(Some(RowRepair { tolerance: 1e-6, rows: 1 })))?;
    }

    #[test]
    fn what_the_whole_refuses_a_summary_refuses(
        seed in any::<u64>(),
        at in 0_usize..60,
        value in prop::sample::select(vec![f64::NAN, 1.1, -0.1, f64::INFINITY, -1e-7, 1.000_000_5]),
    ) {
        let (mut labels, mut numbers) = made(seed, 30, 2, 0, 1.0);
        numbers[at] = value;
        both(&labels, &Probabilities::from_f64(numbers.clone(), 30, 2).unwrap())?;
        labels[at / 2] = 7;
        both(&labels, &Probabilities::from_f64(numbers, 30, 2).unwrap())?;
    }
}

/// Many rows: stretches, samples and parts of several threads; many labels: lists instead of matrices.
#[test]
fn large_data_are_no_exception() {
    for (seed, rows, cols, decimals) in
        [(1, 60_000, 3, 0), (2, 60_000, 7, 2), (3, 3_000, 150, 0), (4, 500, 600, 3)]
    {
        let (labels, numbers) = made(seed, rows, cols, decimals, 2.0);
        let single: Vec<f32> = numbers.iter().map(|&p| p as f32).collect();
        both(&labels, &Probabilities::from_f32(single, rows, cols).unwrap()).unwrap();
    }
}
