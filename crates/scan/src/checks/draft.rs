//! A check in the making.

use std::rc::Rc;

use mxray_facts::dns::{Answer, RecordType};
use mxray_facts::{Name, PolicyFetch, Unobserved};
use mxray_records::{Finding, RecordSet, Severity, Text};

use crate::look::Asked;
use crate::report::{Check, CheckFinding, CheckId, Evidence, Gap, Line, Sentence, Source, Verdict};

/// Whether a check saw what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It did.
    Observed,
    /// Something that the verdict hangs on could not be looked at.
    Unobserved,
    /// There is nothing to judge in this domain.
    NotApplicable,
}

/// How far something could be read.
pub(crate) enum Seen<T> {
    /// It could not be looked at.
    Unobserved,
    Absent,
    /// It is there, and nobody can use it.
    Unusable,
    Usable(T),
}

/// Findings, evidence and gaps as they are gathered.
#[derive(Default)]
pub(crate) struct Draft {
    findings: Vec<CheckFinding>,
    evidence: Vec<Evidence>,
    gaps: Vec<Gap>,
}

impl Draft {
    /// Adds a finding about several answers, or about absence.
    pub(crate) fn find(&mut self, finding: Finding) {
        self.findings.push(CheckFinding { evidence: None, finding });
    }

    /// Adds a finding about an evidence.
    pub(crate) fn find_in(&mut self, evidence: usize, finding: Finding) {
        self.findings.push(CheckFinding { evidence: Some(evidence), finding });
    }

    /// Adds several of these.
    pub(crate) fn find_all_in(&mut self, evidence: usize, findings: Vec<Finding>) {
        findings.into_iter().for_each(|finding| self.find_in(evidence, finding));
    }

    /// Adds what could not be looked at.
    pub(crate) fn gap(&mut self, what: String, reason: &Unobserved) {
        self.gaps.push(Gap { what, reason: reason.clone() });
    }

    /// Adds a question that has no answer.
    pub(crate) fn unanswered(&mut self, name: &Name, record_type: RecordType, reason: &Unobserved) {
        self.gap(format!("{name} {}", record_type.as_str()), reason);
    }

    /// Adds that there is no telling which hosts there are.
    pub(crate) fn hosts_unknown(&mut self) {
        self.gap("MX".to_owned(), &Unobserved::DependsOnUnobserved);
    }

    /// Adds the records at a name; the findings that follow are theirs.
    pub(crate) fn records(
        &mut self,
        name: &Name,
        record_type: RecordType,
        answer: &Answer,
        texts: &[Text],
    ) -> usize {
        let source = Source::Dns {
            name: name.clone(),
            record_type: record_type.as_str(),
            aliases: answer.aliases.clone(),
            authenticated: answer.authenticated,
            ttl: answer.ttl,
        };
        self.evidence(source, texts.iter().map(Line::from).collect())
    }

    /// Adds TXT records with all that was found in them, or that they are not known.
    pub(crate) fn txt<T>(
        &mut self,
        name: &Name,
        answer: &Asked,
        read_set: fn(&[Text]) -> RecordSet<T>,
    ) -> Seen<T> {
        self.txt_among(name, answer, |_| true, read_set)
    }

    /// The same with those of the texts that are of interest; a domain's own TXT records hold all sorts of things.
    pub(crate) fn txt_among<T>(
        &mut self,
        name: &Name,
        answer: &Asked,
        of_interest: fn(&Text) -> bool,
        read_set: fn(&[Text]) -> RecordSet<T>,
    ) -> Seen<T> {
        let answer = match answer {
            Ok(answer) => answer,
            Err(reason) => {
                self.unanswered(name, RecordType::Txt, reason);
                return Seen::Unobserved;
            }
        };
        let mut texts = texts(answer);
        texts.retain(of_interest);
        let set = read_set(&texts);
        let evidence = self.records(name, RecordType::Txt, answer, &texts);
        self.find_all_in(evidence, set.findings);
        match set.value {
            Some(value) => Seen::Usable(value),
            None if set.ours => Seen::Unusable,
            None => Seen::Absent,
        }
    }

    /// Adds the policy file as it was fetched.
    pub(crate) fn policy(&mut self, fetch: &Rc<PolicyFetch>, text: Option<&str>) -> usize {
        let lines = text.map(|text| Line { text: text.to_owned(), strings: Vec::new() });
        self.evidence(Source::Policy(Rc::clone(fetch)), lines.into_iter().collect())
    }

    /// Adds all of another.
    pub(crate) fn append(&mut self, other: Self) {
        let before = self.evidence.len();
        for CheckFinding { evidence, finding } in other.findings {
            let evidence = evidence.map(|place| before + place);
            self.findings.push(CheckFinding { evidence, finding });
        }
        self.evidence.extend(other.evidence);
        self.gaps.extend(other.gaps);
    }

    /// Makes the check of a domain that does not exist: there is nothing to mend in it.
    pub(crate) fn no_domain(self, id: CheckId) -> Check {
        self.finish(id, Standing::NotApplicable, Sentence::new("check.no-domain"))
    }

    fn evidence(&mut self, source: Source, texts: Vec<Line>) -> usize {
        self.evidence.push(Evidence { source, texts });
        self.evidence.len() - 1
    }

    /// Makes the check; the worst finding comes first.
    pub(crate) fn finish(mut self, id: CheckId, standing: Standing, summary: Sentence) -> Check {
        self.findings.sort_by_key(|found| std::cmp::Reverse(found.finding.rule.severity));
        let worst = self.findings.first().map(|found| found.finding.rule.severity);
        let verdict = match (worst, standing) {
            (Some(Severity::Fail), _) => Verdict::Fail,
            (_, Standing::Unobserved) => Verdict::Unknown,
            (Some(severity), _) => severity.into(),
            (None, Standing::Observed) => Verdict::Pass,
            (None, Standing::NotApplicable) => Verdict::NotApplicable,
        };
        Check {
            id,
            verdict,
            summary,
            findings: self.findings,
            evidence: self.evidence,
            gaps: self.gaps,
        }
    }
}

/// The texts of an answer's TXT records.
pub(crate) fn texts(answer: &Answer) -> Vec<Text> {
    answer
        .texts()
        .map(|strings| Text::join(strings.iter().map(mxray_facts::Bytes::to_text)))
        .collect()
}

impl From<&Text> for Line {
    fn from(text: &Text) -> Self {
        Self { text: text.as_str().to_owned(), strings: text.strings().collect() }
    }
}
