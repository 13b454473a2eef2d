//! What the servers of a domain showed, as whoever runs them reads it at a terminal: facts, no
//! verdict.

use std::fmt::{self, Formatter};

use anstyle::Style;
use mxray_facts::{
    BimiFacts, BimiFile, Contact, FileContent, FileOutcome, Name, Observation, OldTls,
    OldTlsVersion, PolicyFetch, Session, SessionDetails, SmtpSession, StartTls, Tls, TlsVersion,
    Unobserved, Visit, VisitOutcome,
};
use mxray_records::harmless;
use mxray_records::texts::{Texts, fill};
use mxray_scan::{Report, Sentence, Source};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// What they showed, to be shown.
pub(super) struct Servers<'a> {
    pub(super) report: &'a Report,
    pub(super) bimi: &'a BimiFacts,
    pub(super) texts: &'a Texts,
}

impl fmt::Display for Servers<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{BOLD}{}{BOLD:#}", self.texts.word("servers.title"))?;
        self.policy_host(f)?;
        self.mail_hosts(f)?;
        self.file(f, "servers.logo", self.bimi.logo.as_ref())?;
        self.file(f, "servers.certificate", self.bimi.certificate.as_ref())
    }
}

impl Servers<'_> {
    fn policy_host(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let evidence = self.report.checks.iter().flat_map(|check| &check.evidence);
        let mut fetches = evidence.filter_map(|evidence| match &evidence.source {
            Source::Policy(fetch) => Some(fetch),
            Source::Dns { .. } => None,
        });
        let Some(fetch) = fetches.next() else { return Ok(()) };
        let Some(details) = fetch.details.get() else { return Ok(()) };
        writeln!(f, "  {}", self.policy_name(fetch))?;
        for Visit { address, outcome, times } in &details.visits {
            let ms = |time: Option<u32>| time.unwrap_or_default().to_string();
            let said = match outcome {
                Ok(VisitOutcome::Answered { status, octets, .. }) => self.say(
                    "servers.answered",
                    &[
                        ("status", status.to_string()),
                        ("octets", octets.to_string()),
                        ("connected", ms(times.connected)),
                        ("secured", ms(times.secured)),
                        ("answered", ms(times.answered)),
                        ("read", ms(times.read)),
                    ],
                ),
                Ok(VisitOutcome::Refused) => self.say("servers.refused", &[]),
                Ok(VisitOutcome::TlsFailed(reason)) => self.because("servers.tls-failed", reason),
                Ok(VisitOutcome::Broken(reason)) => self.because("servers.broken", reason),
                Err(why) => self.why(why),
            };
            writeln!(f, "    {address}  {said}")?;
        }
        fetch.tls.iter().try_for_each(|tls| self.tls(f, tls))
    }

    fn policy_name(&self, fetch: &PolicyFetch) -> String {
        let aliases = fetch.details.get().map(|details| &*details.aliases).unwrap_or_default();
        if aliases.is_empty() {
            return fetch.host.to_string();
        }
        let names: Vec<&str> = aliases.iter().map(Name::as_str).collect();
        let about = [("host", fetch.host.to_string()), ("names", names.join(", "))];
        self.say("servers.aliases", &about)
    }

    fn mail_hosts(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for host in &self.report.hosts {
            writeln!(f, "  {}", host.host)?;
            match &host.contact {
                Ok(contact) => {
                    contact.sessions.iter().try_for_each(|session| self.session(f, session))?;
                }
                Err(why) => writeln!(f, "    {}", self.why(why))?,
            }
        }
        Ok(())
    }

    fn session(&self, f: &mut Formatter<'_>, session: &Session) -> fmt::Result {
        let tls = match &session.contact {
            Ok(Contact::Talked(SmtpSession {
                starttls: Some(StartTls::Established(tls)), ..
            })) => Ok(tls),
            Ok(Contact::Talked(SmtpSession {
                starttls: Some(StartTls::Failed(reason)), ..
            })) => Err(self.because("servers.tls-failed", reason)),
            Ok(Contact::Talked(_)) => Err(self.say("servers.no-tls", &[])),
            Ok(Contact::Refused) => Err(self.say("servers.refused", &[])),
            Ok(Contact::Broken(reason)) => Err(self.because("servers.broken", reason)),
            Err(why) => Err(self.why(why)),
        };
        match tls {
            Err(said) => writeln!(f, "    {}  {said}", session.address),
            Ok(tls) => {
                writeln!(f, "    {}", session.address)?;
                self.tls(f, tls)?;
                let mut details = session.details.get().into_iter();
                details.try_for_each(|details| self.details(f, details))
            }
        }
    }

    fn tls(&self, f: &mut Formatter<'_>, tls: &Tls) -> fmt::Result {
        let Some(details) = tls.details.get() else { return Ok(()) };
        let version = match tls.version {
            TlsVersion::Tls12 => "TLS 1.2",
            TlsVersion::Tls13 => "TLS 1.3",
        };
        let or_none = |name: &Option<String>| name.as_deref().unwrap_or("-").to_owned();
        let about = [
            ("version", version.to_owned()),
            ("suite", details.cipher_suite.clone()),
            ("group", or_none(&details.key_exchange)),
            ("signature", or_none(&details.signature)),
        ];
        writeln!(f, "      {}", self.say("servers.tls", &about))?;
        self.chain(f, tls)
    }

    /// What is unusual about the order of certificates, from the server's own up.
    fn chain(&self, f: &mut Formatter<'_>, tls: &Tls) -> fmt::Result {
        let links = tls.details.get().map(|details| &*details.links).unwrap_or_default();
        let mut place = 0;
        // No longer than the chain, though it goes in a circle.
        for _ in links {
            let (Some(link), Some(certificate)) = (links.get(place), tls.chain.get(place)) else {
                break;
            };
            let number = ("place", (place + 1).to_string());
            match link.signed_by {
                Some(signer) if signer == place => break,
                Some(signer) => {
                    if signer != place + 1 {
                        let about = [number, ("signer", (signer + 1).to_string())];
                        writeln!(f, "      {}", self.say("servers.chain.order", &about))?;
                    }
                    place = signer;
                }
                None if link.issuer_is_trusted => break,
                None => {
                    let about = [number, ("issuer", certificate.issuer.clone())];
                    write!(f, "      {}", self.say("servers.chain.missing", &about))?;
                    if let Some(url) = link.issuer_urls.first() {
                        write!(f, "; {}", self.say("servers.chain.at", &[("url", url.clone())]))?;
                    }
                    return writeln!(f);
                }
            }
        }
        Ok(())
    }

    fn details(&self, f: &mut Formatter<'_>, details: &SessionDetails) -> fmt::Result {
        if let Some(reason) = &details.failed_post_quantum {
            writeln!(f, "      {}", self.because("servers.failed-post-quantum", reason))?;
        }
        let keywords = details.ehlo_in_tls.iter().flat_map(|ehlo| ehlo.lines.iter().skip(1));
        let keywords = keywords.cloned().collect::<Vec<_>>().join(", ");
        if !keywords.is_empty() {
            let said = self.say("servers.ehlo", &[("keywords", keywords)]);
            writeln!(f, "      {DIM}{said}{DIM:#}")?;
        }
        let mut old_tls = details.old_tls.iter();
        old_tls.try_for_each(|old_tls| writeln!(f, "      {}", self.old_tls(old_tls)))
    }

    fn old_tls(&self, old_tls: &Observation<OldTls>) -> String {
        match old_tls {
            Ok(OldTls::Accepted { version, cipher_suite }) => {
                let version = match version {
                    OldTlsVersion::Ssl30 => "SSL 3.0",
                    OldTlsVersion::Tls10 => "TLS 1.0",
                    OldTlsVersion::Tls11 => "TLS 1.1",
                };
                let about = [("version", version.to_owned()), ("suite", cipher_suite.clone())];
                self.say("servers.old.accepted", &about)
            }
            Ok(OldTls::Refused(alert)) => {
                self.say("servers.old.refused", &[("alert", alert.clone())])
            }
            Ok(OldTls::Closed) => self.say("servers.old.closed", &[]),
            Ok(OldTls::Broken(reason)) => self.because("servers.old.broken", reason),
            Err(why) => self.say("servers.old.unobserved", &[("why", self.why(why))]),
        }
    }

    fn file(&self, f: &mut Formatter<'_>, key: &str, file: Option<&BimiFile>) -> fmt::Result {
        let Some(BimiFile { url, fetch }) = file else { return Ok(()) };
        writeln!(f, "  {}", self.say(key, &[("url", url.clone())]))?;
        let said = match fetch {
            None => self.say("servers.file.nowhere", &[]),
            Some(Err(why)) => self.why(why),
            Some(Ok(fetch)) => self.outcome(&fetch.outcome),
        };
        writeln!(f, "    {said}")
    }

    fn outcome(&self, outcome: &FileOutcome) -> String {
        match outcome {
            FileOutcome::NoAddress => self.say("servers.file.no-address", &[]),
            FileOutcome::Refused => self.say("servers.refused", &[]),
            FileOutcome::TlsFailed(reason) => self.because("servers.tls-failed", reason),
            FileOutcome::Broken(reason) => self.because("servers.broken", reason),
            FileOutcome::Redirect { status, location } => {
                let location = location.as_deref().unwrap_or_default().to_owned();
                let about = [("status", status.to_string()), ("location", location)];
                self.say("servers.file.redirect", &about)
            }
            FileOutcome::Response { status, content_type, octets, truncated, content } => {
                let (key, names) = match content {
                    _ if *truncated => ("servers.file.long", String::new()),
                    None => ("servers.file.other", String::new()),
                    Some(FileContent::Svg(_)) => ("servers.file.svg", String::new()),
                    Some(FileContent::Certificates(chain)) => {
                        let names = chain.first().map(|first| first.dns_names.join(", "));
                        ("servers.file.certificates", names.unwrap_or_default())
                    }
                };
                let no_type = || self.texts.word("servers.file.no-type").to_owned();
                let about = [
                    ("status", status.to_string()),
                    ("octets", octets.to_string()),
                    ("type", content_type.clone().unwrap_or_else(no_type)),
                    ("names", names),
                ];
                self.say(key, &about)
            }
        }
    }

    fn because(&self, key: &str, reason: &str) -> String {
        self.say(key, &[("reason", reason.to_owned())])
    }

    fn why(&self, why: &Unobserved) -> String {
        let sentence = Sentence::from(why);
        self.say(sentence.key, &sentence.params)
    }

    fn say(&self, key: &str, params: &[(&'static str, String)]) -> String {
        harmless(&fill(self.texts.word(key), params)).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn every_word_is_written_and_none_is_left_over() {
        let texts = include_str!("../../../../texts/en/terminal/servers.toml");
        let texts: toml::Table = texts.parse().unwrap();
        let written: BTreeSet<&str> = texts.keys().map(String::as_str).collect();
        let named = include_str!("servers.rs").split('"');
        let named: BTreeSet<&str> = named
            .filter(|piece| piece.starts_with("servers.") && !piece.ends_with(".rs"))
            .filter(|piece| *piece != "servers.")
            .collect();
        assert_eq!(written, named);
    }
}
