//! What is published now, as a scan saw it.

use mxray_facts::Name;
use mxray_records::mta_sts::policy::{self, Policy};
use mxray_records::{Text, dmarc, spf, tls_rpt};
use mxray_scan::{CheckId, Report, Source};

/// The texts that are published now. None where nothing is, or nobody could look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// At `_mta-sts`.
    pub mta_sts: Vec<String>,
    /// The policy file.
    pub policy: Option<String>,
    /// At `_smtp._tls`.
    pub tls_rpt: Vec<String>,
    /// At `_dmarc`.
    pub dmarc: Vec<String>,
    /// Those of the domain that are SPF, or are meant to be.
    pub spf: Vec<String>,
    /// The MX set, as in a zone file.
    pub mx: Vec<String>,
    /// For how many seconds resolvers may remember the record at `_mta-sts`.
    pub mta_sts_ttl: Option<u32>,
    /// The same of the MX set.
    pub mx_ttl: Option<u32>,
}

impl Published {
    /// What a scan saw.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let domain = &report.domain;
        let (sts, sts_ttl) = records(report, CheckId::MtaSts, &domain.child("_mta-sts"), "TXT");
        let (mx, mx_ttl) = records(report, CheckId::Mx, &domain.name(), "MX");
        let of = |check, name, kind| records(report, check, &name, kind).0;
        let mut spf = of(CheckId::Spf, domain.name(), "TXT");
        spf.retain(|text| spf::parse(&text.as_str().into()).ours);
        Self {
            mta_sts: sts,
            policy: policy_text(report),
            tls_rpt: of(CheckId::TlsRpt, domain.child("_smtp._tls"), "TXT"),
            dmarc: of(CheckId::Dmarc, domain.child("_dmarc"), "TXT"),
            spf,
            mx,
            mta_sts_ttl: sts_ttl,
            mx_ttl,
        }
    }

    /// Where TLS reports go, as URIs.
    #[must_use]
    pub fn tls_reports(&self) -> Vec<String> {
        let rua = tls_rpt::read_set(&texts(&self.tls_rpt)).value.map(|record| record.rua);
        rua.into_iter().flatten().map(|it| it.uri().to_owned()).collect()
    }

    /// Where DMARC reports go, as URIs; nothing if there is no record that receivers use.
    #[must_use]
    pub fn dmarc_reports(&self) -> Option<Vec<String>> {
        let set = dmarc::read_set(&texts(&self.dmarc));
        set.value.filter(|_| set.chosen.is_some()).map(|record| record.rua)
    }

    /// The policy as a sender reads it, if there is one that it uses.
    #[must_use]
    pub fn policy(&self) -> Option<Policy> {
        let parsed = policy::parse(self.policy.as_deref()?);
        parsed.value.filter(|_| parsed.usable)
    }
}

fn texts(texts: &[String]) -> Vec<Text> {
    texts.iter().map(|text| text.as_str().into()).collect()
}

/// The texts at a name, and for how long they may be remembered.
fn records(
    report: &Report,
    check: CheckId,
    wanted: &Name,
    kind: &str,
) -> (Vec<String>, Option<u32>) {
    let check = report.checks.iter().find(|it| it.id == check);
    for evidence in check.iter().flat_map(|check| &check.evidence) {
        match &evidence.source {
            Source::Dns { name, record_type, ttl, .. }
                if name == wanted && *record_type == kind =>
            {
                return (evidence.texts.iter().map(|line| line.text.clone()).collect(), *ttl);
            }
            _ => {}
        }
    }
    (Vec::new(), None)
}

fn policy_text(report: &Report) -> Option<String> {
    let check = report.checks.iter().find(|it| it.id == CheckId::MtaSts)?;
    let is_policy = |source: &Source| matches!(source, Source::Policy(_));
    let evidence = check.evidence.iter().find(|it| is_policy(&it.source))?;
    evidence.texts.first().map(|line| line.text.clone())
}
