//! Search over everything: what the palette finds beside commands, which are pages, queues, labels, raters and items by key.

use super::command::{self, Command, Scope};
use super::document::Document;
use super::query::Condition;
use super::request::Request;
use super::state::View;
use super::widgets::palette::Choice;
use super::{App, Stage, pages};

/// Labels and raters beyond this many are found by the search over items and by their views.
const MOST: usize = 5000;

/// What a choice opens.
#[derive(Debug, Clone, Copy)]
enum Found {
    Command(Command),
    Page(&'static str),
    Queue(u64),
    Label(u32),
    Rater(u32),
}

/// Everything that has a name, gathered once when the palette opens.
#[derive(Debug, Default)]
pub struct Catalogue {
    choices: Vec<Choice>,
    found: Vec<Found>,
}

impl Catalogue {
    /// Of what can be done now, then of what there is.
    pub fn of(app: &App) -> Self {
        let mut all = Self::default();
        let doc = match &app.stage {
            Stage::Ready(doc) => Some(&**doc),
            _ => None,
        };
        let can = |e: &&command::Entry| {
            e.command != Command::Palette
                && (doc.is_some() || super::ui::allowed_without_data(e.command))
                && (e.scope != Scope::Review || app.view == View::Review)
                && e.menu != "Rows"
                && (e.menu != "Conflicts" || app.view == View::Conflicts)
        };
        for e in command::ALL.iter().filter(can) {
            let key = e.keys.first().map(command::words).unwrap_or_default();
            all.add(e.name.to_owned(), e.help.to_owned(), key, Found::Command(e.command));
        }
        if let Some(doc) = doc {
            all.add_data(doc);
        }
        for page in pages::all() {
            let hint = format!("page: {}", page.summary);
            all.add(page.title.to_owned(), hint, String::new(), Found::Page(page.key));
        }
        all
    }

    fn add_data(&mut self, doc: &Document) {
        for queue in doc.queues.list() {
            let hint = format!("queue, {}", queue.state_words());
            self.add(queue.title().to_owned(), hint, String::new(), Found::Queue(queue.id));
        }
        for label in 0..doc.dataset.labels.len().min(MOST) as u32 {
            let name = doc.label(label).to_owned();
            self.add(name, "label: its items".to_owned(), String::new(), Found::Label(label));
        }
        if doc.dataset.raters.are_known() {
            for rater in 0..doc.dataset.raters.len().min(MOST) as u32 {
                let name = doc.rater_name(rater).to_owned();
                self.add(name, "rater".to_owned(), String::new(), Found::Rater(rater));
            }
        }
    }

    fn add(&mut self, name: String, hint: String, key: String, found: Found) {
        self.choices.push(Choice { name, hint, key });
        self.found.push(found);
    }

    /// What can be chosen.
    pub fn choices(&self) -> &[Choice] {
        &self.choices
    }

    /// What the last line offers for what was typed: the item of this key, or a search.
    pub fn last_line(doc: Option<&Document>, typed: &str) -> Option<String> {
        let typed = typed.trim();
        let doc = doc.filter(|_| !typed.is_empty())?;
        let is_key = doc.index.contains_key(typed);
        Some(if is_key { format!("Go to item {typed}") } else { format!("Search items for “{typed}”") })
    }

    /// What the choice asks for; past the last one, the item that is called as was typed, or else the items that hold it.
    pub fn requests(&self, doc: Option<&Document>, choice: usize, typed: &str) -> Vec<Request> {
        match self.found.get(choice) {
            Some(&Found::Command(command)) => vec![Request::Run(command)],
            Some(&Found::Page(key)) => vec![Request::Explain(key)],
            Some(&Found::Queue(id)) => vec![Request::ResumeQueue(id)],
            Some(&Found::Label(label)) => vec![Request::Filter(vec![Condition::Given(label)])],
            Some(&Found::Rater(rater)) => vec![Request::SelectRater(rater), Request::Show(View::Raters)],
            None => match doc.and_then(|d| d.index.get(typed.trim())) {
                Some(&item) => vec![Request::Show(View::Items), Request::Select(item)],
                None => vec![Request::Search(typed.trim().to_owned()), Request::Show(View::Items)],
            },
        }
    }
}
