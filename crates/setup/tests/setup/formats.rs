//! Each format, read back by a parser of its kind.

use std::collections::BTreeMap;

use mxray_setup::formats::{Format, Provider, write};
use mxray_setup::{Draft, Published, bundle};
use rquickjs::{Context, Runtime};
use serde::Deserialize;

use crate::{NOON, domain, respelled, wishes};

/// Name, type and text of a record, the name below the domain.
type Row = (String, String, String);

pub(crate) const PROVIDERS: [Provider; 4] =
    [Provider::Route53, Provider::Cloudflare, Provider::GoogleCloud, Provider::Azure];

/// What a draft's records are, sorted.
pub(crate) fn expected(draft: &Draft) -> Vec<Row> {
    let plain = write(Format::Plain, draft);
    let mut rows: Vec<Row> = plain
        .lines()
        .map(|line| {
            let [name, kind, text] = line.splitn(3, "  ").collect::<Vec<_>>()[..] else {
                panic!("{line}")
            };
            (name.to_owned(), kind.to_owned(), text.to_owned())
        })
        .filter(|(name, ..)| name.ends_with(draft.domain.as_str()))
        .collect();
    rows.sort();
    rows
}

fn absolute(label: &str, draft: &Draft) -> String {
    let domain = &draft.domain;
    if ["", "@"].contains(&label) { domain.to_string() } else { format!("{label}.{domain}") }
}

/// Strings of a zone file, joined.
fn joined(strings: &str) -> String {
    let strings = strings.trim_matches('"').replace("\" \"", "").replace("\"\"", "");
    strings.replace("\\\"", "\"").replace("\\\\", "\\")
}

/// A string of HCL. What looks like a template is one in which all is literal.
fn string(expression: &hcl::Expression) -> String {
    match expression {
        hcl::Expression::String(text) => text.clone(),
        other => {
            let text = other.to_string().replace("%%{", "%{").replace("$${", "${");
            serde_json::from_str(&text).unwrap_or(text)
        }
    }
}

fn attribute<'a>(body: &'a hcl::Body, key: &str) -> &'a hcl::Expression {
    body.attributes().find(|it| it.key() == key).unwrap_or_else(|| panic!("{key}: {body:?}")).expr()
}

fn list(body: &hcl::Body, key: &str) -> Vec<String> {
    let hcl::Expression::Array(values) = attribute(body, key) else { panic!("{key}: {body:?}") };
    values.iter().map(string).collect()
}

/// What Terraform's resources say, by what each provider's documentation says of them.
pub(crate) fn terraform(provider: Provider, draft: &Draft) -> Vec<Row> {
    let body = hcl::parse(&write(Format::Terraform(provider), draft)).unwrap();
    let mut rows = Vec::new();
    for block in body.blocks().filter(|block| block.identifier() == "resource") {
        let resource = block.labels()[0].as_str();
        let body = block.body();
        let text = |key: &str| string(attribute(body, key));
        let dotted = |text: String| if text.ends_with('.') { text } else { text + "." };
        if let Some(kind) = resource.strip_prefix("azurerm_dns_") {
            let kind = kind.strip_suffix("_record").unwrap().to_uppercase();
            assert_eq!(text("zone_name"), draft.domain.as_str());
            let name = absolute(&text("name"), draft);
            let inner = || body.blocks().filter(|it| it.identifier() == "record");
            let texts: Vec<String> = match kind.as_str() {
                "TXT" => inner().map(|it| string(attribute(it.body(), "value"))).collect(),
                "MX" => inner()
                    .map(|it| {
                        let of = |key| string(attribute(it.body(), key));
                        format!("{} {}", of("preference"), of("exchange"))
                    })
                    .collect(),
                "CNAME" => vec![dotted(text("record"))],
                _ => list(body, "records"),
            };
            rows.extend(texts.into_iter().map(|text| (name.clone(), kind.clone(), text)));
            continue;
        }
        let (kind, name) = (text("type"), text("name"));
        let name = name.trim_end_matches('.').to_owned();
        let texts = match resource {
            "aws_route53_record" => list(body, "records"),
            "google_dns_record_set" => list(body, "rrdatas"),
            "cloudflare_dns_record" => vec![match kind.as_str() {
                "MX" => format!("{} {}", text("priority"), text("content")),
                "CNAME" => dotted(text("content")),
                _ => text("content"),
            }],
            other => panic!("{other}"),
        };
        for text in texts {
            let text = if kind == "TXT" { joined(&text) } else { text };
            rows.push((name.clone(), kind.clone(), text));
        }
    }
    rows.sort();
    rows
}

/// Runs the file with functions that write down what they are called with.
pub(crate) fn dnscontrol(draft: &Draft) -> Vec<Row> {
    let runtime = Runtime::new().unwrap();
    let context = Context::full(&runtime).unwrap();
    let script = format!(
        "const rows = [];
         const TXT = (name, text) => [name, 'TXT', text];
         const MX = (name, preference, host) => [name, 'MX', preference + ' ' + host];
         const [A, AAAA, CNAME] = ['A', 'AAAA', 'CNAME'].map((kind) => (name, it) => [name, kind, it]);
         const D_EXTEND = (domain, ...records) => rows.push(...records);
         {}
         JSON.stringify(rows)",
        write(Format::DnsControl, draft)
    );
    let json: String = context.with(|context| context.eval(script)).unwrap();
    let rows: Vec<Row> = serde_json::from_str(&json).unwrap();
    let mut rows: Vec<Row> =
        rows.into_iter().map(|(name, kind, text)| (absolute(&name, draft), kind, text)).collect();
    rows.sort();
    rows
}

