//! The reference: a page for each rule and one that lists them, static, in the looks of the page.
//!
//! What they say is the catalog's and that of `texts`; the examples are those that tests hold.

mod examples;
mod gallery;

use std::collections::BTreeMap;
use std::path::Path;

use mxray_records::example::Examples;
use mxray_records::texts::BLANK;
use mxray_records::{Rule, Severity};

use self::gallery::Sample;
use crate::Result;
use crate::guides::{self, Guides};
use crate::reading::markup::{Element, element, link};
use crate::reading::shown::{badge, word};
use crate::reading::{Document, Frame};
use crate::workspace::{Workspace, write};

/// The folder of the built page that holds the reference.
pub(crate) const FOLDER: &str = "rules";

/// The page of the lab's domains.
const GALLERY: &str = "gallery.html";

/// The protocols in the order of the list, and how the codes of their rules begin.
const PROTOCOLS: [(&str, &[&str]); 11] = [
    ("mta-sts", &["mta-sts", "mta-sts.record", "mta-sts.policy"]),
    ("smtp", &["smtp"]),
    ("tls-rpt", &["tls-rpt", "tls-rpt.record"]),
    ("dane", &["dane", "tlsa.record"]),
    ("mx", &["mx", "mx.set"]),
    ("spf", &["spf", "spf.record"]),
    ("dkim", &["dkim", "dkim.key"]),
    ("dmarc", &["dmarc", "dmarc.record"]),
    ("bimi", &["bimi.record"]),
    ("caa", &["caa.record"]),
    ("zone", &["zone"]),
];

/// Fills a folder with the reference.
pub(crate) fn fill(folder: &Path, workspace: &Workspace, frame: &Frame, guides: &Guides) -> Result {
    let reference = Reference::read(workspace, frame, guides)?;
    write(&folder.join("index.html"), reference.list()?)?;
    write(&folder.join(GALLERY), reference.gallery()?)?;
    catalog().try_for_each(|rule| write(&folder.join(file(rule)), reference.page(rule)?))
}

/// Every rule that a finding can name.
pub(crate) fn catalog() -> impl Iterator<Item = &'static Rule> {
    let zone = mxray_records::zone::rules::RULES.iter().copied();
    mxray_records::catalog().chain(mxray_scan::catalog()).chain(zone)
}

/// The rule of a code.
fn rule(code: &str) -> Result<&'static Rule> {
    catalog().find(|rule| rule.code == code).ok_or_else(|| format!("no rule has the code {code}"))
}

/// The address of a rule's page in the folder.
pub(crate) fn file(rule: &Rule) -> String {
    format!("{}.html", rule.code)
}

/// What comes before the last dot of a rule's code.
pub(crate) fn family(rule: &Rule) -> &'static str {
    rule.code.rsplit_once('.').map_or("", |(family, _)| family)
}

fn protocol(rule: &Rule) -> Result<&'static str> {
    let of_it = |(_, families): &&(&str, &[&str])| families.contains(&family(rule));
    let named = PROTOCOLS.iter().find(of_it).map(|(protocol, _)| *protocol);
    named.ok_or_else(|| format!("{}: PROTOCOLS in xtask/src/rules names no such rules", rule.code))
}

/// All that the reference is made of.
struct Reference<'a> {
    frame: &'a Frame,
    guides: &'a Guides,
    examples: BTreeMap<String, Examples>,
    /// The domains of the lab.
    samples: Vec<Sample>,
}

impl<'a> Reference<'a> {
    fn read(workspace: &Workspace, frame: &'a Frame, guides: &'a Guides) -> Result<Self> {
        let folder = |path: &str| workspace.root.join(path);
        let examples = examples::read(&folder("crates/records/examples"))?;
        let samples = gallery::read(&folder("crates/lab/domains"))?;
        Ok(Self { frame, guides, examples, samples })
    }

    fn word(&self, key: &str) -> String {
        self.frame.word(key)
    }

