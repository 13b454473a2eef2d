//! Real policies: each `mta-sts.txt` of a folder under a domain of its own.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::format::{Base, Dnssec, DomainToml, PolicyToml};
use crate::world::Source;
use crate::{Expect, LabError, sound};

/// Below this name stand the domains of the policies.
const PARENT: &str = "policies.example";

/// One real policy and the domain that publishes it in the lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyDomain {
    /// Such as `0102c54b20d6.policies.example`.
    pub name: String,
    /// The file that is served, byte by byte.
    pub file: PathBuf,
}

/// Reads every `*.txt` of `folder`, in order of name.
pub(crate) fn read(folder: &Path) -> Result<Vec<(PolicyDomain, Source)>, LabError> {
    let failed = |source| LabError::Read { path: folder.to_owned(), source };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            files.push(path);
        }
    }
    files.sort();
    files.into_iter().map(domain).collect()
}

fn domain(file: PathBuf) -> Result<(PolicyDomain, Source), LabError> {
    let body = fs::read(&file).map_err(|source| LabError::Read { path: file.clone(), source })?;
    let name = format!("{}.{PARENT}", label(&file));
    let toml = DomainToml {
        domain: name.clone(),
        about: format!("The policy of {}.", file.display()),
        expect: Expect::default(),
        base: Base::Sound,
        dnssec: Dnssec::default(),
        ttl: sound::TTL,
        mx: Some(
            hosts(&body)
                .into_iter()
                .map(|host| sound::mail_host(&format!("{host}."), 10))
                .collect(),
        )
        .filter(|hosts: &Vec<_>| !hosts.is_empty()),
        policy: Some(PolicyToml {
            body_base64: Some(STANDARD.encode(&body)),
            ..PolicyToml::default()
        }),
        records: Default::default(),
    };
    let source = Source::new(file.clone(), toml)?;
    Ok((PolicyDomain { name, file }, source))
}

/// The file's name as a label of a domain name.
fn label(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let letter = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    stem.chars().map(letter).take(63).collect()
}

/// MX hosts that the patterns of a policy match. The reading is lenient and simple: it makes hosts
/// to look at, it judges nothing.
pub(crate) fn hosts(policy: &[u8]) -> Vec<String> {
    let mut hosts: Vec<String> = Vec::new();
    for line in String::from_utf8_lossy(policy).lines() {
        let Some((key, value)) = line.split_once(':') else { continue };
        let pattern = value.trim().to_ascii_lowercase();
        let host = match pattern.strip_prefix("*.") {
            Some(parent) => format!("mail.{parent}"),
            None => pattern,
        };
        if key.trim().eq_ignore_ascii_case("mx") && is_host(&host) && !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    hosts
}

/// At least two labels of letters, digits and hyphens (RFC 1123 §2.1).
fn is_host(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    name.len() < 254 && name.contains('.') && name.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_made_from_patterns() {
        for (reason, policy, expected) in [
            ("a host is itself", "mx: mail.foo.example", &["mail.foo.example"][..]),
            ("a wildcard gets a host that it matches", "mx: *.foo.example", &["mail.foo.example"]),
            ("capitals, spaces and CRLF do not matter", " MX:  A.Example \r\n", &["a.example"]),
            ("one host once", "mx: a.example\nmx: a.example", &["a.example"]),
            ("what is no host makes none", "mx: Priority 5: a.example\nmx: x\nmx: .", &[]),
            ("other fields make none", "mode: a.example\n# mx: b.example", &[]),
        ] {
            assert_eq!(hosts(policy.as_bytes()), expected, "{reason}");
        }
    }
}
