//! One frame: keys, frame, view, what stands over it.

use egui::{Align2, Key, Rect, Stroke, StrokeKind, Ui, UiBuilder, pos2, vec2};

use super::command::{self, Command, Scope};
use super::frame::{self, FrameState};
use super::query::Condition;
use super::request::Request;
use super::search::Catalogue;
use super::state::View;
use super::views::compare::CompareState;
use super::views::versions::VersionsState;
use super::views::{
    agreement, compare, conflicts, empty, errors, grid, groups, items, lab, label, log, models,
    open as open_view, overview, queues, raters, review, versions,
};
use super::widgets::icon::Icon;
use super::widgets::paint::{self, Button, key_cap, key_width, text, text_block, text_cut};
use super::widgets::palette::{Choice, Picked};
use super::widgets::theme::{Theme, font};
use super::{App, Overlay, Stage, path};

impl App {
    /// Before egui sees the input: in Review, Tab belongs to the evidence, not to the focus.
    pub fn before_input(&mut self, _ctx: &egui::Context, input: &mut egui::RawInput) {
        let reviewing = self.view == View::Review
            // Without an item there are buttons, which Tab goes through.
            && self.document().is_some_and(|doc| super::deciding::current(doc).is_some())
            && matches!(self.overlay, Overlay::None)
            && !self.review.mode.types();
        if !reviewing {
            self.review.tab_held = false;
            return;
        }
        let mut held = self.review.tab_held;
        input.events.retain(|event| match event {
            egui::Event::Key { key: Key::Tab, pressed, modifiers, .. } if !modifiers.any() => {
                held = *pressed;
                false
            }
            _ => true,
        });
        let revealed = held && !self.review.tab_held && !self.review.evidence;
        self.review.tab_held = held && input.focused;
        if revealed {
            self.log_reveal();
        }
    }

    /// Draws one frame.
    pub fn draw(&mut self, ui: &mut Ui) {
        let ctx = ui.ctx().clone();
        let mut out = Vec::new();
        self.keys(&ctx, &mut out);
        let theme = Theme::of(&ctx);
        let full = ui.max_rect();
        ui.painter().rect_filled(full, 0.0, theme.panel);
        let running: Vec<_> = self
            .jobs
            .running()
            .into_iter()
            // What is over at once is not worth a word.
            .filter(|j| j.elapsed.as_millis() >= 300)
            .map(|j| (j.name, j.stage, j.share))
            .collect();
        let title = Rect::from_min_size(full.min, vec2(full.width(), frame::TITLE));
        let status = Rect::from_min_max(pos2(full.left(), full.bottom() - frame::STATUS), full.max);
        let doc = if let Stage::Ready(doc) = &self.stage { Some(doc.as_ref()) } else { None };
        let state = FrameState {
            view: self.view,
            history: (!self.history.is_empty(), !self.future.is_empty()),
            doc,
            running,
            analysis_s: self.analysis_s,
            word: self.word.as_deref(),
        };
        frame::title_ui(ui, title, &state, &mut out);
        let nav_width = if doc.is_some() {
            frame::navigation_width(full.width(), self.on_screen().contains(&View::Review))
        } else {
            0.0
        };
        let nav = Rect::from_min_max(
            pos2(full.left(), title.bottom()),
            pos2(full.left() + nav_width, status.top()),
        );
        if doc.is_some() {
            frame::navigation_ui(ui, nav, &state, &mut out);
        }
        let mut centre =
            Rect::from_min_max(pos2(nav.right(), title.bottom()), pos2(full.right(), status.top()));
        frame::status_ui(ui, status, &state, &mut out);
        let filters = |view: &View| match view {
            View::Overview | View::Items => true,
            View::Grid => self.grid.shows_filtered(),
            _ => false,
        };
        if doc.is_some() && self.on_screen().iter().any(filters) {
            let line = Rect::from_min_size(centre.min, vec2(centre.width(), frame::FILTER));
            let before = doc.map_or_else(String::new, |d| d.query.search.clone());
            let mut search = before.clone();
            ui.scope_builder(UiBuilder::new().max_rect(line).id_salt("filter"), |ui| {
                frame::filter_ui(ui, line, &state, &mut search, &mut self.focus_search, &mut out);
            });
            if search != before {
                self.change_query(&ctx, |q| q.search = search);
                if self.view == View::Overview {
                    out.push(Request::Show(View::Items));
                    self.focus_search = true;
                }
            }
            centre.min.y = line.bottom();
        }
        self.messages_ui(ui, &mut centre);
        let now_reveal = if let Stage::Ready(doc) = &mut self.stage { doc.reveal.take() } else { None };
        match self.stage {
            Stage::Ready(_) => self.tiles_ui(ui, centre, now_reveal, &mut out),
            _ => self.view_ui(ui, centre, self.view, None, &mut out),
        }
        self.take_picture(ui, centre);
        if ctx.input(|i| !i.raw.hovered_files.is_empty()) {
            drop_ui(ui, centre);
        }
        if let Stage::Ready(doc) = &self.stage {
            let saved = doc.saved();
            if saved.pending == 0 && saved.saved_seq != self.shown_saved {
                self.shown_saved = saved.saved_seq;
                // For tests that pull the plug: what the screen called saved must be there afterwards.
                ::log::info!("shown as saved: event {}", saved.saved_seq.unwrap_or_default());
            }
        }
        self.overlay_ui(ui, full, &mut out);
        paint::show_cut(&ctx);
        self.apply_opening(&ctx);
        self.prepare_next(&ctx);
        self.fetch_picture(&ctx);
        for request in out {
            self.handle(&ctx, request);
        }
    }

