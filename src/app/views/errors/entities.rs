//! Entities that contradict each other: marks, words with several labels, tags that may not stand where they do.

use super::capital;
use super::sheet::{Block, Cell, Choice, Sheet};
use crate::analysis::entities::{EntitiesReport, FindingRow, FormRow, TagsRow, hand};
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::widgets::paint::{number, thousands};
use crate::app::widgets::table::Column;
use crate::stats::confident::entities::TagFinding;

/// What is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum List {
    /// Marks, or places without one, that others contradict.
    #[default]
    Marks,
    /// Words with several labels.
    Words,
    /// Tags that the scheme does not allow.
    Tags,
}

impl List {
    pub(super) const ALL: [Self; 3] = [Self::Marks, Self::Words, Self::Tags];

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Marks => ("Marks", "Marks that other marks, or other raters, speak against"),
            Self::Words => ("Words", "Words that are marked with several labels"),
            Self::Tags => ("Tags", "Tags that may not follow the tag before them"),
        }
    }
}

pub(super) struct Entities<'a> {
    pub(super) doc: &'a Document,
    pub(super) report: &'a EntitiesReport,
    pub(super) list: List,
}

impl Entities<'_> {
    /// The hand and its illegal tag in a row of the list of tags.
    fn tag(&self, row: usize) -> Option<(&TagsRow, &(u32, TagFinding))> {
        let mut before = 0;
        self.report.tags.iter().find_map(|hand| {
            let found = row.checked_sub(before).and_then(|at| hand.illegal.get(at));
            before += hand.illegal.len();
            found.map(|tag| (hand, tag))
        })
    }

    fn most_say(&self, row: &FindingRow) -> String {
        match (&row.instead, row.finding.majority) {
            (Some(text), Some((_, _, label))) => format!("{}: {text}", self.report.label(label)),
            _ => "nothing".to_owned(),
        }
    }

    fn labels(&self, row: &FormRow) -> String {
        let label = |&(l, n): &(u32, u64)| format!("{} {}", self.report.label(l), thousands(n));
        row.form.variation.labels.iter().map(label).collect::<Vec<_>>().join(", ")
    }

    fn mark_side(&self, row: &FindingRow) -> Vec<Block<'_>> {
        let f = &row.finding;
        let who: Vec<&str> = f.raters.iter().map(|&r| self.doc.rater_name(r)).collect();
        let mut side = vec![
            Block::title(&f.form),
            Block::Words(format!("{}.", capital(f.kind.words()))),
            Block::fact("As here", thousands(f.n_here), "Marks, places or raters that do as is done here"),
            Block::fact("As most", thousands(f.n_majority), "Marks, places or raters that do as most do"),
            Block::fact(
                "Suspicion",
                number(f.suspicion, 3),
                "Lower end of Wilson's 95 % interval of the share that does as most do",
            ),
            Block::fact("Document", row.document.clone(), ""),
        ];
        if !who.is_empty() {
            side.push(Block::fact("By", who.join(", "), "Whose mark it is, or whose is missing"));
        }
        side
    }
}

const MARKS: [Column<'static>; 5] = [
    Column::new("in its text", 0.0),
    Column::new("label", 92.0).hint("What is marked here"),
    Column::new("most say", 160.0).hint("What is marked elsewhere, or by most raters"),
    Column::new("for it", 64.0).right().hint("Cases that do as most do, and cases that do as here"),
    Column::new("suspicion", 80.0)
        .right()
        .hint("Lower end of Wilson's 95 % interval of the share that does as most do"),
];
const WORDS: [Column<'static>; 4] = [
    Column::new("words", 200.0),
    Column::new("labels", 0.0).hint("With how many marks have each"),
    Column::new("entropy", 80.0).right().hint("Of the labels, in bits"),
    Column::new("discrepancy", 100.0).right().hint(
        "Weighted discrepancy (Hollenstein et al. 2016), 0 to 1: high where few marks differ from many",
    ),
];
const TAGS: [Column<'static>; 5] = [
    Column::new("token", 0.0),
    Column::new("by", 120.0).hint("Whose tag it is"),
    Column::new("before it", 110.0).hint("The tag of the token before"),
    Column::new("tag", 110.0).hint("What stands there"),
    Column::new("should be", 110.0).hint("The same entity as the scheme spells it"),
];

