//! Fetching the files that a BIMI record names (draft-brand-indicators-for-message-identification).
//!
//! Their URLs are whatever the domain's owner wrote, so they lead a probe anywhere that HTTPS leads
//! to in the public internet. Hence no redirect is followed, of which the draft says nothing; and
//! nothing is handed out that is not what it should be: this is no way to read the web.

use hyper::Uri;
use mxray_facts::dns::{Answer, Question, Record, RecordType};
use mxray_facts::{
    BimiFile, Bytes, Domain, FileContent, FileFetch, FileOutcome, MAX_BIMI_BYTES, Name,
    Observation, PolicyOutcome, PolicyResponse, Times, Unobserved,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::time::timeout;

use crate::door::{self, MAX_TRIES};
use crate::harmless::harmless;
use crate::https::{self, Came, Get, Watch};
use crate::{Inner, tls};

/// The longest URL that is followed.
const MAX_URL: usize = 1000;

/// A domain's BIMI record of the default selector, and what it names.
#[derive(Clone, Debug, PartialEq)]
pub struct BimiRecord {
    /// The TXT records.
    pub answer: Observation<Answer>,
    /// What `l=` names, where there is one record and it names something.
    pub logo: Option<BimiUrl>,
    /// What `a=` names, likewise.
    pub certificate: Option<BimiUrl>,
}

/// Where a record says that a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BimiUrl {
    text: String,
    target: Option<Target>,
    kind: Kind,
}

/// What a file should hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Logo,
    Certificate,
}

impl Kind {
    fn read(self, body: &[u8]) -> Option<FileContent> {
        match self {
            Self::Logo => read_svg(body),
            Self::Certificate => read_certificates(body),
        }
    }
}

impl BimiUrl {
    fn new(text: &str, kind: Kind) -> Self {
        Self { text: harmless(text.as_bytes()), target: Target::read(text), kind }
    }

    /// Whom asking for it would turn to; nobody, if it is no URL of HTTPS at a name and the usual
    /// port.
    #[must_use]
    pub fn host(&self) -> Option<&Name> {
        self.target.as_ref().map(|target| &target.host)
    }

    /// What is told of it, with what came of asking for it.
    #[must_use]
    pub fn with(self, fetch: Option<Observation<FileFetch>>) -> BimiFile {
        BimiFile { url: self.text, fetch }
    }
}

pub(crate) async fn record(probe: &Inner, domain: &Domain) -> BimiRecord {
    let question = Question::new(domain.child("default._bimi"), RecordType::Txt);
    let answer = probe.resolver.ask(&question).await;
    let text = answer.as_ref().ok().and_then(only_record).unwrap_or_default();
    let logo = value(&text, "l").map(|url| BimiUrl::new(&url, Kind::Logo));
    let certificate = value(&text, "a").map(|url| BimiUrl::new(&url, Kind::Certificate));
    BimiRecord { answer, logo, certificate }
}

/// The text of the one record; several are none.
fn only_record(answer: &Answer) -> Option<String> {
    let texts = answer.records.iter().filter_map(|record| match record {
        Record::Txt(strings) => {
            let octets: Vec<u8> = strings.iter().flat_map(|string| string.0.clone()).collect();
            String::from_utf8(octets).ok()
        }
        _ => None,
    });
    let mut records = texts.filter(|text| value(text, "v").as_deref() == Some("BIMI1"));
    records.next().filter(|_| records.next().is_none())
}

/// The value of a tag, if it has one.
fn value(record: &str, tag: &str) -> Option<String> {
    let mut tags = record.split(';').filter_map(|part| part.split_once('='));
    let (_, value) = tags.find(|(name, _)| name.trim() == tag)?;
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

/// What a URL leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Target {
    host: Name,
    path_and_query: String,
}

