//! Guides: what each part of mail security is, how it works and how to get it, for whoever owns a domain.
//!
//! A guide is Markdown in `texts/<language>/guides`; `guides.toml` in `texts/en/guides` says what a guide may hold and in
//! which order they are read.

mod article;
mod sample;

use std::collections::BTreeMap;
use std::path::Path;

use mxray_records::section_link;
use serde::Deserialize;

use self::article::Article;
use crate::Result;
use crate::reading::markup::{Element, element, link};
use crate::reading::{Document, Frame};
use crate::workspace::{read_text, write};

/// The folder of the built page that holds the guides.
pub(crate) const FOLDER: &str = "guides";

/// All guides.
pub(crate) struct Guides {
    parts: Vec<Part>,
    guides: BTreeMap<String, Guide>,
    /// SVG, by name.
    drawings: BTreeMap<String, String>,
}

/// Guides that belong together.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    title: String,
    /// Their names, in the order of reading.
    guides: Vec<String>,
}

struct Guide {
    front: Front,
    /// In Markdown.
    text: String,
}

/// What stands before a guide's text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Front {
    title: String,
    /// What a search engine shows below the title.
    description: String,
    /// What it is about, in a sentence.
    lead: String,
    /// The rules whose pages lead here: what comes before the last dot of their codes.
    #[serde(default)]
    rules: Vec<String>,
    /// Sections of standards, and what each is about.
    standards: Vec<(String, String)>,
    /// What to read next, by name.
    further: Vec<String>,
}

impl Guides {
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Contents {
            part: Vec<Part>,
            drawings: Vec<String>,
        }
        let contents = folder.join("guides.toml");
        let Contents { part: parts, drawings } = toml::from_str(&read_text(&contents)?)
            .map_err(|error| format!("{}: {error}", contents.display()))?;
        let guide = |name: &String| {
            let file = folder.join(format!("{name}.md"));
            let guide = Guide::parse(&read_text(&file)?);
            guide.map(|guide| (name.clone(), guide)).map_err(|why| at(&file, &why))
        };
        let drawing = |name: String| {
            let svg = read_text(&folder.join("drawings").join(format!("{name}.svg")))?;
            Ok((name, svg))
        };
        let guides =
            parts.iter().flat_map(|part| &part.guides).map(guide).collect::<Result<_>>()?;
        let drawings = drawings.into_iter().map(drawing).collect::<Result<_>>()?;
        Ok(Self { parts, guides, drawings })
    }

    /// The file and the title of the guide to such rules.
    pub(crate) fn about(&self, family: &str) -> Option<(String, &str)> {
        let is_about = |(_, guide): &(_, &Guide)| guide.front.rules.iter().any(|it| it == family);
        let (name, guide) = self.guides.iter().find(is_about)?;
        Some((file(name), &guide.front.title))
    }

    /// Fills a folder with them.
    pub(crate) fn fill(&self, folder: &Path, frame: &Frame) -> Result {
        write(&folder.join("index.html"), self.list(frame)?)?;
        self.guides.iter().try_for_each(|(name, guide)| {
            let page = self.page(name, guide, frame).map_err(|why| at(Path::new(name), &why))?;
            write(&folder.join(file(name)), page)
        })
    }

    fn guide(&self, name: &str) -> Result<&Guide> {
        self.guides.get(name).ok_or_else(|| format!("there is no guide “{name}”"))
    }

    fn list(&self, frame: &Frame) -> Result<String> {
        let mut main = element("main");
        for Part { title, guides } in &self.parts {
            let mut list = element("ul").class("guides");
            for name in guides {
                let Front { title, lead, .. } = &self.guide(name)?.front;
                let title = element("h3").with(link(file(name), title));
                list = list.with(element("li").with(title).with(element("p").text(lead)));
            }
            main = main.with(element("section").with(element("h2").text(title)).with(list));
        }
        Ok(frame.document(Document {
            file: format!("{FOLDER}/index.html"),
            title: frame.word("guides.title"),
            description: frame.word("guides.description"),
            trail: vec![],
            lead: Some(frame.word("guides.lead")),
            main: main.with(frame.ask()),
            questions: vec![],
        }))
    }

    fn page(&self, name: &str, guide: &Guide, frame: &Frame) -> Result<String> {
        let Article { sections, contents, questions } = article::read(&guide.text, self, frame)?;
        let Front { title, description, lead, standards, further, .. } = &guide.front;
        let main = element("main")
            .class("guide")
            .with(list_of(element("nav").class("contents"), frame, &contents))
            .all(sections)
            .with(self.standards(standards, frame)?)
            .with(self.further(further, frame)?)
            .with(frame.ask())
            .with(self.turn(name, frame)?);
        Ok(frame.document(Document {
            file: format!("{FOLDER}/{}", file(name)),
            title: title.clone(),
            description: description.clone(),
            trail: vec![("./".to_owned(), frame.word("guides.all"))],
            lead: Some(lead.clone()),
            main,
            questions,
        }))
    }

    fn standards(&self, standards: &[(String, String)], frame: &Frame) -> Result<Element> {
        let mut list = element("ul");
        for (section, about) in standards {
            let address = section_link(section).ok_or_else(|| format!("“{section}” has no §"))?;
            let link = link(address, section).set("rel", "noreferrer");
            list = list.with(element("li").with(link).text(": ").text(about));
        }
        let heading = element("h2").text(frame.word("guides.standards"));
        Ok(element("section").with(heading).with(list))
    }

    fn further(&self, names: &[String], frame: &Frame) -> Result<Element> {
        let mut list = element("ul");
        for name in names {
            let title = &self.guide(name)?.front.title;
            list = list.with(element("li").with(link(file(name), title)));
        }
        let heading = element("h2").text(frame.word("reading.further"));
        Ok(element("section").with(heading).with(list))
    }

    /// Links to the guide before this one and the one after it.
    fn turn(&self, name: &str, frame: &Frame) -> Result<Element> {
        let order: Vec<&String> = self.parts.iter().flat_map(|part| &part.guides).collect();
        let here = order.iter().position(|other| *other == name);
        let before = here.and_then(|here| order.get(here.checked_sub(1)?));
        let after = here.and_then(|here| order.get(here + 1));
        let mut nav = element("nav").class("turn").set("aria-label", frame.word("guides.turn"));
        for (rel, name) in [("prev", before), ("next", after)] {
            let Some(name) = name else { continue };
            let which = element("span").text(frame.word(&format!("guides.{rel}"))).text(" ");
            let link = element("a").set("rel", rel).set("href", file(name)).with(which);
            nav = nav.with(link.text(&self.guide(name)?.front.title));
        }
        Ok(nav)
    }
}

