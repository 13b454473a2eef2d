//! What the depth tells the page: two modules that share no memory, so that it goes as JSON.

use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::from_js::{FromJs, field, from_json, structs};

/// What the depth has to say at the top of the report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Whether there is something to do, and who can do it.
    pub said: String,
    /// What to do first, in order.
    pub tasks: Vec<Task>,
    /// What a link to the whole plan says.
    pub more: String,
    /// Checks that stand worse than the first look showed.
    pub worse: Vec<Worse>,
}

/// A task, in the visitor's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Task {
    /// The code of the rule that asks for it.
    pub code: String,
    /// What to do.
    pub what: String,
    /// Who can do it, and what is dangerous about it: a line each.
    pub lines: Vec<String>,
    /// What to write.
    pub writes: Vec<Write>,
    /// Where on the page it says why.
    pub why: String,
}

/// A text to paste.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Write {
    /// Where, in a sentence.
    pub place: String,
    /// The text.
    pub text: String,
}

/// A check that stands worse than the first look showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Worse {
    /// Its id.
    pub check: String,
    /// How it stands.
    pub verdict: String,
    /// What was found.
    pub what: String,
    /// Where on the page it says why.
    pub why: String,
}

impl Told {
    /// Reads what the depth's [`Serialize`] wrote; `None` if it is something else.
    #[must_use]
    pub fn read(json: &str) -> Option<Self> {
        from_json(json)
    }
}

structs! {
    Told { said, tasks, more, worse }
    Task { code, what, lines, writes, why }
    Write { place, text }
    Worse { check, verdict, what, why }
}

// Only a browser has its parser.
#[cfg(target_arch = "wasm32")]
#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn what_is_written_is_read() {
        let write = Write { place: "at a.example".to_owned(), text: "v=spf1 -all".to_owned() };
        let task = Task {
            code: "spf.absent".to_owned(),
            what: "Publish".to_owned(),
            lines: vec!["for whoever runs DNS".to_owned()],
            writes: vec![write],
            why: "spf-1".to_owned(),
        };
        let worse = Worse {
            check: "spf".to_owned(),
            verdict: "fail".to_owned(),
            what: "Too many".to_owned(),
            why: "deep-1".to_owned(),
        };
        let said = "To do".to_owned();
        let told = Told { said, tasks: vec![task], more: "All".to_owned(), worse: vec![worse] };
        let value = serde_wasm_bindgen::to_value(&told).unwrap();
        let json = String::from(js_sys::JSON::stringify(&value).unwrap());
        assert_eq!(Told::read(&json), Some(told));
    }
}
