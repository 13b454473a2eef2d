//! What strangers put into their records is shown as text, and does nothing.

use mxray_lab::{Config, DomainFile};

use crate::driver::{Browser, browse};
use crate::engine::Engine::{self, Chromium, Firefox, WebKit};
use rstest::rstest;

/// Markup wherever a domain's owner can put text that the page shows.
const MARKUP: &str = r#"
domain = "markup.example"
about = "Markup in every record."
expect = { transport = "", forgery = "", stage = "", first = "" }
mx = [{ host = "mail", banner = "554 <img src=x onerror=alert(1)> no" }]

[policy]
body = "version: STSv1\nmode: <script>alert(1)</script>\nmx: <img src=x onerror=alert(1)>\n"

[records."@"]
TXT = ["v=spf1 <script>alert(1)</script> -all"]

[records._mta-sts]
TXT = ["v=STSv1; id=<script>alert(1)</script>;"]

[records."_smtp._tls"]
TXT = ["v=TLSRPTv1; rua=mailto:<img src=x onerror=alert(1)>"]

[records._dmarc]
TXT = ["v=DMARC1; p=<script>alert(1)</script>"]
"#;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn markup_in_records_is_text(#[values(Chromium, Firefox, WebKit)] engine: Engine) {
    let Some(product) = crate::start(engine, Config::of([DomainFile::inline(MARKUP)])).await else {
        return;
    };
    browse(engine, async |browser| {
        browser.scanned(&format!("{}/?domain=markup.example", product.address())).await;
        for css in
            ["[data-check] script", "[data-check] img", "[data-step] script, [data-step] img"]
        {
            assert!(!browser.shows(css).await, "{css}");
        }
        let alert = browser.client.get_alert_text().await;
        assert!(alert.is_err(), "a stranger's script ran: {alert:?}");
        let written = written(browser).await;
        for text in [
            "v=spf1 <script>alert(1)</script> -all",
            "v=STSv1; id=<script>alert(1)</script>;",
            "mode: <script>alert(1)</script>",
            "mx: <img src=x onerror=alert(1)>",
            "v=DMARC1; p=<script>alert(1)</script>",
        ] {
            assert!(written.contains(text), "{text} in\n{written}");
        }
        assert!(browser.shows("[data-check=mta-sts] mark").await, "what is wrong is underlined");
    })
    .await;
    product.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn control_characters_are_shown_harmless(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    browse(engine, async |browser| {
        browser.scanned(&format!("{}/?domain=control-characters.example", product.address())).await;
        let written = written(browser).await;
        let harmful = |c: &char| (c.is_control() && !"\n\t".contains(*c)) || *c == '\u{202e}';
        assert_eq!(written.chars().find(harmful), None, "{written:?}");
        assert!(written.contains("v=STSv1; id=2026"), "{written}");
        assert!(written.contains("<script>"), "{written}");
    })
    .await;
    product.stop().await;
}

/// All that is written about the checks, folded parts too.
async fn written(browser: &Browser) -> String {
    let read = "return Array.from(
        document.querySelectorAll('[data-step], [data-check]'),
        part => part.textContent).join('\\n')";
    browser.look(read).await
}
