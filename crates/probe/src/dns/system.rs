//! The resolver that the system uses.

use std::fs;
use std::net::{IpAddr, SocketAddr};

use crate::ConfigError;

/// The first resolver of `/etc/resolv.conf`.
pub(super) fn resolver() -> Result<SocketAddr, ConfigError> {
    let text = fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    let address = first_nameserver(&text).ok_or(ConfigError::NoSystemResolver)?;
    Ok(SocketAddr::new(address, 53))
}

fn first_nameserver(text: &str) -> Option<IpAddr> {
    text.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        (words.next() == Some("nameserver")).then(|| words.next()?.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::first_nameserver;

    #[test]
    fn the_first_usable_nameserver_is_taken() {
        for (reason, text, expected) in [
            (
                "usual",
                "search example\nnameserver 192.0.2.53\nnameserver 192.0.2.54",
                Some("192.0.2.53"),
            ),
            ("tabs", "nameserver\t2001:db8::53 # ours", Some("2001:db8::53")),
            (
                "an interface's own, which has no port",
                "nameserver fe80::1%eth0\nnameserver ::1",
                Some("::1"),
            ),
            ("a comment", "#nameserver 192.0.2.53", None),
            ("nothing", "", None),
        ] {
            let expected = expected.map(|text| text.parse().unwrap());
            assert_eq!(first_nameserver(text), expected, "{reason}");
        }
    }
}
