//! Colours, type and measures: the only place where a colour is written down.
//!
//! Colour is for data; the frame is grey. One accent means *selected, focused, flagged, the one primary
//! action*. A label's hue is never used for anything but that label, and always comes with its name.

#![expect(clippy::disallowed_methods, reason = "this is the one place where colours are written down")]

use std::sync::Arc;

use egui::{Color32, FontData, FontDefinitions, FontFamily, FontId, Stroke, TextStyle, Theme as Base};

/// Colours of one theme.
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    /// Whether text is light on dark.
    pub dark: bool,
    /// Title bar, navigation, status bar.
    pub window: Color32,
    /// Every view.
    pub panel: Color32,
    /// Table head, side column, card, zero cell.
    pub raised: Color32,
    /// Row or button under the pointer, skeleton.
    pub hover: Color32,
    /// Selected row, tab, view.
    pub selected: Color32,
    /// Lines between panels.
    pub line: Color32,
    /// Lines between rows, plot grid, empty part of a bar.
    pub grid: Color32,
    /// Outline of a control, diagonal cell, scroll bar.
    pub line_strong: Color32,
    /// What is read first.
    pub text: Color32,
    /// What is read second.
    pub text_2: Color32,
    /// Captions, axes, units.
    pub text_3: Color32,
    /// Selected, focused, flagged, the primary action.
    pub accent: Color32,
    /// Text on it.
    pub on_accent: Color32,
    /// Bars and dots that stand for no label.
    pub mark: Color32,
    /// The glyph of an error or a warning.
    pub warn: Color32,
    labels: [(Color32, Color32); 6],
    agreement: [Color32; 5],
}

const fn hex(rgb: u32) -> Color32 {
    Color32::from_rgb((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8)
}

const INK: Color32 = hex(0x0D_0F_12);

/// Light on dark.
pub const DARK: Theme = Theme {
    dark: true,
    window: hex(0x10_12_16),
    panel: hex(0x16_18_1D),
    raised: hex(0x1D_20_26),
    hover: hex(0x22_26_2D),
    selected: hex(0x27_2C_42),
    line: hex(0x27_2B_33),
    grid: hex(0x22_26_2D),
    line_strong: hex(0x3D_43_4E),
    text: hex(0xE6_E8_EC),
    text_2: hex(0xA9_AF_BA),
    text_3: hex(0x8F_96_A2),
    accent: hex(0x9A_A8_FF),
    on_accent: hex(0x12_14_1A),
    mark: hex(0x6C_74_82),
    warn: hex(0xF2_C1_4E),
    labels: [
        (hex(0x56_B4_E9), INK),
        (hex(0xE6_9F_00), INK),
        (hex(0xE0_59_2A), INK),
        (hex(0x14_A3_7A), INK),
        (hex(0xD4_7B_B3), INK),
        (hex(0x4A_86_CF), INK),
    ],
    agreement: [hex(0xD0_8C_4A), hex(0x7A_5B_3C), hex(0x2B_2F_37), hex(0x34_75_6F), hex(0x58_C2_B4)],
};

/// Dark on light.
pub const LIGHT: Theme = Theme {
    dark: false,
    window: hex(0xEE_F0_F3),
    panel: hex(0xFF_FF_FF),
    raised: hex(0xF6_F7_F9),
    hover: hex(0xEE_F0_F4),
    selected: hex(0xE4_E8_FC),
    line: hex(0xE0_E3_E9),
    grid: hex(0xEB_ED_F1),
    line_strong: hex(0xBF_C5_CF),
    text: hex(0x1A_1D_23),
    text_2: hex(0x4D_54_60),
    text_3: hex(0x62_69_75),
    accent: hex(0x43_53_C9),
    on_accent: hex(0xFF_FF_FF),
    mark: hex(0x8A_92_A0),
    warn: hex(0x8A_5A_00),
    labels: [
        (hex(0x3A_93_CC), INK),
        (hex(0xC4_84_00), INK),
        (hex(0xC2_41_00), Color32::WHITE),
        (hex(0x00_80_5C), Color32::WHITE),
        (hex(0xB3_4A_8E), Color32::WHITE),
        (hex(0x0B_4F_8A), Color32::WHITE),
    ],
    agreement: [hex(0x8C_51_0A), hex(0xD3_A8_67), hex(0xF2_F1_EC), hex(0x74_BF_B2), hex(0x01_66_5E)],
};

/// Viridis in nine steps.
const VIRIDIS: [Color32; 9] = [
    hex(0x44_01_54),
    hex(0x47_2D_7B),
    hex(0x3B_52_8B),
    hex(0x2C_72_8E),
    hex(0x21_91_8C),
    hex(0x28_AE_80),
    hex(0x5E_C9_62),
    hex(0xAD_DC_30),
    hex(0xFD_E7_25),
];

impl Theme {
    /// The theme that is on.
    pub fn of(ctx: &egui::Context) -> &'static Self {
        match ctx.theme() {
            Base::Dark => &DARK,
            Base::Light => &LIGHT,
        }
    }

    /// The theme whose text is light on dark, or the other.
    pub fn with(dark: bool) -> &'static Self {
        if dark { &DARK } else { &LIGHT }
    }

    /// The hue of label `k`; grey from the seventh on, told apart by name alone.
    pub fn label(&self, k: u32) -> Color32 {
        self.labels.get(k as usize).map_or(self.mark, |l| l.0)
    }

    /// The colour of a number on the hue of label `k`.
    pub fn on_label(&self, k: u32) -> Color32 {
        self.labels.get(k as usize).map_or(if self.dark { INK } else { Color32::WHITE }, |l| l.1)
    }

    /// More stands out more; `t` in 0..=1.
    pub fn quantity(&self, t: f32) -> Color32 {
        let t = t.clamp(0.0, 1.0);
        let hue = ramp(&VIRIDIS, if self.dark { t } else { 1.0 - t });
        mix(self.panel, hue, (0.4 + 1.5 * t).min(1.0))
    }

    /// Brown below the middle, teal above; `t` in −1..=1.
    pub fn agreement(&self, t: f32) -> Color32 {
        ramp(&self.agreement, f32::midpoint(t.clamp(-1.0, 1.0), 1.0))
    }

    /// Ink or white, whichever can be read on `ground`.
    pub fn on(ground: Color32) -> Color32 {
        if luminance(ground) > 0.18 { INK } else { Color32::WHITE }
    }

    /// A 1 px line between panels.
    pub fn border(&self) -> Stroke {
        Stroke::new(1.0, self.line)
    }
}

