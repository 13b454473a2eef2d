//! After the check: set up, rolled out, moved, and the reports read.

use mxray_lab::{Config, DomainFile};
use rstest::rstest;
use serde_json::{Value, json};

use crate::driver::{Browser, browse};
use crate::engine::Engine::{self, Chromium, Firefox, WebKit};

const DOMAIN: &str = "journey.example";

/// What somebody has published, as the lab serves it.
#[derive(Clone, Debug, Default)]
struct Laid {
    policy: Option<String>,
    records: Vec<(String, String)>,
}

impl Laid {
    fn config(&self) -> Config {
        let mut text = format!(
            "domain = \"{DOMAIN}\"\nabout = \"On its way.\"\nbase = \"nothing\"\nmx = [{{ host = \"mx\" }}]\n\
             expect = {{ transport = \"\", forgery = \"\", stage = \"\", first = \"\" }}\n"
        );
        if let Some(policy) = &self.policy {
            text += &format!("policy = {{ body = {policy:?}, cors = \"*\" }}\n");
        }
        for (name, record) in &self.records {
            text += &format!("[records.\"{name}.\"]\nTXT = [{record:?}]\n");
        }
        Config { files: vec![DomainFile::inline(text)], ..Config::default() }
    }
}

/// Opens what comes after the check of the domain.
async fn opens(browser: &Browser, address: &str, domain: &str) {
    browser.scanned(&format!("{address}/?domain={domain}")).await;
    browser.deepens().await;
    opens_below(browser).await;
}

async fn opens_below(browser: &Browser) {
    // Until the depth is complete, what is below moves down, and a click may miss it.
    browser.appears("#save:enabled").await;
    browser.click("#after-open").await;
    browser.appears("#after-changes").await;
}

/// Chooses from a list by its value.
async fn chooses(browser: &Browser, id: &str, value: &str) {
    let choose = format!(
        "const list = document.querySelector('#{id}');
         list.value = '{value}';
         list.dispatchEvent(new Event('change', {{ bubbles: true }}));"
    );
    browser.look::<()>(&choose).await;
}

/// What the assistant says to publish: place and text, in order.
async fn to_publish(browser: &Browser) -> Vec<(String, String)> {
    browser
        .look(
            "return [...document.querySelectorAll('#after-changes .copyable')].map(it => [
                 it.querySelector('.place').textContent, it.querySelector('pre').textContent ])",
        )
        .await
}