    /// Draws one view into `rect`; a table scrolls to the row `reveal`.
    pub(super) fn view_ui(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        view: View,
        reveal: Option<usize>,
        out: &mut Vec<Request>,
    ) {
        let closed = self.is_closed(view);
        ui.scope_builder(UiBuilder::new().max_rect(rect).id_salt(("view", view.name())), |ui| {
            ui.set_clip_rect(rect.intersect(ui.clip_rect()));
            if closed {
                let why = "What is hidden in Review would stand here. It comes back when the evidence is shown there, or \
                           when nothing is hidden";
                empty::nothing(ui, rect, "Closed while an item is judged blind", why, Vec::new(), out);
                return;
            }
            match &mut self.stage {
                Stage::Start => open_view::start_ui(ui, &self.preferences, out),
                Stage::Opening(opening) => open_view::ui(ui, opening, out),
                Stage::Ready(doc) => {
                    doc.reveal = reveal;
                    match view {
                        View::Overview => overview::ui(ui, doc, &mut self.overview, out),
                        View::Items => items::ui(ui, doc, &mut self.items, out),
                        View::Raters => raters::ui(ui, doc, &mut self.raters, out),
                        View::Compare => compare::ui(ui, doc, &mut self.compare, out),
                        View::Groups => groups::ui(ui, doc, &mut self.groups, out),
                        View::Models => models::ui(ui, doc, &mut self.models, out),
                        View::Versions => versions::ui(ui, doc, &mut self.versions, out),
                        View::Agreement => agreement::ui(ui, doc, &mut self.agreement, out),
                        View::Aggregation => lab::ui(ui, doc, &mut self.lab, out),
                        View::Errors => errors::ui(ui, doc, &mut self.errors, out),
                        View::Review => review::ui(ui, doc, &mut self.review, out),
                        View::Grid => grid::ui(ui, doc, &mut self.grid, out),
                        View::Label => label::ui(ui, doc, &mut self.label, out),
                        View::Conflicts => conflicts::ui(ui, doc, &mut self.conflicts, out),
                        View::Log => log::ui(ui, doc, &mut self.log, out),
                        View::Queues => queues::ui(ui, doc, &mut self.queues, out),
                    }
                    doc.reveal = None;
                }
            }
        });
    }

