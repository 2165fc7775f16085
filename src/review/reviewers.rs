//! Several reviewers side by side: what each decided on each item, where they contradict each other, how far they agree.
//!
//! A reviewer is a log: of two logs of one name the second is called `name (2)`. Agreement is that of their decisions,
//! adjudications apart: an adjudicator has seen what the others said. "Unsure" is no decision and takes no part either.
//! Items that several decided are no random sample of the data, and mostly those that were under suspicion.

use std::collections::{BTreeMap, HashMap};

use super::event::{After, Body, Event, EventRef};
use super::merge::{Judged, Live, Verdict, judge, settled, usable};
use super::replay::Stale;
use super::words;
use crate::dataset::{Annotations, AnnotationsBuilder, Dataset};
use crate::stats::Statistic;
use crate::stats::agreement::{
    KappaPair, krippendorff_alpha_nominal, pairwise_cohen_kappa, percent_agreement,
};

/// One log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reviewer {
    /// Which log.
    pub log_id: String,
    /// What the reviewer is called here; no two are called the same.
    pub name: String,
    /// Live decisions, each item once.
    pub n_decisions: usize,
    /// Live adjudications.
    pub n_adjudications: usize,
    /// The last event.
    pub last: EventRef,
}

/// What one reviewer says about an item.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// Number of the reviewer.
    pub reviewer: usize,
    /// The event that says so.
    pub event: EventRef,
    /// What was decided; `None` excludes.
    pub after: Option<After>,
    /// The same in words: a label, `excluded`, `unsure`, …
    pub words: String,
    /// 1 (low) to 3 (high).
    pub confidence: Option<u8>,
    /// Code of the codebook.
    pub reason: Option<String>,
    /// Free text.
    pub note: String,
}

/// An item that somebody decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Item number, where a dataset was at hand.
    pub item: Option<u32>,
    /// Item key.
    pub key: String,
    /// Column or question.
    pub field: String,
    /// Whether it is about a span and not about the whole item.
    pub is_span: bool,
    /// How they stand to each other.
    pub verdict: Verdict,
    /// Decisions, by reviewer.
    pub sides: Vec<Side>,
    /// Adjudications that stand.
    pub settled: Vec<Side>,
    /// Adjudications that do not stand any more, because a decision they name was superseded.
    pub stale: Vec<Side>,
    /// Decisions that no adjudication that stands names: they came later, or from a log that was not at hand.
    pub n_unnamed: usize,
}

impl Case {
    /// How much a conflict matters, more first: how sure the least sure side is, then all of them together, then how many.
    fn weight(&self) -> (u8, u32, usize) {
        let sure = |s: &Side| s.confidence.unwrap_or(0);
        let least = self.sides.iter().map(sure).min().unwrap_or(0);
        (least, self.sides.iter().map(|s| u32::from(sure(s))).sum(), self.sides.len())
    }
}

/// How far reviewers agree about one column or question.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// Column or question.
    pub field: String,
    /// Reviewers with a decision there, by number; raters of `pairs` are places in this list.
    pub reviewers: Vec<usize>,
    /// Items on which several decided.
    pub n_shared: usize,
    /// Share of pairs of decisions that are alike, item by item.
    pub observed: Statistic,
    /// Cohen's kappa, where there are two.
    pub kappa: Option<Statistic>,
    /// Krippendorff's alpha of any number.
    pub alpha: Statistic,
    /// Each pair with an item in common.
    pub pairs: Vec<KappaPair>,
}

/// How many items stand how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CaseCounts {
    /// Several decided.
    pub several: usize,
    /// Several decided alike.
    pub agreed: usize,
    /// One decided.
    pub single: usize,
    /// Contradictions that wait for an adjudication.
    pub conflicts: usize,
    /// Contradictions that were settled.
    pub adjudicated: usize,
    /// Adjudications that do not stand any more.
    pub stale: usize,
}

/// Several reviewers side by side.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reviewers {
    /// One a log, by name and then by log.
    pub reviewers: Vec<Reviewer>,
    /// Every item that somebody decided: conflicts first, those that matter most at the head, then in the data's order.
    pub cases: Vec<Case>,
    /// How many items stand how.
    pub counts: CaseCounts,
    /// How far they agree, one a column or question.
    pub agreement: Vec<Agreement>,
    /// Decisions that cannot be applied to the data.
    pub stale: Vec<Stale>,
}

