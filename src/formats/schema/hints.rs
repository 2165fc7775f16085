//! What a column's name says about its meaning, as strengths from 0 (nothing) to 3 (all of it).

/// Words that identify, whatever the thing.
const ID: &[&str] = &["id", "key", "uid", "uuid", "idx", "ix", "index", "nr", "no", "number", "name", "code"];
const ITEM: &[&str] = &[
    "item", "task", "unit", "instance", "comment", "example", "post", "document", "doc", "sample", "tweet",
    "message", "hit", "record", "image", "sentence", "pair", "case", "subject",
];
const RATER: &[&str] = &[
    "rater",
    "worker",
    "annotator",
    "user",
    "coder",
    "performer",
    "judge",
    "labeler",
    "labeller",
    "assessor",
    "observer",
    "crowdworker",
    "turker",
];
const LABEL: &[&str] = &[
    "label",
    "rating",
    "answer",
    "class",
    "choice",
    "vote",
    "category",
    "annotation",
    "judgment",
    "judgement",
    "response",
    "sentiment",
    "tag",
    "score",
    "verdict",
    "target",
];
const GIVEN: &[&str] = &["given", "noisy", "original", "current", "assigned", "old"];
const CONSENSUS: &[&str] = &["majority", "consensus", "aggregated", "aggregate", "aggre", "hard"];
const GOLD: &[&str] = &["gold", "true", "truth", "ground", "groundtruth", "expert", "reference"];
/// Trusted only beside a word for labels: alone, these are flags.
const GOLD_FLAGS: &[&str] = &["golden", "correct"];
/// Categorical, and never what raters were asked.
const ATTRIBUTES: &[&str] = &[
    "split",
    "datasplit",
    "fold",
    "partition",
    "set",
    "subset",
    "lang",
    "language",
    "source",
    "domain",
    "gender",
    "sex",
    "race",
    "age",
    "education",
    "occupation",
    "country",
    "region",
    "city",
    "channel",
    "platform",
    "subreddit",
    "author",
    "logprob",
];
const TEXT: &[&str] = &[
    "text",
    "sentence",
    "content",
    "body",
    "comment",
    "utterance",
    "tweet",
    "post",
    "message",
    "document",
    "premise",
    "question",
    "prompt",
    "passage",
    "review",
    "token",
    "word",
];
const PERSONAL: &[&str] = &["ip", "email", "mail", "phone", "latitude", "longitude", "surname", "address"];
const SPENT: &[&str] =
    &["lead", "spent", "work", "reaction", "response", "taken", "on", "annotation", "elapsed", "in", "task"];
const MOMENTS: &[&str] = &["time", "date", "timestamp", "datetime"];
/// Beside [`MOMENTS`], words of columns that say when.
const WHEN: &[&str] = &["when", "at", "unix", "epoch", "utc", "ts"];
/// What is done when a vote is given, not before.
const DONE: &[&str] = &[
    "submit",
    "submitted",
    "submission",
    "end",
    "ended",
    "finish",
    "finished",
    "complete",
    "completed",
    "answer",
    "answered",
    "annotation",
    "annotated",
    "label",
    "labeled",
    "labelled",
    "vote",
    "voted",
    "judgment",
    "judgement",
    "judged",
    "rating",
    "rated",
    "response",
    "responded",
];
const SECONDS: &[&str] = &["seconds", "second", "secs", "sec", "duration", "elapsed"];
const MILLISECONDS: &[&str] = &["ms", "millis", "milliseconds", "msec"];

/// What a name says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Hints {
    pub(super) item: u8,
    pub(super) rater: u8,
    pub(super) label: u8,
    pub(super) given: u8,
    pub(super) gold: u8,
    pub(super) text: u8,
    pub(super) time: u8,
    /// Describes the item or the rater: not a label.
    pub(super) attribute: bool,
    /// A table of counts: `n_positive`, `votes_given`.
    pub(super) count: bool,
    /// Says when: neither an item nor a rater.
    pub(super) moment: bool,
    /// Says where a person lives or how to reach them.
    pub(super) personal: bool,
}

