//! Names and cells → what each column means, with the reason in words.
//!
//! The user's overrides are taken as they are; the rest is proposed around them, in the order: probabilities,
//! then a rater (which makes a long table), then several columns with the same labels (a wide table), then one
//! label column.

use std::collections::HashSet;

use super::hints::{Hints, hints};
use super::profile::Profile;
use super::signatures::{self, Header};
use crate::dataset::Role;
use crate::formats::error::plural;

/// Groups of columns with the same labels that are kept apart; more are not looked at.
const MAX_GROUPS: usize = 64;

/// The proposal: one role and one reason a column.
pub(super) struct Guess {
    pub(super) roles: Vec<Role>,
    pub(super) reasons: Vec<String>,
    /// What the table is known as, with its article, and the reason ("because …").
    pub(super) known: Option<(&'static str, String)>,
    /// Why the first row looks like data.
    pub(super) headerless: Option<String>,
}

pub(super) struct Guesser<'g> {
    pub(super) names: &'g [String],
    pub(super) profile: &'g Profile,
    pub(super) hints: Vec<Hints>,
    pub(super) roles: Vec<Option<Role>>,
    pub(super) reasons: Vec<String>,
    known: Option<(&'static str, String)>,
}

/// Proposes a role for each column. `fixed` holds the user's.
pub(super) fn guess(names: &[String], profile: &Profile, fixed: &[Option<Role>]) -> Guess {
    let hints = names.iter().map(|n| hints(n)).collect();
    let reasons = vec![String::new(); names.len()];
    let mut g = Guesser { names, profile, hints, roles: fixed.to_vec(), reasons, known: None };
    for (reason, _) in g.reasons.iter_mut().zip(fixed).filter(|(_, f)| f.is_some()) {
        "chosen by you".clone_into(reason);
    }
    if !g.signature() {
        g.set_aside();
        g.probabilities();
        g.named();
        if !g.lists() && !g.grid() && !g.long() {
            g.counts();
            if !g.wide() {
                g.single();
            }
        }
        g.question();
        g.gold_alone();
    }
    g.text();
    g.text_parts();
    g.moments();
    g.rest()
}

impl Guesser<'_> {
    pub(super) fn free(&self) -> Vec<usize> {
        (0..self.names.len()).filter(|&i| self.roles[i].is_none()).collect()
    }

    pub(super) fn has(&self, role: &Role) -> bool {
        self.roles.iter().flatten().any(|r| r == role)
    }

    pub(super) fn set(&mut self, i: usize, role: Role, reason: impl Into<String>) {
        self.roles[i] = Some(role);
        self.reasons[i] = reason.into();
    }

    /// "200 distinct values, each repeated 5–7 times".
    pub(super) fn shape(&self, i: usize) -> String {
        let c = &self.profile.columns[i];
        let values = plural(c.distinct(), "distinct value");
        match c.repeats() {
            (0, _) => "no values".to_owned(),
            (1, 1) => format!("{values}, none repeated"),
            (a, b) if a == b => format!("{values}, each repeated {a} times"),
            (a, b) => format!("{values}, each repeated {a}–{b} times"),
        }
    }

    /// A table that is known by its header. What a user chose stands, and no role is given twice that one column has.
    fn signature(&mut self) -> bool {
        let header = Header { names: self.names, profile: self.profile };
        let Some((signature, columns)) = signatures::find(&header) else { return false };
        let keys: Vec<&str> = columns.iter().map(|&i| self.names[i].as_str()).collect();
        let keys = keys.split_last().map_or(String::new(), |(last, rest)| match rest {
            [] => (*last).to_owned(),
            rest => format!("{} and {last}", rest.join(", ")),
        });
        let because = format!("{keys} are there");
        let labels_chosen = self.roles.iter().flatten().any(|r| matches!(r, Role::Label | Role::Present(_)));
        for i in self.free() {
            if self.names[i].starts_with("reviewer:") {
                continue;
            }
            let Some(role) = signature.role(&header, i) else { continue };
            let one = matches!(
                role,
                Role::Item | Role::Rater | Role::Given | Role::Gold | Role::Time | Role::When | Role::Status
            );
            let taken = one && self.has(&role)
                || labels_chosen && matches!(role, Role::Label | Role::Present(_))
                || self.profile.columns[i].filled == 0 && matches!(role, Role::Gold | Role::Text);
            let role = if taken { Role::Meta } else { role };
            let reason = match &role {
                Role::Ignore => format!("not used of {}", signature.name),
                Role::Meta => format!("of {}", signature.name),
                _ => format!("because {because}: {}", signature.name),
            };
            self.set(i, role, reason);
        }
        self.set_aside();
        self.known = Some((signature.name, because));
        if self.roles.iter().zip(&self.reasons).all(|(r, reason)| r.is_none() || reason == "chosen by you") {
            return false;
        }
        // What the signature leaves open.
        if self.has(&Role::Rater) {
            let labelled = self.roles.iter().flatten().any(|r| matches!(r, Role::Label | Role::Present(_)));
            return labelled || self.long();
        }
        true
    }

