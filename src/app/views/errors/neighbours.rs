//! What items that are alike say: duplicates with different labels, neighbours that disagree, outliers.

use super::sheet::{Block, Cell, Choice, Sheet, about};
use crate::analysis::neighbours::{Alike, NeighboursReport};
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::widgets::paint::{count, number, thousands};
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
    /// Labels on the graph of items.
    Labels,
}

impl List {
    pub(super) const ALL: [Self; 5] =
        [Self::Disagreeing, Self::Together, Self::Duplicates, Self::Outliers, Self::Labels];

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
            Self::Labels => ("By label", "How far each label keeps to itself among neighbours"),
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
            List::Labels => None,
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

const LABELS: [Column<'static>; 5] = [
    Column::new("label", 0.0),
    Column::new("ends of edges", 110.0)
        .right()
        .hint("Edges that it has a part in; twice where it has both ends"),
    Column::new("keeps to itself", 116.0).right().hint("Share of them whose other end has it too"),
    Column::new("convexity", 90.0)
        .right()
        .hint("Share of items on shortest ways between two of its items that have it too"),
    Column::new("among others", 104.0).right().hint("Its items most of whose neighbours have another label"),
];

/// Labels that are listed beside one.
const MOST_BESIDE: usize = 5;

impl Alikes<'_> {
    /// Ends of edges of a label: all, and those whose other end has it too.
    fn ends(&self, label: usize) -> Option<(u64, u64)> {
        let row = self.report.graph.homophily.as_ref().ok()?.ends.get(label)?;
        Some((row.iter().sum(), row[label]))
    }

    fn label_cell(&self, label: usize, column: usize) -> Cell<'_> {
        let dash = |x: Option<f64>| Cell::Number(x.map_or_else(|| "—".to_owned(), |x| number(x, 3)));
        let graph = &self.report.graph;
        match column {
            0 => Cell::label(self.doc, label as u32),
            1 => Cell::Number(self.ends(label).map_or_else(|| "—".to_owned(), |e| thousands(e.0))),
            2 => dash(self.ends(label).filter(|e| e.0 > 0).map(|e| e.1 as f64 / e.0 as f64)),
            3 => dash(graph.convexity.get(label).and_then(|c| c.as_ref().ok()).map(|c| c.share)),
            _ => Cell::Number(thousands(graph.odd_of.get(label).map_or(0, |i| i.len()) as u64)),
        }
    }

    /// Which labels stand beside it, and how far ways between its items stay within it.
    fn label_side(&self, label: usize) -> Vec<Block<'_>> {
        let mut side = vec![Block::title(self.doc.label(label as u32))];
        match self.report.graph.convexity.get(label) {
            Some(Ok(c)) => {
                let value = format!("{} of {}", number(c.share, 3), count(c.n_pairs, "pair", "pairs"));
                let hint =
                    "Pairs are drawn; those that are adjacent do not count, those without a way count 0";
                side.push(Block::fact("Convexity", value, hint));
                side.push(Block::fact(
                    "… without a way",
                    thousands(c.n_apart as u64),
                    "Between the two items",
                ));
            }
            Some(Err(reason)) => side.push(Block::Words(format!("Convexity: — {reason}."))),
            None => {}
        }
        if let Ok(h) = &self.report.graph.homophily
            && let Some(row) = h.ends.get(label)
        {
            let mut beside: Vec<(usize, u64)> = row.iter().copied().enumerate().filter(|b| b.1 > 0).collect();
            beside.sort_by_key(|b| (std::cmp::Reverse(b.1), b.0));
            side.push(Block::Title("Beside it".to_owned(), "ends of its edges".to_owned()));
            for (other, n) in beside.into_iter().take(MOST_BESIDE) {
                side.push(Block::fact(
                    self.doc.label(other as u32),
                    thousands(n),
                    "Edges to items of this label",
                ));
            }
        }
        side
    }

    /// The graph as a whole.
    fn graph_side(&self) -> Vec<Block<'_>> {
        let graph = &self.report.graph;
        let by = graph.column.as_ref().map_or_else(|| "by neighbours".to_owned(), |c| format!("by “{c}”"));
        let mut side = vec![Block::Title("Edges".to_owned(), by)];
        match &graph.homophily {
            Ok(h) => {
                side.push(Block::fact("Edges", thousands(h.n_edges), "Between items with labels"));
                side.push(Block::fact(
                    "Homophily",
                    number(h.share, 3),
                    "Share of edges whose ends have one label",
                ));
                let hint =
                    "0 as if labels were dealt out to the ends of edges, 1 where edges join equals only";
                match &h.adjusted {
                    Ok(a) => side.push(Block::fact("… adjusted", number(*a, 3), hint)),
                    Err(reason) => side.push(Block::Words(format!("Adjusted: — {reason}."))),
                }
            }
            Err(reason) => side.push(Block::Words(format!("Homophily: — {reason}."))),
        }
        let hint = "Three labelled neighbours or more, most of them with another label";
        side.push(Block::items("Items among others", hint, &graph.odd, || {
            "most neighbours have another label".to_owned()
        }));
        if graph.n_unknown > 0 {
            side.push(Block::fact("Unknown keys", thousands(graph.n_unknown as u64), "No item has them"));
        }
        side
    }
}

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
            List::Labels => &LABELS,
        }
    }

    fn n_rows(&self) -> usize {
        match self.list {
            List::Disagreeing => self.report.disagreeing.len(),
            List::Together => self.report.by_all.len(),
            List::Duplicates => self.report.groups.len(),
            List::Outliers => self.report.outlying.len(),
            List::Labels => self.report.graph.convexity.len(),
        }
    }

    fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        if self.list == List::Labels {
            return self.label_cell(row, column);
        }
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
            (_, List::Outliers | List::Labels) => three(r.outliers.distance[at]),
        }
    }

    fn behind(&self, row: usize) -> Option<Condition> {
        match self.list {
            List::Duplicates => {
                let group = self.report.groups.get(row)?;
                Some(Condition::among("items are the same, or nearly".to_owned(), group.clone()))
            }
            List::Labels => {
                let items = self.report.graph.odd_of.get(row).filter(|i| !i.is_empty())?;
                let words = format!("{} stands among other labels", self.doc.label(row as u32));
                Some(Condition::among(words, items.clone()))
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
        if self.list == List::Labels {
            side = self.label_side(row);
            side.extend(self.graph_side());
            return side;
        }
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
            List::Labels => "There is no label.",
        }
    }

    fn page(&self) -> &'static str {
        if self.list == List::Labels { "label_graph" } else { "neighbours" }
    }
}
