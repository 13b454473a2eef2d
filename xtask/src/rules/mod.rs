//! The reference: a page for each rule and one that lists them, static, in the looks of the page.
//!
//! What they say is the catalog's and that of `texts`; the examples are those that tests hold.

mod examples;
mod markup;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mxray_records::example::Examples;
use mxray_records::texts::{BLANK, RuleText, Texts, blank};
use mxray_records::{Rule, Severity};
use serde::de::DeserializeOwned;

use self::markup::{Element, document, element};
use crate::Result;
use crate::html::{Tag, tags};
use crate::workspace::{Workspace, create_folder, entries, read_text, write};

/// The folder of the built page that holds the reference.
const FOLDER: &str = "rules";

/// What the page's own style sheet lacks.
const STYLE: (&str, &str) = ("rules.css", include_str!("rules.css"));

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

/// Writes the reference beside a page that is bundled.
pub(crate) fn write_beside(page: &Path, workspace: &Workspace) -> Result {
    let reference = Reference::read(workspace, page)?;
    let folder = page.join(FOLDER);
    create_folder(&folder)?;
    write(&folder.join(STYLE.0), STYLE.1)?;
    write(&folder.join("index.html"), reference.list()?)?;
    catalog().try_for_each(|rule| write(&folder.join(file(rule)), reference.page(rule)?))
}

/// Every rule that a finding can name.
fn catalog() -> impl Iterator<Item = &'static Rule> {
    let zone = mxray_records::zone::rules::RULES.iter().copied();
    mxray_records::catalog().chain(mxray_scan::catalog()).chain(zone)
}

fn file(rule: &Rule) -> String {
    format!("{}.html", rule.code)
}

/// What comes before the last dot of a rule's code.
fn family(rule: &Rule) -> &'static str {
    rule.code.rsplit_once('.').map_or("", |(family, _)| family)
}

fn protocol(rule: &Rule) -> Result<&'static str> {
    let of_it = |(_, families): &&(&str, &[&str])| families.contains(&family(rule));
    let named = PROTOCOLS.iter().find(of_it).map(|(protocol, _)| *protocol);
    named.ok_or_else(|| format!("{}: PROTOCOLS in xtask/src/rules names no such rules", rule.code))
}

/// All that the reference is made of.
struct Reference {
    texts: Texts,
    examples: BTreeMap<String, Examples>,
    /// What is special about a domain of the lab, by the rule that it is there for.
    domains: BTreeMap<String, String>,
    /// Links to what is shared with the page.
    shared: Vec<Element>,
}

impl Reference {
    fn read(workspace: &Workspace, page: &Path) -> Result<Self> {
        let folder = |path: &str| workspace.root.join(path);
        Ok(Self {
            texts: read_texts(&[folder("texts/en"), folder("texts/en/reference")])?,
            examples: examples::read(&folder("crates/records/examples"))?,
            domains: examples::domains(&folder("crates/lab/domains"))?,
            shared: tags(&read_text(&page.join("index.html"))?).iter().filter_map(shared).collect(),
        })
    }

    fn word(&self, key: &str) -> String {
        self.texts.word(key).to_owned()
    }

    /// One of a rule's sentences, with `…` for what only a finding knows.
    fn say(&self, rule: &Rule, which: fn(&RuleText) -> &String) -> Result<String> {
        let texts = self.texts.rules.get(rule.code);
        texts.map(|texts| blank(which(texts))).ok_or_else(|| format!("{} has no texts", rule.code))
    }

    /// The rules of each protocol, part by part.
    fn list(&self) -> Result<String> {
        let title = self.word("reference.title");
        let mut severities = element("ul").class("severities");
        for severity in [Severity::Fail, Severity::Warning, Severity::Notice] {
            severities = severities.with(self.severity(element("li"), severity));
        }
        let mut main = element("main").with(severities);
        for (protocol, families) in PROTOCOLS {
            main = main.with(self.protocol(protocol, families)?);
        }
        let lead = element("p").class("lead").text(self.word("reference.lead"));
        Ok(self.document(&title, lead, main))
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
        let link = element("a").set("href", file(rule)).text(self.say(rule, |text| &text.title)?);
        let verdict = element("span").class(format!("verdict is-{severity}"));
        let verdict = verdict.text(self.word(&format!("verdict.{severity}")));
        Ok(element("li").with(badge(severity)).text(" ").with(link).text(" ").with(verdict))
    }

