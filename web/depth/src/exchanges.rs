//! The mail servers as names and addresses, and who keeps the policy: where what leads.

use mxray_facts::Name;
use mxray_scan::depth::{Delegation, Exchanges};
use yew::prelude::*;

use crate::dates::number;
use crate::deep::part;
use crate::given::Given;

/// How many servers, in how many places; which of them are other names for others.
pub(crate) fn exchanges(given: &Given, mx: &Exchanges) -> Html {
    let voice = &given.voice;
    if mx.hosts.is_empty() {
        return Html::default();
    }
    let about = vec![
        ("hosts", number(voice, mx.hosts.len() as u64)),
        ("networks", number(voice, mx.networks as u64)),
        ("ipv6", voice.of("depth", mx.ipv6.as_str())),
    ];
    let aliases = mx.hosts.iter().filter_map(|exchange| Some((exchange, exchange.aliases.last()?)));
    let aliases = aliases.map(|(exchange, end)| {
        html! { <li><code>{exchange.host.to_string()}</code>{" → "}<code>{end.to_string()}</code></li> }
    });
    let aliases: Vec<Html> = aliases.collect();
    let content = html! {
        <>
            <p>{voice.with("mx-depth.line", &about)}</p>
            if !aliases.is_empty() { <ul>{for aliases}</ul> }
        </>
    };
    part("exchanges", voice.word("depth.exchanges"), content)
}

/// Where record and policy lead, if either is kept by somebody else.
pub(crate) fn delegation(given: &Given, delegation: &Delegation) -> Html {
    let voice = &given.voice;
    let ends = [
        ("delegation.record", delegation.record.last()),
        ("delegation.policy", delegation.policy.last()),
    ];
    let ends: Vec<_> = ends.into_iter().filter_map(|(key, end)| Some((key, end?))).collect();
    if ends.is_empty() {
        return Html::default();
    }
    let said = |(key, end): (&str, &Name)| voice.with_one(key, "end", end.to_string());
    let content = html! {
        <>
            <ul>{for ends.into_iter().map(|end| html! { <li>{said(end)}</li> })}</ul>
            {for delegation.provider.iter().map(|name| html! { <p class="about">{name}</p> })}
        </>
    };
    part("delegation", voice.word("delegation.title"), content)
}