impl Reviewers {
    /// Puts the logs in `events` side by side: each by itself, a log's events in their order. With a dataset, only what can
    /// be applied to it counts.
    pub fn new(events: &[Event], dataset: Option<&Dataset>) -> Self {
        let (judged, items, stale) = match dataset {
            Some(d) => {
                let found = usable(d, events);
                (found.judged, found.items, found.stale)
            }
            None => (judge(events), HashMap::new(), Vec::new()),
        };
        let mut reviewers = named(events);
        let number: HashMap<String, usize> =
            reviewers.iter().enumerate().map(|(i, r)| (r.log_id.clone(), i)).collect();
        let mut cases: Vec<Case> = judged.iter().map(|j| case(j, &items, &number)).collect();
        for case in &cases {
            case.sides.iter().for_each(|s| reviewers[s.reviewer].n_decisions += 1);
            let all = case.settled.iter().chain(&case.stale);
            all.for_each(|s| reviewers[s.reviewer].n_adjudications += 1);
        }
        let agreement = agreement(&judged, &number, reviewers.len());
        let counts = counts(&cases);
        cases.sort_by(|a, b| {
            let conflict = |c: &Case| c.verdict == Verdict::Conflict;
            let by_weight = if conflict(a) && conflict(b) { b.weight().cmp(&a.weight()) } else { 0.cmp(&0) };
            conflict(b).cmp(&conflict(a)).then(by_weight).then_with(|| {
                (a.item, &a.key, &a.field, a.is_span).cmp(&(b.item, &b.key, &b.field, b.is_span))
            })
        });
        Self { reviewers, cases, counts, agreement, stale }
    }

    /// Items of one verdict, in order.
    pub fn of(&self, verdict: Verdict) -> impl Iterator<Item = &Case> {
        self.cases.iter().filter(move |c| c.verdict == verdict)
    }
}

/// The logs, by name and then by identity.
fn named(events: &[Event]) -> Vec<Reviewer> {
    let mut logs: BTreeMap<(&str, &str), &Event> = BTreeMap::new();
    for event in events {
        let head = event.head();
        let last = logs.entry((&head.reviewer, &head.log_id)).or_insert(event);
        if event.seq() > last.seq() {
            *last = event;
        }
    }
    let mut so_far: HashMap<&str, usize> = HashMap::new();
    logs.iter()
        .map(|(&(name, log_id), last)| {
            let n = so_far.entry(name).or_default();
            *n += 1;
            let name = if *n == 1 { name.to_owned() } else { format!("{name} ({n})") };
            let (log_id, last) = (log_id.to_owned(), last.reference());
            Reviewer { log_id, name, n_decisions: 0, n_adjudications: 0, last }
        })
        .collect()
}

fn case(judged: &Judged<'_>, items: &HashMap<String, u32>, number: &HashMap<String, usize>) -> Case {
    let sides = |list: &mut dyn Iterator<Item = &Live<'_>>| -> Vec<Side> {
        let mut sides: Vec<Side> = list.map(|l| side(l, number)).collect();
        sides.sort_by_key(|s| s.reviewer);
        sides
    };
    let is_adjudication = |l: &&Live<'_>| l.adjudication().is_some();
    let decided = sides(&mut judged.decisions.iter().filter(|l| !is_adjudication(l)));
    let n_unnamed = if judged.verdict == Verdict::Adjudicated {
        let named = |s: &Side| {
            let inputs = judged.decisions.iter().filter_map(Live::adjudication).flat_map(|a| &a.inputs);
            inputs.into_iter().any(|i| *i == s.event)
        };
        decided.iter().filter(|s| !named(s)).count()
    } else {
        0
    };
    let is_span =
        judged.decisions.iter().chain(&judged.stale_adjudications).next().is_some_and(|l| l.span.is_some());
    Case {
        item: items.get(judged.item).copied(),
        key: judged.item.to_owned(),
        field: judged.field.to_owned(),
        is_span,
        verdict: judged.verdict,
        sides: decided,
        settled: sides(&mut judged.decisions.iter().filter(is_adjudication)),
        stale: sides(&mut judged.stale_adjudications.iter()),
        n_unnamed,
    }
}

fn side(live: &Live<'_>, number: &HashMap<String, usize>) -> Side {
    Side {
        // Every event is of a log that was numbered.
        reviewer: number.get(&live.event.head().log_id).copied().unwrap_or_default(),
        event: live.event.reference(),
        after: live.after.cloned(),
        words: words::decided(&live.ruling()),
        confidence: live.event.confidence(),
        reason: live.event.reason().map(str::to_owned),
        note: live.note.to_owned(),
    }
}

