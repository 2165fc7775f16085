//! UIMA CAS JSON 0.4 (INCEpTION, dkpro-cassis): one file or a whole project.
//!
//! A file describes its types and lists feature structures; those with `begin` and `end` are stretches, in UTF-16
//! units of the `sofaString`. Each type is a layer, each feature with a plain value a question. Tokens, sentences and
//! what describes the document are no layers; relations and chains stay in the files.
//!
//! Writing changes the feature's value. A stretch that should not be there goes, with its membership of the view;
//! one that something else refers to stays and loses its value. New stretches get the next `%ID` and become members.
//! A reviewer's file has the first rater's other layers.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;

use super::super::error::FormatError;
use super::super::gather::Gathering;
use super::super::intake::{InputFile, json_error, note_repairs, text_of};
use super::super::json::{Kind, Node, Patches, Repairs, parse, quoted};
use super::super::notes::Place;
use super::super::offsets::{Index, Unit};
use super::super::registry::{Evidence, Format, Look, Product};
use super::super::write::WriteBack;
use super::project::{self, Asking, Layered, NO_VALUE, Wanted};
use super::review;
use super::tsv3::short;
use crate::progress::Progress;

/// UIMA CAS JSON.
pub(in crate::formats) static FORMAT: Format = Format {
    id: "cas-json",
    name: "UIMA CAS JSON",
    reads: "types of stretches, each feature as a question; one file or a project's folders",
    writes: "one rater: the feature's values; several: a file of the reviewer for each document, beside curation",
    extensions: &["json"],
    detect,
    read,
    write: Some(write),
};

const STRUCTURES: &str = "%FEATURE_STRUCTURES";

fn detect(look: &Look<'_>) -> Option<Evidence> {
    let is_cas = |text: &str| {
        text.trim_start().starts_with('{')
            && (text.contains(&quoted(STRUCTURES)) || text.contains("\"%TYPES\""))
            && text.contains("\"%TYPE")
    };
    if look.listing.is_none() {
        return is_cas(&look.text)
            .then(|| Evidence::file(look, "it lists types and feature structures"))
            .flatten();
    }
    let files = project::files(look, ".json");
    let because = "its documents are folders with a CAS JSON file for each user".to_owned();
    is_cas(&project::head_of(&files)).then_some(Evidence { because, files })
}

/// A file as far as it is needed here.
struct Cas<'n> {
    root: &'n Node,
    structures: &'n [Node],
    text: &'n str,
    sofa: &'n str,
}

impl<'n> Cas<'n> {
    fn of(root: &'n Node, path: &Path) -> Result<Self, FormatError> {
        let fault = |what: &str| FormatError::of(path, what, "export the document again, as CAS JSON 0.4");
        let structures = root.get(STRUCTURES).filter(|n| n.is_list());
        let structures = structures.ok_or_else(|| fault("there is no list of feature structures"))?.list();
        let sofa = structures.iter().find(|fs| fs.some("sofaString").is_some());
        let text = sofa.and_then(|fs| fs.get("sofaString")).and_then(Node::text);
        let id = sofa.and_then(|fs| fs.get("%ID")).and_then(number);
        match (text, id) {
            (Some(text), Some(sofa)) => Ok(Self { root, structures, text, sofa }),
            _ => Err(fault("there is no text in this file")),
        }
    }

    /// Features of a type that hold plain values, as far as the file declares them.
    fn declared(&self, layer: &str) -> Vec<&'n str> {
        let members = self.root.get("%TYPES").and_then(|t| t.get(layer)).map_or(&[][..], Node::members);
        let plain = |range: &str| {
            range.strip_prefix("uima.cas.").is_some_and(|kind| {
                matches!(
                    kind,
                    "String" | "Integer" | "Long" | "Short" | "Byte" | "Float" | "Double" | "Boolean"
                )
            })
        };
        members
            .iter()
            .filter(|m| m.value.get("%RANGE").and_then(Node::text).is_some_and(plain))
            .map(|m| m.key.as_str())
            .collect()
    }

    /// The stretches of the text: number of the feature structure, its type, its range in UTF-16 units.
    fn stretches(&self) -> impl Iterator<Item = (usize, &'n str, Range<u32>)> {
        self.structures.iter().enumerate().filter_map(|(at, fs)| {
            let layer = fs.get("%TYPE").and_then(Node::text)?;
            let range = fs.get("begin")?.count()?..fs.get("end")?.count()?;
            let here = fs.get("@sofa").and_then(number).is_none_or(|sofa| sofa == self.sofa);
            (here && is_layer(layer) && !is_link(fs)).then_some((at, layer, range))
        })
    }

    /// Identifiers that some feature structure refers to.
    fn referred(&self) -> BTreeSet<&'n str> {
        let fields = self.structures.iter().flat_map(Node::members);
        let references =
            fields.filter(|m| m.key.starts_with('@') && m.key != "@sofa" || m.key == "%ELEMENTS");
        references.flat_map(|m| m.value.list().iter().chain([&m.value])).filter_map(number).collect()
    }
}