    /// The page of one rule.
    fn page(&self, rule: &Rule) -> Result<String> {
        let title = self.say(rule, |text| &text.title)?;
        let trail = element("nav")
            .class("trail")
            .set("aria-label", self.word("reference.all"))
            .with(link("./", self.word("reference.all")))
            .text(" › ")
            .with(self.place(rule)?);
        let mut main = element("main").with(self.severity(element("p"), rule.severity));
        for (key, said) in [
            ("reference.rule.why", self.say(rule, |text| &text.why)?),
            ("reference.rule.fix", self.say(rule, |text| &text.fix)?),
        ] {
            main = main.with(self.section(key).with(element("p").text(said)));
        }
        main = main.with(self.exact(rule)?);
        if let Some(section) = self.example(rule) {
            main = main.with(section);
        }
        Ok(self.document(&title, trail, main))
    }

    /// Where in the list a rule stands.
    fn place(&self, rule: &Rule) -> Result<Element> {
        let protocol = protocol(rule)?;
        let name = self.word(&format!("reference.protocol.{protocol}"));
        Ok(link(format!("./#{protocol}"), name))
    }

    fn exact(&self, rule: &Rule) -> Result<Element> {
        let exact = self.say(rule, |text| &text.exact)?;
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
        let severity = word(severity);
        let name = self.word(&format!("verdict.{severity}"));
        let strong = element("strong").text(name).text(":");
        let meaning = self.word(&format!("reference.severity.{severity}"));
        line.with(badge(severity)).text(" ").with(strong).text(" ").text(meaning)
    }

    fn document(&self, title: &str, below: Element, main: Element) -> String {
        let (check, all) = (self.word("reference.check"), self.word("reference.all"));
        let brand = element("p").class("brand").with(link("../", "mxray"));
        let header = element("header").with(brand).with(element("h1").text(title)).with(below);
        let foot = element("p").with(link("../", check)).text(" · ").with(link("./", all));
        let style = element("link").set("rel", "stylesheet").set("href", STYLE.0);
        let head = self.shared.iter().cloned().chain([style]);
        let body = element("body").with(header).with(main).with(element("footer").with(foot));
        document(&format!("{title} · mxray"), head, body)
    }
}

/// The texts of some folders.
fn read_texts(folders: &[PathBuf]) -> Result<Texts> {
    let mut texts = Texts::default();
    for folder in folders {
        for (file, table) in tables(folder)? {
            for (key, value) in table {
                match value {
                    toml::Value::String(word) => drop(texts.words.insert(key, word)),
                    rule => drop(texts.rules.insert(key, understood(&file, rule)?)),
                }
            }
        }
    }
    Ok(texts)
}

/// The TOML files of a folder.
fn tables(folder: &Path) -> Result<Vec<(PathBuf, toml::Table)>> {
    let mut files = entries(folder)?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    let read = |file: PathBuf| {
        let table = read_text(&file)?.parse().map_err(|error| wrong(&file, &error))?;
        Ok((file, table))
    };
    files.into_iter().map(read).collect()
}

fn understood<T: DeserializeOwned>(file: &Path, value: toml::Value) -> Result<T> {
    value.try_into().map_err(|error| wrong(file, &error))
}

fn wrong(file: &Path, error: &toml::de::Error) -> String {
    format!("{}: {}", file.display(), error.to_string().trim_end())
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

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Fail => "fail",
        Severity::Warning => "warning",
        Severity::Notice => "notice",
    }
}

/// The sign of the page's style sheet; the word beside it says the same.
fn badge(severity: &str) -> Element {
    element("span").class(format!("badge is-{severity}")).set("aria-hidden", "true")
}

