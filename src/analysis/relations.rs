//! How labels relate to each other, and which items contradict what nearly all others say.

use std::sync::Arc;

use super::Settings;
use super::multilabel::given_sets;
use crate::dataset::{Dataset, LabelId, NOTHING};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::label_relations::{
    Carriers, LabelPair, LabelRelations, Relation, RelationOptions, label_relations,
};

/// What "an item carries a label" means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrying {
    /// The label is in the item's set.
    Sets,
    /// Some rater chose it; items with two annotations or more.
    Raters,
}

impl Carrying {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Sets => "labels of one set",
            Self::Raters => "labels that different raters gave to one item",
        }
    }
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelationsAsked {
    /// Whose votes count.
    pub settings: Settings,
    /// Labels on fewer items are not looked at.
    pub least_items: u64,
}

impl RelationsAsked {
    /// With the usual support.
    pub fn new(settings: Settings) -> Self {
        Self { settings, least_items: RelationOptions::default().least_items }
    }
}

/// Two labels, with the items that contradict what they are to each other.
#[derive(Debug, Clone)]
pub struct RelationRow {
    /// Counts and relation; the contradicting items are in `items`.
    pub pair: LabelPair,
    /// Items that contradict the relation, ascending.
    pub items: Arc<[u32]>,
}

/// Relations of labels.
#[derive(Debug, Clone)]
pub struct RelationsReport {
    /// What was asked for.
    pub asked: RelationsAsked,
    /// What "carries" means here.
    pub carrying: Carrying,
    /// Names of the labels, by number.
    pub names: Vec<String>,
    /// Pairs, the closest first.
    pub rows: Vec<RelationRow>,
    /// Everything but the pairs.
    pub found: LabelRelations,
    /// For each label, the items that carry it, ascending.
    pub items_of: Vec<Arc<[u32]>>,
}

impl RelationsReport {
    /// A label's name.
    pub fn name(&self, label: u32) -> &str {
        self.names.get(label as usize).map_or("", String::as_str)
    }

    /// What the two labels of a row are to each other, in words.
    pub fn words(&self, row: &RelationRow) -> String {
        match row.pair.relation {
            Relation::Identical => "one label".to_owned(),
            Relation::Subset { part, whole } => {
                format!("“{}” is within “{}”", self.name(part), self.name(whole))
            }
            Relation::NearlyExclusive => "hardly ever together".to_owned(),
            Relation::Exclusive => "never together".to_owned(),
            Relation::Apart => "together less than by chance".to_owned(),
            Relation::Overlap => "together more than by chance".to_owned(),
            Relation::Undetermined => match row.pair.items_needed {
                Some(n) => format!("never together, but that takes {n} items to mean something"),
                None => "nothing can be said".to_owned(),
            },
        }
    }

    /// Items that carry both labels, ascending.
    pub fn items_with(&self, a: u32, b: u32) -> Vec<u32> {
        let items = |label: u32| self.items_of.get(label as usize).map_or(&[][..], |items| items);
        items(a).iter().copied().filter(|item| items(b).binary_search(item).is_ok()).collect()
    }
}

