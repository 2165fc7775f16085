//! Blocks of the file in which labels fit other rows' predictions better than those of their own.

use super::sheet::{Block, Cell, Sheet};
use crate::analysis::shifted::ShiftedReport;
use crate::app::query::Condition;
use crate::app::views::capital;
use crate::app::widgets::paint::{number, thousands};
use crate::app::widgets::table::Column;
use crate::report::shifted::shifted_words;
use crate::stats::shifted::{self, Kind};

pub(super) struct Shifted<'a> {
    pub(super) report: &'a ShiftedReport,
}

impl Shifted<'_> {
    fn rows(block: &shifted::Block) -> String {
        format!("{}–{}", thousands(block.rows.start as u64 + 1), thousands(block.rows.end as u64))
    }
}

const COLUMNS: [Column<'static>; 6] = [
    Column::new("rows", 140.0),
    Column::new("looks", 0.0),
    Column::new("as they stand", 110.0).right().hint("Mean of ln p of the given label, by the row's own prediction"),
    Column::new("best lag", 84.0).right().hint("How many rows further down the labels fit best, but 0"),
    Column::new("gain", 84.0).right().hint("What that lag gains, mean of ln p; told of beyond 4 standard errors"),
    Column::new("z in windows", 104.0)
        .right()
        .hint("How much better the pairs are than pairs at random within windows of 20 rows, in standard deviations"),
];

fn dash(x: Option<f64>, digits: usize) -> String {
    x.map_or_else(|| "—".to_owned(), |x| number(x, digits))
}

fn lag(delta: i32) -> String {
    format!("{}{}", if delta > 0 { "+" } else { "" }, number(f64::from(delta), 0))
}

impl Sheet for Shifted<'_> {
    fn title(&self) -> (&'static str, String) {
        let r = self.report;
        let words = format!(
            "{} of {} blocks of the file look shifted; open a row to see its items",
            thousands(r.n_flagged as u64),
            thousands(r.blocks.len() as u64)
        );
        ("Labels beside other rows", words)
    }

    fn columns(&self) -> &'static [Column<'static>] {
        &COLUMNS
    }

    fn n_rows(&self) -> usize {
        self.report.blocks.len()
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        let block = &self.report.blocks[row];
        match column {
            0 => Cell::words(Self::rows(block)),
            1 => Cell::words(shifted_words(block)),
            2 => Cell::Number(dash((block.n > 0).then_some(block.stands), 3)),
            3 => Cell::Number(block.best.map_or_else(|| "—".to_owned(), |l| lag(l.delta))),
            4 => Cell::Number(dash(block.best.map(|l| l.gain), 3)),
            _ => Cell::Number(dash(block.pairing.z(), 1)),
        }
    }

    fn behind(&self, row: usize) -> Option<Condition> {
        let items = self.report.items.get(row)?;
        let words = format!("they are rows {}", Self::rows(self.report.blocks.get(row)?));
        Some(Condition::among(words, items.clone()))
    }

    fn side(&self, row: usize) -> Vec<Block<'_>> {
        let mut side = Vec::new();
        if let Some(block) = self.report.blocks.get(row) {
            side.push(Block::title(&format!("Rows {}", Self::rows(block))));
            side.push(Block::Words(format!("{}.", capital(&shifted_words(block)))));
            side.push(Block::fact(
                "Items looked at",
                thousands(block.n as u64),
                "With a label and a prediction",
            ));
            if let Some(best) = block.best {
                let words = format!("{} ± {}", number(best.gain, 3), number(best.se, 3));
                let what = format!("Gain of lag {}", lag(best.delta));
                side.push(Block::fact(what, words, "Mean difference of ln p, and its standard error"));
            }
            let pairing = &block.pairing;
            let mean = |sum: f64| dash((pairing.n > 0).then(|| sum / pairing.n as f64), 3);
            side.push(Block::Title("Within windows of 20 rows".to_owned(), "mean ln p".to_owned()));
            side.push(Block::fact("As they stand", mean(pairing.stands), "Each label beside its own row"));
            side.push(Block::fact(
                "Paired at random",
                mean(pairing.chance),
                "Over all ways to deal the labels out",
            ));
            let hint = "The way to deal the labels out that fits best: better than as they stand in any data";
            side.push(Block::fact("Paired as well as can be", mean(pairing.best), hint));
            if block.kind == Kind::Dealt {
                let words = "Here the labels are hardly better than dealt out at random, and elsewhere they are far better.";
                side.push(Block::Words(words.to_owned()));
            }
        }
        side.push(Block::title("All blocks"));
        let hint = "Of all blocks that are shifted or dealt anew";
        side.push(Block::items("Items", hint, &self.report.flagged, || {
            "labels look as if they stood beside other rows".to_owned()
        }));
        side
    }

    fn empty(&self) -> &'static str {
        "There is no row."
    }

    fn page(&self) -> &'static str {
        "shifted_labels"
    }
}
