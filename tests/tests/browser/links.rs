//! Every link that the page makes leads somewhere.

use std::collections::BTreeSet;

use mxray_lab::Config;

use crate::driver::browse_in;
use crate::engine::Engine::Chromium;

/// Domains whose reports have little in common.
const DOMAINS: [&str; 8] = [
    "enforce.example",
    "testing.example",
    "nothing.example",
    "mx-not-covered.example",
    "mode-enforced.example",
    "dane.example",
    "spf-lookups.example",
    "null-mx.example",
];

/// The links of the page, but those to a place that is in it; others lead to a mail program, or are made of
/// what somebody saves.
const LINKS: &str = "
    const here = location.href.split('#')[0] + '#';
    const isHere = href => href.startsWith(here) && document.getElementById(href.slice(here.length)) !== null;
    const links = Array.from(document.querySelectorAll('a[href]'), ({ href }) => href);
    return links.filter(href => href.startsWith('http') && !isHere(href))";

/// Whether there is such a page of this site, and such a place in it; the settings are made as they are opened.
const LEADS: &str = "
    const [link, done] = arguments;
    const { hash } = new URL(link);
    fetch(link).then(async answer => {
        const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
        const place = decodeURIComponent(hash.slice(1));
        done(answer.ok && (['', 'settings'].includes(place) || page.getElementById(place) !== null));
    }, () => done(false));";

#[tokio::test(flavor = "multi_thread")]
async fn every_link_of_a_report_leads_somewhere() {
    let Some(product) = crate::start(Chromium, Config::default()).await else { return };
    let site = product.address();
    for language in ["en", "de"] {
        browse_in(Chromium, language, async |browser| {
            let mut links = BTreeSet::new();
            for domain in DOMAINS {
                browser.scanned(&format!("{site}/?domain={domain}")).await;
                browser.deepens().await;
                browser.appears("#save:enabled").await;
                let seen: Vec<String> = browser.look(LINKS).await;
                links.extend(seen);
            }
            let of_the_site = links.iter().filter(|link| link.starts_with(&site));
            let (mut checked, mut broken) = (0, Vec::new());
            for link in of_the_site {
                let leads =
                    browser.client.execute_async(LEADS, vec![link.as_str().into()]).await.unwrap();
                checked += 1;
                if leads != true {
                    broken.push(link);
                }
            }
            assert_eq!(broken, Vec::<&String>::new(), "{language}");
            assert!(checked > 10, "{language}: {links:?}");
            // Nobody asks others from a test.
            let plain: Vec<_> = links
                .iter()
                .filter(|link| !link.starts_with(&site) && !link.starts_with("https://"))
                .collect();
            assert_eq!(plain, Vec::<&String>::new(), "{language}: others are named by HTTPS");
        })
        .await;
    }
    product.stop().await;
}
