//! MTA-STS (RFC 8461): the record that announces a policy, and the policy.

pub mod pattern;
pub mod policy;
pub mod record;
pub mod senders;
