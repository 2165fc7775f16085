//! One line of the correction log: its canonical form and its hash.
//!
//! A line is one JSON object in the canonical form of RFC 8785 (sorted keys, no spaces). `hash` is the SHA-256
//! of the canonical event without `hash`; `prev` is the hash of the event before, 64 zeros for the first.
//! An [`Event`] keeps the JSON value that was read beside the typed one, so fields that a newer version wrote
//! survive reading, merging and writing.

use std::sync::Arc;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

pub use super::schema::*;

/// What a decision, whatever its kind, says about one item.
#[derive(Debug, Clone, Copy)]
pub struct Ruling<'a> {
    /// Item key.
    pub item: &'a str,
    /// Column or question.
    pub field: &'a str,
    /// The facts.
    pub before: Option<&'a Before>,
    /// What was decided; `None` excludes.
    pub after: Option<&'a After>,
    /// How; `None` for an adjudication.
    pub verb: Option<Verb>,
    /// The span that it is about, where it is not about the whole item.
    pub span: Option<&'a Value>,
}

impl Ruling<'_> {
    /// The name of the span that it is about, where that can be read.
    pub fn target(&self) -> Option<SpanTarget> {
        let target = SpanTarget::deserialize(self.span?).ok()?;
        (target.start < target.end).then_some(target)
    }
}

/// What a deferred item stands at.
static OPEN: After = After::Value { value: None };

/// Why a line is not an event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// Not JSON.
    #[error("it is not JSON ({0})")]
    NotJson(String),
    /// JSON that means different things to different readers.
    #[error("the key “{0}” stands in it twice")]
    DuplicateKey(String),
    /// JSON of another shape.
    #[error("it is not an event of a correction log ({0})")]
    NotAnEvent(String),
    /// The content is not what was hashed.
    #[error("its content does not fit its hash: it was changed after it was written")]
    WrongHash,
}

/// One event, as typed and as read. A copy shares it, so that a log can be handed to a worker as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Event(Arc<Parts>);

#[derive(Debug, PartialEq)]
struct Parts {
    head: Head,
    body: Body,
    hash: String,
    raw: Map<String, Value>,
}

impl Event {
    /// Gives an event its canonical form and hash.
    ///
    /// The result is what reading its own line gives, so nothing can be written that cannot be read.
    pub fn seal(head: &Head, body: &Body) -> Result<Self, EventError> {
        let mut raw = Map::new();
        for part in [serde_json::to_value(head), serde_json::to_value(body)] {
            match part.map_err(|e| EventError::NotAnEvent(e.to_string()))? {
                Value::Object(map) => raw.extend(map),
                other => return Err(EventError::NotAnEvent(other.to_string())),
            }
        }
        let hash = hash_of(&raw)?;
        raw.insert("hash".to_owned(), Value::String(hash));
        Self::parse(canonical(&raw)?.as_bytes())
    }

    /// Reads one line (without its line end) and checks its hash.
    pub fn parse(line: &[u8]) -> Result<Self, EventError> {
        let value: Value = serde_json::from_slice(line).map_err(|e| EventError::NotJson(e.to_string()))?;
        let Value::Object(mut raw) = value else {
            return Err(EventError::NotAnEvent("it is not an object".to_owned()));
        };
        let Some(Value::String(hash)) = raw.remove("hash") else {
            return Err(EventError::NotAnEvent("it has no hash".to_owned()));
        };
        if hash_of(&raw)? != hash {
            return Err(EventError::WrongHash);
        }
        raw.insert("hash".to_owned(), Value::String(hash.clone()));
        if canonical(&raw)?.as_bytes() != line {
            // Other spacing is harmless; a key that stands twice is not.
            duplicate_key(line).map_or(Ok(()), |key| Err(EventError::DuplicateKey(key)))?;
        }
        let value = Value::Object(raw);
        let head = Head::deserialize(&value).map_err(|e| EventError::NotAnEvent(e.to_string()))?;
        let body = match Body::deserialize(&value) {
            Ok(body) => body,
            Err(_) if head.v > VERSION => Body::Unknown,
            Err(e) => return Err(EventError::NotAnEvent(e.to_string())),
        };
        let Value::Object(raw) = value else { return Err(EventError::WrongHash) };
        Ok(Self(Arc::new(Parts { head, body, hash, raw })))
    }

    /// The canonical line, with its line end.
    pub fn line(&self) -> String {
        // What was parsed from canonical JSON can be written as such.
        let mut line = canonical(&self.0.raw).unwrap_or_default();
        line.push('\n');
        line
    }

    /// What every event has.
    pub fn head(&self) -> &Head {
        &self.0.head
    }

    /// What it says.
    pub fn body(&self) -> &Body {
        &self.0.body
    }

    /// Its hash, 64 hexadecimal digits.
    pub fn hash(&self) -> &str {
        &self.0.hash
    }

