//! The cases in which senders differ, and what they do then.

use serde::Deserialize;

use super::Way;

/// Declares each case, what can be done in it, and `Ways`: what one sender does in all of them.
macro_rules! ways {
    ($($(#[$doc:meta])* $field:ident, $case:literal, $name:ident {
        $($(#[$way_doc:meta])* $way:ident = $word:literal,)*
    })*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
            pub enum $name {
                $($(#[$way_doc])* #[serde(rename = $word)] $way,)*
            }

            impl From<$name> for Way {
                fn from(way: $name) -> Self {
                    Self { case: $case, done: match way { $($name::$way => $word,)* } }
                }
            }
        )*

        /// What a sender does in each case.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Ways {
            $($(#[$doc])* #[serde(rename = $case)] pub $field: $name,)*
        }

        impl Ways {
            /// All of it.
            #[must_use]
            pub fn all(&self) -> Vec<Way> {
                vec![$(self.$field.into(),)*]
            }
        }

        /// All that any sender may do, and what all do alike.
        pub const EVERY_WAY: &[Way] = &[
            $($(Way { case: $case, done: $word },)*)*
            VERSION_MISSING, VERSION_UNKNOWN, MODE_UNKNOWN, MAX_AGE_MISSING, MX_MISSING,
        ];
    };
}

pub(super) const VERSION_MISSING: Way = Way { case: "version-missing", done: "" };
pub(super) const VERSION_UNKNOWN: Way = Way { case: "version-unknown", done: "" };
pub(super) const MODE_UNKNOWN: Way = Way { case: "mode-unknown", done: "" };
pub(super) const MAX_AGE_MISSING: Way = Way { case: "max-age-missing", done: "" };
pub(super) const MX_MISSING: Way = Way { case: "mx-missing", done: "" };

ways! {
    /// A policy that is not served as `text/plain`.
    content_type, "content-type", ContentType {
        /// It is read all the same: RFC 8461 §3.2 says SHOULD.
        Any = "any",
        /// It is refused.
        Required = "required",
        /// It is refused, in capitals as well.
        RequiredExact = "required-exact",
    }
    /// A policy of more than 64 KiB (RFC 8461 §3.3).
    size, "size", Size {
        /// It is refused.
        SixtyFour = "64-kib",
        /// It is read.
        Any = "any",
    }
    /// Letters beyond ASCII.
    charset, "charset", Charset {
        /// They are read as UTF-8.
        Utf8 = "utf-8",
        /// The policy is refused unless its Content-Type names a charset.
        Named = "named",
    }
    /// A byte order mark before the first line.
    byte_order_mark, "byte-order-mark", ByteOrderMark {
        /// The policy is refused.
        WholePolicy = "whole-policy",
        /// It belongs to the first key, which is then an unknown one.
        PartOfKey = "part-of-key",
        /// It is passed over.
        Ignored = "ignored",
    }
    /// A carriage return that no newline follows.
    lone_return, "lone-return", LoneReturn {
        /// The policy is refused.
        WholePolicy = "whole-policy",
        /// It ends the line.
        LineEnd = "line-end",
        /// It belongs to the value.
        PartOfValue = "part-of-value",
    }
    /// White space other than spaces and tabs around a value, or a key if space around that is ignored.
    white_space, "white-space", WhiteSpace {
        /// It belongs to the value.
        SpaceAndTab = "space-and-tab",
        /// It does not count.
        Any = "any",
        /// It does not count, nor does a byte order mark: JavaScript takes that for white space.
        AnyAndMark = "any-and-mark",
    }
    /// A line with nothing on it.
    blank_line, "blank-line", BlankLine {
        /// The policy is refused.
        WholePolicy = "whole-policy",
        /// It is passed over.
        Ignored = "ignored",
        /// It is passed over if there is not even a space on it, else the policy is refused.
        IgnoredIfEmpty = "ignored-if-empty",
    }
    /// A line without a colon.
    colon_missing, "colon-missing", ColonMissing {
        /// The policy is refused.
        WholePolicy = "whole-policy",
        /// All of the line is a key, with no value.
        KeyAlone = "key-alone",
        /// It is passed over.
        Ignored = "ignored",
    }
    /// A line with two colons or more.
    second_colon, "second-colon", SecondColon {
        /// The others belong to the value.
        PartOfValue = "part-of-value",
        /// The policy is refused.
        WholePolicy = "whole-policy",
    }
    /// Space before a key, or between it and its colon.
    space_around_key, "space-around-key", SpaceAroundKey {
        /// The policy is refused.
        WholePolicy = "whole-policy",
        /// It belongs to the key, which is then an unknown one.
        PartOfKey = "part-of-key",
        /// It is passed over.
        Ignored = "ignored",
    }
    /// A known key in other letters: `Mode`.
    key_case, "key-case", KeyCase {
        /// It is an unknown key.
        Exact = "exact",
        /// It is the known one.
        Any = "any",
    }
    /// An unknown key that is not of the form of a key, or has a value that is none.
    extension, "extension", Extension {
        /// The policy is refused.
        WellFormed = "well-formed",
        /// The line is passed over.
        Any = "any",
    }
    /// A key that may stand once, a second time.
    repeated_key, "repeated-key", RepeatedKey {
        /// The first counts.
        First = "first",
        /// The first counts, and the others have to be right too.
        FirstChecked = "first-checked",
        /// The last counts.
        Last = "last",
        /// The last counts, and the others have to be right too.
        LastChecked = "last-checked",
        /// The policy is refused.
        WholePolicy = "whole-policy",
    }
    /// No mode.
    mode_missing, "mode-missing", ModeMissing {
        /// The policy is refused.
        WholePolicy = "whole-policy",
        /// It is none.
        None = "none",
    }
    /// A mode in other letters: `Enforce`.
    mode_case, "mode-case", ModeCase {
        /// The policy is refused.
        Exact = "exact",
        /// It is that mode.
        Any = "any",
    }
    /// A lifetime that is not written with one to ten digits.
    number, "number", Number {
        /// The policy is refused.
        Digits = "digits",
        /// It is read with any number of digits, and a plus sign before them.
        Plus = "plus",
        /// It is read with any number of digits, and a sign before them; below zero it is 0.
        Signed = "signed",
        /// It is read as Python's `int()` does: a sign, any number of digits, `_` between them.
        Int = "int",
        /// It is read as JavaScript's `Number()` does: a sign, a fraction, an exponent; nothing is 0.
        Number = "number",
    }
    /// A lifetime above a year (RFC 8461 §3.2).
    max_age_above, "max-age-above", MaxAgeAbove {
        /// The policy is refused.
        WholePolicy = "whole-policy",
        /// It is taken for a year.
        Capped = "capped",
        /// It is taken, as far as 31 bits reach.
        Bits31 = "31-bits",
        /// It is taken; what is beyond 32 bits is told apart by nobody here.
        Any = "any",
    }
    /// A pattern that is no name of a host: an address, say.
    mx_name, "mx-name", MxName {
        /// The policy is refused.
        Host = "host",
        /// It is refused, but for a name with a final dot.
        HostOrFinalDot = "host-or-final-dot",
        /// It is taken as it is.
        Any = "any",
    }
    /// The final dot of a pattern that was taken.
    final_dot, "final-dot", FinalDot {
        /// No host has such a name.
        PartOfName = "part-of-name",
        /// It does not count.
        Ignored = "ignored",
    }
    /// What `*` stands for.
    wildcard, "wildcard", Wildcard {
        /// One label (RFC 8461 §4.1).
        OneLabel = "one-label",
        /// One or more.
        AnyDepth = "any-depth",
    }
}
