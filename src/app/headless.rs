//! The window without a window: runs a user interface for as many frames as asked and paints what it shows.
//!
//! For `dissensus render`, the export of a view as a picture, tests of pictures, and measurements. Time is
//! counted in frames (a fixed step each), animations are off, and the fonts are those that the caller installs,
//! so the same calls give the same pixels on every machine.

use std::time::{Duration, Instant};

use egui::epaint::ClippedShape;
use egui::{ColorImage, Context, Event, PlatformOutput, RawInput, Rect, Vec2, ViewportCommand, ViewportId};

use super::widgets::rasteriser::{MAX_SIDE, Rasteriser};

/// Seconds that pass from one frame to the next.
const FRAME_SECONDS: f64 = 1.0 / 60.0;

/// A context, its textures and the last frame's shapes.
pub struct HeadlessWindow {
    ctx: Context,
    rasteriser: Rasteriser,
    size: Vec2,
    scale: f32,
    time: f64,
    shapes: Vec<ClippedShape>,
}

/// What a frame asked of the system around it, and what it cost.
pub struct FrameReport {
    /// When the next frame is wanted; `Duration::MAX` for "not before something happens".
    pub repaint_delay: Duration,
    /// Copied text, opened links, the cursor's shape.
    pub platform: PlatformOutput,
    /// Commands to the window, such as closing it.
    pub viewport_commands: Vec<ViewportCommand>,
    /// Wall time of building the interface.
    pub ui_time: Duration,
}

/// What painting the present frame costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaintCost {
    /// Wall time of turning shapes into triangles.
    pub tessellate_time: Duration,
    /// Triangles that came out.
    pub triangles: usize,
}

