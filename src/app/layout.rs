//! Which views are on screen, side by side: a tree of tiles, each view at most once.
//!
//! One view is the usual case and is drawn as if there were no tiles. Several are linked, since all of them read one
//! document: one selection, one filter. What asks for a view that is on screen already goes there; any other view
//! takes the place of the one with the keyboard. Where the window is too narrow for all, that one is shown alone.

use egui::{Color32, Rect, Stroke, Ui, Visuals, WidgetText, vec2};
use egui_tiles::{Behavior, Container, Linear, LinearDir, SimplificationOptions, TileId, Tree, UiResponse};

use super::App;
use super::request::Request;
use super::state::View;
use super::widgets::theme::Theme;

/// Where the window has less than this for each column, in points, one view is shown alone.
const LEAST_COLUMN: f32 = 500.0;
const BAR: f32 = 28.0;
const DEEPEST: usize = 16;

/// An arrangement that comes with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// The present view alone.
    One,
    /// Items beside the comparison.
    Explore,
    /// Review beside the log.
    Review,
    /// Raters beside the items that they part on.
    Raters,
    /// Models beside the items behind their marks.
    Models,
}

/// The arrangement of views.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Layout(Tree<View>);

impl Default for Layout {
    fn default() -> Self {
        Self::one(View::default())
    }
}

impl Layout {
    /// One view.
    pub fn one(view: View) -> Self {
        Self(Tree::new_horizontal(egui::Id::unique("layout"), vec![view]))
    }

    /// An arrangement that comes with the program; `view` is shown at present.
    pub fn preset(preset: Preset, view: View) -> Self {
        let pair = |left: View, right: View, share: f32| {
            let mut tree = Tree::new_horizontal(egui::Id::unique("layout"), vec![left, right]);
            if let Some(root) = tree.root()
                && let Some(egui_tiles::Tile::Container(Container::Linear(linear))) = tree.tiles.get_mut(root)
                && let [a, b] = linear.children[..]
            {
                linear.shares.set_share(a, share);
                linear.shares.set_share(b, 1.0 - share);
            }
            Self(tree)
        };
        match preset {
            Preset::One => Self::one(view),
            Preset::Explore => pair(View::Items, View::Compare, 0.39),
            Preset::Review => pair(View::Review, View::Log, 0.65),
            Preset::Raters => pair(View::Raters, View::Items, 0.61),
            Preset::Models => pair(View::Models, View::Items, 0.61),
        }
    }

    /// The same without what cannot be drawn: no tile at all, or a view in two places.
    #[must_use]
    pub fn sound(self) -> Self {
        let views = self.views();
        let mut seen = views.clone();
        seen.sort_by_key(|v| v.name());
        seen.dedup();
        let is_sound = !views.is_empty() && seen.len() == views.len() && self.0.root().is_some();
        if is_sound { self } else { Self::default() }
    }

    /// Every view in it, from left to right and from top to bottom; those behind another tab too.
    pub fn views(&self) -> Vec<View> {
        let mut views = Vec::new();
        let mut seen: Vec<TileId> = Vec::new();
        let mut waiting: Vec<TileId> = self.0.root().into_iter().collect();
        while let Some(id) = waiting.pop() {
            // What was kept may have been changed by hand, into a circle even.
            if seen.contains(&id) {
                continue;
            }
            seen.push(id);
            match self.0.tiles.get(id) {
                Some(egui_tiles::Tile::Pane(view)) => views.push(*view),
                Some(egui_tiles::Tile::Container(container)) => {
                    let children: Vec<TileId> = container.children().copied().collect();
                    waiting.extend(children.into_iter().rev());
                }
                None => {}
            }
        }
        views
    }

    /// Whether there is one view only.
    pub fn is_one(&self) -> bool {
        self.views().len() < 2
    }

    /// Makes room for `view`: where it is already, or in the place of `instead`.
    pub fn bring(&mut self, view: View, instead: View) {
        if self.0.make_active(|_, tile| matches!(tile, egui_tiles::Tile::Pane(v) if *v == view)) {
            return;
        }
        let at = self.0.tiles.find_pane(&instead).or_else(|| self.0.tiles.find_pane(self.views().first()?));
        match at.and_then(|id| self.0.tiles.get_mut(id)) {
            Some(egui_tiles::Tile::Pane(pane)) => *pane = view,
            _ => *self = Self::one(view),
        }
    }

