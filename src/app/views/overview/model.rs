//! What the overview says: three facts ranked by how many items they move, and the evidence below them.

use crate::analysis::{Analysis, ConsensusMethod, FlagMethod, GivenSource};
use crate::app::query::{BINS, bin};
use crate::dataset::{AnnotationsBuilder, Dataset, LabelId, NO_LABEL};
use crate::stats::Statistic;
use crate::stats::agreement::krippendorff_alpha_nominal;

/// A sentence built from the data, with its proof.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// Given labels that look wrong.
    LabelIssues {
        /// How many.
        n: usize,
        /// Given, suggested, how many; most first.
        pairs: Vec<(LabelId, LabelId, usize)>,
    },
    /// Two labels that raters take for each other.
    Parted {
        /// The two.
        a: LabelId,
        /// The two.
        b: LabelId,
        /// Items with votes for both.
        n: usize,
        /// Items with votes for more than one label.
        of: usize,
        /// The next most parted pairs.
        pairs: Vec<(LabelId, LabelId, usize)>,
    },
    /// Raters far below the others.
    WeakRaters {
        /// Which, weakest first.
        raters: Vec<u32>,
        /// Krippendorff alpha with everybody.
        alpha: Statistic,
        /// Krippendorff alpha without them.
        without: Statistic,
    },
}

/// One label's counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelRow {
    /// Which.
    pub label: LabelId,
    /// Items given this label.
    pub given: usize,
    /// Items whose consensus it is (or, without raters, that the model predicts).
    pub against: usize,
}

/// How items disagree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Splits {
    /// Two votes or more, all the same.
    pub unanimous: usize,
    /// More than one label, one of them with most votes.
    pub majority: usize,
    /// No label with most votes.
    pub tied: usize,
    /// One vote.
    pub single: usize,
    /// No vote.
    pub none: usize,
}

/// Everything that the overview shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
    /// At most three.
    pub facts: Vec<Fact>,
    /// One row a label, in label order.
    pub labels: Vec<LabelRow>,
    /// What the given labels are held against; `None` where there is nothing.
    pub against: Option<&'static str>,
    /// Label quality: items flagged, items not flagged, by bin.
    pub quality: Vec<(u32, u32)>,
    /// Raters with a competence, lowest first.
    pub raters: Vec<(u32, f64, usize)>,
    /// Their median competence.
    pub median_competence: Option<f64>,
    /// How items disagree.
    pub splits: Splits,
    /// Items flagged.
    pub n_flagged: usize,
    /// What was read: name, value.
    pub read: Vec<(String, String)>,
}

