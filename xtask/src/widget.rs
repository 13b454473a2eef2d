//! The widget: `/widget/v1/mxray.js` and what it loads when somebody uses it, and the frame of `/embed/`.
//!
//! Each script names what it loads by a hash of its content, and has it checked: whoever loads the first
//! one with its integrity, from the folder of the exact version, gets all of it unchanged.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha384};

use crate::finish::{Texts, fill, merge_folder, policy};
use crate::lighten::{compile, hash, minify, pack_files};
use crate::workspace::{Workspace, create_folder, entries, read, read_text, remove, write};
use crate::{Result, VERSION};

/// What the result's words begin with; all others are the page's alone.
const SAID: [&str; 12] = [
    "answer.",
    "domain.",
    "page.stage.unknown",
    "page.steps.blind",
    "page.steps.nothing",
    "page.steps.testing",
    "protection.",
    "question.",
    "report.alarm",
    "report.steps",
    "stage.",
    "widget.",
];

/// Where a build is put together, and where it ends up.
struct Widget<'a> {
    workspace: &'a Workspace,
    /// The folder of the exact version.
    folder: &'a Path,
}

/// A file that has been written: its name beside the others, and the hash that it is checked by.
struct Written {
    name: String,
    integrity: String,
}

/// Makes all of it below the staged page.
pub(crate) fn write_below(staging: &Path, workspace: &Workspace) -> Result {
    let folder = staging.join("widget").join(VERSION);
    let latest = staging.join("widget").join("v1");
    let embed = staging.join("embed");
    for folder in [&folder, &latest, &embed] {
        create_folder(folder)?;
    }
    let widget = Widget { workspace, folder: &folder };
    let (used, panel) = widget.used()?;
    let loader = widget.loader(&used)?;
    write(&folder.join("mxray.js"), &loader)?;
    write(&latest.join("mxray.js"), &loader)?;
    write(&embed.join("index.html"), widget.embed(&used, &panel)?)?;
    write(&staging.join("widget/index.html"), widget.builder(&loader)?)
}

/// The scripts and texts of the package, by the names that they have there: what a bundler understands,
/// and a browser without one. There is no site around it.
pub(crate) fn package(workspace: &Workspace) -> Result<Vec<(String, String)>> {
    let widget = Widget { workspace, folder: &workspace.target };
    let file = |name: &str| format!("new URL(\"./{name}\", import.meta.url)");
    let imported = |name: &str| format!("import(\"./{name}\")");
    let (mut files, mut named) = (Vec::new(), Vec::new());
    for (language, texts) in widget.languages()? {
        let words: Map<_, _> = texts.words.into_iter().filter(|(key, _)| is_said(key)).collect();
        let rules: Map<_, _> = texts.rules.into_values().flat_map(told).collect();
        let name = format!("texts-{language}.json");
        named.push(format!("{}: {}.href", json!(language), file(&name)));
        files.push((name, json!({ "words": words, "rules": rules }).to_string()));
    }
    let used = widget
        .script("use.js")?
        .with("MXRAY_WORDS", widget.words("widget.use.")?)
        .with("MXRAY_STYLE", json!(widget.style("card.css")?))
        .with("MXRAY_TEXTS", format_args!("{{ {} }}", named.join(", ")))
        .with("MXRAY_RESULT_MODULE", format_args!("fetch({})", file("result.wasm")))
        .with("MXRAY_RESULT", imported("result.js"))
        .with("MXRAY_ENGINE_MODULE", format_args!("fetch({})", file("engine.wasm")))
        .with("MXRAY_ENGINE", imported("engine.js"))
        .with("MXRAY_LEAD", imported("lead.js"))
        .with("MXRAY_PANEL", imported("panel.js"));
    let loader = widget
        .script("loader.js")?
        .with("MXRAY_SITE", "undefined")
        .with("MXRAY_WORDS", widget.words("widget.form.")?)
        .with("MXRAY_STYLE", json!(widget.style("form.css")?))
        .with("MXRAY_USE", imported("use.js"));
    let lead = widget.script("lead.js")?.with("MXRAY_WORDS", widget.words("widget.lead.")?);
    let scripts = [
        ("mxray.js", loader),
        ("use.js", used),
        ("lead.js", lead),
        ("panel.js", widget.script("panel.js")?),
    ];
    files.extend(scripts.map(|(name, script)| (name.to_owned(), script.0)));
    Ok(files)
}

