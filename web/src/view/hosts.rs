//! The mail servers, one a row.

use mxray_facts::{Contact, MailHost, SmtpSession, StartTls, TlsVersion, Unobserved};
use mxray_scan::{Coverage, HostReport, Report, Sentence};
use yew::Html;

use super::element::{Attribute, Element, classed, element};
use super::evidence::certificate;
use super::heading;
use crate::voice::Voice;

/// The table, where there are any.
pub(super) fn hosts(voice: &Voice, report: &Report) -> Html {
    if report.hosts.is_empty() {
        return Html::default();
    }
    let columns = ["host", "addresses", "coverage", "encryption", "certificate"];
    let head = columns.iter().fold(element("tr"), |row, column| {
        row.with(element("th").is(Attribute::Scope, "col").text(voice.of("page.hosts", column)))
    });
    let rows = report.hosts.iter().map(|host| row(voice, host));
    let table = element("table")
        .with(element("thead").with(head))
        .with(rows.fold(element("tbody"), Element::with));
    // A region that scrolls has to be reached by keyboard (WCAG 2.1.1).
    let scroll =
        classed("div", "scroll").is(Attribute::Tabindex, "0").is(Attribute::Role, "region");
    classed("section", "hosts")
        .with(heading(voice, "hosts", "page.hosts"))
        .with(scroll.is(Attribute::AriaLabelledby, "hosts").with(table))
        .into()
}

fn row(voice: &Voice, report: &HostReport) -> Element {
    let preference = classed("span", "preference").text(report.preference.to_string());
    let name = element("code").text(report.host.to_string());
    let (encryption, certificate) = conversation(voice, report);
    element("tr")
        .with(element("th").is(Attribute::Scope, "row").with(preference).sign(" ").with(name))
        .with(addresses(voice, report))
        .with(element("td").text(coverage(voice, &report.coverage)))
        .with(element("td").text(encryption))
        .with(element("td").text(certificate))
}

fn addresses(voice: &Voice, report: &HostReport) -> Element {
    let cell = element("td");
    match &report.addresses {
        Ok(addresses) if addresses.is_empty() => cell.text(voice.word("page.hosts.no-address")),
        Ok(addresses) => addresses.iter().fold(cell, |cell, address| {
            cell.with(element("div").with(element("code").text(address.to_string())))
        }),
        Err(reason) => cell.text(unseen(voice, reason)),
    }
}

fn coverage(voice: &Voice, coverage: &Coverage) -> String {
    match coverage {
        Coverage::NoPolicy => voice.word("page.hosts.no-policy"),
        Coverage::CoveredBy(pattern) => {
            voice.with_one("page.hosts.covered", "pattern", pattern.clone())
        }
        Coverage::NotCovered => voice.word("page.hosts.not-covered"),
    }
}

/// How it encrypts, and with which certificate.
fn conversation(voice: &Voice, report: &HostReport) -> (String, String) {
    let session = match report.contact.as_deref().map(session) {
        Err(reason) | Ok(Err(Some(reason))) => return (unseen(voice, reason), String::new()),
        Ok(Err(None)) => return (voice.word("page.hosts.no-answer"), String::new()),
        Ok(Ok(session)) => session,
    };
    let key = match &session.starttls {
        None => "page.hosts.turned-away",
        Some(StartTls::NotOffered) => "page.hosts.not-offered",
        Some(StartTls::Refused(_)) => "page.hosts.refused",
        Some(StartTls::Failed(_)) => "page.hosts.failed",
        Some(StartTls::Established(tls)) => {
            let version = match tls.version {
                TlsVersion::Tls12 => "TLS 1.2",
                TlsVersion::Tls13 => "TLS 1.3",
            };
            return (version.to_owned(), certificate(voice, tls));
        }
    };
    (voice.word(key), String::new())
}

/// The first address that talked, else why none could be looked at, else nothing.
fn session(host: &MailHost) -> Result<&SmtpSession, Option<&Unobserved>> {
    let mut unobserved = None;
    for session in &host.sessions {
        match &session.contact {
            Ok(Contact::Talked(session)) => return Ok(session),
            Ok(_) => {}
            Err(reason) => unobserved = Some(reason),
        }
    }
    Err(unobserved)
}

fn unseen(voice: &Voice, reason: &Unobserved) -> String {
    voice.sentence(&Sentence::from(reason))
}
