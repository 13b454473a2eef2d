//! The last touches to a page that Trunk has bundled and not yet put in place: texts, settings,
//! security policy, headers, pages for reading.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::html::{fill_meta, tags};
use crate::lighten::{depth, lighten};
use crate::reading::Language;
use crate::workspace::{Workspace, entries, files_below, read_text, write};
use crate::{Result, VERSION, hex, reading, widget};

/// Trunk's `post_build` hook.
pub(crate) fn staged(workspace: &Workspace) -> Result {
    let staging = env::var_os("TRUNK_STAGING_DIR").map(PathBuf::from).ok_or(
        "TRUNK_STAGING_DIR is not set: this is for Trunk to call; `cargo xtask size` builds the page",
    )?;
    let index = staging.join("index.html");
    let document = lighten(&staging, read_text(&index)?)?;
    let document = fill(&document, "name", "mxray-depth", &depth(workspace, &staging)?)?;
    write(&index, document)?;
    widget::write_below(&staging, workspace)?;
    finish(&staging, &workspace.root.join("texts"))?;
    reading::write_beside(&staging, workspace)
}

fn finish(staging: &Path, texts: &Path) -> Result {
    let template = read_text(&staging.join("index.html"))?;
    let languages = Spoken::read_all(texts)?;
    for language in &languages {
        let document = language.document(&template, &languages, staging)?;
        let file = language.tag.page().replace("./", "index.html");
        write(&staging.join(file), document)?;
    }
    write(&staging.join("config.json"), format!("{:#}\n", settings()))?;
    write(&staging.join("_headers"), headers("/", &file_names(staging)?, &[]))
}

pub(crate) fn fill(document: &str, key: &str, value: &str, content: &str) -> Result<String> {
    fill_meta(document, key, value, content)
        .ok_or_else(|| format!("index.html needs a <meta {key}=\"{value}\" content=\"\"> to fill"))
}

/// What a page on a static host starts with: no proxy, and two public resolvers.
fn settings() -> Value {
    json!({
        "proxy": null,
        "resolvers": [
            { "name": "Cloudflare", "url": "https://cloudflare-dns.com/dns-query" },
            { "name": "Google", "url": "https://dns.google/dns-query" },
        ],
    })
}

/// A language that the page speaks.
struct Spoken {
    tag: Language,
    folder: PathBuf,
    texts: Texts,
    /// What it calls itself.
    name: String,
}

impl Spoken {
    fn read_all(texts: &Path) -> Result<Vec<Self>> {
        let read = |tag: Language| {
            let folder = texts.join(tag.tag());
            let reference = merge_folder(&folder.join("reference"))?.words;
            let name = reference.get("reading.language").and_then(Value::as_str);
            let name = name.unwrap_or_default().to_owned();
            Ok(Self { texts: merge_folder(&folder)?, tag, folder, name })
        };
        Language::all(texts)?.into_iter().map(read).collect()
    }

    /// The page, written beside the files that it loads.
    fn document(&self, template: &str, all: &[Self], staging: &Path) -> Result<String> {
        let others = all.iter().filter(|other| other.tag != self.tag).map(|other| {
            let (page, tag, name) = (other.tag.page(), other.tag.tag(), &other.name);
            format!("<a href=\"{page}\" hreflang=\"{tag}\" lang=\"{tag}\">{name}</a>")
        });
        let mut document = template
            .replace("{language}", self.tag.tag())
            .replace("{home}", &self.tag.page())
            .replace("{folder}", &self.tag.folder())
            .replace("{others}", &others.collect::<Vec<_>>().join(" · "));
        let start = merge_folder(&self.folder.join("start"))?.words;
        for (key, word) in start.iter().chain(&self.texts.words) {
            let word = word.as_str().unwrap_or_default();
            document = document.replace(&format!("{{{key}}}"), word);
        }
        if let Some((_, rest)) = document.split_once("{start.") {
            let key = rest.split('}').next().unwrap_or_default();
            return Err(format!("{}/start does not say start.{key}", self.folder.display()));
        }
        let document = fill(&document, "name", "mxray-texts", &self.write(staging)?)?;
        fill(&document, "http-equiv", "Content-Security-Policy", &policy(&document)?)
    }

    /// Writes its files, and names the one that is loaded first.
    fn write(&self, staging: &Path) -> Result<String> {
        let tag = self.tag.tag();
        let mut more = self.texts.rules.clone();
        more.insert("depth".to_owned(), merge_folder(&self.folder.join("depth"))?.words);
        // One hash for all of them: the first file names each, and hashes do not compress.
        let version = hash(&json!(more).to_string());
        for (family, content) in &more {
            let name = format!("more-{tag}-{family}-{version}.json");
            write(&staging.join(name), json!(content).to_string())?;
        }
        let more: Map<_, _> = more.into_keys().map(|family| (family, json!(version))).collect();
        let first = json!({ "words": self.texts.words, "rules": {}, "more": more }).to_string();
        let name = format!("texts-{tag}-{}.json", hash(&first));
        write(&staging.join(&name), first)?;
        Ok(name)
    }
}

