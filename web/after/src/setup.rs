//! The assistant: what is wished for, and what that comes to.

use mxray_engine::mail_host;
use mxray_facts::{Contact, MailHost, Name, NameMatch, PathResult, StartTls};
use mxray_records::mta_sts::policy::Mode;
use mxray_setup::formats::{self, Format};
use mxray_setup::spf::Mending;
use mxray_setup::{
    Change, Draft, Hosting, Kept, LIFETIMES, Named, Published, bundle, hosting, hosts,
};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::app::{Form, part};
use crate::changes::{area, choice, copyable, days, field, finding, mark, place};
use crate::given::{Given, now};
use crate::handing::saving;
use crate::mending::{explained, mended};
use crate::typed::{Goal, Typed, lines};

/// What it is given.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) given: Given,
    pub(crate) form: Form,
}

/// Fields, and below them what to publish.
#[component]
pub(crate) fn Setup(props: &Props) -> Html {
    let (given, form) = (&props.given, &props.form);
    let voice = &given.voice;
    let mending = use_state(|| None);
    {
        let (given, mending) = (given.clone(), mending.setter());
        use_effect_with(form.typed.goal == Goal::Spf, move |is_wanted| {
            if *is_wanted {
                spawn_local(async move { mending.set(Some(mended(&given).await)) });
            }
        });
    }
    let draft = draft(given, form, mending.as_deref());
    let found = draft.as_ref().map(|draft| draft.lint(&hosts(&given.report))).unwrap_or_default();
    let learned = use_force_update();
    let rules: Vec<_> = found.iter().map(|(_, finding)| finding.rule).collect();
    {
        let voice = voice.clone();
        use_effect_with(rules, move |rules| {
            let rules = rules.clone();
            spawn_local(async move {
                voice.learn(rules).await;
                learned.force_update();
            });
        });
    }
    let result = match &draft {
        None => Html::default(),
        Some(draft) => {
            let changes = draft.changes.iter().enumerate().map(|(index, change)| {
                let found = found.iter().filter(|(place, _)| *place == index);
                let found = found.map(|(_, it)| finding(voice, it)).collect::<Html>();
                shown(given, change, found)
            });
            html! {
                <>
                    <p>{voice.word("after.in-order")}</p>
                    <ol class="plan" id="after-changes">{for changes}</ol>
                    {taken(given, form, draft)}
                </>
            }
        }
    };
    let content = html! {
        <>
            <form class="trial" onsubmit={|event: SubmitEvent| event.prevent_default()}>
                {goal(given, form)}
                {fields(given, form)}
            </form>
            if form.typed.goal == Goal::Transport {
                <Trying given={given.clone()} hosts={lines(&form.typed.mx)} />
            }
            if form.typed.goal == Goal::Spf {
                {explained(given, mending.as_deref())}
            }
            {result}
        </>
    };
    part("after-setup", voice.word("after.setup"), content)
}

fn draft(given: &Given, form: &Form, mending: Option<&Mending>) -> Option<Draft> {
    let published = Published::of(&given.report);
    let domain = &given.report.domain;
    let wishes = form.typed.wishes(domain);
    match form.typed.goal {
        Goal::Transport => {
            let mta_sts = Draft::mta_sts(&wishes, &published, now());
            // Who is to hear of problems is told first.
            Some(Draft::tls_rpt(&wishes, &published).with(mta_sts))
        }
        Goal::Dmarc => Some(Draft::dmarc(&wishes, &published)),
        Goal::Spf => mending?.draft.clone(),
        Goal::NoMail => Some(Draft::no_mail(domain, &published)),
    }
}

fn goal(given: &Given, form: &Form) -> Html {
    let voice = &given.voice;
    let options =
        Goal::ALL.map(|goal| (goal.as_str().to_owned(), voice.of("after.goal", goal.as_str())));
    choice(voice, form, "goal", options.to_vec(), form.typed.goal.as_str(), |typed, value| {
        let goal = Goal::ALL.into_iter().find(|goal| goal.as_str() == value);
        typed.goal = goal.unwrap_or_default();
    })
}

