//! SPF as a whole: every record that receivers read, drawn as a tree, each term with what it costs.

use mxray_browser::Voice;
use mxray_records::harmless;
use mxray_scan::depth::{Branch, Record, State, Tree};
use mxray_scan::spf::{MAX_LOOKUPS, MAX_VOID_LOOKUPS};
use yew::prelude::*;

use crate::dates::number;
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
                <p class="place"><code>{harmless(&top.domain).into_owned()}</code>{" TXT"}</p>
                {record(voice, top)}
                {senders(voice, tree)}
            </>
        },
    };
    part("spf", voice.word("spf-tree.title"), content)
}

/// Lookups that are drawn; where there are more, their number alone is told.
const MOST_DRAWN: usize = 30;

/// The count, drawn as a square for each lookup, those beyond the tenth apart.
fn count(voice: &Voice, tree: &Tree) -> Html {
    let count = |number: usize| number_of(voice, number);
    let params = vec![
        ("lookups", count(tree.lookups)),
        ("most", count(MAX_LOOKUPS)),
        ("void", count(tree.void_lookups)),
        ("most_void", count(MAX_VOID_LOOKUPS)),
    ];
    let incomplete = (!tree.complete)
        .then(|| html! { <p class="about">{voice.word("spf-tree.incomplete")}</p> });
    html! {
        <>
            {slots(tree.lookups.min(MOST_DRAWN))}
            <p>{voice.with("spf-tree.count", &params)}</p>
            <p class="about">{voice.word("spf.lookups.rule")}</p>
            {incomplete}
        </>
    }
}

/// So many of ten; what is beyond is crossed out.
fn slots(lookups: usize) -> Html {
    let slot = |place: usize| {
        let beyond = place >= MAX_LOOKUPS;
        let start = place * 16 + usize::from(beyond) * 8 + 2;
        let class = match (place < lookups, beyond) {
            (true, false) => "slot taken",
            (true, true) => "slot beyond",
            (false, _) => "slot",
        };
        let cross = beyond.then(|| {
            let cross = format!("M{start} 3l12 12m0 -12l-12 12");
            html! { <path class="cross" d={cross} /> }
        });
        html! {
            <>
                <rect class={class} x={start.to_string()} y="3" width="12" height="12" rx="2" />
                {for cross}
            </>
        }
    };
    let (all, end) = (lookups.max(MAX_LOOKUPS), MAX_LOOKUPS * 16 + 4);
    let width = all * 16 + 12;
    let limit = format!("M{end} 0V18");
    html! {
        <svg class="slots" viewBox={format!("0 0 {width} 18")} width={width.to_string()} aria-hidden="true">
            {for (0..all).map(slot)}
            <path class="limit" d={limit} />
        </svg>
    }
}

/// The records below one another, each joined to the term that leads to it.
fn record(voice: &Voice, record: &Record) -> Html {
    let last = record.terms.len().saturating_sub(1);
    let terms = record.terms.iter().enumerate();
    html! {
        <ol class="tree">{for terms.map(|(place, term)| branch(voice, term, place == last))}</ol>
    }
}

fn branch(voice: &Voice, branch: &Branch, is_last: bool) -> Html {
    let place = branch.count.map(|count| {
        html! { <span class="count" title={voice.word("depth.spf.place")}>{number_of(voice, count)}</span> }
    });
    let odd = odd(voice, branch);
    let below = branch.below.as_deref().map(|below| record(voice, below));
    html! {
        <li class={classes!((!branch.reached).then_some("unreached"))}>
            <svg class="twig" aria-hidden="true">
                <line x1="1" y1="0" x2="1" y2={if is_last { "13" } else { "100%" }} />
                <line x1="1" y1="13" x2="14" y2="13" />
            </svg>
            {place}
            <code>{harmless(&branch.term).into_owned()}</code>
            {cost(branch.lookups.min(MOST_DRAWN))}
            {for branch.provider.iter().map(|name| html! { <span class="came">{" "}{name}</span> })}
            {for odd.into_iter().map(|said| html! { <span class="came">{" · "}{said}</span> })}
            {below}
        </li>
    }
}

/// A square for each lookup that a term takes, with all that it leads to.
fn cost(lookups: usize) -> Html {
    if lookups == 0 {
        return Html::default();
    }
    let squares = (0..lookups).map(|place| {
        html! { <rect x={(place * 9).to_string()} y="0" width="7" height="7" rx="1" /> }
    });
    let width = lookups * 9;
    html! {
        <svg class="cost" viewBox={format!("0 0 {width} 7")} width={width.to_string()} height="7" aria-hidden="true">
            {for squares}
        </svg>
    }
}

fn number_of(voice: &Voice, count: usize) -> String {
    number(voice, count as u64)
}

/// What it costs, and what is odd about it.
fn odd(voice: &Voice, branch: &Branch) -> Vec<String> {
    let cost = (branch.lookups > 1)
        .then(|| voice.with_one("spf-tree.cost", "lookups", number_of(voice, branch.lookups)));
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
    let mut said = vec![voice.with_one("spf-tree.senders", "ipv4", number(voice, senders.ipv4))];
    if let Some(prefix) = senders.ipv6_prefix {
        said.push(voice.with_one("spf-tree.senders.ipv6", "prefix", prefix.to_string()));
    }
    if !senders.uncountable.is_empty() {
        said.push(voice.with_one("spf-tree.uncountable", "terms", senders.uncountable.join(", ")));
    }
    let params = vec![
        ("saves", number_of(voice, flattened.saves)),
        ("networks", number_of(voice, flattened.networks)),
        ("octets", number_of(voice, flattened.octets)),
    ];
    let flattened = (tree.lookups > MAX_LOOKUPS / 2)
        .then(|| html! { <p class="about">{voice.with("spf-tree.flattened", &params)}</p> });
    html! { <><p>{said.join(", ")}{"."}</p>{flattened}</> }
}
