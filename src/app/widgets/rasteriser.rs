//! Paints egui's meshes into a picture on the processor: no window, no display, no graphics driver.
//!
//! The pictures of tests, of `dissensus render` and of the export command come from here. Positions are rounded to
//! 1/256 of a pixel, coverage is decided by integer edge functions with a top-left rule (a pixel on the edge shared
//! by two triangles belongs to exactly one of them), and colours are blended in integers, premultiplied and in
//! gamma space as egui's own painters do. Interpolation uses only IEEE additions, multiplications and divisions.
//! So the same shapes give the same bytes in every build.
//!
//! Whatever the mesh holds, nothing panics and nothing overflows: triangles with an index out of range or a
//! coordinate that is not a number are left out, and those that reach far outside the picture are clipped first.
//! Paint callbacks are not painted: they belong to a graphics driver, and the program has none.
//!
//! Tests: below (exact pixels, and spans against the definition of coverage), and in the two modules.

mod pixel;
mod texture;

use std::collections::BTreeMap;

use egui::epaint::textures::TextureFilter;
use egui::epaint::{ClippedPrimitive, Mesh, Primitive, Vertex};
use egui::{Color32, ColorImage, Rect, TextureId, TexturesDelta};

use self::texture::Texture;

/// Steps in a pixel.
const STEPS: i64 = 256;

/// Nothing is painted further than this from the picture's corner, in pixels: with 256 steps a pixel, an edge
/// function stays below 2^50.
const GUARD: f64 = 32_768.0;

/// Pictures are at most this wide and high, in pixels.
pub const MAX_SIDE: usize = 16_384;

/// Texture coordinates are held within this many texels, so that fixed-point ones fit.
const MAX_TEXELS: f64 = 1_048_576.0;

/// One in 32.32 fixed point: summed over a row, the error stays far below 1/256 of a texel.
const FIXED_ONE: f64 = 4_294_967_296.0;

/// Holds the textures between frames and paints meshes with them.
#[derive(Debug, Default)]
pub struct Rasteriser {
    textures: BTreeMap<TextureId, Texture>,
    /// Freed by the last update: still painted with, gone at the next.
    freed: Vec<TextureId>,
}

impl Rasteriser {
    /// A rasteriser without textures.
    pub fn new() -> Self {
        Self::default()
    }

    /// A rasteriser that has letters and nothing else: `atlas` is the picture of all glyphs.
    pub fn of_letters(atlas: ColorImage) -> Self {
        let delta = egui::epaint::ImageDelta::full(atlas, egui::TextureOptions::LINEAR);
        let letters = Texture::new(&delta).map(|texture| (TextureId::default(), texture));
        Self { textures: letters.into_iter().collect(), freed: Vec::new() }
    }

    /// Takes over what a frame changed about textures; call it once a frame, before [`Self::paint`].
    ///
    /// `delta` is left empty. A texture freed by this frame can still be painted with until the next update.
    pub fn update(&mut self, delta: &mut TexturesDelta) {
        for id in self.freed.drain(..) {
            self.textures.remove(&id);
        }
        for (id, changes) in delta.set.drain() {
            for change in changes {
                match change.pos {
                    None => {
                        // Without pixels there is nothing to paint with.
                        match Texture::new(&change) {
                            Some(texture) => self.textures.insert(id, texture),
                            None => self.textures.remove(&id),
                        };
                    }
                    Some(corner) => {
                        if let Some(texture) = self.textures.get_mut(&id) {
                            texture.patch(&change, corner);
                        }
                    }
                }
            }
        }
        self.freed.extend(delta.free.drain());
    }

