//! The review screen through the real window, by keyboard: what is hidden, soft labels, reasons, the search for a label, and a
//! thousand decisions in a row.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::window::{Window, doc, folder, launch, press, settle, still, window};
use dissensus::app::Launch;
use dissensus::app::command::Command;
use dissensus::app::open::Wanted;
use dissensus::app::request::Request;
use dissensus::app::state::View;
use dissensus::dataset::{LabelId, Outcome};
use dissensus::formats::Overrides;
use dissensus::review::event::{Blind, Body, Event};
use dissensus::review::replay::Replay;
use dissensus::review::{Action, Context, Log};
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

const NONE: Modifiers = Modifiers::NONE;

fn decide(w: &mut Window, modifiers: Modifiers, key: Key) {
    press(w, modifiers, key);
    settle(w, "a decision");
}

/// The item under review.
fn here(w: &Window) -> u32 {
    let d = doc(w);
    d.queue.as_ref().unwrap().items[d.position]
}

fn outcome(w: &Window, item: u32) -> Option<Outcome> {
    doc(w).edits().get(item as usize).map(|e| e.outcome.clone())
}

/// A key as a keyboard sends it: with the text that it makes.
fn strike(w: &mut Window, c: char) {
    let key = Key::from_name(&c.to_uppercase().to_string());
    let modifiers = if c.is_uppercase() { Modifiers::SHIFT } else { NONE };
    for pressed in [true, false] {
        if let Some(key) = key {
            w.event(egui::Event::Key { key, physical_key: None, pressed, repeat: false, modifiers });
        }
        if pressed {
            w.event(egui::Event::Text(c.to_string()));
        }
    }
    w.step();
    w.step();
}

fn last_event(w: &Window) -> &Event {
    doc(w).session.events().last().unwrap()
}

fn shown(event: &Event) -> Vec<String> {
    match event.body() {
        Body::Reveal(r) => r.shown.clone(),
        _ => event.context().unwrap().shown.clone(),
    }
}

/// Opens the queue of label issues on the sample.
fn issues(folder: &Path) -> Window {
    let mut w = window(launch(folder));
    decide(&mut w, NONE, Key::Enter);
    assert_eq!(w.state().view, View::Review);
    w
}

#[test]
fn three_ways_to_hide_are_said_kept_and_logged_as_what_was_seen() {
    let folder = folder();
    let mut w = issues(folder.path());
    assert_eq!(doc(&w).blind(), Blind::Open, "in label issues the evidence helps");
    w.get_by_label("Nothing hidden");
    decide(&mut w, NONE, Key::Space);
    assert_eq!(shown(last_event(&w)), ["text", "given", "suggestion", "raters", "model"]);
    assert_eq!(last_event(&w).context().unwrap().blind_mode, None);

    // Blind to raters: the model is open, and nothing on the screen tells a vote.
    w.get_by_label("Raters hidden").click();
    still(&mut w, "raters hidden");
    assert_eq!(doc(&w).blind(), Blind::Raters);
    w.get_by_label_contains("Take ");
    assert!(w.query_all_by_label_contains("Adopt").next().is_none());
    let rows: Vec<String> = w
        .query_all_by_label_contains(", model ")
        .map(|n| n.accesskit_node().label().unwrap_or_default())
        .collect();
    assert!(!rows.is_empty() && rows.iter().all(|r| r.contains(": 0 votes")), "{rows:?}");
    decide(&mut w, NONE, Key::Space);
    assert_eq!(shown(last_event(&w)), ["text", "given", "suggestion", "model"]);
    let context = last_event(&w).context().unwrap();
    assert_eq!((context.blind, context.blind_mode), (true, Some(Blind::Raters)));

    // Looking is logged; who is adopted is looked at.
    decide(&mut w, NONE, Key::E);
    assert_eq!(shown(last_event(&w)), ["text", "given", "suggestion", "raters", "model"]);
    assert!(w.query_all_by_label_contains("Adopt r1").next().is_some());
    let item = here(&w);
    decide(&mut w, NONE, Key::R);
    decide(&mut w, NONE, Key::Num1);
    assert!(matches!(outcome(&w, item), Some(Outcome::Changed(_) | Outcome::Kept(_))));
    decide(&mut w, NONE, Key::R);
    assert!(matches!(last_event(&w).body(), Body::Reveal(_)), "hidden raters are shown first");
    press(&mut w, NONE, Key::Escape);

    // The key goes on: nothing, everything, raters.
    decide(&mut w, Modifiers::ALT, Key::B);
    assert_eq!(doc(&w).blind(), Blind::Open);
    decide(&mut w, Modifiers::ALT, Key::B);
    assert_eq!(doc(&w).blind(), Blind::RatersAndModel);
    decide(&mut w, NONE, Key::J);
    decide(&mut w, NONE, Key::Space);
    assert_eq!(shown(last_event(&w)), ["text", "given"]);
    assert_eq!(last_event(&w).context().unwrap().blind_mode, Some(Blind::RatersAndModel));
    decide(&mut w, Modifiers::ALT, Key::B);
    assert_eq!(doc(&w).blind(), Blind::Raters);

    // An audit is blind by itself, and the other queues keep what was chosen for them.
    let ctx = w.ctx.clone();
    w.state_mut().run(&ctx, Command::ReviewAudit);
    still(&mut w, "audit");
    assert_eq!(doc(&w).blind(), Blind::RatersAndModel);
    w.state_mut().run(&ctx, Command::ReviewIssues);
    still(&mut w, "issues");
    assert_eq!(doc(&w).blind(), Blind::Raters);
    w.state_mut().save_place_now();
    drop(w);
    let w = window(launch(folder.path()));
    assert_eq!(doc(&w).blind(), Blind::Raters, "it comes back");
}