#[derive(Deserialize)]
struct Entry {
    r#type: String,
    values: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Value {
    Text(String),
    Mx { exchange: String, preference: u16 },
}

pub(crate) fn octodns(draft: &Draft) -> Vec<Row> {
    let text = write(Format::OctoDns, draft);
    let zone: BTreeMap<String, Vec<Entry>> = serde_saphyr::from_str(&text).unwrap();
    let mut rows = Vec::new();
    for (name, entries) in zone {
        for entry in entries {
            for value in entry.values {
                let text = match value {
                    Value::Text(text) => text.replace("\\;", ";"),
                    Value::Mx { exchange, preference } => format!("{preference} {exchange}"),
                };
                rows.push((absolute(&name, draft), entry.r#type.clone(), text));
            }
        }
    }
    rows.sort();
    rows
}

/// All that the assistant can draft.
fn everything() -> [Draft; 3] {
    let mut wishes = wishes();
    wishes.target = "user.github.io".to_owned();
    wishes.dmarc_reports = "a@example.org".to_owned();
    let none = Published::default();
    let mta_sts = Draft::mta_sts(&wishes, &none, NOON);
    let all = mta_sts.with(Draft::tls_rpt(&wishes, &none)).with(Draft::dmarc(&wishes, &none));
    let slip = "v=spf1 inlcude:%{i}._spf.%{d2} exists:%{l1r-}.example.com ip4:192.0.2.0/24 -all";
    [all, Draft::no_mail(&domain(), &none), respelled(slip)]
}

#[test]
fn every_format_says_the_same() {
    for draft in everything() {
        let expected = expected(&draft);
        for provider in PROVIDERS {
            let text = write(Format::Terraform(provider), &draft);
            assert_eq!(terraform(provider, &draft), expected, "{text}");
        }
        assert_eq!(dnscontrol(&draft), expected, "{}", write(Format::DnsControl, &draft));
        assert_eq!(octodns(&draft), expected, "{}", write(Format::OctoDns, &draft));
    }
}

#[test]
fn a_long_text_is_parted_in_the_zone_file() {
    let long = format!("v=spf1 inlcude:a.example.com {} -all", "ip4:192.0.2.1 ".repeat(30).trim());
    let draft = respelled(&long);
    let zone = write(Format::Zone, &draft);
    assert_eq!(zone.matches('"').count(), 4, "{zone}");
    for provider in PROVIDERS {
        assert_eq!(terraform(provider, &draft), expected(&draft), "{provider:?}");
    }
}

#[test]
fn the_bundle_holds_every_host_and_every_format_and_is_always_the_same() {
    let [draft, ..] = everything();
    let files = bundle::files(&draft, "First the file, then the record.\n");
    let paths: Vec<_> = files.iter().map(|file| file.path.as_str()).collect();
    for path in [
        "README.txt",
        "mta-sts.txt",
        "records/records.txt",
        "records/example.com.zone",
        "records/terraform-route53/records.tf",
        "records/terraform-cloudflare/records.tf",
        "records/terraform-google/records.tf",
        "records/terraform-azure/records.tf",
        "records/dnsconfig.js",
        "records/example.com.yaml",
        "nginx/mta-sts.conf",
        "nginx/.well-known/mta-sts.txt",
        "caddy/Caddyfile",
        "cloudflare-workers/worker.js",
        "cloudflare-workers/wrangler.toml",
        "github-pages/CNAME",
        "github-pages/.nojekyll",
        "netlify/netlify.toml",
        "object-storage/upload.sh",
    ] {
        assert!(paths.contains(&path), "{path} in {paths:?}");
    }
    let bytes = bundle::zip(&files).unwrap();
    assert_eq!(bytes, bundle::zip(&files).unwrap());
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut archive.by_name("mta-sts.txt").unwrap(), &mut text).unwrap();
    assert_eq!(Some(text.as_str()), draft.policy());
}

#[test]
fn the_configurations_that_are_data_are_read_by_their_parsers() {
    let [draft, ..] = everything();
    let files = bundle::files(&draft, "");
    let text = |path: &str| files.iter().find(|file| file.path == path).unwrap().text.clone();
    let wrangler: toml::Table = text("cloudflare-workers/wrangler.toml").parse().unwrap();
    assert_eq!(wrangler["routes"][0]["pattern"].as_str(), Some("mta-sts.example.com"));
    let netlify: toml::Table = text("netlify/netlify.toml").parse().unwrap();
    assert!(
        netlify["headers"][0]["values"]["Content-Type"].as_str().unwrap().starts_with("text/plain")
    );
}

#[test]
fn the_worker_answers_with_the_policy_and_with_nothing_else() {
    let [draft, ..] = everything();
    let files = bundle::files(&draft, "");
    let worker = files.iter().find(|it| it.path.ends_with("worker.js")).unwrap();
    let script = format!(
        "class Response {{ constructor(body, init) {{ this.body = body; Object.assign(this, init); }} }}
         class URL {{ constructor(url) {{ this.pathname = url.replace(/^https:..[^/]*/, ''); }} }}
         {}
         const ask = (path) => worker.fetch({{ url: 'https://mta-sts.example.com' + path }});
         const [found, other] = ['/.well-known/mta-sts.txt', '/'].map(ask);
         JSON.stringify([found.body, found.headers['content-type'], other.status])",
        worker.text.replace("export default", "const worker =")
    );
    let runtime = Runtime::new().unwrap();
    let context = Context::full(&runtime).unwrap();
    let json: String = context.with(|context| context.eval(script)).unwrap();
    let answer: (String, String, u16) = serde_json::from_str(&json).unwrap();
    assert_eq!(
        answer,
        (draft.policy().unwrap().to_owned(), "text/plain; charset=utf-8".to_owned(), 404)
    );
}
