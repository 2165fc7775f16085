//! What the view of the nutrition label shows, in words.

use crate::analysis::nutrition::{Column, ColumnsReport, PairPlot, by_strength};
use crate::app::widgets::paint::{count, number, thousands};
use crate::report::{figure, frequent, percent, unique};
use crate::stats::nutrition::Axis;

/// Whether a column is told by its moments.
pub fn is_numbers(column: &Column) -> bool {
    column.kind.is_numeric() && column.stats.numbers.is_ok()
}

/// What a column holds, in one line of its table.
pub fn summary(column: &Column) -> String {
    match &column.stats.numbers {
        Ok(n) if is_numbers(column) => {
            format!(
                "{} to {}, mean {}, median {}",
                figure(n.min),
                figure(n.max),
                figure(n.mean),
                figure(n.median.value)
            )
        }
        _ => format!("{} different; most: {}", unique(column), frequent(&column.stats.most)),
    }
}

/// Every number of a column: what, how much.
pub fn facts(column: &Column) -> Vec<(&'static str, String)> {
    let s = &column.stats;
    let mut list = vec![("Count", thousands(s.rows)), ("Missing", percent(s.missing_share()))];
    match &s.numbers {
        Ok(n) if is_numbers(column) => {
            let median = if n.median.every > 1 { "≈ " } else { "" };
            list.extend([
                ("Min", figure(n.min)),
                ("Median", format!("{median}{}", figure(n.median.value))),
                ("Max", figure(n.max)),
                ("Mean", figure(n.mean)),
                ("SD (population)", figure(n.sd)),
                ("Zeros", percent(s.zeros_share())),
            ]);
        }
        _ => list.extend([
            ("Unique", unique(column)),
            ("Most frequent", frequent(&s.most)),
            ("Least frequent", frequent(&s.least)),
        ]),
    }
    list
}

/// What stands at a place of an axis.
pub fn place(axis: &Axis, at: usize) -> String {
    match axis.bounds(at) {
        Some((from, to)) if from == to => figure(from),
        Some((from, to)) => format!("{} to {}", figure(from), figure(to)),
        None => axis.word(at).unwrap_or_default().to_owned(),
    }
}

/// A pair in the list: its columns, and how far they go together.
pub fn pair_words(columns: &ColumnsReport, pair: &PairPlot) -> (String, String) {
    let name = |c: usize| columns.columns.get(c).map_or("", |c| c.name.as_str());
    let value = pair.dependence.value.as_ref().map_or_else(|_| "—".to_owned(), |v| number(*v, 2));
    (format!("{} × {}", name(pair.x), name(pair.y)), value)
}

/// The pairs in the order of the list.
pub fn pairs(columns: &ColumnsReport) -> Vec<usize> {
    by_strength(&columns.dependence)
}

/// The place in the list of the first pair that the label shows.
pub fn first_pair(columns: &ColumnsReport) -> usize {
    let Some(first) = columns.pairs.first() else { return 0 };
    let is_first = |&i: &usize| (columns.dependence[i].x, columns.dependence[i].y) == (first.x, first.y);
    pairs(columns).iter().position(is_first).unwrap_or(0)
}

/// What was found, in the line above.
pub fn finding(columns: &ColumnsReport) -> String {
    format!(
        "{}, {}, {} missing",
        count(columns.rows as usize, "row", "rows"),
        count(columns.n_columns, "column", "columns"),
        percent(columns.missing_share())
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::nutrition::{ColumnsAsked, columns};
    use crate::formats::{LoadOptions, Overrides, open};
    use crate::progress::Progress;

    #[test]
    fn columns_and_pairs_are_put_into_words() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        let text = "item,rater,label,pay\na,r1,x,1\na,r2,y,-2\nb,r1,x,\nb,r2,y,0\n";
        std::fs::write(&path, text).unwrap();
        let dataset = open(&path, &Overrides::default(), &LoadOptions::default(), &Progress::new()).unwrap();
        let found = columns(&dataset, &ColumnsAsked::default(), &Progress::new()).unwrap().unwrap();
        assert_eq!(finding(&found), "4 rows, 4 columns, 6.25 % missing");
        assert_eq!(summary(&found.columns[2]), "2 different; most: multiple detected");
        assert_eq!(summary(&found.columns[3]), "−2 to 1, mean −0.3333, median 0");
        let facts = facts(&found.columns[3]);
        assert!(
            facts.contains(&("Zeros", "25.00 %".into())) && facts.contains(&("Missing", "25.00 %".into()))
        );
        let first = pairs(&found)[0];
        assert_eq!(first_pair(&found), 1, "the rater settles the label here, which is no news");
        assert_eq!(pair_words(&found, &found.dependence[first]), ("rater × label".into(), "1.00".into()));
    }
}