/// The words of a part that has its own files beside its module, a text of JSON for each language.
pub(crate) fn words_of(texts: &Path, part: &str) -> Result<Vec<(String, String)>> {
    let mut languages = entries(texts)?;
    languages.retain(|folder| folder.is_dir());
    let words = languages.iter().map(|folder| {
        let words = merge_folder(&folder.join(part))?.words;
        Ok((stem(folder), json!(words).to_string()))
    });
    words.collect()
}

/// What stands in a folder's own files.
pub(crate) fn merge_folder(folder: &Path) -> Result<Texts> {
    let mut files = entries(folder)?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    let files = files.iter().map(|file| Ok((stem(file), read_text(file)?)));
    Texts::merge(&files.collect::<Result<Vec<_>>>()?)
        .map_err(|trouble| format!("{}/{trouble}", folder.display()))
}

fn hash(content: &str) -> String {
    hex(&Sha256::digest(content)[..8])
}

/// All that is said in a language.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Texts {
    pub(crate) words: Map<String, Value>,
    /// Rules, by what comes before the last dot of their code; they load when one of them applies.
    pub(crate) rules: BTreeMap<String, Map<String, Value>>,
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

impl Texts {
    /// A string is a word, a table of strings is a rule's sentences.
    fn merge(files: &[(String, String)]) -> Result<Self> {
        let mut texts = Self::default();
        for (name, content) in files {
            let content: BTreeMap<String, Value> = toml::from_str(content)
                .map_err(|error| format!("{name}.toml: {}", error.to_string().trim_end()))?;
            for (key, value) in content {
                let all = match &value {
                    Value::String(_) => &mut texts.words,
                    sentences if is_sentences(sentences) => {
                        let family = key.rsplit_once('.').map_or("", |(family, _)| family);
                        texts.rules.entry(family.to_owned()).or_default()
                    }
                    _ => {
                        return Err(format!(
                            "{name}.toml: `{key}` should be a string, or a table of strings with its code quoted: [\"…\"]"
                        ));
                    }
                };
                if all.insert(key.clone(), value).is_some() {
                    return Err(format!("{name}.toml: `{key}` stands in another file already"));
                }
            }
        }
        Ok(texts)
    }
}

fn is_sentences(value: &Value) -> bool {
    value.as_object().is_some_and(|table| table.values().all(Value::is_string))
}

/// The Content-Security-Policy: what stands inline is named by its hash, all else is our own.
///
/// Any `https:` may be connected to, since a policy host can have any name; loopback is the demo's
/// and a local resolver's.
pub(crate) fn policy(document: &str) -> Result<String> {
    let tags = tags(document);
    let is_policy = |equiv: &str| equiv.eq_ignore_ascii_case("Content-Security-Policy");
    let position = tags.iter().position(|tag| tag.attribute("http-equiv").is_some_and(is_policy));
    let first = tags.iter().position(|tag| matches!(&*tag.name, "script" | "style" | "link"));
    if position > first && first.is_some() {
        return Err(
            "index.html: the Content-Security-Policy governs only what comes after it, so \
                    its <meta> has to stand before every <script>, <style> and <link>"
                .into(),
        );
    }
    let inline = |name: &str| {
        let tags = tags.iter().filter(|tag| tag.name == name && tag.attribute("src").is_none());
        tags.fold(String::new(), |mut hashes, tag| {
            let hash = STANDARD.encode(Sha256::digest(&tag.text));
            let _ = write!(hashes, " 'sha256-{hash}'");
            hashes
        })
    };
    Ok([
        "default-src 'none'",
        &format!("script-src 'self'{} 'wasm-unsafe-eval'", inline("script")),
        &format!("style-src 'self'{}", inline("style")),
        "img-src 'self' data:",
        "connect-src 'self' https: http://127.0.0.1:* http://localhost:*",
        "form-action 'self'",
        "base-uri 'none'",
    ]
    .join("; "))
}

