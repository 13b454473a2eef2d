//! Pages as site builders make them: their markup around a widget, and the global styles that come with it.
//!
//! A result is to look the same in each of them as in a plain page, but for what is a host's to say: its
//! font and the size of it.

use mxray_lab::Config;
use rstest::rstest;
use serde_json::Value;

use super::host::{Host, page};
use crate::driver::browse;
use crate::engine::Engine::{self, Chromium, Firefox, WebKit};

/// What stands in the head, and around a widget.
struct Builder {
    name: &'static str,
    style: &'static str,
    before: &'static str,
    after: &'static str,
}

const PLAIN: Builder =
    Builder { name: "a plain page", style: "", before: "<main>", after: "</main>" };

const BUILDERS: [Builder; 5] = [
    Builder {
        name: "a theme of blocks",
        style: "
            :root { --wp--preset--color--contrast: #111; --wp--style--global--content-size: 620px }
            body { margin: 0; color: #111; background: #f9f9f9; font-family: Georgia, serif; font-size: 1.05rem; line-height: 1.55 }
            .wp-site-blocks { padding: 0 30px }
            :where(.wp-site-blocks) > * { margin-block: 1.2rem 0 }
            .is-layout-constrained > :where(:not(.alignleft):not(.alignright):not(.alignfull)) { max-width: 620px; margin-inline: auto !important }
            .is-layout-flow > * { margin-block: 1.2rem 0 }
            h1, h2, h3, h4 { font-weight: 400; line-height: 1.2; font-family: serif; text-transform: capitalize; color: #c0392b }
            a:where(:not(.wp-element-button)) { color: inherit; text-decoration: underline dotted }
            .wp-element-button, button { background: #111; color: #fff; padding: 0.6rem 1rem; border: 0; border-radius: 0.33rem }
            input:not([type=submit]) { border: 1px solid #949494; padding: 10px; max-width: 100% }",
        before: "<div class='wp-site-blocks'><header class='wp-block-template-part is-layout-flow'></header>
            <main class='wp-block-group is-layout-flow' id='wp--skip-link--target'><div class='entry-content wp-block-post-content has-global-padding is-layout-constrained'>
            <h2 class='wp-block-heading'>Check it</h2><div class='wp-block-html'>",
        after: "</div></div></main></div>",
    },
    Builder {
        name: "a kit of a page builder",
        style: "
            *, ::before, ::after { box-sizing: border-box }
            body { margin: 0; font: 400 16px/1.5 Roboto, sans-serif; color: #7a7a7a }
            p { margin: 0 0 0.9rem } h1, h2, h3, h4 { margin: 0.5rem 0 1rem; font-weight: 500; color: #6ec1e4 }
            [type=button], [type=submit], button { display: inline-block; padding: 0.5rem 1rem; color: #c36; text-align: center; white-space: nowrap; border: 1px solid #c36; border-radius: 3px; transition: all 0.3s }
            input, select, textarea { width: 100%; border: 1px solid #666; border-radius: 3px; padding: 0.5rem 1rem }
            .elementor-kit-5 a { color: #cc3366; text-decoration: none } .elementor-kit-5 li { list-style: square; margin: 3em }
            .elementor iframe { max-width: 100%; width: 100%; margin: 0; line-height: 1; border: none }
            .elementor-widget:not(:last-child) { margin-block-end: 20px }
            .elementor-column-wrap { display: flex; flex-wrap: wrap; align-content: flex-start } .elementor-widget-wrap > * { width: 100% }",
        before: "<div class='elementor elementor-12 elementor-kit-5'><section class='elementor-section elementor-top-section'><div class='elementor-container elementor-column-gap-default'>
            <div class='elementor-column elementor-col-100'><div class='elementor-column-wrap'><div class='elementor-widget-wrap'>
            <div class='elementor-element elementor-widget elementor-widget-html'><div class='elementor-widget-container'>",
        after: "</div></div></div></div></div></div></section></div>",
    },
    Builder {
        name: "an embed of a designer",
        style: "
            * { box-sizing: border-box } html { height: 100%; font-family: sans-serif } body { min-height: 100%; margin: 0; color: #333; font: 14px/20px Arial, sans-serif }
            h1, h2, h3, h4, h5, h6 { margin-bottom: 10px; font-weight: bold } h3 { margin-top: 20px; font-size: 24px; line-height: 30px }
            p { margin-top: 0; margin-bottom: 10px } ul, ol { margin-top: 0; margin-bottom: 10px; padding-left: 40px }
            label { display: block; margin-bottom: 5px; font-weight: bold }
            .w-embed::before, .w-embed::after { content: ' '; display: table; grid-area: 1 / 1 / 2 / 2 }
            .w-form { margin: 0 0 15px } .w-container { max-width: 940px; margin-inline: auto }
            .w-richtext > div { display: none } .w-richtext li { overflow: hidden }
            form .w-condition-invisible, .w-form-done { display: none !important }",
        before: "<div class='section'><div class='w-container'><div class='w-richtext'></div><div class='w-embed w-script w-iframe'>",
        after: "</div></div></div>",
    },
    Builder {
        name: "an old reset",
        style: "
            html, body, div, span, iframe, h1, h2, h3, h4, p, a, ol, ul, li, form, label, mxray-check { margin: 0; padding: 0; border: 0; outline: 0; font-size: 100%; font: inherit; vertical-align: baseline; background: transparent }
            ol, ul { list-style: none } :focus { outline: 0 !important } a { text-decoration: none !important; color: #00f !important }
            * { -webkit-box-sizing: content-box !important; box-sizing: content-box !important }
            .clearfix::after { content: ''; display: block; clear: both } .left { float: left }",
        before: "<table><tr><td width='700'><div class='clearfix'><div class='left'><center>",
        after: "</center></div></div></td></tr></table>",
    },
    Builder {
        name: "styles for every form, and for everything",
        style: "
            * { all: unset } * { transition: all 5s }
            form { display: flex; flex-direction: row-reverse; overflow: hidden; height: 40px; background: #000 }
            form *, form input, form button { float: right !important; width: 30px !important; text-transform: uppercase; opacity: 0.2 !important }
            div { display: inline-flex; max-height: 12px; overflow: hidden } p, h3, li { position: absolute; left: -9999px }
            #page { display: block; max-height: none; width: 700px }
            mxray-check { float: left; width: 10px; height: 10px; overflow: hidden; position: fixed; opacity: 0.1 }
            mxray-check, #page { all: revert; display: block; width: 700px }",
        before: "<div id='page'>",
        after: "</div>",
    },
];

impl Builder {
    fn page(&self, site: &str, mode: &str) -> String {
        let Self { style, before, after, .. } = self;
        format!(
            "<style>{style}</style>{before}<mxray-check mode={mode} theme=light cta-label='Book a call' cta-href='/call'></mxray-check>{after}
             <script type=module src='{site}/widget/v1/mxray.js'></script>"
        )
    }
}

/// How each part of a result is drawn, in order; and whether it can be seen.
const DRAWN: &str = "
    const shown = ['display', 'position', 'float', 'boxSizing', 'listStyleType', 'color', 'backgroundColor', 'opacity', 'transform',
        'transitionDuration', 'borderTopStyle', 'textDecorationLine', 'visibility', 'overflowX', 'maxHeight'];
    return Array.from(root.querySelectorAll('.card, .card *'), part => {
        const style = getComputedStyle(part);
        const { width, height } = part.getBoundingClientRect();
        return [part.localName + ' ' + part.className, width > 4 && height > 4, ...shown.map(name => style[name])].join(', ');
    })";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_result_is_drawn_in_each_as_in_a_plain_page(
    #[values(Chromium, Firefox, WebKit)] engine: Engine,
) {
    let Some(product) = crate::start(engine, Config::default()).await else { return };
    let site = product.address();
    browse(engine, async |browser| {
        for mode in ["inline", "panel"] {
            let mut plain = Vec::new();
            for builder in [&PLAIN].into_iter().chain(&BUILDERS) {
                let about = format!("{}, {mode}", builder.name);
                let host = Host::start(page(&builder.page(&site, mode))).await;
                browser.visits(&host).await;
                browser.asks("mxray-check", "nothing.example").await;
                let told: Value = browser.told("mxray-result").await;
                assert_eq!(told["stage"], "none", "{about}");
                let drawn: Vec<String> = browser.in_card(mode, DRAWN).await;
                if plain.is_empty() {
                    plain = drawn;
                    continue;
                }
                assert_eq!(drawn.len(), plain.len(), "{about}");
                for (drawn, plain) in drawn.iter().zip(&plain) {
                    assert_eq!(drawn, plain, "{about}");
                }
                let room: [f64; 2] = browser
                    .look(
                        "const root = document.querySelector('mxray-check').shadowRoot;
                         const shown = root.querySelector('.card, iframe').getBoundingClientRect();
                         return [shown.width, shown.height]",
                    )
                    .await;
                assert!(room[0] > 300.0 && room[1] > 300.0, "{about}: {room:?}");
            }
        }
    })
    .await;
    product.stop().await;
}
