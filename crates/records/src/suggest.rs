//! The word that was probably meant.

/// The one of a few lower-case words that a misspelled one comes close to.
///
/// Case, quotes and other decoration do not count. Every third letter may be
/// wrong, or another ending may follow (`enforcing`).
pub(crate) fn nearest(written: &str, words: &[&'static str]) -> Option<&'static str> {
    let bare = written.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_ascii_lowercase();
    // A single letter comes close to everything short; nothing comes close to what is this long.
    if !(2..=32).contains(&bare.len()) {
        return None;
    }
    let near = words.iter().map(|word| (distance(&bare, word), *word));
    let (distance, word) = near.min_by_key(|(distance, _)| *distance)?;
    let slips = (word.len() / 3).max(1);
    (distance <= slips || same_stem(&bare, word)).then_some(word)
}

/// More than half of the longer one is the same from the start.
fn same_stem(one: &str, other: &str) -> bool {
    let common = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    common * 2 > one.len().max(other.len())
}

/// How many letters have to be put in, taken out or changed (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, letter) in from.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, other) in to.bytes().enumerate() {
            let changed = diagonal + usize::from(letter != other);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::nearest;

    #[test]
    fn a_slip_is_recognized_and_another_word_is_not() {
        for (reason, written, expected) in [
            ("the commonest", "enforced", Some("enforce")),
            ("case", "Enforce", Some("enforce")),
            ("decoration", "[testing]", Some("testing")),
            ("an abbreviation", "test", Some("testing")),
            ("transposed", "enfroce", Some("enforce")),
            ("another ending", "enforcing", Some("enforce")),
            ("another word", "live", None),
            ("the opposite", "on", None),
            ("nothing left", "???", None),
        ] {
            assert_eq!(nearest(written, &["enforce", "testing", "none"]), expected, "{reason}");
        }
    }
}