impl Sheet for Entities<'_> {
    fn title(&self) -> (&'static str, String) {
        let whose = if self.report.by_raters { "raters' marks" } else { "marks" };
        let words = format!(
            "{} findings on {} {whose} in {} documents; open a row to see its items",
            thousands(self.report.n_findings as u64),
            thousands(self.report.n_marks as u64),
            thousands(self.report.n_documents as u64)
        );
        ("Contradictory entities", words)
    }

    fn columns(&self) -> &'static [Column<'static>] {
        match self.list {
            List::Marks => &MARKS,
            List::Words => &WORDS,
            List::Tags => &TAGS,
        }
    }

    fn n_rows(&self) -> usize {
        match self.list {
            List::Marks => self.report.findings.len(),
            List::Words => self.report.forms.len(),
            List::Tags => self.report.tags.iter().map(|hand| hand.illegal.len()).sum(),
        }
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        let report = self.report;
        match self.list {
            List::Marks => {
                let row = &report.findings[row];
                let f = &row.finding;
                match column {
                    0 => Cell::Excerpt(&row.excerpt.0, &row.excerpt.1, &row.excerpt.2),
                    1 => f.given.map_or(Cell::words("nothing"), |l| Cell::Label(l, report.label(l))),
                    2 => Cell::words(self.most_say(row)),
                    3 => Cell::Number(format!("{}:{}", f.n_majority, f.n_here)),
                    _ => Cell::Number(number(f.suspicion, 3)),
                }
            }
            List::Words => {
                let row = &report.forms[row];
                match column {
                    0 => Cell::words(row.form.form.as_str()),
                    1 => Cell::words(self.labels(row)),
                    2 => Cell::Number(number(row.form.variation.entropy_bits, 3)),
                    _ => Cell::Number(number(row.form.variation.weighted_discrepancy, 3)),
                }
            }
            List::Tags => {
                let Some((tags, (item, f))) = self.tag(row) else { return Cell::words("") };
                match column {
                    0 => Cell::words(self.doc.dataset.keys.get(*item as usize)),
                    1 => Cell::words(hand(&self.doc.dataset.raters, tags.rater)),
                    2 => Cell::words(f.before.as_deref().unwrap_or("—")),
                    3 => Cell::words(f.tag.as_str()),
                    _ => Cell::words(f.repair.as_str()),
                }
            }
        }
    }

    fn behind(&self, row: usize) -> Option<Condition> {
        Some(match self.list {
            List::Marks => {
                let row = &self.report.findings[row];
                Condition::among(format!("“{}” is marked, or could be", row.finding.form), row.items.clone())
            }
            List::Words => {
                let row = &self.report.forms[row];
                Condition::among(format!("“{}” is marked", row.form.form), row.items.clone())
            }
            List::Tags => {
                let (_, (item, f)) = self.tag(row)?;
                Condition::among(format!("{} may not stand", f.tag), [*item].into())
            }
        })
    }

    fn choices(&self) -> Vec<Vec<Choice>> {
        let has_tags = !self.report.tags.is_empty();
        let lists = List::ALL.into_iter().filter(|l| *l != List::Tags || has_tags);
        vec![
            lists
                .map(|l| Choice { name: l.words().0.into(), hint: l.words().1, on: l == self.list })
                .collect(),
        ]
    }

    fn side(&self, row: usize) -> Vec<Block<'_>> {
        let report = self.report;
        let mut side = match self.list {
            List::Marks => report.findings.get(row).map_or_else(Vec::new, |row| self.mark_side(row)),
            List::Words => report.forms.get(row).map_or_else(Vec::new, |row| {
                let mut side = vec![Block::title(&row.form.form)];
                let of = |&(l, n): &(u32, u64)| {
                    Block::fact(report.label(l), thousands(n), "Marks with this label")
                };
                side.extend(row.form.variation.labels.iter().map(of));
                side
            }),
            List::Tags => Vec::new(),
        };
        side.push(Block::Title("What speaks against marks".to_owned(), "findings".to_owned()));
        for row in report.kinds.iter().filter(|row| row.n > 0) {
            let words = row.kind.words();
            let opens = || Condition::among(words.to_owned(), row.items.clone());
            side.push(Block::Fact(capital(words), thousands(row.n as u64), "", Some(Box::new(opens))));
        }
        if report.n_findings == 0 {
            side.push(Block::Words("Nothing does.".to_owned()));
        }
        for row in &report.tags {
            let who = hand(&self.doc.dataset.raters, row.rater);
            side.push(Block::Title(format!("Tags of {who}"), row.scheme.to_owned()));
            side.push(Block::fact("Stand where they may", thousands(row.n_legal), "Tags of entities"));
            let hint = "Tags that the scheme does not allow";
            side.push(Block::items("Do not", hint, &row.items, move || {
                format!("tags of {who} may not stand")
            }));
        }
        side
    }

    fn empty(&self) -> &'static str {
        match self.list {
            List::Marks => "No mark is contradicted by other marks.",
            List::Words => "All words have the same label wherever they are marked.",
            List::Tags => "Every tag may stand where it does.",
        }
    }

    fn page(&self) -> &'static str {
        "contradictory_entities"
    }
}