/// Headers for a static host that reads a `_headers` file (Netlify, Cloudflare Pages), for these files
/// below a `base`.
///
/// Such a host joins what several rules say of one header, and two policies are both in force: so each
/// page is under one rule, and `ancestors` decides alone who may frame what is below `/embed/`.
pub(crate) fn headers(base: &str, names: &[String], ancestors: &[String]) -> String {
    let mut headers = String::from(
        "# All other parts of the Content-Security-Policy stand in the pages themselves;\n\
         # browsers heed frame-ancestors only here. /embed/ is what the widget shows in a\n\
         # frame: name the sites that may, as in `frame-ancestors 'self' https://www.example.com`.\n",
    );
    let mut rule = |path: &str, lines: &[&str]| {
        let _ = write!(headers, "{base}{path}\n  {}\n", lines.join("\n  "));
    };
    let everybody = "Access-Control-Allow-Origin: *";
    let nobody = "Content-Security-Policy: frame-ancestors 'none'";
    let framed = format!("Content-Security-Policy: {}", frame_ancestors(ancestors));
    rule("*", &["Referrer-Policy: no-referrer", "X-Content-Type-Options: nosniff"]);
    rule("widget/*", &[everybody]);
    rule("config.json", &[everybody, "Cache-Control: no-cache"]);
    rule("embed/*", &[&framed]);
    rule("", &[nobody]);
    for name in reading::UNHASHED.iter().filter(|name| name.ends_with("/*")) {
        rule(name, &[nobody]);
    }
    let exact = format!("widget/{VERSION}/");
    let forever = "Cache-Control: public, max-age=31536000, immutable";
    rule(&format!("{exact}*"), &[forever]);
    for name in names {
        // Both hosts ask again for what nothing is said about, and take a hundred rules.
        if is_hashed(name) && !name.starts_with(&exact) {
            rule(name, &[forever]);
        } else if name.ends_with(".html") && !name.contains('/') {
            rule(name, &[nobody]);
        }
    }
    headers
}

/// Ourselves, and whom the operator names (CSP 3 §6.4.2).
fn frame_ancestors(ancestors: &[String]) -> String {
    let named = ancestors.iter().map(|origin| format!(" {origin}"));
    format!("frame-ancestors 'self'{}", named.collect::<String>())
}

/// Whether a name holds a hash of the content: `texts-en-0123456789abcdef.json`; Trunk writes no leading zeros.
pub(crate) fn is_hashed(name: &str) -> bool {
    let is_hash =
        |part: &str| part.len() >= 12 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    name.split(['-', '_', '.', '/']).any(is_hash)
}

