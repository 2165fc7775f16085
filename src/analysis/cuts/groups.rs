//! Groups of raters: agreement within and across, and whose majority is the majority.

use std::collections::BTreeMap;

use super::{About, Behind, Cell, CutRow, MAX_ROWS, PERMUTATIONS, Parts, Work};
use crate::analysis::lab::{differ, parted};
use crate::progress::Cancelled;
use crate::stats::aggregation::{MajorityVote, majority_vote};
use crate::stats::agreement::{GroupReport, group_reports};
use crate::stats::variation::VoteCounts;
use crate::stats::{Estimate, Undefined};

pub(super) fn groups(work: &Work, attribute: usize) -> Result<Result<Parts, Undefined>, Cancelled> {
    let Some((name, values)) = work.dataset.raters.attributes.get(attribute) else {
        return Ok(Err(Undefined::Because("the raters have no such attribute".to_owned())));
    };
    let numbers: BTreeMap<&str, u32> = work.dataset.raters.values(attribute).into_iter().zip(0..).collect();
    if numbers.len() < 2 || numbers.len() > MAX_ROWS {
        let n = numbers.len();
        return Ok(Err(Undefined::Because(format!("“{name}” has {n} values; groups need 2 to {MAX_ROWS}"))));
    }
    let of: Vec<u32> = values.iter().map(|v| numbers.get(v.as_str()).copied().unwrap_or(u32::MAX)).collect();
    let reports = group_reports(
        work.data,
        &work.measure.metric(),
        (&of, numbers.len()),
        (PERMUTATIONS, work.asked.seed),
        work.progress,
    )?;
    let reports = match reports {
        Ok(reports) => reports,
        Err(reason) => return Ok(Err(reason)),
    };
    let k = work.dataset.labels.len();
    let all = majority_vote(&VoteCounts::new(work.votes, k));
    let mut rows = Vec::with_capacity(numbers.len());
    for (value, &group) in &numbers {
        work.progress.check()?;
        let Some(report) = reports.iter().find(|r| r.group == group) else { continue };
        let inside = |_: u32, rater: u32| of.get(rater as usize) == Some(&group);
        let own = majority_vote(&VoteCounts::new(&work.votes.keep(inside), k));
        let rest = majority_vote(&VoteCounts::new(&work.votes.keep(|i, r| !inside(i, r)), k));
        rows.push(row(value, report, work, (&own, &all), Behind::Parted(parted(&own, &rest))));
    }
    let untested = reports.iter().filter(|r| r.p_values.iter().all(Option::is_none)).count();
    let mut notes = vec![format!(
        "Values are agreement within each group; κx is agreement across. {PERMUTATIONS} permutations of whole raters."
    )];
    if untested > 0 {
        notes.push(format!(
            "{untested} of {} groups are too small to test: it takes 5 raters on each side and 30 shared items.",
            reports.len()
        ));
    }
    let without = of.iter().filter(|&&g| g == u32::MAX).count();
    if without > 0 {
        notes.push(format!("{without} raters have no “{name}” and take no part."));
    }
    Ok(Ok(Parts {
        rows,
        notes,
        about: About::Alpha("Krippendorff's alpha within the group", work.measure.metric()),
        ..Parts::default()
    }))
}

fn row(
    name: &str,
    report: &GroupReport,
    work: &Work,
    (own, all): (&MajorityVote, &MajorityVote),
    behind: Behind,
) -> CutRow {
    let voted: Vec<usize> = (0..work.votes.n_items()).filter(|&i| !own.labels_of(i).is_empty()).collect();
    let same = voted.iter().filter(|&&i| !differ(own, all, i)).count();
    let share = (!voted.is_empty()).then(|| same as f64 / voted.len() as f64);
    let statistic = report.found.within[0].map_or_else(
        || {
            Undefined::Because(
                "nobody else of the group rated the same items, or all said one thing".to_owned(),
            )
            .into()
        },
        |alpha| Estimate::new(alpha, voted.len(), report.n_raters[0]).into(),
    );
    CutRow {
        name: name.to_owned(),
        statistic,
        cells: vec![
            Cell::Number(report.found.xrr),
            Cell::Number(report.found.association[0]),
            Cell::Number(report.adjusted[2]),
            Cell::Number(share),
            Cell::Count(report.n_raters[0] as u64),
        ],
        behind,
    }
}