fn fields(given: &Given, form: &Form) -> Html {
    let (voice, typed) = (&given.voice, &form.typed);
    match typed.goal {
        Goal::Spf | Goal::NoMail => Html::default(),
        Goal::Dmarc => {
            field(voice, form, "dmarc-reports", typed.dmarc_reports.clone(), |all, text| {
                all.dmarc_reports = text;
            })
        }
        Goal::Transport => {
            let named = |family: &str, name: &str| (name.to_owned(), voice.of(family, name));
            let modes = [Mode::Testing, Mode::Enforce, Mode::None];
            let modes = modes.map(|mode| named("after.mode", mode.as_str()));
            let mut lifetimes: Vec<u32> = LIFETIMES.into_iter().chain([1, typed.days]).collect();
            lifetimes.sort_unstable();
            lifetimes.dedup();
            let lifetimes =
                lifetimes.into_iter().map(|count| (count.to_string(), days(voice, count)));
            let hosts = Hosting::ALL.map(|host| named("after.hosting", host.as_str()));
            html! {
                <>
                    {area(voice, form, "mx", typed.mx.clone(), |all, text| all.mx = text)}
                    {difference(given, typed)}
                    {choice(voice, form, "mode", modes.to_vec(), &typed.mode, |all, mode| all.mode = mode)}
                    {choice(voice, form, "days", lifetimes.collect(), &typed.days.to_string(), |all, days| {
                        all.days = days.parse().unwrap_or(7);
                    })}
                    {field(voice, form, "tls-reports", typed.tls_reports.clone(), |all, text| {
                        all.tls_reports = text;
                    })}
                    {choice(voice, form, "hosting", hosts.to_vec(), &typed.hosting, |all, host| {
                        all.hosting = host;
                    })}
                    {field(voice, form, "target", typed.target.clone(), |all, text| all.target = text)}
                </>
            }
        }
    }
}

/// What the policy that is served says otherwise than the MX hosts that were found.
fn difference(given: &Given, typed: &Typed) -> Html {
    let voice = &given.voice;
    let policy = Published::of(&given.report).policy();
    let named = Named::of(&hosts(&given.report), policy.as_ref());
    let typed = lines(&typed.mx);
    let said = [
        ("after.mx.missing", &named.missing, policy.is_some()),
        ("after.mx.idle", &named.idle, !named.idle.iter().all(|line| typed.contains(line))),
    ];
    let said = said.into_iter().filter(|(_, names, is_so)| *is_so && !names.is_empty());
    html! {
        <div id="after-difference">
            {for said.map(|(key, names, _)| html! {
                <p data-difference={key}>{voice.with_one(key, "names", names.join(", "))}</p>
            })}
        </div>
    }
}

/// A change, with what it takes the place of.
fn shown(given: &Given, change: &Change, found: Html) -> Html {
    let voice = &given.voice;
    let key = match change.kept() {
        Kept::Added => "after.change.added",
        Kept::Replaced => "after.change.replaced",
        Kept::Same => "after.change.same",
        Kept::Removed => "after.change.removed",
    };
    let kept = key.rsplit('.').next().unwrap_or_default();
    let before = (change.kept() == Kept::Replaced).then(|| {
        let before: Vec<&str> = change.before.iter().flat_map(|text| text.lines()).collect();
        let after: Vec<&str> = change.after.iter().flat_map(|text| text.lines()).collect();
        let gone = before.iter().filter(|line| !after.contains(line));
        let new = after.iter().filter(|line| !before.contains(line));
        html! {
            <ul class="difference">
                {for gone.map(|line| html! { <li><del>{(*line).to_owned()}</del></li> })}
                {for new.map(|line| html! { <li><ins>{(*line).to_owned()}</ins></li> })}
            </ul>
        }
    });
    html! {
        <li data-change={kept.to_owned()}>
            <p><strong>{voice.word(key)}</strong></p>
            {for change.after.iter().map(|text| copyable(given, place(voice, &change.place), text))}
            {before}
            {found}
        </li>
    }
}

