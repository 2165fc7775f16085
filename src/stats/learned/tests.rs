//! The model on texts that say their label, on texts that say nothing, on odd ones, and on numbers.

use super::*;

/// Texts of two topics and what they are about; each `wrong`th label is the other one.
fn topics(n: usize, wrong: usize) -> (TextColumn, Vec<LabelId>) {
    const WORDS: [[&str; 6]; 2] = [
        ["goal", "match", "team", "score", "league", "coach"],
        ["vote", "law", "party", "senate", "reform", "minister"],
    ];
    let mut texts = Vec::new();
    let mut labels = Vec::new();
    let mut state = 1_u32;
    let mut dice = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    for item in 0..n {
        let topic = item % 2;
        let words: Vec<String> = (0..5)
            .map(|_| match dice(3) {
                0 => format!("word{}", dice(40)),
                _ => WORDS[topic][dice(6) as usize].to_owned(),
            })
            .collect();
        texts.push(words.join(" "));
        labels.push(if item % wrong == wrong - 1 { 1 - topic } else { topic } as LabelId);
    }
    (texts.iter().map(String::as_str).collect(), labels)
}

fn learned(texts: &TextColumn, labels: &[LabelId], k: usize) -> Learned {
    learn_texts(texts, labels, k, 7, &Progress::new()).unwrap().unwrap()
}

#[test]
fn wrong_labels_are_given_little_probability() {
    let (texts, labels) = topics(600, 25);
    let found = learned(&texts, &labels, 2);
    assert!(found.beats_majority && found.accuracy > 0.9 && found.majority < 0.6, "{found:?}");
    let own = |i: usize| found.probabilities[2 * i + labels[i] as usize];
    let wrong = (24..600).step_by(25);
    let low = wrong.clone().filter(|&i| own(i) < 0.2).count();
    assert!(low * 10 >= wrong.count() * 8, "{low}");
    assert!(found.probabilities.chunks_exact(2).all(|p| (p[0] + p[1] - 1.0).abs() < 1e-5));
}

#[test]
fn texts_that_say_nothing_do_not_beat_the_majority() {
    let texts: Vec<String> = (0..400).map(|i| format!("word{} word{}", i * 7 % 31, i * 11 % 29)).collect();
    let column: TextColumn = texts.iter().map(String::as_str).collect();
    let labels: Vec<LabelId> =
        (0..400_u32).map(|i| u32::from(i.wrapping_mul(2_654_435_761) >> 30 == 0)).collect();
    let found = learned(&column, &labels, 2);
    assert!(!found.beats_majority, "{} against {}", found.accuracy, found.majority);
    // It knows that it does not know.
    let sure = found.probabilities.iter().filter(|p| **p > 0.98).count();
    assert!(sure < 20, "{sure}");
}

#[test]
fn threads_change_nothing_and_items_without_a_label_are_predicted() {
    let (texts, mut labels) = topics(300, 30);
    labels[4] = NO_LABEL;
    labels[5] = NO_LABEL;
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let three = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    let (a, b) = (one.install(|| learned(&texts, &labels, 3)), three.install(|| learned(&texts, &labels, 3)));
    assert_eq!(a.probabilities, b.probabilities);
    assert_eq!(a.n_items, 298);
    assert!(a.probabilities[12] > 0.6 && a.probabilities[16] > 0.6, "{:?}", &a.probabilities[12..18]);
    // A label that nobody gave is no candidate.
    assert!(a.probabilities.chunks_exact(3).all(|p| p[2] < 0.1));
}

#[test]
fn what_cannot_be_learned_says_why() {
    let (texts, labels) = topics(40, 10);
    let run = |texts: &TextColumn, labels: &[LabelId], k| {
        learn_texts(texts, labels, k, 7, &Progress::new()).unwrap()
    };
    assert!(run(&texts, &labels[..10], 2).is_err());
    assert!(run(&texts, &[0; 40], 2).is_err());
    assert!(run(&texts, &[NO_LABEL; 40], 2).is_err());
    let empty: TextColumn = std::iter::repeat_n("", 40).collect();
    assert!(run(&empty, &labels, 2).is_err());
    let stopped = Progress::new();
    stopped.cancel();
    assert!(learn_texts(&texts, &labels, 2, 7, &stopped).is_err());
}

#[test]
fn numbers_tell_labels_whatever_their_unit() {
    // Three clouds; a number in another unit, one that says nothing, one that is always the same; each 20th label is wrong.
    let mut values = Vec::new();
    let mut labels = Vec::new();
    for i in 0..300_u32 {
        let noise =
            |salt: u32| (i.wrapping_mul(2_654_435_761).wrapping_add(salt * 97) >> 16) as f32 / 65_536.0;
        let cloud = i % 3;
        values.extend([
            cloud as f32 + noise(1),
            1000.0 * f32::from(u8::from(cloud == 1)) + 900.0 * noise(2),
            noise(3),
            5.0,
        ]);
        labels.push(if i % 20 == 7 { (cloud + 1) % 3 } else { cloud });
    }
    let vectors = Embeddings::new("e".into(), values, 300, 4).unwrap();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| learn_vectors(&vectors, &labels, 3, 7, &Progress::new()).unwrap().unwrap())
    };
    let found = run(1);
    assert_eq!(found.n_features, 3);
    assert!(found.beats_majority && found.accuracy > 0.9, "{}", found.accuracy);
    let own = |i: usize| found.probabilities[3 * i + labels[i] as usize];
    assert!((7..300).step_by(20).filter(|&i| own(i) < 0.2).count() >= 12);
    assert_eq!(found.probabilities, run(4).probabilities);

    let same = Embeddings::new("e".into(), vec![1.0; 300], 300, 1).unwrap();
    assert!(learn_vectors(&same, &labels, 3, 7, &Progress::new()).unwrap().is_err());
    let few = Embeddings::new("e".into(), vec![1.0; 299], 299, 1).unwrap();
    assert!(learn_vectors(&few, &labels, 3, 7, &Progress::new()).unwrap().is_err());
}
