//! The engine for JavaScript: what was seen of a domain goes in, the report comes out.
//!
//! It is the engine that made the page's own report, so both say the same. The page's depth is made
//! of it.

#[cfg(feature = "package")]
pub mod package;

use js_sys::{Array, JSON, Uint8Array};
use mxray_facts::dns::{decode, question_of};
use mxray_facts::{Domain, MailHost, Name, Observation, PolicyFetch, Timestamp, Unobserved};
use mxray_scan::depth::{Known, judge_depth};
use mxray_scan::{Report, Seen, judge};
use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::{Serializer, from_value};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsError, JsValue};

/// The report as JSON, the same as the command's `--json`.
///
/// `at` is when the domain was looked at, in seconds since 1970. `seen` has an entry for each thing
/// that was asked, in the order in which the answers came:
///
/// | entry | answer |
/// |---|---|
/// | `["dns", query, answer]` | the resolver's message, in bytes as the query is (RFC 1035 §4) |
/// | `["policy", null, answer]` | what the proxy's `/v1/policy` says |
/// | `["mail-host", name, answer]` | what its `/v1/mx` says |
///
/// An answer that is a text says why there is none: `timed-out`.
///
/// # Errors
/// If the domain is none, or an entry cannot be read.
#[wasm_bindgen]
pub fn report(domain: &str, at: f64, seen: &Array) -> Result<String, JsError> {
    let domain = Domain::from_ascii(domain)?;
    let seen = read_seen(seen).ok_or_else(|| JsError::new("what was seen cannot be read"))?;
    let report = judge_again(&domain, Timestamp(at as i64), seen);
    to_json(&report).ok_or_else(|| JsError::new("the report cannot be written"))
}

/// What the same answers mean in depth, as the command's `--deep --json` says under `depth`.
///
/// `known` is what is known of providers, in the shape of [`Known`]. What only the second stage asks for
/// is unknown, if it is not among what was seen.
///
/// # Errors
/// As of [`report`], or if what is known cannot be read.
#[wasm_bindgen]
pub fn depth(domain: &str, at: f64, seen: &Array, known: JsValue) -> Result<String, JsError> {
    let domain = Domain::from_ascii(domain)?;
    let seen = read_seen(seen).ok_or_else(|| JsError::new("what was seen cannot be read"))?;
    let (known, unseen): (Known, _) = (from_value(known)?, Unobserved::NotCovered);
    let report = judge_again(&domain, Timestamp(at as i64), seen.clone());
    let depth = judge_depth(&report, seen, &unseen, &known);
    to_json(&depth).ok_or_else(|| JsError::new("the depth cannot be written"))
}

/// What was seen, as [`report`] takes it; `None` if an entry cannot be read.
#[must_use]
pub fn read_seen(seen: &Array) -> Option<Vec<Seen>> {
    seen.iter().map(read).collect()
}

/// The report about what was seen.
#[must_use]
pub fn judge_again(domain: &Domain, at: Timestamp, seen: Vec<Seen>) -> Report {
    judge(domain, at, seen, &Unobserved::NotCovered)
}

/// A report, or its depth, as the command's `--json` writes it.
#[must_use]
pub fn to_json(said: &impl Serialize) -> Option<String> {
    let value = said.serialize(&Serializer::json_compatible()).ok()?;
    JSON::stringify(&value).ok().map(String::from)
}

fn read(entry: JsValue) -> Option<Seen> {
    let entry: Array = entry.dyn_into().ok()?;
    let [kind, asked, answer] = [0, 1, 2].map(|index| entry.get(index));
    Some(match &*kind.as_string()? {
        "dns" => {
            let question = question_of(&bytes(asked)?)?;
            let answer = match reason(&answer) {
                Some(why) => Err(why),
                None => decode(&question, &bytes(answer)?),
            };
            Seen::Dns(question, answer)
        }
        "policy" => Seen::Policy(match reason(&answer) {
            Some(why) => Err(why),
            None => policy(answer),
        }),
        "mail-host" => {
            let name: Name = asked.as_string()?.parse().ok()?;
            let host = match reason(&answer) {
                Some(why) => Err(why),
                None => mail_host(answer, &name),
            };
            Seen::MailHost(name, host)
        }
        _ => return None,
    })
}

fn bytes(value: JsValue) -> Option<Vec<u8>> {
    value.dyn_into::<Uint8Array>().ok().map(|bytes| bytes.to_vec())
}

/// What a proxy says of a policy.
///
/// # Errors
/// Why it could not look; what cannot be understood is no answer of a proxy's.
pub fn policy(facts: JsValue) -> Observation<PolicyFetch> {
    from_value(facts).unwrap_or(Err(Unobserved::NoProxy))
}

/// What a proxy says of this host.
///
/// # Errors
/// Why it could not look.
pub fn mail_host(facts: JsValue, name: &Name) -> Observation<MailHost> {
    let Hosts { hosts } =
        from_value::<Observation<Hosts>>(facts).unwrap_or(Err(Unobserved::NoProxy))?;
    hosts.into_iter().find(|host| host.host == *name).ok_or(Unobserved::NotCovered)
}

