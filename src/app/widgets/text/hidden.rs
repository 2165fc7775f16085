//! Characters that a reader would not see, and signs to show in their place.
//!
//! A zero-width space makes two equal words differ, an override turns `gpj.exe` around, tag characters carry
//! whole sentences: in a dataset all of that is a finding. Where such a character does its ordinary work it is no
//! finding and stays as it is: joiners in emoji and in the scripts that need them, variation selectors after
//! what they vary, the tags of a flag, and the carriage return of a Windows line end.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::super::bidi::Part;

/// Whether `text` holds a character that would not be seen.
pub fn has_hidden(text: &str) -> bool {
    !is_plain_ascii(text) && Walk::new(text).any(|(_, _, is_hidden)| is_hidden)
}

/// How often each character of `text` that would not be seen occurs, in code point order.
pub fn hidden_in(text: &str) -> BTreeMap<char, usize> {
    let mut counts = BTreeMap::new();
    if !is_plain_ascii(text) {
        for (_, c, _) in Walk::new(text).filter(|(_, _, is_hidden)| *is_hidden) {
            *counts.entry(c).or_insert(0) += 1;
        }
    }
    counts
}

/// `text` with a sign for each character that would not be seen.
pub fn signed(text: &str) -> Cow<'_, str> {
    if !has_hidden(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for (_, c, is_hidden) in Walk::new(text) {
        if is_hidden { out.push_str(&sign(c)) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// The sign shown for a hidden character, e.g. `‹U+200B›`.
pub fn sign(c: char) -> String {
    format!("‹U+{:04X}›", u32::from(c))
}

/// What a hidden character is, in words, e.g. for a tooltip.
pub fn name(c: char) -> &'static str {
    match c {
        '\0' => "null",
        '\r' => "carriage return without a line feed",
        '\u{1B}' => "escape",
        '\u{7F}' => "delete",
        '\u{AD}' => "soft hyphen",
        '\u{34F}' => "combining grapheme joiner",
        '\u{61C}' => "Arabic letter mark",
        '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' => "Hangul filler",
        '\u{200B}' => "zero-width space",
        '\u{200C}' => "zero-width non-joiner",
        '\u{200D}' => "zero-width joiner",
        '\u{200E}' => "left-to-right mark",
        '\u{200F}' => "right-to-left mark",
        '\u{2028}' => "line separator",
        '\u{2029}' => "paragraph separator",
        '\u{202A}' => "left-to-right embedding",
        '\u{202B}' => "right-to-left embedding",
        '\u{202C}' => "end of embedding or override",
        '\u{202D}' => "left-to-right override",
        '\u{202E}' => "right-to-left override",
        '\u{2060}' => "word joiner",
        '\u{2061}'..='\u{2064}' => "invisible operator",
        '\u{2066}' => "left-to-right isolate",
        '\u{2067}' => "right-to-left isolate",
        '\u{2068}' => "first strong isolate",
        '\u{2069}' => "end of isolate",
        '\u{FEFF}' => "byte order mark",
        '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' | '\u{180B}'..='\u{180F}' => "variation selector",
        '\u{E0000}'..='\u{E007F}' => "tag character",
        c if c.is_control() => "control character",
        _ => "invisible character",
    }
}

/// `line` cut into what is shown and what is hidden; `signs` holds a sign for each hidden character in order.
pub(super) fn parts<'a>(line: &'a str, signs: &'a [String]) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    let mut shown_from = 0;
    let hidden = Walk::new(line).filter(|(_, _, is_hidden)| *is_hidden);
    for ((at, c, _), sign) in hidden.zip(signs) {
        if shown_from < at {
            parts.push(Part::Shown(&line[shown_from..at]));
        }
        parts.push(Part::Hidden(c, sign));
        shown_from = at + c.len_utf8();
    }
    if shown_from < line.len() {
        parts.push(Part::Shown(&line[shown_from..]));
    }
    parts
}

/// Signs for the hidden characters of `line`, in order.
pub(super) fn signs(line: &str) -> Vec<String> {
    if is_plain_ascii(line) {
        return Vec::new();
    }
    Walk::new(line).filter(|(_, _, is_hidden)| *is_hidden).map(|(_, c, _)| sign(c)).collect()
}

/// Printable ASCII, tabs and line feeds only: most text, found out at the speed of memory.
fn is_plain_ascii(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b' '..=b'~' | b'\t' | b'\n'))
}

/// The characters of a text with their places, and whether each would be seen.
struct Walk<'a> {
    chars: std::iter::Peekable<std::str::CharIndices<'a>>,
    before: Option<char>,
    /// Inside the tags of a flag.
    is_in_flag: bool,
}

impl<'a> Walk<'a> {
    fn new(text: &'a str) -> Self {
        Self { chars: text.char_indices().peekable(), before: None, is_in_flag: false }
    }
}

impl Iterator for Walk<'_> {
    type Item = (usize, char, bool);

    fn next(&mut self) -> Option<Self::Item> {
        let (at, c) = self.chars.next()?;
        let after = self.chars.peek().map(|&(_, c)| c);
        self.is_in_flag = c == '\u{1F3F4}' || (self.is_in_flag && is_flag_tag(c));
        let is_hidden = is_invisible(c) && !is_at_work(c, self.before, after, self.is_in_flag);
        self.before = Some(c);
        Some((at, c, is_hidden))
    }
}

