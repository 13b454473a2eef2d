//! Names of hosts, as mail knows them.

use crate::ascii::is_made_of;

/// A Domain of RFC 5321 §4.1.2: labels of letters, digits and hyphens, in the lengths of RFC 1035 §2.3.4.
pub(crate) fn is_host(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && is_made_of(label, b"-")
        && !label.starts_with('-')
        && !label.ends_with('-')
}
