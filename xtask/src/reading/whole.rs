//! All pages for reading at once, as they are written beside a page: whether each link leads
//! somewhere, and whether everybody can read them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use html5gum::{Token, Tokenizer};

use super::*;
use crate::links::{broken, target};
use crate::workspace::files_below;

const PAGE: &str = "<!doctype html><link rel=\"stylesheet\" href=\"./style-0123.css\">\
    <link rel=\"icon\" href=\"./icon-4567.svg\"><link rel=\"modulepreload\" href=\"./app.js\">";

pub(crate) static ROOT: LazyLock<PathBuf> =
    LazyLock::new(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));

fn workspace() -> Workspace {
    Workspace { root: ROOT.clone(), target: ROOT.join("target") }
}

fn page() -> tempfile::TempDir {
    let page = tempfile::tempdir().unwrap();
    for (name, content) in
        [("index.html", PAGE), ("de.html", ""), ("style-0123.css", ""), ("icon-4567.svg", "")]
    {
        fs::write(page.path().join(name), content).unwrap();
    }
    page
}

pub(crate) static FRAMES: LazyLock<Vec<Frame>> =
    LazyLock::new(|| Frame::read_all(&workspace(), page().path()).unwrap());

pub(crate) fn english() -> &'static Frame {
    &FRAMES[0]
}

/// Every file, by its name; what is no text is empty.
static FILES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let page = page();
    write_beside(page.path(), &workspace()).unwrap();
    let named = |file: PathBuf| {
        let name = file.strip_prefix(page.path()).unwrap().display().to_string();
        (name, fs::read_to_string(&file).unwrap_or_default())
    };
    files_below(page.path()).unwrap().into_iter().map(named).collect()
});

/// Every document for reading, by its name.
pub(crate) static DOCUMENTS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let read = FILES.iter().filter(|(name, _)| name.contains('/') && name.ends_with(".html"));
    read.map(|(name, document)| (name.clone(), document.clone())).collect()
});

/// No link names it: where a page for reading is, it does not know.
const NOWHERE: &str = "https://nowhere.example/none/";

/// The start tags of each document.
static TAGS: LazyLock<BTreeMap<String, Vec<Tag>>> = LazyLock::new(|| {
    DOCUMENTS.iter().map(|(name, document)| (name.clone(), tags(document))).collect()
});

fn ids(tags: &[Tag]) -> Vec<&str> {
    tags.iter().filter_map(|tag| tag.attribute("id")).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let names = FILES.keys().cloned().collect();
    assert_eq!(broken(NOWHERE, &names, &TAGS), Vec::<String>::new());
}

#[test]
fn every_element_ends_where_it_should() {
    for (name, document) in &*DOCUMENTS {
        let mut open = vec![];
        let void = ["input", "link", "meta", "!doctype"];
        for Ok(token) in Tokenizer::new(document.as_str()) {
            match token {
                Token::StartTag(tag) => {
                    let tag_name = String::from_utf8(tag.name.to_vec()).unwrap();
                    if !tag.self_closing && !void.contains(&tag_name.as_str()) {
                        open.push(tag_name);
                    }
                }
                Token::EndTag(tag) => {
                    let ended = String::from_utf8(tag.name.to_vec()).unwrap();
                    assert_eq!(open.pop(), Some(ended), "{name}");
                }
                Token::Error(error) => panic!("{name}: {error:?}"),
                _ => {}
            }
        }
        assert_eq!(open, Vec::<String>::new(), "{name}");
    }
}