    /// Puts `new` beside `view`, at its right or below it; a view that is there already moves.
    pub fn split(&mut self, view: View, new: View, down: bool) {
        if view == new {
            return;
        }
        self.close(new);
        let Some(at) = self.0.tiles.find_pane(&view) else { return };
        let direction = if down { LinearDir::Vertical } else { LinearDir::Horizontal };
        let children = vec![self.0.tiles.insert_pane(view), self.0.tiles.insert_pane(new)];
        let both = Container::Linear(Linear::new(direction, children));
        self.0.tiles.insert(at, egui_tiles::Tile::Container(both));
    }

    /// Takes `view` away, unless it is the only one.
    pub fn close(&mut self, view: View) {
        if self.is_one() {
            return;
        }
        if let Some(id) = self.0.tiles.find_pane(&view) {
            self.0.remove_recursively(id);
            self.0.simplify(&options());
        }
    }

    /// The view after `view`, or before it; from the last to the first.
    pub fn next(&self, view: View, back: bool) -> View {
        let views = self.views();
        let n = views.len().max(1);
        let at = views.iter().position(|&v| v == view).unwrap_or(0);
        views.get((at + if back { n - 1 } else { 1 }) % n).copied().unwrap_or(view)
    }

    /// Whether `room` is wide enough for all that stand beside one another.
    fn fits(&self, room: Rect) -> bool {
        self.0.root().is_none_or(|root| room.width() >= LEAST_COLUMN * self.columns(root, 0) as f32)
    }

    /// How many views stand beside one another; a tree that is deeper than any hand makes one counts as one.
    fn columns(&self, tile: TileId, depth: usize) -> usize {
        let Some(container) = self.0.tiles.get_container(tile).filter(|_| depth < DEEPEST) else { return 1 };
        let each = container.children().map(|&child| self.columns(child, depth + 1));
        match container {
            Container::Linear(linear) if linear.dir == LinearDir::Horizontal => each.sum::<usize>().max(1),
            _ => each.max().unwrap_or(1),
        }
    }
}

/// The width that a view is made for at least, in points; in a narrower tile it is moved sideways.
fn least_width(view: View) -> f32 {
    match view {
        View::Items | View::Log => 480.0,
        _ => 752.0,
    }
}

fn options() -> SimplificationOptions {
    SimplificationOptions { all_panes_must_have_tabs: true, ..SimplificationOptions::default() }
}

impl App {
    /// Views that are on screen, or would be in a wider window.
    pub(super) fn on_screen(&self) -> Vec<View> {
        let mut views = self.preferences.layout.views();
        if !views.contains(&self.view) {
            views = vec![self.view];
        }
        views
    }

    /// Draws the views into `centre`; rows in `reveal` are scrolled to.
    pub(super) fn tiles_ui(
        &mut self,
        ui: &mut Ui,
        centre: Rect,
        reveal: Option<usize>,
        out: &mut Vec<Request>,
    ) {
        if self.view != self.tile {
            self.preferences.layout.bring(self.view, self.tile);
            self.tile = self.view;
        }
        if self.preferences.layout.is_one() || !self.preferences.layout.fits(centre) {
            self.view_ui(ui, centre, self.view, reveal, out);
            return;
        }
        let mut layout = std::mem::take(&mut self.preferences.layout);
        let focused = self.view;
        let mut panes = Panes { app: self, out, reveal, focused, taken: None };
        ui.scope_builder(egui::UiBuilder::new().max_rect(centre).id_salt("tiles"), |ui| {
            layout.0.ui(&mut panes, ui);
        });
        let taken = panes.taken;
        self.preferences.layout = layout;
        if let Some(view) = taken {
            self.view = view;
            self.tile = view;
        } else if !self.preferences.layout.views().contains(&self.view) {
            // Its tab was closed.
            self.view = self.preferences.layout.views().first().copied().unwrap_or_default();
            self.tile = self.view;
        }
    }

    /// Arranges the views as `preset` says.
    pub fn arrange(&mut self, preset: Preset) {
        self.preferences.layout = Layout::preset(preset, self.view);
        let views = self.preferences.layout.views();
        if !views.contains(&self.view) {
            self.view = views.first().copied().unwrap_or_default();
        }
        self.tile = self.view;
    }

    /// Closes the view with the keyboard; its neighbour has it then.
    pub(super) fn close_tile(&mut self) {
        let next = self.preferences.layout.next(self.view, false);
        self.preferences.layout.close(self.view);
        self.view = next;
        self.tile = next;
    }

