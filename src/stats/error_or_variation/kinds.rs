//! What kind of disagreement an item shows: none, a slip, a real ambiguity, or two guidelines.

use super::ballots::Ballots;
use crate::dataset::LabelId;

/// What kind of disagreement an item shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ItemKind {
    /// All gave one label, the same.
    Unanimous,
    /// One label is acceptable, and the others are probably mistakes.
    ErrorLike,
    /// Several labels are acceptable.
    Ambiguous,
    /// Several are, and who gave which follows a group of raters.
    GuidelineLike,
    /// Fewer than two answers, or no label that is probably acceptable.
    Undecided,
}

impl ItemKind {
    /// All, in the order shown.
    pub const ALL: [Self; 5] =
        [Self::ErrorLike, Self::Ambiguous, Self::GuidelineLike, Self::Unanimous, Self::Undecided];

    /// Key in tables and reports.
    pub fn key(self) -> &'static str {
        match self {
            Self::Unanimous => "unanimous",
            Self::ErrorLike => "error_like",
            Self::Ambiguous => "ambiguous",
            Self::GuidelineLike => "guideline_like",
            Self::Undecided => "undecided",
        }
    }

    /// Name and meaning, for people.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Unanimous => ("Unanimous", "All gave the same label"),
            Self::ErrorLike => {
                ("Error-like", "One label is acceptable, and the others are probably mistakes")
            }
            Self::Ambiguous => ("Ambiguous", "Several labels are acceptable"),
            Self::GuidelineLike => {
                ("Guideline-like", "Several labels are, and who gave which follows a group of raters")
            }
            Self::Undecided => ("Undecided", "Fewer than two answers, or no label is probably acceptable"),
        }
    }
}

/// Groups of raters who part over two labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Guideline {
    /// Which attribute of raters; `None` where raters fall into two camps that no attribute tells apart.
    pub attribute: Option<usize>,
    /// The two labels.
    pub labels: [LabelId; 2],
    /// For each group, answers with the first and with the second, on items that have both.
    pub counts: Vec<[u64; 2]>,
    /// Cramér's V of group and label; of camps, of rater and label within items.
    pub strength: f64,
    /// Of camps, that of each rater: 0 leans to the first label, 1 to the second, anything else to neither; empty for an attribute.
    pub camps: Vec<u32>,
}

/// Groups that raters belong to: for each attribute, the group of each rater; anything from `n_groups` on is none.
pub type Groups<'a> = &'a [(Vec<u32>, usize)];

/// Items with both labels that a guideline needs.
const LEAST_ITEMS: usize = 10;
/// Least strength of a guideline.
const LEAST_STRENGTH: f64 = 0.3;
/// Least chi-squared statistic above its degrees of freedom, in standard deviations √(2 df).
const LEAST_SIGMA: f64 = 4.0;
/// How much likelier an item's answers must be by group than without, in natural logarithms.
const LEAST_GAIN: f64 = 0.7;

/// How far a rater of a camp leans: the share of their answers with one label, less the share that it has on the same items.
const LEAST_LEANING: f64 = 1.0 / 6.0;
/// The same in standard deviations.
const LEAST_LEANING_SIGMA: f64 = 2.0;
/// Raters of a camp.
const LEAST_CAMP: usize = 2;

/// Pairs of labels over which groups part, the strongest first; then those over which raters fall into two camps by themselves.
pub(super) fn guidelines(ballots: &Ballots, groups: Groups) -> Vec<Guideline> {
    let mut found: Vec<Guideline> = Vec::new();
    for (attribute, (group_of, n_groups)) in groups.iter().enumerate() {
        let group = |rater: u32| group_of.get(rater as usize).copied().unwrap_or(u32::MAX);
        let parted = parted(ballots, &group, *n_groups).into_iter().map(|(labels, table, strength)| {
            Guideline { attribute: Some(attribute), labels, counts: table, strength, camps: Vec::new() }
        });
        found.extend(parted);
    }
    found.sort_by(|x, y| {
        y.strength.total_cmp(&x.strength).then((x.attribute, x.labels).cmp(&(y.attribute, y.labels)))
    });
    let mut camps: Vec<Guideline> =
        camps(ballots).into_iter().filter(|c| found.iter().all(|g| g.labels != c.labels)).collect();
    camps.sort_by(|x, y| y.strength.total_cmp(&x.strength).then(x.labels.cmp(&y.labels)));
    found.extend(camps);
    found
}

