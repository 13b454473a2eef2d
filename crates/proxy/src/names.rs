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

/// The last two labels of a name in canonical form: who answers for them has a say in all below. Of
/// `co.uk` that makes one of many domains, which the allowance has room for.
pub(crate) fn domain(name: &str) -> &str {
    name.rmatch_indices('.').nth(1).map_or(name, |(dot, _)| &name[dot + 1..])
}

#[cfg(test)]
mod tests {
    use super::{domain, is_public};

    #[test]
    fn a_name_belongs_to_its_last_two_labels() {
        for (name, expected) in [
            ("example.com", "example.com"),
            ("a.b.example.com", "example.com"),
            ("_dmarc.com", "_dmarc.com"),
            ("com", "com"),
            (".", "."),
        ] {
            assert_eq!(domain(name), expected, "{name}");
        }
    }

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
