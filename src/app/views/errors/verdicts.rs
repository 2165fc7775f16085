//! What raters say of the labels that items are given.

use std::sync::Arc;

use super::sheet::{Block, Cell, Sheet};
use crate::analysis::verdicts::Verdicts;
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::widgets::paint::{number, thousands};
use crate::app::widgets::table::Column;
use crate::stats::Statistic;

pub(super) struct Judged<'a> {
    pub(super) doc: &'a Document,
    pub(super) report: &'a Verdicts,
}

impl Judged<'_> {
    /// Verdicts in words, with what they mean and their items.
    fn lists(&self) -> [(&'static str, &'static str, &Arc<[u32]>); 5] {
        let r = self.report;
        [
            ("Upheld", "More than half of the votes are for the given label", &r.upheld),
            ("Another label", "More than half agree on one other label: correctable", &r.corrected),
            ("Several labels", "More than half say that several labels apply", &r.several),
            ("No label", "More than half say that no label applies", &r.nothing),
            ("Open", "Nothing has more than half of the votes, the given label included", &r.open),
        ]
    }
}

const COLUMNS: [Column<'static>; 3] =
    [Column::new("given", 220.0), Column::new("more than half say", 0.0), Column::new("items", 92.0).right()];

pub(super) fn with_interval(value: &Statistic) -> String {
    match value.estimate() {
        None => "—".to_owned(),
        Some(e) => {
            let percent = |x: f64| number(100.0 * x, 2);
            let ci = e.ci.map_or_else(String::new, |(a, b)| format!(" [{}, {}]", percent(a), percent(b)));
            format!("{} %{ci}", percent(e.value))
        }
    }
}

impl Sheet for Judged<'_> {
    fn title(&self) -> (&'static str, String) {
        let words = format!(
            "{} of {} do not stand; open a row to see its items",
            thousands(self.report.n_wrong() as u64),
            thousands(self.report.n_judged() as u64)
        );
        ("Given labels that votes overrule", words)
    }

    fn columns(&self) -> &'static [Column<'static>] {
        &COLUMNS
    }

    fn n_rows(&self) -> usize {
        self.report.replaced.len()
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        let row = &self.report.replaced[row];
        match column {
            0 => Cell::Label(row.given, self.doc.label(row.given)),
            1 => Cell::Label(row.by, self.doc.label(row.by)),
            _ => Cell::Number(thousands(row.items.len() as u64)),
        }
    }

    fn behind(&self, row: usize) -> Option<Condition> {
        let row = &self.report.replaced[row];
        let (given, by) = (self.doc.label(row.given), self.doc.label(row.by));
        Some(Condition::among(format!("given {given}, votes say {by}"), row.items.clone()))
    }

    fn side(&self, _row: usize) -> Vec<Block<'_>> {
        let mut side = vec![Block::Title("Verdicts".to_owned(), "items".to_owned())];
        for (name, hint, items) in self.lists() {
            side.push(Block::items(name, hint, items, move || format!("verdict: {}", name.to_lowercase())));
        }
        if self.report.n_left_out > 0 {
            let n = thousands(self.report.n_left_out as u64);
            side.push(Block::fact("Not judged", n, "Without votes, or without a given label"));
        }
        side.extend([
            Block::title("How many are wrong"),
            Block::fact(
                "Of what was judged",
                with_interval(&self.report.wrong),
                "With Wilson's 95 % interval. Where only flagged items were judged, the precision of the flags",
            ),
            Block::fact(
                "Noise prevalence",
                with_interval(&self.report.prevalence),
                "Correctable items over all items that have one known label (Northcutt et al. 2021)",
            ),
        ]);
        if let Some(reason) = self.report.prevalence.reason() {
            side.push(Block::Words(format!("Prevalence: {reason}.")));
        }
        side
    }

    fn empty(&self) -> &'static str {
        "No given label is overruled by another."
    }

    fn page(&self) -> &'static str {
        "verdicts"
    }
}