    /// The rules of each protocol, part by part.
    fn list(&self) -> Result<String> {
        let title = self.word("reference.title");
        let mut severities = element("ul").class("severities");
        for severity in [Severity::Fail, Severity::Warning, Severity::Notice] {
            severities = severities.with(self.severity(element("li"), severity));
        }
        let gallery = element("p").with(link(GALLERY, self.word("reference.gallery.title")));
        let mut main = element("main").with(gallery).with(severities);
        for (protocol, families) in PROTOCOLS {
            main = main.with(self.protocol(protocol, families)?);
        }
        let lead = self.word("reference.lead");
        let (description, lead) = (lead.clone(), Some(lead));
        let (file, trail, questions) = (format!("{FOLDER}/index.html"), vec![], vec![]);
        let document = Document { file, title, description, trail, lead, main, questions };
        Ok(self.frame.document(document))
    }

    fn protocol(&self, protocol: &str, families: &[&str]) -> Result<Element> {
        let heading = element("h2").text(self.word(&format!("reference.protocol.{protocol}")));
        let mut section = element("section").set("id", protocol).with(heading);
        for part in families {
            if families.len() > 1 {
                section = section.with(element("h3").text(self.word(part_key(part))));
            }
            let mut list = element("ul").class("rules");
            for rule in catalog().filter(|rule| family(rule) == *part) {
                list = list.with(self.entry(rule)?);
            }
            section = section.with(list);
        }
        Ok(section)
    }

    fn entry(&self, rule: &Rule) -> Result<Element> {
        let severity = word(rule.severity);
        let link = link(file(rule), self.frame.say(rule, |text| &text.title)?);
        let verdict = element("span").class(format!("verdict is-{severity}"));
        let verdict = verdict.text(self.word(&format!("verdict.{severity}")));
        Ok(element("li").with(badge(rule.severity)).text(" ").with(link).text(" ").with(verdict))
    }

    /// The page of one rule.
    fn page(&self, rule: &Rule) -> Result<String> {
        let title = self.frame.say(rule, |text| &text.title)?;
        let trail = vec![("./".to_owned(), self.word("reference.all")), self.place(rule)?];
        let why = self.frame.say(rule, |text| &text.why)?;
        let mut main = element("main").with(self.severity(element("p"), rule.severity));
        for (key, said) in [
            ("reference.rule.why", why.clone()),
            ("reference.rule.fix", self.frame.say(rule, |text| &text.fix)?),
        ] {
            main = main.with(self.section(key).with(element("p").text(said)));
        }
        main = main.with(self.exact(rule)?);
        if let Some(section) = self.example(rule) {
            main = main.with(section);
        }
        if let Some((file, title)) = self.guides.about(family(rule)) {
            let guide = link(format!("../{}/{file}", guides::FOLDER), title);
            let further = self.section("reading.further");
            main = main.with(further.with(element("p").with(guide)));
        }
        let (file, description, questions) = (format!("{FOLDER}/{}", file(rule)), why, vec![]);
        let document = Document { file, title, description, trail, lead: None, main, questions };
        Ok(self.frame.document(document))
    }

    /// Where in the list a rule stands.
    fn place(&self, rule: &Rule) -> Result<(String, String)> {
        let protocol = protocol(rule)?;
        let name = self.word(&format!("reference.protocol.{protocol}"));
        Ok((format!("./#{protocol}"), name))
    }

    fn exact(&self, rule: &Rule) -> Result<Element> {
        let exact = self.frame.say(rule, |text| &text.exact)?;
        let standard = match rule.link() {
            Some(address) => link(address, rule.section).set("rel", "noreferrer"),
            None => element("span").text(rule.section),
        };
        let source = element("p").class("exact").with(element("code").text(rule.code));
        let mut section = self.section("reference.rule.exact").with(element("p").text(&exact));
        if exact.contains(BLANK) {
            let blank = element("p").class("exact").text(self.word("reference.rule.blank"));
            section = section.with(blank);
        }
        Ok(section.with(source.text(" · ").with(standard)))
    }

    fn section(&self, key: &str) -> Element {
        element("section").with(element("h2").text(self.word(key)))
    }

    /// A sign, the word, and what it means.
    fn severity(&self, line: Element, severity: Severity) -> Element {
        let name = self.word(&format!("verdict.{}", word(severity)));
        let strong = element("strong").text(name).text(":");
        let meaning = self.word(&format!("reference.severity.{}", word(severity)));
        line.with(badge(severity)).text(" ").with(strong).text(" ").text(meaning)
    }
}

