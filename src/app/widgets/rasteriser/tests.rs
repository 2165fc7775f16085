//! Exact pixels of tiny meshes; spans against the definition of coverage; hostile meshes.

use egui::epaint::ImageDelta;
use egui::epaint::textures::TextureOptions;
use egui::{Pos2, pos2};
use proptest::prelude::*;

use super::*;

const WHITE: u32 = 0xFFFF_FFFF;
const BLACK: u32 = 0xFF00_0000;

/// A rasteriser whose default texture is one white texel.
fn white() -> Rasteriser {
    with_texture(ColorImage::filled([1, 1], pixel::unpack(WHITE)), TextureOptions::LINEAR)
}

fn with_texture(image: ColorImage, options: TextureOptions) -> Rasteriser {
    let mut rasteriser = Rasteriser::new();
    let mut delta = TexturesDelta::default();
    delta.push(TextureId::default(), ImageDelta::full(image, options));
    rasteriser.update(&mut delta);
    rasteriser
}

fn vertex(x: f32, y: f32, color: u32) -> Vertex {
    Vertex { pos: pos2(x, y), uv: Pos2::ZERO, color: pixel::unpack(color) }
}

fn mesh(vertices: Vec<Vertex>, indices: Vec<u32>) -> Mesh {
    Mesh { indices, vertices, texture_id: TextureId::default() }
}

fn rectangle(rect: [f32; 4], uv: [f32; 4], color: u32) -> Mesh {
    let to_rect = |r: [f32; 4]| Rect::from_min_max(pos2(r[0], r[1]), pos2(r[2], r[3]));
    let mut mesh = Mesh::default();
    mesh.add_rect_with_uv(to_rect(rect), to_rect(uv), pixel::unpack(color));
    mesh
}

/// The same triangles in an order in which the fast path does not know a rectangle.
fn shuffled(mut mesh: Mesh) -> Mesh {
    for triangle in mesh.indices.chunks_exact_mut(3) {
        triangle.rotate_left(1);
    }
    mesh
}

fn paint_clipped(rasteriser: &Rasteriser, size: [usize; 2], mesh: Mesh, clip: Rect) -> Vec<u32> {
    let primitive = ClippedPrimitive { clip_rect: clip, primitive: Primitive::Mesh(mesh) };
    let picture = rasteriser.paint(size, 1.0, &[primitive], pixel::unpack(BLACK));
    assert_eq!(picture.size, size);
    picture.pixels.into_iter().map(pixel::pack).collect()
}

fn paint(rasteriser: &Rasteriser, size: [usize; 2], mesh: Mesh) -> Vec<u32> {
    paint_clipped(rasteriser, size, mesh, Rect::EVERYTHING)
}

/// Rows of `#` (white), `.` (black) and `?` (anything else).
fn drawn(pixels: &[u32], width: usize) -> Vec<String> {
    let sign = |p: &u32| match *p {
        WHITE => '#',
        BLACK => '.',
        _ => '?',
    };
    pixels.chunks(width).map(|row| row.iter().map(sign).collect()).collect()
}

#[test]
fn a_rectangle_covers_the_pixels_whose_centres_it_holds() {
    let r = rectangle([1.0, 0.5, 3.0, 2.5], [0.0; 4], WHITE);
    // A centre on the top edge is inside, one on the bottom edge is not.
    let want = [".##.", ".##.", "....", "...."];
    assert_eq!(drawn(&paint(&white(), [4, 4], r.clone()), 4), want);
    assert_eq!(drawn(&paint(&white(), [4, 4], shuffled(r)), 4), want);
}

#[test]
fn a_triangle_follows_the_top_left_rule() {
    let t =
        mesh(vec![vertex(0.0, 0.0, WHITE), vertex(4.0, 0.0, WHITE), vertex(0.0, 4.0, WHITE)], vec![0, 1, 2]);
    let drawn_t = drawn(&paint(&white(), [4, 4], t.clone()), 4);
    // The centres on the diagonal belong to the triangle on its other side.
    assert_eq!(drawn_t, ["###.", "##..", "#...", "...."]);
    let turned = Mesh { indices: vec![0, 2, 1], ..t };
    assert_eq!(drawn(&paint(&white(), [4, 4], turned), 4), drawn_t);
}

