//! Text → [`Node`].

use super::{JsonError, Kind, MAX_DEPTH, Member, Node, Repairs};

/// The value that begins at `at` (white space and comments before it are passed over).
pub(crate) fn parse(text: &str, at: usize, repairs: &mut Repairs) -> Result<Node, JsonError> {
    let mut parser = Parser { text, bytes: text.as_bytes(), at, repairs };
    parser.space()?;
    parser.value(0)
}

/// Walks over white space, comments, one comma or bracket at a time.
pub(super) struct Parser<'a, 'r> {
    text: &'a str,
    bytes: &'a [u8],
    pub(super) at: usize,
    repairs: &'r mut Repairs,
}

impl<'a, 'r> Parser<'a, 'r> {
    pub(super) fn new(text: &'a str, at: usize, repairs: &'r mut Repairs) -> Self {
        Self { text, bytes: text.as_bytes(), at, repairs }
    }

    fn error<T>(&self, what: &'static str) -> Result<T, JsonError> {
        Err(JsonError { at: self.at, what })
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Passes over white space and comments.
    pub(super) fn space(&mut self) -> Result<(), JsonError> {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                Some(b'/') => {
                    let rest = &self.bytes[self.at..];
                    let length = if rest.starts_with(b"//") {
                        rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len())
                    } else if rest.starts_with(b"/*") {
                        match self.text[self.at + 2..].find("*/") {
                            Some(end) => end + 4,
                            None => return self.error("a comment is never closed"),
                        }
                    } else {
                        return self.error("a slash stands where a value was expected");
                    };
                    self.repairs.comments.hit(self.at);
                    self.at += length;
                }
                _ => return Ok(()),
            }
        }
    }

    /// After an element: a comma (`true`: another element follows) or `close`.
    pub(super) fn more(&mut self, close: u8) -> Result<bool, JsonError> {
        self.space()?;
        match self.peek() {
            Some(b',') => {
                let comma = self.at;
                self.at += 1;
                self.space()?;
                if self.peek() == Some(close) {
                    self.repairs.trailing_commas.hit(comma);
                    self.at += 1;
                    return Ok(false);
                }
                Ok(true)
            }
            Some(b) if b == close => {
                self.at += 1;
                Ok(false)
            }
            None => self.error("the text ends inside a list or an object"),
            _ => self.error("a comma or a closing bracket was expected"),
        }
    }

    /// After an opening bracket: whether there is an element.
    pub(super) fn any(&mut self, close: u8) -> Result<bool, JsonError> {
        self.space()?;
        if self.peek() == Some(close) {
            self.at += 1;
            return Ok(false);
        }
        Ok(true)
    }

    /// A key and its colon.
    pub(super) fn key(&mut self) -> Result<(String, std::ops::Range<usize>), JsonError> {
        self.space()?;
        if self.peek() != Some(b'"') {
            return self.error("a key in quotes was expected");
        }
        let start = self.at;
        let key = self.string()?;
        let range = start..self.at;
        self.space()?;
        if self.peek() != Some(b':') {
            return self.error("a colon was expected after a key");
        }
        self.at += 1;
        self.space()?;
        Ok((key, range))
    }

    pub(super) fn value(&mut self, depth: usize) -> Result<Node, JsonError> {
        if depth > MAX_DEPTH {
            return self.error("lists and objects are nested deeper than 128");
        }
        let start = self.at;
        let kind = match self.peek() {
            None => return self.error("the text ends where a value was expected"),
            Some(b'"') => Kind::Text(self.string()?),
            Some(b'[') => {
                self.at += 1;
                let mut list = Vec::new();
                let mut more = self.any(b']')?;
                while more {
                    list.push(self.value(depth + 1)?);
                    more = self.more(b']')?;
                }
                Kind::List(list)
            }
            Some(b'{') => {
                self.at += 1;
                let mut members: Vec<Member> = Vec::new();
                let mut more = self.any(b'}')?;
                while more {
                    let (key, key_range) = self.key()?;
                    let value = self.value(depth + 1)?;
                    members.push(Member { key, key_range, value });
                    more = self.more(b'}')?;
                }
                self.duplicates(&members);
                Kind::Object(members)
            }
            Some(_) => self.word()?,
        };
        Ok(Node { kind, range: start..self.at })
    }

    fn duplicates(&mut self, members: &[Member]) {
        let mut keys: Vec<(&str, usize)> =
            members.iter().map(|m| (m.key.as_str(), m.key_range.start)).collect();
        keys.sort_unstable();
        for pair in keys.windows(2) {
            if pair[0].0 == pair[1].0 {
                self.repairs.duplicate_keys.hit(pair[1].1);
            }
        }
    }

    /// `null`, `true`, a number, or what Python writes for a number that is none.
    fn word(&mut self) -> Result<Kind, JsonError> {
        let rest = &self.bytes[self.at..];
        let end = rest
            .iter()
            .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.')))
            .unwrap_or(rest.len());
        let word = &self.text[self.at..self.at + end];
        let kind = match word {
            "" => return self.error("a value was expected"),
            "null" => Kind::Null,
            "true" => Kind::Bool(true),
            "false" => Kind::Bool(false),
            "NaN" | "Infinity" | "-Infinity" | "nan" | "inf" | "-inf" => {
                self.repairs.odd_numbers.hit(self.at);
                Kind::Null
            }
            _ if is_number(word) => {
                if word.parse::<f64>().is_ok_and(f64::is_finite) {
                    Kind::Number(word.to_owned())
                } else {
                    self.repairs.odd_numbers.hit(self.at);
                    Kind::Null
                }
            }
            _ => return self.error("this is neither a string in quotes, a number, true, false nor null"),
        };
        self.at += end;
        Ok(kind)
    }

    fn string(&mut self) -> Result<String, JsonError> {
        let open = self.at;
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.bytes[self.at..];
            let Some(plain) = rest.iter().position(|&b| b == b'"' || b == b'\\') else {
                self.at = open;
                return self.error("a string is never closed");
            };
            out.push_str(&self.text[self.at..self.at + plain]);
            self.at += plain;
            if rest[plain] == b'"' {
                self.at += 1;
                return Ok(out);
            }
            self.escape(&mut out)?;
        }
    }

    /// One escape, from its backslash. Halves of surrogate pairs that stand alone become U+FFFD.
    fn escape(&mut self, out: &mut String) -> Result<(), JsonError> {
        let Some(&letter) = self.bytes.get(self.at + 1) else {
            return self.error("the text ends inside a string");
        };
        let c = match letter {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let Some(unit) = self.hex(self.at + 2) else {
                    return self.error("\\u is not followed by four hexadecimal digits");
                };
                self.at += 6;
                let low = (0xd800..0xdc00)
                    .contains(&unit)
                    .then(|| self.bytes.get(self.at..self.at + 2).filter(|b| *b == b"\\u"))
                    .flatten()
                    .and_then(|_| self.hex(self.at + 2))
                    .filter(|low| (0xdc00..0xe000).contains(low));
                let code = match low {
                    Some(low) => {
                        self.at += 6;
                        0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00)
                    }
                    None => unit,
                };
                out.push(char::from_u32(code).unwrap_or('\u{fffd}'));
                return Ok(());
            }
            _ => return self.error("this escape does not exist"),
        };
        out.push(c);
        self.at += 2;
        Ok(())
    }

    fn hex(&self, at: usize) -> Option<u32> {
        let digits = self.bytes.get(at..at + 4)?;
        digits.iter().try_fold(0, |n, &b| Some(n * 16 + char::from(b).to_digit(16)?))
    }
}

