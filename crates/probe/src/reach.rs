//! What became of connections to the public internet: what this machine can reach, learned on the way.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr, UdpSocket};
use std::sync::{Mutex, PoisonError};

/// What is connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// A policy host.
    Https,
    /// A mail host.
    Smtp,
}

/// By which protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

/// What became of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It came about.
    Connected,
    /// Somebody said that nobody is there.
    Refused,
    /// Nobody answered.
    TimedOut,
    /// This machine has no way there.
    NotFromHere,
    /// The address is none that is connected to.
    NotAllowed,
    /// The address was connected to as often as strangers are for now.
    TooOften,
}

/// How often what became of connections, since the start.
pub type Connections = BTreeMap<(Service, Family, Outcome), u64>;

/// Whether mail servers can be reached from this machine, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpReach {
    /// One was.
    Reached,
    /// The machine says that there is no way, and none was reached.
    NoWay,
    /// None of several let us in: many networks drop what goes to port 25, or refuse it.
    NoAnswer,
    /// Too few were tried.
    Untried,
}

/// How many servers that let nobody in are no coincidence.
const MANY: u64 = 5;

impl SmtpReach {
    /// What connections tell.
    #[must_use]
    pub fn of(connections: &Connections) -> Self {
        let count = |wanted: Outcome, families: &[Family]| -> u64 {
            let smtp = connections.iter().filter(|((service, family, outcome), _)| {
                *service == Service::Smtp && families.contains(family) && *outcome == wanted
            });
            smtp.map(|(_, count)| count).sum()
        };
        let any = [Family::V4, Family::V6];
        if count(Outcome::Connected, &any) > 0 {
            Self::Reached
        } else if count(Outcome::NotFromHere, &[Family::V4]) > 0 {
            // Without IPv6 alone mail servers can be reached.
            Self::NoWay
        } else if count(Outcome::TimedOut, &any) + count(Outcome::Refused, &any) >= MANY {
            Self::NoAnswer
        } else {
            Self::Untried
        }
    }

    /// Whether that a server lets nobody in says more about us than about it.
    pub(crate) fn is_doubtful(self) -> bool {
        matches!(self, Self::NoWay | Self::NoAnswer)
    }
}

/// Counts.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<Connections>);

impl Tally {
    pub(crate) fn count(&self, service: Service, address: IpAddr, outcome: Outcome) {
        let family = if address.is_ipv4() { Family::V4 } else { Family::V6 };
        let mut connections = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *connections.entry((service, family, outcome)).or_default() += 1;
    }

    pub(crate) fn so_far(&self) -> Connections {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// An address of the IPv6 internet.
pub(crate) const SOMEWHERE: Ipv6Addr = Ipv6Addr::new(0x2620, 0xfe, 0, 0, 0, 0, 0, 0xfe);

/// Whether the system knows a way into the IPv6 internet; nothing is sent.
pub(crate) fn has_ipv6() -> bool {
    let way = || UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0))?.connect((SOMEWHERE, 9));
    way().is_ok()
}

#[cfg(test)]
mod tests {
    use super::{Connections, Family, Outcome, Service, SmtpReach};

    #[test]
    fn what_connections_tell_about_port_25() {
        use Outcome::{Connected, NotAllowed, NotFromHere, Refused, TimedOut};
        let smtp = Service::Smtp;
        for (reason, seen, expected) in [
            ("nothing", &[][..], SmtpReach::Untried),
            (
                "a policy host is no mail host",
                &[(Service::Https, Connected, 9)],
                SmtpReach::Untried,
            ),
            ("one is enough", &[(smtp, Connected, 1), (smtp, TimedOut, 99)], SmtpReach::Reached),
            ("a firewall of this machine", &[(smtp, NotFromHere, 1)], SmtpReach::NoWay),
            ("a few silent ones", &[(smtp, TimedOut, 4)], SmtpReach::Untried),
            ("only silent ones", &[(smtp, TimedOut, 5)], SmtpReach::NoAnswer),
            ("a middlebox may refuse as well", &[(smtp, Refused, 5)], SmtpReach::NoAnswer),
            (
                "some are silent, some refuse",
                &[(smtp, Refused, 2), (smtp, TimedOut, 3)],
                SmtpReach::NoAnswer,
            ),
            ("a few that refuse", &[(smtp, Refused, 4)], SmtpReach::Untried),
            ("nobody was asked", &[(smtp, NotAllowed, 9)], SmtpReach::Untried),
        ] {
            let connections: Connections = seen
                .iter()
                .map(|(service, outcome, count)| ((*service, Family::V4, *outcome), *count))
                .collect();
            assert_eq!(SmtpReach::of(&connections), expected, "{reason}");
        }
        let no_ipv6 = [((smtp, Family::V6, NotFromHere), 9)].into();
        assert_eq!(SmtpReach::of(&no_ipv6), SmtpReach::Untried, "IPv6 is not the only way");
    }
}
