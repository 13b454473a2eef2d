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
    "record-without-policy",
    "policy-without-record",
    "policy-host-down",
    "expired-certificate",
    "self-signed-certificate",
    "wrong-name-certificate",
    "untrusted-certificate",
    "missing-intermediate",
    "redirect",
    "not-found",
    "html-page",
    "blank-line",
    "mode-enforced",
    "mx-not-covered",
    "wildcard-too-deep",
    "no-starttls",
    "starttls-refused",
    "mx-self-signed",
    "mx-down",
    "mx-421",
    "mx-silent",
    "null-mx",
    "no-mail",
    "two-records",
    "spf-plus-all",
    "dmarc-none",
    "dkim-wildcard",
    "dane",
    "dane-mismatch",
    "bogus-dnssec",
    "delegated",
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
        path: Path::new("domains").join(name).with_extension("toml"),
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
