//! What items that are alike say: duplicates with different labels, neighbours that disagree, outliers.

use super::sheet::{Block, Cell, Choice, Sheet, about};
use crate::analysis::neighbours::{Alike, NeighboursReport};
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::widgets::paint::{number, thousands};
use crate::app::widgets::table::Column;
use crate::dataset::NO_LABEL;

/// What is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum List {
    /// Items whose neighbours have another label.
    #[default]
    Disagreeing,
    /// All items, by all detectors.
    Together,
    /// Groups of duplicates.
    Duplicates,
    /// Items that are like no other.
    Outliers,
}

impl List {
    pub(super) const ALL: [Self; 4] = [Self::Disagreeing, Self::Together, Self::Duplicates, Self::Outliers];

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Disagreeing => {
                ("Disagreeing", "Items whose neighbours have another label, the most suspicious first")
            }
            Self::Together => (
                "All detectors",
                "Ranks by neighbours, value, prototypes and, with a model, odds, added up (Borda)",
            ),
            Self::Duplicates => {
                ("Duplicates", "Items that are the same or nearly; those with different labels first")
            }
            Self::Outliers => ("Outliers", "Items that are like no other, the farthest first"),
        }
    }
}

pub(super) struct Alikes<'a> {
    pub(super) doc: &'a Document,
    pub(super) report: &'a NeighboursReport,
    pub(super) list: List,
}

impl Alikes<'_> {
    fn given(&self, item: u32) -> u32 {
        let given = self.doc.analysis.as_ref().and_then(|a| a.given.current.get(item as usize).copied());
        given.unwrap_or(NO_LABEL)
    }

    /// Labels in a group, each with how many items have it.
    fn labels(&self, group: &[u32]) -> String {
        let Some(analysis) = &self.doc.analysis else { return String::new() };
        let mut counts: Vec<(u32, usize)> = Vec::new();
        for label in group.iter().filter_map(|&i| analysis.given.current.get(i as usize).copied()) {
            match counts.iter_mut().find(|c| c.0 == label) {
                Some(count) => count.1 += 1,
                None => counts.push((label, 1)),
            }
        }
        let words = |&(l, n): &(u32, usize)| {
            let name = if l == NO_LABEL { "none" } else { self.doc.label(l) };
            format!("{name} {n}")
        };
        counts.iter().map(words).collect::<Vec<_>>().join(", ")
    }

    fn item(&self, row: usize) -> Option<u32> {
        match self.list {
            List::Disagreeing => self.report.disagreeing.get(row).copied(),
            List::Together => self.report.by_all.get(row).copied(),
            List::Outliers => self.report.outlying.get(row).copied(),
            List::Duplicates => self.report.groups.get(row).and_then(|g| g.first().copied()),
        }
    }

    /// An item and those around it.
    fn around(&self, item: u32) -> Condition {
        let near = self.report.neighbours.of(item as usize).0;
        let items: Vec<u32> = std::iter::once(item).chain(near.iter().copied()).collect();
        Condition::listed(
            format!("{} and its neighbours", self.doc.dataset.keys.get(item as usize)),
            items.into(),
        )
    }
}

const DISAGREEING: [Column<'static>; 5] = [
    Column::new("item", 110.0),
    Column::new("text", 0.0),
    Column::new("given", 110.0),
    Column::new("neighbours say", 120.0).hint("The label with the most weight, near ones counting more"),
    Column::new("agree", 64.0).right().hint("Share of the neighbours that have the item's own label"),
];
const TOGETHER: [Column<'static>; 5] = [
    Column::new("item", 110.0),
    Column::new("text", 0.0),
    Column::new("given", 110.0),
    Column::new("neighbours say", 120.0).hint("The label with the most weight, near ones counting more"),
    Column::new("all", 64.0).right().hint("Mean rank by all detectors, 1 = most suspicious"),
];
const DUPLICATES: [Column<'static>; 4] = [
    Column::new("first item", 110.0),
    Column::new("text", 0.0),
    Column::new("labels", 230.0).hint("With how many items have each"),
    Column::new("items", 64.0).right(),
];
const OUTLIERS: [Column<'static>; 4] = [
    Column::new("item", 110.0),
    Column::new("text", 0.0),
    Column::new("given", 110.0),
    Column::new("distance", 80.0).right().hint("Mean distance to its neighbours"),
];

