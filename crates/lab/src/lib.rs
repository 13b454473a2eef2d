//! An internet in a box: DNS, policy hosts and mail servers, one TOML file a domain.