fn is_number(word: &str) -> bool {
    let digits = word.strip_prefix('-').unwrap_or(word);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'))
        && word.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<(Node, Repairs), JsonError> {
        let mut repairs = Repairs::default();
        parse(text, 0, &mut repairs).map(|node| (node, repairs))
    }

    fn to_serde(node: &Node) -> serde_json::Value {
        match &node.kind {
            Kind::Null => serde_json::Value::Null,
            Kind::Bool(b) => (*b).into(),
            Kind::Number(s) => serde_json::from_str(s).unwrap(),
            Kind::Text(s) => s.clone().into(),
            Kind::List(list) => list.iter().map(to_serde).collect(),
            Kind::Object(members) => serde_json::Value::Object(
                members.iter().map(|m| (m.key.clone(), to_serde(&m.value))).collect(),
            ),
        }
    }

    #[test]
    fn broken_files_are_read_and_each_repair_is_counted() {
        let (node, repairs) = read("{\"a\": [1, 2,], // why\n \"b\": NaN, \"a\": 1e999, }").unwrap();
        assert_eq!(node.get("a").unwrap().kind, Kind::Null);
        assert_eq!(repairs.trailing_commas.count, 2);
        assert_eq!(repairs.odd_numbers.count, 2);
        assert_eq!((repairs.comments.count, repairs.duplicate_keys.count), (1, 1));
    }

    #[test]
    fn strings_are_unescaped_and_numbers_keep_their_spelling() {
        let (node, _) =
            read(r#"["\u0041\ud83d\ude0a\n", 12345678901234567890123, 1.50, "\ud800x"]"#).unwrap();
        assert_eq!(node.list()[0].text(), Some("A😊\n"));
        assert_eq!(node.list()[1].scalar().as_deref(), Some("12345678901234567890123"));
        assert_eq!(node.list()[2].scalar().as_deref(), Some("1.50"));
        assert_eq!(node.list()[3].text(), Some("\u{fffd}x"));
    }

    #[test]
    fn what_is_not_json_is_an_error_with_its_place() {
        for (text, at) in [("[1 2]", 3), ("{\"a\" 1}", 5), ("\"abc", 0), ("[", 1), ("[tru]", 1), ("{a:1}", 1)]
        {
            assert_eq!(read(text).unwrap_err().at, at, "{text}");
        }
        assert!(read(&"[".repeat(100_000)).unwrap_err().what.contains("128"));
    }

    proptest! {
        /// serde_json is the oracle for texts that are JSON.
        #[test]
        fn reads_what_serde_reads(text in "[\\[\\]{}:, \"\\\\a1.e-]{0,24}") {
            if let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) {
                let (node, _) = read(&text).unwrap();
                prop_assert_eq!(to_serde(&node), value);
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
            if let Ok((node, _)) = read(&text) {
                prop_assert!(text.get(node.range).is_some());
            }
        }
    }
}