/// A picture could not be encoded.
#[derive(Debug, thiserror::Error)]
#[error("the picture could not be encoded as PNG: {0}")]
pub struct PngError(#[from] image::ImageError);

impl HeadlessWindow {
    /// A window of `size` points at `scale` pixels a point; `install` sets fonts, theme and style.
    ///
    /// A size or scale that is no positive number becomes 1; a side longer than [`MAX_SIDE`] pixels is held to it.
    pub fn new(size: Vec2, scale: f32, install: impl FnOnce(&Context)) -> Self {
        let positive = |x: f32| if x.is_finite() && x > 0.0 { x } else { 1.0 };
        let scale = positive(scale);
        let side = |s: f32| positive(s).min(MAX_SIDE as f32 / scale);
        let ctx = Context::default();
        install(&ctx);
        ctx.all_styles_mut(|style| {
            style.animation_time = 0.0;
            style.scroll_animation = egui::style::ScrollAnimation::none();
            style.visuals.text_cursor.blink = false;
        });
        Self {
            ctx,
            rasteriser: Rasteriser::new(),
            size: egui::vec2(side(size.x), side(size.y)),
            scale,
            time: 0.0,
            shapes: Vec::new(),
        }
    }

    /// The context that the interface runs in.
    pub fn ctx(&self) -> &Context {
        &self.ctx
    }

    /// Runs one frame with `events` as its input; `run` draws into the whole window.
    pub fn frame(&mut self, events: Vec<Event>, run: impl FnMut(&mut egui::Ui)) -> FrameReport {
        let screen = Rect::from_min_size(egui::Pos2::ZERO, self.size);
        let mut input = RawInput {
            screen_rect: Some(screen),
            time: Some(self.time),
            predicted_dt: FRAME_SECONDS as f32,
            max_texture_side: Some(MAX_SIDE),
            focused: true,
            events,
            ..RawInput::default()
        };
        let viewport = input.viewports.entry(ViewportId::ROOT).or_default();
        viewport.native_pixels_per_point = Some(self.scale);
        viewport.inner_rect = Some(screen);
        viewport.focused = Some(true);
        self.time += FRAME_SECONDS;

        let began = Instant::now();
        let mut output = self.ctx.run_ui(input, run);
        let ui_time = began.elapsed();

        self.rasteriser.update(&mut output.textures_delta);
        self.shapes = output.shapes;
        let root = output.viewport_output.remove(&ViewportId::ROOT);
        let (repaint_delay, viewport_commands) =
            root.map_or((Duration::MAX, Vec::new()), |root| (root.repaint_delay, root.commands));
        FrameReport { repaint_delay, platform: output.platform_output, viewport_commands, ui_time }
    }

    /// Runs frames without input until one asks for no further frame at once, at most `most`; whether it did.
    pub fn settle(&mut self, most: usize, mut run: impl FnMut(&mut egui::Ui)) -> bool {
        (0..most).any(|_| self.frame(Vec::new(), &mut run).repaint_delay > Duration::ZERO)
    }

    /// Turns the last frame's shapes into triangles, for measuring.
    pub fn paint_cost(&self) -> PaintCost {
        let began = Instant::now();
        let primitives = self.ctx.tessellate(self.shapes.clone(), self.ctx.pixels_per_point());
        let tessellate_time = began.elapsed();
        let triangles = |p: &egui::ClippedPrimitive| match &p.primitive {
            egui::epaint::Primitive::Mesh(mesh) => mesh.indices.len() / 3,
            egui::epaint::Primitive::Callback(_) => 0,
        };
        PaintCost { tessellate_time, triangles: primitives.iter().map(triangles).sum() }
    }

    /// The last frame as a picture, over the theme's panel colour; only that colour before the first frame.
    pub fn picture(&self) -> ColorImage {
        let scale = self.ctx.pixels_per_point();
        let scale = if self.shapes.is_empty() { self.scale } else { scale };
        let size = (self.size * scale).round();
        let primitives =
            if self.shapes.is_empty() { Vec::new() } else { self.ctx.tessellate(self.shapes.clone(), scale) };
        let background = self.ctx.global_style().visuals.panel_fill;
        self.rasteriser.paint([size.x as usize, size.y as usize], scale, &primitives, background)
    }

    /// The part of the last frame that lies in `region` (points), as an SVG file.
    pub fn svg(&self, region: Rect) -> String {
        super::widgets::svg::svg(&self.shapes, region, self.ctx.global_style().visuals.panel_fill)
    }

    /// The last frame as a PNG file.
    ///
    /// # Errors
    /// Where the encoder refuses, e.g. for want of memory.
    pub fn png(&self) -> Result<Vec<u8>, PngError> {
        png(&self.picture())
    }
}

/// `picture` as a PNG file: 8-bit RGBA, not premultiplied.
///
/// # Errors
/// Where the encoder refuses a picture without pixels or longer than PNG allows.
pub fn png(picture: &ColorImage) -> Result<Vec<u8>, PngError> {
    use image::ImageEncoder as _;

    let mut file = Vec::new();
    let bytes: Vec<u8> = picture.pixels.iter().flat_map(egui::Color32::to_srgba_unmultiplied).collect();
    let side = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX);
    image::codecs::png::PngEncoder::new(&mut file).write_image(
        &bytes,
        side(picture.width()),
        side(picture.height()),
        image::ExtendedColorType::Rgba8,
    )?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use egui::{Align2, Key, Modifiers, Sense, vec2};

    use super::*;

    fn dark(ctx: &Context) {
        ctx.set_theme(egui::Theme::Dark);
    }

    /// A square in the upper left corner, in the theme's strongest colour.
    fn square(ui: &mut egui::Ui) {
        let color = ui.visuals().strong_text_color();
        ui.painter().rect_filled(Rect::from_min_size(egui::Pos2::ZERO, vec2(2.0, 2.0)), 0.0, color);
    }

    #[test]
    fn a_picture_shows_the_last_frame_over_the_theme() {
        let mut window = HeadlessWindow::new(vec2(4.0, 3.0), 2.0, dark);
        window.frame(Vec::new(), square);
        let picture = window.picture();
        let visuals = window.ctx().global_style().visuals.clone();
        assert_eq!(picture.size, [8, 6]);
        assert_eq!(picture.pixels[0], visuals.strong_text_color());
        assert_eq!(picture.pixels[2 * 8 + 2], visuals.strong_text_color());
        assert_eq!(picture.pixels[5 * 8 + 7], visuals.panel_fill);
        window.frame(Vec::new(), |_| ());
        assert!(window.picture().pixels.iter().all(|&p| p == visuals.panel_fill));
    }

    #[test]
    fn a_window_nobody_ran_is_plain() {
        let window = HeadlessWindow::new(vec2(5.0, f32::NAN), 1.0, dark);
        assert_eq!(window.picture().size, [5, 1]);
    }

    #[test]
    fn a_picture_comes_back_out_of_its_file() {
        let mut window = HeadlessWindow::new(vec2(7.0, 5.0), 1.0, dark);
        window.frame(Vec::new(), square);
        let file = window.png().expect("a small picture is encoded");
        let back = image::load_from_memory(&file).expect("it is a PNG").to_rgba8();
        assert_eq!(back.dimensions(), (7, 5));
        let picture = window.picture();
        let pixels: Vec<u8> = picture.pixels.iter().flat_map(egui::Color32::to_array).collect();
        assert_eq!(back.into_raw(), pixels);
    }

    #[test]
    fn two_runs_give_the_same_bytes() {
        let run = || {
            let mut window = HeadlessWindow::new(vec2(40.0, 30.0), 1.5, dark);
            for _ in 0..3 {
                window.frame(Vec::new(), |ui| {
                    square(ui);
                    let at = ui.max_rect().center();
                    ui.painter().circle_filled(at, 9.3, ui.visuals().selection.bg_fill);
                });
            }
            window.png().expect("a small picture is encoded")
        };
        assert_eq!(run(), run());
    }

    #[test]
    fn events_reach_the_interface_and_an_idle_one_settles() {
        let mut window = HeadlessWindow::new(vec2(40.0, 30.0), 1.0, dark);
        let press = Event::Key {
            key: Key::J,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers: Modifiers::NONE,
        };
        let mut presses = 0;
        window.frame(vec![press], |ui| presses += i32::from(ui.input(|i| i.key_pressed(Key::J))));
        assert_eq!(presses, 1);
        assert!(window.settle(5, |ui| {
            ui.allocate_rect(
                Align2::CENTER_CENTER.anchor_size(egui::Pos2::ZERO, vec2(3.0, 3.0)),
                Sense::click(),
            );
        }));
        assert!(!window.settle(5, |ui| ui.ctx().request_repaint()));
        assert_eq!(
            window.frame(Vec::new(), |_| ()).repaint_delay,
            Duration::ZERO,
            "the last request is answered"
        );
    }

    #[test]
    fn cost_counts_triangles() {
        let mut window = HeadlessWindow::new(vec2(40.0, 30.0), 1.0, dark);
        window.frame(Vec::new(), |_| ());
        assert_eq!(window.paint_cost().triangles, 0);
        window.frame(Vec::new(), square);
        assert!(window.paint_cost().triangles >= 2);
    }
}
