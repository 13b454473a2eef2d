//! HTML, written so that no text in it can be taken for a tag.

use std::fmt::{self, Formatter};

/// An element, and all that is in it.
#[derive(Clone, Debug)]
pub(super) struct Element {
    name: &'static str,
    attributes: String,
    inside: String,
}

/// Elements that have no end, as nothing can be in them.
const VOID: [&str; 2] = ["link", "meta"];

pub(super) fn element(name: &'static str) -> Element {
    Element { name, attributes: String::new(), inside: String::new() }
}

impl Element {
    pub(super) fn set(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.attributes += &format!(" {name}=\"{}\"", escaped(value.as_ref()));
        self
    }

    pub(super) fn class(self, names: impl AsRef<str>) -> Self {
        self.set("class", names)
    }

    pub(super) fn text(mut self, text: impl AsRef<str>) -> Self {
        self.inside += &escaped(text.as_ref());
        self
    }

    pub(super) fn with(mut self, inner: Self) -> Self {
        self.inside += &inner.to_string();
        self
    }

    pub(super) fn all(self, inner: impl IntoIterator<Item = Self>) -> Self {
        inner.into_iter().fold(self, Self::with)
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { name, attributes, inside } = self;
        write!(f, "<{name}{attributes}>{inside}")?;
        if VOID.contains(name) { Ok(()) } else { write!(f, "</{name}>") }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// Nothing runs, and nothing is loaded but what stands beside the page.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'";

/// A whole document.
pub(super) fn document(
    title: &str,
    head: impl IntoIterator<Item = Element>,
    body: Element,
) -> String {
    let named = |name: &str, content: &str| {
        element("meta").set("name", name).set("content", content).to_string()
    };
    let policy = element("meta").set("http-equiv", "Content-Security-Policy");
    let lines = [
        "<!doctype html>".to_owned(),
        "<html lang=\"en\">".to_owned(),
        element("meta").set("charset", "utf-8").to_string(),
        policy.set("content", POLICY).to_string(),
        named("viewport", "width=device-width, initial-scale=1"),
        named("color-scheme", "light dark"),
        element("title").text(title).to_string(),
    ];
    let links = head.into_iter().map(|link| link.to_string());
    let lines = lines.into_iter().chain(links).chain([body.to_string(), "</html>\n".to_owned()]);
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_never_taken_for_a_tag() {
        let link = element("a").set("href", "?a=\"&b").text("<b> & \"c\"");
        assert_eq!(
            element("p").with(link).text("é").to_string(),
            "<p><a href=\"?a=&quot;&amp;b\">&lt;b> &amp; &quot;c&quot;</a>é</p>"
        );
        assert_eq!(element("meta").set("charset", "utf-8").to_string(), "<meta charset=\"utf-8\">");
    }
}