impl Widget<'_> {
    /// The script that stands in the host's page. It is the same in both folders.
    fn loader(&self, used: &Written) -> Result<Vec<u8>> {
        let name = json!(format!("../{VERSION}/{}", used.name));
        let integrity = json!(used.integrity);
        let script = self
            .script("loader.js")?
            .with("MXRAY_SITE", r#"new URL("../../", import.meta.url).href"#)
            .with("MXRAY_WORDS", self.words("widget.form.")?)
            .with("MXRAY_STYLE", json!(self.style("form.css")?))
            .with(
                "MXRAY_USE",
                format_args!("load(new URL({name}, import.meta.url).href, {integrity})"),
            );
        self.finished(script)
    }

    /// What loads when somebody uses it, with all that this loads in turn; the panel's part is the other
    /// one.
    fn used(&self) -> Result<(Written, Written)> {
        let [result, result_module] = self.module("mxray-widget", "", "result")?;
        let [engine, engine_module] = self.module("mxray-engine", "package", "engine")?;
        let lead = self.script("lead.js")?.with("MXRAY_WORDS", self.words("widget.lead.")?);
        let lead = self.keep("lead", "js", &self.finished(lead)?)?;
        let panel = self.keep("panel", "js", &self.finished(self.script("panel.js")?)?)?;
        let texts = self
            .texts()?
            .into_iter()
            .map(|(language, file)| format!("{}: {}", json!(language), file.here()));
        let texts = texts.collect::<Vec<_>>().join(", ");
        let script = self
            .script("use.js")?
            .with("MXRAY_WORDS", self.words("widget.use.")?)
            .with("MXRAY_STYLE", json!(self.style("card.css")?))
            .with("MXRAY_TEXTS", format_args!("{{ {texts} }}"))
            .with("MXRAY_RESULT_MODULE", result_module.fetched())
            .with("MXRAY_RESULT", result.loaded())
            .with("MXRAY_ENGINE_MODULE", engine_module.fetched())
            .with("MXRAY_ENGINE", engine.loaded())
            .with("MXRAY_LEAD", lead.loaded())
            .with("MXRAY_PANEL", panel.loaded());
        Ok((self.keep("use", "js", &self.finished(script)?)?, panel))
    }

    /// The page at `/embed/`, and its script.
    fn embed(&self, used: &Written, panel: &Written) -> Result<String> {
        let script = self
            .script("frame.js")?
            .with("MXRAY_USE", format_args!("./{}", used.name))
            .with("MXRAY_PANEL", format_args!("./{}", panel.name));
        let frame = self.keep("frame", "js", &self.finished(script)?)?;
        let from_there = format!("../widget/{VERSION}/{}", frame.name);
        let document = self.script("embed.html")?.with("MXRAY_FRAME", from_there).0;
        fill(&document, "http-equiv", "Content-Security-Policy", &policy(&document)?)
    }

    /// The page at `/widget/`, on which a host chooses, sees and copies.
    fn builder(&self, loader: &[u8]) -> Result<String> {
        let script = self
            .script("builder.js")?
            .with("MXRAY_VERSION", json!(VERSION))
            .with("MXRAY_INTEGRITY", json!(integrity(loader)));
        let script = String::from_utf8_lossy(&self.finished(script)?).into_owned();
        let document = self.script("builder.html")?.with("MXRAY_BUILDER", script).0;
        // Its preview is a frame of our own.
        let policy = [&policy(&document)?, "frame-src 'self'"].join("; ");
        fill(&document, "http-equiv", "Content-Security-Policy", &policy)
    }

    /// A module of WASM and its glue: the glue's file first.
    fn module(&self, package: &str, features: &str, name: &str) -> Result<[Written; 2]> {
        let (glue, module) = compile(self.workspace, package, features, PASSES)?;
        // use.js starts it: without its own ways to start, esbuild leaves a sixth of the glue out, and no
        // bundler looks for the file that it names.
        let own = "export { initSync, __wbg_init as default };";
        let lean = "export { __wbg_get_imports as imports, __wbg_finalize_init as finish };";
        let text = read_text(&glue)?;
        if !text.contains(own) {
            return Err(format!("wasm-bindgen's glue no longer ends in `{own}`"));
        }
        let text = text.replace(own, lean);
        write(&glue, text)?;
        pack_files(&glue, &module)?;
        Ok([self.keep(name, "js", &read(&glue)?)?, self.keep(name, "wasm", &read(&module)?)?])
    }

    fn script(&self, name: &str) -> Result<Script> {
        read_text(&self.source(name)).map(Script)
    }

    fn source(&self, name: &str) -> PathBuf {
        self.workspace.root.join("web/widget").join(name)
    }

    /// Without what only people read.
    fn style(&self, name: &str) -> Result<String> {
        let style = self.lightened(name, &read(&self.source(name))?)?;
        Ok(String::from_utf8_lossy(&style).trim_end().to_owned())
    }

    /// The same of a script that is filled.
    fn finished(&self, script: Script) -> Result<Vec<u8>> {
        self.lightened("unfinished.js", script.0.as_bytes())
    }

    /// It is put together beside what it imports.
    fn lightened(&self, name: &str, content: &[u8]) -> Result<Vec<u8>> {
        let file = self.folder.join(name);
        write(&file, content)?;
        minify(&file)?;
        let lightened = read(&file)?;
        remove(&file)?;
        Ok(lightened)
    }

    /// Writes a file under a name with its hash.
    fn keep(&self, name: &str, extension: &str, content: &[u8]) -> Result<Written> {
        let name = format!("{name}-{}.{extension}", hash(content));
        write(&self.folder.join(&name), content)?;
        Ok(Written { name, integrity: integrity(content) })
    }

    /// The words that begin so, by language and key.
    fn words(&self, start: &str) -> Result<Value> {
        let of = |(language, texts): (String, Texts)| {
            let said = texts.words.into_iter().filter(|(key, _)| key.starts_with(start));
            (language, Value::from(said.collect::<Map<_, _>>()))
        };
        Ok(self.languages()?.into_iter().map(of).collect::<Map<_, _>>().into())
    }

    /// Writes what the result says, by language: its words, and beside them by family what each rule
    /// says to a visitor, as `mxray_browser::Voice` learns it.
    fn texts(&self) -> Result<Vec<(String, Written)>> {
        let texts = self.languages()?.into_iter().map(|(language, texts)| {
            let rules: BTreeMap<_, _> =
                texts.rules.into_iter().map(|(family, rules)| (family, told(rules))).collect();
            let version = hash(json!(rules).to_string().as_bytes());
            for (family, rules) in &rules {
                let name = format!("more-{language}-{family}-{version}.json");
                write(&self.folder.join(name), json!(rules).to_string())?;
            }
            let words = texts.words.into_iter().filter(|(key, _)| is_said(key));
            let words: Map<_, _> = words.collect();
            let more: Map<_, _> =
                rules.into_keys().map(|family| (family, json!(version))).collect();
            let text = json!({ "words": words, "rules": {}, "more": more }).to_string();
            let file = self.keep(&format!("texts-{language}"), "json", text.as_bytes())?;
            Ok((language, file))
        });
        texts.collect()
    }

    /// Each language with all of its texts, the widget's own among them.
    fn languages(&self) -> Result<Vec<(String, Texts)>> {
        let mut languages = Vec::new();
        for folder in entries(&self.workspace.root.join("texts"))? {
            let own = folder.join("widget");
            if own.is_dir() {
                let language = folder.file_name().unwrap_or_default().to_string_lossy();
                let mut texts = merge_folder(&folder)?;
                texts.words.extend(merge_folder(&own)?.words);
                languages.push((language.into_owned(), texts));
            }
        }
        Ok(languages)
    }
}

