//! Computes the sections of an [`Analysis`].

use std::sync::Arc;

use super::raters::summarise_raters;
use super::{
    Aggregation, Agreement, Analysis, ConsensusMethod, FlagMethod, Given, GivenSource, ItemTable, Settings,
};
use crate::dataset::{Annotations, Dataset, Edits, LabelId, NO_LABEL, Outcome};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::aggregation::{accuracy, dawid_skene, majority_accuracy, majority_vote};
use crate::stats::agreement::{
    PairwiseKappa, fleiss_kappa, krippendorff_alpha_nominal, krippendorff_alpha_per_label,
    pairwise_cohen_kappa, percent_agreement,
};
use crate::stats::confident::{ConfidentError, ConfidentLearning, Filter, confident_learning};
use crate::stats::suspicion::{Suspicion, suspicion};
use crate::stats::variation::{VoteCounts, vote_entropy_bits};

/// Computes every section that the data allows. `previous` must be of the same dataset; its sections whose
/// inputs are the same are kept, not computed again. What the data does not allow is an
/// [`Undefined`](crate::stats::Undefined) with its reason, never an error.
pub fn run(
    dataset: &Dataset,
    edits: &Edits,
    settings: &Settings,
    previous: Option<&Analysis>,
    progress: &Progress,
) -> Result<Analysis, Cancelled> {
    let previous = previous.filter(|p| p.given.original.len() == dataset.n_items());
    let same_votes = previous.filter(|p| p.settings.switched == settings.switched);
    let votes = settings.counted(dataset);
    let agreement = match same_votes {
        Some(p) if p.settings.duplicates == settings.duplicates => Arc::clone(&p.agreement),
        _ => Arc::new(agreement(dataset, &votes, settings, progress)?),
    };
    let aggregation = match same_votes {
        Some(p) => Arc::clone(&p.aggregation),
        None => Arc::new(aggregation(dataset, &votes, progress)?),
    };
    let same_consensus = same_votes.filter(|p| p.settings.consensus == settings.consensus);
    let consensus = match same_consensus {
        Some(p) => Arc::clone(&p.consensus),
        None => Arc::new(consensus(&aggregation, settings.consensus, dataset.n_items())),
    };
    let given = given(dataset, edits, settings, &aggregation, &consensus);
    let given = match previous {
        Some(p) if *p.given == given => Arc::clone(&p.given),
        _ => Arc::new(given),
    };
    let confident = match previous {
        Some(p) if p.given.current == given.current => Arc::clone(&p.confident),
        _ => Arc::new(confident(dataset, &given.current, progress)?),
    };
    let suspicion = match previous {
        Some(p) if Arc::ptr_eq(&p.confident, &confident) => Arc::clone(&p.suspicion),
        _ => Arc::new(suspected(dataset, &given.current, &confident, progress)?),
    };
    progress.check()?;
    progress.stage("tables", 0);
    // A tie stands until a decision settles it, so the items also look at the decisions themselves.
    let items = match previous {
        Some(p)
            if same_votes.is_some()
                && p.edits_revision == edits.revision()
                && Arc::ptr_eq(&p.given, &given)
                && Arc::ptr_eq(&p.confident, &confident) =>
        {
            Arc::clone(&p.items)
        }
        _ => Arc::new(items(dataset, &votes, edits, &given, &aggregation, &confident, &suspicion)),
    };
    let raters = match same_consensus {
        Some(p) => Arc::clone(&p.raters),
        None if dataset.raters.anonymous => Arc::new(Vec::new()),
        None => Arc::new(summarise_raters(dataset, &votes, &aggregation, &consensus)),
    };
    progress.check()?;
    Ok(Analysis {
        settings: settings.clone(),
        edits_revision: edits.revision(),
        given,
        agreement,
        aggregation,
        consensus,
        confident,
        suspicion,
        items,
        raters,
    })
}

fn agreement(
    dataset: &Dataset,
    votes: &Annotations,
    settings: &Settings,
    progress: &Progress,
) -> Result<Agreement, Cancelled> {
    progress.check()?;
    progress.stage("agreement", 5);
    let n_labels = dataset.labels.len();
    let annotations = votes.resolved(settings.duplicates);
    let step = || {
        progress.add(1);
        progress.check()
    };
    let percent_agreement = percent_agreement(&annotations, n_labels);
    step()?;
    let fleiss_kappa = fleiss_kappa(&annotations, n_labels);
    step()?;
    let krippendorff_alpha_nominal = krippendorff_alpha_nominal(&annotations, n_labels);
    step()?;
    let per_label = krippendorff_alpha_per_label(&annotations, n_labels);
    step()?;
    let cohen_kappa = if dataset.raters.anonymous {
        PairwiseKappa { mean: Undefined::AnonymousVotes.into(), pairs: Vec::new() }
    } else {
        pairwise_cohen_kappa(&annotations, n_labels)
    };
    step()?;
    Ok(Agreement {
        percent_agreement,
        fleiss_kappa,
        krippendorff_alpha_nominal,
        cohen_kappa,
        per_label,
        n_duplicates: votes.n_duplicates(),
        duplicates: settings.duplicates,
    })
}

