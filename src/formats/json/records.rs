//! The records of a JSON text, one tree at a time.

use super::parse::Parser;
use super::{JsonError, Node, Repairs};

/// How records are strung together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One value a line, or values one after the other.
    Lines,
    /// One list of values.
    Array,
    /// One object of values by key.
    Keyed,
}

/// One record.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// Its key, where records are keyed.
    pub(crate) key: Option<String>,
    pub(crate) node: Node,
    /// From 0.
    pub(crate) number: usize,
}

/// Walks over the records of a text.
pub(crate) struct Records<'a> {
    text: &'a str,
    at: usize,
    pub(crate) shape: Shape,
    pub(crate) repairs: Repairs,
    state: State,
    number: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first record.
    Begin,
    /// A record follows.
    Next,
    /// Nothing follows.
    Over,
}

impl<'a> Records<'a> {
    /// Guesses the shape: a list is an array of records; an object whose first value is an object and that is not
    /// followed by another one is keyed; anything else is a sequence of values.
    pub(crate) fn new(text: &'a str) -> Self {
        let start = text.trim_start_matches('\u{feff}');
        let at = text.len() - start.len();
        // White space of JSON only: a no-break space is none, and what follows it is no record.
        let shape = match start.trim_start_matches([' ', '\t', '\n', '\r']).as_bytes().first() {
            Some(b'[') => Shape::Array,
            Some(b'{') if keyed(start) => Shape::Keyed,
            _ => Shape::Lines,
        };
        Self::with_shape(text, at, shape)
    }

    /// One value after the other, whatever they are.
    pub(crate) fn lines(text: &'a str) -> Self {
        let at = text.len() - text.trim_start_matches('\u{feff}').len();
        Self::with_shape(text, at, Shape::Lines)
    }

    fn with_shape(text: &'a str, at: usize, shape: Shape) -> Self {
        Self { text, at, shape, repairs: Repairs::default(), state: State::Begin, number: 0 }
    }

    /// The next record; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Entry>, JsonError> {
        let close = if self.shape == Shape::Keyed { b'}' } else { b']' };
        let mut parser = Parser::new(self.text, self.at, &mut self.repairs);
        match (self.state, self.shape) {
            (State::Over, _) => return Ok(None),
            (State::Begin, Shape::Array | Shape::Keyed) => {
                parser.space()?;
                parser.at += 1;
                if !parser.any(close)? {
                    self.state = State::Over;
                    self.at = parser.at;
                    return self.tail();
                }
            }
            (_, Shape::Lines) => {
                parser.space()?;
                if parser.peek().is_none() {
                    self.state = State::Over;
                    return Ok(None);
                }
            }
            (State::Next, _) => {}
        }
        let key = if self.shape == Shape::Keyed { Some(parser.key()?.0) } else { None };
        let node = parser.value(1)?;
        self.state = State::Next;
        if self.shape != Shape::Lines && !parser.more(close)? {
            self.state = State::Over;
        }
        self.at = parser.at;
        if self.state == State::Over {
            self.tail()?;
        }
        self.number += 1;
        Ok(Some(Entry { key, node, number: self.number - 1 }))
    }

    /// After the last record nothing may follow.
    fn tail(&mut self) -> Result<Option<Entry>, JsonError> {
        let mut parser = Parser::new(self.text, self.at, &mut self.repairs);
        parser.space()?;
        match parser.peek() {
            None => Ok(None),
            Some(_) => Err(JsonError { at: parser.at, what: "something follows after the last record" }),
        }
    }
}

/// Whether a text is one object whose values are objects.
fn keyed(text: &str) -> bool {
    let mut repairs = Repairs::default();
    let mut parser = Parser::new(text, 0, &mut repairs);
    let first = (|| {
        parser.space()?;
        parser.at += 1;
        if !parser.any(b'}')? {
            return Ok(false);
        }
        parser.key()?;
        if parser.peek() != Some(b'{') {
            return Ok(false);
        }
        // Past the first value the object must go on or end the text.
        let mut depth_limited = parser.value(2)?;
        depth_limited.range.start = 0;
        if parser.more(b'}')? {
            parser.key()?;
            return Ok(parser.peek() == Some(b'{'));
        }
        parser.space()?;
        Ok::<bool, JsonError>(parser.peek().is_none())
    })();
    first.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[allow(clippy::type_complexity)] // Read once, below.
    fn read(text: &str) -> Result<(Shape, Vec<(Option<String>, String)>), JsonError> {
        let mut records = Records::new(text);
        let mut out = Vec::new();
        while let Some(entry) = records.next()? {
            out.push((entry.key, text[entry.node.range].to_owned()));
        }
        Ok((records.shape, out))
    }

    #[test]
    fn lines_arrays_and_keyed_objects_are_walked_alike() {
        let (shape, records) = read("{\"a\":1}\n\n{\"a\":2}\n").unwrap();
        assert_eq!((shape, records.len()), (Shape::Lines, 2));
        let (shape, records) = read("\u{feff}[ {\"a\":1}, {\"a\":2} ]").unwrap();
        assert_eq!((shape, records[1].1.as_str()), (Shape::Array, "{\"a\":2}"));
        let (shape, records) = read("{\"k1\": {\"a\":1}, \"k2\": {}}").unwrap();
        assert_eq!((shape, records[1].0.as_deref()), (Shape::Keyed, Some("k2")));
        let (shape, records) = read("{\"data\": {\"a\":1}, \"id\": 3}").unwrap();
        assert_eq!((shape, records.len()), (Shape::Lines, 1));
        assert_eq!(read("[]").unwrap().1, []);
        assert_eq!(read("").unwrap().1, []);
    }

    #[test]
    fn what_follows_the_last_record_is_an_error() {
        assert!(read("[1] 2").is_err());
        assert!(read("[1, 2").is_err());
        assert!(read("\u{a0}[1]").is_err(), "a no-break space is no white space of JSON");
        assert!(read("\u{a0}{\"a\": {}}").is_err());
    }
}
