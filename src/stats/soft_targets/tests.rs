use proptest::prelude::*;

use super::*;
use crate::dataset::AnnotationsBuilder;

fn votes(counts: &[[u32; 4]]) -> VoteCounts {
    let mut b = AnnotationsBuilder::new();
    for (item, row) in counts.iter().enumerate() {
        for (label, &n) in row.iter().enumerate() {
            (0..n).for_each(|r| b.push(item as u32, r + 10 * label as u32, label as u32, None));
        }
    }
    VoteCounts::new(&b.finish(counts.len(), 40), 4)
}

fn run(counts: &[[u32; 4]], rows: &[[f64; 4]]) -> Result<SoftTargets, Undefined> {
    let model = Probabilities::from_f64(rows.concat(), rows.len(), 4).unwrap();
    soft_targets(&votes(counts), 4, &model, 3, &Progress::new()).unwrap()
}

const COUNTS: [[u32; 4]; 4] = [[4, 0, 1, 0], [0, 2, 2, 1], [1, 1, 2, 1], [0, 0, 1, 4]];
const ROWS: [[f64; 4]; 4] =
    [[0.5, 0.1, 0.3, 0.1], [0.1, 0.5, 0.3, 0.1], [0.4, 0.3, 0.2, 0.1], [0.1, 0.1, 0.5, 0.3]];

fn near(found: f64, wanted: f64) {
    assert!((found - wanted).abs() < 1e-6, "{found} for {wanted}");
}

#[test]
fn four_items_by_hand() {
    let found = run(&COUNTS, &ROWS).unwrap();
    let kl = [0.294_910, 0.164_445, 0.196_166, 0.601_405];
    let js = [0.132_459, 0.071_442, 0.068_540, 0.232_965];
    for (i, item) in found.items.iter().enumerate() {
        near(item.kl, kl[i]);
        near(item.jensen_shannon, js[i]);
        near(item.distance, [0.3, 0.2, 0.3, 0.5][i]);
        near(item.cross_entropy - item.human_entropy, kl[i]);
    }
    near(found.kl.value().unwrap(), 0.314_231);
    for (best, (accuracy, mass)) in found.k_best.iter().zip([(0.375, 0.4), (0.75, 0.8), (1.0, 0.9)]) {
        near(best.accuracy.value().unwrap(), accuracy);
        near(best.mass.value().unwrap(), mass);
    }
    // Of the three untied items, the first is right at once, the last at the second guess.
    let strict: Vec<f64> = found.k_best.iter().map(|b| b.strict.value().unwrap()).collect();
    assert!(
        (strict[0] - 1.0 / 3.0).abs() < 1e-12 && (strict[1] - 2.0 / 3.0).abs() < 1e-12 && strict[2] == 1.0
    );
    assert_eq!(near_misses(&found, 2), [3]);
    assert_eq!(near_misses(&found, 3), [3, 2]);
    assert_eq!((found.n_clipped, found.n_renormalised), (0, 0));
    // All but the third item have two labels at .1, of which the third guess takes the lower.
    assert_eq!(found.k_best.iter().map(|b| b.n_boundary_ties).collect::<Vec<_>>(), [0, 0, 3]);
}

#[test]
fn recall_is_each_label_s_own() {
    let found = run(&COUNTS, &ROWS).unwrap();
    // Anger: item 0, right. Happiness: half of item 1, right. Neutral: half of item 1 and item 2, wrong. Sadness: item 3, wrong.
    assert_eq!(found.k_best[0].recall, [Some(1.0), Some(1.0), Some(0.0), Some(0.0)]);
    near(found.k_best[0].mean_recall.value().unwrap(), 0.5);
    near(found.k_best[1].recall[2].unwrap(), 1.0 / 3.0);
    let one = run(&[[3, 0, 0, 0]], &ROWS[..1]).unwrap();
    assert_eq!(one.k_best[0].recall, [Some(1.0), None, None, None]);
}

#[test]
fn the_impossible_is_clipped_and_told() {
    let found = run(&[[1, 1, 0, 0], [2, 0, 0, 0]], &[[1.0, 0.0, 0.0, 0.0], [2.0, 2.0, 0.0, 0.0]]).unwrap();
    assert_eq!((found.n_clipped, found.n_renormalised), (1, 1));
    near(found.items[0].kl, 0.5 * 0.5_f64.ln() + 0.5 * (0.5e12_f64).ln());
    near(found.items[1].distance, 0.5);
    let bad = run(&[[1, 0, 0, 0], [1, 0, 0, 0]], &[[f64::NAN; 4], [0.0; 4]]);
    assert!(bad.unwrap_err().to_string().contains("usable"));
    assert!(run(&[[0; 4]], &ROWS[..1]).is_err());
    let tied = run(&[[1, 1, 0, 0]], &ROWS[..1]).unwrap();
    assert!(tied.k_best[0].strict.reason().is_some() && tied.k_best[0].accuracy.value() == Some(0.5));
}

#[test]
fn slices_go_from_agreement_to_disagreement() {
    let all_agree = run(&[[4, 0, 0, 0], [1, 1, 1, 1], [2, 2, 0, 0]], &ROWS[..3]).unwrap();
    // Entropies of 0, ln 4 and ln 2: nothing, everything, exactly half.
    let buckets = by_entropy(&all_agree, 2);
    assert_eq!(buckets.iter().map(|b| b.items.to_vec()).collect::<Vec<_>>(), [[0], [2], [1]]);
    let finer = by_entropy(&all_agree, 4);
    assert_eq!(finer.iter().map(|b| b.items.len()).collect::<Vec<_>>(), [1, 0, 1, 0, 1]);
    assert!(finer[1].kl.reason().is_some());
}

proptest! {
    #[test]
    fn divergences_keep_their_bounds(counts in prop::array::uniform4(0_u32..5), raw in prop::array::uniform4(0_u32..9)) {
        let sum: u32 = raw.iter().sum();
        prop_assume!(sum > 0 && counts.iter().any(|&n| n > 0));
        let q: Vec<f64> = raw.iter().map(|&r| f64::from(r) / f64::from(sum)).collect();
        let i = compare(0, &counts, &q, 3).unwrap();
        prop_assert!(i.kl >= 0.0 && (0.0..=1.0).contains(&i.jensen_shannon) && (0.0..=1.0).contains(&i.distance));
        // Pinsker's inequality.
        prop_assert!(i.distance <= (0.5 * i.kl).sqrt() + 1e-9);
        for k in 2..=3 {
            prop_assert!(i.credit(k) >= i.credit(k - 1) && i.mass[k - 1] >= i.mass[k - 2]);
        }
        prop_assert_eq!(i.best_rank <= 3, i.credit(3) > 0.0);
        prop_assert_eq!(i.credit(4), 0.0);
    }
}
