//! Examples: for each rule of the catalog a text that raises it, and one that nearly does.
//!
//! They are data, `examples/*.toml` beside this crate's source: its tests hold that each does what it
//! says, and the reference shows them.

use std::slice;

use serde::Deserialize;

use crate::lint::{Kind, lint};
use crate::mta_sts::policy;
use crate::{Finding, Text};

/// What a rule is shown with.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Examples {
    /// What raises the rule.
    pub raises: Example,
    /// What comes close to it, and does not.
    pub near: Example,
}

/// One example.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Example {
    /// The records at one name.
    Records(Vec<String>),
    /// A file: a policy, or a zone.
    File(String),
    /// A policy and the MX hosts of its domain.
    Covering {
        /// Its body.
        policy: String,
        /// The hosts.
        mx: Vec<String>,
    },
    /// A policy that goes on with one line again and again.
    Long {
        /// How it begins.
        policy: String,
        /// The line, with its end.
        line: String,
        /// How many of them follow.
        times: usize,
    },
    /// What a policy is served with.
    Served {
        /// The Content-Type, if there is one.
        #[serde(rename = "content-type")]
        content_type: Option<String>,
    },
}

impl Example {
    /// What is found in it as an example of that rule; nothing in a zone, which only the command reads.
    ///
    /// ```
    /// use mxray_records::example::Example;
    /// let example = Example::Records(vec!["v=STSv1; id=2026-11-24".to_owned()]);
    /// let findings = example.findings("mta-sts.record.id-characters");
    /// assert_eq!(findings[0].rule.code, "mta-sts.record.id-characters");
    /// ```
    #[must_use]
    pub fn findings(&self, code: &str) -> Vec<Finding> {
        let Some(kind) = kind(code) else { return Vec::new() };
        let find = |texts: &[String], mx: &[String]| {
            let texts: Vec<Text> = texts.iter().map(|text| Text::from(text.as_str())).collect();
            lint(kind, &texts, mx, None).findings
        };
        match self {
            Self::Records(texts) => find(texts, &[]),
            Self::File(body) => find(slice::from_ref(body), &[]),
            Self::Covering { policy, mx } => find(slice::from_ref(policy), mx),
            Self::Long { policy, line, times } => {
                find(&[policy.clone() + &line.repeat(*times)], &[])
            }
            Self::Served { content_type } => policy::content_type(content_type.as_deref()),
        }
    }
}

/// The kind of text that a rule is about, by its code.
#[must_use]
pub fn kind(code: &str) -> Option<Kind> {
    let (family, _) = code.rsplit_once('.')?;
    Some(match family {
        "mta-sts.record" => Kind::MtaStsRecord,
        "mta-sts.policy" => Kind::MtaStsPolicy,
        "tls-rpt.record" => Kind::TlsRptRecord,
        "spf.record" => Kind::SpfRecord,
        "dkim.key" => Kind::DkimKey,
        "dmarc.record" => Kind::DmarcRecord,
        "bimi.record" => Kind::BimiRecord,
        "tlsa.record" => Kind::TlsaRecord,
        "mx.set" => Kind::MxSet,
        "caa.record" => Kind::CaaRecord,
        _ => return None,
    })
}
