//! A pattern: which MX hosts a policy allows.
