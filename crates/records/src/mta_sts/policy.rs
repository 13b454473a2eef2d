//! The MTA-STS policy.

use crate::{Finding, Parsed};

pub mod rules {
    //! The rules of the policy.
    crate::rules! { "mta-sts.policy":
        /// An MX host that no pattern covers.
        MX_NOT_COVERED = Fail, "mx-not-covered", "RFC 8461 §4.1";
    }
}

/// What senders do when a delivery is not secure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Do not deliver.
    Enforce,
    /// Report and deliver.
    Testing,
    /// There is no policy any more.
    None,
}

/// What a policy says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The mode.
    pub mode: Mode,
}

impl Policy {
    /// Whether some pattern covers the host.
    #[must_use]
    pub fn covers(&self, host: &str) -> bool {
        host.is_empty()
    }
}

/// Reads a policy.
#[must_use]
pub fn parse(_body: &str) -> Parsed<Policy> {
    Parsed { value: None, ours: false, usable: false, findings: Vec::new() }
}

/// Judges the Content-Type that a policy came with.
#[must_use]
pub fn content_type(_value: Option<&str>) -> Vec<Finding> {
    Vec::new()
}

/// Holds a policy against the MX hosts.
#[must_use]
pub fn coverage(_policy: &Policy, _hosts: &[&str]) -> Vec<Finding> {
    Vec::new()
}
