//! A text with the bytes that findings are about underlined.

use mxray_browser::{Layout, Mark, pieces};
use mxray_scan::Verdict;

use super::element::{Attribute, Element, element, link};

/// The text; what is underlined leads to its finding. Where something is missing, a word says so.
pub(super) fn marked(text: &str, layout: Layout, marks: &[Mark], missing: &str) -> Element {
    pieces(text, marks).into_iter().fold(element("code"), |code, piece| match piece.mark {
        None => code.text(layout.shown(piece.text)),
        Some(mark) => {
            let kind = Verdict::from(mark.severity).as_str();
            let marked = element("mark").set(Attribute::Class, ["is-", kind].concat());
            let link = link(&["#", &mark.target]).is(Attribute::Class, "mark");
            let link = match piece.text {
                "" => link.set(Attribute::AriaLabel, missing.to_owned()),
                _ => link,
            };
            code.with(link.with(marked.text(layout.marked(piece.text))))
        }
    })
}
