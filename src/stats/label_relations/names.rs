//! What the names of two labels say about each other.

/// Longer names are compared by their beginnings.
const LONGEST: usize = 400;

/// Alike from this ratio on.
const ALIKE: f64 = 0.9;

/// What names say. Evidence beside counts, never instead of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NameEvidence {
    /// One is "x or y", the other is one of these.
    OrPart,
    /// One is "x and y", the other is one of these.
    AndPart,
    /// They are spelt nearly alike: 1 − (insertions and deletions) / (sum of lengths) is at least 0.9, in lower case.
    Alike(f64),
    /// All words of one occur in the other, one after the other.
    Contains,
}

impl NameEvidence {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::OrPart => "one is an alternative named by the other",
            Self::AndPart => "one is a part named by the other",
            Self::Alike(_) => "spelt nearly alike",
            Self::Contains => "one contains the other's words",
        }
    }
}

/// All that two names say, in the order of [`NameEvidence`].
pub fn name_evidence(a: &str, b: &str) -> Vec<NameEvidence> {
    let (a, b) = (a.trim().to_lowercase(), b.trim().to_lowercase());
    let mut found = Vec::new();
    let part = |word: &str| {
        let names =
            |whole: &str, one: &str| whole.split(word).any(|p| p.trim() == one) && whole.trim() != one;
        names(&a, &b) || names(&b, &a)
    };
    if part(" or ") {
        found.push(NameEvidence::OrPart);
    }
    if part(" and ") {
        found.push(NameEvidence::AndPart);
    }
    let ratio = edit_ratio(&a, &b);
    if ratio >= ALIKE {
        found.push(NameEvidence::Alike(ratio));
    }
    let [x, y]: [Vec<&str>; 2] = [&a, &b].map(|name| name.split_whitespace().collect());
    let contains = |whole: &[&str], one: &[&str]| {
        !one.is_empty() && one.len() < whole.len() && whole.windows(one.len()).any(|w| w == one)
    };
    if contains(&x, &y) || contains(&y, &x) {
        found.push(NameEvidence::Contains);
    }
    found
}

/// 1 − (insertions and deletions) / (sum of lengths), in characters: 2 × the longest common subsequence over the sum.
/// 1 for two empty names, below [`ALIKE`] wherever lengths rule that out.
fn edit_ratio(a: &str, b: &str) -> f64 {
    let [a, b]: [Vec<char>; 2] = [a, b].map(|name| name.chars().take(LONGEST).collect());
    let sum = (a.len() + b.len()) as f64;
    if sum == 0.0 {
        return 1.0;
    }
    let most = 2.0 * a.len().min(b.len()) as f64 / sum;
    if most < ALIKE {
        return most;
    }
    let mut row = vec![0_u32; b.len() + 1];
    for x in &a {
        let mut diagonal = 0;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = if x == y { diagonal + 1 } else { above.max(row[j]) };
            diagonal = above;
        }
    }
    2.0 * f64::from(row[b.len()]) / sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_something_about_each_other() {
        use NameEvidence::{AndPart, Contains, OrPart};
        assert_eq!(name_evidence("Chalk or crayon", "crayon"), [OrPart, Contains]);
        assert_eq!(name_evidence("silk", "silk and gold"), [AndPart, Contains]);
        assert_eq!(name_evidence("ink", "Brown ink"), [Contains]);
        // "ash" is no word of "wash".
        assert_eq!(name_evidence("ash", "wash"), []);
        assert_eq!(name_evidence("ink", ""), []);
        let alike = "photo-relief and letterpress on pink paper";
        let [NameEvidence::Alike(ratio)] = name_evidence(alike, &alike.replace('-', ""))[..] else {
            panic!()
        };
        assert!((ratio - 0.98795).abs() < 5e-6);
        assert_eq!(name_evidence("Ink", "ink "), [NameEvidence::Alike(1.0)]);
    }
}