/// Reads a column's name.
pub(super) fn hints(name: &str) -> Hints {
    let words = words(name);
    let count_in = |set: &[&str]| words.iter().filter(|w| set.contains(&w.as_str())).count();
    let (n, id) = (words.len(), count_in(ID));
    let strength = |set: &[&str], extra: usize| match count_in(set) {
        0 => 0,
        k if k + extra >= n => 3,
        _ => 1,
    };
    let label = count_in(LABEL);
    let time = is_duration(&words);
    let timed = if time { 3 } else { 0 };
    let unless_timed = |s: u8| if time { 0 } else { s };
    let (given, consensus) = (count_in(GIVEN), count_in(CONSENSUS));
    let gold = count_in(GOLD) + if label > 0 { count_in(GOLD_FLAGS) } else { 0 };
    let first = words.first().map_or("", String::as_str);
    Hints {
        item: match strength(ITEM, id) {
            0 if id == n && n > 0 => 2,
            s => s,
        },
        rater: strength(RATER, id),
        label: unless_timed(if given + consensus + gold > 0 { 0 } else { strength(LABEL, 0) }),
        given: match (given, consensus) {
            (1.., _) if given + label == n => 3,
            (_, 1..) if consensus + label == n => 2,
            _ => 0,
        },
        gold: match gold {
            0 => 0,
            g if g + label == n => 3,
            _ if label > 0 => 2,
            _ => 0,
        },
        text: strength(TEXT, 0),
        time: timed,
        attribute: count_in(ATTRIBUTES) > 0 && label == 0,
        moment: count_in(MOMENTS) > 0,
        personal: match words.as_slice() {
            [one] => PERSONAL.contains(&one.as_str()),
            [a, b] => {
                PERSONAL.contains(&a.as_str()) && matches!(b.as_str(), "address" | "id" | "number")
                    || matches!(a.as_str(), "rater" | "worker" | "annotator" | "user")
                        && PERSONAL.contains(&b.as_str())
            }
            _ => false,
        },
        count: n > 1 && matches!(first, "n" | "count" | "counts" | "votes" | "vote" | "num"),
    }
}

/// Whether times in this column are milliseconds by its name.
pub(crate) fn is_milliseconds(name: &str) -> bool {
    words(name).iter().any(|w| MILLISECONDS.contains(&w.as_str()))
}

/// Whether a name says a moment, and whether it says one at which a vote is given.
pub(super) fn says_when(name: &str) -> (bool, bool) {
    let words = words(name);
    let any = |set: &[&str]| words.iter().any(|w| set.contains(&w.as_str()));
    if is_duration(&words) {
        return (false, false);
    }
    (any(MOMENTS) || any(WHEN), any(DONE))
}

fn is_duration(words: &[String]) -> bool {
    let any = |set: &[&str]| words.iter().any(|w| set.contains(&w.as_str()));
    let time = words.iter().any(|w| w == "time");
    any(SECONDS) || (time && (any(SPENT) || any(MILLISECONDS)))
}

/// The words of `camelCase`, `HITId`, `snake_case` and `rater1`, in lower case and singular.
fn words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for (i, &c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).map(|j| chars[j]);
        let after = chars.get(i + 1);
        let boundary = before.is_some_and(|b| {
            (c.is_uppercase()
                && (b.is_lowercase() || (b.is_uppercase() && after.is_some_and(|a| a.is_lowercase()))))
                || c.is_numeric() != b.is_numeric()
        });
        if boundary || !c.is_alphanumeric() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
    }
    words.push(word);
    words.retain(|w| !w.is_empty());
    for w in &mut words {
        let singular = w.len() > 3
            && w.ends_with('s')
            && !w.ends_with("ss")
            && w != "seconds"
            && w != "secs"
            && w != "millis";
        if singular {
            w.pop();
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_into_words() {
        assert_eq!(words("HITId"), ["hit", "id"]);
        assert_eq!(words("WorkTimeInSeconds"), ["work", "time", "in", "seconds"]);
        assert_eq!(words("rater_12.Labels"), ["rater", "12", "label"]);
        assert_eq!(words("class"), ["class"]);
    }

    #[test]
    fn names_hint_at_meanings() {
        assert_eq!((hints("worker_id").rater, hints("rater_gender").rater, hints("rater2").rater), (3, 1, 1));
        assert_eq!(
            (hints("task").item, hints("id").item, hints("index").item, hints("assignment").item),
            (3, 2, 2, 0)
        );
        assert_eq!((hints("label").label, hints("label_ana").label, hints("true_label").label), (3, 1, 0));
        assert_eq!((hints("given").given, hints("noisy_labels").given, hints("hard_label").given), (3, 3, 2));
        assert_eq!((hints("original_text").given, hints("gold").gold, hints("true").gold), (0, 3, 3));
        assert_eq!(
            (hints("reaction_time").time, hints("created_time").time, hints("lead_time_ms").time),
            (3, 0, 3)
        );
        assert_eq!((hints("golden").gold, hints("correct_label").gold), (0, 3));
        assert!(hints("data_split").attribute && !hints("label_set").attribute);
        assert!(is_milliseconds("lead_time_ms") && !is_milliseconds("seconds"));
        assert!(hints("time_str").moment && hints("created_date").moment && !hints("runtime").moment);
        assert_eq!(
            ["created_at", "SubmitTime", "ASSIGNMENT:submitted", "answer_time_ms", "text"].map(says_when),
            [(true, false), (true, true), (false, true), (false, false), (false, false)]
        );
        assert!(hints("n_positive").count && !hints("n").count);
    }
}
