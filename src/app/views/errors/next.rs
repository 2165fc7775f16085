//! Which item to have labelled next.

use super::sheet::{Block, Cell, Sheet, about, first_of};
use crate::analysis::next_label::NextLabel;
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::widgets::paint::{number, thousands};
use crate::app::widgets::table::Column;

/// Items that one click opens.
const BATCH: usize = 100;

pub(super) struct Next<'a> {
    pub(super) doc: &'a Document,
    pub(super) report: &'a NextLabel,
}

const COLUMNS: [Column<'static>; 5] = [
    Column::new("", 56.0).right().hint("Rank: the item for which another label helps most is the first"),
    Column::new("item", 130.0),
    Column::new("text", 0.0),
    Column::new("labels", 64.0).right().hint("Votes that it has"),
    Column::new("score", 80.0).right().hint("ActiveLab, 0 to 1: the lower, the more another label helps"),
];

/// What the first of the list are, after "where".
const WORDS: &str = "another label helps most";

impl Sheet for Next<'_> {
    fn title(&self) -> (&'static str, String) {
        ("Label this next", "items for which another label helps most, first".to_owned())
    }

    fn columns(&self) -> &'static [Column<'static>] {
        &COLUMNS
    }

    fn n_rows(&self) -> usize {
        self.report.order.len()
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        let item = self.report.order[row];
        match column {
            0 => Cell::Number(thousands(row as u64 + 1)),
            1 => Cell::key(self.doc, item),
            2 => Cell::text(self.doc, item),
            3 => Cell::Number(thousands(u64::from(self.report.n_votes[item as usize]))),
            _ => Cell::Number(number(self.report.found.score[item as usize], 4)),
        }
    }

    fn behind(&self, row: usize) -> Option<Condition> {
        Some(first_of(&self.report.order, row + 1, WORDS))
    }

    fn side(&self, row: usize) -> Vec<Block<'_>> {
        let report = self.report;
        let mut side = Vec::new();
        if let Some(&item) = report.order.get(row) {
            side.extend(about(self.doc, item));
            let n = thousands(row as u64 + 1);
            side.push(Block::Fact(
                "This one and all before it".to_owned(),
                n,
                "Opens them as items in this order, to be reviewed",
                Some(Box::new(move || first_of(&report.order, row + 1, WORDS))),
            ));
        }
        let first = report.order.len().min(BATCH);
        side.extend([
            Block::title("All items"),
            Block::Fact(
                "A batch".to_owned(),
                thousands(first as u64),
                "The first of the list",
                Some(Box::new(move || first_of(&report.order, first, WORDS))),
            ),
            Block::items("Without any label", "Judged by the model alone", &report.without, || {
                "nobody has labelled it".to_owned()
            }),
            Block::title("How the model was weighed"),
        ]);
        let pairs = report.found.temperature.iter().zip(&report.found.model_weight);
        for (temperature, weight) in pairs {
            side.extend([
                Block::fact(
                    "Temperature",
                    number(*temperature, 3),
                    "Above 1: it was too sure of itself, and is made less so",
                ),
                Block::fact("Weight of the model", number(*weight, 3), "Beside the weight of one rater"),
            ]);
        }
        let mean = number(report.found.mean_rater_weight, 3);
        side.push(Block::fact("Weight of a rater, mean", mean, "CROWDLAB's weights of those who labelled"));
        side
    }

    fn empty(&self) -> &'static str {
        "There are no items."
    }

    fn page(&self) -> &'static str {
        "active_lab"
    }
}
