//! What was reported, held against what a scan sees now.

use mxray_facts::{Contact, Domain, MailHost, StartTls};
use mxray_records::{Finding, Severity};
use mxray_scan::{CheckId, Report, Stage, Verdict};
use serde::Serialize;

use crate::result::{Cause, ResultType};
use crate::summary::{Summary, Tally};

/// A reported reason, and how it stands now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Joined {
    /// The reason.
    pub result: ResultType,
    /// The MX host that senders met it at, if they name one.
    pub mx_host: Option<String>,
    /// How it stands.
    pub now: Now,
}

/// How something that was reported stands now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Now {
    /// What could be seen of it is in order.
    Mended,
    /// The scan finds it, by this rule.
    Still(&'static str),
    /// What the sender insists on is not there.
    Lacking,
    /// The host is none of the domain's any more.
    Gone,
    /// The scan could not look, or cannot see what the sender saw.
    CannotTell,
}

/// Holds each reason and host of the reports against a scan of their domain.
///
/// Whether the reports are about that domain is for [`is_about`] to say.
#[must_use]
pub fn join(summary: &Summary, scan: &Report) -> Vec<Joined> {
    let mut joined = Vec::new();
    for tally in &summary.results {
        let result = &tally.result;
        for mx_host in hosts(tally) {
            let now = now(result, mx_host, scan);
            joined.push(Joined {
                result: result.clone(),
                mx_host: mx_host.map(str::to_owned),
                now,
            });
        }
    }
    joined
}

/// Whether any of the reports is about the domain.
#[must_use]
pub fn is_about(summary: &Summary, domain: &Domain) -> bool {
    summary.domains.iter().any(|reported| reported == domain.as_str())
}

/// The hosts that a reason was met at; a policy has none.
fn hosts(tally: &Tally) -> Vec<Option<&str>> {
    if tally.result.cause() == Cause::Policy || tally.mx_hosts.is_empty() {
        return vec![None];
    }
    tally.mx_hosts.iter().map(|host| Some(host.as_str())).collect()
}

fn now(result: &ResultType, mx_host: Option<&str>, scan: &Report) -> Now {
    let Some((check, rules)) = rules(result) else { return Now::CannotTell };
    let Some(check) = scan.checks.iter().find(|it| it.id == check) else { return Now::CannotTell };
    let is_meant = |finding: &&Finding| {
        let matches_rule = rules.iter().any(|rule| match rule.strip_suffix('*') {
            // A policy with a warning is read all the same.
            Some(begin) => {
                finding.rule.code.starts_with(begin) && finding.rule.severity == Severity::Fail
            }
            None => finding.rule.code == *rule,
        });
        matches_rule && mx_host.is_none_or(|host| names(finding).is_none_or(|it| it == host))
    };
    let found = check.findings.iter().map(|it| &it.finding).find(is_meant);
    if let Some(found) = found {
        return Now::Still(found.rule.code);
    }
    match (result.cause(), mx_host) {
        (Cause::Policy, _) if check.gaps.is_empty() && served(scan) => Now::Mended,
        (Cause::MailServer, Some(host)) => of_host(host, scan),
        (Cause::MailServer, None) if !scan.hosts.is_empty() && check.gaps.is_empty() => Now::Mended,
        (Cause::Dane, _) if check.verdict == Verdict::Unknown => Now::CannotTell,
        // Who insists on DANE wants it at every host.
        (Cause::Dane, _) if *result == ResultType::DaneRequired => match check.verdict {
            Verdict::Pass => Now::Mended,
            _ => Now::Lacking,
        },
        (Cause::Dane, _) => Now::Mended,
        _ => Now::CannotTell,
    }
}

/// A host without a finding is in order if somebody has talked to it.
fn of_host(name: &str, scan: &Report) -> Now {
    if scan.hosts.is_empty() {
        return Now::CannotTell;
    }
    let Some(host) = scan.hosts.iter().find(|host| host.host.as_str() == name) else {
        return Now::Gone;
    };
    let talked = host.contact.as_ref().is_ok_and(|contact| spoke_tls(contact));
    if talked { Now::Mended } else { Now::CannotTell }
}

fn spoke_tls(host: &MailHost) -> bool {
    host.sessions.iter().any(|session| match &session.contact {
        Ok(Contact::Talked(talk)) => matches!(talk.starttls, Some(StartTls::Established(_))),
        _ => false,
    })
}

/// Whether a policy was read.
fn served(scan: &Report) -> bool {
    matches!(scan.stage, Stage::Testing | Stage::Enforce)
}

fn names(finding: &Finding) -> Option<&str> {
    finding.params.iter().find(|(name, _)| *name == "host").map(|(_, host)| host.as_str())
}

/// The rules by which a scan finds what a sender reported.
fn rules(result: &ResultType) -> Option<(CheckId, &'static [&'static str])> {
    let servers = CheckId::MailServers;
    Some(match result {
        ResultType::StarttlsNotSupported => (
            servers,
            &[
                "smtp.starttls-missing",
                "smtp.starttls-refused",
                "smtp.starttls-put-off",
                "smtp.tls-failed",
            ],
        ),
        ResultType::CertificateHostMismatch => (servers, &["smtp.certificate-wrong-name"]),
        ResultType::CertificateExpired => {
            (servers, &["smtp.certificate-expired", "smtp.certificate-not-yet-valid"])
        }
        ResultType::CertificateNotTrusted => {
            (servers, &["smtp.certificate-untrusted", "smtp.certificate-self-signed"])
        }
        ResultType::ValidationFailure => (
            servers,
            &[
                "smtp.starttls-missing",
                "smtp.starttls-refused",
                "smtp.starttls-put-off",
                "smtp.tls-failed",
                "smtp.certificate-expired",
                "smtp.certificate-not-yet-valid",
                "smtp.certificate-untrusted",
                "smtp.certificate-self-signed",
                "smtp.certificate-wrong-name",
                "smtp.unreachable",
                "smtp.conversation-broken",
            ],
        ),
        ResultType::TlsaInvalid => (CheckId::Dane, &["dane.mismatch", "dane.unusable"]),
        ResultType::DnssecInvalid => (CheckId::Mx, &["mx.bogus"]),
        ResultType::DaneRequired => (CheckId::Dane, &["dane.unsigned"]),
        ResultType::StsPolicyFetchError => (
            CheckId::MtaSts,
            &[
                "mta-sts.host-missing",
                "mta-sts.host-refuses",
                "mta-sts.host-tls-failed",
                "mta-sts.host-broken",
                "mta-sts.host-certificate-expired",
                "mta-sts.host-certificate-not-yet-valid",
                "mta-sts.host-certificate-self-signed",
                "mta-sts.host-certificate-untrusted",
                "mta-sts.host-certificate-wrong-name",
                "mta-sts.policy-redirects",
                "mta-sts.policy-status",
                "mta-sts.policy-too-large",
            ],
        ),
        ResultType::StsWebpkiInvalid => (
            CheckId::MtaSts,
            &[
                "mta-sts.host-tls-failed",
                "mta-sts.host-certificate-expired",
                "mta-sts.host-certificate-not-yet-valid",
                "mta-sts.host-certificate-self-signed",
                "mta-sts.host-certificate-untrusted",
                "mta-sts.host-certificate-wrong-name",
            ],
        ),
        ResultType::StsPolicyInvalid => (CheckId::MtaSts, &["mta-sts.policy.*"]),
        ResultType::Other(_) => return None,
    })
}
