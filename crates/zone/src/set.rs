//! Texts that belong together, where in a document they stand, and what was found in them.

use mxray_facts::Name;
use mxray_records::lint::{Kind, Lint, lint};
use mxray_records::{Finding, Span, Text};

/// Texts that are read together: a policy, or the records at a name.
#[derive(Debug)]
pub struct Set {
    /// The name in DNS, where a zone says it.
    pub owner: Option<Name>,
    /// What the texts are meant to be.
    pub kind: Kind,
    /// Each of them.
    pub records: Vec<Record>,
}

/// A text, and where each of its character-strings stands in the document.
#[derive(Debug)]
pub struct Record {
    /// The text.
    pub text: Text,
    /// The place of each string.
    pub stands: Vec<Span>,
}

/// What was found in a set.
#[derive(Debug)]
pub struct Linted {
    /// The records of a zone that this is about; `None` for a document that is one set.
    pub about: Option<(Name, Kind)>,
    /// Whether others can use it.
    pub usable: bool,
    /// The worst first.
    pub found: Vec<Found>,
}

/// A finding, and the bytes of the document that it is about.
#[derive(Debug)]
pub struct Found {
    /// The finding.
    pub finding: Finding,
    /// `None` if it is about something absent.
    pub spot: Option<Span>,
    /// How to mend it, if it is plain what was meant.
    pub repair: Option<Repair>,
}

/// A change of the document by which a record or a policy says what it should.
#[derive(Debug, PartialEq, Eq)]
pub struct Repair {
    /// The bytes that go.
    pub out: Span,
    /// What comes in their place.
    pub put: String,
}

/// The lines that hold something, without their ends.
pub fn lines(content: &str) -> impl Iterator<Item = Span> {
    let mut next = 0;
    let spans = content.split_inclusive('\n').map(move |line| {
        let start = next;
        next += line.len();
        Span::new(start, start + line.trim_end_matches(['\r', '\n']).len())
    });
    spans.filter(|span| !span.of(content).trim().is_empty())
}

impl Set {
    /// The set that a document of one kind is.
    #[must_use]
    pub fn of_document(kind: Kind, content: &str) -> Self {
        let record = |span: Span| Record { text: Text::from(span.of(content)), stands: vec![span] };
        let records = if kind.is_a_record_a_line() {
            lines(content).map(record).collect()
        } else {
            vec![record(Span::new(0, content.len()))]
        };
        Self { owner: None, kind, records }
    }

    /// Lints it, in the document in which it stands; `mx` and `content_type` are about a policy.
    #[must_use]
    pub fn lint(self, content: &str, mx: &[String], content_type: Option<&str>) -> Linted {
        let Self { owner, kind, records } = self;
        let (texts, stands): (Vec<Text>, Vec<Vec<Span>>) =
            records.into_iter().map(|record| (record.text, record.stands)).unzip();
        let Lint { usable, findings } = lint(kind, &texts, mx, content_type);
        // In a zone, what is absent is missed somewhere.
        let first = owner.as_ref().and_then(|_| whole(stands.first()?));
        let find = |finding: Finding| {
            let place = finding.place.and_then(|place| {
                let record = (texts.get(place.record)?, stands.get(place.record)?);
                locate(content, record, place.span)
            });
            let repair = finding.fix.as_deref().and_then(|fix| {
                // Without a place, it is about all there is; one text cannot take the place of several.
                let record = match finding.place {
                    Some(place) => place.record,
                    None if stands.len() > 1 => return None,
                    None => 0,
                };
                let whole = whole(stands.get(record)?)?;
                match &owner {
                    None => Repair::new(content, whole, fix),
                    // The names in them would be relative to the zone.
                    Some(_) if kind.is_a_record_a_line() => None,
                    Some(_) => Repair::of_strings(content, whole, fix),
                }
            });
            Found { spot: place.or(first), repair, finding }
        };
        let found = findings.into_iter().map(find).collect();
        Linted { about: owner.map(|owner| (owner, kind)), usable, found }
    }
}

impl Repair {
    /// The least change that makes another text of what stands there.
    fn new(content: &str, whole: Span, text: &str) -> Option<Self> {
        let old = whole.of(content);
        let same = |(old, new): &(char, char)| old == new;
        let length = |pairs: &mut dyn Iterator<Item = (char, char)>| {
            pairs.take_while(same).map(|(c, _)| c.len_utf8()).sum::<usize>()
        };
        let start = length(&mut old.chars().zip(text.chars()));
        let (rest, new) = (&old[start..], &text[start..]);
        let end = length(&mut rest.chars().rev().zip(new.chars().rev()));
        let out = Span::new(whole.start + start, whole.end - end);
        Some(Self { out, put: new[..new.len() - end].to_owned() })
    }

    /// The same in the strings of a TXT record in a zone.
    fn of_strings(content: &str, whole: Span, text: &str) -> Option<Self> {
        let (before, after) = (content.get(..whole.start)?, content.get(whole.end..)?);
        let opened = usize::from(before.ends_with('"'));
        let closed = usize::from(after.starts_with('"'));
        Self::new(content, Span::new(whole.start - opened, whole.end + closed), &strings(text))
    }
}