impl Target {
    /// HTTPS at a name and the usual port; no address, no user.
    fn read(url: &str) -> Option<Self> {
        let url = url.split('#').next().filter(|url| url.len() <= MAX_URL)?;
        let url: Uri = url.parse().ok()?;
        let authority = url.authority()?;
        let beside_host = authority.as_str().strip_prefix(authority.host())?;
        let is_usual = url.scheme_str() == Some("https") && matches!(beside_host, "" | ":443");
        // A domain's last label is no number, so this is no address.
        let host = Domain::from_ascii(authority.host()).ok().filter(|_| is_usual)?;
        let target = url.path_and_query().map_or("", |target| target.as_str());
        // An empty path is said as `/` (RFC 9112 §3.2.1).
        let slash = if target.starts_with('/') { "" } else { "/" };
        let path_and_query = format!("{slash}{target}");
        Some(Self { host: host.name(), path_and_query })
    }
}

/// Asks for a file, if it is somewhere; whoever calls it has nothing against its host.
pub(crate) async fn file(probe: &Inner, url: &BimiUrl) -> Option<Observation<FileFetch>> {
    let asked = ask(probe, url.target.as_ref()?, url.kind);
    Some(timeout(probe.deadlines.policy, asked).await.unwrap_or(Err(Unobserved::TimedOut)))
}

/// Asks the first address that can be connected to.
async fn ask(probe: &Inner, target: &Target, kind: Kind) -> Observation<FileFetch> {
    let get = Get { host: &target.host, target: &target.path_and_query, most: MAX_BIMI_BYTES };
    let addresses = door::addresses(&probe.resolver, &target.host).await?.all;
    let nowhere =
        |outcome| Ok(FileFetch { address: None, tls: None, outcome, times: Times::default() });
    let mut last = nowhere(FileOutcome::NoAddress);
    for address in addresses.into_iter().take(MAX_TRIES) {
        let watch = Watch::start();
        let came = https::ask(probe, get, address, &watch).await;
        if watch.has_connected() {
            let Came { tls, outcome } = came?;
            let (outcome, times) = (file_outcome(outcome, kind), watch.times());
            return Ok(FileFetch { address: Some(address), tls, outcome, times });
        }
        last = match came {
            Err(reason) => Err(reason),
            // An address that could not be asked may be the one that would have answered.
            Ok(_) if last.is_err() => last,
            Ok(_) => nowhere(FileOutcome::Refused),
        };
    }
    last
}

fn file_outcome(outcome: PolicyOutcome, kind: Kind) -> FileOutcome {
    match outcome {
        PolicyOutcome::NoAddress => FileOutcome::NoAddress,
        PolicyOutcome::Refused => FileOutcome::Refused,
        PolicyOutcome::TlsFailed(reason) => FileOutcome::TlsFailed(reason),
        PolicyOutcome::Broken(reason) => FileOutcome::Broken(reason),
        PolicyOutcome::Redirect { status, location } => {
            FileOutcome::Redirect { status: status.unwrap_or_default(), location }
        }
        PolicyOutcome::Response(PolicyResponse { status, content_type, body, truncated }) => {
            // Half a file is none.
            let content = if truncated { None } else { kind.read(&body.0) };
            FileOutcome::Response { status, content_type, octets: body.0.len(), truncated, content }
        }
    }
}

/// An XML document whose root is an `svg`.
fn read_svg(body: &[u8]) -> Option<FileContent> {
    let text = std::str::from_utf8(body).ok()?;
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    loop {
        rest = rest.trim_start();
        // What may stand before the root (XML 1.0 §2.8).
        let end = [("<?", "?>"), ("<!--", "-->"), ("<!DOCTYPE", ">")]
            .into_iter()
            .find_map(|(begin, end)| rest.starts_with(begin).then_some(end));
        let Some(end) = end else { break };
        rest = rest.split_once(end)?.1;
    }
    let root = rest.strip_prefix("<svg")?;
    let is_whole = root.starts_with(|next: char| next.is_whitespace() || matches!(next, '>' | '/'));
    is_whole.then(|| FileContent::Svg(Bytes::from(body)))
}

