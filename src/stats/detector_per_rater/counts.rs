//! Does a score go with the number of raters that mark a unit?

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::curve::CHECK_EVERY;
use super::{RaterMarks, Summary, UNJUDGED, YES};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::agreement::spearman;
use crate::stats::random::Stream;

/// Groups of more raters than this are not looked at.
const MOST_SIZES: usize = 12;

/// Spearman's ρ over groups of one size.
#[derive(Debug, Clone, PartialEq)]
pub struct SizeCorrelation {
    /// Raters in a group.
    pub size: usize,
    /// Groups.
    pub n_subsets: usize,
    /// ρ over groups that have one (for raters: over groups and raters outside); each over the units that all of the group
    /// judged, mid-ranks for ties. Undefined where all scores, or all counts, are equal.
    pub rho: Result<Summary, Undefined>,
}

/// Groups of raters of each size from 1 on, at most `most` of a size: all of them, or so many different ones drawn.
pub(super) fn subsets(n_raters: usize, most: usize, seed: u64) -> Vec<Vec<Vec<usize>>> {
    (1..=n_raters.min(MOST_SIZES))
        .map(|size| {
            if choices(n_raters, size) <= most as u128 {
                return all_of(n_raters, size);
            }
            // Streams of the floor are numbered from 0.
            let mut stream = Stream::new(seed, (1 << 32) + size as u64);
            let mut found = BTreeSet::new();
            let mut raters: Vec<usize> = (0..n_raters).collect();
            for _ in 0..20 * most {
                stream.shuffle(&mut raters);
                let mut group = raters[..size].to_vec();
                group.sort_unstable();
                found.insert(group);
                if found.len() == most {
                    break;
                }
            }
            found.into_iter().collect()
        })
        .collect()
}

/// n over k, k at most 12 and n at most 512.
fn choices(n: usize, k: usize) -> u128 {
    (0..k as u128).fold(1, |ways, i| ways * (n as u128 - i) / (i + 1))
}

/// All groups, in the order of their numbers.
fn all_of(n: usize, size: usize) -> Vec<Vec<usize>> {
    let mut out = Vec::new();
    let mut group: Vec<usize> = (0..size).collect();
    loop {
        out.push(group.clone());
        let Some(at) = (0..size).rev().find(|&i| group[i] < n - size + i) else { return out };
        group[at] += 1;
        for i in at + 1..size {
            group[i] = group[i - 1] + 1;
        }
    }
}

/// How many of a group mark a unit; `None` where one of them did not judge it.
fn count(said: &[u8], group: &[usize]) -> Option<usize> {
    let mut n = 0;
    for &rater in group {
        match said[rater] {
            UNJUDGED => return None,
            mark => n += usize::from(mark == YES),
        }
    }
    Some(n)
}

/// Of a score, with units by descending score.
pub(super) fn of_scores(
    order: &[u32],
    scores: &[f64],
    marks: &RaterMarks,
    subsets: &[Vec<Vec<usize>>],
    progress: &Progress,
) -> Result<Vec<SizeCorrelation>, Cancelled> {
    each_size(subsets, |group| Ok(of_score(order, scores, marks, group, progress)?.into_iter().collect()))
}

fn each_size(
    subsets: &[Vec<Vec<usize>>],
    of: impl Fn(&[usize]) -> Result<Vec<f64>, Cancelled> + Sync,
) -> Result<Vec<SizeCorrelation>, Cancelled> {
    let sizes = subsets.iter().map(|groups| {
        let found: Vec<Vec<f64>> =
            groups.par_iter().map(|group| of(group)).collect::<Result<_, Cancelled>>()?;
        Ok(SizeCorrelation {
            size: groups.first().map_or(0, Vec::len),
            n_subsets: groups.len(),
            rho: Summary::of(found.into_iter().flatten(), "all scores, or all numbers of marks, are equal"),
        })
    });
    sizes.collect()
}

/// ρ of a score and a number of marks. Ranks are doubled, so that all sums are whole numbers.
fn of_score(
    order: &[u32],
    scores: &[f64],
    marks: &RaterMarks,
    group: &[usize],
    progress: &Progress,
) -> Result<Option<f64>, Cancelled> {
    // For each number of marks: units, and the sum of their ranks from the top.
    let mut levels = vec![(0_u64, 0_u128); group.len() + 1];
    let mut here = vec![0_u64; group.len() + 1];
    let (mut above, mut cubes, mut since) = (0_u64, 0_u128, 0);
    for tied in order.chunk_by(|&a, &b| scores[a as usize] == scores[b as usize]) {
        since += tied.len();
        if since >= CHECK_EVERY {
            since = 0;
            progress.check()?;
        }
        let mut t = 0;
        for &unit in tied {
            if let Some(n) = count(marks.of_unit(unit as usize), group) {
                here[n] += 1;
                t += 1;
            }
        }
        let rank = 2 * above + t + 1;
        for (level, n) in levels.iter_mut().zip(&mut here) {
            level.0 += *n;
            level.1 += u128::from(*n) * u128::from(rank);
            *n = 0;
        }
        above += t;
        cubes += u128::from(t).pow(3) - u128::from(t);
    }
    let n = i128::from(above);
    let whole = u128::from(above).pow(3) - u128::from(above);
    let (mut below, mut count_cubes, mut product) = (0_i128, 0_u128, 0_i128);
    for &(units, ranks) in &levels {
        let rank = 2 * below + i128::from(units) + 1;
        // From the top to from the bottom, both about their mean n + 1.
        product += ((n + 1) * i128::from(units) - ranks as i128) * (rank - (n + 1));
        below += i128::from(units);
        count_cubes += u128::from(units).pow(3) - u128::from(units);
    }
    let spread = (whole - cubes) as f64 * (whole - count_cubes) as f64;
    Ok((spread > 0.0).then(|| (3.0 * product as f64 / spread.sqrt()).clamp(-1.0, 1.0)))
}

/// Of the marks of each rater outside of a group.
pub(super) fn of_humans(
    marks: &RaterMarks,
    subsets: &[Vec<Vec<usize>>],
    progress: &Progress,
) -> Result<Vec<SizeCorrelation>, Cancelled> {
    progress.stage("Counting marks", 0);
    each_size(subsets, |group| {
        let n_raters = marks.n_raters();
        let width = 2 * (group.len() + 1);
        // For each rater, the table of marked or not by the number of marks.
        let mut tables = vec![0_u64; n_raters * width];
        for unit in 0..marks.n_units() {
            if unit % CHECK_EVERY == 0 {
                progress.check()?;
            }
            let said = marks.of_unit(unit);
            let Some(n) = count(said, group) else { continue };
            for (rater, &said) in said.iter().enumerate().filter(|(_, said)| **said != UNJUDGED) {
                tables[rater * width + 2 * n + usize::from(said == YES)] += 1;
            }
        }
        let values: Vec<f64> = (0..=group.len().max(1)).map(|n| n as f64).collect();
        let outside = (0..n_raters).filter(|rater| group.binary_search(rater).is_err());
        Ok(outside
            .filter_map(|rater| {
                let table = tables[rater * width..(rater + 1) * width].iter().enumerate();
                let cells: Vec<(u32, u32, u64)> = table
                    .filter(|(_, n)| **n > 0)
                    .map(|(at, &n)| (at as u32 % 2, at as u32 / 2, n))
                    .collect();
                spearman(&cells, &values).ok()
            })
            .collect())
    })
}