impl Written {
    /// Where it is, said by a script beside it.
    fn here(&self) -> String {
        format!("new URL({}, import.meta.url).href", json!(self.name))
    }

    /// A promise of the module that it is.
    fn loaded(&self) -> String {
        format!("load({}, {})", self.here(), json!(self.integrity))
    }

    /// A promise of what it holds.
    fn fetched(&self) -> String {
        format!("fetch({}, {{ integrity: {} }})", self.here(), json!(self.integrity))
    }
}

fn is_said(key: &str) -> bool {
    let of_scripts = ["widget.form.", "widget.lead.", "widget.use."];
    let of_scripts = of_scripts.iter().any(|start| key.starts_with(start));
    let left_out = key == "page.steps.nothing-seen" || of_scripts;
    SAID.iter().any(|start| key.starts_with(start)) && !left_out
}

/// Of what each rule says, what a visitor of somebody else's page reads.
fn told(rules: Map<String, Value>) -> Map<String, Value> {
    let told = rules.into_iter().map(|(code, rule)| {
        let sentence = |part: &str| Some((part.to_owned(), rule.get(part)?.clone()));
        (
            code,
            Value::from(["title", "fix"].into_iter().filter_map(sentence).collect::<Map<_, _>>()),
        )
    });
    told.collect()
}