impl Guide {
    fn parse(file: &str) -> Result<Self> {
        let parts = file.strip_prefix("+++\n").and_then(|rest| rest.split_once("\n+++\n"));
        let (front, text) = parts.ok_or("expected TOML between two lines of +++ at the top")?;
        let front = toml::from_str(front).map_err(|error| error.to_string())?;
        Ok(Self { front, text: text.to_owned() })
    }
}

/// The headings of a page, to go to.
fn list_of(nav: Element, frame: &Frame, contents: &[(String, String)]) -> Element {
    let entry =
        |(id, heading): &(String, String)| element("li").with(link(format!("#{id}"), heading));
    let list = element("ul").all(contents.iter().map(entry));
    nav.set("aria-label", frame.word("guides.contents")).with(list)
}

fn file(name: &str) -> String {
    format!("{name}.html")
}

fn at(file: &Path, why: &str) -> String {
    format!("{}: {why}", file.display())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::reading::whole::{DOCUMENTS, FRAMES, ROOT};
    use crate::rules;
    use crate::workspace::entries;

    /// The guides of each language, English first.
    fn all() -> Vec<(String, Guides)> {
        let read = |frame: &Frame| {
            let language = frame.language.tag();
            let folder = ROOT.join("texts").join(language).join("guides");
            (language.to_owned(), Guides::read(&folder).unwrap())
        };
        FRAMES.iter().map(read).collect()
    }

    fn english() -> Guides {
        all().remove(0).1
    }

    #[test]
    fn every_rule_leads_to_one_guide() {
        let guides = english();
        let families: BTreeSet<&str> = rules::catalog().map(rules::family).collect();
        let named = guides.guides.values().flat_map(|guide| &guide.front.rules);
        let named: Vec<&str> = named.map(String::as_str).collect();
        assert_eq!(named.iter().copied().collect::<BTreeSet<_>>(), families);
        assert_eq!(named.len(), families.len(), "one is named by two guides: {named:?}");
        for rule in rules::catalog() {
            let (file, _) = guides.about(rules::family(rule)).unwrap();
            let page = &DOCUMENTS[&format!("rules/{}", rules::file(rule))];
            assert!(page.contains(&format!("href=\"../guides/{file}\"")), "{}", rule.code);
        }
    }

    /// What is not a matter of language: what a guide leads to, what it shows, and how it is made up.
    fn bones(guide: &Guide) -> Vec<String> {
        let Front { rules, standards, further, .. } = &guide.front;
        let sections = standards.iter().map(|(section, _)| section);
        let mut bones: Vec<String> = rules.iter().chain(sections).chain(further).cloned().collect();
        let mut shown = None;
        for line in guide.text.lines() {
            let fence = line.trim_start().strip_prefix("```");
            match (fence, shown) {
                (Some(info), None) => {
                    bones.push(info.to_owned());
                    shown = Some(!info.starts_with("drawing"));
                }
                (Some(_), Some(_)) => shown = None,
                (None, Some(true)) => bones.push(line.to_owned()),
                (None, Some(false)) => {}
                (None, None) => bones.extend(line.strip_prefix("##").map(|_| "##".to_owned())),
            }
        }
        let links = guide.text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let mut links: Vec<String> = links.map(str::to_owned).collect();
        links.sort();
        bones.extend(links);
        bones
    }

    #[test]
    fn every_language_has_the_same_guides() {
        let english = english();
        for (language, guides) in all() {
            let order = |guides: &Guides| -> Vec<Vec<String>> {
                guides.parts.iter().map(|part| part.guides.clone()).collect()
            };
            assert_eq!(order(&guides), order(&english), "{language}");
            for (name, guide) in &guides.guides {
                assert_eq!(bones(guide), bones(&english.guides[name]), "{language}: {name}");
            }
        }
    }

    #[test]
    fn every_file_is_used() {
        all().into_iter().for_each(|(language, guides)| {
            uses_every_file(&ROOT.join("texts").join(language).join("guides"), &guides);
        });
    }

    fn uses_every_file(folder: &Path, guides: &Guides) {
        let stems = |folder: &Path, extension: &str| {
            let mut files = entries(folder).unwrap();
            files.retain(|file| file.extension().is_some_and(|its| its == extension));
            let stem = |file: &std::path::PathBuf| file.file_stem().unwrap().display().to_string();
            files.iter().map(stem).collect::<BTreeSet<_>>()
        };
        assert_eq!(stems(folder, "md"), guides.guides.keys().cloned().collect());
        assert_eq!(
            stems(&folder.join("drawings"), "svg"),
            guides.drawings.keys().cloned().collect()
        );
        for name in guides.drawings.keys() {
            let fence = format!("```drawing {name}\n");
            assert!(guides.guides.values().any(|guide| guide.text.contains(&fence)), "{name}");
        }
    }

    #[test]
    fn a_guide_is_read_in_minutes_and_fits_where_it_is_listed() {
        let all = all();
        let guides = all.iter().flat_map(|(_, guides)| &guides.guides);
        for (name, Guide { front, text }) in guides {
            let words = text.split_whitespace().count();
            assert!((380..=950).contains(&words), "{name}: {words} words");
            let length = |text: &str| text.chars().count();
            let (title, description) = (length(&front.title), length(&front.description));
            assert!(title <= 60, "{name}: a title of {title}");
            assert!((70..=160).contains(&description), "{name}: a description of {description}");
            assert!(front.further.len() >= 2 && !front.further.contains(name), "{name}: further");
            assert!(!front.standards.is_empty(), "{name}: no standard");
            assert!(text.contains("(rule:"), "{name}: no rule");
        }
    }

    #[test]
    fn no_word_is_left_over() {
        let words = include_str!("../../../texts/en/reference/guides.toml");
        let words: toml::Table = words.parse().unwrap();
        let sources = [
            include_str!("mod.rs"),
            include_str!("sample.rs"),
            include_str!("../reading/mod.rs"),
            include_str!("../rules/mod.rs"),
        ];
        let sources = sources.concat();
        for key in words.keys() {
            let is_turn = ["guides.prev", "guides.next"].contains(&key.as_str());
            assert!(is_turn || sources.contains(&format!("\"{key}\"")), "{key}");
        }
    }
}