#[test]
fn an_ambiguous_item_gets_shares_that_add_up_and_reach_the_file() {
    let folder = folder();
    let mut w = issues(folder.path());
    // Open: the shares of the votes.
    let item = here(&w);
    let votes = doc(&w).dataset.votes(item as usize);
    let n: u32 = votes.iter().map(|v| v.1).sum();
    press(&mut w, NONE, Key::D);
    let (label, most) = votes.iter().max_by_key(|v| (v.1, std::cmp::Reverse(v.0))).copied().unwrap();
    let name = doc(&w).label(label).to_owned();
    let share = f64::from(most) * 100.0 / f64::from(n);
    let said = w.get_all_by_label_contains(&format!("{name}: ")).find_map(|node| {
        let label = node.accesskit_node().label()?;
        label.strip_prefix(&format!("{name}: "))?.strip_suffix(" %")?.parse::<f64>().ok()
    });
    assert!((said.unwrap() - share).abs() < 1.0, "{said:?} of {share}");
    press(&mut w, NONE, Key::Escape);
    assert!(outcome(&w, item).is_none());

    // Hidden: even shares, so that nothing is given away. Two labels chosen by number, one share typed, one stepped.
    decide(&mut w, Modifiers::ALT, Key::B);
    for key in [Key::D, Key::Num1, Key::Equals, Key::Num6, Key::Num0, Key::Enter, Key::Num3] {
        press(&mut w, NONE, key);
    }
    for _ in 0..6 {
        press(&mut w, NONE, Key::Plus);
    }
    press(&mut w, NONE, Key::ArrowUp);
    press(&mut w, NONE, Key::ArrowDown);
    decide(&mut w, NONE, Key::Enter);
    let Some(Outcome::Soft(shares)) = outcome(&w, item) else { panic!("{:?}", outcome(&w, item)) };
    assert_eq!(shares.iter().collect::<Vec<_>>(), [(0, 0.6), (2, 0.4)]);
    assert_eq!(doc(&w).position, 1);
    w.get_by_label_contains("ambiguous: hate 60 %, ok 40 %");

    // All of one label is that label.
    let item = here(&w);
    for key in [Key::D, Key::Num2, Key::Equals, Key::Num1, Key::Num0, Key::Num0] {
        press(&mut w, NONE, key);
    }
    press(&mut w, NONE, Key::Enter);
    decide(&mut w, NONE, Key::Enter);
    assert!(matches!(outcome(&w, item), Some(Outcome::Changed(1) | Outcome::Kept(1))));

    // Taken back and put back; read again; replayed: the same.
    decide(&mut w, Modifiers::COMMAND, Key::Z);
    decide(&mut w, Modifiers::COMMAND, Key::Z);
    assert_eq!(doc(&w).edits().len(), 0);
    decide(&mut w, Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z);
    let before = doc(&w).edits().clone();
    assert_eq!(before.len(), 1);
    drop(w);
    let w = window(launch(folder.path()));
    assert_eq!(doc(&w).edits().iter().collect::<Vec<_>>(), before.iter().collect::<Vec<_>>());
}

