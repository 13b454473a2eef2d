//! What receivers do with mail in the domain's name that is not from it (RFC 9989).

use mxray_browser::Voice;
use mxray_scan::Sentence;
use mxray_scan::depth::{Dmarc, Effective, Policies};
use yew::prelude::*;

use crate::deep::part;
use crate::given::Given;

/// The policies that apply, or why they are not known.
pub(crate) fn forged(given: &Given, dmarc: &Dmarc) -> Html {
    let voice = &given.voice;
    let content = match (&dmarc.unknown, &dmarc.policies) {
        (Some(why), _) => {
            let why = voice.sentence(&Sentence::from(why));
            html! { <p>{voice.with_one("dmarc-depth.unknown", "why", why)}</p> }
        }
        (None, None) => html! { <p>{voice.word("dmarc-depth.none")}</p> },
        (None, Some(policies)) => applied(voice, policies),
    };
    part("forged", voice.word("dmarc-depth.title"), content)
}

fn applied(voice: &Voice, policies: &Policies) -> Html {
    let rows = [
        ("dmarc-depth.domain", &policies.domain),
        ("dmarc-depth.subdomains", &policies.subdomains),
        ("dmarc-depth.nonexistent", &policies.nonexistent),
    ];
    let rows = rows.map(|(key, effective)| {
        html! { <li>{voice.word(key)}{": "}{said(voice, effective)}</li> }
    });
    let otherwise = policies.by_rfc7489.iter();
    html! {
        <>
            <ul>{for rows}</ul>
            {for otherwise.map(|said| html! { <p class="about">{voice.sentence(said)}</p> })}
        </>
    }
}

fn said(voice: &Voice, effective: &Effective) -> String {
    let params =
        vec![("policy", effective.policy.to_owned()), ("record", effective.record.to_string())];
    voice.with("dmarc-depth.policy", &params)
}
