//! What somebody typed or pasted, understood with the `idna` crate.
//!
//! The page understands the same with the browser's IDNA; `tests/domains.toml` holds the cases that
//! both pass.

use idna::AsciiDenyList;
use mxray_facts::{Typed, TypedError};

use crate::Trouble;

/// Understands a domain, a mail address or a web address.
///
/// # Errors
/// Why what remains of it is no mail domain.
pub(crate) fn understand(typed: &str) -> Result<Typed, TypedError> {
    Typed::understand(typed, |name| {
        let ascii = idna::domain_to_ascii_cow(name.as_bytes(), AsciiDenyList::URL);
        ascii.ok().map(std::borrow::Cow::into_owned)
    })
}

/// The same for the command line, which says what is wrong, and what was left out.
///
/// # Errors
/// It is no domain.
pub(crate) fn understand_or_say(typed: &str) -> Result<Typed, Trouble> {
    let understood = understand(typed)
        .map_err(|error| Trouble::Usage(format!("{typed:?} is no domain: {error}")))?;
    if understood.dropped_www {
        eprintln!("mxray: looking at {}, without www", understood.domain);
    }
    Ok(understood)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::understand;

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

    #[test]
    fn what_people_type_is_understood_as_the_shared_table_says() {
        let table: Table = toml::from_str(include_str!("../../../tests/domains.toml")).unwrap();
        for case in table.case {
            let expected = match (case.domain, case.error) {
                (Some(domain), None) => Ok((domain, case.dropped_www)),
                (None, Some(key)) => Err(key),
                _ => panic!("{}: either `domain` or `error`", case.note),
            };
            let understood = understand(&case.input)
                .map(|understood| (understood.domain.to_string(), understood.dropped_www))
                .map_err(|error| error.key().to_owned());
            assert_eq!(understood, expected, "{}", case.note);
        }
    }
}
