//! What was meant by a text with something wrong in it: the whole text, to put in its place.
//!
//! Each kind has its known slips, and a step that undoes each. No step has to be sure: what comes out is read
//! again, and offered only with the findings that are gone then, and only if a receiver would use it.

mod characters;
mod fields;
mod policy;
mod spf;
mod tag_list;
mod uri;

use crate::lint::{Kind, Lint, read};
use crate::{Finding, Severity, Text, suspicion};

/// The longest text that is mended; the search takes time with the square of it, and what is longer is no slip.
const MAX_LENGTH: usize = 4096;

/// Offers the corrected text of each record with the findings that it cures.
pub(crate) fn mend(kind: Kind, texts: &[Text], findings: &mut [Finding]) {
    for (index, text) in texts.iter().enumerate() {
        // What is absent is missed in the only text there is. What a reader proposes by itself makes up
        // what is missing, such as an id, though it may be there under another name.
        let is_about = |finding: &Finding| {
            finding.place.map_or(texts.len() == 1, |place| place.record == index)
        };
        if text.as_str().len() > MAX_LENGTH || !findings.iter().any(is_about) {
            continue;
        }
        let Some((fixed, left)) = corrected(kind, text.as_str()) else { continue };
        // What is wrong between several records no text of one can cure.
        let alone = read(kind, std::slice::from_ref(text), &[], None).findings;
        let harm = |findings: &[Finding]| {
            findings.iter().filter(|found| found.rule.severity > Severity::Notice).count()
        };
        if harm(&left) > harm(&alone) {
            continue;
        }
        let holds = |findings: &[Finding], rule| findings.iter().any(|found| found.rule == rule);
        for finding in findings.iter_mut().filter(|finding| is_about(finding)) {
            if holds(&alone, finding.rule) && !holds(&left, finding.rule) {
                finding.fix = Some(fixed.clone());
            }
        }
    }
}

/// Mends what a correction has left: a kind's own reader sees only what it stumbled over.
pub(crate) fn finish(kind: Kind, findings: &mut [Finding]) {
    for finding in findings {
        let Some(fix) = finding.fix.as_mut().filter(|fix| fix.len() <= MAX_LENGTH) else {
            continue;
        };
        let left = read(kind, &[fix.as_str().into()], &[], None).findings;
        if left.iter().all(|found| found.rule.severity == Severity::Notice) {
            continue;
        }
        let proposed = || {
            let next = left.iter().find_map(|found| found.fix.clone())?;
            let left = read(kind, &[next.as_str().into()], &[], None).findings;
            Some((next, left))
        };
        if let Some((further, left)) = corrected(kind, fix).or_else(proposed)
            && left.iter().all(|found| found.rule != finding.rule)
        {
            *fix = further;
        }
    }
}

/// How often a text is mended again; what is not done then is not plain.
const MAX_STEPS: usize = 4;

/// The text that was meant, with what is still found in it; `None` if no receiver would use it.
fn corrected(kind: Kind, text: &str) -> Option<(String, Vec<Finding>)> {
    // Mostly there is nothing to mend: what is found is meant.
    let mut fixed = meant(kind, text).filter(|meant| meant != text)?;
    for _ in 0..MAX_STEPS {
        let Lint { usable, findings } = read(kind, &[fixed.as_str().into()], &[], None);
        // What the kind's own reader proposes goes further.
        let proposed = || findings.iter().find_map(|finding| finding.fix.clone());
        match meant(kind, &fixed).filter(|meant| *meant != fixed).or_else(proposed) {
            Some(next) if next != fixed => fixed = next,
            _ => {
                // A receiver uses a record by which anybody may send; nobody means that by a slip.
                let fails = findings.iter().any(|finding| finding.rule.severity == Severity::Fail);
                return (usable && fixed != text && !fails).then_some((fixed, findings));
            }
        }
    }
    None
}

fn meant(kind: Kind, text: &str) -> Option<String> {
    match kind {
        _ if suspicion::other_kind(kind, text).is_some() => None,
        Kind::MtaStsRecord => tag_list::meant(&tag_list::MTA_STS, text),
        Kind::TlsRptRecord => tag_list::meant(&tag_list::TLS_RPT, text),
        Kind::DkimKey => tag_list::meant(&tag_list::DKIM, text),
        Kind::DmarcRecord => tag_list::meant(&tag_list::DMARC, text),
        Kind::BimiRecord => tag_list::meant(&tag_list::BIMI, text),
        Kind::SpfRecord => spf::meant(text),
        Kind::MtaStsPolicy => policy::meant(text),
        Kind::TlsaRecord => fields::tlsa(text),
        Kind::MxSet => fields::mx(text),
        Kind::CaaRecord => fields::caa(text),
    }
}