    /// What exports add, and counts: not used.
    fn set_aside(&mut self) {
        for i in self.free() {
            if self.names[i].starts_with("reviewer:") {
                self.set(i, Role::Ignore, "a reviewer's decisions, not a rater's labels");
            } else if self.names[i].starts_with("logit_") && self.profile.columns[i].is_numeric() {
                self.set(i, Role::Ignore, "logits, not probabilities");
            } else if self.is_personal(i) {
                self.set(i, Role::Ignore, "personal data; shown and exported only if you say so");
            }
        }
    }

    /// Addresses of people and machines.
    fn is_personal(&self, i: usize) -> bool {
        let c = &self.profile.columns[i];
        let mail = |v: &String| v.split_once('@').is_some_and(|(a, b)| !a.is_empty() && b.contains('.'));
        let mails = c.values.iter().filter(|v| mail(v) && !v.contains(' ')).count();
        self.hints[i].rater == 0
            && (self.hints[i].personal || (mails > 0 && mails * 10 >= c.values.len() * 8))
    }

    fn probabilities(&mut self) {
        let free = self.free();
        let labels: Vec<Option<(&'static str, String)>> =
            free.iter().map(|&i| probability_label(&self.names[i])).collect();
        let prefixes: HashSet<&'static str> = labels.iter().flatten().map(|(p, _)| *p).collect();
        let mut found: Vec<(usize, String)> = Vec::new();
        for prefix in prefixes {
            let group: Vec<(usize, String)> = free
                .iter()
                .zip(&labels)
                .filter_map(|(&i, l)| {
                    l.as_ref().filter(|(p, _)| *p == prefix).map(|(_, label)| (i, label.clone()))
                })
                .collect();
            let numeric = group.iter().all(|&(i, _)| self.profile.columns[i].is_numeric());
            // Short prefixes are common in other names too: there the numbers must be probabilities as well.
            let strong = prefix.starts_with("prob");
            let unit =
                group.iter().all(|&(i, _)| self.profile.columns[i].unit == self.profile.columns[i].filled);
            if group.len() >= 2 && numeric && (strong || unit) {
                found.extend(group);
            }
        }
        found.sort();
        for (i, label) in found {
            let reason = format!("numbers, and its name says a probability of “{label}”");
            self.set(i, Role::Probability(label), reason);
        }
    }

    /// What a name alone is enough for.
    fn named(&mut self) {
        for i in self.free() {
            let (h, c) = (self.hints[i], &self.profile.columns[i]);
            if h.time == 3
                && c.numeric * 10 >= c.filled * 8
                && c.numeric > 0
                && (c.distinct() > 1 || c.filled < 3)
                && !self.has(&Role::Time)
            {
                let unit =
                    if super::hints::is_milliseconds(&self.names[i]) { "milliseconds" } else { "seconds" };
                self.set(i, Role::Time, format!("numbers, and its name says a duration ({unit})"));
            } else if h.gold >= 2 && c.is_label_like(true) && !self.has(&Role::Gold) {
                self.set(i, Role::Gold, format!("{}; its name says a trusted label", self.shape(i)));
            } else if h.given == 3 && c.is_label_like(true) && !self.has(&Role::Given) {
                self.set(
                    i,
                    Role::Given,
                    format!("{}; its name says the label under suspicion", self.shape(i)),
                );
            }
        }
    }

    fn best(&self, score: impl Fn(usize) -> Option<f64>) -> Option<usize> {
        let mut best: Option<(usize, f64)> = None;
        for i in self.free() {
            if let Some(s) = score(i)
                && best.is_none_or(|(_, b)| s > b)
            {
                best = Some((i, s));
            }
        }
        best.map(|(i, _)| i)
    }

    /// A rater and a label: one row an annotation.
    pub(super) fn long(&mut self) -> bool {
        let fixed_labels = self.roles.iter().flatten().filter(|r| **r == Role::Label).count();
        let rater_chosen = self.has(&Role::Rater);
        if fixed_labels > 1 && !rater_chosen {
            return false;
        }
        if !self.has(&Role::Rater) {
            let named = self.best(|i| {
                let c = &self.profile.columns[i];
                let rater = self.hints[i].rater == 3 && c.filled > 0 && !c.is_listed() && !c.is_prose();
                rater.then(|| c.mean_repeat().min(100.0))
            });
            // Raters who come again make a long table even where the labels are not recognised.
            let repeated = |i: usize, least: f64| self.profile.columns[i].mean_repeat() >= least;
            let items_again = self.has(&Role::Item)
                || self.free().into_iter().any(|i| self.hints[i].item >= 2 && repeated(i, 1.2));
            let again = |i: usize| repeated(i, 1.5) || items_again;
            let hinted = |i: usize| self.label_column(i).is_some_and(|l| self.hints[l].label > 0 || again(i));
            if let Some(i) = named
                && (fixed_labels == 1 || again(i) || hinted(i))
            {
                self.set(i, Role::Rater, format!("{}; its name says a rater", self.shape(i)));
            } else if let Some((item, rater)) = self.unnamed_pair() {
                let with = &self.names[item];
                self.set(
                    rater,
                    Role::Rater,
                    format!("{}; new with nearly every “{with}”", self.shape(rater)),
                );
                if !self.has(&Role::Item) {
                    self.set(item, Role::Item, self.shape(item));
                }
            } else {
                return false;
            }
        }
        let Some(rater) = self.roles.iter().position(|r| *r == Some(Role::Rater)) else { return false };
        if !self.has(&Role::Label)
            && let Some(i) = self.label_column(rater)
        {
            let hint = name_hint(self.hints[i].label);
            self.set(i, Role::Label, format!("{}{hint}", self.shape(i)));
        }
        if !self.has(&Role::Item) {
            let item = self.best(|i| {
                let c = &self.profile.columns[i];
                let h = self.hints[i];
                let repeated = if c.mean_repeat() >= 1.2 { 5.0 } else { 0.0 };
                let unique = self.profile.pair_uniqueness(i, rater).map_or(0.0, |u| 4.0 * u);
                let prose = if c.is_prose() { 8.0 } else { 0.0 };
                let score = f64::from(h.item) * 4.0 + repeated + unique - prose;
                let possible = c.filled > 0 && c.distinct() > 1 && h.rater == 0 || h.item >= 2;
                (possible && (h.item > 0 || score >= 5.0 || c.is_prose())).then_some(score)
            });
            if let Some(i) = item {
                let hint = name_hint(self.hints[i].item);
                self.set(i, Role::Item, format!("{}{hint}", self.shape(i)));
            }
        }
        true
    }

    /// The column that looks most like labels, `not` apart.
    fn label_column(&self, not: usize) -> Option<usize> {
        self.best(|i| {
            let (h, c) = (self.hints[i], &self.profile.columns[i]);
            let named = h.label > 0;
            let possible = i != not
                && c.is_label_like(named)
                && !h.attribute
                && !h.count
                && (c.distinct() >= 2 || named)
                && h.rater < 3
                && h.item < 2
                && h.given != 3;
            let few = c.distinct() * 2 <= c.filled || h.label > 0 || h.given > 0 || c.filled <= 10;
            // A category may be the question; a label is a label.
            let plain = matches!(self.names[i].to_ascii_lowercase().as_str(), "label" | "labels");
            let named = f64::from(h.label.max(h.given)) * 10.0 + if plain { 5.0 } else { 0.0 };
            (possible && few).then(|| named - (c.distinct() as f64).ln_1p())
        })
    }

    /// Columns without telling names that behave like item and rater.
    fn unnamed_pair(&self) -> Option<(usize, usize)> {
        // One row an item: each has a word of its own, or columns named after raters hold their labels.
        let own_word = self.free().into_iter().any(|i| self.profile.columns[i].is_word_of_row());
        let of_raters = |g: &Vec<usize>| g.iter().filter(|&&i| self.hints[i].rater > 0).count() >= 2;
        if own_word || self.same_labels().as_ref().is_some_and(of_raters) {
            return None;
        }
        let identifies = |i: usize| {
            let c = &self.profile.columns[i];
            c.empty == 0 && !c.is_measured() && !self.hints[i].moment
        };
        let free: Vec<usize> = self.free().into_iter().filter(|&i| identifies(i)).collect();
        let item_fixed = self.roles.iter().position(|r| *r == Some(Role::Item));
        let mut best: Option<((usize, usize), f64)> = None;
        for item in item_fixed.map_or_else(|| free.clone(), |i| vec![i]) {
            let c = &self.profile.columns[item];
            if !(1.5..=200.0).contains(&c.mean_repeat()) || c.distinct() < 3 || self.hints[item].label == 3 {
                continue;
            }
            for &rater in free.iter().filter(|&&r| r != item) {
                let r = &self.profile.columns[rater];
                let h = self.hints[rater];
                let apart = h.label == 0 && h.text == 0 && h.item < 3 && !r.is_prose() && r.distinct() >= 2;
                if !apart || r.distinct() > c.distinct() || r.mean_repeat() < 3.0 || r.mean_chars() > 64.0 {
                    continue;
                }
                let Some(unique) = self.profile.pair_uniqueness(item, rater) else { continue };
                let labelled = free.iter().any(|&l| {
                    l != item
                        && l != rater
                        && self.profile.columns[l].is_categorical()
                        && self.hints[l].item < 2
                });
                if unique >= 0.98 && labelled {
                    let score = unique + f64::from(self.hints[item].item) + f64::from(h.rater)
                        - r.distinct() as f64 * 1e-9;
                    if best.is_none_or(|(_, b)| score > b) {
                        best = Some(((item, rater), score));
                    }
                }
            }
        }
        best.map(|(pair, _)| pair)
    }

    /// Several columns that draw on the same labels: one column a rater.
    fn wide(&mut self) -> bool {
        if self.roles.iter().flatten().any(|r| matches!(r, Role::Count(_))) {
            self.item_of_rows(false);
            return true;
        }
        let fixed = self.roles.iter().flatten().filter(|r| **r == Role::Label).count();
        if fixed > 0 && (fixed > 1 || self.has(&Role::Given)) {
            self.item_of_rows(false);
            return true;
        }
        if fixed == 1 {
            return false;
        }
        let Some(group) = self.same_labels() else { return false };
        let named = self
            .free()
            .into_iter()
            .filter(|&i| self.hints[i].label == 3 && self.profile.columns[i].is_categorical());
        let named: Vec<usize> = named.collect();
        let telling = group.iter().filter(|&&i| self.hints[i].rater > 0 || self.hints[i].label > 0).count();
        // One column called “label” beside some flags is a single-label table.
        let lone_label = named.len() == 1 && telling < 2;
        if lone_label || (self.has(&Role::Given) && telling < 2) {
            return false;
        }
        let domain =
            self.profile.columns[group[0]].values.iter().take(4).cloned().collect::<Vec<_>>().join(", ");
        let n = group.len();
        for &i in &group {
            let reason = format!("{}; {n} columns draw on the same labels ({domain})", self.shape(i));
            self.set(i, Role::Label, reason);
        }
        self.item_of_rows(false);
        true
    }

    /// The largest group of at least two columns with the same few values.
    fn same_labels(&self) -> Option<Vec<usize>> {
        let mut groups: Vec<(HashSet<&str>, Vec<usize>)> = Vec::new();
        for i in self.free() {
            let (c, h) = (&self.profile.columns[i], self.hints[i]);
            let key = h.item >= 2 && c.mean_repeat() < 1.05;
            if !c.is_categorical()
                || c.is_share()
                || h.count
                || h.given >= 2
                || h.attribute
                || key
                || h.text == 3 && c.is_prose()
                || c.distinct() > 100
            {
                continue;
            }
            let values: HashSet<&str> = c.values.iter().map(String::as_str).collect();
            let home = groups.iter_mut().find(|(domain, _)| {
                let shared = values.intersection(domain).count();
                // One value in common is too little for grades and flags to be the same labels.
                let fewest = values.len().min(domain.len());
                shared * 2 >= fewest && shared >= fewest.min(2)
            });
            if let Some((domain, columns)) = home {
                domain.extend(values);
                columns.push(i);
            } else if groups.len() < MAX_GROUPS {
                groups.push((values, vec![i]));
            }
        }
        // The most columns; of equally many, the fewest labels; then the first.
        groups.retain(|(domain, columns)| columns.len() >= 2 && domain.len() <= 200);
        groups.sort_by_key(|(domain, columns)| (usize::MAX - columns.len(), domain.len()));
        groups.into_iter().next().map(|(_, columns)| columns)
    }

    fn single(&mut self) {
        if !self.has(&Role::Given) && !self.has(&Role::Label) {
            // Names first; then the last column that could be a label.
            let named = self.best(|i| {
                let strength = self.hints[i].label.max(self.hints[i].given);
                (strength > 0 && self.profile.columns[i].is_label_like(true)).then_some(f64::from(strength))
            });
            let last = || {
                self.free().into_iter().rev().find(|&i| {
                    let c = &self.profile.columns[i];
                    c.is_categorical()
                        && self.hints[i].item < 2
                        && !self.hints[i].attribute
                        && !self.hints[i].count
                        && c.mean_repeat() >= 2.0
                        && c.distinct() >= 2
                })
            };
            if let Some(i) = named.or_else(last) {
                let hint = name_hint(self.hints[i].label);
                self.set(i, Role::Given, format!("{}{hint}", self.shape(i)));
            }
        }
        self.item_of_rows(false);
    }

    /// The key in tables with one row an item: unique, and named like one. `again`: whether a key may come again, where a row is not all that is said of an item.
    pub(super) fn item_of_rows(&mut self, again: bool) {
        if self.has(&Role::Item) {
            return;
        }
        let key = self.best(|i| {
            let (c, h) = (&self.profile.columns[i], self.hints[i]);
            let unique = c.distinct() == c.filled || again && h.item > 1;
            (unique
                && c.filled > 0
                && c.empty == 0
                && h.item > 0
                && !c.is_prose()
                && (h.item > 1 || h.text == 0))
                .then(|| f64::from(h.item))
        });
        if let Some(i) = key {
            self.set(i, Role::Item, format!("{}; its name says a key", self.shape(i)));
        }
    }

    fn text(&mut self) {
        if self.has(&Role::Text) {
            return;
        }
        let item = self.roles.iter().position(|r| *r == Some(Role::Item));
        let long = self.has(&Role::Rater);
        let text = self.best(|i| {
            let (c, h) = (&self.profile.columns[i], self.hints[i]);
            let score = f64::from(h.text) * 4.0
                + if c.is_prose() { 8.0 } else { 0.0 }
                + c.mean_chars().min(100.0) * 0.01;
            let constant = match item {
                Some(item) if long => self.profile.constancy(i, item).is_none_or(|s| s >= 0.99),
                _ => true,
            };
            let able = constant && h.time == 0 && !c.is_numeric() && !c.is_listed() && !h.attribute;
            (score >= 8.0 && c.filled > c.empty && able).then_some(score)
        });
        if let Some(i) = text {
            let length = self.profile.columns[i].mean_chars().round();
            let hint = name_hint(self.hints[i].text);
            self.set(i, Role::Text, format!("{length} characters on average{hint}"));
        }
    }

    fn rest(mut self) -> Guess {
        for i in self.free() {
            if self.hints[i].count && self.profile.columns[i].is_numeric() {
                self.set(i, Role::Ignore, "counts of votes, not labels");
                continue;
            }
            let reason = match self.shape(i) {
                shape if self.profile.columns[i].filled == 0 => shape,
                shape => format!("{shape}; shown beside the items if it does not vary within them"),
            };
            self.set(i, Role::Meta, reason);
        }
        let headerless = if self.known.is_none() { self.headerless() } else { None };
        let roles = self.roles.into_iter().map(|r| r.unwrap_or(Role::Meta)).collect();
        Guess { roles, reasons: self.reasons, known: self.known, headerless }
    }
}

fn name_hint(strength: u8) -> &'static str {
    if strength > 0 { "; its name hints at it" } else { "" }
}