/// Controls but tab and line feed, and Unicode's default-ignorable characters: no width, or a width without ink that is no space.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\0'..='\u{8}'
            | '\u{B}'..='\u{1F}'
            | '\u{7F}'..='\u{9F}'
            | '\u{AD}'
            | '\u{34F}'
            | '\u{61C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}'
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// Whether an invisible character does its ordinary work between its neighbours.
fn is_at_work(c: char, before: Option<char>, after: Option<char>, is_in_flag: bool) -> bool {
    match c {
        '\r' => after == Some('\n'),
        '\u{200D}' => {
            let joins_emoji = before.is_some_and(is_emoji) && after.is_some_and(is_emoji);
            joins_emoji || before.is_some_and(is_of_joining_script)
        }
        '\u{200C}' => before.is_some_and(is_of_joining_script) && after.is_some_and(is_of_joining_script),
        '\u{FE00}'..='\u{FE0F}' => before.is_some_and(|b| {
            !is_invisible(b) && (!b.is_ascii() || b.is_ascii_digit() || b == '#' || b == '*') && b != '\u{A0}'
        }),
        '\u{E0100}'..='\u{E01EF}' => before.is_some_and(|b| b >= '\u{3400}' && !is_invisible(b)),
        '\u{180B}'..='\u{180F}' => before.is_some_and(|b| ('\u{1820}'..='\u{18AA}').contains(&b)),
        _ => is_in_flag && is_flag_tag(c),
    }
}

fn is_flag_tag(c: char) -> bool {
    ('\u{E0020}'..='\u{E007F}').contains(&c)
}

/// Pictographs, their selector and their skin tones, roughly.
fn is_emoji(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2BFF}' | '\u{FE0F}' | '\u{1F000}'..='\u{1FAFF}')
}

/// Letters and marks of scripts in which joiners choose between forms: Arabic to Myanmar, Khmer, Mongolian and
/// the other Indic scripts.
fn is_of_joining_script(c: char) -> bool {
    matches!(
        c,
        '\u{620}'..='\u{109F}'
            | '\u{1780}'..='\u{17B3}'
            | '\u{17B6}'..='\u{180A}'
            | '\u{1820}'..='\u{18AF}'
            | '\u{1A20}'..='\u{1CFF}'
            | '\u{A840}'..='\u{ABFF}'
            | '\u{FB50}'..='\u{FDFF}'
            | '\u{FE70}'..='\u{FEFC}'
            | '\u{11000}'..='\u{11FFF}'
            | '\u{1E900}'..='\u{1E95F}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_hides_nothing() {
        for text in [
            "plain\ttext\nin two lines\r\nor three",
            "naïve café, 日本語, Ελληνικά, שלום",
            "👩\u{200D}⚕\u{FE0F} ❤\u{FE0F}\u{200D}🔥 1\u{FE0F}\u{20E3} 👍🏽 🇩🇪",
            "🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}",
            "می\u{200C}خواهم",
            "ക്\u{200D} क्\u{200C}ष",
            "葛\u{E0100}",
            "no\u{A0}break",
        ] {
            assert_eq!(hidden_in(text), BTreeMap::new(), "{text:?}");
            assert!(!has_hidden(text));
        }
    }

    #[test]
    fn hidden_characters_are_found_and_counted() {
        let found = |text: &str| {
            assert!(has_hidden(text), "{text:?}");
            hidden_in(text).into_iter().collect::<Vec<_>>()
        };
        assert_eq!(found("a\u{200B}b\u{200B}c\u{202E}"), [('\u{200B}', 2), ('\u{202E}', 1)]);
        assert_eq!(found("a\0b"), [('\0', 1)]);
        assert_eq!(found("lone\rreturn"), [('\r', 1)]);
        assert_eq!(found("a\u{200D}b"), [('\u{200D}', 1)]);
        assert_eq!(found("x\u{FE0F}"), [('\u{FE0F}', 1)]);
        // One selector varies the sign; those after it can only carry a message.
        assert_eq!(found("❤\u{FE0F}\u{FE01}\u{FE02}"), [('\u{FE01}', 1), ('\u{FE02}', 1)]);
        // Tags without a flag.
        assert_eq!(found("a\u{E0068}\u{E0069}"), [('\u{E0068}', 1), ('\u{E0069}', 1)]);
        assert_eq!(found("\u{FEFF}id"), [('\u{FEFF}', 1)]);
    }

    #[test]
    fn parts_are_the_line_with_signs_in_place() {
        let line = "\u{FEFF}a\u{200B}\u{200B}b";
        let signs = signs(line);
        assert_eq!(
            parts(line, &signs),
            [
                Part::Hidden('\u{FEFF}', "‹U+FEFF›"),
                Part::Shown("a"),
                Part::Hidden('\u{200B}', "‹U+200B›"),
                Part::Hidden('\u{200B}', "‹U+200B›"),
                Part::Shown("b"),
            ]
        );
        assert!(parts("", &[]).is_empty());
    }

    #[test]
    fn every_hidden_character_has_a_name() {
        assert_eq!(name('\u{200B}'), "zero-width space");
        assert_eq!(name('\u{3}'), "control character");
        assert_eq!(sign('\u{E0041}'), "‹U+E0041›");
    }
}