#[test]
fn a_shared_edge_is_painted_once() {
    let half = 0x8080_8080;
    let once = pixel::over(half, BLACK);
    let pixels = paint(&white(), [9, 9], shuffled(rectangle([0.0, 0.0, 9.0, 9.0], [0.0; 4], half)));
    assert!(pixels.iter().all(|&p| p == once), "{pixels:x?}");
}

#[test]
fn nothing_is_painted_outside_the_clip_rectangle() {
    let clip = Rect::from_min_max(pos2(0.6, 1.4), pos2(2.4, 2.6));
    for m in [rectangle([-9.0, -9.0, 9.0, 9.0], [0.0; 4], WHITE)]
        .into_iter()
        .flat_map(|m| [shuffled(m.clone()), m])
    {
        let pixels = paint_clipped(&white(), [4, 4], m, clip);
        assert_eq!(drawn(&pixels, 4), ["....", ".#..", ".#..", "...."]);
    }
}

#[test]
fn colours_run_between_corners() {
    let m = mesh(
        vec![
            vertex(0.0, 0.0, BLACK),
            vertex(4.0, 0.0, 0xFF00_00FF),
            vertex(0.0, 1.0, BLACK),
            vertex(4.0, 1.0, 0xFF00_00FF),
        ],
        vec![0, 1, 2, 2, 1, 3],
    );
    // Centres at 1/8, 3/8, 5/8 and 7/8 of 255.
    assert_eq!(paint(&white(), [4, 1], m), [0xFF00_0020, 0xFF00_0060, 0xFF00_009F, 0xFF00_00DF]);
}

#[test]
fn a_texture_is_sampled_alike_by_rectangle_and_triangles() {
    let texels: Vec<Color32> = (0..16).map(|i| pixel::unpack(BLACK | (i * 16) | ((15 - i) * 4096))).collect();
    let image = ColorImage::new([4, 4], texels.clone());
    for options in [TextureOptions::LINEAR, TextureOptions::NEAREST] {
        let rasteriser = with_texture(image.clone(), options);
        let r = rectangle([0.0, 0.0, 4.0, 4.0], [0.0, 0.0, 1.0, 1.0], WHITE);
        // One texel a pixel: the texture itself, with either filter.
        let want: Vec<u32> = texels.iter().map(|&c| pixel::pack(c)).collect();
        assert_eq!(paint(&rasteriser, [4, 4], r.clone()), want);
        assert_eq!(paint(&rasteriser, [4, 4], shuffled(r)), want);
    }
}

#[test]
fn minified_and_magnified_textures_have_their_own_filter() {
    let options = TextureOptions { minification: TextureFilter::Linear, ..TextureOptions::NEAREST };
    let image = ColorImage::new([2, 1], [BLACK, WHITE].map(pixel::unpack).to_vec());
    let rasteriser = with_texture(image, options);
    let of_width = |w: usize| {
        let m = rectangle([0.0, 0.0, w as f32, 1.0], [0.0, 0.0, 1.0, 1.0], WHITE);
        (paint(&rasteriser, [w, 1], m.clone()), paint(&rasteriser, [w, 1], shuffled(m)))
    };
    assert_eq!(of_width(4), (vec![BLACK, BLACK, WHITE, WHITE], vec![BLACK, BLACK, WHITE, WHITE]));
    assert_eq!(of_width(1), (vec![0xFF80_8080], vec![0xFF80_8080]));
}

#[test]
fn a_texture_freed_in_a_frame_is_still_painted_in_it() {
    let mut rasteriser = white();
    let mut delta = TexturesDelta::default();
    delta.free(TextureId::default());
    rasteriser.update(&mut delta);
    assert!(delta.is_empty());
    let r = rectangle([0.0, 0.0, 1.0, 1.0], [0.0; 4], WHITE);
    assert_eq!(paint(&rasteriser, [1, 1], r.clone()), [WHITE]);
    rasteriser.update(&mut TexturesDelta::default());
    assert_eq!(paint(&rasteriser, [1, 1], r), [BLACK]);
}

