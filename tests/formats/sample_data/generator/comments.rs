//! Comment moderation: 600 comments, 14 moderators and 27 crowd workers, a model, and a label in production.
//!
//! Three things are built in on purpose, one for each source of disagreement: wrong labels and careless raters
//! (error), comments that can be read in two ways (ambiguity), and a rule that the two groups read differently
//! (guideline divergence). What was built in where is in the truth file.

use super::rng::Rng;
use super::stock;
use super::{Csv, SampleFile, argmax, npy_f32, probabilities};

const SEED: u64 = 20_240_611;
/// The order in which the guideline lists them; arrays without names are in alphabetical order.
const LABELS: [&str; 5] = ["ok", "insult", "threat", "spam", "hate"];
const ALPHABETICAL: [usize; 5] = [4, 1, 0, 3, 2];
const INSULT: usize = 1;
const SPAM: usize = 3;
const HATE: usize = 4;
/// Plain comments of each label; the rest of the 600 is ambiguous or a question of the guideline.
const PLAIN: [usize; 5] = [280, 80, 34, 66, 34];
const AMBIGUOUS: usize = 66;
const GUIDELINE: usize = 40;
const PLANTED_ERRORS: usize = 60;

const RATERS: usize = 41;
const MODERATORS: usize = 14;
/// R19 says "ok" to nearly everything, R31 clicks at random, R37 has the keys of insult and spam swapped.
const SAYS_OK: usize = 18;
const RANDOM: usize = 30;
const SWAPS: usize = 36;

/// What a sound rater says (columns) of a plain comment (rows) when not attentive.
const SLIPS: [[f64; 5]; 5] = [
    [0.55, 0.22, 0.03, 0.14, 0.06],
    [0.25, 0.45, 0.08, 0.02, 0.20],
    [0.16, 0.28, 0.46, 0.02, 0.08],
    [0.30, 0.04, 0.01, 0.63, 0.02],
    [0.08, 0.40, 0.09, 0.02, 0.41],
];
const PRIOR: [f64; 5] = [0.56, 0.18, 0.06, 0.12, 0.08];

struct Comment {
    text: String,
    kind: &'static str,
    /// What an ideal rater would say; for a question of the guideline, half and half.
    truth: [f64; 5],
}

impl Comment {
    /// The true label, if there is one.
    fn label(&self) -> Option<usize> {
        self.truth.iter().position(|p| *p == 1.0)
    }
}

struct Rater {
    group: &'static str,
    experience: &'static str,
    country: &'static str,
    /// How often the rater says what an ideal rater would say.
    attention: f64,
    activity: f64,
    /// Median seconds on a comment of ten words.
    pace_s: f64,
}

struct Vote {
    rater: usize,
    label: usize,
    seconds: f64,
}

pub fn files() -> Vec<SampleFile> {
    let mut rng = Rng::new(SEED);
    let comments = comments(&mut rng);
    let raters = raters(&mut rng);
    let votes: Vec<Vec<Vote>> = comments.iter().map(|c| votes(c, &raters, &mut rng)).collect();
    let model: Vec<Vec<f64>> = comments.iter().map(|c| model(c, &mut rng)).collect();
    let (given, planted) = given(&comments, &votes, &model, &mut rng);

    let mut table =
        Csv::new(&["item", "text", "given", "rater", "group", "experience", "country", "label", "seconds"]);
    let mut truth =
        Csv::new(&["item", "kind", "true_label", "p_ok", "p_insult", "p_threat", "p_spam", "p_hate"]);
    for (i, comment) in comments.iter().enumerate() {
        let key = format!("c{:03}", i + 1);
        for vote in &votes[i] {
            let rater = &raters[vote.rater];
            table.row(&[
                key.as_str(),
                &comment.text,
                LABELS[given[i]],
                &format!("R{:02}", vote.rater + 1),
                rater.group,
                rater.experience,
                rater.country,
                LABELS[vote.label],
                &format!("{:.1}", vote.seconds),
            ]);
        }
        let mut row = vec![
            key,
            if planted[i] { "planted_error" } else { comment.kind }.to_owned(),
            comment.label().map_or("", |k| LABELS[k]).to_owned(),
        ];
        row.extend(comment.truth.iter().map(|p| format!("{p:.2}")));
        truth.row(&row);
    }
    let columns: Vec<Vec<f64>> =
        model.iter().map(|row| ALPHABETICAL.iter().map(|k| row[*k]).collect()).collect();
    vec![
        table.file("comments/comments.csv"),
        SampleFile { path: "comments/comments_probabilities.npy", bytes: npy_f32(&columns) },
        truth.file("comments/comments_truth.csv"),
    ]
}

