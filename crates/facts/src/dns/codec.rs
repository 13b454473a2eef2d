//! The wire format of questions and answers.
//!
//! The `domain` crate reads and composes messages; what is decided here is
//! which answers are answers: the question must be ours, CNAMEs are followed
//! inside the message, and anything but NOERROR and NXDOMAIN is [`Unobserved`].

use domain::base::iana::{Class, Rcode, Rtype};
use domain::base::name::ToName;
use domain::base::rdata::{ParseRecordData, UnknownRecordData};
use domain::base::wire::ParseError;
use domain::base::{Message, MessageBuilder, ParsedName, RecordData};
use domain::dep::octseq::Parser;

use super::{Answer, Checking, Existence, ExtendedError, Question, Record, RecordType};
use crate::name::{NameError, WireName};
use crate::{Bytes, Name, Observation, Resolution, Unobserved};

/// The most CNAMEs that are followed; resolvers give up at about as many.
const MAX_ALIASES: usize = 16;

/// What we offer to take over UDP: the size that avoids fragments.
const UDP_PAYLOAD: u16 = 1232;

/// The option's code (RFC 8914 §2).
const EXTENDED_ERROR: u16 = 15;

type Octets<'a> = &'a [u8];
type Wire<'a> = Message<Octets<'a>>;

/// Composes a query: RD and AD set, EDNS0, ID 0 (RFC 8484 §4.1; over UDP the sender sets its own).
///
/// # Errors
/// If the question's name is none that the wire format can hold.
pub fn encode(question: &Question) -> Result<Vec<u8>, NameError> {
    let name = question.name.to_wire()?;
    let mut builder = MessageBuilder::new_vec();
    let header = builder.header_mut();
    header.set_id(0);
    header.set_rd(true);
    header.set_ad(true);
    header.set_cd(question.checking == Checking::Disabled);
    let mut builder = builder.question();
    builder.push((name, wire_type(question.record_type), Class::IN)).map_err(|_| NameError)?;
    let mut builder = builder.additional();
    builder
        .opt(|opt| {
            opt.set_udp_payload_size(UDP_PAYLOAD);
            Ok(())
        })
        .map_err(|_| NameError)?;
    Ok(builder.finish())
}

/// The question that a query asks; `None` if it asks none, or one that we never would.
#[must_use]
pub fn question_of(query: &[u8]) -> Option<Question> {
    let message = Message::from_octets(query).ok()?;
    let asked = message.sole_question().ok()?;
    let same_type = |known: &RecordType| wire_type(*known) == asked.qtype();
    let record_type = RecordType::ALL.into_iter().find(same_type)?;
    let checking = if message.header().cd() { Checking::Disabled } else { Checking::Enabled };
    Some(Question {
        checking,
        ..Question::new(Name::from_wire(&asked.qname().to_vec()), record_type)
    })
}

/// Whether the answer was cut to fit into a datagram, and must be asked for over TCP.
#[must_use]
pub fn is_truncated(message: &[u8]) -> bool {
    Message::from_octets(message).is_ok_and(|message| message.header().tc())
}

/// Reads the answer to a question.
///
/// # Errors
/// [`Unobserved::ResolverFailed`] if the message cannot be read or answers another question,
/// [`Unobserved::Resolution`] if its code is neither NOERROR nor NXDOMAIN.
pub fn decode(question: &Question, message: &[u8]) -> Observation<Answer> {
    let message = Message::from_octets(message).map_err(|_| Unobserved::ResolverFailed)?;
    if !message.header().qr() || message.header().tc() || !answers(&message, question) {
        return Err(Unobserved::ResolverFailed);
    }
    let extended_errors = read_extended_errors(&message);
    let existence = match message.header().rcode() {
        Rcode::NOERROR => Existence::Exists,
        Rcode::NXDOMAIN => Existence::DoesNotExist,
        other => {
            let resolution = Resolution { rcode: other.to_int(), bogus: false, extended_errors };
            return Err(Unobserved::Resolution(resolution));
        }
    };
    let mut answer = read_answer(&message, question).ok_or(Unobserved::ResolverFailed)?;
    answer.existence = existence;
    answer.extended_errors = extended_errors;
    Ok(answer)
}