fn link(address: impl AsRef<str>, said: impl AsRef<str>) -> Element {
    element("a").set("href", address).text(said)
}

/// A style sheet or an icon that the page's head links to, as it is reached from the reference.
fn shared(tag: &Tag) -> Option<Element> {
    let (rel, address) = (tag.attribute("rel")?, tag.attribute("href")?);
    let is_shared = tag.name == "link" && ["stylesheet", "icon"].contains(&rel);
    let address = format!("../{}", address.trim_start_matches("./"));
    is_shared.then(|| element("link").set("rel", rel).set("href", address))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::sync::LazyLock;

    use super::*;

    const PAGE: &str = "<!doctype html><link rel=\"stylesheet\" href=\"./style-0123.css\">\
        <link rel=\"icon\" href=\"./icon-4567.svg\"><link rel=\"modulepreload\" href=\"./app.js\">";

    /// Every document of the reference, by its name.
    static DOCUMENTS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let page = tempfile::tempdir().unwrap();
        fs::write(page.path().join("index.html"), PAGE).unwrap();
        write_beside(page.path(), &Workspace { target: root.join("target"), root }).unwrap();
        let mut files = entries(&page.path().join(FOLDER)).unwrap();
        files.retain(|file| !file.ends_with(STYLE.0));
        let named = |file: PathBuf| {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(file).unwrap())
        };
        files.into_iter().map(named).collect()
    });

    #[test]
    fn every_rule_has_a_page_and_stands_in_the_list() {
        let rules: BTreeSet<String> = catalog().map(file).collect();
        let pages: BTreeSet<String> =
            DOCUMENTS.keys().filter(|name| *name != "index.html").cloned().collect();
        assert_eq!(pages, rules);
        let list = tags(&DOCUMENTS["index.html"]);
        for rule in &rules {
            assert!(list.iter().any(|tag| tag.attribute("href") == Some(rule)), "{rule}");
        }
    }

    #[test]
    fn every_link_leads_somewhere() {
        let beside = ["../", "../style-0123.css", "../icon-4567.svg", STYLE.0];
        let elsewhere = ["https://www.rfc-editor.org/rfc/", "https://datatracker.ietf.org/doc/"];
        for (name, document) in &*DOCUMENTS {
            for tag in tags(document) {
                let Some(address) = tag.attribute("href").or(tag.attribute("src")) else {
                    continue;
                };
                let (path, fragment) = address.split_once('#').unwrap_or((address, ""));
                let known = elsewhere.iter().any(|start| address.starts_with(start));
                if known || beside.contains(&path) {
                    continue;
                }
                let path = if path == "./" { "index.html" } else { path };
                let target = DOCUMENTS.get(path).unwrap_or_else(|| panic!("{name}: {address}"));
                let there = target.contains(&format!(" id=\"{fragment}\""));
                assert!(fragment.is_empty() || there, "{name}: {address}");
            }
        }
    }

    #[test]
    fn every_page_is_whole_without_a_script() {
        for (name, document) in &*DOCUMENTS {
            let tags = tags(document);
            let count = |element: &str| tags.iter().filter(|tag| tag.name == element).count();
            assert_eq!((count("h1"), count("main"), count("script")), (1, 1, 0), "{name}");
            let sheets = tags.iter().filter(|tag| tag.attribute("rel") == Some("stylesheet"));
            let sheets: Vec<_> = sheets.filter_map(|tag| tag.attribute("href")).collect();
            assert_eq!(sheets, ["../style-0123.css", STYLE.0], "{name}");
            assert!(!document.contains(">reference."), "{name}: a word is not written");
        }
    }

    #[test]
    fn every_rule_has_an_example() {
        for rule in catalog() {
            assert!(DOCUMENTS[&file(rule)].contains("<h2>Example</h2>"), "{}", rule.code);
        }
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
        let sources = [include_str!("mod.rs"), include_str!("examples.rs")].concat();
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
