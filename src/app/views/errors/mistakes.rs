//! How likely each given label is a mistake.

use super::sheet::{Block, Cell, Choice, Sheet};
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
    Column { title: "item", width: 120.0, right: false, sortable: false, hint: "" },
    Column { title: "text", width: 0.0, right: false, sortable: false, hint: "" },
    Column { title: "given", width: 110.0, right: false, sortable: false, hint: "" },
    Column {
        title: "likely",
        width: 110.0,
        right: false,
        sortable: false,
        hint: "The most probable true label",
    },
    Column {
        title: "P(wrong)",
        width: 80.0,
        right: true,
        sortable: false,
        hint: "That the given label is not the true one",
    },
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
        let item = self.report.order[row] as usize;
        let label =
            |l: u32| if l == NO_LABEL { Cell::words("—") } else { Cell::Label(l, self.doc.label(l)) };
        let given = || {
            self.doc.analysis.as_ref().and_then(|a| a.given.current.get(item).copied()).unwrap_or(NO_LABEL)
        };
        match column {
            0 => Cell::words(self.doc.dataset.keys.get(item)),
            1 => Cell::words(self.doc.dataset.texts.as_ref().map_or("", |t| t.get(item))),
            2 => label(given()),
            3 => label(self.report.likely[item]),
            _ => Cell::Number(self.report.wrong[item].map_or_else(|| "—".to_owned(), |p| number(p, 4))),
        }
    }

    fn behind(&self, row: usize) -> Option<Condition> {
        let items = self.report.order.get(..=row)?;
        let words =
            format!("the label is most probably a mistake (the first {})", thousands(items.len() as u64));
        Some(Condition::listed(words, items.into()))
    }

    fn choices(&self) -> Vec<Vec<Choice>> {
        let of = |prior, name, hint| Choice { name, hint, on: self.report.asked.prior == prior };
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
            side.push(Block::title(self.doc.dataset.keys.get(item as usize)));
            if let Some(texts) = &self.doc.dataset.texts {
                side.push(Block::Words(texts.get(item as usize).chars().take(400).collect()));
            }
            side.push(Block::fact("P(label is wrong)", dash(r.wrong[item as usize]), ""));
            let hint = "That the model's most probable label is not the true one";
            side.push(Block::fact("P(prediction is a mistake)", dash(r.mistake[item as usize]), hint));
        }
        side.push(Block::title("All items"));
        side.push(Block::fact("Expected wrong labels", number(r.expected, 1), "Sum of the probabilities"));
        let interval = r.interval.map_or_else(
            || "—".to_owned(),
            |(a, b)| format!("{} to {}", thousands(a as u64), thousands(b as u64)),
        );
        side.push(Block::fact(
            "In 95 % of relabelings",
            interval,
            "Between these many flips, over the typical draws",
        ));
        let hint =
            "Share of a thousand draws in which flips of every label are within 10 % of what is expected";
        side.push(Block::fact("Typical draws", percent(r.accepted), hint));
        if r.accepted < 0.01 {
            let words =
                "Hardly any draw is typical: with few items of a label, no draw comes near what is expected.";
            side.push(Block::Words(words.to_owned()));
        }
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