/// A rater's answers on items with both labels, beside what was to be expected of anybody there.
#[derive(Debug, Clone, Copy, Default)]
struct Leaning {
    counts: [u64; 2],
    /// Answers with the first label less the shares of it on the same items, and the variance of that.
    apart: f64,
    variance: f64,
}

/// Pairs of labels over which raters fall into two camps, each of [`LEAST_CAMP`].
///
/// A rater's answers are held against those of the others on the same items, so that it does not matter who was given which: with n answers
/// on an item, of which a share p is the first label, one of them has that label with chance p. Over all raters Σ (observed − expected)² / variance
/// · (R − 1)/R is about chi-squared with R − 1 degrees of freedom where nobody leans (Mantel & Haenszel 1959). A rater who is mistaken in one
/// direction has nobody beside them, and ambiguity has nobody who holds to one label.
fn camps(ballots: &Ballots) -> Vec<Guideline> {
    let (k, g) = (ballots.n_labels, ballots.n_raters);
    let mut found = Vec::new();
    if g < 2 * LEAST_CAMP || k.saturating_mul(k).saturating_mul(g) > 1 << 22 {
        return found;
    }
    let mut leanings = vec![Leaning::default(); k * k * g];
    let mut items = vec![0_usize; k * k];
    let mut counts = vec![0.0; k];
    for item in 0..ballots.n_items() {
        ballots.counts(item, &mut counts);
        let given: Vec<usize> = (0..k).filter(|&l| counts[l] > 0.0).collect();
        for (at, &a) in given.iter().enumerate() {
            for &b in &given[at + 1..] {
                // Whoever gives both says nothing of either.
                let says = |labels: &[LabelId]| {
                    let [says_a, says_b] = [a, b].map(|l| labels.contains(&(l as LabelId)));
                    (says_a != says_b).then_some(says_a)
                };
                let said = || ballots.of_item(item).filter_map(|(r, labels)| Some((r, says(labels)?)));
                let (n, n_a) =
                    said().fold((0_u32, 0_u32), |(n, n_a), (_, is_a)| (n + 1, n_a + u32::from(is_a)));
                if n_a == 0 || n_a == n {
                    continue;
                }
                items[a * k + b] += 1;
                let p = f64::from(n_a) / f64::from(n);
                for (rater, is_a) in said() {
                    let leaning = &mut leanings[(a * k + b) * g + rater as usize];
                    leaning.counts[usize::from(!is_a)] += 1;
                    leaning.apart += f64::from(u8::from(is_a)) - p;
                    leaning.variance += p * (1.0 - p);
                }
            }
        }
    }
    for a in 0..k {
        for b in a + 1..k {
            let own = &leanings[(a * k + b) * g..(a * k + b + 1) * g];
            let used = own.iter().filter(|l| l.variance > 0.0);
            let r = used.clone().count() as f64;
            if items[a * k + b] < LEAST_ITEMS || r < 2.0 {
                continue;
            }
            let chi = used.map(|l| l.apart * l.apart / l.variance).sum::<f64>() * (r - 1.0) / r;
            let n: u64 = own.iter().map(|l| l.counts[0] + l.counts[1]).sum();
            let strength = (chi / n as f64).sqrt().min(1.0);
            let df = r - 1.0;
            if strength < LEAST_STRENGTH || chi < df + LEAST_SIGMA * (2.0 * df).sqrt() {
                continue;
            }
            let camp = |l: &Leaning| {
                let n = (l.counts[0] + l.counts[1]) as f64;
                let is_clear =
                    l.apart.abs() >= (LEAST_LEANING * n).max(LEAST_LEANING_SIGMA * l.variance.sqrt());
                if n > 0.0 && is_clear { u32::from(l.apart < 0.0) } else { u32::MAX }
            };
            let camps: Vec<u32> = own.iter().map(camp).collect();
            let of =
                |camp: u32| camps.iter().zip(own).filter(move |(c, _)| **c == camp).map(|(_, l)| l.counts);
            if of(0).count() < LEAST_CAMP || of(1).count() < LEAST_CAMP {
                continue;
            }
            let counts =
                [0, 1].map(|camp| of(camp).fold([0, 0], |sum, row| [sum[0] + row[0], sum[1] + row[1]]));
            let labels = [a as LabelId, b as LabelId];
            found.push(Guideline { attribute: None, labels, counts: counts.to_vec(), strength, camps });
        }
    }
    found
}