/// The prefix and the label of a column called `prob_X`, `prob:X`, `probability_X`, `p_X`, `p:X`, `p0`, ….
pub(crate) fn probability_label(name: &str) -> Option<(&'static str, String)> {
    const WORDS: [&str; 7] = ["probability", "pred_probs", "pred_prob", "probs", "proba", "prob", "p"];
    let lower = name.to_ascii_lowercase();
    for word in WORDS {
        let Some(rest) = lower.strip_prefix(word).map(|_| &name[word.len()..]) else { continue };
        let label = rest.strip_prefix(['_', ':', '.', ' ', '-']);
        if let Some(label) = label.filter(|l| !l.is_empty()) {
            return Some((word, label.to_owned()));
        }
        if !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()) {
            return Some((word, rest.to_owned()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probability_columns_name_their_label() {
        for (name, label) in [
            ("prob_positive", Some("positive")),
            ("prob:off-topic", Some("off-topic")),
            ("P_a", Some("a")),
            ("p12", Some("12")),
            ("probability_not_sure", Some("not_sure")),
            ("pred_probs_x", Some("x")),
            ("price", None),
            ("p", None),
            ("problem", None),
        ] {
            assert_eq!(probability_label(name).map(|(_, l)| l).as_deref(), label, "{name}");
        }
    }
}