#[test]
fn a_reason_is_chosen_in_two_levels_and_shown_where_it_is_set() {
    let folder = folder();
    let mut w = issues(folder.path());
    let item = here(&w) as usize;
    let edit = |w: &Window| doc(w).edits().get(item).map(|e| (e.reason.clone(), e.confidence)).unwrap();
    let on = |w: &Window, name: &str| {
        w.get_by_label(name).accesskit_node().toggled().is_some_and(|t| t == egui::accesskit::Toggled::True)
            || w.get_by_label(name).accesskit_node().is_selected() == Some(true)
    };
    decide(&mut w, NONE, Key::Space);
    assert!(!on(&w, "Ambiguous") && !on(&w, "mid"));
    decide(&mut w, Modifiers::SHIFT, Key::Num2);
    assert!(on(&w, "mid") && !on(&w, "high"), "what is set can be seen");
    decide(&mut w, Modifiers::ALT, Key::Num2);
    assert_eq!(edit(&w), (Some("ambiguous".to_owned()), Some(2)));
    w.get_by_label("Two readings");
    decide(&mut w, NONE, Key::Num3);
    assert_eq!(edit(&w).0.as_deref(), Some("borderline"), "a digit takes a finer one and decides nothing");
    assert_eq!(doc(&w).position, 1);
    assert!(on(&w, "Ambiguous"), "it belongs there");
    w.get_by_label_contains("fairly sure, Ambiguous / Borderline");

    // Changed; said twice it is one event; and another key than a digit leaves the list.
    decide(&mut w, Modifiers::ALT, Key::Num1);
    decide(&mut w, NONE, Key::Escape);
    assert_eq!(edit(&w).0.as_deref(), Some("annotator_error"));
    let events = doc(&w).session.events().len();
    decide(&mut w, Modifiers::ALT, Key::Num1);
    assert_eq!(doc(&w).session.events().len(), events);
    let next = here(&w);
    decide(&mut w, NONE, Key::Space);
    assert!(matches!(outcome(&w, next), Some(Outcome::Kept(_))), "the list is in nobody's way");
    assert!(!on(&w, "Annotator error") && !on(&w, "mid"), "a new decision has neither");

    // One without finer ones, and the whole list.
    decide(&mut w, Modifiers::ALT, Key::Num9);
    assert_eq!(doc(&w).edits().get(next as usize).unwrap().reason.as_deref(), Some("other"));
    decide(&mut w, Modifiers::ALT, Key::Num0);
    w.get_by_label("Bad data");
    decide(&mut w, NONE, Key::Num6);
    decide(&mut w, NONE, Key::Num2);
    assert_eq!(doc(&w).edits().get(next as usize).unwrap().reason.as_deref(), Some("truncated"));

    // Undo takes back the finer one alone.
    decide(&mut w, Modifiers::COMMAND, Key::Z);
    assert_eq!(doc(&w).edits().get(next as usize).unwrap().reason.as_deref(), Some("bad_data"));
}

#[test]
fn the_users_codebook_is_the_one_that_is_offered() {
    let folder = folder();
    let book = r#"{"name": "Ours", "codes": [{"code": "tone", "label": "Tone", "children": [{"code": "irony", "label": "Irony"}]}]}"#;
    std::fs::write(folder.path().join("comments.csv.codebook.json"), book).unwrap();
    let mut w = issues(folder.path());
    let item = here(&w) as usize;
    decide(&mut w, NONE, Key::Space);
    decide(&mut w, Modifiers::ALT, Key::Num1);
    decide(&mut w, NONE, Key::Num1);
    assert_eq!(doc(&w).edits().get(item).unwrap().reason.as_deref(), Some("irony"));
    decide(&mut w, Modifiers::ALT, Key::Num5);
    assert_eq!(doc(&w).edits().get(item).unwrap().reason.as_deref(), Some("irony"), "there is no fifth");
}

