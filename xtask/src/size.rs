//! What is transferred: until the page's first report is readable, with a page of somebody else's that
//! the widget is in, and when somebody uses it.

use std::fmt;
use std::path::Path;

use crate::Result;
use crate::compress::{brotli, gzip};
use crate::finish::file_names;
use crate::html::{Tag, tags};
use crate::workspace::{files_below, read, read_text};

/// What each load may weigh in all, in bytes of brotli.
mod budget {
    /// Every byte until the page's first report is readable.
    pub(super) const PAGE: usize = 120_000;
    /// The widget before somebody uses it.
    pub(super) const LOADER: usize = 3_000;
    /// All that it loads then, to show the result in the host's own page.
    pub(super) const INLINE: usize = 110_000;
}

/// Links that make a browser load what they name.
const LOADED: [&str; 5] = ["icon", "manifest", "modulepreload", "preload", "stylesheet"];

/// Prints what each load of the built page weighs, file by file; an error above a budget.
pub(crate) fn print(dist: &Path) -> Result {
    let loads = [
        Load::of("the first load", dist, first_load(dist)?, budget::PAGE)?,
        Load::of("the widget before its use", dist, vec![LOADER.to_owned()], budget::LOADER)?,
        Load::of("the widget used, inline", dist, inline(dist)?, budget::INLINE)?,
    ];
    loads.iter().for_each(|load| println!("{load}\n"));
    loads.iter().try_for_each(Load::within)
}

const LOADER: &str = "widget/v1/mxray.js";

/// What the widget's files begin with; of the texts those of one language.
const USED: [&str; 3] = ["use-", "result-", "texts-en-"];

/// What the widget loads when it is used: all, until a rule applies that has something to say, or the
/// host wants more than to show the result.
fn inline(dist: &Path) -> Result<Vec<String>> {
    let names = file_names(dist)?.into_iter().filter(|name| {
        let file = name.strip_prefix("widget/").and_then(|name| name.split_once('/'));
        file.is_some_and(|(_, file)| USED.iter().any(|start| file.starts_with(start)))
    });
    Ok(names.chain(["config.json".to_owned()]).collect())
}

struct Load {
    name: &'static str,
    files: Vec<(String, Weight)>,
    budget: usize,
}

/// In bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Weight {
    raw: usize,
    gzip: usize,
    brotli: usize,
}

