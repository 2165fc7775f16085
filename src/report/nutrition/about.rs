//! What people say of a dataset, which no program can know: a small JSON beside the source.
//!
//! ```json
//! {"licence": "CC BY 4.0", "author": {"name": "…"}, "variables": {"pay": {"description": "Dollars a year", "kind": "continuous"}}}
//! ```
//! Nothing is invented: what is blank stays blank, and is called "not provided". Fields that this version does not know are kept.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::analysis::nutrition::Kind;
use crate::dataset::Source;

/// Bytes of the largest file.
const MOST_BYTES: u64 = 1 << 20;

/// What stands in the place of what nobody wrote.
pub const NOT_PROVIDED: &str = "not provided";

/// Somebody, or some place, that the data came from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Party {
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    url: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    email: String,
    #[serde(flatten)]
    rest: serde_json::Map<String, serde_json::Value>,
}

impl Party {
    fn is_blank(&self) -> bool {
        *self == Self::default()
    }
}

/// What is said of a column.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Variable {
    /// What it holds.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What kind of values it has, where the program's guess is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    #[serde(flatten)]
    rest: serde_json::Map<String, serde_json::Value>,
}

/// Everything that is said.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    #[serde(skip_serializing_if = "String::is_empty")]
    title: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    url: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    domain: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    keywords: String,
    #[serde(rename = "type", skip_serializing_if = "String::is_empty")]
    kind: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    licence: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    released: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    date_range: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    #[serde(skip_serializing_if = "Party::is_blank")]
    source: Party,
    #[serde(skip_serializing_if = "Party::is_blank")]
    author: Party,
    /// By name of the column.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, Variable>,
    #[serde(flatten)]
    rest: serde_json::Map<String, serde_json::Value>,
}

/// One thing that can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the table below says what each is")]
pub enum Field {
    Title,
    Description,
    Url,
    Domain,
    Keywords,
    Type,
    Licence,
    Released,
    DateRange,
    SourceName,
    SourceUrl,
    AuthorName,
    AuthorUrl,
    AuthorEmail,
}

impl Field {
    /// The module of metadata, in reading order.
    pub const METADATA: [Self; 9] = [
        Self::Title,
        Self::Description,
        Self::Url,
        Self::Domain,
        Self::Keywords,
        Self::Type,
        Self::Licence,
        Self::Released,
        Self::DateRange,
    ];
    /// The module of provenance.
    pub const PROVENANCE: [Self; 5] =
        [Self::SourceName, Self::SourceUrl, Self::AuthorName, Self::AuthorUrl, Self::AuthorEmail];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Title => "Title",
            Self::Description => "Description",
            Self::Url => "URL",
            Self::Domain => "Domain",
            Self::Keywords => "Keywords",
            Self::Type => "Type",
            Self::Licence => "Licence",
            Self::Released => "Released",
            Self::DateRange => "Date range",
            Self::SourceName => "Source",
            Self::SourceUrl => "Source URL",
            Self::AuthorName => "Author",
            Self::AuthorUrl => "Author URL",
            Self::AuthorEmail => "Author e-mail",
        }
    }

    /// Its key in JSON.
    pub fn key(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Description => "description",
            Self::Url => "url",
            Self::Domain => "domain",
            Self::Keywords => "keywords",
            Self::Type => "type",
            Self::Licence => "licence",
            Self::Released => "released",
            Self::DateRange => "date_range",
            Self::SourceName => "source_name",
            Self::SourceUrl => "source_url",
            Self::AuthorName => "author_name",
            Self::AuthorUrl => "author_url",
            Self::AuthorEmail => "author_email",
        }
    }

    /// What to write there.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Title => "What the dataset is called",
            Self::Description => "What it holds, how it was collected, what for",
            Self::Url => "Where it can be had",
            Self::Domain => "Such as medicine, law, news",
            Self::Keywords => "Separated by commas",
            Self::Type => "Such as tabular, text, images",
            Self::Licence => "Such as CC BY 4.0",
            Self::Released => "Such as 2024-05-01",
            Self::DateRange => "When it was collected",
            Self::SourceName => "Whom or what the data came from",
            Self::SourceUrl => "Where the source can be found",
            Self::AuthorName => "Who made the dataset",
            Self::AuthorUrl => "Page of the author",
            Self::AuthorEmail => "For questions",
        }
    }
}

impl About {
    /// What is said there; empty for nothing.
    pub fn get(&self, field: Field) -> &str {
        match field {
            Field::Title => &self.title,
            Field::Description => &self.description,
            Field::Url => &self.url,
            Field::Domain => &self.domain,
            Field::Keywords => &self.keywords,
            Field::Type => &self.kind,
            Field::Licence => &self.licence,
            Field::Released => &self.released,
            Field::DateRange => &self.date_range,
            Field::SourceName => &self.source.name,
            Field::SourceUrl => &self.source.url,
            Field::AuthorName => &self.author.name,
            Field::AuthorUrl => &self.author.url,
            Field::AuthorEmail => &self.author.email,
        }
    }