/// A table of items with three raters and these labels, the majority at item `i` being label `i` modulo their number.
fn table(folder: &Path, n: usize, labels: &[String]) -> std::path::PathBuf {
    let mut csv = "id,text,ann,ben,chi\n".to_owned();
    for i in 0..n {
        let (a, b) = (&labels[i % labels.len()], &labels[(i * 7 + 3) % labels.len()]);
        writeln!(csv, "i{i:04},\"Text number {i}\",{a},{a},{b}").unwrap();
    }
    let path = folder.join("many.csv");
    std::fs::write(&path, csv).unwrap();
    path
}

/// Opens a queue of all items in their order.
fn all_items(folder: &Path, table: &Path) -> Window {
    let roles = ["id=item", "text=text", "ann=label", "ben=label", "chi=label"].map(String::from);
    let wanted = Wanted {
        at_once: true,
        overrides: Overrides::parse(&roles).unwrap(),
        ..Wanted::table(table.to_owned())
    };
    let mut w = window(Launch { wanted: Some(wanted), ..launch(folder) });
    press(&mut w, Modifiers::COMMAND, Key::Num2);
    settle(&mut w, "items");
    press(&mut w, NONE, Key::Home);
    press(&mut w, Modifiers::SHIFT, Key::Enter);
    settle(&mut w, "queue");
    assert_eq!(w.state().view, View::Review);
    w
}

#[test]
fn with_many_labels_a_letter_begins_the_search_and_enter_sets_the_best() {
    let folder = tempfile::tempdir().unwrap();
    let mut labels: Vec<String> = (0..300).map(|i| format!("topic {i}")).collect();
    labels[7] = "gardening".to_owned();
    labels[9] = "pigs".to_owned();
    labels[11] = "zoo ".repeat(25_000).trim().to_owned();
    labels[12] = "Éclair".to_owned();
    let mut w = all_items(folder.path(), &table(folder.path(), 400, &labels));
    let id = |w: &Window, name: &str| doc(w).dataset.labels.id(name).unwrap();

    // `g` is no command: it begins the search, and belongs to it.
    let item = here(&w);
    strike(&mut w, 'g');
    strike(&mut w, 'a');
    w.get_by_label("Find a label");
    w.get_by_label("gardening");
    decide(&mut w, NONE, Key::Enter);
    let wanted = id(&w, "gardening");
    assert!(matches!(outcome(&w, item), Some(Outcome::Changed(l) | Outcome::Kept(l)) if l == wanted));

    // A command's letter is the command; `/` goes before it.
    let item = here(&w);
    strike(&mut w, 'u');
    settle(&mut w, "unsure");
    assert_eq!(outcome(&w, item), Some(Outcome::Unsure));
    let item = here(&w);
    press(&mut w, NONE, Key::Slash);
    strike(&mut w, 'p');
    strike(&mut w, 'i');
    decide(&mut w, NONE, Key::Enter);
    let wanted = id(&w, "pigs");
    assert!(matches!(outcome(&w, item), Some(Outcome::Changed(l) | Outcome::Kept(l)) if l == wanted));

    // Letters of other alphabets are letters.
    strike(&mut w, 'é');
    w.get_by_label("Éclair");
    press(&mut w, NONE, Key::Escape);

    // A name of a hundred thousand letters costs no frame, and is set like any other.
    let item = here(&w);
    strike(&mut w, 'z');
    let since = Instant::now();
    strike(&mut w, 'o');
    let took = since.elapsed();
    decide(&mut w, NONE, Key::Enter);
    assert!(took < Duration::from_millis(900), "{took:?}");
    let long = id(&w, &labels[11]);
    assert!(matches!(outcome(&w, item), Some(Outcome::Changed(l) | Outcome::Kept(l)) if l == long));
    eprintln!("a keystroke among 300 labels, one of 100,000 letters: {took:?} for two frames");
}

