//! Certificates on a line of time, each to its last day.

use mxray_browser::Voice;
use mxray_facts::{Bytes, Certificate, Contact, StartTls, Timestamp, Tls};
use mxray_scan::{Report, Source};
use yew::prelude::*;

use crate::dates::{day, from};
use crate::deep::part;
use crate::given::Given;

/// A certificate, and who shows it.
struct Bar {
    hosts: Vec<String>,
    /// Who it is, if it is not the host's own: one above it, which ends sooner.
    above: Option<String>,
    sha256: Bytes,
    from: Timestamp,
    until: Timestamp,
}

/// How a certificate stands to the day of the check.
#[derive(Clone, Copy)]
enum Standing {
    Over,
    NotYet,
    Valid,
}

/// A line for each certificate, whatever ends first on top; nothing if none was shown.
pub(crate) fn certificates(given: &Given) -> Html {
    let (voice, report) = (&given.voice, &given.report);
    let bars = bars(report);
    if bars.is_empty() {
        return Html::default();
    }
    let line = Line::of(&bars, report.at);
    let content = html! {
        <>
            <p class="about">{voice.word("depth.certificates.about")}</p>
            <p class="axis" aria-hidden="true">
                <span>{day(voice, line.start)}</span>
                <span>{day(voice, report.at)}</span>
                <span>{day(voice, line.end)}</span>
            </p>
            <ul class="times">{for bars.iter().map(|bar| row(voice, bar, &line))}</ul>
        </>
    };
    part("certificates", voice.word("depth.certificates"), content)
}

/// The part of time that is drawn: a quarter of it is past.
struct Line {
    start: Timestamp,
    now: Timestamp,
    end: Timestamp,
}

impl Line {
    /// Days ahead: so that ninety days are seen well, though an authority of one's own thinks in decades.
    const AHEAD: (i64, i64) = (30, 400);

    fn of(bars: &[Bar], now: Timestamp) -> Self {
        let last = bars.iter().map(|bar| now.days_until(bar.until) + 1).max().unwrap_or_default();
        let ahead = last.clamp(Self::AHEAD.0, Self::AHEAD.1);
        Self { start: now.after_days(-ahead / 3), now, end: now.after_days(ahead) }
    }

    /// Where a moment is, in hundredths of the line's length.
    fn place(&self, at: Timestamp) -> f64 {
        let (length, place) = (self.end.0 - self.start.0, at.0.saturating_sub(self.start.0));
        (place as f64 / length as f64 * 100.0).clamp(0.0, 100.0)
    }
}

fn row(voice: &Voice, bar: &Bar, line: &Line) -> Html {
    let standing = bar.standing(line.now);
    let (key, at, tone) = match standing {
        Standing::Over => ("depth.certificates.over", bar.until, "fail"),
        Standing::NotYet => ("depth.certificates.not-yet", bar.from, "fail"),
        Standing::Valid => ("depth.certificates.until", bar.until, "pass"),
    };
    let said = vec![("date", day(voice, at)), ("when", from(voice, line.now, at))];
    let above = bar.above.as_ref().map(|issuer| {
        let said = voice.with_one("depth.certificates.above", "issuer", issuer.clone());
        html! { <div class="because">{said}</div> }
    });
    html! {
        <li>
            <div>{for bar.hosts.iter().map(|host| html! { <div><code>{host}</code></div> })}{for above}</div>
            {drawn(bar, line, standing)}
            <div class={format!("is-{tone}")}>
                if tone == "fail" { <span class="badge is-fail" aria-hidden="true" />{" "} }
                {voice.with(key, &said)}
            </div>
        </li>
    }
}