#[test]
fn a_patch_changes_part_of_a_texture() {
    let mut rasteriser =
        with_texture(ColorImage::filled([2, 1], pixel::unpack(WHITE)), TextureOptions::NEAREST);
    let mut delta = TexturesDelta::default();
    let patch = ColorImage::filled([1, 1], pixel::unpack(BLACK));
    delta.push(TextureId::default(), ImageDelta::partial([1, 0], patch.clone(), TextureOptions::NEAREST));
    delta.push(TextureId::User(7), ImageDelta::partial([0, 0], patch, TextureOptions::NEAREST));
    rasteriser.update(&mut delta);
    let r = rectangle([0.0, 0.0, 2.0, 1.0], [0.0, 0.0, 1.0, 1.0], WHITE);
    assert_eq!(paint(&rasteriser, [2, 1], r), [WHITE, BLACK]);
}

#[test]
fn a_triangle_far_larger_than_the_picture_covers_it() {
    for far in [1e5, 1e9, 1e30] {
        let m = mesh(
            vec![vertex(-far, -far, WHITE), vertex(far, -far, WHITE), vertex(0.0, far, WHITE)],
            vec![0, 1, 2],
        );
        assert_eq!(drawn(&paint(&white(), [3, 2], m), 3), ["###", "###"], "reaching to {far}");
    }
    let r = rectangle([-1e7, 1.0, 1e7, 1e7], [0.0; 4], WHITE);
    assert_eq!(drawn(&paint(&white(), [3, 2], r), 3), ["...", "###"]);
}

#[test]
fn hostile_meshes_paint_nothing() {
    let good = [vertex(0.0, 0.0, WHITE), vertex(9.0, 0.0, WHITE), vertex(0.0, 9.0, WHITE)];
    let nothing = vec![BLACK; 9];
    let out_of_range = mesh(good.to_vec(), vec![0, 1, 3, u32::MAX, 1, 2, 0, 1]);
    assert_eq!(paint(&white(), [3, 3], out_of_range), nothing);
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        for i in 0..3 {
            let mut m = mesh(good.to_vec(), vec![0, 1, 2]);
            m.vertices[i].pos.x = bad;
            assert_eq!(paint(&white(), [3, 3], m.clone()), nothing);
            m.vertices[i] = Vertex { uv: pos2(bad, 0.0), ..good[i] };
            assert_eq!(paint(&white(), [3, 3], m), nothing);
        }
    }
    let r = rectangle([0.0, 0.0, 9.0, 9.0], [0.0; 4], WHITE);
    let clip = Rect::from_min_max(pos2(f32::NAN, 2.0), pos2(1.0, f32::NEG_INFINITY));
    assert_eq!(paint_clipped(&white(), [3, 3], r.clone(), clip), nothing);
    let primitive = ClippedPrimitive { clip_rect: Rect::EVERYTHING, primitive: Primitive::Mesh(r) };
    for scale in [f32::NAN, f32::INFINITY, 0.0, -1.0] {
        let picture = white().paint([3, 3], scale, std::slice::from_ref(&primitive), pixel::unpack(BLACK));
        assert_eq!(picture.pixels.into_iter().map(pixel::pack).collect::<Vec<_>>(), nothing, "scale {scale}");
    }
    assert!(white().paint([0, 5], 1.0, &[primitive], pixel::unpack(BLACK)).pixels.is_empty());
}

#[test]
fn a_scene_has_the_same_bytes_in_every_build() {
    let texels = (0..64_u32).map(|i| pixel::unpack((i * 4) * 0x0101_0101)).collect();
    let rasteriser = with_texture(ColorImage::new([8, 8], texels), TextureOptions::LINEAR);
    let mut scene = rectangle([0.3, 0.7, 30.1, 29.9], [0.0, 0.0, 1.0, 1.0], 0xFF80_C0FF);
    for i in 0..40 {
        let a = i as f32;
        let corner = |k: f32, color: u32| Vertex {
            pos: pos2(16.0 + (a * 1.37 + k * 5.1) % 15.3, (a * 0.77 + k * k * 3.3) % 31.7),
            uv: pos2((a * 0.13 + k * 0.31) % 1.0, (k * 0.37) % 1.0),
            color: pixel::unpack(color),
        };
        let first = scene.vertices.len() as u32;
        scene.vertices.extend([corner(0.0, 0x8040_2010), corner(1.0, WHITE), corner(2.0, 0)]);
        scene.add_triangle(first, first + 1, first + 2);
    }
    // FNV-1a over the pixels.
    let hash = paint(&rasteriser, [32, 32], scene)
        .iter()
        .flat_map(|p| p.to_le_bytes())
        .fold(0xCBF2_9CE4_8422_2325_u64, |h, byte| (h ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3));
    assert_eq!(hash, 7_884_897_393_899_414_445);
}

