//! The settings beside Argilla's records: types of questions, labels in order, the field that spans are in.

use std::io::Read as _;
use std::path::Path;

use super::super::super::json::{Node, Repairs, parse};
use super::super::super::text::open_regular;
use super::super::turns::Kind;

/// Largest settings that are read, in bytes.
const MAX_BYTES: u64 = 4 << 20;

/// What is asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) name: String,
    /// `None` where the answers are not labels.
    pub(super) kind: Option<Kind>,
    pub(super) labels: Vec<String>,
    /// The field that spans are in.
    pub(super) field: Option<String>,
}

/// The questions that the settings beside `records` define; none where there are no settings.
pub(super) fn beside(records: &Path) -> Vec<Question> {
    let folder = records.parent().unwrap_or(Path::new(""));
    read(&folder.join(".argilla").join("settings.json")).map_or_else(Vec::new, |node| questions(&node))
}

fn read(path: &Path) -> Option<Node> {
    let (file, bytes) = open_regular(path).ok()?;
    if bytes > MAX_BYTES {
        return None;
    }
    let mut text = String::new();
    file.take(MAX_BYTES).read_to_string(&mut text).ok()?;
    parse(&text, 0, &mut Repairs::default()).ok()
}

fn questions(settings: &Node) -> Vec<Question> {
    let question = |node: &Node| {
        let more = node.get("settings")?;
        let form = more.get("type").and_then(Node::text).unwrap_or_default();
        let kind = match form {
            "label_selection" => Some(Kind::Choice),
            "multi_label_selection" => Some(Kind::Several),
            "rating" => Some(Kind::Rating),
            "span" => Some(Kind::Spans),
            _ => None,
        };
        let options = more.get("options").map_or(&[][..], Node::list);
        let value = |o: &Node| o.get("value").unwrap_or(o).scalar();
        Some(Question {
            name: node.get("name").and_then(Node::text)?.to_owned(),
            kind,
            labels: options.iter().filter_map(value).collect(),
            field: more.get("field").and_then(Node::text).map(str::to_owned),
        })
    };
    settings.get("questions").map_or(&[][..], Node::list).iter().take(1000).filter_map(question).collect()
}
