//! The questions of a source, each read anew and measured by its own scale.

use super::{About, Behind, Cell, CutRow, MAX_ROWS, Parts, Work};
use crate::analysis::coefficients::{Asked, Measure};
use crate::analysis::questions;
use crate::progress::Cancelled;
use crate::stats::agreement::{Coefficient, coefficient};
use crate::stats::{Statistic, Undefined};

pub(super) fn questions(work: &Work) -> Result<Result<Parts, Undefined>, Cancelled> {
    let all = &work.dataset.questions;
    let n_more = all.len().saturating_sub(MAX_ROWS);
    let mut parts = Parts { n_more, about: About::Each, ..Parts::default() };
    if work.asked.of.items.is_some() {
        parts.notes.push("All items of each question count, whatever is filtered here.".to_owned());
    }
    for (number, question) in all.iter().take(MAX_ROWS).enumerate() {
        // Its own scale, not the one chosen for the question on screen.
        let asked = Asked { measure: None, items: None, ..work.asked.of.clone() };
        let dataset = match questions::question(work.dataset, number, work.progress)? {
            Ok(dataset) => dataset,
            Err(why) => {
                parts.rows.push(row(&question.name, why.into(), [0, 0, 0]));
                continue;
            }
        };
        let dataset = dataset.as_ref();
        let votes = asked.votes(dataset);
        let (measure, data) = asked.data(dataset, &votes);
        let statistic = match Coefficient::of(work.asked.kind).map(|about| measure.spec(about)) {
            Some(Ok((spec, _))) => coefficient(&data, &spec, &asked.interval, work.progress)?,
            Some(Err(why)) => Undefined::Because(why.to_owned()).into(),
            None => Undefined::Because("there is no such coefficient".to_owned()).into(),
        };
        let voted = (0..votes.n_items()).filter(|&i| votes.count(i) > 0).count();
        let active = (0..votes.n_raters()).filter(|&r| votes.of_rater(r).len() > 0).count();
        let name = match measure {
            Measure::Nominal => question.name.clone(),
            other => format!("{} ({})", question.name, other.words().0.to_lowercase()),
        };
        let mut row = row(&name, statistic, [voted, active, dataset.labels.len()]);
        row.behind = Behind::Question(question.name.clone());
        parts.rows.push(row);
    }
    parts.notes.push("Each question is read anew and measured on the scale of its own answers.".to_owned());
    Ok(Ok(parts))
}

fn row(name: &str, statistic: Statistic, counts: [usize; 3]) -> CutRow {
    CutRow {
        name: name.to_owned(),
        statistic,
        cells: counts.iter().map(|&n| Cell::Count(n as u64)).collect(),
        behind: Behind::Question(name.to_owned()),
    }
}
