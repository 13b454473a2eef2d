//! Facts out of what the browser's JSON parser made of them, at little weight.
//!
//! serde-wasm-bindgen reads the same with a message for every mistake, for 11 KB of brotli more.
//! Here a mistake is only a mistake: the sender is our own proxy. That no field is missing is the
//! compiler's to check; a test holds the names to those that serde writes.

use std::net::IpAddr;

use js_sys::{Array, JSON, Object, Reflect};
use mxray_facts::dns::ExtendedError;
use mxray_facts::{
    Bytes, Certificate, Contact, Key, KeyAlgorithm, MailHost, Name, NameMatch, PathResult,
    PolicyFetch, PolicyOutcome, PolicyResponse, Reply, Resolution, Session, SmtpSession, StartTls,
    Timestamp, Tls, TlsVersion, Unobserved,
};
use wasm_bindgen::{JsCast, JsValue};

/// Reads JSON; `None` if it is none, or not what was expected.
pub(crate) fn from_json<T: FromJs>(text: &str) -> Option<T> {
    T::from_js(&JSON::parse(text).ok()?)
}

/// What can be read from a value of JavaScript's.
pub(crate) trait FromJs: Sized {
    /// `None` if it is something else.
    fn from_js(value: &JsValue) -> Option<Self>;
}

/// A field of an object; one that is missing is `undefined`.
pub(crate) fn field<T: FromJs>(of: &JsValue, name: &str) -> Option<T> {
    T::from_js(&get(of, name)?)
}

#[inline(never)]
fn get(of: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(of, &name.into()).ok()
}

/// Structs, with every field under its own name; what is not read stands after a semicolon.
macro_rules! structs {
    ($($name:ident { $($field:ident),* $(; $unread:ident)? })*) => {$(
        impl FromJs for $name {
            #[inline(never)]
            fn from_js(value: &JsValue) -> Option<Self> {
                Some(Self {
                    $($field: field(value, stringify!($field))?,)*
                    $($unread: Default::default(),)?
                })
            }
        }
    )*};
}
pub(crate) use structs;

/// Enums: `"name"`, or `{"name": content}`.
macro_rules! enums {
    ($($type:ident { $($name:literal: $variant:ident $(($content:ident))? $({ $($field:ident),* })?,)* })*) => {$(
        impl FromJs for $type {
            #[inline(never)]
            fn from_js(value: &JsValue) -> Option<Self> {
                let (name, _content) = variant(value)?;
                Some(match &*name {
                    $($name => Self::$variant
                        $(({ let $content = FromJs::from_js(&_content)?; $content }))?
                        $({ $($field: field(&_content, stringify!($field))?),* })?,)*
                    _ => return None,
                })
            }
        }
    )*};
}

structs! {
    Certificate {
        der, subject, issuer, dns_names, not_before, not_after, key, sha256, sha512, key_sha256,
        key_sha512, signed_by_next
    }
    ExtendedError { code, text }
    Key { algorithm, bits }
    MailHost { host, sessions }
    PolicyFetch { host, addresses, tls, outcome, elapsed_ms; details }
    PolicyResponse { status, content_type, body, truncated }
    Reply { code, lines }
    Resolution { rcode, bogus, extended_errors }
    Session { address, contact; details }
    SmtpSession { greeting, ehlo, starttls }
    Tls { version, chain, path, path_when_valid, name; details }
}

enums! {
    Contact { "refused": Refused, "broken": Broken(how), "talked": Talked(session), }
    KeyAlgorithm { "rsa": Rsa, "ecdsa": Ecdsa, "ed25519": Ed25519, "other": Other(name), }
    NameMatch { "matches": Matches, "differs": Differs, }
    PathResult {
        "trusted": Trusted,
        "expired": Expired,
        "not-yet-valid": NotYetValid,
        "self-signed": SelfSigned,
        "unknown-issuer": UnknownIssuer,
        "other": Other(why),
    }
    PolicyOutcome {
        "no-address": NoAddress,
        "refused": Refused,
        "tls-failed": TlsFailed(how),
        "broken": Broken(how),
        "redirect": Redirect { status, location },
        "response": Response(response),
    }
    StartTls {
        "not-offered": NotOffered,
        "refused": Refused(reply),
        "failed": Failed(how),
        "established": Established(tls),
    }
    TlsVersion { "1.2": Tls12, "1.3": Tls13, }
    Unobserved {
        "no-proxy": NoProxy,
        "browser-may-not-read": BrowserMayNotRead,
        "timed-out": TimedOut,
        "turned-away": TurnedAway(reply),
        "port-closed-here": PortClosedHere,
        "address-not-allowed": AddressNotAllowed,
        "rate-limited": RateLimited,
        "question-limit": QuestionLimit,
        "resolver-failed": ResolverFailed,
        "resolution": Resolution(resolution),
        "dnssec-unchecked": DnssecUnchecked,
        "not-covered": NotCovered,
        "depends-on-unobserved": DependsOnUnobserved,
    }
}

