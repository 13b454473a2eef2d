//! What no grammar forbids, and yet nobody means: a record of another kind, a key in pieces, a placeholder.

use crate::lint::Kind;
use crate::{
    Finding, Rule, Span, Text, ascii, bimi, caa, dkim, dmarc, mta_sts, mx, spf, tags, tls_rpt,
};

/// How the records of each kind begin.
const BEGINNINGS: [(&str, Kind, &str); 8] = [
    ("v=STSv", Kind::MtaStsRecord, "MTA-STS"),
    ("v=TLSRPTv", Kind::TlsRptRecord, "TLS-RPT"),
    ("v=spf1", Kind::SpfRecord, "SPF"),
    ("v=spf2.0", Kind::SpfRecord, "Sender ID"),
    ("spf2.0", Kind::SpfRecord, "Sender ID"),
    ("v=DKIM1", Kind::DkimKey, "DKIM"),
    ("v=DMARC1", Kind::DmarcRecord, "DMARC"),
    ("v=BIMI1", Kind::BimiRecord, "BIMI"),
];

/// The name of the other kind that a text is of, where one is expected.
pub(crate) fn other_kind(expected: Kind, text: &str) -> Option<&'static str> {
    let bare = text.trim_start_matches(['"', '“', ' ']);
    let known = BEGINNINGS.iter().find(|(beginning, ..)| ascii::begins(bare, beginning));
    known.filter(|(_, kind, _)| *kind != expected).map(|(.., name)| *name)
}

/// Says of a text that is of no use here what it is instead.
pub(crate) fn name_other_kind(expected: Kind, texts: &[Text], findings: &mut [Finding]) {
    let (foreign, other) = match expected {
        Kind::MtaStsRecord => {
            (&mta_sts::record::rules::FOREIGN, &mta_sts::record::rules::OTHER_KIND)
        }
        Kind::TlsRptRecord => (&tls_rpt::rules::FOREIGN, &tls_rpt::rules::OTHER_KIND),
        Kind::SpfRecord => (&spf::rules::FOREIGN, &spf::rules::OTHER_KIND),
        Kind::DkimKey => (&dkim::rules::FOREIGN, &dkim::rules::OTHER_KIND),
        Kind::DmarcRecord => (&dmarc::rules::FOREIGN, &dmarc::rules::OTHER_KIND),
        Kind::BimiRecord => (&bimi::rules::FOREIGN, &bimi::rules::OTHER_KIND),
        _ => return,
    };
    for finding in findings.iter_mut().filter(|finding| finding.rule == foreign) {
        let text = finding.place.and_then(|place| texts.get(place.record)).map(Text::as_str);
        if let Some(kind) = text.and_then(|text| other_kind(expected, text)) {
            finding.rule = other;
            finding.params.push(("kind", kind.to_owned()));
        }
    }
}

/// The most pieces of a key that are put together.
const MAX_PIECES: usize = 4;

/// A key whose strings were published as records of their own, where DNS keeps no order.
pub(crate) fn torn_key(texts: &[Text]) -> Option<Finding> {
    if !(2..=MAX_PIECES).contains(&texts.len()) {
        return None;
    }
    let mut pieces: Vec<&str> = texts.iter().map(Text::as_str).collect();
    let has = |text: &str, name: &str| tags::read(text).any(|tag| tag.name.of(text) == name);
    pieces.sort_by_key(|piece| match () {
        () if has(piece, "v") => 0,
        () if has(piece, "p") => 2,
        () if piece.trim_end_matches('=').contains('=') => 1,
        // The rest of a key, which may end with padding.
        () => 3,
    });
    let mut whole = String::new();
    for piece in pieces {
        let begins_tag = has(piece, "p") || has(piece, "k");
        let gap = if begins_tag && !whole.is_empty() { "; " } else { "" };
        whole = [whole.trim_end_matches([';', ' ']), gap, piece].concat();
    }
    let read = dkim::parse(&whole.as_str().into());
    let is_key = read.usable && read.value.is_some_and(|key| !key.is_revoked());
    let torn = Finding::new(&dkim::rules::TORN).with("count", texts.len().to_string());
    is_key.then(|| torn.fixed(whole))
}

/// What guides write where something has to be filled in; hyphens, underscores and case do not count.
const PLACEHOLDERS: [&str; 20] = [
    "yourdomain",
    "yourdomainname",
    "yourdomainhere",
    "yourcompany",
    "yourorganization",
    "yourorganisation",
    "yourorg",
    "yourname",
    "youremail",
    "yourmailserver",
    "yourserver",
    "yourhost",
    "yourprovider",
    "yourkey",
    "yourpublickey",
    "yourselector",
    "mydomain",
    "changeme",
    "placeholder",
    "tld",
];