#[test]
fn the_next_three_texts_are_laid_out_before_they_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let mut csv = "id,text,ann,ben,chi\n".to_owned();
    for i in 0..12 {
        let text = format!("Sentence {i} of many, read by few. ").repeat(2_900);
        writeln!(csv, "i{i},\"{text}\",a,b,{}", ["a", "b"][i % 2]).unwrap();
    }
    let path = folder.path().join("many.csv");
    std::fs::write(&path, csv).unwrap();
    let mut w = all_items(folder.path(), &path);
    let mut took = Vec::new();
    for _ in 0..6 {
        still(&mut w, "ahead");
        assert_eq!(w.state().n_ready(&w.ctx), 3, "at {}", doc(&w).position);
        w.key_press(Key::Space);
        let since = Instant::now();
        // The frame that takes the key, and the one that shows the next item.
        w.step();
        w.step();
        took.push(since.elapsed());
    }
    eprintln!("key to the next text of 100 kB, two frames: {took:?}");
    assert!(took.iter().all(|t| *t < Duration::from_secs(2)), "{took:?}");
}

/// What stands, by item.
type Picture = BTreeMap<u32, Outcome>;

const NUMBERS: [Key; 9] =
    [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9];

/// What one kind of decision cost.
#[derive(Debug, Default)]
struct Cost {
    times: usize,
    keys: usize,
    slowest_ms: f64,
    total_ms: f64,
}

/// Numbers from a seed, the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }
}