    fn keys(&mut self, ctx: &egui::Context, out: &mut Vec<Request>) {
        if !matches!(self.overlay, Overlay::None) {
            return;
        }
        let ready = matches!(self.stage, Stage::Ready(_));
        let scope = if self.view == View::Review && ready { Scope::Review } else { Scope::Browse };
        if let (Stage::Ready(doc), View::Review) = (&self.stage, self.view) {
            review::keys(ctx, doc, &mut self.review, out);
            // While something is typed or picked, letters are letters and digits are choices.
            if self.review.mode != review::Mode::Decide {
                for command in command::pressed_chords(ctx) {
                    out.push(Request::Run(command));
                }
                return;
            }
        }
        if let (Stage::Ready(doc), View::Grid) = (&self.stage, self.view) {
            grid::keys(ctx, doc, &mut self.grid, out);
        }
        if let (Stage::Ready(doc), View::Conflicts) = (&self.stage, self.view) {
            conflicts::keys(ctx, doc, &mut self.conflicts, out);
        }
        if let (Stage::Ready(doc), View::Versions) = (&self.stage, self.view) {
            versions::keys(ctx, doc, &mut self.versions);
        }
        // Before a dataset is open, Enter belongs to the page that opens it.
        let has_spans = self.document().is_some_and(|d| d.dataset.stretches().is_some());
        let allowed = |c: Command| (ready || allowed_without_data(c)) && (has_spans || !c.is_on_spans());
        for command in command::pressed(ctx, scope, allowed) {
            out.push(Request::Run(command));
        }
        // While something is dragged, Escape belongs to that.
        let escape = ctx.input(|i| i.key_pressed(Key::Escape)) && ctx.dragged_id().is_none();
        if escape {
            if self.messages.pop().is_some() {
                return;
            }
            if !self.jobs.is_idle() {
                out.push(Request::Run(Command::CancelJobs));
            }
        }
    }

    fn messages_ui(&mut self, ui: &Ui, centre: &mut Rect) {
        let theme = Theme::of(ui.ctx());
        let mut closed = None;
        for (i, message) in self.messages.iter().enumerate().rev().take(3) {
            let p = ui.painter();
            let width = centre.width() - 140.0;
            let galley = p.layout(message.why.clone(), font::body(), theme.text_2, width);
            let height = 36.0 + if message.why.is_empty() { 0.0 } else { galley.size().y + 4.0 };
            let r = Rect::from_min_size(centre.min, vec2(centre.width(), height));
            p.rect_filled(r, 0.0, theme.raised);
            p.hline(r.x_range(), r.bottom() - 0.5, theme.border());
            let y = r.top() + 18.0;
            let (icon, color) =
                if message.wrong { (Icon::Warning, theme.warn) } else { (Icon::Check, theme.text_2) };
            icon.paint(p, pos2(r.left() + 24.0, y), 14.0, color);
            text_cut(p, pos2(r.left() + 42.0, y), width, &message.what, font::strong(), theme.text);
            p.galley(pos2(r.left() + 42.0, y + 12.0), galley, theme.text_2);
            let button = Button::new("Close");
            let w = button.width(p);
            if button.show(ui, pos2(r.right() - w - 12.0, r.top() + 5.0), ("message", i)).0.clicked() {
                closed = Some(i);
            }
            centre.min.y = r.bottom();
        }
        if let Some(i) = closed {
            self.messages.remove(i);
        }
    }

