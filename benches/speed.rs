//! Speed of the heavy computations, each beside a plain single-threaded restatement: `cargo bench --bench speed`.
//!
//! The ratio of the two is printed at the end: the plain one sorts whole columns where the program selects.

#![allow(clippy::print_stdout, missing_docs)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use dissensus::dataset::{LabelId, Probabilities};
use dissensus::progress::Progress;
use dissensus::stats::confident::{ConfidentLearning, Filter, calibrate, confident_learning};

const ROWS: usize = 1_000_000;
const LABELS: usize = 10;

fn main() {
    divan::main();
    if std::env::args().any(|a| a == "--test" || a == "--list") {
        return;
    }
    let data = Data::new(ROWS, LABELS);
    let (fast, ours) = timed(|| data.run());
    let (slow, plain) = timed(|| data.plain());
    assert_eq!(ours.counts, plain, "the two must count the same issues");
    println!(
        "confident learning, {ROWS} rows × {LABELS} labels: {:.3} s, plain {:.3} s, {:.1} times as fast",
        fast.as_secs_f64(),
        slow.as_secs_f64(),
        slow.as_secs_f64() / fast.as_secs_f64()
    );
}

fn timed<T>(f: impl Fn() -> T) -> (Duration, T) {
    let mut best = Duration::MAX;
    let mut result = None;
    for _ in 0..3 {
        let start = Instant::now();
        result = Some(black_box(f()));
        best = best.min(start.elapsed());
    }
    (best, result.expect("three runs have one result"))
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn confident_1m_by_10(bencher: divan::Bencher) {
    bencher.with_inputs(|| Data::new(ROWS, LABELS)).bench_refs(|data| data.run());
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn confident_50k_by_1000(bencher: divan::Bencher) {
    bencher.with_inputs(|| Data::new(50_000, 1000)).bench_refs(|data| data.run());
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn confident_1m_by_10_plain(bencher: divan::Bencher) {
    bencher.with_inputs(|| Data::new(ROWS, LABELS)).bench_refs(|data| data.plain());
}

/// Noisy labels (8 % flipped) and the softmax of noise plus a signal for the true label.
struct Data {
    labels: Vec<LabelId>,
    values: Vec<f64>,
    probabilities: Probabilities,
    k: usize,
}

impl Data {
    fn new(n: usize, k: usize) -> Self {
        let mut state = 20_240_601_u64;
        let mut uniform = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let mut labels = Vec::with_capacity(n);
        let mut values = Vec::with_capacity(n * k);
        for _ in 0..n {
            let truth = (uniform() * k as f64) as usize;
            let label = if uniform() < 0.08 { (truth + 1 + (uniform() * 3.0) as usize) % k } else { truth };
            labels.push(label as LabelId);
            let start = values.len();
            // The sum of three uniforms is near enough to a normal.
            values.extend((0..k).map(|_| 2.0 * (uniform() + uniform() + uniform() - 1.5)));
            values[start + truth] += 3.0 + 0.5 * (k as f64).ln();
            let row = &mut values[start..];
            for v in row.iter_mut() {
                *v = v.exp();
            }
            let sum: f64 = row.iter().sum();
            for v in row {
                *v /= sum;
            }
        }
        let probabilities = Probabilities::from_f64(values.clone(), n, k).expect("n × k values");
        Self { labels, values, probabilities, k }
    }

    fn run(&self) -> ConfidentLearning {
        confident_learning(&self.labels, &self.probabilities, &Progress::new()).expect("valid data")
    }

    fn row(&self, i: usize) -> &[f64] {
        &self.values[i * self.k..][..self.k]
    }

    /// The definitions one after the other, on one thread, with full stable sorts: rows that each filter flags.
    fn plain(&self) -> [u64; 7] {
        let (n, k) = (self.labels.len(), self.k);
        let given = |i: usize| self.labels[i] as usize;
        let argmax = |row: &[f64]| (1..k).fold(0, |best, j| if row[j] > row[best] { j } else { best });
        let mut members = vec![Vec::new(); k];
        (0..n).for_each(|i| members[given(i)].push(i));
        let counts: Vec<u64> = members.iter().map(|m| m.len() as u64).collect();
        let thresholds: Vec<f64> = members
            .iter()
            .enumerate()
            .map(|(j, m)| m.iter().map(|&i| self.row(i)[j]).sum::<f64>() / m.len() as f64)
            .collect();
        let vetoed: Vec<bool> = (0..n)
            .map(|i| {
                let mut row = self.row(i).to_vec();
                row[given(i)] += 1e-6;
                argmax(&row) == given(i)
            })
            .collect();
        let mut joint = vec![vec![0_u64; k]; k];
        let mut off_diagonal = vec![false; n];
        for i in 0..n {
            let row = self.row(i);
            let confident: Vec<usize> = (0..k).filter(|&j| row[j] >= thresholds[j] - 1e-6).collect();
            let guess = match confident[..] {
                [] => continue,
                [only] => only,
                _ => argmax(row),
            };
            joint[given(i)][guess] += 1;
            off_diagonal[i] = guess != given(i);
        }
        (0..k).for_each(|j| joint[j][j] = joint[j][j].max(1));
        let calibrated = calibrate(&joint, &counts);
        let lowest = |mut keys: Vec<(f64, usize)>, take: usize| {
            keys.sort_by(|a, b| a.0.total_cmp(&b.0));
            keys.truncate(take);
            keys.into_iter().map(|e| e.1)
        };
        let (mut by_class, mut by_noise) = (vec![false; n], vec![false; n]);
        for j in 0..k {
            let keys = members[j].iter().map(|&i| (self.row(i)[j], i)).collect();
            lowest(keys, (counts[j] - calibrated[j][j]) as usize).for_each(|i| by_class[i] = true);
            for other in (0..k).filter(|&other| other != j && calibrated[j][other] > 0) {
                let keys = members[j].iter().map(|&i| (self.row(i)[j] - self.row(i)[other], i)).collect();
                lowest(keys, calibrated[j][other] as usize).for_each(|i| by_noise[i] = true);
            }
        }
        let off = (0..n).filter(|&i| off_diagonal[i] && !vetoed[i]).count();
        let others = |i: usize| (0..k).filter(move |&j| j != given(i)).map(move |j| self.row(i)[j]);
        let margin: Vec<(f64, usize)> = (0..n)
            .map(|i| (f64::midpoint(self.row(i)[given(i)] - others(i).fold(f64::MIN, f64::max), 1.0), i))
            .collect();
        let entropy: f64 = (0..n).map(|i| self.row(i).iter().map(|p| -p * p.ln()).sum::<f64>()).sum();
        black_box(entropy);
        let confidence: Vec<(f64, usize)> = (0..n).map(|i| (self.row(i)[given(i)], i)).collect();
        let mut result = [0_u64; 7];
        for i in (0..n).filter(|&i| !vetoed[i]) {
            result[Filter::PruneByClass as usize] += u64::from(by_class[i]);
            result[Filter::PruneByNoiseRate as usize] += u64::from(by_noise[i]);
            result[Filter::Both as usize] += u64::from(by_class[i] && by_noise[i]);
            result[Filter::PredictedNeqGiven as usize] += 1;
        }
        result[Filter::ConfidentLearning as usize] = off as u64;
        result[Filter::LowNormalizedMargin as usize] = lowest(margin, off).count() as u64;
        result[Filter::LowSelfConfidence as usize] = lowest(confidence, off).count() as u64;
        result
    }
}