    /// What is said there, to be changed.
    pub fn get_mut(&mut self, field: Field) -> &mut String {
        match field {
            Field::Title => &mut self.title,
            Field::Description => &mut self.description,
            Field::Url => &mut self.url,
            Field::Domain => &mut self.domain,
            Field::Keywords => &mut self.keywords,
            Field::Type => &mut self.kind,
            Field::Licence => &mut self.licence,
            Field::Released => &mut self.released,
            Field::DateRange => &mut self.date_range,
            Field::SourceName => &mut self.source.name,
            Field::SourceUrl => &mut self.source.url,
            Field::AuthorName => &mut self.author.name,
            Field::AuthorUrl => &mut self.author.url,
            Field::AuthorEmail => &mut self.author.email,
        }
    }

    /// What is said of a column; empty for nothing.
    pub fn of_column(&self, name: &str) -> &str {
        self.variables.get(name).map_or("", |v| v.description.as_str())
    }

    /// Columns whose kind somebody chose.
    pub fn kinds(&self) -> Vec<(String, Kind)> {
        self.variables.iter().filter_map(|(name, v)| Some((name.clone(), v.kind?))).collect()
    }

    /// The same without blanks at the ends, and without columns of which nothing is said.
    #[must_use]
    pub fn tidied(mut self) -> Self {
        for field in Field::METADATA.into_iter().chain(Field::PROVENANCE) {
            let said = self.get_mut(field);
            *said = said.trim().to_owned();
        }
        for variable in self.variables.values_mut() {
            variable.description = variable.description.trim().to_owned();
        }
        self.variables.retain(|_, v| *v != Variable::default());
        self
    }

    /// Where the file for a source stands.
    pub fn path_beside(source: &Path) -> PathBuf {
        let mut name = source.file_name().unwrap_or_default().to_owned();
        name.push(".label.json");
        source.with_file_name(name)
    }

    /// What stands beside a source; nothing where there is no file. The error names file and remedy.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn beside(source: &Path) -> Result<Self, String> {
        let path = Self::path_beside(source);
        if path.exists() { Self::read(&path) } else { Ok(Self::default()) }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// A file that cannot be read, is too large, or is of another shape; the words name it and say what to do.
    pub fn read(path: &Path) -> Result<Self, String> {
        let told = |why: String| format!("{}: {why}; mend it or remove it", path.display());
        let size = std::fs::metadata(path).map_err(|e| told(e.to_string()))?.len();
        if size > MOST_BYTES {
            return Err(told(format!("it has {size} bytes, what is said of a dataset at most {MOST_BYTES}")));
        }
        let json = std::fs::read_to_string(path).map_err(|e| told(e.to_string()))?;
        serde_json::from_str(&json).map_err(|e| told(format!("it does not say anything of a dataset ({e})")))
    }

    /// Writes the file beside a source, whole or not at all.
    ///
    /// # Errors
    /// A folder that cannot be written to, and a path that belongs to the source.
    pub fn save_beside(&self, source: &Source) -> anyhow::Result<PathBuf> {
        let path = Self::path_beside(&source.table.path);
        let json = serde_json::to_string_pretty(&self.clone().tidied())?;
        crate::report::write_beside(source, &path, |out| Ok(writeln!(out, "{json}")?))?;
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_read_again_with_what_nobody_here_knows() {
        let json = r#"{"licence": "CC0 ", "colour": [1], "author": {"name": "A. B.", "orcid": "0"},
            "variables": {"pay": {"description": "Dollars", "kind": "continuous", "unit": "$"}, "x": {}}}"#;
        let about: About = serde_json::from_str(json).unwrap();
        assert_eq!((about.get(Field::AuthorName), about.of_column("pay")), ("A. B.", "Dollars"));
        assert_eq!(about.kinds(), [("pay".to_owned(), Kind::Continuous)]);
        let tidied = about.tidied();
        assert_eq!((tidied.get(Field::Licence), tidied.variables.len()), ("CC0", 1));
        let again = serde_json::to_value(&tidied).unwrap();
        assert_eq!(again["colour"], serde_json::json!([1]));
        assert_eq!(again["author"]["orcid"], "0");
        assert_eq!(again["variables"]["pay"]["unit"], "$");
        assert!(again.get("url").is_none(), "a blank is not written: {again}");
    }

    #[test]
    fn a_damaged_file_says_which_and_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("t.csv");
        assert_eq!(About::beside(&source), Ok(About::default()));
        std::fs::write(About::path_beside(&source), "[1]").unwrap();
        let why = About::beside(&source).unwrap_err();
        assert!(why.contains("t.csv.label.json") && why.contains("mend it or remove it"), "{why}");
    }

    #[test]
    fn every_field_keeps_its_own_words() {
        let mut about = About::default();
        let all = || Field::METADATA.into_iter().chain(Field::PROVENANCE);
        all().for_each(|f| *about.get_mut(f) = f.name().to_owned());
        assert!(all().all(|f| about.get(f) == f.name() && !f.hint().is_empty() && !f.key().is_empty()));
        let json = serde_json::to_string(&about).unwrap();
        assert_eq!(serde_json::from_str::<About>(&json).unwrap(), about);
    }
}
