//! Rules: the things that can be wrong, each with a stable code.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How bad it is when a rule applies.
///
/// Ordered, so that the worst of several is their maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; nothing has to change.
    Notice,
    /// Works for some and not for others, or will stop working.
    Warning,
    /// Surely wrong: a receiver that follows the standard acts as if it were absent, or mail is hurt.
    Fail,
}

/// One thing that can be wrong with a record or between several answers.
///
/// What it says to people stands in `texts/<language>`, keyed by [`Rule::code`].
pub struct Rule {
    /// Stable, dotted and lower-case: `mta-sts.policy.mode-unknown`.
    pub code: &'static str,
    /// The worst this rule can do to a verdict.
    pub severity: Severity,
    /// The section of the standard that it comes from: `RFC 8461 §3.2`.
    pub section: &'static str,
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

impl Rule {
    /// The section on the web; `None` where it is written in no way that we know.
    ///
    /// ```
    /// let rule = &mxray_records::mta_sts::policy::rules::MX_NOT_COVERED;
    /// assert!(rule.link().is_some_and(|link| link.starts_with("https://www.rfc-editor.org/rfc/rfc8461")));
    /// ```
    #[must_use]
    pub fn link(&self) -> Option<String> {
        section_link(self.section)
    }
}

/// A section of a standard on the web; `None` where it is written in no way that we know.
///
/// ```
/// let link = mxray_records::section_link("RFC 8461 §3.2");
/// assert_eq!(link.as_deref(), Some("https://www.rfc-editor.org/rfc/rfc8461#section-3.2"));
/// ```
#[must_use]
pub fn section_link(section: &str) -> Option<String> {
    let (standard, section) = section.split_once('§')?;
    let standard = standard.trim_end();
    Some(
        match standard.strip_prefix("RFC ") {
            Some(number) => ["https://www.rfc-editor.org/rfc/rfc", number, "#section-", section],
            None => ["https://datatracker.ietf.org/doc/html/", standard, "#section-", section],
        }
        .concat(),
    )
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Rule {}

/// Declares the rules of one protocol: a static for each, and `RULES`, the table of them all.
///
/// ```
/// mod rules {
///     mxray_records::rules! { "example":
///         /// The mode is missing.
///         MODE_MISSING = Fail, "mode-missing", "RFC 8461 §3.2";
///     }
/// }
/// assert_eq!(rules::MODE_MISSING.code, "example.mode-missing");
/// assert_eq!(rules::RULES.len(), 1);
/// ```
#[macro_export]
macro_rules! rules {
    ($protocol:literal: $($(#[$doc:meta])* $name:ident = $severity:ident, $code:literal, $section:literal;)*) => {
        $(
            $(#[$doc])*
            pub static $name: $crate::Rule = $crate::Rule {
                code: concat!($protocol, ".", $code),
                severity: $crate::Severity::$severity,
                section: $section,
            };
        )*
        /// Every rule of this table, in the order of the source.
        pub static RULES: &[&$crate::Rule] = &[$(&$name),*];
    };
}
