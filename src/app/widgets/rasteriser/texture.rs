//! A texture as the painter reads it: texels, how they are filtered and what lies beyond the edge.
//!
//! Coordinates are in 1/256 of a texel, so filtering is integer arithmetic and noise below that does not show.

use egui::epaint::ImageDelta;
use egui::epaint::textures::{TextureFilter, TextureOptions, TextureWrapMode};
use egui::{ColorImage, ImageData};

use super::pixel;

/// Texels with at least one row and one column; `texels.len() == width * height`.
#[derive(Debug, Clone)]
pub(super) struct Texture {
    width: usize,
    height: usize,
    texels: Vec<u32>,
    options: TextureOptions,
}

/// Whether `image` holds as many pixels as it says, and at least one.
fn is_whole(image: &ColorImage) -> bool {
    let [width, height] = image.size;
    !image.pixels.is_empty() && width.checked_mul(height) == Some(image.pixels.len())
}

impl Texture {
    /// The texture that `delta` describes in full; `None` for an image without pixels.
    pub(super) fn new(delta: &ImageDelta) -> Option<Self> {
        let ImageData::Color(image) = &delta.image;
        let [width, height] = image.size;
        is_whole(image).then(|| Self {
            width,
            height,
            texels: image.pixels.iter().map(|&c| pixel::pack(c)).collect(),
            options: delta.options,
        })
    }

    /// Writes `delta` with its corner at (`x`, `y`); what would lie outside is left out.
    pub(super) fn patch(&mut self, delta: &ImageDelta, [x, y]: [usize; 2]) {
        let ImageData::Color(image) = &delta.image;
        if !is_whole(image) || x >= self.width || y >= self.height {
            return;
        }
        self.options = delta.options;
        let columns = image.size[0].min(self.width - x);
        let rows = image.size[1].min(self.height - y);
        for row in 0..rows {
            let from = &image.pixels[row * image.size[0]..][..columns];
            let to = &mut self.texels[(y + row) * self.width + x..][..columns];
            for (to, &from) in to.iter_mut().zip(from) {
                *to = pixel::pack(from);
            }
        }
    }

    /// Columns and rows, in texels.
    pub(super) fn size(&self) -> [usize; 2] {
        [self.width, self.height]
    }

    /// The filter where a texel is larger than a pixel, or (`minified`) smaller.
    pub(super) fn filter(&self, minified: bool) -> TextureFilter {
        if minified { self.options.minification } else { self.options.magnification }
    }

    /// The colour at (`u`, `v`), in 1/256 of a texel from the upper left corner.
    #[inline]
    pub(super) fn sample(&self, u: i64, v: i64, filter: TextureFilter) -> u32 {
        if filter == TextureFilter::Nearest {
            return self.texel(u >> 8, v >> 8);
        }
        // Texel centres lie at half coordinates.
        let (u, v) = (u - 128, v - 128);
        let (x, y) = (u >> 8, v >> 8);
        let (fx, fy) = ((u & 255) as u32, (v & 255) as u32);
        if fx | fy == 0 {
            return self.texel(x, y);
        }
        let upper = pixel::mix(self.texel(x, y), self.texel(x + 1, y), fx);
        let lower = pixel::mix(self.texel(x, y + 1), self.texel(x + 1, y + 1), fx);
        pixel::mix(upper, lower, fy)
    }

    #[inline]
    fn texel(&self, x: i64, y: i64) -> u32 {
        let x = self.wrap(x, self.width);
        let y = self.wrap(y, self.height);
        self.texels[y * self.width + x]
    }

    /// An index in `0..n`, by the wrap mode.
    #[inline]
    fn wrap(&self, i: i64, n: usize) -> usize {
        if (i as u64) < n as u64 {
            return i as usize;
        }
        let n = n as i64;
        let inside = match self.options.wrap_mode {
            TextureWrapMode::ClampToEdge => i.clamp(0, n - 1),
            TextureWrapMode::Repeat => i.rem_euclid(n),
            TextureWrapMode::MirroredRepeat => {
                let m = i.rem_euclid(2 * n);
                m.min(2 * n - 1 - m)
            }
        };
        inside as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two texels side by side: opaque black, then white.
    fn black_white(options: TextureOptions) -> Texture {
        let image = ColorImage::new([2, 1], [0xFF00_0000, 0xFFFF_FFFF].map(pixel::unpack).to_vec());
        Texture::new(&ImageDelta::full(image, options)).expect("the image has pixels")
    }

    fn reds(texture: &Texture, us: &[i64], filter: TextureFilter) -> Vec<u32> {
        us.iter().map(|&u| texture.sample(u, 128, filter) & 0xFF).collect()
    }

    #[test]
    fn linear_filtering_is_exact_at_and_between_texel_centres() {
        let t = black_white(TextureOptions::LINEAR);
        let us = [-1000, 0, 128, 192, 256, 384, 512, 9000];
        assert_eq!(reds(&t, &us, TextureFilter::Linear), [0, 0, 0, 64, 128, 255, 255, 255]);
    }

    #[test]
    fn nearest_filtering_takes_the_texel_that_holds_the_point() {
        let t = black_white(TextureOptions::NEAREST);
        assert_eq!(reds(&t, &[-5, 0, 255, 256, 511, 512], TextureFilter::Nearest), [0, 0, 0, 255, 255, 255]);
    }

    #[test]
    fn beyond_the_edge_the_wrap_mode_decides() {
        let us = [-512, -256, 0, 256, 512, 768];
        let t = black_white(TextureOptions::NEAREST_REPEAT);
        assert_eq!(reds(&t, &us, TextureFilter::Nearest), [0, 255, 0, 255, 0, 255]);
        let t = black_white(TextureOptions::NEAREST_MIRRORED_REPEAT);
        assert_eq!(reds(&t, &us, TextureFilter::Nearest), [255, 0, 0, 255, 255, 0]);
    }

    #[test]
    fn a_patch_that_hangs_over_the_edge_is_cut() {
        let mut t = black_white(TextureOptions::NEAREST);
        let image = ColorImage::filled([5, 5], pixel::unpack(0xFF00_0007));
        let delta = ImageDelta::partial([1, 0], image, TextureOptions::NEAREST);
        t.patch(&delta, [1, 0]);
        t.patch(&delta, [2, 0]);
        t.patch(&delta, [usize::MAX, usize::MAX]);
        assert_eq!(reds(&t, &[0, 256], TextureFilter::Nearest), [0, 7]);
    }

    #[test]
    fn an_image_that_lies_about_its_size_is_refused() {
        let mut image = ColorImage::filled([2, 2], pixel::unpack(0));
        image.size = [usize::MAX, 2];
        assert!(Texture::new(&ImageDelta::full(image, TextureOptions::LINEAR)).is_none());
        let empty = ColorImage::new([0, 0], Vec::new());
        assert!(Texture::new(&ImageDelta::full(empty, TextureOptions::LINEAR)).is_none());
    }
}