/// The page's files as a browser names them, `_headers` aside.
pub(crate) fn file_names(staging: &Path) -> Result<Vec<String>> {
    let names = files_below(staging)?.into_iter().map(|file| {
        let name = file.strip_prefix(staging).unwrap_or(&file).to_string_lossy().into_owned();
        name.replace(std::path::MAIN_SEPARATOR, "/")
    });
    Ok(names.filter(|name| name != "_headers").collect())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const PAGE: &str = "<!doctype html><html lang=\"{language}\"><head><meta charset=utf-8>\
        <meta http-equiv=\"Content-Security-Policy\" content=\"\">\
        <meta name=\"mxray-texts\" content=\"\">\
        <link rel=\"modulepreload\" href=\"./mxray-web-0123456789abcdef.js\">\
        <script type=\"module\">\nimport init from './x.js';\n</script>\n</head>\
        <a href=\"{home}\">{go}</a>{others}";

    fn shown(texts: &Texts) -> String {
        format!("{} {}", json!(texts.words), json!(texts.rules))
    }

    #[test]
    fn texts_are_merged_or_the_mistake_is_named() {
        let rule = "[\"a.b\"]\ntitle = \"T\"\n";
        for (reason, files, expected) in [
            (
                "rules of two files, and words",
                vec![("one", rule), ("two", "[\"a.c\"]\nfix = \"F\""), ("words", "go = \"Go\"")],
                Ok(r#"{"go":"Go"} {"a":{"a.b":{"title":"T"},"a.c":{"fix":"F"}}}"#),
            ),
            (
                "a rule about one text",
                vec![("one", "[\"a.b.c\"]\ntitle = \"T\"\n")],
                Ok(r#"{} {"a.b":{"a.b.c":{"title":"T"}}}"#),
            ),
            ("a code twice", vec![("one", rule), ("two", rule)], Err("`a.b` stands in another")),
            ("a code not quoted", vec![("one", "[a.b]\ntitle = \"T\"")], Err("code quoted")),
            ("a word that is a number", vec![("words", "go = 1")], Err("a string")),
            ("no TOML", vec![("one", "[")], Err("one.toml: TOML parse error")),
        ] {
            let owned = files.iter().map(|(name, text)| ((*name).into(), (*text).into()));
            match (Texts::merge(&owned.collect::<Vec<_>>()), expected) {
                (Ok(texts), Ok(expected)) => assert_eq!(shown(&texts), expected, "{reason}"),
                (Err(trouble), Err(part)) => assert!(trouble.contains(part), "{reason}: {trouble}"),
                (other, _) => panic!("{reason}: {other:?}"),
            }
        }
    }

    #[test]
    fn the_policy_allows_what_stands_inline_and_no_more() {
        let policy = policy(PAGE).unwrap();
        // printf "\nimport init from './x.js';\n" | openssl dgst -sha256 -binary | base64
        let script = "script-src 'self' 'sha256-Xp2uk+jkRUJ7wIsx2maSDxwjXshXkeVbp2eHfxo5Zdc=' 'wasm-unsafe-eval';";
        assert!(policy.contains(script), "{policy}");
        assert!(policy.contains("style-src 'self';"), "{policy}");
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
    }

    #[test]
    fn a_policy_that_comes_too_late_is_refused() {
        let late = "<script></script><meta http-equiv=\"Content-Security-Policy\" content=\"\">";
        assert!(policy(late).is_err());
    }

    #[test]
    fn a_staged_page_gets_all_that_it_needs() {
        let folder = tempfile::tempdir().unwrap();
        let [staging, texts] = ["stage", "texts"].map(|name| folder.path().join(name));
        fs::create_dir(&staging).unwrap();
        for made in ["depth", "reference", "start"] {
            for language in ["de", "en"] {
                fs::create_dir_all(texts.join(language).join(made)).unwrap();
            }
        }
        fs::write(staging.join("index.html"), PAGE).unwrap();
        for (language, name, go) in [("en", "English", "Go"), ("de", "Deutsch", "Los")] {
            let folder = texts.join(language);
            fs::write(folder.join("words.toml"), format!("go = \"{go}\"")).unwrap();
            let name = format!("\"reading.language\" = \"{name}\"");
            fs::write(folder.join("reference/words.toml"), name).unwrap();
        }
        fs::write(texts.join("en/a.toml"), "[\"a.b.c\"]\ntitle = \"T\"").unwrap();
        finish(&staging, &texts).unwrap();

        let document = |name| fs::read_to_string(staging.join(name)).unwrap();
        let loads = |document: &str| {
            let tags = tags(document);
            let meta = tags.iter().find(|tag| tag.attribute("name") == Some("mxray-texts"));
            meta.unwrap().attribute("content").unwrap().to_owned()
        };
        let english = document("index.html");
        let german = document("de.html");
        for (page, language, says) in [
            (
                &english,
                "en",
                "<a href=\"./\">Go</a><a href=\"de.html\" hreflang=\"de\" lang=\"de\">Deutsch</a>",
            ),
            (
                &german,
                "de",
                "<a href=\"de.html\">Los</a><a href=\"./\" hreflang=\"en\" lang=\"en\">English</a>",
            ),
        ] {
            assert!(page.contains(&format!("<html lang=\"{language}\">")), "{page}");
            assert!(page.contains(says), "{page}");
            assert!(loads(page).starts_with(&format!("texts-{language}-")), "{page}");
        }
        let name = loads(&english);
        let texts = document(&name);
        assert!(texts.starts_with(r#"{"more":{"a.b":""#), "{texts}");
        assert!(texts.ends_with(r#""},"rules":{},"words":{"go":"Go"}}"#), "{texts}");

        let headers = fs::read_to_string(staging.join("_headers")).unwrap();
        assert!(headers.contains(&format!("/{name}\n  Cache-Control: public")), "{headers}");
    }

    #[test]
    fn whoever_may_frame_the_widgets_page_may_frame_no_other() {
        let names = ["index.html", "embed/index.html", "widget/v1/mxray.js", "404.html"];
        let names = names.map(str::to_owned);
        let headers = headers("/", &names, &["https://www.example.com".to_owned()]);
        let of = |path: &str| {
            let rules = headers.split("\n/").filter_map(|rule| rule.split_once("\n  "));
            let mut rules = rules.filter(|(name, _)| *name == path).map(|(_, headers)| headers);
            (rules.next().unwrap_or_default().trim_end(), rules.next())
        };
        let nobody = "Content-Security-Policy: frame-ancestors 'none'";
        for (path, expected) in [
            ("", nobody),
            ("index.html", nobody),
            ("404.html", nobody),
            ("rules/*", nobody),
            ("guides/*", nobody),
            ("embed/*", "Content-Security-Policy: frame-ancestors 'self' https://www.example.com"),
            ("widget/*", "Access-Control-Allow-Origin: *"),
            ("config.json", "Access-Control-Allow-Origin: *\n  Cache-Control: no-cache"),
            ("*", "Referrer-Policy: no-referrer\n  X-Content-Type-Options: nosniff"),
        ] {
            assert_eq!(of(path), (expected, None), "/{path} in\n{headers}");
        }
    }

    #[test]
    fn only_a_name_with_a_hash_may_be_kept_forever() {
        for (name, expected) in [
            ("mxray-web-0123456789abcdef.js", true),
            ("mxray-web-0123456789abcdef_bg.wasm", true),
            ("texts-en-0123456789abcdef.json", true),
            ("index.html", false),
            ("config.json", false),
            ("widget/v1/widget.js", false),
        ] {
            assert_eq!(is_hashed(name), expected, "{name}");
        }
    }
}