#[test]
fn every_page_is_whole_without_a_script() {
    for (name, document) in &*DOCUMENTS {
        let tags = &TAGS[name.as_str()];
        let count = |element: &str| tags.iter().filter(|tag| tag.name == element).count();
        assert_eq!(
            (count("h1"), count("main"), count("title")),
            (1, 1, 1 + count("svg")),
            "{name}"
        );
        let scripts = tags.iter().filter(|tag| tag.name == "script");
        let kinds: BTreeSet<_> = scripts.map(|tag| tag.attribute("type")).collect();
        assert_eq!(kinds, [Some("application/ld+json")].into(), "{name}");
        let sheets = tags.iter().filter(|tag| tag.attribute("rel") == Some("stylesheet"));
        let sheets: Vec<_> = sheets.filter_map(|tag| tag.attribute("href")).collect();
        let root = "../".repeat(name.matches('/').count());
        assert_eq!(
            sheets,
            [format!("{root}style-0123.css"), format!("{root}reading.css")],
            "{name}"
        );
        for key in [">reference.", ">guides.", ">reading.", ">page."] {
            assert!(!document.contains(key), "{name}: a word of {key} is not written");
        }
        // The policy of these pages allows none.
        assert!(tags.iter().all(|tag| tag.attribute("style").is_none()), "{name}: a style");
    }
}

#[test]
fn who_cannot_see_a_page_finds_the_way_in_it() {
    for (name, tags) in &*TAGS {
        let ids = ids(tags);
        let unique: BTreeSet<_> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len(), "{name}: {ids:?}");
        let mut level = 0;
        for tag in tags {
            let heading = tag.name.strip_prefix('h').and_then(|level| level.parse::<u8>().ok());
            if let Some(next) = heading {
                assert!(next <= level + 1, "{name}: h{next} after h{level}");
                level = next;
            }
            if tag.name == "th" {
                assert!(!tag.text.is_empty(), "{name}: a column without a name");
            }
            if tag.name == "img" {
                assert!(tag.attribute("alt").is_some_and(|alt| !alt.is_empty()), "{name}: img");
            }
            if tag.name == "svg" {
                assert_eq!(tag.attribute("role"), Some("img"), "{name}");
                for key in ["aria-labelledby", "aria-describedby"] {
                    let named = tag.attribute(key).unwrap_or_default();
                    assert!(ids.contains(&named), "{name}: {key}");
                }
            }
        }
    }
}

#[test]
fn what_search_engines_are_told_stands_on_the_page() {
    for (name, document) in &*DOCUMENTS {
        let data = |kind: &str| {
            let scripts = TAGS[name.as_str()].iter().filter(|tag| tag.name == "script");
            let mut data = scripts.map(|tag| serde_json::from_str::<Value>(&tag.text).unwrap());
            data.find(|data| data["@type"] == kind)
        };
        let trail = data("BreadcrumbList").unwrap_or_else(|| panic!("{name}"));
        let steps = trail["itemListElement"].as_array().unwrap();
        for (step, position) in steps.iter().zip(1..) {
            assert_eq!(step["position"], position, "{name}");
            let Some(address) = step["item"].as_str() else { continue };
            assert!(
                FILES.contains_key(&target(NOWHERE, name, address).unwrap().0),
                "{name}: {address}"
            );
        }
        for question in data("FAQPage").iter().flat_map(|faq| faq["mainEntity"].as_array().unwrap())
        {
            let asked = element("i").text(question["name"].as_str().unwrap()).to_string();
            let asked = asked.trim_start_matches("<i>").trim_end_matches("</i>");
            assert!(document.contains(&format!(">{asked}</h2>")), "{name}: {asked}");
            assert!(question["acceptedAnswer"]["text"].as_str().unwrap().len() > 60, "{name}");
        }
    }
    assert!(DOCUMENTS["guides/questions.html"].contains("\"FAQPage\""));
}

#[test]
fn a_host_is_told_what_changes_under_its_name() {
    let is_page = |name: &str| ["index.html", "de.html"].contains(&name) || PAGE.contains(name);
    let is_written = |name: &&String| !is_page(name);
    for name in FILES.keys().filter(is_written) {
        let folder = name.split('/').next().unwrap();
        let told = |rule: &&str| rule.strip_suffix("/*").unwrap_or(rule) == folder;
        assert!(UNHASHED.iter().any(told), "{name}");
    }
}

#[test]
fn the_picture_is_of_the_size_that_is_expected_of_it() {
    let (_, png) = PICTURE;
    assert!(png.len() < 60_000, "{} bytes", png.len());
    // PNG §11.2.2: the width and the height, after a signature of eight bytes and a head of eight.
    assert_eq!(png[16..24], [0, 0, 4, 0xb0, 0, 0, 2, 0x76], "1200 by 630");
}