fn aggregation(
    dataset: &Dataset,
    annotations: &Annotations,
    progress: &Progress,
) -> Result<Aggregation, Cancelled> {
    progress.check()?;
    progress.stage("majority vote", 0);
    let majority = majority_vote(&VoteCounts::new(annotations, dataset.labels.len()));
    let dawid_skene = if dataset.raters.anonymous {
        Err(Undefined::AnonymousVotes)
    } else {
        dawid_skene(annotations, dataset.labels.len(), progress)?
    };
    let gold = dataset.gold.as_ref();
    let n_raters = annotations.n_raters();
    Ok(Aggregation {
        accuracy_majority: majority_accuracy(&majority, gold, n_raters),
        accuracy_dawid_skene: match &dawid_skene {
            Ok(fit) => accuracy(&fit.labels, gold, n_raters),
            Err(reason) => reason.clone().into(),
        },
        majority,
        dawid_skene,
    })
}

/// One label an item by `method`. Where Dawid–Skene cannot be fitted, no item has one.
fn consensus(aggregation: &Aggregation, method: ConsensusMethod, n_items: usize) -> Vec<LabelId> {
    let labels = match (method, &aggregation.dawid_skene) {
        (ConsensusMethod::MajorityVote, _) => aggregation.majority.label.clone(),
        (ConsensusMethod::DawidSkene, Ok(fit)) => fit.labels.clone(),
        (ConsensusMethod::DawidSkene, Err(_)) => Vec::new(),
    };
    filled(labels, n_items)
}

/// `labels` with one entry an item: a source may list items that no annotation mentions.
fn filled(mut labels: Vec<LabelId>, n_items: usize) -> Vec<LabelId> {
    labels.resize(n_items, NO_LABEL);
    labels
}

fn given(
    dataset: &Dataset,
    edits: &Edits,
    settings: &Settings,
    aggregation: &Aggregation,
    consensus: &[LabelId],
) -> Given {
    let (source, original, n_tied) = match &dataset.given {
        Some(column) => {
            (GivenSource::Column(column.name.clone()), filled(column.ids.clone(), dataset.n_items()), 0)
        }
        None => {
            let n_tied = match settings.consensus {
                ConsensusMethod::MajorityVote => aggregation.majority.n_tied,
                ConsensusMethod::DawidSkene => 0,
            };
            (GivenSource::Consensus(settings.consensus), consensus.to_vec(), n_tied)
        }
    };
    let current = edits.apply(&original);
    Given { source, original, current, n_tied }
}

fn confident(
    dataset: &Dataset,
    labels: &[LabelId],
    progress: &Progress,
) -> Result<Result<ConfidentLearning, Undefined>, Cancelled> {
    let Some(probabilities) = &dataset.probabilities else {
        return Ok(Err(Undefined::NoProbabilities));
    };
    progress.check()?;
    match confident_learning(labels, probabilities, progress) {
        Ok(learned) => Ok(Ok(learned)),
        Err(ConfidentError::Cancelled(_)) => Err(Cancelled),
        Err(why) => Ok(Err(Undefined::Because(why.to_string()))),
    }
}

fn suspected(
    dataset: &Dataset,
    labels: &[LabelId],
    confident: &Result<ConfidentLearning, Undefined>,
    progress: &Progress,
) -> Result<Result<Suspicion, Undefined>, Cancelled> {
    match (confident, &dataset.probabilities) {
        (Ok(learned), Some(p)) => Ok(Ok(suspicion(labels, p, learned, progress)?)),
        (Err(reason), _) => Ok(Err(reason.clone())),
        (Ok(_), None) => Ok(Err(Undefined::NoProbabilities)),
    }
}

fn items(
    dataset: &Dataset,
    votes: &Annotations,
    edits: &Edits,
    given: &Given,
    aggregation: &Aggregation,
    confident: &Result<ConfidentLearning, Undefined>,
    suspicion: &Result<Suspicion, Undefined>,
) -> ItemTable {
    let n = dataset.n_items();
    let counts = VoteCounts::new(votes, dataset.labels.len());
    let mut entropy: Vec<f64> =
        vote_entropy_bits(&counts).into_iter().map(|bits| bits.unwrap_or(f64::NAN)).collect();
    entropy.resize(n, f64::NAN);
    let mut table = ItemTable {
        method: FlagMethod::Nothing,
        flagged: vec![false; n],
        label_quality: vec![f64::NAN; n],
        suggested: vec![NO_LABEL; n],
        vote_entropy_bits: entropy,
        n_annotations: (0..n).map(|item| votes.count(item) as u32).collect(),
    };
    match (confident, &aggregation.dawid_skene) {
        (Ok(learned), _) => {
            table.method = FlagMethod::ConfidentLearning;
            for item in 0..n {
                table.flagged[item] = learned.is_issue(item, Filter::PruneByNoiseRate);
                let quality = suspicion.as_ref().ok().and_then(|s| s.quality(item));
                table.label_quality[item] = quality.unwrap_or(f64::NAN);
            }
            table.suggested = filled(learned.predicted.clone(), n);
        }
        (Err(_), Ok(fit)) => {
            table.method = FlagMethod::DawidSkenePosterior;
            table.suggested = filled(fit.labels.clone(), n);
            for item in 0..n {
                let label = given.current[item];
                let best = table.suggested[item];
                if label != NO_LABEL
                    && best != NO_LABEL
                    && let Some(&p) = fit.posterior_of(item).get(label as usize)
                {
                    table.label_quality[item] = p;
                }
                let undecided = edits.get(item).is_none_or(|e| e.outcome == Outcome::Unsure);
                let tied = undecided && aggregation.majority.is_tied(item);
                table.flagged[item] = tied || (label != NO_LABEL && best != NO_LABEL && best != label);
            }
        }
        (Err(_), Err(_)) => {}
    }
    table
}

#[cfg(test)]
mod tests;
