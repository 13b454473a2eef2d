//! Static pages for reading, in the looks of the page: what the reference and the guides share.

mod language;
pub(crate) mod markup;
pub(crate) mod shown;
mod texts;
#[cfg(test)]
pub(crate) mod whole;

use std::path::{Path, PathBuf};

use mxray_records::Rule;
use mxray_records::texts::{RuleText, Texts, blank};
use serde_json::{Value, json};

pub(crate) use self::language::Language;
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
pub(crate) const UNHASHED: [&str; 5] = ["rules/*", "guides/*", "de/*", STYLE.0, PICTURE.0];

/// Writes the reference and the guides beside a page that is bundled, in every language.
pub(crate) fn write_beside(page: &Path, workspace: &Workspace) -> Result {
    write(&page.join(STYLE.0), STYLE.1)?;
    write(&page.join(PICTURE.0), PICTURE.1)?;
    let frames = Frame::read_all(workspace, page)?;
    frames.iter().try_for_each(|frame| {
        let guides = Guides::read(&frame.texts_in(workspace).join("guides"))?;
        let folder = |name: &str| {
            let folder = page.join(frame.language.folder()).join(name);
            create_folder(&folder).map(|()| folder)
        };
        rules::fill(&folder(rules::FOLDER)?, workspace, frame, &guides)?;
        guides.fill(&folder(guides::FOLDER)?, frame)
    })
}

/// What all documents of a language are made with.
pub(crate) struct Frame {
    pub(crate) language: Language,
    /// All languages, and what each calls itself.
    languages: Vec<(Language, String)>,
    pub(crate) texts: Texts,
    /// Links to what is shared with the page.
    shared: Vec<Element>,
}

/// What is different from document to document.
pub(crate) struct Document {
    /// Where it is, from the folder of its language on.
    pub(crate) file: String,
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
    /// One for each language.
    fn read_all(workspace: &Workspace, page: &Path) -> Result<Vec<Self>> {
        let tags = tags(&read_text(&page.join("index.html"))?);
        let read = |language: Language| {
            let folder = workspace.root.join("texts").join(language.tag());
            let texts = texts::read(&[folder.clone(), folder.join("reference")])?;
            let shared = tags.iter().filter_map(|tag| shared(tag, language.root())).collect();
            Ok(Self { language, languages: vec![], texts, shared })
        };
        let languages = Language::all(&workspace.root.join("texts"))?.into_iter();
        let mut frames = languages.map(read).collect::<Result<Vec<_>>>()?;
        let named = |frame: &Self| (frame.language.clone(), frame.word("reading.language"));
        let languages: Vec<_> = frames.iter().map(named).collect();
        frames.iter_mut().for_each(|frame| frame.languages.clone_from(&languages));
        Ok(frames)
    }

    fn texts_in(&self, workspace: &Workspace) -> PathBuf {
        workspace.root.join("texts").join(self.language.tag())
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
        let Document { file, title, description, trail, lead, main, questions } = document;
        let root = self.language.root();
        let brand = element("p").class("brand").with(link(self.language.home(), "mxray"));
        let mut header = element("header").with(brand).with(element("h1").text(&title));
        if !trail.is_empty() {
            header = header.with(self.trail(&trail));
        }
        if let Some(lead) = lead {
            header = header.with(element("p").class("lead").text(lead));
        }
        let style =
            element("link").set("rel", "stylesheet").set("href", format!("{root}{}", STYLE.0));
        let head =
            [meta("description", description)].into_iter().chain(self.shared.iter().cloned());
        let known = [Some(way_here(self.language.home(), &trail, &title)), asked(&questions)];
        let same = self.languages.iter().map(|(language, _)| {
            let link = element("link").set("rel", "alternate").set("hreflang", language.tag());
            link.set("href", self.in_language(language, &file))
        });
        let head = head.chain([style]).chain(same).chain(known.iter().flatten().map(data));
        let body = element("body").with(header).with(main).with(self.footer(&file));
        self::document(self.language.tag(), &format!("{title} · mxray"), head, body)
    }

    /// How a document reaches itself in another language.
    fn in_language(&self, language: &Language, file: &str) -> String {
        [self.language.root(), &language.folder(), file.trim_end_matches("index.html")].concat()
    }

    fn trail(&self, trail: &[(String, String)]) -> Element {
        let mut nav = element("nav").class("trail").set("aria-label", self.word("reading.trail"));
        for (index, (address, name)) in trail.iter().enumerate() {
            let between = if index > 0 { " › " } else { "" };
            nav = nav.text(between).with(link(address, name));
        }
        nav
    }

    fn footer(&self, file: &str) -> Element {
        let check = link(self.language.home(), self.word("reading.check"));
        let guides = link(format!("../{}/", guides::FOLDER), self.word("guides.all"));
        let rules = link(format!("../{}/", rules::FOLDER), self.word("reference.all"));
        let line = element("p").with(check).text(" · ").with(guides).text(" · ").with(rules);
        let others = self.languages.iter().filter(|(language, _)| *language != self.language);
        let others = others.map(|(language, name)| {
            let (tag, address) = (language.tag(), self.in_language(language, file));
            element("p").with(link(address, name).set("hreflang", tag).set("lang", tag))
        });
        element("footer").with(line).all(others)
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
        let form = element("form").class("ask").set("method", "get");
        let form = form.set("action", self.language.home());
        let heading = element("h2").text(self.word("reading.check"));
        element("section").class("check-it").with(heading).with(form.with(label).with(field))
    }
}

/// A style sheet or an icon that the page's head links to, as it is reached from a folder.
fn shared(tag: &Tag, root: &str) -> Option<Element> {
    let (rel, address) = (tag.attribute("rel")?, tag.attribute("href")?);
    let is_shared = tag.name == "link" && ["stylesheet", "icon"].contains(&rel);
    let address = format!("{root}{}", address.trim_start_matches("./"));
    is_shared.then(|| element("link").set("rel", rel).set("href", address))
}

/// Where a page stands, from the first one on, as search engines show it.
fn way_here(home: String, trail: &[(String, String)], title: &str) -> Value {
    let first = [(home, "mxray".to_owned())];
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