/// Pairs of labels over which groups part, with the answers of each group and Cramér's V; none for more pairs and groups than can be held.
fn parted(
    ballots: &Ballots,
    group_of: &dyn Fn(u32) -> u32,
    g: usize,
) -> Vec<([LabelId; 2], Vec<[u64; 2]>, f64)> {
    let k = ballots.n_labels;
    let mut found = Vec::new();
    if g < 2 || k.saturating_mul(k).saturating_mul(g) > 1 << 22 {
        return found;
    }
    let mut tables = vec![[0_u64; 2]; k * k * g];
    let mut items = vec![0_usize; k * k];
    let mut counts = vec![0.0; k];
    for item in 0..ballots.n_items() {
        ballots.counts(item, &mut counts);
        let given: Vec<usize> = (0..k).filter(|&l| counts[l] > 0.0).collect();
        for (at, &a) in given.iter().enumerate() {
            for &b in &given[at + 1..] {
                items[a * k + b] += 1;
                for (rater, labels) in ballots.of_item(item) {
                    let group = group_of(rater) as usize;
                    let [says_a, says_b] = [a, b].map(|l| labels.contains(&(l as LabelId)));
                    // Whoever gives both says nothing of either.
                    if group < g && says_a != says_b {
                        tables[(a * k + b) * g + group][usize::from(says_b)] += 1;
                    }
                }
            }
        }
    }
    for a in 0..k {
        for b in a + 1..k {
            let table = &tables[(a * k + b) * g..(a * k + b + 1) * g];
            let used = table.iter().filter(|row| row[0] + row[1] > 0).count();
            let n: u64 = table.iter().map(|row| row[0] + row[1]).sum();
            if items[a * k + b] < LEAST_ITEMS || used < 2 {
                continue;
            }
            let chi = chi_squared(table);
            let df = (used - 1) as f64;
            let strength = (chi / n as f64).sqrt();
            if strength >= LEAST_STRENGTH && chi >= df + LEAST_SIGMA * (2.0 * df).sqrt() {
                found.push(([a as LabelId, b as LabelId], table.to_vec(), strength));
            }
        }
    }
    found
}

fn chi_squared(table: &[[u64; 2]]) -> f64 {
    let columns = [0, 1].map(|c| table.iter().map(|row| row[c]).sum::<u64>() as f64);
    let n = columns[0] + columns[1];
    let rows = table.iter().filter(|row| row[0] + row[1] > 0);
    rows.flat_map(|row| {
        let whole = (row[0] + row[1]) as f64;
        [0, 1].map(|c| {
            let expected = whole * columns[c] / n;
            if expected > 0.0 { (row[c] as f64 - expected).powi(2) / expected } else { 0.0 }
        })
    })
    .sum()
}

/// The first guideline that an item with these acceptable labels follows.
pub(super) fn follows(
    ballots: &Ballots,
    groups: Groups,
    guidelines: &[Guideline],
    item: usize,
    acceptable: &[LabelId],
) -> Option<usize> {
    guidelines.iter().position(|guideline| {
        let [a, b] = guideline.labels;
        if !(acceptable.contains(&a) && acceptable.contains(&b)) {
            return false;
        }
        let (group_of, g) = match guideline.attribute {
            Some(attribute) => (&groups[attribute].0, groups[attribute].1),
            None => (&guideline.camps, 2),
        };
        let all = [0, 1].map(|c| guideline.counts.iter().map(|row| row[c]).sum::<u64>() as f64 + 1.0);
        let pooled = all[0] / (all[0] + all[1]);
        let mut gain = 0.0;
        let mut seen = [false; 2];
        for (rater, labels) in ballots.of_item(item) {
            let group = group_of.get(rater as usize).copied().unwrap_or(u32::MAX) as usize;
            let [says_a, says_b] = [a, b].map(|l| labels.contains(&l));
            if group >= g || says_a == says_b {
                continue;
            }
            let [x, y] = guideline.counts[group].map(|n| n as f64 + 1.0);
            let own = x / (x + y);
            let (by_group, without) = if says_a { (own, pooled) } else { (1.0 - own, 1.0 - pooled) };
            gain += (by_group / without).ln();
            seen[usize::from(own < 0.5)] = true;
        }
        gain >= LEAST_GAIN && seen == [true, true]
    })
}
