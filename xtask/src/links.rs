//! Whether each link of a site leads somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::Result;
use crate::finish::file_names;
use crate::html::{Tag, tags};
use crate::workspace::read_text;

/// Whose pages ours may name. Nobody asks them, so that a test needs no network: the numbers in their
/// addresses are those of RFCs, which do not go away.
const ELSEWHERE: [&str; 2] =
    ["https://www.rfc-editor.org/rfc/", "https://datatracker.ietf.org/doc/"];

/// Fails with the links of the site in this folder that lead nowhere; `address` is where it will be.
pub(crate) fn check(site: &Path, address: &str) -> Result<usize> {
    let names = file_names(site)?;
    let is_read = |name: &&String| name.ends_with(".html") || name.ends_with(".xml");
    let read = |name: &String| Ok((name.clone(), tags(&read_text(&site.join(name))?)));
    let documents: BTreeMap<_, _> =
        names.iter().filter(is_read).map(read).collect::<Result<_>>()?;
    let names = names.into_iter().collect();
    let broken = broken(address, &names, &documents);
    if broken.is_empty() {
        Ok(documents.values().flatten().filter_map(named).count())
    } else {
        Err(format!("links that lead nowhere:\n  {}", broken.join("\n  ")))
    }
}

/// Those links of the documents, each by its name, that lead to none of these files.
pub(crate) fn broken(
    address: &str,
    names: &BTreeSet<String>,
    documents: &BTreeMap<String, Vec<Tag>>,
) -> Vec<String> {
    let mut broken = Vec::new();
    for (name, tags) in documents {
        for link in tags.iter().filter_map(named) {
            let leads = ELSEWHERE.iter().any(|start| link.starts_with(start))
                || target(address, name, link).is_some_and(|(file, fragment)| {
                    names.contains(&file) && has(documents.get(&file), &fragment)
                });
            if !leads {
                broken.push(format!("{name}: {link}"));
            }
        }
    }
    broken
}

/// What a tag leads to, or loads.
fn named(tag: &Tag) -> Option<&str> {
    let address = match &*tag.name {
        "loc" => Some(&*tag.text),
        "meta" if matches!(tag.attribute("property"), Some("og:url" | "og:image")) => {
            tag.attribute("content")
        }
        _ => ["href", "src", "action"].iter().find_map(|key| tag.attribute(key)),
    };
    // What stands in the document itself.
    address.filter(|address| !address.starts_with("data:"))
}

/// The settings stand in no file: the page loads and shows them when its address says so.
const MADE_WHEN_ASKED_FOR: &str = "settings";

/// Whether a document has such a place; what is none has only a beginning.
fn has(document: Option<&Vec<Tag>>, fragment: &str) -> bool {
    let is_it = |tag: &Tag| tag.attribute("id") == Some(fragment);
    let is_there = || document.is_some_and(|tags| tags.iter().any(is_it));
    fragment.is_empty() || fragment == MADE_WHEN_ASKED_FOR || is_there()
}

/// The file that a link in a document names, and what comes after its `#`; none outside of the site.
pub(crate) fn target(address: &str, document: &str, link: &str) -> Option<(String, String)> {
    let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
    let path = path.split('?').next().unwrap_or_default();
    if path.is_empty() {
        return Some((document.to_owned(), fragment.to_owned()));
    }
    let mut folders: Vec<&str> = document.split('/').collect();
    folders.pop();
    let mut path = path;
    if path.contains("://") {
        (path, folders) = (path.strip_prefix(address)?, Vec::new());
    } else if path.starts_with('/') {
        (path, folders) = (path.strip_prefix(path_of(address))?, Vec::new());
    }
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(folders.pop()?),
            part => folders.push(part),
        }
    }
    let file = folders.join("/");
    let file = if file.is_empty() || file.ends_with('/') { file + "index.html" } else { file };
    Some((file, fragment.to_owned()))
}

/// `/check/` of `https://www.example.com/check/`.
fn path_of(address: &str) -> &str {
    let host = address.split_once("://").map_or(address, |(_, rest)| rest);
    host.find('/').map_or("/", |slash| &host[slash..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_a_file_and_a_place_in_it() {
        let site = [
            ("index.html", "<h2 id=\"a\">"),
            ("guides/index.html", ""),
            ("guides/spf.html", "<h2 id=\"ten\">"),
            ("widget/v1/mxray.js", ""),
        ];
        let names: BTreeSet<String> = site.iter().map(|(name, _)| (*name).to_owned()).collect();
        for (link, expected) in [
            ("<a href=\"./\">", true),
            ("<a href=\"./?domain=a.example\">", true),
            ("<a href=\"../\">", true),
            ("<a href=\"../../\">", false),
            ("<a href=\"spf.html\">", true),
            ("<a href=\"spf.html#ten\">", true),
            ("<a href=\"spf.html#eleven\">", false),
            ("<a href=\"dkim.html\">", false),
            ("<a href=\"#here\" id=\"here\">", true),
            ("<a href=\"#there\">", false),
            ("<a href=\"../guides\">", false),
            ("<form action=\"../\">", true),
            ("<script src=\"../widget/v1/mxray.js\">", true),
            ("<script src=\"../widget/v2/mxray.js\">", false),
            ("<link rel=\"icon\" href=\"data:,\">", true),
            ("<a href=\"/check/\">", true),
            ("<a href=\"/check/#a\">", true),
            ("<a href=\"/guides/\">", false),
            ("<a href=\"https://www.example.com/check/guides/\">", true),
            ("<a href=\"https://www.example.com/\">", false),
            ("<a href=\"https://www.rfc-editor.org/rfc/rfc8461.html#section-3.1\">", true),
            ("<a href=\"https://elsewhere.example/\">", false),
            (
                "<meta property=\"og:image\" content=\"https://www.example.com/check/share.png\">",
                false,
            ),
            ("<loc>https://www.example.com/check/guides/spf.html</loc>", true),
            ("<loc>https://www.example.com/check/guides/dkim.html</loc>", false),
        ] {
            let mut documents: BTreeMap<_, _> =
                site.iter().map(|(name, text)| ((*name).to_owned(), tags(text))).collect();
            documents.insert("guides/index.html".to_owned(), tags(link));
            let broken = broken("https://www.example.com/check/", &names, &documents);
            assert_eq!(broken.is_empty(), expected, "{link}: {broken:?}");
        }
    }
}
