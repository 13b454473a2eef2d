//! A zone file as people keep it: which of its records concern mail, and what is wrong with them (RFC 1035 §5).
//!
//! The file is cut into entries here, so that each is linted even if another cannot be read, and
//! everything is found again in its line; what the strings of an entry say, the `domain` crate reads.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

use domain::rdata::ZoneRecordData;
use domain::zonefile::inplace::{Entry as Scanned, Zonefile};
use mxray_facts::Name;
use mxray_records::lint::{Kind, lint};
use mxray_records::zone::rules;
use mxray_records::{Finding, Severity, Span, Text, spf};

mod entries;
mod set;

use entries::{Entry, entries};
pub use set::{Found, Linted, Record, Repair, Set, lines};

/// A name needs an origin, and none is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoOrigin {
    /// Where the name stands.
    pub name: Span,
}

/// Lints every set of mail records, in the order of the file; first of all what is wrong with the zone itself.
///
/// # Errors
/// A name needs an origin, and none is known.
pub fn lint_all(content: &str, origin: Option<Name>) -> Result<Vec<Linted>, NoOrigin> {
    let mut reader = Reader {
        content,
        origin,
        owner: None,
        sets: Sets::default(),
        announcing: BTreeSet::new(),
        found: Vec::new(),
    };
    entries(content).try_for_each(|entry| reader.read(&entry))?;
    reader.find_not_inherited();
    let Reader { sets, found, .. } = reader;
    let zone = (!found.is_empty()).then(|| {
        let usable = found.iter().all(|found| found.finding.rule.severity != Severity::Fail);
        Linted { about: None, usable, found }
    });
    let sets = sets.sets.into_iter().filter(is_about_mail);
    Ok(zone.into_iter().chain(sets.map(|set| set.lint(content, &[], None))).collect())
}

/// SPF stands among all kinds of texts.
fn is_about_mail(set: &Set) -> bool {
    set.kind != Kind::SpfRecord || set.records.iter().any(|record| spf::parse(&record.text).ours)
}

/// Whether any of its hosts is one; the null MX is none (RFC 7505).
fn takes_mail(mx: &Set) -> bool {
    mx.records.iter().any(|record| !record.text.as_str().ends_with(" ."))
}

/// The types of records that are linted, and the aliases that lead to some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Txt,
    Mx,
    Tlsa,
    Caa,
    Cname,
}

impl Type {
    fn named(name: &str) -> Option<Self> {
        [
            ("TXT", Self::Txt),
            ("MX", Self::Mx),
            ("TLSA", Self::Tlsa),
            ("CAA", Self::Caa),
            ("CNAME", Self::Cname),
        ]
        .into_iter()
        .find(|(known, _)| name.eq_ignore_ascii_case(known))
        .map(|(_, known)| known)
    }

    /// What a record of this type is meant to be at a name.
    fn kind(self, owner: &Name) -> Option<Kind> {
        let labels: Vec<&str> = owner.as_str().split('.').collect();
        // Selectors can have several labels, and do not begin with an underscore as other names here do.
        let selected = |below: &str| {
            !labels[0].starts_with('_') && labels.iter().skip(1).any(|label| *label == below)
        };
        match (self, labels[0], labels.get(1).copied().unwrap_or_default()) {
            (Self::Mx, ..) => Some(Kind::MxSet),
            (Self::Caa, ..) => Some(Kind::CaaRecord),
            (Self::Tlsa, "_25", "_tcp") => Some(Kind::TlsaRecord),
            (Self::Tlsa | Self::Cname, ..) => None,
            (Self::Txt, "_mta-sts", _) => Some(Kind::MtaStsRecord),
            (Self::Txt, "_smtp", "_tls") => Some(Kind::TlsRptRecord),
            (Self::Txt, "_dmarc", _) => Some(Kind::DmarcRecord),
            (Self::Txt, ..) if selected("_domainkey") => Some(Kind::DkimKey),
            (Self::Txt, ..) if selected("_bimi") => Some(Kind::BimiRecord),
            (Self::Txt, ..) => Some(Kind::SpfRecord),
        }
    }
}

/// The sets so far, and where to find each.
#[derive(Default)]
struct Sets {
    sets: Vec<Set>,
    places: HashMap<(Name, Kind), usize>,
}

