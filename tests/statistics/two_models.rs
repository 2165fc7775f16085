//! Two models that the built-in classifier learned from the same labels change places once the labels are corrected.

use crate::reference::progress;
use dissensus::dataset::{Embeddings, LabelId, TextColumn};
use dissensus::stats::destabilised::{Reviewed, destabilised};
use dissensus::stats::learned::{Learned, learn_texts, learn_vectors};

const N: usize = 1200;

/// A number in 0..1 for each item and purpose (splitmix64).
fn dice(item: usize, purpose: u64) -> f64 {
    let mut x =
        (item as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ purpose.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    for (shift, by) in [(30, 0xBF58_476D_1CE4_E5B9), (27, 0x94D0_49BB_1331_11EB)] {
        x = (x ^ (x >> shift)).wrapping_mul(by);
    }
    (x >> 11) as f64 / (1_u64 << 53) as f64
}

fn says(learned: &Learned) -> Vec<LabelId> {
    learned.probabilities.chunks(2).map(|p| LabelId::from(p[1] > p[0])).collect()
}

/// What is urgent was labelled 1 whatever it is about. A model of texts learns that; one of two noisy numbers cannot.
#[test]
fn what_learned_the_errors_looks_better_until_they_are_corrected() {
    let truth = |i: usize| LabelId::from(dice(i, 1) < 0.5);
    let is_urgent = |i: usize| dice(i, 2) < 0.16;
    let given: Vec<LabelId> = (0..N).map(|i| if is_urgent(i) { 1 } else { truth(i) }).collect();
    let word = |i: usize, k: u64| {
        let right = dice(i, 10 + k) < 0.9;
        let about = if right { truth(i) } else { 1 - truth(i) };
        let which = (dice(i, 20 + k) * 3.0) as usize;
        [["apple", "pear", "plum"], ["iron", "zinc", "lead"]][about as usize][which]
    };
    let text = |i: usize| {
        let urgent = if is_urgent(i) { "urgent " } else { "" };
        format!("{urgent}{} {} {} q{i}", word(i, 0), word(i, 1), word(i, 2))
    };
    let texts: Vec<String> = (0..N).map(text).collect();
    let texts: TextColumn = texts.iter().map(String::as_str).collect();
    let number = |i: usize, k: u64| f64::from(truth(i)) + 1.6 * (dice(i, 30 + k) - 0.5);
    let numbers = (0..N).flat_map(|i| [number(i, 0) as f32, number(i, 1) as f32]).collect();
    let vectors = Embeddings::new("numbers".to_owned(), numbers, N, 2).unwrap();
    let of_texts = learn_texts(&texts, &given, 2, 1, &progress()).unwrap().unwrap();
    let of_numbers = learn_vectors(&vectors, &given, 2, 1, &progress()).unwrap().unwrap();
    assert!(of_texts.beats_majority && of_numbers.beats_majority);
    let reviewed: Vec<Reviewed> = (0..N)
        .map(|i| Reviewed {
            item: i as u32,
            original: given[i],
            corrected: (given[i] != truth(i)).then(|| truth(i)),
        })
        .collect();
    let models = [says(&of_texts), says(&of_numbers)];
    let found = destabilised(&reviewed, &[&models[0], &models[1]], 7, &progress()).unwrap();
    let [a, b] = found.models[..] else { panic!("two models") };
    assert!(
        a.upheld.unwrap() > b.upheld.unwrap() && a.corrected.unwrap() < b.corrected.unwrap(),
        "{found:?}"
    );
    let swap = found.swaps[0];
    let (upheld, corrected) =
        (a.upheld.unwrap() - b.upheld.unwrap(), a.corrected.unwrap() - b.corrected.unwrap());
    assert_eq!(swap.models, (0, 1));
    assert!((swap.at.unwrap() - upheld / (upheld - corrected)).abs() < 1e-12);
    let (low, high) = swap.ci.unwrap();
    assert!(low < swap.at.unwrap() && swap.at.unwrap() < high && low > 0.0 && high < 0.5, "{swap:?}");
    assert!(swap.share > 0.95);
    // By the labels as they were the first is better; by those that are right, the second, if enough were wrong.
    let (first, second) = (a.at(high + 0.05).unwrap(), b.at(high + 0.05).unwrap());
    assert!(first.0 > second.0 && first.1 < second.1, "{first:?} {second:?}");
}
