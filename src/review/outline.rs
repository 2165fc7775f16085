//! A codebook as an indented list, to be edited as text.
//!
//! ```text
//! Annotator error: under the guideline one is right, and the other was given
//!   Carelessness: a slip
//! Guideline update
//! ```
//!
//! One line a code, a line that begins with a space or a tab is on the second level, what stands after the first colon is its
//! definition. A code keeps its name in the log as long as its words stay the same, wherever it moves.

use std::collections::BTreeSet;

use super::codebook::{Code, Codebook, CodebookError};

/// The book, line by line.
pub fn outline(book: &Codebook) -> String {
    let mut text = String::new();
    for (code, parent) in book.iter() {
        if parent.is_some() {
            text.push_str("  ");
        }
        text.push_str(&code.label);
        if !code.definition.is_empty() {
            text.push_str(": ");
            text.push_str(&code.definition);
        }
        text.push('\n');
    }
    text
}

/// The book that the lines make, in the place of `before`.
pub fn from_outline(text: &str, before: &Codebook) -> Result<Codebook, CodebookError> {
    let mut book = Codebook { name: before.name.clone(), codes: Vec::new() };
    // Words that are on the list twice, such as one subtype of two types, take their names in order.
    let mut known: Vec<(&str, &str)> =
        before.iter().map(|(code, _)| (code.label.as_str(), code.code.as_str())).collect();
    let mut taken: BTreeSet<String> = known.iter().map(|k| k.1.to_owned()).collect();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (label, definition) = line.split_once(':').unwrap_or((line, ""));
        let label = label.trim();
        if label.is_empty() {
            return Err(CodebookError::Nameless(line.trim().to_owned()));
        }
        let name = match known.iter().position(|k| k.0 == label) {
            Some(at) => known.remove(at).1.to_owned(),
            None => fresh(label, &mut taken),
        };
        let code = Code {
            code: name,
            label: label.to_owned(),
            definition: definition.trim().to_owned(),
            children: Vec::new(),
        };
        match (line.starts_with([' ', '\t']), book.codes.last_mut()) {
            (true, Some(parent)) => parent.children.push(code),
            _ => book.codes.push(code),
        }
    }
    if book.codes.is_empty() {
        return Err(CodebookError::NoCodes);
    }
    book.check()?;
    Ok(book)
}

/// A name for a code that is none of those that are taken.
fn fresh(label: &str, taken: &mut BTreeSet<String>) -> String {
    let mut name = String::new();
    for c in label.chars().take(60) {
        if c.is_alphanumeric() {
            name.extend(c.to_lowercase());
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    let name = name.trim_end_matches('_');
    let name = if name.is_empty() { "code" } else { name };
    let numbered = (2..).map(|n| format!("{name}_{n}"));
    let mut free = std::iter::once(name.to_owned()).chain(numbered).filter(|n| !taken.contains(n));
    // There is always a next number.
    let name = free.next().unwrap_or_default();
    taken.insert(name.clone());
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book() -> Codebook {
        Codebook::parse(include_str!("../../assets/codebook_entities.json")).unwrap()
    }

    #[test]
    fn a_book_that_nobody_changed_stays_as_it_is() {
        let book = book();
        assert_eq!(from_outline(&outline(&book), &book).unwrap(), book);
    }

    #[test]
    fn what_is_added_has_a_name_of_its_own_and_what_moves_keeps_it() {
        let text =
            "Guideline update\n  Club named by its town: a new rule\n  Carelessness\nNeu & alt\nNeu alt\n";
        let made = from_outline(text, &book()).unwrap();
        let codes: Vec<(&str, bool)> = made.iter().map(|(c, p)| (c.code.as_str(), p.is_some())).collect();
        assert_eq!(
            codes,
            [
                ("guideline_update", false),
                ("club_named_by_its_town", true),
                ("carelessness", true),
                ("neu_alt", false),
                ("neu_alt_2", false)
            ]
        );
        assert_eq!(made.codes[0].children[0].definition, "a new rule");
    }

    #[test]
    fn what_is_no_book_says_why() {
        assert_eq!(from_outline(" \n", &book()), Err(CodebookError::NoCodes));
        assert!(matches!(from_outline(": alone", &book()), Err(CodebookError::Nameless(_))));
    }
}