fn comments(rng: &mut Rng) -> Vec<Comment> {
    let stock = include_str!("comments.txt");
    let mut all = Vec::new();
    for (k, n) in PLAIN.into_iter().enumerate() {
        for (_, text) in stock::draw(stock, |kind| kind == LABELS[k], n, rng) {
            let mut truth = [0.0; 5];
            truth[k] = 1.0;
            all.push(Comment { text, kind: "plain", truth });
        }
    }
    for (kind, text) in stock::draw(stock, |kind| kind.contains('/'), AMBIGUOUS, rng) {
        let mut truth = [0.0; 5];
        let share = (rng.between(0.42, 0.60) * 100.0).round() / 100.0;
        for (name, p) in kind.split('/').zip([share, 1.0 - share]) {
            truth[LABELS.iter().position(|l| *l == name).expect("a label")] = p;
        }
        all.push(Comment { text, kind: "ambiguous", truth });
    }
    for (_, text) in stock::draw(stock, |kind| kind == "guideline", GUIDELINE, rng) {
        let mut truth = [0.0; 5];
        truth[INSULT] = 0.5;
        truth[HATE] = 0.5;
        all.push(Comment { text, kind: "guideline", truth });
    }
    for comment in &mut all {
        typed(&mut comment.text, rng);
    }
    rng.shuffle(&mut all);
    all
}

/// People do not all type alike: some leave out capitals, some the full stop, some mean it!!
fn typed(text: &mut String, rng: &mut Rng) {
    let lower = rng.chance(0.13);
    let first: String = text.chars().take(2).collect();
    if lower && first != "I " && first != "I'" {
        let rest: String = text.chars().skip(1).collect();
        *text = text.chars().take(1).flat_map(char::to_lowercase).collect::<String>() + &rest;
    }
    let end = rng.unit();
    if text.ends_with('.') && !text.ends_with("..") {
        if end < 0.14 {
            text.pop();
        } else if end < 0.19 {
            text.pop();
            text.push_str("!!");
        }
    }
}

fn raters(rng: &mut Rng) -> Vec<Rater> {
    (0..RATERS)
        .map(|r| {
            let moderator = r < MODERATORS;
            let attention = if moderator {
                rng.normal(0.92, 0.025).clamp(0.86, 0.98)
            } else {
                rng.normal(0.83, 0.05).clamp(0.74, 0.95)
            };
            let experience = if moderator {
                ["regular", "expert"][rng.below(2)]
            } else {
                ["novice", "regular"][rng.below(2)]
            };
            let country = ["Canada", "Ireland", "Kenya", "Portugal"][rng.below(4)];
            let pace_s = 9.0 * rng.normal(0.0, 0.22).exp();
            Rater {
                group: if moderator { "moderator" } else { "crowd" },
                experience,
                country,
                attention,
                activity: rng.between(0.6, 1.4),
                pace_s: match r {
                    SAYS_OK => 3.0,
                    RANDOM => 2.2,
                    _ => pace_s,
                },
            }
        })
        .collect()
}

