//! Pictures that data names: where they are, and what they show, as far as the user's folder goes and no further.
//!
//! A path inside a data set is a stranger's. [`resolve`] answers with a file below the root that the user chose
//! or not at all: no absolute path, no scheme, no device, no way up, and no link that leads out. It compares
//! whole components of real paths, because `project_evil` begins like `project`. Nothing is ever
//! fetched. [`decode`] believes the first bytes and not the name, asks for a picture's size before it makes room
//! for it, and gives back at most as many pixels as are shown.

use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use image::{ImageDecoder as _, ImageError, ImageFormat, Limits, RgbaImage};

/// Longest side of a picture that is decoded.
const MAX_SIDE: u32 = 16_384;
/// Most memory that a decoder may take.
const MAX_MEMORY: u64 = 256 << 20;
/// Longest path that is looked at, in bytes.
const MAX_PATH: usize = 4096;

/// Why a path from data leads to no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nothing is named.
    #[error("no file is named")]
    Empty,
    /// It is longer than any path.
    #[error("this is longer than a path can be")]
    TooLong,
    /// It names a place on the network; nothing is fetched.
    #[error("this is an address on a network, and nothing is fetched from there")]
    Network,
    /// It begins with a scheme such as `file:`, a drive, or names an alternate stream.
    #[error("a path inside the data cannot hold a colon")]
    Colon,
    /// It begins at a root, or on another machine.
    #[error("the path does not begin in the folder of pictures")]
    Absolute,
    /// It holds `..`.
    #[error("the path goes up, out of a folder")]
    Up,
    /// It holds a character that no name of a file has.
    #[error("the path holds a character that a file’s name cannot hold")]
    Character,
    /// It names a device of Windows, such as `CON`, or ends so that Windows would read another name.
    #[error("the path holds a name that means something else to Windows")]
    Device,
    /// There is no such file.
    #[error("there is no such file in the folder of pictures")]
    Missing,
    /// A link on the way leads out of the folder.
    #[error("a link leads out of the folder of pictures")]
    LeadsOut,
    /// It is there but is a folder, pipe or device.
    #[error("this is not a regular file")]
    NotAFile,
}

/// The file below `root` that `text`, a path as data has it, names. `%41` and the like are decoded once.
///
/// The answer is a real path: whoever opens it at once opens a file inside of the root.
///
/// # Errors
/// Whatever is not a plain relative path to a regular file below the root; show `text`, and this reason.
pub fn resolve(root: &Path, text: &str) -> Result<PathBuf, Refused> {
    if text.is_empty() {
        return Err(Refused::Empty);
    }
    if text.len() > MAX_PATH {
        return Err(Refused::TooLong);
    }
    let text = decode_percent(text).ok_or(Refused::Character)?;
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.trim().to_ascii_lowercase());
    if scheme.is_some_and(|s| !s.is_empty() && s != "file" && s.bytes().all(|b| b.is_ascii_alphanumeric())) {
        return Err(Refused::Network);
    }
    if text.starts_with(['/', '\\', '~']) {
        return Err(Refused::Absolute);
    }
    if text.contains(':') {
        return Err(Refused::Colon);
    }
    if text.chars().any(char::is_control) {
        return Err(Refused::Character);
    }
    let mut path = std::fs::canonicalize(root).map_err(|_| Refused::Missing)?;
    let root = path.clone();
    let mut named = false;
    // A backslash parts folders too: it does on Windows, and a file must not mean two things.
    for part in text.split(['/', '\\']) {
        match part {
            "" | "." => continue,
            ".." => return Err(Refused::Up),
            _ if is_device(part) => return Err(Refused::Device),
            _ => path.push(part),
        }
        named = true;
    }
    if !named {
        return Err(Refused::Empty);
    }
    let real = std::fs::canonicalize(&path).map_err(|_| Refused::Missing)?;
    if !real.starts_with(&root) {
        return Err(Refused::LeadsOut);
    }
    if !std::fs::metadata(&real).is_ok_and(|m| m.is_file()) {
        return Err(Refused::NotAFile);
    }
    Ok(real)
}

/// `text` with `%41` decoded, once; `None` where that gives a NUL or no text. A lone `%` stays.
fn decode_percent(text: &str) -> Option<String> {
    if !text.contains('%') {
        return (!text.contains('\0')).then(|| text.to_owned());
    }
    let hex = |b: u8| (b as char).to_digit(16).map(|d| d as u8);
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let pair = match bytes.get(at..at + 3) {
            Some(&[b'%', a, b]) => hex(a).zip(hex(b)),
            _ => None,
        };
        match pair {
            Some((a, b)) => out.push(a << 4 | b),
            None => out.push(bytes[at]),
        }
        at += if pair.is_some() { 3 } else { 1 };
    }
    String::from_utf8(out).ok().filter(|text| !text.contains('\0'))
}

/// Whether Windows takes a name for a device, or drops its end.
pub fn is_device(name: &str) -> bool {
    if name.ends_with(['.', ' ']) || name.starts_with(' ') {
        return true;
    }
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_uppercase();
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|n| {
            matches!(n, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
        })
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" | "CLOCK$")
        || numbered("COM")
        || numbered("LPT")
}