    /// Paints `primitives` (in points) over `background` into a picture of `size_px` pixels, width first.
    ///
    /// Each side is held to [`MAX_SIDE`]. The picture's colours are premultiplied; over an opaque background it is
    /// opaque.
    pub fn paint(
        &self,
        size_px: [usize; 2],
        pixels_per_point: f32,
        primitives: &[ClippedPrimitive],
        background: Color32,
    ) -> ColorImage {
        let size = size_px.map(|side| side.min(MAX_SIDE));
        let mut pixels = vec![pixel::pack(background); size[0] * size[1]];
        for primitive in primitives {
            let Primitive::Mesh(mesh) = &primitive.primitive else { continue };
            let Some(texture) = self.textures.get(&mesh.texture_id) else { continue };
            let clip = clip_px(primitive.clip_rect, pixels_per_point, size);
            if clip.is_empty() {
                continue;
            }
            let mut canvas = Canvas { pixels: &mut pixels, width: size[0], clip, texture };
            canvas.mesh(mesh, pixels_per_point);
        }
        ColorImage::new(size, pixels.into_iter().map(pixel::unpack).collect())
    }
}

/// Pixels that may be painted: columns `x0..x1`, rows `y0..y1`, all inside the picture.
#[derive(Debug, Clone, Copy)]
struct Clip {
    x0: i64,
    y0: i64,
    x1: i64,
    y1: i64,
}

impl Clip {
    fn is_empty(self) -> bool {
        self.x0 >= self.x1 || self.y0 >= self.y1
    }
}

/// The clip rectangle in whole pixels, rounded as egui's painters round it.
fn clip_px(clip: Rect, pixels_per_point: f32, size: [usize; 2]) -> Clip {
    // A float that is not a number becomes 0, one out of range the nearest integer.
    let px = |at: f32, side: usize| ((at * pixels_per_point).round() as i64).clamp(0, side as i64);
    Clip {
        x0: px(clip.min.x, size[0]),
        y0: px(clip.min.y, size[1]),
        x1: px(clip.max.x, size[0]),
        y1: px(clip.max.y, size[1]),
    }
}

/// A vertex in pixels and texels.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Corner {
    x: f64,
    y: f64,
    u: f64,
    v: f64,
    color: [f64; 4],
}

impl Corner {
    /// `None` where a coordinate is infinite or not a number.
    fn new(vertex: &Vertex, pixels_per_point: f32, texture: &Texture) -> Option<Self> {
        let [width, height] = texture.size();
        let corner = Self {
            x: f64::from(vertex.pos.x * pixels_per_point),
            y: f64::from(vertex.pos.y * pixels_per_point),
            u: f64::from(vertex.uv.x) * width as f64,
            v: f64::from(vertex.uv.y) * height as f64,
            color: vertex.color.to_array().map(f64::from),
        };
        let is_finite = [corner.x, corner.y, corner.u, corner.v].iter().all(|c| c.is_finite());
        is_finite.then_some(Self {
            u: corner.u.clamp(-MAX_TEXELS, MAX_TEXELS),
            v: corner.v.clamp(-MAX_TEXELS, MAX_TEXELS),
            ..corner
        })
    }

    fn is_within_guard(&self) -> bool {
        self.x.abs() <= GUARD && self.y.abs() <= GUARD
    }

    /// The position in steps.
    fn steps(&self) -> (i64, i64) {
        ((self.x * STEPS as f64).round() as i64, (self.y * STEPS as f64).round() as i64)
    }

    fn lerp(&self, to: &Self, share: f64) -> Self {
        let mix = |a: f64, b: f64| a + (b - a) * share;
        Self {
            x: mix(self.x, to.x),
            y: mix(self.y, to.y),
            u: mix(self.u, to.u),
            v: mix(self.v, to.v),
            color: std::array::from_fn(|i| mix(self.color[i], to.color[i])),
        }
    }
}

/// Where one mesh is painted.
struct Canvas<'a> {
    pixels: &'a mut [u32],
    width: usize,
    clip: Clip,
    texture: &'a Texture,
}