/// The files of the first load, each once.
fn first_load(dist: &Path) -> Result<Vec<String>> {
    let tags = tags(&read_text(&dist.join("index.html"))?);
    let mut names = vec!["index.html".to_owned()];
    names.extend(tags.iter().filter_map(loaded).filter_map(local));
    // What the glue imports of its own is named in no tag.
    for snippet in files_below(&dist.join("snippets"))? {
        let name = snippet.strip_prefix(dist).unwrap_or(&snippet);
        names.push(name.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"));
    }
    names.push("config.json".into());
    names.push(texts(&tags)?);
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    Ok(names)
}

/// What a browser loads on account of this tag.
fn loaded(tag: &Tag) -> Option<&str> {
    match &*tag.name {
        "script" | "img" => tag.attribute("src"),
        "link" => {
            let kinds = tag.attribute("rel")?;
            kinds.split_ascii_whitespace().any(|kind| LOADED.contains(&kind)).then_some(())?;
            tag.attribute("href")
        }
        _ => None,
    }
}

/// The file in `dist/`, if the address is of this site.
fn local(address: &str) -> Option<String> {
    let elsewhere = address.starts_with("//") || address.contains(':');
    let path = address.split(['?', '#']).next()?;
    let path = path.trim_start_matches("./").trim_start_matches('/');
    (!elsewhere && !path.is_empty()).then(|| path.to_owned())
}

/// One language is loaded; English stands first.
fn texts(tags: &[Tag]) -> Result<String> {
    let named = tags.iter().find(|tag| tag.attribute("name") == Some("mxray-texts"));
    let names = named.and_then(|tag| tag.attribute("content")).unwrap_or_default();
    let first = names.split_ascii_whitespace().next().map(str::to_owned);
    first.ok_or_else(|| "the built index.html names no texts".into())
}

impl Weight {
    fn of(content: &[u8]) -> Result<Self> {
        let raw = content.len();
        let weight =
            || Ok(Self { raw, gzip: gzip(content)?.len(), brotli: brotli(content)?.len() });
        weight().map_err(|error: std::io::Error| format!("compression failed: {error}"))
    }
}

impl Load {
    fn of(name: &'static str, dist: &Path, files: Vec<String>, budget: usize) -> Result<Self> {
        let weigh = |name: String| {
            let weight = Weight::of(&read(&dist.join(&name))?)?;
            Ok((name, weight))
        };
        Ok(Self { name, files: files.into_iter().map(weigh).collect::<Result<_>>()?, budget })
    }

    fn sum(&self) -> Weight {
        self.files.iter().fold(Weight::default(), |sum, (_, weight)| Weight {
            raw: sum.raw + weight.raw,
            gzip: sum.gzip + weight.gzip,
            brotli: sum.brotli + weight.brotli,
        })
    }

    fn within(&self) -> Result {
        let Self { name, budget, .. } = self;
        let brotli = self.sum().brotli;
        (brotli <= *budget).then_some(()).ok_or_else(|| {
            let over = brotli.saturating_sub(*budget);
            format!("{name} is {over} bytes of brotli above its budget of {budget}")
        })
    }
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.files.iter().map(|(name, _)| name.len());
        let width = names.max().unwrap_or_default().max(self.name.len());
        writeln!(f, "{:width$} {:>9} {:>9} {:>9}", self.name, "raw", "gzip", "brotli")?;
        for (name, Weight { raw, gzip, brotli }) in &self.files {
            writeln!(f, "{name:width$} {raw:>9} {gzip:>9} {brotli:>9}")?;
        }
        let Weight { raw, gzip, brotli } = self.sum();
        write!(f, "{:width$} {raw:>9} {gzip:>9} {brotli:>9}  of {}", "in all", self.budget)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_first_load_is_all_that_a_browser_fetches_and_each_once() {
        let folder = tempfile::tempdir().unwrap();
        let dist = folder.path();
        let page = r##"<meta name="mxray-texts" content="texts-en-1.json texts-de-2.json">
            <link rel="modulepreload" href="./app.js"><link rel="preload" href="/app_bg.wasm">
            <link rel="stylesheet" href="page.css?v=1"><link rel="shortcut icon" href="i.svg">
            <link rel="canonical" href="/about"><a href="guide.html"></a><img src="data:,">
            <link rel="preload" href="https://elsewhere.example/x"><script src="app.js"></script>"##;
        fs::write(dist.join("index.html"), page).unwrap();
        fs::create_dir_all(dist.join("snippets/yew")).unwrap();
        fs::write(dist.join("snippets/yew/inline0.js"), "").unwrap();
        assert_eq!(
            first_load(dist).unwrap(),
            [
                "index.html",
                "app.js",
                "app_bg.wasm",
                "page.css",
                "i.svg",
                "snippets/yew/inline0.js",
                "config.json",
                "texts-en-1.json"
            ]
        );
        let missing = Load::of("it", dist, first_load(dist).unwrap(), 0);
        assert!(missing.is_err(), "a file that is named and missing");
    }

    #[test]
    fn weights_are_summed_and_held_to_the_budget() {
        let weight = Weight::of(&b"0123456789".repeat(100)).unwrap();
        assert_eq!(weight.raw, 1000);
        assert!(weight.brotli < weight.gzip && weight.gzip < 100, "{weight:?}");
        let files = vec![("a".into(), weight), ("b".into(), weight)];
        let load = Load { name: "it", files, budget: 2 * weight.brotli };
        assert_eq!(load.sum().raw, 2000);
        assert_eq!(load.within(), Ok(()), "just the budget");
        let load = Load { budget: load.budget - 1, ..load };
        assert!(load.within().is_err(), "a byte above it");
    }

    #[test]
    fn the_widget_loads_one_language_when_it_is_used() {
        let folder = tempfile::tempdir().unwrap();
        let widget = folder.path().join("widget/0.1.0");
        fs::create_dir_all(&widget).unwrap();
        let names = ["use-0123456789abcdef.js", "texts-de-0123456789abcdef.json"];
        let others = ["texts-en-0123456789abcdef.json", "mxray.js", "lead-0123456789abcdef.js"];
        for name in names.iter().chain(&others) {
            fs::write(widget.join(name), "").unwrap();
        }
        assert_eq!(
            inline(folder.path()).unwrap(),
            [
                "widget/0.1.0/texts-en-0123456789abcdef.json",
                "widget/0.1.0/use-0123456789abcdef.js",
                "config.json"
            ]
        );
    }
}