impl Sheet for Alikes<'_> {
    fn title(&self) -> (&'static str, String) {
        let by = match &self.report.alike {
            Alike::Embeddings(name) => format!("by {name}, {}", self.report.neighbours.metric.words()),
            Alike::Texts => "by words of the texts".to_owned(),
        };
        (
            "Items that are alike",
            format!("{by}, {} nearest; open a row to see them", self.report.neighbours.k),
        )
    }

    fn columns(&self) -> &'static [Column<'static>] {
        match self.list {
            List::Disagreeing => &DISAGREEING,
            List::Together => &TOGETHER,
            List::Duplicates => &DUPLICATES,
            List::Outliers => &OUTLIERS,
        }
    }

    fn n_rows(&self) -> usize {
        match self.list {
            List::Disagreeing => self.report.disagreeing.len(),
            List::Together => self.report.by_all.len(),
            List::Duplicates => self.report.groups.len(),
            List::Outliers => self.report.outlying.len(),
        }
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        let Some(item) = self.item(row) else { return Cell::words("") };
        let (at, r) = (item as usize, self.report);
        let three = |x: Option<f64>| Cell::Number(x.map_or_else(|| "—".to_owned(), |x| number(x, 3)));
        match (column, self.list) {
            (0, _) => Cell::key(self.doc, item),
            (1, _) => Cell::text(self.doc, item),
            (2, List::Duplicates) => Cell::words(self.labels(&r.groups[row])),
            (2, _) => Cell::label(self.doc, self.given(item)),
            (_, List::Duplicates) => Cell::Number(thousands(r.groups[row].len() as u64)),
            (3, List::Disagreeing | List::Together) => {
                Cell::label(self.doc, r.shares.weighted[at].unwrap_or(NO_LABEL))
            }
            (_, List::Disagreeing) => three(r.shares.own[at]),
            (_, List::Together) => three(r.together(at)),
            (_, List::Outliers) => three(r.outliers.distance[at]),
        }
    }

    fn behind(&self, row: usize) -> Option<Condition> {
        match self.list {
            List::Duplicates => {
                let group = self.report.groups.get(row)?;
                Some(Condition::among("items are the same, or nearly".to_owned(), group.clone()))
            }
            _ => Some(self.around(self.item(row)?)),
        }
    }

    fn choices(&self) -> Vec<Vec<Choice>> {
        let choice = |l: List| Choice { name: l.words().0.into(), hint: l.words().1, on: l == self.list };
        vec![List::ALL.map(choice).into()]
    }

    fn side(&self, row: usize) -> Vec<Block<'_>> {
        let r = self.report;
        let mut side = Vec::new();
        if let Some(item) = self.item(row) {
            let at = item as usize;
            side.extend(about(self.doc, item));
            let (near, distances) = r.neighbours.of(at);
            for (&other, &d) in near.iter().zip(distances).take(5) {
                let label = self.given(other);
                let label = if label == NO_LABEL { "—" } else { self.doc.label(label) };
                let what = format!("{} · {label}", self.doc.dataset.keys.get(other as usize));
                side.push(Block::fact(what, number(d, 3), "A neighbour, its label, and how far it is"));
            }
            let dash = |x: Option<f64>| x.map_or_else(|| "—".to_owned(), |x| number(x, 3));
            side.push(Block::fact(
                "Entropy of their labels",
                dash(r.shares.entropy_bits[at]),
                "In bits: 0 where all have one label",
            ));
            if let Some(p) = r.prototypes.get(at).copied().flatten() {
                let hint =
                    "Cosine to the mean of its label, itself left out, minus that to the nearest other";
                side.push(Block::fact("Margin of prototypes", number(p.margin(), 3), hint));
                let nearest = format!("{} {}", self.doc.label(p.nearest), number(p.other, 3));
                side.push(Block::fact("Nearest other label", nearest, "With the cosine to its mean"));
                side.push(Block::fact(
                    "From the centre of its own",
                    number(p.from_centre, 3),
                    "1 − cosine, the item included",
                ));
            }
            let hint = "What it is worth to a classifier by neighbours (Shapley): below one half it harms";
            side.push(Block::fact("Value", number(r.value[at], 4), hint));
        }
        side.push(Block::title("All items"));
        side.push(Block::Fact(
            "Neighbours disagree".to_owned(),
            thousands(r.disagreeing.len() as u64),
            "In the order of suspicion",
            (!r.disagreeing.is_empty()).then(|| {
                let all = move || {
                    Condition::listed("neighbours have another label".to_owned(), r.disagreeing.clone())
                };
                Box::new(all) as Box<dyn Fn() -> Condition>
            }),
        ));
        side.push(Block::items(
            "Duplicates with different labels",
            "In all such groups",
            &r.contradicting,
            || "duplicates have different labels".to_owned(),
        ));
        side.push(Block::items("Outliers", "Mean distance above Q3 + 1.7 · IQR", &r.outlying, || {
            "items are outliers".to_owned()
        }));
        let hint =
            "The model's probabilities are spread out as those of no others: below 0.13 of the median score";
        side.push(Block::items("Unfamiliar to the model", hint, &r.unfamiliar, || {
            "the model does not know such items".to_owned()
        }));
        if !r.prototypes.is_empty() {
            side.push(Block::items(
                "Nearer to another label",
                "By prototypes, the item left out",
                &r.misplaced,
                || "another label's prototype is nearer".to_owned(),
            ));
        }
        for (label, items) in &r.rare {
            let name = self.doc.label(*label);
            let hint = "Less than a tenth of an even share";
            side.push(Block::items(format!("Rare label: {name}"), hint, items, move || {
                format!("given {name}, a rare label")
            }));
        }
        match &r.order {
            Ok(order) => side.push(Block::fact(
                "Order of the file, p",
                number(order.p, 3),
                "Small: neighbours stand near each other in the file, as if labelled in runs",
            )),
            Err(reason) => side.push(Block::Words(format!("Order of the file: {reason}."))),
        }
        if r.alike == Alike::Texts {
            let words = "Embeddings tell more than words: “Embeddings…” in the File menu opens some.";
            side.push(Block::Words(words.to_owned()));
        }
        side
    }

    fn empty(&self) -> &'static str {
        match self.list {
            List::Together => "No item has a label and neighbours with labels.",
            List::Disagreeing => "Every item has the label that its neighbours have.",
            List::Duplicates => "No two items are the same, or nearly.",
            List::Outliers => "No item is far from all others.",
        }
    }

    fn page(&self) -> &'static str {
        "neighbours"
    }
}