/// An answer about another name or type is nobody's answer, however it got here.
fn answers(message: &Wire<'_>, question: &Question) -> bool {
    let Ok(asked) = message.sole_question() else { return false };
    let Ok(name) = question.name.to_wire() else { return false };
    asked.qname().name_eq(&name) && asked.qtype() == wire_type(question.record_type)
}

fn read_answer(message: &Wire<'_>, question: &Question) -> Option<Answer> {
    let mut end = question.name.to_wire().ok()?;
    let mut answer = Answer::absent(Existence::Exists);
    answer.authenticated = message.header().ad();
    while let Some((target, ttl)) = find_alias(message, &end)? {
        if answer.aliases.len() == MAX_ALIASES {
            return None;
        }
        answer.aliases.push(Name::from_wire(&target));
        answer.remember_for(ttl);
        end = target;
    }
    for record in message.answer().ok()? {
        let record = record.ok()?;
        if record.owner().name_eq(&end) && record.rtype() == wire_type(question.record_type) {
            answer.remember_for(record.ttl().as_secs());
            answer.records.push(read_record(&record, question.record_type)?);
        }
    }
    if answer.records.is_empty()
        && let Some(ttl) = negative_ttl(message)
    {
        answer.remember_for(ttl);
    }
    Some(answer)
}

impl Answer {
    /// The whole is remembered no longer than its shortest-lived part.
    fn remember_for(&mut self, seconds: u32) {
        self.ttl = Some(self.ttl.map_or(seconds, |ttl| ttl.min(seconds)));
    }
}

/// `None` for a message that cannot be read, `Some(None)` where no CNAME leads on.
fn find_alias(message: &Wire<'_>, owner: &WireName) -> Option<Option<(WireName, u32)>> {
    for record in message.answer().ok()? {
        let record = record.ok()?;
        if record.rtype() == Rtype::CNAME && record.owner().name_eq(owner) {
            let ttl = record.ttl().as_secs();
            return Some(Some((read_naming(&record)?.name, ttl)));
        }
    }
    Some(None)
}

type WireRecord<'a> = domain::base::record::ParsedRecord<'a, Octets<'a>>;

fn read_record(record: &WireRecord<'_>, record_type: RecordType) -> Option<Record> {
    Some(match record_type {
        RecordType::A => Record::Address(<[u8; 4]>::try_from(octets(record)?).ok()?.into()),
        RecordType::Aaaa => Record::Address(<[u8; 16]>::try_from(octets(record)?).ok()?.into()),
        RecordType::Mx => {
            let Naming { preference, name, .. } = read_naming(record)?;
            Record::Mx { preference, exchange: Name::from_wire(&name) }
        }
        RecordType::Ptr => Record::Ptr(Name::from_wire(&read_naming(record)?.name)),
        RecordType::Txt => Record::Txt(character_strings(octets(record)?)?),
        RecordType::Tlsa => {
            let [usage, selector, matching, data @ ..] = octets(record)? else { return None };
            Record::Tlsa {
                usage: *usage,
                selector: *selector,
                matching: *matching,
                data: Bytes::from(data),
            }
        }
    })
}

/// The data as it came.
fn octets<'a>(record: &WireRecord<'a>) -> Option<Octets<'a>> {
    record.to_record::<UnknownRecordData<Octets<'_>>>().ok()?.map(|record| *record.data().data())
}

/// Each begins with its length (RFC 1035 §3.3).
fn character_strings(mut data: Octets<'_>) -> Option<Vec<Bytes>> {
    let mut strings = Vec::new();
    while let [length, rest @ ..] = data {
        let (string, rest) = rest.split_at_checked(usize::from(*length))?;
        strings.push(Bytes::from(string));
        data = rest;
    }
    Some(strings)
}

/// What a record of these types names: CNAME and PTR, and MX behind its preference. To read them alike
/// is less to load.
struct Naming {
    rtype: Rtype,
    preference: u16,
    name: WireName,
}

fn read_naming(record: &WireRecord<'_>) -> Option<Naming> {
    record.to_record().ok()?.map(domain::base::Record::into_data)
}