    fn overlay_ui(&mut self, ui: &mut Ui, screen: Rect, out: &mut Vec<Request>) {
        let open = !matches!(self.overlay, Overlay::None);
        if open != self.overlay_was_open {
            self.overlay_was_open = open;
            // What lies below was hit-tested without the overlay, which itself is measured before it is shown:
            // a few frames more, or a tooltip below it stays.
            self.overlay_frames = 4;
        }
        if self.overlay_frames > 0 {
            self.overlay_frames -= 1;
            ui.ctx().request_repaint();
        }
        let mut overlay = std::mem::take(&mut self.overlay);
        let keep = match &mut overlay {
            Overlay::None => false,
            Overlay::Palette(palette, all) => {
                let doc = match &self.stage {
                    Stage::Ready(doc) => Some(&**doc),
                    _ => None,
                };
                let last = Catalogue::last_line(doc, &palette.typed);
                let title = "Search items, raters, labels, pages, or run a command";
                match palette.ui(ui, screen, title, all.choices(), last.as_deref()) {
                    Picked::Open => true,
                    Picked::Closed => false,
                    Picked::Choice(i) => {
                        out.extend(all.requests(doc, i, &palette.typed));
                        false
                    }
                }
            }
            Overlay::Conditions(palette) => {
                let conditions = self.possible_conditions();
                let choices: Vec<Choice> = conditions
                    .iter()
                    .map(|(_, words)| Choice { name: words.clone(), hint: String::new(), key: String::new() })
                    .collect();
                match palette.ui(ui, screen, "Only items that are…", &choices, None) {
                    Picked::Open => true,
                    Picked::Closed => false,
                    Picked::Choice(i) => {
                        if let Some((condition, _)) = conditions.get(i) {
                            out.push(Request::AddCondition(condition.clone()));
                            if self.view != View::Items {
                                out.push(Request::Show(View::Items));
                            }
                        }
                        false
                    }
                }
            }
            Overlay::Side(at, palette) => {
                let Stage::Ready(doc) = &self.stage else { return };
                let sides = CompareState::choices(doc);
                let choices: Vec<Choice> = sides.iter().map(|(_, choice)| choice.clone()).collect();
                let title = if *at == 0 { "Compare whom? Side A" } else { "Compare with whom? Side B" };
                match palette.ui(ui, screen, title, &choices, None) {
                    Picked::Open => true,
                    Picked::Closed => false,
                    Picked::Choice(i) => {
                        if let Some((side, _)) = sides.into_iter().nth(i) {
                            self.compare.set(*at, side);
                        }
                        false
                    }
                }
            }
            Overlay::Version(at, palette) => {
                let Stage::Ready(doc) = &self.stage else { return };
                let versions = VersionsState::choices(doc);
                let choices: Vec<Choice> = versions.iter().map(|(_, choice)| choice.clone()).collect();
                let title = if *at == 0 { "Which version? Side A" } else { "Which version? Side B" };
                match palette.ui(ui, screen, title, &choices, None) {
                    Picked::Open => true,
                    Picked::Closed => false,
                    Picked::Choice(i) => {
                        if let Some((number, _)) = versions.into_iter().nth(i) {
                            self.versions.set(*at, number);
                        }
                        false
                    }
                }
            }
            Overlay::GridAnswer(palette, answers) => {
                match palette.ui(ui, screen, answers.title, &answers.choices, None) {
                    Picked::Open => true,
                    Picked::Closed => false,
                    Picked::Choice(i) => {
                        if let Some(&answer) = answers.answers.get(i) {
                            self.grid.set_answer(answer);
                        }
                        false
                    }
                }
            }
            Overlay::Split(down, palette) => {
                let Stage::Ready(doc) = &self.stage else { return };
                let others: Vec<View> =
                    View::ALL.into_iter().filter(|&v| v != self.view && frame::is_there(v, doc)).collect();
                let choices: Vec<Choice> = others
                    .iter()
                    .map(|v| Choice { name: v.name().to_owned(), hint: String::new(), key: String::new() })
                    .collect();
                let title = if *down { "Which view below?" } else { "Which view at the right?" };
                match palette.ui(ui, screen, title, &choices, None) {
                    Picked::Open => true,
                    Picked::Closed => false,
                    Picked::Choice(i) => {
                        if let Some(&view) = others.get(i) {
                            self.preferences.layout.split(self.view, view, *down);
                        }
                        false
                    }
                }
            }
            Overlay::Queue(pick, palette) => {
                let Stage::Ready(doc) = &self.stage else { return };
                let choices = queues::choices(doc, *pick);
                match palette.ui(ui, screen, pick.title(), &choices, None) {
                    Picked::Open => true,
                    Picked::Closed => false,
                    Picked::Choice(i) => {
                        self.queues.pick(doc, *pick, i);
                        false
                    }
                }
            }
            Overlay::Adjudicate(key, palette) => {
                let key = key.clone();
                self.adjudicate_ui(ui, screen, &key, palette)
            }
            Overlay::Codebook(editor) => self.codebook_ui(ui, screen, editor),
            Overlay::Help => help_ui(ui, screen),
            Overlay::Page(key) => self.page_ui(ui, screen, key),
            Overlay::Export(dialog) => self.export_ui(ui, screen, dialog),
            Overlay::Path { typed, focused, of } => path::path_ui(ui, screen, typed, focused, of, out),
        };
        if keep && matches!(self.overlay, Overlay::None) {
            self.overlay = overlay;
        }
    }

