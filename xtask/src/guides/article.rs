//! The text of a guide, from Markdown: sections, their headings, and the questions that it answers.

use std::mem;

use mxray_records::section_link;
use mxray_records::texts::BLANK;
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::{Guides, file, sample};
use crate::reading::markup::{Element, element};
use crate::reading::{Frame, Question};
use crate::{Result, rules};

/// What was read.
pub(super) struct Article {
    /// Each begins with a heading.
    pub(super) sections: Vec<Element>,
    /// The id and the text of each heading.
    pub(super) contents: Vec<(String, String)>,
    /// Each heading that ends in a question mark, and what its section says.
    pub(super) questions: Vec<Question>,
}

pub(super) fn read(text: &str, guides: &Guides, frame: &Frame) -> Result<Article> {
    let article = Article { sections: vec![], contents: vec![], questions: vec![] };
    let open = vec![element("section")];
    let mut reader = Reader {
        guides,
        frame,
        article,
        open,
        said: String::new(),
        above: String::new(),
        asked: None,
        fence: None,
        title: String::new(),
        in_head: false,
    };
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        reader.take(event)?;
    }
    reader.end_section();
    Ok(reader.article)
}

struct Reader<'a> {
    guides: &'a Guides,
    frame: &'a Frame,
    article: Article,
    /// The section, and the elements in it that have begun and not ended.
    open: Vec<Element>,
    /// What was said in the section, or in the heading that has begun.
    said: String,
    /// What was said in the section before that heading.
    above: String,
    /// The question that is being answered.
    asked: Option<String>,
    /// The first line of a fence, and what is in it.
    fence: Option<(String, String)>,
    /// What a link says that has no words of its own.
    title: String,
    in_head: bool,
}

impl Reader<'_> {
    fn take(&mut self, event: Event<'_>) -> Result {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(end) => self.end(end),
            Event::Text(text) => {
                self.text(&text);
                Ok(())
            }
            Event::SoftBreak => {
                self.text(" ");
                Ok(())
            }
            Event::Code(code) => {
                self.said += &code;
                self.put(element("code").text(code));
                Ok(())
            }
            other => Err(format!("a guide has no place for {other:?}")),
        }
    }

    fn start(&mut self, tag: Tag<'_>) -> Result {
        let begun = match tag {
            Tag::Paragraph => element("p"),
            Tag::Heading { level: HeadingLevel::H2, .. } => {
                self.end_section();
                element("h2")
            }
            Tag::Heading { level: HeadingLevel::H3, .. } => {
                self.above = mem::take(&mut self.said);
                element("h3")
            }
            Tag::List(None) => element("ul"),
            Tag::List(Some(_)) => element("ol"),
            Tag::Item => element("li"),
            Tag::Strong => element("strong"),
            Tag::Emphasis => element("em"),
            Tag::Table(_) => element("table"),
            Tag::TableHead => {
                self.in_head = true;
                element("tr")
            }
            Tag::TableRow => element("tr"),
            Tag::TableCell if self.in_head => element("th").set("scope", "col"),
            Tag::TableCell => element("td"),
            Tag::Link { dest_url, .. } => {
                let (link, title) = self.link(&dest_url)?;
                self.title = title;
                link
            }
            Tag::CodeBlock(CodeBlockKind::Fenced(info)) => {
                self.fence = Some((info.to_string(), String::new()));
                return Ok(());
            }
            other => return Err(format!("a guide has no place for {other:?}")),
        };
        self.open.push(begun);
        Ok(())
    }

    fn end(&mut self, end: TagEnd) -> Result {
        if let Some((info, text)) = self.fence.take() {
            let shown = sample::shown(&info, &text, self.guides, self.frame)?;
            self.put(shown);
            return Ok(());
        }
        let Some(mut ended) = self.open.pop() else { return Ok(()) };
        match end {
            TagEnd::Heading(HeadingLevel::H2) => {
                let heading = mem::take(&mut self.said);
                let id = id(&heading);
                ended = ended.set("id", &id);
                self.asked = heading.ends_with('?').then(|| heading.clone());
                self.article.contents.push((id, heading));
            }
            TagEnd::Heading(_) => {
                ended = ended.set("id", id(&self.said));
                self.said = format!("{}{}: ", self.above, self.said);
            }
            TagEnd::Link if ended.is_empty() => {
                if self.title.contains(BLANK) {
                    return Err(format!("a link needs words of its own for “{}”", self.title));
                }
                self.said += &self.title;
                ended = ended.text(&self.title);
            }
            TagEnd::Paragraph | TagEnd::Item => self.said.push(' '),
            TagEnd::TableHead => self.in_head = false,
            _ => {}
        }
        self.put(ended);
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if let Some((_, shown)) = &mut self.fence {
            shown.push_str(text);
            return;
        }
        self.said += text;
        if let Some(outer) = self.open.pop() {
            self.open.push(outer.text(text));
        }
    }

    fn put(&mut self, inner: Element) {
        if let Some(outer) = self.open.pop() {
            self.open.push(outer.with(inner));
        }
    }

    fn end_section(&mut self) {
        let said = mem::take(&mut self.said);
        if let Some(asked) = self.asked.take() {
            let answer = said.split_whitespace().collect::<Vec<_>>().join(" ");
            self.article.questions.push(Question { asked, answer });
        }
        let section = mem::replace(&mut self.open, vec![element("section")]);
        self.article.sections.extend(section.into_iter().filter(|section| !section.is_empty()));
    }

    /// Where `rule:…`, `guide:…` or a section of a standard leads to, and what that is called.
    fn link(&self, target: &str) -> Result<(Element, String)> {
        let to = |address: String| element("a").set("href", address);
        if let Some(code) = target.strip_prefix("rule:") {
            let rule = rules::catalog().find(|rule| rule.code == code);
            let rule = rule.ok_or_else(|| format!("there is no rule “{code}”"))?;
            let address = format!("../{}/{}", rules::FOLDER, rules::file(rule));
            return Ok((to(address), self.frame.say(rule, |text| &text.title)?));
        }
        if let Some(place) = target.strip_prefix("guide:") {
            let (name, fragment) = place.split_once('#').unwrap_or((place, ""));
            let title = self.guides.guide(name)?.front.title.clone();
            let fragment = if fragment.is_empty() { "" } else { &place[name.len()..] };
            return Ok((to(file(name) + fragment), title));
        }
        let address = section_link(target).ok_or_else(|| format!("“{target}” leads nowhere"))?;
        Ok((to(address).set("rel", "noreferrer"), target.to_owned()))
    }
}