impl RecordData for Naming {
    fn rtype(&self) -> Rtype {
        self.rtype
    }
}

impl<'a> ParseRecordData<'a, Octets<'a>> for Naming {
    fn parse_rdata(
        rtype: Rtype,
        parser: &mut Parser<'a, Octets<'a>>,
    ) -> Result<Option<Self>, ParseError> {
        let preference = if rtype == Rtype::MX { parser.parse_u16_be()? } else { 0 };
        Ok(Some(Self { rtype, preference, name: ParsedName::parse(parser)?.to_vec() }))
    }
}

/// How long absence may be remembered: the lesser of the SOA's TTL and its minimum (RFC 2308 §5).
fn negative_ttl(message: &Wire<'_>) -> Option<u32> {
    let mut records = message.authority().ok()?.filter_map(Result::ok);
    let soa = records.find(|record| record.rtype() == Rtype::SOA)?;
    // The minimum stands at the end (RFC 1035 §3.3.13).
    let minimum = u32::from_be_bytes(*octets(&soa)?.last_chunk()?);
    Some(soa.ttl().as_secs().min(minimum))
}

fn read_extended_errors(message: &Wire<'_>) -> Vec<ExtendedError> {
    let mut errors = Vec::new();
    let mut additional = message.additional().into_iter().flatten().filter_map(Result::ok);
    let opt = additional.find(|record| record.rtype() == Rtype::OPT);
    let mut options = opt.as_ref().and_then(octets).unwrap_or_default();
    // Each begins with its code and its length (RFC 6891 §6.1.2).
    while let Some((option, data, rest)) = next_option(options) {
        if let (EXTENDED_ERROR, Some((code, text))) = (option, first_number(data)) {
            errors.push(ExtendedError { code, text: readable(text) });
        }
        options = rest;
    }
    errors
}

/// Its code, its data, and what follows.
fn next_option(options: Octets<'_>) -> Option<(u16, Octets<'_>, Octets<'_>)> {
    let (code, rest) = first_number(options)?;
    let (length, rest) = first_number(rest)?;
    let (data, rest) = rest.split_at_checked(length.into())?;
    Some((code, data, rest))
}

fn first_number(octets: Octets<'_>) -> Option<(u16, Octets<'_>)> {
    let (number, rest) = octets.split_first_chunk()?;
    Some((u16::from_be_bytes(*number), rest))
}

/// A resolver's words, harmless to show: control characters become U+FFFD.
fn readable(text: &[u8]) -> String {
    String::from_utf8_lossy(text)
        .chars()
        .map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c })
        .collect()
}

