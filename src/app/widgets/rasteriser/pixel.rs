//! Arithmetic on one pixel: four premultiplied 8-bit channels in a `u32`, red in the lowest byte.
//!
//! Two channels are computed at a time in the halves of a word. All of it is integer arithmetic, rounded to the
//! nearest, so a build's optimisation level cannot change a byte.

use egui::Color32;

/// Every second channel, each with eight bits of room above it.
const LANES: u32 = 0x00FF_00FF;

/// Half a unit in each lane, for rounding.
const HALF: u32 = 0x0080_0080;

/// A colour as a word.
#[inline]
pub(super) fn pack(color: Color32) -> u32 {
    u32::from_le_bytes(color.to_array())
}

/// A word as a colour.
#[inline]
#[expect(clippy::disallowed_methods, reason = "a painted pixel, not a colour somebody chose")]
pub(super) fn unpack(pixel: u32) -> Color32 {
    let [r, g, b, a] = pixel.to_le_bytes();
    Color32::from_rgba_premultiplied(r, g, b, a)
}

/// Opacity, 0..=255.
#[inline]
pub(super) fn alpha(pixel: u32) -> u32 {
    pixel >> 24
}

/// Each channel times `k`/255 (`k` in 0..=255).
#[inline]
pub(super) fn scale(pixel: u32, k: u32) -> u32 {
    // (t + t/256)/256 with t = c·k + 128 is c·k/255 rounded to the nearest for all 8-bit c and k.
    let low = (pixel & LANES) * k + HALF;
    let high = ((pixel >> 8) & LANES) * k + HALF;
    let low = ((low + ((low >> 8) & LANES)) >> 8) & LANES;
    let high = (high + ((high >> 8) & LANES)) & !LANES;
    low | high
}

/// `source` laid over `under`; channels saturate, since a source may add light without covering (opacity 0).
#[inline]
pub(super) fn over(source: u32, under: u32) -> u32 {
    let rest = scale(under, 255 - alpha(source));
    let low = (source & LANES) + (rest & LANES);
    let high = ((source >> 8) & LANES) + ((rest >> 8) & LANES);
    saturate(low) | (saturate(high) << 8)
}

/// Lanes above 255 become 255.
#[inline]
fn saturate(lanes: u32) -> u32 {
    let carry = (lanes >> 8) & 0x0001_0001;
    (lanes | (carry * 0xFF)) & LANES
}

/// A texel multiplied by a vertex colour, channel by channel.
#[inline]
pub(super) fn tint(texel: u32, color: u32) -> u32 {
    let a = texel & 0xFF;
    if texel == a * 0x0101_0101 {
        return scale(color, a); // a glyph's coverage: the same in all four channels
    }
    if color == u32::MAX {
        return texel;
    }
    let (t, c) = (texel.to_le_bytes(), color.to_le_bytes());
    let channel = |i: usize| {
        let product = u32::from(t[i]) * u32::from(c[i]) + 128;
        (product + (product >> 8)) >> 8
    };
    channel(0) | (channel(1) << 8) | (channel(2) << 16) | (channel(3) << 24)
}

/// The way from `a` to `b`, `f`/256 of it (`f` in 0..=256).
#[inline]
pub(super) fn mix(a: u32, b: u32, f: u32) -> u32 {
    let e = 256 - f;
    let low = (a & LANES) * e + (b & LANES) * f + HALF;
    let high = ((a >> 8) & LANES) * e + ((b >> 8) & LANES) * f + HALF;
    ((low >> 8) & LANES) | (high & !LANES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nearest(x: u32) -> u32 {
        (2 * x + 255) / 510
    }

    #[test]
    fn scaling_is_division_by_255_rounded_to_the_nearest() {
        for c in 0..=255 {
            for k in 0..=255 {
                let want = nearest(c * k);
                assert_eq!(scale(c * 0x0101_0101, k), want * 0x0101_0101, "{c} times {k}");
            }
        }
    }

    #[test]
    fn channels_do_not_leak_into_each_other() {
        assert_eq!(scale(0xFF00_FF00, 255), 0xFF00_FF00);
        assert_eq!(scale(0x00FF_00FF, 128), 0x0080_0080);
        assert_eq!(mix(0xFF00_FF00, 0x00FF_00FF, 0), 0xFF00_FF00);
        assert_eq!(mix(0xFF00_FF00, 0x00FF_00FF, 256), 0x00FF_00FF);
        assert_eq!(mix(0x0000_0000, 0xFFFF_FFFF, 128), 0x8080_8080);
    }

    #[test]
    fn tinting_multiplies_channel_by_channel() {
        assert_eq!(tint(0x8080_8080, 0xFF10_20FF), scale(0xFF10_20FF, 0x80));
        assert_eq!(tint(0xFF01_02FF, 0xFFFF_FFFF), 0xFF01_02FF);
        assert_eq!(tint(0xFF80_40FF, 0x80FF_00FF), 0x8080_00FF);
    }

    #[test]
    fn light_without_cover_is_added_and_saturates() {
        assert_eq!(over(0x0000_0040, 0xFF00_00F0), 0xFF00_00FF);
        assert_eq!(over(0xFF00_0001, 0xFF12_3456), 0xFF00_0001);
        assert_eq!(over(0, 0xFF12_3456), 0xFF12_3456);
        // Half black over white.
        assert_eq!(over(0x8000_0000, 0xFFFF_FFFF), 0xFF7F_7F7F);
    }
}