impl Sets {
    fn add(&mut self, owner: &Name, kind: Kind, record: Record) {
        let place = *self.places.entry((owner.clone(), kind)).or_insert_with(|| {
            self.sets.push(Set { owner: Some(owner.clone()), kind, records: Vec::new() });
            self.sets.len() - 1
        });
        self.sets[place].records.push(record);
    }
}

struct Reader<'a> {
    content: &'a str,
    /// What relative names are relative to.
    origin: Option<Name>,
    /// The last owner, as it is written, and the origin that counted there.
    owner: Option<(Span, Option<Name>)>,
    sets: Sets,
    /// The domains with an MTA-STS record, or an alias in its place.
    announcing: BTreeSet<String>,
    found: Vec<Found>,
}

/// Why a name is none.
enum BadName {
    /// It is relative, and nothing says to what.
    NoOrigin,
    Malformed,
}

impl Reader<'_> {
    fn read(&mut self, entry: &Entry) -> Result<(), NoOrigin> {
        if let Some(open) = entry.open {
            self.unreadable(open, "nothing closes it");
            return Ok(());
        }
        let [first, ..] = entry.fields[..] else { return Ok(()) };
        if first.of(self.content).starts_with('$') && !entry.indented {
            return self.read_directive(entry, first);
        }
        if !entry.indented {
            self.owner = Some((first, self.origin.clone()));
        }
        let rest = &entry.fields[usize::from(!entry.indented)..];
        self.read_record(rest)
    }

    fn read_directive(&mut self, entry: &Entry, directive: Span) -> Result<(), NoOrigin> {
        let content = self.content;
        let written = directive.of(content).to_ascii_uppercase();
        match (&*written, entry.fields.get(1)) {
            ("$ORIGIN", Some(name)) => match absolute(name.of(content), self.origin.as_ref()) {
                Ok(origin) => self.origin = Some(origin),
                Err(BadName::NoOrigin) => return Err(NoOrigin { name: *name }),
                Err(BadName::Malformed) => self.unreadable(*name, "this is not a name"),
            },
            ("$ORIGIN", None) => self.unreadable(directive, "a name has to follow"),
            ("$TTL", _) => {}
            _ => self.skipped(directive),
        }
        Ok(())
    }

    /// `[TTL] [class] type data`, or the class first.
    fn read_record(&mut self, fields: &[Span]) -> Result<(), NoOrigin> {
        let content = self.content;
        let is_type = |field: &Span| !is_ttl(field.of(content)) && !is_class(field.of(content));
        let Some(at) = fields.iter().position(is_type) else { return Ok(()) };
        let (name, data) = (fields[at], &fields[at + 1..]);
        let Some(of_type) = Type::named(name.of(content)) else { return Ok(()) };
        let Some((owner, origin)) = self.owner.clone() else {
            self.unreadable(name, "no name stands before it");
            return Ok(());
        };
        let owner = match absolute(owner.of(content), origin.as_ref()) {
            Ok(owner) => owner,
            Err(BadName::NoOrigin) => return Err(NoOrigin { name: owner }),
            Err(BadName::Malformed) => {
                self.unreadable(owner, "this is not a name");
                return Ok(());
            }
        };
        if let (Type::Txt | Type::Cname, Some(domain)) =
            (of_type, owner.as_str().strip_prefix("_mta-sts."))
        {
            self.announcing.insert(domain.to_owned());
        }
        let Some(kind) = of_type.kind(&owner) else { return Ok(()) };
        match (of_type, data) {
            (_, []) => self.unreadable(name, "nothing follows"),
            // The form for records of any type (RFC 3597 §5).
            (_, [form, ..]) if form.of(content) == r"\#" => self.skipped(*form),
            (Type::Txt, _) => self.read_txt(&owner, kind, data),
            _ => self.read_fields(&owner, kind, name, data)?,
        }
        Ok(())
    }

    fn read_txt(&mut self, owner: &Name, kind: Kind, data: &[Span]) {
        let content = self.content;
        match scan("TXT", data.iter().map(|field| field.of(content))) {
            Ok(strings) => {
                let stands = data.iter().map(|field| unquoted(content, *field)).collect();
                self.sets.add(owner, kind, Record { text: Text::join(strings), stands });
            }
            Err(reason) => self.unreadable(all(data), &reason),
        }
    }

    /// Records of fields are linted as they are written, with complete names.
    fn read_fields(
        &mut self,
        owner: &Name,
        kind: Kind,
        of_type: Span,
        data: &[Span],
    ) -> Result<(), NoOrigin> {
        let content = self.content;
        let mut fields: Vec<String> =
            data.iter().map(|field| field.of(content).to_owned()).collect();
        // An address is relative too, but that is not what is wrong with it.
        let is_address = |field: &Span| field.of(content).parse::<IpAddr>().is_ok();
        if let (Kind::MxSet, [_, host]) = (kind, data)
            && !is_address(host)
        {
            match absolute(host.of(content), self.origin.as_ref()) {
                Ok(name) if name.is_root() => {}
                Ok(name) => fields[1] = format!("{name}."),
                Err(BadName::NoOrigin) => return Err(NoOrigin { name: *host }),
                // The lint says what is wrong with it.
                Err(BadName::Malformed) => {}
            }
        }
        let scanned = scan(of_type.of(content), fields.iter().map(String::as_str));
        let record = spaced(&fields, data);
        match scanned {
            Err(reason) if is_sound(kind, &record.text) => self.unreadable(all(data), &reason),
            _ => self.sets.add(owner, kind, record),
        }
        Ok(())
    }

    /// A policy is for one domain, and not for those below it (RFC 8461 §3.4).
    fn find_not_inherited(&mut self) {
        let announcing = &self.announcing;
        let sets = self.sets.sets.iter().filter(|set| set.kind == Kind::MxSet && takes_mail(set));
        let found = sets.filter_map(|set| {
            let owner = set.owner.as_ref().filter(|it| !announcing.contains(it.as_str()))?;
            let is_above = |above: &&String| {
                let below = owner.as_str().strip_suffix(above.as_str());
                below.is_some_and(|below| below.ends_with('.'))
            };
            let above = announcing.iter().find(is_above)?;
            let finding =
                Finding::at(&rules::POLICY_NOT_INHERITED, all(&set.records.first()?.stands));
            let finding = finding.with("domain", owner.as_str()).with("above", above.as_str());
            Some(finding.with("name", owner.child("_mta-sts").as_str()))
        });
        let found: Vec<Finding> = found.collect();
        found.into_iter().for_each(|finding| self.found(finding));
    }

    fn found(&mut self, finding: Finding) {
        let spot = finding.place.map(|place| place.span);
        self.found.push(Found { spot, repair: None, finding });
    }

    fn skipped(&mut self, span: Span) {
        let value = span.of(self.content);
        self.found(Finding::at(&rules::SKIPPED, span).with("value", value));
    }

    fn unreadable(&mut self, span: Span, reason: &str) {
        self.found(Finding::at(&rules::UNREADABLE, span).with("reason", reason));
    }
}

