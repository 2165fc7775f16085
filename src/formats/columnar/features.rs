//! What the `datasets` library says about columns beyond their Arrow type: names of classes, and which structures
//! are pictures or sounds.
//!
//! The same description stands in several places and spellings: under the key `huggingface` in the schema of a
//! file, in `dataset_info.json`, in the older `dataset_infos.json`, and as YAML at the top of a repository's
//! README (<https://huggingface.co/docs/datasets/about_dataset_features>).

use serde_json::Value;

/// What a column is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Feature {
    /// Just its type.
    #[default]
    Plain,
    /// Numbers of classes, with their names.
    Class(Vec<String>),
    /// Several of them.
    List(Box<Feature>),
    /// A structure.
    Fields(Vec<(String, Feature)>),
    /// A picture, sound or film as `{bytes, path}`.
    Media,
}

const PLAIN: &Feature = &Feature::Plain;
/// Deepest nesting of features that is read.
const MAX_DEPTH: usize = 32;
/// Most names of one class.
const MAX_NAMES: usize = 1_000_000;

impl Feature {
    /// Names of the classes, where it is one.
    pub(crate) fn names(&self) -> Option<&[String]> {
        match self {
            Self::Class(names) => Some(names),
            _ => None,
        }
    }

    /// What the elements of a list are.
    pub(crate) fn element(&self) -> &Feature {
        match self {
            Self::List(element) => element,
            // Older descriptions write a list of structures as the structure.
            Self::Fields(_) => self,
            _ => PLAIN,
        }
    }

    /// What a field of a structure is.
    pub(crate) fn field(&self, name: &str) -> &Feature {
        match self {
            Self::Fields(fields) => fields.iter().find(|(n, _)| n == name).map_or(PLAIN, |(_, f)| f),
            Self::List(element) => element.field(name),
            _ => PLAIN,
        }
    }
}

/// The features of a table, by column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Features(pub(crate) Vec<(String, Feature)>);

impl Features {
    /// The feature of a column.
    pub(crate) fn get(&self, column: &str) -> &Feature {
        self.0.iter().find(|(n, _)| n == column).map_or(PLAIN, |(_, f)| f)
    }

    /// From the value of the key `huggingface` of a schema.
    pub(crate) fn of_schema(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        Self::of_map(value.get("info")?.get("features")?)
    }

    /// From `dataset_info.json`, or the older `dataset_infos.json`, which holds one a configuration: the one that
    /// knows most of `columns` counts.
    pub(crate) fn of_info(value: &Value, columns: &[String]) -> Option<Self> {
        if let Some(features) = value.get("features") {
            return Self::of_map(features).or_else(|| Self::of_yaml(features));
        }
        let all: Vec<&Value> = match value {
            Value::Array(list) => list.iter().collect(),
            Value::Object(map) => map.values().collect(),
            _ => return None,
        };
        let known = |f: &Features| f.0.iter().filter(|(name, _)| columns.contains(name)).count();
        let found = all.into_iter().filter_map(|v| v.get("features"));
        // The first of equals.
        found
            .filter_map(|f| Self::of_map(f).or_else(|| Self::of_yaml(f)))
            .rev_max_by_key(known)
            .filter(|f| known(f) > 0)
    }

    /// From the map `features` of the JSON files.
    fn of_map(value: &Value) -> Option<Self> {
        let map = value.as_object()?;
        Some(Self(map.iter().map(|(name, f)| (name.clone(), feature(f, 0))).collect()))
    }

    /// From the list `features` of a README.
    fn of_yaml(value: &Value) -> Option<Self> {
        Some(Self(named(value, 0)?))
    }
}

trait MaxFirst: Iterator + Sized {
    /// The greatest by `key`; of equals, the first.
    fn rev_max_by_key<K: Ord>(self, key: impl Fn(&Self::Item) -> K) -> Option<Self::Item> {
        let mut best: Option<(K, Self::Item)> = None;
        for item in self {
            let k = key(&item);
            if best.as_ref().is_none_or(|(b, _)| k > *b) {
                best = Some((k, item));
            }
        }
        best.map(|(_, item)| item)
    }
}

impl<I: Iterator> MaxFirst for I {}

/// One feature as JSON has it.
fn feature(value: &Value, depth: usize) -> Feature {
    if depth > MAX_DEPTH {
        return Feature::Plain;
    }
    match value {
        // A list of one element is a list of it.
        Value::Array(list) => match list.first() {
            Some(element) => Feature::List(Box::new(feature(element, depth + 1))),
            None => Feature::Plain,
        },
        Value::Object(map) => match map.get("_type").and_then(Value::as_str) {
            Some("ClassLabel") => map.get("names").and_then(names).map_or(Feature::Plain, Feature::Class),
            Some("List" | "LargeList" | "Sequence") => match map.get("feature") {
                Some(element) => Feature::List(Box::new(feature(element, depth + 1))),
                None => Feature::Plain,
            },
            Some("Image" | "Audio" | "Video") => Feature::Media,
            Some(_) => Feature::Plain,
            None => Feature::Fields(map.iter().map(|(n, f)| (n.clone(), feature(f, depth + 1))).collect()),
        },
        _ => Feature::Plain,
    }
}

