//! A text is tried before it is published: the rules and underlines of the report, on what was pasted
//! or dropped.

use mxray_browser::{Layout, Mark};
use mxray_records::lint::{Kind, Lint, lint};
use mxray_records::{Finding, Span, Text};
use mxray_scan::depth::{Published, honoring};
use mxray_zone::{Found, Linted, lint_all};
use web_sys::{HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::deep::{Props, part};
use crate::file::FileField;
use crate::findings::{linted, noted, use_sentences, verdict};
use crate::given::Given;
use crate::marked::marked;
use crate::senders::table;

/// The most that is read of what is pasted, in bytes: as much as of a policy (RFC 8461 §3.3).
const MOST: usize = 64 * 1024;

/// What a text is meant to be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Text(Kind),
    /// All records of a domain, as a zone file has them.
    Zone,
}

impl What {
    fn all() -> impl Iterator<Item = Self> {
        Kind::ALL.into_iter().map(Self::Text).chain([Self::Zone])
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Text(kind) => kind.as_str(),
            Self::Zone => "zone",
        }
    }
}

/// What is tried.
#[derive(Clone, PartialEq)]
struct Tried {
    what: What,
    text: String,
    /// Whether a policy is held against the domain's mail servers.
    covering: bool,
}

/// What came of it.
enum Outcome {
    Nothing,
    Text(Kind, Vec<Text>, Lint),
    Zone(Vec<Linted>),
}

/// A place for a text, and what there is to say about it as it is typed.
#[component]
pub(crate) fn Linting(props: &Props) -> Html {
    let given = &props.given;
    let voice = &given.voice;
    let tried = use_state_eq(|| Tried {
        what: What::Text(Kind::MtaStsPolicy),
        text: String::new(),
        covering: false,
    });
    let outcome = {
        let given = given.clone();
        use_memo((*tried).clone(), move |tried| Outcome::of(&given, tried))
    };
    use_sentences(given, &outcome.findings());
    let onchange = {
        let tried = tried.clone();
        move |event: Event| {
            let chosen = event.target_dyn_into::<HtmlSelectElement>();
            let index = chosen.and_then(|chosen| usize::try_from(chosen.selected_index()).ok());
            if let Some(what) = index.and_then(|index| What::all().nth(index)) {
                tried.set(Tried { what, ..(*tried).clone() });
            }
        }
    };
    let oninput = {
        let tried = tried.clone();
        move |event: InputEvent| {
            let typed = event.target_dyn_into::<HtmlTextAreaElement>();
            let text = typed.map(|typed| typed.value()).unwrap_or_default();
            tried.set(Tried { text, ..(*tried).clone() });
        }
    };
    let onread = {
        let tried = tried.clone();
        Callback::from(move |text: Option<String>| {
            tried.set(Tried { text: text.unwrap_or_default(), ..(*tried).clone() });
        })
    };
    let oncover = {
        let tried = tried.clone();
        move |event: Event| {
            let box_ = event.target_dyn_into::<HtmlInputElement>();
            let covering = box_.is_some_and(|box_| box_.checked());
            tried.set(Tried { covering, ..(*tried).clone() });
        }
    };
    let kinds = What::all().map(|each| {
        html! { <option selected={each == tried.what}>{voice.of("depth.linting", each.as_str())}</option> }
    });
    let domain = given.report.domain.to_string();
    let content = html! {
        <>
            <p class="about">{voice.word("depth.linting.about")}</p>
            <div class="trial">
                <label for="linting-kind">{voice.word("depth.linting.kind")}</label>
                <select id="linting-kind" {onchange}>{for kinds}</select>
                <label for="linting-text">{voice.word("depth.linting.text")}</label>
                <textarea id="linting-text" rows="5" spellcheck="false" autocapitalize="none" autocomplete="off"
                    maxlength={MOST.to_string()} value={tried.text.clone()} {oninput} />
                <FileField id="linting-file" label={voice.word("depth.linting.file")} {onread} />
                if tried.what == What::Text(Kind::MtaStsPolicy) {
                    <label class="check-one">
                        <input id="linting-covering" type="checkbox" checked={tried.covering} onchange={oncover} />{" "}
                        {voice.with_one("depth.linting.covering", "domain", domain)}
                    </label>
                }
            </div>
            <div id="linting-said" aria-live="polite">{said(given, &tried, &outcome)}</div>
        </>
    };
    part("linting", voice.word("depth.linting"), content)
}