/// Without words: those stand beside it.
fn drawn(bar: &Bar, line: &Line, standing: Standing) -> Html {
    let (start, end) = (line.place(bar.from), line.place(bar.until));
    let width = (end - start).max(0.5).to_string();
    let now = line.place(line.now).to_string();
    let class = match standing {
        Standing::Valid => "bar",
        Standing::Over | Standing::NotYet => "bar out",
    };
    html! {
        <svg class="time" viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden="true">
            <line class="all" x1="0" y1="8" x2="100" y2="8" />
            <rect class={class} x={start.min(99.5).to_string()} y="4" width={width} height="8" />
            <line class="now" x1={now.clone()} y1="0" x2={now} y2="16" />
        </svg>
    }
}

impl Bar {
    fn standing(&self, now: Timestamp) -> Standing {
        if self.until < now {
            Standing::Over
        } else if self.from > now {
            Standing::NotYet
        } else {
            Standing::Valid
        }
    }
}

fn bars(report: &Report) -> Vec<Bar> {
    let mut bars: Vec<Bar> = Vec::new();
    for (host, tls) in sessions(report) {
        for certificate in limits(&tls.chain) {
            match bars.iter_mut().find(|bar| bar.sha256 == certificate.sha256) {
                Some(bar) if bar.hosts.contains(&host) => {}
                Some(bar) => bar.hosts.push(host.clone()),
                None => bars.push(Bar {
                    hosts: vec![host.clone()],
                    above: is_above(certificate, tls).then(|| certificate.subject.clone()),
                    sha256: certificate.sha256.clone(),
                    from: certificate.not_before,
                    until: certificate.not_after,
                }),
            }
        }
    }
    bars.sort_by_key(|bar| bar.until);
    bars
}

/// Every session that came to TLS, with its host.
fn sessions(report: &Report) -> impl Iterator<Item = (String, &Tls)> {
    let evidence = report.checks.iter().flat_map(|check| &check.evidence);
    let policy = evidence.filter_map(|evidence| match &evidence.source {
        Source::Policy(fetch) => Some((fetch.host.to_string(), fetch.tls.as_ref()?)),
        Source::Dns { .. } => None,
    });
    let contacts = report.hosts.iter().filter_map(|host| host.contact.as_ref().ok());
    let mail = contacts.flat_map(|host| {
        host.sessions.iter().filter_map(|session| match &session.contact {
            Ok(Contact::Talked(talked)) => match &talked.starttls {
                Some(StartTls::Established(tls)) => Some((host.host.to_string(), tls)),
                _ => None,
            },
            _ => None,
        })
    });
    mail.chain(policy)
}

/// The host's own certificate, and whatever above it ends sooner.
fn limits(chain: &[Certificate]) -> impl Iterator<Item = &Certificate> {
    let (own, above) = (chain.first(), chain.iter().skip(1));
    let end = own.map_or(Timestamp(i64::MIN), |own| own.not_after);
    own.into_iter().chain(above.filter(move |certificate| certificate.not_after < end))
}

fn is_above(certificate: &Certificate, tls: &Tls) -> bool {
    tls.chain.first().is_none_or(|own| own.sha256 != certificate.sha256)
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn bar(from: i64, until: i64) -> Bar {
        let day = |days: i64| Timestamp(1_790_000_000).after_days(days);
        let (from, until) = (day(from), day(until));
        Bar { hosts: Vec::new(), above: None, sha256: Bytes::default(), from, until }
    }

    #[test]
    fn a_quarter_of_the_line_is_past_and_all_ends_are_on_it() {
        let now = Timestamp(1_790_000_000);
        for (reason, bars, ahead) in [
            ("one for ninety days", vec![bar(-1, 89)], 90),
            ("one that is over", vec![bar(-90, -1)], 30),
            ("one for ten years, which goes off the line", vec![bar(-1, 3650)], 400),
        ] {
            let line = Line::of(&bars, now);
            assert_eq!(now.days_until(line.end), ahead, "{reason}");
            assert!((line.place(now) - 25.0).abs() < 0.5, "{reason}");
            for bar in &bars {
                let (start, end) = (line.place(bar.from), line.place(bar.until));
                assert!((0.0..=100.0).contains(&start) && start <= end, "{reason}");
                assert!(end <= 100.0, "{reason}");
            }
        }
    }
}