/// Compares all pairs of labels. `given` is [`Given::current`](super::Given), which counts where labels are sets; for single
/// labels the raters' votes do.
///
/// Undefined for single labels by one hand, and where fewer than two labels are frequent enough.
pub fn relations(
    dataset: &Dataset,
    given: &[LabelId],
    asked: &RelationsAsked,
    progress: &Progress,
) -> Result<Result<RelationsReport, Undefined>, Cancelled> {
    let (carrying, names, carriers, items_of) = match &dataset.sets {
        Some(sets) => {
            let mut items_of = vec![Vec::new(); sets.members.len()];
            let mut carriers = Carriers::new(sets.members.len());
            for (item, members) in given_sets(sets, given) {
                carriers.push(item, members);
                members.iter().for_each(|&m| items_of[m as usize].push(item));
            }
            (Carrying::Sets, sets.members.clone(), carriers, items_of)
        }
        None => {
            let votes = asked.settings.counted(dataset).resolved(asked.settings.duplicates);
            let nothing = dataset.labels.id(NOTHING);
            let mut items_of = vec![Vec::new(); dataset.labels.len()];
            let mut carriers = Carriers::new(dataset.labels.len());
            for item in (0..votes.n_items()).filter(|&i| votes.count(i) > 1) {
                let mut labels: Vec<u32> = votes.labels_of(item).to_vec();
                labels.retain(|&l| Some(l) != nothing);
                labels.sort_unstable();
                labels.dedup();
                carriers.push(item as u32, &labels);
                for label in labels {
                    if let Some(items) = items_of.get_mut(label as usize) {
                        items.push(item as u32);
                    }
                }
            }
            if carriers.n_items() == 0 {
                return Ok(Err(Undefined::NoPairableItem));
            }
            (Carrying::Raters, dataset.labels.names().to_vec(), carriers, items_of)
        }
    };
    let options = RelationOptions { least_items: asked.least_items, ..RelationOptions::default() };
    let mut found = match label_relations(&carriers, &names, &options, progress)? {
        Ok(found) => found,
        Err(reason) => return Ok(Err(reason)),
    };
    let rows = std::mem::take(&mut found.pairs)
        .into_iter()
        .map(|mut pair| {
            let items = std::mem::take(&mut pair.contradicting).into();
            RelationRow { pair, items }
        })
        .collect();
    Ok(Ok(RelationsReport {
        asked: asked.clone(),
        carrying,
        names,
        rows,
        found,
        items_of: items_of.into_iter().map(Arc::from).collect(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{AnnotationsBuilder, LabelSet, LabelSets, NO_LABEL, Raters};

    #[test]
    fn a_label_within_another_leads_to_the_items_that_lack_the_wider_one() {
        // 0: neither, 1: a, 2: a|b, 3: b alone, once; the last item has no label.
        let mut given: Vec<LabelId> = vec![0; 20];
        given.extend([1; 20]);
        given.extend([2; 15]);
        given.extend([3, NO_LABEL]);
        let dataset = Dataset {
            sets: Some(LabelSets {
                members: ["a", "b"].map(str::to_owned).to_vec(),
                of_label: vec![vec![], vec![0], vec![0, 1], vec![1]],
            }),
            ..Dataset::default()
        };
        let asked = RelationsAsked::new(Settings::default());
        let report = relations(&dataset, &given, &asked, &Progress::new()).unwrap().unwrap();
        let row = &report.rows[0];
        assert_eq!(row.pair.relation, Relation::Subset { part: 1, whole: 0 });
        assert_eq!((&*row.items, report.found.n_items), (&[55][..], 56));
        assert_eq!(report.items_with(0, 1).len(), 15);
        assert_eq!((report.name(1), report.carrying), ("b", Carrying::Sets));
    }

    #[test]
    fn raters_take_labels_for_each_other() {
        // Where one says x the other says y; z stands alone; the last item has one vote.
        let mut said = AnnotationsBuilder::new();
        for item in 0..30_u32 {
            let (one, other) = if item < 10 { (0, 1) } else { (2, 2) };
            said.push(item, 0, one, None);
            said.push(item, 1, other, None);
        }
        said.push(30, 0, 0, None);
        let dataset = Dataset {
            labels: LabelSet::new(&["x", "y", "z"].map(str::to_owned), []),
            raters: Raters { names: ["r", "s"].map(str::to_owned).to_vec(), ..Raters::default() },
            annotations: said.finish(31, 2),
            ..Dataset::default()
        };
        let asked = RelationsAsked::new(Settings::default());
        let report = relations(&dataset, &[], &asked, &Progress::new()).unwrap().unwrap();
        assert_eq!((report.rows[0].pair.relation, report.found.n_items), (Relation::Identical, 30));
        assert_eq!(report.rows[1].pair.relation, Relation::Exclusive);
        assert_eq!(report.carrying, Carrying::Raters);
        let none = relations(&Dataset::default(), &[], &asked, &Progress::new()).unwrap();
        assert_eq!(none.unwrap_err(), Undefined::NoPairableItem);
    }
}
