//! The sample domains that the lab brings along.

use std::path::Path;

use crate::DomainFile;

macro_rules! samples {
    ($($name:literal,)*) => {
        const SAMPLES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../domains/", $name, ".toml"))),)*];
    };
}

samples! {
    "enforce",
    "testing",
    "mode-none",
    "nothing",
    "no-policy",
    "no-reports",
    "record-without-policy",
    "policy-without-record",
    "policy-host-down",
    "policy-tls-fails",
    "policy-host-hangs-up",
    "expired-certificate",
    "not-yet-valid-certificate",
    "certificate-ends-soon",
    "self-signed-certificate",
    "wrong-name-certificate",
    "untrusted-certificate",
    "missing-intermediate",
    "policy-slow",
    "policy-address-fails",
    "redirect",
    "not-found",
    "html-page",
    "blank-line",
    "mode-enforced",
    "mx-not-covered",
    "wildcard-too-deep",
    "no-starttls",
    "mx-no-starttls",
    "starttls-refused",
    "mx-starttls-refused",
    "mx-tls-fails",
    "mx-self-signed",
    "mx-expired",
    "mx-not-yet-valid",
    "mx-own-certificate",
    "mx-untrusted",
    "mx-missing-intermediate",
    "mx-old-tls",
    "mx-wrong-name",
    "mx-ends-soon",
    "mx-down",
    "mx-address-fails",
    "mx-out-of-order",
    "mx-without-address",
    "mx-alias",
    "mx-in-one-place",
    "no-mx-with-address",
    "mx-421",
    "mx-silent",
    "null-mx",
    "null-mx-whole",
    "null-mx-with-others",
    "null-mx-without-spf",
    "no-mail",
    "no-mail-said-by-halves",
    "no-mx",
    "no-such-domain",
    "two-records",
    "spf-plus-all",
    "spf-absent",
    "dmarc-none",
    "team.dmarc-inherited",
    "dkim-wildcard",
    "dane",
    "dane-unsigned",
    "dane-unusable",
    "dane-partly",
    "dane-mismatch",
    "dane-without-starttls",
    "dane-combination",
    "dane-renewal",
    "dane-authority-name",
    "dane-reports",
    "bogus-dnssec",
    "delegated",
    "delegation-dangling",
    "delegation-partly",
    "pattern-too-wide",
    "none-with-long-life",
    "record-at-wrong-name",
    "team.not-inherited",
    "wildcard-mx",
    "reports-not-authorized",
    "dmarc-reports-undeliverable",
    "tls-reports-undeliverable",
    "tls-endpoint-missing",
    "spf-placeholder",
    "spf-lookups",
    "spf-void-lookups",
    "spf-loop",
    "spf-include-of-nothing",
    "spf-include-broken",
    "spf-many-mx",
    "spf-included-twice",
    "spf-include-in-vain",
    "dkim-selector-dangling",
    "slow",
    "huge-policy",
    "trickling-policy",
    "endless-banner",
    "full-message",
    "control-characters",
}

/// The sample domains, in the order in which the demo lists them.
pub fn samples() -> Vec<DomainFile> {
    let file = |(name, text): &(&str, &'static str)| DomainFile {
        path: Path::new("domains").join(format!("{name}.toml")),
        text: (*text).into(),
    };
    SAMPLES.iter().map(file).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_is_a_sample() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("domains");
        let mut found: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
            .collect();
        let mut listed: Vec<&str> = SAMPLES.iter().map(|(name, _)| *name).collect();
        found.sort();
        listed.sort();
        assert_eq!(found, listed);
    }
}
