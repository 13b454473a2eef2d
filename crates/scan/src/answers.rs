//! The two answers, as a truth table over what the checks came to.

use mxray_records::Params;
use serde::Serialize;

use crate::checks::{dane, dkim, dmarc, mail_servers, mta_sts, mx, spf};
use crate::report::{Answer, Sentence};

/// The answer to one of the two questions; yes is good in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Protection {
    /// Protected.
    Yes,
    /// Some of the way.
    Partly,
    /// Not protected.
    No,
    /// What it hangs on could not be looked at.
    Unknown,
}

impl Protection {
    /// Its name in the JSON and in the keys of the texts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Partly => "partly",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// What the checks came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct States {
    pub(crate) mail: mx::Mail,
    pub(crate) mta_sts: mta_sts::State,
    pub(crate) servers: mail_servers::State,
    pub(crate) dane: dane::State,
    pub(crate) spf: spf::State,
    pub(crate) dkim: dkim::State,
    pub(crate) dmarc: dmarc::State,
}

impl States {
    /// Before anything is known.
    pub(crate) const UNKNOWN: Self = Self {
        mail: mx::Mail::Unknown,
        mta_sts: mta_sts::State::Unknown,
        servers: mail_servers::State::Unobserved,
        dane: dane::State::Unknown,
        spf: spf::State::Unknown,
        dkim: dkim::State::Unknown,
        dmarc: dmarc::State::Unknown,
    };
}

pub(crate) mod answer {
    //! The table itself. The first row that fits answers.

    use Protection::{No, Partly, Unknown, Yes};

    use super::{
        Answer, Params, Protection, Sentence, States, dane, dkim, dmarc, mail_servers, mta_sts, mx,
        spf,
    };

    /// *Is mail to you protected on its way?*
    pub(crate) fn transport(states: &States) -> Answer {
        use dane::State as Dane;
        use mail_servers::State as Servers;
        use mta_sts::State as Sts;
        let (protection, key) = match (states.mta_sts, states.dane, states.servers) {
            _ if states.mail == mx::Mail::NoDomain => (Unknown, "answer.transport.no-domain"),
            _ if states.mail == mx::Mail::Declined => (Yes, "answer.transport.no-mail"),
            _ if states.mail == mx::Mail::Nowhere => (Yes, "answer.transport.nowhere"),
            // Whether policy and TLSA records are for the servers that there are decides.
            _ if states.mail == mx::Mail::Unknown => (Unknown, "answer.transport.unknown"),
            // Senders that know either refuse what does not fit, so nothing goes astray; but it does not arrive.
            (_, Dane::Broken, _) => (Partly, "answer.transport.dane-broken"),
            (Sts::EnforcedPartly, _, _) => (Partly, "answer.transport.not-covered"),
            (Sts::Enforced, _, Servers::SomeFlawed) => (Partly, "answer.transport.refused"),
            (Sts::Enforced, _, Servers::AllGood | Servers::NoHosts) => {
                (Yes, "answer.transport.enforced")
            }
            (Sts::Enforced, _, Servers::Unanswered) => {
                (Yes, "answer.transport.enforced-unanswered")
            }
            (Sts::Enforced, _, Servers::Unobserved) => (Yes, "answer.transport.enforced-untested"),
            (_, Dane::All, _) => (Yes, "answer.transport.dane"),
            (Sts::Testing, _, _) => (Partly, "answer.transport.testing"),
            (_, Dane::Some, _) => (Partly, "answer.transport.dane-partly"),
            (Sts::Unknown, _, _) => (Unknown, "answer.transport.policy-unread"),
            (_, Dane::Unknown, _) => (Unknown, "answer.transport.unknown"),
            (Sts::Broken, Dane::None, _) => (No, "answer.transport.broken"),
            (Sts::Off, Dane::None, _) => (No, "answer.transport.off"),
            (Sts::Absent, Dane::None, Servers::AllGood) => (No, "answer.transport.opportunistic"),
            (Sts::Absent, Dane::None, _) => (No, "answer.transport.absent"),
        };
        say(protection, key)
    }