impl Canvas<'_> {
    fn mesh(&mut self, mesh: &Mesh, pixels_per_point: f32) {
        let mut indices = mesh.indices.as_slice();
        while let [a, b, c, rest @ ..] = indices {
            let vertex = |i: u32| mesh.vertices.get(i as usize);
            if let ([c2, b2, d, after @ ..], Some(va), Some(vb), Some(vc)) =
                (rest, vertex(*a), vertex(*b), vertex(*c))
                && (c2, b2) == (c, b)
                && let Some(vd) = vertex(*d)
                && self.rectangle([va, vb, vc, vd], pixels_per_point)
            {
                indices = after;
                continue;
            }
            if let (Some(va), Some(vb), Some(vc)) = (vertex(*a), vertex(*b), vertex(*c)) {
                self.clipped_triangle([va, vb, vc], pixels_per_point);
            }
            indices = rest;
        }
    }

    /// Paints the two triangles (a, b, c) and (c, b, d) at once, if they are an upright rectangle of one colour;
    /// covers exactly the pixels that the triangles would. `false` where they are something else.
    fn rectangle(&mut self, vertices: [&Vertex; 4], pixels_per_point: f32) -> bool {
        let [a, b, c, d] = vertices;
        let is_upright = a.pos.y == b.pos.y
            && c.pos.y == d.pos.y
            && a.pos.x == c.pos.x
            && b.pos.x == d.pos.x
            && a.uv.y == b.uv.y
            && c.uv.y == d.uv.y
            && a.uv.x == c.uv.x
            && b.uv.x == d.uv.x;
        let is_flat = a.color == b.color && a.color == c.color && a.color == d.color;
        if !is_upright || !is_flat {
            return false;
        }
        let corner = |v| Corner::new(v, pixels_per_point, self.texture).filter(Corner::is_within_guard);
        let (Some(first), Some(last)) = (corner(a), corner(d)) else { return false };
        let ((left, top), (right, bottom)) = (first.steps(), last.steps());
        if left >= right || top >= bottom {
            return false;
        }
        let color = pixel::pack(a.color);
        // The pixels whose centres lie in left..right and top..bottom.
        let pixel_from = |step: i64| (step - STEPS / 2 + STEPS - 1).div_euclid(STEPS);
        let x0 = pixel_from(left).max(self.clip.x0);
        let x1 = pixel_from(right).min(self.clip.x1);
        let y0 = pixel_from(top).max(self.clip.y0);
        let y1 = pixel_from(bottom).min(self.clip.y1);
        if x0 >= x1 || y0 >= y1 {
            return true;
        }
        let (du, dv) = (last.u - first.u, last.v - first.v);
        let (width, height) = ((right - left) as f64, (bottom - top) as f64);
        let filter = self.filter(du * dv, width * height);
        if du == 0.0 && dv == 0.0 {
            let texel = self.texture.sample(to_texel_256th(first.u), to_texel_256th(first.v), filter);
            let source = pixel::tint(texel, color);
            for y in y0..y1 {
                fill(self.row(y, x0, x1), source);
            }
            return true;
        }
        let centre = |pixel: i64| (pixel * STEPS + STEPS / 2) as f64;
        let u_start = first.u + (centre(x0) - left as f64) / width * du;
        let u_start = ((u_start + 0.5 / 256.0) * FIXED_ONE) as i64;
        let u_step = (du * STEPS as f64 / width * FIXED_ONE) as i64;
        for y in y0..y1 {
            let v = to_texel_256th(first.v + (centre(y) - top as f64) / height * dv);
            let texture = self.texture;
            let mut u = u_start;
            for pixel in self.row(y, x0, x1) {
                let texel = texture.sample(u >> 24, v, filter);
                u = u.wrapping_add(u_step);
                blend(pixel, pixel::tint(texel, color));
            }
        }
        true
    }

    /// The filter for a shape that covers `texels_2` square texels on `steps_2` square steps of the picture.
    fn filter(&self, texels_2: f64, steps_2: f64) -> TextureFilter {
        self.texture.filter(texels_2.abs() * (STEPS * STEPS) as f64 > steps_2.abs())
    }

    fn row(&mut self, y: i64, x0: i64, x1: i64) -> &mut [u32] {
        let start = y as usize * self.width;
        &mut self.pixels[start + x0 as usize..start + x1 as usize]
    }

    /// Paints a triangle; one that reaches beyond the guard band is cut down to it first.
    fn clipped_triangle(&mut self, vertices: [&Vertex; 3], pixels_per_point: f32) {
        let corner = |v| Corner::new(v, pixels_per_point, self.texture);
        let (Some(a), Some(b), Some(c)) = (corner(vertices[0]), corner(vertices[1]), corner(vertices[2]))
        else {
            return;
        };
        if [a, b, c].iter().all(Corner::is_within_guard) {
            self.triangle([a, b, c]);
            return;
        }
        let mut polygon = vec![a, b, c];
        let sides: [fn(&Corner) -> f64; 4] =
            [|c| c.x + GUARD, |c| GUARD - c.x, |c| c.y + GUARD, |c| GUARD - c.y];
        for side in sides {
            polygon = cut(&polygon, side);
        }
        for i in 2..polygon.len() {
            // Rounding may leave a corner a hair outside.
            let hold = |c: Corner| Corner { x: c.x.clamp(-GUARD, GUARD), y: c.y.clamp(-GUARD, GUARD), ..c };
            self.triangle([polygon[0], polygon[i - 1], polygon[i]].map(hold));
        }
    }

    /// Paints a triangle inside the guard band, row by row.
    fn triangle(&mut self, corners: [Corner; 3]) {
        let mut c = corners;
        let mut p = c.map(|c| c.steps());
        let mut area = cross(p[0], p[1], p[2]);
        if area == 0 {
            return;
        }
        if area < 0 {
            p.swap(1, 2);
            c.swap(1, 2);
            area = -area;
        }
        let (min_x, max_x) = (p[0].0.min(p[1].0).min(p[2].0), p[0].0.max(p[1].0).max(p[2].0));
        let (min_y, max_y) = (p[0].1.min(p[1].1).min(p[2].1), p[0].1.max(p[1].1).max(p[2].1));
        let x0 = min_x.div_euclid(STEPS).max(self.clip.x0);
        let x1 = (max_x.div_euclid(STEPS) + 1).min(self.clip.x1);
        let y0 = min_y.div_euclid(STEPS).max(self.clip.y0);
        let y1 = (max_y.div_euclid(STEPS) + 1).min(self.clip.y1);
        if x0 >= x1 || y0 >= y1 {
            return;
        }

        let centre = |pixel: i64| pixel * STEPS + STEPS / 2;
        let start = (centre(x0), centre(y0));
        let edges = [(p[1], p[2]), (p[2], p[0]), (p[0], p[1])];
        // Edge functions at the first pixel, and how they change from column to column and from row to row.
        let mut at_row = edges.map(|(a, b)| cross(a, b, start));
        let by_column = edges.map(|(a, b)| (a.1 - b.1) * STEPS);
        let by_row = edges.map(|(a, b)| (b.0 - a.0) * STEPS);
        // A pixel on a top or left edge is inside, on another edge outside.
        let least = edges.map(|(a, b)| i64::from(!((a.1 == b.1 && b.0 > a.0) || b.1 < a.1)));

        let shade = self.shade(&c, area);
        for y in y0..y1 {
            let (mut from, mut to) = (x0, x1);
            for i in 0..3 {
                let (w, step) = (at_row[i] - least[i], by_column[i]);
                match step {
                    0 if w < 0 => to = from,
                    0 => {}
                    1.. => from = from.max(x0 - w.div_euclid(step)),
                    _ => to = to.min(x0 + w.div_euclid(-step) + 1),
                }
            }
            if from < to {
                let texture = self.texture;
                let at_span: [i64; 3] = std::array::from_fn(|i| at_row[i] + by_column[i] * (from - x0));
                shade.span(self.row(y, from, to), texture, at_span, by_column);
            }
            for i in 0..3 {
                at_row[i] += by_row[i];
            }
        }
    }

    fn shade(&self, c: &[Corner; 3], area: i64) -> Shade {
        let du = (c[1].u - c[0].u) * (c[2].v - c[0].v) - (c[2].u - c[0].u) * (c[1].v - c[0].v);
        let filter = self.filter(du, area as f64);
        let is_flat = c[0].color == c[1].color && c[0].color == c[2].color;
        let is_one_texel = [c[1], c[2]].iter().all(|o| (o.u, o.v) == (c[0].u, c[0].v));
        let texel =
            is_one_texel.then(|| self.texture.sample(to_texel_256th(c[0].u), to_texel_256th(c[0].v), filter));
        let color = is_flat.then(|| to_pixel(c[0].color));
        if let (Some(texel), Some(color)) = (texel, color) {
            return Shade::Solid(pixel::tint(texel, color));
        }
        Shade::Varying { corners: *c, texel, color, filter, per_area: 1.0 / area as f64 }
    }
}