fn luminance(c: Color32) -> f32 {
    let f = |v: u8| (f32::from(v) / 255.0).powf(2.2);
    0.2126 * f(c.r()) + 0.7152 * f(c.g()) + 0.0722 * f(c.b())
}

/// `a` at 0, `b` at 1, in sRGB.
pub fn mix(a: Color32, b: Color32, t: f32) -> Color32 {
    let m = |x: u8, y: u8| (f32::from(x) + (f32::from(y) - f32::from(x)) * t).round() as u8;
    Color32::from_rgb(m(a.r(), b.r()), m(a.g(), b.g()), m(a.b(), b.b()))
}

fn ramp(stops: &[Color32], t: f32) -> Color32 {
    let x = t.clamp(0.0, 1.0) * (stops.len() - 1) as f32;
    let i = (x.floor() as usize).min(stops.len() - 2);
    mix(stops[i], stops[i + 1], x - i as f32)
}

/// The type: two families, five sizes.
pub mod font {
    use super::{FontFamily, FontId};

    /// The item in Review; one big number.
    pub fn item() -> FontId {
        FontId::new(28.0, FontFamily::Proportional)
    }
    /// A fact about the data.
    pub fn fact() -> FontId {
        FontId::new(20.0, FontFamily::Proportional)
    }
    /// Item text in an inspector.
    pub fn reading() -> FontId {
        FontId::new(15.0, FontFamily::Proportional)
    }
    /// Panel heading.
    pub fn heading() -> FontId {
        FontId::new(15.0, strong_family())
    }
    /// Everything else.
    pub fn body() -> FontId {
        FontId::new(13.0, FontFamily::Proportional)
    }
    /// Section names and the selected.
    pub fn strong() -> FontId {
        FontId::new(13.0, strong_family())
    }
    /// Captions, axis names, hints, table head, status bar.
    pub fn caption() -> FontId {
        FontId::new(11.0, FontFamily::Proportional)
    }
    /// Numbers compared down a column, keys, paths.
    pub fn mono() -> FontId {
        FontId::new(12.0, FontFamily::Monospace)
    }
    /// The same inside plots and key caps.
    pub fn mono_small() -> FontId {
        FontId::new(11.0, FontFamily::Monospace)
    }
    /// The heavier weight.
    pub fn strong_family() -> FontFamily {
        FontFamily::Name("strong".into())
    }
}

/// Room that rows and controls take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Density {
    /// For eyes and pointers.
    #[default]
    Comfortable,
    /// More rows at once.
    Compact,
}

/// Sets the room that rows and controls take.
pub fn set_density(ctx: &egui::Context, density: Density) {
    ctx.all_styles_mut(|style| {
        let (row, between, padding) = match density {
            Density::Comfortable => (28.0, 4.0, 5.0),
            Density::Compact => (22.0, 2.0, 2.0),
        };
        style.spacing.interact_size.y = row;
        style.spacing.item_spacing.y = between;
        style.spacing.button_padding.y = padding;
    });
}

