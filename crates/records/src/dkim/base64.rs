//! Base64 as keys hold it (RFC 4648 §4, RFC 6376 §3.6.1).

use crate::ROOMY;

/// The bytes; `None` if a character does not belong or padding is wrong. White space counts for nothing.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, rest) = decode_groups(text);
    let (mut bits, mut letters, mut padding) = (0_u32, 0, 0);
    for byte in rest.bytes() {
        match VALUES[usize::from(byte)] {
            value @ ..64 if padding == 0 => {
                bits = bits << 6 | u32::from(value);
                letters += 1;
            }
            PADDING => padding += 1,
            WHITE => {}
            _ => return None,
        }
        if letters == 4 {
            bytes.extend_from_slice(&bits.to_be_bytes()[1..]);
            (bits, letters) = (0, 0);
        }
    }
    // A letter alone in its group holds no byte. Missing padding is common, and its meaning plain.
    if letters == 1 || padding > 2 || (padding > 0 && letters + padding != 4) {
        return None;
    }
    bits <<= 6 * (4 - letters);
    bytes.extend_from_slice(&bits.to_be_bytes()[1..letters.max(1)]);
    Some(bytes)
}

/// The bytes of groups of four letters, which nearly all of a key is, and the rest of the text.
fn decode_groups(text: &str) -> (Vec<u8>, &str) {
    if !ROOMY {
        return (Vec::new(), text);
    }
    let (groups, _) = text.as_bytes().as_chunks::<8>();
    let mut bytes = vec![0; groups.len() * 6 + 3];
    let mut whole = 0;
    for (group, place) in groups.iter().zip(bytes.as_chunks_mut::<6>().0) {
        let bits = |half: usize| {
            let letter = |place: usize| BITS[place][usize::from(group[half + place])];
            letter(0) | letter(1) | letter(2) | letter(3)
        };
        let (first, second) = (bits(0), bits(4));
        if first | second > 0xff_ffff {
            break;
        }
        let [_, _, decoded @ ..] = (u64::from(first) << 24 | u64::from(second)).to_be_bytes();
        *place = decoded;
        whole += 1;
    }
    bytes.truncate(whole * 6);
    (bytes, &text[whole * 8..])
}

/// What each letter adds to the three bytes of its group, by its place in it; more than these hold if it
/// is none.
static BITS: [[u32; 256]; 4] = {
    let mut bits = [[u32::MAX; 256]; 4];
    let (mut place, mut value) = (0, 0);
    while place < 4 {
        while value < 64 {
            bits[place][LETTERS[value] as usize] = (value << (18 - 6 * place)) as u32;
            value += 1;
        }
        (place, value) = (place + 1, 0);
    }
    bits
};

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PADDING: u8 = 64;
const WHITE: u8 = 65;

/// What each character is worth, or means.
static VALUES: [u8; 256] = {
    let mut values = [u8::MAX; 256];
    let mut value = 0;
    while value < 64 {
        values[LETTERS[value as usize] as usize] = value;
        value += 1;
    }
    values[b'=' as usize] = PADDING;
    values[b' ' as usize] = WHITE;
    values[b'\t' as usize] = WHITE;
    values[b'\r' as usize] = WHITE;
    values[b'\n' as usize] = WHITE;
    values[0x0c] = WHITE;
    values
};

/// The text, with padding.
pub(super) fn encode(bytes: &[u8]) -> String {
    let letter = |bits: u32| char::from(LETTERS[(bits & 63) as usize]);
    let group = |group: &[u8]| {
        let bits =
            (0..3).fold(0, |bits, at| bits << 8 | u32::from(group.get(at).copied().unwrap_or(0)));
        let letters = [18, 12, 6, 0].map(|shift| letter(bits >> shift));
        let padded = [0, 1, 2, 3].map(|at| if at <= group.len() { letters[at] } else { '=' });
        String::from_iter(padded)
    };
    bytes.chunks(3).map(group).collect()
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::{decode, encode};

    #[test]
    fn the_rfc_s_test_vectors_are_decoded() {
        for (text, expected) in [
            ("", Some("")),
            ("Zg==", Some("f")),
            ("Zm8=", Some("fo")),
            ("Zm9v", Some("foo")),
            ("Zm9v YmE=", Some("fooba")),
            ("Zm9vYg", Some("foob")),
            ("Zm9vY", None),
            ("Zm9v=", None),
            ("Zm9v====", None),
            ("Zg===", None),
            ("Zg==Zg", None),
            ("Zm9-", None),
        ] {
            assert_eq!(decode(text).as_deref(), expected.map(str::as_bytes), "{text}");
            let again = expected.map(|bytes| decode(&encode(bytes.as_bytes())));
            assert_eq!(again, expected.map(|bytes| Some(bytes.as_bytes().to_vec())), "{text}");
        }
    }
}