/// The name of a variant and what is in it.
fn variant(value: &JsValue) -> Option<(String, JsValue)> {
    if let Some(name) = value.as_string() {
        return Some((name, JsValue::UNDEFINED));
    }
    let entry: Array = Object::entries(Object::try_from(value)?).get(0).dyn_into().ok()?;
    Some((entry.get(0).as_string()?, entry.get(1)))
}

impl<T: FromJs, E: FromJs> FromJs for Result<T, E> {
    fn from_js(value: &JsValue) -> Option<Self> {
        let (name, content) = variant(value)?;
        match &*name {
            "Ok" => T::from_js(&content).map(Ok),
            "Err" => E::from_js(&content).map(Err),
            _ => None,
        }
    }
}

impl<T: FromJs> FromJs for Option<T> {
    fn from_js(value: &JsValue) -> Option<Self> {
        if value.is_null() || value.is_undefined() {
            return Some(None);
        }
        T::from_js(value).map(Some)
    }
}

impl<T: FromJs> FromJs for Vec<T> {
    fn from_js(value: &JsValue) -> Option<Self> {
        value.dyn_ref::<Array>()?.iter().map(|item| T::from_js(&item)).collect()
    }
}

impl FromJs for String {
    fn from_js(value: &JsValue) -> Option<Self> {
        value.as_string()
    }
}

impl FromJs for bool {
    fn from_js(value: &JsValue) -> Option<Self> {
        value.as_bool()
    }
}

/// What is a text in JSON.
macro_rules! texts {
    ($($type:ty)*) => {$(
        impl FromJs for $type {
            fn from_js(value: &JsValue) -> Option<Self> {
                value.as_string()?.parse().ok()
            }
        }
    )*};
}

texts! { Bytes IpAddr Name }

fn integer(value: &JsValue) -> Option<i64> {
    value.as_f64().map(|number| number as i64)
}

macro_rules! integers {
    ($($type:ty)*) => {$(
        impl FromJs for $type {
            fn from_js(value: &JsValue) -> Option<Self> {
                integer(value)?.try_into().ok()
            }
        }
    )*};
}

integers! { u8 u16 u32 }

impl FromJs for Timestamp {
    fn from_js(value: &JsValue) -> Option<Self> {
        integer(value).map(Self)
    }
}

