//! Static pages for reading, in the looks of the page: what the reference and the guides share.

pub(crate) mod markup;
pub(crate) mod shown;
mod texts;
#[cfg(test)]
pub(crate) mod whole;

use std::path::Path;

use mxray_records::Rule;
use mxray_records::texts::{RuleText, Texts, blank};
use serde_json::{Value, json};

use self::markup::{Element, data, document, element, link, meta};
pub(crate) use self::texts::{tables, understood};
use crate::Result;
use crate::guides::Guides;
use crate::html::{Tag, tags};
use crate::workspace::{Workspace, create_folder, read_text, write};
use crate::{guides, rules};

/// What the page's own style sheet lacks.
const STYLE: (&str, &str) = ("reading.css", include_str!("reading.css"));

/// What is shown with a link to the page where people share one. Drawn as `share.svg`, and taken at
/// 1200 by 630: nobody who shows such a picture takes SVG.
pub(crate) const PICTURE: (&str, &[u8]) = ("share.png", include_bytes!("share.png"));

/// What may change while its name stays, as a host is told of it.
pub(crate) const UNHASHED: [&str; 4] = ["rules/*", "guides/*", STYLE.0, PICTURE.0];

/// Writes the reference and the guides beside a page that is bundled.
pub(crate) fn write_beside(page: &Path, workspace: &Workspace) -> Result {
    let frame = Frame::read(workspace, page)?;
    let guides = Guides::read(&workspace.root.join("texts/en/guides"))?;
    write(&page.join(STYLE.0), STYLE.1)?;
    write(&page.join(PICTURE.0), PICTURE.1)?;
    let folder = |name: &str| {
        let folder = page.join(name);
        create_folder(&folder).map(|()| folder)
    };
    rules::fill(&folder(rules::FOLDER)?, workspace, &frame, &guides)?;
    guides.fill(&folder(guides::FOLDER)?, &frame)
}

/// What all documents are made with.
pub(crate) struct Frame {
    pub(crate) texts: Texts,
    /// Links to what is shared with the page.
    shared: Vec<Element>,
}

/// What is different from document to document.
pub(crate) struct Document {
    pub(crate) title: String,
    /// What a search engine shows below the title.
    pub(crate) description: String,
    /// The pages above this one: their addresses, and what they are called.
    pub(crate) trail: Vec<(String, String)>,
    /// What it is, in a sentence.
    pub(crate) lead: Option<String>,
    pub(crate) main: Element,
    /// What it answers.
    pub(crate) questions: Vec<Question>,
}

/// A question, and the text of its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) asked: String,
    pub(crate) answer: String,
}

impl Frame {
    fn read(workspace: &Workspace, page: &Path) -> Result<Self> {
        let folders = ["texts/en", "texts/en/reference"];
        Ok(Self {
            texts: texts::read(&folders.map(|folder| workspace.root.join(folder)))?,
            shared: tags(&read_text(&page.join("index.html"))?).iter().filter_map(shared).collect(),
        })
    }

    pub(crate) fn word(&self, key: &str) -> String {
        self.texts.word(key).to_owned()
    }

    /// One of a rule's sentences, with `…` for what only a finding knows.
    pub(crate) fn say(&self, rule: &Rule, which: fn(&RuleText) -> &String) -> Result<String> {
        let texts = self.texts.rules.get(rule.code);
        texts.map(|texts| blank(which(texts))).ok_or_else(|| format!("{} has no texts", rule.code))
    }

    pub(crate) fn document(&self, document: Document) -> String {
        let Document { title, description, trail, lead, main, questions } = document;
        let brand = element("p").class("brand").with(link("../", "mxray"));
        let mut header = element("header").with(brand).with(element("h1").text(&title));
        if !trail.is_empty() {
            header = header.with(self.trail(&trail));
        }
        if let Some(lead) = lead {
            header = header.with(element("p").class("lead").text(lead));
        }
        let style = element("link").set("rel", "stylesheet").set("href", format!("../{}", STYLE.0));
        let head =
            [meta("description", description)].into_iter().chain(self.shared.iter().cloned());
        let known = [Some(way_here(&trail, &title)), asked(&questions)];
        let head = head.chain([style]).chain(known.iter().flatten().map(data));
        let body = element("body").with(header).with(main).with(self.footer());
        self::document(&format!("{title} · mxray"), head, body)
    }

    fn trail(&self, trail: &[(String, String)]) -> Element {
        let mut nav = element("nav").class("trail").set("aria-label", self.word("reading.trail"));
        for (index, (address, name)) in trail.iter().enumerate() {
            let between = if index > 0 { " › " } else { "" };
            nav = nav.text(between).with(link(address, name));
        }
        nav
    }

    fn footer(&self) -> Element {
        let check = link("../", self.word("reading.check"));
        let guides = link(format!("../{}/", guides::FOLDER), self.word("guides.all"));
        let rules = link(format!("../{}/", rules::FOLDER), self.word("reference.all"));
        let line = element("p").with(check).text(" · ").with(guides).text(" · ").with(rules);
        element("footer").with(line)
    }

    /// The form of the page: it leads there, and works without a script.
    pub(crate) fn ask(&self) -> Element {
        let domain = self.word("page.domain");
        let input = element("input")
            .set("id", "domain")
            .set("name", "domain")
            .set("type", "text")
            .set("inputmode", "url")
            .set("autocomplete", "off")
            .set("autocapitalize", "none")
            .set("spellcheck", "false")
            .set("placeholder", "example.com")
            .set("maxlength", "2000");
        let button = element("button").set("type", "submit").text(self.word("page.check"));
        let field = element("div").class("field").with(input).with(button);
        let label = element("label").set("for", "domain").text(domain);
        let form = element("form").class("ask").set("action", "../").set("method", "get");
        let heading = element("h2").text(self.word("reading.check"));
        element("section").class("check-it").with(heading).with(form.with(label).with(field))
    }
}

/// A style sheet or an icon that the page's head links to, as it is reached from a folder.
fn shared(tag: &Tag) -> Option<Element> {
    let (rel, address) = (tag.attribute("rel")?, tag.attribute("href")?);
    let is_shared = tag.name == "link" && ["stylesheet", "icon"].contains(&rel);
    let address = format!("../{}", address.trim_start_matches("./"));
    is_shared.then(|| element("link").set("rel", rel).set("href", address))
}

/// Where a page stands, from the first one on, as search engines show it.
fn way_here(trail: &[(String, String)], title: &str) -> Value {
    let first = [("../".to_owned(), "mxray".to_owned())];
    let above = first.iter().chain(trail);
    let above = above.map(|(address, name)| json!({ "name": name, "item": address }));
    let steps = above.chain([json!({ "name": title })]).zip(1..).map(|(mut step, position)| {
        step["@type"] = json!("ListItem");
        step["position"] = json!(position);
        step
    });
    json!({
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": steps.collect::<Vec<_>>(),
    })
}

fn asked(questions: &[Question]) -> Option<Value> {
    let question = |Question { asked, answer }: &Question| {
        json!({
            "@type": "Question",
            "name": asked,
            "acceptedAnswer": { "@type": "Answer", "text": answer },
        })
    };
    let all = || questions.iter().map(question).collect::<Vec<_>>();
    (!questions.is_empty()).then(
        || json!({ "@context": "https://schema.org", "@type": "FAQPage", "mainEntity": all() }),
    )
}
