//! The mail servers, one a row.

use mxray_facts::{Contact, MailHost, SmtpSession, StartTls, Unobserved};
use mxray_scan::{Coverage, HostReport, Report, Sentence};
use yew::prelude::*;

use super::evidence::certificate;
use crate::voice::Voice;

/// The table, where there are any.
pub(super) fn hosts(voice: &Voice, report: &Report) -> Html {
    if report.hosts.is_empty() {
        return Html::default();
    }
    let head = ["host", "addresses", "coverage", "encryption", "certificate"];
    html! {
        <section class="hosts" aria-labelledby="hosts">
            <h3 id="hosts">{ voice.word("page.hosts") }</h3>
            <div class="scroll" tabindex="0" role="region" aria-labelledby="hosts">
                <table>
                    <thead><tr>{ for head.iter().map(|key| html! { <th scope="col">{ voice.of("page.hosts", key) }</th> }) }</tr></thead>
                    <tbody>{ for report.hosts.iter().map(|host| row(voice, host)) }</tbody>
                </table>
            </div>
        </section>
    }
}

fn row(voice: &Voice, report: &HostReport) -> Html {
    html! {
        <tr>
            <th scope="row"><span class="preference">{ report.preference }</span>{ " " }<code>{ report.host.as_str() }</code></th>
            <td>{ addresses(voice, report) }</td>
            <td>{ coverage(voice, &report.coverage) }</td>
            { conversation(voice, report) }
        </tr>
    }
}

fn addresses(voice: &Voice, report: &HostReport) -> Html {
    match &report.addresses {
        Ok(addresses) if addresses.is_empty() => html! { { voice.word("page.hosts.no-address") } },
        Ok(addresses) => {
            html! { { for addresses.iter().map(|address| html! { <div><code>{ address.to_string() }</code></div> }) } }
        }
        Err(reason) => html! { { unseen(voice, reason) } },
    }
}

fn coverage(voice: &Voice, coverage: &Coverage) -> String {
    match coverage {
        Coverage::NoPolicy => voice.word("page.hosts.no-policy"),
        Coverage::CoveredBy(pattern) => {
            voice.with("page.hosts.covered", &vec![("pattern", pattern.clone())])
        }
        Coverage::NotCovered => voice.word("page.hosts.not-covered"),
    }
}

/// Two cells: how it encrypts, and with which certificate.
fn conversation(voice: &Voice, report: &HostReport) -> Html {
    let (encryption, certificate) = match report.contact.as_ref().map(session) {
        Err(reason) => (unseen(voice, reason), String::new()),
        Ok(Err(Some(reason))) => (unseen(voice, reason), String::new()),
        Ok(Err(None)) => (voice.word("page.hosts.no-answer"), String::new()),
        Ok(Ok(session)) => match &session.starttls {
            None => (voice.word("page.hosts.turned-away"), String::new()),
            Some(StartTls::NotOffered) => (voice.word("page.hosts.not-offered"), String::new()),
            Some(StartTls::Refused(_)) => (voice.word("page.hosts.refused"), String::new()),
            Some(StartTls::Failed(_)) => (voice.word("page.hosts.failed"), String::new()),
            Some(StartTls::Established(tls)) => {
                let version = match tls.version {
                    mxray_facts::TlsVersion::Tls12 => "TLS 1.2",
                    mxray_facts::TlsVersion::Tls13 => "TLS 1.3",
                };
                (version.to_owned(), certificate(voice, tls).unwrap_or_default())
            }
        },
    };
    html! { <><td>{ encryption }</td><td>{ certificate }</td></> }
}

/// The first address that talked, else why none could be looked at, else nothing.
fn session(host: &MailHost) -> Result<&SmtpSession, Option<&Unobserved>> {
    let talked = host.sessions.iter().find_map(|session| match &session.contact {
        Ok(Contact::Talked(session)) => Some(session),
        _ => None,
    });
    let unobserved = || host.sessions.iter().find_map(|session| session.contact.as_ref().err());
    talked.ok_or_else(unobserved)
}

fn unseen(voice: &Voice, reason: &Unobserved) -> String {
    voice.sentence(&Sentence::from(reason))
}
