//! Wrong labels where an item has several: by label, or by item.

use super::capital;
use super::sheet::{Block, Cell, Choice, Sheet, about};
use crate::analysis::multilabel::{ItemScore, MemberIssues, MemberSource, MultiLabelAsked, MultiLabelReport};
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::widgets::paint::{number, thousands};
use crate::app::widgets::table::Column;
use crate::stats::confident::Filter;

/// What is listed, by which filter and score.
#[derive(Debug, Clone, Default)]
pub(super) struct Choices {
    /// Items, not labels.
    pub(super) by_item: bool,
    pub(super) asked: MultiLabelAsked,
}

impl Choices {
    /// Takes one: what is listed, the filter, the score.
    pub(super) fn take(&mut self, (group, choice): (usize, usize)) {
        match group {
            0 => self.by_item = choice == 1,
            1 => self.asked.filter = Filter::ALL.get(choice).copied().unwrap_or(self.asked.filter),
            _ => self.asked.score = ItemScore::ALL.get(choice).copied().unwrap_or_default(),
        }
    }
}

pub(super) struct Sets<'a> {
    pub(super) doc: &'a Document,
    pub(super) report: &'a MultiLabelReport,
    pub(super) choices: &'a Choices,
}

impl Sets<'_> {
    fn names(&self, members: &[u32]) -> String {
        let name = |&m: &u32| self.report.members.get(m as usize).map_or("", String::as_str);
        if members.is_empty() {
            "—".to_owned()
        } else {
            members.iter().map(name).collect::<Vec<_>>().join(", ")
        }
    }

    fn label_side(row: &MemberIssues) -> Vec<Block<'_>> {
        let [[tn, fn_], [fp, tp]] = row.joint.map(|of| of.map(thousands));
        vec![
            Block::Title(row.name.clone(), "estimated items, given → true".to_owned()),
            Block::fact("Has it, should have it", tp, "Given and probably right"),
            Block::fact("Has it, should not", fp, "By the calibrated joint of this label alone"),
            Block::fact("Lacks it, should have it", fn_, "By the calibrated joint of this label alone"),
            Block::fact("Lacks it, should not have it", tn, "Not given and probably rightly so"),
            Block::title("Flagged"),
            Block::items(
                "Should go",
                "Items that are given the label and probably should not be",
                &row.surplus,
                || format!("“{}” should go", row.name),
            ),
            Block::items(
                "Should come",
                "Items that are not given the label and probably should be",
                &row.lacking,
                || format!("“{}” should come", row.name),
            ),
        ]
    }
}

const BY_LABEL: [Column<'static>; 5] = [
    Column::new("label", 0.0).hint("A single label that sets are made of"),
    Column::new("quality", 92.0).right().hint("1 − share of answers that are flagged"),
    Column::new("given", 92.0).right().hint("Items that have it"),
    Column::new("should go", 92.0).right().hint("Items that have it and probably should not"),
    Column::new("should come", 104.0).right().hint("Items that lack it and probably should have it"),
];
const BY_ITEM: [Column<'static>; 4] = [
    Column::new("item", 150.0),
    Column::new("should go", 190.0).hint("Labels to take away"),
    Column::new("should come", 0.0).hint("Labels to add"),
    Column::new("score", 92.0).right().hint("Low is suspicious"),
];

impl Sheet for Sets<'_> {
    fn title(&self) -> (&'static str, String) {
        let words = format!(
            "{} of {} items flagged; open a row to see them",
            thousands(self.report.flagged.len() as u64),
            thousands(self.report.n_known)
        );
        ("Wrong labels in sets", words)
    }

    fn columns(&self) -> &'static [Column<'static>] {
        if self.choices.by_item { &BY_ITEM } else { &BY_LABEL }
    }

    fn n_rows(&self) -> usize {
        if self.choices.by_item { self.report.items.len() } else { self.report.rows.len() }
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        if self.choices.by_item {
            let row = &self.report.items[row];
            return match column {
                0 => Cell::key(self.doc, row.item),
                1 => Cell::words(self.names(&row.surplus)),
                2 => Cell::words(self.names(&row.lacking)),
                _ => Cell::Number(number(row.score, 4)),
            };
        }
        let row = &self.report.rows[row];
        match column {
            0 => Cell::Label(row.member, &row.name),
            1 => Cell::Number(row.quality.map_or_else(|| "—".to_owned(), |q| number(q, 4))),
            2 => Cell::Number(thousands(row.n_given)),
            3 => Cell::Number(thousands(row.surplus.len() as u64)),
            _ => Cell::Number(thousands(row.lacking.len() as u64)),
        }
    }

    fn behind(&self, row: usize) -> Option<Condition> {
        if self.choices.by_item {
            let item = self.report.items[row].item;
            let words = format!("item is {}", self.doc.dataset.keys.get(item as usize));
            return Some(Condition::among(words, [item].into()));
        }
        let row = &self.report.rows[row];
        let mut items: Vec<u32> = row.surplus.iter().chain(row.lacking.iter()).copied().collect();
        items.sort_unstable();
        (!items.is_empty())
            .then(|| Condition::among(format!("“{}” is probably wrong", row.name), items.into()))
    }

    fn choices(&self) -> Vec<Vec<Choice>> {
        let by_item = self.choices.by_item;
        let what = vec![
            Choice {
                name: "By label".into(),
                hint: "Each single label with what is wrong about it",
                on: !by_item,
            },
            Choice { name: "By item".into(), hint: "The most suspicious items first", on: by_item },
        ];
        let asked = &self.report.asked;
        let filter = |f: Filter| Choice {
            name: capital(f.words().0).into(),
            hint: f.words().1,
            on: f == asked.filter,
        };
        let mut all = vec![what, Filter::ALL.map(filter).into()];
        if by_item {
            let score =
                |s: ItemScore| Choice { name: s.words().0.into(), hint: s.words().1, on: s == asked.score };
            all.push(ItemScore::ALL.map(score).into());
        }
        all
    }

    fn side(&self, row: usize) -> Vec<Block<'_>> {
        let report = self.report;
        let mut side = Vec::new();
        if self.choices.by_item {
            if let Some(row) = report.items.get(row) {
                side.extend(about(self.doc, row.item));
                side.push(Block::fact("Should go", self.names(&row.surplus), "Labels to take away"));
                side.push(Block::fact("Should come", self.names(&row.lacking), "Labels to add"));
            }
        } else if let Some(row) = report.rows.get(row) {
            side.extend(Self::label_side(row));
        }
        side.push(Block::title("All labels"));
        side.extend([
            Block::items(
                "Items flagged",
                "With one label at least that should go or come",
                &report.flagged,
                || "sets are probably wrong".to_owned(),
            ),
            Block::fact("Health", number(report.health, 3), "1 − share of items that are flagged"),
            Block::fact(
                "Tied at the cut",
                thousands(report.ties_at_cut),
                "Answers as suspicious as the last that is flagged",
            ),
        ]);
        if report.source == MemberSource::Sets {
            let words = "The model knows whole sets only: a label is as probable as all sets that hold it.";
            side.push(Block::Words(words.to_owned()));
        }
        side
    }

    fn empty(&self) -> &'static str {
        "No item is flagged by this filter."
    }

    fn page(&self) -> &'static str {
        "wrong_sets"
    }
}