fn number(node: &Node) -> Option<&str> {
    match &node.kind {
        Kind::Number(spelling) => Some(spelling),
        _ => None,
    }
}

/// Tokens, sentences and descriptions of the document are not what raters mark.
pub(super) fn is_layer(name: &str) -> bool {
    const NOT: [&str; 8] = [
        "Token",
        "Sentence",
        "DocumentAnnotation",
        "DocumentMetaData",
        "TagsetDescription",
        "TagDescription",
        "CASMetadata",
        "Sofa",
    ];
    !NOT.contains(&name.rsplit('.').next().unwrap_or(name))
}

/// Relations and chains join stretches; they are none.
fn is_link(fs: &Node) -> bool {
    fs.has(&["@Governor", "@Dependent"])
        || ["@first", "@next", "referenceType"].iter().any(|k| fs.get(k).is_some())
}

fn layered(root: &Node, path: &Path) -> Result<(Layered, u64), FormatError> {
    let cas = Cas::of(root, path)?;
    let index = Index::new(cas.text, Unit::Utf16);
    let mut outside = 0;
    let mut out = Layered { text: cas.text.to_owned(), features: Vec::new() };
    let mut layers: Vec<(&str, Vec<&str>)> = Vec::new();
    for (at, layer, range) in cas.stretches() {
        let Some(range) = index.range(range) else {
            outside += 1;
            continue;
        };
        let fs = &cas.structures[at];
        let known = match layers.iter().position(|(name, _)| *name == layer) {
            Some(known) => known,
            None => {
                let mut features = cas.declared(layer);
                features.retain(|f| !matches!(*f, "begin" | "end"));
                if features.is_empty() {
                    features.push("");
                }
                layers.push((layer, features));
                layers.len() - 1
            }
        };
        for feature in &layers[known].1 {
            let value = fs.get(feature).and_then(Node::scalar);
            let same = |(l, f, _): &&mut (String, String, Vec<_>)| l == layer && f == feature;
            match out.features.iter_mut().find(same) {
                Some((_, _, list)) => list.push((range.clone(), value)),
                None => {
                    out.features.push((
                        layer.to_owned(),
                        (*feature).to_owned(),
                        vec![(range.clone(), value)],
                    ));
                }
            }
        }
    }
    Ok((out, outside))
}

fn tree(text: &str, path: &Path, repairs: &mut Repairs) -> Result<Node, FormatError> {
    parse(text, 0, repairs).map_err(|e| json_error(path, text, &e))
}

fn read(files: &[InputFile], gathering: &mut Gathering, progress: &Progress) -> Result<(), FormatError> {
    let mut all = Vec::new();
    let mut unused: BTreeSet<String> = BTreeSet::new();
    for (at, file) in files.iter().enumerate().filter(|(_, f)| f.name != review::DECISIONS) {
        progress.check()?;
        let text = text_of(&file.path, progress)?;
        let mut repairs = Repairs::default();
        let root = tree(&text.text, &file.path, &mut repairs)?;
        note_repairs(&mut gathering.notes, &text.text, &repairs);
        let (layered, outside) = layered(&root, &file.path)?;
        gathering.notes.add("outside_text", Place::FILE, outside, || {
            let what =
                "Offsets lie outside of the text or inside of a character; these stretches were passed over";
            (what.into(), "Export the document again".into())
        });
        for fs in root.get(STRUCTURES).map_or(&[][..], Node::list).iter().filter(|fs| is_link(fs)) {
            unused.extend(fs.get("%TYPE").and_then(Node::text).map(short));
        }
        all.push((at, layered));
        gathering.files.push(text.file);
    }
    gathering.notes.add("not_used", Place::FILE, unused.len() as u64, || {
        let names: Vec<String> = unused.into_iter().collect();
        (
            format!("Relations and chains are not used: {}", names.join(", ")),
            "Nothing to do; they stay in the files".into(),
        )
    });
    project::gather(files, &all, gathering, progress)
}