/// How the pixels of a triangle get their colour. One at a time exists, on the stack.
#[expect(clippy::large_enum_variant, reason = "a box would be an allocation a triangle")]
enum Shade {
    /// All the same.
    Solid(u32),
    /// Texel, colour or both differ from pixel to pixel; the one that does not is held here.
    Varying {
        corners: [Corner; 3],
        texel: Option<u32>,
        color: Option<u32>,
        filter: TextureFilter,
        per_area: f64,
    },
}

impl Shade {
    /// Paints a span whose edge functions begin at `edges` and change by `by_column`.
    fn span(&self, row: &mut [u32], texture: &Texture, mut edges: [i64; 3], by_column: [i64; 3]) {
        match self {
            Self::Solid(source) => fill(row, *source),
            Self::Varying { corners: [a, b, c], texel, color, filter, per_area } => {
                for pixel in row {
                    let share = edges.map(|e| e as f64 * per_area);
                    let at = |x: f64, y: f64, z: f64| share[0] * x + share[1] * y + share[2] * z;
                    let texel = texel.unwrap_or_else(|| {
                        let (u, v) = (at(a.u, b.u, c.u), at(a.v, b.v, c.v));
                        texture.sample(to_texel_256th(u), to_texel_256th(v), *filter)
                    });
                    let color = color.unwrap_or_else(|| {
                        to_pixel(std::array::from_fn(|i| at(a.color[i], b.color[i], c.color[i])))
                    });
                    blend(pixel, pixel::tint(texel, color));
                    for i in 0..3 {
                        edges[i] += by_column[i];
                    }
                }
            }
        }
    }
}

