//! How labels relate, and the items that contradict what nearly all others say.

use super::capital;
use super::sheet::{Block, Cell, Opens, Sheet};
use crate::analysis::relations::{RelationRow, RelationsReport};
use crate::app::query::Condition;
use crate::app::widgets::paint::{number, thousands};
use crate::app::widgets::table::Column;

pub(super) struct Relations<'a> {
    pub(super) report: &'a RelationsReport,
}

impl Relations<'_> {
    fn pair(&self, row: &RelationRow) -> String {
        format!("{} and {}", self.report.name(row.pair.a), self.report.name(row.pair.b))
    }

    /// Items with both labels.
    fn together(&self, row: &RelationRow) -> Condition {
        let items = self.report.items_with(row.pair.a, row.pair.b);
        Condition::among(format!("{} are together", self.pair(row)), items.into())
    }
}

const COLUMNS: [Column<'static>; 6] = [
    Column::new("label", 120.0),
    Column::new("and", 120.0),
    Column::new("what they are to each other", 0.0),
    Column::new("together", 80.0).right().hint("Items with both"),
    Column::new("expected", 80.0).right().hint("Items with both, were the labels independent"),
    Column::new("against it", 84.0).right().hint("Items that contradict the relation: probably wrong"),
];

impl Sheet for Relations<'_> {
    fn title(&self) -> (&'static str, String) {
        let n = thousands(self.report.found.n_items);
        (
            "Relations of labels",
            format!("{}, on {n} items; open a row to see items", self.report.carrying.words()),
        )
    }

    fn columns(&self) -> &'static [Column<'static>] {
        &COLUMNS
    }

    fn n_rows(&self) -> usize {
        self.report.rows.len()
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        let row = &self.report.rows[row];
        match column {
            0 => Cell::Label(row.pair.a, self.report.name(row.pair.a)),
            1 => Cell::Label(row.pair.b, self.report.name(row.pair.b)),
            2 => Cell::words(self.report.words(row)),
            3 => Cell::Number(thousands(row.pair.n_ab)),
            4 => Cell::Number(number(row.pair.expected, 1)),
            _ => Cell::Number(thousands(row.items.len() as u64)),
        }
    }

    fn behind(&self, row: usize) -> Option<Condition> {
        let row = &self.report.rows[row];
        if row.items.is_empty() {
            return (row.pair.n_ab > 0).then(|| self.together(row));
        }
        Some(Condition::among(format!("{} contradict what they are", self.pair(row)), row.items.clone()))
    }

    fn side(&self, row: usize) -> Vec<Block<'_>> {
        let report = self.report;
        let mut side = Vec::new();
        if let Some(row) = report.rows.get(row) {
            let pair = &row.pair;
            let (a, b) = (report.name(pair.a), report.name(pair.b));
            let share = |(share, low): (f64, f64)| {
                format!("{} % (≥ {} %)", number(100.0 * share, 1), number(100.0 * low, 1))
            };
            let of = |label: u32| {
                let items = report.items_of.get(label as usize);
                let name = report.name(label);
                let none = || Block::fact(format!("Items with {name}"), "0", "");
                items.map_or_else(none, |items| {
                    Block::items(format!("Items with {name}"), "", items, move || {
                        format!("“{name}” is chosen")
                    })
                })
            };
            let both: Opens<'_> = Some(Box::new(move || self.together(row)));
            let both = both.filter(|_| pair.n_ab > 0);
            let hint = "Share of items, and the lower end of its 95 % interval (Wilson)";
            side.extend([
                Block::title(&self.pair(row)),
                Block::Words(format!("{}.", capital(&report.words(row)))),
                of(pair.a),
                of(pair.b),
                Block::Fact("Items with both".to_owned(), thousands(pair.n_ab), "", both),
                Block::fact(format!("{b} where {a} is"), share(pair.b_given_a), hint),
                Block::fact(format!("{a} where {b} is"), share(pair.a_given_b), hint),
                Block::fact("Jaccard", number(pair.jaccard, 3), "Items with both over items with either"),
                Block::fact(
                    "Pointwise mutual information",
                    pair.pmi.map_or_else(|| "—".to_owned(), |v| format!("{} bits", number(v, 2))),
                    "How much oftener than chance they are together; undefined where they never are",
                ),
                Block::fact(
                    "P(as few together)",
                    p_value(pair.p_low),
                    "Were the labels independent (hypergeometric)",
                ),
                Block::fact(
                    "P(as many together)",
                    p_value(pair.p_high),
                    "Were the labels independent (hypergeometric)",
                ),
            ]);
            if !row.items.is_empty() {
                let words = || format!("{} contradict what they are", self.pair(row));
                side.push(Block::items("Items against it", "Probably wrong", &row.items, words));
            }
            for evidence in &pair.names {
                side.push(Block::Words(format!("By their names: {}.", evidence.words())));
            }
        }
        let found = &report.found;
        side.push(Block::title("All pairs"));
        side.push(Block::fact("Pairs tested", thousands(found.n_pairs), "Each at the level below"));
        side.push(Block::fact(
            "Level of each test",
            p_value(found.level),
            "0.05 over the number of pairs (Bonferroni)",
        ));
        let named = |labels: &[u32]| labels.iter().map(|&l| report.name(l)).collect::<Vec<_>>().join(", ");
        for group in &found.groups {
            side.push(Block::Words(format!("One label by all that is seen: {}.", named(group))));
        }
        if !found.rare.is_empty() {
            side.push(Block::Words(format!("Too rare to be compared: {}.", named(&found.rare))));
        }
        if !found.everywhere.is_empty() {
            side.push(Block::Words(format!(
                "On every item, which says nothing: {}.",
                named(&found.everywhere)
            )));
        }
        side
    }

    fn empty(&self) -> &'static str {
        "No two labels are frequent enough to say how they relate."
    }

    fn page(&self) -> &'static str {
        "label_relations"
    }
}

/// A probability, small ones with an exponent.
fn p_value(p: f64) -> String {
    if p > 0.0 && p < 0.0001 { format!("{p:.1e}").replace('-', "−") } else { number(p, 4) }
}