impl Outcome {
    fn of(given: &Given, tried: &Tried) -> Self {
        if tried.text.trim().is_empty() {
            return Self::Nothing;
        }
        match tried.what {
            What::Text(kind) => {
                let texts = texts(kind, &tried.text);
                let hosts = if tried.covering { hosts(given) } else { Vec::new() };
                let lint = lint(kind, &texts, &hosts, None);
                Self::Text(kind, texts, lint)
            }
            // With an origin every name has one.
            What::Zone => {
                let origin = given.report.domain.name();
                Self::Zone(lint_all(&tried.text, Some(origin)).unwrap_or_default())
            }
        }
    }

    fn findings(&self) -> Vec<Finding> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Text(_, _, lint) => lint.findings.clone(),
            Self::Zone(sets) => {
                sets.iter().flat_map(|set| &set.found).map(|found| found.finding.clone()).collect()
            }
        }
    }
}

fn said(given: &Given, tried: &Tried, outcome: &Outcome) -> Html {
    let voice = &given.voice;
    match outcome {
        Outcome::Nothing => Html::default(),
        Outcome::Text(kind, texts, lint) => html! {
            <>
                {linted(given, "lint", *kind, texts, lint)}
                if *kind == Kind::MtaStsPolicy && lint.usable { {honored(given, &tried.text)} }
            </>
        },
        Outcome::Zone(sets) if sets.is_empty() => {
            html! { <p>{voice.word("depth.linting.zone.nothing")}</p> }
        }
        Outcome::Zone(sets) => {
            sets.iter().enumerate().map(|(place, it)| set(given, &tried.text, place, it)).collect()
        }
    }
}

/// What the code of each sender takes from a policy that is not published yet.
fn honored(given: &Given, policy: &str) -> Html {
    let mx = hosts(given);
    let published = Published { policy, content_type: None, mx: &mx };
    let rows = honoring(&given.known.senders, published);
    if rows.is_empty() {
        return Html::default();
    }
    html! {
        <details>
            <summary>{given.voice.word("depth.senders")}</summary>
            {table(&given.voice, "linting-heading", &rows)}
        </details>
    }
}

/// The records at a name of a zone, or what is wrong with the zone itself.
fn set(given: &Given, zone: &str, place: usize, set: &Linted) -> Html {
    let voice = &given.voice;
    let about = set.about.as_ref().map(|(owner, kind)| {
        let kind = voice.of("depth.linting", kind.as_str());
        html! { <p class="place"><code>{owner.to_string()}</code>{" · "}{kind}</p> }
    });
    let id = format!("zone-{}", place + 1);
    let found = set.found.iter().enumerate().map(|(index, found)| {
        html! { <>{excerpt(given, zone, &id, index, found)}{noted(given, &id, index, &found.finding)}</> }
    });
    html! {
        <div class="announced">
            {for about}
            {verdict(voice, set.usable, set.found.iter().map(|found| &found.finding))}
            {for found}
        </div>
    }
}

/// The lines in which a finding stands, it underlined.
fn excerpt(given: &Given, zone: &str, id: &str, index: usize, found: &Found) -> Html {
    let Some(spot) = found.spot else { return Html::default() };
    let (before, after) = (zone.get(..spot.start), zone.get(spot.end..));
    let (Some(before), Some(after)) = (before, after) else { return Html::default() };
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let end = spot.end + after.find('\n').unwrap_or(after.len());
    let mark = Mark {
        span: Span::new(spot.start - start, spot.end - start),
        severity: found.finding.rule.severity,
        target: format!("{id}-{}", index + 1),
    };
    let lines = zone.get(start..end).unwrap_or_default();
    marked(lines, Layout::Lines, &[mark], &given.voice.word("page.missing"))
}

fn hosts(given: &Given) -> Vec<String> {
    given.report.hosts.iter().map(|host| host.host.to_string()).collect()
}

fn texts(kind: Kind, text: &str) -> Vec<Text> {
    match kind {
        Kind::MtaStsPolicy => vec![text.into()],
        kind if kind.is_a_record_a_line() => {
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            lines.map(Text::from).collect()
        }
        _ => vec![text.trim().into()],
    }
}