/// Five to seven votes, at least two from each group, in the order in which they came in.
fn votes(comment: &Comment, raters: &[Rater], rng: &mut Rng) -> Vec<Vote> {
    let n = [5, 6, 7][rng.weighted(&[0.3, 0.4, 0.3])];
    let chosen = loop {
        let mut weights: Vec<f64> = raters.iter().map(|r| r.activity).collect();
        let mut chosen = Vec::with_capacity(n);
        for _ in 0..n {
            let r = rng.weighted(&weights);
            weights[r] = 0.0;
            chosen.push(r);
        }
        let moderators = chosen.iter().filter(|r| **r < MODERATORS).count();
        if moderators >= 2 && n - moderators >= 2 {
            break chosen;
        }
    };
    let words = comment.text.split_whitespace().count() as f64;
    let hard = if comment.kind == "plain" { 1.0 } else { 1.35 };
    chosen
        .into_iter()
        .map(|rater| {
            let label = vote(comment, rater, &raters[rater], rng);
            let careless = matches!(rater, SAYS_OK | RANDOM);
            let effort = if careless { 1.0 } else { (0.5 + 0.05 * words) * hard };
            let seconds = raters[rater].pace_s * effort * rng.normal(0.0, 0.35).exp();
            Vote { rater, label, seconds: seconds.max(0.8) }
        })
        .collect()
}

fn vote(comment: &Comment, r: usize, rater: &Rater, rng: &mut Rng) -> usize {
    if r == RANDOM {
        return rng.below(5);
    }
    if r == SAYS_OK && rng.chance(0.72) {
        return 0;
    }
    let label = if rng.chance(rater.attention) {
        if comment.kind == "guideline" {
            // The guideline says "hate is an attack on a group". The moderators were told that a mere jibe is an
            // insult whomever it hits; the crowd was not.
            let (mine, other) = if r < MODERATORS { (INSULT, HATE) } else { (HATE, INSULT) };
            if rng.chance(0.90) { mine } else { other }
        } else {
            rng.weighted(&comment.truth)
        }
    } else {
        let base = comment.label().unwrap_or_else(|| rng.weighted(&comment.truth));
        rng.weighted(&SLIPS[base])
    };
    match (r, label) {
        (SWAPS, INSULT) if rng.chance(0.85) => SPAM,
        (SWAPS, SPAM) if rng.chance(0.85) => INSULT,
        _ => label,
    }
}

/// What a model would say of a comment that it did not learn from: mostly right, sometimes misled, split where raters
/// are, and about as sure as it should be.
fn model(comment: &Comment, rng: &mut Rng) -> Vec<f64> {
    let mut belief = comment.truth;
    if let Some(k) = comment.label().filter(|_| rng.chance(0.13)) {
        let mut slips = SLIPS[k];
        slips[k] = 0.0;
        let other = rng.weighted(&slips);
        let share = rng.between(0.3, 0.85);
        belief[k] = 1.0 - share;
        belief[other] = share;
    }
    let scores: Vec<f64> = (0..5)
        .map(|k| {
            let near: f64 = (0..5).map(|t| comment.truth[t] * SLIPS[t][k]).sum();
            1.3 * (0.72 * belief[k] + 0.20 * near + 0.02).ln() + rng.normal(0.0, 0.55)
        })
        .collect();
    probabilities(&scores)
}

/// The label in production, and where it was planted as an error: on plain comments that the votes and the model get
/// right, so that the evidence against it is there to be found.
fn given(
    comments: &[Comment],
    votes: &[Vec<Vote>],
    model: &[Vec<f64>],
    rng: &mut Rng,
) -> (Vec<usize>, Vec<bool>) {
    let mut given: Vec<usize> = comments.iter().map(|c| rng.weighted(&c.truth)).collect();
    let mut candidates: Vec<usize> = (0..comments.len())
        .filter(|i| {
            let mut counts = [0.0; 5];
            for vote in &votes[*i] {
                counts[vote.label] += 1.0;
            }
            let majority = argmax(&counts);
            let untied = counts.iter().filter(|n| **n == counts[majority]).count() == 1;
            let label = comments[*i].label();
            untied && label == Some(majority) && label == Some(argmax(&model[*i]))
        })
        .collect();
    rng.shuffle(&mut candidates);
    let mut planted = vec![false; comments.len()];
    for i in candidates.into_iter().take(PLANTED_ERRORS) {
        let mut wrong: Vec<f64> = (0..5).map(|k| 0.6 * SLIPS[given[i]][k] + 0.4 * PRIOR[k]).collect();
        wrong[given[i]] = 0.0;
        given[i] = rng.weighted(&wrong);
        planted[i] = true;
    }
    (given, planted)
}
