//! What cannot wait: mail is refused, or may be.

use mxray_scan::Report;
use yew::Html;

use super::element::{Attribute, Element, classed, element, link};
use super::finding::{self, Found};
use super::heading;
use mxray_browser::{Part, Voice};

/// The alarm, where there is one.
pub(super) fn alarm(voice: &Voice, report: &Report) -> Html {
    if report.alarms.is_empty() {
        return Html::default();
    }
    let alarms = report.alarms.iter().filter_map(|step| finding::found(report, step));
    let list = alarms.fold(element("ul"), |list, Found { id, found, .. }| {
        let title = voice.finding(&found.finding, Part::Title);
        let link = link(&["#", &id]).text(title);
        list.with(element("li").is(Attribute::DataAlarm, found.finding.rule.code).with(link))
    });
    let section: Element = classed("section", "alarm").is(Attribute::AriaLabelledby, "alarm");
    section.with(heading(voice, "alarm", "report.alarm")).with(list).into()
}
