//! The entries of a zone file: a line each, or several within parentheses (RFC 1035 §5.1).

use mxray_records::Span;

/// An entry, in pieces.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// It begins with white space, so that the last owner counts.
    pub(super) indented: bool,
    /// What stands between white space, comments and parentheses.
    pub(super) fields: Vec<Span>,
    /// A parenthesis or a quotation mark that nothing closes.
    pub(super) open: Option<Span>,
}

/// Cuts a file into its entries.
pub(super) fn entries(content: &str) -> impl Iterator<Item = Entry> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (entry, end) = read(content.as_bytes(), at)?;
        at = end;
        Some(entry)
    })
}

/// The entry that begins at a byte, and where it ends.
fn read(bytes: &[u8], start: usize) -> Option<(Entry, usize)> {
    let mut entry =
        Entry { indented: matches!(bytes.get(start)?, b' ' | b'\t'), ..Entry::default() };
    let (mut at, mut open) = (start, Vec::new());
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\n' if open.is_empty() => return Some((entry, at + 1)),
            b' ' | b'\t' | b'\r' | b'\n' => at += 1,
            b';' => at = find(bytes, at, |byte| byte == b'\n'),
            b'(' => {
                open.push(at);
                at += 1;
            }
            b')' => {
                open.pop();
                at += 1;
            }
            _ => {
                let (end, closed) = end_of_field(bytes, at);
                if !closed {
                    entry.open = Some(Span::new(at, at + 1));
                }
                entry.fields.push(Span::new(at, end));
                at = end;
            }
        }
    }
    if let Some(at) = open.first() {
        entry.open = Some(Span::new(*at, at + 1));
    }
    Some((entry, at))
}

/// Where a field ends, and whether that closes it: a string in quotation marks ends with its line
/// at the latest.
fn end_of_field(bytes: &[u8], start: usize) -> (usize, bool) {
    let quoted = bytes[start] == b'"';
    let mut escaped = false;
    let end = find(bytes, start + 1, |byte| {
        let ends = match byte {
            b'\n' => true,
            _ if escaped => false,
            b'"' => quoted,
            b' ' | b'\t' | b'\r' | b';' | b'(' | b')' => !quoted,
            _ => false,
        };
        escaped = byte == b'\\' && !escaped;
        ends
    });
    let closed = quoted && bytes.get(end) == Some(&b'"');
    (end + usize::from(closed), closed || !quoted)
}

/// The first byte from a place on that is meant, or the end.
fn find(bytes: &[u8], from: usize, mut is_meant: impl FnMut(u8) -> bool) -> usize {
    (from..bytes.len()).find(|at| is_meant(bytes[*at])).unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::entries;

    #[test]
    fn entries_are_cut_at_lines_outside_parentheses() {
        for (reason, content, expected) in [
            ("nothing", "", vec![]),
            ("a line and its end", "a MX 10 b\n", vec!["a MX 10 b"]),
            ("no end", "a MX 10 b", vec!["a MX 10 b"]),
            ("CRLF", "a\r\nb\r\n", vec!["a", "b"]),
            ("a comment", "a ; b\n;c\nd", vec!["a", "", "d"]),
            ("an owner that is left out", "a A b\n MX 10 b", vec!["a A b", "> MX 10 b"]),
            ("parentheses", "a (b ; c)\n d\n) e\nf", vec!["a b d e", "f"]),
            ("quotation marks", "a \"b; (c\" d", vec!["a \"b; (c\" d"]),
            ("an escaped mark", r#"a "b\" c\\" d"#, vec![r#"a "b\" c\\" d"#]),
            ("an escaped semicolon", r"a b\;c d", vec![r"a b\;c d"]),
            ("strings without space", r#"a "b""c""#, vec![r#"a "b" "c""#]),
            ("a mark that nothing closes", "a \"b\nc", vec!["a \"b!", "c"]),
            ("a parenthesis that nothing closes", "a (b\nc", vec!["a b c!"]),
        ] {
            let found: Vec<String> = entries(content)
                .map(|entry| {
                    let fields: Vec<_> =
                        entry.fields.iter().map(|field| field.of(content)).collect();
                    let (indent, open) = (
                        if entry.indented { "> " } else { "" },
                        if entry.open.is_some() { "!" } else { "" },
                    );
                    format!("{indent}{}{open}", fields.join(" "))
                })
                .collect();
            assert_eq!(found, expected, "{reason}");
        }
    }
}
