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
    let mut near: Option<(usize, &'static str)> = None;
    for word in words {
        // Each letter that one of them lacks counts.
        let least = bare.len().abs_diff(word.len());
        if near.is_none_or(|(nearest, _)| least < nearest) {
            let found = (distance(&bare, word), *word);
            near = Some(near.filter(|(nearest, _)| *nearest <= found.0).unwrap_or(found));
        }
    }
    let (distance, word) = near?;
    let slips = (word.len() / 3).max(1);
    (distance <= slips || same_stem(&bare, word)).then_some(word)
}

/// More than half of the longer one is the same from the start.
fn same_stem(one: &str, other: &str) -> bool {
    let common = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    common * 2 > one.len().max(other.len())
}

/// How much of a text comes close to the version that its kind begins with (`STSv1`, its `v=` is
/// understood): so many slips, while case, white space and what is put before it do not count.
pub(crate) fn begins_like(text: &str, version: &str, slips: usize) -> Option<usize> {
    let version = ["v=", version].concat().to_ascii_lowercase();
    let bare = text.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    let before = text.len() - bare.len();
    let mut written = String::new();
    let mut near = None;
    for (at, c) in bare.char_indices() {
        if !c.is_whitespace() {
            written.push(c.to_ascii_lowercase());
        }
        let end = at + c.len_utf8();
        let next = bare[end..].chars().next();
        if written.len() > version.len() + slips {
            break;
        }
        let rank = (distance(&written, &version), next.is_some_and(|c| c.is_ascii_alphanumeric()));
        let cuts_number = next.is_some_and(|next| next.is_ascii_digit());
        if rank.0 <= slips && !cuts_number && near.is_none_or(|(nearest, _)| rank < nearest) {
            near = Some((rank, before + end));
        }
    }
    near.map(|(_, end)| end)
}

/// The longest of the words that are misspelled.
const LONGEST: usize = 24;

/// How many letters have to be put in, taken out, changed, or swapped with the next
/// (Damerau's distance, as far as no letter takes part twice), to make one of our words of a text.
pub(crate) fn distance(from: &str, to: &str) -> usize {
    let (from, to) = (from.as_bytes(), &to.as_bytes()[..to.len().min(LONGEST)]);
    let [mut above, mut row, mut next] = [[0; LONGEST + 1]; 3];
    (0..=to.len()).for_each(|column| row[column] = column);
    for (index, letter) in from.iter().enumerate() {
        next[0] = index + 1;
        for (column, other) in to.iter().enumerate() {
            let changed = row[column] + usize::from(letter != other);
            let mut least = changed.min(row[column + 1] + 1).min(next[column] + 1);
            let is_swapped =
                index > 0 && column > 0 && from[index - 1] == *other && to[column - 1] == *letter;
            if is_swapped {
                least = least.min(above[column - 1] + 1);
            }
            next[column + 1] = least;
        }
        (above, row, next) = (row, next, above);
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
