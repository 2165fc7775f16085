//! What conditions are, and what says that items under them are the same.

use std::collections::{BTreeSet, HashMap};

use super::{By, MOST_CONDITIONS, numbers};
use crate::dataset::{Dataset, TextColumn};

/// Items whose values are looked at to see what links them.
const LOOKED_AT: usize = 20_000;
/// Columns that are looked at.
const MOST_COLUMNS: usize = 64;
/// Columns of few values that may tell systems apart.
const MOST_SYSTEMS: usize = 8;
/// Longest name of a condition, in bytes.
const LONGEST: usize = 80;

/// What says that two items are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Same {
    /// Their text.
    Text,
    /// A column about items, by its number.
    Column(usize),
}

/// What links items under different conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// What they have in common.
    pub same: Same,
    /// A further column (its number) whose values they have in common too: each prompt is answered by several systems.
    pub system: Option<usize>,
}

impl Link {
    /// What two items have in common, without systems.
    pub fn by(same: Same) -> Self {
        Self { same, system: None }
    }

    /// In words.
    pub(super) fn words(self, dataset: &Dataset) -> String {
        let column = |at: usize| dataset.metadata.get(at).map_or("", |c| c.0.as_str()).to_owned();
        let same = match self.same {
            Same::Text => "text".to_owned(),
            Same::Column(at) => column(at),
        };
        self.system.map_or(same.clone(), |at| format!("{same} and {}", column(at)))
    }

    /// What an item is the same as others by, and its system (empty without one); `None` where either says nothing.
    pub(super) fn name_of(self, dataset: &Dataset, item: usize) -> Option<(&str, &str)> {
        let said = |name: &&str| !name.is_empty();
        let same = match self.same {
            Same::Text => dataset.texts.as_ref().map(|t| t.get(item)),
            Same::Column(at) => dataset.metadata.get(at).map(|c| c.1.get(item)),
        };
        let system = match self.system {
            Some(at) => Some(dataset.metadata.get(at)?.1.get(item)).filter(said)?,
            None => "",
        };
        Some((same.filter(said)?, system))
    }
}

/// How many values a column has, if two or more and no more than there may be conditions; none of very long ones.
pub(super) fn few_values(values: &TextColumn, looked_at: usize) -> Option<usize> {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for value in values.iter().take(looked_at).filter(|v| !v.is_empty()) {
        if !names.contains(value) {
            names.insert(value);
            if names.len() > MOST_CONDITIONS || value.len() > LONGEST {
                return None;
            }
        }
    }
    (names.len() > 1).then_some(names.len())
}

/// Conditions that the data can be held against each other by: columns whose values come back for items that another column, or their
/// text, calls the same; and questions whose answers are numbers.
pub fn ways(dataset: &Dataset) -> Vec<By> {
    let mut found: Vec<By> = Vec::new();
    if numbers(dataset).is_none() {
        return found;
    }
    let few = few(dataset);
    for at in 0..few.len() {
        if let Some(link) = link_among(dataset, at, &few) {
            found.push(By::Column(at, link));
        }
    }
    if (2..=MOST_CONDITIONS).contains(&dataset.questions.len()) {
        found.push(By::Questions);
    }
    found
}

/// What calls items of different values of a column the same: at least half of what it names, and ten, come under two values; and no
/// value has the same name for many items. Where nothing does by itself, together with a column of few values.
pub fn link_of(dataset: &Dataset, column: usize) -> Option<Link> {
    link_among(dataset, column, &few(dataset))
}

/// For each column that is looked at, how many values it has, where they are few.
fn few(dataset: &Dataset) -> Vec<Option<usize>> {
    dataset.metadata.iter().take(MOST_COLUMNS).map(|c| few_values(&c.1, LOOKED_AT)).collect()
}

fn link_among(dataset: &Dataset, column: usize, few: &[Option<usize>]) -> Option<Link> {
    let n_values = few.get(column).copied().flatten()?;
    let columns = (0..few.len()).filter(|&c| c != column);
    let same: Vec<Same> = std::iter::once(Same::Text).chain(columns.clone().map(Same::Column)).collect();
    let alone =
        same.iter().map(|&same| Link::by(same)).find(|&link| links(dataset, (column, n_values), link));
    alone.or_else(|| {
        let systems = columns.filter(|&c| few[c].is_some()).take(MOST_SYSTEMS);
        let mut both = systems.flat_map(|system| {
            // What has few values itself does not say which item it is.
            let says = |s: &&Same| !matches!(s, Same::Column(at) if few[*at].is_some());
            same.iter().filter(says).map(move |&same| Link { same, system: Some(system) })
        });
        both.find(|&link| links(dataset, (column, n_values), link))
    })
}

fn links(dataset: &Dataset, (column, n_values): (usize, usize), link: Link) -> bool {
    let values = &dataset.metadata[column].1;
    // A column of few values cannot tell that many items apart.
    let first = dataset.n_items().min(1_000);
    let few: BTreeSet<_> = (0..first).filter_map(|item| link.name_of(dataset, item)).collect();
    let alone: BTreeSet<_> = few.iter().map(|name| name.0).collect();
    let n_systems = few.iter().map(|name| name.1).collect::<BTreeSet<_>>().len().max(1);
    if 3 * few.len() * n_values < 2 * first || 3 * alone.len() * n_values * n_systems < 2 * first {
        return false;
    }
    let mut cells: HashMap<(&str, &str), BTreeSet<&str>> = HashMap::new();
    let mut n = 0_usize;
    for (item, value) in values.iter().take(LOOKED_AT).enumerate().filter(|(_, v)| !v.is_empty()) {
        if let Some(name) = link.name_of(dataset, item) {
            cells.entry(name).or_default().insert(value);
            n += 1;
        }
    }
    let shared = cells.values().filter(|c| c.len() > 1).count();
    let all: usize = cells.values().map(BTreeSet::len).sum();
    // Names that stand for many items of one value say what kind they are, not which.
    shared >= 10 && 2 * shared >= cells.len() && 2 * n < 3 * all
}
