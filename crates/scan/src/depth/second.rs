//! A second resolver, asked the same: where it answers otherwise, a change is on its way.
//!
//! Each resolver remembers an answer for as long as its TTL says (RFC 1035 §3.2.1), so that two of
//! them can differ for so long after a change, and no longer.

use std::cmp::Ordering;

use futures_util::future::join_all;
use mxray_facts::dns::{Answer, Checking, Question, Record, RecordType};
use mxray_facts::{Name, Observation};
use mxray_records::Text;
use serde::Serialize;

use crate::Network;
use crate::checks::texts;
use crate::look::Seen;
use crate::report::Gap;

/// What a second resolver says of the records that a report stands on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// How many questions both answered.
    pub answered: usize,
    /// Where the two answers differ.
    pub differences: Vec<Difference>,
    /// What the second did not answer, and why: no difference.
    pub gaps: Vec<Gap>,
}

/// A question that two resolvers answer differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The name.
    pub name: Name,
    /// The type, as in a zone file.
    pub record_type: &'static str,
    /// What the first says.
    pub first: Said,
    /// What the second says.
    pub second: Said,
    /// After so many seconds both have forgotten what they say now; `null` if either does not say when.
    /// Whoever still finds a difference then has name servers that differ.
    pub over_in: Option<u32>,
}

/// What one resolver says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    /// The data of each record, in order; none where there is nothing.
    pub records: Vec<String>,
    /// For how many more seconds the resolver remembers it.
    pub ttl: Option<u32>,
}

/// Asks a second network for the records that were seen.
///
/// `seen` is what the scan saw ([`Kept`](super::Kept) keeps it). Addresses are not asked for: it is
/// usual that those hang on where the resolver is.
///
/// # Errors
/// None: what was not answered is among the gaps.
pub async fn compare<N: Network>(second: &N, seen: impl IntoIterator<Item = Seen>) -> Compared {
    let first = seen.into_iter().filter_map(answered);
    let asked = first.map(async |(question, first)| {
        let answer = second.dns(&question).await;
        (question, first, answer)
    });
    let mut compared = Compared::default();
    for (question, first, answer) in join_all(asked).await {
        compared.note(question, &first, answer);
    }
    compared.differences.sort_by(Difference::by_name);
    compared
}

/// A question whose answer is the same wherever it is asked. The root is asked for its signatures alone.
fn answered(seen: Seen) -> Option<(Question, Answer)> {
    let Seen::Dns(question, Ok(answer)) = seen else { return None };
    let is_the_same =
        matches!(question.record_type, RecordType::Mx | RecordType::Txt | RecordType::Tlsa)
            && question.checking == Checking::Enabled
            && !question.name.is_root();
    is_the_same.then_some((question, answer))
}

impl Compared {
    fn note(&mut self, question: Question, first: &Answer, second: Observation<Answer>) {
        let record_type = question.record_type.as_str();
        match second {
            Ok(second) => {
                self.answered += 1;
                let over_in = first.ttl.zip(second.ttl).map(|(first, second)| first.max(second));
                let (first, second) = (Said::of(first), Said::of(&second));
                if first.records != second.records {
                    let name = question.name;
                    let found = Difference { name, record_type, first, second, over_in };
                    self.differences.push(found);
                }
            }
            Err(reason) => {
                self.gaps.push(Gap { what: format!("{} {record_type}", question.name), reason });
            }
        }
    }
}

impl Difference {
    fn by_name(&self, other: &Self) -> Ordering {
        (&self.name, self.record_type).cmp(&(&other.name, other.record_type))
    }
}

impl Said {
    /// The order in which records come says nothing (RFC 1034 §3.6).
    fn of(answer: &Answer) -> Self {
        let others = answer.records.iter().filter_map(data);
        let texts = texts(answer);
        let mut records: Vec<String> =
            texts.iter().map(Text::as_str).map(str::to_owned).chain(others).collect();
        records.sort();
        Self { records, ttl: answer.ttl }
    }
}

/// A record's data as in a zone file; texts are read elsewhere.
fn data(record: &Record) -> Option<String> {
    match record {
        Record::Mx { preference, exchange } => Some(format!("{preference} {exchange}")),
        Record::Tlsa { usage, selector, matching, data } => {
            Some(format!("{usage} {selector} {matching} {}", data.to_hex()))
        }
        Record::Txt(_) | Record::Address(_) | Record::Ptr(_) => None,
    }
}