    /// The whole object, with the fields that this version does not know.
    pub fn raw(&self) -> &Map<String, Value> {
        &self.0.raw
    }

    /// Its number within its log.
    pub fn seq(&self) -> u64 {
        self.0.head.seq
    }

    /// A reference to it, by hash.
    pub fn reference(&self) -> EventRef {
        EventRef { log_id: self.0.head.log_id.clone(), seq: self.0.head.seq, hash: Some(self.0.hash.clone()) }
    }

    /// What it decides, item by item; empty for events that decide nothing.
    pub fn rulings(&self) -> Vec<Ruling<'_>> {
        match &self.0.body {
            Body::Decide(d) => vec![Ruling {
                item: &d.item,
                field: &d.field,
                before: d.before.as_ref(),
                after: d.after.as_ref(),
                verb: Some(d.action),
                span: d.target.as_ref(),
            }],
            Body::BulkDecide(b) => b
                .items
                .iter()
                .map(|i| Ruling {
                    item: &i.item,
                    field: &b.field,
                    before: i.before.as_ref(),
                    after: i.after.as_ref(),
                    verb: Some(i.action),
                    span: None,
                })
                .collect(),
            Body::Defer(n) => vec![Ruling {
                item: &n.item,
                field: &n.field,
                before: None,
                after: Some(&OPEN),
                verb: Some(Verb::Unsure),
                span: None,
            }],
            Body::Adjudicate(a) => vec![Ruling {
                item: &a.item,
                field: &a.field,
                before: a.before.as_ref(),
                after: a.after.as_ref(),
                verb: None,
                span: a.target.as_ref(),
            }],
            _ => Vec::new(),
        }
    }

    /// Confidence, 1 to 3.
    pub fn confidence(&self) -> Option<u8> {
        match &self.0.body {
            Body::Decide(d) => d.confidence,
            Body::BulkDecide(b) => b.confidence,
            Body::Adjudicate(a) => a.confidence,
            _ => None,
        }
    }

    /// Reason, a code of the codebook.
    pub fn reason(&self) -> Option<&str> {
        match &self.0.body {
            Body::Decide(d) => d.reason.as_deref(),
            Body::BulkDecide(b) => b.reason.as_deref(),
            Body::Adjudicate(a) => a.reason.as_deref(),
            Body::Code(c) => c.reason.as_deref(),
            _ => None,
        }
    }

    /// Note; empty if there is none.
    pub fn note(&self) -> &str {
        match &self.0.body {
            Body::Decide(d) => &d.note,
            Body::BulkDecide(b) => &b.note,
            Body::Adjudicate(a) => &a.note,
            Body::Note(n) | Body::Defer(n) => &n.note,
            Body::Code(c) => &c.note,
            _ => "",
        }
    }

    /// How the reviewer came to the item.
    pub fn reached(&self) -> Reached {
        self.context().and_then(|c| c.reached).unwrap_or(Reached::Browse)
    }

    /// The circumstances of a decision.
    pub fn context(&self) -> Option<&Context> {
        match &self.0.body {
            Body::Decide(d) => Some(&d.context),
            Body::BulkDecide(b) => Some(&b.context),
            Body::Adjudicate(a) => Some(&a.context),
            _ => None,
        }
    }

    /// The event that this one only adds confidence or a reason to.
    pub fn amends(&self) -> Option<&EventRef> {
        match &self.0.body {
            Body::Decide(d) => d.amends.as_ref(),
            Body::BulkDecide(b) => b.amends.as_ref(),
            Body::Adjudicate(a) => a.amends.as_ref(),
            _ => None,
        }
    }
}

fn canonical(raw: &Map<String, Value>) -> Result<String, EventError> {
    serde_json_canonicalizer::to_string(raw).map_err(|e| EventError::NotAnEvent(e.to_string()))
}

fn hash_of(raw: &Map<String, Value>) -> Result<String, EventError> {
    Ok(hex(&Sha256::digest(canonical(raw)?.as_bytes())))
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut s, b| {
        let _ = write!(s, "{b:02x}");
        s
    })
}

