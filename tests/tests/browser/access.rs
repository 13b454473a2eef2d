//! The page for everybody: no barrier that can be found by rules, focus that is always seen, and what a
//! screen reader says.

use std::collections::HashMap;
use std::fs;

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::error::CmdError;
use fantoccini::wd::WebDriverCompatibleCommand;
use hyper::Method;
use mxray_lab::Config;
use rstest::rstest;
use serde::Deserialize;
use serde_json::{Value, json};
use url::{ParseError, Url};

use crate::driver::{Browser, browse};
use crate::engine::Engine::{self, Chromium, Firefox, WebKit};

/// How people look at a page, as media features.
pub(crate) const WAYS: [(&str, &str); 3] = [
    ("prefers-color-scheme", "light"),
    ("prefers-color-scheme", "dark"),
    ("forced-colors", "active"),
];

/// The states of the page: what leads there, and what is there then.
const STATES: [(&str, &str, &str); 11] = [
    ("first sight", "/", "form[novalidate]"),
    ("a sound domain", "/?domain=enforce.example", DONE),
    ("halfway", "/?domain=testing.example", DONE),
    ("nothing published", "/?domain=nothing.example", DONE),
    ("an alarm", "/?domain=mx-not-covered.example", DONE),
    ("a typing error", "/?domain=mode-enforced.example", DONE),
    ("no mail", "/?domain=null-mx.example", DONE),
    ("hostile texts", "/?domain=control-characters.example", DONE),
    ("no such domain", "/?domain=nobody.example", DONE),
    ("no domain at all", "/?domain=a@b@c", "#domain[aria-invalid]"),
    ("settings", "/?#settings", "#settings-resolver"),
];

const DONE: &str = "#status[data-state=done]";

/// Pages that are made at build time.
const STATIC: [&str; 3] =
    ["/rules/mta-sts.policy.mode-unknown.html", "/guides/", "/guides/mta-sts.html"];

#[tokio::test(flavor = "multi_thread")]
async fn no_barrier_is_found_in_any_state() {
    let Some(axe) = axe() else { return };
    let Some(product) = crate::start(Chromium, Config::default()).await else { return };
    browse(Chromium, async |browser| {
        for (state, path, css) in STATES {
            browser.open(&format!("{}{path}", product.address())).await;
            browser.appears(css).await;
            barriers(browser, &axe, state).await;
        }
        for path in STATIC {
            let address = format!("{}{path}", product.address());
            browser.client.goto(&address).await.unwrap();
            barriers(browser, &axe, path).await;
        }
    })
    .await;
    product.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_barrier_is_found_in_the_depth() {
    let Some(axe) = axe() else { return };
    let Some(product) = crate::start(Chromium, Config::default()).await else { return };
    browse(Chromium, async |browser| {
        for domain in [
            "enforce.example",
            "mx-self-signed.example",
            "spf-lookups.example",
            "dane-mismatch.example",
        ] {
            browser.scanned(&format!("{}/?domain={domain}", product.address())).await;
            browser.deepens().await;
            browser.appears("#save:enabled").await;
            barriers(browser, &axe, domain).await;
        }
    })
    .await;
    product.stop().await;
}

/// As narrow as WCAG 1.4.10 wants it.
const NARROW: u32 = 320;

/// What stands out of the page, but for what scrolls by itself.
const OUT: &str = "
    const out = Array.from(document.querySelectorAll('main *')).filter(element =>
        !element.closest('.scroll, pre, .hidden, thead') && element.getBoundingClientRect().right > innerWidth + 1);
    const slides = document.documentElement.scrollWidth > innerWidth;
    return slides ? out.map(({ outerHTML }) => outerHTML.slice(0, 120)) : [];";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_slides_sideways_on_a_narrow_screen(#[values("", "de.html")] document: &str) {
    let Some(product) = crate::start(Chromium, Config::default()).await else { return };
    browse(Chromium, async |browser| {
        let size =
            json!({ "width": NARROW, "height": 800, "deviceScaleFactor": 1, "mobile": true });
        Chromiums::ask(browser, "Emulation.setDeviceMetricsOverride", size).await.unwrap();
        for domain in ["enforce.example", "spf-lookups.example", "dane-mismatch.example"] {
            let address = format!("{}/{document}?domain={domain}", product.address());
            browser.scanned(&address).await;
            browser.deepens().await;
            browser.appears("#save:enabled").await;
            browser
                .look::<()>("document.querySelectorAll('details').forEach(it => it.open = true)")
                .await;
            let out: Vec<String> = browser.look(OUT).await;
            assert_eq!(out, Vec::<String>::new(), "{domain}");
        }
        browser.open(&format!("{}/{document}?#settings", product.address())).await;
        browser.appears("#settings-resolver").await;
        let out: Vec<String> = browser.look(OUT).await;
        assert_eq!(out, Vec::<String>::new(), "settings");
    })
    .await;
    product.stop().await;
}

