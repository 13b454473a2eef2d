//! What somebody typed or pasted, understood with the browser's IDNA.
//!
//! The command understands the same; `tests/domains.toml` holds the cases that both pass.

use mxray_facts::{Typed, TypedError};
use web_sys::Url;

/// Understands a domain, a mail address or a web address.
///
/// # Errors
/// Why what remains of it is no mail domain.
pub fn understand(typed: &str) -> Result<Typed, TypedError> {
    Typed::understand(typed, |name| {
        Url::new(&format!("https://{name}")).ok().map(|url| url.hostname())
    })
}

// The IDNA is the browser's.
#[cfg(target_arch = "wasm32")]
#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

    use super::understand;

    wasm_bindgen_test_configure!(run_in_browser);

    #[derive(Deserialize)]
    struct Table {
        case: Vec<Case>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Case {
        note: String,
        input: String,
        domain: Option<String>,
        error: Option<String>,
        #[serde(default)]
        dropped_www: bool,
    }

    #[wasm_bindgen_test]
    fn what_people_type_is_understood_as_the_shared_table_says() {
        let table: Table = toml::from_str(include_str!("../../../tests/domains.toml")).unwrap();
        for case in table.case {
            let expected = match (case.domain, case.error) {
                (Some(domain), None) => Ok((domain, case.dropped_www)),
                (None, Some(key)) => Err(key),
                _ => panic!("{}: either `domain` or `error`", case.note),
            };
            let understood = understand(&case.input)
                .map(|typed| (typed.domain.to_string(), typed.dropped_www))
                .map_err(|error| error.key().to_owned());
            assert_eq!(understood, expected, "{}", case.note);
        }
    }
}
