//! DANE: the TLSA records of each mail server, against the certificate that it shows.

use mxray_browser::Voice;
use mxray_scan::depth::{Announcement, Depth, Lasts, Tlsa, TlsaFields};
use yew::prelude::*;

use crate::deep::part;
use crate::given::Given;

/// A table for each server that has records, and the names of those that have none; nothing where
/// no server has any.
pub(crate) fn dane(given: &Given, deep: &Depth) -> Html {
    let voice = &given.voice;
    if deep.dane.is_empty() {
        return Html::default();
    }
    let without = deep.mx.hosts.iter().map(|exchange| &exchange.host);
    let without = without.filter(|host| deep.dane.iter().all(|with| with.host != **host));
    let without: Vec<String> = without.map(ToString::to_string).collect();
    let content = html! {
        <>
            <p class="about">{voice.word("depth.dane.about")}</p>
            {for deep.dane.iter().map(|host| announcement(voice, host))}
            if !without.is_empty() {
                <p>{voice.with_one("depth.dane.without", "hosts", without.join(", "))}</p>
            }
        </>
    };
    part("dane", voice.word("dane-depth.title"), content)
}

fn announcement(voice: &Voice, host: &Announcement) -> Html {
    let fitting = host.records.iter().any(|record| record.fits == Some(true));
    let signed =
        voice.with_one("dane-depth.signed", "signed", voice.of("depth", host.signed.as_str()));
    html! {
        <div class="announced">
            <p class="place"><code>{format!("_25._tcp.{}", host.host)}</code>{" TLSA · "}{signed}</p>
            <ul>{for host.records.iter().map(|record| tlsa(voice, record, fitting))}</ul>
            if host.prepared { <p class="about">{voice.word("dane-depth.prepared")}</p> }
        </div>
    }
}

/// A record; one that differs can be for the next key, where another is `fitting`.
fn tlsa(voice: &Voice, record: &Tlsa, fitting: bool) -> Html {
    let TlsaFields { usage, selector, matching } = record.fields;
    let (tone, key) = match record.fits {
        _ if record.lasts == Lasts::Unused => ("not-applicable", "lasts.unused"),
        Some(true) => ("pass", "dane-depth.fits"),
        Some(false) if fitting => ("notice", "dane-depth.differs"),
        Some(false) => ("fail", "dane-depth.differs"),
        None => ("unknown", "depth.unknown"),
    };
    let fits = record.fits == Some(true);
    let lasts = fits.then(|| voice.of("lasts", record.lasts.as_str()));
    let lasts = lasts.into_iter().map(|lasts| format!(", {lasts}"));
    html! {
        <li data-tlsa={format!("{usage} {selector} {matching}")}>
            <span class={format!("badge is-{tone}")} aria-hidden="true" />{" "}
            <code>{format!("{usage} {selector} {matching}")}</code>{" "}
            {meaning(usage, selector).map(|key| format!("({}): ", voice.word(key)))}
            {voice.word(key)}{for lasts}
        </li>
    }
}

/// What a record is about (RFC 6698 §2.1), of those that mail senders use (RFC 7672 §3.1).
fn meaning(usage: u8, selector: u8) -> Option<&'static str> {
    match (usage, selector) {
        (3, 1) => Some("depth.dane.own-key"),
        (3, 0) => Some("depth.dane.own-certificate"),
        (2, 1) => Some("depth.dane.authority-key"),
        (2, 0) => Some("depth.dane.authority-certificate"),
        _ => None,
    }
}