/// `What is it?` as `what-is-it`.
fn id(heading: &str) -> String {
    let words = heading.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty()).map(str::to_lowercase);
    words.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::whole::{ROOT, english};

    fn read(text: &str) -> Result<Article> {
        super::read(text, &Guides::read(&ROOT.join("texts/en/guides")).unwrap(), english())
    }

    #[test]
    fn markdown_is_read_into_sections() {
        let article = read(
            "## Is it *hard*?\nNo: `a` <= b,\n[](rule:mta-sts.absent) or \
             [this](guide:mta-sts).\n\n1. One\n\n## And then\n| A |\n|---|\n| b |\n",
        )
        .unwrap();
        let shown: Vec<String> = article.sections.iter().map(ToString::to_string).collect();
        let title = english().texts.rules["mta-sts.absent"].title.clone();
        assert_eq!(
            shown,
            [
                format!(
                    "<section><h2 id=\"is-it-hard\">Is it <em>hard</em>?</h2><p>No: \
                     <code>a</code> &lt;= b, <a href=\"../rules/mta-sts.absent.html\">{title}</a> \
                     or <a href=\"mta-sts.html\">this</a>.</p><ol><li>One</li></ol></section>"
                ),
                "<section><h2 id=\"and-then\">And then</h2><table><tr><th scope=\"col\">A</th>\
                 </tr><tr><td>b</td></tr></table></section>"
                    .to_owned(),
            ]
        );
        let answer = format!("No: a <= b, {title} or this. One");
        assert_eq!(article.questions, [Question { asked: "Is it hard?".into(), answer }]);
        assert_eq!(article.contents[1], ("and-then".into(), "And then".into()));
    }

    #[test]
    fn what_leads_nowhere_or_could_be_no_text_is_refused() {
        for (text, expected) in [
            ("<b>bold</b>", "no place for"),
            ("![](picture.png)", "no place for"),
            ("# Title", "no place for"),
            ("[a](https://elsewhere.example)", "leads nowhere"),
            ("[](rule:mta-sts.no-such)", "no rule"),
            ("[](guide:no-such)", "no guide"),
            ("[](rule:mta-sts.policy.mode-unknown)", "words of its own"),
            ("```no-such-kind\n```", "not a kind of text"),
            (
                "```mta-sts-record\nv=STSv1; id=2026-11-24\n```",
                "raises mta-sts.record.id-characters",
            ),
            (
                "```mta-sts-record raises=mta-sts.record.id-empty\nv=STSv1; id=1\n```",
                "raises nothing",
            ),
        ] {
            let why = read(text).err().unwrap_or_default();
            assert!(why.contains(expected), "{text}: {why}");
        }
    }
}