#[test]
fn a_thousand_decisions_by_keyboard_cost_few_keys_and_replay_to_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let labels: Vec<String> = [
        "alpha", "bravo", "golf", "hotel", "india", "lima", "oscar", "papa", "quebec", "tango", "victor",
        "whiskey",
    ]
    .map(str::to_owned)
    .to_vec();
    let path = table(folder.path(), 1_200, &labels);
    let mut w = all_items(folder.path(), &path);
    let mut random = Random(42);
    // The simplest way to undo: whole pictures of the state.
    let mut now = Picture::new();
    let (mut past, mut future): (Vec<Picture>, Vec<Picture>) = (Vec::new(), Vec::new());
    let mut notes = 0;
    let mut costs: BTreeMap<&str, Cost> = BTreeMap::new();
    let mut made = 0;
    while made < 1_000 {
        if doc(&w).position >= 1_200 {
            let ctx = w.ctx.clone();
            w.state_mut().handle(&ctx, Request::GoTo(0));
            w.step();
        }
        let item = here(&w);
        let d = doc(&w);
        let analysis = d.analysis.clone().unwrap();
        let original = analysis.given.original[item as usize];
        let suggested = analysis.items.suggested[item as usize];
        let digit = random.below(9) as usize;
        let word = &labels[random.below(labels.len() as u64) as usize];
        let set = |l: LabelId| if l == original { Outcome::Kept(l) } else { Outcome::Changed(l) };
        let id = |name: &str| d.dataset.labels.id(name).unwrap();
        let strip = |k: usize| dissensus::app::views::review::model::build(d, 1).unwrap().strip[k].label;
        let plain = |keys: &[Key]| keys.iter().map(|&k| (NONE, k)).collect::<Vec<_>>();
        let letters: Vec<char> = word.chars().take(2).collect();
        // Kind, keys before the letters, the letters, keys after them, what is to stand then.
        let (kind, before, typed, after, meant): (&str, Vec<_>, Vec<char>, Vec<_>, Option<Outcome>) =
            match random.below(100) {
                0..=34 => ("keep", vec![], vec![], plain(&[Key::Space]), Some(Outcome::Kept(original))),
                35..=52 => ("suggestion", vec![], vec![], plain(&[Key::S]), Some(set(suggested))),
                53..=66 => ("digit", vec![], vec![], plain(&[NUMBERS[digit]]), Some(set(strip(digit)))),
                67..=75 => ("typed label", vec![], letters, plain(&[Key::Enter]), Some(set(id(word)))),
                76..=80 => {
                    let (a, b) = (strip(digit), strip((digit + 4) % 9));
                    let labels = vec![a.min(b), a.max(b)];
                    let keys = plain(&[Key::M, NUMBERS[digit], NUMBERS[(digit + 4) % 9], Key::Enter]);
                    ("several", vec![], vec![], keys, Some(Outcome::Several(labels)))
                }
                81..=83 => ("none", vec![], vec![], plain(&[Key::N]), Some(Outcome::NoneOfLabels)),
                84..=86 => ("unsure", vec![], vec![], plain(&[Key::U]), Some(Outcome::Unsure)),
                87..=89 => ("note", plain(&[Key::C]), vec!['w', 'h', 'y'], plain(&[Key::Enter]), None),
                90..=93 => {
                    let keys = [Key::D, NUMBERS[digit], Key::Plus, Key::Enter];
                    ("soft label", vec![], vec![], plain(&keys), None)
                }
                94..=97 => ("undo", vec![], vec![], vec![(Modifiers::COMMAND, Key::Z)], None),
                _ => {
                    ("redo", vec![], vec![], vec![(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z)], None)
                }
            };
        // Letters of the alphabet of commands are gone about by `/`.
        let is_command = |c: &char| "smnucjkerd".contains(*c);
        let before =
            if kind == "typed label" && is_command(&typed[0]) { plain(&[Key::Slash]) } else { before };
        let keys = before.len() + typed.len() + after.len();
        for (modifiers, key) in before {
            press(&mut w, modifiers, key);
        }
        for c in &typed {
            strike(&mut w, *c);
        }
        let mut took = Duration::ZERO;
        for (modifiers, key) in after {
            let since = Instant::now();
            press(&mut w, modifiers, key);
            took = since.elapsed();
        }
        let cost = costs.entry(kind).or_default();
        cost.times += 1;
        cost.keys = cost.keys.max(keys);
        let ms = took.as_secs_f64() * 1_000.0;
        cost.slowest_ms = cost.slowest_ms.max(ms);
        cost.total_ms += ms;
        match kind {
            "undo" => {
                if let Some(picture) = past.pop() {
                    future.push(std::mem::replace(&mut now, picture));
                }
            }
            "redo" => {
                if let Some(picture) = future.pop() {
                    past.push(std::mem::replace(&mut now, picture));
                }
            }
            _ => {
                past.push(now.clone());
                future.clear();
                if kind == "note" {
                    notes += 1;
                } else {
                    let stands = outcome(&w, item).unwrap();
                    match &meant {
                        Some(meant) => assert_eq!(&stands, meant, "{kind} on item {item}"),
                        None => assert!(
                            matches!(&stands, Outcome::Soft(s) if (s.iter().map(|x| x.1).sum::<f64>() - 1.0).abs() < 1e-9)
                        ),
                    }
                    now.insert(item, stands);
                    made += 1;
                }
            }
        }
        let stands: BTreeMap<u32, Outcome> =
            doc(&w).edits().iter().map(|(i, e)| (i as u32, e.outcome.clone())).collect();
        assert_eq!(stands, now, "after {kind}");
        assert_eq!(doc(&w).session.undo_words().is_some(), !past.is_empty());
    }
    settle(&mut w, "the end");
    eprintln!("{notes} notes; kind: times, keys, mean and slowest ms of key and two frames");
    for (kind, c) in &costs {
        eprintln!(
            "{kind:>12}: {:4} {:2} {:7.1} {:7.1}",
            c.times,
            c.keys,
            c.total_ms / c.times as f64,
            c.slowest_ms
        );
        let most = match *kind {
            "keep" | "suggestion" | "digit" | "none" | "unsure" | "undo" | "redo" => 1,
            // What is typed or picked, one key before and one after it.
            "typed label" | "several" | "soft label" => 2 + 2,
            "note" => 3 + 2,
            other => panic!("{other}"),
        };
        assert!(c.keys <= most && c.times > 0, "{kind}: {c:?}");
        let mean = c.total_ms / c.times as f64;
        assert!(mean < 1_500.0, "{kind}: {c:?}");
    }
    assert!(costs.len() == 11, "{:?}", costs.keys());

    // The log on the disk says the same.
    let edits = doc(&w).edits().clone();
    let log = Log::verify(doc(&w).session.path()).unwrap();
    assert_eq!(Some(log.events.last().unwrap().seq()), doc(&w).saved().saved_seq);
    let replayed = Replay::new(&doc(&w).dataset, log.events);
    assert_eq!(replayed.edits().iter().collect::<Vec<_>>(), edits.iter().collect::<Vec<_>>());

    // Five hundred items at once: one key takes them back, exactly.
    let dataset = std::sync::Arc::clone(&doc(&w).dataset);
    let many: Vec<(usize, Action)> = (300..800).map(|i| (i, Action::Relabel((i % 12) as LabelId))).collect();
    w.state_mut().document_mut().unwrap().session.bulk_decide(&dataset, &many, Context::default()).unwrap();
    assert_ne!(doc(&w).edits().iter().collect::<Vec<_>>(), edits.iter().collect::<Vec<_>>());
    press(&mut w, Modifiers::COMMAND, Key::Z);
    settle(&mut w, "undo");
    assert_eq!(doc(&w).edits().iter().collect::<Vec<_>>(), edits.iter().collect::<Vec<_>>());
}

