//! Votes that are probably mistakes, with what speaks for and against each; items by kind of disagreement.

use super::sheet::{Block, Cell, Choice, Sheet, about};
use crate::analysis::votes::VotesReport;
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::widgets::paint::{number, thousands};
use crate::app::widgets::table::Column;
use crate::stats::error_or_variation::{Guideline, ItemKind, VoteScore};

pub(super) struct Votes<'a> {
    pub(super) doc: &'a Document,
    pub(super) report: &'a VotesReport,
    /// Pairs of labels over which groups part, not votes.
    pub(super) guidelines: bool,
}

impl Votes<'_> {
    fn score(&self, row: usize) -> Option<&VoteScore> {
        let at = *self.report.mistakes.get(row)?;
        self.report.found.scores.get(at as usize)
    }

    /// Who gave the label.
    fn by(&self, score: &VoteScore) -> String {
        let data = &self.doc.dataset;
        if !data.raters.are_known() {
            return format!("{} of {}", score.n_for, score.n_of);
        }
        let gave = |label: u32| match &data.sets {
            Some(sets) => sets.contains(label, score.label),
            None => label == score.label,
        };
        let votes = data.annotations.of_item(score.item as usize).filter(|v| gave(v.label));
        let mut names: Vec<&str> = votes.map(|v| self.doc.rater_name(v.rater)).collect();
        names.dedup();
        names.join(", ")
    }

    fn sides(&self, guideline: &Guideline) -> (String, Vec<String>) {
        self.report.sides(guideline, &self.doc.dataset.raters.names)
    }

    fn pair(&self, guideline: &Guideline) -> String {
        let [a, b] = guideline.labels.map(|l| self.report.label(l));
        format!("{a} or {b}")
    }

    fn score_side(&self, score: &VoteScore) -> Vec<Block<'_>> {
        let mut side = about(self.doc, score.item);
        side.push(Block::Title(
            format!("Is “{}” a mistake?", self.report.label(score.label)),
            "log-odds, + speaks for it".to_owned(),
        ));
        let e = &score.evidence;
        let mut fact = |what: String, value: f64, hint: &'static str| {
            side.push(Block::fact(what, format!("{:+.2}", -value).replace('-', "−"), hint));
        };
        let votes = format!("Given by {} of {}", score.n_for, score.n_of);
        fact(votes, e.votes, "How many of how many gave it, and how often these err");
        for (name, value) in self.report.distributions.iter().zip(&e.distributions) {
            fact(
                name.clone(),
                *value,
                "What its probability of the label says, by how well it foretells votes",
            );
        }
        fact(
            "The other labels here".to_owned(),
            e.company,
            "How often raters who meet these labels meet this one",
        );
        fact("The label itself".to_owned(), e.usual, "How often it is acceptable at all");
        side.push(Block::fact(
            "Chance of a mistake",
            number(score.mistake, 3),
            "All of this together; 0 to 1",
        ));
        side
    }
}

const MISTAKES: [Column<'static>; 6] = [
    Column::new("item", 92.0),
    Column::new("text", 0.0),
    Column::new("label", 110.0),
    Column::new("by", 110.0).hint("Who gave it"),
    Column::new("for it", 56.0).right().hint("How many of how many gave it"),
    Column::new("mistake", 70.0).right().hint("Chance that it is a mistake, and not a legitimate reading"),
];
const GUIDELINES: [Column<'static>; 4] = [
    Column::new("labels", 0.0),
    Column::new("raters by", 150.0).hint("The attribute whose groups part; or the raters by themselves, where they fall into two camps that no attribute tells apart"),
    Column::new("strength", 80.0)
        .right()
        .hint("Cramér's V of group and label, on items that have both labels"),
    Column::new("items", 64.0).right().hint("Items that follow it"),
];