/// A name with its origin.
fn absolute(written: &str, origin: Option<&Name>) -> Result<Name, BadName> {
    if written.ends_with('.') && !written.ends_with("\\.") {
        return written.parse().map_err(|_| BadName::Malformed);
    }
    let origin = origin.ok_or(BadName::NoOrigin)?;
    match written {
        "@" => Ok(origin.clone()),
        _ if origin.is_root() => written.parse().map_err(|_| BadName::Malformed),
        _ => format!("{written}.{origin}").parse().map_err(|_| BadName::Malformed),
    }
}

/// Seconds, or with the units that servers allow: `1h30m`.
fn is_ttl(field: &str) -> bool {
    field.starts_with(|c: char| c.is_ascii_digit())
        && field.bytes().all(|byte| byte.is_ascii_digit() || b"smhdwSMHDW".contains(&byte))
}

fn is_class(field: &str) -> bool {
    ["IN", "CH", "HS", "CS"].iter().any(|class| field.eq_ignore_ascii_case(class))
}

/// The strings of a TXT record, none of another; if its data cannot be read, why.
fn scan<'a>(of_type: &str, data: impl Iterator<Item = &'a str>) -> Result<Vec<String>, String> {
    let data: Vec<String> = data.map(ascii).collect();
    let line = format!(". 0 IN {of_type} {}\n", data.join(" "));
    match Zonefile::from(line.as_str()).next_entry() {
        Ok(Some(Scanned::Record(record))) => Ok(match record.into_data() {
            ZoneRecordData::Txt(txt) => {
                txt.iter().map(|string| String::from_utf8_lossy(string).into_owned()).collect()
            }
            _ => Vec::new(),
        }),
        Ok(_) => Err("no record".to_owned()),
        Err(error) => {
            let error = error.to_string();
            // Before it stand the line and the column of what was put together here.
            Err(error.splitn(3, ':').nth(2).unwrap_or(&error).trim().to_owned())
        }
    }
}

