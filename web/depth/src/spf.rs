//! SPF as a whole: every record that receivers read, each term with what it costs.

use mxray_browser::Voice;
use mxray_records::harmless;
use mxray_scan::depth::{Branch, Record, State, Tree};
use mxray_scan::spf::{MAX_LOOKUPS, MAX_VOID_LOOKUPS};
use yew::prelude::*;

use crate::deep::part;
use crate::given::Given;

/// The tree, with the count that it comes to.
pub(crate) fn spf(given: &Given, tree: &Tree) -> Html {
    let voice = &given.voice;
    let content = match &tree.record {
        None => html! { <p>{voice.word("spf-tree.none")}</p> },
        Some(top) => html! {
            <>
                {count(voice, tree)}
                {record(voice, top)}
                {senders(voice, tree)}
            </>
        },
    };
    part("spf", voice.word("spf-tree.title"), content)
}

/// The count as a bar: so many of ten.
fn count(voice: &Voice, tree: &Tree) -> Html {
    let params = vec![
        ("lookups", tree.lookups.to_string()),
        ("most", MAX_LOOKUPS.to_string()),
        ("void", tree.void_lookups.to_string()),
        ("most_void", MAX_VOID_LOOKUPS.to_string()),
    ];
    let said = voice.with("spf-tree.count", &params);
    let incomplete = (!tree.complete)
        .then(|| html! { <p class="about">{voice.word("spf-tree.incomplete")}</p> });
    html! {
        <>
            <meter id="spf-count" min="0" max={MAX_LOOKUPS.to_string()} high={(MAX_LOOKUPS - 2).to_string()}
                optimum="0" value={tree.lookups.min(MAX_LOOKUPS).to_string()} aria-labelledby="spf-said" />
            <p id="spf-said">{said}</p>
            <p class="about">{voice.word("spf.lookups.rule")}</p>
            {incomplete}
        </>
    }
}

fn record(voice: &Voice, record: &Record) -> Html {
    html! {
        <ol class="tree">{for record.terms.iter().map(|term| branch(voice, term))}</ol>
    }
}

fn branch(voice: &Voice, branch: &Branch) -> Html {
    let place = branch.count.map(|count| html! { <span class="count">{count}</span> });
    let odd = odd(voice, branch);
    let below = branch.below.as_deref().map(|below| record(voice, below));
    html! {
        <li class={classes!((!branch.reached).then_some("unreached"))}>
            {place}
            <code>{harmless(&branch.term).into_owned()}</code>
            {for branch.provider.iter().map(|name| html! { <span class="came">{" "}{name}</span> })}
            {for odd.into_iter().map(|said| html! { <span class="came">{" · "}{said}</span> })}
            {below}
        </li>
    }
}

/// What it costs, and what is odd about it.
fn odd(voice: &Voice, branch: &Branch) -> Vec<String> {
    let cost = (branch.lookups > 1)
        .then(|| voice.with_one("spf-tree.cost", "lookups", branch.lookups.to_string()));
    let state = branch.below.as_ref().and_then(|below| state_key(below.state));
    let keys = [
        state,
        branch.void.then_some("spf-tree.void"),
        (!branch.reached).then_some("spf-tree.not-reached"),
    ];
    cost.into_iter().chain(keys.into_iter().flatten().map(|key| voice.word(key))).collect()
}

fn state_key(state: State) -> Option<&'static str> {
    match state {
        State::Read => None,
        State::Absent => Some("spf-tree.absent"),
        State::Broken => Some("spf-tree.broken"),
        State::Loop => Some("spf-tree.loop"),
        State::Repeated => Some("spf-tree.repeated"),
        State::NotFollowed => Some("spf-tree.not-followed"),
        State::Unknown => Some("spf-tree.unknown"),
    }
}

/// How many may send, and what writing all out would save.
fn senders(voice: &Voice, tree: &Tree) -> Html {
    let (senders, flattened) = (&tree.senders, &tree.flattened);
    if senders.everybody {
        return html! { <p class="error">{voice.word("spf-tree.everybody")}</p> };
    }
    let mut said = vec![voice.with_one("spf-tree.senders", "ipv4", senders.ipv4.to_string())];
    if let Some(prefix) = senders.ipv6_prefix {
        said.push(voice.with_one("spf-tree.senders.ipv6", "prefix", prefix.to_string()));
    }
    if !senders.uncountable.is_empty() {
        said.push(voice.with_one("spf-tree.uncountable", "terms", senders.uncountable.join(", ")));
    }
    let params = vec![
        ("saves", flattened.saves.to_string()),
        ("networks", flattened.networks.to_string()),
        ("octets", flattened.octets.to_string()),
    ];
    let flattened = (tree.lookups > MAX_LOOKUPS / 2)
        .then(|| html! { <p class="about">{voice.with("spf-tree.flattened", &params)}</p> });
    html! { <><p>{said.join(", ")}{"."}</p>{flattened}</> }
}
