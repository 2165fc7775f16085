//! Where text may be cut: never inside what a reader takes for one character (UAX #29 grapheme clusters).

use std::borrow::Cow;

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation as _};

/// `text` for one line of at most `most` characters, the ellipsis of a shortened one included.
///
/// Line ends become spaces. Only the beginning is read, however long `text` is.
pub fn elide(text: &str, most: usize) -> Cow<'_, str> {
    // One character more than is shown decides whether a cluster ends there.
    let read = text.char_indices().nth(most.saturating_add(1)).map_or(text.len(), |(at, _)| at);
    let head = &text[..read];
    let is_whole = read == text.len() && head.chars().count() <= most;
    if is_whole {
        return one_line(head);
    }
    let Some(room) = most.checked_sub(1) else { return Cow::Borrowed("") };
    let (mut kept, mut chars) = (0, 0);
    for cluster in head.graphemes(true) {
        chars += cluster.chars().count();
        if chars > room {
            break;
        }
        kept += cluster.len();
    }
    let mut line = one_line(head[..kept].trim_end()).into_owned();
    line.push('…');
    Cow::Owned(line)
}

/// `text` with a space for every line end.
fn one_line(text: &str) -> Cow<'_, str> {
    if text.contains('\n') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\n', " "))
    } else {
        Cow::Borrowed(text)
    }
}

/// `line` in pieces of at most `most` characters, which together are the line.
///
/// A piece ends after a sentence, if one ends in its second half, else after a space, else between two clusters.
/// A cluster of more than `most` characters (a letter under a thousand accents) is cut: it is no text.
pub(super) fn pieces(line: &str, most: usize) -> Vec<&str> {
    let most = most.max(1);
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some((window, _)) = rest.char_indices().nth(most) {
        let (piece, after) = rest.split_at(end_of_piece(rest, window));
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

/// Where the first piece of `rest` ends, at most at `window`; never 0.
fn end_of_piece(rest: &str, window: usize) -> usize {
    let (mut sentence, mut space) = (0, 0);
    let mut ends_sentence = false;
    for (at, c) in rest[..window].char_indices() {
        let end = at + c.len_utf8();
        if c.is_whitespace() {
            space = end;
            if ends_sentence {
                sentence = end;
            }
        } else if matches!(c, '。' | '！' | '？') {
            sentence = end;
        }
        // Quotes and brackets may close after the stop.
        ends_sentence = matches!(c, '.' | '!' | '?' | '…' | '؟' | '۔' | '।')
            || (ends_sentence && matches!(c, '"' | '\'' | '”' | '’' | '»' | ')' | ']'));
    }
    if sentence > window / 2 {
        return sentence;
    }
    if space > 0 {
        return space;
    }
    let mut cursor = GraphemeCursor::new(window, rest.len(), true);
    if cursor.is_boundary(rest, 0) == Ok(true) {
        return window;
    }
    match cursor.prev_boundary(rest, 0) {
        Ok(Some(boundary)) if boundary > 0 => boundary,
        _ => window,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_text_is_not_shortened() {
        assert!(matches!(elide("one", 3), Cow::Borrowed("one")));
        assert_eq!(elide("", 0), "");
        assert_eq!(elide("a\r\nb\nc", 10), "a b c");
    }

    #[test]
    fn long_text_ends_in_an_ellipsis_within_the_limit() {
        assert_eq!(elide("one two", 6), "one t…");
        assert_eq!(elide("one two", 5), "one…", "no space before the ellipsis");
        assert_eq!(elide("one two", 1), "…");
        assert_eq!(elide("one two", 0), "");
        assert_eq!(elide(&"x".repeat(1_000_000), 4), "xxx…");
    }

    #[test]
    fn clusters_stay_whole() {
        // A family (5 characters), a flag (2), an accented letter (2).
        assert_eq!(elide("ab👨\u{200D}👩\u{200D}👧cd", 6), "ab…");
        assert_eq!(elide("ab👨\u{200D}👩\u{200D}👧cd", 8), "ab👨\u{200D}👩\u{200D}👧…");
        assert_eq!(elide("🇩🇪🇫🇷🇮🇹", 4), "🇩🇪…");
        assert_eq!(elide("ae\u{301}bc", 3), "a…");
        assert_eq!(elide("कि कि", 2), "…");
    }

    #[test]
    fn pieces_are_the_line_and_end_where_sentences_do() {
        let line = "One sentence. Another one! (A third?) And the last";
        let cut = pieces(line, 20);
        assert_eq!(cut, ["One sentence. ", "Another one! ", "(A third?) ", "And the last"]);
        assert_eq!(cut.concat(), line);
    }

    #[test]
    fn without_sentences_words_and_then_clusters_are_kept_whole() {
        assert_eq!(pieces("aa bb cc dd", 7), ["aa bb ", "cc dd"]);
        assert_eq!(pieces("xxxxxxxxxx", 4), ["xxxx", "xxxx", "xx"]);
        assert_eq!(pieces("xxxe\u{301}x", 4), ["xxx", "e\u{301}x"]);
        assert_eq!(pieces("今日は。明日は雨", 5), ["今日は。", "明日は雨"]);
        assert_eq!(pieces("", 4), [""]);
        let marks = format!("e{}", "\u{301}".repeat(9));
        assert_eq!(pieces(&marks, 4).concat(), marks);
    }
}
