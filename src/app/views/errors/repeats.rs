//! Tokens that are labelled otherwise than the same words elsewhere, and words with several labels.

use super::sheet::{Block, Cell, Choice, Sheet};
use crate::analysis::repeats::{RepeatRow, RepeatsReport, WordRow};
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::widgets::paint::{number, thousands};
use crate::app::widgets::table::Column;

pub(super) struct Repeats<'a> {
    pub(super) doc: &'a Document,
    pub(super) report: &'a RepeatsReport,
    /// Words, not tokens.
    pub(super) by_word: bool,
}

impl Repeats<'_> {
    fn labels(&self, row: &WordRow) -> String {
        let label = |&(l, n): &(u32, u64)| format!("{} {}", self.doc.label(l), thousands(n));
        row.variation.labels.iter().map(label).collect::<Vec<_>>().join(", ")
    }

    fn token_side(&self, row: &RepeatRow) -> Vec<Block<'_>> {
        let f = &row.finding;
        let (given, majority) = (self.doc.label(f.given), self.doc.label(f.majority));
        let mut side = vec![
            Block::title(&format!("“{}”", row.stretch)),
            Block::fact(
                given,
                thousands(f.n_here),
                "Occurrences of these words with the label that is given here",
            ),
            Block::fact(
                majority,
                thousands(f.n_majority),
                "Occurrences of these words with the label that most have",
            ),
            Block::fact(
                "Suspicion",
                number(f.suspicion, 3),
                "Lower end of Wilson's 95 % interval of the share that has the label of most",
            ),
        ];
        if f.at_the_end {
            let words =
                "The word stands at an end of what is repeated: on one side of it stand different words.";
            side.push(Block::Words(words.to_owned()));
        }
        side
    }
}

const TOKENS: [Column<'static>; 5] = [
    Column::new("in its text", 0.0),
    Column::new("label", 110.0).hint("What is given here"),
    Column::new("most have", 110.0).hint("What is given where the same words stand around it"),
    Column::new("for it", 64.0)
        .right()
        .hint("Occurrences with the label of most, and with the one given here"),
    Column::new("suspicion", 80.0)
        .right()
        .hint("Lower end of Wilson's 95 % interval of the share that has the label of most"),
];
const WORDS: [Column<'static>; 5] = [
    Column::new("word", 170.0),
    Column::new("labels", 0.0).hint("With how many tokens have each"),
    Column::new("entropy", 80.0).right().hint("Of the labels, in bits"),
    Column::new("label entropy", 106.0)
        .right()
        .hint("1 − entropy, scaled to 0 to 1 (Hollenstein et al. 2016): high where nearly all agree"),
    Column::new("discrepancy", 100.0).right().hint(
        "Weighted discrepancy (Hollenstein et al. 2016), 0 to 1: high where few tokens differ from many",
    ),
];

impl Sheet for Repeats<'_> {
    fn title(&self) -> (&'static str, String) {
        let words = format!(
            "{} of {} tokens in {} sentences; open a row to see it beside the others",
            thousands(self.report.items.len() as u64),
            thousands(self.report.n_tokens as u64),
            thousands(self.report.n_sentences as u64)
        );
        ("Labelled otherwise elsewhere", words)
    }

    fn columns(&self) -> &'static [Column<'static>] {
        if self.by_word { &WORDS } else { &TOKENS }
    }

    fn n_rows(&self) -> usize {
        if self.by_word { self.report.words.len() } else { self.report.rows.len() }
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        if self.by_word {
            let row = &self.report.words[row];
            return match column {
                0 => Cell::words(row.word.as_str()),
                1 => Cell::words(self.labels(row)),
                2 => Cell::Number(number(row.variation.entropy_bits, 3)),
                3 => Cell::Number(number(row.variation.label_entropy, 3)),
                _ => Cell::Number(number(row.variation.weighted_discrepancy, 3)),
            };
        }
        let row = &self.report.rows[row];
        let f = &row.finding;
        match column {
            0 => Cell::Excerpt(&row.excerpt.0, &row.excerpt.1, &row.excerpt.2),
            1 => Cell::label(self.doc, f.given),
            2 => Cell::label(self.doc, f.majority),
            3 => Cell::Number(format!("{}:{}", f.n_majority, f.n_here)),
            _ => Cell::Number(number(f.suspicion, 3)),
        }
    }

    fn behind(&self, row: usize) -> Option<Condition> {
        if self.by_word {
            let row = &self.report.words[row];
            return Some(Condition::among(format!("the word is “{}”", row.word), row.items.clone()));
        }
        let row = &self.report.rows[row];
        Some(Condition::among(format!("“{}” stands here and elsewhere", row.stretch), row.items.clone()))
    }

    fn choices(&self) -> Vec<Vec<Choice>> {
        vec![vec![
            Choice {
                name: "Tokens".into(),
                hint: "Tokens with another label than most that stand between the same words",
                on: !self.by_word,
            },
            Choice {
                name: "Words".into(),
                hint: "Words with several labels, wherever they stand",
                on: self.by_word,
            },
        ]]
    }

    fn side(&self, row: usize) -> Vec<Block<'_>> {
        let mut side = if self.by_word {
            self.report.words.get(row).map_or_else(Vec::new, |row| {
                let mut side = vec![Block::title(&row.word)];
                let of = |&(l, n): &(u32, u64)| {
                    Block::fact(self.doc.label(l), thousands(n), "Tokens with this label")
                };
                side.extend(row.variation.labels.iter().map(of));
                side
            })
        } else {
            self.report.rows.get(row).map_or_else(Vec::new, |row| self.token_side(row))
        };
        side.push(Block::title("In all"));
        let hint = "Tokens that most occurrences of the words around them speak against";
        side.push(Block::items("Suspicious tokens", hint, &self.report.items, || {
            "the same words are labelled otherwise elsewhere".to_owned()
        }));
        side.push(Block::fact(
            "Words with several labels",
            thousands(self.report.n_words as u64),
            "Wherever they stand",
        ));
        side
    }

    fn empty(&self) -> &'static str {
        if self.by_word {
            "Every word has the same label wherever it stands."
        } else {
            "No token is labelled otherwise than most that stand between the same words."
        }
    }

    fn page(&self) -> &'static str {
        "variation_ngrams"
    }
}
