//! One check: how it stands, what was found, and what was seen.

use mxray_records::harmless;
use mxray_scan::{Check, CheckId, Gap, Sentence, Verdict};
use yew::Html;

use super::badge::badge;
use super::copy::Copying;
use super::element::{Attribute, Element, classed, element};
use super::steps::details;
use super::{evidence, finding};
use crate::app::Depth;
use crate::scanning::{Phase, Scanning};
use mxray_browser::Voice;
use mxray_browser::told::Worse;

/// A check, complete or awaited.
pub(super) fn check(
    copying: &Copying<'_>,
    scanning: &Scanning,
    depth: &Depth,
    id: CheckId,
) -> Element {
    match (scanning.check_in(copying.voice, id), &scanning.phase) {
        (Some(check), _) => complete(copying, depth, check),
        (None, Phase::Stopped) => awaited(copying.voice, id, "page.not-looked"),
        (None, _) => awaited(copying.voice, id, "page.looking"),
    }
}

fn awaited(voice: &Voice, id: CheckId, word: &str) -> Element {
    let head = head("div", "awaited", voice.of("check", id.as_str()));
    let sentence = classed("span", "sentence").text(voice.word(word));
    classed("div", "check awaited").with(head.with(sentence))
}

fn complete(copying: &Copying<'_>, depth: &Depth, check: &Check) -> Element {
    let voice = copying.voice;
    let id = check.id.as_str();
    let worse = match depth {
        Depth::Told(told) => told.worse.iter().find(|worse| worse.check == id),
        _ => None,
    };
    let verdict = match worse {
        Some(worse) => &*worse.verdict,
        None => check.verdict.as_str(),
    };
    let pill = element("span").set(Attribute::Class, ["verdict is-", verdict].concat());
    let head = head("summary", verdict, voice.of("check", id))
        .with(pill.text(voice.of("verdict", verdict)))
        .with(classed("span", "sentence").text(match worse {
            Some(worse) => worse.what.clone(),
            None => voice.sentence(&check.summary),
        }))
        .node(reason(voice, check));
    let details = classed("details", "check")
        .set(Attribute::Id, ["check-", id].concat())
        .is(Attribute::DataCheck, id)
        .set(Attribute::DataVerdict, verdict.to_owned());
    // What is wrong is open to be read; the rest is a click away.
    let open = worse.is_some() || matches!(check.verdict, Verdict::Fail | Verdict::Warning);
    let details = if open { details.is(Attribute::Open, "") } else { details };
    details.with(head).with(body(copying, depth, worse, check))
}

/// Why it is unknown, without a click.
fn reason(voice: &Voice, check: &Check) -> Html {
    let (Verdict::Unknown, Some(gap)) = (check.verdict, check.gaps.first()) else {
        return Html::default();
    };
    let reason = voice.sentence(&Sentence::from(&gap.reason));
    let reason = voice.with_one("page.reason", "reason", reason);
    classed("span", "sentence").text(reason).into()
}

fn head(name: &'static str, kind: &str, check: String) -> Element {
    classed(name, "head").with(badge(kind)).with(classed("h4", "name").text(check))
}

fn body(copying: &Copying<'_>, depth: &Depth, worse: Option<&Worse>, check: &Check) -> Element {
    let voice = copying.voice;
    let mut body = classed("div", "body");
    // The sentence comes with the depth.
    if matches!(depth, Depth::Told(_)) {
        body = body.with(classed("p", "about").text(voice.of("page.about", check.id.as_str())));
    }
    if let Some(worse) = worse {
        body = body.with(details(voice, &worse.why));
    }
    for index in 0..check.findings.len() {
        body = body.node(finding::finding(copying, check, index));
    }
    for index in 0..check.evidence.len() {
        body = body.node(evidence::evidence(voice, check, index));
    }
    body.node(gaps(voice, &check.gaps))
}

fn gaps(voice: &Voice, gaps: &[Gap]) -> Html {
    if gaps.is_empty() {
        return Html::default();
    }
    let list = gaps.iter().fold(element("ul"), |list, gap| {
        let what = element("code").text(harmless(&gap.what).into_owned());
        let why = voice.sentence(&Sentence::from(&gap.reason));
        list.with(
            element("li").set(Attribute::DataGap, gap.what.clone()).with(what).sign(": ").text(why),
        )
    });
    let heading = element("h5").text(voice.word("page.gaps"));
    classed("div", "gaps").with(heading).with(list).into()
}