/// The records in another format, what the host needs, and all of it as one file.
fn taken(given: &Given, form: &Form, draft: &Draft) -> Html {
    let (voice, typed) = (&given.voice, &form.typed);
    let formats = Format::ALL
        .map(|format| (format.as_str().to_owned(), voice.of("after.format", format.as_str())));
    let format = Format::ALL.into_iter().find(|format| format.as_str() == typed.format);
    let format = format.unwrap_or(Format::Plain);
    let records = formats::write(format, draft);
    let name = format.file(&draft.domain);
    let wishes = typed.wishes(&draft.domain);
    let files = draft.policy().map(|policy| hosting::files(wishes.hosting, &draft.domain, policy));
    let files = files.into_iter().flatten().filter(|file| !file.text.is_empty());
    let whole = {
        let (draft, readme) = (draft.clone(), readme(given, draft));
        move || {
            // An archive of short texts under short names cannot fail.
            let content = bundle::zip(&bundle::files(&draft, &readme)).unwrap_or_default();
            (format!("mxray-{}.zip", draft.domain), "application/zip", content)
        }
    };
    html! {
        <>
            <form class="trial" onsubmit={|event: SubmitEvent| event.prevent_default()}>
                {choice(voice, form, "format", formats.to_vec(), format.as_str(), |all, format| {
                    all.format = format;
                })}
            </form>
            <div id="after-records">{copyable(given, name, &records)}</div>
            {for files.map(|file| copyable(given, file.path, &file.text))}
            <p class="choices">{saving("after-bundle", voice.word("after.bundle"), whole)}</p>
        </>
    }
}

/// What is read first: what goes where, in order.
fn readme(given: &Given, draft: &Draft) -> String {
    let voice = &given.voice;
    let mut text = format!("{}\n{}\n", draft.domain, voice.word("after.in-order"));
    for (number, change) in (1..).zip(&draft.changes) {
        text += &format!("\n{number}. {}\n", place(voice, &change.place));
        let lines = change.after.iter().flat_map(|text| text.lines());
        text += &lines.map(|line| format!("   {line}\n")).collect::<String>();
    }
    text
}

/// MX hosts that can be tried.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct TryingProps {
    pub(crate) given: Given,
    pub(crate) hosts: Vec<String>,
}

/// What came of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tried {
    Good,
    NoTls,
    Certificate,
    Unseen,
}

/// Tries each host for STARTTLS and its certificate, where somebody can.
#[component]
pub(crate) fn Trying(props: &TryingProps) -> Html {
    let tried = use_state_eq(Vec::<(String, Tried)>::new);
    let given = &props.given;
    let voice = &given.voice;
    if !given.has_proxy {
        return html! { <p class="about">{voice.word("after.try.no-proxy")}</p> };
    }
    let onclick = {
        let (given, hosts, tried) = (given.clone(), props.hosts.clone(), tried.setter());
        move |_| {
            let (given, hosts, tried) = (given.clone(), hosts.clone(), tried.clone());
            spawn_local(async move {
                let mut done = Vec::new();
                // A pattern names no host that could be tried.
                for host in hosts.iter().filter(|host| !host.starts_with('*')) {
                    done.push((host.clone(), try_host(&given, host).await));
                    tried.set(done.clone());
                }
            });
        }
    };
    let rows = tried.iter().filter(|(host, _)| props.hosts.contains(host)).map(|(host, came)| {
        let (met, key) = match came {
            Tried::Good => (Some(true), "after.try.good"),
            Tried::NoTls => (Some(false), "after.try.no-tls"),
            Tried::Certificate => (Some(false), "after.try.certificate"),
            Tried::Unseen => (None, "after.try.unseen"),
        };
        html! { <li>{mark(voice, met)}{" "}<code>{host.clone()}</code>{": "}{voice.word(key)}</li> }
    });
    html! {
        <>
            <p class="choices">
                <button type="button" class="quiet" id="after-try" {onclick}>{voice.word("after.try")}</button>
            </p>
            <ul id="after-tried" aria-live="polite">{for rows}</ul>
        </>
    }
}

async fn try_host(given: &Given, host: &str) -> Tried {
    let Ok(name) = host.parse::<Name>() else { return Tried::Unseen };
    match given.browser.mail_host(&given.report.domain, &name).await {
        Ok(facts) => mail_host(facts, &name).map_or(Tried::Unseen, |facts| came(&facts)),
        Err(_) => Tried::Unseen,
    }
}

fn came(host: &MailHost) -> Tried {
    let talk = host.sessions.iter().find_map(|session| match &session.contact {
        Ok(Contact::Talked(talk)) => talk.starttls.as_ref(),
        _ => None,
    });
    match talk {
        Some(StartTls::Established(tls)) => {
            let good = tls.path == PathResult::Trusted && tls.name == NameMatch::Matches;
            if good { Tried::Good } else { Tried::Certificate }
        }
        Some(_) => Tried::NoTls,
        None => Tried::Unseen,
    }
}
