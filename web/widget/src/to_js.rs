//! Details as values of JavaScript's, at less weight than serde-wasm-bindgen gives them: that keeps every name
//! that it has written, for 1 KB of brotli.

use js_sys::{Array, Object, Reflect};
use mxray_facts::{Domain, Timestamp};
use mxray_records::Severity;
use mxray_scan::{CheckId, Protection, Stage, Verdict};
use wasm_bindgen::JsValue;

/// What can become a value of JavaScript's, as serde would have it.
pub(crate) trait ToJs {
    fn to_js(&self) -> JsValue;
}

/// Structs, with every field under its own name.
macro_rules! fields {
    ($($name:ident $(<$life:lifetime>)? { $($field:ident),* })*) => {$(
        impl $crate::to_js::ToJs for $name $(<$life>)? {
            fn to_js(&self) -> wasm_bindgen::JsValue {
                $crate::to_js::object(&[$((stringify!($field), $crate::to_js::ToJs::to_js(&self.$field))),*])
            }
        }
    )*};
}
pub(crate) use fields;

#[inline(never)]
pub(crate) fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        // It fails for an object that is frozen, and this is new.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}

impl<T: ToJs> ToJs for Vec<T> {
    fn to_js(&self) -> JsValue {
        self.iter().map(ToJs::to_js).collect::<Array>().into()
    }
}

impl ToJs for u32 {
    fn to_js(&self) -> JsValue {
        (*self).into()
    }
}

impl ToJs for usize {
    fn to_js(&self) -> JsValue {
        (*self as u32).into()
    }
}

impl ToJs for Timestamp {
    fn to_js(&self) -> JsValue {
        (self.0 as f64).into()
    }
}

/// What is a text.
macro_rules! texts {
    ($($type:ty: $text:expr,)*) => {$(
        impl ToJs for $type {
            fn to_js(&self) -> JsValue {
                let text: fn(&Self) -> &str = $text;
                text(self).into()
            }
        }
    )*};
}

texts! {
    String: |text| text,
    &'static str: |text| text,
    Domain: |domain| domain.as_str(),
    &Domain: |domain| domain.as_str(),
    CheckId: |check| check.as_str(),
    Protection: |protection| protection.as_str(),
    Severity: |severity| Verdict::from(*severity).as_str(),
    Stage: |stage| stage.as_str(),
    Verdict: |verdict| verdict.as_str(),
}
