//! News of an invented coast, tagged twice: as it was published, and again under a newer guideline.

use super::SampleFile;
use super::rng::Rng;

const SEED: u64 = 2_003;
const SENTENCES: usize = 240;

const TOWNS: [&str; 10] = [
    "Aalby",
    "Ravnstad",
    "Norvik",
    "Lindholm",
    "Port Esme",
    "Grauden",
    "Tyrsund",
    "Halden Bay",
    "Ostrow",
    "Mirefield",
];
const FIRST: [&str; 9] = ["Anna", "Mads", "Ines", "Tomas", "Greta", "Ola", "Rosa", "Emil", "Zoë"];
const LAST: [&str; 9] = ["Berg", "Lind", "Ruiz", "Okafor", "Halvorsen", "Quist", "Marlow", "Sato", "Dahl"];
const COMPANIES: [&str; 6] =
    ["Nordlys Bank", "Orbita", "Ministry of Health", "Fjord Line", "Harbour Council", "Grauden Steel"];
const PAPERS: [&str; 4] = ["Evening Post", "Coast Herald", "Morning Tide", "Daily Anchor"];
const PRODUCTS: [&str; 4] = ["Kestrel 4", "Sea Lark", "Polar Mini", "Vinter 200"];
const WORKS: [&str; 4] = ["Harbour Prize", "Fjord Cup", "Lantern Festival", "Silver Oar"];
const NATIONS: [&str; 4] = ["Norse", "Estmark", "Danube", "Lowland"];

/// Words as they are, and slots in braces.
const LINES: [&str; 26] = [
    "{club} beat {club} 3 - 1 in front of a full house .",
    "{club} won at home against {club} on Sunday .",
    "{club} sacked {person} after six defeats .",
    "A late goal gave {club} a point in {town} .",
    "{person} left {company} for a post in {town} .",
    "{person} , who grew up in {town} , won the {work} .",
    "The {nation} minister met {title} in {town} .",
    "{title} spoke to the {paper} before the vote .",
    "{company} will open an office in {town} next year .",
    "{company} denied the report in the {paper} .",
    "Readers of the {paper} voted for {person} again .",
    "The {product} was launched from {town} at dawn , said {company} .",
    "{company} recalled 300 of its {product} boats .",
    "{school} opens its new wing in May .",
    "{person} teaches history at {school} .",
    "Rain delayed the {work} by two hours .",
    "Tickets for the {work} cost twice as much in {town} .",
    "Police in {town} found the boat of {person} .",
    "The road from {town} to {town} stays closed .",
    "Prices rose by two per cent , said {company} .",
    "No one was hurt when the ferry ran aground .",
    "{nation} sailors kept their lead on the second day .",
    "The mayor of {town} , {person} , resigned .",
    "It was the coldest night for thirty years .",
    "{person} and {person} share the {work} .",
    "The {paper} moved its desk to {town} .",
];

/// Words and the two tags of each.
type Tagged = Vec<(String, [String; 2])>;

pub fn files() -> Vec<SampleFile> {
    let mut rng = Rng::new(SEED);
    let sentences: Vec<Tagged> = (0..SENTENCES).map(|i| sentence(LINES[i % LINES.len()], &mut rng)).collect();
    let file = |version: usize, path: &'static str| {
        let mut text = String::new();
        for sentence in &sentences {
            for (word, tags) in sentence {
                text.push_str(&format!("{word}\t{}\n", tags[version]));
            }
            text.push('\n');
        }
        SampleFile { path, bytes: text.into_bytes() }
    };
    vec![file(0, "news/original.conll"), file(1, "news/revised.conll")]
}

fn sentence(line: &str, rng: &mut Rng) -> Tagged {
    let mut out = Vec::new();
    for part in line.split(' ') {
        match part.strip_prefix('{').and_then(|p| p.strip_suffix('}')) {
            Some(slot) => fill(slot, &mut out, rng),
            None => push(&mut out, part, [None, None]),
        }
    }
    out
}

fn pick<'a>(list: &[&'a str], rng: &mut Rng) -> &'a str {
    list[rng.below(list.len())]
}

/// Words that each version marks as one entity of a type, or does not mark.
fn push(out: &mut Tagged, words: &str, kinds: [Option<&str>; 2]) {
    for (i, word) in words.split(' ').enumerate() {
        let tag = |kind: Option<&str>| match (kind, i) {
            (None, _) => "O".to_owned(),
            (Some(kind), 0) => format!("B-{kind}"),
            (Some(kind), _) => format!("I-{kind}"),
        };
        out.push((word.to_owned(), kinds.map(tag)));
    }
}

fn fill(slot: &str, out: &mut Tagged, rng: &mut Rng) {
    let person = |rng: &mut Rng| format!("{} {}", pick(&FIRST, rng), pick(&LAST, rng));
    let both = |kind| [Some(kind), Some(kind)];
    match slot {
        // The guideline changed: a club that is called by its town was a place, and is an organisation now.
        "club" => push(out, pick(&TOWNS, rng), [Some("LOC"), Some("ORG")]),
        // Somebody passed over a name now and then.
        "town" => {
            let missed = rng.chance(0.04);
            push(out, pick(&TOWNS, rng), [(!missed).then_some("LOC"), Some("LOC")]);
        }
        "person" => {
            let missed = rng.chance(0.07);
            push(out, &person(rng), [(!missed).then_some("PER"), Some("PER")]);
        }
        // A title belonged to the name, and does not any more.
        "title" => {
            let last = pick(&LAST, rng);
            out.push(("President".to_owned(), ["B-PER".to_owned(), "O".to_owned()]));
            out.push((last.to_owned(), ["I-PER".to_owned(), "B-PER".to_owned()]));
        }
        "company" => push(out, pick(&COMPANIES, rng), both("ORG")),
        // A paper is a product and a company: either reading is possible.
        "paper" => {
            let product = rng.chance(0.35);
            push(out, pick(&PAPERS, rng), [Some(if product { "MISC" } else { "ORG" }), Some("ORG")]);
        }
        // Products are marked since the new guideline only.
        "product" => push(out, pick(&PRODUCTS, rng), [None, Some("MISC")]),
        "work" => push(out, pick(&WORKS, rng), both("MISC")),
        "nation" => push(out, pick(&NATIONS, rng), both("MISC")),
        // The town alone, or the whole name.
        _ => {
            let town = pick(&TOWNS, rng);
            push(out, town, [Some("LOC"), Some("ORG")]);
            out.push(("University".to_owned(), ["O".to_owned(), "I-ORG".to_owned()]));
        }
    }
}
