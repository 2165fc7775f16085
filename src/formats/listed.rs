//! Lists that programs wrote into a cell: `['a', 'b']` of Python, `["a", "b"]` of JSON, `[1 2]` of NumPy.

/// The members of a list of strings and numbers; `None` and `null` are the empty string. `None` if `cell` is no list.
pub(super) fn list_in(cell: &str) -> Option<Vec<String>> {
    let inner = cell.trim().strip_prefix('[')?.strip_suffix(']')?;
    let mut rest = inner.trim_start();
    let mut list = Vec::new();
    while !rest.is_empty() {
        let (member, after) = match rest.chars().next() {
            Some(quote @ ('\'' | '"')) => quoted(&rest[1..], quote)?,
            _ => {
                let end = rest.find(|c: char| c == ',' || c.is_whitespace()).unwrap_or(rest.len());
                (bare(&rest[..end])?, &rest[end..])
            }
        };
        list.push(member);
        let next = after.trim_start();
        rest = match next.strip_prefix(',') {
            Some(next) => next.trim_start(),
            // NumPy separates by blanks alone.
            None if next.is_empty() || next.len() < after.len() => next,
            None => return None,
        };
    }
    Some(list)
}

/// A list of one string, as Python writes it.
pub(super) fn list_of(member: &str) -> String {
    let mut list = String::from("['");
    for c in member.chars() {
        match c {
            '\n' => list.push_str("\\n"),
            '\r' => list.push_str("\\r"),
            '\t' => list.push_str("\\t"),
            '\'' | '\\' => list.extend(['\\', c]),
            _ => list.push(c),
        }
    }
    list + "']"
}

fn bare(word: &str) -> Option<String> {
    match word {
        "None" | "null" | "nan" | "NaN" => Some(String::new()),
        "True" | "False" | "true" | "false" => Some(word.to_owned()),
        _ => super::delimited::parse_number(word, false).map(|_| word.to_owned()),
    }
}

/// What stands before the closing quotation mark, and what stands behind it.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut member = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if c == quote {
            return Some((member, &text[at + 1..]));
        }
        if c != '\\' {
            member.push(c);
            continue;
        }
        let (at, escape) = chars.next()?;
        let mut code = |digits: usize| {
            let hex = text.get(at + 1..at + 1 + digits)?;
            for _ in 0..digits {
                chars.next();
            }
            u32::from_str_radix(hex, 16).ok()
        };
        match escape {
            'n' => member.push('\n'),
            't' => member.push('\t'),
            'r' => member.push('\r'),
            'x' => member.push(char::from_u32(code(2)?)?),
            'U' => member.push(char::from_u32(code(8)?)?),
            'u' => {
                let mut unit = code(4)?;
                // JSON writes what is beyond 16 bits as a pair.
                if (0xd800..0xdc00).contains(&unit) {
                    if text.get(at + 5..at + 7) != Some("\\u") {
                        return None;
                    }
                    let low = u32::from_str_radix(text.get(at + 7..at + 11)?, 16).ok()?;
                    let low = low.checked_sub(0xdc00).filter(|&l| l < 0x400)?;
                    unit = 0x10000 + ((unit - 0xd800) << 10) + low;
                    for _ in 0..6 {
                        chars.next();
                    }
                }
                member.push(char::from_u32(unit)?);
            }
            other => member.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_three_programs() {
        for (cell, members) in [
            ("['a', 'b c']", Some(vec!["a", "b c"])),
            ("[\"a\",\"it's\"]", Some(vec!["a", "it's"])),
            ("['it\\'s', \"\\u00e9\", '\\xe9', \"\\ud83d\\ude0a\"]", Some(vec!["it's", "é", "é", "😊"])),
            ("[1, 2.0, None]", Some(vec!["1", "2.0", ""])),
            ("['a' 'b'\n 'c']", Some(vec!["a", "b", "c"])),
            ("[1 2 3]", Some(vec!["1", "2", "3"])),
            ("[]", Some(vec![])),
            ("[deleted]", None),
            ("['a'", None),
            ("['a'b]", None),
            ("['a\\", None),
            ("[\"\\ud83d\"]", None),
            ("a, b", None),
            ("", None),
        ] {
            let members = members.map(|m| m.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(list_in(cell), members, "{cell}");
        }
        for member in ["a", "it's", "a\\b\n\t\r😊", ""] {
            assert_eq!(list_in(&list_of(member)), Some(vec![member.to_owned()]));
        }
    }
}
