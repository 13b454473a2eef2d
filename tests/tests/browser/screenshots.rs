//! Pictures of the main states of the page, for `cargo xtask screenshots`.

use std::fs;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mxray_lab::Config;
use serde_json::{Value, json};

use crate::access::Chromiums;
use crate::driver::{Browser, browse};
use crate::engine::Engine::Chromium;

/// A picture: its name, what leads there, and what is to be in it.
struct Picture {
    name: &'static str,
    path: &'static str,
    sight: Sight,
    width: u32,
    scheme: &'static str,
}

/// What is in a picture.
#[derive(Clone, Copy)]
enum Sight {
    /// The top of the page, once this is there.
    Top(&'static str),
    /// A check, unfolded.
    Check(&'static str),
    /// A part of the depth.
    Part(&'static str),
}

use Sight::{Check, Part, Top};

const DONE: &str = "#status[data-state=done]";

const PICTURES: [Picture; 10] = [
    light("first-sight", "/", Top("form[novalidate]")),
    light("protected", "/?domain=enforce.example", Top(DONE)),
    light("nothing-published", "/?domain=nothing.example", Top(DONE)),
    light("alarm", "/?domain=mx-not-covered.example", Top(DONE)),
    light("wrong-character", "/?domain=mode-enforced.example", Check("mta-sts")),
    light("delivery", "/?domain=dane-mismatch.example", Part("matrix")),
    light("spf", "/?domain=spf-lookups.example", Part("spf")),
    light("certificates", "/?domain=mx-ends-soon.example", Part("certificates")),
    light("settings", "/?#settings", Top("#settings-resolver")),
    Picture {
        width: 360,
        scheme: "dark",
        ..light("narrow-and-dark", "/?domain=testing.example", Top(DONE))
    },
];

const fn light(name: &'static str, path: &'static str, sight: Sight) -> Picture {
    Picture { name, path, sight, width: 900, scheme: "light" }
}

/// The highest that a picture becomes.
const MOST: f64 = 1200.0;

/// Between what is shown and the picture's end.
const MARGIN: f64 = 16.0;

#[tokio::test(flavor = "multi_thread")]
async fn the_main_states_are_pictured() {
    let Some(folder) = std::env::var_os("MXRAY_SCREENSHOTS").map(PathBuf::from) else {
        eprintln!("left out: MXRAY_SCREENSHOTS is not set; `cargo xtask screenshots` sets it");
        return;
    };
    let Some(product) = crate::start(Chromium, Config::default()).await else { return };
    fs::create_dir_all(&folder).unwrap();
    browse(Chromium, async |browser| {
        for picture in &PICTURES {
            picture.look(browser, &product.address()).await;
            let image = picture.take(browser).await;
            fs::write(folder.join(picture.name).with_extension("webp"), image).unwrap();
        }
    })
    .await;
    product.stop().await;
}

impl Picture {
    async fn look(&self, browser: &Browser, address: &str) {
        let size =
            json!({ "width": self.width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        Chromiums::ask(browser, "Emulation.setDeviceMetricsOverride", size).await.unwrap();
        let feature = json!({ "name": "prefers-color-scheme", "value": self.scheme });
        let media = json!({ "features": [feature] });
        Chromiums::ask(browser, "Emulation.setEmulatedMedia", media).await.unwrap();
        browser.client.goto("about:blank").await.unwrap();
        browser.open(&format!("{address}{}", self.path)).await;
        match self.sight {
            Top(css) => browser.appears(css).await,
            Check(id) => {
                browser.appears(DONE).await;
                let unfold = format!(
                    "document.querySelector('[data-check={id}] details, details[data-check={id}]').open = true"
                );
                browser.look::<()>(&unfold).await;
            }
            Part(id) => {
                browser.appears(DONE).await;
                browser.deepens().await;
                browser.appears("#save:enabled").await;
                browser.appears(&format!("#{id}")).await;
            }
        }
    }

    async fn take(&self, browser: &Browser) -> Vec<u8> {
        let css = match self.sight {
            Top(_) => "body".to_owned(),
            Check(id) => format!("[data-check={id}]"),
            Part(id) => format!("#{id}"),
        };
        let read = format!(
            "const {{ x, y, width, height }} = document.querySelector('{css}').getBoundingClientRect();
             return [x + scrollX, y + scrollY, width, height];"
        );
        let [x, y, width, height]: [f64; 4] = browser.look(&read).await;
        let clip = match self.sight {
            Top(_) => json!({
                "x": 0, "y": 0, "width": self.width, "height": height.min(MOST), "scale": 1,
            }),
            _ => json!({
                "x": x - MARGIN, "y": y - MARGIN, "width": width + 2.0 * MARGIN,
                "height": height.min(MOST) + 2.0 * MARGIN, "scale": 1,
            }),
        };
        let how = json!({
            "format": "webp", "quality": 60, "captureBeyondViewport": true, "clip": clip,
        });
        let taken: Value = Chromiums::ask(browser, "Page.captureScreenshot", how).await.unwrap();
        STANDARD.decode(taken["data"].as_str().unwrap()).unwrap()
    }
}
