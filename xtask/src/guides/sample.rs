//! What a guide shows in a fence: a record or a policy, which is linted, or a drawing.
//!
//! ````text
//! ```mta-sts-record at=_mta-sts.example.com
//! v=STSv1; id=20261125
//! ```
//! ````
//!
//! What is linted has to raise the rules that `raises=` names, divided by commas, and no other. MX hosts
//! that a policy has to cover follow `mx=`. A `drawing` has its name on the first line and what is
//! to be said below it inside. A `text` is shown as it is.

use mxray_records::Text;
use mxray_records::lint::{Kind, lint};
use mxray_records::texts::fill;

use super::Guides;
use crate::reading::Frame;
use crate::reading::markup::{Element, element, link};
use crate::reading::shown::{badge, marked, pre};
use crate::{Result, rules};

/// What a fence shows, by its first line and what is in it.
pub(super) fn shown(info: &str, text: &str, guides: &Guides, frame: &Frame) -> Result<Element> {
    let mut words = info.split_whitespace();
    match words.next().unwrap_or_default() {
        "drawing" => drawing(words.next().unwrap_or_default(), text, guides),
        "text" => Ok(pre(text.trim_end())),
        kind => {
            let kind = kind.parse().map_err(|unknown| format!("{unknown}, text, drawing"))?;
            Sample::read(kind, words, text)?.shown(frame)
        }
    }
}

fn drawing(name: &str, caption: &str, guides: &Guides) -> Result<Element> {
    let svg = guides.drawings.get(name).ok_or_else(|| format!("there is no drawing “{name}”"))?;
    let caption = element("figcaption").text(caption.trim_end());
    Ok(element("figure").class("drawing").drawing(svg).with(caption))
}

/// A record, the records at a name, or a policy.
struct Sample<'a> {
    kind: Kind,
    /// Where it is published.
    place: &'a str,
    /// The codes of the rules that it raises.
    raises: Vec<&'a str>,
    mx: Vec<String>,
    texts: Vec<&'a str>,
}

impl<'a> Sample<'a> {
    fn read(kind: Kind, settings: impl Iterator<Item = &'a str>, text: &'a str) -> Result<Self> {
        let texts = match kind {
            Kind::MtaStsPolicy => vec![text],
            _ => text.lines().collect(),
        };
        let mut sample = Self { kind, place: "", raises: vec![], mx: vec![], texts };
        for setting in settings {
            match setting.split_once('=') {
                Some(("at", place)) => sample.place = place,
                Some(("raises", codes)) => sample.raises = codes.split(',').collect(),
                Some(("mx", hosts)) => sample.mx = hosts.split(',').map(str::to_owned).collect(),
                _ => return Err(format!("“{setting}” says nothing about a sample")),
            }
        }
        Ok(sample)
    }

    fn shown(&self, frame: &Frame) -> Result<Element> {
        let texts: Vec<Text> = self.texts.iter().map(|text| Text::from(*text)).collect();
        let findings = lint(self.kind, &texts, &self.mx, None).findings;
        let mut raised: Vec<&str> = findings.iter().map(|finding| finding.rule.code).collect();
        raised.dedup();
        if raised != self.raises {
            let raised = if raised.is_empty() { "nothing".to_owned() } else { raised.join(",") };
            return Err(format!("the {} raises {raised}: {}", self.kind, self.texts.join(" / ")));
        }
        let mut figure = element("figure").class("evidence");
        if !self.place.is_empty() {
            let place = [("place", self.place.to_owned())];
            let place = fill(&frame.word(place_word(self.kind)), &place);
            figure = figure.with(element("figcaption").text(place));
        }
        let found = findings.first();
        let marked = |(record, text): (usize, &&str)| marked(text, record, found);
        figure = figure.all(self.texts.iter().enumerate().map(marked));
        for finding in &findings {
            let address = format!("../{}/{}", rules::FOLDER, rules::file(finding.rule));
            let link = link(address, frame.texts.say(finding, |text| &text.title));
            let sign = badge(finding.rule.severity);
            figure = figure.with(element("p").class("found").with(sign).text(" ").with(link));
        }
        Ok(figure)
    }
}

/// The word that says what is published where.
fn place_word(kind: Kind) -> &'static str {
    match kind {
        Kind::MtaStsPolicy => "page.place.file",
        Kind::TlsaRecord => "guides.place.tlsa",
        Kind::MxSet => "guides.place.mx",
        Kind::CaaRecord => "guides.place.caa",
        _ => "page.place.record",
    }
}