#[test]
fn a_note_that_was_begun_is_there_again() {
    let folder = folder();
    let mut w = issues(folder.path());
    press(&mut w, NONE, Key::C);
    w.get_by_label("Note").type_text("half a thou");
    w.step();
    press(&mut w, NONE, Key::Escape);
    press(&mut w, NONE, Key::J);
    press(&mut w, NONE, Key::C);
    assert_eq!(w.get_by_label("Note").value().as_deref(), Some(""), "of another item there is none");
    press(&mut w, NONE, Key::Escape);
    press(&mut w, NONE, Key::K);
    press(&mut w, NONE, Key::C);
    assert_eq!(w.get_by_label("Note").value().as_deref(), Some("half a thou"));
    w.get_by_label("Note").type_text("ght");
    w.step();
    press(&mut w, NONE, Key::Enter);
    settle(&mut w, "the note");
    assert_eq!(doc(&w).edits().len(), 0, "a note decides nothing");
    let Body::Note(note) = last_event(&w).body() else { panic!("{:?}", last_event(&w)) };
    assert_eq!(note.note, "half a thought");
}

#[test]
fn what_the_votes_come_to_is_hidden_with_the_votes() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("votes.csv");
    let rows: String = (0..20)
        .flat_map(|i| {
            ["ana", "ben", "cem"].map(|r| format!("t{i:02},{r},{}\n", if i % 3 == 0 { "yes" } else { "no" }))
        })
        .collect();
    std::fs::write(&table, format!("item,rater,label\n{rows}")).unwrap();
    let mut w = crate::window::window_on(&table, &folder.path().join("places"));
    let ctx = w.ctx.clone();
    w.state_mut().run(&ctx, Command::ReviewAudit);
    still(&mut w, "an audit");
    assert_eq!(doc(&w).blind(), Blind::RatersAndModel);
    w.get_by_label("What the raters said is hidden: choose a label");
    assert!(
        w.query_by_label_contains("Keep yes").is_none() && w.query_by_label_contains("Keep no").is_none()
    );
    let item = here(&w);
    press(&mut w, NONE, Key::Space);
    assert_eq!((here(&w), outcome(&w, item)), (item, None), "the first press shows it");
    assert!(shown(last_event(&w)).contains(&"given".to_owned()), "{:?}", last_event(&w));
    decide(&mut w, NONE, Key::Space);
    assert!(matches!(outcome(&w, item), Some(Outcome::Kept(_))));
    // A digit needs no look, and what was seen says so.
    let item = here(&w);
    decide(&mut w, NONE, Key::Num1);
    assert!(outcome(&w, item).is_some());
    assert!(!shown(last_event(&w)).contains(&"given".to_owned()), "{:?}", last_event(&w));
}

#[test]
fn beside_a_blind_item_no_view_tells_what_is_hidden() {
    let folder = folder();
    let mut w = issues(folder.path());
    let ctx = w.ctx.clone();
    w.state_mut().run(&ctx, Command::LayoutReview);
    still(&mut w, "the layout");
    assert!(w.query_by_label_contains("Closed while an item is judged blind").is_none());
    press(&mut w, Modifiers::ALT, Key::B);
    assert_eq!(doc(&w).blind(), Blind::RatersAndModel);
    w.get_by_label_contains("Closed while an item is judged blind");
    press(&mut w, NONE, Key::E);
    assert!(
        w.query_by_label_contains("Closed while an item is judged blind").is_none(),
        "it was shown, and logged"
    );
}
