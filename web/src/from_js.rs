//! Facts out of what the browser's JSON parser made of them, at little weight.
//!
//! serde-wasm-bindgen reads the same, with a message for every mistake; the messages and the
//! reading by name are 10 KB of brotli. Here a struct's fields are fetched in their order, a
//! variant goes by its number, and a mistake is only a mistake: the sender is our own proxy.

use std::fmt;

use js_sys::{Array, JSON, Object, Reflect};
use serde::de::value::U32Deserializer;
use serde::de::{
    self, Deserialize, DeserializeSeed, Deserializer, EnumAccess, Expected, IntoDeserializer,
    SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use wasm_bindgen::{JsCast, JsValue};

/// Reads JSON; `None` if it is none, or not what was expected.
pub(crate) fn from_json<'de, T: Deserialize<'de>>(text: &str) -> Option<T> {
    from_js(JSON::parse(text).ok()?)
}

/// Reads what `JSON.parse` made; `None` if it is not what was expected.
pub(crate) fn from_js<'de, T: Deserialize<'de>>(value: JsValue) -> Option<T> {
    T::deserialize(Value(value)).ok()
}

/// A value is not what was expected. Which, nobody would see.
#[derive(Debug)]
pub(crate) struct Mismatch;

type Result<T> = std::result::Result<T, Mismatch>;

struct Value(JsValue);

impl Value {
    fn number(&self) -> Result<f64> {
        self.0.as_f64().ok_or(Mismatch)
    }

    fn text(&self) -> Result<String> {
        self.0.as_string().ok_or(Mismatch)
    }
}

impl<'de> Deserializer<'de> for Value {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value> {
        // Every fact says what it is.
        Err(Mismatch)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_bool(self.0.as_bool().ok_or(Mismatch)?)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_i64(self.number()? as i64)
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_u64(self.number()? as u64)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_string(self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_string(self.text()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.0.is_null() || self.0.is_undefined() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let items = self.0.dyn_into::<Array>().map_err(|_| Mismatch)?;
        visitor.visit_seq(Items { items, next: 0 })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_seq(Fields { of: self.0, fields })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_enum(Variant { value: self.0, variants })
    }

    forward_to_deserialize_any! {
        i8 i16 i32 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct map identifier
        ignored_any
    }
}

struct Items {
    items: Array,
    next: u32,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Mismatch;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        if self.next == self.items.length() {
            return Ok(None);
        }
        let item = self.items.get(self.next);
        self.next += 1;
        seed.deserialize(Value(item)).map(Some)
    }
}

/// An object's values, in the order of the struct's fields. One that is missing is `undefined`.
struct Fields {
    of: JsValue,
    fields: &'static [&'static str],
}

impl<'de> SeqAccess<'de> for Fields {
    type Error = Mismatch;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        let Some((field, rest)) = self.fields.split_first() else { return Ok(None) };
        self.fields = rest;
        let value = Reflect::get(&self.of, &JsValue::from_str(field)).map_err(|_| Mismatch)?;
        seed.deserialize(Value(value)).map(Some)
    }
}

/// `"name"`, or `{"name": content}`.
struct Variant {
    value: JsValue,
    variants: &'static [&'static str],
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Mismatch;
    type Variant = Content;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Content)> {
        let (name, content) = match self.value.as_string() {
            Some(name) => (name, JsValue::UNDEFINED),
            None => {
                let value = Object::try_from(&self.value).ok_or(Mismatch)?;
                let entry = Object::entries(value).get(0);
                let entry = entry.dyn_into::<Array>().map_err(|_| Mismatch)?;
                (entry.get(0).as_string().ok_or(Mismatch)?, entry.get(1))
            }
        };
        let number = self.variants.iter().position(|variant| *variant == name).ok_or(Mismatch)?;
        let number: U32Deserializer<Mismatch> = (number as u32).into_deserializer();
        Ok((seed.deserialize(number)?, Content(content)))
    }
}

struct Content(JsValue);

impl<'de> VariantAccess<'de> for Content {
    type Error = Mismatch;

    fn unit_variant(self) -> Result<()> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value> {
        seed.deserialize(Value(self.0))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        Value(self.0).deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_seq(Fields { of: self.0, fields })
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not what was expected")
    }
}

impl std::error::Error for Mismatch {}

/// All mistakes are one, so that no message of serde's is part of the page.
impl de::Error for Mismatch {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

#[cfg(target_arch = "wasm32")]
#[cfg(test)]
mod tests {
    use js_sys::JSON;
    use mxray_facts::{
        Bytes, Observation, PolicyFetch, PolicyOutcome, PolicyResponse, Reply, Timestamp,
        Unobserved,
    };
    use serde::Serialize;
    use serde_wasm_bindgen::Serializer;
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::from_json;

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
