//! What items that are alike say of each other's labels: contradicting duplicates, disagreeing neighbours, outliers.
//!
//! By embeddings where the data has some, else by texts. What several of these scores say together is their Borda sum.

use std::collections::HashMap;
use std::sync::Arc;

use crate::analysis::lab::SEED;
use crate::dataset::{Dataset, LabelId, NO_LABEL};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::neighbours::{
    self, Convexity, Duplicates, Graph, Homophily, K, LabelShares, Neighbours, OrderOfItems, Outliers,
    Prototype, neighbours_of, neighbours_of_texts,
};
use crate::stats::suspicion::{High, Suspicion, borda};

/// A class is rare below this share of what an even share would be.
const RARE: f64 = 0.1;
/// Most items whose every pair is looked at.
const MOST: usize = 1 << 20;

/// What neighbours are found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alike {
    /// Embeddings of this name.
    Embeddings(String),
    /// Words of the texts.
    Texts,
}

/// Who is near whom, where that was found before: looking for it takes far longer than all that follows from it, and no decision
/// changes it. What is asked for is the same with it or without.
#[derive(Debug, Clone, Default)]
pub struct Known(pub Option<Arc<Neighbours>>);

impl PartialEq for Known {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Columns that list an item's neighbours, in this order.
const LINKS: [&str; 5] = ["links", "neighbors", "neighbours", "edges", "linked_items"];

/// Labels on the graph of items.
#[derive(Debug, Clone)]
pub struct OnGraph {
    /// The column that lists who is joined to whom; `None` where the neighbours found make the graph.
    pub column: Option<String>,
    /// Keys in the column that no item has.
    pub n_unknown: usize,
    /// Labels at the ends of edges.
    pub homophily: Result<Homophily, Undefined>,
    /// Items most of whose neighbours have another label, the largest share first, for sharing.
    pub odd: Arc<[u32]>,
    /// One a label.
    pub convexity: Vec<Result<Convexity, Undefined>>,
    /// The items of each label that stand among others, ascending.
    pub odd_of: Vec<Arc<[u32]>>,
}

/// What neighbours say.
#[derive(Debug, Clone)]
pub struct NeighboursReport {
    /// What they are found by.
    pub alike: Alike,
    /// Who is near whom.
    pub neighbours: Arc<Neighbours>,
    /// Duplicates, near and exact.
    pub duplicates: Duplicates,
    /// The same groups, for sharing.
    pub groups: Vec<Arc<[u32]>>,
    /// All items in groups with different labels, ascending.
    pub contradicting: Arc<[u32]>,
    /// Shares of labels among neighbours.
    pub shares: LabelShares,
    /// Items whose neighbours have another label, the most suspicious first: by Borda over share, entropy and, with
    /// embeddings, prototypes; ties by item.
    pub disagreeing: Arc<[u32]>,
    /// Items that are like no other.
    pub outliers: Outliers,
    /// The same, the farthest first, for sharing.
    pub outlying: Arc<[u32]>,
    /// Items of which the model knows nothing: its probabilities are spread out as those of no others. Ascending; empty without a model.
    pub unfamiliar: Arc<[u32]>,
    /// Place between the prototypes of labels; empty without embeddings.
    pub prototypes: Vec<Option<Prototype>>,
    /// Items that are nearer to another label's prototype, ascending.
    pub misplaced: Arc<[u32]>,
    /// What each item is worth to its neighbours; below one half it harms.
    pub value: Vec<f64>,
    /// What all detectors that apply say together, in 0..=1, high = suspicious: the mean of the ranks by neighbours, value,
    /// prototypes and, with a model, odds. NaN where an item has no label or no neighbours with one.
    together: Vec<f64>,
    /// Items by that, the most suspicious first; ties by item.
    pub by_all: Arc<[u32]>,
    /// Whether the order of the items says something.
    pub order: Result<OrderOfItems, Undefined>,
    /// Labels on the graph of items.
    pub graph: OnGraph,
    /// Labels with less than a tenth of an even share, with their items.
    pub rare: Vec<(LabelId, Arc<[u32]>)>,
}

impl NeighboursReport {
    /// What all detectors that apply say together, in 0..=1, high = suspicious.
    pub fn together(&self, item: usize) -> Option<f64> {
        self.together.get(item).copied().filter(|x| !x.is_nan())
    }
}

/// Looks at every item's neighbours. `given` is [`Given::current`](super::Given), `model` what a model says of these labels.
///
/// Undefined with neither embeddings nor texts of their own, with fewer than two items, and for more than 2²⁰ embeddings.
pub fn neighbours(
    dataset: &Dataset,
    given: &[LabelId],
    model: Option<&Suspicion>,
    known: &Known,
    progress: &Progress,
) -> Result<Result<NeighboursReport, Undefined>, Cancelled> {
    let because = |words: &str| Ok(Err(Undefined::Because(words.to_owned())));
    let n = dataset.n_items();
    if n < 2 {
        return because("there are fewer than two items");
    }
    let alike = match (&dataset.embeddings, &dataset.texts) {
        (Some(_), _) if n > MOST => {
            return because("every pair of more than a million items is too many to look at");
        }
        (Some(e), _) => Alike::Embeddings(e.name.clone()),
        (None, Some(texts)) if dataset.focus.is_none() && texts.len() == n => Alike::Texts,
        _ => return because("the data has neither embeddings nor items that are texts"),
    };
    let found = match (&known.0, &dataset.embeddings, &dataset.texts) {
        (Some(found), ..) if found.len() == n => Arc::clone(found),
        (_, Some(e), _) => Arc::new(neighbours_of(e, K, progress)?),
        (_, None, Some(texts)) => Arc::new(neighbours_of_texts(texts, K, progress)?),
        (_, None, None) => return because("the data has neither embeddings nor items that are texts"),
    };
    let k = dataset.labels.len();
    progress.check()?;
    let duplicates = neighbours::duplicates(&found, given);
    let shares = neighbours::shares(&found, given, k);
    progress.check()?;
    let outliers = neighbours::outliers(&found);
    let prototypes = match &dataset.embeddings {
        Some(e) => neighbours::prototypes(e, given, k, progress)?,
        None => Vec::new(),
    };
    let probabilities = dataset.probabilities.as_ref().filter(|p| p.rows() == n && p.cols() > 1);
    let unfamiliar = match probabilities {
        Some(p) => neighbours::outliers_by_probabilities(given, p, progress)?.1,
        None => Vec::new(),
    };
    let order = neighbours::order_of_items(&found, SEED, progress)?;
    let groups: Vec<Arc<[u32]>> = duplicates.groups.iter().map(|g| g.as_slice().into()).collect();
    let mut contradicting: Vec<u32> =
        groups[..duplicates.n_contradicting].iter().flat_map(|g| g.iter().copied()).collect();
    contradicting.sort_unstable();
    let misplaced = (0..).zip(&prototypes).filter(|(_, p)| p.is_some_and(|p| p.margin() < 0.0)).map(|p| p.0);
    let value = neighbours::valuation(&found, given);
    let together = together(given, model, &shares, &prototypes, &value, progress)?;
    let mut by_all: Vec<u32> = (0..n as u32).filter(|&i| !together[i as usize].is_nan()).collect();
    by_all.sort_by(|&a, &b| together[b as usize].total_cmp(&together[a as usize]).then(a.cmp(&b)));
    Ok(Ok(NeighboursReport {
        alike,
        value,
        together,
        by_all: by_all.into(),
        disagreeing: disagreeing(given, &shares, &prototypes, progress)?.into(),
        outlying: outliers.items.as_slice().into(),
        misplaced: misplaced.collect(),
        unfamiliar: (0..).zip(unfamiliar).filter(|(_, flag)| *flag).map(|(item, _)| item).collect(),
        rare: rare(given, k),
        graph: on_graph(dataset, &found, given, progress)?,
        neighbours: found,
        duplicates,
        groups,
        contradicting: contradicting.into(),
        shares,
        outliers,
        prototypes,
        order,
    }))
}

/// A column, the edges that it lists by the keys of items, and how many of its keys no item has.
type Links = (String, Vec<(u32, u32)>, usize);

fn links(dataset: &Dataset) -> Option<Links> {
    let is = |name: &str, of: &str| name.eq_ignore_ascii_case(of);
    let (name, column) = LINKS.iter().find_map(|of| dataset.metadata.iter().find(|m| is(&m.0, of)))?;
    let keys: HashMap<&str, u32> = dataset.keys.iter().zip(0..).collect();
    let (mut edges, mut n_unknown) = (Vec::new(), 0);
    for (item, listed) in (0..).zip(column.iter()) {
        // As lists are written: a;b, a|b, a, b, ["a", "b"].
        let between = |c: char| c.is_whitespace() || ",;|[]()'\"".contains(c);
        for key in listed.split(between).filter(|k| !k.is_empty()) {
            match keys.get(key) {
                Some(&other) => edges.push((item, other)),
                None => n_unknown += 1,
            }
        }
    }
    (!edges.is_empty()).then(|| (name.clone(), edges, n_unknown))
}

/// Labels on the graph of the items: by a column of links, else by the neighbours found.
fn on_graph(
    dataset: &Dataset,
    found: &Neighbours,
    given: &[LabelId],
    progress: &Progress,
) -> Result<OnGraph, Cancelled> {
    let (column, graph, n_unknown) = match links(dataset) {
        Some((name, edges, n_unknown)) => (Some(name), Graph::new(dataset.n_items(), edges), n_unknown),
        None => (None, Graph::of(found), 0),
    };
    let k = dataset.labels.len();
    let homophily = neighbours::homophily(&graph, given, k);
    let odd: Arc<[u32]> = homophily.as_ref().map_or_else(|_| Arc::from([]), |h| h.odd.as_slice().into());
    let mut odd_of: Vec<Vec<u32>> = vec![Vec::new(); k];
    odd.iter().for_each(|&i| odd_of[given[i as usize] as usize].push(i));
    odd_of.iter_mut().for_each(|items| items.sort_unstable());
    let convexity = neighbours::convexity(&graph, given, k, SEED, progress)?;
    let odd_of = odd_of.into_iter().map(Into::into).collect();
    Ok(OnGraph { column, n_unknown, homophily, odd, convexity, odd_of })
}

/// Ranks by all detectors, added up: what a model thinks of the label, its share among the neighbours, what the item is worth to
/// them, and its place between prototypes.
fn together(
    given: &[LabelId],
    model: Option<&Suspicion>,
    shares: &LabelShares,
    prototypes: &[Option<Prototype>],
    value: &[f64],
    progress: &Progress,
) -> Result<Vec<f64>, Cancelled> {
    let items = 0..given.len();
    let own: Vec<f64> = items.clone().map(|i| shares.own[i].unwrap_or(f64::NAN)).collect();
    let mut columns = vec![(own.as_slice(), High::Trusted), (value, High::Trusted)];
    let margins: Vec<f64> = prototypes.iter().map(|p| p.map_or(0.0, |p| p.margin())).collect();
    if !margins.is_empty() {
        columns.push((&margins, High::Trusted));
    }
    let odds: Option<Vec<f64>> =
        model.map(|model| items.map(|i| model.quality(i).unwrap_or(f64::NAN)).collect());
    if let Some(odds) = &odds {
        columns.push((odds, High::Trusted));
    }
    borda(&columns, progress)
}

/// Items whose neighbours, near ones counting more, have another label; the most suspicious first.
fn disagreeing(
    given: &[LabelId],
    shares: &LabelShares,
    prototypes: &[Option<Prototype>],
    progress: &Progress,
) -> Result<Vec<u32>, Cancelled> {
    let against =
        |item: usize| given[item] != NO_LABEL && shares.weighted[item].is_some_and(|l| l != given[item]);
    let items: Vec<u32> = (0..given.len() as u32).filter(|&i| against(i as usize)).collect();
    let of = |score: &dyn Fn(usize) -> f64| items.iter().map(|&i| score(i as usize)).collect::<Vec<f64>>();
    // High is suspicious: few neighbours with the label, who agree with each other.
    let mut columns = vec![
        of(&|i| shares.own[i].map_or(0.0, |s| 1.0 - s)),
        of(&|i| shares.entropy_bits[i].map_or(0.0, |e| -e)),
    ];
    if !prototypes.is_empty() {
        columns.push(of(&|i| prototypes[i].map_or(0.0, |p| -p.margin())));
    }
    let columns: Vec<(&[f64], High)> = columns.iter().map(|c| (c.as_slice(), High::Suspicious)).collect();
    let sum = borda(&columns, progress)?;
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by(|&a, &b| sum[b].total_cmp(&sum[a]).then(a.cmp(&b)));
    Ok(order.into_iter().map(|at| items[at]).collect())
}

/// Labels that are given to less than a tenth of an even share of the items.
fn rare(given: &[LabelId], k: usize) -> Vec<(LabelId, Arc<[u32]>)> {
    let labelled = given.iter().filter(|&&l| l != NO_LABEL).count() as f64;
    let mut items: Vec<Vec<u32>> = vec![Vec::new(); k];
    (0..).zip(given).filter(|(_, l)| **l != NO_LABEL).for_each(|(i, &l)| items[l as usize].push(i));
    let few = |list: &Vec<u32>| !list.is_empty() && (list.len() as f64) < RARE * labelled / k as f64;
    (0..).zip(items).filter(|(_, list)| few(list)).map(|(l, list)| (l, list.into())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{Embeddings, LabelSet};

    #[test]
    fn a_label_among_others_and_a_stranger() {
        // Two clouds of 20; item 5 has the label of the other, item 40 is far away, 41 and 42 are one with two labels.
        let mut rows: Vec<f32> = Vec::new();
        for i in 0..40 {
            let cloud = if i < 20 { [1.0, 0.0] } else { [0.0, 1.0] };
            rows.extend(cloud.iter().enumerate().map(|(d, c)| c + ((i * 7 + d * 3) % 10) as f32 / 50.0));
        }
        rows.extend([-3.0, -3.0, 0.1, 0.95, 0.1, 0.95]);
        let mut given: Vec<LabelId> = (0..40).map(|i| u32::from(i >= 20)).collect();
        given[5] = 1;
        given.extend([0, 1, 0]);
        let dataset = Dataset {
            labels: LabelSet::new(&["a", "b"].map(str::to_owned), []),
            keys: (0..43).map(|i| i.to_string()).collect::<Vec<_>>().iter().map(String::as_str).collect(),
            embeddings: Some(Embeddings::new("e".into(), rows, 43, 2).unwrap()),
            ..Dataset::default()
        };
        let found = neighbours(&dataset, &given, None, &Known::default(), &Progress::new()).unwrap().unwrap();
        assert!(found.disagreeing[..2].contains(&5) && found.disagreeing.contains(&42));
        assert_eq!(found.outlying.first(), Some(&40));
        assert_eq!(found.contradicting.iter().filter(|i| **i > 40).count(), 2);
        assert!(found.misplaced.contains(&5) && found.rare.is_empty());
        assert!(found.graph.column.is_none() && found.graph.odd.contains(&5));
        assert!(found.graph.homophily.as_ref().unwrap().adjusted.as_ref().is_ok_and(|h| *h > 0.5));
        // All detectors together: the planted label and the contradicting pair stand first.
        assert!(found.by_all[..3].contains(&5) && found.together(5) > found.together(6));
        assert_eq!(found.by_all.len(), 43);
        // A decision changes what follows, and not who is near.
        given[5] = 0;
        let known = Known(Some(Arc::clone(&found.neighbours)));
        let again = neighbours(&dataset, &given, None, &known, &Progress::new()).unwrap().unwrap();
        assert!(Arc::ptr_eq(&again.neighbours, &found.neighbours) && !again.disagreeing.contains(&5));
        // A column of links takes the place of the neighbours found.
        let links: Vec<String> =
            (0..43).map(|i| if i < 3 { "3; 40, nobody" } else { "" }.to_owned()).collect();
        let column = links.iter().map(String::as_str).collect();
        let linked = Dataset { metadata: vec![("Links".to_owned(), column)], ..dataset.clone() };
        let graph = neighbours(&linked, &given, None, &known, &Progress::new()).unwrap().unwrap().graph;
        assert_eq!((graph.column.as_deref(), graph.n_unknown), (Some("Links"), 3));
        assert_eq!(graph.homophily.unwrap().n_edges, 6);
        let bare = Dataset { embeddings: None, ..dataset };
        assert!(neighbours(&bare, &given, None, &Known::default(), &Progress::new()).unwrap().is_err());
    }
}
