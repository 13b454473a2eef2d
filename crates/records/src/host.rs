//! Names of hosts, as mail knows them.

use crate::ascii::Set;

/// A Domain of RFC 5321 §4.1.2: labels of letters, digits and hyphens, in the lengths of RFC 1035 §2.3.4.
pub(crate) fn is_host(name: &str) -> bool {
    behind(name).is_some_and(str::is_empty)
}

/// What stands behind the host that a text begins with, if it does.
pub(crate) fn behind(text: &str) -> Option<&str> {
    let mut start = 0;
    loop {
        let rest = &text.as_bytes()[start..];
        let length = rest.iter().position(|byte| !Set::LABEL.holds(*byte)).unwrap_or(rest.len());
        let end = start + length;
        if !is_label(&rest[..length]) || end > 253 {
            return None;
        }
        if rest.get(length) != Some(&b'.') {
            return text.get(end..);
        }
        start = end + 1;
    }
}

/// Whether hyphens stand nowhere but between letters and digits, of which there are some.
fn is_label(label: &[u8]) -> bool {
    (1..=63).contains(&label.len()) && !label.starts_with(b"-") && !label.ends_with(b"-")
}
