//! The mail servers, one a row.

use mxray_browser::Voice;
use mxray_facts::{Contact, MailHost, SmtpSession, StartTls, Tls, TlsVersion, Unobserved};
use mxray_scan::{Coverage, HostReport, Sentence};
use yew::prelude::*;

use crate::dates::day;
use crate::deep::{Props, part};

pub(crate) const COLUMNS: [&str; 5] =
    ["host", "addresses", "coverage", "encryption", "certificate"];

/// The table, where there are any.
#[component]
pub(crate) fn Hosts(props: &Props) -> Html {
    let (voice, hosts) = (&props.given.voice, &props.given.report.hosts);
    if hosts.is_empty() {
        return Html::default();
    }
    let head =
        COLUMNS.map(|column| html! { <th scope="col">{voice.of("depth.hosts", column)}</th> });
    let rows = hosts.iter().map(|host| row(voice, host));
    let content = html! {
        // A region that scrolls has to be reached by keyboard (WCAG 2.1.1).
        <div class="scroll" tabindex="0" role="group" aria-labelledby="hosts-heading">
            <table>
                <thead><tr>{for head}</tr></thead>
                <tbody>{for rows}</tbody>
            </table>
        </div>
    };
    part("hosts", voice.word("depth.hosts"), content)
}

fn row(voice: &Voice, report: &HostReport) -> Html {
    let (encryption, certificate) = conversation(voice, report);
    html! {
        <tr>
            <th scope="row">
                <span class="preference">{report.preference}</span>{" "}
                <code>{report.host.to_string()}</code>
            </th>
            <td>{addresses(voice, report)}</td>
            <td>{coverage(voice, &report.coverage)}</td>
            <td>{encryption}</td>
            <td>{certificate}</td>
        </tr>
    }
}

fn addresses(voice: &Voice, report: &HostReport) -> Html {
    match &report.addresses {
        Ok(addresses) if addresses.is_empty() => voice.word("depth.hosts.no-address").into(),
        Ok(addresses) => {
            let line = |address: &std::net::IpAddr| html! { <div><code>{address.to_string()}</code></div> };
            addresses.iter().map(line).collect()
        }
        Err(reason) => unseen(voice, reason).into(),
    }
}

fn coverage(voice: &Voice, coverage: &Coverage) -> String {
    match coverage {
        Coverage::NoPolicy => voice.word("depth.hosts.no-policy"),
        Coverage::CoveredBy(pattern) => {
            voice.with_one("depth.hosts.covered", "pattern", pattern.clone())
        }
        Coverage::NotCovered => voice.word("depth.hosts.not-covered"),
    }
}

/// How it encrypts, and with which certificate.
fn conversation(voice: &Voice, report: &HostReport) -> (String, String) {
    let session = match report.contact.as_deref().map(session) {
        Err(reason) | Ok(Err(Some(reason))) => return (unseen(voice, reason), String::new()),
        Ok(Err(None)) => return (voice.word("depth.hosts.no-answer"), String::new()),
        Ok(Ok(session)) => session,
    };
    let key = match &session.starttls {
        None => "depth.hosts.turned-away",
        Some(StartTls::NotOffered) => "depth.hosts.not-offered",
        Some(StartTls::Refused(_)) => "depth.hosts.refused",
        Some(StartTls::Failed(_)) => "depth.hosts.failed",
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

fn certificate(voice: &Voice, tls: &Tls) -> String {
    let Some(certificate) = tls.chain.first() else { return String::new() };
    let params = vec![
        ("names", certificate.dns_names.join(", ")),
        ("until", day(voice, certificate.not_after)),
    ];
    voice.with("depth.hosts.certificate-of", &params)
}

fn unseen(voice: &Voice, reason: &Unobserved) -> String {
    voice.sentence(&Sentence::from(reason))
}