/// Why a picture cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// The file cannot be read.
    #[error("the picture cannot be read ({0})")]
    Io(#[from] std::io::Error),
    /// It is not a PNG or JPEG picture.
    #[error("this is not a PNG or JPEG picture")]
    NotAPicture,
    /// It has, or claims, more pixels than are decoded.
    #[error("the picture has {width} × {height} pixels, more than {MAX_SIDE} on a side or than 256 MiB hold")]
    TooLarge {
        /// Across.
        width: u32,
        /// Down.
        height: u32,
    },
    /// It is damaged.
    #[error("the picture is damaged ({0})")]
    Damaged(String),
}

/// Decodes the PNG or JPEG picture at `path`, made smaller where a side is longer than `max_side`.
///
/// # Errors
/// Anything else, anything larger than the limits, and damage.
pub fn decode(path: &Path, max_side: u32) -> Result<RgbaImage, MediaError> {
    let mut file = File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(MediaError::NotAPicture);
    }
    let mut head = Vec::new();
    (&mut file).take(16).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(0))?;
    decode_from(BufReader::new(file), &head, max_side)
}

/// The same from bytes.
///
/// # Errors
/// As for [`decode`].
pub fn decode_bytes(bytes: &[u8], max_side: u32) -> Result<RgbaImage, MediaError> {
    decode_from(std::io::Cursor::new(bytes), &bytes[..bytes.len().min(16)], max_side)
}

fn decode_from(
    from: impl std::io::BufRead + std::io::Seek,
    head: &[u8],
    max_side: u32,
) -> Result<RgbaImage, MediaError> {
    let Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg)) = image::guess_format(head) else {
        return Err(MediaError::NotAPicture);
    };
    let mut reader = image::ImageReader::with_format(from, format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    // The size stands at the beginning; a decoder that cannot say it has nothing to show.
    let decoder = reader.into_decoder().map_err(|e| failed(e, (0, 0)))?;
    let (width, height) = decoder.dimensions();
    let fits = width <= MAX_SIDE && height <= MAX_SIDE && decoder.total_bytes() <= MAX_MEMORY;
    // The picture becomes four bytes a pixel.
    if !fits || u64::from(width) * u64::from(height) * 4 > MAX_MEMORY {
        return Err(MediaError::TooLarge { width, height });
    }
    let picture = image::DynamicImage::from_decoder(decoder).map_err(|e| failed(e, (width, height)))?;
    let max_side = max_side.max(1);
    let picture =
        if width > max_side || height > max_side { picture.thumbnail(max_side, max_side) } else { picture };
    Ok(picture.into_rgba8())
}

