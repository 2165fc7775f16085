//! What several models say against given labels, by how sure they are together.

use super::sheet::{Block, Cell, Choice, Opens, Sheet, about, first_of};
use super::verdicts::with_interval;
use crate::analysis::judges::{Bin, JudgesReport};
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::widgets::paint::{number, thousands};
use crate::app::widgets::table::Column;
use crate::dataset::NO_LABEL;

pub(super) struct Judges<'a> {
    pub(super) doc: &'a Document,
    pub(super) report: &'a JudgesReport,
}

impl Judges<'_> {
    fn given(&self, item: u32) -> u32 {
        let given = self.doc.analysis.as_ref().and_then(|a| a.given.original.get(item as usize).copied());
        given.unwrap_or(NO_LABEL)
    }

    /// Votes of people on an item: label and how many, the most frequent first.
    fn people(&self, item: u32) -> String {
        let mut counts: Vec<(usize, u32)> = Vec::new();
        for &label in self.report.people.labels_of(item as usize) {
            match counts.iter_mut().find(|c| c.1 == label) {
                Some(count) => count.0 += 1,
                None => counts.push((1, label)),
            }
        }
        counts.sort_unstable_by_key(|&(n, label)| (std::cmp::Reverse(n), label));
        let words = |&(n, label): &(usize, u32)| format!("{} {n}", self.doc.label(label));
        if counts.is_empty() {
            "—".to_owned()
        } else {
            counts.iter().map(words).collect::<Vec<_>>().join(", ")
        }
    }

    fn bin_words(bin: &Bin) -> String {
        format!("{} to {}", number(bin.low, 2), number(bin.high, 2))
    }
}

const COLUMNS: [Column<'static>; 5] = [
    Column::new("item", 130.0),
    Column::new("given", 130.0),
    Column::new("judges say", 130.0).hint("The label with the largest mean probability"),
    Column::new("people", 0.0).hint("Votes of people: where they part too, the flag is hardly an error"),
    Column::new("confidence", 84.0).right().hint("The largest mean probability of the judges"),
];

impl Sheet for Judges<'_> {
    fn title(&self) -> (&'static str, String) {
        let n = thousands(self.report.flagged.len() as u64);
        let judges = self.report.judges.len();
        (
            "Labels that judges contradict",
            format!("{n} by {judges} judges together, the surest first; open a row to see it"),
        )
    }

    fn columns(&self) -> &'static [Column<'static>] {
        &COLUMNS
    }

    fn n_rows(&self) -> usize {
        self.report.flagged.len()
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        let item = self.report.flagged[row];
        let one = self.report.ensemble[item as usize];
        match column {
            0 => Cell::key(self.doc, item),
            1 => Cell::label(self.doc, self.given(item)),
            2 => Cell::label(self.doc, one.label),
            3 => Cell::words(self.people(item)),
            _ => Cell::Number(number(one.confidence, 3)),
        }
    }

    fn behind(&self, row: usize) -> Option<Condition> {
        Some(first_of(&self.report.flagged, row + 1, "judges contradict the label"))
    }

    fn choices(&self) -> Vec<Vec<Choice>> {
        let equal = self.report.asked.equal_counts;
        vec![vec![
            Choice {
                name: "Bins of equal width".into(),
                hint: "Of confidence, between 1/K and 1",
                on: !equal,
            },
            Choice {
                name: "Of equal size".into(),
                hint: "As many items in each bin, as far as ties allow",
                on: equal,
            },
        ]]
    }

    fn side(&self, row: usize) -> Vec<Block<'_>> {
        let r = self.report;
        let mut side = Vec::new();
        if let Some(&item) = r.flagged.get(row) {
            side.extend(about(self.doc, item));
        }
        side.push(Block::Title("By confidence".to_owned(), "flagged, of items".to_owned()));
        for bin in &r.bins {
            let n = format!("{} of {}", thousands(bin.flagged.len() as u64), thousands(bin.n as u64));
            let hint = "Items whose label the judges contradict, of those with this confidence";
            let opens = move || {
                let words = format!("judges contradict it, confidence {}", Self::bin_words(bin));
                Condition::among(words, bin.flagged.clone())
            };
            let opens: Opens<'_> = if bin.flagged.is_empty() { None } else { Some(Box::new(opens)) };
            side.push(Block::Fact(Self::bin_words(bin), n, hint, opens));
            let of_one_mind = format!("{} of {}", bin.unanimous.len(), bin.n_with_people);
            if bin.n_with_people > 0 {
                let hint = "Flagged items on which all people agree, of those with two votes or more: errors of judges, or of all people";
                let opens = move || {
                    let words = format!("people agree against judges, confidence {}", Self::bin_words(bin));
                    Condition::among(words, bin.unanimous.clone())
                };
                let opens: Opens<'_> = if bin.unanimous.is_empty() { None } else { Some(Box::new(opens)) };
                side.push(Block::Fact("   people of one mind".to_owned(), of_one_mind, hint, opens));
            }
            if bin.wrong.estimate().is_some() {
                side.push(Block::fact(
                    "   wrong, of reviewed",
                    with_interval(&bin.wrong),
                    "Share of reviewed flags, with Wilson's interval",
                ));
            }
        }
        side.push(Block::title("All labels"));
        match r.error_rate.reason() {
            Some(reason) => side.push(Block::Words(format!(
                "Share of wrong labels: {reason}. Review some flags of every bin."
            ))),
            None => side.push(Block::fact(
                "At least so many are wrong",
                with_interval(&r.error_rate),
                "Flags of each bin times what reviews found; items without a flag are taken to be right",
            )),
        }
        side.push(Block::items(
            "Judges tied",
            "They say nothing together, and flag nothing",
            &r.tied,
            || "judges are tied".to_owned(),
        ));
        if r.no_spread {
            side.push(Block::Words(
                "All judges say the same everywhere: their confidence tells nothing.".to_owned(),
            ));
        }
        for judge in &r.judges {
            side.push(Block::Title(judge.name.clone(), "agrees with the given labels".to_owned()));
            side.push(Block::fact(
                "Before corrections",
                with_interval(&judge.before),
                "Share of its items, with Wilson's interval",
            ));
            side.push(Block::fact(
                "After corrections",
                with_interval(&judge.after),
                "With the labels as reviewers left them",
            ));
            side.push(Block::fact(
                "Gain",
                with_interval(&judge.gain),
                "Item by item, with its 95 % interval",
            ));
            let name = &judge.name;
            side.push(Block::items("Parts from the label", "As it stands", &judge.parted, move || {
                format!("{name} parts from the label")
            }));
        }
        side
    }

    fn empty(&self) -> &'static str {
        "The judges together contradict no given label."
    }

    fn page(&self) -> &'static str {
        "judge_ensemble"
    }
}
