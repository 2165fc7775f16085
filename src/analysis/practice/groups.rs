//! Groups of raters: who gets better than whom, and who is right more often.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{GroupCourse, RaterCourse, WORK};
use crate::dataset::Dataset;
use crate::progress::{Cancelled, Progress};
use crate::stats::agreement::benjamini_hochberg;
use crate::stats::rater_groups::{NumberGap, TestOptions, number_gap};
use crate::stats::skill::{Courses, SkillOverTime};

/// Values of an attribute that are looked at one by one, at most, and groups in all.
const MOST_VALUES: usize = 12;
const MOST_GROUPS: usize = 24;
/// Most items behind all groups together; groups beyond open nothing.
const MOST_BEHIND: usize = 20_000_000;

/// What is known of the raters of the curve.
pub(super) struct Followed<'a> {
    pub(super) courses: &'a Courses,
    pub(super) found: &'a SkillOverTime,
    pub(super) raters: &'a [RaterCourse],
    pub(super) wrong: &'a [(u32, u32)],
}

/// Raters with a value against those with another; raters without a value take no part.
struct Split<'d> {
    attribute: &'d str,
    value: &'d str,
    other: Option<&'d str>,
    /// Of each rater of the curve.
    has: Vec<Option<bool>>,
}

/// Compares the groups that attributes of raters make; how many are left out.
pub(super) fn groups(
    dataset: &Dataset,
    followed: &Followed<'_>,
    seed: u64,
    progress: &Progress,
) -> Result<(Vec<GroupCourse>, usize), Cancelled> {
    let curve = &followed.found.raters;
    let number = |at: u32| followed.raters[at as usize].rater as usize;
    let (mut splits, mut n_more) = (Vec::new(), 0);
    for (attribute, values) in &dataset.raters.attributes {
        progress.check()?;
        let of = |at: u32| values.get(number(at)).map_or("", String::as_str);
        let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
        for value in curve.iter().map(|s| of(s.rater)).filter(|v| !v.is_empty()) {
            *sizes.entry(value).or_default() += 1;
            if sizes.len() > MOST_VALUES {
                break;
            }
        }
        if !(2..=MOST_VALUES).contains(&sizes.len()) {
            continue;
        }
        let names: Vec<&str> = sizes.into_keys().collect();
        // Of two values the first against the second says it all.
        let (shown, other) =
            if names.len() == 2 { (&names[..1], Some(names[1])) } else { (&names[..], None) };
        for &value in shown {
            let has = |at: u32| Some(of(at)).filter(|v| !v.is_empty()).map(|v| v == value);
            let has: Vec<Option<bool>> = curve.iter().map(|s| has(s.rater)).collect();
            // One rater is no group.
            let n = |side: bool| has.iter().filter(|h| **h == Some(side)).count();
            if n(true) < 2 || n(false) < 2 {
                continue;
            }
            if splits.len() == MOST_GROUPS {
                n_more += 1;
                continue;
            }
            splits.push(Split { attribute, value, other, has });
        }
    }
    progress.stage("Comparing groups of raters", splits.len() as u64);
    let permutations = (WORK / (2 * splits.len() * curve.len()).max(1)).clamp(99, 5000) as u32;
    let options = TestOptions { permutations, seed, ..TestOptions::default() };
    let mut room = MOST_BEHIND;
    let mut found = Vec::with_capacity(splits.len());
    for split in &splits {
        found.push(compared(split, followed, &options, &mut room, progress)?);
    }
    let p = |gap: &Result<NumberGap, _>| Some(gap.as_ref().ok()?.test.as_ref().ok()?.p_value);
    let adjusted = [
        benjamini_hochberg(found.iter().map(|g| p(&g.slope)).collect::<Vec<_>>()),
        benjamini_hochberg(found.iter().map(|g| p(&g.mean)).collect::<Vec<_>>()),
    ];
    for (at, group) in found.iter_mut().enumerate() {
        group.adjusted = [adjusted[0][at], adjusted[1][at]];
    }
    found.sort_by(|a, b| {
        let p = |g: &GroupCourse, which: usize| g.adjusted[which].unwrap_or(2.0);
        let wide = |g: &GroupCourse| g.slope.as_ref().map_or(0.0, |s| s.gap.abs());
        (p(a, 0).total_cmp(&p(b, 0)))
            .then(p(a, 1).total_cmp(&p(b, 1)))
            .then(wide(b).total_cmp(&wide(a)))
            .then_with(|| (&a.attribute, &a.value).cmp(&(&b.attribute, &b.value)))
    });
    Ok((found, n_more))
}

fn compared(
    split: &Split<'_>,
    followed: &Followed<'_>,
    options: &TestOptions,
    room: &mut usize,
    progress: &Progress,
) -> Result<GroupCourse, Cancelled> {
    let k = followed.found.curve.len();
    let (mut first, mut slopes, mut means) = (Vec::new(), Vec::new(), Vec::new());
    let mut curves = [vec![0.0; k], vec![0.0; k]];
    let mut wrong: Vec<u32> = Vec::new();
    for (skill, has) in followed.found.raters.iter().zip(&split.has) {
        let Some(has) = *has else { continue };
        first.push(has);
        slopes.push(skill.slope);
        means.push(skill.mean);
        let scores = &followed.courses.of(skill.rater as usize)[..k];
        curves[usize::from(!has)].iter_mut().zip(scores).for_each(|(sum, &s)| *sum += f64::from(s));
        if has {
            let own = &followed.wrong[followed.raters[skill.rater as usize].wrong.clone()];
            let early = own.iter().take_while(|w| (w.1 as usize) < k).map(|w| w.0);
            wrong.extend(early.take(room.saturating_sub(wrong.len()) + 1));
        }
    }
    // A part of what is behind it would pass for the whole.
    if wrong.len() > *room {
        wrong = Vec::new();
    }
    wrong.sort_unstable();
    wrong.dedup();
    *room -= wrong.len();
    let n_first = first.iter().filter(|is| **is).count();
    for (curve, n) in curves.iter_mut().zip([n_first, first.len() - n_first]) {
        curve.iter_mut().for_each(|sum| *sum /= n.max(1) as f64);
    }
    let slope = number_gap(&slopes, &first, options, progress)?;
    let mean = number_gap(&means, &first, options, progress)?;
    progress.add(1);
    Ok(GroupCourse {
        attribute: split.attribute.to_owned(),
        value: split.value.to_owned(),
        other: split.other.map(str::to_owned),
        slope,
        mean,
        adjusted: [None, None],
        curves,
        wrong: Arc::from(wrong),
    })
}
