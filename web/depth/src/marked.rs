//! A text with the bytes that findings are about underlined.

use mxray_browser::{Layout, Mark, pieces};
use mxray_scan::Verdict;
use yew::prelude::*;

/// The text; what is underlined leads to its finding. Where something is missing, a word says so.
pub(crate) fn marked(text: &str, layout: Layout, marks: &[Mark], missing: &str) -> Html {
    let pieces = pieces(text, marks).into_iter().map(|piece| {
        let Some(mark) = piece.mark else { return layout.shown(piece.text).into() };
        let kind = Verdict::from(mark.severity).as_str();
        let label = piece.text.is_empty().then(|| missing.to_owned());
        html! {
            <a class="mark" href={format!("#{}", mark.target)} aria-label={label}>
                <mark class={format!("is-{kind}")}>{layout.marked(piece.text)}</mark>
            </a>
        }
    });
    html! { <pre><code>{for pieces}</code></pre> }
}