fn write(work: &WriteBack<'_>, progress: &Progress) -> Result<Product, FormatError> {
    let writer = project::Writer {
        corrected: &|text, path, wanted, asking| rewritten(text, path, wanted, asking, false),
        fresh: &|text, path, wanted, asking| rewritten(text, path, wanted, asking, true),
        read: &|text, path| Ok(layered(&tree(text, path, &mut Repairs::default())?, path)?.0),
    };
    project::write(work, &writer, progress)
}

/// The text with the wanted labels; if `only`, with no other stretch of the layer.
fn rewritten(
    text: &str,
    path: &Path,
    wanted: &[Wanted],
    asking: &Asking,
    only: bool,
) -> Result<String, FormatError> {
    let root = tree(text, path, &mut Repairs::default())?;
    let cas = Cas::of(&root, path)?;
    let index = Index::new(cas.text, Unit::Utf16);
    let referred = cas.referred();
    let mut next: u64 =
        cas.structures.iter().filter_map(|fs| number(fs.get("%ID")?)?.parse().ok()).max().unwrap_or(0);
    let is_text = root
        .get("%TYPES")
        .and_then(|t| t.get(&asking.layer)?.get(&asking.feature)?.get("%RANGE")?.text())
        .is_none_or(|range| range == "uima.cas.String");
    let value = |label: &str| match label {
        NO_VALUE => "null".to_owned(),
        label
            if is_text
                || serde_json::from_str::<serde_json::Number>(label).is_err()
                    && !matches!(label, "true" | "false") =>
        {
            quoted(label)
        }
        label => label.to_owned(),
    };
    let mine: Vec<(usize, Option<Range<u32>>)> = cas
        .stretches()
        .filter(|(_, layer, _)| *layer == asking.layer)
        .map(|(at, _, range)| (at, index.range(range)))
        .collect();
    let mut patches = Patches::default();
    let mut gone: BTreeSet<usize> = BTreeSet::new();
    let mut new: Vec<String> = Vec::new();
    let mut members: Vec<String> = Vec::new();
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    for (range, labels) in wanted {
        let here: Vec<usize> =
            mine.iter().filter(|(_, r)| r.as_ref() == Some(range)).map(|(at, _)| *at).collect();
        seen.extend(&here);
        for (k, at) in here.iter().enumerate() {
            match labels.get(k) {
                Some(label) if asking.feature.is_empty() => debug_assert_eq!(label, NO_VALUE),
                Some(label) => {
                    let old = cas.structures[*at].get(&asking.feature).and_then(Node::scalar);
                    if old.as_deref().unwrap_or(NO_VALUE) != label {
                        patches.set(text, &cas.structures[*at], &[(&asking.feature, value(label))]);
                    }
                }
                None => {
                    gone.insert(*at);
                }
            }
        }
        for label in labels.iter().skip(here.len()) {
            let (Some(begin), Some(end)) = (index.offset(range.start), index.offset(range.end)) else {
                continue;
            };
            next = next.saturating_add(1);
            let says = if asking.feature.is_empty() {
                String::new()
            } else {
                format!(", {}: {}", quoted(&asking.feature), value(label))
            };
            new.push(format!(
                "{{\"%ID\": {next}, \"%TYPE\": {}, \"@sofa\": {}, \"begin\": {begin}, \"end\": {end}{says}}}",
                quoted(&asking.layer),
                cas.sofa
            ));
            members.push(next.to_string());
        }
    }
    if only {
        gone.extend(mine.iter().map(|(at, _)| *at).filter(|at| !seen.contains(at)));
    }
    let id = |at: &usize| cas.structures[*at].get("%ID").and_then(number);
    let (kept, gone): (BTreeSet<usize>, BTreeSet<usize>) =
        gone.into_iter().partition(|at| id(at).is_some_and(|id| referred.contains(id)));
    for at in kept.iter().filter(|at| cas.structures[**at].some(&asking.feature).is_some()) {
        patches.set(text, &cas.structures[*at], &[(&asking.feature, "null".to_owned())]);
    }
    let ids: BTreeSet<&str> = gone.iter().filter_map(id).collect();
    if let Some(list) = root.get(STRUCTURES) {
        change(text, list, &gone, &new, &mut patches);
    }
    for view in root.get("%VIEWS").map_or(&[][..], Node::members) {
        let of_sofa = view.value.get("%SOFA").and_then(number) == Some(cas.sofa);
        let Some(list) = view.value.get("%MEMBERS") else { continue };
        let places = list.list().iter().enumerate();
        let left =
            places.filter(|(_, n)| number(n).is_some_and(|n| ids.contains(n))).map(|(at, _)| at).collect();
        change(text, list, &left, if of_sofa { &members } else { &[] }, &mut patches);
    }
    Ok(patches.apply(text))
}

