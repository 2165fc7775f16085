//! How alike two sides are by their words or tags: the cosine of counts, each times ln(n/df), a word that all texts have counting for nothing
//! (Salton & Buckley 1988).

use std::collections::{BTreeMap, HashSet};

/// Cosine of each two sides over all words of all sides; 0 without a word in common, `None` where a side has no word that tells anything.
pub fn cosines(pairs: &[[Vec<String>; 2]]) -> Vec<Option<f64>> {
    let mut df: BTreeMap<&str, f64> = BTreeMap::new();
    for side in pairs.iter().flatten() {
        let own: HashSet<&str> = side.iter().map(String::as_str).collect();
        own.into_iter().for_each(|w| *df.entry(w).or_default() += 1.0);
    }
    let n = 2.0 * pairs.len() as f64;
    let vector = |side: &'_ [String]| -> BTreeMap<String, f64> {
        let mut weights: BTreeMap<String, f64> = BTreeMap::new();
        for word in side {
            *weights.entry(word.clone()).or_default() += (n / df[word.as_str()]).ln();
        }
        weights
    };
    let length = |v: &BTreeMap<String, f64>| v.values().map(|w| w * w).sum::<f64>().sqrt();
    pairs
        .iter()
        .map(|[a, b]| {
            let (a, b) = (vector(a), vector(b));
            let dot: f64 = a.iter().filter_map(|(w, x)| Some(x * b.get(w)?)).sum();
            let lengths = length(&a) * length(&b);
            // Of equal sides the quotient may come out a little above 1.
            (lengths > 0.0).then(|| (dot / lengths).clamp(0.0, 1.0))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_words_in_common_weigh_more() {
        let side = |s: &str| s.split(' ').filter(|w| !w.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        let pairs = [
            [side("the red fox"), side("the red hen")],
            [side("the red fox"), side("the fox")],
            [side("the cat"), side("the dog")],
            [side("the"), side("the dog")],
            [side(""), side("the")],
            [side("the fox fox"), side("the fox")],
        ];
        let found = cosines(&pairs);
        // "the" stands on eleven of twelve sides, "red" on three, "fox" on four, "hen" on one.
        let (the, red, fox, hen) = ((12.0_f64 / 11.0).ln(), 4.0_f64.ln(), 2.4_f64.ln(), 12.0_f64.ln());
        let dot = the * the + red * red;
        let want = dot / ((dot + fox * fox).sqrt() * (dot + hen * hen).sqrt());
        assert!((found[0].unwrap() - want).abs() < 1e-12, "{found:?} {want}");
        assert!(found[1].unwrap() > 0.4 && found[2].unwrap() < 0.01 && found[4].is_none());
        assert!(found[3].unwrap() < 0.1);
        assert!(found[5].unwrap() > 0.99 && found[5].unwrap() <= 1.0);
    }
}
