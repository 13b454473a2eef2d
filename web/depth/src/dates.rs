//! Dates, spans of time and numbers, as people of the visitor's language write them.

use js_sys::{Array, Date, Intl, Number, Object, Reflect};
use mxray_browser::Voice;
use mxray_facts::Timestamp;
use wasm_bindgen::JsValue;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// What the browser's clock says.
pub(crate) fn now() -> Timestamp {
    Timestamp((Date::now() / 1000.0) as i64)
}

/// A day: “Nov 25, 2026”.
pub(crate) fn day(voice: &Voice, at: Timestamp) -> String {
    written(voice, at, &[("dateStyle", "medium")])
}

/// A moment of a day: “Nov 25, 2026, 4:08 PM”.
pub(crate) fn moment(voice: &Voice, at: Timestamp) -> String {
    written(voice, at, &[("dateStyle", "medium"), ("timeStyle", "short")])
}

/// A moment of today: “4:08 PM”.
pub(crate) fn clock(voice: &Voice, at: Timestamp) -> String {
    written(voice, at, &[("timeStyle", "short")])
}

/// How far one moment is from another: “in 39 days”, “3 minutes ago”, “today”.
pub(crate) fn from(voice: &Voice, now: Timestamp, at: Timestamp) -> String {
    let seconds = at.0.saturating_sub(now.0);
    let (amount, unit) = match seconds.abs() {
        0..HOUR => (seconds / MINUTE, "minute"),
        HOUR..DAY => (seconds / HOUR, "hour"),
        _ => (seconds / DAY, "day"),
    };
    let format = Intl::RelativeTimeFormat::new(&languages(voice), &options(&[("numeric", "auto")]));
    format.format(amount as f64, unit).into()
}

/// A span of time, in one unit and never shorter than it is: “5 minutes”.
pub(crate) fn span(voice: &Voice, seconds: u32) -> String {
    let seconds = i64::from(seconds);
    let (amount, unit) = match seconds {
        0..MINUTE => (seconds, "second"),
        MINUTE..HOUR => (up(seconds, MINUTE), "minute"),
        HOUR..DAY => (up(seconds, HOUR), "hour"),
        _ => (up(seconds, DAY), "day"),
    };
    let in_units = options(&[("style", "unit"), ("unit", unit), ("unitDisplay", "long")]);
    let format = Intl::NumberFormat::new(&languages(voice), &in_units).format();
    let said = format.call1(&JsValue::UNDEFINED, &(amount as f64).into());
    said.ok().and_then(|said| said.as_string()).unwrap_or_default()
}

/// A number: “1,024”.
pub(crate) fn number(voice: &Voice, number: u64) -> String {
    Number::from(number as f64).to_locale_string(&voice.language).into()
}

fn up(seconds: i64, unit: i64) -> i64 {
    (seconds + unit - 1) / unit
}

fn written(voice: &Voice, at: Timestamp, how: &[(&str, &str)]) -> String {
    let date = Date::new(&JsValue::from_f64(at.0 as f64 * 1000.0));
    date.to_locale_string(&voice.language, &options(how)).into()
}

fn languages(voice: &Voice) -> Array {
    Array::of1(&JsValue::from_str(&voice.language))
}

fn options(entries: &[(&str, &str)]) -> Object {
    let options = Object::new();
    for (name, value) in entries {
        // It fails for an object that is frozen, and this is not.
        let _ = Reflect::set(&options, &(*name).into(), &(*value).into());
    }
    options
}

// How a language writes them, the browser knows.
#[cfg(target_arch = "wasm32")]
#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn voice(language: &str) -> Voice {
        let language = language.to_owned();
        Voice { texts: JsValue::UNDEFINED, language, folder: String::new() }
    }

    #[wasm_bindgen_test]
    fn spans_are_rounded_up_and_said_in_one_unit() {
        for (seconds, english, german) in [
            (1, "1 second", "1 Sekunde"),
            (61, "2 minutes", "2 Minuten"),
            (3600, "1 hour", "1 Stunde"),
            (3601, "2 hours", "2 Stunden"),
            (86_400, "1 day", "1 Tag"),
            (86_401, "2 days", "2 Tage"),
        ] {
            assert_eq!(span(&voice("en"), seconds), english);
            assert_eq!(span(&voice("de"), seconds), german);
        }
    }

    #[wasm_bindgen_test]
    fn moments_are_told_from_now() {
        let now = Timestamp(1_790_000_000);
        for (seconds, english, german) in [
            (39 * DAY, "in 39 days", "in 39 Tagen"),
            (-180, "3 minutes ago", "vor 3 Minuten"),
            (2 * HOUR, "in 2 hours", "in 2 Stunden"),
        ] {
            let at = Timestamp(now.0 + seconds);
            assert_eq!(from(&voice("en"), now, at), english);
            assert_eq!(from(&voice("de"), now, at), german);
        }
    }

    #[wasm_bindgen_test]
    fn a_day_is_written_as_its_language_does() {
        let at = Timestamp(1_790_000_000);
        assert_eq!(day(&voice("en"), at), "Sep 21, 2026");
        assert_eq!(day(&voice("de"), at), "21.09.2026");
    }
}