    /// Gives the keyboard to the next view, or the one before.
    pub(super) fn next_tile(&mut self, back: bool) {
        self.view = self.preferences.layout.next(self.view, back);
        self.tile = self.view;
    }
}

/// Draws each tile.
struct Panes<'a> {
    app: &'a mut App,
    out: &'a mut Vec<Request>,
    reveal: Option<usize>,
    focused: View,
    /// The view that was clicked into.
    taken: Option<View>,
}

impl Behavior<View> for Panes<'_> {
    fn pane_ui(&mut self, ui: &mut Ui, _tile: TileId, view: &mut View) -> UiResponse {
        let rect = ui.max_rect();
        let pressed = ui.input(|i| i.pointer.any_pressed().then(|| i.pointer.interact_pos()).flatten());
        let top = ui.ctx().layer_id_at(pressed.unwrap_or_default());
        if pressed.is_some_and(|at| rect.contains(at)) && top.is_none_or(|layer| layer == ui.layer_id()) {
            self.taken = Some(*view);
        }
        let wide = least_width(*view);
        if rect.width() < wide {
            egui::ScrollArea::horizontal().id_salt(view.name()).auto_shrink(false).show(ui, |ui| {
                let (all, _) = ui.allocate_exact_size(vec2(wide, rect.height() - 12.0), egui::Sense::hover());
                self.app.view_ui(ui, all, *view, self.reveal, self.out);
            });
        } else {
            self.app.view_ui(ui, rect, *view, self.reveal, self.out);
        }
        UiResponse::None
    }

    fn tab_title_for_pane(&mut self, view: &View) -> WidgetText {
        view.name().into()
    }

    fn on_tab_button(
        &mut self,
        tiles: &mut egui_tiles::Tiles<View>,
        tile: TileId,
        button: egui::Response,
    ) -> egui::Response {
        let view = tiles.get_pane(&tile).copied();
        if let Some(view) = view {
            button.widget_info(|| {
                let on = view == self.focused;
                egui::WidgetInfo::selected(
                    egui::Role::Tab,
                    true,
                    on,
                    format!("{} beside others", view.name()),
                )
            });
        }
        if button.clicked() {
            self.taken = view;
        }
        button
    }

    fn is_tab_closable(&self, _tiles: &egui_tiles::Tiles<View>, _tile: TileId) -> bool {
        true
    }

    fn simplification_options(&self) -> SimplificationOptions {
        options()
    }

    fn tab_bar_height(&self, _style: &egui::Style) -> f32 {
        BAR
    }

    fn gap_width(&self, _style: &egui::Style) -> f32 {
        1.0
    }

    fn min_size(&self) -> f32 {
        160.0
    }

    fn tab_bar_color(&self, visuals: &Visuals) -> Color32 {
        Theme::with(visuals.dark_mode).window
    }

    fn tab_bg_color(
        &self,
        visuals: &Visuals,
        tiles: &egui_tiles::Tiles<View>,
        tile: TileId,
        state: &egui_tiles::TabState,
    ) -> Color32 {
        let theme = Theme::with(visuals.dark_mode);
        if tiles.get_pane(&tile) == Some(&self.focused) {
            theme.selected
        } else if state.active {
            theme.panel
        } else {
            theme.window
        }
    }

    fn tab_text_color(
        &self,
        visuals: &Visuals,
        tiles: &egui_tiles::Tiles<View>,
        tile: TileId,
        _state: &egui_tiles::TabState,
    ) -> Color32 {
        let theme = Theme::with(visuals.dark_mode);
        if tiles.get_pane(&tile) == Some(&self.focused) { theme.text } else { theme.text_2 }
    }

    fn tab_outline_stroke(
        &self,
        _visuals: &Visuals,
        _tiles: &egui_tiles::Tiles<View>,
        _tile: TileId,
        _state: &egui_tiles::TabState,
    ) -> Stroke {
        Stroke::NONE
    }

    fn tab_bar_hline_stroke(&self, visuals: &Visuals) -> Stroke {
        Theme::with(visuals.dark_mode).border()
    }

    fn resize_stroke(&self, style: &egui::Style, state: egui_tiles::ResizeState) -> Stroke {
        let theme = Theme::with(style.visuals.dark_mode);
        match state {
            egui_tiles::ResizeState::Idle => Stroke::new(1.0, theme.line_strong),
            egui_tiles::ResizeState::Hovering => Stroke::new(2.0, theme.line_strong),
            egui_tiles::ResizeState::Dragging => Stroke::new(2.0, theme.accent),
        }
    }
}