    /// *Is your name protected against forged mail?*
    pub(crate) fn forgery(states: &States) -> Answer {
        use dkim::State as Dkim;
        use dmarc::State as Dmarc;
        use spf::State as Spf;
        let (protection, key) = match (states.dmarc, states.spf, states.dkim) {
            _ if states.mail == mx::Mail::NoDomain => (Unknown, "answer.forgery.no-domain"),
            (_, Spf::AllowsNobody, _) if states.mail == mx::Mail::Declined => {
                (Yes, "answer.forgery.no-mail")
            }
            // Mail from anybody passes SPF, and with it DMARC.
            (_, Spf::AllowsAnybody, _) => (No, "answer.forgery.anybody"),
            (Dmarc::Unknown, _, _) => (Unknown, "answer.forgery.unknown"),
            (Dmarc::Absent, _, _) => (No, "answer.forgery.absent"),
            (Dmarc::Broken, _, _) => (No, "answer.forgery.broken"),
            (Dmarc::Enforced | Dmarc::Watching, Spf::Unknown, _) => {
                (Unknown, "answer.forgery.spf-unread")
            }
            (Dmarc::Watching, _, _) => (Partly, "answer.forgery.watching"),
            (Dmarc::Enforced, Spf::Usable | Spf::AllowsNobody, _) => {
                (Yes, "answer.forgery.enforced")
            }
            (Dmarc::Enforced, Spf::Absent, Dkim::Found) => (Yes, "answer.forgery.enforced"),
            (Dmarc::Enforced, Spf::Broken, _) => (Partly, "answer.forgery.spf-broken"),
            (Dmarc::Enforced, Spf::Absent, _) => (Partly, "answer.forgery.spf-absent"),
        };
        say(protection, key)
    }