/// Why there is no answer, if it says so.
fn reason(answer: &JsValue) -> Option<Unobserved> {
    answer.is_string().then(|| from_value(answer.clone()).ok())?
}

/// Of `MxFacts`, what is of use here.
#[derive(Deserialize)]
struct Hosts {
    hosts: Vec<MailHost>,
}

// Values of JavaScript's exist in an engine of JavaScript's.
#[cfg(target_arch = "wasm32")]
#[cfg(test)]
mod tests {
    use js_sys::Reflect;
    use mxray_facts::dns::{Question, RecordType, encode};
    use mxray_facts::{OldTls, OldTlsVersion};
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn entry(kind: &str, asked: impl Into<JsValue>, answer: impl Into<JsValue>) -> JsValue {
        Array::of3(&kind.into(), &asked.into(), &answer.into()).into()
    }

    fn field(of: &JsValue, path: &[&str]) -> JsValue {
        path.iter().fold(of.clone(), |of, name| Reflect::get(&of, &(*name).into()).unwrap())
    }

    #[wasm_bindgen_test]
    fn what_the_page_does_not_read_is_read_here() {
        let facts = r#"{"Ok":{"set":{"Err":"timed-out"},"hosts":[{"host":"mx.example","sessions":[{
            "address":"192.0.2.1","contact":{"Ok":"refused"},"details":{
            "ehlo_in_tls":{"code":250,"lines":["mx"]},"failed_post_quantum":null,
            "old_tls":{"Ok":{"accepted":{"version":"1.1","cipher_suite":"x"}}}}}]}]}}"#;
        let name = "mx.example".parse().unwrap();
        let host = mail_host(JSON::parse(facts).unwrap(), &name).unwrap();
        let details = host.sessions[0].details.get().unwrap();
        assert_eq!(details.ehlo_in_tls.as_ref().unwrap().code, 250);
        let (version, cipher_suite) = (OldTlsVersion::Tls11, "x".to_owned());
        assert_eq!(details.old_tls, Some(Ok(OldTls::Accepted { version, cipher_suite })));
    }

    #[wasm_bindgen_test]
    fn what_was_seen_is_judged() {
        let question = Question::new("_mta-sts.example.com".parse().unwrap(), RecordType::Txt);
        let query = encode(&question).unwrap();
        // The same message, as an answer that says the name does not exist.
        let mut message = query.clone();
        message[2] |= 0x80;
        message[3] |= 3;
        // A policy in testing mode.
        let policy = r#"{"Ok":{"host":"mta-sts.example.com","addresses":[],"elapsed_ms":1,"outcome":{
            "response":{"status":200,"content_type":"text/plain","truncated":false,"body":
            "dmVyc2lvbjogU1RTdjEKbW9kZTogdGVzdGluZwpteDogKi5leGFtcGxlLmNvbQptYXhfYWdlOiA2MDQ4MDAK"}}}}"#;
        let seen = Array::of3(
            &entry("dns", Uint8Array::from(&query[..]), Uint8Array::from(&message[..])),
            &entry("policy", JsValue::NULL, JSON::parse(policy).unwrap()),
            &entry("mail-host", "mx.example.com", "timed-out"),
        );
        let report = report("example.com", 1_790_000_000.0, &seen).ok().unwrap();
        let report = JSON::parse(&report).unwrap();
        assert_eq!(field(&report, &["domain"]), "example.com");
        assert_eq!(field(&report, &["at"]), 1_790_000_000);
        let rule = field(&report, &["checks", "0", "findings", "0", "finding", "rule"]);
        assert_eq!(rule, "mta-sts.policy-without-record");
    }

    #[wasm_bindgen_test]
    fn what_was_seen_is_judged_in_depth() {
        let known = JSON::parse(r#"{"providers": {"provider": []}}"#).unwrap();
        let depth = depth("example.com", 0.0, &Array::new(), known).ok().unwrap();
        let depth = JSON::parse(&depth).unwrap();
        assert_eq!(field(&depth, &["dkim", "keys"]), "cannot-know");
        assert!(super::depth("example.com", 0.0, &Array::new(), JsValue::NULL).is_err());
    }

    #[wasm_bindgen_test]
    fn what_cannot_be_read_is_an_error() {
        let none = Array::new();
        assert!(report("no domain", 0.0, &none).is_err(), "the domain");
        for entry in [
            JsValue::NULL,
            entry("dns", "no bytes", "timed-out"),
            entry("dns", Uint8Array::new_with_length(3), "timed-out"),
            entry("mail-host", "", "timed-out"),
            entry("else", "", ""),
        ] {
            assert!(report("example.com", 0.0, &Array::of1(&entry)).is_err(), "{entry:?}");
        }
    }

    #[wasm_bindgen_test]
    fn an_answer_that_is_nothing_known_is_none_of_a_proxys() {
        let policy = entry("policy", JsValue::NULL, 7);
        let report = report("example.com", 0.0, &Array::of1(&policy)).ok().unwrap();
        assert!(report.contains("\"no-proxy\""), "{report}");
    }
}