/// The source of axe-core, which looks for barriers.
pub(crate) fn axe() -> Option<String> {
    let file = std::env::var_os("MXRAY_AXE");
    if file.is_none() {
        eprintln!("left out: MXRAY_AXE is not set, so there is nothing to look for barriers with");
    }
    Some(fs::read_to_string(file?).unwrap())
}

/// Fails if axe-core finds one in what is shown, everything unfolded, however it is looked at.
async fn barriers(browser: &Browser, axe: &str, state: &str) {
    browser
        .look::<()>("document.querySelectorAll('details').forEach(part => part.open = true)")
        .await;
    browser.look::<()>(&format!("{axe}; window.axe = axe")).await;
    for (feature, value) in WAYS {
        let media = json!({ "features": [{ "name": feature, "value": value }] });
        Chromiums::ask(browser, "Emulation.setEmulatedMedia", media).await.unwrap();
        let found = browser.client.execute_async(FIND, Vec::new()).await.unwrap();
        assert_eq!(found, json!([]), "{state}, {feature}: {value}");
    }
}

const FIND: &str = "
    const done = arguments[0];
    const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    axe.run(document, { runOnly: standards }).then(({ violations }) => done(violations.map(
        ({ id, nodes }) => [id, nodes.map(({ html, failureSummary }) => [html, failureSummary])])))";

/// What Chromium's driver can do beyond the standard.
#[derive(Debug)]
pub(crate) struct Chromiums {
    command: &'static str,
    parameters: Value,
}

impl Chromiums {
    pub(crate) async fn ask(
        browser: &Browser,
        command: &'static str,
        parameters: Value,
    ) -> Result<Value, CmdError> {
        browser.client.issue_cmd(Self { command, parameters }).await
    }
}

impl WebDriverCompatibleCommand for Chromiums {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let body = json!({ "cmd": self.command, "params": self.parameters });
        (Method::POST, Some(body.to_string()))
    }
}

/// Where the focus is, and how it is seen.
#[derive(Debug, Deserialize)]
struct Focus {
    /// What a person calls it.
    name: String,
    /// Whether it is where it was when the walk began: the walk is over.
    is_outside: bool,
    has_ring: bool,
}

const FOCUS: &str = "
    const at = document.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(at);
    return {
        name: `${at.localName} ${at.id || at.textContent.trim().slice(0, 40)}`,
        is_outside: at === document.body || at === document.documentElement,
        has_ring: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
    }";

/// Whether what has the focus is in view, and nothing lies over it.
const SEEN: &str = "() => {
    const at = document.activeElement;
    const { left, top, right, bottom } = at.getBoundingClientRect();
    const [x, y] = [(left + right) / 2, Math.min(Math.max((top + bottom) / 2, 1), innerHeight - 1)];
    const there = document.elementFromPoint(x, y);
    return top < innerHeight && bottom > 0 && (at.contains(there) || !!there?.contains(at));
}";

/// The key that goes on to what is next.
const TAB: char = '\u{e004}';

/// More stops than a page has.
const MOST_STOPS: usize = 400;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_focus_is_seen_wherever_it_goes(#[values(Chromium, Firefox, WebKit)] engine: Engine) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        browser.scanned(&format!("{}/?domain=mode-enforced.example", product.address())).await;
        browser.deepens().await;
        browser.appears("#save:enabled").await;
        // Behind the field, so that the walk ends where the page does.
        browser.look::<()>("document.querySelector('#domain').focus()").await;
        let stops = walk(browser).await;
        for expected in ["button Check", "a enforced", "input sending-ip", "button save"] {
            assert!(stops.iter().any(|stop| stop == expected), "{expected} in {stops:?}");
        }
    })
    .await;
    product.stop().await;
}

