//! Who honors the policy: what the code of each sender takes from it.

use mxray_browser::Voice;
use mxray_facts::PolicyOutcome;
use mxray_records::mta_sts::policy::Mode;
use mxray_records::mta_sts::senders::{Because, Published, Row, table};
use mxray_scan::{Report, Source};
use yew::prelude::*;

use crate::deep::part;
use crate::given::Given;

/// A row for each sender, where a policy was read.
pub(crate) fn senders(given: &Given) -> Html {
    let voice = &given.voice;
    let Some(fetched) = Fetched::of(&given.report) else { return Html::default() };
    let hosts: Vec<_> = given.report.hosts.iter().map(|host| host.host.to_string()).collect();
    let published = Published {
        policy: &fetched.policy,
        content_type: Some(&fetched.content_type),
        mx: &hosts,
    };
    let rows = table(&given.world.senders, published);
    if rows.is_empty() {
        return Html::default();
    }
    let rows = rows.iter().map(|sender| row(voice, sender));
    let content = html! {
        <div class="scroll" tabindex="0" role="region" aria-labelledby="senders-heading">
            <table><tbody>{for rows}</tbody></table>
        </div>
    };
    part("senders", voice.word("senders.title"), content)
}

/// A policy as it was served.
struct Fetched {
    policy: String,
    content_type: String,
}

impl Fetched {
    fn of(report: &Report) -> Option<Self> {
        let evidence = report.checks.iter().flat_map(|check| &check.evidence);
        let fetch = evidence.filter_map(|evidence| match &evidence.source {
            Source::Policy(fetch) => Some(fetch),
            Source::Dns { .. } => None,
        });
        let outcome = fetch.map(|fetch| &fetch.outcome).next()?;
        let PolicyOutcome::Response(response) = outcome else { return None };
        (response.status == 200 && !response.truncated).then_some(())?;
        Some(Self {
            policy: response.body.to_text(),
            content_type: response.content_type.clone().unwrap_or_default(),
        })
    }
}

fn row(voice: &Voice, row: &Row<'_>) -> Html {
    let (tone, word) = match row.taken.as_ref().map(|taken| taken.mode) {
        Some(Mode::Enforce) => ("pass", Mode::Enforce.as_str().to_owned()),
        Some(mode) => ("warning", mode.as_str().to_owned()),
        None => ("fail", voice.word("senders.refused")),
    };
    let uncovered = (!row.uncovered.is_empty())
        .then(|| voice.with_one("senders.uncovered", "hosts", row.uncovered.join(", ")));
    let said = row.because.iter().map(|why| because(voice, *why)).chain(uncovered);
    html! {
        <tr data-sender={row.sender.name.clone()}>
            <th scope="row">
                <a href={row.sender.link.clone()} rel="noreferrer">{&row.sender.name}</a>
                <div class="because">{&row.sender.version}{", "}{&row.sender.read}</div>
            </th>
            <td>
                <div class={format!("delivery is-{tone}")}>
                    <span class={format!("badge is-{tone}")} aria-hidden="true" />{" "}{word}
                </div>
                {for said.map(|said| html! { <div class="because">{said}</div> })}
            </td>
        </tr>
    }
}

fn because(voice: &Voice, because: Because) -> String {
    let what = voice.word(&because.way.key());
    match because.line {
        Some(line) => voice.with("senders.line", &vec![("line", line.to_string()), ("what", what)]),
        None => what,
    }
}
