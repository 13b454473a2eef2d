//! Strangers' words, made fit to travel.

/// Text of any bytes, with U+FFFD for control characters and what is no UTF-8.
pub(crate) fn harmless(bytes: &[u8]) -> String {
    let replace = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    String::from_utf8_lossy(bytes).chars().map(replace).collect()
}