/// Servers take any octet as it is, the crate only those that are ASCII; the others can be named (RFC 1035 §5.1).
fn ascii(field: &str) -> String {
    let octet = |octet: u8| match octet {
        0x80.. => format!("\\{octet:03}"),
        _ => char::from(octet).to_string(),
    };
    field.bytes().map(octet).collect()
}

/// All that some fields span.
fn all(fields: &[Span]) -> Span {
    let (first, last) = (fields.first(), fields.last());
    Span::new(first.map_or(0, |field| field.start), last.map_or(0, |field| field.end))
}

/// Fields with a space between, and where each stands.
fn spaced(written: &[String], fields: &[Span]) -> Record {
    let (mut strings, mut stands) = (Vec::new(), Vec::new());
    let mut end = None;
    for (string, field) in written.iter().zip(fields) {
        if let Some(end) = end.replace(field.end) {
            strings.push(" ");
            stands.push(Span::new(end, field.start));
        }
        strings.push(string);
        stands.push(*field);
    }
    Record { text: Text::join(strings), stands }
}

fn is_sound(kind: Kind, text: &Text) -> bool {
    let linted = lint(kind, std::slice::from_ref(text), &[], None);
    linted.findings.iter().all(|finding| finding.rule.severity != Severity::Fail)
}

/// A field without its marks; of an empty string nothing else could be underlined.
fn unquoted(content: &str, field: Span) -> Span {
    let written = field.of(content);
    if written.len() > 2 && written.starts_with('"') && written.ends_with('"') {
        Span::new(field.start + 1, field.end - 1)
    } else {
        field
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::lint_all;

    const SOUND: &str = "$ORIGIN b.example.\n$TTL 1h\n@ IN SOA ns hostmaster ( 1 1h 15m 30d 1h ) ; numbers\n \
         IN MX 10 mail\n 3600 IN TXT \"v=spf1 mx -all\"\n CAA 0 issue \"ca.example; a=b\"\n\
         _mta-sts TXT ( \"v=STSv1; \"\n \"id=\\097\" )\n_25._tcp.mail TLSA 3 1 1 ( 8d02536c887482bc34ff54e41d2ba659\n \
         bf85b341a0a20afadb5813dcfbcf286d )\ns._domainkey TXT v=DKIM1\\;p=\n_dmarc TXT \"\"\n$INCLUDE other\n";

    const SLIPS: [&str; 20] = [
        "", " ", "\t", "\n", "\r\n", ";", "\"", "(", ")", "\\", "\\0", "\\300", "\\#", "$", "@",
        ".", "é", "\u{fffd}", "\0", "TXT",
    ];

    fn slipped() -> impl Strategy<Value = String> {
        let slip = (any::<prop::sample::Index>(), 0..3_usize, prop::sample::select(&SLIPS[..]));
        prop::collection::vec(slip, 0..6).prop_map(|slips| {
            let mut zone: Vec<char> = SOUND.chars().collect();
            for (index, taken, put) in slips {
                let start = index.index(zone.len() + 1);
                let end = (start + taken).min(zone.len());
                zone.splice(start..end, put.chars());
            }
            zone.into_iter().collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_a_zone_holds_its_findings_stand_in_it(content in prop_oneof![slipped(), slipped(), any::<String>()]) {
            let linted = lint_all(&content, "b.example".parse().ok());
            for found in linted.unwrap().iter().flat_map(|set| &set.found) {
                let spot = found.spot.unwrap();
                let stands = content.get(spot.start..spot.end);
                prop_assert!(stands.is_some_and(|stands| !stands.is_empty()), "{found:?}");
            }
        }
    }
}
