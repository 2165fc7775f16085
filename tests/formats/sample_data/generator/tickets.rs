//! Support tickets of an invented shop: 400 texts with one label each, a model's probabilities, and planted errors.

use super::rng::Rng;
use super::stock;
use super::{Csv, SampleFile, argmax, probabilities};

const SEED: u64 = 1_979;
const LABELS: [&str; 6] = ["account", "billing", "bug", "feature", "refund", "shipping"];
/// Plain tickets of each label.
const PLAIN: [usize; 6] = [60, 61, 61, 62, 60, 60];
const AMBIGUOUS: usize = 36;
const PLANTED_ERRORS: usize = 32;

struct Ticket {
    text: String,
    /// One label, or two that would both do.
    truth: Vec<usize>,
}

pub fn files() -> Vec<SampleFile> {
    let mut rng = Rng::new(SEED);
    let tickets = tickets(&mut rng);
    let model: Vec<Vec<f64>> = tickets.iter().map(|t| model(t, &mut rng)).collect();
    let mut label: Vec<usize> = tickets.iter().map(|t| t.truth[rng.below(t.truth.len())]).collect();
    let mut candidates: Vec<usize> = (0..tickets.len())
        .filter(|i| tickets[*i].truth.len() == 1 && argmax(&model[*i]) == tickets[*i].truth[0])
        .collect();
    rng.shuffle(&mut candidates);
    let mut planted = vec![false; tickets.len()];
    for i in candidates.into_iter().take(PLANTED_ERRORS) {
        // Somebody picked the neighbour in the list of labels, or any other.
        let k = label[i];
        label[i] = if rng.chance(0.4) { (k + 1) % 6 } else { (k + 1 + rng.below(5)) % 6 };
        planted[i] = true;
    }

    let mut table = Csv::new(&["id", "text", "label"]);
    let mut truth = Csv::new(&["id", "kind", "true_label"]);
    let header: Vec<String> =
        std::iter::once("id".to_owned()).chain(LABELS.iter().map(|l| format!("prob_{l}"))).collect();
    let mut probs = Csv::new(&header.iter().map(String::as_str).collect::<Vec<_>>());
    for (i, ticket) in tickets.iter().enumerate() {
        let key = format!("t{:03}", i + 1);
        table.row(&[&key, &ticket.text, LABELS[label[i]]]);
        let kind = match (planted[i], ticket.truth.len()) {
            (true, _) => "planted_error",
            (false, 1) => "plain",
            (false, _) => "ambiguous",
        };
        let names: Vec<&str> = ticket.truth.iter().map(|k| LABELS[*k]).collect();
        truth.row(&[key.as_str(), kind, &names.join("|")]);
        let mut row = vec![key];
        row.extend(model[i].iter().map(|p| format!("{p:.4}")));
        probs.row(&row);
    }
    vec![
        table.file("tickets/tickets.csv"),
        probs.file("tickets/tickets_probabilities.csv"),
        truth.file("tickets/tickets_truth.csv"),
    ]
}

fn tickets(rng: &mut Rng) -> Vec<Ticket> {
    let stock = include_str!("tickets.txt");
    let mut all = Vec::new();
    for (k, n) in PLAIN.into_iter().enumerate() {
        for (_, text) in stock::draw(stock, |kind| kind == LABELS[k], n, rng) {
            all.push(Ticket { text, truth: vec![k] });
        }
    }
    for (kind, text) in stock::draw(stock, |kind| kind.contains('/'), AMBIGUOUS, rng) {
        let truth =
            kind.split('/').map(|name| LABELS.iter().position(|l| *l == name).expect("a label")).collect();
        all.push(Ticket { text, truth });
    }
    rng.shuffle(&mut all);
    all
}

fn model(ticket: &Ticket, rng: &mut Rng) -> Vec<f64> {
    let mut belief = [0.0; 6];
    for k in &ticket.truth {
        belief[*k] = 1.0 / ticket.truth.len() as f64;
    }
    if ticket.truth.len() == 1 && rng.chance(0.12) {
        let other = (ticket.truth[0] + 1 + rng.below(5)) % 6;
        let share = rng.between(0.3, 0.85);
        belief[ticket.truth[0]] = 1.0 - share;
        belief[other] = share;
    }
    let scores: Vec<f64> =
        belief.iter().map(|b| 1.2 * (0.85 * b + 0.03).ln() + rng.normal(0.0, 0.55)).collect();
    probabilities(&scores)
}
