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
    /// Terraform, for one of the providers that it knows.
    Terraform(Provider),
    /// DNSControl.
    DnsControl,
    /// octoDNS.
    OctoDns,
}

/// Who serves the DNS that Terraform writes to: each has resources of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// Amazon Route 53.
    Route53,
    /// Cloudflare.
    Cloudflare,
    /// Google Cloud DNS.
    GoogleCloud,
    /// Azure DNS.
    Azure,
}

impl Format {
    /// Each of them.
    pub const ALL: [Self; 8] = [
        Self::Plain,
        Self::Zone,
        Self::Terraform(Provider::Route53),
        Self::Terraform(Provider::Cloudflare),
        Self::Terraform(Provider::GoogleCloud),
        Self::Terraform(Provider::Azure),
        Self::DnsControl,
        Self::OctoDns,
    ];

    /// Its name in keys.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Zone => "zone",
            Self::Terraform(Provider::Route53) => "terraform-route53",
            Self::Terraform(Provider::Cloudflare) => "terraform-cloudflare",
            Self::Terraform(Provider::GoogleCloud) => "terraform-google",
            Self::Terraform(Provider::Azure) => "terraform-azure",
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
            // Terraform reads all that is in a folder.
            Self::Terraform(_) => format!("{}/records.tf", self.as_str()),
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
        Format::Terraform(provider) => terraform(provider, &records, domain),
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

/// Resources of Terraform, a set of records each; of Cloudflare's, a record each.
fn terraform(provider: Provider, records: &[Record<'_>], domain: &Domain) -> String {
    let mut text = provider.variables().to_owned();
    for record in records {
        let identifier = identifier(record);
        let _ = match provider {
            Provider::Route53 => write!(text, "\n{}", route53(record, &identifier, domain)),
            Provider::Cloudflare => write!(text, "{}", cloudflare(record, &identifier)),
            Provider::GoogleCloud => {
                write!(text, "\n{}", google_cloud(record, &identifier, domain))
            }
            Provider::Azure => write!(text, "\n{}", azure(record, &identifier, domain)),
        };
    }
    text
}

impl Provider {
    /// What has to be said of the zone, as it is known to nobody here.
    fn variables(self) -> &'static str {
        match self {
            Self::Route53 => {
                "# Amazon Route 53, by the provider hashicorp/aws.\nvariable \"zone_id\" {\n  type = string\n}\n"
            }
            Self::Cloudflare => {
                "# Cloudflare, by version 5 of the provider cloudflare/cloudflare.\nvariable \"zone_id\" {\n  \
                 type = string\n}\n"
            }
            Self::GoogleCloud => {
                "# Google Cloud DNS, by the provider hashicorp/google.\nvariable \"managed_zone\" {\n  \
                 type = string\n}\n"
            }
            Self::Azure => {
                "# Azure DNS, by the provider hashicorp/azurerm.\nvariable \"resource_group_name\" {\n  \
                 type = string\n}\n"
            }
        }
    }
}

fn route53(record: &Record<'_>, identifier: &str, domain: &Domain) -> String {
    let lines = record.texts.iter().map(|line| match record.record_type {
        // The provider puts the outer quotes; a longer text is parted from within.
        "TXT" => {
            let strings = strings(line);
            hcl(strings[1..strings.len() - 1].replace("\" \"", "\"\"").as_str())
        }
        _ => hcl(line),
    });
    format!(
        "{}resource \"aws_route53_record\" \"{identifier}\" {{\n  zone_id = var.zone_id\n  name    = {}\n  \
         type    = \"{}\"\n  ttl     = {TTL}\n  records = [{}]\n}}\n",
        beside(record, domain),
        hcl(record.name.as_str()),
        record.record_type,
        lines.collect::<Vec<_>>().join(", "),
    )
}

fn cloudflare(record: &Record<'_>, identifier: &str) -> String {
    let mut text = String::new();
    for (place, line) in record.texts.iter().enumerate() {
        let number = if place == 0 { String::new() } else { format!("_{}", place + 1) };
        let (content, priority) = match (record.record_type, line.split_once(' ')) {
            ("TXT", _) => (strings(line), String::new()),
            ("MX", Some((preference, host))) => {
                (host.to_owned(), format!("  priority = {preference}\n"))
            }
            _ => (line.trim_end_matches('.').to_owned(), String::new()),
        };
        let _ = write!(
            text,
            "\nresource \"cloudflare_dns_record\" \"{identifier}{number}\" {{\n  zone_id = var.zone_id\n  \
             name    = {}\n  type    = \"{}\"\n  ttl     = {TTL}\n  content = {}\n{priority}}}\n",
            hcl(record.name.as_str()),
            record.record_type,
            hcl(&content),
        );
    }
    text
}

fn google_cloud(record: &Record<'_>, identifier: &str, domain: &Domain) -> String {
    let lines = record.texts.iter().map(|line| match record.record_type {
        "TXT" => hcl(&strings(line)),
        _ => hcl(line),
    });
    format!(
        "{}resource \"google_dns_record_set\" \"{identifier}\" {{\n  managed_zone = var.managed_zone\n  \
         name         = {}\n  type         = \"{}\"\n  ttl          = {TTL}\n  rrdatas      = [{}]\n}}\n",
        beside(record, domain),
        hcl(&format!("{}.", record.name)),
        record.record_type,
        lines.collect::<Vec<_>>().join(", "),
    )
}

fn azure(record: &Record<'_>, identifier: &str, domain: &Domain) -> String {
    let kind = record.record_type.to_ascii_lowercase();
    let data = match record.record_type {
        // The provider parts what is long.
        "TXT" => {
            let values = record
                .texts
                .iter()
                .map(|line| format!("  record {{\n    value = {}\n  }}\n", hcl(line)));
            values.collect::<String>()
        }
        "MX" => {
            let hosts = record.texts.iter().filter_map(|line| line.split_once(' '));
            let hosts = hosts.map(|(preference, host)| {
                format!(
                    "  record {{\n    preference = {preference}\n    exchange   = {}\n  }}\n",
                    hcl(host)
                )
            });
            hosts.collect::<String>()
        }
        "CNAME" => {
            let line = record.texts.first().map_or("", String::as_str);
            format!("  record = {}\n", hcl(line.trim_end_matches('.')))
        }
        _ => {
            let lines: Vec<String> = record.texts.iter().map(|line| hcl(line)).collect();
            format!("  records = [{}]\n", lines.join(", "))
        }
    };
    format!(
        "{}resource \"azurerm_dns_{kind}_record\" \"{identifier}\" {{\n  \
         resource_group_name = var.resource_group_name\n  zone_name           = {}\n  \
         name                = {}\n  ttl                 = {TTL}\n{data}}}\n",
        beside(record, domain),
        hcl(domain.as_str()),
        hcl(label(record.name, domain).unwrap_or("@")),
    )
}

/// A word of warning where a set of records replaces what stands beside them: a domain's own texts are of
/// many kinds.
fn beside(record: &Record<'_>, domain: &Domain) -> &'static str {
    if record.record_type == "TXT" && label(record.name, domain) == Some("@") {
        "# The domain's other TXT records belong into this set as well.\n"
    } else {
        ""
    }
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
            let beside = beside(record, domain);
            if !beside.is_empty() {
                let _ = write!(text, "  {beside}");
            }
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