/// A list of `name: …` with what each is, as YAML has it.
fn named(value: &Value, depth: usize) -> Option<Vec<(String, Feature)>> {
    let list = value.as_array()?;
    let one = |entry: &Value| Some((entry.get("name")?.as_str()?.to_owned(), yaml_feature(entry, depth)));
    Some(list.iter().filter_map(one).collect())
}

fn yaml_feature(entry: &Value, depth: usize) -> Feature {
    if depth > MAX_DEPTH {
        return Feature::Plain;
    }
    let list = |element: Feature| Feature::List(Box::new(element));
    for key in ["list", "sequence", "large_list"] {
        match entry.get(key) {
            Some(fields @ Value::Array(_)) => {
                return list(named(fields, depth + 1).map_or(Feature::Plain, Feature::Fields));
            }
            Some(element @ Value::Object(_)) => {
                // Either a description of its own or a type.
                let typed = element.get("dtype").is_some() || element.get("list").is_some();
                return list(if typed { yaml_feature(element, depth + 1) } else { yaml_type(element) });
            }
            Some(Value::String(kind)) => return list(yaml_kind(kind)),
            _ => {}
        }
    }
    if let Some(fields) = entry.get("struct").and_then(|s| named(s, depth + 1)) {
        return Feature::Fields(fields);
    }
    match entry.get("dtype") {
        Some(Value::String(kind)) => yaml_kind(kind),
        Some(kind) => yaml_type(kind),
        None => Feature::Plain,
    }
}

fn yaml_kind(kind: &str) -> Feature {
    match kind {
        "image" | "audio" | "video" => Feature::Media,
        _ => Feature::Plain,
    }
}

fn yaml_type(value: &Value) -> Feature {
    match value.get("class_label").and_then(|c| c.get("names")).and_then(names) {
        Some(names) => Feature::Class(names),
        None if value.get("image").or(value.get("audio")).is_some() => Feature::Media,
        None => Feature::Plain,
    }
}

/// Names as a list, or as a map from their numbers.
fn names(value: &Value) -> Option<Vec<String>> {
    let text = |v: &Value| match v {
        Value::String(text) => Some(text.clone()),
        Value::Number(n) => Some(n.to_string()),
        Value::Bool(b) => Some(b.to_string()),
        _ => None,
    };
    match value {
        Value::Array(list) => list.iter().map(text).collect(),
        Value::Object(map) => {
            let mut numbered: Vec<(usize, String)> =
                map.iter().map(|(k, v)| Some((k.parse().ok()?, text(v)?))).collect::<Option<_>>()?;
            numbered.sort();
            let last = numbered.last().map_or(0, |(n, _)| n + 1);
            if last > MAX_NAMES {
                return None;
            }
            // A number without a name is called by its number.
            let mut names: Vec<String> = (0..last).map(|n| n.to_string()).collect();
            for (n, name) in numbered {
                names[n] = name;
            }
            Some(names)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::yaml;
    use super::*;

    fn class(names: &[&str]) -> Feature {
        Feature::Class(names.iter().map(|n| (*n).to_owned()).collect())
    }

    #[test]
    fn json_lists_are_read_in_all_their_spellings() {
        for ratings in [
            r#"{"feature": {"label": {"names": ["a", "b"], "_type": "ClassLabel"}}, "_type": "List"}"#,
            r#"{"feature": {"label": {"names": ["a", "b"], "_type": "ClassLabel"}}, "length": -1, "_type": "Sequence"}"#,
            r#"[{"label": {"names": ["a", "b"], "_type": "ClassLabel"}}]"#,
        ] {
            let text =
                format!(r#"{{"info": {{"features": {{"x": {{"_type": "Image"}}, "ratings": {ratings}}}}}}}"#);
            let features = Features::of_schema(&text).unwrap();
            assert_eq!(features.get("ratings").element().field("label"), &class(&["a", "b"]));
            assert_eq!(features.get("x"), &Feature::Media);
            assert_eq!(features.get("other"), &Feature::Plain);
        }
    }

    #[test]
    fn a_readme_numbers_its_names() {
        let text = "---\ndataset_info:\n- config_name: one\n  features:\n  - name: other\n    dtype: string\n\
                    - config_name: two\n  features:\n  - name: label\n    dtype:\n      class_label:\n        names:\n\
                    \x20         '1': neg: x\n          '0': \"a\"\n          '10': c\n  - name: tags\n    sequence:\n      class_label:\n\
                    \x20       names:\n          '0': O\n---\n# no\n";
        let value = yaml::front_matter(text).unwrap();
        let features = Features::of_info(value.get("dataset_info").unwrap(), &["label".to_owned()]).unwrap();
        let names = features.get("label").names().unwrap();
        assert_eq!(
            (names.len(), &names[0][..], &names[1][..], &names[2][..], &names[10][..]),
            (11, "a", "neg: x", "2", "c")
        );
        assert_eq!(features.get("tags").element(), &class(&["O"]));
    }

    #[test]
    fn the_older_file_holds_one_a_configuration() {
        let text = r#"{"default": {"features": {"label": {"names": ["a"], "_type": "ClassLabel"}}}}"#;
        let features =
            Features::of_info(&serde_json::from_str(text).unwrap(), &["label".to_owned()]).unwrap();
        assert_eq!(features.get("label"), &class(&["a"]));
    }
}