/// Installs fonts and both themes.
pub fn install(ctx: &egui::Context) {
    ctx.set_fonts(fonts());
    for (base, theme) in [(Base::Dark, &DARK), (Base::Light, &LIGHT)] {
        ctx.style_mut_of(base, |style| apply(style, theme));
    }
}

fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let files: [(&str, &'static [u8]); 3] = [
        ("Inter", include_bytes!("../../../assets/fonts/Inter-Regular.otf")),
        ("Inter SemiBold", include_bytes!("../../../assets/fonts/Inter-SemiBold.otf")),
        ("JetBrains Mono", include_bytes!("../../../assets/fonts/JetBrainsMono-Regular.ttf")),
    ];
    for (name, bytes) in files {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let fallback = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    let mut family = |family: FontFamily, first: &[&str]| {
        let list = first.iter().map(|s| (*s).to_owned()).chain(fallback.iter().cloned()).collect();
        fonts.families.insert(family, list);
    };
    family(FontFamily::Proportional, &["Inter"]);
    family(font::strong_family(), &["Inter SemiBold", "Inter"]);
    family(FontFamily::Monospace, &["JetBrains Mono", "Inter"]);
    fonts
}

fn apply(style: &mut egui::Style, theme: &Theme) {
    style.text_styles = [
        (TextStyle::Heading, font::heading()),
        (TextStyle::Body, font::body()),
        (TextStyle::Button, font::body()),
        (TextStyle::Small, font::caption()),
        (TextStyle::Monospace, font::mono()),
    ]
    .into();
    style.spacing.item_spacing = egui::vec2(8.0, 4.0);
    style.spacing.button_padding = egui::vec2(10.0, 5.0);
    style.spacing.interact_size.y = 28.0;
    style.spacing.scroll = egui::style::ScrollStyle::thin();
    style.spacing.tooltip_width = 360.0;
    style.spacing.menu_margin = egui::Margin::same(6);
    style.interaction.tooltip_delay = 0.4;
    style.interaction.selectable_labels = false;
    style.animation_time = 0.0;
    let v = &mut style.visuals;
    v.dark_mode = theme.dark;
    v.panel_fill = theme.panel;
    v.window_fill = theme.raised;
    v.window_stroke = Stroke::new(1.0, theme.line_strong);
    v.extreme_bg_color = theme.panel;
    v.text_edit_bg_color = Some(theme.panel);
    v.faint_bg_color = theme.raised;
    v.code_bg_color = theme.raised;
    v.hyperlink_color = theme.accent;
    v.warn_fg_color = theme.warn;
    v.error_fg_color = theme.warn;
    v.weak_text_color = Some(theme.text_3);
    v.selection.bg_fill = theme.selected;
    v.selection.stroke = Stroke::new(1.0, theme.accent);
    v.window_corner_radius = 6.into();
    v.menu_corner_radius = 6.into();
    let shadow =
        egui::epaint::Shadow { offset: [0, 4], blur: 12, spread: 0, color: Color32::from_black_alpha(76) };
    v.window_shadow = shadow;
    v.popup_shadow = shadow;
    let w = &mut v.widgets;
    for (visuals, fill, line, text) in [
        (&mut w.noninteractive, theme.panel, theme.line, theme.text),
        (&mut w.inactive, theme.panel, theme.line_strong, theme.text),
        (&mut w.hovered, theme.hover, theme.line_strong, theme.text),
        (&mut w.active, theme.selected, theme.accent, theme.text),
        (&mut w.open, theme.hover, theme.line_strong, theme.text),
    ] {
        visuals.bg_fill = fill;
        visuals.weak_bg_fill = fill;
        visuals.bg_stroke = Stroke::new(1.0, line);
        visuals.fg_stroke = Stroke::new(1.0, text);
        visuals.corner_radius = 4.into();
        visuals.expansion = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contrast(a: Color32, b: Color32) -> f32 {
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        a.max(b) / a.min(b)
    }

    #[test]
    fn text_can_be_read_on_every_surface() {
        for t in [&DARK, &LIGHT] {
            for ground in [t.window, t.panel, t.raised, t.hover, t.selected] {
                assert!(contrast(t.text, ground) >= 7.0);
                assert!(contrast(t.text_2, ground) >= 4.5);
                assert!(
                    contrast(t.text_3, ground) >= 4.3,
                    "{:?} {ground:?} {}",
                    t.dark,
                    contrast(t.text_3, ground)
                );
            }
            for k in 0..6 {
                assert!(contrast(t.on_label(k), t.label(k)) >= 4.3);
            }
        }
    }

    #[test]
    fn labels_from_the_seventh_on_are_grey() {
        assert_eq!(DARK.label(6), DARK.mark);
        assert_ne!(DARK.label(5), DARK.mark);
    }
}