fn part_key(family: &str) -> &'static str {
    match family.rsplit('.').next() {
        Some("record") => "reference.part.record",
        Some("policy") => "reference.part.policy",
        Some("key") => "reference.part.key",
        Some("set") => "reference.part.set",
        _ => "reference.part.whole",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::LazyLock;

    use mxray_records::texts::blank;

    use super::*;
    use crate::html::tags;
    use crate::reading::whole;

    /// Every document of the reference, by its name.
    static DOCUMENTS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
        let named = whole::DOCUMENTS.iter().filter_map(|(name, document)| {
            Some((name.strip_prefix("rules/")?.to_owned(), document.clone()))
        });
        named.collect()
    });

    #[test]
    fn every_rule_has_a_page_and_stands_in_the_list() {
        let rules: BTreeSet<String> = catalog().map(file).collect();
        let pages: BTreeSet<String> = DOCUMENTS
            .keys()
            .filter(|name| ![GALLERY, "index.html"].contains(&name.as_str()))
            .cloned()
            .collect();
        assert_eq!(pages, rules);
        let list = tags(&DOCUMENTS["index.html"]);
        for rule in &rules {
            assert!(list.iter().any(|tag| tag.attribute("href") == Some(rule)), "{rule}");
        }
    }

    #[test]
    fn every_rule_has_an_example() {
        for rule in catalog() {
            assert!(DOCUMENTS[&file(rule)].contains("<h2>Example</h2>"), "{}", rule.code);
        }
    }

    #[test]
    fn the_gallery_shows_every_domain_of_the_lab_and_links_to_its_rules() {
        let gallery = &DOCUMENTS[GALLERY];
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/lab/domains");
        for (file, _) in crate::reading::tables(&folder).unwrap() {
            let name = file.file_stem().unwrap().display().to_string();
            assert!(gallery.contains(&format!("<article id=\"{name}.example\">")), "{name}");
        }
        for expected in ["href=\"dane.mismatch.html\"", "; mail: server = &quot;no-starttls&quot;"]
        {
            assert!(gallery.contains(expected), "{expected}");
        }
        let list = tags(&DOCUMENTS["index.html"]);
        assert!(list.iter().any(|tag| tag.attribute("href") == Some(GALLERY)));
    }

    #[test]
    fn each_page_says_what_its_rule_is_and_shows_where_it_applies() {
        for (page, expected) in [
            ("mta-sts.policy.mode-unknown.html", "<mark class=\"is-fail\">enforced</mark>"),
            ("mta-sts.policy.blank-line-at-end.html", "<mark class=\"is-fail\">↵"),
            ("mta-sts.policy.mode-unknown.html", "rfc8461#section-3.2"),
            ("mta-sts.host-refuses.html", "The policy's host refuses connections."),
            ("zone.unreadable.html", "@ TXT &quot;v=spf1 mx -all\n"),
            ("mta-sts.policy.too-large.html", "… and 13092 lines more"),
            ("mta-sts.policy.mx-not-covered.html", "Mail servers of the domain: a.mail.example"),
        ] {
            assert!(DOCUMENTS[page].contains(expected), "{page}: {}", DOCUMENTS[page]);
        }
    }

    #[test]
    fn no_word_is_left_over() {
        let words = include_str!("../../../texts/en/reference/words.toml");
        let words: toml::Table = words.parse().unwrap();
        let sources =
            [include_str!("mod.rs"), include_str!("examples.rs"), include_str!("gallery.rs")]
                .concat();
        for key in words.keys() {
            let family = key.rsplit_once('.').map_or("", |(family, _)| family);
            let built = ["reference.severity", "reference.protocol"].contains(&family);
            assert!(built || sources.contains(&format!("\"{key}\"")), "{key}");
        }
    }

    #[test]
    fn what_only_a_finding_knows_is_left_blank() {
        for (template, expected) in [
            ("it ends in {days} days", "it ends in … days"),
            ("“{a}” and {b}", "“…” and …"),
            ("{\\rtf", "{\\rtf"),
        ] {
            assert_eq!(blank(template), expected);
        }
    }
}