/// The first key that stands twice in one object of `json`.
fn duplicate_key(json: &[u8]) -> Option<String> {
    use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
    use std::collections::BTreeSet;

    const MARK: char = '\u{1}';
    struct Unique;
    impl<'de> DeserializeSeed<'de> for Unique {
        type Value = ();
        fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
            d.deserialize_any(self)
        }
    }
    impl<'de> Visitor<'de> for Unique {
        type Value = ();
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("JSON")
        }
        fn visit_bool<E>(self, _: bool) -> Result<(), E> {
            Ok(())
        }
        fn visit_i64<E>(self, _: i64) -> Result<(), E> {
            Ok(())
        }
        fn visit_u64<E>(self, _: u64) -> Result<(), E> {
            Ok(())
        }
        fn visit_f64<E>(self, _: f64) -> Result<(), E> {
            Ok(())
        }
        fn visit_str<E>(self, _: &str) -> Result<(), E> {
            Ok(())
        }
        fn visit_unit<E>(self) -> Result<(), E> {
            Ok(())
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut a: A) -> Result<(), A::Error> {
            while a.next_element_seed(Unique)?.is_some() {}
            Ok(())
        }
        fn visit_map<A: MapAccess<'de>>(self, mut a: A) -> Result<(), A::Error> {
            let mut seen = BTreeSet::new();
            while let Some(key) = a.next_key::<String>()? {
                if seen.contains(&key) {
                    return Err(A::Error::custom(format!("{MARK}{key}{MARK}")));
                }
                seen.insert(key);
                a.next_value_seed(Unique)?;
            }
            Ok(())
        }
    }
    let error = Unique.deserialize(&mut serde_json::Deserializer::from_slice(json)).err()?.to_string();
    error.split(MARK).nth(1).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn head(seq: u64) -> Head {
        Head {
            v: 1,
            log_id: "log".into(),
            seq,
            ts: "2026-03-10T10:00:00.000Z".into(),
            reviewer: "r1".into(),
            dataset: Digests::One("sha256:ab".into()),
            prev: NO_PREV.into(),
        }
    }

    fn decide(context: Context, after: Option<After>) -> Body {
        Body::Decide(Decide {
            item: "t1".into(),
            field: "label".into(),
            before: Some(Before { value: None, basis: Basis::Tie, votes: Some(BTreeMap::new()) }),
            after,
            action: Verb::Relabel,
            confidence: None,
            reason: None,
            note: "café\u{2028}\u{1F600}".into(),
            context,
            rater: None,
            target: None,
            amends: None,
        })
    }

    #[test]
    fn what_is_sealed_reads_back_as_itself() {
        for after in [
            None,
            Some(After::label("ok")),
            Some(After::Value { value: None }),
            Some(After::Values { values: vec![] }),
            Some(After::Span { start: 3, end: 9, value: "ok".into() }),
            Some(After::Dist { dist: [("ok".to_owned(), 0.1 + 0.2)].into() }),
        ] {
            let body = decide(Context::default(), after);
            let event = Event::seal(&head(3), &body).unwrap();
            assert_eq!((event.head(), event.body()), (&head(3), &body));
            assert_eq!(Event::parse(event.line().trim_end().as_bytes()).unwrap(), event);
        }
    }

    #[test]
    fn fields_and_kinds_of_newer_versions_survive() {
        let mut raw = Map::new();
        for (k, v) in [
            ("v", Value::from(2)),
            ("log_id", "l".into()),
            ("seq", 0.into()),
            ("ts", "".into()),
            ("reviewer", "r".into()),
            ("prev", NO_PREV.into()),
            ("kind", "teleport".into()),
            ("colour", serde_json::json!({"b": 1.5, "a": [null]})),
        ] {
            raw.insert(k.to_owned(), v);
        }
        let hash = hash_of(&raw).unwrap();
        raw.insert("hash".into(), hash.into());
        let line = canonical(&raw).unwrap();
        let event = Event::parse(line.as_bytes()).unwrap();
        assert_eq!(event.body(), &Body::Unknown);
        assert_eq!(event.line(), format!("{line}\n"));
    }

    #[test]
    fn a_changed_byte_a_missing_after_and_a_doubled_key_are_found() {
        let event = Event::seal(&head(0), &decide(Context::default(), None)).unwrap();
        let line = event.line();
        assert_eq!(Event::parse(line.replace("t1", "t2").as_bytes()), Err(EventError::WrongHash));
        let doubled = line.trim_end().replacen("\"item\":\"t1\"", "\"item\":\"t9\",\"item\":\"t1\"", 1);
        assert_eq!(Event::parse(doubled.as_bytes()), Err(EventError::DuplicateKey("item".into())));
        assert!(
            Event::parse(line.replace("\":", "\": ").trim_end().as_bytes()).is_ok(),
            "spacing is harmless"
        );

        let mut raw = event.raw().clone();
        raw.remove("hash");
        raw.remove("after");
        let hash = hash_of(&raw).unwrap();
        raw.insert("hash".into(), hash.into());
        let e = Event::parse(canonical(&raw).unwrap().as_bytes());
        assert!(matches!(&e, Err(EventError::NotAnEvent(m)) if m.contains("after")), "{e:?}");
    }

    proptest::proptest! {
        #[test]
        fn every_number_and_text_survives(prob: f64, score in 0.0..1.0f64, rank: u64, text: String) {
            let suggestion = Suggestion { value: text, prob: Some(prob), score: Some(score) };
            let context = Context { suggestion: Some(suggestion), rank: Some(rank >> 11), ..Context::default() };
            let event = Event::seal(&head(0), &decide(context, None)).unwrap();
            proptest::prop_assert_eq!(&Event::parse(event.line().trim_end().as_bytes()).unwrap(), &event);
        }
    }
}
