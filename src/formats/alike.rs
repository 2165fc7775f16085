//! Labels that differ only by case, outer spaces or characters that take no ink: listed, and merged on demand.

use std::collections::BTreeMap;

use super::error::is_invisible;

/// Groups of names that look alike, each in its own order; names that nothing looks like are left out.
pub(crate) fn groups<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<Vec<String>> {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in names {
        let bare: String = name.chars().filter(|&c| !is_invisible(c)).collect();
        let group = groups.entry(bare.trim().to_lowercase()).or_default();
        if !group.iter().any(|n| n == name) {
            group.push(name.to_owned());
        }
    }
    groups.into_values().filter(|g| g.len() > 1).collect()
}

/// The spelling that a group is merged into: of those without outer spaces and invisible characters, the one in lower
/// case.
pub fn spelling(group: &[String]) -> &str {
    let clean = |n: &&String| n.trim() == n.as_str() && !n.chars().any(is_invisible);
    let lower = |n: &&&String| n.to_lowercase() == ***n;
    let cleaned: Vec<&String> = group.iter().filter(clean).collect();
    let best = cleaned.iter().find(lower).or(cleaned.first()).copied().or(group.first());
    best.map_or("", String::as_str)
}

/// What a label is called once `merges` (from, to) are applied.
pub(crate) fn merged<'n>(name: &'n str, merges: &'n [(String, String)]) -> &'n str {
    merges.iter().find(|(from, _)| from == name).map_or(name, |(_, to)| to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_alike_is_grouped_and_merged_into_the_plainest_spelling() {
        let found = groups(["Positive", "positive", "positive\u{200b}", " Negative", "other", "Negative"]);
        assert_eq!(found.len(), 2);
        assert_eq!(spelling(&found[0]), "Negative");
        assert_eq!(spelling(&found[1]), "positive");
        let merges = vec![("Positive".to_owned(), "positive".to_owned())];
        assert_eq!((merged("Positive", &merges), merged("x", &merges)), ("positive", "x"));
    }
}