#[cfg(target_arch = "wasm32")]
#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use mxray_facts::{Details, Observation};
    use serde::Serialize;
    use serde_wasm_bindgen::Serializer;
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn facts_are_read_as_they_were_written() {
        let fetch = PolicyFetch {
            host: "mta-sts.example.com".parse().unwrap(),
            addresses: vec!["192.0.2.1".parse().unwrap(), "2001:db8::1".parse().unwrap()],
            tls: None,
            outcome: PolicyOutcome::Response(PolicyResponse {
                status: 200,
                content_type: Some("text/plain".to_owned()),
                body: Bytes::from(&b"version: STSv1\n\xff"[..]),
                truncated: false,
            }),
            elapsed_ms: 12,
            details: Details::default(),
        };
        let fetch = Ok(fetch);
        assert_eq!(from_json::<Observation<PolicyFetch>>(&to_json(&fetch)), Some(fetch));
    }

    /// As the proxy writes it: serde's derives, and no number or map of JavaScript's own.
    fn to_json(value: &impl Serialize) -> String {
        let value = value.serialize(&Serializer::json_compatible()).unwrap();
        JSON::stringify(&value).unwrap().into()
    }

    #[test]
    fn every_variant_goes_by_the_name_that_serde_writes() {
        fn holds<T: FromJs + Serialize + PartialEq + Debug>(all: impl IntoIterator<Item = T>) {
            for one in all {
                let json = to_json(&one);
                assert_eq!(from_json(&json), Some(one), "{json}");
            }
        }
        let (text, reply) = (|| "x".to_owned(), || Reply { code: 421, lines: vec![] });
        let resolution = Resolution { rcode: 2, bogus: true, extended_errors: vec![] };
        holds([
            Unobserved::NoProxy,
            Unobserved::BrowserMayNotRead,
            Unobserved::TimedOut,
            Unobserved::TurnedAway(reply()),
            Unobserved::PortClosedHere,
            Unobserved::AddressNotAllowed,
            Unobserved::RateLimited,
            Unobserved::QuestionLimit,
            Unobserved::ResolverFailed,
            Unobserved::Resolution(resolution),
            Unobserved::DnssecUnchecked,
            Unobserved::NotCovered,
            Unobserved::DependsOnUnobserved,
        ]);
        holds([
            PathResult::Trusted,
            PathResult::Expired,
            PathResult::NotYetValid,
            PathResult::SelfSigned,
            PathResult::UnknownIssuer,
            PathResult::Other(text()),
        ]);
        holds([NameMatch::Matches, NameMatch::Differs]);
        holds([TlsVersion::Tls12, TlsVersion::Tls13]);
        holds([
            KeyAlgorithm::Rsa,
            KeyAlgorithm::Ecdsa,
            KeyAlgorithm::Ed25519,
            KeyAlgorithm::Other(text()),
        ]);
        let certificate = Certificate {
            der: Bytes::from(&b"der"[..]),
            subject: text(),
            issuer: text(),
            dns_names: vec![text()],
            not_before: Timestamp(-1),
            not_after: Timestamp(1),
            key: Key { algorithm: KeyAlgorithm::Rsa, bits: 2048 },
            sha256: Bytes::default(),
            sha512: Bytes::default(),
            key_sha256: Bytes::default(),
            key_sha512: Bytes::default(),
            signed_by_next: Some(true),
        };
        let tls = Tls {
            version: TlsVersion::Tls13,
            chain: vec![certificate],
            path: PathResult::Trusted,
            path_when_valid: PathResult::Trusted,
            name: NameMatch::Matches,
            details: Details::default(),
        };
        let starttls = [
            StartTls::NotOffered,
            StartTls::Refused(reply()),
            StartTls::Failed(text()),
            StartTls::Established(tls),
        ];
        let talked = starttls.map(|starttls| {
            let (greeting, ehlo) = (reply(), Some(reply()));
            Contact::Talked(SmtpSession { greeting, ehlo, starttls: Some(starttls) })
        });
        holds([Contact::Refused, Contact::Broken(text())].into_iter().chain(talked));
        holds([
            PolicyOutcome::NoAddress,
            PolicyOutcome::Refused,
            PolicyOutcome::TlsFailed(text()),
            PolicyOutcome::Broken(text()),
            PolicyOutcome::Redirect { status: Some(301), location: Some(text()) },
        ]);
    }

    #[test]
    fn every_kind_of_variant_is_read() {
        let reply = Reply { code: 421, lines: vec!["no".to_owned()] };
        for (json, expected) in [
            (r#"{"Err":"timed-out"}"#, Unobserved::TimedOut),
            (
                r#"{"Err":{"turned-away":{"code":421,"lines":["no"]}}}"#,
                Unobserved::TurnedAway(reply),
            ),
        ] {
            assert_eq!(from_json::<Observation<Timestamp>>(json), Some(Err(expected)), "{json}");
        }
        let redirect = PolicyOutcome::Redirect { status: Some(301), location: None };
        let json = r#"{"redirect":{"status":301}}"#;
        assert_eq!(from_json::<PolicyOutcome>(json), Some(redirect), "what is missing is nothing");
        assert_eq!(from_json::<Timestamp>("-1"), Some(Timestamp(-1)));
    }

    #[test]
    fn what_is_something_else_is_refused() {
        for json in
            ["", "{", "1", "[]", r#""x""#, r#"{"Ok":1}"#, r#"{"x":1}"#, r#"{"Err":"x"}"#, "null"]
        {
            assert_eq!(from_json::<Observation<PolicyFetch>>(json), None, "{json}");
        }
        assert_eq!(
            from_json::<Reply>(r#"{"code":70000,"lines":[]}"#),
            None,
            "a code that is too large"
        );
    }
}
