//! A draft's records as people keep their DNS.

use std::fmt::Write;

use mxray_facts::{Domain, Name};
use mxray_scan::depth::Place;

use crate::draft::Draft;

/// How records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Name, type and text, to copy into a provider's form.
    Plain,
    /// A zone file (RFC 1035 §5).
    Zone,
    /// Terraform, for Amazon Route 53.
    Terraform,
    /// DNSControl.
    DnsControl,
    /// octoDNS.
    OctoDns,
}

impl Format {
    /// Each of them.
    pub const ALL: [Self; 5] =
        [Self::Plain, Self::Zone, Self::Terraform, Self::DnsControl, Self::OctoDns];

    /// Its name in keys.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Zone => "zone",
            Self::Terraform => "terraform",
            Self::DnsControl => "dnscontrol",
            Self::OctoDns => "octodns",
        }
    }

    /// What a file of it is called.
    #[must_use]
    pub fn file(self, domain: &Domain) -> String {
        match self {
            Self::Plain => "records.txt".to_owned(),
            Self::Zone => format!("{domain}.zone"),
            Self::Terraform => "records.tf".to_owned(),
            Self::DnsControl => "dnsconfig.js".to_owned(),
            Self::OctoDns => format!("{domain}.yaml"),
        }
    }
}

/// How long resolvers may remember a record, in seconds: an hour, so that a slip is soon forgotten.
pub const TTL: u32 = 3600;

/// A record that is to be there.
struct Record<'a> {
    name: &'a Name,
    record_type: &'static str,
    texts: &'a [String],
}

/// The records of a draft. Those of other domains are no part of this one's zone, but for the plain text.
#[must_use]
pub fn write(format: Format, draft: &Draft) -> String {
    let domain = &draft.domain;
    let mut records: Vec<Record<'_>> = draft.changes.iter().filter_map(record).collect();
    if format != Format::Plain {
        records.retain(|record| label(record.name, domain).is_some());
    }
    match format {
        Format::Plain => plain(&records),
        Format::Zone => zone(&records),
        Format::Terraform => terraform(&records),
        Format::DnsControl => dnscontrol(&records, domain),
        Format::OctoDns => octodns(&records, domain),
    }
}

fn record(change: &crate::draft::Change) -> Option<Record<'_>> {
    match &change.place {
        Place::Dns { name, record_type } if !change.after.is_empty() => {
            Some(Record { name, record_type, texts: &change.after })
        }
        _ => None,
    }
}

/// The name below the domain; `@` for the domain itself, `None` for a name elsewhere.
fn label<'a>(name: &'a Name, domain: &Domain) -> Option<&'a str> {
    let rest = name.as_str().strip_suffix(domain.as_str())?;
    if rest.is_empty() { Some("@") } else { rest.strip_suffix('.') }
}

fn plain(records: &[Record<'_>]) -> String {
    let mut text = String::new();
    for record in records {
        for line in record.texts {
            let _ = writeln!(text, "{}  {}  {line}", record.name, record.record_type);
        }
    }
    text
}

/// The most that a character-string holds (RFC 1035 §3.3).
const MOST_IN_STRING: usize = 255;

fn zone(records: &[Record<'_>]) -> String {
    let mut text = String::new();
    for record in records {
        for line in record.texts {
            let data = if record.record_type == "TXT" { strings(line) } else { line.clone() };
            let _ = writeln!(text, "{}. {TTL} IN {} {data}", record.name, record.record_type);
        }
    }
    text
}

/// A text as character-strings in quotes.
fn strings(text: &str) -> String {
    let strings = text.as_bytes().chunks(MOST_IN_STRING).map(|part| {
        let mut quoted = String::from("\"");
        for byte in part {
            match byte {
                b'"' | b'\\' => quoted.extend(['\\', char::from(*byte)]),
                b' '..=b'~' => quoted.push(char::from(*byte)),
                byte => quoted.push_str(&format!("\\{byte:03}")),
            }
        }
        quoted + "\""
    });
    strings.collect::<Vec<_>>().join(" ")
}

fn terraform(records: &[Record<'_>]) -> String {
    let mut text = String::from(
        "# For Amazon Route 53. Other providers have the same records under other names.\n\
         variable \"zone_id\" {\n  type = string\n}\n",
    );
    for record in records {
        let lines: Vec<String> = record
            .texts
            .iter()
            .map(|line| match record.record_type {
                // The provider puts the outer quotes; a longer text is parted from within.
                "TXT" => {
                    let strings = strings(line);
                    hcl(strings[1..strings.len() - 1].replace("\" \"", "\"\"").as_str())
                }
                _ => hcl(line),
            })
            .collect();
        let _ = write!(
            text,
            "\nresource \"aws_route53_record\" \"{}\" {{\n  zone_id = var.zone_id\n  name    = {}\n  \
             type    = \"{}\"\n  ttl     = {TTL}\n  records = [{}]\n}}\n",
            identifier(record),
            hcl(record.name.as_str()),
            record.record_type,
            lines.join(", "),
        );
    }
    text
}

/// A string of HCL; what would be a template in it is none.
fn hcl(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", text.replace("${", "$${").replace("%{", "%%{"))
}

/// What a resource is called: letters, digits and underscores, beginning with a letter.
fn identifier(record: &Record<'_>) -> String {
    let kind = record.record_type.to_ascii_lowercase();
    let name = record.name.as_str().replace('*', "any");
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    format!("{kind}_{}", name.chars().map(plain).collect::<String>())
}

fn dnscontrol(records: &[Record<'_>], domain: &Domain) -> String {
    let mut text = format!("D_EXTEND({}", js(domain.as_str()));
    for record in records {
        let label = js(label(record.name, domain).unwrap_or("@"));
        for line in record.texts {
            let entry = match (record.record_type, line.split_once(' ')) {
                ("MX", Some((preference, host))) => {
                    format!("MX({label}, {preference}, {})", js(host))
                }
                (kind, _) => format!("{kind}({label}, {})", js(line)),
            };
            let _ = write!(text, ",\n  {entry}");
        }
    }
    text + "\n);\n"
}

/// A string of JavaScript.
fn js(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            ' '..='~' => quoted.push(c),
            c => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    let _ = write!(quoted, "\\u{unit:04x}");
                }
            }
        }
    }
    quoted + "\""
}

fn octodns(records: &[Record<'_>], domain: &Domain) -> String {
    let mut text = String::from("---\n");
    let mut labels: Vec<&str> = Vec::new();
    for record in records {
        let label = label(record.name, domain).unwrap_or("@");
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    labels.sort_unstable();
    for name in labels {
        let key = if name == "@" { "" } else { name };
        let _ = writeln!(text, "{}:", yaml(key));
        for record in records.iter().filter(|it| label(it.name, domain) == Some(name)) {
            let _ = writeln!(text, "  - ttl: {TTL}\n    type: {}", record.record_type);
            let _ = writeln!(text, "    values:");
            for line in record.texts {
                match (record.record_type, line.split_once(' ')) {
                    ("MX", Some((preference, host))) => {
                        let _ = writeln!(text, "      - exchange: {}", yaml(host));
                        let _ = writeln!(text, "        preference: {preference}");
                    }
                    // octoDNS wants the semicolons of a text escaped.
                    ("TXT", _) => {
                        let _ = writeln!(text, "      - {}", yaml(&line.replace(';', "\\;")));
                    }
                    _ => {
                        let _ = writeln!(text, "      - {}", yaml(line));
                    }
                }
            }
        }
    }
    text
}

/// A string of YAML, in single quotes, in which nothing is special but they themselves.
fn yaml(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