/// Gives the lab what the assistant says.
async fn publish(browser: &Browser) -> Laid {
    let mut laid = Laid::default();
    for (place, text) in to_publish(browser).await {
        if place.contains("https://") {
            laid.policy = Some(text + "\n");
        } else {
            let mut words = place.split_whitespace().map(|word| word.trim_matches([':', ',']));
            let name =
                words.find(|word| word.ends_with(DOMAIN)).unwrap_or_else(|| panic!("{place}"));
            laid.records.push((name.to_owned(), text));
        }
    }
    laid
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn from_nothing_to_testing_to_enforce_and_back(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let mut laid = Laid::default();
    // What the stage is when it is opened, and what is chosen next.
    let journey = [("none", "testing"), ("testing", "enforce"), ("enforce", "none"), ("none", "")];
    for (stage, next) in journey {
        let Some(product) = crate::start(engine, laid.config()).await else { return };
        browse(engine, async |browser| {
            browser.scanned(&format!("{}/?domain={DOMAIN}", product.address())).await;
            browser.appears(&format!("[data-stage={stage}]")).await;
            if next.is_empty() {
                return;
            }
            browser.deepens().await;
            opens_below(browser).await;
            let step = match stage {
                "none" => "rollout.step.publish",
                "testing" => "rollout.step.enforce",
                _ => "rollout.step.keep",
            };
            assert!(browser.shows(&format!("#after-steps [data-step='{step}']")).await);
            chooses(browser, "mode", next).await;
            browser.appears("#after-changes pre").await;
            laid = publish(browser).await;
            let policy = laid.policy.as_deref().unwrap();
            assert!(policy.contains(&format!("mode: {next}\n")), "{policy}");
            if stage != "none" {
                // The id is another one, and the report address stays.
                let changed = "[data-change=replaced] .difference ins";
                assert!(browser.shows(changed).await, "{}", browser.text().await);
                assert!(browser.shows("[data-change=same]").await);
            }
        })
        .await;
        product.stop().await;
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_is_undone_survives_a_reload_and_is_cleared(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        opens(browser, &product.address(), "nothing.example").await;
        let typed = "return document.querySelector('#mx').value";
        let first: String = browser.look(typed).await;
        browser.pastes("#mx", "mx.other.example").await;
        browser.pastes("#mx", "mx.another.example").await;
        // What is shown follows a click a moment later.
        let reads = |text: &str| format!("document.querySelector('#mx').value === '{text}'");
        browser.click("#after-undo").await;
        browser.holds(&reads("mx.other.example"), "undone").await;
        opens(browser, &product.address(), "nothing.example").await;
        assert_eq!(browser.look::<String>(typed).await, "mx.other.example", "after a reload");
        browser.click("#after-clear").await;
        browser.holds(&reads(&first), "cleared").await;
        let kept: bool = browser
            .look("return localStorage.getItem('mxray-after:nothing.example') !== null")
            .await;
        assert!(!kept, "nothing is left behind");
        browser.click("#after-undo").await;
        browser.holds(&reads("mx.other.example"), "clearing is undone").await;
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_slip_is_found_as_it_is_typed_and_servers_are_tried(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        opens(browser, &product.address(), "enforce.example").await;
        browser.click("#after-try").await;
        browser.appears("#after-tried .is-pass").await;
        browser.pastes("#mx", "192.0.2.1").await;
        browser.appears("[data-finding='mta-sts.policy.mx-address']").await;
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_servers_that_were_found_are_filled_in_and_held_against_the_policy(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        opens(browser, &product.address(), "mx-not-covered.example").await;
        let typed: String = browser.look("return document.querySelector('#mx').value").await;
        assert_eq!(typed, "mx1.mx-not-covered.example\nmx2.mx-not-covered.example");
        browser.appears("[data-difference='after.mx.missing']").await;
        let new: Vec<String> = browser
            .look("return [...document.querySelectorAll('.difference ins')].map(it => it.textContent)")
            .await;
        assert!(new.contains(&"mx: mx2.mx-not-covered.example".to_owned()), "{new:?}");
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_spf_record_is_mended_with_every_change_and_its_cost_named(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        opens(browser, &product.address(), "spf-lookups.example").await;
        chooses(browser, "goal", "spf").await;
        browser.appears("#after-lookups[data-after='4']").await;
        browser.appears("[data-mend='mend.done.within']").await;
        browser.appears("#after-costs tbody tr").await;
        let texts = to_publish(browser).await;
        let mended = "v=spf1 a:mail.spf-lookups.example/28 -all";
        assert!(texts.iter().all(|(_, text)| text == mended), "{texts:?}");
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_move_is_tried_with_its_traps(#[values(Chromium, Firefox, WebKit)] engine: Engine) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        opens(browser, &product.address(), "enforce.example").await;
        browser.pastes("#to", "enforce-example.a-v1.mx.microsoft").await;
        browser.appears("[data-trap='moving.trap.microsoft']").await;
        let steps: Vec<String> = browser
            .look(
                "return [...document.querySelectorAll('#after-way li')].map(it => it.dataset.step)",
            )
            .await;
        let first = ["moving.step.new-servers", "moving.step.add-lines", "moving.step.new-id"];
        assert_eq!(steps[..3], first);
        browser.appears("[data-phase='moving.phase.between']").await;
    })
    .await;
    product.stop().await;
}

fn report(id: usize) -> Value {
    json!({
        "organization-name": "Company-X",
        "contact-info": "tls@company-x.example",
        "report-id": id.to_string(),
        "date-range": {
            "start-datetime": "2026-04-01T00:00:00Z", "end-datetime": "2026-04-01T23:59:59Z",
        },
        "policies": [{
            "policy": {
                "policy-type": "sts", "policy-domain": "mx-no-starttls.example",
                "policy-string": ["version: STSv1", "mode: testing", "mx: mail.mx-no-starttls.example", "max_age: 86400"],
            },
            "summary": { "total-successful-session-count": 10, "total-failure-session-count": 2 },
            "failure-details": [{
                "result-type": "starttls-not-supported", "failed-session-count": 2,
                "receiving-mx-hostname": "mail.mx-no-starttls.example",
            }],
        }],
    })
}

/// Drops files as a person does.
async fn drops(browser: &Browser, files: &[(String, String)]) {
    let drop = "const dropped = new DataTransfer();
        for (const [name, text] of arguments[0]) dropped.items.add(new File([text], name));
        const input = document.querySelector('#after-files');
        input.files = dropped.files;
        input.dispatchEvent(new Event('change', { bubbles: true }));";
    browser.client.execute(drop, vec![json!(files)]).await.unwrap();
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn dropped_reports_are_read_counted_once_and_joined_with_the_scan(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        opens(browser, &product.address(), "mx-no-starttls.example").await;
        let text = report(1).to_string();
        let files = [
            ("one.json".to_owned(), text.clone()),
            ("again.json.gz".to_owned(), text),
            ("holiday.txt".to_owned(), "hello there".to_owned()),
        ];
        drops(browser, &files).await;
        browser.appears("[data-sessions='12']").await;
        browser.appears("[data-cost='reports.enforce.would']").await;
        browser.appears("[data-result='starttls-not-supported'] [data-now=still]").await;
        browser.appears("[data-trouble='no-report']").await;
        // The picture is read out, and stands as a table behind it.
        browser.appears("[data-strip=all] svg[role=img][aria-label*='2']").await;
        browser.appears("#after-picture details td").await;
        let said: String =
            browser.look("return document.querySelector('#after-said').innerText").await;
        assert!(!said.contains("attack") && !said.contains("smtp."), "{said}");
        opens(browser, &product.address(), "mx-no-starttls.example").await;
        assert!(browser.shows("[data-sessions='12']").await, "after a reload");
        browser.click("#after-forget").await;
        let none = "document.querySelector('[data-sessions]') === null";
        browser.holds(none, "forgotten").await;
        browser.click("#after-reports-undo").await;
        browser.appears("[data-sessions='12']").await;
        browser.click("#after-forget").await;
        browser.holds(none, "forgotten once more").await;
        opens(browser, &product.address(), "mx-no-starttls.example").await;
        assert!(!browser.shows("[data-sessions]").await, "forgotten is forgotten");
    })
    .await;
    product.stop().await;
}

/// A thousand reports of ordinary size, a file each.
fn thousand() -> Vec<(String, String)> {
    (0..1000).map(|id| (format!("{id}.json"), report(id).to_string())).collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_reports_are_read_and_the_page_answers_meanwhile(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        opens(browser, &product.address(), "mx-no-starttls.example").await;
        // Somebody chooses something else as soon as it is said how far the reading is; what happens is
        // written down in its order.
        browser
            .look::<()>(
                "window.order = [];
                 const note = what => window.order.includes(what) || window.order.push(what);
                 new MutationObserver(() => {
                     const has = selector => document.querySelector(selector) !== null;
                     if (has('#after-said [role=status]') && !window.order.length) {
                         note('reading');
                         const list = document.querySelector('#goal');
                         list.value = 'no-mail';
                         list.dispatchEvent(new Event('change', { bubbles: true }));
                     }
                     if (window.order.length && !has('#mx')) note('answered');
                     if (has('[data-sessions]')) note('read');
                 }).observe(document.body, { childList: true, subtree: true });",
            )
            .await;
        drops(browser, &thousand()).await;
        browser.appears("[data-sessions='12000']").await;
        let order: Vec<String> = browser.look("return window.order").await;
        assert_eq!(order, ["reading", "answered", "read"]);
    })
    .await;
    product.stop().await;
}

/// What `cargo xtask bench reports` prints: how long the page's thread was kept from anything else.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "it measures, and a machine that is busy is slow"]
async fn measure_reports(#[values(Chromium, Firefox, WebKit)] engine: Engine) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        opens(browser, &product.address(), "mx-no-starttls.example").await;
        // The longest that a timer had to wait, and all that it waited more than it had asked for.
        browser
            .look::<()>(
                "window.late = { most: 0, all: 0, first: performance.now(), last: performance.now() };
                 setInterval(() => {
                     const now = performance.now(), late = now - window.late.last - 10;
                     window.late.last = now;
                     window.late.most = Math.max(window.late.most, late);
                     window.late.all += Math.max(0, late);
                 }, 10);",
            )
            .await;
        drops(browser, &thousand()).await;
        browser.appears("[data-sessions='12000']").await;
        let late = "const { first, all, most } = window.late; return [performance.now() - first, all, most]";
        let (whole, all, most): (f64, f64, f64) = browser.look(late).await;
        println!(
            "{engine:?}: a thousand reports in {whole:.0} ms, {all:.0} ms of them the page's thread, at most \
             {most:.0} ms at a time"
        );
    })
    .await;
    product.stop().await;
}
