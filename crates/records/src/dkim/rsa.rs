//! The length of an RSA key.

/// The modulus' length in bits, of a SubjectPublicKeyInfo as everybody publishes it,
/// or of a bare RSAPublicKey as RFC 6376 §3.6.1 says; `None` if it is neither.
pub(super) fn bits(der: &[u8]) -> Option<usize> {
    let (outer, rest) = element(der, SEQUENCE)?;
    if !rest.is_empty() {
        return None;
    }
    let key = match element(outer, SEQUENCE) {
        Some((_algorithm, key)) => {
            let (unused, _) = element(key, BIT_STRING)?;
            element(unused.strip_prefix(&[0])?, SEQUENCE)?.0
        }
        None => outer,
    };
    let (modulus, exponent) = element(key, INTEGER)?;
    element(exponent, INTEGER)?;
    let first = modulus.iter().position(|byte| *byte != 0)?;
    let zeros = modulus.get(first)?.leading_zeros() as usize;
    Some((modulus.len() - first) * 8 - zeros)
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;

/// The content of a DER element of this tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&short, rest) = rest.split_first()?;
    let (length, rest) = match short {
        0..=0x7f => (usize::from(short), rest),
        0x81 => rest.split_first().map(|(length, rest)| (usize::from(*length), rest))?,
        0x82 => rest
            .split_first_chunk::<2>()
            .map(|(length, rest)| (u16::from_be_bytes(*length).into(), rest))?,
        _ => return None,
    };
    (found == tag).then(|| rest.split_at_checked(length)).flatten()
}
