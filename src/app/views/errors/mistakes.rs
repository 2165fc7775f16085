//! How likely each given label is a mistake.

use std::borrow::Cow;

use super::sheet::{Block, Cell, Choice, Sheet, about, first_of};
use crate::analysis::mistakes::{Mistakes, Prior};
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::widgets::paint::{number, thousands};
use crate::app::widgets::table::Column;
use crate::dataset::NO_LABEL;

pub(super) struct Likely<'a> {
    pub(super) doc: &'a Document,
    pub(super) report: &'a Mistakes,
}

const COLUMNS: [Column<'static>; 5] = [
    Column::new("item", 120.0),
    Column::new("text", 0.0),
    Column::new("given", 110.0),
    Column::new("likely", 110.0).hint("The most probable true label"),
    Column::new("P(wrong)", 80.0).right().hint("That the given label is not the true one"),
];

fn percent(x: f64) -> String {
    format!("{} %", number(100.0 * x, 1))
}

impl Sheet for Likely<'_> {
    fn title(&self) -> (&'static str, String) {
        let n = thousands(self.report.probably.len() as u64);
        (
            "Labels that are probably mistakes",
            format!("{n} more probably wrong than right; open a row to see it and those above"),
        )
    }

    fn columns(&self) -> &'static [Column<'static>] {
        &COLUMNS
    }

    fn n_rows(&self) -> usize {
        self.report.order.len()
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        let item = self.report.order[row];
        let at = item as usize;
        let given = || self.doc.analysis.as_ref().and_then(|a| a.given.current.get(at).copied());
        match column {
            0 => Cell::key(self.doc, item),
            1 => Cell::text(self.doc, item),
            2 => Cell::label(self.doc, given().unwrap_or(NO_LABEL)),
            3 => Cell::label(self.doc, self.report.likely[at]),
            _ => Cell::Number(self.report.wrong[at].map_or_else(|| "—".to_owned(), |p| number(p, 4))),
        }
    }

    fn behind(&self, row: usize) -> Option<Condition> {
        Some(first_of(&self.report.order, row + 1, "the label is most probably a mistake"))
    }

    fn choices(&self) -> Vec<Vec<Choice>> {
        let of = |prior, name, hint| Choice {
            name: Cow::Borrowed(name),
            hint,
            on: self.report.asked.prior == prior,
        };
        vec![vec![
            of(
                Prior::Model,
                "By the model",
                "What the model says of the item is what is known before its label",
            ),
            of(
                Prior::Labels,
                "By labels only",
                "The share of each label among all items is: every item of a label is alike",
            ),
        ]]
    }

    fn side(&self, row: usize) -> Vec<Block<'_>> {
        let r = self.report;
        let mut side = Vec::new();
        if let Some(&item) = r.order.get(row) {
            let dash = |p: Option<f64>| p.map_or_else(|| "—".to_owned(), |p| number(p, 4));
            side.extend(about(self.doc, item));
            side.push(Block::fact("P(label is wrong)", dash(r.wrong[item as usize]), ""));
            let hint = "That the model's most probable label is not the true one";
            side.push(Block::fact("P(prediction is a mistake)", dash(r.mistake[item as usize]), hint));
        }
        side.push(Block::title("All items"));
        side.push(Block::fact("Expected wrong labels", number(r.expected, 1), "Sum of the probabilities"));
        let (low, high) = r.interval;
        let interval = format!("{} to {}", thousands(low), thousands(high));
        side.push(Block::fact(
            "In 95 % of relabelings",
            interval,
            "Between these many flips, over a thousand draws",
        ));
        let typical = format!("{} (η {})", percent(r.accepted), number(r.eta, 1));
        let hint = "Share of the draws in which the flips of every label are within η of what is expected: how far a single \
                    relabeling can be trusted";
        side.push(Block::fact("Typical draws", typical, hint));
        side.push(Block::items("More probably wrong than right", "", &r.probably, || {
            "the label is probably a mistake".to_owned()
        }));
        side.push(Block::Title("By label".to_owned(), "probability that it is wrong".to_owned()));
        for (label, p) in (0..).zip(&r.by_label) {
            if let Some(p) = p {
                side.push(Block::fact(
                    self.doc.label(label),
                    percent(*p),
                    "By the noise and the shares of labels alone",
                ));
            }
        }
        side.push(Block::Title("Predictions judged by given labels".to_owned(), String::new()));
        side.push(Block::fact(
            "Misled about",
            percent(r.regret),
            "Regret: share of the items where comparing the prediction with the given label says the wrong thing",
        ));
        let hint = "Leaving out the items whose predictions are most doubtful: mean probability of a mistake, and regret";
        for point in r.curve.iter().filter(|p| [0.25, 0.5, 0.75].iter().any(|s| (p.share - s).abs() < 0.02)) {
            let value = format!("{} · {}", percent(point.risk), percent(point.regret));
            side.push(Block::fact(format!("surest {}: risk · regret", percent(point.share)), value, hint));
        }
        side.push(Block::Words(
            "The model is taken as it is, and not trained again on each relabeling.".to_owned(),
        ));
        side
    }

    fn empty(&self) -> &'static str {
        "No item has a given label."
    }

    fn page(&self) -> &'static str {
        "mistake_probability"
    }
}
