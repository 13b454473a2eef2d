//! Names that the public DNS does not answer for, and the operator's own might.

/// Top-level names for special use (RFC 6761 and IANA's registry after it), and others that
/// private networks use (ICANN's reserved strings).
const NOT_PUBLIC: [&str; 14] = [
    "alt",
    "arpa",
    "corp",
    "home",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localhost",
    "mail",
    "onion",
    "private",
    "test",
];

/// Whether a name in canonical form is one of the public DNS; the root is everybody's.
pub(crate) fn is_public(name: &str) -> bool {
    name == "."
        || name
            .rsplit_once('.')
            .is_some_and(|(_, last)| !last.is_empty() && !NOT_PUBLIC.contains(&last))
}

#[cfg(test)]
mod tests {
    use super::is_public;

    #[test]
    fn the_operators_own_names_are_not_public() {
        for (name, expected) in [
            ("example.com", true),
            ("_dmarc.com", true),
            ("local.example", true),
            ("localhost", false),
            ("printer.local", false),
            ("db.internal", false),
            ("1.0.0.10.in-addr.arpa", false),
            ("router.home.arpa", false),
            ("abc.onion", false),
            ("com", false),
            (".", true),
        ] {
            assert_eq!(is_public(name), expected, "{name}");
        }
    }
}