/// Whether the centre of pixel (x, y) is covered, by the definition: on the inner side of each edge, or on a top
/// or left edge.
fn is_covered(p: [(i64, i64); 3], x: i64, y: i64) -> bool {
    let area = cross(p[0], p[1], p[2]);
    let p = if area < 0 { [p[0], p[2], p[1]] } else { p };
    let centre = (x * STEPS + STEPS / 2, y * STEPS + STEPS / 2);
    area != 0
        && (0..3).all(|i| {
            let (a, b) = (p[i], p[(i + 1) % 3]);
            let w = cross(a, b, centre);
            let is_top_left = (a.1 == b.1 && b.0 > a.0) || b.1 < a.1;
            w > 0 || (w == 0 && is_top_left)
        })
}

fn coordinate() -> impl Strategy<Value = f32> {
    // Sixteenths, so that centres and edges often coincide.
    prop_oneof![(-64..200_i32).prop_map(|i| i as f32 / 16.0), -4.0..12.0_f32, -3e4..3e4_f32]
}

proptest! {
    #[test]
    fn spans_agree_with_the_definition_of_coverage(c in prop::array::uniform6(coordinate())) {
        let points = [(c[0], c[1]), (c[2], c[3]), (c[4], c[5])];
        let m = mesh(points.map(|(x, y)| vertex(x, y, WHITE)).to_vec(), vec![0, 1, 2]);
        let pixels = paint(&white(), [8, 8], m);
        let step = |v: f32| (f64::from(v) * STEPS as f64).round() as i64;
        let p = points.map(|(x, y)| (step(x), step(y)));
        for y in 0..8 {
            for x in 0..8 {
                prop_assert_eq!(pixels[y * 8 + x] == WHITE, is_covered(p, x as i64, y as i64), "at {} {}", x, y);
            }
        }
    }

    #[test]
    fn a_rectangle_covers_what_its_triangles_cover(c in prop::array::uniform4(coordinate())) {
        let r = rectangle([c[0].min(c[2]), c[1].min(c[3]), c[0].max(c[2]), c[1].max(c[3])], [0.0; 4], 0x8080_8080);
        prop_assert_eq!(paint(&white(), [8, 8], r.clone()), paint(&white(), [8, 8], shuffled(r)));
    }

    #[test]
    fn no_mesh_panics(
        floats in prop::collection::vec(any::<f32>(), 12..40),
        indices in prop::collection::vec(0..12_u32, 0..40),
        scale in any::<f32>(),
    ) {
        let vertices: Vec<Vertex> = floats
            .chunks_exact(4)
            .map(|f| Vertex { pos: pos2(f[0], f[1]), uv: pos2(f[2], f[3]), color: pixel::unpack(f[0].to_bits()) })
            .collect();
        let clip = Rect::from_min_max(pos2(floats[0], floats[1]), pos2(floats[2], floats[3]));
        let texels = (0..9).map(|i| pixel::unpack(i * 0x0FED_CBA9)).collect();
        let rasteriser = with_texture(ColorImage::new([3, 3], texels), TextureOptions::LINEAR_REPEAT);
        for clip_rect in [clip, Rect::EVERYTHING] {
            let primitive = ClippedPrimitive { clip_rect, primitive: Primitive::Mesh(mesh(vertices.clone(), indices.clone())) };
            rasteriser.paint([8, 8], scale, &[primitive], pixel::unpack(BLACK));
        }
    }
}