/// Takes elements out of a list and appends others.
fn change(text: &str, list: &Node, gone: &BTreeSet<usize>, new: &[String], patches: &mut Patches) {
    let elements = list.list();
    if gone.len() == elements.len() {
        if !elements.is_empty() || !new.is_empty() {
            patches.replace(list.range.clone(), format!("[{}]", new.join(", ")));
        }
        return;
    }
    let first_kept = (0..elements.len()).find(|at| !gone.contains(at)).unwrap_or(0);
    for &at in gone {
        let range = if at < first_kept {
            elements[at].range.start..elements[at + 1].range.start
        } else {
            elements[at - 1].range.end..elements[at].range.end
        };
        patches.replace(range, "");
    }
    if !new.is_empty() {
        patches.push(text, list, &new.join(", "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"{"%TYPES": {"a.NE": {"v": {"%RANGE": "uima.cas.String"}}},
 "%FEATURE_STRUCTURES": [{"%ID": 2, "%TYPE": "a.NE", "@sofa": 1, "begin": 0, "end": 3, "v": "PER"},
  {"%ID": 1, "%TYPE": "uima.cas.Sofa", "sofaString": "😊a b"},
  {"%ID": 3, "%TYPE": "a.NE", "@sofa": 1, "begin": 4, "end": 5, "v": "LOC"},
  {"%ID": 4, "%TYPE": "a.NE", "@sofa": 1, "begin": 1, "end": 5, "v": "half a character"},
  {"%ID": 7, "%TYPE": "a.Rel", "@Governor": 3, "@Dependent": 3, "begin": 4, "end": 5, "@sofa": 1}],
 "%VIEWS": {"_InitialView": {"%SOFA": 1, "%MEMBERS": [2, 3, 4, 7]}}}"#;

    fn asking() -> Asking {
        Asking { layer: "a.NE".into(), feature: "v".into(), name: "NE.v".into() }
    }

    #[test]
    fn stretches_are_read_in_code_points() {
        let root = tree(FILE, Path::new("x"), &mut Repairs::default()).unwrap();
        let (layered, outside) = layered(&root, Path::new("x")).unwrap();
        let expected = vec![(0..2, Some("PER".to_owned())), (3..4, Some("LOC".to_owned()))];
        assert_eq!((layered.features, outside), (vec![("a.NE".to_owned(), "v".to_owned(), expected)], 1));
    }

    #[test]
    fn values_change_stretches_go_and_new_ones_are_members() {
        let write = |wanted: &[Wanted]| rewritten(FILE, Path::new("x"), wanted, &asking(), false).unwrap();
        assert_eq!(write(&[]), FILE);
        assert_eq!(write(&[(0..2, vec!["ORG".into()])]), FILE.replace("PER", "ORG"));
        let gone = write(&[(0..2, vec![])]);
        let first = FILE.find("{\"%ID\": 2").unwrap()..FILE.find("{\"%ID\": 1").unwrap();
        assert_eq!(gone, FILE.replace(&FILE[first], "").replace("[2, 3", "[3"));
        assert_eq!(write(&[(3..4, vec![])]), FILE.replace("\"LOC\"", "null"), "a relation refers to it");
        let two = write(&[(3..4, vec!["LOC".into(), "ORG".into()])]);
        assert!(
            two.contains(
                "{\"%ID\": 8, \"%TYPE\": \"a.NE\", \"@sofa\": 1, \"begin\": 4, \"end\": 5, \"v\": \"ORG\"}]"
            ),
            "{two}"
        );
        assert!(two.contains("[2, 3, 4, 7, 8]"), "{two}");
    }

    #[test]
    fn a_file_of_its_own_has_these_stretches_only() {
        let text = rewritten(FILE, Path::new("x"), &[(2..3, vec!["ORG".into()])], &asking(), true).unwrap();
        let root = tree(&text, Path::new("x"), &mut Repairs::default()).unwrap();
        let (layered, _) = layered(&root, Path::new("x")).unwrap();
        assert_eq!(layered.features[0].2, [(3..4, None), (2..3, Some("ORG".to_owned()))], "{text}");
    }
}