fn counts(cases: &[Case]) -> CaseCounts {
    let mut counts = CaseCounts::default();
    for case in cases {
        counts.several += usize::from(case.sides.len() > 1);
        counts.stale += case.stale.len();
        *match case.verdict {
            Verdict::Agreed => &mut counts.agreed,
            Verdict::Single => &mut counts.single,
            Verdict::Conflict => &mut counts.conflicts,
            Verdict::Adjudicated => &mut counts.adjudicated,
        } += 1;
    }
    counts
}

/// Agreement of the decisions, one a field. Two decisions are alike if they come to the same: set of labels, exclusion.
fn agreement(judged: &[Judged<'_>], number: &HashMap<String, usize>, n: usize) -> Vec<Agreement> {
    let mut fields: BTreeMap<&str, Vec<Vec<(usize, String)>>> = BTreeMap::new();
    for j in judged {
        let decided = j.decisions.iter().filter(|l| {
            let is_unsure = matches!(l.after, Some(After::Value { value: None }));
            !is_unsure && l.span.is_none() && !matches!(l.event.body(), Body::Adjudicate(_))
        });
        let said: Vec<(usize, String)> =
            decided.filter_map(|l| Some((*number.get(&l.event.head().log_id)?, settled(l.after)))).collect();
        if !said.is_empty() {
            fields.entry(j.field).or_default().push(said);
        }
    }
    fields.into_iter().map(|(field, items)| of_field(field, &items, n)).collect()
}

fn of_field(field: &str, items: &[Vec<(usize, String)>], n: usize) -> Agreement {
    let mut labels: Vec<&String> = items.iter().flatten().map(|(_, what)| what).collect();
    labels.sort_unstable();
    labels.dedup();
    let mut reviewers: Vec<usize> = items.iter().flatten().map(|(who, _)| *who).collect();
    reviewers.sort_unstable();
    reviewers.dedup();
    let mut place = vec![0u32; n];
    reviewers.iter().enumerate().for_each(|(at, &who)| place[who] = at as u32);
    let mut builder = AnnotationsBuilder::new();
    for (item, said) in items.iter().enumerate() {
        for (who, what) in said {
            let label = labels.binary_search(&what).unwrap_or_default();
            builder.push(item as u32, place[*who], label as u32, None);
        }
    }
    let annotations: Annotations = builder.finish(items.len(), reviewers.len());
    let pairs = pairwise_cohen_kappa(&annotations, labels.len());
    let kappa = (reviewers.len() == 2)
        .then(|| pairs.pairs.first().map_or_else(|| pairs.mean.clone(), |pair| pair.kappa.clone()));
    Agreement {
        field: field.to_owned(),
        n_shared: items.iter().filter(|said| said.len() > 1).count(),
        observed: percent_agreement(&annotations, labels.len()),
        kappa,
        alpha: krippendorff_alpha_nominal(&annotations, labels.len()),
        pairs: pairs.pairs,
        reviewers,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::event::{Before, Context, Decide, Digests, Head, NO_PREV, Verb};
    use super::super::log::Log;
    use super::*;

    fn data(names: &[&str]) -> Vec<Event> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/format_examples/dissensus_log");
        let path = |n: &&str| folder.join(format!("{n}.corrections.jsonl"));
        names.iter().flat_map(|n| Log::verify(&path(n)).unwrap().events).collect()
    }

    /// One log: what is said about items by number.
    fn log(name: &str, id: &str, said: &[(usize, &str, Option<u8>)]) -> Vec<Event> {
        let mut prev = NO_PREV.to_owned();
        let mut events = Vec::new();
        for (seq, (item, label, confidence)) in said.iter().enumerate() {
            let head = Head {
                v: 1,
                log_id: id.into(),
                seq: seq as u64,
                ts: String::new(),
                reviewer: name.into(),
                dataset: Digests::default(),
                prev,
            };
            let value = (*label != "?").then(|| (*label).to_owned());
            let body = Body::Decide(Decide {
                item: format!("t{item}"),
                field: "label".into(),
                before: Some(Before { value: None, basis: super::super::event::Basis::Given, votes: None }),
                after: Some(After::Value { value }),
                action: Verb::Relabel,
                confidence: *confidence,
                reason: None,
                note: String::new(),
                context: Context::default(),
                rater: None,
                target: None,
                amends: None,
            });
            let event = Event::seal(&head, &body).unwrap();
            prev = event.hash().to_owned();
            events.push(event);
        }
        events
    }

    #[test]
    fn agreement_is_that_of_a_table_by_hand() {
        // 5 alike on a, 3 on b, 2 parted: p_o = .8, p_e = (.6·.6 + .4·.4) = .52, or with the other margins below.
        let a = ["a", "a", "a", "a", "a", "b", "b", "b", "a", "b"];
        let b = ["a", "a", "a", "a", "a", "b", "b", "b", "b", "a"];
        let said = |labels: &[&'static str]| -> Vec<(usize, &'static str, Option<u8>)> {
            labels.iter().enumerate().map(|(i, l)| (i, *l, None)).chain([(10, "?", None)]).collect()
        };
        let mut events = log("ann", "1", &said(&a));
        events.extend(log("ben", "2", &said(&b)));
        let found = Reviewers::new(&events, None);
        let [agreement] = &found.agreement[..] else { panic!("one field") };
        assert_eq!((agreement.n_shared, found.counts.several), (10, 11), "unsure takes no part");
        assert!((agreement.observed.value().unwrap() - 0.8).abs() < 1e-12);
        let kappa = agreement.kappa.as_ref().unwrap();
        assert!((kappa.value().unwrap() - (0.8 - 0.52) / 0.48).abs() < 1e-12);
        assert_eq!(kappa.estimate().unwrap().n_items, 10);
        assert!(kappa.estimate().unwrap().ci.is_some());
        // D_o = .2, D_e = 2·12·8/(20·19).
        assert!((agreement.alpha.value().unwrap() - (1.0 - 0.2 / (192.0 / 380.0))).abs() < 1e-12);
        assert_eq!((found.counts.agreed, found.counts.conflicts), (9, 2));
    }

    #[test]
    fn both_sure_comes_first_and_logs_of_one_name_stay_apart() {
        let mut events =
            log("ann", "1", &[(1, "a", Some(1)), (2, "a", Some(3)), (3, "a", None), (4, "a", Some(3))]);
        events.extend(log(
            "ann",
            "2",
            &[(1, "b", Some(3)), (2, "b", Some(3)), (3, "b", None), (4, "b", Some(2))],
        ));
        let found = Reviewers::new(&events, None);
        assert_eq!(found.reviewers.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), ["ann", "ann (2)"]);
        let order: Vec<&str> = found.of(Verdict::Conflict).map(|c| c.key.as_str()).collect();
        assert_eq!(order, ["t2", "t4", "t1", "t3"]);
        assert_eq!(found.reviewers[1].n_decisions, 4);
        events.reverse();
        // A log's own events stay in order in every file; the order of the logs does not matter.
        let (a, b): (Vec<Event>, Vec<Event>) = events.into_iter().rev().partition(|e| e.head().log_id == "2");
        assert_eq!(Reviewers::new(&[a, b].concat(), None), found);
    }

    #[test]
    fn adjudications_take_no_part_in_agreement() {
        let two = Reviewers::new(&data(&["r1", "r2"]), None);
        let three = Reviewers::new(&data(&["r1", "r2", "lead"]), None);
        assert_eq!(two.agreement, three.agreement.iter().cloned().map(renumbered).collect::<Vec<_>>());
        assert_eq!((two.counts.conflicts, three.counts.conflicts, three.counts.adjudicated), (1, 0, 1));
        let case = three.of(Verdict::Adjudicated).next().unwrap();
        assert_eq!((case.sides.len(), case.settled.len(), case.n_unnamed), (2, 1, 0));
        assert_eq!(three.reviewers[case.settled[0].reviewer].name, "lead");
    }

    /// Without the adjudicator, who stands first by name.
    fn renumbered(mut a: Agreement) -> Agreement {
        a.reviewers.iter_mut().for_each(|r| *r -= 1);
        a
    }

    #[test]
    fn nothing_is_undefined_and_not_zero() {
        assert_eq!(Reviewers::new(&[], None), Reviewers::default());
        let one = Reviewers::new(&log("ann", "1", &[(1, "a", None)]), None);
        assert!(one.agreement[0].observed.value().is_none() && one.agreement[0].kappa.is_none());
        assert_eq!(one.counts.single, 1);
    }
}