/// Builds the overview; part of the analysis job.
pub fn build(dataset: &Dataset, analysis: &Analysis) -> Overview {
    let n = dataset.n_items();
    let k = dataset.labels.len();
    let given = &analysis.given.current;
    let has_votes = !dataset.annotations.is_empty();
    // A consensus held against itself says nothing: then Dawid–Skene stands opposite.
    let itself = matches!(analysis.given.source, GivenSource::Consensus(ConsensusMethod::MajorityVote));
    let dawid_skene = analysis.aggregation.dawid_skene.as_ref().ok().filter(|_| itself);
    let (against_labels, against): (&[LabelId], Option<&str>) = if let Some(ds) = dawid_skene {
        (&ds.labels, Some("Dawid–Skene"))
    } else if has_votes {
        (&analysis.consensus, Some("consensus"))
    } else if dataset.probabilities.is_some() {
        (&analysis.items.suggested, Some("predicted"))
    } else {
        (&[], None)
    };
    let mut labels: Vec<LabelRow> =
        (0..k as LabelId).map(|label| LabelRow { label, given: 0, against: 0 }).collect();
    let mut quality = vec![(0, 0); BINS];
    let mut issue_pairs = std::collections::HashMap::new();
    let mut vote_pairs = std::collections::HashMap::new();
    let mut splits = Splits::default();
    let mut n_flagged = 0;
    let mut seen: Vec<LabelId> = Vec::new();
    for item in 0..n {
        if let Some(row) = labels.get_mut(given[item] as usize) {
            row.given += 1;
        }
        if let Some(row) = against_labels.get(item).and_then(|&l| labels.get_mut(l as usize)) {
            row.against += 1;
        }
        let flagged = analysis.items.flagged[item];
        n_flagged += usize::from(flagged);
        if let Some(q) = analysis.items.quality(item) {
            let slot = &mut quality[bin(q)];
            *(if flagged { &mut slot.0 } else { &mut slot.1 }) += 1;
        }
        let suggested = analysis.items.suggested[item];
        if flagged && given[item] != NO_LABEL && suggested != NO_LABEL && suggested != given[item] {
            *issue_pairs.entry((given[item], suggested)).or_insert(0) += 1;
        }
        seen.clear();
        seen.extend_from_slice(dataset.annotations.labels_of(item));
        let votes = seen.len();
        seen.sort_unstable();
        seen.dedup();
        for (i, &a) in seen.iter().enumerate() {
            for &b in &seen[i + 1..] {
                *vote_pairs.entry((a, b)).or_insert(0) += 1;
            }
        }
        let tied = analysis.aggregation.majority.label.get(item).is_none_or(|&l| l == NO_LABEL);
        *(match (votes, seen.len()) {
            (0, _) => &mut splits.none,
            (1, _) => &mut splits.single,
            (_, 1) => &mut splits.unanimous,
            _ if tied => &mut splits.tied,
            _ => &mut splits.majority,
        }) += 1;
    }
    let (raters, median_competence) = competences(analysis);
    let facts =
        facts(dataset, analysis, n_flagged, &issue_pairs, &vote_pairs, splits, &raters, median_competence);
    Overview {
        facts,
        labels,
        against,
        quality,
        raters,
        median_competence,
        splits,
        n_flagged,
        read: read(dataset, analysis),
    }
}

type Pairs = std::collections::HashMap<(LabelId, LabelId), usize>;

/// Most first; ties by label.
fn ranked(pairs: &Pairs) -> Vec<(LabelId, LabelId, usize)> {
    let mut list: Vec<_> = pairs.iter().map(|(&(a, b), &n)| (a, b, n)).collect();
    list.sort_by(|x, y| y.2.cmp(&x.2).then((x.0, x.1).cmp(&(y.0, y.1))));
    list
}

fn competences(analysis: &Analysis) -> (Vec<(u32, f64, usize)>, Option<f64>) {
    let mut list: Vec<(u32, f64, usize)> = analysis
        .raters
        .iter()
        .enumerate()
        .filter_map(|(r, s)| Some((r as u32, s.dawid_skene_accuracy.value()?, s.n_annotations)))
        .collect();
    list.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    let median = (!list.is_empty()).then(|| {
        let m = list.len() / 2;
        if list.len() % 2 == 1 { list[m].1 } else { f64::midpoint(list[m - 1].1, list[m].1) }
    });
    (list, median)
}

/// Fewest votes a rater needs before anything is said about them.
const MIN_VOTES: usize = 10;

fn facts(
    dataset: &Dataset,
    analysis: &Analysis,
    n_flagged: usize,
    issue_pairs: &Pairs,
    vote_pairs: &Pairs,
    splits: Splits,
    raters: &[(u32, f64, usize)],
    median: Option<f64>,
) -> Vec<Fact> {
    let mut facts = Vec::new();
    if n_flagged > 0 {
        let mut pairs = ranked(issue_pairs);
        pairs.truncate(4);
        facts.push(Fact::LabelIssues { n: n_flagged, pairs });
    }
    let pairs = ranked(vote_pairs);
    if let Some(&(a, b, n)) = pairs.first() {
        let of = splits.majority + splits.tied;
        facts.push(Fact::Parted { a, b, n, of, pairs: pairs.into_iter().take(4).collect() });
    }
    if let Some(median) = median
        && raters.len() >= 5
    {
        // Far below: three scaled median absolute deviations, and ten points at least.
        let mut deviations: Vec<f64> = raters.iter().map(|r| (r.1 - median).abs()).collect();
        deviations.sort_by(f64::total_cmp);
        let limit = (3.0 * 1.4826 * deviations[deviations.len() / 2]).max(0.1);
        let weak: Vec<u32> =
            raters.iter().filter(|r| r.2 >= MIN_VOTES && median - r.1 > limit).map(|r| r.0).collect();
        if !weak.is_empty() && weak.len() * 3 <= raters.len() {
            let without = alpha_without(dataset, analysis, &weak);
            let alpha = analysis.agreement.krippendorff_alpha_nominal.clone();
            facts.push(Fact::WeakRaters { raters: weak, alpha, without });
        }
    }
    facts
}

