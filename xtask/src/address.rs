//! What documents can say only once it is known where they will be: their own addresses, for search
//! engines and for whoever shows a link to them.

use serde_json::Value;

use crate::html::{Tag, tags};
use crate::reading::PICTURE;
use crate::reading::markup::{escaped, json};

/// What search engines have nothing to find in.
const UNLISTED: [&str; 3] = ["404.html", "embed/", "widget/"];

/// The address of a site's first page, with its last slash.
pub(crate) struct Address(String);

impl Address {
    pub(crate) fn new(url: &str) -> Self {
        Self(format!("{}/", url.trim_end_matches('/')))
    }

    /// A document that says its address and those of its picture and of the pages above it, after
    /// its title; any other file as it is.
    pub(crate) fn told(&self, name: &str, content: Vec<u8>) -> Vec<u8> {
        match String::from_utf8(content) {
            Ok(document) if is_listed(name) => self.document(name, &document).into_bytes(),
            Ok(text) => text.into_bytes(),
            Err(other) => other.into_bytes(),
        }
    }

    fn document(&self, name: &str, document: &str) -> String {
        const TITLE: &str = "</title>";
        let tags = tags(document);
        let title = tags.iter().find(|tag| tag.name == "title").map_or("", |tag| &tag.text);
        let is_description = |tag: &&Tag| tag.attribute("name") == Some("description");
        let description = tags.iter().find(is_description).and_then(|tag| tag.attribute("content"));
        let (page, picture) = (self.page(name), self.file(PICTURE.0));
        let mut head = format!("\n<link rel=\"canonical\" href=\"{}\">", escaped(&page));
        for (property, content) in [
            ("og:type", "website"),
            ("og:url", &page),
            ("og:title", title),
            ("og:description", description.unwrap_or_default()),
            ("og:image", &picture),
            ("og:image:width", "1200"),
            ("og:image:height", "630"),
        ] {
            head += &format!("\n<meta property=\"{property}\" content=\"{}\">", escaped(content));
        }
        head += "\n<meta name=\"twitter:card\" content=\"summary_large_image\">";
        let Some((before, after)) = document.split_once(TITLE) else { return document.to_owned() };
        let after = self.in_languages(name, &self.way_here(name, after));
        [before, TITLE, &head, &after].concat()
    }

    /// The links to the same page in each language, with whole addresses as well.
    fn in_languages(&self, name: &str, rest: &str) -> String {
        let tags = tags(rest);
        let is_same = |tag: &&Tag| tag.attribute("rel") == Some("alternate");
        tags.iter().filter(is_same).fold(rest.to_owned(), |told, tag| {
            let (written, address) = (&rest[tag.place.clone()], tag.attribute("href"));
            let Some(address) = address else { return told };
            let whole = written.replace(address, &self.reached(name, address));
            told.replace(written, &whole)
        })
    }

    /// The data about the pages above a page, with whole addresses: search engines take no others.
    fn way_here(&self, name: &str, rest: &str) -> String {
        let is_data = |tag: &&Tag| tag.attribute("type") == Some("application/ld+json");
        tags(rest).iter().filter(is_data).fold(rest.to_owned(), |told, tag| {
            let Ok(mut data) = serde_json::from_str::<Value>(&tag.text) else { return told };
            let steps = data.get_mut("itemListElement").and_then(Value::as_array_mut);
            for step in steps.into_iter().flatten() {
                if let Some(Value::String(item)) = step.get_mut("item") {
                    *item = self.reached(name, item);
                }
            }
            told.replace(&tag.text, &json(&data))
        })
    }

    /// The address that a relative one in a document is.
    fn reached(&self, name: &str, relative: &str) -> String {
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut folders: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
        let mut rest = relative;
        loop {
            if let Some(after) = rest.strip_prefix("../") {
                folders.pop();
                rest = after;
            } else if let Some(after) = rest.strip_prefix("./") {
                rest = after;
            } else {
                break;
            }
        }
        let folders: String = folders.iter().map(|folder| format!("{folder}/")).collect();
        self.file(&(folders + rest))
    }

    /// All pages, for search engines (sitemaps.org).
    pub(crate) fn sitemap<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> String {
        let listed = names.into_iter().filter(|name| is_listed(name));
        let entries: String = listed
            .map(|name| format!("<url><loc>{}</loc></url>\n", escaped(&self.page(name))))
            .collect();
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n{entries}</urlset>\n"
        )
    }

    /// Where the list of pages is: crawlers ask for this at a host's root, and nowhere else
    /// (RFC 9309 §2.3).
    pub(crate) fn robots(&self) -> Option<String> {
        let path = self.0.split_once("://").and_then(|(_, rest)| rest.split_once('/'));
        let is_root = path.is_some_and(|(_, path)| path.is_empty());
        is_root.then(|| format!("User-agent: *\nAllow: /\nSitemap: {}\n", self.file("sitemap.xml")))
    }

    /// A page as it is linked to: a folder's own page by the folder.
    fn page(&self, name: &str) -> String {
        self.file(name.strip_suffix("index.html").unwrap_or(name))
    }

    fn file(&self, name: &str) -> String {
        format!("{}{name}", self.0)
    }
}

fn is_listed(name: &str) -> bool {
    name.ends_with(".html") && !UNLISTED.iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address() -> Address {
        Address::new("https://mxray.example/check")
    }

    #[test]
    fn a_document_says_where_it_is() {
        let document = "<head><title>A &amp; B</title><meta name=\"description\" content=\"C\">\
            <link rel=\"alternate\" hreflang=\"de\" href=\"../de/rules/a.html\">\
            <script type=\"application/ld+json\">{\"itemListElement\":[{\"item\":\"../\"},\
            {\"item\":\"./#dane\"},{\"name\":\"here\"}]}</script>";
        let told = address().told("rules/a.html", document.into());
        let told = String::from_utf8(told).unwrap();
        for part in [
            "</title>\n<link rel=\"canonical\" href=\"https://mxray.example/check/rules/a.html\">",
            "hreflang=\"de\" href=\"https://mxray.example/check/de/rules/a.html\"",
            "<meta property=\"og:title\" content=\"A &amp; B\">",
            "<meta property=\"og:description\" content=\"C\">",
            "<meta property=\"og:image\" content=\"https://mxray.example/check/share.png\">",
            "[{\"item\":\"https://mxray.example/check/\"},\
              {\"item\":\"https://mxray.example/check/rules/#dane\"},{\"name\":\"here\"}]",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
    }

    #[test]
    fn what_is_no_page_stays_as_it_is() {
        for (name, content) in [
            ("404.html", &b"<title>a</title>"[..]),
            ("app.js", b"'</title>'"),
            ("app_bg.wasm", b"\0asm\xff"),
        ] {
            assert_eq!(address().told(name, content.to_vec()), content, "{name}");
        }
    }

    #[test]
    fn a_folders_page_is_listed_by_its_folder() {
        let map = address().sitemap(["index.html", "rules/index.html", "a.js", "404.html"]);
        let listed: Vec<&str> = map.lines().filter(|line| line.starts_with("<url>")).collect();
        assert_eq!(
            listed,
            [
                "<url><loc>https://mxray.example/check/</loc></url>",
                "<url><loc>https://mxray.example/check/rules/</loc></url>",
            ]
        );
    }

    #[test]
    fn crawlers_ask_at_the_root_alone() {
        assert_eq!(address().robots(), None);
        let robots = Address::new("https://mxray.example").robots().unwrap();
        assert!(robots.ends_with("Sitemap: https://mxray.example/sitemap.xml\n"), "{robots}");
    }
}
