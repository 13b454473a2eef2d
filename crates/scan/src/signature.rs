//! Which keys sign a domain's mail: a selector as somebody knows it, or the header of a message.

use mxray_facts::{Domain, Name};

/// The names of the keys that a text tells of.
///
/// The text is a selector of the domain's, or holds `DKIM-Signature` fields as a mail program shows
/// them (RFC 6376 §3.5): `s=` and `d=` name the key (§3.6.2.1), whichever domain it is. Each name
/// comes once; none if there is nothing of that in the text.
///
/// ```
/// use mxray_scan::signature::keys;
/// let domain = "example.com".parse()?;
/// let names = |text| keys(text, &domain).iter().map(ToString::to_string).collect::<Vec<_>>();
/// assert_eq!(names("google"), ["google._domainkey.example.com"]);
/// let header = "DKIM-Signature: v=1; a=rsa-sha256;\r\n d=news.example.com; s=k2; bh=…";
/// assert_eq!(names(header), ["k2._domainkey.news.example.com"]);
/// # Ok::<(), mxray_facts::DomainError>(())
/// ```
#[must_use]
pub fn keys(text: &str, domain: &Domain) -> Vec<Name> {
    let text = text.trim();
    if !text.contains([':', ';', '=', ' ', '\n']) {
        return key(text, domain.as_str()).into_iter().collect();
    }
    let mut names = Vec::new();
    for signature in signatures(text) {
        let name = key_of(&signature);
        names.extend(name.filter(|name| !names.contains(name)));
    }
    names
}

/// The value of each `DKIM-Signature` field, white space left out: it may stand anywhere between
/// tags, and long fields are folded (RFC 5322 §2.2.3).
fn signatures(header: &str) -> Vec<String> {
    const FIELD: &str = "dkim-signature:";
    let mut values: Vec<String> = Vec::new();
    let mut within = false;
    for line in header.lines() {
        let begins = line.get(..FIELD.len()).is_some_and(|start| start.eq_ignore_ascii_case(FIELD));
        within = begins || (within && line.starts_with([' ', '\t']));
        if begins {
            values.push(String::new());
        }
        if let Some(value) = values.last_mut().filter(|_| within) {
            let rest = if begins { &line[FIELD.len()..] } else { line };
            value.extend(rest.chars().filter(|c| !c.is_ascii_whitespace()));
        }
    }
    values
}

fn key_of(signature: &str) -> Option<Name> {
    let tags = signature.split(';').filter_map(|tag| tag.split_once('='));
    let tag = |wanted| tags.clone().find(|(name, _)| *name == wanted).map(|(_, value)| value);
    key(tag("s")?, tag("d")?)
}

fn key(selector: &str, domain: &str) -> Option<Name> {
    (!selector.is_empty()).then_some(())?;
    format!("{selector}._domainkey.{domain}").parse().ok()
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::keys;

    #[test]
    fn a_text_tells_of_its_keys() {
        let folded = "From: a@b.example\r\nDKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n\td=b.example; i=@b.example;\r\n s=s 1; h=from;\r\nSubject: s=x; d=y\r\n";
        let two = "dkim-signature: d=a.example; s=one\nDKIM-Signature: s=two; d=b.example\n";
        for (reason, text, expected) in [
            ("a selector", "google", &["google._domainkey.example.com"][..]),
            ("one of several labels", " 2024.mail ", &["2024.mail._domainkey.example.com"]),
            ("a header, folded", folded, &["s1._domainkey.b.example"]),
            ("two fields", two, &["one._domainkey.a.example", "two._domainkey.b.example"]),
            (
                "one twice",
                &[two, two].concat(),
                &["one._domainkey.a.example", "two._domainkey.b.example"],
            ),
            ("no domain", "DKIM-Signature: s=a; b=c", &[]),
            ("another header", "Received: from a by b; d=x; s=y", &[]),
            ("nothing", "", &[]),
            ("no name", "a..b", &[]),
            (
                "a word of a stranger's letters",
                "DKIM-Signature",
                &["dkim-signature._domainkey.example.com"],
            ),
            (
                "letters that end within the name of the field",
                "dkim-signaturé: s=a; d=b.example",
                &[],
            ),
        ] {
            let names = keys(text, &"example.com".parse().unwrap());
            let names: Vec<_> = names.iter().map(ToString::to_string).collect();
            assert_eq!(names, expected, "{reason}");
        }
    }
}