/// Twice the area of the triangle a, b, p: positive where p lies on the inner side of the edge from a to b.
fn cross(a: (i64, i64), b: (i64, i64), p: (i64, i64)) -> i64 {
    (b.0 - a.0) * (p.1 - a.1) - (b.1 - a.1) * (p.0 - a.0)
}

/// The part of a convex polygon where `side` is not negative (Sutherland and Hodgman 1974).
fn cut(polygon: &[Corner], side: impl Fn(&Corner) -> f64) -> Vec<Corner> {
    let mut kept = Vec::with_capacity(polygon.len() + 1);
    for (i, here) in polygon.iter().enumerate() {
        let next = &polygon[(i + 1) % polygon.len()];
        let (from, to) = (side(here), side(next));
        if from >= 0.0 {
            kept.push(*here);
        }
        if (from >= 0.0) != (to >= 0.0) {
            kept.push(here.lerp(next, from / (from - to)));
        }
    }
    kept
}

/// Texels to 1/256 of a texel, rounded down after adding a half.
#[inline]
fn to_texel_256th(texels: f64) -> i64 {
    // Shifted up to be positive, since a cast rounds towards zero; `floor` is a call on older processors.
    const SHIFT: i64 = 1 << 40;
    (texels * 256.0 + 0.5 + SHIFT as f64) as i64 - SHIFT
}

/// Channels 0..=255 to a pixel; floats out of range saturate.
#[inline]
fn to_pixel(channels: [f64; 4]) -> u32 {
    u32::from_le_bytes(channels.map(|c| (c + 0.5) as u8))
}

#[inline]
fn blend(under: &mut u32, source: u32) {
    if pixel::alpha(source) == 255 {
        *under = source;
    } else if source != 0 {
        *under = pixel::over(source, *under);
    }
}

fn fill(row: &mut [u32], source: u32) {
    if pixel::alpha(source) == 255 {
        row.fill(source);
    } else if source != 0 {
        for under in row {
            *under = pixel::over(source, *under);
        }
    }
}

#[cfg(test)]
mod tests;
