//! The label set: names in a stated order, and the scale they are on.

use std::collections::{HashMap, HashSet};

use super::LabelId;

/// What the distance between two labels means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Labels differ or not.
    #[default]
    Nominal,
    /// Labels have an order.
    Ordinal,
    /// Differences mean something.
    Interval,
    /// Ratios mean something.
    Ratio,
}

/// Why the labels stand in the order they do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelOrder {
    /// Declared: by the user, a schema, or the headers of probability columns.
    Declared,
    /// Every label is a number: by value.
    Integers,
    /// By code points.
    #[default]
    CodePoints,
}

/// Label names, unique, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LabelSet {
    names: Vec<String>,
    index: HashMap<String, LabelId>,
    order: LabelOrder,
    /// The scale of measurement.
    pub scale: Scale,
}

impl LabelSet {
    /// Orders `seen` (any order, repeats allowed) by the house's rule: `declared` first and in their order,
    /// then the rest by value if every one is a number, else by code points.
    pub fn new(declared: &[String], seen: impl IntoIterator<Item = String>) -> Self {
        let known: HashSet<&str> = declared.iter().map(String::as_str).collect();
        let mut rest: Vec<String> = seen.into_iter().filter(|s| !known.contains(s.as_str())).collect();
        rest.sort();
        rest.dedup();
        // By value; "01" and "1" are different labels of equal value and keep their code-point order.
        let integers: Option<Vec<i64>> = rest.iter().map(|s| s.parse().ok()).collect();
        let numbers: Option<Vec<f64>> = rest.iter().map(|s| number(s)).collect();
        let numeric = numbers.is_some() && !rest.is_empty();
        if integers.is_some() {
            rest.sort_by_key(|s| s.parse::<i64>().unwrap_or_default());
        } else if numeric {
            rest.sort_by(|a, b| number(a).unwrap_or_default().total_cmp(&number(b).unwrap_or_default()));
        }
        let order = if !declared.is_empty() {
            LabelOrder::Declared
        } else if numeric {
            LabelOrder::Integers
        } else {
            LabelOrder::CodePoints
        };
        let mut names: Vec<String> = Vec::with_capacity(declared.len() + rest.len());
        let mut index = HashMap::new();
        for name in declared.iter().cloned().chain(rest) {
            if !index.contains_key(&name) {
                index.insert(name.clone(), names.len() as LabelId);
                names.push(name);
            }
        }
        Self { names, index, order, scale: Scale::Nominal }
    }

    /// Number of labels.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The name of `label`; the empty string for one that does not exist.
    pub fn name(&self, label: LabelId) -> &str {
        self.names.get(label as usize).map_or("", String::as_str)
    }

    /// The names in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The number of the label called `name`.
    pub fn id(&self, name: &str) -> Option<LabelId> {
        self.index.get(name).copied()
    }

    /// The values of the labels, where every one is a decimal number (and there is one).
    pub fn values(&self) -> Option<Vec<f64>> {
        if self.names.is_empty() { None } else { self.names.iter().map(|s| number(s)).collect() }
    }

    /// Why they stand in this order.
    pub fn order(&self) -> LabelOrder {
        self.order
    }
}

/// The value of a decimal number such as `-1`, `2.0` or `.5`.
fn number(label: &str) -> Option<f64> {
    let plain = label.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.'));
    label.parse().ok().filter(|x: &f64| plain && x.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(declared: &[&str], seen: &[&str]) -> Vec<String> {
        let declared: Vec<String> = declared.iter().map(|s| (*s).to_owned()).collect();
        LabelSet::new(&declared, seen.iter().map(|s| (*s).to_owned())).names().to_vec()
    }

    #[test]
    fn integers_are_ordered_by_value_and_words_by_code_point() {
        assert_eq!(set(&[], &["10", "9", "-1", "9"]), ["-1", "9", "10"]);
        assert_eq!(set(&[], &["b", "a", "B", "10"]), ["10", "B", "a", "b"]);
        assert_eq!(set(&[], &["01", "1", "0"]), ["0", "01", "1"]);
        assert_eq!(set(&[], &["10.0", "9.5", "-1.0", "9"]), ["-1.0", "9", "9.5", "10.0"]);
        assert_eq!(set(&[], &["10.0", "9.0", "nan"]), ["10.0", "9.0", "nan"]);
    }

    #[test]
    fn labels_have_values_where_all_are_numbers() {
        let values = |names: &[&str]| LabelSet::new(&[], names.iter().map(|s| (*s).to_owned())).values();
        assert_eq!(values(&["10", "-1.5"]), Some(vec![-1.5, 10.0]));
        assert_eq!(values(&["1", "two"]), None);
        assert_eq!(values(&[]), None);
    }

    #[test]
    fn declared_labels_come_first_and_keep_their_order() {
        assert_eq!(set(&["pos", "neg"], &["neg", "odd", "pos"]), ["pos", "neg", "odd"]);
    }
}