/// What wasm-opt does to the module, as to the page's in `index.html`.
const PASSES: &[&str] = &[
    "--one-caller-inline-max-function-size=40",
    "--low-memory-unused",
    "--strip-producers",
    "--flatten",
    "--rereloop",
    "-O1",
    "-Oz",
];

/// A script with places to fill.
struct Script(String);

impl Script {
    fn with(self, place: &str, content: impl fmt::Display) -> Self {
        Self(self.0.replace(place, &content.to_string()))
    }
}

/// As an `integrity` attribute has it (SRI §3.3).
pub(crate) fn integrity(content: &[u8]) -> String {
    format!("sha384-{}", STANDARD.encode(Sha384::digest(content)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    const LOADER: &str = include_str!("../../web/widget/loader.js");
    const DOCUMENT: &str = include_str!("../../docs/widget.md");

    /// What stands in the first column of the table with this head.
    fn column(head: &str) -> BTreeSet<&'static str> {
        let (_, table) = DOCUMENT.split_once(&format!("| {head} |")).unwrap();
        let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
        rows.filter_map(|row| row.split('`').nth(1)).collect()
    }

    /// All words that begin so.
    fn words(text: &'static str, start: &str) -> BTreeSet<&'static str> {
        let is_end = |letter: char| !(letter.is_ascii_alphanumeric() || letter == '-');
        let places = text.match_indices(start).map(|(place, _)| &text[place..]);
        places.map(|word| word.split(is_end).next().unwrap_or_default()).collect()
    }

    #[test]
    fn every_attribute_is_documented_with_its_default() {
        let (_, known) = LOADER.split_once("const ATTRIBUTES = {\n").unwrap();
        let (known, _) = known.split_once("\n};").unwrap();
        let names = known.lines().filter_map(|line| line.trim().split(':').next());
        let names: BTreeSet<_> = names.map(|name| name.trim_matches('"')).collect();
        assert_eq!(column("attribute"), names);
    }

    #[test]
    fn every_event_is_documented() {
        let types = include_str!("../../web/widget/npm/index.d.ts");
        let mut events = words(types, "mxray-");
        events.remove("mxray-check");
        assert_eq!(column("event"), events);
    }

    #[test]
    fn every_custom_property_is_documented() {
        let styles =
            [include_str!("../../web/widget/card.css"), include_str!("../../web/widget/form.css")];
        let used = styles.into_iter().flat_map(|style| words(style, "--mxray-")).collect();
        let documented: BTreeSet<_> = words(DOCUMENT, "--mxray-");
        assert_eq!(documented, used);
    }
}