/// The most octets of a character-string (RFC 1035 §3.3).
const MAX_STRING: usize = 255;

/// A text as the character-strings of a zone (RFC 1035 §5.1).
fn strings(text: &str) -> String {
    let octet = |octet: &u8| match octet {
        b'"' | b'\\' => format!("\\{}", char::from(*octet)),
        b' '..=b'~' => char::from(*octet).to_string(),
        _ => format!("\\{octet:03}"),
    };
    let string = |octets: &[u8]| format!("\"{}\"", octets.iter().map(octet).collect::<String>());
    text.as_bytes().chunks(MAX_STRING).map(string).collect::<Vec<_>>().join(" ")
}

fn whole(stands: &[Span]) -> Option<Span> {
    Some(Span::new(stands.first()?.start, stands.last()?.end))
}

/// Where a part of a text stands. A string that is not written as it reads is meant as a whole.
fn locate(content: &str, (text, stands): (&Text, &Vec<Span>), span: Span) -> Option<Span> {
    let string = |byte: usize| {
        let (index, offset) = text.string_at(byte);
        let (stand, read) = (*stands.get(index)?, text.strings().nth(index)?);
        let verbatim = stand.of(content) == read.of(text.as_str());
        Some((stand, verbatim.then_some(stand.start + offset)))
    };
    let (first, start) = string(span.start)?;
    let (last, end) = string(span.end.saturating_sub(1).max(span.start))?;
    let length = usize::from(span.end > span.start);
    let end = end.map_or(last.end, |end| end + length);
    Some(Span::new(start.unwrap_or(first.start), end))
}

#[cfg(test)]
mod tests {
    use mxray_records::{Span, Text};

    use super::{Repair, lines, locate};

    #[test]
    fn a_part_of_a_text_is_found_where_it_stands() {
        let zone = r#"a TXT "v=STSv1; " "id=\049""#;
        let text = Text::join(["v=STSv1; ", "id=1"]);
        let at = |part: &str| {
            let start = zone.find(part).unwrap();
            Span::new(start, start + part.len())
        };
        let stands = vec![at("v=STSv1; "), at(r"id=\049")];
        for (reason, part, expected) in [
            ("within a string", 2..7, "STSv1"),
            ("at its end", 7..9, "; "),
            ("what is written otherwise is meant as a whole", 12..13, r"id=\049"),
            ("over both", 2..13, r#"STSv1; " "id=\049"#),
        ] {
            let found = locate(zone, (&text, &stands), part.into());
            assert_eq!(found, Some(at(expected)), "{reason}");
        }
        assert_eq!(locate(zone, (&Text::join([""; 0]), &Vec::new()), Span::new(0, 0)), None);
    }

    #[test]
    fn a_repair_is_the_least_change_that_makes_the_text() {
        for (reason, old, new, expected) in [
            ("a character less", "mode: enforced\n", "mode: enforce\n", (13, 14, "")),
            ("one more", "v=STSv1 id=1", "v=STSv1; id=1", (7, 7, ";")),
            ("what is doubled", "a;;b", "a;b", (2, 3, "")),
            ("letters of several bytes", "é”x", "é\"x", (2, 5, "\"")),
            ("all of it", "a", "b", (0, 1, "b")),
        ] {
            let content = format!("# {old} #");
            let repair = Repair::new(&content, Span::new(2, 2 + old.len()), new).unwrap();
            let (start, end, put) = expected;
            let expected = Repair { out: Span::new(2 + start, 2 + end), put: put.to_owned() };
            assert_eq!(repair, expected, "{reason}");
        }
    }

    #[test]
    fn in_a_zone_a_repair_is_made_of_strings() {
        let long = "a".repeat(300);
        let parts = format!("\"{}\" \"{}\"", &long[..255], &long[255..]);
        for (reason, before, stand, new, after) in [
            ("in its marks", "a TXT \"ms=1\" ; b", "ms=1", "mx=1", "a TXT \"mx=1\" ; b"),
            ("without marks", "a TXT ms=1", "ms=1", "x y", "a TXT \"x y\""),
            ("several strings", "a TXT ( \"a\"\n \"b\" )", "a\"\n \"b", "a b", "a TXT ( \"a b\" )"),
            ("what has to be escaped", "a TXT x", "x", "\"\\é", "a TXT \"\\\"\\\\\\195\\169\""),
            ("over 255 octets", "TXT x", "x", &long, &format!("TXT {parts}")),
        ] {
            let start = before.find(stand).unwrap();
            let whole = Span::new(start, start + stand.len());
            let Repair { out, put } = Repair::of_strings(before, whole, new).unwrap();
            let made = [&before[..out.start], &put, &before[out.end..]].concat();
            assert_eq!(made, after, "{reason}");
        }
    }

    #[test]
    fn lines_are_those_that_hold_something() {
        let content = "10 a\r\n\n 20 b \n";
        let found: Vec<_> = lines(content).map(|line| line.of(content)).collect();
        assert_eq!(found, ["10 a", " 20 b "]);
    }
}