fn wire_type(record_type: RecordType) -> Rtype {
    match record_type {
        RecordType::A => Rtype::A,
        RecordType::Aaaa => Rtype::AAAA,
        RecordType::Mx => Rtype::MX,
        RecordType::Txt => Rtype::TXT,
        RecordType::Tlsa => Rtype::TLSA,
        RecordType::Ptr => Rtype::PTR,
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use domain::base::iana::{Class, ExtendedErrorCode, Rcode, Rtype};
    use domain::base::message_builder::AnswerBuilder;
    use domain::base::rdata::UnknownRecordData;
    use domain::base::{Message, MessageBuilder, Record as WireRecord, Serial, Ttl};
    use domain::rdata::{A, Aaaa, Cname, Mx, Ptr, Soa, Txt};
    #[cfg(not(target_arch = "wasm32"))]
    use proptest::prelude::*;

    use super::{decode, encode, is_truncated};
    use crate::dns::{Checking, Existence, Question, Record, RecordType};
    use crate::name::WireName;
    use crate::{Bytes, Name, Resolution, Unobserved};

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    fn wire(text: &str) -> WireName {
        name(text).to_wire().unwrap()
    }

    fn ask(text: &str, record_type: RecordType) -> Question {
        Question::new(name(text), record_type)
    }

    fn reply(question: &Question, rcode: Rcode) -> AnswerBuilder<Vec<u8>> {
        let query = Message::from_octets(encode(question).unwrap()).unwrap();
        MessageBuilder::new_vec().start_answer(&query, rcode).unwrap()
    }

    #[test]
    fn a_query_is_cacheable_and_asks_for_the_resolvers_opinion() {
        let query = encode(&ask("example.com", RecordType::Mx)).unwrap();
        let message = Message::from_octets(query.as_slice()).unwrap();
        assert_eq!(message.header().id(), 0, "RFC 8484 §4.1: the same question is the same URL");
        assert!(message.header().rd() && message.header().ad() && !message.header().cd());
        assert!(message.opt().is_some());
        let unchecked =
            Question { checking: Checking::Disabled, ..ask("example.com", RecordType::Mx) };
        assert!(Message::from_octets(encode(&unchecked).unwrap()).unwrap().header().cd());
    }

    #[test]
    fn records_are_read_at_the_end_of_the_aliases() {
        let question = ask("_mta-sts.example.com", RecordType::Txt);
        let mut message = reply(&question, Rcode::NOERROR);
        message.header_mut().set_ad(true);
        let alias = Cname::new(wire("sts.provider.example"));
        message
            .push(WireRecord::new(
                wire("_mta-sts.EXAMPLE.com"),
                Class::IN,
                Ttl::from_secs(300),
                alias,
            ))
            .unwrap();
        let mut txt = domain::rdata::rfc1035::TxtBuilder::<Vec<u8>>::new();
        txt.append_charstr(domain::base::CharStr::from_slice(b"v=STSv1; ").unwrap()).unwrap();
        txt.append_charstr(domain::base::CharStr::from_slice(b"id=1").unwrap()).unwrap();
        let txt = txt.finish().unwrap();
        message
            .push(WireRecord::new(wire("sts.provider.example"), Class::IN, Ttl::from_secs(60), txt))
            .unwrap();

        let answer = decode(&question, &message.finish()).unwrap();
        assert_eq!(answer.aliases, [name("sts.provider.example")]);
        assert!(answer.authenticated);
        assert_eq!(answer.ttl, Some(60), "the shortest-lived part counts");
        let strings: Vec<_> = answer.texts().flatten().map(Bytes::to_text).collect();
        assert_eq!(strings, ["v=STSv1; ", "id=1"]);
    }

    #[test]
    fn each_type_is_read() {
        let question = ask("example.com", RecordType::Mx);
        let mut message = reply(&question, Rcode::NOERROR);
        message.push((wire("example.com"), 9, Mx::new(20, wire("Mx2.example.com")))).unwrap();
        message.push((wire("example.com"), 9, Mx::new(0, wire(".")))).unwrap();
        let answer = decode(&question, &message.finish()).unwrap();
        assert_eq!(answer.exchanges(), [(0, &name(".")), (20, &name("mx2.example.com"))]);
        assert!(answer.exchanges()[0].1.is_root());

        let question = ask("1.2.0.192.in-addr.arpa", RecordType::Ptr);
        let mut message = reply(&question, Rcode::NOERROR);
        message
            .push((wire("1.2.0.192.in-addr.arpa"), 9, Ptr::new(wire("Mail.example.com"))))
            .unwrap();
        let answer = decode(&question, &message.finish()).unwrap();
        assert_eq!(answer.pointers().collect::<Vec<_>>(), [&name("mail.example.com")]);

        let question = ask("example.com", RecordType::A);
        let mut message = reply(&question, Rcode::NOERROR);
        message.push((wire("example.com"), 9, A::from_octets(192, 0, 2, 1))).unwrap();
        message.push((wire("example.com"), 9, Aaaa::new("2001:db8::1".parse().unwrap()))).unwrap();
        message.push((wire("other.example"), 9, A::from_octets(192, 0, 2, 2))).unwrap();
        let answer = decode(&question, &message.finish()).unwrap();
        assert_eq!(
            answer.records,
            [Record::Address("192.0.2.1".parse().unwrap())],
            "only the type and name asked for"
        );
    }

    #[test]
    fn absence_is_told_from_failure() {
        let question = ask("nothing.example", RecordType::Txt);
        let mut message = reply(&question, Rcode::NXDOMAIN).authority();
        let soa = Soa::new(
            wire("ns.example"),
            wire("root.example"),
            Serial(1),
            Ttl::ZERO,
            Ttl::ZERO,
            Ttl::ZERO,
            Ttl::from_secs(120),
        );
        message.push((wire("example"), 3600, soa)).unwrap();
        let answer = decode(&question, &message.finish()).unwrap();
        assert_eq!((answer.existence, answer.ttl), (Existence::DoesNotExist, Some(120)));

        let answer = decode(&question, &reply(&question, Rcode::NOERROR).finish()).unwrap();
        assert_eq!((answer.existence, answer.records), (Existence::Exists, vec![]));

        let mut message = reply(&question, Rcode::SERVFAIL).additional();
        message
            .opt(|opt| {
                opt.push(
                    &domain::base::opt::ExtendedError::<Vec<u8>>::new_with_str(
                        ExtendedErrorCode::DNSSEC_BOGUS,
                        "no\u{7}good",
                    )
                    .unwrap(),
                )
            })
            .unwrap();
        let Err(Unobserved::Resolution(Resolution { rcode: 2, extended_errors, .. })) =
            decode(&question, &message.finish())
        else {
            panic!("SERVFAIL is no answer")
        };
        assert_eq!(
            (extended_errors[0].code, extended_errors[0].text.as_str()),
            (6, "no\u{fffd}good")
        );
    }

    #[test]
    fn what_is_no_answer_to_the_question_is_refused() {
        let question = ask("example.com", RecordType::Txt);
        let other = ask("example.org", RecordType::Txt);
        assert_eq!(
            decode(&question, &reply(&other, Rcode::NOERROR).finish()),
            Err(Unobserved::ResolverFailed),
            "another name"
        );
        assert_eq!(
            decode(&question, &encode(&question).unwrap()),
            Err(Unobserved::ResolverFailed),
            "a query"
        );
        assert_eq!(decode(&question, b"no DNS"), Err(Unobserved::ResolverFailed), "noise");

        let mut cut = reply(&question, Rcode::NOERROR);
        cut.header_mut().set_tc(true);
        let cut = cut.finish();
        assert!(is_truncated(&cut));
        assert_eq!(
            decode(&question, &cut),
            Err(Unobserved::ResolverFailed),
            "a part is not the whole"
        );

        let mut short = reply(&question, Rcode::NOERROR);
        let data = UnknownRecordData::from_octets(Rtype::TXT, b"\x05ab".to_vec()).unwrap();
        short.push((wire("example.com"), 9, data)).unwrap();
        assert_eq!(
            decode(&question, &short.finish()),
            Err(Unobserved::ResolverFailed),
            "a string that is shorter than it says"
        );

        let mut turning = reply(&question, Rcode::NOERROR);
        turning.push((wire("example.com"), 9, Cname::new(wire("example.com")))).unwrap();
        assert_eq!(
            decode(&question, &turning.finish()),
            Err(Unobserved::ResolverFailed),
            "aliases in a circle"
        );
    }

    #[test]
    fn a_txt_of_any_octets_is_kept() {
        let question = ask("example.com", RecordType::Txt);
        let mut message = reply(&question, Rcode::NOERROR);
        let txt = Txt::<Vec<u8>>::build_from_slice(b"\x00\xff\x1b[31m").unwrap();
        message.push((wire("example.com"), 9, txt)).unwrap();
        let answer = decode(&question, &message.finish()).unwrap();
        assert_eq!(answer.texts().next().unwrap()[0].0, b"\x00\xff\x1b[31m");
        assert_eq!(Rtype::TXT, super::wire_type(RecordType::Txt));
    }

    #[cfg(not(target_arch = "wasm32"))]
    proptest! {
        #[test]
        fn noise_never_panics(noise in proptest::collection::vec(any::<u8>(), 0..600), at in 0..600usize) {
            let question = ask("example.com", RecordType::Txt);
            let mut message = reply(&question, Rcode::NOERROR);
            let txt = Txt::<Vec<u8>>::build_from_slice(b"v=spf1 -all").unwrap();
            message.push((wire("example.com"), 9, txt)).unwrap();
            let mut message = message.finish();
            for (index, byte) in noise.iter().enumerate() {
                if let Some(place) = message.get_mut(at + index) { *place = *byte; }
            }
            let _ = decode(&question, &message);
            let _ = decode(&question, &noise);
        }
    }
}
