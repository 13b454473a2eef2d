//! Character-strings of a TXT record, with byte escapes.

/// The most octets that a character-string may have (RFC 1035 §3.3).
const LONGEST: usize = 255;

/// The octets of one character-string: `\DDD` is the octet of that decimal number and `\X` is `X`
/// itself (RFC 1035 §5.1); everything else stands for its UTF-8 bytes.
pub(crate) fn character_string(text: &str) -> Result<Vec<u8>, String> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        octets.push(if byte == b'\\' { escaped(&mut rest, text)? } else { byte });
    }
    if octets.len() > LONGEST {
        return Err(format!(
            "a character-string of {} octets; expected at most {LONGEST} (write the record as a list of shorter ones)",
            octets.len()
        ));
    }
    Ok(octets)
}

fn escaped(rest: &mut std::str::Bytes<'_>, text: &str) -> Result<u8, String> {
    let wrong = || format!("{text:?}: expected \\DDD (000 to 255) or \\X after a backslash");
    let first = rest.next().ok_or_else(wrong)?;
    if !first.is_ascii_digit() {
        return Ok(first);
    }
    let digits = [first, rest.next().ok_or_else(wrong)?, rest.next().ok_or_else(wrong)?];
    let digits = std::str::from_utf8(&digits).map_err(|_| wrong())?;
    digits.parse().map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_escapes() {
        for (reason, text, expected) in [
            ("plain text is its bytes", "v=STSv1", Ok(&b"v=STSv1"[..])),
            ("beyond ASCII it is UTF-8", "\u{e9}", Ok(b"\xc3\xa9")),
            ("three digits are an octet", r"a\000\255", Ok(b"a\x00\xff")),
            ("any other character is itself", r#"\\ \" \;"#, Ok(br#"\ " ;"#)),
            ("no octet is 256", r"\256", Err(())),
            ("three digits, not two", r"\25", Err(())),
            ("something must follow", r"\", Err(())),
        ] {
            let read = character_string(text);
            assert_eq!(read.as_deref().map_err(|_| ()), expected, "{reason}");
        }
    }

    #[test]
    fn a_length_octet_counts_to_255() {
        assert_eq!(character_string(&"x".repeat(255)).map(|s| s.len()), Ok(255));
        let refused = character_string(&"x".repeat(256));
        assert!(refused.is_err_and(|problem| problem.contains("256 octets")));
    }
}
