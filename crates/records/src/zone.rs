//! What can be wrong with a zone file itself (RFC 1035 §5). The `mxray` command reads those, as nothing else has to.

/// The rules.
pub mod rules {
    crate::rules! { "zone":
        /// An entry that cannot be read.
        UNREADABLE = Fail, "unreadable", "RFC 1035 §5.1";
        /// Something that is not looked at, though it may hold records about mail.
        SKIPPED = Notice, "skipped", "RFC 1035 §5.1";
        /// A domain that takes mail, without the MTA-STS record that one above it has.
        POLICY_NOT_INHERITED = Notice, "policy-not-inherited", "RFC 8461 §3.4";
    }
}
