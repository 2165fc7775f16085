//! The codebook: reasons for a decision, in two levels, editable by the user.
//!
//! ```json
//! {"name": "…", "codes": [{"code": "annotator_error", "label": "Annotator error", "children": [{"code": "slip", "label": "Slip"}]}]}
//! ```
//! Every code is unique in the whole book: a decision records the code alone.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Bytes of the largest book.
const MOST_BYTES: u64 = 1 << 20;

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// What stands in the log.
    pub code: String,
    /// What stands on the screen.
    pub label: String,
    /// When to use it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub definition: String,
    /// Finer reasons; none below the second level.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Code>,
}

/// All reasons.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Codebook {
    /// What the book is called.
    pub name: String,
    /// The first level, in the order of their keys.
    pub codes: Vec<Code>,
}

/// Why a codebook cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodebookError {
    /// Not JSON, or of another shape.
    #[error("the codebook cannot be read ({0})")]
    NotACodebook(String),
    /// A code without a name.
    #[error("the code labelled “{0}” has no code")]
    Empty(String),
    /// A line without words.
    #[error("“{0}” names no reason")]
    Nameless(String),
    /// An empty book.
    #[error("a codebook needs one reason at least")]
    NoCodes,
    /// A code that stands twice.
    #[error("the code “{0}” stands twice in the codebook")]
    Twice(String),
    /// A third level.
    #[error("“{0}” has codes below the second level")]
    TooDeep(String),
}

impl Codebook {
    /// The book for differences between versions of a tagged text.
    pub fn entities() -> Self {
        // It is a part of the program; a test reads it.
        Self::parse(include_str!("../../assets/codebook_entities.json")).unwrap_or_default()
    }

    /// Books to begin with: name, and what it is for.
    pub const PRESETS: [(&'static str, &'static str); 3] = [
        ("Entities", "Why versions of a tagged text differ"),
        ("Rationales", "Where disagreement comes from, whatever the task: data, task, annotator"),
        ("Decisions", "Why a label was corrected or kept"),
    ];

    /// The book of [`Self::PRESETS`] with this number.
    pub fn preset(at: usize) -> Self {
        let json = match at {
            0 => return Self::entities(),
            1 => include_str!("../../assets/codebook_rationales.json"),
            _ => include_str!("../../assets/codebook.json"),
        };
        // As above.
        Self::parse(json).unwrap_or_default()
    }

    /// Where the book for a source stands.
    pub fn path_beside(source: &Path) -> PathBuf {
        let mut name = source.file_name().unwrap_or_default().to_owned();
        name.push(".codebook.json");
        source.with_file_name(name)
    }

    /// The book that stands beside a source; `None` where there is none. The error names file and remedy.
    pub fn beside(source: &Path) -> Option<Result<Self, String>> {
        let path = Self::path_beside(source);
        let size = std::fs::metadata(&path).ok()?.len();
        let told = |why: String| format!("{}: {why}; mend it or remove it", path.display());
        if size > MOST_BYTES {
            return Some(Err(told(format!("it has {size} bytes, a codebook at most {MOST_BYTES}"))));
        }
        let json = match std::fs::read_to_string(&path) {
            Ok(json) => json,
            Err(error) => return Some(Err(told(error.to_string()))),
        };
        Some(Self::parse(&json).map_err(|error| told(error.to_string())))
    }

    /// Reads and checks a codebook.
    pub fn parse(json: &str) -> Result<Self, CodebookError> {
        let book: Self =
            serde_json::from_str(json).map_err(|e| CodebookError::NotACodebook(e.to_string()))?;
        book.check()?;
        Ok(book)
    }

    /// Whether it can be used, as after an edit.
    pub fn check(&self) -> Result<(), CodebookError> {
        let mut seen = BTreeSet::new();
        for (code, parent) in self.iter() {
            if code.code.trim().is_empty() {
                return Err(CodebookError::Empty(code.label.clone()));
            }
            if !seen.insert(code.code.as_str()) {
                return Err(CodebookError::Twice(code.code.clone()));
            }
            if parent.is_some() && !code.children.is_empty() {
                return Err(CodebookError::TooDeep(code.code.clone()));
            }
        }
        Ok(())
    }

    /// Every code with its parent, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Code, Option<&Code>)> {
        self.codes
            .iter()
            .flat_map(|c| std::iter::once((c, None)).chain(c.children.iter().map(move |k| (k, Some(c)))))
    }

    /// The code called `code`, with its parent.
    pub fn find(&self, code: &str) -> Option<(&Code, Option<&Code>)> {
        self.iter().find(|(c, _)| c.code == code)
    }

    /// `code` in words, `Annotator error / Slip`; as it stands if the book does not have it.
    pub fn words(&self, code: &str) -> String {
        match self.find(code) {
            Some((c, Some(parent))) => format!("{} / {}", parent.label, c.label),
            Some((c, None)) => c.label.clone(),
            None => code.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOK: &str = r#"{"name": "Sources", "codes": [
        {"code": "annotator_error", "label": "Annotator error", "children": [
            {"code": "slip", "label": "Slip"}, {"code": "knowledge", "label": "Knowledge"}]},
        {"code": "ambiguous", "label": "Ambiguous", "definition": "Two readings."}]}"#;

    #[test]
    fn codes_are_found_on_both_levels() {
        let book = Codebook::parse(BOOK).unwrap();
        assert_eq!(book.words("slip"), "Annotator error / Slip");
        assert_eq!(book.words("ambiguous"), "Ambiguous");
        assert_eq!(book.words("from another book"), "from another book");
        assert_eq!(book.iter().count(), 4);
        assert_eq!(Codebook::parse(&serde_json::to_string(&book).unwrap()).unwrap(), book);
    }

    #[test]
    fn a_book_that_cannot_be_used_says_why() {
        let twice = BOOK.replace("ambiguous", "slip");
        assert_eq!(Codebook::parse(&twice), Err(CodebookError::Twice("slip".into())));
        let deep = BOOK
            .replace(r#""label": "Slip"}"#, r#""label": "Slip", "children": [{"code": "x", "label": "X"}]}"#);
        assert_eq!(Codebook::parse(&deep), Err(CodebookError::TooDeep("slip".into())));
        assert_eq!(
            Codebook::parse(&BOOK.replace("\"slip\"", "\" \"")),
            Err(CodebookError::Empty("Slip".into()))
        );
        assert!(matches!(Codebook::parse("[]"), Err(CodebookError::NotACodebook(_))));
    }

    #[test]
    fn the_books_that_come_with_the_program_can_be_used() {
        for at in 0..Codebook::PRESETS.len() {
            let book = Codebook::preset(at);
            assert!(!book.codes.is_empty());
            assert!(book.iter().all(|(code, _)| !code.label.is_empty() && !code.definition.is_empty()));
        }
    }
}