    /// Conditions that can be chosen by name.
    fn possible_conditions(&self) -> Vec<(Condition, String)> {
        let Stage::Ready(doc) = &self.stage else { return Vec::new() };
        let mut list = vec![Condition::Flagged, Condition::Undecided, Condition::Decided];
        if !doc.dataset.annotations.is_empty() {
            list.extend([Condition::Split, Condition::Tied]);
        }
        list.extend([0.1, 0.25, 0.5].map(Condition::QualityBelow));
        let k = doc.dataset.labels.len().min(200) as u32;
        list.extend((0..k).map(Condition::Given));
        if !doc.dataset.annotations.is_empty() {
            list.extend((0..k).map(Condition::Consensus));
            list.extend((0..k).map(Condition::Voted));
            list.extend((0..doc.dataset.raters.len().min(500) as u32).map(Condition::Rater));
        }
        list.into_iter()
            .map(|c| {
                let words = c.words(&doc.dataset);
                (c, words)
            })
            .collect()
    }

    fn page_ui(&mut self, ui: &mut Ui, screen: Rect, key: &str) -> bool {
        let Some(page) = super::pages::get(key) else { return false };
        let markdown = &mut self.markdown;
        let words = page.shown();
        modal(ui, screen, vec2(640.0, 560.0), "page", |ui, _| {
            egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                egui_commonmark::CommonMarkViewer::new().show(ui, markdown, &words);
            });
            true
        })
    }
}

pub(super) fn allowed_without_data(command: Command) -> bool {
    matches!(
        command,
        Command::Open
            | Command::OpenPath
            | Command::OpenSample
            | Command::Quit
            | Command::Palette
            | Command::Help
            | Command::ToggleTheme
            | Command::SystemTheme
            | Command::ToggleDensity
            | Command::ZoomIn
            | Command::ZoomOut
            | Command::ZoomReset
            | Command::CancelJobs
    )
}

/// A panel over everything; Esc and a click beside it close it. `content` says whether it stays.
pub fn modal(
    ui: &mut Ui,
    screen: Rect,
    size: egui::Vec2,
    name: &str,
    content: impl FnOnce(&mut Ui, Rect) -> bool,
) -> bool {
    let theme = Theme::of(ui.ctx());
    if ui.input_mut(|i| i.consume_key(egui::Modifiers::NONE, Key::Escape)) {
        return false;
    }
    let size = size.min(screen.size() - vec2(40.0, 80.0));
    let r = Rect::from_center_size(screen.center(), size).translate(vec2(0.0, -20.0));
    let mut keep = true;
    let area = egui::Area::new(egui::Id::unique(("modal", name)))
        .order(egui::Order::Foreground)
        .fixed_pos(screen.min);
    area.show(ui.ctx(), |ui| {
        let behind = ui.allocate_rect(screen, egui::Sense::click());
        let p = ui.painter().clone();
        p.rect_filled(screen, 0.0, theme.window.gamma_multiply(0.6));
        p.add(ui.visuals().popup_shadow.as_shape(r, 6.0));
        p.rect(r, 6.0, theme.panel, Stroke::new(1.0, theme.line_strong), StrokeKind::Inside);
        let inside = r.shrink(20.0);
        ui.scope_builder(UiBuilder::new().max_rect(inside).id_salt(name), |ui| {
            keep = content(ui, inside);
        });
        if behind.clicked() && behind.interact_pointer_pos().is_some_and(|at| !r.contains(at)) {
            keep = false;
        }
    });
    keep
}

