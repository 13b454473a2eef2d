//! What cannot wait: mail is refused, or may be.

use mxray_scan::Report;
use yew::prelude::*;

use super::finding;
use crate::voice::Voice;

/// The alarm, where there is one.
pub(super) fn alarm(voice: &Voice, report: &Report) -> Html {
    if report.alarms.is_empty() {
        return Html::default();
    }
    let alarms = report.alarms.iter().filter_map(|step| finding::found(report, step));
    html! {
        <section class="alarm" aria-labelledby="alarm">
            <h3 id="alarm">{ voice.word("report.alarm") }</h3>
            <ul>
                { for alarms.map(|(id, found)| html! {
                    <li data-alarm={found.finding.rule.code}>
                        <a href={format!("#{id}")}>{ voice.finding(&found.finding, |text| &text.title) }</a>
                    </li>
                }) }
            </ul>
        </section>
    }
}