/// Goes on with Tab until the page ends; each stop by its name.
async fn walk(browser: &Browser) -> Vec<String> {
    let mut stops = Vec::new();
    while stops.len() < MOST_STOPS {
        // As a keyboard does it: what is sent to the field of a file would be a file's name.
        let [down, up] = [KeyAction::Down { value: TAB }, KeyAction::Up { value: TAB }];
        let tab = KeyActions::new("keyboard".to_owned()).then(down).then(up);
        browser.client.perform_actions(tab).await.unwrap();
        let focus: Focus = browser.look(FOCUS).await;
        if focus.is_outside || stops.contains(&focus.name) && focus.name.starts_with("a mxray") {
            return stops;
        }
        assert!(focus.has_ring, "its ring is missing: {focus:?}");
        // WebKit scrolls after it has answered.
        browser.holds(&format!("({SEEN})()"), &focus.name).await;
        stops.push(focus.name);
    }
    panic!("the walk does not end: {stops:?}");
}

/// What has moved since the page was opened, without anybody's doing.
const MOVED: &str = "
    const done = arguments[0];
    const moved = [];
    const seen = entries => moved.push(...entries.flatMap(({ sources }) => sources.map(({ node }) => node?.nodeName)));
    const observer = new PerformanceObserver(list => seen(list.getEntries()));
    observer.observe({ type: 'layout-shift', buffered: true });
    // What has happened is told before the frame after the next one.
    requestAnimationFrame(() => requestAnimationFrame(() => done(moved)));";

#[tokio::test(flavor = "multi_thread")]
async fn nothing_moves_when_the_page_comes_to_life() {
    let Some(product) = crate::start(Chromium, Config::of([])).await else { return };
    browse(Chromium, async |browser| {
        for width in [320, 412, 1100] {
            let screen =
                json!({ "width": width, "height": 823, "deviceScaleFactor": 1, "mobile": true });
            Chromiums::ask(browser, "Emulation.setDeviceMetricsOverride", screen).await.unwrap();
            for page in ["", "de.html"] {
                browser.open(&format!("{}/{page}", product.address())).await;
                let named =
                    "document.querySelector('#resolver').textContent.includes('own resolver')";
                browser.holds(named, "who is asked").await;
                let moved = browser.client.execute_async(MOVED, Vec::new()).await.unwrap();
                assert_eq!(moved, json!([]), "/{page}, {width} pixels wide");
            }
        }
    })
    .await;
    product.stop().await;
}

/// What a screen reader says of a sound domain, in this order, other things between.
const SPOKEN: [&str; 9] = [
    "heading: Is your e-mail safe on its way?",
    "textbox: Your domain",
    "button: Check",
    "heading: Report for enforce.example",
    "StaticText: All 9 checks done",
    "heading: Your way to protected mail (MTA-STS)",
    "heading: What to do first",
    "heading: Every check",
    "heading: In depth",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_reader_says_the_result_in_its_order() {
    let Some(product) = crate::start(Chromium, Config::default()).await else { return };
    browse(Chromium, async |browser| {
        browser.scanned(&format!("{}/?domain=enforce.example", product.address())).await;
        let spoken = spoken(browser).await;
        let mut rest = spoken.iter();
        for expected in SPOKEN {
            assert!(rest.any(|said| said == expected), "{expected}, in its place, in {spoken:#?}");
        }
    })
    .await;
    product.stop().await;
}

/// Role and name of all that the accessibility tree has, as it is read from top to bottom.
async fn spoken(browser: &Browser) -> Vec<String> {
    let tree = Chromiums::ask(browser, "Accessibility.getFullAXTree", json!({})).await.unwrap();
    let nodes: Vec<Node> = serde_json::from_value(tree["nodes"].clone()).unwrap();
    let by_id: HashMap<&str, &Node> = nodes.iter().map(|node| (&*node.id, node)).collect();
    let (mut spoken, mut rest) = (Vec::new(), vec![&nodes[0]]);
    while let Some(node) = rest.pop() {
        if !node.ignored {
            spoken.push(format!("{}: {}", text(&node.role), text(&node.name)));
        }
        rest.extend(node.children.iter().rev().filter_map(|id| by_id.get(&**id)));
    }
    spoken
}

/// A part of the page, as a screen reader is told of it.
#[derive(Deserialize)]
struct Node {
    #[serde(rename = "nodeId")]
    id: String,
    ignored: bool,
    role: Option<Value>,
    name: Option<Value>,
    #[serde(rename = "childIds", default)]
    children: Vec<String>,
}

fn text(value: &Option<Value>) -> &str {
    value.as_ref().and_then(|value| value["value"].as_str()).unwrap_or_default().trim()
}
