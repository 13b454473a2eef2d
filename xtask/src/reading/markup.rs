//! HTML, written so that no text in it can be taken for a tag.

use std::fmt::{self, Formatter};

use serde_json::Value;

/// An element, and all that is in it.
#[derive(Clone, Debug)]
pub(crate) struct Element {
    name: &'static str,
    attributes: String,
    inside: String,
}

/// Elements that have no end, as nothing can be in them.
const VOID: [&str; 3] = ["input", "link", "meta"];

pub(crate) fn element(name: &'static str) -> Element {
    Element { name, attributes: String::new(), inside: String::new() }
}

pub(crate) fn link(address: impl AsRef<str>, said: impl AsRef<str>) -> Element {
    element("a").set("href", address).text(said)
}

/// Data for whoever reads the page by a program. A browser runs none of it, so that no
/// `script-src` has to allow it (HTML §4.12.1, "data block").
pub(crate) fn data(value: &Value) -> Element {
    Element { inside: json(value), ..element("script").set("type", "application/ld+json") }
}

/// JSON in which nothing can end the script that it stands in.
pub(crate) fn json(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c")
}

impl Element {
    pub(crate) fn set(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.attributes += &format!(" {name}=\"{}\"", escaped(value.as_ref()));
        self
    }

    pub(crate) fn class(self, names: impl AsRef<str>) -> Self {
        self.set("class", names)
    }

    pub(crate) fn text(mut self, text: impl AsRef<str>) -> Self {
        self.inside += &escaped(text.as_ref());
        self
    }

    pub(crate) fn with(mut self, inner: Self) -> Self {
        self.inside += &inner.to_string();
        self
    }

    pub(crate) fn all(self, inner: impl IntoIterator<Item = Self>) -> Self {
        inner.into_iter().fold(self, Self::with)
    }

    /// A drawing of ours, which is markup already.
    pub(crate) fn drawing(mut self, svg: &str) -> Self {
        self.inside += svg;
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.inside.is_empty()
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { name, attributes, inside } = self;
        write!(f, "<{name}{attributes}>{inside}")?;
        if VOID.contains(name) { Ok(()) } else { write!(f, "</{name}>") }
    }
}

pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// Nothing runs, nothing is loaded but what stands beside the page, and forms lead to the check.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'";

/// A whole document; `head` is what stands in it after its title.
pub(crate) fn document(
    language: &str,
    title: &str,
    head: impl IntoIterator<Item = Element>,
    body: Element,
) -> String {
    let policy = element("meta").set("http-equiv", "Content-Security-Policy");
    let lines = [
        "<!doctype html>".to_owned(),
        format!("<html lang=\"{language}\">"),
        element("meta").set("charset", "utf-8").to_string(),
        policy.set("content", POLICY).to_string(),
        meta("viewport", "width=device-width, initial-scale=1").to_string(),
        meta("color-scheme", "light dark").to_string(),
        element("title").text(title).to_string(),
    ];
    let head = head.into_iter().map(|element| element.to_string());
    let lines = lines.into_iter().chain(head).chain([body.to_string(), "</html>\n".to_owned()]);
    lines.collect::<Vec<_>>().join("\n")
}

pub(crate) fn meta(name: &str, content: impl AsRef<str>) -> Element {
    element("meta").set("name", name).set("content", content)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_is_never_taken_for_a_tag() {
        let link = link("?a=\"&b", "<b> & \"c\"");
        assert_eq!(
            element("p").with(link).text("é").to_string(),
            "<p><a href=\"?a=&quot;&amp;b\">&lt;b> &amp; &quot;c&quot;</a>é</p>"
        );
        assert_eq!(element("meta").set("charset", "utf-8").to_string(), "<meta charset=\"utf-8\">");
        assert_eq!(
            data(&json!("</script><b>")).to_string(),
            "<script type=\"application/ld+json\">\"\\u003c/script>\\u003cb>\"</script>"
        );
    }
}
