//! Sentences by hand: a stock of `kind: text` lines in which `[a|b|c]` is a choice and `[=a|b|c]` repeats the choice
//! before it.

use super::rng::Rng;

/// One line of a stock.
struct Template<'a> {
    kind: &'a str,
    text: &'a str,
}

fn templates(stock: &str) -> impl Iterator<Item = Template<'_>> {
    stock.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| {
        let (kind, text) = line.split_once(": ").expect("a stock line is `kind: text`");
        Template { kind, text }
    })
}

/// `n` distinct texts of each kind that `wanted` accepts, as (kind, text): every template is used once before any is
/// used twice, and two uses of a template differ in as many places as they can.
pub fn draw(stock: &str, wanted: impl Fn(&str) -> bool, n: usize, rng: &mut Rng) -> Vec<(String, String)> {
    let mut variants: Vec<(String, Vec<String>)> = templates(stock)
        .filter(|t| wanted(t.kind))
        .map(|t| (t.kind.to_owned(), expansions(t.text, rng)))
        .collect();
    rng.shuffle(&mut variants);
    let mut drawn = Vec::with_capacity(n);
    let mut round = 0;
    while drawn.len() < n {
        let before = drawn.len();
        for (kind, texts) in &variants {
            if let Some(text) = texts.get(round).filter(|_| drawn.len() < n) {
                drawn.push((kind.clone(), text.clone()));
            }
        }
        assert!(drawn.len() > before, "the stock has too few texts: {} of {n}", drawn.len());
        round += 1;
    }
    drawn
}

/// All texts that a template stands for, each once.
fn expansions(text: &str, rng: &mut Rng) -> Vec<String> {
    let slots: Vec<usize> = choices(text).iter().filter(|c| !c.0).map(|c| c.1.len()).collect();
    let start: Vec<usize> = slots.iter().map(|n| rng.below(*n)).collect();
    let mut all: Vec<String> = Vec::new();
    let mut add = |picks: &[usize]| {
        let full = fill(text, picks);
        if !all.contains(&full) {
            all.push(full);
        }
    };
    // First along the diagonal, where every choice changes, then whatever is left.
    for j in 0..slots.iter().copied().max().unwrap_or(1) {
        let picks: Vec<usize> = slots.iter().zip(&start).map(|(n, s)| (s + j) % n).collect();
        add(&picks);
    }
    for mut code in 0..slots.iter().product() {
        let mut picks = Vec::with_capacity(slots.len());
        for n in &slots {
            picks.push(code % n);
            code /= n;
        }
        add(&picks);
    }
    all
}

/// The choices of a template, in order: whether it repeats the one before, and its options.
fn choices(text: &str) -> Vec<(bool, Vec<&str>)> {
    let bracketed = text.split('[').skip(1).filter_map(|part| part.split_once(']')).map(|(inside, _)| inside);
    bracketed
        .map(|inside| {
            let repeats = inside.starts_with('=');
            (repeats, inside.trim_start_matches('=').split('|').collect())
        })
        .collect()
}

fn fill(text: &str, picks: &[usize]) -> String {
    let mut options = choices(text).into_iter();
    let mut picks = picks.iter();
    let mut pick = 0;
    let mut parts = text.split('[');
    let mut full = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (_, rest) = part.split_once(']').expect("a choice is closed");
        let (repeats, words) = options.next().expect("one choice a bracket");
        if !repeats {
            pick = *picks.next().expect("one pick a choice");
        }
        full.push_str(words[pick]);
        full.push_str(rest);
    }
    full
}