/// The first thing in each text that was to be filled in.
pub(crate) fn placeholders(kind: Kind, texts: &[Text]) -> impl Iterator<Item = Finding> {
    let rule: Option<&'static Rule> = match kind {
        Kind::MtaStsPolicy => Some(&mta_sts::policy::rules::PLACEHOLDER),
        Kind::TlsRptRecord => Some(&tls_rpt::rules::PLACEHOLDER),
        Kind::SpfRecord => Some(&spf::rules::PLACEHOLDER),
        Kind::DkimKey => Some(&dkim::rules::PLACEHOLDER),
        Kind::DmarcRecord => Some(&dmarc::rules::PLACEHOLDER),
        Kind::BimiRecord => Some(&bimi::rules::PLACEHOLDER),
        Kind::MxSet => Some(&mx::rules::PLACEHOLDER),
        Kind::CaaRecord => Some(&caa::rules::PLACEHOLDER),
        // A number and a digest hold no words.
        Kind::MtaStsRecord | Kind::TlsaRecord => None,
    };
    texts.iter().enumerate().filter_map(move |(index, text)| {
        let text = text.as_str();
        // A page's tags look like these.
        let in_brackets = || Some(()).filter(|()| kind != Kind::MtaStsPolicy).and(bracketed(text));
        let span = word(text).or_else(in_brackets)?;
        Some(Finding::at(rule?, span).with("value", span.of(text)).in_record(index))
    })
}

fn word(text: &str) -> Option<Span> {
    let is_inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let mut words = text.split(|c| !is_inside(c)).map(|word| {
        let start = word.as_ptr().addr() - text.as_ptr().addr();
        (word, Span::new(start, start + word.len()))
    });
    let is_placeholder = |word: &str| {
        let letters = || word.bytes().filter(|byte| !matches!(byte, b'-' | b'_'));
        let lower = || letters().map(|letter| letter.to_ascii_lowercase());
        let first = lower().next();
        let mut alike = PLACEHOLDERS.iter().filter(|known| known.bytes().next() == first);
        alike.any(|known| lower().eq(known.bytes()))
    };
    words.find(|(word, _)| is_placeholder(word)).map(|(_, span)| span)
}

/// `<your name>`, `{{ domain }}`, `${DOMAIN}`.
fn bracketed(text: &str) -> Option<Span> {
    [("<", ">"), ("{{", "}}"), ("${", "}")].into_iter().find_map(|(open, close)| {
        let start = text.find(open)?;
        let length = text[start..].find(close)? + close.len();
        let span = Span::new(start, start + length);
        let inside = &text[start + open.len()..span.end - close.len()];
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ' ' | '\t');
        let is_word = inside.trim().len() > 1 && inside.chars().all(is_name);
        is_word.then_some(span)
    })
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::{other_kind, placeholders, torn_key};
    use crate::Text;
    use crate::lint::Kind;

    fn texts(texts: &[&str]) -> Vec<Text> {
        texts.iter().copied().map(Text::from).collect()
    }

    #[test]
    fn a_torn_key_is_put_together_in_whatever_order_its_pieces_come() {
        let (key, first, rest) =
            ("v=DKIM1; k=ed25519; p=", "AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAA=");
        let (begun, whole) = ([key, first].concat(), [key, first, rest].concat());
        for (reason, pieces, expected) in [
            ("in order", vec![&*begun, rest], Some(&*whole)),
            ("the other way round", vec![rest, &begun], Some(&whole)),
            ("at the semicolons", vec![&whole[20..], "k=ed25519", "v=DKIM1;"], Some(&whole)),
            ("two keys", vec![&whole, &whole], None),
            ("a key and something else", vec![&whole, "hello"], None),
            ("a key that is taken back", vec!["k=rsa", "p="], None),
            ("one record", vec![&whole], None),
        ] {
            let found = torn_key(&texts(&pieces)).and_then(|finding| finding.fix);
            assert_eq!(found.as_deref(), expected, "{reason}");
        }
    }

    #[test]
    fn what_a_guide_left_to_fill_in_is_no_name_of_anybody() {
        for (text, expected) in [
            ("v=spf1 include:_spf.your-domain.com -all", Some("your-domain")),
            ("v=spf1 a:mail.YourDomain.com -all", Some("YourDomain")),
            ("v=spf1 include:<your provider> -all", Some("<your provider>")),
            ("v=spf1 include:{{ domain }} -all", Some("{{ domain }}")),
            ("v=spf1 a:mx1.your_domain.tld -all", Some("your_domain")),
            ("v=spf1 include:yourhosting.example -all", None),
            ("v=spf1 exists:%{i}._spf.b.example -all", None),
            ("v=spf1 a:my.domain.example -all", None),
        ] {
            let found = placeholders(Kind::SpfRecord, &texts(&[text])).next();
            let span = found.and_then(|finding| finding.place).map(|place| place.span.of(text));
            assert_eq!(span, expected, "{text}");
        }
    }

    #[test]
    fn a_record_of_another_kind_is_told_by_its_beginning() {
        for (expected, text, kind) in [
            (Kind::DmarcRecord, "v=spf1 -all", Some("SPF")),
            (Kind::DmarcRecord, "\"v=DKIM1; p=\"", Some("DKIM")),
            (Kind::TlsRptRecord, "v=STSv1; id=1", Some("MTA-STS")),
            (Kind::SpfRecord, "spf2.0/pra -all", None),
            (Kind::DmarcRecord, "v=DMARC1; p=none", None),
            (Kind::DmarcRecord, "hello", None),
        ] {
            assert_eq!(other_kind(expected, text), kind, "{text}");
        }
    }
}