impl Sheet for Votes<'_> {
    fn title(&self) -> (&'static str, String) {
        let words = format!(
            "{} of {} labels that somebody gave; a split may be a slip, a real ambiguity, or two guidelines",
            thousands(self.report.mistakes.len() as u64),
            thousands(self.report.found.scores.len() as u64)
        );
        ("Votes that are probably mistakes", words)
    }

    fn columns(&self) -> &'static [Column<'static>] {
        if self.guidelines { &GUIDELINES } else { &MISTAKES }
    }

    fn n_rows(&self) -> usize {
        if self.guidelines { self.report.found.guidelines.len() } else { self.report.mistakes.len() }
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        if self.guidelines {
            let guideline = &self.report.found.guidelines[row];
            return match column {
                0 => Cell::words(self.pair(guideline)),
                1 => Cell::words(self.sides(guideline).0),
                2 => Cell::Number(number(guideline.strength, 3)),
                _ => Cell::Number(thousands(self.report.of_guideline[row].len() as u64)),
            };
        }
        let Some(score) = self.score(row) else { return Cell::words("") };
        match column {
            0 => Cell::key(self.doc, score.item),
            1 => Cell::text(self.doc, score.item),
            2 => Cell::Label(score.label, self.report.label(score.label)),
            3 => Cell::words(self.by(score)),
            4 => Cell::Number(format!("{}:{}", score.n_for, score.n_of)),
            _ => Cell::Number(number(score.mistake, 3)),
        }
    }

    fn behind(&self, row: usize) -> Option<Condition> {
        if self.guidelines {
            let guideline = self.report.found.guidelines.get(row)?;
            let items = self.report.of_guideline[row].clone();
            let by = self.sides(guideline).0;
            return (!items.is_empty())
                .then(|| Condition::among(format!("{} follows {by}", self.pair(guideline)), items));
        }
        let score = self.score(row)?;
        let words = format!("the item is {}", self.doc.dataset.keys.get(score.item as usize));
        Some(Condition::among(words, [score.item].into()))
    }

    fn choices(&self) -> Vec<Vec<Choice>> {
        vec![vec![
            Choice {
                name: "Mistakes".into(),
                hint: "Labels that somebody gave and that are probably mistakes, the most probable first",
                on: !self.guidelines,
            },
            Choice {
                name: "Guidelines".into(),
                hint: "Pairs of labels over which groups of raters part, or raters by themselves",
                on: self.guidelines,
            },
        ]]
    }

    fn side(&self, row: usize) -> Vec<Block<'_>> {
        let mut side = if self.guidelines {
            self.report.found.guidelines.get(row).map_or_else(Vec::new, |guideline| {
                let [a, b] = guideline.labels.map(|l| self.report.label(l));
                let mut side = vec![Block::Title(self.pair(guideline), format!("{a} : {b}"))];
                for (value, [x, y]) in self.sides(guideline).1.into_iter().zip(&guideline.counts) {
                    let hint = "Answers of this group on items that have both labels";
                    side.push(Block::fact(value, format!("{} : {}", thousands(*x), thousands(*y)), hint));
                }
                side
            })
        } else {
            self.score(row).map_or_else(Vec::new, |score| self.score_side(score))
        };
        side.push(Block::Title("Kinds of disagreement".to_owned(), "items".to_owned()));
        for (kind, items) in ItemKind::ALL.into_iter().zip(&self.report.kinds) {
            let (name, hint) = kind.words();
            side.push(Block::items(name, hint, items, move || {
                format!("{} by their votes", name.to_lowercase())
            }));
        }
        let hint = "All items with a label that is probably a mistake";
        side.push(Block::items("With a probable mistake", hint, &self.report.with_mistakes, || {
            "a vote is probably a mistake".to_owned()
        }));
        if self.report.distributions.is_empty() {
            let words =
                "By votes alone. A model's probabilities, or another crowd's shares (--crowd), tell more.";
            side.push(Block::Words(words.to_owned()));
        }
        side
    }

    fn empty(&self) -> &'static str {
        if self.guidelines {
            "No two labels part raters."
        } else {
            "No vote is more probably a mistake than a reading."
        }
    }

    fn page(&self) -> &'static str {
        "error_or_variation"
    }
}
