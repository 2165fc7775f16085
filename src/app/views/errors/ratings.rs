//! Ratings that are far from what was to be expected.

use super::sheet::{Block, Cell, Choice, Sheet, about};
use crate::analysis::ratings::{Expected, RatingRow, RatingsReport};
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::widgets::paint::{number, thousands};
use crate::app::widgets::table::Column;

pub(super) struct Ratings<'a> {
    pub(super) doc: &'a Document,
    pub(super) report: &'a RatingsReport,
    /// Single ratings, not given labels; what there is where nothing was chosen.
    pub(super) chosen: Option<bool>,
}

impl Ratings<'_> {
    fn single(&self) -> bool {
        self.chosen.unwrap_or(self.report.given.is_empty())
    }

    fn rows(&self) -> &[RatingRow] {
        if self.single() { &self.report.single } else { &self.report.given }
    }
}

const COLUMNS: [Column<'static>; 6] = [
    Column::new("item", 120.0),
    Column::new("text", 0.0),
    Column::new("by", 110.0).hint("Whose rating it is"),
    Column::new("rating", 64.0).right(),
    Column::new("expected", 76.0).right().hint("By the model, the votes, or the other raters"),
    Column::new("score", 76.0)
        .right()
        .hint("OUTRE, or exp(−|expected − rating|) where there are too many: low is suspicious"),
];

impl Sheet for Ratings<'_> {
    fn title(&self) -> (&'static str, String) {
        ("Ratings that are far off", "the most suspicious first; open a row to see its item".to_owned())
    }

    fn columns(&self) -> &'static [Column<'static>] {
        &COLUMNS
    }

    fn n_rows(&self) -> usize {
        self.rows().len()
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        let row = self.rows()[row];
        match column {
            0 => Cell::key(self.doc, row.item),
            1 => Cell::text(self.doc, row.item),
            2 => Cell::words(row.rater.map_or("given label", |r| self.doc.rater_name(r))),
            3 => Cell::Number(number(row.value, usize::from(row.value.fract() != 0.0))),
            4 => Cell::Number(number(row.expected, 2)),
            _ => Cell::Number(number(row.outre.unwrap_or(row.residual), 4)),
        }
    }

    fn behind(&self, row: usize) -> Option<Condition> {
        let row = self.rows().get(row)?;
        let words = format!("item is {}", self.doc.dataset.keys.get(row.item as usize));
        Some(Condition::among(words, [row.item].into()))
    }

    fn choices(&self) -> Vec<Vec<Choice>> {
        vec![vec![
            Choice {
                name: "Given labels".into(),
                hint: "Against the model, or the mean of the votes",
                on: !self.single(),
            },
            Choice {
                name: "Single ratings".into(),
                hint: "Each against the mean of the others",
                on: self.single(),
            },
        ]]
    }

    fn side(&self, row: usize) -> Vec<Block<'_>> {
        let r = self.report;
        let mut side = Vec::new();
        if let Some(row) = self.rows().get(row) {
            side.extend(about(self.doc, row.item));
            side.push(Block::fact("Residual score", number(row.residual, 4), "exp(−|expected − rating|)"));
            let outre = row.outre.map_or_else(|| "—".to_owned(), |s| number(s, 4));
            side.push(Block::fact(
                "OUTRE",
                outre,
                "Low where the residual stands out among those of similar ratings",
            ));
        }
        side.push(Block::title("Flagged"));
        let hint = "Score below a twentieth of the median";
        side.push(Block::items("Given labels", hint, &r.flagged, || {
            "the given rating is far off".to_owned()
        }));
        side.push(Block::items("Items of single ratings", hint, &r.flagged_single, || {
            "a rating is far off".to_owned()
        }));
        let (n, all) = r.n_single;
        let of = format!("{} of {}", thousands(n as u64), thousands(all as u64));
        side.push(Block::fact("Single ratings", of, "Each against the mean of the others on its item"));
        let words = match r.expected {
            Some(Expected::Model) => "Of a given label the model's mean rating is expected.",
            Some(Expected::Votes) => "Of a given label the mean of its item's votes is expected.",
            None => "The labels under suspicion are the votes' own: nothing else is expected of them.",
        };
        side.push(Block::Words(words.to_owned()));
        side
    }

    fn empty(&self) -> &'static str {
        if self.single() {
            "No item has ratings by two raters."
        } else {
            "Nothing is expected of the given labels."
        }
    }

    fn page(&self) -> &'static str {
        "rating_residuals"
    }
}