    fn say(protection: Protection, key: &'static str) -> Answer {
        Answer { protection, because: Sentence { key, params: Params::new() } }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::Protection::{self, No, Partly, Unknown, Yes};
    use super::{States, answer, dane, dkim, dmarc, mail_servers, mta_sts, mx, spf};

    /// A domain with mail that protects nothing.
    const BARE: States = States {
        mail: mx::Mail::Taken,
        mta_sts: mta_sts::State::Absent,
        servers: mail_servers::State::Unobserved,
        dane: dane::State::None,
        spf: spf::State::Absent,
        dkim: dkim::State::NotFound,
        dmarc: dmarc::State::Absent,
    };

    #[test]
    fn transport() {
        use dane::State as Dane;
        use mail_servers::State as Servers;
        use mta_sts::State as Sts;
        let rows: [(&str, States, Protection); 23] = [
            ("nothing is published", BARE, No),
            (
                "servers that offer TLS to whoever asks",
                States { servers: Servers::AllGood, ..BARE },
                No,
            ),
            (
                "enforced, and every server fits",
                States { mta_sts: Sts::Enforced, servers: Servers::AllGood, ..BARE },
                Yes,
            ),
            ("enforced, servers not observed", States { mta_sts: Sts::Enforced, ..BARE }, Yes),
            (
                "enforced, a server is refused",
                States { mta_sts: Sts::Enforced, servers: Servers::SomeFlawed, ..BARE },
                Partly,
            ),
            (
                "enforced, a server is not covered",
                States { mta_sts: Sts::EnforcedPartly, ..BARE },
                Partly,
            ),
            (
                "testing",
                States { mta_sts: Sts::Testing, servers: Servers::AllGood, ..BARE },
                Partly,
            ),
            ("mode none", States { mta_sts: Sts::Off, ..BARE }, No),
            ("a policy that senders cannot use", States { mta_sts: Sts::Broken, ..BARE }, No),
            ("policy unread and no DANE seen", States { mta_sts: Sts::Unknown, ..BARE }, Unknown),
            (
                "policy unread, DANE on every host",
                States { mta_sts: Sts::Unknown, dane: Dane::All, ..BARE },
                Yes,
            ),
            (
                "policy unread, DANE on some hosts",
                States { mta_sts: Sts::Unknown, dane: Dane::Some, ..BARE },
                Partly,
            ),
            ("DANE on every host, secure and matching", States { dane: Dane::All, ..BARE }, Yes),
            ("DANE on some hosts", States { dane: Dane::Some, ..BARE }, Partly),
            ("DANE that does not match", States { dane: Dane::Broken, ..BARE }, Partly),
            (
                "DANE that does not match, with MTA-STS",
                States { dane: Dane::Broken, mta_sts: Sts::Enforced, ..BARE },
                Partly,
            ),
            ("no policy, TLSA unread", States { dane: Dane::Unknown, ..BARE }, Unknown),
            (
                "enforced, TLSA unread",
                States { mta_sts: Sts::Enforced, dane: Dane::Unknown, ..BARE },
                Yes,
            ),
            ("says that it takes no mail", States { mail: mx::Mail::Declined, ..BARE }, Yes),
            (
                "enforced, and no server answers",
                States { mta_sts: Sts::Enforced, servers: Servers::Unanswered, ..BARE },
                Yes,
            ),
            ("there is no such domain", States { mail: mx::Mail::NoDomain, ..BARE }, Unknown),
            (
                "enforced, for servers that are not known",
                States { mta_sts: Sts::Enforced, mail: mx::Mail::Unknown, ..BARE },
                Unknown,
            ),
            ("takes no mail without saying so", States { mail: mx::Mail::Nowhere, ..BARE }, Yes),
        ];
        for (reason, states, expected) in rows {
            assert_eq!(answer::transport(&states).protection, expected, "{reason}");
        }
    }

    #[test]
    fn forgery() {
        use dkim::State as Dkim;
        use dmarc::State as Dmarc;
        use spf::State as Spf;
        let enforced = States { dmarc: Dmarc::Enforced, spf: Spf::Usable, ..BARE };
        let rows: [(&str, States, Protection); 16] = [
            ("nothing is published", BARE, No),
            ("SPF -all without DMARC", States { spf: Spf::AllowsNobody, ..BARE }, No),
            ("DMARC enforced, SPF sound", enforced, Yes),
            ("DMARC enforced, SPF +all", States { spf: Spf::AllowsAnybody, ..enforced }, No),
            ("DMARC enforced, SPF broken", States { spf: Spf::Broken, ..enforced }, Partly),
            (
                "DMARC enforced, no SPF, a DKIM key",
                States { spf: Spf::Absent, dkim: Dkim::Found, ..enforced },
                Yes,
            ),
            (
                "DMARC enforced, no SPF, no DKIM key found",
                States { spf: Spf::Absent, ..enforced },
                Partly,
            ),
            ("DMARC enforced, SPF unread", States { spf: Spf::Unknown, ..enforced }, Unknown),
            (
                "DMARC enforced, DKIM not found among those tried",
                States { dkim: Dkim::NotFound, ..enforced },
                Yes,
            ),
            ("DMARC enforced, DKIM unread", States { dkim: Dkim::Unknown, ..enforced }, Yes),
            ("DMARC p=none", States { dmarc: Dmarc::Watching, ..enforced }, Partly),
            ("DMARC unread", States { dmarc: Dmarc::Unknown, ..enforced }, Unknown),
            (
                "DMARC unread, SPF +all",
                States { dmarc: Dmarc::Unknown, spf: Spf::AllowsAnybody, ..BARE },
                No,
            ),
            ("DMARC broken", States { dmarc: Dmarc::Broken, ..enforced }, No),
            ("there is no such domain", States { mail: mx::Mail::NoDomain, ..BARE }, Unknown),
            (
                "neither sends nor receives",
                States { mail: mx::Mail::Declined, spf: Spf::AllowsNobody, ..BARE },
                Yes,
            ),
        ];
        for (reason, states, expected) in rows {
            assert_eq!(answer::forgery(&states).protection, expected, "{reason}");
        }
    }
}