fn help_ui(ui: &mut Ui, screen: Rect) -> bool {
    modal(ui, screen, vec2(900.0, 660.0), "keys", |ui, r| {
        let theme = Theme::of(ui.ctx());
        text(ui.painter(), r.min + vec2(0.0, 8.0), Align2::LEFT_CENTER, "Keys", font::heading(), theme.text);
        text(
            ui.painter(),
            pos2(r.right(), r.top() + 8.0),
            Align2::RIGHT_CENTER,
            "Esc closes",
            font::caption(),
            theme.text_3,
        );
        let body = Rect::from_min_max(pos2(r.left(), r.top() + 30.0), r.max);
        ui.scope_builder(UiBuilder::new().max_rect(body).id_salt("all keys"), |ui| {
            egui::ScrollArea::vertical().auto_shrink(false).show(ui, keys_ui);
        });
        let note = "In Review: 1…9 sets a label, Tab held shows the evidence";
        text_block(ui.painter(), pos2(r.left() + 60.0, r.top()), 400.0, note, font::caption(), theme.text_3);
        true
    })
}

/// Every command that has a key, in two columns of one length, a menu never parted from its first line.
fn keys_ui(ui: &mut Ui) {
    const LINE: f32 = 20.5;
    const HEAD: f32 = 23.0;
    let theme = Theme::of(ui.ctx());
    let entries: Vec<_> = command::ALL.iter().filter(|e| !e.keys.is_empty()).collect();
    let mut menus: Vec<&[&command::Entry]> = entries.chunk_by(|a, b| a.menu == b.menu).collect();
    menus.retain(|menu| !menu.is_empty());
    let height = |menu: &[&command::Entry]| HEAD + LINE * menu.len() as f32;
    let total: f32 = menus.iter().map(|menu| height(menu)).sum();
    // The first column takes menus until it has half of all lines.
    let mut first = 0.0;
    let split = menus.iter().take_while(|menu| {
        let goes_on = first < total / 2.0;
        first += if goes_on { height(menu) } else { 0.0 };
        goes_on
    });
    let split = split.count();
    let tall = first.max(total - first);
    let (area, _) = ui.allocate_exact_size(vec2(ui.available_width(), tall), egui::Sense::hover());
    let width = area.width() / 2.0 - 12.0;
    let p = ui.painter();
    let (left, right) = menus.split_at(split);
    for (column, menus) in [left, right].into_iter().enumerate() {
        let x = area.left() + (width + 24.0) * column as f32;
        let mut y = area.top();
        for menu in menus {
            let name = menu.first().map_or("", |e| e.menu);
            text(p, pos2(x, y + 13.0), Align2::LEFT_CENTER, name, font::caption(), theme.text_3);
            y += HEAD;
            for e in *menu {
                let mut end = x + width - 8.0;
                for k in e.keys.iter().rev() {
                    let words = command::words(k);
                    end -= key_width(p, &words);
                    key_cap(p, pos2(end, y + 8.0), &words, theme.text_2, theme.line_strong);
                    end -= 6.0;
                }
                text_cut(p, pos2(x, y + 8.0), end - x - 8.0, e.name, font::body(), theme.text);
                let line = Rect::from_min_size(pos2(x, y), vec2(width, LINE));
                let keys: Vec<String> = e.keys.iter().map(command::words).collect();
                paint::spoken(ui, line, &format!("{}: {}", keys.join(" or "), e.name));
                y += LINE;
            }
        }
    }
}

fn drop_ui(ui: &Ui, rect: Rect) {
    let theme = Theme::of(ui.ctx());
    let p = ui.ctx().layer_painter(egui::LayerId::new(egui::Order::Foreground, egui::Id::unique("drop")));
    p.rect(rect.shrink(12.0), 6.0, theme.raised, Stroke::new(2.0, theme.accent), StrokeKind::Inside);
    text(&p, rect.center(), Align2::CENTER_CENTER, "Drop to open", font::fact(), theme.text);
}