fn alpha_without(dataset: &Dataset, analysis: &Analysis, left_out: &[u32]) -> Statistic {
    let all = dataset.annotations.resolved(analysis.settings.duplicates);
    let mut rest = AnnotationsBuilder::new();
    for item in 0..all.n_items() {
        for a in all.of_item(item).filter(|a| !left_out.contains(&a.rater)) {
            rest.push(a.item, a.rater, a.label, None);
        }
    }
    krippendorff_alpha_nominal(&rest.finish(all.n_items(), all.n_raters()), dataset.labels.len())
}

fn read(dataset: &Dataset, analysis: &Analysis) -> Vec<(String, String)> {
    use crate::app::widgets::paint::{count, number, thousands};

    let file = |p: &std::path::Path| {
        p.file_name().map_or_else(|| p.display().to_string(), |f| f.to_string_lossy().into_owned())
    };
    let mut read = vec![(
        file(&dataset.source.table.path),
        if dataset.annotations.is_empty() {
            count(dataset.n_items(), "item", "items")
        } else {
            format!("{} votes", thousands(dataset.annotations.len() as u64))
        },
    )];
    if let Some(p) = &dataset.probabilities {
        let name = dataset.source.probabilities.as_ref().map_or_else(
            || if p.name.is_empty() { "Probability columns".to_owned() } else { p.name.clone() },
            |s| file(&s.path),
        );
        read.push((name, format!("{} × {}", thousands(p.rows() as u64), p.cols())));
        if let Some(repair) = p.repair().filter(|r| r.rows > 0) {
            read.push(("Rows renormalised".to_owned(), thousands(repair.rows)));
        }
    }
    if let Some(learned) = &dataset.learned {
        let percent = |v: f64| number(100.0 * v, 1);
        let words = format!("right {} %, guess {} %", percent(learned.accuracy), percent(learned.majority));
        read.push((format!("Learned from {}", learned.from.words()), words));
    }
    read.push((
        "Given label".to_owned(),
        match &analysis.given.source {
            GivenSource::Column(name) => format!("column {name}"),
            GivenSource::Consensus(ConsensusMethod::MajorityVote) => "majority vote".to_owned(),
            GivenSource::Consensus(ConsensusMethod::DawidSkene) => "Dawid–Skene".to_owned(),
        },
    ));
    if analysis.given.n_tied > 0 {
        read.push(("Ties among raters".to_owned(), count(analysis.given.n_tied, "item", "items")));
    }
    if analysis.agreement.n_duplicates > 0 {
        read.push(("Repeated by a rater".to_owned(), thousands(analysis.agreement.n_duplicates as u64)));
    }
    for (why, n) in dataset.missing() {
        read.push((format!("Labels {}", why.words()), thousands(n)));
    }
    if let Some(n) = dataset.never_assigned().filter(|&n| n > 0) {
        read.push(("Labels never assigned".to_owned(), thousands(n)));
    }
    if !dataset.verdicts.is_empty() {
        read.push((
            "Decided earlier, in the file".to_owned(),
            count(dataset.verdicts.len(), "item", "items"),
        ));
    }
    let warnings: u64 = dataset.warnings.iter().map(|w| w.count).sum();
    read.push(("Import notes".to_owned(), thousands(warnings)));
    if analysis.items.method == FlagMethod::Nothing {
        let needed =
            if dataset.raters.anonymous { "need probabilities" } else { "need votes or probabilities" };
        read.push(("Flags".to_owned(), needed.to_owned()));
    }
    read
}