fn failed(error: ImageError, (width, height): (u32, u32)) -> MediaError {
    match error {
        ImageError::Limits(_) => MediaError::TooLarge { width, height },
        ImageError::IoError(e) if e.kind() != std::io::ErrorKind::UnexpectedEof => MediaError::Io(e),
        other => MediaError::Damaged(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A root with pictures, links and neighbours whose names begin alike.
    fn tree() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("images");
        for folder in ["images/a/b", "images_evil", "outside"] {
            std::fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        for file in
            ["images/x.png", "images/a/y z.png", "images/a/b/é.png", "images_evil/x.png", "outside/x.png"]
        {
            std::fs::write(dir.path().join(file), "x").unwrap();
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::symlink;
            symlink("../outside", root.join("out")).unwrap();
            symlink("../outside/x.png", root.join("out.png")).unwrap();
            symlink("a", root.join("in")).unwrap();
            symlink("loop", root.join("loop")).unwrap();
            symlink(dir.path().join("images_evil"), root.join("a/evil")).unwrap();
            symlink("..", root.join("a/up")).unwrap();
        }
        (dir, root)
    }

    #[test]
    fn plain_paths_are_found_and_others_refused_with_a_reason() {
        let (_dir, root) = tree();
        let ok = |text: &str| {
            resolve(&root, text).unwrap().strip_prefix(root.canonicalize().unwrap()).unwrap().to_owned()
        };
        assert_eq!(ok("x.png"), Path::new("x.png"));
        assert_eq!(ok("./a//y%20z.png"), Path::new("a/y z.png"));
        assert_eq!(ok("a\\b\\%C3%A9.png"), Path::new("a/b/é.png"));
        for (text, reason) in [
            ("../../../../etc/passwd", Refused::Up),
            ("/data/local-files/?d=..%2f..%2fetc%2fpasswd", Refused::Absolute),
            ("..%2foutside%2fx.png", Refused::Up),
            ("%2e%2e/outside/x.png", Refused::Up),
            ("%252e%252e/x.png", Refused::Missing),
            ("file:///etc/passwd", Refused::Colon),
            ("\\\\attacker.invalid\\share\\x.png", Refused::Absolute),
            ("//attacker.invalid/x.png", Refused::Absolute),
            ("C:\\Windows\\win.ini", Refused::Colon),
            ("C:x.png", Refused::Colon),
            ("x.png:stream", Refused::Colon),
            ("x.png::$DATA", Refused::Colon),
            ("http://127.0.0.1:9/pixel.png", Refused::Network),
            ("S3://bucket/x.png", Refused::Network),
            ("images_evil/../images/../../x.png", Refused::Up),
            ("a/../x.png", Refused::Up),
            ("CON.png", Refused::Device),
            ("a/nul", Refused::Device),
            ("com1.tar.gz", Refused::Device),
            ("LPT¹", Refused::Device),
            ("x.png.", Refused::Device),
            ("x.png ", Refused::Device),
            ("a\0b.png", Refused::Character),
            ("a%00b.png", Refused::Character),
            ("x.png\n", Refused::Character),
            ("*.png", Refused::Missing),
            ("%ff.png", Refused::Character),
            ("~/x.png", Refused::Absolute),
            ("", Refused::Empty),
            (".", Refused::Empty),
            ("a", Refused::NotAFile),
            ("nothing.png", Refused::Missing),
        ] {
            assert_eq!(resolve(&root, text), Err(reason), "{text:?}");
        }
        assert_eq!(resolve(&root, &"x/".repeat(3000)), Err(Refused::TooLong));
        assert_eq!(resolve(&root.join("nowhere"), "x.png"), Err(Refused::Missing));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_while_they_stay_inside() {
        let (dir, root) = tree();
        assert!(resolve(&root, "in/b/é.png").is_ok());
        assert!(resolve(&root, "a/up/x.png").is_ok());
        for text in ["out/x.png", "out.png", "a/evil/x.png", "a/up/a/evil/x.png"] {
            assert_eq!(resolve(&root, text), Err(Refused::LeadsOut), "{text}");
        }
        assert_eq!(resolve(&root, "loop"), Err(Refused::Missing));
        // The root itself may be reached through a link.
        std::os::unix::fs::symlink(&root, dir.path().join("link")).unwrap();
        assert!(resolve(&dir.path().join("link"), "x.png").is_ok());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn the_result_is_always_inside_the_root(
            text in "(\\.\\.|\\.|/|\\\\|%2e|%2F|%5c|%25|a|b|x\\.png|out|out\\.png|in|up|evil|loop|images_evil|outside|é|:|~|CON| |\u{0}){1,10}",
        ) {
            thread_local!(static TREE: (tempfile::TempDir, PathBuf) = tree());
            TREE.with(|(_, root)| {
                if let Ok(path) = resolve(root, &text) {
                    let real = root.canonicalize().unwrap();
                    prop_assert!(path.canonicalize().unwrap().starts_with(&real), "{}", path.display());
                    prop_assert!(path.is_file());
                }
                Ok(())
            })?;
        }

        #[test]
        fn any_bytes_are_a_picture_or_refused(
            png in any::<bool>(), at in 0usize..60, byte in any::<u8>(), cut in 0usize..70,
        ) {
            let mut bytes = picture(4, 3, if png { ImageFormat::Png } else { ImageFormat::Jpeg });
            let at = at.min(bytes.len() - 1);
            bytes[at] = byte;
            bytes.truncate(bytes.len().saturating_sub(cut));
            let _ = decode_bytes(&bytes, 100);
        }
    }

    fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let mut out = std::io::Cursor::new(Vec::new());
        image::RgbImage::from_pixel(width, height, image::Rgb([200, 10, 10]))
            .write_to(&mut out, format)
            .unwrap();
        out.into_inner()
    }

    #[test]
    fn pictures_are_known_by_their_bytes_and_made_small() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.gif");
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            std::fs::write(&path, picture(400, 100, format)).unwrap();
            let shown = decode(&path, 200).unwrap();
            assert_eq!(shown.dimensions(), (200, 50));
            assert!(shown.get_pixel(7, 7).0[0] > 180);
            assert_eq!(decode(&path, 1000).unwrap().dimensions(), (400, 100));
        }
        for bytes in [&b"GIF89a"[..], b"<svg/>", b"", b"\x89PNG"] {
            std::fs::write(&path, bytes).unwrap();
            assert!(decode(&path, 100).is_err());
        }
        assert!(matches!(decode(dir.path(), 100), Err(MediaError::NotAPicture | MediaError::Io(_))));
    }

    #[test]
    fn claims_of_size_are_refused_before_there_is_room_for_them() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/data/format_examples/hostile/png_claims_60000x60000.png");
        // The header alone, where the file is not at hand.
        let bytes = std::fs::read(path).unwrap_or_else(|_| {
            let mut bytes = picture(4, 4, ImageFormat::Png);
            bytes[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
            let crc = {
                let mut crc = flate2::Crc::new();
                crc.update(&bytes[12..29]);
                crc.sum()
            };
            bytes[29..33].copy_from_slice(&crc.to_be_bytes());
            bytes
        });
        let began = std::time::Instant::now();
        let e = decode_bytes(&bytes, 100).unwrap_err();
        assert!(matches!(e, MediaError::TooLarge { .. }), "{e}");
        assert!(began.elapsed().as_millis() < 500);
    }
}