fn read_certificates(body: &[u8]) -> Option<FileContent> {
    let certificates = CertificateDer::pem_slice_iter(body).map_while(Result::ok);
    let certificates: Vec<_> = certificates.take(tls::MAX_CERTIFICATES).collect();
    let read = tls::read_certificates(&certificates);
    (!read.is_empty()).then_some(FileContent::Certificates(read))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::{Target, read_certificates, read_svg, value};

    #[test]
    fn a_url_leads_to_a_name_by_https_and_nowhere_else() {
        for (reason, url, expected) in [
            ("usual", "https://a.example/logo.svg", Some(("a.example", "/logo.svg"))),
            ("a query", "https://a.example/x?y=z#part", Some(("a.example", "/x?y=z"))),
            ("no path", "https://a.example", Some(("a.example", "/"))),
            ("a query alone", "https://a.example?x", Some(("a.example", "/?x"))),
            ("in capitals", "HTTPS://A.Example/", Some(("a.example", "/"))),
            ("the usual port", "https://a.example:443/", Some(("a.example", "/"))),
            ("another port", "https://a.example:25/", None),
            ("a port of no size", "https://a.example:99999/", None),
            ("no TLS", "http://a.example/", None),
            ("another scheme", "ftp://a.example/", None),
            ("a file", "file:///etc/passwd", None),
            ("data", "data:image/svg+xml,<svg/>", None),
            ("a path alone", "/logo.svg", None),
            ("an address", "https://127.0.0.1/", None),
            ("a number for one", "https://2130706433/", None),
            ("an address in another way", "https://0x7f.1/", None),
            ("an IPv6 address", "https://[::1]/", None),
            ("no public name", "https://localhost/", None),
            ("a user", "https://a.example@b.example/", None),
            ("white space", "https://a.example/ HTTP/1.1", None),
            ("a line end", "https://a.example/\r\nX: y", None),
            ("not ASCII", "https://\u{e4}.example/", None),
            ("nothing", "", None),
        ] {
            let target = Target::read(url);
            let seen =
                target.as_ref().map(|target| (target.host.as_str(), &*target.path_and_query));
            assert_eq!(seen, expected, "{reason}");
        }
        assert_eq!(Target::read(&format!("https://a.example/{}", "x".repeat(1000))), None);
    }

    #[test]
    fn a_tag_has_the_value_that_it_has_first() {
        let record = "v=BIMI1; l = https://a.example/?x=y ;a=;a=z; avp=brand";
        for (tag, expected) in
            [("v", Some("BIMI1")), ("l", Some("https://a.example/?x=y")), ("a", None), ("x", None)]
        {
            assert_eq!(value(record, tag).as_deref(), expected, "{tag}");
        }
    }

    #[test]
    fn a_logo_is_a_document_whose_root_is_an_svg() {
        for (reason, body, expected) in [
            ("the root alone", &b"<svg/>"[..], true),
            ("with what may stand before it", b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- <a> --><!DOCTYPE svg PUBLIC 'x' 'y'>\n<svg xmlns='z'>", true),
            ("a web page that holds one", b"<!DOCTYPE html><html><svg></svg></html>", false),
            ("a web page in a comment", b"<!-- <svg> --><html>", false),
            ("another element", b"<svgs>", false),
            ("a comment without end", b"<!-- <svg>", false),
            ("compressed", b"\x1f\x8b\x08", false),
            ("text", b"root:x:0:0", false),
            ("no text", b"<svg>\xff", false),
            ("nothing", b"", false),
        ] {
            assert_eq!(read_svg(body).is_some(), expected, "{reason}");
        }
    }

    proptest! {
        /// What leads somewhere leads to the host that is in the text, by a request of one line.
        #[test]
        fn no_url_leads_elsewhere_than_it_says(rest in "[ -~]{0,40}") {
            if let Some(target) = Target::read(&format!("https://{rest}")) {
                prop_assert!(rest.to_lowercase().starts_with(target.host.as_str().trim_end_matches('.')));
                prop_assert!(target.path_and_query.starts_with('/'));
                prop_assert!(!target.path_and_query.contains(char::is_whitespace));
            }
        }

        #[test]
        fn any_body_is_read(body in vec(any::<u8>(), 0..300)) {
            let _ = (read_svg(&body), read_certificates(&body));
        }
    }
}
